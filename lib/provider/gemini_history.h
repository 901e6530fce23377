/*
 * provider/gemini_history.h - what an assistant's message has that goes back
 * on the gemini wire.
 */
#ifndef LLMGW_PROVIDER_GEMINI_HISTORY_H
#define LLMGW_PROVIDER_GEMINI_HISTORY_H

#include "gemini.h"

/** Is there anything in an assistant's message that can be sent? */
bool llmgw__gemini_says(const struct llmgw__gemini_encode *e,
                        const struct llmgw__message *message);
/** An image of an assistant's message, as llmgw__gemini_image() finds it. */
void llmgw__gemini_sent_image(struct llmgw__gemini_encode *e, size_t i,
                              uint32_t image);
/** The next image of a message, JNONE: none; before: JNONE, or the last. */
uint32_t llmgw__gemini_image(const struct llmgw__gemini_encode *e,
                             const struct llmgw__message *message,
                             uint32_t before);
/** The parts of an answer of this dialect that OpenAI's members cannot hold;
 *  JNONE: none. */
uint32_t llmgw__gemini_replay(const struct llmgw__gemini_encode *e,
                              const struct llmgw__message *message);
/** Is there an answer to that call among them? */
bool llmgw__gemini_replay_answers(const struct llmgw__gemini_encode *e,
                                  const struct llmgw__message *message,
                                  const struct llmgw__tool_call *call);
/** Is the id of that call sent, so that its answer has to say it? */
bool llmgw__gemini_call_by_id(const struct llmgw__gemini_encode *e,
                              const struct llmgw__message *message,
                              const struct llmgw__tool_call *call);

#endif
