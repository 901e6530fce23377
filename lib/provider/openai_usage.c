/*
 * provider/openai_usage.c - token counts of the openai dialect, whatever name
 * a service has for them.
 *
 *     usage.prompt_tokens                 usage.completion_tokens
 *     usage.prompt_tokens_details.*       usage.completion_tokens_details.*
 *     usage.prompt_cache_hit_tokens, usage.cached_tokens, … timings.cache_n
 *
 * null is unknown, 0 is 0. A service repeats the whole usage as often as it
 * likes, the last one holds: nothing is added up.
 *
 * Source: the services' documentation and recorded traffic. Memory: none.
 */
#include <stddef.h>
#include <string.h>

#include "openai_decode.h"

#define TICK_PICO 100 /* a cost tick is 10^-10 USD */

/* What was told, -1: nothing. */
struct told {
    struct llmgw__usage_inclusive counts;
    int64_t total;
    int64_t cached[6]; /* its names, in the order they are believed */
    int64_t audio_seconds;
    int64_t searches;
    int64_t cost_pico;
    uint8_t tier; /* in the usage itself: enum llmgw__service_tier */
    bool any;
    bool responses; /* it is an object of the Responses API */
};

struct name {
    llmgw_str name;
    size_t offset; /* into struct told */
};

static uint8_t tier_of(struct llmgw__jstr word);
static llmgw_str place(const struct llmgw__openai_payload *payload);
static llmgw_str member(llmgw_str object, const char *name);
static void read_usage(struct told *told, llmgw_str raw);
static void read_member(struct told *told, struct llmgw__json *json,
                        llmgw_str key);
static void read_prompt(struct told *told, struct llmgw__json *json);
static void read_counts(struct told *told, struct llmgw__json *json,
                        const struct name *names, size_t count);
static bool read_count(struct told *told, struct llmgw__json *json,
                       llmgw_str key, const struct name *names, size_t count);
static void read_cost(struct told *told, struct llmgw__json *json);
static void read_cost_header(struct told *told, const char *name,
                             const struct llmgw__http_head *head);
static int64_t ticks_pico(int64_t ticks);
static bool decimal_pico(llmgw_str number, int64_t *out);
static void settle(struct told *told, uint32_t quirks);
static void settle_prompt(struct told *told, uint32_t quirks);

/* clang-format off */
#define ROW(name, member) \
    { { name, sizeof(name) - 1 }, offsetof(struct told, member) }
static const struct name top_names[] = {
    ROW("prompt_tokens", counts.prompt),
    ROW("completion_tokens", counts.completion),
    ROW("total_tokens", total),
    ROW("reasoning_tokens", counts.reasoning),
    ROW("prompt_cache_hit_tokens", cached[1]),
    ROW("cached_tokens", cached[2]),
    ROW("num_cached_tokens", cached[3]),
    ROW("cache_read_input_tokens", cached[4]),
    ROW("cache_creation_input_tokens", counts.cache_write),
    ROW("prompt_audio_seconds", audio_seconds),
    ROW("num_search_queries", searches),
};
static const struct name responses_names[] = {
    ROW("input_tokens", counts.prompt),
    ROW("output_tokens", counts.completion),
};
static const struct name prompt_names[] = {
    ROW("cached_tokens", cached[0]),
    ROW("cache_write_tokens", counts.cache_write),
    ROW("cache_creation_input_tokens", counts.cache_write),
    ROW("audio_tokens", counts.audio_in),
    ROW("image_tokens", counts.image_in),
};
/* inside cache_write_tokens, where it is told by time to live */
static const struct name write_names[] = {
    ROW("ttl_12h_tokens", counts.cache_write_long),
};
static const struct name completion_names[] = {
    ROW("reasoning_tokens", counts.reasoning),
    ROW("audio_tokens", counts.audio_out),
    ROW("image_tokens", counts.image_out),
    ROW("accepted_prediction_tokens", counts.accepted_prediction),
    ROW("rejected_prediction_tokens", counts.rejected_prediction),
};
static const struct name timing_names[] = {ROW("cache_n", cached[5])};
/* clang-format on */

#define COUNT_OF(names) (sizeof(names) / sizeof(names)[0])

llmgw_status
llmgw__openai_decode_usage(const struct llmgw__decode *decode,
                           const struct llmgw__openai_payload *payload,
                           const int64_t *tools)
{
    const struct llmgw__provider_row *row = decode->target->provider->row;
    llmgw_str raw = place(payload);
    llmgw_str timings = payload->vendors[LLMGW__OPENAI_TIMINGS];
    struct llmgw__usage usage;
    struct llmgw__json json;
    struct told told;

    if (!raw.len)
        return LLMGW_OK;
    memset(&told, 0xff, sizeof told); /* every count -1 */
    told.any = false;
    told.tier = LLMGW__SERVICE_UNKNOWN;
    told.responses = tools != NULL;
    read_usage(&told, raw);
    if (!told.any)
        return LLMGW_OK;
    if (timings.len) {
        llmgw__json_init(&json, timings);
        read_counts(&told, &json, timing_names, COUNT_OF(timing_names));
    }
    if (row && row->cost_header)
        read_cost_header(&told, row->cost_header, decode->head);
    settle(&told, row ? row->quirks : 0);
    llmgw__usage_init(&usage);
    llmgw__usage_from_inclusive(&usage, &told.counts);
    usage.provider_cost_pico = told.cost_pico;
    if (tools)
        memcpy(usage.tools, tools, sizeof usage.tools);
    if (told.searches > 0)
        usage.tools[LLMGW__TOOL_WEB_SEARCH] = told.searches;
    usage.service_tier =
        payload->tier.data ? tier_of(payload->tier) : told.tier;
    usage.requests = 1;
    usage.reported = true;
    return llmgw__openai_emit(
        decode,
        &(struct llmgw__chunk){.kind = LLMGW__CHUNK_USAGE, .usage = &usage});
}

static uint8_t tier_of(struct llmgw__jstr word)
{
    return (uint8_t)llmgw__service_tier_of(llmgw__str_n(word.data, word.len));
}

/* The record's own usage, else a vendor's copy of it, else a choice's. */
static llmgw_str place(const struct llmgw__openai_payload *payload)
{
    llmgw_str usage = payload->usage;

    if (!usage.len)
        usage = member(payload->vendors[LLMGW__OPENAI_X_GROQ], "usage");
    return usage.len ? usage : payload->choice.usage;
}

static llmgw_str member(llmgw_str object, const char *name)
{
    struct llmgw__json json;
    llmgw_str key;

    if (object.len == 0)
        return object;
    llmgw__json_init(&json, object);
    if (!llmgw__json_object(&json))
        return (llmgw_str){NULL, 0};
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, name))
            return llmgw__json_raw(&json);
        llmgw__json_skip(&json);
    }
    return (llmgw_str){NULL, 0};
}

static void read_usage(struct told *told, llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, raw);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key))
            read_member(told, &json, key);
}

static void read_member(struct told *told, struct llmgw__json *json,
                        llmgw_str key)
{
    struct llmgw__jstr word;
    int64_t ticks;

    if (llmgw__str_is(key, "prompt_tokens_details") ||
        llmgw__str_is(key, "prompt_token_details") ||
        (told->responses && llmgw__str_is(key, "input_tokens_details")))
        read_prompt(told, json);
    else if (llmgw__str_is(key, "completion_tokens_details") ||
             (told->responses && llmgw__str_is(key, "output_tokens_details")))
        read_counts(told, json, completion_names, COUNT_OF(completion_names));
    else if (llmgw__str_is(key, "cost") || llmgw__str_is(key, "estimated_cost"))
        read_cost(told, json);
    else if (llmgw__str_is(key, "cost_in_usd_ticks")) {
        if (llmgw__json_int64(json, &ticks))
            told->cost_pico = ticks_pico(ticks);
    } else if (llmgw__str_is(key, "service_tier")) {
        if (llmgw__json_string(json, &word))
            told->tier = tier_of(word);
    } else if (told->responses && read_count(told, json, key, responses_names,
                                             COUNT_OF(responses_names))) {
        return;
    } else if (!read_count(told, json, key, top_names, COUNT_OF(top_names))) {
        llmgw__json_skip(json);
    }
}

static void read_prompt(struct told *told, struct llmgw__json *json)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "cache_write_tokens_details"))
            read_counts(told, json, write_names, COUNT_OF(write_names));
        else if (!read_count(told, json, key, prompt_names,
                             COUNT_OF(prompt_names)))
            llmgw__json_skip(json);
}

static void read_counts(struct told *told, struct llmgw__json *json,
                        const struct name *names, size_t count)
{
    llmgw_str key;

    if (llmgw__json_object(json))
        while (llmgw__json_key(json, &key))
            if (!read_count(told, json, key, names, count))
                llmgw__json_skip(json);
}

/* @return false: no such name, nothing consumed */
static bool read_count(struct told *told, struct llmgw__json *json,
                       llmgw_str key, const struct name *names, size_t count)
{
    int64_t value;

    for (size_t i = 0; i < count; i++) {
        if (!llmgw__str_eq(key, names[i].name))
            continue;
        if (llmgw__json_int64(json, &value)) {
            /* -1 means "not told" further on: a negative count is another */
            value = value == -1 ? -2 : value;
            memcpy((char *)told + names[i].offset, &value, sizeof value);
            told->any = true;
        }
        return true;
    }
    return false;
}

/* What the account was charged: USD, or an object with the total. */
static void read_cost(struct told *told, struct llmgw__json *json)
{
    llmgw_str key, number;
    bool object = llmgw__json_peek(json) == LLMGW__JSON_OBJECT;

    if (!object) {
        if (llmgw__json_number(json, &number))
            decimal_pico(number, &told->cost_pico);
        return;
    }
    llmgw__json_object(json);
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "total_cost") &&
            llmgw__json_peek(json) == LLMGW__JSON_NUMBER) {
            if (llmgw__json_number(json, &number))
                decimal_pico(number, &told->cost_pico);
        } else {
            llmgw__json_skip(json);
        }
}

/* What the body says is believed first; a stream's head comes too early. */
static void read_cost_header(struct told *told, const char *name,
                             const struct llmgw__http_head *head)
{
    llmgw_str value =
        head ? llmgw__http_head_get(head, name) : (llmgw_str){NULL, 0};
    struct llmgw__json json;
    llmgw_str number;

    if (told->cost_pico != -1 || !value.len)
        return;
    llmgw__json_init(&json, value);
    if (llmgw__json_number(&json, &number) && llmgw__json_end(&json) &&
        decimal_pico(number, &told->cost_pico) && told->cost_pico == 0)
        told->cost_pico = -1; /* nothing was counted */
}

/* 0 ticks stand there too where the charge is somebody else's. */
static int64_t ticks_pico(int64_t ticks)
{
    return ticks > 0 && ticks <= INT64_MAX / TICK_PICO ? ticks * TICK_PICO : -1;
}

/* Digits and exponent of a JSON number: value = digits * 10^exponent. What
 * lies below 10^-18 of it is nothing that anybody charges. */
static bool decimal_pico(llmgw_str number, int64_t *out)
{
    int64_t digits = 0, exponent = 12, said = 0;
    bool fraction = false;
    size_t i = 0;

    for (; i < number.len && number.data[i] != 'e' && number.data[i] != 'E';
         i++) {
        char c = number.data[i];

        if (c == '-')
            return false;
        if (c == '.') {
            fraction = true;
        } else if (digits < INT64_MAX / 10 - 1) {
            digits = digits * 10 + (c - '0');
            exponent -= fraction;
        } else {
            exponent += !fraction;
        }
    }
    if (i < number.len) {
        llmgw_str power = {number.data + i + 1, number.len - i - 1};

        if (!llmgw__str_int64(power, &said) || said > 64 || said < -64)
            return false;
    }
    for (exponent += said; exponent > 0 && digits > 0; exponent--) {
        if (digits > INT64_MAX / 10)
            return false;
        digits *= 10;
    }
    for (; exponent < -1 && digits > 0; exponent++)
        digits /= 10;
    *out = exponent == -1 ? (digits + 5) / 10 : digits;
    return true;
}

/* --- one meaning for all --- */

static bool agrees(int64_t total, int64_t prompt, int64_t rest)
{
    return prompt >= 0 && rest >= 0 && total >= rest && total - rest == prompt;
}

static void settle(struct told *told, uint32_t quirks)
{
    struct llmgw__usage_inclusive *in = &told->counts;
    int64_t both;

    for (size_t i = 0; i < COUNT_OF(told->cached) && in->cached == -1; i++)
        in->cached = told->cached[i];
    settle_prompt(told, quirks);
    if (in->cache_write_long > 0 && in->cache_write >= in->cache_write_long)
        in->cache_write -= in->cache_write_long;
    if (in->reasoning <= 0 || in->completion < 0 ||
        in->reasoning > INT64_MAX - in->completion)
        return;
    /* reasoning beside the completion, not in it: known of the service, or
       told by a total that only adds up this way */
    both = in->completion + in->reasoning;
    if (agrees(told->total, in->prompt, both) ||
        ((quirks & LLMGW__QUIRK_REASONING_OUTSIDE) &&
         !agrees(told->total, in->prompt, in->completion)))
        in->completion = both;
}

static void settle_prompt(struct told *told, uint32_t quirks)
{
    struct llmgw__usage_inclusive *in = &told->counts;

    /* audio that only the total counts */
    if (told->audio_seconds != -1 && in->completion >= 0 && in->prompt >= 0 &&
        told->total >= 0 && told->total - in->completion > in->prompt)
        in->prompt = told->total - in->completion;
    /* more read from the cache than there was: beside the prompt, not in it */
    if ((quirks & LLMGW__QUIRK_CACHED_OUTSIDE) && in->prompt >= 0 &&
        in->cached > in->prompt && in->cached <= INT64_MAX - in->prompt)
        in->prompt += in->cached;
}
