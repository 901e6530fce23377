/*
 * unit/wire/test_poller_portable.c - the tests of the poller once more, with
 * the form for systems without epoll: its sources are compiled in here, so
 * the library's are not linked.
 */
#ifndef LLMGW_FORCE_POLL
#define LLMGW_FORCE_POLL
#endif

#include "unit/wire/test_poller.c"
#include "wire/poller_poll.c"
#include "wire/poller_table.c"
#include "wire/wakeup.c"
