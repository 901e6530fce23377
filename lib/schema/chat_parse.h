/*
 * schema/chat_parse.h - the parts of reading a chat request. Private to
 * chat*.c.
 *
 * A place is a value and the way to it: every refusal names its place, e.g.
 * "messages[2].content[0].image_url.url". Places live on the stack of the
 * functions that read them.
 */
#ifndef LLMGW_SCHEMA_CHAT_PARSE_H
#define LLMGW_SCHEMA_CHAT_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/fields.h"
#include "base/jsondoc.h"
#include "base/jsonread.h"

struct llmgw__chat;
struct llmgw__embed;
struct llmgw__error;
struct llmgw__message;

#define LLMGW__MAX_MESSAGES 100000
#define LLMGW__MAX_TOOLS    512

struct llmgw__chat_parse {
    struct llmgw__chat *chat;
    struct llmgw__embed *embed; /* of an embeddings request, else NULL */
    struct llmgw__error *error;
};

struct llmgw__place {
    const struct llmgw__chat_parse *in;
    const struct llmgw__place *parent; /* NULL: the request itself */
    const char *key;                   /* member name; NULL: an element */
    size_t index;                      /* which element */
    uint32_t node;                     /* LLMGW__JNONE: absent, or null */
};

/* --- chat_place.c --- */

/** A member of the object here; null counts as absent. */
struct llmgw__place llmgw__place_member(const struct llmgw__place *at,
                                        const char *key);
/** The element `index` of the array here, standing at `node`. */
struct llmgw__place llmgw__place_element(const struct llmgw__place *at,
                                         size_t index, uint32_t node);
/** Fill the error: path, space, text ("must be a string").
 *  @return LLMGW_E_INVALID */
llmgw_status llmgw__place_refuse(const struct llmgw__place *at,
                                 const char *text);
enum llmgw__json_type llmgw__place_type(const struct llmgw__place *at);
bool llmgw__place_given(const struct llmgw__place *at);
/** Refuse another type; also nothing, when `required`. */
llmgw_status llmgw__place_check(const struct llmgw__place *at,
                                enum llmgw__json_type type, bool required);

/* Reads: absent leaves *out alone; another type or value is refused. */
llmgw_status llmgw__place_string(const struct llmgw__place *at,
                                 struct llmgw__jstr *out);
/** The same, refused when absent. */
llmgw_status llmgw__place_text(const struct llmgw__place *at,
                               struct llmgw__jstr *out);
/** The same, refused when absent or empty. */
llmgw_status llmgw__place_word(const struct llmgw__place *at,
                               struct llmgw__jstr *out);
/** A name that has to match [A-Za-z0-9_.:-]{1,64}. */
llmgw_status llmgw__place_name(const struct llmgw__place *at,
                               struct llmgw__jstr *out);
llmgw_status llmgw__place_bool(const struct llmgw__place *at, bool *out);
/** 0 or 1 in *out. */
llmgw_status llmgw__place_flag(const struct llmgw__place *at, int8_t *out);
/** An object or array whose node is kept. */
llmgw_status llmgw__place_node(const struct llmgw__place *at,
                               enum llmgw__json_type type, uint32_t *out);
/** One of the words in the NULL-terminated list: its place in the list.
 *  `must` is the refusal. */
llmgw_status llmgw__place_one_of(const struct llmgw__place *at,
                                 const char *const *words, const char *must,
                                 size_t *out);
/** The members of the object here that a table has, those that are given, read
 *  into a struct. Unknown ones are not its concern. */
llmgw_status llmgw__place_fields(const struct llmgw__place *at,
                                 const struct llmgw__field *fields, void *into);

/* --- readers of members; each is handed the member's place --- */

llmgw_status llmgw__chat_read_model(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_user(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_messages(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_tools(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_functions(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_tool_choice(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_function_call(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_format(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_number(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_max_tokens(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_n(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_stop(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_effort(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_verbosity(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_logit_bias(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_identifier(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_metadata(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_stream_options(const struct llmgw__place *at);
llmgw_status llmgw__chat_read_extension(const struct llmgw__place *at,
                                        bool *pass_unknown);

/** Refuse halves of surrogate pairs, wherever they stand. */
llmgw_status llmgw__chat_refuse_halves(const struct llmgw__place *request);

/** content of a message, part types being a mask of 1 << enum
 *  llmgw__part_type. */
llmgw_status llmgw__chat_read_content(const struct llmgw__place *at,
                                      unsigned allowed,
                                      struct llmgw__message *message);
/** tool_calls and function_call of an assistant message. */
llmgw_status llmgw__chat_read_calls(const struct llmgw__place *message_at,
                                    struct llmgw__message *message);
/** The call that a function message answers becomes its tool_call_id. */
llmgw_status llmgw__chat_link_function(const struct llmgw__place *message_at,
                                       struct llmgw__message *message);

#endif
