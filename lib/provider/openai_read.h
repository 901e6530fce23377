/*
 * provider/openai_read.h - one record of an openai answer as views: read in
 * one walk, before anything of it is told, so that an error in it is seen
 * first wherever it stands.
 */
#ifndef LLMGW_PROVIDER_OPENAI_READ_H
#define LLMGW_PROVIDER_OPENAI_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonread.h"

/** A string; else raw, the JSON of an array or object. */
struct llmgw__openai_value {
    struct llmgw__jstr text;
    llmgw_str raw;
};

/** A delta, or a whole message: they have the same members. */
struct llmgw__openai_delta {
    bool present; /* false: the rest says nothing */
    struct llmgw__openai_value content;
    struct llmgw__jstr reasoning_content, reasoning, thinking;
    struct llmgw__jstr refusal;
    llmgw_str details, tool_calls, annotations, audio, images, extra;
    llmgw_str function_call;
};

struct llmgw__openai_choice {
    int64_t index; /* -1: not told */
    struct llmgw__jstr finish, native;
    llmgw_str logprobs, usage, error;
    struct llmgw__openai_delta delta, message;
};

/** Members of a record without a place in a chunk. */
enum llmgw__openai_vendor {
    LLMGW__OPENAI_MODERATION_RESULT, /* OpenAI's own, of the answer */
    LLMGW__OPENAI_METADATA_ECHO,
    LLMGW__OPENAI_CITATIONS, /* from here on: told in the "llmgw" object */
    LLMGW__OPENAI_SEARCH_RESULTS,
    LLMGW__OPENAI_RELATED,
    LLMGW__OPENAI_PROVIDER,
    LLMGW__OPENAI_PROMPT_FILTER,
    LLMGW__OPENAI_X_GROQ,
    LLMGW__OPENAI_TIMINGS,
    LLMGW__OPENAI_OTHER_TIER, /* a word that the host's surface lacks */
    LLMGW__OPENAI_VENDORS
};

struct llmgw__openai_payload {
    struct llmgw__jstr id, object, model, tier, fingerprint;
    struct llmgw__jstr padding; /* obfuscation */
    int64_t created;            /* 0: not told */
    llmgw_str error, usage;
    llmgw_str vendors[LLMGW__OPENAI_VENDORS];
    bool has_choice;
    bool has_more;           /* choices than one */
    struct llmgw__json rest; /* stands behind the first in the array */
    struct llmgw__openai_choice choice; /* the first */
};

struct llmgw__openai_function {
    bool present;
    struct llmgw__jstr name;
    struct llmgw__openai_value arguments; /* a custom tool's input */
};

struct llmgw__openai_call_delta {
    int64_t index; /* -1: not told */
    struct llmgw__jstr id, type;
    struct llmgw__openai_function function, custom;
    llmgw_str extra;
};

struct llmgw__openai_detail {
    int64_t index; /* -1: not told */
    struct llmgw__jstr type, id, format, text, summary, data, signature;
};

/** @return false: not a JSON object */
bool llmgw__openai_read(struct llmgw__openai_payload *payload, llmgw_str text);
/** The next choice after payload->choice. @return false: no more */
bool llmgw__openai_read_choice(struct llmgw__json *rest,
                               struct llmgw__openai_choice *choice);
bool llmgw__openai_read_call(struct llmgw__json *json,
                             struct llmgw__openai_call_delta *call);
bool llmgw__openai_read_function(struct llmgw__json *json,
                                 struct llmgw__openai_function *function);
bool llmgw__openai_read_detail(struct llmgw__json *json,
                               struct llmgw__openai_detail *detail);

#endif
