/*
 * sim/world.h - a gateway in a world of its own: clock, randomness and HTTP
 * are the simulation's. Nothing sleeps, no socket is opened: the clock jumps
 * to whatever comes next, an event of the simulation or a timer of the loop.
 */
#ifndef LLMGW_SIM_WORLD_H
#define LLMGW_SIM_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/llmgw.h>

#include "sim/draw.h"

#define SIM_SECOND UINT64_C(1000000000)
#define SIM_DAY    (86400 * SIM_SECOND)
#define SIM_NEVER  UINT64_MAX
#define SIM_FREE   UINT64_MAX /* no call: a list of models is asked for */

/** What a call costs, in millionths of one that is answered at once and
 *  whole: its prompt is paid by every attempt when it is sent, the answer by
 *  how much of it was made until the end or a cancel. */
#define SIM_COST_OF_CALL UINT64_C(1000000)

struct sim_world;

/** Happens once, at its time. Lives inside what it is of; zero it first. */
struct sim_event {
    uint64_t due_ns;
    uint64_t number; /* of two at one time, the one that was set first */
    size_t slot;     /* place in the heap + 1; 0: not set */
    void (*happen)(struct sim_event *event, struct sim_world *world);
};

enum sim_target {
    SIM_PRIMARY,
    SIM_TWIN,
    SIM_TARGETS = 16 /* at most; others by sim_rules.hosts */
};

/** How an attempt is answered. */
struct sim_plan {
    uint64_t first_ns; /* to its head and first content; SIM_NEVER: silence */
    uint64_t made_ns;  /* how long the answer is made after that */
    int32_t status;    /* of HTTP; 0: the connection breaks instead */
    int32_t code;      /* of 0: libcurl's number for why */
    struct sim_tokens {
        int64_t prompt; /* 0: 10, and an answer of 2 */
        int64_t cached; /* of the prompt */
        int64_t answer;
    } tokens; /* that it counts */
};

/** What an experiment does. */
struct sim_rules {
    void *of;
    /** Say how an attempt of a call is answered. */
    void (*plan)(void *of, uint64_t call, enum sim_target target,
                 struct sim_plan *plan);
    /** A call has ended; it is freed afterwards. */
    void (*ended)(void *of, uint64_t number, const llmgw_call *call);
    /** The loop has had a turn. NULL: not told */
    void (*turned)(void *of);
    const char *const *hosts; /* names before ".test", up to NULL; NULL:
                                 primary and twin */
    int64_t epoch_ns;         /* wall clock at the start; 0: whenever */
};

/** What was done at a target. */
struct sim_tally {
    uint64_t sent;
    uint64_t over; /* of those: ended, or cancelled */
};

struct sim_world {
    uint64_t now_ns;
    struct sim_event **heap;
    size_t count;
    size_t cap;
    uint64_t numbers; /* of events */
    struct sim_draw luck;
    const struct sim_rules *rules;
    uint64_t input_share; /* of SIM_COST_OF_CALL */
    uint64_t spent;
    struct sim_tally tally[SIM_TARGETS];
    uint64_t checksum; /* of all that was decided, and when */
    llmgw_gateway *gateway;
    llmgw_loop *loop;
};

/** @param config  single quotes stand for double ones; its providers are
 *                 "primary" and "twin", their base_url is SIM_URL(name) */
void sim_world_open(struct sim_world *world, const char *config, uint64_t seed,
                    const struct sim_rules *rules);
void sim_world_close(struct sim_world *world);
void sim_world_set(struct sim_world *world, struct sim_event *event,
                   uint64_t due_ns);
/** Ask the route "smart". */
void sim_world_ask(struct sim_world *world, uint64_t number);
/** @param request  has "#NUMBER" in its first 512 bytes; taken over */
void sim_world_send(struct sim_world *world, uint64_t number,
                    llmgw_request *request);
/** Until nothing is left to happen. */
void sim_world_run(struct sim_world *world);
/** How often the breaker of a target has opened. */
uint64_t sim_world_opened(struct sim_world *world, enum sim_target target);
/** Put a word into the checksum. */
void sim_world_note(struct sim_world *world, uint64_t word);
/** Say why and end the program. */
void sim_fail(const char *what);

#define SIM_PROVIDERS                                                  \
    "'environment':false,'ledger':{'max_entries':100},'providers':{"   \
    "'primary':{'type':'openai','base_url':'https://primary.test/v1'," \
    "'api_key':'k1'},'twin':{'type':'openai','base_url':"              \
    "'https://twin.test/v1','api_key':'k2'}}"
#define SIM_TARGET_NAMES "'targets':['primary/m','twin/m']"

#endif
