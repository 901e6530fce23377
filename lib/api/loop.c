/*
 * api/loop.c - drive many calls on one thread, with our wait or the host's.
 */
#include <llmgw/loop.h>

#include "base/alloc.h"
#include "gateway.h"

static void socket_hook(void *userdata, intptr_t fd, unsigned events);

llmgw_status llmgw_loop_create(llmgw_gateway *gateway, llmgw_loop **out)
{
    struct llmgw_loop *loop;
    struct llmgw__catalog *catalog;
    llmgw_status status;

    if (!gateway || !out)
        return LLMGW_E_INVALID;
    *out = NULL;
    catalog = llmgw__gateway_catalog(gateway);
    if (!catalog)
        return LLMGW_E_CLOSED;
    llmgw__catalog_drop(catalog);
    loop = llmgw__calloc(1, sizeof *loop);
    if (!loop)
        return LLMGW_E_NOMEM;
    status = llmgw__driver_init(&loop->driver, &gateway->core);
    if (status != LLMGW_OK) {
        llmgw__free(loop);
        return status;
    }
    llmgw__refs_add(&gateway->refs);
    loop->gateway = gateway;
    *out = loop;
    return LLMGW_OK;
}

static void end_jobs(struct llmgw__driver *driver)
{
    for (struct llmgw__job *job = driver->jobs; job; job = job->next)
        job->ops->close(job);
    while (driver->active || driver->queue)
        if (llmgw__driver_turn(driver, 0) != LLMGW_OK)
            break;
}

void llmgw_loop_free(llmgw_loop *loop)
{
    struct llmgw__driver *driver;

    if (!loop)
        return;
    driver = &loop->driver;
    driver->closing = true;
    if (!llmgw__birth_forked(&driver->birth))
        end_jobs(driver);
    while (driver->jobs) /* ended (or the parent's), the host may read it */
        driver->jobs->ops->detach(driver->jobs);
    llmgw__refresh_leave(loop);
    llmgw__driver_clear(driver);
    llmgw__gateway_drop(loop->gateway);
    llmgw__free(loop);
}

llmgw_status llmgw_loop_run(llmgw_loop *loop, int32_t timeout_ms)
{
    llmgw_status status;

    if (!loop)
        return LLMGW_E_INVALID;
    if (!loop->driver.turning)
        llmgw__refresh_look(loop);
    status = llmgw__driver_turn(&loop->driver, timeout_ms);
    llmgw__loop_tell_timer(loop);
    return status;
}

size_t llmgw_loop_active(const llmgw_loop *loop)
{
    return loop ? loop->driver.active : 0;
}

intptr_t llmgw_loop_fd(const llmgw_loop *loop)
{
    return loop ? llmgw__poller_fd(loop->driver.poller) : -1;
}

int64_t llmgw_loop_timeout_ms(const llmgw_loop *loop)
{
    return loop ? llmgw__driver_timeout(&loop->driver) : -1;
}

void llmgw_loop_wakeup(llmgw_loop *loop)
{
    if (loop)
        llmgw__wakeup_ring(loop->driver.bell->wakeup);
}

llmgw_status llmgw_loop_set_hooks(llmgw_loop *loop,
                                  const llmgw_loop_hooks *hooks)
{
    llmgw_loop_hooks taken = LLMGW_LOOP_HOOKS_INIT;
    llmgw_status status;

    if (!loop)
        return LLMGW_E_INVALID;
    if (loop->driver.turning)
        return LLMGW_E_REENTRANT;
    status = llmgw__take_options(&taken, sizeof taken, hooks);
    if (status != LLMGW_OK)
        return status;
    if (hooks && (!taken.on_socket || !taken.on_timer))
        return LLMGW_E_INVALID;
    loop->hooks = taken;
    status = llmgw__poller_set_hook(loop->driver.poller,
                                    hooks ? socket_hook : NULL, loop);
    if (status != LLMGW_OK) {
        loop->hooks.on_socket = NULL;
        return status;
    }
    loop->told_due = UINT64_MAX;
    llmgw__loop_tell_timer(loop);
    return LLMGW_OK;
}

static void socket_hook(void *userdata, intptr_t fd, unsigned events)
{
    struct llmgw_loop *loop = userdata;

    if (loop->hooks.on_socket)
        loop->hooks.on_socket(fd, events, loop->hooks.userdata);
}

/** When the loop next wants to be called: 0 at once, UINT64_MAX never. */
static uint64_t next_due(const struct llmgw_loop *loop)
{
    if (loop->driver.queue || loop->driver.carrier.waiting)
        return 0;
    if (llmgw__ledger_wants_turns(&loop->driver.core->ledger))
        return 0; /* told anew after every turn */
    return llmgw__timers_next(&loop->driver.timers);
}

void llmgw__loop_tell_timer(struct llmgw_loop *loop)
{
    uint64_t due = next_due(loop);

    if (!loop->hooks.on_timer || !loop->hooks.on_socket)
        return;
    if (due == loop->told_due && due != 0)
        return;
    loop->told_due = due;
    loop->hooks.on_timer(llmgw__driver_timeout(&loop->driver),
                         loop->hooks.userdata);
}

llmgw_status llmgw_loop_ready(llmgw_loop *loop, intptr_t fd, uint32_t events)
{
    llmgw_status status;

    if (!loop)
        return LLMGW_E_INVALID;
    if (!loop->driver.turning)
        llmgw__refresh_look(loop);
    status = llmgw__driver_ready(&loop->driver, fd, events);
    if (status == LLMGW_OK)
        llmgw__loop_tell_timer(loop);
    return status;
}

llmgw_status llmgw_loop_expired(llmgw_loop *loop)
{
    if (loop)
        loop->told_due = UINT64_MAX; /* that timer is spent */
    return llmgw_loop_ready(loop, -1, 0);
}
