/*
 * base/jsonread.h - our one JSON reader, in two forms over the same scanner.
 *
 * The pull reader walks a frame once, forward, with no tree and no allocation.
 * The document is a flat index over bytes that the caller keeps. Both hand out
 * raw slices: numbers keep their text, strings their escapes.
 *
 * Source: RFC 8259. Strict: no trailing commas, no comments, no NaN. Bytes
 * inside strings need not be valid UTF-8 (see llmgw__jdoc_options).
 */
#ifndef LLMGW_BASE_JSONREAD_H
#define LLMGW_BASE_JSONREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "arena.h"
#include "text.h"

#define LLMGW__JSON_MAX_DEPTH 128

enum llmgw__json_type {
    LLMGW__JSON_NONE = 0, /* the end, or broken */
    LLMGW__JSON_NULL,
    LLMGW__JSON_BOOL,
    LLMGW__JSON_NUMBER,
    LLMGW__JSON_STRING,
    LLMGW__JSON_ARRAY,
    LLMGW__JSON_OBJECT
};

/** The inside of a JSON string, between its quotes, as it stands. */
struct llmgw__jstr {
    const char *data; /* NULL: absent or null */
    size_t len;
    bool escaped; /* there is at least one backslash in it */
};

/**
 * Resolve escapes. Without any: *out views the slice itself. Else: decoded
 * into the arena. Lone surrogates become three bytes (ED Ax xx / ED Bx xx),
 * so that llmgw__utf8_push can join halves that came apart. \u0000 is a byte.
 */
llmgw_status llmgw__jstr_text(struct llmgw__jstr str,
                              struct llmgw__arena *arena, llmgw_str *out);
/** Order of two strings by their bytes, escapes resolved on the way. */
int llmgw__jstr_compare(struct llmgw__jstr a, struct llmgw__jstr b);
/** Equal to a NUL-terminated ASCII text (escapes resolved on the way). */
bool llmgw__jstr_is(struct llmgw__jstr str, const char *text);

/* --- pull reader --- */

struct llmgw__json {
    const char *at;
    const char *end;
    uint16_t depth;
    bool fresh; /* just after '{' or '[': no comma expected */
    bool bad;   /* a syntax error was met: everything answers false from now */
    uint64_t special;  /* the scanner's: which of 64 bytes are not plain text */
    const char *block; /* the first of these bytes */
};

void llmgw__json_init(struct llmgw__json *json, llmgw_str text);
/** Type of the value that stands next, not consumed. */
enum llmgw__json_type llmgw__json_peek(struct llmgw__json *json);

/*
 * Walking:
 *
 *     if (llmgw__json_object(&j))
 *         while (llmgw__json_key(&j, &key))
 *             if (llmgw__str_is(key, "id"))
 *                 llmgw__json_string(&j, &id);
 *             else
 *                 llmgw__json_skip(&j);
 *
 * Every value must be consumed by exactly one call. A typed read of a value of
 * another type consumes (skips) it and answers false; so does null.
 */
bool llmgw__json_object(struct llmgw__json *json);
/** Next member: its key raw (escapes unresolved); false: '}' consumed. */
bool llmgw__json_key(struct llmgw__json *json, llmgw_str *key);
bool llmgw__json_array(struct llmgw__json *json);
/** Another element stands next; false: ']' consumed. */
bool llmgw__json_item(struct llmgw__json *json);
bool llmgw__json_string(struct llmgw__json *json, struct llmgw__jstr *out);
/** Number as text; false: not a number. */
bool llmgw__json_number(struct llmgw__json *json, llmgw_str *out);
/** Integer value; 3.0 and 3e2 count; false: not one, fraction, or beyond
 *  int64 (clamped values are never handed out). */
bool llmgw__json_int64(struct llmgw__json *json, int64_t *out);
bool llmgw__json_bool(struct llmgw__json *json, bool *out);
void llmgw__json_skip(struct llmgw__json *json);
/** The bytes of the next value, skipped; empty: broken. */
llmgw_str llmgw__json_raw(struct llmgw__json *json);
/** All read, nothing but white space left, nothing broken. */
bool llmgw__json_end(struct llmgw__json *json);
/** A number's text as integer, by the rule of llmgw__json_int64. */
bool llmgw__number_int64(llmgw_str number, int64_t *out);

/* --- document: a flat index --- */

struct llmgw__jnode {
    uint32_t start; /* offset of the value's first byte (a string's is the one
                       after its quote) */
    uint32_t len;   /* bytes of the value (a string's without quotes) */
    uint32_t next;  /* index of the node after this subtree */
    uint32_t count; /* members or elements */
    uint8_t type;   /* enum llmgw__json_type */
    uint8_t escaped;
};
/* An object's members are pairs of nodes: key (a string), then value. */

#define LLMGW__JNONE UINT32_MAX

struct llmgw__jdoc {
    const char *text; /* borrowed */
    size_t len;
    struct llmgw__jnode *nodes; /* nodes[0] is the root */
    uint32_t count;
    size_t cap;
    size_t error_at;   /* offset of what is wrong, after a failed parse */
    const char *error; /* what is wrong, static; NULL: nothing */
};

enum {
    LLMGW__JDOC_UTF8 = 1,  /* strings must be valid UTF-8 */
    LLMGW__JDOC_UNIQUE = 2 /* members of one object must differ */
};

/**
 * Index a document.
 *
 * @param text   borrowed; must outlive the document; < 4 GiB
 * @param flags  LLMGW__JDOC_…
 * @retval LLMGW_E_INVALID  not JSON (error, error_at say what and where)
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__jdoc_parse(struct llmgw__jdoc *doc, llmgw_str text,
                               unsigned flags);
void llmgw__jdoc_clear(struct llmgw__jdoc *doc);

/* All of these take LLMGW__JNONE and answer none/false/empty. */
enum llmgw__json_type llmgw__jdoc_type(const struct llmgw__jdoc *doc,
                                       uint32_t node);
/** Value of a member, LLMGW__JNONE: absent. */
uint32_t llmgw__jdoc_get(const struct llmgw__jdoc *doc, uint32_t object,
                         const char *key);
/** First element of an array or first *key* of an object. */
uint32_t llmgw__jdoc_first(const struct llmgw__jdoc *doc, uint32_t parent);
/** Sibling after `node` within `parent` (for objects: next after a value is
 *  the next key); LLMGW__JNONE: the last. */
uint32_t llmgw__jdoc_next(const struct llmgw__jdoc *doc, uint32_t parent,
                          uint32_t node);
uint32_t llmgw__jdoc_count(const struct llmgw__jdoc *doc, uint32_t node);
/** The raw bytes of a value (a string's with its quotes). */
llmgw_str llmgw__jdoc_raw(const struct llmgw__jdoc *doc, uint32_t node);
/** A string's inside; data NULL when it is no string. */
struct llmgw__jstr llmgw__jdoc_string(const struct llmgw__jdoc *doc,
                                      uint32_t node);
bool llmgw__jdoc_int64(const struct llmgw__jdoc *doc, uint32_t node,
                       int64_t *out);
/** Double value of a number; C locale whatever the host's. */
bool llmgw__jdoc_double(const struct llmgw__jdoc *doc, uint32_t node,
                        double *out);
bool llmgw__jdoc_bool(const struct llmgw__jdoc *doc, uint32_t node, bool *out);

#endif
