/* base/sign.h - RSA signatures, for tokens that a private key vouches for. */
#ifndef LLMGW_BASE_SIGN_H
#define LLMGW_BASE_SIGN_H

#include <llmgw/base.h>

#include "random.h"
#include "text.h"

/**
 * RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2), as JWT's RS256 (RFC 7518)
 * wants it.
 *
 * @param pem     private key, PKCS#1 or PKCS#8, not encrypted
 * @param random  for blinding
 * @param out     the signature's bytes are appended
 * @retval LLMGW_E_INVALID  no such key, or no RSA key
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__rs256_sign(llmgw_str pem, llmgw_str data,
                               const struct llmgw__random *random,
                               struct llmgw__buf *out);
/** base64url without padding (RFC 4648, 5), appended. */
void llmgw__base64url_encode(struct llmgw__buf *out, llmgw_str data);

#endif
