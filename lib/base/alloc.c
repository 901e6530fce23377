/*
 * base/alloc.c - the one door to the C library's allocator.
 *
 * Nothing is hooked and nothing is counted here: tests fail allocations at
 * the linker, so a release pays nothing for it.
 */
#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** The first array of a kind: this many bytes, or four elements; large ones
 *  come alone. */
#define FIRST_BYTES    64
#define FIRST_ELEMENTS 4
#define LARGE          ((size_t)128)

static size_t grown_cap(size_t cap, size_t need, size_t element);

void *llmgw__malloc(size_t size)
{
    return malloc(size ? size : 1);
}

void *llmgw__calloc(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return calloc(1, 1);
    if (count > SIZE_MAX / size)
        return NULL;
    return calloc(count, size);
}

void *llmgw__realloc(void *ptr, size_t size)
{
    return realloc(ptr, size ? size : 1);
}

void llmgw__free(void *ptr)
{
    free(ptr);
}

/* A function that might be any: calls of it stay. */
static void *(*const volatile overwrite)(void *, int, size_t) = memset;

void llmgw__zeroize(void *data, size_t len)
{
    if (len)
        (void)overwrite(data, 0, len);
}

char *llmgw__strndup(const char *data, size_t len)
{
    char *copy;

    if (len == SIZE_MAX)
        return NULL;
    copy = llmgw__malloc(len + 1);
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

int llmgw__grow(void **array, size_t *cap, size_t need, size_t element)
{
    size_t wanted;
    void *moved;

    if (need <= *cap)
        return 0;
    if (element == 0 || need > SIZE_MAX / element)
        return -1;
    wanted = grown_cap(*cap, need, element);
    moved = llmgw__realloc(*array, wanted * element);
    if (!moved)
        return -1;
    *array = moved;
    *cap = wanted;
    return 0;
}

static size_t grown_cap(size_t cap, size_t need, size_t element)
{
    size_t most = SIZE_MAX / element;
    size_t wanted = FIRST_BYTES / element;

    if (wanted < FIRST_ELEMENTS)
        wanted = element < LARGE ? FIRST_ELEMENTS : 1;
    if (cap <= most / 2 && wanted < cap * 2)
        wanted = cap * 2;
    if (wanted < need || wanted > most)
        wanted = need;
    return wanted;
}
