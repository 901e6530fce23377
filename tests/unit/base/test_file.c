/* Small files, read whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/file.h"
#include "support/alloc.h"

static char path[] = "/tmp/llmgw-file-XXXXXX";

static int make_file(void **state)
{
    int file = mkstemp(path);

    (void)state;
    return file < 0 || write(file, "12345678", 8) != 8 || close(file) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static llmgw_status read_up_to(size_t max, const char *name, const char **why,
                               struct llmgw__buf *out)
{
    llmgw__buf_init(out, 0);
    return llmgw__file_read(name, max, out, why);
}

static void a_file_is_read_up_to_its_ceiling(void **state)
{
    const char *why = NULL;
    struct llmgw__buf text;

    (void)state;
    assert_int_equal(read_up_to(8, path, &why, &text), LLMGW_OK);
    assert_true(llmgw__str_is(llmgw__buf_str(&text), "12345678"));
    assert_null(why);
    llmgw__file_wipe(&text);
    assert_int_equal(read_up_to(7, path, &why, &text), LLMGW_E_LIMIT);
    assert_string_equal(why, "it is too long");
    llmgw__file_wipe(&text);
    assert_null(text.data);
}

static void what_cannot_be_read_is_told(void **state)
{
    const char *why = NULL;
    struct llmgw__buf text;

    (void)state;
    assert_int_equal(read_up_to(9, "/nowhere/at/all", &why, &text),
                     LLMGW_E_INVALID);
    assert_string_equal(why, "there is no such file");
    llmgw__file_wipe(&text);
    assert_int_equal(read_up_to(9, "/", &why, &text), LLMGW_E_INVALID);
    assert_string_equal(why, "it is a directory");
    llmgw__file_wipe(&text);
}

static void no_memory_is_told(void **state)
{
    const char *why = NULL;
    struct llmgw__buf text;

    (void)state;
    fail_allocation(0);
    assert_int_equal(read_up_to(8, path, &why, &text), LLMGW_E_NOMEM);
    allow_allocations();
    llmgw__file_wipe(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_up_to_its_ceiling),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
