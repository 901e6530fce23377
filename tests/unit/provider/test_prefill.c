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
    run.target.price = &price;
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
}

#define USER "{'role':'user','content':'Q'}"

/* --- what is sent --- */

/** The body of the request that goes on with `told`, ' for ". */
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
#define ASK                                                                    \
    "Your previous response was cut off. Continue exactly where it ended, "    \
    "without repeating anything."

struct sent {
    const char *service;
    const char *model;
    const char *prefill; /* NULL: it takes none */
    const char *instruction;
};

static const struct sent sent[] = {
    {"mistral", "m", "?", "?"},
    {"openai", "gpt-4o", NULL, "?"},
    {"azure", "gpt-5.4", NULL, "?"},
    {"vllm", "m", "?", "?"},
    {"sglang", "m", "?", "?"},
    {"perplexity", "sonar", NULL, "?"},
    {"ollama", "m", "?", "?"},
    {"anthropic", "claude-haiku-4-5", "?", "?"},
    {"anthropic", "claude-opus-5", NULL, "?"},
    {"bedrock", "us.anthropic.claude-haiku-4-5-v1:0", "?", "?"},
    {"bedrock", "amazon.nova-lite-v1:0", NULL, "?"},
    {"google", "gemini-2.5-flash", "?", "?"},
    {"vertex", "claude-haiku-4-5", "?", "?"},
    {"cohere", "command-a", NULL, "?"},
};

static void every_dialect_writes_what_was_told(void **state)
{
    (void)state;
    price.can = LLMGW__CAN_PREFILL;
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        const struct sent *row = &sent[i];

        for (int instruction = 0; instruction < 2; instruction++) {
            char *body;
            if (!instruction && !row->prefill) continue;
            read_request(row->service, row->model, USER, "");
            body = body_of(TOLD, instruction);
            printf("%s %s %d: %s\n", row->service, row->model, instruction, body);
            free(body);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_dialect_writes_what_was_told, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
