/*
 * support/raw_client.c - plain blocking sockets, to look at a server's bytes.
 */
#include "support/raw_client.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct raw_reply reply;
static struct raw_said said;
static char joined[RAW_MAX];

static void split_reply(void);
static void join_chunks(const char *at, const char *end);
static void hear_line(const char *line, size_t len);
static void hear(const cJSON *node);
static void hear_text(const cJSON *node);
static void hear_object(const cJSON *node);
static void hear_number(const cJSON *node);
static void append(char *to, const char *text);

int raw_connect(uint16_t port)
{
    struct sockaddr_in address;
    struct timeval patience = {20, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address),
                     0);
    return fd;
}

void raw_send(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

        assert_true(sent > 0);
        text += sent;
        len -= (size_t)sent;
    }
}

void raw_post(int fd, const char *path, const char *more, const char *body)
{
    char head[1024];

    snprintf(head, sizeof head,
             "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n",
             path, more, strlen(body));
    raw_send(fd, head);
    raw_send(fd, body);
}

void raw_read_until(int fd, const char *text)
{
    char got[16384] = "";
    size_t len = 0;

    while (!strstr(got, text)) {
        ssize_t more = recv(fd, got + len, 1, 0);

        assert_true(more == 1 && len + 2 < sizeof got);
        got[++len] = '\0';
    }
}

struct raw_reply *raw_read_all(int fd)
{
    ssize_t more;

    memset(&reply, 0, sizeof reply);
    while ((more = recv(fd, reply.all + reply.len, RAW_MAX - 1 - reply.len,
                        0)) > 0)
        reply.len += (size_t)more;
    reply.reset = more < 0 && errno == ECONNRESET;
    if (more < 0 && !reply.reset)
        fail_msg("read: %s", strerror(errno));
    close(fd);
    split_reply();
    return &reply;
}

struct raw_reply *raw_exchange(uint16_t port, const char *path,
                               const char *body)
{
    int fd = raw_connect(port);

    raw_post(fd, path, "Connection: close\r\n", body);
    return raw_read_all(fd);
}

static void split_reply(void)
{
    char *end = strstr(reply.all, "\r\n\r\n");
    const char *length;

    if (!end)
        return;
    reply.status = (int)strtol(reply.all + 9, NULL, 10);
    reply.headers = strchr(reply.all, '\n') + 1;
    end[2] = '\0';
    end += 4;
    if (strstr(reply.headers, "Transfer-Encoding: chunked")) {
        join_chunks(end, reply.all + reply.len);
        return;
    }
    reply.body = end;
    reply.body_len = reply.len - (size_t)(end - reply.all);
    length = strstr(reply.headers, "Content-Length: ");
    reply.whole = length && strtoull(length + 16, NULL, 10) == reply.body_len;
}

static void join_chunks(const char *at, const char *end)
{
    reply.body = joined;
    while (at < end && strchr(at, '\n')) {
        size_t len = strtoul(at, NULL, 16);

        at = strchr(at, '\n') + 1;
        reply.whole = len == 0 && end - at == 2;
        if (len > (size_t)(end - at))
            len = (size_t)(end - at);
        if (len > reply.longest)
            reply.longest = len;
        memcpy(joined + reply.body_len, at, len);
        reply.body_len += len;
        at += len + 2;
    }
    joined[reply.body_len] = '\0';
}

struct raw_said *raw_said(const struct raw_reply *from)
{
    const char *at = from->body;

    memset(&said, 0, sizeof said);
    said.in = said.out = -1;
    if (strncmp(at, "data:", 5) != 0 && strncmp(at, "event:", 6) != 0 &&
        *at != ':') {
        hear_line(at, strlen(at));
        return &said;
    }
    while (*at) {
        size_t len = strcspn(at, "\r\n");

        if (strncmp(at, "data: ", 6) == 0)
            hear_line(at + 6, len - 6);
        at += len + strspn(at + len, "\r\n");
    }
    return &said;
}

static void hear_line(const char *line, size_t len)
{
    cJSON *json;

    said.events++;
    if (len == 6 && strncmp(line, "[DONE]", 6) == 0) {
        said.done++;
        return;
    }
    json = cJSON_ParseWithLength(line, len);
    if (json)
        hear(json);
    else
        said.broken++;
    cJSON_Delete(json);
}

static void hear(const cJSON *node)
{
    const cJSON *child;

    if (cJSON_IsString(node) && node->string)
        hear_text(node);
    else if (cJSON_IsNumber(node) && node->string)
        hear_number(node);
    else if (cJSON_IsObject(node) && node->string)
        hear_object(node);
    cJSON_ArrayForEach(child, node) hear(child);
}

static void hear_text(const cJSON *node)
{
    static const struct {
        const char *key;
        char *to;
    } rows[] = {
        {"content", said.text},
        {"text", said.text},
        {"reasoning_content", said.reasoning},
        {"thinking", said.reasoning},
        {"arguments", said.args},
        {"partial_json", said.args},
        {"finish_reason", said.finish},
        {"stop_reason", said.finish},
        {"finishReason", said.finish},
    };
    const char *text = node->valuestring;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(node->string, rows[i].key) != 0)
            continue;
        /* a thought is a text with a mark behind it */
        if (node->next && node->next->string &&
            strcmp(node->next->string, "thought") == 0)
            append(said.reasoning, text);
        else
            append(rows[i].to, text);
    }
    if (strcmp(node->string, "type") == 0 && strcmp(text, "message_stop") == 0)
        said.done++;
    if (strcmp(node->string, "name") == 0) {
        append(said.names, text);
        append(said.names, " ");
    }
}

static void hear_object(const cJSON *node)
{
    const char *const codes[] = {"code", "status", "type"};
    char *json;

    if (strcmp(node->string, "error") == 0)
        for (size_t i = 0; i < 3 && !said.error[0]; i++) {
            const cJSON *code = cJSON_GetObjectItem(node, codes[i]);

            if (cJSON_IsString(code))
                append(said.error, code->valuestring);
        }
    if ((strcmp(node->string, "args") == 0 ||
         strcmp(node->string, "input") == 0) &&
        node->child) {
        json = cJSON_PrintUnformatted(node);
        append(said.args, json);
        cJSON_free(json);
    }
}

static void hear_number(const cJSON *node)
{
    static const char *const in[] = {"prompt_tokens", "input_tokens",
                                     "promptTokenCount"};
    static const char *const out[] = {"completion_tokens", "output_tokens",
                                      "candidatesTokenCount"};
    int value = (int)node->valuedouble;

    for (size_t i = 0; i < 3; i++) {
        if (strcmp(node->string, in[i]) == 0)
            said.in = value;
        if (strcmp(node->string, out[i]) == 0)
            said.out = value;
    }
    if (strcmp(node->string, "cache_read_input_tokens") == 0)
        said.in += value;
    if (strcmp(node->string, "thoughtsTokenCount") == 0)
        said.out += value;
}

static void append(char *to, const char *text)
{
    size_t len = strlen(to);

    assert_true(len + strlen(text) < 64 ||
                (to != said.finish && to != said.error));
    assert_true(len + strlen(text) < RAW_SAID);
    memcpy(to + len, text, strlen(text) + 1);
}
