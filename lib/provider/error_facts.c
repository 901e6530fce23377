/*
 * provider/error_facts.c - read an error's body, whatever its shape.
 *
 *     {error: {message, type, code, param, …}}    most
 *     {error: "text", code: "text"}               a text beside a code
 *     {errors: [{code, message}]}                 the first of a list
 *     {message, type, code, param}                flat
 *     {detail: "text"} {detail: [{loc, msg}]}     web frameworks
 *     {message: {detail: [{loc, msg}]}}           the same, wrapped
 *     {title, detail, status}                     RFC 7807
 *     {base_resp: {status_code, status_msg}}
 *     {fault: {faultstring, detail: {errorcode}}}
 *     [{error: …}]                                a stream of one record
 *
 * Members are told apart by name, by one table for the root and one for the
 * objects in it; the walk goes on as far as the JSON is well-formed, so that a
 * body that was cut still tells what it has.
 *
 * Source: recorded errors of 30 services. Memory: none; a member with escapes
 * is resolved in an arena that dies with the read.
 */
#include "error_facts.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonread.h"
#include "base/text.h"

#define MAX_TEXT ((size_t)256 * 1024) /* of one member with escapes */

/* What the reader of a member works with. */
struct reader {
    struct llmgw__error_facts *facts;
    struct llmgw__json *json;
    unsigned depth; /* of nested answers in answers */
};

/* How much a member's text is worth as the message. */
enum rank {
    RANK_TITLE = 1,
    RANK_DETAIL,
    RANK_TEXT,
    RANK_MESSAGE
};

typedef void (*read_fn)(struct reader *reader);

struct member {
    const char *name;
    read_fn read;
};

static read_fn find(const struct member *members, size_t count, llmgw_str name);
static void read_members(struct reader *reader, const struct member *members,
                         size_t count);
static void read_root(struct reader *reader);
static void read_error(struct reader *reader);
static void read_errors(struct reader *reader);
static void read_message(struct reader *reader);
static void read_detail(struct reader *reader);
static void read_details(struct reader *reader);
static void read_title(struct reader *reader);
static void read_type(struct reader *reader);
static void read_code(struct reader *reader);
static void read_param(struct reader *reader);
static void read_request_id(struct reader *reader);
static void read_beside(struct reader *reader);
static void read_inner(struct reader *reader);
static void read_metadata(struct reader *reader);
static void read_raw(struct reader *reader);
static void read_vendor(struct reader *reader);
static void read_limit_headers(struct reader *reader);
static void read_retry_delay(struct reader *reader);
static void read_word(struct reader *reader);
static void read_text(struct reader *reader);

/* clang-format off */
static const struct member root_members[] = {
    {"error", read_error},
    {"errors", read_errors},
    {"message", read_message},
    {"Message", read_message},
    {"msg", read_message},
    {"detail", read_detail},
    {"title", read_title},
    {"type", read_type},
    {"__type", read_type},
    {"error_type", read_type},
    {"code", read_code},
    {"status", read_code},
    {"status_code", read_code},
    {"raw_status_code", read_code},
    {"param", read_param},
    {"request_id", read_request_id},
    {"requestId", read_request_id},
    {"id", read_request_id},
    {"base_resp", read_inner},
    {"fault", read_inner},
    {"metadata", read_metadata}, /* of an error that stands alone */
    {"x_groq", read_beside},
};
/* a vendor's member beside the answer */
static const struct member beside_members[] = {{"error", read_error}};
/* members of error, and of what stands in its place */
static const struct member error_members[] = {
    {"message", read_message},
    {"msg", read_message},
    {"status_msg", read_message},
    {"faultstring", read_message},
    {"detail", read_detail},
    {"type", read_type},
    {"error_type", read_type},
    {"code", read_code},
    {"status", read_code},
    {"status_code", read_code},
    {"errorcode", read_code},
    {"param", read_param},
    {"request_id", read_request_id},
    {"details", read_details},
    {"innererror", read_inner},
    {"metadata", read_metadata},
};
static const struct member inner_members[] = {
    {"code", read_word},
    {"status_code", read_code},
    {"status_msg", read_message},
    {"faultstring", read_message},
    {"detail", read_inner},
    {"errorcode", read_word},
};
static const struct member metadata_members[] = {
    {"error_type", read_type},
    {"provider_name", read_vendor},
    {"raw", read_raw},
    {"headers", read_limit_headers},
};
static const struct member detail_members[] = {
    {"reason", read_word},
    {"retryDelay", read_retry_delay},
    {"error_code", read_code},
};
/* clang-format on */

#define MEMBERS(list) (list), sizeof(list) / sizeof(list)[0]

static llmgw_str find_json(llmgw_str body, llmgw_str trimmed);

void llmgw__error_facts_read(struct llmgw__error_facts *facts,
                             const struct llmgw__http_head *head,
                             llmgw_str body)
{
    llmgw_str text = llmgw__str_trim(body), class;
    struct llmgw__json json;

    memset(facts, 0, sizeof *facts);
    facts->retry_ms = -1;
    facts->reset_ms = -1;
    if (head) { /* Class:http://…, where the class is not in the body */
        class = llmgw__http_head_get(head, "x-amzn-errortype");
        size_t colon = llmgw__str_find(class, LLMGW__LIT(":"));

        if (colon != SIZE_MAX)
            class.len = colon;
        llmgw__error_fact_word(facts, class);
        llmgw__error_copy(facts->type, sizeof facts->type, class);
    }
    text = find_json(body, text);
    if (text.len == 0) {
        llmgw__error_page_read(facts, body);
        return;
    }
    facts->json = true;
    llmgw__json_init(&json, text);
    if (llmgw__json_peek(&json) == LLMGW__JSON_ARRAY)
        if (!llmgw__json_array(&json) || !llmgw__json_item(&json))
            return;
    read_root(&(struct reader){facts, &json, 0});
}

/* A document, or the first data line of an event stream; empty: neither. */
static llmgw_str find_json(llmgw_str body, llmgw_str trimmed)
{
    size_t at;

    if (trimmed.len == 0 || trimmed.data[0] == '{' || trimmed.data[0] == '[')
        return trimmed;
    if (!llmgw__str_starts(trimmed, "data:") &&
        !llmgw__str_starts(trimmed, "event:") && trimmed.data[0] != ':')
        return (llmgw_str){NULL, 0};
    at = llmgw__str_find(body, LLMGW__LIT("data:"));
    if (at == SIZE_MAX)
        return (llmgw_str){NULL, 0};
    trimmed =
        llmgw__str_trim(llmgw__str_n(body.data + at + 5, body.len - at - 5));
    return trimmed.len && trimmed.data[0] == '{' ? trimmed
                                                 : (llmgw_str){NULL, 0};
}

void llmgw__error_fact_word(struct llmgw__error_facts *facts, llmgw_str word)
{
    if (word.len == 0 || facts->word_count == LLMGW__FACT_WORDS)
        return;
    for (unsigned i = 0; i < facts->word_count; i++)
        if (llmgw__str_is(word, facts->words[i]))
            return;
    llmgw__error_copy(facts->words[facts->word_count++], sizeof facts->words[0],
                      word);
}

/* --- walking --- */

static read_fn find(const struct member *members, size_t count, llmgw_str name)
{
    for (size_t i = 0; i < count; i++)
        if (llmgw__str_is(name, members[i].name))
            return members[i].read;
    return NULL;
}

static void read_members(struct reader *reader, const struct member *members,
                         size_t count)
{
    llmgw_str key;

    if (!llmgw__json_object(reader->json))
        return;
    while (llmgw__json_key(reader->json, &key)) {
        read_fn read = find(members, count, key);

        if (read)
            read(reader);
        else
            llmgw__json_skip(reader->json);
    }
}

static void read_root(struct reader *reader)
{
    read_members(reader, MEMBERS(root_members));
}

static void read_error(struct reader *reader)
{
    struct llmgw__json next = *reader->json;

    reader->facts->found |= llmgw__error_truthy(llmgw__json_raw(&next));
    if (llmgw__json_peek(reader->json) == LLMGW__JSON_STRING)
        read_text(reader);
    else if (llmgw__json_peek(reader->json) == LLMGW__JSON_OBJECT)
        read_members(reader, MEMBERS(error_members));
    else
        llmgw__json_skip(reader->json);
}

/* The first of them tells. */
static void read_errors(struct reader *reader)
{
    bool first = true;

    if (!llmgw__json_array(reader->json))
        return;
    while (llmgw__json_item(reader->json)) {
        if (first)
            read_error(reader);
        else
            llmgw__json_skip(reader->json);
        first = false;
    }
}

static void read_beside(struct reader *reader)
{
    read_members(reader, MEMBERS(beside_members));
}

static void read_inner(struct reader *reader)
{
    read_members(reader, MEMBERS(inner_members));
}

static void read_metadata(struct reader *reader)
{
    read_members(reader, MEMBERS(metadata_members));
}

/* One object of a code, or a list of google.rpc details: what these hold is
 * matched as text too. */
static void read_details(struct reader *reader)
{
    struct llmgw__json from = *reader->json;
    llmgw_str raw = llmgw__json_raw(reader->json);
    struct reader items = {reader->facts, &from, reader->depth};

    if (raw.len > 0 && raw.data[0] == '{')
        read_members(&items, MEMBERS(detail_members));
    if (raw.len == 0 || raw.data[0] != '[' || !llmgw__json_array(&from))
        return;
    reader->facts->details = raw;
    while (llmgw__json_item(&from))
        read_members(&items, MEMBERS(detail_members));
}

/* --- texts --- */

/* The next string, resolved, into a fixed field. @return false: no string */
static bool read_string(struct reader *reader, char *field, size_t size)
{
    struct llmgw__jstr raw;
    struct llmgw__arena arena;
    llmgw_str text;

    if (!llmgw__json_string(reader->json, &raw))
        return false;
    llmgw__arena_init(&arena, 0, MAX_TEXT);
    if (llmgw__jstr_text(raw, &arena, &text) != LLMGW_OK)
        text = llmgw__str_n(raw.data, raw.len);
    llmgw__error_copy(field, size, text);
    llmgw__arena_clear(&arena);
    return true;
}

static void set_message(struct llmgw__error_facts *facts, enum rank rank,
                        const char *text)
{
    if (!text[0] || (int)rank <= facts->message_rank)
        return;
    llmgw__error_copy(facts->message, sizeof facts->message, llmgw__str(text));
    facts->message_rank = (int)rank;
    facts->found = true;
}

static void read_ranked(struct reader *reader, enum rank rank)
{
    char text[sizeof reader->facts->message];

    if (read_string(reader, text, sizeof text))
        set_message(reader->facts, rank, text);
}

static void read_text(struct reader *reader)
{
    read_ranked(reader, RANK_TEXT);
}

static void read_title(struct reader *reader)
{
    read_ranked(reader, RANK_TITLE);
}

static void read_message(struct reader *reader)
{
    if (llmgw__json_peek(reader->json) == LLMGW__JSON_OBJECT)
        read_members(reader, MEMBERS(error_members));
    else
        read_ranked(reader, RANK_MESSAGE);
}

/* {"loc": ["body", "stop", 0], "msg": …} -> "stop.0: …", param stop */
static void read_loc(struct reader *reader, char *path, size_t size)
{
    size_t len = 0;
    bool first = true;

    if (!llmgw__json_array(reader->json))
        return;
    while (llmgw__json_item(reader->json)) {
        char piece[64];
        llmgw_str number;

        if (llmgw__json_peek(reader->json) == LLMGW__JSON_NUMBER) {
            if (llmgw__json_number(reader->json, &number))
                llmgw__error_copy(piece, sizeof piece, number);
        } else if (!read_string(reader, piece, sizeof piece)) {
            continue;
        }
        if (first && strcmp(piece, "body") == 0)
            continue;
        first = false;
        if (len < size)
            len += (size_t)snprintf(path + len, size - len, "%s%s",
                                    len ? "." : "", piece);
    }
}

static void read_validation(struct reader *reader)
{
    char path[128] = "", text[512] = "", both[700];
    llmgw_str key;

    if (!llmgw__json_object(reader->json))
        return;
    while (llmgw__json_key(reader->json, &key)) {
        if (llmgw__str_is(key, "loc"))
            read_loc(reader, path, sizeof path);
        else if (llmgw__str_is(key, "msg"))
            read_string(reader, text, sizeof text);
        else if (llmgw__str_is(key, "type"))
            read_word(reader);
        else
            llmgw__json_skip(reader->json);
    }
    (void)snprintf(both, sizeof both, "%s%s%s", path, path[0] ? ": " : "",
                   text);
    set_message(reader->facts, RANK_MESSAGE, both);
    if (path[0] && !reader->facts->param[0])
        llmgw__error_copy(reader->facts->param, sizeof reader->facts->param,
                          llmgw__str(path));
}

/* A text, or a list whose first entry tells. */
static void read_detail(struct reader *reader)
{
    bool first = true;

    if (llmgw__json_peek(reader->json) == LLMGW__JSON_STRING) {
        read_ranked(reader, RANK_DETAIL);
        return;
    }
    if (llmgw__json_peek(reader->json) == LLMGW__JSON_OBJECT) {
        read_members(reader, MEMBERS(error_members));
        return;
    }
    if (!llmgw__json_array(reader->json))
        return;
    while (llmgw__json_item(reader->json)) {
        if (first)
            read_validation(reader);
        else
            llmgw__json_skip(reader->json);
        first = false;
    }
}

/* --- codes and types --- */

static void read_word(struct reader *reader)
{
    char word[96];

    if (read_string(reader, word, sizeof word))
        llmgw__error_fact_word(reader->facts, llmgw__str(word));
}

static void read_type(struct reader *reader)
{
    struct llmgw__error_facts *facts = reader->facts;
    const char *name;
    char word[96];

    /* "type": "error" says what the whole body is */
    if (!read_string(reader, word, sizeof word) || strcmp(word, "error") == 0)
        return;
    name = strrchr(word, '#'); /* namespace#Class */
    name = name ? name + 1 : word;
    llmgw__error_fact_word(facts, llmgw__str(name));
    if (!facts->type[0])
        llmgw__error_copy(facts->type, sizeof facts->type, llmgw__str(name));
}

/* A number of HTTP's is no code of the provider's, as number or as text. */
static void read_code(struct reader *reader)
{
    struct llmgw__error_facts *facts = reader->facts;
    char word[96] = "";
    int64_t number = 0;
    llmgw_str digits;

    if (llmgw__json_peek(reader->json) == LLMGW__JSON_NUMBER) {
        if (llmgw__json_number(reader->json, &digits))
            llmgw__error_copy(word, sizeof word, digits);
    } else {
        read_string(reader, word, sizeof word);
    }
    if (!word[0])
        return;
    if (llmgw__str_int64(llmgw__str(word), &number) && number < 600) {
        if (number >= 400 && !facts->status)
            facts->status = (int32_t)number;
        return;
    }
    llmgw__error_fact_word(facts, llmgw__str(word));
    if (!facts->code[0])
        llmgw__error_copy(facts->code, sizeof facts->code, llmgw__str(word));
}

static void read_param(struct reader *reader)
{
    read_string(reader, reader->facts->param, sizeof reader->facts->param);
}

static void read_request_id(struct reader *reader)
{
    char id[sizeof reader->facts->request_id];

    if (read_string(reader, id, sizeof id) && !reader->facts->request_id[0])
        llmgw__error_copy(reader->facts->request_id,
                          sizeof reader->facts->request_id, llmgw__str(id));
}

/* --- an answer of somebody behind a router --- */

/* Its own message is generic: theirs is put behind it. */
static void append(struct llmgw__error_facts *facts, const char *open,
                   const char *text, const char *close)
{
    const char *parts[] = {open, text, close};

    for (int i = 0; text[0] && i < 3; i++) {
        size_t len = strlen(facts->message);

        llmgw__error_copy(facts->message + len, sizeof facts->message - len,
                          llmgw__str(parts[i]));
    }
}

static void read_vendor(struct reader *reader)
{
    char name[64];

    if (read_string(reader, name, sizeof name))
        append(reader->facts, " (", name, ")");
}

static void read_raw(struct reader *reader)
{
    struct llmgw__error_facts nested;
    struct llmgw__json json;
    char text[sizeof nested.message];

    if (!read_string(reader, text, sizeof text))
        return;
    memset(&nested, 0, sizeof nested);
    if (text[0] == '{' && reader->depth == 0) {
        llmgw__json_init(&json, llmgw__str(text));
        read_root(&(struct reader){&nested, &json, 1});
        for (unsigned i = 0; i < nested.word_count; i++)
            llmgw__error_fact_word(reader->facts, llmgw__str(nested.words[i]));
    }
    append(reader->facts, ": ", nested.message[0] ? nested.message : text, "");
}

/* --- waits --- */

static void read_retry_delay(struct reader *reader)
{
    char text[64];

    if (read_string(reader, text, sizeof text))
        reader->facts->retry_ms = llmgw__duration_ms(llmgw__str(text));
}

static void read_limit_headers(struct reader *reader)
{
    char text[64];
    llmgw_str key, number;

    if (!llmgw__json_object(reader->json))
        return;
    while (llmgw__json_key(reader->json, &key)) {
        if (!llmgw__str_is_nocase(key, "x-ratelimit-reset")) {
            llmgw__json_skip(reader->json);
            continue;
        }
        text[0] = '\0';
        if (llmgw__json_peek(reader->json) != LLMGW__JSON_NUMBER)
            read_string(reader, text, sizeof text);
        else if (llmgw__json_number(reader->json, &number))
            llmgw__error_copy(text, sizeof text, number);
        if (!llmgw__str_int64(llmgw__str(text), &reader->facts->reset_ms))
            reader->facts->reset_ms = -1;
    }
}
