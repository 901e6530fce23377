/*
 * One budget, 64 threads: what they hold and have used stays within the limit,
 * and the books balance. For the sanitizers, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "account/budget.h"
#include "account/ledger.h"
#include "base/text.h"

#define THREADS 64
#define ROUNDS  300
#define LIMIT   100000
#define NOW     (INT64_C(1790000000) * 1000000000)

struct crowd {
    struct llmgw__ledger ledger;
    struct llmgw__budgets budgets;
    struct llmgw__budget_rule rules[2];
    atomic_llong out; /* reserved or used */
    atomic_llong most, used;
    atomic_int refused, wrong;
};

static void note_out(struct crowd *crowd, int64_t amount)
{
    long long out = atomic_fetch_add(&crowd->out, amount) + amount;
    long long most = atomic_load(&crowd->most);

    while (out > most &&
           !atomic_compare_exchange_weak(&crowd->most, &most, out))
        ;
}

static void attempt(struct crowd *crowd, struct llmgw__charges *charges,
                    int64_t need, int64_t used)
{
    static const struct llmgw__row_watch nobody = {NULL, NULL};
    const int64_t by_unit[LLMGW__BUDGET_UNITS] = {-1, used, 1};
    struct llmgw_entry intent;
    struct llmgw__row *row;

    memset(&intent, 0, sizeof intent);
    llmgw__usage_init(&intent.usage);
    if (used < 0 ||
        llmgw__ledger_open(&crowd->ledger, &intent, charges->item,
                           charges->count, &nobody, &row) != LLMGW_OK) {
        atomic_fetch_sub(&crowd->out, need);
        llmgw__budgets_give_back(&crowd->budgets, charges);
        return;
    }
    llmgw__budgets_opened(&crowd->budgets, charges);
    atomic_fetch_sub(&crowd->out, need - used);
    atomic_fetch_add(&crowd->used, used);
    llmgw__budgets_settle(&crowd->budgets, charges, by_unit, NOW);
    for (size_t i = 0; i < row->charge_count; i++)
        row->charges[i].amount = charges->item[i].amount;
    llmgw__ledger_settle(row);
    llmgw__row_drop(row);
}

static void *spend(void *userdata)
{
    struct crowd *crowd = userdata;

    for (int64_t i = 0; i < ROUNDS; i++) {
        const struct llmgw__budget_ask ask = {
            .rules = crowd->rules,
            .rule_count = 2,
            .tags = llmgw__str(i % 2 ? "user=a" : "user=b"),
            .most_tokens = 1 + i % 17,
            .wall_ns = NOW,
        };
        struct llmgw__budget_refusal refusal;
        struct llmgw__charges charges;
        llmgw_status status =
            llmgw__budgets_take(&crowd->budgets, &ask, &charges, &refusal);

        if (status == LLMGW_OK) {
            note_out(crowd, ask.most_tokens);
            attempt(crowd, &charges, ask.most_tokens,
                    i % 5 ? ask.most_tokens - i % 3 % ask.most_tokens : -1);
        } else if (status == LLMGW_E_LIMIT) {
            atomic_fetch_add(&crowd->refused, 1);
        } else if (status == LLMGW__LEASING) {
            i--; /* a moment later */
            sched_yield();
        } else {
            atomic_fetch_add(&crowd->wrong, 1);
        }
        if (i % 50 == 0)
            llmgw__budgets_tend(&crowd->budgets, NOW, false);
    }
    return NULL;
}

static int32_t look(const llmgw_budget_info *info, void *userdata)
{
    struct crowd *crowd = userdata;

    assert_int_equal(info->reserved + info->overrun,
                     info->settled + info->released + info->open);
    assert_int_equal(info->open, 0);
    if (llmgw__str_is(info->name, "all")) {
        assert_int_equal(info->settled, atomic_load(&crowd->used));
        /* an answer of the store may be older than what was settled since */
        assert_true(info->committed - info->in_hand >= info->settled);
    }
    return 0;
}

static void sixty_four_threads_share_a_budget(void **state)
{
    static struct crowd crowd;
    pthread_t threads[THREADS];

    (void)state;
    assert_int_equal(llmgw__ledger_init(&crowd.ledger, NULL, 64, 1), LLMGW_OK);
    assert_int_equal(llmgw__budgets_init(&crowd.budgets, &crowd.ledger),
                     LLMGW_OK);
    crowd.rules[0] = (struct llmgw__budget_rule){
        .name = "all", .unit = LLMGW__BUDGET_TOKENS, .limit = LIMIT};
    crowd.rules[1] = (struct llmgw__budget_rule){
        .name = "user",
        .scope = LLMGW__BUDGET_OF_TAG,
        .tag = "user",
        .unit = LLMGW__BUDGET_TOKENS,
        .limit = LIMIT,
    };
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, spend, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    assert_true(atomic_load(&crowd.most) <= LIMIT);
    assert_true(atomic_load(&crowd.used) <= LIMIT);
    assert_true(atomic_load(&crowd.used) >= LIMIT * 9 / 10);
    assert_true(atomic_load(&crowd.refused) > 0);
    assert_int_equal(llmgw__budgets_read(&crowd.budgets, look, &crowd),
                     LLMGW_OK);
    llmgw__budgets_clear(&crowd.budgets);
    llmgw__ledger_clear(&crowd.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_four_threads_share_a_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
