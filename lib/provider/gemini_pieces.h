/*
 * provider/gemini_pieces.h - tool arguments that come leaf by leaf.
 */
#ifndef LLMGW_PROVIDER_GEMINI_PIECES_H
#define LLMGW_PROVIDER_GEMINI_PIECES_H

#include "gemini_reading.h"

/** A call of that index is open; one that was open before is ended. */
llmgw_status llmgw__gemini_pieces_start(const struct llmgw__decode *decode,
                                        struct llmgw__gemini_choice *choice,
                                        uint32_t index);
/** partialArgs, raw. What cannot be put in order is noted in r->pieces. */
llmgw_status llmgw__gemini_pieces_add(struct llmgw__gemini_reading *r,
                                      struct llmgw__gemini_choice *choice,
                                      llmgw_str list);
/** Nothing more comes for the open call, if there is one. */
llmgw_status llmgw__gemini_pieces_end(const struct llmgw__decode *decode,
                                      struct llmgw__gemini_choice *choice);
void llmgw__gemini_pieces_clear(struct llmgw__gemini_choice *choice);

#endif
