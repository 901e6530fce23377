/*
 * route/tags.c - the tags of a call, "a=b,c=d": neither names nor values have
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
