/*
 * schema/adjust.c - the set of adjustments of one attempt.
 *
 * Memory: none; what passes the bound is left out (there are fewer reasons
 * than places).
 */
#include "adjust.h"

#include <string.h>

static bool is_same(const struct llmgw__adjustment *a, const char *param,
                    const char *action, const char *reason);

void llmgw__adjust(struct llmgw__adjustments *set, const char *param,
                   const char *action, const char *reason)
{
    for (size_t i = 0; i < set->count; i++)
        if (is_same(&set->items[i], param, action, reason))
            return;
    if (set->count == LLMGW__MAX_ADJUSTMENTS)
        return;
    set->items[set->count++] =
        (struct llmgw__adjustment){param, action, reason};
}

void llmgw__adjustments_render(const struct llmgw__adjustments *set,
                               struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '[');
    for (size_t i = 0; set && i < set->count; i++) {
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_z(w, "param", set->items[i].param);
        llmgw__jsonw_member_z(w, "action", set->items[i].action);
        llmgw__jsonw_member_z(w, "reason", set->items[i].reason);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
}

static bool is_same(const struct llmgw__adjustment *a, const char *param,
                    const char *action, const char *reason)
{
    return !strcmp(a->param, param) && !strcmp(a->action, action) &&
           !strcmp(a->reason, reason);
}
