/*
 * base/jsonindex.c - JSON document: a flat index over the caller's bytes.
 *
 *     {"a":[1,2]}      0 object  next 5, count 1
 *                      1   key a     2
 *                      2   array     5, count 2
 *                      3     1       4
 *                      4     2       5
 *
 * One pass, no recursion: while a container is open, its `next` holds the
 * index of the one around it.
 *
 * Source: RFC 8259. Memory: 20 bytes a value or key, doubling.
 */
#include "alloc.h"
#include "jsondoc.h"
#include "jsonread.h"
#include "jsonscan.h"
#include "text.h"

enum {
    FIRST_NODES = 15 /* of a small request */
};

struct indexer {
    struct llmgw__jdoc *doc;
    struct llmgw__json json; /* where we are */
    uint32_t open;           /* innermost open container; LLMGW__JNONE: none */
    bool unique;
    llmgw_status status;
};

static bool refuse(struct indexer *in, const char *at, const char *error);
static void index_text(struct indexer *in);
static void check_utf8(struct indexer *in);
static bool add_value(struct indexer *in);
static bool go_to_value(struct indexer *in);

llmgw_status llmgw__jdoc_parse(struct llmgw__jdoc *doc, llmgw_str text,
                               unsigned flags)
{
    struct indexer in = {.doc = doc,
                         .open = LLMGW__JNONE,
                         .unique = (flags & LLMGW__JDOC_UNIQUE) != 0};

    memset(doc, 0, sizeof *doc);
    doc->text = text.data ? text.data : "";
    doc->len = text.len;
    llmgw__json_init(&in.json, text);
    if (text.len >= UINT32_MAX)
        refuse(&in, doc->text, "document longer than 4294967294 bytes");
    else
        index_text(&in);
    if (in.status == LLMGW_OK && (flags & LLMGW__JDOC_UTF8))
        check_utf8(&in);
    if (in.status != LLMGW_OK)
        llmgw__jdoc_clear(doc);
    return in.status;
}

void llmgw__jdoc_clear(struct llmgw__jdoc *doc)
{
    llmgw__free(doc->nodes);
    doc->nodes = NULL;
    doc->count = 0;
    doc->cap = 0;
}

enum llmgw__json_type llmgw__jdoc_type(const struct llmgw__jdoc *doc,
                                       uint32_t node)
{
    return node < doc->count ? (enum llmgw__json_type)doc->nodes[node].type
                             : LLMGW__JSON_NONE;
}

/* Of members named alike the first counts. */
uint32_t llmgw__jdoc_get(const struct llmgw__jdoc *doc, uint32_t object,
                         const char *key)
{
    size_t len = strlen(key);
    uint32_t at = object + 1;

    if (llmgw__jdoc_type(doc, object) != LLMGW__JSON_OBJECT)
        return LLMGW__JNONE;
    for (uint32_t left = doc->nodes[object].count; left > 0; left--) {
        const struct llmgw__jnode *name = &doc->nodes[at];

        if (name->escaped ? llmgw__jstr_is(llmgw__jdoc_string(doc, at), key)
                          : name->len == len &&
                                !memcmp(doc->text + name->start, key, len))
            return at + 1;
        at = name[1].next;
    }
    return LLMGW__JNONE;
}

uint32_t llmgw__jdoc_first(const struct llmgw__jdoc *doc, uint32_t parent)
{
    return llmgw__jdoc_count(doc, parent) > 0 ? parent + 1 : LLMGW__JNONE;
}

uint32_t llmgw__jdoc_next(const struct llmgw__jdoc *doc, uint32_t parent,
                          uint32_t node)
{
    if (parent >= doc->count || node >= doc->count ||
        doc->nodes[node].next >= doc->nodes[parent].next)
        return LLMGW__JNONE;
    return doc->nodes[node].next;
}

uint32_t llmgw__jdoc_count(const struct llmgw__jdoc *doc, uint32_t node)
{
    return node < doc->count ? doc->nodes[node].count : 0;
}

llmgw_str llmgw__jdoc_raw(const struct llmgw__jdoc *doc, uint32_t node)
{
    const struct llmgw__jnode *it;
    size_t quote;

    if (node >= doc->count)
        return (llmgw_str){NULL, 0};
    it = &doc->nodes[node];
    quote = it->type == LLMGW__JSON_STRING;
    return (llmgw_str){doc->text + it->start - quote, it->len + 2 * quote};
}

struct llmgw__jstr llmgw__jdoc_string(const struct llmgw__jdoc *doc,
                                      uint32_t node)
{
    const struct llmgw__jnode *it;

    if (llmgw__jdoc_type(doc, node) != LLMGW__JSON_STRING)
        return (struct llmgw__jstr){NULL, 0, false};
    it = &doc->nodes[node];
    return (struct llmgw__jstr){doc->text + it->start, it->len,
                                it->escaped != 0};
}

struct llmgw__jstr llmgw__jdoc_get_string(const struct llmgw__jdoc *doc,
                                          uint32_t object, const char *key)
{
    return llmgw__jdoc_string(doc, llmgw__jdoc_get(doc, object, key));
}

bool llmgw__jdoc_int64(const struct llmgw__jdoc *doc, uint32_t node,
                       int64_t *out)
{
    return llmgw__jdoc_type(doc, node) == LLMGW__JSON_NUMBER &&
           llmgw__number_int64(llmgw__jdoc_raw(doc, node), out);
}

bool llmgw__jdoc_double(const struct llmgw__jdoc *doc, uint32_t node,
                        double *out)
{
    return llmgw__jdoc_type(doc, node) == LLMGW__JSON_NUMBER &&
           llmgw__number_double(llmgw__jdoc_raw(doc, node), out);
}

bool llmgw__jdoc_bool(const struct llmgw__jdoc *doc, uint32_t node, bool *out)
{
    if (llmgw__jdoc_type(doc, node) != LLMGW__JSON_BOOL)
        return false;
    *out = doc->text[doc->nodes[node].start] == 't';
    return true;
}

/* @return false */
static bool refuse(struct indexer *in, const char *at, const char *error)
{
    in->status = LLMGW_E_INVALID;
    in->doc->error = at == in->json.end ? "unexpected end of the text" : error;
    in->doc->error_at = (size_t)(at - in->doc->text);
    return false;
}

static void index_text(struct indexer *in)
{
    while (add_value(in) && go_to_value(in))
        continue;
    if (in->status != LLMGW_OK)
        return;
    in->json.at = scan_space(in->json.at, in->json.end);
    if (in->json.at < in->json.end)
        refuse(in, in->json.at, "text after the value");
}

/* Bytes beyond ASCII have passed inside strings only: look at all at once. */
static void check_utf8(struct indexer *in)
{
    llmgw_str text = {in->doc->text, in->doc->len};
    size_t valid = llmgw__utf8_valid(text);

    if (valid < text.len)
        refuse(in, text.data + valid, "invalid UTF-8");
}

/* A node for the bytes [from, to); NULL: no memory. */
static struct llmgw__jnode *push_node(struct indexer *in, const char *from,
                                      const char *to,
                                      enum llmgw__json_type type)
{
    struct llmgw__jdoc *doc = in->doc;
    void *nodes = doc->nodes;
    struct llmgw__jnode *node;

    if (doc->count == doc->cap) {
        size_t room = doc->cap ? (size_t)doc->count + 1 : FIRST_NODES;

        if (llmgw__grow(&nodes, &doc->cap, room, sizeof *node) != 0) {
            in->status = LLMGW_E_NOMEM;
            return NULL;
        }
        doc->nodes = nodes;
    }
    node = &doc->nodes[doc->count++];
    *node = (struct llmgw__jnode){.start = (uint32_t)(from - doc->text),
                                  .len = (uint32_t)(to - from),
                                  .next = doc->count,
                                  .type = (uint8_t)type};
    return node;
}

/* A string, from its opening quote. */
static bool add_string(struct indexer *in, const char *quote)
{
    struct llmgw__jnode *node;
    const char *close;
    bool escaped;

    close = scan_string(&in->json, quote + 1, &escaped);
    if (close == in->json.end || *close != '"')
        return refuse(in, close,
                      close < in->json.end && *close == '\\'
                          ? "unknown escape in a string"
                          : "control character in a string");
    node = push_node(in, quote + 1, close, LLMGW__JSON_STRING);
    if (!node)
        return false;
    node->escaped = escaped;
    in->json.at = close + 1;
    return true;
}

static bool add_scalar(struct indexer *in, const char *from, const char *to,
                       enum llmgw__json_type type)
{
    in->json.at = to;
    return push_node(in, from, to, type) != NULL;
}

static bool open_container(struct indexer *in, const char *bracket)
{
    struct llmgw__jnode *node;

    if (in->json.depth == LLMGW__JSON_MAX_DEPTH)
        return refuse(in, bracket, "nested deeper than 128 levels");
    node = push_node(in, bracket, bracket + 1,
                     *bracket == '{' ? LLMGW__JSON_OBJECT : LLMGW__JSON_ARRAY);
    if (!node)
        return false;
    node->next = in->open;
    in->open = in->doc->count - 1;
    in->json.depth++;
    in->json.fresh = true;
    in->json.at = bracket + 1;
    return true;
}

static bool add_number(struct indexer *in, const char *at)
{
    const char *after = llmgw__scan_number(at, in->json.end);

    if (after)
        return add_scalar(in, at, after, LLMGW__JSON_NUMBER);
    return refuse(in, at,
                  *at == '-' || (*at >= '0' && *at <= '9') ? "malformed number"
                                                           : "value expected");
}

static bool add_word(struct indexer *in, const char *at, llmgw_str word,
                     enum llmgw__json_type type)
{
    const char *after = scan_word(at, in->json.end, word.data, word.len);

    return after ? add_scalar(in, at, after, type)
                 : refuse(in, at, "unknown word");
}

/* The value that stands next; of a container only the opening. */
static bool add_value(struct indexer *in)
{
    const char *at = scan_space(in->json.at, in->json.end);

    if (at == in->json.end)
        return refuse(in, at, NULL);
    switch (*at) {
    case '{':
    case '[':
        return open_container(in, at);
    case '"':
        return add_string(in, at);
    case 't':
        return add_word(in, at, LLMGW__LIT("true"), LLMGW__JSON_BOOL);
    case 'f':
        return add_word(in, at, LLMGW__LIT("false"), LLMGW__JSON_BOOL);
    case 'n':
        return add_word(in, at, LLMGW__LIT("null"), LLMGW__JSON_NULL);
    default:
        return add_number(in, at);
    }
}

static bool close_container(struct indexer *in, const char *bracket)
{
    struct llmgw__jnode *node = &in->doc->nodes[in->open];
    uint32_t object = in->open, twice = LLMGW__JNONE;

    in->open = node->next;
    node->next = in->doc->count;
    node->len = (uint32_t)(bracket + 1 - in->doc->text) - node->start;
    in->json.depth--;
    in->json.at = bracket + 1;
    if (!in->unique || node->type != LLMGW__JSON_OBJECT)
        return true;
    in->status = llmgw__jdoc_repeated(in->doc, object, &twice);
    if (in->status == LLMGW_OK && twice != LLMGW__JNONE)
        refuse(in, in->doc->text + in->doc->nodes[twice].start,
               "member named twice");
    return in->status == LLMGW_OK;
}

/* A member's name and colon. */
static bool add_key(struct indexer *in, const char *at)
{
    if (at == in->json.end || *at != '"')
        return refuse(in, at, "member name expected");
    if (!add_string(in, at))
        return false;
    in->json.at = scan_space(in->json.at, in->json.end);
    if (in->json.at == in->json.end || *in->json.at != ':')
        return refuse(in, in->json.at, "colon expected");
    in->json.at++;
    return true;
}

/* Past what ends here, to where the next value must stand; false: the text is
 * over, or refused. */
static bool go_to_value(struct indexer *in)
{
    while (in->open != LLMGW__JNONE) {
        struct llmgw__jnode *node = &in->doc->nodes[in->open];
        bool object = node->type == LLMGW__JSON_OBJECT, fresh = in->json.fresh;

        in->json.at = scan_space(in->json.at, in->json.end);
        in->json.fresh = false;
        if (in->json.at < in->json.end &&
            *in->json.at == (object ? '}' : ']')) {
            if (!close_container(in, in->json.at))
                return false;
            continue;
        }
        if (!fresh && (in->json.at == in->json.end || *in->json.at != ','))
            return refuse(in, in->json.at,
                          object ? "comma or } expected"
                                 : "comma or ] expected");
        in->json.at += !fresh;
        node->count++;
        return object ? add_key(in, scan_space(in->json.at, in->json.end))
                      : true;
    }
    return false;
}
