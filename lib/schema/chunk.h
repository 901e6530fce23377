/*
 * schema/chunk.h - one normalized piece of an answer: the tray from a
 * dialect's decoder to the host's callback.
 *
 * A decoder says what came, in the order it came, with the provider's own
 * indices (kinds up to LLMGW__CHUNK_ERROR). The order keeper in stream/ makes
 * of that the one sequence hosts see: role first, dense indices, latched
 * finish, extras once (kinds ROLE and EXTRAS are its own).
 */
#ifndef LLMGW_SCHEMA_CHUNK_H
#define LLMGW_SCHEMA_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>
#include <llmgw/response.h>

#include "base/jsonwrite.h"
#include "error.h"
#include "usage.h"

enum llmgw__chunk_kind {
    LLMGW__CHUNK_IDENTITY = 1, /* identity; members known so far, any time */
    LLMGW__CHUNK_TEXT,         /* text; logprobs in extra */
    LLMGW__CHUNK_REASONING,    /* text */
    LLMGW__CHUNK_DETAIL,       /* a piece of opaque reasoning: variant, index,
                                  text, signature in extra, id, the
                                  format in name */
    LLMGW__CHUNK_REFUSAL,      /* text; logprobs in extra */
    LLMGW__CHUNK_TOOL_START,   /* index, id (may be empty), name; variant 1:
                                  custom tool; extra_content JSON in extra;
                                  ordered: 3: the legacy function_call */
    LLMGW__CHUNK_TOOL_ARGS,    /* index, text: a piece of the arguments;
                                  variant 1: they are complete with it;
                                  ordered: 2: of a custom tool, 3: of the
                                  legacy function_call */
    LLMGW__CHUNK_EXTRA,        /* variant: which member; text: JSON */
    LLMGW__CHUNK_USAGE,        /* usage: all of it so far, the last one holds */
    LLMGW__CHUNK_FINISH,       /* variant: finish reason; text: native reason;
                                  extra: the provider's words on it;
                                  ordered: index: enum llmgw__follows */
    LLMGW__CHUNK_ERROR,        /* error: in-band failure; nothing follows */
    /* made by the order keeper only */
    LLMGW__CHUNK_ROLE,  /* the choice begins */
    LLMGW__CHUNK_EXTRAS /* JSON members, comma-joined, no braces: text has
                           annotations, audio, images; extra has
                           reasoning_details, extra_content, llmgw */
};

/** What comes after a finish. */
enum llmgw__follows {
    LLMGW__FOLLOWS_CHOICE, /* another choice's */
    LLMGW__FOLLOWS_USAGE,  /* that, and nothing more */
    LLMGW__FOLLOWS_NOTHING
};

/** Opaque reasoning entries (variant of CHUNK_DETAIL). */
enum llmgw__detail_type {
    LLMGW__DETAIL_TEXT,     /* "reasoning.text": text, signature */
    LLMGW__DETAIL_SUMMARY,  /* "reasoning.summary": summary */
    LLMGW__DETAIL_ENCRYPTED /* "reasoning.encrypted": data */
};

/** Message members that are handed over once and whole (CHUNK_EXTRA). */
enum llmgw__extra_member {
    LLMGW__EXTRA_ANNOTATION,    /* one annotation object */
    LLMGW__EXTRA_AUDIO,         /* the audio object */
    LLMGW__EXTRA_IMAGE,         /* one image part */
    LLMGW__EXTRA_EXTRA_CONTENT, /* the message's extra_content object */
    LLMGW__EXTRA_REPLAY,        /* the message's llmgw object */
    LLMGW__EXTRA_MEMBERS
};

/** Members of a finish: see llmgw_finish_reason in llmgw/response.h. */

struct llmgw__identity {
    llmgw_str id;    /* empty: not told */
    llmgw_str model; /* empty: not told */
    llmgw_str service_tier;
    llmgw_str system_fingerprint;
    int64_t created; /* seconds since 1970; 0: not told */
    /* of the whole answer, JSON, told at its end; empty: not told */
    llmgw_str moderation;
    llmgw_str metadata;
    llmgw_str vendor; /* members of the service's own, comma-joined, no
                         braces: for the "llmgw" object */
};

struct llmgw__chunk {
    uint8_t kind;
    uint8_t variant;
    uint16_t choice;
    uint32_t index;
    llmgw_str text;
    llmgw_str id;
    llmgw_str name;
    llmgw_str extra;
    const struct llmgw__identity *identity;
    const struct llmgw__usage *usage;
    const struct llmgw__error *error;
};

/** Takes one chunk; its views die when this returns. Not LLMGW_OK: stop. */
typedef llmgw_status (*llmgw__chunk_fn)(void *userdata,
                                        const struct llmgw__chunk *chunk);

/** "stop", "length", …; NULL: none. */
const char *llmgw__finish_name(llmgw_finish_reason reason);

/** Write the members that open an answer and every chunk: id, object, created,
 *  model, and service_tier and system_fingerprint when told. */
void llmgw__identity_render(const struct llmgw__identity *identity,
                            const char *object, struct llmgw__jsonw *w);

/** What a buffer holds of the last text chunk that was written into it. */
struct llmgw__chunk_form {
    struct llmgw__identity identity;
    size_t head; /* bytes up to the text; 0: nothing that could stay */
    uint16_t choice;
};

/**
 * Write an ordered chunk as llmgw__chunk_render() does, in place of what the
 * buffer holds. Pieces of text differ in their text only: what stands before
 * it stays, and is not written anew.
 */
void llmgw__chunk_rewrite(const struct llmgw__chunk *chunk,
                          struct llmgw__chunk_form *form,
                          struct llmgw__buf *buf);

/**
 * Write an ordered chunk as a chat.completion.chunk object.
 *
 * @param extension  the value of its "llmgw" member; empty: left out
 */
void llmgw__chunk_render(const struct llmgw__chunk *chunk,
                         const struct llmgw__identity *identity,
                         llmgw_str extension, struct llmgw__jsonw *w);

#endif
