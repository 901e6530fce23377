/*
 * What a sticky route knows a request again by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "route/stick.h"

#define SYSTEM(text) "{'role':'system','content':'" text "'}"
#define USER(text)   "{'role':'user','content':'" text "'}"
#define SAID(text)   "{'role':'assistant','content':'" text "'}"
#define TOOL(name) \
    ",'tools':[{'type':'function','function':{'name':'" name "'}}]"
#define ASK(messages) "{'model':'r','messages':[" messages "]"

/** The hash of a request; the closing brace is added. */
static uint64_t hash(enum llmgw__stick stick, const char *text,
                     const char *tags)
{
    const struct llmgw__route route = {.stick = (uint8_t)stick,
                                       .stick_tag = "user"};
    struct llmgw__arena arena;
    struct llmgw__error error;
    struct llmgw__chat chat;
    char json[1000];
    size_t len = strlen(text);
    uint64_t found;

    assert_true(len + 1 < sizeof json);
    for (size_t i = 0; i < len; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    json[len++] = '}';
    llmgw__arena_init(&arena, 0, 0);
    llmgw__error_clear(&error);
    if (llmgw__chat_parse(&chat, llmgw__str_n(json, len), &arena, &error))
        fail_msg("%s: %s", error.param, error.message);
    found = llmgw__stick_hash(&route, &chat, llmgw__str(tags));
    llmgw__chat_clear(&chat);
    llmgw__arena_clear(&arena);
    return found;
}

static uint64_t conversation(const char *text)
{
    return hash(LLMGW__STICK_CONVERSATION, text, "");
}

static uint64_t prefix(const char *text)
{
    return hash(LLMGW__STICK_PREFIX, text, "");
}

static uint64_t tag(const char *tags)
{
    return hash(LLMGW__STICK_TAG, ASK(USER("a")), tags);
}

static void a_conversation_goes_on_under_the_same_hash(void **state)
{
    uint64_t first = conversation(ASK(SYSTEM("s") "," USER("a")));

    (void)state;
    assert_true(first != 0);
    assert_true(conversation(ASK(SYSTEM("s") "," USER("a") "," SAID(
                    "x") "," USER("b"))) == first);
    assert_true(conversation(ASK(SYSTEM("s") "," USER("a")) TOOL("f")) ==
                first);
    assert_true(conversation(ASK(SYSTEM("s") "," USER("b"))) != first);
    assert_true(conversation(ASK(SYSTEM("t") "," USER("a"))) != first);
    assert_true(conversation(ASK(USER("a"))) != first);
}

static void a_prefix_is_the_system_s_words_and_the_tools(void **state)
{
    uint64_t first = prefix(ASK(SYSTEM("s") "," USER("a")) TOOL("f"));

    (void)state;
    assert_true(first != 0);
    assert_true(prefix(ASK(SYSTEM("s") "," USER("b")) TOOL("f")) == first);
    assert_true(prefix(ASK(SYSTEM("s") "," USER("a")) TOOL("g")) != first);
    assert_true(prefix(ASK(SYSTEM("t") "," USER("a")) TOOL("f")) != first);
    assert_true(prefix(ASK(SYSTEM("s") "," USER("a"))) != first);
    assert_true(prefix(ASK("{'role':'developer','content':'s'}," USER("a"))) !=
                0);
    assert_true(prefix(ASK(USER("a"))) == 0); /* nothing to stick by */
}

static void a_tag_sticks_by_its_value(void **state)
{
    uint64_t first = tag("team=blue,user=u-1");

    (void)state;
    assert_true(first != 0);
    assert_true(tag("user=u-1,team=red") == first);
    assert_true(tag("user=u-2") != first);
    assert_true(tag("users=u-1") == 0);
    assert_true(tag("") == 0);
    assert_true(tag("user=") != 0);
}

static void who_begins_with_an_answer_has_a_conversation_too(void **state)
{
    uint64_t whole = conversation(ASK(SYSTEM("s") "," SAID("x")));

    (void)state;
    assert_true(whole != 0);
    assert_true(conversation(ASK(SYSTEM("s") "," SAID("y"))) != whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conversation_goes_on_under_the_same_hash),
        cmocka_unit_test(a_prefix_is_the_system_s_words_and_the_tools),
        cmocka_unit_test(a_tag_sticks_by_its_value),
        cmocka_unit_test(who_begins_with_an_answer_has_a_conversation_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
