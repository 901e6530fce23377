/*
 * provider/anthropic_usage.c - token counts: merged by member, then one class
 * for every token.
 *
 * input_tokens is only what follows the last cache breakpoint; output_tokens
 * has the thinking in it. The totals leave out what compaction and advisors
 * took: those steps are in iterations alone, and are added.
 *
 * Source: Messages API, "Usage", "Compaction", "Advisor tool". Memory: none.
 */
#include "anthropic_usage.h"

#include <stddef.h>

#include "base/jsonread.h"
#include "base/text.h"

/** Where a member's number goes, in an object or in one inside it. */
static const struct place {
    const char *object; /* NULL: usage itself */
    const char *member;
    size_t at;
} places[] = {
#define AT(field) offsetof(struct llmgw__anthropic_counts, field)
    {NULL, "input_tokens", AT(input)},
    {NULL, "output_tokens", AT(output)},
    {NULL, "cache_creation_input_tokens", AT(write)},
    {NULL, "cache_read_input_tokens", AT(read)},
    {"cache_creation", "ephemeral_1h_input_tokens", AT(write_1h)},
    {"output_tokens_details", "thinking_tokens", AT(thinking)},
    {"server_tool_use", "web_search_requests", AT(searches)},
    {"server_tool_use", "web_fetch_requests", AT(fetches)},
    /* Bedrock's own, which tell the same */
    {NULL, "inputTokenCount", AT(input)},
    {NULL, "outputTokenCount", AT(output)},
    {NULL, "cacheWriteInputTokenCount", AT(write)},
    {NULL, "cacheReadInputTokenCount", AT(read)},
#undef AT
};

static void read_object(struct llmgw__json *json, llmgw_str object,
                        struct llmgw__anthropic_counts *counts);
static void read_steps(struct llmgw__json *json,
                       struct llmgw__anthropic_counts *counts);

void llmgw__anthropic_counts_init(struct llmgw__anthropic_counts *counts)
{
    *counts = (struct llmgw__anthropic_counts){0};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        *(int64_t *)(void *)((char *)counts + places[i].at) =
            LLMGW__ANTHROPIC_UNTOLD;
}

void llmgw__anthropic_counts_read(struct llmgw__anthropic_counts *counts,
                                  llmgw_str usage)
{
    struct llmgw__json json;

    llmgw__json_init(&json, usage);
    read_object(&json, (llmgw_str){NULL, 0}, counts);
}

bool llmgw__anthropic_counts_fill(struct llmgw__anthropic_counts *counts,
                                  llmgw_str metrics)
{
    struct llmgw__anthropic_counts told;
    bool any = false;

    llmgw__anthropic_counts_init(&told);
    llmgw__anthropic_counts_read(&told, metrics);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int64_t *count = (int64_t *)(void *)((char *)counts + places[i].at);
        int64_t more = *(int64_t *)(void *)((char *)&told + places[i].at);

        if (*count != LLMGW__ANTHROPIC_UNTOLD ||
            more == LLMGW__ANTHROPIC_UNTOLD)
            continue;
        *count = more;
        any = true;
    }
    return any;
}

static bool is_in(const struct place *place, llmgw_str object)
{
    return place->object ? llmgw__str_is(object, place->object)
                         : object.len == 0;
}

static void read_number(struct llmgw__json *json, llmgw_str object,
                        llmgw_str key, struct llmgw__anthropic_counts *counts)
{
    int64_t number;

    if (!llmgw__json_int64(json, &number))
        return;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (is_in(&places[i], object) && llmgw__str_is(key, places[i].member))
            *(int64_t *)(void *)((char *)counts + places[i].at) = number;
}

/** How it was served. A tier of "priority" is a contract, which no list has a
 *  price of; "fast" has one. */
static void read_word(struct llmgw__json *json, llmgw_str key,
                      struct llmgw__anthropic_counts *counts)
{
    struct llmgw__jstr word;

    if (!llmgw__json_string(json, &word))
        return;
    if (llmgw__str_is(key, "inference_geo"))
        counts->regional = llmgw__jstr_is(word, "us");
    else if (llmgw__str_is(key, "speed") && llmgw__jstr_is(word, "fast"))
        counts->tier = LLMGW__SERVICE_PRIORITY;
    else if (llmgw__str_is(key, "service_tier") &&
             counts->tier != LLMGW__SERVICE_PRIORITY)
        counts->tier = llmgw__jstr_is(word, "batch") ? LLMGW__SERVICE_BATCH
                                                     : LLMGW__SERVICE_STANDARD;
}

static void read_object(struct llmgw__json *json, llmgw_str object,
                        struct llmgw__anthropic_counts *counts)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        enum llmgw__json_type type = llmgw__json_peek(json);

        if (type == LLMGW__JSON_NUMBER)
            read_number(json, object, key, counts);
        else if (type == LLMGW__JSON_STRING && !object.len)
            read_word(json, key, counts);
        else if (type == LLMGW__JSON_OBJECT && !object.len)
            read_object(json, key, counts);
        else if (type == LLMGW__JSON_ARRAY && !object.len &&
                 llmgw__str_is(key, "iterations"))
            read_steps(json, counts);
        else
            llmgw__json_skip(json);
    }
}

/* --- steps that the totals leave out --- */

static int64_t add(int64_t a, int64_t b)
{
    if (b == LLMGW__ANTHROPIC_UNTOLD || b <= 0)
        return a;
    if (a == LLMGW__ANTHROPIC_UNTOLD)
        return b;
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static bool is_left_out(llmgw_str step)
{
    struct llmgw__json json;
    struct llmgw__jstr type = {NULL, 0, false};
    llmgw_str key;

    llmgw__json_init(&json, step);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key)) {
            if (llmgw__str_is(key, "type"))
                (void)llmgw__json_string(&json, &type);
            else
                llmgw__json_skip(&json);
        }
    return llmgw__jstr_is(type, "compaction") ||
           llmgw__jstr_is(type, "advisor_message");
}

/** The list is cumulative, like all of usage. */
static void read_steps(struct llmgw__json *json,
                       struct llmgw__anthropic_counts *counts)
{
    counts->more_input = counts->more_write = counts->more_write_1h = 0;
    counts->more_read = counts->more_output = 0;
    if (!llmgw__json_array(json))
        return;
    while (llmgw__json_item(json)) {
        struct llmgw__anthropic_counts step;
        llmgw_str raw = llmgw__json_raw(json);
        struct llmgw__json inside;

        if (!is_left_out(raw))
            continue;
        llmgw__anthropic_counts_init(&step);
        llmgw__json_init(&inside, raw);
        /* a name that is no member keeps steps from having steps */
        read_object(&inside, (llmgw_str){NULL, 0}, &step);
        counts->more_input = add(counts->more_input, step.input);
        counts->more_write = add(counts->more_write, step.write);
        counts->more_write_1h = add(counts->more_write_1h, step.write_1h);
        counts->more_read = add(counts->more_read, step.read);
        counts->more_output = add(counts->more_output, step.output);
    }
}

/* --- classes --- */

static bool told(int64_t count)
{
    return count != LLMGW__ANTHROPIC_UNTOLD;
}

static void set(struct llmgw__usage *usage, enum llmgw__usage_class cls,
                int64_t count, int64_t more)
{
    if (told(count))
        llmgw__usage_set(usage, cls, more > 0 ? add(count, more) : count);
}

/** A part cannot be larger than its whole. */
static int64_t cap(struct llmgw__usage *usage, int64_t part, int64_t whole)
{
    if (part <= whole)
        return part;
    usage->clamped = true;
    return whole > 0 ? whole : 0;
}

static void set_writes(struct llmgw__usage *usage,
                       const struct llmgw__anthropic_counts *counts)
{
    int64_t write = counts->write;
    int64_t longer = counts->write_1h;

    if (!told(write))
        return;
    write = counts->more_write > 0 ? add(write, counts->more_write) : write;
    if (told(longer)) {
        longer = add(longer > 0 ? longer : 0, counts->more_write_1h);
        longer = cap(usage, longer, write);
        llmgw__usage_set(usage, LLMGW__INPUT_CACHE_WRITE_1H, longer);
        write -= write > 0 ? longer : 0;
    }
    llmgw__usage_set(usage, LLMGW__INPUT_CACHE_WRITE_5M, write);
}

static void set_output(struct llmgw__usage *usage,
                       const struct llmgw__anthropic_counts *counts)
{
    int64_t output = counts->output;
    int64_t thinking = counts->thinking;

    if (!told(output))
        return;
    output =
        counts->more_output > 0 ? add(output, counts->more_output) : output;
    if (told(thinking)) {
        thinking = cap(usage, thinking, output);
        llmgw__usage_set(usage, LLMGW__OUTPUT_REASONING, thinking);
        output -= thinking > 0 ? thinking : 0;
    }
    llmgw__usage_set(usage, LLMGW__OUTPUT_TEXT, output);
}

void llmgw__anthropic_usage(const struct llmgw__anthropic_counts *counts,
                            struct llmgw__usage *usage)
{
    llmgw__usage_init(usage);
    set(usage, LLMGW__INPUT_UNCACHED, counts->input, counts->more_input);
    set(usage, LLMGW__INPUT_CACHED, counts->read, counts->more_read);
    set_writes(usage, counts);
    set_output(usage, counts);
    if (counts->searches > 0)
        usage->tools[LLMGW__TOOL_WEB_SEARCH] = counts->searches;
    if (counts->fetches > 0)
        usage->tools[LLMGW__TOOL_WEB_FETCH] = counts->fetches;
    usage->service_tier = counts->tier;
    usage->regional = counts->regional;
    usage->requests = 1;
    usage->reported = usage->known != 0;
}

llmgw_str llmgw__anthropic_tier(llmgw_str usage)
{
    struct llmgw__json json;
    struct llmgw__jstr tier = {NULL, 0, false};
    llmgw_str key;

    llmgw__json_init(&json, usage);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key)) {
            if (llmgw__str_is(key, "service_tier"))
                (void)llmgw__json_string(&json, &tier);
            else
                llmgw__json_skip(&json);
        }
    if (llmgw__jstr_is(tier, "priority"))
        return LLMGW__LIT("priority");
    if (llmgw__jstr_is(tier, "standard") || llmgw__jstr_is(tier, "batch"))
        return LLMGW__LIT("default");
    return (llmgw_str){NULL, 0};
}
