/*
 * schema/chat.c - read and check a chat completion request.
 *
 * Source: OpenAI API, "Create chat completion"; the members beyond it are
 * those that other providers know by the same name, and our own.
 * Memory: the index over the request's bytes, and arrays in the caller's
 * arena; no text is copied but the model's name, where it has escapes.
 */
#include "chat.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "chat_form.h"

#define MAX_MODEL 256 /* bytes of a model's name */

#define MEMBER   LLMGW__MEMBER
#define REQUIRED LLMGW__REQUIRED

static llmgw__read_fn read_logprobs;
static llmgw__read_fn read_stream;
static llmgw__read_fn read_parallel;

/* clang-format off */
/* Read in this order, whatever the request's: what looks at another member
 * stands after it. */
static const struct llmgw__member members[] = {
    REQUIRED("model", STRING, llmgw__chat_read_model),
    REQUIRED("messages", ARRAY, llmgw__chat_read_messages),
    MEMBER("tools", ARRAY, llmgw__chat_read_tools),
    MEMBER("functions", ARRAY, llmgw__chat_read_functions),
    MEMBER("tool_choice", NONE, llmgw__chat_read_tool_choice),
    MEMBER("function_call", NONE, llmgw__chat_read_function_call),
    MEMBER("parallel_tool_calls", BOOL, read_parallel),
    MEMBER("response_format", OBJECT, llmgw__chat_read_format),
    MEMBER("max_completion_tokens", NUMBER, llmgw__chat_read_max_tokens),
    MEMBER("max_tokens", NUMBER, llmgw__chat_read_max_tokens),
    MEMBER("n", NUMBER, llmgw__chat_read_n),
    MEMBER("stop", NONE, llmgw__chat_read_stop),
    MEMBER("temperature", NUMBER, llmgw__chat_read_number),
    MEMBER("top_p", NUMBER, llmgw__chat_read_number),
    MEMBER("top_k", NUMBER, llmgw__chat_read_number),
    MEMBER("frequency_penalty", NUMBER, llmgw__chat_read_number),
    MEMBER("presence_penalty", NUMBER, llmgw__chat_read_number),
    MEMBER("seed", NUMBER, llmgw__chat_read_number),
    MEMBER("logprobs", BOOL, read_logprobs),
    MEMBER("top_logprobs", NUMBER, llmgw__chat_read_number),
    MEMBER("logit_bias", OBJECT, llmgw__chat_read_logit_bias),
    MEMBER("reasoning_effort", STRING, llmgw__chat_read_effort),
    MEMBER("verbosity", STRING, llmgw__chat_read_verbosity),
    MEMBER("stream", BOOL, read_stream),
    MEMBER("stream_options", OBJECT, llmgw__chat_read_stream_options),
    MEMBER("user", STRING, llmgw__chat_read_user),
    MEMBER("safety_identifier", STRING, llmgw__chat_read_identifier),
    MEMBER("metadata", OBJECT, llmgw__chat_read_metadata),
    MEMBER("llmgw", OBJECT, NULL), /* read before all others */
    MEMBER("audio", OBJECT, NULL),
    MEMBER("modalities", ARRAY, NULL),
    MEMBER("moderation", OBJECT, NULL),
    MEMBER("prediction", OBJECT, NULL),
    MEMBER("prompt_cache_key", STRING, NULL),
    MEMBER("prompt_cache_options", OBJECT, NULL),
    MEMBER("prompt_cache_retention", STRING, NULL),
    MEMBER("service_tier", STRING, NULL),
    MEMBER("store", BOOL, NULL),
    MEMBER("web_search_options", OBJECT, NULL),
    /* known to some providers by this name, in forms of their own */
    MEMBER("cache_control", NONE, NULL),
    MEMBER("container", NONE, NULL),
    MEMBER("context_management", NONE, NULL),
    MEMBER("diagnostics", NONE, NULL),
    MEMBER("fallbacks", NONE, NULL),
    MEMBER("inference_geo", NONE, NULL),
    MEMBER("mcp_servers", NONE, NULL),
    MEMBER("models", NONE, NULL),
    MEMBER("output_config", NONE, NULL),
    MEMBER("plugins", NONE, NULL),
    MEMBER("provider", NONE, NULL),
    MEMBER("reasoning", NONE, NULL),
    MEMBER("reasoning_split", NONE, NULL),
    MEMBER("speed", NONE, NULL),
    MEMBER("system", NONE, NULL),
    MEMBER("thinking", NONE, NULL),
    MEMBER("transforms", NONE, NULL),
};
/* clang-format on */

static const struct llmgw__form form = {members,
                                        sizeof members / sizeof members[0]};

static void set_defaults(struct llmgw__chat *chat, struct llmgw__arena *arena);
static llmgw_status refuse_document(const struct llmgw__chat *chat,
                                    struct llmgw__error *error);
static llmgw_status read_request(const struct llmgw__place *request,
                                 const struct llmgw__form *of);
static llmgw_status find_members(const struct llmgw__place *request,
                                 const struct llmgw__form *of,
                                 bool pass_unknown, uint32_t *nodes);
static llmgw_status refuse_unknown(const struct llmgw__place *request,
                                   struct llmgw__jstr key);
static llmgw_status read_member(const struct llmgw__place *request,
                                const struct llmgw__member *member,
                                uint32_t node);

llmgw_status llmgw__chat_parse(struct llmgw__chat *chat, llmgw_str bytes,
                               struct llmgw__arena *arena,
                               struct llmgw__error *error)
{
    struct llmgw__chat_parse in = {chat, NULL, error};

    return llmgw__form_parse(&in, &form, bytes, arena);
}

llmgw_status llmgw__form_parse(const struct llmgw__chat_parse *in,
                               const struct llmgw__form *of, llmgw_str bytes,
                               struct llmgw__arena *arena)
{
    struct llmgw__place request = {in, NULL, NULL, 0, 0};
    struct llmgw__chat *chat = in->chat;
    llmgw_status status;

    set_defaults(chat, arena);
    status = llmgw__jdoc_parse(&chat->doc, bytes,
                               LLMGW__JDOC_UTF8 | LLMGW__JDOC_UNIQUE);
    if (status == LLMGW_E_INVALID)
        return refuse_document(chat, in->error);
    if (status == LLMGW_OK)
        status = read_request(&request, of);
    if (status != LLMGW_OK)
        llmgw__chat_clear(chat);
    return status;
}

void llmgw__chat_clear(struct llmgw__chat *chat)
{
    llmgw__jdoc_clear(&chat->doc);
}

/** Calls of a message without what came with them. */
static llmgw_status bare_calls(struct llmgw__message *message,
                               struct llmgw__arena *arena)
{
    struct llmgw__tool_call *calls;

    if (!message->call_count)
        return LLMGW_OK;
    calls = llmgw__arena_array(arena, message->call_count, sizeof *calls);
    if (!calls)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < message->call_count; i++) {
        calls[i] = message->calls[i];
        calls[i].extra = LLMGW__JNONE;
    }
    message->calls = calls;
    return LLMGW_OK;
}

llmgw_status llmgw__chat_without_state(const struct llmgw__chat *chat,
                                       struct llmgw__arena *arena,
                                       struct llmgw__chat *out)
{
    llmgw_status status = LLMGW_OK;

    *out = *chat;
    out->stateless = true;
    out->messages =
        llmgw__arena_array(arena, chat->message_count, sizeof *out->messages);
    if (!out->messages)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < chat->message_count && status == LLMGW_OK; i++) {
        struct llmgw__message *message = &out->messages[i];

        *message = chat->messages[i];
        message->details = message->extra = message->replay = LLMGW__JNONE;
        status = bare_calls(message, arena);
    }
    return status;
}

uint32_t llmgw__chat_member(const struct llmgw__chat *chat, const char *name)
{
    uint32_t node = llmgw__jdoc_get(&chat->doc, 0, name);

    return llmgw__jdoc_type(&chat->doc, node) == LLMGW__JSON_NULL ? LLMGW__JNONE
                                                                  : node;
}

static void set_defaults(struct llmgw__chat *chat, struct llmgw__arena *arena)
{
    memset(chat, 0, sizeof *chat);
    chat->arena = arena;
    chat->choice_node = LLMGW__JNONE;
    chat->schema_node = LLMGW__JNONE;
    chat->extension = LLMGW__JNONE;
    chat->parallel_tool_calls = -1;
    chat->schema_strict = -1;
    chat->logprobs = -1;
    chat->n = 1;
}

/* Not JSON, or not such as we take: the reader says what and where. */
static llmgw_status refuse_document(const struct llmgw__chat *chat,
                                    struct llmgw__error *error)
{
    char message[160];

    (void)snprintf(message, sizeof message,
                   "the request is not valid JSON: %s at byte %zu",
                   chat->doc.error, chat->doc.error_at);
    llmgw__error_setz(error, LLMGW_KIND_INVALID_REQUEST, message);
    return LLMGW_E_INVALID;
}

static llmgw_status read_request(const struct llmgw__place *request,
                                 const struct llmgw__form *of)
{
    struct llmgw__place extension;
    uint32_t nodes[LLMGW__MAX_MEMBERS];
    bool pass_unknown = false;
    llmgw_status status = llmgw__place_check(request, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    extension = llmgw__place_member(request, "llmgw");
    status = llmgw__chat_read_extension(&extension, &pass_unknown);
    if (status == LLMGW_OK)
        status = find_members(request, of, pass_unknown, nodes);
    for (size_t i = 0; i < of->count && status == LLMGW_OK; i++)
        status = read_member(request, &of->members[i], nodes[i]);
    return status == LLMGW_OK ? llmgw__chat_refuse_halves(request) : status;
}

/* The value of each known member, LLMGW__JNONE where it is absent. */
static llmgw_status find_members(const struct llmgw__place *request,
                                 const struct llmgw__form *of,
                                 bool pass_unknown, uint32_t *nodes)
{
    const struct llmgw__jdoc *doc = &request->in->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, request->node);

    for (size_t i = 0; i < of->count; i++)
        nodes[i] = LLMGW__JNONE;
    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, request->node, key);
        size_t member = llmgw__form_find(of, llmgw__jdoc_string(doc, key));

        if (member == of->count && !pass_unknown)
            return refuse_unknown(request, llmgw__jdoc_string(doc, key));
        if (member < of->count &&
            llmgw__jdoc_type(doc, value) != LLMGW__JSON_NULL)
            nodes[member] = value;
        key = llmgw__jdoc_next(doc, request->node, value);
    }
    return LLMGW_OK;
}

size_t llmgw__form_find(const struct llmgw__form *of, struct llmgw__jstr key)
{
    size_t i;

    for (i = 0; i < of->count; i++) {
        const struct llmgw__member *member = &of->members[i];

        if (llmgw__jstr_is(key, member->name))
            break;
    }
    return i;
}

bool llmgw__chat_member_known(struct llmgw__jstr name)
{
    return llmgw__form_find(&form, name) < form.count;
}

static llmgw_status refuse_unknown(const struct llmgw__place *request,
                                   struct llmgw__jstr key)
{
    struct llmgw__error *error = request->in->error;
    char name[sizeof error->param];
    char message[sizeof name + 32];

    llmgw__error_copy(name, sizeof name, llmgw__str_n(key.data, key.len));
    (void)snprintf(message, sizeof message, "unknown parameter: %s", name);
    llmgw__error_refuse(error, LLMGW_KIND_INVALID_REQUEST, name, message);
    llmgw__error_copy(error->code, sizeof error->code,
                      LLMGW__LIT("unknown_parameter"));
    return LLMGW_E_INVALID;
}

static llmgw_status read_member(const struct llmgw__place *request,
                                const struct llmgw__member *member,
                                uint32_t node)
{
    struct llmgw__place at = {request->in, request, member->name, 0, node};
    llmgw_status status = LLMGW_OK;

    if (member->required && !llmgw__place_given(&at))
        return llmgw__place_refuse(&at, "must be given");
    if (member->type != LLMGW__JSON_NONE)
        status = llmgw__place_check(&at, member->type, false);
    if (status == LLMGW_OK && member->read && llmgw__place_given(&at))
        status = member->read(&at);
    return status;
}

llmgw_status llmgw__chat_read_model(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__jstr raw = llmgw__jdoc_string(&chat->doc, at->node);
    llmgw_status status;

    if (raw.len == 0 || raw.len > MAX_MODEL)
        return llmgw__place_refuse(at, "must be 1 to 256 bytes");
    status = llmgw__jstr_text(raw, chat->arena, &chat->model);
    if (status == LLMGW_OK && !llmgw__str_printable(chat->model))
        return llmgw__place_refuse(at, "must not contain control characters");
    return status;
}

static llmgw_status read_logprobs(const struct llmgw__place *at)
{
    return llmgw__place_flag(at, &at->in->chat->logprobs);
}

static llmgw_status read_stream(const struct llmgw__place *at)
{
    return llmgw__place_bool(at, &at->in->chat->stream);
}

static llmgw_status read_parallel(const struct llmgw__place *at)
{
    return llmgw__place_flag(at, &at->in->chat->parallel_tool_calls);
}

llmgw_status llmgw__chat_read_user(const struct llmgw__place *at)
{
    return llmgw__place_string(at, &at->in->chat->user);
}
