/*
 * schema/chunk.c - the one rendering of chunks.
 *
 * Source: OpenAI API, "The chat completion chunk object", and what the
 * accumulators of its SDKs demand: members in a fixed order, one kind of delta
 * a chunk, id and type and name of a tool call once.
 * Memory: none; views are written into the caller's buffer.
 */
#include "chunk.h"

#include <string.h>

#include "base/text.h"

/** Writes the members of one kind of delta. */
typedef void delta_fn(const struct llmgw__chunk *chunk, struct llmgw__jsonw *w);

static delta_fn delta_role;
static delta_fn delta_content;
static delta_fn delta_reasoning;
static delta_fn delta_refusal;
static delta_fn delta_tool_start;
static delta_fn delta_tool_args;
static delta_fn delta_extras;

/* what is not here has an empty delta */
static delta_fn *const deltas[] = {
    [LLMGW__CHUNK_ROLE] = delta_role,
    [LLMGW__CHUNK_TEXT] = delta_content,
    [LLMGW__CHUNK_REASONING] = delta_reasoning,
    [LLMGW__CHUNK_REFUSAL] = delta_refusal,
    [LLMGW__CHUNK_TOOL_START] = delta_tool_start,
    [LLMGW__CHUNK_TOOL_ARGS] = delta_tool_args,
    [LLMGW__CHUNK_EXTRAS] = delta_extras,
};

static const char *const finish_names[] = {
    [LLMGW_FINISH_STOP] = "stop",
    [LLMGW_FINISH_LENGTH] = "length",
    [LLMGW_FINISH_TOOL_CALLS] = "tool_calls",
    [LLMGW_FINISH_CONTENT_FILTER] = "content_filter",
    [LLMGW_FINISH_FUNCTION_CALL] = "function_call",
};

static void open_text(const struct llmgw__chunk *chunk, struct llmgw__jsonw *w);
static void render_choice(const struct llmgw__chunk *chunk,
                          struct llmgw__jsonw *w);
static bool has_logprobs(const struct llmgw__chunk *chunk);
static void write_legacy_call(const llmgw_str *name, llmgw_str arguments,
                              struct llmgw__jsonw *w);
static void open_tool_call(const struct llmgw__chunk *chunk,
                           struct llmgw__jsonw *w);
static void close_tool_call(struct llmgw__jsonw *w);

const char *llmgw__finish_name(llmgw_finish_reason reason)
{
    if (reason < 0 ||
        (size_t)reason >= sizeof finish_names / sizeof finish_names[0])
        return NULL;
    return finish_names[reason];
}

void llmgw__identity_render(const struct llmgw__identity *identity,
                            const char *object, struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_str(w, "id", identity->id);
    llmgw__jsonw_member_z(w, "object", object);
    llmgw__jsonw_member_int(w, "created", identity->created);
    llmgw__jsonw_member_str(w, "model", identity->model);
    if (identity->service_tier.len)
        llmgw__jsonw_member_str(w, "service_tier", identity->service_tier);
    if (identity->system_fingerprint.len)
        llmgw__jsonw_member_str(w, "system_fingerprint",
                                identity->system_fingerprint);
}

void llmgw__chunk_render(const struct llmgw__chunk *chunk,
                         const struct llmgw__identity *identity,
                         llmgw_str extension, struct llmgw__jsonw *w)
{
    bool usage = chunk->kind == LLMGW__CHUNK_USAGE;

    llmgw__jsonw_open(w, '{');
    llmgw__identity_render(identity, "chat.completion.chunk", w);
    llmgw__jsonw_member_open(w, "choices", '[');
    if (!usage)
        render_choice(chunk, w);
    llmgw__jsonw_close(w, ']');
    if (usage && chunk->usage) {
        llmgw__jsonw_key(w, "usage");
        llmgw__usage_render(chunk->usage, w);
    }
    if (chunk->kind == LLMGW__CHUNK_FINISH && identity->moderation.len)
        llmgw__jsonw_member_raw(w, "moderation", identity->moderation);
    if (extension.len)
        llmgw__jsonw_member_raw(w, "llmgw", extension);
    llmgw__jsonw_close(w, '}');
}

void llmgw__chunk_rewrite(const struct llmgw__chunk *chunk,
                          struct llmgw__chunk_form *form,
                          struct llmgw__buf *buf)
{
    bool text = chunk->kind == LLMGW__CHUNK_TEXT && !chunk->extra.len;
    struct llmgw__jsonw w;

    if (text && form->head && form->choice == chunk->choice &&
        !memcmp(&form->identity, chunk->identity, sizeof form->identity)) {
        buf->len = form->head;
        llmgw__jsonw_init(&w, buf);
    } else {
        llmgw__buf_reset(buf);
        llmgw__jsonw_init(&w, buf);
        form->head = 0;
        if (!text) {
            llmgw__chunk_render(chunk, chunk->identity, LLMGW__LIT(""), &w);
            return;
        }
        open_text(chunk, &w);
        form->identity = *chunk->identity;
        form->choice = chunk->choice;
        form->head = buf->len;
    }
    llmgw__jsonw_str_add(&w, chunk->text);
    llmgw__buf_add_str(buf, LLMGW__LIT("\"},\"finish_reason\":null}]}"));
    if (buf->status != LLMGW_OK)
        form->head = 0;
}

static void open_text(const struct llmgw__chunk *chunk, struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '{');
    llmgw__identity_render(chunk->identity, "chat.completion.chunk", w);
    llmgw__jsonw_member_open(w, "choices", '[');
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_int(w, "index", chunk->choice);
    llmgw__jsonw_member_open(w, "delta", '{');
    llmgw__jsonw_key(w, "content");
    llmgw__jsonw_str_open(w);
}

static void render_choice(const struct llmgw__chunk *chunk,
                          struct llmgw__jsonw *w)
{
    const char *finish = chunk->kind == LLMGW__CHUNK_FINISH
                             ? llmgw__finish_name(chunk->variant)
                             : NULL;
    delta_fn *delta = chunk->kind < sizeof deltas / sizeof deltas[0]
                          ? deltas[chunk->kind]
                          : NULL;

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_int(w, "index", chunk->choice);
    llmgw__jsonw_member_open(w, "delta", '{');
    if (delta)
        delta(chunk, w);
    llmgw__jsonw_close(w, '}');
    if (has_logprobs(chunk))
        llmgw__jsonw_member_raw(w, "logprobs", chunk->extra);
    llmgw__jsonw_key(w, "finish_reason");
    if (finish)
        llmgw__jsonw_z(w, finish);
    else
        llmgw__jsonw_null(w);
    llmgw__jsonw_close(w, '}');
}

/* They come with the text they belong to. */
static bool has_logprobs(const struct llmgw__chunk *chunk)
{
    return chunk->extra.len > 0 && (chunk->kind == LLMGW__CHUNK_TEXT ||
                                    chunk->kind == LLMGW__CHUNK_REFUSAL);
}

static void delta_role(const struct llmgw__chunk *chunk, struct llmgw__jsonw *w)
{
    (void)chunk;
    llmgw__jsonw_member_z(w, "role", "assistant");
    llmgw__jsonw_member_z(w, "content", "");
}

static void delta_content(const struct llmgw__chunk *chunk,
                          struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_str(w, "content", chunk->text);
}

static void delta_reasoning(const struct llmgw__chunk *chunk,
                            struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_str(w, "reasoning_content", chunk->text);
}

static void delta_refusal(const struct llmgw__chunk *chunk,
                          struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_str(w, "refusal", chunk->text);
}

static void delta_tool_start(const struct llmgw__chunk *chunk,
                             struct llmgw__jsonw *w)
{
    bool custom = chunk->variant == 1;

    if (chunk->variant == 3) {
        write_legacy_call(&chunk->name, LLMGW__LIT(""), w);
        return;
    }
    open_tool_call(chunk, w);
    llmgw__jsonw_member_str(w, "id", chunk->id);
    llmgw__jsonw_member_z(w, "type", custom ? "custom" : "function");
    llmgw__jsonw_member_open(w, custom ? "custom" : "function", '{');
    llmgw__jsonw_member_str(w, "name", chunk->name);
    llmgw__jsonw_member_z(w, custom ? "input" : "arguments", "");
    llmgw__jsonw_close(w, '}');
    if (chunk->extra.len)
        llmgw__jsonw_member_raw(w, "extra_content", chunk->extra);
    close_tool_call(w);
}

static void delta_tool_args(const struct llmgw__chunk *chunk,
                            struct llmgw__jsonw *w)
{
    bool custom = chunk->variant == 2;

    if (chunk->variant == 3) {
        write_legacy_call(NULL, chunk->text, w);
        return;
    }
    open_tool_call(chunk, w);
    llmgw__jsonw_member_open(w, custom ? "custom" : "function", '{');
    llmgw__jsonw_member_str(w, custom ? "input" : "arguments", chunk->text);
    llmgw__jsonw_close(w, '}');
    close_tool_call(w);
}

static void delta_extras(const struct llmgw__chunk *chunk,
                         struct llmgw__jsonw *w)
{
    if (chunk->text.len)
        llmgw__jsonw_raw(w, chunk->text);
    if (chunk->extra.len)
        llmgw__jsonw_raw(w, chunk->extra);
}

/* The form before tool_calls: one call a choice, without an id. */
static void write_legacy_call(const llmgw_str *name, llmgw_str arguments,
                              struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_open(w, "function_call", '{');
    if (name)
        llmgw__jsonw_member_str(w, "name", *name);
    llmgw__jsonw_member_str(w, "arguments", arguments);
    llmgw__jsonw_close(w, '}');
}

static void open_tool_call(const struct llmgw__chunk *chunk,
                           struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_open(w, "tool_calls", '[');
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_int(w, "index", chunk->index);
}

static void close_tool_call(struct llmgw__jsonw *w)
{
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, ']');
}
