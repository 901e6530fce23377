/*
 * provider/allowance.c - what an answer's head says is left of rate limits.
 *
 * A header's name is a prefix and words in any order: one says what is told
 * (limit, remaining, reset), the others of which budget. Headers of one budget
 * are put together; of several budgets of requests, or of tokens, the tightest
 * counts.
 *
 *     x-ratelimit-remaining-tokens, anthropic-ratelimit-input-tokens-reset,
 *     x-ratelimit-limit-req-minute, x-ratelimit-remaining, ratelimit-remaining,
 *     x-trial-endpoint-call-remaining, ratelimit: "default";r=50;t=30
 *
 * Source: the services' documentation; draft-ietf-httpapi-ratelimit-headers.
 * Memory: none; at most MAX_BUDGETS are told apart.
 */
#include "allowance.h"

#include <string.h>

#include "base/text.h"
#include "error_facts.h"

#define MAX_BUDGETS 8
#define MAX_COUNT   INT64_C(1000000000000000)

/* What a word of a name tells. */
enum told {
    TOLD_NOTHING,
    TOLD_LIMIT,
    TOLD_LEFT,
    TOLD_RESET
};

struct budget {
    uint64_t key; /* of the words that say which */
    bool tokens;
    struct llmgw__allowed told;
};

struct budgets {
    struct budget all[MAX_BUDGETS];
    size_t count;
};

static void read_header(struct budgets *budgets,
                        const struct llmgw__http_header *header, int64_t now_s);
static void read_draft(struct budgets *budgets, llmgw_str value);

static const struct llmgw__allowed none = {-1, -1, -1};

/* Neither a header of another kind, nor one that most answers have. */
static bool is_of_limits(llmgw_str name)
{
    return llmgw__str_starts(name, "x-ratelimit-") ||
           llmgw__str_starts(name, "anthropic-ratelimit-") ||
           llmgw__str_starts(name, "ratelimit") ||
           llmgw__str_starts(name, "x-trial-endpoint-");
}

static bool is_tighter(const struct llmgw__allowed *one,
                       const struct llmgw__allowed *other)
{
    if (one->left < 0 || other->left < 0)
        return one->left >= 0;
    if (!one->left && !other->left)
        return one->reset_ms > other->reset_ms;
    if (one->limit > 0 && other->limit > 0 && one->limit != other->limit)
        return (double)one->left / (double)one->limit <
               (double)other->left / (double)other->limit;
    return one->left < other->left;
}

void llmgw__allowance_read(const struct llmgw__http_head *head, int64_t now_s,
                           struct llmgw__allowance *out)
{
    struct budgets budgets = {.count = 0};

    out->told = false;
    out->requests = out->tokens = none;
    for (size_t i = 0; i < head->header_count; i++) {
        const struct llmgw__http_header *header = &head->headers[i];

        if (!is_of_limits(header->name))
            continue;
        if (llmgw__str_is(header->name, "ratelimit"))
            read_draft(&budgets, header->value);
        else
            read_header(&budgets, header, now_s);
    }
    for (size_t i = 0; i < budgets.count; i++) {
        const struct budget *budget = &budgets.all[i];
        struct llmgw__allowed *best =
            budget->tokens ? &out->tokens : &out->requests;

        if (is_tighter(&budget->told, best))
            *best = budget->told;
    }
    out->told = out->requests.left >= 0 || out->tokens.left >= 0;
}

/* --- names --- */

static enum told told_by(llmgw_str word)
{
    if (llmgw__str_is(word, "limit"))
        return TOLD_LIMIT;
    if (llmgw__str_is(word, "remaining"))
        return TOLD_LEFT;
    return llmgw__str_is(word, "reset") ? TOLD_RESET : TOLD_NOTHING;
}

static uint64_t mix(uint64_t key, llmgw_str word)
{
    for (size_t i = 0; i < word.len; i++)
        key = (key ^ (unsigned char)word.data[i]) * UINT64_C(1099511628211);
    return key * 31 + 7;
}

/** What a name tells, and of which budget. */
static enum told read_name(llmgw_str name, struct budget *of)
{
    enum told told = TOLD_NOTHING;

    of->key = UINT64_C(14695981039346656037);
    of->tokens = false;
    while (name.len) {
        const char *dash = memchr(name.data, '-', name.len);
        llmgw_str word = llmgw__str_n(
            name.data, dash ? (size_t)(dash - name.data) : name.len);
        enum told by = told_by(word);

        if (by != TOLD_NOTHING && told == TOLD_NOTHING)
            told = by;
        else
            of->key = mix(of->key, word);
        if (llmgw__str_is(word, "tokens"))
            of->tokens = true;
        name.data += word.len + (dash != NULL);
        name.len -= word.len + (dash != NULL);
    }
    return told;
}

static struct budget *find(struct budgets *budgets, const struct budget *of)
{
    for (size_t i = 0; i < budgets->count; i++)
        if (budgets->all[i].key == of->key)
            return &budgets->all[i];
    if (budgets->count == MAX_BUDGETS)
        return NULL;
    budgets->all[budgets->count] = *of;
    budgets->all[budgets->count].told = none;
    return &budgets->all[budgets->count++];
}

/* --- values --- */

/* @return -1: it is no count */
static int64_t read_count(llmgw_str text)
{
    int64_t count = 0;

    if (!text.len)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || count > MAX_COUNT)
            return -1;
        count = count * 10 + (text.data[i] - '0');
    }
    return count;
}

/* One that is over is 0; what is no time, or beyond measure, -1. */
static int64_t read_reset(llmgw_str text, int64_t now_s)
{
    bool over;
    int64_t ms = llmgw__reset_tell(text, now_s, &over);

    return over ? 0 : ms;
}

static void read_header(struct budgets *budgets,
                        const struct llmgw__http_header *header, int64_t now_s)
{
    llmgw_str value = llmgw__str_trim(header->value);
    struct budget of = {.key = 0};
    enum told told = read_name(header->name, &of);
    int64_t number =
        told == TOLD_RESET ? read_reset(value, now_s) : read_count(value);
    struct budget *budget;

    if (told == TOLD_NOTHING || number < 0)
        return;
    budget = find(budgets, &of);
    if (!budget)
        return;
    if (told == TOLD_LIMIT)
        budget->told.limit = number;
    else if (told == TOLD_LEFT)
        budget->told.left = number;
    else
        budget->told.reset_ms = number;
}

/** The number behind `letter=`, among what semicolons part; -1: none */
static int64_t draft_number(llmgw_str item, char letter)
{
    for (size_t i = 0; i + 2 < item.len; i++) {
        size_t from = i + 3, to = from;

        if (item.data[i] != ';' || item.data[i + 1] != letter ||
            item.data[i + 2] != '=')
            continue;
        while (to < item.len && item.data[to] != ';' && item.data[to] != ' ')
            to++;
        return read_count(llmgw__str_n(item.data + from, to - from));
    }
    return -1;
}

/** "name";r=50;t=30, of several, comma-parted, each a budget. */
static void read_draft(struct budgets *budgets, llmgw_str value)
{
    while (value.len) {
        const char *comma = memchr(value.data, ',', value.len);
        llmgw_str item = llmgw__str_n(
            value.data, comma ? (size_t)(comma - value.data) : value.len);
        const char *end = memchr(item.data, ';', item.len);
        struct budget of = {.key = 0};
        int64_t left = draft_number(item, 'r');
        int64_t reset = draft_number(item, 't');
        struct budget *budget;

        of.key = mix(1, llmgw__str_n(item.data, end ? (size_t)(end - item.data)
                                                    : item.len));
        budget = left >= 0 ? find(budgets, &of) : NULL;
        if (budget) {
            budget->told.left = left;
            budget->told.reset_ms =
                reset >= 0 && reset < MAX_COUNT / 1000 ? reset * 1000 : -1;
        }
        value.data += item.len + (comma != NULL);
        value.len -= item.len + (comma != NULL);
    }
}
