/*
 * route/cheapest.c - who is likely to cost least, of those that meet the
 * limits of speed.
 *
 * What an answer is likely to cost: the usage to be expected of the target
 * (worth.c: its own cache, answers as long as ever) at the price that holds
 * now. One attempt in so many fails: its own cost then, and that of the
 * cheapest other target, come on top. So the price that counts is
 *
 *     (1 - fails) x answer + fails x (failed + the next one's answer)
 *
 * Who does not meet the limits (a quantile of the time to first content, of
 * tokens a second; failures count as late) comes behind all who do, the
 * nearest first; whose price is not known comes last. Where little is known of
 * a target nothing is held against it.
 *
 * The favourite of a route is left when another one is cheaper by more than
 * its hysteresis. A share of the calls is asked of somebody else first, where
 * that can teach something: of whom little is known; who would be cheaper if
 * all of the prompt came from its cache, and was not asked for a while; who
 * would be cheaper and was too slow, the more rarely the more often it was.
 *
 * Memory: one view for each candidate and the reasons, in the call's arena.
 */
#include "cheapest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/price.h"
#include "hash.h"
#include "router.h"

#define PM        1000
#define KNOWN     10 /* attempts: no longer new */
#define STALE_NS  (600 * LLMGW__SECOND)
#define MOST_DEAR 7 /* times that a wait is doubled for being dear */
#define SLOW_NS   (30 * LLMGW__SECOND) /* doubled by each late one in a row */
#define MOST_PICO INT64_C(1000000000000000000)
#define MICRO     INT64_C(1000000)
#define FAILS_PM  200 /* more of it, and the latest: as good as late */
#define MOST_LATE 5   /* times that a wait is doubled for being late */
/** Draws are so many times the share, which the count of them keeps. */
#define EAGERNESS 4

/* Scores: who is asked out of turn, the favourite, then these. */
#define FAVOURITE UINT64_C(1)
#define WITHIN    UINT64_C(2)
#define BEYOND    (UINT64_C(1) << 62)
#define NO_PRICE  (UINT64_C(1) << 63)

/** Which limit of speed is not met. */
enum limit {
    LIMIT_NONE,
    LIMIT_FIRST,
    LIMIT_RATE,
    LIMIT_FAILS
};

/** What is known of a candidate, for this call. */
struct view {
    struct llmgw__worth worth;
    int64_t answer;  /* pico-USD, of an answer; -1: not known */
    int64_t total;   /* with what failures cost */
    int64_t least;   /* all of the prompt cached, no failure */
    uint64_t off_pm; /* so far beyond a limit, per mille of it; 0: within */
    uint64_t found;  /* in place of the limit: ms, tokens a second, per mille */
    uint8_t limit;   /* enum limit */
};

/** All that are usable; views[i] is of candidates[i]. */
struct market {
    const struct llmgw__policy_ask *ask;
    struct llmgw__candidate *candidates;
    struct view *views;
    size_t count;
};

static void look(const struct llmgw__policy_ask *ask,
                 const struct llmgw__candidate *candidate, struct view *view);
static void add_failures(struct market *market);
static void measure(const struct llmgw__policy_ask *ask,
                    const struct llmgw__candidate *candidate,
                    struct view *view);
static void set_score(struct market *market, size_t i);
static void favour(struct market *market);
static void explore(struct market *market);
static void say(struct market *market, size_t i);
static void keep(struct market *market, size_t i, const char *text);

void llmgw__cheapest_score(const struct llmgw__policy_ask *ask,
                           struct llmgw__candidate *candidates, size_t count)
{
    struct market market = {ask, candidates, NULL, count};

    market.views = llmgw__arena_array(ask->arena, count, sizeof *market.views);
    if (!market.views)
        return;
    for (size_t i = 0; i < count; i++) {
        look(ask, &candidates[i], &market.views[i]);
        measure(ask, &candidates[i], &market.views[i]);
    }
    add_failures(&market);
    for (size_t i = 0; i < count; i++) {
        set_score(&market, i);
        say(&market, i);
    }
    favour(&market);
    if (!ask->cheapest_first)
        explore(&market);
}

/* --- what it is likely to cost --- */

/** So many of a thousand. */
static int64_t part_of(int64_t pico, uint32_t pm)
{
    return pico / PM * pm + pico % PM * pm / PM;
}

static int64_t price_of(const struct llmgw__policy_ask *ask,
                        const struct llmgw__target *target,
                        const struct llmgw__worth *worth,
                        const struct llmgw__usage *usage)
{
    struct llmgw__price_at at = llmgw__price_at_of(ask->wall_ns, usage);
    struct llmgw__cost cost = llmgw__price_cost(target->price, &at, usage);

    if (!cost.known)
        return -1;
    if (worth->charged_pm != PM && cost.pico < MOST_PICO / 100)
        cost.pico = part_of(cost.pico, worth->charged_pm);
    return cost.pico < MOST_PICO ? cost.pico : MOST_PICO;
}

static void look(const struct llmgw__policy_ask *ask,
                 const struct llmgw__candidate *candidate, struct view *view)
{
    const struct llmgw__target *target = candidate->target;
    struct llmgw__usage cached;

    llmgw__worth_look(&ask->router->worths, target, ask->prompt_bytes,
                      ask->max_tokens, ask->now_ns, &view->worth);
    view->worth.usage.service_tier = ask->service_tier;
    cached = view->worth.usage;
    for (int cls = 0; cls <= LLMGW__INPUT_CACHE_WRITE_1H; cls++) {
        int64_t count = cls == LLMGW__INPUT_CACHED ? 0 : cached.count[cls];

        cached.count[cls] -= count;
        cached.count[LLMGW__INPUT_CACHED] += count;
    }
    view->answer = price_of(ask, target, &view->worth, &view->worth.usage);
    view->least = price_of(ask, target, &view->worth, &cached);
}

/** Of all but one of them; nobody else: its own. */
static int64_t cheapest_but(const struct market *market, size_t but)
{
    int64_t least = -1;

    for (size_t i = 0; i < market->count; i++) {
        int64_t answer = market->views[i].answer;

        if (i != but && answer >= 0 && (least < 0 || answer < least))
            least = answer;
    }
    return least < 0 ? market->views[but].answer : least;
}

static void add_failures(struct market *market)
{
    for (size_t i = 0; i < market->count; i++) {
        struct view *view = &market->views[i];
        uint32_t fails = view->worth.fails_pm;
        int64_t failed = view->worth.failed_pico;

        if (view->answer < 0)
            continue;
        if (failed > MOST_PICO)
            failed = MOST_PICO;
        view->total = part_of(view->answer, PM - fails) +
                      part_of(failed + cheapest_but(market, i), fails);
    }
}

/* --- limits of speed --- */

static void set_off(struct view *view, enum limit limit, uint64_t found,
                    uint64_t off_pm)
{
    if (off_pm <= PM || off_pm <= view->off_pm)
        return;
    view->off_pm = off_pm;
    view->found = found;
    view->limit = (uint8_t)limit;
}

static bool is_late(const struct llmgw__sla *sla,
                    const struct llmgw__worth_try *one)
{
    return (sla->first_ms && one->first_ms > sla->first_ms) ||
           (sla->tokens_per_s && one->rate && one->rate < sla->tokens_per_s);
}

/** How many of the latest have been late, one after the other. */
static uint32_t late_in_a_row(const struct llmgw__sla *sla,
                              const struct llmgw__worth *worth)
{
    uint32_t late = 0;

    while (late < worth->try_count && is_late(sla, &worth->tries[late]))
        late++;
    return late;
}

/** Whatever it was before, it is fast now. */
static bool has_recovered(const struct llmgw__sla *sla,
                          const struct llmgw__worth *worth)
{
    if (worth->try_count < LLMGW__WORTH_TRIES)
        return false;
    for (uint32_t i = 0; i < worth->try_count; i++)
        if (is_late(sla, &worth->tries[i]))
            return false;
    return true;
}

static void measure(const struct llmgw__policy_ask *ask,
                    const struct llmgw__candidate *candidate, struct view *view)
{
    const struct llmgw__sla *sla = &ask->sla;
    struct llmgw__latencies *latencies = &ask->router->latencies;
    const char *id = candidate->target->id;
    uint32_t allowed = PM - sla->quantile_pm;
    uint64_t found;

    if ((!sla->first_ms && !sla->tokens_per_s) ||
        has_recovered(sla, &view->worth))
        return;
    if (sla->first_ms && llmgw__latency_is_late(
                             latencies, id, ask->prompt_bytes,
                             sla->first_ms * LLMGW__MS, allowed, ask->now_ns)) {
        found = llmgw__latency_first(latencies, id, ask->prompt_bytes,
                                     sla->quantile_pm, ask->now_ns) /
                LLMGW__MS;
        set_off(view, LIMIT_FIRST, found, found * PM / sla->first_ms);
    }
    if (sla->tokens_per_s &&
        llmgw__latency_is_slow(latencies, id, sla->tokens_per_s, allowed,
                               ask->now_ns)) {
        found = llmgw__latency_rate(latencies, id, allowed, ask->now_ns);
        set_off(view, LIMIT_RATE, found / 1000,
                (uint64_t)sla->tokens_per_s * PM * PM / (found + 1));
    }
    found = view->worth.fails_pm;
    if (view->worth.try_count && view->worth.tries[0].first_ms == UINT32_MAX)
        set_off(view, LIMIT_FAILS, found, found * PM / FAILS_PM);
}

/* --- the order --- */

static void set_score(struct market *market, size_t i)
{
    const struct view *view = &market->views[i];
    uint64_t score = view->off_pm;

    if (view->answer < 0)
        score |= NO_PRICE;
    else if (view->off_pm)
        score |= BEYOND;
    else
        score = WITHIN + (uint64_t)view->total;
    market->candidates[i].score = score;
}

static uint64_t id_of(const struct market *market, size_t i)
{
    return llmgw__hash_add(LLMGW__HASH,
                           llmgw__str(market->candidates[i].target->id));
}

static size_t best_of(const struct market *market, size_t but)
{
    size_t best = but ? 0 : 1;

    for (size_t i = best + 1; i < market->count; i++)
        if (i != but &&
            market->candidates[i].score < market->candidates[best].score)
            best = i;
    return best;
}

/** Who was it until now; market->count: nobody who is here. */
static size_t find_favourite(const struct market *market)
{
    uint64_t before = llmgw__turns_favourite(&market->ask->router->turns,
                                             market->ask->route->name);
    size_t i = 0;

    while (i < market->count && id_of(market, i) != before)
        i++;
    return i;
}

/** Is it still nearly the cheapest? */
static bool is_kept(const struct market *market, size_t favourite, size_t best)
{
    const struct view *old = &market->views[favourite];

    return market->candidates[favourite].score < BEYOND &&
           part_of(old->total, PM - market->ask->route->hysteresis_pm) <=
               market->views[best].total;
}

static void write_usd(char *text, size_t size, int64_t pico)
{
    int64_t micro = (pico + MICRO / 2) / MICRO;

    (void)snprintf(text, size, "%" PRId64 ".%06" PRId64, micro / MICRO,
                   micro % MICRO);
}

static void say_first(struct market *market, size_t first, bool kept)
{
    size_t next = best_of(market, first);
    const struct view *view = &market->views[first];
    char mine[32], other[32], text[128];

    if (market->candidates[first].score >= BEYOND)
        return; /* what it lacks is said */
    write_usd(mine, sizeof mine, view->total);
    write_usd(other, sizeof other, market->views[next].total);
    if (kept)
        (void)snprintf(text, sizeof text,
                       "kept: %s USD expected, within %u.%u %% of the cheapest",
                       mine, market->ask->route->hysteresis_pm / 10u,
                       market->ask->route->hysteresis_pm % 10u);
    else if (market->candidates[next].score >= BEYOND)
        (void)snprintf(text, sizeof text, "cheapest: %s USD expected", mine);
    else
        (void)snprintf(text, sizeof text, "cheapest: %s USD expected, next %s",
                       mine, other);
    keep(market, first, text);
}

static void favour(struct market *market)
{
    struct llmgw__turns *turns = &market->ask->router->turns;
    const char *route = market->ask->route->name;
    size_t best = best_of(market, market->count);
    size_t favourite = best;

    if (!market->ask->cheapest_first) {
        favourite = find_favourite(market);
        if (favourite == market->count || !is_kept(market, favourite, best))
            favourite = best;
        if (market->candidates[best].score < BEYOND &&
            id_of(market, favourite) != llmgw__turns_favourite(turns, route))
            llmgw__turns_favour(turns, route, id_of(market, favourite));
    }
    say_first(market, favourite, favourite != best);
    if (market->candidates[favourite].score < BEYOND)
        market->candidates[favourite].score = FAVOURITE;
}

/* --- who is asked to learn something --- */

/** Has it been left alone for so long, doubled so many times? */
static bool is_due(const struct market *market, size_t i, uint64_t wait_ns,
                   uint32_t doubled)
{
    const struct llmgw__worth *worth = &market->views[i].worth;

    return market->ask->now_ns >= worth->last_ns + (wait_ns << doubled);
}

/** How often to double: once for each tenth that it is dearer. */
static uint32_t dearness(int64_t total, int64_t first)
{
    int64_t tenths = first > 0 ? (total - first) / (first / 10 + 1) : 0;

    return tenths < 0 ? 0 : tenths > MOST_DEAR ? MOST_DEAR : (uint32_t)tenths;
}

/** Can it teach something? */
static bool teaches(const struct market *market, size_t i, int64_t first)
{
    const struct llmgw__candidate *candidate = &market->candidates[i];
    const struct view *view = &market->views[i];
    const struct llmgw__worth *worth = &view->worth;
    uint32_t late = late_in_a_row(&market->ask->sla, worth);

    if (view->answer < 0 || (candidate->stands & LLMGW__STANDS_BEHIND))
        return false;
    if (late &&
        !is_due(market, i, SLOW_NS, late < MOST_LATE ? late : MOST_LATE))
        return false;
    if (worth->attempts < KNOWN)
        return true;
    if (view->off_pm)
        return view->total < first;
    return view->least < first &&
           is_due(market, i, STALE_NS, dearness(view->total, first));
}

/** Is more known of the first, or else later? */
static bool is_known_better(const struct llmgw__worth *a,
                            const struct llmgw__worth *b)
{
    return a->attempts != b->attempts ? a->attempts > b->attempts
                                      : a->last_ns > b->last_ns;
}

/** Of whom least is known; `first`: nobody. */
static size_t choose(const struct market *market, size_t first)
{
    size_t chosen = first;

    for (size_t i = 0; i < market->count; i++)
        if (i != first && teaches(market, i, market->views[first].total) &&
            (chosen == first || is_known_better(&market->views[chosen].worth,
                                                &market->views[i].worth)))
            chosen = i;
    return chosen;
}

/** Whose id hashes so, and was not late just now; `first`: nobody. */
static size_t find_place(const struct market *market, uint64_t id, size_t first)
{
    for (size_t i = 0; i < market->count; i++)
        if (id_of(market, i) == id &&
            (market->candidates[i].score < BEYOND ||
             !late_in_a_row(&market->ask->sla, &market->views[i].worth)))
            return i;
    return first;
}

static void explore(struct market *market)
{
    const struct llmgw__policy_ask *ask = market->ask;
    struct llmgw__ventures *ventures = &ask->router->ventures;
    unsigned share_pm = ask->route->explore_pm;
    size_t first = best_of(market, market->count), chosen = first;
    uint64_t before = llmgw__venture_call(ventures, ask->route->name,
                                          ask->stick, ask->now_ns);
    char usd[32], text[128];

    if (before)
        chosen = find_place(market, before, first);
    else if (llmgw__random_below(ask->router->random, PM) <
             EAGERNESS * share_pm)
        chosen = choose(market, first);
    if (chosen == first ||
        !llmgw__venture_go(ventures, ask->route->name, ask->stick,
                           id_of(market, chosen), share_pm, ask->now_ns))
        return;
    write_usd(usd, sizeof usd, market->views[chosen].total);
    (void)snprintf(text, sizeof text,
                   "explored: %s USD expected, by %u attempts", usd,
                   market->views[chosen].worth.attempts);
    keep(market, chosen, text);
    market->candidates[chosen].score = 0;
}

/* --- reasons --- */

/** No memory: it has none of its own. */
static void keep(struct market *market, size_t i, const char *text)
{
    const char *kept = llmgw__arena_dup(market->ask->arena, llmgw__str(text));

    market->candidates[i].reason = kept ? kept : "by what it costs";
}

static void say(struct market *market, size_t i)
{
    const struct view *view = &market->views[i];
    const struct llmgw__sla *sla = &market->ask->sla;
    unsigned quantile = sla->quantile_pm / 10u;
    char usd[32], text[128];

    write_usd(usd, sizeof usd, view->total);
    if (view->answer < 0)
        (void)snprintf(text, sizeof text, "last: its price is not known");
    else if (view->limit == LIMIT_FIRST)
        (void)snprintf(text, sizeof text,
                       "out: first content p%u %" PRIu64 " ms > %" PRIu32 " ms",
                       quantile, view->found, sla->first_ms);
    else if (view->limit == LIMIT_RATE)
        (void)snprintf(text, sizeof text,
                       "out: p%u %" PRIu64 " tokens/s < %" PRIu32, quantile,
                       view->found, sla->tokens_per_s);
    else if (view->limit == LIMIT_FAILS)
        (void)snprintf(text, sizeof text, "out: %" PRIu64 " %% of it fails",
                       view->found / 10);
    else
        (void)snprintf(text, sizeof text, "%s USD expected", usd);
    keep(market, i, text);
}
