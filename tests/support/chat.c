/*
 * support/chat.c - read a chat request in a test, in one line.
 */
#include "support/chat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static struct chat_case current;
static char refusal[1024];

void chat_case_start(struct chat_case *it, const char *request)
{
    size_t len = strlen(request);

    it->text = malloc(len ? len : 1);
    it->status = LLMGW_E_NOMEM;
    llmgw__arena_init(&it->arena, 0, 0);
    llmgw__error_clear(&it->error);
    memset(&it->chat, 0, sizeof it->chat);
    if (!it->text)
        return;
    for (size_t i = 0; i < len; i++)
        it->text[i] = request[i] == '\'' ? '"' : request[i];
    it->status = llmgw__chat_parse(&it->chat, llmgw__str_n(it->text, len),
                                   &it->arena, &it->error);
}

void chat_case_end(struct chat_case *it)
{
    if (it->status == LLMGW_OK)
        llmgw__chat_clear(&it->chat);
    llmgw__arena_clear(&it->arena);
    free(it->text);
    memset(it, 0, sizeof *it);
}

const struct llmgw__chat *chat_of(const char *request)
{
    chat_done();
    chat_case_start(&current, request);
    if (current.status != LLMGW_OK)
        print_message("refused: %s\n", current.error.message);
    assert_int_equal(current.status, LLMGW_OK);
    assert_int_equal(current.error.kind, LLMGW_KIND_NONE);
    return &current.chat;
}

const char *refusal_of(const char *request)
{
    struct chat_case it;

    chat_case_start(&it, request);
    assert_int_equal(it.status, LLMGW_E_INVALID);
    assert_int_equal(it.error.kind, LLMGW_KIND_INVALID_REQUEST);
    snprintf(refusal, sizeof refusal, "%s | %s | %s", it.error.param,
             it.error.code, it.error.message);
    chat_case_end(&it);
    return refusal;
}

static const char *small_request(const char *members)
{
    static char request[4096];
    int len = snprintf(request, sizeof request,
                       "{'model':'m','messages':[{'role':'user',"
                       "'content':'Hi'}],%s}",
                       members);

    assert_in_range(len, 0, sizeof request - 1);
    return request;
}

const struct llmgw__chat *chat_with(const char *members)
{
    return chat_of(small_request(members));
}

const char *refusal_with(const char *members)
{
    return refusal_of(small_request(members));
}

void chat_done(void)
{
    if (current.text)
        chat_case_end(&current);
}

const char *text_of(struct llmgw__jstr str)
{
    static char texts[4][256];
    static int next;
    char *text = texts[next++ % 4];

    if (!str.data)
        return "(none)";
    snprintf(text, sizeof texts[0], "%.*s", (int)str.len, str.data);
    return text;
}
