/*
 * catalog/terms.c - when a price applies.
 *
 * Source: the providers' price lists, as of 2026-11. Memory: none.
 */
#include "terms.h"

#include <string.h>

#include "base/text.h"

#define MINUTES 1440 /* of a day */
#define SECOND  INT64_C(1000000000)

static bool is_timed(const struct llmgw__variant *variant);
static bool is_time(const struct llmgw__variant *variant, int64_t utc_s);
static bool is_day(const struct llmgw__variant *variant,
                   const struct llmgw__local *local);
static uint32_t date_of(const struct llmgw__local *local);
static bool read_number(llmgw_str *text, uint32_t most, uint32_t *out);
static bool read_char(llmgw_str *text, char c);
static bool read_minute(llmgw_str *text, uint16_t *out);

bool llmgw__variant_applies(const struct llmgw__variant *variant,
                            const struct llmgw__price_at *at)
{
    static const struct llmgw__price_at usual = {0};
    bool timed = is_timed(variant);
    int64_t second;

    if (!at && timed)
        return false;
    if (!at)
        at = &usual;
    if (variant->service_tier && variant->service_tier != at->service_tier &&
        (variant->service_tier != LLMGW__SERVICE_STANDARD || at->service_tier))
        return false;
    if (variant->regional && !at->regional)
        return false;
    second = at->wall_ns / SECOND - (at->wall_ns % SECOND < 0);
    return !timed || is_time(variant, second);
}

void llmgw__variant_init(struct llmgw__variant *variant)
{
    memset(variant, 0, sizeof *variant);
    variant->until = LLMGW__DATE_NONE;
    variant->days = LLMGW__ALL_DAYS;
    variant->zone_name = "";
    llmgw__rates_unknown(variant->rate);
}

static bool is_timed(const struct llmgw__variant *variant)
{
    return variant->from || variant->until != LLMGW__DATE_NONE ||
           variant->hours_count || variant->days != LLMGW__ALL_DAYS ||
           variant->except_count;
}

/* A window that goes on past midnight is still that of the day before. */
static bool is_time(const struct llmgw__variant *variant, int64_t utc_s)
{
    struct llmgw__local now, before;
    int64_t begin, next;
    int minute;

    llmgw__zone_local(variant->zone, utc_s, &now);
    if (date_of(&now) < variant->from || date_of(&now) >= variant->until)
        return false;
    minute = now.hour * 60 + now.minute;
    if (!variant->hours_count)
        return is_day(variant, &now);
    llmgw__zone_span(variant->zone, LLMGW__SPAN_DAY, utc_s, &begin, &next);
    llmgw__zone_local(variant->zone, begin - 1, &before);
    for (int i = 0; i < variant->hours_count; i++) {
        const struct llmgw__hours *hours = &variant->hours[i];
        bool wraps = hours->end < hours->begin;

        if (minute >= hours->begin && (wraps || minute < hours->end) &&
            is_day(variant, &now))
            return true;
        if (wraps && minute < hours->end && is_day(variant, &before))
            return true;
    }
    return false;
}

static bool is_day(const struct llmgw__variant *variant,
                   const struct llmgw__local *local)
{
    uint32_t date = date_of(local);

    for (size_t i = 0; i < variant->except_count; i++)
        if (variant->except[i] == date)
            return false;
    return variant->days >> (local->weekday - 1) & 1;
}

/* Years before 0 or past 9999 are as far as those. */
static uint32_t date_of(const struct llmgw__local *local)
{
    int64_t year = local->year < 0 ? 0 : local->year;

    if (year > 9999)
        year = 9999;
    return (uint32_t)(year * 10000 + local->month * 100 + local->day);
}

/* A few: each goes in front of those that are for longer prompts. */
void llmgw__variants_sort(struct llmgw__variant *variants, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct llmgw__variant moved = variants[i];
        size_t at = i;

        for (; at > 0 && variants[at - 1].prompt_from > moved.prompt_from; at--)
            variants[at] = variants[at - 1];
        variants[at] = moved;
    }
}

static bool variants_equal(const struct llmgw__variant *a,
                           const struct llmgw__variant *b)
{
    return a->prompt_from == b->prompt_from && a->from == b->from &&
           a->until == b->until && a->except_count == b->except_count &&
           (!a->except_count || !memcmp(a->except, b->except,
                                        a->except_count * sizeof *a->except)) &&
           !strcmp(a->zone_name, b->zone_name) &&
           a->hours_count == b->hours_count &&
           !memcmp(a->hours, b->hours, sizeof a->hours) && a->days == b->days &&
           a->service_tier == b->service_tier && a->regional == b->regional &&
           a->marginal == b->marginal && a->num == b->num && a->den == b->den &&
           !memcmp(a->rate, b->rate, sizeof a->rate);
}

bool llmgw__terms_equal(const struct llmgw__terms *a,
                        const struct llmgw__terms *b)
{
    if (!a || !b)
        return a == b;
    if (a->count != b->count || a->search_once != b->search_once ||
        memcmp(a->fee, b->fee, sizeof a->fee) != 0)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!variants_equal(&a->variants[i], &b->variants[i]))
            return false;
    return true;
}

/* --- words for it --- */

bool llmgw__hours_parse(llmgw_str text, struct llmgw__hours *out)
{
    return read_minute(&text, &out->begin) && read_char(&text, '-') &&
           read_minute(&text, &out->end) && text.len == 0 &&
           out->begin < MINUTES && out->begin != out->end;
}

uint32_t llmgw__date_number(llmgw_str text)
{
    uint32_t year, month, day;

    if (text.len != 10 || !read_number(&text, 9999, &year) ||
        !read_char(&text, '-') || !read_number(&text, 12, &month) ||
        !read_char(&text, '-') || !read_number(&text, 31, &day) ||
        text.len != 0 || month == 0 || day == 0)
        return 0;
    return year * 10000 + month * 100 + day;
}

int llmgw__weekday_of(llmgw_str word)
{
    static const char days[] = "montuewedthufrisatsun";

    for (int day = 0; word.len >= 3 && day < 7; day++)
        if (((word.data[0] | 0x20) == days[3 * day]) &&
            !memcmp(word.data + 1, days + 3 * day + 1, 2))
            return day + 1;
    return 0;
}

bool llmgw__ratio_parse(llmgw_str text, uint32_t *num, uint32_t *den)
{
    return read_number(&text, LLMGW__MULTIPLIER, num) &&
           read_char(&text, '/') &&
           read_number(&text, LLMGW__MULTIPLIER, den) && text.len == 0 &&
           *num > 0 && *den > 0;
}

static bool read_minute(llmgw_str *text, uint16_t *out)
{
    uint32_t hour, minute;

    if (!read_number(text, 24, &hour) || !read_char(text, ':') ||
        text->len < 2 || !read_number(text, 59, &minute) ||
        hour * 60 + minute > MINUTES)
        return false;
    *out = (uint16_t)(hour * 60 + minute);
    return true;
}

static bool read_number(llmgw_str *text, uint32_t most, uint32_t *out)
{
    size_t digits = 0;
    uint64_t value = 0;

    while (digits < text->len && text->data[digits] >= '0' &&
           text->data[digits] <= '9' && value <= most)
        value = value * 10 + (uint64_t)(text->data[digits++] - '0');
    if (digits == 0 || value > most)
        return false;
    *out = (uint32_t)value;
    *text = llmgw__str_n(text->data + digits, text->len - digits);
    return true;
}

static bool read_char(llmgw_str *text, char c)
{
    if (text->len == 0 || text->data[0] != c)
        return false;
    *text = llmgw__str_n(text->data + 1, text->len - 1);
    return true;
}
