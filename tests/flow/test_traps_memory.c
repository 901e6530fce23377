/*
 * Traps that others fell into: what grows, what is copied, and what is not the
 * same twice. Numbers are those of the list of traps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <malloc.h>

#include "support/alloc.h"
#include "support/caller.h"
#include "support/conversation.h"
#include "support/trap.h"

#define PICTURES ((size_t)4000000)

/* No copy is made of what is large, by no wire. */
static void t29_pictures_are_not_copied(void **state)
{
    static const size_t wires[] = {OAI, ANT, GOO, RES, BED, OLL};
    struct trap *trap = *state;

    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
        const char *model =
            wires[i] == OLL ? "oll/qwen2.5vl:7b" : wire_models[wires[i]].model;
        char *json = make_conversation("image", model, PICTURES);
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        llmgw_request *request;
        llmgw_call *call;
        size_t before;

        assert_non_null(json);
        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", "error=invalid_request");
        assert_int_equal(
            llmgw_request_from_json(llmgw__str_n(json, strlen(json)), &request),
            LLMGW_OK);
        free(json);
        before = allocation_bytes();
        assert_int_equal(llmgw_chat(trap->gateway, request, &options, &call),
                         LLMGW_OK);
        if (allocation_bytes() - before > PICTURES / 4)
            fail_msg("%s: %zu bytes for a call", model,
                     allocation_bytes() - before);
        assert_true(trap_request(trap).body_len > PICTURES * 9 / 10);
        /* and none is in what is told of the failure */
        assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
        assert_true(strlen(llmgw_error_message(llmgw_call_error(call))) < 2048);
        llmgw_call_free(call);
        llmgw_request_free(request);
    }
}

static size_t in_use(void)
{
#if defined __GLIBC__ && \
    (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
    return mallinfo2().uordblks;
#else
    return 0;
#endif
}

/* A quarter of the streams breaks off; all in one process, through one
 * gateway. */
static void t30_streams_leave_nothing_behind(void **state)
{
    static const char config[] =
        "{'environment':false,'ledger':{'max_entries':64},'providers':{" WIRES_AT(
            "1") "}}";
    struct fake *fake = fake_start_at(0, 0);
    struct trap own = {.fake = fake};
    size_t before = 0;

    (void)state;
    assert_non_null(fake);
    own.gateway = caller_open(config, fake_url(fake), "", "");
    fake_script(fake, "POST", "chunks=20 reasoning=2");
    for (size_t i = 0; i < WIRES * 300; i++) {
        struct caller caller = {0};

        if (i == WIRES * 100)
            before = in_use();
        if (i % 4 == 3)
            caller.stop_at = 5, caller.stop_with = 1;
        caller_ask(&caller, own.gateway, CALLER_BLOCKING,
                   wire_models[i % WIRES].model, "Say it.");
        llmgw_call_free(caller.call);
    }
    assert_true(in_use() <= before + 65536);
    llmgw_gateway_close(own.gateway);
    fake_stop(fake);
}

static void t31_the_same_request_is_the_same_bytes(void **state)
{
    static const char more[] =
        ",'user':'u','temperature':0.5,'max_tokens':99,'tools':["
        "{'type':'function','function':{'name':'zebra','description':'z',"
        "'parameters':{'type':'object','properties':{'b':{'type':'string'},"
        "'a':{'type':'integer'}},'required':['b']}}},{'type':'function',"
        "'function':{'name':'ant','parameters':{'type':'object','properties':"
        "{'y':{'type':'string'},'x':{'type':'string'}}}}}]";
    struct trap *trap = *state;

    for (size_t wire = 0; wire < WIRES; wire++) {
        struct fake_request first, again;

        fake_clear(trap->fake);
        trap_ask(trap, wire, 1, more);
        trap_answered(trap, NULL);
        first = trap_request(trap);
        trap_configure(trap, NULL);
        trap_ask(trap, wire, 1, more);
        again = trap_request(trap);
        assert_int_equal(again.body_len, first.body_len);
        assert_memory_equal(again.body, first.body, first.body_len);
        /* tools and their members stand as they were given */
        assert_true(strstr(first.body, "zebra") < strstr(first.body, "ant\""));
        assert_true(strstr(first.body, "\"b\"") < strstr(first.body, "\"a\""));
        assert_true(strstr(first.body, "\"y\"") < strstr(first.body, "\"x\""));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t29_pictures_are_not_copied),
        cmocka_unit_test(t30_streams_leave_nothing_behind),
        cmocka_unit_test(t31_the_same_request_is_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, trap_set_up, trap_tear_down);
}
