/* What a request says of failure: its "llmgw" object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/chat.h"

#define SAID "invalid_value"

static void every_word_is_taken(void **state)
{
    const struct llmgw__chat *chat = chat_with(
        "'llmgw':{'retries':2,'when_limited':'wait','when_open':'fail',"
        "'on_break':'restart','continue_by':'instruction','tools':'whole',"
        "'backoff_ms':7,'backoff_max_ms':8,"
        "'gate':{'tokens':0,'ms':20,'bytes':30},'max_cost_usd':'1.5',"
        "'sla':{'first_ms':5,'tokens_per_s':6,'quantile':0.75},"
        "'min_tokens_per_s':4,'hedge':{'after_ms':9,'commit':'answer'}}");
    const struct llmgw__conduct *conduct = &chat->conduct;

    (void)state;
    assert_int_equal(conduct->tries, 3);
    assert_int_equal(conduct->when_limited, LLMGW__LIMITED_WAIT);
    assert_int_equal(conduct->when_open, LLMGW__OPEN_FAIL);
    assert_int_equal(conduct->on_break, LLMGW__BREAK_RESTART);
    assert_int_equal(conduct->continue_by, LLMGW__CONTINUE_INSTRUCTION);
    assert_int_equal(conduct->tools, LLMGW__TOOLS_WHOLE);
    assert_int_equal(conduct->backoff_ms, 7);
    assert_int_equal(conduct->backoff_max_ms, 8);
    assert_int_equal(conduct->gate_tokens, LLMGW_NO_LIMIT);
    assert_int_equal(conduct->gate_ms, 20);
    assert_int_equal(conduct->gate_bytes, 30);
    assert_int_equal(conduct->max_cost_pico, INT64_C(1500000000000));
    assert_int_equal(conduct->hedge.when, LLMGW__HEDGE_AFTER);
    assert_int_equal(conduct->hedge.after_ms, 9);
    assert_int_equal(conduct->hedge.commit, LLMGW__COMMIT_ANSWER);
    assert_int_equal(chat->min_rate, 4);
    assert_int_equal(chat->sla.first_ms, 5);
    assert_int_equal(chat->sla.tokens_per_s, 6);
    assert_int_equal(chat->sla.quantile_pm, 750);
}

static void what_is_not_said_stays_open(void **state)
{
    const struct llmgw__conduct nothing = {0};
    const struct llmgw__chat *chat = chat_with("'llmgw':{'retries':null}");

    (void)state;
    assert_memory_equal(&chat->conduct, &nothing, sizeof nothing);
    assert_int_equal(chat->min_rate, 0);
    chat = chat_with("'llmgw':{'min_tokens_per_s':0}");
    assert_int_equal(chat->min_rate, LLMGW_NO_LIMIT);
}

static void a_hedge_has_presets(void **state)
{
    (void)state;
    assert_int_equal(chat_with("'llmgw':{'hedge':'off'}")->conduct.hedge.when,
                     LLMGW__HEDGE_OFF);
    assert_int_equal(
        chat_with("'llmgw':{'hedge':'shadow'}")->conduct.hedge.when,
        LLMGW__HEDGE_AT_ONCE);
    assert_int_equal(
        chat_with("'llmgw':{'hedge':'p95'}")->conduct.hedge.quantile_pm, 750);
    assert_int_equal(
        chat_with("'llmgw':{'hedge':'tail'}")->conduct.hedge.quantile_pm, 950);
}

static void what_is_wrong_is_refused_by_its_path(void **state)
{
    static const char *const rows[][3] = {
        {"'retries':9", "llmgw.retries", "from 0 to 8"},
        {"'retries':1e999", "llmgw.retries", "from 0 to 8"},
        {"'retries':'1'", "llmgw.retries", "whole number"},
        {"'when_limited':'stay'", "llmgw.when_limited", "go, wait"},
        {"'when_open':1", "llmgw.when_open", "earliest, fail"},
        {"'on_break':'stop'", "llmgw.on_break", "continue, restart"},
        {"'continue_by':{}", "llmgw.continue_by", "prefill, instruction"},
        {"'tools':[]", "llmgw.tools", "stream, whole"},
        {"'max_cost_usd':1", "llmgw.max_cost_usd", "as a string"},
        {"'max_cost_usd':'x'", "llmgw.max_cost_usd", "decimal"},
        {"'min_tokens_per_s':0.5", "llmgw.min_tokens_per_s", "whole number"},
        {"'gate':1", "llmgw.gate", "an object"},
        {"'sla':'fast'", "llmgw.sla", "an object"},
        {"'sla':{'first_ms':0}", "llmgw.sla.first_ms", "from 1"},
        {"'sla':{'last_ms':1}", "llmgw.sla.last_ms", "known"},
        {"'gate':{'ms':-1}", "llmgw.gate.ms", "from 0"},
        {"'gate':{'tokens':1,'seconds':1}", "llmgw.gate.seconds", "known"},
        {"'hedge':false", "llmgw.hedge", "off, shadow, p95, tail"},
        {"'hedge':'p99'", "llmgw.hedge", "off, shadow, p95, tail"},
        {"'hedge':{}", "llmgw.hedge", "one of after_ms"},
        {"'hedge':{'quantile':2}", "llmgw.hedge.quantile", "to 0.999"},
        {"'hedge':{'at_once':true,'x':1}", "llmgw.hedge.x", "known"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char members[256];
        char start[128];
        const char *said;

        (void)snprintf(members, sizeof members, "'llmgw':{%s}", rows[i][0]);
        (void)snprintf(start, sizeof start, "%s | " SAID " | %s ", rows[i][1],
                       rows[i][1]);
        said = refusal_with(members);
        if (strncmp(said, start, strlen(start)) != 0 ||
            !strstr(said, rows[i][2]))
            fail_msg("%s: %s", members, said);
    }
}

static void the_words_are_known_members(void **state)
{
    (void)state;
    assert_true(llmgw__chat_extension_known(LLMGW__LIT("hedge")));
    assert_true(llmgw__chat_extension_known(LLMGW__LIT("gate")));
    assert_true(llmgw__chat_extension_known(LLMGW__LIT("sla")));
    assert_true(llmgw__chat_extension_known(LLMGW__LIT("max_cost_usd")));
    assert_true(llmgw__chat_extension_known(LLMGW__LIT("min_tokens_per_s")));
    assert_false(llmgw__chat_extension_known(LLMGW__LIT("policy")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_taken),
        cmocka_unit_test(what_is_not_said_stays_open),
        cmocka_unit_test(a_hedge_has_presets),
        cmocka_unit_test(what_is_wrong_is_refused_by_its_path),
        cmocka_unit_test(the_words_are_known_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
