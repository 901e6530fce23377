/*
 * sim/workload.h - what is asked of which models, and how their hosts do.
 */
#ifndef LLMGW_SIM_WORKLOAD_H
#define LLMGW_SIM_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

enum {
    SIM_HOSTS = 12,
    SIM_MODELS = 8,
    SIM_PLACES = 4,
    SIM_OUTAGES = 4,
    SIM_NAME = 64
};

/** A model at one of its hosts. */
struct sim_place {
    int host; /* number of it */
    char name[SIM_NAME];
    double first_s;
    double sigma;
    double stragglers;
    double longer;
    double tokens_per_s;
    double errors;
    double hit;
    double ttl_s;
};

struct sim_model {
    char model[SIM_NAME];
    double conversations_per_s;
    double turns; /* in the mean */
    double gap_s; /* median, from one turn to the next */
    double system;
    double said;   /* tokens of a message, median */
    double answer; /* likewise */
    double spread; /* sigma of both */
    uint32_t first_ms;
    uint32_t tokens_per_s;
    struct sim_place places[SIM_PLACES];
    size_t place_count;
};

struct sim_trouble {
    int host;
    double from_h;
    double hours;
    double times; /* as slow; 0: it refuses all */
};

struct sim_workload {
    int64_t begins_s; /* since 1970 */
    double hours;
    char hosts[SIM_HOSTS][SIM_NAME];
    size_t host_count;
    struct sim_model models[SIM_MODELS];
    size_t model_count;
    struct sim_trouble troubles[SIM_OUTAGES];
    size_t trouble_count;
};

/** Ends the program when it cannot be read. */
void sim_workload_read(struct sim_workload *workload, const char *path);

/** A call that is to be made. */
struct sim_turn {
    uint64_t at_ns;
    uint32_t conversation;
    uint32_t turn;   /* of it */
    uint32_t system; /* tokens that all of its model begin with */
    uint32_t prompt;
    uint32_t answer;
    uint8_t model;
};

/** All turns of a seed in the order of time, made with calloc. */
struct sim_turn *sim_workload_turns(const struct sim_workload *workload,
                                    uint64_t seed, double hours, size_t *count);

#endif
