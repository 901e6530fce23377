/*
 * provider/anthropic_params.c - the members of the request that are neither
 * messages nor tools nor thinking.
 *
 * Source: Messages API, "Create a Message". Memory: none but a hash.
 */
#include <string.h>

#include "anthropic_content.h"
#include "base/crypto.h"

/** When a member without a counterpart says nothing that would be missed. */
enum idle {
    NEVER,
    ZERO,
    FALSE,
    EMPTY,
    MEDIUM
};

static const struct {
    const char *member;
    enum idle idle;
} dropped[] = {
    {"seed", NEVER},
    {"frequency_penalty", ZERO},
    {"presence_penalty", ZERO},
    {"logit_bias", EMPTY},
    {"logprobs", FALSE},
    {"top_logprobs", ZERO},
    {"prediction", NEVER},
    {"store", FALSE},
    {"verbosity", MEDIUM},
    {"moderation", NEVER},
};

/** Members of the wire that a host may give itself; they go out verbatim. The
 *  first one's not where the service would refuse it. */
static const char *const verbatim[] = {
    "thinking",      "cache_control", "speed",
    "inference_geo", "container",     "context_management",
    "fallbacks",     "mcp_servers",   "diagnostics",
};

/** All other members that we know, of whichever provider. What is in no list
 *  is there because the host wants it passed on. */
static const char *const known[] = {
    "model",
    "messages",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "n",
    "parallel_tool_calls",
    "response_format",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "temperature",
    "top_p",
    "top_k",
    "stream",
    "stream_options",
    "user",
    "metadata",
    "safety_identifier",
    "llmgw",
    "audio",
    "modalities",
    "reasoning_effort",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_options",
    "output_config",
    "web_search_options",
    "prompt_cache_retention",
    "system",
    "models",
    "plugins",
    "provider",
    "reasoning",
    "reasoning_split",
    "transforms",
};

static void refuse_outputs(struct llmgw__anthropic_encoder *e);
static void plan_max_tokens(struct llmgw__anthropic_encoder *e);
static void report_dropped(struct llmgw__anthropic_encoder *e);
static void write_stops(struct llmgw__anthropic_encoder *e);
static void write_user(struct llmgw__anthropic_encoder *e);
static void write_tier(struct llmgw__anthropic_encoder *e);
static void write_unknown(struct llmgw__anthropic_encoder *e);

void llmgw__anthropic_plan_params(struct llmgw__anthropic_encoder *e)
{
    if (e->chat->n != 1)
        llmgw__anthropic_refuse(e, "unsupported_value", "n",
                                "n must be 1: this model gives one choice");
    refuse_outputs(e);
    plan_max_tokens(e);
    report_dropped(e);
}

/** Has the surface no such member? */
static bool is_without(const struct llmgw__anthropic_encoder *e,
                       const char *member)
{
    const char *const *at = e->surface->without;

    while (at && *at && strcmp(*at, member) != 0)
        at++;
    return at && *at;
}

void llmgw__anthropic_write_params(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;

    if (e->temperature.len)
        llmgw__jsonw_member_raw(&e->w, "temperature", e->temperature);
    if (e->top_p.len)
        llmgw__jsonw_member_raw(&e->w, "top_p", e->top_p);
    if (e->top_k.len)
        llmgw__jsonw_member_raw(&e->w, "top_k", e->top_k);
    write_stops(e);
    write_user(e);
    write_tier(e);
    for (size_t i = 0; i < sizeof verbatim / sizeof verbatim[0]; i++) {
        uint32_t own = llmgw__chat_member(e->chat, verbatim[i]);

        if (own != LLMGW__JNONE && is_without(e, verbatim[i]))
            llmgw__anthropic_adjust(e, verbatim[i], "dropped", "unsupported");
        else if (own != LLMGW__JNONE && (i > 0 || !e->no_thinking))
            llmgw__jsonw_member_node(&e->w, verbatim[i], doc, own);
    }
    write_unknown(e);
}

static void refuse_outputs(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t list = llmgw__chat_member(e->chat, "modalities");

    for (uint32_t at = llmgw__jdoc_first(doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, list, at))
        if (!llmgw__jstr_is(llmgw__jdoc_string(doc, at), "text"))
            llmgw__anthropic_refuse(e, "unsupported_value", "modalities",
                                    "this model answers in text alone");
    if (llmgw__chat_member(e->chat, "audio") != LLMGW__JNONE)
        llmgw__anthropic_refuse(e, "unsupported_value", "audio",
                                "this model gives no audio");
}

static void plan_max_tokens(struct llmgw__anthropic_encoder *e)
{
    int64_t most = e->model->max_output;
    bool newer =
        llmgw__chat_member(e->chat, "max_completion_tokens") != LLMGW__JNONE;

    e->max_tokens = e->chat->max_tokens;
    if (!e->max_tokens)
        e->max_tokens = e->model->output;
    if (!most || e->max_tokens <= most)
        return;
    e->max_tokens = most;
    llmgw__anthropic_adjust(e, newer ? "max_completion_tokens" : "max_tokens",
                            "clamped", "model_max_output");
}

static bool is_idle(const struct llmgw__jdoc *doc, uint32_t node,
                    enum idle idle)
{
    bool flag = true;
    double number = 1;

    switch (idle) {
    case NEVER:
        return false;
    case ZERO:
        return llmgw__jdoc_double(doc, node, &number) && number >= 0 &&
               number <= 0;
    case FALSE:
        return llmgw__jdoc_bool(doc, node, &flag) && !flag;
    case EMPTY:
        return llmgw__jdoc_count(doc, node) == 0;
    case MEDIUM:
        return llmgw__jstr_is(llmgw__jdoc_string(doc, node), "medium");
    }
    return false;
}

static void report_dropped(struct llmgw__anthropic_encoder *e)
{
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++) {
        uint32_t node = llmgw__chat_member(e->chat, dropped[i].member);

        if (node != LLMGW__JNONE &&
            !is_idle(&e->chat->doc, node, dropped[i].idle))
            llmgw__anthropic_adjust(e, dropped[i].member, "dropped",
                                    "unsupported");
    }
}

static void write_stops(struct llmgw__anthropic_encoder *e)
{
    bool open = false;

    for (size_t i = 0; i < e->chat->stop_count; i++) {
        if (llmgw__anthropic_blank(e->chat->stops[i])) {
            llmgw__anthropic_adjust(e, "stop", "dropped",
                                    "whitespace_stop_sequence");
            continue;
        }
        if (!open) {
            llmgw__jsonw_member_open(&e->w, "stop_sequences", '[');
        }
        open = true;
        llmgw__jsonw_jstr(&e->w, e->chat->stops[i]);
    }
    if (open)
        llmgw__jsonw_close(&e->w, ']');
}

/* --- who asks --- */

static bool is_mail(llmgw_str text)
{
    size_t at = llmgw__str_find(text, LLMGW__LIT("@"));
    llmgw_str host;

    if (at == SIZE_MAX || at == 0)
        return false;
    host = llmgw__str_n(text.data + at + 1, text.len - at - 1);
    at = llmgw__str_find(host, LLMGW__LIT("."));
    return at != SIZE_MAX && at > 0 && at + 1 < host.len;
}

/** Seven to fifteen digits, written as people write numbers to call: a plain
 *  run of digits may be anything. */
static bool is_phone(llmgw_str text)
{
    size_t digits = 0;
    size_t marks = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (c >= '0' && c <= '9')
            digits++;
        else if ((c == '+' && i == 0) || c == ' ' || c == '-' || c == '(' ||
                 c == ')' || c == '.' || c == '/')
            marks++;
        else
            return false;
    }
    return marks > 0 && digits >= 7 && digits <= 15;
}

/** The service wants an id that says nothing of the person. */
static void write_user(struct llmgw__anthropic_encoder *e)
{
    bool newer =
        llmgw__chat_member(e->chat, "safety_identifier") != LLMGW__JNONE;
    llmgw_str user = llmgw__anthropic_text(e, e->chat->user);
    char hash[65];

    if (!user.len)
        return;
    llmgw__jsonw_member_open(&e->w, "metadata", '{');
    if ((is_mail(user) || is_phone(user)) &&
        llmgw__sha256_hex(user, hash) == 0) {
        llmgw__jsonw_member_z(&e->w, "user_id", hash);
        llmgw__anthropic_adjust(e, newer ? "safety_identifier" : "user",
                                "converted", "hashed");
    } else {
        llmgw__jsonw_member_jstr(&e->w, "user_id", e->chat->user);
    }
    llmgw__jsonw_close(&e->w, '}');
}

/** As a header says it; "auto" is as if nothing was said. */
static void take_tier(struct llmgw__anthropic_encoder *e,
                      struct llmgw__jstr tier)
{
    static const char *const tiers[] = {"default", "flex", "priority",
                                        "reserved"};

    for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++)
        if (llmgw__jstr_is(tier, tiers[i]))
            e->tier = tiers[i];
    if (!e->tier && !llmgw__jstr_is(tier, "auto"))
        llmgw__anthropic_adjust(e, "service_tier", "dropped", "unsupported");
}

static void write_tier(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t node = llmgw__chat_member(e->chat, "service_tier");
    struct llmgw__jstr tier = llmgw__jdoc_string(doc, node);

    if (node == LLMGW__JNONE)
        return;
    if (e->surface->tier_header)
        take_tier(e, tier);
    else if (llmgw__jstr_is(tier, "auto"))
        llmgw__jsonw_member_z(&e->w, "service_tier", "auto");
    else if (llmgw__jstr_is(tier, "default"))
        llmgw__jsonw_member_z(&e->w, "service_tier", "standard_only");
    else
        llmgw__anthropic_adjust(e, "service_tier", "dropped", "unsupported");
}

static bool is_among(struct llmgw__jstr name, const char *const *list,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (llmgw__jstr_is(name, list[i]))
            return true;
    return false;
}

static bool is_known(struct llmgw__jstr name)
{
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        if (llmgw__jstr_is(name, dropped[i].member))
            return true;
    return is_among(name, known, sizeof known / sizeof known[0]) ||
           is_among(name, verbatim, sizeof verbatim / sizeof verbatim[0]);
}

static void write_unknown(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, 0);

    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, 0, key);

        if (!is_known(name)) {
            llmgw__jsonw_key_raw(&e->w, (llmgw_str){name.data, name.len});
            llmgw__jsonw_node(&e->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, 0, value);
    }
}
