/*
 * api/config_keys.c - the keys of a provider: one, several, or from the
 * environment; and what keys and accounts are called over reloads.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "config_parts.h"
#include "provider/provider.h"

#define MAX_KEYS   64 /* of one provider */
#define HASH_SHOWN 16 /* digits of a hash that stand for it */

static bool read_list(struct llmgw__config *config,
                      const struct llmgw__json_at *at,
                      struct llmgw__provider *provider);
static bool take_keys(struct llmgw__config *config,
                      struct llmgw__provider *provider,
                      const char *const *texts, size_t count);
static const char *name_with_hash(struct llmgw__config *config,
                                  const struct llmgw__provider *provider,
                                  llmgw_str of);

/** What the row's variables say. */
static const char *row_key(const struct llmgw__provider_row *row)
{
    const char *key = llmgw__config_variable(row->key_env);

    return key ? key : llmgw__config_variable(row->key_env_2);
}

static bool is_good(const char *key)
{
    return llmgw__str_printable(llmgw__str(key));
}

bool llmgw__config_keys(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct llmgw__provider *provider)
{
    struct llmgw__json_at key = llmgw__json_member(at, "api_key");
    struct llmgw__json_at env = llmgw__json_member(at, "api_key_env");
    struct llmgw__json_at list = llmgw__json_member(at, "api_keys");
    const char *text = NULL;
    const char *variable = NULL;

    if (!llmgw__json_get_string(&key, &text) ||
        !llmgw__json_get_string(&env, &variable))
        return false;
    if (text && variable)
        return llmgw__json_refuse(&env, "given beside api_key");
    if (list.value)
        return text || variable
                   ? llmgw__json_refuse(&list, "given beside another form")
                   : read_list(config, &list, provider);
    if (!text && !variable)
        variable = provider->row->key_env;
    if (!text && variable) {
        text = variable == provider->row->key_env
                   ? row_key(provider->row)
                   : llmgw__config_variable(variable);
        if (!llmgw__config_copy(config, variable, &provider->key_variable))
            return false;
    }
    if (!text || !*text)
        return true;
    if (!is_good(text))
        return llmgw__json_refuse(key.value ? &key : at,
                                  "the API key has control characters");
    return take_keys(config, provider, &text, 1);
}

bool llmgw__config_row_key(struct llmgw__config *config,
                           struct llmgw__provider *provider)
{
    const char *key = row_key(provider->row);

    provider->key_variable = provider->row->key_env;
    return !key || (is_good(key) && take_keys(config, provider, &key, 1));
}

/** Each once: to be refused twice with one key helps nobody. */
static const char *reason_against(const char *const *texts, size_t at)
{
    if (!texts[at] || !*texts[at])
        return "an API key is a string, and not empty";
    if (!is_good(texts[at]))
        return "the API key has control characters";
    for (size_t i = 0; i < at; i++)
        if (strcmp(texts[i], texts[at]) == 0)
            return "given twice";
    return NULL;
}

static bool read_list(struct llmgw__config *config,
                      const struct llmgw__json_at *at,
                      struct llmgw__provider *provider)
{
    const char *texts[MAX_KEYS] = {NULL};
    int count;

    if (!llmgw__json_get_array(at))
        return false;
    count = llmgw__json_size(at);
    if (count < 1 || count > MAX_KEYS)
        return llmgw__json_refuse(at, "must have 1 to 64 keys");
    for (int i = 0; i < count; i++) {
        struct llmgw__json_at one = llmgw__json_element(at, i);
        const char *against;

        if (!llmgw__json_get_string(&one, &texts[i]))
            return false;
        against = reason_against(texts, (size_t)i);
        if (against)
            return llmgw__json_refuse(&one, against);
    }
    return take_keys(config, provider, texts, (size_t)count);
}

static bool take_keys(struct llmgw__config *config,
                      struct llmgw__provider *provider,
                      const char *const *texts, size_t count)
{
    struct llmgw__key *keys =
        llmgw__arena_array(&config->catalog->arena, count, sizeof *keys);

    config->nomem = config->nomem || !keys;
    provider->keys = keys;
    for (size_t i = 0; keys && i < count; i++) {
        const char *copy = NULL;

        if (!llmgw__config_copy(config, texts[i], &copy))
            return false;
        keys[i].text = (char *)copy;
        provider->key_count++;
        keys[i].id = name_with_hash(config, provider, llmgw__str(copy));
        if (!keys[i].id)
            return false;
    }
    provider->api_key = keys ? keys[0].text : NULL;
    return keys != NULL;
}

/** "NAME HASH"; NULL: no memory (noted). */
static const char *name_with_hash(struct llmgw__config *config,
                                  const struct llmgw__provider *provider,
                                  llmgw_str of)
{
    size_t size = strlen(provider->name) + 1 + HASH_SHOWN + 1;
    char *name = llmgw__arena_alloc(&config->catalog->arena, size);
    char hex[65];

    if (!name || llmgw__sha256_hex(of, hex)) {
        config->nomem = true;
        return NULL;
    }
    (void)snprintf(name, size, "%s %.*s", provider->name, HASH_SHOWN, hex);
    return name;
}

bool llmgw__config_account(struct llmgw__config *config,
                           struct llmgw__provider *provider)
{
    struct llmgw__buf all;

    llmgw__buf_init(&all, 0);
    llmgw__buf_add_z(&all, provider->row->name);
    llmgw__buf_add_char(&all, '\n');
    llmgw__buf_add_z(&all, provider->base_url);
    for (size_t i = 0; i < provider->setting_count; i++) {
        llmgw__buf_add_char(&all, '\n');
        llmgw__buf_add_z(&all, provider->settings[i].name);
        llmgw__buf_add_char(&all, '=');
        llmgw__buf_add_z(&all, provider->settings[i].value);
    }
    if (all.status == LLMGW_OK)
        provider->account =
            name_with_hash(config, provider, llmgw__buf_str(&all));
    config->nomem |= !provider->account;
    llmgw__zeroize(all.data, all.len);
    llmgw__buf_clear(&all);
    return !config->nomem;
}
