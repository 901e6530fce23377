/*
 * sim/workload.c - what is asked of which models, and how their hosts do: read
 * from a file (workload_open.json), and the calls drawn that it describes.
 *
 * When calls are made does not depend on how they go, so that every policy
 * meets the same ones.
 */
#include "sim/workload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sim/draw.h"
#include "sim/world.h"

#define MOST_TURNS  60
#define MOST_PROMPT 60000

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!found)
        sim_fail(name);
    return found;
}

static double number(const cJSON *object, const char *name)
{
    const cJSON *found = member(object, name);

    if (!cJSON_IsNumber(found))
        sim_fail(name);
    return found->valuedouble;
}

static void text(const cJSON *value, char out[SIM_NAME])
{
    if (!cJSON_IsString(value) || strlen(value->valuestring) >= SIM_NAME)
        sim_fail("a name in the workload");
    (void)snprintf(out, SIM_NAME, "%s", value->valuestring);
}

static const cJSON *list(const cJSON *object, const char *name, int most)
{
    const cJSON *found = member(object, name);

    if (!cJSON_IsArray(found) || cJSON_GetArraySize(found) > most)
        sim_fail(name);
    return found;
}

static int host_of(const struct sim_workload *workload, const cJSON *object)
{
    const cJSON *name = member(object, "host");

    for (size_t i = 0; i < workload->host_count; i++)
        if (cJSON_IsString(name) &&
            strcmp(workload->hosts[i], name->valuestring) == 0)
            return (int)i;
    sim_fail("a host that is not listed");
    return -1;
}

static void read_place(const struct sim_workload *workload, const cJSON *from,
                       struct sim_place *place)
{
    place->host = host_of(workload, from);
    text(member(from, "name"), place->name);
    place->first_s = number(from, "first_s");
    place->sigma = number(from, "sigma");
    place->stragglers = number(from, "stragglers");
    place->longer = number(from, "longer");
    place->tokens_per_s = number(from, "tokens_per_s");
    place->errors = number(from, "errors");
    place->hit = number(from, "hit");
    place->ttl_s = number(from, "ttl_s");
}

static void read_model(const struct sim_workload *workload, const cJSON *from,
                       struct sim_model *model)
{
    const cJSON *sla = member(from, "sla");
    const cJSON *place;

    text(member(from, "model"), model->model);
    model->conversations_per_s = number(from, "conversations_per_s");
    model->turns = number(from, "turns");
    model->gap_s = number(from, "gap_s");
    model->system = number(from, "system");
    model->said = number(from, "said");
    model->answer = number(from, "answer");
    model->spread = number(from, "spread");
    model->first_ms = (uint32_t)number(sla, "first_ms");
    model->tokens_per_s = (uint32_t)number(sla, "tokens_per_s");
    cJSON_ArrayForEach(place, list(from, "hosts", SIM_PLACES))
        read_place(workload, place, &model->places[model->place_count++]);
}

static void read_trouble(const struct sim_workload *workload, const cJSON *from,
                         struct sim_trouble *trouble)
{
    char form[SIM_NAME];

    text(member(from, "form"), form);
    trouble->host = host_of(workload, from);
    trouble->from_h = number(from, "from_h");
    trouble->hours = number(from, "hours");
    if (strcmp(form, "refuses") != 0)
        trouble->times = number(from, "times");
}

static cJSON *load(const char *path)
{
    FILE *file = fopen(path, "rb");
    static char bytes[65536];
    size_t len;
    cJSON *tree;

    if (!file)
        sim_fail(path);
    len = fread(bytes, 1, sizeof bytes - 1, file);
    (void)fclose(file);
    bytes[len] = '\0';
    tree = cJSON_Parse(bytes);
    if (!tree)
        sim_fail("the workload is no JSON");
    return tree;
}

void sim_workload_read(struct sim_workload *workload, const char *path)
{
    cJSON *tree = load(path);
    const cJSON *one;

    memset(workload, 0, sizeof *workload);
    workload->begins_s = (int64_t)number(tree, "begins");
    workload->hours = number(tree, "hours");
    cJSON_ArrayForEach(one, list(tree, "hosts", SIM_HOSTS))
        text(one, workload->hosts[workload->host_count++]);
    cJSON_ArrayForEach(one, list(tree, "models", SIM_MODELS))
        read_model(workload, one, &workload->models[workload->model_count++]);
    cJSON_ArrayForEach(one, list(tree, "outages", SIM_OUTAGES)) read_trouble(
        workload, one, &workload->troubles[workload->trouble_count++]);
    cJSON_Delete(tree);
}

/* --- the calls --- */

struct turns {
    struct sim_turn *all;
    size_t count;
    size_t cap;
};

static void add(struct turns *turns, const struct sim_turn *turn)
{
    if (turns->count == turns->cap) {
        turns->cap = turns->cap ? 2 * turns->cap : 1024;
        turns->all = realloc(turns->all, turns->cap * sizeof *turns->all);
        if (!turns->all)
            sim_fail("no memory");
    }
    turns->all[turns->count++] = *turn;
}

static double lognormal(struct sim_draw *draw, double median, double sigma)
{
    return median * exp(sigma * sim_draw_normal(draw));
}

/** A message, and what it may at most be. */
static uint32_t tokens(struct sim_draw *draw, double median, double spread)
{
    double drawn = lognormal(draw, median, spread);

    return (uint32_t)(drawn < 8 * median ? drawn : 8 * median) + 1;
}

static void add_conversation(struct turns *turns, const struct sim_model *model,
                             struct sim_turn turn, struct sim_draw *draw,
                             uint64_t until_ns)
{
    turn.system = (uint32_t)model->system;
    turn.prompt = turn.system;
    for (turn.turn = 0; turn.turn < MOST_TURNS; turn.turn++) {
        turn.prompt += tokens(draw, model->said, model->spread);
        turn.answer = tokens(draw, model->answer, model->spread);
        if (turn.at_ns >= until_ns || turn.prompt > MOST_PROMPT)
            return;
        add(turns, &turn);
        turn.prompt += turn.answer;
        turn.at_ns += (uint64_t)(lognormal(draw, model->gap_s, 0.7) * 1e9);
        if (sim_draw_unit(draw) < 1 / model->turns)
            return;
    }
}

static int earlier(const void *a, const void *b)
{
    const struct sim_turn *one = a;
    const struct sim_turn *other = b;

    if (one->at_ns != other->at_ns)
        return one->at_ns < other->at_ns ? -1 : 1;
    return one->conversation < other->conversation ? -1 : 1;
}

struct sim_turn *sim_workload_turns(const struct sim_workload *workload,
                                    uint64_t seed, double hours, size_t *count)
{
    uint64_t until_ns = (uint64_t)(hours * 3600e9);
    struct turns turns = {0};
    struct sim_turn turn = {0};

    for (size_t m = 0; m < workload->model_count; m++) {
        const struct sim_model *model = &workload->models[m];
        struct sim_draw draw;
        uint64_t at_ns = 0;

        sim_draw_seed(&draw, seed, 100 + m);
        for (;;) {
            at_ns += sim_draw_gap_ns(&draw, model->conversations_per_s);
            if (at_ns >= until_ns)
                break;
            turn.at_ns = at_ns;
            turn.model = (uint8_t)m;
            add_conversation(&turns, model, turn, &draw, until_ns);
            turn.conversation++;
        }
    }
    qsort(turns.all, turns.count, sizeof *turns.all, earlier);
    *count = turns.count;
    return turns.all;
}
