/*
 * account/postgres_link.h - one connection to a server, driven without ever
 * waiting: statements go out in order, their results come back in order.
 *
 * For one thread at a time.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_LINK_H
#define LLMGW_ACCOUNT_POSTGRES_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "postgres_api.h"
#include "postgres_sql.h"

enum llmgw__link_state {
    LLMGW__LINK_DOWN, /* until retry_ns */
    LLMGW__LINK_CONNECTING,
    LLMGW__LINK_MAKING, /* the schema */
    LLMGW__LINK_UP
};

#define LLMGW__LINK_MAX 64 /* statements under way */

struct llmgw__postgres_link {
    const struct llmgw__postgres_api *api;
    PGconn *conn;
    enum llmgw__link_state state;
    PostgresPollingStatusType wants; /* while connecting */
    uint64_t since_ns;               /* when it was begun, or last heard of */
    uint64_t retry_ns;               /* real time; when it may be begun again */
    uint32_t failures;               /* in a row */
    bool flushing;                   /* not all is out */
    size_t under_way;                /* statements without an answer */
    bool answered; /* the first of them has its result; its sync is due */
    void (*on_result)(void *userdata, PGresult *result); /* one a statement,
                                       in order; NULL: the link is lost */
    void *userdata;
};

/** Go on: connect, send, receive; calls on_result. */
void llmgw__link_turn(struct llmgw__postgres_link *link, const char *url,
                      uint64_t now_ns);
/** Say something; only while it is up and fewer than LLMGW__LINK_MAX are under
 *  way. @return false: the link is lost */
bool llmgw__link_say(struct llmgw__postgres_link *link,
                     const struct llmgw__postgres_say *say);
/** Drop it; nothing is called. */
void llmgw__link_drop(struct llmgw__postgres_link *link, uint64_t now_ns);
/** What it waits for. @return 0: nothing, 1 */
int32_t llmgw__link_fd(const struct llmgw__postgres_link *link,
                       llmgw_store_fd *out);

#endif
