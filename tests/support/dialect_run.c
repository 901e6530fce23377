/*
 * support/dialect_run.c - one attempt of a dialect without a network.
 */
#include "support/dialect_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
    CLOCK = 1700000000
};

static void make_id(void *userdata, const char *prefix, char out[64]);
static llmgw_status take(void *userdata, const struct llmgw__chunk *chunk);
static llmgw_status show(void *userdata, const struct llmgw__chunk *chunk);

void dialect_run_start(struct dialect_run *run,
                       const struct llmgw__dialect *dialect,
                       const char *base_url, const char *model)
{
    memset(run, 0, sizeof *run);
    run->dialect = dialect;
    run->request.headers = run->headers;
    run->request.header_cap = LLMGW__HTTP_MAX_HEADERS;
    run->provider.name = "p";
    run->provider.dialect = dialect;
    run->provider.base_url = base_url;
    run->target.provider = &run->provider;
    run->target.model = model;
    run->target.id = "p/m";
    llmgw__arena_init(&run->arena, 0, 0);
    llmgw__arena_init(&run->scratch, 0, 0);
    llmgw__http_head_init(&run->head);
    run->head.status = 200;
    llmgw__error_clear(&run->error);
}

llmgw_status dialect_run_chat(struct dialect_run *run, const char *request)
{
    size_t len = strlen(request);
    llmgw_status status;

    run->text = malloc(len + 1);
    if (!run->text)
        return LLMGW_E_NOMEM;
    memcpy(run->text, request, len);
    status = llmgw__chat_parse(&run->chat, llmgw__str_n(run->text, len),
                               &run->arena, &run->error);
    run->has_chat = status == LLMGW_OK;
    return status;
}

llmgw_status dialect_run_encode(struct dialect_run *run, bool stream,
                                bool strict)
{
    struct llmgw__encode encode = {
        .chat = &run->chat,
        .target = &run->target,
        .stream = stream,
        .strict = strict,
        .arena = &run->arena,
        .request = &run->request,
        .adjustments = &run->adjustments,
        .memo = &run->memo,
        .error = &run->error,
    };

    return run->dialect->encode(&encode);
}

char *dialect_run_body(const struct dialect_run *run)
{
    size_t len = run->request.body.len;
    char *text = malloc(len + 1);

    if (text)
        text[llmgw__body_read(&run->request.body, 0, text, len)] = '\0';
    return text;
}

llmgw_status dialect_run_expect(struct dialect_run *run)
{
    struct llmgw__order_setup setup = {
        .arena = &run->arena,
        .ids = &run->ids,
        .model = llmgw__str(run->target.model),
        .created_s = CLOCK,
        .max_extras = 1 << 26,
        .legacy = run->has_chat && run->chat.legacy_functions,
        .out = show,
        .userdata = run,
    };

    if (run->decoder)
        return LLMGW_OK;
    run->ids.make = make_id;
    run->ids.userdata = run;
    if (!run->memo.chat && run->has_chat)
        run->memo.chat = &run->chat;
    run->decode = (struct llmgw__decode){
        .emit = take,
        .userdata = run,
        .scratch = &run->scratch,
        .arena = &run->arena,
        .target = &run->target,
        .memo = &run->memo,
        .head = &run->head,
        .ids = &run->ids,
        .now_s = CLOCK,
    };
    llmgw__order_init(&run->order, &setup);
    llmgw__assemble_init(&run->assemble, &run->arena, 1 << 26);
    run->chunks = cJSON_CreateArray();
    run->decoder = llmgw__arena_zalloc(&run->arena, run->dialect->decoder_size);
    return run->decoder ? LLMGW_OK : LLMGW_E_NOMEM;
}

/* Exactly as long as it says, so that overreads are seen. */
static char *copy_of(const char *data, size_t len)
{
    char *copy = malloc(len ? len : 1);

    if (copy)
        memcpy(copy, data, len);
    return copy;
}

llmgw_status dialect_run_frame(struct dialect_run *run, const char *data,
                               size_t len)
{
    llmgw_status status = dialect_run_expect(run);
    struct llmgw__frame frame = {.kind = LLMGW__FRAME_EVENT};
    char *copy;

    if (status != LLMGW_OK)
        return status;
    copy = copy_of(data, len);
    if (!copy)
        return LLMGW_E_NOMEM;
    frame.data = llmgw__str_n(copy, len);
    llmgw__arena_reset(&run->scratch);
    status = run->dialect->frame(run->decoder, &run->decode, &frame);
    free(copy);
    return status;
}

llmgw_status dialect_run_whole(struct dialect_run *run, const char *data,
                               size_t len)
{
    llmgw_status status = dialect_run_expect(run);
    char *copy;

    if (status != LLMGW_OK)
        return status;
    copy = copy_of(data, len);
    if (!copy)
        return LLMGW_E_NOMEM;
    llmgw__arena_reset(&run->scratch);
    status =
        run->dialect->body(run->decoder, &run->decode, llmgw__str_n(copy, len));
    free(copy);
    if (status == LLMGW_OK && !run->failed)
        status = llmgw__order_end(&run->order);
    return status;
}

llmgw_status dialect_run_end(struct dialect_run *run)
{
    llmgw_status status = dialect_run_expect(run);

    llmgw__arena_reset(&run->scratch);
    if (status == LLMGW_OK && !run->failed)
        status = run->dialect->end(run->decoder, &run->decode);
    if (status == LLMGW_OK && !run->failed)
        status = llmgw__order_end(&run->order);
    return status;
}

/* One line an event is all that the recordings have. */
llmgw_status dialect_run_events(struct dialect_run *run, const char *data,
                                size_t len)
{
    const char *end = data + len;
    const char *outside = NULL;
    llmgw_status status = LLMGW_OK;

    while (data < end && status == LLMGW_OK && !outside) {
        const char *eol = memchr(data, '\n', (size_t)(end - data));
        const char *next = eol ? eol + 1 : end;
        llmgw_str line =
            llmgw__str_trim(llmgw__str_n(data, (size_t)(next - data)));

        if (llmgw__str_starts(line, "data:"))
            status = dialect_run_frame(run, line.data + 5, line.len - 5);
        else if (line.len > 0 && line.data[0] == '{')
            outside = data;
        data = next;
    }
    if (status == LLMGW_OK && outside)
        return dialect_run_whole(run, outside, (size_t)(end - outside));
    return status == LLMGW_OK ? dialect_run_end(run) : status;
}

static void make_id(void *userdata, const char *prefix, char out[64])
{
    struct dialect_run *run = userdata;
    int *made = &run->made[strcmp(prefix, "call_") != 0];

    snprintf(out, 64, "%sgw%d", prefix, (*made)++);
}

/* Where the attempt stands in the library. */
static llmgw_status take(void *userdata, const struct llmgw__chunk *chunk)
{
    struct dialect_run *run = userdata;

    run->told++;
    if (run->failed)
        return LLMGW_E_REENTRANT; /* something follows an error */
    if (chunk->kind == LLMGW__CHUNK_ERROR) {
        run->error = *chunk->error;
        run->failed = true;
        return LLMGW_OK;
    }
    if (chunk->kind == LLMGW__CHUNK_USAGE) {
        run->usage = *chunk->usage;
        run->has_usage = true;
    }
    if (chunk->kind == LLMGW__CHUNK_FINISH)
        snprintf(run->native, sizeof run->native, "%.*s", (int)chunk->text.len,
                 chunk->text.data);
    return llmgw__order_push(&run->order, chunk);
}

/* Where the host stands. */
static llmgw_status show(void *userdata, const struct llmgw__chunk *chunk)
{
    struct dialect_run *run = userdata;
    llmgw_status status = llmgw__assemble_push(&run->assemble, chunk);
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    if (status != LLMGW_OK)
        return status;
    if (chunk->kind == LLMGW__CHUNK_USAGE && !run->chat.include_usage)
        return LLMGW_OK; /* for the final answer only */
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__chunk_render(chunk, chunk->identity, llmgw__str_n(NULL, 0), &w);
    status = buf.status;
    if (status == LLMGW_OK)
        cJSON_AddItemToArray(run->chunks,
                             cJSON_ParseWithLength(buf.data, buf.len));
    llmgw__buf_clear(&buf);
    return status;
}

cJSON *dialect_run_final(struct dialect_run *run)
{
    const struct llmgw__answer *answer = llmgw__assemble_answer(&run->assemble);
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    cJSON *json = NULL;

    if (!answer)
        return NULL;
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__answer_render(answer, llmgw__str_n(NULL, 0), &w);
    if (buf.status == LLMGW_OK)
        json = cJSON_ParseWithLength(buf.data, buf.len);
    llmgw__buf_clear(&buf);
    return json;
}

void dialect_run_clear(struct dialect_run *run)
{
    if (run->decoder) {
        llmgw__order_clear(&run->order);
        llmgw__assemble_clear(&run->assemble);
        if (run->dialect->free)
            run->dialect->free(run->decoder);
    }
    cJSON_Delete(run->chunks);
    llmgw__body_clear(&run->request.body);
    llmgw__http_head_clear(&run->head);
    if (run->has_chat)
        llmgw__chat_clear(&run->chat);
    llmgw__arena_clear(&run->scratch);
    llmgw__arena_clear(&run->arena);
    free(run->text);
    memset(run, 0, sizeof *run);
}
