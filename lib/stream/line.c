/*
 * stream/line.c - a provider's JSON on one line.
 *
 * Source: RFC 8259, 2 and 7: line ends are white space between tokens, inside
 * of a string they are escaped. Memory: the text once more.
 */
#include "line.h"

#include <string.h>

static bool is_blank(char c);

bool llmgw__line_ends(llmgw_str json)
{
    return json.len && (memchr(json.data, '\n', json.len) ||
                        memchr(json.data, '\r', json.len));
}

llmgw_status llmgw__line_join(llmgw_str json, struct llmgw__arena *arena,
                              llmgw_str *out)
{
    char *data = llmgw__arena_alloc(arena, json.len);
    bool blank = false; /* behind a line end */
    size_t len = 0;

    if (!data)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.data[i];

        blank = c == '\n' || c == '\r' || (blank && is_blank(c));
        if (!blank)
            data[len++] = c;
    }
    *out = llmgw__str_n(data, len);
    return LLMGW_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}
