/*
 * catalog/same.h - the same model at several providers, by its names there.
 */
#ifndef LLMGW_CATALOG_SAME_H
#define LLMGW_CATALOG_SAME_H

#include "catalog.h"

#define LLMGW__MODEL_KEY 128 /* bytes of a name that are looked at */

/** What a name comes down to; equal keys are the same model. */
struct llmgw__model_key {
    char text[LLMGW__MODEL_KEY]; /* "claude-sonnet-4-5", NUL-terminated */
    uint32_t date;               /* 20250929; 0: none in the name */
    llmgw_str geo;               /* "eu" before a dot: where it is run */
};

/**
 * Take a name apart: without what stands before its last slash, the vendor or
 * region before a dot, its date, what marks a version of the endpoint
 * ("-v1:0", "-001", "-latest", "@default"); in lower case, dots and the like
 * as hyphens.
 */
void llmgw__model_key(llmgw_str name, struct llmgw__model_key *key);

/**
 * Every configured provider that is known to have a model, in configured
 * order, as a route: of each the row whose name says most precisely what was
 * asked for. Providers that cannot be asked for want of a key are left out.
 *
 * @param model   its name at any of them, or its "same_as"
 * @param region  only providers there ("eu": also of "eu-central-1"); NULL: all
 * @retval LLMGW_E_INVALID  nobody has it (*out is NULL)
 */
llmgw_status llmgw__catalog_everywhere(const struct llmgw__catalog *catalog,
                                       llmgw_str model, const char *region,
                                       struct llmgw__arena *arena,
                                       const struct llmgw__route **out);
/** Is a provider in a region, as far as is known? */
bool llmgw__provider_is_in(const struct llmgw__provider *provider,
                           const char *region);

#endif
