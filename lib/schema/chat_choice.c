/*
 * schema/chat_choice.c - which of the tools may or must be called.
 *
 * Source: OpenAI API, "Create chat completion", tool_choice and the deprecated
 * function_call.
 * Memory: none.
 */
#include "chat.h"
#include "chat_parse.h"

static const char *const words[] = {"none", "auto", "required", NULL};
static const uint8_t word_choices[] = {LLMGW__CHOICE_NONE, LLMGW__CHOICE_AUTO,
                                       LLMGW__CHOICE_REQUIRED};
static const char *const legacy_words[] = {"none", "auto", NULL};

static const char *const types[] = {"function", "custom", "allowed_tools",
                                    NULL};
static const char *const modes[] = {"auto", "required", NULL};

static llmgw_status read_object(const struct llmgw__place *at);
static llmgw_status read_named(const struct llmgw__place *at, bool custom,
                               struct llmgw__jstr *out);
static llmgw_status read_allowed(const struct llmgw__place *at);
static llmgw_status check_allowed(const struct llmgw__place *at);
static llmgw_status check_entry(const struct llmgw__place *at);
static llmgw_status check_tools(const struct llmgw__place *at);
static bool is_offered(const struct llmgw__chat *chat, struct llmgw__jstr name,
                       bool custom);
static bool entry_allows(const struct llmgw__jdoc *doc, uint32_t entry,
                         const struct llmgw__tool *tool);

llmgw_status llmgw__chat_read_tool_choice(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    size_t which = 0;
    llmgw_status status;

    if (llmgw__place_type(at) == LLMGW__JSON_OBJECT) {
        status = read_object(at);
    } else {
        status = llmgw__place_one_of(
            at, words, "must be none, auto, required or an object", &which);
        chat->choice = word_choices[which];
    }
    return status == LLMGW_OK ? check_tools(at) : status;
}

llmgw_status llmgw__chat_read_function_call(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    size_t which = 0;
    llmgw_status status;

    if (chat->choice != LLMGW__CHOICE_UNSET)
        return llmgw__place_refuse(at, "must not stand beside tool_choice");
    chat->legacy_functions = true;
    if (llmgw__place_type(at) == LLMGW__JSON_OBJECT) {
        chat->choice = LLMGW__CHOICE_NAMED;
        status = read_named(at, false, &chat->choice_name);
    } else {
        status = llmgw__place_one_of(at, legacy_words,
                                     "must be none, auto or an object", &which);
        chat->choice = word_choices[which];
    }
    return status == LLMGW_OK ? check_tools(at) : status;
}

bool llmgw__chat_tool_allowed(const struct llmgw__chat *chat,
                              const struct llmgw__tool *tool)
{
    const struct llmgw__jdoc *doc = &chat->doc;
    uint32_t entry;

    if (chat->choice != LLMGW__CHOICE_ALLOWED)
        return true;
    entry = llmgw__jdoc_first(doc, chat->choice_node);
    while (entry != LLMGW__JNONE) {
        if (entry_allows(doc, entry, tool))
            return true;
        entry = llmgw__jdoc_next(doc, chat->choice_node, entry);
    }
    return false;
}

static llmgw_status read_object(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__place type = llmgw__place_member(at, "type");
    struct llmgw__place what;
    size_t which = 0;
    llmgw_status status = llmgw__place_check(&type, LLMGW__JSON_STRING, true);

    if (status == LLMGW_OK)
        status = llmgw__place_one_of(
            &type, types, "must be function, custom or allowed_tools", &which);
    if (status != LLMGW_OK)
        return status;
    what = llmgw__place_member(at, types[which]);
    status = llmgw__place_check(&what, LLMGW__JSON_OBJECT, true);
    if (status != LLMGW_OK)
        return status;
    if (which == 2)
        return read_allowed(&what);
    chat->choice = LLMGW__CHOICE_NAMED;
    chat->choice_custom = which == 1;
    return read_named(&what, chat->choice_custom, &chat->choice_name);
}

static llmgw_status read_named(const struct llmgw__place *at, bool custom,
                               struct llmgw__jstr *out)
{
    struct llmgw__place name = llmgw__place_member(at, "name");
    llmgw_status status = llmgw__place_word(&name, out);

    if (status == LLMGW_OK && !is_offered(at->in->chat, *out, custom))
        return llmgw__place_refuse(&name, "names no tool of the request");
    return status;
}

static llmgw_status read_allowed(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__place mode = llmgw__place_member(at, "mode");
    struct llmgw__place list = llmgw__place_member(at, "tools");
    size_t which = 0;
    llmgw_status status = llmgw__place_check(&mode, LLMGW__JSON_STRING, true);

    if (status == LLMGW_OK)
        status = llmgw__place_one_of(&mode, modes, "must be auto or required",
                                     &which);
    if (status == LLMGW_OK)
        status = llmgw__place_check(&list, LLMGW__JSON_ARRAY, true);
    if (status != LLMGW_OK)
        return status;
    chat->choice = LLMGW__CHOICE_ALLOWED;
    chat->choice_required = which == 1;
    chat->choice_node = list.node;
    return check_allowed(&list);
}

static llmgw_status check_allowed(const struct llmgw__place *at)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    uint32_t node = llmgw__jdoc_first(doc, at->node);

    if (node == LLMGW__JNONE)
        return llmgw__place_refuse(at, "must not be empty");
    for (size_t i = 0; node != LLMGW__JNONE; i++) {
        struct llmgw__place entry = llmgw__place_element(at, i, node);
        llmgw_status status = check_entry(&entry);

        if (status != LLMGW_OK)
            return status;
        node = llmgw__jdoc_next(doc, at->node, node);
    }
    return LLMGW_OK;
}

static llmgw_status check_entry(const struct llmgw__place *at)
{
    struct llmgw__place type = llmgw__place_member(at, "type");
    struct llmgw__jstr text = {NULL, 0, false};
    struct llmgw__jstr name = {NULL, 0, false};
    llmgw_status status = llmgw__place_word(&type, &text);

    for (size_t i = 0; i < 2 && status == LLMGW_OK; i++) {
        struct llmgw__place what = llmgw__place_member(at, types[i]);

        if (llmgw__jstr_is(text, types[i]))
            status = read_named(&what, i == 1, &name);
    }
    return status;
}

/* Without tools, none and auto ask for what happens anyway. */
static llmgw_status check_tools(const struct llmgw__place *at)
{
    const struct llmgw__chat *chat = at->in->chat;

    if (chat->tool_count > 0 || chat->choice == LLMGW__CHOICE_NONE ||
        chat->choice == LLMGW__CHOICE_AUTO)
        return LLMGW_OK;
    return llmgw__place_refuse(at, "needs tools");
}

static bool is_offered(const struct llmgw__chat *chat, struct llmgw__jstr name,
                       bool custom)
{
    for (size_t i = 0; i < chat->tool_count; i++) {
        const struct llmgw__tool *tool = &chat->tools[i];

        if (tool->name.data && (tool->type != LLMGW__TOOL_FUNCTION) == custom &&
            llmgw__jstr_compare(tool->name, name) == 0)
            return true;
    }
    return false;
}

/* What has a name by it, all others by their type. */
static bool entry_allows(const struct llmgw__jdoc *doc, uint32_t entry,
                         const struct llmgw__tool *tool)
{
    const char *key =
        tool->type == LLMGW__TOOL_FUNCTION ? "function" : "custom";
    struct llmgw__jstr type = llmgw__jdoc_get_string(doc, entry, "type");
    struct llmgw__jstr name =
        llmgw__jdoc_get_string(doc, llmgw__jdoc_get(doc, entry, key), "name");

    if (!tool->name.data)
        return llmgw__jstr_compare(
                   type, llmgw__jdoc_get_string(doc, tool->node, "type")) == 0;
    return llmgw__jstr_is(type, key) &&
           llmgw__jstr_compare(name, tool->name) == 0;
}
