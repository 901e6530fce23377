/*
 * provider/fit.h - a chat in the form that the target's model takes, as far as
 * the manifest knows the model.
 */
#ifndef LLMGW_PROVIDER_FIT_H
#define LLMGW_PROVIDER_FIT_H

#include "coding.h"

/**
 * Before a dialect encodes: encode->chat (and the memo's) becomes a copy where
 * the model takes less of it. What changes is reported.
 *
 * @retval LLMGW_E_INVALID  strict: nothing may change; error is filled
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__fit_chat(struct llmgw__encode *encode);

#endif
