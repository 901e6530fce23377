/*
 * stream/order.c - the order keeper.
 *
 * Tool calls do not interleave in what we hand over. A new call closes the
 * one before it, unless that one has no arguments yet and was not said to be
 * complete: then the new one waits, so that "{}" can still be told from
 * arguments that are to come.
 *
 * Source: the accumulators of OpenAI's own SDKs, which take indices as list
 * positions and keep the last value of members they do not know.
 */
#include "order.h"

#include <string.h>

#include "base/alloc.h"
#include "extras.h"
#include "line.h"

struct order_tool {
    uint32_t key; /* the provider's index */
    llmgw_str id;
    llmgw_str name;
    llmgw_str extra;
    bool custom;
    bool started;  /* handed over */
    bool complete; /* the provider said so */
    bool any;      /* at least one byte of arguments was handed over */
    struct llmgw__rope waiting; /* arguments that came before its turn */
};

struct llmgw__order_choice {
    bool opened;
    struct llmgw__utf8_join text;
    struct llmgw__utf8_join reasoning;
    struct llmgw__utf8_join refusal;
    struct order_tool *tools;
    size_t tool_count;
    size_t tool_cap;
    size_t turn; /* the call whose turn it is: all before it are closed */
    struct llmgw__extras *extras; /* NULL: none came */
    uint8_t finish;
    llmgw_str native;
    llmgw_str message; /* the provider's words on the finish */
};

static llmgw_status take_identity(struct llmgw__order *order,
                                  const struct llmgw__identity *told);
static llmgw_status take_usage(struct llmgw__order *order,
                               const struct llmgw__usage *told);
static const llmgw_str *json_of(const struct llmgw__chunk *chunk);
static llmgw_status push_on_one_line(struct llmgw__order *order,
                                     const struct llmgw__chunk *chunk);
static llmgw_status choice_of(struct llmgw__order *order, size_t index,
                              struct llmgw__order_choice **out);
static llmgw_status take_extra(struct llmgw__order *order,
                               struct llmgw__order_choice *choice,
                               const struct llmgw__chunk *chunk);
static llmgw_status open_choices(struct llmgw__order *order, size_t index);
static llmgw_status pass_text(struct llmgw__order *order,
                              struct llmgw__utf8_join *join,
                              const struct llmgw__chunk *chunk);
static llmgw_status tool_start(struct llmgw__order *order,
                               struct llmgw__order_choice *choice,
                               const struct llmgw__chunk *chunk);
static llmgw_status tool_args(struct llmgw__order *order,
                              struct llmgw__order_choice *choice,
                              const struct llmgw__chunk *chunk);
static llmgw_status advance(struct llmgw__order *order, size_t choice_index,
                            bool at_end);
static llmgw_status latch(struct llmgw__order *order,
                          struct llmgw__order_choice *choice,
                          const struct llmgw__chunk *chunk);
static llmgw_status end_choice(struct llmgw__order *order, size_t index);

void llmgw__order_init(struct llmgw__order *order,
                       const struct llmgw__order_setup *setup)
{
    memset(order, 0, sizeof *order);
    order->out = setup->out;
    order->userdata = setup->userdata;
    order->arena = setup->arena;
    order->ids = setup->ids;
    order->max_extras = setup->max_extras;
    order->legacy = setup->legacy;
    order->model = setup->model;
    order->created_s = setup->created_s;
    llmgw__buf_init(&order->scratch, 0);
}

llmgw_status llmgw__order_push(struct llmgw__order *order,
                               const struct llmgw__chunk *chunk)
{
    struct llmgw__order_choice *choice;
    llmgw_status status;

    if (chunk->kind == LLMGW__CHUNK_TEXT && chunk->extra.len == 0 &&
        chunk->choice < order->choice_count) /* nearly always */
        return pass_text(order, &order->choices[chunk->choice].text, chunk);
    if (chunk->kind == LLMGW__CHUNK_IDENTITY)
        return take_identity(order, chunk->identity);
    if (chunk->kind == LLMGW__CHUNK_USAGE)
        return take_usage(order, chunk->usage);
    if (json_of(chunk)->len > 0 && llmgw__line_ends(*json_of(chunk)))
        return push_on_one_line(order, chunk);
    status = choice_of(order, chunk->choice, &choice);
    if (status != LLMGW_OK)
        return status;
    switch (chunk->kind) {
    case LLMGW__CHUNK_TEXT:
        return pass_text(order, &choice->text, chunk);
    case LLMGW__CHUNK_REASONING:
        return pass_text(order, &choice->reasoning, chunk);
    case LLMGW__CHUNK_REFUSAL:
        return pass_text(order, &choice->refusal, chunk);
    case LLMGW__CHUNK_TOOL_START:
        return tool_start(order, choice, chunk);
    case LLMGW__CHUNK_TOOL_ARGS:
        return tool_args(order, choice, chunk);
    case LLMGW__CHUNK_DETAIL:
    case LLMGW__CHUNK_EXTRA:
        return take_extra(order, choice, chunk);
    case LLMGW__CHUNK_FINISH:
        return latch(order, choice, chunk);
    default:
        return LLMGW_E_INVALID;
    }
}

/** The member of a chunk that is the provider's own JSON; empty: none. */
static const llmgw_str *json_of(const struct llmgw__chunk *chunk)
{
    static const llmgw_str none = {NULL, 0};

    switch (chunk->kind) {
    case LLMGW__CHUNK_EXTRA:
        return &chunk->text;
    case LLMGW__CHUNK_TEXT:
    case LLMGW__CHUNK_REFUSAL:
    case LLMGW__CHUNK_TOOL_START:
        return &chunk->extra;
    default:
        return &none;
    }
}

static llmgw_status push_on_one_line(struct llmgw__order *order,
                                     const struct llmgw__chunk *chunk)
{
    struct llmgw__chunk joined = *chunk;
    llmgw_status status = llmgw__line_join(
        *json_of(chunk), order->arena,
        chunk->kind == LLMGW__CHUNK_EXTRA ? &joined.text : &joined.extra);

    return status == LLMGW_OK ? llmgw__order_push(order, &joined) : status;
}

llmgw_status llmgw__order_end(struct llmgw__order *order)
{
    struct llmgw__chunk last = {0};
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < order->choice_count && status == LLMGW_OK; i++)
        status = end_choice(order, i);
    if (status != LLMGW_OK || !order->usage)
        return status;
    last.kind = LLMGW__CHUNK_USAGE;
    last.identity = &order->identity;
    last.usage = order->usage;
    return order->out(order->userdata, &last);
}

void llmgw__order_clear(struct llmgw__order *order)
{
    for (size_t i = 0; i < order->choice_count; i++) {
        struct llmgw__order_choice *choice = &order->choices[i];

        for (size_t t = 0; t < choice->tool_count; t++)
            llmgw__rope_clear(&choice->tools[t].waiting);
        llmgw__free(choice->tools);
        if (choice->extras)
            llmgw__extras_clear(choice->extras);
    }
    llmgw__buf_clear(&order->scratch);
    order->choices = NULL;
    order->choice_count = order->choice_cap = 0;
}

/* --- identity: the first non-empty word holds --- */

static llmgw_status keep_first(struct llmgw__order *order, llmgw_str *kept,
                               llmgw_str told)
{
    if (kept->len || !told.len)
        return LLMGW_OK;
    return llmgw__arena_str(order->arena, told, kept);
}

/** The same of JSON, on one line. */
static llmgw_status keep_line(struct llmgw__order *order, llmgw_str *kept,
                              llmgw_str told)
{
    if (kept->len || !told.len)
        return LLMGW_OK;
    return llmgw__line_ends(told) ? llmgw__line_join(told, order->arena, kept)
                                  : llmgw__arena_str(order->arena, told, kept);
}

static llmgw_status take_identity(struct llmgw__order *order,
                                  const struct llmgw__identity *told)
{
    struct llmgw__identity *kept = &order->identity;
    llmgw_status status = keep_first(order, &kept->id, told->id);

    if (status == LLMGW_OK)
        status = keep_first(order, &kept->model, told->model);
    if (status == LLMGW_OK)
        status = keep_first(order, &kept->service_tier, told->service_tier);
    if (status == LLMGW_OK)
        status = keep_first(order, &kept->system_fingerprint,
                            told->system_fingerprint);
    if (status == LLMGW_OK)
        status = keep_line(order, &kept->moderation, told->moderation);
    if (status == LLMGW_OK)
        status = keep_line(order, &kept->metadata, told->metadata);
    if (status == LLMGW_OK)
        status = keep_line(order, &kept->vendor, told->vendor);
    if (!kept->created)
        kept->created = told->created;
    return status;
}

/** The last word holds. */
static llmgw_status take_usage(struct llmgw__order *order,
                               const struct llmgw__usage *told)
{
    if (!order->usage)
        order->usage = llmgw__arena_alloc(order->arena, sizeof *order->usage);
    if (!order->usage)
        return LLMGW_E_NOMEM;
    *order->usage = *told;
    return LLMGW_OK;
}

/* --- choices --- */

static llmgw_status choice_of(struct llmgw__order *order, size_t index,
                              struct llmgw__order_choice **out)
{
    if (index >= LLMGW__ORDER_MAX_CHOICES)
        return LLMGW_E_LIMIT;
    if (index >= order->choice_count) {
        if (llmgw__arena_grow(order->arena, (void **)&order->choices,
                              &order->choice_cap, index + 1,
                              sizeof *order->choices))
            return LLMGW_E_NOMEM;
        order->choice_count = index + 1;
    }
    *out = &order->choices[index];
    return LLMGW_OK;
}

static llmgw_status take_extra(struct llmgw__order *order,
                               struct llmgw__order_choice *choice,
                               const struct llmgw__chunk *chunk)
{
    if (!choice->extras) {
        choice->extras =
            llmgw__arena_alloc(order->arena, sizeof *choice->extras);
        if (!choice->extras)
            return LLMGW_E_NOMEM;
        llmgw__extras_init(choice->extras);
    }
    if (chunk->kind == LLMGW__CHUNK_EXTRA)
        return llmgw__extras_member(choice->extras, order->max_extras, chunk);
    return llmgw__extras_detail(choice->extras, order->arena, order->max_extras,
                                chunk);
}

/** What the answer has not told by its first content is made up. */
static llmgw_status settle_identity(struct llmgw__order *order)
{
    char made[64];

    if (!order->identity.model.len)
        order->identity.model = order->model;
    if (!order->identity.created)
        order->identity.created = order->created_s;
    if (order->identity.id.len)
        return LLMGW_OK;
    order->ids->make(order->ids->userdata, "chatcmpl-", made);
    return llmgw__arena_str(order->arena, llmgw__str(made),
                            &order->identity.id);
}

/** Role chunks for this choice and all unseen lower ones. */
static llmgw_status open_choices(struct llmgw__order *order, size_t index)
{
    llmgw_status settled;

    if (order->choices[index].opened)
        return LLMGW_OK;
    settled = settle_identity(order);
    if (settled != LLMGW_OK)
        return settled;
    for (size_t i = 0; i <= index; i++) {
        struct llmgw__chunk role = {0};
        llmgw_status status;

        if (order->choices[i].opened)
            continue;
        order->choices[i].opened = true;
        role.kind = LLMGW__CHUNK_ROLE;
        role.choice = (uint16_t)i;
        role.identity = &order->identity;
        status = order->out(order->userdata, &role);
        if (status != LLMGW_OK)
            return status;
    }
    return LLMGW_OK;
}

static llmgw_status hand_over(struct llmgw__order *order,
                              struct llmgw__chunk *chunk)
{
    llmgw_status status = open_choices(order, chunk->choice);

    if (status != LLMGW_OK)
        return status;
    chunk->identity = &order->identity;
    return order->out(order->userdata, chunk);
}

/* --- text --- */

static llmgw_status pass_text(struct llmgw__order *order,
                              struct llmgw__utf8_join *join,
                              const struct llmgw__chunk *chunk)
{
    struct llmgw__chunk whole = *chunk;
    llmgw_status status;

    if (!chunk->text.len && !chunk->extra.len)
        return LLMGW_OK;
    if (join->count > 0 || !llmgw__is_short_ascii(chunk->text)) {
        status =
            llmgw__utf8_push(join, chunk->text, &order->scratch, &whole.text);
        if (status != LLMGW_OK)
            return status;
    }
    if (!whole.text.len && !whole.extra.len)
        return LLMGW_OK;
    return hand_over(order, &whole);
}

/** What a join still holds, as a chunk of its kind. */
static llmgw_status end_text(struct llmgw__order *order, size_t index,
                             struct llmgw__utf8_join *join, uint8_t kind)
{
    struct llmgw__chunk rest = {0};
    llmgw_status status;

    status = llmgw__utf8_end(join, &order->scratch, &rest.text);
    if (status != LLMGW_OK || !rest.text.len)
        return status;
    rest.kind = kind;
    rest.choice = (uint16_t)index;
    return hand_over(order, &rest);
}

/* --- tool calls --- */

/** The call a key stands for: the latest of it; NULL: none. */
static struct order_tool *tool_of(struct llmgw__order_choice *choice,
                                  uint32_t key)
{
    for (size_t i = choice->tool_count; i > 0; i--)
        if (choice->tools[i - 1].key == key)
            return &choice->tools[i - 1];
    return NULL;
}

/** A start that only repeats what is known: same key and no other id. */
static bool is_repeat(const struct order_tool *known,
                      const struct llmgw__chunk *chunk)
{
    return known && (!chunk->id.len || llmgw__str_eq(known->id, chunk->id));
}

static llmgw_status tool_start(struct llmgw__order *order,
                               struct llmgw__order_choice *choice,
                               const struct llmgw__chunk *chunk)
{
    struct order_tool tool = {0};
    llmgw_str id = chunk->id;
    char made[64];
    llmgw_status status;

    if (is_repeat(tool_of(choice, chunk->index), chunk))
        return LLMGW_OK;
    if (choice->tool_count >= LLMGW__ORDER_MAX_TOOLS)
        return LLMGW_E_LIMIT;
    if (llmgw__grow((void **)&choice->tools, &choice->tool_cap,
                    choice->tool_count + 1, sizeof *choice->tools))
        return LLMGW_E_NOMEM;
    if (!id.len) {
        order->ids->make(order->ids->userdata, "call_", made);
        id = llmgw__str(made);
    }
    status = llmgw__arena_str(order->arena, id, &tool.id);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(order->arena, chunk->name, &tool.name);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(order->arena, chunk->extra, &tool.extra);
    if (status != LLMGW_OK)
        return status;
    tool.key = chunk->index;
    tool.custom = chunk->variant == 1;
    llmgw__rope_init(&tool.waiting, order->max_extras);
    choice->tools[choice->tool_count++] = tool;
    return advance(order, chunk->choice, false);
}

static llmgw_status send_args(struct llmgw__order *order, size_t choice_index,
                              size_t index, llmgw_str text)
{
    struct order_tool *tool = &order->choices[choice_index].tools[index];
    struct llmgw__chunk args = {0};

    tool->any = true;
    if (order->legacy && index > 0)
        return LLMGW_OK; /* the form has no place for it */
    args.kind = LLMGW__CHUNK_TOOL_ARGS;
    args.choice = (uint16_t)choice_index;
    args.index = (uint32_t)index;
    args.text = text;
    args.variant = order->legacy ? 3 : tool->custom ? 2 : 0;
    return hand_over(order, &args);
}

static llmgw_status tool_args(struct llmgw__order *order,
                              struct llmgw__order_choice *choice,
                              const struct llmgw__chunk *chunk)
{
    struct order_tool *tool = tool_of(choice, chunk->index);
    llmgw_status status = LLMGW_OK;

    if (!tool)
        return LLMGW_E_INVALID; /* arguments of no call */
    if (chunk->variant == 1)
        tool->complete = true;
    if (chunk->text.len && tool->started)
        status = send_args(order, chunk->choice, (size_t)(tool - choice->tools),
                           chunk->text);
    else if (chunk->text.len)
        status = llmgw__rope_add(&tool->waiting, chunk->text);
    if (status != LLMGW_OK)
        return status;
    if (choice->turn + 1 == choice->tool_count && !tool->complete)
        return LLMGW_OK; /* nobody waits */
    return advance(order, chunk->choice, false);
}

static llmgw_status begin_tool(struct llmgw__order *order, size_t choice_index,
                               size_t index)
{
    struct order_tool *tool = &order->choices[choice_index].tools[index];
    struct llmgw__chunk start = {0};
    llmgw_str waiting;
    llmgw_status status;

    tool->started = true;
    start.kind = LLMGW__CHUNK_TOOL_START;
    start.variant = order->legacy ? 3 : tool->custom ? 1 : 0;
    start.choice = (uint16_t)choice_index;
    start.index = (uint32_t)index;
    start.id = tool->id;
    start.name = tool->name;
    start.extra = tool->extra;
    status = order->legacy && index > 0 ? LLMGW_OK : hand_over(order, &start);
    if (status != LLMGW_OK || !tool->waiting.len)
        return status;
    status = llmgw__rope_flat(&tool->waiting, &waiting);
    if (status == LLMGW_OK)
        status = send_args(order, choice_index, index, waiting);
    llmgw__rope_clear(&tool->waiting);
    return status;
}

/** Begin and close calls as far as their turn has come. */
static llmgw_status advance(struct llmgw__order *order, size_t choice_index,
                            bool at_end)
{
    struct llmgw__order_choice *choice = &order->choices[choice_index];

    while (choice->turn < choice->tool_count) {
        struct order_tool *tool = &choice->tools[choice->turn];
        bool last = choice->turn + 1 == choice->tool_count;
        llmgw_status status = LLMGW_OK;

        if (!tool->started)
            status = begin_tool(order, choice_index, choice->turn);
        if (status != LLMGW_OK)
            return status;
        if (!at_end && !tool->complete && (last || !tool->any))
            return LLMGW_OK; /* its turn goes on */
        if (!tool->any && !tool->custom)
            status =
                send_args(order, choice_index, choice->turn, LLMGW__LIT("{}"));
        if (status != LLMGW_OK)
            return status;
        choice->turn++;
    }
    return LLMGW_OK;
}

/* --- the end --- */

static llmgw_status latch(struct llmgw__order *order,
                          struct llmgw__order_choice *choice,
                          const struct llmgw__chunk *chunk)
{
    llmgw_status status;

    if (choice->finish)
        return LLMGW_OK;
    choice->finish = chunk->variant;
    status = llmgw__arena_str(order->arena, chunk->text, &choice->native);
    return status == LLMGW_OK
               ? llmgw__arena_str(order->arena, chunk->extra, &choice->message)
               : status;
}

/** A call that was made is told, whatever word the provider has for it. */
static uint8_t finish_of(const struct llmgw__order *order,
                         const struct llmgw__order_choice *choice)
{
    uint8_t finish =
        choice->finish ? choice->finish : (uint8_t)LLMGW_FINISH_STOP;

    if (finish == LLMGW_FINISH_STOP && choice->tool_count)
        finish = LLMGW_FINISH_TOOL_CALLS;
    if (finish == LLMGW_FINISH_TOOL_CALLS && order->legacy)
        finish = LLMGW_FINISH_FUNCTION_CALL;
    return finish;
}

static llmgw_status send_extras(struct llmgw__order *order, size_t index)
{
    struct llmgw__extras *kept = order->choices[index].extras;
    struct llmgw__chunk extras = {0};
    llmgw_status status;

    if (!kept)
        return LLMGW_OK;
    status = llmgw__extras_render(kept, &extras.text, &extras.extra);
    if (status != LLMGW_OK || (!extras.text.len && !extras.extra.len))
        return status;
    extras.kind = LLMGW__CHUNK_EXTRAS;
    extras.choice = (uint16_t)index;
    return hand_over(order, &extras);
}

static uint32_t follows(const struct llmgw__order *order, size_t index)
{
    if (index + 1 < order->choice_count)
        return LLMGW__FOLLOWS_CHOICE;
    return order->usage ? LLMGW__FOLLOWS_USAGE : LLMGW__FOLLOWS_NOTHING;
}

static llmgw_status end_choice(struct llmgw__order *order, size_t index)
{
    struct llmgw__order_choice *choice = &order->choices[index];
    struct llmgw__chunk finish = {0};
    llmgw_status status;

    status = open_choices(order, index);
    if (status == LLMGW_OK)
        status =
            end_text(order, index, &choice->reasoning, LLMGW__CHUNK_REASONING);
    if (status == LLMGW_OK)
        status = end_text(order, index, &choice->text, LLMGW__CHUNK_TEXT);
    if (status == LLMGW_OK)
        status = end_text(order, index, &choice->refusal, LLMGW__CHUNK_REFUSAL);
    if (status == LLMGW_OK)
        status = advance(order, index, true);
    if (status == LLMGW_OK)
        status = send_extras(order, index);
    if (status != LLMGW_OK)
        return status;
    finish.kind = LLMGW__CHUNK_FINISH;
    finish.choice = (uint16_t)index;
    finish.variant = finish_of(order, choice);
    finish.index = follows(order, index);
    finish.text = choice->native;
    finish.extra = choice->message;
    return hand_over(order, &finish);
}
