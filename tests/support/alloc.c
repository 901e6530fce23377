/*
 * support/alloc.c - malloc and its relatives, counted and failed on request.
 */
#include "support/alloc.h"

#include <stdatomic.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

static atomic_int countdown = -1;
static atomic_int failed;
static atomic_size_t made;
static atomic_size_t bytes;

void fail_allocation(int nth)
{
    atomic_store(&failed, 0);
    atomic_store(&countdown, nth);
}

int allow_allocations(void)
{
    atomic_store(&countdown, -1);
    return atomic_exchange(&failed, 0);
}

size_t allocation_count(void)
{
    return atomic_load(&made);
}

size_t allocation_bytes(void)
{
    return atomic_load(&bytes);
}

static int must_fail(size_t size)
{
    int left = atomic_load(&countdown);

    atomic_fetch_add(&made, 1);
    atomic_fetch_add(&bytes, size);
    if (left < 0)
        return 0;
    if (atomic_fetch_sub(&countdown, 1) != 0)
        return 0;
    atomic_store(&failed, 1);
    return 1;
}

void *__wrap_malloc(size_t size)
{
    return must_fail(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return must_fail(size) ? NULL : __real_realloc(ptr, size);
}
