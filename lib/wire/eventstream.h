/*
 * wire/eventstream.h - cut application/vnd.amazon.eventstream into records.
 *
 * Source: Smithy 2.0, "Amazon Event Stream" specification.
 * Memory: one record cut over several reads, at most max_frame bytes.
 */
#ifndef LLMGW_WIRE_EVENTSTREAM_H
#define LLMGW_WIRE_EVENTSTREAM_H

#include <stdbool.h>
#include <stddef.h>

#include <llmgw/base.h>

#include "base/text.h"
#include "schema/exchange.h"

struct llmgw__eventstream {
    llmgw_status (*fn)(void *userdata, const struct llmgw__frame *frame);
    void *userdata;
    llmgw_status status;      /* sticky */
    bool broken;              /* a checksum or a length was wrong */
    size_t limit;             /* bytes of a record; 0: the protocol's own */
    struct llmgw__buf record; /* cut by a read */
};

/** @param max_frame  bytes of one record; past it E_LIMIT */
void llmgw__eventstream_init(
    struct llmgw__eventstream *stream, size_t max_frame,
    llmgw_status (*fn)(void *userdata, const struct llmgw__frame *frame),
    void *userdata);
/** @retval LLMGW_E_INVALID  a checksum or a length is wrong */
llmgw_status llmgw__eventstream_feed(struct llmgw__eventstream *stream,
                                     const char *data, size_t len);
/** @retval LLMGW_E_INVALID  the bytes end inside a record */
llmgw_status llmgw__eventstream_end(struct llmgw__eventstream *stream);
void llmgw__eventstream_clear(struct llmgw__eventstream *stream);

#endif
