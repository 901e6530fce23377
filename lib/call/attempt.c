/*
 * call/attempt.c - one try of a call at one target: encode, keep the intent,
 * send, watch the limits, end.
 */
#include "attempt.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kind.h"
#include "learn.h"
#include "provider/credential.h"

/** What a run keeps beside itself and its decoder, as a rule: the request,
 *  the form of a record. */
#define RUN_MORE      1328
#define SCRATCH_FIRST 256

static llmgw_status get_ready(struct llmgw_attempt *attempt,
                              struct llmgw__error *refusal,
                              struct llmgw_attempt **out);
static llmgw_status keep_intent(struct llmgw_attempt *attempt);
static void keep_error(struct llmgw_attempt *attempt,
                       const struct llmgw__error *error);
static void end_attempt(struct llmgw_attempt *attempt, llmgw_end end);
static void free_run(struct llmgw_attempt *attempt);
static void intent_kept(void *userdata);

/** The provider's, unless it names another one for this request. */
static const struct llmgw__dialect *
dialect_for(const struct llmgw_call *call, const struct llmgw__target *target)
{
    const struct llmgw__dialect *dialect = target->provider->dialect;
    const struct llmgw__dialect *instead =
        dialect->instead && call->kind == &llmgw__kind_chat
            ? dialect->instead(&call->chat, target)
            : NULL;

    return instead ? instead : dialect;
}

/** An attempt without its machinery. */
static struct llmgw_attempt *make_attempt(struct llmgw_call *call,
                                          const struct llmgw__target *target)
{
    struct llmgw_attempt *attempt =
        llmgw__arena_zalloc(&call->arena, sizeof *attempt);

    if (!attempt)
        return NULL;
    attempt->call = call;
    attempt->target = target;
    attempt->key = -1;
    attempt->started_ns = llmgw__driver_clock(call->driver);
    llmgw__usage_init(&attempt->usage);
    llmgw__http_head_init(&attempt->head);
    return attempt;
}

static struct llmgw__attempt_run *make_run(const struct llmgw_call *call,
                                           const struct llmgw__dialect *dialect)
{
    struct llmgw__attempt_run *run;
    struct llmgw__arena arena;

    llmgw__arena_init(&arena, sizeof *run + dialect->decoder_size + RUN_MORE,
                      0);
    run = llmgw__arena_zalloc(&arena, sizeof *run);
    if (!run)
        return NULL;
    run->arena = arena;
    llmgw__arena_init(&run->scratch, SCRATCH_FIRST, call->catalog->max_frame);
    llmgw__buf_init(&run->body, 0);
    llmgw__body_init(&run->request.body, 0);
    return run;
}

/** What it is made for. */
static const char *call_why(const struct llmgw_call *call)
{
    if (call->resume.goes_on)
        return "continue";
    return call->resume.again ? "restart" : call->access.why;
}

/** What was found out before there was an attempt. */
static void take_access(struct llmgw_attempt *attempt)
{
    const struct llmgw__access *access = &attempt->call->access;

    attempt->again = access->again;
    attempt->why = call_why(attempt->call);
    attempt->renewed = access->renewed;
    attempt->kept = access->kept;
    attempt->key = (int8_t)access->key;
    attempt->key_id = access->id;
    if (access->since_ns)
        attempt->waited_ns = attempt->started_ns - access->since_ns;
}

llmgw_status llmgw__attempt_create(struct llmgw_call *call,
                                   struct llmgw__error *refusal,
                                   struct llmgw_attempt **out)
{
    struct llmgw_attempt *attempt = make_attempt(call, call->access.target);

    *out = NULL;
    if (!attempt)
        return LLMGW_E_NOMEM;
    take_access(attempt);
    attempt->dialect = dialect_for(call, attempt->target);
    attempt->run = make_run(call, attempt->dialect);
    if (!attempt->run)
        return LLMGW_E_NOMEM;
    attempt->run->credential = call->access.credential;
    call->access.credential = NULL;
    return get_ready(attempt, refusal, out);
}

struct llmgw_attempt *llmgw__attempt_refused(struct llmgw_call *call,
                                             const struct llmgw__error *error)
{
    struct llmgw_attempt *attempt = make_attempt(call, call->access.target);

    if (!attempt)
        return NULL;
    take_access(attempt);
    attempt->dialect = attempt->target->provider->dialect;
    attempt->ended_ns = attempt->waited_ns; /* all of it was that */
    attempt->started_ns -= attempt->waited_ns;
    if (error)
        keep_error(attempt, error);
    attempt->end = error ? LLMGW_END_ERROR : LLMGW_END_CANCELLED;
    return attempt;
}

/** What a further exchange of an answer knows of those before it. */
static const struct llmgw__hop *make_hop(const struct llmgw_attempt *ended)
{
    struct llmgw__hop *hop =
        llmgw__arena_alloc(&ended->call->arena, sizeof *hop);

    if (!hop)
        return NULL;
    hop->first = ended->hop ? ended->hop->first : ended;
    hop->number = ended->hop ? ended->hop->number + 1 : 1;
    hop->onward = ended->onward;
    hop->before = ended->usage;
    if (ended->before)
        llmgw__usage_add(&hop->before, ended->before);
    return hop;
}

/** The machinery of an exchange that has ended, as for a new one; the decoder,
 *  the order and the gate go on where they are. */
static void reset_run(struct llmgw__attempt_run *run)
{
    llmgw__framing_clear(&run->framing);
    memset(&run->framing, 0, sizeof run->framing);
    llmgw__buf_clear(&run->body);
    llmgw__body_clear(&run->request.body);
    memset(&run->request, 0, sizeof run->request);
    llmgw__body_init(&run->request.body, 0);
    memset(&run->exchange, 0, sizeof run->exchange);
    run->heard_ns = run->out_bytes = 0;
    run->document = run->ending = run->failed = false;
}

llmgw_status llmgw__attempt_follow(struct llmgw_attempt *ended,
                                   struct llmgw__error *refusal,
                                   struct llmgw_attempt **out)
{
    struct llmgw_attempt *attempt = make_attempt(ended->call, ended->target);

    *out = NULL;
    if (!attempt)
        return LLMGW_E_NOMEM;
    attempt->hop = make_hop(ended);
    if (!attempt->hop)
        return LLMGW_E_NOMEM;
    attempt->before = &attempt->hop->before;
    attempt->why = "further";
    attempt->continues = ended->continues;
    attempt->again = ended->again;
    attempt->kept = ended->kept;
    attempt->renewed = ended->renewed;
    attempt->key = ended->key;
    attempt->key_id = ended->key_id;
    attempt->dialect = ended->dialect;
    attempt->run = ended->run;
    ended->run = NULL;
    reset_run(attempt->run);
    return get_ready(attempt, refusal, out);
}

/** Encode, and keep the intent. */
static llmgw_status get_ready(struct llmgw_attempt *attempt,
                              struct llmgw__error *refusal,
                              struct llmgw_attempt **out)
{
    llmgw_status status;

    *out = attempt;
    llmgw__attempt_set_timers(attempt);
    status = llmgw__attempt_prepare(attempt, refusal);
    if (status == LLMGW_OK)
        status = keep_intent(attempt);
    if (status == LLMGW_OK)
        return LLMGW_OK;
    if (status == LLMGW_E_INVALID) { /* kept, as one that was not sent */
        keep_error(attempt, refusal);
        attempt->end = LLMGW_END_ERROR;
    }
    free_run(attempt);
    if (status != LLMGW_E_INVALID) {
        llmgw__attempt_clear(attempt);
        *out = NULL;
    }
    return status;
}

/** Long enough for what a call without a time limit may take, and for what a
 *  loop that is driven late adds to one with a limit. */
#define OPEN_AT_MOST_S 86400
#define DRIVEN_LATE_S  60

static int64_t expires_ns(const struct llmgw_call *call)
{
    int64_t limit_s = OPEN_AT_MOST_S;

    if (call->limits.total_ms != LLMGW_NO_LIMIT)
        limit_s = call->limits.total_ms / 1000 + DRIVEN_LATE_S;
    return call->started_wall_ns + limit_s * (int64_t)LLMGW__SECOND;
}

static void fill_intent(const struct llmgw_attempt *attempt,
                        struct llmgw_entry *intent)
{
    const struct llmgw_call *call = attempt->call;
    const struct llmgw__grant *grant = &call->access.grant;
    const char *key = attempt->key_id;

    intent->started_ns = llmgw__call_wall_ns(call);
    intent->expires_ns = expires_ns(call);
    intent->reserved = grant->most.cost;
    if (call->kind->free)
        intent->reserved = (struct llmgw__cost){0, true};
    intent->text[LLMGW__ENTRY_CALL_ID] = llmgw__str(call->id);
    intent->text[LLMGW__ENTRY_PROVIDER] =
        llmgw__str(attempt->target->provider->name);
    intent->text[LLMGW__ENTRY_MODEL] = llmgw__str(attempt->target->model);
    intent->text[LLMGW__ENTRY_ROUTE] = llmgw__str(call->route->name);
    intent->text[LLMGW__ENTRY_TAGS] = call->tags;
    intent->text[LLMGW__ENTRY_KEY] = llmgw__str(key ? key : "");
    intent->text[LLMGW__ENTRY_WHY] =
        llmgw__str(attempt->why ? attempt->why : "");
    for (size_t i = 0; i < call->attempt_count; i++)
        intent->attempt += call->attempts[i]->row != NULL;
    llmgw__usage_init(&intent->usage);
}

static llmgw_status keep_intent(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    const struct llmgw__row_watch watch = {intent_kept, call->cancel};
    const struct llmgw__charges *charges = call->access.grant.charges;
    struct llmgw_entry intent = {0};
    llmgw_status status;

    fill_intent(attempt, &intent);
    /* the cancel flag outlives the call: it carries the store's word */
    llmgw__refs_add(&call->cancel->refs);
    atomic_store(&call->cancel->waits, false);
    status = llmgw__ledger_open(
        &call->core->ledger, &intent, charges ? charges->item : NULL,
        charges ? charges->count : 0, &watch, &attempt->row);
    if (status != LLMGW_OK) {
        llmgw__cancel_flag_drop(call->cancel);
        return status;
    }
    if (charges)
        llmgw__budgets_opened(&call->core->budgets, charges);
    atomic_store(&call->cancel->waits, true); /* first, then look */
    attempt->waits_for_intent = !llmgw__row_is_open(attempt->row);
    return LLMGW_OK;
}

/** From any thread: wake the loop, which then looks for kept intents; who is
 *  not waiting yet looks before it waits. */
static void intent_kept(void *userdata)
{
    struct llmgw__cancel_flag *flag = userdata;

    if (atomic_load(&flag->waits))
        llmgw__bell_ring(flag->bell);
    llmgw__cancel_flag_drop(flag);
}

void llmgw__attempt_send(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__attempt_run *run = attempt->run;
    struct llmgw__error error;
    llmgw_status status;

    if (attempt->end || attempt->sent || !llmgw__row_is_open(attempt->row))
        return;
    attempt->sent = true;
    attempt->waits_for_intent = false;
    run->http = llmgw__carrier_settings(call->catalog, call->limits.connect_ms);
    status = llmgw__attempt_watch(attempt);
    if (status == LLMGW_OK)
        status = llmgw__carrier_start(&call->driver->carrier, &run->request,
                                      &run->http, &llmgw__attempt_events,
                                      attempt, &run->exchange);
    if (status == LLMGW_OK)
        return;
    if (status == LLMGW_E_INVALID)
        llmgw__error_setz(&error, LLMGW_KIND_CONFIG,
                          "the provider's URL cannot be used");
    else
        llmgw__error_setz(&error, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
    llmgw__attempt_fail(attempt, &error);
}

void llmgw__attempt_cancel(struct llmgw_attempt *attempt)
{
    if (attempt->end)
        return;
    llmgw__carrier_cancel(&attempt->call->driver->carrier,
                          &attempt->run->exchange);
    end_attempt(attempt, LLMGW_END_CANCELLED);
}

void llmgw__attempt_succeed(struct llmgw_attempt *attempt)
{
    end_attempt(attempt, LLMGW_END_RESPONSE);
}

void llmgw__attempt_fail(struct llmgw_attempt *attempt,
                         const struct llmgw__error *error)
{
    if (attempt->end)
        return;
    llmgw__carrier_cancel(&attempt->call->driver->carrier,
                          &attempt->run->exchange);
    keep_error(attempt, error);
    end_attempt(attempt, LLMGW_END_ERROR);
}

static void hide_key(const struct llmgw_attempt *attempt,
                     struct llmgw__error *error, char *body)
{
    char *const texts[] = {error->message,  error->param,    error->code,
                           error->raw_type, error->raw_code, error->request_id};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        llmgw__attempt_hide(attempt, texts[i], strlen(texts[i]));
    if (body)
        llmgw__attempt_hide(attempt, body, error->body.len);
}

/** A body is told apart from the rest of an error: it moves to the call. */
static void keep_error(struct llmgw_attempt *attempt,
                       const struct llmgw__error *error)
{
    struct llmgw__arena *arena = &attempt->call->arena;
    struct llmgw_error *kept = llmgw__arena_zalloc(arena, sizeof *kept);
    char *body;

    if (!kept)
        return; /* told as "no memory" */
    kept->error = *error;
    llmgw__buf_init(&kept->json, 0);
    body = error->body.len ? llmgw__arena_dup(arena, error->body) : NULL;
    kept->error.body = llmgw__str_n(body, body ? error->body.len : 0);
    hide_key(attempt, &kept->error, body);
    llmgw__error_copy(kept->error.provider, sizeof kept->error.provider,
                      llmgw__str(attempt->target->provider->name));
    llmgw__error_copy(kept->error.target, sizeof kept->error.target,
                      llmgw__str(attempt->target->id));
    attempt->error = kept;
}

static void end_attempt(struct llmgw_attempt *attempt, llmgw_end end)
{
    struct llmgw_call *call = attempt->call;

    attempt->end = end;
    attempt->ended_ns = llmgw__driver_clock(call->driver) - attempt->started_ns;
    llmgw__attempt_unwatch(attempt);
    llmgw__attempt_settle(attempt);
    if (end != LLMGW_END_RESPONSE || !attempt->onward.len)
        llmgw__attempt_learn(attempt);
    call->ops->ended(call);
}

void llmgw__attempt_close(struct llmgw_attempt *attempt)
{
    free_run(attempt);
}

/** Those written for this request; the others are their owners'. */
static void wipe_secrets(struct llmgw__attempt_run *run)
{
    for (size_t i = 0; i < run->request.header_count; i++)
        if (run->request.headers[i].secret)
            llmgw__arena_wipe_text(&run->arena, run->request.headers[i].value);
}

static void free_run(struct llmgw_attempt *attempt)
{
    struct llmgw__attempt_run *run = attempt->run;
    struct llmgw__arena arena;

    if (!run)
        return;
    llmgw__attempt_unwatch(attempt);
    attempt->run = NULL;
    if (attempt->dialect->free && run->decoder)
        attempt->dialect->free(run->decoder);
    llmgw__order_clear(&run->order);
    llmgw__seam_clear(&run->seam);
    llmgw__framing_clear(&run->framing);
    llmgw__buf_clear(&run->body);
    llmgw__body_clear(&run->request.body);
    llmgw__arena_clear(&run->scratch);
    wipe_secrets(run);
    llmgw__credential_drop(run->credential);
    arena = run->arena; /* the run lies in it */
    llmgw__arena_clear(&arena);
}

void llmgw__attempt_clear(struct llmgw_attempt *attempt)
{
    if (!attempt)
        return;
    free_run(attempt);
    if (attempt->error)
        llmgw__buf_clear(&attempt->error->json);
    llmgw__http_head_clear(&attempt->head);
    llmgw__row_drop(attempt->row);
    attempt->row = NULL;
}
