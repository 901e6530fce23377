/*
 * provider/gemini_thinking.c - reasoning_effort as a thinking budget (2.5) or
 * a thinking level (3 and later).
 *
 * Without an effort nothing is sent: the model's own default applies. Thoughts
 * are asked for with any effort but none. Source: Google's thinking guide.
 */
#include "gemini.h"

static void write_budget(struct llmgw__gemini_encode *e);
static void write_level(struct llmgw__gemini_encode *e);
static unsigned nearest(uint8_t levels, unsigned wanted);
static unsigned lowest(uint8_t levels);

/* What each effort asks for. */
static const struct {
    uint16_t budget;
    uint16_t budget_pro;
    uint8_t level; /* bit number */
} efforts[] = {
    [LLMGW__EFFORT_NONE] = {0, 128, 0},
    [LLMGW__EFFORT_MINIMAL] = {1024, 1024, 0},
    [LLMGW__EFFORT_LOW] = {1024, 1024, 1},
    [LLMGW__EFFORT_MEDIUM] = {8192, 8192, 2},
    [LLMGW__EFFORT_HIGH] = {24576, 24576, 3},
    [LLMGW__EFFORT_XHIGH] = {24576, 32768, 3},
    [LLMGW__EFFORT_MAX] = {24576, 32768, 3},
};

static const char *const level_names[] = {"minimal", "low", "medium", "high"};

void llmgw__gemini_thinking(struct llmgw__gemini_encode *e)
{
    uint8_t effort = e->chat->effort;

    if (effort == LLMGW__EFFORT_UNSET)
        return;
    if (!e->model.thinks) {
        if (effort != LLMGW__EFFORT_NONE)
            llmgw__gemini_adjust(e, "reasoning_effort", "dropped",
                                 "unsupported");
        return;
    }
    if (!llmgw__gemini_config_key(e, "thinkingConfig"))
        return;
    llmgw__jsonw_open(&e->w, '{');
    if (e->model.levels)
        write_level(e);
    else
        write_budget(e);
    if (effort != LLMGW__EFFORT_NONE)
        llmgw__jsonw_member_bool(&e->w, "includeThoughts", true);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_budget(struct llmgw__gemini_encode *e)
{
    uint8_t effort = e->chat->effort;
    int64_t budget = efforts[effort].budget;

    if (e->model.pro) {
        budget = efforts[effort].budget_pro;
        if (effort == LLMGW__EFFORT_NONE)
            llmgw__gemini_adjust(e, "reasoning_effort", "approximated",
                                 "thinking_cannot_be_disabled");
    }
    llmgw__jsonw_member_int(&e->w, "thinkingBudget", budget);
}

static void write_level(struct llmgw__gemini_encode *e)
{
    uint8_t effort = e->chat->effort;
    unsigned wanted = efforts[effort].level;
    unsigned level;

    if (effort == LLMGW__EFFORT_NONE) {
        level = lowest(e->model.levels);
        llmgw__gemini_adjust(e, "reasoning_effort", "approximated",
                             "thinking_cannot_be_disabled");
    } else {
        level = nearest(e->model.levels, wanted);
        if (level != wanted || effort > LLMGW__EFFORT_HIGH)
            llmgw__gemini_adjust(e, "reasoning_effort", "approximated",
                                 "effort_level");
    }
    llmgw__jsonw_member_z(&e->w, "thinkingLevel", level_names[level]);
}

/* Of two equally near ones the higher. */
static unsigned nearest(uint8_t levels, unsigned wanted)
{
    for (unsigned distance = 0; distance < 4; distance++) {
        if (wanted + distance < 4 && (levels >> (wanted + distance) & 1))
            return wanted + distance;
        if (wanted >= distance && (levels >> (wanted - distance) & 1))
            return wanted - distance;
    }
    return 3;
}

static unsigned lowest(uint8_t levels)
{
    unsigned level = 0;

    while (level < 3 && !(levels >> level & 1))
        level++;
    return level;
}
