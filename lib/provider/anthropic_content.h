/*
 * provider/anthropic_content.h - content: a string when it is one plain text,
 * else an array of blocks; and what goes into it.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_CONTENT_H
#define LLMGW_PROVIDER_ANTHROPIC_CONTENT_H

#include "anthropic_encoder.h"
#include "data_url.h"

struct llmgw__anthropic_content;

/** Thinking of an earlier answer: in one text or in the pieces of a list. */
struct llmgw__anthropic_thought {
    struct llmgw__jstr text;
    struct llmgw__jstr signature;
    struct llmgw__jstr redacted; /* data NULL: it is no such block */
    uint32_t list, first, end;   /* first JNONE: there are no pieces */
};

/** Its text, into an open string. */
void llmgw__anthropic_thought_text(struct llmgw__anthropic_encoder *e,
                                   const struct llmgw__anthropic_thought *t);

/** Another form of the same turns and blocks. Every hook writes one block, or
 *  several. */
struct llmgw__anthropic_shape {
    void (*text)(struct llmgw__anthropic_encoder *e, struct llmgw__jstr text,
                 llmgw_str cache);
    void (*media)(struct llmgw__anthropic_content *content, size_t message,
                  size_t part, llmgw_str cache);
    void (*thought)(struct llmgw__anthropic_content *content,
                    const struct llmgw__anthropic_thought *thought);
    void (*call)(struct llmgw__anthropic_content *content,
                 const struct llmgw__anthropic_call *call, llmgw_str cache);
    /** All results of a turn. */
    void (*results)(struct llmgw__anthropic_content *content,
                    const struct llmgw__anthropic_turn *turn);
    /** Results stand alone, and more follows: another turn begins. */
    void (*split)(struct llmgw__anthropic_content *content);
    /** Nothing follows. */
    void (*end)(struct llmgw__anthropic_content *content);
};

struct llmgw__anthropic_content {
    struct llmgw__anthropic_encoder *e;
    const char *key;         /* of the member; written with the first block */
    struct llmgw__jstr held; /* one plain text, as long as it is alone */
    bool open;               /* the array */
    bool alone;              /* with a shape: what follows must be split off */
    bool says;               /* with a shape: there is text in it */
    struct llmgw__jstr document; /* with a shape: a name; data NULL: none */
};

void llmgw__anthropic_content_init(struct llmgw__anthropic_content *content,
                                   struct llmgw__anthropic_encoder *e,
                                   const char *key);
/** Add a text block; blank ones are left out. cache: its cache_control as
 *  JSON, or empty. */
void llmgw__anthropic_content_text(struct llmgw__anthropic_content *content,
                                   struct llmgw__jstr text, llmgw_str cache);
/** The caller writes one block as the next value. */
void llmgw__anthropic_content_block(struct llmgw__anthropic_content *content);
void llmgw__anthropic_content_end(struct llmgw__anthropic_content *content);

/** All parts of a message; or its texts alone, or all but them. */
void llmgw__anthropic_parts(struct llmgw__anthropic_content *content,
                            size_t message);
void llmgw__anthropic_texts(struct llmgw__anthropic_content *content,
                            size_t message);
void llmgw__anthropic_others(struct llmgw__anthropic_content *content,
                             size_t message);
/** An image or file part. */
void llmgw__anthropic_media(struct llmgw__anthropic_content *content,
                            size_t message, size_t part, llmgw_str cache);

/** In base64; data NULL: it is no such URL, or reading it failed. */
struct llmgw__data_url
llmgw__anthropic_data_url(struct llmgw__anthropic_encoder *e,
                          struct llmgw__jstr text);
/** Type of an image the service takes; NULL: another one. */
const char *llmgw__anthropic_image_type(struct llmgw__anthropic_encoder *e,
                                        const struct llmgw__data_url *url);

/** The provider's own blocks of a message, to be sent as they are;
 *  LLMGW__JNONE: there are none. */
uint32_t llmgw__anthropic_replay(const struct llmgw__anthropic_encoder *e,
                                 const struct llmgw__message *message);
/** last: the request ends with them. */
void llmgw__anthropic_write_replay(struct llmgw__anthropic_content *content,
                                   uint32_t blocks, bool last);
/** The system text, all of it, and what is asked for in words. */
void llmgw__anthropic_system(struct llmgw__anthropic_content *content);
/** What an assistant's message says. */
void llmgw__anthropic_said(struct llmgw__anthropic_content *content,
                           size_t message);
/** The member "input" of a call. */
void llmgw__anthropic_write_input(struct llmgw__anthropic_encoder *e,
                                  const struct llmgw__tool_call *call);
/** Signed thinking of a message. content NULL: only count.
 *  @return blocks of it */
size_t llmgw__anthropic_thoughts(struct llmgw__anthropic_encoder *e,
                                 const struct llmgw__message *message,
                                 struct llmgw__anthropic_content *content);

/* Breakpoints: JSON of cache_control, or empty. Each is asked for once, in
 * the order in which they are written: those too many are left out. */
llmgw_str llmgw__anthropic_cache_node(struct llmgw__anthropic_encoder *e,
                                      uint32_t node);
llmgw_str llmgw__anthropic_cache_part(struct llmgw__anthropic_encoder *e,
                                      size_t message, size_t part);
/** On the text that a result without a call becomes. */
llmgw_str llmgw__anthropic_cache_orphan(struct llmgw__anthropic_encoder *e,
                                        size_t message);
llmgw_str llmgw__anthropic_cache_tool(struct llmgw__anthropic_encoder *e,
                                      const struct llmgw__tool *tool);
/** Write an object as it stands, without a breakpoint that is one too many. */
void llmgw__anthropic_write_marked(struct llmgw__anthropic_encoder *e,
                                   uint32_t object);
/** Is a tool sent? */
bool llmgw__anthropic_offers(const struct llmgw__anthropic_encoder *e,
                             const struct llmgw__tool *tool);

/** A schema as it stands, with the type the service insists on. */
void llmgw__anthropic_plain_schema(struct llmgw__anthropic_encoder *e,
                                   uint32_t schema);
/** Is it a choice of schemas, which no tool may take? */
bool llmgw__anthropic_top_union(const struct llmgw__jdoc *doc, uint32_t schema);
/** Will the grammar compiler take a schema, beside those before? Then it is
 *  counted in. */
bool llmgw__anthropic_schema_fits(struct llmgw__anthropic_encoder *e,
                                  uint32_t node);
/** Is an object of this schema's type; is a node false? */
bool llmgw__anthropic_is_object(const struct llmgw__jdoc *doc, uint32_t schema);
bool llmgw__anthropic_is_false(const struct llmgw__jdoc *doc, uint32_t node);
/** Write it as the grammar compiler takes it. @return keywords were lost */
bool llmgw__anthropic_schema_write(struct llmgw__anthropic_encoder *e,
                                   uint32_t node);

#endif
