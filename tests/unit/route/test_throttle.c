/* Rate limits: all or none, drained to the microsecond, corrected by what was
 * used, taught by providers, forgotten when idle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "route/bucket.h"
#include "route/throttle.h"
#include "support/alloc.h"

#define START  (100 * LLMGW__SECOND)
#define MINUTE (60 * LLMGW__SECOND)

/* One of everything that can have a quota. */
struct world {
    struct llmgw__throttle throttle;
    struct llmgw__provider provider;
    struct llmgw__quota of_target;
    struct llmgw__target target;
    struct llmgw__tag_quota tags[16];
    struct llmgw__catalog catalog;
    struct llmgw__throttle_ask ask;
    struct llmgw__throttle_hold hold;
    uint64_t back_ns;
    char why[128];
};

static void make_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    assert_int_equal(llmgw__throttle_init(&w->throttle), LLMGW_OK);
    w->provider.name = "work";
    w->target = (struct llmgw__target){.provider = &w->provider,
                                       .model = "m",
                                       .id = "work/m",
                                       .quota = &w->of_target};
    w->catalog.tag_quotas = w->tags;
    w->ask = (struct llmgw__throttle_ask){.catalog = &w->catalog,
                                          .target = &w->target,
                                          .key_id = "work a",
                                          .tokens = 10,
                                          .now_ns = START};
}

static llmgw_status take(struct world *w)
{
    memset(w->why, 0, sizeof w->why);
    return llmgw__throttle_take(&w->throttle, &w->ask, &w->hold, &w->back_ns,
                                w->why, sizeof w->why);
}

static void give(struct world *w, int64_t used)
{
    llmgw__throttle_give_back(&w->throttle, &w->hold, used, w->ask.now_ns);
}

static void learn(struct world *w, struct llmgw__allowed requests,
                  struct llmgw__allowed tokens)
{
    const struct llmgw__allowance told = {true, requests, tokens};

    llmgw__throttle_learn(&w->throttle, &w->target, w->ask.key_id, &told,
                          w->ask.now_ns);
}

static const struct llmgw__allowed untold = {-1, -1, -1};

static void without_limits_nothing_is_made(void **state)
{
    struct world w;
    size_t before;

    (void)state;
    make_world(&w);
    w.ask.tags = LLMGW__LIT("team=blue");
    before = allocation_count();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(take(&w), LLMGW_OK);
        assert_int_equal(w.hold.count, 0);
        assert_true(llmgw__throttle_look(&w.throttle, &w.ask) == 0);
        give(&w, 10);
        learn(&w, (struct llmgw__allowed){100, 90, 1000},
              (struct llmgw__allowed){100000, 90000, 1000});
        learn(&w, untold, untold);
    }
    assert_int_equal(allocation_count(), before);
    llmgw__throttle_clear(&w.throttle);
}

static void requests_drain_to_the_microsecond(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.provider.quota.requests = 7; /* one in 8,571,428.57… us */
    for (int i = 0; i < 7; i++)
        assert_int_equal(take(&w), LLMGW_OK);
    for (unsigned i = 1; i <= 700; i++) {
        uint64_t back = START + (UINT64_C(60000000) * i + 6) / 7 * 1000;

        w.ask.now_ns = back - 1000;
        assert_int_equal(take(&w), LLMGW_E_LIMIT);
        assert_true(w.back_ns == back);
        assert_true(llmgw__throttle_look(&w.throttle, &w.ask) == back);
        assert_int_equal(w.hold.count, 0);
        w.ask.now_ns = back;
        assert_true(llmgw__throttle_look(&w.throttle, &w.ask) == 0);
        assert_int_equal(take(&w), LLMGW_OK);
    }
    assert_string_equal(w.why, "");
    llmgw__throttle_clear(&w.throttle);
}

static void how_often_is_asked_changes_nothing(void **state)
{
    struct world w;
    int taken = 0;

    (void)state;
    make_world(&w);
    w.provider.quota.requests = 11;
    for (unsigned us = 0; us < 600000; us += 7) { /* 600 s, a ms at a time */
        w.ask.now_ns = START + us * LLMGW__MS;
        taken += take(&w) == LLMGW_OK;
    }
    assert_int_equal(taken, 11 + 11 * 10 - 1); /* the last is due at the end */
    w.ask.now_ns = START + 600 * LLMGW__SECOND;
    assert_int_equal(take(&w), LLMGW_OK);
    llmgw__throttle_clear(&w.throttle);
}

static void an_idle_minute_is_all_that_is_saved_up(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.provider.quota.requests = 3;
    for (uint64_t day = 0; day < 3; day++) {
        w.ask.now_ns = START + day * 1440 * MINUTE;
        for (int i = 0; i < 3; i++)
            assert_int_equal(take(&w), LLMGW_OK);
        assert_int_equal(take(&w), LLMGW_E_LIMIT);
    }
    llmgw__throttle_clear(&w.throttle);
}

static void what_was_used_takes_the_place_of_what_was_taken(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.of_target.tokens = 1000;
    w.ask.tokens = 800;
    assert_int_equal(take(&w), LLMGW_OK);
    give(&w, 300);
    w.ask.tokens = 701;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_string_equal(w.why, "1000 tokens a minute of this target");
    assert_true(w.back_ns == START + 60 * LLMGW__MS); /* one token's time */
    w.ask.tokens = 700;
    assert_int_equal(take(&w), LLMGW_OK);
    give(&w, -1); /* not known: all of it */
    w.ask.tokens = 1;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    w.ask.now_ns += MINUTE;
    w.ask.tokens = 100;
    assert_int_equal(take(&w), LLMGW_OK);
    give(&w, 1500); /* half a minute of debt */
    w.ask.tokens = 1;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == w.ask.now_ns + 501 * 60 * LLMGW__MS);
    llmgw__throttle_clear(&w.throttle);
}

static void more_than_a_minute_has_goes_when_nothing_is_used(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.of_target.tokens = 1000;
    w.ask.tokens = 1;
    assert_int_equal(take(&w), LLMGW_OK);
    w.ask.tokens = 5000;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 60 * LLMGW__MS);
    w.ask.now_ns = w.back_ns;
    assert_int_equal(take(&w), LLMGW_OK);
    w.ask.tokens = 1000;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == w.ask.now_ns + 5 * MINUTE);
    llmgw__throttle_clear(&w.throttle);
}

static void one_at_a_time_ends_with_it(void **state)
{
    struct world w;
    struct llmgw__throttle_hold first;

    (void)state;
    make_world(&w);
    w.provider.quota.concurrent = 2;
    assert_int_equal(take(&w), LLMGW_OK);
    first = w.hold;
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == UINT64_MAX);
    assert_true(llmgw__throttle_look(&w.throttle, &w.ask) == UINT64_MAX);
    assert_string_equal(w.why, "2 at a time of this key");
    w.hold = first;
    give(&w, 0);
    assert_int_equal(w.hold.count, 0);
    give(&w, 0); /* nothing is held any more */
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    llmgw__throttle_clear(&w.throttle);
}

static void all_is_taken_or_none(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.provider.quota.requests = 100;
    w.of_target.requests = 100;
    w.tags[0] = (struct llmgw__tag_quota){"team=blue", {.requests = 1}};
    w.catalog.tag_quota_count = 1;
    w.ask.tags = LLMGW__LIT("x=y,team=blue");
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(w.hold.count, 3);
    for (int i = 0; i < 500; i++)
        assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_string_equal(w.why, "1 requests a minute of tag team=blue");
    w.ask.tags = LLMGW__LIT("");
    for (int i = 0; i < 99; i++)
        assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    llmgw__throttle_clear(&w.throttle);
}

static void every_value_of_a_tag_has_its_own(void **state)
{
    static const char *const asked[] = {"team=blue", "team=red",
                                        "a=b,team=", "team=green,team=green"};
    struct world w;

    (void)state;
    make_world(&w);
    w.tags[0] = (struct llmgw__tag_quota){"team=*", {.requests = 2}};
    w.tags[1] = (struct llmgw__tag_quota){"team=gold", {.requests = 5}};
    w.catalog.tag_quota_count = 2;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        w.ask.tags = llmgw__str(asked[i]);
        assert_int_equal(take(&w), LLMGW_OK);
        assert_int_equal(w.hold.count, 1);
        assert_int_equal(take(&w), LLMGW_OK);
        assert_int_equal(take(&w), LLMGW_E_LIMIT);
    }
    w.ask.tags = LLMGW__LIT("team=gold"); /* its own word goes first */
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    w.ask.tags = LLMGW__LIT("teams=blue,tea=m,blue");
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(w.hold.count, 0);
    llmgw__throttle_clear(&w.throttle);
}

static void keys_and_targets_are_told_apart_by_their_id(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.provider.quota.requests = 1;
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_string_equal(w.why, "1 requests a minute of this key");
    w.ask.key_id = "work b";
    assert_int_equal(take(&w), LLMGW_OK);
    w.ask.key_id = NULL; /* shows none: no limit of keys */
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(w.hold.count, 0);
    w.of_target.requests = 1;
    w.target.id = "work b"; /* like a key's */
    w.ask.key_id = "work c";
    assert_int_equal(take(&w), LLMGW_OK);
    llmgw__throttle_clear(&w.throttle);
}

static void a_bucket_follows_the_quota_it_is_asked_with(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.provider.quota.requests = 10;
    for (int i = 0; i < 10; i++)
        assert_int_equal(take(&w), LLMGW_OK);
    w.provider.quota.requests = 12; /* two more */
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    w.provider.quota.requests = 4; /* eight must drain, and one */
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 9 * 15 * LLMGW__SECOND);
    w.provider.quota.requests = 0;
    assert_int_equal(take(&w), LLMGW_OK);
    llmgw__throttle_clear(&w.throttle);
}

static void more_limits_than_are_held_are_refused(void **state)
{
    static const char *const names[] = {"a=1", "b=1", "c=1", "d=1", "e=1",
                                        "f=1", "g=1", "h=1", "i=1", "j=1",
                                        "k=1", "l=1", "m=1"};
    struct world w;

    (void)state;
    make_world(&w);
    for (size_t i = 0; i < 13; i++)
        w.tags[i] = (struct llmgw__tag_quota){names[i], {.requests = 1}};
    w.catalog.tag_quota_count = 13;
    w.ask.tags =
        LLMGW__LIT("a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1");
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == UINT64_MAX);
    assert_string_equal(w.why, "more than 12 limits for one request");
    w.ask.tags.len -= 4;
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(w.hold.count, 12);
    llmgw__throttle_clear(&w.throttle);
}

static void nothing_left_is_no_room_until_the_reset(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    learn(&w, (struct llmgw__allowed){60, 0, 2500}, untold);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 2500 * LLMGW__MS);
    assert_string_equal(
        w.why, "no requests left of this key's, by what its provider says");
    w.target.model = "n"; /* another model of the key has its own */
    assert_int_equal(take(&w), LLMGW_OK);
    w.target.model = "m";
    w.ask.key_id = "work b"; /* as has another key */
    assert_int_equal(take(&w), LLMGW_OK);
    w.ask.key_id = "work a";
    w.ask.now_ns = w.back_ns = START + 2500 * LLMGW__MS;
    assert_int_equal(take(&w), LLMGW_OK);
    llmgw__throttle_clear(&w.throttle);
}

static void a_little_left_is_counted_down(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    learn(&w, (struct llmgw__allowed){60, 2, 1000},
          (struct llmgw__allowed){100000, 9000, 20000});
    w.ask.tokens = 9001;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 20 * LLMGW__SECOND);
    w.ask.tokens = 4000;
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(w.hold.count, 0); /* the provider counts, not we */
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    learn(&w, (struct llmgw__allowed){60, 50, 1000},
          (struct llmgw__allowed){100000, 90000, 1000}); /* all is well */
    assert_int_equal(take(&w), LLMGW_OK);
    learn(&w, (struct llmgw__allowed){60, 0, 0}, untold); /* and is over */
    assert_int_equal(take(&w), LLMGW_OK);
    llmgw__throttle_clear(&w.throttle);
}

static void what_is_left_lowers_ours(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.of_target.requests = 1000;
    learn(&w, (struct llmgw__allowed){60, 30, -1}, untold);
    for (int i = 0; i < 30; i++)
        assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + MINUTE); /* no reset told: a minute */
    w.ask.now_ns = w.back_ns;
    assert_int_equal(take(&w), LLMGW_OK);
    llmgw__throttle_clear(&w.throttle);
}

static void a_lie_lasts_a_day_at_most(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    learn(&w, (struct llmgw__allowed){INT64_MAX, 0, INT64_MAX},
          (struct llmgw__allowed){0, INT64_MAX, 5});
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 1440 * MINUTE);
    llmgw__throttle_clear(&w.throttle);
}

static void figures_beyond_measure_are_held(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.of_target = (struct llmgw__quota){UINT32_MAX, UINT32_MAX, UINT64_MAX};
    w.provider.quota = (struct llmgw__quota){0, 0, 1};
    w.ask.tokens = INT64_MAX;
    assert_int_equal(take(&w), LLMGW_OK);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 1000000 * MINUTE);
    give(&w, INT64_MAX); /* nothing is held */
    w.provider.quota.tokens = 0;
    w.ask.now_ns = UINT64_MAX - 5;
    assert_int_equal(take(&w), LLMGW_OK);
    give(&w, INT64_MAX);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == UINT64_MAX);
    w.ask.now_ns = START; /* backwards: as if no time had passed */
    w.ask.tokens = INT64_MIN;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    llmgw__throttle_clear(&w.throttle);
}

static void a_debt_is_waited_for_an_hour_at_most(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    w.of_target.tokens = 10;
    w.ask.tokens = 1000000;
    assert_int_equal(take(&w), LLMGW_OK);
    give(&w, 1000000);
    w.ask.tokens = 10;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 60 * MINUTE);
    llmgw__throttle_clear(&w.throttle);
}

static void take_with_tag(struct world *w, unsigned number)
{
    char tag[32];

    (void)snprintf(tag, sizeof tag, "user=%u", number);
    w->ask.tags = llmgw__str(tag);
    assert_int_equal(take(w), LLMGW_OK);
    w->ask.tags = LLMGW__LIT("");
}

static void idle_buckets_are_forgotten_and_held_ones_stay(void **state)
{
    struct llmgw__throttle_hold held;
    struct world w;

    (void)state;
    make_world(&w);
    w.tags[0] = (struct llmgw__tag_quota){"user=*", {.tokens = 1000}};
    w.catalog.tag_quota_count = 1;
    take_with_tag(&w, 0);
    held = w.hold;
    learn(&w, (struct llmgw__allowed){60, 0, 500}, untold);
    assert_int_equal(atomic_load(&w.throttle.buckets.told), 1);
    for (unsigned i = 1; i < 20000; i++) {
        w.ask.now_ns = START + i * LLMGW__SECOND;
        take_with_tag(&w, i);
        give(&w, 1);
        assert_true(w.throttle.buckets.all.count <= 256);
    }
    assert_int_equal(atomic_load(&w.throttle.buckets.told), 0);
    w.hold = held;
    give(&w, 7);
    llmgw__throttle_clear(&w.throttle);
}

static void tags_without_end_are_bounded(void **state)
{
    struct llmgw__throttle_hold held;
    struct world w;

    (void)state;
    make_world(&w);
    w.provider.quota.concurrent = 100000;
    w.provider.quota.requests = 100000;
    w.tags[0] = (struct llmgw__tag_quota){"user=*", {.requests = 1}};
    w.catalog.tag_quota_count = 1;
    take_with_tag(&w, 0);
    held = w.hold;
    for (unsigned i = 1; i < 50000; i++) {
        take_with_tag(&w, i); /* all at the same moment: none is idle */
        give(&w, 0);
        assert_true(w.throttle.buckets.all.count <= 16384);
    }
    assert_int_equal(((struct llmgw__bucket *)held.buckets[0])->busy, 1);
    assert_int_equal(((struct llmgw__bucket *)held.buckets[0])->meters[0].used,
                     50000);
    w.hold = held;
    w.ask.tags = LLMGW__LIT("user=0"); /* held all the time: not forgotten */
    {
        struct llmgw__throttle_hold none;

        assert_int_equal(llmgw__throttle_take(&w.throttle, &w.ask, &none,
                                              &w.back_ns, NULL, 0),
                         LLMGW_E_LIMIT);
    }
    give(&w, 0);
    llmgw__throttle_clear(&w.throttle);
}

static void names_too_long_share_a_bucket(void **state)
{
    char id[2000], other[2000];
    struct world w;

    (void)state;
    make_world(&w);
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    memcpy(other, id, sizeof id);
    other[1500] = 'y';
    w.of_target.requests = 1;
    w.target.id = id;
    w.target.model = id;
    w.ask.key_id = id;
    assert_int_equal(take(&w), LLMGW_OK);
    w.target.id = other;
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    learn(&w, (struct llmgw__allowed){60, 0, 90000}, untold);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    assert_true(w.back_ns == START + 90 * LLMGW__SECOND);
    llmgw__throttle_clear(&w.throttle);
}

static void failed_allocations_take_nothing(void **state)
{
    (void)state;
    for (int nth = 0;; nth++) {
        struct world w;
        llmgw_status status;

        make_world(&w);
        w.provider.quota.concurrent = 1;
        w.of_target.concurrent = 1;
        w.tags[0] = (struct llmgw__tag_quota){"a=*", {.concurrent = 1}};
        w.catalog.tag_quota_count = 1;
        w.ask.tags = LLMGW__LIT("a=b");
        fail_allocation(nth);
        status = take(&w);
        if (!allow_allocations()) {
            assert_int_equal(status, LLMGW_OK);
            llmgw__throttle_clear(&w.throttle);
            return;
        }
        assert_int_equal(status, LLMGW_E_NOMEM);
        assert_int_equal(w.hold.count, 0);
        assert_int_equal(take(&w), LLMGW_OK);
        llmgw__throttle_clear(&w.throttle);
    }
}

static void a_sweep_without_memory_forgets_nothing(void **state)
{
    (void)state;
    for (int nth = 0;; nth++) {
        struct world w;
        bool failed;

        make_world(&w);
        w.tags[0] = (struct llmgw__tag_quota){"user=*", {.requests = 1}};
        w.catalog.tag_quota_count = 1;
        for (unsigned i = 0; i < 40; i++)
            take_with_tag(&w, i);
        fail_allocation(nth);
        llmgw__buckets_sweep(&w.throttle.buckets, START / 1000);
        failed = allow_allocations();
        assert_int_equal(w.throttle.buckets.all.count, 40);
        llmgw__throttle_clear(&w.throttle);
        if (!failed)
            return;
    }
}

static void what_cannot_be_remembered_of_a_provider_is_let_go(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    for (int nth = 0; nth < 3; nth++) {
        fail_allocation(nth);
        learn(&w, (struct llmgw__allowed){60, 0, 2500}, untold);
        assert_true(allow_allocations());
        assert_int_equal(take(&w), LLMGW_OK);
    }
    learn(&w, (struct llmgw__allowed){60, 0, 2500}, untold);
    assert_int_equal(take(&w), LLMGW_E_LIMIT);
    llmgw__throttle_clear(&w.throttle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_limits_nothing_is_made),
        cmocka_unit_test(requests_drain_to_the_microsecond),
        cmocka_unit_test(how_often_is_asked_changes_nothing),
        cmocka_unit_test(an_idle_minute_is_all_that_is_saved_up),
        cmocka_unit_test(what_was_used_takes_the_place_of_what_was_taken),
        cmocka_unit_test(more_than_a_minute_has_goes_when_nothing_is_used),
        cmocka_unit_test(one_at_a_time_ends_with_it),
        cmocka_unit_test(all_is_taken_or_none),
        cmocka_unit_test(every_value_of_a_tag_has_its_own),
        cmocka_unit_test(keys_and_targets_are_told_apart_by_their_id),
        cmocka_unit_test(a_bucket_follows_the_quota_it_is_asked_with),
        cmocka_unit_test(more_limits_than_are_held_are_refused),
        cmocka_unit_test(nothing_left_is_no_room_until_the_reset),
        cmocka_unit_test(a_little_left_is_counted_down),
        cmocka_unit_test(what_is_left_lowers_ours),
        cmocka_unit_test(a_lie_lasts_a_day_at_most),
        cmocka_unit_test(figures_beyond_measure_are_held),
        cmocka_unit_test(a_debt_is_waited_for_an_hour_at_most),
        cmocka_unit_test(idle_buckets_are_forgotten_and_held_ones_stay),
        cmocka_unit_test(tags_without_end_are_bounded),
        cmocka_unit_test(names_too_long_share_a_bucket),
        cmocka_unit_test(failed_allocations_take_nothing),
        cmocka_unit_test(a_sweep_without_memory_forgets_nothing),
        cmocka_unit_test(what_cannot_be_remembered_of_a_provider_is_let_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
