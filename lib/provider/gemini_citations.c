/*
 * provider/gemini_citations.c - groundingMetadata -> url_citation annotations.
 *
 * Segments count bytes of UTF-8, annotations count code points of the answer's
 * text, so all of the text must be known: this runs at the end. One annotation
 * for each pair of support and chunk. Source: Google AI for Developers,
 * "Grounding with Google Search"; its SDK's types (Segment).
 * Memory: an index of the metadata, one number for each 256 bytes of text.
 */
#include "gemini_reading.h"

enum {
    BLOCK = 256,
    MAX_CITATIONS = 4096,
    MAX_PARTS = 8192 /* whose beginning is known */
};

struct citing {
    const struct llmgw__decode *decode;
    const struct llmgw__gemini_choice *choice;
    struct llmgw__jdoc doc;
    struct llmgw__buf json; /* one annotation */
    size_t *starts;         /* code points before each block of the text */
    uint32_t chunks;        /* groundingChunks */
    size_t base;            /* where the part of the segment begins */
    size_t count;
};

static llmgw_status count_blocks(struct citing *c);
static size_t code_points(llmgw_str text, size_t from, size_t to);
static size_t position(const struct citing *c, int64_t byte);
static llmgw_status find_base(struct citing *c, uint32_t segment);
static bool stands_at(const struct citing *c, size_t byte, llmgw_str words);
static llmgw_status tell_all(struct citing *c);
static llmgw_status tell_support(struct citing *c, uint32_t support);
static llmgw_status tell_pair(struct citing *c, uint32_t segment,
                              int64_t index);
static uint32_t source_of(const struct citing *c, uint32_t chunk);
static void write_pair(struct citing *c, uint32_t segment, uint32_t source);
static int64_t number(const struct llmgw__jdoc *doc, uint32_t object,
                      const char *name);
static uint32_t element(const struct llmgw__jdoc *doc, uint32_t array,
                        int64_t index);

llmgw_status llmgw__gemini_citations(const struct llmgw__decode *decode,
                                     struct llmgw__gemini_choice *choice)
{
    struct citing c = {.decode = decode, .choice = choice};
    llmgw_str text =
        llmgw__str_n(choice->grounding.data, choice->grounding.len);
    llmgw_status status;

    if (text.len == 0 || choice->text.status != LLMGW_OK ||
        choice->text.len == 0)
        return LLMGW_OK;
    status = llmgw__jdoc_parse(&c.doc, text, 0);
    if (status != LLMGW_OK)
        return status;
    llmgw__buf_init(&c.json, 0);
    status = count_blocks(&c);
    if (status == LLMGW_OK)
        status = tell_all(&c);
    llmgw__buf_clear(&c.json);
    llmgw__jdoc_clear(&c.doc);
    return status;
}

llmgw_status llmgw__gemini_part_begins(struct llmgw__gemini_choice *choice,
                                       enum llmgw__gemini_part kind, bool more)
{
    bool same = kind == choice->last && kind != LLMGW__GEMINI_PART_OTHER;
    size_t at = choice->text.len;

    choice->last = (uint8_t)kind;
    if (same && more)
        return LLMGW_OK;
    choice->starts.limit = MAX_PARTS * sizeof at;
    llmgw__buf_add(&choice->starts, (const char *)&at, sizeof at);
    return choice->starts.status == LLMGW_E_NOMEM ? LLMGW_E_NOMEM : LLMGW_OK;
}

/* Some records of a stream say nothing, or a part of it only. */
llmgw_status llmgw__gemini_grounded(struct llmgw__gemini_choice *choice,
                                    llmgw_str text, struct llmgw__arena *arena)
{
    struct llmgw__json json;
    int64_t searches = 0;
    bool supports = false;
    llmgw_str key;

    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return LLMGW_OK;
    while (llmgw__json_key(&json, &key)) {
        supports = supports || LLMGW__GEMINI_KEY(key, "groundingSupports");
        if (!LLMGW__GEMINI_KEY(key, "webSearchQueries")) {
            llmgw__json_skip(&json);
            continue;
        }
        if (!llmgw__json_array(&json))
            continue;
        while (llmgw__json_item(&json)) {
            llmgw__json_skip(&json);
            searches++;
        }
    }
    if (searches > 0)
        choice->searches = searches;
    return supports ? llmgw__gemini_keep(&choice->grounding, text, arena)
                    : LLMGW_OK;
}

static llmgw_status count_blocks(struct citing *c)
{
    llmgw_str text = llmgw__buf_str(&c->choice->text);
    size_t blocks = text.len / BLOCK + 1;

    c->starts =
        llmgw__arena_array(c->decode->scratch, blocks, sizeof *c->starts);
    if (!c->starts)
        return LLMGW_E_NOMEM;
    for (size_t i = 1; i < blocks; i++)
        c->starts[i] =
            c->starts[i - 1] + code_points(text, (i - 1) * BLOCK, i * BLOCK);
    return LLMGW_OK;
}

/* Code points that begin in [from, to). */
static size_t code_points(llmgw_str text, size_t from, size_t to)
{
    size_t count = 0;

    for (size_t i = from; i < to; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

/* Of a byte in the segment's part, held to the text. */
static size_t position(const struct citing *c, int64_t byte)
{
    llmgw_str text = llmgw__buf_str(&c->choice->text);
    size_t at = byte < 0 ? 0 : (size_t)byte;
    size_t block;

    if (at > text.len - c->base)
        at = text.len - c->base;
    at += c->base;
    block = at / BLOCK;
    return c->starts[block] + code_points(text, block * BLOCK, at);
}

/* A segment may say in which part it counts. Whether it does, or counts from
 * the beginning after all, its own words tell. */
static llmgw_status find_base(struct citing *c, uint32_t segment)
{
    const struct llmgw__buf *starts = &c->choice->starts;
    size_t first = c->choice->text_from; /* of this exchange */
    int64_t part = number(&c->doc, segment, "partIndex");
    int64_t from = number(&c->doc, segment, "startIndex");
    struct llmgw__jstr raw = llmgw__jdoc_get_string(&c->doc, segment, "text");
    llmgw_str words = {NULL, 0};
    llmgw_status status = LLMGW_OK;

    c->base = first;
    if (part < 1 || (uint64_t)part >= starts->len / sizeof c->base)
        return LLMGW_OK;
    memcpy(&c->base, starts->data + (size_t)part * sizeof c->base,
           sizeof c->base);
    if (raw.len > 0)
        status = llmgw__jstr_text(raw, c->decode->scratch, &words);
    if (words.len > 0 && from >= 0 && from <= INT32_MAX &&
        !stands_at(c, c->base + (size_t)from, words) &&
        stands_at(c, first + (size_t)from, words))
        c->base = first;
    return status;
}

static bool stands_at(const struct citing *c, size_t byte, llmgw_str words)
{
    llmgw_str text = llmgw__buf_str(&c->choice->text);

    return (uint64_t)byte <= text.len && words.len <= text.len - (size_t)byte &&
           memcmp(text.data + byte, words.data, words.len) == 0;
}

static llmgw_status tell_all(struct citing *c)
{
    uint32_t supports = llmgw__jdoc_get(&c->doc, 0, "groundingSupports");
    llmgw_status status = LLMGW_OK;

    c->chunks = llmgw__jdoc_get(&c->doc, 0, "groundingChunks");
    for (uint32_t at = llmgw__jdoc_first(&c->doc, supports);
         at != LLMGW__JNONE && status == LLMGW_OK;
         at = llmgw__jdoc_next(&c->doc, supports, at))
        status = tell_support(c, at);
    return status;
}

static llmgw_status tell_support(struct citing *c, uint32_t support)
{
    uint32_t segment = llmgw__jdoc_get(&c->doc, support, "segment");
    uint32_t list = llmgw__jdoc_get(&c->doc, support, "groundingChunkIndices");
    llmgw_status status = find_base(c, segment);

    for (uint32_t at = llmgw__jdoc_first(&c->doc, list);
         at != LLMGW__JNONE && status == LLMGW_OK;
         at = llmgw__jdoc_next(&c->doc, list, at)) {
        int64_t index;

        if (llmgw__jdoc_int64(&c->doc, at, &index))
            status = tell_pair(c, segment, index);
    }
    return status;
}

static llmgw_status tell_pair(struct citing *c, uint32_t segment, int64_t index)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_EXTRA,
                                 .variant = LLMGW__EXTRA_ANNOTATION,
                                 .choice = c->choice->index};
    uint32_t source = source_of(c, element(&c->doc, c->chunks, index));

    if (source == LLMGW__JNONE || ++c->count > MAX_CITATIONS)
        return LLMGW_OK;
    write_pair(c, segment, source);
    if (c->json.status != LLMGW_OK)
        return c->json.status;
    chunk.text = llmgw__buf_str(&c->json);
    return c->decode->emit(c->decode->userdata, &chunk);
}

/* A page, or what else has an address; JNONE: it has none. */
static uint32_t source_of(const struct citing *c, uint32_t chunk)
{
    static const char *const others[] = {"maps", "retrievedContext"};
    uint32_t web = llmgw__jdoc_get(&c->doc, chunk, "web");

    if (llmgw__jdoc_type(&c->doc, web) == LLMGW__JSON_OBJECT)
        return web;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        uint32_t source = llmgw__jdoc_get(&c->doc, chunk, others[i]);
        uint32_t uri = llmgw__jdoc_get(&c->doc, source, "uri");

        if (llmgw__jdoc_string(&c->doc, uri).len > 0)
            return source;
    }
    return LLMGW__JNONE;
}

static void write_pair(struct citing *c, uint32_t segment, uint32_t source)
{
    const struct llmgw__jstr none = {"", 0, false};
    struct llmgw__jstr url = llmgw__jdoc_get_string(&c->doc, source, "uri");
    struct llmgw__jstr title = llmgw__jdoc_get_string(&c->doc, source, "title");
    struct llmgw__jsonw w;

    llmgw__buf_reset(&c->json);
    llmgw__jsonw_init(&w, &c->json);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "type", "url_citation");
    llmgw__jsonw_member_open(&w, "url_citation", '{');
    llmgw__jsonw_member_int(
        &w, "start_index",
        (int64_t)position(c, number(&c->doc, segment, "startIndex")));
    llmgw__jsonw_member_int(
        &w, "end_index",
        (int64_t)position(c, number(&c->doc, segment, "endIndex")));
    llmgw__jsonw_member_jstr(&w, "url", url.data ? url : none);
    llmgw__jsonw_member_jstr(&w, "title", title.data ? title : none);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
}

/* Left out is zero. */
static int64_t number(const struct llmgw__jdoc *doc, uint32_t object,
                      const char *name)
{
    int64_t value = 0;

    return llmgw__jdoc_int64(doc, llmgw__jdoc_get(doc, object, name), &value)
               ? value
               : 0;
}

static uint32_t element(const struct llmgw__jdoc *doc, uint32_t array,
                        int64_t index)
{
    uint32_t at = llmgw__jdoc_first(doc, array);

    if (llmgw__jdoc_type(doc, array) != LLMGW__JSON_ARRAY || index < 0)
        return LLMGW__JNONE;
    while (index-- > 0 && at != LLMGW__JNONE)
        at = llmgw__jdoc_next(doc, array, at);
    return at;
}
