/* UTF-8: what is valid, and joining what was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"

#define FFFD  "\xEF\xBF\xBD"
#define SMILE "\xF0\x9F\x98\x80" /* U+1F600 */
#define HIGH  "\xED\xA0\xBD"     /* U+D83D, its first half */
#define LOW   "\xED\xB8\x80"     /* U+DE00, its second half */

/* Straight from the definition, by arithmetic. @return bytes, 0: invalid */
static size_t reference_len(const unsigned char *bytes, size_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = bytes[0] < 0x80             ? 1
                  : (bytes[0] & 0xE0) == 0xC0 ? 2
                  : (bytes[0] & 0xF0) == 0xE0 ? 3
                  : (bytes[0] & 0xF8) == 0xF0 ? 4
                                              : 0;
    uint32_t code;

    if (need == 0 || need > len)
        return 0;
    code = need == 1 ? bytes[0] : bytes[0] & (0x7Fu >> need);
    for (size_t at = 1; at < need; at++) {
        if ((bytes[at] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (bytes[at] & 0x3Fu);
    }
    if (code < least[need] || code > 0x10FFFF ||
        (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    return need;
}

static size_t reference_valid(const unsigned char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        size_t step = reference_len(bytes + at, len - at);

        if (step == 0)
            break;
        at += step;
    }
    return at;
}

static size_t encode(uint32_t code, char *out)
{
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (size_t at = len; at-- > 1; code >>= 6)
        out[at] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[len] | code);
    return len;
}

static void every_border_byte_is_judged_as_the_definition_says(void **state)
{
    static const unsigned char borders[] = {
        0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
        0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    size_t count = sizeof borders;

    (void)state;
    for (size_t pick = 0; pick < count * count * count * count; pick++) {
        const unsigned char bytes[4] = {borders[pick % count],
                                        borders[pick / count % count],
                                        borders[pick / count / count % count],
                                        borders[pick / count / count / count]};
        llmgw_str text = {(const char *)bytes, 4};

        if (llmgw__utf8_valid(text) != reference_valid(bytes, 4))
            fail_msg("%02x %02x %02x %02x", bytes[0], bytes[1], bytes[2],
                     bytes[3]);
    }
}

static void every_code_point_is_valid_but_the_surrogates(void **state)
{
    char text[4];

    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        size_t len = encode(code, text);
        size_t want = code >= 0xD800 && code <= 0xDFFF ? 0 : len;

        if (llmgw__utf8_valid(llmgw__str_n(text, len)) != want)
            fail_msg("U+%04X", code);
    }
}

static void a_broken_byte_is_found_at_every_offset(void **state)
{
    char text[70];

    (void)state;
    assert_int_equal(llmgw__utf8_valid(llmgw__str(NULL)), 0);
    for (size_t len = 1; len <= sizeof text; len++)
        for (size_t at = 0; at < len; at++) {
            memset(text, 'a', sizeof text);
            assert_int_equal(llmgw__utf8_valid(llmgw__str_n(text, len)), len);
            text[at] = '\x80';
            assert_int_equal(llmgw__utf8_valid(llmgw__str_n(text, len)), at);
        }
}

/* All outputs of a text cut into pieces, ended. */
struct joined {
    struct llmgw__utf8_join join;
    struct llmgw__buf scratch;
    char text[256];
    size_t len;
};

static void joined_init(struct joined *joined)
{
    memset(joined, 0, sizeof *joined);
    llmgw__buf_init(&joined->scratch, 0);
}

static void take(struct joined *joined, llmgw_str out)
{
    assert_true(joined->len + out.len < sizeof joined->text);
    assert_int_equal(llmgw__utf8_valid(out), out.len);
    if (out.len)
        memcpy(joined->text + joined->len, out.data, out.len);
    joined->len += out.len;
    joined->text[joined->len] = '\0';
}

static void push(struct joined *joined, const char *data, size_t len)
{
    llmgw_str out;

    assert_int_equal(llmgw__utf8_push(&joined->join, llmgw__str_n(data, len),
                                      &joined->scratch, &out),
                     LLMGW_OK);
    take(joined, out);
}

static void end(struct joined *joined)
{
    llmgw_str out;

    assert_int_equal(llmgw__utf8_end(&joined->join, &joined->scratch, &out),
                     LLMGW_OK);
    take(joined, out);
    llmgw__buf_clear(&joined->scratch);
}

static const struct {
    const char *in;
    const char *out;
} cases[] = {
    /* clang-format off */
    { "", "" },
    { "plain ASCII, longer than a word or two",
      "plain ASCII, longer than a word or two" },
    { "a\xC3\xA9\xE2\x82\xAC" SMILE "z", "a\xC3\xA9\xE2\x82\xAC" SMILE "z" },
    { SMILE "\xE6\x97\xA5\xE6\x9C\xAC\xC3\xBC",
      SMILE "\xE6\x97\xA5\xE6\x9C\xAC\xC3\xBC" },
    /* halves of a surrogate pair */
    { HIGH LOW, SMILE },
    { "a" HIGH LOW "b" HIGH LOW HIGH LOW, "a" SMILE "b" SMILE SMILE },
    { "\xED\xA0\x80\xED\xB0\x80", "\xF0\x90\x80\x80" },       /* U+10000 */
    { "\xED\xAF\xBF\xED\xBF\xBF", "\xF4\x8F\xBF\xBF" },       /* U+10FFFF */
    { HIGH "x", FFFD "x" },
    { HIGH, FFFD },
    { LOW, FFFD },
    { LOW HIGH, FFFD FFFD },
    { HIGH HIGH LOW, FFFD SMILE },
    { HIGH HIGH HIGH, FFFD FFFD FFFD },
    { HIGH "\xED\x95\x9C", FFFD "\xED\x95\x9C" },             /* U+D55C */
    { HIGH "\xC3\xA9", FFFD "\xC3\xA9" },
    { HIGH SMILE, FFFD SMILE },
    { HIGH "\xED\xB8", FFFD FFFD },
    { HIGH "\xED", FFFD FFFD },
    { HIGH "\xED\xB8" "x", FFFD FFFD "x" },
    { HIGH "\xFF" LOW, FFFD FFFD FFFD },
    { "\xED\xA0" "x", FFFD "x" },
    { "\xED\xA0", FFFD },
    /* cut short, by another character or by the end */
    { "\xC3", FFFD },
    { "\xE2\x82", FFFD },
    { "\xF0\x9F\x98", FFFD },
    { "\xC3x", FFFD "x" },
    { "\xE2\x82x", FFFD "x" },
    { "\xF0\x9F\x98x", FFFD "x" },
    { "\xE2\x82\xC3\xA9", FFFD "\xC3\xA9" },
    { "\xF0\x9F\xE2\x82\xAC", FFFD "\xE2\x82\xAC" },
    /* never a start: one each */
    { "\x80", FFFD },
    { "a\xBF\xBFz", "a" FFFD FFFD "z" },
    { "\xC0\x80", FFFD FFFD },
    { "\xC1\xBF", FFFD FFFD },
    { "\xE0\x80\x80", FFFD FFFD FFFD },
    { "\xF0\x8F\xBF\xBF", FFFD FFFD FFFD FFFD },
    { "\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD },
    { "\xF5\xFF\xFE", FFFD FFFD FFFD },
    { "\xE0\xA0", FFFD },
    { "\xF4\x8F\xBF", FFFD },
    /* clang-format on */
};

static void pieces_join_however_they_are_cut(void **state)
{
    struct joined joined;

    (void)state;
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        const char *in = cases[at].in;
        size_t len = strlen(in);

        for (size_t one = 0; one <= len; one++)
            for (size_t two = one; two <= len; two++) {
                joined_init(&joined);
                push(&joined, in, one);
                push(&joined, in + one, two - one);
                push(&joined, in + two, len - two);
                end(&joined);
                assert_string_equal(joined.text, cases[at].out);
            }
    }
}

static void pieces_join_in_every_size(void **state)
{
    struct joined joined;

    (void)state;
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        const char *in = cases[at].in;
        size_t len = strlen(in);

        for (size_t step = 1; step <= 9; step++) {
            joined_init(&joined);
            for (size_t from = 0; from < len; from += step)
                push(&joined, in + from, len - from < step ? len - from : step);
            end(&joined);
            assert_string_equal(joined.text, cases[at].out);
        }
    }
}

static void every_surrogate_pair_becomes_its_code_point(void **state)
{
    struct llmgw__utf8_join join = {{0}, 0};
    struct llmgw__buf scratch;
    char want[4];
    char half[3];
    llmgw_str out;

    (void)state;
    llmgw__buf_init(&scratch, 0);
    for (uint32_t code = 0x10000; code <= 0x10FFFF; code += 3) {
        encode(code, want);
        encode(0xD800 + ((code - 0x10000) >> 10), half);
        llmgw__utf8_push(&join, llmgw__str_n(half, 3), &scratch, &out);
        assert_int_equal(out.len, 0);
        encode(0xDC00 + ((code - 0x10000) & 0x3FF), half);
        llmgw__utf8_push(&join, llmgw__str_n(half, 3), &scratch, &out);
        assert_int_equal(out.len, 4);
        assert_memory_equal(out.data, want, 4);
    }
    llmgw__buf_clear(&scratch);
}

static void whole_pieces_are_handed_through_without_a_copy(void **state)
{
    static const char *const whole[] = {"ASCII only", "caf\xC3\xA9", SMILE, ""};
    struct joined joined;
    size_t before = allocation_count();
    llmgw_str out;

    (void)state;
    joined_init(&joined);
    for (size_t at = 0; at < sizeof whole / sizeof whole[0]; at++) {
        llmgw__utf8_push(&joined.join, llmgw__str(whole[at]), &joined.scratch,
                         &out);
        assert_ptr_equal(out.data, whole[at]);
        assert_int_equal(out.len, strlen(whole[at]));
    }
    /* only the end is held: still no copy */
    llmgw__utf8_push(&joined.join, LLMGW__LIT("abc\xF0\x9F"), &joined.scratch,
                     &out);
    assert_int_equal(out.len, 3);
    assert_int_equal(joined.join.count, 2);
    assert_int_equal(allocation_count(), before);
    push(&joined, "\x98\x80", 2);
    assert_string_equal(joined.text, SMILE);
    assert_int_equal(joined.join.count, 0);
    end(&joined);
}

static void a_failed_push_can_be_made_again(void **state)
{
    struct joined joined;
    llmgw_str out;

    (void)state;
    joined_init(&joined);
    push(&joined, "\xE2\x82", 2);
    fail_allocation(0);
    assert_int_equal(llmgw__utf8_push(&joined.join, LLMGW__LIT("\xAC!\xC3"),
                                      &joined.scratch, &out),
                     LLMGW_E_NOMEM);
    assert_true(allow_allocations());
    push(&joined, "\xAC!\xC3", 3);
    assert_string_equal(joined.text, "\xE2\x82\xAC!");
    llmgw__buf_clear(&joined.scratch);
    fail_allocation(0);
    assert_int_equal(llmgw__utf8_end(&joined.join, &joined.scratch, &out),
                     LLMGW_E_NOMEM);
    assert_true(allow_allocations());
    end(&joined);
    assert_string_equal(joined.text, "\xE2\x82\xAC!" FFFD);
}

static void the_ceiling_of_scratch_is_respected(void **state)
{
    struct llmgw__utf8_join join = {{0}, 0};
    struct llmgw__buf scratch;
    llmgw_str out;

    (void)state;
    llmgw__buf_init(&scratch, 8);
    assert_int_equal(
        llmgw__utf8_push(&join, LLMGW__LIT("\xFF\xFF\xFF"), &scratch, &out),
        LLMGW_E_LIMIT);
    assert_int_equal(
        llmgw__utf8_push(&join, LLMGW__LIT("\xFF\xFF"), &scratch, &out),
        LLMGW_OK);
    assert_true(llmgw__str_is(out, FFFD FFFD));
    llmgw__buf_clear(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_border_byte_is_judged_as_the_definition_says),
        cmocka_unit_test(every_code_point_is_valid_but_the_surrogates),
        cmocka_unit_test(a_broken_byte_is_found_at_every_offset),
        cmocka_unit_test(pieces_join_however_they_are_cut),
        cmocka_unit_test(pieces_join_in_every_size),
        cmocka_unit_test(every_surrogate_pair_becomes_its_code_point),
        cmocka_unit_test(whole_pieces_are_handed_through_without_a_copy),
        cmocka_unit_test(a_failed_push_can_be_made_again),
        cmocka_unit_test(the_ceiling_of_scratch_is_respected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
