/*
 * provider/gemini_request.c - chat -> generateContent request: root of the
 * body, what has no counterpart.
 *
 * Source: Google AI for Developers, "Generating content" (v1beta).
 * Memory: the body; large slices of the request are referred to.
 */
#include <stdio.h>

#include "gemini_history.h"
#include "gemini_target.h"

static const char continuation[] = "continuationToken";

static void check(struct llmgw__gemini_encode *e);
static void check_cached(struct llmgw__gemini_encode *e);
static void check_options(struct llmgw__gemini_encode *e);
static uint32_t given(const struct llmgw__jdoc *doc, uint32_t node);
static void drop_members(struct llmgw__gemini_encode *e);
static void write_body(struct llmgw__gemini_encode *e);
static void write_tier(struct llmgw__gemini_encode *e);
static void write_onward(struct llmgw__gemini_encode *e);
static void write_options(struct llmgw__gemini_encode *e);
static void write_vouched(struct llmgw__gemini_encode *e);
static bool is_option(const struct llmgw__gemini_encode *e,
                      struct llmgw__jstr name);
static void write_member(struct llmgw__gemini_encode *e,
                         struct llmgw__jstr name, uint32_t value);
static bool has_leading_system(const struct llmgw__chat *chat);
static bool is_prefilled(const struct llmgw__gemini_encode *e);

llmgw_status llmgw__gemini_encode(struct llmgw__encode *encode,
                                  const struct llmgw__gemini_surface *surface)
{
    struct llmgw__gemini_encode e;

    llmgw__gemini_begin(&e, encode, surface);
    check(&e);
    drop_members(&e);
    if (e.status == LLMGW_OK)
        write_body(&e);
    return llmgw__gemini_finish(&e, encode->stream
                                        ? ":streamGenerateContent?alt=sse"
                                        : ":generateContent");
}

void llmgw__gemini_adjust(struct llmgw__gemini_encode *e, const char *param,
                          const char *action, const char *reason)
{
    char message[160];

    if (!e->io->strict) {
        llmgw__adjust(e->io->adjustments, param, action, reason);
        return;
    }
    (void)snprintf(message, sizeof message, "%s would be %s (%s)", param,
                   action, reason);
    llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, param, message);
}

void llmgw__gemini_refuse(struct llmgw__gemini_encode *e, llmgw_error_kind kind,
                          const char *param, const char *message)
{
    if (e->status != LLMGW_OK)
        return;
    e->status = LLMGW_E_INVALID;
    llmgw__error_refuse(e->io->error, kind, param, message);
}

void llmgw__gemini_refuse_at(struct llmgw__gemini_encode *e,
                             llmgw_error_kind kind, size_t message,
                             const char *rest, const char *text)
{
    char param[96];

    (void)snprintf(param, sizeof param, "messages[%zu]%s", message, rest);
    llmgw__gemini_refuse(e, kind, param, text);
}

llmgw_str llmgw__gemini_text(struct llmgw__gemini_encode *e,
                             struct llmgw__jstr str)
{
    llmgw_str text = {NULL, 0};

    if (str.data && llmgw__jstr_text(str, e->io->arena, &text) != LLMGW_OK &&
        e->status == LLMGW_OK)
        e->status = LLMGW_E_NOMEM;
    return text;
}

/* What this target cannot take at all. */
static void check(struct llmgw__gemini_encode *e)
{
    const struct llmgw__chat *chat = e->chat;

    if (chat->n > 1 && e->model.version >= LLMGW__GEMINI_3 && !e->surface->many)
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "n",
                             "this model gives one choice");
    if (chat->logprobs == 1 && e->model.version >= LLMGW__GEMINI_2_5 &&
        !e->surface->logprobs)
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "logprobs",
                             "this model tells no logprobs");
    if (chat->stop_count > 5)
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "stop",
                             "more than 5 stop sequences");
    if (e->model.version < LLMGW__GEMINI_3 &&
        chat->format >= LLMGW__FORMAT_JSON_OBJECT &&
        (llmgw__gemini_has_functions(e) || llmgw__gemini_has_built_in(e)))
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                             "response_format",
                             "no JSON format beside tools on this model");
    if (e->model.no_prefill && is_prefilled(e))
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "messages",
                             "this model continues no assistant message");
    check_cached(e);
    check_options(e);
}

/* What of them is written by its members must have some. */
static void check_options(struct llmgw__gemini_encode *e)
{
    static const struct {
        const char *name; /* NULL: the options themselves */
        const char *param;
        uint8_t type;
    } rows[] = {
        {NULL, "llmgw.gemini", LLMGW__JSON_OBJECT},
        {"generationConfig", "llmgw.gemini.generationConfig",
         LLMGW__JSON_OBJECT},
        {"tools", "llmgw.gemini.tools", LLMGW__JSON_ARRAY},
        {"toolConfig", "llmgw.gemini.toolConfig", LLMGW__JSON_OBJECT},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t node =
            rows[i].name ? llmgw__gemini_option(e, rows[i].name) : e->options;

        if (node != LLMGW__JNONE &&
            llmgw__jdoc_type(&e->chat->doc, node) != rows[i].type)
            llmgw__gemini_refuse(e, LLMGW_KIND_INVALID_REQUEST, rows[i].param,
                                 rows[i].type == LLMGW__JSON_ARRAY
                                     ? "must be an array"
                                     : "must be an object");
    }
}

uint32_t llmgw__gemini_option(const struct llmgw__gemini_encode *e,
                              const char *name)
{
    return given(&e->chat->doc,
                 llmgw__jdoc_get(&e->chat->doc, e->options, name));
}

/* null is as good as nothing. */
static uint32_t given(const struct llmgw__jdoc *doc, uint32_t node)
{
    return llmgw__jdoc_type(doc, node) == LLMGW__JSON_NULL ? LLMGW__JNONE
                                                           : node;
}

/* Does it end with the model's words? */
static bool is_prefilled(const struct llmgw__gemini_encode *e)
{
    size_t i = e->chat->message_count;

    while (i > 0) {
        const struct llmgw__message *last = &e->chat->messages[--i];

        if (last->role != LLMGW__ROLE_ASSISTANT || last->call_count > 0)
            return false;
        if (llmgw__gemini_says(e, last))
            return true;
    }
    return false;
}

/* A cache holds the system text and the tools; they cannot be given again. */
static void check_cached(struct llmgw__gemini_encode *e)
{
    static const char param[] = "llmgw.gemini.cachedContent";

    if (llmgw__gemini_option(e, "cachedContent") == LLMGW__JNONE)
        return;
    if (e->model.version >= LLMGW__GEMINI_4)
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, param,
                             "this model has no explicit caching");
    if (e->chat->tool_count > 0 || llmgw__gemini_has_built_in(e) ||
        llmgw__gemini_option(e, "toolConfig") != LLMGW__JNONE ||
        has_leading_system(e->chat))
        llmgw__gemini_refuse(e, LLMGW_KIND_INVALID_REQUEST, param,
                             "cached content excludes system messages and "
                             "tools");
}

static bool has_leading_system(const struct llmgw__chat *chat)
{
    return chat->message_count > 0 &&
           (chat->messages[0].role == LLMGW__ROLE_SYSTEM ||
            chat->messages[0].role == LLMGW__ROLE_DEVELOPER);
}

/* No counterpart here; the values that ask for what happens anyway pass. */
static void drop_members(struct llmgw__gemini_encode *e)
{
    static const struct {
        const char *name;
        const char *harmless; /* raw JSON */
    } members[] = {
        {"logit_bias", "{}"},
        {"user", NULL},
        {"safety_identifier", NULL},
        {"store", "false"},
        {"parallel_tool_calls", "true"},
        {"prediction", NULL},
        {"verbosity", "\"medium\""},
        {"moderation", NULL},
    };
    const struct llmgw__jdoc *doc = &e->chat->doc;

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        uint32_t node = llmgw__chat_member(e->chat, members[i].name);

        if (node == LLMGW__JNONE ||
            (members[i].harmless &&
             llmgw__str_is(llmgw__jdoc_raw(doc, node), members[i].harmless)))
            continue;
        llmgw__gemini_adjust(e, members[i].name, "dropped", "unsupported");
    }
}

static void write_body(struct llmgw__gemini_encode *e)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__gemini_contents(e);
    llmgw__gemini_tools(e);
    llmgw__gemini_config(e);
    write_tier(e);
    write_onward(e);
    write_options(e);
    write_vouched(e);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_tier(struct llmgw__gemini_encode *e)
{
    static const struct {
        const char *ours;
        const char *theirs; /* NULL: nothing to say */
    } tiers[] = {
        {"auto", NULL},           {"default", NULL},    {"flex", "flex"},
        {"priority", "priority"}, {"fast", "priority"},
    };
    struct llmgw__jstr tier = llmgw__jdoc_string(
        &e->chat->doc, llmgw__chat_member(e->chat, "service_tier"));

    if (!tier.data || llmgw__gemini_option(e, "serviceTier") != LLMGW__JNONE)
        return;
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
        if (llmgw__jstr_is(tier, tiers[i].ours)) {
            if (e->surface->tier_header)
                e->tier = tiers[i].theirs;
            else if (tiers[i].theirs)
                llmgw__jsonw_member_z(&e->w, "serviceTier", tiers[i].theirs);
            return;
        }
    llmgw__gemini_adjust(e, "service_tier", "dropped", "unsupported");
}

/* The same request again, for more of its answer. */
static void write_onward(struct llmgw__gemini_encode *e)
{
    struct llmgw__jstr token = llmgw__jstr(e->io->onward, false);

    if (token.len > 0)
        llmgw__jsonw_member_jstr(&e->w, continuation, token);
}

static bool is_among(struct llmgw__jstr name, const char *const *list)
{
    for (; *list; list++)
        if (llmgw__jstr_is(name, *list))
            return true;
    return false;
}

/* llmgw.gemini.*: whatever has no writer of its own goes to the root. */
static void write_options(struct llmgw__gemini_encode *e)
{
    static const char *const written[] = {
        "generationConfig", "tools", "toolConfig",
        "stream_function_call_arguments", NULL};
    static const char *const owned[] = {"contents", "systemInstruction",
                                        "model", NULL};
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, e->options);

    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, e->options, key);

        if (is_among(name, owned))
            llmgw__gemini_refuse(e, LLMGW_KIND_INVALID_REQUEST, "llmgw.gemini",
                                 "a member that the request itself fills");
        if (!is_among(name, written) &&
            !(e->io->onward.len > 0 && llmgw__jstr_is(name, continuation)))
            write_member(e, name, value);
        key = llmgw__jdoc_next(doc, e->options, value);
    }
}

/* What nobody here knows is there because the host vouches for it. */
static void write_vouched(struct llmgw__gemini_encode *e)
{
    static const char *const owned[] = {"contents",         "systemInstruction",
                                        "generationConfig", "toolConfig",
                                        "serviceTier",      NULL};
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, 0);

    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, 0, key);

        if (is_among(name, owned))
            llmgw__gemini_refuse(e, LLMGW_KIND_INVALID_REQUEST,
                                 "llmgw.pass_unknown",
                                 "a member that the request itself fills");
        if (!llmgw__chat_member_known(name) && !is_option(e, name))
            write_member(e, name, value);
        key = llmgw__jdoc_next(doc, 0, value);
    }
}

/* Said in llmgw.gemini too: that wins. */
static bool is_option(const struct llmgw__gemini_encode *e,
                      struct llmgw__jstr name)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, e->options);

    while (key != LLMGW__JNONE) {
        if (llmgw__jstr_compare(llmgw__jdoc_string(doc, key), name) == 0)
            return true;
        key = llmgw__jdoc_next(doc, e->options,
                               llmgw__jdoc_next(doc, e->options, key));
    }
    return false;
}

static void write_member(struct llmgw__gemini_encode *e,
                         struct llmgw__jstr name, uint32_t value)
{
    llmgw__jsonw_key_raw(&e->w, (llmgw_str){name.data, name.len});
    llmgw__jsonw_node(&e->w, &e->chat->doc, value);
}
