/*
 * catalog/terms_read.c - read "prices" and "fees" of a row (their form is
 * described in manifest.c).
 *
 * Memory: the variants and what they refer to, in the manifest's arena.
 */
#include "terms_read.h"

#include "base/fields.h"
#include "base/text.h"
#include "terms.h"

#define MAX_VARIANTS 256
#define MAX_DATES    1024

/** Lists of texts: what each of them becomes. */
struct list {
    const char *name;
    int most;
    const char *must;
    bool (*take)(struct llmgw__variant *variant, int index, llmgw_str text);
};

static const struct llmgw__field fields[] = {
    {"service_tier", "standard, flex, priority, batch", 0, 0,
     LLMGW__FIELD(struct llmgw__variant, service_tier), LLMGW__FIELD_WORD, 0},
    {"regional", NULL, 0, 1, LLMGW__FIELD(struct llmgw__variant, regional),
     LLMGW__FIELD_FLAG, 0},
    {"marginal", NULL, 0, 1, LLMGW__FIELD(struct llmgw__variant, marginal),
     LLMGW__FIELD_FLAG, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0}};

static bool read_variants(struct llmgw__arena *arena,
                          const struct llmgw__json_at *at,
                          struct llmgw__terms *terms);
static bool read_variant(struct llmgw__arena *arena,
                         const struct llmgw__json_at *at,
                         struct llmgw__variant *variant);
static bool read_time(struct llmgw__arena *arena,
                      const struct llmgw__json_at *at,
                      struct llmgw__variant *variant);
static bool read_date(const struct llmgw__json_at *parent, const char *name,
                      uint32_t *out);
static bool read_except(struct llmgw__arena *arena,
                        const struct llmgw__json_at *parent,
                        struct llmgw__variant *variant);
static bool read_list(const struct llmgw__json_at *parent,
                      const struct list *list, struct llmgw__variant *variant);
static bool take_hours(struct llmgw__variant *variant, int index,
                       llmgw_str text);
static bool take_day(struct llmgw__variant *variant, int index, llmgw_str text);
static bool take_date(struct llmgw__variant *variant, int index,
                      llmgw_str text);
static bool read_zone(struct llmgw__arena *arena,
                      const struct llmgw__json_at *parent,
                      struct llmgw__variant *variant);
static bool read_prompt(const struct llmgw__json_at *at,
                        struct llmgw__variant *variant);
static bool read_multiplier(const struct llmgw__json_at *parent,
                            struct llmgw__variant *variant);
static bool read_fees(const struct llmgw__json_at *at,
                      struct llmgw__terms *terms, struct llmgw__price *row);

bool llmgw__terms_read(struct llmgw__arena *arena,
                       const struct llmgw__json_at *parent,
                       struct llmgw__price *row)
{
    struct llmgw__json_at prices = llmgw__json_member(parent, "prices");
    struct llmgw__json_at fees = llmgw__json_member(parent, "fees");
    struct llmgw__terms *terms;

    if (!prices.value && !fees.value)
        return true;
    terms = llmgw__arena_zalloc(arena, sizeof *terms);
    parent->fault->nomem = !terms;
    if (!terms)
        return false;
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        terms->fee[tool] = LLMGW__PRICE_UNKNOWN;
    row->terms = terms;
    return read_variants(arena, &prices, terms) && read_fees(&fees, terms, row);
}

llmgw_status llmgw__terms_parse(struct llmgw__arena *arena, const char *text,
                                struct llmgw__price *row)
{
    struct llmgw__json_fault fault = {.nomem = false};
    cJSON *root = llmgw__json_parse(llmgw__str(text), &fault);
    struct llmgw__json_at at;
    bool good;

    if (!root)
        return LLMGW_E_NOMEM;
    at = llmgw__json_root(root, &fault);
    good = llmgw__terms_read(arena, &at, row);
    cJSON_Delete(root);
    return good ? LLMGW_OK : LLMGW_E_NOMEM;
}

static bool read_variants(struct llmgw__arena *arena,
                          const struct llmgw__json_at *at,
                          struct llmgw__terms *terms)
{
    struct llmgw__json_at element = {NULL, at, NULL, 0, at->fault};
    struct llmgw__variant *variants;
    size_t count;

    if (!at->value)
        return true;
    if (!llmgw__json_get_array(at))
        return false;
    count = (size_t)llmgw__json_size(at);
    if (count > MAX_VARIANTS)
        return llmgw__json_refuse(at, "must have at most 256 elements");
    variants = llmgw__arena_array(arena, count ? count : 1, sizeof *variants);
    at->fault->nomem = !variants;
    if (!variants)
        return false;
    for (element.value = at->value->child; element.value;
         element.value = element.value->next, element.index++)
        if (!read_variant(arena, &element, &variants[element.index]))
            return false;
    llmgw__variants_sort(variants, count);
    terms->variants = variants;
    terms->count = count;
    return true;
}

static bool read_variant(struct llmgw__arena *arena,
                         const struct llmgw__json_at *at,
                         struct llmgw__variant *variant)
{
    static const char *const names[] = {"from",     "until",
                                        "days",     "hours",
                                        "except",   "time_zone",
                                        "regional", "min_prompt_tokens",
                                        "marginal", "service_tier",
                                        "rates",    "inclusive",
                                        "multiply", NULL};
    struct llmgw__json_at rates = llmgw__json_member(at, "rates");

    llmgw__variant_init(variant);
    if (!llmgw__json_known(at, names) ||
        !llmgw__json_get_fields(at, fields, variant) ||
        !read_time(arena, at, variant) || !read_prompt(at, variant) ||
        !llmgw__rates_read(&rates, variant->rate) ||
        !read_multiplier(at, variant))
        return false;
    if (!rates.value && !variant->den)
        return llmgw__json_refuse(at, "must have rates or multiply");
    if (variant->marginal && variant->den)
        return llmgw__json_refuse(
            at, "must not multiply what is marginal: only rates can be");
    return true;
}

/* --- when --- */

static bool read_time(struct llmgw__arena *arena,
                      const struct llmgw__json_at *at,
                      struct llmgw__variant *variant)
{
    static const struct list hours = {
        "hours", LLMGW__HOURS,
        "must be hours of a day, from-to, as in \"22:30-06:00\"", take_hours};
    static const struct list days = {
        "days", 7, "must be one of mon, tue, wed, thu, fri, sat, sun",
        take_day};
    struct llmgw__json_at given = llmgw__json_member(at, "days");
    struct llmgw__json_at until = llmgw__json_member(at, "until");

    if (given.value)
        variant->days = 0;
    if (!read_date(at, "from", &variant->from) ||
        !read_date(at, "until", &variant->until) ||
        !read_list(at, &hours, variant) || !read_list(at, &days, variant) ||
        !read_except(arena, at, variant) || !read_zone(arena, at, variant))
        return false;
    if (variant->from >= variant->until)
        return llmgw__json_refuse(&until, "must be later than from");
    return variant->days != 0 ||
           llmgw__json_refuse(&given, "must have a day at least");
}

static bool read_date(const struct llmgw__json_at *parent, const char *name,
                      uint32_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);
    const char *text = NULL;

    if (!llmgw__json_get_string(&at, &text))
        return false;
    if (!text)
        return true;
    *out = llmgw__date_number(llmgw__str(text));
    return *out != 0 ||
           llmgw__json_refuse(&at, "must be a date, as in \"2026-12-31\"");
}

static bool read_except(struct llmgw__arena *arena,
                        const struct llmgw__json_at *parent,
                        struct llmgw__variant *variant)
{
    static const struct list dates = {
        "except", MAX_DATES, "must be a date, as in \"2026-12-31\"", take_date};
    struct llmgw__json_at at = llmgw__json_member(parent, "except");
    size_t count = cJSON_IsArray(at.value) ? (size_t)llmgw__json_size(&at) : 0;

    if (count) {
        variant->except =
            llmgw__arena_array(arena, count, sizeof *variant->except);
        at.fault->nomem = !variant->except;
        if (!variant->except)
            return false;
    }
    return read_list(parent, &dates, variant);
}

static bool read_list(const struct llmgw__json_at *parent,
                      const struct list *list, struct llmgw__variant *variant)
{
    struct llmgw__json_at at = llmgw__json_member(parent, list->name);
    struct llmgw__json_at element = {NULL, &at, NULL, 0, at.fault};

    if (!llmgw__json_get_array(&at))
        return false;
    element.value = at.value ? at.value->child : NULL;
    for (; element.value;
         element.value = element.value->next, element.index++) {
        const char *text = "";

        if (element.index >= list->most)
            return llmgw__json_refuse(&at, "has too many elements");
        if (!llmgw__json_get_string(&element, &text))
            return false;
        if (!list->take(variant, element.index, llmgw__str(text)))
            return llmgw__json_refuse(&element, list->must);
    }
    return true;
}

static bool take_hours(struct llmgw__variant *variant, int index,
                       llmgw_str text)
{
    variant->hours_count = (uint8_t)(index + 1);
    return llmgw__hours_parse(text, &variant->hours[index]);
}

static bool take_day(struct llmgw__variant *variant, int index, llmgw_str text)
{
    int day = llmgw__weekday_of(text);

    (void)index;
    if (day && text.len == 3)
        variant->days |= (uint8_t)(1u << (day - 1));
    return day && text.len == 3;
}

static bool take_date(struct llmgw__variant *variant, int index, llmgw_str text)
{
    variant->except_count = (size_t)index + 1;
    variant->except[index] = llmgw__date_number(text);
    return variant->except[index] != 0;
}

static bool read_zone(struct llmgw__arena *arena,
                      const struct llmgw__json_at *parent,
                      struct llmgw__variant *variant)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "time_zone");
    const char *name = NULL;
    llmgw_status status;

    if (!llmgw__json_get_string(&at, &name))
        return false;
    if (!name)
        return true;
    status = llmgw__zone_make(name, arena, &variant->zone);
    if (status == LLMGW_OK)
        variant->zone_name = llmgw__arena_dup(arena, llmgw__str(name));
    at.fault->nomem = status == LLMGW_E_NOMEM || !variant->zone_name;
    if (status != LLMGW_OK && status != LLMGW_E_NOMEM)
        return llmgw__json_refuse(
            &at, "must be UTC, an offset as in \"+08:00\", or a time zone of "
                 "this system");
    return !at.fault->nomem;
}

/* --- for which prompts, and how much --- */

static bool read_prompt(const struct llmgw__json_at *at,
                        struct llmgw__variant *variant)
{
    struct llmgw__json_at least = llmgw__json_member(at, "min_prompt_tokens");
    struct llmgw__json_at inclusive = llmgw__json_member(at, "inclusive");
    struct llmgw__json_at marginal = llmgw__json_member(at, "marginal");
    bool from = false;

    if (!llmgw__tokens_read(at, "min_prompt_tokens", &variant->prompt_from) ||
        !llmgw__json_get_bool(&inclusive, &from))
        return false;
    if (least.value)
        variant->prompt_from +=
            !from && variant->prompt_from < LLMGW__MAX_TOKENS;
    else if (inclusive.value)
        return llmgw__json_refuse(&inclusive, "needs min_prompt_tokens");
    else if (variant->marginal)
        return llmgw__json_refuse(&marginal, "needs min_prompt_tokens");
    return true;
}

static bool read_multiplier(const struct llmgw__json_at *parent,
                            struct llmgw__variant *variant)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "multiply");
    const char *text = NULL;

    if (!llmgw__json_get_string(&at, &text))
        return false;
    if (!text)
        return true;
    if (llmgw__ratio_parse(llmgw__str(text), &variant->num, &variant->den))
        return true;
    return llmgw__json_refuse(&at, "must be two whole numbers from 1 to "
                                   "1000000, as in \"11/10\"");
}

static bool read_fees(const struct llmgw__json_at *at,
                      struct llmgw__terms *terms, struct llmgw__price *row)
{
    static const char *const names[] = {
        "request",   "web_search",  "web_search_unit",
        "web_fetch", "file_search", "code_interpreter",
        NULL};
    static const struct llmgw__field unit[] = {
        {"web_search_unit", "query, request", 0, 0,
         LLMGW__FIELD(struct llmgw__terms, search_once), LLMGW__FIELD_WORD, -1},
        {NULL, NULL, 0, 0, 0, 0, 0, 0}};

    if (!llmgw__json_known(at, names) ||
        !llmgw__json_get_fields(at, unit, terms) ||
        !llmgw__fee_read(at, "request", &row->per_request) ||
        !llmgw__fee_read(at, "web_search", &row->per_search))
        return false;
    for (int tool = LLMGW__TOOL_WEB_FETCH; tool < LLMGW__USAGE_TOOLS; tool++)
        if (!llmgw__fee_read(at, llmgw__usage_tool_name(tool),
                             &terms->fee[tool]))
            return false;
    return true;
}

/* --- small things of rows --- */

bool llmgw__rates_read(const struct llmgw__json_at *at, int64_t *rates)
{
    if (!llmgw__json_known(at, llmgw__rate_names))
        return false;
    for (int rate = 0; rate < LLMGW__RATES; rate++) {
        struct llmgw__json_at value =
            llmgw__json_member(at, llmgw__rate_names[rate]);
        const char *text = NULL;

        if (!llmgw__json_get_string(&value, &text))
            return false;
        if (!text)
            continue;
        rates[rate] = llmgw__price_parse(llmgw__str(text));
        if (rates[rate] == LLMGW__PRICE_UNKNOWN)
            return llmgw__json_refuse(&value,
                                      "must be a decimal number of USD with at "
                                      "most 6 fraction digits");
    }
    return true;
}

bool llmgw__fee_read(const struct llmgw__json_at *parent, const char *name,
                     int64_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);
    const char *text = NULL;
    int64_t pico;

    if (!llmgw__json_get_string(&at, &text))
        return false;
    if (!text)
        return true;
    pico = llmgw__decimal_pico(llmgw__str(text));
    if (pico < 0)
        return llmgw__json_refuse(&at, "must be a decimal number of USD, at "
                                       "most 9000000, with at most 12 "
                                       "fraction digits");
    *out = pico;
    return true;
}

bool llmgw__tokens_read(const struct llmgw__json_at *parent, const char *name,
                        int64_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);
    uint32_t tokens = 0;

    if (!llmgw__json_get_uint32(&at, LLMGW__MAX_TOKENS, &tokens))
        return false;
    if (at.value)
        *out = tokens;
    return true;
}
