/*
 * provider/credential_parts.h - between the files that look for credentials:
 * the environment, texts in the fetch's arena, requests, what was found.
 */
#ifndef LLMGW_PROVIDER_CREDENTIAL_PARTS_H
#define LLMGW_PROVIDER_CREDENTIAL_PARTS_H

#include "base/jsondoc.h"
#include "base/text.h"
#include "credential.h"

/** Bytes of a file that holds one credential. */
#define LLMGW__CREDENTIAL_MAX ((size_t)65536)

/** A member of a form. */
struct llmgw__form_member {
    const char *name;
    llmgw_str value;
};

/** A variable of the environment; NULL: not set, or empty. */
const char *llmgw__environment(const char *name);
/** Is it set to "true"? */
bool llmgw__environment_true(const char *name);
/** "HOME" + path, the home directory's variable by system; appended with a
 *  NUL. false: there is none. */
bool llmgw__home_path(const char *path, struct llmgw__buf *out);

/** Parts as one NUL-terminated text in the fetch's arena; NULL: no memory. */
char *llmgw__fetch_join(struct llmgw__credential_fetch *fetch,
                        const llmgw_str *parts, size_t count);
/** A file's text in the fetch's arena, trimmed. E_INVALID: *why says why. */
llmgw_status llmgw__fetch_file(struct llmgw__credential_fetch *fetch,
                               const char *path, llmgw_str *out,
                               const char **why);

/** Begin the next request; the one before is overwritten. */
llmgw_status llmgw__fetch_ask(struct llmgw__credential_fetch *fetch,
                              const char *method, const char *url);
llmgw_status llmgw__fetch_header(struct llmgw__credential_fetch *fetch,
                                 const char *name, llmgw_str value);
/** Its body: content_type, and text that lies in the fetch's arena. */
llmgw_status llmgw__fetch_body(struct llmgw__credential_fetch *fetch,
                               const char *content_type, llmgw_str text);
/** The same of the members of a form; empty values are left out. */
llmgw_status llmgw__fetch_form(struct llmgw__credential_fetch *fetch,
                               const struct llmgw__form_member *members,
                               size_t count);

/** It was found. E_INVALID: it cannot be a credential (told). */
llmgw_status llmgw__fetch_found(struct llmgw__credential_fetch *fetch,
                                const struct llmgw__credential_texts *texts,
                                int64_t expires_s);
/** There is none: "PROVIDER: " and the parts up to NULL. @return E_INVALID */
llmgw_status llmgw__fetch_refuse(struct llmgw__credential_fetch *fetch,
                                 const char *const *parts);
/** A service has refused, or did not answer: "WHAT: HTTP 403", with what it
 *  says in a member of its answer ("error_description"), if that is short. */
llmgw_status llmgw__fetch_refused(struct llmgw__credential_fetch *fetch,
                                  const char *what, int32_t status,
                                  llmgw_str body);

/** A member's text; empty: absent, or no text. E_NOMEM: no memory. */
llmgw_status llmgw__fetch_member(struct llmgw__credential_fetch *fetch,
                                 const struct llmgw__jdoc *doc, uint32_t object,
                                 const char *name, llmgw_str *out);

/** The host of a URL, without port; empty: it is no http or https URL, or has
 *  credentials in it. */
llmgw_str llmgw__url_host(const char *url);
/** Is this host this machine itself? */
bool llmgw__host_is_loopback(llmgw_str host);
/** May a secret be sent there: by https, or within this machine? */
bool llmgw__url_is_safe(const char *url);

#endif
