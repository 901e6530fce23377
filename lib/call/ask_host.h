/*
 * call/ask_host.h - ask the host for a provider's credential.
 */
#ifndef LLMGW_CALL_ASK_HOST_H
#define LLMGW_CALL_ASK_HOST_H

#include "driver.h"

/**
 * On this thread, with no lock held.
 *
 * @param[out] out         one reference; NULL: it has none
 * @param error            filled on E_INVALID
 * @retval LLMGW_E_INVALID it refuses
 * @retval LLMGW_E_NOMEM   no memory
 */
llmgw_status llmgw__ask_host(const struct llmgw__core *core,
                             const struct llmgw__provider *provider,
                             struct llmgw__credential **out,
                             struct llmgw__error *error);

#endif
