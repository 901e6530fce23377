/* Messages on the gemini wire: turns, parts, calls and results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/encode_case.h"

/* Nothing is decoded here. */
void llmgw__error_classify_inband(const struct llmgw__decode *decode,
                                  llmgw_str json, struct llmgw__error *error)
{
    (void)decode;
    (void)json;
    llmgw__error_setz(error, LLMGW_KIND_OVERLOADED, "");
}

#define OLD   "gemini-2.0-flash"
#define NEW   "gemini-2.5-flash"
#define THREE "gemini-3-flash-preview"
#define USER  "{'role':'user','content':'u'}"
#define CALL(id, args)                         \
    "{'id':'" id "','type':'function','functi" \
    "on':{'name':'f','arguments':'" args "'}}"
#define CALLS(calls) "{'role':'assistant','tool_calls':[" calls "]}"
#define RESULT(id, text) \
    "{'role':'tool','tool_call_id':'" id "','content':'" text "'}"
#define SENT_USER "{'role':'user','parts':[{'text':'u'}]}"
#define SENT_CALL(id, args) \
    "{'functionCall':{'id':'" id "','name':'f','args':" args "}}"
#define SENT_RESULT(id, response)                    \
    "{'functionResponse':{'id':'" id "','name':'f'," \
    "'response':" response "}}"
#define CONTENT(role, parts) "{'role':'" role "','parts':[" parts "]}"

static void contents(const char *model, const char *messages,
                     const char *wanted)
{
    sends(model, with_messages(messages), "contents", wanted);
}

/* --- turns --- */

static void neighbours_of_one_role_merge(void **state)
{
    (void)state;
    contents(
        NEW,
        USER "," USER ",{'role':'assistant','content':'a'},"
             "{'role':'assistant','content':[{'type':'text','text':'b'}]},"
             "{'role':'system','content':'late'}," USER,
        "[" CONTENT("user", "{'text':'u'},{'text':'u'}") "," CONTENT(
            "model",
            "{'text':'a'},{'text':'b'}") "," CONTENT("user",
                                                     "{'text':'late'},{'text':'u'}") "]");
    assert_adjusted("");
}

static void nothing_empty_is_sent(void **state)
{
    (void)state;
    contents(NEW,
             "{'role':'system','content':''},{'role':'user','content':''},"
             "{'role':'assistant','content':''}," USER,
             "[" SENT_USER "]");
    assert_sent("systemInstruction", "");
    assert_adjusted("");
}

static void a_request_of_system_text_alone_gets_a_turn(void **state)
{
    (void)state;
    contents(NEW, "{'role':'developer','content':'s'}",
             "[" CONTENT("user", "{'text':' '}") "]");
    assert_sent("systemInstruction", "{'parts':[{'text':'s'}]}");
}

static void history_that_opens_with_the_model_gets_a_turn(void **state)
{
    (void)state;
    contents(NEW, "{'role':'assistant','content':'a'}," USER,
             "[" CONTENT("user", "{'text':' '}") "," CONTENT(
                 "model", "{'text':'a'}") "," SENT_USER "]");
    assert_adjusted("messages/added/leading_user_turn");
}

static void a_family_without_system_text_reads_it_first(void **state)
{
    (void)state;
    contents("gemma-3-27b-it", "{'role':'system','content':'s'}," USER,
             "[" CONTENT("user", "{'text':'s'},{'text':'u'}") "]");
    assert_sent("systemInstruction", "");
    assert_adjusted("messages/converted/system_message_to_user");
}

static void names_of_messages_are_reported(void **state)
{
    (void)state;
    contents(NEW, "{'role':'system','name':'n','content':'s'}," USER,
             "[" SENT_USER "]");
    assert_adjusted("messages/dropped/message_name");
    contents(NEW, "{'role':'user','name':'n','content':'u'}",
             "[" SENT_USER "]");
    assert_adjusted("messages/dropped/message_name");
}

static void refusals_are_text_where_there_is_no_other(void **state)
{
    (void)state;
    contents(
        NEW, USER ",{'role':'assistant','content':null,'refusal':'no'}," USER,
        "[" SENT_USER "," CONTENT("model", "{'text':'no'}") "," SENT_USER "]");
    contents(NEW,
             USER ",{'role':'assistant','content':[{'type':'refusal',"
                  "'refusal':'no'}]}," USER,
             "[" SENT_USER "," CONTENT("model", "{'text':'no'}") "," SENT_USER
                                                                 "]");
}

/* --- calls and results --- */

static void results_stand_in_one_turn_of_their_own(void **state)
{
    (void)state;
    contents(
        NEW,
        USER "," CALLS(CALL("1", "{}") "," CALL("2", "{}")) "," RESULT(
            "2", "b") "," RESULT("1", "a") "," USER,
        "[" SENT_USER "," CONTENT(
            "model",
            SENT_CALL("1", "{}") "," SENT_CALL(
                "2",
                "{}")) "," CONTENT("user",
                                   SENT_RESULT("2", "{'output':'b'}") "," SENT_RESULT(
                                       "1", "{'output':'a'}")) "," SENT_USER
                                                               "]");
    assert_adjusted("");
}

static void a_call_without_a_result_gets_one(void **state)
{
    static const char none[] = SENT_RESULT(
        "1", "{'error':'No result was provided for this tool call.'}");
    char wanted[1024];

    (void)state;
    snprintf(wanted, sizeof wanted, "[%s,%s,{'role':'user','parts':[%s]},%s]",
             SENT_USER, CONTENT("model", SENT_CALL("1", "{}")), none,
             SENT_USER);
    contents(NEW, USER "," CALLS(CALL("1", "{}")) "," USER, wanted);
    assert_adjusted("messages/added/missing_tool_result");
    snprintf(wanted, sizeof wanted, "[%s,%s,{'role':'user','parts':[%s,%s]}]",
             SENT_USER,
             CONTENT("model", SENT_CALL("1", "{}") "," SENT_CALL("2", "{}")),
             SENT_RESULT("2", "{'output':'b'}"), none);
    contents(NEW,
             USER "," CALLS(CALL("1", "{}") "," CALL("2", "{}")) "," RESULT(
                 "2", "b"),
             wanted);
    assert_adjusted("messages/added/missing_tool_result");
}

static void of_two_results_the_last_holds(void **state)
{
    (void)state;
    contents(
        NEW,
        USER
        "," CALLS(CALL("1", "{}")) "," RESULT("1", "a") "," RESULT("1", "b"),
        "[" SENT_USER "," CONTENT("model", SENT_CALL("1", "{}")) "," CONTENT(
            "user", SENT_RESULT("1", "{'output':'b'}")) "]");
}

static void a_result_of_no_call_is_refused(void **state)
{
    (void)state;
    refuses(NEW,
            with_messages(USER "," CALLS(CALL("1", "{}")) "," RESULT(
                "1", "a") "," RESULT("9", "b")),
            "invalid_request | messages[3].tool_call_id | no call of the turn "
            "before has this id");
    refuses(NEW,
            with_messages(USER "," CALLS(CALL("1", "{}")) "," USER
                                                          "," RESULT("1", "a")),
            "invalid_request | messages[3].tool_call_id | no call of the turn "
            "before has this id");
}

static void arguments_travel_as_an_object(void **state)
{
    static const struct {
        const char *text, *args;
    } cases[] = {
        {"", "{}"},
        {" {\\'n\\': 12345678901234567890 } ", "{'n':12345678901234567890}"},
        {"[1]", "{'value':[1]}"},
        {"\\'s\\'", "{'value':'s'}"},
        {"{\\'a\\':", "{'INVALID_JSON':'{\\'a\\':'}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char messages[512], wanted[512];

        snprintf(messages, sizeof messages,
                 USER ",{'role':'assistant','tool_calls':[{'id':'1','type':"
                      "'function','function':{'name':'f','arguments':'%s'}}]}"
                      "," RESULT("1", "x"),
                 cases[i].text);
        snprintf(wanted, sizeof wanted,
                 "[" SENT_USER ",{'role':'model','parts':[{'functionCall':"
                 "{'id':'1','name':'f','args':%s}}]}," CONTENT(
                     "user", SENT_RESULT("1", "{'output':'x'}")) "]",
                 cases[i].args);
        contents(NEW, messages, wanted);
    }
}

static void results_are_objects(void **state)
{
    static const struct {
        const char *content, *response;
    } cases[] = {
        {"'{\\'a\\':1}'", "{'a':1}"},
        {"'\\n {\\'a\\':\\'1234567890123456\\'} '", "{'a':'1234567890123456'}"},
        {"'{\\'a\\':0.12345678901234567}'", "{'a':0.12345678901234567}"},
        {"'{\\'a\\':1234567890123456}'",
         "{'output':'{\\'a\\':1234567890123456}'}"},
        {"'{\\'a\\':\\'\\\\\\'1\\',\\'b\\':1234567890123456}'",
         "{'output':'{\\'a\\':\\'\\\\\\'1\\',\\'b\\':1234567890123456}'}"},
        {"'[1]'", "{'output':'[1]'}"},
        {"''", "{'output':''}"},
        {"'{broken'", "{'output':'{broken'}"},
        {"[{'type':'text','text':'{}'},{'type':'text','text':'b'}]",
         "{'output':'{}\\nb'}"},
        {"'x','is_error':true", "{'error':'x'}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char messages[512], wanted[512];

        snprintf(messages, sizeof messages,
                 USER "," CALLS(CALL("1", "{}")) ",{'role':'tool',"
                                                 "'tool_call_id':'1',"
                                                 "'content':%s}",
                 cases[i].content);
        snprintf(
            wanted, sizeof wanted,
            "[" SENT_USER "," CONTENT(
                "model",
                SENT_CALL(
                    "1",
                    "{}")) ","
                           "{'role':'user','parts':[{'functionResponse':{'id':'1',"
                           "'name':'f','response':%s}}]}]",
            cases[i].response);
        contents(NEW, messages, wanted);
    }
}

#define IMAGE                              \
    "{'type':'image_url','image_url':{'ur" \
    "l':'data:image/png;base64,AAAA'}}"
#define SENT_IMAGE "{'inlineData':{'mimeType':'image/png','data':'AAAA'}}"

static void images_of_tools_stand_in_the_response_or_after_it(void **state)
{
    static const char messages[] =
        USER "," CALLS(CALL("1", "{}")) ",{'role':'tool','tool_call_id':'1',"
                                        "'content':[{'type':'text','text':"
                                        "'{}'}," IMAGE "]}";

    (void)state;
    contents(NEW, messages,
             "[" SENT_USER
             "," CONTENT("model", SENT_CALL("1", "{}")) "," CONTENT(
                 "user", SENT_RESULT("1", "{}")) "," CONTENT("user",
                                                             SENT_IMAGE) "]");
    contents(THREE, messages,
             "[" SENT_USER ",{'role':'model','parts':[{'functionCall':{'id':"
             "'1','name':'f','args':{}},'thoughtSignature':"
             "'skip_thought_signature_validator'}]},{'role':'user','parts':[{"
             "'functionResponse':{'id':'1','name':'f','response':{},'parts':"
             "[" SENT_IMAGE "]}}]}]");
}

static void custom_calls_carry_their_input(void **state)
{
    (void)state;
    contents(
        NEW,
        USER ",{'role':'assistant','tool_calls':[{'id':'1','type':"
             "'custom','custom':{'name':'f','input':'a\\nb'}}]},"
             "" RESULT("1", "x"),
        "[" SENT_USER
        "," CONTENT("model", SENT_CALL("1", "{'input':'a\\nb'}")) "," CONTENT(
            "user", SENT_RESULT("1", "{'output':'x'}")) "]");
}

/* --- signatures --- */

static void signatures_go_back_where_they_came_from(void **state)
{
    static const char turn[] =
        USER ",{'role':'assistant','content':[{'type':'text','text':'a'},"
             "{'type':'text','text':'b'}],'extra_content':{'google':"
             "{'thought_signature':'T'}},'reasoning_content':'never',"
             "'reasoning_details':[{'type':'reasoning.encrypted','id':'9',"
             "'format':'google-gemini-v1','data':'X'},{'type':"
             "'reasoning.encrypted','id':'2','format':'google-gemini-v1',"
             "'data':'D'}],'tool_calls':[{'id':'1','type':'function',"
             "'function':{'name':'f','arguments':''},'extra_content':"
             "{'google':{'thought_signature':'S'}}}," CALL(
                 "2", "{}") "]},"
                            "" RESULT("1", "x") "," RESULT("2", "y");
    static const char wanted[] =
        "[" SENT_USER ",{'role':'model','parts':[{'text':'a'},{'text':'b',"
        "'thoughtSignature':'T'},{'functionCall':{'id':'1','name':'f',"
        "'args':{}},'thoughtSignature':'S'},{'functionCall':{'id':'2',"
        "'name':'f','args':{}},'thoughtSignature':'D'}]}," CONTENT(
            "user", SENT_RESULT("1", "{'output':'x'}") "," SENT_RESULT(
                        "2", "{'output':'y'}")) "]";

    (void)state;
    contents(THREE, turn, wanted);
    contents(NEW, turn, wanted);
}

static void only_the_first_unsigned_call_gets_a_dummy(void **state)
{
    static const char turn[] = USER "," CALLS(CALL("1", "{}") "," CALL(
        "2", "{}")) "," RESULT("1", "x") "," RESULT("2", "y");
    static const char results[] =
        CONTENT("user", SENT_RESULT("1", "{'output':'x'}") "," SENT_RESULT(
                            "2", "{'output':'y'}"));
    char wanted[1024];

    (void)state;
    snprintf(wanted, sizeof wanted,
             "[%s,{'role':'model','parts':[{'functionCall':{'id':'1','name':"
             "'f','args':{}},'thoughtSignature':"
             "'skip_thought_signature_validator'},%s]},%s]",
             SENT_USER, SENT_CALL("2", "{}"), results);
    contents("gemini-4-argon", turn, wanted);
    snprintf(wanted, sizeof wanted, "[%s,%s,%s]", SENT_USER,
             CONTENT("model", SENT_CALL("1", "{}") "," SENT_CALL("2", "{}")),
             results);
    contents(OLD, turn, wanted);
    contents("gemini-3.1-flash-image", turn, wanted);
}

static void blocks_of_our_own_go_back_as_they_are(void **state)
{
    (void)state;
    contents(THREE,
             USER ",{'role':'assistant','content':'a','llmgw':{'family':"
                  "'gemini','content':[{'executableCode':{'code':'1'}},"
                  "{'text':'a'}]}}," USER,
             "[" SENT_USER "," CONTENT(
                 "model",
                 "{'executableCode':{'code':'1'}},{'text':'a'}") "," SENT_USER
                                                                 "]");
    contents(THREE,
             USER ",{'role':'assistant','content':'a','llmgw':{'family':"
                  "'anthropic','content':[{}]}}," USER,
             "[" SENT_USER "," CONTENT("model", "{'text':'a'}") "," SENT_USER
                                                                "]");
}

/* --- media --- */

static void media(const char *model, const char *part, const char *wanted)
{
    char messages[1024], sent[1024];

    snprintf(messages, sizeof messages, "{'role':'user','content':[%s]}", part);
    snprintf(sent, sizeof sent, "[{'role':'user','parts':[%s]}]", wanted);
    contents(model, messages, sent);
}

#define URL(url) "{'type':'image_url','image_url':{'url':'" url "'}}"
#define INLINE(type, data) \
    "{'inlineData':{'mimeType':'" type "','data':'" data "'}}"
#define LINKED(type, uri) \
    "{'fileData':{'mimeType':'" type "','fileUri':'" uri "'}}"
#define FILE_PART(members) "{'type':'file','file':{" members "}}"

static void data_urls_go_inline(void **state)
{
    (void)state;
    media(NEW, URL("data:image/jpg;base64,AAAA"), INLINE("image/jpeg", "AAAA"));
    media(NEW, URL("data:image\\/png;base64,A\\/A\\r\\n A="),
          INLINE("image/png", "A/AA="));
    media(NEW, URL("data:image/webp;x=1;base64,AA A"),
          INLINE("image/webp", "AAA"));
    media(NEW, URL("data:;base64,AAAA"), INLINE("image/jpeg", "AAAA"));
    media(NEW,
          "{'type':'input_audio','input_audio':{'data':'AAAA','format':"
          "'mp3'}}",
          INLINE("audio/mp3", "AAAA"));
}

static void other_urls_are_fetched_by_the_provider(void **state)
{
    (void)state;
    media(NEW, URL("https://h/a.PNG?x=y.jpg"),
          LINKED("image/png", "https://h/a.PNG?x=y.jpg"));
    media(NEW, URL("http://h.png"), LINKED("image/png", "http://h.png"));
    media(NEW, URL("https://h/a.b/c"), LINKED("image/jpeg", "https://h/a.b/c"));
    media(NEW, URL("https://h/a.unknown#f.png"),
          LINKED("image/jpeg", "https://h/a.unknown#f.png"));
    media(NEW, URL("https://youtu.be/x.png"),
          LINKED("video/mp4", "https://youtu.be/x.png"));
}

static void files_say_their_type(void **state)
{
    (void)state;
    media(NEW, FILE_PART("'file_data':'data:text/plain;base64,AAAA'"),
          INLINE("text/plain", "AAAA"));
    media(NEW, FILE_PART("'file_data':'AAAA','filename':'t.csv'"),
          INLINE("text/csv", "AAAA"));
    media(NEW, FILE_PART("'file_data':'AAAA'"),
          INLINE("application/pdf", "AAAA"));
    media(NEW, FILE_PART("'file_id':'https://x/files/1'"),
          LINKED("application/pdf", "https://x/files/1"));
    media(NEW, FILE_PART("'file_id':'https://x/1','mime_type':'image/png'"),
          LINKED("image/png", "https://x/1"));
}

static void detail_is_told_where_it_has_a_place(void **state)
{
    static const char low[] =
        "{'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA',"
        "'detail':'low'}}";

    (void)state;
    media(THREE, low,
          "{'inlineData':{'mimeType':'image/png','data':'AAAA'},"
          "'mediaResolution':{'level':'MEDIA_RESOLUTION_LOW'}}");
    assert_adjusted("");
    media(NEW, low, INLINE("image/png", "AAAA"));
    assert_adjusted("messages/dropped/image_detail");
    media(THREE,
          "{'type':'image_url','image_url':{'url':'data:image/png;base64,"
          "AAAA','detail':'auto'}}",
          INLINE("image/png", "AAAA"));
}

static void media_that_cannot_be_read_is_refused(void **state)
{
    static const struct {
        const char *model, *part, *why;
    } cases[] = {
        {NEW, URL("gs://b/o.png"), "storage buckets cannot be read"},
        {NEW, URL("ftp://h/a"), "neither a data: nor an http(s): URL"},
        {NEW, URL("data:image/png"), "a data URL without a comma"},
        {NEW, URL("data:image/png,AAAA"), "a data URL that is not base64"},
        {OLD, URL("https://h/a.png"), "this model fetches no URLs"},
        {NEW, FILE_PART("'file_id':'file-1'"),
         "this file is not in the provider's store"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char messages[512], wanted[256];

        snprintf(messages, sizeof messages,
                 "{'role':'user','content':[{'type':'text','text':'t'},%s]}",
                 cases[i].part);
        snprintf(wanted, sizeof wanted,
                 "unsupported_parameter | messages[0].content[1] | %s",
                 cases[i].why);
        refuses(cases[i].model, with_messages(messages), wanted);
    }
}

static void large_data_is_referred_to_not_copied(void **state)
{
    static char messages[4096];
    struct dialect_run *run = encode_case_run();
    size_t refs = 0;

    (void)state;
    snprintf(messages, sizeof messages,
             "{'role':'user','content':[{'type':'image_url','image_url':"
             "{'url':'data:image/png;base64,%02048d'}}]}",
             0);
    sends(NEW, with_messages(messages), "tools", "");
    for (size_t i = 0; i < run->request.body.count; i++) {
        const char *ref = run->request.body.segments[i].ref;

        refs +=
            ref && ref > run->text && ref < run->text + strlen(messages) + 64;
    }
    assert_int_equal(refs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_of_one_role_merge),
        cmocka_unit_test(nothing_empty_is_sent),
        cmocka_unit_test(a_request_of_system_text_alone_gets_a_turn),
        cmocka_unit_test(history_that_opens_with_the_model_gets_a_turn),
        cmocka_unit_test(a_family_without_system_text_reads_it_first),
        cmocka_unit_test(names_of_messages_are_reported),
        cmocka_unit_test(refusals_are_text_where_there_is_no_other),
        cmocka_unit_test(results_stand_in_one_turn_of_their_own),
        cmocka_unit_test(a_call_without_a_result_gets_one),
        cmocka_unit_test(of_two_results_the_last_holds),
        cmocka_unit_test(a_result_of_no_call_is_refused),
        cmocka_unit_test(arguments_travel_as_an_object),
        cmocka_unit_test(results_are_objects),
        cmocka_unit_test(images_of_tools_stand_in_the_response_or_after_it),
        cmocka_unit_test(custom_calls_carry_their_input),
        cmocka_unit_test(signatures_go_back_where_they_came_from),
        cmocka_unit_test(only_the_first_unsigned_call_gets_a_dummy),
        cmocka_unit_test(blocks_of_our_own_go_back_as_they_are),
        cmocka_unit_test(data_urls_go_inline),
        cmocka_unit_test(other_urls_are_fetched_by_the_provider),
        cmocka_unit_test(files_say_their_type),
        cmocka_unit_test(detail_is_told_where_it_has_a_place),
        cmocka_unit_test(media_that_cannot_be_read_is_refused),
        cmocka_unit_test(large_data_is_referred_to_not_copied),
    };

    encode_case_of(&llmgw__dialect_gemini);
    return cmocka_run_group_tests(tests, NULL, encode_case_forget);
}
