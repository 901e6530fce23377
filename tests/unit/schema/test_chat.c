/* A chat request as a whole: documents, top-level members, the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"
#include "support/chat.h"

static void a_small_request_has_the_defaults(void **state)
{
    const struct llmgw__chat *chat =
        chat_of("{'model':'openai/gpt-4.1','messages':[{'role':'user',"
                "'content':'Hi'}]}");

    (void)state;
    assert_true(llmgw__str_is(chat->model, "openai/gpt-4.1"));
    assert_int_equal(chat->message_count, 1);
    assert_int_equal(chat->n, 1);
    assert_int_equal(chat->max_tokens, 0);
    assert_int_equal(chat->parallel_tool_calls, -1);
    assert_int_equal(chat->logprobs, -1);
    assert_int_equal(chat->schema_strict, -1);
    assert_int_equal(chat->choice, LLMGW__CHOICE_UNSET);
    assert_int_equal(chat->format, LLMGW__FORMAT_UNSET);
    assert_int_equal(chat->effort, LLMGW__EFFORT_UNSET);
    assert_false(chat->stream);
    assert_false(chat->temperature.set);
    assert_int_equal(chat->extension, LLMGW__JNONE);
    assert_int_equal(chat->schema_node, LLMGW__JNONE);
    assert_int_equal(chat->choice_node, LLMGW__JNONE);
}

static void documents_that_are_no_request_are_refused(void **state)
{
    static const struct {
        const char *request, *refusal;
    } cases[] = {
        /* clang-format off */
        {"", " | invalid_request | the request is not valid JSON: "
             "unexpected end of the text at byte 0"},
        {"{'model':", " | invalid_request | the request is not valid JSON: "
                      "unexpected end of the text at byte 9"},
        {"{'model':'m',}", " | invalid_request | the request is not valid "
                           "JSON: member name expected at byte 13"},
        {"{'model':'m','model':'n'}", " | invalid_request | the request is not "
                                      "valid JSON: member named twice at byte 14"},
        {"{'model':'\xff'}", " | invalid_request | the request is not valid "
                             "JSON: invalid UTF-8 at byte 10"},
        {"[]", " | invalid_value | the request must be an object"},
        {"null", " | invalid_value | the request must be an object"},
        {"{}", "model | invalid_value | model must be given"},
        {"{'model':null,'messages':[]}",
         "model | invalid_value | model must be given"},
        {"{'model':'m'}", "messages | invalid_value | messages must be given"},
        {"{'model':7,'messages':[]}",
         "model | invalid_value | model must be a string"},
        {"{'model':'','messages':[]}",
         "model | invalid_value | model must be 1 to 256 bytes"},
        {"{'model':'a\\nb','messages':[]}", "model | invalid_value | model "
                                            "must not contain control characters"},
        {"{'model':'m','messages':[],'colour':1}",
         "colour | unknown_parameter | unknown parameter: colour"},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(refusal_of(cases[i].request), cases[i].refusal);
}

static void deep_nesting_is_refused(void **state)
{
    char request[700] = "{'model':'m','metadata':";
    size_t len = strlen(request);

    (void)state;
    memset(request + len, '[', 200);
    memset(request + len + 200, ']', 200);
    memcpy(request + len + 400, "}", 2);
    assert_non_null(
        strstr(refusal_of(request), "nested deeper than 128 levels"));
}

static void a_long_model_is_refused_and_escapes_are_resolved(void **state)
{
    char request[400];
    char name[300];

    (void)state;
    memset(name, 'x', sizeof name);
    name[257] = '\0';
    snprintf(request, sizeof request, "{'model':'%s','messages':[]}", name);
    assert_non_null(strstr(refusal_of(request), "must be 1 to 256 bytes"));
    assert_true(llmgw__str_is(
        chat_of("{'model':'a\\/\\u00e9','messages':[{'role':'user',"
                "'content':'Hi'}]}")
            ->model,
        "a/\xc3\xa9"));
}

static void unknown_members_pass_when_the_extension_says_so(void **state)
{
    const struct llmgw__chat *chat =
        chat_with("'colour':1,'llmgw':{'pass_unknown':true,'strict':true}");

    (void)state;
    assert_true(chat->strict);
    assert_int_not_equal(chat->extension, LLMGW__JNONE);
    assert_int_not_equal(llmgw__chat_member(chat, "colour"), LLMGW__JNONE);
    assert_string_equal(refusal_with("'colour':1,'llmgw':{}"),
                        "colour | unknown_parameter | unknown parameter: "
                        "colour");
    assert_string_equal(refusal_with("'llmgw':1"),
                        "llmgw | invalid_value | llmgw must be an object");
    assert_string_equal(refusal_with("'llmgw':{'strict':1}"),
                        "llmgw.strict | invalid_value | llmgw.strict must be "
                        "true or false");
    assert_string_equal(refusal_with("'llmgw':{'pass_unknown':'yes'}"),
                        "llmgw.pass_unknown | invalid_value | "
                        "llmgw.pass_unknown must be true or false");
}

static void members_of_other_providers_are_known(void **state)
{
    static const char *const names[] = {
        "cache_control",   "container",  "context_management",
        "diagnostics",     "fallbacks",  "inference_geo",
        "mcp_servers",     "models",     "output_config",
        "plugins",         "provider",   "reasoning",
        "reasoning_split", "speed",      "system",
        "thinking",        "transforms",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char members[64];

        snprintf(members, sizeof members, "'%s':{}", names[i]);
        assert_int_not_equal(llmgw__chat_member(chat_with(members), names[i]),
                             LLMGW__JNONE);
    }
}

static void members_are_looked_up_and_null_is_absent(void **state)
{
    const struct llmgw__chat *chat =
        chat_with("'service_tier':'flex','store':null,'see\\u0064':3");

    (void)state;
    assert_int_not_equal(llmgw__chat_member(chat, "service_tier"),
                         LLMGW__JNONE);
    assert_int_equal(llmgw__chat_member(chat, "store"), LLMGW__JNONE);
    assert_int_equal(llmgw__chat_member(chat, "user"), LLMGW__JNONE);
    assert_true(chat->seed.set); /* an escaped name is the same name */
}

static void long_unknown_names_are_cut(void **state)
{
    char members[600];
    const char *refusal;

    (void)state;
    members[0] = '\'';
    memset(members + 1, 'q', 500);
    memcpy(members + 501, "':1", 4);
    refusal = refusal_with(members);
    assert_memory_equal(refusal, "qqq", 3);
    assert_int_equal(strspn(refusal, "q"), 127);
}

/* every member and form once, so that each allocation is met */
static const char full_request[] =
    "{'model':'m\\/1','messages':[{'role':'system','content':[{'type':'text',"
    "'text':'a'}]},{'role':'user','content':'b'},{'role':'assistant',"
    "'tool_calls':[{'id':'c','function':{'name':'f','arguments':'{}'}}]},"
    "{'role':'tool','tool_call_id':'c','content':'d'},{'role':'assistant',"
    "'function_call':{'name':'f','arguments':'{}'}},{'role':'function',"
    "'name':'f','content':'e'}],'tools':[{'type':'function','function':"
    "{'name':'f'}}],'metadata':{'a':'b','c':'d'}}";

static void reading_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct chat_case it;

        fail_allocation(nth);
        chat_case_start(&it, full_request);
        allow_allocations();
        status = it.status;
        chat_case_end(&it);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3);
}

static void a_full_arena_is_no_memory(void **state)
{
    struct llmgw__arena arena;
    struct llmgw__chat chat;
    struct llmgw__error error;
    char text[sizeof full_request];
    size_t limit;
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = full_request[i] == '\'' ? '"' : full_request[i];
    for (limit = 16; status == LLMGW_E_NOMEM; limit += 16) {
        llmgw__arena_init(&arena, 0, limit);
        status = llmgw__chat_parse(&chat, llmgw__str_n(text, sizeof text - 1),
                                   &arena, &error);
        llmgw__chat_clear(&chat);
        llmgw__arena_clear(&arena);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(limit > 1000);
}

#define SAID(text) \
    "{'model':'m','messages':[{'role':'user','content':" text "}]}"

static void halves_of_surrogate_pairs_are_refused_by_place(void **state)
{
    static const char refusal[] = "messages[0] | invalid_value | messages[0] "
                                  "must not have half of a surrogate pair";
    static const char *const halves[] = {"\\ud800",
                                         "\\uDFFF",
                                         "a\\udbFFb",
                                         "\\ude00\\ud83d",
                                         "\\ud83d\\ud83d\\ude00",
                                         "\\ud83d\\n",
                                         "\\ud83d\\\\ude00",
                                         "\\\\\\ud83d"};
    static const char *const whole[] = {"\\ud83d\\ude00", "\\uD83D\\uDE00x",
                                        "\\\\ud83d", "\\ue000\\ud7ff", "\\\\"};
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        snprintf(text, sizeof text, SAID("'%s'"), halves[i]);
        assert_string_equal(refusal_of(text), refusal);
    }
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        snprintf(text, sizeof text, SAID("'%s'"), whole[i]);
        assert_int_equal(chat_of(text)->message_count, 1);
    }
    assert_string_equal(
        refusal_of("{'model':'m','messages':[{'role':'user','content':'x'}],"
                   "'metadata':{'a':'b','\\ud800':'c'}}"),
        "metadata | invalid_value | metadata must not have half of a surrogate "
        "pair");
}

static void a_request_cut_anywhere_is_refused(void **state)
{
    char text[sizeof full_request];

    (void)state;
    for (size_t cut = 0; cut + 1 < sizeof full_request; cut++) {
        memcpy(text, full_request, cut);
        text[cut] = '\0';
        assert_non_null(strstr(refusal_of(text), "not valid JSON: "));
    }
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
        cmocka_unit_test(a_small_request_has_the_defaults),
        cmocka_unit_test(documents_that_are_no_request_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_long_model_is_refused_and_escapes_are_resolved),
        cmocka_unit_test(unknown_members_pass_when_the_extension_says_so),
        cmocka_unit_test(members_of_other_providers_are_known),
        cmocka_unit_test(members_are_looked_up_and_null_is_absent),
        cmocka_unit_test(long_unknown_names_are_cut),
        cmocka_unit_test(reading_survives_every_failed_allocation),
        cmocka_unit_test(a_full_arena_is_no_memory),
        cmocka_unit_test(halves_of_surrogate_pairs_are_refused_by_place),
        cmocka_unit_test(a_request_cut_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
