/*
 * account/postgres_api.c - the functions of libpq that are used, loaded when a
 * server is asked for.
 *
 * Source: PostgreSQL's documentation, "libpq - C Library", of version 14 and
 * newer (pipelines). Memory: none.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "postgres_api.h"

#include <stddef.h>

#include "base/library.h"

#define SYMBOL(name, member)                                    \
    {                                                           \
        "PQ" name, offsetof(struct llmgw__postgres_api, member) \
    }

static const struct llmgw__library_symbol symbols[] = {
    SYMBOL("isthreadsafe", threadsafe),
    SYMBOL("conninfoParse", parse),
    SYMBOL("conninfoFree", free_options),
    SYMBOL("freemem", free_text),
    SYMBOL("connectStart", connect_start),
    SYMBOL("connectPoll", connect_poll),
    SYMBOL("finish", finish),
    SYMBOL("status", status),
    SYMBOL("socket", socket),
    SYMBOL("setnonblocking", set_nonblocking),
    SYMBOL("sendQuery", send_query),
    SYMBOL("sendQueryParams", send_params),
    SYMBOL("enterPipelineMode", enter_pipeline),
    SYMBOL("pipelineSync", pipeline_sync),
    SYMBOL("flush", flush),
    SYMBOL("consumeInput", consume),
    SYMBOL("isBusy", is_busy),
    SYMBOL("getResult", get_result),
    SYMBOL("resultStatus", result_status),
    SYMBOL("resultErrorField", result_field),
    SYMBOL("clear", clear),
    SYMBOL("ntuples", rows),
    SYMBOL("getvalue", value),
    SYMBOL("getlength", length),
    SYMBOL("getisnull", is_null),
    {NULL, 0},
};

static const char *const names[] = {
#if defined(_WIN32)
    "libpq.dll",
#elif defined(__APPLE__)
    "libpq.5.dylib", "libpq.dylib",
#endif
    "libpq.so.5", "libpq.so", NULL};

llmgw_status llmgw__postgres_load(struct llmgw__postgres_api *api,
                                  const char **missing)
{
    api->library = llmgw__library_open(names, symbols, api, missing);
    if (!api->library)
        return LLMGW_E_UNSUPPORTED;
    if (api->threadsafe())
        return LLMGW_OK;
    *missing = "a libpq that is built for threads";
    llmgw__postgres_unload(api);
    return LLMGW_E_UNSUPPORTED;
}

void llmgw__postgres_unload(struct llmgw__postgres_api *api)
{
    llmgw__library_close(api->library);
    api->library = NULL;
}

#endif
