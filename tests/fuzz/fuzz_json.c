/*
 * fuzz/fuzz_json.c - JSON: the pull reader (skipping and walking) and the
 * document take the same texts; a document written again by the writer is the
 * same document, and escapes resolved and written again mean the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsondoc.h"
#include "base/jsonread.h"
#include "base/jsonwrite.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static bool skips(llmgw_str text)
{
    struct llmgw__json json;

    llmgw__json_init(&json, text);
    llmgw__json_skip(&json);
    return llmgw__json_end(&json);
}

static void walk(struct llmgw__json *json)
{
    enum llmgw__json_type type = llmgw__json_peek(json);
    struct llmgw__jstr string;
    llmgw_str text;
    int64_t integer;
    bool truth;

    if (type == LLMGW__JSON_OBJECT && llmgw__json_object(json))
        while (llmgw__json_key(json, &text))
            walk(json);
    else if (type == LLMGW__JSON_ARRAY && llmgw__json_array(json))
        while (llmgw__json_item(json))
            walk(json);
    else if (type == LLMGW__JSON_STRING)
        llmgw__json_string(json, &string);
    else if (type == LLMGW__JSON_NUMBER)
        llmgw__json_int64(json, &integer);
    else
        llmgw__json_bool(json, &truth); /* or skip what is not */
}

static bool walks(llmgw_str text)
{
    struct llmgw__json json;

    llmgw__json_init(&json, text);
    walk(&json);
    return llmgw__json_end(&json);
}

/* Strings by their meaning, all else by its bytes. */
static void write_value(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                        uint32_t node, struct llmgw__arena *arena)
{
    enum llmgw__json_type type = llmgw__jdoc_type(doc, node);
    uint32_t at = llmgw__jdoc_first(doc, node);
    llmgw_str text;

    if (type == LLMGW__JSON_STRING) {
        must(llmgw__jstr_text(llmgw__jdoc_string(doc, node), arena, &text) ==
             LLMGW_OK);
        llmgw__jsonw_str(w, text);
        return;
    }
    if (type != LLMGW__JSON_OBJECT && type != LLMGW__JSON_ARRAY) {
        llmgw__jsonw_raw(w, llmgw__jdoc_raw(doc, node));
        return;
    }
    llmgw__jsonw_open(w, type == LLMGW__JSON_OBJECT ? '{' : '[');
    for (; at != LLMGW__JNONE; at = llmgw__jdoc_next(doc, node, at)) {
        if (type == LLMGW__JSON_OBJECT) {
            struct llmgw__jstr key = llmgw__jdoc_string(doc, at);

            must(llmgw__jstr_text(key, arena, &text) == LLMGW_OK);
            llmgw__jsonw_key_str(w, text);
            at = llmgw__jdoc_next(doc, node, at);
        }
        write_value(w, doc, at, arena);
    }
    llmgw__jsonw_close(w, type == LLMGW__JSON_OBJECT ? '}' : ']');
}

static void same_tree(const struct llmgw__jdoc *a, const struct llmgw__jdoc *b)
{
    must(a->count == b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        must(a->nodes[i].type == b->nodes[i].type);
        must(a->nodes[i].next == b->nodes[i].next);
        must(a->nodes[i].count == b->nodes[i].count);
        if (a->nodes[i].type < LLMGW__JSON_STRING)
            must(llmgw__str_eq(llmgw__jdoc_raw(a, i), llmgw__jdoc_raw(b, i)));
    }
}

/* What the writer made of it is taken, the same, and does not change any
 * more when it is done again. */
static void round_trip(const struct llmgw__jdoc *doc)
{
    struct llmgw__buf first, second;
    struct llmgw__arena arena;
    struct llmgw__jdoc copy;
    struct llmgw__jsonw w;

    llmgw__arena_init(&arena, 0, 0);
    llmgw__buf_init(&first, 0);
    llmgw__buf_init(&second, 0);
    llmgw__jsonw_init(&w, &first);
    write_value(&w, doc, 0, &arena);
    must(llmgw__jdoc_parse(&copy, llmgw__buf_str(&first), 0) == LLMGW_OK);
    same_tree(doc, &copy);
    llmgw__jsonw_init(&w, &second);
    write_value(&w, &copy, 0, &arena);
    must(llmgw__str_eq(llmgw__buf_str(&first), llmgw__buf_str(&second)));
    llmgw__jdoc_clear(&copy);
    llmgw__buf_clear(&second);
    llmgw__buf_clear(&first);
    llmgw__arena_clear(&arena);
}

static void read_numbers(const struct llmgw__jdoc *doc)
{
    for (uint32_t i = 0; i < doc->count; i++) {
        int64_t integer;
        double number;

        if (llmgw__jdoc_int64(doc, i, &integer)) {
            must(llmgw__jdoc_double(doc, i, &number));
            must(number == (double)integer);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    llmgw_str text = {(const char *)data, size};
    struct llmgw__jdoc doc;
    bool valid = llmgw__jdoc_parse(&doc, text, 0) == LLMGW_OK;

    must(skips(text) == valid);
    must(walks(text) == valid);
    if (valid) {
        round_trip(&doc);
        read_numbers(&doc);
    }
    llmgw__jdoc_clear(&doc);
    if (llmgw__jdoc_parse(&doc, text, LLMGW__JDOC_UTF8 | LLMGW__JDOC_UNIQUE) ==
        LLMGW_OK)
        must(valid && llmgw__utf8_valid(text) == size);
    llmgw__jdoc_clear(&doc);
    return 0;
}
