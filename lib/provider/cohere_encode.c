/*
 * provider/cohere_encode.c - chat -> a request of Cohere's v2 chat: root,
 * sampling, thinking.
 *
 * Source: Cohere's API reference, "Chat" (v2), 2026-08; recorded requests.
 * Memory: the body; large slices of the request are referred to.
 */
#include <string.h>

#include "cohere.h"

struct range {
    double low, high;
    const char *least, *most; /* as text */
    const char *reason;
};

static void write_sampling(struct llmgw__cohere_encode *c);
static void write_clamped(struct llmgw__encoding *e, const char *param,
                          const char *key, const struct llmgw__number *number,
                          const struct range *range);
static void write_penalty(struct llmgw__encoding *e, const char *key,
                          const struct llmgw__number *number);
static void write_seed(struct llmgw__encoding *e);
static void write_stops(struct llmgw__encoding *e);
static void write_logprobs(struct llmgw__encoding *e);
static void write_thinking(struct llmgw__encoding *e);
static bool thinks(const char *model);

static const struct range unit = {0, 1, "0", "1", "range_0_1"};
static const struct range nucleus = {0.01, 0.99, "0.01", "0.99",
                                     "range_0.01_0.99"};
static const struct range top = {0, 500, "0", "500", "range_0_500"};

#define MAX_STOPS 5

static const char *const owned[] = {"model", "messages", "stream", "tools",
                                    NULL};
/* These are of embeddings. */
static const char *const aside[] = {"input_type", "truncate", NULL};

llmgw_status llmgw__cohere_encode(struct llmgw__encode *encode)
{
    struct llmgw__cohere_encode c = {.base = {.owned = owned, .aside = aside}};
    struct llmgw__encoding *e = &c.base;
    llmgw_status status;

    llmgw__encoding_start(e, encode, "llmgw.cohere");
    status = llmgw__cohere_names(e->chat, encode->arena, &c.names);
    if (e->status == LLMGW_OK)
        e->status = status;
    llmgw__encoding_check(e);
    llmgw__jsonw_member_z(&e->w, "model", encode->target->model);
    if (e->status == LLMGW_OK) {
        llmgw__cohere_messages(&c);
        llmgw__jsonw_member_bool(&e->w, "stream", encode->stream);
        llmgw__cohere_tools(&c);
        llmgw__cohere_format(&c);
        llmgw__cohere_params(&c);
        llmgw__encoding_given(e);
    }
    return llmgw__encoding_finish(e, "/v2/chat", "/v2");
}

void llmgw__cohere_params(struct llmgw__cohere_encode *c)
{
    struct llmgw__encoding *e = &c->base;

    write_sampling(c);
    if (e->chat->max_tokens > 0 && llmgw__encoding_key(e, "max_tokens"))
        llmgw__jsonw_int(&e->w, e->chat->max_tokens);
    write_stops(e);
    write_logprobs(e);
    write_thinking(e);
}

static void write_sampling(struct llmgw__cohere_encode *c)
{
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__chat *chat = e->chat;

    write_clamped(e, "temperature", "temperature", &chat->temperature, &unit);
    write_clamped(e, "top_p", "p", &chat->top_p, &nucleus);
    if (chat->top_k.value >= 0) /* -1: off */
        write_clamped(e, "top_k", "k", &chat->top_k, &top);
    write_penalty(e, "frequency_penalty", &chat->frequency_penalty);
    write_penalty(e, "presence_penalty", &chat->presence_penalty);
    write_seed(e);
}

static void write_clamped(struct llmgw__encoding *e, const char *param,
                          const char *key, const struct llmgw__number *number,
                          const struct range *range)
{
    llmgw_str text = number->text;

    if (!number->set || !llmgw__encoding_key(e, key))
        return;
    if (number->value < range->low || number->value > range->high) {
        text =
            llmgw__str(number->value < range->low ? range->least : range->most);
        llmgw__encoding_adjust(e, param, "clamped", range->reason);
    }
    llmgw__jsonw_raw(&e->w, text);
}

/* Some models take only one of the two, so none is sent that says nothing. */
static void write_penalty(struct llmgw__encoding *e, const char *key,
                          const struct llmgw__number *number)
{
    if (!number->set || number->value == 0)
        return;
    if (number->value < 0)
        llmgw__encoding_adjust(e, key, "dropped", unit.reason);
    else
        write_clamped(e, key, key, number, &unit);
}

static void write_seed(struct llmgw__encoding *e)
{
    const struct llmgw__number *seed = &e->chat->seed;

    if (!seed->set)
        return;
    if (seed->value < 0)
        llmgw__encoding_adjust(e, "seed", "dropped", "unsupported");
    else if (llmgw__encoding_key(e, "seed"))
        llmgw__jsonw_raw(&e->w, seed->text);
}

static void write_stops(struct llmgw__encoding *e)
{
    if (e->chat->stop_count > MAX_STOPS)
        llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "stop",
                               "more than 5 stop sequences");
    if (e->chat->stop_count > 0 && llmgw__encoding_key(e, "stop_sequences"))
        llmgw__encoding_stops(e);
}

/* Of the token that was chosen alone. */
static void write_logprobs(struct llmgw__encoding *e)
{
    if (e->chat->logprobs != 1)
        return;
    if (llmgw__encoding_key(e, "logprobs"))
        llmgw__jsonw_bool(&e->w, true);
    if (e->chat->top_logprobs.set && e->chat->top_logprobs.value > 0)
        llmgw__encoding_adjust(e, "top_logprobs", "dropped", "unsupported");
}

/* An effort is a budget, which no answer's own limit may pass. */
static void write_thinking(struct llmgw__encoding *e)
{
    static const int64_t budgets[] = {
        [LLMGW__EFFORT_MINIMAL] = 256, [LLMGW__EFFORT_LOW] = 1024,
        [LLMGW__EFFORT_MEDIUM] = 8192, [LLMGW__EFFORT_HIGH] = 24576,
        [LLMGW__EFFORT_XHIGH] = 32768, [LLMGW__EFFORT_MAX] = 32768,
    };
    unsigned effort = e->chat->effort;
    int64_t budget;

    if (effort == LLMGW__EFFORT_UNSET)
        return;
    if (!thinks(e->io->target->model)) {
        if (effort != LLMGW__EFFORT_NONE)
            llmgw__encoding_adjust(e, "reasoning_effort", "dropped",
                                   "unsupported");
        return;
    }
    if (!llmgw__encoding_key(e, "thinking"))
        return;
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(
        &e->w, "type", effort == LLMGW__EFFORT_NONE ? "disabled" : "enabled");
    if (effort != LLMGW__EFFORT_NONE) {
        budget = budgets[effort];
        if (e->chat->max_tokens > 0 && budget > e->chat->max_tokens)
            budget = e->chat->max_tokens;
        llmgw__jsonw_member_int(&e->w, "token_budget", budget);
    }
    llmgw__jsonw_close(&e->w, '}');
}

/* Of the vendor's own line of models few do; of others nothing is known. */
static bool thinks(const char *model)
{
    llmgw_str name = llmgw__str(model);

    return !llmgw__str_starts(name, "command") ||
           llmgw__str_starts(name, "command-a-plus") ||
           llmgw__str_find(name, LLMGW__LIT("reasoning")) != SIZE_MAX;
}
