/*
 * Whole calls by what the manifest knows of the models: who lacks what the
 * request needs is not asked, limits are kept, and a model that nobody knows
 * is asked as it was meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"

#define KNOWN                                                          \
    "{'environment':false,'providers':{"                               \
    "'one':{'type':'groq','base_url':'$1/v1','api_key':'k1'},"         \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"      \
    "'routes':{'eyes':{'targets':['one/blind','two/seeing']},"         \
    "'blind':{'targets':['one/blind','two/deaf']},"                    \
    "'free':{'targets':['one/unheard-of','two/seeing']}},"             \
    "'manifest':{'version':'t','models':["                             \
    "{'provider':'groq','model':'blind','lacks':['vision','audio'],"   \
    "'context_window':100},"                                           \
    "{'provider':'openai','model':'deaf','lacks':['vision','audio']}," \
    "{'provider':'openai','model':'seeing','capabilities':['vision']," \
    "'max_output':64,'refuses':['temperature'],'rates':{'in':'1',"     \
    "'out':'2'}}]}}"

#define IMAGE                                                           \
    "'messages':[{'role':'user','content':[{'type':'text','text':'a'}," \
    "{'type':'image_url','image_url':{'url':'https://x.example/y.png'}}]}]}"

static int set_up(void **state)
{
    return pair_set_up(state, KNOWN);
}

static void ask(struct pair *pair, struct caller *caller, const char *json)
{
    memset(caller, 0, sizeof *caller);
    fake_clear(pair->one);
    fake_clear(pair->two);
    caller_ask_json(caller, pair->gateway, CALLER_BLOCKING, json, 0);
}

static const char *answer(struct caller *caller)
{
    llmgw_str json;

    if (llmgw_call_end(caller->call) != LLMGW_END_RESPONSE)
        fail_msg("%s", llmgw_error_message(llmgw_call_error(caller->call)));
    assert_int_equal(
        llmgw_response_json(llmgw_call_response(caller->call), &json),
        LLMGW_OK);
    return caller_text(json);
}

static void who_lacks_it_is_not_asked(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    size_t before = fake_requests(pair->one);
    const char *json;

    ask(pair, &caller, "{'model':'eyes'," IMAGE);
    json = answer(&caller);
    assert_int_equal(llmgw_call_attempt_count(caller.call), 1);
    assert_int_equal(fake_requests(pair->one), before);
    assert_non_null(strstr(json, "\"left_out\":[{\"target\":\"one/blind\","
                                 "\"reason\":\"the model lacks vision\"}]"));
    assert_null(strstr(json, "\"known\""));
    llmgw_call_free(caller.call);
}

static void who_lacks_nothing_that_is_needed_is_asked(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    const char *json;

    ask(pair, &caller,
        "{'model':'eyes','messages':[{'role':'user','content':'a'}]}");
    json = answer(&caller);
    assert_non_null(strstr(json, "\"target\":\"one/blind\""));
    assert_null(strstr(json, "left_out"));
    llmgw_call_free(caller.call);
}

static void a_prompt_too_long_goes_where_there_is_room(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    char json[2400] = "{'model':'eyes','messages':[{'role':'user','content':'";
    size_t len = strlen(json);

    memset(json + len, 'x', 2000);
    memcpy(json + len + 2000, "'}]}", 5);
    ask(pair, &caller, json);
    assert_non_null(strstr(answer(&caller),
                           "\"reason\":\"the prompt is too long for its "
                           "context window\""));
    llmgw_call_free(caller.call);
}

static void where_all_lack_it_the_error_names_them(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    llmgw_error *error;

    ask(pair, &caller, "{'model':'blind'," IMAGE);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    error = llmgw_call_error(caller.call);
    assert_int_equal(llmgw_error_get_kind(error),
                     LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_int_equal(llmgw_error_http_status(error), 400);
    assert_string_equal(llmgw_error_param(error), "messages[0].content[1]");
    assert_string_equal(llmgw_error_message(error),
                        "no target can be asked: one/blind: the model lacks "
                        "vision; two/deaf: the model lacks vision");
    assert_int_equal(llmgw_call_attempt_count(caller.call), 0);
    llmgw_call_free(caller.call);
}

static void what_a_model_refuses_is_told(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    struct fake_request served;
    const char *json;

    ask(pair, &caller,
        "{'model':'two/seeing','temperature':0.5,'max_tokens':1000,"
        "'messages':[{'role':'user','content':'a'}]}");
    json = answer(&caller);
    assert_non_null(strstr(json,
                           "{\"param\":\"max_tokens\",\"action\":\"clamped\","
                           "\"reason\":\"model_max_output\"}"));
    assert_non_null(strstr(json,
                           "{\"param\":\"temperature\",\"action\":\"dropped\","
                           "\"reason\":\"model_rejects_sampling\"}"));
    served = fake_request(pair->two, fake_requests(pair->two) - 1);
    assert_non_null(strstr(served.body, "\"max_completion_tokens\":64"));
    assert_null(strstr(served.body, "temperature"));
    llmgw_call_free(caller.call);
}

static void a_model_nobody_knows_is_asked_as_meant(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    const char *json;

    ask(pair, &caller, "{'model':'free','max_tokens':9000000," IMAGE);
    json = answer(&caller);
    assert_non_null(strstr(json, "\"attempts\":[{\"target\":\"one/unheard-of\","
                                 "\"known\":false,"));
    assert_non_null(strstr(json, "\"adjustments\":[]"));
    llmgw_call_free(caller.call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_lacks_it_is_not_asked),
        cmocka_unit_test(who_lacks_nothing_that_is_needed_is_asked),
        cmocka_unit_test(a_prompt_too_long_goes_where_there_is_room),
        cmocka_unit_test(where_all_lack_it_the_error_names_them),
        cmocka_unit_test(what_a_model_refuses_is_told),
        cmocka_unit_test(a_model_nobody_knows_is_asked_as_meant),
    };

    return cmocka_run_group_tests(tests, set_up, pair_tear_down);
}
