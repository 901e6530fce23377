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
#include "catalog/bill.h"

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
    memset(notes->slots, 0, sizeof notes->slots);
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
    for (size_t i = 0; i < LLMGW__NOTE_SLOTS; i++)
        llmgw__note_drop(notes->slots[i].note);
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

static struct llmgw__note *make_note(struct llmgw__notes *notes,
                                     const struct llmgw__price *price,
                                     const struct llmgw__price_at *at,
                                     const char *version)
{
    struct llmgw__note *note = NULL;
    struct llmgw__buf text;

    llmgw__buf_init(&text, 0);
    llmgw__bill_note(price, at, version, &text);
    if (text.status == LLMGW_OK)
        note = llmgw__notes_find(notes, llmgw__buf_str(&text));
    llmgw__buf_clear(&text);
    return note;
}

/** Its note depends on nothing but the row. */
static bool is_plain(const struct llmgw__price *price, const char *version)
{
    return !price->terms && !price->tier_count && version &&
           strlen(version) < sizeof((struct llmgw__note_slot *)0)->version;
}

struct llmgw__note *llmgw__notes_of(struct llmgw__notes *notes,
                                    const struct llmgw__price *price,
                                    const struct llmgw__price_at *at,
                                    const char *version)
{
    struct llmgw__note_slot *slot =
        &notes->slots[((uintptr_t)price >> 6) % LLMGW__NOTE_SLOTS];
    struct llmgw__note *note = NULL;

    if (!is_plain(price, version))
        return make_note(notes, price, at, version);
    llmgw__mutex_lock(&notes->lock);
    if (slot->note && !memcmp(&slot->price, price, sizeof *price) &&
        !strcmp(slot->version, version))
        note = llmgw__note_ref(slot->note);
    llmgw__mutex_unlock(&notes->lock);
    if (note)
        return note;
    note = make_note(notes, price, at, version);
    if (!note)
        return NULL;
    llmgw__mutex_lock(&notes->lock);
    llmgw__note_drop(slot->note);
    slot->note = llmgw__note_ref(note);
    memcpy(&slot->price, price, sizeof *price);
    memcpy(slot->version, version, strlen(version) + 1);
    llmgw__mutex_unlock(&notes->lock);
    return note;
}
