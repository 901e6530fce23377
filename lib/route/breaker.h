/*
 * route/breaker.h - is a target healthy enough to be asked?
 *
 * A breaker per target id, known over reloads. Closed, it counts failures;
 * open, its target is not asked; half-open, one call is let through as a
 * probe. Every answer is told by the pass that its attempt was let through
 * with: what an older epoch says changes nothing.
 */
#ifndef LLMGW_ROUTE_BREAKER_H
#define LLMGW_ROUTE_BREAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/map.h"
#include "base/random.h"
#include "base/sync.h"
#include "base/text.h"
#include "catalog/catalog.h"

struct llmgw__breakers {
    struct llmgw__mutex lock;
    struct llmgw__map states; /* by target id */
    struct llmgw__map owners; /* by provider name */
    uint64_t epoch;           /* the latest of any state */
    atomic_bool news;         /* some have not been told to others */
    bool deaf;                /* nothing opens by itself */
    const struct llmgw__random *random;
};

llmgw_status llmgw__breakers_init(struct llmgw__breakers *breakers,
                                  const struct llmgw__random *random);
void llmgw__breakers_clear(struct llmgw__breakers *breakers);

enum llmgw__breaker_word {
    LLMGW__BREAKER_CLOSED,
    LLMGW__BREAKER_PROBE, /* half-open, and nobody probes yet */
    LLMGW__BREAKER_OPEN   /* or half-open, and somebody does */
};

/** How a target stands, without asking for anything. */
struct llmgw__breaker_look {
    enum llmgw__breaker_word word;
    uint64_t due_ns; /* of OPEN: when it may be asked */
    bool suspect;    /* closed, but its provider is suspect */
    bool shaky;      /* closed, but its latest outcome was a failure */
};
void llmgw__breaker_look(struct llmgw__breakers *breakers,
                         const struct llmgw__target *target, uint64_t now_ns,
                         struct llmgw__breaker_look *out);

/** What an attempt was let through with. */
struct llmgw__breaker_pass {
    uint64_t epoch; /* 0: none */
    bool probe;     /* it holds the lease of the half-open breaker */
};

/**
 * Ask to be let through. PROBE: the lease is this attempt's, until told or
 * until it expires (then another may have it).
 *
 * @param anyway  through an open one too: nobody else is left. The first such
 *                is its probe, others beside it are as of a CLOSED one; not
 *                where the host has set it open
 * @param pass    filled unless OPEN
 */
enum llmgw__breaker_word
llmgw__breaker_pass(struct llmgw__breakers *breakers,
                    const struct llmgw__breaker_setting *setting,
                    const struct llmgw__target *target, bool anyway,
                    uint64_t now_ns, struct llmgw__breaker_pass *pass);

enum llmgw__outcome {
    LLMGW__OUTCOME_GOOD,        /* it answers: first content, or whole */
    LLMGW__OUTCOME_FAILED,      /* it answers, and badly */
    LLMGW__OUTCOME_UNREACHABLE, /* DNS, connect, TLS, silence */
    LLMGW__OUTCOME_NONE, /* says nothing of it: cancelled, a hedge's loser, the
                            caller's mistake, a limit */
    LLMGW__OUTCOME_LOST  /* a probe whose shadow was faster, nothing heard of
                            it: open for a further period, or all calls would
                            probe one that is silent. Others: as NONE */
};
/** In the order in which attempts end. Once for each pass. */
void llmgw__breaker_tell(struct llmgw__breakers *breakers,
                         const struct llmgw__breaker_setting *setting,
                         const struct llmgw__target *target,
                         const struct llmgw__breaker_pass *pass,
                         enum llmgw__outcome outcome, uint64_t now_ns);

/**
 * A free probe (list of models, never billed) is worth its while: the breaker
 * is open for failures of reachability, and none was made for a while. The
 * lease of it is the caller's.
 */
bool llmgw__breaker_wants_free_probe(struct llmgw__breakers *breakers,
                                     const struct llmgw__breaker_setting *s,
                                     const struct llmgw__target *target,
                                     uint64_t now_ns);
/** How it went; reached: the next call may probe at once. */
void llmgw__breaker_free_probe(struct llmgw__breakers *breakers,
                               const struct llmgw__target *target, bool reached,
                               uint64_t now_ns);

/** For the host: how a target stands, and to set it. */
struct llmgw__breaker_told {
    enum llmgw__breaker_word word;
    bool half_open;      /* PROBE, or OPEN because somebody probes */
    bool forced;         /* by the host */
    uint32_t failures;   /* in a row */
    uint32_t opened;     /* times in all */
    uint64_t due_ns;     /* of OPEN */
    uint64_t changed_ns; /* when its state changed last; 0: never */
};
/** @return false: nothing is known of it, *out is that of a new one */
bool llmgw__breaker_read(struct llmgw__breakers *breakers, llmgw_str target_id,
                         uint64_t now_ns, struct llmgw__breaker_told *out);
/** Ids of all targets of which something is known, a NUL after each. */
llmgw_status llmgw__breakers_list(struct llmgw__breakers *breakers,
                                  struct llmgw__buf *out);
enum llmgw__breaker_force {
    LLMGW__FORCE_NONE,  /* by itself again, closed and with no evidence */
    LLMGW__FORCE_OPEN,  /* not asked until told otherwise */
    LLMGW__FORCE_CLOSED /* asked whatever happens */
};
llmgw_status llmgw__breaker_force(struct llmgw__breakers *breakers,
                                  llmgw_str target_id,
                                  enum llmgw__breaker_force force,
                                  uint64_t now_ns);

#endif
