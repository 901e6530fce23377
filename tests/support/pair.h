/*
 * support/pair.h - two fake providers and a gateway over both: where one fails,
 * the other may answer.
 */
#ifndef LLMGW_TEST_PAIR_H
#define LLMGW_TEST_PAIR_H

#include "support/caller.h"
#include "support/fake_provider.h"

struct pair {
    struct fake *one;
    struct fake *two;
    llmgw_gateway *gateway;
    const char *config;
};

/** For a group's set-up; '$1' and '$2' in the configuration are their URLs. */
int pair_set_up(void **state, const char *config);
/** A gateway that knows nothing of what was before: no key rests. */
void pair_reopen(struct pair *pair);
/** For its tear-down. */
int pair_tear_down(void **state);

#endif
