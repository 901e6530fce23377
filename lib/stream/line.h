/*
 * stream/line.h - a provider's JSON on one line, so that hosts can send what
 * we hand over as one line of an event stream.
 */
#ifndef LLMGW_STREAM_LINE_H
#define LLMGW_STREAM_LINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/** Is there a line end in it? */
bool llmgw__line_ends(llmgw_str json);
/**
 * Valid JSON without its line ends and the indentation behind them: these
 * stand between tokens, strings have none.
 *
 * @param[out] out  lives in the arena
 */
llmgw_status llmgw__line_join(llmgw_str json, struct llmgw__arena *arena,
                              llmgw_str *out);

#endif
