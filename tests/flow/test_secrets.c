/*
 * A key that a service repeats in what it says about it goes no further:
 * whether it was configured, told by the host or fetched, and whatever the
 * service repeats it in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/token_source.h"

#define KEY    "sk-4Jq9secretZ7"
#define SECOND "sk-7Tw2secondQ3"
#define HOST   "sk-0Ht5hostsX81"
#define TOKEN  "ya29.8kD3tokenVv6"
#define CLIENT TOKEN_SOURCE_SECRET

#define PROVIDERS                                                              \
    "{'environment':false,'providers':{"                                       \
    "'oai':{'type':'openai','base_url':'$1/v1','api_key':'" KEY "'},"          \
    "'ant':{'type':'anthropic','base_url':'$1','api_key':'" KEY "'},"          \
    "'goo':{'type':'google','base_url':'$1','api_key':'" KEY "'},"             \
    "'two':{'type':'openai','base_url':'$1/v1','api_keys':['" SECOND "','" KEY \
    "']},"                                                                     \
    "'cloud':{'type':'compatible','base_url':'$1/v1'}},"                       \
    "'routes':{'all':{'targets':['cloud/m','two/m','oai/m']}}}"

static const char *const secrets[] = {KEY, SECOND, HOST, TOKEN, CLIENT};

static int has_text(llmgw_str text, const char *secret)
{
    const size_t len = strlen(secret);

    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.data + i, secret, len) == 0)
            return 1;
    return 0;
}

static int has_secret(llmgw_str text)
{
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (has_text(text, secrets[i]))
            return 1;
    return 0;
}

static llmgw_str view(const char *text)
{
    return (llmgw_str){text, text ? strlen(text) : 0};
}

static void note_line(int32_t level, llmgw_str line, void *userdata)
{
    (void)level;
    *(int *)userdata += has_secret(line);
}

static int32_t tell_key(llmgw_credential *credential, void *userdata)
{
    (void)userdata;
    return llmgw_credential_set_key(credential, view(HOST));
}

static void check_error(llmgw_error *error)
{
    llmgw_str json;

    if (!error)
        return;
    assert_false(has_secret(view(llmgw_error_message(error))));
    assert_false(has_secret(view(llmgw_error_code(error))));
    assert_false(has_secret(view(llmgw_error_param(error))));
    assert_false(has_secret(view(llmgw_error_request_id(error))));
    assert_false(has_secret(llmgw_error_body(error)));
    assert_int_equal(llmgw_error_json(error, &json), LLMGW_OK);
    assert_false(has_secret(json));
}

static int32_t check_entry(const llmgw_entry *entry, void *userdata)
{
    ++*(int *)userdata;
    assert_false(has_secret(llmgw_entry_call_id(entry)));
    assert_false(has_secret(llmgw_entry_provider(entry)));
    assert_false(has_secret(llmgw_entry_model(entry)));
    assert_false(has_secret(llmgw_entry_route(entry)));
    assert_false(has_secret(llmgw_entry_tags(entry)));
    return 0;
}

/** Everything that a call tells. */
static void check_call(llmgw_call *call)
{
    static const char *const headers[] = {"x-request-id", "x-echo",
                                          "www-authenticate"};
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str json;

    check_error(llmgw_call_error(call));
    assert_false(has_secret(view(llmgw_call_id(call))));
    for (size_t i = 0; i < llmgw_call_attempt_count(call); i++) {
        const llmgw_attempt *attempt = llmgw_call_attempt(call, i);

        check_error(llmgw_attempt_error(attempt));
        for (size_t h = 0; h < sizeof headers / sizeof *headers; h++)
            assert_false(has_secret(llmgw_attempt_header(attempt, headers[h])));
    }
    for (size_t i = 0; i < llmgw_call_plan_count(call); i++)
        assert_false(has_secret(view(llmgw_call_plan_reason(call, i))));
    if (response) {
        assert_int_equal(llmgw_response_json(response, &json), LLMGW_OK);
        assert_false(has_secret(json));
    }
}

/** A gateway, what it logs, and where tokens come from. */
struct watched {
    llmgw_gateway *gateway;
    int leaks;
};

static void open_watched(struct watched *it, struct fake *fake,
                         struct fake *tokens, int with_host)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    it->leaks = 0;
    options.log_level = LLMGW_LOG_DEBUG;
    options.on_log = note_line;
    options.log_userdata = &it->leaks;
    options.on_credential = with_host ? tell_key : NULL;
    it->gateway = caller_open_with(&options, PROVIDERS, fake_url(fake), "", "");
    if (tokens)
        token_source_install(it->gateway, fake_url(tokens));
}

static void ask_and_check(struct watched *it, const char *model, llmgw_end end)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct caller caller = {0};
    int entries = 0;

    caller_ask(&caller, it->gateway, CALLER_LOOP, model, "hi");
    assert_int_equal(llmgw_call_end(caller.call), end);
    check_call(caller.call);
    assert_false(has_secret(view(caller.last_json)));
    assert_int_equal(
        llmgw_ledger_read(it->gateway, &filter, check_entry, &entries),
        LLMGW_OK);
    assert_int_equal(it->leaks, 0);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(it->gateway);
}

/** `secret` in the forms that services repeat it. */
static const char *body_with(const char *secret, size_t form)
{
    static const char *const forms[] = {
        "{\"error\":{\"message\":\"Incorrect API key: %s\",\"code\":\"%s\"}}",
        "{\"error\":\"who is %s? %s\"}",
        "%s%s",
    };
    static char body[256];
    const char *form_text = forms[form];
    size_t len = 0;

    for (; *form_text; form_text++) {
        if (form_text[0] == '%' && form_text[1] == 's') {
            len +=
                (size_t)snprintf(body + len, sizeof body - len, "%s", secret);
            form_text++;
        } else {
            body[len++] = *form_text;
        }
    }
    body[len] = '\0';
    return body;
}

/** The one key that a target is shown stands in all that it answers. */
static void repeat_key(const char *model, const char *secret, int with_host)
{
    static const int statuses[] = {200, 401, 403, 429, 500};
    char echoes[256];

    (void)snprintf(echoes, sizeof echoes,
                   "content-type: application/json\r\nx-request-id: %s\r\n"
                   "x-echo: <%s>\r\nwww-authenticate: Bearer %s\r\n",
                   secret, secret, secret);
    for (size_t form = 0; form < 3; form++)
        for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
            struct fake *fake = fake_start();
            struct fake *tokens = fake_start();
            struct watched it;

            fake_reply(tokens, "", 200, "", view(TOKEN " 0"), "");
            fake_reply(fake, "", statuses[i], echoes,
                       view(body_with(secret, form)), "");
            open_watched(&it, fake, tokens, with_host);
            ask_and_check(&it, model, LLMGW_END_ERROR);
            assert_true(fake_requests(fake) > 0);
            fake_stop(fake);
            fake_stop(tokens);
        }
}

static void a_configured_key_is_in_no_output(void **state)
{
    (void)state;
    repeat_key("oai/m", KEY, 0);
    repeat_key("ant/m", KEY, 0);
    repeat_key("goo/m", KEY, 0);
}

static void one_of_several_keys_is_in_no_output(void **state)
{
    (void)state;
    repeat_key("two/m", SECOND, 0);
    repeat_key("two/m", KEY, 0);
}

static void the_hosts_key_is_in_no_output(void **state)
{
    (void)state;
    repeat_key("oai/m", HOST, 1);
    repeat_key("ant/m", HOST, 1);
    repeat_key("goo/m", HOST, 1);
    repeat_key("cloud/m", HOST, 1);
}

static void a_fetched_token_is_in_no_output(void **state)
{
    (void)state;
    repeat_key("cloud/m", TOKEN, 0);
}

/* Nor what it was asked for with. */
static void what_a_token_is_asked_for_with_is_in_no_output(void **state)
{
    (void)state;
    for (size_t form = 0; form < 3; form++) {
        struct fake *fake = fake_start();
        struct fake *tokens = fake_start();
        struct watched it;

        fake_reply(tokens, "", 400, "x-echo: " CLIENT "\r\n",
                   view(body_with(CLIENT, form)), "");
        open_watched(&it, fake, tokens, 0);
        ask_and_check(&it, "cloud/m", LLMGW_END_ERROR);
        assert_int_equal(fake_requests(tokens), 1);
        fake_stop(fake);
        fake_stop(tokens);
    }
}

/* An answer that comes after others were refused says why they were. */
static void an_answer_after_refusals_has_no_key_in_it(void **state)
{
    struct fake *fake = fake_start();
    struct fake *tokens = fake_start();
    struct watched it;

    (void)state;
    fake_reply(tokens, "", 200, "", view(TOKEN " 0"), "");
    fake_reply(fake, "", 401, "x-request-id: " TOKEN "\r\n",
               view(body_with(TOKEN, 0)), "with=" TOKEN);
    fake_reply(fake, "", 429, "x-echo: " SECOND "\r\n",
               view(body_with(SECOND, 1)), "with=" SECOND);
    fake_script(fake, "", "chunks=3");
    fake_headers(fake, "x-echo: " KEY "\r\nx-request-id: " KEY "\r\n");
    open_watched(&it, fake, tokens, 0);
    ask_and_check(&it, "all", LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(fake), 4); /* token twice, both keys */
    fake_stop(fake);
    fake_stop(tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configured_key_is_in_no_output),
        cmocka_unit_test(one_of_several_keys_is_in_no_output),
        cmocka_unit_test(the_hosts_key_is_in_no_output),
        cmocka_unit_test(a_fetched_token_is_in_no_output),
        cmocka_unit_test(what_a_token_is_asked_for_with_is_in_no_output),
        cmocka_unit_test(an_answer_after_refusals_has_no_key_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
