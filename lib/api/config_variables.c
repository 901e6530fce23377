/*
 * api/config_variables.c - what the environment says of providers.
 *
 * Memory: settings, in the snapshot's arena.
 */
#include <stdio.h>
#include <stdlib.h>

#include "config_parts.h"
#include "provider/provider.h"
#include "provider/site.h"

const char *llmgw__config_environment(const char *name)
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

/** The configured ones, with room for those of the row. */
static struct llmgw__setting *copy_settings(struct llmgw__config *config,
                                            struct llmgw__provider *provider)
{
    struct llmgw__setting *settings;
    size_t more = 0;

    while (provider->row->variables[more].setting)
        more++;
    settings =
        llmgw__arena_array(&config->catalog->arena,
                           provider->setting_count + more, sizeof *settings);
    for (size_t i = 0; settings && i < provider->setting_count; i++)
        settings[i] = provider->settings[i];
    config->nomem |= !settings;
    return settings;
}

/** name: whose word it is; NULL: the table's. */
static const char *value_of(const struct llmgw__variable *variable,
                            const char **name)
{
    for (size_t i = 0; i < 2; i++) {
        const char *value = llmgw__config_environment(variable->variables[i]);

        *name = variable->variables[i];
        if (value)
            return value;
    }
    *name = NULL;
    return variable->otherwise;
}

bool llmgw__config_variables(struct llmgw__config *config,
                             struct llmgw__provider *provider)
{
    const struct llmgw__variable *at = provider->row->variables;
    const struct llmgw__dialect *dialect = provider->dialect;
    struct llmgw__setting *settings =
        at ? copy_settings(config, provider) : NULL;

    if (!settings)
        return !at;
    for (provider->settings = settings; at->setting; at++) {
        struct llmgw__setting *next = &settings[provider->setting_count];
        const char *name;
        const char *value = value_of(at, &name);
        const char *must = name && dialect->refuse_setting
                               ? dialect->refuse_setting(at->setting, value)
                               : NULL;

        if (!value || llmgw__provider_setting(provider, at->setting))
            continue;
        if (must)
            return llmgw__config_refuse_variable(config, name, must);
        if (!llmgw__config_copy(config, value, &next->value))
            return false;
        next->name = at->setting;
        next->secret = false;
        provider->setting_count++;
    }
    return true;
}
