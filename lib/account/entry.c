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
           (!filter->tag || llmgw__tags_have(entry->tags, filter->tag));
}

bool llmgw__tags_have(llmgw_str tags, const char *tag)
{
    llmgw_str one;

    while (llmgw__tags_next(&tags, &one))
        if (llmgw__str_is(one, tag))
            return true;
    return false;
}

bool llmgw__tags_next(llmgw_str *rest, llmgw_str *tag)
{
    const char *comma;

    if (!rest->len)
        return false;
    comma = memchr(rest->data, ',', rest->len);
    tag->data = rest->data;
    tag->len = comma ? (size_t)(comma - rest->data) : rest->len;
    rest->data += tag->len + (comma ? 1 : 0);
    rest->len -= tag->len + (comma ? 1 : 0);
    return true;
}

static bool is_tag(llmgw_str tag)
{
    const char *equals = memchr(tag.data, '=', tag.len);
    size_t name = equals ? (size_t)(equals - tag.data) : 0;
    size_t value = equals ? tag.len - name - 1 : 0;

    return name > 0 && value > 0 && name <= 256 && value <= 256 &&
           !memchr(equals + 1, '=', value) && llmgw__str_printable(tag) &&
           llmgw__str_trim(tag).len == tag.len;
}

bool llmgw__tags_valid(const char *tags)
{
    llmgw_str rest = llmgw__str(tags);
    llmgw_str tag;

    if (rest.len > 4096 || (rest.len && rest.data[rest.len - 1] == ','))
        return false;
    while (llmgw__tags_next(&rest, &tag))
        if (!is_tag(tag))
            return false;
    return true;
}
