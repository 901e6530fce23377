/*
 * base/json.h - typed reads over cJSON, for configuration and manifests:
 * what is small, read once, and must be refused with the path of the mistake.
 */
#ifndef LLMGW_BASE_JSON_H
#define LLMGW_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <llmgw/base.h>

#include "fields.h"

/** First mistake found while reading a document. */
struct llmgw__json_fault {
    char path[192];    /* "routes.fast.targets[1]"; "" is the root */
    char message[256]; /* one line, no period; "" while nothing is wrong */
    bool nomem;
};

/** A place in a document: a value and the way to it. */
struct llmgw__json_at {
    const cJSON *value; /* NULL: absent */
    const struct llmgw__json_at *parent;
    const char *key; /* member name, or NULL */
    int index;       /* element number, when key is NULL */
    struct llmgw__json_fault *fault;
};

/**
 * Parse. @return the tree (owned: cJSON_Delete), or NULL with fault set (the
 * line and column of the mistake).
 */
cJSON *llmgw__json_parse(llmgw_str text, struct llmgw__json_fault *fault);
struct llmgw__json_at llmgw__json_root(const cJSON *root,
                                       struct llmgw__json_fault *fault);
/** Member of an object; value NULL when absent. A `parent` of another type is
 *  a fault. */
struct llmgw__json_at llmgw__json_member(const struct llmgw__json_at *at,
                                         const char *key);
struct llmgw__json_at llmgw__json_element(const struct llmgw__json_at *at,
                                          int index);
int llmgw__json_size(const struct llmgw__json_at *at);
/** Say what is wrong here (the first one stays). printf-like. @return false */
bool llmgw__json_refuse(const struct llmgw__json_at *at, const char *message);
/** Refuse members that are not in the NULL-terminated list. */
bool llmgw__json_known(const struct llmgw__json_at *at,
                       const char *const *names);
/* Absent leaves *out alone and answers true; a wrong type refuses. */
bool llmgw__json_get_string(const struct llmgw__json_at *at, const char **out);
bool llmgw__json_get_uint32(const struct llmgw__json_at *at, uint32_t max,
                            uint32_t *out);
bool llmgw__json_get_bool(const struct llmgw__json_at *at, bool *out);
bool llmgw__json_get_object(const struct llmgw__json_at *at);
bool llmgw__json_get_array(const struct llmgw__json_at *at);
/** The members of the object here that a table has, those that are given, read
 *  into a struct. Unknown ones are not its concern. */
bool llmgw__json_get_fields(const struct llmgw__json_at *at,
                            const struct llmgw__field *fields, void *into);

#endif
