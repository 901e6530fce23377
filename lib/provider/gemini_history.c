/*
 * provider/gemini_history.c - what an assistant's message holds beside text
 * and calls: images, and the parts of an answer of this dialect as they came.
 *
 * Memory: none.
 */
#include "gemini_history.h"

static bool is_image(const struct llmgw__gemini_encode *e, uint32_t node);
static bool has_part(const struct llmgw__jdoc *doc, uint32_t content,
                     const char *kind, const char *member,
                     struct llmgw__jstr value);

uint32_t llmgw__gemini_replay(const struct llmgw__gemini_encode *e,
                              const struct llmgw__message *message)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t family = llmgw__jdoc_get(doc, message->replay, "family");
    uint32_t content = llmgw__jdoc_get(doc, message->replay, "content");

    if (!llmgw__jstr_is(llmgw__jdoc_string(doc, family), "gemini") ||
        llmgw__jdoc_type(doc, content) != LLMGW__JSON_ARRAY ||
        llmgw__jdoc_count(doc, content) == 0)
        return LLMGW__JNONE;
    return content;
}

bool llmgw__gemini_replay_answers(const struct llmgw__gemini_encode *e,
                                  const struct llmgw__message *message,
                                  const struct llmgw__tool_call *call)
{
    return has_part(&e->chat->doc, llmgw__gemini_replay(e, message),
                    "functionResponse", "name", call->name);
}

bool llmgw__gemini_call_by_id(const struct llmgw__gemini_encode *e,
                              const struct llmgw__message *message,
                              const struct llmgw__tool_call *call)
{
    uint32_t replay = llmgw__gemini_replay(e, message);

    return e->surface->call_ids &&
           (replay == LLMGW__JNONE ||
            has_part(&e->chat->doc, replay, "functionCall", "id", call->id));
}

/* Is there a part of that kind of which this member says that? */
static bool has_part(const struct llmgw__jdoc *doc, uint32_t content,
                     const char *kind, const char *member,
                     struct llmgw__jstr value)
{
    for (uint32_t at = llmgw__jdoc_first(doc, content); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, content, at)) {
        uint32_t node = llmgw__jdoc_get(doc, at, kind);
        struct llmgw__jstr text = llmgw__jdoc_get_string(doc, node, member);

        if (text.data && llmgw__jstr_compare(text, value) == 0)
            return true;
    }
    return false;
}

uint32_t llmgw__gemini_image(const struct llmgw__gemini_encode *e,
                             const struct llmgw__message *message,
                             uint32_t before)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t list = llmgw__jdoc_get(doc, message->node, "images");
    uint32_t at = before == LLMGW__JNONE ? llmgw__jdoc_first(doc, list)
                                         : llmgw__jdoc_next(doc, list, before);

    if (e->model.gemma || llmgw__jdoc_type(doc, list) != LLMGW__JSON_ARRAY)
        return LLMGW__JNONE;
    while (at != LLMGW__JNONE && !is_image(e, at))
        at = llmgw__jdoc_next(doc, list, at);
    return at;
}

/* One that is here in full: the model's own are. */
static bool is_image(const struct llmgw__gemini_encode *e, uint32_t node)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jstr raw = llmgw__jdoc_get_string(
        doc, llmgw__jdoc_get(doc, node, "image_url"), "url");
    llmgw_str url = llmgw__str_n(raw.data, raw.len);
    size_t comma = llmgw__str_find(url, LLMGW__LIT(","));

    return llmgw__str_starts(url, "data:image") && comma < url.len - 1 &&
           llmgw__str_ends(llmgw__str_n(url.data, comma), ";base64");
}
