/*
 * call/fetch.h - fetch a credential: the exchanges its source asks for, on a
 * driver.
 */
#ifndef LLMGW_CALL_FETCH_H
#define LLMGW_CALL_FETCH_H

#include "driver.h"

struct llmgw__fetch;

struct llmgw__fetch_setup {
    struct llmgw__catalog *catalog; /* a reference is taken */
    const struct llmgw__provider *provider;
    uint64_t lease;    /* of the account, to be ended */
    uint64_t until_ns; /* when that ends by itself */
    struct llmgw__fetch *
        *owner; /* whose end is its end; told NULL there when it
                                    has ended. NULL: nobody's, it goes on in the
                                    background */
};

/** What an account is called among credentials. */
const char *llmgw__fetch_account(const struct llmgw__provider *provider);

/**
 * Begin; it may have ended with the return. What came of it is told to those
 * who wait for the account.
 *
 * @retval LLMGW_E_NOMEM  no memory; the lease is given up
 */
llmgw_status llmgw__fetch_start(struct llmgw__driver *driver,
                                const struct llmgw__fetch_setup *setup);
/** End it without a result: the lease is handed on. NULL is allowed. */
void llmgw__fetch_give_up(struct llmgw__fetch *fetch);

#endif
