/*
 * The store of a server when memory runs out: what is asked for fails, nothing
 * is lost or left behind.
 *
 * Run by support/with_postgres.sh, whose server it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "account/ledger.h"
#include "account/store_postgres.h"
#include "base/text.h"
#include "support/alloc.h"

static size_t heard;

static int32_t hear(const llmgw_store_fact *fact, void *userdata)
{
    (void)userdata;
    heard += llmgw__str_eq(fact->key, llmgw__str("breaker/a/b"));
    return 0;
}

static int32_t pass_over(const llmgw_entry *entry, void *userdata)
{
    (void)entry;
    (void)userdata;
    return 0;
}

static llmgw_status ask_all(struct llmgw__ledger *ledger)
{
    const llmgw_store_fact fact = {llmgw__str("breaker/a/b"),
                                   llmgw__str("open"), 1, INT64_MAX};
    llmgw_store_lease lease = {.budget = llmgw__str("b"),
                               .writer = 7,
                               .number = 1,
                               .limit = 100,
                               .need = 1,
                               .want = 1,
                               .ttl_ns = 1000000};
    struct llmgw_store_op ops[] = {
        {.kind = LLMGW_STORE_TELL, .fact = &fact},
        {.kind = LLMGW_STORE_HEAR, .on_fact = hear},
        {.kind = LLMGW_STORE_LEASE, .lease = &lease},
        {.kind = LLMGW_STORE_READ, .on_row = pass_over},
    };
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < sizeof ops / sizeof *ops && status == LLMGW_OK; i++)
        status = llmgw__ledger_ask(ledger, &ops[i]);
    return status;
}

static llmgw_status open_and_ask(void)
{
    const struct llmgw__postgres_setting setting = {
        .url = getenv("LLMGW_TEST_POSTGRES"),
        .outbox_max_bytes = 1u << 20,
        .writer = 7,
    };
    struct llmgw__ledger ledger;
    struct llmgw__error why;
    llmgw_store store;
    llmgw_status status;

    llmgw__error_clear(&why);
    status = llmgw__store_postgres_create(&setting, &store, &why);
    if (status == LLMGW_OK)
        status = llmgw__ledger_init(&ledger, &store, 0, 7);
    if (status != LLMGW_OK)
        return status;
    status = ask_all(&ledger);
    llmgw__ledger_clear(&ledger);
    return status;
}

static void it_survives_every_failed_allocation(void **state)
{
    llmgw_status status;
    int nth = 0;

    (void)state;
    do {
        heard = 0;
        fail_allocation(++nth);
        status = open_and_ask();
        allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM ||
                    status == LLMGW_E_SYSTEM);
    } while (status != LLMGW_OK);
    assert_in_range(nth, 5, 200);
    assert_int_equal(heard, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_survives_every_failed_allocation),
    };

    if (!getenv("LLMGW_TEST_POSTGRES"))
        return 77; /* skipped: no server */
    return cmocka_run_group_tests_name("store_memory", tests, NULL, NULL);
}
