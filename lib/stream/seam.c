/*
 * stream/seam.c - where the answer of another attempt is joined to what was
 * handed over of a broken one.
 *
 *     told   ... and the quick brown fox
 *     new              brown fox jumps over
 *                      ^^^^^^^^^ the overlap: not handed over again
 *
 * Two repetitions are looked for. An answer that begins anew says all of what
 * the request had; that is compared while it streams, and not kept. Else it is
 * the longest end of what was told that the new text begins with. Either must
 * be long enough not to be chance: see the limits below. White space that the
 * request did not have is expected again, so there any length will do.
 *
 * Sequences of UTF-8 stay whole: both texts are such, so what they share at
 * these places is, too.
 *
 * Memory: TAIL bytes and one piece.
 */
#include "seam.h"

#include <string.h>

#include "schema/chat_continue.h"

/** No longer end of what was told is looked for. */
#define TAIL ((size_t)4096)

/* Bytes that are no chance: of an end, of one where the provider is known to
 * go on. (Of all of it: LLMGW__SAID_AGAIN_MIN.) */
#define OVERLAP_MIN       16
#define OVERLAP_MIN_EXACT 24

static llmgw_status push_text(struct llmgw__seam *seam,
                              const struct llmgw__chunk *chunk);
static llmgw_status echo(struct llmgw__seam *seam,
                         const struct llmgw__chunk *chunk);
static llmgw_status stop_echo(struct llmgw__seam *seam,
                              const struct llmgw__chunk *chunk);
static llmgw_status match(struct llmgw__seam *seam,
                          const struct llmgw__chunk *chunk);
static llmgw_status flush(struct llmgw__seam *seam,
                          const struct llmgw__chunk *chunk);
static void narrow(struct llmgw__seam *seam, llmgw_str text, size_t most);
static llmgw_status join(struct llmgw__seam *seam,
                         const struct llmgw__chunk *chunk, llmgw_str text);
static llmgw_status emit(struct llmgw__seam *seam,
                         const struct llmgw__chunk *chunk, llmgw_str text);

static size_t asked(const struct llmgw__seam *seam)
{
    return seam->told.len - seam->unsaid;
}

void llmgw__seam_init(struct llmgw__seam *seam)
{
    if (seam->unsaid > seam->told.len)
        seam->unsaid = seam->told.len;
    llmgw__buf_init(&seam->held, 0);
    seam->overlap = seam->told.len < TAIL ? seam->told.len : TAIL;
    seam->again = asked(seam) >= LLMGW__SAID_AGAIN_MIN;
    seam->echoed = 0;
    seam->joined = seam->told.len == 0;
}

void llmgw__seam_clear(struct llmgw__seam *seam)
{
    llmgw__buf_clear(&seam->held);
}

llmgw_status llmgw__seam_push(struct llmgw__seam *seam,
                              const struct llmgw__chunk *chunk)
{
    llmgw_status status = LLMGW_OK;

    if (chunk->choice == 0 && chunk->kind == LLMGW__CHUNK_ROLE)
        return LLMGW_OK;
    if (seam->joined || chunk->choice != 0 || chunk->kind == LLMGW__CHUNK_USAGE)
        return seam->out(seam->userdata, chunk);
    if (chunk->kind == LLMGW__CHUNK_TEXT)
        return push_text(seam, chunk);
    if (seam->echoed || seam->held.len)
        status = flush(seam, chunk);
    return status == LLMGW_OK ? seam->out(seam->userdata, chunk) : status;
}

static llmgw_status push_text(struct llmgw__seam *seam,
                              const struct llmgw__chunk *chunk)
{
    if (!chunk->text.len)
        return LLMGW_OK; /* what came beside text that is not handed over */
    return seam->again ? echo(seam, chunk) : match(seam, chunk);
}

/** Does it begin anew? What was said again is not kept: it is in `told`. */
static llmgw_status echo(struct llmgw__seam *seam,
                         const struct llmgw__chunk *chunk)
{
    size_t left = asked(seam) - seam->echoed;
    size_t len = chunk->text.len < left ? chunk->text.len : left;
    struct llmgw__chunk rest = *chunk;

    if (memcmp(seam->told.data + seam->echoed, chunk->text.data, len))
        return stop_echo(seam, chunk);
    seam->echoed += len;
    if (len < left)
        return LLMGW_OK;
    /* all of it: only the white space behind it is still open */
    seam->told = llmgw__str_n(seam->told.data + asked(seam), seam->unsaid);
    llmgw__seam_init(seam);
    rest.text = llmgw__str_n(chunk->text.data + len, chunk->text.len - len);
    return rest.text.len ? llmgw__seam_push(seam, &rest) : LLMGW_OK;
}

/** It does not: then what it said may still be an end of what was told. */
static llmgw_status stop_echo(struct llmgw__seam *seam,
                              const struct llmgw__chunk *chunk)
{
    llmgw_str said = llmgw__str_n(seam->told.data, seam->echoed);
    llmgw_status status;

    seam->again = false;
    seam->echoed = 0;
    if (said.len <= TAIL) {
        llmgw__buf_add_str(&seam->held, said);
        return match(seam, chunk);
    }
    narrow(seam, said, TAIL);
    status = join(seam, chunk, said);
    return status == LLMGW_OK ? seam->out(seam->userdata, chunk) : status;
}

static llmgw_status match(struct llmgw__seam *seam,
                          const struct llmgw__chunk *chunk)
{
    llmgw_str text = chunk->text;

    if (seam->held.len) {
        llmgw__buf_add_str(&seam->held, text);
        text = llmgw__buf_str(&seam->held);
    }
    if (seam->held.status != LLMGW_OK)
        return seam->held.status;
    narrow(seam, text, TAIL);
    if (seam->overlap <= text.len && !seam->overlap && !seam->held.len) {
        seam->joined = true; /* as it is, with all that came beside it */
        return seam->out(seam->userdata, chunk);
    }
    if (seam->overlap <= text.len)
        return join(seam, chunk, text);
    if (!seam->held.len)
        llmgw__buf_add_str(&seam->held, text);
    return seam->held.status;
}

/** No more text comes before this chunk: only what has come can be an end. */
static llmgw_status flush(struct llmgw__seam *seam,
                          const struct llmgw__chunk *chunk)
{
    llmgw_str text = seam->again ? llmgw__str_n(seam->told.data, seam->echoed)
                                 : llmgw__buf_str(&seam->held);

    narrow(seam, text, text.len);
    return join(seam, chunk, text);
}

/* --- the overlap --- */

/** Is so long an end no chance? */
static bool counts(const struct llmgw__seam *seam, size_t len)
{
    size_t least = seam->exact ? OVERLAP_MIN_EXACT : OVERLAP_MIN;

    return len <= seam->unsaid || len >= least ||
           (len == seam->told.len && len >= LLMGW__SAID_AGAIN_MIN);
}

/** The longest end, of at most so many bytes, that the text begins with, as
 *  far as it has come. Each length is given up once. */
static void narrow(struct llmgw__seam *seam, llmgw_str text, size_t most)
{
    size_t overlap = seam->overlap < most ? seam->overlap : most;

    for (; overlap > 0; overlap--) {
        size_t len = overlap < text.len ? overlap : text.len;

        if (counts(seam, overlap) &&
            !memcmp(seam->told.data + seam->told.len - overlap, text.data, len))
            break;
    }
    seam->overlap = overlap;
}

/** What is new of the text; from here on all goes out. */
static llmgw_status join(struct llmgw__seam *seam,
                         const struct llmgw__chunk *chunk, llmgw_str text)
{
    llmgw_status status = LLMGW_OK;
    size_t overlap = seam->overlap;

    seam->joined = true;
    if (text.len > overlap)
        status = emit(seam, chunk,
                      llmgw__str_n(text.data + overlap, text.len - overlap));
    llmgw__buf_clear(&seam->held);
    return status;
}

static llmgw_status emit(struct llmgw__seam *seam,
                         const struct llmgw__chunk *chunk, llmgw_str text)
{
    struct llmgw__chunk piece = {0};

    piece.kind = LLMGW__CHUNK_TEXT;
    piece.identity = chunk->identity;
    piece.text = text;
    return seam->out(seam->userdata, &piece);
}
