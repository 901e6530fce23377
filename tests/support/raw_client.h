/*
 * support/raw_client.h - plain blocking sockets, to look at a server's bytes.
 *
 * Knows nothing of the library; what an answer says is read with cJSON.
 * A read waits at most 20 s, so a test that hangs fails instead.
 */
#ifndef LLMGW_TEST_RAW_CLIENT_H
#define LLMGW_TEST_RAW_CLIENT_H

#include <stddef.h>
#include <stdint.h>

enum {
    RAW_MAX = 256 * 1024,
    RAW_SAID = 8192
};

/** What came back on a connection, until it was closed. */
struct raw_reply {
    char all[RAW_MAX]; /**< NUL-terminated */
    size_t len;
    int status;      /**< 0: no head */
    char *headers;   /**< after the status line; NULL: no head */
    char *body;      /**< chunks joined; NULL: no head */
    size_t body_len; /**< of what came */
    int whole;       /**< the body ended as its framing says */
    int reset;       /**< ended by RST */
    size_t longest;  /**< HTTP chunk, in bytes */
};

/** What an answer of any of the three wires says. */
struct raw_said {
    char text[RAW_SAID];
    char reasoning[RAW_SAID];
    char args[RAW_SAID];  /**< of all calls, joined */
    char names[RAW_SAID]; /**< of all calls, each followed by a blank */
    char finish[64];
    char error[64]; /**< its code, type or status */
    int in, out;    /**< usage; -1: none */
    int done;       /**< end marks */
    int events;     /**< data lines, or 1 for a whole answer */
    int broken;     /**< of them no JSON */
};

/** Descriptors; the test fails if there is none. */
int raw_connect(uint16_t port);
void raw_send(int fd, const char *text);
/** POSTs a body; more: header lines or "". Does not read. */
void raw_post(int fd, const char *path, const char *more, const char *body);
/** Reads until this text has come; the test fails if it never does. */
void raw_read_until(int fd, const char *text);
/** Reads to the end and closes. The reply is static: one at a time. */
struct raw_reply *raw_read_all(int fd);
/** Connects, posts with "Connection: close", reads all. */
struct raw_reply *raw_exchange(uint16_t port, const char *path,
                               const char *body);

/** Static as well. */
struct raw_said *raw_said(const struct raw_reply *reply);

#endif
