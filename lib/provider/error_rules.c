/*
 * provider/error_rules.c - the ordered rules of error classification.
 *
 * First match wins: a service's own codes, then codes that many use, then web
 * pages, then words of the text, then the status. New rules go where their
 * precedence is, and bring an example of the body they are for.
 *
 * Source: recorded errors and documentation of 30 services, to 2026-11.
 * Memory: none, const tables.
 */
#include "error_rules.h"

#include <string.h>

/* each text ends with a NUL, the list with one more */
#define OR          "\0"
#define LIST(texts) texts "\0"

/* clang-format off */
const struct llmgw__error_rule llmgw__error_rules[] = {
    /* a router's own class of what went wrong behind it */
    {.kind = LLMGW_KIND_CONTEXT_LENGTH, .family = "openrouter",
     .names = LIST("context_length_exceeded" OR "max_tokens_exceeded" OR
                   "token_limit_exceeded")},
    {.kind = LLMGW_KIND_AUTH, .family = "openrouter",
     .names = LIST("authentication")},
    {.kind = LLMGW_KIND_PERMISSION, .family = "openrouter",
     .names = LIST("permission_denied")},
    {.kind = LLMGW_KIND_QUOTA, .family = "openrouter",
     .names = LIST("payment_required")},
    {.kind = LLMGW_KIND_RATE_LIMIT, .family = "openrouter",
     .names = LIST("rate_limit_exceeded")},
    {.kind = LLMGW_KIND_OVERLOADED, .family = "openrouter",
     .names = LIST("provider_overloaded")},
    {.kind = LLMGW_KIND_UPSTREAM_UNAVAILABLE, .family = "openrouter",
     .names = LIST("provider_unavailable")},
    {.kind = LLMGW_KIND_MODEL_NOT_FOUND, .family = "openrouter",
     .names = LIST("not_found")},
    {.kind = LLMGW_KIND_REQUEST_TOO_LARGE, .family = "openrouter",
     .names = LIST("payload_too_large")},
    {.kind = LLMGW_KIND_CONTENT_POLICY, .family = "openrouter",
     .names = LIST("content_policy_violation" OR "refusal")},
    {.kind = LLMGW_KIND_TIMEOUT, .family = "openrouter",
     .names = LIST("timeout")},
    {.kind = LLMGW_KIND_SERVER_ERROR, .family = "openrouter",
     .names = LIST("server")},
    {.kind = LLMGW_KIND_QUOTA, .family = "anthropic",
     .names = LIST("enforced_spend_limit_reached" OR
                   "contract_spend_limit_reached")},
    {.kind = LLMGW_KIND_QUOTA, .family = "anthropic", .status = {400},
     .any = LIST("api usage limits" OR "credit balance")},
    {.kind = LLMGW_KIND_UNSUPPORTED_PARAMETER, .family = "anthropic",
     .status = {400},
     .any = LIST("tool_choice" OR "thinking.type" OR "prefill"),
     .all = LIST("not supported for this model")},
    {.kind = LLMGW_KIND_QUOTA, .family = "bedrock",
     .names = LIST("ServiceQuotaExceededException")},
    {.kind = LLMGW_KIND_OVERLOADED, .family = "bedrock",
     .names = LIST("ModelNotReadyException")},
    {.kind = LLMGW_KIND_CONTEXT_LENGTH, .family = "bedrock",
     .any = LIST("input is too long for requested model" OR
                 "input tokens exceeded")},
    {.kind = LLMGW_KIND_MODEL_NOT_FOUND, .family = "bedrock",
     .any = LIST("on-demand throughput isn" OR "model identifier is invalid")},
    {.kind = LLMGW_KIND_AUTH, .family = "bedrock",
     .any = LIST("make sure your api key is valid")},
    {.kind = LLMGW_KIND_QUOTA, .family = "bedrock",
     .names = LIST("ThrottlingException"),
     .all = LIST("too many tokens per day")},
    {.kind = LLMGW_KIND_QUOTA, .family = "google", .status = {429},
     .any = LIST("perday" OR "limit: 0," OR "\"quotavalue\": \"0\"" OR
                 "\"quotavalue\":\"0\"")},
    {.kind = LLMGW_KIND_QUOTA, .family = "cohere", .status = {429},
     .any = LIST("/ month")},
    {.kind = LLMGW_KIND_CONTENT_POLICY, .family = "cohere", .status = {498}},
    {.kind = LLMGW_KIND_UNSUPPORTED_PARAMETER, .family = "cohere",
     .status = {400},
     .any = LIST("not supported for this model" OR "does not support")},
    {.kind = LLMGW_KIND_UNSUPPORTED_PARAMETER, .family = "ollama",
     .status = {400},
     .any = LIST("does not support" OR "invalid think value")},
    {.kind = LLMGW_KIND_INVALID_REQUEST, .family = "ollama", .status = {404},
     .any = LIST("404 page not found")}, /* another server, or path */
    {.kind = LLMGW_KIND_CONTEXT_LENGTH, .family = "ollama", .status = {400},
     .any = LIST("exceeds the context length" OR "exceeded max context length")},
    {.kind = LLMGW_KIND_RATE_LIMIT,
     .names = LIST("ThrottlingException")},
    {.kind = LLMGW_KIND_AUTH,
     .names = LIST("UnrecognizedClientException" OR "InvalidSignatureException" OR
                   "ExpiredTokenException")},
    {.kind = LLMGW_KIND_QUOTA, .family = "openai",
     .names = LIST("insufficient_quota" OR "credit_balance_exhausted" OR
                   "organization_spend_limit_exceeded" OR
                   "project_spend_limit_exceeded" OR
                   "organization_usage_limit_exceeded" OR
                   "billing_hard_limit_reached" OR "billing_not_active")},
    {.kind = LLMGW_KIND_RATE_LIMIT, .family = "dashscope",
     .names = LIST("insufficient_quota" OR "limit_requests" OR "limit_burst_rate" OR
                   "Throttling" OR "Throttling.RateQuota" OR
                   "Throttling.AllocationQuota" OR "Throttling.BurstRate")},
    {.kind = LLMGW_KIND_QUOTA, .family = "dashscope",
     .names = LIST("Arrearage" OR "AllocationQuota.FreeTierOnly")},
    {.kind = LLMGW_KIND_CONTENT_POLICY,
     .names = LIST("data_inspection_failed" OR "DataInspectionFailed" OR
                   "content_filter" OR "content_policy_violation" OR
                   "invalid_prompt" OR "ResponsibleAIPolicyViolation" OR
                   "image_content_policy_violation" OR "1301")},
    {.kind = LLMGW_KIND_CONTENT_POLICY, .family = "openai",
     .names = LIST("bio_policy" OR "misalignment_policy_violation")},
    {.kind = LLMGW_KIND_INVALID_REQUEST, .family = "openai",
     .names = LIST("invalid_image" OR "invalid_image_format" OR
                   "invalid_base64_image" OR "invalid_image_url" OR
                   "image_too_large" OR "image_too_small" OR "image_parse_error" OR
                   "invalid_image_mode" OR "image_file_too_large" OR
                   "unsupported_image_media_type" OR "empty_image_file" OR
                   "failed_to_download_image" OR "image_file_not_found" OR
                   "data_residency_mismatch")},
    {.kind = LLMGW_KIND_TIMEOUT, .family = "openai",
     .names = LIST("vector_store_timeout")},
    {.kind = LLMGW_KIND_QUOTA, .family = "zai",
     .names = LIST("1113" OR "1308" OR "1309" OR "1310")},
    {.kind = LLMGW_KIND_RATE_LIMIT, .family = "zai",
     .names = LIST("1302" OR "1303" OR "1304")},
    {.kind = LLMGW_KIND_OVERLOADED, .family = "zai",
     .names = LIST("1305" OR "1312")},
    {.kind = LLMGW_KIND_CONTEXT_LENGTH, .family = "zai",
     .names = LIST("1261")},
    {.kind = LLMGW_KIND_AUTH, .family = "zai",
     .names = LIST("1000" OR "1001" OR "1002" OR "1003" OR "1004" OR "1110" OR "1111" OR
                   "1112" OR "1121")},
    {.kind = LLMGW_KIND_MODEL_NOT_FOUND, .family = "zai",
     .names = LIST("1211" OR "1212" OR "1221" OR "1222")},
    {.kind = LLMGW_KIND_PERMISSION, .family = "zai",
     .names = LIST("1220" OR "1311")},
    {.kind = LLMGW_KIND_QUOTA, .family = "cloudflare",
     .names = LIST("3036")},
    {.kind = LLMGW_KIND_OVERLOADED, .family = "cloudflare",
     .names = LIST("3040")},
    {.kind = LLMGW_KIND_TIMEOUT, .family = "cloudflare",
     .names = LIST("3007" OR "3008")},
    {.kind = LLMGW_KIND_CONTEXT_LENGTH,
     .names = LIST("context_length_exceeded" OR "exceed_context_size_error" OR
                   "too_many_prompt_tokens" OR "TOO_MANY_TOKENS")},
    {.kind = LLMGW_KIND_MODEL_OUTPUT_INVALID, .family = "groq",
     .names = LIST("tool_use_failed" OR "json_validate_failed")},
    {.kind = LLMGW_KIND_AUTH,
     .names = LIST("invalid_api_key" OR "API_KEY_INVALID" OR "InvalidApiKey")},
    {.kind = LLMGW_KIND_MODEL_NOT_FOUND,
     .names = LIST("model_not_found" OR "DeploymentNotFound" OR "ModelNotFound" OR
                   "model_not_supported")},
    {.kind = LLMGW_KIND_OVERLOADED,
     .names = LIST("queue_exceeded" OR "capacity_exceeded" OR "3505" OR
                   "overloaded_error" OR "engine_overloaded_error" OR
                   "service_tier_capacity_exceeded" OR "unavailable_error")},
    {.kind = LLMGW_KIND_REGION,
     .names = LIST("unsupported_country_region_territory")},
    {.kind = LLMGW_KIND_QUOTA,
     .names = LIST("exceeded_current_quota_error" OR "insufficient_quota")},
    {.kind = LLMGW_KIND_REGION, .html = true, .status = {403}},
    {.kind = LLMGW_KIND_UNSUPPORTED_PARAMETER, .status = {400, 422},
     .any = LIST("extra inputs are not permitted" OR "unsupported parameter" OR
                 "is not supported with this model" OR
                 "not supported by this model" OR
                 "function tools with reasoning_effort" OR
                 "unrecognized request argument" OR "unknown parameter")},
    {.kind = LLMGW_KIND_CONTEXT_LENGTH, .status = {400, 413, 422, 500},
     .any = LIST("maximum context length" OR "context window of this model" OR
                 "exceeds the context window" OR "prompt is too long" OR
                 "prompt too long" OR "exceed context limit" OR
                 "exceeds the available context size" OR
                 "maximum number of tokens allowed" OR "input tokens exceeded" OR
                 "too many tokens" OR "too many input tokens" OR
                 "is longer than the model's context length" OR
                 "input tokens exceed the configured limit" OR
                 "`inputs` tokens + `max_new_tokens`" OR
                 "exceeded model token limit" OR
                 "range of input length should be" OR
                 "total length of all messages is too long" OR
                 "model's maximum context limit" OR
                 "prompt contains more tokens than" OR
                 "exceeds maximum context")},
    {.kind = LLMGW_KIND_CONTEXT_LENGTH, .status = {400, 422},
     .any = LIST("current length is")},
    {.kind = LLMGW_KIND_AUTH, .status = {400, 401, 403},
     .any = LIST("incorrect api key" OR "invalid api key" OR "api key not valid" OR
                 "invalid x-api-key" OR "invalid authentication" OR
                 "security token included in the request is invalid" OR
                 "no auth credentials" OR "missing authentication header")},
    {.kind = LLMGW_KIND_CONTENT_POLICY, .status = {400, 403, 422, 451},
     .any = LIST("content management policy" OR "usage policy" OR "safety system" OR
                 "content policy" OR "input was flagged" OR
                 "inappropriate content" OR "sensitive content" OR "moderation")},
    {.kind = LLMGW_KIND_REQUEST_TOO_LARGE, .status = {413},
     .any = LIST("request too large")},
    {.kind = LLMGW_KIND_REQUEST_TOO_LARGE, .status = {429},
     .any = LIST("request too large")},
    {.kind = LLMGW_KIND_QUOTA, .status = {402, 403, 429},
     .any = LIST("insufficient balance" OR "insufficient credits" OR
                 "credit balance" OR "available credits" OR
                 "monthly spending limit" OR "credits expired" OR
                 "payment required" OR "spend limit" OR "out of credits")},
    {.kind = LLMGW_KIND_REGION, .status = {400, 403},
     .any = LIST("country, region, or territory" OR "location is not supported" OR
                 "unsupported region")},
    {.kind = LLMGW_KIND_OVERLOADED, .status = {429, 500, 502, 503, 529},
     .any = LIST("overloaded" OR "at capacity" OR "capacity exceeded" OR
                 "high traffic" OR "too busy" OR "no allowed providers" OR
                 "loading model" OR "no available capacity")},
    {.kind = LLMGW_KIND_OVERLOADED, .status = {200},
     .any = LIST("at capacity" OR "service is currently unavailable")},
    {.kind = LLMGW_KIND_QUOTA, .family = "openai", .status = {429},
     .any = LIST("exceeded your current quota")},
    {.kind = LLMGW_KIND_MODEL_NOT_FOUND, .status = {404},
     .any = LIST("model" OR "deployment")},
    /* services that answer 400 where others have a status for it */
    {.kind = LLMGW_KIND_MODEL_NOT_FOUND, .status = {400, 422},
     .names = LIST("invalid_model"),
     .any = LIST("model not exist" OR "invalid model id" OR "invalid model:" OR
                 "invalid model '" OR "not a valid model id" OR
                 "supported api model names are")},
    {.kind = LLMGW_KIND_UNSUPPORTED_PARAMETER, .status = {400, 422},
     .any = LIST("this model does not support" OR "not enabled for this model" OR
                 "model features ")},
};
/* clang-format on */

const size_t llmgw__error_rule_count =
    sizeof llmgw__error_rules / sizeof llmgw__error_rules[0];

struct number {
    int16_t number;
    int16_t kind;
};

/* clang-format off */
static const struct number statuses[] = {
    {202, LLMGW_KIND_OVERLOADED}, /* queued, to be asked for later */
    {400, LLMGW_KIND_INVALID_REQUEST},
    {401, LLMGW_KIND_AUTH},
    {402, LLMGW_KIND_QUOTA},
    {403, LLMGW_KIND_PERMISSION},
    {404, LLMGW_KIND_MODEL_NOT_FOUND},
    {405, LLMGW_KIND_INVALID_REQUEST},
    {407, LLMGW_KIND_CONNECTION},
    {408, LLMGW_KIND_TIMEOUT},
    {409, LLMGW_KIND_OVERLOADED},
    {413, LLMGW_KIND_REQUEST_TOO_LARGE},
    {414, LLMGW_KIND_REQUEST_TOO_LARGE},
    {415, LLMGW_KIND_INVALID_REQUEST},
    {421, LLMGW_KIND_CONNECTION},
    {422, LLMGW_KIND_INVALID_REQUEST},
    {424, LLMGW_KIND_UPSTREAM_UNAVAILABLE},
    {425, LLMGW_KIND_OVERLOADED},
    {426, LLMGW_KIND_PROTOCOL},
    {429, LLMGW_KIND_RATE_LIMIT},
    {431, LLMGW_KIND_REQUEST_TOO_LARGE},
    {434, LLMGW_KIND_PERMISSION},
    {451, LLMGW_KIND_CONTENT_POLICY},
    {498, LLMGW_KIND_OVERLOADED},
    {499, LLMGW_KIND_TIMEOUT},
    {500, LLMGW_KIND_SERVER_ERROR},
    {501, LLMGW_KIND_UNSUPPORTED_PARAMETER},
    {502, LLMGW_KIND_UPSTREAM_UNAVAILABLE},
    {503, LLMGW_KIND_OVERLOADED},
    {504, LLMGW_KIND_TIMEOUT},
    {520, LLMGW_KIND_UPSTREAM_UNAVAILABLE},
    {521, LLMGW_KIND_UPSTREAM_UNAVAILABLE},
    {522, LLMGW_KIND_TIMEOUT},
    {523, LLMGW_KIND_UPSTREAM_UNAVAILABLE},
    {524, LLMGW_KIND_TIMEOUT},
    {525, LLMGW_KIND_TLS},
    {526, LLMGW_KIND_TLS},
    {527, LLMGW_KIND_UPSTREAM_UNAVAILABLE},
    {529, LLMGW_KIND_OVERLOADED},
    {530, LLMGW_KIND_DNS},
    {598, LLMGW_KIND_TIMEOUT},
    {599, LLMGW_KIND_TIMEOUT},
};

/* libcurl's CURLcode. Stopped by our own callback (23, 42) is no failure and
 * does not come here. */
static const struct number curl_codes[] = {
    {1, LLMGW_KIND_INVALID_REQUEST},
    {3, LLMGW_KIND_INVALID_REQUEST},
    {5, LLMGW_KIND_DNS},
    {6, LLMGW_KIND_DNS},
    {7, LLMGW_KIND_CONNECTION},
    {8, LLMGW_KIND_PROTOCOL},
    {18, LLMGW_KIND_PROTOCOL},
    {28, LLMGW_KIND_TIMEOUT},
    {35, LLMGW_KIND_TLS},
    {51, LLMGW_KIND_TLS},
    {52, LLMGW_KIND_PROTOCOL},
    {53, LLMGW_KIND_TLS},
    {54, LLMGW_KIND_TLS},
    {55, LLMGW_KIND_CONNECTION},
    {56, LLMGW_KIND_CONNECTION},
    {58, LLMGW_KIND_TLS},
    {59, LLMGW_KIND_TLS},
    {60, LLMGW_KIND_TLS},
    {61, LLMGW_KIND_PROTOCOL},
    {77, LLMGW_KIND_TLS},
    {83, LLMGW_KIND_TLS},
    {90, LLMGW_KIND_TLS},
    {91, LLMGW_KIND_TLS},
    {92, LLMGW_KIND_CONNECTION},
    {95, LLMGW_KIND_CONNECTION},
    {96, LLMGW_KIND_CONNECTION},
};

/* Words that say what went wrong where the status said that all is well. */
static const struct {
    const char *word;
    llmgw_error_kind kind;
} words[] = {
    {"invalid_request_error", LLMGW_KIND_INVALID_REQUEST},
    {"INVALID_ARGUMENT", LLMGW_KIND_INVALID_REQUEST},
    {"FAILED_PRECONDITION", LLMGW_KIND_INVALID_REQUEST},
    {"BadRequestError", LLMGW_KIND_INVALID_REQUEST},
    {"authentication_error", LLMGW_KIND_AUTH},
    {"UNAUTHENTICATED", LLMGW_KIND_AUTH},
    {"permission_error", LLMGW_KIND_PERMISSION},
    {"PERMISSION_DENIED", LLMGW_KIND_PERMISSION},
    {"not_found_error", LLMGW_KIND_MODEL_NOT_FOUND},
    {"NOT_FOUND", LLMGW_KIND_MODEL_NOT_FOUND},
    {"request_too_large", LLMGW_KIND_REQUEST_TOO_LARGE},
    {"billing_error", LLMGW_KIND_QUOTA},
    {"rate_limit_error", LLMGW_KIND_RATE_LIMIT},
    {"rate_limit_exceeded", LLMGW_KIND_RATE_LIMIT},
    {"RESOURCE_EXHAUSTED", LLMGW_KIND_RATE_LIMIT},
    {"UNAVAILABLE", LLMGW_KIND_OVERLOADED},
    {"service_unavailable_error", LLMGW_KIND_OVERLOADED},
    {"timeout_error", LLMGW_KIND_TIMEOUT},
    {"DEADLINE_EXCEEDED", LLMGW_KIND_TIMEOUT},
    {"api_error", LLMGW_KIND_SERVER_ERROR},
    {"server_error", LLMGW_KIND_SERVER_ERROR},
    {"INTERNAL", LLMGW_KIND_SERVER_ERROR},
};
/* clang-format on */

static llmgw_error_kind find(const struct number *numbers, size_t count,
                             int32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i].number == number)
            return numbers[i].kind;
    return LLMGW_KIND_NONE;
}

llmgw_error_kind llmgw__error_status_kind(int32_t status)
{
    llmgw_error_kind kind =
        find(statuses, sizeof statuses / sizeof statuses[0], status);

    if (kind != LLMGW_KIND_NONE)
        return kind;
    if (status >= 500)
        return LLMGW_KIND_SERVER_ERROR;
    return status >= 400 ? LLMGW_KIND_INVALID_REQUEST : LLMGW_KIND_PROTOCOL;
}

llmgw_error_kind llmgw__error_curl_kind(int32_t code)
{
    llmgw_error_kind kind =
        find(curl_codes, sizeof curl_codes / sizeof curl_codes[0], code);

    return kind != LLMGW_KIND_NONE ? kind : LLMGW_KIND_CONNECTION;
}

llmgw_error_kind llmgw__error_word_kind(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].kind;
    return LLMGW_KIND_NONE;
}
