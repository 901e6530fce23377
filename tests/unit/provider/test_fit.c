/*
 * A chat in the form that its model takes, as far as the manifest knows it;
 * and what the dialect that writes members as they stand makes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "provider/fit.h"
#include "support/alloc.h"
#include "support/dialect_run.h"

/* clang-format off */
#define ALL                                                              \
    "'temperature':0.5,'top_p':0.9,'top_k':40,'frequency_penalty':1,"    \
    "'presence_penalty':-1,'seed':7,'logprobs':true,'top_logprobs':2,"   \
    "'stop':['x']"
#define IDLE                                                             \
    "'temperature':1,'top_p':1.0,'top_k':-1,'frequency_penalty':0,"      \
    "'presence_penalty':0,'logprobs':false,'stop':[]"
#define DROPPED                                                          \
    "temperature/dropped/model_rejects_sampling "                        \
    "top_p/dropped/model_rejects_sampling "                              \
    "top_k/dropped/model_rejects_sampling "                              \
    "frequency_penalty/dropped/model_rejects_sampling "                  \
    "presence_penalty/dropped/model_rejects_sampling "                   \
    "seed/dropped/unsupported logprobs/dropped/model_rejects_sampling "  \
    "stop/dropped/unsupported "
/* clang-format on */

static struct dialect_run run;
static struct llmgw__price price;
static struct llmgw__encode io;

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    memset(&price, 0, sizeof price);
    return 0;
}

static void read_request(const char *members)
{
    char request[2048];

    snprintf(request, sizeof request,
             "{'model':'x/y','messages':[{'role':'user','content':'a'}]%s%s}",
             members[0] ? "," : "", members);
    for (char *at = request; *at; at++)
        if (*at == '\'')
            *at = '"';
    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_openai, "https://host.example",
                      "some-model");
    run.target.price = &price;
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    io = (struct llmgw__encode){.chat = &run.chat,
                                .target = &run.target,
                                .arena = &run.arena,
                                .request = &run.request,
                                .adjustments = &run.adjustments,
                                .memo = &run.memo,
                                .error = &run.error};
}

/** What was reported: "param/action/reason …". */
static const char *adjusted(void)
{
    static char out[1024];

    out[0] = '\0';
    for (size_t i = 0; i < run.adjustments.count; i++)
        snprintf(out + strlen(out), sizeof out - strlen(out), "%s/%s/%s ",
                 run.adjustments.items[i].param,
                 run.adjustments.items[i].action,
                 run.adjustments.items[i].reason);
    return out;
}

static void a_limit_beyond_the_models_is_clamped(void **state)
{
    (void)state;
    price.max_output = 100;
    read_request("'max_tokens':101");
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_int_equal(io.chat->max_tokens, 100);
    assert_ptr_equal(io.memo->chat, io.chat);
    assert_int_equal(run.chat.max_tokens, 101); /* the next target's */
    assert_string_equal(adjusted(), "max_tokens/clamped/model_max_output ");
    read_request("'max_completion_tokens':5000000");
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_string_equal(adjusted(),
                        "max_completion_tokens/clamped/model_max_output ");
}

static void a_limit_within_or_unknown_stays(void **state)
{
    (void)state;
    price.max_output = 100;
    read_request("'max_tokens':100");
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_ptr_equal(io.chat, &run.chat);
    price.max_output = 0;
    read_request("'max_tokens':5000000");
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_ptr_equal(io.chat, &run.chat);
    assert_string_equal(adjusted(), "");
}

static void an_unknown_model_gets_all_as_asked(void **state)
{
    (void)state;
    read_request("'max_tokens':5000000," ALL);
    run.target.price = NULL;
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_ptr_equal(io.chat, &run.chat);
    assert_string_equal(adjusted(), "");
}

static void what_the_model_refuses_is_dropped(void **state)
{
    (void)state;
    price.refuses = 0xff;
    read_request(ALL);
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_string_equal(adjusted(), DROPPED);
    assert_false(io.chat->temperature.set || io.chat->top_p.set ||
                 io.chat->top_k.set || io.chat->frequency_penalty.set ||
                 io.chat->presence_penalty.set || io.chat->seed.set);
    assert_int_equal(io.chat->logprobs, 0);
    assert_int_equal(io.chat->stop_count, 0);
    assert_true(run.chat.temperature.set && run.chat.stop_count == 1);
}

static void one_refusal_leaves_the_rest(void **state)
{
    (void)state;
    price.refuses = LLMGW__REFUSES_TOP_K;
    read_request(ALL);
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_string_equal(adjusted(), "top_k/dropped/model_rejects_sampling ");
    assert_true(io.chat->temperature.set && !io.chat->top_k.set);
}

static void what_would_happen_anyway_is_dropped_without_a_word(void **state)
{
    (void)state;
    price.refuses = 0xff;
    read_request(IDLE);
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_string_equal(adjusted(), "");
    assert_false(io.chat->temperature.set);
}

static void strict_refuses_it_instead(void **state)
{
    (void)state;
    price.refuses = LLMGW__REFUSES_SEED;
    price.max_output = 10;
    read_request("'seed':7");
    io.strict = true;
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_E_INVALID);
    assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_string_equal(run.error.param, "seed");
    assert_string_equal(run.error.message, "seed would be dropped "
                                           "(unsupported)");
    read_request("'max_tokens':11");
    io.strict = true;
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_E_INVALID);
    assert_string_equal(run.error.param, "max_tokens");
}

static void members_that_go_out_as_they_stand_are_dropped_too(void **state)
{
    char *body;

    (void)state;
    price.refuses = 0xff;
    price.max_output = 50;
    read_request(ALL ",'max_tokens':60");
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_int_equal(run.dialect->encode(&io), LLMGW_OK);
    body = dialect_run_body(&run);
    assert_string_equal(body,
                        "{\"model\":\"some-model\",\"messages\":[{\"role\":"
                        "\"user\",\"content\":\"a\"}],\"max_completion_"
                        "tokens\":50}");
    assert_string_equal(adjusted(),
                        "max_tokens/clamped/model_max_output " DROPPED
                        "top_logprobs/dropped/model_rejects_sampling ");
    free(body);
}

static void a_schema_the_model_lacks_is_said_in_words(void **state)
{
    char *body;

    (void)state;
    price.cannot = LLMGW__CAN_JSON_SCHEMA;
    read_request("'response_format':{'type':'json_schema','json_schema':"
                 "{'name':'n','schema':{'type':'object'}}}");
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
    assert_int_equal(run.dialect->encode(&io), LLMGW_OK);
    body = dialect_run_body(&run);
    assert_non_null(
        strstr(body, "\"response_format\":{\"type\":\"json_object\"}"));
    assert_string_equal(adjusted(), "response_format/emulated/"
                                    "json_instruction ");
    free(body);
}

static void fitting_survives_a_failed_allocation(void **state)
{
    (void)state;
    price.refuses = 0xff;
    price.max_output = 1;
    read_request(ALL ",'max_tokens':60");
    io.arena = &run.scratch;
    llmgw__arena_clear(&run.scratch);
    llmgw__arena_init(&run.scratch, 0, 0);
    fail_allocation(0);
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_E_NOMEM);
    allow_allocations();
    assert_ptr_equal(io.chat, &run.chat);
    assert_int_equal(llmgw__fit_chat(&io), LLMGW_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, forget)
    const struct CMUnitTest tests[] = {
        TEST(a_limit_beyond_the_models_is_clamped),
        TEST(a_limit_within_or_unknown_stays),
        TEST(an_unknown_model_gets_all_as_asked),
        TEST(what_the_model_refuses_is_dropped),
        TEST(one_refusal_leaves_the_rest),
        TEST(what_would_happen_anyway_is_dropped_without_a_word),
        TEST(strict_refuses_it_instead),
        TEST(members_that_go_out_as_they_stand_are_dropped_too),
        TEST(a_schema_the_model_lacks_is_said_in_words),
        TEST(fitting_survives_a_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
