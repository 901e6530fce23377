/*
 * call/access.c - what an attempt shows its provider.
 *
 * In this order: the host's word, just in time; the configured key that was
 * used longest ago; a credential that its source fetches, once for all calls.
 *
 * Memory: a copy of what the host says, and of a key that is not the first.
 */
#include "access.h"

#include <stdio.h>
#include <string.h>

#include "ask_host.h"
#include "base/clock.h"
#include "fetch.h"
#include "provider/provider.h"

#define CLOCK_OFF_S 240 /* signatures are good for 300 */
#define MAX_NAME    512 /* bytes; of a longer one nothing is kept */

static llmgw_status ask_host(struct llmgw_call *call,
                             struct llmgw__error *refusal);
static llmgw_status choose_key(struct llmgw_call *call,
                               struct llmgw__error *refusal);
static llmgw_status rest_of_account(struct llmgw_call *call);
static llmgw_status find_fetched(struct llmgw_call *call,
                                 struct llmgw__error *refusal);
static llmgw_status park(struct llmgw_call *call, uint64_t until_ns);

static int64_t wall_s(const struct llmgw_call *call)
{
    return llmgw__core_wall_ns(call->core) / (int64_t)LLMGW__SECOND;
}

llmgw_status llmgw__access_find(struct llmgw_call *call,
                                struct llmgw__error *refusal)
{
    struct llmgw__access *access = &call->access;
    const struct llmgw__provider *provider = access->target->provider;
    llmgw_status status = LLMGW_OK;

    llmgw__access_leave(call);
    access->id = NULL;
    access->key = -1;
    access->kept = false;
    if (call->core->on_credential && !access->since_ns)
        status = ask_host(call, refusal);
    if (status != LLMGW_OK || access->credential)
        return status;
    if (provider->key_count)
        return choose_key(call, refusal);
    status = rest_of_account(call);
    if (status == LLMGW_OK && provider->row && provider->row->credentials &&
        !provider->api_key)
        status = find_fetched(call, refusal);
    return status;
}

void llmgw__access_leave(struct llmgw_call *call)
{
    struct llmgw__access *access = &call->access;

    llmgw__credential_drop(access->credential);
    access->credential = NULL;
    if (!access->waits)
        return;
    access->waits = false;
    llmgw__timer_cancel(&call->driver->timers, &access->again_at);
    llmgw__credentials_leave(&call->core->credentials, &access->wait);
}

/* --- the host's word --- */

/** Of an account, beside what is fetched for it. */
static bool host_account(const struct llmgw__provider *provider, char *name)
{
    return snprintf(name, MAX_NAME, "%s host", llmgw__fetch_account(provider)) <
           MAX_NAME;
}

/** What it has said before, as long as that lasts. */
static struct llmgw__credential *
recall_host(const struct llmgw_call *call,
            const struct llmgw__credentials_ask *ask)
{
    struct llmgw__credentials_found found;
    struct llmgw__error error;

    (void)llmgw__credentials_find(&call->core->credentials, ask, &found,
                                  &error);
    return found.credential;
}

static llmgw_status ask_host(struct llmgw_call *call,
                             struct llmgw__error *refusal)
{
    struct llmgw__access *access = &call->access;
    const struct llmgw__provider *provider = access->target->provider;
    char name[MAX_NAME];
    bool named = host_account(provider, name);
    const struct llmgw__credentials_ask ask = {
        .account = name,
        .now_ns = llmgw__driver_clock(call->driver),
        .now_s = wall_s(call),
    };
    llmgw_status status = rest_of_account(call);

    if (status != LLMGW_OK)
        return status;
    access->credential = named ? recall_host(call, &ask) : NULL;
    access->kept = access->credential != NULL;
    if (access->credential)
        return LLMGW_OK;
    status =
        llmgw__ask_host(call->core, provider, &access->credential, refusal);
    if (named && access->credential && access->credential->expires_s) {
        llmgw__credentials_put(&call->core->credentials, &ask, 0,
                               llmgw__credential_ref(access->credential));
        access->kept = true;
    }
    return status;
}

/* --- keys --- */

/** Keys of this provider that the call has shown already. */
static uint64_t tried_keys(const struct llmgw_call *call,
                           const struct llmgw__provider *provider)
{
    uint64_t tried = 0;

    for (size_t i = 0; i < call->attempt_count; i++) {
        const struct llmgw_attempt *attempt = call->attempts[i];

        if (attempt->target->provider == provider && attempt->key >= 0 &&
            attempt->error && attempt->error->error.rotate_key)
            tried |= UINT64_C(1) << attempt->key;
    }
    return tried;
}

static struct llmgw__keys_ask ask_for_key(const struct llmgw_call *call,
                                          const struct llmgw__target *target)
{
    return (struct llmgw__keys_ask){
        .provider = target->provider,
        .model = target->model,
        .now_ns = llmgw__driver_clock(call->driver),
        .anyway = call->access.anyway,
    };
}

/** One that was not refused in this call; of a target that is asked once more,
 *  when all were: any. */
static llmgw_status choose_key(struct llmgw_call *call,
                               struct llmgw__error *refusal)
{
    struct llmgw__access *access = &call->access;
    const struct llmgw__provider *provider = access->target->provider;
    struct llmgw__keys_ask ask = ask_for_key(call, access->target);

    ask.tried = tried_keys(call, provider);
    access->key =
        llmgw__keys_choose(&call->core->router.keys, &ask, &access->back_ns);
    if (access->key < 0 && !access->back_ns) {
        ask.tried = 0;
        access->key = llmgw__keys_choose(&call->core->router.keys, &ask,
                                         &access->back_ns);
    }
    (void)refusal;
    if (access->key < 0)
        return LLMGW__RESTS;
    access->id = provider->keys[access->key].id;
    if (access->key > 0) {
        const struct llmgw__credential_texts texts = {
            .key = llmgw__str(provider->keys[access->key].text)};

        access->credential = llmgw__credential_make(&texts, 0);
    }
    return access->key > 0 && !access->credential ? LLMGW_E_NOMEM : LLMGW_OK;
}

/** Of one that has no keys of its own here. */
static llmgw_status rest_of_account(struct llmgw_call *call)
{
    struct llmgw__access *access = &call->access;
    const struct llmgw__provider *provider = access->target->provider;
    const struct llmgw__provider account = {
        .name = provider->name,
        .account = provider->account,
    };
    struct llmgw__keys_ask ask = ask_for_key(call, access->target);

    ask.provider = &account;
    access->id = llmgw__keys_id(&account, 0);
    return llmgw__keys_choose(&call->core->router.keys, &ask,
                              &access->back_ns) < 0
               ? LLMGW__RESTS
               : LLMGW_OK;
}

bool llmgw__access_has_other(const struct llmgw_attempt *attempt)
{
    const struct llmgw__provider *provider = attempt->target->provider;
    uint64_t tried = tried_keys(attempt->call, provider);

    if (attempt->key < 0)
        return false;
    for (size_t i = 0; i < provider->key_count; i++)
        if (!(tried >> i & 1))
            return true;
    return false;
}

/* --- what is fetched --- */

static llmgw_status fetch(struct llmgw_call *call,
                          const struct llmgw__credentials_found *found)
{
    const struct llmgw__fetch_setup setup = {
        .catalog = call->catalog,
        .provider = call->access.target->provider,
        .lease = found->lease,
        .until_ns = found->until_ns,
        .owner = found->credential ? NULL : &call->access.fetch,
    };

    llmgw__fetch_give_up(call->access.fetch); /* it has taken too long */
    return llmgw__fetch_start(call->driver, &setup);
}

/** Twice at most: a fetch that has ended at once has left what came of it. */
static llmgw_status find_fetched(struct llmgw_call *call,
                                 struct llmgw__error *refusal)
{
    struct llmgw__access *access = &call->access;
    struct llmgw__credentials_found found = {.credential = NULL};
    struct llmgw__credentials_ask ask = {
        .account = llmgw__fetch_account(access->target->provider),
        .wait = &access->wait,
    };
    llmgw_status status = LLMGW_OK;

    access->kept = true;
    access->wait.bell = call->driver->bell;
    for (int i = 0; i < 2 && status == LLMGW_OK && !found.credential; i++) {
        ask.now_ns = llmgw__driver_clock(call->driver);
        ask.now_s = wall_s(call);
        status = llmgw__credentials_find(&call->core->credentials, &ask, &found,
                                         refusal);
        if (status == LLMGW_OK && found.lease &&
            fetch(call, &found) != LLMGW_OK && !found.credential)
            status = LLMGW_E_NOMEM;
    }
    access->credential = found.credential;
    if (status == LLMGW__WAITS)
        return park(call, found.until_ns);
    return status == LLMGW_OK && !found.credential ? LLMGW_E_NOMEM : status;
}

static llmgw_status park(struct llmgw_call *call, uint64_t until_ns)
{
    struct llmgw__access *access = &call->access;

    access->waits = true;
    if (!access->since_ns)
        access->since_ns = llmgw__driver_clock(call->driver);
    if (llmgw__timer_set(&call->driver->timers, &access->again_at, until_ns) ==
        LLMGW_OK)
        return LLMGW__WAITS;
    llmgw__access_leave(call);
    return LLMGW_E_NOMEM;
}

/* --- what came of it --- */

static void refuse_kept(const struct llmgw_attempt *attempt)
{
    const struct llmgw_call *call = attempt->call;
    const struct llmgw__provider *provider = attempt->target->provider;
    char name[MAX_NAME];
    struct llmgw__credentials_ask ask = {
        .account = llmgw__fetch_account(provider),
        .now_ns = llmgw__driver_clock(call->driver),
    };

    llmgw__credentials_refused(&call->core->credentials, &ask,
                               attempt->run->credential);
    if (call->core->on_credential && host_account(provider, name)) {
        ask.account = name;
        llmgw__credentials_refused(&call->core->credentials, &ask,
                                   attempt->run->credential);
    }
}

/** A wrong key of several rests; one that was fetched, or told by the host, is
 *  asked for anew: what is held against the account is its load alone. */
void llmgw__access_judge(const struct llmgw_attempt *attempt)
{
    struct llmgw__keys *keys = &attempt->call->core->router.keys;
    const struct llmgw__error *error =
        attempt->error ? &attempt->error->error : NULL;
    bool lacking = error && (error->kind == LLMGW_KIND_AUTH ||
                             error->kind == LLMGW_KIND_PERMISSION);

    if (!attempt->sent || !attempt->key_id)
        return;
    if (attempt->end == LLMGW_END_RESPONSE)
        llmgw__keys_good(keys, attempt->key_id, attempt->target->model);
    if (attempt->end != LLMGW_END_ERROR || !error || !error->rotate_key)
        return;
    if (error->kind == LLMGW_KIND_AUTH && attempt->kept && attempt->run)
        refuse_kept(attempt);
    if (attempt->key >= 0 || !lacking)
        llmgw__keys_rest(keys, attempt->key_id, attempt->target->model, error,
                         llmgw__driver_clock(attempt->call->driver));
}

/** It is ours that is wrong: one for all services. */
bool llmgw__access_set_clock(const struct llmgw_attempt *attempt)
{
    llmgw_str date = llmgw__http_head_get(&attempt->head, "date");
    int64_t theirs = date.len ? llmgw__date_parse(date.data, date.len) : -1;
    int64_t skew_s, off_s;

    if (!attempt->is_signed || theirs < 0)
        return false;
    skew_s = theirs - wall_s(attempt->call);
    off_s = skew_s - attempt->skew_s;
    if (off_s <= CLOCK_OFF_S && off_s >= -CLOCK_OFF_S)
        return false;
    atomic_store(&attempt->call->core->skew_s, skew_s);
    return true;
}
