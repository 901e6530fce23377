/*
 * provider/gemini_media.c - images, audio and files of a message.
 *
 * Data URLs go inline, other URLs are fetched by the provider. Base64 is
 * referred to where it stands in the request; it is copied only when it has
 * escapes or white space in it. Memory: that copy, in the attempt's arena.
 */
#include <stdio.h>

#include "data_url.h"
#include "gemini_history.h"

struct media {
    struct llmgw__gemini_encode *e;
    const struct llmgw__part *part;
    size_t message;
    size_t index;
    llmgw_str type;          /* MIME type */
    struct llmgw__jstr data; /* base64; data NULL: behind a URL: */
    llmgw_str uri;
};

static void read_media(struct media *m);
static void read_image(struct media *m);
static void read_audio(struct media *m);
static void read_file(struct media *m);
static void read_url(struct media *m, llmgw_str url, llmgw_str type);
static bool read_data_url(struct media *m, const char *fallback);
static void write_source(struct media *m);
static void write_detail(struct media *m, bool response);
static void refuse(struct media *m, const char *message);
static void note(struct media *m, llmgw_status status);
static bool is_remote(llmgw_str url);
static bool is_at(llmgw_str url, const char *const *hosts);
static llmgw_str or_else(llmgw_str type, const char *fallback);
static llmgw_str type_of_path(llmgw_str path);

/* Of the one video site whose addresses are taken as videos. */
static const char *const video_pages[] = {"youtube.com/", "www.youtube.com/",
                                          "m.youtube.com/", "youtu.be/", NULL};
/* The vendor's own store of files. */
static const char *const stores[] = {"generativelanguage.googleapis.com/",
                                     NULL};

void llmgw__gemini_media(struct llmgw__gemini_encode *e, size_t i, size_t k,
                         bool response)
{
    struct media m = {.e = e,
                      .part = &e->chat->messages[i].parts[k],
                      .message = i,
                      .index = k};

    read_media(&m);
    llmgw__jsonw_open(&e->w, '{');
    write_source(&m);
    write_detail(&m, response);
    llmgw__jsonw_close(&e->w, '}');
}

void llmgw__gemini_sent_image(struct llmgw__gemini_encode *e, size_t i,
                              uint32_t image)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t url =
        llmgw__jdoc_get(doc, llmgw__jdoc_get(doc, image, "image_url"), "url");
    uint32_t google = llmgw__jdoc_get(
        doc, llmgw__jdoc_get(doc, image, "extra_content"), "google");
    struct llmgw__jstr signature =
        llmgw__jdoc_get_string(doc, google, "thought_signature");
    const struct llmgw__part part = {.type = LLMGW__PART_IMAGE,
                                     .text = llmgw__jdoc_string(doc, url)};
    struct media m = {.e = e, .part = &part, .message = i};

    read_media(&m);
    llmgw__jsonw_open(&e->w, '{');
    write_source(&m);
    if (signature.len > 0)
        llmgw__jsonw_member_jstr(&e->w, "thoughtSignature", signature);
    llmgw__jsonw_close(&e->w, '}');
}

bool llmgw__gemini_media_responds(struct llmgw__gemini_encode *e, size_t i,
                                  size_t k)
{
    static const char *const types[] = {"image/png", "image/jpeg", "image/webp",
                                        "application/pdf"};
    struct media m = {.e = e,
                      .part = &e->chat->messages[i].parts[k],
                      .message = i,
                      .index = k};

    if (m.part->type <= LLMGW__PART_REFUSAL ||
        e->model.version < LLMGW__GEMINI_3)
        return false;
    read_media(&m);
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        if (llmgw__str_is(m.type, types[t]))
            return true;
    return llmgw__str_starts(m.type, "text/");
}

static void read_media(struct media *m)
{
    if (m->part->type == LLMGW__PART_IMAGE)
        read_image(m);
    else if (m->part->type == LLMGW__PART_AUDIO)
        read_audio(m);
    else if (m->part->type == LLMGW__PART_FILE)
        read_file(m);
}

static void read_image(struct media *m)
{
    const llmgw_str unknown = {NULL, 0};

    if (!read_data_url(m, "image/jpeg"))
        read_url(m, llmgw__gemini_text(m->e, m->part->text), unknown);
    m->type = or_else(m->type, "image/jpeg");
}

static void read_audio(struct media *m)
{
    llmgw_str format = llmgw__gemini_text(m->e, m->part->format);
    char type[32];

    if (format.len == 0 || format.len > 16 || !llmgw__str_printable(format)) {
        refuse(m, "the audio format is not known");
        return;
    }
    (void)snprintf(type, sizeof type, "audio/%.*s", (int)format.len,
                   format.data);
    note(m, llmgw__arena_str(m->e->io->arena, llmgw__str(type), &m->type));
    m->data = m->part->text;
}

/* A file by its bytes, or by a URL, which the vendor's own store gives. */
static void read_file(struct media *m)
{
    const struct llmgw__jdoc *doc = &m->e->chat->doc;
    llmgw_str name = llmgw__gemini_text(m->e, m->part->filename);
    llmgw_str id = llmgw__gemini_text(m->e, m->part->file_id);
    uint32_t file = llmgw__jdoc_get(doc, m->part->node, "file");
    llmgw_str type = llmgw__gemini_text(
        m->e, llmgw__jdoc_get_string(doc, file, "mime_type"));

    if (read_data_url(m, "application/pdf"))
        return;
    if (type.len == 0)
        type = type_of_path(name);
    if (m->part->text.len > 0) {
        m->type = type;
        m->data = m->part->text;
    } else if (is_remote(id)) {
        read_url(m, id, type);
    } else {
        refuse(m, "this file is not in the provider's store");
    }
    m->type = or_else(m->type, "application/pdf");
}

static void read_url(struct media *m, llmgw_str url, llmgw_str type)
{
    bool bucket = llmgw__str_starts(url, "gs://");
    size_t path;

    if (bucket && !m->e->surface->buckets)
        refuse(m, "storage buckets cannot be read");
    else if (!bucket && !is_remote(url))
        refuse(m, "neither a data: nor an http(s): URL");
    if (m->e->status != LLMGW_OK)
        return;
    path = llmgw__str_find(url, LLMGW__LIT("://")) + 3;
    m->uri = url;
    m->type = type;
    if (type.len == 0)
        m->type = type_of_path(llmgw__str_n(url.data + path, url.len - path));
    if (is_at(url, video_pages))
        m->type = LLMGW__LIT("video/mp4");
    else if (m->e->model.version < LLMGW__GEMINI_2_5 && !bucket &&
             !is_at(url, stores))
        refuse(m, "this model fetches no URLs");
}

/* data:[type][;parameter]...;base64,bytes. false: another URL */
static bool read_data_url(struct media *m, const char *fallback)
{
    struct llmgw__data_url url;

    note(m, llmgw__data_url_read(m->part->text, m->e->io->arena, &url));
    if (!url.data.data)
        return false;
    if (!url.base64) {
        refuse(m, "a data URL that is not base64");
        return true;
    }
    if (llmgw__str_is_nocase(url.type, "image/jpg"))
        url.type = LLMGW__LIT("image/jpeg");
    m->type = or_else(url.type, fallback);
    m->data = url.data;
    return true;
}

static void write_source(struct media *m)
{
    struct llmgw__jsonw *w = &m->e->w;
    bool linked = m->uri.len > 0;
    bool good; /* else it is the provider's to refuse */

    llmgw__jsonw_member_open(w, linked ? "fileData" : "inlineData", '{');
    llmgw__jsonw_member_str(w, "mimeType", m->type);
    if (linked) {
        llmgw__jsonw_member_str(w, "fileUri", m->uri);
    } else {
        note(m, llmgw__base64_slice(&m->data, m->e->io->arena, &good));
        llmgw__jsonw_member_jstr(w, "data", m->data);
    }
    llmgw__jsonw_close(w, '}');
}

/* Parts of a response have no place for it, nor has any before 3. */
static void write_detail(struct media *m, bool response)
{
    struct llmgw__jstr detail = m->part->detail;
    bool low = llmgw__jstr_is(detail, "low");

    if (m->part->type != LLMGW__PART_IMAGE ||
        (!low && !llmgw__jstr_is(detail, "high")))
        return;
    if (response || m->e->model.version < LLMGW__GEMINI_3) {
        llmgw__gemini_adjust(m->e, "messages", "dropped", "image_detail");
        return;
    }
    llmgw__jsonw_member_open(&m->e->w, "mediaResolution", '{');
    llmgw__jsonw_member_z(&m->e->w, "level",
                          low ? "MEDIA_RESOLUTION_LOW"
                              : "MEDIA_RESOLUTION_HIGH");
    llmgw__jsonw_close(&m->e->w, '}');
}

static void refuse(struct media *m, const char *message)
{
    char rest[40];

    (void)snprintf(rest, sizeof rest, ".content[%zu]", m->index);
    llmgw__gemini_refuse_at(m->e, LLMGW_KIND_UNSUPPORTED_PARAMETER, m->message,
                            rest, message);
}

static void note(struct media *m, llmgw_status status)
{
    if (m->e->status == LLMGW_OK)
        m->e->status = status;
}

static bool is_remote(llmgw_str url)
{
    return llmgw__str_starts(url, "https://") ||
           llmgw__str_starts(url, "http://");
}

static bool is_at(llmgw_str url, const char *const *hosts)
{
    size_t from = llmgw__str_find(url, LLMGW__LIT("://")) + 3;
    llmgw_str rest = llmgw__str_n(url.data + from, url.len - from);

    for (; *hosts; hosts++)
        if (llmgw__str_starts(rest, *hosts))
            return true;
    return false;
}

static llmgw_str or_else(llmgw_str type, const char *fallback)
{
    return type.len > 0 ? type : llmgw__str(fallback);
}

/* By the extension; empty: it tells none. */
static llmgw_str type_of_path(llmgw_str path)
{
    static const char *const types[][2] = {
        /* clang-format off */
        {".png", "image/png"},   {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"}, {".webp", "image/webp"},
        {".gif", "image/gif"},   {".heic", "image/heic"},
        {".heif", "image/heif"}, {".bmp", "image/bmp"},
        {".avif", "image/avif"}, {".pdf", "application/pdf"},
        {".txt", "text/plain"},  {".md", "text/markdown"},
        {".html", "text/html"},  {".css", "text/css"},
        {".csv", "text/csv"},    {".xml", "text/xml"},
        {".json", "application/json"},
        {".mp3", "audio/mp3"},   {".wav", "audio/wav"},
        {".ogg", "audio/ogg"},   {".flac", "audio/flac"},
        {".aac", "audio/aac"},   {".m4a", "audio/m4a"},
        {".aiff", "audio/aiff"}, {".opus", "audio/ogg"},
        {".mp4", "video/mp4"},   {".mov", "video/mov"},
        {".webm", "video/webm"}, {".mpeg", "video/mpeg"},
        {".mpg", "video/mpg"},   {".avi", "video/avi"},
        {".wmv", "video/wmv"},   {".flv", "video/x-flv"},
        {".3gp", "video/3gpp"},
        /* clang-format on */
    };
    const llmgw_str none = {NULL, 0};
    size_t len = 0;

    while (len < path.len && path.data[len] != '?' && path.data[len] != '#')
        len++;
    path.len = len;
    while (len > 0 && path.data[len - 1] != '.' && path.data[len - 1] != '/')
        len--;
    if (len == 0 || path.data[len - 1] == '/')
        return none;
    path = llmgw__str_n(path.data + len - 1, path.len - len + 1);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (llmgw__str_is_nocase(path, types[i][0]))
            return llmgw__str(types[i][1]);
    return none;
}
