/*
 * support/dialect_run.h - one attempt of a dialect without a network: encode a
 * request, feed what the provider answered, look at what the host would get.
 */
#ifndef LLMGW_TEST_DIALECT_RUN_H
#define LLMGW_TEST_DIALECT_RUN_H

#include <cjson/cJSON.h>

#include "provider/provider.h"
#include "stream/assemble.h"
#include "stream/order.h"

struct dialect_run {
    const struct llmgw__dialect *dialect;
    char *text; /* the request's bytes, exactly as long */
    struct llmgw__arena arena;
    struct llmgw__chat chat;
    bool has_chat;
    struct llmgw__provider provider;
    struct llmgw__target target;
    /* encode */
    struct llmgw__http_request request;
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS]; /* its */
    struct llmgw__adjustments adjustments;
    struct llmgw__memo memo;
    struct llmgw__error error; /* why it was refused, or how it failed */
    /* decode */
    struct llmgw__arena scratch;
    struct llmgw__decode decode;
    struct llmgw__http_head head;
    struct llmgw__ids ids;
    int made[2]; /* ids: of calls, of answers */
    void *decoder;
    struct llmgw__order order;
    struct llmgw__assemble assemble;
    struct llmgw__usage usage;
    bool has_usage;
    bool failed;      /* an error chunk came */
    char native[128]; /* native finish reason */
    cJSON *chunks;    /* what the host gets, in order */
    size_t told;      /* chunks of the decoder */
};

/** A run for one target. Model and base URL are borrowed. */
void dialect_run_start(struct dialect_run *run,
                       const struct llmgw__dialect *dialect,
                       const char *base_url, const char *model);
/** Read the host's request (JSON text). */
llmgw_status dialect_run_chat(struct dialect_run *run, const char *request);
/** Encode it. */
llmgw_status dialect_run_encode(struct dialect_run *run, bool stream,
                                bool strict);
/** The body as text; the caller's, free(). */
char *dialect_run_body(const struct dialect_run *run);

/** Ready to decode; done by the first of those below too. */
llmgw_status dialect_run_expect(struct dialect_run *run);
/** One record of a stream. */
llmgw_status dialect_run_frame(struct dialect_run *run, const char *data,
                               size_t len);
/** A whole body. */
llmgw_status dialect_run_whole(struct dialect_run *run, const char *data,
                               size_t len);
/** A body of server-sent events, and its end; what stands outside of events
 *  is handed over as a document. */
llmgw_status dialect_run_events(struct dialect_run *run, const char *data,
                                size_t len);
/** The end of a stream. */
llmgw_status dialect_run_end(struct dialect_run *run);
/** The answer as the host gets it whole; the caller's; NULL: none. */
cJSON *dialect_run_final(struct dialect_run *run);

void dialect_run_clear(struct dialect_run *run);

#endif
