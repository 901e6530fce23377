/*
 * catalog/formats.c - the price lists of others as tables.
 *
 * What is not counted in tokens, requests or searches is left out, and so are
 * prices under conditions that are none of ours.
 * Source: BerriAI/litellm model_prices_and_context_window.json; models.dev
 * api.json; OpenRouter GET /api/v1/models; as of 2026-08. Memory: none.
 */
#include "formats.h"

#include "price.h"

#define RATE(name, rate)                                   \
    {                                                      \
        name, LLMGW__MEMBER_RATE, LLMGW__RATE_##rate, NULL \
    }
#define CAN(name, what)                                  \
    {                                                    \
        name, LLMGW__MEMBER_CAN, LLMGW__CAN_##what, NULL \
    }
#define OTHER(name, kind)                   \
    {                                       \
        name, LLMGW__MEMBER_##kind, 0, NULL \
    }
#define IN(name, kind, inside)                \
    {                                         \
        name, LLMGW__MEMBER_##kind, 0, inside \
    }
#define END              \
    {                    \
        NULL, 0, 0, NULL \
    }

/* clang-format off */

/* --- ours --- */

static const struct llmgw__price_format own = {
    .name = "llmgw", .layout = LLMGW__LAYOUT_OWN
};

/* --- LiteLLM: USD per token --- */

static const struct llmgw__member litellm_search[] = {
    OTHER("search_context_size_medium", SEARCH),
    END
};
static const struct llmgw__member litellm_tier[] = {
    RATE("input_cost_per_token", IN),
    RATE("output_cost_per_token", OUT),
    RATE("cache_read_input_token_cost", CACHE_READ),
    RATE("cache_creation_input_token_cost", CACHE_WRITE),
    RATE("output_cost_per_reasoning_token", REASONING),
    OTHER("range", RANGE),
    END
};
static const struct llmgw__member litellm_off_peak[] = {
    RATE("input_cost_per_token", IN),
    RATE("output_cost_per_token", OUT),
    RATE("cache_read_input_token_cost", CACHE_READ),
    RATE("cache_creation_input_token_cost", CACHE_WRITE),
    RATE("output_cost_per_reasoning_token", REASONING),
    IN("rates", OBJECT, litellm_tier),
    OTHER("hours_utc", HOURS),
    OTHER("windows", WINDOW),
    END
};
static const struct llmgw__member litellm_model[] = {
    RATE("input_cost_per_token", IN),
    RATE("output_cost_per_token", OUT),
    RATE("cache_read_input_token_cost", CACHE_READ),
    RATE("input_cost_per_token_cache_hit", CACHE_READ),
    RATE("cache_creation_input_token_cost", CACHE_WRITE),
    RATE("cache_creation_input_token_cost_above_1hr", CACHE_WRITE_LONG),
    RATE("output_cost_per_reasoning_token", REASONING),
    RATE("input_cost_per_audio_token", AUDIO_IN),
    RATE("output_cost_per_audio_token", AUDIO_OUT),
    RATE("input_cost_per_image_token", IMAGE_IN),
    RATE("output_cost_per_image_token", IMAGE_OUT),
    OTHER("input_cost_per_request", REQUEST),
    IN("search_context_cost_per_query", OBJECT, litellm_search),
    IN("tiered_pricing", TIERS, litellm_tier),
    IN("off_peak_pricing", SERVICE, litellm_off_peak),
    OTHER("web_search_billing_unit", UNIT),
    OTHER("regional_processing_uplift_multiplier_eu", REGION),
    OTHER("regional_processing_uplift_multiplier_us", REGION),
    OTHER("max_input_tokens", CONTEXT),
    OTHER("max_output_tokens", OUTPUT),
    CAN("supports_function_calling", TOOLS),
    CAN("supports_vision", VISION),
    CAN("supports_pdf_input", PDF),
    CAN("supports_audio_input", AUDIO),
    CAN("supports_response_schema", JSON_SCHEMA),
    CAN("supports_reasoning", REASONING),
    CAN("supports_assistant_prefill", PREFILL),
    END
};
static const struct llmgw__foreign litellm_providers[] = {
    {"openai", "openai", NULL, false},
    {"anthropic", "anthropic", NULL, false},
    {"gemini", "google", NULL, false},
    {"bedrock", "bedrock", NULL, false},
    {"bedrock_converse", "bedrock", "bedrock", false},
    {"vertex_ai*", "vertex", "vertex_ai", false},
    {"azure", "azure", NULL, false},
    {"azure_ai", "azure_foundry", NULL, false},
    {"deepseek", "deepseek", NULL, false},
    {"mistral", "mistral", NULL, false},
    {"dashscope", "dashscope", NULL, false},
    {"openrouter", "openrouter", NULL, false},
    {"groq", "groq", NULL, false},
    {"xai", "xai", NULL, true},
    {"together_ai", "together", NULL, false},
    {"fireworks_ai*", "fireworks", "fireworks_ai", false},
    {"cohere", "cohere", NULL, false},
    {"cohere_chat", "cohere", NULL, false},
    {"perplexity", "perplexity", NULL, false},
    {"cerebras", "cerebras", NULL, false},
    {"moonshot", "moonshot", NULL, false},
    {"zai", "zai", NULL, false},
    {"nvidia_nim", "nvidia", NULL, false},
    {"cloudflare", "cloudflare", NULL, false},
    {"deepinfra", "deepinfra", NULL, false},
    {"sambanova", "sambanova", NULL, false},
    {NULL, NULL, NULL, false}
};
static const struct llmgw__price_format litellm = {
    .name = "litellm", .layout = LLMGW__LAYOUT_KEYED,
    .power = 12, .above = true, .key = "litellm_provider",
    .members = litellm_model, .providers = litellm_providers
};

/* --- models.dev: USD per million tokens --- */

static const struct llmgw__member models_dev_size[] = {
    OTHER("size", ABOVE),
    END
};
static const struct llmgw__member models_dev_cost[] = {
    RATE("input", IN),
    RATE("output", OUT),
    RATE("cache_read", CACHE_READ),
    RATE("cached_input", CACHE_READ),
    RATE("cache_write", CACHE_WRITE),
    RATE("reasoning", REASONING),
    RATE("input_audio", AUDIO_IN),
    RATE("output_audio", AUDIO_OUT),
    IN("tier", OBJECT, models_dev_size),
    IN("tiers", TIERS, models_dev_cost),
    {"context_over_200k", LLMGW__MEMBER_TIER, 200, models_dev_cost},
    END
};
static const struct llmgw__member models_dev_limit[] = {
    OTHER("context", CONTEXT),
    OTHER("output", OUTPUT),
    END
};
static const struct llmgw__member models_dev_inputs[] = {
    CAN("image", VISION),
    CAN("pdf", PDF),
    CAN("audio", AUDIO),
    END
};
static const struct llmgw__member models_dev_modalities[] = {
    IN("input", WORDS, models_dev_inputs),
    END
};
static const struct llmgw__member models_dev_fast[] = {
    {"cost", LLMGW__MEMBER_SERVICE, LLMGW__SERVICE_PRIORITY, models_dev_cost},
    END
};
static const struct llmgw__member models_dev_modes[] = {
    IN("fast", OBJECT, models_dev_fast),
    END
};
static const struct llmgw__member models_dev_experimental[] = {
    IN("modes", OBJECT, models_dev_modes),
    END
};
static const struct llmgw__member models_dev_model[] = {
    IN("experimental", OBJECT, models_dev_experimental),
    IN("cost", OBJECT, models_dev_cost),
    IN("limit", OBJECT, models_dev_limit),
    IN("modalities", OBJECT, models_dev_modalities),
    CAN("tool_call", TOOLS),
    CAN("reasoning", REASONING),
    CAN("structured_output", JSON_SCHEMA),
    END
};
static const struct llmgw__foreign models_dev_providers[] = {
    {"openai", "openai", NULL, false},
    {"anthropic", "anthropic", NULL, false},
    {"google", "google", NULL, false},
    {"amazon-bedrock", "bedrock", NULL, false},
    {"google-vertex", "vertex", NULL, false},
    {"google-vertex-anthropic", "vertex", NULL, false},
    {"azure", "azure", NULL, false},
    {"azure-cognitive-services", "azure_foundry", NULL, false},
    {"deepseek", "deepseek", NULL, false},
    {"mistral", "mistral", NULL, false},
    {"alibaba", "dashscope", NULL, false},
    {"openrouter", "openrouter", NULL, false},
    {"groq", "groq", NULL, false},
    {"xai", "xai", NULL, true},
    {"togetherai", "together", NULL, false},
    {"fireworks-ai", "fireworks", NULL, false},
    {"cohere", "cohere", NULL, false},
    {"perplexity", "perplexity", NULL, false},
    {"cerebras", "cerebras", NULL, false},
    {"moonshotai", "moonshot", NULL, false},
    {"zai", "zai", NULL, false},
    {"nvidia", "nvidia", NULL, false},
    {"huggingface", "huggingface", NULL, false},
    {"cloudflare-workers-ai", "cloudflare", NULL, false},
    {"deepinfra", "deepinfra", NULL, false},
    {NULL, NULL, NULL, false}
};
static const struct llmgw__price_format models_dev = {
    .name = "models.dev", .layout = LLMGW__LAYOUT_NESTED, .power = 6,
    .members = models_dev_model, .providers = models_dev_providers
};

/* --- OpenRouter: USD per token, -1 for what varies --- */

static const struct llmgw__member openrouter_pricing[] = {
    RATE("prompt", IN),
    RATE("completion", OUT),
    RATE("input_cache_read", CACHE_READ),
    RATE("input_cache_write", CACHE_WRITE),
    RATE("input_cache_write_1h", CACHE_WRITE_LONG),
    RATE("internal_reasoning", REASONING),
    RATE("audio", AUDIO_IN),
    RATE("audio_output", AUDIO_OUT),
    RATE("image_token", IMAGE_IN),
    RATE("image", IMAGE_IN),
    RATE("image_output", IMAGE_OUT),
    OTHER("request", REQUEST),
    OTHER("web_search", SEARCH),
    IN("overrides", TIERS, openrouter_pricing),
    OTHER("min_prompt_tokens", ABOVE),
    OTHER("utc_start", START),
    OTHER("utc_end", END),
    END
};
static const struct llmgw__member openrouter_inputs[] = {
    CAN("image", VISION),
    CAN("file", PDF),
    CAN("audio", AUDIO),
    END
};
static const struct llmgw__member openrouter_architecture[] = {
    IN("input_modalities", WORDS, openrouter_inputs),
    END
};
static const struct llmgw__member openrouter_parameters[] = {
    CAN("tools", TOOLS),
    CAN("structured_outputs", JSON_SCHEMA),
    CAN("reasoning", REASONING),
    END
};
static const struct llmgw__member openrouter_top[] = {
    OTHER("max_completion_tokens", OUTPUT),
    END
};
static const struct llmgw__member openrouter_model[] = {
    IN("pricing", OBJECT, openrouter_pricing),
    IN("architecture", OBJECT, openrouter_architecture),
    IN("supported_parameters", WORDS, openrouter_parameters),
    IN("top_provider", OBJECT, openrouter_top),
    OTHER("context_length", CONTEXT),
    END
};
static const struct llmgw__foreign openrouter_providers[] = {
    {"openrouter", "openrouter", NULL, false},
    {NULL, NULL, NULL, false}
};
static const struct llmgw__price_format openrouter = {
    .name = "openrouter", .layout = LLMGW__LAYOUT_LISTED, .power = 12,
    .key = "id", .members = openrouter_model,
    .providers = openrouter_providers
};

/* clang-format on */

const struct llmgw__price_format *llmgw__price_format_at(size_t place)
{
    static const struct llmgw__price_format *const formats[] = {
        &own, &litellm, &models_dev, &openrouter};

    return place < sizeof formats / sizeof formats[0] ? formats[place] : NULL;
}
