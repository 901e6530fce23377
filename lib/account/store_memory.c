/*
 * account/store_memory.c - the store that keeps entries in memory.
 *
 * Memory: max_entries rows in a ring, plus one sum for each UTC day, provider,
 * model, route, tags, key and state of what ever left the ring.
 */
#include "store_memory.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/sync.h"
#include "base/text.h"
#include "entry.h"
#include "store_op.h"

struct memory_store {
    struct llmgw__mutex lock;
    struct llmgw_entry **ring; /* slot of id: (id - 1) % cap */
    size_t cap;
    size_t max;
    uint64_t first; /* oldest id that may be kept */
    uint64_t last;  /* newest id seen */
    uint64_t forgets;
    struct llmgw__map carried; /* key -> llmgw_store_sum */
};

static void submit(llmgw_store_op *op, void *userdata);
static void close_store(void *userdata);
static llmgw_status put(struct memory_store *store,
                        const struct llmgw_entry *entry);
static llmgw_status make_room(struct memory_store *store, uint64_t id);
static llmgw_status carry(struct memory_store *store,
                          const struct llmgw_entry *entry);
static llmgw_status forget(struct memory_store *store, int64_t before_ns);
static void tell_sums(struct memory_store *store, llmgw_store_op *op);
static llmgw_status read_rows(struct memory_store *store, llmgw_store_op *op);

llmgw_status llmgw__store_memory_create(size_t max_entries, llmgw_store *out)
{
    struct memory_store *store = llmgw__calloc(1, sizeof *store);
    llmgw_status status;

    if (!store)
        return LLMGW_E_NOMEM;
    status = llmgw__mutex_init(&store->lock);
    if (status != LLMGW_OK) {
        llmgw__free(store);
        return status;
    }
    store->max = max_entries ? max_entries : 1;
    store->first = 1;
    llmgw__map_init(&store->carried);
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    out->userdata = store;
    out->submit = submit;
    out->close = close_store;
    return LLMGW_OK;
}

/** What is done under the lock. */
static llmgw_status do_locked(struct memory_store *store, llmgw_store_op *op)
{
    switch (op->kind) {
    case LLMGW_STORE_OPEN:
    case LLMGW_STORE_SETTLE:
        return put(store, llmgw_store_op_entry(op));
    case LLMGW_STORE_SUMS:
        tell_sums(store, op);
        return LLMGW_OK;
    case LLMGW_STORE_FORGET:
        return forget(store, op->before_ns);
    default:
        return LLMGW_E_UNSUPPORTED;
    }
}

static void submit(llmgw_store_op *op, void *userdata)
{
    struct memory_store *store = userdata;
    llmgw_status status;

    if (op->kind == LLMGW_STORE_READ) {
        status = read_rows(store, op);
    } else {
        llmgw__mutex_lock(&store->lock);
        status = do_locked(store, op);
        llmgw__mutex_unlock(&store->lock);
    }
    llmgw_store_complete(op, status);
}

static void close_store(void *userdata)
{
    struct memory_store *store = userdata;
    llmgw_str key;
    void *value;
    size_t at = 0;

    for (size_t i = 0; i < store->cap; i++)
        llmgw__entry_free(store->ring[i]);
    llmgw__free(store->ring);
    while (llmgw__map_next(&store->carried, &at, &key, &value))
        llmgw__free(value);
    llmgw__map_clear(&store->carried);
    llmgw__mutex_clear(&store->lock);
    llmgw__free(store);
}

/** Keep a row, or replace the one of its id. */
static llmgw_status put(struct memory_store *store,
                        const struct llmgw_entry *entry)
{
    struct llmgw_entry *copy;
    struct llmgw_entry **slot;
    llmgw_status status;

    if (entry->id < store->first) /* left the ring while it was open */
        return entry->settled_ns ? carry(store, entry) : LLMGW_OK;
    status = make_room(store, entry->id);
    if (status != LLMGW_OK)
        return status;
    slot = &store->ring[(entry->id - 1) % store->cap];
    if (*slot) {
        llmgw__entry_update(*slot, entry);
        return LLMGW_OK;
    }
    copy = llmgw__entry_copy(entry);
    if (!copy)
        return LLMGW_E_NOMEM;
    *slot = copy;
    if (entry->id > store->last)
        store->last = entry->id;
    return LLMGW_OK;
}

static llmgw_status grow_ring(struct memory_store *store)
{
    size_t cap = store->cap ? store->cap * 2 : 64;
    struct llmgw_entry **ring;

    if (cap > store->max)
        cap = store->max;
    ring = llmgw__calloc(cap, sizeof(struct llmgw_entry *));
    if (!ring)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < store->cap; i++)
        if (store->ring[i])
            ring[(store->ring[i]->id - 1) % cap] = store->ring[i];
    llmgw__free(store->ring);
    store->ring = ring;
    store->cap = cap;
    return LLMGW_OK;
}

/** Make the ring reach as far as id: grow it, then let the oldest go. */
static llmgw_status make_room(struct memory_store *store, uint64_t id)
{
    llmgw_status status = LLMGW_OK;

    while (id - store->first >= store->cap && store->cap < store->max)
        if ((status = grow_ring(store)) != LLMGW_OK)
            return status;
    for (; id - store->first >= store->cap; store->first++) {
        struct llmgw_entry **slot =
            &store->ring[(store->first - 1) % store->cap];

        if (*slot && (*slot)->settled_ns)
            status = carry(store, *slot);
        if (status != LLMGW_OK)
            return status;
        llmgw__entry_free(*slot);
        *slot = NULL;
    }
    return LLMGW_OK;
}

/** Entries settled before then are kept as sums; their slots stay empty. */
static llmgw_status forget(struct memory_store *store, int64_t before_ns)
{
    store->forgets++;
    for (size_t i = 0; i < store->cap; i++) {
        struct llmgw_entry *entry = store->ring[i];
        llmgw_status status;

        if (!entry || !entry->settled_ns || entry->settled_ns >= before_ns)
            continue;
        status = carry(store, entry);
        if (status != LLMGW_OK)
            return status;
        llmgw__entry_free(entry);
        store->ring[i] = NULL;
    }
    return LLMGW_OK;
}

/* What sums are told apart by, beside day and state. */
static const uint8_t parts[] = {
    offsetof(llmgw_store_sum, provider), offsetof(llmgw_store_sum, model),
    offsetof(llmgw_store_sum, route),    offsetof(llmgw_store_sum, tags),
    offsetof(llmgw_store_sum, key),
};

static llmgw_str *part_of(llmgw_store_sum *sum, size_t part)
{
    return (llmgw_str *)(void *)((char *)sum + parts[part]);
}

static llmgw_status make_key(llmgw_store_sum *sum, struct llmgw__buf *key)
{
    for (size_t i = 0; i < sizeof parts; i++) {
        llmgw__buf_add_str(key, *part_of(sum, i));
        llmgw__buf_add_char(key, '\0');
    }
    llmgw__buf_add_int(key, sum->day_ns);
    llmgw__buf_add_char(key, ' ');
    llmgw__buf_add_int(key, sum->state);
    return key->status;
}

/** The first of its key: a copy, its texts behind it as they stand there. */
static llmgw_status keep_sum(struct memory_store *store, llmgw_str key,
                             const llmgw_store_sum *one)
{
    llmgw_store_sum *sum = llmgw__malloc(sizeof *sum + key.len);
    llmgw_status status;
    char *text;

    if (!sum)
        return LLMGW_E_NOMEM;
    *sum = *one;
    text = (char *)(sum + 1);
    memcpy(text, key.data, key.len);
    for (size_t i = 0; i < sizeof parts; i++) {
        part_of(sum, i)->data = text;
        text += part_of(sum, i)->len + 1;
    }
    status = llmgw__map_set(&store->carried, key, sum);
    if (status != LLMGW_OK)
        llmgw__free(sum);
    return status;
}

static llmgw_status carry(struct memory_store *store,
                          const struct llmgw_entry *entry)
{
    llmgw_store_sum one;
    llmgw_store_sum *sum;
    struct llmgw__buf key;
    llmgw_status status;

    llmgw__entry_sum(entry, &one);
    llmgw__buf_init(&key, 0);
    status = make_key(&one, &key);
    if (status == LLMGW_OK) {
        sum = llmgw__map_get(&store->carried, llmgw__buf_str(&key));
        if (sum)
            llmgw__sum_add(sum, &one);
        else
            status = keep_sum(store, llmgw__buf_str(&key), &one);
    }
    llmgw__buf_clear(&key);
    return status;
}

/** The callback is the ledger's own: it asks no store. */
static void tell_sums(struct memory_store *store, llmgw_store_op *op)
{
    llmgw_str key;
    void *value;
    size_t at = 0;

    while (llmgw__map_next(&store->carried, &at, &key, &value))
        if (llmgw_store_op_sum(op, value))
            return;
}

/** Where a reading stands. */
struct cursor {
    uint64_t id;
    bool back;        /* newest first */
    uint64_t forgets; /* when it began */
    bool missed;      /* rows became sums that it had not come to */
};

static void begin_reading(struct memory_store *store, const llmgw_store_op *op,
                          struct cursor *at)
{
    at->back = op->filter && op->filter->newest_first;
    at->id = at->back ? store->last : store->first;
    at->forgets = store->forgets;
    at->missed = false;
}

/** The row there, or the next one; NULL: there is none. */
static const struct llmgw_entry *row_at(const struct memory_store *store,
                                        struct cursor *at)
{
    if (at->forgets != store->forgets || (!at->back && at->id < store->first))
        at->missed = true;
    if (!at->back && at->id < store->first)
        at->id = store->first;
    while (at->id >= store->first && at->id <= store->last) {
        const struct llmgw_entry *row = store->ring[(at->id - 1) % store->cap];

        if (row)
            return row;
        at->id += at->back ? UINT64_MAX : 1;
    }
    return NULL;
}

/** Sums and rows as they are at one moment, the lock held: of both only the
 *  ledger's own totals ask. */
static void read_whole(struct memory_store *store, llmgw_store_op *op)
{
    const struct llmgw_entry *row;
    struct cursor at;

    llmgw__mutex_lock(&store->lock);
    tell_sums(store, op);
    begin_reading(store, op, &at);
    while ((row = row_at(store, &at)) && !llmgw_store_op_row(op, row))
        at.id += at.back ? UINT64_MAX : 1;
    llmgw__mutex_unlock(&store->lock);
}

/** Row by row, each copied under the lock and handed over without it. */
static llmgw_status read_rows(struct memory_store *store, llmgw_store_op *op)
{
    struct cursor at;
    const struct llmgw_entry *row;

    if (op->whole) {
        read_whole(store, op);
        return LLMGW_OK;
    }
    llmgw__mutex_lock(&store->lock);
    if (op->on_sum)
        tell_sums(store, op);
    begin_reading(store, op, &at);
    while ((row = row_at(store, &at))) {
        struct llmgw_entry *copy = llmgw__entry_copy(row);
        int32_t stop;

        llmgw__mutex_unlock(&store->lock);
        if (!copy)
            return LLMGW_E_NOMEM;
        stop = llmgw_store_op_row(op, copy);
        llmgw__entry_free(copy);
        if (stop)
            return LLMGW_OK;
        at.id += at.back ? UINT64_MAX : 1;
        llmgw__mutex_lock(&store->lock);
    }
    llmgw__mutex_unlock(&store->lock);
    op->missed = at.missed;
    return LLMGW_OK;
}
