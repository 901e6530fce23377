/*
 * stream/extras.h - message members that are handed over once and whole:
 * annotations, audio, images, reasoning_details, extra_content, llmgw.
 */
#ifndef LLMGW_STREAM_EXTRAS_H
#define LLMGW_STREAM_EXTRAS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "schema/chunk.h"

/** One entry of reasoning_details, put together from its pieces. */
struct llmgw__detail {
    uint32_t index; /* the provider's */
    uint8_t type;   /* enum llmgw__detail_type */
    llmgw_str id;
    llmgw_str format;
    llmgw_str signature;
    struct llmgw__rope text;
};

struct llmgw__extras {
    struct llmgw__detail *details;
    size_t detail_count;
    size_t detail_cap;
    struct llmgw__buf members[LLMGW__EXTRA_MEMBERS]; /* JSON, comma-joined */
    struct llmgw__buf front;                         /* rendered */
    struct llmgw__buf back;
    size_t bytes;
};

void llmgw__extras_init(struct llmgw__extras *extras);
/** A piece of opaque reasoning: joined by (index, type); text, summary and
 *  data are appended, the last non-empty signature stays, of the rest the
 *  first. */
llmgw_status llmgw__extras_detail(struct llmgw__extras *extras,
                                  struct llmgw__arena *arena, size_t max,
                                  const struct llmgw__chunk *chunk);
/** One annotation or image more, or an object (the last one stays). */
llmgw_status llmgw__extras_member(struct llmgw__extras *extras, size_t max,
                                  const struct llmgw__chunk *chunk);
/** As JSON members; the views live until clear. */
llmgw_status llmgw__extras_render(struct llmgw__extras *extras,
                                  llmgw_str *front, llmgw_str *back);
void llmgw__extras_clear(struct llmgw__extras *extras);

#endif
