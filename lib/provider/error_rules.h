/*
 * provider/error_rules.h - the ordered rules that turn what a provider says
 * into a kind, as data.
 */
#ifndef LLMGW_PROVIDER_ERROR_RULES_H
#define LLMGW_PROVIDER_ERROR_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/error.h>

#define LLMGW__RULE_STATUSES 5

/**
 * Everything that is given has to hold, but of `names` and `any` one is
 * enough.
 */
struct llmgw__error_rule {
    llmgw_error_kind kind;
    uint16_t status[LLMGW__RULE_STATUSES]; /* 0: no more; none: any */
    bool html;                             /* the body is a web page */
    const char *family;                    /* of the provider; NULL: any */
    /* lists: texts with a NUL each, an empty one at the end; NULL: none */
    const char *names; /* a raw code or type is one of these */
    const char *any;   /* lower case; the text has one of them */
    const char *all;   /* lower case; the text has all of them */
};

extern const struct llmgw__error_rule llmgw__error_rules[];
extern const size_t llmgw__error_rule_count;

/** What a status means when no rule does. */
llmgw_error_kind llmgw__error_status_kind(int32_t status);
/** What libcurl's result means. */
llmgw_error_kind llmgw__error_curl_kind(int32_t code);
/** What a type or status word means inside an answer that began well;
 *  LLMGW_KIND_NONE: nothing known. */
llmgw_error_kind llmgw__error_word_kind(const char *word);

#endif
