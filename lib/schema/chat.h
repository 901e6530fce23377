/*
 * schema/chat.h - a chat completion request, checked once, read by every
 * dialect.
 *
 * The tray points into the request's own bytes: strings stay JSON-escaped and
 * are written into the provider's body as they stand.
 */
#ifndef LLMGW_SCHEMA_CHAT_H
#define LLMGW_SCHEMA_CHAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/jsondoc.h"
#include "base/jsonread.h"
#include "conduct.h"
#include "error.h"
#include "message.h"

struct llmgw__tool {
    enum {
        LLMGW__TOOL_FUNCTION,
        LLMGW__TOOL_CUSTOM,
        LLMGW__TOOL_OTHER
    } type;
    struct llmgw__jstr name; /* OTHER: only of type custom, told flat */
    struct llmgw__jstr description;
    llmgw_str parameters; /* JSON; empty: none */
    uint32_t parameters_node;
    int8_t strict; /* -1: not said, 0, 1 */
    uint32_t node; /* the tool's object in doc */
};

enum llmgw__tool_choice {
    LLMGW__CHOICE_UNSET,
    LLMGW__CHOICE_NONE,
    LLMGW__CHOICE_AUTO,
    LLMGW__CHOICE_REQUIRED,
    LLMGW__CHOICE_NAMED,  /* choice_name; choice_custom */
    LLMGW__CHOICE_ALLOWED /* choice_node: the array of allowed tools;
                             choice_required: mode */
};

enum llmgw__format {
    LLMGW__FORMAT_UNSET,
    LLMGW__FORMAT_TEXT,
    LLMGW__FORMAT_JSON_OBJECT,
    LLMGW__FORMAT_JSON_SCHEMA
};

enum llmgw__effort {
    LLMGW__EFFORT_UNSET,
    LLMGW__EFFORT_NONE,
    LLMGW__EFFORT_MINIMAL,
    LLMGW__EFFORT_LOW,
    LLMGW__EFFORT_MEDIUM,
    LLMGW__EFFORT_HIGH,
    LLMGW__EFFORT_XHIGH,
    LLMGW__EFFORT_MAX
};

/** A number: its value to compare, its text to send. */
struct llmgw__number {
    bool set;
    double value;
    llmgw_str text;
};

#define LLMGW__MAX_STOPS 16

struct llmgw__chat {
    struct llmgw__jdoc doc; /* index over the request's bytes */
    struct llmgw__arena *arena;
    llmgw_str model; /* escapes resolved */
    struct llmgw__message *messages;
    size_t message_count;
    struct llmgw__tool *tools;
    size_t tool_count;
    uint8_t choice; /* enum llmgw__tool_choice */
    struct llmgw__jstr choice_name;
    bool choice_custom;
    bool choice_required;
    uint32_t choice_node;
    int8_t parallel_tool_calls; /* -1: not said */
    bool legacy_functions;      /* functions/function_call were used */
    uint8_t format;             /* enum llmgw__format */
    struct llmgw__jstr schema_name;
    struct llmgw__jstr schema_description;
    llmgw_str schema; /* JSON; empty: none */
    uint32_t schema_node;
    int8_t schema_strict; /* -1: not said */
    uint8_t effort;       /* enum llmgw__effort */
    bool stream;          /* the host asked for a stream */
    bool include_usage;   /* and for the usage chunk */
    int64_t max_tokens;   /* either spelling; 0: not said */
    int64_t n;            /* 1 when not said */
    struct llmgw__number temperature, top_p, top_k, frequency_penalty,
        presence_penalty, seed, top_logprobs;
    int8_t logprobs;           /* -1: not said */
    struct llmgw__jstr *stops; /* in the arena */
    size_t stop_count;
    struct llmgw__jstr user; /* safety_identifier, else user */
    uint32_t extension;      /* the "llmgw" object, or LLMGW__JNONE */
    bool stateless;          /* a copy without opaque reasoning state */
    bool continued;          /* a copy whose last turn is to be gone on with */
    bool strict;             /* llmgw.strict: refuse every adjustment */
    llmgw_str tags;          /* llmgw.tags, as "a=b,c=d" */
    /* llmgw.…: limits of this call; 0: not said */
    uint32_t total_ms, first_ms, gap_ms, connect_ms, max_attempts, min_rate;
    struct llmgw__conduct conduct;
    struct llmgw__sla sla;
};

/**
 * Read and check a request. Unknown top-level members are refused unless
 * extension.pass_unknown allows them; unknown members deeper are kept (their
 * nodes are there for the dialects).
 *
 * @param bytes     borrowed; must outlive the tray
 * @param arena     holds the tray's arrays
 * @param[out] error  filled on LLMGW_E_INVALID, param names the place
 * @retval LLMGW_E_INVALID  refused
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__chat_parse(struct llmgw__chat *chat, llmgw_str bytes,
                               struct llmgw__arena *arena,
                               struct llmgw__error *error);
void llmgw__chat_clear(struct llmgw__chat *chat);

/** The same request without the opaque reasoning state of its messages. Refers
 *  to the other one, and is not cleared. */
llmgw_status llmgw__chat_without_state(const struct llmgw__chat *chat,
                                       struct llmgw__arena *arena,
                                       struct llmgw__chat *out);

/** A top-level member of the request; LLMGW__JNONE: absent (or null). */
uint32_t llmgw__chat_member(const struct llmgw__chat *chat, const char *name);
/** Is a member of this name read at the top? (The host vouches else.) */
bool llmgw__chat_member_known(struct llmgw__jstr name);
/** A member of "llmgw" that is read here; others are the dialects'. */
bool llmgw__chat_extension_known(llmgw_str member);
/** Is a tool offered, given tool_choice allowed_tools? */
bool llmgw__chat_tool_allowed(const struct llmgw__chat *chat,
                              const struct llmgw__tool *tool);
/** The call a tool message answers, searched backwards; NULL: none. */
const struct llmgw__tool_call *
llmgw__chat_call_of(const struct llmgw__chat *chat, size_t message_index);

#endif
