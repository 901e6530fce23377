/*
 * faults/faults_outage.c - S15: the first target is down for a minute, and a
 * request comes every three seconds; then it is well again.
 *
 * Nobody may be kept waiting by a breaker that is open or half-open, and the
 * dead target not be hammered. A provider may fail its completions and still
 * list its models, be silent on completions alone, or be silent altogether.
 */
#include <string.h>

#include "faults.h"
#include "virtual_time.h"

#define MS UINT64_C(1000000)

enum {
    GAP_MS = 3000,
    DOWN_MS = 60000,
    COOL_DOWN_MS = 10000,
    MOST_TRIES = 8,
    OPENS_AFTER = 3, /* failures */
    /* a caller that waits for nothing: it is served from memory */
    AT_ONCE_MS = 250,
    AFTERWARDS = 10 /* requests */
};

struct outage {
    const char *fault;
    struct stage stage;
    struct verdict *verdict;
    uint64_t start_ns;
    uint64_t back_ms; /* when the first target first answered; 0: never */
    int lost;         /* answers of the second one after that */
    int calls;
};

static void run_one(struct outage *it);
static void run_down(struct outage *it);
static void run_afterwards(struct outage *it);
static void one_call(struct outage *it);
static void judge_back(struct outage *it);
static uint64_t now_ms(const struct outage *it);
static void wait_until(struct outage *it, uint64_t ms);

void run_outage(const struct cell *cell, struct verdict *verdict)
{
    for (size_t i = 0; cell->row->faults[i]; i++) {
        struct outage it = {.fault = cell->row->faults[i], .verdict = verdict};
        const char *why = stage_open(&it.stage, cell, cell->row->settings);

        if (why)
            worsen(verdict, FAIL, "%s", why);
        else
            run_one(&it);
        stage_close(&it.stage);
    }
}

static void run_one(struct outage *it)
{
    struct fake *first = it->stage.fakes[0];
    int all = strncmp(it->fault, "all ", 4) == 0;
    const char *why;

    stage_script(&it->stage, 1, NULL);
    fake_clear(first);
    fake_script(first, all ? "" : "POST", it->fault + (all ? 4 : 0));
    it->start_ns = virtual_time_ns();
    run_down(it);
    wait_until(it, DOWN_MS);
    stage_script(&it->stage, 0, NULL);
    run_afterwards(it);
    judge_back(it);
    while (it->stage.loop && llmgw_loop_active(it->stage.loop) &&
           llmgw_loop_run(it->stage.loop, -1) == LLMGW_OK)
        continue;
    if (it->stage.loop && (why = judge_ledger(&it->stage)))
        worsen(it->verdict, FAIL, "%s: %s", it->fault, why);
}

static void run_down(struct outage *it)
{
    while (now_ms(it) + GAP_MS <= DOWN_MS) {
        one_call(it);
        wait_until(it, (uint64_t)it->calls * GAP_MS);
    }
    if (stage_asked(&it->stage, 0) > it->verdict->attempts)
        it->verdict->attempts = stage_asked(&it->stage, 0);
    if (stage_asked(&it->stage, 0) > MOST_TRIES)
        worsen(it->verdict, PARTIAL, "%s: %zu tries at the dead target",
               it->fault, stage_asked(&it->stage, 0));
}

static void run_afterwards(struct outage *it)
{
    for (int i = 0; i < AFTERWARDS; i++) {
        one_call(it);
        wait_until(it, DOWN_MS + (uint64_t)(i + 1) * GAP_MS);
    }
}

static void one_call(struct outage *it)
{
    struct heard heard = {.goes_on = 1};
    uint64_t start = now_ms(it);
    int open = stage_asked(&it->stage, 0) >= OPENS_AFTER;
    const char *why;
    int served;

    ask(&it->stage, &heard);
    it->calls++;
    if (heard.ms > it->verdict->ms)
        it->verdict->ms = heard.ms;
    if (!heard.call || virtual_time_barked())
        worsen(it->verdict, FAIL, "it hangs");
    else if ((why = judge_answer(&it->stage, &heard, &served)))
        worsen(it->verdict, FAIL, "%s, at %llu ms: %s", it->fault,
               (unsigned long long)start, why);
    else if (open && heard.ms > AT_ONCE_MS)
        worsen(it->verdict, PARTIAL, "%s: at %llu ms a caller waited %llu ms",
               it->fault, (unsigned long long)start,
               (unsigned long long)heard.ms);
    else if (served == 0 && !it->back_ms)
        it->back_ms = start;
    else if (served == 1 && it->back_ms)
        it->lost++;
    heard_clear(&heard);
    if (it->verdict->result < PASS)
        it->verdict->result = PASS;
}

static void judge_back(struct outage *it)
{
    if (!it->back_ms)
        worsen(it->verdict, PARTIAL, "%s: it never came back", it->fault);
    else if (it->back_ms > DOWN_MS + COOL_DOWN_MS + GAP_MS)
        worsen(it->verdict, PARTIAL, "%s: back %llu ms after it was well",
               it->fault, (unsigned long long)(it->back_ms - DOWN_MS));
    else if (it->lost > 0)
        worsen(it->verdict, PARTIAL, "%s: back, but left again", it->fault);
}

static uint64_t now_ms(const struct outage *it)
{
    return (virtual_time_ns() - it->start_ns) / MS;
}

/* as a host does: with a loop, that is driven on */
static void wait_until(struct outage *it, uint64_t ms)
{
    for (;;) {
        uint64_t now = now_ms(it);

        if (now >= ms)
            return;
        if (!it->stage.loop)
            virtual_time_pass((ms - now) * MS);
        else if (llmgw_loop_run(it->stage.loop, (int32_t)(ms - now)))
            return;
    }
}
