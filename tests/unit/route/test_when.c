/*
 * For which requests a target of a route is there; the tags of a call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"
#include "route/when.h"
#include "schema/tags.h"

#define ANY .tools = -1, .images = -1, .stream = -1

static const char tags[] = "team=blue,user=u-1,empty=";

static struct llmgw__message messages[2];
static struct llmgw__chat chat;
static struct llmgw__needs needs;

static int set_up(void **state)
{
    static const struct llmgw__chat nothing;

    (void)state;
    chat = nothing;
    messages[0].role = LLMGW__ROLE_USER;
    messages[1].role = LLMGW__ROLE_ASSISTANT;
    chat.messages = messages;
    chat.message_count = 1;
    needs = (struct llmgw__needs){0, 0};
    return 0;
}

static const char *against(const struct llmgw__when *when)
{
    const struct llmgw__when_ask ask = {&chat, &needs, llmgw__str(tags)};

    return llmgw__when_against(when, &ask);
}

static void nothing_said_holds_for_all(void **state)
{
    const struct llmgw__when any = {ANY};

    (void)state;
    assert_null(against(&any));
    needs = (struct llmgw__needs){0xff, UINT64_MAX};
    chat.stream = true;
    assert_null(against(&any));
}

static void every_tag_that_is_said_must_be_there(void **state)
{
    static const struct {
        const char *wanted;
        bool holds;
    } cases[] = {
        {"team=blue", true},
        {"user=u-1", true},
        {"user=u-1,team=blue", true},
        {"team=blu", false},
        {"team=blue2", false},
        {"eam=blue", false},
        {"team", false},
        {"team=blue,user=u-2", false},
        {"team=red,user=u-1", false},
        {"other=blue", false},
        {"empty=", true},
        {"empty=x", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct llmgw__when when = {.tags = cases[i].wanted, ANY};

        if (!against(&when) != cases[i].holds)
            fail_msg("%s", cases[i].wanted);
    }
}

static void a_yes_or_no_holds_for_its_own(void **state)
{
    (void)state;
    for (int has = 0; has < 2; has++)
        for (int8_t wanted = -1; wanted < 2; wanted++) {
            const struct llmgw__when tools = {
                .tools = wanted, .images = -1, .stream = -1};
            const struct llmgw__when images = {
                .tools = -1, .images = wanted, .stream = -1};
            const struct llmgw__when stream = {
                .tools = -1, .images = -1, .stream = wanted};
            bool holds = wanted < 0 || wanted == has;

            needs.abilities = has ? LLMGW__CAN_TOOLS : LLMGW__CAN_VISION;
            assert_int_equal(!against(&tools), holds);
            needs.abilities = has ? LLMGW__CAN_VISION : LLMGW__CAN_TOOLS;
            assert_int_equal(!against(&images), holds);
            chat.stream = has;
            assert_int_equal(!against(&stream), holds);
        }
}

static void all_abilities_that_are_said_must_be_needed(void **state)
{
    const struct llmgw__when both = {ANY, .needs = LLMGW__CAN_TOOLS |
                                                   LLMGW__CAN_VISION};

    (void)state;
    needs.abilities = LLMGW__CAN_TOOLS;
    assert_string_equal(against(&both), "its route has it for requests that "
                                        "need more");
    needs.abilities = LLMGW__CAN_TOOLS | LLMGW__CAN_VISION | LLMGW__CAN_PDF;
    assert_null(against(&both));
}

static void what_may_be_done_in_another_way_is_a_need_here(void **state)
{
    const struct llmgw__when schema = {ANY, .needs = LLMGW__CAN_JSON_SCHEMA};
    const struct llmgw__when reasons = {ANY, .needs = LLMGW__CAN_REASONING};
    const struct llmgw__when prefill = {ANY, .needs = LLMGW__CAN_PREFILL};

    (void)state;
    assert_non_null(against(&schema));
    chat.format = LLMGW__FORMAT_JSON_OBJECT;
    assert_non_null(against(&schema));
    chat.format = LLMGW__FORMAT_JSON_SCHEMA;
    assert_null(against(&schema));
    assert_non_null(against(&reasons));
    chat.effort = LLMGW__EFFORT_NONE;
    assert_non_null(against(&reasons));
    chat.effort = LLMGW__EFFORT_MINIMAL;
    assert_null(against(&reasons));
    assert_non_null(against(&prefill));
    chat.message_count = 2;
    assert_null(against(&prefill));
    chat.message_count = 0;
    assert_non_null(against(&prefill));
}

static void a_prompt_has_a_token_for_four_bytes(void **state)
{
    const struct llmgw__when when = {ANY, .min_tokens = 100, .max_tokens = 200};
    static const struct {
        uint64_t bytes;
        const char *against;
    } cases[] = {
        {0, "its route has it for longer prompts"},
        {399, "its route has it for longer prompts"},
        {400, NULL},
        {803, NULL},
        {804, "its route has it for shorter prompts"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *told;

        needs.bytes = cases[i].bytes;
        told = against(&when);
        assert_int_equal(!told, !cases[i].against);
        if (told)
            assert_string_equal(told, cases[i].against);
    }
}

static void assert_value(const char *of, const char *name, const char *value)
{
    llmgw_str got = llmgw__tags_value(llmgw__str(of), name);

    assert_int_equal(!got.data, !value);
    if (value)
        assert_true(llmgw__str_is(got, value));
}

static void a_tag_s_value_is_found_by_its_whole_name(void **state)
{
    (void)state;
    assert_value(tags, "team", "blue");
    assert_value(tags, "user", "u-1");
    assert_value(tags, "empty", "");
    assert_value(tags, "tea", NULL);
    assert_value(tags, "teams", NULL);
    assert_value(tags, "blue", NULL);
    assert_value("", "team", NULL);
    assert_value("team", "team", NULL);
    assert_value("a=1,a=2", "a", "1");
}

static void no_tags_have_no_first_one(void **state)
{
    llmgw_str none = {NULL, 0}, tag;

    (void)state;
    assert_false(llmgw__tags_next(&none, &tag));
    assert_true(llmgw__tags_have(none, none));
    assert_false(llmgw__tags_have(none, LLMGW__LIT("a=1")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(nothing_said_holds_for_all),
        TEST(every_tag_that_is_said_must_be_there),
        TEST(a_yes_or_no_holds_for_its_own),
        TEST(all_abilities_that_are_said_must_be_needed),
        TEST(what_may_be_done_in_another_way_is_a_need_here),
        TEST(a_prompt_has_a_token_for_four_bytes),
        TEST(a_tag_s_value_is_found_by_its_whole_name),
        TEST(no_tags_have_no_first_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
