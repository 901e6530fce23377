/*
 * base/jsonunique.c - does an object name a member twice?
 *
 * Few keys are compared pair by pair. Many are sorted by hash, and by text
 * where hashes are equal: n log n also for keys made to collide, so that no
 * document can make this quadratic.
 *
 * Memory: 8 bytes a key of the object at hand, given back at once.
 */
#include "alloc.h"
#include "jsondoc.h"
#include "jsonread.h"
#include "jsonscan.h"

#define FEW 16 /* keys that are compared pair by pair */

struct entry {
    uint32_t hash;
    uint32_t node;
};

static uint32_t among_few(const struct llmgw__jdoc *doc, uint32_t object);
static uint32_t among_sorted(const struct llmgw__jdoc *doc,
                             const struct entry *entries, size_t count);
static void sort_entries(const struct llmgw__jdoc *doc, struct entry *entries,
                         size_t count);
static int compare_keys(const struct llmgw__jdoc *doc, uint32_t a, uint32_t b);

llmgw_status llmgw__jdoc_repeated(const struct llmgw__jdoc *doc,
                                  uint32_t object, uint32_t *out)
{
    size_t count = doc->nodes[object].count, i = 0;
    struct entry *entries;

    if (count <= FEW) {
        *out = among_few(doc, object);
        return LLMGW_OK;
    }
    entries = llmgw__calloc(count, sizeof *entries);
    if (!entries)
        return LLMGW_E_NOMEM;
    for (uint32_t key = object + 1; i < count; key = doc->nodes[key + 1].next) {
        entries[i].hash = llmgw__jstr_hash(llmgw__jdoc_string(doc, key));
        entries[i++].node = key;
    }
    sort_entries(doc, entries, count);
    *out = among_sorted(doc, entries, count);
    llmgw__free(entries);
    return LLMGW_OK;
}

static uint32_t among_few(const struct llmgw__jdoc *doc, uint32_t object)
{
    uint32_t keys[FEW];
    uint32_t count = doc->nodes[object].count, key = object + 1;

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i; j++)
            if (compare_keys(doc, keys[j], key) == 0)
                return key;
        keys[i] = key;
        key = doc->nodes[key + 1].next;
    }
    return LLMGW__JNONE;
}

/* The first key of the text that was there before. */
static uint32_t among_sorted(const struct llmgw__jdoc *doc,
                             const struct entry *entries, size_t count)
{
    uint32_t found = LLMGW__JNONE;

    for (size_t i = 1; i < count; i++)
        if (entries[i].hash == entries[i - 1].hash && entries[i].node < found &&
            compare_keys(doc, entries[i - 1].node, entries[i].node) == 0)
            found = entries[i].node;
    return found;
}

/* Any order that is total will do: hash, then text, then place. */
static bool is_before(const struct llmgw__jdoc *doc, struct entry a,
                      struct entry b)
{
    int order;

    if (a.hash != b.hash)
        return a.hash < b.hash;
    order = compare_keys(doc, a.node, b.node);
    return order != 0 ? order < 0 : a.node < b.node;
}

/* Let the entry at `at` sink in a heap whose greatest stands first. */
static void sink(const struct llmgw__jdoc *doc, struct entry *heap, size_t at,
                 size_t count)
{
    struct entry moved = heap[at];

    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_before(doc, heap[child], heap[child + 1]))
            child++;
        if (!is_before(doc, moved, heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* Heap sort: no memory, no bad case; qsort promises neither. */
static void sort_entries(const struct llmgw__jdoc *doc, struct entry *entries,
                         size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sink(doc, entries, i, count);
    for (size_t left = count; left-- > 1;) {
        struct entry greatest = entries[0];

        entries[0] = entries[left];
        entries[left] = greatest;
        sink(doc, entries, 0, left);
    }
}

static int compare_keys(const struct llmgw__jdoc *doc, uint32_t a, uint32_t b)
{
    const struct llmgw__jnode *one = &doc->nodes[a], *other = &doc->nodes[b];
    uint32_t len = one->len < other->len ? one->len : other->len;
    int order;

    if (one->escaped || other->escaped)
        return llmgw__jstr_compare(llmgw__jdoc_string(doc, a),
                                   llmgw__jdoc_string(doc, b));
    order = memcmp(doc->text + one->start, doc->text + other->start, len);
    return order != 0               ? order
           : one->len == other->len ? 0
           : one->len < other->len  ? -1
                                    : 1;
}
