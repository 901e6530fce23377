/*
 * provider/dialect.h - the seam of this room: what a dialect is.
 *
 * A dialect knows its wire protocol and nothing of routing, money or
 * callbacks. It is a const table of functions; all its state is the decoder
 * that the attempt owns.
 */
#ifndef LLMGW_PROVIDER_DIALECT_H
#define LLMGW_PROVIDER_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "coding.h"

struct llmgw__embed_part;  /* endpoints.h */
struct llmgw__models_part; /* endpoints.h */

struct llmgw__dialect {
    const char *name; /* "openai", "anthropic", "gemini", "responses" */

    /** Members of the request's "llmgw" object that it reads; NULL at the
     *  end, or NULL: none. */
    const char *const *extensions;

    /** Names of a provider's "settings" that it reads; as above. */
    const char *const *settings;

    /** What a setting must be, when it is something else ("must be …"); NULL:
     *  it may be that. A dialect without this takes any value. */
    const char *(*refuse_setting)(const char *name, const char *value);

    /**
     * Another dialect of the same service that this request has to go out in.
     * Asked once, before encoding; NULL: there is none.
     *
     * @return NULL: this one will do
     */
    const struct llmgw__dialect *(*instead)(const struct llmgw__chat *chat,
                                            const struct llmgw__target *target);

    /**
     * Chat -> HTTP request, without credentials (auth adds them).
     *
     * @retval LLMGW_E_INVALID  this target cannot take it; error is filled
     *                          (kind unsupported_parameter, …)
     * @retval LLMGW_E_NOMEM    no memory
     */
    llmgw_status (*encode)(struct llmgw__encode *encode);

    /** Bytes of the decoder, zeroed by the attempt before the first frame. */
    size_t decoder_size;

    /**
     * One record of a stream -> chunks.
     *
     * @retval LLMGW_E_INVALID  not what this wire speaks (malformed JSON, …)
     * @return anything that emit answered, passed on
     */
    llmgw_status (*frame)(void *decoder, const struct llmgw__decode *decode,
                          const struct llmgw__frame *frame);

    /** A whole body -> the same chunks, complete with finish and usage. */
    llmgw_status (*body)(void *decoder, const struct llmgw__decode *decode,
                         llmgw_str body);

    /**
     * The bytes of a stream have ended. Emits what was kept for the end, and
     * decides alone whether the answer is complete.
     *
     * @retval LLMGW_E_INVALID  truncated; the attempt has failed (protocol)
     */
    llmgw_status (*end)(void *decoder, const struct llmgw__decode *decode);

    /**
     * The bytes of an exchange have ended well: does the answer go on in a
     * further one? The decoder stays, ready for it; what it has told is the
     * answer's beginning, and it has told no finish. Only where
     * decode->may_follow; NULL: never.
     *
     * @return what the next request has to say (encode->onward), valid until
     *         the decoder is given bytes again; empty: the answer is whole
     */
    llmgw_str (*onward)(void *decoder);

    /**
     * The service has refused a request: can it be sent again, once, without
     * something? NULL: never.
     *
     * @return LLMGW__AGAIN_…; 0: no
     */
    uint8_t (*again)(const struct llmgw__error *error);

    /** Free what the decoder holds outside the arenas; NULL: nothing. */
    void (*free)(void *decoder);

    /**
     * Does this target take back opaque reasoning state of a format
     * ("anthropic-claude-v1", …), or of a family of its own blocks
     * ("anthropic", …)? What it does not take is left out.
     */
    bool (*takes_state)(const struct llmgw__target *target, llmgw_str format);

    /** Does this target stream even when the host does not? NULL: as the host
     *  asks. An encoder that knows only later sets encode->stream itself. */
    bool (*streams)(const struct llmgw__chat *chat,
                    const struct llmgw__target *target);

    /** Does this target go on from an assistant's last turn, with this request?
     *  NULL: as its service does (LLMGW__QUIRK_TURN_…). */
    bool (*goes_on)(const struct llmgw__target *target,
                    const struct llmgw__chat *chat);

    /* Other endpoints; NULL: there is no such thing on this wire. */
    const struct llmgw__embed_part *embed;
    const struct llmgw__models_part *models;
};

#endif
