/*
 * provider/gemini_media.c - images, audio and files of a message.
 *
 * Data URLs go inline, other URLs are fetched by the provider. Base64 is
 * referred to where it stands in the request; it is copied only when it has
 * escapes or white space in it. Memory: that copy, in the attempt's arena.
 */
#include <stdio.h>

#include "data_url.h"
#include "gemini.h"

struct media {
    struct llmgw__gemini_encode *e;
    const struct llmgw__part *part;
    size_t message;
    size_t index;
    const char *fallback; /* MIME type when nothing tells it */
};

static void write_image(struct media *m);
static void write_audio(struct media *m);
static void write_file(struct media *m);
static void write_url(struct media *m, llmgw_str url);
static bool write_data_url(struct media *m, struct llmgw__jstr text);
static void write_inline(struct media *m, llmgw_str type,
                         struct llmgw__jstr data);
static void write_file_data(struct media *m, llmgw_str type, llmgw_str url);
static void write_detail(struct media *m);
static void refuse(struct media *m, const char *message);
static void note(struct media *m, llmgw_status status);
static bool is_remote(llmgw_str url);
static bool is_video_page(llmgw_str url);
static llmgw_str type_of_path(llmgw_str path, const char *fallback);

void llmgw__gemini_media(struct llmgw__gemini_encode *e, size_t i, size_t k)
{
    const struct llmgw__part *part = &e->chat->messages[i].parts[k];
    struct media m = {.e = e, .part = part, .message = i, .index = k};

    llmgw__jsonw_open(&e->w, '{');
    if (part->type == LLMGW__PART_IMAGE)
        write_image(&m);
    else if (part->type == LLMGW__PART_AUDIO)
        write_audio(&m);
    else if (part->type == LLMGW__PART_FILE)
        write_file(&m);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_image(struct media *m)
{
    m->fallback = "image/jpeg";
    if (!write_data_url(m, m->part->text))
        write_url(m, llmgw__gemini_text(m->e, m->part->text));
    write_detail(m);
}

static void write_audio(struct media *m)
{
    llmgw_str format = llmgw__gemini_text(m->e, m->part->format);
    char type[32];

    if (format.len == 0 || format.len > 16 || !llmgw__str_printable(format)) {
        refuse(m, "the audio format is not known");
        return;
    }
    (void)snprintf(type, sizeof type, "audio/%.*s", (int)format.len,
                   format.data);
    write_inline(m, llmgw__str(type), m->part->text);
}

/* A file by its bytes, or by its URI in the vendor's own store. */
static void write_file(struct media *m)
{
    const struct llmgw__jdoc *doc = &m->e->chat->doc;
    llmgw_str name = llmgw__gemini_text(m->e, m->part->filename);
    llmgw_str id = llmgw__gemini_text(m->e, m->part->file_id);
    uint32_t file = llmgw__jdoc_get(doc, m->part->node, "file");
    llmgw_str type = llmgw__gemini_text(
        m->e, llmgw__jdoc_string(doc, llmgw__jdoc_get(doc, file, "mime_type")));

    m->fallback = "application/pdf";
    if (write_data_url(m, m->part->text))
        return;
    if (type.len == 0)
        type = type_of_path(name, m->fallback);
    if (m->part->text.len > 0)
        write_inline(m, type, m->part->text);
    else if (is_remote(id))
        write_file_data(m, type, id);
    else
        refuse(m, "this file is not in the provider's store");
}

static void write_url(struct media *m, llmgw_str url)
{
    size_t path;

    if (llmgw__str_starts(url, "gs://")) {
        if (!m->e->surface.buckets)
            refuse(m, "storage buckets cannot be read");
        write_file_data(m, type_of_path(url, m->fallback), url);
        return;
    }
    if (!is_remote(url)) {
        refuse(m, "neither a data: nor an http(s): URL");
        return;
    }
    if (m->e->model.version < LLMGW__GEMINI_2_5) {
        refuse(m, "this model fetches no URLs");
        return;
    }
    if (is_video_page(url)) {
        write_file_data(m, LLMGW__LIT("video/mp4"), url);
        return;
    }
    path = llmgw__str_find(url, LLMGW__LIT("://")) + 3;
    write_file_data(m,
                    type_of_path(llmgw__str_n(url.data + path, url.len - path),
                                 m->fallback),
                    url);
}

/* data:[type][;parameter]...;base64,bytes. false: another URL */
static bool write_data_url(struct media *m, struct llmgw__jstr text)
{
    struct llmgw__data_url url;

    note(m, llmgw__data_url_read(text, m->e->io->arena, &url));
    if (!url.data.data)
        return false;
    if (!url.base64) {
        refuse(m, "a data URL that is not base64");
        return true;
    }
    if (url.type.len == 0)
        url.type = llmgw__str(m->fallback);
    else if (llmgw__str_is_nocase(url.type, "image/jpg"))
        url.type = LLMGW__LIT("image/jpeg");
    write_inline(m, url.type, url.data);
    return true;
}

static void write_inline(struct media *m, llmgw_str type,
                         struct llmgw__jstr data)
{
    struct llmgw__jsonw *w = &m->e->w;
    bool good; /* else it is the provider's to refuse */

    note(m, llmgw__base64_slice(&data, m->e->io->arena, &good));
    llmgw__jsonw_key(w, "inlineData");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_str(w, "mimeType", type);
    llmgw__jsonw_member_jstr(w, "data", data);
    llmgw__jsonw_close(w, '}');
}

static void write_file_data(struct media *m, llmgw_str type, llmgw_str url)
{
    struct llmgw__jsonw *w = &m->e->w;

    llmgw__jsonw_key(w, "fileData");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_str(w, "mimeType", type);
    llmgw__jsonw_member_str(w, "fileUri", url);
    llmgw__jsonw_close(w, '}');
}

static void write_detail(struct media *m)
{
    struct llmgw__jstr detail = m->part->detail;
    bool low = llmgw__jstr_is(detail, "low");

    if (!low && !llmgw__jstr_is(detail, "high"))
        return;
    if (m->e->model.version < LLMGW__GEMINI_3) {
        llmgw__gemini_adjust(m->e, "messages", "dropped", "image_detail");
        return;
    }
    llmgw__jsonw_key(&m->e->w, "mediaResolution");
    llmgw__jsonw_open(&m->e->w, '{');
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

/* Pages of the one video site whose addresses are taken as videos. */
static bool is_video_page(llmgw_str url)
{
    static const char *const hosts[] = {"youtube.com/", "www.youtube.com/",
                                        "m.youtube.com/", "youtu.be/"};
    size_t from = llmgw__str_find(url, LLMGW__LIT("://")) + 3;
    llmgw_str rest = llmgw__str_n(url.data + from, url.len - from);

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (llmgw__str_starts(rest, hosts[i]))
            return true;
    return false;
}

static llmgw_str type_of_path(llmgw_str path, const char *fallback)
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
        {".mp4", "video/mp4"},   {".mov", "video/mov"},
        {".webm", "video/webm"}, {".mpeg", "video/mpeg"},
        /* clang-format on */
    };
    size_t len = 0;

    while (len < path.len && path.data[len] != '?' && path.data[len] != '#')
        len++;
    path.len = len;
    while (len > 0 && path.data[len - 1] != '.' && path.data[len - 1] != '/')
        len--;
    if (len == 0 || path.data[len - 1] == '/')
        return llmgw__str(fallback);
    path = llmgw__str_n(path.data + len - 1, path.len - len + 1);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (llmgw__str_is_nocase(path, types[i][0]))
            return llmgw__str(types[i][1]);
    return llmgw__str(fallback);
}
