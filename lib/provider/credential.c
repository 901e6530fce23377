/*
 * provider/credential.c - credentials: one block each, shared, overwritten
 * with the last reference.
 *
 * Memory: the texts of a credential, at most MAX_TEXT bytes each.
 */
#include "credential.h"

#include <string.h>

#include "base/alloc.h"
#include "base/crypto.h"

#define MAX_TEXT 65536

/** Copy a text behind the struct; NULL: it is empty. */
static const char *put(char **at, llmgw_str text)
{
    char *start = *at;

    if (!text.len)
        return NULL;
    memcpy(start, text.data, text.len);
    start[text.len] = '\0';
    *at += text.len + 1;
    return start;
}

struct llmgw__credential *
llmgw__credential_make(const struct llmgw__credential_texts *texts,
                       int64_t expires_s)
{
    const llmgw_str all[] = {texts->key, texts->access_key, texts->secret_key,
                             texts->session_token, texts->quota_project};
    size_t size = sizeof(struct llmgw__credential);
    struct llmgw__credential *made;
    char *at;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].len > MAX_TEXT)
            return NULL;
        size += all[i].len + 1;
    }
    made = llmgw__calloc(1, size);
    if (!made)
        return NULL;
    at = (char *)(made + 1);
    llmgw__refs_init(&made->refs);
    made->size = size;
    made->expires_s = expires_s;
    made->key = put(&at, texts->key);
    made->access_key = put(&at, texts->access_key);
    made->secret_key = put(&at, texts->secret_key);
    made->session_token = put(&at, texts->session_token);
    made->quota_project = put(&at, texts->quota_project);
    return made;
}

struct llmgw__credential *
llmgw__credential_ref(struct llmgw__credential *credential)
{
    if (credential)
        llmgw__refs_add(&credential->refs);
    return credential;
}

void llmgw__credential_drop(struct llmgw__credential *credential)
{
    if (!credential || !llmgw__refs_drop(&credential->refs))
        return;
    llmgw__zeroize(credential, credential->size);
    llmgw__free(credential);
}
