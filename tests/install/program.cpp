// install/program.cpp - program.c in C++11, with RAII.
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include <llmgw/llmgw.h>

using gateway_ptr = std::unique_ptr<llmgw_gateway, void (*)(llmgw_gateway *)>;
using request_ptr = std::unique_ptr<llmgw_request, void (*)(llmgw_request *)>;
using call_ptr = std::unique_ptr<llmgw_call, void (*)(llmgw_call *)>;

int main()
{
    const std::string config = "{\"environment\": false}";
    const std::string question = "Hello?";
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *opened = nullptr;
    llmgw_request *created = nullptr;
    llmgw_call *ended = nullptr;

    options.config_json = llmgw_str{config.data(), config.size()};
    if (llmgw_gateway_open(&options, &opened, nullptr) != LLMGW_OK)
        return 1;
    gateway_ptr gateway(opened, llmgw_gateway_close);
    if (llmgw_request_create("nobody/nothing", &created) != LLMGW_OK)
        return 1;
    request_ptr request(created, llmgw_request_free);
    if (llmgw_request_add_text(created, "user",
                               llmgw_str{question.data(), question.size()}) !=
            LLMGW_OK ||
        llmgw_chat(opened, created, nullptr, &ended) != LLMGW_OK)
        return 1;
    call_ptr call(ended, llmgw_call_free);
    llmgw_error_kind kind = llmgw_error_get_kind(llmgw_call_error(ended));
    std::cout << "libllmgw " << llmgw_version() << ": "
              << llmgw_error_kind_name(kind) << "\n";
    return kind != LLMGW_KIND_NONE ? 0 : 1;
}
