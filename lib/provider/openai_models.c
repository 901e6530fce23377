/*
 * provider/openai_models.c - families of OpenAI's own models: who thinks, what
 * they then refuse, and which of them this endpoint serves with tools.
 *
 * Source: OpenAI's documentation and live answers collected to 2026-10; the
 * model lists of its SDK (openai-node 7.57) for what only /responses serves.
 * Memory: none, a const table. Longest prefix first: the first match holds.
 */
#include "openai_models.h"

#include "base/text.h"
#include "openai_service.h"

/* What a model that thinks does not take. */
#define SAMPLING                                                        \
    (LLMGW__OPENAI_TEMPERATURE | LLMGW__OPENAI_TOP_P |                  \
     LLMGW__OPENAI_FREQUENCY_PENALTY | LLMGW__OPENAI_PRESENCE_PENALTY | \
     LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_LOGPROBS |                \
     LLMGW__OPENAI_TOP_LOGPROBS)
#define STOP LLMGW__OPENAI_STOP

/* clang-format off */
/*   unset  none    minimal    low      medium    high    xhigh    max */
static const struct llmgw__openai_effort refused = {
    LLMGW__EFFORT_REFUSED, false, {0}
};
static const struct llmgw__openai_effort medium_only = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "medium", "medium", "medium", "medium", "medium", "medium", "medium"}
};
static const struct llmgw__openai_effort high_only = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "high", "high", "high", "high", "high", "high", "high"}
};
static const struct llmgw__openai_effort low_to_high = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "low", "low", "low", "medium", "high", "high", "high"}
};
static const struct llmgw__openai_effort low_to_xhigh = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "low", "low", "low", "medium", "high", "xhigh", "xhigh"}
};
static const struct llmgw__openai_effort low_to_max = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "low", "low", "low", "medium", "high", "xhigh", "max"}
};
static const struct llmgw__openai_effort minimal_to_high = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "minimal", "minimal", "low", "medium", "high", "high", "high"}
};
static const struct llmgw__openai_effort none_to_high = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "none", "low", "low", "medium", "high", "high", "high"}
};
static const struct llmgw__openai_effort none_to_xhigh = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "none", "low", "low", "medium", "high", "xhigh", "xhigh"}
};
static const struct llmgw__openai_effort none_to_max = {
    LLMGW__EFFORT_LEVEL, false,
    {0, "none", "low", "low", "medium", "high", "xhigh", "max"}
};

#define NEVER  SAMPLING | STOP, 0    /* refuses always, ... while thinking */
#define ACTIVE STOP, SAMPLING
#define UNLESS LLMGW__TOOLS_UNLESS_THINKING
#define TAKEN  LLMGW__TOOLS_TAKEN

const struct llmgw__openai_family llmgw__openai_models[] = {
    /* prefix         part   thinks developer tools            refuses   effort */
    {"gpt-6-astra",   NULL,  true,  true, LLMGW__TOOLS_REFUSED, NEVER,  &low_to_max, NULL, NULL, NULL},
    {"gpt-6.1-sol",   NULL,  true,  true, LLMGW__TOOLS_REFUSED, NEVER,  &low_to_xhigh, NULL, NULL, &low_to_max},
    {"gpt-6-cyber",   NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, ACTIVE, &none_to_max, NULL, NULL, NULL},
    {"gpt-6-rosalind", NULL, true,  true, LLMGW__TOOLS_NO_CHAT, 0, 0,   NULL, NULL, NULL, NULL},
    {"gpt-6",         NULL,  true,  true, UNLESS,               ACTIVE, &none_to_max, NULL, NULL, NULL},
    {"gpt-5.6-cyber", NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, ACTIVE, &none_to_max, NULL, NULL, NULL},
    {"gpt-5.6",       NULL,  true,  true, UNLESS,               ACTIVE, &none_to_max, NULL, NULL, NULL},
    {"gpt-5.5-pro",   NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &low_to_xhigh, NULL, NULL, NULL},
    {"gpt-5.4-pro",   NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &low_to_xhigh, NULL, NULL, NULL},
    {"gpt-5.2-pro",   NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &low_to_xhigh, NULL, NULL, NULL},
    {"gpt-5-chat",    NULL,  false, false, TAKEN,               0, 0,   &refused, NULL, NULL, NULL},
    {"gpt-5.",        "-chat", true, true, TAKEN,               NEVER,  &medium_only, NULL, NULL, NULL},
    {"gpt-5.1-codex-max", NULL, true, true, LLMGW__TOOLS_NO_CHAT, NEVER,  &low_to_xhigh, NULL, NULL, NULL},
    {"gpt-5.1-codex", NULL,  true,  true, TAKEN,                NEVER,  &low_to_high, NULL, NULL, NULL},
    {"gpt-5.5",       NULL,  true,  true, UNLESS,               ACTIVE, &none_to_xhigh, NULL, NULL, NULL},
    {"gpt-5.4",       NULL,  false, true, UNLESS,               ACTIVE, &none_to_xhigh, NULL, NULL, NULL},
    {"gpt-5.3",       NULL,  false, true, TAKEN,                ACTIVE, &none_to_xhigh, NULL, NULL, NULL},
    {"gpt-5.2",       NULL,  false, true, TAKEN,                ACTIVE, &none_to_xhigh, NULL, NULL, NULL},
    {"gpt-5.1",       NULL,  false, true, TAKEN,                ACTIVE, &none_to_high, NULL, NULL, NULL},
    {"gpt-5-pro",     NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &high_only, NULL, NULL, NULL},
    {"gpt-5-codex",   NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &low_to_high, NULL, NULL, NULL},
    {"gpt-5",         NULL,  true,  true, TAKEN,                NEVER,  &minimal_to_high, NULL, NULL, NULL},
    {"gpt-daybreak",  NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, 0, 0,   NULL, NULL, NULL, NULL},
    {"gpt-rosalind",  NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, 0, 0,   NULL, NULL, NULL, NULL},
    {"computer-use",  NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, 0, 0,   NULL, NULL, NULL, NULL},
    {"o3-deep",       NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &medium_only, NULL, NULL, NULL},
    {"o4-mini-deep",  NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &medium_only, NULL, NULL, NULL},
    {"o1-pro",        NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, SAMPLING, 0, &low_to_high, NULL, NULL, NULL},
    {"o3-pro",        NULL,  true,  true, LLMGW__TOOLS_NO_CHAT, NEVER,  &low_to_high, NULL, NULL, NULL},
    {"o1",            NULL,  true,  true, TAKEN,                SAMPLING, 0, &low_to_high, NULL, NULL, NULL},
    {"o3",            NULL,  true,  true, TAKEN,                NEVER,  &low_to_high, NULL, NULL, NULL},
    {"o4",            NULL,  true,  true, TAKEN,                NEVER,  &low_to_high, NULL, NULL, NULL},
    {"gpt-4o", "-search-preview",   false, false, TAKEN, LLMGW__OPENAI_TEMPERATURE, 0, &refused, NULL, NULL, NULL},
    {"gpt-4",         NULL,  false, false, TAKEN,               0, 0,   &refused, NULL, NULL, NULL},
    {"gpt-3.5",       NULL,  false, false, TAKEN,               0, 0,   &refused, NULL, NULL, NULL},
    {"chatgpt-4o",    NULL,  false, false, TAKEN,               0, 0,   &refused, NULL, NULL, NULL},
    {NULL, NULL, false, false, 0, 0, 0, NULL, NULL, NULL, NULL}
};

/* Which tiers they have beside the default one. First match. */
static const struct {
    const char *prefix;
    const char *part; /* has to occur too; NULL: nothing has to */
    bool flex;
    bool fast; /* priority, under its two names */
} tiers[] = {
    {"gpt-5",   "-chat", false, false},
    {"gpt-6",   "-chat", false, false},
    {"gpt-5",   "-nano", true,  false},
    {"gpt-6",   "-nano", true,  false},
    {"gpt-5",   NULL,    true,  true},
    {"gpt-6",   NULL,    true,  true},
    {"gpt-4",   NULL,    false, true},
    {"gpt-3.5", NULL,    false, false},
    {"o1",      NULL,    false, false},
    {"o3",      NULL,    true,  true},
    {"o4",      NULL,    true,  true},
};

/* What of its cache a host may switch: what is cached (explicitly), and that
 * it stays in memory. First match; all where nothing is known. */
static const struct {
    const char *prefix;
    bool marked;
    bool memory;
} caches[] = {
    {"gpt-6",   true,  false},
    {"gpt-5.6", true,  false},
    {"gpt-5.5", false, false},
    {"gpt-5",   false, true},
    {"gpt-4",   false, true},
    {"gpt-3.5", false, true},
    {"o1",      false, true},
    {"o3",      false, true},
    {"o4",      false, true},
};
/* clang-format on */

static llmgw_str base_of(llmgw_str model)
{
    if (llmgw__str_starts(model, "ft:")) /* fine-tuned: ft:base:owner::id */
        model = llmgw__str_n(model.data + 3, model.len - 3);
    return model;
}

void llmgw__openai_model_cache(llmgw_str model, bool *marked, bool *memory)
{
    *marked = *memory = true;
    for (size_t i = 0; i < sizeof caches / sizeof caches[0]; i++) {
        if (!llmgw__str_starts(base_of(model), caches[i].prefix))
            continue;
        *marked = caches[i].marked;
        *memory = caches[i].memory;
        return;
    }
}

bool llmgw__openai_model_tier(llmgw_str model, struct llmgw__jstr tier)
{
    bool flex = llmgw__jstr_is(tier, "flex");
    bool fast =
        llmgw__jstr_is(tier, "priority") || llmgw__jstr_is(tier, "fast");

    model = base_of(model);
    for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++)
        if (llmgw__str_starts(model, tiers[i].prefix) &&
            (!tiers[i].part ||
             llmgw__str_find(model, llmgw__str(tiers[i].part)) != SIZE_MAX))
            return (!flex || tiers[i].flex) && (!fast || tiers[i].fast);
    return true;
}

bool llmgw__openai_searches(llmgw_str model)
{
    return llmgw__str_find(model, LLMGW__LIT("-search-preview")) != SIZE_MAX ||
           llmgw__str_find(model, LLMGW__LIT("-search-api")) != SIZE_MAX;
}

uint32_t llmgw__openai_refused(const struct llmgw__price *price)
{
    /* by the bits of a refusal, lowest first */
    static const uint32_t members[] = {
        LLMGW__OPENAI_TEMPERATURE,
        LLMGW__OPENAI_TOP_P,
        LLMGW__OPENAI_TOP_K,
        LLMGW__OPENAI_FREQUENCY_PENALTY,
        LLMGW__OPENAI_PRESENCE_PENALTY,
        LLMGW__OPENAI_SEED,
        LLMGW__OPENAI_LOGPROBS | LLMGW__OPENAI_TOP_LOGPROBS,
        LLMGW__OPENAI_STOP,
    };
    uint32_t told = 0;

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (price && price->refuses >> i & 1)
            told |= members[i];
    return told;
}

uint32_t llmgw__openai_lacked(const struct llmgw__price *price)
{
    return price && price->cannot & LLMGW__CAN_JSON_SCHEMA
               ? LLMGW__OPENAI_JSON_SCHEMA
               : 0;
}
