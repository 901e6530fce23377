/*
 * provider/openai_service.h - what services of the openai dialect do
 * differently, as data: one profile a service, model families where the model
 * decides.
 */
#ifndef LLMGW_PROVIDER_OPENAI_SERVICE_H
#define LLMGW_PROVIDER_OPENAI_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/error.h>

#include "schema/chat.h"

/** Members of a request that not every service takes. */
enum {
    LLMGW__OPENAI_TEMPERATURE = 1 << 0,
    LLMGW__OPENAI_TOP_P = 1 << 1,
    LLMGW__OPENAI_TOP_K = 1 << 2,
    LLMGW__OPENAI_FREQUENCY_PENALTY = 1 << 3,
    LLMGW__OPENAI_PRESENCE_PENALTY = 1 << 4,
    LLMGW__OPENAI_LOGIT_BIAS = 1 << 5,
    LLMGW__OPENAI_LOGPROBS = 1 << 6,
    LLMGW__OPENAI_TOP_LOGPROBS = 1 << 7,
    LLMGW__OPENAI_STOP = 1 << 8,
    LLMGW__OPENAI_N = 1 << 9,
    LLMGW__OPENAI_SEED = 1 << 10,
    LLMGW__OPENAI_TOOL_CHOICE = 1 << 11,
    LLMGW__OPENAI_PARALLEL_TOOL_CALLS = 1 << 12,
    LLMGW__OPENAI_JSON_SCHEMA = 1 << 13,
    LLMGW__OPENAI_VERBOSITY = 1 << 14,
    LLMGW__OPENAI_MODALITIES = 1 << 15,
    LLMGW__OPENAI_AUDIO = 1 << 16,
    LLMGW__OPENAI_PREDICTION = 1 << 17,
    LLMGW__OPENAI_WEB_SEARCH = 1 << 18,
    LLMGW__OPENAI_TIER = 1 << 19,
    LLMGW__OPENAI_STORE = 1 << 20,
    LLMGW__OPENAI_METADATA = 1 << 21,
    LLMGW__OPENAI_CACHE_KEY = 1 << 22,
    LLMGW__OPENAI_CACHE_SWITCH = 1 << 23, /* its options and retention */
    LLMGW__OPENAI_MODERATION = 1 << 24,
    LLMGW__OPENAI_MESSAGE_NAME = 1 << 25,
    LLMGW__OPENAI_TOOLS = 1 << 26,
    LLMGW__OPENAI_REASONING = 1 << 27 /* else as <think> in the text */
};

/** How a service is told how much to think. */
enum llmgw__openai_effort_style {
    LLMGW__EFFORT_LEVEL,    /* reasoning_effort: level */
    LLMGW__EFFORT_REFUSED,  /* it takes no such thing */
    LLMGW__EFFORT_THINKING, /* thinking.type, and reasoning_effort */
    LLMGW__EFFORT_TYPE,     /* thinking.type alone */
    LLMGW__EFFORT_EITHER,   /* thinking.type to switch it off, else level */
    LLMGW__EFFORT_DISABLE,  /* disable_reasoning */
    LLMGW__EFFORT_BUDGET,   /* enable_thinking, thinking_budget: level */
    LLMGW__EFFORT_OBJECT,   /* reasoning.effort: level */
    LLMGW__EFFORT_SWITCH,   /* reasoning.enabled */
    LLMGW__EFFORT_TEMPLATE  /* chat_template_kwargs */
};

/** Levels by enum llmgw__effort. "none" (or NULL at NONE, where the style says
 *  it otherwise) is off; another word than asked for is an approximation. */
struct llmgw__openai_effort {
    uint8_t style;
    bool quiet; /* the words are no levels: nothing is approximated */
    const char *level[LLMGW__EFFORT_MAX + 1];
};

/** With which effort a model takes tools on this endpoint. */
enum llmgw__openai_tools {
    LLMGW__TOOLS_TAKEN,
    LLMGW__TOOLS_UNLESS_THINKING,
    LLMGW__TOOLS_REFUSED,
    LLMGW__TOOLS_NO_CHAT /* the model is not served by this endpoint at all */
};

/** What the model decides. The first row that matches holds. */
struct llmgw__openai_family {
    const char *prefix;
    const char *part;          /* has to occur too; NULL: nothing has to */
    bool thinks;               /* when nothing is said about effort */
    bool developer;            /* the developer role in place of system */
    uint8_t tools;             /* enum llmgw__openai_tools */
    uint32_t rejects;          /* members, always */
    uint32_t rejects_thinking; /* members, while it thinks */
    const struct llmgw__openai_effort *effort; /* NULL: the service's */
    const char *add_key;                       /* a member to add, NULL: none */
    const char *add_json;
    const struct llmgw__openai_effort *responses; /* of the Responses API;
                                                     NULL: the same */
};

/** Flags of a service. */
enum {
    LLMGW__OPENAI_TOOL_ID_9 = 1 << 0,   /* ids are nine letters or digits */
    LLMGW__OPENAI_THINK_PARTS = 1 << 1, /* reasoning is a content part */
    /* with tools every assistant turn carries its reasoning member */
    LLMGW__OPENAI_THINK_ALWAYS = 1 << 2,
    LLMGW__OPENAI_DETAILS = 1 << 3,        /* takes reasoning_details back */
    LLMGW__OPENAI_MERGE_SYSTEM = 1 << 4,   /* one system message in a row */
    LLMGW__OPENAI_PREFIX = 1 << 5,         /* marks a last turn of its own */
    LLMGW__OPENAI_CONTENT_STRING = 1 << 6, /* content null beside calls: "" */
    LLMGW__OPENAI_CACHE_CONTROL = 1 << 7,  /* cache_control for breakpoints */
    LLMGW__OPENAI_SCHEMA_ONLY = 1 << 8,    /* any JSON goes out as a schema */
    LLMGW__OPENAI_TOOL_STREAM = 1 << 9,  /* tool_stream: arguments in pieces */
    LLMGW__OPENAI_ALTERNATE = 1 << 10,   /* user and assistant take turns */
    LLMGW__OPENAI_SCHEMA_BARE = 1 << 11, /* no $schema in a schema */
    LLMGW__OPENAI_ONE_COLD = 1 << 12     /* at temperature 0, n is 1 */
};

struct llmgw__openai_service {
    uint32_t lacks; /* members it refuses or ignores */
    uint32_t flags;
    uint8_t max_stops;        /* stop sequences it takes; 0: any number */
    const char *const *tiers; /* service tiers it takes; NULL: all */
    const char *const *takes; /* members of its own that a host may write;
                                 NULL: whatever comes */
    const char *user;         /* member for the end user's id; NULL: none */
    const char *seed;         /* member for the seed */
    const char *required;     /* its word for tool_choice required */
    const char *reasoning;    /* message member that takes reasoning back; NULL:
                              none */
    const struct llmgw__openai_effort *effort;
    const struct llmgw__openai_family *families; /* ends with prefix NULL */
    const char *add_key; /* a member to add, NULL: none */
    const char *add_json;
    llmgw_error_kind finish_error; /* what its finish reason "error" is */
};

extern const struct llmgw__openai_service llmgw__openai_itself,
    llmgw__openai_generic, llmgw__openai_deepseek, llmgw__openai_mistral,
    llmgw__openai_dashscope, llmgw__openai_openrouter, llmgw__openai_groq,
    llmgw__openai_xai, llmgw__openai_together, llmgw__openai_fireworks,
    llmgw__openai_ollama, llmgw__openai_local, llmgw__openai_azure,
    llmgw__openai_perplexity, llmgw__openai_cerebras, llmgw__openai_moonshot,
    llmgw__openai_zai, llmgw__openai_nvidia, llmgw__openai_deepinfra,
    llmgw__openai_sambanova, llmgw__openai_lmstudio, llmgw__openai_cloudflare;

/** Families of OpenAI's own models (openai_models.c). */
extern const struct llmgw__openai_family llmgw__openai_models[];

/** The family of a model, an empty one where nothing is known. */
const struct llmgw__openai_family *
llmgw__openai_family_of(const struct llmgw__openai_service *service,
                        llmgw_str model);

#endif
