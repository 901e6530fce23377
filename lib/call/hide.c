/*
 * call/hide.c - keep credentials out of errors: some services repeat the key
 * they were sent in what they say about it.
 *
 * The bytes of a key are overwritten where they stand, so that lengths and
 * offsets stay. What was cut off at the end of a text counts too. Secrets
 * shorter than SHORTEST are words that may stand anywhere.
 */
#include <string.h>

#include "attempt.h"

#define SHORTEST 8

static void hide_one(char *text, size_t len, llmgw_str secret);

/** "Bearer KEY": the key alone. */
static llmgw_str last_word(llmgw_str value)
{
    for (size_t i = value.len; i > 0; i--)
        if (value.data[i - 1] == ' ')
            return llmgw__str_n(value.data + i, value.len - i);
    return value;
}

void llmgw__attempt_hide(const struct llmgw_attempt *attempt, char *text,
                         size_t len)
{
    const char *key = attempt->target->provider->api_key;

    if (key)
        hide_one(text, len, llmgw__str(key));
    for (size_t i = 0; attempt->run && i < attempt->run->request.header_count;
         i++) {
        const struct llmgw__http_header *header =
            &attempt->run->request.headers[i];

        if (header->secret)
            hide_one(text, len, last_word(header->value));
    }
}

static void hide_one(char *text, size_t len, llmgw_str secret)
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
