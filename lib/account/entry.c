/*
 * account/entry.c - one ledger row.
 */
#include "entry.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/** Copy text to *at, advance, and view the copy. */
static llmgw_str place(char **at, llmgw_str text)
{
    llmgw_str copy = {*at, text.len};

    if (text.len)
        memcpy(*at, text.data, text.len);
    *at += text.len;
    return copy;
}

struct llmgw_entry *llmgw__entry_copy(const struct llmgw_entry *entry)
{
    size_t len = 0;
    struct llmgw_entry *copy;
    char *at;

    for (int i = 0; i < LLMGW__ENTRY_TEXTS; i++)
        len += entry->text[i].len;
    copy = llmgw__malloc(sizeof *copy + len);
    if (!copy)
        return NULL;
    *copy = *entry;
    copy->note = llmgw__note_ref(entry->note);
    at = (char *)(copy + 1);
    for (int i = 0; i < LLMGW__ENTRY_TEXTS; i++)
        copy->text[i] = place(&at, entry->text[i]);
    return copy;
}

void llmgw__entry_free(struct llmgw_entry *entry)
{
    if (!entry)
        return;
    llmgw__note_drop(entry->note);
    llmgw__free(entry);
}

void llmgw__entry_update(struct llmgw_entry *entry,
                         const struct llmgw_entry *from)
{
    llmgw_str text[LLMGW__ENTRY_TEXTS];
    struct llmgw__note *note = entry->note;

    memcpy(text, entry->text, sizeof text);
    *entry = *from;
    memcpy(entry->text, text, sizeof text);
    entry->note = llmgw__note_ref(from->note);
    llmgw__note_drop(note);
}

struct llmgw__cost llmgw__entry_billed(const struct llmgw_entry *entry)
{
    struct llmgw__cost stated = {entry->usage.provider_cost_pico, true};

    return entry->has_usage && stated.pico >= 0 ? stated : entry->cost;
}

#define DAY_NS INT64_C(86400000000000)

void llmgw__entry_sum(const struct llmgw_entry *entry, llmgw_store_sum *out)
{
    struct llmgw__cost billed = llmgw__entry_billed(entry);

    memset(out, 0, sizeof *out);
    out->day_ns = entry->started_ns / DAY_NS * DAY_NS;
    out->provider = entry->text[LLMGW__ENTRY_PROVIDER];
    out->model = entry->text[LLMGW__ENTRY_MODEL];
    out->route = entry->text[LLMGW__ENTRY_ROUTE];
    out->tags = entry->text[LLMGW__ENTRY_TAGS];
    out->key = entry->text[LLMGW__ENTRY_KEY];
    out->state = entry->state;
    out->entries = 1;
    out->unpriced = !billed.known;
    out->estimated = entry->usage.estimated != 0;
    if (entry->has_usage) {
        out->prompt_tokens = llmgw__usage_prompt(&entry->usage);
        out->completion_tokens = llmgw__usage_completion(&entry->usage);
    }
    if (billed.known)
        llmgw__money_add(&out->billed, billed.pico);
    if (entry->delivered.known)
        llmgw__money_add(&out->delivered, entry->delivered.pico);
}

void llmgw__sum_add(llmgw_store_sum *sum, const llmgw_store_sum *add)
{
    sum->entries += add->entries;
    sum->unpriced += add->unpriced;
    sum->estimated += add->estimated;
    sum->prompt_tokens += add->prompt_tokens;
    sum->completion_tokens += add->completion_tokens;
    llmgw__money_sum(&sum->billed, &add->billed);
    llmgw__money_sum(&sum->delivered, &add->delivered);
}

static bool is(llmgw_str value, const char *wanted)
{
    return !wanted || llmgw__str_is(value, wanted);
}

bool llmgw__entry_matches(const struct llmgw_entry *entry,
                          const llmgw_ledger_filter *filter)
{
    const llmgw_str *text = entry->text;

    if (!filter)
        return true;
    if (filter->state && entry->state != filter->state)
        return false;
    if (entry->started_ns < filter->since_ns)
        return false;
    if (filter->until_ns && entry->started_ns >= filter->until_ns)
        return false;
    return is(text[LLMGW__ENTRY_PROVIDER], filter->provider) &&
           is(text[LLMGW__ENTRY_MODEL], filter->model) &&
           is(text[LLMGW__ENTRY_ROUTE], filter->route) &&
           is(text[LLMGW__ENTRY_CALL_ID], filter->call_id) &&
           is(text[LLMGW__ENTRY_KEY], filter->key) &&
           (!filter->tag ||
            llmgw__tags_have(text[LLMGW__ENTRY_TAGS], llmgw__str(filter->tag)));
}
