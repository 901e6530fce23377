/* Price lists over each other: which row counts, what has changed, and which
 * list is not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "catalog/pricelist.h"
#include "support/alloc.h"

#define LISTS 3

static struct llmgw__list *lists[LISTS];
static struct llmgw__manifest merged;
static struct llmgw__changes changes;
static struct llmgw__json_fault fault;

static int prepare(void **state)
{
    (void)state;
    memset(&fault, 0, sizeof fault);
    llmgw__arena_init(&merged.arena, 0, 0);
    llmgw__arena_init(&changes.arena, 0, 0);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    for (int i = 0; i < LISTS; i++) {
        llmgw__list_drop(lists[i]);
        lists[i] = NULL;
    }
    llmgw__manifest_clear(&merged);
    llmgw__changes_clear(&changes);
    return 0;
}

/* Rows in our form, ' for ", into the list of that place. */
static const struct llmgw__manifest *load(int place, const char *rows)
{
    struct llmgw__changes none = {.count = 0};
    struct llmgw__reading reading = {.changes = &none};
    char json[4096];
    int len = snprintf(json, sizeof json, "{'models':[%s]}", rows);

    assert_in_range(len, 0, sizeof json - 1);
    for (char *at = json; *at; at++)
        if (*at == '\'')
            *at = '"';
    llmgw__list_drop(lists[place]);
    assert_int_equal(llmgw__list_read(llmgw__str_n(json, (size_t)len), &reading,
                                      &lists[place], &fault),
                     LLMGW_OK);
    llmgw__changes_clear(&none);
    return &lists[place]->manifest;
}

#define M(p, m, rest) "{'provider':'" p "','model':'" m "'" rest "}"
#define IN(price)     ",'rates':{'in':'" price "'}"

static int64_t price_of(const char *model)
{
    const struct llmgw__price *row =
        llmgw__manifest_row(&merged, "p", llmgw__str(model));

    assert_non_null(row);
    return row->rate[LLMGW__RATE_IN];
}

static void a_later_list_counts_more_than_an_earlier_one(void **state)
{
    const struct llmgw__manifest *base =
        load(0, M("p", "a", IN("1")) "," M("p", "b", IN("1")) "," M("p", "c",
                                                                    IN("1")));

    (void)state;
    load(1, M("p", "b", IN("2")) "," M("p", "c", IN("2")));
    load(2, M("p", "c", IN("3")) "," M("p", "d", IN("3")));
    assert_int_equal(llmgw__manifest_merge(&merged, base, false, &lists[1], 2),
                     LLMGW_OK);
    assert_int_equal(merged.count, 4);
    assert_int_equal(price_of("a"), 1000000);
    assert_int_equal(price_of("b"), 2000000);
    assert_int_equal(price_of("c"), 3000000);
    assert_int_equal(price_of("d"), 3000000);
}

static void what_the_host_says_itself_counts_most(void **state)
{
    const struct llmgw__manifest *base = load(0, M("p", "a", IN("1")));

    (void)state;
    load(1, M("p", "a", IN("2")) "," M("p", "b", IN("2")));
    assert_int_equal(llmgw__manifest_merge(&merged, base, true, &lists[1], 1),
                     LLMGW_OK);
    assert_int_equal(price_of("a"), 1000000);
    assert_int_equal(price_of("b"), 2000000);
}

static void limits_are_filled_in_and_prices_are_not(void **state)
{
    const struct llmgw__manifest *base =
        load(0, M("p", "a",
                  IN("1") ",'context_window':9,'max_output':5,"
                          "'per_request':'1','capabilities':"
                          "['tools','vision'],'reasoning':'effort',"
                          "'refuses':['seed']"));
    const struct llmgw__price *row;

    (void)state;
    load(1, M("p", "a",
              ",'rates':{'out':'2'},'max_output':4,'capabilities':"
              "['audio'],'lacks':['vision']"));
    assert_int_equal(llmgw__manifest_merge(&merged, base, false, &lists[1], 1),
                     LLMGW_OK);
    row = merged.rows;
    assert_int_equal(merged.count, 1);
    assert_true(row->rate[LLMGW__RATE_IN] == LLMGW__PRICE_UNKNOWN);
    assert_true(row->per_request == LLMGW__PRICE_UNKNOWN);
    assert_int_equal(row->rate[LLMGW__RATE_OUT], 2000000);
    assert_int_equal(row->context_window, 9);
    assert_int_equal(row->max_output, 4);
    assert_int_equal(row->can, LLMGW__CAN_TOOLS | LLMGW__CAN_AUDIO);
    assert_int_equal(row->cannot, LLMGW__CAN_VISION);
    assert_int_equal(row->reasons, LLMGW__REASONS_EFFORT);
    assert_int_equal(row->refuses, LLMGW__REFUSES_SEED);
}

static const char *changed(void)
{
    static char text[2048];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < changes.count; i++) {
        const struct llmgw__change *item = &changes.items[i];

        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%d %s %s %s %s\n", item->kind, item->model,
                                item->detail, item->before, item->after);
    }
    return text;
}

static void what_has_changed_is_told_price_by_price(void **state)
{
    const struct llmgw__manifest *before = load(
        0, M("p", "a",
             ",'rates':{'in':'2.5','out':'10'},'per_search':'0.012',"
             "'long':[{'above':9,'rates':{'in':'5'}},"
             "{'above':99,'rates':{'in':'7'}}]") "," M("p", "gone", IN("1")));
    const struct llmgw__manifest *now =
        load(1, M("o", "new", IN("1")) "," M(
                    "p", "a",
                    ",'rates':{'in':'0.003625','cache_read':'600'},"
                    "'per_search':'3','long':[{'above':9,'rates':"
                    "{'in':'5','out':'1'}},{'above':10,'rates':{'in':'0'}}]"));

    (void)state;
    llmgw__changes_between(&changes, before, now);
    assert_false(changes.nomem);
    assert_string_equal(changed(), "1 o/new   \n"
                                   "3 p/a in 2.5 0.003625\n"
                                   "3 p/a cache_read  600\n"
                                   "3 p/a out 10 \n"
                                   "3 p/a out from 10  1\n"
                                   "3 p/a in from 100 7 \n"
                                   "3 p/a in from 11  0\n"
                                   "3 p/a per_search 0.012 3\n"
                                   "2 p/gone   \n");
    assert_int_equal(changes.counts[LLMGW_MANIFEST_ADDED], 1);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_REMOVED], 1);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_CHANGED], 7);
}

static void the_same_list_changes_nothing(void **state)
{
    const struct llmgw__manifest *one =
        load(0, M("p", "a", IN("1")) "," M("p", "b", ""));

    (void)state;
    llmgw__changes_between(&changes, one, one);
    assert_int_equal(changes.count, 0);
}

/* --- belief --- */

static const char *many(size_t count, size_t dear)
{
    static char rows[4096];
    size_t len = 0;

    rows[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(
            rows + len, sizeof rows - len,
            "%s{'provider':'p','model':'m%zu','rates':{'in':'%s'}}",
            i ? "," : "", i, i < dear ? "10.000001" : "1");
    return rows;
}

static const char *check(size_t old, size_t count, size_t dear, size_t refused)
{
    llmgw_status status;

    load(0, many(old, 0));
    load(1, many(count, dear));
    fault.message[0] = '\0';
    status = llmgw__list_check(lists[1], lists[0], &lists[0]->manifest, refused,
                               &fault);
    assert_int_equal(status, fault.message[0] ? LLMGW_E_CONFIG : LLMGW_OK);
    return fault.message;
}

static void a_list_of_fewer_than_half_is_refused(void **state)
{
    (void)state;
    assert_string_equal(check(5, 3, 0, 0), "");
    assert_string_equal(check(6, 3, 0, 0), "");
    assert_string_equal(check(5, 2, 0, 0),
                        "has 2 models, fewer than half of the 5 before");
    assert_string_equal(check(1, 0, 0, 0), "has no models");
}

static void a_list_without_a_provider_is_refused(void **state)
{
    (void)state;
    load(0, M("o", "m", "") "," M("p", "m", ""));
    load(1, M("p", "m", "") "," M("p", "n", ""));
    assert_int_equal(
        llmgw__list_check(lists[1], lists[0], &lists[0]->manifest, 0, &fault),
        LLMGW_E_CONFIG);
    assert_string_equal(fault.message, "has no model of o any more");
}

static void prices_beyond_belief_refuse_a_list(void **state)
{
    (void)state;
    assert_string_equal(check(20, 20, 2, 0), "");
    assert_string_equal(
        check(20, 20, 3, 0),
        "has 3 of 20 known models with a price more than ten times what it "
        "was, or less than a tenth: more than a tenth of them");
    /* the other way round */
    load(0, many(9, 1));
    load(1, many(9, 0));
    assert_int_equal(
        llmgw__list_check(lists[1], NULL, &lists[0]->manifest, 0, &fault),
        LLMGW_E_CONFIG);
    /* exactly ten times is much, and may be */
    load(0, M("p", "a", IN("1")));
    load(1, M("p", "a", IN("10")));
    assert_int_equal(
        llmgw__list_check(lists[1], NULL, &lists[0]->manifest, 0, &fault),
        LLMGW_OK);
}

static void too_many_refused_models_refuse_a_list(void **state)
{
    (void)state;
    assert_string_equal(check(9, 9, 0, 1), "");
    assert_string_equal(check(9, 8, 0, 1),
                        "has 1 models with absurd prices of 9, more than a "
                        "tenth");
}

static void failed_allocations_are_told(void **state)
{
    const struct llmgw__manifest *base = load(0, many(3, 0));
    bool failed = true;

    (void)state;
    load(1, many(5, 2));
    for (int nth = 0; failed; nth++) {
        forget(NULL);
        prepare(NULL);
        base = load(0, many(3, 0));
        load(1, many(5, 2));
        fail_allocation(nth);
        if (llmgw__manifest_merge(&merged, base, false, &lists[1], 1) ==
            LLMGW_OK) {
            llmgw__changes_between(&changes, base, &merged);
            failed = changes.nomem;
        }
        if (!allow_allocations())
            assert_false(failed);
    }
    assert_int_equal(changes.counts[LLMGW_MANIFEST_ADDED], 2);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_CHANGED], 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, prepare, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_later_list_counts_more_than_an_earlier_one),
        TEST(what_the_host_says_itself_counts_most),
        TEST(limits_are_filled_in_and_prices_are_not),
        TEST(what_has_changed_is_told_price_by_price),
        TEST(the_same_list_changes_nothing),
        TEST(a_list_of_fewer_than_half_is_refused),
        TEST(a_list_without_a_provider_is_refused),
        TEST(prices_beyond_belief_refuse_a_list),
        TEST(too_many_refused_models_refuse_a_list),
        TEST(failed_allocations_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
