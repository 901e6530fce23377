/*
 * support/trap.h - whole calls on every wire, with streams that a test writes
 * record by record, cut in many ways; what came out is one line of text.
 */
#ifndef LLMGW_TEST_TRAP_H
#define LLMGW_TEST_TRAP_H

#include <stdbool.h>

#include <llmgw/llmgw.h>

#include "base/text.h"
#include "support/fake_provider.h"
#include "support/wires.h"

enum {
    OAI,
    ANT,
    GOO,
    RES,
    BED,
    COH,
    OLL
};

/** How records of server-sent events are spelled. */
enum trap_spelling {
    TRAP_PLAIN, /* "data: " and LF */
    TRAP_TIGHT, /* no blank */
    TRAP_CR,
    TRAP_CRLF,
    TRAP_COMMENTS,
    TRAP_MANY_LINES, /* a data line for each member */
    TRAP_BOM,
    TRAP_OPEN_END, /* no blank line behind the last */
    TRAP_SPELLINGS
};

struct trap {
    struct fake *fake;  /* $1 of the configuration */
    struct fake *other; /* $2 */
    llmgw_gateway *gateway;
    const char *config;
    const llmgw_clock *clock;   /* of the gateway; NULL: the real one */
    llmgw_chat_options options; /* of calls; callbacks are set by trap_ask() */
    size_t stop_at;             /* stop the call at this chunk; 0: never */
    bool keep;                  /* the gateway, also after a failure */
    size_t wire;
    const char *how; /* what is being tried, for messages */
    /* of the last call: pieces that belong together are joined */
    llmgw_call *call;
    char log[8192]; /* R"reasoning" T"text" C0:name{arguments} F:stop */
    size_t len;
    int kind, tool; /* of the piece that the log ends with */
    int done, finishes, broken_text;
    size_t chunks;
};

/** For a group: fakes, and a gateway with a provider for each wire. */
int trap_set_up(void **state);
int trap_tear_down(void **state);
/** Another gateway, with this configuration and trap->clock; both fakes forget
 *  their scripts. NULL: as it was at first. */
void trap_configure(struct trap *trap, const char *config);

/** Records of a wire, one a line, single quotes for double ones; on bedrock
 *  the event's name and a blank stand before each. Clear it. */
void trap_body(struct llmgw__buf *out, size_t wire, const char *lines,
               enum trap_spelling spelling);
/** The fake answers with these; scenario: how they are sent. */
void trap_reply(struct trap *trap, size_t wire, const char *lines,
                const char *scenario);
/** Ask; the fake's script stands. more: further members of the request, each
 *  with a comma before it, or "". Frees the call before. */
void trap_ask(struct trap *trap, size_t wire, int streamed, const char *more);
/** The same with a model of one's own, or a route. */
void trap_ask_model(struct trap *trap, const char *model, int streamed,
                    const char *more);
/** Reply and ask with each way to cut the bytes; look at each. */
void trap_each_cut(struct trap *trap, size_t wire, const char *lines,
                   void (*look)(struct trap *trap));
/** The same with what the fake makes of a scenario. */
void trap_each_cut_of(struct trap *trap, size_t wire, const char *scenario,
                      const char *more, void (*look)(struct trap *trap));

/** The call was answered, and its log is this (NULL: any). */
void trap_answered(struct trap *trap, const char *log);
/** The call failed with this kind. */
void trap_failed(struct trap *trap, llmgw_error_kind kind);
/** A count of the answer's usage. */
int64_t trap_count(struct trap *trap, llmgw_usage_field field);
/** The last request that the fake got. */
struct fake_request trap_request(struct trap *trap);

#define TRAP_TOOLS                                                         \
    ",'tools':[{'type':'function','function':{'name':'weather',"           \
    "'parameters':{'type':'object','properties':{}}}},{'type':'function'," \
    "'function':{'name':'time','parameters':{'type':'object',"             \
    "'properties':{}}}}]"

#endif
