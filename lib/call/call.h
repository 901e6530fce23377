/*
 * call/call.h - one call: a plan, its attempts, the end.
 *
 * A call is served from its driver's queue only: chunk callbacks may run inside
 * libcurl, where handles cannot be added or driven, so start, cancel, free,
 * failover and on_done are noted (needs) and done when libcurl has returned.
 */
#ifndef LLMGW_CALL_CALL_H
#define LLMGW_CALL_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <llmgw/chat.h>

#include "attempt.h"
#include "catalog/catalog.h"
#include "driver.h"
#include "route/plan.h"
#include "schema/answer.h"
#include "schema/chat.h"
#include "stream/assemble.h"

/** The public objects are the trays, with their JSON once it was asked for. */
struct llmgw_response {
    const struct llmgw__answer *answer;
    struct llmgw_call *call;
    struct llmgw__buf json;
    size_t json_attempts; /* attempts made when the JSON was rendered */
};

struct llmgw_chunk {
    const struct llmgw__chunk *chunk;
    struct llmgw_call *call;
};

/** A call's word that it is cancelled, shared with tokens. */
struct llmgw__cancel_flag {
    struct llmgw__refs refs;
    atomic_bool set;
    struct llmgw__bell *bell;        /* one reference */
    struct llmgw__cancel_flag *next; /* in a token's list */
};
void llmgw__cancel_flag_drop(struct llmgw__cancel_flag *flag);
void llmgw__cancel_flag_set(struct llmgw__cancel_flag *flag);
/** Tie a call's flag to a token. @retval LLMGW_OK also when triggered */
void llmgw__cancel_tie(llmgw_cancel *token, struct llmgw__cancel_flag *flag);
void llmgw__cancel_untie(llmgw_cancel *token, struct llmgw__cancel_flag *flag);
void llmgw__cancel_ref(llmgw_cancel *token);

/** What the queue is to do with a call. */
enum {
    LLMGW__NEED_BEGIN = 1,  /* read the request, make the plan */
    LLMGW__NEED_SEND = 2,   /* the intent is kept: send */
    LLMGW__NEED_DECIDE = 4, /* the attempt has ended: next one, or the end */
    LLMGW__NEED_DONE = 8,   /* tell the host */
    LLMGW__NEED_FREE = 16   /* the host has freed it */
};

enum llmgw__call_state {
    LLMGW__CALL_QUEUED,
    LLMGW__CALL_RUNNING,
    LLMGW__CALL_ENDED
};

struct llmgw_call {
    struct llmgw__driver *driver; /* NULL: a blocking call, given back */
    struct llmgw__core *core;
    struct llmgw__catalog *catalog; /* one reference: pinned */
    struct llmgw_call *next;        /* in driver->calls */
    struct llmgw_call *previous;
    struct llmgw_call *queued; /* in driver->queue */
    atomic_uint needs;
    bool in_queue;
    bool freed; /* the host is through with it */
    bool held;  /* a blocking call: not to be destroyed from the queue */
    enum llmgw__call_state state;

    char id[40];
    struct llmgw__arena arena;
    llmgw_str request; /* the host's JSON, our copy */
    char *request_bytes;
    llmgw_chat_options options; /* as given; on_chunk, on_done, userdata */
    llmgw_str tags;
    struct llmgw__chat chat;
    bool parsed;
    const struct llmgw__route *route;
    struct llmgw__limits limits;
    struct llmgw__plan plan;

    struct llmgw_attempt **attempts;
    size_t attempt_count;
    size_t attempt_cap;
    struct llmgw_attempt *running;   /* NULL: none */
    struct llmgw_attempt *committed; /* whose content reached the host */
    struct llmgw__timer deadline;
    bool deadline_passed;

    struct llmgw__cancel_flag *cancel;
    bool stopped; /* by a callback's value */
    int32_t stop_value;

    uint64_t started_ns;
    uint64_t first_content_ns;
    uint64_t ended_ns;
    int64_t started_wall_ns;

    llmgw_end end;
    struct llmgw_error error;
    struct llmgw__assemble assemble;
    struct llmgw_response response;
    struct llmgw__buf chunk_json;
};

/** What a call is made of. */
struct llmgw__call_setup {
    struct llmgw__driver *driver;
    struct llmgw__catalog *catalog; /* a reference is taken */
    llmgw_str request;              /* copied */
    const llmgw_chat_options *options;
};

/** A queued call; nothing is called back before the next turn. */
llmgw_status llmgw__call_create(const struct llmgw__call_setup *setup,
                                struct llmgw_call **out);
/** The host is through with it: cancelled if it runs, freed when it may. */
void llmgw__call_release(struct llmgw_call *call);
/** Do what the queue is to do with it. The call may be gone afterwards. */
void llmgw__call_service(struct llmgw_call *call);
/** Note what must be done, and have it done. */
void llmgw__call_need(struct llmgw_call *call, unsigned needs);
/** Its cancel flag was set: end what runs. */
void llmgw__call_check_cancel(struct llmgw_call *call);
/** Take an ended call away from its driver; its memory is the caller's. */
void llmgw__call_detach(struct llmgw_call *call);

/* --- what attempts tell their call --- */

/** First content of an attempt. @retval LLMGW__LOST  another was first */
llmgw_status llmgw__call_commit(struct llmgw_call *call,
                                struct llmgw_attempt *attempt);
/** An ordered chunk of the committed attempt. @retval LLMGW__STOPPED */
llmgw_status llmgw__call_chunk(struct llmgw_call *call,
                               const struct llmgw__chunk *chunk);

/** The "llmgw" member of a response. */
llmgw_status llmgw__call_report(struct llmgw_call *call,
                                struct llmgw__buf *out);

#endif
