/*
 * provider/gemini_candidate.c - one candidate of a response: its parts, how it
 * ended, what was found for it.
 *
 * Text is told as it is read. Two things make parts wait until the rest of the
 * candidate is known, and are then read again: calls, since the finishReason
 * behind them may declare them void, and everything where several choices or
 * logprobs may come, since index and logprobs stand behind too.
 */
#include "gemini_reading.h"

/* A part, looked at before it is told. */
struct part {
    struct llmgw__jstr text;
    struct llmgw__jstr signature;
    llmgw_str call;  /* functionCall, raw */
    llmgw_str media; /* inlineData, raw */
    llmgw_str raw;   /* all of it */
    bool thought;
    bool opaque; /* a kind that is not shown */
};

struct candidate {
    struct llmgw__gemini_reading *r;
    struct llmgw__gemini_choice *choice;
    struct llmgw__json rest; /* the first part that waits */
    bool waiting;
    bool begun;   /* a part has been taken */
    bool botched; /* calls do not count */
    int64_t index;
    llmgw_str reason; /* finishReason */
    struct llmgw__jstr message;
    struct llmgw__jstr token;
    llmgw_str grounding; /* raw JSON */
    llmgw_str logprobs;  /* raw JSON */
};

static llmgw_status read_members(struct candidate *c);
static llmgw_status read_member(struct candidate *c, llmgw_str key);
static llmgw_str read_reason(struct llmgw__json *json);
static llmgw_status read_content(struct candidate *c);
static llmgw_status read_parts(struct candidate *c);
static llmgw_status read_waiting(struct candidate *c);
static void read_part(struct llmgw__json *json, struct part *part);
static llmgw_status take_part(struct candidate *c, const struct part *part);
static void note_part(struct llmgw__gemini_reading *r, const struct part *part);
static llmgw_status note_start(struct candidate *c, const struct part *part);
static llmgw_status take_text(struct candidate *c, const struct part *part);
static llmgw_status keep_shown(struct candidate *c, llmgw_str text);
static llmgw_status keep_block(struct candidate *c, const struct part *part);
static llmgw_status find_choice(struct candidate *c);
static llmgw_status take_rest(struct candidate *c);
static llmgw_status keep(struct candidate *c, struct llmgw__gemini_kept *kept,
                         const char *data, size_t len);

enum {
    MAX_SHOWN = 16 * 1024 * 1024
}; /* bytes kept for the end */

llmgw_status llmgw__gemini_candidate(struct llmgw__gemini_reading *r)
{
    struct candidate c = {.r = r};
    llmgw_status status;

    if (!r->decoder->several && !r->decoder->logprobs)
        c.choice = &r->decoder->first;
    status = read_members(&c);
    if (status == LLMGW_OK)
        status = find_choice(&c);
    return status == LLMGW_OK ? take_rest(&c) : status;
}

llmgw_status llmgw__gemini_keep(struct llmgw__gemini_kept *kept, llmgw_str text,
                                struct llmgw__arena *arena)
{
    if (text.len > kept->cap) {
        char *data = llmgw__arena_alloc(arena, text.len);

        if (!data)
            return LLMGW_E_NOMEM;
        kept->data = data;
        kept->cap = text.len;
    }
    memcpy(kept->data, text.data, text.len);
    kept->len = text.len;
    return LLMGW_OK;
}

struct llmgw__gemini_choice *
llmgw__gemini_choice(const struct llmgw__gemini_reading *r, int64_t index)
{
    struct llmgw__gemini_choice *choice = &r->decoder->first;

    if (index < 0 || index > LLMGW__GEMINI_MAX_CHOICE)
        return NULL;
    while (choice->index != index && choice->next)
        choice = choice->next;
    if (choice->index == index)
        return choice;
    choice->next = llmgw__arena_zalloc(r->decode->arena, sizeof *choice);
    if (choice->next)
        choice->next->index = (uint16_t)index;
    return choice->next;
}

static llmgw_status read_members(struct candidate *c)
{
    llmgw_status status = LLMGW_OK;
    llmgw_str key;

    if (!llmgw__json_object(c->r->json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_key(c->r->json, &key))
        status = read_member(c, key);
    return status == LLMGW_OK && c->r->json->bad ? LLMGW_E_INVALID : status;
}

static llmgw_status read_member(struct candidate *c, llmgw_str key)
{
    struct llmgw__json *json = c->r->json;

    if (LLMGW__GEMINI_KEY(key, "content"))
        return read_content(c);
    if (LLMGW__GEMINI_KEY(key, "index"))
        llmgw__json_int64(json, &c->index);
    else if (LLMGW__GEMINI_KEY(key, "finishReason"))
        c->reason = read_reason(json);
    else if (LLMGW__GEMINI_KEY(key, "finishMessage"))
        llmgw__json_string(json, &c->message);
    else if (LLMGW__GEMINI_KEY(key, "continuationToken"))
        llmgw__json_string(json, &c->token);
    else if (LLMGW__GEMINI_KEY(key, "groundingMetadata"))
        c->grounding = llmgw__json_raw(json);
    else if (LLMGW__GEMINI_KEY(key, "logprobsResult"))
        c->logprobs = llmgw__json_raw(json);
    else
        llmgw__json_skip(json);
    return LLMGW_OK;
}

/* A name; a number where enums are asked for as integers. */
static llmgw_str read_reason(struct llmgw__json *json)
{
    struct llmgw__jstr name = {NULL, 0, false};
    llmgw_str number = {NULL, 0};

    if (llmgw__json_peek(json) == LLMGW__JSON_NUMBER) {
        llmgw__json_number(json, &number);
        return number;
    }
    llmgw__json_string(json, &name);
    return llmgw__str_n(name.data, name.len);
}

static llmgw_status read_content(struct candidate *c)
{
    llmgw_status status = LLMGW_OK;
    llmgw_str key;

    if (!llmgw__json_object(c->r->json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_key(c->r->json, &key)) {
        if (!LLMGW__GEMINI_KEY(key, "parts"))
            llmgw__json_skip(c->r->json);
        else if (llmgw__json_array(c->r->json))
            status = read_parts(c);
    }
    return status;
}

static llmgw_status read_parts(struct candidate *c)
{
    struct llmgw__json *json = c->r->json;
    llmgw_status status = LLMGW_OK;

    while (status == LLMGW_OK && llmgw__json_item(json)) {
        struct llmgw__json before = *json;
        struct part part;

        if (c->waiting) {
            llmgw__json_skip(json);
            continue;
        }
        read_part(json, &part);
        if (!c->choice || part.call.data) {
            c->rest = before;
            c->waiting = true;
        } else if (!json->bad) {
            status = take_part(c, &part);
        }
    }
    return status;
}

/* The same parts again, from the first that had to wait. */
static llmgw_status read_waiting(struct candidate *c)
{
    llmgw_status status = LLMGW_OK;

    do {
        struct part part;

        read_part(&c->rest, &part);
        if (!part.call.data || !c->botched)
            status = take_part(c, &part);
    } while (status == LLMGW_OK && llmgw__json_item(&c->rest));
    return status;
}

static void read_part(struct llmgw__json *json, struct part *part)
{
    const char *from = json->at;
    llmgw_str key;

    *part = (struct part){.thought = false};
    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (LLMGW__GEMINI_KEY(key, "text")) {
            llmgw__json_string(json, &part->text);
        } else if (LLMGW__GEMINI_KEY(key, "thought")) {
            llmgw__json_bool(json, &part->thought);
        } else if (LLMGW__GEMINI_KEY(key, "thoughtSignature")) {
            llmgw__json_string(json, &part->signature);
        } else if (LLMGW__GEMINI_KEY(key, "functionCall")) {
            part->call = llmgw__json_raw(json);
        } else if (LLMGW__GEMINI_KEY(key, "inlineData")) {
            part->media = llmgw__json_raw(json);
        } else {
            part->opaque = true;
            llmgw__json_skip(json);
        }
    }
    part->raw = llmgw__str_n(from, (size_t)(json->at - from));
}

static llmgw_status take_part(struct candidate *c, const struct part *part)
{
    struct llmgw__gemini_choice *choice = c->choice;

    note_part(c->r, part);
    if (c->r->decoder->cites && note_start(c, part) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    if (c->r->decoder->blocks && keep_block(c, part) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    choice->any = choice->any || part->text.len > 0 || part->opaque;
    if (part->call.data)
        return llmgw__gemini_call(c->r, choice, part->call, part->signature);
    if (part->media.data && part->thought) { /* a draft, not shown */
        choice->any = true;
        return LLMGW_OK;
    }
    if (part->media.data)
        return llmgw__gemini_inline(c->r, choice, part->media, part->signature);
    if (part->signature.len > 0 && !part->thought && !part->opaque) {
        llmgw_status status = keep(c, &choice->signature, part->signature.data,
                                   part->signature.len);
        if (status != LLMGW_OK)
            return status;
    }
    return part->text.len > 0 ? take_text(c, part) : LLMGW_OK;
}

static void note_part(struct llmgw__gemini_reading *r, const struct part *part)
{
    bool plain = part->text.len > 0 && !part->thought && !part->opaque &&
                 !part->signature.len && !part->call.data && !part->media.data;

    r->texts += plain;
    r->other = r->other || !plain;
    r->holes[0] = llmgw__str_n(part->text.data, part->text.len);
}

static llmgw_status note_start(struct candidate *c, const struct part *part)
{
    bool more = !c->begun;
    enum llmgw__gemini_part kind = LLMGW__GEMINI_PART_OTHER;

    c->begun = true;
    if (part->text.data)
        kind = part->thought ? LLMGW__GEMINI_PART_THOUGHT
                             : LLMGW__GEMINI_PART_TEXT;
    return llmgw__gemini_part_begins(c->choice, kind, more);
}

/* Thoughts and what is empty do not go back. Past the limit nothing is kept:
 * half of the parts would be worse. */
static llmgw_status keep_block(struct candidate *c, const struct part *part)
{
    struct llmgw__buf *blocks = &c->choice->blocks;
    bool empty = part->text.len == 0 && part->signature.len == 0 &&
                 !part->call.data && !part->media.data && !part->opaque;

    if (part->thought || empty)
        return LLMGW_OK;
    c->choice->opaque = c->choice->opaque || part->opaque;
    blocks->limit = MAX_SHOWN;
    if (blocks->len > 0)
        llmgw__buf_add_char(blocks, ',');
    llmgw__buf_add_str(blocks, part->raw);
    return blocks->status == LLMGW_E_NOMEM ? LLMGW_E_NOMEM : LLMGW_OK;
}

static llmgw_status take_text(struct candidate *c, const struct part *part)
{
    const struct llmgw__decode *decode = c->r->decode;
    struct llmgw__chunk chunk = {.kind = part->thought ? LLMGW__CHUNK_REASONING
                                                       : LLMGW__CHUNK_TEXT,
                                 .choice = c->choice->index};
    llmgw_status status =
        llmgw__jstr_text(part->text, decode->scratch, &chunk.text);

    if (status != LLMGW_OK)
        return status;
    if (!part->thought) {
        c->choice->visible = true;
        if (c->r->decoder->cites)
            status = keep_shown(c, chunk.text);
        if (status == LLMGW_OK && c->logprobs.len > 0)
            status = llmgw__gemini_logprobs(decode, c->logprobs, &chunk.extra);
        c->logprobs.len = 0; /* they belong to one piece */
    }
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}

/* Past the limit there will be no citations; that is no failure. */
static llmgw_status keep_shown(struct candidate *c, llmgw_str text)
{
    struct llmgw__buf *shown = &c->choice->text;

    shown->limit = MAX_SHOWN;
    llmgw__buf_add_str(shown, text);
    return shown->status == LLMGW_E_NOMEM ? LLMGW_E_NOMEM : LLMGW_OK;
}

static llmgw_status find_choice(struct candidate *c)
{
    if (c->choice)
        return LLMGW_OK;
    if (c->index < 0 || c->index > LLMGW__GEMINI_MAX_CHOICE)
        return LLMGW_E_INVALID;
    c->choice = llmgw__gemini_choice(c->r, c->index);
    return c->choice ? LLMGW_OK : LLMGW_E_NOMEM;
}

/* All of the candidate is known now. */
static llmgw_status take_rest(struct candidate *c)
{
    struct llmgw__gemini_choice *choice = c->choice;
    llmgw_status status = LLMGW_OK;

    c->r->other = c->r->other || c->waiting ||
                  c->reason.len + c->message.len + c->token.len +
                      c->grounding.len + c->logprobs.len;
    if (c->reason.len > 0)
        llmgw__gemini_ended(choice, c->reason);
    c->botched = choice->ending == LLMGW__GEMINI_BOTCHED;
    if (c->botched)
        c->r->broken = choice;
    if (c->message.len > 0)
        status = keep(c, &choice->message, c->message.data, c->message.len);
    if (status == LLMGW_OK && c->token.len > 0)
        status = keep(c, &choice->token, c->token.data, c->token.len);
    if (status == LLMGW_OK && c->grounding.len > 0)
        status =
            llmgw__gemini_grounded(choice, c->grounding, c->r->decode->arena);
    if (status == LLMGW_OK && c->waiting)
        status = read_waiting(c);
    return status;
}

static llmgw_status keep(struct candidate *c, struct llmgw__gemini_kept *kept,
                         const char *data, size_t len)
{
    return llmgw__gemini_keep(kept, llmgw__str_n(data, len),
                              c->r->decode->arena);
}
