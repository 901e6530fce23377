/*
 * faults/faults_table.c - the sixteen: what goes wrong, and what is right then.
 *
 * Source: FailoverBench, methodology v0.1. A cell is judged by the worst of
 * the ways that its fault can come in.
 */
#include <string.h>

#include "faults.h"

#define KIND(name) LLMGW_KIND_##name

static const char *needs_end_mark(const struct cell *cell);

const struct row fault_rows[] = {
    /* clang-format off */
    { "S01", "429 + Retry-After: 2",
      { "error=rate_limit retry_after=2 times=1" },
      .settings = "when_limited='wait'", .min_ms = 2000, .max_ms = 3000,
      .tries = { 2, 0 }, .served_by = 0 },
    { "S02", "429 persistent, no header",
      { "error=rate_limit" },
      .max_ms = 10000, .tries = { 3, 1 }, .served_by = 1 },
    { "S03", "500 once",
      { "status=500 times=1" },
      .max_ms = 2000, .tries = { 2, 0 }, .served_by = 0 },
    { "S04", "503 persistent",
      { "status=503" },
      .max_ms = 5000, .tries = { 3, 1 }, .served_by = 1 },
    { "S05", "TCP reset before headers",
      { "reset_before times=1" },
      .max_ms = 2000, .tries = { 2, 0 }, .served_by = 0 },
    { "S06", "no response ever",
      { "stall_before" },
      .max_ms = 11000, .tries = { 1, 1 }, .served_by = 1 },
    { "S07", "first token after 20 s",
      { "@ content_delay_ms=20000", "@ first_delay_ms=20000" },
      .max_ms = 11000, .tries = { 1, 1 }, .served_by = 1 },
    { "S08", "cut after 40 of 60 tokens",
      { "@ drop_after=40", "@ end_after=40",
        "@ reset_after=40 delay_us=1000" },
      .max_ms = 5000, .tries = { 3, 2 }, .served_by = -1, .may_be_safe = 1 },
    { "S09", "stall in mid-stream",
      { "@ stall_after=40" },
      .max_ms = 12000, .tries = { 3, 2 }, .served_by = -1, .may_be_safe = 1 },
    { "S10", "malformed JSON event",
      { "@ garbage_after=40", "@ garbage_after=0" },
      .max_ms = 5000, .tries = { 3, 2 }, .served_by = -1, .may_be_safe = 1 },
    { "S11", "no end mark",
      { "@ no_done" },
      .max_ms = 1000, .tries = { 1, 0 }, .served_by = 0,
      .unfit = needs_end_mark },
    { "S12", "400 context_length",
      { "error=context_length" },
      .max_ms = 1000, .tries = { 1, 1 }, .served_by = 1 },
    { "S13", "400 content filter",
      { "error=content_filter" },
      .max_ms = 1000, .tries = { 1, 0 }, .error = KIND(CONTENT_POLICY) },
    { "S14", "cut, and the fallback takes no prefill",
      { "@ drop_after=40", "@ end_after=40" }, REFUSES_PREFILL,
      .max_ms = 5000, .tries = { 3, 3 }, .served_by = -1, .may_be_safe = 1 },
    { "S15", "primary down for 60 s, a request every 3 s",
      { "status=503", "stall_before", "all stall_before" },
      .run = run_outage },
    { "S16", "accounting of a failover",
      { "error=overloaded", "@ error_after=0" },
      .max_ms = 5000, .tries = { 3, 1 }, .served_by = 1 },
    /* clang-format on */
};
const size_t fault_row_count = sizeof fault_rows / sizeof *fault_rows;

void run_row(const struct cell *cell, struct verdict *verdict)
{
    const struct row *row = cell->row;

    for (size_t i = 0; row->faults[i]; i++) {
        struct heard heard = {0};
        struct stage stage;
        const char *why = stage_open(&stage, cell, row->settings);

        if (why) {
            worsen(verdict, FAIL, "%s", why);
        } else {
            stage_script(&stage, 0, row->faults[i]);
            stage_script(&stage, 1, row->second);
            ask(&stage, &heard);
            judge(&stage, &heard, verdict);
            heard_clear(&heard);
        }
        stage_close(&stage);
    }
}

static const char *needs_end_mark(const struct cell *cell)
{
    return cell->wire->no_end_mark
               ? "this wire has no end mark: the end of the body is its end"
               : NULL;
}
