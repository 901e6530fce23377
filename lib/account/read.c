/*
 * account/read.c - entries as they are read: those of the store, and between
 * them those that it failed to keep.
 *
 * Memory: a pointer for each entry that the store failed to keep.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "ledger.h"
#include "report.h"

/** A reading under way. */
struct reading {
    struct llmgw__ledger *ledger;
    const struct llmgw__look *look;
    llmgw_ledger_filter filter;      /* what the store is asked for */
    const struct llmgw_entry **ours; /* only we have their last state */
    size_t count;
    size_t next; /* of ours */
    int64_t left;
    bool ended;
};

static llmgw_status collect_ours(struct reading *reading);
static llmgw_status read_all(struct reading *reading, bool whole, bool *missed);
static llmgw_status ask_sums(struct reading *reading, bool tell,
                             uint64_t *count);

llmgw_status llmgw__ledger_look(struct llmgw__ledger *ledger,
                                const struct llmgw__look *look, bool again,
                                bool *missed)
{
    struct reading reading = {.ledger = ledger, .look = look};
    uint64_t before = 0;
    uint64_t after = 0;
    bool moved = false;
    llmgw_status status = LLMGW_OK;

    if (look->filter)
        reading.filter = *look->filter;
    reading.left = reading.filter.max_entries;
    status = collect_ours(&reading);
    if (status == LLMGW_OK && look->on_sum && !ledger->memory)
        status = ask_sums(&reading, true, &before);
    if (status == LLMGW_OK)
        status = read_all(&reading, again, &moved);
    if (status == LLMGW_OK && look->on_sum && !ledger->memory)
        status = ask_sums(&reading, false, &after);
    llmgw__free(reading.ours);
    if (missed)
        *missed = moved || before != after;
    return status;
}

/** Only we have the row's last state: the store failed to keep it. */
static bool is_ours(const struct llmgw__row *row)
{
    return atomic_load(&row->settle.done) && row->settle.status != LLMGW_OK &&
           row->entry->settled_ns;
}

/** As an entry of a gateway does not change when it was started. */
static int by_age(const void *a, const void *b)
{
    const struct llmgw_entry *left = *(const struct llmgw_entry *const *)a;
    const struct llmgw_entry *right = *(const struct llmgw_entry *const *)b;

    if (left->started_ns != right->started_ns)
        return left->started_ns < right->started_ns ? -1 : 1;
    return left->id < right->id ? -1 : left->id > right->id;
}

static int by_youth(const void *a, const void *b)
{
    return by_age(b, a);
}

static int (*order_of(const struct reading *reading))(const void *,
                                                      const void *)
{
    return reading->filter.newest_first ? by_youth : by_age;
}

/** All of them, also those that the filter does not ask for: the store may
 *  have an earlier state that it does ask for. */
static llmgw_status collect_ours(struct reading *reading)
{
    const struct llmgw__row *lost;
    size_t cap = 0;

    llmgw__mutex_lock(&reading->ledger->lock);
    lost = reading->ledger->lost; /* rows are only ever put in front */
    llmgw__mutex_unlock(&reading->ledger->lock);
    for (; lost; lost = lost->next_lost) {
        if (!is_ours(lost))
            continue;
        if (llmgw__grow((void **)&reading->ours, &cap, reading->count + 1,
                        sizeof *reading->ours)) {
            llmgw__free(reading->ours);
            reading->ours = NULL;
            return LLMGW_E_NOMEM;
        }
        reading->ours[reading->count++] = lost->entry;
    }
    if (reading->count)
        qsort(reading->ours, reading->count, sizeof *reading->ours,
              order_of(reading));
    return LLMGW_OK;
}

static bool is_live(struct llmgw__ledger *ledger, const llmgw_entry *entry)
{
    const struct llmgw__row *row;

    llmgw__mutex_lock(&ledger->lock);
    row = ledger->live;
    while (row && row->entry->id != entry->id)
        row = row->next;
    llmgw__mutex_unlock(&ledger->lock);
    return row != NULL;
}

/** Its call must have ended, and nobody is there to settle it. */
static bool is_left(const struct reading *reading, const llmgw_entry *entry)
{
    struct llmgw__ledger *ledger = reading->ledger;

    return entry->state == LLMGW_ENTRY_OPEN &&
           entry->expires_ns < reading->look->now_ns &&
           (entry->writer != ledger->writer || !is_live(ledger, entry));
}

/** @return not 0: no more is wanted */
static int32_t tell(struct reading *reading, const llmgw_entry *entry)
{
    const struct llmgw__look *look = reading->look;

    if (reading->ended)
        return 1;
    if (reading->filter.unsettled && !is_left(reading, entry))
        return 0;
    reading->ended = look->fn(entry, look->userdata) || --reading->left == 0;
    return reading->ended;
}

/** Ours that come before an entry; NULL: all that are left. */
static int32_t tell_ours(struct reading *reading, const llmgw_entry *before)
{
    int (*order)(const void *, const void *) = order_of(reading);

    for (; reading->next < reading->count; reading->next++) {
        const struct llmgw_entry *entry = reading->ours[reading->next];

        if (before && order(&entry, &before) > 0)
            break;
        if (llmgw__entry_matches(entry, reading->look->filter) &&
            tell(reading, entry))
            return 1;
    }
    return reading->ended;
}

/** A row of the store, unless we have a later state of it. */
static int32_t read_kept(const llmgw_entry *entry, void *userdata)
{
    struct reading *reading = userdata;

    if (reading->count && entry->writer == reading->ledger->writer &&
        bsearch(&entry, reading->ours, reading->count, sizeof *reading->ours,
                order_of(reading)))
        return 0;
    return tell_ours(reading, entry) || tell(reading, entry);
}

static int32_t read_sum(const llmgw_store_sum *sum, void *userdata)
{
    const struct reading *reading = userdata;

    return reading->look->on_sum(sum, reading->look->userdata);
}

static llmgw_status read_all(struct reading *reading, bool whole, bool *missed)
{
    struct llmgw_store_op read = {0};
    llmgw_ledger_filter *filter = &reading->filter;
    llmgw_status status;

    if (filter->unsettled) { /* of these the store knows only so much */
        filter->max_entries = 0;
        if (!filter->state)
            filter->state = LLMGW_ENTRY_OPEN;
    }
    if (filter->max_entries) /* some of them may be ours */
        filter->max_entries += (int64_t)reading->count;
    read.kind = LLMGW_STORE_READ;
    read.filter = filter;
    read.on_row = read_kept;
    if (reading->look->on_sum && reading->ledger->memory)
        read.on_sum = read_sum;
    read.whole = whole && read.on_sum;
    read.userdata = reading;
    status = llmgw__ledger_ask(reading->ledger, &read);
    if (status == LLMGW_OK)
        (void)tell_ours(reading, NULL);
    *missed = read.missed;
    return status;
}

/** Sums told, or only counted. */
struct asking {
    const struct llmgw__look *look;
    bool tell;
    uint64_t count;
};

static int32_t take_sum(const llmgw_store_sum *sum, void *userdata)
{
    struct asking *asking = userdata;

    asking->count += sum->entries;
    return asking->tell ? asking->look->on_sum(sum, asking->look->userdata) : 0;
}

static llmgw_status ask_sums(struct reading *reading, bool tell_them,
                             uint64_t *count)
{
    struct asking asking = {reading->look, tell_them, 0};
    struct llmgw_store_op sums = {0};
    llmgw_status status;

    sums.kind = LLMGW_STORE_SUMS;
    sums.on_sum = take_sum;
    sums.userdata = &asking;
    status = llmgw__ledger_ask(reading->ledger, &sums);
    *count = asking.count;
    return status == LLMGW_E_UNSUPPORTED ? LLMGW_OK : status;
}
