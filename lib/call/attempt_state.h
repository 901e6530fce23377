/*
 * call/attempt_state.h - what an attempt is made of.
 */
#ifndef LLMGW_CALL_ATTEMPT_STATE_H
#define LLMGW_CALL_ATTEMPT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/chat.h>

#include "account/ledger.h"
#include "base/clock.h"
#include "base/timers.h"
#include "carrier.h"
#include "planner_state.h"
#include "provider/provider.h"
#include "stream/gate.h"
#include "stream/order.h"
#include "stream/seam.h"
#include "wire/framing.h"

/* Statuses of our own that travel up through decoders and framings. */
#define LLMGW__STOPPED ((llmgw_status)1) /* the host's callback said so */
#define LLMGW__CHILD   ((llmgw_status)4) /* we are a child it has forked */
#define LLMGW__LOST    ((llmgw_status)2) /* another attempt was first */
#define LLMGW__ENDED   ((llmgw_status)3) /* the attempt has failed already */

struct llmgw_error {
    struct llmgw__error error;
    struct llmgw_call *call; /* whose end it is; NULL: no call's */
    struct llmgw__buf json;  /* once it was asked for */
    bool owned;              /* by the caller: llmgw_error_free() */
    bool constant;           /* told without memory, and never written to */
};

#define LLMGW__BYTES_A_TOKEN  4 /* usually */
#define LLMGW__PACE_WINDOW_NS (5 * LLMGW__SECOND)

/** The machinery of a running attempt; freed when it has ended. */
struct llmgw__attempt_run {
    /* what each piece of an answer needs lies together */
    struct llmgw__carried_exchange exchange;
    uint64_t heard_ns;   /* when the last bytes came */
    uint64_t out_bytes;  /* of content that came, for estimates */
    uint64_t pace_bytes; /* of it when the pace was last looked at */
    uint64_t in_bytes;   /* of what was asked, likewise */
    void *decoder;
    bool document;      /* the answer is no stream */
    bool watches_bytes; /* the gap, of a whole answer that is coming */
    bool ending;        /* the bytes have ended */
    bool failed; /* a record of the stream said so: the usage told so far is
                      the provider's last word */
    struct llmgw__arena scratch; /* one frame */
    struct llmgw__decode decode;
    struct llmgw__gate gate;
    struct llmgw__order order;
    struct llmgw__seam seam; /* of one that continues */
    struct llmgw__framing framing;

    struct llmgw__arena arena; /* this, request, decoder, ids */
    struct llmgw__http_request request;
    struct llmgw__http_settings http;
    struct llmgw__credential *credential; /* one reference; NULL: what is
                                             configured */
    struct llmgw__memo memo;
    struct llmgw__timer connect;
    struct llmgw__timer watch; /* first content, then the gap */
    struct llmgw__timer pace;  /* is it fast enough? */
    struct llmgw__timer hold;  /* how long the gate may hold content back */
    struct llmgw__buf body;    /* of an error answer, bounded */
};

/** What an attempt that goes on with the answer of another one knows. */
struct llmgw__hop {
    const struct llmgw_attempt *first;
    llmgw_str onward;           /* what the request has to say for it */
    struct llmgw__usage before; /* of what came before this exchange */
    unsigned number;            /* 1: the second exchange of the answer */
};

struct llmgw_attempt {
    struct llmgw_call *call;
    struct llmgw__attempt_run *run; /* NULL: closed */
    const struct llmgw__dialect *dialect;
    llmgw_end end;
    struct llmgw__http_head head;
    const struct llmgw__target *target;
    struct llmgw__row *row;                       /* its ledger entry */
    const struct llmgw__adjustments *adjustments; /* NULL: none */
    const struct llmgw__hop *hop;      /* NULL: it begins its answer */
    const struct llmgw__usage *before; /* told beside its own; NULL: none */
    const char *why;                   /* what it was made for */
    struct llmgw__grant grant;         /* what it was let in with */
    bool lost;                         /* another attempt was first */
    bool continues;                    /* an answer that broke */
    uint64_t paused_ns;                /* before it */
    llmgw_str onward; /* its answer goes on in a further exchange, which says
                         this; in the call's arena */
    struct llmgw_error *error; /* NULL: none */
    struct llmgw__usage usage;
    bool has_usage;
    uint8_t again;           /* LLMGW__AGAIN_…, of this attempt */
    uint32_t stripped;       /* pieces of another target's reasoning left out */
    struct llmgw__cost cost; /* as it is billed */
    uint64_t told_bytes;     /* of content that left the gate */
    uint32_t sends; /* times the request went out: a transport may send it
                       again on a connection that turned out dead */
    bool sent;      /* given to the transport */
    bool streaming; /* upstream was asked for a stream */
    bool waits_for_intent;
    bool kept;             /* its credential is one of those kept for all */
    bool renewed;          /* that of the attempt before had expired */
    bool is_signed;        /* by the clock, which was */
    int64_t skew_s;        /* set by so much */
    int8_t key;            /* number of the configured key; -1: none */
    const char *key_id;    /* who rests if it is refused; NULL: nobody */
    uint64_t waited_ns;    /* for its credential, before it started */
    uint64_t started_ns;   /* driver's clock */
    uint64_t connected_ns; /* all below: since started_ns; 0: never */
    uint64_t head_ns;
    uint64_t content_ns;
    uint64_t ended_ns;
};

#endif
