/* Media on the gemini wire: where it may stand, and what it is said to be. */
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

#define URL(url)           "{'type':'image_url','image_url':{'url':'" url "'}}"
#define FILE_PART(members) "{'type':'file','file':{" members "}}"
#define SOUND \
    "{'type':'input_audio','input_audio':{'data':'AAAA','format':'wav'}}"
#define PNG          "data:image/png;base64,AAAA"
#define STORE        "https://generativelanguage.googleapis.com/v1beta/files/abc"
#define INLINE(type) "{'inlineData':{'mimeType':'" type "','data':'AAAA'}}"
#define LINKED(type, uri) \
    "{'fileData':{'mimeType':'" type "','fileUri':'" uri "'}}"

static void media(const char *model, const char *part, const char *wanted)
{
    char messages[1024], sent[1024];

    snprintf(messages, sizeof messages, "{'role':'user','content':[%s]}", part);
    snprintf(sent, sizeof sent, "[{'role':'user','parts':[%s]}]", wanted);
    sends(model, with_messages(messages), "contents", sent);
}

static void a_file_behind_a_url_has_the_type_that_is_told(void **state)
{
    (void)state;
    media(NEW, FILE_PART("'file_id':'https://h/v.mp4?x'"),
          LINKED("video/mp4", "https://h/v.mp4?x"));
    media(NEW, FILE_PART("'file_id':'https://h/v.mp4','filename':'a.webm'"),
          LINKED("video/webm", "https://h/v.mp4"));
    media(NEW, FILE_PART("'file_id':'https://h/v.mp4','mime_type':'audio/wav'"),
          LINKED("audio/wav", "https://h/v.mp4"));
    media(NEW, FILE_PART("'file_id':'" STORE "','filename':'noname'"),
          LINKED("application/pdf", STORE));
    media(NEW, FILE_PART("'file_id':'https://youtu.be/a.pdf'"),
          LINKED("video/mp4", "https://youtu.be/a.pdf"));
    media(NEW, FILE_PART("'file_data':'AAAA','filename':'a.3gp'"),
          INLINE("video/3gpp"));
    media(NEW, FILE_PART("'file_data':'data:video/mp4;base64,AAAA'"),
          INLINE("video/mp4"));
}

static void every_model_reads_the_store_and_the_video_site(void **state)
{
    (void)state;
    media(OLD, URL(STORE), LINKED("image/jpeg", STORE));
    media(OLD, FILE_PART("'file_id':'" STORE "'"),
          LINKED("application/pdf", STORE));
    media(OLD, URL("https://www.youtube.com/watch?v=a"),
          LINKED("video/mp4", "https://www.youtube.com/watch?v=a"));
    refuses(
        OLD,
        with_messages("{'role':'user','content':[" URL("https://h/a.png") "]}"),
        "unsupported_parameter | messages[0].content[0] | this model "
        "fetches no URLs");
    refuses(OLD,
            with_messages("{'role':'user','content':[" FILE_PART(
                "'file_id':'https://h/a.png'") "]}"),
            "unsupported_parameter | messages[0].content[0] | this model "
            "fetches no URLs");
}

/* A result of these parts; what is sent of it, and after it as the user's. */
static void result(const char *model, const char *parts, const char *inside,
                   const char *after)
{
    char messages[2048], sent[2048];
    const char *signature =
        strcmp(model, THREE) == 0
            ? ",'thoughtSignature':'skip_thought_signature_validator'"
            : "";

    snprintf(messages, sizeof messages,
             "{'role':'user','content':'u'},{'role':'assistant','tool_calls':["
             "{'id':'1','type':'function','function':{'name':'f','arguments':"
             "'{}'}}]},{'role':'tool','tool_call_id':'1','content':[%s]},"
             "{'role':'user','content':'v'}",
             parts);
    snprintf(sent, sizeof sent,
             "[{'role':'user','parts':[{'text':'u'}]},{'role':'model','parts':"
             "[{'functionCall':{'id':'1','name':'f','args':{}}%s}]},{'role':"
             "'user','parts':[{'functionResponse':{'id':'1','name':'f',"
             "'response':{'output':''}%s}}]},{'role':'user','parts':[%s"
             "{'text':'v'}]}]",
             signature, inside, after);
    sends(model, with_messages(messages), "contents", sent);
}

#define TWO(a, b) a "," b

static void a_response_holds_what_it_can_and_the_rest_follows(void **state)
{
    (void)state;
    result(THREE, TWO(SOUND, URL(PNG)), ",'parts':[" INLINE("image/png") "]",
           INLINE("audio/wav") ",");
    result(THREE,
           TWO(FILE_PART("'file_data':'AAAA'"),
               FILE_PART("'file_data':'AAAA','filename':'a.csv'")),
           ",'parts':[" TWO(INLINE("application/pdf"), INLINE("text/csv")) "]",
           "");
    result(THREE, URL("data:image/gif;base64,AAAA"), "",
           INLINE("image/gif") ",");
    result(THREE, URL("https://h/a.webp"),
           ",'parts':[" LINKED("image/webp", "https://h/a.webp") "]", "");
    result(NEW, TWO(SOUND, URL(PNG)), "",
           TWO(INLINE("audio/wav"), INLINE("image/png")) ",");
}

static void a_response_has_no_place_for_detail(void **state)
{
    static const char part[] =
        "{'type':'image_url','image_url':{'url':'" PNG "','detail':'high'}}";
    (void)state;
    result(THREE, part, ",'parts':[" INLINE("image/png") "]", "");
    assert_adjusted("messages/dropped/image_detail");
    media(THREE, part,
          "{'inlineData':{'mimeType':'image/png','data':'AAAA'},"
          "'mediaResolution':{'level':'MEDIA_RESOLUTION_HIGH'}}");
    assert_adjusted("");
}

static int use_gemini(void **state)
{
    (void)state;
    encode_case_of(&llmgw__dialect_gemini);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_behind_a_url_has_the_type_that_is_told),
        cmocka_unit_test(every_model_reads_the_store_and_the_video_site),
        cmocka_unit_test(a_response_holds_what_it_can_and_the_rest_follows),
        cmocka_unit_test(a_response_has_no_place_for_detail),
    };

    return cmocka_run_group_tests(tests, use_gemini, encode_case_forget);
}
