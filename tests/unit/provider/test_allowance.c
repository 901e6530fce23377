/*
 * What is left of rate limits, in every spelling of the services, and in none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "provider/allowance.h"

#define NOW INT64_C(1780000000) /* 2026-05-28T20:26:40Z */

struct row {
    const char *headers; /* "name: value" lines */
    int told;
    struct llmgw__allowed requests, tokens;
};

#define NONE       \
    {              \
        -1, -1, -1 \
    }
#define N(...)      \
    {               \
        __VA_ARGS__ \
    }

static const struct row rows[] = {
    {"", 0, NONE, NONE},
    {"content-type: application/json\nx-request-id: 7\n", 0, NONE, NONE},
    {"x-ratelimit-limit-requests: 60\nx-ratelimit-remaining-requests: 59\n"
     "x-ratelimit-reset-requests: 1s\nx-ratelimit-limit-tokens: 150000\n"
     "x-ratelimit-remaining-tokens: 149984\nx-ratelimit-reset-tokens: 6m0s\n",
     1, N(60, 59, 1000), N(150000, 149984, 360000)},
    {"x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 12ms\n", 1,
     N(-1, 0, 12), NONE},
    {"x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 0s\n", 1,
     N(-1, 0, 0), NONE},
    {"x-ratelimit-remaining-requests: 3\nx-ratelimit-reset-requests: soon\n", 1,
     N(-1, 3, -1), NONE},
    {"x-ratelimit-remaining-tokens-minute: 5\n"
     "x-ratelimit-limit-tokens-minute: 100\n"
     "x-ratelimit-reset-tokens-minute: 12.5\n"
     "x-ratelimit-remaining-requests-day: 9\n"
     "x-ratelimit-limit-requests-day: 900\n",
     1, N(900, 9, -1), N(100, 5, 12500)},
    {"x-ratelimit-limit-req-minute: 60\nx-ratelimit-remaining-req-minute: 4\n"
     "x-ratelimit-limit-tokens-minute: 500000\n"
     "x-ratelimit-remaining-tokens-minute: 400000\n"
     "x-ratelimit-tokens-query-cost: 12\n",
     1, N(60, 4, -1), N(500000, 400000, -1)},
    {"anthropic-ratelimit-requests-limit: 50\n"
     "anthropic-ratelimit-requests-remaining: 49\n"
     "anthropic-ratelimit-requests-reset: 2026-05-28T20:26:42Z\n"
     "anthropic-ratelimit-input-tokens-limit: 40000\n"
     "anthropic-ratelimit-input-tokens-remaining: 100\n"
     "anthropic-ratelimit-input-tokens-reset: 2026-05-28T20:27:40Z\n"
     "anthropic-ratelimit-output-tokens-limit: 8000\n"
     "anthropic-ratelimit-output-tokens-remaining: 8000\n",
     1, N(50, 49, 2000), N(40000, 100, 60000)},
    {"anthropic-ratelimit-tokens-remaining: 0\n"
     "anthropic-ratelimit-tokens-reset: 2026-05-28T20:26:00Z\n",
     1, NONE, N(-1, 0, 0)},
    {"x-ratelimit-limit: 20\nx-ratelimit-remaining: 0\n"
     "x-ratelimit-reset: 1780000007\n",
     1, N(20, 0, 7000), NONE},
    {"x-ratelimit-limit: 20\nx-ratelimit-remaining: 1\n"
     "x-ratelimit-reset: 1780000000250\n",
     1, N(20, 1, 250), NONE},
    {"ratelimit-limit: 100\nratelimit-remaining: 7\nratelimit-reset: 30\n", 1,
     N(100, 7, 30000), NONE},
    {"ratelimit: \"default\";r=50;t=30\nratelimit-policy: \"default\";q=100\n",
     1, N(-1, 50, 30000), NONE},
    {"ratelimit: \"a\";r=50;t=30, \"b\";r=2;t=5\n", 1, N(-1, 2, 5000), NONE},
    {"ratelimit: \"a\";r=1;t=99999999999999999999\n", 1, N(-1, 1, -1), NONE},
    {"x-trial-endpoint-call-remaining: 19\nx-trial-endpoint-call-limit: 20\n",
     1, N(20, 19, -1), NONE},
    /* of two that are used up the one that lasts longest */
    {"x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 1s\n"
     "x-ratelimit-remaining-requests-day: 0\n"
     "x-ratelimit-reset-requests-day: 2h\n",
     1, N(-1, 0, 7200000), NONE},
    /* no times, and times beyond measure: not told, which is not "over" */
    {"x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 12abc\n",
     1, N(-1, 0, -1), NONE},
    {"x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: -5\n", 1,
     N(-1, 0, -1), NONE},
    {"x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: \n", 1,
     N(-1, 0, -1), NONE},
    {"x-ratelimit-remaining-requests: 0\n"
     "x-ratelimit-reset-requests: 99999999999999999999\n",
     1, N(-1, 0, -1), NONE},
    {"x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 9999d\n",
     1, N(-1, 0, -1), NONE},
    {"x-ratelimit-remaining: 0\nx-ratelimit-reset: 9000000000\n", 1,
     N(-1, 0, -1), NONE},
    {"anthropic-ratelimit-tokens-remaining: 0\n"
     "anthropic-ratelimit-tokens-reset: 2099-01-01T00:00:00Z\n",
     1, NONE, N(-1, 0, -1)},
    /* times that are over */
    {"x-ratelimit-remaining: 0\nx-ratelimit-reset: 1779999999\n", 1,
     N(-1, 0, 0), NONE},
    {"x-ratelimit-remaining: 0\nx-ratelimit-reset: 1779999999999\n", 1,
     N(-1, 0, 0), NONE},
    {"x-ratelimit-remaining: 0\nx-ratelimit-reset: 0\n", 1, N(-1, 0, 0), NONE},
    {"x-ratelimit-remaining: 0\nx-ratelimit-reset: 1780000000.25\n", 1,
     N(-1, 0, 250), NONE},
    /* no counts */
    {"x-ratelimit-remaining-requests: -1\n", 0, NONE, NONE},
    {"x-ratelimit-remaining-requests: many\n", 0, NONE, NONE},
    {"x-ratelimit-remaining-requests: \n", 0, NONE, NONE},
    {"x-ratelimit-remaining-requests: 99999999999999999999999\n", 0, NONE,
     NONE},
    {"x-ratelimit-limit-requests: 60\n", 0, NONE, NONE},
    {"x-ratelimit-\nratelimit\nx-ratelimit--\nratelimit: ,,;r=,;t=\n", 0, NONE,
     NONE},
};

static void read_row(const struct row *row, struct llmgw__allowance *out)
{
    struct llmgw__http_head head;
    const char *at = row->headers;

    llmgw__http_head_init(&head);
    while (*at) {
        const char *end = strchr(at, '\n');
        const char *colon = memchr(at, ':', (size_t)(end - at));
        llmgw_str value = {"", 0};

        if (colon)
            value = (llmgw_str){colon + 1, (size_t)(end - colon - 1)};
        assert_int_equal(
            llmgw__http_head_add(
                &head, (llmgw_str){at, (size_t)((colon ? colon : end) - at)},
                value),
            LLMGW_OK);
        at = end + 1;
    }
    memset(out, 0x5a, sizeof *out);
    llmgw__allowance_read(&head, NOW, out);
    llmgw__http_head_clear(&head);
}

static void expect(const struct row *row, const struct llmgw__allowed *told,
                   const struct llmgw__allowed *wanted)
{
    if (wanted->left < 0)
        return;
    if (told->limit != wanted->limit || told->left != wanted->left ||
        told->reset_ms != wanted->reset_ms)
        fail_msg("%s-> limit %lld, left %lld, reset %lld", row->headers,
                 (long long)told->limit, (long long)told->left,
                 (long long)told->reset_ms);
}

static void every_spelling_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct llmgw__allowance told;

        read_row(&rows[i], &told);
        if (told.told != (rows[i].told != 0))
            fail_msg("%s: told %d", rows[i].headers, told.told);
        assert_int_equal(told.requests.left < 0, rows[i].requests.left < 0);
        assert_int_equal(told.tokens.left < 0, rows[i].tokens.left < 0);
        expect(&rows[i], &told.requests, &rows[i].requests);
        expect(&rows[i], &told.tokens, &rows[i].tokens);
    }
}

static void more_budgets_than_are_kept_do_no_harm(void **state)
{
    char text[4096];
    size_t len = 0;
    struct row row = {.headers = text};
    struct llmgw__allowance told;

    (void)state;
    for (int i = 0; i < 40; i++)
        len +=
            (size_t)snprintf(text + len, sizeof text - len,
                             "x-ratelimit-remaining-kind%d: %d\n", i, 100 - i);
    read_row(&row, &told);
    assert_true(told.told);
    assert_int_equal(told.requests.left, 93);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_is_read),
        cmocka_unit_test(more_budgets_than_are_kept_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
