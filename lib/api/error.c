/*
 * api/error.c - read an error.
 */
#include <llmgw/error.h>

#include "base/alloc.h"
#include "call/attempt.h"
#include "call/call.h"

/** A fixed field as text; empty: NULL. */
static const char *or_null(const char *field)
{
    return *field ? field : NULL;
}

llmgw_error_kind llmgw_error_get_kind(const llmgw_error *error)
{
    return error ? error->error.kind : LLMGW_KIND_NONE;
}

const char *llmgw_error_kind_name(llmgw_error_kind kind)
{
    const char *name = llmgw__error_kind_name(kind);

    return name ? name : "none";
}

const char *llmgw_error_message(const llmgw_error *error)
{
    return error ? error->error.message : "";
}

const char *llmgw_error_type(const llmgw_error *error)
{
    return error ? llmgw__error_type(error->error.kind) : "";
}

const char *llmgw_error_code(const llmgw_error *error)
{
    return error ? error->error.code : "";
}

const char *llmgw_error_param(const llmgw_error *error)
{
    return error ? or_null(error->error.param) : NULL;
}

int32_t llmgw_error_http_status(const llmgw_error *error)
{
    return error ? error->error.http_status : 0;
}

int32_t llmgw_error_upstream_status(const llmgw_error *error)
{
    return error ? error->error.upstream_status : 0;
}

llmgw_limit llmgw_error_get_limit(const llmgw_error *error)
{
    return error ? error->error.limit : LLMGW_LIMIT_NONE;
}

int32_t llmgw_error_retryable(const llmgw_error *error)
{
    return error && error->error.retryable;
}

int64_t llmgw_error_retry_after_ms(const llmgw_error *error)
{
    return error ? error->error.retry_after_ms : -1;
}

int32_t llmgw_error_partial_output(const llmgw_error *error)
{
    return error && error->error.partial_output;
}

const char *llmgw_error_provider(const llmgw_error *error)
{
    return error ? or_null(error->error.provider) : NULL;
}

const char *llmgw_error_target(const llmgw_error *error)
{
    return error ? or_null(error->error.target) : NULL;
}

const char *llmgw_error_request_id(const llmgw_error *error)
{
    return error ? or_null(error->error.request_id) : NULL;
}

llmgw_str llmgw_error_body(const llmgw_error *error)
{
    return error ? error->error.body : llmgw__str("");
}

/** With the report of the call that it has ended. */
static llmgw_status render(llmgw_error *error)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__buf report;
    struct llmgw__jsonw w;

    llmgw__buf_init(&report, 0);
    if (error->call)
        status = llmgw__call_report(error->call, &report);
    if (status == LLMGW_OK) {
        llmgw__buf_reset(&error->json);
        llmgw__jsonw_init(&w, &error->json);
        llmgw__error_render(&error->error, llmgw__buf_str(&report), &w);
        status = error->json.status;
    }
    llmgw__buf_clear(&report);
    return status;
}

llmgw_status llmgw_error_json(llmgw_error *error, llmgw_str *out)
{
    llmgw_status status = LLMGW_OK;

    if (!error || !out)
        return LLMGW_E_INVALID;
    if (error->constant)
        return LLMGW_E_NOMEM;
    if (!error->json.len || error->json.status != LLMGW_OK)
        status = render(error);
    if (status == LLMGW_OK)
        *out = llmgw__buf_str(&error->json);
    return status;
}

void llmgw_error_free(llmgw_error *error)
{
    if (!error || !error->owned)
        return;
    llmgw__buf_clear(&error->json);
    llmgw__free(error);
}
