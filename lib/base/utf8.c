/*
 * base/utf8.c - find whole UTF-8, and make it from pieces cut anywhere.
 *
 * Source: Unicode 15, 3.9, table 3-7 (well-formed sequences) and "U+FFFD
 * substitution of maximal subparts"; surrogates as in the WTF-8 encoding.
 * Memory: at most five bytes are held between pieces; scratch holds one piece.
 */
#include <string.h>

#include "text.h"

/** The longest thing that is joined: two surrogates of three bytes. */
#define LONGEST     6
#define REPLACEMENT LLMGW__LIT("\xEF\xBF\xBD")
#define WORD        sizeof(uint64_t)
#define TOP_BITS    UINT64_C(0x8080808080808080)

/** What stands at a place. */
enum unit_kind {
    UNIT_WHOLE,   /* valid UTF-8, copied as it is */
    UNIT_PAIR,    /* two surrogates: four bytes of UTF-8 */
    UNIT_PARTIAL, /* may become whole with the next piece */
    UNIT_BROKEN   /* never: U+FFFD */
};

struct unit {
    enum unit_kind kind;
    size_t len;
};

/** Sequence lengths and the range of the second byte, by the lead byte. */
struct lead_rule {
    unsigned char len; /* 0: not a lead byte */
    unsigned char low;
    unsigned char high;
};

static const struct lead_rule lead_rules[] = {
    {0, 0, 0},       /* 0: C0, C1, F5..FF */
    {2, 0x80, 0xBF}, /* 1: C2..DF */
    {3, 0xA0, 0xBF}, /* 2: E0 (below: overlong) */
    {3, 0x80, 0xBF}, /* 3: E1..EF; ED A0 and up are surrogates */
    {4, 0x90, 0xBF}, /* 4: F0 (below: overlong) */
    {4, 0x80, 0xBF}, /* 5: F1..F3 */
    {4, 0x80, 0x8F}, /* 6: F4 (above: past U+10FFFF) */
};

/** Row of lead_rules for the bytes C0..FF. */
static const unsigned char lead_row[64] = {
    /* clang-format off */
    0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
    4, 5, 5, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    /* clang-format on */
};

static size_t ascii_run(const unsigned char *bytes, size_t len);
static inline uint64_t word_at(const unsigned char *bytes);
static inline size_t first_high(uint64_t high, const unsigned char *bytes);
static inline size_t valid_len(const unsigned char *bytes, size_t len);
static size_t sequence_len(const unsigned char *bytes, size_t len, bool *whole);
static bool is_surrogate(const unsigned char *bytes);
static bool is_high(const unsigned char *bytes);
static struct unit unit_at(const unsigned char *bytes, size_t len);
static struct unit after_high(const unsigned char *bytes, size_t len);
static void add_unit(struct llmgw__buf *out, const unsigned char *bytes,
                     struct unit unit);
static void add_pair(struct llmgw__buf *out, const unsigned char *bytes);
static size_t add_seam(const struct llmgw__utf8_join *join, llmgw_str piece,
                       struct llmgw__utf8_join *rest, struct llmgw__buf *out);
static void add_rest(llmgw_str piece, struct llmgw__utf8_join *rest,
                     struct llmgw__buf *out);
static void hold(struct llmgw__utf8_join *join, const unsigned char *bytes,
                 size_t len);

size_t llmgw__utf8_valid(llmgw_str text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t at = 0;

    if (text.len == 0)
        return 0;
    if (llmgw__is_short_ascii(text))
        return text.len;
    for (;;) {
        at += ascii_run(bytes + at, text.len - at);
        while (at < text.len && bytes[at] >= 0x80) {
            size_t len = valid_len(bytes + at, text.len - at);

            if (len == 0)
                return at;
            at += len;
        }
        if (at == text.len)
            return at;
    }
}

/*
 * Most pieces are whole and handed through. Else, where something is held:
 *
 *     held | piece
 *     [ seam ][ rest of the piece ][ held for the next ]
 */
llmgw_status llmgw__utf8_push(struct llmgw__utf8_join *join, llmgw_str piece,
                              struct llmgw__buf *scratch, llmgw_str *out)
{
    struct llmgw__utf8_join rest = {{0}, 0};
    size_t at = 0;

    if (join->count == 0) {
        const unsigned char *bytes = (const unsigned char *)piece.data;
        struct unit unit = {UNIT_PARTIAL, 0};
        size_t valid = llmgw__utf8_valid(piece);

        if (valid < piece.len)
            unit = unit_at(bytes + valid, piece.len - valid);
        if (unit.kind == UNIT_PARTIAL) { /* nothing to change */
            if (unit.len)
                hold(join, bytes + valid, unit.len);
            *out = llmgw__str_n(piece.data, valid);
            return LLMGW_OK;
        }
    }
    llmgw__buf_reset(scratch);
    if (join->count)
        at = add_seam(join, piece, &rest, scratch);
    if (at < piece.len)
        add_rest(llmgw__str_n(piece.data + at, piece.len - at), &rest, scratch);
    if (scratch->status != LLMGW_OK)
        return scratch->status;
    *join = rest;
    *out = llmgw__buf_str(scratch);
    return LLMGW_OK;
}

llmgw_status llmgw__utf8_end(struct llmgw__utf8_join *join,
                             struct llmgw__buf *scratch, llmgw_str *out)
{
    llmgw__buf_reset(scratch);
    if (join->count)
        llmgw__buf_add_str(scratch, REPLACEMENT);
    if (join->count > 3) /* a high surrogate and the start of a low one */
        llmgw__buf_add_str(scratch, REPLACEMENT);
    if (scratch->status != LLMGW_OK)
        return scratch->status;
    join->count = 0;
    *out = llmgw__buf_str(scratch);
    return LLMGW_OK;
}

/* A byte that is not ASCII has its top bit set: 32 are looked at at once. */
static size_t ascii_run(const unsigned char *bytes, size_t len)
{
    size_t at = 0;

    while (len - at >= 4 * WORD &&
           !((word_at(bytes + at) | word_at(bytes + at + WORD) |
              word_at(bytes + at + 2 * WORD) | word_at(bytes + at + 3 * WORD)) &
             TOP_BITS))
        at += 4 * WORD;
    while (len - at >= WORD) {
        uint64_t high = word_at(bytes + at) & TOP_BITS;

        if (high)
            return at + first_high(high, bytes + at);
        at += WORD;
    }
    while (at < len && bytes[at] < 0x80)
        at++;
    return at;
}

static inline uint64_t word_at(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* There is one in this word. */
static inline size_t first_high(uint64_t high, const unsigned char *bytes)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    (void)bytes;
    return (size_t)__builtin_ctzll(high) / 8;
#else
    size_t at = 0;

    (void)high;
    while (bytes[at] < 0x80)
        at++;
    return at;
#endif
}

/* Bytes of the sequence that starts here, at a byte that is not ASCII; 0: it
 * is none, or a surrogate. Most have two bytes, or three. */
static inline size_t valid_len(const unsigned char *bytes, size_t len)
{
    bool whole;
    size_t count;

    if (len >= 2 && bytes[0] >= 0xC2 && bytes[0] <= 0xDF)
        return (bytes[1] & 0xC0) == 0x80 ? 2 : 0;
    if (len >= 3 && bytes[0] >= 0xE1 && bytes[0] <= 0xEC)
        return (bytes[1] & 0xC0) == 0x80 && (bytes[2] & 0xC0) == 0x80 ? 3 : 0;
    count = sequence_len(bytes, len, &whole);
    return whole && !is_surrogate(bytes) ? count : 0;
}

/* Bytes of the sequence that starts here: all of it (whole), or as many as
 * could be its start. Surrogates count as sequences. */
static size_t sequence_len(const unsigned char *bytes, size_t len, bool *whole)
{
    const struct lead_rule *rule;
    size_t at = 1;

    *whole = bytes[0] < 0x80;
    if (bytes[0] < 0xC0)
        return 1;
    rule = &lead_rules[lead_row[bytes[0] - 0xC0]];
    if (rule->len == 0 || len == 1)
        return 1;
    if (bytes[1] < rule->low || bytes[1] > rule->high)
        return 1;
    for (at = 2; at < rule->len; at++)
        if (at == len || (bytes[at] & 0xC0) != 0x80)
            return at;
    *whole = true;
    return at;
}

/* Of a whole sequence, or of its first two bytes. */
static bool is_surrogate(const unsigned char *bytes)
{
    return bytes[0] == 0xED && bytes[1] >= 0xA0;
}

static bool is_high(const unsigned char *bytes)
{
    return is_surrogate(bytes) && bytes[1] < 0xB0;
}

static struct unit unit_at(const unsigned char *bytes, size_t len)
{
    struct unit unit = {UNIT_WHOLE, 0};
    bool whole;

    unit.len = sequence_len(bytes, len, &whole);
    if (!whole)
        unit.kind = unit.len == len && bytes[0] >= 0xC2 && bytes[0] <= 0xF4
                        ? UNIT_PARTIAL
                        : UNIT_BROKEN;
    else if (bytes[0] < 0x80)
        unit.kind = UNIT_WHOLE;
    else if (is_high(bytes))
        unit = after_high(bytes + 3, len - 3);
    else if (is_surrogate(bytes)) /* a low one alone */
        unit.kind = UNIT_BROKEN;
    return unit;
}

/* A high surrogate stands before these bytes: does the low one follow? */
static struct unit after_high(const unsigned char *bytes, size_t len)
{
    struct unit pair = {UNIT_PAIR, LONGEST};
    struct unit partial = {UNIT_PARTIAL, 3 + len};
    struct unit broken = {UNIT_BROKEN, 3};

    if (len == 0)
        return partial;
    if (bytes[0] != 0xED)
        return broken;
    if (len == 1)
        return partial;
    if (bytes[1] < 0xB0 || bytes[1] > 0xBF)
        return broken;
    if (len == 2)
        return partial;
    return (bytes[2] & 0xC0) == 0x80 ? pair : broken;
}

static void add_unit(struct llmgw__buf *out, const unsigned char *bytes,
                     struct unit unit)
{
    switch (unit.kind) {
    case UNIT_WHOLE:
        llmgw__buf_add(out, (const char *)bytes, unit.len);
        break;
    case UNIT_PAIR:
        add_pair(out, bytes);
        break;
    case UNIT_BROKEN:
        llmgw__buf_add_str(out, REPLACEMENT);
        break;
    case UNIT_PARTIAL: /* held by the caller, nothing to write yet */
        break;
    }
}

static void add_pair(struct llmgw__buf *out, const unsigned char *bytes)
{
    uint32_t high = (bytes[1] & 0x0Fu) << 6 | (bytes[2] & 0x3Fu);
    uint32_t low = (bytes[4] & 0x0Fu) << 6 | (bytes[5] & 0x3Fu);
    uint32_t code = 0x10000u + (high << 10 | low);
    char text[4];

    text[0] = (char)(0xF0 | code >> 18);
    text[1] = (char)(0x80 | (code >> 12 & 0x3F));
    text[2] = (char)(0x80 | (code >> 6 & 0x3F));
    text[3] = (char)(0x80 | (code & 0x3F));
    llmgw__buf_add(out, text, sizeof text);
}

/* Units that start in the held bytes. A unit has at most LONGEST bytes, so
 * this many of the piece are enough. @return bytes of the piece consumed */
static size_t add_seam(const struct llmgw__utf8_join *join, llmgw_str piece,
                       struct llmgw__utf8_join *rest, struct llmgw__buf *out)
{
    unsigned char seam[2 * LONGEST];
    size_t taken = piece.len < LONGEST ? piece.len : LONGEST;
    size_t len = join->count + taken;
    size_t at = 0;

    memcpy(seam, join->held, join->count);
    if (taken)
        memcpy(seam + join->count, piece.data, taken);
    while (at < join->count) {
        struct unit unit = unit_at(seam + at, len - at);

        if (unit.kind == UNIT_PARTIAL) {
            hold(rest, seam + at, unit.len);
            return piece.len;
        }
        add_unit(out, seam + at, unit);
        at += unit.len;
    }
    return at - join->count;
}

static void add_rest(llmgw_str piece, struct llmgw__utf8_join *rest,
                     struct llmgw__buf *out)
{
    while (piece.len) {
        size_t valid = llmgw__utf8_valid(piece);
        const unsigned char *bytes = (const unsigned char *)piece.data + valid;
        struct unit unit = {UNIT_PARTIAL, 0};

        llmgw__buf_add(out, piece.data, valid);
        if (valid < piece.len)
            unit = unit_at(bytes, piece.len - valid);
        if (unit.kind == UNIT_PARTIAL) {
            hold(rest, bytes, unit.len);
            return;
        }
        add_unit(out, bytes, unit);
        piece.data += valid + unit.len;
        piece.len -= valid + unit.len;
    }
}

static void hold(struct llmgw__utf8_join *join, const unsigned char *bytes,
                 size_t len)
{
    if (len)
        memcpy(join->held, bytes, len);
    join->count = (unsigned char)len;
}
