/*
 * support/fake_bytes.h - growing text and a JSON skimmer for the fake.
 *
 * Memory comes past the counters of support/alloc.h: a failure injected into
 * the library must not hit the fake's thread.
 */
#ifndef LLMGW_TEST_FAKE_BYTES_H
#define LLMGW_TEST_FAKE_BYTES_H

#include <stddef.h>

#include <llmgw/base.h>

struct fake_bytes {
    char *data; /* NUL after the last byte, or NULL when nothing was added */
    size_t len;
    size_t cap;
};

/** Never NULL: without memory the test program ends. */
void *fake_alloc(size_t size);
void *fake_grow(void *ptr, size_t size);
char *fake_copy(const char *text, size_t len);

void fake_bytes_add(struct fake_bytes *bytes, const void *data, size_t len);
void fake_bytes_text(struct fake_bytes *bytes, const char *text);
__attribute__((format(printf, 2, 3))) void
fake_bytes_format(struct fake_bytes *bytes, const char *format, ...);
/** A JSON string with its quotes; ascii: the rest as \u escapes. */
void fake_bytes_json(struct fake_bytes *bytes, llmgw_str text, int ascii);
void fake_bytes_free(struct fake_bytes *bytes);
llmgw_str fake_bytes_view(const struct fake_bytes *bytes);

llmgw_str fake_str(const char *text);
int fake_str_has(llmgw_str text, const char *needle);

/**
 * Walks an array or object: the next member of what `rest` still holds.
 * Start with fake_json_inside(). Broken JSON ends the walk, nothing more.
 *
 * @param[out] key  NULL for arrays
 */
int fake_json_next(llmgw_str *rest, llmgw_str *key, llmgw_str *value);
llmgw_str fake_json_inside(llmgw_str container);
/** Member of an object; data is NULL if absent. */
llmgw_str fake_json_get(llmgw_str object, const char *name);
int fake_json_is(llmgw_str value, const char *literal);
/** Adds the text of a JSON string; other values add nothing. */
void fake_json_text(llmgw_str value, struct fake_bytes *out);

#endif
