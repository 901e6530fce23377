/*
 * The ledger and its memory store: rows, sums, and what a store fails to keep.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "account/report.h"
#include "base/text.h"
#include "support/alloc.h"

static struct llmgw_entry intent_of(const char *provider, const char *model,
                                    const char *tags)
{
    struct llmgw_entry intent = {0};

    intent.started_ns = 1000;
    intent.text[LLMGW__ENTRY_CALL_ID] = llmgw__str("call-1");
    intent.text[LLMGW__ENTRY_PROVIDER] = llmgw__str(provider);
    intent.text[LLMGW__ENTRY_MODEL] = llmgw__str(model);
    intent.text[LLMGW__ENTRY_ROUTE] = llmgw__str("route");
    intent.text[LLMGW__ENTRY_TAGS] = llmgw__str(tags);
    llmgw__usage_init(&intent.usage);
    return intent;
}

static const struct llmgw__row_watch nobody = {NULL, NULL};

/** One attempt from intent to settled, cost known unless negative. */
static llmgw_status attempt(struct llmgw__ledger *ledger, const char *provider,
                            const char *tags, int64_t pico, int64_t tokens)
{
    struct llmgw_entry intent = intent_of(provider, "m", tags);
    struct llmgw__row *row;
    llmgw_status status =
        llmgw__ledger_open(ledger, &intent, NULL, 0, &nobody, &row);

    if (status != LLMGW_OK)
        return status;
    row->entry->state = LLMGW_ENTRY_ANSWERED;
    row->entry->settled_ns = 2000;
    row->entry->has_usage = true;
    llmgw__usage_set(&row->entry->usage, LLMGW__INPUT_UNCACHED, tokens);
    row->entry->cost.known = pico >= 0;
    row->entry->cost.pico = pico >= 0 ? pico : 0;
    llmgw__ledger_settle(row);
    llmgw__row_drop(row);
    return LLMGW_OK;
}

struct seen {
    char text[2048];
    int count;
};

static int32_t see_entry(const llmgw_entry *entry, void *userdata)
{
    struct seen *seen = userdata;
    size_t len = strlen(seen->text);

    snprintf(seen->text + len, sizeof seen->text - len, "%d:%.*s:%d ",
             (int)entry->id, (int)entry->text[LLMGW__ENTRY_PROVIDER].len,
             entry->text[LLMGW__ENTRY_PROVIDER].data, (int)entry->state);
    seen->count++;
    return 0;
}

static int32_t see_total(const llmgw_total *total, void *userdata)
{
    struct seen *seen = userdata;
    size_t len = strlen(seen->text);

    snprintf(seen->text + len, sizeof seen->text - len,
             "[%.*s n=%d unpriced=%d prompt=%d %d.%012lld] ",
             (int)total->key.len, total->key.data, (int)total->entries,
             (int)total->unpriced, (int)total->prompt_tokens,
             (int)total->cost.usd, (long long)total->cost.pico);
    seen->count++;
    return 0;
}

static llmgw_status read_rows(struct llmgw__ledger *ledger,
                              const llmgw_ledger_filter *filter,
                              llmgw_entry_fn fn, void *userdata)
{
    const struct llmgw__look look = {
        .filter = filter, .now_ns = 10000, .fn = fn, .userdata = userdata};

    return llmgw__ledger_look(ledger, &look, false, NULL);
}

static int32_t see_row(const llmgw_report_row *row, void *userdata)
{
    return see_total(row->total, userdata);
}

static llmgw_status add_up(struct llmgw__ledger *ledger,
                           llmgw_ledger_group group,
                           const llmgw_ledger_filter *filter, void *seen)
{
    const struct llmgw__report report = {
        .group = group, .filter = filter, .max_rows = 100, .now_ns = 10000};

    return llmgw__ledger_report(ledger, &report, see_row, seen);
}

static void rows_are_kept_in_order_and_settled_in_place(void **state)
{
    struct llmgw__ledger ledger;
    struct llmgw_entry intent = intent_of("open", "m", "");
    struct llmgw__row *row;
    struct seen seen = {{0}, 0};

    (void)state;
    assert_int_equal(llmgw__ledger_init(&ledger, NULL, 100, 1), LLMGW_OK);
    attempt(&ledger, "a", "", 5, 1);
    llmgw__ledger_open(&ledger, &intent, NULL, 0, &nobody, &row);
    assert_true(llmgw__row_is_open(row));
    attempt(&ledger, "b", "", 5, 1);
    read_rows(&ledger, NULL, see_entry, &seen);
    assert_string_equal(seen.text, "1:a:2 2:open:1 3:b:2 ");
    row->entry->state = LLMGW_ENTRY_CANCELLED;
    row->entry->settled_ns = 3000;
    llmgw__ledger_settle(row);
    llmgw__row_drop(row);
    memset(&seen, 0, sizeof seen);
    read_rows(&ledger, NULL, see_entry, &seen);
    assert_string_equal(seen.text, "1:a:2 2:open:4 3:b:2 ");
    llmgw__ledger_clear(&ledger);
}

static void a_filter_picks_rows(void **state)
{
    struct llmgw__ledger ledger;
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct seen seen = {{0}, 0};

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 100, 1);
    attempt(&ledger, "a", "team=x,env=y", 5, 1);
    attempt(&ledger, "b", "team=xx", 5, 1);
    attempt(&ledger, "b", "env=y", 5, 1);
    filter.tag = "env=y";
    read_rows(&ledger, &filter, see_entry, &seen);
    assert_string_equal(seen.text, "1:a:2 3:b:2 ");
    memset(&seen, 0, sizeof seen);
    filter.provider = "b";
    read_rows(&ledger, &filter, see_entry, &seen);
    assert_string_equal(seen.text, "3:b:2 ");
    memset(&seen, 0, sizeof seen);
    filter.since_ns = 1001;
    read_rows(&ledger, &filter, see_entry, &seen);
    assert_int_equal(seen.count, 0);
    llmgw__ledger_clear(&ledger);
}

static void totals_are_exact_to_the_last_unit(void **state)
{
    struct llmgw__ledger ledger;
    struct seen seen = {{0}, 0};

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 100, 1);
    attempt(&ledger, "b", "t=1", 999999999999, 10);
    attempt(&ledger, "a", "t=1,t=2", 1, 20);
    attempt(&ledger, "b", "", 2, 30);
    attempt(&ledger, "b", "", -1, 40); /* unknown: counted beside */
    add_up(&ledger, LLMGW_GROUP_ALL, NULL, &seen);
    assert_string_equal(seen.text,
                        "[ n=4 unpriced=1 prompt=100 1.000000000002] ");
    memset(&seen, 0, sizeof seen);
    add_up(&ledger, LLMGW_GROUP_PROVIDER, NULL, &seen);
    assert_string_equal(seen.text,
                        "[a n=1 unpriced=0 prompt=20 0.000000000001] "
                        "[b n=3 unpriced=1 prompt=80 1.000000000001] ");
    memset(&seen, 0, sizeof seen);
    add_up(&ledger, LLMGW_GROUP_TAG, NULL, &seen);
    assert_string_equal(seen.text,
                        "[t=1 n=2 unpriced=0 prompt=30 1.000000000000] "
                        "[t=2 n=1 unpriced=0 prompt=20 0.000000000001] ");
    memset(&seen, 0, sizeof seen);
    add_up(&ledger, LLMGW_GROUP_MODEL, NULL, &seen);
    assert_int_equal(seen.count, 2);
    assert_non_null(strstr(seen.text, "[a/m n=1"));
    llmgw__ledger_clear(&ledger);
}

static void rows_that_leave_the_memory_stay_in_the_totals(void **state)
{
    struct llmgw__ledger ledger;
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct seen seen = {{0}, 0};

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 3, 1);
    for (int i = 0; i < 500; i++)
        attempt(&ledger, i % 2 ? "odd" : "even", "t=1", 3, 2);
    read_rows(&ledger, NULL, see_entry, &seen);
    assert_string_equal(seen.text, "498:odd:2 499:even:2 500:odd:2 ");
    memset(&seen, 0, sizeof seen);
    add_up(&ledger, LLMGW_GROUP_PROVIDER, NULL, &seen);
    assert_string_equal(seen.text,
                        "[even n=250 unpriced=0 prompt=500 0.000000000750] "
                        "[odd n=250 unpriced=0 prompt=500 0.000000000750] ");
    memset(&seen, 0, sizeof seen);
    filter.provider = "odd";
    add_up(&ledger, LLMGW_GROUP_TAG, &filter, &seen);
    assert_string_equal(seen.text,
                        "[t=1 n=250 unpriced=0 prompt=500 0.000000000750] ");
    llmgw__ledger_clear(&ledger);
}

static void a_row_settled_after_it_left_the_memory_is_summed(void **state)
{
    struct llmgw__ledger ledger;
    struct llmgw_entry intent = intent_of("slow", "m", "");
    struct llmgw__row *row;
    struct seen seen = {{0}, 0};

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 2, 1);
    llmgw__ledger_open(&ledger, &intent, NULL, 0, &nobody, &row);
    for (int i = 0; i < 5; i++)
        attempt(&ledger, "fast", "", 1, 1);
    row->entry->state = LLMGW_ENTRY_ANSWERED;
    row->entry->settled_ns = 9;
    row->entry->cost.known = true;
    row->entry->cost.pico = 100;
    llmgw__ledger_settle(row);
    llmgw__row_drop(row);
    add_up(&ledger, LLMGW_GROUP_ALL, NULL, &seen);
    assert_string_equal(seen.text,
                        "[ n=6 unpriced=0 prompt=5 0.000000000105] ");
    llmgw__ledger_clear(&ledger);
}

/* --- a store that fails, and one that takes its time --- */

struct slow_store {
    llmgw_store_op *waiting[8];
    int count;
    int closed;
    llmgw_status answer;
    int at_once;
};

static void slow_submit(llmgw_store_op *op, void *userdata)
{
    struct slow_store *store = userdata;

    if (store->at_once || llmgw_store_op_get_kind(op) == LLMGW_STORE_READ)
        llmgw_store_complete(op, store->at_once ? store->answer : LLMGW_OK);
    else
        store->waiting[store->count++] = op;
}

static void slow_close(void *userdata)
{
    struct slow_store *store = userdata;

    while (store->count)
        llmgw_store_complete(store->waiting[--store->count], LLMGW_E_SYSTEM);
    store->closed++;
}

static llmgw_store store_of(struct slow_store *slow)
{
    llmgw_store store = {.size = sizeof store,
                         .userdata = slow,
                         .submit = slow_submit,
                         .close = slow_close};

    return store;
}

static void count_call(void *userdata)
{
    (*(int *)userdata)++;
}

static void a_slow_store_is_waited_for_not_blocked_on(void **state)
{
    struct slow_store slow = {0};
    llmgw_store store = store_of(&slow);
    struct llmgw_entry intent = intent_of("a", "m", "");
    struct llmgw__ledger ledger;
    struct llmgw__row *row;
    int told = 0;
    const struct llmgw__row_watch watch = {count_call, &told};

    (void)state;
    llmgw__ledger_init(&ledger, &store, 0, 1);
    llmgw__ledger_open(&ledger, &intent, NULL, 0, &watch, &row);
    assert_false(llmgw__row_is_open(row));
    assert_int_equal(told, 0);
    assert_int_equal(slow.count, 1);
    slow.count = 0;
    llmgw_store_complete(slow.waiting[0], LLMGW_OK);
    assert_true(llmgw__row_is_open(row));
    assert_int_equal(told, 1);
    llmgw__ledger_settle(row);
    llmgw__row_drop(row); /* the store still has it */
    assert_int_equal(llmgw__ledger_flush(&ledger, 0), LLMGW_E_LIMIT);
    llmgw_store_complete(slow.waiting[--slow.count], LLMGW_OK);
    assert_int_equal(llmgw__ledger_flush(&ledger, 0), LLMGW_OK);
    llmgw__ledger_clear(&ledger);
    assert_int_equal(slow.closed, 1);
}

static void what_a_store_fails_to_keep_stays_with_us(void **state)
{
    struct slow_store failing = {.at_once = 1, .answer = LLMGW_E_SYSTEM};
    llmgw_store store = store_of(&failing);
    struct llmgw__ledger ledger;
    struct seen seen = {{0}, 0};

    (void)state;
    llmgw__ledger_init(&ledger, &store, 0, 1);
    assert_int_equal(attempt(&ledger, "a", "", 5, 1), LLMGW_OK);
    failing.answer = LLMGW_OK;
    read_rows(&ledger, NULL, see_entry, &seen);
    assert_string_equal(seen.text, "1:a:2 ");
    memset(&seen, 0, sizeof seen);
    add_up(&ledger, LLMGW_GROUP_ALL, NULL, &seen);
    assert_string_equal(seen.text,
                        "[ n=1 unpriced=0 prompt=1 0.000000000005] ");
    llmgw__ledger_clear(&ledger);
}

static llmgw_status a_little_history(struct seen *seen)
{
    struct llmgw__ledger ledger;
    llmgw_status status = llmgw__ledger_init(&ledger, NULL, 2, 1);

    if (status != LLMGW_OK)
        return status;
    for (int i = 0; i < 4 && status == LLMGW_OK; i++)
        status = attempt(&ledger, "a", "t=1", 7, 1);
    if (status == LLMGW_OK)
        status = read_rows(&ledger, NULL, see_entry, seen);
    if (status == LLMGW_OK)
        status = add_up(&ledger, LLMGW_GROUP_MODEL, NULL, seen);
    llmgw__ledger_clear(&ledger);
    return status;
}

static void ledger_survives_every_failed_allocation(void **state)
{
    int failed = 1;

    (void)state;
    for (int nth = 0; failed; nth++) {
        struct seen seen = {{0}, 0};
        llmgw_status status;

        fail_allocation(nth);
        status = a_little_history(&seen);
        failed = allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
        /* a full run, or one whose failure a lost row made good: all there */
        if (status == LLMGW_OK)
            assert_non_null(strstr(seen.text, "[a/m n=4"));
    }
}

/** What is committed of a budget. */
static int64_t committed(struct llmgw__ledger *ledger, const char *budget)
{
    llmgw_store_lease lease = {.budget = llmgw__str(budget),
                               .writer = 1,
                               .number = 77,
                               .limit = 1000,
                               .now_ns = 1,
                               .ttl_ns = 1};
    struct llmgw_store_op op = {.kind = LLMGW_STORE_LEASE, .lease = &lease};

    assert_int_equal(llmgw__ledger_ask(ledger, &op), LLMGW_OK);
    return lease.committed;
}

static void what_is_used_of_budgets_counts_whatever_memory_fails(void **state)
{
    static const char *const budgets[] = {"a", "a", "b"};
    int failed = 1;

    (void)state;
    for (int nth = 0; failed; nth++) {
        struct llmgw_entry intent = intent_of("p", "m", "");
        llmgw_store_charge charges[12];
        struct llmgw__ledger ledger;
        struct llmgw__row *row;
        llmgw_status status;

        for (int i = 0; i < 12; i++)
            charges[i] = (llmgw_store_charge){llmgw__str(budgets[i % 3]),
                                              60 * (int64_t)i, 10, 1};
        llmgw__ledger_init(&ledger, NULL, 10, 1);
        fail_allocation(nth);
        status =
            llmgw__ledger_open(&ledger, &intent, charges, 12, &nobody, &row);
        failed = allow_allocations();
        assert_int_equal(committed(&ledger, "a"), status == LLMGW_OK ? 80 : 0);
        if (status == LLMGW_OK) {
            for (int i = 0; i < 12; i++)
                row->charges[i].amount = 3;
            row->entry->settled_ns = 5;
            llmgw__ledger_settle(row);
            assert_int_equal(committed(&ledger, "a"), 24);
            assert_int_equal(committed(&ledger, "b"), 12);
        }
        llmgw__row_drop(row);
        llmgw__ledger_clear(&ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_kept_in_order_and_settled_in_place),
        cmocka_unit_test(a_filter_picks_rows),
        cmocka_unit_test(totals_are_exact_to_the_last_unit),
        cmocka_unit_test(rows_that_leave_the_memory_stay_in_the_totals),
        cmocka_unit_test(a_row_settled_after_it_left_the_memory_is_summed),
        cmocka_unit_test(a_slow_store_is_waited_for_not_blocked_on),
        cmocka_unit_test(what_a_store_fails_to_keep_stays_with_us),
        cmocka_unit_test(ledger_survives_every_failed_allocation),
        cmocka_unit_test(what_is_used_of_budgets_counts_whatever_memory_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
