/*
 * abi/test_sizes.c - the public structs are laid out as programs and bindings
 * built before expect, on every platform with 64-bit pointers.
 *
 * A new field goes to the end: it adds a row and raises a size; no other
 * figure here ever changes while the soname stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <llmgw/llmgw.h>

struct row {
    const char *what;
    size_t is;
    size_t must;
};

#define SIZE(type, must)                    \
    {                                       \
        "sizeof " #type, sizeof(type), must \
    }
#define AT(type, field, must)                         \
    {                                                 \
#type "." #field, offsetof(type, field), must \
    }

static const struct row rows[] = {
    /* clang-format off */
    SIZE(llmgw_str, 16),
    AT(llmgw_str, data, 0),
    AT(llmgw_str, len, 8),

    SIZE(llmgw_money, 16),
    AT(llmgw_money, usd, 0),
    AT(llmgw_money, pico, 8),

    SIZE(llmgw_gateway_options, 104),
    AT(llmgw_gateway_options, size, 0),
    AT(llmgw_gateway_options, log_level, 4),
    AT(llmgw_gateway_options, config_file, 8),
    AT(llmgw_gateway_options, config_json, 16),
    AT(llmgw_gateway_options, on_log, 32),
    AT(llmgw_gateway_options, log_userdata, 40),
    AT(llmgw_gateway_options, clock, 48),
    AT(llmgw_gateway_options, transport, 56),
    AT(llmgw_gateway_options, store, 64),
    AT(llmgw_gateway_options, on_credential, 72),
    AT(llmgw_gateway_options, credential_userdata, 80),
    AT(llmgw_gateway_options, on_budget, 88),
    AT(llmgw_gateway_options, budget_userdata, 96),

    SIZE(llmgw_budget_info, 112),
    AT(llmgw_budget_info, name, 8),
    AT(llmgw_budget_info, limit, 40),
    AT(llmgw_budget_info, reset_ns, 56),
    AT(llmgw_budget_info, in_hand, 104),
    SIZE(llmgw_budget_event, 72),
    AT(llmgw_budget_event, refused, 64),
    AT(llmgw_budget_event, per_mille, 68),
    SIZE(llmgw_health, 80),
    AT(llmgw_health, size, 0),
    AT(llmgw_health, breaker, 4),
    AT(llmgw_health, rule, 8),
    AT(llmgw_health, failures, 12),
    AT(llmgw_health, opened, 16),
    AT(llmgw_health, under_way, 20),
    AT(llmgw_health, suspect, 24),
    AT(llmgw_health, keys_rest, 28),
    AT(llmgw_health, due_ms, 32),
    AT(llmgw_health, changed_ms, 40),
    AT(llmgw_health, keys_back_ms, 48),
    AT(llmgw_health, first_p50_ns, 56),
    AT(llmgw_health, first_p95_ns, 64),
    AT(llmgw_health, rate_p50, 72),

    SIZE(llmgw_model_info, 24),
    AT(llmgw_model_info, name, 0),
    AT(llmgw_model_info, is_route, 16),
    AT(llmgw_model_info, target_count, 20),

    SIZE(llmgw_chat_options, 80),
    AT(llmgw_chat_options, size, 0),
    AT(llmgw_chat_options, timeout_ms, 4),
    AT(llmgw_chat_options, first_ms, 8),
    AT(llmgw_chat_options, gap_ms, 12),
    AT(llmgw_chat_options, connect_ms, 16),
    AT(llmgw_chat_options, max_attempts, 20),
    AT(llmgw_chat_options, on_chunk, 24),
    AT(llmgw_chat_options, on_done, 32),
    AT(llmgw_chat_options, userdata, 40),
    AT(llmgw_chat_options, cancel, 48),
    AT(llmgw_chat_options, tags, 56),
    AT(llmgw_chat_options, on_restart, 64),
    AT(llmgw_chat_options, hedge_ms, 72),
    AT(llmgw_chat_options, min_tokens_per_s, 76),

    SIZE(llmgw_guess, 24),
    AT(llmgw_guess, prompt_tokens, 0),
    AT(llmgw_guess, completion_tokens, 8),
    AT(llmgw_guess, pico_usd, 16),

    SIZE(llmgw_estimate_info, 160),
    AT(llmgw_estimate_info, size, 0),
    AT(llmgw_estimate_info, usable, 4),
    AT(llmgw_estimate_info, target, 8),
    AT(llmgw_estimate_info, reason, 24),
    AT(llmgw_estimate_info, least, 40),
    AT(llmgw_estimate_info, expected, 64),
    AT(llmgw_estimate_info, most, 88),
    AT(llmgw_estimate_info, row, 112),
    AT(llmgw_estimate_info, tier, 128),
    AT(llmgw_estimate_info, manifest, 144),

    SIZE(llmgw_loop_hooks, 32),
    AT(llmgw_loop_hooks, size, 0),
    AT(llmgw_loop_hooks, reserved, 4),
    AT(llmgw_loop_hooks, userdata, 8),
    AT(llmgw_loop_hooks, on_socket, 16),
    AT(llmgw_loop_hooks, on_timer, 24),

    SIZE(llmgw_ledger_filter, 88),
    AT(llmgw_ledger_filter, size, 0),
    AT(llmgw_ledger_filter, state, 4),
    AT(llmgw_ledger_filter, since_ns, 8),
    AT(llmgw_ledger_filter, until_ns, 16),
    AT(llmgw_ledger_filter, provider, 24),
    AT(llmgw_ledger_filter, model, 32),
    AT(llmgw_ledger_filter, route, 40),
    AT(llmgw_ledger_filter, tag, 48),
    AT(llmgw_ledger_filter, call_id, 56),
    AT(llmgw_ledger_filter, key, 64),
    AT(llmgw_ledger_filter, max_entries, 72),
    AT(llmgw_ledger_filter, newest_first, 80),
    AT(llmgw_ledger_filter, unsettled, 84),

    SIZE(llmgw_total, 104),
    AT(llmgw_total, key, 0),
    AT(llmgw_total, entries, 16),
    AT(llmgw_total, unpriced, 24),
    AT(llmgw_total, failed, 32),
    AT(llmgw_total, prompt_tokens, 40),
    AT(llmgw_total, completion_tokens, 48),
    AT(llmgw_total, cost, 56),
    AT(llmgw_total, delivered, 72),
    AT(llmgw_total, estimated, 88),
    AT(llmgw_total, open, 96),

    SIZE(llmgw_report_options, 40),
    AT(llmgw_report_options, size, 0),
    AT(llmgw_report_options, group, 4),
    AT(llmgw_report_options, step, 8),
    AT(llmgw_report_options, max_rows, 12),
    AT(llmgw_report_options, time_zone, 16),
    AT(llmgw_report_options, tag_name, 24),
    AT(llmgw_report_options, filter, 32),

    SIZE(llmgw_report_row, 56),
    AT(llmgw_report_row, begin_ns, 0),
    AT(llmgw_report_row, end_ns, 8),
    AT(llmgw_report_row, begin, 16),
    AT(llmgw_report_row, end, 32),
    AT(llmgw_report_row, total, 48),

    SIZE(llmgw_clock, 40),
    AT(llmgw_clock, size, 0),
    AT(llmgw_clock, max_wait_ms, 4),
    AT(llmgw_clock, userdata, 8),
    AT(llmgw_clock, monotonic_ns, 16),
    AT(llmgw_clock, wall_ns, 24),
    AT(llmgw_clock, random, 32),

    SIZE(llmgw_store, 48),
    AT(llmgw_store, size, 0),
    AT(llmgw_store, reserved, 4),
    AT(llmgw_store, userdata, 8),
    AT(llmgw_store, submit, 16),
    AT(llmgw_store, process, 24),
    AT(llmgw_store, close, 32),
    AT(llmgw_store, fds, 40),

    SIZE(llmgw_store_charge, 40),
    SIZE(llmgw_store_lease, 128),
    SIZE(llmgw_store_sum, 168),
    SIZE(llmgw_store_fact, 48),
    SIZE(llmgw_store_fd, 16),

    SIZE(llmgw_transport, 32),
    AT(llmgw_transport, size, 0),
    AT(llmgw_transport, reserved, 4),
    AT(llmgw_transport, userdata, 8),
    AT(llmgw_transport, start, 16),
    AT(llmgw_transport, cancel, 24),
    /* clang-format on */
};

static void public_structs_keep_their_layout(void **state)
{
    size_t wrong = 0;

    (void)state;
    if (sizeof(void *) != 8) {
        puts("skip: layouts are listed for 64-bit pointers only");
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].is == rows[i].must)
            continue;
        print_error("%s is %zu, not %zu\n", rows[i].what, rows[i].is,
                    rows[i].must);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void initializers_fill_in_the_size_and_nothing_else(void **state)
{
    static const llmgw_gateway_options gateway = LLMGW_GATEWAY_OPTIONS_INIT;
    static const llmgw_chat_options chat = LLMGW_CHAT_OPTIONS_INIT;
    static const llmgw_loop_hooks hooks = LLMGW_LOOP_HOOKS_INIT;
    static const llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    static const llmgw_report_options report = LLMGW_REPORT_OPTIONS_INIT;
    static const struct {
        const void *bytes;
        size_t size;
    } made[] = {{&gateway, sizeof gateway},
                {&chat, sizeof chat},
                {&hooks, sizeof hooks},
                {&filter, sizeof filter},
                {&report, sizeof report}};

    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        const uint32_t *words = made[i].bytes;

        assert_int_equal(words[0], made[i].size);
        for (size_t at = 1; at < made[i].size / sizeof *words; at++)
            assert_int_equal(words[at], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_structs_keep_their_layout),
        cmocka_unit_test(initializers_fill_in_the_size_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
