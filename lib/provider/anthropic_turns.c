/*
 * provider/anthropic_turns.c - from messages to turns.
 *
 * The wire knows user and assistant turns that take their turns strictly, all
 * results of a turn's calls first in the next one:
 *
 *     system | user user | assistant | tool tool user system | assistant
 *     system   user        assistant   user           (late)   assistant
 *
 * Source: Messages API, "Tool use", "Mid-conversation system messages".
 * Memory: the attempt's arena, a few words a message.
 */
#include "anthropic_content.h"
#include "anthropic_encoder.h"
#include "base/map.h"

static void sort_messages(struct llmgw__anthropic_encoder *e);
static size_t take_leading_system(struct llmgw__anthropic_encoder *e);
static void add_turn(struct llmgw__anthropic_encoder *e, size_t first,
                     size_t end, struct llmgw__map *ids);
static void place_text(struct llmgw__anthropic_encoder *e,
                       struct llmgw__anthropic_turn *turn);
static void place_system(struct llmgw__anthropic_encoder *e,
                         struct llmgw__anthropic_turn *turn);
static void close_turns(struct llmgw__anthropic_encoder *e,
                        struct llmgw__map *ids);
static void check_prefill(struct llmgw__anthropic_encoder *e);

void llmgw__anthropic_plan_turns(struct llmgw__anthropic_encoder *e)
{
    size_t count = e->chat->message_count;
    struct llmgw__anthropic_plan *plan = &e->plan;
    struct llmgw__map ids;
    size_t i;

    plan->kinds = llmgw__anthropic_array(e, count, sizeof *plan->kinds);
    plan->system = llmgw__anthropic_array(e, count, sizeof *plan->system);
    /* one more before the first, one more after the last */
    plan->turns = llmgw__anthropic_array(e, count + 2, sizeof *plan->turns);
    if (!LLMGW__ANTHROPIC_OK(e))
        return;
    sort_messages(e);
    llmgw__map_init(&ids);
    i = take_leading_system(e);
    while (i < count && LLMGW__ANTHROPIC_OK(e)) {
        size_t first = i;
        bool assistant = plan->kinds[i] == LLMGW__ANTHROPIC_ASSISTANT;

        while (i < count &&
               (plan->kinds[i] == LLMGW__ANTHROPIC_BLANK ||
                (plan->kinds[i] == LLMGW__ANTHROPIC_ASSISTANT) == assistant))
            i++;
        add_turn(e, first, i, &ids);
    }
    close_turns(e, &ids);
    llmgw__map_clear(&ids);
}

static bool parts_blank(const struct llmgw__message *message)
{
    for (size_t i = 0; i < message->part_count; i++) {
        const struct llmgw__part *part = &message->parts[i];

        if (part->type > LLMGW__PART_REFUSAL ||
            !llmgw__anthropic_blank(part->text))
            return false;
    }
    return true;
}

static enum llmgw__anthropic_kind kind_of(struct llmgw__anthropic_encoder *e,
                                          const struct llmgw__message *message)
{
    bool blank = parts_blank(message);

    switch ((enum llmgw__role)message->role) {
    case LLMGW__ROLE_TOOL:
        return LLMGW__ANTHROPIC_ORPHAN; /* until its call is found */
    case LLMGW__ROLE_SYSTEM:
    case LLMGW__ROLE_DEVELOPER:
        return blank ? LLMGW__ANTHROPIC_BLANK : LLMGW__ANTHROPIC_SYSTEM;
    case LLMGW__ROLE_USER:
        return blank ? LLMGW__ANTHROPIC_BLANK : LLMGW__ANTHROPIC_USER;
    case LLMGW__ROLE_ASSISTANT:
        break;
    }
    if (blank && !message->call_count &&
        llmgw__anthropic_blank(message->refusal) &&
        llmgw__anthropic_replay(e, message) == LLMGW__JNONE &&
        !llmgw__anthropic_thoughts(e, message, NULL))
        return LLMGW__ANTHROPIC_BLANK;
    return LLMGW__ANTHROPIC_ASSISTANT;
}

static void sort_messages(struct llmgw__anthropic_encoder *e)
{
    for (size_t i = 0; i < e->chat->message_count; i++) {
        const struct llmgw__message *message = &e->chat->messages[i];

        e->plan.kinds[i] = (uint8_t)kind_of(e, message);
        if (message->name.len && message->role != LLMGW__ROLE_TOOL)
            llmgw__anthropic_adjust(e, "messages", "dropped", "message_name");
    }
}

/** @return the first message that begins a turn */
static size_t take_leading_system(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__anthropic_plan *plan = &e->plan;
    size_t i = 0;

    for (; i < e->chat->message_count; i++) {
        if (plan->kinds[i] == LLMGW__ANTHROPIC_SYSTEM)
            plan->system[plan->system_count++] = i;
        else if (plan->kinds[i] != LLMGW__ANTHROPIC_BLANK)
            break;
    }
    return i;
}

static struct llmgw__anthropic_turn *
append_turn(struct llmgw__anthropic_encoder *e, size_t first, size_t end)
{
    struct llmgw__anthropic_turn *turn = &e->plan.turns[e->plan.turn_count++];

    turn->since = turn->system = turn->first = first;
    turn->end = end;
    return turn;
}

static void add_assistant(struct llmgw__anthropic_encoder *e, size_t first,
                          size_t end, struct llmgw__map *ids)
{
    struct llmgw__anthropic_turn *turn;

    if (!e->plan.turn_count && !e->leads) {
        append_turn(e, first, first)->made_up = true;
        llmgw__anthropic_adjust(e, "messages", "added", "leading_user_turn");
    }
    turn = append_turn(e, first, end);
    turn->assistant = true;
    llmgw__anthropic_calls(e, turn, ids);
}

static void add_user(struct llmgw__anthropic_encoder *e, size_t first,
                     size_t end)
{
    struct llmgw__anthropic_turn *turn = append_turn(e, first, end);

    if (e->plan.turn_count > 1) {
        turn->calls = turn[-1].calls;
        turn->call_count = turn[-1].call_count;
    }
    llmgw__anthropic_results(e, turn);
    place_text(e, turn);
    place_system(e, turn);
}

static void add_turn(struct llmgw__anthropic_encoder *e, size_t first,
                     size_t end, struct llmgw__map *ids)
{
    if (e->plan.kinds[first] == LLMGW__ANTHROPIC_ASSISTANT)
        add_assistant(e, first, end, ids);
    else
        add_user(e, first, end);
}

/** While a program of the service waits for our results, its turn may hold
 *  nothing else: text waits for the turn after. */
static void place_text(struct llmgw__anthropic_encoder *e,
                       struct llmgw__anthropic_turn *turn)
{
    size_t number = (size_t)(turn - e->plan.turns);

    if (number >= 2 && turn[-2].results_only) {
        turn->since = turn[-2].since;
        if (e->model->can & LLMGW__ANTHROPIC_LATE)
            turn->system = turn[-2].system;
    }
    if (!turn->call_count || !llmgw__anthropic_unfinished(e, &turn[-1]))
        return;
    turn->results_only = true;
    for (size_t i = turn->first; i < turn->end; i++)
        if (e->plan.kinds[i] == LLMGW__ANTHROPIC_USER ||
            e->plan.kinds[i] == LLMGW__ANTHROPIC_ORPHAN)
            llmgw__anthropic_adjust(e, "messages", "moved",
                                    "results_only_turn");
}

/** Where the system text of a run of messages goes. */
static void place_system(struct llmgw__anthropic_encoder *e,
                         struct llmgw__anthropic_turn *turn)
{
    struct llmgw__anthropic_plan *plan = &e->plan;
    bool late = (e->model->can & LLMGW__ANTHROPIC_LATE) != 0;
    bool user = turn->call_count > 0;
    bool system = false;

    for (size_t i = turn->since; i < turn->end; i++) {
        user |= plan->kinds[i] == LLMGW__ANTHROPIC_USER ||
                plan->kinds[i] == LLMGW__ANTHROPIC_ORPHAN;
        system |=
            plan->kinds[i] == LLMGW__ANTHROPIC_SYSTEM && i >= turn->system;
    }
    if (!system)
        return;
    if (!user) {
        turn->as_user = true;
        llmgw__anthropic_adjust(e, "messages", "converted",
                                "system_message_to_user");
        return;
    }
    if (late && turn->results_only) {
        llmgw__anthropic_adjust(e, "messages", "moved", "results_only_turn");
        return;
    }
    if (late) {
        turn->late = true;
        return;
    }
    for (size_t i = turn->first; i < turn->end; i++)
        if (plan->kinds[i] == LLMGW__ANTHROPIC_SYSTEM)
            plan->system[plan->system_count++] = i;
    llmgw__anthropic_adjust(e, "messages", "moved", "system_message_hoisted");
}

/** There must be a turn, and the last one the user's. */
static void close_turns(struct llmgw__anthropic_encoder *e,
                        struct llmgw__map *ids)
{
    struct llmgw__anthropic_plan *plan = &e->plan;
    size_t count = e->chat->message_count;

    if (!LLMGW__ANTHROPIC_OK(e))
        return;
    if (plan->turn_count) {
        struct llmgw__anthropic_turn *last = &plan->turns[plan->turn_count - 1];

        if (last->assistant && last->call_count)
            add_user(e, count, count);
        else if (last->assistant)
            check_prefill(e);
        return;
    }
    if (!plan->system_count) {
        llmgw__anthropic_refuse(e, "invalid_value", "messages",
                                "there is no message with anything in it");
        return;
    }
    count = plan->system[--plan->system_count];
    add_turn(e, count, count + 1, ids); /* nothing but system: the user's */
}

static void check_prefill(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__anthropic_turn *last =
        &e->plan.turns[e->plan.turn_count - 1];

    for (size_t i = last->first; i < last->end; i++)
        if (llmgw__anthropic_replay(e, &e->chat->messages[i]) != LLMGW__JNONE)
            return; /* a paused answer goes back as it is, to be gone on with */
    e->plan.prefill = true;
    if (!(e->model->can & LLMGW__ANTHROPIC_PREFILL))
        llmgw__anthropic_refuse(e, "unsupported_value", "messages",
                                "this model takes no prefill: the last "
                                "message must not be the assistant's");
}
