/*
 * call/model_list.c - the list of models as a kind of call: every provider is
 * asked, page by page, and those that fail end nothing.
 *
 * Memory: the names of all models, bounded; the body of one page.
 */
#include "model_list.h"

#include "kind.h"
#include "provider/endpoints.h"

#define MAX_PAGES 64 /* of one provider */

static llmgw_status start_list(struct llmgw_call *call,
                               struct llmgw__error *error);
static llmgw_status ask_all(struct llmgw_call *call,
                            struct llmgw__error *error);
static llmgw_status encode_page(struct llmgw_attempt *attempt,
                                struct llmgw__encode *encode);
static llmgw_status take_chunk(void *userdata,
                               const struct llmgw__chunk *chunk);
static llmgw_status take_page(struct llmgw_attempt *attempt, llmgw_str body);
static llmgw_status take_model(void *userdata,
                               const struct llmgw__model *model);
static llmgw_status refuse_record(struct llmgw_attempt *attempt,
                                  const struct llmgw__frame *frame);
static llmgw_status end_page(struct llmgw_attempt *attempt);
static const char *fault_of(const struct llmgw_attempt *attempt);
static bool is_whole(struct llmgw_call *call);
static void clear(struct llmgw_call *call);

const struct llmgw__kind llmgw__kind_models = {
    .every = true,
    .free = true,
    .parse = start_list,
    .resolve = ask_all,
    .encode = encode_page,
    .chunk = take_chunk,
    .document = take_page,
    .frame = refuse_record,
    .end = end_page,
    .fault = fault_of,
    .whole = is_whole,
    .clear = clear,
};

/** There is no request. */
static llmgw_status start_list(struct llmgw_call *call,
                               struct llmgw__error *error)
{
    struct llmgw_model_list *models =
        llmgw__arena_zalloc(&call->arena, sizeof *models);

    (void)error;
    call->chat.extension = LLMGW__JNONE;
    if (!models)
        return LLMGW_E_NOMEM;
    call->models = models;
    models->call = call;
    models->catalog = call->catalog;
    llmgw__buf_init(&models->json, 0);
    llmgw__models_init(&models->list, call->catalog->max_response);
    return LLMGW_OK;
}

/** A route of all providers: a target of each, of no model. */
static llmgw_status ask_all(struct llmgw_call *call, struct llmgw__error *error)
{
    const struct llmgw__catalog *catalog = call->catalog;
    struct llmgw__route *route =
        llmgw__arena_zalloc(&call->arena, sizeof *route);
    struct llmgw__target *targets = llmgw__arena_array(
        &call->arena, catalog->provider_count, sizeof *targets);

    (void)error;
    if (!route || !targets)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < catalog->provider_count; i++) {
        targets[i].provider = &catalog->providers[i];
        targets[i].model = "";
        targets[i].id = catalog->providers[i].name;
    }
    route->name = "";
    route->targets = targets;
    route->target_count = catalog->provider_count;
    call->route = route;
    return LLMGW_OK;
}

static llmgw_status encode_page(struct llmgw_attempt *attempt,
                                struct llmgw__encode *encode)
{
    return llmgw__models_encode(attempt->dialect->models, encode);
}

static llmgw_status take_chunk(void *userdata, const struct llmgw__chunk *chunk)
{
    (void)userdata;
    (void)chunk;
    return LLMGW_OK;
}

static llmgw_status take_page(struct llmgw_attempt *attempt, llmgw_str body)
{
    struct llmgw_call *call = attempt->call;
    uint64_t now = llmgw__driver_clock(call->driver);
    llmgw_str onward = {NULL, 0};
    llmgw_status status =
        llmgw__models_read(attempt->dialect->models, &attempt->run->decode,
                           body, take_model, attempt, &onward);

    attempt->content_ns =
        now > attempt->started_ns ? now - attempt->started_ns : 1;
    if (status != LLMGW_OK || !onward.len ||
        (attempt->hop && attempt->hop->number + 1 >= MAX_PAGES))
        return status;
    return llmgw__arena_str(&call->arena, onward, &attempt->onward);
}

static llmgw_status take_model(void *userdata, const struct llmgw__model *model)
{
    struct llmgw_attempt *attempt = userdata;

    return llmgw__models_add(&attempt->call->models->list,
                             llmgw__str(attempt->target->provider->name),
                             model->id, model->created);
}

static llmgw_status refuse_record(struct llmgw_attempt *attempt,
                                  const struct llmgw__frame *frame)
{
    (void)attempt;
    (void)frame;
    return LLMGW_E_INVALID;
}

/** The first provider that answers makes it a response. */
static llmgw_status end_page(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;

    if (!attempt->run->document)
        return LLMGW_E_INVALID;
    if (attempt->onward.len || call->committed)
        return LLMGW_OK;
    call->first_content_ns =
        attempt->content_ns + (attempt->started_ns - call->started_ns);
    return call->ops->commit(call, attempt);
}

static const char *fault_of(const struct llmgw_attempt *attempt)
{
    (void)attempt;
    return "the answer is not a list of models";
}

static bool is_whole(struct llmgw_call *call)
{
    (void)call;
    return true;
}

static void clear(struct llmgw_call *call)
{
    if (!call->models)
        return;
    llmgw__models_clear(&call->models->list);
    llmgw__buf_clear(&call->models->json);
}
