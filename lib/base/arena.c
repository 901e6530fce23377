/*
 * base/arena.c - memory that dies together, in blocks that grow.
 *
 *     blocks -> [newest: used|free] -> [older: full] -> ... -> NULL
 *
 * What is too large for a block of the usual size gets one of its own behind
 * the newest, so that the rest of the newest is not lost.
 *
 * Memory: at most twice what was handed out, plus one block; `limit` bounds
 * what is handed out. A reset keeps the first block only.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"

/* Under AddressSanitizer what was not handed out, or was forgotten by a reset,
 * is poisoned: a view that outlived its arena is then found by any test. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif
#if defined(ARENA_POISONS)
#include <sanitizer/asan_interface.h>
#define POISON(data, len)   ASAN_POISON_MEMORY_REGION(data, len)
#define UNPOISON(data, len) ASAN_UNPOISON_MEMORY_REGION(data, len)
#else
#define POISON(data, len)   ((void)0)
#define UNPOISON(data, len) ((void)0)
#endif

#define ALIGNMENT     alignof(max_align_t)
#define FIRST_BLOCK   4096
#define NEXT_BLOCK    512 /* at least */
#define LITTLE        8192
#define LARGEST_BLOCK ((size_t)64 * 1024)

struct llmgw__arena_block {
    struct llmgw__arena_block *next;
    size_t size; /* bytes in data */
    size_t used;
    bool first; /* survives a reset */
    alignas(max_align_t) unsigned char data[];
};

static void *alloc_slow(struct llmgw__arena *arena, size_t size);
static struct llmgw__arena_block *new_block(size_t size);
static size_t block_size(const struct llmgw__arena *arena);
static void *take(struct llmgw__arena *arena, struct llmgw__arena_block *block,
                  size_t size);
static void free_block(struct llmgw__arena_block *block);

void llmgw__arena_init(struct llmgw__arena *arena, size_t first, size_t limit)
{
    arena->blocks = NULL;
    arena->used = 0;
    arena->limit = limit;
    arena->first = first ? first : FIRST_BLOCK;
}

void *llmgw__arena_alloc(struct llmgw__arena *arena, size_t size)
{
    struct llmgw__arena_block *block = arena->blocks;

    if (size == 0)
        size = 1;
    if (size > SIZE_MAX - (ALIGNMENT - 1))
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (arena->limit &&
        (arena->used > arena->limit || size > arena->limit - arena->used))
        return NULL;
    if (block && size <= block->size - block->used)
        return take(arena, block, size);
    return alloc_slow(arena, size);
}

void *llmgw__arena_zalloc(struct llmgw__arena *arena, size_t size)
{
    void *data = llmgw__arena_alloc(arena, size);

    if (data)
        memset(data, 0, size);
    return data;
}

void *llmgw__arena_array(struct llmgw__arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return llmgw__arena_zalloc(arena, count * size);
}

int llmgw__arena_grow(struct llmgw__arena *arena, void **array, size_t *cap,
                      size_t need, size_t element)
{
    size_t wanted = *cap > SIZE_MAX / 2 ? SIZE_MAX : *cap * 2;
    void *grown;

    if (need <= *cap)
        return 0;
    if (wanted < need)
        wanted = need;
    grown = llmgw__arena_array(arena, wanted, element);
    if (!grown)
        return -1;
    if (*cap)
        memcpy(grown, *array, *cap * element);
    *array = grown;
    *cap = wanted;
    return 0;
}

char *llmgw__arena_dup(struct llmgw__arena *arena, llmgw_str text)
{
    char *copy;

    if (text.len == SIZE_MAX)
        return NULL;
    copy = llmgw__arena_alloc(arena, text.len + 1);
    if (!copy)
        return NULL;
    if (text.len)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

llmgw_status llmgw__arena_str(struct llmgw__arena *arena, llmgw_str text,
                              llmgw_str *out)
{
    char *copy = llmgw__arena_dup(arena, text);

    if (!copy)
        return LLMGW_E_NOMEM;
    out->data = copy;
    out->len = text.len;
    return LLMGW_OK;
}

void llmgw__arena_reset(struct llmgw__arena *arena)
{
    struct llmgw__arena_block *block = arena->blocks;
    struct llmgw__arena_block *kept = NULL;

    if (arena->used == 0)
        return; /* nothing was asked for: most records need nothing */
    while (block) {
        struct llmgw__arena_block *next = block->next;

        if (block->first)
            kept = block;
        else
            free_block(block);
        block = next;
    }
    if (kept) {
        kept->next = NULL;
        kept->used = 0;
        POISON(kept->data, kept->size);
    }
    arena->blocks = kept;
    arena->used = 0;
}

void llmgw__arena_clear(struct llmgw__arena *arena)
{
    while (arena->blocks) {
        struct llmgw__arena_block *next = arena->blocks->next;

        free_block(arena->blocks);
        arena->blocks = next;
    }
    arena->used = 0;
}

void llmgw__arena_wipe(struct llmgw__arena *arena)
{
    for (struct llmgw__arena_block *at = arena->blocks; at; at = at->next) {
        UNPOISON(at->data, at->size);
        llmgw__zeroize(at->data, at->used);
    }
    llmgw__arena_clear(arena);
}

void llmgw__arena_wipe_text(struct llmgw__arena *arena, llmgw_str text)
{
    uintptr_t start = (uintptr_t)text.data;

    for (struct llmgw__arena_block *at = arena->blocks; at; at = at->next) {
        uintptr_t data = (uintptr_t)at->data;

        if (start >= data && start - data < at->used)
            llmgw__zeroize(at->data + (start - data), text.len);
    }
}

static void *alloc_slow(struct llmgw__arena *arena, size_t size)
{
    struct llmgw__arena_block *block;
    size_t usual = block_size(arena);

    if (arena->blocks && size > usual / 4) { /* its own, behind the newest */
        block = new_block(size);
        if (!block)
            return NULL;
        block->next = arena->blocks->next;
        arena->blocks->next = block;
        return take(arena, block, size);
    }
    block = new_block(size > usual ? size : usual);
    if (!block)
        return NULL;
    block->first = !arena->blocks;
    block->next = arena->blocks;
    arena->blocks = block;
    return take(arena, block, size);
}

static struct llmgw__arena_block *new_block(size_t size)
{
    struct llmgw__arena_block *block;

    if (size > SIZE_MAX - sizeof *block)
        return NULL;
    block = llmgw__malloc(sizeof *block + size);
    if (!block)
        return NULL;
    block->next = NULL;
    block->size = size;
    block->used = 0;
    block->first = false;
    POISON(block->data, block->size);
    return block;
}

/* The first block is what its owner takes as a rule. A next one is as large as
 * all that was handed out so far: few blocks for large answers; half of that
 * while it is little, as what is a bit more than the rule should not cost
 * twice. */
static size_t block_size(const struct llmgw__arena *arena)
{
    size_t size = arena->used < LITTLE ? arena->used / 2 : arena->used;
    size_t least = arena->first < NEXT_BLOCK ? arena->first : NEXT_BLOCK;

    if (!arena->blocks)
        return arena->first;
    if (size > LARGEST_BLOCK)
        return LARGEST_BLOCK;
    return size > least ? size : least;
}

static void *take(struct llmgw__arena *arena, struct llmgw__arena_block *block,
                  size_t size)
{
    unsigned char *data = block->data + block->used;

    UNPOISON(data, size);
    block->used += size;
    arena->used += size;
    return data;
}

static void free_block(struct llmgw__arena_block *block)
{
    UNPOISON(block->data, block->size);
    llmgw__free(block);
}
