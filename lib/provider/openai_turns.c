/*
 * provider/openai_turns.c - messages that have to go out as one.
 *
 * Some services take one message of instructions; of these, some take nothing
 * after it but a user's and an assistant's turns by turns, the user's first.
 *
 * Source: the services' documentation and errors, 2026-11. Memory: none.
 */
#include "openai_encode.h"

enum side {
    SIDE_NONE, /* stands for itself */
    SIDE_SYSTEM,
    SIDE_USER,
    SIDE_ASSISTANT
};

static enum side side_of(const struct llmgw__openai_encode *o, size_t index);
static bool comes_first(const struct llmgw__openai_encode *o, size_t index);
static void write_content(struct llmgw__openai_encode *o, size_t from,
                          size_t to);
static void write_text(struct llmgw__openai_encode *o, size_t from, size_t to);
static void write_parts(struct llmgw__openai_encode *o, size_t from, size_t to);

static bool is_system(const struct llmgw__message *message)
{
    return message->role == LLMGW__ROLE_SYSTEM ||
           message->role == LLMGW__ROLE_DEVELOPER;
}

const char *llmgw__openai_role(const struct llmgw__openai_encode *o,
                               const struct llmgw__message *message)
{
    static const char *const names[] = {
        [LLMGW__ROLE_SYSTEM] = "system", [LLMGW__ROLE_DEVELOPER] = "developer",
        [LLMGW__ROLE_USER] = "user",     [LLMGW__ROLE_ASSISTANT] = "assistant",
        [LLMGW__ROLE_TOOL] = "tool",
    };

    if (!is_system(message))
        return names[message->role];
    if (o->quirks & LLMGW__QUIRK_NO_DEVELOPER)
        return "system";
    if (!o->family->prefix[0]) /* a model nothing is known of */
        return names[message->role];
    return o->family->developer ? "developer" : "system";
}

void llmgw__openai_turns(struct llmgw__openai_encode *o)
{
    while (o->leading < o->chat->message_count &&
           is_system(&o->chat->messages[o->leading]))
        o->leading++;
}

size_t llmgw__openai_turn(const struct llmgw__openai_encode *o, size_t from)
{
    const struct llmgw__message *message = &o->chat->messages[from];
    enum side side = side_of(o, from);
    size_t to = from + 1;

    while (side != SIDE_NONE && to < o->chat->message_count &&
           side_of(o, to) == side)
        to++;
    if (to > from + 1)
        return to;
    return (side == SIDE_USER && is_system(message)) || comes_first(o, from)
               ? to
               : from;
}

/* Whose turn a message is part of. */
static enum side side_of(const struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__message *message = &o->chat->messages[index];
    bool alternates = (o->service->flags & LLMGW__OPENAI_ALTERNATE) != 0;

    if (is_system(message) && (!alternates || index < o->leading))
        return (o->service->flags & LLMGW__OPENAI_MERGE_SYSTEM) ? SIDE_SYSTEM
                                                                : SIDE_NONE;
    if (!alternates || message->role == LLMGW__ROLE_TOOL || message->call_count)
        return SIDE_NONE;
    return message->role == LLMGW__ROLE_ASSISTANT ? SIDE_ASSISTANT : SIDE_USER;
}

/* An assistant's turn with nothing but instructions before it. */
static bool comes_first(const struct llmgw__openai_encode *o, size_t index)
{
    return index == o->leading && side_of(o, index) == SIDE_ASSISTANT;
}

void llmgw__openai_write_turn(struct llmgw__openai_encode *o, size_t from,
                              size_t to)
{
    static const char *const roles[] = {"", "system", "user", "assistant"};
    enum side side = side_of(o, from);

    if (comes_first(o, from)) {
        llmgw__openai_adjust(o, "messages", "added", "leading_user_turn");
        llmgw__jsonw_open(&o->w, '{');
        llmgw__jsonw_member_z(&o->w, "role", "user");
        llmgw__jsonw_member_z(&o->w, "content", ".");
        llmgw__jsonw_close(&o->w, '}');
    }
    for (size_t i = from; side == SIDE_USER && i < to; i++)
        if (is_system(&o->chat->messages[i]))
            llmgw__openai_adjust(o, "messages", "converted",
                                 "system_message_to_user");
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "role", roles[side]);
    llmgw__jsonw_key(&o->w, "content");
    write_content(o, from, to);
    llmgw__jsonw_close(&o->w, '}');
}

/* A text, unless there is more than that. */
static void write_content(struct llmgw__openai_encode *o, size_t from,
                          size_t to)
{
    bool text = true;

    for (size_t i = from; i < to; i++)
        for (size_t p = 0; p < o->chat->messages[i].part_count; p++)
            text &= o->chat->messages[i].parts[p].type <= LLMGW__PART_REFUSAL;
    if (text)
        write_text(o, from, to);
    else
        write_parts(o, from, to);
}

static void write_text(struct llmgw__openai_encode *o, size_t from, size_t to)
{
    bool some = false;

    llmgw__jsonw_str_open(&o->w);
    for (size_t i = from; i < to; i++) {
        const struct llmgw__message *message = &o->chat->messages[i];

        for (size_t p = 0; p < message->part_count; p++) {
            struct llmgw__jstr text = message->parts[p].text;

            if (some)
                llmgw__jsonw_str_add(&o->w, LLMGW__LIT("\n\n"));
            some = true;
            llmgw__jsonw_str_add_raw(&o->w, llmgw__str_n(text.data, text.len));
        }
    }
    llmgw__jsonw_str_close(&o->w);
}

static void write_parts(struct llmgw__openai_encode *o, size_t from, size_t to)
{
    llmgw__jsonw_open(&o->w, '[');
    for (size_t i = from; i < to; i++) {
        const struct llmgw__message *message = &o->chat->messages[i];

        for (size_t p = 0; p < message->part_count; p++)
            if (message->parts[p].node == LLMGW__JNONE)
                llmgw__openai_text_part(o, message->parts[p].text);
            else
                llmgw__openai_part(o, message->parts[p].node);
    }
    llmgw__jsonw_close(&o->w, ']');
}
