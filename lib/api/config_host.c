/*
 * api/config_host.c - a host as some services' own programs are told of it:
 * "host", "host:port", "https://host"; also the address that a server listens
 * on, which is none to ask.
 *
 * Source: ollama/ollama, envconfig (Host), 2026-08. Memory: the snapshot's.
 */
#include <string.h>

#include "config_parts.h"

/** The parts of what was given; empty: not there. */
struct host {
    llmgw_str scheme; /* with "://" */
    llmgw_str name;
    llmgw_str port; /* with ":" */
    llmgw_str path;
};

static void take_apart(llmgw_str text, struct host *host);
static llmgw_str to_ask(llmgw_str name);

const char *llmgw__config_host(struct llmgw__config *config, llmgw_str host,
                               const char *like)
{
    struct host given, usual;
    llmgw_str parts[4];
    size_t len = 0;
    char *url;

    take_apart(llmgw__str_trim(host), &given);
    take_apart(llmgw__str(like), &usual);
    parts[0] = given.scheme.len ? given.scheme : usual.scheme;
    parts[1] = given.name.len ? to_ask(given.name) : usual.name;
    parts[2] = given.port.len || given.scheme.len ? given.port : usual.port;
    parts[3] = given.path;
    for (size_t i = 0; i < 4; i++)
        len += parts[i].len;
    url = llmgw__arena_zalloc(&config->catalog->arena, len + 1);
    config->nomem = config->nomem || !url;
    len = 0;
    for (size_t i = 0; url && i < 4; i++) {
        if (parts[i].len)
            memcpy(url + len, parts[i].data, parts[i].len);
        len += parts[i].len;
    }
    return url;
}

/** The first `len` bytes of what is left. */
static llmgw_str cut(llmgw_str *rest, size_t len)
{
    llmgw_str part = {rest->data, len};

    rest->data += len;
    rest->len -= len;
    return part;
}

static void take_apart(llmgw_str text, struct host *host)
{
    size_t scheme = llmgw__str_find(text, LLMGW__LIT("://"));
    size_t at = 0;

    memset(host, 0, sizeof *host);
    if (!text.len)
        return;
    if (scheme != SIZE_MAX)
        host->scheme = cut(&text, scheme + 3);
    while (at < text.len && text.data[at] != '/' &&
           (text.data[at] != ':' || text.data[0] == '[')) {
        at++;
        if (text.data[0] == '[' && text.data[at - 1] == ']')
            break; /* colons in it are of the address */
    }
    host->name = cut(&text, at);
    for (at = 0; at < text.len && text.data[at] != '/';)
        at++;
    host->port = cut(&text, at);
    host->path = text;
}

static llmgw_str to_ask(llmgw_str name)
{
    if (llmgw__str_is(name, "0.0.0.0"))
        return LLMGW__LIT("127.0.0.1");
    return llmgw__str_is(name, "[::]") ? LLMGW__LIT("[::1]") : name;
}
