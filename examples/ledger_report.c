/*
 * ledger_report.c - ask for a few things, then print what they have cost: as
 * rows by model, and as CSV by day and team.
 *
 *     OPENAI_API_KEY=... build/examples/ledger_report
 */
#include <stdio.h>

#include <llmgw/llmgw.h>

static void ask(llmgw_gateway *gateway, const char *question, const char *tags)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call = NULL;

    options.tags = tags;
    if (llmgw_request_create("openai/gpt-4.1-mini", &request) != LLMGW_OK)
        return;
    if (llmgw_request_add_text(request, "user", llmgw_str_of(question)) ==
        LLMGW_OK)
        (void)llmgw_chat(gateway, request, &options, &call);
    llmgw_call_free(call);
    llmgw_request_free(request);
}

static int32_t print_total(const llmgw_total *total, void *userdata)
{
    char billed[LLMGW_MONEY_TEXT];

    (void)userdata;
    printf("%.*s: %d calls, %s USD\n", (int)total->key.len, total->key.data,
           (int)total->entries, llmgw_money_text(&total->cost, billed));
    return 0;
}

static int32_t print_text(const char *data, size_t len, void *userdata)
{
    return fwrite(data, 1, len, userdata) != len;
}

int main(void)
{
    llmgw_report_options report = LLMGW_REPORT_OPTIONS_INIT;
    llmgw_gateway *gateway;

    if (llmgw_gateway_open(NULL, &gateway, NULL) != LLMGW_OK)
        return 1;
    ask(gateway, "Why is the sky blue?", "team=physics");
    ask(gateway, "What is a haiku?", "team=letters");
    (void)llmgw_ledger_totals(gateway, LLMGW_GROUP_MODEL, NULL, print_total,
                              NULL);
    report.group = LLMGW_GROUP_TAG;
    report.tag_name = "team";
    report.step = LLMGW_STEP_DAY;
    (void)llmgw_ledger_report_csv(gateway, &report, print_text, stdout);
    llmgw_gateway_close(gateway);
    return 0;
}
