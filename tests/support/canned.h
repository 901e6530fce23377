/*
 * support/canned.h - a server that knows one answer, bytes as given.
 */
#ifndef LLMGW_TEST_CANNED_H
#define LLMGW_TEST_CANNED_H

#include <stddef.h>

struct canned;

/** Every connection gets this answer to its first request and is closed.
 *  @return NULL: no socket or thread */
struct canned *canned_start(const char *answer);
/** The same with bytes that are no text. */
struct canned *canned_start_bytes(const char *answer, size_t size);
void canned_stop(struct canned *canned);
/** "http://127.0.0.1:PORT/" */
const char *canned_url(const struct canned *canned);

#endif
