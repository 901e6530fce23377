/*
 * failover.c - ask a route: when one provider fails, the next one answers.
 *
 *     ANTHROPIC_API_KEY=... OPENAI_API_KEY=... build/examples/failover "Why?"
 *
 * Nothing of the failure reaches the caller; the call tells afterwards whom
 * it asked, and what went wrong there. A target that fails is asked once more
 * after a short wait ("retries"), one that keeps failing is left alone for a
 * while ("breaker"), and no call costs more than it may ("max_cost_usd"):
 * llmgw/failover.h has all of it.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/llmgw.h>

static const char config[] =
    "{\"routes\": {\"reliable\": {"
    "  \"targets\": [\"anthropic/claude-haiku-4-5\", \"openai/gpt-4.1-mini\"],"
    "  \"max_attempts\": 4, \"first_ms\": 10000, \"total_ms\": 60000,"
    "  \"retries\": 1, \"backoff_ms\": 200, \"max_cost_usd\": \"0.50\"}},"
    " \"breaker\": {\"failures\": 3, \"open_ms\": 10000}}";

static int ask(llmgw_gateway *gateway, const char *question);
static void print_attempts(const llmgw_call *call);
static void print_plan(const llmgw_call *call);

int main(int argc, char **argv)
{
    const char *question = argc > 1 ? argv[1] : "Why is the sky blue?";
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_error *error = NULL;
    llmgw_status status;
    int result;

    options.config_json.data = config;
    options.config_json.len = sizeof config - 1;
    status = llmgw_gateway_open(&options, &gateway, &error);
    if (status != LLMGW_OK) {
        fprintf(stderr, "no gateway: %s: %s\n", llmgw_status_text(status),
                llmgw_error_message(error));
        llmgw_error_free(error);
        return 1;
    }
    result = ask(gateway, question);
    llmgw_gateway_close(gateway);
    return result;
}

static int ask(llmgw_gateway *gateway, const char *question)
{
    llmgw_str text = {question, strlen(question)};
    llmgw_request *request;
    llmgw_call *call = NULL;
    llmgw_status status = llmgw_request_create("reliable", &request);
    int answered;

    if (status == LLMGW_OK)
        status = llmgw_request_add_text(request, "user", text);
    if (status == LLMGW_OK)
        status = llmgw_chat(gateway, request, NULL, &call);
    answered = llmgw_call_end(call) == LLMGW_END_RESPONSE;
    text = llmgw_response_text(llmgw_call_response(call));
    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    else if (!answered)
        fprintf(stderr, "no answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
    else
        printf("%.*s\n\n", (int)text.len, text.data);
    print_attempts(call);
    print_plan(call);
    llmgw_call_free(call);
    llmgw_request_free(request);
    return answered ? 0 : 1;
}

static void print_attempts(const llmgw_call *call)
{
    for (size_t i = 0; i < llmgw_call_attempt_count(call); i++) {
        const llmgw_attempt *attempt = llmgw_call_attempt(call, i);
        const llmgw_error *error = llmgw_attempt_error(attempt);

        printf("%s: %s, HTTP %d\n", llmgw_attempt_target(attempt),
               error ? llmgw_error_message(error) : "answered",
               (int)llmgw_attempt_http_status(attempt));
    }
}

/** Everybody who was considered, in order, and why there. */
static void print_plan(const llmgw_call *call)
{
    for (size_t i = 0; i < llmgw_call_plan_count(call); i++)
        printf("considered %s: %s\n", llmgw_call_plan_target(call, i),
               llmgw_call_plan_reason(call, i));
}
