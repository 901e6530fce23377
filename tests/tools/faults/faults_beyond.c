/*
 * faults/faults_beyond.c - faults that the bench does not have.
 */
#include "faults.h"

static const char *is_not_durable(const struct cell *cell);
static const char *is_tested_apart(const struct cell *cell);

const struct row beyond_rows[] = {
    /* clang-format off */
    { "X01", "refused, no such name, no trust in its certificate",
      .max_ms = 10000, .tries = { 0, 1 }, .served_by = 1, .run = run_reach },
    { "X02", "200 that is no answer",
      { "html", "empty", "done_only", "@ end_after=0", "@ error_after=0",
        "@ drop_after=0" },
      .max_ms = 5000, .tries = { 3, 1 }, .served_by = 1 },
    { "X03", "an error object after content",
      { "@ error_after=40" },
      .max_ms = 5000, .tries = { 3, 2 }, .served_by = -1, .may_be_safe = 1 },
    { "X04", "bytes dribble in, one a second",
      { "@ cut=1 delay_us=1000000" },
      .max_ms = 11000, .tries = { 1, 1 }, .served_by = 1 },
    { "X05", "a record too large, nested too deeply, 4 GiB told",
      .settings = "/limits={'max_frame_bytes':65536}",
      .max_ms = 15000, .tries = { 3, 1 }, .served_by = 1, .run = run_large },
    { "X06", "it ends within a character, an escape, arguments",
      .max_ms = 5000, .tries = { 3, 2 }, .served_by = -1, .may_be_safe = 1,
      .run = run_within },
    { "X07", "one key of two is refused, has no quota, is limited",
      .max_ms = 2000, .tries = { 3, 0 }, .served_by = 0, .run = run_keys },
    { "X08", "all open, all limited",
      .max_ms = 5000, .tries = { 9, 9 }, .run = run_all },
    { "X09", "cancelled at every moment, from everywhere",
      .max_ms = 6000, .tries = { 2, 2 }, .run = run_cancel },
    { "X10", "hedge: late, failed, both failed, broken",
      .settings = "hedge={'after_ms':100,'budget':1,'burst':10}",
      .max_ms = 5000, .tries = { 3, 3 }, .served_by = -1, .may_be_safe = 1,
      .run = run_hedges },
    { "X11", "the process is killed in the middle of a call",
      .unfit = is_not_durable },
    { "X12", "the ledger's disk is full, locked, corrupt",
      .unfit = is_not_durable },
    { "X13", "every allocation fails, one after another",
      .unfit = is_tested_apart },
    { "X14", "the proxy is not there, or asks for a password",
      .max_ms = 30000, .tries = { 9, 9 }, .run = run_proxy },
    /* clang-format on */
};
const size_t beyond_row_count = sizeof beyond_rows / sizeof *beyond_rows;

static const char *is_not_durable(const struct cell *cell)
{
    (void)cell;
    return "the ledger is in memory: nothing of it outlives the process";
}

static const char *is_tested_apart(const struct cell *cell)
{
    (void)cell;
    return "the tests of flows fail every allocation of whole calls";
}
