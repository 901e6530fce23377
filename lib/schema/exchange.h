/*
 * schema/exchange.h - one HTTP exchange: what is sent, what comes back, and
 * the frames it is cut into.
 */
#ifndef LLMGW_SCHEMA_EXCHANGE_H
#define LLMGW_SCHEMA_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/arena.h"
#include "base/jsonwrite.h"

struct llmgw__http_header {
    llmgw_str name;  /* lower case */
    llmgw_str value; /* no CR, LF or other control characters */
    bool secret;     /* never shown, zeroized after use */
};

#define LLMGW__HTTP_MAX_HEADERS 24

/** A request; its memory is the attempt's arena, the body refers to the
 *  call's request bytes too. */
struct llmgw__http_request {
    const char *method; /* "POST", "GET" */
    char *url;
    struct llmgw__http_header *headers; /* the owner's, of header_cap */
    size_t header_count;
    size_t header_cap;       /* at most LLMGW__HTTP_MAX_HEADERS */
    struct llmgw__body body; /* finished */
};

/** Add a header. E_INVALID: control characters in it; E_LIMIT: too many. */
llmgw_status llmgw__http_header_add(struct llmgw__http_request *request,
                                    llmgw_str name, llmgw_str value,
                                    bool secret);

/** The head of an answer. Names are lower case. */
struct llmgw__http_head {
    int32_t status;
    struct llmgw__http_header *headers;
    size_t header_count;
    size_t header_cap;
    struct llmgw__arena arena; /* holds the texts, bounded */
};

void llmgw__http_head_init(struct llmgw__http_head *head);
/** Copied; past the bound (64 KiB, 256 headers) the rest is left out. */
llmgw_status llmgw__http_head_add(struct llmgw__http_head *head, llmgw_str name,
                                  llmgw_str value);
/** Value of the first header of that (lower case) name; data NULL: absent. */
llmgw_str llmgw__http_head_get(const struct llmgw__http_head *head,
                               const char *name);
void llmgw__http_head_clear(struct llmgw__http_head *head);

/** How the exchange ended below HTTP. The codes are libcurl's CURLcode where
 *  libcurl carried it; 0: all bytes came. */
struct llmgw__http_end {
    int32_t code;
    char message[200]; /* what went wrong, one line */
};

/** Where the time went, ns since the exchange was started; 0: not reached. */
struct llmgw__http_times {
    uint64_t connected_ns;
    uint64_t head_ns;
    uint64_t first_byte_ns;
    uint64_t end_ns;
};

/** Touch the exchange no more: neither read on nor close. In a forked child
 *  its connection is the parent's. */
#define LLMGW__HTTP_FREEZE (-1)

/** What an exchange tells, always on the loop's thread, in this order. After
 *  `end` nothing follows. */
struct llmgw__http_events {
    /* the request goes out; again when libcurl re-sends it, because a kept
       connection turned out dead */
    void (*connected)(void *userdata);
    void (*head)(void *userdata, struct llmgw__http_head *head);
    /** @return 0, LLMGW__HTTP_FREEZE, or another value: stop, tell no more
     *  data; `end` follows */
    int (*data)(void *userdata, const char *data, size_t len);
    void (*end)(void *userdata, const struct llmgw__http_end *end);
};

/** One piece of an answer, cut by its framing. */
enum llmgw__frame_kind {
    LLMGW__FRAME_EVENT,     /* a record of a stream */
    LLMGW__FRAME_DOCUMENT,  /* the whole body is one JSON document */
    LLMGW__FRAME_EXCEPTION, /* event: its name; data: JSON; nothing follows */
    LLMGW__FRAME_FAULT      /* event: a code; data: what happened, in words;
                               nothing follows */
};
struct llmgw__frame {
    enum llmgw__frame_kind kind;
    llmgw_str event; /* SSE event name; empty: none */
    llmgw_str data;  /* views live until the frame callback returns */
};

#endif
