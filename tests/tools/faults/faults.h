/*
 * faults/faults.h - what the files of llmgw-faults share.
 *
 *   faults_main.c    which cells, and the scorecard
 *   faults_stage.c   two fakes and a gateway over them, in virtual time
 *   faults_ask.c     one call, and what was handed over
 *   faults_judge.c   is that the whole answer, and well got?
 *   faults_table.c   the sixteen: what goes wrong, and what is right then
 *   faults_outage.c  S15
 *   faults_beyond.c  and others: X01 to X14
 *   faults_ways.c    of these, more than a script of the first fake
 *   faults_ends.c    and those whose right end is no answer
 */
#ifndef LLMGW_FAULTS_H
#define LLMGW_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/llmgw.h>

#include "support/fake_provider.h"

enum mode {
    BLOCKING,
    LOOP,
    MODES
};

enum content {
    TEXT,
    TOOL,
    REASONING,
    CONTENTS
};

enum policy {
    RESTART,
    CONTINUE,
    ERROR,
    POLICIES
};

/** From best to worst: of several the last one counts. */
enum result {
    NOT_APPLICABLE,
    PASS,
    PARTIAL,
    SAFE,
    FAIL,
    RESULTS
};

struct wire {
    const char *name;
    const char *provider; /* its members, '$' where the URL stands */
    const char *models[2];
    int no_end_mark;       /* the end of the body is the end */
    int calls_whole;       /* a tool call comes in one piece */
    int known_to_continue; /* its model goes on from a prefill */
};

struct row;

/** One cell of the scorecard. */
struct cell {
    const struct wire *wire;
    const struct row *row;
    enum mode mode;
    enum content content;
    enum policy policy;
};

struct verdict {
    enum result result;
    char why[240];
    size_t attempts;
    uint64_t ms;
};

/** What was handed over in a call, since it last began anew. */
struct heard {
    char text[4096], reasoning[4096], args[4096];
    size_t text_len, reasoning_len, args_len;
    int starts, finishes, usages, late, restarts, done;
    llmgw_finish_reason finish;
    llmgw_call *call;
    llmgw_cancel *token;
    uint64_t ms;        /* from start to end */
    int cancel_at;      /* from inside the callback, at this chunk; 0: never */
    int stop_at;        /* its callback says stop, at this chunk; 0: never */
    int chunks;         /* all that came */
    uint64_t bark_ns;   /* cancelled by time; 0: when it hangs */
    int unstreamed;     /* ask without on_chunk */
    int goes_on;        /* other calls come, and trials may be under way */
    void (*at)(void *); /* called at each chunk; NULL: nothing */
    void *at_userdata;
};

/** Two fakes, and a gateway with a route over both. */
struct stage {
    const struct cell *cell;
    struct fake *fakes[2];
    llmgw_gateway *gateway;
    llmgw_loop *loop; /* of the loop mode */
};

/** What goes wrong in a scenario, and what is right then. */
struct row {
    const char *id;
    const char *title;
    /** In one way or another: scenario of the first target; '@' stands for
     *  an answer, as of what is behind it. */
    const char *faults[6];
    const char *second;   /* scenario of the second one; NULL: it answers */
    const char *settings; /* "name=value;…" of the route, "/name=…": beside */
    uint64_t max_ms, min_ms;
    size_t tries[2];        /* most of each target; 0: it must not be asked */
    int served_by;          /* 0, 1; -1: either */
    llmgw_error_kind error; /* the right end, if it is no answer */
    int may_be_safe;        /* under the policy `error` */
    void (*run)(const struct cell *cell, struct verdict *verdict);
    /** Why not; NULL: applicable. */
    const char *(*unfit)(const struct cell *cell);
};

extern const struct row fault_rows[];
extern const size_t fault_row_count;
extern const struct row beyond_rows[];
extern const size_t beyond_row_count;
extern const struct wire wires[];
extern const size_t wire_count;
/** "name=value;…" of the command line. */
extern const char *settings_given;

/* faults_stage.c */

/** Usage of who goes on from where it broke. */
enum {
    CONTINUED_IN = 1040,
    CONTINUED_OUT = 20
};

/** A scenario: it answers, but does not go on from an answer's beginning,
 *  and neither does the first target. */
#define REFUSES_PREFILL "refuses_prefill"

/** Settings: nothing but a second key of the first target. */
#define TWO_KEYS "two keys"

/** @return NULL, or why there is none: "configuration refused: …" */
const char *stage_open(struct stage *stage, const struct cell *cell,
                       const char *settings);
/** The same with targets (JSON) of one's own, and URLs of the two. */
const char *stage_open_at(struct stage *stage, const struct cell *cell,
                          const char *settings, const char *const urls[2]);
void stage_fakes(struct stage *stage);
void stage_close(struct stage *stage);
/** An answer as the content wants it, and before it a fault; NULL: none. */
void stage_script(struct stage *stage, int which, const char *fault);
/** Requests for answers that came to a fake. */
size_t stage_asked(struct stage *stage, int which);

/** What an answer of a fake says. */
const char *said_text(const struct cell *cell, int which);
const char *said_reasoning(int which);
const char *said_args(int which);
size_t said_tokens(int which, int prompt);

/* faults_ask.c */

/** Ask the route, wait for the end. The call: heard_clear(). */
void ask(struct stage *stage, struct heard *heard);
void ask_model(struct stage *stage, struct heard *heard, const char *model);
void heard_clear(struct heard *heard);

/* faults_judge.c */

/** NULL: ended well, with the whole answer of `*served` and nothing else, as
 *  books and entries say too. */
const char *judge_answer(struct stage *stage, struct heard *heard, int *served);
/** NULL: ended with one clear error, and nothing was made up. */
const char *judge_error(struct stage *stage, struct heard *heard);
/** NULL: the call's entries and its attempts agree. */
const char *judge_entries(struct stage *stage, struct heard *heard);
/** NULL: all is settled, and the ledger agrees with the books of the fakes. */
const char *judge_ledger(struct stage *stage);
/** The whole of a standard row. */
void judge(struct stage *stage, struct heard *heard, struct verdict *verdict);
/** Take what is worse. */
void worsen(struct verdict *verdict, enum result result, const char *format,
            ...) __attribute__((format(printf, 3, 4)));
void worsen_by(struct verdict *verdict, const struct heard *heard);

/* faults_table.c */
void run_row(const struct cell *cell, struct verdict *verdict);

/* faults_outage.c */
void run_outage(const struct cell *cell, struct verdict *verdict);

/* faults_ways.c */
void run_reach(const struct cell *cell, struct verdict *verdict);
void run_large(const struct cell *cell, struct verdict *verdict);
void run_within(const struct cell *cell, struct verdict *verdict);
void run_keys(const struct cell *cell, struct verdict *verdict);
void run_hedges(const struct cell *cell, struct verdict *verdict);

/* faults_ends.c */
void run_all(const struct cell *cell, struct verdict *verdict);
void run_cancel(const struct cell *cell, struct verdict *verdict);
void run_proxy(const struct cell *cell, struct verdict *verdict);

#endif
