/*
 * base/rope.c - growing text in pieces: adding never copies what is there.
 *
 * Memory: pieces double from 128 bytes to 64 KiB, so at most half of the text
 * and never more than 64 KiB lies idle; a joined rope keeps a quarter of its
 * length free. `limit` bounds the text.
 */
#include <string.h>

#include "alloc.h"
#include "text.h"

#define FIRST_PIECE   128
#define LARGEST_PIECE ((size_t)64 * 1024)

struct llmgw__rope_piece {
    struct llmgw__rope_piece *next;
    size_t cap;
    size_t len;
    char data[];
};

static struct llmgw__rope_piece *new_piece(size_t cap);
static struct llmgw__rope_piece *next_piece(const struct llmgw__rope *rope,
                                            size_t need);
static void fill(struct llmgw__rope_piece *piece, const char *data, size_t len);
static llmgw_status join(struct llmgw__rope *rope);
static void free_pieces(struct llmgw__rope *rope);

void llmgw__rope_init(struct llmgw__rope *rope, size_t limit)
{
    rope->first = NULL;
    rope->last = NULL;
    rope->len = 0;
    rope->limit = limit;
}

llmgw_status llmgw__rope_add(struct llmgw__rope *rope, llmgw_str text)
{
    struct llmgw__rope_piece *last = rope->last;
    size_t room = last ? last->cap - last->len : 0;
    size_t head = text.len < room ? text.len : room;
    struct llmgw__rope_piece *piece = NULL;

    if (text.len < room &&
        (!rope->limit || rope->len + text.len <= rope->limit)) {
        fill(last, text.data, text.len);
        rope->len += text.len;
        return LLMGW_OK;
    }
    if (text.len > SIZE_MAX - rope->len ||
        (rope->limit && rope->len + text.len > rope->limit))
        return LLMGW_E_LIMIT;
    if (head < text.len) { /* memory first: a failure changes nothing */
        piece = next_piece(rope, text.len - head);
        if (!piece)
            return LLMGW_E_NOMEM;
    }
    if (head)
        fill(last, text.data, head);
    if (piece) {
        fill(piece, text.data + head, text.len - head);
        if (last)
            last->next = piece;
        else
            rope->first = piece;
        rope->last = piece;
    }
    rope->len += text.len;
    return LLMGW_OK;
}

llmgw_status llmgw__rope_flat(struct llmgw__rope *rope, llmgw_str *out)
{
    if (rope->first != rope->last) {
        llmgw_status status = join(rope);

        if (status != LLMGW_OK)
            return status;
    }
    out->data = rope->first ? rope->first->data : "";
    out->len = rope->len;
    return LLMGW_OK;
}

void llmgw__rope_clear(struct llmgw__rope *rope)
{
    free_pieces(rope);
    llmgw__rope_init(rope, rope->limit);
}

static struct llmgw__rope_piece *new_piece(size_t cap)
{
    struct llmgw__rope_piece *piece;

    if (cap > SIZE_MAX - sizeof *piece)
        return NULL;
    piece = llmgw__malloc(sizeof *piece + cap);
    if (!piece)
        return NULL;
    piece->next = NULL;
    piece->cap = cap;
    piece->len = 0;
    return piece;
}

static struct llmgw__rope_piece *next_piece(const struct llmgw__rope *rope,
                                            size_t need)
{
    size_t cap = FIRST_PIECE;

    if (rope->last)
        cap = rope->last->cap < LARGEST_PIECE / 2 ? rope->last->cap * 2
                                                  : LARGEST_PIECE;
    return new_piece(cap < need ? need : cap);
}

static void fill(struct llmgw__rope_piece *piece, const char *data, size_t len)
{
    memcpy(piece->data + piece->len, data, len);
    piece->len += len;
}

/* With room to spare, so that reading the text after each add (a host that
 * shows it growing) does not copy all of it each time. */
static llmgw_status join(struct llmgw__rope *rope)
{
    struct llmgw__rope_piece *all;

    if (rope->len > SIZE_MAX - rope->len / 4)
        return LLMGW_E_NOMEM;
    all = new_piece(rope->len + rope->len / 4);
    if (!all)
        return LLMGW_E_NOMEM;
    for (const struct llmgw__rope_piece *piece = rope->first; piece;
         piece = piece->next)
        fill(all, piece->data, piece->len);
    free_pieces(rope);
    rope->first = all;
    rope->last = all;
    return LLMGW_OK;
}

static void free_pieces(struct llmgw__rope *rope)
{
    struct llmgw__rope_piece *piece = rope->first;

    while (piece) {
        struct llmgw__rope_piece *next = piece->next;

        llmgw__free(piece);
        piece = next;
    }
}
