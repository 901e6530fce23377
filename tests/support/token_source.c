/*
 * support/token_source.c - a source of credentials for tests.
 */
#include "support/token_source.h"

#include <stdio.h>
#include <string.h>

#include "api/gateway.h"
#include "base/text.h"
#include "provider/credential.h"
#include "provider/provider.h"

static char token_url[256];

static llmgw_status begin(struct llmgw__credential_fetch *fetch)
{
    struct llmgw__http_request *request = &fetch->request;

    *(int *)fetch->state += 1;
    request->method = "GET";
    request->url = llmgw__arena_dup(fetch->arena, llmgw__str(token_url));
    request->headers =
        llmgw__arena_array(fetch->arena, 2, sizeof *request->headers);
    request->header_cap = 2;
    if (!request->url || !request->headers)
        return LLMGW_E_NOMEM;
    return llmgw__http_header_add(request, LLMGW__LIT("x-client-secret"),
                                  LLMGW__LIT(TOKEN_SOURCE_SECRET), true);
}

static llmgw_status refuse(struct llmgw__credential_fetch *fetch,
                           int32_t status, llmgw_str body)
{
    char message[256];

    (void)snprintf(message, sizeof message, "token endpoint: %d %.*s",
                   (int)status, (int)(body.len < 200 ? body.len : 200),
                   body.data ? body.data : "");
    llmgw__error_setz(&fetch->error,
                      status >= 500 ? LLMGW_KIND_UPSTREAM_UNAVAILABLE
                                    : LLMGW_KIND_AUTH,
                      message);
    return LLMGW_E_INVALID;
}

static llmgw_status answer(struct llmgw__credential_fetch *fetch,
                           int32_t status, llmgw_str body)
{
    size_t space = llmgw__str_find(body, LLMGW__LIT(" "));
    struct llmgw__credential_texts texts = {.key = {NULL, 0}};
    int64_t expires_s;

    if (*(int *)fetch->state != 1 || status != 200 || space == SIZE_MAX ||
        !llmgw__str_int64(
            llmgw__str_n(body.data + space + 1, body.len - space - 1),
            &expires_s))
        return refuse(fetch, status, body);
    texts.key = llmgw__str_n(body.data, space);
    fetch->out = llmgw__credential_make(&texts, expires_s);
    return fetch->out ? LLMGW_OK : LLMGW_E_NOMEM;
}

static const struct llmgw__credential_source source = {
    .state_size = sizeof(int),
    .begin = begin,
    .answer = answer,
};

void token_source_install(llmgw_gateway *gateway, const char *url)
{
    static struct llmgw__provider_row row;
    struct llmgw__catalog *catalog = llmgw__gateway_catalog(gateway);

    (void)snprintf(token_url, sizeof token_url, "%s/token", url);
    row = *llmgw__provider_row_find(LLMGW__LIT("compatible"));
    row.credentials = &source;
    for (size_t i = 0; i < catalog->provider_count; i++) {
        struct llmgw__provider *provider = &catalog->providers[i];

        if (strcmp(provider->row->name, "compatible") == 0 &&
            !provider->api_key) {
            provider->row = &row;
            provider->key_may_come = true;
        }
    }
    llmgw__catalog_drop(catalog);
}
