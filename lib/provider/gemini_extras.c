/*
 * provider/gemini_extras.c - what is kept of a choice for its end: sound,
 * signature, continuation token, parts that must go back; and the logprobs of
 * a piece of text.
 */
#include "base/crypto.h"
#include "gemini_reading.h"

static llmgw_status tell_sound(const struct llmgw__decode *decode,
                               const struct llmgw__gemini_choice *choice);
static llmgw_status tell_state(const struct llmgw__decode *decode,
                               const struct llmgw__gemini_choice *choice);
static llmgw_status tell_blocks(const struct llmgw__decode *decode,
                                const struct llmgw__gemini_choice *choice);
static llmgw_status tell(const struct llmgw__decode *decode,
                         const struct llmgw__gemini_choice *choice,
                         uint8_t member, const struct llmgw__buf *json);
static void write_entries(struct llmgw__jsonw *w,
                          const struct llmgw__jdoc *doc);
static void write_entry(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                        uint32_t node, uint32_t others);
static void write_token(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                        uint32_t node);

llmgw_status llmgw__gemini_extras(const struct llmgw__decode *decode,
                                  struct llmgw__gemini_choice *choice)
{
    llmgw_status status = llmgw__gemini_citations(decode, choice);

    if (status == LLMGW_OK && choice->audio.len > 0)
        status = tell_sound(decode, choice);
    if (status == LLMGW_OK)
        status = tell_state(decode, choice);
    if (status == LLMGW_OK && choice->opaque && !choice->pieces &&
        choice->blocks.status == LLMGW_OK)
        status = tell_blocks(decode, choice);
    return status;
}

/* Nothing of it stays with the provider, so it expires at once. */
static llmgw_status tell_sound(const struct llmgw__decode *decode,
                               const struct llmgw__gemini_choice *choice)
{
    struct llmgw__jstr type = llmgw__gemini_kept(&choice->sound, false);
    struct llmgw__buf json;
    struct llmgw__jsonw w;
    llmgw_status status;
    char id[64];

    decode->ids->make(decode->ids->userdata, "audio_", id);
    llmgw__buf_init(&json, 0);
    llmgw__jsonw_init(&w, &json);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "id", id);
    llmgw__jsonw_member_int(&w, "expires_at", decode->now_s);
    llmgw__jsonw_key(&w, "data");
    llmgw__jsonw_str_open(&w);
    llmgw__base64_encode(&json, llmgw__buf_str(&choice->audio));
    llmgw__jsonw_str_close(&w);
    llmgw__jsonw_member_z(&w, "transcript", "");
    llmgw__jsonw_member_jstr(&w, "mime_type", type);
    llmgw__jsonw_close(&w, '}');
    status = tell(decode, choice, LLMGW__EXTRA_AUDIO, &json);
    llmgw__buf_clear(&json);
    return status;
}

/* The token is of use only where the answer was cut at a limit. */
static llmgw_status tell_state(const struct llmgw__decode *decode,
                               const struct llmgw__gemini_choice *choice)
{
    struct llmgw__jstr signature =
        llmgw__gemini_kept(&choice->signature, false);
    struct llmgw__jstr token = llmgw__gemini_kept(&choice->token, false);
    bool resumable =
        token.len > 0 && (choice->ending == LLMGW__GEMINI_CUT ||
                          choice->ending == LLMGW__GEMINI_CONTINUES);
    struct llmgw__buf json;
    struct llmgw__jsonw w;
    llmgw_status status;

    if (signature.len == 0 && !resumable)
        return LLMGW_OK;
    llmgw__buf_init(&json, 0);
    llmgw__jsonw_init(&w, &json);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_open(&w, "google", '{');
    if (signature.len > 0)
        llmgw__jsonw_member_jstr(&w, "thought_signature", signature);
    if (resumable)
        llmgw__jsonw_member_jstr(&w, "continuation_token", token);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
    status = tell(decode, choice, LLMGW__EXTRA_EXTRA_CONTENT, &json);
    llmgw__buf_clear(&json);
    return status;
}

/* The parts as the next request has to return them. */
static llmgw_status tell_blocks(const struct llmgw__decode *decode,
                                const struct llmgw__gemini_choice *choice)
{
    struct llmgw__buf json;
    llmgw_status status;

    llmgw__buf_init(&json, 0);
    llmgw__buf_add_z(&json, "{\"family\":\"gemini\",\"content\":[");
    llmgw__buf_add_str(&json, llmgw__buf_str(&choice->blocks));
    llmgw__buf_add_z(&json, "]}");
    status = tell(decode, choice, LLMGW__EXTRA_REPLAY, &json);
    llmgw__buf_clear(&json);
    return status;
}

static llmgw_status tell(const struct llmgw__decode *decode,
                         const struct llmgw__gemini_choice *choice,
                         uint8_t member, const struct llmgw__buf *json)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_EXTRA,
                                 .variant = member,
                                 .choice = choice->index,
                                 .text = llmgw__buf_str(json)};

    if (json->status != LLMGW_OK)
        return json->status;
    return decode->emit(decode->userdata, &chunk);
}

/* {chosenCandidates:[…], topCandidates:[{candidates:[…]}]}, side by side. */
llmgw_status llmgw__gemini_logprobs(const struct llmgw__decode *decode,
                                    llmgw_str text, llmgw_str *out)
{
    struct llmgw__jdoc doc = {.nodes = NULL};
    struct llmgw__buf json;
    struct llmgw__jsonw w;
    llmgw_status status = llmgw__jdoc_parse(&doc, text, 0);

    if (status != LLMGW_OK)
        return status;
    llmgw__buf_init(&json, 0);
    llmgw__jsonw_init(&w, &json);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_open(&w, "content", '[');
    write_entries(&w, &doc);
    llmgw__jsonw_close(&w, ']');
    llmgw__jsonw_key(&w, "refusal");
    llmgw__jsonw_null(&w);
    llmgw__jsonw_close(&w, '}');
    status = json.status;
    if (status == LLMGW_OK)
        status = llmgw__arena_str(decode->scratch, llmgw__buf_str(&json), out);
    llmgw__buf_clear(&json);
    llmgw__jdoc_clear(&doc);
    return status;
}

static void write_entries(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc)
{
    uint32_t chosen = llmgw__jdoc_get(doc, 0, "chosenCandidates");
    uint32_t top = llmgw__jdoc_get(doc, 0, "topCandidates");
    uint32_t others = llmgw__jdoc_first(doc, top);

    for (uint32_t at = llmgw__jdoc_first(doc, chosen); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, chosen, at)) {
        write_entry(w, doc, at, llmgw__jdoc_get(doc, others, "candidates"));
        if (others != LLMGW__JNONE)
            others = llmgw__jdoc_next(doc, top, others);
    }
}

static void write_entry(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                        uint32_t node, uint32_t others)
{
    llmgw__jsonw_open(w, '{');
    write_token(w, doc, node);
    llmgw__jsonw_member_open(w, "top_logprobs", '[');
    for (uint32_t at = llmgw__jdoc_first(doc, others); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, others, at)) {
        llmgw__jsonw_open(w, '{');
        write_token(w, doc, at);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
    llmgw__jsonw_close(w, '}');
}

/* A logProbability that is left out is zero. */
static void write_token(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                        uint32_t node)
{
    struct llmgw__jstr token = llmgw__jdoc_get_string(doc, node, "token");
    uint32_t value = llmgw__jdoc_get(doc, node, "logProbability");
    const struct llmgw__jstr none = {"", 0, false};

    llmgw__jsonw_member_jstr(w, "token", token.data ? token : none);
    llmgw__jsonw_member_raw(w, "logprob",
                            llmgw__jdoc_type(doc, value) == LLMGW__JSON_NUMBER
                                ? llmgw__jdoc_raw(doc, value)
                                : LLMGW__LIT("0"));
    llmgw__jsonw_key(w, "bytes");
    llmgw__jsonw_null(w);
}
