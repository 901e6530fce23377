/*
 * provider/sigv4.c - AWS Signature Version 4.
 *
 *     canonical request: method, path, query, headers, their names, body hash
 *     to sign:           algorithm, time, scope, hash of the above
 *     key:               secret, hashed on with date, region, service
 *
 * libcurl can sign too, but up to 8 it signs the path as it goes out, where
 * AWS wants it encoded once more: every model id with a colon fails.
 *
 * Source: AWS, "Signature Version 4 for API requests"; its public test suite.
 * Memory: the canonical request during the call; headers in the arena.
 */
#include "sigv4.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

/** A request on its way to a signature. */
struct signing {
    const struct llmgw__sigv4 *by;
    struct llmgw__http_request *request;
    struct llmgw__arena *arena;
    struct llmgw__sigv4_trace *trace;
    llmgw_str host;
    llmgw_str path;
    char time[17]; /* YYYYMMDDThhmmssZ */
    char body[65]; /* hash of it */
    struct llmgw__buf scope;
    struct llmgw__buf names; /* of the signed headers, by ";" */
};

static bool split_url(struct signing *s);
static llmgw_status add_headers(struct signing *s);
static llmgw_status write_canonical(struct signing *s);
static llmgw_status write_to_sign(struct signing *s);
static llmgw_status derive_key(struct signing *s);
static llmgw_status authorize(struct signing *s);

llmgw_status llmgw__sigv4_sign(const struct llmgw__sigv4 *sigv4,
                               struct llmgw__http_request *request,
                               struct llmgw__arena *arena,
                               struct llmgw__sigv4_trace *trace)
{
    struct llmgw__sigv4_trace own;
    struct signing s = {.by = sigv4,
                        .request = request,
                        .arena = arena,
                        .trace = trace ? trace : &own};
    llmgw_status status = LLMGW_OK;

    llmgw__buf_init(&s.trace->canonical, 0);
    llmgw__buf_init(&s.trace->to_sign, 0);
    llmgw__buf_init(&s.scope, 0);
    llmgw__buf_init(&s.names, 0);
    llmgw__date_basic(sigv4->now_s, s.time);
    if (!split_url(&s))
        status = LLMGW_E_INVALID;
    else if (llmgw__sha256_body(&request->body, s.body) != 0)
        status = LLMGW_E_NOMEM;
    if (status == LLMGW_OK)
        status = add_headers(&s);
    if (status == LLMGW_OK)
        status = write_canonical(&s);
    if (status == LLMGW_OK)
        status = write_to_sign(&s);
    if (status == LLMGW_OK)
        status = derive_key(&s);
    if (status == LLMGW_OK)
        status = authorize(&s);
    llmgw__buf_clear(&s.scope);
    llmgw__buf_clear(&s.names);
    if (!trace) {
        llmgw__buf_clear(&own.canonical);
        llmgw__buf_clear(&own.to_sign);
        llmgw__zeroize(own.key, sizeof own.key);
    }
    return status;
}

/** The host as libcurl sends it: without the port that goes without saying. */
static bool split_url(struct signing *s)
{
    llmgw_str url = llmgw__str(s->request->url);
    bool tls = llmgw__str_starts(url, "https://");
    size_t start = tls ? 8 : 7, end;

    if ((!tls && !llmgw__str_starts(url, "http://")) ||
        llmgw__str_find(url, LLMGW__LIT("?")) != SIZE_MAX)
        return false;
    url = llmgw__str_n(url.data + start, url.len - start);
    end = llmgw__str_find(url, LLMGW__LIT("/"));
    s->host = llmgw__str_n(url.data, end == SIZE_MAX ? url.len : end);
    s->path = end == SIZE_MAX ? LLMGW__LIT("/")
                              : llmgw__str_n(url.data + end, url.len - end);
    if (llmgw__str_ends(s->host, tls ? ":443" : ":80"))
        s->host.len -= tls ? 4 : 3;
    return s->host.len > 0;
}

static llmgw_status add_header(struct signing *s, const char *name,
                               llmgw_str text, bool secret)
{
    llmgw_str value = {NULL, 0};
    llmgw_status status = llmgw__arena_str(s->arena, text, &value);

    return status == LLMGW_OK ? llmgw__http_header_add(
                                    s->request, llmgw__str(name), value, secret)
                              : status;
}

static llmgw_status add_headers(struct signing *s)
{
    llmgw_status status =
        add_header(s, "x-amz-date", llmgw__str(s->time), false);

    if (status == LLMGW_OK && s->by->session_token.len)
        status =
            add_header(s, "x-amz-security-token", s->by->session_token, true);
    if (status == LLMGW_OK && s->by->hash_header)
        status =
            add_header(s, "x-amz-content-sha256", llmgw__str(s->body), false);
    return status;
}

/* --- the canonical request --- */

/** Every byte but these and the slash, once more. */
static void add_encoded(struct llmgw__buf *out, llmgw_str path)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.data[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
            (c >= 'A' && c <= 'Z') || (c && strchr("-._~/", c))) {
            llmgw__buf_add_char(out, (char)c);
            continue;
        }
        llmgw__buf_add_char(out, '%');
        llmgw__buf_add_char(out, hex[c >> 4]);
        llmgw__buf_add_char(out, hex[c & 15]);
    }
}

static bool is_signed(llmgw_str name)
{
    return llmgw__str_is(name, "content-type") ||
           llmgw__str_is(name, "content-length") ||
           llmgw__str_starts(name, "x-amz-");
}

/** Alphabetical order. */
static bool before(llmgw_str a, llmgw_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.data, b.data, len);

    return order < 0 || (order == 0 && a.len < b.len);
}

/** Trimmed, each run of blanks inside as one. */
static void add_value(struct llmgw__buf *out, llmgw_str value)
{
    value = llmgw__str_trim(value);
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] != ' ' || value.data[i - 1] != ' ')
            llmgw__buf_add_char(out, value.data[i]);
}

static void write_header(struct signing *s, llmgw_str name, llmgw_str value)
{
    struct llmgw__buf *out = &s->trace->canonical;

    llmgw__buf_add_str(out, name);
    llmgw__buf_add_char(out, ':');
    add_value(out, value);
    llmgw__buf_add_char(out, '\n');
    if (s->names.len)
        llmgw__buf_add_char(&s->names, ';');
    llmgw__buf_add_str(&s->names, name);
}

/** By name, the host among them; there are few. */
static void write_headers(struct signing *s)
{
    const struct llmgw__http_header host = {LLMGW__LIT("host"), s->host, false};
    llmgw_str last = {"", 0};

    for (;;) {
        const struct llmgw__http_header *next = NULL;

        if (before(last, host.name))
            next = &host;
        for (size_t i = 0; i < s->request->header_count; i++) {
            const struct llmgw__http_header *one = &s->request->headers[i];

            if (is_signed(one->name) && before(last, one->name) &&
                (!next || before(one->name, next->name)))
                next = one;
        }
        if (!next)
            return;
        write_header(s, next->name, next->value);
        last = next->name;
    }
}

static llmgw_status write_canonical(struct signing *s)
{
    struct llmgw__buf *out = &s->trace->canonical;

    llmgw__buf_add_z(out, s->request->method);
    llmgw__buf_add_char(out, '\n');
    add_encoded(out, s->path);
    llmgw__buf_add_z(out, "\n\n");
    write_headers(s);
    llmgw__buf_add_char(out, '\n');
    llmgw__buf_add_str(out, llmgw__buf_str(&s->names));
    llmgw__buf_add_char(out, '\n');
    llmgw__buf_add_z(out, s->body);
    return s->names.status == LLMGW_OK ? out->status : s->names.status;
}

/* --- string to sign, key, signature --- */

static llmgw_status write_to_sign(struct signing *s)
{
    struct llmgw__buf *out = &s->trace->to_sign;
    char hash[65];

    if (llmgw__sha256_hex(llmgw__buf_str(&s->trace->canonical), hash) != 0)
        return LLMGW_E_NOMEM;
    llmgw__buf_add(&s->scope, s->time, 8);
    llmgw__buf_add_char(&s->scope, '/');
    llmgw__buf_add_str(&s->scope, s->by->region);
    llmgw__buf_add_char(&s->scope, '/');
    llmgw__buf_add_str(&s->scope, s->by->service);
    llmgw__buf_add_z(&s->scope, "/aws4_request");
    llmgw__buf_add_z(out, ALGORITHM "\n");
    llmgw__buf_add_z(out, s->time);
    llmgw__buf_add_char(out, '\n');
    llmgw__buf_add_str(out, llmgw__buf_str(&s->scope));
    llmgw__buf_add_char(out, '\n');
    llmgw__buf_add_z(out, hash);
    return s->scope.status == LLMGW_OK ? out->status : s->scope.status;
}

static llmgw_status derive_key(struct signing *s)
{
    const llmgw_str steps[] = {llmgw__str_n(s->time, 8), s->by->region,
                               s->by->service, LLMGW__LIT("aws4_request")};
    unsigned char *key = s->trace->key;
    struct llmgw__buf first;
    llmgw_str at;
    int failed = 0;

    llmgw__buf_init(&first, 0);
    llmgw__buf_add_z(&first, "AWS4");
    llmgw__buf_add_str(&first, s->by->secret_key);
    at = llmgw__buf_str(&first);
    for (size_t i = 0; i < 4 && first.status == LLMGW_OK && !failed; i++) {
        unsigned char next[32];

        failed = llmgw__hmac_sha256(at, steps[i], next);
        memcpy(key, next, sizeof next);
        llmgw__zeroize(next, sizeof next);
        at = llmgw__str_n((const char *)key, sizeof s->trace->key);
    }
    if (first.status != LLMGW_OK)
        failed = -1;
    llmgw__zeroize(first.data, first.len);
    llmgw__buf_clear(&first);
    return failed ? LLMGW_E_NOMEM : LLMGW_OK;
}

static llmgw_status authorize(struct signing *s)
{
    llmgw_str key = {(const char *)s->trace->key, sizeof s->trace->key};
    unsigned char signature[32];
    struct llmgw__buf text;
    llmgw_status status;
    char hex[65];

    if (llmgw__hmac_sha256(key, llmgw__buf_str(&s->trace->to_sign),
                           signature) != 0)
        return LLMGW_E_NOMEM;
    llmgw__hash_hex(signature, hex);
    llmgw__buf_init(&text, 0);
    llmgw__buf_add_z(&text, ALGORITHM " Credential=");
    llmgw__buf_add_str(&text, s->by->access_key);
    llmgw__buf_add_char(&text, '/');
    llmgw__buf_add_str(&text, llmgw__buf_str(&s->scope));
    llmgw__buf_add_z(&text, ", SignedHeaders=");
    llmgw__buf_add_str(&text, llmgw__buf_str(&s->names));
    llmgw__buf_add_z(&text, ", Signature=");
    llmgw__buf_add_z(&text, hex);
    status = text.status;
    if (status == LLMGW_OK)
        status = add_header(s, "authorization", llmgw__buf_str(&text), true);
    llmgw__buf_clear(&text);
    return status;
}
