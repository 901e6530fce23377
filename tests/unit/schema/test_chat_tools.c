/* Tools, which of them may be called, and the form of the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/chat.h"

#define F(name) "{'type':'function','function':{'name':'" name "'}}"
#define C(name) "{'type':'custom','custom':{'name':'" name "'}}"

static void tools_of_every_type_are_read(void **state)
{
    const struct llmgw__chat *chat = chat_with(
        "'tools':[{'type':'function','function':{'name':'get_weather',"
        "'description':'d','parameters':{'type':'object','n':1.0},"
        "'strict':true}}," F("a.b:c-1") "," C(
            "run") ","
                   "{'type':'web_search','x':1}],'parallel_tool_calls':false");

    (void)state;
    assert_int_equal(chat->tool_count, 4);
    assert_int_equal(chat->tools[0].type, LLMGW__TOOL_FUNCTION);
    assert_string_equal(text_of(chat->tools[0].name), "get_weather");
    assert_string_equal(text_of(chat->tools[0].description), "d");
    assert_true(llmgw__str_is(chat->tools[0].parameters,
                              "{\"type\":\"object\",\"n\":1.0}"));
    assert_int_not_equal(chat->tools[0].parameters_node, LLMGW__JNONE);
    assert_int_equal(chat->tools[0].strict, 1);
    assert_int_equal(chat->tools[1].parameters.len, 0);
    assert_int_equal(chat->tools[1].parameters_node, LLMGW__JNONE);
    assert_int_equal(chat->tools[1].strict, -1);
    assert_int_equal(chat->tools[2].type, LLMGW__TOOL_CUSTOM);
    assert_string_equal(text_of(chat->tools[2].name), "run");
    assert_int_equal(chat->tools[3].type, LLMGW__TOOL_OTHER);
    assert_int_equal(chat->parallel_tool_calls, 0);
    assert_false(chat->legacy_functions);
}

static void vendors_tools_are_kept_as_they_are(void **state)
{
    const struct llmgw__chat *chat = chat_with(
        "'tools':[{'type':'custom','name':'flat','input_schema':{}}," C(
            "c") ",{'type':'web_search_20250305','name':'web_search'},"
                 "{'type':'bash_20250124','name':'bash'}],"
                 "'tool_choice':{'type':'allowed_tools','allowed_tools':"
                 "{'mode':'auto','tools':[" C("flat") "]}}");

    (void)state;
    assert_int_equal(chat->tool_count, 4);
    assert_int_equal(chat->tools[0].type, LLMGW__TOOL_OTHER);
    assert_int_equal(chat->tools[1].type, LLMGW__TOOL_CUSTOM);
    assert_int_equal(chat->tools[2].type, LLMGW__TOOL_OTHER);
    assert_int_equal(chat->tools[3].type, LLMGW__TOOL_OTHER);
    assert_true(llmgw__chat_tool_allowed(chat, &chat->tools[0]));
    for (size_t i = 1; i < 4; i++)
        assert_false(llmgw__chat_tool_allowed(chat, &chat->tools[i]));
}

static void bad_tools_are_refused_by_their_path(void **state)
{
#define NAME_RULE "must be 1 to 64 characters of A-Z, a-z, 0-9, _, -, . and :"
    static const struct {
        const char *members, *param, *must;
    } cases[] = {
        /* clang-format off */
        {"'tools':{}", "tools", "must be an array"},
        {"'tools':[1]", "tools[0]", "must be an object"},
        {"'tools':[{}]", "tools[0].type", "must be given"},
        {"'tools':[{'type':7}]", "tools[0].type", "must be a string"},
        {"'tools':[{'type':'function'}]", "tools[0].function",
         "must be given"},
        {"'tools':[{'type':'function','name':'f'}]", "tools[0].function",
         "must be given"},
        {"'tools':[{'type':'function','function':{}}]",
         "tools[0].function.name", "must be given"},
        {"'tools':[" F("") "]", "tools[0].function.name", NAME_RULE},
        {"'tools':[" F("a b") "]", "tools[0].function.name", NAME_RULE},
        {"'tools':[" F("\\u0061") "]", "tools[0].function.name", NAME_RULE},
        {"'tools':[" F("caf\xc3\xa9") "]", "tools[0].function.name",
         NAME_RULE},
        {"'tools':[" F("a234567890123456789012345678901234567890123456789"
                       "0123456789012345") "]",
         "tools[0].function.name", NAME_RULE},
        {"'tools':[" F("f") "," F("f") "]", "tools[1].function.name",
         "is the name of another tool"},
        {"'tools':[" F("f") "," C("f") "]", "tools[1].custom.name",
         "is the name of another tool"},
        {"'tools':[{'type':'function','function':{'name':'f','parameters':"
         "'{}'}}]",
         "tools[0].function.parameters", "must be an object"},
        {"'tools':[{'type':'function','function':{'name':'f','strict':1}}]",
         "tools[0].function.strict", "must be true or false"},
        {"'tools':[{'type':'custom','custom':{'name':'f','description':1}}]",
         "tools[0].custom.description", "must be a string"},
        {"'tools':[{'type':'custom'}]", "tools[0].custom", "must be given"},
        {"'tools':[{'type':'custom','name':'a b'}]", "tools[0].name",
         NAME_RULE},
        {"'tools':[" F("f") ",{'type':'custom','name':'f'}]", "tools[1].name",
         "is the name of another tool"},
        {"'tools':[" F("f") "],'functions':[{'name':'g'}]", "functions",
         "must not stand beside tools"},
        {"'functions':[{'name':''}]", "functions[0].name", NAME_RULE},
        {"'tools':[" F("f") "],'tool_choice':'any'", "tool_choice",
         "must be none, auto, required or an object"},
        {"'tools':[" F("f") "],'tool_choice':1", "tool_choice",
         "must be none, auto, required or an object"},
        {"'tool_choice':'required'", "tool_choice", "needs tools"},
        {"'tools':[],'tool_choice':'required'", "tool_choice", "needs tools"},
        {"'tools':[" F("f") "],'tool_choice':{}", "tool_choice.type",
         "must be given"},
        {"'tools':[" F("f") "],'tool_choice':{'type':'tool'}",
         "tool_choice.type", "must be function, custom or allowed_tools"},
        {"'tools':[" F("f") "],'tool_choice':{'type':'function'}",
         "tool_choice.function", "must be given"},
        {"'tools':[" F("f") "],'tool_choice':" F("g"),
         "tool_choice.function.name", "names no tool of the request"},
        {"'tools':[" F("f") "],'tool_choice':" C("f"),
         "tool_choice.custom.name", "names no tool of the request"},
        {"'tools':[" F("f") "],'tool_choice':{'type':'allowed_tools',"
         "'allowed_tools':{'tools':[]}}",
         "tool_choice.allowed_tools.mode", "must be given"},
        {"'tools':[" F("f") "],'tool_choice':{'type':'allowed_tools',"
         "'allowed_tools':{'mode':'none','tools':[]}}",
         "tool_choice.allowed_tools.mode", "must be auto or required"},
        {"'tools':[" F("f") "],'tool_choice':{'type':'allowed_tools',"
         "'allowed_tools':{'mode':'auto','tools':[]}}",
         "tool_choice.allowed_tools.tools", "must not be empty"},
        {"'tools':[" F("f") "],'tool_choice':{'type':'allowed_tools',"
         "'allowed_tools':{'mode':'auto','tools':[" F("f") "," F("g") "]}}",
         "tool_choice.allowed_tools.tools[1].function.name",
         "names no tool of the request"},
        {"'tools':[" F("f") "],'tool_choice':'auto','function_call':'auto'",
         "function_call", "must not stand beside tool_choice"},
        {"'functions':[{'name':'f'}],'function_call':'required'",
         "function_call", "must be none, auto or an object"},
        {"'functions':[{'name':'f'}],'function_call':{'name':'g'}",
         "function_call.name", "names no tool of the request"},
        {"'response_format':'json'", "response_format", "must be an object"},
        {"'response_format':{}", "response_format.type", "must be given"},
        {"'response_format':{'type':'xml'}", "response_format.type",
         "must be text, json_object or json_schema"},
        {"'response_format':{'type':'json_schema'}",
         "response_format.json_schema", "must be given"},
        {"'response_format':{'type':'json_schema','json_schema':{}}",
         "response_format.json_schema.name", "must be given"},
        {"'response_format':{'type':'json_schema','json_schema':{'name':'a b'}}",
         "response_format.json_schema.name", NAME_RULE},
        {"'response_format':{'type':'json_schema','json_schema':{'name':'a',"
         "'schema':[]}}",
         "response_format.json_schema.schema", "must be an object"},
        {"'response_format':{'type':'json_schema','json_schema':{'name':'a',"
         "'strict':'yes'}}",
         "response_format.json_schema.strict", "must be true or false"},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char wanted[300];

        snprintf(wanted, sizeof wanted, "%s | invalid_value | %s %s",
                 cases[i].param, cases[i].param, cases[i].must);
        assert_string_equal(refusal_with(cases[i].members), wanted);
    }
}

static void too_many_tools_are_refused(void **state)
{
    static char request[40000];
    size_t len;

    (void)state;
    len = (size_t)snprintf(request, sizeof request,
                           "{'model':'m','messages':[{'role':'user',"
                           "'content':''}],'tools':[");
    for (int i = 0; i < 513; i++)
        len += (size_t)snprintf(
            request + len, 64, "{'type':'function','function':{'name':'f%d'}},",
            i);
    memcpy(request + len - 1, "]}", 3);
    assert_string_equal(refusal_of(request),
                        "tools | invalid_value | tools must have at most 512 "
                        "elements");
}

static void choices_are_words_or_names(void **state)
{
    const struct llmgw__chat *chat;

    (void)state;
    assert_int_equal(chat_with("'tool_choice':'none'")->choice,
                     LLMGW__CHOICE_NONE);
    assert_int_equal(chat_with("'tool_choice':'auto'")->choice,
                     LLMGW__CHOICE_AUTO);
    assert_int_equal(
        chat_with("'tool_choice':'required','tools':[" F("f") "]")->choice,
        LLMGW__CHOICE_REQUIRED);
    chat = chat_with("'tools':[" C("f") "],'tool_choice':" C("f"));
    assert_int_equal(chat->choice, LLMGW__CHOICE_NAMED);
    assert_true(chat->choice_custom);
    assert_string_equal(text_of(chat->choice_name), "f");
    assert_true(llmgw__chat_tool_allowed(chat, &chat->tools[0]));
}

static void allowed_tools_are_told_by_name_and_type(void **state)
{
    const struct llmgw__chat *chat =
        chat_with("'tools':[" F("custom") "," F("g") "," C("h") "," C(
            "i") ","
                 "{'type':'web_search'},{'type':'mcp'}],'tool_choice':"
                 "{'type':'allowed_tools','allowed_tools':{'mode':'required',"
                 "'tools':[" F("custom") "," C(
                     "h") ",{'type':'web_search'}]}}");
    static const bool allowed[] = {true, false, true, false, true, false};

    (void)state;
    assert_int_equal(chat->choice, LLMGW__CHOICE_ALLOWED);
    assert_true(chat->choice_required);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(llmgw__chat_tool_allowed(chat, &chat->tools[i]),
                         allowed[i]);
}

static void deprecated_functions_become_tools(void **state)
{
    const struct llmgw__chat *chat = chat_with(
        "'functions':[{'name':'f','description':'d','parameters':{}}],"
        "'function_call':{'name':'f'}");

    (void)state;
    assert_true(chat->legacy_functions);
    assert_int_equal(chat->tool_count, 1);
    assert_int_equal(chat->tools[0].type, LLMGW__TOOL_FUNCTION);
    assert_string_equal(text_of(chat->tools[0].name), "f");
    assert_true(llmgw__str_is(chat->tools[0].parameters, "{}"));
    assert_int_equal(chat->choice, LLMGW__CHOICE_NAMED);
    assert_string_equal(text_of(chat->choice_name), "f");
    chat = chat_with("'functions':[{'name':'f'}],'function_call':'none'");
    assert_int_equal(chat->choice, LLMGW__CHOICE_NONE);
}

static void formats_are_read(void **state)
{
    const struct llmgw__chat *chat =
        chat_with("'response_format':{'type':'json_schema','json_schema':"
                  "{'name':'n','description':'d','schema':{'a':1.0},"
                  "'strict':false}}");

    (void)state;
    assert_int_equal(chat->format, LLMGW__FORMAT_JSON_SCHEMA);
    assert_string_equal(text_of(chat->schema_name), "n");
    assert_string_equal(text_of(chat->schema_description), "d");
    assert_true(llmgw__str_is(chat->schema, "{\"a\":1.0}"));
    assert_int_not_equal(chat->schema_node, LLMGW__JNONE);
    assert_int_equal(chat->schema_strict, 0);
    assert_int_equal(
        chat_with("'response_format':{'type':'json_object'}")->format,
        LLMGW__FORMAT_JSON_OBJECT);
    chat = chat_with("'response_format':{'type':'text'}");
    assert_int_equal(chat->format, LLMGW__FORMAT_TEXT);
    assert_int_equal(chat->schema.len, 0);
}

static int forget(void **state)
{
    (void)state;
    chat_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tools_of_every_type_are_read),
        cmocka_unit_test(vendors_tools_are_kept_as_they_are),
        cmocka_unit_test(bad_tools_are_refused_by_their_path),
        cmocka_unit_test(too_many_tools_are_refused),
        cmocka_unit_test(choices_are_words_or_names),
        cmocka_unit_test(allowed_tools_are_told_by_name_and_type),
        cmocka_unit_test(deprecated_functions_become_tools),
        cmocka_unit_test(formats_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
