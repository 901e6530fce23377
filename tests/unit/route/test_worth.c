/* What targets have cost: tokens, caches, answers, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "catalog/price.h"
#include "route/worth.h"
#include "support/alloc.h"

#define START (1000 * LLMGW__SECOND)
#define HOUR  (3600 * LLMGW__SECOND)

static struct llmgw__worths worths;
static const struct llmgw__price same = {.same_as = "m"};
static const struct llmgw__target a = {.id = "p/m", .model = "m"};
static const struct llmgw__target b = {
    .id = "q/vendor/m-turbo", .model = "vendor/m-turbo", .price = &same};
static const struct llmgw__target other = {.id = "p/n", .model = "n"};

static int set_up(void **state)
{
    (void)state;
    return llmgw__worths_init(&worths);
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__worths_clear(&worths);
    return 0;
}

static struct llmgw__usage usage_of(int64_t in, int64_t cached, int64_t out)
{
    struct llmgw__usage usage;

    llmgw__usage_init(&usage);
    usage.count[LLMGW__INPUT_UNCACHED] = in - cached;
    usage.count[LLMGW__INPUT_CACHED] = cached;
    usage.count[LLMGW__OUTPUT_TEXT] = out;
    return usage;
}

/** Answers to prompts of 3,000 bytes. */
static void note(const struct llmgw__target *target, int times,
                 struct llmgw__usage usage, uint64_t now_ns)
{
    struct llmgw__deed deed = {.usage = &usage, .reckoned_pico = 1000};

    deed.pace.prompt_bytes = 3000;
    while (times--)
        llmgw__worth_note(&worths, target, &deed, now_ns);
}

static void note_failures(const struct llmgw__target *target, int times,
                          int64_t pico)
{
    struct llmgw__deed deed = {.reckoned_pico = pico, .failed = true};

    while (times--)
        llmgw__worth_note(&worths, target, &deed, START);
}

static struct llmgw__worth look(const struct llmgw__target *target,
                                uint64_t bytes, uint64_t now_ns)
{
    struct llmgw__worth worth;

    llmgw__worth_look(&worths, target, bytes, 0, now_ns, &worth);
    return worth;
}

static void of_nothing_the_usual_is_expected(void **state)
{
    const struct llmgw__worth worth = look(&a, 4000, START);

    (void)state;
    assert_int_equal(llmgw__usage_prompt(&worth.usage), 1000);
    assert_int_equal(worth.usage.count[LLMGW__INPUT_UNCACHED], 1000);
    assert_int_equal(worth.usage.count[LLMGW__OUTPUT_TEXT], 500);
    assert_int_equal(worth.usage.requests, 1);
    assert_int_equal(worth.attempts, 0);
    assert_int_equal(worth.last_ns, 0);
    assert_int_equal(worth.charged_pm, 1000);
    assert_int_equal(worth.try_count, 0);
}

static void tokens_caches_and_answers_are_learnt(void **state)
{
    struct llmgw__worth worth;

    (void)state;
    note(&a, 1000, usage_of(1000, 600, 80), START);
    worth = look(&a, 30000, START);
    assert_in_range(llmgw__usage_prompt(&worth.usage), 9900, 10100);
    assert_in_range(worth.usage.count[LLMGW__INPUT_CACHED], 5900, 6100);
    assert_in_range(llmgw__usage_completion(&worth.usage), 78, 84);
    assert_int_equal(worth.attempts, 1000);
}

static void an_answer_is_no_longer_than_it_may_be(void **state)
{
    struct llmgw__worth worth;

    (void)state;
    note(&a, 100, usage_of(1000, 0, 800), START);
    llmgw__worth_look(&worths, &a, 3000, 50, START, &worth);
    assert_int_equal(llmgw__usage_completion(&worth.usage), 50);
    llmgw__worth_look(&worths, &a, 3000, 5000, START, &worth);
    assert_in_range(llmgw__usage_completion(&worth.usage), 780, 810);
}

static void another_host_of_the_model_is_expected_to_answer_alike(void **state)
{
    struct llmgw__worth worth;

    (void)state;
    note(&a, 200, usage_of(1000, 500, 80), START);
    worth = look(&b, 3000, START);
    assert_in_range(llmgw__usage_prompt(&worth.usage), 980, 1020);
    assert_in_range(worth.usage.count[LLMGW__INPUT_CACHED], 480, 520);
    assert_in_range(llmgw__usage_completion(&worth.usage), 78, 86);
    assert_int_equal(worth.attempts, 0);
    worth = look(&other, 3000, START);
    assert_int_equal(llmgw__usage_completion(&worth.usage), 500);
}

static void its_own_cache_soon_counts_for_more(void **state)
{
    struct llmgw__worth worth;

    (void)state;
    note(&a, 1000, usage_of(1000, 900, 80), START);
    note(&b, 27, usage_of(1000, 0, 80), START);
    worth = look(&b, 3000, START);
    assert_in_range(worth.usage.count[LLMGW__INPUT_CACHED], 70, 100);
    note(&b, 500, usage_of(1000, 0, 80), START);
    worth = look(&b, 3000, START);
    assert_in_range(worth.usage.count[LLMGW__INPUT_CACHED], 0, 10);
}

static void failures_are_counted_with_what_they_cost(void **state)
{
    struct llmgw__worth worth;

    (void)state;
    note(&a, 150, usage_of(1000, 0, 80), START);
    note_failures(&a, 50, 4000);
    worth = look(&a, 3000, START);
    assert_in_range(worth.fails_pm, 230, 250);
    assert_int_equal(worth.failed_pico, 4000);
    assert_int_equal(worth.attempts, 200);
    assert_int_equal(worth.try_count, 8);
    assert_int_equal(worth.tries[0].first_ms, UINT32_MAX);
}

static void evidence_fades_down_to_some(void **state)
{
    struct llmgw__worth worth;

    (void)state;
    note(&a, 1000, usage_of(1000, 800, 80), START);
    worth = look(&a, 3000, START + HOUR / 2);
    assert_in_range(worth.attempts, 490, 510);
    worth = look(&a, 3000, START + 100 * HOUR);
    assert_int_equal(worth.attempts, 20);
    assert_in_range(worth.usage.count[LLMGW__INPUT_CACHED], 780, 810);
    note(&a, 60, usage_of(1000, 0, 80), START + 100 * HOUR);
    worth = look(&a, 3000, START + 100 * HOUR);
    assert_in_range(worth.usage.count[LLMGW__INPUT_CACHED], 190, 240);
}

static void what_the_target_charges_is_told_beside(void **state)
{
    struct llmgw__usage usage = usage_of(1000, 0, 80);
    struct llmgw__worth worth;

    (void)state;
    usage.provider_cost_pico = 1250; /* of 1,000 reckoned */
    note(&a, 10, usage, START);
    worth = look(&a, 3000, START);
    assert_int_equal(worth.charged_pm, 1250);
}

static void the_latest_tries_are_kept_in_order(void **state)
{
    struct llmgw__usage usage = usage_of(1000, 0, 101);
    struct llmgw__worth worth;

    (void)state;
    for (uint64_t i = 1; i <= 20; i++) {
        struct llmgw__deed deed = {.usage = &usage, .reckoned_pico = 1};

        deed.pace.first_ns = i * 10 * LLMGW__MS;
        deed.pace.tokens = 101;
        deed.pace.took_ns = 2 * LLMGW__SECOND;
        llmgw__worth_note(&worths, &a, &deed, START + i);
    }
    worth = look(&a, 3000, START + 30);
    assert_int_equal(worth.try_count, 8);
    assert_int_equal(worth.last_ns, START + 20);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(worth.tries[i].first_ms, 200 - 10 * i);
        assert_in_range(worth.tries[i].rate, 50, 51);
    }
}

static void great_numbers_stay_numbers(void **state)
{
    struct llmgw__usage usage = usage_of(INT64_MAX, INT64_MAX / 2, INT64_MAX);
    struct llmgw__worth worth;

    (void)state;
    usage.provider_cost_pico = INT64_MAX;
    note(&a, 5, usage, START);
    note_failures(&a, 5, INT64_MAX);
    worth = look(&a, UINT64_MAX, START);
    for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++)
        assert_in_range(worth.usage.count[cls], 0, INT64_C(1) << 52);
    assert_in_range(worth.failed_pico, 0, INT64_C(1) << 52);
    assert_in_range(worth.charged_pm, 0, 100000);
}

static void no_memory_is_nothing_learnt(void **state)
{
    bool failed = true;
    int nth;

    (void)state;
    for (nth = 0; failed; nth++) {
        fail_allocation(nth);
        note(&a, 1, usage_of(1000, 0, 80), START);
        failed = allow_allocations();
        if (!failed)
            assert_int_equal(look(&a, 3000, START).attempts, 1);
        llmgw__worths_clear(&worths);
        assert_int_equal(llmgw__worths_init(&worths), LLMGW_OK);
    }
    assert_true(nth > 3);
}

static void the_targets_known_are_bounded(void **state)
{
    char id[32];
    const struct llmgw__target one = {.id = id, .model = id};

    (void)state;
    for (int i = 0; i < 3000; i++) {
        (void)snprintf(id, sizeof id, "p/x%d", i);
        note(&one, 1, usage_of(1000, 0, 80), START);
        assert_true(worths.targets.count <= 1024);
        assert_true(worths.models.count <= 1024);
    }
}

static void *note_and_look(void *userdata)
{
    for (int i = 0; i < 2000; i++) {
        struct llmgw__worth worth;

        note(i % 2 ? &a : &b, 1, usage_of(1000, 500, 80), START);
        worth = look(&a, 3000, START);
        if (llmgw__usage_prompt(&worth.usage) <= 0)
            return NULL;
    }
    return userdata;
}

static void threads_note_and_look_at_once(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, note_and_look, &worths), 0);
    for (int i = 0; i < 4; i++) {
        void *done;

        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_ptr_equal(done, &worths);
    }
    assert_int_equal(look(&a, 3000, START).attempts, 4000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_nothing_the_usual_is_expected),
        TEST(tokens_caches_and_answers_are_learnt),
        TEST(an_answer_is_no_longer_than_it_may_be),
        TEST(another_host_of_the_model_is_expected_to_answer_alike),
        TEST(its_own_cache_soon_counts_for_more),
        TEST(failures_are_counted_with_what_they_cost),
        TEST(evidence_fades_down_to_some),
        TEST(what_the_target_charges_is_told_beside),
        TEST(the_latest_tries_are_kept_in_order),
        TEST(great_numbers_stay_numbers),
        TEST(no_memory_is_nothing_learnt),
        TEST(the_targets_known_are_bounded),
        TEST(threads_note_and_look_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
