/*
 * provider/fit.c - a chat in the form that the target's model takes: its limit
 * of output, the sampling parameters it refuses. Dialects that write members
 * of the request as they stand ask the manifest themselves.
 *
 * Source: the manifest. Of a model it does not know, all goes out as asked.
 * Memory: a copy of the tray in the attempt's arena, where something changes.
 */
#include "fit.h"

#include <stddef.h>

#include "encoding.h"

struct fitting {
    struct llmgw__encode *encode;
    struct llmgw__chat *copy; /* NULL: nothing has changed so far */
    llmgw_status status;
};

static void fit_limit(struct fitting *f, int64_t most);
static void drop_refused(struct fitting *f, uint8_t refused);
static struct llmgw__chat *change(struct fitting *f);
static void report(struct fitting *f, const char *param, const char *action,
                   const char *reason);

/* A value that asks for what happens anyway is left out without a word. */
enum idle {
    NEVER,
    AT_ONE,
    AT_ZERO,
    BELOW_ONE
};

/* clang-format off */
#define FIELD(name) (uint16_t)offsetof(struct llmgw__chat, name)
static const struct {
    const char *param;
    uint16_t field;
    uint8_t bit;
    uint8_t idle;
} numbers[] = {
    {"temperature", FIELD(temperature), LLMGW__REFUSES_TEMPERATURE, AT_ONE},
    {"top_p", FIELD(top_p), LLMGW__REFUSES_TOP_P, AT_ONE},
    {"top_k", FIELD(top_k), LLMGW__REFUSES_TOP_K, BELOW_ONE}, /* off */
    {"frequency_penalty", FIELD(frequency_penalty),
     LLMGW__REFUSES_FREQUENCY_PENALTY, AT_ZERO},
    {"presence_penalty", FIELD(presence_penalty),
     LLMGW__REFUSES_PRESENCE_PENALTY, AT_ZERO},
    {"seed", FIELD(seed), LLMGW__REFUSES_SEED, NEVER},
};
/* clang-format on */

llmgw_status llmgw__fit_chat(struct llmgw__encode *encode)
{
    const struct llmgw__price *price = encode->target->price;
    struct fitting f = {encode, NULL, LLMGW_OK};

    if (!price)
        return LLMGW_OK;
    if (price->max_output && encode->chat->max_tokens > price->max_output)
        fit_limit(&f, price->max_output);
    if (price->refuses)
        drop_refused(&f, price->refuses);
    if (f.copy)
        encode->chat = encode->memo->chat = f.copy;
    return f.status;
}

static void fit_limit(struct fitting *f, int64_t most)
{
    bool newer = llmgw__chat_member(f->encode->chat, "max_completion_tokens") !=
                 LLMGW__JNONE;
    struct llmgw__chat *chat = change(f);

    if (chat)
        chat->max_tokens = most;
    report(f, newer ? "max_completion_tokens" : "max_tokens", "clamped",
           "model_max_output");
}

static bool is_idle(double value, uint8_t idle)
{
    switch ((enum idle)idle) {
    case NEVER:
        return false;
    case AT_ONE:
        return value >= 1 && value <= 1;
    case AT_ZERO:
        return value >= 0 && value <= 0;
    case BELOW_ONE:
        return value < 1;
    }
    return false;
}

static void drop_refused(struct fitting *f, uint8_t refused)
{
    struct llmgw__chat *chat;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct llmgw__number *number =
            (const void *)((const char *)f->encode->chat + numbers[i].field);

        if (!(refused & numbers[i].bit) || !number->set)
            continue;
        if (!is_idle(number->value, numbers[i].idle))
            report(f, numbers[i].param, "dropped",
                   refused & LLMGW__REFUSES_SEED & numbers[i].bit
                       ? "unsupported"
                       : "model_rejects_sampling");
        chat = change(f);
        if (chat)
            ((struct llmgw__number *)(void *)((char *)chat + numbers[i].field))
                ->set = false;
    }
    if (refused & LLMGW__REFUSES_LOGPROBS && f->encode->chat->logprobs == 1) {
        report(f, "logprobs", "dropped", "model_rejects_sampling");
        chat = change(f);
        if (chat)
            chat->logprobs = 0;
    }
    if (refused & LLMGW__REFUSES_STOP && f->encode->chat->stop_count) {
        report(f, "stop", "dropped", "unsupported");
        chat = change(f);
        if (chat)
            chat->stop_count = 0;
    }
}

/* The tray to write into; NULL: no memory, or refused already. */
static struct llmgw__chat *change(struct fitting *f)
{
    if (f->status == LLMGW_OK && !f->copy) {
        f->copy = llmgw__arena_alloc(f->encode->arena, sizeof *f->copy);
        if (f->copy)
            *f->copy = *f->encode->chat;
        else
            f->status = LLMGW_E_NOMEM;
    }
    return f->copy;
}

static void report(struct fitting *f, const char *param, const char *action,
                   const char *reason)
{
    if (f->status == LLMGW_OK)
        f->status = llmgw__encode_adjust(f->encode, param, action, reason);
}
