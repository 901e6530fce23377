/*
 * schema/error.c - the kinds of error as a table, and errors filled from it.
 *
 * Source: OpenAI API, "Error codes": the object {message, type, param, code}.
 * Memory: none but the error itself, so that "no memory" can be told too.
 */
#include "error.h"

#include <string.h>

#include "base/text.h"

#define MAX_MESSAGE 500 /* bytes of it that are kept */

enum {
    RETRY = 1,    /* the same target may be asked again */
    FAILOVER = 2, /* another target may be asked */
    BREAKER = 4,  /* speaks against the target's health */
    ROTATE = 8    /* another key of the same target may do */
};

struct kind {
    const char *name;
    const char *type;
    const char *code;
    int16_t http_status;
    uint8_t flags;
};

/* clang-format off */
static const struct kind kinds[] = {
[LLMGW_KIND_INVALID_REQUEST] =
    {"invalid_request", "invalid_request_error", "invalid_request", 400, 0},
[LLMGW_KIND_UNSUPPORTED_PARAMETER] =
    {"unsupported_parameter", "invalid_request_error", "unsupported_parameter",
     400, FAILOVER},
[LLMGW_KIND_CONTEXT_LENGTH] =
    {"context_length", "invalid_request_error", "context_length_exceeded", 400,
     FAILOVER},
[LLMGW_KIND_CONTENT_POLICY] =
    {"content_policy", "invalid_request_error", "content_policy_violation",
     400, 0},
[LLMGW_KIND_REQUEST_TOO_LARGE] =
    {"request_too_large", "invalid_request_error", "request_too_large", 413,
     FAILOVER},
[LLMGW_KIND_AUTH] =
    {"auth", "authentication_error", "invalid_api_key", 401,
     FAILOVER | ROTATE},
[LLMGW_KIND_PERMISSION] =
    {"permission", "permission_error", "permission_denied", 403,
     FAILOVER | ROTATE},
[LLMGW_KIND_REGION] =
    {"region", "permission_error", "unsupported_region", 403, FAILOVER},
[LLMGW_KIND_MODEL_NOT_FOUND] =
    {"model_not_found", "invalid_request_error", "model_not_found", 404,
     FAILOVER},
[LLMGW_KIND_RATE_LIMIT] =
    {"rate_limit", "rate_limit_error", "rate_limit_exceeded", 429,
     RETRY | FAILOVER | ROTATE},
[LLMGW_KIND_QUOTA] =
    {"quota", "insufficient_quota", "insufficient_quota", 429,
     FAILOVER | ROTATE},
[LLMGW_KIND_OVERLOADED] =
    {"overloaded", "server_error", "overloaded", 503,
     RETRY | FAILOVER | BREAKER},
[LLMGW_KIND_SERVER_ERROR] =
    {"server_error", "server_error", "server_error", 500,
     RETRY | FAILOVER | BREAKER},
[LLMGW_KIND_UPSTREAM_UNAVAILABLE] =
    {"upstream_unavailable", "server_error", "upstream_unavailable", 502,
     RETRY | FAILOVER | BREAKER},
[LLMGW_KIND_TIMEOUT] =
    {"timeout", "timeout_error", "timeout", 504, RETRY | FAILOVER | BREAKER},
[LLMGW_KIND_CONNECTION] =
    {"connection", "connection_error", "connection_failed", 502,
     RETRY | FAILOVER | BREAKER},
[LLMGW_KIND_DNS] =
    {"dns", "connection_error", "dns_error", 502, RETRY | FAILOVER | BREAKER},
[LLMGW_KIND_TLS] =
    {"tls", "connection_error", "tls_error", 502, FAILOVER | BREAKER},
[LLMGW_KIND_PROTOCOL] =
    {"protocol", "server_error", "invalid_response", 502,
     RETRY | FAILOVER | BREAKER},
[LLMGW_KIND_MODEL_OUTPUT_INVALID] =
    {"model_output_invalid", "server_error", "model_output_invalid", 502,
     RETRY | FAILOVER},
[LLMGW_KIND_DEADLINE] =
    {"deadline", "timeout_error", "deadline_exceeded", 504, 0},
[LLMGW_KIND_BUDGET] =
    {"budget", "insufficient_quota", "budget_exceeded", 402, 0},
[LLMGW_KIND_NO_TARGET] =
    {"no_target", "server_error", "no_available_target", 503, 0},
[LLMGW_KIND_CONFIG] =
    {"config", "invalid_request_error", "invalid_config", 400, 0},
[LLMGW_KIND_OUT_OF_MEMORY] =
    {"out_of_memory", "server_error", "out_of_memory", 500, 0},
};
/* clang-format on */

/* Limits of ours: kind and code of what they end. */
static const struct limit {
    llmgw_error_kind kind;
    const char *code;
} limits[] = {
    [LLMGW_LIMIT_CONNECT] = {LLMGW_KIND_TIMEOUT, "connect_timeout"},
    [LLMGW_LIMIT_FIRST] = {LLMGW_KIND_TIMEOUT, "first_content_timeout"},
    [LLMGW_LIMIT_GAP] = {LLMGW_KIND_TIMEOUT, "gap_timeout"},
    [LLMGW_LIMIT_THROUGHPUT] = {LLMGW_KIND_TIMEOUT, "too_slow"},
    [LLMGW_LIMIT_TOTAL] = {LLMGW_KIND_DEADLINE, "deadline_exceeded"},
    [LLMGW_LIMIT_COST] = {LLMGW_KIND_BUDGET, "cost_limit"},
    [LLMGW_LIMIT_RATE] = {LLMGW_KIND_RATE_LIMIT, "own_rate_limit"},
};

#define KINDS ((llmgw_error_kind)(sizeof kinds / sizeof kinds[0]))

static const struct kind *kind_row(llmgw_error_kind kind);
static void take_flags(struct llmgw__error *error, uint8_t flags);
static size_t clean_char(llmgw_str rest, char *out);
static void render_text(struct llmgw__jsonw *w, const char *key,
                        const char *text);

void llmgw__error_clear(struct llmgw__error *error)
{
    memset(error, 0, sizeof *error);
    error->retry_after_ms = -1;
}

void llmgw__error_set(struct llmgw__error *error, llmgw_error_kind kind,
                      llmgw_str message)
{
    const struct kind *row = kind_row(kind);

    llmgw__error_clear(error);
    if (!row)
        return;
    error->kind = kind;
    error->http_status = row->http_status;
    take_flags(error, row->flags);
    llmgw__error_copy(error->code, sizeof error->code, llmgw__str(row->code));
    llmgw__error_copy(error->message, MAX_MESSAGE + 1, message);
}

void llmgw__error_setz(struct llmgw__error *error, llmgw_error_kind kind,
                       const char *message)
{
    llmgw__error_set(error, kind, llmgw__str(message));
}

void llmgw__error_limit(struct llmgw__error *error, llmgw_limit limit,
                        const char *message)
{
    const struct limit *row = &limits[limit];

    llmgw__error_setz(error, row->kind, message);
    error->limit = (uint8_t)limit;
    llmgw__error_copy(error->code, sizeof error->code, llmgw__str(row->code));
}

void llmgw__error_refuse(struct llmgw__error *error, llmgw_error_kind kind,
                         const char *param, const char *message)
{
    llmgw__error_setz(error, kind, message);
    llmgw__error_copy(error->param, sizeof error->param, llmgw__str(param));
}

void llmgw__error_kind_flags(struct llmgw__error *error)
{
    const struct kind *row = kind_row(error->kind);

    take_flags(error, row ? row->flags : 0);
}

const char *llmgw__error_type(llmgw_error_kind kind)
{
    const struct kind *row = kind_row(kind);

    return row ? row->type : "api_error";
}

const char *llmgw__error_kind_name(llmgw_error_kind kind)
{
    const struct kind *row = kind_row(kind);

    return row ? row->name : NULL;
}

llmgw_error_kind llmgw__error_kind_by_name(llmgw_str name)
{
    for (llmgw_error_kind kind = 1; kind < KINDS; kind++)
        if (kinds[kind].name && llmgw__str_is(name, kinds[kind].name))
            return kind;
    return LLMGW_KIND_NONE;
}

void llmgw__error_copy(char *field, size_t size, llmgw_str text)
{
    size_t len = 0;

    while (text.len > 0) {
        char cleaned[4];
        size_t taken = clean_char(text, cleaned);

        if (len + taken >= size)
            break;
        memcpy(field + len, cleaned, taken);
        len += taken;
        text = llmgw__str_n(text.data + taken, text.len - taken);
    }
    field[len] = '\0';
}

void llmgw__error_render(const struct llmgw__error *error, llmgw_str report,
                         struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_open(w, "error", '{');
    llmgw__jsonw_member_z(w, "message", error->message);
    llmgw__jsonw_member_z(w, "type", llmgw__error_type(error->kind));
    render_text(w, "param", error->param);
    render_text(w, "code", error->code);
    llmgw__jsonw_close(w, '}');
    if (report.len)
        llmgw__jsonw_member_raw(w, "llmgw", report);
    llmgw__jsonw_close(w, '}');
}

/* NULL: no such kind. */
static const struct kind *kind_row(llmgw_error_kind kind)
{
    if (kind <= LLMGW_KIND_NONE || kind >= KINDS || !kinds[kind].name)
        return NULL;
    return &kinds[kind];
}

static void take_flags(struct llmgw__error *error, uint8_t flags)
{
    error->retryable = (flags & RETRY) != 0;
    error->failover = (flags & FAILOVER) != 0;
    error->breaker = (flags & BREAKER) != 0;
    error->rotate_key = (flags & ROTATE) != 0;
}

/* The first character, in as many bytes; a space for what must not stand in
 * one line, '?' for what is no UTF-8. */
static size_t clean_char(llmgw_str rest, char *out)
{
    unsigned char first = (unsigned char)rest.data[0];
    size_t len = 1;

    if (first >= 0xf0)
        len = 4;
    else if (first >= 0xe0)
        len = 3;
    else if (first >= 0xc0)
        len = 2;
    if ((first < 0x20 && first != '\n') || first == 0x7f) {
        out[0] = ' ';
        return 1;
    }
    if (len > rest.len ||
        llmgw__utf8_valid(llmgw__str_n(rest.data, len)) < len) {
        out[0] = '?';
        return 1;
    }
    memcpy(out, rest.data, len);
    return len;
}

/* "" is null */
static void render_text(struct llmgw__jsonw *w, const char *key,
                        const char *text)
{
    if (text[0]) {
        llmgw__jsonw_member_z(w, key, text);
        return;
    }
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_null(w);
}
