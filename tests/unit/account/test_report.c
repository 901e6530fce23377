/*
 * Reports: what they add up to, however entries are kept; spans of time; in
 * what order rows are read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "account/report.h"
#include "account/store_sqlite.h"
#include "base/text.h"
#include "support/alloc.h"
#include "support/ledger_case.h"

/* --- what totals must be, reckoned another way --- */

#define MANY 400

struct check {
    const struct known *all;
    const struct llmgw__report *report;
    uint64_t entries; /* of the rows so far */
    int rows;
    int64_t begin_ns;
    char key[64];
};

static int has_key(const struct known *known,
                   const struct llmgw__report *report, llmgw_str key)
{
    static const char *const states[] = {"open", "answered", "failed",
                                         "cancelled"};

    switch (report->group) {
    case LLMGW_GROUP_PROVIDER:
        return llmgw__str_is(key, known->provider);
    case LLMGW_GROUP_KEY:
        return llmgw__str_is(key, known->key);
    case LLMGW_GROUP_STATE:
        return llmgw__str_is(key, states[known->state - 1]);
    case LLMGW_GROUP_TAG:
        if (report->tag_name)
            return llmgw__str_eq(key, llmgw__tags_value(llmgw__str(known->tags),
                                                        report->tag_name));
        return llmgw__tags_have(llmgw__str(known->tags), key);
    default:
        return key.len == 0;
    }
}

static int is_asked_for(const struct known *known,
                        const llmgw_ledger_filter *filter)
{
    return !filter ||
           ((!filter->provider || !strcmp(filter->provider, known->provider)) &&
            (!filter->state || filter->state == known->state) &&
            (!filter->key || !strcmp(filter->key, known->key)) &&
            (!filter->tag || llmgw__tags_have(llmgw__str(known->tags),
                                              llmgw__str(filter->tag))) &&
            known->started_ns >= filter->since_ns &&
            (!filter->until_ns || known->started_ns < filter->until_ns));
}

static int64_t pico_of(const llmgw_money *money)
{
    return money->usd * INT64_C(1000000000000) + money->pico;
}

static int32_t check_row(const llmgw_report_row *row, void *userdata)
{
    struct check *check = userdata;
    const struct llmgw__report *report = check->report;
    llmgw_total must = {0};
    int64_t billed = 0;

    for (int i = 0; i < MANY; i++) {
        const struct known *known = &check->all[i];

        if (!is_asked_for(known, report->filter) ||
            !has_key(known, report, row->total->key) ||
            (report->step && (known->started_ns < row->begin_ns ||
                              known->started_ns >= row->end_ns)))
            continue;
        must.entries++;
        must.unpriced += known->billed < 0;
        must.failed += known->state == LLMGW_ENTRY_FAILED;
        must.open += known->state == LLMGW_ENTRY_OPEN;
        must.prompt_tokens += known->tokens;
        billed += known->billed < 0 ? 0 : known->billed;
    }
    assert_int_equal(row->total->entries, must.entries);
    assert_int_equal(row->total->unpriced, must.unpriced);
    assert_int_equal(row->total->failed, must.failed);
    assert_int_equal(row->total->open, must.open);
    assert_int_equal(row->total->prompt_tokens, must.prompt_tokens);
    assert_int_equal(pico_of(&row->total->cost), billed);
    assert_int_equal(pico_of(&row->total->delivered), billed);
    /* by time, then by key */
    assert_true(
        check->rows == 0 || row->begin_ns > check->begin_ns ||
        (row->begin_ns == check->begin_ns &&
         strncmp(check->key, row->total->key.data, row->total->key.len) <= 0));
    snprintf(check->key, sizeof check->key, "%.*s", (int)row->total->key.len,
             row->total->key.data);
    check->begin_ns = row->begin_ns;
    check->entries += row->total->entries;
    check->rows++;
    return 0;
}

static void check_all(struct llmgw__ledger *ledger, const struct known *all)
{
    static const llmgw_ledger_filter filters[] = {
        {.provider = "b"},
        {.state = LLMGW_ENTRY_FAILED, .key = "k#1"},
        {.tag = "env=z"},
        {.since_ns = START + DAY, .until_ns = START + 3 * DAY},
    };

    for (int group = LLMGW_GROUP_ALL; group <= LLMGW_GROUP_STATE; group++)
        for (int step = 0; step <= LLMGW_STEP_MONTH; step++)
            for (int f = -1; f < 4; f++) {
                struct llmgw__report report = {
                    .group = group,
                    .step = step,
                    .tag_name = step == LLMGW_STEP_DAY ? "team" : NULL,
                    .filter = f < 0 ? NULL : &filters[f],
                    .max_rows = 10000,
                };
                struct check check = {.all = all, .report = &report};
                uint64_t must = 0;

                if (step == LLMGW_STEP_HOUR || group == LLMGW_GROUP_MODEL ||
                    group == LLMGW_GROUP_ROUTE)
                    continue; /* days that have gone have no hours */
                for (int i = 0; i < MANY; i++)
                    must += (uint64_t)is_asked_for(&all[i], report.filter);
                assert_int_equal(
                    llmgw__ledger_report(ledger, &report, check_row, &check),
                    LLMGW_OK);
                if (group != LLMGW_GROUP_TAG || report.tag_name)
                    assert_int_equal(check.entries, must);
                assert_true(check.rows > 0);
            }
}

static void sums_are_exact_however_many_rows_are_kept(void **state)
{
    static const size_t kept[] = {1000, 64, 3};
    struct known all[MANY];

    (void)state;
    turn = 7;
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
        struct llmgw__ledger ledger;

        llmgw__ledger_init(&ledger, NULL, kept[k], 1);
        for (int i = 0; i < MANY; i++) {
            all[i] = draw_known(i);
            if (kept[k] < MANY) /* what is open and has left is no sum */
                all[i].state = all[i].state == LLMGW_ENTRY_OPEN
                                   ? LLMGW_ENTRY_ANSWERED
                                   : all[i].state;
            assert_int_equal(keep(&ledger, &all[i], NULL), LLMGW_OK);
        }
        check_all(&ledger, all);
        llmgw__ledger_clear(&ledger);
    }
}

static int32_t count_row(const llmgw_entry *entry, void *userdata)
{
    (void)entry;
    (*(int *)userdata)++;
    return 0;
}

static int rows_of(struct llmgw__ledger *ledger,
                   const llmgw_ledger_filter *filter)
{
    int rows = 0;
    const struct llmgw__look look = {.filter = filter,
                                     .now_ns = START + 100 * DAY,
                                     .fn = count_row,
                                     .userdata = &rows};

    assert_int_equal(llmgw__ledger_look(ledger, &look, false, NULL), LLMGW_OK);
    return rows;
}

static void what_is_forgotten_still_counts(void **state)
{
    struct llmgw__ledger ledger;
    struct known all[MANY];
    struct llmgw_store_op forget = {.kind = LLMGW_STORE_FORGET};
    int left = 0;

    (void)state;
    turn = 11;
    llmgw__ledger_init(&ledger, NULL, 1000, 1);
    for (int i = 0; i < MANY; i++) {
        all[i] = draw_known(i);
        assert_int_equal(keep(&ledger, &all[i], NULL), LLMGW_OK);
    }
    forget.before_ns = START + 2 * DAY + HOUR;
    for (int i = 0; i < MANY; i++)
        left += all[i].state == LLMGW_ENTRY_OPEN ||
                all[i].started_ns + 1 >= forget.before_ns;
    assert_int_equal(llmgw__ledger_ask(&ledger, &forget), LLMGW_OK);
    assert_true(left > 0 && left < MANY);
    assert_int_equal(rows_of(&ledger, NULL), left);
    check_all(&ledger, all);
    assert_int_equal(llmgw__ledger_ask(&ledger, &forget), LLMGW_OK);
    check_all(&ledger, all); /* nothing twice */
    llmgw__ledger_clear(&ledger);
}

/** A ledger in a file that is not there yet; false: no such stores here. */
static bool open_file(struct llmgw__ledger *ledger, char path[64])
{
    struct llmgw__sqlite_setting setting = {.path = path};
    struct llmgw__error why = {0};
    llmgw_store store;

    snprintf(path, 64, "/tmp/llmgw-report-%ld.db", (long)getpid());
    if (llmgw__store_sqlite_create(&setting, &store, &why) != LLMGW_OK)
        return false;
    assert_int_equal(llmgw__ledger_init(ledger, &store, 0, 1), LLMGW_OK);
    return true;
}

static void remove_file(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};

    for (int i = 0; i < 3; i++) {
        char name[80];

        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

static void a_file_adds_up_to_the_same(void **state)
{
    struct llmgw_store_op forget = {.kind = LLMGW_STORE_FORGET,
                                    .before_ns = START + 2 * DAY + HOUR};
    struct llmgw__ledger ledger;
    struct known all[MANY];
    char path[64];

    (void)state;
    turn = 13;
    if (!open_file(&ledger, path)) {
        puts("skip: no stores in files here");
        skip();
    }
    for (int i = 0; i < MANY; i++) {
        all[i] = draw_known(i);
        assert_int_equal(keep(&ledger, &all[i], NULL), LLMGW_OK);
    }
    check_all(&ledger, all);
    assert_int_equal(llmgw__ledger_ask(&ledger, &forget), LLMGW_OK);
    assert_true(rows_of(&ledger, NULL) < MANY);
    check_all(&ledger, all);
    llmgw__ledger_clear(&ledger);
    remove_file(path);
}

/* --- spans --- */

struct series {
    char text[4096];
    int64_t shortest_ns, longest_ns;
    int count;
};

static int32_t see_span(const llmgw_report_row *row, void *userdata)
{
    struct series *series = userdata;
    size_t len = strlen(series->text);
    int64_t span_ns =
        (int64_t)((uint64_t)row->end_ns - (uint64_t)row->begin_ns);

    if (len + 64 < sizeof series->text)
        snprintf(series->text + len, sizeof series->text - len, "%.*s %d|",
                 (int)row->begin.len, row->begin.data,
                 (int)row->total->entries);
    if (!series->count++ || span_ns < series->shortest_ns)
        series->shortest_ns = span_ns;
    if (span_ns > series->longest_ns)
        series->longest_ns = span_ns;
    return 0;
}

static void days_of_summer_time_are_as_long_as_they_are(void **state)
{
    struct llmgw__ledger ledger;
    struct llmgw__report report = {.step = LLMGW_STEP_DAY, .max_rows = 1000};
    struct llmgw__arena arena;
    struct series days = {{0}, 0, 0, 0};
    struct series hours = {{0}, 0, 0, 0};

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    if (llmgw__zone_make("Europe/Berlin", &arena, &report.zone) != LLMGW_OK) {
        puts("skip: this system has no time zones");
        llmgw__arena_clear(&arena);
        skip();
    }
    llmgw__ledger_init(&ledger, NULL, 1000, 1);
    for (int i = 0; i < 48; i++) { /* from 2026-03-29T00:30+01:00 */
        struct known known = {START + 3 * DAY + 23 * HOUR + HOUR / 2 + i * HOUR,
                              1,
                              1,
                              "a",
                              "",
                              "",
                              LLMGW_ENTRY_ANSWERED};
        assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    }
    assert_int_equal(llmgw__ledger_report(&ledger, &report, see_span, &days),
                     LLMGW_OK);
    assert_string_equal(days.text, "2026-03-29T00:00:00+01:00 23|"
                                   "2026-03-30T00:00:00+02:00 24|"
                                   "2026-03-31T00:00:00+02:00 1|");
    assert_int_equal(days.shortest_ns, 23 * HOUR);
    assert_int_equal(days.longest_ns, 24 * HOUR);
    report.step = LLMGW_STEP_HOUR;
    assert_int_equal(llmgw__ledger_report(&ledger, &report, see_span, &hours),
                     LLMGW_OK);
    assert_int_equal(hours.count, 48);
    assert_int_equal(hours.longest_ns, HOUR);
    assert_non_null(strstr(hours.text, "T01:00:00+01:00 1|"
                                       "2026-03-29T03:00:00+02:00 1|"));
    llmgw__ledger_clear(&ledger);
    llmgw__arena_clear(&arena);
}

static void a_day_that_is_cut_counts_its_rows_alone(void **state)
{
    llmgw_ledger_filter filter = {.since_ns = START + HOUR,
                                  .until_ns = START + 2 * DAY};
    struct llmgw__report report = {
        .step = LLMGW_STEP_HOUR, .filter = &filter, .max_rows = 10};
    struct series series = {{0}, 0, 0, 0};
    struct llmgw__ledger ledger;

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 1, 1);
    for (int i = 0; i < 6; i++) { /* every 10 hours; the last is kept */
        struct known known = {START + i * 10 * HOUR, 1, 1, "a", "", "",
                              LLMGW_ENTRY_ANSWERED};
        assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    }
    llmgw__ledger_report(&ledger, &report, see_span, &series);
    /* of the first day nothing; of the second its sum, at noon */
    assert_string_equal(series.text, "2026-03-26T12:00:00+00:00 2|");
    filter.until_ns -= HOUR; /* cuts that day too */
    memset(&series, 0, sizeof series);
    llmgw__ledger_report(&ledger, &report, see_span, &series);
    assert_string_equal(series.text, "");
    llmgw__ledger_clear(&ledger);
}

static void a_report_of_too_many_rows_is_refused(void **state)
{
    struct llmgw__report report = {.step = LLMGW_STEP_HOUR, .max_rows = 3};
    struct series series = {{0}, 0, 0, 0};
    struct llmgw__ledger ledger;

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 100, 1);
    for (int i = 0; i < 4; i++) {
        struct known known = {START + i * HOUR,    1, 1, "a", "", "",
                              LLMGW_ENTRY_ANSWERED};
        assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    }
    assert_int_equal(llmgw__ledger_report(&ledger, &report, see_span, &series),
                     LLMGW_E_LIMIT);
    assert_int_equal(series.count, 0);
    report.max_rows = 4;
    assert_int_equal(llmgw__ledger_report(&ledger, &report, see_span, &series),
                     LLMGW_OK);
    assert_int_equal(series.count, 4);
    llmgw__ledger_clear(&ledger);
}

/* --- in what order rows are read --- */

struct order {
    char text[512];
    int stop_at; /* 0: at none */
};

static int32_t see_id(const llmgw_entry *entry, void *userdata)
{
    struct order *order = userdata;
    size_t len = strlen(order->text);

    snprintf(order->text + len, sizeof order->text - len, "%d:%d ",
             (int)entry->id, (int)entry->state);
    return (int)entry->id == order->stop_at;
}

static const char *order_of(struct llmgw__ledger *ledger,
                            const llmgw_ledger_filter *filter,
                            struct order *order)
{
    const struct llmgw__look look = {.filter = filter,
                                     .now_ns = START + DAY,
                                     .fn = see_id,
                                     .userdata = order};

    memset(order, 0, sizeof *order);
    assert_int_equal(llmgw__ledger_look(ledger, &look, false, NULL), LLMGW_OK);
    return order->text;
}

static void rows_are_told_newest_first_when_asked(void **state)
{
    llmgw_ledger_filter filter = {.newest_first = 1};
    struct llmgw__ledger ledger;
    struct order order;

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 3, 1);
    assert_string_equal(order_of(&ledger, &filter, &order), "");
    for (int i = 0; i < 5; i++) {
        struct known known = {START + i,           1, 1, "a", "", "",
                              LLMGW_ENTRY_ANSWERED};
        assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    }
    assert_string_equal(order_of(&ledger, &filter, &order), "5:2 4:2 3:2 ");
    filter.max_entries = 2;
    assert_string_equal(order_of(&ledger, &filter, &order), "5:2 4:2 ");
    filter.newest_first = 0;
    assert_string_equal(order_of(&ledger, &filter, &order), "3:2 4:2 ");
    llmgw__ledger_clear(&ledger);
}

static void only_what_nobody_will_settle_is_unsettled(void **state)
{
    const llmgw_ledger_filter filter = {.unsettled = 1};
    struct known known = {START, 1, 1, "a", "", "", LLMGW_ENTRY_OPEN};
    struct llmgw_entry gone = {.writer = 9, .started_ns = START};
    struct llmgw__row *live;
    struct llmgw__ledger ledger;
    struct llmgw__row other = {.entry = &gone, .intent = &gone};
    struct order order;

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 10, 1);
    keep(&ledger, &known, &live);
    keep(&ledger, &known, NULL); /* nobody has it any more */
    known.started_ns = START + DAY;
    keep(&ledger, &known, NULL); /* its call may still be under way */
    known.state = LLMGW_ENTRY_FAILED;
    known.started_ns = START;
    keep(&ledger, &known, NULL);
    assert_string_equal(order_of(&ledger, &filter, &order), "2:1 ");
    /* another gateway's, in the same store */
    gone.id = 5;
    gone.state = LLMGW_ENTRY_OPEN;
    gone.expires_ns = START + HOUR;
    other.open = (struct llmgw_store_op){.kind = LLMGW_STORE_OPEN};
    other.open.row = &other;
    other.ledger = other.open.ledger = &ledger;
    llmgw__refs_init(&other.refs);
    llmgw__refs_add(&other.refs);
    atomic_fetch_add(&ledger.under_way, 1);
    ledger.store.submit(&other.open, ledger.store.userdata);
    assert_string_equal(order_of(&ledger, &filter, &order), "2:1 5:1 ");
    llmgw__row_drop(live);
    assert_string_equal(order_of(&ledger, &filter, &order), "1:1 2:1 5:1 ");
    llmgw__ledger_clear(&ledger);
}

/* --- a store of a host's --- */

struct host_store {
    struct known rows[8];
    uint64_t ids[8];
    int count;
    llmgw_status settle; /* what SETTLE ends with */
    int forgets;         /* so many READs find that one became a sum */
    uint64_t summed;
};

static void tell_known(struct host_store *host, llmgw_store_op *op)
{
    const llmgw_ledger_filter *filter = llmgw_store_op_filter(op);
    int back = filter && filter->newest_first;

    for (int k = 0; k < host->count; k++) {
        int i = back ? host->count - 1 - k : k;
        struct llmgw_entry entry = {.writer = 1,
                                    .id = host->ids[i],
                                    .state = LLMGW_ENTRY_OPEN,
                                    .started_ns = host->rows[i].started_ns};
        if (llmgw_store_op_row(op, &entry))
            break;
    }
}

static void host_submit(llmgw_store_op *op, void *userdata)
{
    struct host_store *host = userdata;
    llmgw_store_sum sum = {.day_ns = START,
                           .state = LLMGW_ENTRY_ANSWERED,
                           .entries = host->summed};
    llmgw_status status = LLMGW_OK;

    switch (llmgw_store_op_get_kind(op)) {
    case LLMGW_STORE_OPEN:
        host->rows[host->count].started_ns = op->row->entry->started_ns;
        host->ids[host->count++] = op->row->entry->id;
        break;
    case LLMGW_STORE_SETTLE:
        status = host->settle;
        break;
    case LLMGW_STORE_SUMS:
        if (host->summed)
            llmgw_store_op_sum(op, &sum);
        break;
    case LLMGW_STORE_READ:
        if (host->forgets-- > 0) {
            host->summed++;
            host->count--;
        }
        tell_known(host, op);
        break;
    default:
        status = LLMGW_E_UNSUPPORTED;
    }
    llmgw_store_complete(op, status);
}

static void what_a_store_has_lost_is_told_in_its_place(void **state)
{
    struct host_store host = {.settle = LLMGW_E_SYSTEM};
    const llmgw_store store = {
        .size = sizeof store, .userdata = &host, .submit = host_submit};
    llmgw_ledger_filter filter = {.newest_first = 1};
    struct llmgw__ledger ledger;
    struct order order;

    (void)state;
    llmgw__ledger_init(&ledger, &store, 0, 1);
    for (int i = 0; i < 4; i++) {
        struct known known = {START + i,
                              1,
                              1,
                              "a",
                              "",
                              "",
                              i % 2 ? LLMGW_ENTRY_ANSWERED : LLMGW_ENTRY_OPEN};
        assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    }
    assert_string_equal(order_of(&ledger, NULL, &order), "1:1 2:2 3:1 4:2 ");
    assert_string_equal(order_of(&ledger, &filter, &order), "4:2 3:1 2:2 1:1 ");
    filter.max_entries = 3;
    assert_string_equal(order_of(&ledger, &filter, &order), "4:2 3:1 2:2 ");
    filter.state = LLMGW_ENTRY_ANSWERED;
    assert_string_equal(order_of(&ledger, &filter, &order), "4:2 2:2 ");
    llmgw__ledger_clear(&ledger);
}

static void rows_that_become_sums_meanwhile_count_once(void **state)
{
    struct host_store host = {.forgets = 2};
    const llmgw_store store = {
        .size = sizeof store, .userdata = &host, .submit = host_submit};
    struct llmgw__report report = {.max_rows = 10};
    struct series series = {{0}, 0, 0, 0};
    struct known known = {START, 1, 1, "a", "", "", LLMGW_ENTRY_OPEN};
    struct llmgw__ledger ledger;

    (void)state;
    llmgw__ledger_init(&ledger, &store, 0, 1);
    for (int i = 0; i < 6; i++)
        assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    assert_int_equal(llmgw__ledger_report(&ledger, &report, see_span, &series),
                     LLMGW_OK);
    assert_string_equal(series.text, " 6|");
    assert_true(host.forgets < 0);
    llmgw__ledger_clear(&ledger);
}

static void times_out_of_reach_are_harmless(void **state)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, INT64_MAX};
    const llmgw_ledger_filter filter = {.since_ns = INT64_MIN,
                                        .until_ns = INT64_MIN + 1};

    (void)state;
    for (int step = LLMGW_STEP_NONE; step <= LLMGW_STEP_MONTH; step++)
        for (int i = 0; i < 4; i++) {
            struct host_store host = {.summed = 3};
            const llmgw_store store = {
                .size = sizeof store, .userdata = &host, .submit = host_submit};
            struct llmgw__report report = {.step = step, .max_rows = 10};
            struct series series = {{0}, 0, 0, 0};
            struct llmgw__ledger ledger;

            llmgw__ledger_init(&ledger, &store, 0, 1);
            host.rows[0].started_ns = times[i];
            host.ids[host.count++] = 1;
            assert_int_equal(
                llmgw__ledger_report(&ledger, &report, see_span, &series),
                LLMGW_OK);
            assert_int_equal(series.count, step && i > 1 ? 2 : 1);
            report.filter = &filter;
            series.count = 0;
            assert_int_equal(
                llmgw__ledger_report(&ledger, &report, see_span, &series),
                LLMGW_OK);
            assert_int_equal(series.count, i == 0);
            llmgw__ledger_clear(&ledger);
        }
}

/* --- while others write --- */

/** A reading in which rows leave that it has not come to. */
struct late {
    struct llmgw__ledger *ledger;
    int more; /* rows that come while the first is told */
    uint64_t rows, sums;
};

static int32_t take_row(const llmgw_entry *entry, void *userdata)
{
    struct late *late = userdata;
    struct known known = {START, 1, 1, "a", "", "", LLMGW_ENTRY_ANSWERED};

    (void)entry;
    late->rows++;
    for (; late->more > 0; late->more--)
        keep(late->ledger, &known, NULL);
    return 0;
}

static int32_t take_sum(const llmgw_store_sum *sum, void *userdata)
{
    ((struct late *)userdata)->sums += sum->entries;
    return 0;
}

static void a_reading_knows_that_it_has_missed_rows(void **state)
{
    struct llmgw__ledger ledger;
    struct late late = {.ledger = &ledger};
    const struct llmgw__look look = {
        .fn = take_row, .on_sum = take_sum, .userdata = &late};
    struct known known = {START, 1, 1, "a", "", "", LLMGW_ENTRY_ANSWERED};
    bool missed;

    (void)state;
    llmgw__ledger_init(&ledger, NULL, 5, 1);
    for (int i = 0; i < 9; i++)
        keep(&ledger, &known, NULL);
    llmgw__ledger_look(&ledger, &look, false, &missed);
    assert_false(missed);
    assert_int_equal(late.rows, 5);
    assert_int_equal(late.sums, 4);
    late.more = 1; /* only the one that is told leaves */
    late.rows = late.sums = 0;
    llmgw__ledger_look(&ledger, &look, false, &missed);
    assert_false(missed);
    assert_int_equal(late.rows + late.sums, 10);
    late.more = 3;
    llmgw__ledger_look(&ledger, &look, false, &missed);
    assert_true(missed);
    late.rows = late.sums = 0;
    llmgw__ledger_look(&ledger, &look, true, &missed);
    assert_false(missed);
    assert_int_equal(late.rows + late.sums, 13);
    llmgw__ledger_clear(&ledger);
}

struct crowd {
    struct llmgw__ledger ledger;
    atomic_int settled;
    atomic_int stop;
};

static void *write_rows(void *userdata)
{
    struct crowd *crowd = userdata;
    struct known known = {START, 1, 1, "a", "", "", LLMGW_ENTRY_ANSWERED};

    while (!atomic_load(&crowd->stop)) {
        keep(&crowd->ledger, &known, NULL);
        atomic_fetch_add(&crowd->settled, 1);
    }
    return NULL;
}

static int32_t take_count(const llmgw_report_row *row, void *userdata)
{
    *(int *)userdata = (int)row->total->entries;
    return 0;
}

static void no_row_is_missed_or_counted_twice_while_others_write(void **state)
{
    struct llmgw__report report = {.max_rows = 10};
    struct crowd crowd = {.settled = 0};
    pthread_t writer;

    (void)state;
    llmgw__ledger_init(&crowd.ledger, NULL, 5, 1);
    assert_int_equal(pthread_create(&writer, NULL, write_rows, &crowd), 0);
    for (int i = 0; i < 2000; i++) {
        int before = atomic_load(&crowd.settled);
        int count = 0;

        assert_int_equal(
            llmgw__ledger_report(&crowd.ledger, &report, take_count, &count),
            LLMGW_OK);
        assert_true(count >= before);
        assert_true(count <= atomic_load(&crowd.settled) + 1);
    }
    atomic_store(&crowd.stop, 1);
    pthread_join(writer, NULL);
    llmgw__ledger_clear(&crowd.ledger);
}

static llmgw_status report_once(struct series *series)
{
    struct llmgw__report report = {
        .group = LLMGW_GROUP_TAG, .step = LLMGW_STEP_DAY, .max_rows = 100};
    struct llmgw_store_op forget = {.kind = LLMGW_STORE_FORGET,
                                    .before_ns = START + 2 * HOUR};
    struct llmgw__ledger ledger;
    llmgw_status status = llmgw__ledger_init(&ledger, NULL, 4, 1);

    if (status != LLMGW_OK)
        return status;
    for (int i = 0; i < 8 && status == LLMGW_OK; i++) {
        struct known known = {START + i * HOUR,    1, 1, "a", "t=1", "",
                              LLMGW_ENTRY_ANSWERED};
        status = keep(&ledger, &known, NULL);
    }
    if (status == LLMGW_OK)
        status = llmgw__ledger_ask(&ledger, &forget);
    if (status == LLMGW_OK)
        status = llmgw__ledger_report(&ledger, &report, see_span, series);
    llmgw__ledger_clear(&ledger);
    return status;
}

static void reports_survive_every_failed_allocation(void **state)
{
    int failed = 1;

    (void)state;
    for (int nth = 0; failed; nth++) {
        struct series series = {{0}, 0, 0, 0};
        llmgw_status status;

        fail_allocation(nth);
        status = report_once(&series);
        failed = allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
        if (status == LLMGW_OK)
            assert_string_equal(series.text, "2026-03-25T00:00:00+00:00 8|");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_exact_however_many_rows_are_kept),
        cmocka_unit_test(what_is_forgotten_still_counts),
        cmocka_unit_test(a_file_adds_up_to_the_same),
        cmocka_unit_test(days_of_summer_time_are_as_long_as_they_are),
        cmocka_unit_test(a_day_that_is_cut_counts_its_rows_alone),
        cmocka_unit_test(a_report_of_too_many_rows_is_refused),
        cmocka_unit_test(rows_are_told_newest_first_when_asked),
        cmocka_unit_test(only_what_nobody_will_settle_is_unsettled),
        cmocka_unit_test(what_a_store_has_lost_is_told_in_its_place),
        cmocka_unit_test(rows_that_become_sums_meanwhile_count_once),
        cmocka_unit_test(times_out_of_reach_are_harmless),
        cmocka_unit_test(a_reading_knows_that_it_has_missed_rows),
        cmocka_unit_test(no_row_is_missed_or_counted_twice_while_others_write),
        cmocka_unit_test(reports_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
