/*
 * support/ledger_case.h - entries that a test makes up and keeps.
 */
#ifndef LLMGW_TESTS_LEDGER_CASE_H
#define LLMGW_TESTS_LEDGER_CASE_H

#include <stdint.h>

#include "account/ledger.h"
#include "base/text.h"

#define DAY   INT64_C(86400000000000)
#define HOUR  INT64_C(3600000000000)
#define START (INT64_C(20537) * DAY) /* 2026-03-25 */

static const char *const providers[] = {"a", "b", "b,c"};
static const char *const tag_sets[] = {"team=x", "", "team=y,env=z",
                                       "env=z,env=z", "teams=x"};

/** One that a test knows of. */
struct known {
    int64_t started_ns;
    int64_t billed; /* -1: unknown */
    int64_t tokens;
    const char *provider, *tags, *key;
    llmgw_entry_state state;
};

static uint32_t turn;

static uint32_t draw(uint32_t below)
{
    turn = turn * 1664525 + 1013904223;
    return (turn >> 8) % below;
}

static struct known draw_known(int i)
{
    struct known known = {
        .started_ns = START + i * (HOUR / 4),
        .billed = draw(8) ? (int64_t)draw(1u << 24) * 100000001 : -1,
        .tokens = draw(10000),
        .provider = providers[draw(3)],
        .tags = tag_sets[draw(5)],
        .key = draw(2) ? "k#1" : "",
        .state = (llmgw_entry_state)draw(4) + 1,
    };

    if (known.state == LLMGW_ENTRY_OPEN) {
        known.billed = -1;
        known.tokens = 0;
    }
    return known;
}

static llmgw_status keep(struct llmgw__ledger *ledger,
                         const struct known *known, struct llmgw__row **open)
{
    static const struct llmgw__row_watch nobody = {NULL, NULL};
    struct llmgw_entry intent = {0};
    struct llmgw__row *row;
    llmgw_status status;

    llmgw__usage_init(&intent.usage);
    intent.started_ns = known->started_ns;
    intent.expires_ns = known->started_ns + HOUR;
    intent.text[LLMGW__ENTRY_CALL_ID] = llmgw__str("call");
    intent.text[LLMGW__ENTRY_PROVIDER] = llmgw__str(known->provider);
    intent.text[LLMGW__ENTRY_MODEL] = llmgw__str("m");
    intent.text[LLMGW__ENTRY_ROUTE] = llmgw__str("r");
    intent.text[LLMGW__ENTRY_TAGS] = llmgw__str(known->tags);
    intent.text[LLMGW__ENTRY_KEY] = llmgw__str(known->key);
    status = llmgw__ledger_open(ledger, &intent, NULL, 0, &nobody, &row);
    if (open)
        *open = row;
    if (status != LLMGW_OK || known->state == LLMGW_ENTRY_OPEN) {
        if (!open)
            llmgw__row_drop(row);
        return status;
    }
    row->entry->state = known->state;
    row->entry->settled_ns = known->started_ns + 1;
    row->entry->has_usage = true;
    llmgw__usage_set(&row->entry->usage, LLMGW__INPUT_UNCACHED, known->tokens);
    row->entry->cost.known = known->billed >= 0;
    row->entry->cost.pico = known->billed;
    row->entry->delivered = row->entry->cost;
    llmgw__ledger_settle(row);
    if (!open)
        llmgw__row_drop(row);
    return LLMGW_OK;
}

#endif
