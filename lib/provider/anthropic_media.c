/*
 * provider/anthropic_media.c - images and files as blocks.
 *
 * A data URL names its type, but clients get it wrong and the service checks:
 * where the first bytes tell, they are believed. All signatures are known by
 * their base64, so nothing is decoded but text files.
 *
 * Source: Messages API, "Vision", "PDF support", "Files".
 * Memory: base64 that held white space, and text files, in the attempt's
 * arena; other data is referred to.
 */
#include <string.h>

#include "anthropic_content.h"
#include "base/crypto.h"
#include "data_url.h"

enum {
    HEAD = 64 /* bytes of a string that tell what it is, even all escaped */
};

static const struct {
    const char *type;
    const char *base64; /* how its first bytes look */
} images[] = {
    {"image/png", "iVBORw0KGgo"},
    {"image/jpeg", "/9j/"},
    {"image/gif", "R0lGOD"},
    {"image/webp", "UklGR"}, /* any RIFF: see is_webp() */
};

static void write_image(struct llmgw__anthropic_content *content,
                        size_t message, size_t part, llmgw_str cache);
static void write_file(struct llmgw__anthropic_content *content, size_t message,
                       size_t part, llmgw_str cache);

void llmgw__anthropic_media(struct llmgw__anthropic_content *content,
                            size_t message, size_t part, llmgw_str cache)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__message *from = &e->chat->messages[message];

    if (!LLMGW__ANTHROPIC_OK(e))
        return;
    switch ((enum llmgw__part_type)from->parts[part].type) {
    case LLMGW__PART_IMAGE:
        write_image(content, message, part, cache);
        return;
    case LLMGW__PART_FILE:
        write_file(content, message, part, cache);
        return;
    case LLMGW__PART_AUDIO:
        llmgw__anthropic_refuse_part(e, message, part,
                                     "this model takes no audio");
        return;
    case LLMGW__PART_TEXT:
    case LLMGW__PART_REFUSAL:
        return;
    }
}

struct llmgw__data_url
llmgw__anthropic_data_url(struct llmgw__anthropic_encoder *e,
                          struct llmgw__jstr text)
{
    struct llmgw__data_url url;
    bool good = false;

    llmgw__anthropic_fail(e, llmgw__data_url_read(text, e->io->arena, &url));
    if (url.base64)
        llmgw__anthropic_fail(
            e, llmgw__base64_slice(&url.data, e->io->arena, &good));
    if (!good)
        url.data.data = NULL;
    return url;
}

/** The word WEBP behind the length of a RIFF file. */
static bool is_webp(llmgw_str base64)
{
    return base64.len >= 16 && memcmp(base64.data + 11, "XRUJQ", 5) == 0;
}

const char *llmgw__anthropic_image_type(struct llmgw__anthropic_encoder *e,
                                        const struct llmgw__data_url *url)
{
    size_t count = sizeof images / sizeof images[0];
    struct llmgw__jstr head = url->data;
    llmgw_str first;

    head.len = head.len < HEAD ? head.len : HEAD;
    first = llmgw__anthropic_text(e, head);
    for (size_t i = 0; i < count; i++)
        if (llmgw__str_starts(first, images[i].base64) &&
            (images[i].base64[0] != 'U' || is_webp(first)))
            return images[i].type;
    if (llmgw__str_is_nocase(url->type, "image/jpg"))
        return "image/jpeg";
    for (size_t i = 0; i < count; i++)
        if (llmgw__str_is_nocase(url->type, images[i].type))
            return images[i].type;
    return NULL;
}

static void write_cache(struct llmgw__anthropic_encoder *e, llmgw_str cache)
{
    if (cache.len)
        llmgw__jsonw_member_raw(&e->w, "cache_control", cache);
}

/** {"type":TYPE,"source":{"type":"base64","media_type":…,"data":…} */
static void open_base64(struct llmgw__anthropic_content *content,
                        const char *block, const char *media_type,
                        struct llmgw__jstr data)
{
    struct llmgw__jsonw *w = &content->e->w;

    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", block);
    llmgw__jsonw_member_open(w, "source", '{');
    llmgw__jsonw_member_z(w, "type", "base64");
    llmgw__jsonw_member_z(w, "media_type", media_type);
    llmgw__jsonw_member_jstr(w, "data", data);
    llmgw__jsonw_close(w, '}');
}

static void write_image_url(struct llmgw__anthropic_content *content,
                            struct llmgw__jstr url, llmgw_str cache)
{
    struct llmgw__jsonw *w = &content->e->w;

    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "image");
    llmgw__jsonw_member_open(w, "source", '{');
    llmgw__jsonw_member_z(w, "type", "url");
    llmgw__jsonw_member_jstr(w, "url", url);
    llmgw__jsonw_close(w, '}');
    write_cache(content->e, cache);
    llmgw__jsonw_close(w, '}');
}

static bool is_https(struct llmgw__anthropic_encoder *e,
                     struct llmgw__jstr text)
{
    llmgw_str url;

    text.len = text.len < HEAD ? text.len : HEAD;
    url = llmgw__anthropic_text(e, text);
    return url.len > 8 &&
           llmgw__str_is_nocase(llmgw__str_n(url.data, 8), "https://");
}

static void write_image(struct llmgw__anthropic_content *content,
                        size_t message, size_t part, llmgw_str cache)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__part *from = &e->chat->messages[message].parts[part];
    struct llmgw__data_url url = llmgw__anthropic_data_url(e, from->text);
    const char *type;

    if (llmgw__jstr_is(from->detail, "low") ||
        llmgw__jstr_is(from->detail, "high"))
        llmgw__anthropic_adjust(e, "messages", "dropped", "image_detail");
    if (!url.data.data &&
        llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_NO_FETCHING)) {
        llmgw__anthropic_refuse_part(
            e, message, part,
            "this target fetches no image URL: it takes data in base64");
        return;
    }
    if (!url.data.data && is_https(e, from->text)) {
        write_image_url(content, from->text, cache);
        return;
    }
    if (!url.data.data) {
        llmgw__anthropic_refuse_part(
            e, message, part, "an image URL must be https, or data in base64");
        return;
    }
    type = llmgw__anthropic_image_type(e, &url);
    if (!type) {
        llmgw__anthropic_refuse_part(e, message, part,
                                     "an image must be JPEG, PNG, GIF or WebP");
        return;
    }
    open_base64(content, "image", type, url.data);
    write_cache(e, cache);
    llmgw__jsonw_close(&e->w, '}');
}

/* --- files --- */

/** What only this wire knows of a document stands on the part. */
static void close_document(struct llmgw__anthropic_encoder *e,
                           const struct llmgw__part *from, llmgw_str cache)
{
    static const char *const passed[] = {"citations", "context"};
    const struct llmgw__jdoc *doc = &e->chat->doc;

    if (from->filename.len)
        llmgw__jsonw_member_jstr(&e->w, "title", from->filename);
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        uint32_t own = llmgw__jdoc_get(doc, from->node, passed[i]);

        if (own != LLMGW__JNONE)
            llmgw__jsonw_member_node(&e->w, passed[i], doc, own);
    }
    write_cache(e, cache);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_stored(struct llmgw__anthropic_content *content,
                         const struct llmgw__part *from, llmgw_str cache)
{
    struct llmgw__jsonw *w = &content->e->w;

    content->e->files = true;
    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "document");
    llmgw__jsonw_member_open(w, "source", '{');
    llmgw__jsonw_member_z(w, "type", "file");
    llmgw__jsonw_member_jstr(w, "file_id", from->file_id);
    llmgw__jsonw_close(w, '}');
    close_document(content->e, from, cache);
}

/** false: not base64 of valid UTF-8, or failed. */
static bool read_text_file(struct llmgw__anthropic_encoder *e, llmgw_str data,
                           llmgw_str *out)
{
    struct llmgw__buf text;
    llmgw_status status;

    llmgw__buf_init(&text, 0);
    status = llmgw__base64_decode(&text, data);
    if (status == LLMGW_OK &&
        llmgw__utf8_valid(llmgw__buf_str(&text)) != text.len)
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK)
        status = llmgw__arena_str(e->io->arena, llmgw__buf_str(&text), out);
    llmgw__buf_clear(&text);
    if (status == LLMGW_E_NOMEM)
        llmgw__anthropic_fail(e, status);
    return status == LLMGW_OK;
}

static bool write_text_file(struct llmgw__anthropic_content *content,
                            struct llmgw__jstr data)
{
    struct llmgw__jsonw *w = &content->e->w;
    llmgw_str text;

    if (!read_text_file(content->e, llmgw__anthropic_text(content->e, data),
                        &text))
        return false;
    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "document");
    llmgw__jsonw_member_open(w, "source", '{');
    llmgw__jsonw_member_z(w, "type", "text");
    llmgw__jsonw_member_z(w, "media_type", "text/plain");
    llmgw__jsonw_member_str(w, "data", text);
    llmgw__jsonw_close(w, '}');
    return true;
}

static void write_file(struct llmgw__anthropic_content *content, size_t message,
                       size_t part, llmgw_str cache)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__part *from = &e->chat->messages[message].parts[part];
    struct llmgw__data_url url = llmgw__anthropic_data_url(e, from->text);
    bool known = false;

    if (from->file_id.len &&
        llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_NO_FETCHING)) {
        llmgw__anthropic_refuse_part(e, message, part,
                                     "this target has no stored files");
        return;
    }
    if (from->file_id.len) {
        write_stored(content, from, cache);
        return;
    }
    if (!url.data.data) {
        known = false;
    } else if (llmgw__str_is_nocase(url.type, "application/pdf")) {
        open_base64(content, "document", "application/pdf", url.data);
        known = true;
    } else if (llmgw__str_is_nocase(url.type, "text/plain")) {
        known = write_text_file(content, url.data);
    }
    if (known)
        close_document(e, from, cache);
    else
        llmgw__anthropic_refuse_part(e, message, part,
                                     "a file must be PDF or plain text in "
                                     "UTF-8, as data in base64");
}
