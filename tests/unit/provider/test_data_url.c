/* Data URLs and base64 of a request: slices of it wherever that can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "provider/data_url.h"
#include "support/alloc.h"

static struct llmgw__jstr inside(const char *raw)
{
    return llmgw__jstr(llmgw__str(raw), strchr(raw, '\\') != NULL);
}

static void assert_str(llmgw_str text, const char *wanted)
{
    assert_int_equal(text.len, strlen(wanted));
    assert_memory_equal(text.data, wanted, text.len);
}

static void a_url_is_taken_apart_where_it_stands(void **state)
{
    static const struct {
        const char *url, *type;
        bool base64;
        size_t data; /* offset */
    } cases[] = {
        {"data:image/png;base64,AAAA", "image/png", true, 22},
        {"DATA: image/png ;base64,AAAA", "image/png", true, 24},
        {"data:text/plain;charset=utf-8;base64,AA,AA", "text/plain", true, 37},
        {"data:;base64,", "", true, 13},
        {"data:image/png,AAAA", "image/png", false, 15},
        {"data:,x", "", false, 6},
        {"data:image\\/png;base64,AA\\/A", "image/png", true, 23},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llmgw__jstr url = inside(cases[i].url);
        struct llmgw__data_url parts;
        struct llmgw__arena arena;

        llmgw__arena_init(&arena, 0, 0);
        assert_int_equal(llmgw__data_url_read(url, &arena, &parts), LLMGW_OK);
        assert_str(parts.type, cases[i].type);
        assert_int_equal(parts.base64, cases[i].base64);
        assert_ptr_equal(parts.data.data, url.data + cases[i].data);
        assert_int_equal(parts.data.len, url.len - cases[i].data);
        assert_int_equal(parts.data.escaped, url.escaped);
        llmgw__arena_clear(&arena);
    }
}

static void other_urls_are_none(void **state)
{
    static const char *const cases[] = {
        "",  "data",   "data:", "data:image/png;base64", "https://h/a,b",
        ",", "dat,a:",
    };
    struct llmgw__data_url parts;
    struct llmgw__arena arena;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(llmgw__data_url_read(inside(cases[i]), &arena, &parts),
                         LLMGW_OK);
        assert_null(parts.data.data);
        assert_false(parts.base64);
    }
    assert_int_equal(llmgw__data_url_read((struct llmgw__jstr){NULL, 0, false},
                                          &arena, &parts),
                     LLMGW_OK);
    assert_null(parts.data.data);
    llmgw__arena_clear(&arena);
}

/* wanted NULL: it is the slice itself. */
static void assert_slice(const char *raw, const char *wanted)
{
    struct llmgw__jstr text = inside(raw), data = text;
    struct llmgw__arena arena;
    bool good;

    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(llmgw__base64_slice(&data, &arena, &good), LLMGW_OK);
    assert_true(good);
    if (wanted)
        assert_str(llmgw__str_n(data.data, data.len), wanted);
    else
        assert_ptr_equal(data.data, text.data);
    assert_int_equal(data.escaped, wanted ? false : text.escaped);
    if (!wanted)
        assert_int_equal(arena.used, 0);
    llmgw__arena_clear(&arena);
}

static void base64_is_a_slice_unless_it_holds_white_space(void **state)
{
    (void)state;
    assert_slice("A", NULL);
    assert_slice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234567"
                 "89+/==",
                 NULL);
    assert_slice("AAAA\\/AAA\\/+0123456789abcdefghij\\/\\/", NULL);
    assert_slice("AA AA\\n\\r\\tAA\\/=", "AAAAAA/=");
    assert_slice("0123456789abcdef 0123456789abcdef",
                 "0123456789abcdef0123456789abcdef");
    assert_slice("\\u0041AAA", "AAAA");
}

/* Each byte at each place of a block, and behind it. */
static void every_byte_but_those_of_base64_is_found(void **state)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    char raw[40];

    (void)state;
    for (size_t at = 0; at < sizeof raw; at++) {
        for (int c = 0; c < 256; c++) {
            struct llmgw__jstr data = {raw, sizeof raw, false};
            struct llmgw__arena arena;
            bool good, blank = c && strchr(" \t\r\n", c);

            memset(raw, 'A', sizeof raw);
            raw[at] = (char)c;
            llmgw__arena_init(&arena, 0, 0);
            assert_int_equal(llmgw__base64_slice(&data, &arena, &good),
                             LLMGW_OK);
            assert_int_equal(good, blank || (c && strchr(alphabet, c)));
            assert_int_equal(data.len, sizeof raw - (blank ? 1 : 0));
            assert_int_equal(data.data == raw, !blank);
            llmgw__arena_clear(&arena);
        }
    }
}

static void nothing_is_no_base64(void **state)
{
    static const char *const cases[] = {"", " ", "\\n", "A\\", "A\\\"", "A-_A"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llmgw__jstr data = inside(cases[i]);
        struct llmgw__arena arena;
        bool good = true;

        llmgw__arena_init(&arena, 0, 0);
        assert_int_equal(llmgw__base64_slice(&data, &arena, &good), LLMGW_OK);
        assert_false(good);
        assert_ptr_equal(data.data, cases[i]);
        llmgw__arena_clear(&arena);
    }
}

static llmgw_status read_once(void)
{
    struct llmgw__data_url url;
    struct llmgw__arena arena;
    bool good = false;
    llmgw_status status;

    llmgw__arena_init(&arena, 16, 0);
    status = llmgw__data_url_read(inside("data:image\\/png;base64,AA AA\\n"),
                                  &arena, &url);
    if (status == LLMGW_OK)
        status = llmgw__base64_slice(&url.data, &arena, &good);
    if (status == LLMGW_OK)
        assert_true(good);
    llmgw__arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_told(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = read_once();
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_taken_apart_where_it_stands),
        cmocka_unit_test(other_urls_are_none),
        cmocka_unit_test(base64_is_a_slice_unless_it_holds_white_space),
        cmocka_unit_test(every_byte_but_those_of_base64_is_found),
        cmocka_unit_test(nothing_is_no_base64),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
