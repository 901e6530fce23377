/*
 * unit/wire/test_eventstream.c - binary records, at every cut, with every byte
 * spoilt in turn.
 *
 * Vectors: aws-c-event-stream's own, and records made by zlib's crc32.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "support/alloc.h"
#include "wire/eventstream.h"

#define DELTA                                                              \
    "0000009f00000057c37babff0b3a6576656e742d74797065070011636f6e74656e74" \
    "426c6f636b44656c74610d3a636f6e74656e742d747970650700106170706c696361" \
    "74696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2263" \
    "6f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874" \
    "223a224869227d2c2270223a2261626364227df2ace5ff"
#define THROTTLED                                                          \
    "000000b0000000614f5086b30f3a657863657074696f6e2d74797065070013746872" \
    "6f74746c696e67457863657074696f6e0d3a636f6e74656e742d7479706507001061" \
    "70706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700096578" \
    "63657074696f6e7b226d657373616765223a22546f6f206d616e7920746f6b656e73" \
    "2c20706c656173652077616974206265666f726520747279696e6720616761696e2e" \
    "227df70ae57f"
#define FAULT                                                              \
    "0000007600000066b7610e6b0d3a6d6573736167652d747970650700056572726f72" \
    "0b3a6572726f722d636f646507000d496e7465726e616c4572726f720e3a6572726f" \
    "722d6d657373616765070022416e20696e7465726e616c20736572766572206572"   \
    "726f72206f636375727265642e8ba171ef"

/* What was handed over: "kind event data|" for each. */
struct seen {
    char text[2048];
    size_t len;
    llmgw_status answer;
};

static llmgw_status take(void *userdata, const struct llmgw__frame *frame)
{
    struct seen *seen = userdata;
    static const char kinds[] = {[LLMGW__FRAME_EVENT] = 'e',
                                 [LLMGW__FRAME_EXCEPTION] = 'x',
                                 [LLMGW__FRAME_FAULT] = 'f'};

    seen->len += (size_t)snprintf(
        seen->text + seen->len, sizeof seen->text - seen->len, "%c %.*s %.*s|",
        kinds[frame->kind], (int)frame->event.len,
        frame->event.len ? frame->event.data : "", (int)frame->data.len,
        frame->data.len ? frame->data.data : "");
    assert_true(seen->len < sizeof seen->text);
    return seen->answer;
}

static size_t from_hex(const char *hex, unsigned char *out)
{
    size_t len = 0;

    for (; hex[0] && hex[1]; hex += 2) {
        const char two[3] = {hex[0], hex[1], '\0'};

        out[len++] = (unsigned char)strtoul(two, NULL, 16);
    }
    return len;
}

static llmgw_status feed(struct llmgw__eventstream *stream,
                         const unsigned char *data, size_t len)
{
    char *copy = malloc(len ? len : 1); /* exact, and gone at once */
    llmgw_status status;

    assert_non_null(copy);
    memcpy(copy, data, len);
    status = llmgw__eventstream_feed(stream, copy, len);
    free(copy);
    return status;
}

static llmgw_status parse(struct seen *seen, const unsigned char *data,
                          size_t len, size_t piece, size_t limit)
{
    struct llmgw__eventstream stream;
    llmgw_status status = LLMGW_OK;

    seen->len = 0;
    seen->text[0] = '\0';
    llmgw__eventstream_init(&stream, limit, take, seen);
    for (size_t at = 0; at < len && status == LLMGW_OK; at += piece)
        status = feed(&stream, data + at, len - at < piece ? len - at : piece);
    if (status == LLMGW_OK)
        status = llmgw__eventstream_end(&stream);
    llmgw__eventstream_clear(&stream);
    return status;
}

static void records_come_out_at_every_cut(void **state)
{
    static const char expected[] =
        "e contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":"
        "\"Hi\"},\"p\":\"abcd\"}|x throttlingException {\"message\":\"Too "
        "many tokens, please wait before trying again.\"}|f InternalError An "
        "internal server error occurred.|";
    unsigned char data[1024];
    size_t len = from_hex(DELTA THROTTLED FAULT, data);
    struct seen seen = {.answer = LLMGW_OK};

    (void)state;
    for (size_t piece = 1; piece <= len; piece++) {
        assert_int_equal(parse(&seen, data, len, piece, 0), LLMGW_OK);
        assert_string_equal(seen.text, expected);
    }
}

static void every_spoilt_byte_is_noticed(void **state)
{
    unsigned char data[512];
    size_t len = from_hex(DELTA, data);
    struct seen seen = {.answer = LLMGW_OK};

    (void)state;
    for (size_t at = 0; at < len; at++)
        for (int bit = 0; bit < 8; bit++) {
            data[at] = (unsigned char)(data[at] ^ 1 << bit);
            assert_int_equal(parse(&seen, data, len, len, 0), LLMGW_E_INVALID);
            assert_int_equal(seen.len, 0);
            data[at] = (unsigned char)(data[at] ^ 1 << bit);
        }
}

static void bytes_that_end_inside_a_record_are_refused(void **state)
{
    unsigned char data[512];
    size_t len = from_hex(DELTA, data);
    struct seen seen = {.answer = LLMGW_OK};

    (void)state;
    for (size_t end = 1; end < len; end++)
        assert_int_equal(parse(&seen, data, end, 7, 0), LLMGW_E_INVALID);
    assert_int_equal(parse(&seen, data, 0, 7, 0), LLMGW_OK);
}

/* --- records of our own making --- */

static size_t put_number(unsigned char *out, size_t at, size_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        out[at++] = (unsigned char)(value >> shift & 0xff);
    return at;
}

/** A record with right checksums around these headers and this payload. */
static size_t make(unsigned char *out, const void *headers, size_t headers_len,
                   const char *payload)
{
    size_t at, total = 16 + headers_len + strlen(payload);

    at = put_number(out, 0, total);
    at = put_number(out, at, headers_len);
    at = put_number(out, at, llmgw__crc32(0, out, 8));
    memcpy(out + at, headers, headers_len);
    at += headers_len;
    memcpy(out + at, payload, strlen(payload));
    at += strlen(payload);
    return put_number(out, at, llmgw__crc32(0, out, at));
}

#define EVENT                       \
    "\x0d:message-type\x07\x00\x05" \
    "event"

static void headers_of_all_types_are_passed_over(void **state)
{
    static const char headers[] = "\x01"
                                  "a\x00\x01"
                                  "b\x01\x01"
                                  "c\x02"
                                  "1\x01"
                                  "d\x03"
                                  "12\x01"
                                  "e\x04"
                                  "1234\x01"
                                  "f\x05"
                                  "12345678\x01"
                                  "g\x06\x00\x02"
                                  "xy\x01"
                                  "h\x07\x00\x00\x01"
                                  "i\x08"
                                  "12345678\x01"
                                  "j\x09"
                                  "1234567890123456" EVENT;
    unsigned char data[512];
    struct seen seen = {.answer = LLMGW_OK};
    size_t len = make(data, headers, sizeof headers - 1, "{}");

    (void)state;
    assert_int_equal(parse(&seen, data, len, 5, 0), LLMGW_OK);
    assert_string_equal(seen.text, "e  {}|");
}

static void headers_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
#define CASE(text) {text, sizeof(text) - 1}
        CASE("\x00"), /* a name of no bytes */
        CASE("\x05"
             "ab"), /* a name that is cut */
        CASE("\x01"
             "a"), /* no type */
        CASE("\x01"
             "a\x0a"), /* no such type */
        CASE("\x01"
             "a\x04"
             "12"), /* a value that is cut */
        CASE("\x01"
             "a\x07\x00"), /* a length that is cut */
        CASE("\x01"
             "a\x07\x00\x05"
             "ab"),
        CASE("\x01"
             "a\x00"), /* nothing says what it is */
        CASE(""),
    };
    unsigned char data[512];
    struct seen seen = {.answer = LLMGW_OK};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = make(data, cases[i].bytes, cases[i].len, "{}");

        assert_int_equal(parse(&seen, data, len, len, 0), LLMGW_E_INVALID);
    }
}

static void kinds_of_later_times_are_passed_over(void **state)
{
    static const char headers[] = "\x0d:message-type\x07\x00\x05other";
    unsigned char data[512];
    struct seen seen = {.answer = LLMGW_OK};
    size_t len = make(data, headers, sizeof headers - 1, "{}");

    (void)state;
    assert_int_equal(parse(&seen, data, len, len, 0), LLMGW_OK);
    assert_int_equal(seen.len, 0);
}

static void lengths_are_held_to_their_limits(void **state)
{
    unsigned char data[512];
    size_t len = from_hex(DELTA, data);
    struct seen seen = {.answer = LLMGW_OK};
    size_t at;

    (void)state;
    assert_int_equal(parse(&seen, data, len, 3, len), LLMGW_OK);
    assert_int_equal(parse(&seen, data, len, 3, len - 1), LLMGW_E_LIMIT);
    at = put_number(data, 0, 15); /* shorter than what it must have */
    at = put_number(data, at, 0);
    (void)put_number(data, at, llmgw__crc32(0, data, 8));
    assert_int_equal(parse(&seen, data, 16, 16, 0), LLMGW_E_INVALID);
    at = put_number(data, 0, 100); /* headers longer than all of it */
    at = put_number(data, at, 85);
    (void)put_number(data, at, llmgw__crc32(0, data, 8));
    assert_int_equal(parse(&seen, data, 16, 16, 0), LLMGW_E_INVALID);
    at = put_number(data, 0, 0x7fffffff);
    at = put_number(data, at, 0);
    (void)put_number(data, at, llmgw__crc32(0, data, 8));
    assert_int_equal(parse(&seen, data, 16, 16, 0), LLMGW_E_LIMIT);
}

static void what_the_owner_answers_stops_it(void **state)
{
    unsigned char data[1024];
    size_t len = from_hex(DELTA THROTTLED, data);
    struct seen seen = {.answer = (llmgw_status)3};

    (void)state;
    assert_int_equal(parse(&seen, data, len, 9, 0), 3);
    assert_null(strstr(seen.text, "throttling"));
}

static void a_failed_allocation_is_told(void **state)
{
    struct llmgw__eventstream stream;
    unsigned char data[512];
    size_t len = from_hex(DELTA, data);
    struct seen seen = {.answer = LLMGW_OK};

    (void)state;
    assert_true(len > 100);
    llmgw__eventstream_init(&stream, 0, take, &seen);
    fail_allocation(0);
    assert_int_equal(llmgw__eventstream_feed(&stream, (const char *)data, 100),
                     LLMGW_E_NOMEM);
    assert_int_equal(allow_allocations(), 1);
    llmgw__eventstream_clear(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_at_every_cut),
        cmocka_unit_test(every_spoilt_byte_is_noticed),
        cmocka_unit_test(bytes_that_end_inside_a_record_are_refused),
        cmocka_unit_test(headers_of_all_types_are_passed_over),
        cmocka_unit_test(headers_that_make_no_sense_are_refused),
        cmocka_unit_test(kinds_of_later_times_are_passed_over),
        cmocka_unit_test(lengths_are_held_to_their_limits),
        cmocka_unit_test(what_the_owner_answers_stops_it),
        cmocka_unit_test(a_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
