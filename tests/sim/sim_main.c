/*
 * llmgw-sim: what hedges gain and cost, when breakers open; by the library
 * itself, in a world with a clock of its own (sim/world.h).
 *
 *     llmgw-sim [--seeds N] [--calls N] [--days D] [--preset P]
 *               [--correlation C] [--mix M] [--workload FILE] [--hours H]
 *               [--part hedging,week,outage,market] [--json]
 *
 * Unless told otherwise: 20 seeds, 100,000 calls each; presets p95, tail and
 * shadow beside off; correlations 0 and 0.3 of primary and twin; the reference
 * mix (sim/mix.c has all of them; "all"); a week; all parts. The same
 * arguments give the same bytes. Exits with 1 if an aim is missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/market_report.h"
#include "sim/report.h"
#include "sim/world.h"

struct asked {
    size_t seeds;
    uint64_t calls;
    double days;
    const char *preset;      /* NULL: all */
    const char *correlation; /* NULL: both */
    const char *mix;
    const char *part; /* NULL: all */
    const char *workload;
    double hours; /* of it; 0: as it says */
};

static const char *const presets[] = {"p95", "tail", "shadow"};
static const double correlations[] = {0, 0.3};

static void *rows(size_t count, size_t size)
{
    void *made = calloc(count, size);

    if (!made)
        sim_fail("no memory");
    return made;
}

static struct sim_hedging *run_preset(const struct asked *asked,
                                      const struct sim_mix *mix,
                                      double correlation, const char *preset)
{
    struct sim_hedging *runs = rows(asked->seeds, sizeof *runs);

    for (size_t i = 0; i < asked->seeds; i++) {
        runs[i].mix = mix;
        runs[i].correlation = correlation;
        runs[i].preset = preset;
        runs[i].seed = i + 1;
        runs[i].calls = asked->calls;
        sim_hedging_run(&runs[i]);
    }
    return runs;
}

static void run_correlation(const struct asked *asked,
                            struct sim_report *report,
                            const struct sim_mix *mix, double correlation)
{
    struct sim_hedging *off = run_preset(asked, mix, correlation, "off");

    sim_report_hedging(report, off, off, asked->seeds);
    for (size_t p = 0; p < sizeof presets / sizeof *presets; p++) {
        struct sim_hedging *runs;

        if (asked->preset && strcmp(asked->preset, presets[p]) != 0)
            continue;
        runs = run_preset(asked, mix, correlation, presets[p]);
        sim_report_hedging(report, runs, off, asked->seeds);
        free(runs);
    }
    free(off);
}

static void run_hedging(const struct asked *asked, struct sim_report *report,
                        const struct sim_mix *mix)
{
    if (!report->json)
        printf("\nmix %s: time to first content lognormal, median %g s, sigma "
               "%g, %g %% stragglers x %g; answer made in %g s; input %g %% "
               "of a call's cost; %g calls a second\n",
               mix->name, mix->median_s, mix->sigma, 100 * mix->stragglers,
               mix->longer, mix->made_s, 100 * mix->input_share,
               mix->per_second);
    if (asked->correlation) {
        run_correlation(asked, report, mix, strtod(asked->correlation, NULL));
        return;
    }
    for (size_t i = 0; i < sizeof correlations / sizeof *correlations; i++)
        run_correlation(asked, report, mix, correlations[i]);
}

static void run_mixes(const struct asked *asked, struct sim_report *report)
{
    const struct sim_mix *mix = sim_mix_find(asked->mix);

    if (mix) {
        run_hedging(asked, report, mix);
        return;
    }
    if (strcmp(asked->mix, "all") != 0)
        sim_fail("no such mix");
    for (unsigned i = 0; (mix = sim_mix_at(i)) != NULL; i++)
        run_hedging(asked, report, mix);
}

static void run_weeks(const struct asked *asked, struct sim_report *report)
{
    struct sim_week *runs = rows(asked->seeds, sizeof *runs);

    for (size_t i = 0; i < asked->seeds; i++) {
        runs[i].seed = i + 1;
        runs[i].days = asked->days;
        sim_week_run(&runs[i]);
    }
    sim_report_weeks(report, runs, asked->seeds);
    free(runs);
}

static void run_outages(const struct asked *asked, struct sim_report *report)
{
    struct sim_outage *runs = rows(asked->seeds, sizeof *runs);
    const char *form;

    for (unsigned f = 0; (form = sim_outage_form(f)) != NULL; f++) {
        memset(runs, 0, asked->seeds * sizeof *runs);
        for (size_t i = 0; i < asked->seeds; i++) {
            runs[i].seed = i + 1;
            runs[i].form = form;
            sim_outage_run(&runs[i]);
        }
        sim_report_outages(report, runs, asked->seeds);
    }
    free(runs);
}

/** The policy, each model's host first in turn, by the price list. */
static void run_market(const struct asked *asked,
                       const struct sim_workload *workload, uint64_t seed,
                       struct sim_market runs[SIM_MARKETS])
{
    size_t count;
    struct sim_turn *turns = sim_workload_turns(
        workload, seed, asked->hours > 0 ? asked->hours : workload->hours,
        &count);

    for (int i = 0; i < SIM_MARKETS; i++) {
        memset(&runs[i], 0, sizeof runs[i]);
        runs[i].workload = workload;
        runs[i].turns = turns;
        runs[i].turn_count = count;
        runs[i].seed = seed;
        runs[i].policy = SIM_CHEAPEST + i;
        sim_market_run(&runs[i]);
        runs[i].turns = NULL;
    }
    free(turns);
}

static void run_markets(const struct asked *asked, struct sim_report *report)
{
    struct sim_workload workload;
    struct sim_market(*runs)[SIM_MARKETS] = rows(asked->seeds, sizeof *runs);

    sim_workload_read(&workload, asked->workload);
    for (size_t i = 0; i < asked->seeds; i++)
        run_market(asked, &workload, i + 1, runs[i]);
    sim_report_markets(report, (const struct sim_market(*)[SIM_MARKETS])runs,
                       asked->seeds);
    free(runs);
}

static int wanted(const struct asked *asked, const char *part)
{
    return !asked->part || strstr(asked->part, part) != NULL;
}

/** @return the value of an option at argv[*at], NULL: it is another one */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
    if (strcmp(argv[*at], name) != 0 || *at + 1 >= argc)
        return NULL;
    return argv[++*at];
}

static void read_options(struct asked *asked, int *json, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value;

        if (strcmp(argv[i], "--json") == 0)
            *json = 1;
        else if ((value = value_of("--seeds", argc, argv, &i)) != NULL)
            asked->seeds = strtoul(value, NULL, 10);
        else if ((value = value_of("--calls", argc, argv, &i)) != NULL)
            asked->calls = strtoul(value, NULL, 10);
        else if ((value = value_of("--days", argc, argv, &i)) != NULL)
            asked->days = strtod(value, NULL);
        else if ((value = value_of("--preset", argc, argv, &i)) != NULL)
            asked->preset = value;
        else if ((value = value_of("--correlation", argc, argv, &i)) != NULL)
            asked->correlation = value;
        else if ((value = value_of("--mix", argc, argv, &i)) != NULL)
            asked->mix = value;
        else if ((value = value_of("--part", argc, argv, &i)) != NULL)
            asked->part = value;
        else if ((value = value_of("--workload", argc, argv, &i)) != NULL)
            asked->workload = value;
        else if ((value = value_of("--hours", argc, argv, &i)) != NULL)
            asked->hours = strtod(value, NULL);
        else
            sim_fail("an option that is not known; see tests/sim/sim_main.c");
    }
    if (!asked->seeds || !asked->calls || !(asked->days > 0))
        sim_fail("nothing to do");
}

int main(int argc, char **argv)
{
    struct asked asked = {20,   100000,       7, NULL, NULL, "reference",
                          NULL, SIM_WORKLOAD, 0};
    struct sim_report report = {0};

    read_options(&asked, &report.json, argc, argv);
    if (wanted(&asked, "hedging"))
        run_mixes(&asked, &report);
    if (wanted(&asked, "week"))
        run_weeks(&asked, &report);
    if (wanted(&asked, "outage"))
        run_outages(&asked, &report);
    if (wanted(&asked, "market"))
        run_markets(&asked, &report);
    sim_report_end(&report);
    return report.missed ? 1 : 0;
}
