/*
 * call/carrier.h - carry an exchange: by libcurl, or by the host's transport.
 */
#ifndef LLMGW_CALL_CARRIER_H
#define LLMGW_CALL_CARRIER_H

#include <stdbool.h>

#include <llmgw/sys/transport.h>

#include "catalog/catalog.h"
#include "schema/exchange.h"
#include "wire/http.h"
#include "wire/poller.h"

/** Carries the exchanges of one driver. */
struct llmgw__carrier {
    struct llmgw__http *http;
    const llmgw_transport *transport; /* start NULL: libcurl */
    struct llmgw_exchange *waiting;   /* to be started by the host's HTTP */
    struct llmgw_exchange *orphans;   /* given up, their end to be told */
    struct llmgw__wakeup *wakeup;     /* borrowed */
    const bool *turning;              /* a turn is under way: no need to ring */
};

/** One exchange under way; zero: none. */
struct llmgw__carried_exchange {
    struct llmgw__transfer *transfer; /* libcurl's */
    struct llmgw_exchange *exchange;  /* the host's */
};

/** Settings of an exchange: the catalog's, which must outlive it. */
struct llmgw__http_settings
llmgw__carrier_settings(const struct llmgw__catalog *catalog,
                        uint32_t connect_ms);
/** As llmgw__http_start(); events come later, never from inside. */
llmgw_status llmgw__carrier_start(struct llmgw__carrier *carrier,
                                  const struct llmgw__http_request *request,
                                  const struct llmgw__http_settings *settings,
                                  const struct llmgw__http_events *events,
                                  void *userdata,
                                  struct llmgw__carried_exchange *out);
/** End it without an `end` event; nothing under way: nothing is done. */
void llmgw__carrier_cancel(struct llmgw__carrier *carrier,
                           struct llmgw__carried_exchange *carried);
/** Start what waits for the host's transport; from the queue. */
void llmgw__carrier_run(struct llmgw__carrier *carrier);
/** Cancel what the host's transport has not ended; all others are gone. */
void llmgw__carrier_clear(struct llmgw__carrier *carrier);

#endif
