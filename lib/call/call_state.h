/*
 * call/call_state.h - what a call is made of.
 */
#ifndef LLMGW_CALL_CALL_STATE_H
#define LLMGW_CALL_CALL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/chat.h>

#include "access_state.h"
#include "attempt_state.h"
#include "base/bytes.h"
#include "cancel.h"
#include "catalog/catalog.h"
#include "driver.h"
#include "route/plan.h"
#include "schema/answer.h"
#include "schema/chat.h"
#include "stream/assemble.h"

/** Public objects are trays, with their JSON once asked for. */
struct llmgw_response {
    const struct llmgw__answer *answer;
    struct llmgw_call *call;
    struct llmgw__buf json;
};

struct llmgw_chunk {
    const struct llmgw__chunk *chunk;
    struct llmgw_call *call;
};

/** What the queue is to do with a call. */
enum {
    LLMGW__NEED_BEGIN = 1,    /* read the request, make the plan */
    LLMGW__NEED_SEND = 2,     /* the intent is kept: send */
    LLMGW__NEED_DECIDE = 4,   /* the attempt has ended: next one, or the end */
    LLMGW__NEED_DONE = 8,     /* tell the host */
    LLMGW__NEED_FREE = 16,    /* the host has freed it */
    LLMGW__NEED_ACCESS = 32,  /* look for a credential again */
    LLMGW__NEED_RETRY = 64,   /* the pause is over */
    LLMGW__NEED_TWIN = 128,   /* start a second attempt beside the first */
    LLMGW__NEED_LOSERS = 256, /* one is committed: end the others */
    LLMGW__NEED_RACE = 512    /* is a second one wanted, and when? */
};

/** Attempts of a call that may be under way at a time. */
#define LLMGW__RACERS 2

enum llmgw__call_state {
    LLMGW__CALL_QUEUED,
    LLMGW__CALL_RUNNING,
    LLMGW__CALL_ENDED
};

/** What attempts tell their call. */
struct llmgw__call_ops {
    /** First content of an attempt. @retval LLMGW__LOST  another was first */
    llmgw_status (*commit)(struct llmgw_call *call,
                           struct llmgw_attempt *attempt);
    /** An ordered chunk of the committed one. @retval LLMGW__STOPPED */
    llmgw_status (*chunk)(struct llmgw_call *call,
                          const struct llmgw__chunk *chunk);
    /** It has ended: decide, when nothing of ours is on the stack. */
    void (*ended)(struct llmgw_call *call);
};

struct llmgw_call {
    struct llmgw__job job; /* first: the driver's handle */
    const struct llmgw__call_ops *ops;
    const struct llmgw__kind *kind; /* what it asks for: kind.h */
    struct llmgw__driver *driver;   /* NULL: a blocking call, given back */
    struct llmgw__cancel_flag *cancel;
    llmgw_chat_options options; /* as given; on_chunk, on_done, userdata */
    struct llmgw__assemble assemble;
    struct llmgw__core *core;
    struct llmgw__catalog *catalog; /* one reference: pinned */
    unsigned needs;                 /* LLMGW__NEED_… */
    bool freed;                     /* the host is through with it */
    bool held; /* a blocking call: not to be destroyed from the queue */
    enum llmgw__call_state state;

    char id[40];
    struct llmgw__arena arena;
    struct llmgw__bytes *request; /* the host's JSON */
    llmgw_str tags;
    struct llmgw__chat chat;
    struct llmgw__bulk bulk; /* of a chat: how much it is */
    bool parsed;
    uint32_t recalled; /* messages given back what their host has dropped */
    const struct llmgw__route *route;
    struct llmgw__limits limits;
    struct llmgw__conduct conduct;
    bool first_given; /* limits.first_ms was asked for by somebody */
    struct llmgw__plan plan;
    struct llmgw__access access; /* of the next attempt */

    struct llmgw_attempt **attempts;
    size_t attempt_count;
    size_t attempt_cap;
    struct llmgw_attempt *running[LLMGW__RACERS]; /* NULL: none */
    struct llmgw_attempt *committed; /* whose content reached the host */
    struct llmgw__pause pause;       /* before the next attempt */
    struct llmgw__race race;
    bool full;                 /* a rate limit of ours has kept somebody out */
    bool dear;                 /* the call's cost limit has */
    struct llmgw__broke broke; /* a budget has */
    struct llmgw__resume resume; /* of an answer that broke */
    struct llmgw__trial trial;   /* of a call that is one */
    struct llmgw__timer deadline;
    bool deadline_passed;

    bool stopped; /* by a callback's value */
    int32_t stop_value;
    uint64_t started_ns;
    uint64_t first_content_ns;
    uint64_t ended_ns;
    int64_t started_wall_ns;
    llmgw_end end;
    struct llmgw_error *error; /* NULL: none */
    struct llmgw_response response;
    struct llmgw__buf chunk_json;
    struct llmgw__chunk_form chunk_form;
    struct llmgw_embeddings *embed;  /* of an embeddings call, else NULL */
    struct llmgw_model_list *models; /* of a list of models, else NULL */
};

/** Attempts under way. */
static inline unsigned llmgw__call_running(const struct llmgw_call *call)
{
    unsigned count = 0;

    for (int i = 0; i < LLMGW__RACERS; i++)
        count += call->running[i] != NULL;
    return count;
}

/** The wall clock: that of the call's start and what has passed since, so that
 *  one clock is read, and no step of the other breaks an order. */
static inline int64_t llmgw__call_wall_ns(const struct llmgw_call *call)
{
    uint64_t now = call->driver->now_ns;

    return call->started_wall_ns +
           (now > call->started_ns ? (int64_t)(now - call->started_ns) : 0);
}

#endif
