/*
 * provider/gemini_decoder.h - the state of one gemini answer.
 *
 * All of it may start as zero bytes.
 */
#ifndef LLMGW_PROVIDER_GEMINI_DECODER_H
#define LLMGW_PROVIDER_GEMINI_DECODER_H

#include <string.h>

#include "base/jsonmould.h"
#include "base/text.h"
#include "provider.h"

/** Is a raw key this literal? */
#define LLMGW__GEMINI_KEY(key, literal)  \
    ((key).len == sizeof(literal) - 1 && \
     memcmp((key).data, (literal), sizeof(literal) - 1) == 0)

#define LLMGW__GEMINI_MAX_CHOICE 127

/** Text in the attempt's arena; the newest replaces, in place if it fits. */
struct llmgw__gemini_kept {
    char *data;
    size_t len;
    size_t cap;
};

static inline struct llmgw__jstr
llmgw__gemini_kept(const struct llmgw__gemini_kept *kept, bool escaped)
{
    return llmgw__jstr(llmgw__str_n(kept->data, kept->len), escaped);
}

/** How a finishReason ends an answer. */
enum llmgw__gemini_ending {
    LLMGW__GEMINI_OPEN = 0, /* none came */
    LLMGW__GEMINI_STOPPED,
    LLMGW__GEMINI_CUT,       /* token limit */
    LLMGW__GEMINI_CONTINUES, /* in a further request */
    LLMGW__GEMINI_FILTERED,
    LLMGW__GEMINI_BOTCHED, /* the output broke a check */
    LLMGW__GEMINI_UNASKED, /* a call nobody declared: fine if it is there */
    LLMGW__GEMINI_UNCLEAR  /* fine if anything visible came */
};

struct llmgw__gemini_pieces; /* gemini_pieces.c */

struct llmgw__gemini_choice {
    struct llmgw__gemini_choice *next;
    uint16_t index;
    uint8_t ending; /* enum llmgw__gemini_ending */
    bool any;       /* a part with something in it came */
    bool visible;   /* text, a call or media came */
    bool opaque;    /* a part came that is not shown, but must go back */
    uint8_t last;   /* kind of the last part, where citations may come */
    uint32_t calls;
    int64_t searches; /* webSearchQueries of the last record that has some */
    struct llmgw__gemini_pieces *pieces; /* arguments that come so, or NULL */
    char native[48];                     /* finishReason as it came */
    struct llmgw__gemini_kept message;   /* finishMessage, raw */
    struct llmgw__gemini_kept signature; /* raw inside of the string */
    struct llmgw__gemini_kept token;     /* continuation token, likewise */
    struct llmgw__gemini_kept grounding; /* with supports, raw JSON */
    struct llmgw__gemini_kept sound;     /* MIME type of the audio, raw */
    size_t text_from;         /* bytes of it from earlier exchanges */
    struct llmgw__buf text;   /* all of it, where citations may need it */
    struct llmgw__buf starts; /* where each part begins in it: size_t */
    struct llmgw__buf audio;  /* bytes so far */
    struct llmgw__buf blocks; /* all parts, raw, where opaque ones may come */
};

/** usageMetadata of one record. */
struct llmgw__gemini_counts {
    bool any; /* there is a count in it */
    bool prompt_told;
    bool audio_in_told, image_in_told, audio_out_told, image_out_told;
    int64_t prompt, candidates, thoughts, tool_use, cached, total;
    int64_t audio_in, image_in, audio_out, image_out;
    int64_t audio_cached, image_cached;
    uint8_t tier; /* enum llmgw__service_tier */
};

struct llmgw__gemini_decoder {
    struct llmgw__gemini_choice first; /* choice 0 */
    bool ready;   /* what the request says has been looked up */
    bool told;    /* the identity has gone out */
    bool failed;  /* an error has gone out */
    bool onward;  /* the answer goes on in a further exchange */
    bool several; /* more than one choice may come */
    bool cites;   /* citations may come: text is kept */
    bool blocks;  /* opaque parts may come: all parts are kept */
    bool logprobs;
    struct llmgw__gemini_counts counts;
    struct llmgw__mould mould; /* of records of text and counts alone */
    struct llmgw__gemini_counts mould_counts;
};

#endif
