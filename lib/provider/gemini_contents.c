/*
 * provider/gemini_contents.c - messages -> contents and systemInstruction.
 *
 * A Content is opened by its first part and goes on while the role stays, so
 * that neighbours merge and nothing empty is sent. A run of tool results is a
 * Content of its own: text in it would make the API take the turn for the
 * model's. It must hold as many as there were calls, so a result that the
 * history lacks is made up.
 */
#include "gemini_history.h"

enum turn {
    TURN_NONE,
    TURN_USER,
    TURN_MODEL,
    TURN_RESULTS
};

struct turns {
    struct llmgw__gemini_encode *e;
    enum turn open;
    bool any;      /* a Content has been written */
    size_t system; /* messages at the start that are system text */
    /* ranges of messages, [first, end) */
    size_t model_first, model_end;   /* the last turn of the model */
    size_t result_first, result_end; /* the results that follow it */
    /* by message: the call that a result is of; NULL: there are no results */
    const struct llmgw__tool_call **call_of;
};

static size_t leading_system(const struct llmgw__chat *chat);
static void begin_part(struct turns *t, enum turn turn);
static void end_turn(struct turns *t);
static void settle_calls(struct turns *t);
static bool find_calls(struct turns *t);
static bool is_answered(const struct turns *t,
                        const struct llmgw__tool_call *call);
static const struct llmgw__message *
message_of(const struct turns *t, const struct llmgw__tool_call *call);
static bool is_replaced(const struct turns *t, size_t i);
static void open_turn(struct turns *t, enum turn turn);
static void filler(struct turns *t);
static void write_message(struct turns *t, size_t i);
static void write_user(struct turns *t, size_t i);
static void write_assistant(struct turns *t, size_t i);
static void write_replay(struct turns *t, uint32_t content);
static void write_texts(struct turns *t, size_t i,
                        struct llmgw__jstr signature);
static void write_text(struct turns *t, enum turn turn,
                       struct llmgw__jstr text);
static void write_images(struct turns *t, size_t i);
static void write_result(struct turns *t, size_t i);
static void write_result_media(struct turns *t);
static void write_system(struct llmgw__gemini_encode *e, size_t count);
static void report_name(struct turns *t, const struct llmgw__message *message);
static struct llmgw__jstr refusal_of(const struct llmgw__message *message);
static size_t last_text(const struct llmgw__message *message);

void llmgw__gemini_contents(struct llmgw__gemini_encode *e)
{
    const struct llmgw__chat *chat = e->chat;
    size_t system = leading_system(chat);
    struct turns t = {.e = e, .system = system};

    if (!find_calls(&t))
        return;
    llmgw__jsonw_member_open(&e->w, "contents", '[');
    if (e->model.gemma && system > 0)
        llmgw__gemini_adjust(e, "messages", "converted",
                             "system_message_to_user");
    for (size_t i = e->model.gemma ? 0 : system; i < chat->message_count; i++)
        write_message(&t, i);
    settle_calls(&t);
    end_turn(&t);
    end_turn(&t);
    if (!t.any)
        filler(&t);
    llmgw__jsonw_close(&e->w, ']');
    for (size_t i = 0; i < system; i++)
        report_name(&t, &chat->messages[i]);
    if (!e->model.gemma)
        write_system(e, system);
}

/* Once for all, as every result is looked at more than once, and by all. */
static bool find_calls(struct turns *t)
{
    const struct llmgw__chat *chat = t->e->chat;
    size_t first = 0;

    while (first < chat->message_count &&
           chat->messages[first].role != LLMGW__ROLE_TOOL)
        first++;
    if (first == chat->message_count)
        return true;
    t->call_of = llmgw__arena_array(t->e->io->arena, chat->message_count,
                                    sizeof(struct llmgw__tool_call *));
    if (!t->call_of) {
        t->e->status = LLMGW_E_NOMEM;
        return false;
    }
    for (size_t i = 0; i < chat->message_count; i++)
        t->call_of[i] = llmgw__chat_call_of(chat, i);
    return true;
}

static size_t leading_system(const struct llmgw__chat *chat)
{
    size_t count = 0;

    while (count < chat->message_count &&
           (chat->messages[count].role == LLMGW__ROLE_SYSTEM ||
            chat->messages[count].role == LLMGW__ROLE_DEVELOPER))
        count++;
    return count;
}

/* A part of that turn is due. */
static void begin_part(struct turns *t, enum turn turn)
{
    if (t->open == turn)
        return;
    if (turn != TURN_RESULTS)
        settle_calls(t);
    end_turn(t);
    if (t->open == turn)
        return;
    end_turn(t);
    if (turn == TURN_MODEL && !t->any) {
        llmgw__gemini_adjust(t->e, "messages", "added", "leading_user_turn");
        filler(t);
    }
    open_turn(t, turn);
}

static void open_turn(struct turns *t, enum turn turn)
{
    struct llmgw__jsonw *w = &t->e->w;

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "role", turn == TURN_MODEL ? "model" : "user");
    llmgw__jsonw_member_open(w, "parts", '[');
    t->open = turn;
    t->any = true;
}

/* Results are followed by what they hold beside text, if there is any: then a
 * turn of the user's is open. */
static void end_turn(struct turns *t)
{
    enum turn ended = t->open;

    if (ended == TURN_NONE)
        return;
    llmgw__jsonw_close(&t->e->w, ']');
    llmgw__jsonw_close(&t->e->w, '}');
    t->open = TURN_NONE;
    if (ended == TURN_RESULTS)
        write_result_media(t);
}

/* Calls of the model's turn that nobody answered. */
static void settle_calls(struct turns *t)
{
    const struct llmgw__chat *chat = t->e->chat;

    if (t->open == TURN_NONE || t->open == TURN_USER)
        return;
    for (size_t i = t->model_first; i < t->model_end; i++)
        for (size_t k = 0; k < chat->messages[i].call_count; k++) {
            const struct llmgw__message *message = &chat->messages[i];
            const struct llmgw__tool_call *call = &message->calls[k];

            if (is_answered(t, call) ||
                llmgw__gemini_replay_answers(t->e, message, call))
                continue;
            llmgw__gemini_adjust(t->e, "messages", "added",
                                 "missing_tool_result");
            begin_part(t, TURN_RESULTS);
            llmgw__gemini_no_result(
                t->e, call, llmgw__gemini_call_by_id(t->e, message, call));
        }
}

static bool is_answered(const struct turns *t,
                        const struct llmgw__tool_call *call)
{
    const struct llmgw__chat *chat = t->e->chat;

    for (size_t i = t->result_first; i < t->result_end; i++)
        if (chat->messages[i].role == LLMGW__ROLE_TOOL && t->call_of[i] == call)
            return true;
    return false;
}

/* The API wants a user turn first, and at least one. */
static void filler(struct turns *t)
{
    open_turn(t, TURN_USER);
    llmgw__jsonw_raw(&t->e->w, LLMGW__LIT("{\"text\":\" \"}"));
    end_turn(t);
}

static void write_message(struct turns *t, size_t i)
{
    const struct llmgw__message *message = &t->e->chat->messages[i];

    if (message->role != LLMGW__ROLE_TOOL && i >= t->system)
        report_name(t, message);
    switch ((enum llmgw__role)message->role) {
    case LLMGW__ROLE_SYSTEM:
    case LLMGW__ROLE_DEVELOPER:
    case LLMGW__ROLE_USER:
        write_user(t, i);
        break;
    case LLMGW__ROLE_ASSISTANT:
        write_assistant(t, i);
        break;
    case LLMGW__ROLE_TOOL:
        write_result(t, i);
        break;
    }
}

static void report_name(struct turns *t, const struct llmgw__message *message)
{
    if (message->name.data)
        llmgw__gemini_adjust(t->e, "messages", "dropped", "message_name");
}

/* System text that comes late stays in place, as the user's. */
static void write_user(struct turns *t, size_t i)
{
    const struct llmgw__message *message = &t->e->chat->messages[i];

    for (size_t k = 0; k < message->part_count; k++) {
        const struct llmgw__part *part = &message->parts[k];

        if (part->type == LLMGW__PART_TEXT ||
            part->type == LLMGW__PART_REFUSAL) {
            write_text(t, TURN_USER, part->text);
            continue;
        }
        begin_part(t, TURN_USER);
        llmgw__gemini_media(t->e, i, k, false);
    }
}

static void write_text(struct turns *t, enum turn turn, struct llmgw__jstr text)
{
    if (text.len == 0)
        return;
    begin_part(t, turn);
    llmgw__jsonw_open(&t->e->w, '{');
    llmgw__jsonw_member_jstr(&t->e->w, "text", text);
    llmgw__jsonw_close(&t->e->w, '}');
}

static void write_assistant(struct turns *t, size_t i)
{
    const struct llmgw__chat *chat = t->e->chat;
    const struct llmgw__message *message = &chat->messages[i];
    uint32_t replay = llmgw__gemini_replay(t->e, message);
    uint32_t google = llmgw__jdoc_get(&chat->doc, message->extra, "google");

    if (!llmgw__gemini_says(t->e, message))
        return;
    if (t->open != TURN_MODEL)
        t->model_first = i;
    t->model_end = i + 1;
    t->result_first = t->result_end = 0;
    if (replay != LLMGW__JNONE) {
        write_replay(t, replay);
        return;
    }
    write_texts(
        t, i, llmgw__jdoc_get_string(&chat->doc, google, "thought_signature"));
    write_images(t, i);
    if (message->call_count > 0) {
        begin_part(t, TURN_MODEL);
        llmgw__gemini_calls(t->e, i);
    }
}

bool llmgw__gemini_says(const struct llmgw__gemini_encode *e,
                        const struct llmgw__message *message)
{
    return last_text(message) != SIZE_MAX || message->refusal.len > 0 ||
           message->call_count > 0 ||
           llmgw__gemini_replay(e, message) != LLMGW__JNONE ||
           llmgw__gemini_image(e, message, LLMGW__JNONE) != LLMGW__JNONE;
}

static void write_replay(struct turns *t, uint32_t content)
{
    const struct llmgw__jdoc *doc = &t->e->chat->doc;

    begin_part(t, TURN_MODEL);
    for (uint32_t at = llmgw__jdoc_first(doc, content); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, content, at))
        llmgw__jsonw_node(&t->e->w, doc, at);
}

static void write_images(struct turns *t, size_t i)
{
    const struct llmgw__message *message = &t->e->chat->messages[i];
    uint32_t at = LLMGW__JNONE;

    while ((at = llmgw__gemini_image(t->e, message, at)) != LLMGW__JNONE) {
        begin_part(t, TURN_MODEL);
        llmgw__gemini_sent_image(t->e, i, at);
    }
}

/* The signature goes back on the last text part, which is never merged. */
static void write_texts(struct turns *t, size_t i, struct llmgw__jstr signature)
{
    const struct llmgw__message *message = &t->e->chat->messages[i];
    struct llmgw__jstr refusal = refusal_of(message);
    size_t last = last_text(message);

    for (size_t k = 0; k < message->part_count; k++) {
        const struct llmgw__part *part = &message->parts[k];

        if (k != last || !signature.data) {
            write_text(t, TURN_MODEL, part->text);
            continue;
        }
        begin_part(t, TURN_MODEL);
        llmgw__jsonw_open(&t->e->w, '{');
        llmgw__jsonw_member_jstr(&t->e->w, "text", part->text);
        llmgw__jsonw_member_jstr(&t->e->w, "thoughtSignature", signature);
        llmgw__jsonw_close(&t->e->w, '}');
    }
    write_text(t, TURN_MODEL, refusal);
}

/* Index of the last part with text; SIZE_MAX: none. */
static size_t last_text(const struct llmgw__message *message)
{
    size_t k = message->part_count;

    while (k > 0)
        if (message->parts[--k].text.len > 0)
            return k;
    return SIZE_MAX;
}

static struct llmgw__jstr refusal_of(const struct llmgw__message *message)
{
    struct llmgw__jstr none = {NULL, 0, false};

    return last_text(message) == SIZE_MAX ? message->refusal : none;
}

static void write_result(struct turns *t, size_t i)
{
    const struct llmgw__tool_call *call = t->call_of ? t->call_of[i] : NULL;
    const struct llmgw__message *asking = call ? message_of(t, call) : NULL;

    if (!asking) {
        llmgw__gemini_refuse_at(t->e, LLMGW_KIND_INVALID_REQUEST, i,
                                ".tool_call_id",
                                "no call of the turn before has this id");
        return;
    }
    if (t->open != TURN_RESULTS)
        t->result_first = i;
    t->result_end = i + 1;
    if (is_replaced(t, i))
        return;
    begin_part(t, TURN_RESULTS);
    llmgw__gemini_result(t->e, i, call,
                         llmgw__gemini_call_by_id(t->e, asking, call));
}

/* The one of the turn before that makes the call; NULL: none does. */
static const struct llmgw__message *
message_of(const struct turns *t, const struct llmgw__tool_call *call)
{
    const struct llmgw__message *messages = t->e->chat->messages;

    if (t->open == TURN_NONE || t->open == TURN_USER)
        return NULL;
    for (size_t i = t->model_first; i < t->model_end; i++)
        if (messages[i].calls && call >= messages[i].calls &&
            call < messages[i].calls + messages[i].call_count)
            return &messages[i];
    return NULL;
}

/* Of two results for one call the last holds. */
static bool is_replaced(const struct turns *t, size_t i)
{
    const struct llmgw__chat *chat = t->e->chat;

    for (size_t k = i + 1;
         k < chat->message_count && chat->messages[k].role == LLMGW__ROLE_TOOL;
         k++)
        if (t->call_of[k] == t->call_of[i])
            return true;
    return false;
}

/* Before generation 3 a response holds text alone, later some kinds of media:
 * what else the tools gave follows the run as the user's. */
static void write_result_media(struct turns *t)
{
    for (size_t i = t->result_first; i < t->result_end; i++) {
        const struct llmgw__message *message = &t->e->chat->messages[i];

        if (is_replaced(t, i))
            continue;
        for (size_t k = 0; k < message->part_count; k++) {
            if (message->parts[k].type <= LLMGW__PART_REFUSAL ||
                llmgw__gemini_media_responds(t->e, i, k))
                continue;
            if (t->open == TURN_NONE)
                open_turn(t, TURN_USER);
            llmgw__gemini_media(t->e, i, k, false);
        }
    }
}

static void write_system(struct llmgw__gemini_encode *e, size_t count)
{
    bool open = false;

    for (size_t i = 0; i < count; i++) {
        const struct llmgw__message *message = &e->chat->messages[i];

        for (size_t k = 0; k < message->part_count; k++) {
            if (message->parts[k].text.len == 0)
                continue;
            if (!open) {
                llmgw__jsonw_member_open(&e->w, "systemInstruction", '{');
                llmgw__jsonw_member_open(&e->w, "parts", '[');
                open = true;
            }
            llmgw__jsonw_open(&e->w, '{');
            llmgw__jsonw_member_jstr(&e->w, "text", message->parts[k].text);
            llmgw__jsonw_close(&e->w, '}');
        }
    }
    if (open) {
        llmgw__jsonw_close(&e->w, ']');
        llmgw__jsonw_close(&e->w, '}');
    }
}
