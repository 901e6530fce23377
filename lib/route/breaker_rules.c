/*
 * route/breaker_rules.c - is a target healthy enough to be asked?
 *
 *            so many failures in a row             it is due
 *   closed -------------------------------> open ------------> half-open
 *      ^                                     ^                  |     |
 *      |            its probe succeeds       |   it fails       |     |
 *      +-------------------------------------|------------------+     |
 *                                            +------------------------+
 *
 * In a row means of what ended, within the window, or with nothing else asked
 * meanwhile where calls are rare. Where they are many a few bad ones come in a
 * row by chance: then a share of the latest must have failed too. Each opening,
 * lease and closing begins an epoch: what a pass of an older one tells changes
 * nothing.
 *
 * Memory: breaker_states.c.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "breaker.h"
#include "breaker_state.h"

#define FIRST_NS   (60 * LLMGW__SECOND) /* of an outage: no doubling yet */
#define JITTER     12 /* a period is shorter by up to this part of it */
#define LEASE_NS   (60 * LLMGW__SECOND) /* of a probe */
#define FREE_NS    (2 * LLMGW__SECOND)  /* from one free probe to the next */
#define FREE_LEASE (15 * LLMGW__SECOND)
#define BUSY_PART  3 /* this part of the window has them all: many calls */
#define SUSPECT_AT 2 /* open targets of one provider */
#define NEVER      UINT64_MAX

static enum llmgw__breaker_word stand(const struct llmgw__breaker_state *state,
                                      uint64_t now_ns, uint64_t *due_ns);
static void judge(struct llmgw__breakers *breakers,
                  struct llmgw__breaker_state *state,
                  const struct llmgw__breaker_setting *setting,
                  enum llmgw__outcome outcome, uint64_t now_ns);
static void judge_probe(struct llmgw__breakers *breakers,
                        struct llmgw__breaker_state *state,
                        const struct llmgw__breaker_setting *setting,
                        enum llmgw__outcome outcome, uint64_t now_ns);
static bool is_out(const struct llmgw__breaker_state *state,
                   const struct llmgw__breaker_setting *setting,
                   uint64_t now_ns);
static void begin_outage(struct llmgw__breakers *breakers,
                         struct llmgw__breaker_state *state,
                         const struct llmgw__breaker_setting *setting,
                         uint64_t now_ns);

/* --- who may be asked --- */

void llmgw__breaker_look(struct llmgw__breakers *breakers,
                         const struct llmgw__target *target, uint64_t now_ns,
                         struct llmgw__breaker_look *out)
{
    const struct llmgw__breaker_look fresh = {LLMGW__BREAKER_CLOSED, 0, false,
                                              false};
    llmgw_str id = llmgw__str(target->id);
    const struct llmgw__breaker_state *state;

    *out = fresh;
    llmgw__mutex_lock(&breakers->lock);
    state = llmgw__breaker_find(breakers, id);
    if (state) {
        out->word = stand(state, now_ns, &out->due_ns);
        out->shaky = !state->open && state->failures;
    }
    out->suspect = out->word == LLMGW__BREAKER_CLOSED &&
                   llmgw__breaker_open_beside(breakers, id) >= SUSPECT_AT;
    llmgw__mutex_unlock(&breakers->lock);
}

static bool is_held(const struct llmgw__breaker_state *state, uint64_t now_ns)
{
    return state->lease_ns > now_ns;
}

/** @param[out] due_ns  of OPEN: when that changes; else 0 */
static enum llmgw__breaker_word stand(const struct llmgw__breaker_state *state,
                                      uint64_t now_ns, uint64_t *due_ns)
{
    *due_ns = 0;
    if (state->force == LLMGW__FORCE_OPEN) {
        *due_ns = NEVER;
        return LLMGW__BREAKER_OPEN;
    }
    if (!state->open)
        return LLMGW__BREAKER_CLOSED;
    if (state->due_ns <= now_ns && !is_held(state, now_ns))
        return LLMGW__BREAKER_PROBE;
    *due_ns = state->due_ns > state->lease_ns ? state->due_ns : state->lease_ns;
    return LLMGW__BREAKER_OPEN;
}

static void let_through(struct llmgw__breaker_state *state, bool probe,
                        struct llmgw__breaker_pass *pass)
{
    state->under_way++;
    pass->epoch = state->epoch;
    pass->probe = probe;
}

static enum llmgw__breaker_word ask_open(struct llmgw__breakers *breakers,
                                         struct llmgw__breaker_state *state,
                                         bool anyway, uint64_t now_ns,
                                         struct llmgw__breaker_pass *pass)
{
    bool early = now_ns < state->due_ns;

    if (!is_held(state, now_ns) && (!early || anyway)) {
        llmgw__breaker_begin(breakers, state); /* who held it before is late */
        state->lease_ns = now_ns + LEASE_NS;
        state->early = early;
        let_through(state, true, pass);
        return LLMGW__BREAKER_PROBE;
    }
    if (!anyway)
        return LLMGW__BREAKER_OPEN;
    let_through(state, false, pass);
    return LLMGW__BREAKER_CLOSED;
}

enum llmgw__breaker_word
llmgw__breaker_pass(struct llmgw__breakers *breakers,
                    const struct llmgw__breaker_setting *setting,
                    const struct llmgw__target *target, bool anyway,
                    uint64_t now_ns, struct llmgw__breaker_pass *pass)
{
    enum llmgw__breaker_word word = LLMGW__BREAKER_CLOSED;
    struct llmgw__breaker_state *state;

    pass->epoch = 0;
    pass->probe = false;
    llmgw__mutex_lock(&breakers->lock);
    breakers->deaf = setting->off;
    state = llmgw__breaker_make(breakers, llmgw__str(target->id));
    if (!state) { /* no memory: it is asked, and nothing is learned */
        llmgw__mutex_unlock(&breakers->lock);
        return word;
    }
    if (state->open && setting->off)
        llmgw__breaker_close(breakers, state, now_ns);
    if (state->force == LLMGW__FORCE_OPEN)
        word = LLMGW__BREAKER_OPEN;
    else if (state->open)
        word = ask_open(breakers, state, anyway, now_ns, pass);
    else
        let_through(state, false, pass);
    llmgw__mutex_unlock(&breakers->lock);
    return word;
}

/* --- what came of it --- */

static bool says_nothing(const struct llmgw__breaker_pass *pass,
                         enum llmgw__outcome outcome)
{
    return outcome == LLMGW__OUTCOME_NONE ||
           (outcome == LLMGW__OUTCOME_LOST && !pass->probe);
}

void llmgw__breaker_tell(struct llmgw__breakers *breakers,
                         const struct llmgw__breaker_setting *setting,
                         const struct llmgw__target *target,
                         const struct llmgw__breaker_pass *pass,
                         enum llmgw__outcome outcome, uint64_t now_ns)
{
    struct llmgw__breaker_state *state;

    llmgw__mutex_lock(&breakers->lock);
    state = llmgw__breaker_find(breakers, llmgw__str(target->id));
    if (state && pass->epoch == state->epoch) { /* never 0 */
        state->under_way--;
        state->turn++;
        if (says_nothing(pass, outcome))
            state->lease_ns = pass->probe ? 0 : state->lease_ns;
        else if (!state->open)
            judge(breakers, state, setting, outcome, now_ns);
        else if (pass->probe || outcome == LLMGW__OUTCOME_GOOD)
            judge_probe(breakers, state, setting, outcome, now_ns);
    }
    llmgw__mutex_unlock(&breakers->lock);
}

static void note_failure(struct llmgw__breaker_state *state,
                         enum llmgw__outcome outcome)
{
    bool far = outcome == LLMGW__OUTCOME_UNREACHABLE;

    state->far = far && (state->far || state->failures == 0);
    if (state->failures < UINT32_MAX)
        state->failures++;
}

/** Closed. */
static void judge(struct llmgw__breakers *breakers,
                  struct llmgw__breaker_state *state,
                  const struct llmgw__breaker_setting *setting,
                  enum llmgw__outcome outcome, uint64_t now_ns)
{
    struct llmgw__breaker_event *latest =
        &state->latest[state->known++ % LLMGW__BREAKER_LATEST];

    latest->at_ns = now_ns;
    latest->turn = state->turn;
    latest->failed = outcome != LLMGW__OUTCOME_GOOD;
    if (!latest->failed) {
        state->failures = 0;
        return;
    }
    note_failure(state, outcome);
    if (!setting->off && state->force == LLMGW__FORCE_NONE &&
        is_out(state, setting, now_ns))
        begin_outage(breakers, state, setting, now_ns);
}

/* --- when it opens --- */

/** The nth latest outcome, from 1. */
static const struct llmgw__breaker_event *
back(const struct llmgw__breaker_state *state, uint32_t nth)
{
    return &state->latest[(state->known - nth) % LLMGW__BREAKER_LATEST];
}

/** Threads tell in another order than their clocks were read in. */
static uint64_t since(uint64_t now_ns, uint64_t then_ns)
{
    return now_ns > then_ns ? now_ns - then_ns : 0;
}

static uint32_t at_most_latest(uint32_t count)
{
    return count < LLMGW__BREAKER_LATEST ? count : LLMGW__BREAKER_LATEST;
}

/** In a row, and of one time; or no others have been asked meanwhile. */
static bool is_row(const struct llmgw__breaker_state *state,
                   const struct llmgw__breaker_setting *setting,
                   uint64_t now_ns)
{
    uint32_t row = setting->failures ? setting->failures : 1;
    const struct llmgw__breaker_event *first;

    if (state->failures < row)
        return false;
    row = at_most_latest(row); /* of a longer one its end */
    first = back(state, row);
    return since(now_ns, first->at_ns) <= setting->window_ms * LLMGW__MS ||
           state->turn - first->turn == row - 1;
}

/** Several at a time, or as many one after another. */
static bool is_busy(const struct llmgw__breaker_state *state,
                    const struct llmgw__breaker_setting *setting,
                    uint64_t now_ns)
{
    uint32_t count = at_most_latest(setting->outcomes);

    return state->under_way > 0 ||
           (count > 0 && state->known >= count &&
            since(now_ns, back(state, count)->at_ns) <=
                setting->window_ms * LLMGW__MS / BUSY_PART);
}

/** Of the latest of them within the window. */
static bool is_share(const struct llmgw__breaker_state *state,
                     const struct llmgw__breaker_setting *setting,
                     uint64_t now_ns)
{
    uint32_t most = at_most_latest(setting->outcomes);
    uint32_t count = 0, failed = 0;

    if (most > state->known)
        most = state->known;
    while (count < most) {
        const struct llmgw__breaker_event *outcome = back(state, count + 1);

        if (since(now_ns, outcome->at_ns) > setting->window_ms * LLMGW__MS)
            break;
        failed += outcome->failed;
        count++;
    }
    return (uint64_t)failed * 1000 >= (uint64_t)count * setting->ratio_pm;
}

static bool is_out(const struct llmgw__breaker_state *state,
                   const struct llmgw__breaker_setting *setting,
                   uint64_t now_ns)
{
    return is_row(state, setting, now_ns) &&
           (!is_busy(state, setting, now_ns) ||
            is_share(state, setting, now_ns));
}

/* --- open and closed --- */

/** Others may like to know. */
static void note_news(struct llmgw__breakers *breakers,
                      struct llmgw__breaker_state *state)
{
    state->rumour = false;
    state->news = true;
    atomic_store(&breakers->news, true);
}

static void begin_period(struct llmgw__breakers *breakers,
                         struct llmgw__breaker_state *state, uint64_t now_ns)
{
    llmgw__breaker_begin(breakers, state);
    note_news(breakers, state);
    state->lease_ns = 0;
    state->changed_ns = now_ns;
    state->due_ns =
        now_ns + state->span_ns -
        llmgw__random_below(breakers->random, state->span_ns / JITTER + 1);
}

static void begin_outage(struct llmgw__breakers *breakers,
                         struct llmgw__breaker_state *state,
                         const struct llmgw__breaker_setting *setting,
                         uint64_t now_ns)
{
    state->open = true;
    state->owner->open++;
    if (state->opened < UINT32_MAX)
        state->opened++;
    state->outage_ns = now_ns;
    state->span_ns = setting->open_ms * LLMGW__MS;
    state->free_ns = now_ns + FREE_NS;
    state->free_lied = false;
    begin_period(breakers, state, now_ns);
}

static uint64_t next_span(const struct llmgw__breaker_state *state,
                          const struct llmgw__breaker_setting *setting,
                          uint64_t now_ns)
{
    uint64_t least = setting->open_ms * LLMGW__MS;
    uint64_t most = setting->max_open_ms * LLMGW__MS;

    if (since(now_ns, state->outage_ns) < FIRST_NS || most < least)
        return least;
    if (state->early) /* nobody else was left: that was no cool-down */
        return state->span_ns;
    return state->span_ns < most / 2 ? state->span_ns * 2 : most;
}

/** Open or half-open. */
static void judge_probe(struct llmgw__breakers *breakers,
                        struct llmgw__breaker_state *state,
                        const struct llmgw__breaker_setting *setting,
                        enum llmgw__outcome outcome, uint64_t now_ns)
{
    if (outcome == LLMGW__OUTCOME_GOOD) {
        llmgw__breaker_close(breakers, state, now_ns);
        note_news(breakers, state);
        return;
    }
    if (outcome != LLMGW__OUTCOME_LOST) {
        state->far = true; /* by its latest alone */
        note_failure(state, outcome);
    }
    state->span_ns = next_span(state, setting, now_ns);
    begin_period(breakers, state, now_ns);
}

void llmgw__breaker_close(struct llmgw__breakers *breakers,
                          struct llmgw__breaker_state *state, uint64_t now_ns)
{
    if (state->open)
        state->owner->open--;
    state->open = false;
    state->failures = 0;
    state->lease_ns = 0;
    state->changed_ns = now_ns;
    llmgw__breaker_begin(breakers, state);
}

/* --- free probes --- */

bool llmgw__breaker_wants_free_probe(struct llmgw__breakers *breakers,
                                     const struct llmgw__breaker_setting *s,
                                     const struct llmgw__target *target,
                                     uint64_t now_ns)
{
    struct llmgw__breaker_state *state;
    bool wanted;

    llmgw__mutex_lock(&breakers->lock);
    state = llmgw__breaker_find(breakers, llmgw__str(target->id));
    wanted = state && state->open && !s->off && state->far &&
             !state->free_lied && state->due_ns > now_ns &&
             !is_held(state, now_ns) && state->free_ns <= now_ns;
    if (wanted) {
        state->free_began_ns = now_ns;
        state->free_ns = now_ns + FREE_LEASE;
    }
    llmgw__mutex_unlock(&breakers->lock);
    return wanted;
}

void llmgw__breaker_free_probe(struct llmgw__breakers *breakers,
                               const struct llmgw__target *target, bool reached,
                               uint64_t now_ns)
{
    struct llmgw__breaker_state *state;

    llmgw__mutex_lock(&breakers->lock);
    state = llmgw__breaker_find(breakers, llmgw__str(target->id));
    if (state) {
        state->free_ns = state->free_began_ns + FREE_NS;
        /* once in an outage: where the real one fails nevertheless, it can
         * tell nothing */
        if (reached && state->open && state->far && state->due_ns > now_ns) {
            state->due_ns = now_ns;
            state->free_lied = true;
        }
    }
    llmgw__mutex_unlock(&breakers->lock);
}

/* --- for the host --- */

bool llmgw__breaker_read(struct llmgw__breakers *breakers, llmgw_str target_id,
                         uint64_t now_ns, struct llmgw__breaker_told *out)
{
    const struct llmgw__breaker_state *state;

    memset(out, 0, sizeof *out);
    llmgw__mutex_lock(&breakers->lock);
    state = llmgw__breaker_find(breakers, target_id);
    if (state) {
        out->word = stand(state, now_ns, &out->due_ns);
        out->half_open = state->open && state->due_ns <= now_ns;
        out->forced = state->force != LLMGW__FORCE_NONE;
        out->failures = state->failures;
        out->opened = state->opened;
        out->changed_ns = out->half_open ? state->due_ns : state->changed_ns;
    }
    llmgw__mutex_unlock(&breakers->lock);
    return state != NULL;
}

llmgw_status llmgw__breaker_force(struct llmgw__breakers *breakers,
                                  llmgw_str target_id,
                                  enum llmgw__breaker_force force,
                                  uint64_t now_ns)
{
    struct llmgw__breaker_state *state;

    llmgw__mutex_lock(&breakers->lock);
    state = llmgw__breaker_make(breakers, target_id);
    if (state) {
        llmgw__breaker_close(breakers, state, now_ns);
        state->force = (uint8_t)force;
    }
    llmgw__mutex_unlock(&breakers->lock);
    return state ? LLMGW_OK : LLMGW_E_NOMEM;
}
