/* Randomness: the system's, and what is made of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

/* Hands out prepared bytes, then fails. */
struct script {
    const unsigned char *bytes;
    size_t len;
    size_t at;
};

static int32_t fill_script(void *userdata, void *out, size_t len)
{
    struct script *script = userdata;

    if (script->len - script->at < len)
        return 1;
    memcpy(out, script->bytes + script->at, len);
    script->at += len;
    return 0;
}

/* Knuth's generator: the same bytes in every run. */
static int32_t fill_seeded(void *userdata, void *out, size_t len)
{
    uint64_t *seed = userdata;
    unsigned char *bytes = out;

    for (size_t at = 0; at < len; at++) {
        *seed = *seed * UINT64_C(6364136223846793005) +
                UINT64_C(1442695040888963407);
        bytes[at] = (unsigned char)(*seed >> 56);
    }
    return 0;
}

static void the_system_fills_every_byte_of_any_length(void **state)
{
    static const size_t lengths[] = {0, 1, 16, 255, 256, 257, 1000, 100000};
    static unsigned char bytes[100001];

    (void)state;
    for (size_t each = 0; each < sizeof lengths / sizeof lengths[0]; each++) {
        size_t len = lengths[each];
        unsigned char seen[1000] = {0};

        /* a byte that stays 0 in 20 fills was not filled (256^-20) */
        for (int round = 0; round < 20; round++) {
            memset(bytes, 0, sizeof bytes);
            assert_int_equal(
                llmgw__random_bytes(&llmgw__random_system, bytes, len), 0);
            assert_int_equal(bytes[len], 0);
            for (size_t at = 0; at < len && at < sizeof seen; at++)
                seen[at] |= bytes[len - 1 - at];
        }
        for (size_t at = 0; at < len && at < sizeof seen; at++)
            assert_int_not_equal(seen[at], 0);
    }
}

static void a_number_is_below_its_bound_and_even(void **state)
{
    uint64_t seed = 7;
    struct llmgw__random random = {fill_seeded, &seed};
    int counts[6] = {0};

    (void)state;
    for (int each = 0; each < 60000; each++) {
        uint64_t value = llmgw__random_below(&random, 6);

        assert_true(value < 6);
        counts[value]++;
    }
    for (size_t at = 0; at < 6; at++)
        assert_in_range(counts[at], 9500, 10500);
    assert_int_equal(llmgw__random_below(&random, 1), 0);
    assert_int_equal(llmgw__random_below(&random, 0), 0);
    assert_true(llmgw__random_below(&random, UINT64_MAX) < UINT64_MAX);
}

static void values_that_would_come_too_often_are_drawn_again(void **state)
{
    /* 2^64 - 1 is left over when 2^64 values are dealt to 3 */
    unsigned char bytes[16];
    struct script script = {bytes, sizeof bytes, 0};
    struct llmgw__random random = {fill_script, &script};
    uint64_t second = 5;

    (void)state;
    memset(bytes, 0xff, 8);
    memcpy(bytes + 8, &second, 8);
    assert_int_equal(llmgw__random_below(&random, 3), 2);
    assert_int_equal(script.at, 16);
    script.at = 0; /* a power of two leaves nothing over */
    assert_int_equal(llmgw__random_below(&random, 4), 3);
    assert_int_equal(script.at, 8);
}

static void ids_have_their_length_and_only_base62(void **state)
{
    uint64_t seed = 11;
    struct llmgw__random random = {fill_seeded, &seed};
    size_t counts[256] = {0};
    char id[101];

    (void)state;
    for (size_t len = 0; len <= 100; len++) {
        memset(id, '#', sizeof id);
        assert_int_equal(llmgw__random_base62(&random, id, len), 0);
        assert_int_equal(strlen(id), len);
        assert_int_equal(strspn(id, "0123456789"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "abcdefghijklmnopqrstuvwxyz"),
                         len);
    }
    for (int each = 0; each < 6200; each++) {
        assert_int_equal(llmgw__random_base62(&random, id, 10), 0);
        for (size_t at = 0; at < 10; at++)
            counts[(unsigned char)id[at]]++;
    }
    for (size_t c = 0; c < 256; c++) /* each 1000 times, if evenly */
        if (counts[c])
            assert_in_range(counts[c], 850, 1150);
}

static void bytes_that_favour_a_character_are_skipped(void **state)
{
    unsigned char bytes[64];
    struct script script = {bytes, sizeof bytes, 0};
    struct llmgw__random random = {fill_script, &script};
    char id[5];

    (void)state;
    memset(bytes, 248, sizeof bytes);
    bytes[3] = 0;
    bytes[31] = 61;
    bytes[32] = 247;
    bytes[40] = 62;
    assert_int_equal(llmgw__random_base62(&random, id, 4), 0);
    assert_string_equal(id, "0zz0");
}

static void a_failing_source_is_told(void **state)
{
    struct script empty = {NULL, 0, 0};
    struct llmgw__random random = {fill_script, &empty};
    char id[9];

    (void)state;
    assert_int_equal(llmgw__random_bytes(&random, id, 1), -1);
    assert_int_equal(llmgw__random_base62(&random, id, 8), -1);
    assert_int_equal(llmgw__random_below(&random, 10), 0);
}

/* What was handed out is not in the pool any more, and does not come again. */
static void a_pool_hands_out_no_byte_twice(void **state)
{
    static unsigned char fills[300][16];
    struct llmgw__random_pool pool;
    struct llmgw__random random;
    struct llmgw__birth birth;
    unsigned char large[600];

    (void)state;
    llmgw__birth_init(&birth);
    assert_int_equal(llmgw__random_pool_init(&pool, &birth, &random), LLMGW_OK);
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal(llmgw__random_bytes(&random, fills[i], 16), 0);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(fills[i], fills[k], 16);
        for (size_t at = 0; at + 16 <= sizeof pool.bytes; at += 16)
            assert_memory_not_equal(pool.bytes + at, fills[i], 16);
    }
    assert_int_equal(llmgw__random_bytes(&random, large, sizeof large), 0);
    llmgw__random_pool_clear(&pool);
    llmgw__birth_clear(&birth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_fills_every_byte_of_any_length),
        cmocka_unit_test(a_number_is_below_its_bound_and_even),
        cmocka_unit_test(values_that_would_come_too_often_are_drawn_again),
        cmocka_unit_test(ids_have_their_length_and_only_base62),
        cmocka_unit_test(bytes_that_favour_a_character_are_skipped),
        cmocka_unit_test(a_failing_source_is_told),
        cmocka_unit_test(a_pool_hands_out_no_byte_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
