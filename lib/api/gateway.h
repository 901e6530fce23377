/*
 * api/gateway.h - the objects behind the public handles of this room.
 */
#ifndef LLMGW_API_GATEWAY_H
#define LLMGW_API_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/llmgw.h>

#include "base/sync.h"
#include "call/call.h"
#include "call/driver.h"
#include "catalog/catalog.h"

struct llmgw_loop {
    struct llmgw_gateway *gateway; /* one reference */
    struct llmgw__driver driver;
    llmgw_loop_hooks hooks;  /* on_socket NULL: we wait ourselves */
    uint64_t told_due;       /* when that is due; UINT64_MAX: never */
    struct llmgw_loop *next; /* among the idle ones */
};

struct llmgw_gateway {
    struct llmgw__refs refs;
    struct llmgw__mutex lock; /* catalog, idle, closed */
    bool closed;
    struct llmgw__birth birth; /* to notice a fork */
    struct llmgw__random_pool random;
    struct llmgw__core core;
    struct llmgw__catalog *catalog;
    char *config_file; /* NULL: none */
    struct llmgw_loop *idle;
    size_t idle_count;
};

/**
 * Take options of a public struct: what we know, defaults for the rest,
 * refused what we cannot honour.
 */
llmgw_status llmgw__take_options(void *ours, size_t our_size,
                                 const void *theirs);

/** The current snapshot, one reference; NULL: closed. */
struct llmgw__catalog *llmgw__gateway_catalog(struct llmgw_gateway *gateway);
void llmgw__gateway_drop(struct llmgw_gateway *gateway);
/** An idle loop, or a new one. */
llmgw_status llmgw__gateway_borrow(struct llmgw_gateway *gateway,
                                   struct llmgw_loop **out);
void llmgw__gateway_give_back(struct llmgw_gateway *gateway,
                              struct llmgw_loop *loop);
/** Ask and wait, or start on a loop; request NULL: the kind needs none. */
llmgw_status llmgw__ask(llmgw_gateway *gateway, const struct llmgw__kind *kind,
                        const llmgw_request *request,
                        const llmgw_chat_options *options, llmgw_call **out);
llmgw_status llmgw__ask_start(llmgw_loop *loop, const struct llmgw__kind *kind,
                              const llmgw_request *request,
                              const llmgw_chat_options *options,
                              llmgw_call **out);
/** Do the options have an on_chunk? What comes whole is not handed over in
 *  pieces. */
bool llmgw__wants_chunks(const llmgw_chat_options *options);
/** Tell the host's timer hook, if it watches and the time has changed. */
void llmgw__loop_tell_timer(struct llmgw_loop *loop);

/**
 * Read a configuration into a new snapshot.
 *
 * @param json         empty: nothing but the environment
 * @param[out] error   filled on LLMGW_E_CONFIG
 */
llmgw_status llmgw__config_read(llmgw_str json, struct llmgw__catalog **out,
                                size_t *max_entries,
                                struct llmgw__error *error);
/** The bytes of a file, owned: llmgw__free(). E_CONFIG: error filled. */
llmgw_status llmgw__config_file(const char *path, char **bytes, size_t *len,
                                struct llmgw__error *error);

#endif
