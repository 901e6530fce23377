/*
 * support/pair.c - two fake providers and a gateway over both.
 */
#include "support/pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

int pair_set_up(void **state, const char *config)
{
    static struct pair pair;

    pair.one = fake_start();
    pair.two = fake_start();
    assert_non_null(pair.one);
    assert_non_null(pair.two);
    pair.config = config;
    pair.gateway =
        caller_open(config, fake_url(pair.one), fake_url(pair.two), "");
    *state = &pair;
    return 0;
}

void pair_reopen(struct pair *pair)
{
    llmgw_gateway_close(pair->gateway);
    pair->gateway =
        caller_open(pair->config, fake_url(pair->one), fake_url(pair->two), "");
}

int pair_tear_down(void **state)
{
    struct pair *pair = *state;

    llmgw_gateway_close(pair->gateway);
    fake_stop(pair->one);
    fake_stop(pair->two);
    return 0;
}
