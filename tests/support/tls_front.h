/*
 * support/tls_front.h - TLS and HTTP/2 in front of the fake provider.
 *
 * A real nginx as a child process, with a certificate authority and a
 * certificate for "localhost" made for this run alone. Needs `nginx` (with
 * HTTP/2) and `openssl` on the machine; a test without them is skipped.
 */
#ifndef LLMGW_TEST_TLS_FRONT_H
#define LLMGW_TEST_TLS_FRONT_H

struct tls_front;

/**
 * @param upstream     "http://127.0.0.1:PORT" without a slash at the end
 * @param[out] reason  why there is none, for the skip message; a literal
 * @return NULL if it cannot be had on this machine
 */
struct tls_front *tls_front_start(const char *upstream, const char **reason);
/** The same, whose connections are ended (GOAWAY) after so many requests. */
struct tls_front *tls_front_start_for(const char *upstream, unsigned requests,
                                      const char **reason);
/** Ends nginx, waits for it and removes all files. NULL is allowed. */
void tls_front_stop(struct tls_front *front);
/** "https://localhost:PORT"; any other name of this host is a wrong one. */
const char *tls_front_url(const struct tls_front *front);
/** PEM file of the authority to trust. */
const char *tls_front_ca(const struct tls_front *front);

#endif
