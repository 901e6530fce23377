/*
 * schema/conduct_fields.c - the words of how a call goes about failure.
 *
 * Memory: none.
 */
#include "conduct_fields.h"

#include "base/text.h"

#define HOUR_MS   3600000
#define MAX_BYTES UINT32_C(1073741824)

#define PLACE(member)       LLMGW__FIELD(struct llmgw__conduct, member)
#define SLA_PLACE(member)   LLMGW__FIELD(struct llmgw__sla, member)
#define HEDGE_PLACE(member) LLMGW__FIELD(struct llmgw__hedge_words, member)

/* clang-format off */
const struct llmgw__field llmgw__conduct_fields[] = {
    {"retries", NULL, 0, 8, PLACE(tries), LLMGW__FIELD_NUMBER, 1},
    {"backoff_ms", NULL, 1, HOUR_MS, PLACE(backoff_ms),
     LLMGW__FIELD_NUMBER, 0},
    {"backoff_max_ms", NULL, 1, HOUR_MS, PLACE(backoff_max_ms),
     LLMGW__FIELD_NUMBER, 0},
    {"when_limited", "go, wait", 0, 0, PLACE(when_limited),
     LLMGW__FIELD_WORD, 0},
    {"when_open", "earliest, fail", 0, 0, PLACE(when_open),
     LLMGW__FIELD_WORD, 0},
    {"on_break", "error, continue, restart", 0, 0, PLACE(on_break),
     LLMGW__FIELD_WORD, 0},
    {"continue_by", "prefill, instruction", 0, 0, PLACE(continue_by),
     LLMGW__FIELD_WORD, 0},
    {"tools", "stream, whole", 0, 0, PLACE(tools), LLMGW__FIELD_WORD, 0},
    {"max_cost_usd", NULL, 0, 0, PLACE(max_cost_pico),
     LLMGW__FIELD_MONEY, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};

const struct llmgw__field llmgw__gate_fields[] = {
    {"tokens", NULL, 0, MAX_BYTES, PLACE(gate_tokens), LLMGW__FIELD_LIMIT, 0},
    {"ms", NULL, 0, HOUR_MS, PLACE(gate_ms), LLMGW__FIELD_LIMIT, 0},
    {"bytes", NULL, 0, MAX_BYTES, PLACE(gate_bytes), LLMGW__FIELD_LIMIT, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};

const struct llmgw__field llmgw__sla_fields[] = {
    {"first_ms", NULL, 1, HOUR_MS, SLA_PLACE(first_ms), LLMGW__FIELD_NUMBER, 0},
    {"tokens_per_s", NULL, 1, 1000000, SLA_PLACE(tokens_per_s),
     LLMGW__FIELD_NUMBER, 0},
    {"quantile", NULL, 1, 999, SLA_PLACE(quantile_pm), LLMGW__FIELD_SHARE, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};

const struct llmgw__field llmgw__hedge_fields[] = {
    {"after_ms", NULL, 1, HOUR_MS, HEDGE_PLACE(after_ms),
     LLMGW__FIELD_NUMBER, 0},
    {"quantile", NULL, 1, 999, HEDGE_PLACE(quantile_pm),
     LLMGW__FIELD_SHARE, 0},
    {"at_once", NULL, 0, 0, HEDGE_PLACE(at_once), LLMGW__FIELD_FLAG, 0},
    {"budget", NULL, 0, 1000, HEDGE_PLACE(budget_pm), LLMGW__FIELD_SHARE, 0},
    {"burst", NULL, 0, 1000, HEDGE_PLACE(burst), LLMGW__FIELD_NUMBER, 0},
    {"commit", "content, answer", 0, 0, HEDGE_PLACE(commit),
     LLMGW__FIELD_WORD, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};
/* clang-format on */

/** Budget and burst are, unless given, as the presets have them. */
const char *llmgw__hedging_take(const struct llmgw__hedge_words *words,
                                struct llmgw__hedging *hedge)
{
    int said = (words->after_ms != 0) + (words->quantile_pm != 0) +
               (words->at_once != 0);

    if (said != 1)
        return "must have one of after_ms, quantile and at_once (true)";
    (void)llmgw__hedging_preset(hedge,
                                llmgw__str(words->at_once ? "shadow" : "p95"));
    if (words->after_ms)
        hedge->when = LLMGW__HEDGE_AFTER;
    hedge->after_ms = words->after_ms;
    hedge->quantile_pm = words->quantile_pm;
    if (words->commit)
        hedge->commit = words->commit;
    if (words->budget_pm != UINT16_MAX)
        hedge->budget_pm = words->budget_pm;
    if (words->burst != UINT16_MAX)
        hedge->burst = words->burst;
    return hedge->budget_pm || hedge->burst
               ? NULL
               : "must have a budget or a burst: without, none is started";
}
