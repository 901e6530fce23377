/*
 * llmgw/credential.h - credentials that the host hands over just in time: from
 * a keychain of the operating system, a vault, a login of its own.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LLMGW_CREDENTIAL_H
#define LLMGW_CREDENTIAL_H

#include <llmgw/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A provider's credential that the host is asked for. Opaque; dead when
 *  llmgw_credential_fn returns. */
typedef struct llmgw_credential llmgw_credential;

/**
 * A provider is about to be asked: what is it to be shown?
 *
 * Made before each attempt at any configured provider, unless what was told
 * before has an expiry that is more than five minutes away. The answer is given
 * by the setters below. Who sets neither key nor pair has none: what is
 * configured for the provider follows, or its own way of getting credentials.
 *
 * A provider that refuses a credential with an expiry (401, expired) is tried
 * once more in the same call, with what is then told.
 *
 * Made on the thread that drives the call, with no lock held, and by several
 * threads at once where several drive. It must return soon: all calls of that
 * loop wait. It must not call the library, except for the functions of
 * llmgw_credential.
 *
 * @param credential  borrowed, until it returns
 * @param userdata    credential_userdata of llmgw_gateway_options
 * @return 0: told, or none; any other value: this attempt fails with
 *         LLMGW_KIND_AUTH, the value is in its message, and the next target is
 *         asked
 */
typedef int32_t (*llmgw_credential_fn)(llmgw_credential *credential,
                                       void *userdata);

/** The provider's configured name; until llmgw_credential_fn returns.
 *  Thread: that of the callback. */
LLMGW_API llmgw_str
llmgw_credential_provider(const llmgw_credential *credential);

/** Its type, e.g. "openai"; likewise. */
LLMGW_API llmgw_str llmgw_credential_type(const llmgw_credential *credential);

/**
 * Tell an API key or a bearer token.
 *
 * @param api_key  copied; the copy is overwritten when it was used
 * @retval LLMGW_E_INVALID  empty, longer than 65536 bytes, or it has control
 *                          characters; the attempt fails
 * @retval LLMGW_E_NOMEM    no memory; the attempt fails
 *
 * Thread: that of the callback.
 */
LLMGW_API llmgw_status llmgw_credential_set_key(llmgw_credential *credential,
                                                llmgw_str api_key);

/**
 * Tell a pair of keys that requests are signed with, as AWS has them.
 *
 * @param session_token  empty: none
 * @return as llmgw_credential_set_key()
 *
 * Thread: that of the callback.
 */
LLMGW_API llmgw_status llmgw_credential_set_pair(llmgw_credential *credential,
                                                 llmgw_str access_key,
                                                 llmgw_str secret_key,
                                                 llmgw_str session_token);

/**
 * Tell how long it may be used.
 *
 * @param expires_s  wall clock, seconds since 1970; 0 (the default): it is for
 *                   this attempt alone, and the next one asks again
 * @retval LLMGW_E_INVALID  below 0
 *
 * Thread: that of the callback.
 */
LLMGW_API llmgw_status llmgw_credential_set_expiry(llmgw_credential *credential,
                                                   int64_t expires_s);

#ifdef __cplusplus
}
#endif

#endif
