/*
 * provider/anthropic_surface.h - what differs between the places that speak
 * the Messages API.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_SURFACE_H
#define LLMGW_PROVIDER_ANTHROPIC_SURFACE_H

#include "provider.h"

enum {
    LLMGW__ANTHROPIC_BODY_VERSION = 1 << 0, /* not a header */
    LLMGW__ANTHROPIC_BODY_BETAS = 1 << 1,   /* likewise */
    LLMGW__ANTHROPIC_URL_MODEL = 1 << 2,    /* says the model; not the body */
    LLMGW__ANTHROPIC_URL_STREAM = 1 << 3,   /* … and whether to stream */
    LLMGW__ANTHROPIC_NO_FETCHING = 1 << 4,  /* of URLs and stored files */
    LLMGW__ANTHROPIC_FEW_BETAS = 1 << 5,    /* refuses names it knows not */
    LLMGW__ANTHROPIC_NO_SERVER_TOOLS = 1 << 6,
    LLMGW__ANTHROPIC_NO_EAGER = 1 << 7 /* arguments at once by a beta, not by
                                          the tool */
};

struct llmgw__anthropic_surface {
    uint32_t rules; /* LLMGW__ANTHROPIC_… of above */
    /** What the model is, in the table of models; NULL: as it is called. */
    llmgw_str (*name)(const struct llmgw__target *target);
    const char *version; /* unless the setting api_version says another */
    /** NULL: no memory. */
    char *(*url)(struct llmgw__arena *arena, const struct llmgw__target *target,
                 bool stream);
    /** What a request to it lacks, in words; NULL: nothing. */
    const char *(*lacks)(const struct llmgw__provider *provider);
    const char *accept_stream;  /* the header that a stream is asked for with */
    const char *accept;         /* what it says */
    const char *tier_header;    /* of tiers; NULL: service_tier in the body */
    const char *const *without; /* members that it has not; NULL: none */
    /** Does it take grammars of answers (output_config.format) for this model?
     *  NULL: where the model does. */
    bool (*formats)(const struct llmgw__target *target);
};

extern const struct llmgw__anthropic_surface llmgw__anthropic_direct;
extern const struct llmgw__anthropic_surface llmgw__anthropic_vertex;
extern const struct llmgw__anthropic_surface llmgw__anthropic_invoke;
extern const struct llmgw__anthropic_surface llmgw__anthropic_messages;

struct llmgw__anthropic_encoder;

/** The dialect's encode. */
llmgw_status
llmgw__anthropic_encode(struct llmgw__encode *io,
                        const struct llmgw__anthropic_surface *surface);
/** Is this (LLMGW__ANTHROPIC_…) the rule there? Does it take grammars? */
bool llmgw__anthropic_rules(const struct llmgw__anthropic_encoder *e,
                            uint32_t rule);
bool llmgw__anthropic_formats(const struct llmgw__anthropic_encoder *e);

#endif
