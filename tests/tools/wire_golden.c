/*
 * tools/wire_golden.c - check worked examples: what one call sends, gets and
 * hands on.
 *
 * A file is one example, or a list of cases that take from the top what they
 * do not say themselves; with "sequence" the cases are the hops of one call.
 */
#include "wire_golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_file(const char *path);
static void check_cases(const cJSON *top, struct wire_report *report);

int wire_check(int count, char **words)
{
    int code = WIRE_OK;

    if (count < 2 || strcmp(words[0], "--golden") != 0)
        return wire_misuse("check --golden FILE...");
    for (int i = 1; i < count && code != WIRE_MISUSE; i++) {
        int one = check_file(words[i]);

        code = one > code ? one : code;
    }
    return code;
}

static int check_file(const char *path)
{
    struct wire_report report = {.file = path};
    cJSON *top = wire_load(path);

    if (!top)
        return WIRE_MISUSE;
    if (wire_member(top, "vectors"))
        wire_check_vectors(wire_member(top, "vectors"), &report);
    else if (wire_member(top, "expect"))
        wire_check_error(top, &report);
    else
        check_cases(top, &report);
    cJSON_Delete(top);
    return report.count ? WIRE_DIFFERS : WIRE_OK;
}

static void check_cases(const cJSON *top, struct wire_report *report)
{
    const cJSON *cases = wire_member(top, "cases");
    struct wire_golden golden = {.top = top, .report = report};
    const cJSON *one;

    if (!cases || cJSON_IsTrue(wire_member(top, "sequence"))) {
        cJSON_ArrayForEach(one, cases)
        {
            if (golden.hop_count < WIRE_MAX_HOPS)
                golden.hops[golden.hop_count++] = one;
        }
        wire_golden_check(&golden);
        return;
    }
    cJSON_ArrayForEach(one, cases)
    {
        golden.part = one;
        report->part = wire_text(one, "name");
        wire_golden_check(&golden);
    }
    report->part = NULL;
}

const cJSON *wire_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const cJSON *wire_golden_member(const struct wire_golden *golden,
                                const char *name)
{
    const cJSON *own = wire_member(golden->part, name);

    return own ? own : wire_member(golden->top, name);
}

const cJSON *wire_hop_member(const struct wire_golden *golden, size_t hop,
                             const char *name)
{
    const cJSON *own =
        hop < golden->hop_count ? wire_member(golden->hops[hop], name) : NULL;

    return own ? own : wire_golden_member(golden, name);
}

enum wire_endpoint wire_golden_endpoint(const struct wire_golden *golden)
{
    return wire_member(wire_golden_member(golden, "openai_request"), "input")
               ? WIRE_EMBEDDINGS
               : WIRE_CHAT;
}
