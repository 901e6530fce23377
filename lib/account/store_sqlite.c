/*
 * account/store_sqlite.c - a ledger in a SQLite file, which several processes
 * may use at once.
 *
 * Whoever hands over an operation while nobody works on the file works on it,
 * and on all that others hand over meanwhile: as many as there are in one
 * transaction. Nobody waits for a lock of the file: while another process has
 * it, operations wait in the queue, and are tried again by every turn. An
 * operation is ended when it is committed.
 *
 * What reads has a connection of its own, and is done by who asked for it, as
 * its answers are handed over on that thread, when all that was handed over
 * before is written.
 *
 * Source: sqlite.org/wal.html, sqlite.org/howtocorrupt.html (forks).
 * Memory: one small place for each operation under way.
 */
#ifdef LLMGW_WITH_SQLITE

#include "store_sqlite.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/sync.h"
#include "base/text.h"
#include "sqlite_db.h"

#define MAX_BATCH 256
#define BUSY_NS   (5 * LLMGW__SECOND) /* then an operation has failed */

#define CLOSE_BUSY_MS 1000

/** An operation in the queue. */
struct place {
    llmgw_store_op *op;
    struct place *next;
    uint64_t since_ns;  /* when it was handed over */
    const void *thread; /* of one that reads: who asks */
    uint64_t after;     /* of one that reads: writes handed over before it */
};

struct sqlite_store {
    struct llmgw__sqlite_api api;
    struct llmgw__sqlite_db db; /* of who works */
    struct llmgw__mutex lock;   /* all below */
    struct place *first, **last;
    struct place *readers;
    uint64_t handed, ended; /* writes so far */
    bool working;
    struct llmgw__birth birth; /* a child leaves the file alone */
    char *path;
    bool power;
};

static _Thread_local char this_thread;

static void submit(llmgw_store_op *op, void *userdata);
static void process(uint64_t now_ns, void *userdata);
static void close_store(void *userdata);
static void work(struct sqlite_store *store);
static void read_ready(struct sqlite_store *store);

/* --- make --- */

static llmgw_status refuse(struct llmgw__error *why, const char *path,
                           const char *what, const char *more)
{
    char message[512];

    (void)snprintf(message, sizeof message, "ledger.path: %.300s: %s%s", path,
                   what, more);
    llmgw__error_refuse(why, LLMGW_KIND_CONFIG, "ledger.path", message);
    return LLMGW_E_CONFIG;
}

static llmgw_status refuse_open(const struct sqlite_store *store, int rc,
                                struct llmgw__error *why)
{
    const struct llmgw__sqlite_api *api = &store->api;

    if (rc == SQLITE_NOMEM)
        return LLMGW_E_NOMEM;
    if (rc == SQLITE_MISMATCH)
        return refuse(why, store->path,
                      "it is not a ledger of this library, "
                      "or of a newer one",
                      "");
    return refuse(why, store->path,
                  store->db.db ? api->error(store->db.db) : "cannot be opened",
                  "");
}

static void clear(struct sqlite_store *store)
{
    llmgw__sqlite_close(&store->db);
    llmgw__sqlite_unload(&store->api);
    llmgw__birth_clear(&store->birth);
    llmgw__mutex_clear(&store->lock);
    llmgw__free(store->path);
    llmgw__free(store);
}

static struct sqlite_store *
make_store(const struct llmgw__sqlite_setting *setting)
{
    struct sqlite_store *store = llmgw__calloc(1, sizeof *store);

    if (!store)
        return NULL;
    store->last = &store->first;
    store->power = setting->power;
    store->path = llmgw__strndup(setting->path, strlen(setting->path));
    if (store->path && llmgw__mutex_init(&store->lock) == LLMGW_OK) {
        llmgw__birth_init(&store->birth);
        return store;
    }
    llmgw__free(store->path);
    llmgw__free(store);
    return NULL;
}

llmgw_status
llmgw__store_sqlite_create(const struct llmgw__sqlite_setting *setting,
                           llmgw_store *out, struct llmgw__error *why)
{
    struct sqlite_store *store = make_store(setting);
    const char *missing;
    llmgw_status status;
    int rc;

    if (!store)
        return LLMGW_E_NOMEM;
    status = llmgw__sqlite_load(&store->api, &missing);
    if (status != LLMGW_OK) {
        (void)refuse(why, store->path, "not found: ", missing);
        clear(store);
        return status;
    }
    rc = llmgw__sqlite_open(&store->db, &store->api, store->path, true,
                            store->power);
    if (rc != SQLITE_OK) {
        status = refuse_open(store, rc, why);
        clear(store);
        return status;
    }
    *out = (llmgw_store){.size = sizeof *out,
                         .userdata = store,
                         .submit = submit,
                         .process = process,
                         .close = close_store};
    return LLMGW_OK;
}

/* --- the queue --- */

static bool reads(const llmgw_store_op *op)
{
    llmgw_store_op_kind kind = llmgw_store_op_get_kind(op);

    return kind == LLMGW_STORE_READ || kind == LLMGW_STORE_SUMS;
}

static void submit(llmgw_store_op *op, void *userdata)
{
    struct sqlite_store *store = userdata;
    struct place *place;

    if (llmgw__birth_forked(&store->birth)) {
        llmgw_store_complete(op, LLMGW_E_FORKED);
        return;
    }
    place = llmgw__calloc(1, sizeof *place);
    if (!place) {
        llmgw_store_complete(op, LLMGW_E_NOMEM);
        return;
    }
    place->op = op;
    place->since_ns = llmgw__clock_monotonic();
    place->thread = &this_thread;
    llmgw__mutex_lock(&store->lock);
    if (reads(op)) {
        place->after = store->handed;
        place->next = store->readers;
        store->readers = place;
    } else {
        store->handed++;
        *store->last = place;
        store->last = &place->next;
    }
    llmgw__mutex_unlock(&store->lock);
    process(0, store);
}

static void process(uint64_t now_ns, void *userdata)
{
    struct sqlite_store *store = userdata;

    (void)now_ns; /* of the host's clock; a lock is waited for by the real */
    if (llmgw__birth_forked(&store->birth))
        return;
    work(store);
    read_ready(store);
}

/** The next ones, for who works now; NULL: nobody, or there are none. */
static struct place *take_batch(struct sqlite_store *store, bool goes_on)
{
    struct place *batch, **end;
    size_t count = 0;

    llmgw__mutex_lock(&store->lock);
    batch = store->working && !goes_on ? NULL : store->first;
    end = &store->first;
    while (batch && *end && count++ < MAX_BATCH)
        end = &(*end)->next;
    if (batch) {
        store->first = *end;
        *end = NULL;
        if (!store->first)
            store->last = &store->first;
    }
    if (batch || goes_on)
        store->working = batch != NULL;
    llmgw__mutex_unlock(&store->lock);
    return batch;
}

/** In front again, to be tried later. */
static void put_back(struct sqlite_store *store, struct place *batch)
{
    struct place **end = &batch;

    while (*end)
        end = &(*end)->next;
    llmgw__mutex_lock(&store->lock);
    *end = store->first;
    if (!store->first)
        store->last = end;
    store->first = batch;
    store->working = false;
    llmgw__mutex_unlock(&store->lock);
}

static void end_batch(struct sqlite_store *store, struct place *batch,
                      llmgw_status status)
{
    while (batch) {
        struct place *place = batch;

        batch = place->next;
        llmgw_store_complete(place->op, status);
        llmgw__free(place);
        llmgw__mutex_lock(&store->lock);
        store->ended++;
        llmgw__mutex_unlock(&store->lock);
    }
}

/* --- writing --- */

static bool write_op(struct llmgw__sqlite_db *db, llmgw_store_op *op)
{
    switch (llmgw_store_op_get_kind(op)) {
    case LLMGW_STORE_OPEN:
        return llmgw__sqlite_write_open(db, op);
    case LLMGW_STORE_SETTLE:
        return llmgw__sqlite_write_settle(db, op);
    case LLMGW_STORE_FORGET:
        return llmgw__sqlite_write_forget(db, op);
    case LLMGW_STORE_LEASE:
        return llmgw__sqlite_write_lease(db, llmgw_store_op_lease(op));
    case LLMGW_STORE_TELL:
        return llmgw__sqlite_write_fact(db, llmgw_store_op_fact(op));
    case LLMGW_STORE_HEAR: /* facts are for all: no thread waits for them */
        return llmgw__sqlite_read_facts(db, op) == LLMGW_OK;
    default:
        return true;
    }
}

static int run(struct llmgw__sqlite_db *db, enum llmgw__sqlite_say say)
{
    struct llmgw__sqlite_bind bind;

    db->last = SQLITE_OK;
    bind = llmgw__sqlite_begin(db, say);
    (void)llmgw__sqlite_run(&bind);
    return db->last;
}

/** One transaction; what went wrong has left nothing. */
static int write_batch(struct llmgw__sqlite_db *db, struct place *batch)
{
    int rc = run(db, LLMGW__SAY_BEGIN);

    if (rc != SQLITE_OK)
        return rc;
    for (; batch && db->last == SQLITE_OK; batch = batch->next)
        if (!write_op(db, batch->op) && db->last == SQLITE_OK)
            db->last = SQLITE_ERROR;
    rc = db->last;
    if (rc == SQLITE_OK)
        rc = run(db, LLMGW__SAY_COMMIT);
    if (rc != SQLITE_OK)
        (void)run(db, LLMGW__SAY_ROLLBACK); /* or it has done so itself */
    return rc;
}

static bool is_busy(int rc)
{
    return (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
}

static llmgw_status status_of(int rc)
{
    if (rc == SQLITE_OK)
        return LLMGW_OK;
    return rc == SQLITE_NOMEM ? LLMGW_E_NOMEM : LLMGW_E_SYSTEM;
}

/** Those that cannot be done together are tried one by one, so that one that
 *  cannot be done takes no other with it. @return those to be tried later */
static struct place *write_all(struct sqlite_store *store, struct place *batch)
{
    int rc = write_batch(&store->db, batch);

    if (is_busy(rc))
        return batch;
    if (rc == SQLITE_OK || !batch->next) {
        end_batch(store, batch, status_of(rc));
        return NULL;
    }
    while (batch) {
        struct place *one = batch;

        batch = one->next;
        one->next = NULL;
        rc = write_batch(&store->db, one);
        if (is_busy(rc)) {
            one->next = batch;
            return one;
        }
        end_batch(store, one, status_of(rc));
    }
    return NULL;
}

/** Those that have waited too long for another process have failed. */
static struct place *give_up(struct sqlite_store *store, struct place *batch)
{
    uint64_t now = llmgw__clock_monotonic();

    while (batch && now - batch->since_ns > BUSY_NS) {
        struct place *one = batch;

        batch = one->next;
        one->next = NULL;
        end_batch(store, one, LLMGW_E_SYSTEM);
    }
    return batch;
}

static void work(struct sqlite_store *store)
{
    struct place *batch = take_batch(store, false);

    while (batch) {
        batch = write_all(store, batch);
        if (batch)
            batch = give_up(store, batch);
        if (batch) {
            put_back(store, batch);
            return;
        }
        batch = take_batch(store, true);
    }
}

/* --- reading --- */

/** One that this thread has asked for, all before it written; NULL: none. */
static struct place *take_reader(struct sqlite_store *store)
{
    struct place **at = &store->readers;
    struct place *place;

    llmgw__mutex_lock(&store->lock);
    while (*at &&
           ((*at)->thread != &this_thread || (*at)->after > store->ended))
        at = &(*at)->next;
    place = *at;
    if (place)
        *at = place->next;
    llmgw__mutex_unlock(&store->lock);
    return place;
}

static llmgw_status read_op(struct sqlite_store *store, llmgw_store_op *op)
{
    struct llmgw__sqlite_db db;
    llmgw_status status = LLMGW_E_SYSTEM;
    int rc =
        llmgw__sqlite_open(&db, &store->api, store->path, false, store->power);

    if (rc == SQLITE_NOMEM)
        status = LLMGW_E_NOMEM;
    if (rc == SQLITE_OK)
        status = llmgw_store_op_get_kind(op) == LLMGW_STORE_READ
                     ? llmgw__sqlite_read(&db, op)
                     : llmgw__sqlite_read_sums(&db, op);
    llmgw__sqlite_close(&db);
    return status;
}

static void read_ready(struct sqlite_store *store)
{
    struct place *place = take_reader(store);

    while (place) {
        llmgw_status status = read_op(store, place->op);

        llmgw_store_complete(place->op, status);
        llmgw__free(place);
        place = take_reader(store);
    }
}

/* --- close --- */

/** What waits for another process is tried until it has waited too long. */
static void close_store(void *userdata)
{
    struct sqlite_store *store = userdata;

    if (llmgw__birth_forked(&store->birth)) {
        /* a child that closed it would let go of its parent's locks */
        return;
    }
    (void)store->api.busy_timeout(store->db.db, CLOSE_BUSY_MS);
    while (store->first)
        work(store);
    while (store->readers) {
        struct place *place = store->readers;

        store->readers = place->next;
        llmgw_store_complete(place->op, LLMGW_E_CLOSED);
        llmgw__free(place);
    }
    clear(store);
}

#endif
