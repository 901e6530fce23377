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
    size_t text = entry->call_id.len + entry->provider.len + entry->model.len +
                  entry->route.len + entry->tags.len;
    struct llmgw_entry *copy = llmgw__malloc(sizeof *copy + text);
    char *at;

    if (!copy)
        return NULL;
    *copy = *entry;
    at = (char *)(copy + 1);
    copy->call_id = place(&at, entry->call_id);
    copy->provider = place(&at, entry->provider);
    copy->model = place(&at, entry->model);
    copy->route = place(&at, entry->route);
    copy->tags = place(&at, entry->tags);
    return copy;
}

static bool is(llmgw_str value, const char *wanted)
{
    return !wanted || llmgw__str_is(value, wanted);
}

bool llmgw__entry_matches(const struct llmgw_entry *entry,
                          const llmgw_ledger_filter *filter)
{
    if (!filter)
        return true;
    if (filter->state && entry->state != filter->state)
        return false;
    if (entry->started_ns < filter->since_ns)
        return false;
    if (filter->until_ns && entry->started_ns >= filter->until_ns)
        return false;
    return is(entry->provider, filter->provider) &&
           is(entry->model, filter->model) && is(entry->route, filter->route) &&
           is(entry->call_id, filter->call_id) &&
           (!filter->tag ||
            llmgw__tags_have(entry->tags, llmgw__str(filter->tag)));
}
