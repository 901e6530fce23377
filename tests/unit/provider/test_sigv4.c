/*
 * AWS signatures: the public test suite, and what Bedrock asks for (checked
 * with another signer).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "provider/sigv4.h"
#include "support/alloc.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

struct vector {
    const char *name;
    const char *method;
    const char *url;
    const char *content_type;
    const char *content_length;
    const char *body;
    const char *token;
    const char *scope; /* region/service */
    const char *time;
    bool hash_header;
    const char *signature;
};

static const struct vector vectors[] = {
    /* clang-format off */
{"get-vanilla", "GET", "https://example.amazonaws.com/", "", "", "", "", "us-east-1/service", "20150830T123600Z", false, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
{"get-vanilla-with-session-token", "GET", "https://example.amazonaws.com/", "", "", "", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267", "us-east-1/service", "20150830T123600Z", false, "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
{"post-x-www-form-urlencoded", "POST", "https://example.amazonaws.com/", "application/x-www-form-urlencoded", "13", "Param1=value1", "", "us-east-1/service", "20150830T123600Z", true, "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"},
{"get-utf8", "GET", "https://example.amazonaws.com/\xe1\x88\xb4", "", "", "", "", "us-east-1/service", "20150830T123600Z", false, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
{"get-space-normalized", "GET", "https://example.amazonaws.com/example space/", "", "", "", "", "us-east-1/service", "20150830T123600Z", false, "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
{"bedrock-converse-stream-colon-session-token", "POST", "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream", "application/json", "", "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"Hello\"}]}],\"inferenceConfig\":{\"maxTokens\":64}}", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267", "us-east-1/bedrock", "20261122T120000Z", false, "714486cfb4dbc07e9c4dc1bb0198a0f1fab662f428ce7aac26a7ea4e1e0e7852"},
{"bedrock-invoke-inference-profile-arn", "POST", "https://bedrock-runtime.us-west-2.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-west-2%3A123456789012%3Aapplication-inference-profile%2Fabcdef123456/invoke", "application/json", "", "{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}", "", "us-west-2/bedrock", "20261122T120000Z", false, "4979e4154cdb060ddd0a70c4adc5555d7a01bfcb046a9c9177af37a4dd20ff0e"},
{"bedrock-invoke-plain-model-content-sha256", "POST", "https://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.claude-sonnet-5/invoke-with-response-stream", "application/json", "", "{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267", "eu-west-1/bedrock", "20261122T120000Z", true, "dcc7a79175db9a9790cb3ed5a87e1cccdda50e8a6d5a0314dbac5f0ca970435b"},
{"bedrock-mantle-messages", "POST", "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages", "application/json", "", "{\"model\":\"anthropic.claude-opus-4-8\",\"max_tokens\":64,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}", "", "us-east-1/bedrock-mantle", "20261122T120000Z", false, "f6ae312f57c218563627840b15611d5cea065672469148aaecaa92081986b8a1"},
    /* clang-format on */
};

struct signed_request {
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS];
    struct llmgw__http_request request;
    struct llmgw__arena arena;
    struct llmgw__sigv4_trace trace;
    char url[256];
};

/** "20150830T123600Z" in seconds. */
static int64_t seconds_of(const char *t)
{
    char text[] = "YYYY-MM-DDThh:mm:ssZ";

    memcpy(text, t, 4);
    memcpy(text + 5, t + 4, 2);
    memcpy(text + 8, t + 6, 2);
    memcpy(text + 11, t + 9, 2);
    memcpy(text + 14, t + 11, 2);
    memcpy(text + 17, t + 13, 2);
    return llmgw__date_parse(text, strlen(text));
}

static llmgw_status sign(struct signed_request *s, const struct vector *v)
{
    const char *slash = strchr(v->scope, '/');
    struct llmgw__sigv4 by = {
        .access_key = LLMGW__LIT("AKIDEXAMPLE"),
        .secret_key = LLMGW__LIT(SECRET),
        .session_token = llmgw__str(v->token),
        .region = llmgw__str_n(v->scope, (size_t)(slash - v->scope)),
        .service = llmgw__str(slash + 1),
        .now_s = seconds_of(v->time),
        .hash_header = v->hash_header,
    };

    memset(s, 0, sizeof *s);
    strncpy(s->url, v->url, sizeof s->url - 1);
    llmgw__arena_init(&s->arena, 4096, 0);
    s->request.method = v->method;
    s->request.url = s->url;
    s->request.headers = s->headers;
    s->request.header_cap = LLMGW__HTTP_MAX_HEADERS;
    llmgw__body_init(&s->request.body, 0);
    llmgw__body_add(&s->request.body, llmgw__str(v->body));
    if (llmgw__body_finish(&s->request.body) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    if (*v->content_type)
        assert_int_equal(
            llmgw__http_header_add(&s->request, LLMGW__LIT("content-type"),
                                   llmgw__str(v->content_type), false),
            LLMGW_OK);
    if (*v->content_length)
        assert_int_equal(
            llmgw__http_header_add(&s->request, LLMGW__LIT("content-length"),
                                   llmgw__str(v->content_length), false),
            LLMGW_OK);
    assert_int_equal(llmgw__http_header_add(&s->request,
                                            LLMGW__LIT("user-agent"),
                                            LLMGW__LIT("not signed"), false),
                     LLMGW_OK);
    return llmgw__sigv4_sign(&by, &s->request, &s->arena, &s->trace);
}

static void clear(struct signed_request *s)
{
    llmgw__body_clear(&s->request.body);
    llmgw__buf_clear(&s->trace.canonical);
    llmgw__buf_clear(&s->trace.to_sign);
    llmgw__arena_clear(&s->arena);
}

static llmgw_str header(const struct signed_request *s, const char *name)
{
    for (size_t i = 0; i < s->request.header_count; i++)
        if (llmgw__str_is(s->request.headers[i].name, name))
            return s->request.headers[i].value;
    return llmgw__str(NULL);
}

static void every_vector_is_signed_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct signed_request s;
        const struct vector *v = &vectors[i];

        assert_int_equal(sign(&s, v), LLMGW_OK);
        if (!llmgw__str_ends(header(&s, "authorization"), v->signature))
            fail_msg("%s: %.*s\n%.*s", v->name, (int)s.trace.canonical.len,
                     s.trace.canonical.data, (int)s.trace.to_sign.len,
                     s.trace.to_sign.data);
        assert_true(llmgw__str_is(header(&s, "x-amz-date"), v->time));
        assert_true(
            llmgw__str_is(header(&s, "x-amz-security-token"), v->token));
        clear(&s);
    }
}

static void the_key_is_that_of_the_suite(void **state)
{
    struct signed_request s;
    char hex[65];

    (void)state;
    assert_int_equal(sign(&s, &vectors[0]), LLMGW_OK);
    llmgw__hash_hex(s.trace.key, hex);
    assert_string_equal(
        hex,
        "938127b5336810ddb6a5d6af445fcac9e371f9ed418ed386b022aed82901be75");
    clear(&s);
}

static void secrets_are_marked_so(void **state)
{
    struct signed_request s;

    (void)state;
    assert_int_equal(sign(&s, &vectors[1]), LLMGW_OK);
    for (size_t i = 0; i < s.request.header_count; i++)
        assert_int_equal(
            s.request.headers[i].secret,
            llmgw__str_is(s.request.headers[i].name, "authorization") ||
                llmgw__str_is(s.request.headers[i].name,
                              "x-amz-security-token"));
    clear(&s);
}

static void the_host_is_signed_as_libcurl_sends_it(void **state)
{
    static const struct {
        const char *url;
        const char *host; /* NULL: refused */
    } cases[] = {
        {"https://a.test:443/x", "\nhost:a.test\n"},
        {"http://a.test:80/x", "\nhost:a.test\n"},
        {"https://a.test:8443/x", "\nhost:a.test:8443\n"},
        {"http://a.test:443/x", "\nhost:a.test:443\n"},
        {"https://a.test", "\nhost:a.test\n"},
        {"https://a.test/x?y=1", NULL},
        {"ftp://a.test/x", NULL},
        {"https:///x", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vector v = vectors[0];
        struct signed_request s;

        v.url = cases[i].url;
        assert_int_equal(sign(&s, &v),
                         cases[i].host ? LLMGW_OK : LLMGW_E_INVALID);
        if (cases[i].host)
            assert_int_not_equal(
                llmgw__str_find(llmgw__buf_str(&s.trace.canonical),
                                llmgw__str(cases[i].host)),
                SIZE_MAX);
        clear(&s);
    }
}

static void a_failed_allocation_is_told(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    (void)state;
    for (; status != LLMGW_OK && nth < 200; nth++) {
        struct signed_request s;

        fail_allocation(nth);
        status = sign(&s, &vectors[1]);
        if (allow_allocations())
            assert_int_equal(status, LLMGW_E_NOMEM);
        clear(&s);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_is_signed_as_it_should),
        cmocka_unit_test(the_key_is_that_of_the_suite),
        cmocka_unit_test(secrets_are_marked_so),
        cmocka_unit_test(the_host_is_signed_as_libcurl_sends_it),
        cmocka_unit_test(a_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
