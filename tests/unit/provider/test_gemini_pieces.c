/* Tool arguments of the gemini wire that come leaf by leaf. */
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

static struct dialect_run run;

/* ' stands for " in all texts. */
static void start(const char *request)
{
    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_gemini, ENCODE_CASE_BASE, "m");
    if (request)
        assert_int_equal(dialect_run_chat(&run, quoted(request)), LLMGW_OK);
}

static llmgw_status frame(const char *record)
{
    const char *text = quoted(record);

    return dialect_run_frame(&run, text, strlen(text));
}

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    return 0;
}

#define PIECES(list) \
    "{'candidates':[{'content':{'parts':[{'functionCall':{" list "}}]}}]}"
#define LEAF(path, value)     "{'jsonPath':'" path "'" value "}"
#define TEXT_LEAF(path, text) LEAF(path, ",'stringValue':'" text "'")

#define AND(a, b) a "," b
#define SPACED    "$[\\u0027a b\\u0027]"

/* Arguments that these leaves make; NULL: they do not fit together. */
static const char *pieced(const char *leaves)
{
    static char text[1024];
    char record[2048];
    const cJSON *call;
    cJSON *final;

    start("{'model':'m','messages':[{'role':'user','content':'x'}]}");
    assert_int_equal(frame(PIECES("'name':'f','willContinue':true")), LLMGW_OK);
    assert_int_equal(frame(PIECES("'willContinue':true")), LLMGW_OK);
    snprintf(record, sizeof record, PIECES("'partialArgs':[%s]"), leaves);
    assert_int_equal(frame(record), LLMGW_OK);
    if (run.failed) {
        assert_int_equal(run.error.kind, LLMGW_KIND_MODEL_OUTPUT_INVALID);
        return NULL;
    }
    assert_int_equal(frame("{'candidates':[{'finishReason':'STOP'}]}"),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    final = dialect_run_final(&run);
    call = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetArrayItem(
            cJSON_GetObjectItemCaseSensitive(
                cJSON_GetObjectItemCaseSensitive(
                    cJSON_GetArrayItem(
                        cJSON_GetObjectItemCaseSensitive(final, "choices"), 0),
                    "message"),
                "tool_calls"),
            0),
        "function");
    snprintf(text, sizeof text, "%s",
             cJSON_GetStringValue(
                 cJSON_GetObjectItemCaseSensitive(call, "arguments")));
    cJSON_Delete(final);
    return text;
}

static void leaves_become_arguments(void **state)
{
    static const struct {
        const char *leaves, *arguments;
    } cases[] = {
        {"", "{}"},
        {LEAF("$", ""), "{}"},
        {TEXT_LEAF("$.a", "x\\ny"), "{'a':'x\\ny'}"},
        {AND(AND(LEAF("$.a", ",'numberValue':5.0"),
                 LEAF("$.b", ",'numberValue':0.50")),
             AND(LEAF("$.c", ",'boolValue':false"),
                 LEAF("$.d", ",'nullValue':'NULL_VALUE'"))),
         "{'a':5,'b':0.50,'c':false,'d':null}"},
        {AND(LEAF("$.a[0][0]", ",'numberValue':1"),
             AND(LEAF("$.a[0][1]", ",'numberValue':2"),
                 LEAF("$.a[1][0]", ",'numberValue':3"))),
         "{'a':[[1,2],[3]]}"},
        {AND(AND(LEAF("$.a[]", ""), LEAF("$.b", "")),
             AND(AND(LEAF("$.c.d[0]", ""), LEAF("$.c.d[]", "")),
                 AND(LEAF("$.c", ""), LEAF("$.a[]", "")))),
         "{'a':[],'b':{},'c':{'d':[{}]}}"},
        {AND(TEXT_LEAF(SPACED ".c", "x"), TEXT_LEAF(SPACED "[\\'d.e\\']", "y")),
         "{'a b':{'c':'x','d.e':'y'}}"},
        {AND(TEXT_LEAF("$.a.b", "x"),
             AND(TEXT_LEAF("$.ab", "y"), TEXT_LEAF("$.b", "z"))),
         "{'a':{'b':'x'},'ab':'y','b':'z'}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *is = pieced(cases[i].leaves);

        assert_non_null(is);
        assert_string_equal(is, quoted(cases[i].arguments));
    }
}

static void leaves_that_do_not_fit_are_a_failure(void **state)
{
    static const char *const cases[] = {
        AND(TEXT_LEAF("$.a", "x"), TEXT_LEAF("$.a", "y")),
        AND(TEXT_LEAF("$.a.b", "x"),
            AND(TEXT_LEAF("$.c", "y"), TEXT_LEAF("$.a.d", "z"))),
        AND(TEXT_LEAF("$.a[0]", "x"), TEXT_LEAF("$.a[0]", "y")),
        AND(TEXT_LEAF("$.a[0]", "x"), TEXT_LEAF("$.a.b", "y")),
        TEXT_LEAF("$.a[1]", "x"),
        TEXT_LEAF("$", "x"),
        TEXT_LEAF("a", "x"),
        TEXT_LEAF("$a", "x"),
        TEXT_LEAF("$..a", "x"),
        TEXT_LEAF("$.a[", "x"),
        TEXT_LEAF("$.a[-1]", "x"),
        TEXT_LEAF("$.a[x]", "x"),
        TEXT_LEAF("$.a[\\u0027x]", "x"),
        "7",
        "{}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (pieced(cases[i]))
            fail_msg("taken: %s", cases[i]);
}

static void arguments_in_pieces_nest_only_so_deep(void **state)
{
    char leaf[512];
    size_t len = (size_t)snprintf(leaf, sizeof leaf, "{'jsonPath':'$");

    (void)state;
    for (int i = 0; i < 70; i++)
        len += (size_t)snprintf(leaf + len, sizeof leaf - len, ".a");
    snprintf(leaf + len, sizeof leaf - len, "','boolValue':true}");
    assert_null(pieced(leaf));
}

static const char *const long_call[] = {
    PIECES("'name':'f','willContinue':true"),
    PIECES("'partialArgs':[{'jsonPath':'$.a','stringValue':'x\\n',"
           "'willContinue':true}]"),
    PIECES("'partialArgs':[{'jsonPath':'$.a','stringValue':'y',"
           "'willContinue':true},{'jsonPath':'$.a'},{'jsonPath':'$.b[0].c',"
           "'stringValue':'z'}]"),
    PIECES(""),
    PIECES("'name':'g','willContinue':true,'partialArgs':[{'jsonPath':'$.d',"
           "'stringValue':'open','willContinue':true}]"),
    PIECES("'name':'h'"),
    "{'candidates':[{'finishReason':'STOP'}]}",
};

static llmgw_status call_once(int nth)
{
    llmgw_status status;

    start("{'model':'m','messages':[{'role':'user','content':'x'}]}");
    status = dialect_run_expect(&run);
    assert_int_equal(status, LLMGW_OK);
    fail_allocation(nth);
    for (size_t i = 0; i < 7 && status == LLMGW_OK; i++)
        status = frame(long_call[i]);
    if (status == LLMGW_OK)
        status = dialect_run_end(&run);
    allow_allocations();
    return status;
}

static void calls_end_where_the_next_begins(void **state)
{
    static const char *const wanted[] = {
        "{\"a\":\"x\\ny\",\"b\":[{\"c\":\"z\"}]}", "{\"d\":\"open\"}", "{}"};
    const struct llmgw__answer *answer;

    (void)state;
    assert_int_equal(call_once(-1), LLMGW_OK);
    answer = llmgw__assemble_answer(&run.assemble);
    assert_non_null(answer);
    assert_int_equal(answer->choices[0].tool_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(
            llmgw__str_is(answer->choices[0].tools[i].arguments, wanted[i]));
}

static void pieces_survive_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++)
        status = call_once(nth);
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 10);
    assert_false(run.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_become_arguments),
        cmocka_unit_test(leaves_that_do_not_fit_are_a_failure),
        cmocka_unit_test(arguments_in_pieces_nest_only_so_deep),
        cmocka_unit_test(calls_end_where_the_next_begins),
        cmocka_unit_test(pieces_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
