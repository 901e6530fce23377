/*
 * support/encode_case.h - one request through a dialect's encoder, in one
 * line. ' stands for " in all texts, so that they can be read.
 */
#ifndef LLMGW_TEST_ENCODE_CASE_H
#define LLMGW_TEST_ENCODE_CASE_H

#include "support/dialect_run.h"

#define ENCODE_CASE_BASE "https://host.example"

/** The encoder under test; before all others. */
void encode_case_of(const struct llmgw__dialect *dialect);
/** A small request with these members: "'n':2". The last answer stays. */
const char *with(const char *members);
/** A request of these messages alone. */
const char *with_messages(const char *messages);
/** Text with " for ', the last answer stays. */
const char *quoted(const char *text);

/** Encode a request that must be taken; this is then the member of its body;
 *  wanted "": there is none. */
void sends(const char *model, const char *request, const char *member,
           const char *wanted);
/** Another member of the last body. */
void assert_sent(const char *member, const char *wanted);
/** What was reported of the last one: "param/action/reason …". */
void assert_adjusted(const char *wanted);
/** Encode a request that must be refused: "kind | param | message". */
void refuses(const char *model, const char *request, const char *wanted);
/** The last run. */
struct dialect_run *encode_case_run(void);
/** Free what the last one holds; a group's teardown. */
int encode_case_forget(void **state);

#endif
