/*
 * provider/openai_encode.c - chat -> request of the openai dialect.
 *
 * The host speaks the same JSON, so its top-level members go out as they came,
 * each by its row of the table below; large values are referred to, not
 * copied. What a service or a model does not take is dropped and reported.
 *
 * Source: OpenAI API description 2.3.0, chat completions. Memory: the own text
 * of the body, as large as what had to be rewritten.
 */
#include "openai_encode.h"

#include <string.h>

#include "base/text.h"
#include "openai_models.h"
#include "site.h"

#define MAX_IDENTIFIER 64 /* characters of a safety_identifier */

struct rule;
typedef void (*write_fn)(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value);

/* One member of the host's request. */
struct rule {
    const char *name;
    const char *idle; /* the value that asks for what happens anyway */
    write_fn write;   /* NULL: as it stands */
    uint32_t bit;     /* in lacks and rejects */
    bool quiet;       /* no adjustment when it is dropped */
};

static void check(struct llmgw__openai_encode *o);
static void write_body(struct llmgw__openai_encode *o);
static void write_member(struct llmgw__openai_encode *o, struct llmgw__jstr key,
                         uint32_t value);
static const char *in_list(const char *const *list, struct llmgw__jstr key);
static void write_model(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value);
static void write_messages(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value);
static void write_limit(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value);
static void write_n(struct llmgw__openai_encode *o, const struct rule *rule,
                    uint32_t value);
static void write_seed(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value);
static void write_stop(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value);
static void write_tier(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value);
static void write_user(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value);
static void write_metadata(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value);
static void write_cache(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value);
static void write_search(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value);
static void write_format(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value);
static void write_effort(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value);
static void write_tools(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value);
static void write_choice(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value);
static void write_parallel(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value);
static void write_nothing(struct llmgw__openai_encode *o,
                          const struct rule *rule, uint32_t value);
static void write_stream(struct llmgw__openai_encode *o);
static void write_addition(struct llmgw__openai_encode *o, const char *key,
                           const char *json);
static bool dropped(struct llmgw__openai_encode *o, const struct rule *rule,
                    uint32_t value);

/* clang-format off */
static const struct rule rules[] = {
    {"model", NULL, write_model, 0, false},
    {"messages", NULL, write_messages, 0, false},
    {"max_tokens", NULL, write_limit, 0, false},
    {"max_completion_tokens", NULL, write_limit, 0, false},
    {"stream", NULL, write_nothing, 0, false},
    {"stream_options", NULL, write_nothing, 0, false},
    {"llmgw", NULL, write_nothing, 0, false},
    {"temperature", "1", NULL, LLMGW__OPENAI_TEMPERATURE, false},
    {"top_p", "1", NULL, LLMGW__OPENAI_TOP_P, false},
    {"top_k", NULL, NULL, LLMGW__OPENAI_TOP_K, false},
    {"frequency_penalty", "0", NULL, LLMGW__OPENAI_FREQUENCY_PENALTY, false},
    {"presence_penalty", "0", NULL, LLMGW__OPENAI_PRESENCE_PENALTY, false},
    {"logit_bias", "{}", NULL, LLMGW__OPENAI_LOGIT_BIAS, false},
    {"logprobs", "false", NULL, LLMGW__OPENAI_LOGPROBS, false},
    {"top_logprobs", "0", NULL, LLMGW__OPENAI_TOP_LOGPROBS, false},
    {"stop", "[]", write_stop, LLMGW__OPENAI_STOP, false},
    {"n", "1", write_n, LLMGW__OPENAI_N, false},
    {"seed", NULL, write_seed, LLMGW__OPENAI_SEED, false},
    {"response_format", NULL, write_format, 0, false},
    {"reasoning_effort", NULL, write_effort, 0, false},
    {"tools", "[]", write_tools, LLMGW__OPENAI_TOOLS, false},
    {"functions", "[]", write_tools, LLMGW__OPENAI_TOOLS, false},
    {"tool_choice", "\"none\"", write_choice, LLMGW__OPENAI_TOOLS, false},
    {"function_call", "\"none\"", write_choice, LLMGW__OPENAI_TOOLS, false},
    {"parallel_tool_calls", "true", write_parallel,
     LLMGW__OPENAI_PARALLEL_TOOL_CALLS, false},
    {"verbosity", "\"medium\"", NULL, LLMGW__OPENAI_VERBOSITY, false},
    {"modalities", "[\"text\"]", NULL, LLMGW__OPENAI_MODALITIES, false},
    {"audio", NULL, NULL, LLMGW__OPENAI_AUDIO, false},
    {"prediction", NULL, NULL, LLMGW__OPENAI_PREDICTION, false},
    {"web_search_options", NULL, write_search, LLMGW__OPENAI_WEB_SEARCH, false},
    {"service_tier", "\"auto\"", write_tier, LLMGW__OPENAI_TIER, false},
    {"store", "false", NULL, LLMGW__OPENAI_STORE, false},
    {"metadata", NULL, write_metadata, LLMGW__OPENAI_METADATA, true},
    {"user", NULL, write_user, 0, false},
    {"safety_identifier", NULL, write_user, 0, false},
    {"prompt_cache_key", NULL, NULL, LLMGW__OPENAI_CACHE_KEY, true},
    {"prompt_cache_options", NULL, write_cache,
     LLMGW__OPENAI_CACHE_SWITCH, true},
    {"prompt_cache_retention", NULL, write_cache,
     LLMGW__OPENAI_CACHE_SWITCH, true},
    {"moderation", NULL, NULL, LLMGW__OPENAI_MODERATION, false},
};
/* clang-format on */

/* Members that the host's surface lets through for the services that have
 * them. */
static const char *const vendors[] = {
    "cache_control",   "container",  "context_management",
    "diagnostics",     "fallbacks",  "inference_geo",
    "mcp_servers",     "models",     "output_config",
    "plugins",         "provider",   "reasoning",
    "reasoning_split", "speed",      "system",
    "thinking",        "transforms", NULL};

/* What the model itself rejects is told apart from what nobody there has. */
#define SAMPLING                                                               \
    (LLMGW__OPENAI_TEMPERATURE | LLMGW__OPENAI_TOP_P |                         \
     LLMGW__OPENAI_FREQUENCY_PENALTY | LLMGW__OPENAI_PRESENCE_PENALTY |        \
     LLMGW__OPENAI_TOP_K | LLMGW__OPENAI_LOGIT_BIAS | LLMGW__OPENAI_LOGPROBS | \
     LLMGW__OPENAI_TOP_LOGPROBS)

llmgw_status llmgw__openai_encode(struct llmgw__encode *encode)
{
    struct llmgw__openai_encode o;

    llmgw__openai_begin(&o, encode);
    check(&o);
    if (o.status == LLMGW_OK)
        llmgw__openai_head(&o, "/chat/completions",
                           llmgw__site_model(encode->target));
    if (o.status == LLMGW_OK)
        write_body(&o);
    if (o.status == LLMGW_OK)
        o.status = llmgw__body_finish(&encode->request->body);
    return o.status;
}

void llmgw__openai_adjust(struct llmgw__openai_encode *o, const char *param,
                          const char *action, const char *reason)
{
    if (!o->encode->strict) {
        llmgw__adjust(o->encode->adjustments, param, action, reason);
        return;
    }
    llmgw__openai_refuse(o, param,
                         "the target would need an adjustment of this member");
}

void llmgw__openai_refuse(struct llmgw__openai_encode *o, const char *param,
                          const char *message)
{
    if (o->status != LLMGW_OK)
        return;
    llmgw__error_refuse(o->encode->error, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                        param, message);
    o->status = LLMGW_E_INVALID;
}

void llmgw__openai_begin(struct llmgw__openai_encode *o,
                         struct llmgw__encode *encode)
{
    const struct llmgw__provider_row *row = encode->target->provider->row;
    llmgw_str model = llmgw__str(encode->target->model);
    const char *level;

    *o = (struct llmgw__openai_encode){.encode = encode, .chat = encode->chat};
    o->service = row && row->openai ? row->openai : &llmgw__openai_generic;
    o->quirks = row ? row->quirks : 0;
    o->full = (o->quirks & LLMGW__QUIRK_FULL_OPENAI) != 0;
    o->family = llmgw__openai_family_of(o->service, model);
    llmgw__openai_model_cache(model, &o->marks, &o->memory);
    level = llmgw__openai_effort_level(o);
    o->thinks = level ? strcmp(level, "none") != 0 : o->family->thinks;
    o->lacks = o->service->lacks | llmgw__openai_lacked(encode->target->price);
    o->rejects =
        o->family->rejects | llmgw__openai_refused(encode->target->price);
    if (o->thinks)
        o->rejects |= o->family->rejects_thinking;
    llmgw__body_init(&encode->request->body, 0);
    llmgw__jsonw_body(&o->w, &encode->request->body);
    encode->memo->chat = encode->chat;
}

/* What this endpoint would answer with a 400 whatever is dropped. */
static void check(struct llmgw__openai_encode *o)
{
    bool tools = o->chat->tool_count > 0;

    if (o->chat->n > 1 && ((o->lacks | o->rejects) & LLMGW__OPENAI_N))
        llmgw__openai_refuse(o, "n", "the target answers with one choice only");
    if (o->chat->n > 1 && (o->service->flags & LLMGW__OPENAI_ONE_COLD) &&
        o->chat->temperature.set && o->chat->temperature.value <= 0)
        llmgw__openai_refuse(
            o, "n", "the target answers with one choice at temperature 0");
    if (o->family->tools == LLMGW__TOOLS_NO_CHAT)
        llmgw__openai_refuse(o, "model",
                             "the model has no chat completions endpoint");
    if (tools && o->family->tools == LLMGW__TOOLS_REFUSED)
        llmgw__openai_refuse(o, "tools",
                             "the model takes no tools in chat completions");
    if (tools && o->thinks && o->family->tools == LLMGW__TOOLS_UNLESS_THINKING)
        llmgw__openai_refuse(o, "reasoning_effort",
                             "the model takes tools in chat completions with "
                             "reasoning_effort none only");
}

void llmgw__openai_head(struct llmgw__openai_encode *o, const char *path,
                        const char *model)
{
    struct llmgw__http_request *request = o->encode->request;
    const struct llmgw__target *target = o->encode->target;

    request->method = "POST";
    request->url =
        llmgw__site_request(o->encode->arena, target->provider, path, model);
    if (!request->url) {
        o->status = LLMGW_E_NOMEM;
        return;
    }
    o->status = llmgw__http_header_add(request, LLMGW__LIT("content-type"),
                                       LLMGW__LIT("application/json"), false);
    if (o->status == LLMGW_OK)
        o->status = llmgw__http_header_add(request, LLMGW__LIT("accept"),
                                           o->encode->stream
                                               ? LLMGW__LIT("text/event-stream")
                                               : LLMGW__LIT("application/json"),
                                           false);
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
    if (o->encode->stream)
        write_stream(o);
    write_addition(o, o->service->add_key, o->service->add_json);
    write_addition(o, o->family->add_key, o->family->add_json);
    if (o->chat->continued && (o->quirks & LLMGW__QUIRK_TURN_ASKED)) {
        llmgw__jsonw_member_bool(&o->w, "add_generation_prompt", false);
        llmgw__jsonw_member_bool(&o->w, "continue_final_message", true);
    }
    llmgw__jsonw_close(&o->w, '}');
}

static void write_member(struct llmgw__openai_encode *o, struct llmgw__jstr key,
                         uint32_t value)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];

        if (!llmgw__jstr_is(key, rule->name))
            continue;
        if (rule->bit && dropped(o, rule, value))
            return;
        if (rule->write)
            rule->write(o, rule, value);
        else
            llmgw__jsonw_member_node(&o->w, rule->name, &o->chat->doc, value);
        return;
    }
    llmgw__openai_other(o, key, value);
}

/* A member that only some services have. One that nobody knows is there
 * because the host let it pass. */
void llmgw__openai_other(struct llmgw__openai_encode *o, struct llmgw__jstr key,
                         uint32_t value)
{
    const char *name = in_list(vendors, key);

    if (name && o->service->takes && !in_list(o->service->takes, key)) {
        llmgw__openai_adjust(o, name, "dropped", "unsupported");
        return;
    }
    llmgw__jsonw_key_raw(&o->w, llmgw__str_n(key.data, key.len));
    llmgw__jsonw_node(&o->w, &o->chat->doc, value);
}

static const char *in_list(const char *const *list, struct llmgw__jstr key)
{
    while (*list && !llmgw__jstr_is(key, *list))
        list++;
    return *list;
}

/* A member that the service or the model does not take: drop and report it,
 * unless it changes nothing. */
static bool dropped(struct llmgw__openai_encode *o, const struct rule *rule,
                    uint32_t value)
{
    if (!(rule->bit & (o->lacks | o->rejects)))
        return false;
    if (!rule->quiet && !llmgw__openai_is_idle(o, rule->idle, value))
        llmgw__openai_adjust(o, rule->name, "dropped",
                             (rule->bit & o->rejects & SAMPLING)
                                 ? "model_rejects_sampling"
                                 : "unsupported");
    return true;
}

bool llmgw__openai_is_idle(const struct llmgw__openai_encode *o,
                           const char *idle, uint32_t value)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    double number;

    if (!idle)
        return false;
    if (llmgw__jdoc_double(doc, value, &number))
        return number == (double)(idle[0] - '0');
    return llmgw__str_is(llmgw__jdoc_raw(doc, value), idle);
}

static void write_model(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value)
{
    const struct llmgw__target *target = o->encode->target;

    (void)value;
    if (!llmgw__site_is_dated(target->provider)) /* else it is in the path */
        llmgw__jsonw_member_z(&o->w, rule->name, llmgw__site_model(target));
}

static void write_messages(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value)
{
    (void)value;
    llmgw__jsonw_key(&o->w, rule->name);
    llmgw__openai_messages(o);
}

/* Both spellings may be there, with one value. */
static void write_limit(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value)
{
    (void)rule;
    (void)value;
    if (o->limit_done || o->chat->max_tokens <= 0)
        return;
    o->limit_done = true;
    llmgw__jsonw_member_int(&o->w,
                            (o->quirks & LLMGW__QUIRK_MAX_TOKENS)
                                ? "max_tokens"
                                : "max_completion_tokens",
                            o->chat->max_tokens);
}

static void write_n(struct llmgw__openai_encode *o, const struct rule *rule,
                    uint32_t value)
{
    (void)value;
    if (o->chat->n > 1)
        llmgw__jsonw_member_int(&o->w, rule->name, o->chat->n);
}

static void write_seed(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value)
{
    (void)rule;
    llmgw__jsonw_member_node(&o->w, o->service->seed, &o->chat->doc, value);
}

static void write_stop(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value)
{
    size_t most = o->service->max_stops;

    if (most == 0 || o->chat->stop_count <= most) {
        llmgw__jsonw_member_node(&o->w, rule->name, &o->chat->doc, value);
        return;
    }
    llmgw__openai_adjust(o, rule->name, "clamped", "max_stop_sequences");
    llmgw__jsonw_member_open(&o->w, rule->name, '[');
    for (size_t i = 0; i < most; i++)
        llmgw__jsonw_jstr(&o->w, o->chat->stops[i]);
    llmgw__jsonw_close(&o->w, ']');
}

static void write_tier(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value)
{
    (void)rule;
    llmgw__openai_tier(o, value);
}

void llmgw__openai_tier(struct llmgw__openai_encode *o, uint32_t value)
{
    const char *const *tier = o->service->tiers;
    struct llmgw__jstr said = llmgw__jdoc_string(&o->chat->doc, value);
    llmgw_str model = llmgw__str(o->encode->target->model);

    while (tier && *tier && !llmgw__jstr_is(said, *tier))
        tier++;
    if ((tier && !*tier) || (o->full && !llmgw__openai_model_tier(model, said)))
        llmgw__openai_adjust(o, "service_tier", "dropped", "unsupported");
    else
        llmgw__jsonw_member_jstr(&o->w, "service_tier", said);
}

static void write_user(struct llmgw__openai_encode *o, const struct rule *rule,
                       uint32_t value)
{
    llmgw__openai_user(o, rule->name, value);
}

/* user and safety_identifier are one thing under two names; but where the host
 * gives both, or a name that is longer than the new one may be, the old one is
 * still taken. */
void llmgw__openai_user(struct llmgw__openai_encode *o, const char *name,
                        uint32_t value)
{
    const struct llmgw__chat *chat = o->chat;
    bool both = llmgw__chat_member(chat, "user") != LLMGW__JNONE &&
                llmgw__chat_member(chat, "safety_identifier") != LLMGW__JNONE;

    if (o->full && (both || chat->user.len > MAX_IDENTIFIER)) {
        llmgw__jsonw_member_node(&o->w, name, &chat->doc, value);
        return;
    }
    if (o->user_done)
        return;
    o->user_done = true;
    if (o->service->user)
        llmgw__jsonw_member_jstr(&o->w, o->service->user, chat->user);
    else
        llmgw__openai_adjust(o, name, "dropped", "unsupported");
}

/* There it belongs to what is stored; elsewhere it stays with the host. */
static void write_metadata(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value)
{
    bool stored = false;

    llmgw__jdoc_bool(&o->chat->doc, llmgw__chat_member(o->chat, "store"),
                     &stored);
    if (stored || !o->full)
        llmgw__jsonw_member_node(&o->w, rule->name, &o->chat->doc, value);
}

/* Of OpenAI's models, few search here. */
static void write_search(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value)
{
    if (o->full && o->family->prefix[0] &&
        !llmgw__openai_searches(llmgw__str(o->encode->target->model)))
        llmgw__openai_adjust(o, rule->name, "dropped", "unsupported");
    else
        llmgw__jsonw_member_node(&o->w, rule->name, &o->chat->doc, value);
}

static void write_cache(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value)
{
    if (llmgw__openai_caches(o, rule->name, value))
        llmgw__jsonw_member_node(&o->w, rule->name, &o->chat->doc, value);
}

/* No answer depends on it: what a model of OpenAI's lacks goes without a
 * word. */
bool llmgw__openai_caches(const struct llmgw__openai_encode *o,
                          const char *name, uint32_t value)
{
    if (!o->full)
        return true;
    if (strcmp(name, "prompt_cache_options") == 0)
        return o->marks;
    return o->memory ||
           !llmgw__jstr_is(llmgw__jdoc_string(&o->chat->doc, value),
                           "in_memory");
}

static void write_format(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value)
{
    llmgw__jsonw_key(&o->w, rule->name);
    llmgw__openai_format(o, value);
}

static void write_effort(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value)
{
    (void)rule;
    (void)value;
    llmgw__openai_effort(o);
}

static void write_tools(struct llmgw__openai_encode *o, const struct rule *rule,
                        uint32_t value)
{
    (void)rule;
    (void)value;
    llmgw__openai_tools(o);
}

static void write_choice(struct llmgw__openai_encode *o,
                         const struct rule *rule, uint32_t value)
{
    (void)rule;
    (void)value;
    llmgw__openai_tool_choice(o);
}

/* Legal beside tools only. */
static void write_parallel(struct llmgw__openai_encode *o,
                           const struct rule *rule, uint32_t value)
{
    if (o->chat->tool_count > 0)
        llmgw__jsonw_member_node(&o->w, rule->name, &o->chat->doc, value);
}

static void write_nothing(struct llmgw__openai_encode *o,
                          const struct rule *rule, uint32_t value)
{
    (void)o;
    (void)rule;
    (void)value;
}

/* Usage is always asked for: the ledger needs it. */
static void write_stream(struct llmgw__openai_encode *o)
{
    llmgw__jsonw_member_bool(&o->w, "stream", true);
    if ((o->service->flags & LLMGW__OPENAI_TOOL_STREAM) &&
        o->chat->tool_count > 0)
        llmgw__jsonw_member_bool(&o->w, "tool_stream", true);
    if (o->quirks & LLMGW__QUIRK_NO_STREAM_OPTIONS)
        return;
    llmgw__jsonw_member_open(&o->w, "stream_options", '{');
    llmgw__jsonw_member_bool(&o->w, "include_usage", true);
    if (o->quirks & LLMGW__QUIRK_OBFUSCATION)
        llmgw__jsonw_member_bool(&o->w, "include_obfuscation", false);
    llmgw__jsonw_close(&o->w, '}');
}

static void write_addition(struct llmgw__openai_encode *o, const char *key,
                           const char *json)
{
    if (key)
        llmgw__jsonw_member_raw(&o->w, key, llmgw__str(json));
}
