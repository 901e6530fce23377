/*
 * catalog/same.c - the same model at several providers.
 *
 * Hosts of a model name it after the same pattern, each with additions of its
 * own: these are taken off by rules, and what rules cannot tell is said by the
 * manifest's "same_as".
 *
 * Source: the model lists of the providers, 2026-11. Memory: the route made,
 * in the caller's arena.
 */
#include "same.h"

#include <string.h>

#include "base/text.h"

/* Where a model is run, as its name may begin. */
static const char *const geos[] = {"us", "eu", "apac",   "jp",
                                   "au", "ca", "us-gov", "global"};

static void cut_front(llmgw_str *name, llmgw_str *geo);
static void cut_end(llmgw_str *name, uint32_t *date);
static void cut_version(llmgw_str *name);
static void copy_plain(llmgw_str name, char *text);
static const struct llmgw__price *
best_row(const struct llmgw__catalog *catalog,
         const struct llmgw__provider *provider,
         const struct llmgw__model_key *wanted, const char *region);
static size_t first_row(const struct llmgw__manifest *manifest,
                        const char *provider);
static uint64_t score_of(const struct llmgw__price *row,
                         const struct llmgw__provider *provider,
                         const struct llmgw__model_key *wanted,
                         const char *region);
static uint64_t geo_score(llmgw_str geo, const char *where, bool only);
static const char *region_of(const struct llmgw__provider *provider);
static bool may_be_asked(const struct llmgw__provider *provider,
                         const char *region);
static bool make_target(const struct llmgw__provider *provider,
                        const struct llmgw__price *row,
                        struct llmgw__arena *arena,
                        struct llmgw__target *target);
static bool is_letter(char c);
static bool is_digit(char c);

llmgw_status llmgw__catalog_everywhere(const struct llmgw__catalog *catalog,
                                       llmgw_str model, const char *region,
                                       struct llmgw__arena *arena,
                                       const struct llmgw__route **out)
{
    struct llmgw__model_key wanted;
    struct llmgw__route *route = llmgw__arena_zalloc(arena, sizeof *route);
    struct llmgw__target *targets =
        llmgw__arena_array(arena, catalog->provider_count + 1, sizeof *targets);

    *out = NULL;
    if (!route || !targets)
        return LLMGW_E_NOMEM;
    llmgw__model_key(model, &wanted);
    for (size_t i = 0; i < catalog->provider_count; i++) {
        const struct llmgw__provider *provider = &catalog->providers[i];
        const struct llmgw__price *row =
            may_be_asked(provider, region)
                ? best_row(catalog, provider, &wanted, region)
                : NULL;

        if (row &&
            !make_target(provider, row, arena, &targets[route->target_count++]))
            return LLMGW_E_NOMEM;
    }
    if (!route->target_count)
        return LLMGW_E_INVALID;
    route->name = llmgw__arena_dup(arena, model);
    route->targets = targets;
    route->limits = catalog->limits;
    *out = route;
    return route->name ? LLMGW_OK : LLMGW_E_NOMEM;
}

bool llmgw__provider_is_in(const struct llmgw__provider *provider,
                           const char *region)
{
    const char *where = region_of(provider);

    return where && llmgw__str_starts(llmgw__str(where), region);
}

/* NULL: not known */
static const char *region_of(const struct llmgw__provider *provider)
{
    return provider->region ? provider->region
                            : llmgw__provider_setting(provider, "region");
}

/* One of the environment's table that has no key is not meant. */
static bool may_be_asked(const struct llmgw__provider *provider,
                         const char *region)
{
    return provider->price_name &&
           (provider->configured || provider->api_key ||
            provider->key_may_come || !provider->needs_key) &&
           (!region || llmgw__provider_is_in(provider, region));
}

static bool make_target(const struct llmgw__provider *provider,
                        const struct llmgw__price *row,
                        struct llmgw__arena *arena,
                        struct llmgw__target *target)
{
    size_t name = strlen(provider->name);
    size_t model = strlen(row->model);
    char *id = llmgw__arena_alloc(arena, name + model + 2);

    if (!id)
        return false;
    memcpy(id, provider->name, name);
    id[name] = '/';
    memcpy(id + name + 1, row->model, model + 1);
    target->provider = provider;
    target->id = id;
    target->model = id + name + 1;
    target->price = row;
    return true;
}

/* --- which row --- */

static const struct llmgw__price *
best_row(const struct llmgw__catalog *catalog,
         const struct llmgw__provider *provider,
         const struct llmgw__model_key *wanted, const char *region)
{
    const struct llmgw__manifest *manifest = &catalog->manifest;
    const struct llmgw__price *best = NULL;
    uint64_t most = 0;

    for (size_t i = first_row(manifest, provider->price_name);
         i < manifest->count &&
         strcmp(manifest->rows[i].provider, provider->price_name) == 0;
         i++) {
        uint64_t score = score_of(&manifest->rows[i], provider, wanted, region);

        if (score > most) {
            best = &manifest->rows[i];
            most = score;
        }
    }
    return best;
}

static size_t first_row(const struct llmgw__manifest *manifest,
                        const char *provider)
{
    size_t low = 0;
    size_t high = manifest->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(manifest->rows[middle].provider, provider) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* 0: another model, or another place. Else by place, then by date (the one
 * asked for; none was: a name that has none, then the newest), then the
 * shorter name. */
static uint64_t score_of(const struct llmgw__price *row,
                         const struct llmgw__provider *provider,
                         const struct llmgw__model_key *wanted,
                         const char *region)
{
    const char *where = region ? region : region_of(provider);
    struct llmgw__model_key key;
    struct llmgw__model_key same;
    uint64_t place;
    uint64_t date;
    size_t len = strlen(row->model);

    llmgw__model_key(llmgw__str(row->model), &key);
    llmgw__model_key(llmgw__str(row->same_as), &same);
    place = geo_score(key.geo, where, region != NULL);
    if (!place || (wanted->date && key.date && wanted->date != key.date) ||
        (strcmp(key.text, wanted->text) != 0 &&
         (!same.text[0] || strcmp(same.text, wanted->text) != 0)))
        return 0;
    if (wanted->date)
        date = key.date ? UINT32_MAX : 0;
    else
        date = key.date ? key.date : UINT32_MAX;
    return place << 48 | date << 8 | (len < 255 ? 255 - len : 0);
}

/* `only`: nowhere else than where. */
static uint64_t geo_score(llmgw_str geo, const char *where, bool only)
{
    if (!geo.len)
        return 3;
    if (where && strlen(where) >= 2 && memcmp(geo.data, where, 2) == 0)
        return 4;
    if (llmgw__str_is(geo, "global"))
        return only ? 0 : 2;
    return where ? 0 : 1;
}

/* --- names --- */

void llmgw__model_key(llmgw_str name, struct llmgw__model_key *key)
{
    memset(key, 0, sizeof *key);
    cut_front(&name, &key->geo);
    cut_version(&name);
    cut_end(&name, &key->date);
    copy_plain(name, key->text);
}

/* "accounts/a/models/m", "us.vendor.m" */
static void cut_front(llmgw_str *name, llmgw_str *geo)
{
    llmgw_str text = *name;
    size_t at = text.len;

    while (at > 0 && text.data[at - 1] != '/')
        at--;
    text = llmgw__str_n(text.data + at, text.len - at);
    for (size_t i = 0; !geo->len && i < sizeof geos / sizeof *geos; i++) {
        size_t len = strlen(geos[i]);

        if (text.len > len && llmgw__str_starts(text, geos[i]) &&
            text.data[len] == '.') {
            *geo = llmgw__str_n(text.data, len);
            text = llmgw__str_n(text.data + len + 1, text.len - len - 1);
        }
    }
    for (at = 0; at < text.len && is_letter(text.data[at]);)
        at++;
    if (at > 0 && at + 2 < text.len && text.data[at] == '.' &&
        is_letter(text.data[at + 1]) &&
        !(text.data[at + 1] == 'v' && is_digit(text.data[at + 2])))
        text = llmgw__str_n(text.data + at + 1, text.len - at - 1);
    *name = text;
}

/* "-v1:0", "-1:0" */
static void cut_version(llmgw_str *name)
{
    size_t at = name->len;

    while (at > 0 && is_digit(name->data[at - 1]))
        at--;
    if (at == name->len || at == 0 || name->data[at - 1] != ':')
        return;
    name->len = --at;
    while (at > 0 && is_digit(name->data[at - 1]))
        at--;
    if (at > 0 && name->data[at - 1] == 'v')
        at--;
    if (at > 1 && at < name->len && name->data[at - 1] == '-')
        name->len = at - 1;
}

/* "-20250929", "@20250929", "-2025-09-29", "-001", "-latest", "@default" */
static void cut_end(llmgw_str *name, uint32_t *date)
{
    size_t len;

    if (llmgw__str_ends(*name, "@default"))
        name->len -= sizeof "@default" - 1;
    while ((len = llmgw__model_suffix(*name)) > 0) {
        uint32_t digits = 0;

        for (size_t i = name->len - len; i < name->len; i++)
            if (is_digit(name->data[i]))
                digits = digits * 10 + (uint32_t)(name->data[i] - '0');
        if (digits >= 10000000)
            *date = digits;
        name->len -= len;
    }
}

/* Letters and digits; ':' begins a variant. A point in a version may be
 * spelled 'p', and the version have a 'v' before it. */
static void copy_plain(llmgw_str name, char *text)
{
    size_t len = 0;

    for (size_t i = 0; i < name.len && len + 1 < LLMGW__MODEL_KEY; i++) {
        char c = name.data[i];
        const char *around = "-";
        char before = *(i > 0 ? &name.data[i - 1] : around);
        char after = *(i + 1 < name.len ? &name.data[i + 1] : around);
        bool marks = (c == 'p' && is_digit(before) && is_digit(after)) ||
                     (c == 'v' && !is_letter(before) && !is_digit(before) &&
                      is_digit(after));

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (!marks && (is_letter(c) || is_digit(c) || c == ':'))
            text[len++] = c;
    }
    text[len] = '\0';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
