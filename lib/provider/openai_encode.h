/*
 * provider/openai_encode.h - what the writers of an openai request share.
 */
#ifndef LLMGW_PROVIDER_OPENAI_ENCODE_H
#define LLMGW_PROVIDER_OPENAI_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonwrite.h"
#include "openai_service.h"
#include "provider.h"

struct llmgw__openai_encode {
    struct llmgw__encode *encode;
    const struct llmgw__chat *chat;
    const struct llmgw__openai_service *service;
    const struct llmgw__openai_family *family;
    uint32_t quirks;
    uint32_t lacks;   /* members that the service refuses or ignores */
    uint32_t rejects; /* members that the model refuses */
    bool full;        /* OpenAI's own API: everything may pass as it stands */
    bool marks;       /* the host may say what is cached: breakpoints */
    bool memory;      /* and that it is kept in memory alone */
    bool thinks;      /* the model will think, by default or by effort */
    bool limit_done;  /* the one limit member is written */
    size_t leading;   /* messages of instructions that the chat begins with */
    bool user_done;
    struct llmgw__jsonw w;
    llmgw_status status; /* sticky; the error is filled with E_INVALID */
};

/** The dialect's encode. */
llmgw_status llmgw__openai_encode(struct llmgw__encode *encode);
/** The dialect's instead: whether it has to be the Responses API. */
const struct llmgw__dialect *
llmgw__openai_instead(const struct llmgw__chat *chat,
                      const struct llmgw__target *target);
/** The dialect's refuse_setting. */
const char *llmgw__openai_refuse_setting(const char *name, const char *value);
/** Who is asked, what it is, whether it will think (openai_encode.c). */
void llmgw__openai_begin(struct llmgw__openai_encode *o,
                         struct llmgw__encode *encode);
/** Method, URL (base + path) and headers; model: whose path it is, NULL: that
 *  of no model. */
void llmgw__openai_head(struct llmgw__openai_encode *o, const char *path,
                        const char *model);
/** A member that only some services have, or that nobody knows. */
void llmgw__openai_other(struct llmgw__openai_encode *o, struct llmgw__jstr key,
                         uint32_t value);
/** Does a member ask for what happens anyway? idle NULL: never. */
bool llmgw__openai_is_idle(const struct llmgw__openai_encode *o,
                           const char *idle, uint32_t value);
/** The member for the end user's id; the host's name for it is written as it
 *  stands where the service knows both. */
void llmgw__openai_user(struct llmgw__openai_encode *o, const char *name,
                        uint32_t value);
/** Does the model take this switch of its cache as it is? */
bool llmgw__openai_caches(const struct llmgw__openai_encode *o,
                          const char *name, uint32_t value);
/** The member "service_tier", if the service and the model have that one. */
void llmgw__openai_tier(struct llmgw__openai_encode *o, uint32_t value);
/** Record an adjustment; under strict this refuses the request. */
void llmgw__openai_adjust(struct llmgw__openai_encode *o, const char *param,
                          const char *action, const char *reason);
/** The target cannot take it at all. */
void llmgw__openai_refuse(struct llmgw__openai_encode *o, const char *param,
                          const char *message);

/** The value of "messages" (openai_messages.c). */
void llmgw__openai_messages(struct llmgw__openai_encode *o);
/** Look at them once, before the others of openai_turns.c. */
void llmgw__openai_turns(struct llmgw__openai_encode *o);
/** Past the messages from here on that have to go out as one, made anew;
 *  from itself: this one goes out as it is (openai_turns.c). */
size_t llmgw__openai_turn(const struct llmgw__openai_encode *o, size_t from);
void llmgw__openai_write_turn(struct llmgw__openai_encode *o, size_t from,
                              size_t to);
/** What a message's role is called there. */
const char *llmgw__openai_role(const struct llmgw__openai_encode *o,
                               const struct llmgw__message *message);
/** The value of a message's "content"; LLMGW__JNONE: it has none
 *  (openai_content.c). */
void llmgw__openai_content(struct llmgw__openai_encode *o,
                           const struct llmgw__message *message,
                           uint32_t content);
/** One part of a content, and one of text alone. */
void llmgw__openai_part(struct llmgw__openai_encode *o, uint32_t part);
void llmgw__openai_text_part(struct llmgw__openai_encode *o,
                             struct llmgw__jstr text);
/** Does reasoning go back between tags, before the text? */
bool llmgw__openai_tags(const struct llmgw__openai_encode *o);
/** Does a message's reasoning go back inside its content? */
bool llmgw__openai_thinks_in_content(const struct llmgw__openai_encode *o,
                                     const struct llmgw__message *message);
/** May a message's content go out as it stands? */
bool llmgw__openai_content_keeps(const struct llmgw__openai_encode *o,
                                 const struct llmgw__message *message,
                                 uint32_t content);
/** The value of "response_format" (openai_format.c). */
void llmgw__openai_format(struct llmgw__openai_encode *o, uint32_t value);
/** An object as it stands, but for one member. */
void llmgw__openai_without(struct llmgw__openai_encode *o, uint32_t object,
                           const char *member);
/** Members "tools" and "tool_choice" (openai_tools.c). */
void llmgw__openai_tools(struct llmgw__openai_encode *o);
void llmgw__openai_tool_choice(struct llmgw__openai_encode *o);
/** The value of a message's "tool_calls". */
void llmgw__openai_calls(struct llmgw__openai_encode *o,
                         const struct llmgw__message *message);
bool llmgw__openai_calls_keep(const struct llmgw__openai_encode *o,
                              const struct llmgw__message *message);
/** A tool id in the form that the service takes, as a JSON string. */
void llmgw__openai_tool_id(struct llmgw__openai_encode *o,
                           struct llmgw__jstr id);
/** Is an id of that form already? */
bool llmgw__openai_tool_id_fits(const struct llmgw__openai_encode *o,
                                struct llmgw__jstr id);
/** The members that say how much to think. */
void llmgw__openai_effort(struct llmgw__openai_encode *o);
/** What goes out for the effort asked for; NULL: nothing can. */
const char *llmgw__openai_effort_level(const struct llmgw__openai_encode *o);
/** The same for the Responses API. */
const char *
llmgw__openai_responses_effort(const struct llmgw__openai_encode *o);
/** Is this model of a kind that does not reason at all? */
bool llmgw__openai_never_thinks(const struct llmgw__openai_encode *o);
/** Report another level than asked for, or that there is none (NULL). */
void llmgw__openai_effort_report(struct llmgw__openai_encode *o,
                                 const char *level);

/** What the dialect's hook of that name says. */
bool llmgw__openai_takes_state(const struct llmgw__target *target,
                               llmgw_str format);

#endif
