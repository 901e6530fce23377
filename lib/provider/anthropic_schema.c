/*
 * provider/anthropic_schema.c - JSON Schema as the service's grammar compiler
 * takes it.
 *
 * Every object is closed; keywords that the compiler does not know move into
 * the description, where the model at least reads them, or are left out.
 * Schemas that it cannot take are told apart first: see anthropic_grammar.c.
 *
 * Source: Messages API, "Structured outputs", "JSON Schema limitations".
 * Memory: none.
 */
#include "anthropic_content.h"

/** What becomes of a keyword. */
enum rule {
    KEEP,
    SCHEMA, /* its value is a schema */
    LIST,   /* … an array of schemas */
    MAP,    /* … an object of schemas */
    MOVE,   /* into the description */
    SMALL,  /* a number: kept up to 1, else moved */
    FORMAT, /* kept if known, else moved */
    SAYS,   /* the description itself */
    LOSE,   /* left out, and missed */
    CLOSE   /* replaced by our own */
};

/** In the order in which constraints are listed. */
static const struct keyword {
    const char *name;
    const char *sent; /* NULL: the same */
    enum rule rule;
} keywords[] = {
    {"minimum", NULL, MOVE},
    {"maximum", NULL, MOVE},
    {"exclusiveMinimum", NULL, MOVE},
    {"exclusiveMaximum", NULL, MOVE},
    {"multipleOf", NULL, MOVE},
    {"minLength", NULL, MOVE},
    {"maxLength", NULL, MOVE},
    {"pattern", NULL, MOVE},
    {"minItems", NULL, SMALL},
    {"maxItems", NULL, MOVE},
    {"uniqueItems", NULL, MOVE},
    {"minProperties", NULL, MOVE},
    {"maxProperties", NULL, MOVE},
    {"format", NULL, FORMAT},
    {"type", NULL, KEEP},
    {"properties", NULL, MAP},
    {"required", NULL, KEEP},
    {"items", NULL, SCHEMA},
    {"enum", NULL, KEEP},
    {"const", NULL, KEEP},
    {"anyOf", NULL, LIST},
    {"oneOf", "anyOf", LIST},
    {"allOf", NULL, LIST},
    {"$ref", NULL, KEEP},
    {"$defs", NULL, MAP},
    {"definitions", NULL, MAP},
    {"title", NULL, KEEP},
    {"default", NULL, KEEP},
    {"description", NULL, SAYS},
    {"additionalProperties", NULL, CLOSE},
    {"not", NULL, LOSE},
    {"if", NULL, LOSE},
    {"then", NULL, LOSE},
    {"else", NULL, LOSE},
    {"patternProperties", NULL, LOSE},
    {"prefixItems", NULL, LOSE},
    {"contains", NULL, LOSE},
    {"dependentRequired", NULL, LOSE},
    {"dependentSchemas", NULL, LOSE},
    {"propertyNames", NULL, LOSE},
    {"unevaluatedProperties", NULL, LOSE},
    {"unevaluatedItems", NULL, LOSE},
};

#define KEYWORDS (sizeof keywords / sizeof keywords[0])

static const char *const formats[] = {
    "date-time", "time", "date", "duration", "email",
    "hostname",  "uri",  "ipv4", "ipv6",     "uuid",
};

static bool write_schema(struct llmgw__anthropic_encoder *e, uint32_t schema);
static void write_description(struct llmgw__anthropic_encoder *e,
                              uint32_t schema);
static const struct keyword *keyword_of(struct llmgw__jstr name);
static bool is_moved(const struct llmgw__jdoc *doc,
                     const struct keyword *keyword, uint32_t value);

bool llmgw__anthropic_schema_write(struct llmgw__anthropic_encoder *e,
                                   uint32_t node)
{
    if (node != LLMGW__JNONE)
        return write_schema(e, node);
    llmgw__jsonw_raw(&e->w, LLMGW__LIT("{\"type\":\"object\",\"properties\":{},"
                                       "\"additionalProperties\":false}"));
    return false;
}

/* --- writing it --- */

static bool write_below(struct llmgw__anthropic_encoder *e, enum rule rule,
                        uint32_t value)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t at = llmgw__jdoc_first(doc, value);
    bool lost = false;

    if (rule == SCHEMA)
        return write_schema(e, value);
    llmgw__jsonw_open(&e->w, rule == MAP ? '{' : '[');
    while (at != LLMGW__JNONE) {
        if (rule == MAP) {
            struct llmgw__jstr key = llmgw__jdoc_string(doc, at);

            llmgw__jsonw_key_raw(&e->w, (llmgw_str){key.data, key.len});
            at = llmgw__jdoc_next(doc, value, at);
        }
        lost |= write_schema(e, at);
        at = llmgw__jdoc_next(doc, value, at);
    }
    llmgw__jsonw_close(&e->w, rule == MAP ? '}' : ']');
    return lost;
}

/** @return something that bound is gone */
static bool write_keyword(struct llmgw__anthropic_encoder *e, uint32_t schema,
                          const struct keyword *keyword, uint32_t value)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    const char *sent = keyword->sent ? keyword->sent : keyword->name;

    switch (keyword->rule) {
    case SAYS:
    case CLOSE:
        return false;
    case LOSE:
        return true;
    case MOVE:
    case SMALL:
    case FORMAT:
        if (is_moved(doc, keyword, value))
            return true;
        if (keyword->rule == MOVE)
            return false; /* says nothing */
        break;
    case KEEP:
        break;
    case SCHEMA:
    case LIST:
    case MAP:
        if (keyword->sent && llmgw__jdoc_get(doc, schema, sent) != LLMGW__JNONE)
            return true; /* both of them: one has to go */
        llmgw__jsonw_key(&e->w, sent);
        return write_below(e, keyword->rule, value);
    }
    llmgw__jsonw_member_node(&e->w, sent, doc, value);
    return false;
}

static bool write_schema(struct llmgw__anthropic_encoder *e, uint32_t schema)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, schema);
    bool lost = false;

    llmgw__jsonw_open(&e->w, '{');
    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, schema, key);
        const struct keyword *keyword =
            keyword_of(llmgw__jdoc_string(doc, key));

        if (keyword)
            lost |= write_keyword(e, schema, keyword, value);
        key = llmgw__jdoc_next(doc, schema, value);
    }
    write_description(e, schema);
    if (llmgw__anthropic_is_object(doc, schema)) {
        llmgw__jsonw_member_bool(&e->w, "additionalProperties", false);
        lost |= llmgw__jdoc_get(doc, schema, "additionalProperties") ==
                LLMGW__JNONE;
    }
    llmgw__jsonw_close(&e->w, '}');
    return lost;
}

static void add_constraint(struct llmgw__anthropic_encoder *e,
                           const struct keyword *keyword, uint32_t value,
                           bool first)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jstr text = llmgw__jdoc_string(doc, value);
    struct llmgw__jsonw *w = &e->w;

    llmgw__jsonw_str_add(w, first ? LLMGW__LIT("(constraints: ")
                                  : LLMGW__LIT(", "));
    llmgw__jsonw_str_add(w, llmgw__str(keyword->name));
    llmgw__jsonw_str_add(w, LLMGW__LIT("="));
    if (text.data)
        llmgw__jsonw_str_add_raw(w, (llmgw_str){text.data, text.len});
    else
        llmgw__jsonw_str_add(w, llmgw__jdoc_raw(doc, value));
}

/** The host's own, and behind it what no longer binds. */
static void write_description(struct llmgw__anthropic_encoder *e,
                              uint32_t schema)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jstr own = llmgw__jdoc_get_string(doc, schema, "description");
    bool open = own.data != NULL;
    bool first = true;

    if (open) {
        llmgw__jsonw_key(&e->w, "description");
        llmgw__jsonw_str_open(&e->w);
        llmgw__jsonw_str_add_raw(&e->w, (llmgw_str){own.data, own.len});
    }
    for (size_t i = 0; i < KEYWORDS; i++) {
        uint32_t value = llmgw__jdoc_get(doc, schema, keywords[i].name);

        if (value == LLMGW__JNONE || !is_moved(doc, &keywords[i], value))
            continue;
        if (!open) {
            llmgw__jsonw_key(&e->w, "description");
            llmgw__jsonw_str_open(&e->w);
        } else if (first && own.len) {
            llmgw__jsonw_str_add(&e->w, LLMGW__LIT(" "));
        }
        open = true;
        add_constraint(e, &keywords[i], value, first);
        first = false;
    }
    if (!first)
        llmgw__jsonw_str_add(&e->w, LLMGW__LIT(")"));
    if (open)
        llmgw__jsonw_str_close(&e->w);
}

/* --- keywords --- */

static const struct keyword *keyword_of(struct llmgw__jstr name)
{
    for (size_t i = 0; i < KEYWORDS; i++)
        if (llmgw__jstr_is(name, keywords[i].name))
            return &keywords[i];
    return NULL;
}

/** Does it go into the description? */
static bool is_moved(const struct llmgw__jdoc *doc,
                     const struct keyword *keyword, uint32_t value)
{
    int64_t number = 0;

    if (keyword->rule == MOVE)
        return !llmgw__anthropic_is_false(doc, value);
    if (keyword->rule == SMALL)
        return !llmgw__jdoc_int64(doc, value, &number) || number > 1;
    if (keyword->rule != FORMAT)
        return false;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (llmgw__jstr_is(llmgw__jdoc_string(doc, value), formats[i]))
            return false;
    return true;
}
