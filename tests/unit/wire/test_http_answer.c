/*
 * unit/wire/test_http_answer.c - heads as libcurl hands them over, line by
 * line, in forms that no server of ours sends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/http.h"
#include "wire/http_private.h"

/* What was told: "status name=value name=value;" for each head. */
struct seen {
    char text[512];
};

static void add(struct seen *seen, llmgw_str text)
{
    size_t len = strlen(seen->text);

    assert_true(len + text.len < sizeof seen->text);
    if (text.len)
        memcpy(seen->text + len, text.data, text.len);
}

static void on_head(void *userdata, struct llmgw__http_head *head)
{
    char status[4] = {(char)('0' + head->status / 100),
                      (char)('0' + head->status / 10 % 10),
                      (char)('0' + head->status % 10), '\0'};

    add(userdata, llmgw__str(status));
    for (size_t i = 0; i < head->header_count; i++) {
        add(userdata, LLMGW__LIT(" "));
        add(userdata, head->headers[i].name);
        add(userdata, LLMGW__LIT("="));
        add(userdata, head->headers[i].value);
    }
    add(userdata, LLMGW__LIT(";"));
}

static uint64_t no_time(void *userdata)
{
    (void)userdata;
    return 7;
}

static const struct llmgw__http_events events = {.head = on_head};

/* Lines are ended by LF here, and given to the callback with CR LF. */
static void feed(struct llmgw__transfer *transfer, const char *lines)
{
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        char line[256];

        assert_true(len + 2 <= sizeof line);
        memcpy(line, lines, len);
        memcpy(line + len, "\r\n", 2);
        assert_int_equal(llmgw__transfer_on_header(line, 1, len + 2, transfer),
                         len + 2);
        lines += len + 1;
    }
}

static void every_head_is_read_as_it_comes(void **state)
{
    static const struct {
        const char *lines;
        const char *heads;
    } rows[] = {
        {"HTTP/1.1 200 OK\nA: b\n\n", "200 a=b;"},
        {"HTTP/2 404 \nx-y:z\n\n", "404 x-y=z;"},
        {"HTTP/1.0 503\n\n", "503;"},
        {"HTTP/1.1 200 OK\nno colon\n: no name\nempty:\n\n", "200 empty=;"},
        {"HTTP/1.1 200 OK\na: b: c\nA:\t d \n\n", "200 a=b: c a=d;"},
        {"HTTP/1.1 100 Continue\nx: 1\n\nHTTP/1.1 103 Hints\nx: 2\n\n"
         "HTTP/1.1 429 Slow\nx: 3\n\n",
         "429 x=3;"},
        {"HTTP/1.1 200 OK\na: b\n\nlate: 1\n\n", "200 a=b;"},
        {"HTTP/1.1 200 OK\n\nHTTP/1.1 500 late\n\n", "200;"},
        {"HTTP/1.1\n\n", ""},
        {"HTTP/1.1 2\n\n", ""},
        {"HTTP/1.1 xyz\n\n", ""},
        {"\n\nHTTP/1.1 204 None\n\n", "204;"},
    };
    struct llmgw__poller *poller;
    struct llmgw__timers timers;
    struct llmgw__http *http;

    (void)state;
    llmgw__timers_init(&timers);
    assert_int_equal(llmgw__poller_create(&poller), LLMGW_OK);
    assert_int_equal(llmgw__http_create(poller, &timers, no_time, NULL, &http),
                     LLMGW_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct llmgw__transfer *transfer = llmgw__transfer_create(http);
        struct seen seen = {""};

        assert_non_null(transfer);
        transfer->events = &events;
        transfer->userdata = &seen;
        transfer->start_ns = 7;
        feed(transfer, rows[i].lines);
        assert_string_equal(seen.text, rows[i].heads);
        assert_int_equal(transfer->times.head_ns, seen.text[0] ? 1 : 0);
        llmgw__transfer_free(transfer);
    }
    llmgw__http_free(http);
    llmgw__timers_clear(&timers);
    llmgw__poller_free(poller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_head_is_read_as_it_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
