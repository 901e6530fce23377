/* Requests of the gemini wire: what is sent, reported, refused. */
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

void llmgw__error_classify_inband(const struct llmgw__decode *decode,
                                  llmgw_str json, struct llmgw__error *error)
{
    (void)decode;
    (void)json;
    llmgw__error_setz(error, LLMGW_KIND_OVERLOADED, "");
}

static void check_request(const cJSON *one, const cJSON *file)
{
    const char *provider =
        cJSON_GetStringValue(golden_get(one, file, "provider"));

    if (strcmp(provider, "google") != 0)
        return; /* another surface of this wire */
    golden_check_request(&llmgw__dialect_gemini, BASE, one, file);
}

static void requests_given_as_examples_are_sent(void **state)
{
    static const char *const names[] = {
        "001-", "002-", "003-", "004-", "005-", "006-", "007-", "008-",
        "009-", "011-", "012-", "013-", "014-", "015-", "017-", NULL};
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    (void)state;
    if (!shared) {
        print_message("LLMGW_SHARED is not set: no shared examples\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/wire/golden/gemini", shared);
    assert_true(golden_folder(folder, names, check_request) >= 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_given_as_examples_are_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
