/*
 * api/config.c - read a configuration into a new snapshot.
 *
 * Source: the form stands in include/llmgw/config.h. What is wrong is refused
 * with its JSON path; nothing is taken over by halves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/reprice.h"
#include "config_parts.h"
#include "gateway.h"

#define CONFIG_MAX_BYTES  ((size_t)16 * 1024 * 1024)
#define DEFAULT_MAX_STATE UINT32_C(4194304) /* 4 MiB */
#define DEFAULT_REFRESH_S 86400
#define MIN_REFRESH_S     60
#define MAX_REFRESH_S     31536000 /* a year */

static llmgw_status read_tree(struct llmgw__config *config, const cJSON *root,
                              const struct llmgw__catalog *before);
static bool read_limits_and_tls(struct llmgw__config *config,
                                const struct llmgw__json_at *at);
static bool read_manifest(struct llmgw__config *config,
                          const struct llmgw__json_at *parent);
static bool read_refresh(struct llmgw__config *config,
                         const struct llmgw__json_at *parent);
static bool good_list_url(const char *url);
static void explain(const struct llmgw__json_fault *fault,
                    struct llmgw__error *error);

static const char *const top_members[] = {
    "environment", "providers", "routes",
    "limits",      "tls",       "proxy",
    "ledger",      "manifest",  "reasoning_state",
    "failover",    "breaker",   "tag_limits",
    "budgets",     NULL};

static const struct llmgw__breaker_setting default_breaker = {
    .failures = 3,
    .window_ms = 60000,
    .outcomes = 10,
    .ratio_pm = 500,
    .open_ms = 10000,
    .max_open_ms = 300000,
};

llmgw_status llmgw__config_read(llmgw_str json,
                                const struct llmgw__catalog *before,
                                struct llmgw__catalog **out,
                                struct llmgw__ledger_setting *ledger,
                                struct llmgw__error *error)
{
    struct llmgw__json_fault fault = {0};
    struct llmgw__config config = {.fault = &fault, .ledger = ledger};
    cJSON *root = NULL;
    llmgw_status status;

    *out = NULL;
    *ledger = (struct llmgw__ledger_setting){
        .max_entries = LLMGW__LEDGER_ENTRIES,
        .outbox_max_bytes = LLMGW__OUTBOX_BYTES,
    };
    status = llmgw__catalog_create(&config.catalog);
    if (status != LLMGW_OK)
        return status;
    if (json.len)
        root = llmgw__json_parse(json, &fault);
    if (json.len && !root)
        status = fault.nomem ? LLMGW_E_NOMEM : LLMGW_E_CONFIG;
    else
        status = read_tree(&config, root, before);
    llmgw__config_wipe(root);
    if (status == LLMGW_OK) {
        *out = config.catalog;
        return LLMGW_OK;
    }
    llmgw__ledger_setting_clear(ledger);
    llmgw__catalog_drop(config.catalog);
    if (status == LLMGW_E_CONFIG)
        explain(&fault, error);
    return status;
}

static bool keep_memory(struct llmgw__config *config, llmgw_status status)
{
    config->nomem = status != LLMGW_OK;
    return status == LLMGW_OK;
}

static llmgw_status read_tree(struct llmgw__config *config, const cJSON *root,
                              const struct llmgw__catalog *before)
{
    struct llmgw__json_at at = llmgw__json_root(root, config->fault);
    struct llmgw__catalog *catalog = config->catalog;
    bool environment = true;
    bool good = true;

    catalog->limits.connect_ms = 10000;
    catalog->limits.first_ms = 120000;
    catalog->first_default = true;
    catalog->limits.gap_ms = 60000;
    catalog->limits.total_ms = 600000;
    catalog->limits.max_attempts = 4;
    catalog->limits.min_rate = LLMGW_NO_LIMIT;
    llmgw__conduct_default(&catalog->conduct);
    catalog->breaker = default_breaker;
    catalog->max_response = (size_t)64 * 1024 * 1024;
    catalog->max_frame = (size_t)16 * 1024 * 1024;
    catalog->max_opaque = DEFAULT_MAX_STATE;
    if (root) {
        struct llmgw__json_at flag = llmgw__json_member(&at, "environment");

        good = llmgw__json_get_object(&at) &&
               llmgw__json_known(&at, top_members) &&
               llmgw__json_get_bool(&flag, &environment) &&
               read_limits_and_tls(config, &at) &&
               llmgw__config_failover(config, &at) &&
               read_manifest(config, &at);
    }
    if (good && !catalog->base_wins)
        good = keep_memory(config, llmgw__manifest_builtin(&catalog->base));
    if (good)
        good = keep_memory(config, llmgw__catalog_price(catalog, before));
    good = good &&
           llmgw__config_providers(config, root ? &at : NULL, environment) &&
           llmgw__config_routes(config, root ? &at : NULL) &&
           (!root || llmgw__config_budgets(config, &at));
    if (good)
        return LLMGW_OK;
    return config->nomem || config->fault->nomem ? LLMGW_E_NOMEM
                                                 : LLMGW_E_CONFIG;
}

/* --- limits, TLS, proxy, ledger --- */

/** 0 in a configuration is "no limit". */
bool llmgw__config_limit(const struct llmgw__json_at *parent, const char *name,
                         uint32_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);

    if (!at.value)
        return true;
    if (!llmgw__json_get_uint32(&at, UINT32_MAX - 1, out))
        return false;
    if (*out == 0)
        *out = LLMGW_NO_LIMIT;
    return true;
}

static bool read_bytes(const struct llmgw__json_at *parent, const char *name,
                       size_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);
    uint32_t value = 0;

    if (!at.value)
        return true;
    if (!llmgw__json_get_uint32(&at, 1u << 30, &value))
        return false;
    if (value < 1024)
        return llmgw__json_refuse(&at, "must be at least 1024 bytes");
    *out = value;
    return true;
}

bool llmgw__config_limits(const struct llmgw__json_at *at,
                          struct llmgw__limits *limits)
{
    struct llmgw__json_at attempts = llmgw__json_member(at, "max_attempts");

    if (!llmgw__config_limit(at, "connect_ms", &limits->connect_ms) ||
        !llmgw__config_limit(at, "first_ms", &limits->first_ms) ||
        !llmgw__config_limit(at, "gap_ms", &limits->gap_ms) ||
        !llmgw__config_limit(at, "total_ms", &limits->total_ms) ||
        !llmgw__config_limit(at, "min_tokens_per_s", &limits->min_rate))
        return false;
    if (!attempts.value)
        return true;
    if (!llmgw__json_get_uint32(&attempts, 32, &limits->max_attempts))
        return false;
    return limits->max_attempts > 0 ||
           llmgw__json_refuse(&attempts, "must be from 1 to 32");
}

static bool read_limits(struct llmgw__config *config,
                        const struct llmgw__json_at *parent)
{
    static const char *const names[] = {
        "connect_ms",      "first_ms",         "gap_ms",
        "total_ms",        "max_attempts",     "max_response_bytes",
        "max_frame_bytes", "min_tokens_per_s", NULL};
    struct llmgw__json_at at = llmgw__json_member(parent, "limits");

    if (!at.value)
        return true;
    config->catalog->first_default =
        !cJSON_GetObjectItemCaseSensitive(at.value, "first_ms");
    return llmgw__json_get_object(&at) && llmgw__json_known(&at, names) &&
           llmgw__config_limits(&at, &config->catalog->limits) &&
           read_bytes(&at, "max_response_bytes",
                      &config->catalog->max_response) &&
           read_bytes(&at, "max_frame_bytes", &config->catalog->max_frame);
}

static bool read_tls(struct llmgw__config *config,
                     const struct llmgw__json_at *parent)
{
    static const char *const names[] = {"ca_file", "ca_path", "ca_pem", NULL};
    struct llmgw__json_at at = llmgw__json_member(parent, "tls");
    const char *pem = NULL;

    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at) || !llmgw__json_known(&at, names) ||
        !llmgw__config_text(config, &at, "ca_file",
                            &config->catalog->ca_file) ||
        !llmgw__config_text(config, &at, "ca_path",
                            &config->catalog->ca_path) ||
        !llmgw__config_text(config, &at, "ca_pem", &pem))
        return false;
    config->catalog->ca_pem = llmgw__str(pem);
    return true;
}

static bool read_state(struct llmgw__config *config,
                       const struct llmgw__json_at *parent)
{
    static const char *const names[] = {"max_bytes", NULL};
    struct llmgw__json_at at = llmgw__json_member(parent, "reasoning_state");
    struct llmgw__json_at bytes;
    uint32_t max = DEFAULT_MAX_STATE;

    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at) || !llmgw__json_known(&at, names))
        return false;
    bytes = llmgw__json_member(&at, "max_bytes");
    if (!llmgw__json_get_uint32(&bytes, UINT32_C(1) << 30, &max))
        return false;
    config->catalog->max_opaque = max;
    return true;
}

static bool read_limits_and_tls(struct llmgw__config *config,
                                const struct llmgw__json_at *at)
{
    return read_limits(config, at) && read_tls(config, at) &&
           llmgw__config_text(config, at, "proxy", &config->catalog->proxy) &&
           llmgw__config_ledger(config, at) && read_state(config, at);
}

static bool read_manifest(struct llmgw__config *config,
                          const struct llmgw__json_at *parent)
{
    static const char *const names[] = {"version", "about",     "models", "url",
                                        "format",  "refresh_s", NULL};
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__json_at at = llmgw__json_member(parent, "manifest");
    struct llmgw__json_at models;

    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at) || !llmgw__json_known(&at, names) ||
        !read_refresh(config, &at))
        return false;
    models = llmgw__json_member(&at, "models");
    if (!models.value && catalog->refresh.url)
        return true;
    catalog->base_wins = true;
    return llmgw__manifest_read(&catalog->base, &at);
}

static bool read_refresh(struct llmgw__config *config,
                         const struct llmgw__json_at *parent)
{
    struct llmgw__refresh_setting *refresh = &config->catalog->refresh;
    struct llmgw__json_at url = llmgw__json_member(parent, "url");
    struct llmgw__json_at format = llmgw__json_member(parent, "format");
    struct llmgw__json_at every = llmgw__json_member(parent, "refresh_s");

    refresh->every_s = DEFAULT_REFRESH_S;
    if (!llmgw__config_text(config, parent, "url", &refresh->url) ||
        !llmgw__config_text(config, parent, "format", &refresh->format) ||
        !llmgw__json_get_uint32(&every, MAX_REFRESH_S, &refresh->every_s))
        return false;
    if (!refresh->url && (format.value || every.value))
        return llmgw__json_refuse(format.value ? &format : &every,
                                  "given without url");
    if (refresh->url && !good_list_url(refresh->url))
        return llmgw__json_refuse(
            &url, "must be an https URL without spaces, credentials and "
                  "fragment, or http of this host");
    if (refresh->format && !llmgw__list_format(refresh->format))
        return llmgw__json_refuse(&format, "no such form is known");
    return refresh->every_s >= MIN_REFRESH_S ||
           llmgw__json_refuse(&every, "must be at least 60");
}

/** What is fetched sets prices: only from who can show a certificate. */
static bool good_list_url(const char *url)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "[::1]"};
    llmgw_str text = llmgw__str(url);
    const char *host = strstr(url, "://");
    size_t len;

    if (!host || !llmgw__str_printable(text) || strpbrk(url, " #"))
        return false;
    host += 3;
    len = strcspn(host, "/?");
    if (!len || memchr(host, '@', len))
        return false;
    if (llmgw__str_starts(text, "https://"))
        return true;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        size_t name = strlen(own[i]);

        if (!strncmp(host, own[i], name) && (name == len || host[name] == ':'))
            return llmgw__str_starts(text, "http://");
    }
    return false;
}

/* --- texts --- */

bool llmgw__config_copy(struct llmgw__config *config, const char *text,
                        const char **out)
{
    char *copy = llmgw__arena_dup(&config->catalog->arena, llmgw__str(text));

    config->nomem = config->nomem || !copy;
    *out = copy;
    return copy != NULL;
}

bool llmgw__config_text(struct llmgw__config *config,
                        const struct llmgw__json_at *parent, const char *name,
                        const char **out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, name);
    const char *text = NULL;

    if (!llmgw__json_get_string(&at, &text))
        return false;
    return !text || llmgw__config_copy(config, text, out);
}

static void wipe_strings(cJSON *node)
{
    for (; node; node = node->next) {
        if (node->valuestring)
            llmgw__zeroize(node->valuestring, strlen(node->valuestring));
        wipe_strings(node->child);
    }
}

void llmgw__config_wipe(cJSON *root)
{
    wipe_strings(root);
    cJSON_Delete(root);
}

static void explain(const struct llmgw__json_fault *fault,
                    struct llmgw__error *error)
{
    char message[sizeof fault->path + sizeof fault->message + 4];

    (void)snprintf(message, sizeof message, "%s%s%s", fault->path,
                   fault->path[0] ? ": " : "", fault->message);
    llmgw__error_refuse(error, LLMGW_KIND_CONFIG, fault->path, message);
}

/* --- file --- */

static llmgw_status refuse_file(struct llmgw__error *error, const char *path,
                                const char *why)
{
    char message[512];

    (void)snprintf(message, sizeof message, "%.400s: %s", path, why);
    llmgw__error_refuse(error, LLMGW_KIND_CONFIG, "", message);
    return LLMGW_E_CONFIG;
}

llmgw_status llmgw__config_file(const char *path, char **bytes, size_t *len,
                                struct llmgw__error *error)
{
    const char *why = NULL;
    struct llmgw__buf text;
    llmgw_status status;

    llmgw__buf_init(&text, 0);
    status = llmgw__file_read(path, CONFIG_MAX_BYTES, &text, &why);
    if (status == LLMGW_E_LIMIT)
        why = "it is longer than 16777216 bytes";
    else if (status == LLMGW_OK && !text.len)
        why = "it is empty";
    if (why || status != LLMGW_OK) {
        llmgw__file_wipe(&text);
        return why ? refuse_file(error, path, why) : status;
    }
    *bytes = text.data;
    *len = text.len;
    return LLMGW_OK;
}
