/*
 * route/venture.c - calls that are asked of somebody else to learn something.
 *
 * What a host's cache is worth shows only where the turns of a conversation
 * follow each other there: so it is conversations that are sent elsewhere, for
 * some calls. All of these count, and none is begun until they are within the
 * share again; of a new route a few more may be.
 *
 * Memory: 120 bytes for each route whose policy explores; at most MAX_ROUTES,
 * then all is forgotten.
 */
#include "venture.h"

#include "base/clock.h"
#include "base/text.h"
#include "table.h"

#define MAX_ROUTES 4096
#define AT_ONCE    4 /* conversations that are known to be elsewhere */
#define LASTS_NS   (900 * LLMGW__SECOND) /* without another call */
#define MOST_CALLS 10                    /* of one that are sent elsewhere */
#define AT_FIRST   20     /* calls beyond the share: all is new */
#define MANY_CALLS 100000 /* then what was counts for half */
#define PM         1000

struct record {
    uint32_t calls;
    uint32_t gone; /* of them, elsewhere */
    struct place {
        uint64_t stick;
        uint64_t target;
        uint64_t seen_ns;
        uint32_t calls;
    } places[AT_ONCE];
};

llmgw_status llmgw__ventures_init(struct llmgw__ventures *ventures)
{
    llmgw__map_init(&ventures->routes);
    return llmgw__mutex_init(&ventures->lock);
}

void llmgw__ventures_clear(struct llmgw__ventures *ventures)
{
    llmgw__table_clear(&ventures->routes);
    llmgw__mutex_clear(&ventures->lock);
}

static void count(struct record *record)
{
    if (record->calls++ < MANY_CALLS)
        return;
    record->calls /= 2;
    record->gone /= 2;
}

static struct place *find(struct record *record, uint64_t stick,
                          uint64_t now_ns)
{
    for (int i = 0; stick && i < AT_ONCE; i++)
        if (record->places[i].stick == stick &&
            record->places[i].seen_ns + LASTS_NS >= now_ns)
            return &record->places[i];
    return NULL;
}

uint64_t llmgw__venture_call(struct llmgw__ventures *ventures,
                             const char *route, uint64_t stick, uint64_t now_ns)
{
    struct record *record;
    uint64_t target = 0;

    llmgw__mutex_lock(&ventures->lock);
    record =
        llmgw__table_make(&ventures->routes, route, sizeof *record, MAX_ROUTES);
    if (record) {
        struct place *place = find(record, stick, now_ns);

        count(record);
        if (place && place->calls < MOST_CALLS) {
            place->seen_ns = now_ns;
            target = place->target;
        }
    }
    llmgw__mutex_unlock(&ventures->lock);
    return target;
}

static void settle(struct record *record, uint64_t stick, uint64_t target,
                   uint64_t now_ns)
{
    struct place *oldest = record->places;

    for (int i = 1; i < AT_ONCE; i++)
        if (record->places[i].seen_ns < oldest->seen_ns)
            oldest = &record->places[i];
    oldest->stick = stick;
    oldest->target = target;
    oldest->seen_ns = now_ns;
    oldest->calls = 0;
}

bool llmgw__venture_go(struct llmgw__ventures *ventures, const char *route,
                       uint64_t stick, uint64_t target, unsigned share_pm,
                       uint64_t now_ns)
{
    struct record *record;
    bool may = false;

    llmgw__mutex_lock(&ventures->lock);
    record = llmgw__map_get(&ventures->routes, llmgw__str(route));
    if (record) {
        struct place *place = find(record, stick, now_ns);
        bool there = place && place->target == target;

        may = there || (share_pm &&
                        (uint64_t)record->gone * PM <=
                            (uint64_t)record->calls * share_pm + AT_FIRST * PM);
        if (there)
            place->calls++;
        record->gone += may;
        if (may && stick && !there)
            settle(record, stick, target, now_ns);
    }
    llmgw__mutex_unlock(&ventures->lock);
    return may;
}
