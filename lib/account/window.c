/*
 * account/window.c - in what bucket of time something counts, which buckets
 * make up the window of a budget now, and when it has room again.
 */
#include "window.h"

#define SECOND_NS INT64_C(1000000000)
#define BUCKETS   60 /* of a rolling window */

/** Seconds since 1970, also before. */
static int64_t seconds_of(int64_t wall_ns)
{
    return wall_ns / SECOND_NS - (wall_ns % SECOND_NS < 0);
}

/** The last multiple of a length that is not later. */
static int64_t begin_of(int64_t time_s, int64_t length_s)
{
    int64_t over_s = time_s % length_s;

    return time_s - over_s - (over_s < 0 ? length_s : 0);
}

static int64_t bucket_length(const struct llmgw__budget_rule *rule)
{
    int64_t length_s = (rule->rolling_s + BUCKETS - 1) / BUCKETS;

    return length_s ? length_s : 1;
}

void llmgw__window_at(const struct llmgw__budget_rule *rule, int64_t wall_ns,
                      struct llmgw__window *out)
{
    int64_t now_s = seconds_of(wall_ns);
    int64_t length_s;

    if (!rule->rolling_s) {
        llmgw__zone_span(rule->zone, rule->span, now_s, &out->bucket_s,
                         &out->next_s);
        out->from_s = out->bucket_s;
        return;
    }
    length_s = bucket_length(rule);
    out->bucket_s = begin_of(now_s, length_s);
    out->next_s = out->bucket_s + length_s;
    /* what began in a bucket may have begun with its last second */
    out->from_s = begin_of(now_s - (int64_t)rule->rolling_s, length_s);
}

int64_t llmgw__window_reset(const struct llmgw__budget_rule *rule,
                            const struct llmgw__window *window,
                            int64_t oldest_s)
{
    int64_t left_s;

    if (!rule->rolling_s)
        return window->next_s;
    if (oldest_s < window->from_s)
        return window->next_s;
    /* its last second has left the window, and with it the bucket */
    left_s = oldest_s + bucket_length(rule) + (int64_t)rule->rolling_s;
    return left_s > window->next_s ? left_s : window->next_s;
}
