/*
 * provider/encoding.h - what encoders of a provider's own chat wire have in
 * common: a JSON body, members without a counterpart, members that the host
 * gives in the provider's own words.
 */
#ifndef LLMGW_PROVIDER_ENCODING_H
#define LLMGW_PROVIDER_ENCODING_H

#include "base/text.h"
#include "dialect.h"

struct llmgw__encoding {
    struct llmgw__encode *io;
    const struct llmgw__chat *chat;
    struct llmgw__jsonw w;
    uint32_t options;  /* the request's llmgw.NAME, or LLMGW__JNONE */
    const char *place; /* "llmgw.NAME" */
    /* NULL at the end: members that the request itself fills, and options
       that are no members of the body */
    const char *const *owned;
    const char *const *aside;
    /* members of the request that somebody here reads; NULL: a chat's */
    bool (*known)(struct llmgw__jstr name);
    llmgw_status status; /* first refusal or failure */
};

/** The body is open for its members; place is "llmgw." and the name. */
void llmgw__encoding_start(struct llmgw__encoding *e,
                           struct llmgw__encode *encode, const char *place);
/** Close the body, say where it goes: behind the base URL, less `version`
 *  where it ends so. @return e->status */
llmgw_status llmgw__encoding_finish(struct llmgw__encoding *e, const char *path,
                                    const char *version);

/** Report what changes in meaning; strict: E_INVALID, error says what. */
llmgw_status llmgw__encode_adjust(struct llmgw__encode *encode,
                                  const char *param, const char *action,
                                  const char *reason);
/** The same; the refusal is kept in e->status. */
void llmgw__encoding_adjust(struct llmgw__encoding *e, const char *param,
                            const char *action, const char *reason);
/** The first refusal is kept. */
void llmgw__encoding_refuse(struct llmgw__encoding *e, llmgw_error_kind kind,
                            const char *param, const char *message);
/** The same for "messages[i]" + rest, e.g. ".content[0]". */
void llmgw__encoding_refuse_at(struct llmgw__encoding *e, llmgw_error_kind kind,
                               size_t message, const char *rest,
                               const char *text);
/** Part k of message i cannot be sent. */
void llmgw__encoding_refuse_part(struct llmgw__encoding *e, size_t i, size_t k,
                                 const char *text);
/** A text of the request with escapes resolved; no memory: e->status. */
llmgw_str llmgw__encoding_text(struct llmgw__encoding *e,
                               struct llmgw__jstr str);

/** A member of the request's llmgw.NAME; JNONE: absent, or null. */
uint32_t llmgw__encoding_option(const struct llmgw__encoding *e,
                                const char *name);
/** A member of the body: its key is written, the value is due. false: the
 *  host gave it in llmgw.NAME, which wins. */
bool llmgw__encoding_key(struct llmgw__encoding *e, const char *key);
/** A list of the request's own values, as they stand. */
void llmgw__encoding_inputs(struct llmgw__encoding *e, const uint32_t *nodes,
                            size_t count);
/** A list of strings: "stop" in the provider's words. */
void llmgw__encoding_stops(struct llmgw__encoding *e);

/** Refuse what no wire of this kind has; report what is left out. */
void llmgw__encoding_check(struct llmgw__encoding *e);
/** llmgw.NAME, and members that the host vouches for, as they are. */
void llmgw__encoding_given(struct llmgw__encoding *e);

/** Is a tool offered, where only the chosen ones are sent? */
bool llmgw__encoding_offers(const struct llmgw__chat *chat,
                            const struct llmgw__tool *tool);
/** Is any? */
bool llmgw__encoding_offers_any(const struct llmgw__chat *chat);
/** The parameters of a tool, none as an empty object; a custom tool is a
 *  function of one string. */
void llmgw__encoding_parameters(struct llmgw__encoding *e,
                                const struct llmgw__tool *tool);
/** Refuse tools of other types; report strict where it has no place. */
void llmgw__encoding_check_tools(struct llmgw__encoding *e, bool strict);
/** A message's name has no place. */
void llmgw__encoding_report_name(struct llmgw__encoding *e,
                                 const struct llmgw__message *message);
/** The text parts in one string, or what was refused; not the quotes. */
void llmgw__encoding_join(struct llmgw__encoding *e,
                          const struct llmgw__message *message,
                          const char *between);

#endif
