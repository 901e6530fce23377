/*
 * support/fake_internal.h - what the files of the fake provider share.
 *
 *   fake_provider.c  start, stop, books        fake_server.c  sockets, timers
 *   fake_http.c      requests                  fake_script.c  scenarios
 *   fake_query.c     what is asked             fake_content.c what is said
 *   fake_answer.c    an answer, ready to send
 *   fake_record.c    records of streams        fake_openai.c ... the wires
 */
#ifndef LLMGW_TEST_FAKE_INTERNAL_H
#define LLMGW_TEST_FAKE_INTERNAL_H

#include "support/fake_bytes.h"
#include "support/fake_provider.h"

#define FAKE_UNSET (-1)

enum fake_ending {
    FAKE_FINISH,
    FAKE_STALL,
    FAKE_DROP,
    FAKE_RESET,
    FAKE_END,  /* only the stream is cut, HTTP ends well */
    FAKE_ERROR /* as FAKE_END, with an error object last */
};

struct fake_wire;
struct fake_answer;
struct fake_error;

/* Numbers are FAKE_UNSET when not given, flags 0; see fake_provider.h. */
struct fake_scenario {
    int64_t times, status, chunks, tools, reasoning, cached;
    int64_t cut, cut_seed, delay_us, first_delay_ms, content_delay_ms;
    int64_t garbage_after, retry_after, content_length;
    int64_t usage_in, usage_out, repeat;
    int64_t ending_after, ending_at;
    int no_usage, html, empty, done_only, no_done, comments, crlf, lf;
    int ascii, array, chunked, close, before, reject_prefill;
    enum fake_ending ending;
    const struct fake_wire *wire;
    const struct fake_error *error;
    char *text, *args, *with, *finish;
};

struct fake_script {
    struct fake_script *next;
    char *match;
    struct fake_scenario scenario;
    int literal; /* the body below, not a generated one */
    struct fake_bytes body;
    struct fake_bytes headers;
    int64_t used;
    /* the last answer: equal requests get the same bytes, made once */
    struct fake_answer *answer;
    struct fake_bytes answer_key;
};

/* A whole request; views into the connection's input. */
struct fake_message {
    llmgw_str method, path, headers, body;
    struct fake_bytes decoded; /* the body, if it came chunked */
    size_t used;               /* bytes of input it took */
    int close;
};

enum fake_endpoint {
    FAKE_UNKNOWN,
    FAKE_CHAT,
    FAKE_EMBED,
    FAKE_MODELS
};

#define FAKE_MAX_TOOLS 16

/* What a request asks for. */
struct fake_query {
    enum fake_endpoint endpoint;
    const struct fake_wire *wire;
    int stream, want_usage, sse;
    char *model;
    llmgw_str root; /* the JSON body */
    struct fake_bytes prompt;
    /* an answer to be gone on with: its text, and what was asked before it */
    struct fake_bytes begun, asked;
    int prefilled; /* it is the last turn; 0: an instruction follows */
    struct fake_bytes tools[FAKE_MAX_TOOLS]; /* names */
    size_t tool_count;
    uint64_t hash;
};

struct fake_cell {
    int status;
    const char *type, *code, *message;
};

#define FAKE_COLUMNS 6

/* One kind of failure; a cell for each wire. */
struct fake_error {
    const char *name;
    struct fake_cell cells[FAKE_COLUMNS];
};

extern const struct fake_wire fake_openai, fake_anthropic, fake_gemini,
    fake_responses, fake_bedrock, fake_cohere, fake_ollama;
/* all of them, by their names; NULL: none of this name */
const struct fake_wire *fake_wire_named(const char *name);

/* fake_http.c: 1 whole, 0 more is needed, -1 not HTTP */
int fake_http_parse(llmgw_str input, struct fake_message *message);
int fake_http_expects(llmgw_str input); /* waits for 100-continue */
llmgw_str fake_http_header(llmgw_str headers, const char *name);

/* fake_script.c */
const char *fake_scenario_parse(const char *words, struct fake_scenario *out);
void fake_scenario_clear(struct fake_scenario *scenario);
struct fake_script *fake_script_make(const char *match, const char *words);
void fake_script_free(struct fake_script *script);
int fake_script_fits(const struct fake_script *script,
                     const struct fake_message *message);

/* fake_query.c */
void fake_query_read(struct fake_query *query,
                     const struct fake_message *message);
void fake_query_clear(struct fake_query *query);

/* fake_error.c */
const struct fake_error *fake_error_named(const char *name);
const struct fake_error *fake_error_of_status(int64_t status);

#endif
