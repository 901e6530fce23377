/*
 * The seam: what another attempt says again is not handed over again, however
 * its text is cut; what is new is, to the byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "stream/seam.h"
#include "support/alloc.h"

#define ROOM 32768

struct fixture {
    struct llmgw__arena arena;
    struct llmgw__seam seam;
    char seen[ROOM];
    size_t len;
    int others; /* chunks that are no text */
    bool half;  /* a sequence of UTF-8 was split */
};

static llmgw_status on_chunk(void *userdata, const struct llmgw__chunk *chunk)
{
    struct fixture *f = userdata;

    if (chunk->kind != LLMGW__CHUNK_TEXT) {
        f->others++;
        return LLMGW_OK;
    }
    f->half = f->half || llmgw__utf8_valid(chunk->text) != chunk->text.len;
    assert_true(f->len + chunk->text.len < sizeof f->seen);
    memcpy(f->seen + f->len, chunk->text.data, chunk->text.len);
    f->len += chunk->text.len;
    f->seen[f->len] = '\0';
    return LLMGW_OK;
}

static void begin(struct fixture *f, llmgw_str told, size_t unsaid, bool exact)
{
    memset(f, 0, sizeof *f);
    llmgw__arena_init(&f->arena, 0, 0);
    f->seam.told = told;
    f->seam.unsaid = unsaid;
    f->seam.exact = exact;
    f->seam.out = on_chunk;
    f->seam.userdata = f;
    f->seam.arena = &f->arena;
    llmgw__seam_init(&f->seam);
}

static void close_seam(struct fixture *f)
{
    llmgw__seam_clear(&f->seam);
    llmgw__arena_clear(&f->arena);
}

static llmgw_status push(struct fixture *f, int kind, llmgw_str text)
{
    struct llmgw__chunk chunk = {0};

    chunk.kind = (uint8_t)kind;
    chunk.text = text;
    return llmgw__seam_push(&f->seam, &chunk);
}

/** The whole text in pieces of so many bytes, sequences left whole. */
static llmgw_status feed(struct fixture *f, llmgw_str text, size_t piece)
{
    llmgw_status status = push(f, LLMGW__CHUNK_ROLE, LLMGW__LIT(""));
    size_t at = 0;

    while (status == LLMGW_OK && at < text.len) {
        size_t len = text.len - at < piece ? text.len - at : piece;

        while (at + len < text.len && (text.data[at + len] & 0xC0) == 0x80)
            len++;
        status = push(f, LLMGW__CHUNK_TEXT, llmgw__str_n(text.data + at, len));
        at += len;
    }
    return status == LLMGW_OK ? push(f, LLMGW__CHUNK_FINISH, LLMGW__LIT("stop"))
                              : status;
}

/** What is handed over of `text` behind `told` must be `expected`. */
static void check(llmgw_str told, size_t unsaid, bool exact, llmgw_str text,
                  llmgw_str expected, size_t piece)
{
    struct fixture f;

    begin(&f, told, unsaid, exact);
    assert_int_equal(feed(&f, text, piece), LLMGW_OK);
    assert_int_equal(f.others, 1);
    assert_false(f.half);
    assert_int_equal(f.len, expected.len);
    assert_memory_equal(f.seen, expected.data, expected.len);
    close_seam(&f);
}

struct row {
    const char *told;
    size_t unsaid;
    bool exact;
    const char *text;
    const char *expected;
};

static const struct row rows[] = {
    /* nothing is said again */
    {"The quick brown fox", 0, false, " jumps", " jumps"},
    {"The quick brown fox", 0, true, " jumps", " jumps"},
    {"", 0, false, "All of it", "All of it"},
    {"The quick brown fox", 0, false, "", ""},
    /* an end of 15 bytes may be chance, one of 16 is none */
    {"xx 0123456789abcde", 0, false, "0123456789abcde!", "0123456789abcde!"},
    {"xx 0123456789abcdef", 0, false, "0123456789abcdef!", "!"},
    {"xx 0123456789abcdefghijklm", 0, true, "0123456789abcdefghijklm!",
     "0123456789abcdefghijklm!"},
    {"xx 0123456789abcdefghijklmn", 0, true, "0123456789abcdefghijklmn!", "!"},
    /* all of it, from 4 bytes on */
    {"Yes", 0, false, "Yes.", "Yes."},
    {"Sure", 0, false, "Sure, it is", ", it is"},
    {"Sure", 0, true, "Sure, it is", ", it is"},
    {"Sure, it", 0, false, "Sure, I", "Sure, I"},
    {"The quick brown fox", 0, false, "The quick brown fox", ""},
    {"The quick brown fox", 0, false, "The quick", "The quick"},
    /* what begins anew, then is an end */
    {"abcd efgh ijkl mnop abcd efgh ijkl mnop q", 0, false,
     "abcd efgh ijkl mnop q r", " r"},
    /* repetition */
    {"aaaaaaaaaaaaaaaaaaaa", 0, false, "aaaaaaaaaaaaaaaaaaaaaaab", "aaab"},
    {"aaaaaaaaaaaaaaaaaaaa", 0, false, "aaaaaaaaaaaaaaaaaab", "b"},
    {"aaaaaaaaaaaaaaaaaaaa", 0, false, "aaaaaaaaaaaab", "aaaaaaaaaaaab"},
    {"zabcabcabcabcabcabcabc", 0, false, "abcabcabcabcabcabcabcabcx", "abcx"},
    {"zabcabcabcabcabcabcabc", 0, false, "bcabcabcabcabcabcabcx", "x"},
    /* white space that was not asked with */
    {"It is \n", 2, true, " \nso", "so"},
    {"It is \n\n", 3, true, "\nso", "so"},
    {"It is\n", 1, true, "\n\nso", "\nso"},
    {"It is \n", 2, true, "so", "so"},
    {"It is \n", 2, true, "It is so", " so"},
    {"It is \n", 2, true, "It is \nso", "so"},
    {"It is \n", 2, true, "It is", ""},
    {"It is \n", 2, true, " ", " "},
    {"  ", 2, true, "  x", "x"},
    /* sequences of several bytes */
    {"\xC3\xA4\xC3\xB6\xC3\xBC \xE2\x82\xAC", 0, false,
     "\xC3\xA4\xC3\xB6\xC3\xBC \xE2\x82\xAC\xF0\x9F\x98\x80",
     "\xF0\x9F\x98\x80"},
    {"12345678901234567\xC3\xA4", 0, false, "345678901234567\xC3\xA4\xC3\xB6",
     "\xC3\xB6"},
    {"\xC3\xA4\xC3\xA4", 0, false, "\xC3\xA4\xC3\xB6", "\xC3\xA4\xC3\xB6"},
};

static void what_is_said_again_is_trimmed_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece <= 48; piece++)
            check(llmgw__str(rows[i].told), rows[i].unsaid, rows[i].exact,
                  llmgw__str(rows[i].text), llmgw__str(rows[i].expected),
                  piece);
}

/* --- against the rule, said plainly --- */

static uint32_t random_of(uint32_t *seed)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return *seed >> 8;
}

static bool is_end(llmgw_str told, llmgw_str text, size_t len)
{
    return len <= told.len && len <= text.len &&
           !memcmp(told.data + told.len - len, text.data, len);
}

/** How much of a whole text is to be trimmed. */
static size_t trimmed(llmgw_str told, size_t unsaid, bool exact, llmgw_str text)
{
    size_t asked = told.len - unsaid;
    size_t least = exact ? 24 : 16;

    if (asked >= 4 && text.len >= asked &&
        !memcmp(told.data, text.data, asked)) {
        llmgw_str rest = llmgw__str_n(text.data + asked, text.len - asked);

        for (size_t len = unsaid; len > 0; len--)
            if (is_end(told, rest, len))
                return asked + len;
        return asked;
    }
    for (size_t len = told.len < 4096 ? told.len : 4096; len > 0; len--)
        if ((len >= least || len <= unsaid || (len == told.len && len >= 4)) &&
            is_end(told, text, len))
            return len;
    return 0;
}

static void any_texts_are_joined_by_the_rule(void **state)
{
    static const char letters[] = "a bc";
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char told[64], text[128];
        size_t kinds = 1 + random_of(&seed) % (sizeof letters - 1);
        size_t told_len = random_of(&seed) % sizeof told;
        size_t again = told_len ? random_of(&seed) % (told_len + 1) : 0;
        size_t more = random_of(&seed) % 60;
        size_t unsaid = random_of(&seed) % 4;
        bool exact = random_of(&seed) % 2;
        size_t from = random_of(&seed) % 2 ? told_len - again : 0;
        llmgw_str all, whole = llmgw__str_n(told, told_len);

        for (size_t i = 0; i < told_len; i++)
            told[i] = letters[random_of(&seed) % kinds];
        memcpy(text, told + from, again);
        for (size_t i = 0; i < more; i++)
            text[again + i] = letters[random_of(&seed) % kinds];
        if (unsaid > told_len)
            unsaid = told_len;
        all = llmgw__str_n(text, again + more);
        more = trimmed(whole, unsaid, exact, all);
        check(whole, unsaid, exact, all,
              llmgw__str_n(text + more, all.len - more),
              1 + random_of(&seed) % 20);
    }
}

static void an_answer_is_what_it_would_have_been(void **state)
{
    static char whole[12000];
    uint32_t seed = 9;

    (void)state;
    for (size_t i = 0; i < sizeof whole; i++)
        whole[i] = (char)('!' + random_of(&seed) % 90);
    for (int round = 0; round < 300; round++) {
        size_t told = 30 + random_of(&seed) % 9000;
        size_t most = told < 4096 ? told : 4096;
        size_t overlaps[] = {0, 24, most, told,
                             24 + random_of(&seed) % (most - 23)};
        size_t overlap = overlaps[random_of(&seed) % 5];

        check(
            llmgw__str_n(whole, told), 0, round % 2,
            llmgw__str_n(whole + told - overlap, sizeof whole - told + overlap),
            llmgw__str_n(whole + told, sizeof whole - told),
            1 + random_of(&seed) % 700);
    }
}

/** An end of more than is looked for is told again, in part or whole; what
 *  begins anew for long, and then does not, is handed over whole. */
static void long_texts_are_not_kept(void **state)
{
    static char told[20000], text[20001];
    struct fixture f;
    uint32_t seed = 11;

    (void)state;
    for (size_t i = 0; i < sizeof told; i++)
        told[i] = (char)('!' + random_of(&seed) % 90);
    memcpy(text, told, sizeof told);
    text[15000] = '\n'; /* which the other has not */
    for (size_t piece = 1; piece < 9000; piece = piece * 3 + 1)
        check(llmgw__str_n(told, sizeof told), 0, false,
              llmgw__str_n(text, sizeof told), llmgw__str_n(text, sizeof told),
              piece);
    begin(&f, llmgw__str_n(told, sizeof told), 0, false);
    for (size_t at = 0; at + 10 < sizeof told; at += 10)
        push(&f, LLMGW__CHUNK_TEXT, llmgw__str_n(told + at, 10));
    assert_int_equal(f.seam.held.cap, 0);
    assert_int_equal(f.len, 0);
    close_seam(&f);
}

static void what_is_no_text_ends_the_waiting(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, LLMGW__LIT("and the quick brown fox"), 0, false);
    push(&f, LLMGW__CHUNK_TEXT, LLMGW__LIT("the quick brown"));
    assert_int_equal(f.len, 0);
    push(&f, LLMGW__CHUNK_USAGE, LLMGW__LIT(""));
    assert_int_equal(f.len, 0);
    push(&f, LLMGW__CHUNK_TOOL_START, LLMGW__LIT(""));
    assert_string_equal(f.seen, "the quick brown");
    assert_int_equal(f.others, 2);
    push(&f, LLMGW__CHUNK_TEXT, LLMGW__LIT("the quick brown fox"));
    assert_string_equal(f.seen, "the quick brownthe quick brown fox");
    close_seam(&f);
}

static void reasoning_before_the_text_does_not(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, LLMGW__LIT("and the quick brown fox"), 0, false);
    push(&f, LLMGW__CHUNK_REASONING, LLMGW__LIT("hm"));
    assert_int_equal(f.others, 1);
    push(&f, LLMGW__CHUNK_TEXT, LLMGW__LIT("the quick brown fox jumps"));
    assert_string_equal(f.seen, " jumps");
    close_seam(&f);
}

static void what_came_beside_text_that_is_new_stays(void **state)
{
    struct llmgw__chunk chunk = {0};
    struct fixture f;

    (void)state;
    begin(&f, LLMGW__LIT("and the quick brown fox"), 0, true);
    chunk.kind = LLMGW__CHUNK_TEXT;
    chunk.choice = 1; /* another choice has no seam */
    chunk.text = LLMGW__LIT("and");
    llmgw__seam_push(&f.seam, &chunk);
    assert_string_equal(f.seen, "and");
    close_seam(&f);
}

static void seam_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    struct fixture f;
    int nth = 0;

    (void)state;
    for (; status == LLMGW_E_NOMEM; nth++) {
        begin(&f, LLMGW__LIT("andandandandandandandandand!"), 0, false);
        fail_allocation(nth);
        status = feed(&f, LLMGW__LIT("andandandandandandandand!?"), 5);
        allow_allocations();
        close_seam(&f);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
    assert_string_equal(f.seen, "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_again_is_trimmed_at_every_cut),
        cmocka_unit_test(any_texts_are_joined_by_the_rule),
        cmocka_unit_test(an_answer_is_what_it_would_have_been),
        cmocka_unit_test(long_texts_are_not_kept),
        cmocka_unit_test(what_is_no_text_ends_the_waiting),
        cmocka_unit_test(reasoning_before_the_text_does_not),
        cmocka_unit_test(what_came_beside_text_that_is_new_stays),
        cmocka_unit_test(seam_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
