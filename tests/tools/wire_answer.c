/*
 * tools/wire_answer.c - what the provider says, and the ways its bytes are
 * cut: whole, entry by entry, byte by byte, at places drawn from a fixed seed.
 */
#include <stdlib.h>
#include <string.h>

#include "wire_golden.h"

#define DRAWN 100 /* places drawn */
#define SEED  20231114u

static void take_answer(struct wire_answers *answers, size_t hop,
                        const cJSON *said, bool stream);
static void compare_results(const struct wire_golden *golden, const char *way,
                            const struct wire_result *whole,
                            const struct wire_result *cut);

void wire_answers_init(struct wire_answers *answers,
                       const struct wire_golden *golden)
{
    size_t hops = golden->hop_count ? golden->hop_count : 1;

    memset(answers, 0, sizeof *answers);
    for (size_t i = 0; i < hops; i++) {
        const cJSON *stream = wire_hop_member(golden, i, "provider_stream");
        const cJSON *response = wire_hop_member(golden, i, "provider_response");

        if (stream || response)
            take_answer(answers, answers->count++, stream ? stream : response,
                        stream != NULL);
    }
}

void wire_answers_clear(struct wire_answers *answers)
{
    for (size_t i = 0; i < answers->count; i++)
        free(answers->bodies[i]);
    free(answers->entries);
    memset(answers, 0, sizeof *answers);
}

static void add_entry(struct llmgw__buf *text, const char *entry, bool binary)
{
    size_t len;
    char *bytes;

    if (!binary) {
        llmgw__buf_add_z(text, entry);
        return;
    }
    bytes = wire_from_base64(entry, &len);
    llmgw__buf_add(text, bytes, len);
    free(bytes);
}

/** Join the entries of a stream; keep where those of the first hop end. */
static llmgw_str join(struct wire_answers *answers, const cJSON *said,
                      bool first)
{
    const cJSON *entries = wire_member(said, "body_base64");
    bool binary = entries != NULL;
    struct llmgw__buf text;
    const cJSON *entry;
    llmgw_str joined;

    if (!binary)
        entries = wire_member(said, "body_text");

    llmgw__buf_init(&text, 0);
    if (first)
        answers->entries = wire_alloc((size_t)cJSON_GetArraySize(entries) *
                                      sizeof *answers->entries);
    cJSON_ArrayForEach(entry, entries)
    {
        add_entry(&text, entry->valuestring, binary);
        if (first)
            answers->entries[answers->entry_count++] = text.len;
    }
    joined = llmgw__str_n(wire_copy(llmgw__buf_str(&text)), text.len);
    llmgw__buf_clear(&text);
    return joined;
}

static char *body_text(const cJSON *body)
{
    char *printed;
    char *copy;

    if (cJSON_IsString(body))
        return wire_copy(llmgw__str(body->valuestring));
    printed = cJSON_PrintUnformatted(body);
    copy = wire_copy(llmgw__str(printed));
    cJSON_free(printed);
    return copy;
}

static void take_answer(struct wire_answers *answers, size_t hop,
                        const cJSON *said, bool stream)
{
    struct wire_answer *answer = &answers->list[hop];

    answer->body = stream ? join(answers, said, hop == 0)
                          : llmgw__str(body_text(wire_member(said, "body")));
    answers->bodies[hop] = (char *)answer->body.data;
    answer->status = (int32_t)wire_member(said, "status")->valuedouble;
    answer->headers = wire_member(said, "headers");
}

/** Run it in another way; the same must come out. */
static void try_way(const struct wire_golden *golden,
                    struct wire_script *script, const char *way,
                    const struct wire_cut *cut, const struct wire_result *whole)
{
    struct wire_result result;

    script->cut = *cut;
    if (wire_run(script, &result))
        wire_differ(golden->report, way, "no call");
    else
        compare_results(golden, way, whole, &result);
    wire_result_clear(&result);
}

static int by_size(const void *a, const void *b)
{
    const size_t *left = a;
    const size_t *right = b;

    return (*left > *right) - (*left < *right);
}

static void draw(size_t places[DRAWN], size_t len)
{
    uint32_t state = SEED;

    for (int i = 0; i < DRAWN; i++) {
        state = state * 1664525u + 1013904223u;
        places[i] = 1 + (state >> 8) % (len - 1);
    }
}

void wire_check_cuts(const struct wire_golden *golden,
                     struct wire_script *script,
                     const struct wire_answers *answers,
                     const struct wire_result *whole)
{
    struct wire_cut cut = {.every = 1};
    size_t places[DRAWN];
    int before = golden->report->count;

    if (!answers->count || answers->list[0].body.len < 2)
        return;
    try_way(golden, script, "byte by byte", &cut, whole);
    cut.every = 0;
    cut.places = answers->entries;
    cut.count = answers->entry_count;
    try_way(golden, script, "entry by entry", &cut, whole);
    draw(places, answers->list[0].body.len);
    cut.count = 1;
    for (int i = 0; i < DRAWN && golden->report->count == before; i++) {
        cut.places = &places[i];
        try_way(golden, script, "cut at one place", &cut, whole);
    }
    qsort(places, DRAWN, sizeof *places, by_size);
    cut.places = places;
    cut.count = DRAWN;
    try_way(golden, script, "cut at many places", &cut, whole);
}

static bool same_text(const struct llmgw__buf *a, const struct llmgw__buf *b)
{
    return llmgw__str_eq(llmgw__buf_str(a), llmgw__buf_str(b));
}

static bool same_tree(const cJSON *a, const cJSON *b)
{
    return (!a && !b) || (a && b && wire_equal(a, b, WIRE_ORDERED));
}

static void compare_results(const struct wire_golden *golden, const char *way,
                            const struct wire_result *whole,
                            const struct wire_result *cut)
{
    if (!same_text(&whole->chunks, &cut->chunks))
        wire_differ(golden->report, way, "other chunks than whole");
    if (!same_text(&whole->response, &cut->response))
        wire_differ(golden->report, way, "another response than whole");
    if (!same_tree(whole->error, cut->error))
        wire_differ(golden->report, way, "another error than whole");
    if (!same_tree(whole->entries, cut->entries))
        wire_differ(golden->report, way, "other ledger entries than whole");
}
