/*
 * provider/ollama_call.c - calls of an answer: each comes whole, its arguments
 * an object. Older servers give no id.
 *
 * Source: ollama/ollama, api/types.go (ToolCall), 2026-08.
 */
#include "ollama.h"

struct call {
    struct llmgw__jstr id;
    struct llmgw__jstr name;
    llmgw_str arguments; /* raw JSON; empty: none */
};

static void read_call(struct llmgw__json *json, struct call *call);
static llmgw_status tell_call(struct llmgw__ollama_decoder *d,
                              const struct llmgw__decode *decode,
                              const struct call *call);
static llmgw_status arguments_of(const struct llmgw__decode *decode,
                                 llmgw_str raw, bool custom, llmgw_str *out);

llmgw_status llmgw__ollama_calls(struct llmgw__ollama_decoder *d,
                                 const struct llmgw__decode *decode,
                                 llmgw_str calls)
{
    struct llmgw__json json;
    llmgw_status status = LLMGW_OK;

    llmgw__json_init(&json, calls);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        struct call call = {.arguments = {NULL, 0}};

        if (llmgw__json_peek(&json) != LLMGW__JSON_OBJECT) {
            llmgw__json_skip(&json);
            continue;
        }
        read_call(&json, &call);
        if (call.name.len > 0)
            status = tell_call(d, decode, &call);
    }
    return status;
}

static void read_call(struct llmgw__json *json, struct call *call)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "id"))
            (void)llmgw__json_string(json, &call->id);
        else if (llmgw__str_is(key, "name"))
            (void)llmgw__json_string(json, &call->name);
        else if (llmgw__str_is(key, "arguments"))
            call->arguments = llmgw__json_raw(json);
        else if (llmgw__str_is(key, "function") && !call->name.data)
            read_call(json, call);
        else
            llmgw__json_skip(json);
}

static llmgw_status tell_call(struct llmgw__ollama_decoder *d,
                              const struct llmgw__decode *decode,
                              const struct call *call)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_START,
                                 .index = d->calls};
    llmgw_status status =
        llmgw__jstr_text(call->name, decode->scratch, &chunk.name);
    bool custom;
    char made[64];

    if (status == LLMGW_OK && call->id.len > 0) {
        status = llmgw__jstr_text(call->id, decode->scratch, &chunk.id);
    } else {
        decode->ids->make(decode->ids->userdata, "call_", made);
        chunk.id = llmgw__str(made);
    }
    if (status != LLMGW_OK)
        return status;
    d->visible = true;
    d->calls++;
    custom = llmgw__calls_custom(decode, chunk.name);
    chunk.variant = custom;
    status = decode->emit(decode->userdata, &chunk);
    if (status != LLMGW_OK)
        return status;
    chunk.kind = LLMGW__CHUNK_TOOL_ARGS;
    chunk.variant = 1; /* all of them */
    chunk.id = chunk.name = llmgw__str_n(NULL, 0);
    status = arguments_of(decode, call->arguments, custom, &chunk.text);
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}

/* In the order and with the digits they came in. Some servers in between send
 * the text of it. */
static llmgw_status arguments_of(const struct llmgw__decode *decode,
                                 llmgw_str raw, bool custom, llmgw_str *out)
{
    llmgw_status status = LLMGW_OK;

    if (raw.len == 0 || llmgw__str_is(raw, "null"))
        raw = LLMGW__LIT("{}");
    if (raw.data[0] == '"') {
        struct llmgw__jstr text =
            llmgw__jstr(llmgw__str_n(raw.data + 1, raw.len - 2), true);

        status = llmgw__jstr_text(text, decode->scratch, &raw);
    }
    if (status != LLMGW_OK)
        return status;
    return custom ? llmgw__calls_input(decode, raw, out)
                  : llmgw__calls_compact(raw, decode->scratch, out);
}
