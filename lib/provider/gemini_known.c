/*
 * provider/gemini_known.c - records that repeat an earlier one but for their
 * text and two counts, as most of a stream do.
 *
 * Memory: one record, see base/jsonmould.c.
 */
#include "gemini_reading.h"

static int64_t number_of(struct llmgw__jstr digits);

bool llmgw__gemini_known(struct llmgw__gemini_decoder *d,
                         const struct llmgw__decode *decode, llmgw_str record,
                         llmgw_status *status)
{
    struct llmgw__gemini_counts counts;
    struct llmgw__jstr holes[LLMGW__MOULD_HOLES] = {{NULL, 0, false}};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TEXT};

    if (d->failed || !llmgw__mould_fits(&d->mould, record, holes))
        return false;
    *status = llmgw__jstr_text(holes[0], decode->scratch, &chunk.text);
    if (*status == LLMGW_OK && chunk.text.len)
        *status = decode->emit(decode->userdata, &chunk);
    if (*status != LLMGW_OK || !d->mould_counts.any)
        return true;
    counts = d->mould_counts;
    if (holes[1].data)
        counts.candidates = number_of(holes[1]);
    if (holes[2].data)
        counts.total = number_of(holes[2]);
    llmgw__gemini_counts_take(d, &counts);
    *status = llmgw__gemini_tell_usage(d, decode);
    return true;
}

/* Text of the only choice, and nothing that must be kept beside it. */
llmgw_status llmgw__gemini_learn(const struct llmgw__gemini_reading *r,
                                 llmgw_str record)
{
    struct llmgw__gemini_decoder *d = r->decoder;

    if (r->texts != 1 || r->other || r->broken || r->pieces || d->several ||
        d->logprobs || d->cites || d->blocks)
        return LLMGW_OK;
    d->mould_counts.any = false;
    if (r->counted)
        d->mould_counts = r->counts;
    return llmgw__mould_take(&d->mould, r->decode->arena, record, r->holes, 1);
}

/* Of at most 15 digits. */
static int64_t number_of(struct llmgw__jstr digits)
{
    int64_t number = 0;

    for (size_t i = 0; i < digits.len; i++)
        number = number * 10 + (digits.data[i] - '0');
    return number;
}
