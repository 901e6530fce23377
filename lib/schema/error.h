/*
 * schema/error.h - one error for everything: OpenAI's shape, our kinds.
 *
 * Fixed size, so that telling what went wrong never needs memory.
 */
#ifndef LLMGW_SCHEMA_ERROR_H
#define LLMGW_SCHEMA_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>
#include <llmgw/error.h>

#include "base/jsonwrite.h"

struct llmgw__error {
    llmgw_error_kind kind;   /* LLMGW_KIND_NONE: no error */
    int32_t http_status;     /* what we report on an HTTP-shaped surface */
    int32_t upstream_status; /* what the provider answered; 0: nothing */
    int64_t retry_after_ms;  /* -1: not told */
    bool retryable;          /* the same target may be asked again */
    bool failover;           /* another target may be asked */
    bool breaker;            /* speaks against the target's health */
    bool rotate_key;         /* another key of the same target may do */
    bool partial_output;     /* content had been handed over before */
    uint8_t limit;           /* llmgw_limit: of ours, that was passed */
    char message[512];       /* ours, one line; or the provider's, cleaned */
    char param[128];         /* the host's request member; "": none */
    char code[48];           /* from the fixed set */
    char raw_type[96];       /* the provider's own type, "": none */
    char raw_code[96];       /* the provider's own code, "": none */
    char request_id[128];    /* the provider's id of this exchange */
    char provider[64];
    char target[160];
    llmgw_str body; /* the provider's own body; memory of the call */
};

/** No error. */
void llmgw__error_clear(struct llmgw__error *error);
/** Clear, then fill from the kind's row: code, HTTP status, flags; then message
 *  (cut at 500 bytes on a character boundary; of control characters only line
 *  feeds stay). */
void llmgw__error_set(struct llmgw__error *error, llmgw_error_kind kind,
                      llmgw_str message);
/** The same with a NUL-terminated message. */
void llmgw__error_setz(struct llmgw__error *error, llmgw_error_kind kind,
                       const char *message);
/** A refusal that names the member: param is "messages[2].content[0]". */
void llmgw__error_refuse(struct llmgw__error *error, llmgw_error_kind kind,
                         const char *param, const char *message);
/** A limit of ours (LLMGW_LIMIT_…) was passed: kind and code are its own. */
void llmgw__error_limit(struct llmgw__error *error, llmgw_limit limit,
                        const char *message);
/** The flags of the kind's row alone (after changing a kind by hand). */
void llmgw__error_kind_flags(struct llmgw__error *error);
/** OpenAI's error.type of a kind, a static string. */
const char *llmgw__error_type(llmgw_error_kind kind);
/** Name of a kind, e.g. "rate_limit"; NULL: no such kind. */
const char *llmgw__error_kind_name(llmgw_error_kind kind);
/** Kind by name; LLMGW_KIND_NONE: none has it. */
llmgw_error_kind llmgw__error_kind_by_name(llmgw_str name);
/** Copy text into a fixed field, cut on a character boundary. */
void llmgw__error_copy(char *field, size_t size, llmgw_str text);
/** Write {"error":{message,type,param,code}}.
 *  @param report  JSON that becomes a member "llmgw" beside it; empty: none */
void llmgw__error_render(const struct llmgw__error *error, llmgw_str report,
                         struct llmgw__jsonw *w);

#endif
