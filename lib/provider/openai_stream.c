/*
 * provider/openai_stream.c - models that answer in a stream only: asked whole,
 * they refuse.
 *
 * Source: the services' documentation, 2026-11. Memory: none.
 */
#include "openai_stream.h"

#include "base/text.h"
#include "openai_service.h"
#include "provider.h"

enum when {
    AS_ASKED,
    THINKING, /* unless it is told not to think */
    ALWAYS
};

/* The first that fits holds. */
struct rule {
    const struct llmgw__openai_service *service;
    const char *prefix;
    const char *part; /* has to occur too; NULL: nothing has to */
    bool sized;       /* a size has to stand in the name: -32b */
    enum when when;
};

/* what is open-weight has a size in its name, and thinks */
static const struct rule rules[] = {
    {&llmgw__openai_dashscope, "qwq", NULL, false, ALWAYS},
    {&llmgw__openai_dashscope, "qvq", NULL, false, ALWAYS},
    {&llmgw__openai_dashscope, "qwen", "-omni", false, ALWAYS},
    {&llmgw__openai_dashscope, "qwen3", "-instruct", false, AS_ASKED},
    {&llmgw__openai_dashscope, "qwen3", "-thinking", true, ALWAYS},
    {&llmgw__openai_dashscope, "qwen3", NULL, true, THINKING},
};

/* -32b, -0.6b; but not -a3b, which says how much of it is active */
static bool has_size(llmgw_str model)
{
    for (size_t i = 0; i < model.len; i++) {
        const char *at = model.data + i + 1;
        const char *end = model.data + model.len;
        const char *from = at;

        if (model.data[i] != '-')
            continue;
        while (at < end && ((*at >= '0' && *at <= '9') || *at == '.'))
            at++;
        if (at > from && at < end && *at == 'b' &&
            (at + 1 == end || at[1] == '-'))
            return true;
    }
    return false;
}

static bool fits(const struct rule *rule,
                 const struct llmgw__openai_service *service, llmgw_str model)
{
    return rule->service == service && llmgw__str_starts(model, rule->prefix) &&
           (!rule->part ||
            llmgw__str_find(model, llmgw__str(rule->part)) != SIZE_MAX) &&
           (!rule->sized || has_size(model));
}

bool llmgw__openai_streams(const struct llmgw__chat *chat,
                           const struct llmgw__target *target)
{
    const struct llmgw__provider_row *row = target->provider->row;
    llmgw_str model = llmgw__str(target->model);

    for (size_t i = 0; row && i < sizeof rules / sizeof *rules; i++)
        if (fits(&rules[i], row->openai, model))
            return rules[i].when == ALWAYS ||
                   (rules[i].when == THINKING &&
                    chat->effort != LLMGW__EFFORT_NONE);
    return false;
}
