/*
 * unit/wire/test_poller.c - sockets, the bell and the hook. Included by
 * test_poller_portable.c too, which runs all of it by poll and pipe.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/alloc.h"
#include "wire/poller.h"
#include "wire/poller_private.h"

enum {
    IN = LLMGW__POLL_IN,
    OUT = LLMGW__POLL_OUT,
    ERROR = LLMGW__POLL_ERROR
};

/* An owner and how it was told last. */
struct owner {
    struct llmgw__poller *poller;
    intptr_t fd;
    unsigned events;
    int told;
    struct owner *other; /* what it does to this one when told */
    llmgw__poll_fn rewatch;
};

static void note(void *userdata, intptr_t fd, unsigned events)
{
    struct owner *owner = userdata;

    owner->fd = fd;
    owner->events = events;
    owner->told++;
}

static struct llmgw__poller *make_poller(void)
{
    struct llmgw__poller *poller;

    assert_int_equal(llmgw__poller_create(&poller), LLMGW_OK);
    return poller;
}

static void make_pair(int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

static void say(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static void hear(int fd)
{
    char byte;

    assert_int_equal(read(fd, &byte, 1), 1);
}

static void watch(struct llmgw__poller *poller, int fd, unsigned events,
                  struct owner *owner)
{
    assert_int_equal(llmgw__poller_watch(poller, fd, events, note, owner),
                     LLMGW_OK);
}

static void an_owner_is_told_what_it_asked_for(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owner = {0};
    int pair[2];

    (void)state;
    make_pair(pair);
    watch(poller, pair[0], IN, &owner);
    assert_int_equal(llmgw__poller_wait(poller, 0), 0);
    say(pair[1]);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owner.fd, pair[0]);
    assert_int_equal(owner.events, IN);
    watch(poller, pair[0], IN | OUT, &owner);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owner.events, IN | OUT);
    hear(pair[0]);
    assert_int_equal(llmgw__poller_wait(poller, 1000000), 1);
    assert_int_equal(owner.events, OUT);
    watch(poller, pair[0], IN, &owner);
    assert_int_equal(llmgw__poller_wait(poller, 0), 0);
    assert_int_equal(owner.told, 3);
    llmgw__poller_free(poller);
    close_pair(pair);
}

static void a_closed_peer_is_something_to_read(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owner = {0};
    int pair[2];

    (void)state;
    make_pair(pair);
    watch(poller, pair[0], IN, &owner);
    close(pair[1]);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_true(owner.events & IN);
    assert_false(owner.events & OUT);
    llmgw__poller_free(poller);
    close(pair[0]);
}

static void an_error_is_told_with_all_that_was_asked_for(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owner = {0};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    watch(poller, ends[1], OUT, &owner);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owner.events, OUT | ERROR);
    llmgw__poller_free(poller);
    close(ends[1]);
}

static void a_forgotten_socket_is_not_told(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owner = {0};
    int pair[2];

    (void)state;
    make_pair(pair);
    say(pair[1]);
    watch(poller, pair[0], 0, NULL); /* unknown: nothing to forget */
    watch(poller, pair[0], IN, &owner);
    watch(poller, pair[0], 0, NULL);
    watch(poller, pair[0], 0, NULL);
    assert_int_equal(llmgw__poller_wait(poller, 0), 0);
    assert_int_equal(owner.told, 0);
    watch(poller, pair[0], IN, &owner);
    assert_int_equal(llmgw__poller_wait(poller, 0), 1);
    llmgw__poller_free(poller);
    close_pair(pair);
}

/* Forgets the other; watches it anew where a function is given. */
static void end_other(void *userdata, intptr_t fd, unsigned events)
{
    struct owner *owner = userdata;
    intptr_t other = owner->other->fd;

    (void)fd;
    (void)events;
    owner->told++;
    assert_int_equal(llmgw__poller_watch(owner->poller, other, 0, NULL, NULL),
                     LLMGW_OK);
    if (owner->rewatch)
        assert_int_equal(llmgw__poller_watch(owner->poller, other, IN,
                                             owner->rewatch, owner->other),
                         LLMGW_OK);
}

static void two_ready_sockets(struct llmgw__poller *poller, int first[2],
                              int second[2], struct owner owners[2],
                              llmgw__poll_fn rewatch)
{
    make_pair(first);
    make_pair(second);
    for (int i = 0; i < 2; i++) {
        int *pair = i ? second : first;

        owners[i] =
            (struct owner){poller, pair[0], 0, 0, &owners[1 - i], rewatch};
        say(pair[1]);
        assert_int_equal(
            llmgw__poller_watch(poller, pair[0], IN, end_other, &owners[i]),
            LLMGW_OK);
    }
}

static void a_socket_forgotten_in_the_same_round_is_not_told(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owners[2];
    int first[2];
    int second[2];

    (void)state;
    two_ready_sockets(poller, first, second, owners, NULL);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owners[0].told + owners[1].told, 1);
    llmgw__poller_free(poller);
    close_pair(first);
    close_pair(second);
}

static void a_new_socket_of_that_number_waits_for_the_next_round(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owners[2];
    int first[2];
    int second[2];

    (void)state;
    two_ready_sockets(poller, first, second, owners, note);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owners[0].told + owners[1].told, 1);
    watch(poller, owners[0].told ? first[0] : second[0], 0, NULL);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owners[0].told + owners[1].told, 2);
    llmgw__poller_free(poller);
    close_pair(first);
    close_pair(second);
}

static void a_number_used_anew_without_forgetting_is_watched(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owner = {0};
    int pair[2];
    int next[2];

    (void)state;
    make_pair(pair);
    make_pair(next);
    watch(poller, pair[0], IN, &owner);
    assert_int_equal(dup2(next[0], pair[0]), pair[0]);
    watch(poller, pair[0], OUT, &owner);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owner.events, OUT);
    llmgw__poller_free(poller);
    close_pair(pair);
    close_pair(next);
}

static void many_sockets_come_and_go(void **state)
{
    enum {
        COUNT = 150
    };
    struct llmgw__poller *poller = make_poller();
    struct owner owners[COUNT] = {0};
    int pairs[COUNT][2];
    int told = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        make_pair(pairs[i]);
        say(pairs[i][1]);
        watch(poller, pairs[i][0], IN, &owners[i]);
    }
    for (int i = 0; i < COUNT; i += 3)
        watch(poller, pairs[i][0], 0, NULL);
    while (told < COUNT - COUNT / 3) {
        told += llmgw__poller_wait(poller, -1);
        for (int i = 0; i < COUNT; i++)
            if (owners[i].told)
                watch(poller, pairs[i][0], 0, NULL);
    }
    assert_int_equal(llmgw__poller_wait(poller, 0), 0);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(owners[i].told, i % 3 != 0);
        close_pair(pairs[i]);
    }
    assert_int_equal(poller->count, 0);
    llmgw__poller_free(poller);
}

static void no_socket(void *userdata, intptr_t fd, unsigned events)
{
    (void)userdata;
    (void)fd;
    (void)events;
}

/* With a hook no socket need exist: numbers that collide, in any order. */
static void the_table_keeps_every_number_through_collisions(void **state)
{
    enum {
        COUNT = 400
    };
    struct llmgw__poller *poller = make_poller();
    struct owner owners[COUNT] = {0};
    bool watched[COUNT] = {0};
    uint32_t random = 1;

    (void)state;
    assert_int_equal(llmgw__poller_set_hook(poller, no_socket, NULL), LLMGW_OK);
    for (int step = 0; step < 20000; step++) {
        size_t i = (random = random * 1664525 + 1013904223) >> 16;

        i %= step < 10000 ? COUNT : 40;
        watched[i] = !watched[i];
        watch(poller, 1000 + (int)i * 97, watched[i] ? IN : 0, &owners[i]);
        if (step % 500 != 0)
            continue;
        for (size_t n = 0; n < COUNT; n++) {
            owners[n].told = 0;
            llmgw__poller_ready(poller, 1000 + (int)n * 97, IN);
            assert_int_equal(owners[n].told, watched[n]);
        }
    }
    llmgw__poller_free(poller);
}

static void *ring_once(void *userdata)
{
    llmgw__wakeup_ring(userdata);
    return NULL;
}

static void the_bell_of_another_thread_ends_an_endless_wait(void **state)
{
    struct llmgw__poller *poller = make_poller();
    pthread_t thread;

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pthread_create(&thread, NULL, ring_once,
                                        llmgw__poller_wakeup(poller)),
                         0);
        assert_int_equal(llmgw__poller_wait(poller, -1), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        (void)llmgw__poller_wait(poller, 0);
    }
    llmgw__poller_free(poller);
}

static bool is_readable(intptr_t fd)
{
    struct pollfd one = {.fd = (int)fd, .events = POLLIN};

    return poll(&one, 1, 0) == 1;
}

static void a_bell_rung_often_is_emptied_at_once(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct llmgw__wakeup *wakeup = llmgw__poller_wakeup(poller);

    (void)state;
    for (int i = 0; i < 3; i++) {
        for (int ring = 0; ring < 100000; ring++)
            llmgw__wakeup_ring(wakeup);
        assert_true(is_readable(llmgw__wakeup_fd(wakeup)));
        assert_int_equal(llmgw__poller_wait(poller, -1), 0);
        assert_false(is_readable(llmgw__wakeup_fd(wakeup)));
    }
    llmgw__poller_free(poller);
}

/* A queue of numbers that several threads fill: none may be left behind. */
struct queue {
    struct llmgw__wakeup *wakeup;
    atomic_int pushed;
};

static void *push_many(void *userdata)
{
    struct queue *queue = userdata;

    for (int i = 0; i < 5000; i++) {
        atomic_fetch_add(&queue->pushed, 1);
        llmgw__wakeup_ring(queue->wakeup);
    }
    llmgw__wakeup_drop(queue->wakeup);
    return NULL;
}

static void no_ring_is_lost_between_threads(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct queue queue = {.wakeup = llmgw__poller_wakeup(poller)};
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        (void)llmgw__wakeup_ref(queue.wakeup);
        assert_int_equal(pthread_create(&threads[i], NULL, push_many, &queue),
                         0);
    }
    while (atomic_load(&queue.pushed) < 3 * 5000)
        assert_int_equal(llmgw__poller_wait(poller, -1), 0);
    llmgw__poller_free(poller); /* some may still ring */
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void ringing_after_the_poller_is_gone_does_nothing(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct llmgw__wakeup *wakeup =
        llmgw__wakeup_ref(llmgw__poller_wakeup(poller));

    (void)state;
    llmgw__poller_free(poller);
    llmgw__wakeup_ring(wakeup);
    llmgw__wakeup_ring(wakeup);
    assert_true(is_readable(llmgw__wakeup_fd(wakeup)));
    llmgw__wakeup_drop(wakeup);
    llmgw__wakeup_drop(NULL);
    llmgw__poller_free(NULL);
}

static void one_descriptor_stands_for_all_where_there_is_one(void **state)
{
    struct llmgw__poller *poller = make_poller();
    intptr_t fd = llmgw__poller_fd(poller);
    struct owner owner = {0};
    int pair[2];

    (void)state;
    if (!LLMGW__POLLER_EPOLL) {
        assert_int_equal(fd, -1);
        llmgw__poller_free(poller);
        return;
    }
    make_pair(pair);
    watch(poller, pair[0], IN, &owner);
    assert_false(is_readable(fd));
    say(pair[1]);
    assert_true(is_readable(fd));
    hear(pair[0]);
    assert_false(is_readable(fd));
    llmgw__wakeup_ring(llmgw__poller_wakeup(poller));
    assert_true(is_readable(fd));
    assert_int_equal(llmgw__poller_wait(poller, 0), 0);
    assert_false(is_readable(fd));
    llmgw__poller_free(poller);
    close_pair(pair);
}

/* A host that watches: what it was told of up to 8 sockets. */
struct host {
    intptr_t fds[8];
    unsigned events[8];
    size_t count;
};

static void host_hook(void *userdata, intptr_t fd, unsigned events)
{
    struct host *host = userdata;
    size_t at = 0;

    while (at < host->count && host->fds[at] != fd)
        at++;
    assert_true(at < 8);
    if (at == host->count)
        host->fds[host->count++] = fd;
    host->events[at] = events;
}

static unsigned host_watches(const struct host *host, intptr_t fd)
{
    for (size_t i = 0; i < host->count; i++)
        if (host->fds[i] == fd)
            return host->events[i];
    return 0;
}

static void a_hook_is_told_of_present_and_coming_sockets(void **state)
{
    struct llmgw__poller *poller = make_poller();
    intptr_t bell = llmgw__wakeup_fd(llmgw__poller_wakeup(poller));
    struct owner owner = {0};
    struct host host = {0};
    int first[2];
    int second[2];

    (void)state;
    make_pair(first);
    make_pair(second);
    watch(poller, first[0], IN, &owner);
    assert_int_equal(llmgw__poller_set_hook(poller, host_hook, &host),
                     LLMGW_OK);
    assert_int_equal(host_watches(&host, bell), IN);
    assert_int_equal(host_watches(&host, first[0]), IN);
    watch(poller, second[0], OUT, &owner);
    assert_int_equal(host_watches(&host, second[0]), OUT);
    watch(poller, second[0], IN, &owner);
    assert_int_equal(host_watches(&host, second[0]), IN);
    watch(poller, first[0], 0, NULL);
    assert_int_equal(host_watches(&host, first[0]), 0);
    assert_int_equal(llmgw__poller_wait(poller, 0), LLMGW_E_INVALID);
    assert_int_equal(llmgw__poller_set_hook(poller, NULL, NULL), LLMGW_OK);
    assert_int_equal(host_watches(&host, bell), 0);
    assert_int_equal(host_watches(&host, second[0]), 0);
    say(second[1]);
    assert_int_equal(llmgw__poller_wait(poller, -1), 1);
    assert_int_equal(owner.fd, second[0]);
    llmgw__poller_free(poller);
    close_pair(first);
    close_pair(second);
}

static void a_hook_may_be_replaced_by_another(void **state)
{
    struct llmgw__poller *poller = make_poller();
    intptr_t bell = llmgw__wakeup_fd(llmgw__poller_wakeup(poller));
    struct host before = {0};
    struct host after = {0};

    (void)state;
    assert_int_equal(llmgw__poller_set_hook(poller, host_hook, &before),
                     LLMGW_OK);
    assert_int_equal(llmgw__poller_set_hook(poller, host_hook, &after),
                     LLMGW_OK);
    assert_int_equal(host_watches(&before, bell), 0);
    assert_int_equal(host_watches(&after, bell), IN);
    llmgw__poller_free(poller);
}

static void what_the_host_saw_reaches_the_owner(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct llmgw__wakeup *wakeup = llmgw__poller_wakeup(poller);
    struct owner owner = {0};
    struct host host = {0};

    (void)state;
    assert_int_equal(llmgw__poller_set_hook(poller, host_hook, &host),
                     LLMGW_OK);
    watch(poller, 1000, IN, &owner);
    llmgw__poller_ready(poller, 1000, IN | OUT);
    assert_int_equal(owner.events, IN);
    assert_int_equal(owner.fd, 1000);
    llmgw__poller_ready(poller, 1000, OUT); /* not asked for */
    llmgw__poller_ready(poller, 1001, IN);  /* not ours */
    assert_int_equal(owner.told, 1);
    llmgw__poller_ready(poller, 1000, ERROR);
    assert_int_equal(owner.events, IN | ERROR);
    llmgw__wakeup_ring(wakeup);
    assert_true(is_readable(llmgw__wakeup_fd(wakeup)));
    llmgw__poller_ready(poller, llmgw__wakeup_fd(wakeup), IN);
    assert_false(is_readable(llmgw__wakeup_fd(wakeup)));
    llmgw__poller_free(poller);
}

static void a_bad_descriptor_is_refused_or_told_as_an_error(void **state)
{
    struct llmgw__poller *poller = make_poller();
    struct owner owner = {0};
    int closed = dup(0);
    llmgw_status status;

    (void)state;
    close(closed);
    status = llmgw__poller_watch(poller, closed, IN, note, &owner);
    if (LLMGW__POLLER_EPOLL) {
        assert_int_equal(status, LLMGW_E_SYSTEM);
        assert_int_equal(poller->count, 0);
    } else {
        assert_int_equal(status, LLMGW_OK);
        assert_int_equal(llmgw__poller_wait(poller, -1), 1);
        assert_int_equal(owner.events, IN | ERROR);
    }
    llmgw__poller_free(poller);
}

static llmgw_status watch_twenty(int pairs[][2], struct owner *owner,
                                 struct llmgw__poller **poller)
{
    llmgw_status status = llmgw__poller_create(poller);

    for (int i = 0; i < 20 && status == LLMGW_OK; i++)
        status = llmgw__poller_watch(*poller, pairs[i][0], IN, note, owner);
    return status;
}

static void every_failed_allocation_is_told(void **state)
{
    struct owner owner = {0};
    int pairs[20][2];
    int failed = 1;
    int nth = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        make_pair(pairs[i]);
        say(pairs[i][1]);
    }
    for (; failed; nth++) {
        struct llmgw__poller *poller;
        llmgw_status status;

        fail_allocation(nth);
        status = watch_twenty(pairs, &owner, &poller);
        failed = allow_allocations();
        assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        if (poller) /* what was watched still is */
            assert_int_equal(llmgw__poller_wait(poller, 0), (int)poller->count);
        llmgw__poller_free(poller);
    }
    assert_true(nth > 3);
    for (int i = 0; i < 20; i++)
        close_pair(pairs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owner_is_told_what_it_asked_for),
        cmocka_unit_test(a_closed_peer_is_something_to_read),
        cmocka_unit_test(an_error_is_told_with_all_that_was_asked_for),
        cmocka_unit_test(a_forgotten_socket_is_not_told),
        cmocka_unit_test(a_socket_forgotten_in_the_same_round_is_not_told),
        cmocka_unit_test(a_new_socket_of_that_number_waits_for_the_next_round),
        cmocka_unit_test(a_number_used_anew_without_forgetting_is_watched),
        cmocka_unit_test(many_sockets_come_and_go),
        cmocka_unit_test(the_table_keeps_every_number_through_collisions),
        cmocka_unit_test(the_bell_of_another_thread_ends_an_endless_wait),
        cmocka_unit_test(a_bell_rung_often_is_emptied_at_once),
        cmocka_unit_test(no_ring_is_lost_between_threads),
        cmocka_unit_test(ringing_after_the_poller_is_gone_does_nothing),
        cmocka_unit_test(one_descriptor_stands_for_all_where_there_is_one),
        cmocka_unit_test(a_hook_is_told_of_present_and_coming_sockets),
        cmocka_unit_test(a_hook_may_be_replaced_by_another),
        cmocka_unit_test(what_the_host_saw_reaches_the_owner),
        cmocka_unit_test(a_bad_descriptor_is_refused_or_told_as_an_error),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
