/*
 * provider/gemini_schema.h - JSON Schema seen flat: what is said of one value
 * by a schema, what it refers to, and what it is merged with.
 */
#ifndef LLMGW_PROVIDER_GEMINI_SCHEMA_H
#define LLMGW_PROVIDER_GEMINI_SCHEMA_H

#include "gemini.h"

enum {
    LLMGW__SCHEMA_MERGED = 16,   /* schemas that apply to one value */
    LLMGW__SCHEMA_DEPTH = 64,    /* values inside values, references too */
    LLMGW__SCHEMA_TYPES = 6,     /* all that there are, without null */
    LLMGW__SCHEMA_WRITTEN = 5000 /* values one conversion may describe */
};

enum llmgw__schema_type {
    LLMGW__SCHEMA_NONE,
    LLMGW__SCHEMA_STRING,
    LLMGW__SCHEMA_INTEGER,
    LLMGW__SCHEMA_NUMBER,
    LLMGW__SCHEMA_BOOLEAN,
    LLMGW__SCHEMA_ARRAY,
    LLMGW__SCHEMA_OBJECT
};

/** One conversion. */
struct llmgw__schema {
    struct llmgw__gemini_encode *e;
    const struct llmgw__jdoc *doc;
    uint32_t root;
    uint32_t active[LLMGW__SCHEMA_DEPTH]; /* targets being written */
    size_t active_count;
    size_t written;
    size_t depth;
    bool lost; /* a keyword no longer binds */
};

/** What applies to one value. */
struct llmgw__schema_view {
    uint32_t nodes[LLMGW__SCHEMA_MERGED]; /* the nearest first */
    size_t count;
    uint32_t variants; /* anyOf or oneOf with several that are not null */
    bool nullable;
    bool cut; /* a reference that cannot be followed, or not again */
    uint8_t types[LLMGW__SCHEMA_TYPES];
    size_t type_count;
};

void llmgw__schema_look(struct llmgw__schema *s,
                        struct llmgw__schema_view *view, uint32_t node);
/** Value of a keyword, the nearest one's; LLMGW__JNONE: nobody says. */
uint32_t llmgw__schema_get(const struct llmgw__schema *s,
                           const struct llmgw__schema_view *view,
                           const char *keyword);
/** Does the null type stand for this schema? */
bool llmgw__schema_is_null(const struct llmgw__schema *s, uint32_t node);
/** Value of a member by its raw name. */
uint32_t llmgw__schema_member(const struct llmgw__schema *s, uint32_t object,
                              llmgw_str name);

#endif
