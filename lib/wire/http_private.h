/*
 * wire/http_private.h - what the files of the HTTP module share: a transfer,
 * which is an easy handle that is kept configured between exchanges.
 */
#ifndef LLMGW_WIRE_HTTP_PRIVATE_H
#define LLMGW_WIRE_HTTP_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/text.h"
#include "schema/exchange.h"

struct llmgw__http;
struct llmgw__http_settings;

/** How the last exchange of an easy handle sent its body. */
enum llmgw__transfer_shape {
    LLMGW__SHAPE_NEW,   /* none so far */
    LLMGW__SHAPE_GET,   /* no body */
    LLMGW__SHAPE_WHOLE, /* one piece, sent from where it lies */
    LLMGW__SHAPE_READ   /* several pieces, read one after the other */
};

/** What an easy handle was configured with, compared before it is reused. */
struct llmgw__transfer_settings {
    char *ca_file;
    char *ca_path;
    char *proxy;
    char *user_agent;
    struct llmgw__buf ca_pem;
    bool patient;
};

struct llmgw__transfer {
    /* what each piece of an answer needs lies together */
    struct llmgw__http *http;
    const struct llmgw__http_events *events;
    void *userdata;
    int32_t failed; /* a CURLcode of our own making */
    bool head_done; /* the last head is whole: more are trailers */
    bool heard;     /* bytes of the answer have come */
    bool stopped;   /* the owner wants no more data */
    bool dead;      /* cancelled: the owner hears nothing more */
    bool doomed;    /* waits until libcurl is off the stack */
    bool over;      /* its end is being told */

    struct llmgw__transfer *next; /* in the pool, or among the doomed */
    void *easy;                   /* CURL, its private pointer is this */
    const struct llmgw__http_request *request;
    struct llmgw__http_head head;
    struct llmgw__http_times times;
    uint64_t start_ns;
    size_t body_at;          /* bytes read so far */
    struct llmgw__buf lines; /* headers, NUL-terminated, one after another */
    void *nodes;             /* curl_slist, one a line */
    size_t node_cap;
    char error[256]; /* CURL_ERROR_SIZE */

    /* what the easy handle keeps from the last one */
    struct llmgw__transfer_settings settings;
    enum llmgw__transfer_shape shape;
    bool custom_method;
    struct llmgw__buf url;
    void *parts; /* CURLU: the URL taken apart */
};

/* --- http_setup.c --- */

/** @return NULL: no memory */
struct llmgw__transfer *llmgw__transfer_create(struct llmgw__http *http);
void llmgw__transfer_free(struct llmgw__transfer *transfer);
/** Everything the exchange needs, set where it differs from the last one.
 *  @retval LLMGW_E_INVALID  libcurl refuses it */
llmgw_status
llmgw__transfer_prepare(struct llmgw__transfer *transfer,
                        const struct llmgw__http_request *request,
                        const struct llmgw__http_settings *settings);
/** Forget the exchange, its credentials overwritten. */
void llmgw__transfer_reset(struct llmgw__transfer *transfer);

/* --- http_answer.c: libcurl's callbacks, with the transfer as userdata --- */

size_t llmgw__transfer_on_header(char *line, size_t size, size_t count,
                                 void *userdata);
size_t llmgw__transfer_on_data(char *data, size_t size, size_t count,
                               void *userdata);
size_t llmgw__transfer_on_read(char *out, size_t size, size_t count,
                               void *userdata);
int llmgw__transfer_on_connected(void *userdata, char *peer, char *own,
                                 int peer_port, int own_port);
/** End for a reason of ours, as soon as libcurl is off the stack. */
void llmgw__transfer_fail(struct llmgw__transfer *transfer, int32_t code);

/* --- http.c --- */

uint64_t llmgw__http_now(const struct llmgw__http *http);
/** Time from a transfer's start to the present drive, ns; never 0, which
 *  would mean "not reached". */
uint64_t llmgw__http_elapsed(const struct llmgw__transfer *transfer);
/** Put it among those that end when libcurl has returned. */
void llmgw__http_doom(struct llmgw__transfer *transfer);
/** libcurl closes a socket: whoever watches it is told before. */
void llmgw__http_forget(struct llmgw__http *http, intptr_t fd);
/** We are a forked child: the sockets in the poller are the parent's. */
void llmgw__http_freeze(struct llmgw__http *http);

#endif
