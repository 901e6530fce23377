/*
 * wire/sse.h - split a byte stream into server-sent events.
 *
 * Source: WHATWG HTML, "Server-sent events", "Parsing an event stream".
 * Memory: what one event needs while it is cut over several reads, at most
 * max_frame bytes; an event that lies in one read is handed over in place.
 */
#ifndef LLMGW_WIRE_SSE_H
#define LLMGW_WIRE_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include <llmgw/base.h>

#include "base/text.h"
#include "schema/exchange.h"

struct llmgw__sse {
    /* what an event like the last one needs comes first */
    llmgw_status (*fn)(void *userdata, const struct llmgw__frame *frame);
    void *userdata;
    llmgw_status status;     /* sticky */
    bool started;            /* the byte order mark is behind us */
    bool after_cr;           /* the last byte was CR: a LF belongs to it */
    bool pending;            /* a line, or part of one, since the last event */
    unsigned char lead_len;  /* 0: it was of another form */
    unsigned char name_from; /* the event name in it */
    unsigned char name_len;
    char lead[42];       /* what stood before the data of the last event */
    size_t limit;        /* bytes of a line; 0: none */
    const char *head;    /* first line of the event, if in this read */
    llmgw_str data_view; /* one data line lying in the present read */
    llmgw_str event_view;
    unsigned data_lines;
    unsigned bom;            /* bytes of the mark seen */
    struct llmgw__buf line;  /* a line cut by a read */
    struct llmgw__buf data;  /* data lines when there are several, or when the
                                event goes on in the next read */
    struct llmgw__buf event; /* event name, ditto */
    struct llmgw__buf tail;  /* JSON lines that no field name frames */
};

void llmgw__sse_init(struct llmgw__sse *sse, size_t max_frame,
                     llmgw_status (*fn)(void *userdata,
                                        const struct llmgw__frame *frame),
                     void *userdata);
llmgw_status llmgw__sse_feed(struct llmgw__sse *sse, const char *data,
                             size_t len);
/** Hand over an event that no empty line closed. What came as JSON outside of
 *  all fields, an error behind the last event, is then in `tail`. */
llmgw_status llmgw__sse_end(struct llmgw__sse *sse);
void llmgw__sse_clear(struct llmgw__sse *sse);

#endif
