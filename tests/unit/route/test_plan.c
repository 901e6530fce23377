/*
 * Whom to ask, in what order: by what the models are known to lack, by the
 * room they have, by what their breakers and limits say, by the route's policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "route/needs.h"
#include "route/plan.h"
#include "route/router.h"
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

#define START (1000 * LLMGW__SECOND)

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
static struct llmgw__provider second_provider;
static struct llmgw__route route;
static struct llmgw__catalog catalog;
static struct llmgw__router router;
static uint64_t now_ns;

static int set_up(void **state)
{
    static const char *const ids[] = {"p/a", "p/b", "p/c"};

    (void)state;
    memset(prices, 0, sizeof prices);
    memset(targets, 0, sizeof targets);
    memset(&provider, 0, sizeof provider);
    memset(&second_provider, 0, sizeof second_provider);
    memset(&route, 0, sizeof route);
    memset(&catalog, 0, sizeof catalog);
    provider.name = "p";
    second_provider.name = "q";
    now_ns = START;
    for (int i = 0; i < 3; i++) {
        targets[i].provider = &provider;
        targets[i].id = ids[i];
        targets[i].model = ids[i] + 2;
        targets[i].price = &prices[i];
    }
    catalog.breaker = (struct llmgw__breaker_setting){
        .failures = 3,
        .window_ms = 60000,
        .outcomes = 10,
        .ratio_pm = 500,
        .open_ms = 10000,
        .max_open_ms = 300000,
    };
    route.name = "r";
    route.targets = targets;
    route.target_count = 3;
    llmgw__arena_init(&arena, 0, 0);
    return llmgw__router_init(&router, &llmgw__random_system);
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__arena_clear(&arena);
    llmgw__router_clear(&router);
    return 0;
}

static struct llmgw__plan_ask ask_for(const struct llmgw__chat *chat)
{
    return (struct llmgw__plan_ask){
        .router = &router,
        .catalog = &catalog,
        .route = &route,
        .chat = chat,
        .tags = LLMGW__LIT("team=blue"),
        .now_ns = now_ns,
    };
}

/** "a: reason; -b: reason; …": who is asked, and who is not ("-"). */
static const char *planned(struct llmgw__chat *chat, uint8_t *lacked)
{
    static char out[600];
    const struct llmgw__plan_ask ask = ask_for(chat);
    struct llmgw__plan plan;

    assert_int_equal(llmgw__plan_make(&plan, &ask, &arena), LLMGW_OK);
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

#define A  "a: in the route's order"
#define A1 "a: it is its turn"
#define B  "b: in the route's order"
#define C  "c: in the route's order"

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

/* --- conditions --- */

static void who_is_there_for_other_requests_is_left_out(void **state)
{
    const struct llmgw__when tools = {.tools = 1, .images = -1, .stream = -1};
    const struct llmgw__when red = {
        .tags = "team=red", .tools = -1, .images = -1, .stream = -1};
    struct llmgw__chat chat;
    uint8_t lacked;

    (void)state;
    targets[0].when = &tools;
    targets[1].when = &red;
    assert_string_equal(
        planned(parse(&chat, ASK("'a'")), NULL),
        "-a: its route has it for requests with, or without, tools; -b: its "
        "route has it for requests with other tags; " C);
    assert_string_equal(planned(parse(&chat, WITH(TOOLS)), NULL),
                        A "; -b: its route has it for requests with other "
                          "tags; " C);
    targets[2].when = &red;
    assert_non_null(
        strstr(planned(parse(&chat, ASK("'a'")), &lacked), "-c: its route"));
    assert_int_equal(lacked, 0);
}

/* --- who is handed out --- */

static uint8_t asked_when_open; /* the request's word */

/** The candidates handed out, one after the other; '!': all the same. */
static const char *handed_out(const char *text, struct llmgw__plan *plan)
{
    static char out[20];
    const struct llmgw__candidate *candidate;
    struct llmgw__chat chat;
    struct llmgw__plan_ask ask;
    size_t len = 0;
    bool rests;

    parse(&chat, text);
    chat.conduct.when_open = asked_when_open;
    ask = ask_for(&chat);
    assert_int_equal(llmgw__plan_make(plan, &ask, &arena), LLMGW_OK);
    while ((candidate = llmgw__plan_next(plan, &rests)) != NULL) {
        assert_true(candidate->usable && len + 3 < sizeof out);
        if (rests)
            out[len++] = '!';
        out[len++] = candidate->target->model[0];
    }
    out[len] = '\0';
    llmgw__chat_clear(&chat);
    return out;
}

static void a_plan_of_nobody_hands_out_nobody(void **state)
{
    const struct llmgw__when never = {.tools = 1, .images = 1, .stream = 1};
    struct llmgw__plan plan;

    (void)state;
    for (int i = 0; i < 3; i++)
        targets[i].when = &never;
    for (uint8_t p = 0; p <= LLMGW__POLICY_STICKY; p++) {
        route.policy = p;
        route.target_count = 3;
        assert_string_equal(handed_out(ASK("'a'"), &plan), "");
        route.target_count = 0;
        assert_string_equal(handed_out(ASK("'a'"), &plan), "");
    }
}

/** So many attempts at it fail now. */
static void fail_at(const struct llmgw__target *target, int times)
{
    while (times--) {
        struct llmgw__breaker_pass pass;

        (void)llmgw__breaker_pass(&router.breakers, &catalog.breaker, target,
                                  false, now_ns, &pass);
        llmgw__breaker_tell(&router.breakers, &catalog.breaker, target, &pass,
                            LLMGW__OUTCOME_FAILED, now_ns);
    }
}

static void whose_breaker_is_open_is_asked_when_nobody_else_is_left(void **st)
{
    struct llmgw__plan plan;

    (void)st;
    targets[1].provider = &second_provider;
    fail_at(&targets[0], 3);
    assert_string_equal(handed_out(ASK("'a'"), &plan), "bc!a");
    assert_true(plan.candidates[0].due_ns > now_ns);
    now_ns += LLMGW__SECOND;
    fail_at(&targets[1], 3);
    fail_at(&targets[2], 3);
    assert_int_equal(handed_out(ASK("'a'"), &plan)[1], 'a'); /* due first */
    assert_int_equal(strlen(handed_out(ASK("'a'"), &plan)), 6);
    assert_non_null(
        strstr(plan.candidates[1].reason, "its breaker is open, for "));
}

static void who_did_not_let_us_pass_is_not_asked_again(void **state)
{
    struct llmgw__candidate *candidate;
    struct llmgw__plan plan;
    bool rests;

    (void)state;
    fail_at(&targets[0], 3);
    assert_string_equal(handed_out(ASK("'a'"), &plan), "bc!a");
    plan.candidates[0].usable = false;
    plan.candidates[0].open = true; /* it was open all the same */
    assert_null(llmgw__plan_next(&plan, &rests));
    plan.candidates[1].usable = false; /* it has opened meanwhile */
    plan.candidates[1].open = true;
    candidate = llmgw__plan_next(&plan, &rests);
    assert_ptr_equal(candidate, &plan.candidates[1]);
    assert_true(rests);
    assert_null(llmgw__plan_next(&plan, &rests));
}

static void whoever_says_so_first_fails_fast(void **state)
{
    struct llmgw__plan plan;

    (void)state;
    for (int i = 0; i < 3; i++)
        fail_at(&targets[i], 3);
    catalog.conduct.when_open = LLMGW__OPEN_FAIL;
    assert_string_equal(handed_out(ASK("'a'"), &plan), "");
    for (size_t i = 0; i < 3; i++)
        assert_non_null(
            strstr(plan.candidates[i].reason, "its breaker is open, for "));
    route.conduct.when_open = LLMGW__OPEN_EARLIEST;
    assert_int_equal(strlen(handed_out(ASK("'a'"), &plan)), 6);
    route.conduct.when_open = LLMGW__OPEN_FAIL;
    assert_string_equal(handed_out(ASK("'a'"), &plan), "");
    asked_when_open = LLMGW__OPEN_EARLIEST;
    assert_int_equal(strlen(handed_out(ASK("'a'"), &plan)), 6);
    asked_when_open = 0;
}

static void whom_the_host_has_shut_is_not_asked(void **state)
{
    struct llmgw__plan plan;

    (void)state;
    assert_int_equal(llmgw__breaker_force(&router.breakers, LLMGW__LIT("p/b"),
                                          LLMGW__FORCE_OPEN, now_ns),
                     LLMGW_OK);
    assert_string_equal(handed_out(ASK("'a'"), &plan), "ac");
    assert_string_equal(plan.candidates[1].reason,
                        "its breaker was opened by hand");
}

static void what_rests_is_asked_before_what_is_open(void **state)
{
    struct llmgw__candidate *candidate;
    struct llmgw__plan plan;
    bool rests;

    (void)state;
    fail_at(&targets[0], 3);
    (void)handed_out(ASK("'a'"), &plan);
    plan.candidates[0].usable = false;
    plan.candidates[0].insisted = false;
    plan.candidates[0].open = true;
    llmgw__plan_put_off(&plan.candidates[2], 1500000, &arena);
    assert_string_equal(plan.candidates[2].reason,
                        "its keys rest, the first for 2 ms more");
    candidate = llmgw__plan_next(&plan, &rests);
    assert_ptr_equal(candidate, &plan.candidates[2]);
    assert_true(rests);
    assert_ptr_equal(llmgw__plan_next(&plan, &rests), &plan.candidates[0]);
    assert_null(llmgw__plan_next(&plan, &rests));
}

/* --- how they stand --- */

static void a_half_open_breaker_keeps_its_place(void **state)
{
    struct llmgw__chat chat;

    (void)state;
    fail_at(&targets[0], 3);
    now_ns += 10 * LLMGW__SECOND;
    assert_string_equal(planned(parse(&chat, ASK("'a'")), NULL),
                        A "; its breaker is half-open; " B "; " C);
}

static void a_failure_is_told_and_moves_nobody(void **state)
{
    struct llmgw__chat chat;

    (void)state;
    fail_at(&targets[1], 1);
    assert_string_equal(planned(parse(&chat, ASK("'a'")), NULL),
                        A "; " B "; its latest attempt failed; " C);
}

static void who_is_of_a_suspect_provider_comes_later(void **state)
{
    struct llmgw__target other = {.provider = &provider, .id = "p/z"};
    struct llmgw__chat chat;

    (void)state;
    targets[2].provider = &second_provider;
    targets[2].id = "q/c";
    fail_at(&other, 3);
    fail_at(&targets[1], 3);
    assert_non_null(strstr(planned(parse(&chat, ASK("'a'")), NULL),
                           C "; a: "
                             "late: other models of its provider fail"));
}

/** An attempt at it begins, with this key. */
static void begin(const struct llmgw__target *target, const char *key_id,
                  struct llmgw__throttle_hold *hold)
{
    const struct llmgw__throttle_ask ask = {.catalog = &catalog,
                                            .target = target,
                                            .key_id = key_id,
                                            .now_ns = now_ns};
    uint64_t back;
    char why[100];

    hold->count = 0;
    assert_int_equal(llmgw__throttle_take(&router.throttle, &ask, hold, &back,
                                          why, sizeof why),
                     LLMGW_OK);
}

static void end_both(struct llmgw__throttle_hold *hold)
{
    for (int i = 0; i < 2; i++)
        llmgw__throttle_give_back(&router.throttle, &hold[i], 0, now_ns);
}

static void whom_a_limit_has_no_room_for_comes_later(void **state)
{
    const struct llmgw__quota one = {.requests = 1}, single = {.concurrent = 1};
    struct llmgw__throttle_hold hold[2];
    struct llmgw__chat chat;

    (void)state;
    targets[0].quota = &one;
    targets[1].quota = &single;
    assert_string_equal(planned(parse(&chat, ASK("'a'")), NULL),
                        A "; " B "; " C);
    begin(&targets[0], "p", &hold[0]);
    begin(&targets[1], "p", &hold[1]);
    assert_string_equal(planned(parse(&chat, ASK("'a'")), NULL),
                        C "; a: late: its rate limits have no room for 60000 "
                          "ms more; b: late: as many of it are under way as "
                          "its limits allow");
    end_both(hold);
    assert_string_equal(planned(parse(&chat, ASK("'a'")), NULL),
                        B "; " C "; a: late: its rate limits have no room for "
                          "60000 ms more");
}

static void another_key_may_have_room(void **state)
{
    static const struct llmgw__key keys[] = {{NULL, "p 1"}, {NULL, "p 2"}};
    struct llmgw__throttle_hold hold[2];
    struct llmgw__chat chat;

    (void)state;
    provider.quota.requests = 1;
    provider.keys = keys;
    provider.key_count = 2;
    targets[2].provider = &second_provider;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(planned(parse(&chat, ASK("'a'")), NULL)[0], 'a');
        begin(&targets[0], keys[i].id, &hold[i]);
        now_ns += 20 * LLMGW__SECOND;
    }
    assert_int_equal(planned(parse(&chat, ASK("'a'")), NULL)[0], 'c');
    assert_non_null(strstr(planned(parse(&chat, ASK("'a'")), NULL),
                           "no room for 20000 ms more")); /* the first key */
    end_both(hold);
}

static void a_policy_orders_those_who_stand_alike(void **state)
{
    struct llmgw__chat chat;

    (void)state;
    route.policy = LLMGW__POLICY_ROUND_ROBIN;
    prices[0].context_window = 1000;
    for (int i = 0; i < 3; i++) {
        const char *who = planned(parse(&chat, text_of(4004)), NULL);

        assert_true(who[0] == 'b' || who[0] == 'c');
        assert_non_null(strstr(who, "a: late: the prompt may be too long"));
    }
    assert_string_equal(planned(parse(&chat, ASK("'a'")), NULL),
                        A1 "; b: its turn comes later; c: its turn comes "
                           "later");
    assert_int_equal(planned(parse(&chat, ASK("'a'")), NULL)[0], 'b');
    fail_at(&targets[2], 3);
    assert_non_null(strstr(planned(parse(&chat, ASK("'a'")), NULL),
                           "; -c: its breaker is open, for "));
}

static void a_conversation_sticks_to_its_target(void **state)
{
    struct llmgw__chat chat;
    int firsts[3] = {0};

    (void)state;
    route.policy = LLMGW__POLICY_STICKY;
    for (int i = 0; i < 60; i++) {
        char text[200];
        int first;

        (void)snprintf(text, sizeof text,
                       "{'model':'r','messages':[{'role':'user','content':"
                       "'%d'}]}",
                       i);
        first = planned(parse(&chat, text), NULL)[0];
        firsts[first - 'a']++;
        (void)snprintf(text, sizeof text,
                       "{'model':'r','messages':[{'role':'user','content':"
                       "'%d'},{'role':'assistant','content':'x'},{'role':"
                       "'user','content':'y'}]}",
                       i);
        assert_int_equal(planned(parse(&chat, text), NULL)[0], first);
    }
    for (int i = 0; i < 3; i++)
        assert_in_range(firsts[i], 8, 34);
}

static void room_that_an_open_one_has_counts(void **state)
{
    struct llmgw__plan plan;

    (void)state;
    prices[0].context_window = 8000;
    prices[1].context_window = prices[2].context_window = 100;
    assert_string_equal(handed_out(text_of(16016), &plan), "a");
    fail_at(&targets[0], 3);
    assert_string_equal(handed_out(text_of(16016), &plan), "!a");
    prices[1].context_window = 8000;
    prices[0].context_window = 100;
    assert_string_equal(handed_out(text_of(16016), &plan), "b");
}

static void a_plain_route_costs_one_allocation_and_leaves_nothing(void **state)
{
    struct llmgw__arena small;
    struct llmgw__plan_ask ask;
    struct llmgw__plan plan;
    struct llmgw__chat chat;
    size_t before;

    (void)state;
    route.target_count = 1;
    parse(&chat, ASK("'a'"));
    ask = ask_for(&chat);
    llmgw__arena_init(&small, 0, 0);
    before = allocation_count();
    assert_int_equal(llmgw__plan_make(&plan, &ask, &small), LLMGW_OK);
    assert_int_equal(allocation_count() - before, 1);
    assert_int_equal(router.breakers.states.count, 0);
    assert_int_equal(router.throttle.buckets.all.count, 0);
    assert_int_equal(router.turns.routes.count, 0);
    llmgw__arena_clear(&small);
    llmgw__chat_clear(&chat);
}

static void without_memory_for_reasons_the_order_stays(void **state)
{
    struct llmgw__chat chat;
    llmgw_status status = LLMGW_E_NOMEM;
    int nth, failed = 1;

    (void)state;
    fail_at(&targets[0], 3);
    fail_at(&targets[1], 1);
    for (nth = 0; failed; nth++) {
        struct llmgw__arena small;
        struct llmgw__plan_ask ask;
        struct llmgw__plan plan;

        parse(&chat, ASK("'a'"));
        ask = ask_for(&chat);
        llmgw__arena_init(&small, 1, 0); /* each text asks anew */
        fail_allocation(nth);
        status = llmgw__plan_make(&plan, &ask, &small);
        failed = allow_allocations();
        if (status == LLMGW_OK) {
            assert_true(plan.candidates[0].open && plan.candidates[1].usable);
            assert_non_null(strstr(plan.candidates[0].reason, "breaker is "
                                                              "open"));
            assert_non_null(strstr(plan.candidates[1].reason, "in the route"));
        }
        llmgw__arena_clear(&small);
        llmgw__chat_clear(&chat);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth >= 3);
}

static void planning_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    prices[0].cannot = LLMGW__CAN_VISION;
    for (int nth = 0; nth < 4; nth++) {
        struct llmgw__arena small;
        struct llmgw__chat chat;
        struct llmgw__plan_ask ask;
        struct llmgw__plan plan;

        parse(&chat, IMAGE);
        ask = ask_for(&chat);
        llmgw__arena_init(&small, 0, 0);
        fail_allocation(nth);
        status = llmgw__plan_make(&plan, &ask, &small);
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
        TEST(who_is_there_for_other_requests_is_left_out),
        TEST(a_plan_of_nobody_hands_out_nobody),
        TEST(whose_breaker_is_open_is_asked_when_nobody_else_is_left),
        TEST(who_did_not_let_us_pass_is_not_asked_again),
        TEST(whoever_says_so_first_fails_fast),
        TEST(whom_the_host_has_shut_is_not_asked),
        TEST(what_rests_is_asked_before_what_is_open),
        TEST(a_half_open_breaker_keeps_its_place),
        TEST(a_failure_is_told_and_moves_nobody),
        TEST(who_is_of_a_suspect_provider_comes_later),
        TEST(whom_a_limit_has_no_room_for_comes_later),
        TEST(another_key_may_have_room),
        TEST(a_policy_orders_those_who_stand_alike),
        TEST(a_conversation_sticks_to_its_target),
        TEST(room_that_an_open_one_has_counts),
        TEST(a_plain_route_costs_one_allocation_and_leaves_nothing),
        TEST(without_memory_for_reasons_the_order_stays),
        TEST(planning_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
