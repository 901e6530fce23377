/*
 * provider/error_facts.h - what an error's body and headers say, whatever
 * their shape; and how long to wait.
 */
#ifndef LLMGW_PROVIDER_ERROR_FACTS_H
#define LLMGW_PROVIDER_ERROR_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "provider.h"

#define LLMGW__FACT_WORDS 8

/** Fixed size: telling what went wrong needs no memory. */
struct llmgw__error_facts {
    bool json;          /* the body is JSON, or JSON in an event stream */
    bool html;          /* the body is a web page */
    bool found;         /* some member of the body speaks of an error */
    char message[2048]; /* the provider's text; of a web page its title */
    int message_rank;   /* of where it was found; higher is believed */
    char words[LLMGW__FACT_WORDS][96]; /* all raw codes and types */
    unsigned word_count;
    char type[96];
    char code[96];
    char param[128]; /* as the provider names it */
    char request_id[128];
    int32_t status;    /* a number of HTTP's in the body; 0: none */
    int64_t retry_ms;  /* a wait told by a member of the body; -1: none */
    int64_t reset_ms;  /* epoch, ms, ditto; -1: none */
    llmgw_str details; /* raw JSON that counts as text; a view of the body */
};

void llmgw__error_facts_read(struct llmgw__error_facts *facts,
                             const struct llmgw__http_head *head,
                             llmgw_str body);
/** A code, type or status word: kept among the words, once. */
void llmgw__error_fact_word(struct llmgw__error_facts *facts, llmgw_str word);
/** Is a raw JSON value there and not null, false, 0, "", {} or []? */
bool llmgw__error_truthy(llmgw_str raw);
/** The text of a body that is no JSON (error_page.c). */
void llmgw__error_page_read(struct llmgw__error_facts *facts, llmgw_str body);

/** How long to wait, ms; -1: not told (error_retry.c). facts NULL: what the
 *  body says does not count. */
int64_t llmgw__error_retry_after(const struct llmgw__failure *failure,
                                 const struct llmgw__error_facts *facts,
                                 bool waits);
/** "1.5s", "7m12.5s", "250ms" -> ms, rounded up. A bare number is seconds.
 *  @return -1: no such thing, or 0 */
int64_t llmgw__duration_ms(llmgw_str text);
/** When a limit is new: seconds, an epoch in s or ms, a duration or a date ->
 *  ms from now. @return -1: no such thing, or it is over */
int64_t llmgw__reset_ms(llmgw_str text, int64_t now_s);
/** The same. @param over  it is a time, and one that is not to come */
int64_t llmgw__reset_tell(llmgw_str text, int64_t now_s, bool *over);

#endif
