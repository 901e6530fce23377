/* Answers of the Responses API, as its services write them -> chunks. */
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

/* A decoder alone, telling into a log. */
struct decoding {
    struct dialect_run run;
    struct chunk_log log;
    char quoted[8192]; /* the frames, with " for ' */
};

/* An answer, and what is to be told of it. */
struct example {
    const char *what;
    const char *frames; /* one a line, ' for " */
    const char *told;
    llmgw_status status; /* of the first frame that fails, or of the end */
};

#define BEGIN                                                           \
    "{'type':'response.created','response':{'id':'r','model':'m',"      \
    "'created_at':5,'status':'in_progress','output':[],'service_tier':" \
    "'auto'}}\n"
#define TOLD "id(r m 5); "
#define ADDED(place, item)                                        \
    "{'type':'response.output_item.added','output_index':" #place \
    ",'item':" item "}\n"
#define DONE(place, item)                                        \
    "{'type':'response.output_item.done','output_index':" #place \
    ",'item':" item "}\n"
#define TEXT(place, text)                                         \
    "{'type':'response.output_text.delta','output_index':" #place \
    ",'content_index':0,'delta':'" text "'}\n"
#define SUMMARY(place, part, text)                                           \
    "{'type':'response.reasoning_summary_text.delta','output_index':" #place \
    ",'summary_index':" #part ",'delta':'" text "'}\n"
#define THOUGHT(place, part, text)                                   \
    "{'type':'response.reasoning_text.delta','output_index':" #place \
    ",'content_index':" #part ",'delta':'" text "'}\n"
#define ARGS(place, text)                                                     \
    "{'type':'response.function_call_arguments.delta','output_index':" #place \
    ",'delta':'" text "'}\n"
#define CALL(id, name, arguments)                                        \
    "{'type':'function_call','id':'fc','call_id':'" id "','name':'" name \
    "','arguments':'" arguments "'}"
#define END    "{'type':'response.completed','response':{'status':'completed'}}\n"
#define STOP   "finish0 stop \"completed\""
#define CALLED "finish0 tool_calls \"completed\""

static const char *quote(struct decoding *d, const char *text)
{
    size_t len = strlen(text);

    assert_in_range(len, 0, sizeof d->quoted - 1);
    for (size_t i = 0; i <= len; i++)
        d->quoted[i] = text[i] == '\'' ? '"' : text[i];
    return d->quoted;
}

static void start(struct decoding *d)
{
    memset(&d->log, 0, sizeof d->log);
    dialect_run_start(&d->run, &llmgw__dialect_responses, "https://x", "m");
    d->run.provider.row = llmgw__provider_row_find(LLMGW__LIT("openai"));
    assert_int_equal(dialect_run_expect(&d->run), LLMGW_OK);
    d->run.decode.emit = chunk_log_take;
    d->run.decode.userdata = &d->log;
}

/* Each frame in memory of its own, so that overreads are seen. */
static llmgw_status frame(struct decoding *d, const char *data, size_t len)
{
    struct llmgw__frame frame = {.kind = LLMGW__FRAME_EVENT};
    char *copy = malloc(len ? len : 1);
    llmgw_status status;

    if (!copy)
        return LLMGW_E_NOMEM;
    memcpy(copy, data, len);
    frame.data = llmgw__str_n(copy, len);
    llmgw__arena_reset(&d->run.scratch);
    status =
        llmgw__dialect_responses.frame(d->run.decoder, &d->run.decode, &frame);
    free(copy);
    return status;
}

static llmgw_status stream(struct decoding *d, const char *frames)
{
    llmgw_status status = LLMGW_OK;

    for (frames = quote(d, frames); *frames && status == LLMGW_OK;) {
        size_t len = strcspn(frames, "\n");

        status = frame(d, frames, len);
        frames += len + (frames[len] == '\n');
    }
    if (status != LLMGW_OK)
        return status;
    llmgw__arena_reset(&d->run.scratch);
    return llmgw__dialect_responses.end(d->run.decoder, &d->run.decode);
}

static llmgw_status whole(struct decoding *d, const char *body)
{
    body = quote(d, body);
    return llmgw__dialect_responses.body(d->run.decoder, &d->run.decode,
                                         llmgw__str(body));
}

static void check_all(const struct example *examples, size_t count,
                      llmgw_status (*decode)(struct decoding *d,
                                             const char *text))
{
    static struct decoding d;

    for (size_t i = 0; i < count; i++) {
        const struct example *example = &examples[i];
        llmgw_status status;

        start(&d);
        status = decode(&d, example->frames);
        if (strcmp(d.log.text, example->told) != 0)
            fail_msg("%s:\n  is     %s\n  wanted %s", example->what, d.log.text,
                     example->told);
        if (status != example->status)
            fail_msg("%s: status %d", example->what, (int)status);
        dialect_run_clear(&d.run);
    }
}

#define CHECK(examples, decode) \
    check_all(examples, sizeof examples / sizeof examples[0], decode)

static void identity_comes_first_and_the_tier_last(void **state)
{
    static const struct example examples[] = {
        {"auto is no tier yet",
         BEGIN "{'type':'response.completed','response':{'id':'other',"
               "'status':'completed','service_tier':'flex'}}",
         "id(r m 5); id(r m 5 flex); " STOP, LLMGW_OK},
        {"progress repeats it",
         BEGIN "{'type':'response.in_progress','response':{'id':'r'}}\n" END,
         TOLD STOP, LLMGW_OK},
        {"nothing of it", END, STOP, LLMGW_OK},
    };

    (void)state;
    CHECK(examples, stream);
}

static void text_is_told_once_however_it_comes(void **state)
{
    static const struct example examples[] = {
        {"in pieces, then repeated",
         ADDED(0, "{'type':'message','content':[]}") TEXT(0, "H\\u00e9")
             TEXT(0, "") TEXT(
                 0,
                 "y") "{'type':'response.output_text.done',"
                      "'output_index':0,'text':'H\\u00e9y'}\n" DONE(
                          0,
                          "{'type':'message','content':[{'type':'output_text','text':"
                          "'H\\u00e9y','annotations':[]}]}") END,
         "text0 \"H\xc3\xa9\"; text0 \"y\"; " STOP, LLMGW_OK},
        {"only when it is done",
         DONE(0, "{'type':'message','content':[{'type':'output_text','text':"
                 "'a'},{'type':'refusal','refusal':'no'}]}") END,
         "text0 \"a\"; refusal0 \"no\"; " STOP, LLMGW_OK},
        {"only in the response",
         "{'type':'response.completed','response':{'status':'completed',"
         "'output':[{'type':'message','content':[{'type':'output_text',"
         "'text':'a'}]}]}}",
         "text0 \"a\"; " STOP, LLMGW_OK},
        {"a refusal in pieces",
         "{'type':'response.refusal.delta','output_index':0,'delta':'n'}\n"
         "{'type':'response.refusal.delta','output_index':0,'delta':'o'}\n" DONE(
             0, "{'type':'message','content':[{'type':'refusal','refusal':"
                "'no'}]}") END,
         "refusal0 \"n\"; refusal0 \"o\"; " STOP, LLMGW_OK},
        {"with log probabilities",
         "{'type':'response.output_text.delta','output_index':0,'delta':'a',"
         "'logprobs':[{'token':'a','logprob':-1}]}\n" END,
         "text0 \"a\" {\"content\":[{\"token\":\"a\",\"logprob\":-1}],"
         "\"refusal\":null}; " STOP,
         LLMGW_OK},
    };

    (void)state;
    CHECK(examples, stream);
}

static void reasoning_is_text_and_a_sealed_entry(void **state)
{
    static const struct example examples[] = {
        {"summaries stand apart",
         SUMMARY(0, 0, "a") SUMMARY(0, 0, "b") SUMMARY(0, 1, "c") DONE(
             0,
             "{'type':'reasoning','id':'rs','summary':[{'type':'summary_text',"
             "'text':'ab'},{'type':'summary_text','text':'c'}],"
             "'encrypted_content':'x=='}") END,
         "reasoning0 \"a\"; reasoning0 \"b\"; reasoning0 \"\n\n\"; "
         "reasoning0 \"c\"; "
         "detail0.0 summary \"ab\" id \"rs\" format \"openai-responses-v1\"; "
         "detail0.1 summary \"c\" id \"rs\" format \"openai-responses-v1\"; "
         "detail0.2 encrypted \"x==\" id \"rs\" format "
         "\"openai-responses-v1\"; " STOP,
         LLMGW_OK},
        {"so do items, and what comes late",
         THOUGHT(0, 0, "a")
             DONE(1, "{'type':'reasoning','summary':[],"
                     "'content':[{'type':'reasoning_text','text':'b'}]}") END,
         "reasoning0 \"a\"; reasoning0 \"\n\n\"; reasoning0 \"b\"; " STOP,
         LLMGW_OK},
        {"said twice, told once",
         THOUGHT(0, 0, "a") SUMMARY(0, 0, "short") THOUGHT(0, 0, "b") END,
         "reasoning0 \"a\"; reasoning0 \"b\"; " STOP, LLMGW_OK},
        {"nothing but its id",
         DONE(0, "{'type':'reasoning','id':'rs',"
                 "'summary':[],'encrypted_content':null}") END,
         STOP, LLMGW_OK},
    };

    (void)state;
    CHECK(examples, stream);
}

static void calls_are_known_by_their_call_id(void **state)
{
    static const struct example examples[] = {
        {"in pieces",
         ADDED(0, CALL("c1", "f", "")) ADDED(1, CALL("c2", "g", "")) ARGS(
             0, "{") ARGS(1, "[") ARGS(0, "}") DONE(0, CALL("c1", "f", "{}"))
             DONE(1, CALL("c2", "g", "[")) END,
         "call0.0 \"c1\":\"f\"; call0.1 \"c2\":\"g\"; args0.0 \"{\"; "
         "args0.1 \"[\"; args0.0 \"}\"; args0.0! \"\"; args0.1! \"\"; " CALLED,
         LLMGW_OK},
        {"whole, and named late",
         ADDED(0, CALL("", "", "")) ARGS(0, "{") DONE(0, CALL("c", "f", "{}"))
             DONE(0, CALL("c", "f", "{}")) END,
         "call0.0 \"c\":\"f\"; args0.0! \"{}\"; " CALLED, LLMGW_OK},
        {"a custom tool",
         ADDED(
             3,
             "{'type':'custom_tool_call','call_id':'c','name':'sql',"
             "'input':''}") "{'type':'response.custom_tool_call_input.delta','output_index':3,"
                            "'delta':'x'}\n" END,
         "custom0.0 \"c\":\"sql\"; args0.0 \"x\"; " CALLED, LLMGW_OK},
        {"arguments of no call", ARGS(7, "{") END, STOP, LLMGW_OK},
    };

    (void)state;
    CHECK(examples, stream);
}

static void citations_count_from_the_start_of_the_text(void **state)
{
    static const struct example examples[] = {
        {"in the second message",
         TEXT(0, "\\u00e9\\u00e8") DONE(0, "{'type':'message','content':[]}")
             ADDED(1, "{'type':'message'}") TEXT(1, "abc") DONE(
                 1,
                 "{'type':'message','content':[{'text':'abc','annotations':["
                 "{'type':'file_citation','file_id':'f'},{'type':'url_citation',"
                 "'start_index':1,'end_index':3,'url':'u','title':'t'}]}]}")
                 END,
         "text0 \"\xc3\xa9\xc3\xa8\"; text0 \"abc\"; extra0.annotation "
         "{\"type\":\"url_citation\",\"url_citation\":{\"start_index\":3,"
         "\"end_index\":5,\"url\":\"u\",\"title\":\"t\"}}; " STOP,
         LLMGW_OK},
    };

    (void)state;
    CHECK(examples, stream);
}

static void the_end_says_how_it_ended(void **state)
{
    static const struct example examples[] = {
        {"cut by its limit, in a call",
         ADDED(
             0,
             CALL(
                 "c", "f",
                 "")) "{'type':'response.incomplete','response':{'status':'incomplete',"
                      "'incomplete_details':{'reason':'max_output_tokens'}}}",
         "call0.0 \"c\":\"f\"; finish0 length \"max_output_tokens\"", LLMGW_OK},
        {"filtered",
         "{'type':'response.incomplete','response':{'incomplete_details':"
         "{'reason':'content_filter'}}}",
         "finish0 content_filter \"content_filter\"", LLMGW_OK},
        {"with its usage",
         "{'type':'response.completed','response':{'status':'completed',"
         "'usage':{'input_tokens':9,'input_tokens_details':{'cached_tokens':2"
         "},'output_tokens':3,'output_tokens_details':{'reasoning_tokens':1},"
         "'total_tokens':12}}}",
         "usage(9 3 cached=2 reasoning=1); " STOP, LLMGW_OK},
        {"what follows is no part of it", END TEXT(0, "x"), STOP, LLMGW_OK},
        {"the sign of another API", END "[DONE]", STOP, LLMGW_OK},
        {"that sign alone", "[DONE]", "", LLMGW_E_INVALID},
        {"cut off", BEGIN TEXT(0, "a"), TOLD "text0 \"a\"", LLMGW_E_INVALID},
        {"nothing", "", "", LLMGW_E_INVALID},
        {"not JSON", "{'type':", "", LLMGW_E_INVALID},
        {"no object", "[]", "", LLMGW_E_INVALID},
        {"an end without a response", "{'type':'response.completed'}", "",
         LLMGW_E_INVALID},
    };

    (void)state;
    CHECK(examples, stream);
}

static void errors_end_it(void **state)
{
    static const struct example examples[] = {
        {"failed",
         BEGIN
         "{'type':'response.failed','response':{'status':'failed',"
         "'error':{'code':'rate_limit_exceeded','message':'slow'}}}\n" TEXT(
             0, "x"),
         TOLD "error(rate_limit \"slow\")", LLMGW_OK},
        {"failed without a word",
         "{'type':'response.failed','response':{'error':null}}",
         "error(server_error \"the provider gave up on the response\")",
         LLMGW_OK},
        {"an event of its own",
         "{'type':'error','code':'server_error','message':'oops','param':"
         "null}",
         "error(server_error \"oops\")", LLMGW_OK},
        {"as others write it", "{'error':{'message':'oops','code':500}}",
         "error(server_error \"oops\")", LLMGW_OK},
    };

    (void)state;
    CHECK(examples, stream);
}

static void a_whole_answer_is_the_same_chunks(void **state)
{
    static const struct example examples[] = {
        {"all of it",
         "{'id':'r','object':'response','created_at':5,'model':'m','status':"
         "'completed','output':[{'type':'reasoning','id':'rs','summary':["
         "{'text':'a'},{'text':'b'}],'encrypted_content':'x'},{'type':"
         "'message','content':[{'type':"
         "'output_text','text':'t'}]}," CALL(
             "c", "f", "{}") "],'usage':"
                             "{'input_tokens':1,'output_tokens':2}}",
         "id(r m 5); reasoning0 \"a\"; reasoning0 \"\n\n\"; "
         "reasoning0 \"b\"; "
         "detail0.0 summary \"a\" id \"rs\" format \"openai-responses-v1\"; "
         "detail0.1 summary \"b\" id \"rs\" format \"openai-responses-v1\"; "
         "detail0.2 encrypted \"x\" id \"rs\" format \"openai-responses-v1\"; "
         "text0 \"t\"; call0.0 \"c\":\"f\"; args0.0! \"{}\"; "
         "usage(1 2); " CALLED,
         LLMGW_OK},
        {"failed",
         "{'status':'failed','output':[],'error':{'code':"
         "'server_error','message':'oops'}}",
         "error(server_error \"oops\")", LLMGW_OK},
        {"cancelled", "{'status':'cancelled','output':[]}",
         "error(server_error \"the provider gave up on the response\")",
         LLMGW_OK},
        {"still being made", "{'status':'queued','output':[]}", "",
         LLMGW_E_INVALID},
        {"another document", "{'choices':[]}", "", LLMGW_E_INVALID},
        {"no document", "hello", "", LLMGW_E_INVALID},
    };

    (void)state;
    CHECK(examples, whole);
}

static const char rich[] = BEGIN ADDED(0, "{'type':'reasoning'}") SUMMARY(0, 0, "th\\u0069nk") DONE(
    0,
    "{'type':'reasoning','id':'r\\u0073','summary':[{'text':"
    "'th\\u0069nk'}],'encrypted_content':'x\\u0079'}") "{'type':'response.output_text.delta','output_index':1,'delta':'t\\u0065',"
                                                       "'logprobs':[{'token':'a'}]}\n" DONE(
                                                           1,
                                                           "{'type':'message','content':[{'text':'t\\u0065','annotations':["
                                                           "{'type':'url_citation','url':'u'}]}]}")
                                                           ADDED(
                                                               2,
                                                               CALL(
                                                                   "c\\u0031",
                                                                   "f\\u0031",
                                                                   "")) ARGS(2,
                                                                             "\\u007b}")
                                                               DONE(
                                                                   2,
                                                                   CALL(
                                                                       "c\\u0031",
                                                                       "f\\u0031",
                                                                       "{}"))
                                                                   DONE(
                                                                       3,
                                                                       CALL(
                                                                           "c\\u0032",
                                                                           "f\\u0032",
                                                                           "\\u007b}")) "{'type':'response.completed','response':{'status':'completed','usage':"
                                                                                        "{'input_tokens':1}}}\n";

static void every_failed_allocation_is_told(void **state)
{
    static struct decoding d;
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        start(&d);
        d.run.scratch.first = 1; /* as many allocations as there can be */
        fail_allocation(nth);
        status = stream(&d, rich);
        allow_allocations();
        dialect_run_clear(&d.run);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 20);
}

/* Whatever the host answers to a chunk comes out again, at once. */
static void the_word_of_the_host_is_passed_on(void **state)
{
    static struct decoding d;
    size_t chunks;

    (void)state;
    start(&d);
    assert_int_equal(stream(&d, rich), LLMGW_OK);
    chunks = d.log.count;
    dialect_run_clear(&d.run);
    assert_true(chunks > 10);
    for (size_t at = 1; at <= chunks; at++) {
        start(&d);
        d.log.stop_at = at;
        assert_int_equal(stream(&d, rich), -99);
        assert_int_equal(d.log.count, at);
        dialect_run_clear(&d.run);
    }
}

/* Items are bounded: an endless list of them is no answer. */
static void too_many_items_are_refused(void **state)
{
    static struct decoding d;
    llmgw_status status = LLMGW_OK;
    int count = 0;

    (void)state;
    start(&d);
    for (; status == LLMGW_OK && count < 5000; count++) {
        char text[128];
        int len = snprintf(text, sizeof text,
                           "{\"type\":\"response.output_item.added\","
                           "\"output_index\":%d,\"item\":{}}",
                           count);

        status = frame(&d, text, (size_t)len);
    }
    assert_int_equal(status, LLMGW_E_INVALID);
    assert_int_equal(count, 2049);
    dialect_run_clear(&d.run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_comes_first_and_the_tier_last),
        cmocka_unit_test(text_is_told_once_however_it_comes),
        cmocka_unit_test(reasoning_is_text_and_a_sealed_entry),
        cmocka_unit_test(calls_are_known_by_their_call_id),
        cmocka_unit_test(citations_count_from_the_start_of_the_text),
        cmocka_unit_test(the_end_says_how_it_ended),
        cmocka_unit_test(errors_end_it),
        cmocka_unit_test(a_whole_answer_is_the_same_chunks),
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(the_word_of_the_host_is_passed_on),
        cmocka_unit_test(too_many_items_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
