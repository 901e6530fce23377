/* Bytes that several own: the last one frees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "support/alloc.h"

static void they_are_the_buffers_without_a_copy(void **state)
{
    struct llmgw__bytes *bytes;
    struct llmgw__buf buf;
    const char *data;

    (void)state;
    llmgw__buf_init(&buf, 100);
    llmgw__buf_add_z(&buf, "hello");
    data = buf.data;
    assert_int_equal(llmgw__bytes_take(&buf, &bytes), LLMGW_OK);
    assert_null(buf.data);
    assert_int_equal(buf.limit, 100);
    assert_ptr_equal(llmgw__bytes_str(bytes).data, data);
    assert_int_equal(llmgw__bytes_str(bytes).len, 5);
    assert_ptr_equal(llmgw__bytes_ref(bytes), bytes);
    llmgw__bytes_drop(bytes);
    assert_memory_equal(bytes->data, "hello", 5);
    llmgw__bytes_drop(bytes);
    llmgw__bytes_drop(NULL);
    assert_null(llmgw__bytes_ref(NULL));
    assert_int_equal(llmgw__bytes_str(NULL).len, 0);
}

static void a_failed_buffer_is_cleared(void **state)
{
    struct llmgw__bytes *bytes;
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 8);
    llmgw__buf_add_z(&buf, "hello");
    llmgw__buf_add_z(&buf, "hello");
    assert_int_equal(llmgw__bytes_take(&buf, &bytes), LLMGW_E_LIMIT);
    assert_null(bytes);
    assert_null(buf.data);
}

static void without_memory_the_buffer_is_cleared_too(void **state)
{
    struct llmgw__bytes *bytes;
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__buf_add_z(&buf, "hello");
    fail_allocation(0);
    assert_int_equal(llmgw__bytes_take(&buf, &bytes), LLMGW_E_NOMEM);
    assert_true(allow_allocations());
    assert_null(bytes);
    assert_null(buf.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_the_buffers_without_a_copy),
        cmocka_unit_test(a_failed_buffer_is_cleared),
        cmocka_unit_test(without_memory_the_buffer_is_cleared_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
