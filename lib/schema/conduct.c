/*
 * schema/conduct.c - how a call goes about failure: what is not said is
 * inherited, what nobody says has a default.
 */
#include "conduct.h"

#include "base/text.h"

#define DEFAULT_BACKOFF_MS     500
#define DEFAULT_BACKOFF_MAX_MS 8000
#define DEFAULT_GATE_BYTES     1048576

/* clang-format off */
static const struct preset {
    const char *name;
    struct llmgw__hedging hedge;
} presets[] = {
    {"off",    {LLMGW__HEDGE_OFF,      LLMGW__COMMIT_CONTENT,   0,    0,    0, 0}},
    {"shadow", {LLMGW__HEDGE_AT_ONCE,  LLMGW__COMMIT_CONTENT,   0, 1000, 1000, 0}},
    {"p95",    {LLMGW__HEDGE_QUANTILE, LLMGW__COMMIT_CONTENT, 750,  250,   10, 0}},
    {"tail",   {LLMGW__HEDGE_QUANTILE, LLMGW__COMMIT_CONTENT, 950,   50,   10, 0}},
};
/* clang-format on */

static void inherit8(uint8_t *field, uint8_t from)
{
    if (!*field)
        *field = from;
}

static void inherit32(uint32_t *field, uint32_t from)
{
    if (!*field)
        *field = from;
}

void llmgw__conduct_inherit(struct llmgw__conduct *conduct,
                            const struct llmgw__conduct *from)
{
    inherit8(&conduct->tries, from->tries);
    inherit8(&conduct->when_limited, from->when_limited);
    inherit8(&conduct->when_open, from->when_open);
    inherit8(&conduct->on_break, from->on_break);
    inherit8(&conduct->continue_by, from->continue_by);
    inherit8(&conduct->tools, from->tools);
    inherit32(&conduct->backoff_ms, from->backoff_ms);
    inherit32(&conduct->backoff_max_ms, from->backoff_max_ms);
    inherit32(&conduct->gate_tokens, from->gate_tokens);
    inherit32(&conduct->gate_ms, from->gate_ms);
    inherit32(&conduct->gate_bytes, from->gate_bytes);
    if (!conduct->hedge.when)
        conduct->hedge = from->hedge;
    if (!conduct->max_cost_pico)
        conduct->max_cost_pico = from->max_cost_pico;
}

void llmgw__sla_inherit(struct llmgw__sla *sla, const struct llmgw__sla *from)
{
    inherit32(&sla->first_ms, from->first_ms);
    inherit32(&sla->tokens_per_s, from->tokens_per_s);
    if (!sla->quantile_pm)
        sla->quantile_pm = from->quantile_pm;
}

void llmgw__conduct_default(struct llmgw__conduct *conduct)
{
    const struct llmgw__conduct all = {
        .tries = LLMGW__TRIES_AS_NEEDED,
        .when_limited = LLMGW__LIMITED_GO,
        .when_open = LLMGW__OPEN_EARLIEST,
        .on_break = LLMGW__BREAK_ERROR,
        .continue_by = LLMGW__CONTINUE_PREFILL,
        .tools = LLMGW__TOOLS_STREAM,
        .backoff_ms = DEFAULT_BACKOFF_MS,
        .backoff_max_ms = DEFAULT_BACKOFF_MAX_MS,
        .gate_tokens = LLMGW_NO_LIMIT,
        .gate_ms = LLMGW_NO_LIMIT,
        .gate_bytes = DEFAULT_GATE_BYTES,
        .hedge = presets[0].hedge,
        .max_cost_pico = INT64_MAX,
    };

    *conduct = all;
}

bool llmgw__hedging_preset(struct llmgw__hedging *hedge, llmgw_str name)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        if (!llmgw__str_is(name, presets[i].name))
            continue;
        *hedge = presets[i].hedge;
        return true;
    }
    return false;
}
