/*
 * llmgw/request.h - say what to ask: OpenAI's JSON as bytes, or setters.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LLMGW_REQUEST_H
#define LLMGW_REQUEST_H

#include <llmgw/base.h>
#include <llmgw/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A request in OpenAI's terms: for a chat completion, or with inputs in place
 * of messages for embeddings (llmgw/embedding.h). May be used for several
 * calls, one after another or at once; a call copies it when it starts.
 *
 * What OpenAI has no word for goes into one more member, "llmgw":
 *
 *     {"strict": true,            refuse what a target would have changed
 *      "pass_unknown": true,      send top-level members we do not know
 *      "tags": {"team": "blue"},  for the ledger
 *      "timeout_ms": …, "first_ms": …, "gap_ms": …, "connect_ms": …,
 *      "max_attempts": 3}         as in llmgw_chat_options, which win
 *
 * Setters check their arguments, not the sense of the request: a wrong role
 * or range is told by the call's error, with the member's path.
 *
 * Thread: one at a time.
 */
typedef struct llmgw_request llmgw_request;

/** Largest request: bytes of its JSON. */
#define LLMGW_REQUEST_MAX_BYTES 268435456u /* 256 MiB */

/**
 * Make an empty request.
 *
 * @param model     a route's name or "provider/model"; copied; NULL: set later
 *                  with llmgw_request_set_model()
 * @param[out] out  owned by the caller: llmgw_request_free()
 * @retval LLMGW_E_INVALID  out is NULL
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_request_create(const char *model,
                                            llmgw_request **out);

/**
 * Make a request of OpenAI's JSON, taken as it stands. It is read and checked
 * when a call starts; what is wrong with it arrives as the call's error. The
 * setters below work on it too (LLMGW_E_INVALID, and nothing changes, where
 * its JSON cannot be read).
 *
 * @param json      one JSON object; copied
 * @param[out] out  owned by the caller: llmgw_request_free()
 * @retval LLMGW_E_INVALID  json is empty or out is NULL
 * @retval LLMGW_E_LIMIT    more than LLMGW_REQUEST_MAX_BYTES
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_request_from_json(llmgw_str json,
                                               llmgw_request **out);

/** Free a request; NULL is allowed. Running calls keep their own copy. */
LLMGW_API void llmgw_request_free(llmgw_request *request);

/**
 * Set or replace the model.
 *
 * @param model  a route's name or "provider/model"; copied
 * @retval LLMGW_E_INVALID  NULL
 * @retval LLMGW_E_NOMEM    no memory; nothing has changed
 */
LLMGW_API llmgw_status llmgw_request_set_model(llmgw_request *request,
                                               const char *model);

/**
 * Add a message of plain text.
 *
 * @param role  "system", "developer", "user" or "assistant"; copied
 * @param text  UTF-8; copied
 * @retval LLMGW_E_INVALID  NULL
 * @retval LLMGW_E_LIMIT    the request has become too large; nothing changed
 * @retval LLMGW_E_NOMEM    no memory; nothing has changed
 */
LLMGW_API llmgw_status llmgw_request_add_text(llmgw_request *request,
                                              const char *role, llmgw_str text);

/**
 * Add a user message of text and an image.
 *
 * @param text  UTF-8, may be empty; copied
 * @param url   https URL, or a data URL ("data:image/png;base64,…"); copied
 * @return as llmgw_request_add_text()
 */
LLMGW_API llmgw_status llmgw_request_add_image(llmgw_request *request,
                                               llmgw_str text, llmgw_str url);

/**
 * Add an input of an embeddings request, behind those it has.
 *
 * @param text  UTF-8, not empty; copied
 * @retval LLMGW_E_INVALID  NULL, or an empty text
 * @retval LLMGW_E_LIMIT    the request has become too large; nothing changed
 * @retval LLMGW_E_NOMEM    no memory; nothing has changed
 */
LLMGW_API llmgw_status llmgw_request_add_input(llmgw_request *request,
                                               llmgw_str text);

/**
 * Add a message as OpenAI's JSON object, with any content parts.
 *
 * @param json  one JSON object and nothing else; copied
 * @return as llmgw_request_add_text(); LLMGW_E_INVALID: not one JSON object
 */
LLMGW_API llmgw_status llmgw_request_add_message_json(llmgw_request *request,
                                                      llmgw_str json);

/**
 * Append the assistant message of an answer to the history, with its tool
 * calls and the opaque reasoning state that the provider wants back.
 *
 * @param response  of any ended call; of a failed one what had come by then
 * @param choice    which of its choices; out of range, or nothing had come:
 *                  LLMGW_E_INVALID
 * @return as llmgw_request_add_text()
 */
LLMGW_API llmgw_status llmgw_request_add_response(
    llmgw_request *request, const llmgw_response *response, size_t choice);

/** Messages so far. Thread: one at a time. */
LLMGW_API size_t llmgw_request_message_count(llmgw_request *request);

/**
 * Take the last messages away: after a failed turn, or when a history has
 * become too long.
 *
 * @param count  messages to keep, the first ones
 * @retval LLMGW_E_INVALID  NULL, or there are fewer
 */
LLMGW_API llmgw_status llmgw_request_truncate(llmgw_request *request,
                                              size_t count);

/**
 * Add the result of a tool call.
 *
 * @param tool_call_id  the call's id; copied
 * @param result        text, often JSON; copied
 * @return as llmgw_request_add_text()
 */
LLMGW_API llmgw_status llmgw_request_add_tool_result(llmgw_request *request,
                                                     llmgw_str tool_call_id,
                                                     llmgw_str result);

/**
 * Offer a function tool.
 *
 * @param name         [A-Za-z0-9_-], at most 64 characters, checked when a
 *                     call starts; copied
 * @param description  for the model; NULL: none; copied
 * @param parameters   JSON Schema of its arguments, one object; empty: none;
 *                     copied
 * @return as llmgw_request_add_text()
 */
LLMGW_API llmgw_status llmgw_request_add_tool(llmgw_request *request,
                                              const char *name,
                                              const char *description,
                                              llmgw_str parameters);

/**
 * Set any other top-level member to a JSON value, e.g. "temperature" to
 * "0.2", "response_format" to an object, "llmgw" to our extension object.
 * Set again: replaced. "model", "messages", "tools" and "input" have functions
 * of their own and are refused.
 *
 * @param member  its name; copied
 * @param json    one JSON value and nothing else; copied; empty: the member is
 *                removed
 * @return as llmgw_request_add_text(); LLMGW_E_INVALID: not one JSON value
 */
LLMGW_API llmgw_status llmgw_request_set_json(llmgw_request *request,
                                              const char *member,
                                              llmgw_str json);

/** The same with a string, a whole number, a number, or 0/1 as a boolean. */
LLMGW_API llmgw_status llmgw_request_set_string(llmgw_request *request,
                                                const char *member,
                                                llmgw_str value);
LLMGW_API llmgw_status llmgw_request_set_int(llmgw_request *request,
                                             const char *member, int64_t value);
LLMGW_API llmgw_status llmgw_request_set_double(llmgw_request *request,
                                                const char *member,
                                                double value);
LLMGW_API llmgw_status llmgw_request_set_bool(llmgw_request *request,
                                              const char *member,
                                              int32_t value);

/**
 * The request as OpenAI's JSON.
 *
 * @param[out] out  valid until the request is changed or freed
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_request_json(llmgw_request *request,
                                          llmgw_str *out);

#ifdef __cplusplus
}
#endif

#endif
