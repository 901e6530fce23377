/*
 * account/sqlite_funds.c - what a ledger file keeps of budgets; the rules are
 * those of llmgw/sys/store.h.
 *
 * Memory: none of its own.
 */
#ifdef LLMGW_WITH_SQLITE

#include "base/text.h"
#include "entry.h"
#include "funds.h"
#include "sqlite_db.h"

#define SECOND_NS INT64_C(1000000000)

bool llmgw__sqlite_charge(struct llmgw__sqlite_db *db, const llmgw_store_op *op)
{
    const struct llmgw_entry *entry = llmgw_store_op_entry(op);
    size_t count;
    const llmgw_store_charge *charge = llmgw_store_op_charges(op, &count);
    bool good = true;

    for (; good && count; count--, charge++) {
        struct llmgw__sqlite_bind bind =
            llmgw__sqlite_begin(db, LLMGW__SAY_CHARGE);

        llmgw__sqlite_int(&bind, (int64_t)entry->writer);
        llmgw__sqlite_int(&bind, (int64_t)entry->id);
        llmgw__sqlite_text(&bind, charge->budget);
        llmgw__sqlite_int(&bind, charge->bucket_s);
        llmgw__sqlite_int(&bind, charge->amount);
        good = llmgw__sqlite_run(&bind);
        bind = llmgw__sqlite_begin(db, LLMGW__SAY_TAKE_LEASE);
        llmgw__sqlite_int(&bind, charge->amount);
        llmgw__sqlite_text(&bind, charge->budget);
        llmgw__sqlite_int(&bind, (int64_t)entry->writer);
        llmgw__sqlite_int(&bind, (int64_t)charge->lease);
        good = good && llmgw__sqlite_run(&bind);
    }
    return good;
}

bool llmgw__sqlite_uncharge(struct llmgw__sqlite_db *db,
                            const llmgw_store_op *op)
{
    const struct llmgw_entry *entry = llmgw_store_op_entry(op);
    size_t count;
    const llmgw_store_charge *charge = llmgw_store_op_charges(op, &count);
    struct llmgw__sqlite_bind bind =
        llmgw__sqlite_begin(db, LLMGW__SAY_UNCHARGE);
    bool good;

    llmgw__sqlite_int(&bind, (int64_t)entry->writer);
    llmgw__sqlite_int(&bind, (int64_t)entry->id);
    good = llmgw__sqlite_run(&bind);
    for (; good && count; count--, charge++) {
        if (!charge->amount)
            continue;
        bind = llmgw__sqlite_begin(db, LLMGW__SAY_ADD_SUM);
        llmgw__sqlite_text(&bind, charge->budget);
        llmgw__sqlite_int(&bind, charge->bucket_s);
        llmgw__sqlite_int(&bind, charge->amount);
        good = llmgw__sqlite_run(&bind);
    }
    return good;
}

static int64_t committed(struct llmgw__sqlite_db *db, llmgw_store_lease *lease)
{
    struct llmgw__sqlite_bind bind =
        llmgw__sqlite_begin(db, LLMGW__SAY_COMMITTED);
    int64_t sum = 0, oldest_s = INT64_MAX;

    llmgw__sqlite_text(&bind, lease->budget);
    llmgw__sqlite_int(&bind, lease->from_s);
    llmgw__sqlite_int(&bind, lease->now_ns);
    if (llmgw__sqlite_step(&bind)) {
        sum = llmgw__sqlite_column(&bind, 0);
        oldest_s = llmgw__sqlite_column(&bind, 1);
    }
    llmgw__sqlite_end(&bind);
    lease->oldest_s = oldest_s == INT64_MAX ? 0 : oldest_s;
    return sum;
}

/** @return 1: it counts, 0: it has expired, -1: there is none */
static int look(struct llmgw__sqlite_db *db, const llmgw_store_lease *lease)
{
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, LLMGW__SAY_LEASE);
    int stands = -1;

    llmgw__sqlite_text(&bind, lease->budget);
    llmgw__sqlite_int(&bind, lease->from_s);
    llmgw__sqlite_int(&bind, lease->now_ns);
    llmgw__sqlite_int(&bind, (int64_t)lease->writer);
    llmgw__sqlite_int(&bind, (int64_t)lease->number);
    if (llmgw__sqlite_step(&bind))
        stands = llmgw__sqlite_column(&bind, 0) != 0;
    llmgw__sqlite_end(&bind);
    return stands;
}

static bool end_lease(struct llmgw__sqlite_db *db,
                      const llmgw_store_lease *lease)
{
    struct llmgw__sqlite_bind bind =
        llmgw__sqlite_begin(db, LLMGW__SAY_END_LEASE);

    llmgw__sqlite_text(&bind, lease->budget);
    llmgw__sqlite_int(&bind, (int64_t)lease->writer);
    llmgw__sqlite_int(&bind, (int64_t)lease->number);
    return llmgw__sqlite_run(&bind);
}

static bool keep_lease(struct llmgw__sqlite_db *db,
                       const llmgw_store_lease *lease)
{
    struct llmgw__sqlite_bind bind =
        llmgw__sqlite_begin(db, LLMGW__SAY_KEEP_LEASE);

    llmgw__sqlite_text(&bind, lease->budget);
    llmgw__sqlite_int(&bind, (int64_t)lease->writer);
    llmgw__sqlite_int(&bind, (int64_t)lease->number);
    llmgw__sqlite_int(&bind, lease->bucket_s);
    llmgw__sqlite_int(&bind, lease->granted);
    llmgw__sqlite_int(&bind, lease->now_ns + lease->ttl_ns);
    llmgw__sqlite_int(&bind, lease->kept != 0);
    return llmgw__sqlite_run(&bind);
}

/** Buckets that no window reaches any more; clocks may differ by some of it. */
static bool prune(struct llmgw__sqlite_db *db, const llmgw_store_lease *lease)
{
    int64_t span_s = lease->now_ns / SECOND_NS - lease->from_s;
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, LLMGW__SAY_PRUNE);

    llmgw__sqlite_text(&bind, lease->budget);
    llmgw__sqlite_int(&bind, lease->from_s - 2 * span_s - 60);
    return llmgw__sqlite_run(&bind);
}

bool llmgw__sqlite_write_lease(struct llmgw__sqlite_db *db,
                               llmgw_store_lease *lease)
{
    bool good = prune(db, lease);
    int stands = look(db, lease);

    lease->granted = 0;
    lease->lapsed = stands == 0;
    if (lease->lapsed || lease->ends) {
        good = good && end_lease(db, lease);
    } else {
        lease->granted = llmgw__lease_grant(lease->limit - committed(db, lease),
                                            lease->need, lease->want);
        if (lease->granted || stands > 0)
            good = good && keep_lease(db, lease);
    }
    lease->committed = committed(db, lease);
    return good && db->last == SQLITE_OK;
}

#endif
