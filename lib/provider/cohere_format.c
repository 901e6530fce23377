/*
 * provider/cohere_format.c - response_format.
 *
 * Keywords that the service does not know are left out of the schema and told
 * to the model, in the description of what they stood at.
 *
 * Source: Cohere's guide to structured outputs, 2026-08.
 */
#include <string.h>

#include "cohere.h"

struct keyword {
    const char *name;
    const char *before; /* of its value, in words */
    const char *after;
};

static const struct keyword keywords[] = {
    /* clang-format off */
    {"minimum",          "at least ",        ""},
    {"maximum",          "at most ",         ""},
    {"exclusiveMinimum", "more than ",       ""},
    {"exclusiveMaximum", "less than ",       ""},
    {"multipleOf",       "a multiple of ",   ""},
    {"minItems",         "at least ",        " items"},
    {"maxItems",         "at most ",         " items"},
    {"uniqueItems",      "unique items: ",   ""},
    {"minLength",        "at least ",        " characters"},
    {"maxLength",        "at most ",         " characters"},
    {"pattern",          "matching ",        ""},
    {"format",           "in the format ",   ""},
    {"allOf",            "all of ",          ""},
    {"oneOf",            "one of ",          ""},
    {"not",              "not ",             ""},
    /* clang-format on */
};

/* What is walked: a schema, or members that are schemas. */
enum place {
    PLACE_SCHEMA,
    PLACE_MAP,   /* properties, $defs */
    PLACE_PLAIN, /* values: as they are */
};

#define MAX_DEPTH 64

static void write_schema(struct llmgw__encoding *e);
static bool write_value(struct llmgw__encoding *e, uint32_t node,
                        enum place place, unsigned depth);
static bool write_object(struct llmgw__encoding *e, uint32_t object,
                         enum place place, unsigned depth);
static bool write_array(struct llmgw__encoding *e, uint32_t node,
                        enum place place, unsigned depth);
static enum place place_of(enum place parent, struct llmgw__jstr name);
static void write_description(struct llmgw__encoding *e, uint32_t node);
static const struct keyword *unknown(const struct llmgw__jdoc *doc,
                                     struct llmgw__jstr name, uint32_t value);

void llmgw__cohere_format(struct llmgw__cohere_encode *c)
{
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__chat *chat = e->chat;

    if (chat->format < LLMGW__FORMAT_JSON_OBJECT)
        return;
    if (llmgw__encoding_offers_any(chat))
        llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                               "response_format",
                               "no JSON format beside tools");
    if (llmgw__encoding_option(e, "documents") != LLMGW__JNONE)
        llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                               "response_format",
                               "no JSON format beside documents");
    if (!llmgw__encoding_key(e, "response_format"))
        return;
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", "json_object");
    if (chat->format == LLMGW__FORMAT_JSON_SCHEMA && chat->schema.len > 0)
        write_schema(e);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_schema(struct llmgw__encoding *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t node = e->chat->schema_node;

    if (!llmgw__jstr_is(llmgw__jdoc_get_string(doc, node, "type"), "object"))
        llmgw__encoding_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                               "response_format",
                               "the schema must be one of an object");
    llmgw__jsonw_key(&e->w, "json_schema");
    if (write_value(e, node, PLACE_SCHEMA, 0))
        llmgw__encoding_adjust(e, "response_format", "approximated",
                               "schema_keywords");
}

/* @return keywords have been moved */
static bool write_value(struct llmgw__encoding *e, uint32_t node,
                        enum place place, unsigned depth)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;

    if (place != PLACE_PLAIN && depth < MAX_DEPTH) {
        if (llmgw__jdoc_type(doc, node) == LLMGW__JSON_OBJECT)
            return write_object(e, node, place, depth);
        if (llmgw__jdoc_type(doc, node) == LLMGW__JSON_ARRAY)
            return write_array(e, node, place, depth);
    }
    llmgw__jsonw_node(&e->w, doc, node);
    return false;
}

static bool write_object(struct llmgw__encoding *e, uint32_t object,
                         enum place place, unsigned depth)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    bool moved = false, below = false;

    llmgw__jsonw_open(&e->w, '{');
    for (uint32_t key = llmgw__jdoc_first(doc, object); key != LLMGW__JNONE;) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, object, key);

        if (place == PLACE_SCHEMA && unknown(doc, name, value)) {
            moved = true;
        } else if (place != PLACE_SCHEMA ||
                   !llmgw__jstr_is(name, "description")) {
            llmgw__jsonw_key_raw(&e->w, (llmgw_str){name.data, name.len});
            below |= write_value(e, value, place_of(place, name), depth + 1);
        }
        key = llmgw__jdoc_next(doc, object, value);
    }
    if (place == PLACE_SCHEMA)
        write_description(e, object);
    llmgw__jsonw_close(&e->w, '}');
    return moved || below;
}

static bool write_array(struct llmgw__encoding *e, uint32_t node,
                        enum place place, unsigned depth)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    bool moved = false;

    llmgw__jsonw_open(&e->w, '[');
    for (uint32_t at = llmgw__jdoc_first(doc, node); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, node, at))
        moved |= write_value(e, at, place, depth + 1);
    llmgw__jsonw_close(&e->w, ']');
    return moved;
}

static enum place place_of(enum place parent, struct llmgw__jstr name)
{
    static const struct {
        const char *name;
        enum place place;
    } rows[] = {
        {"properties", PLACE_MAP},  {"$defs", PLACE_MAP},
        {"definitions", PLACE_MAP}, {"patternProperties", PLACE_MAP},
        {"items", PLACE_SCHEMA},    {"prefixItems", PLACE_SCHEMA},
        {"anyOf", PLACE_SCHEMA},    {"additionalProperties", PLACE_SCHEMA},
    };

    if (parent == PLACE_MAP)
        return PLACE_SCHEMA;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (llmgw__jstr_is(name, rows[i].name))
            return rows[i].place;
    return PLACE_PLAIN;
}

/* What it says, and the keywords left out, in words. */
static void write_description(struct llmgw__encoding *e, uint32_t node)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jstr own = llmgw__jdoc_get_string(doc, node, "description");
    bool open = own.data != NULL;

    if (open) {
        llmgw__jsonw_key(&e->w, "description");
        llmgw__jsonw_str_open(&e->w);
        llmgw__jsonw_str_add_raw(&e->w, (llmgw_str){own.data, own.len});
    }
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const struct keyword *row = &keywords[i];
        const struct llmgw__jstr name =
            llmgw__jstr(llmgw__str(row->name), false);
        uint32_t value = llmgw__jdoc_get(doc, node, row->name);

        if (value == LLMGW__JNONE || !unknown(doc, name, value))
            continue;
        if (!open) {
            llmgw__jsonw_key(&e->w, "description");
            llmgw__jsonw_str_open(&e->w);
        } else {
            llmgw__jsonw_str_add(&e->w, LLMGW__LIT(", "));
        }
        open = true;
        llmgw__jsonw_str_add(&e->w, llmgw__str(row->before));
        llmgw__jsonw_str_add(&e->w, llmgw__jdoc_raw(doc, value));
        llmgw__jsonw_str_add(&e->w, llmgw__str(row->after));
    }
    if (open)
        llmgw__jsonw_str_close(&e->w);
}

static bool is_simple_pattern(struct llmgw__jstr pattern)
{
    llmgw_str text = {pattern.data, pattern.len};

    return text.data && !memchr(text.data, '^', text.len) &&
           !memchr(text.data, '$', text.len) &&
           llmgw__str_find(text, LLMGW__LIT("(?=")) == SIZE_MAX &&
           llmgw__str_find(text, LLMGW__LIT("(?!")) == SIZE_MAX &&
           llmgw__str_find(text, LLMGW__LIT("(?<")) == SIZE_MAX;
}

static bool is_known_format(struct llmgw__jstr format)
{
    static const char *const known[] = {"date-time", "date", "time", "uuid"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (llmgw__jstr_is(format, known[i]))
            return true;
    return false;
}

/* NULL: it may stay. */
static const struct keyword *unknown(const struct llmgw__jdoc *doc,
                                     struct llmgw__jstr name, uint32_t value)
{
    struct llmgw__jstr text = llmgw__jdoc_string(doc, value);

    if (llmgw__jstr_is(name, "pattern") && is_simple_pattern(text))
        return NULL;
    if (llmgw__jstr_is(name, "format") && is_known_format(text))
        return NULL;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (llmgw__jstr_is(name, keywords[i].name))
            return &keywords[i];
    return NULL;
}
