/*
 * provider/bedrock_site.c - models behind Amazon Bedrock: who made one, on
 * which surface it is spoken to, and where that is.
 *
 * A model is named "us.amazon.nova-lite-v1:0": a region's prefix, if it is a
 * profile, the maker, the maker's name. An ARN ends with such a name, or says
 * nothing: then the setting model_base does.
 *
 * Source: Amazon Bedrock User Guide, "Supported foundation models", "Inference
 * profiles"; API reference, endpoints, 2026-11. Memory: URLs, in the arena.
 */
#include <string.h>

#include "bedrock.h"
#include "url.h"

#define RUNTIME "bedrock-runtime"
#define MANTLE  "bedrock-mantle"

static const char *const regions[] = {"global.", "us.", "us-gov.", "eu.",
                                      "apac.",   "jp.", "au.",     "ca.",
                                      "sa.",     NULL};

static llmgw_str name_of(const struct llmgw__target *target);
static llmgw_str region_in(llmgw_str url);
static char *keep(struct llmgw__arena *arena, struct llmgw__buf *url);

llmgw_str llmgw__bedrock_family(const struct llmgw__target *target)
{
    llmgw_str name = name_of(target);
    size_t dot = llmgw__str_find(name, LLMGW__LIT("."));

    name.len = dot == SIZE_MAX ? 0 : dot;
    return name;
}

llmgw_str llmgw__bedrock_base(const struct llmgw__target *target)
{
    llmgw_str name = name_of(target);
    size_t dot = llmgw__str_find(name, LLMGW__LIT("."));

    if (dot == SIZE_MAX)
        return name;
    return llmgw__str_n(name.data + dot + 1, name.len - dot - 1);
}

/* Without ARN and region. */
static llmgw_str name_of(const struct llmgw__target *target)
{
    const char *base = llmgw__provider_setting(target->provider, "model_base");
    llmgw_str name = llmgw__str(target->model);
    const char *slash = strrchr(target->model, '/');

    if (slash)
        name = llmgw__str(slash + 1);
    if (base && llmgw__str_find(name, LLMGW__LIT(".")) == SIZE_MAX)
        name = llmgw__str(base);
    for (const char *const *at = regions; *at; at++) {
        size_t len = strlen(*at);

        if (llmgw__str_starts(name, *at) &&
            memchr(name.data + len, '.', name.len - len))
            return llmgw__str_n(name.data + len, name.len - len);
    }
    return name;
}

enum llmgw__bedrock_surface
llmgw__bedrock_surface(const struct llmgw__target *target)
{
    llmgw_str api =
        llmgw__str(llmgw__provider_setting(target->provider, "claude_api"));

    if (!llmgw__str_is(llmgw__bedrock_family(target), "anthropic") ||
        llmgw__str_is(api, "converse"))
        return LLMGW__BEDROCK_CONVERSE;
    return llmgw__str_is(api, "messages") ? LLMGW__BEDROCK_MESSAGES
                                          : LLMGW__BEDROCK_INVOKE;
}

char *llmgw__bedrock_url(struct llmgw__arena *arena,
                         const struct llmgw__target *target, const char *action)
{
    struct llmgw__buf url;

    llmgw__buf_init(&url, 0);
    llmgw__buf_add_z(&url, target->provider->base_url);
    llmgw__buf_add_z(&url, "/model/");
    llmgw__url_add_strict(&url, llmgw__str(target->model));
    llmgw__buf_add_char(&url, '/');
    llmgw__buf_add_z(&url, action);
    return keep(arena, &url);
}

char *llmgw__bedrock_messages_url(struct llmgw__arena *arena,
                                  const struct llmgw__target *target,
                                  const char *path)
{
    llmgw_str base = llmgw__str(target->provider->base_url);
    llmgw_str region = region_in(base);
    struct llmgw__buf url;

    llmgw__buf_init(&url, 0);
    if (region.len) {
        llmgw__buf_add_z(&url, "https://" MANTLE ".");
        llmgw__buf_add_str(&url, region);
        llmgw__buf_add_z(&url, ".api.aws");
    } else {
        llmgw__buf_add_str(&url, base);
    }
    llmgw__buf_add_z(&url, path);
    return keep(arena, &url);
}

static char *keep(struct llmgw__arena *arena, struct llmgw__buf *url)
{
    char *kept = url->status == LLMGW_OK
                     ? llmgw__arena_dup(arena, llmgw__buf_str(url))
                     : NULL;

    llmgw__buf_clear(url);
    return kept;
}

/* Of the service's own hosts: what stands behind its name. */
static llmgw_str region_in(llmgw_str url)
{
    static const char *const names[] = {"://" RUNTIME ".",
                                        "://" RUNTIME "-fips."};

    for (size_t i = 0; url.data && i < sizeof names / sizeof *names; i++) {
        size_t at = llmgw__str_find(url, llmgw__str(names[i]));
        const char *from, *dot;

        if (at == SIZE_MAX)
            continue;
        from = url.data + at + strlen(names[i]);
        dot = memchr(from, '.', url.len - (size_t)(from - url.data));
        return llmgw__str_n(from, dot ? (size_t)(dot - from) : 0);
    }
    return llmgw__str_n(NULL, 0);
}

const char *llmgw__bedrock_region(const struct llmgw__provider *provider)
{
    return llmgw__provider_setting(provider, "region");
}

const char *llmgw__bedrock_service(llmgw_str url)
{
    return llmgw__str_find(url, LLMGW__LIT("://" MANTLE ".")) == SIZE_MAX
               ? "bedrock"
               : MANTLE;
}
