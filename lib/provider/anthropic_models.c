/*
 * provider/anthropic_models.c - what each Claude model takes, by prefix.
 *
 * Source: the vendor's model pages and migration guides of autumn 2026.
 * Memory: none.
 */
#include <string.h>

#include "anthropic.h"

#define NONE   LLMGW__ANTHROPIC_THINK_NONE
#define BUDGET LLMGW__ANTHROPIC_THINK_BUDGET
#define OFF    LLMGW__ANTHROPIC_THINK_OFF
#define ON     LLMGW__ANTHROPIC_THINK_ON
#define ALWAYS LLMGW__ANTHROPIC_THINK_ALWAYS

#define FORCE   LLMGW__ANTHROPIC_FORCE
#define LATE    LLMGW__ANTHROPIC_LATE
#define FORMAT  LLMGW__ANTHROPIC_FORMAT
#define XHIGH   LLMGW__ANTHROPIC_XHIGH
#define SAMPLE  LLMGW__ANTHROPIC_SAMPLE
#define PREFILL LLMGW__ANTHROPIC_PREFILL
#define BETWEEN LLMGW__ANTHROPIC_BETWEEN
#define WINDOW  LLMGW__ANTHROPIC_WINDOW

/* What a generation has in common. */
#define NEWEST  (FORMAT | XHIGH)
#define CLASSIC (FORCE | SAMPLE | PREFILL)

/* A model nobody has written down yet is taken for the strictest of its
 * family; one of another family for a plain service. */
static const struct llmgw__anthropic_model models[] = {
    /* clang-format off */
    /* prefix                  think   can                    max     output */
    {"claude-fable-5-1",      ALWAYS, NEWEST | LATE,         128000, 32000},
    {"claude-fable-5-2",      ALWAYS, NEWEST | LATE,         128000, 32000},
    {"claude-mythos-5-1",     ALWAYS, NEWEST | LATE,         128000, 32000},
    {"claude-mythos-5-2",     ALWAYS, NEWEST | LATE,         128000, 32000},
    {"claude-fable-5",        ALWAYS, NEWEST | LATE | FORCE, 128000, 32000},
    {"claude-mythos-5",       ALWAYS, NEWEST | LATE | FORCE, 128000, 32000},
    {"claude-mythos-preview", ALWAYS, NEWEST,                128000, 32000},
    {"claude-opus-5-5",       ALWAYS, NEWEST | LATE,         128000, 32000},
    {"claude-sonnet-5-5",     ALWAYS, NEWEST | LATE | BETWEEN, 128000, 32000},
    {"claude-haiku-5-5",      ON,     NEWEST | FORCE,        128000, 32000},
    {"claude-opus-5",         ON,     NEWEST | LATE | FORCE, 128000, 32000},
    {"claude-sonnet-5",       ON,     NEWEST | FORCE,        128000, 32000},
    {"claude-opus-4-8",       OFF,    NEWEST | LATE | FORCE, 128000, 32000},
    {"claude-opus-4-7",       OFF,    NEWEST | FORCE,        128000, 32000},
    {"claude-opus-4-6",       OFF,    FORMAT | FORCE | SAMPLE, 128000, 32000},
    {"claude-sonnet-4-6",     OFF,    FORMAT | FORCE | SAMPLE, 128000, 32000},
    {"claude-opus-4-5",       BUDGET, FORMAT | CLASSIC,      64000,  32000},
    {"claude-sonnet-4-5",     BUDGET, FORMAT | CLASSIC,      64000,  32000},
    {"claude-haiku-4-5",      BUDGET, FORMAT | CLASSIC,      64000,  32000},
    {"claude-opus-4",         BUDGET, CLASSIC | WINDOW,      32000,  32000},
    {"claude-sonnet-4",       BUDGET, CLASSIC | WINDOW,      64000,  32000},
    {"claude-3-7",            BUDGET, CLASSIC | WINDOW,      32000,  32000},
    {"claude-3-5",            NONE,   CLASSIC | WINDOW,      8192,   8192},
    {"claude-3",              NONE,   CLASSIC | WINDOW,      4096,   4096},
    {"claude-",               OFF,    NEWEST,                0,      32000},
    {"",                      NONE,   CLASSIC,               0,      4096},
    /* clang-format on */
};

static llmgw_str bare_name(llmgw_str name);
static bool is_of(llmgw_str name, const char *prefix, size_t len);

const struct llmgw__anthropic_model *llmgw__anthropic_model_find(llmgw_str name)
{
    const struct llmgw__anthropic_model *best = NULL;
    size_t best_len = 0;

    name = bare_name(name);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        size_t len = strlen(models[i].prefix);

        if (!is_of(name, models[i].prefix, len))
            continue;
        if (best && len <= best_len)
            continue;
        best = &models[i];
        best_len = len;
    }
    return best;
}

/** Does the name begin so? Relays write versions with a dot: "opus-4.8". */
static bool is_of(llmgw_str name, const char *prefix, size_t len)
{
    if (name.len < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (name.data[i] != prefix[i] &&
            (name.data[i] != '.' || prefix[i] != '-'))
            return false;
    return true;
}

/** Without what a surface puts before it: "us.anthropic.", "anthropic/". */
static llmgw_str bare_name(llmgw_str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.data[i - 1] == '.' || name.data[i - 1] == '/') {
            llmgw_str rest = {name.data + i, name.len - i};

            if (llmgw__str_starts(rest, "claude-"))
                return rest;
        }
    return name;
}
