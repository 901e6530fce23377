/*
 * account/tokens.c - tokens of a request before it is sent, and of an answer
 * that nobody has counted; learned from what providers report.
 *
 * A target's tokens are a weighted sum of the facts below. One that has not
 * been asked begins with what its provider's others have shown; where nothing
 * was seen, four bytes are a token.
 *
 * Memory: about a kilobyte for each target and each provider, at most
 * MAX_MODELS.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "estimate.h"
#include "weights.h"

#define MAX_MODELS  2048
#define USUAL_BYTES 4  /* a token */
#define MOST_BYTES  20 /* likewise: fewer tokens are not believed */
#define FADES       16 /* an answer's weight, as a divisor */
#define OF_MANY     4  /* trust in a target, for its provider's others */
#define BELIEVED    (UINT64_C(1) << 40)

/** What a prompt's tokens are made of. */
enum fact {
    REQUEST,
    MESSAGES,
    TEXT_BYTES,
    OTHER_BYTES,
    TOOL_BYTES,
    ANY_TOOLS,
    TOOLS,
    SCHEMA_BYTES,
    IMAGES,
    AUDIOS,
    FACTS
};

/* Of all of them, and of one model beside its provider's others. Tried out on
 * recorded requests: see tests/bench/README.md. */
static const struct llmgw__weights_prior prompts = {
    FACTS,
    {3, 2.1, 0.23, 0.2, 0.2, 5, 4, 0.03, 150, 100},
    {8, 2.1, 0.02, 0.08, 0.08, 100, 15, 0.2, 400, 200},
};
static const struct llmgw__weights_prior one_prompt = {
    FACTS,
    {0},
    {5, 2, 0.02, 0.1, 0.06, 60, 5, 0.11, 200, 280},
};

/** What an answer's tokens are made of: itself, and its bytes. */
#define ANSWER_FACTS 2

static const struct llmgw__weights_prior answers = {
    ANSWER_FACTS, {3, 0.25}, {3, 0.05}};
static const struct llmgw__weights_prior one_answer = {
    ANSWER_FACTS, {0}, {2, 0.03}};

/* Of a target that was seen so often, one in so many says enough, as long as
 * they are as expected. */
#define LEARNED_ALL  64
#define LEARNED_EACH 8
#define NEAR         16 /* a part of it */

/** What a target, or a provider's targets, have shown. */
struct llmgw__learned {
    double prompt[FACTS], prompt_doubts[LLMGW__HALF(FACTS)];
    double answer[ANSWER_FACTS], answer_doubts[LLMGW__HALF(ANSWER_FACTS)];
    int64_t length; /* of an answer, in thousandths of a token; 0: not seen */
    uint32_t seen;  /* answers; of a target */
    bool has_prompt, has_answer; /* any was seen */
};

static void facts_of(const struct llmgw__bulk *bulk, double facts[FACTS]);
static llmgw_str provider_of(const char *target_id);
static struct llmgw__learned *find(struct llmgw__token_ratios *ratios,
                                   llmgw_str key);
static void learn_prompt(struct llmgw__learned *learned,
                         const struct llmgw__learned *others,
                         const struct llmgw__bulk *bulk, int64_t tokens);
static void learn_answer(struct llmgw__learned *learned,
                         const struct llmgw__learned *others, uint64_t bytes,
                         int64_t tokens);
static void learn_length(struct llmgw__learned *learned, int64_t tokens);
static int64_t tokens_to_learn(const struct llmgw__usage *usage,
                               uint64_t bytes);
static const struct llmgw__learned *
seen_of(const struct llmgw__token_ratios *ratios, const char *target_id,
        bool answer);
static int64_t whole(double tokens, uint64_t bytes);
static int64_t by_bytes(uint64_t bytes);

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

/* --- to learn --- */

static bool is_near(double guess, int64_t tokens)
{
    double far = guess - (double)tokens;

    return (far < 0 ? -far : far) <= (double)tokens / NEAR + 2;
}

/** It is as it was expected: nothing new. */
static bool is_known(const struct llmgw__learned *one,
                     const struct llmgw__bulk *bulk, int64_t prompt)
{
    double facts[FACTS];

    facts_of(bulk, facts);
    return is_near(llmgw__weights_sum(one->prompt, facts, FACTS), prompt);
}

void llmgw__token_ratios_note(struct llmgw__token_ratios *ratios,
                              const char *target_id,
                              const struct llmgw__bulk *bulk,
                              const struct llmgw__usage *usage,
                              uint64_t out_bytes)
{
    int64_t prompt = llmgw__usage_prompt(usage);
    int64_t answer = llmgw__usage_completion(usage);
    struct llmgw__learned *one, *others;

    llmgw__mutex_lock(&ratios->lock);
    others = find(ratios, provider_of(target_id));
    one = others ? find(ratios, llmgw__str(target_id)) : NULL;
    if (one && answer > 0 && (uint64_t)answer < BELIEVED) {
        learn_length(one, answer / bulk->answers);
        learn_length(others, answer / bulk->answers);
    }
    if (one && one->seen++ >= LEARNED_ALL && one->seen % LEARNED_EACH &&
        is_known(one, bulk, prompt))
        one = NULL;
    if (one && prompt > 0 && (uint64_t)prompt < BELIEVED &&
        llmgw__bulk_bytes(bulk) < BELIEVED) {
        learn_prompt(one, others, bulk, prompt);
        learn_prompt(others, NULL, bulk, prompt);
    }
    if (answer > 0 && (uint64_t)answer < BELIEVED)
        answer = tokens_to_learn(usage, out_bytes);
    if (one && answer > 0 && (uint64_t)answer < BELIEVED && out_bytes &&
        out_bytes < BELIEVED) {
        learn_answer(one, others, out_bytes, answer);
        learn_answer(others, NULL, out_bytes, answer);
    }
    llmgw__mutex_unlock(&ratios->lock);
}

/** What stands before the model; no target has such an id. */
static llmgw_str provider_of(const char *target_id)
{
    const char *slash = strchr(target_id, '/');

    return slash ? llmgw__str_n(target_id, (size_t)(slash - target_id))
                 : llmgw__str("");
}

/** NULL: no memory, or too many models. */
static struct llmgw__learned *find(struct llmgw__token_ratios *ratios,
                                   llmgw_str key)
{
    struct llmgw__learned *learned = llmgw__map_get(&ratios->models, key);

    if (learned || ratios->models.count >= MAX_MODELS)
        return learned;
    learned = llmgw__calloc(1, sizeof *learned);
    if (learned && llmgw__map_set(&ratios->models, key, learned) != LLMGW_OK) {
        llmgw__free(learned);
        learned = NULL;
    }
    return learned;
}

static void facts_of(const struct llmgw__bulk *bulk, double facts[FACTS])
{
    facts[REQUEST] = 1;
    facts[MESSAGES] = bulk->messages;
    facts[TEXT_BYTES] = (double)(bulk->text_bytes - bulk->other_bytes);
    facts[OTHER_BYTES] = (double)bulk->other_bytes;
    facts[TOOL_BYTES] = (double)bulk->tool_bytes;
    facts[ANY_TOOLS] = bulk->tools > 0;
    facts[TOOLS] = bulk->tools;
    facts[SCHEMA_BYTES] = (double)bulk->schema_bytes;
    facts[IMAGES] = (double)bulk->images + bulk->files;
    facts[AUDIOS] = bulk->audios;
}

/** @param others  of the provider, to begin with; NULL: these are they */
static void learn_prompt(struct llmgw__learned *learned,
                         const struct llmgw__learned *others,
                         const struct llmgw__bulk *bulk, int64_t tokens)
{
    const struct llmgw__weights_prior *prior =
        others && others->has_prompt ? &one_prompt : &prompts;
    double facts[FACTS];

    facts_of(bulk, facts);
    if (!learned->has_prompt)
        llmgw__weights_begin(learned->prompt, learned->prompt_doubts, prior,
                             prior == &prompts ? NULL : others->prompt);
    learned->has_prompt =
        llmgw__weights_learn(learned->prompt, learned->prompt_doubts, prior,
                             facts, (double)tokens, others ? 1 : OF_MANY);
}

static void learn_answer(struct llmgw__learned *learned,
                         const struct llmgw__learned *others, uint64_t bytes,
                         int64_t tokens)
{
    const struct llmgw__weights_prior *prior =
        others && others->has_answer ? &one_answer : &answers;
    const double facts[ANSWER_FACTS] = {1, (double)bytes};

    if (!learned->has_answer)
        llmgw__weights_begin(learned->answer, learned->answer_doubts, prior,
                             prior == &answers ? NULL : others->answer);
    learned->has_answer =
        llmgw__weights_learn(learned->answer, learned->answer_doubts, prior,
                             facts, (double)tokens, others ? 1 : OF_MANY);
}

static void learn_length(struct llmgw__learned *learned, int64_t tokens)
{
    int64_t seen = tokens * 1000;

    learned->length = learned->length
                          ? learned->length + (seen - learned->length) / FADES
                          : seen;
}

/** Reasoning that was not shown has tokens, but no bytes. */
static int64_t tokens_to_learn(const struct llmgw__usage *usage, uint64_t bytes)
{
    int64_t all = llmgw__usage_completion(usage);

    return bytes / 2 < (uint64_t)all
               ? all - usage->count[LLMGW__OUTPUT_REASONING]
               : all;
}

/* --- to tell --- */

/** Of the target, else of its provider; NULL: nothing was seen. */
static const struct llmgw__learned *
seen_of(const struct llmgw__token_ratios *ratios, const char *target_id,
        bool answer)
{
    const llmgw_str keys[] = {llmgw__str(target_id), provider_of(target_id)};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct llmgw__learned *learned =
            llmgw__map_get(&ratios->models, keys[i]);

        if (learned && (answer ? learned->has_answer : learned->has_prompt))
            return learned;
    }
    return NULL;
}

/** Rounded; not less than is believed of so many bytes. */
static int64_t whole(double tokens, uint64_t bytes)
{
    int64_t least = (int64_t)(bytes / MOST_BYTES) + 1;

    if (!(tokens < (double)BELIEVED)) /* nor is it no number */
        return by_bytes(bytes);
    return tokens > (double)least ? (int64_t)(tokens + 0.5) : least;
}

static int64_t by_bytes(uint64_t bytes)
{
    return (int64_t)(bytes / USUAL_BYTES + (bytes % USUAL_BYTES != 0));
}

int64_t llmgw__tokens_of_answer(struct llmgw__token_ratios *ratios,
                                const char *target_id, uint64_t bytes)
{
    const double facts[ANSWER_FACTS] = {1, (double)bytes};
    const struct llmgw__learned *learned;
    int64_t tokens = by_bytes(bytes);

    if (!bytes)
        return 0;
    llmgw__mutex_lock(&ratios->lock);
    learned = seen_of(ratios, target_id, true);
    if (learned)
        tokens = whole(llmgw__weights_sum(learned->answer, facts, ANSWER_FACTS),
                       bytes);
    llmgw__mutex_unlock(&ratios->lock);
    return tokens;
}

int64_t llmgw__tokens_of_prompt(struct llmgw__token_ratios *ratios,
                                const char *target_id,
                                const struct llmgw__bulk *bulk)
{
    uint64_t bytes = llmgw__bulk_bytes(bulk);
    const struct llmgw__learned *learned;
    int64_t tokens = by_bytes(bytes);
    double facts[FACTS];

    facts_of(bulk, facts);
    llmgw__mutex_lock(&ratios->lock);
    learned = seen_of(ratios, target_id, false);
    if (learned)
        tokens =
            whole(llmgw__weights_sum(learned->prompt, facts, FACTS), bytes);
    llmgw__mutex_unlock(&ratios->lock);
    return tokens;
}

int64_t llmgw__length_of_answer(struct llmgw__token_ratios *ratios,
                                const char *target_id)
{
    const struct llmgw__learned *learned;
    int64_t length = 0;

    llmgw__mutex_lock(&ratios->lock);
    learned = llmgw__map_get(&ratios->models, llmgw__str(target_id));
    if (!learned || !learned->length)
        learned = llmgw__map_get(&ratios->models, provider_of(target_id));
    if (learned)
        length = learned->length / 1000;
    llmgw__mutex_unlock(&ratios->lock);
    return length;
}
