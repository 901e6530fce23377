/*
 * account/store_memory.c - the store that keeps entries in memory.
 *
 * Memory: max_entries rows in a ring, plus one sum for each combination of
 * provider, model, route, tags and state that ever left the ring.
 */
#include "store_memory.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/sync.h"
#include "base/text.h"
#include "entry.h"

struct memory_store {
    struct llmgw__mutex lock;
    struct llmgw_entry **ring; /* slot of id: (id - 1) % cap */
    size_t cap;
    size_t max;
    uint64_t first; /* oldest id that may be kept */
    uint64_t last;  /* newest id seen */
    struct llmgw__map carried;
};

static void submit(llmgw_store_op *op, void *userdata);
static void close_store(void *userdata);
static llmgw_status put(struct memory_store *store,
                        const struct llmgw_entry *entry);
static llmgw_status make_room(struct memory_store *store, uint64_t id);
static llmgw_status carry(struct memory_store *store,
                          const struct llmgw_entry *entry);
static llmgw_status read_all(struct memory_store *store, llmgw_store_op *op);

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

llmgw_status llmgw__store_memory_carried(
    void *memory,
    llmgw_status (*fn)(const struct llmgw__carried *carried, void *userdata),
    void *userdata)
{
    struct memory_store *store = memory;
    llmgw_status status = LLMGW_OK;
    llmgw_str key;
    void *value;
    size_t at = 0;

    llmgw__mutex_lock(&store->lock);
    while (status == LLMGW_OK &&
           llmgw__map_next(&store->carried, &at, &key, &value))
        status = fn(value, userdata);
    llmgw__mutex_unlock(&store->lock);
    return status;
}

static void submit(llmgw_store_op *op, void *userdata)
{
    struct memory_store *store = userdata;
    llmgw_status status;

    if (llmgw_store_op_get_kind(op) == LLMGW_STORE_READ) {
        status = read_all(store, op);
    } else {
        llmgw__mutex_lock(&store->lock);
        status = put(store, llmgw_store_op_entry(op));
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

static void add_key(struct llmgw__buf *key, llmgw_str text)
{
    llmgw__buf_add_str(key, text);
    llmgw__buf_add_char(key, '\0');
}

/** A new sum; its texts lie behind it, as they stand in the key. */
static struct llmgw__carried *make_sum(const struct llmgw__buf *key,
                                       const struct llmgw_entry *entry)
{
    struct llmgw__carried *sum = llmgw__calloc(1, sizeof *sum + key->len);
    char *text;

    if (!sum)
        return NULL;
    text = (char *)(sum + 1);
    memcpy(text, key->data, key->len);
    sum->state = entry->state;
    sum->provider = llmgw__str_n(text, entry->text[LLMGW__ENTRY_PROVIDER].len);
    text += entry->text[LLMGW__ENTRY_PROVIDER].len + 1;
    sum->model = llmgw__str_n(text, entry->text[LLMGW__ENTRY_MODEL].len);
    text += entry->text[LLMGW__ENTRY_MODEL].len + 1;
    sum->route = llmgw__str_n(text, entry->text[LLMGW__ENTRY_ROUTE].len);
    text += entry->text[LLMGW__ENTRY_ROUTE].len + 1;
    sum->tags = llmgw__str_n(text, entry->text[LLMGW__ENTRY_TAGS].len);
    return sum;
}

/** The sum that an entry belongs to, made when it is the first. */
static llmgw_status find_sum(struct memory_store *store,
                             const struct llmgw_entry *entry,
                             struct llmgw__carried **out)
{
    struct llmgw__buf key;
    llmgw_status status;

    *out = NULL;
    llmgw__buf_init(&key, 0);
    add_key(&key, entry->text[LLMGW__ENTRY_PROVIDER]);
    add_key(&key, entry->text[LLMGW__ENTRY_MODEL]);
    add_key(&key, entry->text[LLMGW__ENTRY_ROUTE]);
    add_key(&key, entry->text[LLMGW__ENTRY_TAGS]);
    llmgw__buf_add_int(&key, entry->state);
    status = key.status;
    if (status == LLMGW_OK)
        *out = llmgw__map_get(&store->carried, llmgw__buf_str(&key));
    if (status == LLMGW_OK && !*out) {
        *out = make_sum(&key, entry);
        status =
            *out ? llmgw__map_set(&store->carried, llmgw__buf_str(&key), *out)
                 : LLMGW_E_NOMEM;
        if (status != LLMGW_OK) {
            llmgw__free(*out);
            *out = NULL;
        }
    }
    llmgw__buf_clear(&key);
    return status;
}

static llmgw_status carry(struct memory_store *store,
                          const struct llmgw_entry *entry)
{
    struct llmgw__carried *sum;
    llmgw_status status = find_sum(store, entry, &sum);

    if (status != LLMGW_OK)
        return status;
    sum->entries++;
    if (!entry->cost.known)
        sum->unpriced++;
    else
        llmgw__money_add(&sum->cost, entry->cost.pico);
    if (entry->has_usage) {
        sum->prompt_tokens += llmgw__usage_prompt(&entry->usage);
        sum->completion_tokens += llmgw__usage_completion(&entry->usage);
    }
    return LLMGW_OK;
}

/** Row by row, each copied under the lock and handed over without it. */
static llmgw_status read_all(struct memory_store *store, llmgw_store_op *op)
{
    uint64_t id = 1;

    for (;;) {
        struct llmgw_entry *copy = NULL;
        bool more;
        int32_t stop;

        llmgw__mutex_lock(&store->lock);
        if (id < store->first)
            id = store->first;
        while (id <= store->last && !store->ring[(id - 1) % store->cap])
            id++;
        more = id <= store->last;
        if (more)
            copy = llmgw__entry_copy(store->ring[(id - 1) % store->cap]);
        llmgw__mutex_unlock(&store->lock);
        if (!more)
            return LLMGW_OK;
        if (!copy)
            return LLMGW_E_NOMEM;
        stop = llmgw_store_op_row(op, copy);
        llmgw__entry_free(copy);
        if (stop)
            return LLMGW_OK;
        id++;
    }
}
