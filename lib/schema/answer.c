/*
 * schema/answer.c - the one rendering of whole answers.
 *
 * Source: OpenAI API, "The chat completion object"; members in a fixed order.
 * Memory: none; views are written into the caller's buffer.
 */
#include "answer.h"

#include "base/text.h"

static void render_choice(const struct llmgw__answer_choice *choice,
                          size_t index, struct llmgw__jsonw *w);
static void render_content(const struct llmgw__answer_choice *choice,
                           struct llmgw__jsonw *w);
static void render_tools(const struct llmgw__answer_choice *choice,
                         struct llmgw__jsonw *w);
static void render_tool(const struct llmgw__answer_tool *tool,
                        struct llmgw__jsonw *w);
static void render_legacy(const struct llmgw__answer_tool *tool,
                          struct llmgw__jsonw *w);
static void render_logprobs(const struct llmgw__answer_choice *choice,
                            struct llmgw__jsonw *w);
static void render_list(const char *key, llmgw_str inside,
                        struct llmgw__jsonw *w);
static void render_finish(llmgw_finish_reason finish, struct llmgw__jsonw *w);

void llmgw__answer_render(const struct llmgw__answer *answer,
                          llmgw_str extension, struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '{');
    llmgw__identity_render(&answer->identity, "chat.completion", w);
    llmgw__jsonw_member_open(w, "choices", '[');
    for (size_t i = 0; i < answer->choice_count; i++)
        render_choice(&answer->choices[i], i, w);
    llmgw__jsonw_close(w, ']');
    if (answer->has_usage) {
        llmgw__jsonw_key(w, "usage");
        llmgw__usage_render(&answer->usage, w);
    }
    if (answer->identity.moderation.len)
        llmgw__jsonw_member_raw(w, "moderation", answer->identity.moderation);
    if (answer->identity.metadata.len)
        llmgw__jsonw_member_raw(w, "metadata", answer->identity.metadata);
    if (extension.len)
        llmgw__jsonw_member_raw(w, "llmgw", extension);
    llmgw__jsonw_close(w, '}');
}

void llmgw__answer_render_message(const struct llmgw__answer_choice *choice,
                                  struct llmgw__jsonw *w)
{
    bool legacy = choice->tool_count > 0 && choice->tools[0].legacy;

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "role", "assistant");
    llmgw__jsonw_key(w, "content");
    render_content(choice, w);
    llmgw__jsonw_key(w, "refusal");
    if (choice->has_refusal)
        llmgw__jsonw_str(w, choice->refusal);
    else
        llmgw__jsonw_null(w);
    if (choice->tool_count && !legacy)
        render_tools(choice, w);
    if (choice->extras_front.len)
        llmgw__jsonw_raw(w, choice->extras_front);
    if (choice->reasoning.len)
        llmgw__jsonw_member_str(w, "reasoning_content", choice->reasoning);
    if (choice->extras_back.len)
        llmgw__jsonw_raw(w, choice->extras_back);
    if (legacy)
        render_legacy(&choice->tools[0], w);
    llmgw__jsonw_close(w, '}');
}

static void render_choice(const struct llmgw__answer_choice *choice,
                          size_t index, struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_int(w, "index", (int64_t)index);
    llmgw__jsonw_key(w, "message");
    llmgw__answer_render_message(choice, w);
    llmgw__jsonw_key(w, "logprobs");
    render_logprobs(choice, w);
    llmgw__jsonw_key(w, "finish_reason");
    render_finish(choice->finish, w);
    llmgw__jsonw_close(w, '}');
}

/* No text is null where something else came in its place, "" elsewhere. */
static void render_content(const struct llmgw__answer_choice *choice,
                           struct llmgw__jsonw *w)
{
    bool instead = choice->tool_count > 0 || choice->has_refusal ||
                   choice->finish == LLMGW_FINISH_CONTENT_FILTER;

    if (choice->has_text || !instead)
        llmgw__jsonw_str(w, choice->text);
    else
        llmgw__jsonw_null(w);
}

static void render_tools(const struct llmgw__answer_choice *choice,
                         struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_open(w, "tool_calls", '[');
    for (size_t i = 0; i < choice->tool_count; i++)
        render_tool(&choice->tools[i], w);
    llmgw__jsonw_close(w, ']');
}

static void render_tool(const struct llmgw__answer_tool *tool,
                        struct llmgw__jsonw *w)
{
    const char *type = tool->custom ? "custom" : "function";

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_str(w, "id", tool->id);
    llmgw__jsonw_member_z(w, "type", type);
    llmgw__jsonw_member_open(w, type, '{');
    llmgw__jsonw_member_str(w, "name", tool->name);
    llmgw__jsonw_member_str(w, tool->custom ? "input" : "arguments",
                            tool->arguments);
    llmgw__jsonw_close(w, '}');
    if (tool->extra.len)
        llmgw__jsonw_member_raw(w, "extra_content", tool->extra);
    llmgw__jsonw_close(w, '}');
}

static void render_legacy(const struct llmgw__answer_tool *tool,
                          struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_open(w, "function_call", '{');
    llmgw__jsonw_member_str(w, "name", tool->name);
    llmgw__jsonw_member_str(w, "arguments", tool->arguments);
    llmgw__jsonw_close(w, '}');
}

static void render_logprobs(const struct llmgw__answer_choice *choice,
                            struct llmgw__jsonw *w)
{
    if (!choice->has_logprobs) {
        llmgw__jsonw_null(w);
        return;
    }
    llmgw__jsonw_open(w, '{');
    render_list("content", choice->logprobs_content, w);
    render_list("refusal", choice->logprobs_refusal, w);
    llmgw__jsonw_close(w, '}');
}

/* Nothing inside is null. */
static void render_list(const char *key, llmgw_str inside,
                        struct llmgw__jsonw *w)
{
    llmgw__jsonw_key(w, key);
    if (!inside.len) {
        llmgw__jsonw_null(w);
        return;
    }
    llmgw__jsonw_open(w, '[');
    llmgw__jsonw_raw(w, inside);
    llmgw__jsonw_close(w, ']');
}

static void render_finish(llmgw_finish_reason finish, struct llmgw__jsonw *w)
{
    const char *name = llmgw__finish_name(finish);

    if (name)
        llmgw__jsonw_z(w, name);
    else
        llmgw__jsonw_null(w);
}
