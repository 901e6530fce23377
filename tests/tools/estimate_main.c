/*
 * tools/estimate_main.c - estimates of recorded requests: told, then learned
 * from what was counted, one after another.
 *
 * Read on standard input, again and again: "TARGET PROMPT COMPLETION REASONING
 * ANSWER_BYTES REQUEST_BYTES\n", as many bytes of a request, "\n". Printed for
 * each: tokens that were expected of the prompt, a token for four bytes of it,
 * the same two of the answer, and what neither can pass (-1: not bounded);
 * "refused" for one that is no request.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/estimate.h"
#include "base/text.h"

#define MAX_TARGET 256

struct recorded {
    char target[MAX_TARGET];
    int64_t prompt, completion, reasoning;
    uint64_t answer_bytes;
    char *request;
    size_t len;
};

static int read_next(struct recorded *it)
{
    if (scanf("%255s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNu64 " %zu",
              it->target, &it->prompt, &it->completion, &it->reasoning,
              &it->answer_bytes, &it->len) != 6)
        return 0;
    it->request = malloc(it->len + 1);
    return it->request && getchar() == '\n' &&
           fread(it->request, 1, it->len, stdin) == it->len;
}

static void tell(struct llmgw__token_ratios *ratios, const struct recorded *it,
                 const struct llmgw__bulk *bulk)
{
    const struct llmgw__target target = {.id = it->target};
    struct llmgw__estimate estimate;
    struct llmgw__usage usage;

    llmgw__estimate_make(ratios, &target, bulk, 0, 0, &estimate);
    printf("%" PRId64 " %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRId64
           " %" PRId64 "\n",
           llmgw__tokens_of_prompt(ratios, it->target, bulk),
           (llmgw__bulk_bytes(bulk) + 3) / 4,
           llmgw__tokens_of_answer(ratios, it->target, it->answer_bytes),
           (it->answer_bytes + 3) / 4, estimate.most.prompt_tokens,
           estimate.most.completion_tokens);
    llmgw__usage_init(&usage);
    usage.count[LLMGW__INPUT_UNCACHED] = it->prompt;
    usage.count[LLMGW__OUTPUT_TEXT] = it->completion - it->reasoning;
    usage.count[LLMGW__OUTPUT_REASONING] = it->reasoning;
    llmgw__token_ratios_note(ratios, it->target, bulk, &usage,
                             it->answer_bytes);
}

static void take(struct llmgw__token_ratios *ratios, const struct recorded *it)
{
    struct llmgw__chat chat;
    struct llmgw__arena arena;
    struct llmgw__error error;
    struct llmgw__bulk bulk;
    llmgw_status status;

    llmgw__arena_init(&arena, 4096, 0);
    llmgw__error_clear(&error);
    status = llmgw__chat_parse(&chat, llmgw__str_n(it->request, it->len),
                               &arena, &error);
    if (status == LLMGW_OK) {
        llmgw__bulk_of(&chat, &bulk);
        tell(ratios, it, &bulk);
    } else {
        printf("refused %s: %s\n", error.param, error.message);
    }
    llmgw__chat_clear(&chat);
    llmgw__arena_clear(&arena);
}

int main(void)
{
    struct llmgw__token_ratios ratios;
    struct recorded it;

    if (llmgw__token_ratios_init(&ratios) != LLMGW_OK)
        return 2;
    while (read_next(&it)) {
        take(&ratios, &it);
        free(it.request);
    }
    llmgw__token_ratios_clear(&ratios);
    return ferror(stdin) ? 2 : 0;
}
