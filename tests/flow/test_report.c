/* What an error tells of its call: attempts, and who was considered. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/pair.h"

#define CONFIG                                                        \
    "{'environment':false,'providers':{"                              \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"      \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"     \
    "'manifest':{'version':'t','models':["                            \
    "{'provider':'openai','model':'sees','capabilities':['vision']}," \
    "{'provider':'openai','model':'blind','lacks':['vision']}]},"     \
    "'routes':{'r':{'targets':['one/sees','two/blind','two/sees'],"   \
    "'retries':0}}}"
#define IMAGE                                                       \
    "{'model':'r','messages':[{'role':'user','content':[{"          \
    "'type':'image_url','image_url':{'url':'data:image/png;base64," \
    "iVBORw0KGgo='}}]}]}"

static int set_up(void **state)
{
    return pair_set_up(state, CONFIG);
}

static void ask(struct pair *pair, struct caller *caller, const char *one,
                const char *two)
{
    fake_clear(pair->one);
    fake_clear(pair->two);
    fake_script(pair->one, "", one);
    fake_script(pair->two, "", two);
    memset(caller, 0, sizeof *caller);
    caller_ask_json(caller, pair->gateway, CALLER_BLOCKING, IMAGE, 0);
}

static void an_error_says_who_was_considered_and_why(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    llmgw_str json = {NULL, 0};
    const char *text;

    ask(pair, &caller, "status=503", "error=auth");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_json(llmgw_call_error(caller.call), &json),
                     LLMGW_OK);
    text = caller_text(json);
    assert_int_equal(strncmp(text, "{\"error\":{\"message\":", 20), 0);
    assert_non_null(strstr(text, "},\"llmgw\":{\"call_id\":\""));
    assert_non_null(strstr(text, "\"attempts\":[{\"target\":\"one/sees\""));
    assert_non_null(strstr(text, "\"error\":\"auth\""));
    assert_non_null(strstr(text, "\"plan\":[{\"target\":\"one/sees\""));
    assert_non_null(strstr(text, "{\"target\":\"two/blind\",\"reason\":\"the "
                                 "model lacks vision\",\"usable\":false,"
                                 "\"tried\":false}"));
    assert_non_null(strstr(text, "\"tried\":true}]}}"));
    llmgw_call_free(caller.call);
    pair_reopen(pair);
}

static void a_response_says_so_too(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    llmgw_str json = {NULL, 0};

    ask(pair, &caller, "", "");
    assert_int_equal(
        llmgw_response_json(llmgw_call_response(caller.call), &json), LLMGW_OK);
    assert_non_null(
        strstr(caller_text(json), "\"usable\":true,\"tried\":true}"));
    assert_non_null(
        strstr(caller_text(json), "\"usable\":true,\"tried\":false}"));
    llmgw_call_free(caller.call);
}

static void the_error_of_an_attempt_is_the_provider_s_alone(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    llmgw_str json = {NULL, 0};

    ask(pair, &caller, "status=503", "status=503");
    assert_int_equal(
        llmgw_error_json(
            llmgw_attempt_error(llmgw_call_attempt(caller.call, 0)), &json),
        LLMGW_OK);
    assert_null(strstr(caller_text(json), "\"llmgw\""));
    llmgw_call_free(caller.call);
    pair_reopen(pair);
}

static void without_memory_it_is_told_the_next_time(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    llmgw_str json = {NULL, 0};
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    ask(pair, &caller, "status=503", "status=503");
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = llmgw_error_json(llmgw_call_error(caller.call), &json);
        allow_allocations();
        assert_true(status == LLMGW_OK || !json.data);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
    assert_non_null(strstr(caller_text(json), "\"plan\":["));
    llmgw_call_free(caller.call);
    pair_reopen(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_says_who_was_considered_and_why),
        cmocka_unit_test(a_response_says_so_too),
        cmocka_unit_test(the_error_of_an_attempt_is_the_provider_s_alone),
        cmocka_unit_test(without_memory_it_is_told_the_next_time),
    };

    return cmocka_run_group_tests(tests, set_up, pair_tear_down);
}
