/* Answers of the anthropic wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/golden.h"

#define BASE "https://host.example"

#define START                                                             \
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":" \
    "\"message\",\"model\":\"claude-x\",\"content\":[],\"usage\":{"       \
    "\"input_tokens\":10,\"output_tokens\":1}}}"
#define TEXT_START                                                      \
    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{" \
    "\"type\":\"text\",\"text\":\"\"}}"
#define TEXT_DELTA                                                       \
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":" \
    "\"text_delta\",\"text\":\"some words of it\"}}"
#define BLOCK_STOP "{\"type\":\"content_block_stop\",\"index\":0}"
#define STOPPED                                                             \
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}," \
    "\"usage\":{\"output_tokens\":5}}"
#define STOP "{\"type\":\"message_stop\"}"

static struct dialect_run run;

static void begin(void)
{
    if (run.dialect)
        dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE, "claude-x");
}

static int forget(void **state)
{
    (void)state;
    if (run.dialect)
        dialect_run_clear(&run);
    return 0;
}

static llmgw_status frame(const char *data)
{
    return dialect_run_frame(&run, data, strlen(data));
}

/** Feed records until one is not taken. NULL-terminated. */
static llmgw_status frames(const char *const *list)
{
    llmgw_status status = LLMGW_OK;

    for (; *list && status == LLMGW_OK; list++)
        status = frame(*list);
    return status;
}

static char *final_text(void)
{
    cJSON *final = dialect_run_final(&run);
    char *text = cJSON_PrintUnformatted(final);

    cJSON_Delete(final);
    return text;
}

static void check_answer(const cJSON *one, const cJSON *file)
{
    golden_check_answer(&llmgw__dialect_anthropic, BASE, one, file);
}

static void answers_reach_the_host_whole_and_in_order(void **state)
{
    (void)state;
    assert_int_equal(golden_each(LLMGW_SOURCE_DIR
                                 "/tests/fixtures/anthropic/answers.json",
                                 check_answer),
                     18);
}

#define PIECE(index, text)                                              \
    "{\"type\":\"content_block_delta\",\"index\":" index ",\"delta\":{" \
    "\"type\":\"text_delta\",\"text\":\"" text "\"}}"

/* Hangul begins with the same byte as half a pair. */
static void characters_are_counted_as_people_do(void **state)
{
    static const char *const list[] = {
        START,
        TEXT_START,
        PIECE("0", "\\ud83d"),
        PIECE("0", "\\ude00\xed\x95\x9c"),
        BLOCK_STOP,
        "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{"
        "\"type\":\"text\",\"text\":\"\"}}",
        PIECE("1", "ab"),
        "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
        "\"citations_delta\",\"citation\":{\"type\":"
        "\"web_search_result_location\",\"url\":\"u\",\"title\":\"t\"}}}",
        "{\"type\":\"content_block_stop\",\"index\":1}",
        STOPPED,
        STOP,
        NULL};
    char *text;

    (void)state;
    begin();
    assert_int_equal(frames(list), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    text = final_text();
    assert_non_null(strstr(text, "\"start_index\":2,\"end_index\":4"));
    assert_non_null(strstr(text, "\"content\":\"\xf0\x9f\x98\x80\xed\x95\x9c"
                                 "ab\""));
    free(text);
}

/* --- ends --- */

#define WHOLE(end)                                                            \
    "{\"type\":\"message\",\"id\":\"m\",\"model\":\"claude-x\",\"content\":[" \
    "{\"type\":\"text\",\"text\":\"a\"}]," end "}"

/** The provider's words on the end of choice 0. */
static const char *words(void)
{
    static char text[64];
    llmgw_str from = {"", 0};

    if (run.assemble.answer.choice_count)
        from = run.assemble.answer.choices[0].finish_message;
    snprintf(text, sizeof text, "%.*s", (int)from.len,
             from.data ? from.data : "");
    return text;
}

static void check_words(const char *end, const char *wanted)
{
    char delta[512];
    char whole[512];
    const char *const list[] = {START, TEXT_START, BLOCK_STOP,
                                delta, STOP,       NULL};
    cJSON *final;

    snprintf(delta, sizeof delta, "{\"type\":\"message_delta\",\"delta\":{%s}}",
             end);
    snprintf(whole, sizeof whole, WHOLE("%s"), end);
    begin();
    assert_int_equal(frames(list), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    final = dialect_run_final(&run);
    assert_string_equal(words(), wanted);
    cJSON_Delete(final);
    begin();
    assert_int_equal(dialect_run_whole(&run, whole, strlen(whole)), LLMGW_OK);
    final = dialect_run_final(&run);
    assert_string_equal(words(), wanted);
    cJSON_Delete(final);
}

static void the_end_is_told_in_the_providers_words(void **state)
{
    (void)state;
    check_words("\"stop_reason\":\"stop_sequence\",\"stop_sequence\":"
                "\"END\\u0021\"",
                "END!");
    check_words("\"stop_reason\":\"refusal\",\"stop_sequence\":null,"
                "\"stop_details\":{\"type\":\"refusal\",\"category\":"
                "\"cyber\",\"explanation\":\"No.\"}",
                "cyber");
    check_words("\"stop_reason\":\"refusal\",\"stop_details\":{\"type\":"
                "\"refusal\",\"category\":null,\"explanation\":null}",
                "");
    check_words("\"stop_reason\":\"end_turn\",\"stop_sequence\":null", "");
}

/** A compaction's block as it must go back. */
static void check_compaction(const char *start, const char *delta,
                             const char *wanted)
{
    const char *const list[] = {START,   start, delta, BLOCK_STOP,
                                STOPPED, STOP,  NULL};
    char *text;

    begin();
    assert_int_equal(frames(list), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    text = final_text();
    if (!strstr(text, wanted))
        fail_msg("%s is not in %s", wanted, text);
    free(text);
}

#define COMPACTION(members)                                             \
    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{" \
    "\"type\":\"compaction\"" members "}}"
#define COMPACTED(members)                                               \
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":" \
    "\"compaction_delta\"" members "}}"

static void a_compaction_keeps_its_hidden_side(void **state)
{
    (void)state;
    check_compaction(COMPACTION(",\"content\":null"),
                     COMPACTED(",\"content\":\"so far\""),
                     "{\"type\":\"compaction\",\"content\":\"so far\"}");
    check_compaction(COMPACTION(",\"content\":null,\"encrypted_content\":null,"
                                "\"signature\":\"s\""),
                     COMPACTED(",\"content\":null,\"encrypted_content\":"
                               "\"e+\\/\""),
                     "{\"type\":\"compaction\",\"signature\":\"s\","
                     "\"content\":null,\"encrypted_content\":\"e+/\"}");
    check_compaction(COMPACTION(",\"encrypted_content\":\"early\""),
                     COMPACTED(",\"content\":\"c\""),
                     "{\"type\":\"compaction\",\"content\":\"c\","
                     "\"encrypted_content\":\"early\"}");
}

static void a_stream_that_breaks_off_is_not_an_answer(void **state)
{
    static const char *const cut[][6] = {
        {NULL},
        {START, NULL},
        {START, TEXT_START, TEXT_DELTA, NULL},
        {START, TEXT_START, TEXT_DELTA, BLOCK_STOP, NULL},
        {START, TEXT_START, TEXT_DELTA, STOPPED, NULL}, /* a block is open */
        {"[DONE]", NULL},
        {"{\"type\":\"ping\"}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        begin();
        assert_int_equal(frames(cut[i]), LLMGW_OK);
        assert_int_equal(dialect_run_end(&run), LLMGW_E_INVALID);
    }
}

static void blocks_left_open_are_closed_by_the_end(void **state)
{
    static const char *const list[] = {
        START,
        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
        "\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}}",
        STOPPED, STOP, NULL};
    char *text;

    (void)state;
    begin();
    assert_int_equal(frames(list), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    text = final_text();
    assert_non_null(strstr(text, "\"arguments\":\"{}\""));
    free(text);
}

static void another_answer_spliced_in_breaks_the_stream(void **state)
{
    (void)state;
    begin();
    assert_int_equal(frame(START), LLMGW_OK);
    assert_int_equal(frame(START), LLMGW_OK); /* the same once more */
    assert_int_equal(
        frame("{\"type\":\"message_start\",\"message\":{\"id\":\"msg_2\","
              "\"content\":[]}}"),
        LLMGW_E_INVALID);
}

static void what_is_no_record_of_this_wire_breaks_the_stream(void **state)
{
    static const char *const bad[] = {
        "{\"type\":\"ping\"",
        "[]",
        "<html>",
        "{\"type\":\"ping\"} x",
        "{\"type\":\"content_block_start\",\"index\":4096,\"content_block\":{"
        "\"type\":\"text\"}}",
        "{\"type\":\"content_block_start\",\"index\":-1,\"content_block\":{"
        "\"type\":\"text\"}}",
        "{\"type\":\"content_block_start\",\"index\":0}",
        "{\"type\":\"message_start\",\"message\":{\"id\":\"x\",\"content\":[1"
        "]}}",
        "{\"type\":\"message_start\"}",
        "{\"type\":\"message_stop\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin();
        if (frame(bad[i]) != LLMGW_E_INVALID)
            fail_msg("taken: %s", bad[i]);
    }
}

static void unknown_records_and_members_are_ignored(void **state)
{
    static const char *const list[] = {
        "{\"type\":\"ping\"}",
        START,
        "{\"type\":\"brand_new\",\"delta\":{\"text\":\"no\"}}",
        "{}",
        "{\"type\":7}",
        "{\"type\":\"content_block_delta\",\"index\":9,\"delta\":{\"type\":"
        "\"text_delta\",\"text\":\"no\"}}",
        TEXT_START,
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":null}",
        "{\"delta\":{\"text\":\"yes\",\"n\":1,\"type\":\"text_delta\"},\"x\":"
        "[],\"index\":0,\"type\":\"content_block_delta\"}   ",
        "",
        "[DONE]",
        BLOCK_STOP,
        BLOCK_STOP,
        STOPPED,
        STOP,
        "[DONE]",
        "broken",
        NULL};
    char *text;

    (void)state;
    begin();
    assert_int_equal(frames(list), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    text = final_text();
    assert_non_null(strstr(text, "\"content\":\"yes\""));
    free(text);
}

static void errors_inside_an_answer_end_it(void **state)
{
    static const char *const errors[] = {
        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
        "\"message\":\"Overloaded\"}}",
        "{\"error\":{\"type\":\"overloaded_error\",\"message\":"
        "\"Overloaded\"}}",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin();
        assert_int_equal(frame(START), LLMGW_OK);
        assert_int_equal(frame(errors[i]), LLMGW_OK);
        assert_true(run.failed);
        assert_int_equal(run.error.kind, LLMGW_KIND_OVERLOADED);
        assert_string_equal(run.error.message, "Overloaded");
        assert_int_equal(frame(TEXT_START), LLMGW_OK); /* nothing follows */
        begin();
        assert_int_equal(dialect_run_whole(&run, errors[i], strlen(errors[i])),
                         LLMGW_OK);
        assert_int_equal(run.error.kind, LLMGW_KIND_OVERLOADED);
    }
}

static void a_body_without_content_is_no_answer(void **state)
{
    static const char *const bad[] = {"",
                                      "{}",
                                      "[]",
                                      "{\"content\":[]",
                                      "{\"type\":\"message\",\"content\":{}}",
                                      "{\"type\":\"message\",\"content\":[1]}"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin();
        assert_int_equal(dialect_run_whole(&run, bad[i], strlen(bad[i])),
                         LLMGW_E_INVALID);
    }
}

static void a_whole_answer_may_come_as_one_record(void **state)
{
    (void)state;
    begin();
    assert_int_equal(
        frame("{\"type\":\"message\",\"id\":\"msg_1\",\"content\":[{\"type\":"
              "\"text\",\"text\":\"x\"}],\"stop_reason\":\"end_turn\"}"),
        LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_string_equal(run.native, "end_turn");
}

/* Which of its blocks a piece belongs to is told by the index alone. */
static void blocks_may_interleave_but_are_not_replayed_then(void **state)
{
    static const char *const list[] = {
        START,
        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
        "\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\",\"input\":{}}}",
        "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{"
        "\"type\":\"server_tool_use\",\"id\":\"b\",\"name\":\"g\",\"input\":{"
        "}}}",
        "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
        "\"input_json_delta\",\"partial_json\":\"{}\"}}",
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
        "\"input_json_delta\",\"partial_json\":\"{\\\"x\\\":1}\"}}",
        BLOCK_STOP,
        STOPPED,
        STOP,
        NULL};
    char *text;

    (void)state;
    begin();
    assert_int_equal(frames(list), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    text = final_text();
    assert_non_null(strstr(text, "\"arguments\":\"{\\\"x\\\":1}\""));
    assert_null(strstr(text, "llmgw"));
    free(text);
}

static void a_custom_tool_is_known_however_its_name_is_written(void **state)
{
    static const char chat[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}"
        "],\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"g\"}}]}";
    static const char *const list[] = {
        START,
        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
        "\"type\":\"tool_use\",\"id\":\"b\",\"name\":\"\\u0067\",\"input\":{}}}",
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
        "\"input_json_delta\",\"partial_json\":\"{\\\"input\\\":\\\"x\\\"}\"}}",
        BLOCK_STOP,
        STOPPED,
        STOP,
        NULL};
    char *text;

    (void)state;
    begin();
    assert_int_equal(dialect_run_chat(&run, chat), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, true, false), LLMGW_OK);
    assert_int_equal(frames(list), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    text = final_text();
    assert_non_null(strstr(text, "\"type\":\"custom\""));
    assert_non_null(strstr(text, "\"input\":\"x\""));
    free(text);
}

static void every_cut_of_a_record_is_told_or_ignored(void **state)
{
    static const char *const list[] = {
        START,
        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
        "\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\",\"input\":{\"a\":1}"
        "}}",
        TEXT_DELTA,
        "{\"type\":\"error\",\"error\":{\"type\":\"x\"}}",
        STOPPED,
    };

    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        for (size_t len = 1; len < strlen(list[i]); len++) {
            begin();
            assert_int_equal(dialect_run_frame(&run, list[i], len),
                             LLMGW_E_INVALID);
        }
}

/* --- numbers --- */

static void contradictory_counts_are_clamped_and_flagged(void **state)
{
    static const char body[] =
        "{\"type\":\"message\",\"content\":[],\"usage\":{\"input_tokens\":-5,"
        "\"cache_creation_input_tokens\":10,\"cache_creation\":{"
        "\"ephemeral_1h_input_tokens\":12},\"cache_read_input_tokens\":1.5,"
        "\"output_tokens\":7,\"output_tokens_details\":{\"thinking_tokens\":9}"
        "}}";

    (void)state;
    begin();
    assert_int_equal(dialect_run_whole(&run, body, strlen(body)), LLMGW_OK);
    assert_true(run.usage.clamped);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 0);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHE_WRITE_1H], 10);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHE_WRITE_5M], 0);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_REASONING], 7);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], 0);
    assert_int_equal(run.usage.known & 1u << LLMGW__INPUT_CACHED, 0);
    assert_int_equal(run.usage.requests, 1);
}

static void output_is_not_known_before_the_end_tells_it(void **state)
{
    (void)state;
    begin();
    assert_int_equal(frame(START), LLMGW_OK);
    assert_true(run.has_usage);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 10);
    assert_int_equal(run.usage.known & 1u << LLMGW__OUTPUT_TEXT, 0);
}

/* --- memory --- */

static llmgw_status ignore(void *userdata, const struct llmgw__chunk *chunk)
{
    *(size_t *)userdata += chunk->text.len;
    return LLMGW_OK;
}

static llmgw_status direct(void *decoder, const struct llmgw__decode *decode,
                           const char *data)
{
    struct llmgw__frame frame = {.data = llmgw__str(data)};

    return llmgw__dialect_anthropic.frame(decoder, decode, &frame);
}

static void pieces_of_text_take_no_allocation(void **state)
{
    void *decoder = calloc(1, llmgw__dialect_anthropic.decoder_size);
    struct llmgw__arena arena;
    struct llmgw__memo memo = {0};
    size_t bytes = 0;
    struct llmgw__decode decode = {.emit = ignore,
                                   .userdata = &bytes,
                                   .scratch = &arena,
                                   .arena = &arena,
                                   .memo = &memo};
    size_t before;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(direct(decoder, &decode, START), LLMGW_OK);
    assert_int_equal(direct(decoder, &decode, TEXT_START), LLMGW_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(direct(decoder, &decode, TEXT_DELTA), LLMGW_OK);
    before = allocation_count();
    for (int i = 0; i < 1000; i++)
        assert_int_equal(direct(decoder, &decode, TEXT_DELTA), LLMGW_OK);
    /* the blocks that may have to go back are kept: that doubles, rarely */
    assert_in_range(allocation_count() - before, 0, 1);
    assert_int_equal(bytes, 2000 * strlen("some words of it"));
    llmgw__dialect_anthropic.free(decoder);
    llmgw__arena_clear(&arena);
    free(decoder);
}

static llmgw_status stop_at_text(void *userdata,
                                 const struct llmgw__chunk *chunk)
{
    (void)userdata;
    return chunk->kind == LLMGW__CHUNK_TEXT ? LLMGW_E_CLOSED : LLMGW_OK;
}

static void what_the_taker_of_chunks_answers_is_passed_on(void **state)
{
    void *decoder = calloc(1, llmgw__dialect_anthropic.decoder_size);
    struct llmgw__arena arena;
    struct llmgw__memo memo = {0};
    struct llmgw__decode decode = {.emit = stop_at_text,
                                   .scratch = &arena,
                                   .arena = &arena,
                                   .memo = &memo};

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(direct(decoder, &decode, START), LLMGW_OK);
    assert_int_equal(direct(decoder, &decode, TEXT_START), LLMGW_OK);
    assert_int_equal(direct(decoder, &decode, TEXT_DELTA), LLMGW_E_CLOSED);
    llmgw__dialect_anthropic.free(decoder);
    llmgw__arena_clear(&arena);
    free(decoder);
}

static llmgw_status decode_once(void)
{
    static const char chat[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}"
        "],\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"g\"}}]}";
    static const char *const list[] = {
        START,
        TEXT_START,
        TEXT_DELTA,
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
        "\"citations_delta\",\"citation\":{\"type\":"
        "\"web_search_result_location\",\"url\":\"u\"}}}",
        BLOCK_STOP,
        "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{"
        "\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\",\"input\":{\"a\":1}"
        "}}",
        "{\"type\":\"content_block_stop\",\"index\":1}",
        "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{"
        "\"type\":\"tool_use\",\"id\":\"b\",\"name\":\"g\",\"input\":{}}}",
        "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":"
        "\"input_json_delta\",\"partial_json\":\"{\\\"input\\\":\\\"x\"}}",
        "{\"type\":\"content_block_stop\",\"index\":2}",
        "{\"type\":\"content_block_start\",\"index\":3,\"content_block\":{"
        "\"type\":\"thinking\",\"thinking\":\"\\n\"}}",
        "{\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":"
        "\"signature_delta\",\"signature\":\"s\\/\"}}",
        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\","
        "\"stop_details\":{\"explanation\":\"no\"}},\"usage\":{"
        "\"output_tokens\":5}}",
        STOP,
        NULL};
    llmgw_status status;

    begin();
    status = dialect_run_chat(&run, chat);
    if (status == LLMGW_OK)
        status = dialect_run_encode(&run, true, false);
    if (status == LLMGW_OK)
        status = frames(list);
    if (status == LLMGW_OK)
        status = dialect_run_end(&run);
    dialect_run_clear(&run);
    return status;
}

static void every_failed_allocation_is_told(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = decode_once();
        if (!allow_allocations())
            break;
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_reach_the_host_whole_and_in_order),
        cmocka_unit_test_teardown(characters_are_counted_as_people_do, forget),
        cmocka_unit_test_teardown(the_end_is_told_in_the_providers_words,
                                  forget),
        cmocka_unit_test_teardown(a_compaction_keeps_its_hidden_side, forget),
        cmocka_unit_test_teardown(a_stream_that_breaks_off_is_not_an_answer,
                                  forget),
        cmocka_unit_test_teardown(blocks_left_open_are_closed_by_the_end,
                                  forget),
        cmocka_unit_test_teardown(another_answer_spliced_in_breaks_the_stream,
                                  forget),
        cmocka_unit_test_teardown(
            what_is_no_record_of_this_wire_breaks_the_stream, forget),
        cmocka_unit_test_teardown(unknown_records_and_members_are_ignored,
                                  forget),
        cmocka_unit_test_teardown(errors_inside_an_answer_end_it, forget),
        cmocka_unit_test_teardown(a_body_without_content_is_no_answer, forget),
        cmocka_unit_test_teardown(a_whole_answer_may_come_as_one_record,
                                  forget),
        cmocka_unit_test_teardown(
            blocks_may_interleave_but_are_not_replayed_then, forget),
        cmocka_unit_test_teardown(
            a_custom_tool_is_known_however_its_name_is_written, forget),
        cmocka_unit_test_teardown(every_cut_of_a_record_is_told_or_ignored,
                                  forget),
        cmocka_unit_test_teardown(contradictory_counts_are_clamped_and_flagged,
                                  forget),
        cmocka_unit_test_teardown(output_is_not_known_before_the_end_tells_it,
                                  forget),
        cmocka_unit_test(pieces_of_text_take_no_allocation),
        cmocka_unit_test(what_the_taker_of_chunks_answers_is_passed_on),
        cmocka_unit_test_teardown(every_failed_allocation_is_told, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
