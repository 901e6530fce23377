/*
 * base/jsonscan.h - the scanner under the JSON reader, document and writer.
 *
 * Private to these files. Every function takes [at, end) and never looks at
 * `end` itself. Source: RFC 8259.
 */
#ifndef LLMGW_BASE_JSONSCAN_H
#define LLMGW_BASE_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <llmgw/base.h>

#include "jsondoc.h"
#include "jsonplain.h"
#include "jsonread.h"

/*
 * Strings are found by blocks of 64 bytes: json->special has a bit for each
 * byte of the block that is a quote, a backslash or a control character. One
 * look at a block serves all strings in it, so that to find the end of the
 * next one takes a shift and a count, and waits for no load.
 */
enum {
    LLMGW__SCAN_BLOCK = 64
};

/** Start at json->at, which json->end follows. */
void llmgw__scan_init(struct llmgw__json *json);
/** First byte from `at` on that is not plain, or end; any block. */
const char *llmgw__scan_plain(struct llmgw__json *json, const char *at);
/** From a backslash to the end of the string, as llmgw__scan_string. */
const char *llmgw__scan_escaped(struct llmgw__json *json, const char *at);
/** Past white space. */
const char *llmgw__scan_blanks(const char *at, const char *end);
/** Past a number that begins here; NULL: malformed. */
const char *llmgw__scan_number(const char *at, const char *end);
/** One character of a string's inside, escapes resolved, as 1-4 bytes (one
 *  for a raw byte). @return bytes put into out; *at is moved on */
size_t llmgw__scan_char(const char **at, const char *end, unsigned char out[4]);
/** Equal for strings that compare equal. */
uint32_t llmgw__jstr_hash(struct llmgw__jstr str);
/** A number's text as double; false: not a number, or beyond double. */
bool llmgw__number_double(llmgw_str number, double *out);
/** A key that occurs twice in an object: the node of the second one;
 *  LLMGW__JNONE: all differ. E_NOMEM: could not be told. */
llmgw_status llmgw__jdoc_repeated(const struct llmgw__jdoc *doc,
                                  uint32_t object, uint32_t *out);

/** The bits of the block at hand from `at` on. */
static inline uint64_t special_from(const struct llmgw__json *json,
                                    const char *at)
{
    size_t offset = (size_t)(at - json->block);

    return offset < LLMGW__SCAN_BLOCK ? json->special >> offset : 0;
}

/** First byte from `at` on that is not plain, within the block at hand; NULL:
 *  not there. */
static inline const char *scan_near(const struct llmgw__json *json,
                                    const char *at)
{
    uint64_t special = special_from(json, at);

    return special ? at + first_bit(special) : NULL;
}

/**
 * The inside of a string, from after its opening quote.
 * @return the closing quote; else the byte that is wrong, or end
 */
static inline const char *scan_string(struct llmgw__json *json, const char *at,
                                      bool *escaped)
{
    const char *hit = scan_near(json, at);

    at = hit ? hit : llmgw__scan_plain(json, at);
    *escaped = at < json->end && *at == '\\';
    return *escaped ? llmgw__scan_escaped(json, at) : at;
}

/** Past white space; compact texts leave at the first comparison. */
static inline const char *scan_space(const char *at, const char *end)
{
    return at < end && (unsigned char)*at > ' ' ? at
                                                : llmgw__scan_blanks(at, end);
}

/** Past a literal that begins here; NULL: another text. */
static inline const char *scan_word(const char *at, const char *end,
                                    const char *word, size_t len)
{
    if ((size_t)(end - at) < len || memcmp(at, word, len) != 0)
        return NULL;
    return at + len;
}

#endif
