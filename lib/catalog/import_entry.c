/*
 * catalog/import_entry.c - read one model of a price list by the tables of
 * its format.
 *
 * A price that makes no sense refuses its model; a limit that is none is not
 * known. Source: as formats.c. Memory: none.
 */
#include <string.h>

#include "base/text.h"
#include "import.h"

#define MAX_TOKENS INT64_C(2147483647)
#define MAX_RATE   INT64_C(10000000000) /* 10000 USD a million, pico-USD each */
#define FEE_POWER  12                   /* USD to pico-USD */
#define MAX_FEE    INT64_C(1000000000000000) /* 1000 USD */

static void read_members(struct llmgw__entry *entry, uint32_t object,
                         const struct llmgw__member *table);
static void read_member(struct llmgw__entry *entry, uint32_t node,
                        const struct llmgw__member *member);
static void read_price(struct llmgw__entry *entry, uint32_t node,
                       const struct llmgw__member *member);
static void read_amount(struct llmgw__entry *entry, uint32_t node, int power,
                        int64_t *out);
static void read_tokens(const struct llmgw__entry *entry, uint32_t node,
                        int64_t *out);
static void read_flag(struct llmgw__entry *entry, uint32_t node, int bit);
static void read_words(struct llmgw__entry *entry, uint32_t list,
                       const struct llmgw__member *table);
static void read_tiers(struct llmgw__entry *entry, uint32_t list,
                       const struct llmgw__member *member);
static void read_tier(struct llmgw__entry *entry, uint32_t node,
                      const struct llmgw__member *member, int64_t above);
static void read_condition(struct llmgw__entry *entry, uint32_t node,
                           const struct llmgw__member *member);
static void read_hours(struct llmgw__entry *entry, uint32_t node);
static void take_hours(struct llmgw__entry *entry, llmgw_str text);
static bool join_hours(struct llmgw__entry *entry);
static void read_multiplier(struct llmgw__entry *entry, uint32_t node);
static struct llmgw__variant *find_variant(struct llmgw__entry *entry,
                                           const struct llmgw__variant *like);
static uint8_t cut_service(llmgw_str *key);
static void read_suffixed(struct llmgw__entry *entry, uint32_t node,
                          llmgw_str key, const struct llmgw__member *table);
static bool cut_above(llmgw_str *key, int64_t *above);
static const struct llmgw__member *
find_member(const struct llmgw__member *table, struct llmgw__jstr name);
static int64_t *tier_rates(struct llmgw__entry *entry, int64_t above);
static void take_known(int64_t *to, const int64_t *from);
static bool any_known(const int64_t *rates);

void llmgw__entry_read(struct llmgw__entry *entry, uint32_t node)
{
    llmgw__rates_unknown(entry->row->rate);
    entry->row->per_request = LLMGW__PRICE_UNKNOWN;
    entry->row->per_search = LLMGW__PRICE_UNKNOWN;
    entry->row->tiers = entry->tiers;
    entry->rates = entry->row->rate;
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        entry->terms.fee[tool] = LLMGW__PRICE_UNKNOWN;
    read_members(entry, node, entry->format->members);
    llmgw__variants_sort(entry->variants, entry->terms.count);
    entry->terms.variants = entry->variants;
    if (entry->terms.count || entry->terms.search_once)
        entry->row->terms = &entry->terms;
}

bool llmgw__entry_useful(const struct llmgw__entry *entry)
{
    const struct llmgw__price *row = entry->row;

    return any_known(row->rate) || row->tier_count > 0 ||
           row->per_request != LLMGW__PRICE_UNKNOWN ||
           row->per_search != LLMGW__PRICE_UNKNOWN || row->context_window ||
           row->max_output || row->can || row->cannot;
}

static void read_members(struct llmgw__entry *entry, uint32_t object,
                         const struct llmgw__member *table)
{
    const struct llmgw__jdoc *doc = entry->doc;
    uint32_t key;

    if (llmgw__jdoc_type(doc, object) != LLMGW__JSON_OBJECT)
        return;
    for (key = llmgw__jdoc_first(doc, object); key != LLMGW__JNONE;) {
        uint32_t value = llmgw__jdoc_next(doc, object, key);
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        const struct llmgw__member *member = find_member(table, name);

        if (!entry->wrong)
            entry->where = llmgw__str_n(name.data, name.len);
        if (member)
            read_member(entry, value, member);
        else if (entry->format->above)
            read_suffixed(entry, value, llmgw__str_n(name.data, name.len),
                          table);
        key = llmgw__jdoc_next(doc, object, value);
    }
}

static void read_member(struct llmgw__entry *entry, uint32_t node,
                        const struct llmgw__member *member)
{
    switch ((enum llmgw__member_kind)member->kind) {
    case LLMGW__MEMBER_RATE:
    case LLMGW__MEMBER_REQUEST:
    case LLMGW__MEMBER_SEARCH:
        read_price(entry, node, member);
        break;
    case LLMGW__MEMBER_CONTEXT:
        read_tokens(entry, node, &entry->row->context_window);
        break;
    case LLMGW__MEMBER_OUTPUT:
        read_tokens(entry, node, &entry->row->max_output);
        break;
    case LLMGW__MEMBER_CAN:
        read_flag(entry, node, member->place);
        break;
    case LLMGW__MEMBER_WORDS:
        read_words(entry, node, member->inside);
        break;
    case LLMGW__MEMBER_OBJECT:
        read_members(entry, node, member->inside);
        break;
    case LLMGW__MEMBER_TIERS:
        read_tiers(entry, node, member);
        break;
    case LLMGW__MEMBER_TIER:
        read_tier(entry, node, member, member->place * INT64_C(1000));
        break;
    case LLMGW__MEMBER_RANGE:
        node = llmgw__jdoc_first(entry->doc, node);
        read_tokens(entry, node, &entry->above);
        break;
    case LLMGW__MEMBER_ABOVE:
        read_tokens(entry, node, &entry->above);
        break;
    default:
        read_condition(entry, node, member);
    }
}

/* What a price depends on. */
static void read_condition(struct llmgw__entry *entry, uint32_t node,
                           const struct llmgw__member *member)
{
    struct llmgw__jstr word;

    switch ((enum llmgw__member_kind)member->kind) {
    case LLMGW__MEMBER_SERVICE:
        read_tier(entry, node, member, -1);
        break;
    case LLMGW__MEMBER_HOURS:
        read_hours(entry, node);
        break;
    case LLMGW__MEMBER_START:
        if (!llmgw__jdoc_int64(entry->doc, node, &entry->start))
            entry->window = true;
        break;
    case LLMGW__MEMBER_END:
        if (!llmgw__jdoc_int64(entry->doc, node, &entry->end))
            entry->window = true;
        break;
    case LLMGW__MEMBER_REGION:
        read_multiplier(entry, node);
        break;
    case LLMGW__MEMBER_UNIT:
        word = llmgw__jdoc_string(entry->doc, node);
        entry->terms.search_once = llmgw__jstr_is(word, "per_prompt");
        break;
    default:
        entry->window = true;
    }
}

static void read_price(struct llmgw__entry *entry, uint32_t node,
                       const struct llmgw__member *member)
{
    if (member->kind == LLMGW__MEMBER_RATE)
        read_amount(entry, node, entry->format->power,
                    &entry->rates[member->place]);
    else if (member->kind == LLMGW__MEMBER_REQUEST)
        read_amount(entry, node, FEE_POWER, &entry->row->per_request);
    else
        read_amount(entry, node, FEE_POWER, &entry->row->per_search);
}

/* A number, or a string with one; null and -1 are nobody's word, and what is
 * told twice is what it was first. */
static void read_amount(struct llmgw__entry *entry, uint32_t node, int power,
                        int64_t *out)
{
    struct llmgw__jstr inside = llmgw__jdoc_string(entry->doc, node);
    llmgw_str text = inside.data ? llmgw__str_n(inside.data, inside.len)
                                 : llmgw__jdoc_raw(entry->doc, node);
    int64_t most =
        out == &entry->row->per_request || out == &entry->row->per_search
            ? MAX_FEE
            : MAX_RATE;
    int64_t value = 0;
    int64_t whole = 0;

    if (llmgw__jdoc_type(entry->doc, node) == LLMGW__JSON_NULL ||
        (llmgw__number_int64(text, &whole) && whole == -1) || entry->wrong)
        return;
    if (!llmgw__number_scaled(text, power, &value) || value > most)
        entry->wrong = "is no number, or beyond any price";
    else if (value < 0)
        entry->wrong = "is negative";
    else if (*out == LLMGW__PRICE_UNKNOWN)
        *out = value;
}

static void read_tokens(const struct llmgw__entry *entry, uint32_t node,
                        int64_t *out)
{
    int64_t value = -1;

    if (llmgw__jdoc_int64(entry->doc, node, &value) && value >= 0 &&
        value <= MAX_TOKENS)
        *out = value;
}

static void read_flag(struct llmgw__entry *entry, uint32_t node, int bit)
{
    bool can = false;

    if (!llmgw__jdoc_bool(entry->doc, node, &can))
        return;
    if (can)
        entry->row->can |= (uint8_t)bit;
    else
        entry->row->cannot |= (uint8_t)bit;
}

/* A word that is missing may only not have been thought of. */
static void read_words(struct llmgw__entry *entry, uint32_t list,
                       const struct llmgw__member *table)
{
    uint32_t word = LLMGW__JNONE;

    if (llmgw__jdoc_type(entry->doc, list) == LLMGW__JSON_ARRAY)
        word = llmgw__jdoc_first(entry->doc, list);
    for (; word != LLMGW__JNONE;
         word = llmgw__jdoc_next(entry->doc, list, word)) {
        const struct llmgw__member *member =
            find_member(table, llmgw__jdoc_string(entry->doc, word));

        if (member)
            entry->row->can |= member->place;
    }
}

/* --- tiers of long prompts --- */

static void read_tiers(struct llmgw__entry *entry, uint32_t list,
                       const struct llmgw__member *member)
{
    uint32_t tier = LLMGW__JNONE;

    if (llmgw__jdoc_type(entry->doc, list) == LLMGW__JSON_ARRAY)
        tier = llmgw__jdoc_first(entry->doc, list);
    for (; tier != LLMGW__JNONE;
         tier = llmgw__jdoc_next(entry->doc, list, tier))
        read_tier(entry, tier, member, -1);
}

/* `above` -1: its members tell. One past nothing is no tier but the prices;
 * one under conditions is a variant. */
static void read_tier(struct llmgw__entry *entry, uint32_t node,
                      const struct llmgw__member *member, int64_t above)
{
    struct llmgw__entry outer = {.rates = entry->rates,
                                 .above = entry->above,
                                 .now = entry->now,
                                 .window = entry->window};
    struct llmgw__variant now;

    llmgw__variant_init(&now);
    if (member->kind == LLMGW__MEMBER_SERVICE)
        now.service_tier = member->place;
    entry->rates = now.rate;
    entry->above = above;
    entry->now = &now;
    entry->start = entry->end = -1;
    entry->window = false;
    read_members(entry, node, member->inside);
    if (join_hours(entry) && any_known(now.rate)) {
        if (entry->above > 0)
            now.prompt_from = entry->above + !entry->from;
        if (now.hours_count || now.service_tier)
            take_known(find_variant(entry, &now)->rate, now.rate);
        else if (entry->above >= 0)
            take_known(tier_rates(entry, entry->above), now.rate);
    }
    entry->rates = outer.rates;
    entry->above = outer.above;
    entry->now = outer.now;
    entry->window = outer.window;
}

/* A rate whose name says past which prompt, or for which way of serving. */
static void read_suffixed(struct llmgw__entry *entry, uint32_t node,
                          llmgw_str key, const struct llmgw__member *table)
{
    uint8_t service = cut_service(&key);
    int64_t above = 0;
    bool longer = cut_above(&key, &above);
    struct llmgw__jstr name = {0};
    const struct llmgw__member *member;
    struct llmgw__variant now;

    if (!service && !longer)
        return;
    name.data = key.data;
    name.len = (uint32_t)key.len; /* of a document */
    member = find_member(table, name);
    if (!member || member->kind != LLMGW__MEMBER_RATE)
        return;
    llmgw__variant_init(&now);
    read_amount(entry, node, entry->format->power, &now.rate[member->place]);
    now.service_tier = service;
    if (longer && above > 0)
        now.prompt_from = above + !entry->from;
    if (any_known(now.rate))
        take_known(service ? find_variant(entry, &now)->rate
                           : tier_rates(entry, above),
                   now.rate);
}

/* "X_flex": X; 0: there is no such end */
static uint8_t cut_service(llmgw_str *key)
{
    static const struct {
        const char *end;
        uint8_t tier;
    } ends[] = {{"_flex", LLMGW__SERVICE_FLEX},
                {"_priority", LLMGW__SERVICE_PRIORITY},
                {"_batches", LLMGW__SERVICE_BATCH}};

    for (size_t i = 0; key->data && i < sizeof ends / sizeof *ends; i++)
        if (llmgw__str_ends(*key, ends[i].end)) {
            key->len -= strlen(ends[i].end);
            return ends[i].tier;
        }
    return LLMGW__SERVICE_UNKNOWN;
}

/* The one under the same conditions, made where it is not there; one more than
 * there may be is left out, which the model is refused for. */
static struct llmgw__variant *find_variant(struct llmgw__entry *entry,
                                           const struct llmgw__variant *like)
{
    struct llmgw__variant *at = entry->variants;

    for (; at < entry->variants + entry->terms.count; at++)
        if (at->prompt_from == like->prompt_from &&
            at->service_tier == like->service_tier &&
            at->regional == like->regional &&
            !memcmp(at->hours, like->hours, sizeof at->hours))
            return at;
    if (entry->terms.count == LLMGW__ENTRY_VARIANTS) {
        entry->wrong = "has more than 16 prices";
        return entry->variants;
    }
    *at = *like;
    entry->terms.count++;
    return at;
}

static void read_hours(struct llmgw__entry *entry, uint32_t node)
{
    const struct llmgw__jdoc *doc = entry->doc;
    struct llmgw__jstr text = llmgw__jdoc_string(doc, node);

    if (llmgw__jdoc_type(doc, node) != LLMGW__JSON_ARRAY) {
        take_hours(entry, llmgw__str_n(text.data, text.len));
        return;
    }
    for (uint32_t item = llmgw__jdoc_first(doc, node); item != LLMGW__JNONE;
         item = llmgw__jdoc_next(doc, node, item)) {
        text = llmgw__jdoc_string(doc, item);
        take_hours(entry, llmgw__str_n(text.data, text.len));
    }
}

static void take_hours(struct llmgw__entry *entry, llmgw_str text)
{
    struct llmgw__variant *now = entry->now;

    if (!now || now->hours_count == LLMGW__HOURS ||
        !llmgw__hours_parse(text, &now->hours[now->hours_count]))
        entry->window = true;
    else
        now->hours_count++;
}

/* false: conditions that cannot be read: it is nobody's price */
static bool join_hours(struct llmgw__entry *entry)
{
    struct llmgw__hours *hours = &entry->now->hours[0];

    if (entry->start < 0 && entry->end < 0)
        return !entry->window;
    if (entry->start < 0 || entry->end < 0 || entry->start == entry->end ||
        entry->start % 100 > 59 || entry->end % 100 > 59 ||
        entry->start >= 2400 || entry->end > 2400)
        return false;
    hours->begin = (uint16_t)(entry->start / 100 * 60 + entry->start % 100);
    hours->end = (uint16_t)(entry->end / 100 * 60 + entry->end % 100);
    entry->now->hours_count = 1;
    return !entry->window;
}

/* Four digits behind the point; the first one that is told counts. */
static void read_multiplier(struct llmgw__entry *entry, uint32_t node)
{
    struct llmgw__variant regional;
    int64_t value = 0;

    if (!llmgw__number_scaled(llmgw__jdoc_raw(entry->doc, node), 4, &value) ||
        value <= 0 || value > LLMGW__MULTIPLIER || value == 10000)
        return;
    llmgw__variant_init(&regional);
    regional.regional = true;
    regional.num = (uint32_t)value;
    regional.den = 10000;
    (void)find_variant(entry, &regional);
}

/* "X_above_200k_tokens": X and 200000 */
static bool cut_above(llmgw_str *key, int64_t *above)
{
    static const char front[] = "_above_";
    static const char back[] = "k_tokens";
    llmgw_str text = *key;
    llmgw_str digits;
    size_t at;

    if (!text.data || !llmgw__str_ends(text, back))
        return false;
    text.len -= sizeof back - 1;
    for (at = text.len;
         at > 0 && text.data[at - 1] >= '0' && text.data[at - 1] <= '9';)
        at--;
    digits = llmgw__str_n(text.data + at, text.len - at);
    text.len = at;
    if (!llmgw__str_ends(text, front) || !llmgw__str_int64(digits, above) ||
        *above > MAX_TOKENS / 1000)
        return false;
    *above *= 1000;
    key->len = text.len - (sizeof front - 1);
    return true;
}

/* The rates of the tier past so many tokens, made where it is not there; one
 * more than there may be is left out, which the model is refused for. */
static int64_t *tier_rates(struct llmgw__entry *entry, int64_t above)
{
    int64_t from = above + !entry->from;
    size_t count = entry->row->tier_count;
    size_t at = 0;

    if (above == 0)
        return entry->row->rate;
    while (at < count && entry->tiers[at].from < from)
        at++;
    if (at < count && entry->tiers[at].from == from)
        return entry->tiers[at].rate;
    if (count == LLMGW__ENTRY_TIERS) {
        entry->wrong = "has more than 16 tiers";
        return entry->tiers[0].rate;
    }
    memmove(&entry->tiers[at + 1], &entry->tiers[at],
            (count - at) * sizeof *entry->tiers);
    entry->tiers[at].from = from;
    llmgw__rates_unknown(entry->tiers[at].rate);
    entry->row->tier_count++;
    return entry->tiers[at].rate;
}

/* --- small things --- */

static const struct llmgw__member *
find_member(const struct llmgw__member *table, struct llmgw__jstr name)
{
    for (; name.data && table->name; table++)
        if (llmgw__jstr_is(name, table->name))
            return table;
    return NULL;
}

static void take_known(int64_t *to, const int64_t *from)
{
    for (int rate = 0; rate < LLMGW__RATES; rate++)
        if (to[rate] == LLMGW__PRICE_UNKNOWN)
            to[rate] = from[rate];
}

static bool any_known(const int64_t *rates)
{
    for (int rate = 0; rate < LLMGW__RATES; rate++)
        if (rates[rate] != LLMGW__PRICE_UNKNOWN)
            return true;
    return false;
}
