/*
 * route/policy.c - in what order the targets of a route are asked.
 *
 * A policy gives every usable candidate a score; the least is asked first, and
 * among equals the route's own order holds. Draws by weight are races: each
 * candidate's finish is exponentially distributed, at a rate that is its
 * weight, so that the order of arrival is that of draws without replacement.
 * A sticky route races by a hash in place of a draw (weighted rendezvous
 * hashing): taking a target away moves none but its own conversations.
 *
 * Source: Efraimidis and Spirakis, "Weighted random sampling with a reservoir"
 * (2006); Thaler and Ravishankar, "Using name-based mappings to increase hit
 * rates" (1998).
 * Memory: none; see turns.c.
 */
#include "policy.h"

#include <string.h>

#include "base/text.h"
#include "candidate.h"
#include "cheapest.h"
#include "hash.h"
#include "router.h"

#define QUANTILE_PM 500 /* the median */
#define LOG_BITS    32  /* fraction bits of a logarithm */

/** Calls of a thousand that ask somebody else first, to learn how fast it is:
 *  one of whom too little is known, or else just another one. */
#define EXPLORE_NEW_PM 100
#define EXPLORE_PM     20
/** The fastest so far is asked until another is faster by this, per cent: two
 *  that are alike do not change places all the time. */
#define FASTER_BY 20

/** Scores of the usable; ask->route says the rest. */
struct field {
    const struct llmgw__policy_ask *ask;
    struct llmgw__candidate *candidates;
    size_t count;  /* all */
    size_t usable; /* of them: these come first */
};

static void score_by_weight(struct field *field);
static void score_by_turn(struct field *field);
static void score_by_load(struct field *field);
static void score_by_speed(struct field *field);
static void score_by_hash(struct field *field);
static void score_by_cost(struct field *field);

/** What a policy does, and what is said of who comes first and of the others;
 *  NULL: the scores have said it. */
/* clang-format off */
static const struct policy {
    void (*score)(struct field *field);
    const char *first, *rest;
} policies[] = {
    [LLMGW__POLICY_ORDERED]     = {NULL, NULL, NULL},
    [LLMGW__POLICY_WEIGHTED]    = {score_by_weight,
        "drawn first by weight", "drawn later by weight"},
    [LLMGW__POLICY_ROUND_ROBIN] = {score_by_turn,
        "it is its turn", "its turn comes later"},
    [LLMGW__POLICY_LEAST_BUSY]  = {score_by_load,
        "it has the fewest attempts under way",
        "others have fewer attempts under way, or come before it"},
    [LLMGW__POLICY_LATENCY]     = {score_by_speed, NULL, NULL},
    [LLMGW__POLICY_STICKY]      = {score_by_hash, NULL, NULL},
    [LLMGW__POLICY_CHEAPEST]    = {score_by_cost, NULL, NULL},
};
/* clang-format on */

static size_t bring_usable_first(struct llmgw__candidate *candidates,
                                 size_t count);
static void sort(struct llmgw__candidate *candidates, size_t count);
static uint64_t finish(uint64_t draw, uint32_t weight);

void llmgw__policy_order(const struct llmgw__policy_ask *ask,
                         struct llmgw__candidate *candidates, size_t count)
{
    const struct policy *policy =
        &policies[ask->cheapest_first ? LLMGW__POLICY_CHEAPEST
                                      : ask->route->policy];
    struct field field = {ask, candidates, count, 0};

    if (!policy->score || count < 2)
        return;
    field.usable = bring_usable_first(candidates, count);
    if (field.usable < 2)
        return;
    policy->score(&field);
    sort(candidates, field.usable);
    for (size_t i = 0; policy->first && i < field.usable; i++)
        candidates[i].reason = i ? policy->rest : policy->first;
}

static void move(struct llmgw__candidate *candidates, size_t from, size_t to)
{
    struct llmgw__candidate moved = candidates[from];

    memmove(&candidates[to + 1], &candidates[to],
            (from - to) * sizeof *candidates);
    candidates[to] = moved;
}

static size_t bring_usable_first(struct llmgw__candidate *candidates,
                                 size_t count)
{
    size_t usable = 0;

    for (size_t i = 0; i < count; i++)
        if (candidates[i].usable)
            move(candidates, i, usable++);
    return usable;
}

/** Least first; equals stay. */
static void sort(struct llmgw__candidate *candidates, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        size_t at = i;

        while (at > 0 && candidates[at - 1].score > candidates[i].score)
            at--;
        move(candidates, i, at);
    }
}

/* --- by weight, by hash --- */

static uint32_t weight_of(const struct llmgw__target *target)
{
    return target->weight ? target->weight : 1;
}

/** No randomness to be had: the heaviest first. */
static void score_by_weight(struct field *field)
{
    for (size_t i = 0; i < field->usable; i++) {
        struct llmgw__candidate *candidate = &field->candidates[i];
        uint64_t draw = 0;

        if (llmgw__random_bytes(field->ask->router->random, &draw,
                                sizeof draw) != 0)
            draw = UINT64_MAX / 2;
        candidate->score = finish(draw, weight_of(candidate->target));
    }
}

static void score_by_hash(struct field *field)
{
    uint64_t stick = field->ask->stick;

    for (size_t i = 0; i < field->usable; i++) {
        struct llmgw__candidate *candidate = &field->candidates[i];
        const struct llmgw__target *target = candidate->target;

        candidate->reason = stick ? "where its hash has put the request"
                                  : "in the route's order: the request has "
                                    "nothing to stick by";
        candidate->score = stick ? finish(llmgw__hash_end(llmgw__hash_add(
                                              stick, llmgw__str(target->id))),
                                          weight_of(target))
                                 : 0;
    }
}

/** -log2(draw / 2^64): the head by its place, each bit of the fraction by
 *  squaring what is left of it. */
static uint64_t minus_log2(uint64_t draw)
{
    unsigned place = 63;
    uint64_t log = 0, head;

    if (!draw)
        return (uint64_t)64 << LOG_BITS;
    for (; !(draw >> 63); place--)
        draw <<= 1;
    head = draw >> 32; /* 1 to 2, 31 bits of fraction */
    for (int bit = 0; bit < LOG_BITS; bit++) {
        head = head * head >> 31;
        log <<= 1;
        if (head >> 32) {
            log |= 1;
            head >>= 1;
        }
    }
    return ((uint64_t)64 << LOG_BITS) - ((uint64_t)place << LOG_BITS) - log;
}

/** When a candidate arrives: the sooner the heavier it is. */
static uint64_t finish(uint64_t draw, uint32_t weight)
{
    return (minus_log2(draw) << (63 - 6 - LOG_BITS)) / weight;
}

/* --- by turn, by load --- */

static void score_by_turn(struct field *field)
{
    uint64_t turn =
        llmgw__turns_next(&field->ask->router->turns, field->ask->route->name) %
        field->usable;

    for (size_t i = 0; i < field->usable; i++)
        field->candidates[i].score = i + (i < turn ? field->usable : 0);
}

static void score_by_load(struct field *field)
{
    for (size_t i = 0; i < field->usable; i++)
        field->candidates[i].score = llmgw__turns_busy(
            &field->ask->router->turns, field->candidates[i].target->id);
}

/* --- by speed --- */

#define UNKNOWN (UINT64_MAX / 2)

/** Who was first until now, and is still fast enough. */
static void favour(struct field *field)
{
    struct llmgw__turns *turns = &field->ask->router->turns;
    const char *route = field->ask->route->name;
    struct llmgw__candidate *favourite = NULL, *fastest = field->candidates;
    uint64_t before = llmgw__turns_favourite(turns, route);
    uint64_t id = 0;

    for (size_t i = 0; i < field->usable; i++) {
        struct llmgw__candidate *candidate = &field->candidates[i];

        if (candidate->score < fastest->score)
            fastest = candidate;
        if (before ==
            llmgw__hash_add(LLMGW__HASH, llmgw__str(candidate->target->id)))
            favourite = candidate;
    }
    if (fastest->score == UNKNOWN)
        return;
    if (favourite && favourite != fastest &&
        favourite->score / (100 + FASTER_BY) <= fastest->score / 100) {
        favourite->reason = "it has been the fastest, and still nearly is";
        favourite->score = 1;
        return;
    }
    fastest->score = 1; /* 0 is for who is asked out of turn */
    fastest->reason = "it has been the fastest";
    id = llmgw__hash_add(LLMGW__HASH, llmgw__str(fastest->target->id));
    if (id != before)
        llmgw__turns_favour(turns, route, id);
}

/** Now and then somebody else first: nobody is ever forgotten. */
static void explore(struct field *field)
{
    const struct llmgw__random *random = field->ask->router->random;
    size_t unknown = 0, others, chosen;
    bool is_new;

    for (size_t i = 0; i < field->usable; i++)
        unknown += field->candidates[i].score == UNKNOWN;
    is_new = unknown > 0;
    others = is_new ? unknown : field->usable - 1;
    if (llmgw__random_below(random, 1000) >=
        (is_new ? EXPLORE_NEW_PM : EXPLORE_PM))
        return;
    chosen = (size_t)llmgw__random_below(random, others);
    for (size_t i = 0; i < field->usable; i++) {
        struct llmgw__candidate *candidate = &field->candidates[i];

        if (is_new ? candidate->score != UNKNOWN : candidate->score == 1)
            continue;
        if (chosen-- > 0)
            continue;
        candidate->score = 0;
        candidate->reason = "asked to learn how fast it is now";
        return;
    }
}

static void score_by_speed(struct field *field)
{
    const struct llmgw__policy_ask *ask = field->ask;

    for (size_t i = 0; i < field->usable; i++) {
        struct llmgw__candidate *candidate = &field->candidates[i];
        uint64_t first =
            llmgw__latency_first(&ask->router->latencies, candidate->target->id,
                                 ask->prompt_bytes, QUANTILE_PM, ask->now_ns);

        candidate->score = first ? first : UNKNOWN;
        candidate->reason = first ? "others have been faster"
                                  : "too little is known of how fast it is";
    }
    favour(field);
    explore(field);
}

/* --- by cost --- */

static void score_by_cost(struct field *field)
{
    llmgw__cheapest_score(field->ask, field->candidates, field->usable);
}
