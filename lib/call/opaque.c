/*
 * call/opaque.c - opaque reasoning state, kept by tool-call id.
 *
 * Memory: one block an answer, its texts behind it; 512 buckets once anything
 * was kept.
 */
#include "opaque.h"

#include <string.h>

#include "base/alloc.h"
#include "base/jsondoc.h"
#include "base/text.h"

#define BUCKETS    512
#define HASH_START UINT64_C(0xcbf29ce484222325)

struct kept_call {
    llmgw_str id;
    llmgw_str name;
    uint64_t arguments;
    llmgw_str extra;
};

struct llmgw__opaque_entry {
    struct llmgw__opaque_entry *newer;
    struct llmgw__opaque_entry *older;
    struct llmgw__opaque_entry *next; /* of the same bucket */
    size_t bucket;
    size_t size; /* bytes of the block */
    llmgw_str tags;
    llmgw_str reasoning;
    llmgw_str members;
    size_t call_count;
    struct kept_call calls[];
};

static struct llmgw__opaque_entry *
make_entry(llmgw_str tags, const struct llmgw__answer_choice *choice,
           size_t size);
static void drop(struct llmgw__opaque *opaque,
                 struct llmgw__opaque_entry *entry);

llmgw_status llmgw__opaque_init(struct llmgw__opaque *opaque)
{
    memset(opaque, 0, sizeof *opaque);
    return llmgw__mutex_init(&opaque->lock);
}

void llmgw__opaque_clear(struct llmgw__opaque *opaque)
{
    while (opaque->oldest)
        drop(opaque, opaque->oldest);
    llmgw__free(opaque->buckets);
    llmgw__mutex_clear(&opaque->lock);
}

/** FNV-1a, of 64 bits. */
static uint64_t hash_on(uint64_t hash, llmgw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/** By the first call's id. */
static size_t bucket_of(llmgw_str tags, llmgw_str id)
{
    return (size_t)(hash_on(hash_on(HASH_START, tags), id) % BUCKETS);
}

llmgw_status llmgw__opaque_hash(llmgw_str arguments, struct llmgw__arena *arena,
                                uint64_t *out)
{
    struct llmgw__jdoc doc = {.nodes = NULL};
    llmgw_status status = llmgw__jdoc_parse(&doc, arguments, 0);
    uint64_t hash = HASH_START;

    *out = hash_on(hash, arguments);
    if (status == LLMGW_E_INVALID)
        return LLMGW_OK;
    for (uint32_t i = 0; i < doc.count && status == LLMGW_OK; i++) {
        char type = (char)doc.nodes[i].type;
        llmgw_str text = {NULL, 0}; /* numbers have several spellings */

        if (type == LLMGW__JSON_STRING)
            status =
                llmgw__jstr_text(llmgw__jdoc_string(&doc, i), arena, &text);
        else if (type == LLMGW__JSON_BOOL)
            text = llmgw__jdoc_raw(&doc, i);
        hash = hash_on(hash, llmgw__str_n(&type, 1));
        hash = hash_on(hash, text);
    }
    llmgw__jdoc_clear(&doc);
    *out = hash;
    return status;
}

/* --- keep --- */

/** Bytes of an entry; 0: there is nothing to keep. */
static size_t size_of(llmgw_str tags, const struct llmgw__answer_choice *choice)
{
    size_t state = choice->reasoning.len + choice->extras_back.len;
    size_t size = sizeof(struct llmgw__opaque_entry) + tags.len;

    for (size_t i = 0; i < choice->tool_count; i++) {
        const struct llmgw__answer_tool *tool = &choice->tools[i];

        if (tool->legacy || !tool->id.len)
            return 0;
        state += tool->extra.len;
        size += sizeof(struct kept_call) + tool->id.len + tool->name.len;
    }
    return choice->tool_count && state ? size + state : 0;
}

static void add_newest(struct llmgw__opaque *opaque,
                       struct llmgw__opaque_entry *entry)
{
    entry->older = opaque->newest;
    if (entry->older)
        entry->older->newer = entry;
    else
        opaque->oldest = entry;
    opaque->newest = entry;
    entry->bucket = bucket_of(entry->tags, entry->calls[0].id);
    entry->next = opaque->buckets[entry->bucket];
    opaque->buckets[entry->bucket] = entry;
    opaque->bytes += entry->size;
    atomic_store_explicit(&opaque->used, true, memory_order_release);
}

llmgw_status llmgw__opaque_keep(struct llmgw__opaque *opaque, llmgw_str tags,
                                const struct llmgw__answer_choice *choice,
                                size_t max, struct llmgw__arena *arena)
{
    size_t size = size_of(tags, choice);
    struct llmgw__opaque_entry *entry = NULL;
    llmgw_status status = LLMGW_OK;

    if (!size || size > max)
        return LLMGW_OK;
    entry = make_entry(tags, choice, size);
    if (!entry)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < entry->call_count && status == LLMGW_OK; i++)
        status = llmgw__opaque_hash(choice->tools[i].arguments, arena,
                                    &entry->calls[i].arguments);
    if (status != LLMGW_OK) {
        llmgw__free(entry);
        return status;
    }
    llmgw__mutex_lock(&opaque->lock);
    if (!opaque->buckets)
        opaque->buckets = llmgw__calloc(BUCKETS, sizeof *opaque->buckets);
    if (opaque->buckets) {
        add_newest(opaque, entry);
        while (opaque->bytes > max)
            drop(opaque, opaque->oldest);
    } else {
        status = LLMGW_E_NOMEM;
    }
    llmgw__mutex_unlock(&opaque->lock);
    if (status != LLMGW_OK)
        llmgw__free(entry);
    return status;
}

/** Append a text to the block. */
static llmgw_str put(char **at, llmgw_str text)
{
    llmgw_str kept = {*at, text.len};

    if (text.len)
        memcpy(*at, text.data, text.len);
    *at += text.len;
    return kept;
}

static struct llmgw__opaque_entry *
make_entry(llmgw_str tags, const struct llmgw__answer_choice *choice,
           size_t size)
{
    struct llmgw__opaque_entry *entry = llmgw__calloc(1, size);
    char *at;

    if (!entry)
        return NULL;
    entry->size = size;
    entry->call_count = choice->tool_count;
    at = (char *)&entry->calls[choice->tool_count];
    entry->tags = put(&at, tags);
    entry->reasoning = put(&at, choice->reasoning);
    entry->members = put(&at, choice->extras_back);
    for (size_t i = 0; i < choice->tool_count; i++) {
        const struct llmgw__answer_tool *tool = &choice->tools[i];

        entry->calls[i].id = put(&at, tool->id);
        entry->calls[i].name = put(&at, tool->name);
        entry->calls[i].extra = put(&at, tool->extra);
    }
    return entry;
}

static void drop(struct llmgw__opaque *opaque,
                 struct llmgw__opaque_entry *entry)
{
    struct llmgw__opaque_entry **at =
        (struct llmgw__opaque_entry **)&opaque->buckets[entry->bucket];

    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    if (entry->newer)
        entry->newer->older = entry->older;
    else
        opaque->newest = entry->older;
    if (entry->older)
        entry->older->newer = entry->newer;
    else
        opaque->oldest = entry->newer;
    opaque->bytes -= entry->size;
    llmgw__free(entry);
}

/* --- find --- */

static const struct kept_call *call_of(const struct llmgw__opaque_entry *entry,
                                       const struct llmgw__opaque_call *call)
{
    for (size_t i = 0; i < entry->call_count; i++)
        if (llmgw__str_eq(entry->calls[i].id, call->id))
            return &entry->calls[i];
    return NULL;
}

/** The same calls, in whatever order the history has them. */
static bool fits(const struct llmgw__opaque_entry *entry, llmgw_str tags,
                 const struct llmgw__opaque_call *calls, size_t count)
{
    if (entry->call_count != count || !llmgw__str_eq(entry->tags, tags))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct kept_call *kept = call_of(entry, &calls[i]);

        if (!kept || !llmgw__str_eq(kept->name, calls[i].name) ||
            kept->arguments != calls[i].arguments)
            return false;
    }
    return true;
}

/** Any of the calls may have been the answer's first. */
static const struct llmgw__opaque_entry *
search(const struct llmgw__opaque *opaque, llmgw_str tags,
       const struct llmgw__opaque_call *calls, size_t count)
{
    for (size_t i = 0; i < count && opaque->buckets; i++) {
        const struct llmgw__opaque_entry *entry =
            opaque->buckets[bucket_of(tags, calls[i].id)];

        for (; entry; entry = entry->next)
            if (fits(entry, tags, calls, count))
                return entry;
    }
    return NULL;
}

static llmgw_status copy_found(const struct llmgw__opaque_entry *entry,
                               struct llmgw__opaque_call *calls, size_t count,
                               struct llmgw__arena *arena,
                               struct llmgw__opaque_found *found)
{
    llmgw_status status =
        llmgw__arena_str(arena, entry->reasoning, &found->reasoning);

    if (status == LLMGW_OK)
        status = llmgw__arena_str(arena, entry->members, &found->members);
    for (size_t i = 0; i < count && status == LLMGW_OK; i++)
        status = llmgw__arena_str(arena, call_of(entry, &calls[i])->extra,
                                  &calls[i].extra);
    return status;
}

llmgw_status llmgw__opaque_find(struct llmgw__opaque *opaque, llmgw_str tags,
                                struct llmgw__opaque_call *calls, size_t count,
                                struct llmgw__arena *arena,
                                struct llmgw__opaque_found *found)
{
    const struct llmgw__opaque_entry *entry;
    llmgw_status status = LLMGW_E_INVALID;

    if (!atomic_load_explicit(&opaque->used, memory_order_acquire))
        return status;
    llmgw__mutex_lock(&opaque->lock);
    entry = search(opaque, tags, calls, count);
    if (entry)
        status = copy_found(entry, calls, count, arena, found);
    llmgw__mutex_unlock(&opaque->lock);
    return status;
}
