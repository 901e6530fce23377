/* Tools on the gemini wire: declarations, the older form of schemas, choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/encode_case.h"

#define OLD         "gemini-2.0-flash"
#define NEW         "gemini-2.5-flash"
#define THREE       "gemini-3-flash-preview"
#define NAMED(name) "{'type':'function','function':{'name':'" name "'}}"
#define TWO         "'tools':[" NAMED("f") "," NAMED("g") "]"
#define STRICT \
    "'tools':[{'type':'function','function':{'name':'f','strict':true}}]"

/* --- declarations --- */

static void functions_without_parameters_have_no_schema(void **state)
{
    static const char closed[] =
        ",'parameters':{'type':'object','properties':{},'required':[],"
        "'additionalProperties':false}";
    const char *const parameters[] = {
        "", ",'parameters':{}", ",'parameters':{'type':'object'}", closed};

    (void)state;
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        char members[256];

        snprintf(members, sizeof members,
                 "'tools':[{'type':'function','function':{'name':'f',"
                 "'description':'d'%s}}]",
                 parameters[i]);
        sends(NEW, with(members), "tools",
              "[{'functionDeclarations':[{'name':'f','description':'d'}]}]");
        sends(OLD, with(members), "tools",
              "[{'functionDeclarations':[{'name':'f','description':'d'}]}]");
        assert_adjusted("");
        assert_sent("toolConfig", "");
    }
}

static void a_schema_without_properties_may_say_something(void **state)
{
    (void)state;
    sends(NEW,
          with("'tools':[{'type':'function','function':{'name':'f',"
               "'parameters':{'type':'object','additionalProperties':"
               "{'type':'string'}}}}]"),
          "tools",
          "[{'functionDeclarations':[{'name':'f','parametersJsonSchema':"
          "{'type':'object','additionalProperties':{'type':'string'}}}]}]");
}

static void custom_tools_become_functions_of_one_string(void **state)
{
    static const char tools[] =
        "'tools':[{'type':'custom','custom':{'name':'c','description':'d'}}]";

    (void)state;
    sends(NEW, with(tools), "tools",
          "[{'functionDeclarations':[{'name':'c','description':'d',"
          "'parametersJsonSchema':{'type':'object','properties':{'input':"
          "{'type':'string'}},'required':['input']}}]}]");
    assert_adjusted("tools/emulated/unsupported");
    assert_true(encode_case_run()->memo.custom_any);
    sends(OLD, with(tools), "tools",
          "[{'functionDeclarations':[{'name':'c','description':'d',"
          "'parameters':{'type':'OBJECT','properties':{'input':"
          "{'type':'STRING'}},'required':['input']}}]}]");
}

static void names_the_target_does_not_take_are_refused(void **state)
{
    (void)state;
    refuses(NEW, with("'tools':[" NAMED("ok") "," NAMED("1f") "]"),
            "unsupported_parameter | tools[1] | a name this target does not "
            "take");
    sends(NEW, with("'tools':[" NAMED("_a.b:c-1") "]"), "tools",
          "[{'functionDeclarations':[{'name':'_a.b:c-1'}]}]");
}

static void built_in_tools_stand_beside_functions(void **state)
{
    (void)state;
    sends(NEW, with("'web_search_options':{'search_context_size':'medium'}"),
          "tools", "[{'googleSearch':{}}]");
    assert_adjusted("");
    sends(NEW, with("'web_search_options':{'search_context_size':'low'}"),
          "tools", "[{'googleSearch':{}}]");
    assert_adjusted("web_search_options/dropped/unsupported");
    sends(THREE,
          with("'web_search_options':{'user_location':{'type':'approximate'}},"
               "'llmgw':{'gemini':{'tools':[{'codeExecution':{}}]}},"
               "'tools':[" NAMED("f") "]"),
          "tools",
          "[{'functionDeclarations':[{'name':'f'}]},{'googleSearch':{}},"
          "{'codeExecution':{}}]");
    assert_sent("toolConfig", "{'includeServerSideToolInvocations':true}");
    assert_adjusted("web_search_options/dropped/unsupported");
    refuses(NEW, with("'web_search_options':{},'tools':[" NAMED("f") "]"),
            "unsupported_parameter | tools | no functions beside built-in "
            "tools on this model");
}

/* --- choice --- */

static void a_choice_becomes_a_mode(void **state)
{
    static const struct {
        const char *members, *config;
    } cases[] = {
        {TWO, ""},
        {TWO ",'tool_choice':'auto'",
         "{'functionCallingConfig':{'mode':'AUTO'}}"},
        {TWO ",'tool_choice':'none'",
         "{'functionCallingConfig':{'mode':'NONE'}}"},
        {TWO ",'tool_choice':'required'",
         "{'functionCallingConfig':{'mode':'ANY'}}"},
        {TWO ",'tool_choice':{'type':'function','function':{'name':'g'}}",
         "{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':"
         "['g']}}"},
        {TWO ",'tool_choice':{'type':'allowed_tools','allowed_tools':{'mode':"
             "'required','tools':[" NAMED("g") "]}}",
         "{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':"
         "['g']}}"},
        {STRICT, "{'functionCallingConfig':{'mode':'VALIDATED'}}"},
        {STRICT ",'tool_choice':'auto'",
         "{'functionCallingConfig':{'mode':'VALIDATED'}}"},
        {STRICT ",'tool_choice':'required'",
         "{'functionCallingConfig':{'mode':'ANY'}}"},
        {TWO ",'tool_choice':'required','llmgw':{'gemini':{'toolConfig':"
             "{'functionCallingConfig':{'mode':'NONE'}}}}",
         "{'functionCallingConfig':{'mode':'NONE'}}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sends(NEW, with(cases[i].members), "toolConfig", cases[i].config);
        assert_adjusted("");
    }
}

static void where_names_cannot_be_listed_only_those_are_declared(void **state)
{
    (void)state;
    sends(NEW,
          with(TWO ",'tool_choice':{'type':'allowed_tools','allowed_tools':"
                   "{'mode':'auto','tools':[" NAMED("g") "]}}"),
          "tools", "[{'functionDeclarations':[{'name':'g'}]}]");
    assert_sent("toolConfig", "{'functionCallingConfig':{'mode':'AUTO'}}");
}

static void strict_is_reported_where_there_is_no_such_mode(void **state)
{
    (void)state;
    sends(OLD, with(STRICT), "toolConfig", "");
    assert_adjusted("tools/dropped/strict");
}

/* --- the older form of schemas --- */

static void converts(const char *schema, const char *wanted, bool lost)
{
    static char members[8192], sent[8192];

    snprintf(members, sizeof members,
             "'tools':[{'type':'function','function':{'name':'f',"
             "'parameters':%s}}]",
             schema);
    snprintf(sent, sizeof sent,
             "[{'functionDeclarations':[{'name':'f','parameters':%s}]}]",
             wanted);
    sends(OLD, with(members), "tools", sent);
    assert_adjusted(lost ? "tools/approximated/schema_keywords" : "");
}

/* The same for the schema of one property. */
static void property(const char *schema, const char *wanted, bool lost)
{
    char whole[2048], sent[2048];

    snprintf(whole, sizeof whole, "{'type':'object','properties':{'p':%s}}",
             schema);
    snprintf(sent, sizeof sent,
             "{'type':'OBJECT','properties':{'p':%s},'propertyOrdering':"
             "['p']}",
             wanted);
    converts(whole, sent, lost);
}

static void keywords_with_a_place_are_kept(void **state)
{
    (void)state;
    property("{'type':'string','title':'t','description':'d','minLength':1,"
             "'maxLength':9,'pattern':'^a','format':'date'}",
             "{'type':'STRING','title':'t','description':'d','minLength':'1',"
             "'maxLength':'9','pattern':'^a','format':'date'}",
             false);
    property("{'type':'number','minimum':0.5,'maximum':2,'format':'double'}",
             "{'type':'NUMBER','minimum':0.5,'maximum':2,'format':'double'}",
             false);
    property("{'type':'array','items':{'type':'boolean'},'minItems':1,"
             "'maxItems':3}",
             "{'type':'ARRAY','items':{'type':'BOOLEAN'},'minItems':'1',"
             "'maxItems':'3'}",
             false);
    property("{'type':'object','properties':{'a':{'type':'integer',"
             "'format':'int64'}},'minProperties':1,'required':['a'],"
             "'$comment':'c','default':{},'examples':[],"
             "'additionalProperties':true}",
             "{'type':'OBJECT','properties':{'a':{'type':'INTEGER',"
             "'format':'int64'}},'propertyOrdering':['a'],'required':['a'],"
             "'minProperties':'1'}",
             false);
}

static void null_becomes_nullable(void **state)
{
    (void)state;
    property("{'type':['object','null'],'properties':{'a':{'type':'string'}}}",
             "{'nullable':true,'type':'OBJECT','properties':{'a':{'type':"
             "'STRING'}},'propertyOrdering':['a']}",
             false);
    property("{'oneOf':[{'type':'null'},{'type':'integer'},{'type':'string'}]}",
             "{'nullable':true,'anyOf':[{'type':'INTEGER'},{'type':"
             "'STRING'}]}",
             false);
    property("{'type':'string','nullable':true,'enum':['a',null]}",
             "{'nullable':true,'type':'STRING','enum':['a'],'format':'enum'}",
             false);
}

static void a_null_among_values_makes_nullable(void **state)
{
    (void)state;
    property("{'enum':['a',null]}",
             "{'nullable':true,'type':'STRING','enum':['a'],'format':'enum'}",
             false);
    property("{'type':['string','null'],'enum':['a',null]}",
             "{'nullable':true,'type':'STRING','enum':['a'],'format':'enum'}",
             false);
    property("{'type':'string','enum':['a',null]}",
             "{'type':'STRING','enum':['a'],'format':'enum'}", false);
}

static void several_types_are_alternatives(void **state)
{
    (void)state;
    property("{'type':['string','array'],'items':{'type':'string'},"
             "'maxLength':3}",
             "{'anyOf':[{'type':'STRING','maxLength':'3'},{'type':'ARRAY',"
             "'items':{'type':'STRING'}}]}",
             false);
}

static void values_become_strings(void **state)
{
    (void)state;
    property("{'const':5}", "{'type':'INTEGER','enum':['5'],'format':'enum'}",
             false);
    property("{'enum':['a',1]}",
             "{'type':'STRING','enum':['a','1'],'format':'enum'}", false);
    property("{'enum':['','a']}",
             "{'type':'STRING','enum':['a'],'format':'enum'}", true);
    property("{'enum':['']}", "{'type':'STRING'}", true);
    property("{'enum':[1.5]}", "{'type':'NUMBER'}", true);
    property("{'const':true}", "{'type':'BOOLEAN'}", true);
}

static void excluded_bounds_move_in(void **state)
{
    (void)state;
    property("{'type':'integer','exclusiveMinimum':0,'exclusiveMaximum':10}",
             "{'type':'INTEGER','minimum':1,'maximum':9}", false);
    property("{'type':'integer','minimum':3,'exclusiveMinimum':true,"
             "'maximum':5,'exclusiveMaximum':false}",
             "{'type':'INTEGER','minimum':4,'maximum':5}", false);
    property("{'type':'number','exclusiveMinimum':0.5}",
             "{'type':'NUMBER','minimum':0.5}", true);
}

static void all_of_is_merged(void **state)
{
    (void)state;
    property("{'allOf':[{'properties':{'a':{'type':'string'},'b':{'type':"
             "'string'}},'required':['a']},{'properties':{'b':{'type':"
             "'integer'},'c':{'type':'boolean'}},'required':['c']}]}",
             "{'type':'OBJECT','properties':{'a':{'type':'STRING'},'b':"
             "{'type':'STRING'},'c':{'type':'BOOLEAN'}},'propertyOrdering':"
             "['a','b','c'],'required':['a','c']}",
             false);
}

static void references_are_followed_but_not_in_circles(void **state)
{
    (void)state;
    converts("{'type':'object','properties':{'l':{'$ref':'#/$defs/N'},"
             "'r':{'$ref':'#/$defs/N'}},'$defs':{'N':{'type':'object',"
             "'properties':{'v':{'type':'integer'}}}}}",
             "{'type':'OBJECT','properties':{'l':{'type':'OBJECT',"
             "'properties':{'v':{'type':'INTEGER'}},'propertyOrdering':['v']},"
             "'r':{'type':'OBJECT','properties':{'v':{'type':'INTEGER'}},"
             "'propertyOrdering':['v']}},'propertyOrdering':['l','r']}",
             false);
    converts("{'type':'object','properties':{'n':{'$ref':'#/$defs/N'}},"
             "'$defs':{'N':{'type':'object','properties':{'v':{'type':"
             "'integer'},'next':{'$ref':'#/$defs/N'}}}}}",
             "{'type':'OBJECT','properties':{'n':{'type':'OBJECT',"
             "'properties':{'v':{'type':'INTEGER'},'next':{'type':'OBJECT'}},"
             "'propertyOrdering':['v','next']}},'propertyOrdering':['n']}",
             true);
    property("{'$ref':'#'}", "{'type':'OBJECT'}", true);
}

static void what_cannot_be_followed_is_an_object(void **state)
{
    (void)state;
    property("{'$ref':'#/nowhere'}", "{'type':'OBJECT'}", true);
    property("{'$ref':'https://x/y'}", "{'type':'OBJECT'}", true);
}

static void lost_keywords_are_told(void **state)
{
    (void)state;
    property("{'type':'array','items':{},'uniqueItems':true}",
             "{'type':'ARRAY','items':{'type':'STRING'}}", true);
    property("{'type':'array'}", "{'type':'ARRAY','items':{'type':'STRING'}}",
             false);
    property("{'type':'string','format':'uri'}", "{'type':'STRING'}", true);
    property("{}", "{'type':'STRING'}", true);
    property("true", "{'type':'STRING'}", true);
    property("{'type':'object','properties':{'a':{'type':'string'}},'anyOf':"
             "[{'required':['a']},{'required':['b']}]}",
             "{'type':'OBJECT','properties':{'a':{'type':'STRING'}},"
             "'propertyOrdering':['a']}",
             true);
    property("{'type':'object','properties':{'a':{'type':'string'}},"
             "'additionalProperties':false}",
             "{'type':'OBJECT','properties':{'a':{'type':'STRING'}},"
             "'propertyOrdering':['a']}",
             true);
}

/* Each definition names the next one twice: 2^20 values. */
static void a_schema_that_grows_without_end_is_refused(void **state)
{
    static char members[8192];
    size_t len = (size_t)snprintf(
        members, sizeof members,
        "'tools':[{'type':'function','function':{'name':'f','parameters':"
        "{'type':'object','properties':{'p':{'$ref':'#/$defs/d0'}},'$defs':{");

    (void)state;
    for (int i = 0; i < 20; i++)
        len += (size_t)snprintf(
            members + len, sizeof members - len,
            "'d%d':{'type':'object','properties':{'a':{'$ref':'#/$defs/d%d'},"
            "'b':{'$ref':'#/$defs/d%d'}}},",
            i, i + 1, i + 1);
    snprintf(members + len, sizeof members - len,
             "'d20':{'type':'string'}}}}}]");
    refuses(OLD, with(members),
            "unsupported_parameter | tools | a schema too large for this "
            "model");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_without_parameters_have_no_schema),
        cmocka_unit_test(a_schema_without_properties_may_say_something),
        cmocka_unit_test(custom_tools_become_functions_of_one_string),
        cmocka_unit_test(names_the_target_does_not_take_are_refused),
        cmocka_unit_test(built_in_tools_stand_beside_functions),
        cmocka_unit_test(a_choice_becomes_a_mode),
        cmocka_unit_test(where_names_cannot_be_listed_only_those_are_declared),
        cmocka_unit_test(strict_is_reported_where_there_is_no_such_mode),
        cmocka_unit_test(keywords_with_a_place_are_kept),
        cmocka_unit_test(null_becomes_nullable),
        cmocka_unit_test(a_null_among_values_makes_nullable),
        cmocka_unit_test(several_types_are_alternatives),
        cmocka_unit_test(values_become_strings),
        cmocka_unit_test(excluded_bounds_move_in),
        cmocka_unit_test(all_of_is_merged),
        cmocka_unit_test(references_are_followed_but_not_in_circles),
        cmocka_unit_test(what_cannot_be_followed_is_an_object),
        cmocka_unit_test(lost_keywords_are_told),
        cmocka_unit_test(a_schema_that_grows_without_end_is_refused),
    };

    encode_case_of(&llmgw__dialect_gemini);
    return cmocka_run_group_tests(tests, NULL, encode_case_forget);
}
