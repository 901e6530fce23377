/*
 * account/note.c - notes of prices: entries that were reckoned by the same
 * price share one.
 *
 * Memory: the latest MAX_NOTES texts, and those that entries still have.
 */
#include "note.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define MAX_NOTES 256

struct llmgw__note *llmgw__note_make(llmgw_str text)
{
    struct llmgw__note *note = llmgw__malloc(sizeof *note + text.len);

    if (!note)
        return NULL;
    llmgw__refs_init(&note->refs);
    if (text.len)
        memcpy(note + 1, text.data, text.len);
    note->text = llmgw__str_n((const char *)(note + 1), text.len);
    return note;
}

struct llmgw__note *llmgw__note_ref(struct llmgw__note *note)
{
    if (note)
        llmgw__refs_add(&note->refs);
    return note;
}

void llmgw__note_drop(struct llmgw__note *note)
{
    if (note && llmgw__refs_drop(&note->refs))
        llmgw__free(note);
}

llmgw_status llmgw__notes_init(struct llmgw__notes *notes)
{
    llmgw__map_init(&notes->map);
    return llmgw__mutex_init(&notes->lock);
}

static void let_go(struct llmgw__notes *notes)
{
    llmgw_str key;
    void *value;
    size_t at = 0;

    while (llmgw__map_next(&notes->map, &at, &key, &value))
        llmgw__note_drop(value);
    llmgw__map_clear(&notes->map);
    llmgw__map_init(&notes->map);
}

void llmgw__notes_clear(struct llmgw__notes *notes)
{
    let_go(notes);
    llmgw__mutex_clear(&notes->lock);
}

/** One that cannot be remembered is had all the same. */
static struct llmgw__note *make(struct llmgw__notes *notes, llmgw_str text)
{
    struct llmgw__note *note = llmgw__note_make(text);

    if (!note)
        return NULL;
    if (notes->map.count >= MAX_NOTES)
        let_go(notes);
    if (llmgw__map_set(&notes->map, note->text, note) == LLMGW_OK)
        (void)llmgw__note_ref(note);
    return note;
}

struct llmgw__note *llmgw__notes_find(struct llmgw__notes *notes,
                                      llmgw_str text)
{
    struct llmgw__note *note;

    llmgw__mutex_lock(&notes->lock);
    note = llmgw__map_get(&notes->map, text);
    note = note ? llmgw__note_ref(note) : make(notes, text);
    llmgw__mutex_unlock(&notes->lock);
    return note;
}
