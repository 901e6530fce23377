/*
 * account/report.c - add entries up, by group and by span of time.
 *
 * A total equals the sum of its entries to the last unit: the rows that are
 * kept, and the sums of those that no longer are. Of these only the UTC day is
 * known: they count in the span in which its noon lies.
 *
 * Memory: one total for each row of the report, at most max_rows.
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"

#define SECOND_NS ((int64_t)LLMGW__SECOND)
#define NOON_NS   (INT64_C(43200) * SECOND_NS)
#define DAY_NS    (2 * NOON_NS)
#define TRIES     4
#define ISO_TEXT  48

/** A row in the making. */
struct line {
    int64_t begin_s;
    int64_t next_s;
    llmgw_total total;
};

struct tally {
    const struct llmgw__report *report;
    struct llmgw__map lines; /* begin of the span, key of the group -> line */
    struct llmgw__buf key;
    int64_t begin_s; /* the span of the last entry */
    int64_t next_s;
    llmgw_status status;
};

static llmgw_status add_all(struct llmgw__ledger *ledger, struct tally *tally);
static llmgw_status hand_over(struct tally *tally, llmgw_report_fn fn,
                              void *userdata);
static void clear(struct tally *tally);

llmgw_status llmgw__ledger_report(struct llmgw__ledger *ledger,
                                  const struct llmgw__report *report,
                                  llmgw_report_fn fn, void *userdata)
{
    struct tally tally = {.report = report};
    llmgw_status status;

    llmgw__map_init(&tally.lines);
    llmgw__buf_init(&tally.key, 0);
    status = add_all(ledger, &tally);
    if (status == LLMGW_OK)
        status = hand_over(&tally, fn, userdata);
    clear(&tally);
    llmgw__buf_clear(&tally.key);
    return status;
}

/** The line of tally->key, made when it is the first; NULL: status is set. */
static struct line *find_line(struct tally *tally)
{
    llmgw_str key = llmgw__buf_str(&tally->key);
    struct line *line;

    tally->status = tally->key.status;
    if (tally->status != LLMGW_OK)
        return NULL;
    line = llmgw__map_get(&tally->lines, key);
    if (line)
        return line;
    if (tally->lines.count >= tally->report->max_rows) {
        tally->status = LLMGW_E_LIMIT;
        return NULL;
    }
    line = llmgw__calloc(1, sizeof *line);
    if (line && llmgw__map_set(&tally->lines, key, line) == LLMGW_OK) {
        line->begin_s = tally->begin_s;
        line->next_s = tally->next_s;
        return line;
    }
    llmgw__free(line);
    tally->status = LLMGW_E_NOMEM;
    return NULL;
}

/** Add to the line of a key, which may be of two parts. */
static void add(struct tally *tally, const llmgw_store_sum *sum, llmgw_str key,
                llmgw_str second)
{
    llmgw_total *total;
    struct line *line;

    llmgw__buf_reset(&tally->key);
    llmgw__buf_add(&tally->key, (const char *)&tally->begin_s,
                   sizeof tally->begin_s);
    llmgw__buf_add_str(&tally->key, key);
    if (second.len) {
        llmgw__buf_add_char(&tally->key, '/');
        llmgw__buf_add_str(&tally->key, second);
    }
    line = find_line(tally);
    if (!line)
        return;
    total = &line->total;
    total->entries += sum->entries;
    total->unpriced += sum->unpriced;
    total->estimated += sum->estimated;
    if (sum->state == LLMGW_ENTRY_FAILED)
        total->failed += sum->entries;
    if (sum->state == LLMGW_ENTRY_OPEN)
        total->open += sum->entries;
    total->prompt_tokens += sum->prompt_tokens;
    total->completion_tokens += sum->completion_tokens;
    llmgw__money_sum(&total->cost, &sum->billed);
    llmgw__money_sum(&total->delivered, &sum->delivered);
}

/** Under each of its tags, once. */
static void add_tags(struct tally *tally, const llmgw_store_sum *sum)
{
    llmgw_str rest = sum->tags;
    llmgw_str tag;

    while (tally->status == LLMGW_OK && llmgw__tags_next(&rest, &tag)) {
        size_t before = (size_t)(tag.data - sum->tags.data);

        if (!llmgw__tags_have(llmgw__str_n(sum->tags.data, before), tag))
            add(tally, sum, tag, llmgw__str(""));
    }
}

static llmgw_str state_name(int32_t state)
{
    static const char *const names[] = {"", "open", "answered", "failed",
                                        "cancelled"};

    return llmgw__str(state > 0 && state < 5 ? names[state] : "");
}

static void add_grouped(struct tally *tally, const llmgw_store_sum *sum)
{
    const char *tag_name = tally->report->tag_name;
    llmgw_str none = llmgw__str("");

    switch (tally->report->group) {
    case LLMGW_GROUP_PROVIDER:
        add(tally, sum, sum->provider, none);
        break;
    case LLMGW_GROUP_MODEL:
        add(tally, sum, sum->provider, sum->model);
        break;
    case LLMGW_GROUP_ROUTE:
        add(tally, sum, sum->route, none);
        break;
    case LLMGW_GROUP_TAG:
        if (tag_name)
            add(tally, sum, llmgw__tags_value(sum->tags, tag_name), none);
        else
            add_tags(tally, sum);
        break;
    case LLMGW_GROUP_KEY:
        add(tally, sum, sum->key, none);
        break;
    case LLMGW_GROUP_STATE:
        add(tally, sum, state_name(sum->state), none);
        break;
    default:
        add(tally, sum, none, none);
    }
}

/** Find the span of a time, which is most often that of the one before. */
static void enter_span(struct tally *tally, int64_t time_ns)
{
    static const uint8_t spans[] = {
        [LLMGW_STEP_HOUR] = LLMGW__SPAN_HOUR,
        [LLMGW_STEP_DAY] = LLMGW__SPAN_DAY,
        [LLMGW_STEP_WEEK] = LLMGW__SPAN_WEEK,
        [LLMGW_STEP_MONTH] = LLMGW__SPAN_MONTH,
    };
    llmgw_report_step step = tally->report->step;
    int64_t past_ns = time_ns % SECOND_NS;
    int64_t time_s = time_ns / SECOND_NS - (past_ns < 0);

    if (step == LLMGW_STEP_NONE ||
        (time_s >= tally->begin_s && time_s < tally->next_s))
        return;
    llmgw__zone_span(tally->report->zone, (enum llmgw__span)spans[step], time_s,
                     &tally->begin_s, &tally->next_s);
}

static int32_t add_entry(const llmgw_entry *entry, void *userdata)
{
    struct tally *tally = userdata;
    llmgw_store_sum sum;

    if (tally->status == LLMGW_OK) {
        llmgw__entry_sum(entry, &sum);
        enter_span(tally, entry->started_ns);
        add_grouped(tally, &sum);
    }
    return tally->status;
}

/** No later than there are times: a store may have been tampered with. */
static int64_t add_ns(int64_t time_ns, int64_t more_ns)
{
    return time_ns > INT64_MAX - more_ns ? INT64_MAX : time_ns + more_ns;
}

/** Of a sum only the day is known; a filter on a call is not answered. */
static bool sum_matches(const llmgw_store_sum *sum,
                        const llmgw_ledger_filter *filter)
{
    struct llmgw_entry like = {
        .started_ns = sum->day_ns,
        .state = sum->state,
        .text[LLMGW__ENTRY_PROVIDER] = sum->provider,
        .text[LLMGW__ENTRY_MODEL] = sum->model,
        .text[LLMGW__ENTRY_ROUTE] = sum->route,
        .text[LLMGW__ENTRY_TAGS] = sum->tags,
        .text[LLMGW__ENTRY_KEY] = sum->key,
    };

    if (filter && (filter->call_id || filter->unsettled))
        return false;
    if (filter && filter->until_ns &&
        add_ns(sum->day_ns, DAY_NS) > filter->until_ns)
        return false;
    return llmgw__entry_matches(&like, filter);
}

static int32_t add_sum(const llmgw_store_sum *sum, void *userdata)
{
    struct tally *tally = userdata;

    if (tally->status == LLMGW_OK && sum_matches(sum, tally->report->filter)) {
        enter_span(tally, add_ns(sum->day_ns, NOON_NS));
        add_grouped(tally, sum);
    }
    return tally->status;
}

/** Until nothing has moved from rows to sums meanwhile. */
static llmgw_status add_all(struct llmgw__ledger *ledger, struct tally *tally)
{
    llmgw_ledger_filter all = {0};
    const struct llmgw__look look = {
        .filter = &all,
        .now_ns = tally->report->now_ns,
        .fn = add_entry,
        .on_sum = add_sum,
        .userdata = tally,
    };
    llmgw_status status = LLMGW_OK;
    bool missed = true;

    if (tally->report->filter)
        all = *tally->report->filter;
    all.max_entries = 0;
    all.newest_first = 0;
    for (int i = 0; i < TRIES && status == LLMGW_OK && missed; i++) {
        clear(tally);
        status = llmgw__ledger_look(ledger, &look, i > 0, &missed);
        if (tally->status != LLMGW_OK)
            status = tally->status;
    }
    return status;
}

/** A line's key is its begin and the key of the group. */
static int by_time_and_key(const void *a, const void *b)
{
    const struct line *left = *(const struct line *const *)a;
    const struct line *right = *(const struct line *const *)b;
    llmgw_str l = left->total.key;
    llmgw_str r = right->total.key;
    size_t shorter = l.len < r.len ? l.len : r.len;
    int order = 0;

    if (left->begin_s != right->begin_s)
        return left->begin_s < right->begin_s ? -1 : 1;
    if (shorter)
        order = memcmp(l.data, r.data, shorter);
    if (order)
        return order;
    return l.len < r.len ? -1 : l.len > r.len;
}

/** "2026-03-29T00:00:00+01:00" */
static llmgw_str time_text(const struct llmgw__zone *zone, int64_t utc_s,
                           char out[ISO_TEXT])
{
    int32_t minutes = llmgw__zone_offset(zone, utc_s) / 60;
    int32_t away = minutes < 0 ? -minutes : minutes;
    struct llmgw__local local;

    llmgw__zone_local(zone, utc_s, &local);
    (void)snprintf(out, ISO_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
                   (int)local.year, local.month, local.day, local.hour,
                   local.minute, local.second, minutes < 0 ? '-' : '+',
                   (int)(away / 60), (int)(away % 60));
    return llmgw__str(out);
}

static int64_t in_ns(int64_t time_s)
{
    if (time_s > INT64_MAX / SECOND_NS)
        return INT64_MAX;
    return time_s < INT64_MIN / SECOND_NS ? INT64_MIN : time_s * SECOND_NS;
}

static int32_t tell(const struct tally *tally, const struct line *line,
                    llmgw_report_fn fn, void *userdata)
{
    const struct llmgw__zone *zone = tally->report->zone;
    llmgw_report_row row = {.total = &line->total};
    char begin[ISO_TEXT];
    char end[ISO_TEXT];

    if (tally->report->step != LLMGW_STEP_NONE) {
        row.begin_ns = in_ns(line->begin_s);
        row.end_ns = in_ns(line->next_s);
        row.begin = time_text(zone, line->begin_s, begin);
        row.end = time_text(zone, line->next_s, end);
    }
    return fn(&row, userdata);
}

static llmgw_status hand_over(struct tally *tally, llmgw_report_fn fn,
                              void *userdata)
{
    struct line **sorted;
    llmgw_str key;
    void *value;
    size_t at = 0;
    size_t count = 0;

    if (!tally->lines.count)
        return LLMGW_OK;
    sorted = llmgw__calloc(tally->lines.count, sizeof *sorted);
    if (!sorted)
        return LLMGW_E_NOMEM;
    while (llmgw__map_next(&tally->lines, &at, &key, &value)) {
        sorted[count] = value;
        sorted[count++]->total.key = llmgw__str_n(
            key.data + sizeof tally->begin_s, key.len - sizeof tally->begin_s);
    }
    qsort(sorted, count, sizeof *sorted, by_time_and_key);
    for (size_t i = 0; i < count; i++)
        if (tell(tally, sorted[i], fn, userdata))
            break;
    llmgw__free(sorted);
    return LLMGW_OK;
}

/** As it was in the beginning. */
static void clear(struct tally *tally)
{
    llmgw_str key;
    void *value;
    size_t at = 0;

    while (llmgw__map_next(&tally->lines, &at, &key, &value))
        llmgw__free(value);
    llmgw__map_clear(&tally->lines);
    tally->begin_s = tally->next_s = 0;
    tally->status = LLMGW_OK;
}
