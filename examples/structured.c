/*
 * structured.c - get JSON that follows a schema.
 *
 *     OPENAI_API_KEY=... build/examples/structured openai/gpt-4.1-mini \
 *         "Ada Lovelace was born in London in 1815."
 *
 * Where a provider has no such mode, the library does it by other means of
 * that provider, and says so in the call's adjustments.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/llmgw.h>

static const char schema[] =
    "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"person\","
    "\"strict\":true,\"schema\":{\"type\":\"object\",\"properties\":{"
    "\"name\":{\"type\":\"string\"},\"born\":{\"type\":\"integer\"}},"
    "\"required\":[\"name\",\"born\"],\"additionalProperties\":false}}}";

static llmgw_status prepare(llmgw_request *request, const char *text);
static int ask(llmgw_gateway *gateway, const llmgw_request *request);

int main(int argc, char **argv)
{
    const char *model = argc > 1 ? argv[1] : "openai/gpt-4.1-mini";
    const char *text =
        argc > 2 ? argv[2] : "Ada Lovelace was born in London in 1815.";
    llmgw_gateway *gateway = NULL;
    llmgw_request *request = NULL;
    llmgw_status status = llmgw_gateway_open(NULL, &gateway, NULL);
    int result = 1;

    if (status == LLMGW_OK)
        status = llmgw_request_create(model, &request);
    if (status == LLMGW_OK)
        status = prepare(request, text);
    if (status == LLMGW_OK)
        result = ask(gateway, request);
    else
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    return result;
}

static llmgw_status prepare(llmgw_request *request, const char *text)
{
    llmgw_str format = {schema, sizeof schema - 1};
    llmgw_str order = {"Extract the person.", 19};
    llmgw_str user = {text, strlen(text)};
    llmgw_status status =
        llmgw_request_set_json(request, "response_format", format);

    if (status == LLMGW_OK)
        status = llmgw_request_set_int(request, "max_tokens", 200);
    if (status == LLMGW_OK)
        status = llmgw_request_add_text(request, "system", order);
    if (status == LLMGW_OK)
        status = llmgw_request_add_text(request, "user", user);
    return status;
}

static int ask(llmgw_gateway *gateway, const llmgw_request *request)
{
    llmgw_call *call;
    llmgw_status status = llmgw_chat(gateway, request, NULL, &call);
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str text = llmgw_response_text(response);
    llmgw_finish_reason finish = llmgw_response_finish_reason(response, 0);
    int whole = llmgw_call_end(call) == LLMGW_END_RESPONSE &&
                finish == LLMGW_FINISH_STOP;

    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    else if (llmgw_call_end(call) != LLMGW_END_RESPONSE)
        fprintf(stderr, "no answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
    else if (!whole) /* cut by max_tokens or withheld: not valid JSON */
        fprintf(stderr, "ended early: %s\n", llmgw_finish_name(finish));
    else
        printf("%.*s\n", (int)text.len, text.data);
    llmgw_call_free(call);
    return whole ? 0 : 1;
}
