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

#define OLD   "gemini-2.0-flash"
#define NEW   "gemini-2.5-flash"
#define THREE "gemini-3-flash-preview"

/* What hosts write … */
#define USER             "{'role':'user','content':'u'}"
#define SAYS(role, text) "{'role':'" role "','content':'" text "'}"
#define TWO(a, b)        a "," b
#define CALL(id)                           \
    "{'id':'" id "','type':'function','fu" \
    "nction':{'name':'f','arguments':'{}'}}"
#define CALLS(calls) "{'role':'assistant','tool_calls':[" calls "]}"
#define RESULT(id, text) \
    "{'role':'tool','tool_call_id':'" id "','content':'" text "'}"
/* … and what is sent */
#define PARTS(role, parts) "{'role':'" role "','parts':[" parts "]}"
#define PART(text)         "{'text':'" text "'}"
#define SENT_USER          PARTS("user", PART("u"))
#define SENT_ARGS(id, args) \
    "{'functionCall':{'id':'" id "','name':'f','args':" args "}}"
#define SENT_CALL(id) SENT_ARGS(id, "{}")
#define SIGNED_CALL(id, signature)                       \
    "{'functionCall':{'id':'" id "','name':'f','args':{" \
    "}},'thoughtSignature':'" signature "'}"
#define SENT_RESPONSE(id, response)                  \
    "{'functionResponse':{'id':'" id "','name':'f'," \
    "'response':" response "}}"
#define SENT_RESULT(id, text) SENT_RESPONSE(id, "{'output':'" text "'}")
#define NO_RESULT(id)            \
    SENT_RESPONSE(id, "{'error'" \
                      ":'No result was provided for this tool call.'}")

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void join(const char *const *list, char *out, size_t size)
{
    size_t len = 0;

    for (; *list; list++)
        len += (size_t)snprintf(out + len, size - len, "%s%s", len ? "," : "",
                                *list);
    assert_in_range(len, 0, size - 1);
}

static const char *messages_of(const char *const *list)
{
    static char messages[8192];

    join(list, messages, sizeof messages);
    return with_messages(messages);
}

static void contents(const char *model, const char *const *messages,
                     const char *const *wanted)
{
    char list[4096], sent[4098];

    join(wanted, list, sizeof list);
    snprintf(sent, sizeof sent, "[%s]", list);
    sends(model, messages_of(messages), "contents", sent);
}

/* --- turns --- */

static void neighbours_of_one_role_merge(void **state)
{
    (void)state;
    contents(NEW,
             LIST(USER, USER, SAYS("assistant", "a"), SAYS("assistant", "b"),
                  SAYS("system", "late"), USER),
             LIST(PARTS("user", TWO(PART("u"), PART("u"))),
                  PARTS("model", TWO(PART("a"), PART("b"))),
                  PARTS("user", TWO(PART("late"), PART("u")))));
    assert_adjusted("");
}

static void nothing_empty_is_sent(void **state)
{
    (void)state;
    contents(
        NEW,
        LIST(SAYS("system", ""), SAYS("user", ""), SAYS("assistant", ""), USER),
        LIST(SENT_USER));
    assert_sent("systemInstruction", "");
    assert_adjusted("");
}

static void a_request_of_system_text_alone_gets_a_turn(void **state)
{
    (void)state;
    contents(NEW, LIST(SAYS("developer", "s")), LIST(PARTS("user", PART(" "))));
    assert_sent("systemInstruction", "{'parts':[{'text':'s'}]}");
}

static void history_that_opens_with_the_model_gets_a_turn(void **state)
{
    (void)state;
    contents(
        NEW, LIST(SAYS("assistant", "a"), USER),
        LIST(PARTS("user", PART(" ")), PARTS("model", PART("a")), SENT_USER));
    assert_adjusted("messages/added/leading_user_turn");
}

static void a_family_without_system_text_reads_it_first(void **state)
{
    (void)state;
    contents("gemma-3-27b-it", LIST(SAYS("system", "s"), USER),
             LIST(PARTS("user", TWO(PART("s"), PART("u")))));
    assert_sent("systemInstruction", "");
    assert_adjusted("messages/converted/system_message_to_user");
}

static void names_of_messages_are_reported(void **state)
{
    (void)state;
    contents(NEW, LIST("{'role':'system','name':'n','content':'s'}", USER),
             LIST(SENT_USER));
    assert_adjusted("messages/dropped/message_name");
    contents(NEW, LIST("{'role':'user','name':'n','content':'u'}"),
             LIST(SENT_USER));
    assert_adjusted("messages/dropped/message_name");
}

static void refusals_are_text_where_there_is_no_other(void **state)
{
    static const char part[] =
        "{'role':'assistant','content':[{'type':'refusal','refusal':'no'}]}";
    static const char member[] =
        "{'role':'assistant','content':null,'refusal':'no'}";

    (void)state;
    contents(NEW, LIST(USER, member, USER),
             LIST(SENT_USER, PARTS("model", PART("no")), SENT_USER));
    contents(NEW, LIST(USER, part, USER),
             LIST(SENT_USER, PARTS("model", PART("no")), SENT_USER));
}

/* --- calls and results --- */

static void results_stand_in_one_turn_of_their_own(void **state)
{
    (void)state;
    contents(
        NEW,
        LIST(USER, CALLS(TWO(CALL("1"), CALL("2"))), RESULT("2", "b"),
             RESULT("1", "a"), USER),
        LIST(SENT_USER, PARTS("model", TWO(SENT_CALL("1"), SENT_CALL("2"))),
             PARTS("user", TWO(SENT_RESULT("2", "b"), SENT_RESULT("1", "a"))),
             SENT_USER));
    assert_adjusted("");
}

static void a_call_without_a_result_gets_one(void **state)
{
    (void)state;
    contents(NEW, LIST(USER, CALLS(CALL("1")), USER),
             LIST(SENT_USER, PARTS("model", SENT_CALL("1")),
                  PARTS("user", NO_RESULT("1")), SENT_USER));
    assert_adjusted("messages/added/missing_tool_result");
    contents(
        NEW, LIST(USER, CALLS(TWO(CALL("1"), CALL("2"))), RESULT("2", "b")),
        LIST(SENT_USER, PARTS("model", TWO(SENT_CALL("1"), SENT_CALL("2"))),
             PARTS("user", TWO(SENT_RESULT("2", "b"), NO_RESULT("1")))));
    assert_adjusted("messages/added/missing_tool_result");
}

static void of_two_results_the_last_holds(void **state)
{
    (void)state;
    contents(NEW,
             LIST(USER, CALLS(CALL("1")), RESULT("1", "a"), RESULT("1", "b")),
             LIST(SENT_USER, PARTS("model", SENT_CALL("1")),
                  PARTS("user", SENT_RESULT("1", "b"))));
}

static void a_result_of_no_call_is_refused(void **state)
{
    static const char wanted[] =
        "invalid_request | messages[3].tool_call_id | no call of the turn "
        "before has this id";

    (void)state;
    refuses(NEW,
            messages_of(LIST(USER, CALLS(CALL("1")), RESULT("1", "a"),
                             RESULT("9", "b"))),
            wanted);
    refuses(NEW,
            messages_of(LIST(USER, CALLS(CALL("1")), USER, RESULT("1", "a"))),
            wanted);
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
        {"[\\'\\\\ud83d\\']", "{'INVALID_JSON':'[\\'\\\\ud83d\\']'}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char calls[256], sent[256];

        snprintf(calls, sizeof calls,
                 "{'role':'assistant','tool_calls':[{'id':'1','type':"
                 "'function','function':{'name':'f','arguments':'%s'}}]}",
                 cases[i].text);
        snprintf(sent, sizeof sent,
                 "{'role':'model','parts':[{'functionCall':{'id':'1','name':"
                 "'f','args':%s}}]}",
                 cases[i].args);
        contents(NEW, LIST(USER, calls, RESULT("1", "x")),
                 LIST(SENT_USER, sent, PARTS("user", SENT_RESULT("1", "x"))));
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
        char result[256], sent[256];

        snprintf(result, sizeof result,
                 "{'role':'tool','tool_call_id':'1','content':%s}",
                 cases[i].content);
        snprintf(sent, sizeof sent,
                 "{'role':'user','parts':[{'functionResponse':{'id':'1',"
                 "'name':'f','response':%s}}]}",
                 cases[i].response);
        contents(NEW, LIST(USER, CALLS(CALL("1")), result),
                 LIST(SENT_USER, PARTS("model", SENT_CALL("1")), sent));
    }
}

static void images_of_tools_stand_in_the_response_or_after_it(void **state)
{
    static const char result[] =
        "{'role':'tool','tool_call_id':'1','content':[{'type':'text','text':"
        "'{}'},{'type':'image_url','image_url':{'url':"
        "'data:image/png;base64,AAAA'}}]}";
    static const char image[] =
        "{'inlineData':{'mimeType':'image/png','data':'AAAA'}}";
    char after[128], inside[256];

    (void)state;
    snprintf(after, sizeof after, "{'role':'user','parts':[%s]}", image);
    contents(NEW, LIST(USER, CALLS(CALL("1")), result),
             LIST(SENT_USER, PARTS("model", SENT_CALL("1")),
                  PARTS("user", SENT_RESPONSE("1", "{}")), after));
    snprintf(inside, sizeof inside,
             "{'role':'user','parts':[{'functionResponse':{'id':'1','name':"
             "'f','response':{},'parts':[%s]}}]}",
             image);
    contents("gemini-3.1-flash-image", LIST(USER, CALLS(CALL("1")), result),
             LIST(SENT_USER, PARTS("model", SENT_CALL("1")), inside));
}

static void custom_calls_carry_their_input(void **state)
{
    static const char custom[] =
        "{'id':'1','type':'custom','custom':{'name':'f','input':'a\\nb'}}";
    char calls[256];

    (void)state;
    snprintf(calls, sizeof calls, "{'role':'assistant','tool_calls':[%s]}",
             custom);
    contents(NEW, LIST(USER, calls, RESULT("1", "x")),
             LIST(SENT_USER,
                  PARTS("model", SENT_ARGS("1", "{'input':'a\\nb'}")),
                  PARTS("user", SENT_RESULT("1", "x"))));
}

/* --- signatures --- */

static void signatures_go_back_where_they_came_from(void **state)
{
    static const char turn[] =
        "{'role':'assistant','content':[{'type':'text','text':'a'},"
        "{'type':'text','text':'b'}],'extra_content':{'google':"
        "{'thought_signature':'T'}},'reasoning_content':'never',"
        "'reasoning_details':[{'type':'reasoning.encrypted','id':'9',"
        "'format':'google-gemini-v1','data':'X'},{'type':"
        "'reasoning.encrypted','id':'2','format':'google-gemini-v1',"
        "'data':'D'}],'tool_calls':[{'id':'1','type':'function',"
        "'function':{'name':'f','arguments':''},'extra_content':"
        "{'google':{'thought_signature':'S'}}},{'id':'2','type':'function',"
        "'function':{'name':'f','arguments':''}}]}";
    static const char *const models[] = {OLD, NEW, THREE};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        contents(
            models[i], LIST(USER, turn, RESULT("1", "x"), RESULT("2", "y")),
            LIST(
                SENT_USER,
                PARTS("model",
                      TWO(TWO(PART("a"), "{'text':'b','thoughtSignature':'T'}"),
                          TWO(SIGNED_CALL("1", "S"), SIGNED_CALL("2", "D")))),
                PARTS("user",
                      TWO(SENT_RESULT("1", "x"), SENT_RESULT("2", "y")))));
}

static void only_the_first_unsigned_call_gets_a_dummy(void **state)
{
    static const char results[] =
        PARTS("user", TWO(SENT_RESULT("1", "x"), SENT_RESULT("2", "y")));
    const char *const *turn = LIST(USER, CALLS(TWO(CALL("1"), CALL("2"))),
                                   RESULT("1", "x"), RESULT("2", "y"));
    const char *const *plain =
        LIST(SENT_USER, PARTS("model", TWO(SENT_CALL("1"), SENT_CALL("2"))),
             results);

    (void)state;
    contents(
        "gemini-4-argon", turn,
        LIST(SENT_USER,
             PARTS("model",
                   TWO(SIGNED_CALL("1", "skip_thought_signature_validator"),
                       SENT_CALL("2"))),
             results));
    contents(OLD, turn, plain);
    contents("gemini-3.1-flash-image", turn, plain);
}

static void blocks_of_our_own_go_back_as_they_are(void **state)
{
    static const char ours[] =
        "{'role':'assistant','content':'a','llmgw':{'family':'gemini',"
        "'content':[{'executableCode':{'code':'1'}},{'text':'a'}]}}";
    static const char foreign[] =
        "{'role':'assistant','content':'a','llmgw':{'family':'anthropic',"
        "'content':[{}]}}";

    (void)state;
    contents(
        THREE, LIST(USER, ours, USER),
        LIST(SENT_USER,
             PARTS("model", TWO("{'executableCode':{'code':'1'}}", PART("a"))),
             SENT_USER));
    contents(THREE, LIST(USER, foreign, USER),
             LIST(SENT_USER, PARTS("model", PART("a")), SENT_USER));
}

/* --- media --- */

static void media(const char *model, const char *part, const char *wanted)
{
    char messages[1024], sent[1024];

    snprintf(messages, sizeof messages, "{'role':'user','content':[%s]}", part);
    snprintf(sent, sizeof sent, "[{'role':'user','parts':[%s]}]", wanted);
    sends(model, with_messages(messages), "contents", sent);
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
        {NEW, URL("data:image/png"), "neither a data: nor an http(s): URL"},
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
    };

    encode_case_of(&llmgw__dialect_gemini);
    return cmocka_run_group_tests(tests, NULL, encode_case_forget);
}
