/*
 * An entry as a line of JSON, and back: all of it, exactly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "account/entry.h"
#include "base/alloc.h"
#include "support/alloc.h"

static struct llmgw_entry full(void)
{
    struct llmgw_entry entry = {
        .writer = INT64_MAX,
        .id = UINT64_C(1) << 40,
        .started_ns = INT64_C(1795000000000000001),
        .settled_ns = INT64_C(1795000000000000002),
        .expires_ns = INT64_C(1795000000000000003),
        .attempt = 3,
        .state = LLMGW_ENTRY_FAILED,
        .error_kind = LLMGW_KIND_TIMEOUT,
        .has_usage = true,
        .cost = {INT64_C(9000000000000000001), true},
        .delivered = {0, true},
        .reserved = {0, false},
    };

    for (int i = 0; i < LLMGW__ENTRY_TEXTS; i++)
        entry.text[i] =
            llmgw__str(i % 2 ? "plain" : "a \"b\"\\\n\x01 \xC3\xA9");
    llmgw__usage_init(&entry.usage);
    for (int i = 0; i < LLMGW__USAGE_CLASSES; i++)
        entry.usage.count[i] = i * i;
    for (int i = 0; i < LLMGW__USAGE_TOOLS; i++)
        entry.usage.tools[i] = 7 - i;
    for (int i = 0; i < LLMGW__USAGE_RAWS; i++)
        entry.usage.raw[i] = 100 + i;
    entry.usage.known = 0x3ff;
    entry.usage.estimated = 0x201;
    entry.usage.accepted_prediction = 0;
    entry.usage.rejected_prediction = 12;
    entry.usage.requests = 2;
    entry.usage.provider_cost_pico = 0;
    entry.usage.service_tier = LLMGW__SERVICE_PRIORITY;
    entry.usage.regional = 1;
    entry.usage.reported = entry.usage.clamped = entry.usage.raw_whole = true;
    return entry;
}

static void expect_same(const struct llmgw_entry *a,
                        const struct llmgw_entry *b)
{
    struct llmgw__buf one, two;

    assert_true(a->writer == b->writer && a->id == b->id);
    assert_true(a->started_ns == b->started_ns);
    assert_true(a->settled_ns == b->settled_ns);
    assert_true(a->expires_ns == b->expires_ns);
    assert_int_equal(a->attempt, b->attempt);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->error_kind, b->error_kind);
    assert_int_equal(a->has_usage, b->has_usage);
    assert_true(a->cost.pico == b->cost.pico);
    assert_int_equal(a->cost.known, b->cost.known);
    assert_int_equal(a->delivered.known, b->delivered.known);
    assert_int_equal(a->reserved.known, b->reserved.known);
    assert_memory_equal(a->usage.count, b->usage.count, sizeof a->usage.count);
    assert_memory_equal(a->usage.tools, b->usage.tools, sizeof a->usage.tools);
    assert_memory_equal(a->usage.raw, b->usage.raw, sizeof a->usage.raw);
    assert_int_equal(a->usage.known, b->usage.known);
    assert_int_equal(a->usage.estimated, b->usage.estimated);
    assert_true(a->usage.accepted_prediction == b->usage.accepted_prediction);
    assert_true(a->usage.rejected_prediction == b->usage.rejected_prediction);
    assert_true(a->usage.requests == b->usage.requests);
    assert_true(a->usage.provider_cost_pico == b->usage.provider_cost_pico);
    assert_int_equal(a->usage.service_tier, b->usage.service_tier);
    assert_int_equal(a->usage.regional, b->usage.regional);
    assert_int_equal(a->usage.reported, b->usage.reported);
    assert_int_equal(a->usage.clamped, b->usage.clamped);
    assert_int_equal(a->usage.raw_whole, b->usage.raw_whole);
    for (int i = 0; i < LLMGW__ENTRY_TEXTS; i++) {
        assert_int_equal(a->text[i].len, b->text[i].len);
        assert_memory_equal(a->text[i].data, b->text[i].data, a->text[i].len);
    }
    llmgw__buf_init(&one, 0);
    llmgw__buf_init(&two, 0);
    llmgw__entry_render(a, &one);
    llmgw__entry_render(b, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    llmgw__buf_clear(&one);
    llmgw__buf_clear(&two);
}

static llmgw_status there_and_back(const struct llmgw_entry *entry)
{
    struct llmgw_entry *back = NULL;
    struct llmgw__buf line;
    llmgw_status status;

    llmgw__buf_init(&line, 0);
    llmgw__entry_render(entry, &line);
    status = line.status;
    if (status == LLMGW_OK) {
        assert_null(memchr(line.data, '\n', line.len));
        status = llmgw__entry_parse(llmgw__buf_str(&line), &back);
    }
    allow_allocations();
    if (status == LLMGW_OK)
        expect_same(entry, back);
    llmgw__entry_free(back);
    llmgw__buf_clear(&line);
    return status;
}

static void all_of_it_comes_back(void **state)
{
    struct llmgw_entry entry = full();
    struct llmgw_entry bare = {.writer = 1, .id = 1, .state = LLMGW_ENTRY_OPEN};

    (void)state;
    assert_int_equal(there_and_back(&entry), LLMGW_OK);
    entry.note = llmgw__note_make(llmgw__str("{\"model\":\"m\"}"));
    assert_int_equal(there_and_back(&entry), LLMGW_OK);
    llmgw__note_drop(entry.note);
    llmgw__usage_init(&bare.usage);
    for (int i = 0; i < LLMGW__ENTRY_TEXTS; i++)
        bare.text[i] = llmgw__str("");
    assert_int_equal(there_and_back(&bare), LLMGW_OK);
}

static void what_is_not_known_is_passed_over(void **state)
{
    struct llmgw_entry *entry;

    (void)state;
    assert_int_equal(
        llmgw__entry_parse(llmgw__str("{\"writer\":5,\"id\":6,\"state\":"
                                      "\"answered\",\"newer\":[1,{}],"
                                      "\"usage\":{\"colour\":\"red\"}}"),
                           &entry),
        LLMGW_OK);
    assert_true(entry->writer == 5 && entry->id == 6);
    llmgw__entry_free(entry);
}

static void what_is_no_entry_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"writer\":0,\"id\":1,\"state\":\"open\"}",
        "{\"writer\":1,\"id\":0,\"state\":\"open\"}",
        "{\"writer\":1,\"id\":1,\"state\":\"lost\"}",
        "{\"writer\":1,\"id\":1}",
        "{\"writer\":1,\"id\":\"1\",\"state\":\"open\"}",
        "{\"writer\":1,\"id\":1.5,\"state\":\"open\"}",
        "{\"writer\":1,\"id\":1,\"state\":\"open\",\"cost_pico\":\"1\"}",
        "{\"writer\":1,\"id\":1,\"state\":\"open\",\"usage\":[]}",
        "{\"writer\":1,\"id\":1,\"state\":\"open\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct llmgw_entry *entry;

        assert_int_equal(llmgw__entry_parse(llmgw__str(lines[i]), &entry),
                         LLMGW_E_INVALID);
        assert_null(entry);
    }
}

static void without_memory_it_says_so(void **state)
{
    struct llmgw_entry entry = full();
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 1; status != LLMGW_OK; nth++) {
        fail_allocation(nth);
        status = there_and_back(&entry);
        allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_comes_back),
        cmocka_unit_test(what_is_not_known_is_passed_over),
        cmocka_unit_test(what_is_no_entry_is_refused),
        cmocka_unit_test(without_memory_it_says_so),
    };

    return cmocka_run_group_tests_name("entry text", tests, NULL, NULL);
}
