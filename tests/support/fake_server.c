/*
 * support/fake_server.c - sockets and timers of the fake, one epoll thread.
 *
 * A connection is edge-triggered and registered once; run() does all that can
 * be done now. Delays are entries of a heap behind one timerfd.
 * Memory: a connection's input, and an answer shared by equal requests.
 */
#define _GNU_SOURCE /* accept4 */

#include "support/fake_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum state {
    READING, /* a request */
    WAITING, /* for the timer */
    WRITING, /* the answer */
    STALLED  /* says nothing more */
};

enum step {
    GO_ON,
    PAUSE,
    GONE
};

enum {
    BATCH = 512,
    SCRATCH_LEN = 64 * 1024,
    NOT_DUE = -1
};

struct fake_conn {
    struct fake_conn *prev, *next;
    int fd;
    uint64_t number;
    enum state state;
    int eof, close, continued;
    struct fake_bytes in;

    struct fake_answer *answer;
    struct fake_record *record;
    int own_answer; /* not in the books: a look at the books */
    size_t sent;
    size_t mark;     /* writes done */
    uint64_t tokens; /* in them */

    uint64_t due_ns;
    ptrdiff_t due_at; /* place in the heap */
};

static int dispatch(struct fake *fake, const struct epoll_event *event);
static void take_connections(struct fake *fake);
static void add_connection(struct fake *fake, int fd);
static void listen_again(struct fake *fake, int on);
static void read_input(struct fake *fake, struct fake_conn *conn);
static void run(struct fake *fake, struct fake_conn *conn);
static enum step read_request(struct fake *fake, struct fake_conn *conn);
static void begin_answer(struct fake *fake, struct fake_conn *conn,
                         const struct fake_message *message);
static struct fake_answer *books_answer(struct fake *fake);
static enum step write_answer(struct fake *fake, struct fake_conn *conn);
static void count_sent(struct fake *fake, struct fake_conn *conn, size_t len);
static enum step end_answer(struct fake *fake, struct fake_conn *conn);
static void let_go(struct fake *fake, struct fake_conn *conn, int aborted);
static void close_connection(struct fake *fake, struct fake_conn *conn);
static uint64_t now_ns(void);
static void wait_ns(struct fake *fake, struct fake_conn *conn, uint64_t ns);
static void run_due(struct fake *fake);
static void arm_timer(struct fake *fake);
static void due_remove(struct fake *fake, struct fake_conn *conn);
static void due_move(struct fake *fake, size_t at, struct fake_conn *conn);

void *fake_serve(void *arg)
{
    struct fake *fake = arg;
    struct epoll_event events[BATCH];
    int go_on = 1;

    while (go_on) {
        int count = epoll_wait(fake->epoll, events, BATCH, -1);

        for (int i = 0; i < count; i++)
            go_on = dispatch(fake, &events[i]) && go_on;
        run_due(fake);
        arm_timer(fake);
    }
    while (fake->conns)
        close_connection(fake, fake->conns);
    return NULL;
}

/* @return 0 when it is time to stop */
static int dispatch(struct fake *fake, const struct epoll_event *event)
{
    struct fake_conn *conn = event->data.ptr;
    uint64_t ticks;

    if (event->data.ptr == &fake->wake)
        return 0;
    if (event->data.ptr == &fake->listener) {
        take_connections(fake);
    } else if (event->data.ptr == &fake->timer) {
        if (read(fake->timer, &ticks, sizeof ticks) < 0)
            return 1; /* set anew meanwhile */
    } else {
        if (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            read_input(fake, conn);
        run(fake, conn);
    }
    return 1;
}

static void take_connections(struct fake *fake)
{
    for (;;) {
        int fd =
            accept4(fake->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            add_connection(fake, fd);
        } else if (errno == EMFILE || errno == ENFILE) {
            listen_again(fake, 0); /* until one is closed */
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void add_connection(struct fake *fake, int fd)
{
    struct fake_conn *conn = fake_alloc(sizeof *conn);
    struct epoll_event event;
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conn->fd = fd;
    conn->due_at = NOT_DUE;
    conn->number = fake->accepted;
    conn->next = fake->conns;
    if (conn->next)
        conn->next->prev = conn;
    fake->conns = conn;
    memset(&event, 0, sizeof event);
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = conn;
    fake_book_accepted(fake);
    if (epoll_ctl(fake->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        close_connection(fake, conn);
}

static void listen_again(struct fake *fake, int on)
{
    struct epoll_event event;

    if (fake->accepting == on)
        return;
    fake->accepting = on;
    memset(&event, 0, sizeof event);
    event.events = on ? EPOLLIN : 0;
    event.data.ptr = &fake->listener;
    epoll_ctl(fake->epoll, EPOLL_CTL_MOD, fake->listener, &event);
}

static void read_input(struct fake *fake, struct fake_conn *conn)
{
    while (!conn->eof) {
        ssize_t len = recv(conn->fd, fake->scratch, SCRATCH_LEN, 0);

        if (len > 0)
            fake_bytes_add(&conn->in, fake->scratch, (size_t)len);
        else if (len == 0 || (errno != EINTR && errno != EAGAIN))
            conn->eof = 1;
        else if (errno == EAGAIN)
            return;
    }
}

/* all that can be done now; the connection may be gone afterwards */
static void run(struct fake *fake, struct fake_conn *conn)
{
    enum step step = PAUSE;

    do {
        switch (conn->state) {
        case READING:
            step = read_request(fake, conn);
            break;
        case WRITING:
            step = conn->eof ? GONE : write_answer(fake, conn);
            break;
        case WAITING:
        case STALLED:
            step = PAUSE;
            break;
        }
    } while (step == GO_ON);
    if (step == GONE || conn->eof)
        close_connection(fake, conn);
}

static enum step read_request(struct fake *fake, struct fake_conn *conn)
{
    llmgw_str input = fake_bytes_view(&conn->in);
    struct fake_message message;
    int got;

    if (input.len == 0)
        return PAUSE;
    got = fake_http_parse(input, &message);
    if (got == 0) {
        if (!conn->continued && fake_http_expects(input)) {
            conn->continued = 1;
            send(conn->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
        }
        return PAUSE;
    }
    if (got < 0)
        return GONE;
    conn->continued = 0;
    conn->close = message.close;
    begin_answer(fake, conn, &message);
    fake_bytes_free(&message.decoded);
    conn->in.len -= message.used;
    memmove(conn->in.data, conn->in.data + message.used, conn->in.len);
    return GO_ON;
}

static void begin_answer(struct fake *fake, struct fake_conn *conn,
                         const struct fake_message *message)
{
    static const char books[] = "/__stats";

    conn->own_answer = message->path.len == sizeof books - 1 &&
                       memcmp(message->path.data, books, sizeof books - 1) == 0;
    conn->record = NULL;
    conn->answer = conn->own_answer ? books_answer(fake)
                                    : fake_book_request(fake, conn->number,
                                                        message, &conn->record);
    conn->close |= conn->answer->close;
    conn->sent = conn->mark = 0;
    conn->tokens = 0;
    conn->state = WRITING;
    conn->due_ns = 0;
    if (conn->answer->first_delay_ns > 0)
        wait_ns(fake, conn, conn->answer->first_delay_ns);
}

static struct fake_answer *books_answer(struct fake *fake)
{
    struct fake_bytes body = {NULL, 0, 0};
    struct fake_answer *answer;

    pthread_mutex_lock(&fake->lock);
    fake_bytes_format(&body,
                      "{\"connections\":%zu,\"open\":%zu,\"requests\":%zu,"
                      "\"finished\":%zu,\"aborted\":%zu,\"billed_in\":%llu,"
                      "\"billed_out\":%llu}\n",
                      fake->accepted, fake->accepted - fake->closed,
                      fake->requests, fake->finished, fake->aborted,
                      (unsigned long long)fake->billed_in,
                      (unsigned long long)fake->billed_out);
    pthread_mutex_unlock(&fake->lock);
    answer = fake_answer_json(200, fake_bytes_view(&body));
    fake_bytes_free(&body);
    return answer;
}

static enum step write_answer(struct fake *fake, struct fake_conn *conn)
{
    const struct fake_answer *answer = conn->answer;
    const struct fake_marks *marks = &answer->marks;

    while (conn->mark < marks->count) {
        int head_alone = conn->mark == 0 && answer->content_delay_ns > 0;
        int paced = head_alone || answer->delay_ns > 0;
        size_t stop = paced || answer->by_mark ? conn->mark : marks->count - 1;
        size_t end = marks->list[stop].end;
        ssize_t len = send(conn->fd, answer->wire.data + conn->sent,
                           end - conn->sent, MSG_NOSIGNAL);

        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return errno == EAGAIN ? PAUSE : GONE;
        count_sent(fake, conn, (size_t)len);
        if (paced && conn->sent == end && conn->mark < marks->count) {
            wait_ns(fake, conn,
                    head_alone ? answer->content_delay_ns : answer->delay_ns);
            return PAUSE;
        }
    }
    return end_answer(fake, conn);
}

static void count_sent(struct fake *fake, struct fake_conn *conn, size_t len)
{
    const struct fake_marks *marks = &conn->answer->marks;
    struct fake_sent sent = {len, 0, 0};

    if (conn->sent == 0)
        sent.tokens_in = conn->answer->tokens_in;
    conn->sent += len;
    while (conn->mark < marks->count &&
           marks->list[conn->mark].end <= conn->sent) {
        sent.tokens_out = marks->list[conn->mark].tokens - conn->tokens;
        conn->mark++;
    }
    conn->tokens += sent.tokens_out;
    if (!conn->own_answer)
        fake_book_sent(fake, conn->record, &sent);
}

static enum step end_answer(struct fake *fake, struct fake_conn *conn)
{
    struct linger at_once = {1, 0};
    enum fake_ending ending = conn->answer->ending;

    if (ending == FAKE_STALL) {
        conn->state = STALLED;
        return PAUSE;
    }
    let_go(fake, conn, 0);
    if (ending == FAKE_RESET)
        setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (ending != FAKE_FINISH || conn->close)
        return GONE;
    conn->state = READING;
    return GO_ON;
}

static void let_go(struct fake *fake, struct fake_conn *conn, int aborted)
{
    if (conn->own_answer)
        fake_answer_release(conn->answer);
    else
        fake_book_ended(fake, conn->record, conn->answer, aborted);
    conn->answer = NULL;
    conn->record = NULL;
}

static void close_connection(struct fake *fake, struct fake_conn *conn)
{
    if (conn->answer)
        let_go(fake, conn, 1);
    due_remove(fake, conn);
    if (conn->next)
        conn->next->prev = conn->prev;
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        fake->conns = conn->next;
    close(conn->fd);
    fake_bytes_free(&conn->in);
    free(conn);
    listen_again(fake, 1);
    fake_book_closed(fake);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* from the last due time on, so that a pace holds; late: from now on */
static void wait_ns(struct fake *fake, struct fake_conn *conn, uint64_t ns)
{
    uint64_t now = now_ns();

    conn->due_ns += ns;
    if (conn->due_ns < now)
        conn->due_ns = now + ns;
    conn->state = WAITING;
    if (fake->due_count == fake->due_cap) {
        fake->due_cap = fake->due_cap * 2 + 64;
        fake->due = fake_grow(fake->due, fake->due_cap * sizeof *fake->due);
    }
    due_move(fake, fake->due_count++, conn);
}

static void run_due(struct fake *fake)
{
    uint64_t now = now_ns();

    while (fake->due_count > 0 && fake->due[0]->due_ns <= now) {
        struct fake_conn *conn = fake->due[0];

        due_remove(fake, conn);
        conn->state = WRITING;
        run(fake, conn);
    }
}

static void arm_timer(struct fake *fake)
{
    struct itimerspec when;

    memset(&when, 0, sizeof when); /* zero: never */
    if (fake->due_count > 0) {
        when.it_value.tv_sec = (time_t)(fake->due[0]->due_ns / 1000000000u);
        when.it_value.tv_nsec = (long)(fake->due[0]->due_ns % 1000000000u);
    }
    timerfd_settime(fake->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void due_remove(struct fake *fake, struct fake_conn *conn)
{
    ptrdiff_t at = conn->due_at;
    struct fake_conn *last;

    if (at == NOT_DUE)
        return;
    conn->due_at = NOT_DUE;
    last = fake->due[--fake->due_count];
    if (last != conn)
        due_move(fake, (size_t)at, last);
}

/* puts a connection where it belongs, beginning at a place that is free */
static void due_move(struct fake *fake, size_t at, struct fake_conn *conn)
{
    struct fake_conn **due = fake->due;

    while (at > 0 && due[(at - 1) / 2]->due_ns > conn->due_ns) {
        due[at] = due[(at - 1) / 2];
        due[at]->due_at = (ptrdiff_t)at;
        at = (at - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < fake->due_count &&
            due[child + 1]->due_ns < due[child]->due_ns)
            child++;
        if (child >= fake->due_count || due[child]->due_ns >= conn->due_ns)
            break;
        due[at] = due[child];
        due[at]->due_at = (ptrdiff_t)at;
        at = child;
    }
    due[at] = conn;
    conn->due_at = (ptrdiff_t)at;
}
