/*
 * api/config_budgets.c - the "budgets" of a configuration.
 *
 * Source: the form stands in include/llmgw/budget.h.
 * Memory: the snapshot's.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config_parts.h"
#include "schema/tags.h"

#define MAX_NAME      64
#define MAX_ROLLING_S 31536000          /* a year */
#define MAX_AMOUNT    9007199254740991. /* a double is exact up to here */

#define PLACE(member) LLMGW__FIELD(struct llmgw__budget_rule, member)

/* Words count from 1, all these enums from 0. */
/* clang-format off */
static const struct llmgw__field word_fields[] = {
    {"action", "reject, cheaper, warn", 0, 0, PLACE(action),
     LLMGW__FIELD_WORD, -1},
    {"unpriced", "reject, allow", 0, 0, PLACE(unpriced),
     LLMGW__FIELD_WORD, -1},
    {"warn_at", NULL, 1, 1000, PLACE(warn_pm), LLMGW__FIELD_SHARE, 0},
    {"cheaper_at", NULL, 0, 1000, PLACE(cheaper_pm), LLMGW__FIELD_SHARE, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};
static const struct llmgw__field span_fields[] = {
    {"window", "hour, day, week, month", 0, 0, PLACE(span),
     LLMGW__FIELD_WORD, -1},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};
static const struct llmgw__field rolling_fields[] = {
    {"rolling_s", NULL, 60, MAX_ROLLING_S, PLACE(rolling_s),
     LLMGW__FIELD_NUMBER, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};
static const struct llmgw__field money_fields[] = {
    {"limit_usd", NULL, 0, 0, PLACE(limit), LLMGW__FIELD_MONEY, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};
/* clang-format on */

static const char *const limit_names[LLMGW__BUDGET_UNITS] = {
    [LLMGW__BUDGET_PICO_USD] = "limit_usd",
    [LLMGW__BUDGET_TOKENS] = "limit_tokens",
    [LLMGW__BUDGET_REQUESTS] = "limit_requests",
};

static bool read_budget(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct llmgw__budget_rule *rule);
static bool read_scope(struct llmgw__config *config,
                       const struct llmgw__json_at *parent,
                       struct llmgw__budget_rule *rule);
static bool read_window(struct llmgw__config *config,
                        const struct llmgw__json_at *parent,
                        struct llmgw__budget_rule *rule);
static bool read_limit(const struct llmgw__json_at *parent,
                       struct llmgw__budget_rule *rule);
static bool has_sense(const struct llmgw__json_at *at,
                      const struct llmgw__budget_rule *rule);

static bool is_name(const char *name)
{
    size_t len = strlen(name);

    return len && len <= MAX_NAME && !strchr(name, '/') &&
           llmgw__str_printable(llmgw__str(name));
}

bool llmgw__config_budgets(struct llmgw__config *config,
                           const struct llmgw__json_at *top)
{
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__json_at at = llmgw__json_member(top, "budgets");
    struct llmgw__budget_rule *rules;

    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at))
        return false;
    if (llmgw__json_size(&at) > LLMGW__MAX_BUDGETS)
        return llmgw__json_refuse(&at, "has more than 16 members");
    rules =
        llmgw__arena_array(&catalog->arena, LLMGW__MAX_BUDGETS, sizeof *rules);
    config->nomem = config->nomem || !rules;
    catalog->budgets = rules;
    for (const cJSON *item = at.value->child; rules && item;
         item = item->next) {
        struct llmgw__json_at one = llmgw__json_member(&at, item->string);
        struct llmgw__budget_rule *rule = &rules[catalog->budget_count];

        if (!is_name(item->string))
            return llmgw__json_refuse(&one,
                                      "a budget's name has 1 to 64 bytes, no "
                                      "control characters and no slash");
        if (one.value != item)
            return llmgw__json_refuse(&one, "member given twice");
        if (!llmgw__config_copy(config, item->string, &rule->name) ||
            !read_budget(config, &one, rule))
            return false;
        catalog->budget_count++;
    }
    return rules != NULL;
}

static bool read_budget(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct llmgw__budget_rule *rule)
{
    static const char *const names[] = {
        "scope",        "window",         "time_zone", "limit_usd",
        "limit_tokens", "limit_requests", NULL};

    rule->span = LLMGW__SPAN_DAY;
    rule->warn_pm = rule->cheaper_pm = 800;
    return llmgw__json_get_object(at) &&
           llmgw__config_known(at, names, word_fields) &&
           llmgw__json_get_fields(at, word_fields, rule) &&
           read_scope(config, at, rule) && read_window(config, at, rule) &&
           read_limit(at, rule) && has_sense(at, rule);
}

/* --- of whom --- */

/** Is it one of those that there are? */
static bool is_of_ours(const struct llmgw__catalog *catalog,
                       const struct llmgw__budget_rule *rule)
{
    llmgw_str value = llmgw__str(rule->value);

    if (rule->scope == LLMGW__BUDGET_OF_PROVIDER)
        return llmgw__catalog_provider(catalog, value) != NULL;
    if (rule->scope == LLMGW__BUDGET_OF_ROUTE) /* or "provider/model" */
        return strchr(rule->value, '/') ||
               llmgw__catalog_route(catalog, value) != NULL;
    return true;
}

/** "NAME" or "NAME=VALUE" behind "tag:". */
static bool read_tag(struct llmgw__config *config, const char *text,
                     struct llmgw__budget_rule *rule, bool *good)
{
    char tag[2 * 256 + 2];
    size_t name = strcspn(text, "=");
    const char *form = text[name] ? "%s" : "%s=x";
    int len = snprintf(tag, sizeof tag, form, text);

    *good = len > 0 && (size_t)len < sizeof tag && !strchr(tag, ',') &&
            llmgw__tags_valid(tag);
    if (!*good)
        return true;
    if (text[name] &&
        !llmgw__config_copy(config, text + name + 1, &rule->value))
        return false;
    rule->tag =
        llmgw__arena_dup(&config->catalog->arena, llmgw__str_n(text, name));
    config->nomem |= !rule->tag;
    return rule->tag != NULL;
}

static bool read_scope(struct llmgw__config *config,
                       const struct llmgw__json_at *parent,
                       struct llmgw__budget_rule *rule)
{
    static const char *const words[] = {
        [LLMGW__BUDGET_OF_ALL] = "all",
        [LLMGW__BUDGET_OF_PROVIDER] = "provider",
        [LLMGW__BUDGET_OF_ROUTE] = "route",
        [LLMGW__BUDGET_OF_KEY] = "key",
    };
    struct llmgw__json_at at = llmgw__json_member(parent, "scope");
    const char *text = "all";
    bool good = false;
    size_t len;

    if (!llmgw__json_get_string(&at, &text))
        return false;
    len = strcspn(text, "=");
    if (strncmp(text, "tag:", 4) == 0) {
        rule->scope = LLMGW__BUDGET_OF_TAG;
        if (!read_tag(config, text + 4, rule, &good))
            return false;
    }
    for (uint8_t i = 0; i < LLMGW__BUDGET_OF_TAG; i++)
        if (strlen(words[i]) == len && !strncmp(text, words[i], len)) {
            rule->scope = i;
            good = !text[len] || (i && text[len + 1]);
            if (good && text[len] &&
                !llmgw__config_copy(config, text + len + 1, &rule->value))
                return false;
        }
    if (!good)
        return llmgw__json_refuse(&at,
                                  "must be all, provider, route, key or "
                                  "tag:NAME, or one of them: provider=NAME");
    return !rule->value || is_of_ours(config->catalog, rule) ||
           llmgw__config_refuse(&at, "no such one is configured: ", rule->value,
                                "");
}

/* --- in what time --- */

static bool read_zone(struct llmgw__config *config,
                      const struct llmgw__json_at *parent,
                      struct llmgw__budget_rule *rule)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "time_zone");
    const char *name = NULL;
    llmgw_status status;

    rule->zone_name = "UTC";
    if (!llmgw__json_get_string(&at, &name))
        return false;
    if (!name)
        return true;
    if (rule->rolling_s)
        return llmgw__json_refuse(&at, "given beside a rolling window");
    status = llmgw__zone_make(name, &config->catalog->arena, &rule->zone);
    if (status == LLMGW_E_INVALID)
        return llmgw__config_refuse(&at, "no such time zone is known: ", name,
                                    "");
    config->nomem |= status != LLMGW_OK;
    return status == LLMGW_OK &&
           llmgw__config_copy(config, name, &rule->zone_name);
}

static bool read_window(struct llmgw__config *config,
                        const struct llmgw__json_at *parent,
                        struct llmgw__budget_rule *rule)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "window");

    if (at.value && cJSON_IsObject(at.value)) {
        if (!llmgw__config_known(&at, NULL, rolling_fields) ||
            !llmgw__json_get_fields(&at, rolling_fields, rule))
            return false;
        if (!rule->rolling_s)
            return llmgw__json_refuse(&at, "must have rolling_s");
    } else if (!llmgw__json_get_fields(parent, span_fields, rule)) {
        return false;
    }
    return read_zone(config, parent, rule);
}

/* --- how much --- */

static bool read_count(const struct llmgw__json_at *at,
                       struct llmgw__budget_rule *rule)
{
    double number = cJSON_IsNumber(at->value) ? at->value->valuedouble : 0;

    if (!(number >= 1) || number > MAX_AMOUNT ||
        (double)(int64_t)number != number)
        return llmgw__json_refuse(
            at, "must be a whole number from 1 to 9007199254740991");
    rule->limit = (int64_t)number;
    return true;
}

static bool read_limit(const struct llmgw__json_at *parent,
                       struct llmgw__budget_rule *rule)
{
    struct llmgw__json_at limit = {0};

    for (uint8_t unit = 0; unit < LLMGW__BUDGET_UNITS; unit++) {
        struct llmgw__json_at at =
            llmgw__json_member(parent, limit_names[unit]);

        if (!at.value)
            continue;
        if (limit.value)
            return llmgw__json_refuse(&at, "given beside another limit");
        limit = at;
        rule->unit = unit;
    }
    if (!limit.value)
        return llmgw__json_refuse(
            parent, "must have limit_usd, limit_tokens or limit_requests");
    return rule->unit == LLMGW__BUDGET_PICO_USD
               ? llmgw__json_get_fields(parent, money_fields, rule)
               : read_count(&limit, rule);
}

/** What would have no effect is refused. */
static bool has_sense(const struct llmgw__json_at *at,
                      const struct llmgw__budget_rule *rule)
{
    struct llmgw__json_at cheaper = llmgw__json_member(at, "cheaper_at");
    struct llmgw__json_at unpriced = llmgw__json_member(at, "unpriced");

    if (cheaper.value && rule->action != LLMGW__BUDGET_CHEAPER)
        return llmgw__json_refuse(&cheaper,
                                  "given without \"action\": \"cheaper\"");
    if (unpriced.value && (rule->unit != LLMGW__BUDGET_PICO_USD ||
                           rule->action == LLMGW__BUDGET_WARN))
        return llmgw__json_refuse(&unpriced,
                                  "given without a limit in money that is "
                                  "kept to");
    return true;
}
