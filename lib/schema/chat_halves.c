/*
 * schema/chat_halves.c - refuse halves of surrogate pairs, as a host leaves
 * them that cuts UTF-16 anywhere. JSON's grammar has them, but they stand for
 * no text, and most services answer that the body is not JSON.
 *
 * Source: RFC 8259, 8.2; RFC 7493, 2.1. Memory: none.
 */
#include "chat.h"
#include "chat_parse.h"

static uint32_t find_half(const struct llmgw__jdoc *doc);
static llmgw_status refuse_at(const struct llmgw__place *request,
                              uint32_t node);

llmgw_status llmgw__chat_refuse_halves(const struct llmgw__place *request)
{
    uint32_t node = find_half(&request->in->chat->doc);

    return node == LLMGW__JNONE ? LLMGW_OK : refuse_at(request, node);
}

/* Without an escape there is none: the bytes are UTF-8. */
static uint32_t find_half(const struct llmgw__jdoc *doc)
{
    for (uint32_t i = 0; i < doc->count; i++) {
        const struct llmgw__jnode *node = &doc->nodes[i];

        if (node->type == LLMGW__JSON_STRING && node->escaped &&
            llmgw__json_has_half(
                llmgw__str_n(doc->text + node->start, node->len)))
            return i;
    }
    return LLMGW__JNONE;
}

/* The member of the request, and which of its elements. */
static llmgw_status refuse_at(const struct llmgw__place *request, uint32_t node)
{
    static const char text[] = "must not have half of a surrogate pair";
    const struct llmgw__jdoc *doc = &request->in->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, 0), item;
    struct llmgw__place member, element;
    struct llmgw__jstr name;
    char copy[64];
    size_t index = 0;

    while (doc->nodes[key + 1].next <= node)
        key = doc->nodes[key + 1].next;
    name = llmgw__jdoc_string(doc, key);
    llmgw__error_copy(copy, sizeof copy, llmgw__str_n(name.data, name.len));
    member = (struct llmgw__place){request->in, request, copy, 0, key + 1};
    if (llmgw__jdoc_type(doc, key + 1) != LLMGW__JSON_ARRAY)
        return llmgw__place_refuse(&member, text);
    for (item = key + 2; doc->nodes[item].next <= node; index++)
        item = doc->nodes[item].next;
    element = llmgw__place_element(&member, index, item);
    return llmgw__place_refuse(&element, text);
}
