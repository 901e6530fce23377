/*
 * llmgw-faults - the failover examination, on every wire.
 *
 *     llmgw-faults [--wire W] [--mode blocking|loop]
 *                  [--content text|tool|reasoning] [--scenario S08]
 *                  [--policy restart|continue|error] [--json]
 *                  [--set "name=value;…"] [--fast]
 *
 * Without an option all of a kind; --fast takes one cell of three, so that each
 * value of each kind is met. --set gives settings of the route ("/name":
 * beside the routes), so that it can be seen what they are for. Prints a
 * scorecard, with --json a row a cell. Exits with 1 unless all pass: under the
 * policy `error` a stream that breaks may end with a clean error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"

const char *settings_given = "";

struct choice {
    const char *wire, *mode, *content, *policy, *scenario;
    int json, fast;
};

struct card {
    size_t counts[RESULTS];
    size_t bad;
};

static const char *const mode_names[] = {"blocking", "loop"};
static const char *const content_names[] = {"text", "tool", "reasoning"};
static const char *const policy_names[] = {"restart", "continue", "error"};
static const char *const result_names[] = {"n/a", "pass", "partial", "safe",
                                           "fail"};

static int read_options(int argc, char **argv, struct choice *choice);
static void run_rows(const struct row *rows, size_t count,
                     const struct choice *choice, struct card *all);
static void run_cells(const struct row *row, const struct choice *choice,
                      struct card *card);
static void run_cell(const struct cell *cell, const struct choice *choice,
                     struct card *card);
static int good(const struct cell *cell, enum result result);
static void tell(const struct cell *cell, const struct choice *choice,
                 const struct verdict *verdict);
static void print_json(const char *text);
static int fits(const char *wanted, const char *name);

int main(int argc, char **argv)
{
    struct choice choice = {0};
    struct card all = {{0}, 0};
    size_t cells = 0;

    if (!read_options(argc, argv, &choice)) {
        (void)fprintf(stderr, "usage: llmgw-faults [--wire W] [--mode M] "
                              "[--content C] [--policy P] [--scenario S] "
                              "[--set \"name=value;…\"] [--json] "
                              "[--fast]\n");
        return 2;
    }
    run_rows(fault_rows, fault_row_count, &choice, &all);
    run_rows(beyond_rows, beyond_row_count, &choice, &all);
    for (size_t i = 0; i < RESULTS; i++)
        cells += all.counts[i];
    if (!choice.json)
        printf("%zu cells: %zu pass, %zu partial, %zu safe, %zu fail, "
               "%zu n/a; %zu not as they should be\n",
               cells, all.counts[PASS], all.counts[PARTIAL], all.counts[SAFE],
               all.counts[FAIL], all.counts[NOT_APPLICABLE], all.bad);
    return all.bad > 0 || cells == 0;
}

static int read_options(int argc, char **argv, struct choice *choice)
{
    struct {
        const char *name, **value;
    } known[] = {
        {"--wire", &choice->wire},       {"--mode", &choice->mode},
        {"--content", &choice->content}, {"--policy", &choice->policy},
        {"--set", &settings_given},      {"--scenario", &choice->scenario},
    };

    for (int i = 1; i < argc; i++) {
        size_t k = 0;

        choice->json |= strcmp(argv[i], "--json") == 0;
        choice->fast |= strcmp(argv[i], "--fast") == 0;
        if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--fast") == 0)
            continue;
        while (k < sizeof known / sizeof *known &&
               strcmp(argv[i], known[k].name) != 0)
            k++;
        if (k == sizeof known / sizeof *known || i + 1 == argc)
            return 0;
        *known[k].value = argv[++i];
    }
    return 1;
}

static void run_rows(const struct row *rows, size_t count,
                     const struct choice *choice, struct card *all)
{
    for (size_t i = 0; i < count; i++) {
        struct card card = {{0}, 0};

        if (!fits(choice->scenario, rows[i].id))
            continue;
        run_cells(&rows[i], choice, &card);
        if (!choice->json)
            printf("%s %-48s", rows[i].id, rows[i].title);
        for (size_t k = 0; k < RESULTS; k++) {
            if (!choice->json && card.counts[k])
                printf(" %s %zu", result_names[k], card.counts[k]);
            all->counts[k] += card.counts[k];
        }
        if (!choice->json)
            printf("\n");
        (void)fflush(stdout);
        all->bad += card.bad;
    }
}

static void run_cells(const struct row *row, const struct choice *choice,
                      struct card *card)
{
    struct cell cell = {.row = row};

    for (size_t w = 0; w < wire_count; w++)
        for (int i = 0; i < MODES * CONTENTS * POLICIES; i++) {
            cell.wire = &wires[w];
            cell.mode = (enum mode)(i % MODES);
            cell.content = (enum content)(i / MODES % CONTENTS);
            cell.policy = (enum policy)(i / MODES / CONTENTS);
            if (choice->fast &&
                ((int)cell.content + (int)cell.policy + (int)cell.mode) % 3)
                continue;
            if (fits(choice->wire, cell.wire->name) &&
                fits(choice->mode, mode_names[cell.mode]) &&
                fits(choice->content, content_names[cell.content]) &&
                fits(choice->policy, policy_names[cell.policy]))
                run_cell(&cell, choice, card);
        }
}

static void run_cell(const struct cell *cell, const struct choice *choice,
                     struct card *card)
{
    struct verdict verdict = {NOT_APPLICABLE, "", 0, 0};
    const char *unfit = cell->row->unfit ? cell->row->unfit(cell) : NULL;

    if (unfit)
        (void)snprintf(verdict.why, sizeof verdict.why, "%s", unfit);
    else
        (cell->row->run ? cell->row->run : run_row)(cell, &verdict);
    card->counts[verdict.result]++;
    card->bad += !good(cell, verdict.result);
    if (choice->json || !good(cell, verdict.result))
        tell(cell, choice, &verdict);
}

static int good(const struct cell *cell, enum result result)
{
    return result == PASS || result == NOT_APPLICABLE ||
           (result == SAFE && cell->row->may_be_safe && cell->policy == ERROR);
}

static void tell(const struct cell *cell, const struct choice *choice,
                 const struct verdict *verdict)
{
    if (!choice->json) {
        printf("  %s %s %s %s %s: %s (%zu attempts, %llu ms): %s\n",
               cell->row->id, cell->wire->name, mode_names[cell->mode],
               content_names[cell->content], policy_names[cell->policy],
               result_names[verdict->result], verdict->attempts,
               (unsigned long long)verdict->ms, verdict->why);
        return;
    }
    printf("{\"scenario\":\"%s\",\"wire\":\"%s\",\"mode\":\"%s\","
           "\"content\":\"%s\",\"policy\":\"%s\",\"result\":\"%s\","
           "\"attempts\":%zu,\"ms\":%llu,\"why\":",
           cell->row->id, cell->wire->name, mode_names[cell->mode],
           content_names[cell->content], policy_names[cell->policy],
           result_names[verdict->result], verdict->attempts,
           (unsigned long long)verdict->ms);
    print_json(verdict->why);
    printf("}\n");
}

static void print_json(const char *text)
{
    (void)putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            (void)putchar('\\');
        (void)putchar((unsigned char)*text < ' ' ? ' ' : *text);
    }
    (void)putchar('"');
}

static int fits(const char *wanted, const char *name)
{
    return !wanted || strcmp(wanted, name) == 0;
}
