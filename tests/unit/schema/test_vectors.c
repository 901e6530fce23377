/* Vectors: into their places, of one length, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/vectors.h"
#include "support/alloc.h"

#define PLENTY 4096

static llmgw_status take(struct llmgw__vectors *vectors, int64_t index,
                         const char *json)
{
    return llmgw__vectors_take(vectors, index, llmgw__str(json));
}

static void assert_vector(const struct llmgw__vectors *vectors, size_t index,
                          float first, float second)
{
    const float *at = llmgw__vectors_at(vectors, index);

    assert_non_null(at);
    assert_true(at[0] <= first && at[0] >= first);
    assert_true(at[1] <= second && at[1] >= second);
}

static void assert_rendered(const struct llmgw__vectors *vectors, bool base64,
                            const char *expected)
{
    struct llmgw__vectors_form form = {LLMGW__LIT("m"), NULL, base64};
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__vectors_render(vectors, &form, llmgw__str_n(NULL, 0), &w);
    assert_int_equal(buf.status, LLMGW_OK);
    llmgw__buf_add_char(&buf, '\0');
    assert_string_equal(buf.data, expected);
    llmgw__buf_clear(&buf);
}

static void vectors_stand_in_the_order_of_inputs(void **state)
{
    struct llmgw__vectors vectors;

    (void)state;
    llmgw__vectors_init(&vectors, 3, PLENTY);
    llmgw__vectors_expect(&vectors, 0, 3);
    assert_int_equal(take(&vectors, 2, "[5,6]"), LLMGW_OK);
    assert_int_equal(take(&vectors, 0, " [ 1 , 2.5e0 ]"), LLMGW_E_INVALID);
    assert_int_equal(take(&vectors, 0, "[ 1 , 2.5e0 ]"), LLMGW_OK);
    assert_int_equal(take(&vectors, 1, "\"AACAPwAAAL8=\""), LLMGW_OK);
    assert_int_equal(llmgw__vectors_end(&vectors), LLMGW_OK);
    assert_vector(&vectors, 0, 1.0f, 2.5f);
    assert_vector(&vectors, 1, 1.0f, -0.5f);
    assert_vector(&vectors, 2, 5.0f, 6.0f);
    assert_null(llmgw__vectors_at(&vectors, 3));
    assert_rendered(
        &vectors, false,
        "{\"object\":\"list\",\"data\":["
        "{\"object\":\"embedding\",\"index\":0,\"embedding\":[1,2.5]},"
        "{\"object\":\"embedding\",\"index\":1,\"embedding\":[1,-0.5]},"
        "{\"object\":\"embedding\",\"index\":2,\"embedding\":[5,6]}],"
        "\"model\":\"m\"}");
    assert_rendered(&vectors, true,
                    "{\"object\":\"list\",\"data\":["
                    "{\"object\":\"embedding\",\"index\":0,\"embedding\":"
                    "\"AACAPwAAIEA=\"},"
                    "{\"object\":\"embedding\",\"index\":1,\"embedding\":"
                    "\"AACAPwAAAL8=\"},"
                    "{\"object\":\"embedding\",\"index\":2,\"embedding\":"
                    "\"AACgQAAAwEA=\"}],\"model\":\"m\"}");
    llmgw__vectors_clear(&vectors);
}

static void runs_are_joined(void **state)
{
    struct llmgw__vectors vectors;

    (void)state;
    llmgw__vectors_init(&vectors, 3, PLENTY);
    llmgw__vectors_expect(&vectors, 0, 2);
    assert_int_equal(take(&vectors, 1, "[3,4]"), LLMGW_OK);
    assert_int_equal(take(&vectors, 0, "[1,2]"), LLMGW_OK);
    assert_int_equal(llmgw__vectors_end(&vectors), LLMGW_OK);
    llmgw__vectors_expect(&vectors, 2, 1);
    assert_int_equal(take(&vectors, 1, "[5,6]"), LLMGW_E_INVALID);
    assert_int_equal(take(&vectors, 0, "[5,6,7]"), LLMGW_E_INVALID);
    assert_int_equal(take(&vectors, 0, "[5,6]"), LLMGW_OK);
    assert_int_equal(llmgw__vectors_end(&vectors), LLMGW_OK);
    assert_vector(&vectors, 0, 1.0f, 2.0f);
    assert_vector(&vectors, 1, 3.0f, 4.0f);
    assert_vector(&vectors, 2, 5.0f, 6.0f);
    llmgw__vectors_restart(&vectors);
    assert_null(llmgw__vectors_at(&vectors, 0));
    llmgw__vectors_expect(&vectors, 0, 3);
    assert_int_equal(take(&vectors, 2, "[1,2,3]"), LLMGW_OK);
    assert_null(llmgw__vectors_at(&vectors, 0));
    llmgw__vectors_clear(&vectors);
}

static void faults_are_told(void **state)
{
    static const struct {
        int64_t index;
        const char *json;
        const char *fault;
    } cases[] = {
        {2, "[1,2]",
         "the answer has a vector of index 2, for which there is no input"},
        {-1, "[1,2]",
         "the answer has a vector of index -1, for which there is no input"},
        {INT64_MAX, "[1,2]",
         "the answer has a vector of index 9223372036854775807, for which "
         "there is no input"},
        {0, "[3,4]", "vector 0 is there twice"},
        {1, "[1,2,3]", "vector 1 has another length than those before"},
        {1, "\"AACAPw==\"", "vector 1 has another length than those before"},
        {1, "[1,null]", "vector 1 is no list of numbers"},
        {1, "[1,\"2\"]", "vector 1 is no list of numbers"},
        {1, "[1,1e99]", "vector 1 is no list of numbers"},
        {1, "[[1,2]]", "vector 1 is no list of numbers"},
        {1, "[1,2", "vector 1 is no list of numbers"},
        {1, "\"AACAPwAAAL8*\"", "vector 1 is no list of numbers"},
        {1, "[]", "vector 1 has another length than those before"},
        {1, "\"\"", "vector 1 is no list of numbers"},
        {1, "7", "vector 1 is no list of numbers"},
        {1, "null", "vector 1 is no list of numbers"},
        {1, "", "vector 1 is no list of numbers"},
        {1, "{\"a\":[1,2]}", "vector 1 is no list of numbers"},
    };
    struct llmgw__vectors vectors;

    (void)state;
    llmgw__vectors_init(&vectors, 2, PLENTY);
    llmgw__vectors_expect(&vectors, 0, 2);
    assert_int_equal(take(&vectors, 0, "[1,2]"), LLMGW_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(take(&vectors, cases[i].index, cases[i].json),
                         LLMGW_E_INVALID);
        assert_string_equal(vectors.fault, cases[i].fault);
    }
    assert_int_equal(llmgw__vectors_end(&vectors), LLMGW_E_INVALID);
    assert_string_equal(vectors.fault, "the answer has 1 vectors for 2 inputs");
    assert_vector(&vectors, 0, 1.0f, 2.0f);
    llmgw__vectors_clear(&vectors);
}

static void an_empty_vector_is_none(void **state)
{
    struct llmgw__vectors vectors;

    (void)state;
    llmgw__vectors_init(&vectors, 1, PLENTY);
    llmgw__vectors_expect(&vectors, 0, 1);
    assert_int_equal(take(&vectors, 0, "[]"), LLMGW_E_INVALID);
    assert_int_equal(take(&vectors, 0, "\"\""), LLMGW_E_INVALID);
    llmgw__vectors_clear(&vectors);
}

static void escaped_base64_is_read(void **state)
{
    struct llmgw__vectors vectors;

    (void)state;
    llmgw__vectors_init(&vectors, 1, PLENTY);
    llmgw__vectors_expect(&vectors, 0, 1);
    assert_int_equal(take(&vectors, 0, "\"AACAvwAA\\/z4=\""), LLMGW_OK);
    assert_vector(&vectors, 0, -1.0f, 0.498046875f);
    llmgw__vectors_clear(&vectors);
}

static void size_is_bounded(void **state)
{
    struct llmgw__vectors vectors;

    (void)state;
    llmgw__vectors_init(&vectors, 2048, 2048 * 2 * sizeof(float));
    llmgw__vectors_expect(&vectors, 0, 2048);
    assert_int_equal(take(&vectors, 0, "[1,2,3]"), LLMGW_E_LIMIT);
    assert_int_equal(take(&vectors, 0, "[1,2]"), LLMGW_OK);
    llmgw__vectors_clear(&vectors);
}

static void length_becomes_one(void **state)
{
    struct llmgw__vectors vectors;

    (void)state;
    llmgw__vectors_init(&vectors, 4, PLENTY);
    llmgw__vectors_expect(&vectors, 0, 4);
    assert_int_equal(take(&vectors, 0, "[3,-4]"), LLMGW_OK);
    assert_int_equal(take(&vectors, 1, "[0,0]"), LLMGW_OK);
    assert_int_equal(take(&vectors, 2, "[1e-20,0]"), LLMGW_OK);
    assert_int_equal(take(&vectors, 3, "[1e30,0]"), LLMGW_OK);
    llmgw__vectors_normalize(&vectors);
    assert_vector(&vectors, 0, 0.6f, -0.8f);
    assert_vector(&vectors, 1, 0.0f, 0.0f);
    assert_vector(&vectors, 2, 1.0f, 0.0f);
    assert_vector(&vectors, 3, 1.0f, 0.0f);
    llmgw__vectors_clear(&vectors);
}

static void no_memory_is_told(void **state)
{
    int nth = 0;
    bool failed;

    (void)state;
    do {
        struct llmgw__vectors vectors;
        llmgw_status status;

        llmgw__vectors_init(&vectors, 2, PLENTY);
        llmgw__vectors_expect(&vectors, 0, 2);
        fail_allocation(nth++);
        status = take(&vectors, 0, "[1,2]");
        if (status == LLMGW_OK)
            status = take(&vectors, 1, "\"AACAvwAA\\/z4=\"");
        failed = allow_allocations();
        assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        llmgw__vectors_clear(&vectors);
    } while (failed);
    assert_true(nth > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_stand_in_the_order_of_inputs),
        cmocka_unit_test(runs_are_joined),
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(an_empty_vector_is_none),
        cmocka_unit_test(escaped_base64_is_read),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(length_becomes_one),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
