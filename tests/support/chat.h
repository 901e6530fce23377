/*
 * support/chat.h - read a chat request in a test, in one line.
 */
#ifndef LLMGW_TEST_CHAT_H
#define LLMGW_TEST_CHAT_H

#include "schema/chat.h"

/** A request being tested: the tray, and what it stands in. */
struct chat_case {
    char *text; /* the bytes, exactly as long: overreads are seen */
    struct llmgw__arena arena;
    struct llmgw__chat chat;
    struct llmgw__error error;
    llmgw_status status;
};

/** Read a request; ' stands for " in it, so that it can be read. */
void chat_case_start(struct chat_case *it, const char *request);
void chat_case_end(struct chat_case *it);

/** Read a request that must be taken; one at a time, freed by the next. */
const struct llmgw__chat *chat_of(const char *request);
/** Read a request that must be refused: "param | code | message". */
const char *refusal_of(const char *request);
/** The same with members put into a small request: "'n':2". */
const struct llmgw__chat *chat_with(const char *members);
const char *refusal_with(const char *members);
/** Free what chat_of() holds. */
void chat_done(void);
/** A string of the tray, NUL-terminated; "(none)" when absent. The last four
 *  answers stay. */
const char *text_of(struct llmgw__jstr str);

#endif
