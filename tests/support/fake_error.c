/*
 * support/fake_error.c - failures as each wire words them.
 *
 * Sources: recorded error answers of the three APIs, shortened.
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
  } },
  { "quota", {
    { 429, "insufficient_quota", "insufficient_quota",
      "You exceeded your current quota, please check your plan" },
    { 400, "invalid_request_error", NULL,
      "Your credit balance is too low to access the API." },
    { 429, "RESOURCE_EXHAUSTED", "GenerateRequestsPerDayPerProject",
      "You exceeded your current quota, please check your plan" },
  } },
  { "auth", {
    { 401, "invalid_request_error", "invalid_api_key",
      "Incorrect API key provided." },
    { 401, "authentication_error", NULL,
      "invalid x-api-key" },
    { 401, "UNAUTHENTICATED", NULL,
      "Request had invalid authentication credentials." },
  } },
  { "permission", {
    { 403, "invalid_request_error", "permission_denied",
      "You are not allowed to use this model." },
    { 403, "permission_error", NULL,
      "Your API key does not have permission for this resource." },
    { 403, "PERMISSION_DENIED", NULL,
      "The caller does not have permission" },
  } },
  { "model_not_found", {
    { 404, "invalid_request_error", "model_not_found",
      "The model does not exist or you do not have access to it." },
    { 404, "not_found_error", NULL,
      "model: unknown" },
    { 404, "NOT_FOUND", NULL,
      "models/unknown is not found for API version v1beta" },
  } },
  { "context_length", {
    { 400, "invalid_request_error", "context_length_exceeded",
      "This model's maximum context length is 8192 tokens." },
    { 400, "invalid_request_error", NULL,
      "prompt is too long: 9000 tokens > 8192 maximum" },
    { 400, "INVALID_ARGUMENT", NULL,
      "The input token count (9000) exceeds the maximum number "
      "of tokens allowed (8192)." },
  } },
  { "content_filter", {
    { 400, "invalid_request_error", "content_filter",
      "The response was filtered by the content policy." },
    { 400, "invalid_request_error", NULL,
      "Output blocked by content filtering policy" },
    { 400, "INVALID_ARGUMENT", NULL,
      "The prompt was blocked by the content filter." },
  } },
  { "invalid_request", {
    { 400, "invalid_request_error", "invalid_value",
      "Invalid request." },
    { 400, "invalid_request_error", NULL,
      "messages: field required" },
    { 400, "INVALID_ARGUMENT", NULL,
      "Request contains an invalid argument." },
  } },
  { "server_error", {
    { 500, "server_error", NULL,
      "The server had an error while processing your request." },
    { 500, "api_error", NULL,
      "Internal server error" },
    { 500, "INTERNAL", NULL,
      "An internal error has occurred." },
  } },
  { "overloaded", {
    { 503, "server_error", "overloaded",
      "The engine is currently overloaded, try again later." },
    { 529, "overloaded_error", NULL,
      "Overloaded" },
    { 503, "UNAVAILABLE", NULL,
      "The model is overloaded. Please try again later." },
  } },
  { "timeout", {
    { 504, "server_error", "timeout",
      "The request timed out." },
    { 504, "timeout_error", NULL,
      "Request timed out" },
    { 504, "DEADLINE_EXCEEDED", NULL,
      "Deadline expired before operation could complete." },
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

/* the row whose cells hold this status; else the nearest in kind */
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
