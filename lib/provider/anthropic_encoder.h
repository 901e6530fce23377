/*
 * provider/anthropic_encoder.h - one context over a request, and what each
 * file of the anthropic encoder writes of it.
 *
 * The status is sticky: the first refusal or failure is kept, and what is
 * written after it is thrown away.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_ENCODER_H
#define LLMGW_PROVIDER_ANTHROPIC_ENCODER_H

#include "anthropic.h"

struct llmgw__map; /* base/map.h */
#include "anthropic_surface.h"
#include "base/jsonwrite.h"

/** How a structured answer is got. */
enum llmgw__anthropic_format {
    LLMGW__ANTHROPIC_FREE,      /* none wanted */
    LLMGW__ANTHROPIC_NATIVE,    /* output_config.format */
    LLMGW__ANTHROPIC_TOOL,      /* emulated by a forced tool */
    LLMGW__ANTHROPIC_ASK,       /* asked for in words: an object */
    LLMGW__ANTHROPIC_ASK_SCHEMA /* in words, with the schema */
};

struct llmgw__anthropic_shape; /* anthropic_content.h */

struct llmgw__anthropic_encoder {
    struct llmgw__encode *io;
    const struct llmgw__chat *chat;
    const struct llmgw__anthropic_model *model;
    const struct llmgw__anthropic_surface *surface; /* NULL: it has a shape */
    const char *api_version;
    const struct llmgw__anthropic_shape *shape; /* NULL: that of Messages */
    const char *state; /* format of thinking sent back; NULL: Claude's */
    struct llmgw__jsonw w;
    struct llmgw__anthropic_plan plan;
    llmgw_status status;
    int64_t max_tokens;
    const char *thinking; /* its type; NULL: not sent */
    const char *effort;   /* NULL: not sent */
    int64_t budget;       /* of type "enabled" */
    bool echoes;          /* thinking goes back without a signature */
    bool leads;           /* the assistant may begin */
    bool thinks;          /* thinking was asked for, whichever way */
    bool by_budget;       /* with a token budget */
    bool no_thinking;     /* the host's own member may not be sent */
    bool files;           /* a part names a stored file */
    bool eager;           /* a tool's arguments are wanted at once */
    const char *tier;     /* that a header asks for; NULL: none */
    llmgw_str temperature, top_p, top_k; /* numbers; empty: not sent */
    uint8_t format;                      /* enum llmgw__anthropic_format */
    uint8_t choice;      /* enum llmgw__tool_choice, as it is sent */
    bool only_named;     /* offer the named tool alone */
    size_t offered;      /* tools that are sent */
    bool search;         /* one of them is a search of the web */
    bool *strict;        /* by tool: with strict */
    size_t strict_tools; /* their number */
    size_t optionals;    /* parameters of all grammars so far … */
    size_t unions;       /* … and those of several types */
    size_t cache_skip;   /* breakpoints to leave out before the first kept */
};

/* The first word of every step: is there anything left to do? */
#define LLMGW__ANTHROPIC_OK(e) ((e)->status == LLMGW_OK)

/** Report what changes in meaning; under strict rules that is a refusal. */
void llmgw__anthropic_adjust(struct llmgw__anthropic_encoder *e,
                             const char *param, const char *action,
                             const char *reason);
/** This target cannot take it: code unsupported_value or _content. */
void llmgw__anthropic_refuse(struct llmgw__anthropic_encoder *e,
                             const char *code, const char *param,
                             const char *message);
/** The same for part `part` of message `message`: unsupported_content. */
void llmgw__anthropic_refuse_part(struct llmgw__anthropic_encoder *e,
                                  size_t message, size_t part,
                                  const char *text);
/** Keep the first failure. */
void llmgw__anthropic_fail(struct llmgw__anthropic_encoder *e,
                           llmgw_status status);
/** Memory of the attempt, zeroed; NULL: failed. */
void *llmgw__anthropic_array(struct llmgw__anthropic_encoder *e, size_t count,
                             size_t size);
/** Escapes resolved; empty: failed, or nothing there. */
llmgw_str llmgw__anthropic_text(struct llmgw__anthropic_encoder *e,
                                struct llmgw__jstr str);
/** A copy that lives with the attempt, as the inside of a JSON string: text is
 *  escaped on the way, raw is one already. data NULL: failed. */
struct llmgw__jstr llmgw__anthropic_inside(struct llmgw__anthropic_encoder *e,
                                           llmgw_str text);
struct llmgw__jstr llmgw__anthropic_raw(struct llmgw__anthropic_encoder *e,
                                        llmgw_str raw);
/** Write the members of an object but those named (NULL-terminated). */
void llmgw__anthropic_members(struct llmgw__anthropic_encoder *e,
                              uint32_t object, const char *const *without);

/* --- text --- */

/** Nothing but white space (Unicode's), escapes resolved on the way. */
bool llmgw__anthropic_blank(struct llmgw__jstr str);
/** Without white space at its end. */
struct llmgw__jstr llmgw__anthropic_trim_end(struct llmgw__jstr str);

/* --- planning, in this order; each may refuse --- */

void llmgw__anthropic_plan_turns(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_plan_params(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_plan_thinking(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_plan_sampling(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_plan_tools(struct llmgw__anthropic_encoder *e);
/** May the use of a tool be forced? */
bool llmgw__anthropic_forces(const struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_plan_search(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_plan_format(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_plan_cache(struct llmgw__anthropic_encoder *e);

/** The calls that a turn of the assistant makes, ids made fit. */
void llmgw__anthropic_calls(struct llmgw__anthropic_encoder *e,
                            struct llmgw__anthropic_turn *turn,
                            struct llmgw__map *ids);
/** Find the results of a user turn's calls among its messages. */
void llmgw__anthropic_results(struct llmgw__anthropic_encoder *e,
                              struct llmgw__anthropic_turn *turn);

/** Did a turn end while a tool of the service was still at work? */
bool llmgw__anthropic_unfinished(struct llmgw__anthropic_encoder *e,
                                 const struct llmgw__anthropic_turn *turn);

/* --- writing whole members of the body's root, or nothing --- */

void llmgw__anthropic_write_tools(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_write_search(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_write_system(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_write_messages(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_write_assistant(struct llmgw__anthropic_encoder *e,
                                      const struct llmgw__anthropic_turn *turn);
void llmgw__anthropic_write_thinking(struct llmgw__anthropic_encoder *e);
/** The members of "thinking". */
void llmgw__anthropic_thinking_members(struct llmgw__anthropic_encoder *e);
/** The value of "tool_choice". */
void llmgw__anthropic_choice(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_write_output(struct llmgw__anthropic_encoder *e);
void llmgw__anthropic_write_params(struct llmgw__anthropic_encoder *e);

#endif
