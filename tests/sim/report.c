/*
 * sim/report.c - what the experiments found.
 *
 * A cut is how much shorter a quantile is than that of the same seed without
 * hedges; extra calls and spend are shares of what those took.
 */
#include "sim/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world.h"

enum measure {
    CUT_P50,
    CUT_P95,
    CUT_P99,
    EXTRA_CALLS,
    EXTRA_SPEND,
    MEASURES
};

static const char *const names[MEASURES] = {"cut_p50", "cut_p95", "cut_p99",
                                            "extra_calls", "extra_spend"};

/** For the median seed of the reference mix at correlation 0. */
static const struct aim {
    const char *preset;
    enum measure measure;
    int at_most; /* else at least */
    double share;
} aims[] = {
    {"p95", CUT_P95, 0, 0.30},    {"p95", EXTRA_SPEND, 1, 0.10},
    {"tail", CUT_P99, 0, 0.38},   {"tail", EXTRA_SPEND, 1, 0.02},
    {"shadow", CUT_P95, 0, 0.45},
};

#define FAILURES_ALLOWED 3  /* of an outage, until it is noticed */
#define SLOW_S           60 /* a straggler of the twin; less than a silence */

static double ratio(uint64_t part, uint64_t of)
{
    return of ? (double)part / (double)of : 0;
}

static void measure_run(const struct sim_hedging *run,
                        const struct sim_hedging *off, double out[MEASURES])
{
    out[CUT_P50] = 1 - ratio(run->times.p50_ns, off->times.p50_ns);
    out[CUT_P95] = 1 - ratio(run->times.p95_ns, off->times.p95_ns);
    out[CUT_P99] = 1 - ratio(run->times.p99_ns, off->times.p99_ns);
    out[EXTRA_CALLS] = ratio(run->sent, off->sent) - 1;
    out[EXTRA_SPEND] = ratio(run->spent, off->spent) - 1;
}

static int compare(const void *a, const void *b)
{
    double first = *(const double *)a;
    double second = *(const double *)b;

    return (first > second) - (first < second);
}

/** Least, median and most of a measure over the seeds. */
struct spread {
    double least;
    double median;
    double most;
};

static struct spread spread_of(double (*rows)[MEASURES], size_t count,
                               enum measure measure)
{
    double *values = calloc(count, sizeof *values);
    struct spread spread;

    if (!values)
        sim_fail("no memory");
    for (size_t i = 0; i < count; i++)
        values[i] = rows[i][measure];
    qsort(values, count, sizeof *values, compare);
    spread.least = values[0];
    spread.median = (values[(count - 1) / 2] + values[count / 2]) / 2;
    spread.most = values[count - 1];
    free(values);
    return spread;
}

/** Also into the checksum of all. */
static uint64_t add_checksum(struct sim_report *report, uint64_t checksum)
{
    report->checksum = (report->checksum ^ checksum) * UINT64_C(0x100000001b3);
    return checksum;
}

void sim_report_judge(struct sim_report *report, const char *what, double found,
                      int at_most, double bar)
{
    int met = at_most ? found <= bar : found >= bar;

    report->missed += !met;
    if (report->json)
        (void)printf("{\"aim\":\"%s\",\"at_%s\":%.4g,\"found\":%.4f,"
                     "\"met\":%s}\n",
                     what, at_most ? "most" : "least", bar, found,
                     met ? "true" : "false");
    else
        (void)printf("aim %s %s %.4g: %.4f %s\n", what,
                     at_most ? "<=" : ">=", bar, found, met ? "met" : "MISSED");
}

static double opened_a_day(const struct sim_hedging *run)
{
    return (double)run->opened * (double)SIM_DAY / (double)run->took_ns;
}

static void tell_run(const struct sim_report *report,
                     const struct sim_hedging *run, const double *row)
{
    const char *form =
        report->json
            ? "{\"experiment\":\"hedging\",\"mix\":\"%s\",\"correlation\":%.2f,"
              "\"preset\":\"%s\",\"seed\":%" PRIu64 ",\"calls\":%" PRIu64
              ",\"p50_ms\":%.1f,\"p95_ms\":%.1f,\"p99_ms\":%.1f,"
              "\"cut_p50\":%.4f,\"cut_p95\":%.4f,\"cut_p99\":%.4f,"
              "\"extra_calls\":%.4f,\"extra_spend\":%.4f,\"failed\":%" PRIu64
              ",\"false_opens_a_day\":%.2f,\"checksum\":\"%016" PRIx64 "\"}\n"
            : "%-9s %4.2f %-6s %4" PRIu64 " %7" PRIu64
              " %7.1f %7.1f %7.1f  %6.3f %6.3f %6.3f  %6.3f %6.3f %6" PRIu64
              " %6.2f  %016" PRIx64 "\n";

    (void)printf(form, run->mix->name, run->correlation, run->preset, run->seed,
                 run->calls, (double)run->times.p50_ns / 1e6,
                 (double)run->times.p95_ns / 1e6,
                 (double)run->times.p99_ns / 1e6, row[CUT_P50], row[CUT_P95],
                 row[CUT_P99], row[EXTRA_CALLS], row[EXTRA_SPEND], run->failed,
                 opened_a_day(run), run->checksum);
}

static void tell_spread(const struct sim_report *report,
                        const struct sim_hedging *run, enum measure measure,
                        const struct spread *spread)
{
    const char *form =
        report->json
            ? "{\"experiment\":\"hedging\",\"mix\":\"%s\",\"correlation\":%.2f,"
              "\"preset\":\"%s\",\"over_seeds\":\"%s\",\"least\":%.4f,"
              "\"median\":%.4f,\"most\":%.4f}\n"
            : "%-9s %4.2f %-6s over seeds: %-11s least %.4f median %.4f "
              "most %.4f\n";

    (void)printf(form, run->mix->name, run->correlation, run->preset,
                 names[measure], spread->least, spread->median, spread->most);
}

static void judge_measure(struct sim_report *report,
                          const struct sim_hedging *run, enum measure measure,
                          const struct spread *spread)
{
    if (run->mix != sim_mix_at(0) || run->correlation > 0)
        return;
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++) {
        char what[64];

        if (aims[i].measure != measure ||
            strcmp(aims[i].preset, run->preset) != 0)
            continue;
        (void)snprintf(what, sizeof what, "%s %s", run->preset, names[measure]);
        sim_report_judge(report, what, spread->median, aims[i].at_most,
                         aims[i].share);
    }
}

void sim_report_hedging(struct sim_report *report,
                        const struct sim_hedging *runs,
                        const struct sim_hedging *off, size_t seeds)
{
    double(*rows)[MEASURES] = calloc(seeds, sizeof *rows);
    uint64_t failed = 0;

    if (!rows)
        sim_fail("no memory");
    if (!report->json)
        (void)printf("\nmix       corr preset seed   calls  p50 ms  p95 ms  "
                     "p99 ms   cut50  cut95  cut99  calls+ spend+ failed "
                     "opens/d  checksum\n");
    for (size_t i = 0; i < seeds; i++) {
        measure_run(&runs[i], &off[i], rows[i]);
        tell_run(report, &runs[i], rows[i]);
        add_checksum(report, runs[i].checksum);
        failed += runs[i].failed;
    }
    for (int m = 0; m < MEASURES && runs != off; m++) {
        struct spread spread = spread_of(rows, seeds, (enum measure)m);

        tell_spread(report, runs, (enum measure)m, &spread);
        judge_measure(report, runs, (enum measure)m, &spread);
    }
    if (failed)
        sim_report_judge(report, "calls without an answer", (double)failed, 1,
                         0);
    free(rows);
}

static double median_count(uint64_t *counts, size_t count)
{
    double median;

    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k && counts[k] < counts[k - 1]; k--) {
            uint64_t kept = counts[k];

            counts[k] = counts[k - 1];
            counts[k - 1] = kept;
        }
    median = (double)(counts[(count - 1) / 2] + counts[count / 2]) / 2;
    return median;
}

void sim_report_weeks(struct sim_report *report, const struct sim_week *runs,
                      size_t seeds)
{
    uint64_t *opened = calloc(seeds, sizeof *opened);
    uint64_t all = 0;

    if (!opened)
        sim_fail("no memory");
    if (!report->json)
        (void)printf("\nbackground errors 2 %%, one call a second\nseed   "
                     "days    calls  errors failed  opened  a day  checksum\n");
    for (size_t i = 0; i < seeds; i++) {
        const struct sim_week *run = &runs[i];

        (void)printf(
            report->json
                ? "{\"experiment\":\"week\",\"seed\":%" PRIu64
                  ",\"days\":%.2f,\"calls\":%" PRIu64 ",\"errors\":%" PRIu64
                  ",\"failed\":%" PRIu64 ",\"false_opens\":%" PRIu64
                  ",\"false_opens_a_day\":%.3f,\"checksum\":\"%016" PRIx64
                  "\"}\n"
                : "%4" PRIu64 " %6.2f %8" PRIu64 " %7" PRIu64 " %6" PRIu64
                  " %7" PRIu64 " %6.3f  %016" PRIx64 "\n",
            run->seed, run->days, run->calls, run->errors, run->failed,
            run->opened, (double)run->opened / run->days,
            add_checksum(report, run->checksum));
        opened[i] = run->opened;
        all += run->opened;
    }
    if (!report->json)
        (void)printf("over seeds: %" PRIu64 " opened wrongly in all\n", all);
    sim_report_judge(report, "false opens in that time",
                     median_count(opened, seeds), 1, 0);
    free(opened);
}

void sim_report_outages(struct sim_report *report,
                        const struct sim_outage *runs, size_t seeds)
{
    uint64_t most = 0, slow_ns = 0;
    uint64_t *failed = calloc(seeds, sizeof *failed);
    char what[64];

    if (!failed)
        sim_fail("no memory");

    if (!report->json)
        (void)printf(
            "\noutage of three hours, a call every five minutes\n"
            "form     seed wrongly failures tried failed  back s  slow s  "
            "checksum\n");
    for (size_t i = 0; i < seeds; i++) {
        const struct sim_outage *run = &runs[i];

        (void)printf(
            report->json
                ? "{\"experiment\":\"outage\",\"form\":\"%s\",\"seed\":%" PRIu64
                  ",\"false_opens\":%" PRIu64 ",\"failures\":%" PRIu64
                  ",\"tried\":%" PRIu64 ",\"failed\":%" PRIu64
                  ",\"back_s\":%.1f,\"slow_s\":%.1f,\"checksum\":\"%016" PRIx64
                  "\"}\n"
                : "%-8s %4" PRIu64 " %7" PRIu64 " %8" PRIu64 " %5" PRIu64
                  " %6" PRIu64 " %7.1f %7.1f  %016" PRIx64 "\n",
            run->form, run->seed, run->wrongly, run->failures, run->tried,
            run->failed, (double)run->back_ns / 1e9, (double)run->slow_ns / 1e9,
            add_checksum(report, run->checksum));
        if (run->failures > most)
            most = run->failures;
        if (run->slow_ns > slow_ns)
            slow_ns = run->slow_ns;
        failed[i] = run->failed;
    }
    (void)snprintf(what, sizeof what, "%s: failures until it is open",
                   runs->form);
    sim_report_judge(report, what, (double)most, 1, FAILURES_ALLOWED);
    (void)snprintf(what, sizeof what, "%s: s that a call waits", runs->form);
    sim_report_judge(report, what, (double)slow_ns / 1e9, 1, SLOW_S);
    (void)snprintf(what, sizeof what, "%s: calls without an answer",
                   runs->form);
    sim_report_judge(report, what, median_count(failed, seeds), 1, 0);
    free(failed);
}

void sim_report_end(const struct sim_report *report)
{
    if (report->json)
        (void)printf("{\"missed\":%d,\"checksum\":\"%016" PRIx64 "\"}\n",
                     report->missed, report->checksum);
    else
        (void)printf("\n%d aims missed, checksum %016" PRIx64 "\n",
                     report->missed, report->checksum);
}
