/*
 * provider/ollama_options.c - "options": sampling, and what the host gives in
 * llmgw.ollama.options. What the request says itself wins.
 *
 * Source: ollama/ollama, api/types.go (Options), 2026-08.
 */
#include "ollama.h"

static void write_option(struct llmgw__encoding *e, bool *open, const char *key,
                         llmgw_str raw);
static void write_given(struct llmgw__encoding *e, bool *open);
static bool is_said(const struct llmgw__chat *chat, struct llmgw__jstr name);
static void write_context(struct llmgw__encoding *e, bool *open);

/* A member of the request that is a number, as it stands. */
struct row {
    const char *key;
    size_t offset;
};

#define ROW(key, member)                          \
    {                                             \
        key, offsetof(struct llmgw__chat, member) \
    }

static const struct row rows[] = {
    ROW("temperature", temperature),
    ROW("top_p", top_p),
    ROW("top_k", top_k),
    ROW("seed", seed),
    ROW("presence_penalty", presence_penalty),
    ROW("frequency_penalty", frequency_penalty),
};

static const struct llmgw__number *number_of(const struct llmgw__chat *chat,
                                             size_t row)
{
    const void *at = (const char *)chat + rows[row].offset;

    return at;
}

void llmgw__ollama_options(struct llmgw__encoding *e)
{
    const struct llmgw__chat *chat = e->chat;
    uint32_t given = llmgw__encoding_option(e, "options");
    bool open = false;

    if (given != LLMGW__JNONE &&
        llmgw__jdoc_type(&chat->doc, given) != LLMGW__JSON_OBJECT)
        llmgw__encoding_refuse(e, LLMGW_KIND_INVALID_REQUEST,
                               "llmgw.ollama.options", "must be an object");
    if (chat->max_tokens > 0) {
        write_option(e, &open, "num_predict", LLMGW__LIT(""));
        llmgw__jsonw_int(&e->w, chat->max_tokens);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (number_of(chat, i)->set)
            write_option(e, &open, rows[i].key, number_of(chat, i)->text);
    if (chat->stop_count > 0) {
        write_option(e, &open, "stop", LLMGW__LIT(""));
        llmgw__encoding_stops(e);
    }
    if (e->status == LLMGW_OK)
        write_given(e, &open);
    write_context(e, &open);
    if (open)
        llmgw__jsonw_close(&e->w, '}');
}

/* raw empty: the value is due. */
static void write_option(struct llmgw__encoding *e, bool *open, const char *key,
                         llmgw_str raw)
{
    if (!*open) {
        llmgw__jsonw_member_open(&e->w, "options", '{');
    }
    *open = true;
    llmgw__jsonw_key(&e->w, key);
    if (raw.len > 0)
        llmgw__jsonw_raw(&e->w, raw);
}

static void write_given(struct llmgw__encoding *e, bool *open)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t given = llmgw__encoding_option(e, "options");

    for (uint32_t key = llmgw__jdoc_first(doc, given); key != LLMGW__JNONE;) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, given, key);

        if (!is_said(e->chat, name)) {
            if (!*open) {
                llmgw__jsonw_member_open(&e->w, "options", '{');
            }
            *open = true;
            llmgw__jsonw_key_raw(&e->w, (llmgw_str){name.data, name.len});
            llmgw__jsonw_node(&e->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, given, value);
    }
}

static bool is_said(const struct llmgw__chat *chat, struct llmgw__jstr name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (number_of(chat, i)->set && llmgw__jstr_is(name, rows[i].key))
            return true;
    return (chat->max_tokens > 0 && llmgw__jstr_is(name, "num_predict")) ||
           (chat->stop_count > 0 && llmgw__jstr_is(name, "stop"));
}

/* One size for all calls: another one would load the model anew. */
static void write_context(struct llmgw__encoding *e, bool *open)
{
    const char *size =
        llmgw__provider_setting(e->io->target->provider, "num_ctx");
    uint32_t given = llmgw__encoding_option(e, "options");

    if (size &&
        llmgw__jdoc_get(&e->chat->doc, given, "num_ctx") == LLMGW__JNONE)
        write_option(e, open, "num_ctx", llmgw__str(size));
}

const char *llmgw__ollama_refuse_setting(const char *name, const char *value)
{
    int64_t size = 0;

    (void)name; /* there is one */
    if (value[0] >= '1' && value[0] <= '9' &&
        llmgw__str_int64(llmgw__str(value), &size) && size <= INT32_MAX)
        return NULL;
    return "must be a number of tokens";
}
