/*
 * catalog/bill.c - how a cost was reckoned.
 *
 * A note is a manifest of one row: what of its prices depends on the time and
 * the way it was served is decided, so that the same sum comes out whenever it
 * is asked for. What depends on the prompt's length stays as it is.
 *
 * Memory: none kept; reading a note takes a few KiB.
 */
#include "bill.h"

#include "base/jsonwrite.h"
#include "manifest.h"
#include "terms.h"

#define RATE_DIGITS 6  /* of USD per million tokens */
#define FEE_DIGITS  12 /* of USD */

static void write_tiers(struct llmgw__jsonw *w,
                        const struct llmgw__price *price);
static void write_variants(struct llmgw__jsonw *w,
                           const struct llmgw__terms *terms,
                           const struct llmgw__price_at *at);
static void write_variant(struct llmgw__jsonw *w,
                          const struct llmgw__variant *variant);
static void write_fees(struct llmgw__jsonw *w,
                       const struct llmgw__price *price);
static void write_fee(struct llmgw__jsonw *w, const char *name, int64_t pico);
static void write_rates(struct llmgw__jsonw *w, const int64_t *rates);
static void explain_line(void *userdata, const struct llmgw__price_line *line);
static void explain_multiplier(void *userdata, int64_t before, int64_t num,
                               int64_t den, int64_t after);
static void explain_price(const struct llmgw__price *row,
                          const struct llmgw__usage *usage, const char *version,
                          struct llmgw__buf *out);
static void add_amount(struct llmgw__buf *out, int64_t pico);
static void add_word(struct llmgw__buf *out, const char *before,
                     const char *word);

void llmgw__bill_note(const struct llmgw__price *price,
                      const struct llmgw__price_at *at, const char *version,
                      struct llmgw__buf *out)
{
    struct llmgw__jsonw w;

    llmgw__jsonw_init(&w, out);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "version", version ? version : "");
    llmgw__jsonw_member_open(&w, "models", '[');
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "provider", price->provider);
    llmgw__jsonw_member_z(&w, "model", price->model);
    if (price->free) {
        llmgw__jsonw_member_bool(&w, "free", true);
    } else {
        write_rates(&w, price->rate);
        write_tiers(&w, price);
        if (price->terms)
            write_variants(&w, price->terms, at);
        write_fees(&w, price);
    }
    llmgw__jsonw_member_z(&w, "source", price->source);
    llmgw__jsonw_member_z(&w, "as_of", price->as_of);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, ']');
    llmgw__jsonw_close(&w, '}');
}

static void write_tiers(struct llmgw__jsonw *w,
                        const struct llmgw__price *price)
{
    if (!price->tier_count)
        return;
    llmgw__jsonw_member_open(w, "long", '[');
    for (size_t i = 0; i < price->tier_count; i++) {
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_int(w, "from", price->tiers[i].from);
        write_rates(w, price->tiers[i].rate);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
}

/* Those that apply, without the conditions that they have met. */
static void write_variants(struct llmgw__jsonw *w,
                           const struct llmgw__terms *terms,
                           const struct llmgw__price_at *at)
{
    bool any = false;

    for (size_t i = 0; i < terms->count; i++) {
        if (!llmgw__variant_applies(&terms->variants[i], at))
            continue;
        if (!any)
            llmgw__jsonw_member_open(w, "prices", '[');
        any = true;
        write_variant(w, &terms->variants[i]);
    }
    if (any)
        llmgw__jsonw_close(w, ']');
}

static void write_variant(struct llmgw__jsonw *w,
                          const struct llmgw__variant *variant)
{
    llmgw__jsonw_open(w, '{');
    if (variant->prompt_from > 0) {
        llmgw__jsonw_member_int(w, "min_prompt_tokens", variant->prompt_from);
        llmgw__jsonw_member_bool(w, "inclusive", true);
    }
    if (variant->marginal)
        llmgw__jsonw_member_bool(w, "marginal", true);
    write_rates(w, variant->rate);
    if (variant->den) {
        llmgw__jsonw_key(w, "multiply");
        llmgw__jsonw_str_open(w);
        llmgw__buf_add_int(w->buf, variant->num);
        llmgw__buf_add_char(w->buf, '/');
        llmgw__buf_add_int(w->buf, variant->den);
        llmgw__jsonw_str_close(w);
    }
    llmgw__jsonw_close(w, '}');
}

static void write_fees(struct llmgw__jsonw *w, const struct llmgw__price *price)
{
    const struct llmgw__terms *terms = price->terms;

    llmgw__jsonw_member_open(w, "fees", '{');
    write_fee(w, "request", price->per_request);
    write_fee(w, llmgw__usage_tool_name(LLMGW__TOOL_WEB_SEARCH),
              price->per_search);
    if (terms && terms->search_once)
        llmgw__jsonw_member_z(w, "web_search_unit", "request");
    for (int tool = LLMGW__TOOL_WEB_FETCH; terms && tool < LLMGW__USAGE_TOOLS;
         tool++)
        write_fee(w, llmgw__usage_tool_name(tool), terms->fee[tool]);
    llmgw__jsonw_close(w, '}');
}

static void write_fee(struct llmgw__jsonw *w, const char *name, int64_t pico)
{
    char text[LLMGW__AMOUNT_TEXT];

    if (pico == LLMGW__PRICE_UNKNOWN)
        return;
    llmgw__amount_text(pico, FEE_DIGITS, text);
    llmgw__jsonw_member_z(w, name, text);
}

static void write_rates(struct llmgw__jsonw *w, const int64_t *rates)
{
    char text[LLMGW__AMOUNT_TEXT];

    llmgw__jsonw_member_open(w, "rates", '{');
    for (int rate = 0; rate < LLMGW__RATES; rate++)
        if (rates[rate] != LLMGW__PRICE_UNKNOWN) {
            llmgw__amount_text(rates[rate], RATE_DIGITS, text);
            llmgw__jsonw_member_z(w, llmgw__rate_names[rate], text);
        }
    llmgw__jsonw_close(w, '}');
}

/* --- the same again --- */

struct llmgw__cost llmgw__bill_cost(llmgw_str note,
                                    const struct llmgw__usage *usage)
{
    struct llmgw__price_at at = llmgw__price_at_of(0, usage);
    struct llmgw__json_fault fault = {.nomem = false};
    struct llmgw__cost cost = {0, false};
    struct llmgw__manifest manifest;

    if (llmgw__manifest_load(&manifest, note, &fault) != LLMGW_OK)
        return cost;
    if (manifest.count == 1)
        cost = llmgw__price_cost(manifest.rows, &at, usage);
    llmgw__manifest_clear(&manifest);
    return cost;
}

/* --- in words --- */

llmgw_status llmgw__bill_explain(llmgw_str note,
                                 const struct llmgw__usage *usage,
                                 struct llmgw__buf *out)
{
    struct llmgw__price_at at = llmgw__price_at_of(0, usage);
    struct llmgw__price_watch watch = {explain_line, explain_multiplier, out};
    struct llmgw__json_fault fault = {.nomem = false};
    struct llmgw__manifest manifest;
    struct llmgw__cost cost;
    llmgw_status status = LLMGW_E_CONFIG;

    if (note.len)
        status = llmgw__manifest_load(&manifest, note, &fault);
    if (status == LLMGW_E_NOMEM)
        return status;
    if (status != LLMGW_OK || manifest.count != 1) {
        llmgw__buf_add_z(out, "total unknown\nprice unknown\n");
    } else {
        cost = llmgw__price_reckon(manifest.rows, &at, usage, &watch);
        llmgw__buf_add_z(out, "total ");
        add_amount(out, cost.known ? cost.pico : LLMGW__PRICE_UNKNOWN);
        llmgw__buf_add_char(out, '\n');
        explain_price(manifest.rows, usage, manifest.version, out);
    }
    if (status == LLMGW_OK)
        llmgw__manifest_clear(&manifest);
    return out->status;
}

/* "input_cached 8000 x 0.2 USD/M = 0.0016 USD" */
static void explain_line(void *userdata, const struct llmgw__price_line *line)
{
    struct llmgw__buf *out = userdata;
    int64_t product = LLMGW__PRICE_UNKNOWN;
    char text[LLMGW__AMOUNT_TEXT] = "unknown";

    if (line->each != LLMGW__PRICE_UNKNOWN) {
        llmgw__amount_text(line->each, line->fee ? FEE_DIGITS : RATE_DIGITS,
                           text);
        if (!line->each || line->count <= INT64_MAX / line->each)
            product = line->count * line->each;
    }
    llmgw__buf_add_z(out, line->name);
    llmgw__buf_add_char(out, ' ');
    llmgw__buf_add_int(out, line->count);
    add_word(out, " x ", text);
    if (line->each != LLMGW__PRICE_UNKNOWN)
        llmgw__buf_add_z(out, line->fee ? " USD" : " USD/M");
    llmgw__buf_add_z(out, " = ");
    add_amount(out, product);
    llmgw__buf_add_char(out, '\n');
}

/* "tokens 0.0016 USD x 11/10 = 0.00176 USD" */
static void explain_multiplier(void *userdata, int64_t before, int64_t num,
                               int64_t den, int64_t after)
{
    struct llmgw__buf *out = userdata;

    llmgw__buf_add_z(out, "tokens ");
    add_amount(out, before);
    llmgw__buf_add_z(out, " x ");
    llmgw__buf_add_int(out, num);
    llmgw__buf_add_char(out, '/');
    llmgw__buf_add_int(out, den);
    llmgw__buf_add_z(out, " = ");
    add_amount(out, after);
    llmgw__buf_add_char(out, '\n');
}

static void explain_price(const struct llmgw__price *row,
                          const struct llmgw__usage *usage, const char *version,
                          struct llmgw__buf *out)
{
    int64_t prompt = llmgw__usage_prompt(usage);
    size_t i = row->tier_count;

    add_word(out, "price ", row->provider);
    add_word(out, "/", row->model);
    if (row->free)
        llmgw__buf_add_z(out, ", free");
    while (i > 0 && row->tiers[i - 1].from > prompt)
        i--;
    if (i > 0) {
        llmgw__buf_add_z(out, ", prompts from ");
        llmgw__buf_add_int(out, row->tiers[i - 1].from);
        llmgw__buf_add_z(out, " tokens");
    }
    if (usage->service_tier && usage->service_tier < LLMGW__SERVICE_TIERS)
        add_word(out, ", served as ",
                 llmgw__service_tier_name(usage->service_tier));
    if (usage->regional)
        llmgw__buf_add_z(out, ", kept in a region");
    add_word(out, "\nmanifest ", version[0] ? version : "of no version");
    if (row->source[0])
        add_word(out, "; ", row->source);
    if (row->as_of[0])
        add_word(out, "; ", row->as_of);
    llmgw__buf_add_char(out, '\n');
}

static void add_amount(struct llmgw__buf *out, int64_t pico)
{
    char text[LLMGW__AMOUNT_TEXT];

    if (pico == LLMGW__PRICE_UNKNOWN) {
        llmgw__buf_add_z(out, "unknown");
        return;
    }
    llmgw__amount_text(pico, FEE_DIGITS, text);
    add_word(out, text, " USD");
}

/* What others wrote may have any bytes: only those of ASCII are shown. */
static void add_word(struct llmgw__buf *out, const char *before,
                     const char *word)
{
    llmgw__buf_add_z(out, before);
    for (; *word; word++)
        llmgw__buf_add_char(out, *word >= ' ' && *word <= '~' ? *word : '?');
}
