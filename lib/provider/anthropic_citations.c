/*
 * provider/anthropic_citations.c - citations of the web as annotations.
 *
 * OpenAI's annotation spans characters of the whole text: here the block that
 * the citations belong to. Other kinds (of documents) have no counterpart;
 * they are in the blocks that are handed over as a whole.
 *
 * Source: Messages API, "Citations", "Web search tool". Memory: one
 * annotation at a time.
 */
#include "anthropic_decoder.h"
#include "base/jsonwrite.h"

struct citation {
    struct llmgw__jstr type, title, url;
};

static struct citation read_citation(llmgw_str raw)
{
    struct citation citation = {{"", 0, false}, {"", 0, false}, {"", 0, false}};
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, raw);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key)) {
            if (LLMGW__ANTHROPIC_IS(key, "type"))
                (void)llmgw__json_string(&json, &citation.type);
            else if (LLMGW__ANTHROPIC_IS(key, "title"))
                (void)llmgw__json_string(&json, &citation.title);
            else if (LLMGW__ANTHROPIC_IS(key, "url"))
                (void)llmgw__json_string(&json, &citation.url);
            else
                llmgw__json_skip(&json);
        }
    return citation;
}

llmgw_status
llmgw__anthropic_annotate(const struct llmgw__anthropic_decoder *d,
                          const struct llmgw__decode *decode,
                          const struct llmgw__anthropic_block *block,
                          llmgw_str citations)
{
    struct llmgw__json json;
    llmgw_status status = LLMGW_OK;

    llmgw__json_init(&json, citations);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        struct citation citation = read_citation(llmgw__json_raw(&json));

        if (llmgw__jstr_is(citation.type, "web_search_result_location"))
            status = llmgw__anthropic_cite(d, decode, block, citation.title,
                                           citation.url);
    }
    return status;
}

llmgw_status llmgw__anthropic_cite(const struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__anthropic_block *block,
                                   struct llmgw__jstr title,
                                   struct llmgw__jstr url)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_EXTRA,
                                 .variant = LLMGW__EXTRA_ANNOTATION};
    struct llmgw__jsonw w;
    struct llmgw__buf buf;
    llmgw_status status;

    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "type", "url_citation");
    llmgw__jsonw_member_open(&w, "url_citation", '{');
    llmgw__jsonw_member_int(&w, "start_index", (int64_t)block->from);
    llmgw__jsonw_member_int(&w, "end_index", (int64_t)d->characters);
    llmgw__jsonw_member_jstr(&w, "title", title);
    llmgw__jsonw_member_jstr(&w, "url", url);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
    status = buf.status;
    chunk.text = llmgw__buf_str(&buf);
    if (status == LLMGW_OK)
        status = decode->emit(decode->userdata, &chunk);
    llmgw__buf_clear(&buf);
    return status;
}
