/*
 * base/fields.c - members of JSON objects that a table reads into a struct.
 *
 * Memory: none.
 */
#include "fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PICO_DIGITS 12
#define MAX_USD     9000000 /* and all fractions of it fit in 63 bits */
#define PICO        INT64_C(1000000000000)
#define PER_MILLE   1000.0
#define ROUNDING    1e-9 /* of what a decimal fraction is as a double */

static bool number_of(const struct llmgw__field *field,
                      const struct llmgw__scalar *value, uint64_t *out);
static bool share_of(const struct llmgw__field *field,
                     const struct llmgw__scalar *value, uint64_t *out);
static bool word_of(const struct llmgw__field *field,
                    const struct llmgw__scalar *value, uint64_t *out);
static bool flag_of(const struct llmgw__field *field,
                    const struct llmgw__scalar *value, uint64_t *out);
static bool money_of(const struct llmgw__field *field,
                     const struct llmgw__scalar *value, uint64_t *out);
static void say_must(const struct llmgw__field *field, char *must);
static void store(const struct llmgw__field *field, void *into, uint64_t value);

static bool (*const readers[])(const struct llmgw__field *,
                               const struct llmgw__scalar *, uint64_t *) = {
    [LLMGW__FIELD_NUMBER] = number_of, [LLMGW__FIELD_LIMIT] = number_of,
    [LLMGW__FIELD_SHARE] = share_of,   [LLMGW__FIELD_WORD] = word_of,
    [LLMGW__FIELD_FLAG] = flag_of,     [LLMGW__FIELD_MONEY] = money_of,
};

bool llmgw__field_set(const struct llmgw__field *field, void *into,
                      const struct llmgw__scalar *value,
                      char must[LLMGW__FIELD_MUST])
{
    uint64_t read = 0;

    if (!readers[field->kind](field, value, &read)) {
        say_must(field, must);
        return false;
    }
    if (field->kind == LLMGW__FIELD_LIMIT && read == 0)
        read = UINT32_MAX;
    store(field, into, read + (uint64_t)(int64_t)field->add);
    return true;
}

static bool number_of(const struct llmgw__field *field,
                      const struct llmgw__scalar *value, uint64_t *out)
{
    if (value->type != LLMGW__JSON_NUMBER || !(value->number >= field->min) ||
        value->number > field->max)
        return false;
    *out = (uint64_t)value->number;
    return value->number == (double)*out;
}

/** A share that is no whole number of thousandths is not rounded. */
static bool share_of(const struct llmgw__field *field,
                     const struct llmgw__scalar *value, uint64_t *out)
{
    double scaled = value->number * PER_MILLE;
    double off;

    if (value->type != LLMGW__JSON_NUMBER || !(scaled >= 0) ||
        scaled > PER_MILLE)
        return false;
    *out = (uint64_t)(scaled + 0.5);
    off = scaled - (double)*out;
    return off < ROUNDING && off > -ROUNDING && *out >= field->min &&
           *out <= field->max;
}

static bool word_of(const struct llmgw__field *field,
                    const struct llmgw__scalar *value, uint64_t *out)
{
    const char *word = field->words;

    if (value->type != LLMGW__JSON_STRING)
        return false;
    for (uint64_t place = 1; *word; place++) {
        size_t len = strcspn(word, ",");

        if (len == value->text.len && !memcmp(word, value->text.data, len)) {
            *out = place;
            return true;
        }
        word += len;
        word += strspn(word, ", ");
    }
    return false;
}

static bool flag_of(const struct llmgw__field *field,
                    const struct llmgw__scalar *value, uint64_t *out)
{
    (void)field;
    *out = value->flag;
    return value->type == LLMGW__JSON_BOOL;
}

static bool money_of(const struct llmgw__field *field,
                     const struct llmgw__scalar *value, uint64_t *out)
{
    int64_t pico;

    (void)field;
    if (value->type != LLMGW__JSON_STRING)
        return false;
    pico = llmgw__decimal_pico(value->text);
    *out = (uint64_t)pico;
    return pico > 0;
}

int64_t llmgw__decimal_pico(llmgw_str text)
{
    int64_t value = 0;
    size_t digits = 0;
    size_t fraction = 0;
    bool dot = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (c == '.' && !dot && digits) {
            dot = true;
            continue;
        }
        if (c < '0' || c > '9' || fraction == PICO_DIGITS)
            return -1;
        value = value * 10 + (c - '0');
        digits++;
        fraction += dot;
        if (!dot && value > MAX_USD)
            return -1;
    }
    if (!digits || (dot && !fraction))
        return -1;
    for (; fraction < PICO_DIGITS; fraction++)
        value *= 10;
    return value <= MAX_USD * PICO ? value : -1;
}

static void say_must(const struct llmgw__field *field, char *must)
{
    const size_t size = LLMGW__FIELD_MUST;

    switch ((enum llmgw__field_kind)field->kind) {
    case LLMGW__FIELD_NUMBER:
    case LLMGW__FIELD_LIMIT:
        (void)snprintf(must, size,
                       "must be a whole number from %" PRIu32 " to %" PRIu32,
                       field->min, field->max);
        break;
    case LLMGW__FIELD_SHARE:
        (void)snprintf(must, size,
                       "must be a number from %u.%03u to %u.%03u, with at "
                       "most 3 fraction digits",
                       (unsigned)field->min / 1000, (unsigned)field->min % 1000,
                       (unsigned)field->max / 1000,
                       (unsigned)field->max % 1000);
        break;
    case LLMGW__FIELD_WORD:
        (void)snprintf(must, size, "must be one of: %s", field->words);
        break;
    case LLMGW__FIELD_FLAG:
        (void)snprintf(must, size, "must be true or false");
        break;
    case LLMGW__FIELD_MONEY:
        (void)snprintf(must, size,
                       "must be a decimal number of USD as a string, more "
                       "than 0 and at most %d, with at most %d fraction "
                       "digits",
                       MAX_USD, PICO_DIGITS);
        break;
    }
}

static void store(const struct llmgw__field *field, void *into, uint64_t value)
{
    unsigned char *place = (unsigned char *)into + field->offset;
    uint8_t one = (uint8_t)value;
    uint16_t two = (uint16_t)value;
    uint32_t four = (uint32_t)value;

    if (field->width == sizeof one)
        memcpy(place, &one, sizeof one);
    else if (field->width == sizeof two)
        memcpy(place, &two, sizeof two);
    else if (field->width == sizeof four)
        memcpy(place, &four, sizeof four);
    else
        memcpy(place, &value, sizeof value);
}
