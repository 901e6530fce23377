/*
 * api/manifest.c - load price lists while calls run, tell what has changed.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/manifest.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/jsonwrite.h"
#include "base/text.h"
#include "catalog/reprice.h"
#include "gateway.h"

#define MAX_BYTES ((size_t)16 * 1024 * 1024)

struct llmgw_manifest_report {
    struct llmgw__changes changes;
    struct llmgw__buf json; /* made at the first request */
};

/* By LLMGW_MANIFEST_…: of the counts, and of the items. */
static const char *const kinds[] = {"read",    "added",   "removed",
                                    "changed", "refused", "skipped"};

static llmgw_status put_list(struct llmgw_gateway *gateway,
                             struct llmgw__list *list,
                             struct llmgw__changes *changes,
                             struct llmgw__json_fault *fault);
static llmgw_status replace(struct llmgw_gateway *gateway,
                            struct llmgw__catalog *catalog,
                            struct llmgw__list *list,
                            struct llmgw__changes *changes,
                            struct llmgw__json_fault *fault);
static void explain(const struct llmgw__json_fault *fault, llmgw_error **error);
static void write_report(const struct llmgw__changes *changes,
                         struct llmgw__jsonw *w);
static void write_text(struct llmgw__jsonw *w, const char *key,
                       const char *text);

llmgw_status llmgw_manifest_load(llmgw_gateway *gateway, llmgw_str text,
                                 const llmgw_manifest_options *options,
                                 llmgw_manifest_report **report,
                                 llmgw_error **error)
{
    llmgw_manifest_options taken = LLMGW_MANIFEST_OPTIONS_INIT;
    struct llmgw__json_fault fault = {.nomem = false};
    struct llmgw__reading reading = {0};
    llmgw_manifest_report *made;
    llmgw_status status;
    char today[11];

    if (report)
        *report = NULL;
    if (error)
        *error = NULL;
    if (!gateway || !text.data)
        return LLMGW_E_INVALID;
    status = llmgw__take_options(&taken, sizeof taken, options);
    if (status != LLMGW_OK || taken.reserved)
        return LLMGW_E_INVALID;
    made = llmgw__calloc(1, sizeof *made);
    if (!made)
        return LLMGW_E_NOMEM;
    llmgw__arena_init(&made->changes.arena, 0, 0);
    llmgw__buf_init(&made->json, 0);
    llmgw__today(gateway, today);
    reading.format = taken.format;
    reading.name = taken.name;
    reading.as_of = taken.as_of ? taken.as_of : today;
    reading.changes = &made->changes;
    status = llmgw__manifest_take(gateway, text, &reading, &fault);
    if (status == LLMGW_OK && report) {
        *report = made;
        return LLMGW_OK;
    }
    if (status == LLMGW_E_CONFIG)
        explain(&fault, error);
    llmgw_manifest_report_free(made);
    return status;
}

llmgw_status llmgw__manifest_take(struct llmgw_gateway *gateway, llmgw_str text,
                                  const struct llmgw__reading *reading,
                                  struct llmgw__json_fault *fault)
{
    struct llmgw__list *list = NULL;
    llmgw_status status;

    if (text.len > MAX_BYTES) {
        (void)snprintf(fault->message, sizeof fault->message,
                       "is longer than 16777216 bytes");
        return LLMGW_E_CONFIG;
    }
    status = llmgw__list_read(text, reading, &list, fault);
    if (status != LLMGW_OK)
        return status;
    llmgw__mutex_lock(&gateway->making);
    status = put_list(gateway, list, reading->changes, fault);
    llmgw__mutex_unlock(&gateway->making);
    llmgw__list_drop(list);
    return status;
}

static llmgw_status put_list(struct llmgw_gateway *gateway,
                             struct llmgw__list *list,
                             struct llmgw__changes *changes,
                             struct llmgw__json_fault *fault)
{
    struct llmgw__catalog *catalog = llmgw__gateway_catalog(gateway);
    llmgw_status status;

    if (!catalog)
        return LLMGW_E_CLOSED;
    status = llmgw__list_check(list, llmgw__catalog_list(catalog, list->name),
                               &catalog->manifest,
                               changes->counts[LLMGW_MANIFEST_REFUSED], fault);
    if (status == LLMGW_OK)
        status = replace(gateway, catalog, list, changes, fault);
    llmgw__catalog_drop(catalog);
    return status;
}

static llmgw_status replace(struct llmgw_gateway *gateway,
                            struct llmgw__catalog *catalog,
                            struct llmgw__list *list,
                            struct llmgw__changes *changes,
                            struct llmgw__json_fault *fault)
{
    struct llmgw__catalog *fresh;
    llmgw_status status = llmgw__catalog_with(catalog, list, &fresh);

    if (status == LLMGW_E_LIMIT) {
        (void)snprintf(fault->message, sizeof fault->message,
                       "is the %dth of different names", LLMGW__LISTS + 1);
        return LLMGW_E_CONFIG;
    }
    if (status != LLMGW_OK)
        return status;
    llmgw__changes_between(changes, &catalog->manifest, &fresh->manifest);
    if (!changes->nomem)
        return llmgw__gateway_swap(gateway, fresh);
    llmgw__catalog_drop(fresh);
    return LLMGW_E_NOMEM;
}

void llmgw__today(const struct llmgw_gateway *gateway, char out[11])
{
    char basic[17];

    llmgw__date_basic(llmgw__core_wall_ns(&gateway->core) / 1000000000, basic);
    (void)snprintf(out, 11, "%.4s-%.2s-%.2s", basic, basic + 4, basic + 6);
}

static void explain(const struct llmgw__json_fault *fault, llmgw_error **error)
{
    char message[sizeof fault->path + sizeof fault->message + 32];
    struct llmgw__error why;

    (void)snprintf(message, sizeof message, "the price list%s%s %s",
                   fault->path[0] ? ": " : "", fault->path, fault->message);
    llmgw__error_clear(&why);
    llmgw__error_refuse(&why, LLMGW_KIND_CONFIG, fault->path, message);
    llmgw__gateway_tell(error, &why);
}

/* --- the report --- */

void llmgw_manifest_report_free(llmgw_manifest_report *report)
{
    if (!report)
        return;
    llmgw__changes_clear(&report->changes);
    llmgw__buf_clear(&report->json);
    llmgw__free(report);
}

size_t llmgw_manifest_report_count(const llmgw_manifest_report *report,
                                   int32_t kind)
{
    return report && kind >= 0 && kind <= LLMGW_MANIFEST_SKIPPED
               ? report->changes.counts[kind]
               : 0;
}

size_t llmgw_manifest_report_size(const llmgw_manifest_report *report)
{
    return report ? report->changes.count : 0;
}

/* One that tells nothing when the index is out of range. */
static struct llmgw__change item_of(const llmgw_manifest_report *report,
                                    size_t index)
{
    static const struct llmgw__change none = {-1, "", "", "", ""};

    return index < llmgw_manifest_report_size(report)
               ? report->changes.items[index]
               : none;
}

int32_t llmgw_manifest_report_kind(const llmgw_manifest_report *report,
                                   size_t index)
{
    return item_of(report, index).kind;
}

llmgw_str llmgw_manifest_report_model(const llmgw_manifest_report *report,
                                      size_t index)
{
    return llmgw__str(item_of(report, index).model);
}

llmgw_str llmgw_manifest_report_detail(const llmgw_manifest_report *report,
                                       size_t index)
{
    return llmgw__str(item_of(report, index).detail);
}

llmgw_str llmgw_manifest_report_before(const llmgw_manifest_report *report,
                                       size_t index)
{
    return llmgw__str(item_of(report, index).before);
}

llmgw_str llmgw_manifest_report_after(const llmgw_manifest_report *report,
                                      size_t index)
{
    return llmgw__str(item_of(report, index).after);
}

llmgw_status llmgw_manifest_report_json(llmgw_manifest_report *report,
                                        llmgw_str *out)
{
    struct llmgw__jsonw w;

    if (!report || !out)
        return LLMGW_E_INVALID;
    if (!report->json.len || report->json.status != LLMGW_OK) {
        llmgw__buf_reset(&report->json);
        llmgw__jsonw_init(&w, &report->json);
        write_report(&report->changes, &w);
        if (report->json.status != LLMGW_OK)
            return report->json.status;
    }
    *out = llmgw__buf_str(&report->json);
    return LLMGW_OK;
}

static void write_report(const struct llmgw__changes *changes,
                         struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '{');
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        llmgw__jsonw_member_int(w, kinds[i], (int64_t)changes->counts[i]);
    llmgw__jsonw_key(w, "items");
    llmgw__jsonw_open(w, '[');
    for (size_t i = 0; i < changes->count; i++) {
        const struct llmgw__change *item = &changes->items[i];

        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_z(w, "kind", kinds[item->kind]);
        llmgw__jsonw_member_z(w, "model", item->model);
        write_text(w, "detail", item->detail);
        write_text(w, "before", item->before);
        write_text(w, "after", item->after);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
    llmgw__jsonw_close(w, '}');
}

static void write_text(struct llmgw__jsonw *w, const char *key,
                       const char *text)
{
    if (*text)
        llmgw__jsonw_member_z(w, key, text);
}
