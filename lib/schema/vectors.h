/*
 * schema/vectors.h - the vectors of an embeddings call, in the order of its
 * inputs.
 *
 * They come by exchanges, each of which answers a run of the inputs, in any
 * order within the run. All of them are of one length.
 */
#ifndef LLMGW_SCHEMA_VECTORS_H
#define LLMGW_SCHEMA_VECTORS_H

#include <stdbool.h>
#include <stddef.h>

#include <llmgw/base.h>

#include "base/jsonwrite.h"
#include "usage.h"

struct llmgw__vectors {
    float *values;       /* count * dimension; NULL: none has come */
    unsigned char *seen; /* a byte a vector: it has come */
    size_t count;        /* of the whole call */
    size_t dimension;    /* floats in one */
    bool bytes;          /* base64 is of signed bytes, not of floats */
    size_t limit;        /* bytes that `values` may take */
    size_t from;         /* the run that the exchange answers */
    size_t span;
    size_t come;     /* of the run */
    char fault[128]; /* what is wrong with the answer, after E_INVALID */
};

void llmgw__vectors_init(struct llmgw__vectors *vectors, size_t count,
                         size_t limit);
/** Forget what came: another target starts from the first input. */
void llmgw__vectors_restart(struct llmgw__vectors *vectors);
/** The next answer is for the inputs [from, from + span). */
void llmgw__vectors_expect(struct llmgw__vectors *vectors, size_t from,
                           size_t span);
/**
 * Take one vector.
 *
 * @param index  its place in the run; negative or past it: E_INVALID
 * @param json   an array of numbers, or base64 as a string
 * @retval LLMGW_E_INVALID  no such vector belongs here; `fault` is filled
 * @retval LLMGW_E_LIMIT    all vectors together would pass the limit
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__vectors_take(struct llmgw__vectors *vectors, int64_t index,
                                 llmgw_str json);
/** The answer is over: is the run complete? E_INVALID: `fault` is filled. */
llmgw_status llmgw__vectors_end(struct llmgw__vectors *vectors);
/** Divide the vectors of the run by their length. */
void llmgw__vectors_normalize(struct llmgw__vectors *vectors);
/** One vector; NULL: out of range, or it has not come. */
const float *llmgw__vectors_at(const struct llmgw__vectors *vectors,
                               size_t index);
void llmgw__vectors_clear(struct llmgw__vectors *vectors);

/** What OpenAI's response says beside the vectors. */
struct llmgw__vectors_form {
    llmgw_str model;
    const struct llmgw__usage *usage; /* NULL: not known */
    bool base64;
};

/** Write OpenAI's list of embeddings. */
void llmgw__vectors_render(const struct llmgw__vectors *vectors,
                           const struct llmgw__vectors_form *form,
                           llmgw_str extension, struct llmgw__jsonw *w);

#endif
