/*
 * provider/vertex.c - models behind Google Vertex AI: where they are.
 *
 * A model belongs to a publisher, and is asked within a project, at a location;
 * with an API key in express mode, without either.
 *
 * Source: Vertex AI API reference, "Method: projects.locations.publishers.
 * models.generateContent"; "Claude on Vertex AI", 2026-11. Memory: none.
 */
#include "vertex.h"

#include <string.h>

#include "anthropic.h"
#include "site.h"
#include "url.h"

const char *const llmgw__vertex_settings[] = {"project",
                                              "location",
                                              LLMGW__VERTEX_FORMAT,
                                              LLMGW__ANTHROPIC_SERVER_TOOLS,
                                              "api_version",
                                              NULL};

const char *llmgw__vertex_refuse_setting(const char *name, const char *value)
{
    if (strcmp(name, "location") == 0)
        return llmgw__site_part(value);
    if (strcmp(name, "project") == 0)
        return value[strspn(value, ".")] ? NULL
                                         : "must not be empty or dots alone";
    return llmgw__anthropic_refuse_setting(name, value);
}

/** A regional host says it itself. */
static llmgw_str location_of(const struct llmgw__provider *provider)
{
    llmgw_str base = llmgw__str(provider->base_url);
    size_t from = llmgw__str_find(base, LLMGW__LIT("://"));
    size_t end = llmgw__str_find(base, LLMGW__LIT("-aiplatform.googleapis."));
    const char *set = llmgw__provider_setting(provider, "location");

    if (from != SIZE_MAX && end != SIZE_MAX && end > from + 3)
        return llmgw__str_n(base.data + from + 3, end - from - 3);
    return llmgw__str(set ? set : "global");
}

const char *llmgw__vertex_lacks(const struct llmgw__provider *provider)
{
    return llmgw__provider_setting(provider, "project") || provider->api_key
               ? NULL
               : "the setting project is missing: only an API key of express "
                 "mode does without";
}

void llmgw__vertex_add_model(struct llmgw__buf *url,
                             const struct llmgw__provider *provider,
                             const char *version, const char *publisher,
                             llmgw_str model)
{
    static const char *const ends[] = {"/v1", "/v1beta1"};
    const char *project = llmgw__provider_setting(provider, "project");
    llmgw_str base = llmgw__str(provider->base_url);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (llmgw__str_ends(base, ends[i])) /* as others configure it */
            base.len -= strlen(ends[i]);
    llmgw__buf_add_str(url, base);
    llmgw__buf_add_z(url, version);
    if (project) {
        llmgw__buf_add_z(url, "/projects/");
        llmgw__url_add_part(url, llmgw__str(project));
        llmgw__buf_add_z(url, "/locations/");
        llmgw__url_add_part(url, location_of(provider));
    }
    if (publisher) {
        llmgw__buf_add_z(url, "/publishers/");
        llmgw__buf_add_z(url, publisher);
    }
    llmgw__buf_add_z(url, publisher ? "/models/" : "/endpoints/");
    llmgw__url_add_part(url, model);
}
