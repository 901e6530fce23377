/*
 * provider/gemini_target.c - where a request of the gemini dialect goes: the
 * surface, the URL, the head.
 *
 * Source: Google AI for Developers, API reference (v1beta). Memory: the URL, in
 * the attempt's arena.
 */
#include "gemini_target.h"

#define MAX_URL 8192

static void read_surface(struct llmgw__gemini_encode *e);
static void set_url(struct llmgw__gemini_encode *e, const char *verb);
static void set_head(struct llmgw__gemini_encode *e);

void llmgw__gemini_begin(struct llmgw__gemini_encode *e,
                         struct llmgw__encode *encode)
{
    const struct llmgw__chat *chat = encode->chat;

    *e = (struct llmgw__gemini_encode){.io = encode, .chat = chat};
    encode->memo->chat = chat;
    llmgw__gemini_model_read(&e->model, encode->target->model);
    read_surface(e);
    e->options = llmgw__jdoc_get(&chat->doc, chat->extension, "gemini");
    if (llmgw__jdoc_type(&chat->doc, e->options) == LLMGW__JSON_NULL)
        e->options = LLMGW__JNONE; /* as good as nothing */
    e->config = llmgw__gemini_option(e, "generationConfig");
    llmgw__body_init(&encode->request->body, 0);
    llmgw__jsonw_body(&e->w, &encode->request->body);
}

llmgw_status llmgw__gemini_finish(struct llmgw__gemini_encode *e,
                                  const char *verb)
{
    llmgw_status status = llmgw__body_finish(&e->io->request->body);

    if (e->status == LLMGW_OK)
        e->status = status;
    if (e->status == LLMGW_OK)
        set_url(e, verb);
    if (e->status == LLMGW_OK)
        set_head(e);
    return e->status;
}

/* The one place that reads the provider's settings: another surface of this
 * wire is another set of these answers. */
static void read_surface(struct llmgw__gemini_encode *e)
{
    e->surface = (struct llmgw__gemini_surface){
        .path = e->model.tuned ? "/v1beta/tunedModels/" : "/v1beta/models/",
        .call_ids = true,
        .body_tier = true,
        .mixed_switch = true,
    };
}

void llmgw__gemini_add_base(struct llmgw__buf *url,
                            const struct llmgw__target *target)
{
    llmgw_str base = llmgw__str(target->provider->base_url);

    if (llmgw__str_ends(base, "/v1beta"))
        base.len -= strlen("/v1beta"); /* as other libraries configure it */
    llmgw__buf_add_str(url, base);
}

static void set_url(struct llmgw__gemini_encode *e, const char *verb)
{
    struct llmgw__buf url;

    llmgw__buf_init(&url, MAX_URL);
    llmgw__gemini_add_base(&url, e->io->target);
    llmgw__buf_add_z(&url, e->surface.path);
    llmgw__gemini_add_encoded(&url, e->model.id);
    llmgw__buf_add_z(&url, verb);
    e->status = url.status;
    if (url.status == LLMGW_OK) {
        e->io->request->url =
            llmgw__arena_dup(e->io->arena, llmgw__buf_str(&url));
        if (!e->io->request->url)
            e->status = LLMGW_E_NOMEM;
    }
    llmgw__buf_clear(&url);
}

/* Bytes that RFC 3986 lets stand in a path segment stay. */
void llmgw__gemini_add_encoded(struct llmgw__buf *url, llmgw_str text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
            (c >= 'A' && c <= 'Z') || (c && strchr("-._~@", c))) {
            llmgw__buf_add_char(url, (char)c);
            continue;
        }
        llmgw__buf_add_char(url, '%');
        llmgw__buf_add_char(url, hex[c >> 4]);
        llmgw__buf_add_char(url, hex[c & 15]);
    }
}

static void set_head(struct llmgw__gemini_encode *e)
{
    e->io->request->method = "POST";
    e->status =
        llmgw__http_header_add(e->io->request, LLMGW__LIT("content-type"),
                               LLMGW__LIT("application/json"), false);
}
