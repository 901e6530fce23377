/*
 * base/sign.c - RSA signatures by mbedTLS, 2.28 and 3.x.
 *
 * Source: RFC 8017, 8.2; RFC 7518, 3.3; RFC 4648, 5.
 * Memory: the key during the call, wiped.
 */
#include "sign.h"

#include <stdlib.h>

#include <mbedtls/pk.h>
#include <mbedtls/version.h>

#include "alloc.h"
#include "crypto.h"

static int fill(void *random, unsigned char *out, size_t len)
{
    return llmgw__random_bytes(random, out, len) == 0
               ? 0
               : MBEDTLS_ERR_PK_FILE_IO_ERROR;
}

/** The parser wants a NUL, counted. */
static llmgw_status parse_key(mbedtls_pk_context *key, llmgw_str pem,
                              struct llmgw__random *random)
{
    char *text = llmgw__strndup(pem.data, pem.len);
    int code;

    if (!text)
        return LLMGW_E_NOMEM;
#if MBEDTLS_VERSION_MAJOR >= 3
    code = mbedtls_pk_parse_key(key, (const unsigned char *)text, pem.len + 1,
                                NULL, 0, fill, random);
#else
    (void)random;
    code = mbedtls_pk_parse_key(key, (const unsigned char *)text, pem.len + 1,
                                NULL, 0);
#endif
    llmgw__zeroize(text, pem.len);
    llmgw__free(text);
    if (code == MBEDTLS_ERR_PK_ALLOC_FAILED)
        return LLMGW_E_NOMEM;
    return code == 0 && mbedtls_pk_can_do(key, MBEDTLS_PK_RSA)
               ? LLMGW_OK
               : LLMGW_E_INVALID;
}

static llmgw_status sign(mbedtls_pk_context *key, llmgw_str data,
                         struct llmgw__random *random, struct llmgw__buf *out)
{
    unsigned char hash[32];
    size_t room = mbedtls_pk_get_len(key), len = 0;
    char *to = llmgw__buf_reserve(out, room);
    int code;

    if (!to)
        return out->status;
    if (llmgw__sha256(data, hash) != 0)
        return LLMGW_E_NOMEM;
#if MBEDTLS_VERSION_MAJOR >= 3
    code = mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, sizeof hash,
                           (unsigned char *)to, room, &len, fill, random);
#else
    code = mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, sizeof hash,
                           (unsigned char *)to, &len, fill, random);
#endif
    if (code != 0)
        return LLMGW_E_INVALID;
    out->len += len;
    return LLMGW_OK;
}

llmgw_status llmgw__rs256_sign(llmgw_str pem, llmgw_str data,
                               const struct llmgw__random *random,
                               struct llmgw__buf *out)
{
    struct llmgw__random source = *random;
    mbedtls_pk_context key;
    llmgw_status status;

    mbedtls_pk_init(&key);
    status = parse_key(&key, pem, &source);
    if (status == LLMGW_OK)
        status = sign(&key, data, &source, out);
    mbedtls_pk_free(&key);
    return status;
}

void llmgw__base64url_encode(struct llmgw__buf *out, llmgw_str data)
{
    size_t from = out->len;

    llmgw__base64_encode(out, data);
    if (out->status != LLMGW_OK)
        return;
    while (out->len > from && out->data[out->len - 1] == '=')
        out->len--;
    for (size_t i = from; i < out->len; i++)
        if (out->data[i] == '+')
            out->data[i] = '-';
        else if (out->data[i] == '/')
            out->data[i] = '_';
}
