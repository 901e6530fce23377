/*
 * What a request will cost, told for everybody who may be asked, before it is
 * sent: amounts reckoned by hand. Where nothing is to be asked, nobody listens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

/* USD a million tokens are micro-USD, millions of pico-USD, a token. */
#define MILLION INT64_C(1000000)

#define CONFIG                                                                \
    "{'environment':false,'breaker':false,'failover':{'retries':0},"          \
    "'manifest':{'version':'of-today','models':["                             \
    "{'provider':'openai','model':'dear','rates':{'in':'1','out':'4',"        \
    "'cache_read':'0.1','cache_write':'3'},'long':{'above':2000,'rates':"     \
    "{'in':'2','out':'5'}},'max_output':4096,'source':'t',"                   \
    "'as_of':'2026-11-01'},"                                                  \
    "{'provider':'openai','model':'blind','lacks':['vision'],"                \
    "'rates':{'in':'1','out':'1'},'source':'t','as_of':'2026-11-01'}]},"      \
    "'providers':{'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'}," \
    "'two':{'type':'compatible','base_url':'$2/v1','api_key':'k2'}},"         \
    "'routes':{'all':{'targets':['one/dear','two/other','one/blind']}}}"

#define HELLO                                                                 \
    "{\"model\":\"all\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\"," \
    "\"content\":\"hello\"}]}"
#define UNBOUND                                            \
    "{\"model\":\"all\",\"messages\":[{\"role\":\"user\"," \
    "\"content\":\"hello\"}]}"
#define LOOK                                                                  \
    "{\"model\":\"all\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\"," \
    "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"            \
    "\"https://example.com/i\"}}]}]}"

/* What templates may add to one message. */
#define ADDED (2048 + 64)

struct told {
    struct {
        int usable;
        char target[32], reason[96], row[32], tier[48], manifest[32];
        llmgw_guess least, expected, most;
    } of[4];
    size_t count;
    size_t enough; /* 0: all are wanted */
};

static void keep_text(char *out, size_t size, llmgw_str text)
{
    assert_true(text.len < size);
    if (text.len)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

#define KEEP(member) \
    keep_text(told->of[i].member, sizeof told->of[i].member, info->member)

static int32_t keep(const llmgw_estimate_info *info, void *userdata)
{
    struct told *told = userdata;
    size_t i = told->count++;

    assert_true(i < 4);
    assert_int_equal(info->size, sizeof *info);
    told->of[i].usable = info->usable;
    KEEP(target);
    KEEP(reason);
    KEEP(row);
    KEEP(tier);
    KEEP(manifest);
    told->of[i].least = info->least;
    told->of[i].expected = info->expected;
    told->of[i].most = info->most;
    return told->count == told->enough;
}

static llmgw_status estimate(llmgw_gateway *gateway, const char *json,
                             struct told *told, llmgw_error **error)
{
    llmgw_request *request;
    llmgw_status status = llmgw_request_from_json(llmgw__str(json), &request);

    told->count = 0;
    if (status != LLMGW_OK)
        return status;
    status = llmgw_estimate(gateway, request, NULL, keep, told, error);
    llmgw_request_free(request);
    return status;
}

static void expect(const llmgw_guess *guess, int64_t prompt, int64_t completion,
                   int64_t pico)
{
    assert_int_equal(guess->prompt_tokens, prompt);
    assert_int_equal(guess->completion_tokens, completion);
    assert_int_equal(guess->pico_usd, pico);
}

static int open_gateway(void **state)
{
    *state =
        caller_open(CONFIG, "http://127.0.0.1:9", "http://127.0.0.1:9", "");
    return 0;
}

static int close_gateway(void **state)
{
    llmgw_gateway_close(*state);
    return 0;
}

static void every_candidate_is_told_in_its_order(void **state)
{
    struct told told = {0};

    assert_int_equal(estimate(*state, HELLO, &told, NULL), LLMGW_OK);
    assert_int_equal(told.count, 3);
    assert_string_equal(told.of[0].target, "one/dear");
    assert_string_equal(told.of[1].target, "two/other");
    assert_string_equal(told.of[2].target, "one/blind");
    assert_int_equal(told.of[0].usable, 1);
    assert_true(told.of[0].reason[0]);
    assert_string_equal(told.of[0].row, "openai/dear");
    assert_string_equal(told.of[0].tier, "standard");
    assert_string_equal(told.of[0].manifest, "of-today");
}

static void amounts_are_exact(void **state)
{
    struct told told = {0};

    assert_int_equal(estimate(*state, HELLO, &told, NULL), LLMGW_OK);
    /* five bytes, four a token; at the rate of what was cached */
    expect(&told.of[0].least, 2, 1, 2 * MILLION / 10 + 4 * MILLION);
    expect(&told.of[0].expected, 2, 100, 2 * MILLION + 100 * 4 * MILLION);
    /* past 2000 tokens; to write the cache is dearest even so */
    expect(&told.of[0].most, 5 + ADDED, 100,
           (5 + ADDED) * 3 * MILLION + 100 * 5 * MILLION);
}

static void what_is_not_known_is_not_nothing(void **state)
{
    struct told told = {0};

    assert_int_equal(estimate(*state, UNBOUND, &told, NULL), LLMGW_OK);
    expect(&told.of[0].most, 5 + ADDED, 4096,
           (5 + ADDED) * 3 * MILLION + 4096 * 5 * MILLION);
    expect(&told.of[0].expected, 2, 500, 2 * MILLION + 500 * 4 * MILLION);
    expect(&told.of[1].expected, 2, 500, -1); /* it has no price */
    assert_string_equal(told.of[1].row, "");
    assert_string_equal(told.of[1].tier, "");
    expect(&told.of[2].most, 5 + ADDED, -1, -1); /* nothing bounds it */
    assert_int_equal(told.of[2].expected.pico_usd, 502 * MILLION);
}

static void the_tier_says_why_the_price_is_another(void **state)
{
    llmgw_gateway *gateway = caller_open(
        "{'environment':false,'manifest':{'models':[{'provider':'openai',"
        "'model':'m','rates':{'in':'1','out':'4'},'prices':["
        "{'hours':['00:00-24:00'],'multiply':'1/2'},"
        "{'min_prompt_tokens':1,'rates':{'in':'2'}},"
        "{'min_prompt_tokens':1000,'rates':{'in':'9'}}],"
        "'source':'t','as_of':'2026-11-01'}]},'providers':{'one':"
        "{'type':'openai','base_url':'$1/v1','api_key':'k'}},"
        "'routes':{'all':{'targets':['one/m']}}}",
        "http://127.0.0.1:9", "", "");
    struct told told = {0};

    (void)state;
    assert_int_equal(estimate(gateway, HELLO, &told, NULL), LLMGW_OK);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.of[0].tier,
                        "standard, at this hour, from 2 tokens");
    assert_int_equal(told.of[0].expected.pico_usd,
                     (2 * 2 + 100 * 4) * MILLION / 2);
    llmgw_gateway_close(gateway);
}

static void who_cannot_is_told_with_the_reason(void **state)
{
    struct told told = {0};

    assert_int_equal(estimate(*state, LOOK, &told, NULL), LLMGW_OK);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.of[0].usable, 1);
    assert_int_equal(told.of[0].most.prompt_tokens, 50000 + ADDED);
    assert_string_equal(told.of[2].target, "one/blind");
    assert_int_equal(told.of[2].usable, 0);
    assert_non_null(strstr(told.of[2].reason, "vision"));
}

static void who_has_heard_enough_is_told_no_more(void **state)
{
    struct told told = {.enough = 2};

    assert_int_equal(estimate(*state, HELLO, &told, NULL), LLMGW_OK);
    assert_int_equal(told.count, 2);
}

static void a_wrong_request_has_the_error_of_a_chat(void **state)
{
    static const struct {
        const char *json;
        llmgw_error_kind kind;
        const char *param;
    } wrong[] = {
        {"{\"model\":\"all\"}", LLMGW_KIND_INVALID_REQUEST, "messages"},
        {"{\"model\":\"none\",\"messages\":[{\"role\":\"user\","
         "\"content\":\"a\"}]}",
         LLMGW_KIND_MODEL_NOT_FOUND, "model"},
        {"{\"model\":\"all\",\"llmgw\":{\"nothing\":1},\"messages\":["
         "{\"role\":\"user\",\"content\":\"a\"}]}",
         LLMGW_KIND_INVALID_REQUEST, "llmgw.nothing"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct told told = {0};
        llmgw_error *error = NULL;

        assert_int_equal(estimate(*state, wrong[i].json, &told, &error),
                         LLMGW_E_INVALID);
        assert_int_equal(told.count, 0);
        assert_int_equal(llmgw_error_get_kind(error), wrong[i].kind);
        assert_string_equal(llmgw_error_param(error), wrong[i].param);
        llmgw_error_free(error);
        assert_int_equal(estimate(*state, wrong[i].json, &told, NULL),
                         LLMGW_E_INVALID);
    }
}

static void nothing_at_all_is_refused(void **state)
{
    struct told told = {0};
    llmgw_request *request;

    assert_int_equal(llmgw_request_create("all", &request), LLMGW_OK);
    assert_int_equal(llmgw_estimate(NULL, request, NULL, keep, &told, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_estimate(*state, NULL, NULL, keep, &told, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_estimate(*state, request, NULL, NULL, &told, NULL),
                     LLMGW_E_INVALID);
    llmgw_request_free(request);
}

static void no_memory_is_an_error_and_nothing_more(void **state)
{
    struct told told = {0};
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    for (; status != LLMGW_OK && nth < 1000; nth++) {
        int failed;

        fail_allocation(nth);
        status = estimate(*state, HELLO, &told, NULL);
        failed = allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
        if (!failed)
            assert_int_equal(status, LLMGW_OK);
        if (failed && status == LLMGW_OK)
            status = LLMGW_E_NOMEM; /* it could do without */
    }
    assert_true(nth > 3);
    assert_int_equal(told.count, 3);
}

static void what_was_counted_is_expected(void **state)
{
    struct fake *fake = fake_start();
    struct told told = {0};
    llmgw_gateway *gateway;

    (void)state;
    assert_non_null(fake);
    fake_script(fake, "", "usage=40:20");
    gateway = caller_open(CONFIG, fake_url(fake), fake_url(fake), "");
    for (int i = 0; i < 8; i++) {
        struct caller caller = {0};

        caller_ask_json(&caller, gateway, CALLER_BLOCKING,
                        "{'model':'one/dear','messages':[{'role':'user',"
                        "'content':'hello'}]}",
                        0);
        llmgw_call_free(caller.call);
    }
    assert_int_equal(estimate(gateway, HELLO, &told, NULL), LLMGW_OK);
    assert_in_range(told.of[0].expected.prompt_tokens, 38, 42);
    assert_int_equal(told.of[0].expected.completion_tokens, 20);
    assert_int_equal(told.of[0].least.prompt_tokens,
                     told.of[0].expected.prompt_tokens);
    /* its provider's others are likely to be alike */
    assert_in_range(told.of[2].expected.prompt_tokens, 30, 50);
    assert_int_equal(told.of[1].expected.prompt_tokens, 2); /* not these */
    assert_int_equal(told.of[0].most.prompt_tokens, 5 + ADDED);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_candidate_is_told_in_its_order),
        cmocka_unit_test(amounts_are_exact),
        cmocka_unit_test(what_is_not_known_is_not_nothing),
        cmocka_unit_test(the_tier_says_why_the_price_is_another),
        cmocka_unit_test(who_cannot_is_told_with_the_reason),
        cmocka_unit_test(who_has_heard_enough_is_told_no_more),
        cmocka_unit_test(a_wrong_request_has_the_error_of_a_chat),
        cmocka_unit_test(nothing_at_all_is_refused),
        cmocka_unit_test(no_memory_is_an_error_and_nothing_more),
        cmocka_unit_test(what_was_counted_is_expected),
    };

    return cmocka_run_group_tests_name("estimate", tests, open_gateway,
                                       close_gateway);
}
