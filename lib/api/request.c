/*
 * api/request.c - build a request with setters, or take it as JSON.
 *
 * Setters write OpenAI's JSON; when a call starts, that text goes through the
 * one reader and checker that a request made of JSON goes through.
 */
#include "request.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/jsonread.h"
#include "base/jsonwrite.h"
#include "gateway.h"

static llmgw_status begin_message(llmgw_request *request,
                                  struct llmgw__jsonw *w);
static llmgw_status end_message(llmgw_request *request);
static void begin_item(struct llmgw__buf *list, struct llmgw__jsonw *w);
static llmgw_status end_item(struct llmgw__buf *list, size_t before);
static bool settable(llmgw_request *request);
static bool is_one_value(llmgw_str json, enum llmgw__json_type type);

llmgw_status llmgw_request_create(const char *model, llmgw_request **out)
{
    llmgw_request *request;

    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    request = llmgw__calloc(1, sizeof *request);
    if (!request)
        return LLMGW_E_NOMEM;
    llmgw__buf_init(&request->json, LLMGW_REQUEST_MAX_BYTES);
    llmgw__buf_init(&request->messages, LLMGW_REQUEST_MAX_BYTES);
    llmgw__buf_init(&request->tools, LLMGW_REQUEST_MAX_BYTES);
    llmgw__buf_init(&request->inputs, LLMGW_REQUEST_MAX_BYTES);
    if (model && llmgw_request_set_model(request, model) != LLMGW_OK) {
        llmgw_request_free(request);
        return LLMGW_E_NOMEM;
    }
    *out = request;
    return LLMGW_OK;
}

llmgw_status llmgw_request_from_json(llmgw_str json, llmgw_request **out)
{
    struct llmgw__buf copy;
    llmgw_status status;

    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    if (!json.data || !json.len)
        return LLMGW_E_INVALID;
    if (json.len > LLMGW_REQUEST_MAX_BYTES)
        return LLMGW_E_LIMIT;
    status = llmgw_request_create(NULL, out);
    if (status != LLMGW_OK)
        return status;
    llmgw__buf_init(&copy, 0);
    llmgw__buf_add_str(&copy, json);
    status = llmgw__bytes_take(&copy, &(*out)->given);
    if (status != LLMGW_OK) {
        llmgw_request_free(*out);
        *out = NULL;
    }
    return status;
}

void llmgw_request_free(llmgw_request *request)
{
    if (!request)
        return;
    for (size_t i = 0; i < request->member_count; i++) {
        llmgw__free(request->members[i].name);
        llmgw__free(request->members[i].json);
    }
    llmgw__free(request->members);
    llmgw__free(request->model);
    llmgw__free(request->ends);
    llmgw__bytes_drop(request->given);
    llmgw__buf_clear(&request->json);
    llmgw__buf_clear(&request->messages);
    llmgw__buf_clear(&request->tools);
    llmgw__buf_clear(&request->inputs);
    llmgw__free(request);
}

llmgw_status llmgw_request_set_model(llmgw_request *request, const char *model)
{
    char *copy;

    if (!settable(request) || !model)
        return LLMGW_E_INVALID;
    copy = llmgw__strndup(model, strlen(model));
    if (!copy)
        return LLMGW_E_NOMEM;
    llmgw__free(request->model);
    request->model = copy;
    return LLMGW_OK;
}

/* --- messages --- */

llmgw_status llmgw_request_add_text(llmgw_request *request, const char *role,
                                    llmgw_str text)
{
    struct llmgw__jsonw w;

    if (!settable(request) || !role || (!text.data && text.len))
        return LLMGW_E_INVALID;
    if (begin_message(request, &w) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "role", role);
    llmgw__jsonw_member_str(&w, "content", text);
    llmgw__jsonw_close(&w, '}');
    return end_message(request);
}

static void write_text_part(struct llmgw__jsonw *w, llmgw_str text)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "text");
    llmgw__jsonw_member_str(w, "text", text);
    llmgw__jsonw_close(w, '}');
}

static void write_image_part(struct llmgw__jsonw *w, llmgw_str url)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "image_url");
    llmgw__jsonw_member_open(w, "image_url", '{');
    llmgw__jsonw_member_str(w, "url", url);
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}

llmgw_status llmgw_request_add_image(llmgw_request *request, llmgw_str text,
                                     llmgw_str url)
{
    struct llmgw__jsonw w;

    if (!settable(request) || !url.data || !url.len || (!text.data && text.len))
        return LLMGW_E_INVALID;
    if (begin_message(request, &w) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "role", "user");
    llmgw__jsonw_member_open(&w, "content", '[');
    if (text.len)
        write_text_part(&w, text);
    write_image_part(&w, url);
    llmgw__jsonw_close(&w, ']');
    llmgw__jsonw_close(&w, '}');
    return end_message(request);
}

llmgw_status llmgw_request_add_message_json(llmgw_request *request,
                                            llmgw_str json)
{
    if (!settable(request) || !json.data ||
        !is_one_value(json, LLMGW__JSON_OBJECT))
        return LLMGW_E_INVALID;
    return llmgw__request_add(request, json);
}

llmgw_status llmgw_request_add_response(llmgw_request *request,
                                        const llmgw_response *response,
                                        size_t choice)
{
    struct llmgw__jsonw w;

    if (!settable(request) || !response || !response->answer ||
        choice >= response->answer->choice_count)
        return LLMGW_E_INVALID;
    if (begin_message(request, &w) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    llmgw__answer_render_message(&response->answer->choices[choice], &w);
    return end_message(request);
}

llmgw_status llmgw_request_add_tool_result(llmgw_request *request,
                                           llmgw_str tool_call_id,
                                           llmgw_str result)
{
    struct llmgw__jsonw w;

    if (!settable(request) || !tool_call_id.data ||
        (!result.data && result.len))
        return LLMGW_E_INVALID;
    if (begin_message(request, &w) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "role", "tool");
    llmgw__jsonw_member_str(&w, "tool_call_id", tool_call_id);
    llmgw__jsonw_member_str(&w, "content", result);
    llmgw__jsonw_close(&w, '}');
    return end_message(request);
}

llmgw_status llmgw_request_add_tool(llmgw_request *request, const char *name,
                                    const char *description,
                                    llmgw_str parameters)
{
    struct llmgw__jsonw w;
    size_t before;

    if (!settable(request) || !name ||
        (parameters.len &&
         (!parameters.data || !is_one_value(parameters, LLMGW__JSON_OBJECT))))
        return LLMGW_E_INVALID;
    before = request->tools.len;
    begin_item(&request->tools, &w);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "type", "function");
    llmgw__jsonw_member_open(&w, "function", '{');
    llmgw__jsonw_member_z(&w, "name", name);
    if (description)
        llmgw__jsonw_member_z(&w, "description", description);
    if (parameters.len)
        llmgw__jsonw_member_raw(&w, "parameters", parameters);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
    return end_item(&request->tools, before);
}

llmgw_status llmgw_request_add_input(llmgw_request *request, llmgw_str text)
{
    struct llmgw__jsonw w;
    llmgw_status status;
    size_t before;

    if (!settable(request) || !text.data || !text.len)
        return LLMGW_E_INVALID;
    before = request->inputs.len;
    begin_item(&request->inputs, &w);
    llmgw__jsonw_str(&w, text);
    status = end_item(&request->inputs, before);
    if (status == LLMGW_OK)
        request->has_inputs = true;
    return status;
}

llmgw_status llmgw__request_add(llmgw_request *request, llmgw_str object)
{
    struct llmgw__jsonw w;

    if (begin_message(request, &w) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    llmgw__jsonw_raw(&w, object);
    return end_message(request);
}

size_t llmgw_request_message_count(llmgw_request *request)
{
    return settable(request) ? request->message_count : 0;
}

llmgw_status llmgw_request_truncate(llmgw_request *request, size_t count)
{
    if (!settable(request) || count > request->message_count)
        return LLMGW_E_INVALID;
    request->messages.len = count ? request->ends[count - 1] : 0;
    request->message_count = count;
    return LLMGW_OK;
}

/** One object is to be written, straight to where it is kept. */
static llmgw_status begin_message(llmgw_request *request,
                                  struct llmgw__jsonw *w)
{
    if (llmgw__grow((void **)&request->ends, &request->message_cap,
                    request->message_count + 1, sizeof *request->ends))
        return LLMGW_E_NOMEM;
    begin_item(&request->messages, w);
    return LLMGW_OK;
}

static llmgw_status end_message(llmgw_request *request)
{
    size_t count = request->message_count;
    llmgw_status status =
        end_item(&request->messages, count ? request->ends[count - 1] : 0);

    if (status == LLMGW_OK)
        request->ends[request->message_count++] = request->messages.len;
    return status;
}

static void begin_item(struct llmgw__buf *list, struct llmgw__jsonw *w)
{
    llmgw__jsonw_init(w, list);
    w->comma = list->len > 0;
}

/** On failure the list is as it was. */
static llmgw_status end_item(struct llmgw__buf *list, size_t before)
{
    llmgw_status status = list->status;

    if (status != LLMGW_OK) {
        list->len = before;
        list->status = LLMGW_OK;
    }
    return status;
}

/** A request made of JSON is taken apart when it is first changed. */
static bool settable(llmgw_request *request)
{
    return request &&
           (!request->given || llmgw__request_unfold(request) == LLMGW_OK);
}

/** Exactly one JSON value, of a type (NONE: any); nothing behind it. */
static bool is_one_value(llmgw_str json, enum llmgw__json_type type)
{
    struct llmgw__json reader;

    llmgw__json_init(&reader, json);
    if (type != LLMGW__JSON_NONE && llmgw__json_peek(&reader) != type)
        return false;
    llmgw__json_skip(&reader);
    return llmgw__json_end(&reader);
}

/* --- members --- */

static struct llmgw__request_member *find_member(llmgw_request *request,
                                                 const char *name)
{
    for (size_t i = 0; i < request->member_count; i++)
        if (strcmp(request->members[i].name, name) == 0)
            return &request->members[i];
    return NULL;
}

static void remove_member(llmgw_request *request,
                          struct llmgw__request_member *member)
{
    struct llmgw__request_member *last =
        &request->members[request->member_count - 1];

    llmgw__free(member->name);
    llmgw__free(member->json);
    memmove(member, member + 1, (size_t)(last - member) * sizeof *member);
    request->member_count--;
}

void llmgw__request_forget(llmgw_request *request)
{
    while (request->member_count)
        remove_member(request, &request->members[request->member_count - 1]);
    llmgw__free(request->model);
    request->model = NULL;
    request->message_count = 0;
    llmgw__buf_reset(&request->messages);
    llmgw__buf_reset(&request->tools);
    llmgw__buf_reset(&request->inputs);
    request->has_inputs = false;
}

static llmgw_status add_member(llmgw_request *request, const char *name,
                               char *json, size_t len)
{
    struct llmgw__request_member *member;

    if (llmgw__grow((void **)&request->members, &request->member_cap,
                    request->member_count + 1, sizeof *request->members))
        return LLMGW_E_NOMEM;
    member = &request->members[request->member_count];
    member->name = llmgw__strndup(name, strlen(name));
    if (!member->name)
        return LLMGW_E_NOMEM;
    member->json = json;
    member->json_len = len;
    request->member_count++;
    return LLMGW_OK;
}

llmgw_status llmgw_request_set_json(llmgw_request *request, const char *name,
                                    llmgw_str json)
{
    struct llmgw__request_member *member;
    llmgw_status status = LLMGW_OK;
    char *copy;

    if (!settable(request) || !name || !*name || strcmp(name, "model") == 0 ||
        strcmp(name, "messages") == 0 || strcmp(name, "tools") == 0 ||
        strcmp(name, "input") == 0)
        return LLMGW_E_INVALID;
    member = find_member(request, name);
    if (!json.len) {
        if (member)
            remove_member(request, member);
        return LLMGW_OK;
    }
    if (json.len > LLMGW_REQUEST_MAX_BYTES)
        return LLMGW_E_LIMIT;
    if (!json.data || !is_one_value(json, LLMGW__JSON_NONE))
        return LLMGW_E_INVALID;
    copy = llmgw__strndup(json.data, json.len);
    if (!copy)
        return LLMGW_E_NOMEM;
    if (member) {
        llmgw__free(member->json);
        member->json = copy;
        member->json_len = json.len;
    } else {
        status = add_member(request, name, copy, json.len);
    }
    if (status != LLMGW_OK)
        llmgw__free(copy);
    return status;
}

llmgw_status llmgw_request_set_string(llmgw_request *request,
                                      const char *member, llmgw_str value)
{
    struct llmgw__buf text;
    struct llmgw__jsonw w;
    llmgw_status status;

    if (!value.data && value.len)
        return LLMGW_E_INVALID;
    llmgw__buf_init(&text, LLMGW_REQUEST_MAX_BYTES);
    llmgw__jsonw_init(&w, &text);
    llmgw__jsonw_str(&w, value);
    status = text.status;
    if (status == LLMGW_OK)
        status = llmgw_request_set_json(request, member, llmgw__buf_str(&text));
    llmgw__buf_clear(&text);
    return status;
}

llmgw_status llmgw_request_set_int(llmgw_request *request, const char *member,
                                   int64_t value)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    return llmgw_request_set_json(request, member, llmgw__str(text));
}

llmgw_status llmgw_request_set_double(llmgw_request *request,
                                      const char *member, double value)
{
    char text[40];

    if (!isfinite(value))
        return LLMGW_E_INVALID;
    (void)snprintf(text, sizeof text, "%.15g", value);
    for (char *at = text; *at; at++)
        if (*at == ',') /* a host's locale must not reach the wire */
            *at = '.';
    return llmgw_request_set_json(request, member, llmgw__str(text));
}

llmgw_status llmgw_request_set_bool(llmgw_request *request, const char *member,
                                    int32_t value)
{
    return llmgw_request_set_json(request, member,
                                  llmgw__str(value ? "true" : "false"));
}

/* --- the whole --- */

static void write_list(struct llmgw__jsonw *w, const char *name,
                       const struct llmgw__buf *list)
{
    llmgw__jsonw_member_open(w, name, '[');
    if (list->len)
        llmgw__jsonw_raw(w, llmgw__buf_str(list));
    llmgw__jsonw_close(w, ']');
}

static llmgw_status render(const llmgw_request *request, struct llmgw__buf *buf)
{
    struct llmgw__jsonw w;

    /* most of it, at once: what is large need not move while it grows */
    (void)llmgw__buf_reserve(buf, request->messages.len + request->inputs.len +
                                      request->tools.len + 256);
    llmgw__jsonw_init(&w, buf);
    llmgw__jsonw_open(&w, '{');
    if (request->model)
        llmgw__jsonw_member_z(&w, "model", request->model);
    if (request->has_inputs)
        write_list(&w, "input", &request->inputs);
    if (!request->has_inputs || request->messages.len)
        write_list(&w, "messages", &request->messages);
    if (request->tools.len)
        write_list(&w, "tools", &request->tools);
    for (size_t i = 0; i < request->member_count; i++) {
        llmgw__jsonw_key_str(&w, llmgw__str(request->members[i].name));
        llmgw__jsonw_raw(&w, llmgw__str_n(request->members[i].json,
                                          request->members[i].json_len));
    }
    llmgw__jsonw_close(&w, '}');
    return buf->status;
}

llmgw_status llmgw__request_bytes(const llmgw_request *request,
                                  struct llmgw__bytes **out)
{
    struct llmgw__buf text;

    if (request->given) {
        *out = llmgw__bytes_ref(request->given);
        return LLMGW_OK;
    }
    llmgw__buf_init(&text, 0);
    (void)render(request, &text);
    return llmgw__bytes_take(&text, out);
}

llmgw_status llmgw_request_json(llmgw_request *request, llmgw_str *out)
{
    llmgw_status status;

    if (!request || !out)
        return LLMGW_E_INVALID;
    if (request->given) {
        *out = llmgw__bytes_str(request->given);
        return LLMGW_OK;
    }
    llmgw__buf_reset(&request->json);
    status = render(request, &request->json);
    *out = llmgw__buf_str(&request->json);
    return status;
}
