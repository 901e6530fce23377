/*
 * provider/anthropic_calls.c - tool calls of a turn, their ids, and which
 * message answers which call.
 *
 * The wire takes only [a-zA-Z0-9_-] in an id, and every id once; histories
 * that began elsewhere have other ones. A call and its result are changed
 * alike, so nothing has to be undone in the answer.
 *
 * Memory: the attempt's arena; a map of the ids while planning.
 */
#include <stdio.h>
#include <string.h>

#include "anthropic_content.h"
#include "anthropic_encoder.h"
#include "base/map.h"

static size_t count_calls(struct llmgw__anthropic_encoder *e, size_t message);
static size_t read_calls(struct llmgw__anthropic_encoder *e, size_t message,
                         struct llmgw__anthropic_call *calls);
static void fit_id(struct llmgw__anthropic_encoder *e, struct llmgw__map *ids,
                   struct llmgw__anthropic_call *call);
static struct llmgw__anthropic_call *
find_call(const struct llmgw__anthropic_turn *turn, llmgw_str id,
          size_t expected);

void llmgw__anthropic_calls(struct llmgw__anthropic_encoder *e,
                            struct llmgw__anthropic_turn *turn,
                            struct llmgw__map *ids)
{
    size_t count = 0;

    for (size_t i = turn->first; i < turn->end; i++)
        count += count_calls(e, i);
    if (!count)
        return;
    turn->calls = llmgw__anthropic_array(e, count, sizeof *turn->calls);
    if (!turn->calls)
        return;
    for (size_t i = turn->first; i < turn->end; i++)
        turn->call_count += read_calls(e, i, turn->calls + turn->call_count);
    for (size_t i = 0; i < turn->call_count; i++)
        fit_id(e, ids, &turn->calls[i]);
}

void llmgw__anthropic_results(struct llmgw__anthropic_encoder *e,
                              struct llmgw__anthropic_turn *turn)
{
    uint8_t *kinds = e->plan.kinds;
    size_t expected = 0;

    for (size_t i = turn->first; i < turn->end; i++) {
        struct llmgw__anthropic_call *call;

        if (kinds[i] != LLMGW__ANTHROPIC_ORPHAN)
            continue;
        call = find_call(
            turn, llmgw__anthropic_text(e, e->chat->messages[i].tool_call_id),
            expected);
        if (!call) {
            llmgw__anthropic_adjust(e, "messages", "converted",
                                    "orphan_tool_result");
            continue;
        }
        if (call->result != SIZE_MAX) /* two results: the last one holds */
            kinds[call->result] = LLMGW__ANTHROPIC_BLANK;
        kinds[i] = LLMGW__ANTHROPIC_RESULT;
        call->result = i;
        expected = (size_t)(call - turn->calls) + 1;
    }
    for (size_t i = 0; i < turn->call_count; i++)
        if (turn->calls[i].result == SIZE_MAX)
            llmgw__anthropic_adjust(e, "messages", "added",
                                    "missing_tool_result");
}

/** The call a result names: one that still waits, else one that has its. */
static struct llmgw__anthropic_call *
find_call(const struct llmgw__anthropic_turn *turn, llmgw_str id,
          size_t expected)
{
    struct llmgw__anthropic_call *answered = NULL;

    for (size_t k = 0; k < turn->call_count; k++) {
        /* results mostly come in the order of the calls */
        size_t at = (expected + k) % turn->call_count;
        struct llmgw__anthropic_call *call = &turn->calls[at];

        if (!llmgw__str_eq(call->id, id))
            continue;
        if (call->result == SIZE_MAX)
            return call;
        answered = call;
    }
    return answered;
}

static bool is_type(struct llmgw__anthropic_encoder *e, uint32_t block,
                    const char *type)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;

    return llmgw__jstr_is(llmgw__jdoc_get_string(doc, block, "type"), type);
}

/** Is there a result for a tool of the service, from this block on? */
static bool holds_result(const struct llmgw__jdoc *doc, uint32_t blocks,
                         uint32_t from, llmgw_str id)
{
    for (uint32_t block = from; block != LLMGW__JNONE;
         block = llmgw__jdoc_next(doc, blocks, block))
        if (llmgw__str_eq(llmgw__jdoc_raw(
                              doc, llmgw__jdoc_get(doc, block, "tool_use_id")),
                          id))
            return true;
    return false;
}

/** The blocks of a turn's message that go out as they are. */
static uint32_t blocks_of(struct llmgw__anthropic_encoder *e, size_t message)
{
    return e->plan.kinds[message] == LLMGW__ANTHROPIC_ASSISTANT
               ? llmgw__anthropic_replay(e, &e->chat->messages[message])
               : LLMGW__JNONE;
}

/** After a pause, the result is in the message that went on with it. */
static bool is_answered(struct llmgw__anthropic_encoder *e,
                        const struct llmgw__anthropic_turn *turn,
                        size_t message, uint32_t use)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    llmgw_str id = llmgw__jdoc_raw(doc, llmgw__jdoc_get(doc, use, "id"));
    uint32_t blocks = blocks_of(e, message);

    if (holds_result(doc, blocks, llmgw__jdoc_next(doc, blocks, use), id))
        return true;
    for (size_t i = message + 1; i < turn->end; i++) {
        blocks = blocks_of(e, i);
        if (holds_result(doc, blocks, llmgw__jdoc_first(doc, blocks), id))
            return true;
    }
    return false;
}

bool llmgw__anthropic_unfinished(struct llmgw__anthropic_encoder *e,
                                 const struct llmgw__anthropic_turn *turn)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;

    for (size_t i = turn->first; i < turn->end; i++) {
        uint32_t blocks = blocks_of(e, i);

        for (uint32_t block = llmgw__jdoc_first(doc, blocks);
             block != LLMGW__JNONE;
             block = llmgw__jdoc_next(doc, blocks, block))
            if (is_type(e, block, "server_tool_use") &&
                !is_answered(e, turn, i, block))
                return true;
    }
    return false;
}

static size_t count_calls(struct llmgw__anthropic_encoder *e, size_t message)
{
    const struct llmgw__message *from = &e->chat->messages[message];
    uint32_t blocks;

    if (e->plan.kinds[message] != LLMGW__ANTHROPIC_ASSISTANT)
        return 0;
    blocks = llmgw__anthropic_replay(e, from);
    return blocks == LLMGW__JNONE ? from->call_count
                                  : llmgw__jdoc_count(&e->chat->doc, blocks);
}

static size_t read_replayed(struct llmgw__anthropic_encoder *e, uint32_t blocks,
                            size_t message, struct llmgw__anthropic_call *calls)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    size_t count = 0;

    for (uint32_t block = llmgw__jdoc_first(doc, blocks); block != LLMGW__JNONE;
         block = llmgw__jdoc_next(doc, blocks, block)) {
        struct llmgw__anthropic_call *call = &calls[count];

        if (!is_type(e, block, "tool_use"))
            continue;
        call->id =
            llmgw__anthropic_text(e, llmgw__jdoc_get_string(doc, block, "id"));
        call->toolset =
            llmgw__jdoc_raw(doc, llmgw__jdoc_get(doc, block, "toolset_name"));
        call->message = message;
        call->result = SIZE_MAX;
        count++;
    }
    return count;
}

static size_t read_calls(struct llmgw__anthropic_encoder *e, size_t message,
                         struct llmgw__anthropic_call *calls)
{
    const struct llmgw__message *from = &e->chat->messages[message];
    uint32_t blocks;

    if (e->plan.kinds[message] != LLMGW__ANTHROPIC_ASSISTANT)
        return 0;
    blocks = llmgw__anthropic_replay(e, from);
    if (blocks != LLMGW__JNONE)
        return read_replayed(e, blocks, message, calls);
    for (size_t i = 0; i < from->call_count; i++) {
        calls[i].id = llmgw__anthropic_text(e, from->calls[i].id);
        calls[i].call = &from->calls[i];
        calls[i].message = message;
        calls[i].result = SIZE_MAX;
    }
    return from->call_count;
}

/* --- ids --- */

static bool is_id_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool is_id(llmgw_str id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!is_id_byte(id.data[i]))
            return false;
    return id.len > 0;
}

/** Room for a suffix behind it. */
static char *clean_id(struct llmgw__anthropic_encoder *e, llmgw_str id)
{
    char *clean = llmgw__anthropic_array(e, id.len + 24, 1);

    if (!clean)
        return NULL;
    for (size_t i = 0; i < id.len; i++)
        clean[i] = (char)(is_id_byte(id.data[i]) ? id.data[i] : '_');
    if (!id.len)
        clean[0] = '_';
    return clean;
}

/** Append the first number that nobody has; `used` of them are taken. */
static llmgw_str number_id(struct llmgw__map *ids, char *base, size_t used)
{
    size_t len = strlen(base);
    llmgw_str id;

    do {
        (void)snprintf(base + len, 24, "_%zu", ++used);
        id = llmgw__str(base);
    } while (llmgw__map_get(ids, id));
    return id;
}

/** One more call has this id. */
static void count_id(struct llmgw__anthropic_encoder *e, struct llmgw__map *ids,
                     llmgw_str id)
{
    size_t *used = llmgw__map_get(ids, id);
    llmgw_status status = LLMGW_OK;

    if (!used) {
        used = llmgw__anthropic_array(e, 1, sizeof *used);
        if (!used)
            return;
        *used = 0;
        status = llmgw__map_set(ids, id, used);
    }
    ++*used;
    if (status != LLMGW_OK)
        llmgw__anthropic_fail(e, status);
}

static void fit_id(struct llmgw__anthropic_encoder *e, struct llmgw__map *ids,
                   struct llmgw__anthropic_call *call)
{
    bool ours = call->call != NULL; /* else replayed as it is */
    llmgw_str id = call->id;
    const size_t *used;

    if (ours && !is_id(id))
        id = llmgw__str(clean_id(e, id));
    if (!LLMGW__ANTHROPIC_OK(e))
        return;
    call->sent = id;
    used = llmgw__map_get(ids, id);
    if (used && ours) {
        char *base = clean_id(e, id);

        if (!base)
            return;
        call->sent = number_id(ids, base, *used);
        count_id(e, ids, call->sent);
    }
    count_id(e, ids, id);
}
