/*
 * In what order the targets of a route are asked, policy by policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/text.h"
#include "route/candidate.h"
#include "route/hash.h"
#include "route/policy.h"
#include "route/router.h"
#include "support/alloc.h"

#define START   (1000 * LLMGW__SECOND)
#define TARGETS 5

static uint64_t seed;

static uint64_t next_seed(void)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    return llmgw__hash_end(seed);
}

static int32_t fill(void *userdata, void *out, size_t len)
{
    uint64_t drawn = next_seed();

    (void)userdata;
    assert_true(len <= sizeof drawn);
    memcpy(out, &drawn, len);
    return 0;
}

static int32_t fail_to_fill(void *userdata, void *out, size_t len)
{
    (void)userdata;
    (void)out;
    (void)len;
    return -1;
}

static const struct llmgw__random drawn = {fill, NULL};
static const struct llmgw__random none = {fail_to_fill, NULL};

static const char *const ids[TARGETS] = {"p/a", "p/b", "q/c", "q/d", "r/e"};
static struct llmgw__target targets[TARGETS];
static struct llmgw__route route;
static struct llmgw__router router;
static struct llmgw__candidate candidates[TARGETS];

static int set_up(void **state)
{
    (void)state;
    seed = 1;
    memset(targets, 0, sizeof targets);
    memset(&route, 0, sizeof route);
    for (int i = 0; i < TARGETS; i++)
        targets[i].id = ids[i];
    route.name = "r";
    route.targets = targets;
    route.target_count = 3;
    router.random = &drawn;
    return llmgw__turns_init(&router.turns) |
           llmgw__latencies_init(&router.latencies);
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__turns_clear(&router.turns);
    llmgw__latencies_clear(&router.latencies);
    return 0;
}

/** By `stick`, without those of `out` (a bit each): "abc". */
static const char *order(uint64_t stick, unsigned out)
{
    static char text[TARGETS + 1];
    const struct llmgw__policy_ask ask = {
        .router = &router, .route = &route, .stick = stick, .now_ns = START};

    memset(candidates, 0, sizeof candidates);
    for (size_t i = 0; i < route.target_count; i++) {
        candidates[i].target = &targets[i];
        candidates[i].usable = !(out >> i & 1);
        candidates[i].reason = "as before";
    }
    llmgw__policy_order(&ask, candidates, route.target_count);
    for (size_t i = 0; i < route.target_count; i++)
        text[i] = candidates[i].target->id[2];
    text[route.target_count] = '\0';
    return text;
}

/** How often each is first, of so many. */
static void count_first(int calls, unsigned out, int counts[TARGETS])
{
    memset(counts, 0, TARGETS * sizeof *counts);
    while (calls--)
        counts[order(0, out)[0] - 'a']++;
}

static void ordered_is_the_route_s_own_order(void **state)
{
    (void)state;
    route.policy = LLMGW__POLICY_ORDERED;
    assert_string_equal(order(0, 0), "abc");
    assert_string_equal(order(0, 1), "abc");
    assert_string_equal(candidates[1].reason, "as before");
}

static void nobody_and_one_are_in_order_by_any_policy(void **state)
{
    (void)state;
    for (uint8_t p = 0; p <= LLMGW__POLICY_STICKY; p++) {
        route.policy = p;
        route.target_count = 0;
        assert_string_equal(order(7, 0), "");
        route.target_count = 1;
        assert_string_equal(order(7, 0), "a");
        assert_string_equal(candidates[0].reason, "as before");
        route.target_count = 3;
        assert_string_equal(order(7, 7), "abc");
    }
}

static void who_cannot_be_asked_comes_last(void **state)
{
    (void)state;
    for (uint8_t p = LLMGW__POLICY_WEIGHTED; p <= LLMGW__POLICY_STICKY; p++) {
        route.policy = p;
        for (uint64_t i = 1; i <= 50; i++) {
            assert_int_equal(order(i, 1)[2], 'a');
            assert_int_equal(order(i, 2)[2], 'b');
            assert_string_equal(candidates[2].reason, "as before");
            assert_false(candidates[2].usable);
        }
    }
}

static void draws_are_by_weight(void **state)
{
    int counts[TARGETS];

    (void)state;
    route.policy = LLMGW__POLICY_WEIGHTED;
    targets[0].weight = 1;
    targets[1].weight = 3;
    targets[2].weight = 6;
    count_first(10000, 0, counts);
    assert_in_range(counts[0], 900, 1100);
    assert_in_range(counts[1], 2850, 3150);
    assert_in_range(counts[2], 5850, 6150);
    assert_string_equal(candidates[0].reason, "drawn first by weight");
    assert_string_equal(candidates[2].reason, "drawn later by weight");
    count_first(9000, 4, counts); /* without the heaviest */
    assert_in_range(counts[0], 2100, 2400);
    assert_int_equal(counts[2], 0);
}

static void who_comes_next_is_drawn_likewise(void **state)
{
    int ab = 0, ac = 0;

    (void)state;
    route.policy = LLMGW__POLICY_WEIGHTED;
    targets[1].weight = 3;
    targets[2].weight = 1; /* the first has none, which is as one */
    for (int i = 0; i < 20000; i++) {
        const char *drawn_order = order(0, 0);

        ab += !strcmp(drawn_order, "abc");
        ac += !strcmp(drawn_order, "acb");
    }
    assert_in_range(ab + ac, 3800, 4200);
    assert_in_range(ab * 100 / (ab + ac), 72, 78);
}

static void weights_may_differ_by_much(void **state)
{
    int counts[TARGETS];

    (void)state;
    route.policy = LLMGW__POLICY_WEIGHTED;
    targets[0].weight = 1000000;
    targets[1].weight = 1000000;
    targets[2].weight = 1;
    count_first(4000, 0, counts);
    assert_in_range(counts[0], 1850, 2150);
    assert_in_range(counts[2], 0, 2);
}

static void without_randomness_the_heaviest_is_first(void **state)
{
    (void)state;
    route.policy = LLMGW__POLICY_WEIGHTED;
    router.random = &none;
    targets[1].weight = 2;
    assert_string_equal(order(0, 0), "bac");
}

static void turns_are_taken_in_order(void **state)
{
    (void)state;
    route.policy = LLMGW__POLICY_ROUND_ROBIN;
    assert_string_equal(order(0, 0), "abc");
    assert_string_equal(order(0, 0), "bca");
    assert_string_equal(candidates[0].reason, "it is its turn");
    assert_string_equal(candidates[1].reason, "its turn comes later");
    assert_string_equal(order(0, 0), "cab");
    assert_string_equal(order(0, 0), "abc");
    route.name = "another";
    assert_string_equal(order(0, 0), "abc");
}

static void who_is_left_out_leaves_its_turns_to_all(void **state)
{
    int counts[TARGETS];

    (void)state;
    route.policy = LLMGW__POLICY_ROUND_ROBIN;
    count_first(300, 2, counts);
    assert_int_equal(counts[0], 150);
    assert_int_equal(counts[2], 150);
}

static void the_least_busy_is_first(void **state)
{
    struct llmgw__turns *turns = &router.turns;

    (void)state;
    route.policy = LLMGW__POLICY_LEAST_BUSY;
    assert_string_equal(order(0, 0), "abc");
    llmgw__turns_begin(turns, "p/a");
    assert_string_equal(order(0, 0), "bca");
    llmgw__turns_begin(turns, "p/a");
    llmgw__turns_begin(turns, "p/b");
    assert_string_equal(order(0, 0), "cba");
    assert_string_equal(candidates[0].reason,
                        "it has the fewest attempts under way");
    assert_int_equal(llmgw__turns_busy(turns, "p/a"), 2);
    llmgw__turns_end(turns, "p/a");
    llmgw__turns_end(turns, "p/a");
    llmgw__turns_end(turns, "p/a"); /* once too often */
    assert_int_equal(llmgw__turns_busy(turns, "p/a"), 0);
    assert_string_equal(order(0, 0), "acb");
}

static void note(const char *id, uint64_t ms, int times)
{
    const struct llmgw__pace pace = {.first_ns = ms * LLMGW__MS};

    while (times--)
        llmgw__latency_note(&router.latencies, id, &pace, START);
}

static void the_fastest_is_first_mostly(void **state)
{
    int counts[TARGETS];

    (void)state;
    route.policy = LLMGW__POLICY_LATENCY;
    note("p/a", 300, 20);
    note("p/b", 100, 20);
    note("q/c", 200, 20);
    count_first(10000, 0, counts);
    /* 2 % are asked to learn how fast they are now, each as often */
    assert_in_range(counts[1], 9750, 9850);
    assert_in_range(counts[0], 70, 130);
    assert_in_range(counts[2], 70, 130);
    router.random = &none; /* explores, as 0 is below any share */
    assert_string_equal(order(0, 0), "abc");
    assert_string_equal(candidates[0].reason, "asked to learn how fast it is "
                                              "now");
    assert_string_equal(candidates[1].reason, "it has been the fastest");
    assert_string_equal(candidates[2].reason, "others have been faster");
}

static void who_is_not_known_is_tried_now_and_then(void **state)
{
    int counts[TARGETS];

    (void)state;
    route.policy = LLMGW__POLICY_LATENCY;
    count_first(1000, 0, counts); /* nobody is known */
    assert_in_range(counts[0], 900, 980);
    note("p/a", 300, 20);
    note("q/c", 200, 20);
    count_first(10000, 0, counts);
    assert_in_range(counts[1], 900, 1100);
    assert_int_equal(counts[0], 0);
    assert_int_equal(order(0, 0)[2], 'b');
    assert_string_equal(candidates[2].reason,
                        "too little is known of how fast it is");
}

/** Who is first when nobody is asked out of turn. */
static char fastest(void)
{
    int counts[TARGETS], best = 0;

    count_first(20, 0, counts);
    for (int i = 1; i < TARGETS; i++)
        if (counts[i] > counts[best])
            best = i;
    return (char)('a' + best);
}

static void who_is_a_little_faster_changes_nothing(void **state)
{
    (void)state;
    route.policy = LLMGW__POLICY_LATENCY;
    route.target_count = 2;
    note("p/a", 1000, 20);
    note("p/b", 1100, 20);
    assert_int_equal(fastest(), 'a');
    note("p/b", 900, 40);
    assert_int_equal(fastest(), 'a');
    order(0, 0);
    assert_string_equal(candidates[0].reason,
                        "it has been the fastest, and still nearly is");
    note("p/b", 700, 200);
    assert_int_equal(fastest(), 'b');
    note("p/b", 950, 2000);
    assert_int_equal(fastest(), 'b');
    note("p/b", 1500, 20000);
    assert_int_equal(fastest(), 'a');
}

static uint64_t conversation(int i)
{
    char text[32];

    (void)snprintf(text, sizeof text, "conversation %d", i);
    return llmgw__hash_end(llmgw__hash_add(LLMGW__HASH, llmgw__str(text)));
}

static void a_conversation_stays_where_it_is(void **state)
{
    char before[TARGETS + 1];

    (void)state;
    route.policy = LLMGW__POLICY_STICKY;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(before, sizeof before, "%s", order(conversation(i), 0));
        assert_string_equal(order(conversation(i), 0), before);
        assert_string_equal(candidates[0].reason,
                            "where its hash has put the request");
    }
    assert_string_equal(order(0, 0), "abc");
    assert_string_equal(candidates[0].reason, "in the route's order: the "
                                              "request has nothing to stick "
                                              "by");
}

static void who_goes_takes_only_its_own_with_it(void **state)
{
    int counts[TARGETS] = {0}, moved[TARGETS] = {0};

    (void)state;
    route.policy = LLMGW__POLICY_STICKY;
    route.target_count = TARGETS;
    for (int i = 0; i < 5000; i++) {
        char before = order(conversation(i), 0)[0];
        char after = order(conversation(i), 1 << 2)[0];

        counts[before - 'a']++;
        if (before == 'c')
            moved[after - 'a']++;
        else
            assert_int_equal(before, after);
    }
    for (int i = 0; i < TARGETS; i++) {
        assert_in_range(counts[i], 900, 1100);
        assert_in_range(moved[i], i == 2 ? 0 : 190, i == 2 ? 0 : 310);
    }
}

static void where_they_stick_is_by_weight_and_not_by_place(void **state)
{
    int counts[TARGETS] = {0};
    struct llmgw__target swapped;

    (void)state;
    route.policy = LLMGW__POLICY_STICKY;
    route.target_count = 2;
    targets[1].weight = 4;
    for (int i = 0; i < 5000; i++) {
        char before = order(conversation(i), 0)[0];

        counts[before - 'a']++;
        swapped = targets[0];
        targets[0] = targets[1];
        targets[1] = swapped;
        assert_int_equal(order(conversation(i), 0)[0], before);
    }
    assert_in_range(counts[1], 3900, 4100);
}

/* A provider's cache of prompts is found again by another process, too. */
static void a_hash_is_the_same_everywhere(void **state)
{
    char firsts[9] = "";

    (void)state;
    route.policy = LLMGW__POLICY_STICKY;
    route.target_count = TARGETS;
    assert_true(
        llmgw__hash_end(llmgw__hash_add(LLMGW__HASH, LLMGW__LIT("a"))) ==
        UINT64_C(0x484fcd0ed7dfe7fe));
    for (int i = 0; i < 8; i++)
        firsts[i] = order(conversation(i), 0)[0];
    assert_string_equal(firsts, "deeeccaa");
}

static void what_is_kept_is_bounded(void **state)
{
    struct llmgw__turns *turns = &router.turns;
    char id[32];

    (void)state;
    route.policy = LLMGW__POLICY_ROUND_ROBIN;
    route.name = id;
    llmgw__turns_begin(turns, "p/a");
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(id, sizeof id, "p/%d", i);
        llmgw__turns_begin(turns, id);
        llmgw__turns_end(turns, id);
        order(0, 0);
        assert_true(turns->targets.count <= 4096);
        assert_true(turns->routes.count <= 4096);
    }
    assert_int_equal(llmgw__turns_busy(turns, "p/a"), 1);
}

static void more_at_once_than_are_counted_are_not(void **state)
{
    struct llmgw__turns *turns = &router.turns;
    char id[32];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            (void)snprintf(id, sizeof id, "p/%d", i);
            if (round)
                llmgw__turns_end(turns, id);
            else
                llmgw__turns_begin(turns, id);
            assert_int_equal(llmgw__turns_busy(turns, id), !round && i < 4096);
        }
    llmgw__turns_begin(turns, "p/4999");
    assert_int_equal(turns->targets.count, 1);
}

static void without_memory_there_is_an_order(void **state)
{
    int nth, failed = 1;
    char id[32];

    (void)state;
    for (nth = 0; failed; nth++) {
        fail_allocation(nth);
        route.policy = LLMGW__POLICY_ROUND_ROBIN;
        assert_int_equal(strlen(order(0, 0)), 3);
        route.policy = LLMGW__POLICY_LATENCY;
        assert_int_equal(strlen(order(0, 0)), 3);
        llmgw__turns_favour(&router.turns, "s", 1);
        llmgw__turns_begin(&router.turns, "p/a");
        failed = allow_allocations();
        llmgw__turns_end(&router.turns, "p/a");
        assert_int_equal(llmgw__turns_busy(&router.turns, "p/a"), 0);
        llmgw__turns_clear(&router.turns);
        assert_int_equal(llmgw__turns_init(&router.turns), LLMGW_OK);
    }
    assert_true(nth > 4);
    for (nth = 0, failed = 1; failed; nth++) { /* while idle ones are dropped */
        for (int i = 0; i < 4096; i++) {
            (void)snprintf(id, sizeof id, "p/%d", i);
            llmgw__turns_begin(&router.turns, id);
            if (i % 100)
                llmgw__turns_end(&router.turns, id);
        }
        fail_allocation(nth);
        llmgw__turns_begin(&router.turns, "q/x");
        failed = allow_allocations();
        assert_int_equal(llmgw__turns_busy(&router.turns, "q/x"), !failed);
        assert_int_equal(llmgw__turns_busy(&router.turns, "p/4000"), 1);
        llmgw__turns_clear(&router.turns);
        assert_int_equal(llmgw__turns_init(&router.turns), LLMGW_OK);
    }
    assert_true(nth > 10);
}

static void *ask_much(void *userdata)
{
    const char *id = userdata;

    for (int i = 0; i < 2000; i++) {
        llmgw__turns_begin(&router.turns, id);
        (void)llmgw__turns_next(&router.turns, "r");
        llmgw__turns_favour(&router.turns, "r",
                            llmgw__turns_favourite(&router.turns, "r") + 1);
        llmgw__turns_end(&router.turns, id);
    }
    return NULL;
}

static void threads_take_turns(void **state)
{
    pthread_t threads[4];
    char names[4][4] = {"p/a", "p/a", "p/b", "p/b"};

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_much, names[i]),
                         0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(llmgw__turns_next(&router.turns, "r"), 8000);
    assert_int_equal(llmgw__turns_busy(&router.turns, "p/a"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ordered_is_the_route_s_own_order),
        TEST(nobody_and_one_are_in_order_by_any_policy),
        TEST(who_cannot_be_asked_comes_last),
        TEST(draws_are_by_weight),
        TEST(who_comes_next_is_drawn_likewise),
        TEST(weights_may_differ_by_much),
        TEST(without_randomness_the_heaviest_is_first),
        TEST(turns_are_taken_in_order),
        TEST(who_is_left_out_leaves_its_turns_to_all),
        TEST(the_least_busy_is_first),
        TEST(the_fastest_is_first_mostly),
        TEST(who_is_not_known_is_tried_now_and_then),
        TEST(who_is_a_little_faster_changes_nothing),
        TEST(a_conversation_stays_where_it_is),
        TEST(who_goes_takes_only_its_own_with_it),
        TEST(where_they_stick_is_by_weight_and_not_by_place),
        TEST(a_hash_is_the_same_everywhere),
        TEST(what_is_kept_is_bounded),
        TEST(more_at_once_than_are_counted_are_not),
        TEST(without_memory_there_is_an_order),
        TEST(threads_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
