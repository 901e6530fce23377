/*
 * base/jsonhalf.c - halves of surrogate pairs among the escapes of a JSON text.
 *
 * Source: RFC 8259, 7 and 8.2. Memory: none.
 */
#include <string.h>

#include "jsonread.h"

/* Is here the escape of a high (8 to b) or low (c to f) half? */
static bool is_half(const char *at, const char *end, char from, char to)
{
    int digit;

    if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || (at[2] | 0x20) != 'd')
        return false;
    digit = at[3] > '9' ? at[3] | 0x20 : at[3];
    return digit >= from && digit <= to;
}

bool llmgw__json_has_half(llmgw_str text)
{
    const char *at = text.data, *end;

    if (!text.len)
        return false;
    end = at + text.len;
    while ((at = memchr(at, '\\', (size_t)(end - at)))) {
        if (end - at < 2)
            return false;
        if (at[1] != 'u') { /* most are */
            at += 2;
            continue;
        }
        if (is_half(at, end, 'c', 'f'))
            return true;
        if (!is_half(at, end, '8', '9') && !is_half(at, end, 'a', 'b')) {
            at += 2; /* of any other escape the rest is plain */
            continue;
        }
        if (!is_half(at + 6, end, 'c', 'f'))
            return true;
        at += 12;
    }
    return false;
}
