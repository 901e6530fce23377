/*
 * Several keys of a provider: taken in turn, another one where one is refused,
 * and at rest until they are back; of a provider and of its only key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define CONFIG                                                       \
    "{'environment':false,'providers':{"                             \
    "'many':{'type':'openai','base_url':'$1/v1',"                    \
    "'api_keys':['key-a','key-b','key-c']},"                         \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'key-o'},"  \
    "'other':{'type':'openai','base_url':'$2/v1','api_key':'key'}}," \
    "'routes':{'both':{'targets':['many/m','other/m']},"             \
    "'single':{'targets':['one/m','other/m']},"                      \
    "'twice':{'targets':['one/m','one/m']}}}"

static uint64_t now_ns;

static uint64_t own_monotonic(void *userdata)
{
    (void)userdata;
    return now_ns;
}

struct shop {
    struct fake *provider;
    struct fake *other;
    llmgw_gateway *gateway;
};

static void open_shop(struct shop *it)
{
    llmgw_clock clock = {sizeof clock, 0, NULL, own_monotonic, NULL, NULL};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    now_ns = LLMGW__SECOND;
    options.clock = &clock;
    it->provider = fake_start();
    it->other = fake_start();
    it->gateway = caller_open_with(&options, CONFIG, fake_url(it->provider),
                                   fake_url(it->other), "");
}

static void close_shop(struct shop *it)
{
    llmgw_gateway_close(it->gateway);
    fake_stop(it->provider);
    fake_stop(it->other);
}

static llmgw_call *ask(struct shop *it, const char *model)
{
    struct caller caller = {0};

    caller_ask(&caller, it->gateway, CALLER_LOOP, model, "hi");
    return caller.call;
}

/** The keys that the provider was shown since, a letter each. */
static const char *shown_since(struct shop *it, size_t before)
{
    static char letters[64];
    size_t count = fake_requests(it->provider) - before;

    assert_true(count < sizeof letters);
    for (size_t i = 0; i < count; i++) {
        struct fake_request seen = fake_request(it->provider, before + i);
        llmgw_str value = fake_header(&seen, "authorization");

        assert_int_equal(value.len, strlen("Bearer key-a"));
        letters[i] = value.data[value.len - 1];
    }
    letters[count] = '\0';
    return letters;
}

/** Ask, and which keys were shown for it. */
static const char *keys_of(struct shop *it, const char *model, llmgw_end end)
{
    size_t before = fake_requests(it->provider);
    llmgw_call *call = ask(it, model);

    assert_int_equal(llmgw_call_end(call), end);
    llmgw_call_free(call);
    return shown_since(it, before);
}

static void keys_are_shown_in_turn(void **state)
{
    struct shop it;

    (void)state;
    open_shop(&it);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "a");
        assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "b");
        assert_string_equal(keys_of(&it, "both", LLMGW_END_RESPONSE), "c");
    }
    close_shop(&it);
}

static void where_one_is_refused_another_is_shown(void **state)
{
    static const char *const refusals[] = {
        "error=rate_limit with=key-a", "error=quota with=key-a",
        "error=auth with=key-a", "error=permission with=key-a"};

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct shop it;
        llmgw_call *call;

        open_shop(&it);
        fake_script(it.provider, "", refusals[i]);
        call = ask(&it, "both");
        assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
        assert_int_equal(llmgw_call_attempt_count(call), 2);
        assert_string_equal(llmgw_attempt_target(llmgw_call_attempt(call, 1)),
                            "many/m");
        assert_string_equal(shown_since(&it, 0), "ab");
        assert_int_equal(caller_entries(it.gateway, 0), 2);
        llmgw_call_free(call);
        assert_string_equal(keys_of(&it, "both", LLMGW_END_RESPONSE), "c");
        assert_string_equal(keys_of(&it, "both", LLMGW_END_RESPONSE), "b");
        assert_string_equal(keys_of(&it, "both", LLMGW_END_RESPONSE), "c");
        close_shop(&it);
    }
}

static void errors_that_are_no_keys_fault_rotate_nothing(void **state)
{
    struct shop it;

    (void)state;
    open_shop(&it);
    fake_script(it.provider, "", "status=500");
    assert_string_equal(keys_of(&it, "both", LLMGW_END_RESPONSE), "a");
    fake_clear(it.provider);
    fake_script(it.provider, "", "error=invalid_request");
    assert_string_equal(keys_of(&it, "both", LLMGW_END_ERROR), "b");
    close_shop(&it);
}

static void a_key_rests_until_it_is_back(void **state)
{
    struct shop it;

    (void)state;
    open_shop(&it);
    fake_script(it.provider, "", "error=rate_limit retry_after=7 with=key-a");
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "ab");
    fake_clear(it.provider);
    now_ns += 7 * LLMGW__SECOND - 1;
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "c");
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "b");
    now_ns += 1;
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "a");
    close_shop(&it);
}

static void when_all_rest_others_are_asked_first(void **state)
{
    struct shop it;
    llmgw_call *call;

    (void)state;
    open_shop(&it);
    fake_script(it.provider, "", "error=rate_limit retry_after=9");
    assert_string_equal(keys_of(&it, "both", LLMGW_END_RESPONSE), "abc");
    now_ns += 2 * LLMGW__SECOND;
    call = ask(&it, "both");
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_call_attempt_count(call), 1);
    assert_int_equal(llmgw_call_plan_usable(call, 0), 0);
    assert_string_equal(llmgw_call_plan_reason(call, 0),
                        "its keys rest, the first for 7000 ms more");
    llmgw_call_free(call);
    assert_int_equal(fake_requests(it.provider), 3);
    /* nobody else is left: asked all the same, with the first to be back */
    fake_script(it.other, "", "status=500");
    assert_string_equal(keys_of(&it, "both", LLMGW_END_ERROR), "a");
    fake_clear(it.provider);
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "b");
    close_shop(&it);
}

static void an_only_key_rests_where_others_can_be_asked(void **state)
{
    struct shop it;

    (void)state;
    open_shop(&it);
    fake_script(it.provider, "", "error=auth times=1");
    assert_string_equal(keys_of(&it, "single", LLMGW_END_RESPONSE), "o");
    assert_string_equal(keys_of(&it, "single", LLMGW_END_RESPONSE), "");
    now_ns += 299 * LLMGW__SECOND;
    assert_string_equal(keys_of(&it, "single", LLMGW_END_RESPONSE), "");
    assert_string_equal(keys_of(&it, "one/m", LLMGW_END_RESPONSE), "o");
    /* it went well: nothing is held against it */
    assert_string_equal(keys_of(&it, "single", LLMGW_END_RESPONSE), "o");
    assert_int_equal(fake_requests(it.other), 3);
    fake_script(it.provider, "", "error=rate_limit times=1");
    assert_string_equal(keys_of(&it, "twice", LLMGW_END_RESPONSE), "oo");
    close_shop(&it);
}

static void a_key_that_lacks_a_model_has_others(void **state)
{
    struct shop it;

    (void)state;
    open_shop(&it);
    fake_script(it.provider, "", "error=permission times=1");
    assert_string_equal(keys_of(&it, "single", LLMGW_END_RESPONSE), "o");
    assert_string_equal(keys_of(&it, "single", LLMGW_END_RESPONSE), "");
    assert_string_equal(keys_of(&it, "one/another", LLMGW_END_RESPONSE), "o");
    close_shop(&it);
}

static void attempts_are_counted_over_all_keys(void **state)
{
    struct shop it;
    struct caller caller = {0};

    (void)state;
    open_shop(&it);
    fake_script(it.provider, "", "error=rate_limit");
    caller_ask_json(&caller, it.gateway, CALLER_LOOP,
                    "{'model':'both','messages':[{'role':'user',"
                    "'content':'hi'}],'llmgw':{'max_attempts':2}}",
                    1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
    assert_string_equal(shown_since(&it, 0), "ab");
    llmgw_call_free(caller.call);
    close_shop(&it);
}

static void a_reload_forgets_nothing(void **state)
{
    struct shop it;
    char json[2048];
    int len;

    (void)state;
    open_shop(&it);
    fake_script(it.provider, "", "error=rate_limit retry_after=7 with=key-b");
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "a");
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "bc");
    len = snprintf(json, sizeof json,
                   "{\"environment\":false,\"providers\":{\"many\":{"
                   "\"type\":\"openai\",\"base_url\":\"%s/v1\",\"api_keys\":["
                   "\"key-b\",\"key-d\",\"key-a\"]}}}",
                   fake_url(it.provider));
    assert_int_equal(
        llmgw_gateway_reload(it.gateway, (llmgw_str){json, (size_t)len}, NULL),
        LLMGW_OK);
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "d");
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "a");
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "d");
    now_ns += 7 * LLMGW__SECOND;
    fake_clear(it.provider);
    assert_string_equal(keys_of(&it, "many/m", LLMGW_END_RESPONSE), "b");
    close_shop(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_shown_in_turn),
        cmocka_unit_test(where_one_is_refused_another_is_shown),
        cmocka_unit_test(errors_that_are_no_keys_fault_rotate_nothing),
        cmocka_unit_test(a_key_rests_until_it_is_back),
        cmocka_unit_test(when_all_rest_others_are_asked_first),
        cmocka_unit_test(an_only_key_rests_where_others_can_be_asked),
        cmocka_unit_test(a_key_that_lacks_a_model_has_others),
        cmocka_unit_test(attempts_are_counted_over_all_keys),
        cmocka_unit_test(a_reload_forgets_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
