/*
 * faults/faults_beyond.c - faults that the bench does not have.
 */
#include "faults.h"

const struct row beyond_rows[] = {
    /* clang-format off */
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
    /* clang-format on */
};
const size_t beyond_row_count = sizeof beyond_rows / sizeof *beyond_rows;
