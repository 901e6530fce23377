/*
 * provider/anthropic_encode.c - chat -> request of the Messages API.
 *
 * First everything is planned, in an order where each step may look at those
 * before it; then the body is written in the order of the cached prefix:
 * tools, system, messages.
 *
 * Source: Messages API, "Create a Message", "Versions", "Beta headers".
 * Memory: the attempt's arena; the body refers to large texts of the request.
 */
#include <stdio.h>
#include <string.h>

#include "anthropic_content.h"

#define MAX_BODY ((size_t)256 << 20) /* the service's own limit is 32 MB */
/* A whole answer of more tokens may take over ten minutes, and idle connections
 * are cut on the way; the vendor's SDKs have the same limit. */
#define MAX_WHOLE 21333

typedef void (*step_fn)(struct llmgw__anthropic_encoder *e);

static void write_request(struct llmgw__anthropic_encoder *e);
static llmgw_status finish_body(struct llmgw__anthropic_encoder *e);
static void add_head(struct llmgw__anthropic_encoder *e);

static const step_fn steps[] = {
    llmgw__anthropic_plan_turns,
    llmgw__anthropic_plan_params,
    llmgw__anthropic_plan_thinking,
    llmgw__anthropic_plan_sampling,
    llmgw__anthropic_plan_tools,
    llmgw__anthropic_plan_search,
    llmgw__anthropic_plan_format,
    llmgw__anthropic_plan_cache,
    write_request,
    add_head,
};

static const char *setting(const struct llmgw__encode *io, const char *name,
                           const char *otherwise)
{
    const char *value = llmgw__provider_setting(io->target->provider, name);

    return value ? value : otherwise;
}

llmgw_status llmgw__anthropic_encode(struct llmgw__encode *io)
{
    struct llmgw__anthropic_encoder e = {.io = io, .chat = io->chat};
    llmgw_status status;

    e.model = llmgw__anthropic_model_find(llmgw__str(io->target->model));
    e.api_version = setting(io, "api_version", "2023-06-01");
    llmgw__body_init(&io->request->body, MAX_BODY);
    llmgw__jsonw_body(&e.w, &io->request->body);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (LLMGW__ANTHROPIC_OK(&e))
            steps[i](&e);
    status = finish_body(&e);
    if (status != LLMGW_OK)
        llmgw__body_clear(&io->request->body);
    return status;
}

static llmgw_status finish_body(struct llmgw__anthropic_encoder *e)
{
    llmgw_status status = llmgw__body_finish(&e->io->request->body);

    if (LLMGW__ANTHROPIC_OK(e) && status == LLMGW_E_LIMIT) {
        llmgw__error_setz(e->io->error, LLMGW_KIND_REQUEST_TOO_LARGE,
                          "the request is larger than 256 MiB");
        status = LLMGW_E_INVALID;
    }
    llmgw__anthropic_fail(e, status);
    return e->status;
}

static void write_request(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__jsonw *w = &e->w;

    if (e->max_tokens > MAX_WHOLE)
        e->io->stream = true;
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "model", e->io->target->model);
    llmgw__jsonw_member_int(w, "max_tokens", e->max_tokens);
    if (e->io->stream)
        llmgw__jsonw_member_bool(w, "stream", true);
    llmgw__anthropic_write_tools(e);
    llmgw__anthropic_write_system(e);
    llmgw__anthropic_write_messages(e);
    llmgw__anthropic_write_thinking(e);
    llmgw__anthropic_write_output(e);
    llmgw__anthropic_write_params(e);
    llmgw__jsonw_close(w, '}');
}

/* --- the head --- */

static void add_header(struct llmgw__anthropic_encoder *e, const char *name,
                       const char *value)
{
    llmgw_status status;

    if (!value || !LLMGW__ANTHROPIC_OK(e))
        return;
    status = llmgw__http_header_add(e->io->request, llmgw__str(name),
                                    llmgw__str(value), false);
    if (status == LLMGW_OK)
        return;
    if (status != LLMGW_E_NOMEM) {
        char message[128];

        (void)snprintf(message, sizeof message,
                       "the value of %s cannot be a header", name);
        llmgw__error_setz(e->io->error, LLMGW_KIND_CONFIG, message);
        status = LLMGW_E_INVALID;
    }
    llmgw__anthropic_fail(e, status);
}

/** base + "/v1/messages"; a base that ends in the version has it already. */
static void add_url(struct llmgw__anthropic_encoder *e)
{
    const char *base = e->io->target->provider->base_url;
    const char *path =
        llmgw__str_ends(llmgw__str(base), "/v1") ? "/messages" : "/v1/messages";
    size_t size = strlen(base) + strlen(path) + 1;
    char *url = llmgw__anthropic_array(e, size, 1);

    if (!url)
        return;
    (void)snprintf(url, size, "%s%s", base, path);
    e->io->request->url = url;
    e->io->request->method = "POST";
}

/** Names of betas, comma-joined, each once. */
static void add_beta(struct llmgw__buf *list, llmgw_str name)
{
    llmgw_str rest = llmgw__buf_str(list);

    if (!name.len)
        return;
    while (rest.len) {
        size_t comma = llmgw__str_find(rest, LLMGW__LIT(","));
        size_t len = comma == SIZE_MAX ? rest.len : comma;

        if (llmgw__str_eq(llmgw__str_n(rest.data, len), name))
            return;
        if (len < rest.len)
            len++;
        rest = llmgw__str_n(rest.data + len, rest.len - len);
    }
    if (list->len)
        llmgw__buf_add_char(list, ',');
    llmgw__buf_add_str(list, name);
}

/** What the host asks for by name. */
static void add_own_betas(struct llmgw__anthropic_encoder *e,
                          struct llmgw__buf *list)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t own = llmgw__jdoc_get(doc, e->chat->extension, "anthropic_beta");
    uint32_t at = llmgw__jdoc_first(doc, own);

    if (llmgw__jdoc_type(doc, own) == LLMGW__JSON_STRING) {
        add_beta(list, llmgw__anthropic_text(e, llmgw__jdoc_string(doc, own)));
        return;
    }
    for (; at != LLMGW__JNONE; at = llmgw__jdoc_next(doc, own, at))
        add_beta(list, llmgw__anthropic_text(e, llmgw__jdoc_string(doc, at)));
}

static void add_betas(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__chat *chat = e->chat;
    struct llmgw__buf list;
    char *value;

    llmgw__buf_init(&list, 4096);
    if (e->by_budget && e->offered)
        add_beta(&list, LLMGW__LIT("interleaved-thinking-2025-05-14"));
    if (e->model->can & LLMGW__ANTHROPIC_WINDOW)
        add_beta(&list, LLMGW__LIT("model-context-window-exceeded-2025-08-26"));
    if (llmgw__jstr_is(
            llmgw__jdoc_string(&chat->doc, llmgw__chat_member(chat, "speed")),
            "fast"))
        add_beta(&list, LLMGW__LIT("fast-mode-2026-02-01"));
    if (e->files)
        add_beta(&list, LLMGW__LIT("files-api-2025-04-14"));
    if (llmgw__chat_member(chat, "fallbacks") != LLMGW__JNONE)
        add_beta(&list, LLMGW__LIT("server-side-fallback-2026-07-01"));
    add_own_betas(e, &list);
    if (list.status == LLMGW_E_LIMIT)
        llmgw__anthropic_refuse(e, "invalid_value", "llmgw",
                                "anthropic_beta is longer than 4096 bytes");
    if (list.len && LLMGW__ANTHROPIC_OK(e)) {
        value = llmgw__arena_dup(e->io->arena, llmgw__buf_str(&list));
        if (!value)
            llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
        add_header(e, "anthropic-beta", value);
    }
    llmgw__anthropic_fail(e, list.status);
    llmgw__buf_clear(&list);
}

static void add_head(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__encode *io = e->io;

    add_url(e);
    add_header(e, "content-type", "application/json");
    add_header(e, "accept",
               io->stream ? "text/event-stream" : "application/json");
    add_header(e, "anthropic-version", e->api_version);
    add_betas(e);
    add_header(e, "anthropic-workspace-id", setting(io, "workspace_id", NULL));
    add_header(e, "anthropic-user-profile-id",
               setting(io, "user_profile_id", NULL));
}
