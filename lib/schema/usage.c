/*
 * schema/usage.c - token counts: one class for every token, and the inclusive
 * numbers that hosts see, made of them.
 *
 * Source: OpenAI API, "The chat completion object", usage. The classes are
 * ours: prompt = uncached + cached + both writes + audio + image, completion =
 * text + reasoning + audio + image.
 * Memory: none.
 */
#include "usage.h"

#include <string.h>

#define BIT(cls) (UINT32_C(1) << (cls))

/** A member of the details: a sum of classes, shown when one is known. */
struct detail {
    const char *name;
    uint32_t classes;
};

static const char *const class_names[LLMGW__USAGE_CLASSES] = {
    [LLMGW__INPUT_UNCACHED] = "input_uncached",
    [LLMGW__INPUT_CACHED] = "input_cached",
    [LLMGW__INPUT_CACHE_WRITE_5M] = "input_cache_write_5m",
    [LLMGW__INPUT_CACHE_WRITE_1H] = "input_cache_write_1h",
    [LLMGW__AUDIO_IN] = "audio_in",
    [LLMGW__IMAGE_IN] = "image_in",
    [LLMGW__OUTPUT_TEXT] = "output_text",
    [LLMGW__OUTPUT_REASONING] = "output_reasoning",
    [LLMGW__AUDIO_OUT] = "audio_out",
    [LLMGW__IMAGE_OUT] = "image_out",
};

static const char *const tool_names[LLMGW__USAGE_TOOLS] = {
    [LLMGW__TOOL_WEB_SEARCH] = "web_search",
    [LLMGW__TOOL_WEB_FETCH] = "web_fetch",
    [LLMGW__TOOL_FILE_SEARCH] = "file_search",
    [LLMGW__TOOL_CODE_INTERPRETER] = "code_interpreter",
};

static const char *const raw_names[LLMGW__USAGE_RAWS] = {
    [LLMGW__RAW_TOOL_USE_PROMPT] = "tool_use_prompt",
    [LLMGW__RAW_INPUT] = "input",
    [LLMGW__RAW_OUTPUT] = "output",
    [LLMGW__RAW_CACHED] = "cached",
};

/* in the order they are written */
static const struct detail prompt_details[] = {
    {"cached_tokens", BIT(LLMGW__INPUT_CACHED)},
    {"cache_write_tokens",
     BIT(LLMGW__INPUT_CACHE_WRITE_5M) | BIT(LLMGW__INPUT_CACHE_WRITE_1H)},
    {"audio_tokens", BIT(LLMGW__AUDIO_IN)},
    {"image_tokens", BIT(LLMGW__IMAGE_IN)},
};
static const struct detail completion_details[] = {
    {"reasoning_tokens", BIT(LLMGW__OUTPUT_REASONING)},
    {"audio_tokens", BIT(LLMGW__AUDIO_OUT)},
    {"image_tokens", BIT(LLMGW__IMAGE_OUT)},
};

static int64_t sum_classes(const struct llmgw__usage *usage, uint32_t classes);
static int64_t add_capped(int64_t a, int64_t b);
static void add_told(int64_t *a, int64_t b);
static void render_prompt(const struct llmgw__usage *usage,
                          struct llmgw__jsonw *w);
static void render_completion(const struct llmgw__usage *usage,
                              struct llmgw__jsonw *w);
static void add_detail(const struct llmgw__usage *usage,
                       const struct detail *detail, const char **object,
                       struct llmgw__jsonw *w);
static void add_member(const char **object, const char *name, int64_t value,
                       struct llmgw__jsonw *w);
static void take_part(struct llmgw__usage *usage, enum llmgw__usage_class cls,
                      int64_t count, int64_t whole, int64_t *left);
static int64_t take_prediction(struct llmgw__usage *usage, int64_t count,
                               int64_t *left);

void llmgw__usage_init(struct llmgw__usage *usage)
{
    memset(usage, 0, sizeof *usage);
    usage->accepted_prediction = -1;
    usage->rejected_prediction = -1;
    usage->provider_cost_pico = -1;
}

void llmgw__usage_set(struct llmgw__usage *usage, enum llmgw__usage_class cls,
                      int64_t count)
{
    if (count < 0)
        usage->clamped = true;
    usage->count[cls] = count < 0 ? 0 : count;
    usage->known |= BIT(cls);
    usage->reported = true;
}

int64_t llmgw__usage_prompt(const struct llmgw__usage *usage)
{
    return sum_classes(usage, BIT(LLMGW__OUTPUT_TEXT) - 1);
}

int64_t llmgw__usage_completion(const struct llmgw__usage *usage)
{
    return sum_classes(usage, ~(BIT(LLMGW__OUTPUT_TEXT) - 1));
}

void llmgw__usage_add(struct llmgw__usage *a, const struct llmgw__usage *b)
{
    bool first = a->requests == 0;

    for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++)
        a->count[cls] = add_capped(a->count[cls], b->count[cls]);
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        a->tools[tool] = add_capped(a->tools[tool], b->tools[tool]);
    for (int raw = 0; raw < LLMGW__USAGE_RAWS; raw++)
        a->raw[raw] = add_capped(a->raw[raw], b->raw[raw]);
    add_told(&a->accepted_prediction, b->accepted_prediction);
    add_told(&a->rejected_prediction, b->rejected_prediction);
    /* a charge is only known for all requests together, or not at all */
    if (first)
        a->provider_cost_pico = b->provider_cost_pico;
    else if (a->provider_cost_pico < 0 || b->provider_cost_pico < 0)
        a->provider_cost_pico = -1;
    else
        add_told(&a->provider_cost_pico, b->provider_cost_pico);
    if (first)
        a->service_tier = b->service_tier;
    else if (a->service_tier != b->service_tier)
        a->service_tier = LLMGW__SERVICE_UNKNOWN; /* more than one */
    a->regional |= b->regional;
    a->requests = add_capped(a->requests, b->requests);
    a->known |= b->known;
    a->estimated |= b->estimated;
    a->reported |= b->reported;
    a->raw_whole |= b->raw_whole;
    a->clamped |= b->clamped;
}

const char *llmgw__usage_class_name(int cls)
{
    return cls >= 0 && cls < LLMGW__USAGE_CLASSES ? class_names[cls] : NULL;
}

const char *llmgw__usage_tool_name(int tool)
{
    return tool >= 0 && tool < LLMGW__USAGE_TOOLS ? tool_names[tool] : NULL;
}

const char *llmgw__usage_raw_name(int raw)
{
    return raw >= 0 && raw < LLMGW__USAGE_RAWS ? raw_names[raw] : NULL;
}

void llmgw__usage_render(const struct llmgw__usage *usage,
                         struct llmgw__jsonw *w)
{
    int64_t prompt = llmgw__usage_prompt(usage);
    int64_t completion = llmgw__usage_completion(usage);

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_int(w, "prompt_tokens", prompt);
    llmgw__jsonw_member_int(w, "completion_tokens", completion);
    llmgw__jsonw_member_int(w, "total_tokens", add_capped(prompt, completion));
    render_prompt(usage, w);
    render_completion(usage, w);
    llmgw__jsonw_close(w, '}');
}

void llmgw__usage_inclusive_init(struct llmgw__usage_inclusive *counts)
{
    *counts = (struct llmgw__usage_inclusive){
        .prompt = -1,
        .cached = -1,
        .cache_write = -1,
        .cache_write_long = -1,
        .audio_in = -1,
        .image_in = -1,
        .completion = -1,
        .reasoning = -1,
        .audio_out = -1,
        .image_out = -1,
        .accepted_prediction = -1,
        .rejected_prediction = -1,
    };
}

/*
 * Parts are taken out of their whole in a fixed order; what is left over is
 * uncached input, or text. A whole that was not told bounds nothing.
 */
void llmgw__usage_from_inclusive(struct llmgw__usage *usage,
                                 const struct llmgw__usage_inclusive *counts)
{
    const struct llmgw__usage_inclusive *in = counts;
    int64_t left = in->prompt < 0 ? INT64_MAX : in->prompt;

    take_part(usage, LLMGW__INPUT_CACHED, in->cached, in->prompt, &left);
    take_part(usage, LLMGW__INPUT_CACHE_WRITE_5M, in->cache_write, in->prompt,
              &left);
    take_part(usage, LLMGW__INPUT_CACHE_WRITE_1H, in->cache_write_long,
              in->prompt, &left);
    take_part(usage, LLMGW__AUDIO_IN, in->audio_in, in->prompt, &left);
    take_part(usage, LLMGW__IMAGE_IN, in->image_in, in->prompt, &left);
    if (in->prompt != -1)
        llmgw__usage_set(usage, LLMGW__INPUT_UNCACHED,
                         in->prompt < 0 ? in->prompt : left);

    left = in->completion < 0 ? INT64_MAX : in->completion;
    take_part(usage, LLMGW__OUTPUT_REASONING, in->reasoning, in->completion,
              &left);
    take_part(usage, LLMGW__AUDIO_OUT, in->audio_out, in->completion, &left);
    take_part(usage, LLMGW__IMAGE_OUT, in->image_out, in->completion, &left);
    if (in->completion != -1)
        llmgw__usage_set(usage, LLMGW__OUTPUT_TEXT,
                         in->completion < 0 ? in->completion : left);
    usage->accepted_prediction =
        take_prediction(usage, in->accepted_prediction, &left);
    usage->rejected_prediction =
        take_prediction(usage, in->rejected_prediction, &left);
}

static int64_t sum_classes(const struct llmgw__usage *usage, uint32_t classes)
{
    int64_t sum = 0;

    for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++)
        if (classes & BIT(cls))
            sum = add_capped(sum, usage->count[cls]);
    return sum;
}

/* Both are 0 or more. */
static int64_t add_capped(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* -1 is "not told" and adds nothing. */
static void add_told(int64_t *a, int64_t b)
{
    if (b < 0)
        return;
    *a = *a < 0 ? b : add_capped(*a, b);
}

static void render_prompt(const struct llmgw__usage *usage,
                          struct llmgw__jsonw *w)
{
    const char *object = "prompt_tokens_details";

    for (size_t i = 0; i < sizeof prompt_details / sizeof prompt_details[0];
         i++)
        add_detail(usage, &prompt_details[i], &object, w);
    if (!object)
        llmgw__jsonw_close(w, '}');
}

static void render_completion(const struct llmgw__usage *usage,
                              struct llmgw__jsonw *w)
{
    const char *object = "completion_tokens_details";

    for (size_t i = 0;
         i < sizeof completion_details / sizeof completion_details[0]; i++)
        add_detail(usage, &completion_details[i], &object, w);
    if (usage->accepted_prediction >= 0)
        add_member(&object, "accepted_prediction_tokens",
                   usage->accepted_prediction, w);
    if (usage->rejected_prediction >= 0)
        add_member(&object, "rejected_prediction_tokens",
                   usage->rejected_prediction, w);
    if (!object)
        llmgw__jsonw_close(w, '}');
}

static void add_detail(const struct llmgw__usage *usage,
                       const struct detail *detail, const char **object,
                       struct llmgw__jsonw *w)
{
    if (usage->known & detail->classes)
        add_member(object, detail->name, sum_classes(usage, detail->classes),
                   w);
}

/* The first member opens the object, *object is NULL from then on. */
static void add_member(const char **object, const char *name, int64_t value,
                       struct llmgw__jsonw *w)
{
    if (*object) {
        llmgw__jsonw_member_open(w, *object, '{');
        *object = NULL;
    }
    llmgw__jsonw_member_int(w, name, value);
}

/* Audio and images may be cached too and are then told twice: what the cache
 * has taken of them is no contradiction, more than the whole is. */
static void take_part(struct llmgw__usage *usage, enum llmgw__usage_class cls,
                      int64_t count, int64_t whole, int64_t *left)
{
    bool overlaps = cls == LLMGW__AUDIO_IN || cls == LLMGW__IMAGE_IN;

    if (count == -1)
        return;
    if (count > *left) {
        usage->clamped |= count > whole || !overlaps;
        count = *left;
    }
    llmgw__usage_set(usage, cls, count);
    *left -= usage->count[cls];
}

/* Predictions are told beside the text they are in, not taken out of it. */
static int64_t take_prediction(struct llmgw__usage *usage, int64_t count,
                               int64_t *left)
{
    if (count == -1)
        return -1;
    if (count < 0 || count > *left) {
        usage->clamped = true;
        count = count < 0 ? 0 : *left;
    }
    *left -= count;
    return count;
}

/* --- how it was served --- */

static const char *const tier_names[LLMGW__SERVICE_TIERS] = {
    [LLMGW__SERVICE_STANDARD] = "standard",
    [LLMGW__SERVICE_FLEX] = "flex",
    [LLMGW__SERVICE_PRIORITY] = "priority",
    [LLMGW__SERVICE_BATCH] = "batch",
};

const char *llmgw__service_tier_name(int tier)
{
    return tier >= 0 && tier < LLMGW__SERVICE_TIERS ? tier_names[tier] : NULL;
}

enum llmgw__service_tier llmgw__service_tier_of(llmgw_str word)
{
    static const struct {
        const char *word;
        uint8_t tier;
    } words[] = {
        {"default", LLMGW__SERVICE_STANDARD},
        {"standard", LLMGW__SERVICE_STANDARD},
        {"on_demand", LLMGW__SERVICE_STANDARD},
        {"flex", LLMGW__SERVICE_FLEX},
        {"priority", LLMGW__SERVICE_PRIORITY},
        {"fast", LLMGW__SERVICE_PRIORITY},
        {"batch", LLMGW__SERVICE_BATCH},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (llmgw__str_is(word, words[i].word))
            return words[i].tier;
    return LLMGW__SERVICE_UNKNOWN;
}
