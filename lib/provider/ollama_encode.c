/*
 * provider/ollama_encode.c - chat -> a request of Ollama's native chat.
 *
 * There is no tool_choice: of a named tool only that one is offered. How much
 * of a prompt is read is the provider's setting num_ctx: what is longer is cut
 * without a word.
 *
 * Source: ollama/ollama, api/types.go and docs/api.md, 2026-08.
 * Memory: the body; large slices of the request are referred to.
 */
#include <string.h>

#include "ollama.h"

static void check_choice(struct llmgw__encoding *e);
static void write_tools(struct llmgw__encoding *e);
static void write_tool(struct llmgw__encoding *e,
                       const struct llmgw__tool *tool);
static void write_format(struct llmgw__encoding *e);
static void write_thinking(struct llmgw__encoding *e);
static void write_logprobs(struct llmgw__encoding *e);

static const char *const owned[] = {"model", "messages", "stream", "tools",
                                    NULL};
static const char *const aside[] = {"options", NULL};

llmgw_status llmgw__ollama_encode(struct llmgw__encode *encode)
{
    struct llmgw__encoding e = {.owned = owned, .aside = aside};

    llmgw__encoding_start(&e, encode, "llmgw.ollama");
    llmgw__encoding_check(&e);
    check_choice(&e);
    llmgw__jsonw_member_z(&e.w, "model", encode->target->model);
    if (e.status == LLMGW_OK) {
        llmgw__ollama_messages(&e);
        llmgw__jsonw_member_bool(&e.w, "stream", encode->stream);
        write_tools(&e);
        write_format(&e);
        write_thinking(&e);
        write_logprobs(&e);
        llmgw__ollama_options(&e);
        llmgw__encoding_given(&e);
    }
    return llmgw__encoding_finish(&e, "/api/chat", "/v1");
}

/* --- tools --- */

static void check_choice(struct llmgw__encoding *e)
{
    const struct llmgw__chat *chat = e->chat;
    bool forced =
        chat->choice == LLMGW__CHOICE_REQUIRED ||
        chat->choice == LLMGW__CHOICE_NAMED ||
        (chat->choice == LLMGW__CHOICE_ALLOWED && chat->choice_required);

    llmgw__encoding_check_tools(e, false);
    if (forced && chat->tool_count > 0)
        llmgw__encoding_adjust(e, "tool_choice", "approximated",
                               "forced_tool_use_unsupported");
}

static void write_tools(struct llmgw__encoding *e)
{
    const struct llmgw__chat *chat = e->chat;

    if (chat->choice == LLMGW__CHOICE_NONE || !llmgw__encoding_offers_any(chat))
        return;
    llmgw__jsonw_member_open(&e->w, "tools", '[');
    for (size_t i = 0; i < chat->tool_count; i++)
        if (llmgw__encoding_offers(chat, &chat->tools[i]))
            write_tool(e, &chat->tools[i]);
    llmgw__jsonw_close(&e->w, ']');
}

static void write_tool(struct llmgw__encoding *e,
                       const struct llmgw__tool *tool)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", "function");
    llmgw__jsonw_member_open(&e->w, "function", '{');
    llmgw__jsonw_member_jstr(&e->w, "name", tool->name);
    if (tool->description.data)
        llmgw__jsonw_member_jstr(&e->w, "description", tool->description);
    llmgw__encoding_parameters(e, tool);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
}

/* --- the rest --- */

static void write_format(struct llmgw__encoding *e)
{
    const struct llmgw__chat *chat = e->chat;

    if (chat->format < LLMGW__FORMAT_JSON_OBJECT ||
        !llmgw__encoding_key(e, "format"))
        return;
    if (chat->format == LLMGW__FORMAT_JSON_SCHEMA && chat->schema.len > 0)
        llmgw__jsonw_raw(&e->w, chat->schema);
    else
        llmgw__jsonw_z(&e->w, "json");
}

/* The server's own reading of efforts. One line of models knows none above
 * high, and cannot be kept from thinking. */
static void write_thinking(struct llmgw__encoding *e)
{
    static const struct {
        const char *level; /* NULL: false */
        bool near;         /* it has another name */
    } levels[] = {
        [LLMGW__EFFORT_NONE] = {NULL, false},
        [LLMGW__EFFORT_MINIMAL] = {"low", true},
        [LLMGW__EFFORT_LOW] = {"low", false},
        [LLMGW__EFFORT_MEDIUM] = {"medium", false},
        [LLMGW__EFFORT_HIGH] = {"high", false},
        [LLMGW__EFFORT_XHIGH] = {"max", true},
        [LLMGW__EFFORT_MAX] = {"max", false},
    };
    bool limited = llmgw__str_find(llmgw__str(e->io->target->model),
                                   LLMGW__LIT("gpt-oss")) != SIZE_MAX;
    unsigned effort = e->chat->effort;
    bool above = limited && effort > LLMGW__EFFORT_HIGH;
    bool plain = e->io->again & LLMGW__AGAIN_UNLEVELED; /* an old server */

    if (effort == LLMGW__EFFORT_UNSET || !llmgw__encoding_key(e, "think"))
        return;
    if (levels[effort].near || above || (plain && levels[effort].level))
        llmgw__encoding_adjust(e, "reasoning_effort", "approximated",
                               "effort_level");
    if (effort == LLMGW__EFFORT_NONE && limited)
        llmgw__encoding_adjust(e, "reasoning_effort", "approximated",
                               "thinking_cannot_be_disabled");
    if (levels[effort].level && !plain)
        llmgw__jsonw_z(&e->w, above ? "high" : levels[effort].level);
    else
        llmgw__jsonw_bool(&e->w, levels[effort].level != NULL);
}

static void write_logprobs(struct llmgw__encoding *e)
{
    if (e->chat->logprobs != 1)
        return;
    if (llmgw__encoding_key(e, "logprobs"))
        llmgw__jsonw_bool(&e->w, true);
    if (e->chat->top_logprobs.set && llmgw__encoding_key(e, "top_logprobs"))
        llmgw__jsonw_raw(&e->w, e->chat->top_logprobs.text);
}
