/*
 * base/bytes.h - bytes that several own and nobody changes: a request of the
 * host's is kept once, however many calls are made of it.
 */
#ifndef LLMGW_BASE_BYTES_H
#define LLMGW_BASE_BYTES_H

#include <stddef.h>

#include <llmgw/base.h>

#include "sync.h"
#include "text.h"

struct llmgw__bytes {
    struct llmgw__refs refs;
    char *data;
    size_t len;
};

/**
 * One reference to what a buffer holds, which is then empty.
 *
 * @param[out] out  NULL on failure; the buffer is cleared all the same
 * @return the buffer's status, or LLMGW_E_NOMEM
 */
llmgw_status llmgw__bytes_take(struct llmgw__buf *buf,
                               struct llmgw__bytes **out);
/* NULL is allowed from here on: no bytes. */
struct llmgw__bytes *llmgw__bytes_ref(struct llmgw__bytes *bytes);
/** The last one frees. */
void llmgw__bytes_drop(struct llmgw__bytes *bytes);

static inline llmgw_str llmgw__bytes_str(const struct llmgw__bytes *bytes)
{
    return bytes ? llmgw__str_n(bytes->data, bytes->len)
                 : llmgw__str_n(NULL, 0);
}

#endif
