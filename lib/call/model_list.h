/*
 * call/model_list.h - a list of models, of a call or made without one.
 */
#ifndef LLMGW_CALL_MODEL_LIST_H
#define LLMGW_CALL_MODEL_LIST_H

#include <llmgw/models.h>

#include "call_state.h"
#include "schema/models.h"

/** The public object; of a call: in its arena. */
struct llmgw_model_list {
    struct llmgw_call *call; /* NULL: made without one, the host's to free */
    struct llmgw__catalog *catalog; /* a call's is its own */
    struct llmgw__model_list list;
    struct llmgw__buf json; /* once it was asked for */
};

#endif
