/*
 * How much a request is: bytes as the model gets them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schema/bulk.h"
#include "schema/usage.h"
#include "support/chat.h"

static struct llmgw__bulk bulk_with(const char *request)
{
    struct llmgw__bulk bulk;

    llmgw__bulk_of(chat_of(request), &bulk);
    return bulk;
}

static struct llmgw__bulk bulk_of_text(const char *text)
{
    char request[512] = "{'model':'m','messages':[{'role':'user','content':'";

    strncat(request, text, 200);
    strncat(request, "'}]}", 8);
    return bulk_with(request);
}

static void escapes_are_counted_as_what_they_stand_for(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes, other;
    } rows[] = {
        {"", 0, 0},
        {"hello", 5, 0},
        {"a\\nb\\\\c\\t", 6, 0},
        {"\\u0041", 1, 0},
        {"\\u00e9x", 3, 2},
        {"\\u20ac", 3, 3},
        {"\\ud83d\\ude00", 4, 4},
        {"caf\xc3\xa9", 5, 2},
        {"eight by\xc3\xa9tes and more\xe2\x82\xac", 25, 5},
        {"\xc3\xa9\\n\xc3\xa9", 5, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct llmgw__bulk bulk = bulk_of_text(rows[i].text);

        assert_int_equal(bulk.text_bytes, rows[i].bytes);
        assert_int_equal(bulk.other_bytes, rows[i].other);
        assert_int_equal(llmgw__bulk_bytes(&bulk), rows[i].bytes);
        assert_int_equal(bulk.messages, 1);
    }
}

static void every_text_of_a_conversation_counts(void **state)
{
    struct llmgw__bulk bulk = bulk_with(
        "{'model':'m','messages':["
        "{'role':'system','content':'123'},"
        "{'role':'user','name':'me','content':[{'type':'text','text':'4567'}]},"
        "{'role':'assistant','content':null,'reasoning_content':'why',"
        "'tool_calls':[{'id':'c','type':'function','function':"
        "{'name':'look','arguments':'{\\'a\\':1}'}}]},"
        "{'role':'tool','tool_call_id':'c','content':'89'}]}");

    (void)state;
    assert_int_equal(bulk.messages, 4);
    assert_int_equal(bulk.text_bytes, 3 + 2 + 4 + 3 + 4 + 7 + 2);
}

static void tools_and_schema_are_counted_as_json(void **state)
{
    struct llmgw__bulk bulk =
        bulk_with("{'model':'m','messages':[{'role':'user','content':'a'}],"
                  "'tools':[{'type':'function','function':{'name':'look',"
                  "'description':'it','parameters':{'type':'object'}}}],"
                  "'response_format':{'type':'json_schema','json_schema':"
                  "{'name':'s','schema':{'type':'array'}}}}");

    (void)state;
    assert_int_equal(bulk.tools, 1);
    assert_int_equal(bulk.tool_bytes, strlen("look") + strlen("it") +
                                          strlen("{'type':'object'}"));
    assert_int_equal(bulk.schema_bytes, strlen("{'type':'array'}"));
    assert_int_equal(llmgw__bulk_bytes(&bulk),
                     1 + bulk.tool_bytes + bulk.schema_bytes);
}

static void what_is_no_text_is_counted_apart(void **state)
{
    struct llmgw__bulk bulk =
        bulk_with("{'model':'m','messages':[{'role':'user','content':["
                  "{'type':'image_url','image_url':{'url':'https://a/b'}},"
                  "{'type':'input_audio','input_audio':{'data':'AAAA',"
                  "'format':'wav'}},"
                  "{'type':'file','file':{'filename':'f.pdf',"
                  "'file_data':'data:application/pdf;base64,AAAA'}}]}]}");

    (void)state;
    assert_int_equal(bulk.images, 1);
    assert_int_equal(bulk.audios, 1);
    assert_int_equal(bulk.files, 1);
    assert_int_equal(bulk.text_bytes, strlen("f.pdf"));
    assert_int_equal(bulk.media_bytes,
                     strlen("https://a/b") + 4 +
                         strlen("data:application/pdf;base64,AAAA"));
}

static void what_the_answer_may_be_is_told(void **state)
{
    struct llmgw__bulk bulk =
        bulk_with("{'model':'m','messages':[{'role':'user','content':'a'}],"
                  "'max_completion_tokens':7,'n':3,'service_tier':'flex',"
                  "'prediction':{'type':'content','content':'ab'}}");

    (void)state;
    assert_int_equal(bulk.max_tokens, 7);
    assert_int_equal(bulk.answers, 3);
    assert_int_equal(bulk.service_tier, LLMGW__SERVICE_FLEX);
    assert_int_equal(bulk.predicted,
                     strlen("{'type':'content','content':'ab'}"));
    bulk = bulk_of_text("a");
    assert_int_equal(bulk.max_tokens, 0);
    assert_int_equal(bulk.answers, 1);
    assert_int_equal(bulk.service_tier, LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(bulk.predicted, 0);
}

static void state_that_is_handed_back_is_counted_apart(void **state)
{
    struct llmgw__bulk bulk =
        bulk_with("{'model':'m','messages':[{'role':'user','content':'a'},"
                  "{'role':'assistant','content':'b','reasoning_details':"
                  "[{'type':'reasoning.encrypted','data':'xyz'}]},"
                  "{'role':'user','content':'c'}]}");

    (void)state;
    assert_int_equal(bulk.text_bytes, 3);
    assert_int_equal(bulk.state_bytes,
                     strlen("[{'type':'reasoning.encrypted','data':'xyz'}]"));
}

static int done(void **state)
{
    (void)state;
    chat_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_counted_as_what_they_stand_for),
        cmocka_unit_test(every_text_of_a_conversation_counts),
        cmocka_unit_test(tools_and_schema_are_counted_as_json),
        cmocka_unit_test(what_is_no_text_is_counted_apart),
        cmocka_unit_test(what_the_answer_may_be_is_told),
        cmocka_unit_test(state_that_is_handed_back_is_counted_apart),
    };

    return cmocka_run_group_tests_name("bulk", tests, NULL, done);
}
