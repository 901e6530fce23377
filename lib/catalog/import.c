/*
 * catalog/import.c - read a price list: ours, or one of others.
 *
 * Source: as formats.c. Memory: an index over the text (20 bytes a value) and
 * its rows twice while it is read; then the rows in the list's arena.
 */
#include "import.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "pricelist.h"

/** A list of others that is being read. */
struct import {
    const struct llmgw__price_format *format;
    const struct llmgw__jdoc *doc;
    const struct llmgw__reading *reading;
    struct llmgw__list *list;
    const char *as_of;         /* in the list's arena */
    struct llmgw__price *rows; /* as they come */
    bool *bare;                /* of each: no provider's name before its own */
    size_t count;
    size_t cap;
    size_t bare_cap;
};

static llmgw_status fill(const struct llmgw__price_format *format,
                         const struct llmgw__jdoc *doc,
                         const struct llmgw__reading *reading,
                         struct llmgw__list *list,
                         struct llmgw__json_fault *fault);
static const struct llmgw__price_format *
find_format(const struct llmgw__jdoc *doc, const char *name);
static bool has_shape(const struct llmgw__jdoc *doc,
                      const struct llmgw__price_format *format);
static llmgw_status make_list(const char *name, struct llmgw__list **out);
static llmgw_status import_rows(struct import *import);
static bool read_layout(struct import *import);
static bool read_models(struct import *import,
                        const struct llmgw__foreign *foreign, uint32_t models);
static bool read_model(struct import *import,
                       const struct llmgw__foreign *foreign,
                       struct llmgw__jstr id, uint32_t node);
static bool take_row(struct import *import, const struct llmgw__price *row,
                     bool bare);
static struct llmgw__terms *copy_terms(struct llmgw__arena *arena,
                                       const struct llmgw__terms *from);
static bool refuse_row(struct import *import, const struct llmgw__price *row,
                       const struct llmgw__entry *entry);
static bool cut_prefix(const struct llmgw__foreign *foreign, llmgw_str *model);
static const struct llmgw__foreign *
find_foreign(const struct llmgw__price_format *format, struct llmgw__jstr name);
static llmgw_status rank_rows(struct import *import);

bool llmgw__list_format(const char *name)
{
    return find_format(NULL, name) != NULL;
}

llmgw_status llmgw__list_read(llmgw_str text,
                              const struct llmgw__reading *reading,
                              struct llmgw__list **out,
                              struct llmgw__json_fault *fault)
{
    const struct llmgw__price_format *format = NULL;
    struct llmgw__jdoc doc;
    llmgw_status status = llmgw__jdoc_parse(&doc, text, LLMGW__JDOC_UTF8);

    *out = NULL;
    if (status == LLMGW_E_INVALID) {
        (void)snprintf(fault->message, sizeof fault->message, "byte %zu: %s",
                       doc.error_at, doc.error);
        return LLMGW_E_CONFIG;
    }
    if (status != LLMGW_OK)
        return status;
    format = find_format(&doc, reading->format);
    if (!format) {
        (void)snprintf(fault->message, sizeof fault->message,
                       "is no price list of %s%s",
                       reading->format ? "the form " : "a form that is known",
                       reading->format ? reading->format : "");
        status = LLMGW_E_CONFIG;
    } else {
        status = make_list(reading->name ? reading->name : format->name, out);
    }
    if (status == LLMGW_OK && format->layout == LLMGW__LAYOUT_OWN)
        status = llmgw__manifest_load(&(*out)->manifest, text, fault);
    else if (status == LLMGW_OK)
        status = fill(format, &doc, reading, *out, fault);
    llmgw__jdoc_clear(&doc);
    if (status == LLMGW_OK) {
        reading->changes->counts[LLMGW_MANIFEST_READ] = (*out)->manifest.count;
        return LLMGW_OK;
    }
    llmgw__list_drop(*out);
    *out = NULL;
    return status;
}

void llmgw__list_drop(struct llmgw__list *list)
{
    if (!list || !llmgw__refs_drop(&list->refs))
        return;
    llmgw__manifest_clear(&list->manifest);
    llmgw__arena_clear(&list->arena);
    llmgw__free(list);
}

static llmgw_status make_list(const char *name, struct llmgw__list **out)
{
    struct llmgw__list *list = llmgw__calloc(1, sizeof *list);

    *out = list;
    if (!list)
        return LLMGW_E_NOMEM;
    llmgw__refs_init(&list->refs);
    llmgw__arena_init(&list->arena, 0, 0);
    llmgw__arena_init(&list->manifest.arena, 0, 0);
    list->manifest.version = "";
    list->name = llmgw__arena_dup(&list->arena, llmgw__str(name));
    return list->name ? LLMGW_OK : LLMGW_E_NOMEM;
}

/* --- which form --- */

/* `doc` NULL: there is none to look at. */
static const struct llmgw__price_format *
find_format(const struct llmgw__jdoc *doc, const char *name)
{
    const struct llmgw__price_format *format;

    for (size_t i = 0; (format = llmgw__price_format_at(i)); i++)
        if ((!name || strcmp(format->name, name) == 0) &&
            (!doc || has_shape(doc, format)))
            return format;
    return NULL;
}

/* Looks at the root and its first member. */
static bool has_shape(const struct llmgw__jdoc *doc,
                      const struct llmgw__price_format *format)
{
    uint32_t key = LLMGW__JNONE;
    uint32_t first;

    if (llmgw__jdoc_type(doc, 0) == LLMGW__JSON_OBJECT)
        key = llmgw__jdoc_first(doc, 0);
    first = key == LLMGW__JNONE ? key : llmgw__jdoc_next(doc, 0, key);
    switch ((enum llmgw__layout)format->layout) {
    case LLMGW__LAYOUT_OWN:
        return llmgw__jdoc_type(doc, llmgw__jdoc_get(doc, 0, "models")) ==
               LLMGW__JSON_ARRAY;
    case LLMGW__LAYOUT_LISTED:
        return llmgw__jdoc_type(doc, llmgw__jdoc_get(doc, 0, "data")) ==
               LLMGW__JSON_ARRAY;
    case LLMGW__LAYOUT_NESTED:
        return llmgw__jdoc_type(doc, llmgw__jdoc_get(doc, first, "models")) ==
               LLMGW__JSON_OBJECT;
    case LLMGW__LAYOUT_KEYED:
        return llmgw__jdoc_get(doc, first, format->key) != LLMGW__JNONE;
    }
    return false;
}

/* --- its models --- */

static llmgw_status fill(const struct llmgw__price_format *format,
                         const struct llmgw__jdoc *doc,
                         const struct llmgw__reading *reading,
                         struct llmgw__list *list,
                         struct llmgw__json_fault *fault)
{
    struct import import = {
        .format = format, .doc = doc, .reading = reading, .list = list};
    llmgw_status status = import_rows(&import);

    llmgw__free(import.rows);
    llmgw__free(import.bare);
    if (status == LLMGW_OK && reading->changes->nomem)
        status = LLMGW_E_NOMEM;
    if (status == LLMGW_OK && !list->manifest.count) {
        (void)snprintf(fault->message, sizeof fault->message,
                       "has no model of a known service");
        status = LLMGW_E_CONFIG;
    }
    return status;
}

static llmgw_status import_rows(struct import *import)
{
    const char *as_of = import->reading->as_of;

    import->as_of =
        llmgw__arena_dup(&import->list->arena, llmgw__str(as_of ? as_of : ""));
    if (!import->as_of || !read_layout(import))
        return LLMGW_E_NOMEM;
    return rank_rows(import);
}

/* false: no memory, as in those below */
static bool read_layout(struct import *import)
{
    const struct llmgw__price_format *format = import->format;
    const struct llmgw__jdoc *doc = import->doc;
    uint32_t key;

    if (format->layout == LLMGW__LAYOUT_LISTED)
        return read_models(import, format->providers,
                           llmgw__jdoc_get(doc, 0, "data"));
    if (format->layout == LLMGW__LAYOUT_KEYED)
        return read_models(import, NULL, 0);
    for (key = llmgw__jdoc_first(doc, 0); key != LLMGW__JNONE;) {
        uint32_t value = llmgw__jdoc_next(doc, 0, key);
        uint32_t models = llmgw__jdoc_get(doc, value, "models");
        const struct llmgw__foreign *foreign =
            find_foreign(format, llmgw__jdoc_string(doc, key));

        if (!foreign)
            import->reading->changes->counts[LLMGW_MANIFEST_SKIPPED] +=
                llmgw__jdoc_count(doc, models);
        else if (!read_models(import, foreign, models))
            return false;
        key = llmgw__jdoc_next(doc, 0, value);
    }
    return true;
}

/* Of an array, whose elements tell their ids, or an object, whose keys are
 * them. `foreign` NULL: each tells whose it is. */
static bool read_models(struct import *import,
                        const struct llmgw__foreign *foreign, uint32_t models)
{
    const struct llmgw__jdoc *doc = import->doc;
    bool array = llmgw__jdoc_type(doc, models) == LLMGW__JSON_ARRAY;
    uint32_t node;

    if (!array && llmgw__jdoc_type(doc, models) != LLMGW__JSON_OBJECT)
        return true;
    for (node = llmgw__jdoc_first(doc, models); node != LLMGW__JNONE;
         node = llmgw__jdoc_next(doc, models, node)) {
        uint32_t id = node;
        const struct llmgw__foreign *whose = foreign;

        if (array)
            id = llmgw__jdoc_get(doc, node, import->format->key);
        else
            node = llmgw__jdoc_next(doc, models, node);
        if (!whose)
            whose = find_foreign(
                import->format,
                llmgw__jdoc_get_string(doc, node, import->format->key));
        if (!whose)
            import->reading->changes->counts[LLMGW_MANIFEST_SKIPPED]++;
        else if (!read_model(import, whose, llmgw__jdoc_string(doc, id), node))
            return false;
    }
    return true;
}

static bool read_model(struct import *import,
                       const struct llmgw__foreign *foreign,
                       struct llmgw__jstr id, uint32_t node)
{
    struct llmgw__price row = {.provider = foreign->ours,
                               .same_as = "",
                               .source = import->list->name,
                               .as_of = import->as_of};
    struct llmgw__entry entry = {.doc = import->doc,
                                 .format = import->format,
                                 .from = foreign->from,
                                 .row = &row};
    struct llmgw__arena *arena = &import->list->arena;
    llmgw_str name;
    bool bare;

    if (llmgw__jstr_text(id, arena, &name) != LLMGW_OK)
        return false;
    bare = import->format->layout != LLMGW__LAYOUT_KEYED ||
           !cut_prefix(foreign, &name);
    row.model = llmgw__arena_dup(arena, name);
    if (!row.model)
        return false;
    llmgw__entry_read(&entry, node);
    if (!name.len || !llmgw__str_printable(name)) {
        entry.wrong = "is empty, or has control characters";
        entry.where = llmgw__str("its name");
        row.model = "";
    }
    if (entry.wrong)
        return refuse_row(import, &row, &entry);
    if (!llmgw__entry_useful(&entry)) {
        import->reading->changes->counts[LLMGW_MANIFEST_SKIPPED]++;
        return true;
    }
    return take_row(import, &row, bare);
}

static bool take_row(struct import *import, const struct llmgw__price *row,
                     bool bare)
{
    size_t bytes = row->tier_count * sizeof *row->tiers;
    struct llmgw__terms *terms = NULL;
    struct llmgw__tier *tiers = NULL;
    struct llmgw__price *taken;

    if (llmgw__grow((void **)&import->rows, &import->cap, import->count + 1,
                    sizeof *import->rows) ||
        llmgw__grow((void **)&import->bare, &import->bare_cap,
                    import->count + 1, sizeof *import->bare))
        return false;
    if (bytes) {
        tiers = llmgw__arena_alloc(&import->list->arena, bytes);
        if (!tiers)
            return false;
        memcpy(tiers, row->tiers, bytes);
    }
    if (row->terms) {
        terms = copy_terms(&import->list->arena, row->terms);
        if (!terms)
            return false;
    }
    taken = &import->rows[import->count];
    *taken = *row;
    taken->tiers = tiers;
    taken->terms = terms;
    import->bare[import->count++] = bare;
    return true;
}

/* NULL: no memory */
static struct llmgw__terms *copy_terms(struct llmgw__arena *arena,
                                       const struct llmgw__terms *from)
{
    size_t bytes = from->count * sizeof *from->variants;
    struct llmgw__terms *terms = llmgw__arena_alloc(arena, sizeof *terms);
    struct llmgw__variant *variants = llmgw__arena_alloc(arena, bytes + 1);

    if (!terms || !variants)
        return NULL;
    *terms = *from;
    if (bytes)
        memcpy(variants, from->variants, bytes);
    terms->variants = variants;
    return terms;
}

static bool refuse_row(struct import *import, const struct llmgw__price *row,
                       const struct llmgw__entry *entry)
{
    char detail[160];

    (void)snprintf(detail, sizeof detail, "%.*s %s",
                   (int)(entry->where.len < 80 ? entry->where.len : 80),
                   entry->where.data, entry->wrong);
    llmgw__changes_add(import->reading->changes, LLMGW_MANIFEST_REFUSED, row,
                       detail);
    return true;
}

/* "provider/model" is "model" of that provider. */
static bool cut_prefix(const struct llmgw__foreign *foreign, llmgw_str *model)
{
    const char *prefix = foreign->prefix ? foreign->prefix : foreign->name;
    size_t len = strlen(prefix);

    if (model->len <= len || !llmgw__str_starts(*model, prefix) ||
        model->data[len] != '/')
        return false;
    *model = llmgw__str_n(model->data + len + 1, model->len - len - 1);
    return true;
}

static const struct llmgw__foreign *
find_foreign(const struct llmgw__price_format *format, struct llmgw__jstr name)
{
    const struct llmgw__foreign *at = format->providers;

    for (; name.data && at->name; at++) {
        size_t len = strlen(at->name);

        if (llmgw__jstr_is(name, at->name) ||
            (at->name[len - 1] == '*' && name.len >= len - 1 &&
             !memcmp(name.data, at->name, len - 1)))
            return at;
    }
    return NULL;
}

/* A model that is listed with its provider's name before it is the one meant
 * when it stands there without, too; else the first counts. */
static llmgw_status rank_rows(struct import *import)
{
    struct llmgw__ranked *ranked;
    llmgw_status status;

    if (!import->count)
        return LLMGW_OK;
    ranked = llmgw__calloc(import->count, sizeof *ranked);
    if (!ranked)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < import->count; i++) {
        ranked[i].row = &import->rows[i];
        ranked[i].rank = i + (import->bare[i] ? import->count : 0);
    }
    status =
        llmgw__manifest_rank(&import->list->manifest, ranked, import->count);
    llmgw__free(ranked);
    return status;
}
