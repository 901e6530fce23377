/*
 * provider/gemini_target.h - where a request of the gemini dialect goes.
 */
#ifndef LLMGW_PROVIDER_GEMINI_TARGET_H
#define LLMGW_PROVIDER_GEMINI_TARGET_H

#include "gemini.h"

/** Who is asked and what it is; an empty body. */
void llmgw__gemini_begin(struct llmgw__gemini_encode *e,
                         struct llmgw__encode *encode,
                         const struct llmgw__gemini_surface *surface);
/** Close the body, write URL and head; verb is ":generateContent". */
llmgw_status llmgw__gemini_finish(struct llmgw__gemini_encode *e,
                                  const char *verb);
/** The base URL without its version. */
void llmgw__gemini_add_base(struct llmgw__buf *url,
                            const struct llmgw__target *target);

#endif
