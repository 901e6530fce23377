/*
 * route/latency.h - how fast targets have been: quantiles of the time to first
 * content and of tokens per second, per target and size of prompt, from a
 * sketch of bounded size whose evidence fades.
 */
#ifndef LLMGW_ROUTE_LATENCY_H
#define LLMGW_ROUTE_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/map.h"
#include "base/sync.h"

struct llmgw__latencies {
    struct llmgw__mutex lock;
    struct llmgw__map sketches; /* by target id */
};

llmgw_status llmgw__latencies_init(struct llmgw__latencies *latencies);
void llmgw__latencies_clear(struct llmgw__latencies *latencies);

/** What an attempt has shown. */
struct llmgw__pace {
    uint64_t prompt_bytes;
    uint64_t first_ns; /* to first content; 0: none came */
    bool at_least;     /* first_ns is how long was waited: it lost a race, or
                          passed a limit */
    int64_t tokens;    /* of output; 0: not known */
    uint64_t took_ns;  /* from first content to the end; 0: it has not ended
                          well */
};
void llmgw__latency_note(struct llmgw__latencies *latencies,
                         const char *target_id, const struct llmgw__pace *pace,
                         uint64_t now_ns);
/** Quantile of the time to first content, ns; 0: too little is known. */
uint64_t llmgw__latency_first(struct llmgw__latencies *latencies,
                              const char *target_id, uint64_t prompt_bytes,
                              unsigned quantile_pm, uint64_t now_ns);
/** Does more than this share come later than that? Only where it is hardly
 *  chance: by more than one is to expect of so few in one case of ten. */
bool llmgw__latency_is_late(struct llmgw__latencies *latencies,
                            const char *target_id, uint64_t prompt_bytes,
                            uint64_t first_ns, unsigned share_pm,
                            uint64_t now_ns);
/** Likewise: is more than this share slower? @param rate  tokens a second */
bool llmgw__latency_is_slow(struct llmgw__latencies *latencies,
                            const char *target_id, uint32_t rate,
                            unsigned share_pm, uint64_t now_ns);
/** Quantile of tokens per 1,000 seconds; 0: too little is known. */
uint64_t llmgw__latency_rate(struct llmgw__latencies *latencies,
                             const char *target_id, unsigned quantile_pm,
                             uint64_t now_ns);

#endif
