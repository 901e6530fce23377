/*
 * support/fast_clock.h - a clock that runs faster than the real one, so that
 * waits of seconds take milliseconds over real sockets.
 */
#ifndef LLMGW_TEST_FAST_CLOCK_H
#define LLMGW_TEST_FAST_CLOCK_H

#include <llmgw/llmgw.h>

/** A clock `speed` times as fast; static, the next call changes it. */
const llmgw_clock *fast_clock(uint32_t speed);
/** An on_done that does nothing. */
void fast_clock_ignore_done(llmgw_call *call, void *userdata);

#endif
