/*
 * tools/wire_golden.h - one worked example, and the steps of its check.
 */
#ifndef LLMGW_TEST_WIRE_GOLDEN_H
#define LLMGW_TEST_WIRE_GOLDEN_H

#include "provider/provider.h"
#include "wire_tool.h"

struct wire_golden {
    const cJSON *top;
    const cJSON *part;                /* the case; NULL: the top is all */
    const cJSON *hops[WIRE_MAX_HOPS]; /* of a sequence */
    size_t hop_count;                 /* 0: no sequence, one exchange */
    struct wire_report *report;
};

/* --- wire_golden.c --- */

const cJSON *wire_member(const cJSON *object, const char *name);
/** A member of the case, or else of the top. */
const cJSON *wire_golden_member(const struct wire_golden *golden,
                                const char *name);
/** A member of the hop, or else of the case or the top. */
const cJSON *wire_hop_member(const struct wire_golden *golden, size_t hop,
                             const char *name);

/** What it asks for: with inputs, embeddings. */
enum wire_endpoint wire_golden_endpoint(const struct wire_golden *golden);

/* --- wire_case.c: one call --- */

void wire_golden_check(const struct wire_golden *golden);
/** Compare an error with what is expected of it. */
void wire_compare_error(struct wire_report *report, const char *path,
                        const cJSON *expected, const cJSON *got);

/* --- wire_answer.c: what the provider says, and how it is cut --- */

/** The provider's answers, one a hop; texts are freed with them. */
struct wire_answers {
    struct wire_answer list[WIRE_MAX_HOPS];
    char *bodies[WIRE_MAX_HOPS];
    size_t count;
    size_t *entries; /* where the entries of the first one's bytes end */
    size_t entry_count;
};
void wire_answers_init(struct wire_answers *answers,
                       const struct wire_golden *golden);
void wire_answers_clear(struct wire_answers *answers);
/** Run it with the bytes cut in every other way; each must give the same. */
void wire_check_cuts(const struct wire_golden *golden,
                     struct wire_script *script,
                     const struct wire_answers *answers,
                     const struct wire_result *whole);

/* --- wire_outcome.c: what the host gets --- */

void wire_check_requests(const struct wire_golden *golden,
                         const struct wire_result *result);
void wire_check_outcome(const struct wire_golden *golden,
                        const struct wire_result *result);
void wire_check_books(const struct wire_golden *golden,
                      const struct wire_result *result);

/* --- wire_replay.c: the message handed out, submitted again --- */

void wire_check_replay(const struct wire_golden *golden,
                       const struct wire_script *script,
                       const struct wire_result *result);

/* --- wire_vectors.c: what is signed --- */

void wire_check_vectors(const cJSON *vectors, struct wire_report *report);

/* --- wire_classify.c: an error alone --- */

void wire_check_error(const cJSON *top, struct wire_report *report);

#endif
