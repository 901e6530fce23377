/*
 * tools/wire_compare.c - compare JSON values and tell the differences.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire_tool.h"

#define PATH_SIZE  256
#define SHORT_SIZE 120

/** A comparison under way; report NULL: only asked whether it is the same. */
struct compared {
    struct wire_report *report;
    int how;
    int count;
    char path[PATH_SIZE];
};

static void compare_value(struct compared *it, const cJSON *expected,
                          const cJSON *got);
static void compare_object(struct compared *it, const cJSON *expected,
                           const cJSON *got);
static void compare_array(struct compared *it, const cJSON *expected,
                          const cJSON *got);
static void compare_order(struct compared *it, const cJSON *expected,
                          const cJSON *got);
static bool same_string(const struct compared *it, const char *expected,
                        const char *got);
static bool same_number(const struct compared *it, const cJSON *expected,
                        const cJSON *got);
static void differ(struct compared *it, const cJSON *expected,
                   const cJSON *got);
static size_t push(struct compared *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void wire_differ(struct wire_report *report, const char *path,
                 const char *format, ...)
{
    va_list arguments;

    report->count++;
    printf("%s", report->file);
    if (report->part)
        printf("[%s]", report->part);
    printf(": %s: ", path);
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

void wire_compare(struct wire_report *report, const char *path,
                  const cJSON *expected, const cJSON *got, int how)
{
    struct compared it = {.report = report, .how = how};

    (void)push(&it, "%s", path);
    compare_value(&it, expected, got);
}

bool wire_equal(const cJSON *expected, const cJSON *got, int how)
{
    struct compared it = {.how = how};

    compare_value(&it, expected, got);
    return it.count == 0;
}

static bool holds(const cJSON *array, const cJSON *value)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, array)
    {
        if (wire_equal(item, value, 0))
            return true;
    }
    return false;
}

void wire_compare_set(struct wire_report *report, const char *path,
                      const cJSON *expected, const cJSON *got)
{
    const cJSON *item;
    struct compared it = {.report = report};

    (void)push(&it, "%s", path);
    cJSON_ArrayForEach(item, expected)
    {
        if (!holds(got, item))
            differ(&it, item, NULL);
    }
    cJSON_ArrayForEach(item, got)
    {
        if (!holds(expected, item))
            differ(&it, NULL, item);
    }
}

static void compare_value(struct compared *it, const cJSON *expected,
                          const cJSON *got)
{
    bool any =
        cJSON_IsString(expected) && strcmp(expected->valuestring, "*") == 0;

    if (any && cJSON_IsNumber(got) && got->valuedouble >= 0)
        return;
    if (!expected || !got || (expected->type & 0xff) != (got->type & 0xff))
        differ(it, expected, got);
    else if (cJSON_IsObject(expected))
        compare_object(it, expected, got);
    else if (cJSON_IsArray(expected))
        compare_array(it, expected, got);
    else if (cJSON_IsString(expected)
                 ? !same_string(it, expected->valuestring, got->valuestring)
                 : cJSON_IsNumber(expected) && !same_number(it, expected, got))
        differ(it, expected, got);
}

static void compare_object(struct compared *it, const cJSON *expected,
                           const cJSON *got)
{
    int before = it->count;
    const cJSON *item;

    cJSON_ArrayForEach(item, expected)
    {
        size_t len = push(it, ".%s", item->string);

        compare_value(it, item,
                      cJSON_GetObjectItemCaseSensitive(got, item->string));
        it->path[len] = '\0';
    }
    cJSON_ArrayForEach(item, got)
    {
        if (!cJSON_GetObjectItemCaseSensitive(expected, item->string)) {
            size_t len = push(it, ".%s", item->string);

            differ(it, NULL, item);
            it->path[len] = '\0';
        }
    }
    if (it->how & WIRE_ORDERED && it->count == before)
        compare_order(it, expected, got);
}

static void compare_array(struct compared *it, const cJSON *expected,
                          const cJSON *got)
{
    const cJSON *theirs = got->child;
    const cJSON *item = expected->child;
    int place = 0;

    while (item || theirs) {
        size_t len = push(it, "[%d]", place++);

        compare_value(it, item, theirs);
        it->path[len] = '\0';
        item = item ? item->next : NULL;
        theirs = theirs ? theirs->next : NULL;
    }
}

/** The same members: do they come in the same order? */
static void compare_order(struct compared *it, const cJSON *expected,
                          const cJSON *got)
{
    const cJSON *theirs = got->child;

    for (const cJSON *item = expected->child; item && theirs;
         item = item->next, theirs = theirs->next) {
        if (strcmp(item->string, theirs->string) == 0)
            continue;
        it->count++;
        if (it->report)
            wire_differ(it->report, it->path,
                        "member order: expected %s here, got %s", item->string,
                        theirs->string);
        return;
    }
}

/** Length of the placeholder a text begins with; 0: none. */
static size_t placeholder(const char *text)
{
    static const char *const names[] = {"{api_key}", "{access_token}",
                                        "{sigv4}", "{amz_date}"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(text, names[i], strlen(names[i])) == 0)
            return strlen(names[i]);
    return 0;
}

static bool same_pattern(const char *expected, const char *got)
{
    while (*expected) {
        size_t len = placeholder(expected);

        if (len) {
            for (; *got; got++)
                if (same_pattern(expected + len, got + 1))
                    return true;
            return false;
        }
        if (*expected++ != *got++)
            return false;
    }
    return !*got;
}

static bool same_string(const struct compared *it, const char *expected,
                        const char *got)
{
    if (it->how & WIRE_PLACEHOLDERS)
        return same_pattern(expected, got);
    return strcmp(expected, got) == 0;
}

static bool same_number(const struct compared *it, const cJSON *expected,
                        const cJSON *got)
{
    double apart = expected->valuedouble - got->valuedouble;
    double most = it->how & WIRE_CLOSE ? 1e-6 : 0;

    return apart <= most && apart >= -most;
}

/** A text in few words, from where it becomes interesting. */
static void shorten(char out[SHORT_SIZE], const char *text, size_t from)
{
    (void)snprintf(out, SHORT_SIZE, "%s%s", from ? "..." : "", text + from);
    if (strlen(text + from) >= SHORT_SIZE)
        memcpy(out + SHORT_SIZE - 4, "...", 4);
}

static char *print(const cJSON *value)
{
    char *text = value ? cJSON_PrintUnformatted(value) : NULL;

    return text ? text : wire_copy(llmgw__str("nothing"));
}

static void differ(struct compared *it, const cJSON *expected, const cJSON *got)
{
    char *ours = print(expected);
    char *theirs = print(got);
    char ours_short[SHORT_SIZE];
    char theirs_short[SHORT_SIZE];
    size_t same = 0;

    it->count++;
    while (ours[same] && ours[same] == theirs[same])
        same++;
    same = same > SHORT_SIZE / 2 ? same - SHORT_SIZE / 4 : 0;
    shorten(ours_short, ours, same);
    shorten(theirs_short, theirs, same);
    if (it->report)
        wire_differ(it->report, it->path, "expected %s, got %s", ours_short,
                    theirs_short);
    free(ours);
    free(theirs);
}

/** Go into a member. @return the length to come back to */
static size_t push(struct compared *it, const char *format, ...)
{
    size_t len = strlen(it->path);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(it->path + len, sizeof it->path - len, format, arguments);
    va_end(arguments);
    return len;
}
