/*
 * api/request.h - the request behind the public handle.
 */
#ifndef LLMGW_API_REQUEST_H
#define LLMGW_API_REQUEST_H

#include <stdbool.h>

#include <llmgw/request.h>

#include "base/text.h"

/** A top-level member set by name. */
struct llmgw__request_member {
    char *name;
    char *json;
    size_t json_len;
};

struct llmgw_request {
    bool from_json;             /* json holds all of it, as given */
    struct llmgw__buf json;     /* as given, or rendered for the host */
    char *model;                /* NULL: not set */
    struct llmgw__buf messages; /* JSON objects, comma-joined */
    struct llmgw__buf tools;    /* ditto */
    struct llmgw__request_member *members;
    size_t member_count;
    size_t member_cap;
};

/** The request's JSON: a view of its own bytes, or rendered into buf. */
llmgw_status llmgw__request_render(const llmgw_request *request,
                                   struct llmgw__buf *buf, llmgw_str *out);

#endif
