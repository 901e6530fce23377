/*
 * schema/chat_call.c - tool calls in the history, and the results they get.
 *
 * The deprecated function_call has no id; it is given one that depends on
 * nothing but its place, so that a growing history stays the same text.
 *
 * Source: OpenAI API, "Create chat completion", tool_calls.
 * Memory: one array of calls a message, and made-up ids, in the request's
 * arena.
 */
#include <stdio.h>

#include "base/text.h"
#include "chat.h"
#include "chat_parse.h"

static const char *const types[] = {"function", "custom", NULL};

static llmgw_status read_list(const struct llmgw__place *at,
                              struct llmgw__message *message);
static llmgw_status read_call(const struct llmgw__place *at,
                              struct llmgw__tool_call *call);
static llmgw_status read_function(const struct llmgw__place *at,
                                  const char *arguments,
                                  struct llmgw__tool_call *call);
static llmgw_status read_legacy(const struct llmgw__place *at, size_t index,
                                struct llmgw__message *message);
static llmgw_status make_id(struct llmgw__arena *arena, size_t index,
                            struct llmgw__jstr *out);

llmgw_status llmgw__chat_read_calls(const struct llmgw__place *message_at,
                                    struct llmgw__message *message)
{
    struct llmgw__place list = llmgw__place_member(message_at, "tool_calls");
    struct llmgw__place legacy =
        llmgw__place_member(message_at, "function_call");
    llmgw_status status = llmgw__place_check(&list, LLMGW__JSON_ARRAY, false);

    if (status == LLMGW_OK)
        status = llmgw__place_check(&legacy, LLMGW__JSON_OBJECT, false);
    if (status == LLMGW_OK && llmgw__place_given(&list))
        status = read_list(&list, message);
    if (status != LLMGW_OK || !llmgw__place_given(&legacy))
        return status;
    if (message->call_count > 0)
        return llmgw__place_refuse(&legacy, "must not stand beside tool_calls");
    return read_legacy(&legacy, message_at->index, message);
}

llmgw_status llmgw__chat_link_function(const struct llmgw__place *message_at,
                                       struct llmgw__message *message)
{
    const struct llmgw__chat *chat = message_at->in->chat;

    for (size_t i = message_at->index; i > 0; i--) {
        const struct llmgw__message *before = &chat->messages[i - 1];

        if (before->role == LLMGW__ROLE_ASSISTANT && before->legacy &&
            llmgw__jstr_compare(before->calls[0].name, message->name) == 0) {
            message->tool_call_id = before->calls[0].id;
            return LLMGW_OK;
        }
    }
    return llmgw__place_refuse(message_at, "answers no earlier function_call");
}

const struct llmgw__tool_call *
llmgw__chat_call_of(const struct llmgw__chat *chat, size_t message_index)
{
    struct llmgw__jstr id;

    if (message_index >= chat->message_count)
        return NULL;
    id = chat->messages[message_index].tool_call_id;
    if (!id.data)
        return NULL;
    for (size_t i = message_index; i > 0; i--) {
        const struct llmgw__message *before = &chat->messages[i - 1];

        for (size_t k = before->call_count; k > 0; k--)
            if (llmgw__jstr_compare(before->calls[k - 1].id, id) == 0)
                return &before->calls[k - 1];
    }
    return NULL;
}

static llmgw_status read_list(const struct llmgw__place *at,
                              struct llmgw__message *message)
{
    struct llmgw__chat *chat = at->in->chat;
    size_t count = llmgw__jdoc_count(&chat->doc, at->node);
    uint32_t node = llmgw__jdoc_first(&chat->doc, at->node);

    if (count == 0)
        return LLMGW_OK; /* some providers write an empty list for none */
    message->calls =
        llmgw__arena_array(chat->arena, count, sizeof *message->calls);
    if (!message->calls)
        return LLMGW_E_NOMEM;
    while (node != LLMGW__JNONE) {
        struct llmgw__place element =
            llmgw__place_element(at, message->call_count, node);
        llmgw_status status =
            read_call(&element, &message->calls[message->call_count]);

        if (status != LLMGW_OK)
            return status;
        message->call_count++;
        node = llmgw__jdoc_next(&chat->doc, at->node, node);
    }
    return LLMGW_OK;
}

static llmgw_status read_call(const struct llmgw__place *at,
                              struct llmgw__tool_call *call)
{
    struct llmgw__place id, type, extra, what;
    size_t which = 0; /* a call without a type is of a function */
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    id = llmgw__place_member(at, "id");
    type = llmgw__place_member(at, "type");
    extra = llmgw__place_member(at, "extra_content");
    status = llmgw__place_word(&id, &call->id);
    if (status == LLMGW_OK)
        status = llmgw__place_one_of(&type, types, "must be function or custom",
                                     &which);
    if (status == LLMGW_OK)
        status = llmgw__place_node(&extra, LLMGW__JSON_OBJECT, &call->extra);
    if (status != LLMGW_OK)
        return status;
    call->custom = which == 1;
    what = llmgw__place_member(at, types[which]);
    return read_function(&what, call->custom ? "input" : "arguments", call);
}

static llmgw_status read_function(const struct llmgw__place *at,
                                  const char *arguments,
                                  struct llmgw__tool_call *call)
{
    struct llmgw__place name, text;
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    name = llmgw__place_member(at, "name");
    text = llmgw__place_member(at, arguments);
    status = llmgw__place_word(&name, &call->name);
    return status == LLMGW_OK ? llmgw__place_text(&text, &call->arguments)
                              : status;
}

static llmgw_status read_legacy(const struct llmgw__place *at, size_t index,
                                struct llmgw__message *message)
{
    struct llmgw__arena *arena = at->in->chat->arena;
    struct llmgw__tool_call *call = llmgw__arena_zalloc(arena, sizeof *call);
    llmgw_status status;

    if (!call)
        return LLMGW_E_NOMEM;
    call->extra = LLMGW__JNONE;
    status = read_function(at, "arguments", call);
    if (status == LLMGW_OK)
        status = make_id(arena, index, &call->id);
    if (status != LLMGW_OK)
        return status;
    message->calls = call;
    message->call_count = 1;
    message->legacy = true;
    return LLMGW_OK;
}

static llmgw_status make_id(struct llmgw__arena *arena, size_t index,
                            struct llmgw__jstr *out)
{
    char text[40];
    llmgw_str id;
    llmgw_status status;

    (void)snprintf(text, sizeof text, "call_function_%zu", index);
    status = llmgw__arena_str(arena, llmgw__str(text), &id);
    if (status == LLMGW_OK)
        *out = llmgw__jstr(id, false);
    return status;
}
