/*
 * Free probes: a provider that could not be reached is asked for its list of
 * models, beside the calls, until it answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/gateway.h"
#include "base/clock.h"
#include "base/text.h"
#include "call/probe.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

/* '$1' is probed, '$2' answers calls that take their time */
#define CONFIG                                                         \
    "{'environment':false,'providers':{"                               \
    "'near':{'type':'openai','base_url':'$1/v1','api_key':'sk-near'}," \
    "'open':{'type':'ollama','base_url':'$1'},"                        \
    "'slow':{'type':'openai','base_url':'$2/v1','api_key':'sk-slow'}}}"

static const struct llmgw__breaker_setting usual = {.failures = 3,
                                                    .window_ms = 60000,
                                                    .outcomes = 10,
                                                    .ratio_pm = 500,
                                                    .open_ms = 10000,
                                                    .max_open_ms = 300000};

struct probes {
    struct fake *fake;
    struct fake *other;
    llmgw_gateway *gateway;
    llmgw_loop *loop;
    struct llmgw__catalog *catalog;
    struct llmgw__breakers breakers;
    struct llmgw__target target;
    llmgw_call *call;
    int done;
};

static uint64_t ahead_ns; /* of the real clock */

static uint64_t shifted_clock(void *userdata)
{
    (void)userdata;
    return llmgw__clock_monotonic() + ahead_ns;
}

static void on_done(llmgw_call *call, void *userdata)
{
    (void)call;
    ((struct probes *)userdata)->done++;
}

static void open_probes(struct probes *it, const char *provider)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_clock clock = {sizeof clock, 0, NULL, shifted_clock, NULL, NULL};

    memset(it, 0, sizeof *it);
    ahead_ns = 0;
    it->fake = fake_start();
    it->other = fake_start();
    options.clock = &clock;
    it->gateway = caller_open_with(&options, CONFIG, fake_url(it->fake),
                                   fake_url(it->other), "");
    assert_int_equal(llmgw_loop_create(it->gateway, &it->loop), LLMGW_OK);
    it->catalog = llmgw__gateway_catalog(it->gateway);
    assert_non_null(it->catalog);
    it->catalog->breaker = usual;
    assert_int_equal(
        llmgw__breakers_init(&it->breakers, &it->gateway->core.random),
        LLMGW_OK);
    it->target.provider =
        llmgw__catalog_provider(it->catalog, llmgw__str(provider));
    assert_non_null(it->target.provider);
    it->target.model = "m";
    it->target.id = "probed/m";
}

static void close_probes(struct probes *it)
{
    llmgw_loop_free(it->loop);
    llmgw_call_free(it->call);
    llmgw__breakers_clear(&it->breakers);
    llmgw__catalog_drop(it->catalog);
    llmgw_gateway_close(it->gateway);
    fake_stop(it->fake);
    fake_stop(it->other);
}

static uint64_t now_of(const struct probes *it)
{
    return llmgw__driver_clock(&it->loop->driver);
}

static void break_it(struct probes *it, enum llmgw__outcome outcome)
{
    uint64_t now = now_of(it);

    for (int i = 0; i < 3; i++) {
        struct llmgw__breaker_pass pass;

        llmgw__breaker_pass(&it->breakers, &it->catalog->breaker, &it->target,
                            false, now, &pass);
        llmgw__breaker_tell(&it->breakers, &it->catalog->breaker, &it->target,
                            &pass, outcome, now);
    }
}

static enum llmgw__breaker_word stands(struct probes *it)
{
    struct llmgw__breaker_look seen;

    llmgw__breaker_look(&it->breakers, &it->target, now_of(it), &seen);
    return seen.word;
}

static void look(struct probes *it)
{
    llmgw__probe_look(&it->loop->driver, &it->breakers, it->catalog,
                      &it->target);
}

/* A call that is under way until its loop is freed. */
static void start_call(struct probes *it)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;

    fake_script(it->other, "", "stall_before");
    options.on_done = on_done;
    options.userdata = it;
    options.timeout_ms = LLMGW_NO_LIMIT;
    options.first_ms = LLMGW_NO_LIMIT;
    assert_int_equal(llmgw_request_create("slow/m", &request), LLMGW_OK);
    assert_int_equal(
        llmgw_request_add_text(request, "user", LLMGW__LIT("well?")), LLMGW_OK);
    assert_int_equal(llmgw_chat_start(it->loop, request, &options, &it->call),
                     LLMGW_OK);
    llmgw_request_free(request);
}

/* Drive until nothing but calls are served on the loop. */
static void run_out(struct probes *it)
{
    size_t calls = it->call && !it->done;

    for (;;) {
        size_t jobs = 0;

        for (struct llmgw__job *job = it->loop->driver.jobs; job;
             job = job->next)
            jobs++;
        if (jobs == calls)
            return;
        assert_int_equal(llmgw_loop_run(it->loop, 20), LLMGW_OK);
    }
}

static void run_until_asked(struct probes *it, size_t times)
{
    while (fake_requests(it->fake) < times)
        assert_int_equal(llmgw_loop_run(it->loop, 20), LLMGW_OK);
}

static void an_answer_lets_the_next_call_probe(void **state)
{
    struct probes it;
    struct fake_request request;

    (void)state;
    open_probes(&it, "near");
    break_it(&it, LLMGW__OUTCOME_UNREACHABLE);
    look(&it); /* too soon */
    assert_null(it.loop->driver.jobs);
    ahead_ns += 2 * LLMGW__SECOND;
    look(&it);
    look(&it); /* one at a time */
    assert_int_equal(stands(&it), LLMGW__BREAKER_OPEN);
    assert_int_equal(llmgw_loop_active(it.loop), 0);
    run_out(&it);
    assert_int_equal(stands(&it), LLMGW__BREAKER_PROBE);
    assert_int_equal(fake_requests(it.fake), 1);
    request = fake_request(it.fake, 0);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/v1/models");
    assert_string_equal(caller_text(fake_header(&request, "authorization")),
                        "Bearer sk-near");
    close_probes(&it);
}

static void any_answer_means_that_it_is_reached(void **state)
{
    static const char *const answers[] = {"status=500", "status=401", "empty",
                                          "chunks=100000"};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct probes it;

        open_probes(&it, "open"); /* which needs no key */
        fake_script(it.fake, "", answers[i]);
        break_it(&it, LLMGW__OUTCOME_UNREACHABLE);
        ahead_ns += 2 * LLMGW__SECOND;
        look(&it);
        run_out(&it);
        assert_int_equal(stands(&it), LLMGW__BREAKER_PROBE);
        assert_string_equal(fake_request(it.fake, 0).path, "/api/tags");
        close_probes(&it);
    }
}

static void it_goes_on_while_calls_are_under_way(void **state)
{
    struct probes it;

    (void)state;
    open_probes(&it, "near");
    fake_script(it.fake, "", "drop_before");
    break_it(&it, LLMGW__OUTCOME_UNREACHABLE);
    start_call(&it);
    ahead_ns += 2 * LLMGW__SECOND;
    look(&it);
    run_until_asked(&it, 1);
    assert_true(llmgw_loop_timeout_ms(it.loop) <= 2000);
    ahead_ns += 2 * LLMGW__SECOND;
    run_until_asked(&it, 2);
    assert_int_equal(stands(&it), LLMGW__BREAKER_OPEN);
    fake_clear(it.fake);
    ahead_ns += 2 * LLMGW__SECOND;
    run_until_asked(&it, 3);
    run_out(&it);
    assert_int_equal(stands(&it), LLMGW__BREAKER_PROBE);
    assert_int_equal(fake_requests(it.fake), 3);
    close_probes(&it);
}

static void it_ends_with_the_calls_and_when_a_call_may_tell(void **state)
{
    struct probes it;

    (void)state;
    open_probes(&it, "near");
    fake_script(it.fake, "", "drop_before");
    break_it(&it, LLMGW__OUTCOME_UNREACHABLE);
    ahead_ns += 2 * LLMGW__SECOND;
    look(&it); /* no calls: once */
    run_out(&it);
    assert_int_equal(fake_requests(it.fake), 1);
    start_call(&it);
    ahead_ns += 2 * LLMGW__SECOND;
    look(&it);
    run_until_asked(&it, 2);
    ahead_ns += 6 * LLMGW__SECOND; /* due by now */
    run_out(&it);
    assert_int_equal(fake_requests(it.fake), 2);
    close_probes(&it);
}

static void it_ends_with_its_loop_wherever_it_is(void **state)
{
    static const char *const sends[] = {"stall_before", "drop_before"};

    (void)state;
    for (size_t i = 0; i < sizeof sends / sizeof *sends; i++) {
        struct probes it;

        open_probes(&it, "near");
        fake_script(it.fake, "", sends[i]);
        break_it(&it, LLMGW__OUTCOME_UNREACHABLE);
        start_call(&it);
        ahead_ns += 2 * LLMGW__SECOND;
        look(&it);
        run_until_asked(&it, 1);
        close_probes(&it);
    }
}

static void what_cannot_be_told_is_not_asked(void **state)
{
    struct llmgw__provider provider;
    struct llmgw__dialect dialect;
    struct probes it;

    (void)state;
    open_probes(&it, "near");
    break_it(&it, LLMGW__OUTCOME_FAILED); /* it answers, and badly */
    ahead_ns += 2 * LLMGW__SECOND;
    look(&it);
    assert_null(it.loop->driver.jobs);
    close_probes(&it);
    for (int i = 0; i < 3; i++) {
        open_probes(&it, "near");
        provider = *it.target.provider;
        dialect = *provider.dialect;
        provider.dialect = &dialect;
        it.target.provider = &provider;
        if (i == 0)
            dialect.models = NULL; /* there is no list */
        else
            provider.api_key = NULL; /* not a configured one */
        provider.needs_key = i == 1;
        provider.key_may_come = i == 2;
        break_it(&it, LLMGW__OUTCOME_UNREACHABLE);
        ahead_ns += 2 * LLMGW__SECOND;
        look(&it);
        assert_null(it.loop->driver.jobs);
        close_probes(&it);
    }
}

static void it_survives_every_failed_allocation(void **state)
{
    int nth = 0, failed = 0;

    (void)state;
    do {
        struct probes it;

        open_probes(&it, "near");
        break_it(&it, LLMGW__OUTCOME_UNREACHABLE);
        ahead_ns += 2 * LLMGW__SECOND;
        fail_allocation(nth++);
        look(&it);
        run_out(&it);
        if (allow_allocations() == 0)
            nth = 0;
        else
            failed++;
        if (nth && stands(&it) == LLMGW__BREAKER_OPEN) { /* made later */
            ahead_ns += 2 * LLMGW__SECOND;
            look(&it);
            run_out(&it);
        }
        assert_int_equal(stands(&it), LLMGW__BREAKER_PROBE);
        close_probes(&it);
    } while (nth);
    assert_true(failed > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_lets_the_next_call_probe),
        cmocka_unit_test(any_answer_means_that_it_is_reached),
        cmocka_unit_test(it_goes_on_while_calls_are_under_way),
        cmocka_unit_test(it_ends_with_the_calls_and_when_a_call_may_tell),
        cmocka_unit_test(it_ends_with_its_loop_wherever_it_is),
        cmocka_unit_test(what_cannot_be_told_is_not_asked),
        cmocka_unit_test(it_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
