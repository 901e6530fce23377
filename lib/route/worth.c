/*
 * route/worth.c - what targets have cost.
 *
 * Of each target, and of each model over all of its hosts, sums: tokens of
 * each class, bytes of prompts, attempts, failures, money. What is expected of
 * a host is its own mean, drawn towards that of its model while little is
 * known of it: hosts of one model tell apart by what they charge, hardly by
 * how long their answers are. What is read from a cache, and written, soon is
 * all its own.
 *
 * Evidence halves every half hour, but never falls below what twenty attempts
 * weigh, as in sketch.c.
 *
 * Memory: 200 bytes for each target and each model that has answered; at most
 * MAX_KNOWN of either, then all is forgotten.
 */
#include "worth.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/price.h"
#include "catalog/same.h"
#include "table.h"

#define MAX_KNOWN 1024
#define STEP_NS   (60 * LLMGW__SECOND) /* evidence fades in such steps */
#define STEP      0.977160f            /* 2^(-1/30): 30 steps to a half */
#define KEPT      20.0f                /* attempts that do not fade */

/* Until something is known. */
#define USUAL_ANSWER 500 /* tokens */
#define USUAL_BYTES  4   /* of a prompt's token */
#define USUAL_PROMPT 4096.0f
#define USUAL_FAILS  0.01f

/* What an expectation weighs, in attempts. */
#define MODEL_WEIGHT 20 /* that of its model */
#define CACHE_WEIGHT 3  /* the same, of what is cached */
#define FAILS_WEIGHT 10
#define MOST         1e15f

enum sum {
    ATTEMPTS,
    FAILURES,
    FAILED_PICO,
    ANSWERS, /* whose usage is known */
    BYTES,   /* of their prompts */
    CHARGED, /* as their target said, where it did */
    RECKONED,
    TOKENS, /* of each class */
    TOOLS = TOKENS + LLMGW__USAGE_CLASSES,
    SUMS = TOOLS + LLMGW__USAGE_TOOLS
};

struct record {
    uint64_t faded_ns;
    uint64_t last_ns;
    float sums[SUMS];
    struct llmgw__worth_try tries[LLMGW__WORTH_TRIES]; /* a ring */
    uint32_t tried;
    bool regional; /* it was, the last time */
};

static void key_of(const struct llmgw__target *target,
                   struct llmgw__model_key *key);
static void add(struct record *record, const struct llmgw__deed *deed,
                uint64_t now_ns);
static void fade(struct record *record, uint64_t now_ns);
static void expect_prompt(const struct record *own, const struct record *model,
                          uint64_t bytes, struct llmgw__usage *usage);
static void expect_answer(const struct record *own, const struct record *model,
                          int64_t max_tokens, struct llmgw__usage *usage);
static void tell(const struct record *own, struct llmgw__worth *out);

llmgw_status llmgw__worths_init(struct llmgw__worths *worths)
{
    llmgw__map_init(&worths->targets);
    llmgw__map_init(&worths->models);
    return llmgw__mutex_init(&worths->lock);
}

void llmgw__worths_clear(struct llmgw__worths *worths)
{
    llmgw__table_clear(&worths->targets);
    llmgw__table_clear(&worths->models);
    llmgw__mutex_clear(&worths->lock);
}

void llmgw__worth_note(struct llmgw__worths *worths,
                       const struct llmgw__target *target,
                       const struct llmgw__deed *deed, uint64_t now_ns)
{
    struct llmgw__model_key key;

    key_of(target, &key);
    llmgw__mutex_lock(&worths->lock);
    add(llmgw__table_make(&worths->targets, target->id, sizeof(struct record),
                          MAX_KNOWN),
        deed, now_ns);
    add(llmgw__table_make(&worths->models, key.text, sizeof(struct record),
                          MAX_KNOWN),
        deed, now_ns);
    llmgw__mutex_unlock(&worths->lock);
}

void llmgw__worth_look(struct llmgw__worths *worths,
                       const struct llmgw__target *target,
                       uint64_t prompt_bytes, int64_t max_tokens,
                       uint64_t now_ns, struct llmgw__worth *out)
{
    struct record nothing = {0}, *own, *model;
    struct llmgw__model_key key;

    memset(out, 0, sizeof *out);
    llmgw__usage_init(&out->usage);
    key_of(target, &key);
    llmgw__mutex_lock(&worths->lock);
    own = llmgw__map_get(&worths->targets, llmgw__str(target->id));
    model = llmgw__map_get(&worths->models, llmgw__str(key.text));
    if (own)
        fade(own, now_ns);
    if (model)
        fade(model, now_ns);
    own = own ? own : &nothing;
    model = model ? model : &nothing;
    expect_prompt(own, model, prompt_bytes, &out->usage);
    expect_answer(own, model, max_tokens, &out->usage);
    tell(own, out);
    llmgw__mutex_unlock(&worths->lock);
}

/** Its name at most hosts, as far as the manifest knows. */
static void key_of(const struct llmgw__target *target,
                   struct llmgw__model_key *key)
{
    const char *name = target->model ? target->model : target->id;

    if (target->price && target->price->same_as && *target->price->same_as)
        name = target->price->same_as;
    llmgw__model_key(llmgw__str(name), key);
}

/* --- what has been --- */

static void add_usage(struct record *record, const struct llmgw__usage *usage)
{
    float *sums = record->sums;

    for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++)
        sums[TOKENS + cls] += (float)usage->count[cls];
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        sums[TOOLS + tool] += (float)usage->tools[tool];
    record->regional = usage->regional;
}

static void add_try(struct record *record, const struct llmgw__deed *deed)
{
    const struct llmgw__pace *pace = &deed->pace;
    uint64_t first_ms = pace->first_ns / LLMGW__MS;
    uint64_t took_ms = pace->took_ns / LLMGW__MS;
    struct llmgw__worth_try *one;

    if (!pace->first_ns && !deed->failed)
        return;
    one = &record->tries[record->tried++ % LLMGW__WORTH_TRIES];
    one->rate = 0;
    one->first_ms = UINT32_MAX;
    if (deed->failed)
        return;
    if (first_ms < UINT32_MAX)
        one->first_ms = (uint32_t)first_ms;
    if (pace->tokens > 1 && pace->tokens < INT32_MAX && took_ms)
        one->rate =
            (uint32_t)((uint64_t)(pace->tokens - 1) * 1000 / took_ms + 1);
}

/** record NULL: no memory */
static void add(struct record *record, const struct llmgw__deed *deed,
                uint64_t now_ns)
{
    float *sums;

    if (!record)
        return;
    fade(record, now_ns);
    sums = record->sums;
    record->last_ns = now_ns;
    sums[ATTEMPTS] += 1;
    add_try(record, deed);
    if (deed->failed) {
        sums[FAILURES] += 1;
        if (deed->reckoned_pico > 0)
            sums[FAILED_PICO] += (float)deed->reckoned_pico;
        return;
    }
    if (!deed->usage)
        return;
    sums[ANSWERS] += 1;
    sums[BYTES] += (float)deed->pace.prompt_bytes;
    add_usage(record, deed->usage);
    if (deed->usage->provider_cost_pico >= 0 && deed->reckoned_pico > 0) {
        sums[CHARGED] += (float)deed->usage->provider_cost_pico;
        sums[RECKONED] += (float)deed->reckoned_pico;
    }
}

static void fade(struct record *record, uint64_t now_ns)
{
    uint64_t steps =
        now_ns > record->faded_ns ? (now_ns - record->faded_ns) / STEP_NS : 0;
    float left = record->sums[ATTEMPTS];
    float scale;

    if (!record->faded_ns || left <= 0) {
        record->faded_ns = now_ns;
        return;
    }
    record->faded_ns += steps * STEP_NS;
    if (!steps || left <= KEPT)
        return;
    for (; steps && left > KEPT; steps--)
        left *= STEP;
    scale = left / record->sums[ATTEMPTS];
    for (int sum = 0; sum < SUMS; sum++)
        record->sums[sum] *= scale;
}

/* --- what is to be expected --- */

static float prompt_of(const struct record *record)
{
    float tokens = 0;

    for (int cls = 0; cls < LLMGW__OUTPUT_TEXT; cls++)
        tokens += record->sums[TOKENS + cls];
    return tokens;
}

static int64_t whole(float sum)
{
    return (int64_t)((sum < MOST ? sum : MOST) + 0.5f);
}

/** Tokens by its bytes, of which such a share is cached as ever. */
static void expect_prompt(const struct record *own, const struct record *model,
                          uint64_t bytes, struct llmgw__usage *usage)
{
    float tokens = prompt_of(own);
    float answers = own->sums[ANSWERS];
    float usual = (prompt_of(model) + USUAL_PROMPT / USUAL_BYTES) /
                  (model->sums[BYTES] + USUAL_PROMPT);
    float weight = (model->sums[BYTES] + USUAL_PROMPT) /
                   (model->sums[ANSWERS] + 1) * MODEL_WEIGHT;
    float prompt =
        (float)bytes * (tokens + usual * weight) / (own->sums[BYTES] + weight);
    float all_of_model = prompt_of(model);
    float drawn = answers > 0 ? tokens / answers * CACHE_WEIGHT : 1;
    int64_t rest = whole(prompt);

    for (int cls = LLMGW__INPUT_CACHED; cls < LLMGW__OUTPUT_TEXT; cls++) {
        float usual_share =
            all_of_model > 0 ? model->sums[TOKENS + cls] / all_of_model : 0;
        int64_t part =
            whole(prompt * (own->sums[TOKENS + cls] + drawn * usual_share) /
                  (tokens + drawn));

        usage->count[cls] = part < rest ? part : rest;
        rest -= usage->count[cls];
    }
    usage->count[LLMGW__INPUT_UNCACHED] = rest;
    usage->requests = 1;
    usage->regional = own->regional;
}

/** Mean of a sum over answers, drawn towards that of the model. */
static float mean(const struct record *own, const struct record *model, int sum,
                  float usual)
{
    float of_model = (model->sums[sum] + usual) / (model->sums[ANSWERS] + 1);

    return (own->sums[sum] + MODEL_WEIGHT * of_model) /
           (own->sums[ANSWERS] + MODEL_WEIGHT);
}

static void expect_answer(const struct record *own, const struct record *model,
                          int64_t max_tokens, struct llmgw__usage *usage)
{
    float counts[LLMGW__USAGE_CLASSES], all = 0, scale = 1;

    for (int cls = LLMGW__OUTPUT_TEXT; cls < LLMGW__USAGE_CLASSES; cls++) {
        counts[cls] = mean(own, model, TOKENS + cls,
                           cls == LLMGW__OUTPUT_TEXT ? USUAL_ANSWER : 0);
        all += counts[cls];
    }
    if (max_tokens > 0 && all > (float)max_tokens)
        scale = (float)max_tokens / all;
    for (int cls = LLMGW__OUTPUT_TEXT; cls < LLMGW__USAGE_CLASSES; cls++)
        usage->count[cls] = whole(counts[cls] * scale);
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        usage->tools[tool] = whole(mean(own, model, TOOLS + tool, 0));
}

static void tell(const struct record *own, struct llmgw__worth *out)
{
    const float *sums = own->sums;
    float fails = (sums[FAILURES] + FAILS_WEIGHT * USUAL_FAILS) /
                  (sums[ATTEMPTS] + FAILS_WEIGHT);
    float charged =
        sums[RECKONED] > 0 ? sums[CHARGED] / sums[RECKONED] * 1000 : 1000;

    out->attempts = (uint32_t)(sums[ATTEMPTS] + 0.5f);
    out->fails_pm = (uint32_t)(fails * 1000 + 0.5f);
    out->charged_pm = (uint32_t)((charged < 100000 ? charged : 100000) + 0.5f);
    if (sums[FAILURES] > 0)
        out->failed_pico = whole(sums[FAILED_PICO] / sums[FAILURES]);
    out->last_ns = own->last_ns;
    out->try_count =
        own->tried < LLMGW__WORTH_TRIES ? own->tried : LLMGW__WORTH_TRIES;
    for (uint32_t i = 0; i < out->try_count; i++)
        out->tries[i] = own->tries[(own->tried - 1 - i) % LLMGW__WORTH_TRIES];
}
