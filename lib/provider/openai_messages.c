/*
 * provider/openai_messages.c - the messages of a request.
 *
 * A run of messages that need no change goes out as one slice of the host's
 * own bytes; the others are written member by member, each by its row of the
 * table below.
 *
 * Source: OpenAI API description 2.3.0. Memory: none of its own.
 */
#include "openai_encode.h"

/* What a row looks at. */
struct member {
    struct llmgw__openai_encode *o;
    const struct llmgw__message *message;
    uint32_t value; /* in the document */
};

struct row {
    const char *name;
    /* may the member go out as it stands? NULL: never */
    bool (*keeps)(const struct member *member);
    /* write it another way, key included; NULL: left out */
    void (*write)(const struct member *member);
};

static bool keeps_role(const struct member *member);
static void write_role(const struct member *member);
static bool keeps_content(const struct member *member);
static void write_content(const struct member *member);
static bool keeps_name(const struct member *member);
static void write_name(const struct member *member);
static bool keeps_refusal(const struct member *member);
static bool keeps_calls(const struct member *member);
static void write_calls(const struct member *member);
static bool keeps_call_id(const struct member *member);
static void write_call_id(const struct member *member);
static bool keeps_audio(const struct member *member);
static void write_audio(const struct member *member);
static bool keeps_reasoning(const struct member *member);
static void write_reasoning(const struct member *member);
static void write_other_reasoning(const struct member *member);
static void write_details(const struct member *member);
static bool keeps_foreign(const struct member *member);

static bool keeps_message(struct llmgw__openai_encode *o, size_t index);
static void write_run(struct llmgw__openai_encode *o, size_t from, size_t to);
static void write_message(struct llmgw__openai_encode *o, size_t index);
static void write_made(struct llmgw__openai_encode *o,
                       const struct llmgw__message *message);
static void write_legacy(struct llmgw__openai_encode *o,
                         const struct llmgw__message *message);
static void write_instruction(struct llmgw__openai_encode *o);
static bool needs_empty_reasoning(const struct llmgw__openai_encode *o,
                                  const struct llmgw__message *message);
static bool needs_content(const struct llmgw__openai_encode *o,
                          const struct llmgw__message *message);
static bool needs_prefix(const struct llmgw__openai_encode *o, size_t index);
static bool detail_fits(const struct llmgw__openai_encode *o, uint32_t detail);
static bool fits_model(const struct llmgw__target *target, llmgw_str format);

/* clang-format off */
static const struct row rows[] = {
    {"role", keeps_role, write_role},
    {"content", keeps_content, write_content},
    {"name", keeps_name, write_name},
    {"refusal", keeps_refusal, NULL},
    {"tool_calls", keeps_calls, write_calls},
    {"function_call", NULL, NULL},
    {"tool_call_id", keeps_call_id, write_call_id},
    {"audio", keeps_audio, write_audio},
    {"reasoning_content", keeps_reasoning, write_reasoning},
    {"reasoning", NULL, write_other_reasoning},
    {"reasoning_details", NULL, write_details},
    /* ours, and members of answers that are no members of history */
    {"extra_content", NULL, NULL},
    {"llmgw", NULL, NULL},
    {"is_error", NULL, NULL},
    {"annotations", NULL, NULL},
    {"images", NULL, NULL},
    /* of other services, and of hosts' libraries */
    {"cache_control", keeps_foreign, NULL},
    {"citations", keeps_foreign, NULL},
    {"parsed", keeps_foreign, NULL},
    {"prefix", keeps_foreign, NULL},
    {"thinking_blocks", keeps_foreign, NULL},
};
/* clang-format on */

void llmgw__openai_messages(struct llmgw__openai_encode *o)
{
    size_t count = o->chat->message_count, i = 0;

    llmgw__openai_turns(o);
    llmgw__jsonw_open(&o->w, '[');
    if (o->chat->format == LLMGW__FORMAT_JSON_SCHEMA &&
        (o->lacks & LLMGW__OPENAI_JSON_SCHEMA))
        write_instruction(o);
    while (i < count) {
        size_t end = llmgw__openai_turn(o, i);

        if (end > i) {
            llmgw__openai_write_turn(o, i, end);
        } else if (keeps_message(o, i)) {
            for (end = i + 1; end < count && keeps_message(o, end) &&
                              llmgw__openai_turn(o, end) == end;)
                end++;
            write_run(o, i, end);
        } else {
            write_message(o, i);
            end = i + 1;
        }
        i = end;
    }
    llmgw__jsonw_close(&o->w, ']');
}

static const struct row *find_row(struct llmgw__jstr name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (llmgw__jstr_is(name, rows[i].name))
            return &rows[i];
    return NULL;
}

static bool keeps_message(struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    const struct llmgw__message *message = &o->chat->messages[index];
    struct member member = {.o = o, .message = message};
    uint32_t key = llmgw__jdoc_first(doc, message->node);

    if (message->node == LLMGW__JNONE || message->legacy ||
        needs_prefix(o, index) || needs_empty_reasoning(o, message) ||
        needs_content(o, message))
        return false;
    while (key != LLMGW__JNONE) {
        const struct row *row = find_row(llmgw__jdoc_string(doc, key));

        member.value = llmgw__jdoc_next(doc, message->node, key);
        if (row && (!row->keeps || !row->keeps(&member)))
            return false;
        key = llmgw__jdoc_next(doc, message->node, member.value);
    }
    return true;
}

/* Neighbours stand in the host's text with a comma between them. */
static void write_run(struct llmgw__openai_encode *o, size_t from, size_t to)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    llmgw_str first = llmgw__jdoc_raw(doc, o->chat->messages[from].node);
    llmgw_str last = llmgw__jdoc_raw(doc, o->chat->messages[to - 1].node);

    llmgw__jsonw_raw(
        &o->w,
        llmgw__str_n(first.data, (size_t)(last.data + last.len - first.data)));
}

static void write_message(struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    const struct llmgw__message *message = &o->chat->messages[index];
    struct member member = {.o = o, .message = message};
    uint32_t key = llmgw__jdoc_first(doc, message->node);

    llmgw__jsonw_open(&o->w, '{');
    while (key != LLMGW__JNONE && !message->legacy) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        const struct row *row = find_row(name);

        member.value = llmgw__jdoc_next(doc, message->node, key);
        if (!row || (row->keeps && row->keeps(&member))) {
            llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
            llmgw__jsonw_node(&o->w, doc, member.value);
        } else if (row->write) {
            row->write(&member);
        }
        key = llmgw__jdoc_next(doc, message->node, member.value);
    }
    if (message->node == LLMGW__JNONE)
        write_made(o, message);
    if (message->legacy)
        write_legacy(o, message);
    if (needs_empty_reasoning(o, message))
        llmgw__jsonw_member_z(&o->w, o->service->reasoning, "");
    if (needs_content(o, message)) {
        llmgw__jsonw_key(&o->w, "content");
        llmgw__openai_content(o, message, LLMGW__JNONE);
    }
    if (needs_prefix(o, index))
        llmgw__jsonw_member_bool(&o->w, "prefix", true);
    llmgw__jsonw_close(&o->w, '}');
}

/* One that the host did not write. */
static void write_made(struct llmgw__openai_encode *o,
                       const struct llmgw__message *message)
{
    llmgw__jsonw_member_z(&o->w, "role", llmgw__openai_role(o, message));
    llmgw__jsonw_member_jstr(&o->w, "content", message->parts[0].text);
}

/* function_call, or a message of the function role. */
static void write_legacy(struct llmgw__openai_encode *o,
                         const struct llmgw__message *message)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t content = llmgw__jdoc_get(doc, message->node, "content");

    llmgw__jsonw_member_z(&o->w, "role", llmgw__openai_role(o, message));
    if (message->role == LLMGW__ROLE_TOOL && message->part_count == 0) {
        llmgw__jsonw_member_z(&o->w, "content", "");
    } else if (content != LLMGW__JNONE) {
        llmgw__jsonw_key(&o->w, "content");
        llmgw__openai_content(o, message, content);
    }
    if (message->call_count > 0) {
        llmgw__jsonw_key(&o->w, "tool_calls");
        llmgw__openai_calls(o, message);
    }
    if (message->role == LLMGW__ROLE_TOOL) {
        llmgw__jsonw_key(&o->w, "tool_call_id");
        llmgw__openai_tool_id(o, message->tool_call_id);
    }
}

/* Ask in words for what response_format cannot ask for there. */
static void write_instruction(struct llmgw__openai_encode *o)
{
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "role", "system");
    llmgw__jsonw_key(&o->w, "content");
    llmgw__jsonw_str_open(&o->w);
    llmgw__jsonw_str_add(
        &o->w,
        LLMGW__LIT("Respond only with a single valid JSON object. Do not wrap "
                   "it in code fences or add any other text. It must match "
                   "this JSON Schema:\n"));
    llmgw__jsonw_str_add(&o->w, o->chat->schema);
    llmgw__jsonw_str_close(&o->w);
    llmgw__jsonw_close(&o->w, '}');
}

/* --- rows --- */

static bool is_null(const struct member *member)
{
    return llmgw__jdoc_type(&member->o->chat->doc, member->value) ==
           LLMGW__JSON_NULL;
}

static bool keeps_role(const struct member *member)
{
    return llmgw__jstr_is(
        llmgw__jdoc_string(&member->o->chat->doc, member->value),
        llmgw__openai_role(member->o, member->message));
}

static void write_role(const struct member *member)
{
    llmgw__jsonw_member_z(&member->o->w, "role",
                          llmgw__openai_role(member->o, member->message));
}

static bool keeps_content(const struct member *member)
{
    return llmgw__openai_content_keeps(member->o, member->message,
                                       member->value);
}

static void write_content(const struct member *member)
{
    llmgw__jsonw_key(&member->o->w, "content");
    llmgw__openai_content(member->o, member->message, member->value);
}

static bool keeps_name(const struct member *member)
{
    return !is_null(member) &&
           !(member->o->service->lacks & LLMGW__OPENAI_MESSAGE_NAME);
}

/* On a tool's result it says nothing new. */
static void write_name(const struct member *member)
{
    if (!is_null(member) && member->message->role != LLMGW__ROLE_TOOL)
        llmgw__openai_adjust(member->o, "messages", "dropped", "message_name");
}

/* Elsewhere it has become content. */
static bool keeps_refusal(const struct member *member)
{
    return member->o->full;
}

static bool keeps_calls(const struct member *member)
{
    return member->message->call_count > 0 &&
           llmgw__openai_calls_keep(member->o, member->message);
}

static void write_calls(const struct member *member)
{
    if (member->message->call_count == 0)
        return;
    llmgw__jsonw_key(&member->o->w, "tool_calls");
    llmgw__openai_calls(member->o, member->message);
}

static bool keeps_call_id(const struct member *member)
{
    return llmgw__openai_tool_id_fits(member->o, member->message->tool_call_id);
}

static void write_call_id(const struct member *member)
{
    llmgw__jsonw_key(&member->o->w, "tool_call_id");
    llmgw__openai_tool_id(member->o, member->message->tool_call_id);
}

/* An answer's audio goes back by its id alone. */
static bool keeps_audio(const struct member *member)
{
    return member->o->full &&
           llmgw__jdoc_count(&member->o->chat->doc, member->value) == 1;
}

static void write_audio(const struct member *member)
{
    struct llmgw__openai_encode *o = member->o;
    const struct llmgw__jdoc *doc = &o->chat->doc;
    struct llmgw__jstr id = llmgw__jdoc_get_string(doc, member->value, "id");

    if (is_null(member))
        return;
    if (!o->full || !id.data) {
        llmgw__openai_adjust(o, "messages", "dropped", "unsupported");
        return;
    }
    llmgw__jsonw_member_open(&o->w, "audio", '{');
    llmgw__jsonw_member_jstr(&o->w, "id", id);
    llmgw__jsonw_close(&o->w, '}');
}

/* --- reasoning that goes back --- */

static bool needs_empty_reasoning(const struct llmgw__openai_encode *o,
                                  const struct llmgw__message *message)
{
    return (o->service->flags & LLMGW__OPENAI_THINK_ALWAYS) &&
           message->role == LLMGW__ROLE_ASSISTANT && o->thinks &&
           o->chat->tool_count > 0 && !message->reasoning.data;
}

/* Calls without a word beside them, where reasoning is part of the words. */
static bool needs_content(const struct llmgw__openai_encode *o,
                          const struct llmgw__message *message)
{
    return llmgw__openai_thinks_in_content(o, message) &&
           llmgw__jdoc_get(&o->chat->doc, message->node, "content") ==
               LLMGW__JNONE;
}

static bool needs_prefix(const struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__message *message = &o->chat->messages[index];

    return (o->service->flags & LLMGW__OPENAI_PREFIX) &&
           index + 1 == o->chat->message_count &&
           message->role == LLMGW__ROLE_ASSISTANT && message->call_count == 0;
}

/* Where it goes back as a member; NULL: elsewhere, or not at all. */
static const char *reasoning_name(const struct member *member)
{
    return llmgw__openai_tags(member->o) ? NULL : member->o->service->reasoning;
}

static bool keeps_reasoning(const struct member *member)
{
    const char *name = reasoning_name(member);

    return name && member->message->reasoning.data &&
           llmgw__str_is(LLMGW__LIT("reasoning_content"), name);
}

static void write_reasoning(const struct member *member)
{
    const char *name = reasoning_name(member);

    if (name && member->message->reasoning.data)
        llmgw__jsonw_member_jstr(&member->o->w, name,
                                 member->message->reasoning);
}

/* The same under a name that a host kept of another service. */
static void write_other_reasoning(const struct member *member)
{
    const struct llmgw__jdoc *doc = &member->o->chat->doc;
    uint32_t text =
        llmgw__jdoc_get(doc, member->message->node, "reasoning_content");

    if (llmgw__jdoc_type(doc, text) != LLMGW__JSON_STRING)
        write_reasoning(member);
}

/* Opaque entries go to models of their own kind only. */
static void write_details(const struct member *member)
{
    struct llmgw__openai_encode *o = member->o;
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t list = member->value, detail = llmgw__jdoc_first(doc, list);
    bool some = false;

    if (!(o->service->flags & LLMGW__OPENAI_DETAILS) ||
        llmgw__jdoc_type(doc, list) != LLMGW__JSON_ARRAY)
        return;
    for (; detail != LLMGW__JNONE;
         detail = llmgw__jdoc_next(doc, list, detail)) {
        if (!detail_fits(o, detail))
            continue;
        if (!some) {
            llmgw__jsonw_member_open(&o->w, "reasoning_details", '[');
        }
        some = true;
        llmgw__jsonw_node(&o->w, doc, detail);
    }
    if (some)
        llmgw__jsonw_close(&o->w, ']');
}

/* OpenAI itself refuses what it does not know. */
static bool keeps_foreign(const struct member *member)
{
    return !member->o->full;
}

static bool detail_fits(const struct llmgw__openai_encode *o, uint32_t detail)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    struct llmgw__jstr format = llmgw__jdoc_get_string(doc, detail, "format");

    return fits_model(o->encode->target, llmgw__str_n(format.data, format.len));
}

/* Families of whole blocks are other dialects'. */
bool llmgw__openai_takes_state(const struct llmgw__target *target,
                               llmgw_str format)
{
    const struct llmgw__provider_row *row = target->provider->row;

    return row && row->openai && (row->openai->flags & LLMGW__OPENAI_DETAILS) &&
           llmgw__str_find(format, LLMGW__LIT("-")) != SIZE_MAX &&
           fits_model(target, format);
}

static bool fits_model(const struct llmgw__target *target, llmgw_str format)
{
    static const char *const vendors[][2] = {
        /* format begins with, model begins with */
        {"anthropic-", "anthropic/"},
        {"openai-", "openai/"},
        {"google-", "google/"},
        {"xai-", "x-ai/"},
    };
    llmgw_str model = llmgw__str(target->model);

    for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++)
        if (llmgw__str_starts(format, vendors[i][0]))
            return llmgw__str_starts(model, vendors[i][1]);
    return true;
}
