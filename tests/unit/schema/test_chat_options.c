/* The plain members of a request: ranges, words, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/chat.h"

static void numbers_keep_their_text(void **state)
{
    const struct llmgw__chat *chat = chat_with(
        "'temperature':1.0,'top_p':1e-1,'top_k':-1,'frequency_penalty':-2,"
        "'presence_penalty':2.0,'seed':-9223372036854775808,'logprobs':true,"
        "'top_logprobs':20");

    (void)state;
    assert_true(llmgw__str_is(chat->temperature.text, "1.0"));
    assert_true(chat->temperature.set && chat->temperature.value == 1);
    assert_true(llmgw__str_is(chat->top_p.text, "1e-1"));
    assert_true(chat->top_k.set && chat->top_k.value == -1);
    assert_true(chat->frequency_penalty.set);
    assert_true(chat->presence_penalty.value == 2);
    assert_true(llmgw__str_is(chat->seed.text, "-9223372036854775808"));
    assert_true(llmgw__str_is(chat->top_logprobs.text, "20"));
    assert_int_equal(chat->logprobs, 1);
}

static void null_is_not_given(void **state)
{
    const struct llmgw__chat *chat = chat_with(
        "'temperature':null,'n':null,'stop':null,'stream':null,'tools':null,"
        "'max_tokens':null,'stream_options':null,'response_format':null,"
        "'tool_choice':null,'user':null,'reasoning_effort':null");

    (void)state;
    assert_false(chat->temperature.set);
    assert_int_equal(chat->n, 1);
    assert_int_equal(chat->stop_count, 0);
    assert_int_equal(chat->effort, LLMGW__EFFORT_UNSET);
}

static void values_out_of_range_are_refused(void **state)
{
    static const struct {
        const char *members, *param, *must;
    } cases[] = {
        /* clang-format off */
        {"'temperature':2.001", "temperature", "must be a number from 0 to 2"},
        {"'temperature':-0.1", "temperature", "must be a number from 0 to 2"},
        {"'temperature':1e999", "temperature", "must be a number from 0 to 2"},
        {"'temperature':'1'", "temperature", "must be a number"},
        {"'top_p':1.1", "top_p", "must be a number from 0 to 1"},
        {"'top_p':-1", "top_p", "must be a number from 0 to 1"},
        {"'top_k':1.5", "top_k", "must be an integer from -1 to 2147483647"},
        {"'top_k':-2", "top_k", "must be an integer from -1 to 2147483647"},
        {"'frequency_penalty':2.1", "frequency_penalty",
         "must be a number from -2 to 2"},
        {"'presence_penalty':-2.1", "presence_penalty",
         "must be a number from -2 to 2"},
        {"'seed':1.5", "seed", "must be an integer of 64 bits"},
        {"'seed':9223372036854775808", "seed",
         "must be an integer of 64 bits"},
        {"'logprobs':true,'top_logprobs':21", "top_logprobs",
         "must be an integer from 0 to 20"},
        {"'top_logprobs':2", "top_logprobs", "needs logprobs: true"},
        {"'top_logprobs':2,'logprobs':false", "top_logprobs",
         "needs logprobs: true"},
        {"'n':0", "n", "must be an integer from 1 to 128"},
        {"'n':129", "n", "must be an integer from 1 to 128"},
        {"'n':1.5", "n", "must be an integer from 1 to 128"},
        {"'n':true", "n", "must be a number"},
        {"'max_tokens':0", "max_tokens",
         "must be an integer from 1 to 2147483647"},
        {"'max_completion_tokens':2147483648", "max_completion_tokens",
         "must be an integer from 1 to 2147483647"},
        {"'max_tokens':5,'max_completion_tokens':6", "max_tokens",
         "differs from max_completion_tokens"},
        {"'stop':1", "stop", "must be a string or an array of them"},
        {"'stop':{}", "stop", "must be a string or an array of them"},
        {"'stop':['a',1]", "stop[1]", "must be a string"},
        {"'stop':['a',null]", "stop[1]", "must be a string"},
        {"'reasoning_effort':'huge'", "reasoning_effort",
         "must be none, minimal, low, medium, high, xhigh or max"},
        {"'reasoning_effort':3", "reasoning_effort", "must be a string"},
        {"'verbosity':'loud'", "verbosity", "must be low, medium or high"},
        {"'stream':1", "stream", "must be true or false"},
        {"'stream_options':{}", "stream_options",
         "is only allowed with stream: true"},
        {"'stream':false,'stream_options':{'include_usage':true}",
         "stream_options", "is only allowed with stream: true"},
        {"'stream':true,'stream_options':{'include_usage':1}",
         "stream_options.include_usage", "must be true or false"},
        {"'stream':true,'stream_options':{'include_obfuscation':1}",
         "stream_options.include_obfuscation", "must be true or false"},
        {"'stream':true,'stream_options':[]", "stream_options",
         "must be an object"},
        {"'logit_bias':{'1':101}", "logit_bias",
         "must have integers from -100 to 100 as values"},
        {"'logit_bias':{'1':1.5}", "logit_bias",
         "must have integers from -100 to 100 as values"},
        {"'logit_bias':[]", "logit_bias", "must be an object"},
        {"'metadata':{'a':1}", "metadata",
         "must have names of at most 64 characters and strings of at most 512"},
        {"'user':1", "user", "must be a string"},
        {"'store':'yes'", "store", "must be true or false"},
        {"'modalities':'text'", "modalities", "must be an array"},
        {"'audio':[]", "audio", "must be an object"},
        {"'service_tier':1", "service_tier", "must be a string"},
        {"'parallel_tool_calls':0", "parallel_tool_calls",
         "must be true or false"},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char wanted[300];

        snprintf(wanted, sizeof wanted, "%s | invalid_value | %s %s",
                 cases[i].param, cases[i].param, cases[i].must);
        assert_string_equal(refusal_with(cases[i].members), wanted);
    }
}

static void both_spellings_of_the_token_limit_are_one(void **state)
{
    (void)state;
    assert_int_equal(chat_with("'max_tokens':5")->max_tokens, 5);
    assert_int_equal(chat_with("'max_completion_tokens':6")->max_tokens, 6);
    assert_int_equal(
        chat_with("'max_tokens':7,'max_completion_tokens':7")->max_tokens, 7);
    assert_int_equal(chat_with("'max_tokens':3e2")->max_tokens, 300);
}

static void stop_is_a_string_or_a_list(void **state)
{
    const struct llmgw__chat *chat = chat_with("'stop':'END'");
    char members[256] = "'stop':[";

    (void)state;
    assert_int_equal(chat->stop_count, 1);
    assert_string_equal(text_of(chat->stops[0]), "END");
    chat = chat_with("'stop':['a','\\n']");
    assert_int_equal(chat->stop_count, 2);
    assert_string_equal(text_of(chat->stops[1]), "\\n"); /* as it stands */
    assert_true(chat->stops[1].escaped);
    assert_int_equal(chat_with("'stop':[]")->stop_count, 0);
    for (int i = 0; i < 16; i++)
        strncat(members, "'x',", 5);
    members[strlen(members) - 1] = ']';
    assert_int_equal(chat_with(members)->stop_count, 16);
    members[strlen(members) - 1] = ',';
    strncat(members, "'x']", 5);
    assert_non_null(
        strstr(refusal_with(members), "stop must have at most 16 elements"));
}

static void efforts_have_their_order(void **state)
{
    static const char *const words[] = {"none", "minimal", "low", "medium",
                                        "high", "xhigh",   "max"};

    (void)state;
    for (int i = 0; i < 7; i++) {
        char members[64];

        snprintf(members, sizeof members, "'reasoning_effort':'%s'", words[i]);
        assert_int_equal(chat_with(members)->effort, LLMGW__EFFORT_NONE + i);
    }
    chat_with("'verbosity':'high'");
}

static void streams_say_whether_usage_is_wanted(void **state)
{
    const struct llmgw__chat *chat = chat_with("'stream':true");

    (void)state;
    assert_true(chat->stream);
    assert_false(chat->include_usage);
    chat = chat_with("'stream_options':{'include_usage':true},'stream':true");
    assert_true(chat->include_usage);
}

static void a_safety_identifier_replaces_the_user(void **state)
{
    (void)state;
    assert_string_equal(text_of(chat_with("'user':'u'")->user), "u");
    assert_string_equal(
        text_of(chat_with("'safety_identifier':'s','user':'u'")->user), "s");
    assert_string_equal(text_of(chat_with("'n':1")->user), "(none)");
}

static void metadata_is_bounded_in_characters(void **state)
{
    char members[1400] = "'metadata':{";

    (void)state;
    for (int i = 0; i < 16; i++)
        snprintf(members + strlen(members), 32, "'k%d':'v',", i);
    members[strlen(members) - 1] = '}';
    chat_with(members);
    members[strlen(members) - 1] = ',';
    strncat(members, "'z':''}", 8);
    assert_non_null(
        strstr(refusal_with(members), "must have at most 16 members"));

    snprintf(members, sizeof members, "'metadata':{'k':'");
    for (int i = 0; i < 512; i++)
        strncat(members, "\xc3\xa9", 3); /* 512 characters, 1024 bytes */
    strncat(members, "'}", 3);
    chat_with(members);
    snprintf(members, sizeof members, "'metadata':{'k':'\\u00e9\\n");
    for (int i = 0; i < 511; i++)
        strncat(members, "x", 2);
    strncat(members, "'}", 3);
    assert_non_null(strstr(refusal_with(members), "at most 512"));
}

static void identifiers_are_bounded_in_characters(void **state)
{
    char members[256] = "'safety_identifier':'";

    (void)state;
    for (int i = 0; i < 64; i++)
        strncat(members, "\xc3\xa9", 3); /* 64 characters, 128 bytes */
    strncat(members, "'", 2);
    chat_with(members);
    members[strlen(members) - 1] = 'x';
    strncat(members, "'", 2);
    assert_non_null(
        strstr(refusal_with(members), "must have at most 64 characters"));
    /* the older name has no bound, and stands back behind it */
    members[0] = '\0';
    strncat(members, "'user':'", 9);
    for (int i = 0; i < 65; i++)
        strncat(members, "u", 2);
    strncat(members, "'", 2);
    chat_with(members);
    assert_int_equal(
        chat_with("'safety_identifier':'s','user':'u'")->user.data[0], 's');
}

static void logit_bias_takes_integers(void **state)
{
    (void)state;
    chat_with("'logit_bias':{'50256':-100,'1':100,'2':0}");
}

static int forget(void **state)
{
    (void)state;
    chat_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_their_text),
        cmocka_unit_test(null_is_not_given),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(both_spellings_of_the_token_limit_are_one),
        cmocka_unit_test(stop_is_a_string_or_a_list),
        cmocka_unit_test(efforts_have_their_order),
        cmocka_unit_test(streams_say_whether_usage_is_wanted),
        cmocka_unit_test(a_safety_identifier_replaces_the_user),
        cmocka_unit_test(metadata_is_bounded_in_characters),
        cmocka_unit_test(identifiers_are_bounded_in_characters),
        cmocka_unit_test(logit_bias_takes_integers),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
