/*
 * provider/google_token.h - from a credential file of Google's to an access
 * token.
 *
 * Source: RFC 7523 (service accounts), RFC 6749 (refresh tokens), RFC 8693 and
 * AIP-4117 (external accounts), IAM Credentials API (impersonation).
 */
#ifndef LLMGW_PROVIDER_GOOGLE_TOKEN_H
#define LLMGW_PROVIDER_GOOGLE_TOKEN_H

#include "base/jsondoc.h"
#include "credential_parts.h"

#define LLMGW__GOOGLE_SCOPE "https://www.googleapis.com/auth/cloud-platform"

/** What is being asked. */
enum llmgw__google_step {
    LLMGW__GOOGLE_ASK_TOKEN,    /* the access token itself */
    LLMGW__GOOGLE_ASK_SUBJECT,  /* what another identity provider vouches */
    LLMGW__GOOGLE_ASK_ACCOUNT,  /* a token of the account to be */
    LLMGW__GOOGLE_ASK_METADATA, /* the machine's own token */
};

struct llmgw__google_state {
    enum llmgw__google_step step;
    llmgw_str document;      /* the file */
    llmgw_str quota_project; /* of it */
    llmgw_str universe;      /* where its services are */
    llmgw_str account_url;   /* an account to be; empty: none */
    llmgw_str delegates;     /* on the way to it: JSON, or empty */
};

/** Begin to ask with the document in the fetch's state. */
llmgw_status llmgw__google_ask(struct llmgw__credential_fetch *fetch);
/** The subject's token has come. */
llmgw_status llmgw__google_exchange(struct llmgw__credential_fetch *fetch,
                                    llmgw_str body);
/** An access token: the end, or what the account's own is asked with. */
llmgw_status llmgw__google_take(struct llmgw__credential_fetch *fetch,
                                llmgw_str token, int64_t expires_s);

struct llmgw__google_account {
    llmgw_str email;
    llmgw_str key;    /* PEM */
    llmgw_str key_id; /* empty: not told */
    llmgw_str token_url;
};

/** header.claims.signature of a service account (RS256), appended. */
llmgw_status
llmgw__google_assertion(const struct llmgw__google_account *account,
                        const struct llmgw__random *random, int64_t now_s,
                        struct llmgw__buf *out);

/* --- between google_token.c and google_external.c --- */

/** Begin to ask by an account of another provider. */
llmgw_status llmgw__google_external(struct llmgw__credential_fetch *fetch,
                                    const struct llmgw__jdoc *doc,
                                    uint32_t object);
/** "the credential file: " and what is wrong. @return E_INVALID */
llmgw_status llmgw__google_refuse(struct llmgw__credential_fetch *fetch,
                                  const char *what, const char *why);

/** Members that are texts; what is absent is empty, unless it is required. */
struct llmgw__google_wanted {
    const char *name;
    llmgw_str *to;
    bool required;
};
llmgw_status llmgw__google_members(struct llmgw__credential_fetch *fetch,
                                   const struct llmgw__jdoc *doc,
                                   uint32_t object,
                                   const struct llmgw__google_wanted *wanted,
                                   size_t count);
/** A URL of the file's that secrets go to, NUL-terminated from here on; empty:
 *  the usual one. */
llmgw_status llmgw__google_url(struct llmgw__credential_fetch *fetch,
                               llmgw_str *url, const char *usual);
/** Ask there, with a form. */
llmgw_status llmgw__google_ask_token(struct llmgw__credential_fetch *fetch,
                                     llmgw_str url,
                                     const struct llmgw__form_member *members,
                                     size_t count);
/** Use the document, parsed. */
llmgw_status llmgw__google_document(
    struct llmgw__credential_fetch *fetch, llmgw_str argument,
    llmgw_status (*use)(struct llmgw__credential_fetch *fetch,
                        const struct llmgw__jdoc *doc, llmgw_str argument));

#endif
