/*
 * provider/url.c - names in paths, percent-encoded once.
 *
 * Source: RFC 3986, "Percent-Encoding". Memory: the caller's buffer.
 */
#include "url.h"

#include <string.h>

static void add_encoded(struct llmgw__buf *url, llmgw_str text,
                        const char *stays)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
            (c >= 'A' && c <= 'Z') || (c && strchr(stays, c))) {
            llmgw__buf_add_char(url, (char)c);
            continue;
        }
        llmgw__buf_add_char(url, '%');
        llmgw__buf_add_char(url, hex[c >> 4]);
        llmgw__buf_add_char(url, hex[c & 15]);
    }
}

void llmgw__url_add_part(struct llmgw__buf *url, llmgw_str text)
{
    add_encoded(url, text, "-._~@");
}

void llmgw__url_add_strict(struct llmgw__buf *url, llmgw_str text)
{
    add_encoded(url, text, "-._~");
}
