/* base/crypto.h - hashes and encodings, by mbedTLS. */
#ifndef LLMGW_BASE_CRYPTO_H
#define LLMGW_BASE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "alloc.h"
#include "jsonwrite.h"
#include "text.h"

/** SHA-256 of data into out (32 bytes). @return 0, or -1 */
int llmgw__sha256(llmgw_str data, unsigned char out[32]);
/** SHA-256 in lower-case hex, NUL-terminated (65 bytes). */
int llmgw__sha256_hex(llmgw_str data, char out[65]);
/** 32 bytes in lower-case hex, NUL-terminated. */
void llmgw__hash_hex(const unsigned char hash[32], char out[65]);
/** SHA-256 of a body in lower-case hex, piece by piece. @return 0, or -1 */
int llmgw__sha256_body(const struct llmgw__body *body, char out[65]);
/** HMAC-SHA-256 into out (32 bytes). */
int llmgw__hmac_sha256(llmgw_str key, llmgw_str data, unsigned char out[32]);
/** Standard base64 with padding, appended. */
void llmgw__base64_encode(struct llmgw__buf *out, llmgw_str data);
/** Standard base64; white space is skipped, padding optional.
 *  @retval LLMGW_E_INVALID not base64 */
llmgw_status llmgw__base64_decode(struct llmgw__buf *out, llmgw_str text);
/** CRC-32 (IEEE), continued from `crc` (0 at first). */
uint32_t llmgw__crc32(uint32_t crc, const void *data, size_t len);

#endif
