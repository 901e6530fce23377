/*
 * support/chunk_log.c - what a decoder tells, as one line of text.
 */
#include "support/chunk_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(struct chunk_log *log, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(log->text + log->len, sizeof log->text - log->len, format,
                    args);
    va_end(args);
    if (len > 0)
        log->len += (size_t)len;
    if (log->len >= sizeof log->text)
        log->len = sizeof log->text - 1;
}

static void add_str(struct chunk_log *log, const char *before, llmgw_str text)
{
    if (text.len)
        add(log, "%s%.*s", before, (int)text.len, text.data);
}

static void add_quoted(struct chunk_log *log, const char *before,
                       llmgw_str text)
{
    add(log, "%s\"%.*s\"", before, (int)text.len, text.data ? text.data : "");
}

static void add_identity(struct chunk_log *log,
                         const struct llmgw__identity *identity)
{
    add(log, "id(%.*s", (int)identity->id.len, identity->id.data);
    add_str(log, " ", identity->model);
    if (identity->created)
        add(log, " %lld", (long long)identity->created);
    add_str(log, " ", identity->service_tier);
    add_str(log, " ", identity->system_fingerprint);
    add_str(log, " moderation ", identity->moderation);
    add_str(log, " metadata ", identity->metadata);
    add_str(log, " vendor ", identity->vendor);
    add(log, ")");
}

static void add_usage(struct chunk_log *log, const struct llmgw__usage *usage)
{
    static const char *const names[LLMGW__USAGE_CLASSES] = {
        [LLMGW__INPUT_CACHED] = "cached",
        [LLMGW__INPUT_CACHE_WRITE_5M] = "write",
        [LLMGW__INPUT_CACHE_WRITE_1H] = "long",
        [LLMGW__AUDIO_IN] = "audio_in",
        [LLMGW__IMAGE_IN] = "image_in",
        [LLMGW__OUTPUT_REASONING] = "reasoning",
        [LLMGW__AUDIO_OUT] = "audio_out",
        [LLMGW__IMAGE_OUT] = "image_out",
    };

    add(log, "usage(%lld %lld", (long long)llmgw__usage_prompt(usage),
        (long long)llmgw__usage_completion(usage));
    for (int i = 0; i < LLMGW__USAGE_CLASSES; i++)
        if (names[i] && (usage->known & (1u << i)))
            add(log, " %s=%lld", names[i], (long long)usage->count[i]);
    if (usage->accepted_prediction >= 0)
        add(log, " accepted=%lld", (long long)usage->accepted_prediction);
    if (usage->tools[LLMGW__TOOL_WEB_SEARCH])
        add(log, " searches=%lld",
            (long long)usage->tools[LLMGW__TOOL_WEB_SEARCH]);
    if (usage->provider_cost_pico >= 0)
        add(log, " cost=%lld", (long long)usage->provider_cost_pico);
    add(log, "%s)", usage->clamped ? " clamped" : "");
}

static void add_detail(struct chunk_log *log, const struct llmgw__chunk *chunk)
{
    static const char *const types[] = {"text", "summary", "encrypted"};

    add(log, "detail%u.%u %s", chunk->choice, chunk->index,
        types[chunk->variant]);
    add_quoted(log, " ", chunk->text);
    if (chunk->extra.len)
        add_quoted(log, " sig ", chunk->extra);
    if (chunk->id.len)
        add_quoted(log, " id ", chunk->id);
    if (chunk->name.len)
        add_quoted(log, " format ", chunk->name);
}

static void add_tool(struct chunk_log *log, const struct llmgw__chunk *chunk)
{
    if (chunk->kind == LLMGW__CHUNK_TOOL_ARGS) {
        add(log, "args%u.%u", chunk->choice, chunk->index);
        add_quoted(log, chunk->variant ? "! " : " ", chunk->text);
        return;
    }
    add(log, "%s%u.%u", chunk->variant ? "custom" : "call", chunk->choice,
        chunk->index);
    add_quoted(log, " ", chunk->id);
    add_quoted(log, ":", chunk->name);
    add_str(log, " ", chunk->extra);
}

static void add_text(struct chunk_log *log, const struct llmgw__chunk *chunk)
{
    static const char *const names[] = {
        [LLMGW__CHUNK_TEXT] = "text",
        [LLMGW__CHUNK_REASONING] = "reasoning",
        [LLMGW__CHUNK_REFUSAL] = "refusal",
    };

    add(log, "%s%u", names[chunk->kind], chunk->choice);
    add_quoted(log, " ", chunk->text);
    add_str(log, " ", chunk->extra);
}

llmgw_status chunk_log_take(void *userdata, const struct llmgw__chunk *chunk)
{
    static const char *const extras[] = {"annotation", "audio", "image",
                                         "content", "replay"};
    struct chunk_log *log = userdata;

    if (++log->count == log->stop_at)
        return -99;
    if (log->len)
        add(log, "; ");
    switch (chunk->kind) {
    case LLMGW__CHUNK_IDENTITY:
        add_identity(log, chunk->identity);
        break;
    case LLMGW__CHUNK_USAGE:
        add_usage(log, chunk->usage);
        break;
    case LLMGW__CHUNK_DETAIL:
        add_detail(log, chunk);
        break;
    case LLMGW__CHUNK_TOOL_START:
    case LLMGW__CHUNK_TOOL_ARGS:
        add_tool(log, chunk);
        break;
    case LLMGW__CHUNK_EXTRA:
        add(log, "extra%u.%s", chunk->choice, extras[chunk->variant]);
        add_str(log, " ", chunk->text);
        break;
    case LLMGW__CHUNK_FINISH:
        add(log, "finish%u %s", chunk->choice,
            llmgw__finish_name(chunk->variant));
        add_quoted(log, " ", chunk->text);
        break;
    case LLMGW__CHUNK_ERROR:
        add(log, "error(%s \"%s\")", llmgw__error_kind_name(chunk->error->kind),
            chunk->error->message);
        break;
    default:
        add_text(log, chunk);
    }
    return LLMGW_OK;
}
