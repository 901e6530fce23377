/*
 * provider/bedrock_encode.c - chat -> a request of Converse: the root, where
 * it goes, and what the host says in the service's own words.
 *
 * Source: Amazon Bedrock Runtime API, "Converse", "ConverseStream", 2026-08.
 * Memory: the attempt's arena; the body refers to large texts of the request.
 */
#include <string.h>

#include "base/crypto.h"
#include "bedrock_converse.h"
#include "calls.h"
#include "encoding.h"

#define MAX_BODY ((size_t)64 << 20) /* the service's own limit is 25 MB */
#define OPTIONS  "llmgw.bedrock"

typedef void (*step_fn)(struct llmgw__converse_encoder *c);

static void begin(struct llmgw__converse_encoder *c, struct llmgw__encode *io);
static void plan(struct llmgw__converse_encoder *c);
static void report_members(struct llmgw__converse_encoder *c);
static void plan_tools(struct llmgw__converse_encoder *c);
static bool any_history(const struct llmgw__anthropic_encoder *e);
static void fit_ids(struct llmgw__converse_encoder *c);
static void write_request(struct llmgw__converse_encoder *c);
static void write_tier(struct llmgw__converse_encoder *c);
static void write_metadata(struct llmgw__converse_encoder *c);
static void write_guardrail(struct llmgw__converse_encoder *c);
static void write_given(struct llmgw__converse_encoder *c);
static void add_head(struct llmgw__converse_encoder *c);
static llmgw_status finish_body(struct llmgw__converse_encoder *c);

/* What the request itself says. */
static const char *const owned[] = {"messages",        "system",
                                    "toolConfig",      "outputConfig",
                                    "inferenceConfig", NULL};
/* These have a place of their own here. */
static const char *const aside[] = {"additionalModelRequestFields",
                                    "guardrailConfig", NULL};

llmgw_status llmgw__converse_encode(struct llmgw__encode *io)
{
    struct llmgw__converse_encoder c = {.more_open = false};
    struct llmgw__anthropic_encoder *e = &c.base;
    llmgw_status status;

    begin(&c, io);
    if (LLMGW__ANTHROPIC_OK(e))
        plan(&c);
    if (LLMGW__ANTHROPIC_OK(e))
        write_request(&c);
    if (LLMGW__ANTHROPIC_OK(e))
        add_head(&c);
    status = finish_body(&c);
    if (status != LLMGW_OK)
        llmgw__body_clear(&io->request->body);
    return status;
}

static llmgw_status finish_body(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    llmgw_status status = llmgw__body_finish(&e->io->request->body);

    if (LLMGW__ANTHROPIC_OK(e) && status == LLMGW_E_LIMIT) {
        llmgw__error_setz(e->io->error, LLMGW_KIND_REQUEST_TOO_LARGE,
                          "the request is larger than 64 MiB");
        status = LLMGW_E_INVALID;
    }
    llmgw__anthropic_fail(e, status);
    return e->status;
}

/* What a model of the vendor's own line takes here is less than there. */
static void begin(struct llmgw__converse_encoder *c, struct llmgw__encode *io)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    const struct llmgw__jdoc *doc = &io->chat->doc;
    bool claude = llmgw__converse_is_claude(io->target);
    unsigned lost = LLMGW__ANTHROPIC_LATE;

    c->model = llmgw__converse_model_find(io->target);
    c->claude = *llmgw__anthropic_model_find(
        claude ? llmgw__bedrock_base(io->target) : LLMGW__LIT(""));
    if (!claude)
        c->claude.can |= LLMGW__ANTHROPIC_FORMAT;
    if (!(c->model->can & LLMGW__CONVERSE_FORCE))
        lost |= LLMGW__ANTHROPIC_FORCE;
    if (!(c->model->can & LLMGW__CONVERSE_FORMAT))
        lost |= LLMGW__ANTHROPIC_FORMAT;
    c->claude.can &= (uint8_t)~lost;
    e->io = io;
    e->chat = io->chat;
    e->model = &c->claude;
    e->api_version = "";
    e->shape = &llmgw__converse_shape;
    e->echoes = (c->model->can & LLMGW__CONVERSE_UNSIGNED) != 0;
    e->leads = (c->model->can & LLMGW__CONVERSE_LEAD) != 0;
    e->state = llmgw__converse_state(io->target, io->arena);
    if (!e->state)
        llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
    c->options = llmgw__jdoc_get(doc, io->chat->extension, "bedrock");
    if (llmgw__jdoc_type(doc, c->options) == LLMGW__JSON_NULL)
        c->options = LLMGW__JNONE;
    c->fields =
        llmgw__jdoc_get(doc, c->options, "additionalModelRequestFields");
    llmgw__body_init(&io->request->body, MAX_BODY);
    llmgw__jsonw_body(&e->w, &io->request->body);
    if (c->options != LLMGW__JNONE &&
        llmgw__jdoc_type(doc, c->options) != LLMGW__JSON_OBJECT)
        llmgw__anthropic_refuse(e, "invalid_value", OPTIONS,
                                OPTIONS " must be an object");
}

static void plan(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    llmgw__anthropic_plan_turns(e);
    if (LLMGW__ANTHROPIC_OK(e))
        llmgw__anthropic_plan_params(e);
    report_members(c);
    if (LLMGW__ANTHROPIC_OK(e) &&
        c->model->think == LLMGW__CONVERSE_THINK_CLAUDE)
        llmgw__anthropic_plan_thinking(e);
    if (LLMGW__ANTHROPIC_OK(e))
        llmgw__converse_plan_sampling(c);
    if (LLMGW__ANTHROPIC_OK(e))
        plan_tools(c);
    if (LLMGW__ANTHROPIC_OK(e))
        llmgw__anthropic_plan_search(e);
    if (LLMGW__ANTHROPIC_OK(e))
        llmgw__anthropic_plan_format(e);
    c->tools = e->offered > 0 || e->format == LLMGW__ANTHROPIC_TOOL;
    if (LLMGW__ANTHROPIC_OK(e) && !c->tools && any_history(e)) {
        c->flat = true;
        llmgw__anthropic_adjust(e, "messages", "converted",
                                "tool_history_without_tools");
    }
    if (LLMGW__ANTHROPIC_OK(e))
        llmgw__anthropic_plan_cache(e);
    if (LLMGW__ANTHROPIC_OK(e))
        fit_ids(c);
}

/* Nobody's name is passed on. */
static void report_members(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    const char *const names[] = {"user", "safety_identifier"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (llmgw__chat_member(e->chat, names[i]) != LLMGW__JNONE)
            llmgw__anthropic_adjust(e, names[i], "dropped", "unsupported");
}

/* "None" has no word: tools are not sent at all then. */
static void plan_tools(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    llmgw__converse_check_tools(c);
    llmgw__anthropic_plan_tools(e);
    if (e->choice == LLMGW__CHOICE_NONE)
        e->offered = 0;
    if (e->offered && e->chat->parallel_tool_calls == 0 &&
        !llmgw__converse_is_claude(e->io->target))
        llmgw__anthropic_adjust(e, "parallel_tool_calls", "dropped",
                                "unsupported");
}

static bool any_history(const struct llmgw__anthropic_encoder *e)
{
    for (size_t i = 0; i < e->plan.turn_count; i++)
        if (e->plan.turns[i].call_count)
            return true;
    return false;
}

/* --- ids --- */

/* Those that are too long, or of a wrong form, become hashes. */
static void fit_id(struct llmgw__converse_encoder *c,
                   struct llmgw__anthropic_call *call)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    char short_id[LLMGW__SHORT_ID], hash[65];
    llmgw_str fit = {hash, 64};

    if (c->model->can & LLMGW__CONVERSE_JSON) {
        if (llmgw__calls_is_short_id(call->sent))
            return;
        fit = llmgw__str_n(short_id, sizeof short_id);
        if (!llmgw__calls_short_id(call->sent, short_id))
            llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
    } else if (call->sent.len <= 64) {
        return;
    } else if (llmgw__sha256_hex(call->sent, hash) != 0) {
        llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
    }
    if (LLMGW__ANTHROPIC_OK(e))
        llmgw__anthropic_fail(e,
                              llmgw__arena_str(e->io->arena, fit, &call->sent));
}

/* A turn's calls are the same array as the next one's results. */
static void fit_ids(struct llmgw__converse_encoder *c)
{
    const struct llmgw__anthropic_plan *turns = &c->base.plan;

    for (size_t i = 0; i < turns->turn_count && !c->flat; i++)
        for (size_t k = 0;
             turns->turns[i].assistant && k < turns->turns[i].call_count; k++)
            fit_id(c, &turns->turns[i].calls[k]);
}

/* --- the root --- */

/* In the order of the cached prefix. */
static void write_request(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    llmgw__jsonw_open(&e->w, '{');
    if (c->tools)
        llmgw__converse_write_tools(c);
    if (c->model->can & LLMGW__CONVERSE_SYSTEM)
        llmgw__anthropic_write_system(e);
    llmgw__anthropic_write_messages(e);
    llmgw__converse_write_inference(c);
    llmgw__converse_write_output(c);
    llmgw__converse_write_more(c);
    write_tier(c);
    write_metadata(c);
    write_guardrail(c);
    write_given(c);
    llmgw__jsonw_close(&e->w, '}');
}

static bool is_given(const struct llmgw__converse_encoder *c, const char *name)
{
    return llmgw__jdoc_get(&c->base.chat->doc, c->options, name) !=
           LLMGW__JNONE;
}

static void write_tier(struct llmgw__converse_encoder *c)
{
    static const char *const tiers[] = {"default", "flex", "priority"};
    struct llmgw__anthropic_encoder *e = &c->base;
    struct llmgw__jstr tier = llmgw__jdoc_string(
        &e->chat->doc, llmgw__chat_member(e->chat, "service_tier"));

    if (!tier.data || llmgw__jstr_is(tier, "auto") ||
        is_given(c, "serviceTier"))
        return;
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++) {
        if (!llmgw__jstr_is(tier, tiers[i]))
            continue;
        llmgw__jsonw_key(&e->w, "serviceTier");
        llmgw__jsonw_open(&e->w, '{');
        llmgw__jsonw_member_z(&e->w, "type", tiers[i]);
        llmgw__jsonw_close(&e->w, '}');
        return;
    }
    llmgw__anthropic_adjust(e, "service_tier", "dropped", "unsupported");
}

/* It goes into the service's logs: only where that is wanted. */
static void write_metadata(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t own = llmgw__chat_member(e->chat, "metadata");
    const char *wanted =
        llmgw__provider_setting(e->io->target->provider, "request_metadata");

    if (!llmgw__jdoc_count(doc, own) || is_given(c, "requestMetadata"))
        return;
    if (wanted && strcmp(wanted, "true") == 0)
        llmgw__jsonw_member_raw(&e->w, "requestMetadata",
                                llmgw__jdoc_raw(doc, own));
    else
        llmgw__anthropic_adjust(e, "metadata", "dropped", "unsupported");
}

/* How it works on a stream may be said of streams alone. */
static void write_guardrail(struct llmgw__converse_encoder *c)
{
    static const char *const of_streams[] = {"streamProcessingMode", NULL};
    struct llmgw__anthropic_encoder *e = &c->base;
    uint32_t own =
        llmgw__jdoc_get(&e->chat->doc, c->options, "guardrailConfig");

    if (llmgw__jdoc_type(&e->chat->doc, own) != LLMGW__JSON_OBJECT)
        return;
    llmgw__jsonw_key(&e->w, "guardrailConfig");
    llmgw__jsonw_open(&e->w, '{');
    llmgw__anthropic_members(e, own, e->io->stream ? NULL : of_streams);
    llmgw__jsonw_close(&e->w, '}');
}

/* llmgw.bedrock, and members that the host vouches for. */
static void write_given(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    struct llmgw__encoding given = {
        .io = e->io,
        .chat = e->chat,
        .w = e->w,
        .options = c->options,
        .place = OPTIONS,
        .owned = owned,
        .aside = aside,
        .known = llmgw__chat_member_known,
    };

    llmgw__encoding_given(&given);
    e->w = given.w;
    llmgw__anthropic_fail(e, given.status);
}

/* --- the head --- */

static void add_header(struct llmgw__anthropic_encoder *e, const char *name,
                       const char *value)
{
    llmgw__anthropic_fail(e, llmgw__http_header_add(e->io->request,
                                                    llmgw__str(name),
                                                    llmgw__str(value), false));
}

static void add_head(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    bool stream = e->io->stream;

    e->io->request->method = "POST";
    e->io->request->url = llmgw__bedrock_url(
        e->io->arena, e->io->target, stream ? "converse-stream" : "converse");
    if (!e->io->request->url)
        llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
    add_header(e, "content-type", "application/json");
    add_header(e, "accept",
               stream ? "application/vnd.amazon.eventstream"
                      : "application/json");
}
