/*
 * provider/hosted.h - tools that a service runs itself: whose is one?
 */
#ifndef LLMGW_PROVIDER_HOSTED_H
#define LLMGW_PROVIDER_HOSTED_H

#include <stdbool.h>

#include "schema/chat.h"

/** Does the tool's type end in a day, as in web_search_20250305? */
bool llmgw__hosted_is_dated(const struct llmgw__chat *chat,
                            const struct llmgw__tool *tool);
/** Is its type this one? */
bool llmgw__hosted_is(const struct llmgw__chat *chat,
                      const struct llmgw__tool *tool, const char *type);
/** Has its type a vendor in front, as in openrouter:web_search? */
bool llmgw__hosted_is_prefixed(const struct llmgw__chat *chat,
                               const struct llmgw__tool *tool);

#endif
