/*
 * api/request_unfold.c - take a request made of JSON apart, so that setters
 * can work on it.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/jsonread.h"
#include "request.h"

static llmgw_status unfold_messages(llmgw_request *request,
                                    struct llmgw__json *reader)
{
    llmgw_status status = LLMGW_OK;

    if (!llmgw__json_array(reader))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_item(reader))
        status = llmgw__request_add(request, llmgw__json_raw(reader));
    return status;
}

static llmgw_status unfold_tools(llmgw_request *request,
                                 struct llmgw__json *reader)
{
    llmgw_str raw = llmgw__json_raw(reader);

    if (raw.len < 2 || raw.data[0] != '[')
        return LLMGW_E_INVALID;
    raw = llmgw__str_trim(llmgw__str_n(raw.data + 1, raw.len - 2));
    llmgw__buf_add_str(&request->tools, raw);
    return request->tools.status;
}

/** A list, or what is to be its only element. */
static llmgw_status unfold_inputs(llmgw_request *request,
                                  struct llmgw__json *reader)
{
    llmgw_str raw = llmgw__json_raw(reader);

    if (raw.len < 2)
        return LLMGW_E_INVALID;
    if (raw.data[0] == '[')
        raw = llmgw__str_trim(llmgw__str_n(raw.data + 1, raw.len - 2));
    request->has_inputs = true;
    llmgw__buf_add_str(&request->inputs, raw);
    return request->inputs.status;
}

/** A name or model; escapes are resolved. */
static llmgw_status unfold_text(struct llmgw__jstr raw, char **out)
{
    struct llmgw__arena arena;
    llmgw_str text;
    llmgw_status status;

    llmgw__arena_init(&arena, 0, 0);
    status = llmgw__jstr_text(raw, &arena, &text);
    if (status == LLMGW_OK) {
        *out = llmgw__strndup(text.data, text.len);
        status = *out ? LLMGW_OK : LLMGW_E_NOMEM;
    }
    llmgw__arena_clear(&arena);
    return status;
}

static llmgw_status unfold_member(llmgw_request *request, llmgw_str key,
                                  struct llmgw__json *reader)
{
    struct llmgw__jstr name = llmgw__jstr(key, false);
    struct llmgw__jstr model;
    llmgw_str raw;
    char *plain;
    llmgw_status status;

    if (llmgw__str_is(key, "messages"))
        return unfold_messages(request, reader);
    if (llmgw__str_is(key, "tools"))
        return unfold_tools(request, reader);
    if (llmgw__str_is(key, "input"))
        return unfold_inputs(request, reader);
    if (llmgw__str_is(key, "model"))
        return llmgw__json_string(reader, &model)
                   ? unfold_text(model, &request->model)
                   : LLMGW_E_INVALID;
    name.escaped = key.len && memchr(key.data, '\\', key.len) != NULL;
    status = unfold_text(name, &plain);
    if (status != LLMGW_OK)
        return status;
    raw = llmgw__json_raw(reader);
    status = llmgw_request_set_json(request, plain, raw);
    llmgw__free(plain);
    return status;
}

llmgw_status llmgw__request_unfold(llmgw_request *request)
{
    struct llmgw__bytes *given = request->given;
    struct llmgw__json reader;
    llmgw_status status = LLMGW_OK;
    llmgw_str key;

    llmgw__json_init(&reader, llmgw__bytes_str(given));
    if (!llmgw__json_object(&reader))
        return LLMGW_E_INVALID;
    request->given = NULL;
    while (status == LLMGW_OK && llmgw__json_key(&reader, &key))
        status = unfold_member(request, key, &reader);
    if (status == LLMGW_OK && !llmgw__json_end(&reader))
        status = LLMGW_E_INVALID;
    if (status != LLMGW_OK) {
        llmgw__request_forget(request);
        request->given = given;
        return status;
    }
    llmgw__bytes_drop(given);
    return LLMGW_OK;
}
