/*
 * support/canned.c - a server that knows one answer, bytes as given.
 */
#include "support/canned.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct canned {
    const char *answer;
    size_t len;
    int listener;
    atomic_int serving; /* connection being served; -1: none */
    pthread_t thread;
    char url[64];
};

static void serve(int fd, const char *answer, size_t size)
{
    char seen[4096];
    size_t len = 0;

    while (len < sizeof seen - 1) {
        ssize_t got = recv(fd, seen + len, sizeof seen - 1 - len, 0);

        if (got <= 0)
            return;
        len += (size_t)got;
        seen[len] = '\0';
        if (strstr(seen, "\r\n\r\n"))
            break;
    }
    (void)send(fd, answer, size, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, seen, sizeof seen, 0) > 0)
        continue; /* until the client has read it all */
}

static void *run(void *userdata)
{
    struct canned *canned = userdata;
    int fd;

    while ((fd = accept(canned->listener, NULL, NULL)) >= 0) {
        atomic_store(&canned->serving, fd);
        serve(fd, canned->answer, canned->len);
        atomic_store(&canned->serving, -1);
        close(fd);
    }
    return NULL;
}

struct canned *canned_start(const char *answer)
{
    return canned_start_bytes(answer, strlen(answer));
}

struct canned *canned_start_bytes(const char *answer, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct canned *canned = calloc(1, sizeof *canned);
    socklen_t len = sizeof address;

    if (!canned)
        return NULL;
    canned->answer = answer;
    canned->len = size;
    atomic_init(&canned->serving, -1);
    canned->listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(canned->listener, (struct sockaddr *)&address, len) != 0 ||
        getsockname(canned->listener, (struct sockaddr *)&address, &len) ||
        listen(canned->listener, 16) != 0 ||
        pthread_create(&canned->thread, NULL, run, canned) != 0) {
        close(canned->listener);
        free(canned);
        return NULL;
    }
    snprintf(canned->url, sizeof canned->url, "http://127.0.0.1:%d/",
             ntohs(address.sin_port));
    return canned;
}

void canned_stop(struct canned *canned)
{
    if (!canned)
        return;
    (void)shutdown(canned->listener, SHUT_RDWR);
    (void)shutdown(atomic_load(&canned->serving), SHUT_RDWR);
    (void)pthread_join(canned->thread, NULL);
    close(canned->listener);
    free(canned);
}

const char *canned_url(const struct canned *canned)
{
    return canned->url;
}
