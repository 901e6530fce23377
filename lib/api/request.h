/*
 * api/request.h - the request behind the public handle.
 */
#ifndef LLMGW_API_REQUEST_H
#define LLMGW_API_REQUEST_H

#include <llmgw/request.h>

#include "base/bytes.h"
#include "base/text.h"

/** A top-level member set by name. */
struct llmgw__request_member {
    char *name;
    char *json;
    size_t json_len;
};

struct llmgw_request {
    struct llmgw__bytes *given; /* all of it, as JSON; NULL: by setters */
    size_t *ends;               /* where each message ends in `messages` */
    size_t message_count;
    size_t message_cap;
    struct llmgw__buf json;     /* rendered for the host */
    char *model;                /* NULL: not set */
    struct llmgw__buf messages; /* JSON objects, comma-joined */
    struct llmgw__buf tools;    /* ditto */
    struct llmgw__buf inputs;   /* of embeddings: JSON values, ditto */
    bool has_inputs;            /* it is an embeddings request */
    struct llmgw__request_member *members;
    size_t member_count;
    size_t member_cap;
};

/** A reference to the request's JSON: as it was given, or rendered. */
llmgw_status llmgw__request_bytes(const llmgw_request *request,
                                  struct llmgw__bytes **out);

/** Append a message, one JSON object. */
llmgw_status llmgw__request_add(llmgw_request *request, llmgw_str object);
/** Forget every member, message and tool that setters have made. */
void llmgw__request_forget(llmgw_request *request);
/** Take a request made of JSON apart, so that setters can work on it; on
 *  failure it is as it was given. */
llmgw_status llmgw__request_unfold(llmgw_request *request);

#endif
