/*
 * wire/poller_table.c - the table of watched sockets, and who is told of them:
 * the form that waits (poller_epoll.c, poller_poll.c), or the host's hook.
 *
 * Memory: 64 to 128 bytes a socket that is watched at the same time.
 */
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "poller.h"
#include "poller_private.h"

enum {
    FIRST_CAP = 16
};

static size_t home(const struct llmgw__poller *poller, intptr_t fd);
static struct llmgw__poll_socket *find(const struct llmgw__poller *poller,
                                       intptr_t fd);
static struct llmgw__poll_socket *add(struct llmgw__poller *poller,
                                      intptr_t fd);
static llmgw_status make_room(struct llmgw__poller *poller);
static struct llmgw__poll_socket *place(struct llmgw__poller *poller,
                                        intptr_t fd);
static void forget(struct llmgw__poller *poller,
                   struct llmgw__poll_socket *slot);
static llmgw_status change(struct llmgw__poller *poller,
                           const struct llmgw__poll_socket *slot,
                           unsigned before);
static void tell_hook_all(struct llmgw__poller *poller, bool watching);
static llmgw_status tell_form_all(struct llmgw__poller *poller, bool watching);

llmgw_status llmgw__poller_create(struct llmgw__poller **out)
{
    struct llmgw__poller *poller = llmgw__calloc(1, sizeof *poller);
    llmgw_status status;

    *out = NULL;
    if (!poller)
        return LLMGW_E_NOMEM;
    status = llmgw__wakeup_create(&poller->wakeup);
    if (status != LLMGW_OK)
        goto out_poller;
    status = llmgw__poll_form_open(poller);
    if (status != LLMGW_OK)
        goto out_wakeup;
    *out = poller;
    return LLMGW_OK;
out_wakeup:
    llmgw__wakeup_drop(poller->wakeup);
out_poller:
    llmgw__free(poller);
    return status;
}

void llmgw__poller_free(struct llmgw__poller *poller)
{
    if (!poller)
        return;
    llmgw__poll_form_close(poller);
    llmgw__wakeup_drop(poller->wakeup);
    llmgw__free(poller->slots);
    llmgw__free(poller);
}

struct llmgw__wakeup *llmgw__poller_wakeup(struct llmgw__poller *poller)
{
    return poller->wakeup;
}

llmgw_status llmgw__poller_watch(struct llmgw__poller *poller, intptr_t fd,
                                 unsigned events, llmgw__poll_fn fn,
                                 void *userdata)
{
    struct llmgw__poll_socket *slot = find(poller, fd);
    unsigned before = slot ? slot->events : 0;
    llmgw_status status = LLMGW_OK;

    events &= LLMGW__POLL_IN | LLMGW__POLL_OUT;
    if (!slot && events == 0)
        return LLMGW_OK;
    if (!slot)
        slot = add(poller, fd);
    if (!slot)
        return LLMGW_E_NOMEM;
    slot->events = events;
    slot->fn = fn;
    slot->userdata = userdata;
    if (events != before)
        status = change(poller, slot, before);
    if (status != LLMGW_OK && before != 0)
        slot->events = before;
    else if (status != LLMGW_OK || events == 0)
        forget(poller, slot);
    return status;
}

int32_t llmgw__poller_wait(struct llmgw__poller *poller, int64_t timeout_ms)
{
    if (poller->hook)
        return LLMGW_E_INVALID;
    if (timeout_ms < 0)
        timeout_ms = -1;
    if (timeout_ms > INT_MAX)
        timeout_ms = INT_MAX;
    return llmgw__poll_form_wait(poller, (int)timeout_ms);
}

llmgw_status llmgw__poller_set_hook(struct llmgw__poller *poller,
                                    llmgw__poll_hook hook, void *userdata)
{
    llmgw_status status = LLMGW_OK;

    if (poller->hook)
        tell_hook_all(poller, false);
    else if (hook)
        (void)tell_form_all(poller, false); /* forgetting cannot fail */
    if (!hook && poller->hook)
        status = tell_form_all(poller, true);
    poller->hook = hook;
    poller->hook_userdata = userdata;
    if (hook)
        tell_hook_all(poller, true);
    return status;
}

void llmgw__poller_ready(struct llmgw__poller *poller, intptr_t fd,
                         unsigned events)
{
    const struct llmgw__poll_socket *slot;

    if (fd == llmgw__wakeup_fd(poller->wakeup)) {
        llmgw__wakeup_empty(poller->wakeup);
        return;
    }
    slot = find(poller, fd);
    if (slot)
        (void)llmgw__poller_tell(poller, fd, slot->serial, events);
}

/* What was not asked for (any more) is not told; an error is something to
 * read and to write, so that whoever waits finds it. */
int32_t llmgw__poller_tell(struct llmgw__poller *poller, intptr_t fd,
                           uint32_t serial, unsigned events)
{
    const struct llmgw__poll_socket *slot = find(poller, fd);

    if (!slot || slot->serial != serial)
        return 0;
    if (events & LLMGW__POLL_ERROR)
        events = LLMGW__POLL_ERROR | slot->events;
    else
        events &= slot->events;
    if (events == 0)
        return 0;
    slot->fn(slot->userdata, fd, events);
    return 1;
}

void llmgw__poller_fetch(const struct llmgw__poller *poller, intptr_t fd)
{
    if (poller->count)
        llmgw__fetch(&poller->slots[home(poller, fd)], sizeof *poller->slots);
}

/* Small numbers that follow each other: spread by a multiplication. */
static size_t home(const struct llmgw__poller *poller, intptr_t fd)
{
    uint64_t mixed = (uint64_t)fd * UINT64_C(0x9E3779B97F4A7C15);

    return (size_t)(mixed >> 32) & (poller->cap - 1);
}

static struct llmgw__poll_socket *find(const struct llmgw__poller *poller,
                                       intptr_t fd)
{
    size_t at;

    if (poller->count == 0)
        return NULL;
    at = home(poller, fd);
    while (poller->slots[at].events) {
        if (poller->slots[at].fd == fd)
            return &poller->slots[at];
        at = (at + 1) & (poller->cap - 1);
    }
    return NULL;
}

static struct llmgw__poll_socket *add(struct llmgw__poller *poller, intptr_t fd)
{
    struct llmgw__poll_socket *slot;

    if (make_room(poller) != LLMGW_OK)
        return NULL;
    slot = place(poller, fd);
    slot->serial = ++poller->last_serial;
    poller->count++;
    return slot;
}

/* At most half full, so that chains stay short. */
static llmgw_status make_room(struct llmgw__poller *poller)
{
    struct llmgw__poll_socket *old = poller->slots;
    size_t old_cap = poller->cap;
    size_t cap = old_cap ? old_cap * 2 : FIRST_CAP;
    struct llmgw__poll_socket *slots;

    if ((poller->count + 1) * 2 <= old_cap)
        return LLMGW_OK;
    slots = llmgw__calloc(cap, sizeof *slots);
    if (!slots)
        return LLMGW_E_NOMEM;
    poller->slots = slots;
    poller->cap = cap;
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].events)
            *place(poller, old[i].fd) = old[i];
    llmgw__free(old);
    return LLMGW_OK;
}

/* The free slot for a socket that is not in the table. */
static struct llmgw__poll_socket *place(struct llmgw__poller *poller,
                                        intptr_t fd)
{
    size_t at = home(poller, fd);

    while (poller->slots[at].events)
        at = (at + 1) & (poller->cap - 1);
    poller->slots[at].fd = fd;
    return &poller->slots[at];
}

/* What follows moves up, unless it is nearer to its home where it is. */
static void forget(struct llmgw__poller *poller,
                   struct llmgw__poll_socket *slot)
{
    size_t mask = poller->cap - 1;
    size_t hole = (size_t)(slot - poller->slots);
    size_t at = hole;

    for (;;) {
        at = (at + 1) & mask;
        if (!poller->slots[at].events)
            break;
        if (((at - home(poller, poller->slots[at].fd)) & mask) >=
            ((at - hole) & mask)) {
            poller->slots[hole] = poller->slots[at];
            hole = at;
        }
    }
    memset(&poller->slots[hole], 0, sizeof *slot);
    poller->count--;
}

static llmgw_status change(struct llmgw__poller *poller,
                           const struct llmgw__poll_socket *slot,
                           unsigned before)
{
    if (!poller->hook)
        return llmgw__poll_form_change(poller, slot, before);
    poller->hook(poller->hook_userdata, slot->fd, slot->events);
    return LLMGW_OK;
}

static void tell_hook_all(struct llmgw__poller *poller, bool watching)
{
    poller->hook(poller->hook_userdata, llmgw__wakeup_fd(poller->wakeup),
                 watching ? LLMGW__POLL_IN : 0);
    for (size_t i = 0; i < poller->cap; i++)
        if (poller->slots[i].events)
            poller->hook(poller->hook_userdata, poller->slots[i].fd,
                         watching ? poller->slots[i].events : 0);
}

static llmgw_status tell_form_all(struct llmgw__poller *poller, bool watching)
{
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < poller->cap; i++) {
        struct llmgw__poll_socket gone = poller->slots[i];
        llmgw_status one;

        if (gone.events == 0)
            continue;
        gone.events = watching ? gone.events : 0;
        one = llmgw__poll_form_change(poller, &gone,
                                      watching ? 0 : poller->slots[i].events);
        if (status == LLMGW_OK)
            status = one;
    }
    return status;
}
