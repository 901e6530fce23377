/*
 * schema/chat_form.h - the top level of a request of any kind: its members, as
 * a table. Private to chat*.c and embed.c.
 */
#ifndef LLMGW_SCHEMA_CHAT_FORM_H
#define LLMGW_SCHEMA_CHAT_FORM_H

#include "base/arena.h"
#include "chat_parse.h"

typedef llmgw_status llmgw__read_fn(const struct llmgw__place *at);

/** A known top-level member. */
struct llmgw__member {
    const char *name;
    llmgw__read_fn *read; /* NULL: dialects look it up themselves */
    uint8_t type;         /* enum llmgw__json_type; NONE: the reader checks */
    bool required;
};

#define LLMGW__MEMBER(name, type, read)           \
    {                                             \
        (name), (read), LLMGW__JSON_##type, false \
    }
#define LLMGW__REQUIRED(name, type, read)        \
    {                                            \
        (name), (read), LLMGW__JSON_##type, true \
    }

/** The members of a kind of request, in the order they are read. */
struct llmgw__form {
    const struct llmgw__member *members;
    size_t count; /* at most LLMGW__MAX_MEMBERS */
};

#define LLMGW__MAX_MEMBERS 96

/** Read and check a request of that form. */
llmgw_status llmgw__form_parse(const struct llmgw__chat_parse *in,
                               const struct llmgw__form *form, llmgw_str bytes,
                               struct llmgw__arena *arena);
/** Which member has this name; count: none. */
size_t llmgw__form_find(const struct llmgw__form *form, struct llmgw__jstr key);

#endif
