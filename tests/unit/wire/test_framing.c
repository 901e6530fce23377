/*
 * unit/wire/test_framing.c - which framing an answer turns out to have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "wire/framing.h"

#define SSE    LLMGW__FRAMING_SSE
#define LINES  LLMGW__FRAMING_NDJSON
#define DOC    LLMGW__FRAMING_DOCUMENT
#define OTHER  LLMGW__FRAMING_OTHER
#define NONE   LLMGW__FRAMING_UNDECIDED
#define BOM    "\xEF\xBB\xBF"
#define EVENTS "text/event-stream"
#define JSON   "application/json"
#define TEXT   "text/plain"

/* What was handed over: "name>data|" for events, "data!" for a document. */
struct seen {
    char text[1024];
    size_t len;
    llmgw_status answer;
};

static void note(struct seen *seen, llmgw_str text)
{
    assert_true(seen->len + text.len < sizeof seen->text);
    if (text.len)
        memcpy(seen->text + seen->len, text.data, text.len);
    seen->len += text.len;
    seen->text[seen->len] = '\0';
}

static llmgw_status take(void *userdata, const struct llmgw__frame *frame)
{
    bool event = frame->kind == LLMGW__FRAME_EVENT;
    struct seen *seen = userdata;

    note(seen, frame->event);
    note(seen, llmgw__str(event ? ">" : ""));
    note(seen, frame->data);
    note(seen, llmgw__str(event ? "|" : "!"));
    return seen->answer;
}

struct answer {
    const char *type;
    bool ndjson;
    const char *bytes;
    enum llmgw__framing_kind kind;
    const char *frames;
    const char *body;
};

static const struct answer answers[] = {
    /* what says what it is */
    {EVENTS, 0, "data: a\n\n", SSE, ">a|", ""},
    {"text/event-stream; charset=utf-8", 0, "event: x\ndata: a\n\n", SSE,
     "x>a|", ""},
    {"Text/Event-Stream", 0, "id: x\ndata: a\n\n", SSE, ">a|", ""},
    {EVENTS, 0, "retry: 1\ndata: a", SSE, ">a|", ""},
    {EVENTS, 0, ": OPENROUTER PROCESSING\n\ndata: a\n\n", SSE, ">a|", ""},
    {EVENTS, 0, ":HTTP_STATUS/200\nfoo: b\ndata:a\r\n\r\n", SSE, ">a|", ""},
    {EVENTS, 0, "foo: b\ndata:a\n\n", SSE, ">a|", ""},
    {JSON, 0, "{\"a\":1}", DOC, "{\"a\":1}!", "{\"a\":1}"},
    {JSON, 0, "[{\"a\":1},\n{\"b\":2}]\n", DOC, "[{\"a\":1},\n{\"b\":2}]!",
     "[{\"a\":1},\n{\"b\":2}]\n"},
    {"application/x-ndjson", 1, "{\"a\":1}\n{\"b\":2}\n", LINES,
     ">{\"a\":1}|>{\"b\":2}|", ""},
    {"application/x-ndjson", 0, "{\"a\":1}\n{\"b\":2}\n", LINES,
     ">{\"a\":1}|>{\"b\":2}|", ""},
    {"application/stream+json", 0, "{\"a\":1}\n{\"b\":2}", LINES,
     ">{\"a\":1}|>{\"b\":2}|", ""},
    {"application/jsonl", 0, "{\"a\":1}\n{\"b\":2}", LINES,
     ">{\"a\":1}|>{\"b\":2}|", ""},
    {"text/html", 0, "<!DOCTYPE html><html>", OTHER, "",
     "<!DOCTYPE html><html>"},
    {TEXT, 0, "Bad gateway", OTHER, "", "Bad gateway"},
    /* what says nothing */
    {"", 0, "data: a\n\n", SSE, ">a|", ""},
    {"", 0, "{}", DOC, "{}!", "{}"},
    {"", 1, "{}", LINES, ">{}|", ""},
    {"", 0, "<html>", OTHER, "", "<html>"},
    {"", 0, "upstream error", OTHER, "", "upstream error"},
    {"", 0, "\"data: x\"", OTHER, "", "\"data: x\""},
    {"", 0, "", NONE, "", ""},
    {EVENTS, 0, "", NONE, "", ""},
    {JSON, 0, "", NONE, "", ""},
    {JSON, 0, " \r\n\t ", NONE, "", ""},
    /* what says something else than it is */
    {EVENTS, 0, "{\"error\":1}", DOC, "{\"error\":1}!", "{\"error\":1}"},
    {EVENTS, 0, "[{\"error\":1}]", DOC, "[{\"error\":1}]!", "[{\"error\":1}]"},
    {EVENTS, 0, "<html>", OTHER, "", "<html>"},
    {"application/octet-stream", 0, "{\"error\":1}", DOC, "{\"error\":1}!",
     "{\"error\":1}"},
    {TEXT, 0, "{\"error\":1}", DOC, "{\"error\":1}!", "{\"error\":1}"},
    {JSON, 0, "data: a\n\n", SSE, ">a|", ""},
    {"text/plain; charset=utf-8", 0, "event: x\ndata: a\n\n", SSE, "x>a|", ""},
    {JSON, 0, "<html>", OTHER, "", "<html>"},
    {JSON, 0, "internal error", DOC, "internal error!", "internal error"},
    {JSON, 0, "\"error\"", DOC, "\"error\"!", "\"error\""},
    {JSON, 1, "{\"a\":\n1}", DOC, "{\"a\":\n1}!", "{\"a\":\n1}"},
    {EVENTS, 1, "{\"a\":1}\n{\"b\":2}", LINES, ">{\"a\":1}|>{\"b\":2}|", ""},
    {EVENTS, 1, "data: a\n\n", SSE, ">a|", ""},
    {TEXT, 1, "[1]", DOC, "[1]!", "[1]"},
    /* letters of a field name are not yet a field */
    {TEXT, 0, "error code: 1020", OTHER, "", "error code: 1020"},
    {TEXT, 0, "database is down", OTHER, "", "database is down"},
    {"", 0, "idle", OTHER, "", "idle"},
    {"", 0, "retry later", OTHER, "", "retry later"},
    {"", 0, "dat", OTHER, "", "dat"},
    {"", 0, "retry", OTHER, "", "retry"},
    {"", 0, BOM "ev", OTHER, "", "ev"},
    {"", 0, "\xEF\xBB", OTHER, "", "\xEF\xBB"},
    {"", 0, "\xEF\xBBx", OTHER, "", "\xEF\xBBx"},
    /* blanks and marks before it */
    {JSON, 0, "\n         \n\n         \n{\"a\":1}", DOC, "{\"a\":1}!",
     "{\"a\":1}"},
    {JSON, 0, BOM "{\"a\":1}\n", DOC, "{\"a\":1}!", "{\"a\":1}\n"},
    {EVENTS, 0, BOM "data: a\n\n", SSE, ">a|", ""},
    {EVENTS, 0, "\n\n\r\ndata: a\n\n", SSE, ">a|", ""},
    {EVENTS, 0, "  \n {\"error\":1} ", DOC, "{\"error\":1}!", "{\"error\":1} "},
    {"", 0, " " BOM " " BOM "data: a", SSE, ">a|", ""},
    {"", 1, "\r\n\r\n{\"a\":1}\n\n", LINES, ">{\"a\":1}|", ""},
    /* events without content keep connections open */
    {EVENTS, 0, "data:\n\nevent: ping\ndata: \n\ndata: \ndata:\n\ndata: a\n\n",
     SSE, ">a|", ""},
    /* an error that no field frames, behind the last event */
    {EVENTS, 0, "data: a\n\n{\n  \"error\": 1\n}\n", SSE, ">a|",
     "{\n  \"error\": 1\n}\n"},
    {EVENTS, 0, "data: a\r\n\r\n: x\r\n[{\"error\":1}]", SSE, ">a|",
     "[{\"error\":1}]\n"},
    {EVENTS, 0, "data: a\n\n {\"error\":1}\nx\ndata: b\n\n", SSE, ">a|>b|", ""},
};

static llmgw_status feed_copy(struct llmgw__framing *framing, const char *bytes,
                              size_t len)
{
    char *copy = malloc(len ? len : 1);
    llmgw_status status;

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    status = llmgw__framing_feed(framing, copy, len);
    free(copy);
    return status;
}

static void check(const struct answer *answer, size_t piece)
{
    struct llmgw__framing framing;
    struct seen seen = {0};
    size_t len = strlen(answer->bytes);
    llmgw_str body;

    llmgw__framing_init(&framing, &(struct llmgw__framing_setup){
                                      llmgw__str(answer->type), answer->ndjson,
                                      100, 100, take, &seen});
    for (size_t at = 0; at < len; at += piece)
        assert_int_equal(feed_copy(&framing, answer->bytes + at,
                                   len - at < piece ? len - at : piece),
                         LLMGW_OK);
    assert_int_equal(llmgw__framing_end(&framing), LLMGW_OK);
    assert_int_equal(framing.kind, answer->kind);
    assert_string_equal(seen.text, answer->frames);
    body = llmgw__framing_body(&framing);
    assert_int_equal(body.len, strlen(answer->body));
    assert_true(llmgw__str_is(body, answer->body));
    llmgw__framing_clear(&framing);
}

static void every_answer_is_cut_as_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        for (size_t piece = 1; piece <= strlen(answers[i].bytes) + 1; piece++)
            check(&answers[i], piece);
}

static void the_kind_is_known_from_the_first_bytes_on(void **state)
{
    struct llmgw__framing framing;
    struct seen seen = {0};

    (void)state;
    llmgw__framing_init(&framing, &(struct llmgw__framing_setup){
                                      LLMGW__LIT("text/event-stream"), false,
                                      100, 100, take, &seen});
    assert_int_equal(llmgw__framing_feed(&framing, "\n ", 2), LLMGW_OK);
    assert_int_equal(framing.kind, NONE);
    assert_int_equal(llmgw__framing_feed(&framing, "{", 1), LLMGW_OK);
    assert_int_equal(framing.kind, DOC);
    llmgw__framing_clear(&framing);
}

static llmgw_status limited(const char *type, const char *bytes, size_t piece)
{
    struct llmgw__framing framing;
    struct seen seen = {0};
    size_t len = strlen(bytes);
    llmgw_status status = LLMGW_OK;

    llmgw__framing_init(&framing,
                        &(struct llmgw__framing_setup){llmgw__str(type), false,
                                                       10, 12, take, &seen});
    for (size_t at = 0; at < len; at += piece)
        status = llmgw__framing_feed(&framing, bytes + at,
                                     len - at < piece ? len - at : piece);
    if (status != LLMGW_OK) /* it sticks */
        assert_int_equal(llmgw__framing_end(&framing), status);
    llmgw__framing_clear(&framing);
    return status;
}

static void records_and_documents_have_limits_of_their_own(void **state)
{
    static const struct {
        const char *type;
        const char *fits;
        const char *breaks;
    } cases[] = {
        {"text/event-stream", "data: 7890\n\n", "data: 78901\n\n"},
        {"", "   {\"a\": 12345}", "{\"a\": 123456}"},
        {"text/html", "<html></html", "<html></html>"},
        {"application/x-ndjson", "{\"a\":1234}\n", "{\"a\":12345}\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= 20; piece++) {
            assert_int_equal(limited(cases[i].type, cases[i].fits, piece),
                             LLMGW_OK);
            assert_int_equal(limited(cases[i].type, cases[i].breaks, piece),
                             LLMGW_E_LIMIT);
        }
}

static void blanks_before_a_document_do_not_count(void **state)
{
    struct llmgw__framing framing;
    struct seen seen = {0};

    (void)state;
    llmgw__framing_init(
        &framing, &(struct llmgw__framing_setup){LLMGW__LIT("application/json"),
                                                 false, 10, 12, take, &seen});
    for (int i = 0; i < 1000; i++)
        assert_int_equal(llmgw__framing_feed(&framing, "         \n", 10),
                         LLMGW_OK);
    assert_int_equal(llmgw__framing_feed(&framing, "{}", 2), LLMGW_OK);
    assert_int_equal(llmgw__framing_end(&framing), LLMGW_OK);
    assert_string_equal(seen.text, "{}!");
    llmgw__framing_clear(&framing);
}

static void what_the_owner_answers_ends_it(void **state)
{
    static const char *const bytes[] = {"data: a\n\ndata: b\n\n", "{}", "{}\n"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct llmgw__framing framing;
        struct seen seen = {.answer = LLMGW_E_CLOSED};

        llmgw__framing_init(
            &framing, &(struct llmgw__framing_setup){LLMGW__LIT(""), i == 2,
                                                     100, 100, take, &seen});
        (void)llmgw__framing_feed(&framing, bytes[i], strlen(bytes[i]));
        assert_int_equal(llmgw__framing_end(&framing), LLMGW_E_CLOSED);
        assert_int_equal(llmgw__framing_feed(&framing, "data: c\n\n", 9),
                         LLMGW_E_CLOSED);
        assert_int_equal(llmgw__framing_end(&framing), LLMGW_E_CLOSED);
        assert_true(seen.len <= 4); /* one frame */
        llmgw__framing_clear(&framing);
    }
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        size_t len = strlen(answers[i].bytes);
        int failed = 1;

        for (int nth = 0; failed; nth++) {
            struct llmgw__framing framing;
            struct seen seen = {0};
            llmgw_status status;

            llmgw__framing_init(&framing,
                                &(struct llmgw__framing_setup){
                                    llmgw__str(answers[i].type),
                                    answers[i].ndjson, 100, 100, take, &seen});
            fail_allocation(nth);
            for (size_t at = 0; at < len; at++)
                (void)llmgw__framing_feed(&framing, answers[i].bytes + at, 1);
            status = llmgw__framing_end(&framing);
            failed = allow_allocations();
            assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
            llmgw__framing_clear(&framing);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_is_cut_as_what_it_is),
        cmocka_unit_test(the_kind_is_known_from_the_first_bytes_on),
        cmocka_unit_test(records_and_documents_have_limits_of_their_own),
        cmocka_unit_test(blanks_before_a_document_do_not_count),
        cmocka_unit_test(what_the_owner_answers_ends_it),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
