/*
 * wire/framing.h - cut the bytes of an answer into frames.
 *
 * The row says what is expected; what comes is decided from the status,
 * the content type and the first byte: a JSON body may answer a stream
 * request, an SSE body a whole one.
 */
#ifndef LLMGW_WIRE_FRAMING_H
#define LLMGW_WIRE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>

#include <llmgw/base.h>

#include "base/text.h"
#include "eventstream.h"
#include "ndjson.h"
#include "schema/exchange.h"
#include "sse.h"

enum llmgw__framing_kind {
    LLMGW__FRAMING_UNDECIDED,
    LLMGW__FRAMING_SSE,
    LLMGW__FRAMING_NDJSON,
    LLMGW__FRAMING_EVENTSTREAM, /* binary records */
    LLMGW__FRAMING_DOCUMENT,    /* one JSON document (or an array of records) */
    LLMGW__FRAMING_OTHER        /* HTML or text: no answer of any wire */
};

/** Takes one frame; its views die when this returns. Not OK: stop. */
typedef llmgw_status (*llmgw__frame_fn)(void *userdata,
                                        const struct llmgw__frame *frame);

struct llmgw__framing {
    enum llmgw__framing_kind kind;
    bool says_sse;  /* the content type, which need not be true */
    bool says_json; /* likewise */
    bool ndjson_expected;
    bool says_binary;    /* an event stream in records of lengths */
    llmgw_status status; /* first failure; feeding then does nothing */
    llmgw__frame_fn fn;
    void *userdata;
    size_t max_frame;
    union {
        struct llmgw__sse sse;
        struct llmgw__ndjson ndjson;
        struct llmgw__eventstream eventstream;
    } cut;
    struct llmgw__buf body; /* DOCUMENT and OTHER: what came so far */
};

/** What a framing is set up with. */
struct llmgw__framing_setup {
    llmgw_str content_type; /* of the answer, empty: none */
    bool ndjson;            /* this wire's streams are lines of JSON */
    size_t max_frame;       /* bytes of one record; past it E_LIMIT */
    size_t max_body;        /* bytes of one document; past it E_LIMIT */
    llmgw__frame_fn fn;
    void *userdata;
};

void llmgw__framing_init(struct llmgw__framing *framing,
                         const struct llmgw__framing_setup *setup);
/** @return LLMGW_OK, what fn answered, E_LIMIT or E_NOMEM (sticky) */
llmgw_status llmgw__framing_feed(struct llmgw__framing *framing,
                                 const char *data, size_t len);
/**
 * The bytes have ended: the last line or the document is handed over.
 * An SSE record that no empty line closed is handed over too: providers leave
 * it out (the standard would drop it; a cut one is no valid JSON and fails).
 */
llmgw_status llmgw__framing_end(struct llmgw__framing *framing);
/** What came, where it was no stream (bounded), for error messages; at the end
 *  of a stream what came outside of its records. */
llmgw_str llmgw__framing_body(const struct llmgw__framing *framing);
void llmgw__framing_clear(struct llmgw__framing *framing);

#endif
