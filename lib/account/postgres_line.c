/*
 * account/postgres_line.c - operations that wait, in order.
 *
 * Memory: none of its own.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "postgres_line.h"

void llmgw__line_init(struct llmgw__line *line)
{
    line->first = NULL;
    line->last = &line->first;
}

void llmgw__line_join(struct llmgw__line *line, struct llmgw__place *place)
{
    place->next = NULL;
    *line->last = place;
    line->last = &place->next;
}

static struct llmgw__place *take(struct llmgw__line *line,
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

struct llmgw__place *llmgw__line_leave(struct llmgw__line *line)
{
    return take(line, &line->first);
}

struct llmgw__place *llmgw__line_leave_of(struct llmgw__line *line,
                                          const void *thread)
{
    struct llmgw__place **at = &line->first;

    while (*at && (*at)->thread != thread)
        at = &(*at)->next;
    return take(line, at);
}

void llmgw__line_go_before(struct llmgw__line *line, struct llmgw__line *from)
{
    if (!from->first)
        return;
    *from->last = line->first;
    if (!line->first)
        line->last = from->last;
    line->first = from->first;
    llmgw__line_init(from);
}

#endif
