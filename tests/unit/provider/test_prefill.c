/*
 * An answer that another target began: who can go on with it, and what is
 * sent, in every dialect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "provider/prefill.h"
#include "schema/chat_continue.h"
#include "support/alloc.h"
#include "support/dialect_run.h"

static struct dialect_run run;
static struct llmgw__price price;

static const struct llmgw__setting settings[] = {
    {.name = "project", .value = "p"},
    {.name = "location", .value = "eu"},
};

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    memset(&price, 0, sizeof price);
    return 0;
}

/** A target of a service, and a request with these messages and members. */
static void read_request(const char *service, const char *model,
                         const char *messages, const char *members)
{
    const struct llmgw__provider_row *row =
        llmgw__provider_row_find(llmgw__str(service));
    char request[2048];

    assert_non_null(row);
    snprintf(request, sizeof request, "{'model':'m','messages':[%s]%s%s}",
             messages, members[0] ? "," : "", members);
    for (char *at = request; *at; at++)
        if (*at == '\'')
            *at = '"';
    dialect_run_clear(&run);
    dialect_run_start(&run, row->dialect, "https://host.example", model);
    run.provider.row = row;
    run.provider.settings = settings;
    run.provider.setting_count = sizeof settings / sizeof *settings;
    run.target.price = &price;
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
}

#define USER "{'role':'user','content':'Q'}"

/* --- what is sent --- */

/** The body of the request that goes on with `told`, with ' for ". */
static char *body_of(const char *told, bool instruction)
{
    const struct llmgw__dialect *instead =
        run.dialect->instead ? run.dialect->instead(&run.chat, &run.target)
                             : NULL;
    struct llmgw__chat out;
    struct llmgw__encode encode = {
        .chat = &out,
        .target = &run.target,
        .stream = true,
        .arena = &run.arena,
        .request = &run.request,
        .adjustments = &run.adjustments,
        .memo = &run.memo,
        .error = &run.error,
    };
    char *body;

    assert_int_equal(llmgw__chat_continued(&run.chat, llmgw__str(told),
                                           instruction, &run.arena, &out),
                     LLMGW_OK);
    assert_int_equal((instead ? instead : run.dialect)->encode(&encode),
                     LLMGW_OK);
    body = dialect_run_body(&run);
    for (char *at = body; *at; at++)
        if (*at == '"')
            *at = '\'';
    return body;
}

/** A text that has to be escaped, with white space at its end. */
#define TOLD "An \"A\"\n\xC3\xA4 \n"
#define SAID "An \\'A\\'\\n\xC3\xA4"
#define ALL  SAID " \\n"
#define ASK                                                                 \
    "Your previous response was cut off. Continue exactly where it ended, " \
    "without repeating anything."

/* clang-format off */
#define OPENAI_SAID(more) \
    "'messages':[{'role':'user','content':'Q'}," \
    "{'role':'assistant','content':'" SAID "'" more "}]"
#define OPENAI_ASKED(messages) \
    "'" messages "':[{'role':'user','content':'Q'}," \
    "{'role':'assistant','content':'" ALL "'}," \
    "{'role':'user','content':'" ASK "'}]"
#define GEMINI_SAID(text) \
    "'contents':[{'role':'user','parts':[{'text':'Q'}]}," \
    "{'role':'model','parts':[{'text':'" text "'}]}"
#define GO_ON "'add_generation_prompt':false,'continue_final_message':true}"

static const struct sent {
    const char *service;
    const char *model;
    const char *prefill; /* in the body; NULL: it takes none */
    const char *instruction;
} sent[] = {
    {"openai", "gpt-4o", NULL, OPENAI_ASKED("messages")},
    {"openai", "o3-pro", NULL, OPENAI_ASKED("input")},
    {"azure", "gpt-5.4", NULL, OPENAI_ASKED("messages")},
    {"mistral", "m", OPENAI_SAID(",'prefix':true"), OPENAI_ASKED("messages")},
    {"vllm", "m", OPENAI_SAID("") ",'stream':true,'stream_options':"
     "{'include_usage':true}," GO_ON, OPENAI_ASKED("messages")},
    {"openrouter", "m", OPENAI_SAID(""), OPENAI_ASKED("messages")},
    {"perplexity", "sonar", NULL, OPENAI_ASKED("messages")},
    {"ollama", "m", OPENAI_SAID(""), OPENAI_ASKED("messages")},
    {"anthropic", "claude-haiku-4-5", OPENAI_SAID(""),
     OPENAI_ASKED("messages")},
    {"anthropic", "claude-opus-5", NULL, OPENAI_ASKED("messages")},
    {"vertex", "claude-haiku-4-5", OPENAI_SAID(""), OPENAI_ASKED("messages")},
    {"bedrock", "us.anthropic.claude-haiku-4-5-v1:0", OPENAI_SAID(""),
     OPENAI_ASKED("messages")},
    {"bedrock", "amazon.nova-lite-v1:0", NULL,
     "'messages':[{'role':'user','content':[{'text':'Q'}]},"
     "{'role':'assistant','content':[{'text':'" ALL "'}]},"
     "{'role':'user','content':[{'text':'" ASK "'}]}]"},
    {"google", "gemini-2.5-flash", GEMINI_SAID(SAID) "]",
     GEMINI_SAID(ALL) ",{'role':'user','parts':[{'text':'" ASK "'}]}]"},
    {"cohere", "command-a", NULL, OPENAI_ASKED("messages")},
};
/* clang-format on */

static void every_dialect_writes_what_was_told(void **state)
{
    (void)state;
    price.can = LLMGW__CAN_PREFILL;
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
        for (int asks = 0; asks < 2; asks++) {
            const char *expected = asks ? sent[i].instruction : sent[i].prefill;
            enum llmgw__goes_on goes_on =
                sent[i].prefill ? LLMGW__GOES_ON_PREFILL : LLMGW__GOES_ON_TOLD;
            size_t unsaid;
            char *body;

            read_request(sent[i].service, sent[i].model, USER, "");
            assert_int_equal(llmgw__prefill_of(&run.target, &run.chat,
                                               LLMGW__LIT(TOLD), &unsaid),
                             goes_on);
            assert_int_equal(unsaid, sent[i].prefill ? 2 : 0);
            if (!expected)
                continue;
            body = body_of(TOLD, asks);
            if (!strstr(body, expected))
                fail_msg("%s %s: %s", sent[i].service, sent[i].model, body);
            assert_true(!asks || !strstr(body, "continue_final_message"));
            assert_int_equal(run.adjustments.count, 0);
            free(body);
        }
}

static void converse_writes_what_was_told(void **state)
{
    static const struct llmgw__setting converse = {.name = "claude_api",
                                                   .value = "converse"};
    size_t unsaid;
    char *body;

    (void)state;
    read_request("bedrock", "us.anthropic.claude-haiku-4-5-v1:0", USER, "");
    run.provider.settings = &converse;
    run.provider.setting_count = 1;
    assert_int_equal(
        llmgw__prefill_of(&run.target, &run.chat, LLMGW__LIT(TOLD), &unsaid),
        LLMGW__GOES_ON_PREFILL);
    body = body_of(TOLD, false);
    assert_non_null(
        strstr(body, "{'role':'assistant','content':[{'text':'" SAID "'}]}]"));
    free(body);
}

static void what_was_told_reads_as_it_was(void **state)
{
    static const char *const began[] = {"", "a", "\\n"};
    llmgw_str text;

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct llmgw__chat out;
        char messages[128];
        char expected[128];

        snprintf(messages, sizeof messages,
                 USER "%s{'role':'assistant','content':'%s'}", ",", began[i]);
        snprintf(expected, sizeof expected, "%s%s", i == 2 ? "\n" : began[i],
                 i == 1 ? "\"\\" : "b");
        read_request("ollama", "m", messages, "");
        assert_int_equal(
            llmgw__chat_continued(&run.chat, llmgw__str(i == 1 ? "\"\\" : "b"),
                                  false, &run.arena, &out),
            LLMGW_OK);
        assert_int_equal(
            llmgw__jstr_text(out.messages[1].parts[0].text, &run.arena, &text),
            LLMGW_OK);
        assert_true(llmgw__str_is(text, expected));
    }
}

static void what_the_request_began_is_gone_on_with(void **state)
{
    char *body;

    (void)state;
    read_request("ollama", "m",
                 USER ",{'role':'assistant','content':'\\u0041n'}", "");
    body = body_of(" apple", false);
    assert_non_null(strstr(body, "[{'role':'user','content':'Q'},{'role':"
                                 "'assistant','content':'\\u0041n apple'}]"));
    free(body);
    read_request("cohere", "m", USER ",{'role':'assistant','content':'A'}", "");
    body = body_of("n", true);
    assert_non_null(strstr(body, "{'role':'assistant','content':'An'},"
                                 "{'role':'user','content':'Your"));
    free(body);
}

static void white_space_alone_is_not_sent(void **state)
{
    struct llmgw__chat out;

    (void)state;
    read_request("openai", "gpt-4o", USER, "");
    assert_int_equal(llmgw__chat_continued(&run.chat, LLMGW__LIT(" \n"), false,
                                           &run.arena, &out),
                     LLMGW_OK);
    assert_int_equal(out.message_count, 1);
    assert_false(out.continued);
}

/* --- who goes on --- */

struct case_of {
    const char *service;
    const char *model;
    const char *members;
    uint8_t can, cannot;
    const char *text;
    enum llmgw__goes_on goes_on;
};

#define NEVER   LLMGW__GOES_ON_NEVER
#define TOLD_TO LLMGW__GOES_ON_TOLD
#define PREFILL LLMGW__GOES_ON_PREFILL
#define CAN     LLMGW__CAN_PREFILL
#define THINKS  (LLMGW__CAN_PREFILL | LLMGW__CAN_REASONING)

#define SCHEMA                                                           \
    "'response_format':{'type':'json_schema','json_schema':{'name':'a'," \
    "'schema':{'type':'object'}}}"
#define TOOL \
    "'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':"
#define HAIKU "anthropic", "claude-haiku-4-5"

/* clang-format off */
static const struct case_of cases[] = {
    /* not with this request, whoever is asked */
    {HAIKU, "", 0, 0, "", NEVER},
    {HAIKU, "'n':2", 0, 0, "text", NEVER},
    {HAIKU, "'n':1", 0, 0, "text", PREFILL},
    {HAIKU, SCHEMA, 0, 0, "text", NEVER},
    {HAIKU, "'response_format':{'type':'json_object'}", 0, 0, "text", NEVER},
    {HAIKU, "'response_format':{'type':'text'}", 0, 0, "text", PREFILL},
    {HAIKU, "'output_config':{'format':{'type':'json_schema'}}", 0, 0, "text",
     NEVER},
    {HAIKU, "'logprobs':true", 0, 0, "text", NEVER},
    {HAIKU, "'audio':{'voice':'a','format':'wav'}", 0, 0, "text", NEVER},
    /* thinking comes first */
    {HAIKU, "'reasoning_effort':'low'", 0, 0, "text", TOLD_TO},
    {HAIKU, "'reasoning_effort':'none'", 0, 0, "text", PREFILL},
    {HAIKU, "'thinking':{'type':'enabled','budget_tokens':1024}", 0, 0, "text",
     TOLD_TO},
    {HAIKU, "'thinking':{'type':'disabled'}", 0, 0, "text", PREFILL},
    {"vllm", "m", "'reasoning':{'effort':'low'}", 0, 0, "text", TOLD_TO},
    {"vllm", "m", "", LLMGW__CAN_REASONING, 0, "text", TOLD_TO},
    {"vllm", "m", "'reasoning_effort':'none'", LLMGW__CAN_REASONING, 0, "text",
     PREFILL},
    {HAIKU, "", LLMGW__CAN_REASONING, 0, "text", PREFILL},
    /* a tool that must be called is called instead */
    {HAIKU, TOOL "'required'", 0, 0, "text", TOLD_TO},
    {HAIKU, TOOL "{'type':'function','function':{'name':'f'}}", 0, 0, "text",
     TOLD_TO},
    {HAIKU, TOOL "'auto'", 0, 0, "text", PREFILL},
    /* the manifest has the last word where it says no */
    {HAIKU, "", 0, CAN, "text", TOLD_TO},
    {"anthropic", "claude-sonnet-4-6", "", CAN, 0, "text", TOLD_TO},
    {"anthropic", "some-model", "", CAN, 0, "text", TOLD_TO},
    {"google", "gemini-2.5-pro", "", CAN, 0, "text", PREFILL},
    {"google", "gemini-2.5-pro", "", THINKS, 0, "text", TOLD_TO},
    {"google", "gemini-2.5-pro", "", 0, 0, "text", TOLD_TO},
    {"google", "gemini-3.6-flash", "", CAN, 0, "text", TOLD_TO},
    {"openrouter", "m", "", CAN, 0, "text", PREFILL},
    {"openrouter", "m", "", 0, 0, "text", TOLD_TO},
    {"groq", "m", "", CAN, 0, "text", PREFILL},
    {"llamacpp", "m", "", 0, 0, "text", TOLD_TO},
    /* a service whose wire has no such thing, whatever the model */
    {"openai", "gpt-4o", "", CAN, 0, "text", TOLD_TO},
    {"deepseek", "m", "", CAN, 0, "text", TOLD_TO},
    {"xai", "m", "", CAN, 0, "text", TOLD_TO},
    {"cohere", "m", "", CAN, 0, "text", TOLD_TO},
    {"compatible", "m", "", CAN, 0, "text", TOLD_TO},
    {"sglang", "m", "", 0, 0, "text", PREFILL},
    {"ollama", "m", "", 0, 0, "text", PREFILL},
    {"ollama_cloud", "m", "", CAN, 0, "text", TOLD_TO},
    /* this one says it again: too short to be told apart from chance */
    {"mistral", "m", "", 0, 0, "tex", TOLD_TO},
    {"mistral", "m", "", 0, 0, "text", PREFILL},
    {"mistral", "m", "", 0, 0, "tex  ", TOLD_TO},
    /* nothing but white space: asked as the first one was */
    {"openai", "gpt-4o", "", 0, 0, " \r\n\t", PREFILL},
};
/* clang-format on */

static void a_target_goes_on_as_its_service_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum llmgw__goes_on goes_on;
        size_t unsaid = 99;

        read_request(cases[i].service, cases[i].model, USER, cases[i].members);
        price.can = cases[i].can;
        price.cannot = cases[i].cannot;
        goes_on = llmgw__prefill_of(&run.target, &run.chat,
                                    llmgw__str(cases[i].text), &unsaid);
        if (goes_on != cases[i].goes_on)
            fail_msg("%zu: %s %s %s: %d", i, cases[i].service, cases[i].model,
                     cases[i].members, goes_on);
    }
}

static void white_space_at_the_end_is_unsaid(void **state)
{
    size_t unsaid;

    (void)state;
    read_request(HAIKU, USER, "");
    run.target.price = NULL;
    assert_int_equal(llmgw__prefill_of(&run.target, &run.chat,
                                       LLMGW__LIT("a b \t\r\n\f\v"), &unsaid),
                     PREFILL);
    assert_int_equal(unsaid, 6);
    assert_int_equal(
        llmgw__prefill_of(&run.target, &run.chat, LLMGW__LIT("  \n"), &unsaid),
        PREFILL);
    assert_int_equal(unsaid, 3);
}

static void a_last_turn_that_is_more_than_text_is_not_gone_on_with(void **state)
{
    static const char *const turns[] = {
        USER ",{'role':'assistant','content':[{'type':'text','text':'a'},"
             "{'type':'text','text':'b'}]}",
        USER ",{'role':'assistant','content':'a','refusal':'b'}",
        USER ",{'role':'assistant','content':'a','reasoning_content':'b'}",
        USER ",{'role':'assistant','content':'a','reasoning_details':[{}]}",
        USER ",{'role':'assistant','content':'a','llmgw':{}}",
        USER ",{'role':'assistant','content':null,'tool_calls':[{'id':'c',"
             "'type':'function','function':{'name':'f','arguments':'{}'}}]}",
    };
    size_t unsaid;

    (void)state;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        read_request(HAIKU, turns[i], "");
        assert_int_equal(llmgw__prefill_of(&run.target, &run.chat,
                                           LLMGW__LIT("text"), &unsaid),
                         NEVER);
    }
    read_request(HAIKU, USER ",{'role':'assistant','content':'a'}", "");
    assert_int_equal(
        llmgw__prefill_of(&run.target, &run.chat, LLMGW__LIT("text"), &unsaid),
        PREFILL);
    read_request("mistral", "m", USER ",{'role':'assistant','content':'a'}",
                 ""); /* which says that again, too */
    assert_int_equal(
        llmgw__prefill_of(&run.target, &run.chat, LLMGW__LIT("text"), &unsaid),
        TOLD_TO);
}

static void continuing_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    struct llmgw__chat out;
    int nth = 0;

    (void)state;
    read_request(HAIKU, USER ",{'role':'assistant','content':'a'}", "");
    for (; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__arena arena;

        llmgw__arena_init(&arena, 16, 0); /* a block for each piece */
        fail_allocation(nth);
        status = llmgw__chat_continued(&run.chat, LLMGW__LIT(TOLD), true,
                                       &arena, &out);
        allow_allocations();
        llmgw__arena_clear(&arena);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
    assert_int_equal(out.message_count, 3);
    assert_int_equal(run.chat.message_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_dialect_writes_what_was_told, forget),
        cmocka_unit_test_teardown(converse_writes_what_was_told, forget),
        cmocka_unit_test_teardown(what_was_told_reads_as_it_was, forget),
        cmocka_unit_test_teardown(what_the_request_began_is_gone_on_with,
                                  forget),
        cmocka_unit_test_teardown(white_space_alone_is_not_sent, forget),
        cmocka_unit_test_teardown(a_target_goes_on_as_its_service_does, forget),
        cmocka_unit_test_teardown(white_space_at_the_end_is_unsaid, forget),
        cmocka_unit_test_teardown(
            a_last_turn_that_is_more_than_text_is_not_gone_on_with, forget),
        cmocka_unit_test_teardown(continuing_survives_every_failed_allocation,
                                  forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
