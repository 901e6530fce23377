/* Answers of the gemini wire, as the host gets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/golden.h"

#define BASE "https://host.example"

/* The rules of errors are tested where they stand. */
void llmgw__error_classify_inband(const struct llmgw__decode *decode,
                                  llmgw_str json, struct llmgw__error *error)
{
    cJSON *text = cJSON_ParseWithLength(json.data, json.len);
    const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(text, "error"), "message"));

    (void)decode;
    llmgw__error_setz(error, LLMGW_KIND_OVERLOADED, message ? message : "");
    cJSON_Delete(text);
}

static void check_answer(const cJSON *one, const cJSON *file)
{
    golden_check_answer(&llmgw__dialect_gemini, BASE, one, file);
}

static void answers_given_as_examples_reach_the_host(void **state)
{
    static const char *const names[] = {
        "001-", "002-", "003-", "004-", "005-", "006-", "007-", "008-",
        "009-", "011-", "012-", "014-", "015-", "017-", NULL};
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    (void)state;
    if (!shared) {
        print_message("LLMGW_SHARED is not set: no shared examples\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/wire/golden/gemini", shared);
    assert_int_equal(golden_folder(folder, names, check_answer), 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_given_as_examples_reach_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
