/*
 * wire/http_setup.c - what an easy handle is set to, and for how long.
 *
 * Setting thirty options costs as much as a small exchange, so a handle stays
 * configured in the pool; an exchange sets its headers and its body, and what
 * differs from the last one (URL, method, certificates, proxy).
 *
 * libcurl copies strings but the body and the list of headers: these are the
 * request's own bytes, and lines of ours that are overwritten at the end.
 *
 * Memory: the header lines, the URL and the settings of one exchange.
 */
#include <string.h>

#if !defined(_WIN32)
#include <unistd.h>
#endif

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "http.h"
#include "http_private.h"

/** libcurl asks before it sends a body larger than this. */
#define ASK_FROM ((size_t)1024 * 1024)

/** No time is long enough to mean "none" to libcurl: 24 days. Deadlines are
 *  ours. */
#define CONNECT_TIMEOUT_MS 2147483647L

struct switch_setting {
    CURLoption option;
    long value;
    bool must; /* refused: the handle must not be used */
};

static llmgw_status configure(struct llmgw__transfer *transfer,
                              const struct llmgw__http_settings *settings);
static CURLcode set_switches(CURL *easy);
static CURLcode set_protocols(CURL *easy);
static CURLcode set_callbacks(struct llmgw__transfer *transfer);
static CURLcode set_settings(CURL *easy,
                             const struct llmgw__http_settings *settings);
static CURLcode set_pem(CURL *easy, llmgw_str pem);
static bool same_settings(const struct llmgw__transfer_settings *kept,
                          const struct llmgw__http_settings *settings);
static bool same(const char *kept, const char *text);
static llmgw_status keep_settings(struct llmgw__transfer_settings *kept,
                                  const struct llmgw__http_settings *settings);
static bool keep_text(char **kept, const char *text);
static void drop_settings(struct llmgw__transfer_settings *kept);
static llmgw_status set_url(struct llmgw__transfer *transfer, const char *url);
static CURLU *read_url(const char *url);
static llmgw_status set_body(struct llmgw__transfer *transfer);
static CURLcode set_shape(struct llmgw__transfer *transfer,
                          const struct llmgw__body *body);
static CURLcode set_method(struct llmgw__transfer *transfer);
static const char *only_piece(const struct llmgw__body *body);
static llmgw_status set_headers(struct llmgw__transfer *transfer);
static llmgw_status write_lines(struct llmgw__transfer *transfer,
                                size_t *count);
static void write_line(struct llmgw__buf *lines,
                       const struct llmgw__http_header *header);
static int close_socket(void *userdata, curl_socket_t fd);
static int on_seek(void *userdata, curl_off_t offset, int origin);
static llmgw_status status_of(CURLcode code);

static const struct switch_setting switches[] = {
    /* clang-format off */
    { CURLOPT_NOSIGNAL,                1,                       true },
    { CURLOPT_SSL_VERIFYPEER,          1,                       true },
    { CURLOPT_SSL_VERIFYHOST,          2,                       true },
    { CURLOPT_SSLVERSION,              CURL_SSLVERSION_TLSv1_2, true },
    { CURLOPT_FOLLOWLOCATION,          0,                       true },
    { CURLOPT_PATH_AS_IS,              1,                       true },
    { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1,                      true },
    { CURLOPT_TIMEOUT_MS,              0,                       true },
    { CURLOPT_PIPEWAIT,                0,                       false },
    { CURLOPT_HTTP_VERSION,            CURL_HTTP_VERSION_2TLS,  false },
    { CURLOPT_TCP_NODELAY,             1,                       false },
    { CURLOPT_TCP_KEEPALIVE,           1,                       false },
#if LIBCURL_VERSION_NUM >= 0x075700
    { CURLOPT_QUICK_EXIT,              1,                       false },
#endif
    /* clang-format on */
};

struct llmgw__transfer *llmgw__transfer_create(struct llmgw__http *http)
{
    struct llmgw__transfer *transfer = llmgw__calloc(1, sizeof *transfer);

    if (!transfer)
        return NULL;
    _Static_assert(sizeof transfer->error >= CURL_ERROR_SIZE, "libcurl's");
    transfer->http = http;
    llmgw__http_head_init(&transfer->head);
    llmgw__buf_init(&transfer->lines, 0);
    llmgw__buf_init(&transfer->url, 0);
    transfer->easy = curl_easy_init();
    if (transfer->easy)
        return transfer;
    llmgw__transfer_free(transfer);
    return NULL;
}

void llmgw__transfer_free(struct llmgw__transfer *transfer)
{
    llmgw__transfer_reset(transfer);
    if (transfer->easy)
        curl_easy_cleanup(transfer->easy);
    curl_url_cleanup(transfer->parts);
    drop_settings(&transfer->settings);
    llmgw__http_head_clear(&transfer->head);
    llmgw__buf_clear(&transfer->lines);
    llmgw__buf_clear(&transfer->url);
    llmgw__free(transfer->nodes);
    llmgw__free(transfer);
}

void llmgw__transfer_reset(struct llmgw__transfer *transfer)
{
    llmgw__zeroize(transfer->lines.data, transfer->lines.len);
    llmgw__buf_reset(&transfer->lines);
    llmgw__http_head_clear(&transfer->head);
    transfer->request = NULL;
    transfer->events = NULL;
    transfer->userdata = NULL;
    transfer->body_at = 0;
    transfer->failed = 0;
    transfer->head_done = false;
    transfer->heard = false;
    transfer->stopped = false;
    transfer->dead = false;
    transfer->doomed = false;
    transfer->over = false;
    transfer->error[0] = '\0';
    memset(&transfer->times, 0, sizeof transfer->times);
}

llmgw_status
llmgw__transfer_prepare(struct llmgw__transfer *transfer,
                        const struct llmgw__http_request *request,
                        const struct llmgw__http_settings *settings)
{
    llmgw_status status = LLMGW_OK;

    transfer->request = request;
    if (transfer->shape == LLMGW__SHAPE_NEW ||
        !same_settings(&transfer->settings, settings))
        status = configure(transfer, settings);
    if (status == LLMGW_OK)
        status = set_url(transfer, request->url);
    if (status == LLMGW_OK)
        status = set_body(transfer);
    if (status == LLMGW_OK)
        status = set_headers(transfer);
    return status;
}

/* All options anew. The shape tells whether it was done, so it is set last
 * (by set_body). */
static llmgw_status configure(struct llmgw__transfer *transfer,
                              const struct llmgw__http_settings *settings)
{
    CURL *easy = transfer->easy;
    llmgw_status status;
    CURLcode code;

    curl_easy_reset(easy);
    transfer->shape = LLMGW__SHAPE_NEW;
    transfer->custom_method = false;
    llmgw__buf_reset(&transfer->url);
    status = keep_settings(&transfer->settings, settings);
    if (status != LLMGW_OK)
        return status;
    code = set_switches(easy);
    if (code == CURLE_OK)
        code = set_protocols(easy);
    if (code == CURLE_OK)
        code = set_callbacks(transfer);
    if (code == CURLE_OK)
        code = set_settings(easy, settings);
    return status_of(code);
}

static CURLcode set_switches(CURL *easy)
{
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        CURLcode code =
            curl_easy_setopt(easy, switches[i].option, switches[i].value);

        if (code != CURLE_OK && switches[i].must)
            return code;
    }
    return CURLE_OK;
}

static CURLcode set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                            (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static CURLcode set_callbacks(struct llmgw__transfer *transfer)
{
    CURL *easy = transfer->easy;

    if (curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) ||
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error) ||
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION,
                         llmgw__transfer_on_header) ||
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION,
                         llmgw__transfer_on_data) ||
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) ||
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, llmgw__transfer_on_read) ||
        curl_easy_setopt(easy, CURLOPT_READDATA, transfer) ||
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek) ||
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer) ||
        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION,
                         llmgw__transfer_on_connected) ||
        curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer) ||
        curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) ||
        curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer->http))
        return CURLE_FAILED_INIT;
    return CURLE_OK;
}

static CURLcode set_settings(CURL *easy,
                             const struct llmgw__http_settings *settings)
{
    CURLcode code = CURLE_OK;

    if (settings->patient)
        code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                                CONNECT_TIMEOUT_MS);
    if (code == CURLE_OK && settings->ca_file)
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file);
    if (code == CURLE_OK && settings->ca_path)
        code = curl_easy_setopt(easy, CURLOPT_CAPATH, settings->ca_path);
    if (code == CURLE_OK && settings->ca_pem.len > 0)
        code = set_pem(easy, settings->ca_pem);
    if (code == CURLE_OK && settings->proxy)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, settings->proxy);
    if (code == CURLE_OK && settings->user_agent)
        code = curl_easy_setopt(easy, CURLOPT_USERAGENT, settings->user_agent);
    return code;
}

static CURLcode set_pem(CURL *easy, llmgw_str pem)
{
    struct curl_blob blob = {.len = pem.len, .flags = CURL_BLOB_COPY};

    blob.data = (void *)pem.data; /* copied, never written to */
    return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}

static bool same_settings(const struct llmgw__transfer_settings *kept,
                          const struct llmgw__http_settings *settings)
{
    return same(kept->ca_file, settings->ca_file) &&
           same(kept->ca_path, settings->ca_path) &&
           same(kept->proxy, settings->proxy) &&
           same(kept->user_agent, settings->user_agent) &&
           kept->patient == settings->patient &&
           llmgw__str_eq(llmgw__buf_str(&kept->ca_pem), settings->ca_pem);
}

static bool same(const char *kept, const char *text)
{
    return kept && text ? strcmp(kept, text) == 0 : kept == text;
}

static llmgw_status keep_settings(struct llmgw__transfer_settings *kept,
                                  const struct llmgw__http_settings *settings)
{
    drop_settings(kept);
    kept->patient = settings->patient;
    llmgw__buf_init(&kept->ca_pem, 0);
    llmgw__buf_add_str(&kept->ca_pem, settings->ca_pem);
    if (keep_text(&kept->ca_file, settings->ca_file) &&
        keep_text(&kept->ca_path, settings->ca_path) &&
        keep_text(&kept->proxy, settings->proxy) &&
        keep_text(&kept->user_agent, settings->user_agent))
        return kept->ca_pem.status;
    return LLMGW_E_NOMEM;
}

static bool keep_text(char **kept, const char *text)
{
    if (text)
        *kept = llmgw__strndup(text, strlen(text));
    return !text || *kept;
}

static void drop_settings(struct llmgw__transfer_settings *kept)
{
    llmgw__free(kept->ca_file);
    llmgw__free(kept->ca_path);
    llmgw__free(kept->proxy);
    llmgw__free(kept->user_agent);
    llmgw__buf_clear(&kept->ca_pem);
    memset(kept, 0, sizeof *kept);
}

/* Most exchanges of a handle go where the last one went. libcurl is given the
 * URL taken apart: else it would do that with each exchange. */
static llmgw_status set_url(struct llmgw__transfer *transfer, const char *url)
{
    llmgw_str text = llmgw__str(url);
    CURLcode code;

    if (text.len > 0 && llmgw__str_eq(llmgw__buf_str(&transfer->url), text))
        return LLMGW_OK;
    llmgw__buf_reset(&transfer->url);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_CURLU, NULL);
    curl_url_cleanup(transfer->parts);
    transfer->parts = read_url(url);
    if (!transfer->parts)
        return LLMGW_E_INVALID;
    code = curl_easy_setopt(transfer->easy, CURLOPT_CURLU, transfer->parts);
    if (code != CURLE_OK)
        return status_of(code);
    llmgw__buf_add_str(&transfer->url, text);
    return transfer->url.status;
}

/* NULL: no URL of ours. */
static CURLU *read_url(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    bool good;

    if (!parts)
        return NULL;
    good = curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS) ==
               CURLUE_OK &&
           curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
           curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
           (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    curl_free(host);
    if (good)
        return parts;
    curl_url_cleanup(parts);
    return NULL;
}

static llmgw_status set_body(struct llmgw__transfer *transfer)
{
    const struct llmgw__body *body = &transfer->request->body;
    CURLcode code = set_shape(transfer, body);

    if (code == CURLE_OK)
        code = set_method(transfer);
    if (code != CURLE_OK)
        transfer->shape = LLMGW__SHAPE_NEW; /* nobody knows: all anew */
    return status_of(code);
}

static CURLcode set_shape(struct llmgw__transfer *transfer,
                          const struct llmgw__body *body)
{
    bool get = strcmp(transfer->request->method, "POST") != 0 && !body->len;
    enum llmgw__transfer_shape shape = get               ? LLMGW__SHAPE_GET
                                       : body->count > 1 ? LLMGW__SHAPE_READ
                                                         : LLMGW__SHAPE_WHOLE;
    bool changes = transfer->shape != shape;
    CURL *easy = transfer->easy;
    CURLcode code;

    transfer->shape = shape;
    if (shape == LLMGW__SHAPE_GET)
        return changes ? curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) : CURLE_OK;
    code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                            (curl_off_t)body->len);
    if (code == CURLE_OK && (changes || shape == LLMGW__SHAPE_WHOLE))
        code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, only_piece(body));
    return code;
}

/* GET and POST come with the shape; others are named. */
static CURLcode set_method(struct llmgw__transfer *transfer)
{
    const char *method = transfer->request->method;
    bool named =
        strcmp(method, transfer->shape == LLMGW__SHAPE_GET ? "GET" : "POST") !=
        0;

    if (!named && !transfer->custom_method)
        return CURLE_OK;
    transfer->custom_method = named;
    return curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST,
                            named ? method : NULL);
}

/* NULL: there are several, they are read one after the other. */
static const char *only_piece(const struct llmgw__body *body)
{
    if (body->count > 1)
        return NULL;
    if (body->count == 0)
        return "";
    return body->segments[0].ref ? body->segments[0].ref
                                 : body->own.data + body->segments[0].offset;
}

/* The list is built in memory that stays: lines first, as they may move. */
static llmgw_status set_headers(struct llmgw__transfer *transfer)
{
    struct curl_slist *nodes;
    size_t count = 0;
    llmgw_status status = write_lines(transfer, &count);
    char *line = transfer->lines.data;

    if (status != LLMGW_OK)
        return status;
    if (llmgw__grow(&transfer->nodes, &transfer->node_cap, count,
                    sizeof *nodes) != 0)
        return LLMGW_E_NOMEM;
    nodes = transfer->nodes;
    for (size_t i = 0; i < count; i++) {
        nodes[i].data = line;
        nodes[i].next = i + 1 < count ? &nodes[i + 1] : NULL;
        line += strlen(line) + 1;
    }
    return status_of(curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER,
                                      count ? nodes : NULL));
}

/* "name:" without a value keeps libcurl from sending a header of its own. */
static llmgw_status write_lines(struct llmgw__transfer *transfer, size_t *count)
{
    const struct llmgw__http_request *request = transfer->request;
    struct llmgw__buf *lines = &transfer->lines;
    bool typed = false;
    size_t size = 64; /* the extra ones; at once, so that nothing moves */

    for (size_t i = 0; i < request->header_count; i++) {
        size += request->headers[i].name.len + request->headers[i].value.len;
        size += 4;
        typed |= llmgw__str_is(request->headers[i].name, "content-type");
    }
    if (!llmgw__buf_reserve(lines, size))
        return lines->status;
    for (size_t i = 0; i < request->header_count; i++)
        write_line(lines, &request->headers[i]);
    *count = request->header_count;
    if (memchr(lines->data, '\n', lines->len) ||
        memchr(lines->data, '\r', lines->len))
        return LLMGW_E_INVALID;
    if (transfer->shape == LLMGW__SHAPE_GET)
        return LLMGW_OK;
    if (request->body.len >= ASK_FROM) { /* it need not */
        llmgw__buf_add(lines, "expect:", sizeof "expect:");
        *count += 1;
    }
    if (typed)
        return LLMGW_OK;
    llmgw__buf_add(lines, "content-type:", sizeof "content-type:");
    *count += 1;
    return LLMGW_OK;
}

/* libcurl sends "name;" as a header without a value. */
static void write_line(struct llmgw__buf *lines,
                       const struct llmgw__http_header *header)
{
    llmgw__buf_add_str(lines, header->name);
    if (header->value.len > 0) {
        llmgw__buf_add(lines, ": ", 2);
        llmgw__buf_add_str(lines, header->value);
    } else {
        llmgw__buf_add_char(lines, ';');
    }
    llmgw__buf_add_char(lines, '\0');
}

/* A body that was sent on a dead connection is sent again. */
static int on_seek(void *userdata, curl_off_t offset, int origin)
{
    struct llmgw__transfer *transfer = userdata;

    if (origin != SEEK_SET || offset < 0 ||
        (uint64_t)offset > transfer->request->body.len)
        return CURL_SEEKFUNC_FAIL;
    transfer->body_at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static llmgw_status status_of(CURLcode code)
{
    if (code == CURLE_OK)
        return LLMGW_OK;
    return code == CURLE_OUT_OF_MEMORY ? LLMGW_E_NOMEM : LLMGW_E_INVALID;
}

static int close_socket(void *userdata, curl_socket_t fd)
{
    llmgw__http_forget(userdata, (intptr_t)fd);
#if defined(_WIN32)
    return closesocket(fd);
#else
    return close(fd);
#endif
}
