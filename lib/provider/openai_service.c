/*
 * provider/openai_service.c - one profile a service of the openai dialect.
 *
 * Source: the services' documentation and recorded traffic, 2026-11. Memory:
 * none, const tables.
 */
#include "openai_service.h"

#include <string.h>

#include "base/text.h"

/* What only OpenAI's own API has; a service that has some of it says so by
 * taking them out. */
#define OWN                                                                \
    (LLMGW__OPENAI_VERBOSITY | LLMGW__OPENAI_MODALITIES |                  \
     LLMGW__OPENAI_AUDIO | LLMGW__OPENAI_PREDICTION |                      \
     LLMGW__OPENAI_WEB_SEARCH | LLMGW__OPENAI_TIER | LLMGW__OPENAI_STORE | \
     LLMGW__OPENAI_METADATA | LLMGW__OPENAI_CACHE_KEY |                    \
     LLMGW__OPENAI_CACHE_SWITCH | LLMGW__OPENAI_MODERATION)
#define PENALTIES \
    (LLMGW__OPENAI_FREQUENCY_PENALTY | LLMGW__OPENAI_PRESENCE_PENALTY)
#define PROBABILITIES (LLMGW__OPENAI_LOGPROBS | LLMGW__OPENAI_TOP_LOGPROBS)

/* clang-format off */

/* columns of every effort table: */
/*   unset  none    minimal    low      medium    high    xhigh    max */

static const struct llmgw__openai_effort effort_as_said = {
    LLMGW__EFFORT_LEVEL, false,
    {NULL, "none", "minimal", "low", "medium", "high", "xhigh", "max"}
};
static const struct llmgw__openai_effort effort_refused = {
    LLMGW__EFFORT_REFUSED, false, {NULL}
};
static const struct llmgw__openai_effort effort_three = {
    LLMGW__EFFORT_LEVEL, false,
    {NULL, "low", "low", "low", "medium", "high", "high", "high"}
};
static const struct llmgw__openai_effort effort_none_to_high = {
    LLMGW__EFFORT_LEVEL, false,
    {NULL, "none", "low", "low", "medium", "high", "high", "high"}
};
static const struct llmgw__openai_effort effort_none_to_xhigh = {
    LLMGW__EFFORT_LEVEL, false,
    {NULL, "none", "low", "low", "medium", "high", "xhigh", "xhigh"}
};
static const struct llmgw__openai_effort effort_none_to_max = {
    LLMGW__EFFORT_LEVEL, false,
    {NULL, "none", "low", "low", "medium", "high", "max", "max"}
};
static const struct llmgw__openai_effort effort_low_or_high = {
    LLMGW__EFFORT_LEVEL, false,
    {NULL, "none", "low", "low", "medium", "high", "high", "max"}
};
static const struct llmgw__openai_effort effort_off_or_high = {
    LLMGW__EFFORT_LEVEL, false,
    {NULL, "none", "high", "high", "high", "high", "high", "high"}
};
static const struct llmgw__openai_effort effort_off_or_default = {
    LLMGW__EFFORT_LEVEL, true,
    {NULL, "none", "default", "default", "default", "default", "default",
     "default"}
};
static const struct llmgw__openai_effort effort_thinking = {
    LLMGW__EFFORT_THINKING, false,
    {NULL, "none", "low", "low", "high", "high", "high", "max"}
};
static const struct llmgw__openai_effort effort_budget = {
    LLMGW__EFFORT_BUDGET, true,
    {NULL, "none", "1024", "2048", "10000", "16384", "32768", "32768"}
};
static const struct llmgw__openai_effort effort_object = {
    LLMGW__EFFORT_OBJECT, false,
    {NULL, "none", "minimal", "low", "medium", "high", "xhigh", "xhigh"}
};
static const struct llmgw__openai_effort effort_switch = {
    LLMGW__EFFORT_SWITCH, true,
    {NULL, "none", "on", "on", "on", "on", "on", "on"}
};
static const struct llmgw__openai_effort effort_template = {
    LLMGW__EFFORT_TEMPLATE, false,
    {NULL, "none", "low", "low", "medium", "high", "high", "high"}
};
static const struct llmgw__openai_effort effort_type = {
    LLMGW__EFFORT_TYPE, true,
    {NULL, "none", "on", "on", "on", "on", "on", "on"}
};
static const struct llmgw__openai_effort effort_either = {
    LLMGW__EFFORT_EITHER, false,
    {NULL, "none", "low", "low", "high", "high", "max", "max"}
};
static const struct llmgw__openai_effort effort_disable = {
    LLMGW__EFFORT_DISABLE, true,
    {NULL, "none", "on", "on", "on", "on", "on", "on"}
};

static const struct llmgw__openai_family no_families[] = {{.prefix = NULL}};
static const struct llmgw__openai_family oss_models[] = {
    {.prefix = "", .part = "gpt-oss", .thinks = true, .effort = &effort_three},
    {.prefix = NULL}
};

/* members of a service's own */
static const char *const takes_none[] = {NULL};
static const char *const takes_thinking[] = {"thinking", NULL};
static const char *const takes_reasoning[] = {"reasoning", NULL};
static const char *const takes_routing[] = {
    "models", "plugins", "provider", "reasoning", "transforms", NULL
};

/* --- OpenAI itself, and services nothing is known of --- */

const struct llmgw__openai_service llmgw__openai_itself = {
    .lacks = LLMGW__OPENAI_TOP_K,
    .max_stops = 4,
    .user = "safety_identifier",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_as_said,
    .families = llmgw__openai_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_generic = {
    .lacks = OWN,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .effort = &effort_as_said,
    .families = no_families,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

/* --- the known ones --- */

static const struct llmgw__openai_family deepseek_models[] = {
    {.prefix = "", .thinks = true, .rejects_thinking = PENALTIES},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_deepseek = {
    .lacks = OWN | LLMGW__OPENAI_SEED | LLMGW__OPENAI_N |
             LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_TOP_K |
             LLMGW__OPENAI_PARALLEL_TOOL_CALLS | LLMGW__OPENAI_JSON_SCHEMA,
    .flags = LLMGW__OPENAI_THINK_ALWAYS,
    .user = "user_id",
    .seed = "seed",
    .required = "required",
    .reasoning = "reasoning_content",
    .takes = takes_thinking,
    .effort = &effort_thinking,
    .families = deepseek_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

static const struct llmgw__openai_family mistral_models[] = {
    {.prefix = "mistral-small", .effort = &effort_off_or_high},
    {.prefix = "mistral-medium", .effort = &effort_off_or_high},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_mistral = {
    .lacks = (OWN & ~(uint32_t)(LLMGW__OPENAI_PREDICTION |
                                LLMGW__OPENAI_METADATA |
                                LLMGW__OPENAI_CACHE_KEY)) |
             PROBABILITIES | LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_TOP_K,
    .flags = LLMGW__OPENAI_TOOL_ID_9 | LLMGW__OPENAI_THINK_PARTS |
             LLMGW__OPENAI_MERGE_SYSTEM | LLMGW__OPENAI_PREFIX |
             LLMGW__OPENAI_CONTENT_STRING,
    .seed = "random_seed",
    .required = "any",
    .takes = takes_none,
    .effort = &effort_refused,
    .families = mistral_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_dashscope = {
    .lacks = (OWN & ~(uint32_t)(LLMGW__OPENAI_MODALITIES |
                                LLMGW__OPENAI_AUDIO)) |
             LLMGW__OPENAI_FREQUENCY_PENALTY | LLMGW__OPENAI_LOGIT_BIAS,
    .flags = LLMGW__OPENAI_CACHE_CONTROL,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .reasoning = "reasoning_content",
    .takes = takes_none,
    .effort = &effort_budget,
    .families = no_families,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_openrouter = {
    .lacks = OWN & ~(uint32_t)(LLMGW__OPENAI_METADATA | LLMGW__OPENAI_TIER |
                               LLMGW__OPENAI_CACHE_KEY |
                               LLMGW__OPENAI_CACHE_SWITCH |
                               LLMGW__OPENAI_WEB_SEARCH),
    .flags = LLMGW__OPENAI_DETAILS | LLMGW__OPENAI_CACHE_CONTROL,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_routing,
    .effort = &effort_object,
    .families = no_families,
    .finish_error = LLMGW_KIND_UPSTREAM_UNAVAILABLE
};

static const char *const groq_tiers[] = {"auto", "flex", "on_demand",
                                         "performance", NULL};
static const struct llmgw__openai_family groq_models[] = {
    {.prefix = "openai/gpt-oss", .thinks = true, .effort = &effort_three},
    {.prefix = "qwen/qwen3", .thinks = true, .effort = &effort_off_or_default,
     .add_key = "reasoning_format", .add_json = "\"parsed\""},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_groq = {
    .lacks = (OWN & ~(uint32_t)LLMGW__OPENAI_TIER) | PROBABILITIES |
             PENALTIES | LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_TOP_K |
             LLMGW__OPENAI_N | LLMGW__OPENAI_MESSAGE_NAME,
    .max_stops = 4,
    .tiers = groq_tiers,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .reasoning = "reasoning",
    .takes = takes_none,
    .effort = &effort_refused,
    .families = groq_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

static const struct llmgw__openai_family xai_models[] = {
    {.prefix = "grok", .part = "non-reasoning", .effort = &effort_refused},
    {.prefix = "grok-4.20", .thinks = true, .effort = &effort_refused,
     .rejects = PENALTIES | LLMGW__OPENAI_STOP},
    {.prefix = "grok-4.6", .thinks = true, .effort = &effort_none_to_xhigh,
     .rejects = PENALTIES | LLMGW__OPENAI_STOP},
    {.prefix = "grok-3-mini", .thinks = true, .effort = &effort_none_to_high,
     .rejects = PENALTIES | LLMGW__OPENAI_STOP},
    {.prefix = "grok-3", .effort = &effort_refused},
    {.prefix = "grok-2", .effort = &effort_refused},
    {.prefix = "grok", .thinks = true, .effort = &effort_none_to_high,
     .rejects = PENALTIES | LLMGW__OPENAI_STOP},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_xai = {
    .lacks = OWN | LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_TOP_K,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_none_to_high,
    .families = xai_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

static const struct llmgw__openai_family together_models[] = {
    {.prefix = "openai/gpt-oss", .thinks = true, .effort = &effort_three},
    {.prefix = "deepseek-ai/", .effort = &effort_as_said},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_together = {
    .lacks = OWN,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_reasoning,
    .effort = &effort_switch,
    .families = together_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_fireworks = {
    .lacks = OWN & ~(uint32_t)LLMGW__OPENAI_CACHE_KEY,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_thinking,
    .effort = &effort_low_or_high,
    .families = no_families,
    .add_key = "context_length_exceeded_behavior",
    .add_json = "\"error\"",
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_ollama = {
    .lacks = OWN | LLMGW__OPENAI_TOOL_CHOICE | LLMGW__OPENAI_LOGIT_BIAS |
             LLMGW__OPENAI_N | LLMGW__OPENAI_TOP_K |
             LLMGW__OPENAI_PARALLEL_TOOL_CALLS,
    .seed = "seed",
    .reasoning = "reasoning",
    .takes = takes_reasoning,
    .effort = &effort_none_to_max,
    .families = no_families,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

/* servers of open models: what thinks is told so by its chat template */
const struct llmgw__openai_service llmgw__openai_local = {
    .lacks = OWN,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_template,
    .families = oss_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_lmstudio = {
    .lacks = OWN,
    .flags = LLMGW__OPENAI_SCHEMA_ONLY,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_refused,
    .families = oss_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

/* models are asked for by their deployments' names, which may be theirs */
const struct llmgw__openai_service llmgw__openai_azure = {
    .lacks = LLMGW__OPENAI_TOP_K,
    .max_stops = 4,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_as_said,
    .families = llmgw__openai_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

static const struct llmgw__openai_family perplexity_models[] = {
    {.prefix = "sonar-deep-research", .thinks = true, .effort = &effort_three},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_perplexity = {
    .lacks = (OWN & ~(uint32_t)LLMGW__OPENAI_WEB_SEARCH) |
             LLMGW__OPENAI_TOOLS | LLMGW__OPENAI_PARALLEL_TOOL_CALLS |
             LLMGW__OPENAI_STOP | LLMGW__OPENAI_SEED | LLMGW__OPENAI_N |
             LLMGW__OPENAI_LOGIT_BIAS,
    .flags = LLMGW__OPENAI_MERGE_SYSTEM | LLMGW__OPENAI_ALTERNATE,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_refused,
    .families = perplexity_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

static const struct llmgw__openai_family cerebras_models[] = {
    {.prefix = "gpt-oss", .thinks = true, .effort = &effort_three},
    {.prefix = "zai-glm", .thinks = true, .effort = &effort_disable,
     .rejects = LLMGW__OPENAI_REASONING},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_cerebras = {
    .lacks = (OWN & ~(uint32_t)LLMGW__OPENAI_CACHE_KEY) | PENALTIES |
             LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_TOP_K |
             LLMGW__OPENAI_PARALLEL_TOOL_CALLS,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .reasoning = "reasoning",
    .takes = takes_none,
    .effort = &effort_refused,
    .families = cerebras_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

/* their sampling is fixed: other values are refused */
#define FIXED \
    (PENALTIES | LLMGW__OPENAI_TEMPERATURE | LLMGW__OPENAI_TOP_P | \
     LLMGW__OPENAI_N)
static const struct llmgw__openai_family moonshot_models[] = {
    {.prefix = "kimi-k2.", .thinks = true, .rejects = FIXED},
    {.prefix = "kimi-k3", .thinks = true, .rejects = FIXED},
    {.prefix = NULL}
};

const struct llmgw__openai_service llmgw__openai_moonshot = {
    .lacks = (OWN & ~(uint32_t)LLMGW__OPENAI_CACHE_KEY) | PROBABILITIES |
             LLMGW__OPENAI_SEED | LLMGW__OPENAI_LOGIT_BIAS,
    .user = "user",
    .flags = LLMGW__OPENAI_SCHEMA_BARE | LLMGW__OPENAI_ONE_COLD,
    .seed = "seed",
    .reasoning = "reasoning_content",
    .takes = takes_thinking,
    .effort = &effort_either,
    .families = moonshot_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_zai = {
    .lacks = OWN | PENALTIES | LLMGW__OPENAI_N | LLMGW__OPENAI_SEED |
             LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_JSON_SCHEMA,
    .flags = LLMGW__OPENAI_TOOL_STREAM,
    .max_stops = 1,
    .user = "user_id",
    .seed = "seed",
    .reasoning = "reasoning_content",
    .takes = takes_thinking,
    .effort = &effort_type,
    .families = no_families,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_nvidia = {
    .lacks = OWN | LLMGW__OPENAI_PARALLEL_TOOL_CALLS | LLMGW__OPENAI_TOP_K,
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_refused,
    .families = oss_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_deepinfra = {
    .lacks = (OWN & ~(uint32_t)(LLMGW__OPENAI_TIER | LLMGW__OPENAI_CACHE_KEY)) |
             LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_TOP_LOGPROBS,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_reasoning,
    .effort = &effort_none_to_high,
    .families = oss_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_sambanova = {
    .lacks = OWN | PENALTIES | LLMGW__OPENAI_LOGIT_BIAS,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_template,
    .families = oss_models,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

const struct llmgw__openai_service llmgw__openai_cloudflare = {
    .lacks = OWN | LLMGW__OPENAI_N | LLMGW__OPENAI_LOGIT_BIAS |
             LLMGW__OPENAI_PARALLEL_TOOL_CALLS,
    .user = "user",
    .seed = "seed",
    .required = "required",
    .takes = takes_none,
    .effort = &effort_refused,
    .families = no_families,
    .finish_error = LLMGW_KIND_SERVER_ERROR
};

/* clang-format on */

static const struct llmgw__openai_family family_unknown = {.prefix = ""};

const struct llmgw__openai_family *
llmgw__openai_family_of(const struct llmgw__openai_service *service,
                        llmgw_str model)
{
    const struct llmgw__openai_family *family = service->families;

    if (llmgw__str_starts(model, "ft:")) /* fine-tuned: ft:base:owner::id */
        model = llmgw__str_n(model.data + 3, model.len - 3);
    for (; family->prefix; family++)
        if (llmgw__str_starts(model, family->prefix) &&
            (!family->part ||
             llmgw__str_find(model, llmgw__str(family->part)) != SIZE_MAX))
            return family;
    return &family_unknown;
}
