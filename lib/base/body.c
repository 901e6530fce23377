/*
 * base/body.c - bytes made of own text and borrowed slices, in order.
 *
 *     own:       {"model":"x","image":"|","stream":true}
 *     segments:  own 0..23 | ref (a megabyte) | own 23..39
 *
 * Memory: own text and one segment a border; text and slices together are
 * held to the limit. A small body becomes one piece.
 */
#include <string.h>

#include "alloc.h"
#include "jsonwrite.h"
#include "text.h"

static void close_own(struct llmgw__body *body);
static void push_segment(struct llmgw__body *body, struct llmgw__segment it);
static void fail(struct llmgw__body *body, llmgw_status status);
static void join(struct llmgw__body *body);

void llmgw__body_init(struct llmgw__body *body, size_t limit)
{
    memset(body, 0, sizeof *body);
    llmgw__buf_init(&body->own, limit);
}

void llmgw__body_add(struct llmgw__body *body, llmgw_str bytes)
{
    if (bytes.len < LLMGW__BODY_REF_MIN) {
        llmgw__buf_add(&body->own, bytes.data, bytes.len);
        return;
    }
    close_own(body);
    push_segment(body,
                 (struct llmgw__segment){.ref = bytes.data, .len = bytes.len});
}

llmgw_status llmgw__body_finish(struct llmgw__body *body)
{
    close_own(body);
    if (body->own.status == LLMGW_OK && body->count > 1 &&
        body->len <= LLMGW__BODY_JOIN_MAX)
        join(body);
    return body->own.status;
}

llmgw_str llmgw__body_segment(const struct llmgw__body *body, size_t index)
{
    const struct llmgw__segment *it = &body->segments[index];

    return llmgw__str_n(it->ref ? it->ref : body->own.data + it->offset,
                        it->len);
}

size_t llmgw__body_read(const struct llmgw__body *body, size_t at, char *out,
                        size_t size)
{
    size_t copied = 0;

    for (size_t i = 0; i < body->count && copied < size; i++) {
        const struct llmgw__segment *it = &body->segments[i];
        size_t len;

        if (at >= it->len) {
            at -= it->len;
            continue;
        }
        len = it->len - at < size - copied ? it->len - at : size - copied;
        memcpy(out + copied,
               (it->ref ? it->ref : body->own.data + it->offset) + at, len);
        copied += len;
        at = 0;
    }
    return copied;
}

void llmgw__body_clear(struct llmgw__body *body)
{
    size_t limit = body->own.limit;

    llmgw__buf_clear(&body->own);
    llmgw__free(body->segments);
    llmgw__body_init(body, limit);
}

/* What was written to `own` since the last border becomes a segment. */
static void close_own(struct llmgw__body *body)
{
    size_t mark = body->mark;

    if (body->own.len == mark)
        return;
    body->mark = body->own.len;
    push_segment(body, (struct llmgw__segment){.offset = mark,
                                               .len = body->own.len - mark});
}

static void push_segment(struct llmgw__body *body, struct llmgw__segment it)
{
    void *segments = body->segments;
    size_t limit = body->own.limit ? body->own.limit : SIZE_MAX;

    if (body->own.status != LLMGW_OK)
        return;
    if (it.len > limit - body->len) {
        fail(body, LLMGW_E_LIMIT);
        return;
    }
    if (llmgw__grow(&segments, &body->cap, body->count + 1,
                    sizeof *body->segments) != 0) {
        fail(body, LLMGW_E_NOMEM);
        return;
    }
    body->segments = segments;
    body->segments[body->count++] = it;
    body->len += it.len;
}

/* The buffer's status is the body's. */
static void fail(struct llmgw__body *body, llmgw_status status)
{
    body->own.status = status;
}

/* What is sent from one place goes out together with the headers. */
static void join(struct llmgw__body *body)
{
    struct llmgw__buf whole;
    char *room;

    llmgw__buf_init(&whole, body->own.limit);
    room = llmgw__buf_reserve(&whole, body->len);
    if (!room) {
        fail(body, whole.status);
        return;
    }
    whole.len = llmgw__body_read(body, 0, room, body->len);
    llmgw__buf_clear(&body->own);
    body->own = whole;
    body->segments[0] = (struct llmgw__segment){.len = whole.len};
    body->count = 1;
    body->mark = whole.len;
}
