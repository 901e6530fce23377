/*
 * support/golden.h - worked examples of a dialect: what one attempt sends,
 * gets, and hands on, a JSON file each. A file may hold a list of cases, which
 * take from the top what they do not say.
 *
 *     name provider model openai_request
 *     provider_request {path, headers_must_include, body} adjustments
 *     provider_response {body} | provider_stream {body_text}
 *     openai_response | openai_chunks openai_final | error
 *     usage native_finish_reason
 */
#ifndef LLMGW_TEST_GOLDEN_H
#define LLMGW_TEST_GOLDEN_H

#include "support/dialect_run.h"

/** Run `check` on each case of a file. @return number of cases */
int golden_each(const char *path,
                void (*check)(const cJSON *one, const cJSON *file));
/** The same for the files of a folder whose names start with one of the
 *  NULL-terminated list (NULL: all). */
int golden_folder(const char *folder, const char *const *names,
                  void (*check)(const cJSON *one, const cJSON *file));
/** Member of the case, else of the file; NULL: none. */
const cJSON *golden_get(const cJSON *one, const cJSON *file, const char *name);

/** The row of the providers that follow; NULL (the default): none. */
void golden_set_row(const struct llmgw__provider_row *row);
/** Encode the request and compare URL, body and adjustments. */
void golden_check_request(const struct llmgw__dialect *dialect,
                          const char *base_url, const cJSON *one,
                          const cJSON *file);
/** Decode the answer and compare what the host gets, usage and error. */
void golden_check_answer(const struct llmgw__dialect *dialect,
                         const char *base_url, const cJSON *one,
                         const cJSON *file);
/** A file's text; the caller's. NULL: cannot be read. */
char *golden_read(const char *path, size_t *len);

#endif
