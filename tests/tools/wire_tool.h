/*
 * tools/wire_tool.h - llmgw-wire: encode, decode and check through a real
 * gateway whose provider is played from memory.
 */
#ifndef LLMGW_TEST_WIRE_TOOL_H
#define LLMGW_TEST_WIRE_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <llmgw/llmgw.h>

#include "base/text.h"
#include "schema/error.h"
#include "schema/usage.h"

/** The key of every provider, so that no output can show another one. */
#define WIRE_KEY "***"
/** What the injected clock says, seconds since 1970. */
#define WIRE_NOW 1700000000
/** Exchanges one call may make. */
#define WIRE_MAX_HOPS 4

/* Exit codes. */
enum {
    WIRE_OK = 0,
    WIRE_DIFFERS = 1,
    WIRE_MISUSE = 2,
    WIRE_ERROR = 3
};

/** What is asked. */
enum wire_endpoint {
    WIRE_CHAT,
    WIRE_EMBEDDINGS,
    WIRE_MODELS,
    WIRE_ENDPOINTS
};

/** Whom to ask. */
struct wire_target {
    const char *provider;  /* its name in the configuration */
    const char *row;       /* of the provider table */
    const char *dialect;   /* NULL: the row's */
    const char *base_url;  /* NULL: the row's */
    const char *model;     /* as the provider names it */
    const cJSON *settings; /* NULL: none */
    bool key;              /* it has an API key */
};

/** How an exchange is answered. */
struct wire_answer {
    int32_t status;       /* 0: no answer came */
    const cJSON *headers; /* object of strings; NULL: none */
    llmgw_str body;
    int32_t code; /* libcurl's number of what ended it; 0: all came */
    const char *detail;
};

/** Where the bytes of an answer are cut: every so many, at random, or at
 *  places. */
struct wire_cut {
    size_t every;  /* 0: not so */
    uint32_t seed; /* 0: not so; else pieces of up to 96 bytes by this seed */
    const size_t *places;
    size_t count;
};

/** One call: the request, the provider's part, the host's wish. */
struct wire_script {
    const struct wire_target *target;
    enum wire_endpoint endpoint;
    llmgw_str request; /* OpenAI's JSON */
    bool stream;       /* chunks are wanted */
    const struct wire_answer *answers;
    size_t answer_count;
    struct wire_cut cut;
};

/** A request as it reached the transport. */
struct wire_request {
    char *method;
    char *url;
    cJSON *headers; /* object */
    struct llmgw__buf body;
};

/** How the call went. */
struct wire_result {
    struct wire_request requests[WIRE_MAX_HOPS];
    size_t request_count;
    cJSON *adjustments;         /* [{param, action, reason}] */
    struct llmgw__buf chunks;   /* a JSON object a line */
    struct llmgw__buf response; /* empty: none */
    struct llmgw__buf failure;  /* the error as the host's JSON; empty: none */
    char *native_finish;        /* NULL: not told */
    cJSON *error;               /* NULL: none */
    cJSON *entries;             /* of the ledger: usage and charges */
    struct llmgw__usage usage;  /* of all of them */
    bool has_usage;             /* one of them has some */
};

/* --- wire_run.c, wire_play.c --- */

/** Make the call. @return NULL, or why there was none (static) */
const char *wire_run(const struct wire_script *script,
                     struct wire_result *result);
void wire_result_clear(struct wire_result *result);
/** Inject clock and randomness: always the same. */
extern const llmgw_clock wire_clock;

/** Plays the provider's side of one call. */
struct wire_player {
    const struct wire_script *script;
    struct wire_result *result;
};
/** The transport of a player. */
void wire_player_transport(struct wire_player *player,
                           llmgw_transport *transport);

/* --- wire_render.c --- */

/** All members an error has, as goldens name them. */
cJSON *wire_error_tree(const struct llmgw__error *error);
/** The ledger's entries, oldest first. */
cJSON *wire_entries(llmgw_gateway *gateway);
/** The usage of all of them together. @return false: none of them has any */
bool wire_usage(llmgw_gateway *gateway, struct llmgw__usage *sum);
/** Classes, requests, tools; zero and unknown are left out. */
cJSON *wire_usage_tree(const struct llmgw__usage *usage);
/** Names of the classes that are estimated. */
cJSON *wire_estimated_tree(const struct llmgw__usage *usage);

/* --- wire_compare.c --- */

/** Where differences go: counted, and told one a line. */
struct wire_report {
    const char *file; /* as given */
    const char *part; /* of a file of several cases; NULL */
    int count;
};

/** Tell one: where, and printf-like what. */
void wire_differ(struct wire_report *report, const char *path,
                 const char *format, ...) __attribute__((format(printf, 3, 4)));

enum {
    WIRE_ORDERED = 1,      /* members must come in the same order */
    WIRE_PLACEHOLDERS = 2, /* "{name}" stands for one or more characters */
    WIRE_CLOSE = 4         /* numbers may differ by 1e-6 */
};
/** Tell every difference of two values; "*" stands for any count. */
void wire_compare(struct wire_report *report, const char *path,
                  const cJSON *expected, const cJSON *got, int how);
/** Are they the same? */
bool wire_equal(const cJSON *expected, const cJSON *got, int how);
/** Tell what is in one array and not in the other, whatever the order. */
void wire_compare_set(struct wire_report *report, const char *path,
                      const cJSON *expected, const cJSON *got);

/* --- wire_main.c: files and trees; no memory ends the program --- */

/** All of a file, "-": standard input. @return NUL-ended, NULL: unreadable */
char *wire_read(const char *path, size_t *len);
/** A file's JSON; NULL: told on standard error. */
cJSON *wire_load(const char *path);
void *wire_alloc(size_t size);
char *wire_copy(llmgw_str text);
/** A member's text; NULL: absent, or no string. */
const char *wire_text(const cJSON *object, const char *name);
/** Say what is wrong with the command. @return WIRE_MISUSE */
int wire_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- the commands; arguments without their name --- */

int wire_encode(int count, char **words);
int wire_decode(int count, char **words);
int wire_check(int count, char **words);
/** What a recorded exchange costs. */
int wire_price(int count, char **words);
/** The provider table. */
int wire_rows(int count, char **words);

/** Recorded exchanges, each introduced by its name if there are several; with
 *  sse a stream is asked for whatever was recorded, and printed as one. */
int wire_exchanges(int count, char **files, const struct wire_cut *cut,
                   bool sse);
/** Play one again. @param[out] row  of the provider table that it is of; NULL:
 *  there is none @return false: problem says why */
bool wire_exchange_play(const cJSON *recording, struct wire_result *result,
                        const char **row, char problem[128]);
/** A request that asks for nothing special; with stream: for usage too. */
llmgw_str wire_plain_request(bool stream);
/** Print a decoded call: chunks, then its end. @return the exit code */
int wire_print(const struct wire_result *result);
/** Print it as a server sends it to OpenAI's clients: server-sent events. */
int wire_print_sse(const struct wire_result *result);

/** An endpoint by its name; WIRE_ENDPOINTS: there is none of it. */
enum wire_endpoint wire_endpoint_of(const char *name);
/** A request for as many embeddings as an answer has; free() it. */
char *wire_embed_request(const cJSON *answer, const char *model);

/** Target for a row of the table; false: there is none of this name. */
bool wire_target_of_row(struct wire_target *target, const char *row);
/** A dialect by name, where the row's service speaks it. */
void wire_target_speaks(struct wire_target *target, const char *dialect);

/** Bytes of base64 text, to be freed. */
char *wire_from_base64(const char *text, size_t *len);

#endif
