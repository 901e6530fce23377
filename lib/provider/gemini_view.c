/*
 * provider/gemini_view.c - what a JSON Schema says of one value, with
 * references followed, allOf merged and null taken out.
 *
 * Source: JSON Schema 2020-12. Memory: the stack; references are followed to
 * a fixed depth, and not into themselves.
 */
#include "gemini_schema.h"

static void gather(struct llmgw__schema *s, struct llmgw__schema_view *view,
                   uint32_t node);
static void follow(struct llmgw__schema *s, struct llmgw__schema_view *view,
                   uint32_t ref);
static uint32_t resolve(const struct llmgw__schema *s, llmgw_str pointer);
static void gather_variants(struct llmgw__schema *s,
                            struct llmgw__schema_view *view, uint32_t list);
static void note_lost(struct llmgw__schema *s, uint32_t object);
static void find_types(struct llmgw__schema *s,
                       struct llmgw__schema_view *view);
static void infer_type(struct llmgw__schema *s,
                       struct llmgw__schema_view *view);
static uint8_t type_of_values(const struct llmgw__schema *s,
                              struct llmgw__schema_view *view);
static uint8_t type_of_value(const struct llmgw__schema *s, uint32_t value);
static void add_type(const struct llmgw__schema *s,
                     struct llmgw__schema_view *view, uint32_t name);
static bool in_list(llmgw_str name, const char *const *list);

void llmgw__schema_look(struct llmgw__schema *s,
                        struct llmgw__schema_view *view, uint32_t node)
{
    *view = (struct llmgw__schema_view){.variants = LLMGW__JNONE};
    gather(s, view, node);
    find_types(s, view);
}

uint32_t llmgw__schema_get(const struct llmgw__schema *s,
                           const struct llmgw__schema_view *view,
                           const char *keyword)
{
    for (size_t i = 0; i < view->count; i++) {
        uint32_t value = llmgw__jdoc_get(s->doc, view->nodes[i], keyword);

        if (value != LLMGW__JNONE)
            return value;
    }
    return LLMGW__JNONE;
}

bool llmgw__schema_is_null(const struct llmgw__schema *s, uint32_t node)
{
    return llmgw__jstr_is(llmgw__jdoc_get_string(s->doc, node, "type"), "null");
}

uint32_t llmgw__schema_member(const struct llmgw__schema *s, uint32_t object,
                              llmgw_str name)
{
    uint32_t key = llmgw__jdoc_first(s->doc, object);

    if (llmgw__jdoc_type(s->doc, object) != LLMGW__JSON_OBJECT)
        return LLMGW__JNONE;
    while (key != LLMGW__JNONE) {
        struct llmgw__jstr at = llmgw__jdoc_string(s->doc, key);
        uint32_t value = llmgw__jdoc_next(s->doc, object, key);

        if (llmgw__str_eq(llmgw__str_n(at.data, at.len), name))
            return value;
        key = llmgw__jdoc_next(s->doc, object, value);
    }
    return LLMGW__JNONE;
}

static void gather(struct llmgw__schema *s, struct llmgw__schema_view *view,
                   uint32_t node)
{
    uint32_t all;

    if (llmgw__jdoc_type(s->doc, node) != LLMGW__JSON_OBJECT)
        return; /* true and false say nothing that could be written */
    for (size_t i = 0; i < view->count; i++)
        if (view->nodes[i] == node)
            return;
    if (view->count == LLMGW__SCHEMA_MERGED) {
        s->lost = true;
        return;
    }
    view->nodes[view->count++] = node;
    note_lost(s, node);
    follow(s, view, llmgw__jdoc_get(s->doc, node, "$ref"));
    all = llmgw__jdoc_get(s->doc, node, "allOf");
    for (uint32_t at = llmgw__jdoc_first(s->doc, all); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(s->doc, all, at))
        gather(s, view, at);
    gather_variants(s, view, llmgw__jdoc_get(s->doc, node, "anyOf"));
    gather_variants(s, view, llmgw__jdoc_get(s->doc, node, "oneOf"));
}

static void follow(struct llmgw__schema *s, struct llmgw__schema_view *view,
                   uint32_t ref)
{
    struct llmgw__jstr pointer = llmgw__jdoc_string(s->doc, ref);
    uint32_t target;

    if (!pointer.data)
        return;
    target = resolve(s, llmgw__str_n(pointer.data, pointer.len));
    view->cut = view->cut || target == LLMGW__JNONE ||
                s->active_count == LLMGW__SCHEMA_DEPTH;
    for (size_t i = 0; i < s->active_count; i++)
        view->cut = view->cut || s->active[i] == target;
    if (view->cut) {
        s->lost = true;
        return;
    }
    s->active[s->active_count++] = target;
    gather(s, view, target);
}

/* "#", "#/$defs/Name": names as they stand, without escapes. */
static uint32_t resolve(const struct llmgw__schema *s, llmgw_str pointer)
{
    uint32_t node = s->root;
    size_t at = 1;

    if (pointer.len == 0 || pointer.data[0] != '#')
        return LLMGW__JNONE;
    while (at < pointer.len && node != LLMGW__JNONE) {
        size_t from = at + 1;

        if (pointer.data[at] != '/')
            return LLMGW__JNONE;
        at = from;
        while (at < pointer.len && pointer.data[at] != '/')
            at++;
        node = llmgw__schema_member(
            s, node, llmgw__str_n(pointer.data + from, at - from));
    }
    return node;
}

/* One that is not null is merged; several stay alternatives. */
static void gather_variants(struct llmgw__schema *s,
                            struct llmgw__schema_view *view, uint32_t list)
{
    uint32_t only = LLMGW__JNONE;
    size_t count = 0;

    for (uint32_t at = llmgw__jdoc_first(s->doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(s->doc, list, at)) {
        if (llmgw__schema_is_null(s, at)) {
            view->nullable = true;
            continue;
        }
        only = at;
        count++;
    }
    if (count == 1)
        gather(s, view, only);
    else if (count > 1 && view->variants == LLMGW__JNONE)
        view->variants = list;
    else if (count > 1)
        s->lost = true;
}

/* Keywords that have a place, and those that bind nothing. */
static void note_lost(struct llmgw__schema *s, uint32_t object)
{
    static const char *const harmless[] = {
        /* clang-format off */
        "type", "enum", "const", "properties", "required", "items", "anyOf",
        "oneOf", "allOf", "$ref", "description", "title", "nullable", "format",
        "pattern", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems",
        "minProperties", "maxProperties", "propertyOrdering",
        "$schema", "$id", "$defs", "definitions", "$comment", "$anchor",
        "default", "example", "examples", "deprecated", "readOnly",
        "writeOnly", NULL,
        /* clang-format on */
    };
    uint32_t key = llmgw__jdoc_first(s->doc, object);

    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(s->doc, key);
        uint32_t value = llmgw__jdoc_next(s->doc, object, key);
        bool open = llmgw__jstr_is(name, "additionalProperties") &&
                    llmgw__str_is(llmgw__jdoc_raw(s->doc, value), "true");

        if (!open && !in_list(llmgw__str_n(name.data, name.len), harmless))
            s->lost = true;
        key = llmgw__jdoc_next(s->doc, object, value);
    }
}

static bool in_list(llmgw_str name, const char *const *list)
{
    for (; *list; list++)
        if (llmgw__str_is(name, *list))
            return true;
    return false;
}

static void find_types(struct llmgw__schema *s, struct llmgw__schema_view *view)
{
    uint32_t type = llmgw__schema_get(s, view, "type");
    bool nullable = false;

    if (llmgw__jdoc_bool(s->doc, llmgw__schema_get(s, view, "nullable"),
                         &nullable))
        view->nullable = view->nullable || nullable;
    if (llmgw__jdoc_type(s->doc, type) == LLMGW__JSON_STRING)
        add_type(s, view, type);
    if (llmgw__jdoc_type(s->doc, type) == LLMGW__JSON_ARRAY)
        for (uint32_t at = llmgw__jdoc_first(s->doc, type); at != LLMGW__JNONE;
             at = llmgw__jdoc_next(s->doc, type, at))
            add_type(s, view, at);
    if (view->type_count == 0)
        infer_type(s, view);
}

static void add_type(const struct llmgw__schema *s,
                     struct llmgw__schema_view *view, uint32_t name)
{
    static const char *const names[] = {
        "", "string", "integer", "number", "boolean", "array", "object"};
    struct llmgw__jstr text = llmgw__jdoc_string(s->doc, name);

    if (llmgw__jstr_is(text, "null"))
        view->nullable = true;
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (llmgw__jstr_is(text, names[i]) &&
            view->type_count < LLMGW__SCHEMA_TYPES)
            view->types[view->type_count++] = (uint8_t)i;
}

/* No type said: by what is said of the value; at a loss, a string. */
static void infer_type(struct llmgw__schema *s, struct llmgw__schema_view *view)
{
    uint8_t type = type_of_values(s, view);

    if (llmgw__schema_get(s, view, "properties") != LLMGW__JNONE)
        type = LLMGW__SCHEMA_OBJECT;
    else if (llmgw__schema_get(s, view, "items") != LLMGW__JNONE)
        type = LLMGW__SCHEMA_ARRAY;
    if (type == LLMGW__SCHEMA_NONE && view->variants != LLMGW__JNONE)
        return;
    if (type == LLMGW__SCHEMA_NONE) {
        type = LLMGW__SCHEMA_STRING;
        s->lost = true;
    }
    view->types[view->type_count++] = type;
}

/* A null among them makes it nullable. */
static uint8_t type_of_values(const struct llmgw__schema *s,
                              struct llmgw__schema_view *view)
{
    uint32_t list = llmgw__schema_get(s, view, "enum");
    uint8_t type = type_of_value(s, llmgw__schema_get(s, view, "const"));

    for (uint32_t at = llmgw__jdoc_first(s->doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(s->doc, list, at)) {
        uint8_t one = type_of_value(s, at);

        view->nullable =
            view->nullable || llmgw__jdoc_type(s->doc, at) == LLMGW__JSON_NULL;
        if (type != LLMGW__SCHEMA_NONE && one != LLMGW__SCHEMA_NONE &&
            type != one)
            return LLMGW__SCHEMA_STRING;
        type = one != LLMGW__SCHEMA_NONE ? one : type;
    }
    return type;
}

static uint8_t type_of_value(const struct llmgw__schema *s, uint32_t value)
{
    int64_t whole;

    switch (llmgw__jdoc_type(s->doc, value)) {
    case LLMGW__JSON_STRING:
        return LLMGW__SCHEMA_STRING;
    case LLMGW__JSON_NUMBER:
        return llmgw__jdoc_int64(s->doc, value, &whole) ? LLMGW__SCHEMA_INTEGER
                                                        : LLMGW__SCHEMA_NUMBER;
    case LLMGW__JSON_BOOL:
        return LLMGW__SCHEMA_BOOLEAN;
    case LLMGW__JSON_NONE:
    case LLMGW__JSON_NULL:
    case LLMGW__JSON_ARRAY:
    case LLMGW__JSON_OBJECT:
        break;
    }
    return LLMGW__SCHEMA_NONE;
}
