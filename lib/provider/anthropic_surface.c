/*
 * provider/anthropic_surface.c - the places that speak the Messages API, a row
 * each, and their URLs.
 *
 * Source: Messages API; "Claude on Vertex AI"; "Claude on Amazon Bedrock",
 * InvokeModel and the Messages endpoint, 2026-11. Memory: URLs, in the arena.
 */
#include "anthropic_surface.h"

#include <string.h>

#include "base/text.h"
#include "bedrock.h"
#include "vertex.h"

static char *keep(struct llmgw__arena *arena, struct llmgw__buf *url)
{
    char *kept = url->status == LLMGW_OK
                     ? llmgw__arena_dup(arena, llmgw__buf_str(url))
                     : NULL;

    llmgw__buf_clear(url);
    return kept;
}

/** A base that ends in the version has it already. */
static char *direct_url(struct llmgw__arena *arena,
                        const struct llmgw__target *target, bool stream)
{
    llmgw_str base = llmgw__str(target->provider->base_url);
    struct llmgw__buf url;

    (void)stream;
    llmgw__buf_init(&url, 0);
    llmgw__buf_add_str(&url, base);
    llmgw__buf_add_z(&url, llmgw__str_ends(base, "/v1") ? "/messages"
                                                        : "/v1/messages");
    return keep(arena, &url);
}

const struct llmgw__anthropic_surface llmgw__anthropic_direct = {
    .version = "2023-06-01",
    .url = direct_url,
    .accept_stream = "accept",
    .accept = "text/event-stream",
};

/* --- Vertex --- */

static char *vertex_url(struct llmgw__arena *arena,
                        const struct llmgw__target *target, bool stream)
{
    struct llmgw__buf url;

    llmgw__buf_init(&url, 0);
    llmgw__vertex_add_model(&url, target->provider, "/v1", "anthropic",
                            llmgw__str(target->model));
    llmgw__buf_add_z(&url, stream ? ":streamRawPredict" : ":rawPredict");
    return keep(arena, &url);
}

/** Express mode has the vendor's own models alone. */
static const char *vertex_lacks(const struct llmgw__provider *provider)
{
    return llmgw__provider_setting(provider, "project")
               ? NULL
               : "the setting project is missing";
}

static bool vertex_formats(const struct llmgw__target *target)
{
    return llmgw__str_is(llmgw__str(llmgw__provider_setting(
                             target->provider, LLMGW__VERTEX_FORMAT)),
                         "true");
}

const struct llmgw__anthropic_surface llmgw__anthropic_vertex = {
    .rules = LLMGW__ANTHROPIC_BODY_VERSION | LLMGW__ANTHROPIC_URL_MODEL |
             LLMGW__ANTHROPIC_NO_FETCHING | LLMGW__ANTHROPIC_FEW_BETAS,
    .version = "vertex-2023-10-16",
    .url = vertex_url,
    .lacks = vertex_lacks,
    .accept_stream = "accept",
    .accept = "text/event-stream",
    .formats = vertex_formats,
};

/* --- Bedrock --- */

static char *invoke_url(struct llmgw__arena *arena,
                        const struct llmgw__target *target, bool stream)
{
    return llmgw__bedrock_url(
        arena, target, stream ? "invoke-with-response-stream" : "invoke");
}

static char *messages_url(struct llmgw__arena *arena,
                          const struct llmgw__target *target, bool stream)
{
    (void)stream;
    return llmgw__bedrock_messages_url(arena, target, "/anthropic/v1/messages");
}

static bool bedrock_formats(const struct llmgw__target *target)
{
    static const char *const models[] = {"claude-opus-4-6", "claude-sonnet-4-6",
                                         "claude-sonnet-4-5", "claude-opus-4-5",
                                         "claude-haiku-4-5"};
    llmgw_str name = llmgw__bedrock_base(target);

    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (llmgw__str_starts(name, models[i]))
            return true;
    return false;
}

static const char *const invoke_without[] = {
    "cache_control", "speed", "inference_geo", "container", "fallbacks",
    "mcp_servers",   NULL};

const struct llmgw__anthropic_surface llmgw__anthropic_invoke = {
    .rules = LLMGW__ANTHROPIC_BODY_VERSION | LLMGW__ANTHROPIC_BODY_BETAS |
             LLMGW__ANTHROPIC_URL_MODEL | LLMGW__ANTHROPIC_URL_STREAM |
             LLMGW__ANTHROPIC_NO_FETCHING | LLMGW__ANTHROPIC_FEW_BETAS |
             LLMGW__ANTHROPIC_NO_SERVER_TOOLS | LLMGW__ANTHROPIC_NO_EAGER,
    .name = llmgw__bedrock_base,
    .version = "bedrock-2023-05-31",
    .url = invoke_url,
    .accept_stream = "x-amzn-bedrock-accept",
    .accept = "application/json",
    .tier_header = "x-amzn-bedrock-service-tier",
    .without = invoke_without,
    .formats = bedrock_formats,
};

const struct llmgw__anthropic_surface llmgw__anthropic_messages = {
    .rules = LLMGW__ANTHROPIC_NO_FETCHING | LLMGW__ANTHROPIC_FEW_BETAS,
    .name = llmgw__bedrock_base,
    .version = "2023-06-01",
    .url = messages_url,
    .accept_stream = "accept",
    .accept = "text/event-stream",
    .formats = bedrock_formats,
};
