/*
 * schema/tags.c - the tags of a call, "a=b,c=d": neither names nor values have
 * '=' or ',' in them. Memory: none.
 */
#include "tags.h"

#include <string.h>

#include "base/text.h"

bool llmgw__tags_next(llmgw_str *tags, llmgw_str *tag)
{
    const char *end;

    if (!tags->len)
        return false;
    end = memchr(tags->data, ',', tags->len);
    *tag =
        llmgw__str_n(tags->data, end ? (size_t)(end - tags->data) : tags->len);
    tags->data += tag->len + (end != NULL);
    tags->len -= tag->len + (end != NULL);
    return true;
}

llmgw_str llmgw__tags_value(llmgw_str tags, const char *name)
{
    size_t len = strlen(name);
    llmgw_str tag;

    while (llmgw__tags_next(&tags, &tag))
        if (tag.len > len && tag.data[len] == '=' &&
            memcmp(tag.data, name, len) == 0)
            return llmgw__str_n(tag.data + len + 1, tag.len - len - 1);
    return llmgw__str_n(NULL, 0);
}

static bool has(llmgw_str tags, llmgw_str wanted)
{
    llmgw_str tag;

    while (llmgw__tags_next(&tags, &tag))
        if (llmgw__str_eq(tag, wanted))
            return true;
    return false;
}

bool llmgw__tags_have(llmgw_str tags, llmgw_str wanted)
{
    llmgw_str tag;

    while (llmgw__tags_next(&wanted, &tag))
        if (!has(tags, tag))
            return false;
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
