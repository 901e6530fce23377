/* Members of INI files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "provider/ini.h"

/** "section|name|value" of each member, by lines. */
static const char *items_of(const char *text, size_t len)
{
    static char out[2048];
    char *copy = malloc(len ? len : 1); /* its end is guarded */
    struct llmgw__ini_item item;
    struct llmgw__ini ini;
    size_t used = 0;

    assert_non_null(copy);
    memcpy(copy, text, len);
    llmgw__ini_init(&ini, llmgw__str_n(copy, len));
    out[0] = '\0';
    while (llmgw__ini_next(&ini, &item)) {
        used += (size_t)snprintf(
            out + used, sizeof out - used, "%.*s|%.*s|%.*s\n",
            (int)item.section.len, item.section.data, (int)item.name.len,
            item.name.data, (int)item.value.len, item.value.data);
        assert_true(used < sizeof out);
    }
    free(copy);
    return out;
}

static const struct {
    const char *text;
    const char *items;
} cases[] = {
    {"", ""},
    {"[a]", ""},
    {"[a]\nb=c", "a|b|c\n"},
    {"[a]\r\nb = c \r\n\r\nd= e\t\r\n", "a|b|c\na|d|e\n"},
    {"\xef\xbb\xbf[a]\nb=c\n", "a|b|c\n"},
    {"# one\n; two\n  # three\n[a]\n#b=c\nd=e\n", "a|d|e\n"},
    {"[a] # comment\nb=c # one\nd=e ; two\nf=g\t#three\n",
     "a|b|c\na|d|e\na|f|g\n"},
    {"[a];comment\nb=x#y;z\n", "a|b|x#y;z\n"},
    {"[a]\nb = #nothing\nc=#nothing\n", "a|b|\na|c|\n"},
    {"[a]\nb=c=d\n", "a|b|c=d\n"},
    {"[ profile  x ]\nb=c\n", "profile  x|b|c\n"},
    {"[a]\ns3 =\n  max = 1\n\tmin = 2\nb=c\n", "a|s3|\na|b|c\n"},
    {"[a]\nb=c\n continued = yes\nd=e\n", "a|b|c\na|d|e\n"},
    {"[a]\n  b=c\n  d=e\n    f=g\n", "a|b|c\na|d|e\n"},
    {"b=c\n[a]\n", ""},
    {"[broken\nb=c\n[a]\nd=e\n", "a|d|e\n"},
    {"[]\nb=c\n", ""},
    {"[a]\n=c\nword\nd=e\n", "a|d|e\n"},
    {"[a]\nb=1\n[c]\nb=2\n[a]\nb=3\n", "a|b|1\nc|b|2\na|b|3\n"},
};

static void members_are_read_as_they_are_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(items_of(cases[i].text, strlen(cases[i].text)),
                            cases[i].items);
}

static void a_file_cut_anywhere_has_no_more_members_than_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = strlen(cases[i].text), most = 0;

        for (const char *at = cases[i].items; *at; at++)
            most += *at == '\n';
        for (size_t cut = 0; cut < len; cut++) {
            size_t members = 0;

            for (const char *at = items_of(cases[i].text, cut); *at; at++)
                members += *at == '\n';
            assert_true(members <= most);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_read_as_they_are_meant),
        cmocka_unit_test(
            a_file_cut_anywhere_has_no_more_members_than_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
