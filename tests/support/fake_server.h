/*
 * support/fake_server.h - the fake's thread and the books it writes.
 */
#ifndef LLMGW_TEST_FAKE_SERVER_H
#define LLMGW_TEST_FAKE_SERVER_H

#include <pthread.h>

#include "support/fake_render.h"

struct fake_conn;

struct fake_record {
    struct fake_request seen;
    struct fake_answer *answer; /* keeps the text */
};

/* What one write brought the client. */
struct fake_sent {
    uint64_t bytes, tokens_in, tokens_out;
};

struct fake {
    char url[48];
    uint16_t port;
    size_t keep;
    pthread_t thread;
    int listener, epoll, timer, wake;

    pthread_mutex_t lock; /* over everything up to the blank line */
    pthread_cond_t changed;
    int stopping;
    struct fake_script *scripts;
    struct fake_script *plain; /* when no script fits */
    struct fake_record **records;
    size_t record_count;
    size_t requests, accepted, closed, aborted, finished;
    uint64_t billed_in, billed_out;

    /* the thread's own */
    struct fake_conn *conns;
    struct fake_conn **due; /* heap, the next one first */
    size_t due_count, due_cap;
    int accepting;
    char *scratch;
};

/* fake_server.c */
void *fake_serve(void *fake);

/* fake_provider.c: the books; each takes the lock */
struct fake_answer *fake_book_request(struct fake *fake, uint64_t connection,
                                      const struct fake_message *message,
                                      struct fake_record **record);
void fake_book_accepted(struct fake *fake);
void fake_book_closed(struct fake *fake);
void fake_book_sent(struct fake *fake, struct fake_record *record,
                    const struct fake_sent *sent);
void fake_book_ended(struct fake *fake, struct fake_record *record,
                     struct fake_answer *answer, int aborted);

#endif
