/*
 * provider/provider.h - what a row of the provider table says, credentials,
 * and the classification of errors.
 */
#ifndef LLMGW_PROVIDER_PROVIDER_H
#define LLMGW_PROVIDER_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "dialect.h"

extern const struct llmgw__dialect llmgw__dialect_openai;
extern const struct llmgw__dialect llmgw__dialect_anthropic;
extern const struct llmgw__dialect llmgw__dialect_gemini;
extern const struct llmgw__dialect llmgw__dialect_responses;
extern const struct llmgw__dialect llmgw__dialect_cohere;
extern const struct llmgw__dialect llmgw__dialect_ollama;
extern const struct llmgw__dialect llmgw__dialect_bedrock;

/** Does any dialect read this member of the request's "llmgw" object? */
bool llmgw__dialects_know(llmgw_str member);

/** How a key is shown to the provider. */
enum llmgw__auth {
    LLMGW__AUTH_NONE,      /* no key needed; Bearer when there is one */
    LLMGW__AUTH_BEARER,    /* authorization: Bearer KEY */
    LLMGW__AUTH_X_API_KEY, /* x-api-key: KEY */
    LLMGW__AUTH_X_GOOG,    /* x-goog-api-key: KEY */
    LLMGW__AUTH_API_KEY,   /* api-key: KEY */
    LLMGW__AUTH_X_PORTKEY, /* x-portkey-api-key: KEY */
    LLMGW__AUTH_PROJECT,   /* Bearer; x-goog-api-key without a "project" */
    LLMGW__AUTH_AWS        /* SigV4; Bearer where there is a key */
};

/** Named differences between services of one dialect. */
enum {
    LLMGW__QUIRK_MAX_TOKENS = 1 << 0,        /* the older name of the limit */
    LLMGW__QUIRK_NO_STREAM_OPTIONS = 1 << 1, /* refuses stream_options */
    LLMGW__QUIRK_NO_DEVELOPER = 1 << 2,      /* system, never developer */
    LLMGW__QUIRK_REASONING_OUTSIDE = 1 << 3, /* of completion_tokens */
    LLMGW__QUIRK_CACHED_OUTSIDE = 1 << 4,    /* cached may exceed prompt */
    LLMGW__QUIRK_FULL_OPENAI = 1 << 5,       /* OpenAI's own API, all of it */
    LLMGW__QUIRK_OBFUSCATION = 1 << 6, /* pads its chunks unless told not to */
    LLMGW__QUIRK_DEPLOYMENTS = 1 << 7, /* paths of deployments (site.c) */
    LLMGW__QUIRK_NO_EMBEDDINGS = 1 << 8, /* though its dialect has them */
    /* goes on from an assistant's last turn: where the model is known to, with
       every model, when continue_final_message asks it to */
    LLMGW__QUIRK_TURN_MODEL = 1 << 9,
    LLMGW__QUIRK_TURN = 1 << 10,
    LLMGW__QUIRK_TURN_ASKED = 1 << 11
};

struct llmgw__credential;        /* credential.h */
struct llmgw__credential_source; /* credential.h */
struct llmgw__openai_service;    /* openai_service.h */
struct llmgw__region;            /* site.h */
struct llmgw__variable;          /* site.h */

/** One row: a known service. */
struct llmgw__provider_row {
    const char *name;
    const struct llmgw__dialect *dialect;
    const char *base_url; /* NULL: must be configured; "{}" in it: place */
    enum llmgw__auth auth;
    const char *key_env;   /* environment variable of the key */
    const char *key_env_2; /* a second customary one, or NULL */
    const char *base_env;  /* of the base URL, or NULL */
    bool base_host; /* that names a host, with or without scheme and port */
    const struct llmgw__dialect *other; /* spoken too, elsewhere; or NULL */
    const char *other_url;              /* base URL of that; NULL: the same */
    const char *family;                 /* of its error rules */
    const char *telemetry; /* OpenTelemetry's gen_ai.provider.name */
    uint32_t quirks;
    /* what this service of the openai dialect does differently, or NULL */
    const struct llmgw__openai_service *openai;
    uint16_t embed_inputs;        /* most of one request; 0: the dialect's */
    const char *embed_dimensions; /* its name for dimensions; NULL: that */
    const char *embed_bytes;      /* its encoding_format of bytes, or NULL */
    const char *embed_path;       /* behind the base URL; NULL: /embeddings */
    const char *place;            /* the setting that fills the base URL */
    const char *place_env;        /* a variable that says the same */
    const char *place_env_2;      /* a second customary one, or NULL */
    const struct llmgw__region *regions; /* by that, or "region"; or NULL */
    const char *cost_header; /* of an answer: what was charged, USD; or NULL */
    const char *api_version; /* unless the setting says another; NULL: none */
    /* what else the environment says of its key's account; NULL: nothing */
    const struct llmgw__variable *variables;
    /* of credentials that are no configured key; NULL: there are none */
    const struct llmgw__credential_source *credentials;
};

/** Row by name; NULL: none. */
const struct llmgw__provider_row *llmgw__provider_row_find(llmgw_str name);
/** Row by place, to walk the table; NULL: past its end. */
const struct llmgw__provider_row *llmgw__provider_row_at(size_t index);
/** Where a row's service speaks a dialect; NULL: must be configured. */
const char *llmgw__provider_row_url(const struct llmgw__provider_row *row,
                                    const struct llmgw__dialect *dialect);
/** Dialect by name, for "dialect" in configuration; NULL: none. */
const struct llmgw__dialect *llmgw__dialect_find(llmgw_str name);

/** What a request is given its credential with. */
struct llmgw__auth_ask {
    const struct llmgw__provider *provider;
    const struct llmgw__target *target;         /* NULL: of no model */
    const struct llmgw__credential *credential; /* NULL: the provider's key */
    int64_t now_s;                              /* wall clock, to sign with */
    struct llmgw__http_request *request;        /* complete but for that */
    struct llmgw__arena *arena;
};

/** Add the credential's headers. E_INVALID: error says which key is missing
 *  or cannot be a header. */
llmgw_status llmgw__auth_apply(const struct llmgw__auth_ask *ask,
                               struct llmgw__error *error);

/** Is this the name of a header that shows a key? */
bool llmgw__auth_is_header(const char *name);

/** What is known when an exchange has failed. */
struct llmgw__failure {
    const char *family;                  /* the row's; NULL: any */
    int32_t status;                      /* HTTP; 0: no answer came */
    const struct llmgw__http_head *head; /* NULL: none */
    llmgw_str body;
    int32_t transport_code;       /* CURLcode; 0: none */
    const char *transport_detail; /* libcurl's words, or NULL */
    int64_t now_s;                /* wall clock, for HTTP dates */
};

/**
 * Classify: provider's status and body (or transport failure) -> error, by
 * the ordered rules of error_rules.c. Never fails.
 */
void llmgw__error_classify(const struct llmgw__failure *failure,
                           struct llmgw__error *error);

/** An error object met inside a 200 answer: classified by what it says. */
void llmgw__error_classify_inband(const struct llmgw__decode *decode,
                                  llmgw_str json, struct llmgw__error *error);

/**
 * Does a 2xx body carry an error all the same (top-level truthy "error",
 * object "error", success false, HTML)? Checked before the dialect's body().
 */
bool llmgw__error_in_body(llmgw_str body);

#endif
