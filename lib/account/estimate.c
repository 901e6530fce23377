/*
 * account/estimate.c - what a request will cost before it is sent: least,
 * expected, and what it cannot pass.
 *
 * The bound of a prompt is a token for each byte of text, and what follows for
 * what is no text and for what templates add; the largest that providers
 * document, or that was recorded, with room to spare. No bound is known for
 * what a provider's own tools put before the model, nor for the pages of a
 * document: its bytes are taken for that.
 *
 * Memory: none.
 */
#include "estimate.h"

#include <string.h>

#define USUAL_ANSWER   500   /* tokens */
#define LEAST_ANSWER   16    /* where less is asked for, some take this */
#define MOST_A_REQUEST 2048  /* instructions that are put before it */
#define MOST_A_MESSAGE 64    /* marks of a template */
#define MOST_A_TOOL    512   /* likewise */
#define MOST_AN_IMAGE  50000 /* of eight tiles, where a tile is dearest */
#define MOST_A_FILE    50000 /* and as many as its bytes */

static uint64_t most_prompt(const struct llmgw__bulk *bulk);
static int64_t most_answer(const struct llmgw__target *target,
                           const struct llmgw__bulk *bulk);
static int64_t limit_of(const struct llmgw__target *target,
                        const struct llmgw__bulk *bulk);
static void guess_cost(const struct llmgw__target *target,
                       const struct llmgw__price_at *at, int input,
                       struct llmgw__guess *out);
static int64_t likely_answer(const struct llmgw__target *target,
                             const struct llmgw__bulk *bulk, int64_t length);

void llmgw__estimate_make(struct llmgw__token_ratios *ratios,
                          const struct llmgw__target *target,
                          const struct llmgw__bulk *bulk, uint64_t prompt_bytes,
                          int64_t wall_ns, struct llmgw__estimate *out)
{
    static const struct llmgw__bulk empty = {.answers = 1};
    const struct llmgw__price_at at = {
        .wall_ns = wall_ns,
        .service_tier = bulk ? bulk->service_tier : LLMGW__SERVICE_UNKNOWN,
    };
    struct llmgw__bulk vectors = empty;
    struct llmgw__guess *likely = &out->expected;

    vectors.text_bytes = prompt_bytes;
    llmgw__estimate_most(target, bulk, prompt_bytes, wall_ns, &out->most);
    likely->prompt_tokens =
        llmgw__tokens_of_prompt(ratios, target->id, bulk ? bulk : &vectors);
    if (likely->prompt_tokens > out->most.prompt_tokens)
        likely->prompt_tokens = out->most.prompt_tokens;
    likely->completion_tokens = likely_answer(
        target, bulk, llmgw__length_of_answer(ratios, target->id));
    guess_cost(target, &at, LLMGW__INPUT_UNCACHED, likely);
    out->least.prompt_tokens = likely->prompt_tokens;
    out->least.completion_tokens = bulk ? bulk->answers : 0;
    guess_cost(target, &at, LLMGW__INPUT_CACHED, &out->least);
    if (out->least.cost.pico > likely->cost.pico)
        out->least.cost = likely->cost;
}

/* --- what is likely --- */

static struct llmgw__cost cost_of(const struct llmgw__price *price,
                                  const struct llmgw__price_at *at,
                                  const int64_t count[LLMGW__USAGE_CLASSES])
{
    struct llmgw__usage usage;

    llmgw__usage_init(&usage);
    memcpy(usage.count, count, sizeof usage.count);
    usage.requests = 1;
    return llmgw__price_cost(price, at, &usage);
}

static void guess_cost(const struct llmgw__target *target,
                       const struct llmgw__price_at *at, int input,
                       struct llmgw__guess *out)
{
    int64_t count[LLMGW__USAGE_CLASSES] = {0};

    count[input] = out->prompt_tokens;
    count[LLMGW__OUTPUT_TEXT] = out->completion_tokens;
    out->cost = cost_of(target->price, at, count);
}

static int64_t likely_answer(const struct llmgw__target *target,
                             const struct llmgw__bulk *bulk, int64_t length)
{
    int64_t answer = length ? length : USUAL_ANSWER;
    int64_t limit = bulk ? limit_of(target, bulk) : 0;

    if (!bulk)
        return 0;
    if (limit && answer > limit)
        answer = limit;
    return answer > INT64_MAX / bulk->answers ? INT64_MAX
                                              : answer * bulk->answers;
}

/* --- what it cannot pass --- */

/** Input classes that no request has which has nothing of the kind. */
static bool may_have(const struct llmgw__bulk *bulk, int cls)
{
    switch (cls) {
    case LLMGW__AUDIO_IN:
        return bulk && bulk->audios;
    case LLMGW__IMAGE_IN:
        return bulk && (bulk->images || bulk->files);
    default:
        return true;
    }
}

/** Its rates are the same however much is asked, and when. */
static bool is_plain(const struct llmgw__price *price)
{
    return !price->terms && !price->tier_count;
}

/** What so many tokens of a class make of a sum that has `count`; -1: that is
 *  not known. Of a plain price the rate says as much. */
static int64_t weight_of(const struct llmgw__price *price,
                         const struct llmgw__price_at *at,
                         int64_t count[LLMGW__USAGE_CLASSES], int cls,
                         int64_t tokens)
{
    struct llmgw__cost cost;

    if (is_plain(price))
        return llmgw__price_rate(price, at, cls, 0);
    count[cls] = tokens;
    cost = cost_of(price, at, count);
    count[cls] = 0;
    return cost.known ? cost.pico : -1;
}

/** Put all tokens of the class `from` into the one up to `to` that makes it
 *  dearest. */
static void make_dearest(const struct llmgw__price *price,
                         const struct llmgw__price_at *at,
                         const struct llmgw__bulk *bulk,
                         int64_t count[LLMGW__USAGE_CLASSES], const int span[2])
{
    int64_t tokens = count[span[0]];
    int64_t most = -1;
    int best = span[0];

    count[span[0]] = 0;
    for (int cls = span[0]; price && cls <= span[1]; cls++) {
        int64_t weight =
            may_have(bulk, cls) ? weight_of(price, at, count, cls, tokens) : -1;

        if (weight > most) {
            most = weight;
            best = cls;
        }
    }
    count[best] = tokens;
}

/** As it was asked for; it may be served the usual way, too, and in a region
 *  that costs more. */
static struct llmgw__cost dearest_way(const struct llmgw__price *price,
                                      struct llmgw__price_at at,
                                      const int64_t *count)
{
    const uint8_t tiers[] = {at.service_tier, LLMGW__SERVICE_STANDARD};
    struct llmgw__cost most = {0, false};

    if (!price || !price->terms)
        return cost_of(price, &at, count);
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
        for (uint8_t regional = 0; regional <= 1; regional++) {
            struct llmgw__cost cost;

            at.service_tier = tiers[i];
            at.regional = regional;
            cost = cost_of(price, &at, count);
            if (cost.known && (!most.known || cost.pico > most.pico))
                most = cost;
        }
    return most;
}

void llmgw__estimate_most(const struct llmgw__target *target,
                          const struct llmgw__bulk *bulk, uint64_t prompt_bytes,
                          int64_t wall_ns, struct llmgw__guess *out)
{
    static const int inputs[2] = {LLMGW__INPUT_UNCACHED, LLMGW__IMAGE_IN};
    static const int outputs[2] = {LLMGW__OUTPUT_TEXT, LLMGW__IMAGE_OUT};
    const struct llmgw__price_at at = {
        .wall_ns = wall_ns,
        .service_tier = bulk ? bulk->service_tier : LLMGW__SERVICE_UNKNOWN,
    };
    int64_t count[LLMGW__USAGE_CLASSES] = {0};
    uint64_t prompt = bulk ? most_prompt(bulk) : prompt_bytes;

    out->prompt_tokens = prompt < INT64_MAX ? (int64_t)prompt : INT64_MAX;
    out->completion_tokens = bulk ? most_answer(target, bulk) : 0;
    out->cost = (struct llmgw__cost){0, false};
    if (out->completion_tokens < 0)
        return;
    count[LLMGW__INPUT_UNCACHED] = out->prompt_tokens;
    make_dearest(target->price, &at, bulk, count, inputs);
    count[LLMGW__OUTPUT_TEXT] = out->completion_tokens;
    make_dearest(target->price, &at, bulk, count, outputs);
    out->cost = dearest_way(target->price, at, count);
}

/** Counts are of 32 bits, bytes less than the request has: no sum is too
 *  large. */
static uint64_t most_prompt(const struct llmgw__bulk *bulk)
{
    uint64_t images = (uint64_t)bulk->images + bulk->audios;

    return llmgw__bulk_bytes(bulk) + bulk->state_bytes + bulk->predicted +
           MOST_A_REQUEST + (uint64_t)bulk->messages * MOST_A_MESSAGE +
           (uint64_t)bulk->tools * MOST_A_TOOL + images * MOST_AN_IMAGE +
           (uint64_t)bulk->files * MOST_A_FILE +
           (bulk->files || bulk->audios ? bulk->media_bytes : 0);
}

/** -1: nothing bounds it. */
static int64_t most_answer(const struct llmgw__target *target,
                           const struct llmgw__bulk *bulk)
{
    int64_t answer = limit_of(target, bulk);
    int64_t wrong = (int64_t)bulk->predicted;

    if (answer && answer < LEAST_ANSWER)
        answer = LEAST_ANSWER;
    if (!answer || answer > (INT64_MAX - wrong) / bulk->answers)
        return -1;
    return answer * (int64_t)bulk->answers + wrong;
}

/** Of one answer, in tokens; 0: there is none. */
static int64_t limit_of(const struct llmgw__target *target,
                        const struct llmgw__bulk *bulk)
{
    if (bulk->max_tokens || !target->price)
        return bulk->max_tokens;
    return target->price->max_output;
}
