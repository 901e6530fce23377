/*
 * What is known of targets, keys and limits: made together, used by many
 * threads at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/text.h"
#include "route/plan.h"
#include "route/router.h"
#include "support/alloc.h"

#define START   (1000 * LLMGW__SECOND)
#define TARGETS 4
#define THREADS 4

static struct llmgw__router router;
static struct llmgw__provider provider = {.name = "p",
                                          .quota = {.concurrent = 3}};
static struct llmgw__target targets[TARGETS] = {
    {.provider = &provider, .id = "p/a", .weight = 2},
    {.provider = &provider, .id = "p/b"},
    {.provider = &provider, .id = "p/c", .weight = 9},
    {.provider = &provider, .id = "p/d"},
};
static struct llmgw__catalog catalog = {
    .breaker = {.failures = 3,
                .window_ms = 60000,
                .outcomes = 10,
                .ratio_pm = 500,
                .open_ms = 10,
                .max_open_ms = 300000},
};

static void it_is_made_whole_or_not_at_all(void **state)
{
    int failed = 1;

    (void)state;
    for (int nth = 0; failed; nth++) {
        llmgw_status status;

        fail_allocation(nth);
        status = llmgw__router_init(&router, &llmgw__random_system);
        failed = allow_allocations();
        assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        if (status == LLMGW_OK)
            llmgw__router_clear(&router);
    }
}

/** One call: a plan, its first target is asked, and goes well or not. */
static bool run_call(const struct llmgw__plan_ask *ask, bool well)
{
    struct llmgw__pace pace = {.first_ns = LLMGW__SECOND};
    struct llmgw__deed deed = {.reckoned_pico = -1, .failed = !well};
    struct llmgw__candidate *candidate;
    struct llmgw__breaker_pass pass;
    struct llmgw__arena arena;
    struct llmgw__plan plan;
    bool rests = false;

    llmgw__arena_init(&arena, 0, 0);
    if (llmgw__plan_make(&plan, ask, &arena) != LLMGW_OK)
        return false;
    candidate = llmgw__plan_next(&plan, &rests);
    if (candidate && llmgw__breaker_pass(&router.breakers, &catalog.breaker,
                                         candidate->target, rests, ask->now_ns,
                                         &pass) != LLMGW__BREAKER_OPEN) {
        llmgw__turns_begin(&router.turns, candidate->target->id);
        llmgw__latency_note(&router.latencies, candidate->target->id, &pace,
                            ask->now_ns);
        llmgw__breaker_tell(
            &router.breakers, &catalog.breaker, candidate->target, &pass,
            well ? LLMGW__OUTCOME_GOOD : LLMGW__OUTCOME_FAILED, ask->now_ns);
        llmgw__worth_note(&router.worths, candidate->target, &deed,
                          ask->now_ns);
        llmgw__turns_end(&router.turns, candidate->target->id);
    }
    llmgw__arena_clear(&arena);
    return candidate != NULL;
}

/** Calls of one policy after the other; @return userdata: all had a target */
static void *run_calls(void *userdata)
{
    static const struct llmgw__chat nothing;
    struct llmgw__route route = {.name = "r",
                                 .targets = targets,
                                 .target_count = TARGETS,
                                 .explore_pm = 500};
    struct llmgw__chat chat = nothing;
    struct llmgw__plan_ask ask = {
        .router = &router, .catalog = &catalog, .route = &route, .chat = &chat};

    for (unsigned i = 0; i < 600; i++) {
        ask.now_ns = START + i * LLMGW__MS;
        route.policy = (uint8_t)(i % (LLMGW__POLICY_CHEAPEST + 1));
        if (!run_call(&ask, i % 3 == 0))
            return NULL;
    }
    return userdata;
}

static void threads_plan_and_tell_at_once(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    assert_int_equal(llmgw__router_init(&router, &llmgw__random_system),
                     LLMGW_OK);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_calls, targets),
                         0);
    for (int i = 0; i < THREADS; i++) {
        void *done;

        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_ptr_equal(done, targets); /* never was nobody there to ask */
    }
    for (int i = 0; i < TARGETS; i++)
        assert_int_equal(llmgw__turns_busy(&router.turns, targets[i].id), 0);
    llmgw__router_clear(&router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_whole_or_not_at_all),
        cmocka_unit_test(threads_plan_and_tell_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
