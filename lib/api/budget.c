/*
 * api/budget.c - how budgets stand.
 *
 * Memory: while they are told, one row for each.
 */
#include <llmgw/budget.h>

#include "gateway.h"

llmgw_status llmgw_budgets_read(llmgw_gateway *gateway, llmgw_budget_info_fn fn,
                                void *userdata)
{
    if (!gateway || !fn)
        return LLMGW_E_INVALID;
    return llmgw__budgets_read(&gateway->core.budgets, fn, userdata);
}
