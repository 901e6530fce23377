/*
 * schema/chat_tools.c - the tools that are offered.
 *
 * Source: OpenAI API, "Create chat completion", tools and the deprecated
 * functions. Tools of other types are kept for the targets that run them.
 * Memory: one array of tools in the request's arena.
 */
#include "chat.h"
#include "chat_parse.h"

typedef llmgw_status read_fn(const struct llmgw__place *at,
                             struct llmgw__tool *tool);

static read_fn read_tool;
static read_fn read_function;
static read_fn read_custom;
static read_fn read_flat;

static llmgw_status read_list(const struct llmgw__place *at, read_fn *read);
static llmgw_status check_name_is_new(const struct llmgw__place *name,
                                      const struct llmgw__tool *tool);

llmgw_status llmgw__chat_read_tools(const struct llmgw__place *at)
{
    return read_list(at, read_tool);
}

/* The list holds what is inside "function" of a tool. */
llmgw_status llmgw__chat_read_functions(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;

    if (chat->tool_count > 0)
        return llmgw__place_refuse(at, "must not stand beside tools");
    chat->legacy_functions = true;
    return read_list(at, read_function);
}

static llmgw_status read_list(const struct llmgw__place *at, read_fn *read)
{
    struct llmgw__chat *chat = at->in->chat;
    size_t count = llmgw__jdoc_count(&chat->doc, at->node);
    uint32_t node = llmgw__jdoc_first(&chat->doc, at->node);

    if (count > LLMGW__MAX_TOOLS)
        return llmgw__place_refuse(at, "must have at most 512 elements");
    chat->tools = llmgw__arena_array(chat->arena, count, sizeof *chat->tools);
    if (!chat->tools)
        return LLMGW_E_NOMEM;
    while (node != LLMGW__JNONE) {
        struct llmgw__place element =
            llmgw__place_element(at, chat->tool_count, node);
        struct llmgw__tool *tool = &chat->tools[chat->tool_count];
        llmgw_status status =
            llmgw__place_check(&element, LLMGW__JSON_OBJECT, true);

        tool->node = node;
        tool->parameters_node = LLMGW__JNONE;
        tool->strict = -1;
        if (status == LLMGW_OK)
            status = read(&element, tool);
        if (status != LLMGW_OK)
            return status;
        chat->tool_count++;
        node = llmgw__jdoc_next(&chat->doc, at->node, node);
    }
    return LLMGW_OK;
}

static llmgw_status read_tool(const struct llmgw__place *at,
                              struct llmgw__tool *tool)
{
    struct llmgw__place type = llmgw__place_member(at, "type");
    struct llmgw__place function = llmgw__place_member(at, "function");
    struct llmgw__place custom = llmgw__place_member(at, "custom");
    struct llmgw__jstr name = {NULL, 0, false};
    llmgw_status status = llmgw__place_word(&type, &name);

    if (status != LLMGW_OK)
        return status;
    if (llmgw__jstr_is(name, "function"))
        return read_function(&function, tool);
    if (llmgw__jstr_is(name, "custom"))
        return llmgw__place_given(&custom) ? read_custom(&custom, tool)
                                           : read_flat(at, tool);
    tool->type = LLMGW__TOOL_OTHER;
    return LLMGW_OK;
}

static llmgw_status read_function(const struct llmgw__place *at,
                                  struct llmgw__tool *tool)
{
    struct llmgw__place name, description, parameters, strict;
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    name = llmgw__place_member(at, "name");
    description = llmgw__place_member(at, "description");
    parameters = llmgw__place_member(at, "parameters");
    strict = llmgw__place_member(at, "strict");
    tool->type = LLMGW__TOOL_FUNCTION;
    status = llmgw__place_name(&name, &tool->name);
    if (status == LLMGW_OK)
        status = check_name_is_new(&name, tool);
    if (status == LLMGW_OK)
        status = llmgw__place_string(&description, &tool->description);
    if (status == LLMGW_OK)
        status = llmgw__place_node(&parameters, LLMGW__JSON_OBJECT,
                                   &tool->parameters_node);
    if (status == LLMGW_OK)
        status = llmgw__place_flag(&strict, &tool->strict);
    tool->parameters =
        llmgw__jdoc_raw(&at->in->chat->doc, tool->parameters_node);
    return status;
}

/* Its format is the dialects' to read. */
static llmgw_status read_custom(const struct llmgw__place *at,
                                struct llmgw__tool *tool)
{
    struct llmgw__place name, description;
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    name = llmgw__place_member(at, "name");
    description = llmgw__place_member(at, "description");
    tool->type = LLMGW__TOOL_CUSTOM;
    status = llmgw__place_name(&name, &tool->name);
    if (status == LLMGW_OK)
        status = check_name_is_new(&name, tool);
    return status == LLMGW_OK
               ? llmgw__place_string(&description, &tool->description)
               : status;
}

/* Another wire's form of a function, flat: {type: "custom", name,
 * input_schema}. For the targets that speak it. */
static llmgw_status read_flat(const struct llmgw__place *at,
                              struct llmgw__tool *tool)
{
    struct llmgw__place custom = llmgw__place_member(at, "custom");
    struct llmgw__place name = llmgw__place_member(at, "name");
    llmgw_status status;

    if (!llmgw__place_given(&name))
        return llmgw__place_check(&custom, LLMGW__JSON_OBJECT, true);
    tool->type = LLMGW__TOOL_OTHER;
    status = llmgw__place_name(&name, &tool->name);
    return status == LLMGW_OK ? check_name_is_new(&name, tool) : status;
}

/* Custom tools may go out as functions, so that they share the names. */
static llmgw_status check_name_is_new(const struct llmgw__place *name,
                                      const struct llmgw__tool *tool)
{
    const struct llmgw__chat *chat = name->in->chat;

    for (size_t i = 0; i < chat->tool_count; i++)
        if (chat->tools[i].name.data &&
            llmgw__jstr_compare(chat->tools[i].name, tool->name) == 0)
            return llmgw__place_refuse(name, "is the name of another tool");
    return LLMGW_OK;
}
