/*
 * base/jsonwrite.h - write JSON into a buffer, or into a body of segments
 * where large slices are referenced instead of copied.
 */
#ifndef LLMGW_BASE_JSONWRITE_H
#define LLMGW_BASE_JSONWRITE_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "jsondoc.h"
#include "jsonread.h"
#include "text.h"

/** Slices of at least this many bytes are referenced by a body. */
#define LLMGW__BODY_REF_MIN 1024
/** Bodies of at most this many bytes are made one piece: to send several costs
 *  more than to copy them. */
#define LLMGW__BODY_JOIN_MAX ((size_t)16384)

struct llmgw__segment {
    const char *ref; /* borrowed bytes; NULL: `offset` into the buffer */
    size_t offset;
    size_t len;
};

/** Bytes made of own text and borrowed slices, in order. */
struct llmgw__body {
    struct llmgw__buf own;
    struct llmgw__segment *segments;
    size_t count;
    size_t cap;
    size_t mark; /* start in `own` of the segment being written */
    size_t len;  /* all bytes, valid after llmgw__body_finish */
};

void llmgw__body_init(struct llmgw__body *body, size_t limit);
/** Copies small slices, refers to large ones (which must outlive the body). */
void llmgw__body_add(struct llmgw__body *body, llmgw_str bytes);
/** Nothing more will be added. @return the sticky status. */
llmgw_status llmgw__body_finish(struct llmgw__body *body);
/** Copy up to `size` bytes from absolute offset `at`. @return bytes copied */
size_t llmgw__body_read(const struct llmgw__body *body, size_t at, char *out,
                        size_t size);
/** The bytes of one segment of a finished body. */
llmgw_str llmgw__body_segment(const struct llmgw__body *body, size_t index);
void llmgw__body_clear(struct llmgw__body *body);

struct llmgw__jsonw {
    struct llmgw__buf *buf;   /* small text goes here */
    struct llmgw__body *body; /* NULL: everything goes to buf */
    bool comma;               /* a comma is due before the next value */
};

void llmgw__jsonw_init(struct llmgw__jsonw *w, struct llmgw__buf *buf);
void llmgw__jsonw_body(struct llmgw__jsonw *w, struct llmgw__body *body);

/* Commas are put by the writer. Failures stick in the buffer's status. */
void llmgw__jsonw_open(struct llmgw__jsonw *w, char bracket);  /* '{' '[' */
void llmgw__jsonw_close(struct llmgw__jsonw *w, char bracket); /* '}' ']' */
/** key: needs no escapes. */
/* A key: without need for escapes; escaped here; the raw inside of a JSON
 * string. */
void llmgw__jsonw_key(struct llmgw__jsonw *w, const char *key);
void llmgw__jsonw_key_str(struct llmgw__jsonw *w, llmgw_str key);
void llmgw__jsonw_key_raw(struct llmgw__jsonw *w, llmgw_str key);
void llmgw__jsonw_str(struct llmgw__jsonw *w, llmgw_str text); /* escapes */
void llmgw__jsonw_z(struct llmgw__jsonw *w, const char *text); /* escapes */
/** A string whose inside is already JSON-escaped; data NULL: null. */
void llmgw__jsonw_jstr(struct llmgw__jsonw *w, struct llmgw__jstr str);
/** A whole value, verbatim. */
void llmgw__jsonw_raw(struct llmgw__jsonw *w, llmgw_str json);
/** A whole value of a document, verbatim. */
void llmgw__jsonw_node(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                       uint32_t node);
void llmgw__jsonw_int(struct llmgw__jsonw *w, int64_t value);
void llmgw__jsonw_bool(struct llmgw__jsonw *w, bool value);
void llmgw__jsonw_null(struct llmgw__jsonw *w);
/* One string out of several pieces. */
void llmgw__jsonw_str_open(struct llmgw__jsonw *w);
void llmgw__jsonw_str_add(struct llmgw__jsonw *w, llmgw_str text); /* escapes */
void llmgw__jsonw_str_add_raw(struct llmgw__jsonw *w, llmgw_str raw);
void llmgw__jsonw_str_close(struct llmgw__jsonw *w);
/* member = key + value, for the common kinds */
void llmgw__jsonw_member_str(struct llmgw__jsonw *w, const char *key,
                             llmgw_str text);
void llmgw__jsonw_member_z(struct llmgw__jsonw *w, const char *key,
                           const char *text);
void llmgw__jsonw_member_jstr(struct llmgw__jsonw *w, const char *key,
                              struct llmgw__jstr str);
void llmgw__jsonw_member_raw(struct llmgw__jsonw *w, const char *key,
                             llmgw_str json);
void llmgw__jsonw_member_node(struct llmgw__jsonw *w, const char *key,
                              const struct llmgw__jdoc *doc, uint32_t node);
void llmgw__jsonw_member_int(struct llmgw__jsonw *w, const char *key,
                             int64_t value);
void llmgw__jsonw_member_bool(struct llmgw__jsonw *w, const char *key,
                              bool value);
void llmgw__jsonw_member_open(struct llmgw__jsonw *w, const char *key,
                              char bracket);

#endif
