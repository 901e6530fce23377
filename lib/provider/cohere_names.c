/*
 * provider/cohere_names.c - names of tools: a letter or an underscore first,
 * then digits too. What else is in them becomes an underscore, and a number
 * follows where two would be the same.
 *
 * Source: Cohere's API reference, "Tool". Memory: the arena given.
 */
#include <stdio.h>
#include <string.h>

#include "cohere.h"

#define LONGEST ((size_t)1024) /* more are cut; no service takes such names */

static llmgw_status settle(const struct llmgw__chat *chat,
                           struct llmgw__arena *arena, llmgw_str *names,
                           size_t at);
static bool is_taken(const llmgw_str *names, size_t count, size_t but,
                     llmgw_str name);

static bool is_fine_at(llmgw_str name, size_t i)
{
    char c = name.data[i];

    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (i > 0 && c >= '0' && c <= '9');
}

static bool is_fine(llmgw_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_fine_at(name, i))
            return false;
    return name.len > 0 && name.len <= LONGEST;
}

llmgw_status llmgw__cohere_names(const struct llmgw__chat *chat,
                                 struct llmgw__arena *arena, llmgw_str **names)
{
    llmgw_str *list =
        llmgw__arena_array(arena, chat->tool_count + 1, sizeof *list);
    llmgw_status status = LLMGW_OK;
    bool fine = true;

    *names = NULL;
    if (!list)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < chat->tool_count && status == LLMGW_OK; i++) {
        status = llmgw__jstr_text(chat->tools[i].name, arena, &list[i]);
        fine = fine && is_fine(list[i]);
    }
    if (status != LLMGW_OK || fine)
        return status;
    for (size_t i = 0; i < chat->tool_count && status == LLMGW_OK; i++)
        if (!is_fine(list[i]))
            status = settle(chat, arena, list, i);
    *names = list;
    return status;
}

/* Names that may stay are in the list already, so none is taken from them. */
static llmgw_status settle(const struct llmgw__chat *chat,
                           struct llmgw__arena *arena, llmgw_str *names,
                           size_t at)
{
    llmgw_str name;
    size_t stem;
    char *text;
    llmgw_status status = llmgw__cohere_name(names[at], arena, &name);

    if (status != LLMGW_OK)
        return status;
    names[at] = name;
    if (!is_taken(names, chat->tool_count, at, name))
        return LLMGW_OK;
    text = llmgw__arena_alloc(arena, name.len + 24);
    if (!text)
        return LLMGW_E_NOMEM;
    memcpy(text, name.data, name.len);
    stem = name.len;
    for (unsigned number = 2; is_taken(names, chat->tool_count, at, names[at]);
         number++) {
        int len = snprintf(text + stem, 24, "_%u", number);

        names[at] = llmgw__str_n(text, stem + (size_t)len);
    }
    return LLMGW_OK;
}

static bool is_taken(const llmgw_str *names, size_t count, size_t but,
                     llmgw_str name)
{
    for (size_t i = 0; i < count; i++)
        if (i != but && llmgw__str_eq(names[i], name))
            return true;
    return false;
}

llmgw_status llmgw__cohere_name(llmgw_str name, struct llmgw__arena *arena,
                                llmgw_str *out)
{
    size_t from = name.len > 0 && name.data[0] >= '0' && name.data[0] <= '9';
    size_t len = name.len < LONGEST ? name.len : LONGEST;
    char *text;

    *out = name;
    if (is_fine(name))
        return LLMGW_OK;
    text = llmgw__arena_alloc(arena, len + from + 1);
    if (!text)
        return LLMGW_E_NOMEM;
    text[0] = '_'; /* before a digit, or for no name at all */
    memcpy(text + from, name.data, len);
    for (size_t i = 0; i < len; i++)
        if (!is_fine_at(name, i) && !(i == 0 && from))
            text[i + from] = '_';
    *out = llmgw__str_n(text, len + from ? len + from : 1);
    return LLMGW_OK;
}
