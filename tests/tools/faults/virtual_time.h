/*
 * faults/virtual_time.h - time that jumps where nobody has anything to do.
 *
 * Real sockets, but waits cost nothing: where the thread that drives calls
 * would wait, every fake provider is idle and no byte is under way, time goes
 * at once to what is due first, be it a timer of the library's or of a fake's.
 * So a limit of ten seconds is met to the millisecond, in a few of these.
 *
 * Works by the linker's --wrap (epoll_wait, poll, timerfd_settime) and a
 * clock_gettime of its own, which libcurl calls too.
 */
#ifndef LLMGW_FAULTS_VIRTUAL_TIME_H
#define LLMGW_FAULTS_VIRTUAL_TIME_H

#include <stdint.h>

#include <llmgw/llmgw.h>

/** From now on this thread is the one that drives calls; fakes that were there
 *  are forgotten, and so many are started now. */
void virtual_time_start(int fakes);
/** Whether it jumps, from now on; 0: it waits as everybody does. */
void virtual_time_jump(int jumps);
/** Nanoseconds, never going back. */
uint64_t virtual_time_ns(void);
/** Time passes, and what the fakes had to do by then is done. */
void virtual_time_pass(uint64_t ns);
/** Wait until no fake has anything to do. */
void virtual_time_settle(void);
/** Trigger this when `ns` have passed, or nothing happens any more; NULL:
 *  none. Borrowed. */
void virtual_time_watch(llmgw_cancel *token, uint64_t ns);
/** Whether that happened. */
int virtual_time_barked(void);
/** The clock to open a gateway with. */
const llmgw_clock *virtual_time_clock(void);

#endif
