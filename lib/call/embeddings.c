/*
 * call/embeddings.c - embeddings as a kind of call.
 *
 * A target that takes fewer inputs than there are is asked in several
 * exchanges, each with its entry. Vectors of two models do not mix: the next
 * target starts from the first input, and the call commits to one when it has
 * all.
 *
 * Memory: all vectors, read straight into their places; the body of one answer.
 */
#include "embeddings.h"

#include "kind.h"

static llmgw_status parse(struct llmgw_call *call, struct llmgw__error *error);
static llmgw_status encode_part(struct llmgw_attempt *attempt,
                                struct llmgw__encode *encode);
static llmgw_status take_usage(void *userdata,
                               const struct llmgw__chunk *chunk);
static llmgw_status take_body(struct llmgw_attempt *attempt, llmgw_str body);
static llmgw_status refuse_record(struct llmgw_attempt *attempt,
                                  const struct llmgw__frame *frame);
static llmgw_status end_exchange(struct llmgw_attempt *attempt);
static const char *fault_of(const struct llmgw_attempt *attempt);
static bool sum_up(struct llmgw_call *call);
static void clear(struct llmgw_call *call);

const struct llmgw__kind llmgw__kind_embed = {
    .parse = parse,
    .encode = encode_part,
    .chunk = take_usage,
    .document = take_body,
    .frame = refuse_record,
    .end = end_exchange,
    .fault = fault_of,
    .whole = sum_up,
    .clear = clear,
};

static llmgw_status parse(struct llmgw_call *call, struct llmgw__error *error)
{
    struct llmgw_embeddings *embed =
        llmgw__arena_zalloc(&call->arena, sizeof *embed);
    llmgw_status status;

    if (!embed)
        return LLMGW_E_NOMEM;
    call->embed = embed;
    embed->call = call;
    llmgw__buf_init(&embed->json, 0);
    llmgw__usage_init(&embed->usage);
    status = llmgw__embed_parse(&embed->request, &call->chat,
                                llmgw__bytes_str(call->request), &call->arena,
                                error);
    llmgw__vectors_init(&embed->vectors, embed->request.count,
                        call->catalog->max_response);
    return status;
}

/** The run of inputs that comes next, as many as the target takes at once. */
static llmgw_status encode_part(struct llmgw_attempt *attempt,
                                struct llmgw__encode *encode)
{
    const struct llmgw__embed_part *part =
        llmgw__embed_part(attempt->dialect, attempt->target->provider->row);
    struct llmgw_embeddings *embed = attempt->call->embed;
    struct llmgw__vectors *vectors = &embed->vectors;
    size_t from = attempt->hop ? vectors->from + vectors->span : 0;
    size_t count = vectors->count - from;

    if (!part) {
        llmgw__error_refuse(encode->error, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                            "model", "this provider makes no embeddings");
        return LLMGW_E_INVALID;
    }
    if (!attempt->hop) {
        llmgw__vectors_restart(vectors);
        embed->model = llmgw__str_n(NULL, 0);
    }
    if (count > llmgw__embed_most(part, attempt->target))
        count = llmgw__embed_most(part, attempt->target);
    llmgw__vectors_expect(vectors, from, count);
    attempt->run->in_bytes = llmgw__embed_bytes(&embed->request, from, count);
    return part->encode(encode, &embed->request, from, count);
}

static llmgw_status take_usage(void *userdata, const struct llmgw__chunk *chunk)
{
    struct llmgw_attempt *attempt = userdata;

    if (chunk->kind == LLMGW__CHUNK_USAGE) {
        attempt->usage = *chunk->usage;
        attempt->has_usage = true;
    }
    return LLMGW_OK;
}

static llmgw_status take_body(struct llmgw_attempt *attempt, llmgw_str body)
{
    struct llmgw_embeddings *embed = attempt->call->embed;
    struct llmgw__attempt_run *run = attempt->run;
    uint64_t now = llmgw__driver_clock(attempt->call->driver);
    llmgw_str model = {NULL, 0};
    llmgw_status status;

    embed->vectors.fault[0] = '\0';
    status = attempt->dialect->embed->body(&run->decode, body, &embed->vectors,
                                           &model);
    if (status != LLMGW_OK)
        return status;
    attempt->content_ns =
        now > attempt->started_ns ? now - attempt->started_ns : 1;
    if (!model.len || embed->model.len)
        return LLMGW_OK;
    return llmgw__arena_str(&attempt->call->arena, model, &embed->model);
}

static llmgw_status refuse_record(struct llmgw_attempt *attempt,
                                  const struct llmgw__frame *frame)
{
    (void)attempt;
    (void)frame;
    return LLMGW_E_INVALID;
}

static llmgw_status end_exchange(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    const struct llmgw__vectors *vectors = &call->embed->vectors;

    if (!attempt->run->document)
        return LLMGW_E_INVALID;
    if (vectors->from + vectors->span < vectors->count) {
        attempt->onward = LLMGW__LIT("the inputs that follow");
        return LLMGW_OK;
    }
    call->first_content_ns =
        attempt->content_ns + (attempt->started_ns - call->started_ns);
    return call->ops->commit(call, attempt);
}

static const char *fault_of(const struct llmgw_attempt *attempt)
{
    const struct llmgw__vectors *vectors = &attempt->call->embed->vectors;

    return vectors->fault[0] ? vectors->fault
                             : "the answer is not a list of embeddings";
}

/** Usage is that of all exchanges with the target that has answered. */
static bool sum_up(struct llmgw_call *call)
{
    struct llmgw_embeddings *embed = call->embed;
    const struct llmgw_attempt *last = call->committed;

    embed->whole = true;
    embed->has_usage = last->has_usage;
    embed->usage = last->usage;
    if (last->before)
        llmgw__usage_add(&embed->usage, last->before);
    if (!embed->model.len)
        embed->model = llmgw__str(last->target->model);
    return true;
}

static void clear(struct llmgw_call *call)
{
    if (!call->embed)
        return;
    llmgw__vectors_clear(&call->embed->vectors);
    llmgw__buf_clear(&call->embed->json);
}
