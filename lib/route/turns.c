/*
 * route/turns.c - whose turn it is on a route, and how many attempts each
 * target has under way.
 *
 * Memory: a few words for each route whose policy keeps something and for each
 * target that was asked; at most MAX_ROUTES and MAX_TARGETS. Of targets those
 * without an attempt under way are forgotten first; when all have one, what
 * comes on top is not counted.
 */
#include "turns.h"

#include "base/alloc.h"
#include "base/text.h"
#include "table.h"

#define MAX_ROUTES  4096
#define MAX_TARGETS 4096

struct turn {
    uint64_t calls;
    uint64_t favourite;
};

struct load {
    uint32_t busy;
};

static struct load *load_of(struct llmgw__turns *turns, const char *target_id);
static void forget_idle(struct llmgw__map *targets);

llmgw_status llmgw__turns_init(struct llmgw__turns *turns)
{
    llmgw__map_init(&turns->routes);
    llmgw__map_init(&turns->targets);
    return llmgw__mutex_init(&turns->lock);
}

void llmgw__turns_clear(struct llmgw__turns *turns)
{
    llmgw__table_clear(&turns->routes);
    llmgw__table_clear(&turns->targets);
    llmgw__mutex_clear(&turns->lock);
}

void llmgw__turns_begin(struct llmgw__turns *turns, const char *target_id)
{
    struct load *load;

    llmgw__mutex_lock(&turns->lock);
    load = load_of(turns, target_id);
    if (load)
        load->busy++;
    llmgw__mutex_unlock(&turns->lock);
}

void llmgw__turns_end(struct llmgw__turns *turns, const char *target_id)
{
    struct load *load;

    llmgw__mutex_lock(&turns->lock);
    load = llmgw__map_get(&turns->targets, llmgw__str(target_id));
    if (load && load->busy) /* 0: its begin was not counted */
        load->busy--;
    llmgw__mutex_unlock(&turns->lock);
}

uint32_t llmgw__turns_busy(struct llmgw__turns *turns, const char *target_id)
{
    const struct load *load;
    uint32_t busy;

    llmgw__mutex_lock(&turns->lock);
    load = llmgw__map_get(&turns->targets, llmgw__str(target_id));
    busy = load ? load->busy : 0;
    llmgw__mutex_unlock(&turns->lock);
    return busy;
}

uint64_t llmgw__turns_next(struct llmgw__turns *turns, const char *route)
{
    struct turn *turn;
    uint64_t before;

    llmgw__mutex_lock(&turns->lock);
    turn = llmgw__table_make(&turns->routes, route, sizeof *turn, MAX_ROUTES);
    before = turn ? turn->calls++ : 0;
    llmgw__mutex_unlock(&turns->lock);
    return before;
}

uint64_t llmgw__turns_favourite(struct llmgw__turns *turns, const char *route)
{
    const struct turn *turn;
    uint64_t id;

    llmgw__mutex_lock(&turns->lock);
    turn = llmgw__map_get(&turns->routes, llmgw__str(route));
    id = turn ? turn->favourite : 0;
    llmgw__mutex_unlock(&turns->lock);
    return id;
}

void llmgw__turns_favour(struct llmgw__turns *turns, const char *route,
                         uint64_t id)
{
    struct turn *turn;

    llmgw__mutex_lock(&turns->lock);
    turn = llmgw__table_make(&turns->routes, route, sizeof *turn, MAX_ROUTES);
    if (turn)
        turn->favourite = id;
    llmgw__mutex_unlock(&turns->lock);
}

/** Under the lock. NULL: no memory, or too many are busy */
static struct load *load_of(struct llmgw__turns *turns, const char *target_id)
{
    struct load *load = llmgw__map_get(&turns->targets, llmgw__str(target_id));

    if (load)
        return load;
    if (turns->targets.count >= MAX_TARGETS)
        forget_idle(&turns->targets);
    if (turns->targets.count >= MAX_TARGETS)
        return NULL;
    return llmgw__table_make(&turns->targets, target_id, sizeof *load,
                             MAX_TARGETS);
}

/** Those that have attempts move to another map; no memory: that one. */
static void forget_idle(struct llmgw__map *targets)
{
    struct llmgw__map kept;
    llmgw_str id;
    void *value;
    size_t at = 0;

    llmgw__map_init(&kept);
    while (llmgw__map_next(targets, &at, &id, &value))
        if (((struct load *)value)->busy &&
            llmgw__map_set(&kept, id, value) != LLMGW_OK) {
            llmgw__map_clear(&kept);
            return;
        }
    at = 0;
    while (llmgw__map_next(targets, &at, &id, &value))
        if (!((struct load *)value)->busy)
            llmgw__free(value);
    llmgw__map_clear(targets);
    *targets = kept;
}
