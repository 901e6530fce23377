/*
 * flow/test_http_faults.c - exchanges that fail: how they end, what is said,
 * what is refused at once, and that no memory is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "support/alloc.h"
#include "support/canned.h"
#include "support/fake_provider.h"
#include "support/http_client.h"

/* libcurl's numbers */
enum {
    COULDNT_RESOLVE = 6,
    COULDNT_CONNECT = 7,
    PARTIAL = 18,
    NO_MEMORY = 27,
    GOT_NOTHING = 52,
    SEND_ERROR = 55,
    RECV_ERROR = 56
};

static const char ask[] = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";

static struct fake *fake;
static struct http_client client;

static int start(void **state)
{
    (void)state;
    fake = fake_start();
    if (!fake)
        return -1;
    http_client_open(&client);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_client_close(&client);
    fake_stop(fake);
    return 0;
}

static const char *chat_url(void)
{
    static char url[128];

    snprintf(url, sizeof url, "%s/v1/chat/completions", fake_url(fake));
    return url;
}

static void ask_fake(struct http_exchange *exchange)
{
    http_exchange_init(exchange, &client, "POST", chat_url(), ask);
    assert_int_equal(http_exchange_start(exchange), LLMGW_OK);
    http_exchange_wait(exchange);
}

static void every_break_has_its_code(void **state)
{
    static const struct {
        const char *scenario;
        const char *steps;
        int32_t code;
    } rows[] = {
        {"drop_before", "ce", GOT_NOTHING},
        {"reset_before", "ce", RECV_ERROR},
        {"chunks=9 drop_after=3", "chde", PARTIAL},
        {"chunks=9 reset_after=3", "chde", RECV_ERROR},
        {"chunks=9 content_length=1000000", "chde", PARTIAL},
        {"chunks=9 end_after=3", "chde", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_exchange exchange;

        fake_clear(fake);
        fake_script(fake, "", rows[i].scenario);
        ask_fake(&exchange);
        assert_int_equal(exchange.ends, 1);
        assert_int_equal(exchange.end.code, rows[i].code);
        assert_string_equal(exchange.steps, rows[i].steps);
        assert_int_equal(exchange.end.code != 0,
                         exchange.end.message[0] != '\0');
        http_exchange_clear(&exchange);
    }
}

static void an_error_status_is_an_answer(void **state)
{
    struct http_exchange exchange;

    (void)state;
    fake_script(fake, "", "status=503 error=overloaded");
    ask_fake(&exchange);
    assert_int_equal(exchange.end.code, 0);
    assert_int_equal(exchange.head.status, 503);
    assert_true(exchange.body.len > 0);
    http_exchange_clear(&exchange);
}

/* A port of which nobody else can get hold while we know it is closed. */
static int closed_port(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(url, size, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return fd; /* bound, not listening */
}

static void a_refused_connection_is_told_as_such(void **state)
{
    struct http_exchange exchange;
    char url[64];
    int fd = closed_port(url, sizeof url);

    (void)state;
    http_exchange_init(&exchange, &client, "POST", url, ask);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_string_equal(exchange.steps, "e");
    assert_int_equal(exchange.end.code, COULDNT_CONNECT);
    assert_non_null(strstr(exchange.end.message, "127.0.0.1"));
    assert_null(strchr(exchange.end.message, '\n'));
    assert_int_equal(exchange.times.connected_ns, 0);
    http_exchange_clear(&exchange);
    close(fd);
}

static void an_unknown_host_is_told_as_such(void **state)
{
    struct http_exchange exchange;

    (void)state;
    http_exchange_init(&exchange, &client, "POST", "http://host.invalid/", ask);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_string_equal(exchange.steps, "e");
    assert_int_equal(exchange.end.code, COULDNT_RESOLVE);
    assert_non_null(strstr(exchange.end.message, "host.invalid"));
    http_exchange_clear(&exchange);
}

/* The resolver may take its time: a cancel does not wait for it. */
static void a_name_being_resolved_can_be_cancelled(void **state)
{
    struct http_exchange exchange;

    (void)state;
    http_exchange_init(&exchange, &client, "POST", "http://host.invalid/", ask);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    llmgw__timers_run(&client.timers, UINT64_MAX - 1);
    if (!exchange.ends)
        llmgw__http_cancel(exchange.transfer);
    assert_int_equal(llmgw__http_active(client.http), 0);
    http_exchange_clear(&exchange);
}

static void what_is_no_http_url_is_refused_at_once(void **state)
{
    static const char *const urls[] = {
        "",
        "127.0.0.1/v1",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://",
        "http://a b/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/a\r\nx-evil: 1",
        "gopher://127.0.0.1/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct http_exchange exchange;

        http_exchange_init(&exchange, &client, "POST", urls[i], ask);
        assert_int_equal(http_exchange_start(&exchange), LLMGW_E_INVALID);
        assert_null(exchange.transfer);
        assert_int_equal(llmgw__http_active(client.http), 0);
        http_exchange_clear(&exchange);
    }
}

/* Not through llmgw__http_header_add, which refuses it before. */
static void a_header_that_would_be_two_is_refused(void **state)
{
    static const char *const values[] = {"a\r\nx-evil: 1", "a\nb", "a\rb"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct http_exchange exchange;

        http_exchange_init(&exchange, &client, "POST", chat_url(), ask);
        exchange.request.headers[0].name = LLMGW__LIT("x-good");
        exchange.request.headers[0].value = llmgw__str(values[i]);
        exchange.request.header_count = 1;
        assert_int_equal(http_exchange_start(&exchange), LLMGW_E_INVALID);
        http_exchange_clear(&exchange);
    }
    assert_int_equal(fake_requests(fake), 0);
}

/* A refused one leaves nothing behind for the next one on that handle. */
static void after_a_refusal_the_next_one_goes_well(void **state)
{
    struct http_exchange exchange;

    (void)state;
    ask_fake(&exchange);
    http_exchange_clear(&exchange);
    http_exchange_init(&exchange, &client, "POST", "ftp://127.0.0.1/", ask);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_E_INVALID);
    http_exchange_clear(&exchange);
    ask_fake(&exchange);
    assert_int_equal(exchange.end.code, 0);
    assert_int_equal(fake_requests(fake), 2);
    assert_int_equal(fake_connections(fake), 1);
    http_exchange_clear(&exchange);
}

static void bytes_that_are_no_http_are_an_error(void **state)
{
    static const struct {
        const char *answer;
        int32_t code;
    } rows[] = {
        {"SSH-2.0-x\r\n\r\nhello", 1},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 56},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", 18},
        {"", 52},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct canned *canned = canned_start(rows[i].answer);
        struct http_exchange exchange;

        assert_non_null(canned);
        http_exchange_init(&exchange, &client, "POST", canned_url(canned), ask);
        assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
        http_exchange_wait(&exchange);
        assert_int_equal(exchange.end.code, rows[i].code);
        assert_true(exchange.end.message[0]);
        http_exchange_clear(&exchange);
        canned_stop(canned);
    }
}

static void no_message_tells_a_secret(void **state)
{
    static const char *const scenarios[] = {"drop_before", "reset_before",
                                            "chunks=9 reset_after=3",
                                            "chunks=9 drop_after=3"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct http_exchange exchange;
        char url[160];

        fake_clear(fake);
        if (i < 4)
            fake_script(fake, "", scenarios[i]);
        snprintf(url, sizeof url, "%s/v1/chat/completions?key=sk-url",
                 i < 4 ? fake_url(fake) : "http://127.0.0.1:1");
        http_exchange_init(&exchange, &client, "POST", url, ask);
        assert_int_equal(llmgw__http_header_add(
                             &exchange.request, LLMGW__LIT("authorization"),
                             LLMGW__LIT("Bearer sk-header"), true),
                         LLMGW_OK);
        assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
        http_exchange_wait(&exchange);
        assert_true(exchange.end.code != 0);
        assert_null(strstr(exchange.end.message, "sk-"));
        http_exchange_clear(&exchange);
    }
}

/* A kept connection that the peer has closed: tried again on a new one. */
static void a_dead_kept_connection_is_replaced(void **state)
{
    struct http_exchange exchange;

    (void)state;
    fake_script(fake, "", "close times=1");
    ask_fake(&exchange);
    assert_int_equal(exchange.end.code, 0);
    http_exchange_clear(&exchange);
    assert_true(fake_wait_closed(fake, 1));
    ask_fake(&exchange);
    assert_int_equal(exchange.end.code, 0);
    assert_int_equal(fake_connections(fake), 2);
    http_exchange_clear(&exchange);
}

/* A kept connection that dies with the request on it: libcurl sends it again,
 * from the first byte of the body. */
static void a_body_is_sent_again_from_its_beginning(void **state)
{
    size_t large = (size_t)300 * 1024;
    struct http_exchange exchange;
    char *slice = malloc(large);
    struct fake_request seen;

    (void)state;
    assert_non_null(slice);
    memset(slice, 'x', large);
    ask_fake(&exchange);
    http_exchange_clear(&exchange);
    fake_script(fake, "", "drop_before times=1");
    http_exchange_init(&exchange, &client, "POST", chat_url(), "");
    llmgw__body_add(&exchange.request.body, LLMGW__LIT("first"));
    llmgw__body_add(&exchange.request.body, llmgw__str_n(slice, large));
    assert_int_equal(llmgw__body_finish(&exchange.request.body), LLMGW_OK);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_int_equal(exchange.end.code, 0);
    assert_string_equal(exchange.steps, "cchde");
    assert_int_equal(fake_requests(fake), 3);
    assert_int_equal(fake_connections(fake), 2);
    seen = fake_request(fake, 2);
    assert_int_equal(seen.body_len, 5 + large);
    assert_memory_equal(seen.body, "firstxxx", 8);
    assert_memory_equal(seen.body + 5, slice, large);
    http_exchange_clear(&exchange);
    free(slice);
}

/* The peer resets while megabytes are on their way: EPIPE, no SIGPIPE. */
static void a_reset_while_sending_does_not_kill_the_process(void **state)
{
    size_t large = (size_t)8 * 1024 * 1024;
    char *slice = calloc(1, large);
    struct http_exchange exchange;
    struct sigaction action;

    (void)state;
    assert_non_null(slice);
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_ptr_equal(action.sa_handler, SIG_DFL);
    fake_script(fake, "", "reset_before");
    for (int i = 0; i < 3; i++) {
        http_exchange_init(&exchange, &client, "POST", chat_url(), "");
        for (int n = 0; n < 4; n++)
            llmgw__body_add(&exchange.request.body, llmgw__str_n(slice, large));
        assert_int_equal(llmgw__body_finish(&exchange.request.body), LLMGW_OK);
        assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
        http_exchange_wait(&exchange);
        assert_true(exchange.end.code == SEND_ERROR ||
                    exchange.end.code == RECV_ERROR);
        http_exchange_clear(&exchange);
    }
    free(slice);
}

/* Changed settings take hold on a handle that is used anew. */
static void other_settings_configure_the_handle_anew(void **state)
{
    struct http_exchange exchange;
    char proxy[64];
    int fd = closed_port(proxy, sizeof proxy);

    (void)state;
    ask_fake(&exchange);
    assert_int_equal(exchange.end.code, 0);
    http_exchange_clear(&exchange);
    http_exchange_init(&exchange, &client, "POST", chat_url(), ask);
    exchange.settings.proxy = proxy;
    exchange.settings.user_agent = "other";
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_int_equal(exchange.end.code, COULDNT_CONNECT);
    http_exchange_clear(&exchange);
    ask_fake(&exchange);
    assert_int_equal(exchange.end.code, 0);
    assert_int_equal(fake_requests(fake), 2);
    http_exchange_clear(&exchange);
    close(fd);
}

static void codes_have_a_text(void **state)
{
    (void)state;
    assert_true(llmgw__http_code_text(COULDNT_CONNECT)[0]);
    assert_true(llmgw__http_code_text(100000)[0]);
}

/* --- no memory --- */

static uint64_t no_time(void *userdata)
{
    (void)userdata;
    return 1;
}

static void creating_survives_every_failed_allocation(void **state)
{
    int failed = 1;
    int nth = 0;

    (void)state;
    for (; failed; nth++) {
        struct llmgw__poller *poller = NULL;
        struct llmgw__http *http = NULL;
        struct llmgw__timers timers;
        llmgw_status status;

        llmgw__timers_init(&timers);
        fail_allocation(nth);
        status = llmgw__poller_create(&poller);
        if (status == LLMGW_OK)
            status = llmgw__http_create(poller, &timers, no_time, NULL, &http);
        failed = allow_allocations();
        assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        assert_true(failed ? !http : http != NULL);
        llmgw__http_free(http);
        llmgw__timers_clear(&timers);
        llmgw__poller_free(poller);
    }
    assert_true(nth > 3);
}

/* Either it does not start, or it ends with the code for it. The server runs
 * in this process: what fails there only breaks an answer. */
static void an_exchange_survives_every_failed_allocation(void **state)
{
    int failed = 1;
    int refused = 0;
    int broken = 0;

    (void)state;
    for (int nth = 0; failed; nth++) {
        struct canned *canned = canned_start(
            "HTTP/1.1 200 OK\r\nx-a: 1\r\nConnection: close\r\n\r\nbody");
        struct http_exchange exchange;
        struct http_client one;
        llmgw_status status;

        assert_non_null(canned);
        http_client_open(&one);
        http_exchange_init(&exchange, &one, "POST", canned_url(canned), ask);
        assert_true(llmgw__buf_reserve(&exchange.body, 64) != NULL);
        assert_int_equal(llmgw__http_header_add(&exchange.request,
                                                LLMGW__LIT("x-b"),
                                                LLMGW__LIT("1"), true),
                         LLMGW_OK);
        fail_allocation(nth);
        status = http_exchange_start(&exchange);
        if (status == LLMGW_OK)
            http_exchange_wait(&exchange);
        failed = allow_allocations();
        assert_int_equal(status,
                         failed && !exchange.ends ? LLMGW_E_NOMEM : LLMGW_OK);
        refused += status != LLMGW_OK;
        if (exchange.ends)
            assert_int_equal(exchange.end.code, failed ? NO_MEMORY : 0);
        broken += failed && exchange.ends;
        http_exchange_clear(&exchange);
        http_client_close(&one);
        canned_stop(canned);
    }
    assert_true(refused > 3);
    assert_true(broken > 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_break_has_its_code),
        TEST(an_error_status_is_an_answer),
        TEST(a_refused_connection_is_told_as_such),
        TEST(an_unknown_host_is_told_as_such),
        TEST(a_name_being_resolved_can_be_cancelled),
        TEST(what_is_no_http_url_is_refused_at_once),
        TEST(a_header_that_would_be_two_is_refused),
        TEST(after_a_refusal_the_next_one_goes_well),
        TEST(bytes_that_are_no_http_are_an_error),
        TEST(no_message_tells_a_secret),
        TEST(a_dead_kept_connection_is_replaced),
        TEST(a_body_is_sent_again_from_its_beginning),
        TEST(a_reset_while_sending_does_not_kill_the_process),
        TEST(other_settings_configure_the_handle_anew),
        TEST(codes_have_a_text),
        cmocka_unit_test(creating_survives_every_failed_allocation),
        cmocka_unit_test(an_exchange_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
