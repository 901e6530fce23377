/*
 * provider/openai_read.c - records of an openai answer, read by tables: a
 * field's row says where its view goes.
 *
 * Nothing is resolved or copied; what is nested deeper than a choice's delta
 * stays raw until it is needed, which in most records it is not.
 *
 * Source: OpenAI API description 2.3.0, and recorded traffic of 45 services.
 * Memory: none.
 */
#include "openai_read.h"

#include <stddef.h>
#include <string.h>

enum kind {
    FIELD_STRING, /* struct llmgw__jstr; another type: as absent */
    FIELD_VALUE,  /* struct llmgw__openai_value */
    FIELD_RAW,    /* llmgw_str; null: empty */
    FIELD_INT,    /* int64_t; digits in a string count */
    FIELD_OBJECT, /* a struct that begins with `bool present` */
    FIELD_CHOICES /* the first into payload->choice */
};

struct fields;

struct field {
    const char *name;
    const struct fields *fields; /* of an object, */
    uint16_t size;               /* and its bytes */
    uint16_t offset;
    uint8_t len;
    uint8_t kind; /* enum kind */
};

struct fields {
    const struct field *list;
    size_t count;
};

#define FIELD(text, what, type, member)                          \
    {                                                            \
        .name = (text), .len = sizeof(text) - 1, .kind = (what), \
        .offset = offsetof(struct type, member)                  \
    }
#define NESTED(text, type, member, of)                                 \
    {                                                                  \
        .name = (text), .len = sizeof(text) - 1, .kind = FIELD_OBJECT, \
        .offset = offsetof(struct type, member), .fields = (of),       \
        .size = sizeof(((struct type *)0)->member)                     \
    }
#define FIELDS(list)                           \
    {                                          \
        (list), sizeof(list) / sizeof(list)[0] \
    }

static void clear_choice(struct llmgw__openai_choice *choice);
static const struct field *find(const struct fields *fields, size_t *at,
                                llmgw_str key);
static bool read_object(struct llmgw__json *json, const struct fields *fields,
                        void *out);
static void read_field(struct llmgw__json *json, const struct field *field,
                       void *out);
static void read_value(struct llmgw__json *json,
                       struct llmgw__openai_value *out);
static void read_raw(struct llmgw__json *json, llmgw_str *out);
static void read_int(struct llmgw__json *json, int64_t *out);
static void read_choices(struct llmgw__json *json,
                         struct llmgw__openai_payload *payload);

/* clang-format off */
#define DELTA llmgw__openai_delta
static const struct field delta_list[] = {
    FIELD("content", FIELD_VALUE, DELTA, content),
    FIELD("reasoning_content", FIELD_STRING, DELTA, reasoning_content),
    FIELD("reasoning", FIELD_STRING, DELTA, reasoning),
    FIELD("reasoning_details", FIELD_RAW, DELTA, details),
    FIELD("tool_calls", FIELD_RAW, DELTA, tool_calls),
    FIELD("refusal", FIELD_STRING, DELTA, refusal),
    FIELD("function_call", FIELD_RAW, DELTA, function_call),
    FIELD("annotations", FIELD_RAW, DELTA, annotations),
    FIELD("audio", FIELD_RAW, DELTA, audio),
    FIELD("images", FIELD_RAW, DELTA, images),
    FIELD("extra_content", FIELD_RAW, DELTA, extra),
    FIELD("thinking", FIELD_STRING, DELTA, thinking),
};
static const struct fields delta_fields = FIELDS(delta_list);

#define CHOICE llmgw__openai_choice
static const struct field choice_list[] = {
    FIELD("index", FIELD_INT, CHOICE, index),
    NESTED("delta", CHOICE, delta, &delta_fields),
    NESTED("message", CHOICE, message, &delta_fields),
    FIELD("logprobs", FIELD_RAW, CHOICE, logprobs),
    FIELD("finish_reason", FIELD_STRING, CHOICE, finish),
    FIELD("native_finish_reason", FIELD_STRING, CHOICE, native),
    FIELD("usage", FIELD_RAW, CHOICE, usage),
    FIELD("error", FIELD_RAW, CHOICE, error),
};
static const struct fields choice_fields = FIELDS(choice_list);

#define PAYLOAD             llmgw__openai_payload
#define VENDOR(name, which) FIELD(name, FIELD_RAW, PAYLOAD, \
                                  vendors[LLMGW__OPENAI_##which])
static const struct field payload_list[] = {
    FIELD("id", FIELD_STRING, PAYLOAD, id),
    FIELD("object", FIELD_STRING, PAYLOAD, object),
    FIELD("created", FIELD_INT, PAYLOAD, created),
    FIELD("model", FIELD_STRING, PAYLOAD, model),
    FIELD("service_tier", FIELD_STRING, PAYLOAD, tier),
    FIELD("system_fingerprint", FIELD_STRING, PAYLOAD, fingerprint),
    {.name = "choices", .len = sizeof "choices" - 1, .kind = FIELD_CHOICES},
    FIELD("usage", FIELD_RAW, PAYLOAD, usage),
    FIELD("error", FIELD_RAW, PAYLOAD, error),
    FIELD("obfuscation", FIELD_STRING, PAYLOAD, padding),
    VENDOR("x_groq", X_GROQ),
    VENDOR("timings", TIMINGS),
    VENDOR("moderation", MODERATION_RESULT),
    VENDOR("metadata", METADATA_ECHO),
    VENDOR("citations", CITATIONS),
    VENDOR("search_results", SEARCH_RESULTS),
    VENDOR("related_questions", RELATED),
    VENDOR("provider", PROVIDER),
    VENDOR("prompt_filter_results", PROMPT_FILTER),
};
static const struct fields payload_fields = FIELDS(payload_list);

#define FUNCTION llmgw__openai_function
static const struct field function_list[] = {
    FIELD("name", FIELD_STRING, FUNCTION, name),
    FIELD("arguments", FIELD_VALUE, FUNCTION, arguments),
};
static const struct fields function_fields = FIELDS(function_list);
static const struct field custom_list[] = {
    FIELD("name", FIELD_STRING, FUNCTION, name),
    FIELD("input", FIELD_VALUE, FUNCTION, arguments),
};
static const struct fields custom_fields = FIELDS(custom_list);

#define CALL llmgw__openai_call_delta
static const struct field call_list[] = {
    FIELD("index", FIELD_INT, CALL, index),
    FIELD("id", FIELD_STRING, CALL, id),
    FIELD("type", FIELD_STRING, CALL, type),
    NESTED("function", CALL, function, &function_fields),
    NESTED("custom", CALL, custom, &custom_fields),
    FIELD("extra_content", FIELD_RAW, CALL, extra),
};
static const struct fields call_fields = FIELDS(call_list);

#define DETAIL llmgw__openai_detail
static const struct field detail_list[] = {
    FIELD("type", FIELD_STRING, DETAIL, type),
    FIELD("index", FIELD_INT, DETAIL, index),
    FIELD("id", FIELD_STRING, DETAIL, id),
    FIELD("format", FIELD_STRING, DETAIL, format),
    FIELD("text", FIELD_STRING, DETAIL, text),
    FIELD("summary", FIELD_STRING, DETAIL, summary),
    FIELD("data", FIELD_STRING, DETAIL, data),
    FIELD("signature", FIELD_STRING, DETAIL, signature),
};
static const struct fields detail_fields = FIELDS(detail_list);
/* clang-format on */

bool llmgw__openai_read(struct llmgw__openai_payload *payload, llmgw_str text)
{
    struct llmgw__json json;

    memset(payload, 0, offsetof(struct llmgw__openai_payload, choice));
    clear_choice(&payload->choice);
    llmgw__json_init(&json, text);
    return read_object(&json, &payload_fields, payload) &&
           llmgw__json_end(&json);
}

/* A delta is cleared when it comes: there is one of the two. */
static void clear_choice(struct llmgw__openai_choice *choice)
{
    memset(choice, 0, offsetof(struct llmgw__openai_choice, delta));
    choice->index = -1;
    choice->delta.present = false;
    choice->message.present = false;
}

bool llmgw__openai_read_choice(struct llmgw__json *rest,
                               struct llmgw__openai_choice *choice)
{
    while (llmgw__json_item(rest)) {
        clear_choice(choice);
        if (read_object(rest, &choice_fields, choice))
            return true;
    }
    return false;
}

bool llmgw__openai_read_call(struct llmgw__json *json,
                             struct llmgw__openai_call_delta *call)
{
    memset(call, 0, sizeof *call);
    call->index = -1;
    return read_object(json, &call_fields, call);
}

bool llmgw__openai_read_function(struct llmgw__json *json,
                                 struct llmgw__openai_function *function)
{
    memset(function, 0, sizeof *function);
    return read_object(json, &function_fields, function);
}

bool llmgw__openai_read_detail(struct llmgw__json *json,
                               struct llmgw__openai_detail *detail)
{
    memset(detail, 0, sizeof *detail);
    detail->index = -1;
    return read_object(json, &detail_fields, detail);
}

static inline bool same8(const char *a, const char *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y;
}

static inline bool same4(const char *a, const char *b)
{
    uint32_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y;
}

/* memcmp() without the call: names are short, and nearly always the same. The
 * last step looks back over bytes that are known already. */
static inline bool same(const char *a, const char *b, size_t len)
{
    size_t at = 0;

    if (len < 4) {
        while (at < len && a[at] == b[at])
            at++;
        return at == len;
    }
    if (len < 8)
        return same4(a, b) && same4(a + len - 4, b + len - 4);
    for (; at + 8 < len; at += 8)
        if (!same8(a + at, b + at))
            return false;
    return same8(a + len - 8, b + len - 8);
}

/* Members come in the same order in every record: *at is where the last one
 * was found, and the search goes on from there. */
static const struct field *find(const struct fields *fields, size_t *at,
                                llmgw_str key)
{
    size_t i = *at;

    for (size_t left = fields->count; left > 0; left--) {
        const struct field *field = &fields->list[i];

        i = i + 1 < fields->count ? i + 1 : 0;
        if (field->len == key.len && same(field->name, key.data, key.len)) {
            *at = i;
            return field;
        }
    }
    return NULL;
}

static bool read_object(struct llmgw__json *json, const struct fields *fields,
                        void *out)
{
    size_t at = 0;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return false;
    while (llmgw__json_key(json, &key)) {
        const struct field *field = find(fields, &at, key);

        if (field)
            read_field(json, field, out);
        else
            llmgw__json_skip(json);
    }
    return !json->bad;
}

static void read_field(struct llmgw__json *json, const struct field *field,
                       void *out)
{
    void *at = (char *)out + field->offset;

    switch ((enum kind)field->kind) {
    case FIELD_STRING:
        llmgw__json_string(json, at);
        return;
    case FIELD_VALUE:
        read_value(json, at);
        return;
    case FIELD_RAW:
        read_raw(json, at);
        return;
    case FIELD_INT:
        read_int(json, at);
        return;
    case FIELD_OBJECT:
        memset(at, 0, field->size);
        if (read_object(json, field->fields, at))
            *(bool *)at = true;
        return;
    case FIELD_CHOICES:
        read_choices(json, out);
        return;
    }
}

static void read_value(struct llmgw__json *json,
                       struct llmgw__openai_value *out)
{
    if (llmgw__json_peek(json) == LLMGW__JSON_STRING)
        llmgw__json_string(json, &out->text);
    else
        read_raw(json, &out->raw);
}

static void read_raw(struct llmgw__json *json, llmgw_str *out)
{
    if (llmgw__json_peek(json) == LLMGW__JSON_NULL)
        llmgw__json_skip(json);
    else
        *out = llmgw__json_raw(json);
}

static void read_int(struct llmgw__json *json, int64_t *out)
{
    struct llmgw__jstr digits;
    int64_t value;

    if (llmgw__json_peek(json) == LLMGW__JSON_STRING) {
        if (llmgw__json_string(json, &digits) &&
            llmgw__str_int64(llmgw__str_n(digits.data, digits.len), &value))
            *out = value;
    } else if (llmgw__json_int64(json, &value)) {
        *out = value;
    }
}

/* Nearly always there is one: it is read in passing. Others are passed over
 * and read again from `rest` when their turn comes. */
static void read_choices(struct llmgw__json *json,
                         struct llmgw__openai_payload *payload)
{
    if (!llmgw__json_array(json))
        return;
    payload->has_choice = llmgw__openai_read_choice(json, &payload->choice);
    if (!payload->has_choice)
        return;
    payload->rest = *json;
    while (llmgw__json_item(json)) {
        payload->has_more = true;
        llmgw__json_skip(json);
    }
}
