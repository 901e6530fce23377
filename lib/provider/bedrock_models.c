/*
 * provider/bedrock_models.c - what the models behind Converse differ in, by
 * maker and name.
 *
 * A model nobody has written down takes the least.
 *
 * Source: Amazon Bedrock User Guide, "Supported models and features"; live
 * tests of other libraries, 2026-07 to 2026-11. Memory: none.
 */
#include <string.h>

#include "bedrock_converse.h"

#define PLAIN \
    (LLMGW__CONVERSE_STOP | LLMGW__CONVERSE_SAMPLE | LLMGW__CONVERSE_SYSTEM)
#define FORCE     LLMGW__CONVERSE_FORCE
#define LEAD      LLMGW__CONVERSE_LEAD
#define ALONE     LLMGW__CONVERSE_ALONE
#define FORMAT    LLMGW__CONVERSE_FORMAT
#define MARK      LLMGW__CONVERSE_MARK
#define MARK_TOOL LLMGW__CONVERSE_MARK_TOOL
#define STATUS    LLMGW__CONVERSE_STATUS
#define JSON      LLMGW__CONVERSE_JSON
#define SYSTEM    LLMGW__CONVERSE_SYSTEM
#define STOP      LLMGW__CONVERSE_STOP
#define SAMPLE    LLMGW__CONVERSE_SAMPLE
#define AUDIO     LLMGW__CONVERSE_AUDIO
#define UNSIGNED  LLMGW__CONVERSE_UNSIGNED
#define INCLUSIVE LLMGW__CONVERSE_INCLUSIVE
#define TOP_K     LLMGW__CONVERSE_TOP_K

#define IMAGE LLMGW__CONVERSE_IMAGE
#define TEXTS LLMGW__CONVERSE_TEXTUAL
#define FILES LLMGW__CONVERSE_DOCUMENT

#define NONE   LLMGW__CONVERSE_THINK_NONE
#define CLAUDE LLMGW__CONVERSE_THINK_CLAUDE
#define NOVA   LLMGW__CONVERSE_THINK_NOVA
#define LEVEL  LLMGW__CONVERSE_THINK_LEVEL
#define NESTED LLMGW__CONVERSE_THINK_NESTED
#define CONFIG LLMGW__CONVERSE_THINK_CONFIG

#define ANTHROPIC (PLAIN | FORCE | LEAD | MARK | MARK_TOOL | STATUS | TOP_K)
#define AMAZON    (PLAIN | FORCE | MARK | STATUS)
#define MISTRAL   (PLAIN | ALONE | JSON | TOP_K)
#define CHOOSES   (PLAIN | FORCE | LEAD | FORMAT)

static const struct llmgw__converse_model models[] = {
    /* clang-format off */
    {"anthropic.",                  ANTHROPIC,          IMAGE | FILES, CLAUDE},
    {"anthropic.claude-opus-4-6",   ANTHROPIC | FORMAT, IMAGE | FILES, CLAUDE},
    {"anthropic.claude-sonnet-4-6", ANTHROPIC | FORMAT, IMAGE | FILES, CLAUDE},
    {"anthropic.claude-opus-4-5",   ANTHROPIC | FORMAT, IMAGE | FILES, CLAUDE},
    {"anthropic.claude-sonnet-4-5", ANTHROPIC | FORMAT, IMAGE | FILES, CLAUDE},
    {"anthropic.claude-haiku-4-5",  ANTHROPIC | FORMAT, IMAGE | FILES, CLAUDE},
    {"amazon.",                     AMAZON,             IMAGE | TEXTS, NONE},
    {"amazon.nova-2",               AMAZON,             IMAGE | TEXTS, NOVA},
    {"amazon.titan",                PLAIN & ~SYSTEM,    0,             NONE},
    {"meta.",                       PLAIN | ALONE,      0,             NONE},
    {"meta.llama4",                 PLAIN | ALONE,      IMAGE | FILES, NONE},
    {"mistral.",                    MISTRAL,            FILES,         NONE},
    {"mistral.mistral-7b",          MISTRAL & ~SYSTEM,  FILES,         NONE},
    {"mistral.mixtral-8x7b",        MISTRAL & ~SYSTEM,  FILES,         NONE},
    {"mistral.magistral-small",     MISTRAL | FORMAT,   FILES,         NONE},
    {"mistral.ministral-3",         MISTRAL | FORMAT,   FILES,         NONE},
    {"mistral.mistral-large-3",     MISTRAL | FORMAT,   FILES,         NONE},
    {"mistral.voxtral",             MISTRAL | FORMAT | AUDIO, FILES,   NONE},
    {"writer.",                     PLAIN | ALONE,      0,             NONE},
    {"qwen.",                       PLAIN | LEAD,       0,             NONE},
    {"qwen.qwen3",                  PLAIN | LEAD | FORMAT, 0,          CONFIG},
    {"qwen.qwq",                    PLAIN | LEAD,       0,             CONFIG},
    {"zai.",                        CHOOSES,            IMAGE,         NONE},
    {"moonshot.",                   CHOOSES,            0,             NONE},
    {"moonshotai.",                 CHOOSES,            0,             NONE},
    {"deepseek.",                   PLAIN,              0,             NONE},
    {"deepseek.r1",                 PLAIN | UNSIGNED,   0,             NONE},
    {"openai.gpt-oss",              PLAIN & ~STOP,      0,             LEVEL},
    {"openai.",             SYSTEM | INCLUSIVE,         0,             NESTED},
    {"google.gemma-3-12b-it",       PLAIN | FORMAT,     0,             NONE},
    {"google.gemma-3-27b-it",       PLAIN | FORMAT,     0,             NONE},
    {"google.",                     PLAIN,              0,             NONE},
    {"minimax.",                    PLAIN,              0,             NONE},
    {"minimax.minimax-m2",          PLAIN | FORMAT,     0,             NONE},
    {"nvidia.",                     PLAIN,              0,             NONE},
    {"nvidia.nemotron-nano",        PLAIN | FORMAT,     0,             NONE},
    {"",                            PLAIN,              IMAGE,         NONE},
    /* clang-format on */
};

/* "maker.name" begins so. */
static bool is_of(llmgw_str maker, llmgw_str name, const char *prefix)
{
    return strncmp(prefix, maker.data, maker.len) == 0 &&
           prefix[maker.len] == '.' &&
           llmgw__str_starts(name, prefix + maker.len + 1);
}

const struct llmgw__converse_model *
llmgw__converse_model_find(const struct llmgw__target *target)
{
    const size_t last = sizeof models / sizeof *models - 1;
    const struct llmgw__converse_model *best = &models[last];
    llmgw_str maker = llmgw__bedrock_family(target);
    llmgw_str name = llmgw__bedrock_base(target);

    for (size_t i = 0; i < last && maker.len; i++)
        if (strlen(models[i].prefix) > strlen(best->prefix) &&
            is_of(maker, name, models[i].prefix))
            best = &models[i];
    return best;
}

bool llmgw__converse_is_claude(const struct llmgw__target *target)
{
    return llmgw__str_is(llmgw__bedrock_family(target), "anthropic");
}

static const char before[] = "bedrock-", behind[] = "-v1";
static const char claude[] = "anthropic-claude-v1";

static llmgw_str maker_of(const struct llmgw__target *target)
{
    llmgw_str maker = llmgw__bedrock_family(target);

    return maker.len ? maker : LLMGW__LIT("unknown");
}

const char *llmgw__converse_state(const struct llmgw__target *target,
                                  struct llmgw__arena *arena)
{
    llmgw_str maker = maker_of(target);
    size_t head = sizeof before - 1;
    char *name;

    if (llmgw__converse_is_claude(target))
        return claude;
    name = llmgw__arena_alloc(arena, head + maker.len + sizeof behind);
    if (!name)
        return NULL;
    memcpy(name, before, head);
    memcpy(name + head, maker.data, maker.len);
    memcpy(name + head + maker.len, behind, sizeof behind);
    return name;
}

bool llmgw__converse_takes_state(const struct llmgw__target *target,
                                 llmgw_str format)
{
    llmgw_str maker = maker_of(target);
    size_t ends = sizeof before + sizeof behind - 2;

    if (llmgw__converse_is_claude(target))
        return llmgw__str_is(format, claude);
    return llmgw__str_starts(format, before) &&
           llmgw__str_ends(format, behind) && format.len == maker.len + ends &&
           llmgw__str_eq(
               llmgw__str_n(format.data + sizeof before - 1, maker.len), maker);
}
