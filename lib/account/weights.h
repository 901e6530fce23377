/*
 * account/weights.h - a count as a weighted sum of what is known beforehand;
 * the weights are learned as counts come in.
 */
#ifndef LLMGW_ACCOUNT_WEIGHTS_H
#define LLMGW_ACCOUNT_WEIGHTS_H

#include <stdbool.h>

/** At most so many of them. */
#define LLMGW__WEIGHTS 10
/** Members of half a symmetric matrix. */
#define LLMGW__HALF(count) ((count) * ((count) + 1) / 2)

/** What is taken for true before anything was seen, and how much of it is
 *  doubted. */
struct llmgw__weights_prior {
    int count;
    double weight[LLMGW__WEIGHTS];
    double doubt[LLMGW__WEIGHTS]; /* a standard deviation */
};

/** Begin. @param weight, doubts  of prior->count and LLMGW__HALF of it
 *  @param known  weights to begin with; NULL: the prior's */
void llmgw__weights_begin(double *weight, double *doubts,
                          const struct llmgw__weights_prior *prior,
                          const double *known);
/** The sum of weights and facts. */
double llmgw__weights_sum(const double *weight, const double *facts, int count);
/**
 * Learn from a count. One that is far from what was expected counts for less;
 * all that was learned fades a little.
 *
 * @param trust  1: as usual; more: so many times the usual deviation
 * @return false: the weights are no numbers any more, begin again
 */
bool llmgw__weights_learn(double *weight, double *doubts,
                          const struct llmgw__weights_prior *prior,
                          const double *facts, double seen, double trust);

#endif
