/*
 * wire/ndjson.c - split a byte stream into lines of JSON.
 *
 * Source: github.com/ndjson/ndjson-spec. A line ends with LF; white space
 * around the document, the CR of CR LF too, is left out, as are blank lines.
 * Memory: one line cut over several reads, at most max_frame bytes.
 */
#include "ndjson.h"

#include <string.h>

static void carry(struct llmgw__ndjson *ndjson, const char *data, size_t len);
static void end_line(struct llmgw__ndjson *ndjson, const char *data,
                     size_t len);
static void end_carried_line(struct llmgw__ndjson *ndjson);
static void hand_over(struct llmgw__ndjson *ndjson, llmgw_str line);

void llmgw__ndjson_init(struct llmgw__ndjson *ndjson, size_t max_frame,
                        llmgw_status (*fn)(void *userdata,
                                           const struct llmgw__frame *frame),
                        void *userdata)
{
    ndjson->fn = fn;
    ndjson->userdata = userdata;
    ndjson->status = LLMGW_OK;
    llmgw__buf_init(&ndjson->line, max_frame);
}

llmgw_status llmgw__ndjson_feed(struct llmgw__ndjson *ndjson, const char *data,
                                size_t len)
{
    while (len > 0 && ndjson->status == LLMGW_OK) {
        const char *eol = memchr(data, '\n', len);
        size_t line_len = eol ? (size_t)(eol - data) : len;

        if (!eol) {
            carry(ndjson, data, len);
            break;
        }
        end_line(ndjson, data, line_len);
        data = eol + 1;
        len -= line_len + 1;
    }
    return ndjson->status;
}

llmgw_status llmgw__ndjson_end(struct llmgw__ndjson *ndjson)
{
    if (ndjson->status == LLMGW_OK)
        end_carried_line(ndjson);
    return ndjson->status;
}

void llmgw__ndjson_clear(struct llmgw__ndjson *ndjson)
{
    llmgw__buf_clear(&ndjson->line);
}

static void carry(struct llmgw__ndjson *ndjson, const char *data, size_t len)
{
    llmgw__buf_add(&ndjson->line, data, len);
    if (ndjson->line.status != LLMGW_OK)
        ndjson->status = ndjson->line.status;
}

static void end_line(struct llmgw__ndjson *ndjson, const char *data, size_t len)
{
    if (ndjson->line.len > 0) {
        carry(ndjson, data, len);
        if (ndjson->status == LLMGW_OK)
            end_carried_line(ndjson);
    } else if (ndjson->line.limit && len > ndjson->line.limit) {
        ndjson->status = LLMGW_E_LIMIT;
    } else {
        hand_over(ndjson, llmgw__str_n(data, len));
    }
}

static void end_carried_line(struct llmgw__ndjson *ndjson)
{
    hand_over(ndjson, llmgw__buf_str(&ndjson->line));
    llmgw__buf_reset(&ndjson->line);
}

static void hand_over(struct llmgw__ndjson *ndjson, llmgw_str line)
{
    struct llmgw__frame frame = {LLMGW__FRAME_EVENT, {NULL, 0}, {NULL, 0}};

    frame.data = llmgw__str_trim(line);
    if (frame.data.len > 0)
        ndjson->status = ndjson->fn(ndjson->userdata, &frame);
}
