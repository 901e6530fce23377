/*
 * base/zone_file.c - read a compiled time zone.
 *
 * Source: RFC 8536 (TZif), POSIX.1 8.3 (TZ) for the footer.
 * Memory: twelve bytes a change, in the arena.
 */
#include "zone_file.h"

#include <string.h>

#include "text.h"

#define HEADER      44
#define MAX_CHANGES 4096

struct counts {
    size_t utc, standard, leaps, changes, types, chars;
};

static uint32_t read_u32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static int64_t read_i64(const unsigned char *at)
{
    return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

static int32_t read_i32(const unsigned char *at)
{
    return (int32_t)read_u32(at);
}

/** @return false: not a header, or more than any zone has */
static bool read_header(llmgw_str bytes, struct counts *out)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    size_t *const fields[] = {&out->utc,     &out->standard, &out->leaps,
                              &out->changes, &out->types,    &out->chars};

    if (bytes.len < HEADER || memcmp(at, "TZif", 4) != 0)
        return false;
    for (size_t i = 0; i < 6; i++) {
        *fields[i] = read_u32(at + 20 + 4 * i);
        if (*fields[i] > MAX_CHANGES)
            return false;
    }
    return out->types > 0 && out->types <= 256;
}

static size_t body_size(const struct counts *counts, size_t time)
{
    return counts->changes * (time + 1) + counts->types * 6 + counts->chars +
           counts->leaps * (time + 4) + counts->standard + counts->utc;
}

static llmgw_str skip(llmgw_str bytes, size_t count)
{
    return llmgw__str_n(bytes.data + count, bytes.len - count);
}

/** Times, then their types, then the types themselves. */
static llmgw_status read_body(const unsigned char *at,
                              const struct counts *counts, size_t time,
                              struct llmgw__arena *arena,
                              struct llmgw__zone *out)
{
    const unsigned char *kinds = at + counts->changes * time;
    const unsigned char *types = kinds + counts->changes;
    int64_t *at_s;
    int32_t *offset_s;

    out->first_s = read_i32(types);
    out->count = counts->changes;
    if (!out->count)
        return LLMGW_OK;
    at_s = llmgw__arena_alloc(arena, out->count * sizeof *at_s);
    offset_s = llmgw__arena_alloc(arena, out->count * sizeof *offset_s);
    if (!at_s || !offset_s)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < out->count; i++) {
        at_s[i] = time == 8 ? read_i64(at + 8 * i) : read_i32(at + 4 * i);
        if (kinds[i] >= counts->types || (i && at_s[i] <= at_s[i - 1]))
            return LLMGW_E_INVALID;
        offset_s[i] = read_i32(types + 6 * (size_t)kinds[i]);
        if (offset_s[i] < -93600 || offset_s[i] > 93600)
            return LLMGW_E_INVALID;
    }
    out->at_s = at_s;
    out->offset_s = offset_s;
    return LLMGW_OK;
}

llmgw_status llmgw__zone_parse(llmgw_str bytes, struct llmgw__arena *arena,
                               struct llmgw__zone *out)
{
    struct counts counts;
    size_t time = 4;
    llmgw_status status;

    memset(out, 0, sizeof *out);
    if (!read_header(bytes, &counts))
        return LLMGW_E_INVALID;
    if (bytes.data[4] >= '2') { /* the second body has 64 bits */
        if (bytes.len - HEADER < body_size(&counts, 4))
            return LLMGW_E_INVALID;
        bytes = skip(bytes, HEADER + body_size(&counts, 4));
        time = 8;
        if (!read_header(bytes, &counts))
            return LLMGW_E_INVALID;
    }
    if (bytes.len - HEADER < body_size(&counts, time))
        return LLMGW_E_INVALID;
    bytes = skip(bytes, HEADER);
    status =
        read_body((const unsigned char *)bytes.data, &counts, time, arena, out);
    bytes = skip(bytes, body_size(&counts, time));
    if (status != LLMGW_OK || time == 4 || bytes.len < 3)
        return status; /* an empty footer: nobody knows what comes */
    if (bytes.data[0] != '\n' || bytes.data[bytes.len - 1] != '\n')
        return LLMGW_E_INVALID;
    out->has_rule = true;
    return llmgw__zone_rule_parse(llmgw__str_n(bytes.data + 1, bytes.len - 2),
                                  &out->rule)
               ? LLMGW_OK
               : LLMGW_E_INVALID;
}

/* --- the rule --- */

static bool take(llmgw_str *text, char c)
{
    if (!text->len || text->data[0] != c)
        return false;
    *text = skip(*text, 1);
    return true;
}

static bool take_number(llmgw_str *text, int most, int *out)
{
    int value = 0;
    size_t len = 0;

    while (len < text->len && text->data[len] >= '0' &&
           text->data[len] <= '9') {
        value = value * 10 + (text->data[len] - '0');
        if (++len > 4 || value > most)
            return false;
    }
    *text = skip(*text, len);
    *out = value;
    return len > 0;
}

/** Letters, or anything in angle brackets. */
static bool take_name(llmgw_str *text)
{
    size_t len = 0;
    bool quoted = take(text, '<');

    while (len < text->len && (quoted ? text->data[len] != '>'
                                      : (text->data[len] | 32) >= 'a' &&
                                            (text->data[len] | 32) <= 'z'))
        len++;
    *text = skip(*text, len);
    return len > 0 && (!quoted || take(text, '>'));
}

/** [+-]hh[:mm[:ss]] */
static bool take_time(llmgw_str *text, int32_t *out)
{
    bool minus = take(text, '-');
    int hours, minutes = 0, seconds = 0;

    if (!minus)
        (void)take(text, '+');
    if (!take_number(text, 167, &hours) ||
        (take(text, ':') &&
         (!take_number(text, 59, &minutes) ||
          (take(text, ':') && !take_number(text, 59, &seconds)))))
        return false;
    *out = (int32_t)(hours * 3600 + minutes * 60 + seconds);
    if (minus)
        *out = -*out;
    return true;
}

static bool take_day(llmgw_str *text, struct llmgw__zone_day *out)
{
    memset(out, 0, sizeof *out);
    out->time_s = 7200;
    if (take(text, 'M')) {
        out->kind = 'M';
        if (!take_number(text, 12, &out->month) || !take(text, '.') ||
            !take_number(text, 5, &out->week) || !take(text, '.') ||
            !take_number(text, 6, &out->weekday) || !out->month || !out->week)
            return false;
    } else {
        out->kind = take(text, 'J') ? 'J' : 'n';
        if (!take_number(text, 365, &out->day) ||
            (out->kind == 'J' && !out->day))
            return false;
    }
    return !take(text, '/') || take_time(text, &out->time_s);
}

bool llmgw__zone_rule_parse(llmgw_str text, struct llmgw__zone_rule *out)
{
    int32_t west_s;

    memset(out, 0, sizeof *out);
    if (!take_name(&text) || !take_time(&text, &west_s))
        return false;
    out->standard_s = -west_s;
    if (!text.len)
        return true;
    out->has_summer = true;
    out->summer_s = out->standard_s + 3600;
    if (!take_name(&text))
        return false;
    if (text.len && text.data[0] != ',') {
        if (!take_time(&text, &west_s))
            return false;
        out->summer_s = -west_s;
    }
    return take(&text, ',') && take_day(&text, &out->begins) &&
           take(&text, ',') && take_day(&text, &out->ends) && !text.len;
}
