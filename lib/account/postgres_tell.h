/*
 * account/postgres_tell.h - what a server has answered.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_TELL_H
#define LLMGW_ACCOUNT_POSTGRES_TELL_H

#include <llmgw/sys/store.h>

#include "postgres_api.h"

/** The rows of a READ, SUMS or HEAR. @retval LLMGW_E_SYSTEM  one is damaged */
llmgw_status llmgw__postgres_tell(const struct llmgw__postgres_api *api,
                                  llmgw_store_op *op, const PGresult *result);
/** A whole number. */
int64_t llmgw__postgres_number(const struct llmgw__postgres_api *api,
                               const PGresult *result, int row, int column);

#endif
