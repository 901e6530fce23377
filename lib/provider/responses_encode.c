/*
 * provider/responses_encode.c - chat -> request of the Responses API.
 *
 * Each of the host's top-level members goes out by its row of the table below;
 * what the API has no counterpart for is dropped and reported, or refused
 * where its meaning would be lost.
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: the own text of the
 * body, as large as what had to be rewritten.
 */
#include <string.h>

#include "base/text.h"
#include "responses.h"
#include "site.h"

#define MIN_OUTPUT_TOKENS 16
#define SAMPLING                                                        \
    (LLMGW__OPENAI_TEMPERATURE | LLMGW__OPENAI_TOP_P |                  \
     LLMGW__OPENAI_FREQUENCY_PENALTY | LLMGW__OPENAI_PRESENCE_PENALTY | \
     LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_LOGPROBS |                \
     LLMGW__OPENAI_TOP_LOGPROBS)

struct rule;
typedef void (*write_fn)(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value);

/* One member of the host's request. */
struct rule {
    const char *name;
    uint32_t bit;     /* in what the service lacks and the model rejects */
    const char *idle; /* the value that asks for what happens anyway */
    write_fn write;
};

static void check(struct llmgw__openai_encode *o);
static void write_body(struct llmgw__openai_encode *o);
static void write_member(struct llmgw__openai_encode *o, struct llmgw__jstr key,
                         uint32_t value);
static const char *rejection(const struct llmgw__openai_encode *o,
                             const struct rule *rule);
static void keep(struct llmgw__openai_encode *o, const struct rule *rule,
                 uint32_t value);
static void drop(struct llmgw__openai_encode *o, const struct rule *rule,
                 uint32_t value);
static void hide(struct llmgw__openai_encode *o, const struct rule *rule,
                 uint32_t value);
static void refuse(struct llmgw__openai_encode *o, const struct rule *rule,
                   uint32_t value);
static void write_model(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value);
static void write_messages(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value);
static void write_limit(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value);
static void write_user(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value);
static void write_choice(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value);
static void write_parallel(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value);
static void write_tier(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value);
static void write_cache(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value);
static void write_reasoning(struct llmgw__openai_encode *o);
static void write_text(struct llmgw__openai_encode *o);
static void write_include(struct llmgw__openai_encode *o);
static void write_stream(struct llmgw__openai_encode *o);
static void write_list(struct llmgw__openai_encode *o, const char *const *ours);
static bool wants_logprobs(const struct llmgw__openai_encode *o);

/* clang-format off */
static const struct rule rules[] = {
    {"model", 0, NULL, write_model},
    {"messages", 0, NULL, write_messages},
    {"max_tokens", 0, NULL, write_limit},
    {"max_completion_tokens", 0, NULL, write_limit},
    {"temperature", LLMGW__OPENAI_TEMPERATURE, "1", keep},
    {"top_p", LLMGW__OPENAI_TOP_P, "1", keep},
    {"tool_choice", 0, NULL, write_choice},
    {"function_call", 0, NULL, write_choice},
    {"parallel_tool_calls", 0, "true", write_parallel},
    {"service_tier", LLMGW__OPENAI_TIER, "\"auto\"", write_tier},
    {"metadata", LLMGW__OPENAI_METADATA, NULL, keep},
    {"user", 0, NULL, write_user},
    {"safety_identifier", 0, NULL, write_user},
    {"prompt_cache_key", LLMGW__OPENAI_CACHE_KEY, NULL, keep},
    {"prompt_cache_options", LLMGW__OPENAI_CACHE_SWITCH, NULL, write_cache},
    {"prompt_cache_retention", LLMGW__OPENAI_CACHE_SWITCH, NULL, write_cache},
    {"context_management", 0, NULL, keep},
    {"moderation", LLMGW__OPENAI_MODERATION, NULL, keep},
    {"top_logprobs", LLMGW__OPENAI_TOP_LOGPROBS, "0", keep},
    /* written behind the others, out of several of them */
    {"logprobs", LLMGW__OPENAI_LOGPROBS, "false", hide},
    {"verbosity", LLMGW__OPENAI_VERBOSITY, "\"medium\"", hide},
    {"store", LLMGW__OPENAI_STORE, "false", hide},
    {"response_format", 0, NULL, hide},
    {"reasoning_effort", 0, NULL, hide},
    {"reasoning", 0, NULL, hide},
    {"stream", 0, NULL, hide},
    {"stream_options", 0, NULL, hide},
    {"llmgw", 0, NULL, hide},
    {"tools", 0, NULL, hide},
    {"functions", 0, NULL, hide},
    {"web_search_options", LLMGW__OPENAI_WEB_SEARCH, NULL, hide},
    {"include", 0, NULL, hide},
    /* without a counterpart */
    {"top_k", 0, NULL, drop},
    {"frequency_penalty", LLMGW__OPENAI_FREQUENCY_PENALTY, "0", drop},
    {"presence_penalty", LLMGW__OPENAI_PRESENCE_PENALTY, "0", drop},
    {"logit_bias", LLMGW__OPENAI_LOGIT_BIAS, "{}", drop},
    {"seed", 0, NULL, drop},
    {"prediction", 0, NULL, drop},
    {"stop", LLMGW__OPENAI_STOP, "[]", refuse},
    {"n", 0, "1", refuse},
    {"modalities", 0, "[\"text\"]", refuse},
    {"audio", 0, NULL, refuse},
    /* ours to write */
    {"input", 0, NULL, drop},
    {"text", 0, NULL, drop},
    {"max_output_tokens", 0, NULL, drop},
};
/* clang-format on */

llmgw_status llmgw__responses_encode(struct llmgw__encode *encode)
{
    struct llmgw__openai_encode o;

    llmgw__openai_begin(&o, encode);
    check(&o);
    if (o.status == LLMGW_OK)
        llmgw__openai_head(&o, "/responses", NULL);
    if (o.status == LLMGW_OK)
        write_body(&o);
    if (o.status == LLMGW_OK)
        o.status = llmgw__body_finish(&encode->request->body);
    return o.status;
}

/* Sound in an input is refused before anything is written. */
static void check(struct llmgw__openai_encode *o)
{
    for (size_t i = 0; i < o->chat->message_count; i++) {
        const struct llmgw__message *message = &o->chat->messages[i];

        for (size_t p = 0; p < message->part_count; p++)
            if (message->parts[p].type == LLMGW__PART_AUDIO)
                llmgw__openai_refuse(o, "messages",
                                     "the target takes no audio input");
    }
}

static void write_body(struct llmgw__openai_encode *o)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, 0);

    llmgw__jsonw_open(&o->w, '{');
    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, 0, key);

        if (llmgw__jdoc_type(doc, value) != LLMGW__JSON_NULL)
            write_member(o, llmgw__jdoc_string(doc, key), value);
        key = llmgw__jdoc_next(doc, 0, value);
    }
    llmgw__responses_tools(o);
    write_reasoning(o);
    write_text(o);
    write_include(o);
    write_stream(o);
    llmgw__jsonw_close(&o->w, '}');
}

static void write_member(struct llmgw__openai_encode *o, struct llmgw__jstr key,
                         uint32_t value)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];

        if (!llmgw__jstr_is(key, rule->name))
            continue;
        if (rule->write == hide || !llmgw__openai_is_idle(o, rule->idle, value))
            rule->write(o, rule, value);
        return;
    }
    llmgw__openai_other(o, key, value);
}

/* Why neither the service nor the model takes it; NULL: they do. */
static const char *rejection(const struct llmgw__openai_encode *o,
                             const struct rule *rule)
{
    if (rule->bit & o->rejects & SAMPLING)
        return "model_rejects_sampling";
    return rule->bit & (o->lacks | o->rejects) ? "unsupported" : NULL;
}

static void keep(struct llmgw__openai_encode *o, const struct rule *rule,
                 uint32_t value)
{
    /* what says nothing of the answer goes without a word */
    const uint32_t quiet = LLMGW__OPENAI_METADATA | LLMGW__OPENAI_CACHE_KEY |
                           LLMGW__OPENAI_CACHE_SWITCH;
    const char *reason = rejection(o, rule);

    if (!reason)
        llmgw__jsonw_member_node(&o->w, rule->name, &o->chat->doc, value);
    else if (!(rule->bit & quiet))
        llmgw__openai_adjust(o, rule->name, "dropped", reason);
}

static void drop(struct llmgw__openai_encode *o, const struct rule *rule,
                 uint32_t value)
{
    const char *reason = rejection(o, rule);

    (void)value;
    llmgw__openai_adjust(o, rule->name, "dropped",
                         reason ? reason : "unsupported");
}

/* Written elsewhere, or not at all; told here when it cannot be. */
static void hide(struct llmgw__openai_encode *o, const struct rule *rule,
                 uint32_t value)
{
    const char *reason = rejection(o, rule);

    if (reason && !llmgw__openai_is_idle(o, rule->idle, value))
        llmgw__openai_adjust(o, rule->name, "dropped", reason);
}

/* Without it the host would get something else than was asked for, unless the
 * model does not take it on any endpoint. */
static void refuse(struct llmgw__openai_encode *o, const struct rule *rule,
                   uint32_t value)
{
    if (rejection(o, rule))
        drop(o, rule, value);
    else
        llmgw__openai_refuse(o, rule->name,
                             "the Responses API has no such parameter");
}

/* --- members --- */

static void write_model(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value)
{
    (void)value;
    llmgw__jsonw_member_z(&o->w, rule->name,
                          llmgw__site_model(o->encode->target));
}

static void write_messages(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value)
{
    (void)rule;
    (void)value;
    llmgw__jsonw_key(&o->w, "input");
    llmgw__responses_input(o);
}

/* Both spellings may be there, with one value. */
static void write_limit(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value)
{
    int64_t limit = o->chat->max_tokens;

    (void)value;
    if (o->limit_done || limit <= 0)
        return;
    o->limit_done = true;
    if (limit < MIN_OUTPUT_TOKENS) {
        llmgw__openai_adjust(o, rule->name, "clamped", "min_output_tokens");
        limit = MIN_OUTPUT_TOKENS;
    }
    llmgw__jsonw_member_int(&o->w, "max_output_tokens", limit);
}

static void write_user(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value)
{
    llmgw__openai_user(o, rule->name, value);
}

static void write_tier(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value)
{
    if (rejection(o, rule))
        drop(o, rule, value);
    else
        llmgw__openai_tier(o, value);
}

static void write_choice(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value)
{
    (void)rule;
    (void)value;
    llmgw__responses_tool_choice(o);
}

static void write_cache(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value)
{
    if (llmgw__openai_caches(o, rule->name, value))
        keep(o, rule, value);
}

/* Legal beside tools only. */
static void write_parallel(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value)
{
    if (o->chat->tool_count > 0)
        keep(o, rule, value);
}

/* --- members made of several --- */

/* OpenAI itself refuses what OpenRouter has in an object of the same name. */
static bool is_foreign(struct llmgw__openai_encode *o, struct llmgw__jstr name)
{
    static const char *const names[] = {"enabled", "exclude", "max_tokens"};
    bool foreign = false;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        foreign = foreign || llmgw__jstr_is(name, names[i]);
    if (foreign && o->full)
        llmgw__openai_adjust(o, "reasoning", "dropped", "unsupported");
    return foreign && o->full;
}

/* A host may write the object itself, to ask for summaries; the effort is that
 * of the request where it says one. */
static void write_reasoning(struct llmgw__openai_encode *o)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t own = llmgw__chat_member(o->chat, "reasoning");
    bool said = o->chat->effort != LLMGW__EFFORT_UNSET;
    const char *level = said ? llmgw__openai_responses_effort(o) : NULL;
    uint32_t key = LLMGW__JNONE;

    if (said)
        llmgw__openai_effort_report(o, level);
    if (llmgw__jdoc_type(doc, own) == LLMGW__JSON_OBJECT)
        key = llmgw__jdoc_first(doc, own);
    if (!level && key == LLMGW__JNONE)
        return;
    llmgw__jsonw_member_open(&o->w, "reasoning", '{');
    if (level)
        llmgw__jsonw_member_z(&o->w, "effort", level);
    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, own, key);

        if (!(said && llmgw__jstr_is(name, "effort")) && !is_foreign(o, name)) {
            llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
            llmgw__jsonw_node(&o->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, own, value);
    }
    llmgw__jsonw_close(&o->w, '}');
}

static void write_format(struct llmgw__openai_encode *o)
{
    const struct llmgw__chat *chat = o->chat;
    static const char *const names[] = {
        [LLMGW__FORMAT_TEXT] = "text",
        [LLMGW__FORMAT_JSON_OBJECT] = "json_object",
        [LLMGW__FORMAT_JSON_SCHEMA] = "json_schema",
    };

    llmgw__jsonw_member_open(&o->w, "format", '{');
    llmgw__jsonw_member_z(&o->w, "type", names[chat->format]);
    if (chat->format == LLMGW__FORMAT_JSON_SCHEMA) {
        llmgw__jsonw_member_jstr(&o->w, "name", chat->schema_name);
        if (chat->schema_description.data)
            llmgw__jsonw_member_jstr(&o->w, "description",
                                     chat->schema_description);
        llmgw__jsonw_member_raw(&o->w, "schema",
                                chat->schema.len ? chat->schema
                                                 : LLMGW__LIT("{}"));
        if (chat->schema_strict >= 0)
            llmgw__jsonw_member_bool(&o->w, "strict", chat->schema_strict != 0);
    }
    llmgw__jsonw_close(&o->w, '}');
}

static void write_text(struct llmgw__openai_encode *o)
{
    uint32_t verbosity = llmgw__chat_member(o->chat, "verbosity");
    bool talks =
        llmgw__jdoc_type(&o->chat->doc, verbosity) == LLMGW__JSON_STRING &&
        !(o->service->lacks & LLMGW__OPENAI_VERBOSITY);

    if (!talks && o->chat->format == LLMGW__FORMAT_UNSET)
        return;
    llmgw__jsonw_member_open(&o->w, "text", '{');
    if (o->chat->format != LLMGW__FORMAT_UNSET)
        write_format(o);
    if (talks)
        llmgw__jsonw_member_node(&o->w, "verbosity", &o->chat->doc, verbosity);
    llmgw__jsonw_close(&o->w, '}');
}

static bool wants_logprobs(const struct llmgw__openai_encode *o)
{
    static const struct rule rule = {.bit = LLMGW__OPENAI_LOGPROBS};

    return o->chat->logprobs == 1 && !rejection(o, &rule);
}

/* What the host wants included stands behind ours. */
static void write_list(struct llmgw__openai_encode *o, const char *const *ours)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t theirs = llmgw__chat_member(o->chat, "include");
    uint32_t item = LLMGW__JNONE;

    if (llmgw__jdoc_type(doc, theirs) == LLMGW__JSON_ARRAY)
        item = llmgw__jdoc_first(doc, theirs);
    if (!ours[0] && item == LLMGW__JNONE)
        return;
    llmgw__jsonw_member_open(&o->w, "include", '[');
    for (size_t i = 0; ours[i]; i++)
        llmgw__jsonw_z(&o->w, ours[i]);
    for (; item != LLMGW__JNONE; item = llmgw__jdoc_next(doc, theirs, item)) {
        const char *const *one = ours;

        while (*one && !llmgw__jstr_is(llmgw__jdoc_string(doc, item), *one))
            one++;
        if (!*one)
            llmgw__jsonw_node(&o->w, doc, item);
    }
    llmgw__jsonw_close(&o->w, ']');
}

/* Nothing is stored there unless the host says so: what was thought has to
 * come back with the answer, sealed. */
static void write_include(struct llmgw__openai_encode *o)
{
    const char *ours[3] = {NULL, NULL, NULL};
    size_t count = 0;
    bool store = false;
    static const struct rule rule = {.bit = LLMGW__OPENAI_STORE};

    if (!llmgw__openai_never_thinks(o))
        ours[count++] = "reasoning.encrypted_content";
    if (wants_logprobs(o))
        ours[count] = "message.output_text.logprobs";
    write_list(o, ours);
    if (!rejection(o, &rule))
        llmgw__jdoc_bool(&o->chat->doc, llmgw__chat_member(o->chat, "store"),
                         &store);
    llmgw__jsonw_member_bool(&o->w, "store", store);
}

static void write_stream(struct llmgw__openai_encode *o)
{
    if (!o->encode->stream)
        return;
    llmgw__jsonw_member_bool(&o->w, "stream", true);
    if (!(o->quirks & LLMGW__QUIRK_OBFUSCATION))
        return;
    llmgw__jsonw_member_open(&o->w, "stream_options", '{');
    llmgw__jsonw_member_bool(&o->w, "include_obfuscation", false);
    llmgw__jsonw_close(&o->w, '}');
}
