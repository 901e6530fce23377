/*
 * route/needs.h - what a request needs of whoever answers it.
 */
#ifndef LLMGW_ROUTE_NEEDS_H
#define LLMGW_ROUTE_NEEDS_H

#include <stdint.h>

#include "catalog/price.h"
#include "schema/chat.h"

struct llmgw__needs {
    uint8_t abilities; /* bits, LLMGW__CAN_… */
    uint64_t bytes;    /* of its text, media not counted */
};

void llmgw__needs_read(struct llmgw__needs *needs,
                       const struct llmgw__chat *chat);
/** Those that a model is known not to have; 0: none, or nobody has said. */
uint8_t llmgw__needs_lacked(const struct llmgw__needs *needs,
                            const struct llmgw__price *price);

/** Say which place of a request needs the first of some abilities, and that it
 *  is content, if it is. */
void llmgw__needs_blame(const struct llmgw__chat *chat, uint8_t abilities,
                        struct llmgw__error *error);

/** Does the prompt fit into the model's window, by its bytes? A window that
 *  nobody has said takes all. */
enum llmgw__fit {
    LLMGW__FITS,
    LLMGW__FITS_HARDLY, /* at the usual number of bytes a token */
    LLMGW__FITS_NEVER   /* at any that texts have */
};
enum llmgw__fit llmgw__needs_fit(const struct llmgw__needs *needs,
                                 const struct llmgw__price *price);

#endif
