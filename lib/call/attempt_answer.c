/*
 * call/attempt_answer.c - what comes back: head, bytes, frames, chunks, end.
 *
 *     bytes -> framing -> decoder -> order -> gate -> call
 */
#include <string.h>

#include "attempt.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "kind.h"
#include "provider/fit.h"

#define ERROR_BODY_MAX ((size_t)64 * 1024)

/* What each piece of an answer needs of a call, and of a decoder with the form
 * of the last record behind it. */
#define CALL_NEAR    (offsetof(struct llmgw_call, assemble) + 48)
#define DECODER_NEAR 704
#define MAX_HOPS     32 /* further exchanges of one answer */

static void on_connected(void *userdata);
static void on_head(void *userdata, struct llmgw__http_head *head);
static int on_data(void *userdata, const char *data, size_t len);
static void on_end(void *userdata, const struct llmgw__http_end *end);
static llmgw_status on_frame(void *userdata, const struct llmgw__frame *frame);
static llmgw_status parse_chat(struct llmgw_call *call,
                               struct llmgw__error *error);
static llmgw_status encode_chat(struct llmgw_attempt *attempt,
                                struct llmgw__encode *encode);
static llmgw_status on_chunk(void *userdata, const struct llmgw__chunk *chunk);
static llmgw_status on_body(struct llmgw_attempt *attempt, llmgw_str body);
static llmgw_status on_record(struct llmgw_attempt *attempt,
                              const struct llmgw__frame *frame);
static llmgw_status end_chat(struct llmgw_attempt *attempt);
static const char *chat_fault(const struct llmgw_attempt *attempt);
static bool is_answered(struct llmgw_call *call);
static void fail_status(struct llmgw_attempt *attempt, llmgw_status status,
                        struct llmgw__error *error);

const struct llmgw__http_events llmgw__attempt_events = {
    .connected = on_connected,
    .head = on_head,
    .data = on_data,
    .end = on_end,
};

const struct llmgw__kind llmgw__kind_chat = {
    .parse = parse_chat,
    .encode = encode_chat,
    .chunk = on_chunk,
    .document = on_body,
    .frame = on_record,
    .end = end_chat,
    .fault = chat_fault,
    .whole = is_answered,
};

static llmgw_status parse_chat(struct llmgw_call *call,
                               struct llmgw__error *error)
{
    return llmgw__chat_parse(&call->chat, llmgw__bytes_str(call->request),
                             &call->arena, error);
}

static llmgw_status encode_chat(struct llmgw_attempt *attempt,
                                struct llmgw__encode *encode)
{
    llmgw_status status = llmgw__fit_chat(encode);

    return status == LLMGW_OK ? attempt->dialect->encode(encode) : status;
}

static bool is_answered(struct llmgw_call *call)
{
    return call->response.answer != NULL;
}

static bool is_success(const struct llmgw_attempt *attempt)
{
    int32_t status = attempt->head.status;

    return status >= 200 && status < 300 && status != 202;
}

llmgw_status llmgw__attempt_expect(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__attempt_run *run = attempt->run;
    struct llmgw__order_setup setup = {0};

    run->decoder =
        llmgw__arena_zalloc(&run->arena, attempt->dialect->decoder_size);
    if (!run->decoder)
        return LLMGW_E_NOMEM;
    run->decode.emit = call->kind->chunk;
    run->decode.userdata = attempt;
    run->decode.scratch = &run->scratch;
    run->decode.arena = &run->arena;
    run->decode.target = attempt->target;
    run->decode.memo = &run->memo;
    run->decode.head = &attempt->head;
    run->decode.ids = &call->core->ids;
    run->decode.now_s = llmgw__call_wall_ns(call) / (int64_t)LLMGW__SECOND;
    run->decode.may_follow = attempt->dialect->onward != NULL;
    setup.arena = &run->arena;
    setup.ids = &call->core->ids;
    setup.model = llmgw__str(attempt->target->model);
    setup.created_s = run->decode.now_s;
    setup.max_extras = call->catalog->max_response;
    setup.legacy = run->memo.chat && run->memo.chat->legacy_functions;
    setup.out = llmgw__attempt_ordered;
    setup.userdata = attempt;
    llmgw__order_init(&run->order, &setup);
    llmgw__attempt_set_gate(attempt);
    return LLMGW_OK;
}

void llmgw__attempt_expect_more(struct llmgw_attempt *attempt)
{
    struct llmgw__attempt_run *run = attempt->run;

    run->decode.userdata = attempt;
    run->decode.head = &attempt->head;
    run->decode.may_follow = attempt->hop->number < MAX_HOPS;
    run->order.userdata = attempt;
    run->gate.userdata = run->seam.userdata = attempt;
}

/* --- HTTP --- */

static void on_connected(void *userdata)
{
    struct llmgw_attempt *attempt = userdata;

    attempt->sends++;
    if (!attempt->connected_ns)
        attempt->connected_ns = llmgw__attempt_age(attempt);
}

/** Texts of a head are its own. */
static void hide_in_head(struct llmgw_attempt *attempt)
{
    for (size_t i = 0; i < attempt->head.header_count; i++) {
        llmgw_str value = attempt->head.headers[i].value;

        llmgw__attempt_hide(attempt, (char *)value.data, value.len);
    }
}

static void on_head(void *userdata, struct llmgw__http_head *head)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw_call *call = attempt->call;
    struct llmgw__attempt_run *run = attempt->run;
    struct llmgw__framing_setup setup = {0};

    if (attempt->end)
        return;
    if (!attempt->connected_ns)
        on_connected(attempt);
    attempt->head_ns = llmgw__attempt_age(attempt);
    attempt->head = *head; /* taken over: it outlives the exchange */
    llmgw__http_head_init(head);
    hide_in_head(attempt);
    if (!is_success(attempt))
        return;
    setup.content_type = llmgw__http_head_get(&attempt->head, "content-type");
    setup.max_frame = call->catalog->max_frame;
    setup.max_body = call->catalog->max_response;
    setup.fn = on_frame;
    setup.userdata = attempt;
    llmgw__framing_init(&run->framing, &setup);
}

/** Keep what fits of an error's body. */
static int keep_body(struct llmgw__attempt_run *run, const char *data,
                     size_t len)
{
    size_t room = ERROR_BODY_MAX - run->body.len;

    llmgw__buf_add(&run->body, data, len < room ? len : room);
    return run->body.status == LLMGW_OK ? 0 : 1;
}

/** Another attempt was first. */
static void lose(struct llmgw_attempt *attempt)
{
    attempt->lost = true;
    llmgw__attempt_cancel(attempt);
}

static int on_data(void *userdata, const char *data, size_t len)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw__attempt_run *run = attempt->run;
    llmgw_status status;

    if (attempt->end)
        return 1;
    llmgw__fetch(run, offsetof(struct llmgw__attempt_run, arena));
    llmgw__fetch(attempt->call, CALL_NEAR);
    llmgw__fetch(run->decoder, DECODER_NEAR);
    run->heard_ns = llmgw__attempt_now(attempt);
    if (!is_success(attempt))
        return keep_body(run, data, len);
    status = llmgw__framing_feed(&run->framing, data, len);
    if (status == LLMGW_OK && !attempt->streaming && !attempt->end)
        status = llmgw__attempt_watch_bytes(attempt, run->heard_ns);
    if (status == LLMGW_OK)
        return 0;
    if (status == LLMGW__CHILD)
        return LLMGW__HTTP_FREEZE; /* the exchange is the parent's */
    llmgw__attempt_end_by(attempt, status);
    return 1;
}

void llmgw__attempt_end_by(struct llmgw_attempt *attempt, llmgw_status status)
{
    struct llmgw__error error;

    if (status == LLMGW__STOPPED) {
        llmgw__attempt_cancel(attempt);
    } else if (status == LLMGW__LOST) {
        lose(attempt);
    } else if (status != LLMGW__ENDED) {
        fail_status(attempt, status, &error);
        llmgw__attempt_fail(attempt, &error);
    }
}

static void classify(struct llmgw_attempt *attempt,
                     const struct llmgw__http_end *end,
                     struct llmgw__error *error)
{
    struct llmgw__failure failure = {0};

    failure.family = attempt->target->provider->row->family;
    failure.status = attempt->head.status;
    failure.head = &attempt->head;
    failure.now_s = attempt->run->decode.now_s;
    failure.body = is_success(attempt)
                       ? llmgw__framing_body(&attempt->run->framing)
                       : llmgw__buf_str(&attempt->run->body);
    failure.transport_code = end->code;
    failure.transport_detail = end->message[0] ? end->message : NULL;
    llmgw__error_classify(&failure, error);
    if (!error->upstream_status)
        error->upstream_status = attempt->head.status;
}

/** A stream the transport broke off; a plain cut keeps our words for it. */
static void blame_transport(struct llmgw_attempt *attempt,
                            const struct llmgw__http_end *end,
                            struct llmgw__error *error)
{
    struct llmgw__error told;

    llmgw__error_clear(&told);
    classify(attempt, end, &told);
    if (told.kind != LLMGW_KIND_PROTOCOL || !attempt->run->heard_ns)
        *error = told;
}

static void on_end(void *userdata, const struct llmgw__http_end *end)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw__error error;
    llmgw_status status;

    if (attempt->end)
        return;
    memset(&attempt->run->exchange, 0, sizeof attempt->run->exchange);
    llmgw__error_clear(&error);
    if (!is_success(attempt)) {
        classify(attempt, end, &error);
        llmgw__attempt_fail(attempt, &error);
        return;
    }
    status = llmgw__attempt_finish(attempt, &error);
    if (attempt->end || status == LLMGW__CHILD)
        return; /* ended from within, or not ours */
    if (status == LLMGW__STOPPED) {
        llmgw__attempt_cancel(attempt);
    } else if (status == LLMGW__LOST) {
        lose(attempt);
    } else if (status != LLMGW_OK) {
        if (end->code && status == LLMGW_E_INVALID)
            blame_transport(attempt, end, &error);
        llmgw__attempt_fail(attempt, &error);
    }
}

/* --- frames --- */

/** An error document in place of an answer, or behind its last record. */
static llmgw_status take_error(struct llmgw_attempt *attempt, llmgw_str body)
{
    struct llmgw__error error;

    llmgw__error_classify_inband(&attempt->run->decode, body, &error);
    llmgw__attempt_fail(attempt, &error);
    return LLMGW__ENDED;
}

static llmgw_status take_document(struct llmgw_attempt *attempt, llmgw_str body)
{
    struct llmgw__attempt_run *run = attempt->run;

    run->document = true;
    if (llmgw__error_in_body(body))
        return take_error(attempt, body);
    return attempt->call->kind->document(attempt, body);
}

static llmgw_status on_body(struct llmgw_attempt *attempt, llmgw_str body)
{
    struct llmgw__attempt_run *run = attempt->run;

    return attempt->dialect->body(run->decoder, &run->decode, body);
}

static llmgw_status on_record(struct llmgw_attempt *attempt,
                              const struct llmgw__frame *frame)
{
    struct llmgw__attempt_run *run = attempt->run;

    return attempt->dialect->frame(run->decoder, &run->decode, frame);
}

static llmgw_status on_frame(void *userdata, const struct llmgw__frame *frame)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw__attempt_run *run = attempt->run;

    if (run->scratch.used > 0)
        llmgw__arena_reset(&run->scratch);
    if (frame->kind == LLMGW__FRAME_DOCUMENT)
        return take_document(attempt, frame->data);
    return attempt->call->kind->frame(attempt, frame);
}

/* --- chunks --- */

/** The host is told of all exchanges of its answer together, and of the
 *  attempts that began it. */
static llmgw_status push_sum(struct llmgw_attempt *attempt,
                             const struct llmgw__chunk *chunk)
{
    struct llmgw__usage sum = *attempt->before;
    struct llmgw__chunk whole = *chunk;

    llmgw__usage_add(&sum, chunk->usage);
    whole.usage = &sum;
    return llmgw__order_push(&attempt->run->order, &whole);
}

static llmgw_status on_chunk(void *userdata, const struct llmgw__chunk *chunk)
{
    struct llmgw_attempt *attempt = userdata;

    if (chunk->kind == LLMGW__CHUNK_ERROR) {
        attempt->run->failed = true;
        llmgw__attempt_fail(attempt, chunk->error);
        return LLMGW__ENDED;
    }
    if (chunk->kind == LLMGW__CHUNK_USAGE) {
        attempt->usage = *chunk->usage;
        attempt->has_usage = true;
        if (attempt->before)
            return push_sum(attempt, chunk);
    }
    return llmgw__order_push(&attempt->run->order, chunk);
}

/* --- the end --- */

/** Does the answer go on in a further exchange? */
static llmgw_status keep_onward(struct llmgw_attempt *attempt)
{
    llmgw_str told = attempt->dialect->onward(attempt->run->decoder);

    return told.len
               ? llmgw__arena_str(&attempt->call->arena, told, &attempt->onward)
               : LLMGW_OK;
}

/** What the decoder and the order kept for the end. */
static llmgw_status end_chat(struct llmgw_attempt *attempt)
{
    struct llmgw__attempt_run *run = attempt->run;
    llmgw_status status = LLMGW_OK;

    if (!run->document)
        status = attempt->dialect->end(run->decoder, &run->decode);
    if (status == LLMGW_OK && run->decode.may_follow)
        status = keep_onward(attempt);
    if (status != LLMGW_OK || attempt->onward.len)
        return status;
    return llmgw__order_end(&run->order);
}

/** The last frame, then the end of the answer. */
static llmgw_status drain(struct llmgw_attempt *attempt)
{
    struct llmgw__attempt_run *run = attempt->run;
    llmgw_str tail;
    llmgw_status status;

    run->ending = true;
    status = llmgw__framing_end(&run->framing);
    tail = llmgw__framing_body(&run->framing);
    if (status != LLMGW_OK)
        return status;
    if (!run->document) {
        llmgw__arena_reset(&run->scratch);
        if (run->framing.kind == LLMGW__FRAMING_SSE && tail.len &&
            llmgw__error_in_body(tail))
            return take_error(attempt, tail);
    }
    return attempt->call->kind->end(attempt);
}

llmgw_status llmgw__attempt_finish(struct llmgw_attempt *attempt,
                                   struct llmgw__error *error)
{
    llmgw_status status = drain(attempt);

    if (status == LLMGW__ENDED)
        return status;
    if (status == LLMGW_OK)
        llmgw__attempt_succeed(attempt);
    else if (status != LLMGW__STOPPED && status != LLMGW__LOST)
        fail_status(attempt, status, error);
    return status;
}

/** What a malformed or unfinished answer is called. */
static const char *chat_fault(const struct llmgw_attempt *attempt)
{
    if (attempt->run->framing.kind == LLMGW__FRAMING_DOCUMENT)
        return "the answer is not a chat completion";
    if (attempt->run->framing.kind == LLMGW__FRAMING_EVENTSTREAM &&
        attempt->run->framing.cut.eventstream.broken)
        return "the stream has a broken record: its CRC or length is wrong";
    if (attempt->run->ending)
        return "stream ended before a finish reason";
    return "the stream has an event that is not what this provider speaks";
}

/** What went wrong on our side of the wire. */
static void fail_status(struct llmgw_attempt *attempt, llmgw_status status,
                        struct llmgw__error *error)
{
    struct llmgw__http_end none = {0, ""};

    llmgw__error_clear(error);
    if (status == LLMGW_E_NOMEM)
        llmgw__error_setz(error, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
    else if (status == LLMGW_E_LIMIT)
        llmgw__error_setz(error, LLMGW_KIND_PROTOCOL,
                          "the answer passed a size limit");
    else if (attempt->run->framing.kind == LLMGW__FRAMING_OTHER)
        classify(attempt, &none, error); /* HTML, text */
    else if (attempt->run->framing.kind == LLMGW__FRAMING_UNDECIDED)
        llmgw__error_setz(error, LLMGW_KIND_PROTOCOL, "the answer is empty");
    else
        llmgw__error_setz(error, LLMGW_KIND_PROTOCOL,
                          attempt->call->kind->fault(attempt));
    error->upstream_status = attempt->head.status;
}
