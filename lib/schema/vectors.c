/*
 * schema/vectors.c - the vectors of an embeddings call.
 *
 * The length of the first vector is that of all: the array is made once, when
 * it is known, and every vector is read straight into its place.
 *
 * Source: OpenAI API, "Create embeddings". Memory: count * dimension floats,
 * bounded, and a byte a vector.
 */
#include "vectors.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/floatpack.h"
#include "base/jsonfloat.h"
#include "base/jsonread.h"

/** A vector as it came: one of the two. */
struct source {
    llmgw_str numbers; /* a JSON array */
    llmgw_str packed;  /* base64, escapes resolved */
};

static llmgw_status read_source(llmgw_str json, struct llmgw__arena *arena,
                                struct source *out);
static llmgw_status place_vector(struct llmgw__vectors *vectors, int64_t index,
                                 const struct source *source);
static llmgw_status refuse(struct llmgw__vectors *vectors, const char *before,
                           int64_t index, const char *after);
static size_t dimension_of(const struct source *source, bool bytes);
static bool read_packed(const struct llmgw__vectors *vectors, llmgw_str base64,
                        float *out, size_t dimension);
static llmgw_status make_room(struct llmgw__vectors *vectors, size_t dimension);
static bool read_numbers(llmgw_str json, float *out, size_t count);
static void write_vector(const float *vector, size_t dimension, bool base64,
                         struct llmgw__jsonw *w);

void llmgw__vectors_init(struct llmgw__vectors *vectors, size_t count,
                         size_t limit)
{
    memset(vectors, 0, sizeof *vectors);
    vectors->count = count;
    vectors->limit = limit;
}

void llmgw__vectors_restart(struct llmgw__vectors *vectors)
{
    llmgw__vectors_clear(vectors);
    vectors->from = vectors->span = vectors->come = 0;
    vectors->dimension = 0;
}

void llmgw__vectors_clear(struct llmgw__vectors *vectors)
{
    llmgw__free(vectors->values);
    llmgw__free(vectors->seen);
    vectors->values = NULL;
    vectors->seen = NULL;
}

void llmgw__vectors_expect(struct llmgw__vectors *vectors, size_t from,
                           size_t span)
{
    vectors->from = from;
    vectors->span = span;
    vectors->come = 0;
}

llmgw_status llmgw__vectors_take(struct llmgw__vectors *vectors, int64_t index,
                                 llmgw_str json)
{
    struct source source = {{NULL, 0}, {NULL, 0}};
    struct llmgw__arena arena;
    llmgw_status status;

    if (index < 0 || (uint64_t)index >= vectors->span)
        return refuse(vectors, "the answer has a vector of index ", index,
                      ", for which there is no input");
    llmgw__arena_init(&arena, 0, 0);
    status = read_source(json, &arena, &source);
    if (status == LLMGW_OK)
        status = place_vector(vectors, index, &source);
    llmgw__arena_clear(&arena);
    return status;
}

/** Escapes in base64 are rare ("\/"), and cost a copy. */
static llmgw_status read_source(llmgw_str json, struct llmgw__arena *arena,
                                struct source *out)
{
    struct llmgw__json reader;
    struct llmgw__jstr text;

    if (json.len && json.data[0] == '[') {
        out->numbers = json;
        return LLMGW_OK;
    }
    llmgw__json_init(&reader, json);
    if (!llmgw__json_string(&reader, &text))
        return LLMGW_OK; /* neither */
    return llmgw__jstr_text(text, arena, &out->packed);
}

static llmgw_status place_vector(struct llmgw__vectors *vectors, int64_t index,
                                 const struct source *source)
{
    size_t place = vectors->from + (size_t)index;
    size_t dimension = dimension_of(source, vectors->bytes);
    llmgw_status status = LLMGW_OK;
    float *out;

    if (dimension && vectors->dimension && dimension != vectors->dimension)
        return refuse(vectors, "vector ", index,
                      " has another length than those before");
    if (dimension && !vectors->values)
        status = make_room(vectors, dimension);
    if (status != LLMGW_OK)
        return status;
    if (dimension && vectors->seen[place])
        return refuse(vectors, "vector ", index, " is there twice");
    out = dimension ? vectors->values + place * dimension : NULL;
    if (!out || !(source->packed.len
                      ? read_packed(vectors, source->packed, out, dimension)
                      : read_numbers(source->numbers, out, dimension)))
        return refuse(vectors, "vector ", index, " is no list of numbers");
    vectors->seen[place] = 1;
    vectors->come++;
    return LLMGW_OK;
}

llmgw_status llmgw__vectors_end(struct llmgw__vectors *vectors)
{
    if (vectors->come == vectors->span)
        return LLMGW_OK;
    (void)snprintf(vectors->fault, sizeof vectors->fault,
                   "the answer has %zu vectors for %zu inputs", vectors->come,
                   vectors->span);
    return LLMGW_E_INVALID;
}

static llmgw_status refuse(struct llmgw__vectors *vectors, const char *before,
                           int64_t index, const char *after)
{
    (void)snprintf(vectors->fault, sizeof vectors->fault, "%s%lld%s", before,
                   (long long)index, after);
    return LLMGW_E_INVALID;
}

/** An array has one number more than commas; 0: no vector at all. */
static size_t dimension_of(const struct source *source, bool bytes)
{
    size_t count = 1;

    if (!source->numbers.len && !source->packed.len)
        return 0;
    if (!source->numbers.len)
        return bytes ? llmgw__bytes_packed(source->packed)
                     : llmgw__floats_packed(source->packed);
    for (size_t i = 0; i < source->numbers.len; i++)
        count += source->numbers.data[i] == ',';
    return count;
}

static bool read_packed(const struct llmgw__vectors *vectors, llmgw_str base64,
                        float *out, size_t dimension)
{
    return vectors->bytes ? llmgw__bytes_unpack(base64, out, dimension)
                          : llmgw__floats_unpack(base64, out, dimension);
}

static llmgw_status make_room(struct llmgw__vectors *vectors, size_t dimension)
{
    size_t most = vectors->limit / sizeof *vectors->values;

    if (dimension > most / vectors->count)
        return LLMGW_E_LIMIT;
    vectors->values =
        llmgw__malloc(vectors->count * dimension * sizeof *vectors->values);
    vectors->seen = llmgw__calloc(vectors->count, 1);
    if (!vectors->values || !vectors->seen) {
        llmgw__vectors_clear(vectors);
        return LLMGW_E_NOMEM;
    }
    vectors->dimension = dimension;
    return LLMGW_OK;
}

/** Exactly `count` numbers, each a float. */
static bool read_numbers(llmgw_str json, float *out, size_t count)
{
    struct llmgw__json reader;
    size_t came = 0;
    llmgw_str number;

    llmgw__json_init(&reader, json);
    if (!llmgw__json_array(&reader))
        return false;
    while (llmgw__json_item(&reader)) {
        if (came == count || !llmgw__json_number(&reader, &number) ||
            !llmgw__number_float(number, &out[came++]))
            return false;
    }
    return came == count && llmgw__json_end(&reader);
}

/* --- afterwards --- */

/** By Newton's way: no mathematical library for one root. */
static double root_of(double square)
{
    double root = square > 1 ? square : 1;
    double before;

    do {
        before = root;
        root = (root + square / root) / 2;
    } while (root < before);
    return root;
}

void llmgw__vectors_normalize(struct llmgw__vectors *vectors)
{
    for (size_t i = 0; i < vectors->span && vectors->values; i++) {
        float *at = vectors->values + (vectors->from + i) * vectors->dimension;
        double square = 0;
        double length;

        for (size_t k = 0; k < vectors->dimension; k++)
            square += (double)at[k] * (double)at[k];
        length = square > 0 ? root_of(square) : 1;
        for (size_t k = 0; k < vectors->dimension; k++)
            at[k] = (float)((double)at[k] / length);
    }
}

const float *llmgw__vectors_at(const struct llmgw__vectors *vectors,
                               size_t index)
{
    if (!vectors->values || index >= vectors->count || !vectors->seen[index])
        return NULL;
    return vectors->values + index * vectors->dimension;
}

void llmgw__vectors_render(const struct llmgw__vectors *vectors,
                           const struct llmgw__vectors_form *form,
                           llmgw_str extension, struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "object", "list");
    llmgw__jsonw_member_open(w, "data", '[');
    for (size_t i = 0; i < vectors->count; i++) {
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_z(w, "object", "embedding");
        llmgw__jsonw_member_int(w, "index", (int64_t)i);
        llmgw__jsonw_key(w, "embedding");
        write_vector(llmgw__vectors_at(vectors, i), vectors->dimension,
                     form->base64, w);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
    llmgw__jsonw_member_str(w, "model", form->model);
    if (form->usage) {
        llmgw__jsonw_member_open(w, "usage", '{');
        llmgw__jsonw_member_int(w, "prompt_tokens",
                                llmgw__usage_prompt(form->usage));
        llmgw__jsonw_member_int(w, "total_tokens",
                                llmgw__usage_prompt(form->usage) +
                                    llmgw__usage_completion(form->usage));
        llmgw__jsonw_close(w, '}');
    }
    if (extension.len)
        llmgw__jsonw_member_raw(w, "llmgw", extension);
    llmgw__jsonw_close(w, '}');
}

static void write_vector(const float *vector, size_t dimension, bool base64,
                         struct llmgw__jsonw *w)
{
    char text[LLMGW__FLOAT_TEXT];

    if (!vector) {
        llmgw__jsonw_null(w);
        return;
    }
    if (base64) {
        llmgw__jsonw_str_open(w);
        llmgw__floats_pack(w->buf, vector, dimension);
        llmgw__jsonw_str_close(w);
        return;
    }
    llmgw__jsonw_open(w, '[');
    for (size_t i = 0; i < dimension; i++)
        llmgw__jsonw_raw(
            w, llmgw__str_n(text, llmgw__float_text(vector[i], text)));
    llmgw__jsonw_close(w, ']');
}
