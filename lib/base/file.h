/* base/file.h - small files, read whole. */
#ifndef LLMGW_BASE_FILE_H
#define LLMGW_BASE_FILE_H

#include "text.h"

/**
 * Read a file into an empty buffer; it may hold secrets, which stay nowhere
 * else.
 *
 * @param max  bytes it may have
 * @param why  what is wrong, a static text, on E_INVALID and E_LIMIT
 * @retval LLMGW_E_INVALID  it cannot be read
 * @retval LLMGW_E_LIMIT    it is longer
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__file_read(const char *path, size_t max,
                              struct llmgw__buf *out, const char **why);
/** Overwrite what was read, and free it. */
void llmgw__file_wipe(struct llmgw__buf *read);

#endif
