/*
 * api/config_failover.c - what a configuration says of failure: how calls go
 * about it, when breakers open, how much may be asked.
 *
 * Source: the form stands in include/llmgw/failover.h.
 * Memory: the snapshot's.
 */
#include <string.h>

#include "base/text.h"
#include "config_parts.h"
#include "schema/conduct_fields.h"
#include "schema/tags.h"

#define MAX_NAMES    48
#define DAY_MS       86400000
#define MAX_COUNT    (UINT32_MAX - 1)
#define MAX_STREAK   1000
#define MAX_OUTCOMES 32 /* that a breaker remembers */

#define SETTING(member) LLMGW__FIELD(struct llmgw__breaker_setting, member)
#define QUOTA(member)   LLMGW__FIELD(struct llmgw__quota, member)

/* clang-format off */
static const struct llmgw__field breaker_fields[] = {
    {"failures", NULL, 1, MAX_STREAK, SETTING(failures),
     LLMGW__FIELD_NUMBER, 0},
    {"window_ms", NULL, 1, DAY_MS, SETTING(window_ms),
     LLMGW__FIELD_NUMBER, 0},
    {"outcomes", NULL, 1, MAX_OUTCOMES, SETTING(outcomes),
     LLMGW__FIELD_NUMBER, 0},
    {"ratio", NULL, 1, 1000, SETTING(ratio_pm), LLMGW__FIELD_SHARE, 0},
    {"open_ms", NULL, 1, DAY_MS, SETTING(open_ms), LLMGW__FIELD_NUMBER, 0},
    {"max_open_ms", NULL, 1, DAY_MS, SETTING(max_open_ms),
     LLMGW__FIELD_NUMBER, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};

static const struct llmgw__field quota_fields[] = {
    {"requests_per_minute", NULL, 0, MAX_COUNT, QUOTA(requests),
     LLMGW__FIELD_NUMBER, 0},
    {"tokens_per_minute", NULL, 0, MAX_COUNT, QUOTA(tokens),
     LLMGW__FIELD_NUMBER, 0},
    {"concurrent", NULL, 0, MAX_COUNT, QUOTA(concurrent),
     LLMGW__FIELD_NUMBER, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};
/* clang-format on */

static bool read_gate(const struct llmgw__json_at *parent,
                      struct llmgw__conduct *conduct);
static bool read_hedge(const struct llmgw__json_at *parent,
                       struct llmgw__hedging *hedge);
static bool read_breaker(const struct llmgw__json_at *parent,
                         struct llmgw__breaker_setting *setting);
static bool read_tag_limits(struct llmgw__config *config,
                            const struct llmgw__json_at *parent);

bool llmgw__config_known(const struct llmgw__json_at *at,
                         const char *const *names,
                         const struct llmgw__field *fields)
{
    const char *all[MAX_NAMES] = {NULL};
    size_t count = 0;

    for (; names && *names; names++)
        all[count++] = *names;
    for (; fields && fields->name; fields++)
        all[count++] = fields->name;
    return llmgw__json_known(at, all);
}

bool llmgw__config_failover(struct llmgw__config *config,
                            const struct llmgw__json_at *top)
{
    static const char *const names[] = {"gate", "hedge", NULL};
    struct llmgw__json_at at = llmgw__json_member(top, "failover");
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__conduct said = {0};

    if (!llmgw__config_known(&at, names, llmgw__conduct_fields) ||
        !llmgw__config_conduct(&at, &said))
        return false;
    llmgw__conduct_inherit(&said, &catalog->conduct);
    catalog->conduct = said;
    return read_breaker(top, &catalog->breaker) && read_tag_limits(config, top);
}

/* --- conduct --- */

bool llmgw__config_conduct(const struct llmgw__json_at *at,
                           struct llmgw__conduct *conduct)
{
    return llmgw__json_get_fields(at, llmgw__conduct_fields, conduct) &&
           read_gate(at, conduct) && read_hedge(at, &conduct->hedge);
}

static bool read_gate(const struct llmgw__json_at *parent,
                      struct llmgw__conduct *conduct)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "gate");

    return llmgw__config_known(&at, NULL, llmgw__gate_fields) &&
           llmgw__json_get_fields(&at, llmgw__gate_fields, conduct);
}

static bool read_hedge(const struct llmgw__json_at *parent,
                       struct llmgw__hedging *hedge)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "hedge");
    struct llmgw__hedge_words words = LLMGW__HEDGE_WORDS;
    const char *must;

    if (!at.value)
        return true;
    if (cJSON_IsString(at.value))
        return llmgw__hedging_preset(hedge,
                                     llmgw__str(at.value->valuestring)) ||
               llmgw__json_refuse(&at, LLMGW__HEDGE_MUST);
    if (!cJSON_IsObject(at.value))
        return llmgw__json_refuse(&at, LLMGW__HEDGE_MUST);
    if (!llmgw__config_known(&at, NULL, llmgw__hedge_fields) ||
        !llmgw__json_get_fields(&at, llmgw__hedge_fields, &words))
        return false;
    must = llmgw__hedging_take(&words, hedge);
    return !must || llmgw__json_refuse(&at, must);
}

/* --- breakers --- */

static bool read_breaker(const struct llmgw__json_at *parent,
                         struct llmgw__breaker_setting *setting)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "breaker");
    struct llmgw__json_at longest;

    if (at.value && cJSON_IsFalse(at.value)) {
        setting->off = true;
        return true;
    }
    if (at.value && !cJSON_IsObject(at.value))
        return llmgw__json_refuse(&at, "must be an object or false");
    if (!at.value)
        return true;
    if (!llmgw__config_known(&at, NULL, breaker_fields) ||
        !llmgw__json_get_fields(&at, breaker_fields, setting))
        return false;
    longest = llmgw__json_member(&at, "max_open_ms");
    if (!longest.value && setting->max_open_ms < setting->open_ms)
        setting->max_open_ms = setting->open_ms;
    return setting->max_open_ms >= setting->open_ms ||
           llmgw__json_refuse(&longest, "must be at least open_ms");
}

/* --- how much may be asked --- */

bool llmgw__config_quota(const struct llmgw__json_at *at,
                         struct llmgw__quota *quota)
{
    return llmgw__config_known(at, NULL, quota_fields) &&
           llmgw__json_get_fields(at, quota_fields, quota);
}

/** "team=blue", "team=*": one tag, as calls have them. */
static bool is_tag(const char *text)
{
    return *text && !strchr(text, ',') && llmgw__tags_valid(text);
}

static bool read_tag_limits(struct llmgw__config *config,
                            const struct llmgw__json_at *parent)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "tag_limits");
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__tag_quota *quotas;

    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at))
        return false;
    quotas = llmgw__arena_array(
        &catalog->arena, (size_t)llmgw__json_size(&at) + 1, sizeof *quotas);
    config->nomem = config->nomem || !quotas;
    catalog->tag_quotas = quotas;
    for (const cJSON *item = at.value->child; quotas && item;
         item = item->next) {
        struct llmgw__json_at one = llmgw__json_member(&at, item->string);
        struct llmgw__tag_quota *quota = &quotas[catalog->tag_quota_count];

        if (!is_tag(item->string))
            return llmgw__json_refuse(
                &one, "a tag is \"name=value\", or \"name=*\" for each value");
        if (one.value != item)
            return llmgw__json_refuse(&one, "member given twice");
        if (!llmgw__config_quota(&one, &quota->quota) ||
            !llmgw__config_copy(config, item->string, &quota->tag))
            return false;
        catalog->tag_quota_count++;
    }
    return quotas != NULL;
}
