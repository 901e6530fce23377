/*
 * provider/bedrock_media.c - images, documents and audio of a request.
 *
 * They come as data in base64, or lie in a bucket of the service's own; it
 * fetches nothing else. Documents have names, different ones and plain.
 *
 * Source: Amazon Bedrock Runtime API, "ImageBlock", "DocumentBlock",
 * "AudioBlock". Memory: names, in the attempt's arena; base64 is referred to.
 */
#include <stdio.h>
#include <string.h>

#include "bedrock_converse.h"
#include "data_url.h"

#define MAX_NAME 200

struct llmgw__converse_names {
    struct llmgw__converse_names *before;
    const struct llmgw__part *part;
    char name[MAX_NAME + 1];
};

/* The last rows are text. */
static const struct {
    const char *name; /* and extension */
    const char *type;
} formats[] = {
    {"pdf", "application/pdf"},
    {"doc", "application/msword"},
    {"docx", "application/"
             "vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"html", "text/html"},
    {"md", "text/markdown"},
    {"csv", "text/csv"},
    {"txt", "text/plain"},
};

static void write_image(struct llmgw__converse_encoder *c,
                        struct llmgw__anthropic_content *content,
                        size_t message, size_t part);
static void write_document(struct llmgw__converse_encoder *c,
                           struct llmgw__anthropic_content *content,
                           size_t message, size_t part);
static void write_audio(struct llmgw__converse_encoder *c,
                        struct llmgw__anthropic_content *content,
                        size_t message, size_t part);

void llmgw__converse_media(struct llmgw__anthropic_content *content,
                           size_t message, size_t part, llmgw_str cache)
{
    struct llmgw__converse_encoder *c =
        (struct llmgw__converse_encoder *)(void *)content->e;

    if (!LLMGW__ANTHROPIC_OK(content->e))
        return;
    switch ((enum llmgw__part_type)content->e->chat->messages[message]
                .parts[part]
                .type) {
    case LLMGW__PART_IMAGE:
        write_image(c, content, message, part);
        llmgw__converse_mark(c, cache);
        return;
    case LLMGW__PART_FILE: /* no cachePoint may follow */
        write_document(c, content, message, part);
        return;
    case LLMGW__PART_AUDIO:
        write_audio(c, content, message, part);
        return;
    case LLMGW__PART_TEXT:
    case LLMGW__PART_REFUSAL:
        return;
    }
}

/* {KIND:{"format":FORMAT,("name":NAME,)"source":{…}}} */
static void write_block(struct llmgw__anthropic_content *content,
                        const char *kind, const char *format,
                        struct llmgw__jstr name, struct llmgw__jstr bytes,
                        struct llmgw__jstr uri)
{
    struct llmgw__jsonw *w = &content->e->w;

    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, kind);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "format", format);
    if (name.data)
        llmgw__jsonw_member_jstr(w, "name", name);
    llmgw__jsonw_key(w, "source");
    llmgw__jsonw_open(w, '{');
    if (bytes.data) {
        llmgw__jsonw_member_jstr(w, "bytes", bytes);
    } else {
        llmgw__jsonw_key(w, "s3Location");
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_jstr(w, "uri", uri);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}

static bool is_stored(struct llmgw__jstr url)
{
    return url.len > 5 && memcmp(url.data, "s3:", 3) == 0;
}

/* Of a name or a URL: what follows the last dot. */
static const char *format_of(struct llmgw__converse_encoder *c, llmgw_str type,
                             struct llmgw__jstr name)
{
    llmgw_str text = llmgw__anthropic_text(&c->base, name);
    const size_t count = sizeof formats / sizeof *formats;

    for (size_t i = 0; i < count; i++)
        if (llmgw__str_is_nocase(type, formats[i].type))
            return formats[i].name;
    for (size_t k = text.len; k > 0; k--) {
        if (text.data[k - 1] != '.')
            continue;
        text = llmgw__str_n(text.data + k, text.len - k);
        for (size_t i = 0; i < count; i++)
            if (llmgw__str_is_nocase(text, formats[i].name))
                return formats[i].name;
        return NULL;
    }
    return NULL;
}

/* --- images --- */

static const char *image_of(struct llmgw__converse_encoder *c,
                            struct llmgw__jstr url)
{
    static const char *const ends[][2] = {
        {".png", "png"}, {".jpg", "jpeg"},  {".jpeg", "jpeg"},
        {".gif", "gif"}, {".webp", "webp"},
    };
    llmgw_str text = llmgw__anthropic_text(&c->base, url);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (llmgw__str_ends(text, ends[i][0]))
            return ends[i][1];
    return NULL;
}

static void write_image(struct llmgw__converse_encoder *c,
                        struct llmgw__anthropic_content *content,
                        size_t message, size_t part)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    const struct llmgw__part *from = &e->chat->messages[message].parts[part];
    const struct llmgw__jstr none = {NULL, 0, false};
    bool stored = is_stored(from->text);
    struct llmgw__data_url url = {.base64 = false};
    const char *type = NULL;

    if (llmgw__jstr_is(from->detail, "low") ||
        llmgw__jstr_is(from->detail, "high"))
        llmgw__anthropic_adjust(e, "messages", "dropped", "image_detail");
    if (!stored)
        url = llmgw__anthropic_data_url(e, from->text);
    if (!stored && !url.data.data) {
        llmgw__anthropic_refuse_part(e, message, part,
                                     "an image must be data in base64, or an "
                                     "s3:// URL: the service fetches no other");
        return;
    }
    type =
        stored ? image_of(c, from->text) : llmgw__anthropic_image_type(e, &url);
    if (!type) {
        llmgw__anthropic_refuse_part(e, message, part,
                                     "an image must be JPEG, PNG, GIF or WebP");
        return;
    }
    if (!stored)
        type += strlen("image/");
    write_block(content, "image", type, none, stored ? none : url.data,
                from->text);
}

/* --- documents --- */

static void write_document(struct llmgw__converse_encoder *c,
                           struct llmgw__anthropic_content *content,
                           size_t message, size_t part)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    const struct llmgw__part *from = &e->chat->messages[message].parts[part];
    const struct llmgw__jstr none = {NULL, 0, false};
    bool stored = is_stored(from->text);
    struct llmgw__data_url url = {.base64 = false};
    struct llmgw__jstr name;
    const char *format;

    if (!stored && from->text.data)
        url = llmgw__anthropic_data_url(e, from->text);
    format =
        format_of(c, url.type,
                  stored && !from->filename.len ? from->text : from->filename);
    if ((!stored && !url.data.data) || !format) {
        llmgw__anthropic_refuse_part(
            e, message, part,
            "a file must be a PDF, office, HTML or text document, as data in "
            "base64 or an s3:// URL");
        return;
    }
    name = llmgw__converse_name(c, from);
    write_block(content, "document", format, name, stored ? none : url.data,
                from->text);
    if (!content->document.data)
        content->document = name;
}

bool llmgw__converse_fits_result(struct llmgw__converse_encoder *c,
                                 const struct llmgw__part *part)
{
    const char *format = NULL;
    struct llmgw__data_url url = {.base64 = false};

    if (part->type == LLMGW__PART_IMAGE)
        return (c->model->inside & LLMGW__CONVERSE_IMAGE) != 0;
    if (part->type != LLMGW__PART_FILE)
        return false;
    if (c->model->inside & LLMGW__CONVERSE_DOCUMENT)
        return true;
    if (!(c->model->inside & LLMGW__CONVERSE_TEXTUAL))
        return false;
    if (part->text.data)
        url = llmgw__anthropic_data_url(&c->base, part->text);
    format = format_of(c, url.type, part->filename);
    return format && (strcmp(format, "csv") == 0 || strcmp(format, "txt") == 0);
}

/* --- names --- */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c && strchr("-()[]", c));
}

/* Without extension; what is not allowed is one space. */
static void clean_name(llmgw_str name, char out[MAX_NAME + 1])
{
    size_t len = 0;

    for (size_t i = name.len; i > 1; i--)
        if (name.data[i - 1] == '.') {
            name.len = i - 1;
            break;
        }
    for (size_t i = 0; i < name.len && len < MAX_NAME - 8; i++)
        if (is_plain(name.data[i]))
            out[len++] = name.data[i];
        else if (len && out[len - 1] != ' ')
            out[len++] = ' ';
    if (len && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
    if (!len)
        (void)snprintf(out, MAX_NAME + 1, "document");
}

static bool is_taken(const struct llmgw__converse_names *at, const char *name)
{
    while (at && strcmp(at->name, name) != 0)
        at = at->before;
    return at != NULL;
}

struct llmgw__jstr llmgw__converse_name(struct llmgw__converse_encoder *c,
                                        const struct llmgw__part *part)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    struct llmgw__converse_names *own = c->names;
    char clean[MAX_NAME + 1];

    if (part->type != LLMGW__PART_FILE)
        return llmgw__jstr(LLMGW__LIT("image"), false);
    while (own && own->part != part)
        own = own->before;
    if (!own) {
        own = llmgw__anthropic_array(e, 1, sizeof *own);
        if (!own)
            return (struct llmgw__jstr){"", 0, false};
        own->part = part;
        own->before = c->names;
        clean_name(llmgw__anthropic_text(e, part->filename), clean);
        (void)snprintf(own->name, sizeof own->name, "%s", clean);
        for (unsigned n = 2; is_taken(own->before, own->name); n++)
            (void)snprintf(own->name, sizeof own->name, "%.*s %u", MAX_NAME - 8,
                           clean, n);
        c->names = own;
    }
    return llmgw__jstr(llmgw__str(own->name), false);
}

/* --- audio --- */

static void write_audio(struct llmgw__converse_encoder *c,
                        struct llmgw__anthropic_content *content,
                        size_t message, size_t part)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    const struct llmgw__part *from = &e->chat->messages[message].parts[part];
    const struct llmgw__jstr none = {NULL, 0, false};
    bool known = llmgw__jstr_is(from->format, "wav") ||
                 llmgw__jstr_is(from->format, "mp3");

    if (!(c->model->can & LLMGW__CONVERSE_AUDIO) || !known) {
        llmgw__anthropic_refuse_part(e, message, part,
                                     "this model takes no such audio");
        return;
    }
    write_block(content, "audio",
                llmgw__jstr_is(from->format, "wav") ? "wav" : "mp3", none,
                from->text, none);
}
