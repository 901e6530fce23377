/*
 * call/recall.c - give a request back the opaque reasoning state that its
 * history has lost.
 *
 * Hosts that drop members they do not know send a message of tool calls
 * without the reasoning it came with, and the provider refuses it or thinks
 * anew. What was kept of the answer is written into the request, as the host
 * would have sent it; then it is read again.
 *
 * Memory: a second copy of such a request, in place of the first.
 */
#include "attempt.h"
#include "base/text.h"
#include "opaque.h"
#include "prepare.h"

/** Bytes to be written into the request, before one of its own. */
struct insertion {
    const char *at; /* the closing brace of an object */
    llmgw_str text; /* members, each with its comma first */
    struct insertion *next;
};

struct recall {
    struct llmgw_call *call;
    struct insertion *first; /* in the order of their places */
    struct insertion **last;
    size_t bytes; /* of all of them */
    uint32_t messages;
};

static llmgw_status recall_message(struct recall *r,
                                   const struct llmgw__message *message);
static llmgw_status rewrite(struct recall *r, struct llmgw__error *error);

void llmgw__call_remember(struct llmgw_call *call)
{
    const struct llmgw__answer *answer = call->response.answer;
    size_t max = call->catalog->max_opaque;

    for (size_t i = 0; answer && i < answer->choice_count; i++)
        (void)llmgw__opaque_keep(&call->core->opaque, call->tags,
                                 &answer->choices[i], max, &call->arena);
}

llmgw_status llmgw__call_recall(struct llmgw_call *call,
                                struct llmgw__error *error)
{
    struct recall r = {.call = call};
    llmgw_status status = LLMGW_OK;

    if (!atomic_load_explicit(&call->core->opaque.used, memory_order_acquire))
        return LLMGW_OK;
    r.last = &r.first;
    for (size_t i = 0; i < call->chat.message_count && status == LLMGW_OK; i++)
        if (call->chat.messages[i].call_count > 0)
            status = recall_message(&r, &call->chat.messages[i]);
    if (status != LLMGW_OK || !r.first)
        return status;
    call->recalled = r.messages;
    return rewrite(&r, error);
}

/* --- what is missing --- */

static bool has(const struct llmgw_call *call, uint32_t node, const char *name)
{
    return llmgw__jdoc_get(&call->chat.doc, node, name) != LLMGW__JNONE;
}

/** The host keeps such members, or has thought of them. */
static bool has_state(const struct llmgw_call *call,
                      const struct llmgw__message *message)
{
    static const char *const names[] = {"reasoning_details", "extra_content",
                                        "llmgw", "thinking_blocks"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (has(call, message->node, names[i]))
            return true;
    for (size_t i = 0; i < message->call_count; i++)
        if (message->calls[i].extra != LLMGW__JNONE)
            return true;
    return message->legacy;
}

static llmgw_status read_calls(struct llmgw_call *call,
                               const struct llmgw__message *message,
                               struct llmgw__opaque_call *calls)
{
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < message->call_count && status == LLMGW_OK; i++) {
        const struct llmgw__tool_call *from = &message->calls[i];
        llmgw_str arguments = {NULL, 0};

        status = llmgw__jstr_text(from->id, &call->arena, &calls[i].id);
        if (status == LLMGW_OK)
            status = llmgw__jstr_text(from->name, &call->arena, &calls[i].name);
        if (status == LLMGW_OK)
            status =
                llmgw__jstr_text(from->arguments, &call->arena, &arguments);
        if (status == LLMGW_OK)
            status = llmgw__opaque_hash(arguments, &call->arena,
                                        &calls[i].arguments);
    }
    return status;
}

/** Behind the last member of an object, which is never empty. */
static llmgw_status insert(struct recall *r, uint32_t object, llmgw_str members)
{
    llmgw_str raw = llmgw__jdoc_raw(&r->call->chat.doc, object);
    struct insertion *one = llmgw__arena_zalloc(&r->call->arena, sizeof *one);

    if (!one)
        return LLMGW_E_NOMEM;
    one->at = raw.data + raw.len - 1;
    one->text = members;
    r->bytes += members.len;
    *r->last = one;
    r->last = &one->next;
    return LLMGW_OK;
}

/** The extra_content of each call, where it stands in the request. */
static llmgw_status insert_extras(struct recall *r,
                                  const struct llmgw__message *message,
                                  const struct llmgw__opaque_call *calls)
{
    const struct llmgw__jdoc *doc = &r->call->chat.doc;
    uint32_t list = llmgw__jdoc_get(doc, message->node, "tool_calls");
    uint32_t node = llmgw__jdoc_first(doc, list);
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0;
         i < message->call_count && node != LLMGW__JNONE && status == LLMGW_OK;
         i++, node = llmgw__jdoc_next(doc, list, node)) {
        struct llmgw__buf text;
        llmgw_str members = {NULL, 0};

        if (!calls[i].extra.len || has(r->call, node, "extra_content"))
            continue;
        llmgw__buf_init(&text, 0);
        llmgw__buf_add_z(&text, ",\"extra_content\":");
        llmgw__buf_add_str(&text, calls[i].extra);
        status = text.status;
        if (status == LLMGW_OK)
            status = llmgw__arena_str(&r->call->arena, llmgw__buf_str(&text),
                                      &members);
        llmgw__buf_clear(&text);
        if (status == LLMGW_OK)
            status = insert(r, node, members);
    }
    return status;
}

static llmgw_status insert_members(struct recall *r,
                                   const struct llmgw__message *message,
                                   const struct llmgw__opaque_found *found)
{
    bool reasons = has(r->call, message->node, "reasoning_content") ||
                   has(r->call, message->node, "reasoning");
    llmgw_str members = {NULL, 0};
    struct llmgw__buf text;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&text, 0);
    if (found->reasoning.len && !reasons) {
        llmgw__buf_add_z(&text, ",\"reasoning_content\":");
        llmgw__jsonw_init(&w, &text);
        llmgw__jsonw_str(&w, found->reasoning);
    }
    if (found->members.len) {
        llmgw__buf_add_char(&text, ',');
        llmgw__buf_add_str(&text, found->members);
    }
    status = text.status;
    if (status == LLMGW_OK && text.len)
        status =
            llmgw__arena_str(&r->call->arena, llmgw__buf_str(&text), &members);
    llmgw__buf_clear(&text);
    return status == LLMGW_OK && members.len ? insert(r, message->node, members)
                                             : status;
}

static llmgw_status recall_message(struct recall *r,
                                   const struct llmgw__message *message)
{
    struct llmgw_call *call = r->call;
    struct llmgw__opaque_found found = {{NULL, 0}, {NULL, 0}};
    struct insertion **before = r->last;
    struct llmgw__opaque_call *calls;
    llmgw_status status;

    if (has_state(call, message))
        return LLMGW_OK;
    calls =
        llmgw__arena_array(&call->arena, message->call_count, sizeof *calls);
    if (!calls)
        return LLMGW_E_NOMEM;
    status = read_calls(call, message, calls);
    if (status == LLMGW_OK)
        status = llmgw__opaque_find(&call->core->opaque, call->tags, calls,
                                    message->call_count, &call->arena, &found);
    if (status != LLMGW_OK)
        return status == LLMGW_E_INVALID ? LLMGW_OK : status;
    status = insert_extras(r, message, calls);
    if (status == LLMGW_OK)
        status = insert_members(r, message, &found);
    r->messages += r->last != before;
    return status;
}

/* --- the request with it --- */

static llmgw_status rewrite(struct recall *r, struct llmgw__error *error)
{
    struct llmgw_call *call = r->call;
    llmgw_str request = llmgw__bytes_str(call->request);
    const char *from = request.data;
    struct llmgw__bytes *bytes;
    struct llmgw__buf text;
    llmgw_status status;

    llmgw__buf_init(&text, 0);
    (void)llmgw__buf_reserve(&text, request.len + r->bytes);
    for (const struct insertion *one = r->first; one; one = one->next) {
        llmgw__buf_add(&text, from, (size_t)(one->at - from));
        llmgw__buf_add_str(&text, one->text);
        from = one->at;
    }
    llmgw__buf_add(&text, from, (size_t)(request.data + request.len - from));
    status = llmgw__bytes_take(&text, &bytes);
    if (status != LLMGW_OK)
        return status;
    llmgw__chat_clear(&call->chat);
    llmgw__bytes_drop(call->request);
    call->request = bytes;
    return llmgw__chat_parse(&call->chat, llmgw__bytes_str(bytes), &call->arena,
                             error);
}

/* --- what another target has said --- */

/** Is it of a format that this attempt's target does not take? Untagged state
 *  is nobody's: a dialect takes what it can read. */
static bool is_foreign(const struct llmgw_attempt *attempt, uint32_t format)
{
    struct llmgw__jstr text =
        llmgw__jdoc_string(&attempt->call->chat.doc, format);

    return text.len &&
           ((attempt->again & LLMGW__AGAIN_STATELESS) ||
            !attempt->dialect->takes_state ||
            !attempt->dialect->takes_state(attempt->target,
                                           llmgw__str_n(text.data, text.len)));
}

/** Members of an extra_content are named after whose they are. */
static uint32_t count_extra(const struct llmgw_attempt *attempt, uint32_t extra)
{
    const struct llmgw__jdoc *doc = &attempt->call->chat.doc;
    uint32_t key = llmgw__jdoc_type(doc, extra) == LLMGW__JSON_OBJECT
                       ? llmgw__jdoc_first(doc, extra)
                       : LLMGW__JNONE;

    return key != LLMGW__JNONE && is_foreign(attempt, key);
}

uint32_t llmgw__attempt_foreign_state(const struct llmgw_attempt *attempt)
{
    const struct llmgw__chat *chat = &attempt->call->chat;
    const struct llmgw__jdoc *doc = &chat->doc;
    uint32_t count = 0;

    for (size_t i = 0; i < chat->message_count; i++) {
        const struct llmgw__message *message = &chat->messages[i];
        uint32_t entry = llmgw__jdoc_first(doc, message->details);

        for (; entry != LLMGW__JNONE;
             entry = llmgw__jdoc_next(doc, message->details, entry))
            count += is_foreign(attempt, llmgw__jdoc_get(doc, entry, "format"));
        count += is_foreign(attempt,
                            llmgw__jdoc_get(doc, message->replay, "family"));
        count += count_extra(attempt, message->extra);
        for (size_t c = 0; c < message->call_count; c++)
            count += count_extra(attempt, message->calls[c].extra);
    }
    return count;
}
