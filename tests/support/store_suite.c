/*
 * support/store_suite.c - what every store must do, whichever it is.
 */
#include "store_suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define NOW_S  INT64_C(1795000000)

static uint32_t turn;

static uint32_t draw_below(uint32_t below)
{
    turn = turn * 1664525 + 1013904223;
    return (turn >> 8) % below;
}

void store_settle_down(struct llmgw__ledger *ledger)
{
    while (llmgw__ledger_wants_turns(ledger))
        llmgw__ledger_process(ledger, 0);
}

/* --- entries --- */

static struct llmgw__row *open_row(struct llmgw__ledger *ledger,
                                   int64_t started_ns, const char *tags,
                                   const llmgw_store_charge *charges,
                                   size_t count)
{
    static const struct llmgw__row_watch nobody = {NULL, NULL};
    struct llmgw_entry intent = {0};
    struct llmgw__row *row;

    llmgw__usage_init(&intent.usage);
    intent.started_ns = started_ns;
    intent.text[LLMGW__ENTRY_CALL_ID] = llmgw__str("call");
    intent.text[LLMGW__ENTRY_PROVIDER] = llmgw__str("p");
    intent.text[LLMGW__ENTRY_MODEL] = llmgw__str("m");
    intent.text[LLMGW__ENTRY_TAGS] = llmgw__str(tags);
    assert_int_equal(
        llmgw__ledger_open(ledger, &intent, charges, count, &nobody, &row),
        LLMGW_OK);
    store_settle_down(ledger);
    assert_true(llmgw__row_is_open(row));
    assert_int_equal(row->open.status, LLMGW_OK);
    return row;
}

/** Its charges have been filled. */
static void fill_settled(struct llmgw__row *row, int64_t pico)
{
    row->entry->state = LLMGW_ENTRY_ANSWERED;
    row->entry->settled_ns = row->entry->started_ns + 1;
    row->entry->cost.known = true;
    row->entry->cost.pico = pico;
}

/** Hand an operation of a row over once more. */
static void hand_again(struct llmgw__row *row, llmgw_store_op_kind kind)
{
    struct llmgw_store_op op = {.kind = kind, .row = row};

    op.ledger = row->ledger;
    llmgw__refs_add(&row->refs);
    atomic_fetch_add(&op.ledger->under_way, 1);
    op.ledger->store.submit(&op, op.ledger->store.userdata);
    store_settle_down(op.ledger);
    assert_int_equal(atomic_load(&op.done), 1);
    assert_int_equal(op.status, LLMGW_OK);
}

struct seen {
    int rows, open;
    int64_t billed, last_ns;
};

static int32_t see_row(const llmgw_entry *entry, void *userdata)
{
    struct seen *seen = userdata;

    seen->rows++;
    seen->open += entry->state == LLMGW_ENTRY_OPEN;
    seen->billed += entry->cost.known ? entry->cost.pico : 0;
    seen->last_ns = entry->started_ns;
    return 0;
}

static struct seen read_entries(struct llmgw__ledger *ledger,
                                const llmgw_ledger_filter *filter)
{
    struct seen seen = {0, 0, 0, 0};
    struct llmgw_store_op op = {.kind = LLMGW_STORE_READ,
                                .filter = filter,
                                .on_row = see_row,
                                .userdata = &seen};

    assert_int_equal(llmgw__ledger_ask(ledger, &op), LLMGW_OK);
    return seen;
}

static int64_t committed_of(struct llmgw__ledger *ledger, const char *budget)
{
    llmgw_store_lease lease = {.budget = llmgw__str(budget),
                               .writer = ledger->writer,
                               .number = 1000,
                               .from_s = NOW_S - 3600,
                               .bucket_s = NOW_S,
                               .now_ns = NOW_S * SECOND,
                               .need = 1};
    struct llmgw_store_op op = {.kind = LLMGW_STORE_LEASE, .lease = &lease};

    assert_int_equal(llmgw__ledger_ask(ledger, &op), LLMGW_OK);
    assert_int_equal(lease.granted, 0); /* of a limit of 0 */
    return lease.committed;
}

void store_takes_an_entry_once(struct llmgw__ledger *one,
                               struct llmgw__ledger *other)
{
    const llmgw_store_charge charge = {llmgw__str("once"), NOW_S, 70, 1};
    struct seen before = read_entries(other, NULL);
    struct llmgw__row *row = open_row(one, NOW_S * SECOND, "", &charge, 1);
    struct seen seen;

    hand_again(row, LLMGW_STORE_OPEN);
    seen = read_entries(other, NULL);
    assert_int_equal(seen.rows, before.rows + 1);
    assert_int_equal(seen.open, before.open + 1);
    assert_int_equal(committed_of(other, "once"), 70);
    fill_settled(row, 50);
    row->charges[0].amount = 50;
    llmgw__ledger_settle(row);
    store_settle_down(one);
    hand_again(row, LLMGW_STORE_SETTLE);
    hand_again(row, LLMGW_STORE_OPEN); /* late: it stays settled */
    seen = read_entries(other, NULL);
    assert_int_equal(seen.rows, before.rows + 1);
    assert_int_equal(seen.open, before.open);
    assert_int_equal(seen.billed, before.billed + 50);
    assert_int_equal(committed_of(other, "once"), 50);
    row->entry->id += 1u << 30; /* the store has not seen it open */
    hand_again(row, LLMGW_STORE_SETTLE);
    assert_int_equal(read_entries(other, NULL).rows, before.rows + 2);
    assert_int_equal(committed_of(one, "once"), 100);
    llmgw__row_drop(row);
}

/* --- budgets --- */

#define OPEN_ROWS 32
#define DAY_S     INT64_C(86400)

/** The store, and beside it what it must have. */
struct model {
    struct llmgw__ledger *ledgers[2];
    struct llmgw__funds funds;
    struct llmgw__row *rows[OPEN_ROWS];
    int64_t now_ns;
    bool own_clock; /* the store's: nothing expires within the test */
};

static llmgw_str draw_budget(void)
{
    static const char *const budgets[] = {"all", "tag\nx", "caf\xC3\xA9"};

    return llmgw__str(budgets[draw_below(3)]);
}

static int64_t bucket_of(const struct model *model)
{
    return model->now_ns / SECOND / 60 * 60;
}

static void step_lease(struct model *model)
{
    struct llmgw__ledger *ledger = model->ledgers[draw_below(2)];
    llmgw_store_lease must = {
        .budget = draw_budget(),
        .writer = ledger->writer,
        .number = 1 + draw_below(3),
        .from_s = bucket_of(model) - 300,
        .bucket_s = bucket_of(model),
        .limit = draw_below(20000),
        .need = draw_below(500),
        .now_ns = model->now_ns,
        .ttl_ns =
            (model->own_clock ? DAY_S : (int64_t)draw_below(400)) * SECOND,
        .kept = draw_below(4) == 0,
    };
    struct llmgw_store_op op = {.kind = LLMGW_STORE_LEASE};
    llmgw_store_lease got;

    must.want = must.need + draw_below(2000);
    if (draw_below(10) == 0) {
        must.ends = 1;
        must.need = must.want = 0;
    }
    got = must;
    op.lease = &got;
    assert_int_equal(llmgw__funds_lease(&model->funds, &must), LLMGW_OK);
    assert_int_equal(llmgw__ledger_ask(ledger, &op), LLMGW_OK);
    assert_int_equal(got.granted, must.granted);
    assert_int_equal(got.committed, must.committed);
    assert_int_equal(got.oldest_s, must.oldest_s);
    assert_int_equal(got.lapsed, must.lapsed);
}

static void step_open(struct model *model, int at)
{
    struct llmgw__ledger *ledger = model->ledgers[draw_below(2)];
    llmgw_store_charge charges[2];
    size_t count = 1 + draw_below(2);

    for (size_t i = 0; i < count; i++)
        charges[i] = (llmgw_store_charge){draw_budget(), bucket_of(model),
                                          draw_below(300), 1 + draw_below(3)};
    model->rows[at] = open_row(ledger, model->now_ns, "", charges, count);
    assert_int_equal(llmgw__funds_open(&model->funds, ledger->writer,
                                       model->rows[at]->entry->id, charges,
                                       count),
                     LLMGW_OK);
}

static void step_settle(struct model *model, int at)
{
    struct llmgw__row *row = model->rows[at];

    for (size_t i = 0; i < row->charge_count; i++)
        row->charges[i].amount = draw_below(3) ? draw_below(400) : 0;
    fill_settled(row, 1);
    llmgw__funds_settle(&model->funds, row->entry->writer, row->entry->id,
                        row->charges, row->charge_count);
    llmgw__ledger_settle(row);
    store_settle_down(row->ledger);
    assert_int_equal(row->settle.status, LLMGW_OK);
    llmgw__row_drop(row);
    model->rows[at] = NULL;
}

void store_keeps_budgets(struct llmgw__ledger *one, struct llmgw__ledger *other,
                         uint32_t seed, int steps, bool own_clock)
{
    struct model model = {.ledgers = {one, other},
                          .now_ns = NOW_S * SECOND,
                          .own_clock = own_clock};

    turn = seed;
    assert_int_equal(llmgw__funds_init(&model.funds), LLMGW_OK);
    for (int i = 0; i < steps; i++) {
        int at = (int)draw_below(OPEN_ROWS);

        if (draw_below(2))
            step_lease(&model);
        else if (model.rows[at])
            step_settle(&model, at);
        else
            step_open(&model, at);
        model.now_ns += draw_below(20) * SECOND;
    }
    for (int at = 0; at < OPEN_ROWS; at++)
        if (model.rows[at])
            step_settle(&model, at);
    step_lease(&model);
    llmgw__funds_clear(&model.funds);
}

/* --- facts --- */

static int32_t see_fact(const llmgw_store_fact *fact, void *userdata)
{
    char *text = userdata;
    size_t len = strlen(text);

    (void)snprintf(text + len, 256 - len, "%.*s=%.*s@%d;", (int)fact->key.len,
                   fact->key.data, (int)fact->value.len, fact->value.data,
                   (int)fact->stamp_ns);
    return 0;
}

static void tell(struct llmgw__ledger *ledger, const char *value, int64_t stamp,
                 int64_t until_ns)
{
    const llmgw_store_fact fact = {llmgw__str("k"), llmgw__str(value), stamp,
                                   until_ns};
    struct llmgw_store_op op = {.kind = LLMGW_STORE_TELL, .fact = &fact};

    assert_int_equal(llmgw__ledger_ask(ledger, &op), LLMGW_OK);
}

static void expect_facts(struct llmgw__ledger *ledger, const char *must)
{
    char text[256] = "";
    struct llmgw_store_op op = {
        .kind = LLMGW_STORE_HEAR, .on_fact = see_fact, .userdata = text};

    assert_int_equal(llmgw__ledger_ask(ledger, &op), LLMGW_OK);
    assert_string_equal(text, must);
}

void store_tells_facts(struct llmgw__ledger *one, struct llmgw__ledger *other)
{
    expect_facts(one, "");
    tell(one, "open", 5, INT64_MAX);
    expect_facts(other, "k=open@5;");
    tell(other, "closed", 4, INT64_MAX); /* found before */
    expect_facts(one, "k=open@5;");
    tell(other, "closed", 6, INT64_MAX);
    expect_facts(one, "k=closed@6;");
    tell(one, "open", 7, 8); /* has run out long ago */
    expect_facts(other, "");
}

/* --- reading --- */

void store_reads_what_is_asked_for(struct llmgw__ledger *one,
                                   struct llmgw__ledger *other)
{
    static const char *const tags[] = {"a=1", "a=10,b=2", "b=2,a=1",
                                       "",    "xa=1",     "a=1%,_"};
    llmgw_ledger_filter filter = {.route = ""};

    filter.route = NULL;
    filter.since_ns = 1000;
    filter.until_ns = 1006;
    for (int i = 0; i < 6; i++) { /* not in the order of their times */
        struct llmgw__row *row =
            open_row(i % 2 ? one : other, 1000 + (i + 2) % 6, tags[i], NULL, 0);

        if (i < 2) {
            fill_settled(row, 1);
            llmgw__ledger_settle(row);
            store_settle_down(row->ledger);
        }
        llmgw__row_drop(row);
    }
    assert_int_equal(read_entries(one, &filter).rows, 6);
    assert_int_equal(read_entries(one, &filter).last_ns, 1005);
    filter.newest_first = 1;
    assert_int_equal(read_entries(other, &filter).last_ns, 1000);
    filter.max_entries = 2;
    assert_int_equal(read_entries(other, &filter).rows, 2);
    assert_int_equal(read_entries(other, &filter).last_ns, 1004);
    filter.max_entries = 0;
    filter.tag = "a=1";
    assert_int_equal(read_entries(one, &filter).rows, 2);
    filter.tag = NULL;
    filter.unsettled = 1;
    assert_int_equal(read_entries(one, &filter).rows, 4);
    filter.unsettled = 0;
    filter.state = LLMGW_ENTRY_ANSWERED;
    assert_int_equal(read_entries(one, &filter).rows, 2);
    filter.model = "M";
    assert_int_equal(read_entries(one, &filter).rows, 0);
    filter.model = "m";
    filter.until_ns = 1003; /* the first of the two is at 1002 */
    assert_int_equal(read_entries(one, &filter).rows, 1);
}
