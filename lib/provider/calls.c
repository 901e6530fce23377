/*
 * provider/calls.c - what calls, vectors and counts of an answer need,
 * whatever wire they came by.
 *
 * Memory: the attempt's scratch arena.
 */
#include "calls.h"

#include <string.h>

#include "base/crypto.h"

static size_t squeeze(llmgw_str json, char *out);

bool llmgw__calls_custom(const struct llmgw__decode *decode, llmgw_str name)
{
    const struct llmgw__memo *memo = decode->memo;

    if (!memo || !memo->custom_any || !memo->chat)
        return false;
    for (size_t i = 0; i < memo->chat->tool_count; i++) {
        const struct llmgw__tool *tool = &memo->chat->tools[i];
        const struct llmgw__jstr other = llmgw__jstr(name, false);

        if (tool->type == LLMGW__TOOL_CUSTOM &&
            llmgw__jstr_compare(tool->name, other) == 0)
            return true;
    }
    return false;
}

llmgw_status llmgw__calls_input(const struct llmgw__decode *decode,
                                llmgw_str arguments, llmgw_str *out)
{
    struct llmgw__jstr input = {"", 0, false};
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, arguments);
    *out = LLMGW__LIT("");
    if (!llmgw__json_object(&json))
        return LLMGW_OK;
    while (llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "input"))
            (void)llmgw__json_string(&json, &input);
        else
            llmgw__json_skip(&json);
    return json.bad ? LLMGW_OK : llmgw__jstr_text(input, decode->scratch, out);
}

/* Known to be JSON. Without white space between its tokens it is the text
 * itself. */
llmgw_status llmgw__calls_compact(llmgw_str json, struct llmgw__arena *arena,
                                  llmgw_str *out)
{
    size_t len = squeeze(json, NULL);
    char *text;

    *out = json;
    if (len == json.len)
        return LLMGW_OK;
    text = llmgw__arena_alloc(arena, len);
    if (!text)
        return LLMGW_E_NOMEM;
    squeeze(json, text);
    *out = llmgw__str_n(text, len);
    return LLMGW_OK;
}

/* @return bytes without white space; out NULL: only counted */
static size_t squeeze(llmgw_str json, char *out)
{
    bool inside = false;
    size_t len = 0;

    for (size_t i = 0; i < json.len; i++) {
        char c = json.data[i];
        size_t step = inside && c == '\\' && i + 1 < json.len ? 2 : 1;

        if (c == '"')
            inside = !inside;
        if (!inside && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
            continue;
        if (out)
            memcpy(out + len, json.data + i, step);
        len += step;
        i += step - 1;
    }
    return len;
}

llmgw_status llmgw__vectors_list(struct llmgw__vectors *vectors,
                                 struct llmgw__json *json)
{
    llmgw_status status = LLMGW_OK;
    int64_t index = 0;

    if (!llmgw__json_array(json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_item(json))
        status = llmgw__vectors_take(vectors, index++, llmgw__json_raw(json));
    return status;
}

llmgw_status llmgw__calls_prompt(const struct llmgw__decode *decode,
                                 int64_t tokens)
{
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};

    if (tokens < 0)
        return LLMGW_OK;
    llmgw__usage_init(&usage);
    llmgw__usage_set(&usage, LLMGW__INPUT_UNCACHED, tokens);
    return decode->emit(decode->userdata, &chunk);
}

bool llmgw__calls_is_short_id(llmgw_str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
              (c >= 'a' && c <= 'z')))
            return false;
    }
    return id.len == LLMGW__SHORT_ID;
}

bool llmgw__calls_short_id(llmgw_str id, char out[LLMGW__SHORT_ID])
{
    static const char letters[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char digest[32];

    if (llmgw__sha256(id, digest) != 0)
        return false;
    for (size_t i = 0; i < LLMGW__SHORT_ID; i++)
        out[i] = letters[digest[i] % (sizeof letters - 1)];
    return true;
}
