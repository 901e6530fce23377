/*
 * Budgets, step by step: what a lease is asked for, what a store says late or
 * not at all, what becomes of it over windows and reloads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "account/budget.h"
#include "account/ledger.h"
#include "base/text.h"
#include "support/alloc.h"

#define SECOND INT64_C(1000000000)
#define NOW    (INT64_C(1790000000) * SECOND)

/** A store that ends one lease when it is told to. */
struct desk {
    struct llmgw__funds funds;
    llmgw_store_op *waiting;
    llmgw_status status; /* of what it ends */
    bool late;
    int asked, rung;
    struct llmgw__ledger ledger;
    struct llmgw__budgets budgets;
    struct llmgw__budget_rule rule;
    struct llmgw__charges charges;
    struct llmgw__budget_refusal refusal;
    int64_t now_ns;
};

static void end_lease(struct desk *desk)
{
    llmgw_store_op *op = desk->waiting;
    llmgw_status status = desk->status;

    desk->waiting = NULL;
    if (status == LLMGW_OK)
        status = llmgw__funds_lease(&desk->funds, llmgw_store_op_lease(op));
    llmgw_store_complete(op, status);
}

static void submit(llmgw_store_op *op, void *userdata)
{
    struct desk *desk = userdata;

    assert_int_equal(llmgw_store_op_get_kind(op), LLMGW_STORE_LEASE);
    assert_null(desk->waiting);
    desk->asked++;
    desk->waiting = op;
    if (!desk->late)
        end_lease(desk);
}

static void ring(void *userdata)
{
    ((struct desk *)userdata)->rung++;
}

static void open_desk(struct desk *desk)
{
    const llmgw_store store = {
        .size = sizeof store, .userdata = desk, .submit = submit};

    memset(desk, 0, sizeof *desk);
    desk->now_ns = NOW;
    desk->rule = (struct llmgw__budget_rule){
        .name = "b", .unit = LLMGW__BUDGET_TOKENS, .limit = 1000};
    desk->rule.span = LLMGW__SPAN_DAY;
    assert_int_equal(llmgw__funds_init(&desk->funds), LLMGW_OK);
    assert_int_equal(llmgw__ledger_init(&desk->ledger, &store, 1, 7), LLMGW_OK);
    assert_int_equal(llmgw__budgets_init(&desk->budgets, &desk->ledger),
                     LLMGW_OK);
    desk->budgets.on_room = ring;
    desk->budgets.on_room_userdata = desk;
}

static void close_desk(struct desk *desk)
{
    llmgw__budgets_clear(&desk->budgets);
    llmgw__ledger_clear(&desk->ledger);
    llmgw__funds_clear(&desk->funds);
}

static llmgw_status take_with(struct desk *desk, int64_t tokens,
                              const char *tags)
{
    const struct llmgw__budget_ask ask = {
        .rules = &desk->rule,
        .rule_count = 1,
        .tags = llmgw__str(tags),
        .most_tokens = tokens,
        .most_pico = tokens,
        .wall_ns = desk->now_ns,
    };

    return llmgw__budgets_take(&desk->budgets, &ask, &desk->charges,
                               &desk->refusal);
}

static llmgw_status take(struct desk *desk, int64_t tokens)
{
    return take_with(desk, tokens, "");
}

static void settle(struct desk *desk, int64_t used)
{
    const int64_t by_unit[LLMGW__BUDGET_UNITS] = {used, used, 1};

    llmgw__budgets_opened(&desk->budgets, &desk->charges);
    llmgw__budgets_settle(&desk->budgets, &desk->charges, by_unit,
                          desk->now_ns);
}

struct seen {
    size_t count;
    llmgw_budget_info last;
};

static int32_t see(const llmgw_budget_info *info, void *userdata)
{
    struct seen *seen = userdata;

    seen->count++;
    seen->last = *info;
    return 0;
}

static struct seen look(struct desk *desk)
{
    struct seen seen = {0};

    assert_int_equal(llmgw__budgets_read(&desk->budgets, see, &seen), LLMGW_OK);
    return seen;
}

static void a_slice_serves_several_calls(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(take(&desk, 10), LLMGW_OK);
        settle(&desk, 10);
    }
    assert_int_equal(desk.asked, 1); /* 62 is a sixteenth */
    assert_int_equal(look(&desk).last.in_hand, 2);
    close_desk(&desk);
}

static void what_is_reserved_and_not_begun_goes_back(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    llmgw__budgets_give_back(&desk.budgets, &desk.charges);
    assert_int_equal(desk.charges.count, 0);
    assert_int_equal(look(&desk).last.in_hand, 62);
    assert_int_equal(look(&desk).last.released, 10);
    close_desk(&desk);
}

static void what_was_reserved_to_warn_is_no_money_after_a_reload(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    desk.rule.action = LLMGW__BUDGET_WARN;
    assert_int_equal(take(&desk, 900), LLMGW_OK);
    desk.rule.action = LLMGW__BUDGET_REJECT;
    {
        struct llmgw__charges first = desk.charges;

        assert_int_equal(take(&desk, 1), LLMGW_OK);
        llmgw__budgets_give_back(&desk.budgets, &first);
    }
    assert_true(look(&desk).last.in_hand < 100);
    close_desk(&desk);
}

static void who_waits_is_rung_and_then_served(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    desk.late = true;
    assert_int_equal(take(&desk, 10), LLMGW__LEASING);
    assert_int_equal(take(&desk, 10), LLMGW__LEASING);
    assert_int_equal(desk.asked, 1);
    end_lease(&desk);
    assert_int_equal(desk.rung, 1);
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    assert_int_equal(desk.asked, 1);
    settle(&desk, 10);
    close_desk(&desk);
}

static void a_denial_that_came_late_is_told_to_who_waited(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    desk.late = true;
    assert_int_equal(take(&desk, 5000), LLMGW__LEASING);
    desk.now_ns += 10 * SECOND;
    end_lease(&desk);
    assert_int_equal(take(&desk, 5000), LLMGW_E_LIMIT);
    assert_int_equal(desk.refusal.needs, 5000);
    assert_int_equal(desk.refusal.left, 1000);
    assert_false(desk.refusal.away);
    desk.now_ns += SECOND; /* and asked again a while later */
    assert_int_equal(take(&desk, 5000), LLMGW__LEASING);
    end_lease(&desk);
    close_desk(&desk);
}

static void a_store_that_is_away_leaves_what_is_in_hand(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    settle(&desk, 10);
    desk.status = LLMGW_E_SYSTEM;
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    settle(&desk, 10);
    assert_int_equal(take(&desk, 500), LLMGW_E_LIMIT);
    assert_true(desk.refusal.away);
    desk.now_ns += 60 * SECOND; /* the lease has run out */
    assert_int_equal(take(&desk, 10), LLMGW_E_LIMIT);
    assert_true(desk.refusal.away);
    desk.status = LLMGW_OK;
    desk.now_ns += SECOND;
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    settle(&desk, 10);
    close_desk(&desk);
}

static void a_lease_that_the_store_keeps_outlasts_an_outage(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    desk.ledger.keeps_leases = true;
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    settle(&desk, 10);
    desk.status = LLMGW_E_SYSTEM;
    desk.now_ns += 3600 * SECOND;
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    settle(&desk, 10);
    desk.now_ns += 86400 * SECOND; /* another day */
    assert_int_equal(take(&desk, 10), LLMGW_E_LIMIT);
    close_desk(&desk);
}

static void leases_in_use_are_renewed_and_idle_ones_given_back(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    assert_int_equal(take(&desk, 10), LLMGW_OK);
    llmgw__budgets_tend(&desk.budgets, desk.now_ns + SECOND, false);
    assert_int_equal(desk.asked, 1);
    llmgw__budgets_tend(&desk.budgets, desk.now_ns + 21 * SECOND, false);
    assert_int_equal(desk.asked, 2); /* renewed: something is pending */
    settle(&desk, 10);
    desk.now_ns += 22 * SECOND;
    llmgw__budgets_tend(&desk.budgets, desk.now_ns, false);
    assert_int_equal(desk.asked, 3);
    assert_int_equal(look(&desk).last.in_hand, 0);
    llmgw__budgets_tend(&desk.budgets, desk.now_ns, false);
    assert_int_equal(desk.asked, 3);
    close_desk(&desk);
}

static void idle_budgets_of_many_values_are_forgotten(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    desk.rule.scope = LLMGW__BUDGET_OF_TAG;
    desk.rule.tag = "user";
    for (int i = 0; i < 2000; i++) {
        char tag[32];

        (void)snprintf(tag, sizeof tag, "user=%d", i);
        assert_int_equal(take_with(&desk, 10, tag), LLMGW_OK);
        if (i > 0)
            settle(&desk, 10);
    }
    assert_int_equal(look(&desk).count, 2000);
    desk.now_ns += 100 * SECOND;
    llmgw__budgets_tend(&desk.budgets, desk.now_ns, false);
    desk.now_ns += 100 * SECOND;
    llmgw__budgets_tend(&desk.budgets, desk.now_ns, false);
    assert_int_equal(look(&desk).count, 1); /* whose attempt is under way */
    assert_int_equal(look(&desk).last.open, 10);
    assert_int_equal(take_with(&desk, 10, "user=5"), LLMGW_OK);
    settle(&desk, 10);
    close_desk(&desk);
}

static void budgets_of_two_tags_are_not_the_same(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    desk.rule.scope = LLMGW__BUDGET_OF_TAG;
    desk.rule.tag = "user";
    assert_int_equal(take_with(&desk, 10, "user=a,team=a"), LLMGW_OK);
    settle(&desk, 10);
    desk.rule.tag = "team";
    assert_int_equal(take_with(&desk, 10, "user=a,team=a"), LLMGW_OK);
    settle(&desk, 10);
    assert_int_equal(look(&desk).count, 2);
    close_desk(&desk);
}

static void a_budget_presses_from_its_share_on(void **state)
{
    struct llmgw__budget_ask ask;
    struct desk desk;

    (void)state;
    open_desk(&desk);
    desk.rule.action = LLMGW__BUDGET_CHEAPER;
    desk.rule.cheaper_pm = 500;
    memset(&ask, 0, sizeof ask);
    ask.rules = &desk.rule;
    ask.rule_count = 1;
    ask.wall_ns = desk.now_ns;
    assert_int_equal(take(&desk, 499), LLMGW_OK);
    assert_int_equal(llmgw__budgets_press(&desk.budgets, &ask), 0);
    settle(&desk, 499);
    assert_int_equal(take(&desk, 101), LLMGW_OK);
    assert_int_equal(llmgw__budgets_press(&desk.budgets, &ask), 600);
    settle(&desk, 101);
    close_desk(&desk);
}

static void figures_that_outgrow_themselves_begin_anew(void **state)
{
    struct desk desk;
    const int64_t huge = INT64_MAX;

    (void)state;
    open_desk(&desk);
    desk.rule.action = LLMGW__BUDGET_WARN;
    for (int i = 0; i < 40; i++) {
        struct seen seen;

        assert_int_equal(take(&desk, huge), LLMGW_OK);
        settle(&desk, i % 2 ? huge : 0);
        desk.now_ns += 86400 * SECOND;
        seen = look(&desk);
        assert_true(seen.last.reserved + seen.last.overrun ==
                    seen.last.settled + seen.last.released + seen.last.open);
    }
    close_desk(&desk);
}

static void every_failed_allocation_is_survived(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct desk desk;

        open_desk(&desk);
        assert_int_equal(
            llmgw__funds_lease(&desk.funds,
                               &(llmgw_store_lease){.budget = llmgw__str("x")}),
            LLMGW_OK);
        fail_allocation(nth);
        status = take(&desk, 10);
        allow_allocations();
        if (status == LLMGW_OK)
            settle(&desk, 10);
        else if (status == LLMGW_E_LIMIT) /* the store had no memory */
            status = LLMGW_E_NOMEM;
        close_desk(&desk);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_serves_several_calls),
        cmocka_unit_test(what_is_reserved_and_not_begun_goes_back),
        cmocka_unit_test(what_was_reserved_to_warn_is_no_money_after_a_reload),
        cmocka_unit_test(who_waits_is_rung_and_then_served),
        cmocka_unit_test(a_denial_that_came_late_is_told_to_who_waited),
        cmocka_unit_test(a_store_that_is_away_leaves_what_is_in_hand),
        cmocka_unit_test(a_lease_that_the_store_keeps_outlasts_an_outage),
        cmocka_unit_test(leases_in_use_are_renewed_and_idle_ones_given_back),
        cmocka_unit_test(idle_budgets_of_many_values_are_forgotten),
        cmocka_unit_test(budgets_of_two_tags_are_not_the_same),
        cmocka_unit_test(a_budget_presses_from_its_share_on),
        cmocka_unit_test(figures_that_outgrow_themselves_begin_anew),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
