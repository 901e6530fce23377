/*
 * provider/table.c - the known services, one row each.
 *
 * Source: the services' documentation, 2026-11; telemetry names as in
 * OpenTelemetry's GenAI conventions, where they have one. Memory: none, a
 * const table.
 */
#include <stddef.h>

#include "base/text.h"
#include "bedrock.h"
#include "credential.h"
#include "endpoints.h"
#include "openai_service.h"
#include "provider.h"
#include "site.h"
#include "vertex.h"

/* What nearly every service of the openai dialect has in common. */
#define COMPATIBLE (LLMGW__QUIRK_MAX_TOKENS | LLMGW__QUIRK_NO_DEVELOPER)

/* clang-format off */
static const struct llmgw__region dashscope_regions[] = {
    {"intl", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"},
    {"us", "https://dashscope-us.aliyuncs.com/compatible-mode/v1"},
    {"cn", "https://dashscope.aliyuncs.com/compatible-mode/v1"},
    {NULL, NULL}
};
static const struct llmgw__region moonshot_regions[] = {
    {"intl", "https://api.moonshot.ai/v1"},
    {"cn", "https://api.moonshot.cn/v1"},
    {NULL, NULL}
};
static const struct llmgw__region zai_regions[] = {
    {"intl", "https://api.z.ai/api/paas/v4"},
    {"cn", "https://open.bigmodel.cn/api/paas/v4"},
    {"coding", "https://api.z.ai/api/coding/paas/v4"}, /* its subscription */
    {NULL, NULL}
};
static const struct llmgw__region vertex_locations[] = {
    {"global", "https://aiplatform.googleapis.com"},
    {"us", "https://aiplatform.us.rep.googleapis.com"},
    {"eu", "https://aiplatform.eu.rep.googleapis.com"},
    {NULL, NULL}
};
static const struct llmgw__variable vertex_variables[] = {
    {"GOOGLE_CLOUD_PROJECT", "project", false},
    {"ANTHROPIC_VERTEX_PROJECT_ID", "project", false},
    {NULL, NULL, false}
};
static const struct llmgw__variable openai_variables[] = {
    {"OPENAI_ORG_ID", "openai-organization", true},
    {"OPENAI_PROJECT_ID", "openai-project", true},
    {NULL, NULL, false}
};
static const struct llmgw__variable azure_variables[] = {
    {"OPENAI_API_VERSION", "api_version", false},
    {NULL, NULL, false}
};
/* clang-format on */

static const struct llmgw__provider_row rows[] = {
    /* clang-format off */
    {
        .name = "openai", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.openai.com/v1",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "OPENAI_API_KEY", .base_env = "OPENAI_BASE_URL",
        .variables = openai_variables,
        .family = "openai", .telemetry = "openai",
        .quirks = LLMGW__QUIRK_FULL_OPENAI | LLMGW__QUIRK_OBFUSCATION,
        .openai = &llmgw__openai_itself,
    }, {
        .name = "anthropic", .dialect = &llmgw__dialect_anthropic,
        .base_url = "https://api.anthropic.com",
        .auth = LLMGW__AUTH_X_API_KEY,
        .key_env = "ANTHROPIC_API_KEY", .base_env = "ANTHROPIC_BASE_URL",
        .family = "anthropic", .telemetry = "anthropic",
    }, {
        .name = "google", .dialect = &llmgw__dialect_gemini,
        .base_url = "https://generativelanguage.googleapis.com/v1beta",
        .auth = LLMGW__AUTH_X_GOOG,
        .key_env = "GOOGLE_API_KEY", .key_env_2 = "GEMINI_API_KEY",
        .base_env = "GOOGLE_GEMINI_BASE_URL",
        .family = "google", .telemetry = "gcp.gemini",
    }, {
        .name = "vertex", .dialect = &llmgw__dialect_gemini_vertex,
        .other = &llmgw__dialect_anthropic_vertex,
        .base_url = "https://{}-aiplatform.googleapis.com",
        .place = "location", .regions = vertex_locations,
        .place_env = "GOOGLE_CLOUD_LOCATION", .place_env_2 = "CLOUD_ML_REGION",
        .variables = vertex_variables,
        .auth = LLMGW__AUTH_PROJECT, .key_env = "GOOGLE_VERTEX_API_KEY",
        .credentials = &llmgw__google_credentials,
        .family = "google", .telemetry = "gcp.vertex_ai",
    }, {
        .name = "deepseek", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.deepseek.com",
        .auth = LLMGW__AUTH_BEARER, .key_env = "DEEPSEEK_API_KEY",
        .family = "deepseek", .telemetry = "deepseek",
        .quirks = COMPATIBLE | LLMGW__QUIRK_NO_EMBEDDINGS,
        .openai = &llmgw__openai_deepseek,
    }, {
        .name = "mistral", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.mistral.ai/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "MISTRAL_API_KEY",
        .family = "mistral", .telemetry = "mistral_ai",
        .quirks = COMPATIBLE | LLMGW__QUIRK_NO_STREAM_OPTIONS |
                  LLMGW__QUIRK_TURN,
        .openai = &llmgw__openai_mistral,
        .embed_inputs = 128, /* 257 were refused */
        .embed_dimensions = "output_dimension",
    }, {
        .name = "dashscope", .dialect = &llmgw__dialect_openai,
        .base_url = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "DASHSCOPE_API_KEY", .key_env_2 = "ALIBABA_API_KEY",
        .family = "dashscope", .telemetry = "dashscope",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_dashscope,
        .regions = dashscope_regions,
        .embed_inputs = 10,
    }, {
        .name = "openrouter", .dialect = &llmgw__dialect_openai,
        .base_url = "https://openrouter.ai/api/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "OPENROUTER_API_KEY",
        .family = "openrouter", .telemetry = "openrouter",
        .quirks = COMPATIBLE | LLMGW__QUIRK_TURN_MODEL,
        .openai = &llmgw__openai_openrouter,
    }, {
        .name = "tokenmix", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.tokenmix.ai/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "TOKENMIX_API_KEY",
        .family = "tokenmix", .telemetry = "tokenmix",
        .quirks = COMPATIBLE,
        .openai = &llmgw__openai_generic,
    }, {
        .name = "groq", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.groq.com/openai/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "GROQ_API_KEY",
        .family = "groq", .telemetry = "groq",
        .quirks = LLMGW__QUIRK_NO_DEVELOPER | LLMGW__QUIRK_NO_EMBEDDINGS |
                  LLMGW__QUIRK_TURN_MODEL,
        .openai = &llmgw__openai_groq,
    }, {
        .name = "xai", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.x.ai/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "XAI_API_KEY",
        .family = "xai", .telemetry = "x_ai",
        .quirks = LLMGW__QUIRK_NO_DEVELOPER | LLMGW__QUIRK_REASONING_OUTSIDE,
        .openai = &llmgw__openai_xai,
    }, {
        .name = "together", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.together.xyz/v1",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "TOGETHER_API_KEY", .key_env_2 = "TOGETHER_AI_API_KEY",
        .family = "together", .telemetry = "together",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_together,
    }, {
        .name = "fireworks", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.fireworks.ai/inference/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "FIREWORKS_API_KEY",
        .family = "fireworks", .telemetry = "fireworks",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_fireworks,
    }, {
        .name = "cohere", .dialect = &llmgw__dialect_cohere,
        .base_url = "https://api.cohere.com",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "CO_API_KEY", .key_env_2 = "COHERE_API_KEY",
        .base_env = "CO_API_URL",
        .family = "cohere", .telemetry = "cohere",
    }, {
        .name = "ollama", .dialect = &llmgw__dialect_ollama,
        .base_url = "http://localhost:11434",
        .base_env = "OLLAMA_HOST", .base_host = true,
        .other = &llmgw__dialect_openai,
        .other_url = "http://127.0.0.1:11434/v1",
        .auth = LLMGW__AUTH_NONE, .key_env = "OLLAMA_API_KEY",
        .family = "ollama", .telemetry = "ollama",
        .quirks = COMPATIBLE | LLMGW__QUIRK_TURN,
        .openai = &llmgw__openai_ollama,
    }, {
        .name = "ollama_cloud", .dialect = &llmgw__dialect_ollama,
        .base_url = "https://ollama.com",
        .other = &llmgw__dialect_openai, .other_url = "https://ollama.com/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "OLLAMA_API_KEY",
        .family = "ollama", .telemetry = "ollama",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_ollama,
    }, {
        .name = "llamacpp", .dialect = &llmgw__dialect_openai,
        .base_url = "http://127.0.0.1:8080/v1",
        .auth = LLMGW__AUTH_NONE, .key_env = "LLAMA_API_KEY",
        .family = "llamacpp", .telemetry = "llama_cpp",
        .quirks = COMPATIBLE | LLMGW__QUIRK_TURN_MODEL,
        .openai = &llmgw__openai_local,
    }, {
        .name = "azure", .dialect = &llmgw__dialect_openai,
        .base_url = "https://{}.openai.azure.com/openai/v1",
        .place = "resource", .place_env = "AZURE_RESOURCE_NAME",
        .auth = LLMGW__AUTH_API_KEY,
        .key_env = "AZURE_OPENAI_API_KEY", .base_env = "AZURE_OPENAI_ENDPOINT",
        .variables = azure_variables,
        .family = "openai", .telemetry = "azure.ai.openai",
        .quirks = LLMGW__QUIRK_FULL_OPENAI | LLMGW__QUIRK_DEPLOYMENTS,
        .openai = &llmgw__openai_azure,
    }, {
        .name = "azure_foundry", .dialect = &llmgw__dialect_openai,
        .base_url = "https://{}.services.ai.azure.com/models",
        .place = "resource", .place_env = "AZURE_RESOURCE_NAME",
        .api_version = "2024-05-01-preview",
        .auth = LLMGW__AUTH_API_KEY, .key_env = "AZURE_API_KEY",
        .family = "openai", .telemetry = "azure.ai.inference",
        .quirks = COMPATIBLE | LLMGW__QUIRK_CACHED_OUTSIDE,
        .openai = &llmgw__openai_generic,
    }, {
        .name = "bedrock", .dialect = &llmgw__dialect_bedrock,
        .other = &llmgw__dialect_anthropic_invoke,
        .base_url = "https://bedrock-runtime.{}.amazonaws.com",
        .place = "region", .place_env = "AWS_REGION",
        .auth = LLMGW__AUTH_AWS, .key_env = "AWS_BEARER_TOKEN_BEDROCK",
        .base_env = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        .family = "bedrock", .telemetry = "aws.bedrock",
        .credentials = &llmgw__aws_credentials,
    }, {
        .name = "perplexity", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.perplexity.ai",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "PERPLEXITY_API_KEY", .key_env_2 = "PPLX_API_KEY",
        .family = "perplexity", .telemetry = "perplexity",
        .quirks = COMPATIBLE | LLMGW__QUIRK_NO_STREAM_OPTIONS,
        .openai = &llmgw__openai_perplexity,
        .embed_inputs = 512, .embed_bytes = "base64_int8",
        .embed_path = "/v1/embeddings",
    }, {
        .name = "cerebras", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.cerebras.ai/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "CEREBRAS_API_KEY",
        .family = "cerebras", .telemetry = "cerebras",
        .quirks = LLMGW__QUIRK_NO_DEVELOPER | LLMGW__QUIRK_NO_EMBEDDINGS,
        .openai = &llmgw__openai_cerebras,
    }, {
        .name = "moonshot", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.moonshot.ai/v1", .regions = moonshot_regions,
        .auth = LLMGW__AUTH_BEARER, .key_env = "MOONSHOT_API_KEY",
        .family = "moonshot", .telemetry = "moonshot_ai",
        .quirks = COMPATIBLE | LLMGW__QUIRK_NO_EMBEDDINGS,
        .openai = &llmgw__openai_moonshot,
    }, {
        .name = "zai", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.z.ai/api/paas/v4", .regions = zai_regions,
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "ZAI_API_KEY", .key_env_2 = "ZHIPU_API_KEY",
        .family = "zai", .telemetry = "z_ai",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_zai,
    }, {
        .name = "nvidia", .dialect = &llmgw__dialect_openai,
        .base_url = "https://integrate.api.nvidia.com/v1",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "NVIDIA_API_KEY", .key_env_2 = "NGC_API_KEY",
        .family = "nvidia", .telemetry = "nvidia",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_nvidia,
    }, {
        .name = "huggingface", .dialect = &llmgw__dialect_openai,
        .base_url = "https://router.huggingface.co/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "HF_TOKEN",
        .family = "huggingface", .telemetry = "huggingface",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_generic,
    }, {
        .name = "cloudflare", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.cloudflare.com/client/v4/accounts/{}/ai/v1",
        .place = "account_id", .place_env = "CLOUDFLARE_ACCOUNT_ID",
        .auth = LLMGW__AUTH_BEARER, .key_env = "CLOUDFLARE_API_TOKEN",
        .family = "cloudflare", .telemetry = "cloudflare",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_cloudflare,
    }, {
        .name = "deepinfra", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.deepinfra.com/v1/openai",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "DEEPINFRA_API_KEY", .key_env_2 = "DEEPINFRA_TOKEN",
        .family = "deepinfra", .telemetry = "deepinfra",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_deepinfra,
    }, {
        .name = "sambanova", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.sambanova.ai/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "SAMBANOVA_API_KEY",
        .family = "sambanova", .telemetry = "sambanova",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_sambanova,
    }, {
        .name = "portkey", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.portkey.ai/v1",
        .auth = LLMGW__AUTH_X_PORTKEY, .key_env = "PORTKEY_API_KEY",
        .family = "portkey", .telemetry = "portkey",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_generic,
    }, {
        .name = "litellm", .dialect = &llmgw__dialect_openai,
        .base_url = "http://127.0.0.1:4000/v1",
        .auth = LLMGW__AUTH_NONE,
        .key_env = "LITELLM_PROXY_API_KEY", .key_env_2 = "LITELLM_API_KEY",
        .base_env = "LITELLM_PROXY_API_BASE",
        .cost_header = "x-litellm-response-cost",
        .family = "litellm", .telemetry = "litellm",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_generic,
    }, {
        .name = "vllm", .dialect = &llmgw__dialect_openai,
        .base_url = "http://127.0.0.1:8000/v1",
        .auth = LLMGW__AUTH_NONE, .key_env = "VLLM_API_KEY",
        .family = "vllm", .telemetry = "vllm",
        .quirks = COMPATIBLE | LLMGW__QUIRK_TURN_ASKED,
        .openai = &llmgw__openai_local,
    }, {
        .name = "sglang", .dialect = &llmgw__dialect_openai,
        .base_url = "http://127.0.0.1:30000/v1",
        .auth = LLMGW__AUTH_NONE,
        .family = "sglang", .telemetry = "sglang",
        .quirks = COMPATIBLE | LLMGW__QUIRK_TURN_ASKED,
        .openai = &llmgw__openai_local,
    }, {
        .name = "lmstudio", .dialect = &llmgw__dialect_openai,
        .base_url = "http://127.0.0.1:1234/v1",
        .auth = LLMGW__AUTH_NONE, .key_env = "LMSTUDIO_API_KEY",
        .family = "lmstudio", .telemetry = "lmstudio",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_lmstudio,
    }, {
        .name = "venice", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.venice.ai/api/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "VENICE_API_KEY",
        .family = "venice", .telemetry = "venice",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_generic,
    }, {
        .name = "compatible", .dialect = &llmgw__dialect_openai,
        .auth = LLMGW__AUTH_NONE,
        .telemetry = "openai",
        .quirks = COMPATIBLE,
        .openai = &llmgw__openai_generic,
    },
    /* clang-format on */
};

static const struct llmgw__dialect *const dialects[] = {
    &llmgw__dialect_openai,  &llmgw__dialect_anthropic,
    &llmgw__dialect_gemini,  &llmgw__dialect_responses,
    &llmgw__dialect_cohere,  &llmgw__dialect_ollama,
    &llmgw__dialect_bedrock,
};

const struct llmgw__provider_row *llmgw__provider_row_find(llmgw_str name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (llmgw__str_is(name, rows[i].name))
            return &rows[i];
    return NULL;
}

const struct llmgw__provider_row *llmgw__provider_row_at(size_t index)
{
    return index < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}

const char *llmgw__provider_row_url(const struct llmgw__provider_row *row,
                                    const struct llmgw__dialect *dialect)
{
    return row->other && row->other == dialect && row->other_url
               ? row->other_url
               : row->base_url;
}

const struct llmgw__dialect *
llmgw__provider_row_dialect(const struct llmgw__provider_row *row,
                            llmgw_str name)
{
    if (llmgw__str_is(name, row->dialect->name))
        return row->dialect;
    if (row->other && llmgw__str_is(name, row->other->name))
        return row->other;
    return llmgw__dialect_find(name);
}

bool llmgw__dialects_know(llmgw_str member)
{
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
        for (const char *const *at = dialects[i]->extensions; at && *at; at++)
            if (llmgw__str_is(member, *at))
                return true;
    return false;
}

const struct llmgw__dialect *llmgw__dialect_find(llmgw_str name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
        if (llmgw__str_is(name, dialects[i]->name))
            return dialects[i];
    return NULL;
}

const struct llmgw__embed_part *
llmgw__embed_part(const struct llmgw__dialect *dialect,
                  const struct llmgw__provider_row *row)
{
    return row && (row->quirks & LLMGW__QUIRK_NO_EMBEDDINGS) ? NULL
                                                             : dialect->embed;
}

size_t llmgw__embed_most(const struct llmgw__embed_part *part,
                         const struct llmgw__target *target)
{
    const struct llmgw__provider_row *row = target->provider->row;
    size_t most = row ? row->embed_inputs : 0;
    size_t own = part->most_of ? part->most_of(target) : part->most;

    return most && most < own ? most : own;
}
