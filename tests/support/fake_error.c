/*
 * support/fake_error.c - failures as each wire words them.
 *
 * Sources: recorded error answers of these APIs, shortened.
 */
#include <string.h>

#include "support/fake_internal.h"

/* columns: the wires' own, see fake_wire.column */
static const struct fake_error errors[] = {
    /* clang-format off */
  { "rate_limit", {
    { 429, "requests", "rate_limit_exceeded",
      "Rate limit reached for requests" },
    { 429, "rate_limit_error", NULL,
      "Number of requests has exceeded your rate limit" },
    { 429, "RESOURCE_EXHAUSTED", "GenerateRequestsPerMinutePerProject",
      "Resource has been exhausted (e.g. check quota)." },
    { 429, "ThrottlingException", "throttlingException",
      "Too many requests, please wait before trying again." },
    { 429, NULL, NULL,
      "You are using a Trial key, which is limited to 20 API calls / minute." },
    { 429, NULL, NULL,
      "too many requests, please slow down" },
  } },
  { "quota", {
    { 429, "insufficient_quota", "insufficient_quota",
      "You exceeded your current quota, please check your plan" },
    { 400, "invalid_request_error", NULL,
      "Your credit balance is too low to access the API." },
    { 429, "RESOURCE_EXHAUSTED", "GenerateRequestsPerDayPerProject",
      "You exceeded your current quota, please check your plan" },
    { 400, "ServiceQuotaExceededException", "serviceQuotaExceededException",
      "Your request exceeds the service quota for your account." },
    { 402, NULL, NULL,
      "Please add or update your payment method to continue." },
    { 402, NULL, NULL,
      "this model requires a subscription, upgrade for access" },
  } },
  { "auth", {
    { 401, "invalid_request_error", "invalid_api_key",
      "Incorrect API key provided." },
    { 401, "authentication_error", NULL,
      "invalid x-api-key" },
    { 401, "UNAUTHENTICATED", NULL,
      "Request had invalid authentication credentials." },
    { 403, "UnrecognizedClientException", "unrecognizedClientException",
      "The security token included in the request is invalid." },
    { 401, NULL, NULL,
      "invalid api token" },
    { 401, NULL, NULL,
      "unauthorized" },
  } },
  { "permission", {
    { 403, "invalid_request_error", "permission_denied",
      "You are not allowed to use this model." },
    { 403, "permission_error", NULL,
      "Your API key does not have permission for this resource." },
    { 403, "PERMISSION_DENIED", NULL,
      "The caller does not have permission" },
    { 403, "AccessDeniedException", "accessDeniedException",
      "You don't have access to the model with the specified model ID." },
    { 403, NULL, NULL,
      "your api key does not have permission for this resource" },
    { 403, NULL, NULL,
      "access to this model is disabled" },
  } },
  { "model_not_found", {
    { 404, "invalid_request_error", "model_not_found",
      "The model does not exist or you do not have access to it." },
    { 404, "not_found_error", NULL,
      "model: unknown" },
    { 404, "NOT_FOUND", NULL,
      "models/unknown is not found for API version v1beta" },
    { 404, "ResourceNotFoundException", "resourceNotFoundException",
      "Could not resolve the foundation model from the provided "
      "model identifier." },
    { 404, NULL, NULL,
      "model 'unknown' not found, make sure the correct model ID was used" },
    { 404, NULL, NULL,
      "model 'unknown' not found" },
  } },
  { "context_length", {
    { 400, "invalid_request_error", "context_length_exceeded",
      "This model's maximum context length is 8192 tokens." },
    { 400, "invalid_request_error", NULL,
      "prompt is too long: 9000 tokens > 8192 maximum" },
    { 400, "INVALID_ARGUMENT", NULL,
      "The input token count (9000) exceeds the maximum number "
      "of tokens allowed (8192)." },
    { 400, "ValidationException", "validationException",
      "Input is too long for requested model." },
    { 400, "TOO_MANY_TOKENS", NULL,
      "too many tokens: size limit exceeded by 808 tokens." },
    { 400, NULL, NULL,
      "input length exceeds the context length" },
  } },
  { "content_filter", {
    { 400, "invalid_request_error", "content_filter",
      "The response was filtered by the content policy." },
    { 400, "invalid_request_error", NULL,
      "Output blocked by content filtering policy" },
    { 400, "INVALID_ARGUMENT", NULL,
      "The prompt was blocked by the content filter." },
    { 400, "ValidationException", "validationException",
      "The content was blocked by the content filter." },
    { 498, NULL, NULL,
      "Request was blocked by the content filter." },
    { 400, NULL, NULL,
      "the prompt was blocked by the content filter" },
  } },
  { "invalid_request", {
    { 400, "invalid_request_error", "invalid_value",
      "Invalid request." },
    { 400, "invalid_request_error", NULL,
      "messages: field required" },
    { 400, "INVALID_ARGUMENT", NULL,
      "Request contains an invalid argument." },
    { 400, "ValidationException", "validationException",
      "Malformed input request." },
    { 400, NULL, NULL,
      "invalid request: message must be at least 1 token long" },
    { 400, NULL, NULL,
      "missing request body" },
  } },
  { "server_error", {
    { 500, "server_error", NULL,
      "The server had an error while processing your request." },
    { 500, "api_error", NULL,
      "Internal server error" },
    { 500, "INTERNAL", NULL,
      "An internal error has occurred." },
    { 500, "InternalServerException", "internalServerException",
      "The system encountered an unexpected error during processing." },
    { 500, NULL, NULL,
      "internal server error" },
    { 500, NULL, NULL,
      "an error was encountered while running the model" },
  } },
  { "overloaded", {
    { 503, "server_error", "overloaded",
      "The engine is currently overloaded, try again later." },
    { 529, "overloaded_error", NULL,
      "Overloaded" },
    { 503, "UNAVAILABLE", NULL,
      "The model is overloaded. Please try again later." },
    { 503, "ServiceUnavailableException", "serviceUnavailableException",
      "Service is unavailable, try your request again." },
    { 503, NULL, NULL,
      "service temporarily unavailable" },
    { 503, NULL, NULL,
      "server busy, please try again.  maximum pending requests exceeded" },
  } },
  { "timeout", {
    { 504, "server_error", "timeout",
      "The request timed out." },
    { 504, "timeout_error", NULL,
      "Request timed out" },
    { 504, "DEADLINE_EXCEEDED", NULL,
      "Deadline expired before operation could complete." },
    { 408, "ModelTimeoutException", "modelTimeoutException",
      "The model took too long to process the request." },
    { 504, NULL, NULL,
      "request timed out" },
    { 504, NULL, NULL,
      "request timed out" },
  } },
  { "prefill", {
    { 400, "invalid_request_error", "invalid_value",
      "The last message must not be an assistant message." },
    { 400, "invalid_request_error", NULL,
      "This model does not support assistant message prefill. The "
      "conversation must end with a user message." },
    { 400, "INVALID_ARGUMENT", NULL,
      "Please ensure that multiturn requests end with a user role." },
    { 400, "ValidationException", "validationException",
      "This model does not support assistant message prefill." },
    { 400, NULL, NULL,
      "invalid request: the last message must not be an assistant's" },
    { 400, NULL, NULL,
      "the last message must not be an assistant message" },
  } },
    /* clang-format on */
};

const struct fake_error *fake_error_named(const char *name)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].name, name) == 0)
            return &errors[i];
    return NULL;
}

/* the row whose first cells hold this status; else the nearest in kind */
const struct fake_error *fake_error_of_status(int64_t status)
{
    if (status == 400)
        return fake_error_named("invalid_request");
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        for (size_t k = 0; k < 3; k++)
            if (errors[i].cells[k].status == status)
                return &errors[i];
    return fake_error_named(status < 500 ? "invalid_request" : "server_error");
}
