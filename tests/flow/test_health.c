/*
 * Health: how targets stand is read, all of them are listed, and breakers are
 * set by the host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/gateway.h"
#include "base/clock.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define CONFIG                                                        \
    "{'environment':false,'failover':{'retries':0},'providers':{"     \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'sk-one'},"  \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'sk-two'}}," \
    "'routes':{'r':{'targets':['one/m','two/m']},"                    \
    "'s':{'targets':['two/m','one/n/o']}}}"

struct healths {
    struct fake *one;
    struct fake *two;
    llmgw_gateway *gateway;
};

static uint64_t ahead_ns; /* of the real clock */

static uint64_t shifted_clock(void *userdata)
{
    (void)userdata;
    return llmgw__clock_monotonic() + ahead_ns;
}

static void open_healths(struct healths *it)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_clock clock = {sizeof clock, 0, NULL, shifted_clock, NULL, NULL};

    ahead_ns = 0;
    it->one = fake_start();
    it->two = fake_start();
    options.clock = &clock;
    it->gateway = caller_open_with(&options, CONFIG, fake_url(it->one),
                                   fake_url(it->two), "");
}

static void close_healths(struct healths *it)
{
    llmgw_gateway_close(it->gateway);
    fake_stop(it->one);
    fake_stop(it->two);
}

static llmgw_health read_it(const struct healths *it, const char *target)
{
    llmgw_health health = LLMGW_HEALTH_INIT;

    assert_int_equal(llmgw_health_read(it->gateway, target, &health), LLMGW_OK);
    return health;
}

static void ask(const struct healths *it, const char *model, int times)
{
    for (int i = 0; i < times; i++) {
        static struct caller caller;

        memset(&caller, 0, sizeof caller);
        caller_ask(&caller, it->gateway, CALLER_BLOCKING, model, "well?");
        llmgw_call_free(caller.call);
    }
}

static void of_a_target_that_was_never_asked_nothing_is_known(void **state)
{
    struct healths it;
    llmgw_health health;

    (void)state;
    open_healths(&it);
    health = read_it(&it, "one/m");
    assert_int_equal(health.size, sizeof health);
    assert_int_equal(health.breaker, LLMGW_BREAKER_CLOSED);
    assert_int_equal(health.rule, LLMGW_BREAKER_BY_ITSELF);
    assert_int_equal(health.failures + health.opened + health.under_way, 0);
    assert_int_equal(health.suspect + health.keys_rest, 0);
    assert_int_equal(health.due_ms, 0);
    assert_int_equal(health.changed_ms, -1);
    assert_int_equal(health.keys_back_ms, 0);
    assert_int_equal(health.first_p50_ns, -1);
    assert_int_equal(health.first_p95_ns, -1);
    assert_int_equal(health.rate_p50, -1);
    close_healths(&it);
}

static void a_breaker_is_seen_to_open_and_to_close(void **state)
{
    struct healths it;
    llmgw_health health;

    (void)state;
    open_healths(&it);
    fake_script(it.one, "", "status=500");
    ask(&it, "r", 2);
    health = read_it(&it, "one/m");
    assert_int_equal(health.breaker, LLMGW_BREAKER_CLOSED);
    assert_int_equal(health.failures, 2);
    ask(&it, "r", 2);
    assert_int_equal(fake_requests(it.one), 3);
    health = read_it(&it, "one/m");
    assert_int_equal(health.breaker, LLMGW_BREAKER_OPEN);
    assert_int_equal(health.failures, 3);
    assert_int_equal(health.opened, 1);
    assert_in_range(health.due_ms, 1, 10000);
    assert_in_range(health.changed_ms, 0, 10000);
    ahead_ns += 10 * LLMGW__SECOND;
    health = read_it(&it, "one/m");
    assert_int_equal(health.breaker, LLMGW_BREAKER_HALF_OPEN);
    assert_int_equal(health.due_ms, 0);
    fake_clear(it.one);
    ask(&it, "one/m", 1);
    health = read_it(&it, "one/m");
    assert_int_equal(health.breaker, LLMGW_BREAKER_CLOSED);
    assert_int_equal(health.failures, 0);
    assert_int_equal(health.opened, 1);
    close_healths(&it);
}

static void the_host_drains_a_target_and_lets_it_back(void **state)
{
    struct healths it;
    llmgw_health health;

    (void)state;
    open_healths(&it);
    assert_int_equal(
        llmgw_breaker_set(it.gateway, "one/m", LLMGW_BREAKER_KEEP_OPEN),
        LLMGW_OK);
    health = read_it(&it, "one/m");
    assert_int_equal(health.breaker, LLMGW_BREAKER_OPEN);
    assert_int_equal(health.rule, LLMGW_BREAKER_KEEP_OPEN);
    assert_int_equal(health.due_ms, -1);
    ask(&it, "r", 2);
    assert_int_equal(fake_requests(it.one), 0);
    assert_int_equal(fake_requests(it.two), 2);
    assert_int_equal(
        llmgw_breaker_set(it.gateway, "one/m", LLMGW_BREAKER_BY_ITSELF),
        LLMGW_OK);
    ask(&it, "r", 1);
    assert_int_equal(fake_requests(it.one), 1);
    close_healths(&it);
}

static void what_is_kept_closed_is_asked_whatever_happens(void **state)
{
    struct healths it;
    llmgw_health health;

    (void)state;
    open_healths(&it);
    fake_script(it.one, "", "status=500");
    assert_int_equal(
        llmgw_breaker_set(it.gateway, "one/m", LLMGW_BREAKER_KEEP_CLOSED),
        LLMGW_OK);
    ask(&it, "r", 5);
    assert_int_equal(fake_requests(it.one), 5);
    health = read_it(&it, "one/m");
    assert_int_equal(health.breaker, LLMGW_BREAKER_CLOSED);
    assert_int_equal(health.rule, LLMGW_BREAKER_KEEP_CLOSED);
    assert_int_equal(health.failures, 5);
    close_healths(&it);
}

static void two_open_targets_make_a_third_suspect(void **state)
{
    struct healths it;

    (void)state;
    open_healths(&it);
    fake_script(it.one, "", "status=500");
    ask(&it, "one/a", 3);
    assert_int_equal(read_it(&it, "one/m").suspect, 0);
    ask(&it, "one/b", 3);
    assert_int_equal(read_it(&it, "one/m").suspect, 1);
    assert_int_equal(read_it(&it, "one/a").suspect, 0);
    assert_int_equal(read_it(&it, "two/m").suspect, 0);
    close_healths(&it);
}

static void how_fast_it_was_is_told(void **state)
{
    struct healths it;
    llmgw_health health;

    (void)state;
    open_healths(&it);
    fake_script(it.one, "", "chunks=20 content_delay_ms=2 delay_us=100");
    ask(&it, "one/m", 30);
    health = read_it(&it, "one/m");
    assert_true(health.first_p50_ns >= (int64_t)LLMGW__MS);
    assert_true(health.first_p95_ns >= health.first_p50_ns);
    assert_true(health.rate_p50 > 0);
    assert_int_equal(health.under_way, 0);
    close_healths(&it);
}

static void keys_that_rest_are_no_failures(void **state)
{
    struct healths it;
    llmgw_health health;

    (void)state;
    open_healths(&it);
    fake_script(it.one, "", "error=auth status=401");
    ask(&it, "r", 1);
    health = read_it(&it, "one/m");
    assert_int_equal(health.failures, 0);
    assert_int_equal(health.keys_rest, 1);
    assert_in_range(health.keys_back_ms, 299000, 300000);
    ahead_ns += 300 * LLMGW__SECOND;
    health = read_it(&it, "one/m");
    assert_int_equal(health.keys_rest, 0);
    assert_int_equal(health.keys_back_ms, 0);
    close_healths(&it);
}

/* --- all of them --- */

struct list {
    char text[256];
    int stop_after; /* 0: never */
    int count;
};

static int32_t note(llmgw_str target, const llmgw_health *health,
                    void *userdata)
{
    struct list *list = userdata;
    size_t len = strlen(list->text);

    assert_int_equal(health->size, sizeof *health);
    (void)snprintf(list->text + len, sizeof list->text - len, "%.*s:%d ",
                   (int)target.len, target.data, (int)health->breaker);
    return ++list->count == list->stop_after;
}

static void targets_of_routes_are_listed_then_those_asked_by_name(void **state)
{
    struct healths it;
    struct list list = {.stop_after = 0}, one = {.stop_after = 1};

    (void)state;
    open_healths(&it);
    ask(&it, "two/p", 1);
    ask(&it, "two/m", 1);
    assert_int_equal(
        llmgw_breaker_set(it.gateway, "one/n/o", LLMGW_BREAKER_KEEP_OPEN),
        LLMGW_OK);
    assert_int_equal(llmgw_health_list(it.gateway, note, &list), LLMGW_OK);
    assert_string_equal(list.text, "one/m:0 two/m:0 one/n/o:1 two/p:0 ");
    assert_int_equal(llmgw_health_list(it.gateway, note, &one), LLMGW_OK);
    assert_string_equal(one.text, "one/m:0 ");
    close_healths(&it);
}

static void a_list_survives_every_failed_allocation(void **state)
{
    struct healths it;
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    open_healths(&it);
    ask(&it, "two/p", 1);
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct list list = {.stop_after = 0};

        fail_allocation(nth);
        status = llmgw_health_list(it.gateway, note, &list);
        assert_int_equal(list.count, status == LLMGW_OK ? 4 : 0);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 5);
    allow_allocations();
    fail_allocation(0);
    assert_int_equal(
        llmgw_breaker_set(it.gateway, "two/z", LLMGW_BREAKER_KEEP_OPEN),
        LLMGW_E_NOMEM);
    allow_allocations();
    close_healths(&it);
}

static void misuse_is_told(void **state)
{
    static const char *const names[] = {"", "m", "/m", "one/", "three/m", "r"};
    llmgw_health health = LLMGW_HEALTH_INIT;
    struct healths it;

    (void)state;
    open_healths(&it);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(llmgw_health_read(it.gateway, names[i], &health),
                         LLMGW_E_INVALID);
        assert_int_equal(
            llmgw_breaker_set(it.gateway, names[i], LLMGW_BREAKER_KEEP_OPEN),
            LLMGW_E_INVALID);
    }
    assert_int_equal(llmgw_health_read(NULL, "one/m", &health),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_health_read(it.gateway, NULL, &health),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_health_read(it.gateway, "one/m", NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_health_list(NULL, note, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_health_list(it.gateway, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_breaker_set(NULL, "one/m", 0), LLMGW_E_INVALID);
    assert_int_equal(llmgw_breaker_set(it.gateway, NULL, 0), LLMGW_E_INVALID);
    assert_int_equal(llmgw_breaker_set(it.gateway, "one/m", 3),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_breaker_set(it.gateway, "one/m", -1),
                     LLMGW_E_INVALID);
    health.size = 0;
    assert_int_equal(llmgw_health_read(it.gateway, "one/m", &health),
                     LLMGW_E_INVALID);
    health.size = 5000;
    assert_int_equal(llmgw_health_read(it.gateway, "one/m", &health),
                     LLMGW_E_INVALID);
    close_healths(&it);
}

static void an_older_caller_is_told_what_it_has_room_for(void **state)
{
    struct healths it;
    llmgw_health health = LLMGW_HEALTH_INIT;

    (void)state;
    open_healths(&it);
    health.size = 48;
    health.keys_back_ms = 77;
    assert_int_equal(llmgw_health_read(it.gateway, "one/m", &health), LLMGW_OK);
    assert_int_equal(health.size, 48);
    assert_int_equal(health.changed_ms, -1);
    assert_int_equal(health.keys_back_ms, 77);
    close_healths(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_target_that_was_never_asked_nothing_is_known),
        cmocka_unit_test(a_breaker_is_seen_to_open_and_to_close),
        cmocka_unit_test(the_host_drains_a_target_and_lets_it_back),
        cmocka_unit_test(what_is_kept_closed_is_asked_whatever_happens),
        cmocka_unit_test(two_open_targets_make_a_third_suspect),
        cmocka_unit_test(how_fast_it_was_is_told),
        cmocka_unit_test(keys_that_rest_are_no_failures),
        cmocka_unit_test(targets_of_routes_are_listed_then_those_asked_by_name),
        cmocka_unit_test(a_list_survives_every_failed_allocation),
        cmocka_unit_test(misuse_is_told),
        cmocka_unit_test(an_older_caller_is_told_what_it_has_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
