/*
 * api/gateway.h - the objects behind the public handles of this room.
 */
#ifndef LLMGW_API_GATEWAY_H
#define LLMGW_API_GATEWAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <llmgw/llmgw.h>

#include "account/store.h"
#include "base/sync.h"
#include "call/call.h"
#include "call/driver.h"
#include "catalog/catalog.h"
#include "schema/error.h"

struct llmgw__fetch; /* one that runs, on a loop */

/** How refreshing stands. Under the gateway's lock, but for due_ns. */
struct llmgw__refresh {
    atomic_ullong due_ns; /* monotonic; while one runs: when another loop may
                             take it over. UINT64_MAX: never */
    const struct llmgw__fetch *running; /* whose answer counts; or NULL */
    char *url;                          /* that the tag is of */
    char *etag;                         /* of the list in force; or NULL */
    llmgw_manifest_refresh told;
    struct llmgw__error why; /* the last one failed */
};

struct llmgw_loop {
    struct llmgw_gateway *gateway; /* one reference */
    struct llmgw__driver driver;
    llmgw_loop_hooks hooks;     /* on_socket NULL: we wait ourselves */
    uint64_t told_due;          /* when that is due; UINT64_MAX: never */
    struct llmgw_loop *next;    /* among the idle ones */
    struct llmgw__fetch *fetch; /* of a price list; NULL: none runs here */
};

struct llmgw_gateway {
    struct llmgw__refs refs;
    struct llmgw__mutex lock;   /* catalog, idle, closed, refresh */
    struct llmgw__mutex making; /* held while another catalog is made of the
                                   one there is; before `lock` */
    bool closed;
    struct llmgw__birth birth; /* to notice a fork */
    struct llmgw__random_pool random;
    struct llmgw__core core;
    struct llmgw__catalog *catalog;
    char *config_file; /* NULL: none */
    struct llmgw_loop *idle;
    size_t idle_count;
    struct llmgw__refresh refresh;
};

/**
 * Take options of a public struct: what we know, defaults for the rest,
 * refused what we cannot honour.
 */
llmgw_status llmgw__take_options(void *ours, size_t our_size,
                                 const void *theirs);

/** What calls share, empty; then with what the host gives and what is
 *  configured. */
llmgw_status llmgw__core_init(struct llmgw__core *core);
void llmgw__core_clear(struct llmgw__core *core, bool forked);
/** @param[out] error  as llmgw_gateway_open() */
llmgw_status llmgw__core_open(struct llmgw_gateway *gateway,
                              const llmgw_gateway_options *options,
                              struct llmgw__ledger_setting *setting,
                              llmgw_error **error);

/** The current snapshot, one reference; NULL: closed. */
struct llmgw__catalog *llmgw__gateway_catalog(struct llmgw_gateway *gateway);
/** Put another in its place, handed over also on failure; E_CLOSED. */
llmgw_status llmgw__gateway_swap(struct llmgw_gateway *gateway,
                                 struct llmgw__catalog *fresh);
void llmgw__gateway_drop(struct llmgw_gateway *gateway);
/** An error object that the host owns; NULL: out is, or no memory. */
void llmgw__gateway_tell(llmgw_error **out, const struct llmgw__error *error);
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

/* --- refresh.c, manifest.c --- */

/** The configuration is another: where, and from now on when. */
void llmgw__refresh_plan(struct llmgw_gateway *gateway);
/** Begin, where it is due. */
void llmgw__refresh_look(struct llmgw_loop *loop);
/** The loop goes: another one may begin anew. */
void llmgw__refresh_leave(struct llmgw_loop *loop);
void llmgw__refresh_clear(struct llmgw__refresh *refresh);

/**
 * Read a list, and put a snapshot that has it in place of the current one.
 *
 * @param changes  empty, but for its arena; filled, also when refused
 * @retval LLMGW_E_CONFIG  refused, fault says why
 * @retval LLMGW_E_CLOSED  the gateway is closed
 */
llmgw_status llmgw__manifest_take(struct llmgw_gateway *gateway, llmgw_str text,
                                  const struct llmgw__reading *reading,
                                  struct llmgw__json_fault *fault);
/** Today in UTC, as YYYY-MM-DD. */
void llmgw__today(const struct llmgw_gateway *gateway, char out[11]);

/**
 * Read a configuration into a new snapshot.
 *
 * @param json         empty: nothing but the environment
 * @param before       whose price lists stay; NULL: there are none
 * @param[out] ledger  where entries are kept; of success the caller clears it
 * @param[out] error   filled on LLMGW_E_CONFIG
 */
llmgw_status llmgw__config_read(llmgw_str json,
                                const struct llmgw__catalog *before,
                                struct llmgw__catalog **out,
                                struct llmgw__ledger_setting *ledger,
                                struct llmgw__error *error);
/** The bytes of a file, owned: llmgw__free(). E_CONFIG: error filled. */
llmgw_status llmgw__config_file(const char *path, char **bytes, size_t *len,
                                struct llmgw__error *error);

#endif
