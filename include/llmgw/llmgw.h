/*
 * llmgw/llmgw.h - all of libllmgw's public API.
 *
 * SPDX-License-Identifier: MIT
 *
 * A tour in twenty lines: ask, print what streams in, see who answered.
 *
 *     static int32_t print(const llmgw_chunk *chunk, void *userdata)
 *     {
 *         llmgw_str text = llmgw_chunk_text(chunk);
 *         (void)userdata;
 *         if (text.len)
 *             fwrite(text.data, 1, text.len, stdout);
 *         return 0;
 *     }
 *
 *     llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
 *     llmgw_gateway_open(NULL, &gateway, NULL);   // keys from environment
 *     llmgw_request_create("openai/gpt-4.1-mini", &request);
 *     llmgw_request_add_text(request, "user", question);
 *     options.on_chunk = print;
 *     llmgw_chat(gateway, request, &options, &call);
 *     if (llmgw_call_end(call) == LLMGW_END_ERROR)
 *         puts(llmgw_error_message(llmgw_call_error(call)));
 *     llmgw_call_free(call);
 *     llmgw_request_free(request);
 *     llmgw_gateway_close(gateway);
 */
#ifndef LLMGW_H
#define LLMGW_H

#include <llmgw/base.h>
#include <llmgw/budget.h>
#include <llmgw/chat.h>
#include <llmgw/chunk.h>
#include <llmgw/config.h>
#include <llmgw/credential.h>
#include <llmgw/embedding.h>
#include <llmgw/error.h>
#include <llmgw/estimate.h>
#include <llmgw/failover.h>
#include <llmgw/gateway.h>
#include <llmgw/health.h>
#include <llmgw/ledger.h>
#include <llmgw/loop.h>
#include <llmgw/manifest.h>
#include <llmgw/models.h>
#include <llmgw/request.h>
#include <llmgw/response.h>
#include <llmgw/sys/clock.h>
#include <llmgw/sys/store.h>
#include <llmgw/sys/transport.h>

#endif
