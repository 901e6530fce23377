/*
 * call/errand.h - an exchange of our own on a driver: a token is fetched, a
 * manifest refreshed. The answer is read whole, bounded; limits are ours.
 */
#ifndef LLMGW_CALL_ERRAND_H
#define LLMGW_CALL_ERRAND_H

#include "driver.h"
#include "schema/exchange.h"

/** How an errand has ended. */
struct llmgw__errand_end {
    int32_t status;                      /* HTTP; 0: no answer came */
    const struct llmgw__http_head *head; /* of the answer, or empty */
    llmgw_str body;         /* of the answer; without one, why there is none */
    int32_t transport_code; /* CURLcode; 0: none */
};

/** Told once, from the queue, or while its driver is freed; the errand is over,
 *  its views die with the return. It may be freed in there. */
typedef void (*llmgw__errand_fn)(void *userdata,
                                 const struct llmgw__errand_end *end);

struct llmgw__errand_setup {
    const struct llmgw__http_request *request; /* borrowed until the end */
    const struct llmgw__catalog *catalog; /* transport settings; borrowed */
    uint32_t connect_ms;                  /* LLMGW_NO_LIMIT: none */
    uint32_t total_ms;                    /* likewise */
    bool direct;                          /* by no proxy */
    size_t max_body;                      /* bytes; past it the errand fails */
    llmgw__errand_fn ended;
    void *userdata;
};

struct llmgw__errand;

/** Does not count as a call: a loop may be idle for its host meanwhile.
 *
 *  @retval LLMGW_E_INVALID  the URL or a header cannot be used
 *  @retval LLMGW_E_CLOSED   the driver is being freed
 *  @retval LLMGW_E_NOMEM    no memory */
llmgw_status llmgw__errand_start(struct llmgw__driver *driver,
                                 const struct llmgw__errand_setup *setup,
                                 struct llmgw__errand **out);
/** Give it up, if it runs, and free it; nothing is told. At any time, on the
 *  driver's thread, also when the driver is gone. NULL is allowed. */
void llmgw__errand_free(struct llmgw__errand *errand);

#endif
