/*
 * provider/gemini.h - what the files of the gemini dialect share.
 *
 * Encoding: one context over the request; each file writes its part of the
 * body. Decoding: the state of one answer, and of each of its choices.
 */
#ifndef LLMGW_PROVIDER_GEMINI_H
#define LLMGW_PROVIDER_GEMINI_H

#include <string.h>

#include "base/text.h"
#include "gemini_reading.h"
#include "provider.h"

/* --- models --- */

enum {
    LLMGW__GEMINI_MINIMAL = 1 << 0, /* thinking levels, in order */
    LLMGW__GEMINI_LOW = 1 << 1,
    LLMGW__GEMINI_MEDIUM = 1 << 2,
    LLMGW__GEMINI_HIGH = 1 << 3
};

/** What the model's name tells. */
struct llmgw__gemini_model {
    llmgw_str id; /* as the URL names it, collection cut off */
    bool tuned;   /* stands in tunedModels */
    bool gemma;   /* a family of its own; version is 0 */
    bool pro;
    bool image;       /* makes images: checks no signatures */
    bool thinks;      /* takes a thinkingConfig */
    bool no_prefill;  /* refuses a trailing assistant message */
    uint8_t levels;   /* thinking levels it has; 0: takes budgets */
    uint16_t version; /* 2.5 is 205; unknown ids count as the newest */
};

/** Versions where something changed. */
enum {
    LLMGW__GEMINI_2_5 = 205,
    LLMGW__GEMINI_3 = 300,
    LLMGW__GEMINI_4 = 400
};

void llmgw__gemini_model_read(struct llmgw__gemini_model *model,
                              const char *name);

/* --- encoding --- */

struct llmgw__gemini_encode;

/** What differs between the places that speak this wire. */
struct llmgw__gemini_surface {
    /** The URL up to the verb. */
    void (*add_model)(struct llmgw__buf *url,
                      const struct llmgw__gemini_encode *e);
    /** What a request to it lacks, in words; NULL: nothing. */
    const char *(*lacks)(const struct llmgw__provider *provider);
    const char *tier_header; /* NULL: serviceTier in the body */
    bool call_ids;           /* takes ids on calls and responses */
    bool many;               /* n > 1 also on generation 3 */
    bool logprobs;           /* logprobs also on 2.5 and later */
    bool buckets;            /* gs:// URLs */
    bool mixed_switch; /* wants to be told of built-in tools beside functions */
    bool streams_arguments; /* of calls, if asked to */
};

extern const struct llmgw__gemini_surface llmgw__gemini_studio;
extern const struct llmgw__gemini_surface llmgw__gemini_vertex;

struct llmgw__gemini_encode {
    struct llmgw__encode *io;
    const struct llmgw__chat *chat;
    struct llmgw__gemini_model model;
    const struct llmgw__gemini_surface *surface;
    const char *tier; /* that a header asks for; NULL: none */
    struct llmgw__jsonw w;
    uint32_t options; /* the request's llmgw.gemini, or LLMGW__JNONE */
    uint32_t config;  /* its generationConfig, or LLMGW__JNONE */
    bool config_open;
    llmgw_status status; /* first refusal or failure */
};

/** Report what changes in meaning; in strict mode that is a refusal. */
void llmgw__gemini_adjust(struct llmgw__gemini_encode *e, const char *param,
                          const char *action, const char *reason);
/** The first refusal is kept. */
void llmgw__gemini_refuse(struct llmgw__gemini_encode *e, llmgw_error_kind kind,
                          const char *param, const char *message);
/** The same for "messages[i]" + rest, e.g. ".content[0]". */
void llmgw__gemini_refuse_at(struct llmgw__gemini_encode *e,
                             llmgw_error_kind kind, size_t message,
                             const char *rest, const char *text);
/** A text part of a request with escapes resolved; no memory: e->status. */
llmgw_str llmgw__gemini_text(struct llmgw__gemini_encode *e,
                             struct llmgw__jstr str);
/** Does the request declare a function (or a custom tool sent as one)? */
bool llmgw__gemini_has_functions(const struct llmgw__gemini_encode *e);
/** Does it ask for tools of the provider's own? */
bool llmgw__gemini_has_built_in(const struct llmgw__gemini_encode *e);
/** A member of the request's llmgw.gemini; JNONE: absent, or null. */
uint32_t llmgw__gemini_option(const struct llmgw__gemini_encode *e,
                              const char *name);

/* Each writes whole members of the body's root, or nothing. */
void llmgw__gemini_contents(struct llmgw__gemini_encode *e);
void llmgw__gemini_tools(struct llmgw__gemini_encode *e);
void llmgw__gemini_config(struct llmgw__gemini_encode *e);

/** Member of generationConfig: its key is written, the value is due. false:
 *  the host gave it in llmgw.gemini, which wins. */
bool llmgw__gemini_config_key(struct llmgw__gemini_encode *e, const char *key);
void llmgw__gemini_thinking(struct llmgw__gemini_encode *e);

/** One image, audio or file part of message i, part k; response: within a
 *  functionResponse. */
void llmgw__gemini_media(struct llmgw__gemini_encode *e, size_t i, size_t k,
                         bool response);
/** Can it stand within a functionResponse? */
bool llmgw__gemini_media_responds(struct llmgw__gemini_encode *e, size_t i,
                                  size_t k);
/** The calls of assistant message i, as parts. */
void llmgw__gemini_calls(struct llmgw__gemini_encode *e, size_t i);
/** Tool message i as a functionResponse part, the answer to that call. */
void llmgw__gemini_result(struct llmgw__gemini_encode *e, size_t i,
                          const struct llmgw__tool_call *call, bool by_id);
/** The same where the history has no answer. */
void llmgw__gemini_no_result(struct llmgw__gemini_encode *e,
                             const struct llmgw__tool_call *call, bool by_id);

/** A JSON Schema in the older OpenAPI-like form. @return keywords were lost */
bool llmgw__gemini_schema(struct llmgw__gemini_encode *e, uint32_t node);
/** Is there anything in it beyond "an object"? */
bool llmgw__gemini_schema_says(const struct llmgw__gemini_encode *e,
                               uint32_t node);

llmgw_status llmgw__gemini_encode(struct llmgw__encode *encode,
                                  const struct llmgw__gemini_surface *surface);

#endif
