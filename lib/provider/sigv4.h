/*
 * provider/sigv4.h - sign a request the way AWS wants it.
 *
 * Source: AWS, "Signature Version 4 for API requests".
 */
#ifndef LLMGW_PROVIDER_SIGV4_H
#define LLMGW_PROVIDER_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/exchange.h"

/** Who signs, and for what. */
struct llmgw__sigv4 {
    llmgw_str access_key;
    llmgw_str secret_key;
    llmgw_str session_token; /* empty: none */
    llmgw_str region;
    llmgw_str service; /* "bedrock" */
    int64_t now_s;     /* wall clock, seconds since 1970 */
    bool hash_header;  /* x-amz-content-sha256 goes out too */
};

/** What was signed, to compare with what a service says it expected. */
struct llmgw__sigv4_trace {
    struct llmgw__buf canonical; /* request */
    struct llmgw__buf to_sign;
    unsigned char key[32];
};

/**
 * Add x-amz-date, x-amz-security-token and authorization.
 *
 * Signed are host, content-type, content-length and x-amz-…; whatever else a
 * proxy may touch is not. The path is signed as it goes out, encoded once more.
 * The URL has no query.
 *
 * @param request  complete but for these; its body is finished
 * @param trace    NULL: not wanted; buffers are cleared by the caller, the key
 *                 is a secret
 * @retval LLMGW_E_INVALID  no such URL, or a credential that is no header
 * @retval LLMGW_E_LIMIT    no room for the headers
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__sigv4_sign(const struct llmgw__sigv4 *sigv4,
                               struct llmgw__http_request *request,
                               struct llmgw__arena *arena,
                               struct llmgw__sigv4_trace *trace);

#endif
