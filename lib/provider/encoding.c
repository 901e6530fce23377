/*
 * provider/encoding.c - what encoders of a provider's own chat wire have in
 * common.
 *
 * Source: the members of OpenAI's chat completions. Memory: the body; large
 * slices of the request are referred to.
 */
#include "encoding.h"

#include <stdio.h>
#include <string.h>

static void refuse_members(struct llmgw__encoding *e);
static void drop_members(struct llmgw__encoding *e);
static uint32_t given(const struct llmgw__jdoc *doc, uint32_t node);
static void write_options(struct llmgw__encoding *e);
static void write_vouched(struct llmgw__encoding *e);
static bool is_option(const struct llmgw__encoding *e, struct llmgw__jstr name);
static bool is_among(struct llmgw__jstr name, const char *const *list);
static void write_member(struct llmgw__encoding *e, struct llmgw__jstr name,
                         uint32_t value);
static void set_url(struct llmgw__encoding *e, const char *path,
                    const char *version);

void llmgw__encoding_start(struct llmgw__encoding *e,
                           struct llmgw__encode *encode, const char *place)
{
    const struct llmgw__jdoc *doc = &encode->chat->doc;

    e->io = encode;
    e->chat = encode->chat;
    e->place = place;
    e->options = given(doc, llmgw__jdoc_get(doc, encode->chat->extension,
                                            place + strlen("llmgw.")));
    e->status = LLMGW_OK;
    if (!e->known)
        e->known = llmgw__chat_member_known;
    if (encode->memo)
        encode->memo->chat = encode->chat;
    llmgw__body_init(&encode->request->body, 0);
    llmgw__jsonw_body(&e->w, &encode->request->body);
    llmgw__jsonw_open(&e->w, '{');
    if (e->options != LLMGW__JNONE &&
        llmgw__jdoc_type(doc, e->options) != LLMGW__JSON_OBJECT)
        llmgw__encoding_refuse(e, LLMGW_KIND_INVALID_REQUEST, place,
                               "must be an object");
}

llmgw_status llmgw__encoding_finish(struct llmgw__encoding *e, const char *path,
                                    const char *version)
{
    llmgw_status status;

    llmgw__jsonw_close(&e->w, '}');
    status = llmgw__body_finish(&e->io->request->body);
    if (e->status == LLMGW_OK)
        e->status = status;
    if (e->status == LLMGW_OK)
        set_url(e, path, version);
    e->io->request->method = "POST";
    if (e->status == LLMGW_OK)
        e->status =
            llmgw__http_header_add(e->io->request, LLMGW__LIT("content-type"),
                                   LLMGW__LIT("application/json"), false);
    return e->status;
}

static void set_url(struct llmgw__encoding *e, const char *path,
                    const char *version)
{
    llmgw_str base = llmgw__str(e->io->target->provider->base_url);
    struct llmgw__buf url;

    llmgw__buf_init(&url, 8192);
    if (llmgw__str_ends(base, version))
        base.len -= strlen(version); /* as other libraries configure it */
    llmgw__buf_add_str(&url, base);
    llmgw__buf_add_z(&url, path);
    e->status = url.status;
    if (url.status == LLMGW_OK) {
        e->io->request->url =
            llmgw__arena_dup(e->io->arena, llmgw__buf_str(&url));
        if (!e->io->request->url)
            e->status = LLMGW_E_NOMEM;
    }
    llmgw__buf_clear(&url);
}

/* --- what cannot be done as asked --- */

llmgw_status llmgw__encode_adjust(struct llmgw__encode *encode,
                                  const char *param, const char *action,
                                  const char *reason)
{
    char message[160];

    if (!encode->strict) {
        llmgw__adjust(encode->adjustments, param, action, reason);
        return LLMGW_OK;
    }
    (void)snprintf(message, sizeof message, "%s would be %s (%s)", param,
                   action, reason);
    llmgw__error_refuse(encode->error, LLMGW_KIND_UNSUPPORTED_PARAMETER, param,
                        message);
    return LLMGW_E_INVALID;
}

void llmgw__encoding_adjust(struct llmgw__encoding *e, const char *param,
                            const char *action, const char *reason)
{
    if (e->status == LLMGW_OK)
        e->status = llmgw__encode_adjust(e->io, param, action, reason);
}

void llmgw__encoding_refuse(struct llmgw__encoding *e, llmgw_error_kind kind,
                            const char *param, const char *message)
{
    if (e->status != LLMGW_OK)
        return;
    e->status = LLMGW_E_INVALID;
    llmgw__error_refuse(e->io->error, kind, param, message);
}

void llmgw__encoding_refuse_at(struct llmgw__encoding *e, llmgw_error_kind kind,
                               size_t message, const char *rest,
                               const char *text)
{
    char param[96];

    (void)snprintf(param, sizeof param, "messages[%zu]%s", message, rest);
    llmgw__encoding_refuse(e, kind, param, text);
}

void llmgw__encoding_refuse_part(struct llmgw__encoding *e, size_t i, size_t k,
                                 const char *text)
{
    char rest[40];

    (void)snprintf(rest, sizeof rest, ".content[%zu]", k);
    llmgw__encoding_refuse_at(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, i, rest,
                              text);
}

llmgw_str llmgw__encoding_text(struct llmgw__encoding *e,
                               struct llmgw__jstr str)
{
    llmgw_str text = {NULL, 0};

    if (str.data && llmgw__jstr_text(str, e->io->arena, &text) != LLMGW_OK &&
        e->status == LLMGW_OK)
        e->status = LLMGW_E_NOMEM;
    return text;
}

void llmgw__encoding_check(struct llmgw__encoding *e)
{
    refuse_members(e);
    drop_members(e);
}

static void refuse_members(struct llmgw__encoding *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t list = llmgw__chat_member(e->chat, "modalities");

    if (e->chat->n > 1)
        llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "n",
                               "this provider gives one choice");
    if (llmgw__chat_member(e->chat, "web_search_options") != LLMGW__JNONE)
        llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                               "web_search_options",
                               "this provider searches no web");
    for (uint32_t at = llmgw__jdoc_first(doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, list, at))
        if (!llmgw__jstr_is(llmgw__jdoc_string(doc, at), "text"))
            llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                                   "modalities",
                                   "this provider answers with text");
}

/* Values that ask for what happens anyway pass. */
static void drop_members(struct llmgw__encoding *e)
{
    static const struct {
        const char *name;
        const char *harmless[2]; /* raw JSON */
    } members[] = {
        {"logit_bias", {"{}"}},
        {"user", {NULL}},
        {"safety_identifier", {NULL}},
        {"store", {"false"}},
        {"metadata", {"{}"}},
        {"parallel_tool_calls", {"true"}},
        {"service_tier", {"\"auto\"", "\"default\""}},
        {"prediction", {NULL}},
        {"verbosity", {"\"medium\""}},
        {"moderation", {NULL}},
    };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        uint32_t node = llmgw__chat_member(e->chat, members[i].name);
        llmgw_str raw = llmgw__jdoc_raw(&e->chat->doc, node);
        bool harmless = node == LLMGW__JNONE;

        for (int k = 0; k < 2 && members[i].harmless[k]; k++)
            harmless = harmless || llmgw__str_is(raw, members[i].harmless[k]);
        if (!harmless)
            llmgw__encoding_adjust(e, members[i].name, "dropped",
                                   "unsupported");
    }
}

/* --- members in the provider's own words --- */

/* null is as good as nothing. */
static uint32_t given(const struct llmgw__jdoc *doc, uint32_t node)
{
    return llmgw__jdoc_type(doc, node) == LLMGW__JSON_NULL ? LLMGW__JNONE
                                                           : node;
}

uint32_t llmgw__encoding_option(const struct llmgw__encoding *e,
                                const char *name)
{
    return given(&e->chat->doc,
                 llmgw__jdoc_get(&e->chat->doc, e->options, name));
}

bool llmgw__encoding_key(struct llmgw__encoding *e, const char *key)
{
    if (llmgw__jdoc_get(&e->chat->doc, e->options, key) != LLMGW__JNONE)
        return false;
    llmgw__jsonw_key(&e->w, key);
    return true;
}

void llmgw__encoding_inputs(struct llmgw__encoding *e, const uint32_t *nodes,
                            size_t count)
{
    llmgw__jsonw_open(&e->w, '[');
    for (size_t i = 0; i < count; i++)
        llmgw__jsonw_node(&e->w, &e->chat->doc, nodes[i]);
    llmgw__jsonw_close(&e->w, ']');
}

void llmgw__encoding_stops(struct llmgw__encoding *e)
{
    llmgw__jsonw_open(&e->w, '[');
    for (size_t i = 0; i < e->chat->stop_count; i++)
        llmgw__jsonw_jstr(&e->w, e->chat->stops[i]);
    llmgw__jsonw_close(&e->w, ']');
}

void llmgw__encoding_given(struct llmgw__encoding *e)
{
    write_options(e);
    write_vouched(e);
}

static void write_options(struct llmgw__encoding *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, e->options);

    if (llmgw__jdoc_type(doc, e->options) != LLMGW__JSON_OBJECT)
        return;
    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, e->options, key);

        if (is_among(name, e->owned))
            llmgw__encoding_refuse(e, LLMGW_KIND_INVALID_REQUEST, e->place,
                                   "a member that the request itself fills");
        else if (!is_among(name, e->aside) && given(doc, value) != LLMGW__JNONE)
            write_member(e, name, value);
        key = llmgw__jdoc_next(doc, e->options, value);
    }
}

/* What nobody here knows is there because the host vouches for it. */
static void write_vouched(struct llmgw__encoding *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, 0);

    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, 0, key);

        if (!e->known(name) && is_among(name, e->owned))
            llmgw__encoding_refuse(e, LLMGW_KIND_INVALID_REQUEST,
                                   "llmgw.pass_unknown",
                                   "a member that the request itself fills");
        else if (!e->known(name) && !is_option(e, name))
            write_member(e, name, value);
        key = llmgw__jdoc_next(doc, 0, value);
    }
}

/* Said in llmgw.NAME too: that wins. */
static bool is_option(const struct llmgw__encoding *e, struct llmgw__jstr name)
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

static bool is_among(struct llmgw__jstr name, const char *const *list)
{
    for (; list && *list; list++)
        if (llmgw__jstr_is(name, *list))
            return true;
    return false;
}

static void write_member(struct llmgw__encoding *e, struct llmgw__jstr name,
                         uint32_t value)
{
    llmgw__jsonw_key_raw(&e->w, (llmgw_str){name.data, name.len});
    llmgw__jsonw_node(&e->w, &e->chat->doc, value);
}

/* --- messages and tools --- */

void llmgw__encoding_report_name(struct llmgw__encoding *e,
                                 const struct llmgw__message *message)
{
    if (message->name.data)
        llmgw__encoding_adjust(e, "messages", "dropped", "message_name");
}

void llmgw__encoding_join(struct llmgw__encoding *e,
                          const struct llmgw__message *message,
                          const char *between)
{
    bool first = true;

    for (size_t k = 0; k < message->part_count; k++) {
        const struct llmgw__part *part = &message->parts[k];

        if (part->type > LLMGW__PART_REFUSAL || part->text.len == 0)
            continue;
        if (!first)
            llmgw__jsonw_str_add(&e->w, llmgw__str(between));
        llmgw__jsonw_str_add_raw(&e->w,
                                 (llmgw_str){part->text.data, part->text.len});
        first = false;
    }
    if (first && message->role == LLMGW__ROLE_ASSISTANT)
        llmgw__jsonw_str_add_raw(
            &e->w, (llmgw_str){message->refusal.data, message->refusal.len});
}

bool llmgw__encoding_offers(const struct llmgw__chat *chat,
                            const struct llmgw__tool *tool)
{
    if (chat->choice == LLMGW__CHOICE_NAMED)
        return llmgw__jstr_compare(tool->name, chat->choice_name) == 0;
    return chat->choice != LLMGW__CHOICE_ALLOWED ||
           llmgw__chat_tool_allowed(chat, tool);
}

bool llmgw__encoding_offers_any(const struct llmgw__chat *chat)
{
    for (size_t i = 0; i < chat->tool_count; i++)
        if (llmgw__encoding_offers(chat, &chat->tools[i]))
            return true;
    return false;
}

void llmgw__encoding_parameters(struct llmgw__encoding *e,
                                const struct llmgw__tool *tool)
{
    llmgw__jsonw_key(&e->w, "parameters");
    if (tool->type == LLMGW__TOOL_CUSTOM) {
        e->io->memo->custom_any = true;
        llmgw__encoding_adjust(e, "tools", "emulated", "unsupported");
        llmgw__jsonw_raw(&e->w,
                         LLMGW__LIT("{\"type\":\"object\",\"properties\":{"
                                    "\"input\":{\"type\":\"string\"}},"
                                    "\"required\":[\"input\"]}"));
    } else if (tool->parameters.len > 0) {
        llmgw__jsonw_raw(&e->w, tool->parameters);
    } else {
        llmgw__jsonw_raw(&e->w,
                         LLMGW__LIT("{\"type\":\"object\",\"properties\":{}}"));
    }
}

void llmgw__encoding_check_tools(struct llmgw__encoding *e, bool strict)
{
    char param[40];

    for (size_t i = 0; i < e->chat->tool_count; i++) {
        const struct llmgw__tool *tool = &e->chat->tools[i];

        if (tool->type == LLMGW__TOOL_OTHER) {
            (void)snprintf(param, sizeof param, "tools[%zu]", i);
            llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, param,
                                   "not a function or a custom tool");
        }
        if (tool->strict == 1 && !strict)
            llmgw__encoding_adjust(e, "tools", "dropped", "strict");
    }
}
