/* Answers of the openai dialect, as its services write them -> chunks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/chunk_log.h"
#include "support/dialect_run.h"

/* A decoder alone, telling into a log. */
struct decoding {
    struct dialect_run run;
    struct chunk_log log;
    bool in_place; /* frames are not copied */
};

/* An answer, and what is to be told of it. */
struct example {
    const char *what;
    const char *provider;
    const char *frames; /* one a line */
    const char *told;
    llmgw_status status; /* of the first frame that fails, or of the end */
};

static llmgw_status start(struct decoding *d, const char *provider)
{
    llmgw_status status;

    memset(&d->log, 0, sizeof d->log);
    d->in_place = false;
    dialect_run_start(&d->run, &llmgw__dialect_openai, "https://x", "m");
    d->run.provider.row = llmgw__provider_row_find(llmgw__str(provider));
    status = dialect_run_expect(&d->run);
    d->run.decode.emit = chunk_log_take;
    d->run.decode.userdata = &d->log;
    return status;
}

/* Each frame in memory of its own, so that overreads are seen. */
static llmgw_status frame(struct decoding *d, const char *data, size_t len,
                          const char *event)
{
    struct llmgw__frame frame = {.kind = LLMGW__FRAME_EVENT};
    char *copy = NULL;
    llmgw_status status;

    if (!d->in_place) {
        copy = malloc(len ? len : 1);
        assert_non_null(copy);
        data = memcpy(copy, data, len);
    }
    frame.data = llmgw__str_n(data, len);
    frame.event = llmgw__str(event);
    llmgw__arena_reset(&d->run.scratch);
    status =
        llmgw__dialect_openai.frame(d->run.decoder, &d->run.decode, &frame);
    free(copy);
    return status;
}

static llmgw_status stream(struct decoding *d, const char *frames)
{
    llmgw_status status = LLMGW_OK;

    while (*frames && status == LLMGW_OK) {
        const char *event = "";
        size_t len = strcspn(frames, "\n");

        if (strncmp(frames, "error:", 6) == 0) {
            event = "error";
            frames += 6;
            len -= 6;
        }
        status = frame(d, frames, len, event);
        frames += len + (frames[len] == '\n');
    }
    if (status != LLMGW_OK)
        return status;
    llmgw__arena_reset(&d->run.scratch);
    return llmgw__dialect_openai.end(d->run.decoder, &d->run.decode);
}

static void check(const struct example *example)
{
    struct decoding d;
    llmgw_status status;

    assert_int_equal(start(&d, example->provider), LLMGW_OK);
    status = stream(&d, example->frames);
    if (strcmp(d.log.text, example->told) != 0)
        fail_msg("%s:\n  is     %s\n  wanted %s", example->what, d.log.text,
                 example->told);
    if (status != example->status)
        fail_msg("%s: status %d", example->what, (int)status);
    dialect_run_clear(&d.run);
}

static void check_all(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&examples[i]);
}

#define CHECK(examples) check_all(examples, sizeof examples / sizeof *examples)

/* clang-format off */
#define DELTA(delta) "{\"choices\":[{\"index\":0,\"delta\":{" delta "}}]}\n"
#define STOP "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n"
#define DONE "[DONE]\n"
#define STOPPED "finish0 stop \"stop\""

static void identity_is_the_first_word_of_each_member(void **state)
{
    static const struct example examples[] = {
        {"empty first, then real, then another", "openai",
         "{\"id\":\"\",\"model\":\"\",\"created\":0,\"object\":\"\",\"choices\":[],\"prompt_filter_results\":[]}\n"
         "{\"id\":\"a\",\"model\":\"m\",\"created\":5,\"system_fingerprint\":null,\"choices\":[]}\n"
         "{\"id\":\"stub\",\"model\":\"n\",\"created\":6,\"system_fingerprint\":\"fp\",\"service_tier\":\"default\",\"choices\":[]}\n"
         DELTA("\"content\":\"x\"") STOP DONE,
         "id(a m 5); id(a m 5 default fp); text0 \"x\"; " STOPPED, LLMGW_OK},
        {"a tier of its own is none; created as text", "groq",
         "{\"id\":\"\",\"model\":\"m\",\"created\":\"7\",\"service_tier\":\"on_demand\",\"choices\":[]}\n"
         DELTA("\"content\":\"x\"") STOP DONE,
         "id( m 7); text0 \"x\"; " STOPPED, LLMGW_OK},
    };

    (void)state;
    CHECK(examples);
}

static void text_comes_in_every_form(void **state)
{
    static const struct example examples[] = {
        {"string, empty, null, absent", "openai",
         DELTA("\"role\":\"assistant\",\"content\":\"\"") DELTA("\"content\":null") DELTA("")
         DELTA("\"content\":\"a\\u00e9\\n\"") STOP DONE,
         "text0 \"a\xc3\xa9\n\"; " STOPPED, LLMGW_OK},
        {"parts", "mistral",
         DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"t\"},{\"type\":\"text\",\"text\":\"\"}]},{\"type\":\"text\",\"text\":\"a\"},"
               "{\"type\":\"reference\",\"reference_ids\":[1]},{\"type\":\"refusal\",\"refusal\":\"r\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]")
         DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":\"u\"}]") STOP DONE,
         "reasoning0 \"t\"; text0 \"a\"; refusal0 \"r\"; extra0.image {\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}; reasoning0 \"u\"; " STOPPED, LLMGW_OK},
        {"an object", "compatible", DELTA("\"content\":{\"a\": [1]}") STOP DONE,
         "text0 \"{\"a\": [1]}\"; " STOPPED, LLMGW_OK},
        {"on the finish chunk, and after it", "mistral",
         "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n" DELTA("\"content\":\"b\"") DONE,
         "text0 \"a\"; " STOPPED "; text0 \"b\"", LLMGW_OK},
        {"beside a message that repeats it, and beside the old text member", "compatible",
         "{\"object\":\"chat.completion.done\",\"choices\":[{\"index\":0,\"text\":\"a\",\"delta\":{\"content\":\"a\"},\"message\":{\"content\":\"aa\"},\"finish_reason\":\"stop\"}]}\n",
         "text0 \"a\"; " STOPPED, LLMGW_OK},
        {"a message alone", "compatible",
         "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n",
         "text0 \"a\"; " STOPPED, LLMGW_OK},
        {"refusal", "openai", DELTA("\"content\":null,\"refusal\":\"no\"") STOP DONE,
         "refusal0 \"no\"; " STOPPED, LLMGW_OK},
        {"log probabilities", "openai",
         "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{\"tokens\":[1],\"content\":[{\"token\":\"a\"}]}}]}\n"
         "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"logprobs\":{\"content\":[],\"refusal\":null}}]}\n"
         "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"logprobs\":{\"content\":[{\"token\":\"\\ud83d\"}],\"refusal\":null}}]}\n"
         "{\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"r\"},\"logprobs\":{\"refusal\":[{\"token\":\"r\"}]}}]}\n" STOP DONE,
         "text0 \"a\" {\"content\":[{\"token\":\"a\"}],\"refusal\":null}; text0 \"\" {\"content\":[{\"token\":\"\\ud83d\"}],\"refusal\":null}; "
         "refusal0 \"r\" {\"content\":null,\"refusal\":[{\"token\":\"r\"}]}; " STOPPED, LLMGW_OK},
        {"a filter's own records", "openai",
         "{\"id\":\"\",\"object\":\"\",\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_results\":{}}]}\n"
         DELTA("\"content\":\"x\"") STOP DONE, "text0 \"x\"; " STOPPED, LLMGW_OK},
    };

    (void)state;
    CHECK(examples);
}

static void reasoning_is_told_once(void **state)
{
    static const struct example examples[] = {
        {"two spellings", "compatible", DELTA("\"reasoning\":\"a\",\"reasoning_content\":\"a\"") DELTA("\"reasoning\":\"b\",\"reasoning_content\":null") DELTA("\"thinking\":\"c\"") STOP DONE,
         "reasoning0 \"a\"; reasoning0 \"b\"; reasoning0 \"c\"; " STOPPED, LLMGW_OK},
        {"beside the answer", "compatible", DELTA("\"content\":\"x\",\"reasoning\":\"a\"") STOP DONE,
         "reasoning0 \"a\"; text0 \"x\"; " STOPPED, LLMGW_OK},
        {"details with the text", "openrouter",
         DELTA("\"reasoning\":\"a\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\",\"format\":\"anthropic-claude-v1\",\"index\":0}]")
         DELTA("\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"\",\"signature\":\"s\\/1\",\"index\":0}]") STOP DONE,
         "reasoning0 \"a\"; detail0.0 text \"a\" format \"anthropic-claude-v1\"; detail0.0 text \"\" sig \"s/1\"; " STOPPED, LLMGW_OK},
        {"details alone", "openrouter",
         DELTA("\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"s\",\"id\":\"r1\"},{\"type\":\"reasoning.encrypted\",\"data\":\"d\"},{\"type\":\"reasoning.text\",\"text\":\"\"}]") STOP DONE,
         "reasoning0 \"s\"; detail0.0 summary \"s\" id \"r1\"; detail0.1 encrypted \"d\"; " STOPPED, LLMGW_OK},
        {"no list", "openrouter", DELTA("\"content\":\"x\",\"reasoning_details\":\"odd\",\"reasoning\":{\"a\":1}") STOP DONE,
         "text0 \"x\"; " STOPPED, LLMGW_OK},
    };

    (void)state;
    CHECK(examples);
}

#define CALLS(calls) DELTA("\"tool_calls\":[" calls "]")
#define ENDED "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n"
#define CALLED "finish0 tool_calls \"tool_calls\""

static void tool_calls_are_put_together(void **state)
{
    static const struct example examples[] = {
        {"by index", "openai",
         CALLS("{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}")
         CALLS("{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\":\"}}") CALLS("{\"index\":0,\"function\":{\"arguments\":\"1}\"}}")
         CALLS("{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}") ENDED,
         "call0.0 \"a\":\"f\"; args0.0 \"{\"x\":\"; args0.0 \"1}\"; call0.1 \"b\":\"g\"; args0.1 \"{}\"; " CALLED, LLMGW_OK},
        {"id and name again, empty and null", "dashscope",
         CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":null}}")
         CALLS("{\"index\":0,\"id\":\"\",\"type\":\"function\",\"function\":{\"name\":\"\",\"arguments\":\"1\"}}")
         CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"2\"}}")
         CALLS("{\"index\":0,\"id\":null,\"function\":{\"name\":null,\"arguments\":\"3\"}}") ENDED,
         "call0.0 \"a\":\"f\"; args0.0 \"1\"; args0.0 \"2\"; args0.0 \"3\"; " CALLED, LLMGW_OK},
        {"no index: by id, else the one before", "mistral",
         CALLS("{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"1\"}},{\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"2\"}}")
         CALLS("{\"function\":{\"arguments\":\"3\"}}") CALLS("{\"id\":\"a\",\"function\":{\"arguments\":\"4\"}}")
         CALLS("{\"function\":{\"name\":\"g\"}}") ENDED,
         "call0.0 \"a\":\"f\"; args0.0 \"1\"; call0.1 \"b\":\"f\"; args0.1 \"2\"; args0.1 \"3\"; args0.0 \"4\"; call0.2 \"\":\"g\"; " CALLED, LLMGW_OK},
        {"two calls at one index", "compatible",
         CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"1\"}},{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"2\"}}")
         CALLS("{\"index\":0,\"function\":{\"arguments\":\"3\"}}") CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"arguments\":\"4\"}}") ENDED,
         "call0.0 \"a\":\"f\"; args0.0 \"1\"; call0.1 \"b\":\"f\"; args0.1 \"2\"; args0.1 \"3\"; args0.0 \"4\"; " CALLED, LLMGW_OK},
        {"numbered from one, with gaps", "compatible",
         CALLS("{\"index\":1,\"id\":\"a\",\"function\":{\"name\":\"f\"}}") CALLS("{\"index\":7,\"id\":\"b\",\"function\":{\"name\":\"g\"}}") CALLS("{\"index\":1,\"function\":{\"arguments\":\"1\"}}") ENDED,
         "call0.0 \"a\":\"f\"; call0.1 \"b\":\"g\"; args0.0 \"1\"; " CALLED, LLMGW_OK},
        {"the name later than the id", "compatible",
         CALLS("{\"index\":0,\"id\":\"a\"}") CALLS("{\"index\":0,\"function\":{\"name\":\"f\"}}") CALLS("{\"index\":0,\"function\":{\"arguments\":\"1\"}}") ENDED,
         "call0.0 \"a\":\"f\"; args0.0 \"1\"; " CALLED, LLMGW_OK},
        {"no name at all", "compatible", CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"arguments\":\"1\"}}") CALLS("{\"index\":1,\"id\":\"b\"}") ENDED,
         "call0.0 \"a\":\"\"; args0.0 \"1\"; " CALLED "; call0.1 \"b\":\"\"", LLMGW_OK},
        {"arguments as an object, and calls that are none", "compatible",
         DELTA("\"tool_calls\":null,\"function_call\":null") CALLS("") DELTA("\"tool_calls\":{}")
         CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":{\"x\":1}}},null,5") ENDED,
         "call0.0 \"a\":\"f\"; args0.0 \"{\"x\":1}\"; " CALLED, LLMGW_OK},
        {"state that rides on the call", "compatible",
         CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"},\"extra_content\":{\"google\":{\"thought_signature\":\"s\"}}}") ENDED,
         "call0.0 \"a\":\"f\" {\"google\":{\"thought_signature\":\"s\"}}; " CALLED, LLMGW_OK},
        {"custom tools", "openai",
         CALLS("{\"index\":0,\"id\":\"a\",\"type\":\"custom\",\"custom\":{\"name\":\"sql\",\"input\":\"\"}}") CALLS("{\"index\":0,\"custom\":{\"input\":\"SELECT\"}}") ENDED,
         "custom0.0 \"a\":\"sql\"; args0.0 \"SELECT\"; " CALLED, LLMGW_OK},
        {"empty forms beside the real one", "compatible",
         CALLS("{\"id\":\"a\",\"type\":\"function\",\"custom\":{\"name\":\"\",\"input\":\"\"},\"function\":{\"name\":\"f\",\"arguments\":\"1\"}}")
         DELTA("\"function_call\":{\"name\":\"\",\"arguments\":\"\"},\"audio\":{\"id\":\"\",\"data\":\"\",\"transcript\":\"\",\"expires_at\":0}") ENDED,
         "call0.0 \"a\":\"f\"; args0.0 \"1\"; " CALLED, LLMGW_OK},
        {"the deprecated form", "openai",
         DELTA("\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}") DELTA("\"function_call\":{\"arguments\":\"{}\"}")
         "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"function_call\"}]}\n" DONE,
         "call0.0 \"\":\"f\"; args0.0 \"{}\"; finish0 tool_calls \"function_call\"", LLMGW_OK},
        {"each choice its own", "openai",
         "{\"choices\":[{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"f\"}}]}},{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}}]}\n"
         "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1\"}}]},\"finish_reason\":\"stop\"},{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]}\n",
         "call1.0 \"b\":\"f\"; call0.0 \"a\":\"f\"; args0.0 \"1\"; finish0 stop \"stop\"; finish1 stop \"stop\"", LLMGW_OK},
    };

    (void)state;
    CHECK(examples);
}

static void usage_is_one_whatever_its_names(void **state)
{
#define USAGE(usage) "{\"choices\":[],\"usage\":{" usage "}}\n" DELTA("\"content\":\"x\"") STOP DONE
#define TOLD(usage) "usage(" usage "); text0 \"x\"; " STOPPED
    static const struct example examples[] = {
        {"details", "openai", USAGE("\"prompt_tokens\":10,\"completion_tokens\":8,\"total_tokens\":18,\"prompt_tokens_details\":{\"cached_tokens\":4,\"audio_tokens\":0,\"cache_write_tokens\":3},"
         "\"completion_tokens_details\":{\"reasoning_tokens\":5,\"audio_tokens\":1,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":null}"),
         TOLD("10 8 cached=4 write=3 audio_in=0 reasoning=5 audio_out=1 accepted=0"), LLMGW_OK},
        {"null is unknown", "openai", USAGE("\"prompt_tokens\":10,\"completion_tokens\":null,\"total_tokens\":null"), TOLD("10 0"), LLMGW_OK},
        {"nothing known is no usage", "openai", "{\"choices\":[],\"usage\":{\"prompt_tokens\":null}}\n{\"usage\":{}}\n{\"usage\":null}\n" DELTA("\"content\":\"x\"") STOP DONE, "text0 \"x\"; " STOPPED, LLMGW_OK},
        {"hits and misses", "deepseek", USAGE("\"prompt_tokens\":10,\"completion_tokens\":1,\"prompt_cache_hit_tokens\":6,\"prompt_cache_miss_tokens\":4"), TOLD("10 1 cached=6"), LLMGW_OK},
        {"at the top", "together", USAGE("\"prompt_tokens\":10,\"completion_tokens\":1,\"cached_tokens\":6"), TOLD("10 1 cached=6"), LLMGW_OK},
        {"counted in numbers", "mistral", USAGE("\"prompt_tokens\":10,\"completion_tokens\":1,\"num_cached_tokens\":6,\"prompt_token_details\":{\"cached_tokens\":5}"), TOLD("10 1 cached=5"), LLMGW_OK},
        {"audio that only the total has", "mistral", USAGE("\"prompt_audio_seconds\":4,\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":386,\"prompt_tokens_details\":{\"audio_tokens\":375}"), TOLD("384 2 audio_in=375"), LLMGW_OK},
        {"a writing cache", "dashscope", USAGE("\"prompt_tokens\":10,\"completion_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_creation_input_tokens\":7}"), TOLD("10 1 cached=0 write=7"), LLMGW_OK},
        {"of a cache beside the record", "llamacpp", "{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":1},\"timings\":{\"cache_n\":8}}\n" DELTA("\"content\":\"x\"") STOP DONE, TOLD("10 1 cached=8"), LLMGW_OK},
        {"in the vendor's member only", "groq", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"x_groq\":{\"id\":\"r\",\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":5},\"usage_breakdown\":{}}}\n" DONE, TOLD("4 5"), LLMGW_OK},
        {"in a choice", "compatible", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":5}}]}\n" DONE, TOLD("4 5"), LLMGW_OK},
        {"running totals: each in its turn", "compatible", "{\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":1}}\n{\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}\n" DELTA("\"content\":\"x\"") STOP, "usage(4 1); usage(4 2); text0 \"x\"; " STOPPED, LLMGW_OK},
        {"reasoning outside, known of the service", "xai", USAGE("\"prompt_tokens\":12,\"completion_tokens\":1,\"total_tokens\":303,\"completion_tokens_details\":{\"reasoning_tokens\":290},\"cost_in_usd_ticks\":1466250"), TOLD("12 291 reasoning=290 cost=146625000"), LLMGW_OK},
        {"reasoning outside, told by the total", "compatible", USAGE("\"prompt_tokens\":12,\"completion_tokens\":1,\"total_tokens\":303,\"completion_tokens_details\":{\"reasoning_tokens\":290}"), TOLD("12 291 reasoning=290"), LLMGW_OK},
        {"reasoning inside there too, told by the total", "xai", USAGE("\"prompt_tokens\":12,\"completion_tokens\":291,\"total_tokens\":303,\"completion_tokens_details\":{\"reasoning_tokens\":290},\"cost_in_usd_ticks\":0"), TOLD("12 291 reasoning=290"), LLMGW_OK},
        {"more reasoning than there was", "compatible", USAGE("\"prompt_tokens\":12,\"completion_tokens\":52,\"total_tokens\":64,\"completion_tokens_details\":{\"reasoning_tokens\":232}"), TOLD("12 52 reasoning=52 clamped"), LLMGW_OK},
        {"more cached than there was", "compatible", USAGE("\"prompt_tokens\":249,\"completion_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":416}"), TOLD("249 1 cached=249 clamped"), LLMGW_OK},
        {"negative and fractional", "compatible", USAGE("\"prompt_tokens\":-1,\"completion_tokens\":2.5,\"cached_tokens\":3.0"), TOLD("3 0 cached=3 clamped"), LLMGW_OK},
        {"a charge in dollars", "openrouter", USAGE("\"prompt_tokens\":1,\"completion_tokens\":1,\"cost\":0.00572"), TOLD("1 1 cost=5720000000"), LLMGW_OK},
        {"with an exponent", "openrouter", USAGE("\"prompt_tokens\":1,\"completion_tokens\":1,\"cost\":8.5e-05"), TOLD("1 1 cost=85000000"), LLMGW_OK},
        {"of nothing", "openrouter", USAGE("\"prompt_tokens\":1,\"completion_tokens\":1,\"cost\":0"), TOLD("1 1 cost=0"), LLMGW_OK},
        {"rounded to a pico", "openrouter", USAGE("\"prompt_tokens\":1,\"completion_tokens\":1,\"cost\":0.0000000000015"), TOLD("1 1 cost=2"), LLMGW_OK},
        {"of more than there is", "openrouter", USAGE("\"prompt_tokens\":1,\"completion_tokens\":1,\"cost\":1e30"), TOLD("1 1"), LLMGW_OK},
        {"in parts", "compatible", USAGE("\"prompt_tokens\":1,\"completion_tokens\":1,\"num_search_queries\":2,\"cost\":{\"input_tokens_cost\":1e-05,\"total_cost\":0.00501}"), TOLD("1 1 searches=2 cost=5010000000"), LLMGW_OK},
    };

    (void)state;
    CHECK(examples);
}

static void errors_are_seen_wherever_they_stand(void **state)
{
    static const struct example examples[] = {
        {"the only record", "dashscope", "{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\"},\"id\":\"r\"}\n", "id(r); error(invalid_request \"m\")", LLMGW_OK},
        {"behind a choice in the same record", "openrouter",
         DELTA("\"content\":\"a\"") "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":\"error\"}],\"error\":{\"code\":502,\"message\":\"gone\"}}\n" DELTA("\"content\":\"c\"") DONE,
         "text0 \"a\"; error(upstream_unavailable \"gone\")", LLMGW_OK},
        {"after a finish reason, beside usage", "openrouter", DELTA("\"content\":\"a\"") STOP "{\"error\":{\"code\":429,\"message\":\"slow\"},\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n" DONE,
         "text0 \"a\"; " STOPPED "; usage(1 2); error(rate_limit \"slow\")", LLMGW_OK},
        {"an event of that name", "groq", DELTA("\"content\":\"a\"") "error:{\"error\":{\"message\":\"m\",\"code\":\"tool_use_failed\",\"status_code\":400}}\n" DONE,
         "text0 \"a\"; error(model_output_invalid \"m\")", LLMGW_OK},
        {"of a choice", "openrouter", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"error\":{\"code\":503,\"message\":\"m\"}}]}\n", "error(overloaded \"m\")", LLMGW_OK},
        {"of the second choice", "openrouter", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}},{\"index\":1,\"error\":{\"code\":503,\"message\":\"m\"}}]}\n", "text0 \"a\"; error(overloaded \"m\")", LLMGW_OK},
        {"a text", "xai", "{\"code\":\"c\",\"error\":\"The model is at capacity\"}\n", "error(overloaded \"The model is at capacity\")", LLMGW_OK},
        {"of the vendor's member", "groq", "{\"choices\":[],\"x_groq\":{\"error\":\"m\"}}\n", "error(server_error \"m\")", LLMGW_OK},
        {"an object of that name", "mistral", "{\"object\":\"error\",\"message\":\"Service tier capacity exceeded\",\"code\":\"3505\"}\n", "error(overloaded \"Service tier capacity exceeded\")", LLMGW_OK},
        {"a finish reason", "deepseek", DELTA("\"content\":\"a\"") "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":\"insufficient_system_resource\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n" DONE,
         "text0 \"a\"; usage(1 2); text0 \"b\"; error(overloaded \"the provider gave up with finish reason insufficient_system_resource\")", LLMGW_OK},
        {"the same word means different things", "openrouter", "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n", "error(upstream_unavailable \"the provider gave up with finish reason error\")", LLMGW_OK},
        {"the same word means different things", "mistral", "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n", "error(server_error \"the provider gave up with finish reason error\")", LLMGW_OK},
        {"none where it is empty", "compatible", "{\"error\":null,\"choices\":[{\"index\":0,\"error\":{},\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n", "text0 \"a\"; " STOPPED, LLMGW_OK},
    };

    (void)state;
    CHECK(examples);
}

static void the_end_is_what_was_said_to_be(void **state)
{
#define FINISH(word) "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"" word "\"}]}\n"
    static const struct example examples[] = {
        {"finish and no [DONE]", "compatible", DELTA("\"content\":\"x\"") STOP, "text0 \"x\"; " STOPPED, LLMGW_OK},
        {"[DONE] and no finish", "compatible", DELTA("\"content\":\"x\"") DONE, "text0 \"x\"; finish0 stop \"\"", LLMGW_OK},
        {"neither", "openai", DELTA("\"content\":\"x\""), "text0 \"x\"", LLMGW_E_INVALID},
        {"[DONE] alone", "openai", DONE, "", LLMGW_E_INVALID},
        {"nothing", "openai", "", "", LLMGW_E_INVALID},
        {"usage and nothing else", "openai", "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":0}}\n" DONE, "usage(1 0)", LLMGW_E_INVALID},
        {"one of two choices", "openai", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"},{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n", "text0 \"a\"; " STOPPED "; text1 \"b\"", LLMGW_E_INVALID},
        {"a broken record", "openai", DELTA("\"content\":\"x\"") "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"y\n", "text0 \"x\"", LLMGW_E_INVALID},
        {"two records in one", "openai", "{\"choices\":[]}{}\n", "", LLMGW_E_INVALID},
        {"no object", "openai", "[]\n", "", LLMGW_E_INVALID},
        {"a choice beyond all number", "openai", "{\"choices\":[{\"index\":128,\"delta\":{\"content\":\"y\"}}]}\n", "", LLMGW_E_INVALID},
        {"nothing counts after [DONE]", "openai", DELTA("\"content\":\"x\"") STOP DONE DELTA("\"content\":\"y\"") "{broken\n", "text0 \"x\"; " STOPPED, LLMGW_OK},
        {"blank records and members nobody knows", "compatible", "  \n{\"choices\":null}\n{\"choices\":{},\"x\":[{\"y\":[]}]}\n{\"choices\":[null,7]}\n" DELTA("\"content\":\"x\"") STOP, "text0 \"x\"; " STOPPED, LLMGW_OK},
        {"twice is told twice", "openrouter", FINISH("stop") "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"native_finish_reason\":\"end_turn\"}]}\n", "text0 \"x\"; " STOPPED "; finish0 stop \"end_turn\"", LLMGW_OK},
        {"words", "together", FINISH("eos"), "text0 \"x\"; finish0 stop \"eos\"", LLMGW_OK},
        {"words", "mistral", FINISH("model_length"), "text0 \"x\"; finish0 length \"model_length\"", LLMGW_OK},
        {"words", "compatible", FINISH("sensitive"), "text0 \"x\"; finish0 content_filter \"sensitive\"", LLMGW_OK},
        {"words", "compatible", FINISH("tool_use"), "text0 \"x\"; finish0 tool_calls \"tool_use\"", LLMGW_OK},
        {"words", "compatible", FINISH("so_be_it"), "text0 \"x\"; finish0 stop \"so_be_it\"", LLMGW_OK},
        {"words that are none", "compatible", FINISH("") FINISH("null") DONE, "text0 \"x\"; text0 \"x\"; finish0 stop \"\"", LLMGW_OK},
    };

    (void)state;
    CHECK(examples);
}

static void what_is_whole_is_handed_over_whole(void **state)
{
    static const struct example examples[] = {
        {"annotations without the object that clients look into", "compatible",
         DELTA("\"annotations\":[{\"type\":\"url_citation\",\"url\":\"u\\/\",\"title\":\"t\",\"summary\":\"s\"},{\"url\":\"v\",\"start_index\":1,\"end_index\":2},{\"url\":\"w\",\"url_citation\":{}},{\"type\":\"file\"}]") STOP DONE,
         "extra0.annotation {\"type\":\"url_citation\",\"url_citation\":{\"start_index\":0,\"end_index\":0,\"url\":\"u\\/\",\"title\":\"t\"}}; "
         "extra0.annotation {\"type\":\"url_citation\",\"url_citation\":{\"start_index\":1,\"end_index\":2,\"url\":\"v\",\"title\":\"\"}}; "
         "extra0.annotation {\"url\":\"w\",\"url_citation\":{}}; extra0.annotation {\"type\":\"file\"}; " STOPPED, LLMGW_OK},
        {"annotations and images", "openrouter",
         DELTA("\"annotations\":[{\"type\":\"url_citation\"},null],\"images\":[{\"type\":\"image_url\"}],\"extra_content\":{\"google\":{\"thought_signature\":\"s\"}}") DELTA("\"annotations\":[]") STOP DONE,
         "extra0.annotation {\"type\":\"url_citation\"}; extra0.image {\"type\":\"image_url\"}; extra0.content {\"google\":{\"thought_signature\":\"s\"}}; " STOPPED, LLMGW_OK},
        {"audio in pieces, each of its own base64", "openai",
         DELTA("\"audio\":{\"id\":\"au\",\"transcript\":\"He\"}") DELTA("\"audio\":{\"data\":\"QQ==\"}") DELTA("\"audio\":{\"data\":\"QkM=\",\"transcript\":\"y\\\"\"}") DELTA("\"audio\":{\"expires_at\":9}") STOP DONE,
         STOPPED "; extra0.audio {\"id\":\"au\",\"expires_at\":9,\"data\":\"QUJD\",\"transcript\":\"Hey\\\"\"}", LLMGW_OK},
        {"audio that is none", "openai", DELTA("\"audio\":{\"data\":\"?\"}"), "", LLMGW_E_INVALID},
    };

    (void)state;
    CHECK(examples);
}
/* clang-format on */

static llmgw_status whole(struct decoding *d, const char *body)
{
    size_t len = strlen(body);
    char *copy = malloc(len ? len : 1);
    llmgw_status status;

    assert_non_null(copy);
    memcpy(copy, body, len);
    llmgw__arena_reset(&d->run.scratch);
    status = llmgw__dialect_openai.body(d->run.decoder, &d->run.decode,
                                        llmgw__str_n(copy, len));
    free(copy);
    return status;
}

static void a_whole_answer_is_the_same_chunks(void **state)
{
    /* clang-format off */
    static const struct example examples[] = {
        {"white space before it", "openrouter", "\n   \n\n{\"id\":\"i\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"x\",\"reasoning\":null},\"finish_reason\":\"stop\",\"native_finish_reason\":\"end_turn\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n",
         "id(i); usage(1 2); text0 \"x\"; finish0 stop \"end_turn\"", LLMGW_OK},
        {"calls whose arguments are complete, two choices", "openai", "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"b\",\"function\":{\"name\":\"g\"}}]},\"finish_reason\":\"stop\"},{\"message\":{\"content\":\"y\"},\"finish_reason\":\"length\"}]}",
         "call0.0 \"a\":\"f\"; args0.0! \"{}\"; call0.1 \"b\":\"g\"; finish0 stop \"stop\"; text1 \"y\"; finish1 length \"length\"", LLMGW_OK},
        {"audio", "openai", "{\"choices\":[{\"message\":{\"content\":null,\"audio\":{\"id\":\"a\",\"data\":\"QQ==\"}},\"finish_reason\":\"stop\"}]}", "extra0.audio {\"id\":\"a\",\"data\":\"QQ==\"}; " STOPPED, LLMGW_OK},
        {"no reason to end", "compatible", "{\"id\":\"\",\"choices\":[{\"finish_reason\":\"\",\"index\":0,\"logprobs\":{\"content\":null,\"refusal\":null},\"message\":{\"content\":\"x\",\"refusal\":\"\",\"annotations\":null}}]}", "text0 \"x\"; finish0 stop \"\"", LLMGW_OK},
        {"a delta beside the message says nothing", "compatible", "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"x\"},\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}", "text0 \"x\"; " STOPPED, LLMGW_OK},
        {"a delta alone", "compatible", "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":null,\"delta\":{\"content\":\"x\"}}]}", "text0 \"x\"; " STOPPED, LLMGW_OK},
        {"an error", "openrouter", "\n{\"error\":{\"message\":\"m\",\"code\":402}}", "error(quota \"m\")", LLMGW_OK},
        {"no choices", "openai", "{\"id\":\"i\",\"choices\":[]}", "id(i)", LLMGW_E_INVALID},
        {"nothing", "openai", "  ", "", LLMGW_E_INVALID},
        {"a page", "openai", "<html>", "", LLMGW_E_INVALID},
        {"cut", "openai", "{\"choices\":[{\"message\":{\"content\":\"x\"", "", LLMGW_E_INVALID},
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct decoding d;
        llmgw_status status;

        assert_int_equal(start(&d, examples[i].provider), LLMGW_OK);
        status = whole(&d, examples[i].frames);
        if (strcmp(d.log.text, examples[i].told) != 0)
            fail_msg("%s:\n  is     %s\n  wanted %s", examples[i].what,
                     d.log.text, examples[i].told);
        assert_int_equal(status, examples[i].status);
        if (status == LLMGW_OK)
            assert_int_equal(
                llmgw__dialect_openai.end(d.run.decoder, &d.run.decode),
                LLMGW_OK);
        dialect_run_clear(&d.run);
    }
}

/* A custom tool that went out as a function comes back as itself. */
static void emulated_tools_come_back(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"sql\"}},"
        "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}";
    static const char frames[] = CALLS(
        "{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"sql\","
        "\"arguments\":\"{\\\"inp\"}},{\"index\":1,\"id\":\"b\",\"function\":{"
        "\"name\":\"f\",\"arguments\":\"{}\"}}")
        CALLS("{\"index\":0,\"function\":{\"arguments\":\"ut\\\":\\\"a"
              "\\\\\\\"b\\\"}\"}}") CALLS("{\"index\":2,\"id\":\"c\","
                                          "\"function\":{\"name\":\"sql\","
                                          "\"arguments\":\"broken\"}}") ENDED;
    struct decoding d;

    (void)state;
    assert_int_equal(start(&d, "xai"), LLMGW_OK);
    assert_int_equal(dialect_run_chat(&d.run, request), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&d.run, true, false), LLMGW_OK);
    assert_int_equal(stream(&d, frames), LLMGW_OK);
    assert_string_equal(d.log.text,
                        "custom0.0 \"a\":\"sql\"; call0.1 \"b\":\"f\"; "
                        "args0.1 \"{}\"; custom0.2 \"c\":\"sql\"; " CALLED
                        "; args0.0! \"a\"b\"; args0.2! \"broken\"");
    dialect_run_clear(&d.run);
}

static void all_choices_asked_for_have_to_come(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"n\":2,\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}]}";
    struct decoding d;

    (void)state;
    assert_int_equal(start(&d, "openai"), LLMGW_OK);
    assert_int_equal(dialect_run_chat(&d.run, request), LLMGW_OK);
    d.run.memo.chat = &d.run.chat;
    assert_int_equal(stream(&d, DELTA("\"content\":\"x\"") STOP),
                     LLMGW_E_INVALID);
    dialect_run_clear(&d.run);
}

static const char rich[] =
    "{\"id\":\"i\",\"model\":\"m\\u0031\",\"created\":5,\"choices\":[{"
    "\"index\":0,\"delta\":{\"content\":\"a\\n\",\"reasoning\":\"r\\n\","
    "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"r\\n\","
    "\"signature\":\"\\/\"}],\"tool_calls\":[{\"index\":0,\"id\":\"\\u0061\","
    "\"function\":{\"name\":\"f\\n\",\"arguments\":\"{\\n}\"},"
    "\"extra_content\":{\"a\":1}}],\"audio\":{\"id\":\"\\u0062\",\"data\":"
    "\"QQ==\",\"transcript\":\"t\\n\"}},\"logprobs\":{\"content\":[1]},"
    "\"finish_reason\":\"\\u0073top\"},{\"index\":1,\"delta\":{\"content\":"
    "\"b\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}\n"
    "error:{\"error\":{\"message\":\"\\u0065\"}}\n";

static void every_failed_allocation_is_told(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct decoding d;

        assert_int_equal(start(&d, "openai"), LLMGW_OK);
        d.in_place = true;
        d.run.scratch.first = 1; /* as many allocations as there can be */
        fail_allocation(nth);
        status = stream(&d, rich);
        if (allow_allocations() && status == LLMGW_OK)
            status = LLMGW_E_NOMEM; /* only the kept body of the error */
        dialect_run_clear(&d.run);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 8);
}

/* Whatever the host answers to a chunk comes out again, at once. */
static void the_word_of_the_host_is_passed_on(void **state)
{
    struct decoding d;
    size_t chunks;

    (void)state;
    assert_int_equal(start(&d, "openai"), LLMGW_OK);
    assert_int_equal(stream(&d, rich), LLMGW_OK);
    chunks = d.log.count;
    dialect_run_clear(&d.run);
    assert_true(chunks > 10);
    for (size_t at = 1; at <= chunks; at++) {
        assert_int_equal(start(&d, "openai"), LLMGW_OK);
        d.log.stop_at = at;
        assert_int_equal(stream(&d, rich), -99);
        assert_int_equal(d.log.count, at);
        dialect_run_clear(&d.run);
    }
}

/* Once an answer runs, its text needs no memory. */
static void text_allocates_nothing(void **state)
{
    static const char text[] =
        "{\"id\":\"i\",\"object\":\"chat.completion.chunk\",\"created\":5,"
        "\"model\":\"m\",\"service_tier\":\"default\",\"choices\":[{\"index\":"
        "0,\"delta\":{\"content\":\"a\\n\"},\"logprobs\":null,"
        "\"finish_reason\":null}],\"usage\":null}";
    struct llmgw__frame one = {.kind = LLMGW__FRAME_EVENT,
                               .data = {text, sizeof text - 1}};
    struct decoding d;
    size_t before;

    (void)state;
    assert_int_equal(start(&d, "openai"), LLMGW_OK);
    assert_int_equal(frame(&d, text, sizeof text - 1, ""), LLMGW_OK);
    before = allocation_count();
    for (int i = 0; i < 100; i++) {
        llmgw__arena_reset(&d.run.scratch);
        d.log.len = 0;
        assert_int_equal(
            llmgw__dialect_openai.frame(d.run.decoder, &d.run.decode, &one),
            LLMGW_OK);
    }
    assert_int_equal(allocation_count(), before);
    dialect_run_clear(&d.run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_the_first_word_of_each_member),
        cmocka_unit_test(text_comes_in_every_form),
        cmocka_unit_test(reasoning_is_told_once),
        cmocka_unit_test(tool_calls_are_put_together),
        cmocka_unit_test(usage_is_one_whatever_its_names),
        cmocka_unit_test(errors_are_seen_wherever_they_stand),
        cmocka_unit_test(the_end_is_what_was_said_to_be),
        cmocka_unit_test(what_is_whole_is_handed_over_whole),
        cmocka_unit_test(a_whole_answer_is_the_same_chunks),
        cmocka_unit_test(emulated_tools_come_back),
        cmocka_unit_test(all_choices_asked_for_have_to_come),
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(the_word_of_the_host_is_passed_on),
        cmocka_unit_test(text_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
