/*
 * provider/vertex.h - models behind Google Vertex AI: where they are.
 */
#ifndef LLMGW_PROVIDER_VERTEX_H
#define LLMGW_PROVIDER_VERTEX_H

#include "base/text.h"
#include "provider.h"

/** Setting of a provider: "true" says that grammars of Claude's answers are
 *  allowed there. */
#define LLMGW__VERTEX_FORMAT "vertex_structured_output"

/** Of a dialect there: its settings. */
extern const char *const llmgw__vertex_settings[];
const char *llmgw__vertex_refuse_setting(const char *name, const char *value);

extern const struct llmgw__dialect llmgw__dialect_gemini_vertex;
extern const struct llmgw__dialect llmgw__dialect_anthropic_vertex;

/** The dialect of a publisher's model; NULL: that of the row. */
const struct llmgw__dialect *
llmgw__vertex_instead(const struct llmgw__chat *chat,
                      const struct llmgw__target *target);

/** What a request to it lacks: neither a project nor a key that does without
 *  one. NULL: nothing. */
const char *llmgw__vertex_lacks(const struct llmgw__provider *provider);

/** Of a publisher's model, "google": HOST/VERSION[/projects/P/locations/L]
 *  /publishers/PUBLISHER/models/MODEL; publisher NULL: /endpoints/MODEL. */
void llmgw__vertex_add_model(struct llmgw__buf *url,
                             const struct llmgw__provider *provider,
                             const char *version, const char *publisher,
                             llmgw_str model);

#endif
