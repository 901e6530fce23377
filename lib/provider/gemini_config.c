/*
 * provider/gemini_config.c - generationConfig: sampling, limits, format of
 * the answer.
 *
 * The object is opened by its first member: an empty one is never sent.
 * Members that the host gave in llmgw.gemini.generationConfig win.
 */
#include "gemini.h"

static void write_sampling(struct llmgw__gemini_encode *e);
static void write_penalties(struct llmgw__gemini_encode *e);
static void write_seed(struct llmgw__gemini_encode *e);
static void write_stops(struct llmgw__gemini_encode *e);
static void write_logprobs(struct llmgw__gemini_encode *e);
static void write_format(struct llmgw__gemini_encode *e);
static void write_modalities(struct llmgw__gemini_encode *e);
static void write_voice(struct llmgw__gemini_encode *e);
static void write_given(struct llmgw__gemini_encode *e);
static void open_config(struct llmgw__gemini_encode *e);
static void number(struct llmgw__gemini_encode *e, const char *key,
                   const struct llmgw__number *value);

void llmgw__gemini_config(struct llmgw__gemini_encode *e)
{
    write_sampling(e);
    write_penalties(e);
    write_seed(e);
    if (e->chat->max_tokens > 0 &&
        llmgw__gemini_config_key(e, "maxOutputTokens"))
        llmgw__jsonw_int(&e->w, e->chat->max_tokens);
    write_stops(e);
    if (e->chat->n > 1 && llmgw__gemini_config_key(e, "candidateCount"))
        llmgw__jsonw_int(&e->w, e->chat->n);
    write_logprobs(e);
    write_format(e);
    write_modalities(e);
    llmgw__gemini_thinking(e);
    write_given(e);
    if (e->config_open)
        llmgw__jsonw_close(&e->w, '}');
}

bool llmgw__gemini_config_key(struct llmgw__gemini_encode *e, const char *key)
{
    if (llmgw__jdoc_get(&e->chat->doc, e->config, key) != LLMGW__JNONE)
        return false;
    open_config(e);
    llmgw__jsonw_key(&e->w, key);
    return true;
}

static void open_config(struct llmgw__gemini_encode *e)
{
    if (e->config_open)
        return;
    e->config_open = true;
    llmgw__jsonw_member_open(&e->w, "generationConfig", '{');
}

static void number(struct llmgw__gemini_encode *e, const char *key,
                   const struct llmgw__number *value)
{
    if (value->set && llmgw__gemini_config_key(e, key))
        llmgw__jsonw_raw(&e->w, value->text);
}

static void write_sampling(struct llmgw__gemini_encode *e)
{
    number(e, "temperature", &e->chat->temperature);
    number(e, "topP", &e->chat->top_p);
    if (e->chat->top_k.value >= 0) /* -1: off */
        number(e, "topK", &e->chat->top_k);
}

/* From 2.5 on any penalty is a 400, zero too. */
static void write_penalties(struct llmgw__gemini_encode *e)
{
    const struct {
        const char *name;
        const char *key;
        const struct llmgw__number *value;
    } penalties[] = {
        {"presence_penalty", "presencePenalty", &e->chat->presence_penalty},
        {"frequency_penalty", "frequencyPenalty", &e->chat->frequency_penalty},
    };

    for (size_t i = 0; i < sizeof penalties / sizeof *penalties; i++) {
        if (e->model.version < LLMGW__GEMINI_2_5)
            number(e, penalties[i].key, penalties[i].value);
        else if (penalties[i].value->set && penalties[i].value->value != 0)
            llmgw__gemini_adjust(e, penalties[i].name, "dropped",
                                 "unsupported");
    }
}

/* 32 bits there: a larger one is wrapped, the same one to the same. */
static void write_seed(struct llmgw__gemini_encode *e)
{
    const struct llmgw__number *seed = &e->chat->seed;
    int64_t value = 0;

    if (!seed->set || !llmgw__number_int64(seed->text, &value) ||
        !llmgw__gemini_config_key(e, "seed"))
        return;
    if (value < INT32_MIN || value > INT32_MAX) {
        value = (int64_t)((uint64_t)value & INT32_MAX);
        llmgw__gemini_adjust(e, "seed", "converted", "hashed");
    }
    llmgw__jsonw_int(&e->w, value);
}

static void write_stops(struct llmgw__gemini_encode *e)
{
    if (e->chat->stop_count == 0 ||
        !llmgw__gemini_config_key(e, "stopSequences"))
        return;
    llmgw__jsonw_open(&e->w, '[');
    for (size_t i = 0; i < e->chat->stop_count; i++)
        llmgw__jsonw_jstr(&e->w, e->chat->stops[i]);
    llmgw__jsonw_close(&e->w, ']');
}

static void write_logprobs(struct llmgw__gemini_encode *e)
{
    if (e->chat->logprobs != 1)
        return;
    if (llmgw__gemini_config_key(e, "responseLogprobs"))
        llmgw__jsonw_bool(&e->w, true);
    number(e, "logprobs", &e->chat->top_logprobs);
}

static void write_format(struct llmgw__gemini_encode *e)
{
    const struct llmgw__chat *chat = e->chat;

    if (chat->format < LLMGW__FORMAT_JSON_OBJECT)
        return;
    if (llmgw__gemini_config_key(e, "responseMimeType"))
        llmgw__jsonw_z(&e->w, "application/json");
    if (chat->format != LLMGW__FORMAT_JSON_SCHEMA || chat->schema.len == 0)
        return;
    if (e->model.version >= LLMGW__GEMINI_2_5) {
        if (llmgw__gemini_config_key(e, "responseJsonSchema"))
            llmgw__jsonw_raw(&e->w, chat->schema);
        return;
    }
    if (llmgw__gemini_config_key(e, "responseSchema") &&
        llmgw__gemini_schema(e, chat->schema_node))
        llmgw__gemini_adjust(e, "response_format", "approximated",
                             "schema_keywords");
}

/* Text alone is what comes anyway. Speech comes alone, images with text. */
static void write_modalities(struct llmgw__gemini_encode *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t list = llmgw__chat_member(e->chat, "modalities");
    bool audio = false, image = false;

    for (uint32_t at = llmgw__jdoc_first(doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, list, at)) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, at);

        audio = audio || llmgw__jstr_is(name, "audio");
        image = image || llmgw__jstr_is(name, "image");
    }
    if (!audio && !image)
        return;
    if (llmgw__gemini_config_key(e, "responseModalities"))
        llmgw__jsonw_raw(&e->w, audio ? LLMGW__LIT("[\"AUDIO\"]")
                                      : LLMGW__LIT("[\"TEXT\",\"IMAGE\"]"));
    if (audio)
        write_voice(e);
}

/* Raw PCM is what comes, whatever format was asked for; voices have names. */
static void write_voice(struct llmgw__gemini_encode *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t audio = llmgw__chat_member(e->chat, "audio");
    uint32_t given = llmgw__jdoc_get(doc, audio, "voice");
    struct llmgw__jstr voice = llmgw__jdoc_string(doc, given);
    struct llmgw__jstr format = llmgw__jdoc_get_string(doc, audio, "format");

    if ((format.data && !llmgw__jstr_is(format, "pcm16")) ||
        llmgw__jdoc_type(doc, given) == LLMGW__JSON_OBJECT)
        llmgw__gemini_adjust(e, "audio", "approximated", "unsupported");
    if (!voice.data || !llmgw__gemini_config_key(e, "speechConfig"))
        return;
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_open(&e->w, "voiceConfig", '{');
    llmgw__jsonw_member_open(&e->w, "prebuiltVoiceConfig", '{');
    llmgw__jsonw_member_jstr(&e->w, "voiceName", voice);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
}

static void write_given(struct llmgw__gemini_encode *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, e->config);

    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, e->config, key);

        open_config(e);
        llmgw__jsonw_key_raw(&e->w, (llmgw_str){name.data, name.len});
        llmgw__jsonw_node(&e->w, doc, value);
        key = llmgw__jdoc_next(doc, e->config, value);
    }
}
