/*
 * wire/ndjson.h - split a byte stream into lines of JSON.
 *
 * Memory: one line cut over several reads, at most max_frame bytes.
 */
#ifndef LLMGW_WIRE_NDJSON_H
#define LLMGW_WIRE_NDJSON_H

#include <stddef.h>

#include <llmgw/base.h>

#include "base/text.h"
#include "schema/exchange.h"

struct llmgw__ndjson {
    llmgw_status (*fn)(void *userdata, const struct llmgw__frame *frame);
    void *userdata;
    llmgw_status status;    /* sticky */
    struct llmgw__buf line; /* a line cut by a read */
};

void llmgw__ndjson_init(struct llmgw__ndjson *ndjson, size_t max_frame,
                        llmgw_status (*fn)(void *userdata,
                                           const struct llmgw__frame *frame),
                        void *userdata);
llmgw_status llmgw__ndjson_feed(struct llmgw__ndjson *ndjson, const char *data,
                                size_t len);
/** Hand over a last line without its newline; blank: nothing. */
llmgw_status llmgw__ndjson_end(struct llmgw__ndjson *ndjson);
void llmgw__ndjson_clear(struct llmgw__ndjson *ndjson);

#endif
