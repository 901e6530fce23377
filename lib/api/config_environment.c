/*
 * api/config_environment.c - what the environment says of a provider.
 *
 * The variables are those of the vendors' own libraries, and so are the files
 * that credentials stand in. Memory: what they say is copied into the snapshot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config_parts.h"
#include "provider/credential.h"
#include "provider/provider.h"
#include "provider/site.h"

/** Headers or settings of a provider. */
struct list {
    const struct llmgw__setting **items;
    size_t *count;
};

static bool add(struct llmgw__config *config, const struct list *list,
                const char *name, const char *value);
static bool check(struct llmgw__config *config,
                  const struct llmgw__provider *provider,
                  const struct llmgw__variable *variable, const char *value);
static bool add_hints(struct llmgw__config *config,
                      struct llmgw__provider *provider,
                      const struct list *settings);

const char *llmgw__config_variable(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): read-only, as curl does it */
    const char *value = name ? getenv(name) : NULL;

    return value && *value ? value : NULL;
}

bool llmgw__config_refuse_variable(struct llmgw__config *config,
                                   const char *name, const char *message)
{
    struct llmgw__json_fault *fault = config->fault;

    (void)snprintf(fault->path, sizeof fault->path, "%s", name);
    (void)snprintf(fault->message, sizeof fault->message, "%s", message);
    return false;
}

static bool has(const struct list *list, const char *name)
{
    for (size_t i = 0; i < *list->count; i++)
        if (llmgw__str_is_nocase(llmgw__str((*list->items)[i].name), name))
            return true;
    return false;
}

bool llmgw__config_variables(struct llmgw__config *config,
                             struct llmgw__provider *provider)
{
    const struct list headers = {&provider->headers, &provider->header_count};
    const struct list settings = {&provider->settings,
                                  &provider->setting_count};
    const struct llmgw__variable *at = provider->row->variables;

    if (provider->dialect != provider->row->dialect &&
        provider->dialect != provider->row->other)
        at = NULL; /* its settings have other meanings */
    for (; at && at->variable; at++) {
        const struct list *list = at->header ? &headers : &settings;
        const char *value = llmgw__config_variable(at->variable);

        if (!value || has(list, at->name))
            continue;
        if (!check(config, provider, at, value) ||
            !add(config, list, at->name, value))
            return false;
    }
    return add_hints(config, provider, &settings);
}

static bool check(struct llmgw__config *config,
                  const struct llmgw__provider *provider,
                  const struct llmgw__variable *variable, const char *value)
{
    const struct llmgw__dialect *dialect = provider->dialect;
    const char *must = NULL;

    if (!llmgw__str_printable(llmgw__str(value)))
        must = "has control characters";
    else if (!variable->header && dialect->refuse_setting)
        must = dialect->refuse_setting(variable->name, value);
    return !must ||
           llmgw__config_refuse_variable(config, variable->variable, must);
}

static bool add(struct llmgw__config *config, const struct list *list,
                const char *name, const char *value)
{
    size_t count = *list->count;
    struct llmgw__setting *grown =
        llmgw__arena_array(&config->catalog->arena, count + 1, sizeof *grown);

    if (!grown) {
        config->nomem = true;
        return false;
    }
    if (count)
        memcpy(grown, *list->items, count * sizeof *grown);
    grown[count].name = name;
    grown[count].secret = true;
    if (!llmgw__config_copy(config, value, &grown[count].value))
        return false;
    *list->items = grown;
    *list->count = count + 1;
    return true;
}

/* --- what stands beside credentials --- */

/** What their files say of a setting; NULL: nothing, or no memory (noted). */
static const char *hint_of(struct llmgw__config *config,
                           const struct llmgw__provider *provider,
                           const char *name)
{
    const struct llmgw__credential_source *source = provider->row->credentials;
    const char *value = NULL;
    struct llmgw__buf text;
    llmgw_status status;

    if (!source || !source->hint)
        return NULL;
    llmgw__buf_init(&text, 0);
    status = source->hint(provider, name, &text);
    if (status == LLMGW_OK && text.len &&
        llmgw__str_printable(llmgw__buf_str(&text))) {
        value =
            llmgw__arena_dup(&config->catalog->arena, llmgw__buf_str(&text));
        if (!value)
            status = LLMGW_E_NOMEM;
    }
    config->nomem |= status != LLMGW_OK;
    llmgw__buf_clear(&text);
    return value;
}

const char *llmgw__config_place(struct llmgw__config *config,
                                const struct llmgw__provider *provider)
{
    const struct llmgw__provider_row *row = provider->row;
    const char *value = llmgw__config_variable(row->place_env);

    if (!value)
        value = llmgw__config_variable(row->place_env_2);
    return value || !row->place ? value : hint_of(config, provider, row->place);
}

/** Settings that nobody has set: requests are signed for a place, made for a
 *  project. */
static bool add_hints(struct llmgw__config *config,
                      struct llmgw__provider *provider,
                      const struct list *settings)
{
    const struct llmgw__provider_row *row = provider->row;
    const char *const *name = provider->dialect->settings;

    for (; row->credentials && name && *name; name++) {
        bool place = row->place && strcmp(row->place, *name) == 0;
        const char *value;

        if (has(settings, *name))
            continue;
        value = place ? llmgw__config_place(config, provider)
                      : hint_of(config, provider, *name);
        if (value && !add(config, settings, *name, value))
            return false;
    }
    return !config->nomem;
}
