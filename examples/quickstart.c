/*
 * quickstart.c - one streamed answer through a route, and what it took.
 *
 *     sh examples/quickstart.sh "Why is the sky blue?"
 *
 * With keys of real providers in the environment the route is those
 * providers. Without any, QUICKSTART_URL must name a fake provider (the script
 * starts one): then the route's first target fails, and the second answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <llmgw/llmgw.h>

enum {
    NO_KEY = 3 /* exit code: the script then starts the fake provider */
};

struct service {
    const char *keys[2]; /* environment variables, either will do */
    const char *target;  /* a customary cheap model */
};

static const struct service services[] = {
    /* clang-format off */
    { { "OPENAI_API_KEY", NULL },             "openai/gpt-4.1-mini" },
    { { "ANTHROPIC_API_KEY", NULL },          "anthropic/claude-haiku-4-5" },
    { { "GOOGLE_API_KEY", "GEMINI_API_KEY" }, "google/gemini-3.5-flash-lite" },
    { { "MISTRAL_API_KEY", NULL },            "mistral/mistral-small-2603" },
    { { "DEEPSEEK_API_KEY", NULL },           "deepseek/deepseek-flash" },
    { { "DASHSCOPE_API_KEY", "ALIBABA_API_KEY" }, "dashscope/qwen3.6-flash" },
    { { "GROQ_API_KEY", NULL },               "groq/openai/gpt-oss-20b" },
    { { "XAI_API_KEY", NULL },                "xai/grok-4.3" },
    { { "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY" },
      "together/meta-llama/Llama-3.3-70B-Instruct-Turbo" },
    { { "FIREWORKS_API_KEY", NULL },
      "fireworks/accounts/fireworks/models/gpt-oss-120b" },
    { { "OPENROUTER_API_KEY", NULL },         "openrouter/openai/gpt-4.1-mini" },
    { { "TOKENMIX_API_KEY", NULL },           "tokenmix/gpt-4.1-mini" },
    /* clang-format on */
};

static const char real_config[] =
    "{\"routes\": {\"quickstart\": {\"targets\": [%s], \"max_attempts\": 4}}}";

static const char fake_config[] =
    "{\"environment\": false, \"providers\": {"
    "\"anthropic\": {\"base_url\": \"%s/anthropic\", \"api_key\": \"none\"},"
    "\"openai\": {\"base_url\": \"%s/openai/v1\", \"api_key\": \"none\"}},"
    "\"routes\": {\"quickstart\": {\"targets\": ["
    "\"anthropic/claude-haiku-4-5\", \"openai/gpt-4.1-mini\"]}}}";

static int write_config(char *out, size_t size);
static llmgw_status open_gateway(const char *config, llmgw_gateway **out);
static int ask(llmgw_gateway *gateway, const char *question);
static int32_t print_chunk(const llmgw_chunk *chunk, void *userdata);
static void print_table(const llmgw_call *call);
static void print_attempt(const llmgw_attempt *attempt, const int widths[2]);
static void print_total(const llmgw_call *call, const int widths[2]);
static const char *outcome(const llmgw_attempt *attempt);
static const char *style(const char *escape);

int main(int argc, char **argv)
{
    const char *question = argc > 1 ? argv[1] : "Why is the sky blue?";
    llmgw_gateway *gateway;
    char config[4096];
    int result;

    if (!write_config(config, sizeof config))
        return NO_KEY;
    if (open_gateway(config, &gateway) != LLMGW_OK)
        return 1;
    printf("%s%s%s\n\n", style("\033[1m"), question, style("\033[0m"));
    result = ask(gateway, question);
    llmgw_gateway_close(gateway);
    return result;
}

/* an empty variable is an absent one */
static int has_value(const char *variable)
{
    const char *value = variable ? getenv(variable) : NULL;

    return value && *value;
}

/* the providers whose keys are there, in the table's order */
static int write_config(char *out, size_t size)
{
    const char *fake = getenv("QUICKSTART_URL");
    char targets[2048] = "";
    size_t len = 0;

    for (size_t i = 0; !fake && i < sizeof services / sizeof *services; i++) {
        const struct service *service = &services[i];

        if (has_value(service->keys[0]) || has_value(service->keys[1]))
            len +=
                (size_t)snprintf(targets + len, sizeof targets - len,
                                 "%s\"%s\"", len ? ", " : "", service->target);
    }
    if (fake && snprintf(out, size, fake_config, fake, fake) < (int)size) {
        puts("A fake provider on this machine plays two of them, the first "
             "one overloaded.\n");
        return 1;
    }
    if (len > 0 && snprintf(out, size, real_config, targets) < (int)size) {
        printf("Keys found; the route is %s.\n\n", targets);
        return 1;
    }
    puts("No key of a provider is set (OPENAI_API_KEY, ANTHROPIC_API_KEY, …).");
    return 0;
}

static llmgw_status open_gateway(const char *config, llmgw_gateway **out)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_error *error = NULL;
    llmgw_status status;

    options.config_json.data = config;
    options.config_json.len = strlen(config);
    status = llmgw_gateway_open(&options, out, &error);
    if (status != LLMGW_OK)
        fprintf(stderr, "no gateway: %s: %s\n", llmgw_status_text(status),
                llmgw_error_message(error));
    llmgw_error_free(error);
    return status;
}

static int ask(llmgw_gateway *gateway, const char *question)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_str text = {question, strlen(question)};
    llmgw_request *request;
    llmgw_call *call = NULL;
    llmgw_status status = llmgw_request_create("quickstart", &request);
    int answered;

    options.on_chunk = print_chunk;
    if (status == LLMGW_OK)
        status = llmgw_request_add_text(request, "user", text);
    if (status == LLMGW_OK)
        status = llmgw_chat(gateway, request, &options, &call);
    answered = llmgw_call_end(call) == LLMGW_END_RESPONSE;
    puts("\n");
    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    else if (!answered)
        fprintf(stderr, "no answer: %s\n\n",
                llmgw_error_message(llmgw_call_error(call)));
    print_table(call);
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
    return fflush(stdout) == 0 ? 0 : 1; /* nobody reads any more: stop */
}

/* one line an attempt, the first two columns as wide as they must be */
static void print_table(const llmgw_call *call)
{
    size_t count = llmgw_call_attempt_count(call);
    int widths[2] = {8, 8};

    for (size_t i = 0; i < count; i++) {
        const llmgw_attempt *attempt = llmgw_call_attempt(call, i);
        int target = (int)strlen(llmgw_attempt_target(attempt));
        int end = (int)strlen(outcome(attempt));

        widths[0] = target > widths[0] ? target : widths[0];
        widths[1] = end > widths[1] ? end : widths[1];
    }
    printf("%s%-*s  %-*s HTTP %8s %8s %7s %9s%s\n", style("\033[2m"), widths[0],
           "attempt", widths[1], "outcome", "first ms", "total ms", "tokens",
           "cost USD", style("\033[0m"));
    for (size_t i = 0; i < count; i++)
        print_attempt(llmgw_call_attempt(call, i), widths);
    print_total(call, widths);
}

static const char *outcome(const llmgw_attempt *attempt)
{
    const llmgw_error *error = llmgw_attempt_error(attempt);

    return error ? llmgw_error_kind_name(llmgw_error_get_kind(error))
                 : "answered";
}

/* to a millionth; the library counts to 10^-12 */
static void write_cost(char *out, size_t size, int64_t usd, int64_t pico)
{
    snprintf(out, size, "%lld.%06lld", (long long)usd,
             (long long)(pico / 1000000));
}

static void print_attempt(const llmgw_attempt *attempt, const int widths[2])
{
    const llmgw_usage *usage = llmgw_attempt_usage(attempt);
    const int64_t dollar = 1000000000000;
    uint64_t first_ns = llmgw_attempt_ns(attempt, LLMGW_TIME_CONTENT);
    uint64_t total_ns = llmgw_attempt_ns(attempt, LLMGW_TIME_END);
    int64_t pico;
    char tokens[48] = "-";
    char first[32] = "-";
    char cost[48] = "unknown";

    if (usage)
        snprintf(tokens, sizeof tokens, "%lld+%lld",
                 (long long)llmgw_usage_count(usage, LLMGW_USAGE_PROMPT),
                 (long long)llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION));
    if (first_ns > 0)
        snprintf(first, sizeof first, "%.1f", (double)first_ns / 1e6);
    if (llmgw_attempt_cost(attempt, &pico))
        write_cost(cost, sizeof cost, pico / dollar, pico % dollar);
    printf("%-*s  %s%-*s%s %4d %8s %8.1f %7s %9s\n", widths[0],
           llmgw_attempt_target(attempt),
           style(llmgw_attempt_error(attempt) ? "\033[31m" : "\033[32m"),
           widths[1], outcome(attempt), style("\033[0m"),
           (int)llmgw_attempt_http_status(attempt), first,
           (double)total_ns / 1e6, tokens, cost);
}

static void print_total(const llmgw_call *call, const int widths[2])
{
    llmgw_money sum = {0, 0};
    int64_t unknown = llmgw_call_cost(call, &sum);
    char cost[48];

    write_cost(cost, sizeof cost, sum.usd, sum.pico);
    printf("%-*s  %-*s %4s %8.1f %8.1f %7s %9s%s\n", widths[0], "the call",
           widths[1], "", "", (double)llmgw_call_first_content_ns(call) / 1e6,
           (double)llmgw_call_duration_ns(call) / 1e6, "", cost,
           unknown > 0 ? " (+ unknown)" : "");
}

static const char *style(const char *escape)
{
    return isatty(STDOUT_FILENO) ? escape : "";
}
