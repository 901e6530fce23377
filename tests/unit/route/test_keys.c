/* Keys of a provider: taken in turn, resting when refused, known by hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "route/keys.h"
#include "support/alloc.h"

#define START (100 * LLMGW__SECOND)

static const struct llmgw__key three[] = {
    {(char *)"sk-a", "work a"},
    {(char *)"sk-b", "work b"},
    {(char *)"sk-c", "work c"},
};
static const struct llmgw__provider several = {
    .name = "work", .keys = three, .key_count = 3};
static const struct llmgw__provider single = {
    .name = "home", .keys = three, .key_count = 1};
static const struct llmgw__provider account = {.name = "cloud"};

static int choose(struct llmgw__keys *keys,
                  const struct llmgw__provider *provider, uint64_t now_ns,
                  uint64_t tried)
{
    const struct llmgw__keys_ask ask = {
        .provider = provider, .model = "m", .now_ns = now_ns, .tried = tried};
    uint64_t back;

    return llmgw__keys_choose(keys, &ask, &back);
}

static void refuse(struct llmgw__keys *keys, const char *id,
                   llmgw_error_kind kind, int64_t told_ms, uint64_t now_ns)
{
    struct llmgw__error error;

    llmgw__error_setz(&error, kind, "no");
    error.retry_after_ms = told_ms;
    llmgw__keys_rest(keys, id, "m", &error, now_ns);
}

static void keys_are_taken_in_turn(void **state)
{
    struct llmgw__keys keys;

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    for (int i = 0; i < 7; i++)
        assert_int_equal(choose(&keys, &several, START, 0), i % 3);
    assert_int_equal(choose(&keys, &several, START, 2), 2);
    assert_int_equal(choose(&keys, &several, START, 0), 1);
    assert_int_equal(choose(&keys, &several, START, 7), -1);
    assert_int_equal(choose(&keys, &single, START, 0), 0);
    assert_int_equal(choose(&keys, &single, START, 1), -1);
    llmgw__keys_clear(&keys);
}

static void a_refused_key_rests_until_it_was_told(void **state)
{
    struct llmgw__keys keys;

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    refuse(&keys, "work a", LLMGW_KIND_RATE_LIMIT, 7000, START);
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            choose(&keys, &several, START + 7 * LLMGW__SECOND - 1, 0),
            1 + i % 2);
    assert_int_equal(choose(&keys, &several, START + 7 * LLMGW__SECOND, 0), 0);
    llmgw__keys_clear(&keys);
}

/* What is rested without a time of its own, in ms. */
static const struct {
    llmgw_error_kind kind;
    int strikes;
    uint64_t ms;
} rests[] = {
    {LLMGW_KIND_RATE_LIMIT, 1, 1000},   {LLMGW_KIND_RATE_LIMIT, 2, 2000},
    {LLMGW_KIND_RATE_LIMIT, 3, 4000},   {LLMGW_KIND_RATE_LIMIT, 7, 64000},
    {LLMGW_KIND_RATE_LIMIT, 40, 64000}, {LLMGW_KIND_AUTH, 1, 300000},
    {LLMGW_KIND_AUTH, 3, 300000},       {LLMGW_KIND_QUOTA, 1, 300000},
    {LLMGW_KIND_PERMISSION, 1, 300000},
};

static void what_was_told_no_time_rests_by_its_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        uint64_t now = START;
        struct llmgw__keys keys;

        assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
        for (int strike = 1; strike <= rests[i].strikes; strike++) {
            now += 1000 * LLMGW__SECOND;
            refuse(&keys, "cloud", rests[i].kind, -1, now);
        }
        now += rests[i].ms * LLMGW__MS;
        assert_int_equal(choose(&keys, &account, now - 1, 0), -1);
        assert_int_equal(choose(&keys, &account, now, 0), 0);
        llmgw__keys_clear(&keys);
    }
}

static void refusals_at_the_same_time_are_one(void **state)
{
    struct llmgw__keys keys;

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    for (int i = 0; i < 50; i++)
        refuse(&keys, "cloud", LLMGW_KIND_RATE_LIMIT, -1, START);
    assert_int_equal(choose(&keys, &account, START + LLMGW__SECOND, 0), 0);
    refuse(&keys, "cloud", LLMGW_KIND_RATE_LIMIT, 9000, START);
    refuse(&keys, "cloud", LLMGW_KIND_RATE_LIMIT, 3000, START);
    assert_int_equal(choose(&keys, &account, START + 8 * LLMGW__SECOND, 0), -1);
    llmgw__keys_clear(&keys);
}

static void all_that_rest_say_when_the_first_is_back(void **state)
{
    struct llmgw__keys_ask ask = {
        .provider = &several, .model = "m", .now_ns = START};
    struct llmgw__keys keys;
    uint64_t back;

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    refuse(&keys, "work a", LLMGW_KIND_RATE_LIMIT, 9000, START);
    refuse(&keys, "work b", LLMGW_KIND_RATE_LIMIT, 4000, START);
    refuse(&keys, "work c", LLMGW_KIND_AUTH, -1, START);
    assert_int_equal(llmgw__keys_choose(&keys, &ask, &back), -1);
    assert_int_equal(back, START + 4 * LLMGW__SECOND);
    for (int i = 0; i < 3; i++) /* nothing is taken by that */
        assert_int_equal(llmgw__keys_back(&keys, &ask), back);
    ask.now_ns = back;
    assert_int_equal(llmgw__keys_back(&keys, &ask), 0);
    ask.now_ns = START;
    ask.anyway = true;
    assert_int_equal(llmgw__keys_choose(&keys, &ask, &back), 1);
    ask.tried = 2;
    assert_int_equal(llmgw__keys_choose(&keys, &ask, &back), 0);
    ask.tried = 7;
    assert_int_equal(llmgw__keys_choose(&keys, &ask, &back), -1);
    assert_int_equal(back, 0);
    llmgw__keys_clear(&keys);
}

static void an_absurd_time_is_a_day(void **state)
{
    struct llmgw__keys keys;
    uint64_t day = 24 * 3600 * LLMGW__SECOND;

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    refuse(&keys, "cloud", LLMGW_KIND_QUOTA, INT64_MAX, START);
    assert_int_equal(choose(&keys, &account, START + day - 1, 0), -1);
    assert_int_equal(choose(&keys, &account, START + day, 0), 0);
    llmgw__keys_clear(&keys);
}

static void a_model_that_a_key_lacks_rests_alone(void **state)
{
    struct llmgw__keys_ask other = {
        .provider = &account, .model = "other", .now_ns = START};
    struct llmgw__keys keys;
    uint64_t back;

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    refuse(&keys, "cloud", LLMGW_KIND_PERMISSION, -1, START);
    assert_int_equal(choose(&keys, &account, START, 0), -1);
    assert_int_equal(llmgw__keys_choose(&keys, &other, &back), 0);
    llmgw__keys_good(&keys, "cloud", "m");
    assert_int_equal(choose(&keys, &account, START, 0), 0);
    llmgw__keys_clear(&keys);
}

static void what_went_well_is_held_against_nobody(void **state)
{
    struct llmgw__keys keys;

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    llmgw__keys_good(&keys, "cloud", "m");
    refuse(&keys, "cloud", LLMGW_KIND_RATE_LIMIT, -1, START);
    refuse(&keys, "cloud", LLMGW_KIND_RATE_LIMIT, -1, START + LLMGW__SECOND);
    llmgw__keys_good(&keys, "cloud", "m");
    assert_int_equal(choose(&keys, &account, START + LLMGW__SECOND, 0), 0);
    assert_int_equal(atomic_load(&keys.failing), 0);
    refuse(&keys, "cloud", LLMGW_KIND_RATE_LIMIT, -1, START);
    assert_int_equal(choose(&keys, &account, START + LLMGW__SECOND, 0), 0);
    llmgw__keys_clear(&keys);
}

static void what_is_kept_is_bounded(void **state)
{
    struct llmgw__keys keys;
    char id[32];

    (void)state;
    assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(id, sizeof id, "work %d", i);
        refuse(&keys, id, LLMGW_KIND_AUTH, -1, START);
        assert_true(keys.states.count <= 4096);
    }
    assert_int_equal(atomic_load(&keys.failing), keys.states.count);
    llmgw__keys_clear(&keys);
}

static void without_memory_a_key_is_found_all_the_same(void **state)
{
    int nth, failed = 1;

    (void)state;
    for (nth = 0; failed; nth++) {
        struct llmgw__keys keys;

        assert_int_equal(llmgw__keys_init(&keys), LLMGW_OK);
        fail_allocation(nth);
        refuse(&keys, "work b", LLMGW_KIND_PERMISSION, -1, START);
        refuse(&keys, "work c", LLMGW_KIND_AUTH, -1, START);
        assert_in_range(choose(&keys, &several, START, 0), 0, 2);
        failed = allow_allocations();
        llmgw__keys_clear(&keys);
    }
    assert_true(nth > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_taken_in_turn),
        cmocka_unit_test(a_refused_key_rests_until_it_was_told),
        cmocka_unit_test(what_was_told_no_time_rests_by_its_kind),
        cmocka_unit_test(refusals_at_the_same_time_are_one),
        cmocka_unit_test(all_that_rest_say_when_the_first_is_back),
        cmocka_unit_test(an_absurd_time_is_a_day),
        cmocka_unit_test(a_model_that_a_key_lacks_rests_alone),
        cmocka_unit_test(what_went_well_is_held_against_nobody),
        cmocka_unit_test(what_is_kept_is_bounded),
        cmocka_unit_test(without_memory_a_key_is_found_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
