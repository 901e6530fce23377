/*
 * sim/market_report.c - what policies have spent, beside each other.
 *
 * The best fixed choice is the host of each model that would have been the
 * cheapest, known only afterwards: the others stand behind it for when it
 * fails.
 */
#include "sim/market_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/world.h"

#define RUN(of, policy) (&(of)[(policy)-SIM_CHEAPEST])

enum figure {
    OFF_FIRST, /* saved against always-first */
    OFF_LIST,  /* against the cheapest by list price */
    OVER_BEST, /* spent beyond the best fixed choice */
    KEPT,      /* of the calls that some host could answer within limits */
    FIGURES
};

/** For every seed but the spread, which is of the median. */
static const struct aim {
    const char *what;
    int at_most; /* else at least */
    double bar;
} aims[FIGURES] = {
    {"saved against always-first", 0, 0.40},
    {"saved against cheapest by list price", 0, 0.10},
    {"spent over the best fixed choice", 1, 0.02},
    {"limits of speed kept where any host could", 0, 0.99},
};

static double best_of(const struct sim_market *runs, size_t model)
{
    double best = RUN(runs, 0)->spent[model];

    for (int k = 1; k < SIM_PLACES; k++)
        if (RUN(runs, k)->spent[model] < best)
            best = RUN(runs, k)->spent[model];
    return best;
}

static double best_of_all(const struct sim_market *runs)
{
    double best = 0;

    for (size_t m = 0; m < runs->workload->model_count; m++)
        best += best_of(runs, m);
    return best;
}

static double kept_by(const struct sim_market *run)
{
    uint64_t could = 0, met = 0;

    for (size_t m = 0; m < run->workload->model_count; m++) {
        could += run->could[m];
        met += run->met[m];
    }
    return could ? (double)met / (double)could : 1;
}

static void measure(const struct sim_market *runs, double out[FIGURES])
{
    const struct sim_market *run = RUN(runs, SIM_CHEAPEST);

    out[OFF_FIRST] =
        1 - run->spent_all / RUN(runs, SIM_ALWAYS_FIRST)->spent_all;
    out[OFF_LIST] = 1 - run->spent_all / RUN(runs, SIM_BY_LIST)->spent_all;
    out[OVER_BEST] = run->spent_all / best_of_all(runs) - 1;
    out[KEPT] = kept_by(run);
}

static void tell_model(const struct sim_report *report,
                       const struct sim_market *runs, size_t m)
{
    const struct sim_market *run = RUN(runs, SIM_CHEAPEST);
    const struct sim_model *model = &run->workload->models[m];

    (void)printf(
        report->json
            ? "{\"experiment\":\"market\",\"seed\":%" PRIu64
              ",\"model\":\"%s\",\"first_usd\":%.6f,\"list_usd\":%.6f,"
              "\"best_usd\":%.6f,\"cheapest_usd\":%.6f,\"could\":%" PRIu64
              ",\"met\":%" PRIu64 ",\"asked\":["
            : "  seed %2" PRIu64 " %-24s first %9.4f  list %9.4f  best fixed "
              "%9.4f  cheapest %9.4f  within limits %6" PRIu64 " of %6" PRIu64
              "  asked",
        run->seed, model->model, RUN(runs, 0)->spent[m],
        RUN(runs, SIM_BY_LIST)->spent[m], best_of(runs, m), run->spent[m],
        report->json ? run->could[m] : run->met[m],
        report->json ? run->met[m] : run->could[m]);
    for (size_t i = 0; i < model->place_count; i++)
        (void)printf(report->json ? "%s%" PRIu64 : "%s %" PRIu64,
                     report->json && i ? "," : "", run->asked[m][i]);
    (void)printf(report->json ? "]}\n" : "\n");
}

static void tell_seed(const struct sim_report *report,
                      const struct sim_market *runs, const double *figures)
{
    const struct sim_market *run = RUN(runs, SIM_CHEAPEST);

    (void)printf(
        report->json
            ? "{\"experiment\":\"market\",\"seed\":%" PRIu64
              ",\"calls\":%zu,\"first_usd\":%.6f,\"list_usd\":%.6f,"
              "\"best_usd\":%.6f,\"cheapest_usd\":%.6f,\"off_first\":%.4f,"
              "\"off_list\":%.4f,\"over_best\":%.4f,\"kept\":%.5f,"
              "\"kept_first\":%.5f,\"kept_list\":%.5f,"
              "\"failed\":%" PRIu64 ",\"checksum\":\"%016" PRIx64 "\"}\n"
            : "%4" PRIu64 " %6zu %9.4f %9.4f %9.4f %9.4f  %6.3f %6.3f %7.4f  "
              "%7.5f %7.5f %7.5f %6" PRIu64 "  %016" PRIx64 "\n",
        run->seed, run->turn_count, RUN(runs, 0)->spent_all,
        RUN(runs, SIM_BY_LIST)->spent_all, best_of_all(runs), run->spent_all,
        figures[OFF_FIRST], figures[OFF_LIST], figures[OVER_BEST],
        figures[KEPT], kept_by(RUN(runs, 0)), kept_by(RUN(runs, SIM_BY_LIST)),
        run->failed, run->checksum);
}

/** An aim is for every seed: the worst of them. */
static void judge(struct sim_report *report, double (*figures)[FIGURES],
                  size_t seeds, int figure)
{
    double worst = figures[0][figure];

    for (size_t i = 1; i < seeds; i++)
        if (aims[figure].at_most ? figures[i][figure] > worst
                                 : figures[i][figure] < worst)
            worst = figures[i][figure];
    sim_report_judge(report, aims[figure].what, worst, aims[figure].at_most,
                     aims[figure].bar);
}

static void tell_runs(struct sim_report *report,
                      const struct sim_market (*runs)[SIM_MARKETS],
                      double (*figures)[FIGURES], size_t seeds)
{
    if (!report->json)
        (void)printf("\nopen-weight models at the manifest's prices, USD; aims "
                     "are of the worst seed\nseed  calls     first      list "
                     "best fixed  cheapest  off 1st off lst over best  within "
                     "(first) (list)  failed  checksum\n");
    for (size_t i = 0; i < seeds; i++) {
        measure(runs[i], figures[i]);
        tell_seed(report, runs[i], figures[i]);
        report->checksum =
            (report->checksum ^ runs[i][0].checksum) * UINT64_C(0x100000001b3);
    }
    for (size_t i = 0; i < (report->json ? seeds : 1); i++)
        for (size_t m = 0; m < runs[0]->workload->model_count; m++)
            tell_model(report, runs[i], m);
}

void sim_report_markets(struct sim_report *report,
                        const struct sim_market (*runs)[SIM_MARKETS],
                        size_t seeds)
{
    double(*figures)[FIGURES] = calloc(seeds, sizeof *figures);
    uint64_t unpriced = 0, failed = 0;

    if (!figures)
        sim_fail("no memory");
    tell_runs(report, runs, figures, seeds);
    for (int figure = 0; figure < FIGURES; figure++)
        judge(report, figures, seeds, figure);
    for (size_t i = 0; i < seeds; i++) {
        for (int k = 0; k < SIM_MARKETS; k++)
            unpriced += runs[i][k].unpriced;
        failed += runs[i][0].failed;
    }
    sim_report_judge(report, "entries without a price", (double)unpriced, 1, 0);
    sim_report_judge(report, "calls without an answer", (double)failed, 1, 0);
    free(figures);
}
