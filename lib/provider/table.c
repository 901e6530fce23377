/*
 * provider/table.c - the known services, one row each.
 *
 * Source: the services' documentation, 2026-11; telemetry names as in
 * OpenTelemetry's GenAI conventions, where they have one. Memory: none, a
 * const table.
 */
#include <stddef.h>

#include "base/text.h"
#include "endpoints.h"
#include "openai_service.h"
#include "provider.h"

/* What nearly every service of the openai dialect has in common. */
#define COMPATIBLE (LLMGW__QUIRK_MAX_TOKENS | LLMGW__QUIRK_NO_DEVELOPER)

static const struct llmgw__provider_row rows[] = {
    /* clang-format off */
    {
        .name = "openai", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.openai.com/v1",
        .auth = LLMGW__AUTH_BEARER,
        .key_env = "OPENAI_API_KEY", .base_env = "OPENAI_BASE_URL",
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
        .name = "deepseek", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.deepseek.com",
        .auth = LLMGW__AUTH_BEARER, .key_env = "DEEPSEEK_API_KEY",
        .family = "deepseek", .telemetry = "deepseek",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_deepseek,
    }, {
        .name = "mistral", .dialect = &llmgw__dialect_openai,
        .base_url = "https://api.mistral.ai/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "MISTRAL_API_KEY",
        .family = "mistral", .telemetry = "mistral_ai",
        .quirks = COMPATIBLE | LLMGW__QUIRK_NO_STREAM_OPTIONS,
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
        .embed_inputs = 10,
    }, {
        .name = "openrouter", .dialect = &llmgw__dialect_openai,
        .base_url = "https://openrouter.ai/api/v1",
        .auth = LLMGW__AUTH_BEARER, .key_env = "OPENROUTER_API_KEY",
        .family = "openrouter", .telemetry = "openrouter",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_openrouter,
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
        .quirks = LLMGW__QUIRK_NO_DEVELOPER, .openai = &llmgw__openai_groq,
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
        .quirks = COMPATIBLE, .openai = &llmgw__openai_ollama,
    }, {
        .name = "llamacpp", .dialect = &llmgw__dialect_openai,
        .base_url = "http://127.0.0.1:8080/v1",
        .auth = LLMGW__AUTH_NONE, .key_env = "LLAMA_API_KEY",
        .family = "llamacpp", .telemetry = "llama_cpp",
        .quirks = COMPATIBLE, .openai = &llmgw__openai_llamacpp,
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
    &llmgw__dialect_openai, &llmgw__dialect_anthropic,
    &llmgw__dialect_gemini, &llmgw__dialect_responses,
    &llmgw__dialect_cohere, &llmgw__dialect_ollama,
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
    return row->other && row->other == dialect ? row->other_url : row->base_url;
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

size_t llmgw__embed_most(const struct llmgw__embed_part *part,
                         const struct llmgw__target *target)
{
    const struct llmgw__provider_row *row = target->provider->row;
    size_t most = row ? row->embed_inputs : 0;

    return most && most < part->most ? most : part->most;
}
