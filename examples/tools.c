/*
 * tools.c - let the model call a function of this program, then answer.
 *
 *     OPENAI_API_KEY=... build/examples/tools openai/gpt-4.1-mini
 *
 * The loop: ask; run the tools that the answer calls; append the answer and
 * the results to the request; ask again, until it calls no tool.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/llmgw.h>

#define STR(literal) ((llmgw_str){(literal), sizeof(literal) - 1})

enum {
    GO_ON,
    DONE,
    FAILED
};

static llmgw_status prepare(llmgw_request *request);
static int take_turn(llmgw_gateway *gateway, llmgw_request *request);
static llmgw_status run_tools(llmgw_request *request,
                              const llmgw_response *response);

int main(int argc, char **argv)
{
    const char *model = argc > 1 ? argv[1] : "openai/gpt-4.1-mini";
    llmgw_gateway *gateway = NULL;
    llmgw_request *request = NULL;
    llmgw_status status = llmgw_gateway_open(NULL, &gateway, NULL);
    int result = GO_ON;

    if (status == LLMGW_OK)
        status = llmgw_request_create(model, &request);
    if (status == LLMGW_OK)
        status = prepare(request);
    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    /* bounded: a model may never have called enough */
    for (int i = 0; status == LLMGW_OK && result == GO_ON && i < 5; i++)
        result = take_turn(gateway, request);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    return result == DONE ? 0 : 1;
}

static llmgw_status prepare(llmgw_request *request)
{
    llmgw_status status = llmgw_request_add_tool(
        request, "get_weather", "Current weather of a city",
        STR("{\"type\":\"object\",\"properties\":{\"city\":"
            "{\"type\":\"string\"}},\"required\":[\"city\"]}"));

    if (status != LLMGW_OK)
        return status;
    return llmgw_request_add_text(request, "user",
                                  STR("Do I need a coat in Oslo today?"));
}

static int take_turn(llmgw_gateway *gateway, llmgw_request *request)
{
    llmgw_call *call;
    llmgw_status status = llmgw_chat(gateway, request, NULL, &call);
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str text = llmgw_response_text(response);
    int result = FAILED;

    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    else if (llmgw_call_end(call) != LLMGW_END_RESPONSE)
        fprintf(stderr, "no answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
    else if (llmgw_response_tool_call_count(response, 0) > 0)
        result = run_tools(request, response) == LLMGW_OK ? GO_ON : FAILED;
    else
        result = printf("%.*s\n", (int)text.len, text.data) > 0 ? DONE : FAILED;
    llmgw_call_free(call);
    return result;
}

static llmgw_status run_tools(llmgw_request *request,
                              const llmgw_response *response)
{
    size_t count = llmgw_response_tool_call_count(response, 0);
    llmgw_status status = llmgw_request_add_response(request, response, 0);

    for (size_t i = 0; status == LLMGW_OK && i < count; i++) {
        llmgw_str id = llmgw_response_tool_call_id(response, 0, i);
        llmgw_str name = llmgw_response_tool_call_name(response, 0, i);
        llmgw_str args = llmgw_response_tool_call_arguments(response, 0, i);

        printf("%.*s %.*s\n", (int)name.len, name.data, (int)args.len,
               args.data);
        status = llmgw_request_add_tool_result(
            request, id, STR("{\"celsius\":-3,\"sky\":\"snow\"}"));
    }
    return status;
}
