/*
 * bench/micro_json.c - nanoseconds to read one streamed chat chunk: walked
 * with the pull reader, indexed as a document, and parsed by cJSON.
 *
 *     micro_json [ROUNDS]
 *
 * Prints the best round of each, in CPU time; read the ratios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "base/jsondoc.h"
#include "base/jsonread.h"
#include "base/text.h"

#define KEY_IS(key, literal)             \
    ((key).len == sizeof(literal) - 1 && \
     memcmp((key).data, literal, sizeof(literal) - 1) == 0)

enum {
    CHUNKS = 1000,
    CHUNK_MAX = 512,
    LOOPS = 50
};

/* A stream: what changes from chunk to chunk has many lengths. */
static const char format[] =
    "{\"id\":\"chatcmpl-AAA1\",\"object\":\"chat.completion.chunk\","
    "\"created\":1770933892,\"model\":\"gpt-4.1-nano-2025-04-14\","
    "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_2f1a8c9d3e\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%.*s\"},"
    "\"logprobs\":null,\"finish_reason\":null}],\"usage\":null,"
    "\"obfuscation\":\"%.*s\"}";

/* What a decoder wants of a chunk. */
struct taken {
    struct llmgw__jstr id;
    struct llmgw__jstr model;
    struct llmgw__jstr content;
    struct llmgw__jstr finish;
    int64_t created;
    int64_t index;
    int64_t total;
};

static void walk_delta(struct llmgw__json *json, struct taken *taken)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (KEY_IS(key, "content"))
            llmgw__json_string(json, &taken->content);
        else
            llmgw__json_skip(json);
}

static void walk_choice(struct llmgw__json *json, struct taken *taken)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (KEY_IS(key, "index"))
            llmgw__json_int64(json, &taken->index);
        else if (KEY_IS(key, "delta"))
            walk_delta(json, taken);
        else if (KEY_IS(key, "finish_reason"))
            llmgw__json_string(json, &taken->finish);
        else
            llmgw__json_skip(json);
}

static void walk_choices(struct llmgw__json *json, struct taken *taken)
{
    if (!llmgw__json_array(json))
        return;
    while (llmgw__json_item(json))
        walk_choice(json, taken);
}

static void walk_member(struct llmgw__json *json, llmgw_str key,
                        struct taken *taken)
{
    if (KEY_IS(key, "id"))
        llmgw__json_string(json, &taken->id);
    else if (KEY_IS(key, "model"))
        llmgw__json_string(json, &taken->model);
    else if (KEY_IS(key, "created"))
        llmgw__json_int64(json, &taken->created);
    else if (KEY_IS(key, "usage"))
        llmgw__json_int64(json, &taken->total);
    else if (KEY_IS(key, "choices"))
        walk_choices(json, taken);
    else
        llmgw__json_skip(json);
}

static size_t walk_chunk(llmgw_str text)
{
    struct taken taken = {.index = -1};
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, text);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key))
            walk_member(&json, key, &taken);
    return llmgw__json_end(&json) && taken.index == 0 && taken.content.data;
}

static size_t skip_chunk(llmgw_str text)
{
    struct llmgw__json json;

    llmgw__json_init(&json, text);
    llmgw__json_skip(&json);
    return llmgw__json_end(&json);
}

static size_t index_chunk(llmgw_str text)
{
    struct llmgw__jdoc doc;
    size_t count;

    if (llmgw__jdoc_parse(&doc, text, 0) != LLMGW_OK)
        return 0;
    count = doc.count;
    llmgw__jdoc_clear(&doc);
    return count;
}

static size_t parse_with_cjson(llmgw_str text)
{
    cJSON *root = cJSON_ParseWithLength(text.data, text.len);
    size_t found = root != NULL;

    cJSON_Delete(root);
    return found;
}

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Each in memory of its own, of its exact size, as a frame stands. */
static int make_chunks(llmgw_str *chunks, char *memory)
{
    static const char words[] = " and so on it goes, word by word";
    uint32_t seed = 1;

    for (int i = 0; i < CHUNKS; i++) {
        int len;

        seed = seed * 1664525 + 1013904223;
        len = snprintf(memory, CHUNK_MAX, format, (int)(seed >> 28), words,
                       (int)(seed >> 24 & 15), words);
        if (len < 0 || len >= CHUNK_MAX)
            return -1;
        chunks[i] = (llmgw_str){memory, (size_t)len};
        memory += len;
    }
    return 0;
}

/* @return ns a chunk of the best round; negative: a chunk was not read */
static double measure(size_t (*run)(llmgw_str), const llmgw_str *chunks,
                      int count, int rounds)
{
    double best = 1e18;

    for (int round = 0; round < rounds; round++) {
        double begun = cpu_ns(), spent;
        int read = 0;

        for (int i = 0; i < LOOPS * CHUNKS; i++)
            read += run(chunks[i % count]) != 0;
        spent = (cpu_ns() - begun) / (LOOPS * CHUNKS);
        if (read != LOOPS * CHUNKS)
            return -1;
        best = spent < best ? spent : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        size_t (*run)(llmgw_str text);
    } cases[] = {{"pull walk", walk_chunk},
                 {"pull skip", skip_chunk},
                 {"document index", index_chunk},
                 {"cJSON parse and delete", parse_with_cjson}};
    static char memory[CHUNKS * CHUNK_MAX];
    static llmgw_str chunks[CHUNKS];
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 20;

    if (make_chunks(chunks, memory) != 0)
        return 1;
    printf("chunks of %zu bytes or so, ns each, best of %d rounds\n",
           chunks[0].len, rounds);
    printf("%-24s %10s %10s\n", "", "the same", "a stream");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        printf("%-24s %10.1f %10.1f\n", cases[i].name,
               measure(cases[i].run, chunks, 1, rounds),
               measure(cases[i].run, chunks, CHUNKS, rounds));
    return 0;
}
