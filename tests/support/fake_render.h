/*
 * support/fake_render.h - how the fake makes an answer: content, a wire that
 * words it, bytes ready to send.
 */
#ifndef LLMGW_TEST_FAKE_RENDER_H
#define LLMGW_TEST_FAKE_RENDER_H

#include "support/fake_internal.h"

enum fake_kind {
    FAKE_REASONING,
    FAKE_TEXT,
    FAKE_TOOL,
    FAKE_ARGS
};

/* A chunk of the answer: a slice of reasoning, text or a call's arguments. */
struct fake_piece {
    enum fake_kind kind;
    size_t tool; /* for FAKE_TOOL and FAKE_ARGS */
    size_t at, len;
};

struct fake_content {
    struct fake_bytes reasoning, text, args;
    struct fake_piece *pieces;
    size_t count, reasoning_count, tool_count;
};

/* Up to here so many tokens are out. */
struct fake_mark {
    size_t end;
    uint64_t tokens;
};

struct fake_marks {
    struct fake_mark *list;
    size_t count, cap;
};

/* An answer on its way from content to bytes. */
struct fake_render {
    const struct fake_scenario *scenario;
    const struct fake_query *query;
    struct fake_content content;
    uint64_t tokens_in, tokens_out;
    int status;
    const char *type; /* content type */
    int chunked, array;
    size_t told; /* content length, when not chunked */
    enum fake_ending ending;
    const char *header;           /* of an error: its type; or NULL */
    struct fake_bytes body, json; /* json: scratch for one record */
    struct fake_marks events;
    size_t said;    /* pieces so far */
    size_t records; /* of a stream */
    size_t blocks;  /* of a wire with blocks: opened so far */
    int open_block; /* kind of the open one, FAKE_UNSET: none */
};

/* An answer as bytes on the wire; shared by equal requests. */
struct fake_answer {
    unsigned refs;
    struct fake_bytes wire;
    struct fake_marks marks; /* one a write */
    struct fake_bytes text;
    uint64_t tokens_in;
    enum fake_ending ending;
    uint64_t delay_ns, first_delay_ns, content_delay_ns;
    int by_mark; /* one send a mark, also without delay */
    int status;
    int close;
};

enum fake_framing {
    FAKE_EVENTS, /* server-sent */
    FAKE_LINES,  /* a document a line */
    FAKE_FRAMES  /* of application/vnd.amazon.eventstream */
};

struct fake_wire {
    const char *name;
    enum fake_framing framing;
    int column; /* in fake_error.cells */
    int crlf;
    const char *error_event;  /* name of an error inside a stream */
    const char *event;        /* of records that have no name of their own */
    const char *error_header; /* says the type of an error; NULL: none does */
    void (*open)(struct fake_render *render);
    /* says piece i and returns how many pieces that took */
    size_t (*piece)(struct fake_render *render, size_t i);
    void (*close)(struct fake_render *render); /* finish, usage, end mark */
    void (*done)(struct fake_render *render);  /* the end mark alone */
    void (*whole)(struct fake_render *render);
    void (*embed)(struct fake_render *render);
    void (*models)(struct fake_render *render);
    void (*error)(struct fake_bytes *out, const struct fake_cell *cell,
                  int64_t retry_after);
    /* an error inside a stream, and its event's name; NULL: as in a body */
    const char *(*fail)(struct fake_render *render,
                        const struct fake_cell *cell);
};

/* fake_content.c */
void fake_content_make(struct fake_content *content,
                       const struct fake_scenario *scenario,
                       const struct fake_query *query);
void fake_content_clear(struct fake_content *content);

/* fake_answer.c */
struct fake_answer *fake_answer_make(const struct fake_script *script,
                                     const struct fake_message *message);
struct fake_answer *fake_answer_json(int status, llmgw_str body);
void fake_answer_release(struct fake_answer *answer);
void fake_marks_add(struct fake_marks *marks, size_t end, uint64_t tokens);

/* fake_render.c: what the wires speak through */
void fake_render_run(struct fake_render *render);
void fake_render_literal(struct fake_render *render,
                         const struct fake_script *script);
/* the JSON so far becomes one record of the stream: fake_record.c */
void fake_record(struct fake_render *render, const char *event);
/* a comment, where the framing has such */
void fake_comment(struct fake_render *render);
const char *fake_stream_type(const struct fake_render *render);
/* what was recorded since the last one is one write */
void fake_end_event(struct fake_render *render);
void fake_put(struct fake_render *render, const char *json);
__attribute__((format(printf, 2, 3))) void fake_putf(struct fake_render *render,
                                                     const char *format, ...);
/* the N of "#N" in an input, else `otherwise` */
float fake_input_number(llmgw_str input, float otherwise);
void fake_put_string(struct fake_render *render, llmgw_str text);
void fake_put_piece(struct fake_render *render, size_t i);
llmgw_str fake_piece_text(const struct fake_content *content, size_t i);
/* all arguments of the call that starts with piece i */
llmgw_str fake_call_args(const struct fake_content *content, size_t i);
llmgw_str fake_call_name(const struct fake_render *render, size_t tool);
/* names: for stop, length, content_filter and tool calls */
const char *fake_finish(const struct fake_render *render,
                        const char *const names[4]);

#endif
