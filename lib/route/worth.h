/*
 * route/worth.h - what targets have cost: how much of a prompt they count, read
 * from their cache and write to it, how long their answers are, how often they
 * fail and what that costs. Sums of bounded size whose evidence fades.
 */
#ifndef LLMGW_ROUTE_WORTH_H
#define LLMGW_ROUTE_WORTH_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/map.h"
#include "base/sync.h"
#include "catalog/route.h"
#include "latency.h"
#include "schema/usage.h"

struct llmgw__worths {
    struct llmgw__mutex lock;
    struct llmgw__map targets; /* by id */
    struct llmgw__map models;  /* by what their names come down to: hosts of
                                  one model are likely to answer alike */
};

llmgw_status llmgw__worths_init(struct llmgw__worths *worths);
void llmgw__worths_clear(struct llmgw__worths *worths);

/** What an attempt has shown that was answered, or has failed by its target. */
struct llmgw__deed {
    const struct llmgw__usage *usage; /* NULL: none is known */
    struct llmgw__pace pace;          /* zero: it was not streamed */
    int64_t reckoned_pico;            /* of its usage; -1: not known */
    bool failed;
};
void llmgw__worth_note(struct llmgw__worths *worths,
                       const struct llmgw__target *target,
                       const struct llmgw__deed *deed, uint64_t now_ns);

#define LLMGW__WORTH_TRIES 8

/** How fast one of the latest was. */
struct llmgw__worth_try {
    uint32_t first_ms; /* UINT32_MAX: it failed */
    uint32_t rate;     /* tokens a second; 0: not known */
};

/** What is known of a target, for one request. */
struct llmgw__worth {
    struct llmgw__usage usage; /* that its answer is likely to have */
    uint32_t attempts;         /* known of; the older count for less */
    uint32_t fails_pm;         /* of them */
    int64_t failed_pico;       /* of one that fails */
    uint32_t charged_pm;       /* of what is reckoned, by the target's word */
    uint64_t last_ns;          /* when the latest ended; 0: there was none */
    struct llmgw__worth_try tries[LLMGW__WORTH_TRIES]; /* the latest first */
    uint32_t try_count;
};

/** @param max_tokens  of the answer; 0: not said */
void llmgw__worth_look(struct llmgw__worths *worths,
                       const struct llmgw__target *target,
                       uint64_t prompt_bytes, int64_t max_tokens,
                       uint64_t now_ns, struct llmgw__worth *out);

#endif
