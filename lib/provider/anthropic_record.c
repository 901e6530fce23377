/*
 * provider/anthropic_record.c - rebuild blocks from the pieces of a stream.
 *
 * One member of a block grows; it is written last, and closed when the block
 * stops:
 *
 *     {"type":"tool_use","id":"t","name":"f","input":{"a"  :1}}
 *     \_____________ from the start ______________/\_ deltas _/
 *
 * Pieces that cannot be placed (blocks that interleave) make it worthless; it
 * is never handed over then.
 *
 * Memory: what the answer's blocks take as JSON, at most MAX_RECORD.
 */
#include "anthropic_record.h"

#include "anthropic.h"
#include "base/jsonread.h"
#include "base/jsonwrite.h"

#define MAX_RECORD ((size_t)64 << 20)

/** How the growing member of a kind is called, and what it is. */
static const struct {
    const char *member; /* NULL: nothing grows */
    bool string;        /* else any JSON */
    const char *beside; /* another member that comes with the stop, or NULL */
} forms[] = {
    [LLMGW__ANTHROPIC_TEXT] = {"text", true, "citations"},
    [LLMGW__ANTHROPIC_THOUGHT] = {"thinking", true, "signature"},
    [LLMGW__ANTHROPIC_REDACTED] = {NULL, false, NULL},
    [LLMGW__ANTHROPIC_CALL] = {"input", false, NULL},
    [LLMGW__ANTHROPIC_CUSTOM] = {"input", false, NULL},
    [LLMGW__ANTHROPIC_ANSWER] = {"input", false, NULL},
    [LLMGW__ANTHROPIC_SERVER] = {"input", false, NULL},
    [LLMGW__ANTHROPIC_COMPACTION] = {"content", true, "encrypted_content"},
    [LLMGW__ANTHROPIC_OPAQUE] = {NULL, false, NULL},
};

static void copy_members(struct llmgw__anthropic_record *record, llmgw_str raw);
static void close_string(struct llmgw__anthropic_record *record);
static void close_input(struct llmgw__anthropic_record *record);
static void lose(struct llmgw__anthropic_record *record);

/** Is this piece of the block that is open? */
static bool is_open(struct llmgw__anthropic_record *record, int64_t index)
{
    if (!record->lost && record->index != index)
        lose(record);
    return !record->lost;
}

/** Too much is lost; no memory is for the caller to see. */
static void check(struct llmgw__anthropic_record *record)
{
    if (record->blocks.status == LLMGW_E_LIMIT ||
        record->citations.status == LLMGW_E_LIMIT ||
        record->beside.status == LLMGW_E_LIMIT)
        lose(record);
}

void llmgw__anthropic_record_init(struct llmgw__anthropic_record *record)
{
    record->index = -1;
    llmgw__buf_init(&record->blocks, MAX_RECORD);
    llmgw__buf_init(&record->citations, MAX_RECORD);
    llmgw__buf_init(&record->beside, MAX_RECORD);
}

void llmgw__anthropic_record_start(struct llmgw__anthropic_record *record,
                                   int64_t index, uint8_t kind, llmgw_str raw)
{
    llmgw__buf_reset(&record->citations);
    if (!is_open(record, -1))
        return;
    record->index = index;
    record->kind = kind;
    llmgw__buf_reset(&record->beside);
    if (record->blocks.len)
        llmgw__buf_add_char(&record->blocks, ',');
    if (forms[kind].member)
        copy_members(record, raw);
    else
        llmgw__buf_add_str(&record->blocks, raw);
    check(record);
}

static bool is_key(llmgw_str key, const char *name)
{
    return name && llmgw__str_is(key, name);
}

/** What comes with the stop may have begun with the start. */
static void begin_beside(struct llmgw__anthropic_record *record,
                         struct llmgw__json *json)
{
    llmgw_str raw = llmgw__json_raw(json);

    if (llmgw__anthropic_empty(raw) || raw.len <= 2)
        return;
    if (record->kind == LLMGW__ANTHROPIC_TEXT && raw.data[0] == '[')
        llmgw__buf_add(&record->citations, raw.data, raw.len - 1);
    else if (raw.data[0] == '"')
        llmgw__buf_add(&record->beside, raw.data + 1, raw.len - 2);
}

/** All but those that grow; the growing one is left open at the end. */
static void copy_members(struct llmgw__anthropic_record *record, llmgw_str raw)
{
    bool string = forms[record->kind].string;
    const char *member = forms[record->kind].member;
    struct llmgw__buf *out = &record->blocks;
    struct llmgw__json json;
    struct llmgw__jstr text = {NULL, 0, false};
    llmgw_str value = {NULL, 0};
    llmgw_str key;

    llmgw__json_init(&json, raw);
    (void)llmgw__json_object(&json);
    llmgw__buf_add_char(out, '{');
    while (llmgw__json_key(&json, &key)) {
        if (is_key(key, member) && string) {
            (void)llmgw__json_string(&json, &text);
        } else if (is_key(key, member)) {
            value = llmgw__json_raw(&json);
        } else if (is_key(key, forms[record->kind].beside)) {
            begin_beside(record, &json);
        } else {
            llmgw__buf_add_char(out, '"');
            llmgw__buf_add_str(out, key);
            llmgw__buf_add_z(out, "\":");
            llmgw__buf_add_str(out, llmgw__json_raw(&json));
            llmgw__buf_add_char(out, ',');
        }
    }
    llmgw__buf_add_char(out, '"');
    llmgw__buf_add_z(out, member);
    llmgw__buf_add_z(out, string ? "\":\"" : "\":");
    record->value_at = out->len;
    if (string)
        llmgw__buf_add(out, text.data, text.len);
    else if (!llmgw__anthropic_empty(value)) /* {} holds the place */
        llmgw__buf_add_str(out, value);
}

void llmgw__anthropic_record_add(struct llmgw__anthropic_record *record,
                                 int64_t index, llmgw_str piece)
{
    if (!is_open(record, index) || !forms[record->kind].member)
        return;
    llmgw__buf_add_str(&record->blocks, piece);
    check(record);
}

void llmgw__anthropic_record_beside(struct llmgw__anthropic_record *record,
                                    int64_t index, llmgw_str raw)
{
    if (!is_open(record, index))
        return;
    llmgw__buf_reset(&record->beside);
    llmgw__buf_add_str(&record->beside, raw);
    check(record);
}

void llmgw__anthropic_record_citation(struct llmgw__anthropic_record *record,
                                      llmgw_str json)
{
    struct llmgw__buf *list = &record->citations;

    llmgw__buf_add_char(list, list->len ? ',' : '[');
    llmgw__buf_add_str(list, json);
    check(record);
}

llmgw_str
llmgw__anthropic_record_citations(struct llmgw__anthropic_record *record)
{
    if (record->citations.len)
        llmgw__buf_add_char(&record->citations, ']');
    return llmgw__buf_str(&record->citations);
}

void llmgw__anthropic_record_stop(struct llmgw__anthropic_record *record,
                                  int64_t index)
{
    struct llmgw__buf *out = &record->blocks;

    if (!is_open(record, index))
        return;
    record->index = -1;
    if (!forms[record->kind].member)
        return;
    if (forms[record->kind].string)
        close_string(record);
    else
        close_input(record);
    if (record->kind == LLMGW__ANTHROPIC_THOUGHT || record->beside.len) {
        llmgw__buf_add_z(out, ",\"");
        llmgw__buf_add_z(out, forms[record->kind].beside);
        llmgw__buf_add_z(out, "\":\"");
        llmgw__buf_add_str(out, llmgw__buf_str(&record->beside));
        llmgw__buf_add_char(out, '"');
    } else if (record->citations.len) {
        llmgw__buf_add_z(out, ",\"citations\":");
        llmgw__buf_add_str(out, llmgw__buf_str(&record->citations));
    }
    llmgw__buf_add_char(out, '}');
    check(record);
}

/** A compaction may have no text to show, which is null. */
static void close_string(struct llmgw__anthropic_record *record)
{
    struct llmgw__buf *out = &record->blocks;

    if (record->kind != LLMGW__ANTHROPIC_COMPACTION || out->len == 0 ||
        out->len != record->value_at) {
        llmgw__buf_add_char(out, '"');
        return;
    }
    out->len--; /* the quote */
    llmgw__buf_add_z(out, "null");
}

/** Input that was cut off is no JSON: it is kept as a text then. */
static void close_input(struct llmgw__anthropic_record *record)
{
    struct llmgw__buf *out = &record->blocks;
    struct llmgw__jsonw w;
    struct llmgw__json json;
    struct llmgw__buf cut;
    llmgw_str input = {out->data + record->value_at,
                       out->len - record->value_at};

    if (out->status != LLMGW_OK)
        return;
    if (!llmgw__str_trim(input).len) {
        llmgw__buf_add_z(out, "{}");
        return;
    }
    llmgw__json_init(&json, input);
    llmgw__json_skip(&json);
    if (llmgw__json_end(&json))
        return;
    llmgw__buf_init(&cut, MAX_RECORD);
    llmgw__buf_add_str(&cut, input);
    if (cut.status != LLMGW_OK) {
        out->status = cut.status;
        return;
    }
    out->len = record->value_at;
    llmgw__jsonw_init(&w, out);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_str(&w, "INVALID_JSON", llmgw__buf_str(&cut));
    llmgw__jsonw_close(&w, '}');
    llmgw__buf_clear(&cut);
}

bool llmgw__anthropic_record_failed(
    const struct llmgw__anthropic_record *record)
{
    return record->blocks.status == LLMGW_E_NOMEM ||
           record->citations.status == LLMGW_E_NOMEM ||
           record->beside.status == LLMGW_E_NOMEM;
}

static void lose(struct llmgw__anthropic_record *record)
{
    record->lost = true;
    llmgw__buf_clear(&record->blocks);
    llmgw__buf_clear(&record->beside);
}

void llmgw__anthropic_record_clear(struct llmgw__anthropic_record *record)
{
    llmgw__buf_clear(&record->blocks);
    llmgw__buf_clear(&record->citations);
    llmgw__buf_clear(&record->beside);
}
