/*
 * call/hide.c - keep credentials out of errors: some services repeat the key
 * they were sent in what they say about it.
 *
 * The bytes of a key are overwritten where they stand, so that lengths and
 * offsets stay. What was cut off at the end of a text counts too. Secrets
 * shorter than SHORTEST are words that may stand anywhere.
 */
#include "hide.h"

#include <string.h>

#include "attempt.h"
#include "provider/credential.h"

#define SHORTEST 8

/** "Bearer KEY": the key alone. */
static llmgw_str last_word(llmgw_str value)
{
    for (size_t i = value.len; i > 0; i--)
        if (value.data[i - 1] == ' ')
            return llmgw__str_n(value.data + i, value.len - i);
    return value;
}

static void hide_credential(const struct llmgw__credential *credential,
                            char *text, size_t len)
{
    const char *const secrets[] = {credential->key, credential->access_key,
                                   credential->secret_key,
                                   credential->session_token};

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        llmgw__hide(text, len, llmgw__str(secrets[i]));
}

void llmgw__attempt_hide(const struct llmgw_attempt *attempt, char *text,
                         size_t len)
{
    const struct llmgw__provider *provider = attempt->target->provider;
    const struct llmgw__attempt_run *run = attempt->run;

    llmgw__hide(text, len, llmgw__str(provider->api_key));
    for (size_t i = 1; i < provider->key_count; i++)
        llmgw__hide(text, len, llmgw__str(provider->keys[i].text));
    if (run && run->credential)
        hide_credential(run->credential, text, len);
    for (size_t i = 0; run && i < run->request.header_count; i++)
        if (run->request.headers[i].secret)
            llmgw__hide(text, len, last_word(run->request.headers[i].value));
}

void llmgw__hide(char *text, size_t len, llmgw_str secret)
{
    if (secret.len < SHORTEST)
        return;
    for (size_t i = 0; i + SHORTEST <= len; i++) {
        size_t left = len - i < secret.len ? len - i : secret.len;

        if (text[i] == secret.data[0] &&
            memcmp(text + i, secret.data, left) == 0)
            memset(text + i, '*', left);
    }
}

/** What base64, hex, JWT and percent-encoding are made of. */
static bool is_part(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c && strchr("+/=_-.~%", c));
}

/** How much of a text, from its start, stands in what was sent. */
static size_t echo_len(llmgw_str text, llmgw_str sent, size_t shortest)
{
    size_t len = 0;

    while (
        len < text.len && is_part(text.data[len]) &&
        (len + 1 < shortest ||
         llmgw__str_find(sent, llmgw__str_n(text.data, len + 1)) != SIZE_MAX))
        len++;
    return len >= shortest ? len : 0;
}

void llmgw__hide_parts(char *text, size_t len, llmgw_str sent, size_t shortest)
{
    for (size_t i = 0; i + shortest <= len; i++) {
        size_t told = echo_len(llmgw__str_n(text + i, len - i), sent, shortest);

        if (told)
            memset(text + i, '*', told);
    }
}
