/* schema/ids.h - made-up ids, where the provider gave none. */
#ifndef LLMGW_SCHEMA_IDS_H
#define LLMGW_SCHEMA_IDS_H

#include "base/random.h"

/** `call` writes prefix + something unique; at most 63 bytes and a NUL. */
struct llmgw__ids {
    void (*make)(void *userdata, const char *prefix, char out[64]);
    void *userdata;
};

/** prefix + 24 base62 characters; userdata is a const struct llmgw__random. */
void llmgw__ids_random(void *userdata, const char *prefix, char out[64]);

#endif
