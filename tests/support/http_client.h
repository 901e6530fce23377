/*
 * support/http_client.h - drive wire/http in a test and record what it tells.
 */
#ifndef LLMGW_TEST_HTTP_CLIENT_H
#define LLMGW_TEST_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/timers.h"
#include "schema/exchange.h"
#include "wire/http.h"
#include "wire/poller.h"

struct http_client {
    struct llmgw__poller *poller;
    struct llmgw__timers timers;
    struct llmgw__http *http;
};

struct http_exchange;
typedef void (*http_step_fn)(struct http_exchange *exchange, char step);

/** One exchange and all that was told of it. */
struct http_exchange {
    struct http_client *client;
    struct llmgw__http_request request;
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS]; /* its */
    struct llmgw__http_settings settings;
    struct llmgw__transfer *transfer;
    /* what was told: c connected, h head, d data (once), e end */
    char steps[8];
    struct llmgw__http_head head;
    struct llmgw__buf body;
    struct llmgw__http_end end;
    struct llmgw__http_times times; /* as read at the end */
    int ends;
    int stop;          /* answer of the data event */
    bool leave_head;   /* do not take the head over: only its status */
    http_step_fn step; /* NULL, or called at every event */
    void *userdata;
};

void http_client_open(struct http_client *client);
void http_client_close(struct http_client *client);
/** Wait once, run what is due. */
void http_client_turn(struct http_client *client);

/** Ready to be filled (headers, settings) and started. */
void http_exchange_init(struct http_exchange *exchange,
                        struct http_client *client, const char *method,
                        const char *url, const char *body);
llmgw_status http_exchange_start(struct http_exchange *exchange);
/** Drive until it has ended. */
void http_exchange_wait(struct http_exchange *exchange);
void http_exchange_clear(struct http_exchange *exchange);

#endif
