/*
 * Keys that the host tells just in time: for each attempt, or for as long as it
 * says; none, so that what is configured follows; or a refusal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/token_source.h"

#define CONFIG                                                               \
    "{'environment':false,'providers':{"                                     \
    "'asked':{'type':'openai','base_url':'$1/v1','api_key_env':'LLMGW_NO'}," \
    "'cloud':{'type':'compatible','base_url':'$1/v1'},"                      \
    "'signed':{'type':'bedrock','base_url':'$1',"                            \
    "'settings':{'region':'us-east-1'}},"                                    \
    "'fixed':{'type':'openai','base_url':'$1/v1','api_key':'key-f'}},"       \
    "'routes':{'two':{'targets':['asked/m','fixed/m']}}}"

#define WALL INT64_C(1700000000) /* seconds, at first */

static uint64_t now_ns;

static uint64_t own_monotonic(void *userdata)
{
    (void)userdata;
    return now_ns;
}

static int64_t own_wall(void *userdata)
{
    (void)userdata;
    return WALL * (int64_t)LLMGW__SECOND + (int64_t)now_ns;
}

/** A host, and what it says. */
struct host {
    struct fake *provider;
    llmgw_gateway *gateway;
    const char *key; /* NULL: none */
    const char *access_key;
    int64_t expires_s;
    int32_t refusal;
    int asked;
    llmgw_status set;     /* what the setter has answered */
    llmgw_status blocked; /* what a call from inside has */
    char provider_name[32];
    char type[32];
};

static llmgw_str view(const char *text)
{
    return (llmgw_str){text, text ? strlen(text) : 0};
}

static int32_t tell(llmgw_credential *credential, void *userdata)
{
    struct host *host = userdata;
    llmgw_call *call = NULL;
    llmgw_request *request = NULL;

    host->asked++;
    (void)snprintf(host->provider_name, sizeof host->provider_name, "%s",
                   caller_text(llmgw_credential_provider(credential)));
    (void)snprintf(host->type, sizeof host->type, "%s",
                   caller_text(llmgw_credential_type(credential)));
    if (host->blocked && llmgw_request_create("fixed/m", &request) == LLMGW_OK)
        host->blocked = llmgw_chat(host->gateway, request, NULL, &call);
    llmgw_request_free(request);
    if (host->key) {
        char copy[64];

        (void)snprintf(copy, sizeof copy, "%s", host->key);
        host->set = llmgw_credential_set_key(credential, view(copy));
        memset(copy, 'x', sizeof copy - 1); /* it was copied */
        (void)llmgw_credential_set_expiry(credential, host->expires_s);
    }
    if (host->access_key)
        host->set = llmgw_credential_set_pair(
            credential, view(host->access_key), view("secret"), view(NULL));
    return host->refusal;
}

static void open_host(struct host *it)
{
    llmgw_clock clock = {sizeof clock, 0, NULL, own_monotonic, own_wall, NULL};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    now_ns = LLMGW__SECOND;
    memset(it, 0, sizeof *it);
    options.clock = &clock;
    options.on_credential = tell;
    options.credential_userdata = it;
    it->provider = fake_start();
    it->gateway =
        caller_open_with(&options, CONFIG, fake_url(it->provider), "", "");
}

static void close_host(struct host *it)
{
    llmgw_gateway_close(it->gateway);
    fake_stop(it->provider);
}

static llmgw_call *ask(struct host *it, const char *model)
{
    struct caller caller = {0};

    caller_ask(&caller, it->gateway, CALLER_LOOP, model, "hi");
    return caller.call;
}

static void expect_key(struct host *it, const char *model, const char *key)
{
    llmgw_call *call = ask(it, model);
    struct fake_request last;

    if (llmgw_call_end(call) != LLMGW_END_RESPONSE)
        fail_msg("%s", llmgw_error_message(llmgw_call_error(call)));
    last = fake_request(it->provider, fake_requests(it->provider) - 1);
    assert_string_equal(caller_text(fake_header(&last, "authorization")), key);
    llmgw_call_free(call);
}

static void it_is_asked_for_every_attempt(void **state)
{
    struct host it;

    (void)state;
    open_host(&it);
    it.key = "key-1";
    expect_key(&it, "asked/m", "Bearer key-1");
    assert_string_equal(it.provider_name, "asked");
    assert_string_equal(it.type, "openai");
    it.key = "key-2";
    expect_key(&it, "asked/m", "Bearer key-2");
    expect_key(&it, "fixed/m", "Bearer key-2"); /* its word comes first */
    assert_string_equal(it.provider_name, "fixed");
    assert_int_equal(it.asked, 3);
    close_host(&it);
}

static void what_expires_later_is_kept_until_then(void **state)
{
    struct host it;

    (void)state;
    open_host(&it);
    it.key = "key-1";
    it.expires_s = WALL + 1 + 3600;
    for (int i = 0; i < 3; i++)
        expect_key(&it, "asked/m", "Bearer key-1");
    assert_int_equal(it.asked, 1);
    it.key = "key-2";
    now_ns += 3300 * LLMGW__SECOND;
    expect_key(&it, "asked/m", "Bearer key-1");
    now_ns += LLMGW__SECOND;
    it.expires_s += 3600;
    expect_key(&it, "asked/m", "Bearer key-2");
    assert_int_equal(it.asked, 2);
    close_host(&it);
}

static void who_has_none_leaves_it_to_the_configuration(void **state)
{
    struct host it;
    struct fake *tokens = fake_start();
    llmgw_call *call;

    (void)state;
    open_host(&it);
    token_source_install(it.gateway, fake_url(tokens));
    fake_reply(tokens, "", 200, "", view("tok 0"), "");
    expect_key(&it, "fixed/m", "Bearer key-f");
    expect_key(&it, "cloud/m", "Bearer tok");
    expect_key(&it, "cloud/m", "Bearer tok");
    assert_int_equal(it.asked, 3); /* once an attempt, also when it waits */
    assert_int_equal(fake_requests(tokens), 1);
    call = ask(&it, "asked/m");
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_AUTH);
    llmgw_call_free(call);
    close_host(&it);
    fake_stop(tokens);
}

static void a_refusal_is_an_attempt_that_failed(void **state)
{
    struct host it;
    llmgw_call *call;

    (void)state;
    open_host(&it);
    it.refusal = 7;
    it.key = "key-1";
    call = ask(&it, "asked/m");
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_AUTH);
    assert_string_equal(llmgw_error_message(llmgw_call_error(call)),
                        "the host gives no credential for provider asked: 7");
    assert_int_equal(fake_requests(it.provider), 0);
    llmgw_call_free(call);
    close_host(&it);
}

static void what_cannot_be_a_key_is_refused(void **state)
{
    static const char *const bad[] = {"", "key\r\nx: y"};
    struct host it;

    (void)state;
    open_host(&it);
    for (size_t i = 0; i < 2; i++) {
        llmgw_call *call;

        it.key = bad[i];
        call = ask(&it, "asked/m");
        assert_int_equal(it.set, LLMGW_E_INVALID);
        assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
        llmgw_call_free(call);
    }
    assert_int_equal(fake_requests(it.provider), 0);
    assert_int_equal(llmgw_credential_set_key(NULL, view("k")),
                     LLMGW_E_INVALID);
    assert_int_equal(
        llmgw_credential_set_pair(NULL, view("k"), view("k"), view("")),
        LLMGW_E_INVALID);
    assert_int_equal(llmgw_credential_set_expiry(NULL, 0), LLMGW_E_INVALID);
    assert_int_equal(llmgw_credential_provider(NULL).len, 0);
    assert_int_equal(llmgw_credential_type(NULL).len, 0);
    close_host(&it);
}

/* A provider that takes no pair has nothing to show then. */
static void a_pair_is_not_shown_as_a_key(void **state)
{
    struct host it;
    llmgw_call *call;

    (void)state;
    open_host(&it);
    it.access_key = "AKIDEXAMPLE";
    call = ask(&it, "fixed/m");
    assert_int_equal(it.set, LLMGW_OK);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_AUTH);
    assert_int_equal(fake_requests(it.provider), 0);
    llmgw_call_free(call);
    close_host(&it);
}

static void a_pair_signs_where_requests_are_signed(void **state)
{
    struct host it;
    struct fake_request seen;
    llmgw_str value;

    (void)state;
    open_host(&it);
    it.access_key = "AKIDEXAMPLE";
    llmgw_call_free(ask(&it, "signed/anthropic.claude-3-haiku-20240307-v1:0"));
    assert_true(fake_requests(it.provider) > 0);
    seen = fake_request(it.provider, 0);
    value = fake_header(&seen, "authorization");
    assert_non_null(
        strstr(caller_text(value), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
    close_host(&it);
}

static void a_kept_key_that_is_refused_is_asked_for_anew(void **state)
{
    struct host it;
    llmgw_call *call;

    (void)state;
    open_host(&it);
    it.key = "key-1";
    it.expires_s = WALL + 36000;
    fake_script(it.provider, "", "error=auth with=key-1");
    call = ask(&it, "asked/m");
    assert_int_equal(it.asked, 2);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
    llmgw_call_free(call);
    it.key = "key-2";
    expect_key(&it, "asked/m", "Bearer key-2");
    assert_int_equal(it.asked, 3);
    close_host(&it);
}

static void a_call_from_in_there_is_refused(void **state)
{
    struct host it;

    (void)state;
    open_host(&it);
    it.key = "key-1";
    it.blocked = LLMGW_E_NOMEM; /* anything but OK: do call */
    expect_key(&it, "asked/m", "Bearer key-1");
    assert_int_equal(it.blocked, LLMGW_E_REENTRANT);
    close_host(&it);
}

static void without_memory_a_call_ends_cleanly(void **state)
{
    int failed = 1, answered = 0;

    (void)state;
    for (int nth = 0; failed; nth++) {
        llmgw_request *request;
        llmgw_call *call = NULL;
        struct host it;
        llmgw_status status;

        open_host(&it);
        it.key = "key-1";
        it.expires_s = WALL + 36000;
        assert_int_equal(llmgw_request_create("two", &request), LLMGW_OK);
        assert_int_equal(llmgw_request_add_text(request, "user", view("hi")),
                         LLMGW_OK);
        fail_allocation(nth);
        status = llmgw_chat(it.gateway, request, NULL, &call);
        failed = allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM ||
                    status == LLMGW_E_SYSTEM);
        answered = call && llmgw_call_end(call) == LLMGW_END_RESPONSE;
        llmgw_call_free(call);
        llmgw_request_free(request);
        close_host(&it);
    }
    assert_true(answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_for_every_attempt),
        cmocka_unit_test(what_expires_later_is_kept_until_then),
        cmocka_unit_test(who_has_none_leaves_it_to_the_configuration),
        cmocka_unit_test(a_refusal_is_an_attempt_that_failed),
        cmocka_unit_test(what_cannot_be_a_key_is_refused),
        cmocka_unit_test(a_pair_is_not_shown_as_a_key),
        cmocka_unit_test(a_pair_signs_where_requests_are_signed),
        cmocka_unit_test(a_kept_key_that_is_refused_is_asked_for_anew),
        cmocka_unit_test(a_call_from_in_there_is_refused),
        cmocka_unit_test(without_memory_a_call_ends_cleanly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
