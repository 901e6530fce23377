/*
 * account/weights.c - a count as a weighted sum of what is known beforehand.
 *
 * Source: recursive least squares (R. E. Kalman, "A New Approach to Linear
 * Filtering and Prediction Problems", 1960, with a constant state): weights and
 * the covariance of what is not known about them. What is minimized is the
 * relative error; a count many deviations away is weighed down, as by Huber.
 *
 * Memory: the caller's, half of a symmetric matrix for the covariance.
 */
#include "weights.h"

#include <math.h>
#include <stddef.h>

#define DEVIATION 0.05  /* of a count, where the weights are right */
#define ROUNDING  0.5   /* of a count, in tokens */
#define FAR       5.0   /* deviations */
#define FADES     0.002 /* of the prior's doubt, with each count */

/** Where a member of the half matrix is. */
static int place(int row, int column)
{
    return row >= column ? row * (row + 1) / 2 + column
                         : column * (column + 1) / 2 + row;
}

void llmgw__weights_begin(double *weight, double *doubts,
                          const struct llmgw__weights_prior *prior,
                          const double *known)
{
    for (int i = 0; i < LLMGW__HALF(prior->count); i++)
        doubts[i] = 0;
    for (int i = 0; i < prior->count; i++) {
        weight[i] = known ? known[i] : prior->weight[i];
        doubts[place(i, i)] = prior->doubt[i] * prior->doubt[i];
    }
}

double llmgw__weights_sum(const double *weight, const double *facts, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++)
        sum += weight[i] * facts[i];
    return sum;
}

/** How likely is it to be off: the variance of the count itself. */
static double noise_of(double seen, double trust)
{
    double relative = DEVIATION * seen * trust;
    double rounding = ROUNDING * trust;

    return relative * relative + rounding * rounding;
}

bool llmgw__weights_learn(double *weight, double *doubts,
                          const struct llmgw__weights_prior *prior,
                          const double *facts, double seen, double trust)
{
    const int count = prior->count;
    double off = seen - llmgw__weights_sum(weight, facts, count);
    double noise = noise_of(seen, trust);
    double gain[LLMGW__WEIGHTS];
    double variance = 0;
    double far;

    for (int i = 0; i < count; i++) {
        gain[i] = 0;
        for (int j = 0; j < count; j++)
            gain[i] += doubts[place(i, j)] * facts[j];
        variance += gain[i] * facts[i];
    }
    far = off * off / (FAR * FAR * (variance + noise));
    variance += far > 1 ? noise * far : noise;
    for (int i = 0; i < count; i++) {
        weight[i] += gain[i] * off / variance;
        for (int j = 0; j <= i; j++)
            doubts[place(i, j)] -= gain[i] * gain[j] / variance;
        doubts[place(i, i)] += FADES * prior->doubt[i] * prior->doubt[i];
        if (!isfinite(weight[i]) || !isfinite(doubts[place(i, i)]))
            return false;
    }
    return true;
}
