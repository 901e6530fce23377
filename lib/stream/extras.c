/*
 * stream/extras.c - message members that are handed over once and whole.
 *
 * Source: OpenRouter's reasoning_details for the form of opaque reasoning.
 * Memory: at most `max` bytes of text a choice.
 */
#include "extras.h"

#include <string.h>

#include "base/alloc.h"
#include "base/jsonwrite.h"

static llmgw_status find_detail(struct llmgw__extras *extras,
                                const struct llmgw__chunk *chunk,
                                struct llmgw__detail **out);
static void render_details(struct llmgw__extras *extras,
                           struct llmgw__jsonw *w);

/** How each type of entry is written. */
static const struct {
    const char *type;
    const char *member;
} forms[] = {
    [LLMGW__DETAIL_TEXT] = {"reasoning.text", "text"},
    [LLMGW__DETAIL_SUMMARY] = {"reasoning.summary", "summary"},
    [LLMGW__DETAIL_ENCRYPTED] = {"reasoning.encrypted", "data"},
};

/** Members in the order they are written; lists get brackets. */
static const struct {
    const char *name;
    bool list;
} members[LLMGW__EXTRA_MEMBERS] = {
    [LLMGW__EXTRA_ANNOTATION] = {"annotations", true},
    [LLMGW__EXTRA_AUDIO] = {"audio", false},
    [LLMGW__EXTRA_IMAGE] = {"images", true},
    [LLMGW__EXTRA_EXTRA_CONTENT] = {"extra_content", false},
    [LLMGW__EXTRA_REPLAY] = {"llmgw", false},
};

void llmgw__extras_init(struct llmgw__extras *extras)
{
    memset(extras, 0, sizeof *extras);
}

llmgw_status llmgw__extras_detail(struct llmgw__extras *extras,
                                  struct llmgw__arena *arena, size_t max,
                                  const struct llmgw__chunk *chunk)
{
    struct llmgw__detail *detail = NULL;
    llmgw_status status;

    if (chunk->variant > LLMGW__DETAIL_ENCRYPTED)
        return LLMGW_E_INVALID;
    extras->bytes += chunk->text.len + chunk->extra.len;
    if (extras->bytes > max)
        return LLMGW_E_LIMIT;
    status = find_detail(extras, chunk, &detail);
    if (status == LLMGW_OK && chunk->id.len && !detail->id.len)
        status = llmgw__arena_str(arena, chunk->id, &detail->id);
    if (status == LLMGW_OK && chunk->name.len && !detail->format.len)
        status = llmgw__arena_str(arena, chunk->name, &detail->format);
    if (status == LLMGW_OK && chunk->extra.len)
        status = llmgw__arena_str(arena, chunk->extra, &detail->signature);
    if (status == LLMGW_OK && chunk->text.len)
        status = llmgw__rope_add(&detail->text, chunk->text);
    return status;
}

llmgw_status llmgw__extras_member(struct llmgw__extras *extras, size_t max,
                                  const struct llmgw__chunk *chunk)
{
    struct llmgw__buf *buf;

    if (chunk->variant >= LLMGW__EXTRA_MEMBERS)
        return LLMGW_E_INVALID;
    extras->bytes += chunk->text.len;
    if (extras->bytes > max)
        return LLMGW_E_LIMIT;
    buf = &extras->members[chunk->variant];
    if (!members[chunk->variant].list)
        llmgw__buf_reset(buf);
    else if (buf->len)
        llmgw__buf_add_char(buf, ',');
    llmgw__buf_add_str(buf, chunk->text);
    return buf->status;
}

static void add_member(struct llmgw__extras *extras, int which,
                       struct llmgw__jsonw *w)
{
    llmgw_str json = llmgw__buf_str(&extras->members[which]);

    if (!json.len)
        return;
    llmgw__jsonw_key(w, members[which].name);
    if (members[which].list)
        llmgw__jsonw_open(w, '[');
    llmgw__jsonw_raw(w, json);
    if (members[which].list)
        llmgw__jsonw_close(w, ']');
}

llmgw_status llmgw__extras_render(struct llmgw__extras *extras,
                                  llmgw_str *front, llmgw_str *back)
{
    struct llmgw__jsonw w;

    llmgw__buf_reset(&extras->front);
    llmgw__jsonw_init(&w, &extras->front);
    add_member(extras, LLMGW__EXTRA_ANNOTATION, &w);
    add_member(extras, LLMGW__EXTRA_AUDIO, &w);
    add_member(extras, LLMGW__EXTRA_IMAGE, &w);
    llmgw__buf_reset(&extras->back);
    llmgw__jsonw_init(&w, &extras->back);
    render_details(extras, &w);
    add_member(extras, LLMGW__EXTRA_EXTRA_CONTENT, &w);
    add_member(extras, LLMGW__EXTRA_REPLAY, &w);
    if (extras->front.status != LLMGW_OK)
        return extras->front.status;
    *front = llmgw__buf_str(&extras->front);
    *back = llmgw__buf_str(&extras->back);
    return extras->back.status;
}

void llmgw__extras_clear(struct llmgw__extras *extras)
{
    for (size_t i = 0; i < extras->detail_count; i++)
        llmgw__rope_clear(&extras->details[i].text);
    for (int i = 0; i < LLMGW__EXTRA_MEMBERS; i++)
        llmgw__buf_clear(&extras->members[i]);
    llmgw__free(extras->details);
    llmgw__buf_clear(&extras->front);
    llmgw__buf_clear(&extras->back);
    llmgw__extras_init(extras);
}

static llmgw_status find_detail(struct llmgw__extras *extras,
                                const struct llmgw__chunk *chunk,
                                struct llmgw__detail **out)
{
    struct llmgw__detail *fresh;

    for (size_t i = extras->detail_count; i > 0; i--) {
        *out = &extras->details[i - 1];
        if ((*out)->index == chunk->index && (*out)->type == chunk->variant)
            return LLMGW_OK;
    }
    if (llmgw__grow((void **)&extras->details, &extras->detail_cap,
                    extras->detail_count + 1, sizeof *extras->details))
        return LLMGW_E_NOMEM;
    fresh = &extras->details[extras->detail_count++];
    memset(fresh, 0, sizeof *fresh);
    fresh->index = chunk->index;
    fresh->type = chunk->variant;
    llmgw__rope_init(&fresh->text, 0);
    *out = fresh;
    return LLMGW_OK;
}

static void render_detail(struct llmgw__detail *detail, size_t number,
                          struct llmgw__jsonw *w)
{
    llmgw_str text = {NULL, 0};

    if (llmgw__rope_flat(&detail->text, &text) != LLMGW_OK) {
        w->buf->status = LLMGW_E_NOMEM;
        return;
    }
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", forms[detail->type].type);
    llmgw__jsonw_member_int(w, "index", (int64_t)number);
    if (detail->id.len)
        llmgw__jsonw_member_str(w, "id", detail->id);
    if (detail->format.len)
        llmgw__jsonw_member_str(w, "format", detail->format);
    llmgw__jsonw_member_str(w, forms[detail->type].member, text);
    if (detail->signature.len)
        llmgw__jsonw_member_str(w, "signature", detail->signature);
    llmgw__jsonw_close(w, '}');
}

static void render_details(struct llmgw__extras *extras, struct llmgw__jsonw *w)
{
    if (!extras->detail_count)
        return;
    llmgw__jsonw_member_open(w, "reasoning_details", '[');
    for (size_t i = 0; i < extras->detail_count; i++)
        render_detail(&extras->details[i], i, w);
    llmgw__jsonw_close(w, ']');
}
