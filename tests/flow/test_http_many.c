/*
 * flow/test_http_many.c - many exchanges at once: they read by small steps and
 * let go of what they sent, and nothing of that is seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/fake_provider.h"
#include "support/http_client.h"

enum {
    COUNT = 60,
    ROUNDS = 3
};

static const char ask[] = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";

static struct fake *fake;
static struct http_client client;
static size_t sent; /* exchanges whose body had gone when the answer began */

static int start(void **state)
{
    (void)state;
    fake = fake_start();
    if (!fake)
        return -1;
    http_client_open(&client);
    sent = 0;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_client_close(&client);
    fake_stop(fake);
    return 0;
}

static void look_at_head(struct http_exchange *exchange, char step)
{
    if (step == 'h')
        sent += llmgw__http_sent(exchange->transfer);
}

static void begin(struct http_exchange *exchange, int number)
{
    static char keys[COUNT][24];
    char url[128];

    snprintf(url, sizeof url, "%s/v1/chat/completions", fake_url(fake));
    http_exchange_init(exchange, &client, "POST", url, ask);
    snprintf(keys[number], sizeof keys[number], "Bearer sk-number-%d", number);
    assert_int_equal(llmgw__http_header_add(&exchange->request,
                                            LLMGW__LIT("authorization"),
                                            llmgw__str(keys[number]), true),
                     LLMGW_OK);
    exchange->step = look_at_head;
    assert_int_equal(http_exchange_start(exchange), LLMGW_OK);
}

/* Every key came once a round: lines that were let go are written anew. */
static void check_keys(void)
{
    int came[COUNT] = {0};

    for (size_t i = 0; i < fake_requests(fake); i++) {
        struct fake_request seen = fake_request(fake, i);
        llmgw_str key = fake_header(&seen, "authorization");
        int64_t number;

        assert_true(llmgw__str_starts(key, "Bearer sk-number-"));
        assert_true(llmgw__str_int64(llmgw__str_n(key.data + 17, key.len - 17),
                                     &number));
        assert_in_range(number, 0, COUNT - 1);
        assert_string_equal(seen.body, ask);
        assert_null(fake_header(&seen, "expect").data);
        came[number]++;
    }
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(came[i], ROUNDS);
}

static void each_of_many_arrives_whole_and_sends_its_own(void **state)
{
    struct http_exchange *all = calloc(COUNT, sizeof *all);
    size_t len = 0;

    (void)state;
    assert_non_null(all);
    fake_script(fake, "", "chunks=200 cut=5000 content_delay_ms=20");
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++)
            begin(&all[i], i);
        for (int i = 0; i < COUNT; i++)
            http_exchange_wait(&all[i]);
        for (int i = 0; i < COUNT; i++) {
            assert_string_equal(all[i].steps, "chde");
            assert_int_equal(all[i].end.code, 0);
            assert_true(llmgw__str_ends(llmgw__buf_str(&all[i].body),
                                        "data: [DONE]\n\n"));
            len = len ? len : all[i].body.len; /* the first was one of few */
            assert_in_range(len, 10000, 1000000);
            assert_int_equal(all[i].body.len, len);
            http_exchange_clear(&all[i]);
        }
    }
    assert_int_equal(sent, ROUNDS * COUNT);
    check_keys();
    free(all);
}

/* What a handle was set to for one kind of exchange is not left for another. */
static void patience_and_haste_may_take_turns(void **state)
{
    (void)state;
    fake_script(fake, "", "chunks=3");
    for (int i = 0; i < 4; i++) {
        struct http_exchange exchange;
        char url[128];

        snprintf(url, sizeof url, "%s/v1/chat/completions", fake_url(fake));
        http_exchange_init(&exchange, &client, "POST", url, ask);
        exchange.settings.patient = i % 2 == 0;
        assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
        http_exchange_wait(&exchange);
        assert_string_equal(exchange.steps, "chde");
        assert_int_equal(exchange.end.code, 0);
        http_exchange_clear(&exchange);
    }
    assert_int_equal(fake_connections(fake), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            each_of_many_arrives_whole_and_sends_its_own, start, stop),
        cmocka_unit_test_setup_teardown(patience_and_haste_may_take_turns,
                                        start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
