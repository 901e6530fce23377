/* Messages: roles, content and parts, calls and their results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/chat.h"

static const char *wrap(const char *messages)
{
    static char request[4096];

    snprintf(request, sizeof request, "{'model':'m','messages':[%s]}",
             messages);
    return request;
}

static void strings_are_one_plain_part(void **state)
{
    const struct llmgw__chat *chat = chat_of(wrap(
        "{'role':'system','content':'a'},{'role':'developer','content':''},"
        "{'role':'user','content':'caf\\u00e9','name':'bob'}"));

    (void)state;
    assert_int_equal(chat->message_count, 3);
    assert_int_equal(chat->messages[0].role, LLMGW__ROLE_SYSTEM);
    assert_int_equal(chat->messages[1].role, LLMGW__ROLE_DEVELOPER);
    assert_int_equal(chat->messages[1].part_count, 1);
    assert_int_equal(chat->messages[1].parts[0].text.len, 0);
    assert_non_null(chat->messages[1].parts[0].text.data);
    assert_int_equal(chat->messages[2].role, LLMGW__ROLE_USER);
    assert_true(chat->messages[2].plain);
    assert_int_equal(chat->messages[2].parts[0].node, LLMGW__JNONE);
    assert_true(chat->messages[2].parts[0].text.escaped);
    assert_string_equal(text_of(chat->messages[2].name), "bob");
    assert_int_equal(chat->messages[2].details, LLMGW__JNONE);
}

static void text_is_a_view_of_the_request(void **state)
{
    struct chat_case it;

    (void)state;
    chat_case_start(&it, wrap("{'role':'user','content':'Hello'}"));
    assert_int_equal(it.status, LLMGW_OK);
    assert_ptr_equal(it.chat.messages[0].parts[0].text.data,
                     strstr(it.text, "Hello"));
    chat_case_end(&it);
}

static void parts_of_every_type_are_read(void **state)
{
    const struct llmgw__chat *chat = chat_of(
        wrap("{'role':'user','content':[{'type':'text','text':'t'},"
             "{'type':'image_url','image_url':{'url':'https://x','detail':"
             "'high'}},{'type':'image_url','image_url':{'url':'data:,'}},"
             "{'type':'input_audio','input_audio':{'data':'AAAA','format':"
             "'wav'}},{'type':'file','file':{'file_data':'data:x','filename':"
             "'a.pdf'}},{'type':'file','file':{'file_id':'f-1'},"
             "'cache_control':{'type':'ephemeral'}}]},"
             "{'role':'assistant','content':[{'type':'text','text':'u'},"
             "{'type':'refusal','refusal':'r'}]}"));
    const struct llmgw__part *parts = chat->messages[0].parts;

    (void)state;
    assert_int_equal(chat->messages[0].part_count, 6);
    assert_false(chat->messages[0].plain);
    assert_int_equal(parts[0].type, LLMGW__PART_TEXT);
    assert_string_equal(text_of(parts[0].text), "t");
    assert_int_equal(parts[1].type, LLMGW__PART_IMAGE);
    assert_string_equal(text_of(parts[1].text), "https://x");
    assert_string_equal(text_of(parts[1].detail), "high");
    assert_string_equal(text_of(parts[2].detail), "(none)");
    assert_int_equal(parts[3].type, LLMGW__PART_AUDIO);
    assert_string_equal(text_of(parts[3].text), "AAAA");
    assert_string_equal(text_of(parts[3].format), "wav");
    assert_int_equal(parts[4].type, LLMGW__PART_FILE);
    assert_string_equal(text_of(parts[4].filename), "a.pdf");
    assert_string_equal(text_of(parts[5].file_id), "f-1");
    assert_string_equal(text_of(parts[5].text), "(none)");
    assert_int_not_equal(
        llmgw__jdoc_get(&chat->doc, parts[5].node, "cache_control"),
        LLMGW__JNONE);
    assert_int_equal(chat->messages[1].parts[1].type, LLMGW__PART_REFUSAL);
    assert_string_equal(text_of(chat->messages[1].parts[1].text), "r");
}

static void bad_messages_are_refused_by_their_path(void **state)
{
    static const struct {
        const char *messages, *param, *must;
    } cases[] = {
        /* clang-format off */
        {"", "messages", "must not be empty"},
        {"7", "messages[0]", "must be an object"},
        {"null", "messages[0]", "must be an object"},
        {"{'content':'a'}", "messages[0].role", "must be given"},
        {"{'role':1,'content':'a'}", "messages[0].role", "must be a string"},
        {"{'role':'model','content':'a'}", "messages[0].role",
         "must be developer, system, user, assistant, tool or function"},
        {"{'role':'user'}", "messages[0].content", "must be given"},
        {"{'role':'user','content':null}", "messages[0].content",
         "must be given"},
        {"{'role':'user','content':{}}", "messages[0].content",
         "must be a string or an array of parts"},
        {"{'role':'user','content':[]}", "messages[0].content",
         "must not be empty"},
        {"{'role':'user','content':['a']}", "messages[0].content[0]",
         "must be an object"},
        {"{'role':'user','content':[{}]}", "messages[0].content[0].type",
         "must be given"},
        {"{'role':'user','content':[{'type':'video'}]}",
         "messages[0].content[0].type",
         "must be text, refusal, image_url, input_audio or file"},
        {"{'role':'user','content':[{'type':'text','text':'a'},{'type':'text'}]}",
         "messages[0].content[1].text", "must be given"},
        {"{'role':'user','content':[{'type':'text','text':7}]}",
         "messages[0].content[0].text", "must be a string"},
        {"{'role':'user','content':[{'type':'refusal','refusal':'r'}]}",
         "messages[0].content[0].type",
         "is not allowed in a message of this role"},
        {"{'role':'system','content':[{'type':'image_url'}]}",
         "messages[0].content[0].type",
         "is not allowed in a message of this role"},
        {"{'role':'user','content':'a'},{'role':'user','content':[{'type':"
         "'image_url','image_url':{'url':7}}]}",
         "messages[1].content[0].image_url.url", "must be a string"},
        {"{'role':'user','content':[{'type':'image_url','image_url':'x'}]}",
         "messages[0].content[0].image_url", "must be an object"},
        {"{'role':'user','content':[{'type':'image_url','image_url':{'url':''}}]}",
         "messages[0].content[0].image_url.url", "must not be empty"},
        {"{'role':'user','content':[{'type':'image_url','image_url':{'url':"
         "'x','detail':'big'}}]}",
         "messages[0].content[0].image_url.detail",
         "must be auto, low, high or original"},
        {"{'role':'user','content':[{'type':'input_audio','input_audio':"
         "{'format':'wav'}}]}",
         "messages[0].content[0].input_audio.data", "must be given"},
        {"{'role':'user','content':[{'type':'input_audio','input_audio':"
         "{'data':'A'}}]}",
         "messages[0].content[0].input_audio.format", "must be given"},
        {"{'role':'user','content':[{'type':'input_audio'}]}",
         "messages[0].content[0].input_audio", "must be given"},
        {"{'role':'user','content':[{'type':'file','file':{'filename':'a'}}]}",
         "messages[0].content[0].file", "must have file_data or file_id"},
        {"{'role':'user','content':[{'type':'file','file':{'file_id':1}}]}",
         "messages[0].content[0].file.file_id", "must be a string"},
        {"{'role':'user','content':'a','name':1}", "messages[0].name",
         "must be a string"},
        {"{'role':'assistant'}", "messages[0].content", "must be given"},
        {"{'role':'assistant','content':1}", "messages[0].content",
         "must be a string or an array of parts"},
        {"{'role':'assistant','content':'a','refusal':1}",
         "messages[0].refusal", "must be a string"},
        {"{'role':'assistant','content':'a','audio':1}", "messages[0].audio",
         "must be an object"},
        {"{'role':'assistant','content':'a','reasoning_content':{}}",
         "messages[0].reasoning_content", "must be a string"},
        {"{'role':'assistant','content':'a','reasoning_details':{}}",
         "messages[0].reasoning_details", "must be an array"},
        {"{'role':'assistant','content':'a','extra_content':[]}",
         "messages[0].extra_content", "must be an object"},
        {"{'role':'assistant','content':'a','llmgw':1}", "messages[0].llmgw",
         "must be an object"},
        {"{'role':'assistant','tool_calls':{}}", "messages[0].tool_calls",
         "must be an array"},
        {"{'role':'assistant','tool_calls':[]}", "messages[0].content",
         "must be given"},
        {"{'role':'assistant','tool_calls':[1]}", "messages[0].tool_calls[0]",
         "must be an object"},
        {"{'role':'assistant','tool_calls':[{'type':'function'}]}",
         "messages[0].tool_calls[0].id", "must be given"},
        {"{'role':'assistant','tool_calls':[{'id':''}]}",
         "messages[0].tool_calls[0].id", "must not be empty"},
        {"{'role':'assistant','tool_calls':[{'id':'c','type':'web'}]}",
         "messages[0].tool_calls[0].type", "must be function or custom"},
        {"{'role':'assistant','tool_calls':[{'id':'c','type':'function'}]}",
         "messages[0].tool_calls[0].function", "must be given"},
        {"{'role':'assistant','tool_calls':[{'id':'c','type':'custom',"
         "'custom':{'name':'f'}}]}",
         "messages[0].tool_calls[0].custom.input", "must be given"},
        {"{'role':'assistant','tool_calls':[{'id':'c','function':{'name':''}}]}",
         "messages[0].tool_calls[0].function.name", "must not be empty"},
        {"{'role':'assistant','tool_calls':[{'id':'c','function':{'name':'f',"
         "'arguments':{}}}]}",
         "messages[0].tool_calls[0].function.arguments", "must be a string"},
        {"{'role':'assistant','tool_calls':[{'id':'c','function':{'name':'f',"
         "'arguments':''},'extra_content':1}]}",
         "messages[0].tool_calls[0].extra_content", "must be an object"},
        {"{'role':'assistant','tool_calls':[{'id':'c','function':{'name':'f',"
         "'arguments':''}}],'function_call':{'name':'f','arguments':''}}",
         "messages[0].function_call", "must not stand beside tool_calls"},
        {"{'role':'assistant','function_call':'f'}",
         "messages[0].function_call", "must be an object"},
        {"{'role':'assistant','function_call':{'name':'f'}}",
         "messages[0].function_call.arguments", "must be given"},
        {"{'role':'user','content':'a'},{'role':'tool','content':'b'}",
         "messages[1].tool_call_id", "must be given"},
        {"{'role':'user','content':'a'},{'role':'tool','tool_call_id':'',"
         "'content':'b'}",
         "messages[1].tool_call_id", "must not be empty"},
        {"{'role':'user','content':'a'},{'role':'tool','tool_call_id':'c',"
         "'content':'b'}",
         "messages[1].tool_call_id", "answers no earlier tool call"},
        {"{'role':'assistant','content':'a'},{'role':'tool','tool_call_id':"
         "'c'}",
         "messages[1].content", "must be given"},
        {"{'role':'assistant','content':'a'},{'role':'tool','tool_call_id':"
         "'c','content':'x','is_error':1}",
         "messages[1].is_error", "must be true or false"},
        {"{'role':'function','name':'f','content':'x'}", "messages[0]",
         "answers no earlier function_call"},
        {"{'role':'function','content':'x'}", "messages[0].name",
         "must be given"},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char wanted[300];

        snprintf(wanted, sizeof wanted, "%s | invalid_value | %s %s",
                 cases[i].param, cases[i].param, cases[i].must);
        assert_string_equal(refusal_of(wrap(cases[i].messages)), wanted);
    }
}

static void assistants_may_say_nothing_in_content(void **state)
{
    const struct llmgw__chat *chat =
        chat_of(wrap("{'role':'assistant','content':null},"
                     "{'role':'assistant','refusal':'no'},"
                     "{'role':'assistant','reasoning_content':'hm'},"
                     "{'role':'assistant','audio':{'id':'a'}},"
                     "{'role':'assistant','content':'','tool_calls':[]},"
                     "{'role':'assistant','content':'x','tool_calls':null}"));

    (void)state;
    assert_int_equal(chat->messages[0].part_count, 0);
    assert_string_equal(text_of(chat->messages[1].refusal), "no");
    assert_string_equal(text_of(chat->messages[2].reasoning), "hm");
    assert_int_equal(chat->messages[4].call_count, 0);
}

static void opaque_state_is_kept_by_node(void **state)
{
    const struct llmgw__chat *chat =
        chat_of(wrap("{'role':'assistant','content':'x','reasoning':'why',"
                     "'reasoning_details':[1],'extra_content':{'a':1},"
                     "'llmgw':{'family':'f'}}"));
    const struct llmgw__message *message = &chat->messages[0];

    (void)state;
    assert_string_equal(text_of(message->reasoning), "why");
    assert_true(
        llmgw__str_is(llmgw__jdoc_raw(&chat->doc, message->details), "[1]"));
    assert_true(llmgw__str_is(llmgw__jdoc_raw(&chat->doc, message->extra),
                              "{\"a\":1}"));
    assert_true(llmgw__str_is(llmgw__jdoc_raw(&chat->doc, message->replay),
                              "{\"family\":\"f\"}"));
    assert_int_equal(llmgw__jdoc_type(&chat->doc, message->node),
                     LLMGW__JSON_OBJECT);
}

static void results_find_their_calls(void **state)
{
    const struct llmgw__chat *chat = chat_of(wrap(
        "{'role':'assistant','content':null,'tool_calls':["
        "{'id':'a/1','type':'function','function':{'name':'f','arguments':'{'},"
        "'extra_content':{'g':1}},"
        "{'id':'b','type':'custom','custom':{'name':'g','input':'raw'}}]},"
        "{'role':'tool','tool_call_id':'b','content':[{'type':'text','text':"
        "'x'},{'type':'image_url','image_url':{'url':'u'}}]},"
        "{'role':'tool','tool_call_id':'a\\/1','content':'','is_error':true},"
        "{'role':'tool','tool_call_id':'orphan','content':''},"
        "{'role':'user','content':'go on'}"));

    (void)state;
    assert_int_equal(chat->messages[0].call_count, 2);
    assert_ptr_equal(llmgw__chat_call_of(chat, 1), &chat->messages[0].calls[1]);
    assert_ptr_equal(llmgw__chat_call_of(chat, 2), &chat->messages[0].calls[0]);
    assert_null(llmgw__chat_call_of(chat, 3));
    assert_null(llmgw__chat_call_of(chat, 4));
    assert_null(llmgw__chat_call_of(chat, 99));
    assert_true(chat->messages[0].calls[1].custom);
    assert_string_equal(text_of(chat->messages[0].calls[1].arguments), "raw");
    assert_int_not_equal(chat->messages[0].calls[0].extra, LLMGW__JNONE);
    assert_int_equal(chat->messages[0].calls[1].extra, LLMGW__JNONE);
    assert_false(chat->messages[1].is_error);
    assert_true(chat->messages[2].is_error);
}

static void the_latest_call_of_an_id_is_answered(void **state)
{
    const struct llmgw__chat *chat = chat_of(
        wrap("{'role':'assistant','tool_calls':[{'id':'0','function':{'name':"
             "'f','arguments':'1'}}]},{'role':'tool','tool_call_id':'0',"
             "'content':'x'},{'role':'assistant','tool_calls':[{'id':'0',"
             "'function':{'name':'f','arguments':'2'}}]},{'role':'tool',"
             "'tool_call_id':'0','content':'y'}"));

    (void)state;
    assert_string_equal(text_of(llmgw__chat_call_of(chat, 1)->arguments), "1");
    assert_string_equal(text_of(llmgw__chat_call_of(chat, 3)->arguments), "2");
}

static void deprecated_function_calls_become_tool_calls(void **state)
{
    const struct llmgw__chat *chat = chat_of(
        wrap("{'role':'user','content':'a'},"
             "{'role':'assistant','function_call':{'name':'f','arguments':"
             "'{}'}},{'role':'assistant','function_call':{'name':'g',"
             "'arguments':'{}'}},"
             "{'role':'function','name':'f','content':'r'},"
             "{'role':'function','name':'g','content':null}"));

    (void)state;
    assert_true(chat->messages[1].legacy);
    assert_string_equal(text_of(chat->messages[1].calls[0].id),
                        "call_function_1");
    assert_string_equal(text_of(chat->messages[1].calls[0].name), "f");
    assert_int_equal(chat->messages[3].role, LLMGW__ROLE_TOOL);
    assert_true(chat->messages[3].legacy);
    assert_string_equal(text_of(chat->messages[3].tool_call_id),
                        "call_function_1");
    assert_ptr_equal(llmgw__chat_call_of(chat, 4), &chat->messages[2].calls[0]);
    assert_int_equal(chat->messages[4].part_count, 0);
}

static void function_results_pass_over_other_calls(void **state)
{
    const struct llmgw__chat *chat = chat_of(
        wrap("{'role':'assistant','function_call':{'name':'f','arguments':"
             "'{}'}},{'role':'assistant','content':'x'},{'role':'assistant',"
             "'tool_calls':[{'id':'c','function':{'name':'f','arguments':'1'}}"
             "]},{'role':'function','name':'f','content':'r'}"));

    (void)state;
    assert_string_equal(text_of(chat->messages[3].tool_call_id),
                        "call_function_0");
}

static void too_many_messages_are_refused(void **state)
{
    const char one[] = "{'role':'user','content':''},";
    const size_t count = 100001;
    char *request = malloc(64 + count * sizeof one);
    size_t len;

    (void)state;
    assert_non_null(request);
    len = (size_t)snprintf(request, 64, "{'model':'m','messages':[");
    for (size_t i = 0; i < count; i++, len += sizeof one - 1)
        memcpy(request + len, one, sizeof one - 1);
    memcpy(request + len - 1, "]}", 3);
    assert_string_equal(refusal_of(request),
                        "messages | invalid_value | messages must have at "
                        "most 100000 elements");
    memcpy(request + len - sizeof one, "]}", 3); /* one less */
    assert_int_equal(chat_of(request)->message_count, 100000);
    free(request);
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
        cmocka_unit_test(strings_are_one_plain_part),
        cmocka_unit_test(text_is_a_view_of_the_request),
        cmocka_unit_test(parts_of_every_type_are_read),
        cmocka_unit_test(bad_messages_are_refused_by_their_path),
        cmocka_unit_test(assistants_may_say_nothing_in_content),
        cmocka_unit_test(opaque_state_is_kept_by_node),
        cmocka_unit_test(results_find_their_calls),
        cmocka_unit_test(the_latest_call_of_an_id_is_answered),
        cmocka_unit_test(deprecated_function_calls_become_tool_calls),
        cmocka_unit_test(function_results_pass_over_other_calls),
        cmocka_unit_test(too_many_messages_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
