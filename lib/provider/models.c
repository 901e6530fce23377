/*
 * provider/models.c - lists of models: how each wire writes them, and one walk
 * for all.
 *
 * Source: the API references of OpenAI ("List models"), Anthropic ("List
 * models"), Google ("models.list") and Cohere ("List models"); Ollama's
 * api/types.go; recorded answers. Some services of the first kind leave out
 * the object around the list. Memory: the URL; views of the body.
 */
#include <string.h>

#include "base/clock.h"
#include "endpoints.h"
#include "gemini_target.h"
#include "site.h"
#include "url.h"

#define MAX_URL 8192

/* clang-format off */
const struct llmgw__models_part llmgw__openai_list = {
    .first = "/models", .version = "",
    .list = "data", .id = "id", .prefix = "", .created = "created",
};
const struct llmgw__models_part llmgw__anthropic_list = {
    .first = "/v1/models?limit=1000", .onward = "&after_id=", .version = "",
    .header = "anthropic-version", .setting = "api_version",
    .value = "2023-06-01",
    .list = "data", .id = "id", .prefix = "", .created = "created_at",
    .next = "last_id", .more = "has_more",
};
const struct llmgw__models_part llmgw__gemini_list = {
    .first = "/v1beta/models?pageSize=1000", .onward = "&pageToken=",
    .version = "/v1beta",
    .list = "models", .id = "name", .prefix = "models/",
    .next = "nextPageToken",
};
const struct llmgw__models_part llmgw__cohere_list = {
    .first = "/v1/models?page_size=1000", .onward = "&page_token=",
    .version = "/v2",
    .list = "models", .id = "name", .prefix = "",
    .next = "next_page_token",
};
const struct llmgw__models_part llmgw__ollama_list = {
    .first = "/api/tags", .version = "/v1",
    .list = "models", .id = "name", .prefix = "",
};
/* clang-format on */

/** What is told beside the models. */
struct page {
    struct llmgw__jstr next;
    bool more;
    bool list; /* there is one */
};

/** Whom the models are for. */
struct taker {
    const struct llmgw__models_part *part;
    const struct llmgw__decode *decode;
    llmgw__take_model_fn take;
    void *userdata;
};

static llmgw_status add_header(const struct llmgw__models_part *part,
                               struct llmgw__encode *encode);
static llmgw_status read_members(const struct taker *taker,
                                 struct llmgw__json *json, struct page *page);
static llmgw_status read_list(const struct taker *taker,
                              struct llmgw__json *json);
static llmgw_status read_model(const struct taker *taker,
                               struct llmgw__json *json);

llmgw_status llmgw__models_encode(const struct llmgw__models_part *part,
                                  struct llmgw__encode *encode)
{
    llmgw_str base = llmgw__str(encode->target->provider->base_url);
    struct llmgw__http_request *request = encode->request;
    struct llmgw__buf url;
    llmgw_status status;

    if (!part) {
        llmgw__error_refuse(encode->error, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                            "model", "this provider lists no models");
        return LLMGW_E_INVALID;
    }
    if (*part->version && llmgw__str_ends(base, part->version))
        base.len -= strlen(part->version);
    llmgw__buf_init(&url, MAX_URL);
    if (part == &llmgw__openai_list) {
        llmgw__site_url(&url, encode->target->provider, part->first, NULL);
    } else {
        llmgw__buf_add_str(&url, base);
        llmgw__buf_add_z(&url, part->first);
    }
    if (encode->onward.len) {
        llmgw__buf_add_z(&url, part->onward);
        llmgw__url_add_part(&url, encode->onward);
    }
    status = url.status;
    request->method = "GET";
    request->url = status == LLMGW_OK
                       ? llmgw__arena_dup(encode->arena, llmgw__buf_str(&url))
                       : NULL;
    llmgw__buf_clear(&url);
    if (status == LLMGW_OK && !request->url)
        status = LLMGW_E_NOMEM;
    return status == LLMGW_OK ? add_header(part, encode) : status;
}

static llmgw_status add_header(const struct llmgw__models_part *part,
                               struct llmgw__encode *encode)
{
    const char *set =
        part->setting
            ? llmgw__provider_setting(encode->target->provider, part->setting)
            : NULL;
    llmgw_status status =
        llmgw__http_header_add(encode->request, LLMGW__LIT("accept"),
                               LLMGW__LIT("application/json"), false);

    if (status != LLMGW_OK || !part->header)
        return status;
    return llmgw__http_header_add(encode->request, llmgw__str(part->header),
                                  llmgw__str(set ? set : part->value), false);
}

/* --- the answer --- */

llmgw_status llmgw__models_read(const struct llmgw__models_part *part,
                                const struct llmgw__decode *decode,
                                llmgw_str body, llmgw__take_model_fn take,
                                void *userdata, llmgw_str *onward)
{
    const struct taker taker = {part, decode, take, userdata};
    struct page page = {.more = !part->more};
    struct llmgw__json json;
    llmgw_status status;

    llmgw__json_init(&json, body);
    if (llmgw__json_peek(&json) == LLMGW__JSON_ARRAY) {
        page.list = true;
        status = read_list(&taker, &json);
    } else {
        status = read_members(&taker, &json, &page);
    }
    if (status == LLMGW_OK && (!page.list || !llmgw__json_end(&json)))
        status = LLMGW_E_INVALID;
    if (status != LLMGW_OK || !page.next.len || !page.more)
        return status;
    return llmgw__jstr_text(page.next, decode->scratch, onward);
}

static llmgw_status read_members(const struct taker *taker,
                                 struct llmgw__json *json, struct page *page)
{
    const struct llmgw__models_part *part = taker->part;
    llmgw_status status = LLMGW_OK;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(json, &key)) {
        if (llmgw__str_is(key, part->list)) {
            page->list = llmgw__json_peek(json) == LLMGW__JSON_ARRAY;
            status = read_list(taker, json);
        } else if (part->next && llmgw__str_is(key, part->next)) {
            (void)llmgw__json_string(json, &page->next);
        } else if (part->more && llmgw__str_is(key, part->more)) {
            (void)llmgw__json_bool(json, &page->more);
        } else {
            llmgw__json_skip(json);
        }
    }
    return status;
}

static llmgw_status read_list(const struct taker *taker,
                              struct llmgw__json *json)
{
    llmgw_status status = LLMGW_OK;

    if (!llmgw__json_array(json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(json))
        status = read_model(taker, json);
    return status;
}

/** Seconds, or a date. */
static int64_t read_created(struct llmgw__json *json)
{
    struct llmgw__jstr date;
    int64_t seconds = 0;

    if (llmgw__json_peek(json) != LLMGW__JSON_STRING) {
        (void)llmgw__json_int64(json, &seconds);
    } else if (llmgw__json_string(json, &date)) {
        seconds = llmgw__date_parse(date.data, date.len);
    }
    return seconds > 0 ? seconds : 0;
}

static llmgw_status read_model(const struct taker *taker,
                               struct llmgw__json *json)
{
    const struct llmgw__models_part *part = taker->part;
    struct llmgw__jstr id = {NULL, 0, false};
    struct llmgw__model model = {{NULL, 0}, 0};
    llmgw_status status;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return LLMGW_E_INVALID;
    while (llmgw__json_key(json, &key)) {
        if (llmgw__str_is(key, part->id))
            (void)llmgw__json_string(json, &id);
        else if (part->created && llmgw__str_is(key, part->created))
            model.created = read_created(json);
        else
            llmgw__json_skip(json);
    }
    if (!id.len)
        return LLMGW_E_INVALID;
    status = llmgw__jstr_text(id, taker->decode->scratch, &model.id);
    if (status != LLMGW_OK)
        return status;
    if (llmgw__str_starts(model.id, part->prefix)) {
        model.id.data += strlen(part->prefix);
        model.id.len -= strlen(part->prefix);
    }
    return taker->take(taker->userdata, &model);
}
