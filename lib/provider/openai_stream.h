/*
 * provider/openai_stream.h - models that answer in a stream only.
 */
#ifndef LLMGW_PROVIDER_OPENAI_STREAM_H
#define LLMGW_PROVIDER_OPENAI_STREAM_H

#include <stdbool.h>

#include "catalog/catalog.h"
#include "schema/chat.h"

/** The dialect's streams. */
bool llmgw__openai_streams(const struct llmgw__chat *chat,
                           const struct llmgw__target *target);

#endif
