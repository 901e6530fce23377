/*
 * provider/gemini_call.c - a functionCall of an answer -> the two chunks of a
 * tool call.
 *
 * Arguments come as an object and leave as its compact text, in the order and
 * with the digits they came in; or in pieces (gemini_pieces.c). Memory: the
 * attempt's scratch arena.
 */
#include "gemini_pieces.h"

struct call {
    struct llmgw__jstr name;
    struct llmgw__jstr id;
    llmgw_str args;   /* raw JSON; empty: none */
    llmgw_str pieces; /* partialArgs, raw; empty: none */
    bool goes_on;     /* more of it comes */
};

static void read_call(llmgw_str text, struct call *call);
static llmgw_status continue_call(struct llmgw__gemini_reading *r,
                                  struct llmgw__gemini_choice *choice,
                                  const struct call *call);
static llmgw_status tell_start(const struct llmgw__gemini_reading *r,
                               const struct llmgw__chunk *start,
                               struct llmgw__jstr id,
                               struct llmgw__jstr signature);
static llmgw_status tell_arguments(const struct llmgw__gemini_reading *r,
                                   const struct llmgw__chunk *start,
                                   llmgw_str args);
static llmgw_str without_prefix(llmgw_str name);
static bool is_custom(const struct llmgw__decode *decode, llmgw_str name);
static llmgw_status input_of(const struct llmgw__decode *decode, llmgw_str args,
                             llmgw_str *out);
static llmgw_status signature_json(struct llmgw__jstr signature,
                                   struct llmgw__arena *arena, llmgw_str *out);
static llmgw_status compact(llmgw_str json, struct llmgw__arena *arena,
                            llmgw_str *out);
static size_t squeeze(llmgw_str json, char *out);

llmgw_status llmgw__gemini_call(struct llmgw__gemini_reading *r,
                                struct llmgw__gemini_choice *choice,
                                llmgw_str json, struct llmgw__jstr signature)
{
    struct call call;
    struct llmgw__chunk start = {.kind = LLMGW__CHUNK_TOOL_START,
                                 .choice = choice->index,
                                 .index = choice->calls};
    llmgw_status status;

    read_call(json, &call);
    if (call.name.len == 0)
        return continue_call(r, choice, &call);
    choice->any = choice->visible = true;
    choice->calls++;
    status = llmgw__gemini_pieces_end(r->decode, choice);
    if (status == LLMGW_OK)
        status = llmgw__jstr_text(call.name, r->decode->scratch, &start.name);
    if (status != LLMGW_OK)
        return status;
    start.name = without_prefix(start.name);
    start.variant = is_custom(r->decode, start.name);
    status = tell_start(r, &start, call.id, signature);
    if (status != LLMGW_OK)
        return status;
    if (call.args.len > 0 || (call.pieces.len == 0 && !call.goes_on))
        return tell_arguments(r, &start, call.args);
    status = llmgw__gemini_pieces_start(r->decode, choice, start.index);
    r->pieces = start.variant; /* its input would have to be unwrapped */
    return status == LLMGW_OK ? continue_call(r, choice, &call) : status;
}

/* Pieces; a sign of life; or nothing: the end. */
static llmgw_status continue_call(struct llmgw__gemini_reading *r,
                                  struct llmgw__gemini_choice *choice,
                                  const struct call *call)
{
    if (r->pieces)
        return LLMGW_OK;
    if (call->pieces.len > 0)
        return llmgw__gemini_pieces_add(r, choice, call->pieces);
    return call->goes_on ? LLMGW_OK
                         : llmgw__gemini_pieces_end(r->decode, choice);
}

static void read_call(llmgw_str text, struct call *call)
{
    struct llmgw__json json;
    llmgw_str key;

    *call = (struct call){.name = {"", 0, false}};
    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return;
    while (llmgw__json_key(&json, &key)) {
        if (LLMGW__GEMINI_KEY(key, "name")) {
            llmgw__json_string(&json, &call->name);
        } else if (LLMGW__GEMINI_KEY(key, "id")) {
            llmgw__json_string(&json, &call->id);
        } else if (LLMGW__GEMINI_KEY(key, "args")) {
            call->args = llmgw__json_raw(&json);
        } else if (LLMGW__GEMINI_KEY(key, "partialArgs")) {
            call->pieces = llmgw__json_raw(&json);
        } else if (LLMGW__GEMINI_KEY(key, "willContinue")) {
            llmgw__json_bool(&json, &call->goes_on);
        } else {
            llmgw__json_skip(&json);
        }
    }
}

static llmgw_status tell_start(const struct llmgw__gemini_reading *r,
                               const struct llmgw__chunk *start,
                               struct llmgw__jstr id,
                               struct llmgw__jstr signature)
{
    const struct llmgw__decode *decode = r->decode;
    struct llmgw__chunk chunk = *start;
    llmgw_status status = LLMGW_OK;
    char made[64];

    if (id.len > 0) {
        status = llmgw__jstr_text(id, decode->scratch, &chunk.id);
    } else {
        decode->ids->make(decode->ids->userdata, "call_", made);
        chunk.id = llmgw__str(made);
    }
    if (status == LLMGW_OK && signature.len > 0)
        status = signature_json(signature, decode->scratch, &chunk.extra);
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}

static llmgw_status tell_arguments(const struct llmgw__gemini_reading *r,
                                   const struct llmgw__chunk *start,
                                   llmgw_str args)
{
    const struct llmgw__decode *decode = r->decode;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_ARGS,
                                 .variant = 1, /* all of them */
                                 .choice = start->choice,
                                 .index = start->index};
    llmgw_status status;

    if (args.len == 0 || llmgw__str_is(args, "null"))
        args = LLMGW__LIT("{}");
    status = start->variant ? input_of(decode, args, &chunk.text)
                            : compact(args, decode->scratch, &chunk.text);
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}

static llmgw_str without_prefix(llmgw_str name)
{
    static const char *const prefixes[] = {"default_api:", "default_api."};

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (llmgw__str_starts(name, prefixes[i])) {
            size_t len = strlen(prefixes[i]);

            return llmgw__str_n(name.data + len, name.len - len);
        }
    return name;
}

/* A custom tool that went out as a function of one string. */
static bool is_custom(const struct llmgw__decode *decode, llmgw_str name)
{
    const struct llmgw__memo *memo = decode->memo;

    if (!memo || !memo->custom_any || !memo->chat)
        return false;
    for (size_t i = 0; i < memo->chat->tool_count; i++) {
        const struct llmgw__tool *tool = &memo->chat->tools[i];

        if (tool->type == LLMGW__TOOL_CUSTOM &&
            llmgw__str_eq(llmgw__str_n(tool->name.data, tool->name.len), name))
            return true;
    }
    return false;
}

static llmgw_status input_of(const struct llmgw__decode *decode, llmgw_str args,
                             llmgw_str *out)
{
    struct llmgw__jstr input = {"", 0, false};
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, args);
    *out = llmgw__str_n("", 0);
    if (!llmgw__json_object(&json))
        return LLMGW_OK;
    while (llmgw__json_key(&json, &key))
        if (LLMGW__GEMINI_KEY(key, "input"))
            llmgw__json_string(&json, &input);
        else
            llmgw__json_skip(&json);
    return llmgw__jstr_text(input, decode->scratch, out);
}

/* The place where the vendor's own compatible endpoint has it. */
static llmgw_status signature_json(struct llmgw__jstr signature,
                                   struct llmgw__arena *arena, llmgw_str *out)
{
    static const char before[] = "{\"google\":{\"thought_signature\":\"";
    static const char after[] = "\"}}";
    size_t len = sizeof before - 1 + signature.len + sizeof after - 1;
    char *text = llmgw__arena_alloc(arena, len);

    if (!text)
        return LLMGW_E_NOMEM;
    memcpy(text, before, sizeof before - 1);
    memcpy(text + sizeof before - 1, signature.data, signature.len);
    memcpy(text + sizeof before - 1 + signature.len, after, sizeof after - 1);
    *out = llmgw__str_n(text, len);
    return LLMGW_OK;
}

/* Known to be JSON. Without white space between its tokens it is the text
 * itself. */
static llmgw_status compact(llmgw_str json, struct llmgw__arena *arena,
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
