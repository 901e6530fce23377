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

#include "account/postgres_api.h"
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

/** A statement of somebody else's. */
static void say(const char *sql)
{
    struct llmgw__postgres_api api;
    const char *missing;
    PGconn *conn;
    PGresult *result;

    assert_int_equal(llmgw__postgres_load(&api, &missing), LLMGW_OK);
    conn = api.connect_start(getenv("LLMGW_TEST_POSTGRES"));
    while (api.connect_poll(conn) != PGRES_POLLING_OK)
        assert_int_not_equal(api.status(conn), CONNECTION_BAD);
    assert_int_equal(api.send_query(conn, sql), 1);
    while ((result = api.get_result(conn)) != NULL) {
        ExecStatusType status = api.result_status(result);

        assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
        api.clear(result);
    }
    api.finish(conn);
    llmgw__postgres_unload(&api);
}

static int32_t see_none(const llmgw_entry *entry, void *userdata)
{
    (void)entry;
    (void)userdata;
    return 1;
}

static void read_a_tag(struct llmgw__ledger *one, struct llmgw__ledger *other)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct llmgw_store_op read = {
        .kind = LLMGW_STORE_READ, .filter = &filter, .on_row = see_none};

    (void)other;
    filter.tag = "team=blue";
    assert_int_equal(llmgw__ledger_ask(one, &read), LLMGW_OK);
}

/** One that went before has made it of the second form. */
static void a_server_of_the_first_form_is_brought_up_to_date(void **state)
{
    (void)state;
    say("DROP INDEX llmgw_entries_tags; UPDATE llmgw_schema SET version = 1");
    with_two(50, read_a_tag);
    say("DROP INDEX llmgw_entries_tags; SELECT 1 / (version / 2) FROM "
        "llmgw_schema; UPDATE llmgw_schema SET version = 1");
    with_two(60, read_a_tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_reads_what_is_asked_for),
        cmocka_unit_test(a_server_takes_an_entry_once),
        cmocka_unit_test(a_server_keeps_budgets),
        cmocka_unit_test(a_server_tells_facts),
        cmocka_unit_test(a_server_of_the_first_form_is_brought_up_to_date),
    };

    if (!getenv("LLMGW_TEST_POSTGRES"))
        return 77; /* skipped: no server */
    return cmocka_run_group_tests_name("server suite", tests, NULL, NULL);
}
