/*
 * call/cancel.c - cancel tokens, and the flag each call shares with them.
 *
 * A token knows flags, never calls: no cancel races a free.
 */
#include "cancel.h"

#include <string.h>

#include "base/alloc.h"

struct llmgw_cancel {
    struct llmgw__refs refs;
    struct llmgw__mutex lock;
    bool triggered;
    struct llmgw__cancel_flag *flags;
};

llmgw_status llmgw_cancel_create(llmgw_cancel **out)
{
    llmgw_cancel *token;
    llmgw_status status;

    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    token = llmgw__calloc(1, sizeof *token);
    if (!token)
        return LLMGW_E_NOMEM;
    status = llmgw__mutex_init(&token->lock);
    if (status != LLMGW_OK) {
        llmgw__free(token);
        return status;
    }
    llmgw__refs_init(&token->refs);
    *out = token;
    return LLMGW_OK;
}

void llmgw_cancel_trigger(llmgw_cancel *token)
{
    if (!token)
        return;
    llmgw__mutex_lock(&token->lock);
    token->triggered = true;
    for (struct llmgw__cancel_flag *flag = token->flags; flag;
         flag = flag->next)
        llmgw__cancel_flag_set(flag);
    llmgw__mutex_unlock(&token->lock);
}

void llmgw_cancel_free(llmgw_cancel *token)
{
    if (!token || !llmgw__refs_drop(&token->refs))
        return;
    llmgw__mutex_clear(&token->lock);
    llmgw__free(token);
}

void llmgw__cancel_ref(llmgw_cancel *token)
{
    if (token)
        llmgw__refs_add(&token->refs);
}

void llmgw__cancel_tie(llmgw_cancel *token, struct llmgw__cancel_flag *flag)
{
    if (!token)
        return;
    llmgw__refs_add(&flag->refs);
    llmgw__mutex_lock(&token->lock);
    flag->next = token->flags;
    token->flags = flag;
    if (token->triggered)
        llmgw__cancel_flag_set(flag);
    llmgw__mutex_unlock(&token->lock);
}

void llmgw__cancel_untie(llmgw_cancel *token, struct llmgw__cancel_flag *flag)
{
    struct llmgw__cancel_flag **at;

    if (!token)
        return;
    llmgw__mutex_lock(&token->lock);
    for (at = &token->flags; *at && *at != flag; at = &(*at)->next)
        ;
    if (*at)
        *at = flag->next;
    llmgw__mutex_unlock(&token->lock);
    llmgw__cancel_flag_drop(flag);
}

void llmgw__cancel_flag_set(struct llmgw__cancel_flag *flag)
{
    if (atomic_exchange(&flag->set, true))
        return;
    llmgw__bell_ring(flag->bell);
}

void llmgw__cancel_flag_drop(struct llmgw__cancel_flag *flag)
{
    if (!flag || !llmgw__refs_drop(&flag->refs))
        return;
    llmgw__bell_drop(flag->bell);
    llmgw__free(flag);
}
