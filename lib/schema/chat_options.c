/*
 * schema/chat_options.c - sampling, limits and the other plain members.
 *
 * Source: OpenAI API, "Create chat completion"; top_k as other providers have
 * it (-1: off).
 * Memory: none.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "chat.h"
#include "chat_parse.h"

#define MAX_N              128
#define MAX_TOKENS         2147483647
#define MAX_METADATA       16
#define MAX_METADATA_KEY   64
#define MAX_METADATA_VALUE 512
#define MAX_IDENTIFIER     64
#define MAX_BIAS           100

/** A number of the request: where it goes and what it may be. */
struct range {
    const char *name;
    size_t field; /* offset of a struct llmgw__number */
    double min;
    double max;
    bool whole;
    const char *must;
};

/* clang-format off */
#define FIELD(name) offsetof(struct llmgw__chat, name)
static const struct range ranges[] = {
    {"temperature", FIELD(temperature), 0, 2, false,
     "must be a number from 0 to 2"},
    {"top_p", FIELD(top_p), 0, 1, false, "must be a number from 0 to 1"},
    {"top_k", FIELD(top_k), -1, 2147483647, true,
     "must be an integer from -1 to 2147483647"},
    {"frequency_penalty", FIELD(frequency_penalty), -2, 2, false,
     "must be a number from -2 to 2"},
    {"presence_penalty", FIELD(presence_penalty), -2, 2, false,
     "must be a number from -2 to 2"},
    {"seed", FIELD(seed), -HUGE_VAL, HUGE_VAL, true,
     "must be an integer of 64 bits"},
    {"top_logprobs", FIELD(top_logprobs), 0, 20, true,
     "must be an integer from 0 to 20"},
};
/* clang-format on */

static const char *const efforts[] = {
    "none", "minimal", "low", "medium", "high", "xhigh", "max", NULL,
};
static const char *const verbosities[] = {"low", "medium", "high", NULL};

static bool in_range(const struct llmgw__place *at, const struct range *range,
                     double *value);
static llmgw_status read_integer(const struct llmgw__place *at, int64_t max,
                                 const char *must, int64_t *out);
static bool make_stops(struct llmgw__chat *chat, size_t count);
static llmgw_status read_stop_list(const struct llmgw__place *at);
static bool is_bias(const struct llmgw__jdoc *doc, uint32_t node);
static bool is_pair(const struct llmgw__jdoc *doc, uint32_t key,
                    uint32_t value);
static size_t count_characters(struct llmgw__jstr text);

llmgw_status llmgw__chat_read_number(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    const struct range *range = ranges;
    struct llmgw__number number = {.set = true};

    while (strcmp(range->name, at->key) != 0)
        range++;
    if (!in_range(at, range, &number.value))
        return llmgw__place_refuse(at, range->must);
    if (range->field == FIELD(top_logprobs) && chat->logprobs != 1)
        return llmgw__place_refuse(at, "needs logprobs: true");
    number.text = llmgw__jdoc_raw(&chat->doc, at->node);
    memcpy((char *)chat + range->field, &number, sizeof number);
    return LLMGW_OK;
}

/* The deprecated spelling comes second. */
llmgw_status llmgw__chat_read_max_tokens(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    int64_t tokens = 0;
    llmgw_status status = read_integer(
        at, MAX_TOKENS, "must be an integer from 1 to 2147483647", &tokens);

    if (status != LLMGW_OK)
        return status;
    if (chat->max_tokens && chat->max_tokens != tokens)
        return llmgw__place_refuse(at, "differs from max_completion_tokens");
    chat->max_tokens = tokens;
    return LLMGW_OK;
}

llmgw_status llmgw__chat_read_n(const struct llmgw__place *at)
{
    return read_integer(at, MAX_N, "must be an integer from 1 to 128",
                        &at->in->chat->n);
}

llmgw_status llmgw__chat_read_stop(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;

    if (llmgw__place_type(at) == LLMGW__JSON_ARRAY)
        return read_stop_list(at);
    if (llmgw__place_type(at) != LLMGW__JSON_STRING)
        return llmgw__place_refuse(at, "must be a string or an array of them");
    if (!make_stops(chat, 1))
        return LLMGW_E_NOMEM;
    chat->stop_count = 1;
    return llmgw__place_string(at, &chat->stops[0]);
}

llmgw_status llmgw__chat_read_effort(const struct llmgw__place *at)
{
    size_t effort = 0;
    llmgw_status status = llmgw__place_one_of(
        at, efforts, "must be none, minimal, low, medium, high, xhigh or max",
        &effort);

    if (status == LLMGW_OK)
        at->in->chat->effort = (uint8_t)(LLMGW__EFFORT_NONE + effort);
    return status;
}

llmgw_status llmgw__chat_read_verbosity(const struct llmgw__place *at)
{
    size_t verbosity;

    return llmgw__place_one_of(at, verbosities, "must be low, medium or high",
                               &verbosity);
}

llmgw_status llmgw__chat_read_logit_bias(const struct llmgw__place *at)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, at->node);

    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, at->node, key);

        if (!is_bias(doc, value))
            return llmgw__place_refuse(
                at, "must have integers from -100 to 100 as values");
        key = llmgw__jdoc_next(doc, at->node, value);
    }
    return LLMGW_OK;
}

/* It comes after user, and so replaces it. */
llmgw_status llmgw__chat_read_identifier(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__jstr text = llmgw__jdoc_string(&chat->doc, at->node);

    if (count_characters(text) > MAX_IDENTIFIER)
        return llmgw__place_refuse(at, "must have at most 64 characters");
    chat->user = text;
    return LLMGW_OK;
}

llmgw_status llmgw__chat_read_metadata(const struct llmgw__place *at)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, at->node);

    if (llmgw__jdoc_count(doc, at->node) > MAX_METADATA)
        return llmgw__place_refuse(at, "must have at most 16 members");
    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, at->node, key);

        if (!is_pair(doc, key, value))
            return llmgw__place_refuse(
                at, "must have names of at most 64 characters and strings of "
                    "at most 512");
        key = llmgw__jdoc_next(doc, at->node, value);
    }
    return LLMGW_OK;
}

llmgw_status llmgw__chat_read_stream_options(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__place usage = llmgw__place_member(at, "include_usage");
    struct llmgw__place padding =
        llmgw__place_member(at, "include_obfuscation");
    bool padded;
    llmgw_status status;

    if (!chat->stream)
        return llmgw__place_refuse(at, "is only allowed with stream: true");
    status = llmgw__place_bool(&usage, &chat->include_usage);
    return status == LLMGW_OK ? llmgw__place_bool(&padding, &padded) : status;
}

static bool in_range(const struct llmgw__place *at, const struct range *range,
                     double *value)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    int64_t whole;

    if (range->whole && !llmgw__jdoc_int64(doc, at->node, &whole))
        return false;
    return llmgw__jdoc_double(doc, at->node, value) && *value >= range->min &&
           *value <= range->max;
}

/* From 1 to max. */
static llmgw_status read_integer(const struct llmgw__place *at, int64_t max,
                                 const char *must, int64_t *out)
{
    int64_t value;

    if (!llmgw__jdoc_int64(&at->in->chat->doc, at->node, &value) || value < 1 ||
        value > max)
        return llmgw__place_refuse(at, must);
    *out = value;
    return LLMGW_OK;
}

static bool make_stops(struct llmgw__chat *chat, size_t count)
{
    chat->stops = llmgw__arena_array(chat->arena, count, sizeof *chat->stops);
    return chat->stops != NULL;
}

static llmgw_status read_stop_list(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    uint32_t node = llmgw__jdoc_first(&chat->doc, at->node);

    if (llmgw__jdoc_count(&chat->doc, at->node) > LLMGW__MAX_STOPS)
        return llmgw__place_refuse(at, "must have at most 16 elements");
    if (!make_stops(chat, llmgw__jdoc_count(&chat->doc, at->node)))
        return LLMGW_E_NOMEM;
    while (node != LLMGW__JNONE) {
        struct llmgw__place stop =
            llmgw__place_element(at, chat->stop_count, node);
        llmgw_status status =
            llmgw__place_check(&stop, LLMGW__JSON_STRING, true);

        if (status != LLMGW_OK)
            return status;
        chat->stops[chat->stop_count++] = llmgw__jdoc_string(&chat->doc, node);
        node = llmgw__jdoc_next(&chat->doc, at->node, node);
    }
    return LLMGW_OK;
}

static bool is_bias(const struct llmgw__jdoc *doc, uint32_t node)
{
    int64_t bias;

    return llmgw__jdoc_int64(doc, node, &bias) && bias >= -MAX_BIAS &&
           bias <= MAX_BIAS;
}

static bool is_pair(const struct llmgw__jdoc *doc, uint32_t key, uint32_t value)
{
    return llmgw__jdoc_type(doc, value) == LLMGW__JSON_STRING &&
           count_characters(llmgw__jdoc_string(doc, key)) <= MAX_METADATA_KEY &&
           count_characters(llmgw__jdoc_string(doc, value)) <=
               MAX_METADATA_VALUE;
}

/* Code points; an escape is one, a pair of surrogates two. */
static size_t count_characters(struct llmgw__jstr text)
{
    size_t count = 0;

    for (size_t at = 0; at < text.len; at++) {
        if (((unsigned char)text.data[at] & 0xc0) == 0x80)
            continue;
        count++;
        if (text.data[at] == '\\')
            at += text.data[at + 1] == 'u' ? 5 : 1;
    }
    return count;
}
