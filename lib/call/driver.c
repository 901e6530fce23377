/*
 * call/driver.c - what drives calls on one thread.
 *
 * One turn: wait, let libcurl and the timers do what is due, then serve the
 * queue, outside of libcurl, until it is empty. A turn that has work of its
 * own does not look at the sockets, but the next one does.
 */
#include "driver.h"

#include <string.h>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"

/** How long a turn waits while a store has work that needs turns. */
#define STORE_TURN_MS 5

#define TEND_NS   LLMGW__SECOND
#define FORGET_NS (3600 * LLMGW__SECOND)
#define DAY_NS    (86400 * (int64_t)LLMGW__SECOND)

static _Thread_local int callbacks_on_stack;

static uint64_t now_of(void *userdata);
static void serve(struct llmgw__driver *driver);
static void look_when_rung(struct llmgw__driver *driver);
static llmgw_status begin_turn(struct llmgw__driver *driver);
static int32_t wait_for_all(struct llmgw__driver *driver, int64_t timeout_ms);
static void end_turn(struct llmgw__driver *driver);

llmgw_status llmgw__driver_init(struct llmgw__driver *driver,
                                struct llmgw__core *core)
{
    llmgw_status status;

    memset(driver, 0, sizeof *driver);
    driver->core = core;
    llmgw__birth_init(&driver->birth);
    driver->queue_end = &driver->queue;
    llmgw__timers_init(&driver->timers);
    driver->now_ns = llmgw__driver_clock(driver);
    driver->bell = llmgw__calloc(1, sizeof *driver->bell);
    if (!driver->bell) {
        llmgw__birth_clear(&driver->birth);
        return LLMGW_E_NOMEM;
    }
    llmgw__refs_init(&driver->bell->refs);
    status = llmgw__poller_create(&driver->poller);
    if (status == LLMGW_OK) {
        driver->bell->wakeup =
            llmgw__wakeup_ref(llmgw__poller_wakeup(driver->poller));
        status = llmgw__http_create(driver->poller, &driver->timers, now_of,
                                    driver, &driver->http);
    }
    driver->carrier.http = driver->http;
    driver->carrier.transport = &core->transport;
    driver->carrier.wakeup = driver->bell->wakeup;
    driver->carrier.turning = &driver->turning;
    if (status != LLMGW_OK)
        llmgw__driver_clear(driver);
    return status;
}

/** A child leaves its parent's exchanges alone: to end them would say goodbye
 *  on the parent's connections and take them out of its poller. */
void llmgw__driver_clear(struct llmgw__driver *driver)
{
    if (!llmgw__birth_forked(&driver->birth)) {
        llmgw__carrier_clear(&driver->carrier);
        llmgw__http_free(driver->http);
    }
    llmgw__timers_clear(&driver->timers);
    llmgw__poller_free(driver->poller);
    llmgw__bell_drop(driver->bell);
    llmgw__birth_clear(&driver->birth);
    driver->http = NULL;
    driver->poller = NULL;
    driver->bell = NULL;
}

llmgw_status llmgw__driver_turn(struct llmgw__driver *driver,
                                int64_t timeout_ms)
{
    int64_t due = llmgw__driver_timeout(driver);
    llmgw_status status = begin_turn(driver);

    if (status != LLMGW_OK)
        return status;
    driver->blind = due == 0 && !driver->blind && !driver->behind;
    if (due >= 0 && (timeout_ms < 0 || due < timeout_ms))
        timeout_ms = due;
    if (!driver->blind && wait_for_all(driver, timeout_ms) < 0)
        status = LLMGW_E_SYSTEM;
    if (llmgw__birth_forked(&driver->birth)) { /* by a callback, just now */
        driver->turning = false;
        return LLMGW_E_FORKED;
    }
    end_turn(driver);
    return status;
}

llmgw_status llmgw__driver_ready(struct llmgw__driver *driver, intptr_t fd,
                                 unsigned events)
{
    llmgw_status status = begin_turn(driver);

    if (status != LLMGW_OK)
        return status;
    if (fd >= 0)
        llmgw__poller_ready(driver->poller, fd, events);
    end_turn(driver);
    return LLMGW_OK;
}

/** Once in so long, by one of all drivers. */
static bool is_due(atomic_ullong *last_ns, uint64_t now_ns, uint64_t every_ns)
{
    unsigned long long last = atomic_load(last_ns);

    return now_ns >= last + every_ns &&
           atomic_compare_exchange_strong(last_ns, &last, now_ns);
}

static llmgw_status begin_turn(struct llmgw__driver *driver)
{
    if (driver->turning || llmgw__http_busy(driver->http))
        return LLMGW_E_REENTRANT;
    if (llmgw__birth_forked(&driver->birth))
        return LLMGW_E_FORKED;
    driver->turning = true;
    driver->now_ns = llmgw__driver_clock(driver);
    return LLMGW_OK;
}

/** Budgets and old entries are looked after by whoever drives, now and then. */
static void keep_books(struct llmgw__driver *driver)
{
    struct llmgw__core *core = driver->core;

    if (is_due(&core->tended_ns, driver->now_ns, TEND_NS))
        llmgw__budgets_tend(&core->budgets, llmgw__core_wall_ns(core), false);
    if (atomic_load(&core->keep_days) &&
        is_due(&core->forgot_ns, driver->now_ns, FORGET_NS))
        llmgw__ledger_forget(&core->ledger,
                             llmgw__core_wall_ns(core) -
                                 atomic_load(&core->keep_days) * DAY_NS);
}

/** What was started is also sent: libcurl asks for a timer that is due at
 *  once. Once more only, so that a turn ends. */
static void end_turn(struct llmgw__driver *driver)
{
    driver->now_ns = llmgw__driver_clock(driver);
    llmgw__timers_run(&driver->timers, driver->now_ns);
    llmgw__ledger_process(&driver->core->ledger, driver->now_ns);
    keep_books(driver);
    llmgw__share_turn(&driver->core->share, driver->now_ns);
    look_when_rung(driver);
    serve(driver);
    if (llmgw__timers_next(&driver->timers) <= driver->now_ns) {
        llmgw__timers_run(&driver->timers, driver->now_ns);
        serve(driver);
    }
    driver->turning = false;
}

#ifdef _WIN32
static int32_t wait_for_all(struct llmgw__driver *driver, int64_t timeout_ms)
{
    return llmgw__poller_wait(driver->poller, timeout_ms);
}
#else
static void on_store_fd(void *userdata, intptr_t fd, unsigned events)
{
    (void)userdata, (void)fd, (void)events; /* this turn lets it go on */
}

/** For what the store waits for, too: by a descriptor of our own, as another
 *  thread may close the store's any time. */
static int32_t wait_for_all(struct llmgw__driver *driver, int64_t timeout_ms)
{
    llmgw_store_fd one;
    unsigned events;
    int32_t told;
    int fd = -1;

    if (timeout_ms != 0 && llmgw__ledger_fd(&driver->core->ledger, &one))
        fd = fcntl((int)one.fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return llmgw__poller_wait(driver->poller, timeout_ms);
    events = (one.readable ? LLMGW__POLL_IN : 0u) |
             (one.writable ? LLMGW__POLL_OUT : 0u);
    (void)llmgw__poller_watch(driver->poller, fd, events, on_store_fd, NULL);
    told = llmgw__poller_wait(driver->poller, timeout_ms);
    (void)llmgw__poller_watch(driver->poller, fd, 0, NULL, NULL);
    (void)close(fd);
    return told;
}
#endif

/** Until the next timer, ms rounded up; -1: none is set. */
static int64_t until_timer(const struct llmgw__driver *driver)
{
    uint64_t due = llmgw__timers_next(&driver->timers);
    uint64_t now;

    if (due == UINT64_MAX)
        return -1;
    if (due == 0)
        return 0;
    now = llmgw__driver_clock(driver);
    return due <= now ? 0 : (int64_t)((due - now + LLMGW__MS - 1) / LLMGW__MS);
}

/** A clock of the host's own may be at another time sooner. */
static int64_t as_clocked(const struct llmgw__driver *driver,
                          int64_t timeout_ms)
{
    uint32_t most = driver->core->clock.max_wait_ms;

    return most && (timeout_ms < 0 || timeout_ms > most) ? most : timeout_ms;
}

int64_t llmgw__driver_timeout(const struct llmgw__driver *driver)
{
    int64_t timeout;

    if (driver->queue || driver->carrier.waiting)
        return 0;
    timeout = until_timer(driver);
    if (llmgw__ledger_wants_turns(&driver->core->ledger) &&
        (timeout < 0 || timeout > STORE_TURN_MS))
        timeout = STORE_TURN_MS;
    return as_clocked(driver, timeout);
}

void llmgw__driver_enqueue(struct llmgw__driver *driver, struct llmgw__job *job)
{
    if (job->in_queue)
        return;
    job->in_queue = true;
    job->queued = NULL;
    *driver->queue_end = job;
    driver->queue_end = &job->queued;
}

void llmgw__driver_dequeue(struct llmgw__driver *driver, struct llmgw__job *job)
{
    struct llmgw__job **at = &driver->queue;

    if (!job->in_queue)
        return;
    while (*at != job)
        at = &(*at)->queued;
    *at = job->queued;
    if (!*at)
        driver->queue_end = at;
    job->in_queue = false;
}

void llmgw__driver_link(struct llmgw__driver *driver, struct llmgw__job *job)
{
    job->next = driver->jobs;
    if (driver->jobs)
        driver->jobs->previous = job;
    driver->jobs = job;
}

void llmgw__driver_unlink(struct llmgw__driver *driver, struct llmgw__job *job)
{
    if (job->previous)
        job->previous->next = job->next;
    else if (driver->jobs == job)
        driver->jobs = job->next;
    if (job->next)
        job->next->previous = job->previous;
    job->next = job->previous = NULL;
}

uint64_t llmgw__driver_clock(const struct llmgw__driver *driver)
{
    return driver->core->clock.monotonic_ns(driver->core->clock.userdata);
}

int64_t llmgw__core_wall_ns(const struct llmgw__core *core)
{
    return core->clock.wall_ns(core->clock.userdata);
}

/** libcurl is driven, and what it tells came now. */
static uint64_t now_of(void *userdata)
{
    struct llmgw__driver *driver = userdata;

    driver->now_ns = llmgw__driver_clock(driver);
    return driver->now_ns;
}

/** Until the queue is empty: serving a call may put others into it. */
static void serve(struct llmgw__driver *driver)
{
    do {
        llmgw__carrier_run(&driver->carrier);
        while (driver->queue) {
            struct llmgw__job *job = driver->queue;

            driver->queue = job->queued;
            if (!driver->queue)
                driver->queue_end = &driver->queue;
            job->in_queue = false;
            job->ops->service(job);
        }
    } while (driver->carrier.waiting);
}

static void look_when_rung(struct llmgw__driver *driver)
{
    if (!atomic_exchange(&driver->bell->rung, false))
        return;
    for (struct llmgw__job *job = driver->jobs; job; job = job->next)
        job->ops->look(job);
}

void llmgw__log(const struct llmgw__core *core, int32_t level,
                const char *first, const char *second, const char *third)
{
    char line[512];
    const char *parts[] = {first, second, third};
    size_t len = 0;

    if (!core->on_log || level > core->log_level)
        return;
    for (int i = 0; i < 3; i++)
        for (const char *at = parts[i]; at && *at && len < sizeof line; at++)
            line[len++] = (char)(*at == '\n' ? ' ' : *at);
    core->on_log(level, llmgw__str_n(line, len), core->log_userdata);
}

bool llmgw__guard_inside(void)
{
    return callbacks_on_stack > 0;
}

void llmgw__guard_enter(void)
{
    callbacks_on_stack++;
}

void llmgw__guard_leave(void)
{
    callbacks_on_stack--;
}
