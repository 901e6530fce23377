/*
 * wire/http.h - HTTP exchanges over libcurl's multi interface, driven by our
 * poller and timers. The only door to libcurl.
 *
 * One struct llmgw__http a loop: connections, TLS sessions and DNS results
 * are kept in it. All of it runs on the thread that drives the loop.
 */
#ifndef LLMGW_WIRE_HTTP_H
#define LLMGW_WIRE_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/timers.h"
#include "poller.h"
#include "schema/exchange.h"

/** Settings of the transport; NULL and empty: libcurl's own defaults. */
struct llmgw__http_settings {
    const char *ca_file;
    const char *ca_path;
    llmgw_str ca_pem;
    const char *proxy;      /* URL; "" : no proxy, not even from environment */
    const char *user_agent; /* static */
    /** A connection may take longer than libcurl's own limit. To have none
     *  keeps a timer of each exchange in libcurl's tree, which is turned over
     *  with every piece that comes: only where it is needed. */
    bool patient;
};

/** libcurl gives up a connection after this, unless told to be patient. */
#define LLMGW__HTTP_CONNECT_MS 300000u

struct llmgw__http;
struct llmgw__transfer;

/** curl_global_init, once a process. */
llmgw_status llmgw__http_global(void);

/**
 * @param poller,timers  borrowed; must outlive it
 * @param now            monotonic ns, the loop's clock
 */
llmgw_status llmgw__http_create(struct llmgw__poller *poller,
                                struct llmgw__timers *timers,
                                uint64_t (*now)(void *userdata),
                                void *now_userdata, struct llmgw__http **out);
/** Every transfer must have ended or been cancelled. */
void llmgw__http_free(struct llmgw__http *http);

/**
 * Start an exchange. Events come later, never from inside this call.
 *
 * @param request   borrowed until `end` or cancel
 * @param settings  borrowed until `end` or cancel
 * @param events    borrowed, static
 * @param[out] out  belongs to http; dead after `end` or cancel
 * @retval LLMGW_E_INVALID  libcurl refuses the URL or a header
 */
llmgw_status llmgw__http_start(struct llmgw__http *http,
                               const struct llmgw__http_request *request,
                               const struct llmgw__http_settings *settings,
                               const struct llmgw__http_events *events,
                               void *userdata, struct llmgw__transfer **out);
/** End an exchange at once, without an `end` event; its connection is closed.
 *  Allowed from inside events (the handle is removed when libcurl returned). */
void llmgw__http_cancel(struct llmgw__transfer *transfer);
/** Where the time went so far. */
void llmgw__http_times(const struct llmgw__transfer *transfer,
                       struct llmgw__http_times *times);
/** 1: libcurl is on the stack: handles cannot be added or driven now. */
bool llmgw__http_busy(const struct llmgw__http *http);
/** Transfers that have not ended. */
size_t llmgw__http_active(const struct llmgw__http *http);
/** A libcurl code means our kind of failure: told by provider/. Its text. */
const char *llmgw__http_code_text(int32_t code);

#endif
