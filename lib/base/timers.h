/* base/timers.h - a heap of timers. Time comes in as an argument. */
#ifndef LLMGW_BASE_TIMERS_H
#define LLMGW_BASE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

/** Lives inside the object it wakes; zero it before first use. */
struct llmgw__timer {
    uint64_t due_ns;
    size_t slot; /* place in the heap + 1; 0: not set */
    void (*fire)(struct llmgw__timer *timer, void *userdata);
    void *userdata;
};

struct llmgw__timers {
    struct llmgw__timer **heap;
    size_t count;
    size_t cap;
};

void llmgw__timers_init(struct llmgw__timers *timers);
/** Set or move. E_NOMEM: the timer is not set. */
llmgw_status llmgw__timer_set(struct llmgw__timers *timers,
                              struct llmgw__timer *timer, uint64_t due_ns);
void llmgw__timer_cancel(struct llmgw__timers *timers,
                         struct llmgw__timer *timer);
bool llmgw__timer_is_set(const struct llmgw__timer *timer);
/** When the next one is due; UINT64_MAX: none. */
uint64_t llmgw__timers_next(const struct llmgw__timers *timers);
/** Fire all that are due at now_ns, earliest first; a timer set again by its
 *  own callback for a time <= now_ns fires in the next run. */
void llmgw__timers_run(struct llmgw__timers *timers, uint64_t now_ns);
void llmgw__timers_clear(struct llmgw__timers *timers);

#endif
