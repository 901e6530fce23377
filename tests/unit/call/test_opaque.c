/*
 * Reasoning state by tool-call id: found by its calls and tags, bounded, the
 * oldest first to go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "call/opaque.h"
#include "support/alloc.h"

struct desk {
    struct llmgw__opaque opaque;
    struct llmgw__arena arena;
};

static int set_up(void **state)
{
    static struct desk desk;

    assert_int_equal(llmgw__opaque_init(&desk.opaque), LLMGW_OK);
    llmgw__arena_init(&desk.arena, 0, 0);
    *state = &desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;

    llmgw__opaque_clear(&desk->opaque);
    llmgw__arena_clear(&desk->arena);
    return 0;
}

/** A choice of one call. */
static llmgw_status keep(struct desk *desk, const char *tags, const char *id,
                         const char *arguments, const char *members, size_t max)
{
    struct llmgw__answer_tool tool = {.id = llmgw__str(id),
                                      .name = LLMGW__LIT("look"),
                                      .arguments = llmgw__str(arguments)};
    struct llmgw__answer_choice choice = {
        .tools = &tool, .tool_count = 1, .extras_back = llmgw__str(members)};

    return llmgw__opaque_keep(&desk->opaque, llmgw__str(tags), &choice, max,
                              &desk->arena);
}

/** The members kept for a call; "": none. */
static const char *find(struct desk *desk, const char *tags, const char *id,
                        const char *arguments)
{
    struct llmgw__opaque_call call = {.id = llmgw__str(id),
                                      .name = LLMGW__LIT("look")};
    struct llmgw__opaque_found found = {{NULL, 0}, {NULL, 0}};
    llmgw_status status;

    assert_int_equal(llmgw__opaque_hash(llmgw__str(arguments), &desk->arena,
                                        &call.arguments),
                     LLMGW_OK);
    status = llmgw__opaque_find(&desk->opaque, llmgw__str(tags), &call, 1,
                                &desk->arena, &found);
    if (status == LLMGW_E_INVALID)
        return "";
    assert_int_equal(status, LLMGW_OK);
    return found.members.data;
}

static void nothing_is_found_where_nothing_was_kept(void **state)
{
    assert_string_equal(find(*state, "", "a", "{}"), "");
}

static void it_is_found_by_its_call_and_tags(void **state)
{
    assert_int_equal(keep(*state, "t=1", "a", "{}", "one", 10000), LLMGW_OK);
    assert_int_equal(keep(*state, "t=2", "a", "{}", "two", 10000), LLMGW_OK);
    assert_string_equal(find(*state, "t=1", "a", "{}"), "one");
    assert_string_equal(find(*state, "t=2", "a", "{}"), "two");
    assert_string_equal(find(*state, "t=3", "a", "{}"), "");
    assert_string_equal(find(*state, "t=1", "b", "{}"), "");
}

static void the_newest_of_one_id_is_found(void **state)
{
    assert_int_equal(keep(*state, "", "a", "{}", "one", 10000), LLMGW_OK);
    assert_int_equal(keep(*state, "", "a", "{}", "two", 10000), LLMGW_OK);
    assert_string_equal(find(*state, "", "a", "{}"), "two");
}

static void arguments_are_compared_as_values(void **state)
{
    static const char told[] = "{\"a\":[1,true,\"\xc3\xa9\"]}";

    assert_int_equal(keep(*state, "", "a", told, "one", 10000), LLMGW_OK);
    assert_string_equal(
        find(*state, "", "a", "{ \"a\" : [1.0, true, \"\\u00e9\"] }"), "one");
    assert_string_equal(find(*state, "", "a", "{\"a\":[1,false,\"\xc3\xa9\"]}"),
                        "");
    assert_string_equal(find(*state, "", "a", "{\"a\":[1,true],\"b\":\"\"}"),
                        "");
    assert_int_equal(keep(*state, "", "b", "no JSON", "two", 10000), LLMGW_OK);
    assert_string_equal(find(*state, "", "b", "no JSON"), "two");
    assert_string_equal(find(*state, "", "b", "no  JSON"), "");
}

static void the_oldest_goes_when_there_is_no_room(void **state)
{
    char id[16];

    for (int i = 0; i < 100; i++) {
        (void)snprintf(id, sizeof id, "call%d", i);
        assert_int_equal(keep(*state, "", id, "{}", "state", 1000), LLMGW_OK);
        assert_true(((struct desk *)*state)->opaque.bytes <= 1000);
    }
    assert_string_equal(find(*state, "", "call0", "{}"), "");
    assert_string_equal(find(*state, "", "call99", "{}"), "state");
    /* one that is larger than all the room drives nobody out */
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    assert_int_equal(keep(*state, "", id, "{}", "state", 64), LLMGW_OK);
    assert_string_equal(find(*state, "", id, "{}"), "");
    assert_string_equal(find(*state, "", "call99", "{}"), "state");
}

static void an_answer_without_state_or_calls_is_not_kept(void **state)
{
    struct desk *desk = *state;
    struct llmgw__answer_choice choice = {.reasoning = LLMGW__LIT("Hm.")};

    assert_int_equal(keep(desk, "", "a", "{}", "", 10000), LLMGW_OK);
    assert_int_equal(llmgw__opaque_keep(&desk->opaque, LLMGW__LIT(""), &choice,
                                        10000, &desk->arena),
                     LLMGW_OK);
    assert_int_equal(desk->opaque.bytes, 0);
}

static void a_failed_allocation_keeps_nothing(void **state)
{
    struct desk *desk = *state;
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    for (; status != LLMGW_OK && nth < 100; nth++) {
        llmgw__arena_clear(&desk->arena);
        fail_allocation(nth);
        status = keep(desk, "", "a", "{\"a\":\"\\u00e9\"}", "one", 10000);
        if (!allow_allocations())
            break;
        assert_int_equal(status, LLMGW_E_NOMEM);
        assert_int_equal(desk->opaque.bytes, 0);
    }
    assert_true(nth >= 3);
    assert_int_equal(status, LLMGW_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_found_where_nothing_was_kept),
        TEST(it_is_found_by_its_call_and_tags),
        TEST(the_newest_of_one_id_is_found),
        TEST(arguments_are_compared_as_values),
        TEST(the_oldest_goes_when_there_is_no_room),
        TEST(an_answer_without_state_or_calls_is_not_kept),
        TEST(a_failed_allocation_keeps_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
