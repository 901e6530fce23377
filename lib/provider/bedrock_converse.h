/*
 * provider/bedrock_converse.h - Converse: what its models differ in, and what
 * the files of its encoder and decoder share.
 *
 * Turns, calls and thinking are planned by the anthropic encoder; its blocks
 * are written in another shape.
 */
#ifndef LLMGW_PROVIDER_BEDROCK_CONVERSE_H
#define LLMGW_PROVIDER_BEDROCK_CONVERSE_H

#include "anthropic_content.h"
#include "bedrock.h"

/* --- models --- */

enum {
    LLMGW__CONVERSE_FORCE = 1 << 0,      /* toolChoice auto, any, tool */
    LLMGW__CONVERSE_LEAD = 1 << 1,       /* the assistant may begin */
    LLMGW__CONVERSE_ALONE = 1 << 2,      /* nothing stands beside results */
    LLMGW__CONVERSE_FORMAT = 1 << 3,     /* textFormat, and strict tools */
    LLMGW__CONVERSE_MARK = 1 << 4,       /* cachePoint in system, messages */
    LLMGW__CONVERSE_MARK_TOOL = 1 << 5,  /* and behind a tool */
    LLMGW__CONVERSE_STATUS = 1 << 6,     /* status of a result */
    LLMGW__CONVERSE_JSON = 1 << 7,       /* results are JSON, ids short */
    LLMGW__CONVERSE_STOP = 1 << 8,       /* stopSequences */
    LLMGW__CONVERSE_SAMPLE = 1 << 9,     /* temperature, topP */
    LLMGW__CONVERSE_SYSTEM = 1 << 10,    /* system text has a place */
    LLMGW__CONVERSE_AUDIO = 1 << 11,     /* takes audio */
    LLMGW__CONVERSE_UNSIGNED = 1 << 12,  /* takes its thinking back unsigned */
    LLMGW__CONVERSE_INCLUSIVE = 1 << 13, /* inputTokens has the cache in it */
    LLMGW__CONVERSE_TOP_K = 1 << 14      /* top_k, flat */
};

/** What may stand inside a result. */
enum {
    LLMGW__CONVERSE_IMAGE = 1 << 0,
    LLMGW__CONVERSE_TEXTUAL = 1 << 1, /* documents of text */
    LLMGW__CONVERSE_DOCUMENT = 1 << 2 /* any document */
};

/** How it is told how much to think. */
enum llmgw__converse_think {
    LLMGW__CONVERSE_THINK_NONE,
    LLMGW__CONVERSE_THINK_CLAUDE,
    LLMGW__CONVERSE_THINK_NOVA,
    LLMGW__CONVERSE_THINK_LEVEL,  /* reasoning_effort: low, medium, high */
    LLMGW__CONVERSE_THINK_NESTED, /* reasoning: {effort} */
    LLMGW__CONVERSE_THINK_CONFIG  /* reasoning_config: low, high */
};

struct llmgw__converse_model {
    const char *prefix; /* of "maker.name" */
    uint16_t can;
    uint8_t inside;
    uint8_t think;
};

/** Row of a target's model; never NULL. */
const struct llmgw__converse_model *
llmgw__converse_model_find(const struct llmgw__target *target);
bool llmgw__converse_is_claude(const struct llmgw__target *target);
/** Under which name a model's signed thinking goes around: in the arena, NULL:
 *  no memory. */
const char *llmgw__converse_state(const struct llmgw__target *target,
                                  struct llmgw__arena *arena);
/** Does a target take back state of this name? */
bool llmgw__converse_takes_state(const struct llmgw__target *target,
                                 llmgw_str format);

/* --- encoding --- */

struct llmgw__converse_names; /* bedrock_media.c */

struct llmgw__converse_encoder {
    struct llmgw__anthropic_encoder base; /* first: hooks come with it */
    struct llmgw__anthropic_model claude; /* the row, as this wire takes it */
    const struct llmgw__converse_model *model;
    struct llmgw__converse_names *names; /* documents so far */
    uint32_t options;                    /* llmgw.bedrock, or JNONE */
    uint32_t fields; /* its additionalModelRequestFields, or JNONE */
    bool flat;       /* calls and results are told in words */
    bool tools;      /* there is a toolConfig */
    bool no_limit;   /* maxTokens and sampling may not be sent */
    bool more_open;  /* additionalModelRequestFields has been begun */
};

extern const struct llmgw__anthropic_shape llmgw__converse_shape;

llmgw_status llmgw__converse_encode(struct llmgw__encode *io);
void llmgw__converse_check_tools(struct llmgw__converse_encoder *c);
void llmgw__converse_write_tools(struct llmgw__converse_encoder *c);
void llmgw__converse_write_output(struct llmgw__converse_encoder *c);
void llmgw__converse_plan_sampling(struct llmgw__converse_encoder *c);
void llmgw__converse_write_inference(struct llmgw__converse_encoder *c);
/** additionalModelRequestFields. */
void llmgw__converse_write_more(struct llmgw__converse_encoder *c);
/** An image, a document or audio. */
void llmgw__converse_media(struct llmgw__anthropic_content *content,
                           size_t message, size_t part, llmgw_str cache);
/** May this part stand inside a result? */
bool llmgw__converse_fits_result(struct llmgw__converse_encoder *c,
                                 const struct llmgw__part *part);
/** What a part is called where it does not stand; a raw string's inside. */
struct llmgw__jstr llmgw__converse_name(struct llmgw__converse_encoder *c,
                                        const struct llmgw__part *part);
/** A cachePoint behind what it covers; nothing when cache is empty. */
void llmgw__converse_mark(struct llmgw__converse_encoder *c, llmgw_str cache);

#endif
