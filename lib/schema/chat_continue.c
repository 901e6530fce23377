/*
 * schema/chat_continue.c - a request that asks for the rest of an answer.
 *
 * Its new messages have no place in the host's document: their text, escaped
 * as all texts of a chat are, stands in the arena, and their node is
 * LLMGW__JNONE.
 *
 * Memory: the messages, and the text, in the caller's arena.
 */
#include "chat_continue.h"

#include <string.h>

#include "base/jsonwrite.h"

#define INSTRUCTION                                                         \
    "Your previous response was cut off. Continue exactly where it ended, " \
    "without repeating anything."

static llmgw_status escape(llmgw_str text, struct llmgw__arena *arena,
                           struct llmgw__jstr *out);
static llmgw_status join(struct llmgw__jstr a, struct llmgw__jstr b,
                         struct llmgw__arena *arena, struct llmgw__jstr *out);
static llmgw_status make(enum llmgw__role role, struct llmgw__jstr text,
                         struct llmgw__arena *arena,
                         struct llmgw__message *out);

size_t llmgw__blank_end(llmgw_str text)
{
    size_t len = text.len;

    while (len > 0 && memchr(" \t\r\n\f\v", text.data[len - 1], 6))
        len--;
    return text.len - len;
}

static const struct llmgw__message *last_of(const struct llmgw__chat *chat)
{
    return &chat->messages[chat->message_count - 1];
}

bool llmgw__chat_begun(const struct llmgw__chat *chat)
{
    return chat->message_count > 0 &&
           last_of(chat)->role == LLMGW__ROLE_ASSISTANT;
}

bool llmgw__chat_continuable(const struct llmgw__chat *chat)
{
    const struct llmgw__message *last;

    if (!llmgw__chat_begun(chat))
        return true;
    last = last_of(chat);
    return last->part_count == 1 && last->parts[0].type == LLMGW__PART_TEXT &&
           !last->call_count && !last->refusal.data && !last->reasoning.data &&
           last->details == LLMGW__JNONE && last->extra == LLMGW__JNONE &&
           last->replay == LLMGW__JNONE;
}

/** The answer so far, behind the beginning that the request gave it. */
static llmgw_status tell(const struct llmgw__chat *chat, llmgw_str text,
                         struct llmgw__arena *arena, struct llmgw__chat *out)
{
    bool begun = llmgw__chat_begun(chat);
    struct llmgw__jstr told = {NULL, 0, false};
    llmgw_status status = escape(text, arena, &told);

    if (status == LLMGW_OK && begun)
        status = join(last_of(chat)->parts[0].text, told, arena, &told);
    if (status != LLMGW_OK)
        return status;
    out->message_count -= begun;
    return make(LLMGW__ROLE_ASSISTANT, told, arena,
                &out->messages[out->message_count++]);
}

llmgw_status llmgw__chat_continued(const struct llmgw__chat *chat,
                                   llmgw_str text, bool instruction,
                                   struct llmgw__arena *arena,
                                   struct llmgw__chat *out)
{
    llmgw_status status;

    *out = *chat;
    if (!instruction)
        text.len -= llmgw__blank_end(text);
    if (!text.len)
        return LLMGW_OK; /* nothing that it could go on from */
    out->messages = llmgw__arena_array(arena, chat->message_count + 2,
                                       sizeof *out->messages);
    if (!out->messages)
        return LLMGW_E_NOMEM;
    if (chat->message_count)
        memcpy(out->messages, chat->messages,
               chat->message_count * sizeof *out->messages);
    out->continued = !instruction;
    status = tell(chat, text, arena, out);
    if (status != LLMGW_OK || !instruction)
        return status;
    return make(LLMGW__ROLE_USER, llmgw__jstr(LLMGW__LIT(INSTRUCTION), false),
                arena, &out->messages[out->message_count++]);
}

/** As the inside of a JSON string. */
static llmgw_status escape(llmgw_str text, struct llmgw__arena *arena,
                           struct llmgw__jstr *out)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    llmgw_str inside = {NULL, 0};
    llmgw_status status;

    llmgw__buf_init(&buf, UINT32_MAX);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_str(&w, text);
    status = buf.status;
    if (status == LLMGW_OK)
        status = llmgw__arena_str(
            arena, llmgw__str_n(buf.data + 1, buf.len - 2), &inside);
    llmgw__buf_clear(&buf);
    if (status == LLMGW_OK)
        *out =
            llmgw__jstr(inside, memchr(inside.data, '\\', inside.len) != NULL);
    return status == LLMGW_E_LIMIT ? LLMGW_E_NOMEM : status;
}

static llmgw_status join(struct llmgw__jstr a, struct llmgw__jstr b,
                         struct llmgw__arena *arena, struct llmgw__jstr *out)
{
    char *both;

    if (b.len > UINT32_MAX - a.len)
        return LLMGW_E_NOMEM;
    both = llmgw__arena_alloc(arena, (size_t)a.len + b.len);
    if (!both)
        return LLMGW_E_NOMEM;
    if (a.len)
        memcpy(both, a.data, a.len);
    memcpy(both + a.len, b.data, b.len);
    *out = llmgw__jstr(llmgw__str_n(both, (size_t)a.len + b.len),
                       a.escaped || b.escaped);
    return LLMGW_OK;
}

static llmgw_status make(enum llmgw__role role, struct llmgw__jstr text,
                         struct llmgw__arena *arena, struct llmgw__message *out)
{
    struct llmgw__part *part = llmgw__arena_zalloc(arena, sizeof *part);

    if (!part)
        return LLMGW_E_NOMEM;
    memset(out, 0, sizeof *out);
    part->type = LLMGW__PART_TEXT;
    part->text = text;
    part->node = LLMGW__JNONE;
    out->role = (uint8_t)role;
    out->plain = true;
    out->parts = part;
    out->part_count = 1;
    out->details = out->extra = out->replay = out->node = LLMGW__JNONE;
    return LLMGW_OK;
}
