/*
 * account/report.h - what is asked of the ledger: rows, and sums over them.
 */
#ifndef LLMGW_ACCOUNT_REPORT_H
#define LLMGW_ACCOUNT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/ledger.h>
#include <llmgw/sys/store.h>

#include "base/zone.h"
#include "ledger.h"

/** What is asked of the ledger. */
struct llmgw__look {
    const llmgw_ledger_filter *filter; /* NULL: all */
    int64_t now_ns;                    /* wall clock */
    llmgw_entry_fn fn;
    /* told of entries that are no longer kept, all of them; may not call the
     * ledger. NULL: rows alone */
    int32_t (*on_sum)(const llmgw_store_sum *sum, void *userdata);
    void *userdata; /* of both */
};

/**
 * Rows, and sums of those that are no longer kept.
 *
 * @param again        it is asked once more: what was told before is forgotten
 * @param[out] missed  1: rows became sums meanwhile and may be missing, or told
 *                     twice; ask again. NULL: nobody asks
 */
llmgw_status llmgw__ledger_look(struct llmgw__ledger *ledger,
                                const struct llmgw__look *look, bool again,
                                bool *missed);

struct llmgw__report {
    llmgw_ledger_group group;
    llmgw_report_step step;
    const struct llmgw__zone *zone; /* NULL: UTC */
    const char *tag_name;           /* NULL: all tags */
    const llmgw_ledger_filter *filter;
    uint64_t max_rows;
    int64_t now_ns; /* wall clock */
};

/** As llmgw_ledger_report(). */
llmgw_status llmgw__ledger_report(struct llmgw__ledger *ledger,
                                  const struct llmgw__report *report,
                                  llmgw_report_fn fn, void *userdata);

#endif
