/* A host as the environment names it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/config_parts.h"
#include "base/text.h"
#include "support/alloc.h"

#define LIKE "http://localhost:11434"

static void what_a_host_lacks_is_as_usual(void **state)
{
    static const char *const rows[][2] = {
        {"", LIKE},
        {" box ", "http://box:11434"},
        {"box:99", "http://box:99"},
        {":99", "http://localhost:99"},
        {"http://box", "http://box"},
        {"https://box:99/a/b", "https://box:99/a/b"},
        {"box/a", "http://box:11434/a"},
        {"0.0.0.0", "http://127.0.0.1:11434"},
        {"0.0.0.0:99", "http://127.0.0.1:99"},
        {"[::]:99", "http://[::1]:99"},
        {"[fe80::1]", "http://[fe80::1]:11434"},
        {"https://[fe80::1]:99", "https://[fe80::1]:99"},
    };
    struct llmgw__config config = {0};

    (void)state;
    assert_int_equal(llmgw__catalog_create(&config.catalog), LLMGW_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(
            llmgw__config_host(&config, llmgw__str(rows[i][0]), LIKE),
            rows[i][1]);
    assert_false(config.nomem);
    llmgw__catalog_drop(config.catalog);
}

static void no_memory_is_told(void **state)
{
    struct llmgw__config config = {0};

    (void)state;
    assert_int_equal(llmgw__catalog_create(&config.catalog), LLMGW_OK);
    llmgw__arena_clear(&config.catalog->arena);
    fail_allocation(0);
    assert_null(llmgw__config_host(&config, LLMGW__LIT("box"), LIKE));
    assert_true(allow_allocations());
    assert_true(config.nomem);
    llmgw__catalog_drop(config.catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_host_lacks_is_as_usual),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
