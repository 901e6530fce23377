/*
 * wire/http_answer.c - what comes back from libcurl: the connection, the head,
 * the bytes; and what it reads of the body that is sent.
 *
 * All of this runs inside libcurl: nothing here may add, remove or drive.
 * Memory: the head (bounded by schema/exchange.c); bytes are handed on.
 */
#include <string.h>

#include <curl/curl.h>

#include "http_private.h"

static bool is_deaf(const struct llmgw__transfer *transfer);
static void end_head(struct llmgw__transfer *transfer);
static void start_head(struct llmgw__transfer *transfer, llmgw_str line);
static void add_header(struct llmgw__transfer *transfer, llmgw_str line);

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's signature */
int llmgw__transfer_on_connected(void *userdata, char *peer, char *own,
                                 int peer_port, int own_port)
{
    struct llmgw__transfer *transfer = userdata;

    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    if (is_deaf(transfer))
        return CURL_PREREQFUNC_ABORT;
    if (!transfer->times.connected_ns)
        transfer->times.connected_ns = llmgw__http_elapsed(transfer);
    transfer->events->connected(transfer->userdata);
    return is_deaf(transfer) ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* One line of a head, line end included. What follows a final head is a
 * trailer. */
size_t llmgw__transfer_on_header(char *line, size_t size, size_t count,
                                 void *userdata)
{
    struct llmgw__transfer *transfer = userdata;
    llmgw_str text = llmgw__str_n(line, size * count);

    if (is_deaf(transfer))
        return 0;
    if (transfer->head_done)
        return size * count;
    text = llmgw__str_trim(text);
    if (text.len == 0)
        end_head(transfer);
    else if (transfer->head.status == 0)
        start_head(transfer, text);
    else
        add_header(transfer, text);
    return is_deaf(transfer) ? 0 : size * count;
}

size_t llmgw__transfer_on_data(char *data, size_t size, size_t count,
                               void *userdata)
{
    struct llmgw__transfer *transfer = userdata;
    size_t len = size * count;
    int answer;

    if (is_deaf(transfer))
        return 0;
    if (len == 0)
        return 0;
    if (!transfer->heard) {
        transfer->heard = true;
        transfer->times.first_byte_ns = llmgw__http_elapsed(transfer);
    }
    answer = transfer->events->data(transfer->userdata, data, len);
    if (answer == LLMGW__HTTP_FREEZE) {
        llmgw__http_freeze(transfer->http);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (answer != 0)
        transfer->stopped = true;
    return is_deaf(transfer) ? 0 : len;
}

size_t llmgw__transfer_on_read(char *out, size_t size, size_t count,
                               void *userdata)
{
    struct llmgw__transfer *transfer = userdata;
    size_t len;

    if (is_deaf(transfer))
        return CURL_READFUNC_ABORT;
    len = llmgw__body_read(&transfer->request->body, transfer->body_at, out,
                           size * count);
    transfer->body_at += len;
    return len;
}

void llmgw__transfer_fail(struct llmgw__transfer *transfer, int32_t code)
{
    if (transfer->failed)
        return;
    transfer->failed = code;
    llmgw__http_doom(transfer);
}

/* The owner wants nothing more, or gets nothing more. */
static bool is_deaf(const struct llmgw__transfer *transfer)
{
    return transfer->dead || transfer->stopped || transfer->failed;
}

/* The empty line. An interim answer (100-199) is followed by another head. */
static void end_head(struct llmgw__transfer *transfer)
{
    if (transfer->head.status < 200) {
        llmgw__http_head_clear(&transfer->head);
        transfer->head.status = 0;
        return;
    }
    transfer->head_done = true;
    llmgw__transfer_sent(transfer);
    transfer->times.head_ns = llmgw__http_elapsed(transfer);
    transfer->events->head(transfer->userdata, &transfer->head);
}

/* "HTTP/1.1 200 OK", "HTTP/2 200" */
static void start_head(struct llmgw__transfer *transfer, llmgw_str line)
{
    const char *space = memchr(line.data, ' ', line.len);
    int64_t status = 0;

    if (space && line.len - (size_t)(space - line.data) >= 4)
        (void)llmgw__str_int64(llmgw__str_n(space + 1, 3), &status);
    if (status >= 100 && status <= 999)
        transfer->head.status = (int32_t)status;
}

static void add_header(struct llmgw__transfer *transfer, llmgw_str line)
{
    const char *colon = memchr(line.data, ':', line.len);
    size_t name;

    if (!colon || colon == line.data)
        return;
    name = (size_t)(colon - line.data);
    if (llmgw__http_head_add(&transfer->head, llmgw__str_n(line.data, name),
                             llmgw__str_n(colon + 1, line.len - name - 1)) !=
        LLMGW_OK)
        llmgw__transfer_fail(transfer, CURLE_OUT_OF_MEMORY);
}
