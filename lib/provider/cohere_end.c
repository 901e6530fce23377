/*
 * provider/cohere_end.c - what is told beside the answer: citations, logprobs,
 * usage, how it ended.
 *
 * Usage is what is charged; the raw counts hold the service's own preamble and
 * templates too, and what was cached is a part of those. A failure in the
 * midst of an answer is a regular end with a reason of its own.
 *
 * Source: Cohere's API reference, "Chat" (v2); recorded answers.
 */
#include <stdio.h>
#include <string.h>

#include "cohere.h"

static int64_t start_of(const struct llmgw__cohere_decoder *d, int64_t index);
static llmgw_status tell_citation(const struct llmgw__cohere_reading *r,
                                  const struct llmgw__jdoc *doc, uint32_t node);
static llmgw_status tell_source(const struct llmgw__cohere_reading *r,
                                const struct llmgw__jdoc *doc, uint32_t source,
                                const int64_t range[2]);
static void write_source(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                         uint32_t source);
static void write_token(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                        uint32_t node);
static void write_sum(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                      uint32_t list);
static int64_t count_of(const struct llmgw__jdoc *doc, uint32_t parent,
                        const char *name);
static llmgw_status fail(const struct llmgw__cohere_reading *r,
                         llmgw_error_kind kind);

/* --- citations --- */

llmgw_status llmgw__cohere_citations(const struct llmgw__cohere_reading *r)
{
    struct llmgw__jdoc doc = {.nodes = NULL};
    llmgw_status status = llmgw__jdoc_parse(&doc, r->record->citations, 0);

    if (status == LLMGW_OK && llmgw__jdoc_type(&doc, 0) == LLMGW__JSON_OBJECT)
        status = tell_citation(r, &doc, 0);
    else if (status == LLMGW_OK)
        for (uint32_t at = llmgw__jdoc_first(&doc, 0);
             at != LLMGW__JNONE && status == LLMGW_OK;
             at = llmgw__jdoc_next(&doc, 0, at))
            status = tell_citation(r, &doc, at);
    llmgw__jdoc_clear(&doc);
    return status;
}

/* Of the text, not of thoughts and plans: one annotation a source. */
static llmgw_status tell_citation(const struct llmgw__cohere_reading *r,
                                  const struct llmgw__jdoc *doc, uint32_t node)
{
    struct llmgw__jstr type = llmgw__jdoc_get_string(doc, node, "type");
    uint32_t sources = llmgw__jdoc_get(doc, node, "sources");
    int64_t range[2] = {0, 0}, block = -1, start;
    llmgw_status status = LLMGW_OK;

    if ((type.data && !llmgw__jstr_is(type, "TEXT_CONTENT")) ||
        llmgw__jdoc_type(doc, sources) != LLMGW__JSON_ARRAY)
        return LLMGW_OK;
    (void)llmgw__jdoc_int64(doc, llmgw__jdoc_get(doc, node, "content_index"),
                            &block);
    (void)llmgw__jdoc_int64(doc, llmgw__jdoc_get(doc, node, "start"),
                            &range[0]);
    (void)llmgw__jdoc_int64(doc, llmgw__jdoc_get(doc, node, "end"), &range[1]);
    start = start_of(r->decoder, block);
    for (int i = 0; i < 2; i++)
        if (range[i] >= 0 && range[i] < INT64_MAX - start)
            range[i] += start;
    for (uint32_t at = llmgw__jdoc_first(doc, sources);
         at != LLMGW__JNONE && status == LLMGW_OK;
         at = llmgw__jdoc_next(doc, sources, at))
        status = tell_source(r, doc, at, range);
    return status;
}

static int64_t start_of(const struct llmgw__cohere_decoder *d, int64_t index)
{
    for (size_t i = 0; i < d->block_count; i++)
        if (d->blocks[i].index == index)
            return d->blocks[i].start;
    return 0;
}

static llmgw_status tell_source(const struct llmgw__cohere_reading *r,
                                const struct llmgw__jdoc *doc, uint32_t source,
                                const int64_t range[2])
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_EXTRA,
                                 .variant = LLMGW__EXTRA_ANNOTATION};
    struct llmgw__buf json;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&json, 0);
    llmgw__jsonw_init(&w, &json);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "type", "url_citation");
    llmgw__jsonw_member_open(&w, "url_citation", '{');
    llmgw__jsonw_member_int(&w, "start_index", range[0]);
    llmgw__jsonw_member_int(&w, "end_index", range[1]);
    write_source(&w, doc, source);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
    chunk.text = llmgw__buf_str(&json);
    status = json.status;
    if (status == LLMGW_OK)
        status = r->decode->emit(r->decode->userdata, &chunk);
    llmgw__buf_clear(&json);
    return status;
}

/* What has no address gets one made up of its id. */
static void write_source(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                         uint32_t source)
{
    const struct llmgw__jstr none = {"", 0, false};
    bool tool =
        llmgw__jstr_is(llmgw__jdoc_get_string(doc, source, "type"), "tool");
    uint32_t data =
        llmgw__jdoc_get(doc, source, tool ? "tool_output" : "document");
    struct llmgw__jstr url = llmgw__jdoc_get_string(doc, data, "url");
    struct llmgw__jstr title = llmgw__jdoc_get_string(doc, data, "title");
    struct llmgw__jstr id = llmgw__jdoc_get_string(doc, source, "id");

    llmgw__jsonw_key(w, "url");
    llmgw__jsonw_str_open(w);
    if (url.len == 0)
        llmgw__jsonw_str_add(w, llmgw__str(tool ? "tool:" : "document:"));
    if (url.len == 0)
        url = id.data ? id : none;
    llmgw__jsonw_str_add_raw(w, (llmgw_str){url.data, url.len});
    llmgw__jsonw_str_close(w);
    llmgw__jsonw_member_jstr(w, "title", title.data ? title : none);
}

/* --- logprobs --- */

/* {text, token_ids, logprobs}, or a list of them: tokens that make up a piece
 * of text are told as one. */
llmgw_status llmgw__cohere_logprobs(const struct llmgw__cohere_reading *r,
                                    llmgw_str *out)
{
    struct llmgw__jdoc doc = {.nodes = NULL};
    struct llmgw__buf json;
    struct llmgw__jsonw w;
    llmgw_status status = llmgw__jdoc_parse(&doc, r->record->logprobs, 0);

    if (status != LLMGW_OK || llmgw__jdoc_type(&doc, 0) < LLMGW__JSON_ARRAY) {
        llmgw__jdoc_clear(&doc);
        return status;
    }
    llmgw__buf_init(&json, 0);
    llmgw__jsonw_init(&w, &json);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_open(&w, "content", '[');
    if (llmgw__jdoc_type(&doc, 0) == LLMGW__JSON_OBJECT)
        write_token(&w, &doc, 0);
    else
        for (uint32_t at = llmgw__jdoc_first(&doc, 0); at != LLMGW__JNONE;
             at = llmgw__jdoc_next(&doc, 0, at))
            write_token(&w, &doc, at);
    llmgw__jsonw_close(&w, ']');
    llmgw__jsonw_key(&w, "refusal");
    llmgw__jsonw_null(&w);
    llmgw__jsonw_close(&w, '}');
    status = json.status;
    if (status == LLMGW_OK)
        status =
            llmgw__arena_str(r->decode->scratch, llmgw__buf_str(&json), out);
    llmgw__buf_clear(&json);
    llmgw__jdoc_clear(&doc);
    return status;
}

static void write_token(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                        uint32_t node)
{
    const struct llmgw__jstr none = {"", 0, false};
    struct llmgw__jstr token = llmgw__jdoc_get_string(doc, node, "text");

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_jstr(w, "token", token.data ? token : none);
    llmgw__jsonw_key(w, "logprob");
    write_sum(w, doc, llmgw__jdoc_get(doc, node, "logprobs"));
    llmgw__jsonw_key(w, "bytes");
    llmgw__jsonw_null(w);
    llmgw__jsonw_member_raw(w, "top_logprobs", LLMGW__LIT("[]"));
    llmgw__jsonw_close(w, '}');
}

/* One number stays as it is written. */
static void write_sum(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                      uint32_t list)
{
    uint32_t at = llmgw__jdoc_first(doc, list);
    double sum = 0, number = 0;
    char text[40];

    if (llmgw__jdoc_count(doc, list) == 1 &&
        llmgw__jdoc_type(doc, at) == LLMGW__JSON_NUMBER) {
        llmgw__jsonw_node(w, doc, at);
        return;
    }
    for (; at != LLMGW__JNONE; at = llmgw__jdoc_next(doc, list, at))
        if (llmgw__jdoc_double(doc, at, &number))
            sum += number;
    if (!(sum > -1e9 && sum < 1e9))
        sum = -9999;
    (void)snprintf(text, sizeof text, "%.9f", sum);
    for (char *c = text; *c; c++)
        if (*c != '-' && (*c < '0' || *c > '9'))
            *c = '.'; /* whatever the host's locale has there */
    llmgw__jsonw_raw(w, llmgw__str(text));
}

/* --- usage --- */

llmgw_status llmgw__cohere_usage(const struct llmgw__cohere_reading *r)
{
    struct llmgw__usage usage;
    struct llmgw__usage_inclusive in;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};
    struct llmgw__jdoc doc = {.nodes = NULL};
    llmgw_status status = llmgw__jdoc_parse(&doc, r->record->usage, 0);
    uint32_t billed = llmgw__jdoc_get(&doc, 0, "billed_units");
    uint32_t all = llmgw__jdoc_get(&doc, 0, "tokens");
    int64_t input = count_of(&doc, all, "input_tokens");
    int64_t output = count_of(&doc, all, "output_tokens");
    int64_t cached = count_of(&doc, 0, "cached_tokens");

    llmgw__usage_init(&usage);
    llmgw__usage_inclusive_init(&in);
    in.prompt = count_of(&doc, billed, "input_tokens");
    in.completion = count_of(&doc, billed, "output_tokens");
    in.reasoning = count_of(&doc, all, "reasoning_tokens");
    llmgw__jdoc_clear(&doc);
    if (in.prompt < 0 && input >= 0) {
        in.prompt = input;
        in.cached = cached;
    }
    if (in.completion < 0)
        in.completion = output;
    if (status != LLMGW_OK || (in.prompt < 0 && in.completion < 0))
        return status;
    llmgw__usage_from_inclusive(&usage, &in);
    if (input >= 0 && output >= 0) {
        usage.raw[LLMGW__RAW_INPUT] = input;
        usage.raw[LLMGW__RAW_OUTPUT] = output;
        usage.raw[LLMGW__RAW_CACHED] = cached > 0 ? cached : 0;
        usage.raw_whole = true;
    }
    return r->decode->emit(r->decode->userdata, &chunk);
}

/* Counts may be written as floats. -1: not told. */
static int64_t count_of(const struct llmgw__jdoc *doc, uint32_t parent,
                        const char *name)
{
    double value = 0;

    if (!doc->nodes ||
        !llmgw__jdoc_double(doc, llmgw__jdoc_get(doc, parent, name), &value))
        return -1;
    if (value < 0)
        return 0;
    return value < 1e15 ? (int64_t)value : (int64_t)1000000000000000;
}

/* --- the end --- */

llmgw_status llmgw__cohere_finish(const struct llmgw__cohere_reading *r)
{
    static const struct {
        const char *native;
        llmgw_finish_reason finish;
        llmgw_error_kind failure;
    } rows[] = {
        {"COMPLETE", LLMGW_FINISH_STOP, LLMGW_KIND_NONE},
        {"STOP_SEQUENCE", LLMGW_FINISH_STOP, LLMGW_KIND_NONE},
        {"MAX_TOKENS", LLMGW_FINISH_LENGTH, LLMGW_KIND_NONE},
        {"TOOL_CALL", LLMGW_FINISH_TOOL_CALLS, LLMGW_KIND_NONE},
        {"ERROR", LLMGW_FINISH_NONE, LLMGW_KIND_MODEL_OUTPUT_INVALID},
        {"TIMEOUT", LLMGW_FINISH_NONE, LLMGW_KIND_TIMEOUT},
    };
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_FINISH,
                                 .variant = LLMGW_FINISH_STOP};
    llmgw_status status = LLMGW_OK;

    r->decoder->ended = true;
    if (r->record->error.len > 0 && !r->record->finish.data)
        return fail(r, LLMGW_KIND_MODEL_OUTPUT_INVALID);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!llmgw__jstr_is(r->record->finish, rows[i].native))
            continue;
        if (rows[i].failure != LLMGW_KIND_NONE)
            return fail(r, rows[i].failure);
        chunk.variant = (uint8_t)rows[i].finish;
    }
    if (chunk.variant == LLMGW_FINISH_TOOL_CALLS && r->decoder->call_count == 0)
        chunk.variant = LLMGW_FINISH_STOP;
    if (r->record->finish.data)
        status = llmgw__jstr_text(r->record->finish, r->decode->scratch,
                                  &chunk.text);
    return status == LLMGW_OK ? r->decode->emit(r->decode->userdata, &chunk)
                              : status;
}

/* The provider's words, else what can be said of it. */
static llmgw_status fail(const struct llmgw__cohere_reading *r,
                         llmgw_error_kind kind)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};
    llmgw_str text = {NULL, 0}, type = text, reason = text;
    llmgw_status status =
        llmgw__jstr_text(r->record->error, r->decode->scratch, &text);

    if (status == LLMGW_OK)
        status =
            llmgw__jstr_text(r->record->error_type, r->decode->scratch, &type);
    if (status == LLMGW_OK)
        status =
            llmgw__jstr_text(r->record->finish, r->decode->scratch, &reason);
    if (status != LLMGW_OK)
        return status;
    if (text.len > 0)
        llmgw__error_set(&error, kind, text);
    else
        llmgw__error_setz(&error, kind,
                          kind == LLMGW_KIND_TIMEOUT
                              ? "the provider ran out of time"
                              : "the answer ended with an error");
    llmgw__error_copy(error.raw_type, sizeof error.raw_type, type);
    llmgw__error_copy(error.raw_code, sizeof error.raw_code, reason);
    if (r->decode->head)
        error.upstream_status = r->decode->head->status;
    return r->decode->emit(r->decode->userdata, &chunk);
}
