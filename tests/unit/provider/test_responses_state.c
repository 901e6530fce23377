/* What an answer of the Responses API says beyond a chat answer: it is told,
 * and goes back as it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/chunk_log.h"
#include "support/dialect_run.h"

#define MODEL "gpt-6.1-sol"

static void start(struct dialect_run *run)
{
    dialect_run_start(run, &llmgw__dialect_responses, "https://x", MODEL);
    run->provider.row = llmgw__provider_row_find(LLMGW__LIT("openai"));
}

/* The text with " for '. The caller's. */
static char *quote(const char *text)
{
    size_t len = strlen(text);
    char *copy = malloc(len + 1);

    assert_non_null(copy);
    for (size_t i = 0; i <= len; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    return copy;
}

/* --- one output, whole and in a stream --- */

static char *body_of(const char *output)
{
    size_t size = strlen(output) + 128;
    char *text = malloc(size), *body;

    assert_non_null(text);
    snprintf(text, size,
             "{'id':'r','model':'m','created_at':5,'status':'completed',"
             "'output':%s}",
             output);
    body = quote(text);
    free(text);
    return body;
}

/* The events of an output: each item whole, then all of it. */
static char *events_of(const char *body)
{
    cJSON *response = cJSON_Parse(body);
    const cJSON *item;
    struct llmgw__buf events;
    int place = 0;
    char *text;

    assert_non_null(response);
    llmgw__buf_init(&events, 0);
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(response, "output"))
    {
        char head[96];

        text = cJSON_PrintUnformatted(item);
        snprintf(head, sizeof head,
                 "data: {\"type\":\"response.output_item.done\","
                 "\"output_index\":%d,\"item\":",
                 place++);
        llmgw__buf_add_z(&events, head);
        llmgw__buf_add_z(&events, text);
        llmgw__buf_add_z(&events, "}\n\n");
        free(text);
    }
    llmgw__buf_add_z(&events,
                     "data: {\"type\":\"response.completed\",\"response\":");
    llmgw__buf_add_z(&events, body);
    llmgw__buf_add_z(&events, "}\n\n");
    text = malloc(events.len + 1);
    assert_non_null(text);
    memcpy(text, events.data, events.len);
    text[events.len] = '\0';
    llmgw__buf_clear(&events);
    cJSON_Delete(response);
    return text;
}

/* The message of an answer; the caller's. */
static cJSON *message_of(const char *output, bool stream)
{
    char *body = body_of(output), *events = events_of(body);
    struct dialect_run run;
    cJSON *answer, *message;

    start(&run);
    assert_int_equal(stream ? dialect_run_events(&run, events, strlen(events))
                            : dialect_run_whole(&run, body, strlen(body)),
                     LLMGW_OK);
    answer = dialect_run_final(&run);
    assert_non_null(answer);
    message = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(answer, "choices"),
                           0),
        "message");
    message = cJSON_Duplicate(message, true);
    cJSON_Delete(answer);
    dialect_run_clear(&run);
    free(events);
    free(body);
    return message;
}

/* Does the message have this member, and is it that (' for ")? NULL: none */
static void check_member(const char *what, const cJSON *message,
                         const char *name, const char *wanted)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(message, name);
    char *text = wanted ? quote(wanted) : NULL;
    cJSON *tree = text ? cJSON_Parse(text) : NULL;

    assert_true(!wanted || tree);
    if (!member != !tree || (tree && !cJSON_Compare(member, tree, true)))
        fail_msg("%s: %s: %s", what, name,
                 member ? cJSON_PrintUnformatted(member) : "nothing");
    cJSON_Delete(tree);
    free(text);
}

#define SAID(text)                                                      \
    "{'type':'message','id':'m','role':'assistant','content':[{'type':" \
    "'output_text','text':'" text "','annotations':[]}]}"
#define THOUGHT(id) \
    "{'type':'reasoning','id':'" id "','summary':[],'encrypted_content':'x'}"
#define CALL(id)                                                       \
    "{'type':'function_call','id':'fc','call_id':'" id "','name':'f'," \
    "'arguments':'{}'}"
#define SEARCH                                                            \
    "{'type':'web_search_call','id':'ws','status':'completed','action':{" \
    "'type':'search','query':'q'}}"

static void what_chat_cannot_say_is_kept_as_it_came(void **state)
{
    static const struct {
        const char *what;
        const char *output;
        bool kept;
    } cases[] = {
        {"thought, text, calls",
         "[" THOUGHT("rs") "," SAID("t") "," CALL("a") "," CALL("b") "]",
         false},
        {"thought twice", "[" THOUGHT("1") "," THOUGHT("2") "," SAID("t") "]",
         false},
        {"a hosted tool", "[" THOUGHT("rs") "," SEARCH "," SAID("t") "]", true},
        {"an item nobody knows", "[{'type':'new'}," SAID("t") "]", true},
        {"thought between calls",
         "[" THOUGHT("1") "," CALL("a") "," THOUGHT("2") "," CALL("b") "]",
         true},
        {"two messages", "[" SAID("a") "," SAID("b") "]", true},
        {"text behind a call", "[" CALL("a") "," SAID("t") "]", true},
        {"a citation of a file",
         "[{'type':'message','id':'m','content':[{'type':'output_text',"
         "'text':'t','annotations':[{'type':'file_citation','file_id':'f',"
         "'filename':'n','index':0}]}]}]",
         true},
        {"a citation of a page",
         "[{'type':'message','id':'m','content':[{'type':'output_text',"
         "'text':'t','annotations':[{'type':'url_citation','url':'u'}]}]}]",
         false},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        const char *output = cases[i / 2].output;
        cJSON *message = message_of(output, i % 2);
        char kept[1024];

        snprintf(kept, sizeof kept,
                 "{'family':'openai-responses','content':%s}", output);
        check_member(cases[i / 2].what, message, "llmgw",
                     cases[i / 2].kept ? kept : NULL);
        check_member(cases[i / 2].what, message, "extra_content", NULL);
        cJSON_Delete(message);
    }
}

static void the_phase_of_a_message_is_kept(void **state)
{
    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        cJSON *message = message_of(
            "[" THOUGHT(
                "rs") ",{'type':'message','phase':'commentary',"
                      "'content':[{'type':'output_text','text':'t'}]}," CALL(
                          "a") "]",
            stream);

        check_member("phase", message, "extra_content",
                     "{'openai':{'phase':'commentary'}}");
        check_member("phase", message, "llmgw", NULL);
        cJSON_Delete(message);
    }
}

static void a_generated_image_is_one_of_the_message(void **state)
{
    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        cJSON *message = message_of(
            "[{'type':'image_generation_call','id':'ig','status':'completed',"
            "'action':'generate','output_format':'webp','result':'QUJD'},"
            "{'type':'image_generation_call','result':'QQ=='},"
            "{'type':'image_generation_call','result':null}]",
            stream);

        check_member("images", message, "images",
                     "[{'type':'image_url','image_url':{'url':"
                     "'data:image/webp;base64,QUJD'}},{'type':'image_url',"
                     "'image_url':{'url':'data:image/png;base64,QQ=='}}]");
        cJSON_Delete(message);
    }
}

static void calls_of_hosted_tools_are_counted(void **state)
{
    char *body = quote(
        "{'status':'completed','usage':{'input_tokens':9,'output_tokens':2},"
        "'output':[" SEARCH ",{'type':'web_search_call','action':{'type':"
        "'open_page'}},{'type':'web_search_call'},{'type':"
        "'file_search_call'},{'type':'code_interpreter_call'}]}");
    struct dialect_run run;

    (void)state;
    start(&run);
    assert_int_equal(dialect_run_whole(&run, body, strlen(body)), LLMGW_OK);
    assert_int_equal(run.usage.tools[LLMGW__TOOL_WEB_SEARCH], 2);
    assert_int_equal(run.usage.tools[LLMGW__TOOL_FILE_SEARCH], 1);
    assert_int_equal(run.usage.tools[LLMGW__TOOL_CODE_INTERPRETER], 1);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 9);
    dialect_run_clear(&run);
    free(body);
}

/* --- three turns with parallel calls --- */

/* The input items that go out for this history. The caller's. */
static cJSON *input_for(const cJSON *history)
{
    cJSON *request = cJSON_CreateObject(), *sent, *input;
    struct dialect_run run;
    char *text;

    cJSON_AddStringToObject(request, "model", MODEL);
    cJSON_AddItemToObject(request, "messages", cJSON_Duplicate(history, true));
    text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    start(&run);
    assert_int_equal(dialect_run_chat(&run, text), LLMGW_OK);
    free(text);
    assert_int_equal(dialect_run_encode(&run, true, true), LLMGW_OK);
    text = dialect_run_body(&run);
    sent = cJSON_Parse(text);
    free(text);
    dialect_run_clear(&run);
    input = cJSON_DetachItemFromObjectCaseSensitive(sent, "input");
    assert_non_null(input);
    cJSON_Delete(sent);
    return input;
}

static void add_text(cJSON *list, const char *text)
{
    char *quoted = quote(text);
    cJSON *item = cJSON_Parse(quoted);

    assert_non_null(item);
    cJSON_AddItemToArray(list, item);
    free(quoted);
}

/* What stands for the item in the next request, where it is not kept as it
 * came: its id means nothing there, nor an empty list of citations. */
static void add_plain(cJSON *list, const cJSON *item)
{
    const char *type =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "type"));
    cJSON *copy = cJSON_Duplicate(item, true);

    if (strcmp(type, "reasoning") != 0)
        cJSON_DeleteItemFromObjectCaseSensitive(copy, "id");
    cJSON_AddItemToArray(list, copy);
}

/* One turn: the answer joins the history, and its items what is wanted. */
static void answer(cJSON *history, cJSON *wanted, const char *output,
                   bool stream, bool kept)
{
    cJSON *message = message_of(output, stream), *items;
    const cJSON *item, *call;
    char *text = quote(output);

    items = cJSON_Parse(text);
    cJSON_ArrayForEach(item, items)
    {
        if (kept)
            cJSON_AddItemToArray(wanted, cJSON_Duplicate(item, true));
        else
            add_plain(wanted, item);
    }
    cJSON_AddItemToArray(history, message);
    cJSON_ArrayForEach(call,
                       cJSON_GetObjectItemCaseSensitive(message, "tool_calls"))
    {
        const char *id =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(call, "id"));
        char result[256];

        snprintf(result, sizeof result,
                 "{'role':'tool','tool_call_id':'%s','content':'1'}", id);
        add_text(history, result);
        snprintf(result, sizeof result,
                 "{'type':'function_call_output','call_id':'%s','output':'1'}",
                 id);
        add_text(wanted, result);
    }
    cJSON_Delete(items);
    free(text);
}

static void check_turns(const char *const *outputs, bool stream, bool kept)
{
    cJSON *history = cJSON_CreateArray(), *wanted = cJSON_CreateArray();

    add_text(history, "{'role':'user','content':'go'}");
    add_text(wanted, "{'role':'user','content':'go'}");
    for (size_t turn = 0; outputs[turn]; turn++) {
        cJSON *input;

        answer(history, wanted, outputs[turn], stream, kept);
        input = input_for(history);
        if (!cJSON_Compare(input, wanted, true))
            fail_msg("turn %zu: %s\n  wanted %s", turn,
                     cJSON_PrintUnformatted(input),
                     cJSON_PrintUnformatted(wanted));
        cJSON_Delete(input);
    }
    cJSON_Delete(history);
    cJSON_Delete(wanted);
}

/* Sealed thought stands before the calls it led to, turn after turn. */
static void sealed_thought_goes_back_with_its_calls(void **state)
{
    static const char *const outputs[] = {
        "[{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text',"
        "'text':'a'},{'type':'summary_text','text':'b'}],'encrypted_content':"
        "'s1=='}," CALL("c1") "," CALL("c2") "]",
        "[{'type':'reasoning','id':'rs_2','summary':[],'encrypted_content':"
        "'s2=='},{'type':'reasoning','id':'rs_3','summary':[],"
        "'encrypted_content':'s3=='}," CALL("c3") "," CALL("c4") "]",
        "[{'type':'reasoning','id':'rs_4','summary':[{'type':'summary_text',"
        "'text':'\\u00e9'}],'encrypted_content':'s4=='}," CALL("c5") "]",
        NULL,
    };

    (void)state;
    check_turns(outputs, false, false);
    check_turns(outputs, true, false);
}

static void thought_between_calls_keeps_its_place(void **state)
{
    static const char *const outputs[] = {
        "[" THOUGHT("1") "," CALL("c1") "," THOUGHT("2") "," CALL("c2") "]",
        "[" THOUGHT("3") "," SEARCH "," THOUGHT("4") "," SAID("on it") "," CALL(
            "c3") "," CALL("c4") "]",
        "[" CALL("c5") "," SAID("and") "," CALL("c6") "]",
        NULL,
    };

    (void)state;
    check_turns(outputs, false, true);
    check_turns(outputs, true, true);
}

static void every_failed_allocation_is_told(void **state)
{
    char *body = body_of("[" THOUGHT(
        "1") "," SEARCH ",{'type':"
             "'image_generation_call','result':'QQ=='}," SAID("t") "]");
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct dialect_run run;
        struct chunk_log log = {.count = 0};

        start(&run);
        assert_int_equal(dialect_run_expect(&run), LLMGW_OK);
        run.decode.emit = chunk_log_take;
        run.decode.userdata = &log;
        run.scratch.first = 1;
        fail_allocation(nth);
        status = run.dialect->body(run.decoder, &run.decode, llmgw__str(body));
        allow_allocations();
        dialect_run_clear(&run);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 4);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_chat_cannot_say_is_kept_as_it_came),
        cmocka_unit_test(the_phase_of_a_message_is_kept),
        cmocka_unit_test(a_generated_image_is_one_of_the_message),
        cmocka_unit_test(calls_of_hosted_tools_are_counted),
        cmocka_unit_test(sealed_thought_goes_back_with_its_calls),
        cmocka_unit_test(thought_between_calls_keeps_its_place),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
