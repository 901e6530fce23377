/*
 * catalog/resolve.h - the route that a model's name stands for.
 */
#ifndef LLMGW_CATALOG_RESOLVE_H
#define LLMGW_CATALOG_RESOLVE_H

#include "catalog.h"

/**
 * The route a model name stands for: a configured route of that name; else a
 * route of targets, as below.
 *
 * @retval LLMGW_E_INVALID  neither (*out is NULL)
 */
llmgw_status llmgw__catalog_resolve(const struct llmgw__catalog *catalog,
                                    llmgw_str model, struct llmgw__arena *arena,
                                    const struct llmgw__route **out);
/**
 * "provider/model" as a route of one target, made in `arena`; with "*" for the
 * provider, of every one that has the model (same.h).
 *
 * @param region  of the providers that "*" stands for; NULL: any
 * @retval LLMGW_E_INVALID  there is no such target (*out is NULL)
 */
llmgw_status llmgw__catalog_targets(const struct llmgw__catalog *catalog,
                                    llmgw_str name, const char *region,
                                    struct llmgw__arena *arena,
                                    const struct llmgw__route **out);

#endif
