/*
 * Traps that others fell into: silence, limits, breakers, retries, and what
 * all that leaves in the ledger. Numbers are those of the list of traps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "route/breaker.h"
#include "support/caller.h"
#include "support/fast_clock.h"
#include "support/trap.h"

#define GROQ                                                                 \
    ",'grq':{'type':'groq','base_url':'$1/v1','api_key':'k'},'opr':{'type':" \
    "'openrouter','base_url':'$1/v1','api_key':'k'}"
#define ROUTE(first, second, members)                                          \
    "{'environment':false,'failover':{'retries':0},'providers':{" WIRES_AT(    \
        "1") GROQ ",'two':{'type':'openai','base_url':'$2/v1',"                \
                  "'api_key':'k2'},'tow':{'type':'anthropic','base_url':'$2'," \
                  "'api_key':'k2'}},'routes':{'r':{'targets':['" first         \
                  "','" second "']" members "}}"
#define TWO "two/gpt-4.1-mini"

/* --- T15, T17: what attempts leave --- */

struct rows {
    struct {
        llmgw_entry_state state;
        int64_t prompt, completion, cost;
        int32_t estimated, known;
    } list[8];
    size_t count;
};

static int32_t keep_row(const llmgw_entry *entry, void *userdata)
{
    struct rows *rows = userdata;
    const llmgw_usage *usage = llmgw_entry_usage(entry);
    size_t i = rows->count++;

    assert_true(i < 8);
    rows->list[i].state = llmgw_entry_get_state(entry);
    rows->list[i].prompt = llmgw_usage_count(usage, LLMGW_USAGE_PROMPT);
    rows->list[i].completion = llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION);
    rows->list[i].estimated = llmgw_entry_estimated(entry);
    rows->list[i].known = llmgw_entry_cost(entry, &rows->list[i].cost);
    return 0;
}

static struct rows rows_of(const struct trap *trap)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct rows rows = {.count = 0};

    filter.call_id = llmgw_call_id(trap->call);
    assert_int_equal(llmgw_ledger_read(trap->gateway, &filter, keep_row, &rows),
                     LLMGW_OK);
    return rows;
}

/* On every wire: broken, silent, cancelled. Only one tells its usage with each
 * record. */
static void t15_what_does_not_end_well_is_in_the_ledger_too(void **state)
{
    static const char *const scenarios[] = {
        "chunks=9 reset_after=4 delay_us=2000", "chunks=9 stall_after=4",
        "chunks=9 error_after=4", "chunks=9 delay_us=1000"};
    struct trap *trap = *state;

    trap->options.gap_ms = 300;
    for (size_t i = 0; i < WIRES * 4; i++) {
        struct rows rows;

        trap->stop_at = i % 4 == 3 ? 4 : 0;
        trap->how = scenarios[i % 4];
        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", scenarios[i % 4]);
        trap_ask(trap, i / 4, 1, "");
        rows = rows_of(trap);
        assert_int_equal(rows.count, 1);
        assert_int_equal(rows.list[0].state, i % 4 == 3 ? LLMGW_ENTRY_CANCELLED
                                                        : LLMGW_ENTRY_FAILED);
        if (rows.list[0].prompt <= 0 || rows.list[0].completion <= 0 ||
            (!rows.list[0].estimated && i / 4 != GOO))
            fail_msg("%s (%s): %lld in, %lld out, estimated %d",
                     wire_models[i / 4].wire, trap->how,
                     (long long)rows.list[0].prompt,
                     (long long)rows.list[0].completion,
                     (int)rows.list[0].estimated);
    }
    trap->stop_at = 0;
    trap->options.gap_ms = 0;
}

static void t15_an_attempt_that_lost_a_race_is_in_the_ledger_too(void **state)
{
    struct trap *trap = *state;
    struct rows rows;

    trap_configure(trap,
                   ROUTE("oai/gpt-4.1", TWO, ",'hedge':{'at_once':true}") "}");
    fake_script(trap->fake, "POST", "stall_after=0");
    trap_ask_model(trap, "r", 1, "");
    trap_answered(trap, NULL);
    rows = rows_of(trap);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.list[0].state, LLMGW_ENTRY_CANCELLED);
    assert_int_equal(rows.list[0].estimated, 1);
    assert_true(rows.list[0].prompt > 0);
    assert_int_equal(rows.list[1].state, LLMGW_ENTRY_ANSWERED);
    assert_int_equal(rows.list[1].estimated, 0);
    trap_configure(trap, NULL);
}

static void t17_what_a_provider_told_of_a_failure_counts(void **state)
{
    struct trap *trap = *state;
    struct rows rows;

    trap_reply(trap, ANT,
               "{'type':'message_start','message':{'id':'i','role':"
               "'assistant','content':[],'usage':{'input_tokens':777,"
               "'output_tokens':1}}}\n"
               "{'type':'content_block_start','index':0,'content_block':{"
               "'type':'text','text':''}}\n"
               "{'type':'content_block_delta','index':0,'delta':{'type':"
               "'text_delta','text':'Well, '}}",
               "");
    trap_ask(trap, ANT, 1, "");
    trap_failed(trap, LLMGW_KIND_PROTOCOL);
    rows = rows_of(trap);
    assert_int_equal(rows.list[0].state, LLMGW_ENTRY_FAILED);
    assert_int_equal(rows.list[0].prompt, 777);
    /* an attempt that was refused has used nothing */
    fake_clear(trap->fake);
    fake_script(trap->fake, "POST", "status=500");
    trap_ask(trap, OAI, 1, "");
    rows = rows_of(trap);
    assert_int_equal(rows.list[0].state, LLMGW_ENTRY_FAILED);
    assert_true(rows.list[0].completion <= 0);
    assert_true(!rows.list[0].known || rows.list[0].cost == 0);
}

/* --- T19 to T22: time --- */

static void t19_retry_after_is_told_in_many_ways(void **state)
{
    static const struct {
        size_t wire;
        const char *headers, *scenario;
        int64_t least, most;
    } rows[] = {
        {OAI, "Retry-After: 7\r\n", "error=rate_limit", 7000, 7000},
        {OAI, "retry-after-ms: 1500\r\nRetry-After: 9\r\n", "error=rate_limit",
         1500, 1500},
        {OAI, "x-ms-retry-after-ms: 2500\r\n", "error=rate_limit", 2500, 2500},
        {ANT, "Retry-After: 0.5\r\n", "error=rate_limit", 500, 500},
        {GOO, "", "error=rate_limit retry_after=3", 3000, 3000},
        {OAI,
         "Date: Mon, 23 Nov 2026 04:00:00 GMT\r\n"
         "Retry-After: Mon, 23 Nov 2026 04:00:05 GMT\r\n",
         "error=rate_limit", 5000, 5000},
        {BED, "", "error=rate_limit", -1, -1},
    };
    struct trap *trap = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t told;

        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", rows[i].scenario);
        fake_headers(trap->fake, rows[i].headers);
        trap_ask(trap, rows[i].wire, 1, "");
        trap_failed(trap, LLMGW_KIND_RATE_LIMIT);
        told = llmgw_error_retry_after_ms(llmgw_call_error(trap->call));
        assert_true(told >= rows[i].least && told <= rows[i].most);
    }
}

/* Not even where the route would rather wait. */
static void t19_what_is_later_than_the_deadline_is_not_waited_for(void **state)
{
    struct trap *trap = *state;

    trap_configure(
        trap, ROUTE("oai/gpt-4.1", TWO,
                    ",'retries':3,'when_limited':'wait','total_ms':30000") "}");
    fake_script(trap->fake, "POST", "error=rate_limit retry_after=86400");
    trap_ask_model(trap, "r", 1, "");
    trap_answered(trap, NULL);
    assert_int_equal(llmgw_call_attempt_count(trap->call), 2);
    assert_true(llmgw_call_duration_ns(trap->call) < 30000000000u);
    trap_configure(trap, NULL);
}

/* T33: a head is no content. */
static void t20_t33_silence_is_timed_from_the_start_to_content(void **state)
{
    static const char *const scenarios[] = {"stall_before", "stall_after=0",
                                            "content_delay_ms=60000"};
    struct trap *trap = *state;

    trap->options.first_ms = 150;
    for (size_t i = 0; i < WIRES * 3; i++) {
        trap->how = scenarios[i % 3];
        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", scenarios[i % 3]);
        trap_ask(trap, i / 3, 1, "");
        trap_failed(trap, LLMGW_KIND_TIMEOUT);
        assert_int_equal(llmgw_error_get_limit(llmgw_call_error(trap->call)),
                         LLMGW_LIMIT_FIRST);
        assert_int_equal(llmgw_call_first_content_ns(trap->call), 0);
    }
    trap->options.first_ms = 0;
}

static void t21_retries_and_fallbacks_share_their_limits(void **state)
{
    static const char config[] =
        ROUTE("oai/gpt-4.1", TWO,
              ",'retries':8,'max_attempts':5,'total_ms':600000") "}";
    struct trap *trap = *state;

    trap->clock = fast_clock(1000);
    trap_configure(trap, config);
    fake_script(trap->fake, "POST", "status=500");
    fake_script(trap->other, "POST", "status=500");
    trap_ask_model(trap, "r", 1, "");
    trap_failed(trap, LLMGW_KIND_SERVER_ERROR);
    assert_int_equal(llmgw_call_attempt_count(trap->call), 5);
    /* one deadline for them all */
    trap->clock = NULL;
    trap->options.timeout_ms = 400;
    trap_configure(trap, config);
    fake_script(trap->fake, "POST", "stall_before");
    fake_script(trap->other, "POST", "stall_before");
    trap_ask_model(trap, "r", 1, "");
    trap_failed(trap, LLMGW_KIND_DEADLINE);
    assert_int_equal(llmgw_error_get_limit(llmgw_call_error(trap->call)),
                     LLMGW_LIMIT_TOTAL);
    trap->options.timeout_ms = 0;
    trap_configure(trap, NULL);
}

static void t22_refusals_that_are_limits_are_sent_elsewhere(void **state)
{
    static const struct {
        const char *config;
        int status;
        const char *body;
    } rows[] = {
        {ROUTE("ant/claude-sonnet-4-5", TWO, "") "}", 400,
         "{'type':'error','error':{'type':'invalid_request_error','message':"
         "'You have reached your specified API usage limits. You will regain "
         "access on 2026-12-01 at 00:00 UTC.'}}"},
        {ROUTE("ant/claude-sonnet-4-5", TWO, "") "}", 400,
         "{'type':'error','error':{'type':'invalid_request_error','message':"
         "'Your credit balance is too low to access the Anthropic API.'}}"},
        {ROUTE("grq/llama-3.3-70b-versatile", TWO, "") "}", 400,
         "{'error':{'message':'Failed to call a function. Please adjust your "
         "prompt.','type':'invalid_request_error','code':'tool_use_failed',"
         "'failed_generation':'<function=x'}}"},
        {ROUTE("opr/openai/gpt-4.1", TWO, "") "}", 401,
         "{'error':{'message':'User not found.','code':401}}"},
    };
    struct trap *trap = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *body = caller_quotes(rows[i].body);

        trap_configure(trap, rows[i].config);
        fake_reply(trap->fake, "POST", rows[i].status,
                   "Content-Type: application/json\r\n",
                   llmgw__str_n(body, strlen(body)), "");
        trap->how = body;
        trap_ask_model(trap, "r", 1, "");
        trap_answered(trap, NULL);
        assert_int_equal(llmgw_call_attempt_count(trap->call), 2);
    }
    trap_configure(trap, NULL);
}

/* --- T23 to T25: breakers --- */

#define BREAKER                                                    \
    ",'breaker':{'failures':2,'window_ms':600000,'open_ms':60000," \
    "'max_open_ms':60000}}"

/** @return requests that the first target got of one more call */
static size_t asked_first(struct trap *trap)
{
    size_t before = fake_requests(trap->fake);

    fake_clear(trap->fake);
    trap_ask_model(trap, "r", 1, "");
    trap_answered(trap, NULL);
    return fake_requests(trap->fake) - before;
}

static void t23_the_callers_own_doing_opens_no_breaker(void **state)
{
    static const struct {
        const char *scenario;
        size_t asked;
        size_t stop;
    } rows[] = {{"error=invalid_request", 1, 0}, {"error=content_filter", 1, 0},
                {"error=context_length", 1, 0},  {"chunks=9", 1, 3},
                {"finish=content_filter", 1, 0}, {"status=500", 0, 0}};
    struct trap *trap = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        trap_configure(trap, ROUTE("oai/gpt-4.1", TWO, "") BREAKER);
        trap->keep = true;
        trap->stop_at = rows[i].stop;
        for (size_t k = 0; k < 5; k++) {
            fake_clear(trap->fake);
            fake_script(trap->fake, "POST", rows[i].scenario);
            trap_ask_model(trap, "r", 1, "");
        }
        trap->stop_at = 0;
        trap->how = rows[i].scenario;
        assert_int_equal(asked_first(trap), rows[i].asked);
    }
    trap_configure(trap, NULL);
}

static void t24_when_all_are_open_somebody_is_asked_or_nobody(void **state)
{
    static const char *const configs[] = {
        ROUTE("oai/gpt-4.1", TWO, "") BREAKER,
        ROUTE("oai/gpt-4.1", TWO, ",'when_open':'fail'") BREAKER};
    struct trap *trap = *state;

    for (size_t i = 0; i < 2; i++) {
        size_t before;

        trap_configure(trap, configs[i]);
        trap->keep = true;
        fake_script(trap->fake, "POST", "status=500");
        fake_script(trap->other, "POST", "status=500");
        for (int k = 0; k < 4; k++) {
            trap_ask_model(trap, "r", 1, "");
            trap_failed(trap, LLMGW_KIND_NONE);
        }
        fake_clear(trap->fake);
        fake_clear(trap->other);
        before = fake_requests(trap->fake) + fake_requests(trap->other);
        trap_ask_model(trap, "r", 1, "");
        if (i == 0) {
            trap_answered(trap, NULL);
            continue;
        }
        trap_failed(trap, LLMGW_KIND_NONE);
        assert_int_equal(fake_requests(trap->fake) + fake_requests(trap->other),
                         before);
        assert_non_null(
            strstr(llmgw_error_message(llmgw_call_error(trap->call)), "open"));
    }
    trap_configure(trap, NULL);
}

static llmgw_status no_random(void *userdata, void *out, size_t len)
{
    (void)userdata;
    memset(out, 0, len);
    return LLMGW_OK;
}

static void t25_an_old_success_closes_nothing_and_a_probes_does(void **state)
{
    static const struct llmgw__breaker_setting setting = {.failures = 2,
                                                          .window_ms = 60000,
                                                          .outcomes = 10,
                                                          .ratio_pm = 500,
                                                          .open_ms = 1000,
                                                          .max_open_ms = 1000};
    static const struct llmgw__provider provider = {.name = "p"};
    static const struct llmgw__target target = {
        .provider = &provider, .model = "m", .id = "p/m"};
    struct llmgw__random random = {.fill = no_random};
    struct llmgw__breaker_pass old[3], probe, late;
    struct llmgw__breaker_look look;
    struct llmgw__breakers breakers;

    (void)state;
    assert_int_equal(llmgw__breakers_init(&breakers, &random), LLMGW_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(llmgw__breaker_pass(&breakers, &setting, &target,
                                             false, 1000, &old[i]),
                         LLMGW__BREAKER_CLOSED);
    for (size_t i = 0; i < 2; i++)
        llmgw__breaker_tell(&breakers, &setting, &target, &old[i],
                            LLMGW__OUTCOME_FAILED, 2000);
    llmgw__breaker_look(&breakers, &target, 3000, &look);
    assert_int_equal(look.word, LLMGW__BREAKER_OPEN);
    llmgw__breaker_tell(&breakers, &setting, &target, &old[2],
                        LLMGW__OUTCOME_GOOD, 3000);
    llmgw__breaker_look(&breakers, &target, 3000, &look);
    assert_int_equal(look.word, LLMGW__BREAKER_OPEN);
    assert_int_equal(llmgw__breaker_pass(&breakers, &setting, &target, false,
                                         look.due_ns + 1, &probe),
                     LLMGW__BREAKER_PROBE);
    assert_int_equal(llmgw__breaker_pass(&breakers, &setting, &target, false,
                                         look.due_ns + 2, &late),
                     LLMGW__BREAKER_OPEN);
    llmgw__breaker_tell(&breakers, &setting, &target, &probe,
                        LLMGW__OUTCOME_GOOD, look.due_ns + 3);
    llmgw__breaker_look(&breakers, &target, look.due_ns + 4, &look);
    assert_int_equal(look.word, LLMGW__BREAKER_CLOSED);
    llmgw__breakers_clear(&breakers);
}

/* --- T27: what there is of budgets: the most that a call may cost --- */

static void t27_attempts_together_keep_to_the_calls_cost(void **state)
{
    struct trap *trap = *state;
    size_t before;

    trap_configure(trap,
                   ROUTE("oai/gpt-4.1", TWO, ",'max_cost_usd':'0.000001'") "}");
    before = fake_requests(trap->fake) + fake_requests(trap->other);
    trap_ask_model(trap, "r", 1, ",'max_tokens':100");
    trap_failed(trap, LLMGW_KIND_NONE);
    assert_int_equal(llmgw_error_get_limit(llmgw_call_error(trap->call)),
                     LLMGW_LIMIT_COST);
    assert_int_equal(fake_requests(trap->fake) + fake_requests(trap->other),
                     before);
    /* the first attempt has used it up: no second one is made */
    trap_configure(trap,
                   ROUTE("oai/gpt-4.1", TWO, ",'max_cost_usd':'0.01'") "}");
    trap_reply(trap, OAI,
               "{'choices':[],'usage':{'prompt_tokens':1000000,"
               "'completion_tokens':0}}\n{'error':{'message':'Overloaded',"
               "'code':503}}",
               "");
    before = fake_requests(trap->fake) + fake_requests(trap->other);
    trap_ask_model(trap, "r", 1, ",'max_tokens':100");
    trap_failed(trap, LLMGW_KIND_NONE);
    assert_int_equal(fake_requests(trap->fake) + fake_requests(trap->other),
                     before + 1);
    trap_configure(trap, NULL);
}

#define ONE_AT_A_TIME                                                    \
    "{'environment':false,'failover':{'retries':0},'providers':{'one':{" \
    "'type':'openai','base_url':'$1/v1','api_key':'k','limits':{"        \
    "'concurrent':1}},'two':{'type':'openai','base_url':'$2/v1',"        \
    "'api_key':'k2'}},'routes':{'r':{'targets':['one/gpt-4.1','" TWO "']}}}"

/* A call that runs has the only room there is. */
static void t27_room_is_not_given_twice(void **state)
{
    struct trap *trap = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *running;
    llmgw_loop *loop;
    size_t before;

    trap_configure(trap, ONE_AT_A_TIME);
    fake_script(trap->fake, "POST", "stall_after=0");
    before = fake_requests(trap->fake);
    options.on_done = fast_clock_ignore_done;
    assert_int_equal(llmgw_request_create("r", &request), LLMGW_OK);
    assert_int_equal(llmgw_request_add_text(request, "user", LLMGW__LIT("x")),
                     LLMGW_OK);
    assert_int_equal(llmgw_loop_create(trap->gateway, &loop), LLMGW_OK);
    assert_int_equal(llmgw_chat_start(loop, request, &options, &running),
                     LLMGW_OK);
    while (fake_requests(trap->fake) == before)
        assert_int_equal(llmgw_loop_run(loop, 1), LLMGW_OK);
    trap_ask_model(trap, "r", 1, "");
    trap_answered(trap, NULL);
    assert_int_equal(fake_requests(trap->fake), before + 1);
    llmgw_call_cancel(running);
    while (llmgw_loop_active(loop))
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    llmgw_call_free(running);
    assert_int_equal(asked_first(trap), 1);
    llmgw_request_free(request);
    llmgw_loop_free(loop);
    trap_configure(trap, NULL);
}

/* --- T32: going on --- */

static void t32_only_who_can_goes_on_with_an_answer(void **state)
{
    static const struct {
        const char *config, *scenario;
        int answered, prefill;
    } rows[] = {
        {ROUTE("oai/gpt-4.1", "tow/claude-haiku-4-5",
               ",'on_break':'continue'") "}",
         "", 1, 1},
        {ROUTE("oai/gpt-4.1", "tow/claude-sonnet-5",
               ",'on_break':'continue'") "}",
         "", 0, 0},
        {ROUTE("oai/gpt-4.1", "tow/claude-sonnet-5",
               ",'on_break':'continue','continue_by':'instruction'") "}",
         "repeat=20", 1, 0},
    };
    struct trap *trap = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const char whole[] =
            "One two three four five six seven eight nine.";
        size_t before;
        char log[128];

        trap_configure(trap, rows[i].config);
        fake_script(
            trap->fake, "POST",
            "text='One two three four five six seven eight nine.' drop_after=6");
        (void)snprintf(log, sizeof log, "text='%s' %s", whole,
                       rows[i].scenario);
        fake_script(trap->other, "POST", log);
        before = fake_requests(trap->other);
        trap_ask_model(trap, "r", 1, "");
        if (!rows[i].answered) {
            trap_failed(trap, LLMGW_KIND_NONE);
            assert_string_equal(trap->log, "T\"One two three four five six\"");
            assert_int_equal(fake_requests(trap->other), before);
            continue;
        }
        (void)snprintf(log, sizeof log, "T\"%s\"F:stop", whole);
        trap_answered(trap, log);
        assert_string_equal(
            caller_text(llmgw_response_text(llmgw_call_response(trap->call))),
            whole);
        assert_int_equal(
            strstr(fake_request(trap->other, before).body, "ontinue") == NULL,
            rows[i].prefill);
    }
    trap_configure(trap, NULL);
}

/* --- T34: slow, and alive --- */

static void t34_a_stream_may_be_too_slow(void **state)
{
    struct trap *trap = *state;

    trap->clock = fast_clock(200);
    trap->options.min_tokens_per_s = 20;
    trap->options.gap_ms = 60000;
    trap->options.timeout_ms = LLMGW_NO_LIMIT;
    trap_configure(trap, NULL);
    for (size_t wire = 0; wire < WIRES; wire++) {
        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", "chunks=400 delay_us=5000");
        trap_ask(trap, wire, 1, "");
        trap_failed(trap, LLMGW_KIND_TIMEOUT);
        assert_int_equal(llmgw_error_get_limit(llmgw_call_error(trap->call)),
                         LLMGW_LIMIT_THROUGHPUT);
    }
    trap->options.min_tokens_per_s = 0;
    trap->options.gap_ms = trap->options.timeout_ms = 0;
    trap->clock = NULL;
    trap_configure(trap, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t15_what_does_not_end_well_is_in_the_ledger_too),
        cmocka_unit_test(t15_an_attempt_that_lost_a_race_is_in_the_ledger_too),
        cmocka_unit_test(t17_what_a_provider_told_of_a_failure_counts),
        cmocka_unit_test(t19_retry_after_is_told_in_many_ways),
        cmocka_unit_test(t19_what_is_later_than_the_deadline_is_not_waited_for),
        cmocka_unit_test(t20_t33_silence_is_timed_from_the_start_to_content),
        cmocka_unit_test(t21_retries_and_fallbacks_share_their_limits),
        cmocka_unit_test(t22_refusals_that_are_limits_are_sent_elsewhere),
        cmocka_unit_test(t23_the_callers_own_doing_opens_no_breaker),
        cmocka_unit_test(t24_when_all_are_open_somebody_is_asked_or_nobody),
        cmocka_unit_test(t25_an_old_success_closes_nothing_and_a_probes_does),
        cmocka_unit_test(t27_attempts_together_keep_to_the_calls_cost),
        cmocka_unit_test(t27_room_is_not_given_twice),
        cmocka_unit_test(t32_only_who_can_goes_on_with_an_answer),
        cmocka_unit_test(t34_a_stream_may_be_too_slow),
    };

    return cmocka_run_group_tests(tests, trap_set_up, trap_tear_down);
}
