/*
 * api/chat.c - ask, blocking or on a loop: the same for every kind of call.
 */
#include <llmgw/chat.h>

#include "call/kind.h"
#include "gateway.h"
#include "request.h"

static llmgw_status create(struct llmgw_loop *loop,
                           const struct llmgw__kind *kind,
                           const llmgw_request *request,
                           const llmgw_chat_options *options, llmgw_call **out);
static llmgw_status drive(struct llmgw_loop *loop, llmgw_call **out);

llmgw_status llmgw_chat(llmgw_gateway *gateway, const llmgw_request *request,
                        const llmgw_chat_options *options, llmgw_call **out)
{
    if (out)
        *out = NULL;
    if (!request)
        return LLMGW_E_INVALID;
    return llmgw__ask(gateway, &llmgw__kind_chat, request, options, out);
}

llmgw_status llmgw_chat_start(llmgw_loop *loop, const llmgw_request *request,
                              const llmgw_chat_options *options,
                              llmgw_call **out)
{
    if (out)
        *out = NULL;
    if (!request)
        return LLMGW_E_INVALID;
    return llmgw__ask_start(loop, &llmgw__kind_chat, request, options, out);
}

llmgw_status llmgw__ask(llmgw_gateway *gateway, const struct llmgw__kind *kind,
                        const llmgw_request *request,
                        const llmgw_chat_options *options, llmgw_call **out)
{
    llmgw_chat_options taken = LLMGW_CHAT_OPTIONS_INIT;
    struct llmgw_loop *loop;
    llmgw_status status;

    if (out)
        *out = NULL;
    if (!gateway || !out)
        return LLMGW_E_INVALID;
    if (llmgw__guard_inside())
        return LLMGW_E_REENTRANT;
    if (llmgw__birth_forked(&gateway->birth))
        return LLMGW_E_FORKED;
    status = llmgw__take_options(&taken, sizeof taken, options);
    if (status == LLMGW_OK)
        status = llmgw__gateway_borrow(gateway, &loop);
    if (status != LLMGW_OK)
        return status;
    status = create(loop, kind, request, &taken, out);
    if (status == LLMGW_OK) {
        (*out)->held = true;
        status = drive(loop, out);
    }
    if (status == LLMGW_OK) {
        llmgw__call_detach(*out); /* still held */
        (*out)->held = false;
        if ((*out)->freed) { /* by its own on_done */
            llmgw__call_release(*out);
            *out = NULL;
        }
    }
    llmgw__gateway_give_back(gateway, loop);
    return status;
}

llmgw_status llmgw__ask_start(llmgw_loop *loop, const struct llmgw__kind *kind,
                              const llmgw_request *request,
                              const llmgw_chat_options *options,
                              llmgw_call **out)
{
    llmgw_chat_options taken = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_status status;

    if (out)
        *out = NULL;
    if (!loop || !out)
        return LLMGW_E_INVALID;
    if (llmgw__birth_forked(&loop->driver.birth))
        return LLMGW_E_FORKED;
    status = llmgw__take_options(&taken, sizeof taken, options);
    if (status == LLMGW_OK && !taken.on_done)
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK && loop->driver.closing)
        status = LLMGW_E_CLOSED;
    if (status == LLMGW_OK)
        status = create(loop, kind, request, &taken, out);
    if (status == LLMGW_OK && !loop->driver.turning) {
        llmgw__refresh_look(loop);
        llmgw__loop_tell_timer(loop);
    }
    return status;
}

bool llmgw__wants_chunks(const llmgw_chat_options *options)
{
    llmgw_chat_options taken = LLMGW_CHAT_OPTIONS_INIT;

    return llmgw__take_options(&taken, sizeof taken, options) == LLMGW_OK &&
           taken.on_chunk;
}

static llmgw_status create(struct llmgw_loop *loop,
                           const struct llmgw__kind *kind,
                           const llmgw_request *request,
                           const llmgw_chat_options *options, llmgw_call **out)
{
    struct llmgw__call_setup setup = {0};
    llmgw_status status;

    if (options->max_attempts > 32 || !llmgw__tags_valid(options->tags))
        return LLMGW_E_INVALID;
    status = request ? llmgw__request_bytes(request, &setup.request) : LLMGW_OK;
    setup.catalog = llmgw__gateway_catalog(loop->gateway);
    if (status == LLMGW_OK && !setup.catalog)
        status = LLMGW_E_CLOSED;
    if (status == LLMGW_OK) {
        setup.kind = kind;
        setup.driver = &loop->driver;
        setup.options = options;
        status = llmgw__call_create(&setup, out);
    }
    if (setup.catalog)
        llmgw__catalog_drop(setup.catalog);
    llmgw__bytes_drop(setup.request);
    return status;
}

/** Until it has ended and its on_done was made; *out is NULL if it cannot. */
static llmgw_status drive(struct llmgw_loop *loop, llmgw_call **out)
{
    llmgw_call *call = *out;
    llmgw_status status = LLMGW_OK;

    llmgw__refresh_look(loop);
    while (status == LLMGW_OK &&
           (call->state != LLMGW__CALL_ENDED || call->job.in_queue))
        status = llmgw__driver_turn(&loop->driver, -1);
    if (status != LLMGW_OK) {
        /* the wait is broken: nothing more can arrive */
        call->held = false;
        llmgw__call_release(call);
        *out = NULL;
    }
    return status;
}
