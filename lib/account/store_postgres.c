/*
 * account/store_postgres.c - a ledger on a PostgreSQL server, which machines
 * share.
 *
 * Operations go out in the order in which they came, on one connection, driven
 * by whichever loop turns. While the server is away, entries are journaled in
 * the outbox, and with that an operation is done; when it is back, they go
 * first, and what came after them waits. Entries that were under way when the
 * connection broke are said again: a server takes each once.
 *
 * Leases, reports and facts need the server: while it is away they fail.
 *
 * Source: the rules of llmgw/sys/store.h.
 * Memory: one place for each operation under way, and the outbox.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "store_postgres.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/sync.h"
#include "base/wait.h"
#include "outbox.h"
#include "postgres_link.h"
#include "postgres_places.h"
#include "postgres_record.h"
#include "postgres_tell.h"

struct postgres_store {
    struct llmgw__postgres_api api;
    struct llmgw__postgres_link link; /* of who works */
    struct llmgw__outbox *outbox;     /* likewise */
    struct llmgw__mutex lock;         /* working, waiting, answered */
    bool working;
    struct llmgw__places waiting;
    struct llmgw__places answered; /* reads, until their thread comes */
    struct llmgw__places said;     /* of who works: under way, in order */
    bool away;                     /* it was tried, and is not there */
    char *url;
    struct llmgw__birth birth; /* a child leaves the connection alone */
};

#define PATIENCE_NS (500 * LLMGW__MS) /* an operation waits so long for it */

static _Thread_local char this_thread;

static void submit(llmgw_store_op *op, void *userdata);
static void process(uint64_t now_ns, void *userdata);
static void close_store(void *userdata);
static int32_t fds(llmgw_store_fd *out, int32_t max, void *userdata);
static void on_result(void *userdata, PGresult *result);

/* --- make --- */

static llmgw_status refuse(struct llmgw__error *why, const char *param,
                           const char *what, const char *more)
{
    char message[400];

    (void)snprintf(message, sizeof message, "%s: %s%.250s", param, what, more);
    llmgw__error_refuse(why, LLMGW_KIND_CONFIG, param, message);
    return LLMGW_E_CONFIG;
}

static void clear(struct postgres_store *store)
{
    if (store->url)
        llmgw__zeroize(store->url, strlen(store->url));
    llmgw__free(store->url);
    llmgw__outbox_close(store->outbox);
    llmgw__postgres_unload(&store->api);
    llmgw__birth_clear(&store->birth);
    llmgw__mutex_clear(&store->lock);
    llmgw__free(store);
}

static llmgw_status check_url(struct postgres_store *store,
                              struct llmgw__error *why)
{
    char *message = NULL;
    PQconninfoOption *options = store->api.parse(store->url, &message);
    llmgw_status status = LLMGW_OK;

    if (!options) /* its message may hold the password */
        status = message ? refuse(why, "ledger.url",
                                  "it is no connection string", "")
                         : LLMGW_E_NOMEM;
    store->api.free_options(options);
    store->api.free_text(message);
    return status;
}

static llmgw_status open_outbox(struct postgres_store *store,
                                const struct llmgw__postgres_setting *setting,
                                struct llmgw__error *why)
{
    const struct llmgw__outbox_setting how = {
        .path = setting->outbox,
        .max_bytes = setting->outbox_max_bytes,
        .power = setting->power,
    };
    const char *what = "";
    llmgw_status status = llmgw__outbox_open(&how, &store->outbox, &what);

    return status == LLMGW_E_SYSTEM ? refuse(why, "ledger.outbox", what, "")
                                    : status;
}

static llmgw_status fill(struct postgres_store *store,
                         const struct llmgw__postgres_setting *setting,
                         struct llmgw__error *why)
{
    const char *missing;
    llmgw_status status;

    store->url = llmgw__strndup(setting->url, strlen(setting->url));
    if (!store->url)
        return LLMGW_E_NOMEM;
    status = llmgw__postgres_load(&store->api, &missing);
    if (status != LLMGW_OK) {
        (void)refuse(why, "ledger.url", "not found: ", missing);
        return status;
    }
    store->link.api = &store->api;
    store->link.on_result = on_result;
    store->link.userdata = store;
    status = check_url(store, why);
    return status == LLMGW_OK ? open_outbox(store, setting, why) : status;
}

llmgw_status
llmgw__store_postgres_create(const struct llmgw__postgres_setting *setting,
                             llmgw_store *out, struct llmgw__error *why)
{
    struct postgres_store *store = llmgw__calloc(1, sizeof *store);
    llmgw_status status;

    if (!store)
        return LLMGW_E_NOMEM;
    status = llmgw__mutex_init(&store->lock);
    if (status != LLMGW_OK) {
        llmgw__free(store);
        return status;
    }
    llmgw__birth_init(&store->birth);
    llmgw__places_init(&store->waiting);
    llmgw__places_init(&store->answered);
    llmgw__places_init(&store->said);
    status = fill(store, setting, why);
    if (status != LLMGW_OK) {
        clear(store);
        return status;
    }
    *out = (llmgw_store){.size = sizeof *out,
                         .userdata = store,
                         .submit = submit,
                         .process = process,
                         .close = close_store,
                         .fds = fds};
    return LLMGW_OK;
}

/* --- operations --- */

static bool is_of_entry(const llmgw_store_op *op)
{
    llmgw_store_op_kind kind = llmgw_store_op_get_kind(op);

    return kind == LLMGW_STORE_OPEN || kind == LLMGW_STORE_SETTLE;
}

static bool reads(const llmgw_store_op *op)
{
    llmgw_store_op_kind kind = llmgw_store_op_get_kind(op);

    return kind == LLMGW_STORE_READ || kind == LLMGW_STORE_SUMS ||
           kind == LLMGW_STORE_HEAR;
}

/** Facts are for all: no thread waits for them. */
static bool is_for_all(const llmgw_store_op *op)
{
    return llmgw_store_op_get_kind(op) == LLMGW_STORE_HEAR;
}

static void end(struct llmgw__place *place, llmgw_status status)
{
    if (place->op)
        llmgw_store_complete(place->op, status);
    llmgw__free(place);
}

static bool is_late(const struct llmgw__place *place, uint64_t now_ns)
{
    return now_ns > place->since_ns + PATIENCE_NS;
}

/* --- hand over --- */

static void submit(llmgw_store_op *op, void *userdata)
{
    struct postgres_store *store = userdata;
    struct llmgw__place *place;

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
    place->thread = is_for_all(op) ? NULL : &this_thread;
    llmgw__mutex_lock(&store->lock);
    llmgw__places_join(&store->waiting, place);
    llmgw__mutex_unlock(&store->lock);
    process(0, store);
}

/** @retval LLMGW_E_SYSTEM  it is full: the library keeps the entry */
static llmgw_status journal(struct postgres_store *store,
                            const llmgw_store_op *op)
{
    struct llmgw__buf record;
    llmgw_status status;

    llmgw__buf_init(&record, 0);
    status = llmgw__record_write(op, &record);
    if (status == LLMGW_OK)
        status = llmgw__outbox_add(store->outbox, llmgw__buf_str(&record));
    llmgw__buf_clear(&record);
    return status == LLMGW_E_LIMIT ? LLMGW_E_SYSTEM : status;
}

/** To the outbox, and done. */
static void put_out(struct postgres_store *store, struct llmgw__place *place)
{
    end(place, journal(store, place->op));
}

/** Say what a place stands for; what cannot be said has ended.
 *  @param at  of the outbox: which record */
static void say(struct postgres_store *store, struct llmgw__place *place,
                size_t at)
{
    struct llmgw__postgres_say what;
    struct llmgw__arena arena;
    llmgw_status status;
    llmgw_str record;

    llmgw__arena_init(&arena, 4096, 0);
    if (place->op) {
        status = llmgw__postgres_say_op(place->op, &arena, &what);
    } else {
        status = llmgw__outbox_look(store->outbox, at, &record);
        if (status == LLMGW_OK)
            status = llmgw__record_say(record, &arena, &what);
        if (status != LLMGW_OK) { /* damaged: passed over, in its turn */
            what = (struct llmgw__postgres_say){.sql = "SELECT 1"};
            status = LLMGW_OK;
        }
    }
    if (status == LLMGW_OK && !llmgw__link_say(&store->link, &what))
        status = LLMGW_E_SYSTEM;
    llmgw__arena_clear(&arena);
    if (status == LLMGW_OK)
        llmgw__places_join(&store->said, place);
    else
        end(place, status);
}

/** Records of the outbox that are under way. */
static size_t records_said(const struct postgres_store *store)
{
    size_t count = 0;

    for (const struct llmgw__place *place = store->said.first; place;
         place = place->next)
        count += !place->op && !place->late;
    return count;
}

/** @return false: no memory, later */
static bool say_records(struct postgres_store *store)
{
    size_t said = records_said(store);

    while (said < llmgw__outbox_count(store->outbox) &&
           store->link.under_way < LLMGW__LINK_MAX) {
        struct llmgw__place *place = llmgw__calloc(1, sizeof *place);

        if (!place)
            return false;
        say(store, place, said++);
    }
    return true;
}

static struct llmgw__place *next_waiting(struct postgres_store *store)
{
    struct llmgw__place *place;

    llmgw__mutex_lock(&store->lock);
    place = llmgw__places_leave(&store->waiting);
    llmgw__mutex_unlock(&store->lock);
    return place;
}

/** Everything waits behind what is in the outbox, but entries: those go there
 *  too, past what only reads. A lease waits no longer than a call would. */
static void say_waiting(struct postgres_store *store, uint64_t now_ns)
{
    struct llmgw__places kept;
    struct llmgw__place *place;
    bool leases = false;

    llmgw__places_init(&kept);
    while ((store->link.under_way < LLMGW__LINK_MAX ||
            llmgw__outbox_count(store->outbox)) &&
           (place = next_waiting(store)) != NULL) {
        if (!llmgw__outbox_count(store->outbox)) {
            say(store, place, 0);
        } else if (is_of_entry(place->op) && !leases) {
            put_out(store, place);
        } else if (is_late(place, now_ns) && !is_of_entry(place->op) &&
                   !reads(place->op)) {
            end(place, LLMGW_E_SYSTEM);
        } else {
            leases = leases || !reads(place->op);
            llmgw__places_join(&kept, place);
        }
    }
    llmgw__mutex_lock(&store->lock);
    llmgw__places_go_before(&store->waiting, &kept);
    llmgw__mutex_unlock(&store->lock);
}

/** A server that is slow to answer holds up no call: entries go to the outbox,
 *  from where they are said again; it takes each once. What it leases by then
 *  nobody has. Its answer is due all the same. */
static void leave_behind(struct postgres_store *store, uint64_t now_ns)
{
    for (struct llmgw__place *place = store->said.first; place;
         place = place->next) {
        llmgw_store_op *op = place->op;
        llmgw_status status = LLMGW_E_SYSTEM;

        if (!op || reads(op) || !is_late(place, now_ns))
            continue;
        if (is_of_entry(op)) {
            status = journal(store, op);
            if (status != LLMGW_OK)
                return;
        }
        place->op = NULL;
        place->late = true;
        llmgw_store_complete(op, status);
    }
}

static bool waits_too_long(struct postgres_store *store, uint64_t now_ns)
{
    bool late;

    llmgw__mutex_lock(&store->lock);
    late = store->waiting.first && is_late(store->waiting.first, now_ns);
    llmgw__mutex_unlock(&store->lock);
    return late;
}

/** It is not there: entries to the outbox, all else fails. */
static void do_without(struct postgres_store *store)
{
    struct llmgw__place *place;

    while ((place = next_waiting(store)) != NULL)
        if (is_of_entry(place->op))
            put_out(store, place);
        else
            end(place, LLMGW_E_SYSTEM);
}

/* --- answers --- */

/** What was under way is not known to be done: entries are said again, in
 *  front of all others; the rest fails. */
static void lose_link(struct postgres_store *store)
{
    struct llmgw__places again;
    struct llmgw__place *place;

    llmgw__places_init(&again);
    while ((place = llmgw__places_leave(&store->said)) != NULL)
        if (!place->op)
            llmgw__free(place); /* its record is still there */
        else if (is_of_entry(place->op))
            llmgw__places_join(&again, place);
        else
            end(place, LLMGW_E_SYSTEM);
    store->away = true;
    llmgw__mutex_lock(&store->lock);
    llmgw__places_go_before(&store->waiting, &again);
    llmgw__mutex_unlock(&store->lock);
}

static void on_result(void *userdata, PGresult *result)
{
    struct postgres_store *store = userdata;
    struct llmgw__place *place;
    llmgw_status status;

    if (!result) {
        lose_link(store);
        return;
    }
    store->away = false;
    place = llmgw__places_leave(&store->said);
    status = llmgw__postgres_status(&store->api, result);
    if (status != LLMGW_OK && llmgw__postgres_is_outage(&store->api, result) &&
        (!place->op || is_of_entry(place->op))) {
        struct llmgw__places one = {place, &place->next};

        place->next = NULL;
        store->api.clear(result);
        llmgw__places_go_before(&store->said, &one);
        llmgw__link_drop(&store->link, llmgw__clock_monotonic());
        lose_link(store);
        return;
    }
    if (!place->op) {
        if (!place->late) /* also what it refuses */
            llmgw__outbox_drop(store->outbox, 1);
        llmgw__free(place);
    } else if (status == LLMGW_OK && reads(place->op)) {
        place->result = result;
        llmgw__mutex_lock(&store->lock);
        llmgw__places_join(&store->answered, place);
        llmgw__mutex_unlock(&store->lock);
        return;
    } else {
        if (status == LLMGW_OK &&
            llmgw_store_op_get_kind(place->op) == LLMGW_STORE_LEASE)
            status = llmgw__postgres_take_lease(
                &store->api, result, llmgw_store_op_lease(place->op));
        end(place, status);
    }
    store->api.clear(result);
}

/* --- what was read, on the thread that asked --- */

static struct llmgw__place *take_answered(struct postgres_store *store)
{
    struct llmgw__place *place;

    llmgw__mutex_lock(&store->lock);
    place = llmgw__places_leave_of(&store->answered, &this_thread);
    llmgw__mutex_unlock(&store->lock);
    return place;
}

/* --- go on --- */

static bool begin_work(struct postgres_store *store, bool *wanted)
{
    bool begun;

    llmgw__mutex_lock(&store->lock);
    begun = !store->working;
    *wanted = store->waiting.first != NULL;
    if (begun)
        store->working = true;
    llmgw__mutex_unlock(&store->lock);
    return begun;
}

static void end_work(struct postgres_store *store)
{
    llmgw__mutex_lock(&store->lock);
    store->working = false;
    llmgw__mutex_unlock(&store->lock);
}

static void work(struct postgres_store *store, bool wanted)
{
    bool wants = wanted || store->said.first || store->link.under_way ||
                 llmgw__outbox_count(store->outbox) > 0 || store->link.conn;
    uint64_t now_ns = llmgw__clock_monotonic();

    if (wants)
        llmgw__link_turn(&store->link, store->url, now_ns);
    if (store->link.state == LLMGW__LINK_UP) {
        leave_behind(store, now_ns);
        if (say_records(store))
            say_waiting(store, now_ns);
        llmgw__link_turn(&store->link, store->url, llmgw__clock_monotonic());
    } else if (waits_too_long(store, now_ns)) {
        store->away = true;
    }
    if (store->link.state != LLMGW__LINK_UP && store->away)
        do_without(store);
}

static void process(uint64_t now_ns, void *userdata)
{
    struct postgres_store *store = userdata;
    struct llmgw__place *place;
    bool wanted;

    (void)now_ns; /* of the host's clock; a server has the real time */
    if (llmgw__birth_forked(&store->birth))
        return;
    if (begin_work(store, &wanted)) {
        work(store, wanted);
        end_work(store);
    }
    while ((place = take_answered(store)) != NULL) {
        llmgw_status status =
            llmgw__postgres_tell(&store->api, place->op, place->result);

        store->api.clear(place->result);
        end(place, status);
    }
}

static int32_t fds(llmgw_store_fd *out, int32_t max, void *userdata)
{
    struct postgres_store *store = userdata;
    int32_t count = 0;
    bool wanted;

    if (max < 1 || llmgw__birth_forked(&store->birth) ||
        !begin_work(store, &wanted))
        return 0;
    count = llmgw__link_fd(&store->link, out);
    end_work(store);
    return count;
}

/* --- close --- */

#define CLOSE_NS (2 * LLMGW__SECOND)

static bool has_work(struct postgres_store *store)
{
    bool has;

    llmgw__mutex_lock(&store->lock);
    has = store->waiting.first != NULL;
    llmgw__mutex_unlock(&store->lock);
    return has || store->said.first ||
           (!store->away && llmgw__outbox_count(store->outbox) > 0);
}

/** What can be said in a moment is; entries that cannot go to the outbox. */
static void close_store(void *userdata)
{
    struct postgres_store *store = userdata;
    uint64_t end_ns = llmgw__clock_monotonic() + CLOSE_NS;

    if (llmgw__birth_forked(&store->birth))
        return; /* to close it would say goodbye for the parent */
    while (has_work(store) && llmgw__clock_monotonic() < end_ns) {
        llmgw_store_fd one = {-1, 0, 0};

        (void)llmgw__link_fd(&store->link, &one);
        (void)llmgw__wait(one.fd, one.readable, one.writable, 1);
        process(0, store);
    }
    llmgw__link_drop(&store->link, 0);
    lose_link(store);
    do_without(store);
    while (store->answered.first) {
        struct llmgw__place *place = llmgw__places_leave(&store->answered);

        store->api.clear(place->result);
        end(place, LLMGW_E_CLOSED);
    }
    clear(store);
}

#endif
