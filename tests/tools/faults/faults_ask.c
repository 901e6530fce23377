/*
 * faults/faults_ask.c - one call, and what was handed over.
 */
#include <string.h>

#include "faults.h"
#include "virtual_time.h"

#define MS UINT64_C(1000000)
/* a call that takes longer hangs, whatever its limits */
#define HANG_NS (UINT64_C(300000) * MS)

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata);
static int32_t on_restart(llmgw_call *call, void *userdata);
static void on_done(llmgw_call *call, void *userdata);
static void keep(char *to, size_t size, size_t *len, llmgw_str text);
static llmgw_request *request_of(const struct cell *cell, const char *model);

void ask(struct stage *stage, struct heard *heard)
{
    ask_model(stage, heard, "smart");
}

void ask_model(struct stage *stage, struct heard *heard, const char *model)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request = request_of(stage->cell, model);
    uint64_t start = virtual_time_ns();

    if (!heard->token)
        (void)llmgw_cancel_create(&heard->token);
    virtual_time_watch(heard->token, heard->bark_ns ? heard->bark_ns : HANG_NS);
    options.on_chunk = heard->unstreamed ? NULL : on_chunk;
    options.on_restart = on_restart;
    options.on_done = on_done;
    options.userdata = heard;
    options.cancel = heard->token;
    if (stage->cell->mode == BLOCKING) {
        (void)llmgw_chat(stage->gateway, request, &options, &heard->call);
    } else {
        (void)llmgw_chat_start(stage->loop, request, &options, &heard->call);
        while (!heard->done && llmgw_loop_run(stage->loop, -1) == LLMGW_OK)
            continue;
    }
    heard->ms = (virtual_time_ns() - start + MS / 2) / MS;
    while (stage->loop && !heard->goes_on && llmgw_loop_active(stage->loop) &&
           llmgw_loop_run(stage->loop, -1) == LLMGW_OK)
        continue;
    virtual_time_watch(NULL, 0);
    llmgw_request_free(request);
    virtual_time_settle(); /* the fakes see who went away */
}

void heard_clear(struct heard *heard)
{
    llmgw_call_free(heard->call);
    llmgw_cancel_free(heard->token);
    memset(heard, 0, sizeof *heard);
}

static llmgw_request *request_of(const struct cell *cell, const char *model)
{
    static const char tool[] =
        "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":true}";
    llmgw_request *request = NULL;

    (void)llmgw_request_create(model, &request);
    (void)llmgw_request_add_text(request, "user", (llmgw_str){"Tell.", 5});
    (void)llmgw_request_set_bool(request, "stream", 1);
    (void)llmgw_request_set_json(request, "stream_options",
                                 (llmgw_str){"{\"include_usage\":true}",
                                             strlen("{'include_usage':true}")});
    if (cell->content == TOOL)
        (void)llmgw_request_add_tool(request, "note", NULL,
                                     (llmgw_str){tool, sizeof tool - 1});
    return request;
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct heard *heard = userdata;
    llmgw_chunk_kind kind = llmgw_chunk_get_kind(chunk);
    llmgw_str value = llmgw_chunk_value(chunk);

    heard->chunks++;
    heard->late += heard->done || heard->usages ||
                   (heard->finishes && kind != LLMGW_CHUNK_USAGE);
    switch (kind) {
    case LLMGW_CHUNK_TEXT:
        keep(heard->text, sizeof heard->text, &heard->text_len, value);
        break;
    case LLMGW_CHUNK_REASONING:
        keep(heard->reasoning, sizeof heard->reasoning, &heard->reasoning_len,
             value);
        break;
    case LLMGW_CHUNK_TOOL_ARGUMENTS:
        keep(heard->args, sizeof heard->args, &heard->args_len, value);
        break;
    case LLMGW_CHUNK_TOOL_START:
        heard->starts++;
        break;
    case LLMGW_CHUNK_FINISH:
        heard->finishes++;
        heard->finish = llmgw_chunk_finish_reason(chunk);
        break;
    case LLMGW_CHUNK_USAGE:
        heard->usages++;
        break;
    default:
        break;
    }
    if (heard->at)
        heard->at(heard->at_userdata);
    if (heard->cancel_at && heard->chunks == heard->cancel_at) {
        llmgw_cancel_trigger(heard->token);
        llmgw_cancel_trigger(heard->token);
    }
    return heard->stop_at && heard->chunks == heard->stop_at ? 7 : 0;
}

/* what was handed over is to be forgotten */
static int32_t on_restart(llmgw_call *call, void *userdata)
{
    struct heard *heard = userdata;

    (void)call;
    heard->late += heard->done || heard->finishes;
    heard->text_len = heard->reasoning_len = heard->args_len = 0;
    heard->starts = heard->finishes = heard->usages = 0;
    heard->restarts++;
    return 0;
}

static void on_done(llmgw_call *call, void *userdata)
{
    struct heard *heard = userdata;

    heard->done++;
    heard->late += llmgw_call_end(call) == LLMGW_END_NONE;
}

static void keep(char *to, size_t size, size_t *len, llmgw_str text)
{
    if (text.len > size - *len)
        text.len = size - *len; /* and is found to differ */
    if (text.len)
        memcpy(to + *len, text.data, text.len);
    *len += text.len;
}
