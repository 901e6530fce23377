/*
 * sim/report.h - what the experiments found: text or JSON lines, and whether
 * the aims were met.
 */
#ifndef LLMGW_SIM_REPORT_H
#define LLMGW_SIM_REPORT_H

#include <stddef.h>

#include "sim/experiment.h"

struct sim_report {
    int json;
    int missed;        /* aims */
    uint64_t checksum; /* of all runs */
};

/** The runs of one preset, a seed each, beside those without hedges. */
void sim_report_hedging(struct sim_report *report,
                        const struct sim_hedging *runs,
                        const struct sim_hedging *off, size_t seeds);
void sim_report_weeks(struct sim_report *report, const struct sim_week *runs,
                      size_t seeds);
/** The runs of one form. */
void sim_report_outages(struct sim_report *report,
                        const struct sim_outage *runs, size_t seeds);
/** Tell of an aim, and count it where it is missed. */
void sim_report_judge(struct sim_report *report, const char *what, double found,
                      int at_most, double bar);
void sim_report_end(const struct sim_report *report);

#endif
