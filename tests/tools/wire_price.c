/*
 * tools/wire_price.c - what a recorded exchange costs: its usage, the price
 * that applies, the sum.
 *
 * The price is that of the built-in manifest, or of --manifest, for the row
 * that the exchange is of and the model that was asked for, or for --provider
 * and --model; at --at, 2026-11-16 or 2026-11-16T02:30:00Z, else on the day of
 * the manifest's version.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "catalog/bill.h"
#include "catalog/manifest.h"
#include "wire_tool.h"

#define SECOND INT64_C(1000000000)

struct options {
    const char *provider; /* NULL: the exchange's own */
    const char *model;    /* ditto */
    const char *at;       /* NULL: the manifest's day */
    const char *manifest; /* file; NULL: the built-in one */
    bool json;
    char **files; /* within the command line */
    int file_count;
};

/** One exchange and what is found of its price. */
struct priced {
    const char *provider;
    const char *model;
    const struct llmgw__price *row; /* NULL: the manifest has none */
    struct llmgw__price_at at;
    struct llmgw__cost cost;
    struct llmgw__cost again; /* reckoned from the note */
    struct llmgw__buf note;
    struct llmgw__buf words;
};

static const char usage[] =
    "price --exchange FILE... [--provider P] [--model M] [--at TIME] "
    "[--manifest FILE] [--json]";

static bool take_options(struct options *options, int count, char **words);
static bool load_manifest(struct llmgw__manifest *manifest, const char *path);
static bool time_of(const struct options *options, const char *version,
                    int64_t *out);
static int price_file(const struct options *options,
                      const struct llmgw__manifest *manifest, int64_t wall_ns,
                      const char *path);
static void find_price(struct priced *priced,
                       const struct llmgw__manifest *manifest,
                       const struct llmgw__usage *used);
static void print_json(const struct priced *priced, const char *path,
                       const struct llmgw__usage *used);
static void print_text(const struct priced *priced,
                       const struct llmgw__usage *used);

int wire_price(int count, char **words)
{
    struct options options = {0};
    struct llmgw__manifest manifest = {0};
    int64_t wall_ns = 0;
    int code = WIRE_OK;

    if (!take_options(&options, count, words))
        return wire_misuse("%s", usage);
    if (!load_manifest(&manifest, options.manifest))
        return WIRE_MISUSE;
    if (!time_of(&options, manifest.version, &wall_ns))
        code = wire_misuse("no such time: %s", options.at);
    for (int i = 0; i < options.file_count && code == WIRE_OK; i++)
        code = price_file(&options, &manifest, wall_ns, options.files[i]);
    llmgw__manifest_clear(&manifest);
    return code;
}

static bool take_options(struct options *options, int count, char **words)
{
    const struct {
        const char *name;
        const char **value;
    } texts[] = {
        {"--provider", &options->provider},
        {"--model", &options->model},
        {"--at", &options->at},
        {"--manifest", &options->manifest},
    };

    for (int at = 0; at < count; at++) {
        size_t i = 0;

        if (strcmp(words[at], "--json") == 0) {
            options->json = true;
        } else if (strcmp(words[at], "--exchange") == 0) {
            options->files = words + at + 1;
            while (at + 1 < count && strncmp(words[at + 1], "--", 2) != 0)
                options->file_count++, at++;
        } else {
            while (i < 4 && strcmp(words[at], texts[i].name) != 0)
                i++;
            if (i == 4 || ++at == count)
                return false;
            *texts[i].value = words[at];
        }
    }
    return options->file_count > 0;
}

static bool load_manifest(struct llmgw__manifest *manifest, const char *path)
{
    struct llmgw__json_fault fault = {0};
    size_t len;
    char *text;
    llmgw_status status;

    if (!path)
        return llmgw__manifest_builtin(manifest) == LLMGW_OK;
    text = wire_read(path, &len);
    if (!text) {
        (void)wire_misuse("%s cannot be read", path);
        return false;
    }
    status = llmgw__manifest_load(manifest, llmgw__str_n(text, len), &fault);
    free(text);
    if (status != LLMGW_OK)
        (void)wire_misuse("%s: %s: %s", path, fault.path, fault.message);
    return status == LLMGW_OK;
}

/** A date with a time, or alone: its midnight in UTC. */
static bool seconds_of(const char *text, int64_t *out)
{
    char whole[48];

    (void)snprintf(whole, sizeof whole, "%.20s%s", text,
                   strlen(text) == 10 ? "T00:00:00Z" : "");
    *out = llmgw__date_parse(whole, strlen(whole));
    return *out != INT64_MIN;
}

static bool time_of(const struct options *options, const char *version,
                    int64_t *out)
{
    int64_t seconds;

    if (options->at && !seconds_of(options->at, &seconds))
        return false;
    if (!options->at && (!version || !seconds_of(version, &seconds)))
        seconds = WIRE_NOW;
    *out = seconds * SECOND;
    return true;
}

static int price_file(const struct options *options,
                      const struct llmgw__manifest *manifest, int64_t wall_ns,
                      const char *path)
{
    cJSON *recording = wire_load(path);
    struct wire_result result;
    struct priced priced = {.at = {wall_ns, 0, 0}};
    char problem[128];
    int code = WIRE_OK;

    if (!recording)
        return WIRE_MISUSE;
    if (!wire_exchange_play(recording, &result, &priced.provider, problem)) {
        printf("{\"file\":\"%s\",\"unsupported\":\"%s\"}\n", path, problem);
    } else if (!result.has_usage) {
        printf("{\"file\":\"%s\",\"usage\":null}\n", path);
    } else {
        priced.model = wire_text(recording, "model");
        if (options->provider)
            priced.provider = options->provider;
        if (options->model || !priced.model)
            priced.model = options->model ? options->model : "";
        find_price(&priced, manifest, &result.usage);
        if (options->json)
            print_json(&priced, path, &result.usage);
        else
            print_text(&priced, &result.usage);
        llmgw__buf_clear(&priced.note);
        llmgw__buf_clear(&priced.words);
    }
    wire_result_clear(&result);
    cJSON_Delete(recording);
    return code;
}

static void find_price(struct priced *priced,
                       const struct llmgw__manifest *manifest,
                       const struct llmgw__usage *used)
{
    llmgw__buf_init(&priced->note, 0);
    llmgw__buf_init(&priced->words, 0);
    priced->at = llmgw__price_at_of(priced->at.wall_ns, used);
    priced->row = llmgw__manifest_find(manifest, priced->provider,
                                       llmgw__str(priced->model));
    priced->cost = llmgw__price_cost(priced->row, &priced->at, used);
    if (!priced->row)
        return;
    llmgw__bill_note(priced->row, &priced->at, manifest->version,
                     &priced->note);
    priced->again = llmgw__bill_cost(llmgw__buf_str(&priced->note), used);
    (void)llmgw__bill_explain(llmgw__buf_str(&priced->note), used,
                              &priced->words);
}

/** An amount as text: a number of JSON's readers may be rounded. */
static void add_amount(cJSON *tree, const char *name, struct llmgw__cost cost)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, cost.pico);
    if (cost.known)
        cJSON_AddStringToObject(tree, name, text);
    else
        cJSON_AddNullToObject(tree, name);
}

static void add_buf(cJSON *tree, const char *name, const struct llmgw__buf *buf)
{
    char *text = wire_copy(llmgw__buf_str(buf));

    cJSON_AddStringToObject(tree, name, text);
    free(text);
}

static void print_json(const struct priced *priced, const char *path,
                       const struct llmgw__usage *used)
{
    struct llmgw__cost stated = {used->provider_cost_pico,
                                 used->provider_cost_pico >= 0};
    const char *tier = llmgw__service_tier_name(used->service_tier);
    cJSON *tree = cJSON_CreateObject();
    char *text;

    cJSON_AddStringToObject(tree, "file", path);
    cJSON_AddStringToObject(tree, "provider", priced->provider);
    cJSON_AddStringToObject(tree, "model", priced->model);
    cJSON_AddNumberToObject(tree, "at", (double)(priced->at.wall_ns / SECOND));
    cJSON_AddItemToObject(tree, "usage", wire_usage_tree(used));
    cJSON_AddStringToObject(tree, "service_tier", tier ? tier : "");
    cJSON_AddBoolToObject(tree, "regional", used->regional);
    if (used->estimated)
        cJSON_AddItemToObject(tree, "estimated", wire_estimated_tree(used));
    if (used->clamped)
        cJSON_AddTrueToObject(tree, "clamped");
    cJSON_AddBoolToObject(tree, "priced", priced->row != NULL);
    add_amount(tree, "stated", stated);
    add_amount(tree, "cost", priced->cost);
    add_amount(tree, "recomputed", priced->again);
    add_buf(tree, "note", &priced->note);
    add_buf(tree, "explained", &priced->words);
    text = cJSON_PrintUnformatted(tree);
    printf("%s\n", text ? text : "null");
    cJSON_free(text);
    cJSON_Delete(tree);
}

static void print_cost(const char *name, struct llmgw__cost cost)
{
    if (cost.known)
        printf("%-10s %" PRId64 ".%012" PRId64 " USD\n", name,
               cost.pico / INT64_C(1000000000000),
               cost.pico % INT64_C(1000000000000));
    else
        printf("%-10s unknown\n", name);
}

static void print_text(const struct priced *priced,
                       const struct llmgw__usage *used)
{
    struct llmgw__cost stated = {used->provider_cost_pico,
                                 used->provider_cost_pico >= 0};
    cJSON *tree = wire_usage_tree(used);
    char *classes = cJSON_PrintUnformatted(tree);

    printf("%-10s %s/%s\n", "asked", priced->provider, priced->model);
    printf("%-10s %s\n", "usage", classes ? classes : "");
    if (priced->words.len)
        printf("%.*s", (int)priced->words.len, priced->words.data);
    else
        printf("%-10s none in the manifest\n", "price");
    print_cost("reckoned", priced->cost);
    if (stated.known)
        print_cost("stated", stated);
    cJSON_free(classes);
    cJSON_Delete(tree);
}
