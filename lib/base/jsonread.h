/*
 * base/jsonread.h - the pull reader: walks a JSON text once, forward, with no
 * tree and no allocation. (base/jsondoc.h: a flat index, for documents.) Hands
 * out raw slices: numbers keep their text, strings their escapes.
 *
 * Source: RFC 8259. Strict: no trailing commas, no comments, no NaN. Bytes
 * inside strings need not be valid UTF-8 (see LLMGW__JDOC_UTF8).
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

/** The inside of a JSON string, between its quotes, as it stands. Of 16 bytes,
 *  so that it is handed around in registers. */
struct llmgw__jstr {
    const char *data; /* NULL: absent or null */
    uint32_t len;     /* no text that is read is longer */
    bool escaped;     /* there is at least one backslash in it */
};

/** Of a text no longer than those that are read. */
static inline struct llmgw__jstr llmgw__jstr(llmgw_str inside, bool escaped)
{
    return (struct llmgw__jstr){inside.data, (uint32_t)inside.len, escaped};
}

/**
 * Resolve escapes. Without any: *out views the slice itself. Else: decoded
 * into the arena. Lone surrogates become three bytes (ED Ax xx / ED Bx xx),
 * so that llmgw__utf8_push can join halves that came apart. \u0000 is a byte.
 */
llmgw_status llmgw__jstr_text(struct llmgw__jstr str,
                              struct llmgw__arena *arena, llmgw_str *out);
/** Is there, in a valid text or the inside of a string, an escaped half of a
 *  surrogate pair? The grammar has it, but most readers refuse it. */
bool llmgw__json_has_half(llmgw_str text);
/** Order of two strings by their bytes, escapes resolved on the way. */
int llmgw__jstr_compare(struct llmgw__jstr a, struct llmgw__jstr b);
/** Equal to a NUL-terminated ASCII text (escapes resolved on the way). */
bool llmgw__jstr_is(struct llmgw__jstr str, const char *text);

/* --- pull reader --- */

/** To look ahead, read from a copy; `at` may be read, not moved. */
struct llmgw__json {
    const char *at;
    const char *end;
    uint16_t depth;
    bool fresh; /* just after '{' or '[': no comma expected */
    bool bad;   /* a syntax error was met: everything answers false from now */
    uint64_t special;  /* the scanner's: which of 64 bytes are not plain text */
    const char *block; /* the first of these bytes */
};

/** A text of 4 GiB or more reads as broken. */
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
/** A number's text times 10^power, rounded to the nearest integer, a half to
 *  the even one; false: no number, or beyond int64. */
bool llmgw__number_scaled(llmgw_str number, int power, int64_t *out);

#endif
