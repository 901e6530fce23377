/*
 * The order keeper: what a decoder says, as it came, becomes the one sequence
 * that hosts see. Each ordered chunk is written as a short word, so that a
 * whole sequence is one string.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stream/order.h"
#include "support/alloc.h"

struct fixture {
    struct llmgw__arena arena;
    struct llmgw__order order;
    int made;
    char seen[4096];
};

static void make_id(void *userdata, const char *prefix, char out[64])
{
    struct fixture *fixture = userdata;

    snprintf(out, 64, "%sgw%d", prefix, fixture->made++);
}

static void note(struct fixture *fixture, const char *format, ...)
{
    size_t len = strlen(fixture->seen);
    va_list args;

    va_start(args, format);
    vsnprintf(fixture->seen + len, sizeof fixture->seen - len, format, args);
    va_end(args);
}

#define VIEW(str) (int)(str).len, (str).data ? (str).data : ""

static llmgw_status see(void *userdata, const struct llmgw__chunk *chunk)
{
    struct fixture *fixture = userdata;
    unsigned choice = chunk->choice;

    switch (chunk->kind) {
    case LLMGW__CHUNK_ROLE:
        note(fixture, "%u:role(%.*s) ", choice, VIEW(chunk->identity->id));
        break;
    case LLMGW__CHUNK_TEXT:
        note(fixture, "%u:t(%.*s)%.*s ", choice, VIEW(chunk->text),
             VIEW(chunk->extra));
        break;
    case LLMGW__CHUNK_REASONING:
        note(fixture, "%u:r(%.*s) ", choice, VIEW(chunk->text));
        break;
    case LLMGW__CHUNK_REFUSAL:
        note(fixture, "%u:no(%.*s) ", choice, VIEW(chunk->text));
        break;
    case LLMGW__CHUNK_TOOL_START:
        note(fixture, "%u:tool%u(%.*s,%.*s) ", choice, (unsigned)chunk->index,
             VIEW(chunk->id), VIEW(chunk->name));
        break;
    case LLMGW__CHUNK_TOOL_ARGS:
        note(fixture, "%u:args%u(%.*s) ", choice, (unsigned)chunk->index,
             VIEW(chunk->text));
        break;
    case LLMGW__CHUNK_EXTRAS:
        note(fixture, "%u:extras(%.*s|%.*s) ", choice, VIEW(chunk->text),
             VIEW(chunk->extra));
        break;
    case LLMGW__CHUNK_FINISH:
        note(fixture, "%u:finish(%d,%.*s) ", choice, chunk->variant,
             VIEW(chunk->text));
        break;
    case LLMGW__CHUNK_USAGE:
        note(fixture, "usage(%d)", (int)llmgw__usage_prompt(chunk->usage));
        break;
    default:
        note(fixture, "?%d ", chunk->kind);
    }
    return LLMGW_OK;
}

static void begin(struct fixture *fixture)
{
    static struct llmgw__ids ids;
    struct llmgw__order_setup setup = {0};

    memset(fixture, 0, sizeof *fixture);
    llmgw__arena_init(&fixture->arena, 0, 0);
    ids.make = make_id;
    ids.userdata = fixture;
    setup.arena = &fixture->arena;
    setup.ids = &ids;
    setup.model = llmgw__str("asked");
    setup.created_s = 17;
    setup.max_extras = 1000;
    setup.out = see;
    setup.userdata = fixture;
    llmgw__order_init(&fixture->order, &setup);
}

static void finish(struct fixture *fixture)
{
    llmgw__order_clear(&fixture->order);
    llmgw__arena_clear(&fixture->arena);
}

static struct llmgw__chunk chunk_of(int kind, unsigned choice, const char *text)
{
    struct llmgw__chunk chunk = {0};

    chunk.kind = (uint8_t)kind;
    chunk.choice = (uint16_t)choice;
    chunk.text = llmgw__str(text);
    return chunk;
}

static llmgw_status push_text(struct fixture *f, int kind, unsigned choice,
                              const char *text)
{
    struct llmgw__chunk chunk = chunk_of(kind, choice, text);

    return llmgw__order_push(&f->order, &chunk);
}

static llmgw_status push_tool(struct fixture *f, unsigned key, const char *id,
                              const char *name)
{
    struct llmgw__chunk chunk = chunk_of(LLMGW__CHUNK_TOOL_START, 0, "");

    chunk.index = key;
    chunk.id = llmgw__str(id);
    chunk.name = llmgw__str(name);
    return llmgw__order_push(&f->order, &chunk);
}

static llmgw_status push_args(struct fixture *f, unsigned key, const char *text,
                              int complete)
{
    struct llmgw__chunk chunk = chunk_of(LLMGW__CHUNK_TOOL_ARGS, 0, text);

    chunk.index = key;
    chunk.variant = (uint8_t)complete;
    return llmgw__order_push(&f->order, &chunk);
}

static llmgw_status push_finish(struct fixture *f, unsigned choice, int reason,
                                const char *native)
{
    struct llmgw__chunk chunk = chunk_of(LLMGW__CHUNK_FINISH, choice, native);

    chunk.variant = (uint8_t)reason;
    return llmgw__order_push(&f->order, &chunk);
}

static llmgw_status push_usage(struct fixture *f, int64_t prompt)
{
    struct llmgw__chunk chunk = chunk_of(LLMGW__CHUNK_USAGE, 0, "");
    struct llmgw__usage usage;

    llmgw__usage_init(&usage);
    llmgw__usage_set(&usage, LLMGW__INPUT_UNCACHED, prompt);
    chunk.usage = &usage;
    return llmgw__order_push(&f->order, &chunk);
}

static llmgw_status push_id(struct fixture *f, const char *id)
{
    struct llmgw__chunk chunk = chunk_of(LLMGW__CHUNK_IDENTITY, 0, "");
    struct llmgw__identity identity = {0};

    identity.id = llmgw__str(id);
    chunk.identity = &identity;
    return llmgw__order_push(&f->order, &chunk);
}

static void role_comes_first_and_finish_last(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "");
    push_id(&f, "one");
    push_id(&f, "two"); /* the first word holds */
    push_finish(&f, 0, LLMGW_FINISH_STOP, "end");
    push_finish(&f, 0, LLMGW_FINISH_LENGTH, "again");
    push_text(&f, LLMGW__CHUNK_TEXT, 0, "late");
    push_text(&f, LLMGW__CHUNK_TEXT, 0, "");
    push_usage(&f, 5);
    push_usage(&f, 7); /* the last one holds */
    assert_int_equal(llmgw__order_end(&f.order), LLMGW_OK);
    assert_string_equal(f.seen,
                        "0:role(one) 0:t(late) 0:finish(1,end) usage(7)");
    finish(&f);
}

static void what_was_not_told_is_made_up(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_text(&f, LLMGW__CHUNK_TEXT, 0, "a");
    assert_string_equal(f.seen, "0:role(chatcmpl-gw0) 0:t(a) ");
    assert_int_equal(f.order.identity.created, 17);
    assert_true(llmgw__str_is(f.order.identity.model, "asked"));
    finish(&f);
}

static void lower_choices_open_before_higher_ones(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "x");
    push_text(&f, LLMGW__CHUNK_TEXT, 2, "c");
    push_text(&f, LLMGW__CHUNK_TEXT, 0, "a");
    push_finish(&f, 2, LLMGW_FINISH_STOP, "");
    push_finish(&f, 0, LLMGW_FINISH_LENGTH, "");
    push_finish(&f, 1, LLMGW_FINISH_STOP, "");
    llmgw__order_end(&f.order);
    assert_string_equal(f.seen, "0:role(x) 1:role(x) 2:role(x) 2:t(c) 0:t(a) "
                                "0:finish(2,) 1:finish(1,) 2:finish(1,) ");
    finish(&f);
}

static void too_many_choices_are_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_int_equal(
        push_text(&f, LLMGW__CHUNK_TEXT, LLMGW__ORDER_MAX_CHOICES, "a"),
        LLMGW_E_LIMIT);
    finish(&f);
}

static void sequences_cut_between_pieces_are_joined(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "x");
    push_text(&f, LLMGW__CHUNK_TEXT, 0, "a\xc3");
    push_text(&f, LLMGW__CHUNK_TEXT, 0,
              "\xa4"
              "b\xe2\x82");
    push_finish(&f, 0, LLMGW_FINISH_STOP, "");
    llmgw__order_end(&f.order);
    assert_string_equal(f.seen, "0:role(x) 0:t(a) 0:t(\xc3\xa4"
                                "b) "
                                "0:t(\xef\xbf\xbd) 0:finish(1,) ");
    finish(&f);
}

static void tools_get_dense_indices_and_are_told_once(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "x");
    push_tool(&f, 3, "ida", "fa");
    push_args(&f, 3, "{\"a\"", 0);
    push_tool(&f, 3, "", ""); /* repeated without an id */
    push_tool(&f, 3, "ida", "fa");
    push_args(&f, 3, ":1}", 0);
    push_tool(&f, 7, "", "fb");
    push_args(&f, 7, "{}", 0);
    push_finish(&f, 0, LLMGW_FINISH_STOP, "stop");
    llmgw__order_end(&f.order);
    assert_string_equal(f.seen, "0:role(x) 0:tool0(ida,fa) 0:args0({\"a\") "
                                "0:args0(:1}) 0:tool1(call_gw0,fb) "
                                "0:args1({}) 0:finish(3,stop) ");
    finish(&f);
}

static void another_id_under_one_index_is_another_call(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "x");
    push_tool(&f, 0, "ida", "f");
    push_args(&f, 0, "1", 1);
    push_tool(&f, 0, "idb", "f");
    push_args(&f, 0, "2", 1);
    llmgw__order_end(&f.order);
    assert_string_equal(f.seen, "0:role(x) 0:tool0(ida,f) 0:args0(1) "
                                "0:tool1(idb,f) 0:args1(2) 0:finish(3,) ");
    finish(&f);
}

static void a_call_without_arguments_gets_an_empty_object(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "x");
    push_tool(&f, 0, "a", "f");
    push_tool(&f, 1, "b", "g"); /* waits: "a" may still get arguments */
    push_args(&f, 1, "{\"k\":", 0);
    assert_string_equal(f.seen, "0:role(x) 0:tool0(a,f) ");
    push_args(&f, 0, "", 1); /* now it is known that it gets none */
    assert_string_equal(f.seen, "0:role(x) 0:tool0(a,f) 0:args0({}) "
                                "0:tool1(b,g) 0:args1({\"k\":) ");
    push_args(&f, 1, "2}", 0);
    push_tool(&f, 2, "c", "h");
    llmgw__order_end(&f.order);
    assert_string_equal(f.seen,
                        "0:role(x) 0:tool0(a,f) 0:args0({}) 0:tool1(b,g) "
                        "0:args1({\"k\":) 0:args1(2}) 0:tool2(c,h) "
                        "0:args2({}) 0:finish(3,) ");
    finish(&f);
}

static void the_legacy_form_has_one_call(void **state)
{
    struct fixture f;
    const char *seen;

    (void)state;
    begin(&f);
    f.order.legacy = true;
    push_tool(&f, 4, "a", "first");
    push_args(&f, 4, "{\"x\":", 0);
    push_tool(&f, 5, "b", "second");
    push_args(&f, 5, "{}", 0);
    push_args(&f, 4, "1}", 0);
    push_finish(&f, 0, LLMGW_FINISH_TOOL_CALLS, "tool_use");
    assert_int_equal(llmgw__order_end(&f.order), LLMGW_OK);
    seen = "0:role(chatcmpl-gw0) 0:tool0(a,first) 0:args0({\"x\":) "
           "0:args0(1}) 0:finish(5,tool_use) ";
    assert_string_equal(f.seen, seen);
    finish(&f);
}

static void arguments_of_no_call_are_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_int_equal(push_args(&f, 0, "{}", 0), LLMGW_E_INVALID);
    finish(&f);
}

static llmgw_status push_detail(struct fixture *f, unsigned index,
                                const char *text, const char *signature)
{
    struct llmgw__chunk chunk = chunk_of(LLMGW__CHUNK_DETAIL, 0, text);

    chunk.index = index;
    chunk.variant = LLMGW__DETAIL_TEXT;
    chunk.name = llmgw__str("form-v1");
    chunk.extra = llmgw__str(signature);
    return llmgw__order_push(&f->order, &chunk);
}

static llmgw_status push_extra(struct fixture *f, int member, const char *json)
{
    struct llmgw__chunk chunk = chunk_of(LLMGW__CHUNK_EXTRA, 0, json);

    chunk.variant = (uint8_t)member;
    return llmgw__order_push(&f->order, &chunk);
}

static void extras_come_once_and_whole_before_the_finish(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "x");
    push_detail(&f, 4, "th", "");
    push_detail(&f, 4, "ink", "sig");
    push_extra(&f, LLMGW__EXTRA_REPLAY, "{\"z\":1}");
    push_extra(&f, LLMGW__EXTRA_ANNOTATION, "{\"n\":1}");
    push_extra(&f, LLMGW__EXTRA_ANNOTATION, "{\"n\":2}");
    push_text(&f, LLMGW__CHUNK_TEXT, 0, "t");
    push_finish(&f, 0, LLMGW_FINISH_STOP, "");
    llmgw__order_end(&f.order);
    assert_string_equal(
        f.seen,
        "0:role(x) 0:t(t) 0:extras(\"annotations\":[{\"n\":1},{\"n\":2}]|"
        "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"index\":0,"
        "\"format\":\"form-v1\",\"text\":\"think\",\"signature\":\"sig\"}],"
        "\"llmgw\":{\"z\":1}) 0:finish(1,) ");
    finish(&f);
}

static void json_of_several_lines_is_joined_to_one(void **state)
{
    struct llmgw__chunk text = chunk_of(LLMGW__CHUNK_TEXT, 0, "a\nb");
    struct fixture f;

    (void)state;
    begin(&f);
    push_id(&f, "x");
    text.extra = llmgw__str("{\r\n\t\"l\": 1\n}");
    llmgw__order_push(&f.order, &text);
    push_extra(&f, LLMGW__EXTRA_REPLAY, "{\n  \"z\": \"a b\\n\"\n}\n");
    push_finish(&f, 0, LLMGW_FINISH_STOP, "");
    llmgw__order_end(&f.order);
    assert_string_equal(f.seen, "0:role(x) 0:t(a\nb){\"l\": 1} "
                                "0:extras(|\"llmgw\":{\"z\": \"a b\\n\"}) "
                                "0:finish(1,) ");
    finish(&f);
}

static void extras_beyond_their_bound_are_refused(void **state)
{
    char large[1200];
    struct fixture f;

    (void)state;
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    begin(&f);
    assert_int_equal(push_detail(&f, 0, large, ""), LLMGW_E_LIMIT);
    assert_int_equal(push_extra(&f, LLMGW__EXTRA_AUDIO, large), LLMGW_E_LIMIT);
    finish(&f);
}

static llmgw_status all_of_it(struct fixture *f)
{
    llmgw_status status = push_id(f, "x");

    if (status == LLMGW_OK)
        status = push_text(f, LLMGW__CHUNK_REASONING, 0, "why\xc3");
    if (status == LLMGW_OK)
        status = push_text(f, LLMGW__CHUNK_REASONING, 0, "\xa4");
    if (status == LLMGW_OK)
        status = push_detail(f, 0, "d", "s");
    if (status == LLMGW_OK)
        status = push_tool(f, 0, "", "f");
    if (status == LLMGW_OK)
        status = push_tool(f, 1, "b", "g");
    if (status == LLMGW_OK)
        status = push_args(f, 1, "{}", 0);
    if (status == LLMGW_OK)
        status = push_extra(f, LLMGW__EXTRA_AUDIO, "{\n}");
    if (status == LLMGW_OK)
        status = push_finish(f, 0, LLMGW_FINISH_STOP, "n");
    return status == LLMGW_OK ? llmgw__order_end(&f->order) : status;
}

static void order_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    struct fixture f;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        begin(&f);
        fail_allocation(nth);
        status = all_of_it(&f);
        allow_allocations();
        finish(&f);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_non_null(strstr(f.seen, "0:finish(3,n)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(role_comes_first_and_finish_last),
        cmocka_unit_test(what_was_not_told_is_made_up),
        cmocka_unit_test(lower_choices_open_before_higher_ones),
        cmocka_unit_test(too_many_choices_are_refused),
        cmocka_unit_test(sequences_cut_between_pieces_are_joined),
        cmocka_unit_test(tools_get_dense_indices_and_are_told_once),
        cmocka_unit_test(another_id_under_one_index_is_another_call),
        cmocka_unit_test(a_call_without_arguments_gets_an_empty_object),
        cmocka_unit_test(the_legacy_form_has_one_call),
        cmocka_unit_test(arguments_of_no_call_are_refused),
        cmocka_unit_test(extras_come_once_and_whole_before_the_finish),
        cmocka_unit_test(json_of_several_lines_is_joined_to_one),
        cmocka_unit_test(extras_beyond_their_bound_are_refused),
        cmocka_unit_test(order_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
