/* The openai dialect against worked examples of its services: what is sent,
 * what the host gets, what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/golden.h"

static int requests, answers;

/* The row of the example's provider, and its base URL at another host. */
static const struct llmgw__provider_row *
row_of(const cJSON *one, const cJSON *file, char base[256])
{
    const char *provider =
        cJSON_GetStringValue(golden_get(one, file, "provider"));
    const char *dialect =
        cJSON_GetStringValue(golden_get(one, file, "dialect"));
    const struct llmgw__provider_row *row =
        llmgw__provider_row_find(llmgw__str(provider));
    const char *url, *path;

    if (!row || !row->base_url || strcmp(dialect, "openai") != 0)
        return NULL;
    url = llmgw__provider_row_url(row, &llmgw__dialect_openai);
    path = strchr(strstr(url, "://") + 3, '/');
    snprintf(base, 256, "https://host.example%s", path ? path : "");
    golden_set_row(row);
    return row;
}

static void check_request(const cJSON *one, const cJSON *file)
{
    char base[256];

    if (!row_of(one, file, base) ||
        cJSON_HasObjectItem(golden_get(one, file, "openai_request"), "input"))
        return;
    requests++;
    golden_check_request(&llmgw__dialect_openai, base, one, file);
}

static void check_answer(const cJSON *one, const cJSON *file)
{
    char base[256];

    if (!row_of(one, file, base) ||
        cJSON_HasObjectItem(golden_get(one, file, "openai_request"), "input"))
        return;
    answers++;
    golden_check_answer(&llmgw__dialect_openai, base, one, file);
}

static void in_folder(void (*check)(const cJSON *one, const cJSON *file))
{
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    if (!shared) {
        print_message("LLMGW_SHARED is not set: no shared examples\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/wire/golden/openai_dialects", shared);
    golden_folder(folder, NULL, check);
}

static void requests_given_as_examples_are_sent(void **state)
{
    (void)state;
    in_folder(check_request);
    assert_true(requests >= 18);
}

static void answers_given_as_examples_are_read(void **state)
{
    (void)state;
    in_folder(check_answer);
    assert_true(answers >= 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_given_as_examples_are_sent),
        cmocka_unit_test(answers_given_as_examples_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
