/* The shared worked examples and recordings of the anthropic wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/golden.h"

#define BASE "https://host.example"

/* 009 and 020 are of another surface, 017 is of errors by status. */
static const char *const names[] = {
    "001-", "002-", "003-", "004-", "005-", "006-", "007-", "008-", "010-",
    "011-", "012-", "013-", "014-", "015-", "016-", "018-", "019-", NULL,
};

static const char *text_at(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool is_ours(const cJSON *one, const cJSON *file)
{
    return strcmp(cJSON_GetStringValue(golden_get(one, file, "provider")),
                  "anthropic") == 0;
}

/* Host and credential are put in by others. */
static void check_headers(const struct dialect_run *run, const cJSON *wanted)
{
    const cJSON *header;

    cJSON_ArrayForEach(header, wanted)
    {
        const char *value = NULL;

        if (strcmp(header->string, "host") == 0 ||
            strcmp(header->string, "x-api-key") == 0)
            continue;
        for (size_t i = 0; i < run->request.header_count; i++)
            if (llmgw__str_is(run->request.headers[i].name, header->string))
                value = run->request.headers[i].value.data;
        if (!value || strcmp(value, header->valuestring) != 0)
            fail_msg("%s is %s", header->string, value ? value : "missing");
    }
}

static void check_request(const cJSON *one, const cJSON *file)
{
    const cJSON *wanted = golden_get(one, file, "provider_request");
    const cJSON *asked = golden_get(one, file, "openai_request");
    struct dialect_run run;
    char *request;

    if (!is_ours(one, file))
        return;
    golden_check_request(&llmgw__dialect_anthropic, BASE, one, file);
    request = cJSON_PrintUnformatted(asked);
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE,
                      cJSON_GetStringValue(golden_get(one, file, "model")));
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    (void)dialect_run_encode(
        &run, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(asked, "stream")),
        false);
    check_headers(
        &run, cJSON_GetObjectItemCaseSensitive(wanted, "headers_must_include"));
    if (cJSON_IsNull(wanted))
        assert_string_equal(run.error.code,
                            text_at(golden_get(one, file, "error"), "code"));
    dialect_run_clear(&run);
    free(request);
}

static void check_answer(const cJSON *one, const cJSON *file)
{
    if (is_ours(one, file) &&
        !cJSON_IsNull(golden_get(one, file, "provider_request")))
        golden_check_answer(&llmgw__dialect_anthropic, BASE, one, file);
}

/* Skips without the folder. */
static const char *shared_folder(const char *name)
{
    static char folder[1024];
    const char *shared = getenv("LLMGW_SHARED");

    if (!shared) {
        print_message("LLMGW_SHARED is not set: nothing shared is there\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/%s", shared, name);
    return folder;
}

static void requests_given_as_examples_are_what_is_sent(void **state)
{
    (void)state;
    assert_int_equal(golden_folder(shared_folder("wire/golden/anthropic"),
                                   names, check_request),
                     21);
}

static void answers_given_as_examples_reach_the_host(void **state)
{
    (void)state;
    assert_int_equal(golden_folder(shared_folder("wire/golden/anthropic"),
                                   names, check_answer),
                     21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_given_as_examples_are_what_is_sent),
        cmocka_unit_test(answers_given_as_examples_reach_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
