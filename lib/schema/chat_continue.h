/*
 * schema/chat_continue.h - a request that asks for the rest of an answer.
 */
#ifndef LLMGW_SCHEMA_CHAT_CONTINUE_H
#define LLMGW_SCHEMA_CHAT_CONTINUE_H

#include "chat.h"

/**
 * The same request with what was answered so far as the assistant's last turn
 * and, by instruction, a user's turn that asks to go on exactly there. Refers
 * to the other one, and is not cleared.
 *
 * @param text         not empty; copied (JSON-escaped) into the arena
 * @param instruction  false: the last turn is to be gone on with (prefill)
 * @retval LLMGW_E_NOMEM  no memory
 */
llmgw_status llmgw__chat_continued(const struct llmgw__chat *chat,
                                   llmgw_str text, bool instruction,
                                   struct llmgw__arena *arena,
                                   struct llmgw__chat *out);

#endif
