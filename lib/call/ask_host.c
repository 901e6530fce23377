/*
 * call/ask_host.c - ask the host for a provider's credential, just in time.
 *
 * Memory: a copy of each text that it gives, at most MAX_TEXT bytes; all of it
 * overwritten when the credential is made.
 */
#include "ask_host.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MAX_TEXT ((size_t)65536)

struct llmgw_credential {
    const struct llmgw__provider *provider;
    struct llmgw__arena arena;
    struct llmgw__credential_texts texts;
    int64_t expires_s;
    llmgw_status status; /* the first failure */
};

static llmgw_status make(const struct llmgw_credential *told,
                         struct llmgw__credential **out);

llmgw_status llmgw__ask_host(const struct llmgw__core *core,
                             const struct llmgw__provider *provider,
                             struct llmgw__credential **out,
                             struct llmgw__error *error)
{
    struct llmgw_credential told = {.provider = provider};
    char message[256];
    int32_t refused;

    *out = NULL;
    llmgw__arena_init(&told.arena, 0, 0);
    llmgw__guard_enter();
    refused = core->on_credential(&told, core->credential_userdata);
    llmgw__guard_leave();
    if (!refused && told.status == LLMGW_OK)
        told.status = make(&told, out);
    llmgw__arena_wipe(&told.arena);
    if (!refused && told.status != LLMGW_E_INVALID)
        return told.status;
    (void)snprintf(message, sizeof message,
                   "the host gives no credential for provider %.100s: %d",
                   provider->name, (int)refused);
    llmgw__error_setz(error, LLMGW_KIND_AUTH, message);
    return LLMGW_E_INVALID;
}

static llmgw_status make(const struct llmgw_credential *told,
                         struct llmgw__credential **out)
{
    if (!told->texts.key.len && !told->texts.access_key.len)
        return LLMGW_OK;
    *out = llmgw__credential_make(&told->texts, told->expires_s);
    return *out ? LLMGW_OK : LLMGW_E_NOMEM;
}

/* --- what the host may ask and say in there --- */

llmgw_str llmgw_credential_provider(const llmgw_credential *credential)
{
    return llmgw__str(credential ? credential->provider->name : "");
}

llmgw_str llmgw_credential_type(const llmgw_credential *credential)
{
    return llmgw__str(credential ? credential->provider->price_name : "");
}

/** What cannot be used is remembered: the attempt fails. */
static llmgw_status keep(llmgw_credential *credential, llmgw_str text,
                         bool required, llmgw_str *out)
{
    llmgw_status status = LLMGW_E_INVALID;

    if (text.len <= MAX_TEXT && (text.data || !text.len) &&
        (text.len || !required) && llmgw__str_printable(text))
        status = llmgw__arena_str(&credential->arena, text, out);
    if (credential->status == LLMGW_OK)
        credential->status = status;
    return status;
}

llmgw_status llmgw_credential_set_key(llmgw_credential *credential,
                                      llmgw_str api_key)
{
    return credential ? keep(credential, api_key, true, &credential->texts.key)
                      : LLMGW_E_INVALID;
}

llmgw_status llmgw_credential_set_pair(llmgw_credential *credential,
                                       llmgw_str access_key,
                                       llmgw_str secret_key,
                                       llmgw_str session_token)
{
    struct llmgw__credential_texts *texts;
    llmgw_status status;

    if (!credential)
        return LLMGW_E_INVALID;
    texts = &credential->texts;
    status = keep(credential, access_key, true, &texts->access_key);
    if (status == LLMGW_OK)
        status = keep(credential, secret_key, true, &texts->secret_key);
    if (status == LLMGW_OK)
        status = keep(credential, session_token, false, &texts->session_token);
    return status;
}

llmgw_status llmgw_credential_set_expiry(llmgw_credential *credential,
                                         int64_t expires_s)
{
    if (!credential || expires_s < 0)
        return LLMGW_E_INVALID;
    credential->expires_s = expires_s;
    return LLMGW_OK;
}
