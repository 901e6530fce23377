/*
 * account/estimate.c - tokens and cost of a request before it is sent; learns
 * bytes per token of each model from what providers report.
 *
 * Memory: one record a target, at most MAX_MODELS.
 */
#include "estimate.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define MAX_MODELS   4096
#define USUAL_BYTES  4000 /* thousandths of a byte a token */
#define USUAL_ANSWER 500  /* tokens */
#define FADES        16   /* an observation's weight, as a divisor */

/* What cannot be passed: a byte is at most a token; what templates add. */
#define MOST_A_REQUEST 512
#define MOST_A_MESSAGE 32
#define MOST_A_TOOL    128
#define MOST_AN_IMAGE  40000

/** What a model has shown, in thousandths; 0: nothing yet. */
struct ratio {
    int64_t prompt_bytes; /* a token */
    int64_t answer_bytes; /* likewise */
    int64_t answer;       /* tokens */
};

llmgw_status llmgw__token_ratios_init(struct llmgw__token_ratios *ratios)
{
    llmgw__map_init(&ratios->models);
    return llmgw__mutex_init(&ratios->lock);
}

void llmgw__token_ratios_clear(struct llmgw__token_ratios *ratios)
{
    llmgw_str key;
    void *value;
    size_t at = 0;

    while (llmgw__map_next(&ratios->models, &at, &key, &value))
        llmgw__free(value);
    llmgw__map_clear(&ratios->models);
    llmgw__mutex_clear(&ratios->lock);
}

/** NULL: no memory, or too many models. */
static struct ratio *find(struct llmgw__token_ratios *ratios,
                          const char *target_id)
{
    llmgw_str key = llmgw__str(target_id);
    struct ratio *ratio = llmgw__map_get(&ratios->models, key);

    if (ratio || ratios->models.count >= MAX_MODELS)
        return ratio;
    ratio = llmgw__calloc(1, sizeof *ratio);
    if (ratio && llmgw__map_set(&ratios->models, key, ratio) != LLMGW_OK) {
        llmgw__free(ratio);
        ratio = NULL;
    }
    return ratio;
}

static void fade(int64_t *kept, int64_t seen)
{
    *kept = *kept ? *kept + (seen - *kept) / FADES : seen;
}

static uint64_t bytes_of(const struct llmgw__bulk *bulk)
{
    return bulk->text_bytes + bulk->tool_bytes;
}

void llmgw__token_ratios_note(struct llmgw__token_ratios *ratios,
                              const char *target_id,
                              const struct llmgw__bulk *bulk,
                              const struct llmgw__usage *usage,
                              uint64_t out_bytes)
{
    int64_t prompt = llmgw__usage_prompt(usage);
    int64_t answer = usage->count[LLMGW__OUTPUT_TEXT];
    uint64_t bytes = bytes_of(bulk);
    struct ratio *ratio;

    llmgw__mutex_lock(&ratios->lock);
    ratio = find(ratios, target_id);
    if (ratio && prompt > 0 && bytes && bytes < UINT64_C(1) << 40 &&
        !bulk->images && !bulk->audios)
        fade(&ratio->prompt_bytes, (int64_t)(bytes * 1000) / prompt);
    if (ratio && answer > 0 && out_bytes && out_bytes < UINT64_C(1) << 40) {
        fade(&ratio->answer_bytes, (int64_t)(out_bytes * 1000) / answer);
        fade(&ratio->answer, llmgw__usage_completion(usage) * 1000);
    }
    llmgw__mutex_unlock(&ratios->lock);
}

static struct ratio look(struct llmgw__token_ratios *ratios,
                         const char *target_id)
{
    struct ratio known = {0, 0, 0};
    const struct ratio *ratio;

    llmgw__mutex_lock(&ratios->lock);
    ratio = llmgw__map_get(&ratios->models, llmgw__str(target_id));
    if (ratio)
        known = *ratio;
    llmgw__mutex_unlock(&ratios->lock);
    return known;
}

/** Rounded up. */
static int64_t tokens_of(uint64_t bytes, int64_t thousandths)
{
    uint64_t a_token = (uint64_t)(thousandths > 0 ? thousandths : USUAL_BYTES);

    if (bytes > UINT64_MAX / 2000)
        return INT64_MAX / 4;
    return (int64_t)((bytes * 1000 + a_token - 1) / a_token);
}

int64_t llmgw__tokens_of_answer(struct llmgw__token_ratios *ratios,
                                const char *target_id, uint64_t bytes)
{
    return tokens_of(bytes, look(ratios, target_id).answer_bytes);
}

int64_t llmgw__tokens_of_prompt(struct llmgw__token_ratios *ratios,
                                const char *target_id,
                                const struct llmgw__bulk *bulk)
{
    return tokens_of(bytes_of(bulk), look(ratios, target_id).prompt_bytes);
}

/* --- costs --- */

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

/** All tokens of the classes from..to in the one that makes it dearest. */
static struct llmgw__cost dearest(const struct llmgw__price *price,
                                  const struct llmgw__price_at *at,
                                  int64_t count[LLMGW__USAGE_CLASSES], int from,
                                  int to)
{
    struct llmgw__cost most = {-1, false};
    int64_t tokens = count[from];
    int best = from;

    for (int cls = from; cls <= to; cls++) {
        struct llmgw__cost cost;

        count[from] = 0;
        count[cls] = tokens;
        cost = cost_of(price, at, count);
        if (cost.known && cost.pico > most.pico) {
            most = cost;
            best = cls;
        }
        count[cls] = 0;
    }
    count[from] = 0;
    count[best] = tokens;
    return most;
}

static void guess_most(const struct llmgw__target *target,
                       const struct llmgw__price_at *at,
                       const struct llmgw__bulk *bulk, uint64_t prompt_bytes,
                       struct llmgw__guess *out)
{
    int64_t count[LLMGW__USAGE_CLASSES] = {0};
    int64_t answer = bulk ? bulk->max_tokens : 0;
    uint64_t prompt = bulk ? bytes_of(bulk) : prompt_bytes;

    if (bulk) {
        prompt += MOST_A_REQUEST + (uint64_t)bulk->messages * MOST_A_MESSAGE +
                  (uint64_t)bulk->tools * MOST_A_TOOL +
                  ((uint64_t)bulk->images + bulk->audios) * MOST_AN_IMAGE;
        if (!answer && target->price)
            answer = target->price->max_output;
        answer = !answer || answer > INT64_MAX / bulk->answers
                     ? -1
                     : answer * (int64_t)bulk->answers;
    }
    out->prompt_tokens = (int64_t)prompt;
    out->completion_tokens = answer;
    out->cost = (struct llmgw__cost){0, false};
    if (answer < 0)
        return;
    count[LLMGW__INPUT_UNCACHED] = out->prompt_tokens;
    (void)dearest(target->price, at, count, LLMGW__INPUT_UNCACHED,
                  LLMGW__IMAGE_IN);
    count[LLMGW__OUTPUT_TEXT] = answer;
    out->cost =
        dearest(target->price, at, count, LLMGW__OUTPUT_TEXT, LLMGW__IMAGE_OUT);
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

static int64_t likely_answer(const struct llmgw__bulk *bulk, int64_t learned)
{
    int64_t answer = learned ? learned / 1000 : USUAL_ANSWER;

    if (!bulk)
        return 0;
    if (bulk->max_tokens && answer > bulk->max_tokens)
        answer = bulk->max_tokens;
    return answer * bulk->answers;
}

void llmgw__estimate_make(struct llmgw__token_ratios *ratios,
                          const struct llmgw__target *target,
                          const struct llmgw__bulk *bulk, uint64_t prompt_bytes,
                          int64_t wall_ns, struct llmgw__estimate *out)
{
    const struct llmgw__price_at at = {
        .wall_ns = wall_ns,
        .service_tier = bulk ? bulk->service_tier : LLMGW__SERVICE_UNKNOWN,
    };
    struct ratio known = look(ratios, target->id);

    guess_most(target, &at, bulk, prompt_bytes, &out->most);
    out->expected.prompt_tokens =
        tokens_of(bulk ? bytes_of(bulk) : prompt_bytes, known.prompt_bytes);
    out->expected.completion_tokens = likely_answer(bulk, known.answer);
    guess_cost(target, &at, LLMGW__INPUT_UNCACHED, &out->expected);
    out->least.prompt_tokens = out->expected.prompt_tokens;
    out->least.completion_tokens = bulk ? 1 : 0;
    guess_cost(target, &at, LLMGW__INPUT_CACHED, &out->least);
}
