/*
 * provider/ollama_decode.c - answers of Ollama's native chat: a JSON document,
 * or one a line.
 *
 * Calls come whole, in lines before the last, which says "stop" all the same.
 * A count that is left out is not known. Indices of calls are not to be
 * trusted: they are counted here.
 *
 * Source: ollama/ollama, api/types.go (ChatResponse), 2026-08; recorded
 * answers. Memory: none but the scratch arena.
 */
#include "base/clock.h"
#include "endpoints.h"
#include "ollama.h"

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame);
static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body);
static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode);
static llmgw_status take_line(struct llmgw__ollama_decoder *d,
                              const struct llmgw__decode *decode,
                              llmgw_str text);
static bool read_line(llmgw_str text, struct llmgw__ollama_line *line);
static void read_member(struct llmgw__json *json, llmgw_str key,
                        struct llmgw__ollama_line *line);
static void read_message(struct llmgw__json *json,
                         struct llmgw__ollama_line *line);
static bool asked_logprobs(const struct llmgw__decode *decode);
static llmgw_status tell_identity(const struct llmgw__decode *decode,
                                  const struct llmgw__ollama_line *line);
static llmgw_status tell_text(struct llmgw__ollama_decoder *d,
                              const struct llmgw__decode *decode, uint8_t kind,
                              struct llmgw__jstr text, llmgw_str logprobs);
static llmgw_status wrap_logprobs(const struct llmgw__decode *decode,
                                  llmgw_str list, llmgw_str *out);
static llmgw_status tell_end(struct llmgw__ollama_decoder *d,
                             const struct llmgw__decode *decode,
                             const struct llmgw__ollama_line *line);
static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               const struct llmgw__ollama_line *line);
static llmgw_status tell_failure(struct llmgw__ollama_decoder *d,
                                 const struct llmgw__decode *decode,
                                 llmgw_str text);

static const char *const extensions[] = {"ollama", NULL};
static const char *const settings[] = {"num_ctx", NULL};

/* Servers know more levels of thinking the newer they are. */
static uint8_t send_again(const struct llmgw__error *error)
{
    return llmgw__str_find(llmgw__str(error->message),
                           LLMGW__LIT("invalid think value")) == SIZE_MAX
               ? 0
               : LLMGW__AGAIN_UNLEVELED;
}

const struct llmgw__dialect llmgw__dialect_ollama = {
    .name = "ollama",
    .extensions = extensions,
    .settings = settings,
    .refuse_setting = llmgw__ollama_refuse_setting,
    .encode = llmgw__ollama_encode,
    .decoder_size = sizeof(struct llmgw__ollama_decoder),
    .frame = read_frame,
    .body = read_body,
    .end = end_answer,
    .again = send_again,
    .embed = &llmgw__ollama_embed,
    .models = &llmgw__ollama_list,
};

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame)
{
    return take_line(decoder, decode, frame->data);
}

/* Several documents: lines that nobody said were lines. */
static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body)
{
    struct llmgw__json json;
    llmgw_str rest = llmgw__str_trim(body);
    llmgw_status status = LLMGW_OK;

    while (status == LLMGW_OK && rest.len > 0) {
        llmgw_str one;

        llmgw__json_init(&json, rest);
        one = llmgw__json_raw(&json);
        if (one.len == 0)
            return LLMGW_E_INVALID;
        status = take_line(decoder, decode, one);
        rest = llmgw__str_trim(
            llmgw__str_n(json.at, (size_t)(rest.data + rest.len - json.at)));
    }
    return status == LLMGW_OK ? end_answer(decoder, decode) : status;
}

static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode)
{
    const struct llmgw__ollama_decoder *d = decoder;

    (void)decode;
    return d->ended ? LLMGW_OK : LLMGW_E_INVALID;
}

static llmgw_status take_line(struct llmgw__ollama_decoder *d,
                              const struct llmgw__decode *decode,
                              llmgw_str text)
{
    struct llmgw__ollama_line line;
    llmgw_str logprobs = {NULL, 0};
    llmgw_status status = LLMGW_OK;

    if (d->ended)
        return LLMGW_OK;
    if (!read_line(text, &line))
        return LLMGW_E_INVALID;
    if (line.error.len > 0 && !llmgw__str_is(line.error, "null"))
        return tell_failure(d, decode, text);
    if (!d->ready)
        d->logprobs = asked_logprobs(decode);
    d->ready = true;
    if (!d->told)
        status = tell_identity(decode, &line);
    d->told = true;
    if (status == LLMGW_OK)
        status = tell_text(d, decode, LLMGW__CHUNK_REASONING, line.thinking,
                           logprobs);
    if (status == LLMGW_OK && d->logprobs && line.logprobs.len > 2)
        status = wrap_logprobs(decode, line.logprobs, &logprobs);
    if (status == LLMGW_OK)
        status =
            tell_text(d, decode, LLMGW__CHUNK_TEXT, line.content, logprobs);
    if (status == LLMGW_OK && line.calls.len > 0)
        status = llmgw__ollama_calls(d, decode, line.calls);
    return status == LLMGW_OK && line.done ? tell_end(d, decode, &line)
                                           : status;
}

static bool asked_logprobs(const struct llmgw__decode *decode)
{
    const struct llmgw__chat *chat = decode->memo ? decode->memo->chat : NULL;
    bool asked = false;
    uint32_t own;

    if (!chat || chat->logprobs == 1)
        return true;
    own = llmgw__jdoc_get(&chat->doc, chat->extension, "ollama");
    (void)llmgw__jdoc_bool(
        &chat->doc, llmgw__jdoc_get(&chat->doc, own, "logprobs"), &asked);
    return asked;
}

/* --- one line --- */

/* @return it is a JSON object */
static bool read_line(llmgw_str text, struct llmgw__ollama_line *line)
{
    struct llmgw__json json;
    llmgw_str key;

    *line = (struct llmgw__ollama_line){
        .prompt = -1, .cached = -1, .completion = -1};
    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key))
        read_member(&json, key, line);
    return llmgw__json_end(&json);
}

static void read_member(struct llmgw__json *json, llmgw_str key,
                        struct llmgw__ollama_line *line)
{
    const struct {
        const char *name;
        struct llmgw__jstr *text;
        int64_t *count;
    } rows[] = {
        {"model", &line->model, NULL},
        {"created_at", &line->created, NULL},
        {"done_reason", &line->reason, NULL},
        {"prompt_eval_count", NULL, &line->prompt},
        {"prompt_eval_cached_count", NULL, &line->cached},
        {"eval_count", NULL, &line->completion},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (llmgw__str_is(key, rows[i].name)) {
            if (rows[i].text)
                (void)llmgw__json_string(json, rows[i].text);
            else
                (void)llmgw__json_int64(json, rows[i].count);
            return;
        }
    if (llmgw__str_is(key, "message"))
        read_message(json, line);
    else if (llmgw__str_is(key, "done"))
        (void)llmgw__json_bool(json, &line->done);
    else if (llmgw__str_is(key, "logprobs"))
        line->logprobs = llmgw__json_raw(json);
    else if (llmgw__str_is(key, "error"))
        line->error = llmgw__json_raw(json);
    else
        llmgw__json_skip(json);
}

static void read_message(struct llmgw__json *json,
                         struct llmgw__ollama_line *line)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "content"))
            (void)llmgw__json_string(json, &line->content);
        else if (llmgw__str_is(key, "thinking"))
            (void)llmgw__json_string(json, &line->thinking);
        else if (llmgw__str_is(key, "tool_calls"))
            line->calls = llmgw__json_raw(json);
        else
            llmgw__json_skip(json);
}

/* --- what it says --- */

static llmgw_status tell_identity(const struct llmgw__decode *decode,
                                  const struct llmgw__ollama_line *line)
{
    struct llmgw__identity identity = {.created = 0};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_IDENTITY,
                                 .identity = &identity};
    llmgw_status status =
        llmgw__jstr_text(line->model, decode->scratch, &identity.model);

    if (line->created.len > 0)
        identity.created =
            llmgw__date_parse(line->created.data, line->created.len);
    if (identity.created < 0)
        identity.created = 0;
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}

static llmgw_status tell_text(struct llmgw__ollama_decoder *d,
                              const struct llmgw__decode *decode, uint8_t kind,
                              struct llmgw__jstr text, llmgw_str logprobs)
{
    struct llmgw__chunk chunk = {.kind = kind, .extra = logprobs};
    llmgw_status status;

    if (text.len == 0 && logprobs.len == 0)
        return LLMGW_OK;
    d->visible = true;
    status = llmgw__jstr_text(text, decode->scratch, &chunk.text);
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}

/* The entries have OpenAI's form already. */
static llmgw_status wrap_logprobs(const struct llmgw__decode *decode,
                                  llmgw_str list, llmgw_str *out)
{
    struct llmgw__buf json;
    llmgw_status status;

    if (list.data[0] != '[')
        return LLMGW_OK;
    llmgw__buf_init(&json, 0);
    llmgw__buf_add_z(&json, "{\"content\":");
    llmgw__buf_add_str(&json, list);
    llmgw__buf_add_z(&json, ",\"refusal\":null}");
    status = json.status;
    if (status == LLMGW_OK)
        status = llmgw__arena_str(decode->scratch, llmgw__buf_str(&json), out);
    llmgw__buf_clear(&json);
    return status;
}

static llmgw_status tell_end(struct llmgw__ollama_decoder *d,
                             const struct llmgw__decode *decode,
                             const struct llmgw__ollama_line *line)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_FINISH,
                                 .variant = LLMGW_FINISH_STOP}; /* or calls */
    struct llmgw__error error;
    llmgw_status status = tell_usage(decode, line);

    if (status != LLMGW_OK)
        return status;
    d->ended = true;
    if (line->reason.len == 0 && !d->visible) {
        llmgw__error_setz(&error, LLMGW_KIND_MODEL_OUTPUT_INVALID,
                          "the answer is empty, and has no done_reason");
        if (decode->head)
            error.upstream_status = decode->head->status;
        chunk.kind = LLMGW__CHUNK_ERROR;
        chunk.error = &error;
        return decode->emit(decode->userdata, &chunk);
    }
    if (llmgw__jstr_is(line->reason, "length"))
        chunk.variant = LLMGW_FINISH_LENGTH;
    if (line->reason.data)
        status = llmgw__jstr_text(line->reason, decode->scratch, &chunk.text);
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}

static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               const struct llmgw__ollama_line *line)
{
    struct llmgw__usage usage;
    struct llmgw__usage_inclusive in;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};

    if (line->prompt < 0 && line->completion < 0)
        return LLMGW_OK;
    llmgw__usage_init(&usage);
    llmgw__usage_inclusive_init(&in);
    in.prompt = line->prompt;
    in.cached = line->prompt < 0 ? -1 : line->cached;
    in.completion = line->completion;
    llmgw__usage_from_inclusive(&usage, &in);
    return decode->emit(decode->userdata, &chunk);
}

static llmgw_status tell_failure(struct llmgw__ollama_decoder *d,
                                 const struct llmgw__decode *decode,
                                 llmgw_str text)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};

    d->ended = true;
    llmgw__error_clear(&error);
    llmgw__error_classify_inband(decode, text, &error);
    return decode->emit(decode->userdata, &chunk);
}
