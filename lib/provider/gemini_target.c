/*
 * provider/gemini_target.c - where a request of the gemini dialect goes: the
 * surface, the URL, the head.
 *
 * Source: Google AI for Developers, API reference (v1beta). Memory: the URL, in
 * the attempt's arena.
 */
#include "gemini_target.h"

#include "url.h"
#include "vertex.h"

#define MAX_URL 8192

static void set_url(struct llmgw__gemini_encode *e, const char *verb);
static void set_head(struct llmgw__gemini_encode *e);

void llmgw__gemini_begin(struct llmgw__gemini_encode *e,
                         struct llmgw__encode *encode,
                         const struct llmgw__gemini_surface *surface)
{
    const struct llmgw__chat *chat = encode->chat;

    *e = (struct llmgw__gemini_encode){
        .io = encode, .chat = chat, .surface = surface};
    encode->memo->chat = chat;
    llmgw__gemini_model_read(&e->model, encode->target->model);
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
    const char *lacks =
        e->surface->lacks ? e->surface->lacks(e->io->target->provider) : NULL;

    if (lacks)
        llmgw__gemini_refuse(e, LLMGW_KIND_CONFIG, NULL, lacks);
    if (e->status == LLMGW_OK)
        e->status = status;
    if (e->status == LLMGW_OK)
        set_url(e, verb);
    if (e->status == LLMGW_OK)
        set_head(e);
    return e->status;
}

static void add_studio_model(struct llmgw__buf *url,
                             const struct llmgw__gemini_encode *e)
{
    llmgw__gemini_add_base(url, e->io->target);
    llmgw__buf_add_z(url, e->model.tuned ? "/v1beta/tunedModels/"
                                         : "/v1beta/models/");
    llmgw__url_add_part(url, e->model.id);
}

static void add_vertex_model(struct llmgw__buf *url,
                             const struct llmgw__gemini_encode *e)
{
    llmgw__vertex_add_model(url, e->io->target->provider, "/v1beta1",
                            e->model.tuned ? NULL : "google", e->model.id);
}

const struct llmgw__gemini_surface llmgw__gemini_studio = {
    .add_model = add_studio_model,
    .call_ids = true,
    .mixed_switch = true,
};

const struct llmgw__gemini_surface llmgw__gemini_vertex = {
    .add_model = add_vertex_model,
    .lacks = llmgw__vertex_lacks,
    .tier_header = "x-vertex-ai-llm-shared-request-type",
    .many = true,
    .logprobs = true,
    .buckets = true,
    .streams_arguments = true,
};

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
    e->surface->add_model(&url, e);
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

static void set_head(struct llmgw__gemini_encode *e)
{
    e->io->request->method = "POST";
    e->status =
        llmgw__http_header_add(e->io->request, LLMGW__LIT("content-type"),
                               LLMGW__LIT("application/json"), false);
    if (e->status == LLMGW_OK && e->tier)
        e->status = llmgw__http_header_add(e->io->request,
                                           llmgw__str(e->surface->tier_header),
                                           llmgw__str(e->tier), false);
}
