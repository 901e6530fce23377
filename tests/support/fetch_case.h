/*
 * support/fetch_case.h - run a source of credentials step by step: its
 * environment, its files, and what it is answered.
 */
#ifndef LLMGW_TEST_FETCH_CASE_H
#define LLMGW_TEST_FETCH_CASE_H

#include "provider/credential_parts.h"

#define FETCH_NOW INT64_C(1763800000) /* 2025-11-22T08:26:40Z */

struct fetch_case {
    const struct llmgw__credential_source *source;
    struct llmgw__provider provider;
    struct llmgw__setting settings[8];
    struct llmgw__arena arena;
    struct llmgw__credential_fetch fetch;
    char folder[64]; /* HOME: empty, and removed at the end */
};

/** What a service is asked last, and what it answers. */
struct fetch_step {
    const char *method;
    const char *url;
    const char *header; /* "name: value" that must be there; NULL: none */
    int32_t status;
    const char *body;
};

/** No variable is set, but HOME, to a new folder. */
void fetch_case_start(struct fetch_case *c,
                      const struct llmgw__credential_source *source);
void fetch_case_setting(struct fetch_case *c, const char *name,
                        const char *value);
/** Write a file below HOME; folders are made. @return its path, static */
const char *fetch_case_file(struct fetch_case *c, const char *path,
                            const char *text);
/** begin() and answer(), until there is a credential or an error; what is
 *  asked must be as in the steps. */
llmgw_status fetch_case_run(struct fetch_case *c,
                            const struct fetch_step *steps, size_t count);
/** A header of the request; NULL: it has none. */
const char *fetch_case_header(const struct fetch_case *c, const char *name);
/** The request's body, static. */
const char *fetch_case_body(const struct fetch_case *c);
/** Forget the fetch: run again. */
void fetch_case_again(struct fetch_case *c);
void fetch_case_end(struct fetch_case *c);

#endif
