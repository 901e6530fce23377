/*
 * schema/answer.h - a whole answer: what the ordered chunks add up to.
 */
#ifndef LLMGW_SCHEMA_ANSWER_H
#define LLMGW_SCHEMA_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "chunk.h"
#include "usage.h"

struct llmgw__answer_tool {
    llmgw_str id;
    llmgw_str name;
    llmgw_str arguments; /* JSON text, or a custom tool's input */
    llmgw_str extra;     /* extra_content, JSON; empty: none */
    bool custom;
    bool legacy; /* the one call of a choice, told as function_call */
};

struct llmgw__answer_choice {
    llmgw_str text;
    llmgw_str reasoning;
    llmgw_str refusal;
    bool has_text;    /* any text chunk came */
    bool has_refusal; /* any refusal chunk came */
    struct llmgw__answer_tool *tools;
    size_t tool_count;
    /* JSON members in order, comma-joined, no braces; empty: none */
    llmgw_str extras_front;     /* annotations, audio, images */
    llmgw_str extras_back;      /* reasoning_details, extra_content, llmgw */
    llmgw_str logprobs_content; /* inside of the array, no brackets */
    llmgw_str logprobs_refusal;
    bool has_logprobs;
    llmgw_finish_reason finish;
    llmgw_str native_finish;
    llmgw_str finish_message; /* the provider's words on it */
};

struct llmgw__answer {
    struct llmgw__identity identity;
    struct llmgw__answer_choice *choices;
    size_t choice_count;
    struct llmgw__usage usage;
    bool has_usage;
};

/** Write the chat.completion object; extension as in llmgw__chunk_render. */
void llmgw__answer_render(const struct llmgw__answer *answer,
                          llmgw_str extension, struct llmgw__jsonw *w);
/** Write one choice's assistant message (also what goes into history). */
void llmgw__answer_render_message(const struct llmgw__answer_choice *choice,
                                  struct llmgw__jsonw *w);

#endif
