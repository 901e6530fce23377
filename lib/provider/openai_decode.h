/*
 * provider/openai_decode.h - what the parts of the openai decoder share.
 */
#ifndef LLMGW_PROVIDER_OPENAI_DECODE_H
#define LLMGW_PROVIDER_OPENAI_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonmould.h"
#include "base/text.h"
#include "openai_read.h"
#include "provider.h"

#define LLMGW__OPENAI_MAX_CHOICES 128  /* as many as a request may ask for */
#define LLMGW__OPENAI_MAX_CALLS   1024 /* tool calls of one answer */

/** A tool call as far as it has come. */
struct llmgw__openai_call {
    uint16_t choice;
    int64_t wire;   /* the provider's index */
    uint32_t index; /* ours: the order of first sight in the choice */
    bool started;   /* TOOL_START is told */
    bool custom;
    bool emulated; /* a custom tool that went out as a function: its input is
                      kept until the arguments are whole */
    llmgw_str id;  /* lives in the attempt's arena */
    llmgw_str extra;
    struct llmgw__buf kept;
};

/** Audio that comes in pieces is one member of the message. */
struct llmgw__openai_audio {
    uint16_t choice;
    llmgw_str id;
    int64_t expires_at;     /* 0: not told */
    struct llmgw__buf data; /* decoded */
    struct llmgw__buf transcript;
};

struct llmgw__openai_decoder {
    struct llmgw__identity identity; /* texts live in the attempt's arena */
    bool done;                       /* [DONE] was seen */
    bool failed; /* an error was told: what follows is ignored */
    bool whole;  /* a body, not a stream */
    uint64_t seen[LLMGW__OPENAI_MAX_CHOICES / 64];
    uint64_t finished[LLMGW__OPENAI_MAX_CHOICES / 64];
    struct llmgw__openai_call *calls;
    size_t call_count;
    size_t call_cap;
    struct llmgw__openai_audio *audio; /* NULL: none came */
    struct llmgw__buf *vendors;        /* NULL: none came */
    struct llmgw__mould mould;         /* of records of nothing but text */
    uint16_t mould_choice;             /* whose text */
};

/** Hand over one chunk. */
static inline llmgw_status
llmgw__openai_emit(const struct llmgw__decode *decode,
                   const struct llmgw__chunk *chunk)
{
    return decode->emit(decode->userdata, chunk);
}

/** Visible text and refusal, with their log probabilities (openai_text.c). */
llmgw_status llmgw__openai_decode_text(const struct llmgw__decode *decode,
                                       uint16_t index,
                                       const struct llmgw__openai_delta *from,
                                       llmgw_str logprobs);
/** A choice's finish reason (openai_finish.c). */
llmgw_status
llmgw__openai_decode_finish(struct llmgw__openai_decoder *decoder,
                            const struct llmgw__decode *decode, uint16_t index,
                            const struct llmgw__openai_choice *choice);

/** Pieces of tool calls, or the deprecated single call (openai_calls.c). */
llmgw_status llmgw__openai_decode_calls(struct llmgw__openai_decoder *decoder,
                                        const struct llmgw__decode *decode,
                                        uint16_t choice,
                                        const struct llmgw__openai_delta *from);
/** What was kept of custom tools' input. */
llmgw_status llmgw__openai_end_calls(struct llmgw__openai_decoder *decoder,
                                     const struct llmgw__decode *decode);
void llmgw__openai_free_calls(struct llmgw__openai_decoder *decoder);

/** Reasoning: text and opaque entries (openai_extras.c). */
llmgw_status
llmgw__openai_decode_reasoning(const struct llmgw__decode *decode,
                               uint16_t choice,
                               const struct llmgw__openai_delta *from);
/** Annotations, images, audio, extra_content. */
llmgw_status
llmgw__openai_decode_extras(struct llmgw__openai_decoder *decoder,
                            const struct llmgw__decode *decode, uint16_t choice,
                            const struct llmgw__openai_delta *from);
/** The object {content, refusal} of a choice's log probabilities; empty:
 *  none. */
llmgw_status llmgw__openai_logprobs(const struct llmgw__decode *decode,
                                    llmgw_str raw, llmgw_str *out);
/** One member that is handed over whole. */
llmgw_status llmgw__openai_emit_extra(const struct llmgw__decode *decode,
                                      uint16_t choice, uint8_t member,
                                      llmgw_str json);

/** Pieces of audio (openai_audio.c). */
llmgw_status llmgw__openai_decode_audio(struct llmgw__openai_decoder *decoder,
                                        const struct llmgw__decode *decode,
                                        uint16_t choice, llmgw_str raw);
llmgw_status llmgw__openai_end_audio(struct llmgw__openai_decoder *decoder,
                                     const struct llmgw__decode *decode);
void llmgw__openai_free_audio(struct llmgw__openai_decoder *decoder);

/** Members without a place in a chunk (openai_vendor.c): kept, then told. */
llmgw_status
llmgw__openai_decode_vendor(struct llmgw__openai_decoder *decoder,
                            const struct llmgw__openai_payload *payload);
llmgw_status llmgw__openai_end_vendor(struct llmgw__openai_decoder *decoder,
                                      const struct llmgw__decode *decode);
void llmgw__openai_free_vendor(struct llmgw__openai_decoder *decoder);

/** What a record says of the answer itself; the first word holds. */
llmgw_status
llmgw__openai_decode_identity(struct llmgw__identity *identity,
                              const struct llmgw__decode *decode,
                              const struct llmgw__openai_payload *payload);
/** Usage of a record, wherever in it it stands, and how it was served
 *  (openai_usage.c); tools: calls that were counted, by enum llmgw__usage_tool,
 *  of the Responses API, which names the counts otherwise; NULL: of chat. */
llmgw_status
llmgw__openai_decode_usage(const struct llmgw__decode *decode,
                           const struct llmgw__openai_payload *payload,
                           const int64_t *tools);

#endif
