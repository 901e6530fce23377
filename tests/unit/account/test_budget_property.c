/*
 * Budgets in random interleavings: several gateways share what one store keeps,
 * which ends operations late and in any order; leases run out, windows change,
 * limits are reloaded, gateways die. In each of some thousand cases:
 *
 *   - reserved + overrun = settled + released + open, of each budget;
 *   - what is counted in a window never passes the limit by more than what was
 *     used beyond its reservation;
 *   - in the end the store has what was used, and nothing else.
 *
 * LLMGW_SEED picks the first case, LLMGW_CASES how many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "account/budget.h"
#include "account/budget_state.h"
#include "account/ledger.h"
#include "account/window.h"
#include "base/text.h"

#define GATEWAYS 3
#define ATTEMPTS 256
#define OPS      64
#define STEPS    220
#define KEYS     4
#define SECOND   INT64_C(1000000000)
#define START    (INT64_C(1790000000) * SECOND)

struct attempt {
    struct gateway *gateway;
    struct llmgw__charges charges;
    struct llmgw__row *row;
    int64_t at_ns, begun_ns, need, used; /* used -1: under way */
    uint64_t id;
    bool held; /* not yet handed to the ledger */
    bool live;
};

/** An operation at the store; it has taken effect, or not. */
struct pending {
    llmgw_store_op *op;
    llmgw_status status;
    bool applied;
};

struct gateway {
    struct world *world;
    struct llmgw__ledger ledger;
    struct llmgw__budgets budgets;
    struct pending ops[OPS];
    size_t op_count;
    uint64_t writer;
};

struct world {
    uint64_t random;
    struct llmgw__funds funds;
    struct gateway gateway[GATEWAYS];
    struct llmgw__budget_rule rules[2];
    struct attempt attempts[ATTEMPTS];
    size_t attempt_count;
    int64_t now_ns, fresh_ns;
    int64_t most[2]; /* the highest limit so far */
    uint64_t writers;
    bool at_once, kept, mortal, died, sound;
    bool leaks; /* the store may not know that a lease that it keeps is over */
    char keys[KEYS][64]; /* of budgets; they outlive gateways */
};

static uint32_t below(struct world *world, uint32_t end)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return (uint32_t)(world->random >> 33) % end;
}

/* --- the store --- */

static void apply(struct gateway *gateway, struct pending *pending)
{
    llmgw_store_op *op = pending->op;
    struct llmgw__funds *funds = &gateway->world->funds;
    const llmgw_entry *entry = llmgw_store_op_entry(op);
    size_t count = 0;
    const llmgw_store_charge *charges = llmgw_store_op_charges(op, &count);

    pending->applied = true;
    pending->status = LLMGW_OK;
    switch (llmgw_store_op_get_kind(op)) {
    case LLMGW_STORE_OPEN:
        pending->status =
            llmgw__funds_open(funds, entry->writer, entry->id, charges, count);
        break;
    case LLMGW_STORE_SETTLE:
        llmgw__funds_settle(funds, entry->writer, entry->id, charges, count);
        break;
    case LLMGW_STORE_LEASE:
        if (!gateway->world->sound && below(gateway->world, 12) == 0) {
            pending->status = LLMGW_E_SYSTEM; /* it is away */
            gateway->world->leaks |= gateway->world->kept;
        } else
            pending->status =
                llmgw__funds_lease(funds, llmgw_store_op_lease(op));
        break;
    default:
        break;
    }
}

/** Effects come in the order of submission. */
static void apply_to(struct gateway *gateway, size_t end)
{
    for (size_t i = 0; i < end; i++)
        if (!gateway->ops[i].applied)
            apply(gateway, &gateway->ops[i]);
}

/** Ends come in any. */
static void end_op(struct gateway *gateway, size_t at)
{
    struct pending ended;

    apply_to(gateway, at + 1);
    ended = gateway->ops[at];
    memmove(gateway->ops + at, gateway->ops + at + 1,
            (--gateway->op_count - at) * sizeof ended);
    llmgw_store_complete(ended.op, ended.status);
}

static void submit(llmgw_store_op *op, void *userdata)
{
    struct gateway *gateway = userdata;

    assert_true(gateway->op_count < OPS);
    gateway->ops[gateway->op_count++] = (struct pending){op, LLMGW_OK, false};
    if (gateway->world->at_once || below(gateway->world, 3) == 0)
        end_op(gateway, gateway->op_count - 1);
}

static void end_all(struct gateway *gateway)
{
    while (gateway->op_count)
        end_op(gateway, 0);
}

/* --- gateways --- */

static void open_gateway(struct world *world, struct gateway *gateway)
{
    const llmgw_store store = {
        .size = sizeof store, .userdata = gateway, .submit = submit};

    memset(gateway, 0, sizeof *gateway);
    gateway->world = world;
    gateway->writer = ++world->writers;
    assert_int_equal(
        llmgw__ledger_init(&gateway->ledger, &store, 1, gateway->writer),
        LLMGW_OK);
    gateway->ledger.keeps_leases = world->kept;
    assert_int_equal(llmgw__budgets_init(&gateway->budgets, &gateway->ledger),
                     LLMGW_OK);
}

static void remove_attempt(struct world *world, size_t at)
{
    world->attempts[at] = world->attempts[--world->attempt_count];
}

static bool came_to_store(const struct attempt *attempt)
{
    const struct gateway *gateway = attempt->gateway;

    for (size_t i = 0; i < gateway->op_count; i++) {
        const llmgw_store_op *op = gateway->ops[i].op;

        if (llmgw_store_op_get_kind(op) == LLMGW_STORE_OPEN &&
            llmgw_store_op_entry(op)->id == attempt->id)
            return gateway->ops[i].applied;
    }
    return !attempt->held;
}

/** What has not come to the store is lost; what has stays open there. */
static void crash(struct world *world, struct gateway *gateway)
{
    for (size_t i = world->attempt_count; i-- > 0;) {
        struct attempt *attempt = &world->attempts[i];
        bool begun = attempt->gateway == gateway && came_to_store(attempt);

        if (attempt->gateway != gateway)
            continue;
        llmgw__row_drop(attempt->row);
        attempt->row = NULL;
        attempt->live = false; /* it is never settled */
        attempt->gateway = NULL;
        if (!begun)
            remove_attempt(world, i);
    }
    while (gateway->op_count) { /* only to free what waits for its end */
        struct pending *last = &gateway->ops[gateway->op_count - 1];

        last->applied = true;
        end_op(gateway, gateway->op_count - 1);
    }
    world->died = true;
    llmgw__budgets_clear(&gateway->budgets);
    llmgw__ledger_clear(&gateway->ledger);
    open_gateway(world, gateway);
}

/* --- what is done --- */

static llmgw_str keep_key(struct world *world, llmgw_str key)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (!world->keys[i][0])
            (void)snprintf(world->keys[i], sizeof *world->keys, "%.*s",
                           (int)key.len, key.data);
        if (llmgw__str_is(key, world->keys[i]))
            return llmgw__str(world->keys[i]);
    }
    fail_msg("more budgets than there are");
    return key;
}

static const struct llmgw__budget_rule *rule_of(const struct world *world,
                                                llmgw_str key)
{
    return &world->rules[llmgw__str_starts(key, "tag")];
}

static void take(struct world *world, struct gateway *gateway)
{
    struct attempt *attempt = &world->attempts[world->attempt_count];
    struct llmgw__budget_refusal refusal;
    const struct llmgw__budget_ask ask = {
        .rules = world->rules,
        .rule_count = 2,
        .tags = llmgw__str(below(world, 2) ? "team=blue" : "x=y"),
        .most_tokens = 1 + (int64_t)below(world, 60),
        .most_pico = -1,
        .wall_ns = world->now_ns,
    };
    llmgw_status status;

    if (world->attempt_count == ATTEMPTS)
        return;
    memset(attempt, 0, sizeof *attempt);
    status = llmgw__budgets_take(&gateway->budgets, &ask, &attempt->charges,
                                 &refusal);
    if (status == LLMGW_E_LIMIT)
        assert_non_null(refusal.rule);
    if (status != LLMGW_OK)
        return;
    for (size_t i = 0; i < attempt->charges.count; i++)
        attempt->charges.item[i].budget =
            keep_key(world, attempt->charges.item[i].budget);
    attempt->gateway = gateway;
    attempt->need = ask.most_tokens;
    attempt->used = -1;
    attempt->at_ns = world->now_ns;
    attempt->held = attempt->live = true;
    world->attempt_count++;
}

static void begin(struct attempt *attempt)
{
    static const struct llmgw__row_watch nobody = {NULL, NULL};
    struct llmgw_entry intent;

    memset(&intent, 0, sizeof intent);
    llmgw__usage_init(&intent.usage);
    assert_int_equal(llmgw__ledger_open(&attempt->gateway->ledger, &intent,
                                        attempt->charges.item,
                                        attempt->charges.count, &nobody,
                                        &attempt->row),
                     LLMGW_OK);
    llmgw__budgets_opened(&attempt->gateway->budgets, &attempt->charges);
    attempt->id = attempt->row->entry->id;
    attempt->held = false;
}

static void settle(struct world *world, struct attempt *attempt, bool over)
{
    uint32_t how = below(world, over ? 10 : 9);
    int64_t used = how < 2 ? 0
                   : how < 8
                       ? (int64_t)below(world, (uint32_t)attempt->need + 1)
                   : how < 9 ? attempt->need
                             : attempt->need + (int64_t)below(world, 20);
    int64_t by_unit[LLMGW__BUDGET_UNITS] = {-1, used, 1};

    llmgw__budgets_settle(&attempt->gateway->budgets, &attempt->charges,
                          by_unit, world->now_ns);
    for (size_t i = 0; i < attempt->row->charge_count; i++)
        attempt->row->charges[i].amount = attempt->charges.item[i].amount;
    llmgw__ledger_settle(attempt->row);
    llmgw__row_drop(attempt->row);
    attempt->row = NULL;
    attempt->used = used;
    attempt->live = false;
}

static void go_on(struct world *world)
{
    size_t at = below(world, (uint32_t)world->attempt_count);
    struct attempt *attempt = &world->attempts[at];

    if (!attempt->live)
        return;
    if (!attempt->held) {
        settle(world, attempt, true);
    } else if (below(world, 4) == 0) {
        llmgw__budgets_give_back(&attempt->gateway->budgets, &attempt->charges);
        remove_attempt(world, at);
    } else {
        begin(attempt);
    }
}

/** Longer than a lease's margin nothing is kept back, unless the store keeps
 *  leases that have run out. */
static void pass_time(struct world *world)
{
    static const int64_t spans[] = {1, 1, 2, 4, 9, 26, 31, 600, 4000};
    int64_t span = spans[below(world, world->kept ? 8 : 9)] * SECOND;

    if (world->now_ns + span - world->fresh_ns >= LLMGW__LEASE_MARGIN_NS &&
        !world->kept) {
        for (size_t i = 0; i < world->attempt_count; i++)
            if (world->attempts[i].held)
                begin(&world->attempts[i]);
        for (size_t i = 0; i < GATEWAYS; i++)
            apply_to(&world->gateway[i], world->gateway[i].op_count);
        world->fresh_ns = world->now_ns + span;
    }
    world->now_ns += span;
}

static void step(struct world *world)
{
    struct gateway *gateway = &world->gateway[below(world, GATEWAYS)];
    uint32_t what = below(world, 100);

    if (what < 40)
        take(world, gateway);
    else if (what < 70 && world->attempt_count)
        go_on(world);
    else if (what < 82 && gateway->op_count)
        end_op(gateway, below(world, (uint32_t)gateway->op_count));
    else if (what < 88)
        llmgw__budgets_tend(&gateway->budgets, world->now_ns, false);
    else if (what < 97)
        pass_time(world);
    else if (what < 98 && world->mortal)
        crash(world, gateway);
    else
        for (size_t i = 0; i < 2; i++) {
            world->rules[i].limit = 200 + (int64_t)below(world, 400);
            if (world->rules[i].limit > world->most[i])
                world->most[i] = world->rules[i].limit;
        }
}

/* --- what must hold --- */

static int32_t balances(const llmgw_budget_info *info, void *userdata)
{
    (void)userdata;
    assert_true(info->in_hand >= 0);
    assert_true(info->open >= 0);
    assert_int_equal(info->reserved + info->overrun,
                     info->settled + info->released + info->open);
    return 0;
}

/** Of one budget: what attempts of its window count, less what was over. */
static int64_t counted(const struct world *world, size_t rule)
{
    struct llmgw__window window;
    int64_t sum = 0;

    llmgw__window_at(&world->rules[rule], world->now_ns, &window);
    for (size_t i = 0; i < world->attempt_count; i++) {
        const struct attempt *attempt = &world->attempts[i];
        const struct llmgw__charges *charges = &attempt->charges;

        for (size_t k = 0; k < charges->count; k++)
            if (rule_of(world, charges->item[k].budget) ==
                    &world->rules[rule] &&
                charges->item[k].bucket_s >= window.from_s)
                sum += attempt->used < 0 || attempt->used > attempt->need
                           ? attempt->need
                           : attempt->used;
    }
    return sum;
}

static void check(struct world *world)
{
    for (size_t i = 0; i < GATEWAYS; i++)
        llmgw__budgets_read(&world->gateway[i].budgets, balances, NULL);
    for (size_t i = 0; i < 2; i++)
        assert_true(counted(world, i) <= world->most[i]);
}

/** All that is under way ends; leases are given back. */
static void finish(struct world *world)
{
    for (size_t i = 0; i < world->attempt_count; i++) {
        struct attempt *attempt = &world->attempts[i];

        if (attempt->live && attempt->held)
            begin(attempt);
        if (attempt->live)
            settle(world, attempt, false);
    }
    for (size_t i = 0; i < GATEWAYS; i++) {
        end_all(&world->gateway[i]);
        llmgw__budgets_tend(&world->gateway[i].budgets, world->now_ns, true);
        end_all(&world->gateway[i]);
    }
    check(world);
}

static bool counts_in(const struct attempt *attempt, llmgw_str key,
                      int64_t from_s)
{
    for (size_t i = 0; i < attempt->charges.count; i++)
        if (attempt->charges.item[i].bucket_s >= from_s &&
            llmgw__str_eq(attempt->charges.item[i].budget, key))
            return true;
    return false;
}

/** Leases have run out by then. */
static void compare_with_store(struct world *world)
{
    for (size_t i = 0; i < KEYS && world->keys[i][0]; i++) {
        llmgw_store_lease ask = {
            .budget = llmgw__str(world->keys[i]),
            .writer = UINT64_MAX,
            .now_ns = world->now_ns + 7200 * SECOND,
        };
        struct llmgw__window window;
        int64_t sum = 0, over = 0;

        llmgw__window_at(rule_of(world, ask.budget), world->now_ns, &window);
        ask.from_s = window.from_s;
        for (size_t k = 0; k < world->attempt_count; k++) {
            const struct attempt *one = &world->attempts[k];

            if (!counts_in(one, ask.budget, ask.from_s))
                continue;
            sum += one->used < 0 ? one->need : one->used;
            over += one->used > one->need ? one->used - one->need : 0;
        }
        assert_int_equal(llmgw__funds_lease(&world->funds, &ask), LLMGW_OK);
        if (!world->died && !world->leaks &&
            !(world->kept && rule_of(world, ask.budget)->rolling_s))
            assert_int_equal(ask.committed, sum);
        else /* not all has come to the store, or has run out there */
            assert_true(ask.committed >= sum - over);
    }
}

static void run_case(uint64_t seed)
{
    static struct world world;

    memset(&world, 0, sizeof world);
    world.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    world.now_ns = world.fresh_ns =
        START + (int64_t)below(&world, 7200) * SECOND;
    world.at_once = seed % 4 == 0;
    world.kept = seed % 3 == 0;
    world.sound = seed % 8 < 4;
    world.mortal = seed % 2 == 0;
    world.rules[0] = (struct llmgw__budget_rule){
        .name = "all", .unit = LLMGW__BUDGET_TOKENS, .limit = 500};
    world.rules[1] = (struct llmgw__budget_rule){
        .name = "tag", .unit = LLMGW__BUDGET_TOKENS, .limit = 300};
    world.rules[0].span = seed % 5 ? LLMGW__SPAN_HOUR : LLMGW__SPAN_DAY;
    world.rules[1].scope = LLMGW__BUDGET_OF_TAG;
    world.rules[1].tag = "team";
    world.rules[1].span = LLMGW__SPAN_DAY;
    world.rules[1].rolling_s = seed % 7 < 3 ? 0 : 3600;
    world.most[0] = 500;
    world.most[1] = 300;
    assert_int_equal(llmgw__funds_init(&world.funds), LLMGW_OK);
    for (size_t i = 0; i < GATEWAYS; i++)
        open_gateway(&world, &world.gateway[i]);
    for (int i = 0; i < STEPS; i++) {
        step(&world);
        check(&world);
    }
    finish(&world);
    compare_with_store(&world);
    for (size_t i = 0; i < GATEWAYS; i++) {
        llmgw__budgets_clear(&world.gateway[i].budgets);
        llmgw__ledger_clear(&world.gateway[i].ledger);
    }
    llmgw__funds_clear(&world.funds);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void budgets_balance_in_every_interleaving(void **state)
{
    uint64_t first = number_of("LLMGW_SEED", 1);
    uint64_t count = number_of("LLMGW_CASES", 3000);

    (void)state;
    print_message("cases %llu to %llu\n", (unsigned long long)first,
                  (unsigned long long)(first + count - 1));
    for (uint64_t i = 0; i < count; i++) {
        if (getenv("LLMGW_SEED"))
            print_message("case %llu\n", (unsigned long long)(first + i));
        run_case(first + i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budgets_balance_in_every_interleaving),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
