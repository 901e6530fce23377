/*
 * account/postgres_tell.h - what a server has answered.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_TELL_H
#define LLMGW_ACCOUNT_POSTGRES_TELL_H

#include <stdbool.h>

#include <llmgw/sys/store.h>

#include "postgres_api.h"

/** The rows of a READ, SUMS or HEAR. @retval LLMGW_E_SYSTEM  one is damaged */
llmgw_status llmgw__postgres_tell(const struct llmgw__postgres_api *api,
                                  llmgw_store_op *op, const PGresult *result);
/** A whole number. */
int64_t llmgw__postgres_number(const struct llmgw__postgres_api *api,
                               const PGresult *result, int row, int column);

/** @retval LLMGW_E_SYSTEM  the statement failed */
llmgw_status llmgw__postgres_status(const struct llmgw__postgres_api *api,
                                    const PGresult *result);
/** A server that goes down, or has no room, says so in an answer: its classes
 *  57 and 53, and 25006 of one that only reads. */
bool llmgw__postgres_is_outage(const struct llmgw__postgres_api *api,
                               const PGresult *result);
/** The answer of a LEASE. @retval LLMGW_E_SYSTEM  it is none */
llmgw_status llmgw__postgres_take_lease(const struct llmgw__postgres_api *api,
                                        const PGresult *result,
                                        llmgw_store_lease *lease);

#endif
