/*
 * support/encode_case.c - one request through a dialect's encoder.
 */
#include "support/encode_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct llmgw__dialect *tested;
static struct dialect_run run;
static char request[16384];

static llmgw_status encode(const char *model, const char *text);

void encode_case_of(const struct llmgw__dialect *dialect)
{
    tested = dialect;
}

struct dialect_run *encode_case_run(void)
{
    return &run;
}

int encode_case_forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    return 0;
}

const char *quoted(const char *text)
{
    static char out[16384];
    size_t len = strlen(text);

    assert_in_range(len, 0, sizeof out - 1);
    for (size_t i = 0; i <= len; i++)
        out[i] = text[i] == '\'' ? '"' : text[i];
    return out;
}

const char *with(const char *members)
{
    int len = snprintf(
        request, sizeof request,
        "{'model':'x/y','messages':[{'role':'user','content':'Hi'}]%s%s}",
        members[0] ? "," : "", members);

    assert_in_range(len, 0, sizeof request - 1);
    return request;
}

const char *with_messages(const char *messages)
{
    int len = snprintf(request, sizeof request,
                       "{'model':'x/y','messages':[%s]}", messages);

    assert_in_range(len, 0, sizeof request - 1);
    return request;
}

static llmgw_status encode(const char *model, const char *text)
{
    llmgw_status status;

    dialect_run_clear(&run);
    dialect_run_start(&run, tested, ENCODE_CASE_BASE, model);
    status = dialect_run_chat(&run, quoted(text));
    if (status != LLMGW_OK)
        print_message("not a request: %s\n", run.error.message);
    assert_int_equal(status, LLMGW_OK);
    return dialect_run_encode(&run, false, false);
}

void assert_sent(const char *member, const char *wanted)
{
    char *text = dialect_run_body(&run);
    cJSON *body = cJSON_Parse(text);
    cJSON *want = cJSON_Parse(quoted(wanted));
    const cJSON *is = cJSON_GetObjectItemCaseSensitive(body, member);

    if (!body)
        fail_msg("not JSON: %s", text);
    if (wanted[0] ? !want || !cJSON_Compare(is, want, true) : is != NULL) {
        print_message("%s in %s\nwanted %s\n", member, text, quoted(wanted));
        fail();
    }
    cJSON_Delete(want);
    cJSON_Delete(body);
    free(text);
}

void assert_adjusted(const char *wanted)
{
    char is[1024] = "";
    size_t len = 0;

    for (size_t i = 0; i < run.adjustments.count; i++)
        len += (size_t)snprintf(is + len, sizeof is - len, "%s%s/%s/%s",
                                i ? " " : "", run.adjustments.items[i].param,
                                run.adjustments.items[i].action,
                                run.adjustments.items[i].reason);
    assert_string_equal(is, wanted);
}

void sends(const char *model, const char *text, const char *member,
           const char *wanted)
{
    if (encode(model, text) != LLMGW_OK)
        fail_msg("refused: %s", run.error.message);
    assert_sent(member, wanted);
}

void refuses(const char *model, const char *text, const char *wanted)
{
    char is[768];

    assert_int_equal(encode(model, text), LLMGW_E_INVALID);
    snprintf(is, sizeof is, "%s | %s | %s",
             llmgw__error_kind_name(run.error.kind), run.error.param,
             run.error.message);
    assert_string_equal(is, wanted);
}
