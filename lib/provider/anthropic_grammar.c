/*
 * provider/anthropic_grammar.c - will the service's grammar compiler take a
 * schema?
 *
 * Not one with an object that cannot be closed without changing what it means,
 * nor one that never ends. And all schemas of a request share an allowance of
 * optional and of union-typed parameters.
 *
 * Source: Messages API, "Structured outputs", "JSON Schema limitations",
 * "Schema complexity limits". Memory: the list of definitions being walked, in
 * the attempt's arena.
 */
#include "anthropic_content.h"

#define MAX_DEPTH       256 /* of nested schemas, references followed */
#define MAX_DEFINITIONS 128 /* that references lead to */
#define MAX_OPTIONALS   24  /* parameters, in a request */
#define MAX_UNIONS      16

/** Schemas below a keyword. */
enum holds {
    NOTHING,
    SCHEMA, /* its value is one */
    LIST,   /* … an array of them */
    MAP     /* … an object of them */
};

static const struct {
    const char *keyword;
    enum holds holds;
} keywords[] = {
    {"properties", MAP},  {"items", SCHEMA}, {"anyOf", LIST},
    {"oneOf", LIST},      {"allOf", LIST},   {"$defs", MAP},
    {"definitions", MAP},
};

/** A schema that a reference leads to. */
struct target {
    uint32_t node;
    bool open; /* being walked: meeting it again is recursion */
};

struct walk {
    const struct llmgw__jdoc *doc;
    uint32_t root;
    struct target *targets;
    size_t count;
    unsigned depth;
    unsigned references; /* that we are inside of: counted where they stand */
    size_t optionals;    /* parameters that are not required */
    size_t unions;       /* parameters of several types */
};

static bool fits(struct walk *walk, uint32_t schema);

bool llmgw__anthropic_schema_fits(struct llmgw__anthropic_encoder *e,
                                  uint32_t node)
{
    struct walk walk = {.doc = &e->chat->doc,
                        .root = node,
                        .optionals = e->optionals,
                        .unions = e->unions};

    if (node == LLMGW__JNONE)
        return true;
    walk.targets =
        llmgw__anthropic_array(e, MAX_DEFINITIONS, sizeof *walk.targets);
    if (!walk.targets)
        return false;
    walk.targets[walk.count++] = (struct target){node, true};
    if (!fits(&walk, node) || walk.optionals > MAX_OPTIONALS ||
        walk.unions > MAX_UNIONS)
        return false;
    e->optionals = walk.optionals;
    e->unions = walk.unions;
    return true;
}

/** What "#/$defs/name" stands for; LLMGW__JNONE: nothing here. */
static uint32_t resolve(const struct walk *walk, struct llmgw__jstr ref)
{
    uint32_t node = walk->root;
    char name[128];
    size_t at = 1;

    if (!ref.len || ref.data[0] != '#' || ref.escaped)
        return LLMGW__JNONE;
    while (at < ref.len && node != LLMGW__JNONE) {
        size_t len = 0;

        if (ref.data[at++] != '/')
            return LLMGW__JNONE;
        for (; at < ref.len && ref.data[at] != '/'; at++) {
            bool tilde = ref.data[at] == '~' && at + 1 < ref.len;

            if (len + 1 >= sizeof name)
                return LLMGW__JNONE;
            if (tilde)
                at++;
            name[len] = ref.data[at];
            if (tilde)
                name[len] = (char)(ref.data[at] == '1' ? '/' : '~');
            len++;
        }
        name[len] = '\0';
        node = llmgw__jdoc_get(walk->doc, node, name);
    }
    return node;
}

static bool reference_fits(struct walk *walk, uint32_t ref)
{
    uint32_t node = resolve(walk, llmgw__jdoc_string(walk->doc, ref));
    size_t mine = walk->count;
    bool good;

    if (node == LLMGW__JNONE)
        return false;
    for (size_t i = 0; i < walk->count; i++)
        if (walk->targets[i].node == node)
            return !walk->targets[i].open;
    if (walk->count == MAX_DEFINITIONS)
        return false;
    walk->targets[walk->count++] = (struct target){node, true};
    walk->references++;
    good = fits(walk, node);
    walk->references--;
    walk->targets[mine].open = false;
    return good;
}

/** A schema below a keyword; in a list or a map, each of them. */
static bool below_fits(struct walk *walk, enum holds rule, uint32_t value)
{
    const struct llmgw__jdoc *doc = walk->doc;
    uint32_t at = llmgw__jdoc_first(doc, value);

    if (rule == SCHEMA)
        return fits(walk, value);
    while (at != LLMGW__JNONE) {
        if (rule == MAP)
            at = llmgw__jdoc_next(doc, value, at); /* from key to value */
        if (!fits(walk, at))
            return false;
        at = llmgw__jdoc_next(doc, value, at);
    }
    return true;
}

static enum holds what_holds(struct llmgw__jstr keyword)
{
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (llmgw__jstr_is(keyword, keywords[i].keyword))
            return keywords[i].holds;
    return NOTHING;
}

static bool members_fit(struct walk *walk, uint32_t schema)
{
    const struct llmgw__jdoc *doc = walk->doc;
    uint32_t key = llmgw__jdoc_first(doc, schema);

    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, schema, key);
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        enum holds holds = what_holds(name);

        if (llmgw__jstr_is(name, "$ref") && !reference_fits(walk, value))
            return false;
        if (holds != NOTHING && !below_fits(walk, holds, value))
            return false;
        key = llmgw__jdoc_next(doc, schema, value);
    }
    return true;
}

/** Is a key among the strings of an array? */
static bool is_listed(const struct llmgw__jdoc *doc, uint32_t list,
                      struct llmgw__jstr key)
{
    if (llmgw__jdoc_type(doc, list) != LLMGW__JSON_ARRAY)
        return false;
    for (uint32_t at = llmgw__jdoc_first(doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, list, at))
        if (llmgw__jstr_compare(llmgw__jdoc_string(doc, at), key) == 0)
            return true;
    return false;
}

static bool is_union(const struct llmgw__jdoc *doc, uint32_t schema)
{
    return llmgw__jdoc_get(doc, schema, "anyOf") != LLMGW__JNONE ||
           llmgw__jdoc_get(doc, schema, "oneOf") != LLMGW__JNONE ||
           llmgw__jdoc_type(doc, llmgw__jdoc_get(doc, schema, "type")) ==
               LLMGW__JSON_ARRAY;
}

static void count_parameters(struct walk *walk, uint32_t schema)
{
    const struct llmgw__jdoc *doc = walk->doc;
    uint32_t map = llmgw__jdoc_get(doc, schema, "properties");
    uint32_t required = llmgw__jdoc_get(doc, schema, "required");
    uint32_t key = llmgw__jdoc_first(doc, map);

    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, map, key);

        walk->optionals +=
            !is_listed(doc, required, llmgw__jdoc_string(doc, key));
        walk->unions += is_union(doc, value);
        key = llmgw__jdoc_next(doc, map, value);
    }
}

static bool fits(struct walk *walk, uint32_t schema)
{
    const struct llmgw__jdoc *doc = walk->doc;
    uint32_t rest = llmgw__jdoc_get(doc, schema, "additionalProperties");
    bool good;

    if (llmgw__jdoc_type(doc, schema) != LLMGW__JSON_OBJECT)
        return false;
    if (llmgw__anthropic_is_object(doc, schema) &&
        ((rest != LLMGW__JNONE && !llmgw__anthropic_is_false(doc, rest)) ||
         llmgw__jdoc_get(doc, schema, "properties") == LLMGW__JNONE))
        return false; /* open: closing it would change what it means */
    if (walk->depth == MAX_DEPTH)
        return false;
    if (!walk->references)
        count_parameters(walk, schema);
    walk->depth++;
    good = members_fit(walk, schema);
    walk->depth--;
    return good;
}

bool llmgw__anthropic_is_object(const struct llmgw__jdoc *doc, uint32_t schema)
{
    uint32_t type = llmgw__jdoc_get(doc, schema, "type");

    if (llmgw__jdoc_type(doc, type) == LLMGW__JSON_ARRAY)
        for (uint32_t at = llmgw__jdoc_first(doc, type); at != LLMGW__JNONE;
             at = llmgw__jdoc_next(doc, type, at))
            if (llmgw__jstr_is(llmgw__jdoc_string(doc, at), "object"))
                return true;
    return llmgw__jstr_is(llmgw__jdoc_string(doc, type), "object") ||
           (type == LLMGW__JNONE &&
            llmgw__jdoc_get(doc, schema, "properties") != LLMGW__JNONE);
}

bool llmgw__anthropic_is_false(const struct llmgw__jdoc *doc, uint32_t node)
{
    bool flag = true;

    return llmgw__jdoc_bool(doc, node, &flag) && !flag;
}
