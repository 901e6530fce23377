/*
 * stream.c - print an answer while it is being written.
 *
 *     OPENAI_API_KEY=... build/examples/stream openai/gpt-4.1-mini "Why?"
 *
 * Keys come from the environment: the provider's customary variable, and
 * OPENAI_BASE_URL (and the like) for another address.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/llmgw.h>

static int ask(llmgw_gateway *gateway, const char *model, const char *question);
static int32_t print_chunk(const llmgw_chunk *chunk, void *userdata);
static int report(llmgw_call *call);

int main(int argc, char **argv)
{
    const char *model = argc > 1 ? argv[1] : "openai/gpt-4.1-mini";
    const char *question = argc > 2 ? argv[2] : "Why is the sky blue?";
    llmgw_gateway *gateway;
    llmgw_status status = llmgw_gateway_open(NULL, &gateway, NULL);
    int result;

    if (status != LLMGW_OK) {
        fprintf(stderr, "no gateway: %s\n", llmgw_status_text(status));
        return 1;
    }
    result = ask(gateway, model, question);
    llmgw_gateway_close(gateway);
    return result;
}

static int ask(llmgw_gateway *gateway, const char *model, const char *question)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_str text = {question, strlen(question)};
    llmgw_request *request;
    llmgw_call *call = NULL;
    llmgw_status status = llmgw_request_create(model, &request);
    int result = 1;

    options.on_chunk = print_chunk;
    if (status == LLMGW_OK)
        status = llmgw_request_add_text(request, "user", text);
    if (status == LLMGW_OK)
        status = llmgw_chat(gateway, request, &options, &call);
    if (status == LLMGW_OK)
        result = report(call);
    else
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    llmgw_call_free(call);
    llmgw_request_free(request);
    return result;
}

static int32_t print_chunk(const llmgw_chunk *chunk, void *userdata)
{
    llmgw_str text = llmgw_chunk_text(chunk);

    (void)userdata;
    if (text.len > 0)
        fwrite(text.data, 1, text.len, stdout);
    return fflush(stdout) == 0 ? 0 : 1; /* nobody reads any more: stop */
}

static int report(llmgw_call *call)
{
    const llmgw_usage *usage = llmgw_response_usage(llmgw_call_response(call));

    if (llmgw_call_end(call) != LLMGW_END_RESPONSE) {
        fprintf(stderr, "\nno answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
        return 1;
    }
    printf("\n\n%lld tokens in, %lld out\n",
           (long long)llmgw_usage_count(usage, LLMGW_USAGE_PROMPT),
           (long long)llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION));
    return 0;
}
