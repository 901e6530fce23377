/*
 * The gate: nothing leaves before what opens it; then all of it, in order, and
 * tool calls whole where they have to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "stream/gate.h"
#include "support/alloc.h"

#define WHOLE UINT32_MAX

struct fixture {
    struct llmgw__arena arena;
    struct llmgw__gate gate;
    llmgw_status noted;  /* what is answered at the first content */
    llmgw_status answer; /* of the commit */
    llmgw_status passed; /* of the chunks */
    char seen[2048];
};

static void see(struct fixture *fixture, const char *text, size_t len)
{
    size_t used = strlen(fixture->seen);

    if (used + len < sizeof fixture->seen) {
        memcpy(fixture->seen + used, text, len);
        fixture->seen[used + len] = '\0';
    }
}

static llmgw_status on_content(void *userdata)
{
    struct fixture *fixture = userdata;

    see(fixture, "!", 1);
    return fixture->noted;
}

static llmgw_status on_commit(void *userdata)
{
    struct fixture *fixture = userdata;

    see(fixture, "#", 1);
    return fixture->answer;
}

static llmgw_status on_chunk(void *userdata, const struct llmgw__chunk *chunk)
{
    static const char letters[] = "?itrd-TAxu$eRX";
    struct fixture *fixture = userdata;
    char head[3] = {(char)('0' + chunk->choice), letters[chunk->kind], '('};

    see(fixture, head, sizeof head);
    see(fixture, chunk->id.data, chunk->id.len);
    see(fixture, chunk->name.data, chunk->name.len);
    see(fixture, chunk->text.data, chunk->text.len);
    see(fixture, chunk->extra.data, chunk->extra.len);
    see(fixture, ")", 1);
    return fixture->passed;
}

static void begin(struct fixture *fixture, uint32_t tokens, size_t bytes,
                  bool whole_tools)
{
    struct llmgw__gate_setup setup = {
        .arena = &fixture->arena,
        .tokens = tokens,
        .bytes = bytes,
        .whole_tools = whole_tools,
        .content = on_content,
        .commit = on_commit,
        .out = on_chunk,
        .userdata = fixture,
    };

    memset(fixture, 0, sizeof *fixture);
    llmgw__arena_init(&fixture->arena, 0, 0);
    llmgw__gate_init(&fixture->gate, &setup);
}

/** The views of a chunk die when it is pushed: they are overwritten. */
static llmgw_status push_all(struct fixture *fixture, struct llmgw__chunk chunk,
                             const char *const texts[4])
{
    llmgw_str *const views[] = {&chunk.text, &chunk.id, &chunk.name,
                                &chunk.extra};
    char copies[4][256];
    llmgw_status status;

    for (int i = 0; i < 4; i++) {
        size_t len = texts[i] ? strlen(texts[i]) : 0;

        memset(copies[i], '~', sizeof copies[i]);
        if (len)
            memcpy(copies[i], texts[i], len);
        *views[i] = llmgw__str_n(copies[i], len);
    }
    status = llmgw__gate_push(&fixture->gate, &chunk);
    memset(copies, '~', sizeof copies);
    return status;
}

static llmgw_status push_to(struct fixture *fixture, int kind, int choice,
                            const char *text)
{
    const char *const texts[4] = {text};
    struct llmgw__chunk chunk = {0};

    chunk.kind = (uint8_t)kind;
    chunk.choice = (uint16_t)choice;
    return push_all(fixture, chunk, texts);
}

static llmgw_status push(struct fixture *fixture, int kind, const char *text)
{
    return push_to(fixture, kind, 0, text);
}

static llmgw_status start(struct fixture *fixture, int choice, unsigned index,
                          const char *id, const char *name)
{
    const char *const texts[4] = {NULL, id, name, "+"};
    struct llmgw__chunk chunk = {0};

    chunk.kind = LLMGW__CHUNK_TOOL_START;
    chunk.choice = (uint16_t)choice;
    chunk.index = index;
    return push_all(fixture, chunk, texts);
}

static llmgw_status args(struct fixture *fixture, int choice, unsigned index,
                         const char *text)
{
    const char *const texts[4] = {text};
    struct llmgw__chunk chunk = {0};

    chunk.kind = LLMGW__CHUNK_TOOL_ARGS;
    chunk.choice = (uint16_t)choice;
    chunk.index = index;
    return push_all(fixture, chunk, texts);
}

static void end(struct fixture *fixture, const char *expected)
{
    assert_string_equal(fixture->seen, expected);
    llmgw__arena_clear(&fixture->arena);
}

static void roles_wait_for_the_first_content(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0, 1000, false);
    assert_int_equal(push(&f, LLMGW__CHUNK_ROLE, ""), LLMGW_OK);
    assert_int_equal(push(&f, LLMGW__CHUNK_USAGE, ""), LLMGW_OK);
    assert_string_equal(f.seen, "");
    assert_false(f.gate.has_content);
    assert_int_equal(push(&f, LLMGW__CHUNK_TEXT, "a"), LLMGW_OK);
    assert_true(f.gate.committed);
    start(&f, 0, 0, "i", "f");
    args(&f, 0, 0, "{");
    args(&f, 0, 0, "}");
    end(&f, "!#0R()0u()0t(a)0T(if+)0A({)0A(})");
}

static void one_that_lost_hands_over_nothing(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0, 1000, false);
    f.answer = 2;
    push(&f, LLMGW__CHUNK_ROLE, "");
    assert_int_equal(push(&f, LLMGW__CHUNK_TEXT, "a"), 2);
    assert_false(f.gate.committed);
    end(&f, "!#");
}

static void a_first_content_that_is_refused_commits_nothing(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0, 1000, false);
    f.noted = LLMGW_E_NOMEM;
    assert_int_equal(push(&f, LLMGW__CHUNK_TEXT, "a"), LLMGW_E_NOMEM);
    end(&f, "!");
}

static void one_that_is_stopped_hands_over_no_more(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 1, 1000, false);
    f.passed = 1;
    push(&f, LLMGW__CHUNK_ROLE, "");
    push(&f, LLMGW__CHUNK_TEXT, "abc");
    assert_int_equal(push(&f, LLMGW__CHUNK_TEXT, "d"), 1);
    end(&f, "!#0R()");
}

static void every_kind_of_content_commits(void **state)
{
    static const int content[] = {
        LLMGW__CHUNK_TEXT,       LLMGW__CHUNK_REASONING, LLMGW__CHUNK_REFUSAL,
        LLMGW__CHUNK_TOOL_START, LLMGW__CHUNK_TOOL_ARGS, LLMGW__CHUNK_EXTRAS,
        LLMGW__CHUNK_FINISH,
    };

    (void)state;
    for (size_t i = 0; i < sizeof content / sizeof *content; i++) {
        struct fixture f;

        begin(&f, 0, 1000, false);
        push(&f, content[i], "");
        assert_true(f.gate.committed);
        assert_memory_equal(f.seen, "!#0", 3);
        llmgw__arena_clear(&f.arena);
    }
}

static void content_is_held_until_there_is_enough_of_it(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 2, 1000, false);
    push(&f, LLMGW__CHUNK_ROLE, "");
    push(&f, LLMGW__CHUNK_REASONING, "a");
    push(&f, LLMGW__CHUNK_REASONING, "bc");
    push(&f, LLMGW__CHUNK_TEXT, "d");
    push(&f, LLMGW__CHUNK_TEXT, "efg"); /* 7 bytes */
    assert_string_equal(f.seen, "!");
    push(&f, LLMGW__CHUNK_TEXT, "h");
    assert_string_equal(f.seen, "!#0R()0r(abc)0t(defg)0t(h)");
    push(&f, LLMGW__CHUNK_TEXT, "i");
    end(&f, "!#0R()0r(abc)0t(defg)0t(h)0t(i)");
}

static void a_whole_answer_is_held_until_its_end(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 1000, false);
    push_to(&f, LLMGW__CHUNK_ROLE, 0, "");
    push_to(&f, LLMGW__CHUNK_ROLE, 1, "");
    push_to(&f, LLMGW__CHUNK_TEXT, 0, "a");
    push_to(&f, LLMGW__CHUNK_TEXT, 1, "b");
    push_to(&f, LLMGW__CHUNK_TEXT, 1, "c");
    push_to(&f, LLMGW__CHUNK_TEXT, 0, "d");
    assert_string_equal(f.seen, "!");
    push_to(&f, LLMGW__CHUNK_FINISH, 0, "stop");
    assert_string_equal(f.seen, "!#0R()1R()0t(a)1t(bc)0t(d)0$(stop)");
    push_to(&f, LLMGW__CHUNK_TEXT, 1, "e");
    push_to(&f, LLMGW__CHUNK_FINISH, 1, "stop");
    push(&f, LLMGW__CHUNK_USAGE, "");
    end(&f, "!#0R()1R()0t(a)1t(bc)0t(d)0$(stop)1t(e)1$(stop)0u()");
}

static void an_answer_that_breaks_off_leaves_nothing(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 1000, true);
    push(&f, LLMGW__CHUNK_TEXT, "a");
    start(&f, 0, 0, "i", "f");
    args(&f, 0, 0, "{}");
    end(&f, "!");
}

static void more_than_the_bound_is_not_held(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 8, false);
    push(&f, LLMGW__CHUNK_TEXT, "abcd");
    push(&f, LLMGW__CHUNK_TEXT, "efgh");
    assert_string_equal(f.seen, "!");
    push(&f, LLMGW__CHUNK_TEXT, "i");
    assert_string_equal(f.seen, "!#0t(abcdefghi)");
    push(&f, LLMGW__CHUNK_TEXT, "j");
    end(&f, "!#0t(abcdefghi)0t(j)");
}

static void pieces_that_cannot_be_joined_are_bounded_too(void **state)
{
    struct fixture f;
    int count = 0;

    (void)state;
    begin(&f, WHOLE, 1000000, false);
    for (; !f.gate.committed && count < 10000; count++)
        push_to(&f, LLMGW__CHUNK_TEXT, count % 2, "a");
    assert_int_equal(count, 4097);
    llmgw__arena_clear(&f.arena);
}

static void its_owner_may_open_it(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 1000, false);
    push(&f, LLMGW__CHUNK_ROLE, "");
    push(&f, LLMGW__CHUNK_TEXT, "a");
    assert_int_equal(llmgw__gate_open(&f.gate), LLMGW_OK);
    assert_string_equal(f.seen, "!#0R()0t(a)");
    push(&f, LLMGW__CHUNK_TEXT, "b");
    assert_int_equal(llmgw__gate_open(&f.gate), LLMGW_OK);
    end(&f, "!#0R()0t(a)0t(b)");
}

static void opened_without_content_it_waits_for_the_first(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 1000, true);
    push(&f, LLMGW__CHUNK_ROLE, "");
    assert_int_equal(llmgw__gate_open(&f.gate), LLMGW_OK);
    start(&f, 0, 0, "i", "f"); /* nor for half of a call */
    assert_int_equal(llmgw__gate_open(&f.gate), LLMGW_OK);
    assert_string_equal(f.seen, "!");
    push(&f, LLMGW__CHUNK_TEXT, "a");
    end(&f, "!#0R()0T(if+)0t(a)");
}

static void opening_one_that_lost_says_so(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 1000, false);
    f.answer = 2;
    push(&f, LLMGW__CHUNK_TEXT, "a");
    assert_int_equal(llmgw__gate_open(&f.gate), 2);
    end(&f, "!#");
}

static void a_call_leaves_when_the_next_one_begins(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0, 1000, true);
    push(&f, LLMGW__CHUNK_ROLE, "");
    start(&f, 0, 0, "i", "f");
    args(&f, 0, 0, "{\"a\"");
    args(&f, 0, 0, ":1}");
    assert_string_equal(f.seen, "!"); /* what is not handed over can fail */
    start(&f, 0, 1, "j", "g");
    assert_string_equal(f.seen, "!#0R()0T(if+)0A({\"a\":1})");
    args(&f, 0, 1, "{");
    args(&f, 0, 1, "}");
    assert_string_equal(f.seen, "!#0R()0T(if+)0A({\"a\":1})");
    push(&f, LLMGW__CHUNK_FINISH, "tool_calls");
    end(&f, "!#0R()0T(if+)0A({\"a\":1})0T(jg+)0A({})0$(tool_calls)");
}

static void all_else_of_its_choice_says_that_a_call_is_whole(void **state)
{
    static const int ends[] = {LLMGW__CHUNK_TEXT, LLMGW__CHUNK_REASONING,
                               LLMGW__CHUNK_REFUSAL, LLMGW__CHUNK_EXTRAS,
                               LLMGW__CHUNK_FINISH};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct fixture f;

        begin(&f, 0, 1000, true);
        push(&f, LLMGW__CHUNK_TEXT, "t");
        start(&f, 0, 0, "i", "f");
        args(&f, 0, 0, "{}");
        assert_string_equal(f.seen, "!#0t(t)");
        push(&f, ends[i], "");
        assert_memory_equal(f.seen, "!#0t(t)0T(if+)0A({})0", 21);
        assert_int_equal(strlen(f.seen), 24);
        llmgw__arena_clear(&f.arena);
    }
}

static void another_choice_need_not_wait_for_a_call(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0, 1000, true);
    push_to(&f, LLMGW__CHUNK_ROLE, 0, "");
    start(&f, 0, 0, "i", "f");
    args(&f, 0, 0, "{");
    push_to(&f, LLMGW__CHUNK_ROLE, 1, "");
    assert_string_equal(f.seen, "!");
    push_to(&f, LLMGW__CHUNK_TEXT, 1, "b");
    assert_string_equal(f.seen, "!#0R()1R()1t(b)");
    start(&f, 1, 0, "j", "g");
    args(&f, 0, 0, "}");
    args(&f, 1, 0, "[]");
    assert_string_equal(f.seen, "!#0R()1R()1t(b)");
    push_to(&f, LLMGW__CHUNK_FINISH, 1, "");
    assert_string_equal(f.seen, "!#0R()1R()1t(b)1T(jg+)1A([])1$()");
    push_to(&f, LLMGW__CHUNK_FINISH, 0, "");
    end(&f, "!#0R()1R()1t(b)1T(jg+)1A([])1$()0T(if+)0A({})0$()");
}

static void a_call_beyond_the_bound_is_handed_over_as_it_comes(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 8, true);
    start(&f, 0, 0, "i", "f"); /* 3 bytes with what came beside it */
    args(&f, 0, 0, "12345");
    assert_string_equal(f.seen, "!");
    args(&f, 0, 0, "6");
    assert_string_equal(f.seen, "!#0T(if+)0A(123456)");
    args(&f, 0, 0, "7");
    assert_string_equal(f.seen, "!#0T(if+)0A(123456)0A(7)");
    start(&f, 0, 1, "j", "g"); /* the next one is held again */
    args(&f, 0, 1, "{");
    args(&f, 0, 1, "}");
    push(&f, LLMGW__CHUNK_FINISH, "");
    end(&f, "!#0T(if+)0A(123456)0A(7)0T(jg+)0A({})0$()");
}

static void the_bound_is_that_of_all_choices(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0, 8, true);
    start(&f, 0, 0, "i", "f");
    start(&f, 1, 0, "j", "g");
    args(&f, 1, 0, "123");
    assert_string_equal(f.seen, "!#0T(if+)1T(jg+)1A(123)");
    args(&f, 1, 0, "4");
    end(&f, "!#0T(if+)1T(jg+)1A(123)1A(4)");
}

static void what_came_beside_text_stays_with_it(void **state)
{
    const char *const texts[4] = {"a", NULL, NULL, "[1]"};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TEXT};
    struct fixture f;

    (void)state;
    begin(&f, WHOLE, 1000, false);
    push_all(&f, chunk, texts);
    push(&f, LLMGW__CHUNK_TEXT, "b");
    push_all(&f, chunk, texts);
    push(&f, LLMGW__CHUNK_FINISH, "");
    end(&f, "!#0t(a[1])0t(b)0t(a[1])0$()");
}

static void pieces_are_used_again(void **state)
{
    size_t used = 0;
    struct fixture f;

    (void)state;
    begin(&f, 0, 1000, true);
    for (unsigned i = 0; i < 50; i++) {
        start(&f, 0, i, "", "");
        for (int n = 0; n < 20; n++)
            args(&f, 0, i, "0123456789");
        if (i == 2)
            used = f.arena.used;
    }
    assert_true(f.arena.used < used + 4000); /* the extras of 47 calls */
    llmgw__arena_clear(&f.arena);
}

static llmgw_status all_of_it(struct fixture *f)
{
    llmgw_status status = push(f, LLMGW__CHUNK_ROLE, "");

    if (status == LLMGW_OK)
        status = push(f, LLMGW__CHUNK_TEXT, "one");
    if (status == LLMGW_OK)
        status = push(f, LLMGW__CHUNK_TEXT, "two");
    if (status == LLMGW_OK)
        status = start(f, 0, 0, "i", "f");
    if (status == LLMGW_OK)
        status = args(f, 0, 0, "{}");
    if (status == LLMGW_OK)
        status = llmgw__gate_open(&f->gate);
    return status == LLMGW_OK ? push(f, LLMGW__CHUNK_FINISH, "") : status;
}

static void gate_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    struct fixture f;
    int nth = 0;

    (void)state;
    for (; status == LLMGW_E_NOMEM; nth++) {
        begin(&f, WHOLE, 1000, true);
        llmgw__arena_clear(&f.arena);
        llmgw__arena_init(&f.arena, 64, 0); /* a block for each piece */
        fail_allocation(nth);
        status = all_of_it(&f);
        allow_allocations();
        llmgw__arena_clear(&f.arena);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3);
    assert_string_equal(f.seen, "!#0R()0t(onetwo)0T(if+)0A({})0$()");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_wait_for_the_first_content),
        cmocka_unit_test(one_that_lost_hands_over_nothing),
        cmocka_unit_test(a_first_content_that_is_refused_commits_nothing),
        cmocka_unit_test(one_that_is_stopped_hands_over_no_more),
        cmocka_unit_test(every_kind_of_content_commits),
        cmocka_unit_test(content_is_held_until_there_is_enough_of_it),
        cmocka_unit_test(a_whole_answer_is_held_until_its_end),
        cmocka_unit_test(an_answer_that_breaks_off_leaves_nothing),
        cmocka_unit_test(more_than_the_bound_is_not_held),
        cmocka_unit_test(pieces_that_cannot_be_joined_are_bounded_too),
        cmocka_unit_test(its_owner_may_open_it),
        cmocka_unit_test(opened_without_content_it_waits_for_the_first),
        cmocka_unit_test(opening_one_that_lost_says_so),
        cmocka_unit_test(a_call_leaves_when_the_next_one_begins),
        cmocka_unit_test(all_else_of_its_choice_says_that_a_call_is_whole),
        cmocka_unit_test(another_choice_need_not_wait_for_a_call),
        cmocka_unit_test(a_call_beyond_the_bound_is_handed_over_as_it_comes),
        cmocka_unit_test(the_bound_is_that_of_all_choices),
        cmocka_unit_test(what_came_beside_text_stays_with_it),
        cmocka_unit_test(pieces_are_used_again),
        cmocka_unit_test(gate_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
