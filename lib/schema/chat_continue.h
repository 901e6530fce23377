/*
 * schema/chat_continue.h - a request that asks for the rest of an answer.
 */
#ifndef LLMGW_SCHEMA_CHAT_CONTINUE_H
#define LLMGW_SCHEMA_CHAT_CONTINUE_H

#include "chat.h"

/** So many bytes that are said again from the start are no chance. */
#define LLMGW__SAID_AGAIN_MIN 4

/** Bytes of white space at the end of a text. */
size_t llmgw__blank_end(llmgw_str text);
/** Is its last turn an assistant's, the beginning of the answer? */
bool llmgw__chat_begun(const struct llmgw__chat *chat);
/** Can its last turn take more text: is it no assistant's, or a plain one? */
bool llmgw__chat_continuable(const struct llmgw__chat *chat);
/**
 * The same request with what was answered so far as the assistant's last turn
 * and, by instruction, a user's turn that asks to go on exactly there. Refers
 * to the other one, and is not cleared. An assistant's turn that the request
 * ends with is the beginning of that last turn.
 *
 * @param text         not empty; copied (JSON-escaped) into the arena
 *                     (prefill: without the white space at its end, which
 *                     some wires refuse, and others cut)
 * @param instruction  false: the last turn is to be gone on with (prefill)
 * @retval LLMGW_E_NOMEM  no memory
 */
llmgw_status llmgw__chat_continued(const struct llmgw__chat *chat,
                                   llmgw_str text, bool instruction,
                                   struct llmgw__arena *arena,
                                   struct llmgw__chat *out);

#endif
