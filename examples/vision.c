/*
 * vision.c - show the model a picture.
 *
 *     OPENAI_API_KEY=... build/examples/vision openai/gpt-4.1-mini \
 *         https://example.org/cat.jpg "What is on it?"
 *
 * A data URL works as well ("data:image/png;base64,..."); it is turned into
 * whatever the provider wants. Without one, a red square is shown.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/llmgw.h>

#define RED_SQUARE                                                   \
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABL" \
    "bSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53yE8AAAAASUVORK5CYII="

static llmgw_str view(const char *text);
static int ask(llmgw_gateway *gateway, const llmgw_request *request);
static void print_adjustments(const llmgw_call *call);

int main(int argc, char **argv)
{
    const char *model = argc > 1 ? argv[1] : "openai/gpt-4.1-mini";
    const char *url = argc > 2 ? argv[2] : RED_SQUARE;
    const char *question = argc > 3 ? argv[3] : "What is on this picture?";
    llmgw_gateway *gateway = NULL;
    llmgw_request *request = NULL;
    llmgw_status status = llmgw_gateway_open(NULL, &gateway, NULL);
    int result = 1;

    if (status == LLMGW_OK)
        status = llmgw_request_create(model, &request);
    if (status == LLMGW_OK)
        status = llmgw_request_add_image(request, view(question), view(url));
    if (status == LLMGW_OK)
        result = ask(gateway, request);
    else
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    return result;
}

static llmgw_str view(const char *text)
{
    llmgw_str str = {text, strlen(text)};

    return str;
}

static int ask(llmgw_gateway *gateway, const llmgw_request *request)
{
    llmgw_call *call;
    llmgw_status status = llmgw_chat(gateway, request, NULL, &call);
    llmgw_str text = llmgw_response_text(llmgw_call_response(call));
    int answered = llmgw_call_end(call) == LLMGW_END_RESPONSE;

    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    else if (!answered)
        fprintf(stderr, "no answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
    else
        printf("%.*s\n", (int)text.len, text.data);
    print_adjustments(call);
    llmgw_call_free(call);
    return answered ? 0 : 1;
}

/* what the answering provider could not take as it was asked */
static void print_adjustments(const llmgw_call *call)
{
    for (size_t i = 0; i < llmgw_call_adjustment_count(call); i++)
        printf("(%s was %s: %s)\n", llmgw_call_adjustment_param(call, i),
               llmgw_call_adjustment_action(call, i),
               llmgw_call_adjustment_reason(call, i));
}
