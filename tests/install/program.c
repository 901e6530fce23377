/*
 * install/program.c - what a user of an installed libllmgw builds first. Asks
 * nobody: a gateway without providers answers at once.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/llmgw.h>

static llmgw_error_kind ask(llmgw_gateway *gateway);

int main(void)
{
    static const char config[] = "{\"environment\": false}";
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_error_kind kind;
    char headers[32];

    snprintf(headers, sizeof headers, "%d.%d.%d", LLMGW_VERSION_MAJOR,
             LLMGW_VERSION_MINOR, LLMGW_VERSION_PATCH);
    options.config_json.data = config;
    options.config_json.len = sizeof config - 1;
    if (llmgw_gateway_open(&options, &gateway, NULL) != LLMGW_OK)
        return 1;
    kind = ask(gateway);
    llmgw_gateway_close(gateway);
    printf("libllmgw %s: %s\n", llmgw_version(), llmgw_error_kind_name(kind));
    return kind != LLMGW_KIND_NONE && strcmp(headers, llmgw_version()) == 0 ? 0
                                                                            : 1;
}

static llmgw_error_kind ask(llmgw_gateway *gateway)
{
    llmgw_str text = {"Hello?", 6};
    llmgw_request *request;
    llmgw_call *call = NULL;
    llmgw_error_kind kind = LLMGW_KIND_NONE;

    if (llmgw_request_create("nobody/nothing", &request) == LLMGW_OK &&
        llmgw_request_add_text(request, "user", text) == LLMGW_OK &&
        llmgw_chat(gateway, request, NULL, &call) == LLMGW_OK)
        kind = llmgw_error_get_kind(llmgw_call_error(call));
    llmgw_call_free(call);
    llmgw_request_free(request);
    return kind;
}
