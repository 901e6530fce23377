/*
 * account/funds.c - what a store does for budgets, in memory.
 *
 * Source: the rules of llmgw/sys/store.h.
 * Memory: for each budget its buckets that still count, the charges of open
 * entries, a few leases.
 */
#include "funds.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

struct sum {
    int64_t bucket_s;
    int64_t amount;
};

struct charge {
    uint64_t writer, id;
    int64_t bucket_s;
    int64_t amount;
};

struct lease {
    uint64_t writer, number;
    int64_t bucket_s;
    int64_t left;
    int64_t until_ns;
    bool kept;
};

struct fund {
    struct sum *sums; /* ascending */
    size_t sum_count, sum_cap;
    struct charge *charges;
    size_t charge_count, charge_cap;
    struct lease *leases;
    size_t lease_count, lease_cap;
};

static int64_t add(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    return a + b;
}

llmgw_status llmgw__funds_init(struct llmgw__funds *funds)
{
    llmgw__map_init(&funds->budgets);
    return llmgw__mutex_init(&funds->lock);
}

void llmgw__funds_clear(struct llmgw__funds *funds)
{
    llmgw_str key;
    void *value;
    size_t at = 0;

    while (llmgw__map_next(&funds->budgets, &at, &key, &value)) {
        struct fund *fund = value;

        llmgw__free(fund->sums);
        llmgw__free(fund->charges);
        llmgw__free(fund->leases);
        llmgw__free(fund);
    }
    llmgw__map_clear(&funds->budgets);
    llmgw__mutex_clear(&funds->lock);
}

int64_t llmgw__lease_grant(int64_t free, int64_t need, int64_t want)
{
    if (need < 0 || free < need)
        return 0;
    if (want > free / 2)
        want = free / 2;
    return want > need ? want : need;
}

/** The fund of a budget, made when it is the first; NULL: no memory. */
static struct fund *find(struct llmgw__funds *funds, llmgw_str key)
{
    struct fund *fund = llmgw__map_get(&funds->budgets, key);

    if (fund)
        return fund;
    fund = llmgw__calloc(1, sizeof *fund);
    if (fund && llmgw__map_set(&funds->budgets, key, fund) != LLMGW_OK) {
        llmgw__free(fund);
        fund = NULL;
    }
    return fund;
}

/** The sum of a bucket; `make` has room made before. */
static struct sum *sum_of(struct fund *fund, int64_t bucket_s)
{
    size_t at = fund->sum_count;

    while (at > 0 && fund->sums[at - 1].bucket_s > bucket_s)
        at--;
    if (at > 0 && fund->sums[at - 1].bucket_s == bucket_s)
        return &fund->sums[at - 1];
    if (fund->sum_count == fund->sum_cap)
        return NULL;
    memmove(fund->sums + at + 1, fund->sums + at,
            (fund->sum_count - at) * sizeof *fund->sums);
    fund->sums[at].bucket_s = bucket_s;
    fund->sums[at].amount = 0;
    fund->sum_count++;
    return &fund->sums[at];
}

/** Room for its charge now, and for its sum when it is settled; `more` charges
 *  come, which may all be of this budget. */
static llmgw_status make_room(struct llmgw__funds *funds,
                              const llmgw_store_charge *charge, size_t more)
{
    struct fund *fund = find(funds, charge->budget);
    llmgw_status status = fund ? LLMGW_OK : LLMGW_E_NOMEM;

    if (status == LLMGW_OK)
        status = llmgw__grow((void **)&fund->charges, &fund->charge_cap,
                             fund->charge_count + more, sizeof *fund->charges);
    if (status == LLMGW_OK)
        status = llmgw__grow((void **)&fund->sums, &fund->sum_cap,
                             fund->sum_count + fund->charge_count + more,
                             sizeof *fund->sums);
    return status;
}

static void take_from_lease(struct fund *fund, uint64_t writer,
                            const llmgw_store_charge *charge)
{
    for (size_t i = 0; i < fund->lease_count; i++) {
        struct lease *lease = &fund->leases[i];

        if (lease->writer == writer && lease->number == charge->lease)
            lease->left -=
                charge->amount < lease->left ? charge->amount : lease->left;
    }
}

llmgw_status llmgw__funds_open(struct llmgw__funds *funds, uint64_t writer,
                               uint64_t id, const llmgw_store_charge *charges,
                               size_t count)
{
    llmgw_status status = LLMGW_OK;

    llmgw__mutex_lock(&funds->lock);
    for (size_t i = 0; i < count && status == LLMGW_OK; i++)
        status = make_room(funds, &charges[i], count);
    for (size_t i = 0; i < count && status == LLMGW_OK; i++) {
        struct fund *fund = find(funds, charges[i].budget);

        fund->charges[fund->charge_count++] =
            (struct charge){writer, id, charges[i].bucket_s, charges[i].amount};
        take_from_lease(fund, writer, &charges[i]);
    }
    llmgw__mutex_unlock(&funds->lock);
    return status;
}

void llmgw__funds_settle(struct llmgw__funds *funds, uint64_t writer,
                         uint64_t id, const llmgw_store_charge *charges,
                         size_t count)
{
    llmgw__mutex_lock(&funds->lock);
    for (size_t i = 0; i < count; i++) {
        struct fund *fund = llmgw__map_get(&funds->budgets, charges[i].budget);

        for (size_t k = 0; fund && k < fund->charge_count; k++) {
            struct charge *open = &fund->charges[k];
            struct sum *sum;

            if (open->writer != writer || open->id != id)
                continue;
            sum = sum_of(fund, open->bucket_s);
            if (sum)
                sum->amount = add(sum->amount, charges[i].amount);
            *open = fund->charges[--fund->charge_count];
            break;
        }
    }
    llmgw__mutex_unlock(&funds->lock);
}

static bool counts(const struct lease *lease, const llmgw_store_lease *ask)
{
    return lease->until_ns > ask->now_ns ||
           (lease->kept && lease->bucket_s >= ask->from_s);
}

static void note_oldest(llmgw_store_lease *ask, int64_t bucket_s)
{
    if (!ask->oldest_s || bucket_s < ask->oldest_s)
        ask->oldest_s = bucket_s;
}

/** Sums, charges, and leases that count. */
static int64_t committed(const struct fund *fund, llmgw_store_lease *ask)
{
    int64_t sum = 0;

    ask->oldest_s = 0;
    for (size_t i = 0; i < fund->sum_count; i++)
        if (fund->sums[i].bucket_s >= ask->from_s && fund->sums[i].amount) {
            sum = add(sum, fund->sums[i].amount);
            note_oldest(ask, fund->sums[i].bucket_s);
        }
    for (size_t i = 0; i < fund->charge_count; i++)
        if (fund->charges[i].bucket_s >= ask->from_s) {
            sum = add(sum, fund->charges[i].amount);
            note_oldest(ask, fund->charges[i].bucket_s);
        }
    for (size_t i = 0; i < fund->lease_count; i++)
        if (counts(&fund->leases[i], ask))
            sum = add(sum, fund->leases[i].left);
    return sum;
}

static struct lease *lease_of(struct fund *fund, const llmgw_store_lease *ask)
{
    for (size_t i = 0; i < fund->lease_count; i++)
        if (fund->leases[i].writer == ask->writer &&
            fund->leases[i].number == ask->number)
            return &fund->leases[i];
    return NULL;
}

static void grow_lease(struct fund *fund, const llmgw_store_lease *ask)
{
    struct lease *lease = lease_of(fund, ask);

    if (!lease) {
        lease = &fund->leases[fund->lease_count++];
        *lease = (struct lease){.writer = ask->writer, .number = ask->number};
    }
    lease->bucket_s = ask->bucket_s;
    lease->left = add(lease->left, ask->granted);
    lease->until_ns = add(ask->now_ns, ask->ttl_ns);
    lease->kept = ask->kept;
}

/** Buckets that no window reaches any more; clocks may differ by some of it. */
static void prune(struct fund *fund, const llmgw_store_lease *ask)
{
    int64_t span_s = ask->now_ns / 1000000000 - ask->from_s;
    int64_t before_s = ask->from_s - 2 * span_s - 60;
    size_t gone = 0;

    while (gone < fund->sum_count && fund->sums[gone].bucket_s < before_s)
        gone++;
    if (gone)
        memmove(fund->sums, fund->sums + gone,
                (fund->sum_count -= gone) * sizeof *fund->sums);
}

static void change_lease(struct fund *fund, llmgw_store_lease *ask)
{
    struct lease *lease = lease_of(fund, ask);

    ask->lapsed = lease && !counts(lease, ask);
    if (lease && (ask->lapsed || ask->ends))
        *lease = fund->leases[--fund->lease_count];
    if (ask->lapsed || ask->ends)
        return;
    ask->granted = llmgw__lease_grant(ask->limit - committed(fund, ask),
                                      ask->need, ask->want);
    if (ask->granted || lease)
        grow_lease(fund, ask);
}

llmgw_status llmgw__funds_lease(struct llmgw__funds *funds,
                                llmgw_store_lease *ask)
{
    llmgw_status status = LLMGW_OK;
    struct fund *fund;

    llmgw__mutex_lock(&funds->lock);
    fund = find(funds, ask->budget);
    if (!fund || llmgw__grow((void **)&fund->leases, &fund->lease_cap,
                             fund->lease_count + 1, sizeof *fund->leases))
        status = LLMGW_E_NOMEM;
    ask->granted = ask->committed = ask->oldest_s = 0;
    ask->lapsed = 0;
    if (status == LLMGW_OK) {
        prune(fund, ask);
        change_lease(fund, ask);
    }
    if (status == LLMGW_OK)
        ask->committed = committed(fund, ask);
    llmgw__mutex_unlock(&funds->lock);
    return status;
}
