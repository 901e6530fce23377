/*
 * faults/faults_ways.c - faults that are more than a script of the first fake:
 * who cannot be reached, answers that are no text, keys, hedges.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "support/alloc.h"
#include "support/tls_front.h"
#include "virtual_time.h"

enum {
    DEEP = 40000,
    BOUND_BYTES = 64 << 20, /* asked for in a call, all in all */
    CUTS = 12
};

/* A way to be unreachable, and what it is called. */
struct reach {
    const char *url, *ca;
    llmgw_error_kind kind;
};

static void reach_one(const struct cell *cell, const struct reach *reach,
                      struct verdict *verdict);
static struct tls_front *front(void);
static void stop_front(void);
static int closed_port(char *url, size_t size);
static void ask_and_judge(struct stage *stage, struct verdict *verdict);
static void serve_literal(struct stage *stage, const char *body);
static void key_one(const struct cell *cell, const char *fault,
                    struct verdict *verdict);
static const char *failed_as(const struct heard *heard, llmgw_error_kind kind);

void run_reach(const struct cell *cell, struct verdict *verdict)
{
    char refused[64];
    char elsewhere[64];
    int port = closed_port(refused, sizeof refused);
    struct tls_front *tls = front();

    reach_one(cell, &(struct reach){refused, NULL, LLMGW_KIND_CONNECTION},
              verdict);
    reach_one(cell,
              &(struct reach){"http://host.invalid", NULL, LLMGW_KIND_DNS},
              verdict);
    if (tls) { /* else there is no nginx here */
        reach_one(cell,
                  &(struct reach){tls_front_url(tls), NULL, LLMGW_KIND_TLS},
                  verdict);
        (void)snprintf(elsewhere, sizeof elsewhere, "https://127.0.0.1%s",
                       strrchr(tls_front_url(tls), ':'));
        reach_one(cell,
                  &(struct reach){elsewhere, tls_front_ca(tls), LLMGW_KIND_TLS},
                  verdict);
    }
    (void)close(port);
}

/* real time: names and certificates are looked at by others than the fakes */
static void reach_one(const struct cell *cell, const struct reach *reach,
                      struct verdict *verdict)
{
    struct heard heard = {0};
    struct stage stage;
    char settings[256] = "backoff_ms=1";
    const char *why;

    if (reach->ca)
        (void)snprintf(settings + strlen(settings), 200,
                       ";/tls={'ca_file':'%s'}", reach->ca);
    stage_fakes(&stage);
    why = stage_open_at(
        &stage, cell, settings,
        (const char *const[]){reach->url, fake_url(stage.fakes[1])});
    if (why) {
        worsen(verdict, FAIL, "%s", why);
    } else {
        stage_script(&stage, 1, NULL);
        virtual_time_jump(0);
        ask(&stage, &heard);
        virtual_time_jump(1);
        judge(&stage, &heard, verdict);
        why = failed_as(&heard, reach->kind);
        if (why)
            worsen(verdict, PARTIAL, "%s: %s", reach->url, why);
        heard_clear(&heard);
    }
    stage_close(&stage);
}

/* of all attempts at the first target */
static const char *failed_as(const struct heard *heard, llmgw_error_kind kind)
{
    for (size_t i = 0; i + 1 < llmgw_call_attempt_count(heard->call); i++) {
        llmgw_error_kind told = llmgw_error_get_kind(
            llmgw_attempt_error(llmgw_call_attempt(heard->call, i)));

        if (told != kind)
            return llmgw_error_kind_name(told);
    }
    return llmgw_call_attempt_count(heard->call) < 2 ? "it was not asked"
                                                     : NULL;
}

/* one for the whole run: its keys take a while to make */
static struct tls_front *the_front;

static struct tls_front *front(void)
{
    static int tried;
    const char *reason;

    if (!tried) {
        tried = 1;
        the_front = tls_front_start("http://127.0.0.1:9", &reason);
        (void)atexit(stop_front);
    }
    return the_front;
}

static void stop_front(void)
{
    tls_front_stop(the_front);
}

/* bound, so that nobody else has it, and not listened at */
static int closed_port(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)bind(fd, (struct sockaddr *)&address, sizeof address);
    (void)getsockname(fd, (struct sockaddr *)&address, &len);
    (void)snprintf(url, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return fd;
}

void run_large(const struct cell *cell, struct verdict *verdict)
{
    char *body = malloc(4 * DEEP + 64);

    for (int way = 0; body && way < 3; way++) {
        struct stage stage;
        const char *why = stage_open(&stage, cell, cell->row->settings);
        size_t before;

        if (why) {
            worsen(verdict, FAIL, "%s", why);
            stage_close(&stage);
            continue;
        }
        memcpy(body, "data: ", 6);
        memset(body + 6, way == 0 ? 'x' : '[', 4 * DEEP);
        memcpy(body + 6 + (way == 0 ? 4 * DEEP : DEEP / 2), "\n\n", 3);
        stage_script(&stage, 0, "@ content_length=4294967296 stall_after=0");
        stage_script(&stage, 1, NULL);
        if (way < 2)
            serve_literal(&stage, body);
        before = allocation_bytes();
        ask_and_judge(&stage, verdict);
        if (allocation_bytes() - before > BOUND_BYTES)
            worsen(verdict, FAIL, "%zu bytes were asked for",
                   allocation_bytes() - before);
        stage_close(&stage);
    }
    free(body);
}

static void serve_literal(struct stage *stage, const char *body)
{
    fake_clear(stage->fakes[0]);
    fake_reply(stage->fakes[0], "POST", 200,
               "Content-Type: text/event-stream\r\n",
               (llmgw_str){body, strlen(body)}, "");
}

static void ask_and_judge(struct stage *stage, struct verdict *verdict)
{
    struct heard heard = {0};

    ask(stage, &heard);
    judge(stage, &heard, verdict);
    heard_clear(&heard);
}

/* bytes of the body, from its first content on */
void run_within(const struct cell *cell, struct verdict *verdict)
{
    static const char *const ends[] = {"drop_at", "end_at"};

    for (int i = 0; i < CUTS; i++) {
        struct stage stage;
        char fault[128];
        const char *why = stage_open(&stage, cell, cell->row->settings);

        (void)snprintf(fault, sizeof fault, "@ ascii %s=%d", ends[i % 2],
                       900 + i * 131);
        if (why) {
            worsen(verdict, FAIL, "%s", why);
        } else {
            stage_script(&stage, 0, fault);
            stage_script(&stage, 1, NULL);
            ask_and_judge(&stage, verdict);
        }
        stage_close(&stage);
    }
}

void run_keys(const struct cell *cell, struct verdict *verdict)
{
    key_one(cell, "error=auth", verdict);
    key_one(cell, "error=quota", verdict);
    key_one(cell, "error=rate_limit retry_after=40", verdict);
}

/* the other key answers; the next call does not show the first one again */
static void key_one(const struct cell *cell, const char *fault,
                    struct verdict *verdict)
{
    struct stage stage;
    char script[128];
    const char *why = stage_open(&stage, cell, TWO_KEYS);

    (void)snprintf(script, sizeof script, "with=k1-a %s", fault);
    if (why) {
        worsen(verdict, FAIL, "%s", why);
    } else {
        stage_script(&stage, 0, script);
        stage_script(&stage, 1, NULL);
        ask_and_judge(&stage, verdict);
        if (stage_asked(&stage, 0) != 2)
            worsen(verdict, PARTIAL, "%s: asked %zu times, not with two keys",
                   fault, stage_asked(&stage, 0));
        ask_and_judge(&stage, verdict);
        if (stage_asked(&stage, 0) > 3)
            worsen(verdict, PARTIAL, "%s: the key does not rest", fault);
    }
    stage_close(&stage);
}

/* after 100 ms the second one is asked too */
void run_hedges(const struct cell *cell, struct verdict *verdict)
{
    static const struct {
        const char *first, *second;
    } ways[] = {
        {"@ content_delay_ms=1500", NULL},        /* the loser is late */
        {"@ content_delay_ms=600", "status=503"}, /* the loser fails */
        {"@ first_delay_ms=300 drop_after=0", NULL},
        {"@ content_delay_ms=800", "@ drop_after=40"}, /* the winner breaks */
    };

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct stage stage;
        const char *why = stage_open(&stage, cell, cell->row->settings);

        if (why) {
            worsen(verdict, FAIL, "%s", why);
        } else {
            stage_script(&stage, 0, ways[i].first);
            stage_script(&stage, 1, ways[i].second);
            ask_and_judge(&stage, verdict);
            if (stage_asked(&stage, 1) == 0)
                worsen(verdict, PARTIAL,
                       "nobody was asked beside the first: "
                       "%s",
                       ways[i].first);
        }
        stage_close(&stage);
    }
}
