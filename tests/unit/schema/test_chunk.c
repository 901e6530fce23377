/* The one rendering of chunks: members, their order, one kind of delta. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "schema/chunk.h"
#include "support/alloc.h"

#define HEAD                                                       \
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\"," \
    "\"created\":1700000000,\"model\":\"m-1\","

static const struct llmgw__identity identity = {
    .id = {"chatcmpl-1", 10},
    .model = {"m-1", 3},
    .created = 1700000000,
};

static char rendered[2048];

static llmgw_status render_with(const struct llmgw__chunk *chunk,
                                const struct llmgw__identity *who,
                                const char *extension)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&buf, sizeof rendered - 1);
    llmgw__jsonw_init(&w, &buf);
    llmgw__chunk_render(chunk, who, llmgw__str(extension), &w);
    status = buf.status;
    if (status == LLMGW_OK)
        memcpy(rendered, buf.data, buf.len);
    rendered[status == LLMGW_OK ? buf.len : 0] = '\0';
    llmgw__buf_clear(&buf);
    return status;
}

static const char *render(const struct llmgw__chunk *chunk)
{
    assert_int_equal(render_with(chunk, &identity, NULL), LLMGW_OK);
    return rendered;
}

static void each_kind_has_its_delta(void **state)
{
    static const struct {
        struct llmgw__chunk chunk;
        const char *choices;
    } cases[] = {
        /* clang-format off */
        {{.kind = LLMGW__CHUNK_ROLE},
         "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TEXT, .choice = 1, .text = {"Hi \"you\"", 8}},
         "[{\"index\":1,\"delta\":{\"content\":\"Hi \\\"you\\\"\"},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_REASONING, .text = {"hm", 2}},
         "[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm\"},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_REFUSAL, .text = {"no", 2}},
         "[{\"index\":0,\"delta\":{\"refusal\":\"no\"},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TOOL_START, .index = 2, .id = {"c1", 2},
          .name = {"f", 1}},
         "[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":2,\"id\":\"c1\","
         "\"type\":\"function\",\"function\":{\"name\":\"f\","
         "\"arguments\":\"\"}}]},\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TOOL_START, .id = {"c1", 2}, .name = {"f", 1},
          .extra = {"{\"a\":1}", 7}},
         "[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\","
         "\"type\":\"function\",\"function\":{\"name\":\"f\","
         "\"arguments\":\"\"},\"extra_content\":{\"a\":1}}]},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TOOL_START, .variant = 1, .id = {"c1", 2},
          .name = {"f", 1}},
         "[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\","
         "\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"input\":\"\"}}]},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TOOL_ARGS, .index = 1, .text = {"{\"", 2}},
         "[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,"
         "\"function\":{\"arguments\":\"{\\\"\"}}]},\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TOOL_ARGS, .variant = 2, .text = {"x", 1}},
         "[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
         "\"custom\":{\"input\":\"x\"}}]},\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TOOL_START, .variant = 3, .id = {"c1", 2},
          .name = {"f", 1}},
         "[{\"index\":0,\"delta\":{\"function_call\":{\"name\":\"f\","
         "\"arguments\":\"\"}},\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_TOOL_ARGS, .variant = 3, .text = {"x", 1}},
         "[{\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"x\"}},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_EXTRAS, .text = {"\"audio\":{}", 10},
          .extra = {"\"llmgw\":{},\"x\":1", 16}},
         "[{\"index\":0,\"delta\":{\"audio\":{},\"llmgw\":{},\"x\":1},"
         "\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_EXTRAS, .extra = {"\"llmgw\":{}", 10}},
         "[{\"index\":0,\"delta\":{\"llmgw\":{}},\"finish_reason\":null}]"},
        {{.kind = LLMGW__CHUNK_FINISH, .variant = LLMGW_FINISH_LENGTH,
          .text = {"max_tokens", 10}},
         "[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]"},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char wanted[1024] = HEAD "\"choices\":";

        strncat(wanted, cases[i].choices, 800);
        strncat(wanted, "}", 2);
        assert_string_equal(render(&cases[i].chunk), wanted);
    }
}

static void logprobs_stand_on_the_chunk_of_their_text(void **state)
{
    struct llmgw__chunk chunk = {
        .kind = LLMGW__CHUNK_TEXT,
        .text = {"Hi", 2},
        .extra = {"{\"content\":[],\"refusal\":null}", 29},
    };

    (void)state;
    assert_string_equal(render(&chunk),
                        HEAD "\"choices\":[{\"index\":0,"
                             "\"delta\":{\"content\":\"Hi\"},\"logprobs\":"
                             "{\"content\":[],\"refusal\":null},"
                             "\"finish_reason\":null}]}");
    chunk.kind = LLMGW__CHUNK_REFUSAL;
    assert_non_null(strstr(render(&chunk), "\"logprobs\":{"));
    chunk.kind = LLMGW__CHUNK_REASONING;
    assert_null(strstr(render(&chunk), "logprobs"));
}

static void the_usage_chunk_has_no_choices(void **state)
{
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};

    (void)state;
    llmgw__usage_init(&usage);
    llmgw__usage_set(&usage, LLMGW__INPUT_UNCACHED, 9);
    llmgw__usage_set(&usage, LLMGW__OUTPUT_TEXT, 3);
    assert_string_equal(render(&chunk),
                        HEAD "\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
                             "\"completion_tokens\":3,\"total_tokens\":12}}");
}

static void identity_and_extension_stand_where_they_belong(void **state)
{
    struct llmgw__identity who = identity;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_FINISH,
                                 .variant = LLMGW_FINISH_STOP};

    (void)state;
    who.service_tier = LLMGW__LIT("flex");
    who.system_fingerprint = LLMGW__LIT("fp_1");
    assert_int_equal(render_with(&chunk, &who, "{\"attempts\":1}"), LLMGW_OK);
    assert_string_equal(rendered, HEAD "\"service_tier\":\"flex\","
                                       "\"system_fingerprint\":\"fp_1\","
                                       "\"choices\":[{\"index\":0,\"delta\":{},"
                                       "\"finish_reason\":\"stop\"}],"
                                       "\"llmgw\":{\"attempts\":1}}");
}

static void finish_reasons_have_openai_names(void **state)
{
    (void)state;
    assert_null(llmgw__finish_name(LLMGW_FINISH_NONE));
    assert_string_equal(llmgw__finish_name(LLMGW_FINISH_STOP), "stop");
    assert_string_equal(llmgw__finish_name(LLMGW_FINISH_LENGTH), "length");
    assert_string_equal(llmgw__finish_name(LLMGW_FINISH_TOOL_CALLS),
                        "tool_calls");
    assert_string_equal(llmgw__finish_name(LLMGW_FINISH_CONTENT_FILTER),
                        "content_filter");
    assert_string_equal(llmgw__finish_name(LLMGW_FINISH_FUNCTION_CALL),
                        "function_call");
    assert_null(llmgw__finish_name(6));
    assert_null(llmgw__finish_name(-1));
}

/* Whatever came before it in the same buffer. */
static void a_rewritten_chunk_is_rendered_the_same(void **state)
{
    static const struct llmgw__identity other = {
        .id = {"chatcmpl-1", 10},
        .model = {"m-1", 3},
        .system_fingerprint = {"fp", 2},
        .created = 1700000000,
    };
    const struct llmgw__chunk chunks[] = {
        {.kind = LLMGW__CHUNK_ROLE},
        {.kind = LLMGW__CHUNK_TEXT, .text = {"one", 3}},
        {.kind = LLMGW__CHUNK_TEXT, .text = {"a \"longer\"\n text", 17}},
        {.kind = LLMGW__CHUNK_TEXT, .text = {"", 0}},
        {.kind = LLMGW__CHUNK_TEXT, .choice = 1, .text = {"two", 3}},
        {.kind = LLMGW__CHUNK_TEXT, .text = {"3", 1}, .extra = {"{}", 2}},
        {.kind = LLMGW__CHUNK_TEXT, .text = {"four", 4}},
        {.kind = LLMGW__CHUNK_REASONING, .text = {"hm", 2}},
        {.kind = LLMGW__CHUNK_TEXT, .text = {"five", 4}},
        {.kind = LLMGW__CHUNK_FINISH, .variant = LLMGW_FINISH_STOP},
    };
    struct llmgw__chunk_form form = {.head = 0};
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    for (size_t i = 0; i < 3 * sizeof chunks / sizeof *chunks; i++) {
        struct llmgw__chunk chunk =
            chunks[i % (sizeof chunks / sizeof *chunks)];

        chunk.identity = i % 7 == 6 ? &other : &identity;
        llmgw__chunk_rewrite(&chunk, &form, &buf);
        assert_int_equal(render_with(&chunk, chunk.identity, NULL), LLMGW_OK);
        assert_int_equal(buf.len, strlen(rendered));
        assert_memory_equal(buf.data, rendered, buf.len);
    }
    llmgw__buf_clear(&buf);
}

static llmgw_status rewrite_twice(void)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TEXT,
                                 .identity = &identity};
    struct llmgw__chunk_form form = {.head = 0};
    static char text[500];
    struct llmgw__buf buf;
    llmgw_status status;

    memset(text, 'x', sizeof text);
    llmgw__buf_init(&buf, 0);
    llmgw__chunk_rewrite(&chunk, &form, &buf);
    chunk.text = llmgw__str_n(text, sizeof text);
    if (buf.status == LLMGW_OK)
        llmgw__chunk_rewrite(&chunk, &form, &buf);
    status = buf.status;
    llmgw__chunk_rewrite(&chunk, &form, &buf); /* after a failure: all anew */
    assert_int_equal(buf.status, LLMGW_OK);
    assert_true(buf.len > sizeof text || status != LLMGW_OK);
    llmgw__buf_clear(&buf);
    return status;
}

static void rewriting_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = rewrite_twice();
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
}

static void rendering_survives_every_failed_allocation(void **state)
{
    struct llmgw__chunk chunk = {
        .kind = LLMGW__CHUNK_TOOL_START, .id = {"c1", 2}, .name = {"f", 1}};
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = render_with(&chunk, &identity, NULL);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_delta),
        cmocka_unit_test(logprobs_stand_on_the_chunk_of_their_text),
        cmocka_unit_test(the_usage_chunk_has_no_choices),
        cmocka_unit_test(identity_and_extension_stand_where_they_belong),
        cmocka_unit_test(finish_reasons_have_openai_names),
        cmocka_unit_test(rendering_survives_every_failed_allocation),
        cmocka_unit_test(a_rewritten_chunk_is_rendered_the_same),
        cmocka_unit_test(rewriting_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
