/*
 * schema/message.h - one message of a chat request, in the request's own
 * bytes: strings stay JSON-escaped.
 */
#ifndef LLMGW_SCHEMA_MESSAGE_H
#define LLMGW_SCHEMA_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/jsonread.h"

enum llmgw__role {
    LLMGW__ROLE_SYSTEM,
    LLMGW__ROLE_DEVELOPER,
    LLMGW__ROLE_USER,
    LLMGW__ROLE_ASSISTANT,
    LLMGW__ROLE_TOOL
};

enum llmgw__part_type {
    LLMGW__PART_TEXT,    /* text */
    LLMGW__PART_REFUSAL, /* text */
    LLMGW__PART_IMAGE,   /* text: the URL; detail */
    LLMGW__PART_AUDIO,   /* text: base64 data; format */
    LLMGW__PART_FILE     /* text: file_data; filename, file_id */
};

/** A string content is one text part (message.plain is then true). */
struct llmgw__part {
    uint8_t type;
    struct llmgw__jstr text;
    struct llmgw__jstr detail;   /* image: auto, low, high, original;
                                    absent: data NULL */
    struct llmgw__jstr format;   /* audio: wav, mp3 */
    struct llmgw__jstr filename; /* file */
    struct llmgw__jstr file_id;  /* file */
    uint32_t node; /* the part's object in doc; LLMGW__JNONE: plain string */
};

struct llmgw__tool_call {
    struct llmgw__jstr id;
    struct llmgw__jstr name;
    struct llmgw__jstr arguments; /* or a custom tool's input */
    bool custom;
    uint32_t extra; /* extra_content in doc, or LLMGW__JNONE */
};

struct llmgw__message {
    uint8_t role;
    bool plain;    /* content was a string */
    bool legacy;   /* a function-role message or function_call, converted */
    bool is_error; /* extension: a tool result that is an error */
    struct llmgw__part *parts;
    size_t part_count;
    struct llmgw__jstr name;
    struct llmgw__jstr refusal;
    struct llmgw__jstr tool_call_id;
    struct llmgw__jstr reasoning; /* reasoning_content */
    struct llmgw__tool_call *calls;
    size_t call_count;
    uint32_t details; /* reasoning_details array in doc, or LLMGW__JNONE */
    uint32_t extra;   /* extra_content in doc, or LLMGW__JNONE */
    uint32_t replay;  /* llmgw object in doc, or LLMGW__JNONE */
    uint32_t node;    /* the message in doc; LLMGW__JNONE: made by us, of role
                         and text alone */
};

#endif
