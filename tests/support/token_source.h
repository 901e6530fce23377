/*
 * support/token_source.h - a source of credentials for tests: one token, asked
 * for at one URL, and a provider that has it.
 *
 * The endpoint answers "TOKEN SECONDS": a bearer token, and when it expires (0:
 * never), on the wall clock.
 */
#ifndef LLMGW_TEST_TOKEN_SOURCE_H
#define LLMGW_TEST_TOKEN_SOURCE_H

#include <llmgw/llmgw.h>

/** What it shows the endpoint. */
#define TOKEN_SOURCE_SECRET "client-secret-8dj3k2ls9dkw"

/** Give the providers of a gateway's type "compatible" without a key this
 *  source; reloads undo it. */
void token_source_install(llmgw_gateway *gateway, const char *url);

#endif
