/*
 * provider/data_url.c - data URLs and base64, taken apart where they stand.
 *
 * Source: RFC 2397; RFC 4648, section 4. Memory: base64 that holds white
 * space, without it, in the caller's arena.
 */
#include "data_url.h"

#include <string.h>

#include "base/text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    BLOCK = 16 /* bytes looked at at once */
};

static bool is_base64(unsigned char c);
static bool is_block(const char *at);
static bool is_clean(struct llmgw__jstr data);
static bool is_blank(char c);

llmgw_status llmgw__data_url_read(struct llmgw__jstr url,
                                  struct llmgw__arena *arena,
                                  struct llmgw__data_url *out)
{
    const char *comma = url.data ? memchr(url.data, ',', url.len) : NULL;
    struct llmgw__jstr raw = url;
    llmgw_str head;
    llmgw_status status;

    memset(out, 0, sizeof *out);
    if (!comma)
        return LLMGW_OK;
    raw.len = (uint32_t)(comma - url.data);
    status = llmgw__jstr_text(raw, arena, &head);
    if (status != LLMGW_OK || head.len < 5 ||
        !llmgw__str_is_nocase(llmgw__str_n(head.data, 5), "data:"))
        return status;
    head = llmgw__str_n(head.data + 5, head.len - 5);
    out->base64 = llmgw__str_ends(head, ";base64");
    out->type = head;
    if (llmgw__str_find(head, LLMGW__LIT(";")) != SIZE_MAX)
        out->type.len = llmgw__str_find(head, LLMGW__LIT(";"));
    out->type = llmgw__str_trim(out->type);
    out->data =
        (struct llmgw__jstr){comma + 1, url.len - raw.len - 1, url.escaped};
    return LLMGW_OK;
}

llmgw_status llmgw__base64_slice(struct llmgw__jstr *data,
                                 struct llmgw__arena *arena, bool *good)
{
    llmgw_str text;
    llmgw_status status;
    size_t len = 0;
    char *clean;

    *good = data->len > 0 && is_clean(*data);
    if (*good || data->len == 0)
        return LLMGW_OK;
    status = llmgw__jstr_text(*data, arena, &text);
    if (status != LLMGW_OK)
        return status;
    clean = llmgw__arena_alloc(arena, text.len);
    if (!clean)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < text.len; i++) {
        if (is_base64((unsigned char)text.data[i]))
            clean[len++] = text.data[i];
        else if (!is_blank(text.data[i]))
            return LLMGW_OK;
    }
    *good = len > 0;
    if (*good)
        *data = llmgw__jstr(llmgw__str_n(clean, len), false);
    return LLMGW_OK;
}

/* Escaped slashes are as good as others: some writers escape them all. */
static bool is_clean(struct llmgw__jstr data)
{
    const char *at = data.data, *end = data.data + data.len;

    while (at < end) {
        if (end - at >= BLOCK && is_block(at))
            at += BLOCK;
        else if (is_base64((unsigned char)*at))
            at++;
        else if (*at == '\\' && end - at > 1 && at[1] == '/')
            at += 2;
        else
            return false;
    }
    return true;
}

#if defined(__SSE2__)

/* Unsigned x <= y is x == min(x, y). */
static bool is_block(const char *at)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i letter =
        _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('/')); /* "/0123456789" */
    __m128i good =
        _mm_cmpeq_epi8(letter, _mm_min_epu8(letter, _mm_set1_epi8('z' - 'a')));

    good = _mm_or_si128(
        good,
        _mm_cmpeq_epi8(digit, _mm_min_epu8(digit, _mm_set1_epi8('9' - '/'))));
    good = _mm_or_si128(good, _mm_cmpeq_epi8(v, _mm_set1_epi8('+')));
    return _mm_movemask_epi8(good) == 0xffff;
}

#else

static bool is_block(const char *at)
{
    size_t i = 0;

    while (i < BLOCK && is_base64((unsigned char)at[i]))
        i++;
    return i == BLOCK;
}

#endif

static bool is_base64(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '/' && c <= '9') || c == '+' || c == '=';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
