/* base/wait.h - wait for one descriptor, or a moment. */
#ifndef LLMGW_BASE_WAIT_H
#define LLMGW_BASE_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Until a socket is ready for one of these, or so many ms have passed.
 *
 * @param fd  negative: none
 * @return true: it is ready
 */
bool llmgw__wait(intptr_t fd, bool readable, bool writable, int ms);

#endif
