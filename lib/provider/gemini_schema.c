/*
 * provider/gemini_schema.c - JSON Schema -> the OpenAPI-like form that models
 * before 2.5 take.
 *
 * Anything unknown in it is a 400 there, so only what has a place is written,
 * and it is told when a keyword no longer binds. Source: Google AI for
 * Developers, "Schema" (v1beta). Memory: the body; a fixed number of values.
 */
#include "gemini_schema.h"

static void write_schema(struct llmgw__schema *s, uint32_t node);
static void write_view(struct llmgw__schema *s,
                       const struct llmgw__schema_view *view);
static void write_common(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view);
static void write_variants(struct llmgw__schema *s,
                           const struct llmgw__schema_view *view);
static void write_types(struct llmgw__schema *s,
                        const struct llmgw__schema_view *view);
static void write_type(struct llmgw__schema *s,
                       const struct llmgw__schema_view *view, uint8_t type);
static void write_values(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view, uint8_t type);
static bool has_value(const struct llmgw__schema *s, uint32_t list);
static bool is_value(const struct llmgw__schema *s, uint32_t value);
static void write_value(struct llmgw__schema *s, uint32_t value);
static void write_format(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view, uint8_t type);
static void write_bounds(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view, uint8_t type);
static void write_bound(struct llmgw__schema *s,
                        const struct llmgw__schema_view *view, uint8_t type,
                        bool upper);
static void write_size(struct llmgw__schema *s,
                       const struct llmgw__schema_view *view,
                       const char *keyword);
static void write_items(struct llmgw__schema *s,
                        const struct llmgw__schema_view *view);
static void write_properties(struct llmgw__schema *s,
                             const struct llmgw__schema_view *view);
static void write_ordering(struct llmgw__schema *s,
                           const struct llmgw__schema_view *view);
static void write_required(struct llmgw__schema *s,
                           const struct llmgw__schema_view *view);
static bool is_first(const struct llmgw__schema *s,
                     const struct llmgw__schema_view *view, size_t i,
                     llmgw_str name);
static size_t property_count(const struct llmgw__schema *s,
                             const struct llmgw__schema_view *view);
static llmgw_str raw_name(const struct llmgw__schema *s, uint32_t key);

bool llmgw__gemini_schema(struct llmgw__gemini_encode *e, uint32_t node)
{
    struct llmgw__schema s = {.e = e, .doc = &e->chat->doc, .root = node};

    s.active[s.active_count++] = node;
    write_schema(&s, node);
    return s.lost;
}

bool llmgw__gemini_schema_says(const struct llmgw__gemini_encode *e,
                               uint32_t node)
{
    static const char *const saying[] = {"$ref", "anyOf", "oneOf", "allOf"};
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t others = llmgw__jdoc_get(doc, node, "additionalProperties");

    if (llmgw__jdoc_count(doc, llmgw__jdoc_get(doc, node, "properties")) > 0 ||
        llmgw__jdoc_type(doc, others) == LLMGW__JSON_OBJECT)
        return true;
    for (size_t i = 0; i < sizeof saying / sizeof *saying; i++)
        if (llmgw__jdoc_get(doc, node, saying[i]) != LLMGW__JNONE)
            return true;
    return false;
}

static void write_schema(struct llmgw__schema *s, uint32_t node)
{
    size_t mark = s->active_count;
    struct llmgw__schema_view view;

    if (++s->written > LLMGW__SCHEMA_WRITTEN) {
        llmgw__gemini_refuse(s->e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "tools",
                             "a schema too large for this model");
        llmgw__jsonw_null(&s->e->w);
        return;
    }
    llmgw__schema_look(s, &view, node);
    s->depth++;
    if (s->depth > LLMGW__SCHEMA_DEPTH) {
        view.cut = true;
        s->lost = true;
    }
    llmgw__jsonw_open(&s->e->w, '{');
    write_view(s, &view);
    llmgw__jsonw_close(&s->e->w, '}');
    s->depth--;
    s->active_count = mark;
}

static void write_view(struct llmgw__schema *s,
                       const struct llmgw__schema_view *view)
{
    write_common(s, view);
    if (view->cut) {
        llmgw__jsonw_member_z(&s->e->w, "type", "OBJECT");
        return;
    }
    if (view->variants != LLMGW__JNONE && property_count(s, view) == 0) {
        write_variants(s, view);
        return;
    }
    if (view->variants != LLMGW__JNONE)
        s->lost = true;
    write_types(s, view);
}

static void write_common(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view)
{
    static const char *const texts[] = {"title", "description"};

    if (view->nullable)
        llmgw__jsonw_member_bool(&s->e->w, "nullable", true);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct llmgw__jstr text =
            llmgw__jdoc_string(s->doc, llmgw__schema_get(s, view, texts[i]));

        if (text.data)
            llmgw__jsonw_member_jstr(&s->e->w, texts[i], text);
    }
}

static void write_variants(struct llmgw__schema *s,
                           const struct llmgw__schema_view *view)
{
    llmgw__jsonw_member_open(&s->e->w, "anyOf", '[');
    for (uint32_t at = llmgw__jdoc_first(s->doc, view->variants);
         at != LLMGW__JNONE; at = llmgw__jdoc_next(s->doc, view->variants, at))
        if (!llmgw__schema_is_null(s, at))
            write_schema(s, at);
    llmgw__jsonw_close(&s->e->w, ']');
}

/* Several types are several alternatives. */
static void write_types(struct llmgw__schema *s,
                        const struct llmgw__schema_view *view)
{
    struct llmgw__jsonw *w = &s->e->w;

    if (view->type_count == 1) {
        write_type(s, view, view->types[0]);
        return;
    }
    llmgw__jsonw_member_open(w, "anyOf", '[');
    for (size_t i = 0; i < view->type_count; i++) {
        llmgw__jsonw_open(w, '{');
        write_type(s, view, view->types[i]);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
}

static void write_type(struct llmgw__schema *s,
                       const struct llmgw__schema_view *view, uint8_t type)
{
    static const char *const names[] = {
        "", "STRING", "INTEGER", "NUMBER", "BOOLEAN", "ARRAY", "OBJECT"};
    struct llmgw__jstr pattern;

    llmgw__jsonw_member_z(&s->e->w, "type", names[type]);
    switch ((enum llmgw__schema_type)type) {
    case LLMGW__SCHEMA_STRING:
        write_values(s, view, type);
        write_size(s, view, "minLength");
        write_size(s, view, "maxLength");
        pattern =
            llmgw__jdoc_string(s->doc, llmgw__schema_get(s, view, "pattern"));
        if (pattern.data)
            llmgw__jsonw_member_jstr(&s->e->w, "pattern", pattern);
        break;
    case LLMGW__SCHEMA_INTEGER:
    case LLMGW__SCHEMA_NUMBER:
        write_values(s, view, type);
        write_bounds(s, view, type);
        break;
    case LLMGW__SCHEMA_ARRAY:
        write_items(s, view);
        break;
    case LLMGW__SCHEMA_OBJECT:
        write_properties(s, view);
        break;
    case LLMGW__SCHEMA_BOOLEAN:
        if (llmgw__schema_get(s, view, "enum") != LLMGW__JNONE ||
            llmgw__schema_get(s, view, "const") != LLMGW__JNONE)
            s->lost = true;
        break;
    case LLMGW__SCHEMA_NONE:
        break;
    }
}

/* enum and const, as strings; else the format. */
static void write_values(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view, uint8_t type)
{
    uint32_t list = llmgw__schema_get(s, view, "enum");
    uint32_t only = llmgw__schema_get(s, view, "const");
    struct llmgw__jsonw *w = &s->e->w;

    if (list == LLMGW__JNONE && only == LLMGW__JNONE) {
        write_format(s, view, type);
        return;
    }
    if (type == LLMGW__SCHEMA_NUMBER) {
        s->lost = true; /* only strings and integers can be listed */
        return;
    }
    if (only != LLMGW__JNONE ? !is_value(s, only) : !has_value(s, list)) {
        s->lost = true; /* an empty list is refused */
        return;
    }
    llmgw__jsonw_member_open(w, "enum", '[');
    if (only != LLMGW__JNONE)
        write_value(s, only);
    for (uint32_t at = llmgw__jdoc_first(s->doc, list);
         only == LLMGW__JNONE && at != LLMGW__JNONE;
         at = llmgw__jdoc_next(s->doc, list, at))
        write_value(s, at);
    llmgw__jsonw_close(w, ']');
    llmgw__jsonw_member_z(w, "format", "enum");
}

static bool has_value(const struct llmgw__schema *s, uint32_t list)
{
    for (uint32_t at = llmgw__jdoc_first(s->doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(s->doc, list, at))
        if (is_value(s, at))
            return true;
    return false;
}

/* Can it stand in a list there? */
static bool is_value(const struct llmgw__schema *s, uint32_t value)
{
    return llmgw__jdoc_string(s->doc, value).len > 0 ||
           llmgw__jdoc_type(s->doc, value) == LLMGW__JSON_NUMBER;
}

/* An empty one is refused there; null is said by nullable. */
static void write_value(struct llmgw__schema *s, uint32_t value)
{
    struct llmgw__jstr text = llmgw__jdoc_string(s->doc, value);

    if (text.len > 0)
        llmgw__jsonw_jstr(&s->e->w, text);
    else if (llmgw__jdoc_type(s->doc, value) == LLMGW__JSON_NUMBER)
        llmgw__jsonw_str(&s->e->w, llmgw__jdoc_raw(s->doc, value));
    else if (llmgw__jdoc_type(s->doc, value) != LLMGW__JSON_NULL)
        s->lost = true;
}

static void write_format(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view, uint8_t type)
{
    static const struct {
        uint8_t type;
        const char *format;
    } kept[] = {
        {LLMGW__SCHEMA_STRING, "date-time"}, {LLMGW__SCHEMA_STRING, "date"},
        {LLMGW__SCHEMA_STRING, "time"},      {LLMGW__SCHEMA_STRING, "email"},
        {LLMGW__SCHEMA_STRING, "byte"},      {LLMGW__SCHEMA_INTEGER, "int32"},
        {LLMGW__SCHEMA_INTEGER, "int64"},    {LLMGW__SCHEMA_NUMBER, "float"},
        {LLMGW__SCHEMA_NUMBER, "double"},
    };
    struct llmgw__jstr format =
        llmgw__jdoc_string(s->doc, llmgw__schema_get(s, view, "format"));

    if (!format.data)
        return;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (kept[i].type == type && llmgw__jstr_is(format, kept[i].format)) {
            llmgw__jsonw_member_jstr(&s->e->w, "format", format);
            return;
        }
    s->lost = true;
}

static void write_bounds(struct llmgw__schema *s,
                         const struct llmgw__schema_view *view, uint8_t type)
{
    write_bound(s, view, type, false);
    write_bound(s, view, type, true);
}

/* A bound that is excluded becomes the next one in, for integers. */
static void write_bound(struct llmgw__schema *s,
                        const struct llmgw__schema_view *view, uint8_t type,
                        bool upper)
{
    const char *key = upper ? "maximum" : "minimum";
    uint32_t bound = llmgw__schema_get(s, view, key);
    uint32_t outside = llmgw__schema_get(
        s, view, upper ? "exclusiveMaximum" : "exclusiveMinimum");
    bool flag = false;
    int64_t whole;

    if (llmgw__jdoc_bool(s->doc, outside, &flag)) /* as in draft 4 */
        outside = flag ? bound : LLMGW__JNONE;
    if (outside == LLMGW__JNONE) {
        if (llmgw__jdoc_type(s->doc, bound) == LLMGW__JSON_NUMBER)
            llmgw__jsonw_member_node(&s->e->w, key, s->doc, bound);
        return;
    }
    if (type == LLMGW__SCHEMA_INTEGER &&
        llmgw__jdoc_int64(s->doc, outside, &whole) && whole > INT64_MIN &&
        whole < INT64_MAX) {
        llmgw__jsonw_member_int(&s->e->w, key, upper ? whole - 1 : whole + 1);
        return;
    }
    s->lost = true;
    if (llmgw__jdoc_type(s->doc, outside) == LLMGW__JSON_NUMBER)
        llmgw__jsonw_member_node(&s->e->w, key, s->doc, outside);
}

/* 64-bit integers are strings in this JSON. */
static void write_size(struct llmgw__schema *s,
                       const struct llmgw__schema_view *view,
                       const char *keyword)
{
    uint32_t value = llmgw__schema_get(s, view, keyword);
    int64_t size;

    if (!llmgw__jdoc_int64(s->doc, value, &size))
        return;
    llmgw__jsonw_key(&s->e->w, keyword);
    llmgw__jsonw_str_open(&s->e->w);
    llmgw__buf_add_int(s->e->w.buf, size);
    llmgw__jsonw_str_close(&s->e->w);
}

static void write_items(struct llmgw__schema *s,
                        const struct llmgw__schema_view *view)
{
    uint32_t items = llmgw__schema_get(s, view, "items");

    llmgw__jsonw_key(&s->e->w, "items");
    if (llmgw__jdoc_type(s->doc, items) == LLMGW__JSON_OBJECT &&
        llmgw__jdoc_count(s->doc, items) > 0)
        write_schema(s, items);
    else
        llmgw__jsonw_raw(&s->e->w, LLMGW__LIT("{\"type\":\"STRING\"}"));
    write_size(s, view, "minItems");
    write_size(s, view, "maxItems");
}

static void write_properties(struct llmgw__schema *s,
                             const struct llmgw__schema_view *view)
{
    if (property_count(s, view) == 0)
        return;
    llmgw__jsonw_member_open(&s->e->w, "properties", '{');
    for (size_t i = 0; i < view->count; i++) {
        uint32_t list = llmgw__jdoc_get(s->doc, view->nodes[i], "properties");
        uint32_t key = llmgw__jdoc_first(s->doc, list);

        while (key != LLMGW__JNONE) {
            uint32_t value = llmgw__jdoc_next(s->doc, list, key);

            if (is_first(s, view, i, raw_name(s, key))) {
                llmgw__jsonw_key_raw(&s->e->w, raw_name(s, key));
                write_schema(s, value);
            }
            key = llmgw__jdoc_next(s->doc, list, value);
        }
    }
    llmgw__jsonw_close(&s->e->w, '}');
    write_ordering(s, view);
    write_required(s, view);
    write_size(s, view, "minProperties");
    write_size(s, view, "maxProperties");
}

static void write_ordering(struct llmgw__schema *s,
                           const struct llmgw__schema_view *view)
{
    llmgw__jsonw_member_open(&s->e->w, "propertyOrdering", '[');
    for (size_t i = 0; i < view->count; i++) {
        uint32_t list = llmgw__jdoc_get(s->doc, view->nodes[i], "properties");
        uint32_t key = llmgw__jdoc_first(s->doc, list);

        while (key != LLMGW__JNONE) {
            if (is_first(s, view, i, raw_name(s, key)))
                llmgw__jsonw_jstr(&s->e->w, llmgw__jdoc_string(s->doc, key));
            key = llmgw__jdoc_next(s->doc, list,
                                   llmgw__jdoc_next(s->doc, list, key));
        }
    }
    llmgw__jsonw_close(&s->e->w, ']');
}

/* Only names that have a property. */
static void write_required(struct llmgw__schema *s,
                           const struct llmgw__schema_view *view)
{
    bool open = false;

    for (size_t i = 0; i < view->count; i++) {
        uint32_t list = llmgw__jdoc_get(s->doc, view->nodes[i], "required");

        for (uint32_t at = llmgw__jdoc_first(s->doc, list); at != LLMGW__JNONE;
             at = llmgw__jdoc_next(s->doc, list, at)) {
            if (is_first(s, view, view->count, raw_name(s, at))) {
                s->lost = true;
                continue;
            }
            if (!open)
                llmgw__jsonw_key(&s->e->w, "required");
            if (!open)
                llmgw__jsonw_open(&s->e->w, '[');
            open = true;
            llmgw__jsonw_jstr(&s->e->w, llmgw__jdoc_string(s->doc, at));
        }
    }
    if (open)
        llmgw__jsonw_close(&s->e->w, ']');
}

/* No schema before the i-th has a property of that name. */
static bool is_first(const struct llmgw__schema *s,
                     const struct llmgw__schema_view *view, size_t i,
                     llmgw_str name)
{
    while (i-- > 0)
        if (llmgw__schema_member(
                s, llmgw__jdoc_get(s->doc, view->nodes[i], "properties"),
                name) != LLMGW__JNONE)
            return false;
    return true;
}

static size_t property_count(const struct llmgw__schema *s,
                             const struct llmgw__schema_view *view)
{
    size_t count = 0;

    for (size_t i = 0; i < view->count; i++)
        count += llmgw__jdoc_count(
            s->doc, llmgw__jdoc_get(s->doc, view->nodes[i], "properties"));
    return count;
}

static llmgw_str raw_name(const struct llmgw__schema *s, uint32_t key)
{
    struct llmgw__jstr name = llmgw__jdoc_string(s->doc, key);

    return llmgw__str_n(name.data, name.len);
}
