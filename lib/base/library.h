/*
 * base/library.h - shared libraries that are loaded when they are asked for:
 * what links us needs none of them.
 */
#ifndef LLMGW_BASE_LIBRARY_H
#define LLMGW_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/** A function to be found: its name, and where its address goes. */
struct llmgw__library_symbol {
    const char *name;
    size_t offset; /* of a function pointer, in the table that is filled */
};

/**
 * Load the first library of these names that is there (NULL-terminated), and
 * fill the table with all of the symbols (the last has no name).
 *
 * @param[out] missing  what is not there: a library's name, or a symbol's
 * @return a handle: llmgw__library_close(); NULL: missing says what
 */
void *llmgw__library_open(const char *const *names,
                          const struct llmgw__library_symbol *symbols,
                          void *table, const char **missing);
void llmgw__library_close(void *library); /* NULL allowed */

#endif
