/* Embeddings requests: read, checked, refused with the place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "schema/embed.h"
#include "support/alloc.h"

struct parsed {
    struct llmgw__arena arena;
    struct llmgw__chat chat;
    struct llmgw__embed embed;
    struct llmgw__error error;
    llmgw_status status;
};

static void parse(struct parsed *out, llmgw_str json)
{
    llmgw__arena_init(&out->arena, 0, 0);
    llmgw__error_clear(&out->error);
    out->status = llmgw__embed_parse(&out->embed, &out->chat, json, &out->arena,
                                     &out->error);
}

static void release(struct parsed *parsed)
{
    llmgw__chat_clear(&parsed->chat);
    llmgw__arena_clear(&parsed->arena);
}

static void assert_inputs(const char *json, size_t count, bool tokens,
                          const char *last)
{
    struct parsed parsed;
    llmgw_str raw;

    parse(&parsed, llmgw__str(json));
    if (parsed.status != LLMGW_OK)
        fail_msg("%s: %s", json, parsed.error.message);
    assert_int_equal(parsed.embed.count, count);
    assert_int_equal(parsed.embed.tokens, tokens);
    raw = llmgw__jdoc_raw(&parsed.chat.doc, parsed.embed.inputs[count - 1]);
    assert_true(llmgw__str_is(raw, last));
    release(&parsed);
}

static void every_form_of_input_is_read(void **state)
{
    (void)state;
    assert_inputs("{\"model\":\"m\",\"input\":\"Hi\"}", 1, false, "\"Hi\"");
    assert_inputs("{\"model\":\"m\",\"input\":[\"Hi\",\"\\u00e9\"]}", 2, false,
                  "\"\\u00e9\"");
    assert_inputs("{\"model\":\"m\",\"input\":[1, 2]}", 1, true, "[1, 2]");
    assert_inputs("{\"model\":\"m\",\"input\":[[1],[2,3]]}", 2, true, "[2,3]");
}

static void members_are_read(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed,
          LLMGW__LIT("{\"input\":[\"a\",\"bc\"],\"encoding_format\":\"base64\","
                     "\"dimensions\":256,\"user\":\"me\",\"model\":\"x/y\","
                     "\"llmgw\":{\"strict\":true,\"timeout_ms\":7,"
                     "\"tags\":{\"a\":\"b\"}}}"));
    assert_int_equal(parsed.status, LLMGW_OK);
    assert_true(parsed.embed.base64);
    assert_int_equal(parsed.embed.dimensions, 256);
    assert_true(llmgw__str_is(parsed.chat.model, "x/y"));
    assert_true(llmgw__jstr_is(parsed.chat.user, "me"));
    assert_true(parsed.chat.strict);
    assert_int_equal(parsed.chat.total_ms, 7);
    assert_true(llmgw__str_is(parsed.chat.tags, "a=b"));
    assert_int_equal(llmgw__embed_bytes(&parsed.embed, 0, 2), 7);
    assert_int_equal(llmgw__embed_bytes(&parsed.embed, 1, 1), 4);
    release(&parsed);
}

static void null_is_not_given(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, LLMGW__LIT("{\"model\":\"m\",\"input\":\"a\",\"user\":null,"
                              "\"encoding_format\":null,"
                              "\"dimensions\":null}"));
    assert_int_equal(parsed.status, LLMGW_OK);
    assert_false(parsed.embed.base64);
    assert_int_equal(parsed.embed.dimensions, 0);
    release(&parsed);
}

static void refusals_name_the_place(void **state)
{
    static const struct {
        const char *json;
        const char *param;
        const char *message;
    } cases[] = {
        {"[1]", "", "the request must be an object"},
        {"{\"input\":\"a\"}", "model", "model must be given"},
        {"{\"model\":\"m\"}", "input", "input must be given"},
        {"{\"model\":\"m\",\"input\":null}", "input", NULL},
        {"{\"model\":\"m\",\"input\":7}", "input",
         "input must be a string or an array"},
        {"{\"model\":\"m\",\"input\":\"\"}", "input",
         "input must not be empty"},
        {"{\"model\":\"m\",\"input\":[]}", "input", "input must not be empty"},
        {"{\"model\":\"m\",\"input\":[\"a\",\"\"]}", "input[1]",
         "input[1] must not be empty"},
        {"{\"model\":\"m\",\"input\":[\"a\",\"b\",\"c\",[1]]}", "input[3]",
         "input[3] must be a string"},
        {"{\"model\":\"m\",\"input\":[null]}", "input[0]",
         "input[0] must be a string"},
        {"{\"model\":\"m\",\"input\":[[1],\"a\"]}", "input[1]",
         "input[1] must be an array"},
        {"{\"model\":\"m\",\"input\":[[1],[]]}", "input[1]",
         "input[1] must not be empty"},
        {"{\"model\":\"m\",\"input\":[[1],[2,-1]]}", "input[1][1]",
         "input[1][1] must be a token id"},
        {"{\"model\":\"m\",\"input\":[1,\"a\"]}", "input[1]",
         "input[1] must be a token id"},
        {"{\"model\":\"m\",\"input\":[1.5]}", "input[0]",
         "input[0] must be a token id"},
        {"{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"int8\"}",
         "encoding_format", "encoding_format must be \"float\" or \"base64\""},
        {"{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":1}",
         "encoding_format", NULL},
        {"{\"model\":\"m\",\"input\":\"a\",\"dimensions\":0}", "dimensions",
         "dimensions must be a whole number, at least 1"},
        {"{\"model\":\"m\",\"input\":\"a\",\"dimensions\":1.5}", "dimensions",
         NULL},
        {"{\"model\":\"m\",\"input\":\"a\",\"dimensions\":\"1\"}", "dimensions",
         "dimensions must be a number"},
        {"{\"model\":\"m\",\"input\":\"a\",\"messages\":[]}", "messages",
         "unknown parameter: messages"},
        {"{\"model\":\"m\",\"input\":\"a\",\"llmgw\":{\"max_attempts\":99}}",
         "llmgw.max_attempts", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parsed parsed;

        parse(&parsed, llmgw__str(cases[i].json));
        assert_int_equal(parsed.status, LLMGW_E_INVALID);
        assert_int_equal(parsed.error.kind, LLMGW_KIND_INVALID_REQUEST);
        assert_string_equal(parsed.error.param, cases[i].param);
        if (cases[i].message)
            assert_string_equal(parsed.error.message, cases[i].message);
        release(&parsed);
    }
}

static void more_inputs_than_2048_are_refused(void **state)
{
    struct llmgw__buf json;
    struct parsed parsed;

    (void)state;
    llmgw__buf_init(&json, 0);
    llmgw__buf_add_z(&json, "{\"model\":\"m\",\"input\":[\"a\"");
    for (int i = 1; i < 2048; i++)
        llmgw__buf_add_z(&json, ",\"a\"");
    llmgw__buf_add_z(&json, "]}");
    parse(&parsed, llmgw__buf_str(&json));
    assert_int_equal(parsed.status, LLMGW_OK);
    assert_int_equal(parsed.embed.count, 2048);
    release(&parsed);
    json.len -= 2;
    llmgw__buf_add_z(&json, ",\"a\"]}");
    parse(&parsed, llmgw__buf_str(&json));
    assert_int_equal(parsed.status, LLMGW_E_INVALID);
    assert_string_equal(parsed.error.message,
                        "input must have at most 2048 elements");
    release(&parsed);
    llmgw__buf_clear(&json);
}

static void unknown_members_pass_when_the_host_says_so(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, LLMGW__LIT("{\"model\":\"m\",\"input\":\"a\",\"task\":1,"
                              "\"llmgw\":{\"pass_unknown\":true}}"));
    assert_int_equal(parsed.status, LLMGW_OK);
    release(&parsed);
}

static void no_memory_is_told(void **state)
{
    static const char json[] =
        "{\"model\":\"\\u0061/m\",\"input\":[\"a\",\"b\"],"
        "\"llmgw\":{\"tags\":{\"a\":\"b\"}}}";
    bool failed;
    int nth = 0;

    (void)state;
    do {
        struct parsed parsed;

        fail_allocation(nth++);
        parse(&parsed, llmgw__str(json));
        failed = allow_allocations();
        assert_int_equal(parsed.status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        release(&parsed);
    } while (failed);
    assert_true(nth > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_input_is_read),
        cmocka_unit_test(members_are_read),
        cmocka_unit_test(null_is_not_given),
        cmocka_unit_test(refusals_name_the_place),
        cmocka_unit_test(more_inputs_than_2048_are_refused),
        cmocka_unit_test(unknown_members_pass_when_the_host_says_so),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
