/*
 * provider/gemini_record.c - one response object -> chunks.
 *
 * The object is walked once. Only what must wait is read again: the identity
 * of the first record, which stands behind the candidates; and calls, since a
 * finishReason behind them may declare them void.
 *
 * Source: Google AI for Developers, "GenerateContentResponse" (v1beta).
 * Memory: none for a record of text; the rest in the attempt's arena.
 */
#include "base/clock.h"
#include "gemini_reading.h"

static void get_ready(struct llmgw__gemini_reading *r);
static llmgw_status tell_identity(struct llmgw__gemini_reading *r);
static void identity_member(struct llmgw__json *json, llmgw_str key,
                            struct llmgw__jstr *id, struct llmgw__jstr *model,
                            struct llmgw__identity *identity);
static void tier_of(struct llmgw__json *json, struct llmgw__identity *identity);
static llmgw_status read_member(struct llmgw__gemini_reading *r, llmgw_str key);
static llmgw_status read_candidates(struct llmgw__gemini_reading *r);
static void read_counts(struct llmgw__gemini_reading *r);
static llmgw_status read_feedback(struct llmgw__gemini_reading *r);
static void read_error(struct llmgw__gemini_reading *r);
static llmgw_status tell_failure(const struct llmgw__gemini_reading *r);

llmgw_status llmgw__gemini_record(struct llmgw__gemini_reading *r)
{
    llmgw_status status;
    llmgw_str key;

    if (!r->decoder->ready)
        get_ready(r);
    status = r->decoder->told ? LLMGW_OK : tell_identity(r);
    if (status != LLMGW_OK)
        return status;
    r->from = r->json->at;
    if (!llmgw__json_object(r->json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(r->json, &key))
        status = read_member(r, key);
    if (status == LLMGW_OK && r->json->bad)
        return LLMGW_E_INVALID;
    if (status == LLMGW_OK && r->counted)
        status = llmgw__gemini_tell_usage(r->decoder, r->decode);
    if (status == LLMGW_OK && (r->failure || r->broken || r->pieces))
        status = tell_failure(r);
    return status;
}

/* Without a request to look at everything may come. The provider's own tools
 * leave parts that are not shown; a cache may hold such tools. */
static void get_ready(struct llmgw__gemini_reading *r)
{
    struct llmgw__gemini_decoder *d = r->decoder;
    const struct llmgw__memo *memo = r->decode->memo;
    const struct llmgw__chat *chat = memo ? memo->chat : NULL;
    bool search, tools, asked = false;
    uint32_t options, config;

    d->ready = true;
    d->several = d->several || !chat || chat->n > 1;
    d->logprobs = !chat || chat->logprobs == 1;
    d->cites = d->blocks = !chat;
    if (!chat)
        return;
    options = llmgw__jdoc_get(&chat->doc, chat->extension, "gemini");
    config = llmgw__jdoc_get(&chat->doc, options, "generationConfig");
    tools =
        llmgw__jdoc_get(&chat->doc, options, "tools") != LLMGW__JNONE ||
        llmgw__jdoc_get(&chat->doc, options, "cachedContent") != LLMGW__JNONE;
    search = llmgw__chat_member(chat, "web_search_options") != LLMGW__JNONE;
    d->cites = search || tools;
    d->blocks = tools || (search && chat->tool_count > 0);
    if (llmgw__jdoc_bool(
            &chat->doc, llmgw__jdoc_get(&chat->doc, config, "responseLogprobs"),
            &asked))
        d->logprobs = d->logprobs || asked;
}

/* Once, ahead of everything: it stands behind the candidates. */
static llmgw_status tell_identity(struct llmgw__gemini_reading *r)
{
    struct llmgw__json ahead = *r->json;
    struct llmgw__identity identity = {.created = 0};
    struct llmgw__jstr id = {NULL, 0, false}, model = {NULL, 0, false};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_IDENTITY,
                                 .identity = &identity};
    llmgw_str key;

    if (llmgw__json_object(&ahead))
        while (llmgw__json_key(&ahead, &key))
            identity_member(&ahead, key, &id, &model, &identity);
    if (id.len == 0 && model.len == 0 && identity.created == 0)
        return LLMGW_OK;
    if ((id.len > 0 &&
         llmgw__jstr_text(id, r->decode->scratch, &identity.id) != LLMGW_OK) ||
        (model.len > 0 && llmgw__jstr_text(model, r->decode->scratch,
                                           &identity.model) != LLMGW_OK))
        return LLMGW_E_NOMEM;
    r->decoder->told = true;
    return r->decode->emit(r->decode->userdata, &chunk);
}

static void identity_member(struct llmgw__json *json, llmgw_str key,
                            struct llmgw__jstr *id, struct llmgw__jstr *model,
                            struct llmgw__identity *identity)
{
    struct llmgw__jstr time;

    if (LLMGW__GEMINI_KEY(key, "responseId")) {
        llmgw__json_string(json, id);
    } else if (LLMGW__GEMINI_KEY(key, "modelVersion")) {
        llmgw__json_string(json, model);
    } else if (LLMGW__GEMINI_KEY(key, "usageMetadata")) {
        tier_of(json, identity);
    } else if (LLMGW__GEMINI_KEY(key, "createTime")) {
        if (llmgw__json_string(json, &time)) {
            int64_t seconds = llmgw__date_parse(time.data, time.len);

            identity->created = seconds > 0 ? seconds : 0;
        }
    } else {
        llmgw__json_skip(json);
    }
}

/* The tiers that have a name at our side. */
static void tier_of(struct llmgw__json *json, struct llmgw__identity *identity)
{
    static const struct {
        const char *name;
        const char *ours;
    } tiers[] = {
        {"flex", "flex"},
        {"priority", "priority"},
        {"ON_DEMAND_FLEX", "flex"},
        {"ON_DEMAND_PRIORITY", "priority"},
    };
    struct llmgw__jstr tier;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (!LLMGW__GEMINI_KEY(key, "serviceTier") &&
            !LLMGW__GEMINI_KEY(key, "trafficType")) {
            llmgw__json_skip(json);
            continue;
        }
        if (!llmgw__json_string(json, &tier))
            continue;
        for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
            if (llmgw__jstr_is(tier, tiers[i].name))
                identity->service_tier = llmgw__str(tiers[i].ours);
    }
}

static llmgw_status read_member(struct llmgw__gemini_reading *r, llmgw_str key)
{
    if (LLMGW__GEMINI_KEY(key, "candidates"))
        return read_candidates(r);
    if (LLMGW__GEMINI_KEY(key, "usageMetadata")) {
        read_counts(r);
    } else if (LLMGW__GEMINI_KEY(key, "promptFeedback")) {
        r->other = true;
        return read_feedback(r);
    } else if (LLMGW__GEMINI_KEY(key, "error")) {
        r->other = true;
        read_error(r);
    } else {
        llmgw__json_skip(r->json);
    }
    return LLMGW_OK;
}

static llmgw_status read_candidates(struct llmgw__gemini_reading *r)
{
    llmgw_status status = LLMGW_OK;

    if (!llmgw__json_array(r->json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(r->json))
        status = llmgw__gemini_candidate(r);
    return status;
}

static void read_counts(struct llmgw__gemini_reading *r)
{
    llmgw__gemini_counts_read(r->json, &r->counts, r->holes);
    if (!r->counts.any)
        return;
    llmgw__gemini_counts_take(r->decoder, &r->counts);
    r->counted = true;
}

/* A blocked prompt: an answer without candidates. */
static llmgw_status read_feedback(struct llmgw__gemini_reading *r)
{
    struct llmgw__jstr reason = {NULL, 0, false}, words = {NULL, 0, false};
    struct llmgw__gemini_choice *choice = &r->decoder->first;
    llmgw_str key;

    if (!llmgw__json_object(r->json))
        return LLMGW_OK;
    while (llmgw__json_key(r->json, &key))
        if (LLMGW__GEMINI_KEY(key, "blockReason"))
            llmgw__json_string(r->json, &reason);
        else if (LLMGW__GEMINI_KEY(key, "blockReasonMessage"))
            llmgw__json_string(r->json, &words);
        else
            llmgw__json_skip(r->json);
    if (reason.len == 0)
        return LLMGW_OK;
    llmgw__gemini_blocked(choice, llmgw__str_n(reason.data, reason.len));
    if (words.len == 0)
        return LLMGW_OK;
    return llmgw__gemini_keep(&choice->message,
                              llmgw__str_n(words.data, words.len),
                              r->decode->arena);
}

static void read_error(struct llmgw__gemini_reading *r)
{
    r->failure = r->failure || llmgw__json_peek(r->json) != LLMGW__JSON_NULL;
    llmgw__json_skip(r->json);
}

static llmgw_status tell_failure(const struct llmgw__gemini_reading *r)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};

    if (!r->failure && r->broken)
        return llmgw__gemini_fail(r->decoder, r->decode, r->broken);
    r->decoder->failed = true;
    llmgw__error_clear(&error);
    if (r->failure)
        llmgw__error_classify_inband(
            r->decode, llmgw__str_n(r->from, (size_t)(r->json->at - r->from)),
            &error);
    else
        llmgw__error_setz(&error, LLMGW_KIND_MODEL_OUTPUT_INVALID,
                          "pieces of tool arguments that do not fit together");
    if (r->decode->head && !error.upstream_status)
        error.upstream_status = r->decode->head->status;
    return r->decode->emit(r->decode->userdata, &chunk);
}
