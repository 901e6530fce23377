/*
 * provider/gemini_media.c - images, audio and files of a message.
 *
 * Data URLs go inline, other URLs are fetched by the provider. Base64 is
 * referred to where it stands in the request; it is copied only when it has
 * escapes or white space in it. Memory: that copy, in the attempt's arena.
 */
#include <stdio.h>

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
static void write_data_url(struct media *m, llmgw_str url);
static void write_inline(struct media *m, llmgw_str type, llmgw_str data);
static void write_file_data(struct media *m, llmgw_str type, llmgw_str url);
static void write_detail(struct media *m);
static void refuse(struct media *m, const char *message);
static bool is_remote(llmgw_str url);
static bool is_video_page(llmgw_str url);
static llmgw_str type_of_path(llmgw_str path, const char *fallback);
static llmgw_str without_space(struct llmgw__gemini_encode *e, llmgw_str data);

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
    llmgw_str url = llmgw__gemini_text(m->e, m->part->text);

    m->fallback = "image/jpeg";
    if (llmgw__str_starts(url, "data:"))
        write_data_url(m, url);
    else
        write_url(m, url);
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
    write_inline(m, llmgw__str(type), llmgw__gemini_text(m->e, m->part->text));
}

/* A file by its bytes, or by its URI in the vendor's own store. */
static void write_file(struct media *m)
{
    const struct llmgw__jdoc *doc = &m->e->chat->doc;
    llmgw_str data = llmgw__gemini_text(m->e, m->part->text);
    llmgw_str name = llmgw__gemini_text(m->e, m->part->filename);
    llmgw_str id = llmgw__gemini_text(m->e, m->part->file_id);
    uint32_t file = llmgw__jdoc_get(doc, m->part->node, "file");
    llmgw_str type = llmgw__gemini_text(
        m->e, llmgw__jdoc_string(doc, llmgw__jdoc_get(doc, file, "mime_type")));

    m->fallback = "application/pdf";
    if (llmgw__str_starts(data, "data:")) {
        write_data_url(m, data);
        return;
    }
    if (type.len == 0)
        type = type_of_path(name, m->fallback);
    if (data.len > 0)
        write_inline(m, type, data);
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

/* data:[type][;parameter]...;base64,bytes */
static void write_data_url(struct media *m, llmgw_str url)
{
    static const char base64[] = ";base64";
    const char *comma = memchr(url.data, ',', url.len);
    llmgw_str head, type;
    const char *semicolon;

    if (!comma) {
        refuse(m, "a data URL without a comma");
        return;
    }
    head = llmgw__str_n(url.data + 5, (size_t)(comma - url.data) - 5);
    if (!llmgw__str_ends(head, base64)) {
        refuse(m, "a data URL that is not base64");
        return;
    }
    semicolon = memchr(head.data, ';', head.len);
    type = llmgw__str_n(head.data, (size_t)(semicolon - head.data));
    if (type.len == 0)
        type = llmgw__str(m->fallback);
    else if (llmgw__str_is_nocase(type, "image/jpg"))
        type = LLMGW__LIT("image/jpeg");
    write_inline(
        m, type,
        llmgw__str_n(comma + 1, (size_t)(url.data + url.len - comma) - 1));
}

static void write_inline(struct media *m, llmgw_str type, llmgw_str data)
{
    struct llmgw__jsonw *w = &m->e->w;

    data = without_space(m->e, data);
    llmgw__jsonw_key(w, "inlineData");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_str(w, "mimeType", type);
    llmgw__jsonw_member_str(w, "data", data);
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

/* The data itself when there is none in it. */
static llmgw_str without_space(struct llmgw__gemini_encode *e, llmgw_str data)
{
    static const char space[] = {' ', '\t', '\r', '\n'};
    bool found = false;
    char *copy;
    size_t len = 0;

    for (size_t i = 0; i < sizeof space && data.len > 0; i++)
        found = found || memchr(data.data, space[i], data.len);
    if (!found)
        return data;
    copy = llmgw__arena_alloc(e->io->arena, data.len);
    if (!copy) {
        e->status = e->status == LLMGW_OK ? LLMGW_E_NOMEM : e->status;
        return llmgw__str_n(NULL, 0);
    }
    for (size_t i = 0; i < data.len; i++)
        if (!memchr(space, data.data[i], sizeof space))
            copy[len++] = data.data[i];
    return llmgw__str_n(copy, len);
}
