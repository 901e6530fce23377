/*
 * schema/chat_message.c - the messages of a request, role by role.
 *
 * Source: OpenAI API, "Create chat completion", messages. Beyond it: the
 * reasoning members that other providers want back, and is_error of a tool's
 * result.
 * Memory: one array of messages in the request's arena.
 */
#include "base/text.h"
#include "chat.h"
#include "chat_parse.h"

#define TYPE(name) (1u << LLMGW__PART_##name)
#define USER_PARTS (TYPE(TEXT) | TYPE(IMAGE) | TYPE(AUDIO) | TYPE(FILE))

typedef llmgw_status read_fn(const struct llmgw__place *at,
                             struct llmgw__message *message);

static read_fn read_assistant;
static read_fn read_result;
static read_fn read_function;
static read_fn read_reasoning;

/** What a role's messages may hold. */
struct role {
    uint8_t role;
    unsigned parts;  /* mask of part types */
    bool no_content; /* content may be absent or null */
    read_fn *read;   /* members of this role alone; NULL: none */
};

static const char *const role_names[] = {
    "developer", "system", "user", "assistant", "tool", "function", NULL,
};
/* beside the names */
static const struct role roles[] = {
    {LLMGW__ROLE_DEVELOPER, TYPE(TEXT), false, NULL},
    {LLMGW__ROLE_SYSTEM, TYPE(TEXT), false, NULL},
    {LLMGW__ROLE_USER, USER_PARTS, false, NULL},
    {LLMGW__ROLE_ASSISTANT, TYPE(TEXT) | TYPE(REFUSAL), true, read_assistant},
    {LLMGW__ROLE_TOOL, USER_PARTS, false, read_result},
    {LLMGW__ROLE_TOOL, TYPE(TEXT), true, read_function},
};

static llmgw_status read_message(const struct llmgw__place *at,
                                 struct llmgw__message *message);
static llmgw_status read_role(const struct llmgw__place *at,
                              const struct role **out);
static llmgw_status read_content(const struct llmgw__place *at,
                                 const struct role *role,
                                 struct llmgw__message *message);
static bool says_anything(const struct llmgw__place *at,
                          const struct llmgw__message *message);
static bool follows_assistant(const struct llmgw__place *at);

llmgw_status llmgw__chat_read_messages(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    size_t count = llmgw__jdoc_count(&chat->doc, at->node);
    uint32_t node = llmgw__jdoc_first(&chat->doc, at->node);

    if (count == 0)
        return llmgw__place_refuse(at, "must not be empty");
    if (count > LLMGW__MAX_MESSAGES)
        return llmgw__place_refuse(at, "must have at most 100000 elements");
    chat->messages =
        llmgw__arena_array(chat->arena, count, sizeof *chat->messages);
    if (!chat->messages)
        return LLMGW_E_NOMEM;
    while (node != LLMGW__JNONE) {
        struct llmgw__place element =
            llmgw__place_element(at, chat->message_count, node);
        llmgw_status status =
            read_message(&element, &chat->messages[chat->message_count]);

        if (status != LLMGW_OK)
            return status;
        chat->message_count++;
        node = llmgw__jdoc_next(&chat->doc, at->node, node);
    }
    return LLMGW_OK;
}

static llmgw_status read_message(const struct llmgw__place *at,
                                 struct llmgw__message *message)
{
    const struct role *role = NULL;
    struct llmgw__place name;
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_OBJECT, true);

    if (status == LLMGW_OK)
        status = read_role(at, &role);
    if (status != LLMGW_OK)
        return status;
    message->role = role->role;
    message->node = at->node;
    message->details = LLMGW__JNONE;
    message->extra = LLMGW__JNONE;
    message->replay = LLMGW__JNONE;
    name = llmgw__place_member(at, "name");
    status = llmgw__place_string(&name, &message->name);
    if (status == LLMGW_OK && role->read)
        status = role->read(at, message);
    return status == LLMGW_OK ? read_content(at, role, message) : status;
}

static llmgw_status read_role(const struct llmgw__place *at,
                              const struct role **out)
{
    struct llmgw__place role = llmgw__place_member(at, "role");
    size_t which = 0;
    llmgw_status status = llmgw__place_check(&role, LLMGW__JSON_STRING, true);

    if (status == LLMGW_OK)
        status = llmgw__place_one_of(&role, role_names,
                                     "must be developer, system, user, "
                                     "assistant, tool or function",
                                     &which);
    *out = &roles[which];
    return status;
}

static llmgw_status read_content(const struct llmgw__place *at,
                                 const struct role *role,
                                 struct llmgw__message *message)
{
    struct llmgw__place content = llmgw__place_member(at, "content");

    if (llmgw__place_given(&content))
        return llmgw__chat_read_content(&content, role->parts, message);
    if (role->no_content && says_anything(at, message))
        return LLMGW_OK;
    return llmgw__place_refuse(&content, "must be given");
}

/* An explicit null says that there is nothing: an answer that was withheld
 * looks like that in the history. */
static bool says_anything(const struct llmgw__place *at,
                          const struct llmgw__message *message)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;

    return message->call_count > 0 || message->refusal.data ||
           message->reasoning.data || message->details != LLMGW__JNONE ||
           llmgw__jdoc_get(doc, at->node, "audio") != LLMGW__JNONE ||
           llmgw__jdoc_get(doc, at->node, "content") != LLMGW__JNONE;
}

static llmgw_status read_assistant(const struct llmgw__place *at,
                                   struct llmgw__message *message)
{
    struct llmgw__place refusal = llmgw__place_member(at, "refusal");
    struct llmgw__place audio = llmgw__place_member(at, "audio");
    llmgw_status status = llmgw__place_string(&refusal, &message->refusal);

    if (status == LLMGW_OK)
        status = llmgw__place_check(&audio, LLMGW__JSON_OBJECT, false);
    if (status == LLMGW_OK)
        status = read_reasoning(at, message);
    return status == LLMGW_OK ? llmgw__chat_read_calls(at, message) : status;
}

/* reasoning_content, and reasoning where a host kept that name of it. */
static llmgw_status read_reasoning(const struct llmgw__place *at,
                                   struct llmgw__message *message)
{
    struct llmgw__place text = llmgw__place_member(at, "reasoning_content");
    struct llmgw__place other = llmgw__place_member(at, "reasoning");
    struct llmgw__place details = llmgw__place_member(at, "reasoning_details");
    struct llmgw__place extra = llmgw__place_member(at, "extra_content");
    struct llmgw__place replay = llmgw__place_member(at, "llmgw");
    llmgw_status status = llmgw__place_string(
        llmgw__place_given(&text) ? &text : &other, &message->reasoning);

    if (status == LLMGW_OK)
        status =
            llmgw__place_node(&details, LLMGW__JSON_ARRAY, &message->details);
    if (status == LLMGW_OK)
        status = llmgw__place_node(&extra, LLMGW__JSON_OBJECT, &message->extra);
    if (status == LLMGW_OK)
        status =
            llmgw__place_node(&replay, LLMGW__JSON_OBJECT, &message->replay);
    return status;
}

/* Results of calls that the history lacks, and calls without a result, are the
 * dialects' to mend; a result where nothing can have been called is not. */
static llmgw_status read_result(const struct llmgw__place *at,
                                struct llmgw__message *message)
{
    struct llmgw__place id = llmgw__place_member(at, "tool_call_id");
    struct llmgw__place failed = llmgw__place_member(at, "is_error");
    llmgw_status status = llmgw__place_word(&id, &message->tool_call_id);

    if (status == LLMGW_OK)
        status = llmgw__place_bool(&failed, &message->is_error);
    if (status == LLMGW_OK && !follows_assistant(at))
        return llmgw__place_refuse(&id, "answers no earlier tool call");
    return status;
}

static llmgw_status read_function(const struct llmgw__place *at,
                                  struct llmgw__message *message)
{
    struct llmgw__place name = llmgw__place_member(at, "name");
    llmgw_status status = llmgw__place_word(&name, &message->name);

    message->legacy = true;
    return status == LLMGW_OK ? llmgw__chat_link_function(at, message) : status;
}

/* Is there an assistant message before this one? Results stand close to their
 * call, so that the way back is short. */
static bool follows_assistant(const struct llmgw__place *at)
{
    const struct llmgw__chat *chat = at->in->chat;

    for (size_t i = at->index; i > 0; i--)
        if (chat->messages[i - 1].role == LLMGW__ROLE_ASSISTANT)
            return true;
    return false;
}
