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
static void add_betas(struct llmgw__anthropic_encoder *e);
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

bool llmgw__anthropic_rules(const struct llmgw__anthropic_encoder *e,
                            uint32_t rule)
{
    return e->surface && (e->surface->rules & rule);
}

bool llmgw__anthropic_formats(const struct llmgw__anthropic_encoder *e)
{
    return (e->model->can & LLMGW__ANTHROPIC_FORMAT) &&
           (!e->surface || !e->surface->formats ||
            e->surface->formats(e->io->target));
}

llmgw_status
llmgw__anthropic_encode(struct llmgw__encode *io,
                        const struct llmgw__anthropic_surface *surface)
{
    struct llmgw__anthropic_encoder e = {
        .io = io, .chat = io->chat, .surface = surface};
    const char *lacks =
        surface->lacks ? surface->lacks(io->target->provider) : NULL;
    llmgw_status status;

    e.model = llmgw__anthropic_model_find(surface->name
                                              ? surface->name(io->target)
                                              : llmgw__str(io->target->model));
    e.api_version = setting(io, "api_version", surface->version);
    llmgw__body_init(&io->request->body, MAX_BODY);
    llmgw__jsonw_body(&e.w, &io->request->body);
    if (lacks) {
        llmgw__error_setz(io->error, LLMGW_KIND_CONFIG, lacks);
        llmgw__anthropic_fail(&e, LLMGW_E_INVALID);
    }
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
    if (!llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_URL_MODEL))
        llmgw__jsonw_member_z(w, "model", e->io->target->model);
    if (llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_BODY_VERSION))
        llmgw__jsonw_member_z(w, "anthropic_version", e->api_version);
    llmgw__jsonw_member_int(w, "max_tokens", e->max_tokens);
    if (e->io->stream &&
        !llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_URL_STREAM))
        llmgw__jsonw_member_bool(w, "stream", true);
    llmgw__anthropic_write_tools(e);
    llmgw__anthropic_write_system(e);
    llmgw__anthropic_write_messages(e);
    llmgw__anthropic_write_thinking(e);
    llmgw__anthropic_write_output(e);
    llmgw__anthropic_write_params(e);
    add_betas(e);
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

/** The names are the request's own, so it is the request that is refused. */
static void add_beta_header(struct llmgw__anthropic_encoder *e,
                            const char *value)
{
    if (!llmgw__str_printable(llmgw__str(value)))
        llmgw__anthropic_refuse(e, "invalid_value", "llmgw.anthropic_beta",
                                "llmgw.anthropic_beta must not contain control "
                                "characters");
    add_header(e, "anthropic-beta", value);
}

static void add_url(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__encode *io = e->io;

    io->request->url = e->surface->url(io->arena, io->target, io->stream);
    io->request->method = "POST";
    if (!io->request->url)
        llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
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

/** A text may hold several, as the header does. */
static void add_names(struct llmgw__anthropic_encoder *e,
                      struct llmgw__buf *list, struct llmgw__jstr names)
{
    llmgw_str rest = llmgw__anthropic_text(e, names);

    while (rest.len) {
        size_t comma = llmgw__str_find(rest, LLMGW__LIT(","));
        size_t len = comma == SIZE_MAX ? rest.len : comma;

        add_beta(list, llmgw__str_trim(llmgw__str_n(rest.data, len)));
        if (len < rest.len)
            len++;
        rest = llmgw__str_n(rest.data + len, rest.len - len);
    }
}

static void refuse_betas(struct llmgw__anthropic_encoder *e,
                         const char *message)
{
    llmgw__anthropic_refuse(e, "invalid_value", "llmgw", message);
}

/** What the host asks for by name. */
static void add_own_betas(struct llmgw__anthropic_encoder *e,
                          struct llmgw__buf *list)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t own = llmgw__jdoc_get(doc, e->chat->extension, "anthropic_beta");
    uint32_t at = llmgw__jdoc_first(doc, own);

    if (llmgw__jdoc_type(doc, own) == LLMGW__JSON_STRING) {
        add_names(e, list, llmgw__jdoc_string(doc, own));
        return;
    }
    if (own != LLMGW__JNONE &&
        llmgw__jdoc_type(doc, own) != LLMGW__JSON_ARRAY &&
        llmgw__jdoc_type(doc, own) != LLMGW__JSON_NULL)
        refuse_betas(e, "anthropic_beta must be a string or an array of them");
    for (; at != LLMGW__JNONE; at = llmgw__jdoc_next(doc, own, at)) {
        if (llmgw__jdoc_type(doc, at) != LLMGW__JSON_STRING)
            refuse_betas(e, "anthropic_beta must hold strings");
        add_names(e, list, llmgw__jdoc_string(doc, at));
    }
}

/** What the request itself is in need of. */
static void add_needed_betas(struct llmgw__anthropic_encoder *e,
                             struct llmgw__buf *list)
{
    const struct llmgw__chat *chat = e->chat;

    if (e->by_budget && e->offered)
        add_beta(list, LLMGW__LIT("interleaved-thinking-2025-05-14"));
    if (e->eager)
        add_beta(list, LLMGW__LIT("fine-grained-tool-streaming-2025-05-14"));
    if (llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_FEW_BETAS))
        return;
    if (e->model->can & LLMGW__ANTHROPIC_WINDOW)
        add_beta(list, LLMGW__LIT("model-context-window-exceeded-2025-08-26"));
    if (llmgw__jstr_is(
            llmgw__jdoc_string(&chat->doc, llmgw__chat_member(chat, "speed")),
            "fast"))
        add_beta(list, LLMGW__LIT("fast-mode-2026-02-01"));
    if (e->files)
        add_beta(list, LLMGW__LIT("files-api-2025-04-14"));
    if (llmgw__chat_member(chat, "fallbacks") != LLMGW__JNONE)
        add_beta(list, LLMGW__LIT("server-side-fallback-2026-07-01"));
}

static void write_betas(struct llmgw__anthropic_encoder *e, llmgw_str list)
{
    struct llmgw__jsonw *w = &e->w;

    llmgw__jsonw_key(w, "anthropic_beta");
    llmgw__jsonw_open(w, '[');
    while (list.len) {
        size_t comma = llmgw__str_find(list, LLMGW__LIT(","));
        size_t len = comma == SIZE_MAX ? list.len : comma;

        llmgw__jsonw_str(w, llmgw__str_n(list.data, len));
        len += len < list.len;
        list = llmgw__str_n(list.data + len, list.len - len);
    }
    llmgw__jsonw_close(w, ']');
}

/** In the body or in the head. */
static void add_betas(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__buf list;
    char *value;

    llmgw__buf_init(&list, 4096);
    add_needed_betas(e, &list);
    add_own_betas(e, &list);
    if (list.status == LLMGW_E_LIMIT)
        refuse_betas(e, "anthropic_beta is longer than 4096 bytes");
    llmgw__anthropic_fail(e, list.status);
    if (list.len && LLMGW__ANTHROPIC_OK(e)) {
        value = llmgw__arena_dup(e->io->arena, llmgw__buf_str(&list));
        if (!value)
            llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
        else if (llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_BODY_BETAS))
            write_betas(e, llmgw__str(value));
        else
            add_beta_header(e, value);
    }
    llmgw__buf_clear(&list);
}

static void add_head(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__anthropic_surface *surface = e->surface;
    const struct llmgw__encode *io = e->io;

    add_url(e);
    add_header(e, "content-type", "application/json");
    if (io->stream)
        add_header(e, surface->accept_stream, surface->accept);
    else
        add_header(e, "accept", "application/json");
    if (!llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_BODY_VERSION))
        add_header(e, "anthropic-version", e->api_version);
    add_header(e, "anthropic-workspace-id", setting(io, "workspace_id", NULL));
    add_header(e, "anthropic-user-profile-id",
               setting(io, "user_profile_id", NULL));
    add_header(e, surface->tier_header, e->tier);
}
