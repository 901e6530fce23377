/*
 * provider/gemini_usage.c - usageMetadata -> token classes.
 *
 * Cached tokens are part of the prompt, thoughts are not part of the
 * candidates, tool use is apart from both. Modality details say which tokens
 * were audio or images; what was cached of those counts as cached. A count
 * that is left out is zero. Source: Google AI for Developers,
 * "UsageMetadata"; recorded answers.
 */
#include "gemini_reading.h"

/* A modality, by name or number of the enum. */
enum modality {
    MODALITY_OTHER,
    MODALITY_AUDIO,
    MODALITY_IMAGE
};

static void read_count(struct llmgw__json *json,
                       struct llmgw__gemini_counts *counts, int64_t *count);
static void read_details(struct llmgw__json *json, int64_t *audio,
                         int64_t *image, bool *audio_told, bool *image_told);
static enum modality read_modality(struct llmgw__json *json);
static void read_tier(struct llmgw__json *json, struct llmgw__gemini_counts *n);
static llmgw_str digits_before(const char *end);
static int64_t add(int64_t sum, int64_t count);
static int64_t without(int64_t count, int64_t cached);

/* More than any count: a few of these still add up in 64 bits. */
#define MOST (INT64_C(1) << 50)

void llmgw__gemini_counts_read(struct llmgw__json *json,
                               struct llmgw__gemini_counts *n,
                               llmgw_str holes[LLMGW__MOULD_HOLES])
{
    bool ignored = false;
    llmgw_str key;

    *n = (struct llmgw__gemini_counts){.any = false};
    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (LLMGW__GEMINI_KEY(key, "promptTokenCount")) {
            read_count(json, n, &n->prompt);
            n->prompt_told = true;
        } else if (LLMGW__GEMINI_KEY(key, "candidatesTokenCount")) {
            read_count(json, n, &n->candidates);
            holes[1] = digits_before(json->at);
        } else if (LLMGW__GEMINI_KEY(key, "totalTokenCount")) {
            read_count(json, n, &n->total);
            holes[2] = digits_before(json->at);
        } else if (LLMGW__GEMINI_KEY(key, "thoughtsTokenCount")) {
            read_count(json, n, &n->thoughts);
        } else if (LLMGW__GEMINI_KEY(key, "cachedContentTokenCount")) {
            read_count(json, n, &n->cached);
        } else if (LLMGW__GEMINI_KEY(key, "toolUsePromptTokenCount")) {
            read_count(json, n, &n->tool_use);
        } else if (LLMGW__GEMINI_KEY(key, "promptTokensDetails")) {
            read_details(json, &n->audio_in, &n->image_in, &n->audio_in_told,
                         &n->image_in_told);
        } else if (LLMGW__GEMINI_KEY(key, "candidatesTokensDetails")) {
            read_details(json, &n->audio_out, &n->image_out, &n->audio_out_told,
                         &n->image_out_told);
        } else if (LLMGW__GEMINI_KEY(key, "cacheTokensDetails")) {
            read_details(json, &n->audio_cached, &n->image_cached, &ignored,
                         &ignored);
        } else if (LLMGW__GEMINI_KEY(key, "serviceTier") ||
                   LLMGW__GEMINI_KEY(key, "trafficType")) {
            read_tier(json, n);
        } else {
            llmgw__json_skip(json);
        }
    }
}

/* "priority" of one host is "ON_DEMAND_PRIORITY" of the other. */
static void read_tier(struct llmgw__json *json, struct llmgw__gemini_counts *n)
{
    static const char *const words[LLMGW__SERVICE_TIERS] = {
        "", "ON_DEMAND", "ON_DEMAND_FLEX", "ON_DEMAND_PRIORITY", ""};
    struct llmgw__jstr word;

    if (!llmgw__json_string(json, &word))
        return;
    n->tier =
        (uint8_t)llmgw__service_tier_of(llmgw__str_n(word.data, word.len));
    for (uint8_t tier = 0; !n->tier && tier < LLMGW__SERVICE_TIERS; tier++)
        if (llmgw__jstr_is(word, words[tier]))
            n->tier = tier;
}

void llmgw__gemini_usage(const struct llmgw__gemini_counts *n,
                         struct llmgw__usage *usage)
{
    struct llmgw__usage_inclusive in;
    bool inside =
        n->thoughts > 0 && n->prompt + n->tool_use + n->candidates == n->total;

    llmgw__usage_init(usage);
    llmgw__usage_inclusive_init(&in);
    in.prompt = n->prompt + n->tool_use;
    in.completion = n->candidates + (inside ? 0 : n->thoughts);
    if (n->prompt_told || n->cached > 0)
        in.cached = n->cached;
    if (n->prompt_told || n->thoughts > 0)
        in.reasoning = n->thoughts;
    if (n->audio_in_told)
        in.audio_in = without(n->audio_in, n->audio_cached);
    if (n->image_in_told)
        in.image_in = without(n->image_in, n->image_cached);
    if (n->audio_out_told)
        in.audio_out = n->audio_out;
    if (n->image_out_told)
        in.image_out = n->image_out;
    llmgw__usage_from_inclusive(usage, &in);
    usage->raw[LLMGW__RAW_TOOL_USE_PROMPT] = n->tool_use;
    usage->service_tier = n->tier;
}

static void read_count(struct llmgw__json *json,
                       struct llmgw__gemini_counts *counts, int64_t *count)
{
    if (!llmgw__json_int64(json, count))
        return;
    counts->any = true;
    if (*count < 0)
        *count = 0;
    if (*count > MOST)
        *count = MOST;
}

/* The number that ends here; none, where it is no plain one. */
static llmgw_str digits_before(const char *end)
{
    const char *at = end;

    while (at[-1] >= '0' && at[-1] <= '9') /* a brace stands before */
        at--;
    if (at == end || (at[-1] != ':' && at[-1] != ' '))
        at = end = NULL;
    return llmgw__str_n(at, (size_t)(end - at));
}

/* The last record with counts holds, wholly; only what was read from a cache
 * is kept when it is not repeated. */
void llmgw__gemini_counts_take(struct llmgw__gemini_decoder *decoder,
                               const struct llmgw__gemini_counts *counts)
{
    struct llmgw__gemini_counts before = decoder->counts;

    decoder->counts = *counts;
    if (counts->cached == 0) {
        decoder->counts.cached = before.cached;
        decoder->counts.audio_cached = before.audio_cached;
        decoder->counts.image_cached = before.image_cached;
    }
}

llmgw_status
llmgw__gemini_tell_usage(const struct llmgw__gemini_decoder *decoder,
                         const struct llmgw__decode *decode)
{
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};

    llmgw__gemini_usage(&decoder->counts, &usage);
    return decode->emit(decode->userdata, &chunk);
}

static int64_t add(int64_t sum, int64_t count)
{
    return sum + count < MOST ? sum + count : MOST;
}

static int64_t without(int64_t count, int64_t cached)
{
    return count > cached ? count - cached : 0;
}

/* [{modality, tokenCount}]: a document's pages and a video's frames count as
 * images. */
static void read_details(struct llmgw__json *json, int64_t *audio,
                         int64_t *image, bool *audio_told, bool *image_told)
{
    struct llmgw__gemini_counts unused;
    llmgw_str key;

    if (!llmgw__json_array(json))
        return;
    while (llmgw__json_item(json)) {
        enum modality modality = MODALITY_OTHER;
        int64_t count = 0;

        if (!llmgw__json_object(json))
            continue;
        while (llmgw__json_key(json, &key))
            if (LLMGW__GEMINI_KEY(key, "modality"))
                modality = read_modality(json);
            else if (LLMGW__GEMINI_KEY(key, "tokenCount"))
                read_count(json, &unused, &count);
            else
                llmgw__json_skip(json);
        if (modality == MODALITY_AUDIO) {
            *audio = add(*audio, count);
            *audio_told = true;
        } else if (modality == MODALITY_IMAGE) {
            *image = add(*image, count);
            *image_told = true;
        }
    }
}

static enum modality read_modality(struct llmgw__json *json)
{
    static const struct {
        const char *name;
        const char *number;
        enum modality modality;
    } rows[] = {
        {"AUDIO", "4", MODALITY_AUDIO},
        {"IMAGE", "2", MODALITY_IMAGE},
        {"VIDEO", "3", MODALITY_IMAGE},
        {"DOCUMENT", "5", MODALITY_IMAGE},
    };
    struct llmgw__jstr name;
    llmgw_str text;

    if (llmgw__json_peek(json) == LLMGW__JSON_NUMBER) {
        if (!llmgw__json_number(json, &text))
            return MODALITY_OTHER;
    } else {
        if (!llmgw__json_string(json, &name))
            return MODALITY_OTHER;
        text = llmgw__str_n(name.data, name.len);
    }
    if (LLMGW__GEMINI_KEY(text, "TEXT")) /* nearly always */
        return MODALITY_OTHER;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (llmgw__str_is(text, rows[i].name) ||
            llmgw__str_is(text, rows[i].number))
            return rows[i].modality;
    return MODALITY_OTHER;
}
