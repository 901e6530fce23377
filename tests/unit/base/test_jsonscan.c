/*
 * The scanner for machines without SSE2: compiled in here, it takes the place
 * of the library's in this program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LLMGW__SCAN_PORTABLE 1
#include "base/jsonscan.c"
#include "base/text.h"
#include "support/json_cases.h"

static uint64_t special_by_byte(const char *at)
{
    uint64_t special = 0;

    for (unsigned i = 0; i < LLMGW__SCAN_BLOCK; i++) {
        unsigned char c = (unsigned char)at[i];

        if (c < 0x20 || c == '"' || c == '\\')
            special |= UINT64_C(1) << i;
    }
    return special;
}

static void marks_every_byte_that_is_not_plain(void **state)
{
    char block[LLMGW__SCAN_BLOCK];

    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (unsigned place = 0; place < LLMGW__SCAN_BLOCK; place++) {
            memset(block, 'x', sizeof block);
            block[place] = (char)c;
            assert_true(special_of_block(block) == special_by_byte(block));
            memset(block, (int)c, sizeof block);
            block[place] = 'x';
            assert_true(special_of_block(block) == special_by_byte(block));
        }
}

static void marks_the_bytes_of_random_blocks(void **state)
{
    struct json_random random = {7};
    char block[LLMGW__SCAN_BLOCK];

    (void)state;
    for (int round = 0; round < 20000; round++) {
        for (unsigned i = 0; i < LLMGW__SCAN_BLOCK; i++)
            block[i] = (char)json_random_below(&random, round % 2 ? 256 : 0x30);
        assert_true(special_of_block(block) == special_by_byte(block));
    }
}

static bool skips_whole(const char *text, size_t len)
{
    char *copy = exact_copy(text, len);
    struct llmgw__json json;
    bool whole;

    llmgw__json_init(&json, llmgw__str_n(copy, len));
    llmgw__json_skip(&json);
    whole = llmgw__json_end(&json);
    free(copy);
    return whole;
}

static void takes_and_refuses_the_same_texts(void **state)
{
    size_t len = strlen(json_sample);

    (void)state;
    for (size_t i = 0; i < json_case_count; i++)
        assert_int_equal(skips_whole(json_cases[i].text, json_cases[i].len),
                         json_cases[i].valid);
    for (size_t cut = 0; cut <= len; cut++)
        assert_int_equal(skips_whole(json_sample, cut), cut == len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_every_byte_that_is_not_plain),
        cmocka_unit_test(marks_the_bytes_of_random_blocks),
        cmocka_unit_test(takes_and_refuses_the_same_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
