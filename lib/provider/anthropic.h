/*
 * provider/anthropic.h - what the anthropic dialect knows of a model, and the
 * plan of a request's turns.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_H
#define LLMGW_PROVIDER_ANTHROPIC_H

#include "base/jsonwrite.h"
#include "base/text.h"
#include "provider.h"

/* --- models --- */

/** What thinking is when the request says nothing, and what it accepts. */
enum llmgw__anthropic_think {
    LLMGW__ANTHROPIC_THINK_NONE,   /* knows no thinking */
    LLMGW__ANTHROPIC_THINK_BUDGET, /* off; only with a token budget */
    LLMGW__ANTHROPIC_THINK_OFF,    /* off; adaptive */
    LLMGW__ANTHROPIC_THINK_ON,     /* on; may be disabled */
    LLMGW__ANTHROPIC_THINK_ALWAYS  /* on; cannot be disabled */
};

enum {
    LLMGW__ANTHROPIC_FORCE = 1 << 0,   /* tool_choice any and tool */
    LLMGW__ANTHROPIC_SAMPLE = 1 << 1,  /* temperature, top_p, top_k */
    LLMGW__ANTHROPIC_PREFILL = 1 << 2, /* a trailing assistant turn */
    LLMGW__ANTHROPIC_LATE = 1 << 3,    /* role "system" inside messages */
    LLMGW__ANTHROPIC_FORMAT = 1 << 4,  /* output_config.format */
    LLMGW__ANTHROPIC_XHIGH = 1 << 5,   /* effort xhigh */
    LLMGW__ANTHROPIC_BETWEEN = 1 << 6, /* thinking between_tools */
    LLMGW__ANTHROPIC_WINDOW = 1 << 7   /* needs a beta to say that the window
                                          was the limit */
};

struct llmgw__anthropic_model {
    const char *prefix;
    uint8_t think; /* enum llmgw__anthropic_think */
    uint8_t can;
    int32_t max_output; /* 0: not known */
    int32_t output;     /* asked for when the host names no limit */
};

/** Row of a model name; never NULL. */
const struct llmgw__anthropic_model *
llmgw__anthropic_model_find(llmgw_str name);

/** Setting of a provider: "true" lets web_search_options become a tool that
 *  the service runs. */
#define LLMGW__ANTHROPIC_SERVER_TOOLS "server_tools"

/** What a setting of the dialect must be; NULL: it may be that. */
const char *llmgw__anthropic_refuse_setting(const char *name,
                                            const char *value);

/** The tool of ours whose input is the answer. */
#define LLMGW__ANTHROPIC_JSON_TOOL "json_response"

/** JSON without white space between its values, appended. */
void llmgw__anthropic_compact(struct llmgw__buf *out, llmgw_str json);

/** Nothing, or an object or array with nothing in it. */
bool llmgw__anthropic_empty(llmgw_str json);

/* --- the plan of the turns --- */

/** What becomes of a message. */
enum llmgw__anthropic_kind {
    LLMGW__ANTHROPIC_BLANK, /* nothing in it, or a result that was replaced */
    LLMGW__ANTHROPIC_SYSTEM,
    LLMGW__ANTHROPIC_USER,
    LLMGW__ANTHROPIC_RESULT, /* of a call of the turn before */
    LLMGW__ANTHROPIC_ORPHAN, /* a result without a call */
    LLMGW__ANTHROPIC_ASSISTANT
};

struct llmgw__anthropic_call {
    llmgw_str id;   /* as the host wrote it, escapes resolved */
    llmgw_str sent; /* the same on both sides, unique, allowed bytes only */
    const struct llmgw__tool_call *call; /* NULL: inside replay content */
    llmgw_str toolset; /* its toolset_name as JSON; empty: none */
    size_t message;    /* that makes it */
    size_t result;     /* message that answers it; SIZE_MAX: none */
};

struct llmgw__anthropic_turn {
    size_t since;  /* user: text that had to wait stands from here on */
    size_t system; /* user: the same of system text */
    size_t first;  /* messages of it, blank ones among them */
    size_t end;
    struct llmgw__anthropic_call *calls; /* made, or to be answered */
    size_t call_count;
    bool assistant;
    bool results_only; /* text in it waits for the next turn */
    bool late;         /* system text in it follows as a turn of its own */
    bool as_user;      /* system text in it is the user's text */
    bool made_up;      /* a first user turn that the host did not write */
};

struct llmgw__anthropic_plan {
    uint8_t *kinds; /* per message, enum llmgw__anthropic_kind */
    struct llmgw__anthropic_turn *turns;
    size_t turn_count;
    size_t *system; /* messages that go to the top, in order */
    size_t system_count;
    bool prefill; /* the last turn is the assistant's, to be gone on with */
};

#endif
