/*
 * What every store must do, by a PostgreSQL server.
 *
 * Run by support/with_postgres.sh, whose server it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "account/store_postgres.h"
#include "support/store_suite.h"

static void open_ledger(struct llmgw__ledger *ledger, uint64_t writer)
{
    const struct llmgw__postgres_setting setting = {
        .url = getenv("LLMGW_TEST_POSTGRES"),
        .outbox_max_bytes = 1 << 20,
        .writer = writer,
    };
    struct llmgw__error why;
    llmgw_store store;

    memset(&why, 0, sizeof why);
    assert_int_equal(llmgw__store_postgres_create(&setting, &store, &why),
                     LLMGW_OK);
    assert_int_equal(llmgw__ledger_init(ledger, &store, 0, writer), LLMGW_OK);
}

/** Writers of their own, so that tests do not meet. */
static void with_two(uint64_t writer, void (*test)(struct llmgw__ledger *one,
                                                   struct llmgw__ledger *other))
{
    struct llmgw__ledger one, other;

    open_ledger(&one, writer);
    open_ledger(&other, writer + 1);
    test(&one, &other);
    llmgw__ledger_clear(&one);
    llmgw__ledger_clear(&other);
}

static void budgets(struct llmgw__ledger *one, struct llmgw__ledger *other)
{
    store_keeps_budgets(one, other, 7, 2000, true);
}

static void a_server_reads_what_is_asked_for(void **state)
{
    (void)state;
    with_two(10, store_reads_what_is_asked_for);
}

static void a_server_takes_an_entry_once(void **state)
{
    (void)state;
    with_two(20, store_takes_an_entry_once);
}

static void a_server_keeps_budgets(void **state)
{
    (void)state;
    with_two(30, budgets);
}

static void a_server_tells_facts(void **state)
{
    (void)state;
    with_two(40, store_tells_facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_reads_what_is_asked_for),
        cmocka_unit_test(a_server_takes_an_entry_once),
        cmocka_unit_test(a_server_keeps_budgets),
        cmocka_unit_test(a_server_tells_facts),
    };

    if (!getenv("LLMGW_TEST_POSTGRES"))
        return 77; /* skipped: no server */
    return cmocka_run_group_tests_name("server suite", tests, NULL, NULL);
}
