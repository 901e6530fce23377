/*
 * api/estimate.c - what a request will cost, told before it is sent: a call is
 * prepared as llmgw_chat() does it, and discarded.
 *
 * Memory: that of a call with no attempts, until it returns.
 */
#include "account/estimate.h"

#include <llmgw/estimate.h>

#include "call/kind.h"
#include "call/prepare.h"
#include "catalog/manifest.h"
#include "catalog/terms.h"
#include "gateway.h"
#include "request.h"

/** Texts that are made for one candidate. */
struct told {
    struct llmgw__buf row, tier;
};

static llmgw_status prepare(struct llmgw_loop *loop,
                            const llmgw_request *request,
                            const llmgw_chat_options *options,
                            struct llmgw_call **out,
                            struct llmgw__error *error);
static llmgw_status tell_all(struct llmgw_call *call, llmgw_estimate_fn fn,
                             void *userdata);

llmgw_status llmgw_estimate(llmgw_gateway *gateway,
                            const llmgw_request *request,
                            const llmgw_chat_options *options,
                            llmgw_estimate_fn fn, void *userdata,
                            llmgw_error **error)
{
    llmgw_chat_options taken = LLMGW_CHAT_OPTIONS_INIT;
    struct llmgw_loop *loop;
    struct llmgw_call *call = NULL;
    struct llmgw__error why;
    llmgw_status status;

    if (error)
        *error = NULL;
    if (!gateway || !request || !fn)
        return LLMGW_E_INVALID;
    if (llmgw__guard_inside())
        return LLMGW_E_REENTRANT;
    if (llmgw__birth_forked(&gateway->birth))
        return LLMGW_E_FORKED;
    llmgw__error_clear(&why);
    status = llmgw__take_options(&taken, sizeof taken, options);
    if (status == LLMGW_OK)
        status = llmgw__gateway_borrow(gateway, &loop);
    if (status != LLMGW_OK)
        return status;
    status = prepare(loop, request, &taken, &call, &why);
    if (status == LLMGW_OK)
        status = tell_all(call, fn, userdata);
    else if (status == LLMGW_E_INVALID)
        llmgw__gateway_tell(error, &why);
    if (call)
        llmgw__call_discard(call);
    llmgw__gateway_give_back(gateway, loop);
    return status;
}

static llmgw_status prepare(struct llmgw_loop *loop,
                            const llmgw_request *request,
                            const llmgw_chat_options *options,
                            struct llmgw_call **out, struct llmgw__error *error)
{
    struct llmgw__call_setup setup = {
        .kind = &llmgw__kind_chat,
        .driver = &loop->driver,
        .options = options,
    };
    llmgw_status status;

    if (!llmgw__tags_valid(options->tags))
        return LLMGW_E_INVALID;
    status = llmgw__request_bytes(request, &setup.request);
    setup.catalog = llmgw__gateway_catalog(loop->gateway);
    if (status == LLMGW_OK && !setup.catalog)
        status = LLMGW_E_CLOSED;
    if (status == LLMGW_OK)
        status = llmgw__call_draft(&setup, out);
    if (status == LLMGW_OK)
        status = llmgw__call_prepare(*out, error);
    if (setup.catalog)
        llmgw__catalog_drop(setup.catalog);
    llmgw__bytes_drop(setup.request);
    return status;
}

static void tell_guess(const struct llmgw__guess *guess, llmgw_guess *out)
{
    out->prompt_tokens = guess->prompt_tokens;
    out->completion_tokens = guess->completion_tokens;
    out->pico_usd = guess->cost.known ? guess->cost.pico : -1;
}

/** Of what length the prompt is at least. */
static void write_from(struct llmgw__buf *out, int64_t tokens)
{
    llmgw__buf_add_z(out, ", from ");
    llmgw__buf_add_int(out, tokens);
    llmgw__buf_add_z(out, " tokens");
}

static void write_variant(struct llmgw__buf *out,
                          const struct llmgw__variant *variant)
{
    if (variant->hours_count || variant->days != LLMGW__ALL_DAYS)
        llmgw__buf_add_z(out, ", at this hour");
    if (variant->from || variant->until != LLMGW__DATE_NONE)
        llmgw__buf_add_z(out, ", at this date");
    if (variant->prompt_from)
        write_from(out, variant->prompt_from);
}

/** How it is asked to be served, and what else makes the price another, for a
 *  prompt as it is expected. */
static void write_tier(struct llmgw__buf *out, const struct llmgw_call *call,
                       const struct llmgw__price *price, int64_t prompt_tokens)
{
    const struct llmgw__price_at at = {.wall_ns = call->started_wall_ns,
                                       .service_tier = call->bulk.service_tier};
    const char *name = llmgw__service_tier_name(call->bulk.service_tier);
    const struct llmgw__terms *terms = price->terms;
    size_t i = price->tier_count;

    llmgw__buf_add_z(out, name ? name : "standard");
    while (i > 0 && price->tiers[i - 1].from > prompt_tokens)
        i--;
    if (i > 0)
        write_from(out, price->tiers[i - 1].from);
    for (i = 0; terms && i < terms->count; i++)
        if (terms->variants[i].prompt_from <= prompt_tokens &&
            llmgw__variant_applies(&terms->variants[i], &at))
            write_variant(out, &terms->variants[i]);
}

/** @return what the host says: 0 to go on */
static int32_t tell_one(struct llmgw_call *call,
                        const struct llmgw__candidate *candidate,
                        struct told *told, llmgw_estimate_fn fn, void *userdata)
{
    const struct llmgw__price *price = candidate->target->price;
    struct llmgw__estimate estimate;
    llmgw_estimate_info info = {
        .size = sizeof info,
        .usable = candidate->usable,
        .target = llmgw__str(candidate->target->id),
        .reason = llmgw__str(candidate->reason),
    };

    llmgw__estimate_make(&call->core->ratios, candidate->target, &call->bulk, 0,
                         call->started_wall_ns, &estimate);
    tell_guess(&estimate.least, &info.least);
    tell_guess(&estimate.expected, &info.expected);
    tell_guess(&estimate.most, &info.most);
    llmgw__buf_reset(&told->row);
    llmgw__buf_reset(&told->tier);
    if (price) {
        llmgw__buf_add_z(&told->row, price->provider);
        llmgw__buf_add_z(&told->row, "/");
        llmgw__buf_add_z(&told->row, price->model);
        write_tier(&told->tier, call, price, estimate.expected.prompt_tokens);
        info.row = llmgw__buf_str(&told->row);
        info.tier = llmgw__buf_str(&told->tier);
        info.manifest = llmgw__str(call->catalog->manifest.version);
    }
    if (told->row.status != LLMGW_OK || told->tier.status != LLMGW_OK)
        return -1;
    return fn(&info, userdata);
}

static llmgw_status tell_all(struct llmgw_call *call, llmgw_estimate_fn fn,
                             void *userdata)
{
    struct told told;
    bool failed;
    int32_t stop = 0;

    llmgw__buf_init(&told.row, 0);
    llmgw__buf_init(&told.tier, 0);
    for (size_t i = 0; i < call->plan.count && !stop; i++)
        stop = tell_one(call, &call->plan.candidates[i], &told, fn, userdata);
    failed = told.row.status != LLMGW_OK || told.tier.status != LLMGW_OK;
    llmgw__buf_clear(&told.row);
    llmgw__buf_clear(&told.tier);
    return failed ? LLMGW_E_NOMEM : LLMGW_OK;
}
