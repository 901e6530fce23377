/*
 * support/alloc.h - make the nth allocation of our code fail.
 *
 * Works by the linker's --wrap: allocations of the library and of the test are
 * seen, those of libcurl, cJSON and mbedTLS are not.
 */
#ifndef LLMGW_TEST_ALLOC_H
#define LLMGW_TEST_ALLOC_H

#include <stddef.h>

/** From now on the nth allocation (0: the next) fails, once. */
void fail_allocation(int nth);
/** Every allocation succeeds again. @return whether one had failed */
int allow_allocations(void);
/** Allocations made since the program started (for "none in steady state"). */
size_t allocation_count(void);
/** Bytes asked for since then, moved ones each time again. */
size_t allocation_bytes(void);

#endif
