/* Answers of the gemini wire that go back: images with their signatures, and
 * parts as they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/encode_case.h"

#define IMAGE_MODEL "gemini-3-pro-image-preview"
#define USER        "{'role':'user','content':'u'},"
#define ASSISTANT   "{'role':'assistant',"
#define SENT_USER   "{'role':'user','parts':[{'text':'u'}]},"
#define AGAIN       ",{'role':'user','content':'v'}"
#define SENT_AGAIN  ",{'role':'user','parts':[{'text':'v'}]}"
#define IMAGE(type) \
    "'type':'image_url','image_url':{'url':'data:image/" type ";base64,AA=='}"
#define SIGNATURE(s) "'extra_content':{'google':{'thought_signature':'" s "'}}"
#define INLINE(type) "'inlineData':{'mimeType':'image/" type "','data':'AA=='}"

static void contents(const char *model, const char *messages,
                     const char *wanted)
{
    char sent[2048];

    snprintf(sent, sizeof sent, "[%s]", wanted);
    sends(model, with_messages(messages), "contents", sent);
}

static void images_go_back_as_the_models_own(void **state)
{
    (void)state;
    contents(IMAGE_MODEL,
             USER ASSISTANT
             "'content':'a'," SIGNATURE("T") ",'images':[{" IMAGE(
                 "png") "," SIGNATURE("S") "},{" IMAGE("jpeg") "}]}" AGAIN,
             SENT_USER
             "{'role':'model','parts':[{'text':'a','thoughtSignature':'T'},"
             "{" INLINE("png") ",'thoughtSignature':'S'},{" INLINE(
                 "jpeg") "}]}" SENT_AGAIN);
    contents(IMAGE_MODEL,
             USER ASSISTANT "'content':null,'images':[{" IMAGE("png") "}]}" //
             AGAIN,
             SENT_USER
             "{'role':'model','parts':[{" INLINE("png") "}]}" SENT_AGAIN);
}

static void what_is_no_image_of_a_models_own_stays_here(void **state)
{
    static const char *const images[] = {
        "{}", "[{}]", "[7,{'image_url':{'url':'https://h/a.png'}}]",
        "[{'image_url':'data:image/png;base64,AA=='}]",
        "[{'image_url':{'url':'data:image/png,AA'}}]"};

    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        char messages[512];

        snprintf(messages, sizeof messages,
                 USER ASSISTANT "'content':'a','images':%s}" AGAIN, images[i]);
        contents(IMAGE_MODEL, messages,
                 SENT_USER
                 "{'role':'model','parts':[{'text':'a'}]}" SENT_AGAIN);
    }
    contents("gemma-3-27b-it",
             USER ASSISTANT "'content':'a','images':[{" IMAGE("png") "}]}" //
             AGAIN,
             SENT_USER "{'role':'model','parts':[{'text':'a'}]}" SENT_AGAIN);
}

/* --- parts as they came --- */

#define CALL(id)                                                  \
    "{'id':'" id "','type':'function','function':{'name':'f','ar" \
    "guments':'{}'}}"
#define REPLAY(parts) "'llmgw':{'family':'gemini','content':[" parts "]}"
#define CODE          "{'executableCode':{'code':'1'}}"

static void a_result_says_the_id_that_its_call_has(void **state)
{
    (void)state;
    contents(
        "gemini-3-flash-preview",
        USER ASSISTANT
        "'content':null,'tool_calls':[" CALL("1") "," CALL("2") "]," REPLAY(
            CODE
            ",{'functionCall':"
            "{'name':'f'}},{"
            "'functionCall':{'id':"
            "'2','name':'f'}}") "},"
                                "{'role':'tool','tool_call_id':'1','content':'x'}",
        SENT_USER "{'role':'model','parts':[" CODE
                  ",{'functionCall':{'name':'f'}},{'functionCall':{'id':'2',"
                  "'name':'f'}}]},{'role':'user','parts':[{'functionResponse':"
                  "{'name':'f','response':{'output':'x'}}},{'functionResponse':"
                  "{'id':'2','name':'f','response':{'error':'No result was "
                  "provided for this tool call.'}}}]}");
    assert_adjusted("messages/added/missing_tool_result");
}

static void a_call_that_the_provider_answered_gets_no_other_answer(void **state)
{
    (void)state;
    contents("gemini-2.5-flash",
             USER ASSISTANT "'content':'a','tool_calls':[" CALL(
                 "1") "]," REPLAY("{'functionCall':{'name':'f'}},{"
                                  "'functionResponse':{'name':'f'}},{'text':"
                                  "'a'}") "}" AGAIN,
             SENT_USER "{'role':'model','parts':[{'functionCall':{'name':'f'}}"
                       ",{'functionResponse':{'name':'f'}},{'text':'a'}]}" //
             SENT_AGAIN);
    assert_adjusted("");
}

/* --- answers --- */

static struct dialect_run run;

static const cJSON *image(int i)
{
    int last = cJSON_GetArraySize(run.chunks) - 2; /* before the finish */
    const cJSON *choice =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(
                               cJSON_GetArrayItem(run.chunks, last), "choices"),
                           0);
    const cJSON *delta = cJSON_GetObjectItemCaseSensitive(choice, "delta");

    return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(delta, "images"),
                              i);
}

static void assert_image(int i, const char *wanted)
{
    cJSON *tree = cJSON_Parse(quoted(wanted));

    assert_true(cJSON_Compare(image(i), tree, 1));
    cJSON_Delete(tree);
}

static llmgw_status decode(void)
{
    const char *record = quoted(
        "{'candidates':[{'content':{'parts':["
        "{'thought':true,'inlineData':{'mimeType':'image/png','data':"
        "'BB=='}},{'text':'a','thoughtSignature':'T'},"
        "{" INLINE("png") ",'thoughtSignature':'S\\u003d'},"
                          "{" INLINE("webp") "}]},'finishReason':'STOP'}]}");

    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_gemini, ENCODE_CASE_BASE,
                      IMAGE_MODEL);
    return dialect_run_whole(&run, record, strlen(record));
}

static void an_image_is_told_with_its_signature_and_drafts_are_not(void **state)
{
    (void)state;
    assert_int_equal(decode(), LLMGW_OK);
    assert_image(0, "{" IMAGE("png") "," SIGNATURE("S=") "}");
    assert_image(1, "{" IMAGE("webp") "}");
    assert_null(image(2));
}

static void an_answer_of_drafts_alone_is_not_empty(void **state)
{
    const char *record =
        quoted("{'candidates':[{'content':{'parts':[{'thought':true," //
               INLINE("png") "}]},'finishReason':'STOP'}]}");
    (void)state;
    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_gemini, ENCODE_CASE_BASE,
                      IMAGE_MODEL);
    assert_int_equal(dialect_run_whole(&run, record, strlen(record)), LLMGW_OK);
    assert_int_equal(run.error.kind, 0);
}

static void images_survive_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = decode();
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_non_null(image(1));
}

static int use_gemini(void **state)
{
    (void)state;
    encode_case_of(&llmgw__dialect_gemini);
    return 0;
}

static int forget(void **state)
{
    dialect_run_clear(&run);
    return encode_case_forget(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_go_back_as_the_models_own),
        cmocka_unit_test(what_is_no_image_of_a_models_own_stays_here),
        cmocka_unit_test(a_result_says_the_id_that_its_call_has),
        cmocka_unit_test(
            a_call_that_the_provider_answered_gets_no_other_answer),
        cmocka_unit_test(
            an_image_is_told_with_its_signature_and_drafts_are_not),
        cmocka_unit_test(an_answer_of_drafts_alone_is_not_empty),
        cmocka_unit_test(images_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, use_gemini, forget);
}
