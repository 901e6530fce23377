/* base/arena.h - memory that dies together. Not thread-safe. */
#ifndef LLMGW_BASE_ARENA_H
#define LLMGW_BASE_ARENA_H

#include <stddef.h>

#include <llmgw/base.h>

struct llmgw__arena_block;

struct llmgw__arena {
    struct llmgw__arena_block *blocks; /* newest first */
    size_t used;                       /* bytes handed out since reset */
    size_t limit;                      /* ceiling on `used`; 0: none */
    size_t first;                      /* size of the first block */
};

/** No allocation yet; the first block has `first` bytes (0: 4096). */
void llmgw__arena_init(struct llmgw__arena *arena, size_t first, size_t limit);
/** Aligned for any object; NULL: no memory, or past the limit. */
void *llmgw__arena_alloc(struct llmgw__arena *arena, size_t size);
void *llmgw__arena_zalloc(struct llmgw__arena *arena, size_t size);
/** Array of count elements, overflow-checked, zeroed. */
void *llmgw__arena_array(struct llmgw__arena *arena, size_t count, size_t size);
/** Make room for `need` elements in a growing array, zeroed (doubling; what
 *  it had before stays behind). @return 0, or -1: no memory, nothing changed */
int llmgw__arena_grow(struct llmgw__arena *arena, void **array, size_t *cap,
                      size_t need, size_t element);
/** NUL-terminated copy; NULL: no memory. */
char *llmgw__arena_dup(struct llmgw__arena *arena, llmgw_str text);
/** Copy of a view; *out is untouched on failure. */
llmgw_status llmgw__arena_str(struct llmgw__arena *arena, llmgw_str text,
                              llmgw_str *out);
/** Forget all, keep the first block: no allocation in the steady state. */
void llmgw__arena_reset(struct llmgw__arena *arena);
/** Free all; usable again. */
void llmgw__arena_clear(struct llmgw__arena *arena);
/** The same, overwritten first: secrets stand in it. */
void llmgw__arena_wipe(struct llmgw__arena *arena);
/** Overwrite a text, if it is this arena's. */
void llmgw__arena_wipe_text(struct llmgw__arena *arena, llmgw_str text);

#endif
