/*
 * call/call.c - one call: from the request to its end.
 *
 *     QUEUED --begin--> RUNNING --(attempt ends: next or)--> ENDED --done-->
 */
#include "call.h"

#include <string.h>

#include "access.h"
#include "attempt.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "decide.h"
#include "ending.h"
#include "fetch.h"
#include "kind.h"
#include "pause.h"
#include "prepare.h"
#include "race.h"
#include "resume.h"
#include "setup.h"
#include "trial.h"

/** A call and what it keeps beside the text of its answer, as a rule. */
#define CALL_BLOCK (sizeof(struct llmgw_call) + 1184)

/** What is told where there is no memory to tell anything else. */
static const struct llmgw_error no_memory = {
    .error = {.kind = LLMGW_KIND_OUT_OF_MEMORY,
              .http_status = 500,
              .retry_after_ms = -1,
              .code = "out_of_memory",
              .message = "no memory"},
    .constant = true,
};

static llmgw_status set_up(struct llmgw_call *call,
                           const struct llmgw__call_setup *setup);
static void service(struct llmgw__job *job);
static void look(struct llmgw__job *job);
static void close_job(struct llmgw__job *job);
static void detach_job(struct llmgw__job *job);
static void begin(struct llmgw_call *call);
static llmgw_status commit(struct llmgw_call *call,
                           struct llmgw_attempt *attempt);
static llmgw_status take_chunk(struct llmgw_call *call,
                               const struct llmgw__chunk *chunk);
static void attempt_ended(struct llmgw_call *call);
static void keep_error(struct llmgw_call *call,
                       const struct llmgw__error *error);
static void tell_done(struct llmgw_call *call);
static void deadline_fired(struct llmgw__timer *timer, void *userdata);
static void access_due(struct llmgw__timer *timer, void *userdata);
static void pause_over(struct llmgw__timer *timer, void *userdata);
static void give_up_access(struct llmgw_call *call, llmgw_end end);

static const struct llmgw__job_ops job_ops = {service, look, close_job,
                                              detach_job};

static const struct llmgw__call_ops attempt_ops = {commit, take_chunk,
                                                   attempt_ended};

llmgw_status llmgw__call_draft(const struct llmgw__call_setup *setup,
                               struct llmgw_call **out)
{
    struct llmgw__arena arena;
    struct llmgw_call *call;
    llmgw_status status;

    *out = NULL;
    llmgw__arena_init(&arena, CALL_BLOCK, 0);
    call = llmgw__arena_zalloc(&arena, sizeof *call);
    if (!call)
        return LLMGW_E_NOMEM;
    call->arena = arena;
    status = set_up(call, setup);
    if (status == LLMGW_OK)
        *out = call;
    else
        llmgw__call_discard(call);
    return status;
}

llmgw_status llmgw__call_create(const struct llmgw__call_setup *setup,
                                struct llmgw_call **out)
{
    struct llmgw_call *call;
    llmgw_status status = llmgw__call_draft(setup, out);

    if (status != LLMGW_OK)
        return status;
    call = *out;
    llmgw__driver_link(call->driver, &call->job);
    if (setup->trial) {
        call->trial = *setup->trial;
        call->freed = true; /* nobody has it */
        call->driver->behind++;
    } else {
        call->driver->active++;
    }
    llmgw__cancel_tie(call->options.cancel, call->cancel);
    llmgw__call_need(call, LLMGW__NEED_BEGIN);
    return LLMGW_OK;
}

static llmgw_status copy_tags(struct llmgw_call *call)
{
    llmgw_status status;

    if (!call->options.tags)
        return LLMGW_OK;
    status = llmgw__arena_str(&call->arena, llmgw__str(call->options.tags),
                              &call->tags);
    call->options.tags = NULL;
    return status;
}

static llmgw_status set_up(struct llmgw_call *call,
                           const struct llmgw__call_setup *setup)
{
    struct llmgw__driver *driver = setup->driver;
    char id[64];

    call->job.ops = &job_ops;
    call->ops = &attempt_ops;
    call->kind = setup->kind;
    call->driver = driver;
    call->core = driver->core;
    call->catalog = llmgw__catalog_ref(setup->catalog);
    call->request = llmgw__bytes_ref(setup->request);
    call->options = *setup->options;
    llmgw__cancel_ref(call->options.cancel);
    llmgw__buf_init(&call->chunk_json, 0);
    llmgw__buf_init(&call->response.json, 0);
    call->response.call = call;
    call->deadline.fire = deadline_fired;
    call->deadline.userdata = call;
    call->access.again_at.fire = access_due;
    call->pause.timer.fire = pause_over;
    call->race.twin_at.fire = llmgw__race_fired;
    call->access.again_at.userdata = call->pause.timer.userdata =
        call->race.twin_at.userdata = call;
    llmgw__assemble_init(&call->assemble, &call->arena,
                         setup->catalog->max_response);
    call->started_ns = llmgw__driver_clock(driver);
    call->started_wall_ns = llmgw__core_wall_ns(driver->core);
    llmgw__ids_random(&driver->core->random, "call-", id);
    memcpy(call->id, id, sizeof call->id - 1);
    call->cancel = llmgw__calloc(1, sizeof *call->cancel);
    if (!call->cancel)
        return LLMGW_E_NOMEM;
    llmgw__refs_init(&call->cancel->refs);
    llmgw__refs_add(&driver->bell->refs);
    call->cancel->bell = driver->bell;
    return copy_tags(call);
}

void llmgw__call_release(struct llmgw_call *call)
{
    bool ended = call->state == LLMGW__CALL_ENDED;

    call->freed = true;
    if (!call->driver ||
        (ended && !call->job.in_queue && !call->driver->turning)) {
        llmgw__call_discard(call);
        return;
    }
    if (!ended)
        llmgw__cancel_flag_set(call->cancel);
    llmgw__call_need(call, LLMGW__NEED_FREE); /* the next turn does it */
}

void llmgw__call_detach(struct llmgw_call *call)
{
    for (int i = 0; i < LLMGW__RACERS; i++) /* in a child: it never goes on */
        if (call->running[i]) {
            llmgw__attempt_close(call->running[i]);
            call->running[i] = NULL;
        }
    llmgw__pause_end(call);
    llmgw__timer_cancel(&call->driver->timers, &call->race.twin_at);
    llmgw__access_leave(call);
    llmgw__fetch_give_up(call->access.fetch);
    llmgw__timer_cancel(&call->driver->timers, &call->deadline);
    llmgw__driver_unlink(call->driver, &call->job);
    call->driver = NULL;
    if (call->freed && !call->held)
        llmgw__call_discard(call); /* what a queue would have done */
}

static void clear_attempts(struct llmgw_call *call)
{
    for (size_t i = 0; i < call->attempt_count; i++)
        llmgw__attempt_clear(call->attempts[i]);
    llmgw__free(call->attempts);
    call->attempts = NULL;
    call->attempt_count = 0;
}

void llmgw__call_discard(struct llmgw_call *call)
{
    struct llmgw__arena arena;

    if (call->driver)
        llmgw__driver_unlink(call->driver, &call->job);
    clear_attempts(call);
    if (call->parsed)
        llmgw__chat_clear(&call->chat);
    if (call->kind->clear)
        call->kind->clear(call);
    llmgw__assemble_clear(&call->assemble);
    llmgw__buf_clear(&call->chunk_json);
    llmgw__buf_clear(&call->response.json);
    if (call->error && !call->error->constant)
        llmgw__buf_clear(&call->error->json);
    llmgw__catalog_drop(call->catalog);
    llmgw_cancel_free(call->options.cancel);
    llmgw__cancel_flag_drop(call->cancel);
    llmgw__bytes_drop(call->request);
    arena = call->arena; /* the call lies in it */
    llmgw__arena_clear(&arena);
}

/* --- the queue --- */

void llmgw__call_need(struct llmgw_call *call, unsigned needs)
{
    call->needs |= needs;
    llmgw__driver_enqueue(call->driver, &call->job);
}

/** Those whose intent is kept. */
static void send_kept(struct llmgw_call *call)
{
    for (int i = 0; i < LLMGW__RACERS; i++)
        if (call->running[i])
            llmgw__attempt_send(call->running[i]);
}

/** A running call, its attempts. */
static void go_on(struct llmgw_call *call, unsigned needs)
{
    if (needs & LLMGW__NEED_LOSERS && call->committed)
        llmgw__race_end(call, call->committed);
    if ((needs & LLMGW__NEED_ACCESS && call->access.waits) ||
        (needs & LLMGW__NEED_RETRY && call->pause.active))
        llmgw__call_resume(call);
    if (needs & LLMGW__NEED_DECIDE && call->state == LLMGW__CALL_RUNNING)
        llmgw__call_decide(call);
    if (needs & LLMGW__NEED_RACE && call->state == LLMGW__CALL_RUNNING)
        llmgw__race_begin(call);
    if (needs & LLMGW__NEED_TWIN && call->state == LLMGW__CALL_RUNNING)
        llmgw__race_twin(call);
}

static void service(struct llmgw__job *job)
{
    struct llmgw_call *call = (struct llmgw_call *)job;
    unsigned needs = call->needs;

    call->needs = 0;
    if (needs & LLMGW__NEED_BEGIN && call->state == LLMGW__CALL_QUEUED)
        begin(call);
    if (needs & LLMGW__NEED_SEND)
        send_kept(call);
    if (call->state == LLMGW__CALL_RUNNING)
        go_on(call, needs);
    if (needs & LLMGW__NEED_DONE)
        tell_done(call); /* the host may free it in there */
    if (call->freed && !call->held && !call->job.in_queue &&
        call->state == LLMGW__CALL_ENDED)
        llmgw__call_discard(call);
}

static void look(struct llmgw__job *job)
{
    struct llmgw_call *call = (struct llmgw_call *)job;

    bool runs = false;

    for (int i = 0; i < LLMGW__RACERS; i++) {
        runs = runs || call->running[i];
        if (call->running[i] && call->running[i]->waits_for_intent)
            llmgw__call_need(call, LLMGW__NEED_SEND);
    }
    if (call->pause.place.in_queue && atomic_load(&call->pause.place.told))
        llmgw__call_need(call, LLMGW__NEED_RETRY);
    if (call->access.waits && atomic_load(&call->access.wait.told))
        llmgw__call_need(call, LLMGW__NEED_ACCESS);
    if (call->state == LLMGW__CALL_ENDED || !atomic_load(&call->cancel->set))
        return;
    for (int i = 0; i < LLMGW__RACERS; i++)
        if (call->running[i])
            llmgw__attempt_cancel(call->running[i]);
    if (!runs)
        llmgw__call_finish(call, LLMGW_END_CANCELLED);
}

static void close_job(struct llmgw__job *job)
{
    llmgw__cancel_flag_set(((struct llmgw_call *)job)->cancel);
}

static void detach_job(struct llmgw__job *job)
{
    llmgw__call_detach((struct llmgw_call *)job);
}

/* --- the beginning --- */

static void begin(struct llmgw_call *call)
{
    struct llmgw__error error;
    llmgw_status status;

    llmgw__error_clear(&error);
    if (atomic_load(&call->cancel->set)) {
        llmgw__call_finish(call, LLMGW_END_CANCELLED);
        return;
    }
    call->state = LLMGW__CALL_RUNNING;
    status = llmgw__call_prepare(call, &error);
    if (status == LLMGW_OK)
        llmgw__call_probe(call);
    if (status == LLMGW_OK && call->limits.total_ms != LLMGW_NO_LIMIT)
        status = llmgw__timer_set(&call->driver->timers, &call->deadline,
                                  call->started_ns +
                                      call->limits.total_ms * LLMGW__MS);
    if (status == LLMGW_E_NOMEM)
        llmgw__error_setz(&error, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
    if (status != LLMGW_OK)
        llmgw__call_fail(call, &error);
    else
        llmgw__call_next(call);
}

/* --- what attempts tell --- */

static llmgw_status commit(struct llmgw_call *call,
                           struct llmgw_attempt *attempt)
{
    llmgw_status status;

    if (call->committed && call->committed != attempt)
        return LLMGW__LOST;
    if (call->trial.target)
        return LLMGW__STOPPED; /* that there is content is all */
    status = llmgw__resume_commit(call);
    if (status != LLMGW_OK)
        return status;
    call->committed = attempt;
    if (!attempt->continues)
        call->chunk_form.head = 0; /* who answers now is somebody else */
    if (call->access.waits && call->access.beside)
        llmgw__access_leave(call); /* its twin has not begun */
    if (llmgw__call_running(call) > 1)
        llmgw__call_need(call, LLMGW__NEED_LOSERS);
    return LLMGW_OK;
}

static llmgw_status take_chunk(struct llmgw_call *call,
                               const struct llmgw__chunk *chunk)
{
    struct llmgw_chunk view = {chunk, call};
    llmgw_status status;
    int32_t stop;

    if (call->options.on_chunk &&
        atomic_load_explicit(&call->cancel->set, memory_order_relaxed))
        return LLMGW__STOPPED; /* before it counts as handed over */
    status = llmgw__assemble_push(&call->assemble, chunk);
    if (status != LLMGW_OK || !call->options.on_chunk)
        return status;
    if (chunk->kind == LLMGW__CHUNK_USAGE && !call->chat.include_usage)
        return LLMGW_OK;
    llmgw__guard_enter();
    stop = call->options.on_chunk(&view, call->options.userdata);
    llmgw__guard_leave();
    if (llmgw__birth_forked(&call->driver->birth))
        return LLMGW__CHILD;
    if (!stop &&
        !atomic_load_explicit(&call->cancel->set, memory_order_relaxed))
        return LLMGW_OK;
    if (stop) {
        call->stopped = true;
        call->stop_value = stop;
    }
    return LLMGW__STOPPED;
}

static void attempt_ended(struct llmgw_call *call)
{
    llmgw__call_need(call, LLMGW__NEED_DECIDE);
}

/* --- the end --- */

static void deadline_fired(struct llmgw__timer *timer, void *userdata)
{
    struct llmgw_call *call = userdata;
    struct llmgw__error error;
    bool runs = false;

    (void)timer;
    if (call->state != LLMGW__CALL_RUNNING)
        return;
    call->deadline_passed = true;
    llmgw__error_limit(&error, LLMGW_LIMIT_TOTAL,
                       "the call's total time limit has passed");
    for (int i = 0; i < LLMGW__RACERS; i++)
        if (call->running[i]) {
            runs = true;
            llmgw__attempt_fail(call->running[i], &error);
        }
    if (runs) /* a twin that waits for its credential waits no more */
        llmgw__access_leave(call);
    if (!runs)
        llmgw__call_fail(call, &error);
}

static void pause_over(struct llmgw__timer *timer, void *userdata)
{
    (void)timer;
    llmgw__call_need(userdata, LLMGW__NEED_RETRY);
}

/** Whoever fetches has taken too long, or what was told had no listener. */
static void access_due(struct llmgw__timer *timer, void *userdata)
{
    (void)timer;
    llmgw__call_need(userdata, LLMGW__NEED_ACCESS);
}

/** The call ends while it waits: an attempt that came to nothing. */
static void give_up_access(struct llmgw_call *call, llmgw_end end)
{
    struct llmgw_attempt *attempt = NULL;

    if (call->access.waits &&
        !llmgw__grow((void **)&call->attempts, &call->attempt_cap,
                     call->attempt_count + 1, sizeof(struct llmgw_attempt *)))
        attempt = llmgw__attempt_refused(
            call, end == LLMGW_END_ERROR ? &call->error->error : NULL);
    if (attempt)
        call->attempts[call->attempt_count++] = attempt;
    llmgw__access_leave(call);
    llmgw__fetch_give_up(call->access.fetch);
}

void llmgw__call_fail(struct llmgw_call *call, const struct llmgw__error *error)
{
    keep_error(call, error);
    llmgw__call_finish(call, LLMGW_END_ERROR);
}

static void keep_error(struct llmgw_call *call,
                       const struct llmgw__error *error)
{
    struct llmgw_error *kept = llmgw__arena_zalloc(&call->arena, sizeof *kept);

    if (!kept) {
        call->error = (struct llmgw_error *)&no_memory;
        return;
    }
    kept->error = *error;
    kept->error.partial_output = llmgw__resume_has_part(call);
    kept->call = call;
    llmgw__buf_init(&kept->json, 0);
    call->error = kept;
}

void llmgw__call_finish(struct llmgw_call *call, llmgw_end end)
{
    struct llmgw__driver *driver = call->driver;

    if (call->state == LLMGW__CALL_ENDED)
        return;
    call->state = LLMGW__CALL_ENDED;
    call->end = end;
    llmgw__race_end(call, NULL);
    llmgw__pause_end(call);
    give_up_access(call, end);
    call->ended_ns = llmgw__driver_clock(driver) - call->started_ns;
    llmgw__timer_cancel(&driver->timers, &call->deadline);
    llmgw__cancel_untie(call->options.cancel, call->cancel);
    call->response.answer = llmgw__assemble_answer(&call->assemble);
    if (end == LLMGW_END_RESPONSE && !call->kind->whole(call)) {
        call->error = (struct llmgw_error *)&no_memory;
        call->end = LLMGW_END_ERROR;
    }
    if (call->end == LLMGW_END_RESPONSE)
        llmgw__call_remember(call);
    llmgw__trial_end(call);
    if (call->trial.target)
        driver->behind--;
    else
        driver->active--;
    llmgw__call_need(call, LLMGW__NEED_DONE);
}

static void tell_done(struct llmgw_call *call)
{
    if (call->freed || !call->options.on_done)
        return;
    llmgw__guard_enter();
    call->options.on_done(call, call->options.userdata);
    llmgw__guard_leave();
}
