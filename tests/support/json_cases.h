/*
 * support/json_cases.h - JSON texts that must be taken or refused, and a
 * generator of documents with everything in them.
 */
#ifndef LLMGW_TEST_JSON_CASES_H
#define LLMGW_TEST_JSON_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

struct json_case {
    const char *text;
    size_t len;
    bool valid;
};

extern const struct json_case json_cases[];
extern const size_t json_case_count;

/** A document of an object with every kind of value, strings of many lengths,
 *  escapes and depth; about 2 KB. */
extern const char json_sample[];

/** Bytes in memory of their exact size, so that ASan sees every step beyond. */
char *exact_copy(const char *data, size_t len);

/** A repeatable sequence of numbers. */
struct json_random {
    uint64_t state; /* the seed */
};
uint32_t json_random_below(struct json_random *random, uint32_t bound);

/** Write a valid document of at most `size` bytes. @return its length */
size_t json_generate(struct json_random *random, char *out, size_t size);

#endif
