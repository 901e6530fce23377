/*
 * provider/error_retry.c - how long a provider asks to wait, in every form
 * they have for it.
 *
 *     retry-after-ms, retry-after (seconds or date), x-ms-retry-after-ms,
 *     a member or the text of the body, the reset of the used-up budget
 *
 * The first that tells a time to come holds. Rounded up to ms.
 *
 * Source: RFC 9110, 10.2.3; the services' documentation. Memory: none.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "error_facts.h"

#define MAX_WAIT_MS   (INT64_C(366) * 24 * 3600 * 1000) /* more is no time */
#define MAX_WHOLE     INT64_C(10000000000000)           /* epoch in ms fits */
#define EPOCH_S_FROM  INT64_C(1000000000)
#define EPOCH_MS_FROM INT64_C(1000000000000)

/* A decimal number: whole + micro / 10^6, rounded up. */
struct decimal {
    int64_t whole;
    int64_t micro;
};

static int64_t from_headers(const struct llmgw__failure *failure);
static int64_t from_body(const struct llmgw__error_facts *facts, bool waits);
static int64_t from_text(llmgw_str text);
static int64_t from_budgets(const struct llmgw__failure *failure);
static int64_t header_ms(const struct llmgw__http_head *head, const char *name);
static int64_t retry_after(const struct llmgw__http_head *head, int64_t now_s);
static int64_t usable(int64_t ms);
static size_t read_decimal(llmgw_str text, struct decimal *out);
static size_t read_unit(llmgw_str text, int64_t *unit_ms);
static size_t read_duration(llmgw_str text, int64_t *ms);

int64_t llmgw__error_retry_after(const struct llmgw__failure *failure,
                                 const struct llmgw__error_facts *facts,
                                 bool waits)
{
    int64_t ms = -1;

    if (failure->head && failure->status >= 300)
        ms = from_headers(failure);
    if (ms < 0 && facts)
        ms = from_body(facts, waits);
    if (ms < 0 && facts && facts->reset_ms > 0)
        ms = usable(facts->reset_ms - failure->now_s * 1000);
    if (ms < 0 && waits && failure->head && failure->status == 429)
        ms = from_budgets(failure);
    return ms;
}

int64_t llmgw__duration_ms(llmgw_str text)
{
    int64_t ms;
    size_t used;

    text = llmgw__str_trim(text);
    used = read_duration(text, &ms);
    return used > 0 && used == text.len ? usable(ms) : -1;
}

/* Nothing, a time that is over, and one beyond all measure are no waits. */
static int64_t usable(int64_t ms)
{
    return ms > 0 && ms <= MAX_WAIT_MS ? ms : -1;
}

/* --- headers --- */

static int64_t from_headers(const struct llmgw__failure *failure)
{
    int64_t ms = header_ms(failure->head, "retry-after-ms");

    if (ms < 0)
        ms = retry_after(failure->head, failure->now_s);
    if (ms < 0)
        ms = header_ms(failure->head, "x-ms-retry-after-ms");
    return ms;
}

/* A number of milliseconds, fractions allowed. */
static int64_t header_ms(const struct llmgw__http_head *head, const char *name)
{
    llmgw_str text = llmgw__str_trim(llmgw__http_head_get(head, name));
    struct decimal value;

    if (text.len == 0 || read_decimal(text, &value) != text.len)
        return -1;
    return usable(value.whole + (value.micro > 0));
}

/* Seconds, or a date: told by the provider's own clock, when it shows it. */
static int64_t retry_after(const struct llmgw__http_head *head, int64_t now_s)
{
    llmgw_str text = llmgw__http_head_get(head, "retry-after");
    llmgw_str date = llmgw__http_head_get(head, "date");
    int64_t ms = llmgw__duration_ms(text), until, theirs;

    if (ms >= 0 || text.len == 0)
        return ms;
    until = llmgw__date_parse(text.data, text.len);
    if (until == INT64_MIN)
        return -1;
    theirs = date.len ? llmgw__date_parse(date.data, date.len) : INT64_MIN;
    if (theirs != INT64_MIN)
        now_s = theirs;
    return until > now_s && until - now_s < MAX_WAIT_MS / 1000
               ? (until - now_s) * 1000
               : -1;
}

/* Limits that are told with what remains of them: the one that is used up and
 * lasts longest. */
static int64_t from_budgets(const struct llmgw__failure *failure)
{
    static const char *const budgets[][2] = {
        /* remaining, reset */
        {"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
        {"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"},
        {"x-ratelimit-remaining-requests-day",
         "x-ratelimit-reset-requests-day"},
        {"x-ratelimit-remaining-tokens-minute",
         "x-ratelimit-reset-tokens-minute"},
        {"x-ratelimit-remaining", "x-ratelimit-reset"},
        {"anthropic-ratelimit-requests-remaining",
         "anthropic-ratelimit-requests-reset"},
        {"anthropic-ratelimit-tokens-remaining",
         "anthropic-ratelimit-tokens-reset"},
        {"anthropic-ratelimit-input-tokens-remaining",
         "anthropic-ratelimit-input-tokens-reset"},
        {"anthropic-ratelimit-output-tokens-remaining",
         "anthropic-ratelimit-output-tokens-reset"},
    };
    int64_t longest = -1;

    for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
        llmgw_str left = llmgw__http_head_get(failure->head, budgets[i][0]);
        llmgw_str reset = llmgw__http_head_get(failure->head, budgets[i][1]);
        int64_t ms;

        if (!llmgw__str_is(llmgw__str_trim(left), "0") || reset.len == 0)
            continue;
        ms = llmgw__reset_ms(llmgw__str_trim(reset), failure->now_s);
        if (ms > longest)
            longest = ms;
    }
    return longest;
}

int64_t llmgw__reset_ms(llmgw_str text, int64_t now_s)
{
    bool over;

    return llmgw__reset_tell(text, now_s, &over);
}

/* Seconds, an epoch in s or ms, a duration, or a date. */
int64_t llmgw__reset_tell(llmgw_str text, int64_t now_s, bool *over)
{
    struct decimal value;
    int64_t date, ms;
    size_t used;

    *over = false;
    if (text.len == 0)
        return -1;
    used = read_decimal(text, &value);
    date = llmgw__date_parse(text.data, text.len);
    if (used == text.len && value.whole > EPOCH_MS_FROM)
        ms = value.whole + (value.micro > 0) - now_s * 1000;
    else if (used == text.len && value.whole > EPOCH_S_FROM)
        ms = (value.whole - now_s) * 1000 + (value.micro + 999) / 1000;
    else if (date != INT64_MIN && date - now_s < MAX_WAIT_MS / 1000)
        ms = date > now_s ? (date - now_s) * 1000 : 0;
    else if (date != INT64_MIN || read_duration(text, &ms) != text.len)
        return -1;
    *over = ms <= 0;
    return usable(ms);
}

/* --- words --- */

/* A member and the text may both tell, one of them rounded: the longer. */
static int64_t from_body(const struct llmgw__error_facts *facts, bool waits)
{
    int64_t member = usable(facts->retry_ms);
    int64_t text = waits ? from_text(llmgw__str(facts->message)) : -1;

    return member > text ? member : text;
}

/* "Please try again in 7m12.5s." "retry after 24 seconds" */
static int64_t from_text(llmgw_str text)
{
    static const char *const before[] = {"try again in ", "retry in ",
                                         "retry after ", "wait "};

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        llmgw_str words = llmgw__str(before[i]);
        size_t at = llmgw__str_find_nocase(text, words);
        int64_t ms;

        if (at == SIZE_MAX)
            continue;
        at += words.len;
        if (read_duration(llmgw__str_n(text.data + at, text.len - at), &ms) > 0)
            return usable(ms);
    }
    return -1;
}

/* --- numbers --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* @return bytes read; 0: no number, or one beyond measure */
static size_t read_decimal(llmgw_str text, struct decimal *out)
{
    int64_t scale = 100000;
    bool more = false;
    size_t i = 0;

    *out = (struct decimal){0, 0};
    for (; i < text.len && is_digit(text.data[i]); i++) {
        out->whole = out->whole * 10 + (text.data[i] - '0');
        if (out->whole > MAX_WHOLE)
            return 0;
    }
    if (i == 0 || i + 1 >= text.len || text.data[i] != '.' ||
        !is_digit(text.data[i + 1]))
        return i;
    for (i++; i < text.len && is_digit(text.data[i]); i++) {
        out->micro += (text.data[i] - '0') * scale;
        more |= scale == 0 && text.data[i] != '0';
        scale /= 10;
    }
    out->micro += more;
    return i;
}

/* The letters behind a number, a blank between allowed; none: seconds. */
static size_t read_unit(llmgw_str text, int64_t *unit_ms)
{
    static const struct {
        const char *word;
        int64_t ms;
    } units[] = {
        {"ms", 1},          {"milliseconds", 1}, {"s", 1000},
        {"sec", 1000},      {"second", 1000},    {"seconds", 1000},
        {"m", 60000},       {"min", 60000},      {"minute", 60000},
        {"minutes", 60000}, {"h", 3600000},      {"hour", 3600000},
        {"hours", 3600000}, {"d", 86400000},     {"day", 86400000},
        {"days", 86400000},
    };
    size_t blank = text.len && text.data[0] == ' ', len = blank;

    while (len < text.len && text.data[len] >= 'a' && text.data[len] <= 'z')
        len++;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (llmgw__str_is(llmgw__str_n(text.data + blank, len - blank),
                          units[i].word)) {
            *unit_ms = units[i].ms;
            return len;
        }
    *unit_ms = 1000;
    return 0;
}

/* Numbers with units, added up. @return bytes read; 0: none */
static size_t read_duration(llmgw_str text, int64_t *ms)
{
    size_t at = 0;

    *ms = 0;
    while (at < text.len) {
        struct decimal value;
        int64_t unit;
        size_t used =
            read_decimal(llmgw__str_n(text.data + at, text.len - at), &value);

        if (used == 0)
            break;
        at += used;
        used = read_unit(llmgw__str_n(text.data + at, text.len - at), &unit);
        at += used;
        if (value.whole > MAX_WAIT_MS / unit)
            return 0;
        *ms += value.whole * unit + (value.micro * unit + 999999) / 1000000;
        if (used == 0 || *ms > MAX_WAIT_MS)
            break;
    }
    return at;
}
