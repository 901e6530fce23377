/*
 * What is kept of an account's credential: who fetches it, who waits, when it
 * is due, and what is remembered of failures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "call/credentials.h"
#include "support/alloc.h"

#define WALL INT64_C(1700000000)

/* All credentials, and two that ask for them. */
struct account {
    struct llmgw__credentials all;
    struct llmgw__poller *poller;
    struct llmgw__bell bell;
    struct llmgw__credentials_wait waits[2];
    struct llmgw__credentials_found found;
    struct llmgw__error error;
    uint64_t now_s; /* since the beginning */
};

static void open_account(struct account *it)
{
    memset(it, 0, sizeof *it);
    it->now_s = 100;
    assert_int_equal(llmgw__credentials_init(&it->all), LLMGW_OK);
    assert_int_equal(llmgw__poller_create(&it->poller), LLMGW_OK);
    it->bell.wakeup = llmgw__poller_wakeup(it->poller);
    it->waits[0].bell = it->waits[1].bell = &it->bell;
}

static void close_account(struct account *it)
{
    llmgw__credential_drop(it->found.credential);
    llmgw__credentials_clear(&it->all);
    llmgw__poller_free(it->poller);
}

static struct llmgw__credentials_ask ask_of(struct account *it,
                                            const char *account, int who)
{
    return (struct llmgw__credentials_ask){
        .account = account,
        .now_ns = it->now_s * LLMGW__SECOND,
        .now_s = WALL + (int64_t)it->now_s,
        .wait = who < 0 ? NULL : &it->waits[who],
    };
}

static llmgw_status find(struct account *it, int who)
{
    struct llmgw__credentials_ask ask = ask_of(it, "cloud", who);

    llmgw__credential_drop(it->found.credential);
    return llmgw__credentials_find(&it->all, &ask, &it->found, &it->error);
}

/** @param lives_s  from now on; 0: for ever */
static void put(struct account *it, uint64_t lease, const char *key,
                uint64_t lives_s)
{
    struct llmgw__credentials_ask ask = ask_of(it, "cloud", 0);
    const struct llmgw__credential_texts texts = {.key = llmgw__str(key)};
    struct llmgw__credential *made = llmgw__credential_make(
        &texts, lives_s ? WALL + (int64_t)(it->now_s + lives_s) : 0);

    assert_non_null(made);
    llmgw__credentials_put(&it->all, &ask, lease, made);
}

static void lose(struct account *it, uint64_t lease, const char *why)
{
    struct llmgw__credentials_ask ask = ask_of(it, "cloud", 0);
    struct llmgw__error error;

    llmgw__error_setz(&error, LLMGW_KIND_AUTH, why ? why : "");
    llmgw__credentials_fail(&it->all, &ask, lease, why ? &error : NULL);
}

static void one_fetches_and_the_other_is_told(void **state)
{
    struct account it;
    uint64_t lease;

    (void)state;
    open_account(&it);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_null(it.found.credential);
    lease = it.found.lease;
    assert_int_not_equal(lease, 0);
    assert_int_equal(find(&it, 1), LLMGW__WAITS);
    assert_int_equal(it.found.until_ns, (it.now_s + 30) * LLMGW__SECOND);
    assert_false(atomic_load(&it.waits[1].told));
    put(&it, lease, "tok", 3600);
    assert_true(atomic_load(&it.waits[1].told));
    assert_true(atomic_load(&it.bell.rung));
    assert_int_equal(find(&it, 1), LLMGW_OK);
    assert_string_equal(it.found.credential->key, "tok");
    assert_int_equal(it.found.lease, 0);
    close_account(&it);
}

static void who_leaves_is_not_told(void **state)
{
    struct account it;
    uint64_t lease;

    (void)state;
    open_account(&it);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    lease = it.found.lease;
    assert_int_equal(find(&it, 0), LLMGW__WAITS);
    assert_int_equal(find(&it, 1), LLMGW__WAITS);
    llmgw__credentials_leave(&it.all, &it.waits[0]);
    llmgw__credentials_leave(&it.all, &it.waits[0]);
    put(&it, lease, "tok", 0);
    assert_false(atomic_load(&it.waits[0].told));
    assert_true(atomic_load(&it.waits[1].told));
    llmgw__credentials_leave(&it.all, &it.waits[1]);
    close_account(&it);
}

static void what_was_given_up_is_handed_on(void **state)
{
    struct account it;
    uint64_t lease;

    (void)state;
    open_account(&it);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    lease = it.found.lease;
    assert_int_equal(find(&it, 1), LLMGW__WAITS);
    lose(&it, lease, NULL);
    assert_true(atomic_load(&it.waits[1].told));
    assert_int_equal(find(&it, 1), LLMGW_OK);
    assert_true(it.found.lease > lease);
    lose(&it, lease, "too late"); /* it is not its lease any more */
    assert_int_equal(find(&it, 0), LLMGW__WAITS);
    llmgw__credentials_leave(&it.all, &it.waits[0]);
    close_account(&it);
}

static void a_lease_ends_and_what_comes_late_may_do(void **state)
{
    struct account it;
    uint64_t lease;

    (void)state;
    open_account(&it);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    lease = it.found.lease;
    it.now_s += 29;
    assert_int_equal(find(&it, 1), LLMGW__WAITS);
    llmgw__credentials_leave(&it.all, &it.waits[1]);
    it.now_s += 1;
    assert_int_equal(find(&it, 1), LLMGW_OK);
    assert_true(it.found.lease > lease);
    put(&it, lease, "late", 3600);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_string_equal(it.found.credential->key, "late");
    put(&it, lease, "older", 1000); /* the one that lasts longer stays */
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_string_equal(it.found.credential->key, "late");
    put(&it, lease, "newer", 7200);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_string_equal(it.found.credential->key, "newer");
    close_account(&it);
}

static void what_is_due_is_shown_while_another_is_fetched(void **state)
{
    struct account it;
    uint64_t lease;

    (void)state;
    open_account(&it);
    put(&it, 0, "old", 3600);
    it.now_s += 3300;
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_int_equal(it.found.lease, 0);
    it.now_s += 1;
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_string_equal(it.found.credential->key, "old");
    lease = it.found.lease;
    assert_int_not_equal(lease, 0);
    assert_int_equal(find(&it, 1), LLMGW_OK); /* nobody waits, one fetches */
    assert_string_equal(it.found.credential->key, "old");
    assert_int_equal(it.found.lease, 0);
    lose(&it, lease, "not now");
    assert_int_equal(find(&it, 1), LLMGW_OK);
    assert_int_equal(it.found.lease, 0);
    it.now_s += 1;
    assert_int_equal(find(&it, 1), LLMGW_OK);
    put(&it, it.found.lease, "same", 200); /* no better: not at once again */
    assert_int_equal(find(&it, 1), LLMGW_OK);
    assert_int_equal(it.found.lease, 0);
    it.now_s += 10;
    assert_int_equal(find(&it, 1), LLMGW_OK);
    assert_int_not_equal(it.found.lease, 0);
    close_account(&it);
}

static void what_has_expired_is_not_shown(void **state)
{
    struct account it;

    (void)state;
    open_account(&it);
    put(&it, 0, "tok", 400);
    it.now_s += 399;
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_non_null(it.found.credential);
    it.now_s += 1;
    assert_int_equal(find(&it, 1), LLMGW__WAITS); /* the first one fetches */
    llmgw__credentials_leave(&it.all, &it.waits[1]);
    assert_int_equal(find(&it, -1), LLMGW_OK);
    assert_null(it.found.credential);
    close_account(&it);
}

static void a_failure_is_remembered_for_a_while(void **state)
{
    struct account it;

    (void)state;
    open_account(&it);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    lose(&it, it.found.lease, "no such client");
    assert_int_equal(find(&it, 0), LLMGW_E_INVALID);
    assert_string_equal(it.error.message, "no such client");
    it.now_s += 1;
    assert_int_equal(find(&it, 0), LLMGW_OK);
    lose(&it, it.found.lease, "no such client");
    it.now_s += 1;
    assert_int_equal(find(&it, 0), LLMGW_E_INVALID);
    it.now_s += 1;
    assert_int_equal(find(&it, 0), LLMGW_OK);
    put(&it, it.found.lease, "tok", 400);
    it.now_s += 400; /* it went well in between: from one second again */
    assert_int_equal(find(&it, 0), LLMGW_OK);
    lose(&it, it.found.lease, "gone");
    it.now_s += 1;
    assert_int_equal(find(&it, 0), LLMGW_OK);
    close_account(&it);
}

static void refuse(struct account *it, const struct llmgw__credential *what)
{
    struct llmgw__credentials_ask ask = ask_of(it, "cloud", 0);

    llmgw__credentials_refused(&it->all, &ask, what);
}

static void what_was_refused_is_fetched_anew_but_not_for_ever(void **state)
{
    struct account it;

    (void)state;
    open_account(&it);
    put(&it, 0, "tok", 0);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    refuse(&it, it.found.credential);
    refuse(&it, it.found.credential); /* of another call: it is gone */
    assert_int_equal(find(&it, 0), LLMGW_OK);
    assert_int_not_equal(it.found.lease, 0);
    put(&it, it.found.lease, "tok", 0);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    refuse(&it, it.found.credential);
    assert_int_equal(find(&it, 0), LLMGW_E_INVALID);
    it.now_s += 1;
    assert_int_equal(find(&it, 0), LLMGW_OK);
    put(&it, it.found.lease, "tok", 0);
    it.now_s += 301; /* long ago: the next one counts as the first */
    assert_int_equal(find(&it, 0), LLMGW_OK);
    refuse(&it, it.found.credential);
    assert_int_equal(find(&it, 0), LLMGW_OK);
    close_account(&it);
}

static void accounts_are_bounded_but_for_those_in_use(void **state)
{
    struct account it;
    char name[16];

    (void)state;
    open_account(&it);
    assert_int_equal(find(&it, 0), LLMGW_OK); /* leased */
    for (int i = 0; i < 1000; i++) {
        struct llmgw__credentials_ask ask;

        (void)snprintf(name, sizeof name, "a%d", i);
        ask = ask_of(&it, name, 0);
        llmgw__credentials_put(&it.all, &ask, 0, NULL);
        assert_true(it.all.count <= 256);
    }
    assert_int_equal(find(&it, 1), LLMGW__WAITS);
    llmgw__credentials_leave(&it.all, &it.waits[1]);
    close_account(&it);
}

static void without_memory_nothing_is_kept(void **state)
{
    struct account it;

    (void)state;
    open_account(&it);
    fail_allocation(0);
    assert_int_equal(find(&it, 0), LLMGW_E_NOMEM);
    assert_true(allow_allocations());
    assert_int_equal(it.all.count, 0);
    assert_int_equal(find(&it, -1), LLMGW_OK);
    assert_null(it.found.credential);
    close_account(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fetches_and_the_other_is_told),
        cmocka_unit_test(who_leaves_is_not_told),
        cmocka_unit_test(what_was_given_up_is_handed_on),
        cmocka_unit_test(a_lease_ends_and_what_comes_late_may_do),
        cmocka_unit_test(what_is_due_is_shown_while_another_is_fetched),
        cmocka_unit_test(what_has_expired_is_not_shown),
        cmocka_unit_test(a_failure_is_remembered_for_a_while),
        cmocka_unit_test(what_was_refused_is_fetched_anew_but_not_for_ever),
        cmocka_unit_test(accounts_are_bounded_but_for_those_in_use),
        cmocka_unit_test(without_memory_nothing_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
