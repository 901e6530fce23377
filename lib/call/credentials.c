/*
 * call/credentials.c - credentials of all accounts, and who fetches one.
 *
 *     none --find--> leased --put--> kept --due--> kept and leased
 *                       \--fail--> failed, for a while
 *
 * Memory: the entries of at most MAX_ENTRIES accounts that nobody fetches or
 * waits for, and a credential each.
 */
#include "credentials.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

#define MAX_ENTRIES   256
#define LEASE_MS      30000
#define DUE_S         300   /* a new one is fetched when so little is left */
#define AGAIN_MS      10000 /* at the earliest, when that one is no better */
#define FIRST_REST_MS 1000  /* after a failure; doubled, */
#define REST_DOUBLES  6     /* so many times, */
#define MOST_REST_MS  60000 /* to this */
#define REFUSED_MS \
    (DUE_S * UINT64_C(1000)) /* refusals so close belong together */

struct llmgw__credentials_entry {
    struct llmgw__credentials_entry *next;
    struct llmgw__credentials_wait *waiting;
    struct llmgw__credential *credential; /* NULL: none */
    uint64_t lease;                       /* 0: nobody fetches */
    uint64_t until_ns;                    /* of the lease */
    uint64_t rest_ns;                     /* no fetching before this */
    uint64_t refused_ns;                  /* when one was refused */
    uint32_t failures;                    /* in a row */
    uint32_t refusals;                    /* likewise, of what was fetched */
    struct llmgw__error error;            /* of the last failure */
    char account[];
};

static struct llmgw__credentials_entry *
find_entry(const struct llmgw__credentials *all, const char *account);
static struct llmgw__credentials_entry *
make_entry(struct llmgw__credentials *all, const char *account);
static void make_room(struct llmgw__credentials *all);
static void free_entry(struct llmgw__credentials_entry *entry);
static void rest(struct llmgw__credentials_entry *entry, uint64_t now_ns);
static void wake(struct llmgw__credentials_entry *entry);

llmgw_status llmgw__credentials_init(struct llmgw__credentials *all)
{
    all->entries = NULL;
    all->count = 0;
    all->last_lease = 0;
    return llmgw__mutex_init(&all->lock);
}

void llmgw__credentials_clear(struct llmgw__credentials *all)
{
    while (all->entries) {
        struct llmgw__credentials_entry *next = all->entries->next;

        free_entry(all->entries);
        all->entries = next;
    }
    llmgw__mutex_clear(&all->lock);
}

static bool is_valid(const struct llmgw__credential *credential, int64_t now_s)
{
    return credential &&
           (!credential->expires_s || now_s < credential->expires_s);
}

static bool is_due(const struct llmgw__credential *credential, int64_t now_s)
{
    return !credential ||
           (credential->expires_s && credential->expires_s - now_s < DUE_S);
}

static bool is_leased(const struct llmgw__credentials_entry *entry,
                      uint64_t now_ns)
{
    return entry->lease && now_ns < entry->until_ns;
}

static void list(struct llmgw__credentials_entry *entry,
                 struct llmgw__credentials_wait *wait)
{
    atomic_store(&wait->told, false);
    wait->entry = entry;
    wait->next = entry->waiting;
    entry->waiting = wait;
}

/** Under the lock. */
static llmgw_status look(struct llmgw__credentials *all,
                         struct llmgw__credentials_entry *entry,
                         const struct llmgw__credentials_ask *ask,
                         struct llmgw__credentials_found *found,
                         struct llmgw__error *error)
{
    if (is_valid(entry->credential, ask->now_s))
        found->credential = llmgw__credential_ref(entry->credential);
    if (found->credential && !is_due(found->credential, ask->now_s))
        return LLMGW_OK;
    if (is_leased(entry, ask->now_ns)) {
        found->until_ns = entry->until_ns;
        if (!found->credential)
            list(entry, ask->wait);
        return found->credential ? LLMGW_OK : LLMGW__WAITS;
    }
    if (ask->now_ns < entry->rest_ns &&
        (found->credential || entry->failures)) {
        *error = entry->error;
        return found->credential ? LLMGW_OK : LLMGW_E_INVALID;
    }
    entry->lease = found->lease = ++all->last_lease;
    entry->until_ns = found->until_ns = ask->now_ns + LEASE_MS * LLMGW__MS;
    return LLMGW_OK;
}

llmgw_status llmgw__credentials_find(struct llmgw__credentials *all,
                                     const struct llmgw__credentials_ask *ask,
                                     struct llmgw__credentials_found *found,
                                     struct llmgw__error *error)
{
    struct llmgw__credentials_entry *entry;
    llmgw_status status = LLMGW_OK;

    memset(found, 0, sizeof *found);
    llmgw__mutex_lock(&all->lock);
    if (ask->wait) {
        entry = make_entry(all, ask->account);
        status = entry ? look(all, entry, ask, found, error) : LLMGW_E_NOMEM;
    } else {
        entry = find_entry(all, ask->account);
        if (entry && is_valid(entry->credential, ask->now_s) &&
            !is_due(entry->credential, ask->now_s))
            found->credential = llmgw__credential_ref(entry->credential);
    }
    llmgw__mutex_unlock(&all->lock);
    return status;
}

void llmgw__credentials_leave(struct llmgw__credentials *all,
                              struct llmgw__credentials_wait *wait)
{
    llmgw__mutex_lock(&all->lock);
    if (wait->entry) {
        struct llmgw__credentials_wait **at = &wait->entry->waiting;

        while (*at != wait)
            at = &(*at)->next;
        *at = wait->next;
        wait->entry = NULL;
    }
    llmgw__mutex_unlock(&all->lock);
}

/** The one that lasts longer stays: a fetch may come too late. */
static bool is_better(const struct llmgw__credential *fresh,
                      const struct llmgw__credential *kept, bool leased)
{
    return leased || !kept || !fresh->expires_s ||
           (kept->expires_s && fresh->expires_s > kept->expires_s);
}

void llmgw__credentials_put(struct llmgw__credentials *all,
                            const struct llmgw__credentials_ask *ask,
                            uint64_t lease,
                            struct llmgw__credential *credential)
{
    struct llmgw__credentials_entry *entry;

    llmgw__mutex_lock(&all->lock);
    entry = make_entry(all, ask->account);
    if (entry && is_better(credential, entry->credential,
                           !lease || lease == entry->lease)) {
        struct llmgw__credential *old = entry->credential;

        entry->credential = credential;
        credential = old;
    }
    if (entry && lease == entry->lease) {
        entry->lease = 0;
        entry->failures = 0;
        entry->rest_ns =
            ask->now_ns +
            (is_due(entry->credential, ask->now_s) ? AGAIN_MS * LLMGW__MS : 0);
        wake(entry);
    }
    llmgw__mutex_unlock(&all->lock);
    llmgw__credential_drop(credential);
}

void llmgw__credentials_fail(struct llmgw__credentials *all,
                             const struct llmgw__credentials_ask *ask,
                             uint64_t lease, const struct llmgw__error *error)
{
    struct llmgw__credentials_entry *entry;

    llmgw__mutex_lock(&all->lock);
    entry = find_entry(all, ask->account);
    if (entry && lease == entry->lease) {
        entry->lease = 0;
        if (error) {
            entry->error = *error;
            entry->failures++;
            rest(entry, ask->now_ns);
        }
        wake(entry);
    }
    llmgw__mutex_unlock(&all->lock);
}

void llmgw__credentials_refused(struct llmgw__credentials *all,
                                const struct llmgw__credentials_ask *ask,
                                const struct llmgw__credential *credential)
{
    struct llmgw__credentials_entry *entry;
    struct llmgw__credential *old = NULL;

    llmgw__mutex_lock(&all->lock);
    entry = find_entry(all, ask->account);
    if (entry && entry->credential == credential) {
        old = entry->credential;
        entry->credential = NULL;
        if (!entry->refused_ns ||
            ask->now_ns - entry->refused_ns > REFUSED_MS * LLMGW__MS)
            entry->refusals = 0;
        entry->refused_ns = ask->now_ns;
        entry->rest_ns = 0;
        if (entry->refusals++) { /* a fresh one was no better */
            llmgw__error_setz(&entry->error, LLMGW_KIND_AUTH,
                              "the provider refuses fresh credentials too");
            entry->failures = entry->refusals - 1;
            rest(entry, ask->now_ns);
        }
    }
    llmgw__mutex_unlock(&all->lock);
    llmgw__credential_drop(old);
}

/** So that a storm of calls is no storm of fetching. */
static void rest(struct llmgw__credentials_entry *entry, uint64_t now_ns)
{
    uint32_t doubles = entry->failures - 1;
    uint64_t ms = (uint64_t)FIRST_REST_MS
                  << (doubles < REST_DOUBLES ? doubles : REST_DOUBLES);

    entry->rest_ns =
        now_ns + (ms < MOST_REST_MS ? ms : MOST_REST_MS) * LLMGW__MS;
}

/** They look again; under the lock, so that none of them is gone. */
static void wake(struct llmgw__credentials_entry *entry)
{
    while (entry->waiting) {
        struct llmgw__credentials_wait *wait = entry->waiting;

        entry->waiting = wait->next;
        wait->entry = NULL;
        atomic_store(&wait->told, true);
        llmgw__bell_ring(wait->bell);
    }
}

/* --- entries --- */

static struct llmgw__credentials_entry *
find_entry(const struct llmgw__credentials *all, const char *account)
{
    struct llmgw__credentials_entry *entry = all->entries;

    while (entry && strcmp(entry->account, account) != 0)
        entry = entry->next;
    return entry;
}

static struct llmgw__credentials_entry *
make_entry(struct llmgw__credentials *all, const char *account)
{
    struct llmgw__credentials_entry *entry = find_entry(all, account);
    size_t size = strlen(account) + 1;

    if (entry)
        return entry;
    make_room(all);
    entry = llmgw__calloc(1, sizeof *entry + size);
    if (!entry)
        return NULL;
    memcpy(entry->account, account, size);
    entry->next = all->entries;
    all->entries = entry;
    all->count++;
    return entry;
}

/** The oldest that nobody needs is forgotten. */
static void make_room(struct llmgw__credentials *all)
{
    struct llmgw__credentials_entry **oldest = NULL;

    if (all->count < MAX_ENTRIES)
        return;
    for (struct llmgw__credentials_entry **at = &all->entries; *at;
         at = &(*at)->next)
        if (!(*at)->lease && !(*at)->waiting)
            oldest = at;
    if (oldest) {
        struct llmgw__credentials_entry *entry = *oldest;

        *oldest = entry->next;
        all->count--;
        free_entry(entry);
    }
}

static void free_entry(struct llmgw__credentials_entry *entry)
{
    llmgw__credential_drop(entry->credential);
    llmgw__free(entry);
}
