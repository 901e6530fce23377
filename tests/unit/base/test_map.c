/* Maps from text to pointer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/text.h"
#include "support/alloc.h"

static int values[3000];

static llmgw_str key_of(int number, char *room, size_t size)
{
    snprintf(room, size, "model-%d", number);
    return llmgw__str(room);
}

static llmgw_status fill(struct llmgw__map *map, int count)
{
    char room[32];
    llmgw_status status = LLMGW_OK;

    for (int at = 0; at < count && status == LLMGW_OK; at++)
        status =
            llmgw__map_set(map, key_of(at, room, sizeof room), &values[at]);
    return status;
}

static void an_empty_map_has_nothing(void **state)
{
    struct llmgw__map map;
    size_t at = 0;
    llmgw_str key;
    void *value;

    (void)state;
    llmgw__map_init(&map);
    assert_null(llmgw__map_get(&map, LLMGW__LIT("x")));
    assert_false(llmgw__map_next(&map, &at, &key, &value));
    llmgw__map_clear(&map);
}

static void what_was_set_is_found(void **state)
{
    struct llmgw__map map;
    char room[32];

    (void)state;
    llmgw__map_init(&map);
    assert_int_equal(fill(&map, 3000), LLMGW_OK);
    assert_int_equal(map.count, 3000);
    for (int at = 0; at < 3000; at++)
        assert_ptr_equal(llmgw__map_get(&map, key_of(at, room, sizeof room)),
                         &values[at]);
    assert_null(llmgw__map_get(&map, LLMGW__LIT("model-3000")));
    assert_null(llmgw__map_get(&map, LLMGW__LIT("model-")));
    llmgw__map_clear(&map);
    assert_null(llmgw__map_get(&map, LLMGW__LIT("model-1")));
}

static void keys_are_copied_bytes(void **state)
{
    struct llmgw__map map;
    char key[] = "fast";

    (void)state;
    llmgw__map_init(&map);
    llmgw__map_set(&map, llmgw__str(key), &values[1]);
    key[0] = 'l';
    assert_ptr_equal(llmgw__map_get(&map, LLMGW__LIT("fast")), &values[1]);
    assert_null(llmgw__map_get(&map, LLMGW__LIT("last")));
    llmgw__map_set(&map, LLMGW__LIT("a\0b"), &values[2]);
    llmgw__map_set(&map, llmgw__str(NULL), &values[3]);
    assert_ptr_equal(llmgw__map_get(&map, LLMGW__LIT("a\0b")), &values[2]);
    assert_null(llmgw__map_get(&map, LLMGW__LIT("a")));
    assert_ptr_equal(llmgw__map_get(&map, LLMGW__LIT("")), &values[3]);
    llmgw__map_clear(&map);
}

static void setting_again_replaces(void **state)
{
    struct llmgw__map map;

    (void)state;
    llmgw__map_init(&map);
    llmgw__map_set(&map, LLMGW__LIT("k"), &values[1]);
    llmgw__map_set(&map, LLMGW__LIT("k"), &values[2]);
    assert_ptr_equal(llmgw__map_get(&map, LLMGW__LIT("k")), &values[2]);
    assert_int_equal(map.count, 1);
    llmgw__map_clear(&map);
}

static void iteration_meets_each_member_once(void **state)
{
    struct llmgw__map map;
    unsigned char met[3000] = {0};
    size_t at = 0;
    llmgw_str key;
    void *value;

    (void)state;
    llmgw__map_init(&map);
    assert_int_equal(fill(&map, 3000), LLMGW_OK);
    while (llmgw__map_next(&map, &at, &key, &value)) {
        size_t index = (size_t)((int *)value - values);
        char room[32];

        assert_true(llmgw__str_eq(key, key_of((int)index, room, sizeof room)));
        met[index]++;
    }
    for (size_t index = 0; index < 3000; index++)
        assert_int_equal(met[index], 1);
    llmgw__map_clear(&map);
}

static void a_map_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__map map;
        char room[32];

        llmgw__map_init(&map);
        fail_allocation(nth);
        status = fill(&map, 40);
        allow_allocations();
        for (int at = 0; at < 40; at++)
            assert_ptr_equal(
                llmgw__map_get(&map, key_of(at, room, sizeof room)),
                (size_t)at < map.count ? &values[at] : NULL);
        assert_int_equal(fill(&map, 40), LLMGW_OK); /* still good */
        assert_int_equal(map.count, 40);
        llmgw__map_clear(&map);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(what_was_set_is_found),
        cmocka_unit_test(keys_are_copied_bytes),
        cmocka_unit_test(setting_again_replaces),
        cmocka_unit_test(iteration_meets_each_member_once),
        cmocka_unit_test(a_map_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
