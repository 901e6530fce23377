/*
 * provider/openai_format.c - what form the answer is asked for in.
 *
 * It goes out as it came, but for services that take JSON alone or a schema
 * alone, or refuse what a schema says about itself.
 *
 * Source: OpenAI API description 2.3.0; the services' documentation, 2026-11.
 * Memory: none of its own.
 */
#include "openai_encode.h"

static void write_nameless(struct llmgw__openai_encode *o, uint32_t format);

/* A schema where only JSON can be asked for: the messages carry it. JSON where
 * only a schema can be asked for: one that takes every object. */
void llmgw__openai_format(struct llmgw__openai_encode *o, uint32_t value)
{
    bool schema = o->chat->format == LLMGW__FORMAT_JSON_SCHEMA;

    if (o->chat->format == LLMGW__FORMAT_JSON_OBJECT &&
        (o->service->flags & LLMGW__OPENAI_SCHEMA_ONLY)) {
        llmgw__jsonw_raw(
            &o->w,
            LLMGW__LIT("{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
                       "\"json\",\"schema\":{\"type\":\"object\"}}}"));
    } else if (schema && (o->lacks & LLMGW__OPENAI_JSON_SCHEMA)) {
        llmgw__openai_adjust(o, "response_format", "emulated",
                             "json_instruction");
        llmgw__jsonw_raw(&o->w, LLMGW__LIT("{\"type\":\"json_object\"}"));
    } else if (schema && (o->service->flags & LLMGW__OPENAI_SCHEMA_BARE)) {
        write_nameless(o, value);
    } else {
        llmgw__jsonw_node(&o->w, &o->chat->doc, value);
    }
}

/* Without the schema's word of what kind of schema it is. */
static void write_nameless(struct llmgw__openai_encode *o, uint32_t format)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t own = llmgw__jdoc_get(doc, format, "json_schema");
    uint32_t key = llmgw__jdoc_first(doc, own);

    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "json_schema");
    llmgw__jsonw_member_open(&o->w, "json_schema", '{');
    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, own, key);

        llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
        if (llmgw__jstr_is(name, "schema"))
            llmgw__openai_without(o, value, "$schema");
        else
            llmgw__jsonw_node(&o->w, doc, value);
        key = llmgw__jdoc_next(doc, own, value);
    }
    llmgw__jsonw_close(&o->w, '}');
    llmgw__jsonw_close(&o->w, '}');
}

void llmgw__openai_without(struct llmgw__openai_encode *o, uint32_t object,
                           const char *member)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, object);

    llmgw__jsonw_open(&o->w, '{');
    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, object, key);

        if (!llmgw__jstr_is(name, member)) {
            llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
            llmgw__jsonw_node(&o->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, object, value);
    }
    llmgw__jsonw_close(&o->w, '}');
}
