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
#include "chat_parse.h"

#define MAX_MODEL 256 /* bytes of a model's name */

typedef llmgw_status read_fn(const struct llmgw__place *at);

/** A known top-level member. */
struct member {
    const char *name;
    size_t len;
    enum llmgw__json_type type; /* LLMGW__JSON_NONE: the reader checks */
    read_fn *read;              /* NULL: dialects look it up themselves */
    bool required;
};

static read_fn read_model;
static read_fn read_logprobs;
static read_fn read_stream;
static read_fn read_parallel;
static read_fn read_user;

/* clang-format off */
#define MEMBER(name, type, read) \
    {(name), sizeof(name) - 1, LLMGW__JSON_##type, (read), false}
#define REQUIRED(name, type, read) \
    {(name), sizeof(name) - 1, LLMGW__JSON_##type, (read), true}

/* Read in this order, whatever the request's: what looks at another member
 * stands after it. */
static const struct member members[] = {
    REQUIRED("model", STRING, read_model),
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
    MEMBER("user", STRING, read_user),
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

#define MEMBERS (sizeof members / sizeof members[0])

static void set_defaults(struct llmgw__chat *chat, struct llmgw__arena *arena);
static llmgw_status refuse_document(const struct llmgw__chat *chat,
                                    struct llmgw__error *error);
static llmgw_status read_request(const struct llmgw__place *request);
static llmgw_status find_members(const struct llmgw__place *request,
                                 bool pass_unknown, uint32_t *nodes);
static size_t member_of(struct llmgw__jstr key);
static llmgw_status refuse_unknown(const struct llmgw__place *request,
                                   struct llmgw__jstr key);
static llmgw_status read_member(const struct llmgw__place *request,
                                const struct member *member, uint32_t node);

llmgw_status llmgw__chat_parse(struct llmgw__chat *chat, llmgw_str bytes,
                               struct llmgw__arena *arena,
                               struct llmgw__error *error)
{
    struct llmgw__chat_parse in = {chat, error};
    struct llmgw__place request = {&in, NULL, NULL, 0, 0};
    llmgw_status status;

    set_defaults(chat, arena);
    status = llmgw__jdoc_parse(&chat->doc, bytes,
                               LLMGW__JDOC_UTF8 | LLMGW__JDOC_UNIQUE);
    if (status == LLMGW_E_INVALID)
        return refuse_document(chat, error);
    if (status == LLMGW_OK)
        status = read_request(&request);
    if (status != LLMGW_OK)
        llmgw__chat_clear(chat);
    return status;
}

void llmgw__chat_clear(struct llmgw__chat *chat)
{
    llmgw__jdoc_clear(&chat->doc);
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

static llmgw_status read_request(const struct llmgw__place *request)
{
    struct llmgw__place extension;
    uint32_t nodes[MEMBERS];
    bool pass_unknown = false;
    llmgw_status status = llmgw__place_check(request, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    extension = llmgw__place_member(request, "llmgw");
    status = llmgw__chat_read_extension(&extension, &pass_unknown);
    if (status == LLMGW_OK)
        status = find_members(request, pass_unknown, nodes);
    for (size_t i = 0; i < MEMBERS && status == LLMGW_OK; i++)
        status = read_member(request, &members[i], nodes[i]);
    return status;
}

/* The value of each known member, LLMGW__JNONE where it is absent. */
static llmgw_status find_members(const struct llmgw__place *request,
                                 bool pass_unknown, uint32_t *nodes)
{
    const struct llmgw__jdoc *doc = &request->in->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, request->node);

    for (size_t i = 0; i < MEMBERS; i++)
        nodes[i] = LLMGW__JNONE;
    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, request->node, key);
        size_t member = member_of(llmgw__jdoc_string(doc, key));

        if (member == MEMBERS && !pass_unknown)
            return refuse_unknown(request, llmgw__jdoc_string(doc, key));
        if (member < MEMBERS &&
            llmgw__jdoc_type(doc, value) != LLMGW__JSON_NULL)
            nodes[member] = value;
        key = llmgw__jdoc_next(doc, request->node, value);
    }
    return LLMGW_OK;
}

/* MEMBERS: none of that name. */
static size_t member_of(struct llmgw__jstr key)
{
    size_t i;

    for (i = 0; i < MEMBERS; i++) {
        if (key.escaped ? llmgw__jstr_is(key, members[i].name)
                        : key.len == members[i].len &&
                              !memcmp(key.data, members[i].name, key.len))
            break;
    }
    return i;
}

bool llmgw__chat_member_known(struct llmgw__jstr name)
{
    return member_of(name) < MEMBERS;
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
                                const struct member *member, uint32_t node)
{
    struct llmgw__place at = {request->in, request, member->name, 0, node};
    llmgw_status status = LLMGW_OK;

    if (member->type != LLMGW__JSON_NONE)
        status = llmgw__place_check(&at, member->type, member->required);
    if (status == LLMGW_OK && member->read && llmgw__place_given(&at))
        status = member->read(&at);
    return status;
}

static llmgw_status read_model(const struct llmgw__place *at)
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

static llmgw_status read_user(const struct llmgw__place *at)
{
    return llmgw__place_string(at, &at->in->chat->user);
}
