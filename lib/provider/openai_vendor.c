/*
 * provider/openai_vendor.c - what a service says of an answer that OpenAI has
 * no word for, or no place in a chunk: kept, and told once, at the end.
 *
 * Services repeat such members from record to record, or say more of them
 * each time: the last one holds.
 *
 * Source: the services' documentation and recorded traffic. Memory: the
 * members, each at most MAX_MEMBER bytes (what is longer is left out).
 */
#include <string.h>

#include "base/alloc.h"
#include "base/jsonwrite.h"
#include "openai_decode.h"

#define MAX_MEMBER ((size_t)1 << 20)

static const char *const names[LLMGW__OPENAI_VENDORS] = {
    [LLMGW__OPENAI_MODERATION_RESULT] = "moderation",
    [LLMGW__OPENAI_METADATA_ECHO] = "metadata",
    [LLMGW__OPENAI_CITATIONS] = "citations",
    [LLMGW__OPENAI_SEARCH_RESULTS] = "search_results",
    [LLMGW__OPENAI_RELATED] = "related_questions",
    [LLMGW__OPENAI_PROVIDER] = "provider",
    [LLMGW__OPENAI_PROMPT_FILTER] = "prompt_filter_results",
    [LLMGW__OPENAI_X_GROQ] = "x_groq",
    [LLMGW__OPENAI_TIMINGS] = "timings",
    [LLMGW__OPENAI_OTHER_TIER] = "service_tier",
};

static llmgw_status keep(struct llmgw__openai_decoder *decoder, size_t which,
                         llmgw_str json);
static llmgw_status render(struct llmgw__openai_decoder *decoder, size_t first,
                           struct llmgw__buf *out);

llmgw_status
llmgw__openai_decode_vendor(struct llmgw__openai_decoder *decoder,
                            const struct llmgw__openai_payload *payload)
{
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < LLMGW__OPENAI_VENDORS && status == LLMGW_OK; i++)
        if (payload->vendors[i].len > 2) /* [] and {} say nothing */
            status = keep(decoder, i, payload->vendors[i]);
    return status;
}

/* Nearly always it is what was kept before. */
static llmgw_status keep(struct llmgw__openai_decoder *decoder, size_t which,
                         llmgw_str json)
{
    struct llmgw__buf *kept = decoder->vendors;

    if (!kept) {
        kept = llmgw__calloc(LLMGW__OPENAI_VENDORS, sizeof *kept);
        if (!kept)
            return LLMGW_E_NOMEM;
        for (size_t i = 0; i < LLMGW__OPENAI_VENDORS; i++)
            llmgw__buf_init(&kept[i], MAX_MEMBER);
        decoder->vendors = kept;
    }
    kept += which;
    if (llmgw__str_eq(llmgw__buf_str(kept), json))
        return LLMGW_OK;
    llmgw__buf_reset(kept);
    llmgw__buf_add_str(kept, json);
    return kept->status == LLMGW_E_NOMEM ? LLMGW_E_NOMEM : LLMGW_OK;
}

/* What OpenAI itself calls moderation and metadata is that; of others it may be
 * anything. */
llmgw_status llmgw__openai_end_vendor(struct llmgw__openai_decoder *decoder,
                                      const struct llmgw__decode *decode)
{
    const struct llmgw__provider_row *row = decode->target->provider->row;
    bool own = row && (row->quirks & LLMGW__QUIRK_FULL_OPENAI);
    struct llmgw__identity told = decoder->identity;
    struct llmgw__buf rest;
    llmgw_status status;

    if (!decoder->vendors)
        return LLMGW_OK;
    llmgw__buf_init(&rest, 0);
    status = render(decoder, own ? LLMGW__OPENAI_CITATIONS : 0, &rest);
    if (own) {
        told.moderation =
            llmgw__buf_str(&decoder->vendors[LLMGW__OPENAI_MODERATION_RESULT]);
        told.metadata =
            llmgw__buf_str(&decoder->vendors[LLMGW__OPENAI_METADATA_ECHO]);
    }
    told.vendor = llmgw__buf_str(&rest);
    if (status == LLMGW_OK)
        status = llmgw__openai_emit(
            decode, &(struct llmgw__chunk){.kind = LLMGW__CHUNK_IDENTITY,
                                           .identity = &told});
    llmgw__buf_clear(&rest);
    return status;
}

/* All but what has a place of its own, as members. */
static llmgw_status render(struct llmgw__openai_decoder *decoder, size_t first,
                           struct llmgw__buf *out)
{
    struct llmgw__jsonw w;

    llmgw__jsonw_init(&w, out);
    for (size_t i = first; i < LLMGW__OPENAI_VENDORS; i++) {
        const struct llmgw__buf *kept = &decoder->vendors[i];

        if (kept->len && kept->status == LLMGW_OK)
            llmgw__jsonw_member_raw(&w, names[i], llmgw__buf_str(kept));
    }
    return out->status;
}

void llmgw__openai_free_vendor(struct llmgw__openai_decoder *decoder)
{
    for (size_t i = 0; decoder->vendors && i < LLMGW__OPENAI_VENDORS; i++)
        llmgw__buf_clear(&decoder->vendors[i]);
    llmgw__free(decoder->vendors);
    decoder->vendors = NULL;
}
