/*
 * support/json_cases.c - JSON texts to take or refuse. Source: RFC 8259.
 */
#include "support/json_cases.h"

#include <stdlib.h>
#include <string.h>

#define TAKE(text)                   \
    {                                \
        text, sizeof(text) - 1, true \
    }
#define REFUSE(text)                  \
    {                                 \
        text, sizeof(text) - 1, false \
    }

/* clang-format off */
const struct json_case json_cases[] = {
    /* what a text may be */
    TAKE("{}"), TAKE("[]"), TAKE("null"), TAKE("true"), TAKE("false"),
    TAKE("0"), TAKE("\"\""), TAKE(" \t\r\n[ \t\r\n] \t\r\n"),
    REFUSE(""), REFUSE(" "), REFUSE("\n"), REFUSE("\xef\xbb\xbf{}"),
    REFUSE("{}{}"), REFUSE("{} x"), REFUSE("1 2"), REFUSE("null,"),
    REFUSE("\v1"), REFUSE("\f1"), REFUSE("1\0"), REFUSE("\0"),
    REFUSE("\xc2\xa0""1"), REFUSE("// x\n1"), REFUSE("/**/1"), REFUSE("#1"),
    /* literals */
    TAKE("[true,false,null]"), TAKE("[ true ]"),
    REFUSE("tru"), REFUSE("truE"), REFUSE("True"), REFUSE("truee"),
    REFUSE("nul"), REFUSE("nulll"), REFUSE("NULL"), REFUSE("fals"),
    REFUSE("[nul]"), REFUSE("[tru]"), REFUSE("[fals]"), REFUSE("[truenull]"),
    REFUSE("NaN"), REFUSE("nan"), REFUSE("Infinity"), REFUSE("-Infinity"),
    REFUSE("undefined"), REFUSE("[*]"), REFUSE("'a'"), REFUSE("a"),
    /* numbers */
    TAKE("-0"), TAKE("-1"), TAKE("10"), TAKE("1.5"), TAKE("0.0"), TAKE("1e5"),
    TAKE("1E5"), TAKE("1e+5"), TAKE("1e-5"), TAKE("1.25E-12"), TAKE("-0e0"),
    TAKE("0e1"), TAKE("0.1e1"), TAKE("123456789012345678901234567890"),
    TAKE("1e400"), TAKE("1e-400"), TAKE("1e99999999999999999999"),
    TAKE("[1,-1 ,0\n, 2.50]"), TAKE("12658879820317954000"),
    REFUSE("-"), REFUSE("+1"), REFUSE("01"), REFUSE("-01"), REFUSE("00"),
    REFUSE("1."), REFUSE(".5"), REFUSE("-.5"), REFUSE("1.e5"), REFUSE("1e"),
    REFUSE("1e+"), REFUSE("1E-"), REFUSE("1e5.5"), REFUSE("1.5.5"),
    REFUSE("0x10"), REFUSE("1_000"), REFUSE("1a"), REFUSE("--1"),
    REFUSE("- 1"), REFUSE("1 e5"), REFUSE("[1.]"), REFUSE("[-]"),
    REFUSE("[1e]"), REFUSE("[01]"), REFUSE("{\"a\":-}"), REFUSE("1-1"),
    REFUSE("[01,2]"), REFUSE("{\"a\":01}"), REFUSE("{\"a\":00,\"b\":0}"),
    /* strings */
    TAKE("\"a\""), TAKE("\"\\\"\""), TAKE("\"\\\\\""), TAKE("\"\\/\""),
    TAKE("\"\\b\\f\\n\\r\\t\""), TAKE("\"\\u0000\""), TAKE("\"\\uAbCd\""),
    TAKE("\"\\ud83d\\ude00\""), TAKE("\"\\ud83d\""), TAKE("\"\\ude00\\ud83d\""),
    TAKE("\"\x7f\""), TAKE("\"\xc3\xa9\""), TAKE("\"\xff\""), TAKE("\"/\""),
    TAKE("\"\xf0\x9f\x98\x80\""), TAKE("\"'\""), TAKE("\"\\u0022\""),
    TAKE("\"  \""), TAKE("\"\\\\u12\""),
    REFUSE("\""), REFUSE("\"a"), REFUSE("\"\\"), REFUSE("\"\\\""),
    REFUSE("\"\\a\""), REFUSE("\"\\v\""), REFUSE("\"\\x41\""),
    REFUSE("\"\\'\""), REFUSE("\"\\0\""), REFUSE("\"\\U0041\""),
    REFUSE("\"\\u\""), REFUSE("\"\\u1\""), REFUSE("\"\\u12\""),
    REFUSE("\"\\u123\""), REFUSE("\"\\u123g\""), REFUSE("\"\\u 123\""),
    REFUSE("\"\\u-123\""), REFUSE("\"\\u12"), REFUSE("\"\\u1234"),
    REFUSE("\"\\\n\""), REFUSE("\"\n\""), REFUSE("\"\t\""), REFUSE("\"\0\""),
    REFUSE("\"\x1f\""), REFUSE("\"a\\\0b\""), REFUSE("\"\\\xc3\xa9\""),
    REFUSE("\"a\"b\""), REFUSE("\"a\"\"b\""), REFUSE("\"\\ud83d\\u\""),
    /* arrays */
    TAKE("[1]"), TAKE("[[]]"), TAKE("[[],[[]],{}]"), TAKE("[\"\"]"),
    TAKE("[ ]"), TAKE("[1\n,2]"),
    REFUSE("["), REFUSE("]"), REFUSE("[1"), REFUSE("[1,"), REFUSE("[1,]"),
    REFUSE("[,]"), REFUSE("[,1]"), REFUSE("[1,,2]"), REFUSE("[1 2]"),
    REFUSE("[1}"), REFUSE("[}"), REFUSE("[1]]"), REFUSE("[[1]"),
    REFUSE("[\"a\":1]"), REFUSE("[1;2]"), REFUSE("[1,\n"), REFUSE("[ , ]"),
    REFUSE("[]["), REFUSE("[\"a\",]"), REFUSE("[{},]"), REFUSE("[:]"),
    /* objects */
    TAKE("{\"a\":1}"), TAKE("{ \"a\" : 1 , \"b\" : 2 }"), TAKE("{\"\":0}"),
    TAKE("{\"a\":{\"a\":{}}}"), TAKE("{\"a\":1,\"a\":2}"),
    TAKE("{\"\\u0061\":1}"), TAKE("{\n\"a\"\n:\n[]\n}"),
    TAKE("{\"a\":null,\"b\":\"\",\"c\":[0],\"d\":-1.5e3}"),
    REFUSE("{"), REFUSE("}"), REFUSE("{\"a\""), REFUSE("{\"a\":"),
    REFUSE("{\"a\":1"), REFUSE("{\"a\":1,"), REFUSE("{\"a\":1,}"),
    REFUSE("{,}"), REFUSE("{,\"a\":1}"), REFUSE("{\"a\"}"),
    REFUSE("{\"a\",\"b\"}"), REFUSE("{\"a\" 1}"), REFUSE("{\"a\"::1}"),
    REFUSE("{:1}"), REFUSE("{a:1}"), REFUSE("{'a':1}"), REFUSE("{1:1}"),
    REFUSE("{null:1}"), REFUSE("{\"a\":1 \"b\":2}"), REFUSE("{\"a\":1,,}"),
    REFUSE("{\"a\":1]"), REFUSE("{]"), REFUSE("{\"a\":}"), REFUSE("{\"a\":,}"),
    REFUSE("{\"a\":1}}"), REFUSE("{\"a\":1,\"b\"}"), REFUSE("{\"a\n\":1}"),
    REFUSE("{\"a\\q\":1}"), REFUSE("{\"a\":1;\"b\":2}"), REFUSE("{[]:1}"),
    REFUSE("{{}}"), REFUSE("{\"a\"=1}"), REFUSE("{\"a\":1,2}"),
    REFUSE("{\"\\u00\":1}"), REFUSE("{\"a\":\"b\",\"c"), REFUSE("{\"a\":\"b"),
    REFUSE("{\"a\":tru}"), REFUSE("{\"a\":[}"), REFUSE("[{]"), REFUSE("{[}"),
};
/* clang-format on */

const size_t json_case_count = sizeof json_cases / sizeof json_cases[0];

const char json_sample[] =
    "{\"id\":\"chatcmpl-AAA1\",\"object\":\"chat.completion.chunk\",\r\n"
    " \"created\" : 1770933892 ,\"model\":\"a-model-2025-04-14\",\t\"n\":-0,"
    "\"system_fingerprint\":\"fp_2f1a8c9d3e\",\"empty\":{},\"none\":[],"
    "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
    "\"Hi \\\"you\\\" \\ud83d\\ude00 \xf0\x9f\x98\x80 \\n\\t\\u0041\\/\"},"
    "\"logprobs\":null,\"finish_reason\":null},{\"index\":1,\"delta\":{}}],"
    "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3.0,"
    "\"cost\":1.25e-4,\"big\":12658879820317954000,\"details\":{\"cached\":"
    "[[[[{\"deep\":[1,2,3,{\"deeper\":[true,false,null]}]}]]]]}},"
    "\"a string that is longer than one block of sixty-four bytes, to be sure "
    "that looking for its end goes on in the next one\":\"and one more: "
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "\\\\\",\"numbers\":[0,1,-1,10,1.5,-1.5,1e5,1E-5,0.001,100000000000],"
    "\"blanks\":   [                                                        "
    "        1                                                              "
    "        ,\"x\"  ]  ,\"\":\"\",\"obfuscation\":\"yhA2kq8Wm0\"}";

char *exact_copy(const char *data, size_t len)
{
    char *copy = malloc(len ? len : 1);

    if (!copy)
        abort();
    memcpy(copy, data, len);
    return copy;
}
