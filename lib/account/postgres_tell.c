/*
 * account/postgres_tell.c - what a server has answered, row by row, to who has
 * asked.
 *
 * Memory: one entry at a time.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "postgres_tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "entry.h"

struct told {
    llmgw_store_op *op;
    const PGresult *result;
};

int64_t llmgw__postgres_number(const struct llmgw__postgres_api *api,
                               const PGresult *result, int row, int column)
{
    return strtoll(api->value(result, row, column), NULL, 10);
}

static llmgw_str text_at(const struct llmgw__postgres_api *api,
                         const PGresult *result, int row, int column)
{
    return llmgw__str_n(api->value(result, row, column),
                        (size_t)api->length(result, row, column));
}

static llmgw_status tell_line(const struct llmgw__postgres_api *api,
                              const struct told *told, int row, bool *more)
{
    struct llmgw_entry *entry;
    llmgw_status status =
        llmgw__entry_parse(text_at(api, told->result, row, 0), &entry);

    if (status != LLMGW_OK)
        return status == LLMGW_E_INVALID ? LLMGW_E_SYSTEM : status;
    *more = llmgw_store_op_row(told->op, entry) == 0;
    llmgw__entry_free(entry);
    return LLMGW_OK;
}

static bool tell_sum(const struct llmgw__postgres_api *api,
                     const struct told *told, int row)
{
    const PGresult *r = told->result;
    llmgw_store_sum sum = {
        .day_ns = llmgw__postgres_number(api, r, row, 0),
        .provider = text_at(api, r, row, 1),
        .model = text_at(api, r, row, 2),
        .route = text_at(api, r, row, 3),
        .tags = text_at(api, r, row, 4),
        .key = text_at(api, r, row, 5),
        .state = (int32_t)llmgw__postgres_number(api, r, row, 6),
        .entries = (uint64_t)llmgw__postgres_number(api, r, row, 7),
        .unpriced = (uint64_t)llmgw__postgres_number(api, r, row, 8),
        .estimated = (uint64_t)llmgw__postgres_number(api, r, row, 9),
        .prompt_tokens = llmgw__postgres_number(api, r, row, 10),
        .completion_tokens = llmgw__postgres_number(api, r, row, 11),
        .billed = {llmgw__postgres_number(api, r, row, 12),
                   llmgw__postgres_number(api, r, row, 13)},
        .delivered = {llmgw__postgres_number(api, r, row, 14),
                      llmgw__postgres_number(api, r, row, 15)},
    };

    return llmgw_store_op_sum(told->op, &sum) == 0;
}

static bool tell_fact(const struct llmgw__postgres_api *api,
                      const struct told *told, int row)
{
    const llmgw_store_fact fact = {
        .key = text_at(api, told->result, row, 0),
        .value = text_at(api, told->result, row, 1),
        .stamp_ns = llmgw__postgres_number(api, told->result, row, 2),
        .until_ns = llmgw__postgres_number(api, told->result, row, 3),
    };

    return llmgw_store_op_hear(told->op, &fact) == 0;
}

llmgw_status llmgw__postgres_tell(const struct llmgw__postgres_api *api,
                                  llmgw_store_op *op, const PGresult *result)
{
    const struct told told = {op, result};
    int rows = api->rows(result);
    llmgw_status status = LLMGW_OK;
    bool more = true;

    for (int row = 0; row < rows && more && status == LLMGW_OK; row++) {
        switch (llmgw_store_op_get_kind(op)) {
        case LLMGW_STORE_READ:
            status = tell_line(api, &told, row, &more);
            break;
        case LLMGW_STORE_SUMS:
            more = tell_sum(api, &told, row);
            break;
        default:
            more = tell_fact(api, &told, row);
            break;
        }
    }
    return status;
}

llmgw_status llmgw__postgres_take_lease(const struct llmgw__postgres_api *api,
                                        const PGresult *result,
                                        llmgw_store_lease *lease)
{
    if (api->rows(result) != 1)
        return LLMGW_E_SYSTEM;
    lease->granted = llmgw__postgres_number(api, result, 0, 0);
    lease->committed = llmgw__postgres_number(api, result, 0, 1);
    lease->oldest_s = llmgw__postgres_number(api, result, 0, 2);
    lease->lapsed = llmgw__postgres_number(api, result, 0, 3) != 0;
    return LLMGW_OK;
}

llmgw_status llmgw__postgres_status(const struct llmgw__postgres_api *api,
                                    const PGresult *result)
{
    ExecStatusType status = api->result_status(result);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK
               ? LLMGW_OK
               : LLMGW_E_SYSTEM;
}

bool llmgw__postgres_is_outage(const struct llmgw__postgres_api *api,
                               const PGresult *result)
{
    const char *code = api->result_field(result, PG_DIAG_SQLSTATE);

    return code && (!strncmp(code, "57", 2) || !strncmp(code, "53", 2) ||
                    !strcmp(code, "25006"));
}

#endif
