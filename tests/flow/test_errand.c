/*
 * An exchange of our own on a loop: its answer whole, its limits kept, freed at
 * any time, over libcurl and over a host's HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/gateway.h"
#include "base/clock.h"
#include "call/errand.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define BARE "{'environment':false}"

struct errands {
    llmgw_gateway *gateway;
    llmgw_loop *loop;
    struct llmgw__catalog *catalog;
    struct llmgw__http_header header;
    struct llmgw__http_request request;
    char url[128];
};

/** What was told of one. */
struct told {
    struct llmgw__errand *errand;
    int ended;
    int32_t status;
    int32_t code;
    char text[256];
    char type[64];
    int free_in_there;
};

static uint64_t now_ns; /* of the injected clock */

static uint64_t injected_clock(void *userdata)
{
    (void)userdata;
    return now_ns;
}

static void ended(void *userdata, const struct llmgw__errand_end *end)
{
    struct told *told = userdata;
    llmgw_str type = llmgw__http_head_get(end->head, "content-type");

    told->ended++;
    told->status = end->status;
    told->code = end->transport_code;
    (void)snprintf(told->text, sizeof told->text, "%.*s", (int)end->body.len,
                   end->body.data ? end->body.data : "");
    (void)snprintf(told->type, sizeof told->type, "%.*s", (int)type.len,
                   type.data ? type.data : "");
    if (told->free_in_there) {
        llmgw__errand_free(told->errand);
        told->errand = NULL;
    }
}

static void open_errands(struct errands *it, llmgw_gateway_options *options,
                         const char *url)
{
    memset(it, 0, sizeof *it);
    it->gateway = caller_open_with(options, BARE, "", "", "");
    assert_int_equal(llmgw_loop_create(it->gateway, &it->loop), LLMGW_OK);
    it->catalog = llmgw__gateway_catalog(it->gateway);
    assert_non_null(it->catalog);
    (void)snprintf(it->url, sizeof it->url, "%s/token", url);
    it->request.method = "GET";
    it->request.url = it->url;
    it->request.headers = &it->header;
    it->request.header_cap = 1;
    llmgw__body_init(&it->request.body, 0);
    assert_int_equal(llmgw__http_header_add(&it->request, LLMGW__LIT("x-who"),
                                            LLMGW__LIT("errand"), false),
                     LLMGW_OK);
}

static void close_errands(struct errands *it)
{
    llmgw__body_clear(&it->request.body);
    llmgw_loop_free(it->loop);
    llmgw__catalog_drop(it->catalog);
    llmgw_gateway_close(it->gateway);
}

static llmgw_status start(struct errands *it, struct told *told,
                          uint32_t limit_ms, size_t max_body)
{
    const struct llmgw__errand_setup setup = {
        .request = &it->request,
        .catalog = it->catalog,
        .connect_ms = limit_ms,
        .total_ms = limit_ms,
        .max_body = max_body,
        .ended = ended,
        .userdata = told,
    };

    return llmgw__errand_start(&it->loop->driver, &setup, &told->errand);
}

static void run_until_ended(struct errands *it, struct told *told)
{
    while (!told->ended)
        assert_int_equal(llmgw_loop_run(it->loop, -1), LLMGW_OK);
}

static void an_answer_comes_whole_with_its_head(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct fake *fake = fake_start();
    struct errands it;
    struct told told = {0};

    (void)state;
    fake_reply(fake, "GET /token", 403, "content-type: text/plain\r\n",
               LLMGW__LIT("not for you"), "cut=3");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &told, 60000, 64), LLMGW_OK);
    assert_int_equal(told.ended, 0);
    assert_int_equal(llmgw_loop_active(it.loop), 0);
    run_until_ended(&it, &told);
    assert_int_equal(told.status, 403);
    assert_string_equal(told.text, "not for you");
    assert_string_equal(told.type, "text/plain");
    llmgw__errand_free(told.errand);
    assert_int_equal(fake_requests(fake), 1);
    close_errands(&it);
    fake_stop(fake);
}

static void it_may_be_freed_where_its_end_is_told(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct fake *fake = fake_start();
    struct errands it;
    struct told told = {.free_in_there = 1};

    (void)state;
    fake_reply(fake, "", 200, "", LLMGW__LIT("token"), "");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &told, LLMGW_NO_LIMIT, 5), LLMGW_OK);
    run_until_ended(&it, &told);
    assert_int_equal(told.status, 200);
    assert_string_equal(told.text, "token");
    assert_null(told.errand);
    close_errands(&it);
    fake_stop(fake);
}

static void too_long_an_answer_is_none(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct fake *fake = fake_start();
    struct errands it;
    struct told told = {0};

    (void)state;
    fake_reply(fake, "", 200, "", LLMGW__LIT("token!"), "cut=1");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &told, LLMGW_NO_LIMIT, 5), LLMGW_OK);
    run_until_ended(&it, &told);
    assert_int_equal(told.status, 0);
    assert_string_equal(told.text, "an answer longer than 5 bytes");
    llmgw__errand_free(told.errand);
    close_errands(&it);
    fake_stop(fake);
}

static void a_body_that_grows_is_kept(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    static char body[30000];
    struct fake *fake = fake_start();
    struct errands it;
    struct told told = {0};

    (void)state;
    memset(body, 'x', sizeof body);
    fake_reply(fake, "", 200, "", llmgw__str_n(body, sizeof body), "cut=4099");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &told, LLMGW_NO_LIMIT, sizeof body), LLMGW_OK);
    run_until_ended(&it, &told);
    assert_int_equal(told.status, 200);
    assert_int_equal(strlen(told.text), sizeof told.text - 1);
    llmgw__errand_free(told.errand);
    close_errands(&it);
    fake_stop(fake);
}

static void a_connection_that_breaks_says_so(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct fake *fake = fake_start();
    struct errands it;
    struct told told = {0};

    (void)state;
    fake_reply(fake, "", 200, "", LLMGW__LIT("half of it"), "drop_at=4");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &told, LLMGW_NO_LIMIT, 64), LLMGW_OK);
    run_until_ended(&it, &told);
    assert_int_equal(told.status, 0);
    assert_int_not_equal(told.code, 0);
    assert_true(told.text[0] != '\0');
    llmgw__errand_free(told.errand);
    close_errands(&it);
    fake_stop(fake);
}

/* The clock stands still until the test moves it. */
static void its_time_limit_ends_it(void **state)
{
    llmgw_clock clock = {sizeof clock, 0, NULL, injected_clock, NULL, NULL};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct fake *fake = fake_start();
    struct errands it;
    struct told told = {0};

    (void)state;
    now_ns = LLMGW__SECOND;
    options.clock = &clock;
    fake_script(fake, "", "stall_before");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &told, 30000, 64), LLMGW_OK);
    while (fake_requests(fake) == 0)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    now_ns += 29999 * LLMGW__MS;
    assert_int_equal(llmgw_loop_run(it.loop, 0), LLMGW_OK);
    assert_int_equal(told.ended, 0);
    now_ns += LLMGW__MS;
    assert_int_equal(llmgw_loop_run(it.loop, 0), LLMGW_OK);
    assert_int_equal(told.ended, 1);
    assert_int_equal(told.status, 0);
    assert_string_equal(told.text, "no answer within the time limit");
    llmgw__errand_free(told.errand);
    close_errands(&it);
    fake_stop(fake);
}

static void a_freed_one_tells_nothing(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct fake *fake = fake_start();
    struct errands it;
    struct told early = {0}, late = {0}, other = {0};

    (void)state;
    fake_script(fake, "", "stall_before");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &early, LLMGW_NO_LIMIT, 64), LLMGW_OK);
    llmgw__errand_free(early.errand);
    assert_int_equal(start(&it, &late, LLMGW_NO_LIMIT, 64), LLMGW_OK);
    while (fake_requests(fake) == 0)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    llmgw__errand_free(late.errand);
    llmgw__errand_free(NULL);
    fake_clear(fake);
    fake_reply(fake, "", 200, "", LLMGW__LIT("token"), "");
    assert_int_equal(start(&it, &other, LLMGW_NO_LIMIT, 64), LLMGW_OK);
    run_until_ended(&it, &other);
    llmgw__errand_free(other.errand);
    assert_int_equal(early.ended + late.ended, 0);
    assert_int_equal(other.ended, 1);
    close_errands(&it);
    fake_stop(fake);
}

static void a_loop_that_is_freed_ends_them(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct fake *fake = fake_start();
    struct errands it;
    struct told kept = {0}, freed = {.free_in_there = 1};

    (void)state;
    fake_script(fake, "", "stall_before");
    open_errands(&it, &options, fake_url(fake));
    assert_int_equal(start(&it, &kept, LLMGW_NO_LIMIT, 64), LLMGW_OK);
    assert_int_equal(start(&it, &freed, LLMGW_NO_LIMIT, 64), LLMGW_OK);
    close_errands(&it);
    assert_int_equal(kept.ended, 1);
    assert_int_equal(freed.ended, 1);
    assert_int_equal(kept.status, 0);
    assert_string_equal(kept.text, "the loop is being freed");
    llmgw__errand_free(kept.errand); /* later than its driver */
    fake_stop(fake);
}

/* --- a host's HTTP --- */

struct own_http {
    int at_once;
    int cancelled;
    llmgw_exchange *kept;
};

static void answer(llmgw_exchange *exchange)
{
    llmgw_exchange_connected(exchange);
    llmgw_exchange_head(exchange, 200);
    if (llmgw_exchange_data(exchange, LLMGW__LIT("tok")) ||
        llmgw_exchange_data(exchange, LLMGW__LIT("en")))
        return;
    llmgw_exchange_end(exchange, 0, LLMGW__LIT(""));
}

static int32_t own_start(llmgw_exchange *exchange, void *userdata)
{
    struct own_http *http = userdata;

    if (http->at_once)
        answer(exchange);
    else
        http->kept = exchange;
    return 0;
}

static void own_cancel(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange;
    ((struct own_http *)userdata)->cancelled++;
}

static void a_hosts_http_carries_it(void **state)
{
    (void)state;
    for (int at_once = 0; at_once < 2; at_once++) {
        struct own_http http = {.at_once = at_once};
        llmgw_transport transport = {sizeof transport, 0, &http, own_start,
                                     own_cancel};
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        struct errands it;
        struct told told = {0}, dropped = {0};

        options.transport = &transport;
        open_errands(&it, &options, "https://token.test");
        assert_int_equal(start(&it, &told, LLMGW_NO_LIMIT, 64), LLMGW_OK);
        assert_int_equal(llmgw_loop_run(it.loop, 0), LLMGW_OK);
        if (!at_once) {
            answer(http.kept);
            assert_int_equal(told.ended, 0);
        }
        run_until_ended(&it, &told);
        assert_int_equal(told.status, 200);
        assert_string_equal(told.text, "token");
        llmgw__errand_free(told.errand);
        assert_int_equal(start(&it, &dropped, LLMGW_NO_LIMIT, 64), LLMGW_OK);
        llmgw__errand_free(dropped.errand); /* before it was started */
        assert_int_equal(http.cancelled, 0);
        close_errands(&it);
        assert_int_equal(dropped.ended, 0);
    }
}

static void no_memory_starts_nothing_or_is_told(void **state)
{
    (void)state;
    for (int nth = 0, failed = 1; failed; nth++) {
        struct own_http http = {.at_once = 1};
        llmgw_transport transport = {sizeof transport, 0, &http, own_start,
                                     own_cancel};
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        struct errands it;
        struct told told = {0};
        llmgw_status status;

        options.transport = &transport;
        open_errands(&it, &options, "https://token.test");
        fail_allocation(nth);
        status = start(&it, &told, 60000, 64);
        if (status == LLMGW_OK)
            run_until_ended(&it, &told);
        failed = allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
        if (status != LLMGW_OK)
            assert_null(told.errand);
        else if (told.status == 0)
            assert_true(failed);
        else
            assert_string_equal(told.text, "token");
        llmgw__errand_free(told.errand);
        close_errands(&it);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_whole_with_its_head),
        cmocka_unit_test(it_may_be_freed_where_its_end_is_told),
        cmocka_unit_test(too_long_an_answer_is_none),
        cmocka_unit_test(a_body_that_grows_is_kept),
        cmocka_unit_test(a_connection_that_breaks_says_so),
        cmocka_unit_test(its_time_limit_ends_it),
        cmocka_unit_test(a_freed_one_tells_nothing),
        cmocka_unit_test(a_loop_that_is_freed_ends_them),
        cmocka_unit_test(a_hosts_http_carries_it),
        cmocka_unit_test(no_memory_starts_nothing_or_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
