/*
 * account/postgres_places.c - operations that wait, in order.
 *
 * Memory: none of its own.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "postgres_places.h"

void llmgw__places_init(struct llmgw__places *line)
{
    line->first = NULL;
    line->last = &line->first;
}

void llmgw__places_join(struct llmgw__places *line, struct llmgw__place *place)
{
    place->next = NULL;
    *line->last = place;
    line->last = &place->next;
}

static struct llmgw__place *take(struct llmgw__places *line,
                                 struct llmgw__place **at)
{
    struct llmgw__place *place = *at;

    if (!place)
        return NULL;
    *at = place->next;
    if (!*at)
        line->last = at;
    return place;
}

struct llmgw__place *llmgw__places_leave(struct llmgw__places *line)
{
    return take(line, &line->first);
}

struct llmgw__place *llmgw__places_leave_of(struct llmgw__places *line,
                                            const void *thread)
{
    struct llmgw__place **at = &line->first;

    while (*at && (*at)->thread && (*at)->thread != thread)
        at = &(*at)->next;
    return take(line, at);
}

void llmgw__places_go_before(struct llmgw__places *line,
                             struct llmgw__places *from)
{
    if (!from->first)
        return;
    *from->last = line->first;
    if (!line->first)
        line->last = from->last;
    line->first = from->first;
    llmgw__places_init(from);
}

#endif
