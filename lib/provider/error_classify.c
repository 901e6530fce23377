/*
 * provider/error_classify.c - from what a provider or the network said to one
 * error of ours.
 *
 * Transport first, then the ordered rules over the body's facts, then the
 * status; inside an answer that began well, then the word of its type.
 *
 * Source: the rules of error_rules.c. Memory: none but the error, and a copy
 * of an in-band error's body in the attempt's arena.
 */
#include <stdio.h>
#include <string.h>

#include "base/jsonread.h"
#include "base/text.h"
#include "error_facts.h"
#include "error_rules.h"

#define MAX_BODY ((size_t)64 * 1024) /* bytes of a body that are kept */

static void classify_transport(const struct llmgw__failure *failure,
                               struct llmgw__error *error);
static void classify_answer(const struct llmgw__failure *failure,
                            struct llmgw__error *error);
static llmgw_error_kind kind_of(const struct llmgw__failure *failure,
                                const struct llmgw__error_facts *facts);
static bool matches(const struct llmgw__error_rule *rule,
                    const struct llmgw__failure *failure,
                    const struct llmgw__error_facts *facts);
static void set_message(struct llmgw__error *error, llmgw_error_kind kind,
                        const struct llmgw__failure *failure,
                        const struct llmgw__error_facts *facts);
static void set_param(struct llmgw__error *error, const char *param);
static void set_param_of_message(struct llmgw__error *error);
static void set_request_id(struct llmgw__error *error,
                           const struct llmgw__http_head *head,
                           const char *from_body);
static void set_retry(struct llmgw__error *error,
                      const struct llmgw__failure *failure,
                      const struct llmgw__error_facts *facts);

static bool is_success(int32_t status)
{
    return status >= 200 && status < 300 && status != 202;
}

void llmgw__error_classify(const struct llmgw__failure *failure,
                           struct llmgw__error *error)
{
    bool answered = failure->status && !is_success(failure->status);

    if (failure->transport_code && !answered)
        classify_transport(failure, error);
    else
        classify_answer(failure, error);
    error->upstream_status = failure->status;
    error->body = failure->body;
    if (error->body.len > MAX_BODY)
        error->body.len = MAX_BODY;
}

void llmgw__error_classify_inband(const struct llmgw__decode *decode,
                                  llmgw_str json, struct llmgw__error *error)
{
    const struct llmgw__provider_row *row = decode->target->provider->row;
    struct llmgw__failure failure = {
        .family = row ? row->family : NULL,
        .status =
            decode->head && decode->head->status ? decode->head->status : 200,
        .head = decode->head,
        .body = json,
        .now_s = decode->now_s,
    };
    llmgw_str body;

    llmgw__error_classify(&failure, error);
    body = error->body; /* a view of what dies with the frame */
    error->body = (llmgw_str){NULL, 0};
    (void)llmgw__arena_str(decode->arena, body, &error->body);
}

/* --- no answer --- */

static void classify_transport(const struct llmgw__failure *failure,
                               struct llmgw__error *error)
{
    llmgw_error_kind kind = llmgw__error_curl_kind(failure->transport_code);
    llmgw_str body = llmgw__str_trim(failure->body);
    const char *detail = failure->transport_detail;

    if (kind == LLMGW_KIND_PROTOCOL && is_success(failure->status))
        detail = body.len && body.data[0] == '{'
                     ? "the answer ended before it was complete"
                     : "stream ended before a finish reason";
    if (!detail || !detail[0])
        detail = "the exchange with the provider failed";
    llmgw__error_setz(error, kind, detail);
    set_request_id(error, failure->head, "");
}

/* --- an answer --- */

static void classify_answer(const struct llmgw__failure *failure,
                            struct llmgw__error *error)
{
    struct llmgw__error_facts facts;
    llmgw_error_kind kind;

    llmgw__error_facts_read(&facts, failure->head, failure->body);
    kind = kind_of(failure, &facts);
    set_message(error, kind, failure, &facts);
    set_param(error, facts.param);
    if (kind == LLMGW_KIND_UNSUPPORTED_PARAMETER && !error->param[0])
        set_param_of_message(error);
    if (kind == LLMGW_KIND_CONTEXT_LENGTH)
        llmgw__error_copy(error->param, sizeof error->param,
                          LLMGW__LIT("messages"));
    llmgw__error_copy(error->raw_type, sizeof error->raw_type,
                      llmgw__str(facts.type));
    llmgw__error_copy(error->raw_code, sizeof error->raw_code,
                      llmgw__str(facts.code));
    set_request_id(error, failure->head, facts.request_id);
    set_retry(error, failure, &facts);
}

static llmgw_error_kind kind_of(const struct llmgw__failure *failure,
                                const struct llmgw__error_facts *facts)
{
    llmgw_error_kind kind;

    for (size_t i = 0; i < llmgw__error_rule_count; i++)
        if (matches(&llmgw__error_rules[i], failure, facts))
            return llmgw__error_rules[i].kind;
    if (!is_success(failure->status))
        return llmgw__error_status_kind(failure->status);
    if (!facts->json || !facts->found)
        return LLMGW_KIND_PROTOCOL;
    if (facts->status)
        return llmgw__error_status_kind(facts->status);
    for (unsigned i = 0; i < facts->word_count; i++) {
        kind = llmgw__error_word_kind(facts->words[i]);
        if (kind != LLMGW_KIND_NONE)
            return kind;
    }
    return LLMGW_KIND_SERVER_ERROR;
}

/* --- rules --- */

static bool has_status(const struct llmgw__error_rule *rule,
                       const struct llmgw__failure *failure,
                       const struct llmgw__error_facts *facts)
{
    for (size_t i = 0; i < LLMGW__RULE_STATUSES && rule->status[i]; i++)
        if (rule->status[i] == failure->status ||
            (is_success(failure->status) && rule->status[i] == facts->status))
            return true;
    return rule->status[0] == 0;
}

/* The next text of a list; NULL: there is none. */
static const char *next_of(const char *text)
{
    text += strlen(text) + 1;
    return *text ? text : NULL;
}

static bool has_name(const char *names, const struct llmgw__error_facts *facts)
{
    for (const char *name = names; name; name = next_of(name))
        for (unsigned i = 0; i < facts->word_count; i++)
            if (strcmp(facts->words[i], name) == 0)
                return true;
    return false;
}

/* The text is the message, the codes, and details that came as JSON. */
static bool has_text(const struct llmgw__error_facts *facts, const char *text)
{
    llmgw_str needle = llmgw__str(text);

    if (llmgw__str_find_nocase(llmgw__str(facts->message), needle) !=
            SIZE_MAX ||
        llmgw__str_find_nocase(facts->details, needle) != SIZE_MAX)
        return true;
    for (unsigned i = 0; i < facts->word_count; i++)
        if (llmgw__str_find_nocase(llmgw__str(facts->words[i]), needle) !=
            SIZE_MAX)
            return true;
    return false;
}

static bool has_any(const char *texts, const struct llmgw__error_facts *facts)
{
    for (const char *text = texts; text; text = next_of(text))
        if (has_text(facts, text))
            return true;
    return false;
}

static bool has_all(const char *texts, const struct llmgw__error_facts *facts)
{
    for (const char *text = texts; text; text = next_of(text))
        if (!has_text(facts, text))
            return false;
    return true;
}

static bool matches(const struct llmgw__error_rule *rule,
                    const struct llmgw__failure *failure,
                    const struct llmgw__error_facts *facts)
{
    if (rule->family &&
        (!failure->family || strcmp(rule->family, failure->family) != 0))
        return false;
    if ((rule->html && !facts->html) || !has_status(rule, failure, facts))
        return false;
    if ((rule->names || rule->any) && !has_name(rule->names, facts) &&
        !has_any(rule->any, facts))
        return false;
    return has_all(rule->all, facts);
}

/* --- what is told of it --- */

/* Where a redirect goes: the host alone, no path and no credentials. */
static llmgw_str redirect_host(const struct llmgw__http_head *head)
{
    llmgw_str url = llmgw__http_head_get(head, "location");
    size_t at = llmgw__str_find(url, LLMGW__LIT("://")), len = 0;

    if (at == SIZE_MAX)
        return LLMGW__LIT("itself");
    url = llmgw__str_n(url.data + at + 3, url.len - at - 3);
    while (len < url.len && url.data[len] != '/' && url.data[len] != '?' &&
           url.data[len] != '#')
        len++;
    url.len = len;
    at = llmgw__str_find(url, LLMGW__LIT("@"));
    return at == SIZE_MAX ? url
                          : llmgw__str_n(url.data + at + 1, url.len - at - 1);
}

/* The provider's text; where it is none of an error, with the status before
 * it, and where it goes when it sends us away. */
static void set_message(struct llmgw__error *error, llmgw_error_kind kind,
                        const struct llmgw__failure *failure,
                        const struct llmgw__error_facts *facts)
{
    const char *family = failure->family;
    const char *text = facts->message[0] ? facts->message : "(empty body)";
    llmgw_str host = {NULL, 0};
    char message[sizeof facts->message + 128];

    if (facts->message[0] && facts->json) {
        llmgw__error_setz(error, kind, facts->message);
        return;
    }
    if (facts->json && failure->body.len)
        text = "no error message in the body";
    if (failure->status == 202)
        text = "queued, not answered";
    if (failure->head && failure->status >= 300 && failure->status < 400) {
        text = "redirect to ";
        host = redirect_host(failure->head);
    }
    (void)snprintf(message, sizeof message, "HTTP %d%s%s%s%s%.*s",
                   (int)failure->status, family ? " from " : "",
                   family ? family : "", text[0] == '(' ? " " : ": ", text,
                   (int)host.len, host.data ? host.data : "");
    llmgw__error_setz(error, kind, message);
}

/* Names of other surfaces, and the members of ours; what is neither would tell
 * the host nothing. */
static void set_param(struct llmgw__error *error, const char *param)
{
    static const char *const aliases[][2] = {
        {"input", "messages"},
        {"prompt", "messages"},
        {"system", "messages"},
        {"instructions", "messages"},
        {"contents", "messages"},
        {"max_output_tokens", "max_completion_tokens"},
        {"text", "response_format"},
        {"reasoning", "reasoning_effort"},
        {"thinking", "reasoning_effort"},
        {"random_seed", "seed"},
        {"stop_sequences", "stop"},
    };
    static const char *const members[] = {
        "messages",
        "model",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "top_k",
        "frequency_penalty",
        "presence_penalty",
        "stop",
        "n",
        "seed",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "response_format",
        "tools",
        "tool_choice",
        "functions",
        "function_call",
        "reasoning_effort",
        "parallel_tool_calls",
        "verbosity",
        "stream",
        "stream_options",
        "modalities",
        "audio",
        "prediction",
        "service_tier",
        "web_search_options",
        "store",
        "metadata",
        "user",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_options",
        "moderation",
        "prompt_cache_retention",
    };
    llmgw_str whole = llmgw__str(param);
    llmgw_str head = llmgw__str_n(param, strcspn(param, ".["));

    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (llmgw__str_is(head, aliases[i][0]))
            whole = head = llmgw__str(aliases[i][1]);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (llmgw__str_is(head, members[i]))
            llmgw__error_copy(error->param, sizeof error->param, whole);
}

/* "tool_choice: type …", "\"thinking.type\" is not …": the first word. */
static void set_param_of_message(struct llmgw__error *error)
{
    const char *word = error->message + strspn(error->message, "\"`'");
    char name[sizeof error->param];

    llmgw__error_copy(name, sizeof name,
                      llmgw__str_n(word, strcspn(word, "\"`':, ")));
    set_param(error, name);
}

static void set_request_id(struct llmgw__error *error,
                           const struct llmgw__http_head *head,
                           const char *from_body)
{
    static const char *const names[] = {
        "x-request-id",
        "request-id",
        "apim-request-id",
        "x-amzn-requestid",
        "x-kong-request-id",
        "mistral-correlation-id",
        "x-debug-trace-id",
        "x-generation-id",
        "x-baseten-request-id",
        "nvcf-reqid",
        "cf-ray",
    };
    llmgw_str id = {NULL, 0};

    for (size_t i = 0; head && i < sizeof names / sizeof names[0] && !id.len;
         i++)
        id = llmgw__http_head_get(head, names[i]);
    if (!id.len)
        id = llmgw__str(from_body);
    llmgw__error_copy(error->request_id, sizeof error->request_id, id);
}

/* The provider's word on trying again goes before the kind's row. */
static void set_retry(struct llmgw__error *error,
                      const struct llmgw__failure *failure,
                      const struct llmgw__error_facts *facts)
{
    /* a quota outlasts what the body says of the limit beside it */
    bool quota = error->kind == LLMGW_KIND_QUOTA;
    llmgw_str should = {NULL, 0};

    error->retry_after_ms = llmgw__error_retry_after(
        failure, quota ? NULL : facts, error->retryable || quota);
    if (failure->head && !is_success(failure->status))
        should = llmgw__http_head_get(failure->head, "x-should-retry");
    if (llmgw__str_is(should, "true"))
        error->retryable = true;
    else if (llmgw__str_is(should, "false"))
        error->retryable = false;
}

/* --- errors that say they are none --- */

bool llmgw__error_truthy(llmgw_str raw)
{
    static const char *const falsy[] = {"null", "false", "0",
                                        "\"\"", "{}",    "[]"};

    if (raw.len == 0)
        return false;
    for (size_t i = 0; i < sizeof falsy / sizeof falsy[0]; i++)
        if (llmgw__str_is(raw, falsy[i]))
            return false;
    return true;
}

/* base_resp: {status_code} other than 0 */
static bool base_failed(llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;
    int64_t code = 0;

    llmgw__json_init(&json, raw);
    if (raw.len == 0 || !llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "status_code"))
            (void)llmgw__json_int64(&json, &code);
        else
            llmgw__json_skip(&json);
    }
    return code != 0;
}

/* Is there a word in it that an error needs? Nearly always not, and then the
 * body need not be read twice. */
static bool suspicious(llmgw_str text)
{
    static const char *const words[] = {"\"error\"", "\"success\"",
                                        "\"base_resp\""};
    size_t at;

    while ((at = llmgw__str_find_pair(text, '"', "esb")) != SIZE_MAX) {
        text = llmgw__str_n(text.data + at, text.len - at);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (llmgw__str_starts(text, words[i]))
                return true;
        text = llmgw__str_n(text.data + 1, text.len - 1);
    }
    return false;
}

bool llmgw__error_in_body(llmgw_str body)
{
    llmgw_str text = llmgw__str_trim(body), key;
    struct llmgw__json json;
    bool failed = false;

    if (text.len && text.data[0] == '<')
        return true;
    if (!suspicious(text))
        return false;
    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return false;
    while (!failed && llmgw__json_key(&json, &key)) {
        llmgw_str value = llmgw__json_raw(&json);

        failed =
            (llmgw__str_is(key, "error") && llmgw__error_truthy(value)) ||
            (llmgw__str_is(key, "object") &&
             llmgw__str_is(value, "\"error\"")) ||
            (llmgw__str_is(key, "success") && llmgw__str_is(value, "false")) ||
            (llmgw__str_is(key, "base_resp") && base_failed(value));
    }
    return failed;
}
