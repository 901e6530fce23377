/* base/alloc.h - every allocation of the library goes through here. */
#ifndef LLMGW_BASE_ALLOC_H
#define LLMGW_BASE_ALLOC_H

#include <stddef.h>

/** malloc, calloc, realloc, free; a size of 0 asks for one byte. */
void *llmgw__malloc(size_t size);
void *llmgw__calloc(size_t count, size_t size); /* overflow-checked */
void *llmgw__realloc(void *ptr, size_t size);
void llmgw__free(void *ptr);

/** Overwrite so that the compiler cannot leave it out. */
void llmgw__zeroize(void *data, size_t len);

/** A NUL-terminated copy of len bytes; NULL: no memory. */
char *llmgw__strndup(const char *data, size_t len);

/**
 * Make room for `need` elements in a growing array (doubling, overflow
 * checked). @return 0, or -1: no memory, nothing changed.
 */
int llmgw__grow(void **array, size_t *cap, size_t need, size_t element);

/** Have memory brought near that is needed soon: what a thousand streams use
 *  in turn is far away each time, and many lines come as fast as one. */
static inline void llmgw__fetch(const void *at, size_t len)
{
#if defined(__GNUC__)
    for (size_t i = 0; i < len; i += 64)
        __builtin_prefetch((const char *)at + i);
#else
    (void)at;
    (void)len;
#endif
}

#endif
