/*
 * provider/data_url.h - data URLs and base64 of a request, taken apart where
 * they stand: megabytes are referred to, never copied.
 */
#ifndef LLMGW_PROVIDER_DATA_URL_H
#define LLMGW_PROVIDER_DATA_URL_H

#include <stdbool.h>

#include <llmgw/base.h>

#include "base/arena.h"
#include "base/jsonread.h"

/** "data:TYPE;parameter;base64,DATA" */
struct llmgw__data_url {
    llmgw_str type;          /* without parameters, perhaps empty */
    bool base64;             /* its last parameter says so */
    struct llmgw__jstr data; /* a slice of the URL; data NULL: it is no data
                                URL */
};

/** @retval LLMGW_E_NOMEM  no memory for the escaped head of one */
llmgw_status llmgw__data_url_read(struct llmgw__jstr url,
                                  struct llmgw__arena *arena,
                                  struct llmgw__data_url *out);
/**
 * Base64 without white space: the slice itself when there is none in it, also
 * where its slashes are escaped; else a copy in the arena.
 *
 * @param[out] good  whether it is base64, and not empty; else it is left alone
 * @retval LLMGW_E_NOMEM  no memory for the copy
 */
llmgw_status llmgw__base64_slice(struct llmgw__jstr *data,
                                 struct llmgw__arena *arena, bool *good);

#endif
