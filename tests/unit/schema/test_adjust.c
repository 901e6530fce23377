/* What a target made us change: a set, in the order it was met. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "schema/adjust.h"

static void the_same_adjustment_is_kept_once(void **state)
{
    struct llmgw__adjustments set = {.count = 0};
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    (void)state;
    llmgw__adjust(&set, "seed", "dropped", "unsupported");
    llmgw__adjust(&set, "messages", "moved", "system_message_hoisted");
    llmgw__adjust(&set, "seed", "dropped", "unsupported");
    llmgw__adjust(&set, "seed", "dropped", "api_version");
    assert_int_equal(set.count, 3);
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__adjustments_render(&set, &w);
    assert_true(llmgw__str_is(llmgw__buf_str(&buf),
                              "[{\"param\":\"seed\",\"action\":\"dropped\","
                              "\"reason\":\"unsupported\"},"
                              "{\"param\":\"messages\",\"action\":\"moved\","
                              "\"reason\":\"system_message_hoisted\"},"
                              "{\"param\":\"seed\",\"action\":\"dropped\","
                              "\"reason\":\"api_version\"}]"));
    llmgw__buf_clear(&buf);
}

static void an_empty_set_renders_as_an_empty_array(void **state)
{
    struct llmgw__adjustments set = {.count = 0};
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__adjustments_render(&set, &w);
    assert_true(llmgw__str_is(llmgw__buf_str(&buf), "[]"));
    llmgw__buf_clear(&buf);
}

static void a_full_set_takes_no_more(void **state)
{
    struct llmgw__adjustments set = {.count = 0};
    char params[LLMGW__MAX_ADJUSTMENTS + 1][8];

    (void)state;
    for (int i = 0; i <= LLMGW__MAX_ADJUSTMENTS; i++) {
        snprintf(params[i], sizeof params[i], "p%d", i);
        llmgw__adjust(&set, params[i], "dropped", "unsupported");
    }
    assert_int_equal(set.count, LLMGW__MAX_ADJUSTMENTS);
    assert_string_equal(set.items[LLMGW__MAX_ADJUSTMENTS - 1].param, "p31");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_adjustment_is_kept_once),
        cmocka_unit_test(an_empty_set_renders_as_an_empty_array),
        cmocka_unit_test(a_full_set_takes_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
