/*
 * provider/openai_instead.c - which of a service's two endpoints a request
 * goes to: chat completions, or the Responses API.
 *
 * OpenAI itself refuses some models, and function tools beside reasoning, in
 * chat completions (the table of families says which), and has no such thing
 * there as hosted tools, a search by every model, images in a tool's result or
 * summaries of the reasoning. The setting "api" of a
 * provider, "responses" or "chat", decides for all of its models.
 *
 * Source: OpenAI's documentation and live answers collected to 2026-10.
 * Memory: none.
 */
#include <string.h>

#include "openai_encode.h"

static bool is_refused(const struct llmgw__chat *chat,
                       const struct llmgw__provider_row *row, llmgw_str model);
static bool asks_for_more(const struct llmgw__chat *chat,
                          const struct llmgw__openai_family *family,
                          llmgw_str model);
static bool thinks(const struct llmgw__chat *chat,
                   const struct llmgw__openai_family *family);

const struct llmgw__dialect *
llmgw__openai_instead(const struct llmgw__chat *chat,
                      const struct llmgw__target *target)
{
    const struct llmgw__provider_row *row = target->provider->row;
    const char *api = llmgw__provider_setting(target->provider, "api");

    if (api && strcmp(api, "responses") == 0)
        return &llmgw__dialect_responses;
    if (api && strcmp(api, "chat") == 0)
        return NULL;
    if (!row || !row->openai || !(row->quirks & LLMGW__QUIRK_FULL_OPENAI) ||
        !is_refused(chat, row, llmgw__str(target->model)))
        return NULL;
    return &llmgw__dialect_responses;
}

/* "api" is the only setting. */
const char *llmgw__openai_refuse_setting(const char *name, const char *value)
{
    (void)name;
    return strcmp(value, "chat") == 0 || strcmp(value, "responses") == 0
               ? NULL
               : "must be chat or responses";
}

/* Would chat completions refuse it, or take less than was asked for? */
static bool is_refused(const struct llmgw__chat *chat,
                       const struct llmgw__provider_row *row, llmgw_str model)
{
    const struct llmgw__openai_family *family =
        llmgw__openai_family_of(row->openai, model);

    if (family->responses && chat->effort != LLMGW__EFFORT_UNSET &&
        strcmp(family->responses->level[chat->effort],
               family->effort->level[chat->effort]) != 0)
        return true;
    if (asks_for_more(chat, family, model))
        return true;
    switch ((enum llmgw__openai_tools)family->tools) {
    case LLMGW__TOOLS_TAKEN:
        return false;
    case LLMGW__TOOLS_UNLESS_THINKING:
        return chat->tool_count > 0 && thinks(chat, family);
    case LLMGW__TOOLS_REFUSED:
        return chat->tool_count > 0;
    case LLMGW__TOOLS_NO_CHAT:
        return true;
    }
    return false;
}

/* A result of a tool is text there. */
static bool has_rich_result(const struct llmgw__chat *chat)
{
    for (size_t i = 0; i < chat->message_count; i++) {
        const struct llmgw__message *message = &chat->messages[i];

        if (message->role != LLMGW__ROLE_TOOL || message->plain)
            continue;
        for (size_t p = 0; p < message->part_count; p++)
            if (message->parts[p].type != LLMGW__PART_TEXT)
                return true;
    }
    return false;
}

static bool asks_for_more(const struct llmgw__chat *chat,
                          const struct llmgw__openai_family *family,
                          llmgw_str model)
{
    uint32_t reasoning = llmgw__chat_member(chat, "reasoning");

    for (size_t i = 0; i < chat->tool_count; i++)
        if (chat->tools[i].type == LLMGW__TOOL_OTHER &&
            !chat->tools[i].name.data)
            return true;
    if (family->prefix[0] && !llmgw__openai_searches(model) &&
        llmgw__chat_member(chat, "web_search_options") != LLMGW__JNONE)
        return true;
    return llmgw__jdoc_type(
               &chat->doc, llmgw__jdoc_get(&chat->doc, reasoning, "summary")) ==
               LLMGW__JSON_STRING ||
           has_rich_result(chat);
}

static bool thinks(const struct llmgw__chat *chat,
                   const struct llmgw__openai_family *family)
{
    const char *level = family->effort->level[chat->effort];

    return level ? strcmp(level, "none") != 0 : family->thinks;
}
