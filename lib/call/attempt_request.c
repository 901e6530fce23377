/*
 * call/attempt_request.c - the request of an attempt: body, URL, headers,
 * credentials; of the whole chat, or of the rest of an answer that broke.
 */
#include <string.h>

#include "attempt.h"
#include "base/clock.h"
#include "kind.h"
#include "provider/credential.h"
#include "provider/prefill.h"
#include "resume.h"
#include "schema/chat_continue.h"

/** Does upstream stream? When the host does, or the target has to. */
static bool wants_stream(const struct llmgw_attempt *attempt)
{
    const struct llmgw__dialect *dialect = attempt->dialect;
    const struct llmgw__chat *chat = &attempt->call->chat;

    return chat->stream ||
           (dialect->streams && attempt->call->kind == &llmgw__kind_chat &&
            dialect->streams(chat, attempt->target));
}

static llmgw_status add_credential(struct llmgw_attempt *attempt,
                                   struct llmgw__error *refusal)
{
    const struct llmgw__credential *credential = attempt->run->credential;
    struct llmgw__auth_ask ask = {
        .provider = attempt->target->provider,
        .target = attempt->target,
        .credential = credential,
        .now_s = llmgw__call_wall_ns(attempt->call) / (int64_t)LLMGW__SECOND,
        .request = &attempt->run->request,
        .arena = &attempt->run->arena,
    };

    attempt->is_signed = credential && credential->access_key;
    attempt->skew_s = atomic_load(&attempt->call->core->skew_s);
    ask.now_s += attempt->skew_s;
    return llmgw__auth_apply(&ask, refusal);
}

/** As many as there are; they were gathered where there is room for all. */
static llmgw_status keep_headers(struct llmgw_attempt *attempt)
{
    struct llmgw__http_request *request = &attempt->run->request;
    size_t count = request->header_count;
    struct llmgw__http_header *kept = llmgw__arena_alloc(
        &attempt->run->arena, (count + !count) * sizeof *kept);

    if (!kept)
        return LLMGW_E_NOMEM;
    if (count)
        memcpy(kept, request->headers, count * sizeof *kept);
    request->headers = kept;
    request->header_cap = count;
    return LLMGW_OK;
}

/** Mostly there are none. */
static llmgw_status keep_adjustments(struct llmgw_attempt *attempt,
                                     const struct llmgw__adjustments *made)
{
    struct llmgw__adjustments *kept;

    if (!made->count)
        return LLMGW_OK;
    kept = llmgw__arena_alloc(&attempt->call->arena, sizeof *kept);
    if (!kept)
        return LLMGW_E_NOMEM;
    *kept = *made;
    attempt->adjustments = kept;
    return LLMGW_OK;
}

/** The request, without what may not go out of it. NULL: no memory */
static const struct llmgw__chat *chat_of(const struct llmgw_attempt *attempt)
{
    const struct llmgw__chat *chat = &attempt->call->chat;
    struct llmgw__arena *arena = &attempt->run->arena;
    struct llmgw__chat *bare;

    if (!(attempt->again & LLMGW__AGAIN_STATELESS))
        return chat;
    bare = llmgw__arena_alloc(arena, sizeof *bare);
    if (!bare || llmgw__chat_without_state(chat, arena, bare) != LLMGW_OK)
        return NULL;
    return bare;
}

/** A request for the rest of an answer that broke. */
static llmgw_status ask_for_rest(struct llmgw_attempt *attempt,
                                 const struct llmgw__chat **chat,
                                 struct llmgw__error *refusal)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__seam *seam = &attempt->run->seam;
    struct llmgw__chat *rest =
        llmgw__arena_alloc(&attempt->run->arena, sizeof *rest);
    enum llmgw__goes_on how = llmgw__prefill_of(
        attempt->target, *chat, call->resume.told, &seam->unsaid);
    llmgw_status status;

    if (!rest)
        return LLMGW_E_NOMEM;
    if (how == LLMGW__GOES_ON_NEVER ||
        (how == LLMGW__GOES_ON_TOLD &&
         call->conduct.continue_by != LLMGW__CONTINUE_INSTRUCTION)) {
        llmgw__resume_cannot(call, attempt->target);
        llmgw__error_setz(refusal, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                          "it cannot go on with an answer that was begun");
        return LLMGW_E_INVALID;
    }
    attempt->continues = true;
    attempt->before = call->resume.before;
    seam->told = call->resume.told;
    seam->exact = how == LLMGW__GOES_ON_PREFILL;
    status = llmgw__chat_continued(
        *chat, llmgw__str_n(seam->told.data, seam->told.len - seam->unsaid),
        !seam->exact, &attempt->run->arena, rest);
    *chat = rest;
    return status;
}

llmgw_status llmgw__attempt_prepare(struct llmgw_attempt *attempt,
                                    struct llmgw__error *refusal)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__attempt_run *run = attempt->run;
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS];
    struct llmgw__adjustments adjustments = {.count = 0};
    struct llmgw__encode encode = {0};
    llmgw_status status = LLMGW_OK;

    run->request.headers = headers;
    run->request.header_cap = LLMGW__HTTP_MAX_HEADERS;
    attempt->streaming = wants_stream(attempt);
    encode.chat = chat_of(attempt);
    if (!encode.chat)
        return LLMGW_E_NOMEM;
    if (call->resume.goes_on && !attempt->hop)
        status = ask_for_rest(attempt, &encode.chat, refusal);
    if (status != LLMGW_OK)
        return status;
    run->memo.chat = encode.chat;
    encode.again = attempt->again;
    encode.target = attempt->target;
    encode.stream = attempt->streaming;
    if (attempt->hop)
        encode.onward = attempt->hop->onward;
    encode.strict = call->chat.strict;
    encode.arena = &run->arena;
    encode.request = &run->request;
    encode.adjustments = &adjustments;
    encode.memo = &run->memo;
    encode.error = refusal;
    run->in_bytes = llmgw__bytes_str(call->request).len;
    status = call->kind->encode(attempt, &encode);
    attempt->stripped = llmgw__attempt_foreign_state(attempt);
    if (status == LLMGW_OK)
        status = keep_adjustments(attempt, &adjustments);
    attempt->streaming = encode.stream; /* a dialect may insist */
    if (status == LLMGW_OK)
        status = llmgw__body_finish(&run->request.body);
    if (status == LLMGW_OK)
        status = add_credential(attempt, refusal);
    if (status == LLMGW_OK)
        status = keep_headers(attempt);
    if (status == LLMGW_OK && attempt->hop)
        llmgw__attempt_expect_more(attempt);
    else if (status == LLMGW_OK)
        status = llmgw__attempt_expect(attempt);
    if (status == LLMGW_E_LIMIT) {
        llmgw__error_setz(refusal, LLMGW_KIND_REQUEST_TOO_LARGE,
                          "the request has too many headers");
        status = LLMGW_E_INVALID;
    }
    return status;
}
