/*
 * hedge.c - do not wait for a slow provider: ask a second one beside it.
 *
 *     ANTHROPIC_API_KEY=... OPENAI_API_KEY=... build/examples/hedge "Why?"
 *
 * After so long without content another target is asked; who is first is
 * printed, the other one is cancelled. "budget" and "burst" say how many calls
 * may be doubled, and what the loser cost stands in the ledger, too.
 */
#include <stdio.h>
#include <string.h>

#include <llmgw/llmgw.h>

static const char config[] =
    "{\"routes\": {\"quick\": {"
    "  \"targets\": [\"anthropic/claude-haiku-4-5\", \"openai/gpt-4.1-mini\"],"
    "  \"hedge\": {\"after_ms\": 300, \"budget\": 0.25, \"burst\": 10},"
    "  \"max_cost_usd\": \"0.50\"}}}";

static int ask(llmgw_gateway *gateway, const char *question);
static int32_t print_chunk(const llmgw_chunk *chunk, void *userdata);
static void print_race(const llmgw_call *call);

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
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_str text = {question, strlen(question)};
    llmgw_request *request;
    llmgw_call *call = NULL;
    llmgw_status status = llmgw_request_create("quick", &request);
    int answered;

    options.on_chunk = print_chunk;
    if (status == LLMGW_OK)
        status = llmgw_request_add_text(request, "user", text);
    if (status == LLMGW_OK)
        status = llmgw_chat(gateway, request, &options, &call);
    answered = llmgw_call_end(call) == LLMGW_END_RESPONSE;
    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    else if (!answered)
        fprintf(stderr, "no answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
    print_race(call);
    llmgw_call_free(call);
    llmgw_request_free(request);
    return answered ? 0 : 1;
}

static int32_t print_chunk(const llmgw_chunk *chunk, void *userdata)
{
    llmgw_str text = llmgw_chunk_text(chunk);

    (void)userdata;
    if (text.len > 0)
        fwrite(text.data, 1, text.len, stdout);
    return 0;
}

/** Who started when, and how that ended. */
static void print_race(const llmgw_call *call)
{
    static const char *const ends[] = {"running", "answered", "failed",
                                       "cancelled"};

    printf("\n\n");
    for (size_t i = 0; i < llmgw_call_attempt_count(call); i++) {
        const llmgw_attempt *attempt = llmgw_call_attempt(call, i);

        printf("%s: %s, started after %lld ms\n", llmgw_attempt_target(attempt),
               ends[llmgw_attempt_end(attempt)],
               (long long)(llmgw_attempt_ns(attempt, LLMGW_TIME_STARTED) /
                           1000000));
    }
}
