/*
 * catalog/manifest.c - the table of prices, limits and capabilities.
 *
 * Its form, also that of models.json; everything but provider and model may
 * be left out, and what is left out is unknown, never 0:
 *
 *     {"version": "2026-11-22", "about": "for people", "models": [{
 *         "provider": "p", "model": "m",
 *         "rates": {"in": "2.5", "cache_read": "0.25", "cache_write": "3",
 *                   "cache_write_long": "5", "out": "10", "reasoning": "10",
 *                   "audio_in": "40", "audio_out": "80", "image_in": "5",
 *                   "image_out": "40"},            USD per million tokens
 *         "long": {"above": 200000, "rates": {…}},  or "from": 200000; more
 *                                          of them as an array, ascending
 *         "prices": [{                rates that replace those above, each
 *                                 where it is given, under all conditions that
 *                                 are: the last one applies that does, one for
 *                                 longer prompts before one for shorter
 *             "from": "2026-12-01", "until": "2027-01-01",     not that day
 *             "days": ["mon", "fri"], "hours": ["22:30-06:00"],
 *                                 hours past midnight are the day's before
 *             "except": ["2027-01-01"],       days that it is not for
 *             "time_zone": "Europe/Berlin",   or "+01:00"; of all these: UTC
 *             "service_tier": "batch",        standard, flex, priority
 *             "regional": true,               kept in a region that costs more
 *             "min_prompt_tokens": 200000,    for more than that
 *             "inclusive": true,              and for just as many
 *             "marginal": true,               only for the tokens past it
 *             "rates": {…}, "multiply": "11/10"}],   each that applies, of all
 *                                 that tokens cost; rounded half up once
 *         "per_request": "0.012", "per_search": "0.01",              USD
 *         "fees": {"request": "0.012", "web_search": "0.01",   the same two
 *                  "web_search_unit": "request",    one search for all; query
 *                  "web_fetch": "0", "file_search": "0.0025",
 *                  "code_interpreter": "0.03"},      each USD a call
 *         "free": true,                   costs nothing: instead of all these
 *         "context_window": 1000000, "max_output": 64000,         tokens
 *         "capabilities": ["tools", "vision", "pdf", "audio",
 *                          "json_schema", "reasoning", "prefill",
 *                          "cancel_stops_billing"],
 *         "lacks": […],               of the same words; in neither: unknown
 *         "reasoning": "effort",      or switch, budget, adaptive, always
 *         "refuses": ["temperature", "top_p", "top_k", "frequency_penalty",
 *                     "presence_penalty", "seed", "logprobs", "stop"],
 *         "same_as": "m-2",     a name of the same model at others (same.h)
 *         "source": "who said so", "as_of": "2026-11-22"}]}
 *
 * Amounts are decimal strings: binary fractions would round them.
 * Memory: the rows and their texts in the manifest's arena, sorted, so that
 * looking one up is a binary search.
 */
#include "manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ability.h"
#include "base/text.h"
#include "terms.h"
#include "terms_read.h"

#define MAX_MODELS 100000

/* What may follow a row's name in a model's: '0' is any digit, '-' at the
 * front also stands for '@'. */
static const char *const suffixes[] = {"-0000-00-00", "-00000000", "-000",
                                       "-latest"};

static bool read_document(struct llmgw__manifest *manifest,
                          const struct llmgw__json_at *at);
static bool read_models(struct llmgw__manifest *manifest,
                        const struct llmgw__json_at *at);
static bool read_model(struct llmgw__arena *arena, struct llmgw__price *row,
                       const struct llmgw__json_at *at);
static bool read_tiers(struct llmgw__arena *arena,
                       const struct llmgw__json_at *parent,
                       struct llmgw__price *row);
static bool read_tier(const struct llmgw__json_at *at,
                      struct llmgw__tier *tier);
static bool read_free(const struct llmgw__json_at *parent,
                      struct llmgw__price *row);
static bool read_abilities(const struct llmgw__json_at *parent,
                           struct llmgw__price *row);
static bool read_flags(const struct llmgw__json_at *parent, const char *name,
                       const char *const *words, uint8_t *out);
static bool read_reasons(const struct llmgw__json_at *parent, uint8_t *out);
static bool read_text(struct llmgw__arena *arena,
                      const struct llmgw__json_at *parent, const char *name,
                      const char **out);
static bool read_name(struct llmgw__arena *arena,
                      const struct llmgw__json_at *parent, const char *name,
                      const char **out);
static int place_of(const char *const *words, const char *word);
static bool check_unique(const struct llmgw__manifest *manifest,
                         const struct llmgw__json_at *at);
static int compare_rows(const void *a, const void *b);
static int compare_name(const struct llmgw__price *row, const char *provider,
                        llmgw_str model);
static bool matches(const char *text, const char *pattern);

llmgw_status llmgw__manifest_load(struct llmgw__manifest *manifest,
                                  llmgw_str text,
                                  struct llmgw__json_fault *fault)
{
    static const char *const names[] = {"version", "about", "models", NULL};
    cJSON *root = llmgw__json_parse(text, fault);
    struct llmgw__json_at at;
    bool good = false;

    if (root) {
        at = llmgw__json_root(root, fault);
        good = llmgw__json_known(&at, names) &&
               llmgw__manifest_read(manifest, &at);
        cJSON_Delete(root);
    }
    if (good)
        return LLMGW_OK;
    return fault->nomem ? LLMGW_E_NOMEM : LLMGW_E_CONFIG;
}

bool llmgw__manifest_read(struct llmgw__manifest *manifest,
                          const struct llmgw__json_at *at)
{
    struct llmgw__manifest loaded = {.count = 0};

    llmgw__arena_init(&loaded.arena, 0, 0);
    if (!read_document(&loaded, at)) {
        llmgw__manifest_clear(&loaded);
        return false;
    }
    *manifest = loaded;
    return true;
}

const struct llmgw__price *
llmgw__manifest_find(const struct llmgw__manifest *manifest,
                     const char *provider, llmgw_str model)
{
    const struct llmgw__price *row =
        llmgw__manifest_row(manifest, provider, model);
    size_t suffix = llmgw__model_suffix(model);

    if (row || suffix == 0)
        return row;
    model.len -= suffix;
    return llmgw__manifest_row(manifest, provider, model);
}

void llmgw__manifest_clear(struct llmgw__manifest *manifest)
{
    llmgw__arena_clear(&manifest->arena);
    memset(manifest, 0, sizeof *manifest);
}

static bool read_document(struct llmgw__manifest *manifest,
                          const struct llmgw__json_at *at)
{
    struct llmgw__json_at models = llmgw__json_member(at, "models");

    if (!read_text(&manifest->arena, at, "version", &manifest->version))
        return false;
    if (!models.value)
        return llmgw__json_refuse(&models, "must be given");
    return llmgw__json_get_array(&models) && read_models(manifest, &models);
}

static bool read_models(struct llmgw__manifest *manifest,
                        const struct llmgw__json_at *at)
{
    size_t count = (size_t)llmgw__json_size(at);
    struct llmgw__json_at element = {NULL, at, NULL, 0, at->fault};
    struct llmgw__price *rows;

    if (count > MAX_MODELS)
        return llmgw__json_refuse(at, "must have at most 100000 elements");
    rows = llmgw__arena_array(&manifest->arena, count, sizeof *rows);
    at->fault->nomem = !rows;
    for (const cJSON *child = at->value->child; rows && child;
         child = child->next) {
        element.value = child;
        if (!read_model(&manifest->arena, &rows[element.index], &element))
            return false;
        element.index++;
    }
    if (!rows)
        return false;
    if (count > 1)
        qsort(rows, count, sizeof *rows, compare_rows);
    manifest->rows = rows;
    manifest->count = count;
    return check_unique(manifest, at);
}

static bool read_model(struct llmgw__arena *arena, struct llmgw__price *row,
                       const struct llmgw__json_at *at)
{
    static const char *const names[] = {"provider",
                                        "model",
                                        "rates",
                                        "long",
                                        "per_request",
                                        "per_search",
                                        "capabilities",
                                        "max_output",
                                        "context_window",
                                        "source",
                                        "as_of",
                                        "lacks",
                                        "reasoning",
                                        "refuses",
                                        "same_as",
                                        "prices",
                                        "fees",
                                        "free",
                                        NULL};
    struct llmgw__json_at rates = llmgw__json_member(at, "rates");

    llmgw__rates_unknown(row->rate);
    row->per_request = LLMGW__PRICE_UNKNOWN;
    row->per_search = LLMGW__PRICE_UNKNOWN;
    return llmgw__json_known(at, names) &&
           read_name(arena, at, "provider", &row->provider) &&
           read_name(arena, at, "model", &row->model) &&
           llmgw__rates_read(&rates, row->rate) && read_tiers(arena, at, row) &&
           llmgw__fee_read(at, "per_request", &row->per_request) &&
           llmgw__fee_read(at, "per_search", &row->per_search) &&
           llmgw__terms_read(arena, at, row) && read_free(at, row) &&
           llmgw__tokens_read(at, "context_window", &row->context_window) &&
           llmgw__tokens_read(at, "max_output", &row->max_output) &&
           read_abilities(at, row) &&
           read_text(arena, at, "same_as", &row->same_as) &&
           read_text(arena, at, "source", &row->source) &&
           read_text(arena, at, "as_of", &row->as_of);
}

static bool read_tiers(struct llmgw__arena *arena,
                       const struct llmgw__json_at *parent,
                       struct llmgw__price *row)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "long");
    struct llmgw__json_at element = {at.value, &at, NULL, 0, at.fault};
    bool array = cJSON_IsArray(at.value);
    size_t count = array ? (size_t)llmgw__json_size(&at) : 1;
    struct llmgw__tier *tiers;

    if (!at.value || count == 0)
        return true;
    tiers = llmgw__arena_array(arena, count, sizeof *tiers);
    at.fault->nomem = !tiers;
    row->tiers = tiers;
    if (tiers && !array) {
        row->tier_count = 1;
        return read_tier(&at, tiers);
    }
    for (element.value = at.value->child; tiers && element.value;
         element.value = element.value->next, element.index++) {
        if (!read_tier(&element, &tiers[element.index]))
            return false;
        if (element.index > 0 &&
            tiers[element.index].from <= tiers[element.index - 1].from)
            return llmgw__json_refuse(&element,
                                      "must begin past the one before");
        row->tier_count++;
    }
    return tiers != NULL;
}

/* "above": the tier begins past the number, "from": at it. */
static bool read_tier(const struct llmgw__json_at *at, struct llmgw__tier *tier)
{
    static const char *const names[] = {"above", "from", "rates", NULL};
    struct llmgw__json_at rates = llmgw__json_member(at, "rates");
    int64_t above = 0;

    llmgw__rates_unknown(tier->rate);
    if (!llmgw__json_known(at, names) ||
        !llmgw__tokens_read(at, "above", &above) ||
        !llmgw__tokens_read(at, "from", &tier->from))
        return false;
    if ((tier->from > 0) == (above > 0))
        return llmgw__json_refuse(at, "must have either above or from");
    if (above > 0)
        tier->from = above + (above < LLMGW__MAX_TOKENS);
    return llmgw__rates_read(&rates, tier->rate);
}

/* "free": all of it costs nothing, and that is known. */
static bool read_free(const struct llmgw__json_at *parent,
                      struct llmgw__price *row)
{
    static const char *const others[] = {"rates", "long",        "prices",
                                         "fees",  "per_request", "per_search"};
    struct llmgw__json_at at = llmgw__json_member(parent, "free");

    if (!llmgw__json_get_bool(&at, &row->free))
        return false;
    for (size_t i = 0; row->free && i < sizeof others / sizeof *others; i++) {
        struct llmgw__json_at other = llmgw__json_member(parent, others[i]);

        if (other.value)
            return llmgw__json_refuse(&other, "is of a model that is free");
    }
    if (row->free) {
        memset(row->rate, 0, sizeof row->rate);
        row->per_request = 0;
        row->per_search = 0;
    }
    return true;
}

static bool read_abilities(const struct llmgw__json_at *parent,
                           struct llmgw__price *row)
{
    struct llmgw__json_at lacks = llmgw__json_member(parent, "lacks");

    if (!read_flags(parent, "capabilities", llmgw__ability_names, &row->can) ||
        !read_flags(parent, "lacks", llmgw__ability_names, &row->cannot) ||
        !read_flags(parent, "refuses", llmgw__refusal_names, &row->refuses))
        return false;
    if (row->can & row->cannot)
        return llmgw__json_refuse(&lacks, "has one of the capabilities");
    return read_reasons(parent, &row->reasons);
}

static bool read_flags(const struct llmgw__json_at *parent, const char *name,
                       const char *const *words, uint8_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);
    struct llmgw__json_at element = {NULL, &at, NULL, 0, at.fault};

    if (!llmgw__json_get_array(&at))
        return false;
    for (const cJSON *child = at.value ? at.value->child : NULL; child;
         child = child->next) {
        const char *word = "";
        int place;

        element.value = child;
        if (!llmgw__json_get_string(&element, &word))
            return false;
        place = place_of(words, word);
        if (place < 0)
            return llmgw__json_refuse(&element, "no such word is known here");
        *out |= (uint8_t)(1u << place);
        element.index++;
    }
    return true;
}

static bool read_reasons(const struct llmgw__json_at *parent, uint8_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "reasoning");
    const char *word = llmgw__reasons_names[LLMGW__REASONS_UNKNOWN];
    int place;

    if (!llmgw__json_get_string(&at, &word))
        return false;
    place = place_of(llmgw__reasons_names, word);
    if (place < 0)
        return llmgw__json_refuse(&at, "no such word is known here");
    *out = (uint8_t)place;
    return true;
}

/* -1: none of them */
static int place_of(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(words[i], word))
            return i;
    return -1;
}

/* "" when absent */
static bool read_text(struct llmgw__arena *arena,
                      const struct llmgw__json_at *parent, const char *name,
                      const char **out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);
    const char *text = "";

    if (!llmgw__json_get_string(&at, &text))
        return false;
    *out = llmgw__arena_dup(arena, llmgw__str(text));
    at.fault->nomem = !*out;
    return *out != NULL;
}

static bool read_name(struct llmgw__arena *arena,
                      const struct llmgw__json_at *parent, const char *name,
                      const char **out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);

    if (!read_text(arena, parent, name, out))
        return false;
    return (*out)[0] != '\0' || llmgw__json_refuse(&at, "must be given");
}

/* They are sorted: the same ones stand side by side. */
static bool check_unique(const struct llmgw__manifest *manifest,
                         const struct llmgw__json_at *at)
{
    char message[160];

    for (size_t i = 1; i < manifest->count; i++) {
        const struct llmgw__price *row = &manifest->rows[i];

        if (compare_rows(row - 1, row) == 0) {
            (void)snprintf(message, sizeof message, "has %s/%s twice",
                           row->provider, row->model);
            return llmgw__json_refuse(at, message);
        }
    }
    return true;
}

static int compare_rows(const void *a, const void *b)
{
    return llmgw__price_order(a, b);
}

int llmgw__price_order(const struct llmgw__price *a,
                       const struct llmgw__price *b)
{
    return compare_name(a, b->provider, llmgw__str(b->model));
}

/* By provider, then by model, byte by byte, the shorter first. */
static int compare_name(const struct llmgw__price *row, const char *provider,
                        llmgw_str model)
{
    llmgw_str name = llmgw__str(row->model);
    size_t common = name.len < model.len ? name.len : model.len;
    int order = strcmp(row->provider, provider);

    if (order == 0 && common > 0)
        order = memcmp(name.data, model.data, common);
    if (order == 0)
        order = (name.len > model.len) - (name.len < model.len);
    return order;
}

const struct llmgw__price *
llmgw__manifest_row(const struct llmgw__manifest *manifest,
                    const char *provider, llmgw_str model)
{
    size_t low = 0;
    size_t high = manifest->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_name(&manifest->rows[middle], provider, model);

        if (order == 0)
            return &manifest->rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t llmgw__model_suffix(llmgw_str model)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t len = strlen(suffixes[i]);

        if (model.len > len &&
            matches(model.data + model.len - len, suffixes[i]))
            return len;
    }
    return 0;
}

static bool matches(const char *text, const char *pattern)
{
    bool at_sign = text[0] == '@' && pattern[0] == '-';

    for (size_t i = at_sign; pattern[i]; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (pattern[i] == '0' ? !digit : text[i] != pattern[i])
            return false;
    }
    return true;
}
