/*
 * flow/test_http_tls.c - exchanges over TLS and HTTP/2: whom to trust, and
 * that connections are kept. Skipped where there is no TLS front.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_provider.h"
#include "support/http_client.h"
#include "support/tls_front.h"

enum {
    UNTRUSTED = 60
};

static const char ask[] = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";

static struct fake *fake;
static struct tls_front *front;
static const char *reason;
static struct http_client client;

static int start(void **state)
{
    (void)state;
    fake = fake_start();
    if (!fake)
        return -1;
    front = tls_front_start(fake_url(fake), &reason);
    http_client_open(&client);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_client_close(&client);
    tls_front_stop(front);
    fake_stop(fake);
    return 0;
}

static void prepare(struct http_exchange *exchange, const char *host)
{
    char url[160];

    if (!front) {
        print_message("skipped: %s\n", reason);
        skip();
    }
    snprintf(url, sizeof url, "https://%s%s/v1/chat/completions", host,
             strrchr(tls_front_url(front), ':'));
    http_exchange_init(exchange, &client, "POST", url, ask);
}

static void run(struct http_exchange *exchange)
{
    assert_int_equal(http_exchange_start(exchange), LLMGW_OK);
    http_exchange_wait(exchange);
}

static llmgw_str file_text(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t len;

    assert_non_null(file);
    len = fread(text, 1, size, file);
    fclose(file);
    return llmgw__str_n(text, len);
}

static void a_known_authority_is_trusted(void **state)
{
    struct http_exchange exchange;
    char text[8192];

    (void)state;
    for (int i = 0; i < 4; i++) {
        prepare(&exchange, "localhost");
        if (i % 2)
            exchange.settings.ca_pem =
                file_text(tls_front_ca(front), text, sizeof text);
        else
            exchange.settings.ca_file = tls_front_ca(front);
        run(&exchange);
        assert_int_equal(exchange.end.code, 0);
        assert_string_equal(exchange.steps, "chde");
        assert_int_equal(exchange.head.status, 200);
        assert_true(llmgw__str_ends(llmgw__buf_str(&exchange.body),
                                    "data: [DONE]\n\n"));
        http_exchange_clear(&exchange);
    }
}

static void an_unknown_authority_is_not_trusted(void **state)
{
    struct http_exchange exchange;

    (void)state;
    prepare(&exchange, "localhost");
    run(&exchange);
    assert_int_equal(exchange.end.code, UNTRUSTED);
    assert_string_equal(exchange.steps, "e");
    assert_true(exchange.end.message[0]);
    http_exchange_clear(&exchange);
    assert_int_equal(fake_requests(fake), 0);
}

static void a_name_that_is_not_in_the_certificate_is_not_trusted(void **state)
{
    struct http_exchange exchange;

    (void)state;
    prepare(&exchange, "127.0.0.1");
    exchange.settings.ca_file = tls_front_ca(front);
    run(&exchange);
    assert_int_equal(exchange.end.code, UNTRUSTED);
    http_exchange_clear(&exchange);
}

/* HTTP/2: one connection carries them all, and a cancelled one ends alone. */
static void streams_share_a_connection_and_end_alone(void **state)
{
    struct http_exchange all[4];
    struct http_exchange first;

    (void)state;
    prepare(&first, "localhost");
    first.settings.ca_file = tls_front_ca(front);
    run(&first); /* the connection is there */
    http_exchange_clear(&first);
    fake_script(fake, "", "chunks=20 delay_us=2000 cut=40");
    for (int i = 0; i < 4; i++) {
        prepare(&all[i], "localhost");
        all[i].settings.ca_file = tls_front_ca(front);
        assert_int_equal(http_exchange_start(&all[i]), LLMGW_OK);
    }
    while (all[0].body.len == 0)
        http_client_turn(&client);
    llmgw__http_cancel(all[0].transfer);
    for (int i = 1; i < 4; i++) {
        http_exchange_wait(&all[i]);
        assert_int_equal(all[i].end.code, 0);
        assert_true(
            llmgw__str_ends(llmgw__buf_str(&all[i].body), "data: [DONE]\n\n"));
    }
    assert_int_equal(all[0].ends, 0);
    for (int i = 0; i < 4; i++)
        http_exchange_clear(&all[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_known_authority_is_trusted),
        TEST(an_unknown_authority_is_not_trusted),
        TEST(a_name_that_is_not_in_the_certificate_is_not_trusted),
        TEST(streams_share_a_connection_and_end_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
