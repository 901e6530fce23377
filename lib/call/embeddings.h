/*
 * call/embeddings.h - what an embeddings call keeps beside what all calls do.
 */
#ifndef LLMGW_CALL_EMBEDDINGS_H
#define LLMGW_CALL_EMBEDDINGS_H

#include <stdbool.h>

#include <llmgw/embedding.h>

#include "call_state.h"
#include "provider/endpoints.h"

/** The public object; in the call's arena. */
struct llmgw_embeddings {
    struct llmgw_call *call;
    struct llmgw__embed request;
    struct llmgw__vectors vectors;
    llmgw_str model; /* who answered, as told; in the call's arena */
    struct llmgw__usage usage;
    bool has_usage;
    bool whole;             /* all vectors have come */
    struct llmgw__buf json; /* once it was asked for */
};

#endif
