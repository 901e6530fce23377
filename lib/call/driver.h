/*
 * call/driver.h - what drives calls on one thread: poller, timers, HTTP, and
 * the queue of what must not run inside libcurl.
 */
#ifndef LLMGW_CALL_DRIVER_H
#define LLMGW_CALL_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/chat.h>
#include <llmgw/gateway.h>

#include "account/budget.h"
#include "account/estimate.h"
#include "account/ledger.h"
#include "base/random.h"
#include "base/timers.h"
#include "bell.h"
#include "carrier.h"
#include "credentials.h"
#include "opaque.h"
#include "queue.h"
#include "route/router.h"
#include "schema/ids.h"
#include "share.h"
#include "wire/http.h"
#include "wire/poller.h"

/** What all calls of a gateway share; outlives them. */
struct llmgw__core {
    struct llmgw__ledger ledger;
    struct llmgw__budgets budgets;
    struct llmgw__token_ratios ratios;
    atomic_uint keep_days;   /* of settled entries; 0: all are kept */
    atomic_ullong tended_ns; /* budgets, when last */
    atomic_ullong forgot_ns; /* old entries, when last */
    struct llmgw__random random;
    struct llmgw__ids ids;
    struct llmgw__opaque opaque;
    struct llmgw__router router;
    struct llmgw__share share;
    struct llmgw__queue queue; /* calls that wait for room */
    struct llmgw__credentials credentials;
    atomic_llong skew_s; /* seconds that services are ahead of our clock */
    llmgw_credential_fn on_credential; /* NULL: the host gives none */
    void *credential_userdata;
    llmgw_clock clock;         /* all functions set */
    llmgw_transport transport; /* start NULL: libcurl */
    llmgw_log_fn on_log;
    void *log_userdata;
    int32_t log_level;
};

/** Log one line, made of up to three texts (NULL: none); keys and prompts
 *  never go in. */
void llmgw__log(const struct llmgw__core *core, int32_t level,
                const char *first, const char *second, const char *third);

struct llmgw__job_ops;

/** Something the driver serves: a call, an errand. The first member of its
 *  struct. */
struct llmgw__job {
    const struct llmgw__job_ops *ops;
    struct llmgw__job *next; /* in driver->jobs */
    struct llmgw__job *previous;
    struct llmgw__job *queued; /* in driver->queue */
    bool in_queue;
};

struct llmgw__job_ops {
    /** Do what it needs; the job may be gone afterwards. */
    void (*service)(struct llmgw__job *job);
    /** Some job was cancelled, or what it waits for has come: is it this
     *  one? */
    void (*look)(struct llmgw__job *job);
    /** The driver is about to go: come to an end. */
    void (*close)(struct llmgw__job *job);
    /** The driver goes now: leave it (llmgw__driver_unlink()). */
    void (*detach)(struct llmgw__job *job);
};

struct llmgw__driver {
    struct llmgw__core *core;
    struct llmgw__poller *poller;
    struct llmgw__timers timers;
    struct llmgw__http *http;
    struct llmgw__bell *bell;
    uint64_t now_ns;           /* sampled once a turn, and a drive of libcurl */
    struct llmgw__birth birth; /* to notice a fork */
    struct llmgw__job *jobs;   /* all that are not freed */
    struct llmgw__job *queue;  /* that need service, in order */
    struct llmgw__job **queue_end;
    struct llmgw__carrier carrier;
    size_t active; /* calls that have not ended */
    size_t behind; /* trials that have not, behind the host's back */
    bool turning;  /* inside a turn: no second one */
    bool closing;  /* being freed: nothing starts any more */
    bool blind;    /* the last turn did not look at the sockets */
};

llmgw_status llmgw__driver_init(struct llmgw__driver *driver,
                                struct llmgw__core *core);
/** Every job must be gone. */
void llmgw__driver_clear(struct llmgw__driver *driver);
/** Wait at most timeout_ms (negative: until something happens), handle what
 *  is due. */
llmgw_status llmgw__driver_turn(struct llmgw__driver *driver,
                                int64_t timeout_ms);
/** The host saw events on a socket; -1: only timers are due. */
llmgw_status llmgw__driver_ready(struct llmgw__driver *driver, intptr_t fd,
                                 unsigned events);
/** How long may be waited: ms rounded up, 0: not at all, -1: no timer. */
int64_t llmgw__driver_timeout(const struct llmgw__driver *driver);
/** Put a job into the queue of this turn (or the next), once. */
void llmgw__driver_enqueue(struct llmgw__driver *driver,
                           struct llmgw__job *job);
/** Take it out of the queue, where it is in there. */
void llmgw__driver_dequeue(struct llmgw__driver *driver,
                           struct llmgw__job *job);
void llmgw__driver_link(struct llmgw__driver *driver, struct llmgw__job *job);
void llmgw__driver_unlink(struct llmgw__driver *driver, struct llmgw__job *job);
uint64_t llmgw__driver_clock(const struct llmgw__driver *driver);
int64_t llmgw__core_wall_ns(const struct llmgw__core *core);

/** Callbacks of the host are on this thread's stack. */
bool llmgw__guard_inside(void);
void llmgw__guard_enter(void);
void llmgw__guard_leave(void);

#endif
