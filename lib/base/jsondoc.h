/*
 * base/jsondoc.h - a JSON document as a flat index over bytes that the caller
 * keeps. Hands out raw slices, as the pull reader does.
 */
#ifndef LLMGW_BASE_JSONDOC_H
#define LLMGW_BASE_JSONDOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "jsonread.h"

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
/** Of a member. */
struct llmgw__jstr llmgw__jdoc_get_string(const struct llmgw__jdoc *doc,
                                          uint32_t object, const char *key);
bool llmgw__jdoc_int64(const struct llmgw__jdoc *doc, uint32_t node,
                       int64_t *out);
/** Double value of a number; C locale whatever the host's. */
bool llmgw__jdoc_double(const struct llmgw__jdoc *doc, uint32_t node,
                        double *out);
bool llmgw__jdoc_bool(const struct llmgw__jdoc *doc, uint32_t node, bool *out);

#endif
