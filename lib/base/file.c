/*
 * base/file.c - small files, read whole: configurations, credentials.
 *
 * Memory: the ceiling, while it is read (most of it is never touched).
 */
#include "file.h"

#include <errno.h>
#include <stdio.h>

#include "crypto.h"

/** Why a file could not be opened or read, in words. */
static const char *reason_of(int number)
{
    switch (number) {
    case ENOENT:
        return "there is no such file";
    case EACCES:
        return "it may not be read";
    case EISDIR:
        return "it is a directory";
    default:
        return "it cannot be read";
    }
}

static llmgw_status read_all(FILE *file, size_t max, struct llmgw__buf *out,
                             const char **why)
{
    char *room = llmgw__buf_reserve(out, max + 1);
    size_t got;

    if (!room)
        return out->status;
    (void)setvbuf(file, NULL, _IONBF, 0); /* no copy in there */
    errno = 0;
    got = fread(room, 1, max + 1, file);
    out->len += got < max ? got : max;
    if (ferror(file)) {
        *why = reason_of(errno);
        return LLMGW_E_INVALID;
    }
    if (got > max) {
        *why = "it is too long";
        return LLMGW_E_LIMIT;
    }
    return LLMGW_OK;
}

llmgw_status llmgw__file_read(const char *path, size_t max,
                              struct llmgw__buf *out, const char **why)
{
    FILE *file = fopen(path, "rb");
    llmgw_status status;

    if (!file) {
        *why = reason_of(errno);
        return LLMGW_E_INVALID;
    }
    status = read_all(file, max, out, why);
    (void)fclose(file);
    return status;
}

void llmgw__file_wipe(struct llmgw__buf *read)
{
    if (read->data)
        llmgw__zeroize(read->data, read->len);
    llmgw__buf_clear(read);
}
