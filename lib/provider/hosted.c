/*
 * provider/hosted.c - tools that a service runs itself go out as the host wrote
 * them; but of their types it can be told whose they are, and a service
 * refuses those of another.
 *
 * Source: type unions of the vendors' SDKs, 2026-11. Memory: none.
 */
#include "hosted.h"

#include <string.h>

static struct llmgw__jstr type_of(const struct llmgw__chat *chat,
                                  const struct llmgw__tool *tool)
{
    return llmgw__jdoc_get_string(&chat->doc, tool->node, "type");
}

bool llmgw__hosted_is_dated(const struct llmgw__chat *chat,
                            const struct llmgw__tool *tool)
{
    struct llmgw__jstr type = type_of(chat, tool);
    const size_t day = sizeof "_20250305" - 1;

    if (type.len <= day || type.data[type.len - day] != '_')
        return false;
    for (size_t i = type.len - day + 1; i < type.len; i++)
        if (type.data[i] < '0' || type.data[i] > '9')
            return false;
    return true;
}

bool llmgw__hosted_is(const struct llmgw__chat *chat,
                      const struct llmgw__tool *tool, const char *type)
{
    return llmgw__jstr_is(type_of(chat, tool), type);
}

bool llmgw__hosted_is_prefixed(const struct llmgw__chat *chat,
                               const struct llmgw__tool *tool)
{
    struct llmgw__jstr type = type_of(chat, tool);

    return type.len > 0 && memchr(type.data, ':', type.len);
}
