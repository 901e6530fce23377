/*
 * tools/wire_classify.c - check how a failure alone is classified.
 *
 * All goes to the classifier, which knows families of services that are no rows
 * of the table. What came with a 2xx status goes through a whole call as well:
 * there an answer must first be seen to be none.
 */
#include <string.h>

#include "base/clock.h"
#include "wire_golden.h"

static cJSON *classify(const cJSON *top, llmgw_str body);
static cJSON *call_it(const cJSON *top, llmgw_str body,
                      struct wire_report *report);

void wire_check_error(const cJSON *top, struct wire_report *report)
{
    const cJSON *body = wire_member(top, "body");
    int status = (int)wire_member(top, "status")->valuedouble;
    char *text = NULL;
    llmgw_str bytes = llmgw__str("");
    cJSON *got;

    if (cJSON_IsString(body))
        bytes = llmgw__str(body->valuestring);
    else
        bytes = llmgw__str(text = cJSON_PrintUnformatted(body));
    got = classify(top, bytes);
    wire_compare_error(report, "expect", wire_member(top, "expect"), got);
    cJSON_Delete(got);
    if (status >= 200 && status < 300) {
        got = call_it(top, bytes, report);
        wire_compare_error(report, "call", wire_member(top, "expect"), got);
        cJSON_Delete(got);
    }
    cJSON_free(text);
}

/** The family whose rules hold; NULL: those of all. */
static const char *family_of(const cJSON *top)
{
    const char *name = wire_text(top, "provider");
    const struct llmgw__provider_row *row =
        llmgw__provider_row_find(llmgw__str(name));

    if (row)
        return row->family;
    return strcmp(name, "*") == 0 ? NULL : name;
}

static cJSON *classify(const cJSON *top, llmgw_str body)
{
    struct llmgw__failure failure = {.family = family_of(top), .body = body};
    const cJSON *transport = wire_member(top, "transport");
    const cJSON *header;
    const char *now = wire_text(top, "now");
    struct llmgw__http_head head;
    struct llmgw__error error;
    cJSON *tree;

    llmgw__http_head_init(&head);
    cJSON_ArrayForEach(header, wire_member(top, "headers"))
    {
        (void)llmgw__http_head_add(&head, llmgw__str(header->string),
                                   llmgw__str(header->valuestring));
    }
    head.status = (int32_t)wire_member(top, "status")->valuedouble;
    failure.head = &head;
    failure.status = head.status;
    failure.now_s = now ? llmgw__date_parse(now, strlen(now)) : WIRE_NOW;
    if (transport) {
        failure.transport_code =
            (int32_t)wire_member(transport, "curl_code")->valuedouble;
        failure.transport_detail = wire_text(transport, "detail");
    }
    llmgw__error_classify(&failure, &error);
    tree = wire_error_tree(&error);
    llmgw__http_head_clear(&head);
    return tree;
}

static cJSON *call_it(const cJSON *top, llmgw_str body,
                      struct wire_report *report)
{
    const cJSON *transport = wire_member(top, "transport");
    struct wire_target target;
    struct wire_answer answer = {
        .status = (int32_t)wire_member(top, "status")->valuedouble,
        .headers = wire_member(top, "headers"),
        .body = body};
    struct wire_script script = {.target = &target,
                                 .request = wire_plain_request(false),
                                 .answers = &answer,
                                 .answer_count = 1};
    struct wire_result result;
    const char *problem;
    cJSON *error;

    if (!wire_target_of_row(&target, wire_text(top, "provider")))
        (void)wire_target_of_row(&target, "compatible");
    target.model = "model";
    if (transport) {
        answer.code = (int32_t)wire_member(transport, "curl_code")->valuedouble;
        answer.detail = wire_text(transport, "detail");
    }
    problem = wire_run(&script, &result);
    if (problem)
        wire_differ(report, "call", "%s", problem);
    error = result.error;
    result.error = NULL;
    wire_result_clear(&result);
    return error;
}
