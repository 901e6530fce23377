/*
 * Whom to ask, in what order: by what the models are known to lack, and by the
 * room they have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "route/needs.h"
#include "route/plan.h"
#include "support/alloc.h"

#define ASK(content) \
    "{'model':'r','messages':[{'role':'user','content':" content "}]}"
#define PART(part) ASK("[{'type':'text','text':'a'}," part "]")
#define IMAGE      PART("{'type':'image_url','image_url':{'url':'x:y'}}")
#define AUDIO \
    PART("{'type':'input_audio','input_audio':{'data':'AAAA','format':'wav'}}")
#define FILE_OF(members) PART("{'type':'file','file':{" members "}}")
#define TOOLS            "'tools':[{'type':'function','function':{'name':'f'}}]"
#define WITH(members) \
    "{'model':'r','messages':[{'role':'user','content':'a'}]," members "}"
#define SCHEMA                                                           \
    "'response_format':{'type':'json_schema','json_schema':{'name':'n'," \
    "'schema':{}}}"

static struct llmgw__arena arena;
static char request[300000];

static struct llmgw__chat *parse(struct llmgw__chat *chat, const char *text)
{
    struct llmgw__error error;
    size_t len = strlen(text);

    assert_true(len < sizeof request);
    for (size_t i = 0; i <= len; i++)
        request[i] = text[i] == '\'' ? '"' : text[i];
    llmgw__error_clear(&error);
    if (llmgw__chat_parse(chat, llmgw__str_n(request, len), &arena, &error))
        fail_msg("%s: %s", error.param, error.message);
    return chat;
}

/* Three models of one provider that needs no key. */
static struct llmgw__price prices[3];
static struct llmgw__target targets[3];
static struct llmgw__provider provider;
static struct llmgw__route route;

static int set_up(void **state)
{
    static const char *const ids[] = {"p/a", "p/b", "p/c"};

    (void)state;
    memset(prices, 0, sizeof prices);
    memset(targets, 0, sizeof targets);
    memset(&provider, 0, sizeof provider);
    memset(&route, 0, sizeof route);
    for (int i = 0; i < 3; i++) {
        targets[i].provider = &provider;
        targets[i].id = ids[i];
        targets[i].model = ids[i] + 2;
        targets[i].price = &prices[i];
    }
    route.targets = targets;
    route.target_count = 3;
    llmgw__arena_init(&arena, 0, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__arena_clear(&arena);
    return 0;
}

/** "a: reason; -b: reason; …": who is asked, and who is not ("-"). */
static const char *planned(struct llmgw__chat *chat, uint8_t *lacked)
{
    static char out[600];
    struct llmgw__plan plan;

    assert_int_equal(llmgw__plan_make(&plan, chat, &route, &arena), LLMGW_OK);
    out[0] = '\0';
    for (size_t i = 0; i < plan.count; i++)
        snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s%s: %s",
                 i ? "; " : "", plan.candidates[i].usable ? "" : "-",
                 plan.candidates[i].target->model, plan.candidates[i].reason);
    if (lacked)
        *lacked = plan.lacked;
    llmgw__chat_clear(chat);
    return out;
}

#define A "a: in the route's order"
#define B "b: in the route's order"
#define C "c: in the route's order"

static void a_request_needs_what_stands_in_it(void **state)
{
    static const struct {
        const char *text;
        uint8_t needs;
    } cases[] = {
        {ASK("'a'"), 0},
        {IMAGE, LLMGW__CAN_VISION},
        {AUDIO, LLMGW__CAN_AUDIO},
        {FILE_OF("'file_data':'data:application/pdf;base64,AAAA'"),
         LLMGW__CAN_PDF},
        {FILE_OF("'file_data':'data:application\\/pdf;base64,AAAA'"),
         LLMGW__CAN_PDF},
        {FILE_OF("'file_data':'JVBERi0x'"), LLMGW__CAN_PDF},
        {FILE_OF("'file_data':'AAAA','filename':'a.PDF'"), LLMGW__CAN_PDF},
        {FILE_OF("'file_data':'data:text/plain;base64,AAAA'"), 0},
        {FILE_OF("'file_id':'file-1'"), 0},
        {WITH(TOOLS), LLMGW__CAN_TOOLS},
        {WITH("'functions':[{'name':'f'}]"), LLMGW__CAN_TOOLS},
        {WITH(TOOLS ",'tool_choice':'none'"), 0},
        {WITH(SCHEMA), 0},
        {WITH(SCHEMA ",'llmgw':{'strict':true}"), LLMGW__CAN_JSON_SCHEMA},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__chat chat;
        struct llmgw__needs needs;

        llmgw__needs_read(&needs, parse(&chat, cases[i].text));
        if (needs.abilities != cases[i].needs)
            fail_msg("%s: needs %d", cases[i].text, needs.abilities);
        llmgw__chat_clear(&chat);
    }
}

static void who_is_known_to_lack_it_is_left_out(void **state)
{
    struct llmgw__chat chat;
    uint8_t lacked;

    (void)state;
    prices[0].cannot = LLMGW__CAN_VISION | LLMGW__CAN_AUDIO;
    prices[1].can = LLMGW__CAN_VISION;
    prices[1].cannot = LLMGW__CAN_TOOLS;
    assert_string_equal(planned(parse(&chat, IMAGE), &lacked),
                        "-a: the model lacks vision; " B "; " C);
    assert_int_equal(lacked, 0);
    assert_string_equal(planned(parse(&chat, ASK("'a'")), NULL),
                        A "; " B "; " C);
    assert_string_equal(planned(parse(&chat, WITH(TOOLS)), NULL),
                        A "; -b: the model lacks tools; " C);
}

static void of_a_model_nobody_knows_nothing_is_held_against_it(void **state)
{
    struct llmgw__chat chat;

    (void)state;
    for (int i = 0; i < 3; i++)
        targets[i].price = NULL;
    assert_string_equal(planned(parse(&chat, IMAGE), NULL), A "; " B "; " C);
}

static void all_may_lack_it_each_in_its_way(void **state)
{
    struct llmgw__chat chat;
    uint8_t lacked;

    (void)state;
    for (int i = 0; i < 3; i++)
        prices[i].cannot =
            i ? LLMGW__CAN_AUDIO : LLMGW__CAN_AUDIO | LLMGW__CAN_VISION;
    assert_string_equal(planned(parse(&chat, AUDIO), &lacked),
                        "-a: the model lacks audio; -b: the model lacks "
                        "audio; -c: the model lacks audio");
    assert_int_equal(lacked, LLMGW__CAN_AUDIO);
}

static void what_is_lacked_is_told_with_its_place(void **state)
{
    static const struct {
        const char *text;
        uint8_t lacked;
        const char *param, *code;
    } cases[] = {
        {IMAGE, LLMGW__CAN_VISION, "messages[0].content[1]",
         "unsupported_content"},
        {WITH(TOOLS), LLMGW__CAN_TOOLS, "tools", "unsupported_parameter"},
        {WITH(SCHEMA), LLMGW__CAN_JSON_SCHEMA, "response_format",
         "unsupported_parameter"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__chat chat;
        struct llmgw__error error;

        parse(&chat, cases[i].text);
        llmgw__error_setz(&error, LLMGW_KIND_UNSUPPORTED_PARAMETER, "no");
        llmgw__needs_blame(&chat, cases[i].lacked, &error);
        assert_string_equal(error.param, cases[i].param);
        assert_string_equal(error.code, cases[i].code);
        llmgw__chat_clear(&chat);
    }
}

static void a_missing_key_is_told_before_a_missing_ability(void **state)
{
    struct llmgw__chat chat;
    uint8_t lacked;

    (void)state;
    provider.needs_key = true;
    route.target_count = 1;
    prices[0].cannot = LLMGW__CAN_VISION;
    assert_string_equal(planned(parse(&chat, IMAGE), &lacked),
                        "-a: no API key");
    assert_int_equal(lacked, 0);
}

/** A request of that many bytes of text. */
static const char *text_of(size_t bytes)
{
    static char text[300000];

    memset(text, 'x', sizeof text);
    memcpy(text, "{'model':'r','messages':[{'role':'user','content':'", 51);
    memcpy(text + 51 + bytes, "'}]}", 5);
    return text;
}

static void who_has_room_comes_first(void **state)
{
    struct llmgw__chat chat;

    (void)state;
    prices[0].context_window = 1000;
    prices[1].context_window = 8000;
    assert_string_equal(planned(parse(&chat, text_of(4000)), NULL),
                        A "; " B "; " C);
    assert_string_equal(planned(parse(&chat, text_of(4004)), NULL),
                        B "; " C "; a: late: the prompt may be too long for "
                          "its context window");
    assert_string_equal(planned(parse(&chat, text_of(16016)), NULL),
                        "-a: the prompt is too long for its context window; " B
                        "; " C);
}

static void where_nobody_has_room_the_roomiest_are_asked(void **state)
{
    struct llmgw__chat chat;

    (void)state;
    prices[0].context_window = 1000;
    prices[1].context_window = 8000;
    prices[2].context_window = 1000;
    assert_string_equal(planned(parse(&chat, text_of(40000)), NULL),
                        "-a: the prompt is too long for its context window; " B
                        "; -c: the prompt is too long for its context window");
    prices[1].context_window = 1000;
    assert_string_equal(planned(parse(&chat, text_of(40000)), NULL),
                        A "; " B "; " C);
    assert_string_equal(planned(parse(&chat, text_of(8000)), NULL),
                        A "; " B "; " C);
}

static void media_take_no_room_that_is_known(void **state)
{
    struct llmgw__chat chat;
    struct llmgw__needs needs;

    (void)state;
    llmgw__needs_read(
        &needs,
        parse(&chat,
              "{'model':'r','messages':[{'role':'user','content':[{'type':"
              "'image_url','image_url':{'url':'data:image/png;base64,AAAA'}},"
              "{'type':'text','text':'12345'}]},{'role':'assistant','content':"
              "null,'reasoning_content':'123','tool_calls':[{'id':'1','type':"
              "'function','function':{'name':'f','arguments':'{}'}}]}],'tools':"
              "[{'type':'function','function':{'name':'f','description':'1234',"
              "'parameters':{}}}]}"));
    assert_int_equal(needs.bytes, 5 + 3 + 2 + 4 + 2);
    llmgw__chat_clear(&chat);
}

static void planning_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    prices[0].cannot = LLMGW__CAN_VISION;
    for (int nth = 0; nth < 4; nth++) {
        struct llmgw__arena small;
        struct llmgw__chat chat;
        struct llmgw__plan plan;

        parse(&chat, IMAGE);
        llmgw__arena_init(&small, 0, 0);
        fail_allocation(nth);
        status = llmgw__plan_make(&plan, &chat, &route, &small);
        allow_allocations();
        if (status == LLMGW_OK)
            assert_true(!plan.candidates[0].usable &&
                        strstr(plan.candidates[0].reason, "lacks"));
        llmgw__arena_clear(&small);
        llmgw__chat_clear(&chat);
        if (nth == 0)
            assert_int_equal(status, LLMGW_E_NOMEM);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_request_needs_what_stands_in_it),
        TEST(who_is_known_to_lack_it_is_left_out),
        TEST(of_a_model_nobody_knows_nothing_is_held_against_it),
        TEST(all_may_lack_it_each_in_its_way),
        TEST(what_is_lacked_is_told_with_its_place),
        TEST(a_missing_key_is_told_before_a_missing_ability),
        TEST(who_has_room_comes_first),
        TEST(where_nobody_has_room_the_roomiest_are_asked),
        TEST(media_take_no_room_that_is_known),
        TEST(planning_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
