/*
 * base/bytes.c - bytes that several own and nobody changes.
 *
 * Memory: the buffer's they were taken from, and a count.
 */
#include "bytes.h"

#include "alloc.h"

llmgw_status llmgw__bytes_take(struct llmgw__buf *buf,
                               struct llmgw__bytes **out)
{
    llmgw_status status = buf->status;
    struct llmgw__bytes *bytes = NULL;

    if (status == LLMGW_OK) {
        bytes = llmgw__malloc(sizeof *bytes);
        status = bytes ? LLMGW_OK : LLMGW_E_NOMEM;
    }
    if (bytes) {
        llmgw__refs_init(&bytes->refs);
        bytes->data = buf->data;
        bytes->len = buf->len;
        llmgw__buf_init(buf, buf->limit);
    }
    llmgw__buf_clear(buf);
    *out = bytes;
    return status;
}

struct llmgw__bytes *llmgw__bytes_ref(struct llmgw__bytes *bytes)
{
    if (bytes)
        llmgw__refs_add(&bytes->refs);
    return bytes;
}

void llmgw__bytes_drop(struct llmgw__bytes *bytes)
{
    if (!bytes || !llmgw__refs_drop(&bytes->refs))
        return;
    llmgw__free(bytes->data);
    llmgw__free(bytes);
}
