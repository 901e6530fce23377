/*
 * budget.c - ask until a budget is used up: what a call may cost is told before
 * it, what it has cost after it, and the ledger stays in a file.
 *
 *     OPENAI_API_KEY=... build/examples/budget [LEDGER]
 */
#include <stdio.h>

#include <llmgw/llmgw.h>

static int32_t print_estimate(const llmgw_estimate_info *info, void *userdata)
{
    (void)userdata;
    printf("%.*s: %lld to %lld pico-USD\n", (int)info->target.len,
           info->target.data, (long long)info->least.pico_usd,
           (long long)info->most.pico_usd);
    return 0;
}

static int32_t explain(const llmgw_entry *entry, void *userdata)
{
    llmgw_str sum;

    (void)userdata;
    if (llmgw_entry_explain(entry, &sum) != LLMGW_OK)
        return 1;
    printf("%.*s", (int)sum.len, sum.data);
    llmgw_text_free(sum);
    return 0;
}

int main(int argc, char **argv)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_ledger_filter last = LLMGW_LEDGER_FILTER_INIT;
    llmgw_gateway *gateway;
    llmgw_request *request;
    llmgw_call *call;
    llmgw_error *error = NULL;
    char config[1024];
    llmgw_end end = LLMGW_END_RESPONSE;

    (void)snprintf(config, sizeof config,
                   "{\"ledger\":{\"path\":\"%.800s\"},\"budgets\":{\"tiny\":{"
                   "\"scope\":\"all\",\"window\":\"hour\","
                   "\"limit_usd\":\"0.005\"}}}",
                   argc > 1 ? argv[1] : "ledger.db");
    options.config_json = llmgw_str_of(config);
    if (llmgw_gateway_open(&options, &gateway, &error) != LLMGW_OK ||
        llmgw_request_from_json(
            llmgw_str_of("{\"model\":\"openai/gpt-4.1-mini\",\"max_tokens\":"
                         "1000,\"messages\":[{\"role\":\"user\",\"content\":"
                         "\"Why is the sky blue?\"}]}"),
            &request) != LLMGW_OK) {
        fprintf(stderr, "%s\n", llmgw_error_message(error));
        return 1;
    }
    (void)llmgw_estimate(gateway, request, NULL, print_estimate, NULL, NULL);
    for (int i = 0; i < 1000 && end == LLMGW_END_RESPONSE; i++) {
        if (llmgw_chat(gateway, request, NULL, &call) != LLMGW_OK)
            return 1;
        end = llmgw_call_end(call);
        printf("%s\n", llmgw_error_message(llmgw_call_error(call)));
        llmgw_call_free(call);
    }
    last.newest_first = 1;
    last.max_entries = 1;
    (void)llmgw_ledger_read(gateway, &last, explain, NULL);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    return 0;
}
