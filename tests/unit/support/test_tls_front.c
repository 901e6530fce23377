/*
 * unit/support/test_tls_front.c - TLS and HTTP/2 in front of the fake, seen by
 * a libcurl that was not told about ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <unistd.h>

#include "support/fake_provider.h"
#include "support/tls_front.h"

static struct fake *fake;
static struct tls_front *front;
static const char *reason;

static int start(void **state)
{
    (void)state;
    fake = fake_start();
    if (fake)
        front = tls_front_start(fake_url(fake), &reason);
    return fake ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    tls_front_stop(front);
    fake_stop(fake);
    return 0;
}

static void need_front(void)
{
    if (!front) {
        print_message("skipped: %s\n", reason);
        skip();
    }
}

static size_t keep(char *data, size_t size, size_t count, void *userdata)
{
    char *text = userdata;
    size_t len = strlen(text);

    if (len + size * count >= 64 * 1024)
        return 0;
    memcpy(text + len, data, size * count);
    text[len + size * count] = '\0';
    return size * count;
}

/* @return curl's code; text: what came */
static CURLcode get(const char *host, const char *ca, long *version, char *text)
{
    const char *port = strrchr(tls_front_url(front), ':');
    CURL *curl = curl_easy_init();
    char url[128];
    CURLcode code;

    text[0] = '\0';
    snprintf(url, sizeof url, "https://%s%s/v1/chat/completions", host, port);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{\"stream\":true}");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
    if (ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, version);
    curl_easy_cleanup(curl);
    return code;
}

static void streams_come_through_with_tls_and_http_2(void **state)
{
    static char text[64 * 1024];
    long version = 0;

    (void)state;
    need_front();
    assert_int_equal(get("localhost", tls_front_ca(front), &version, text),
                     CURLE_OK);
    if (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2)
        assert_int_equal(version, CURL_HTTP_VERSION_2_0);
    assert_non_null(strstr(text, "data: [DONE]\n\n"));
    assert_int_equal(fake_requests(fake), 1);
}

static void what_has_come_is_not_held_back(void **state)
{
    static char text[64 * 1024];
    long version;

    (void)state;
    need_front();
    /* curl ends with an error, but the chunks before are here */
    fake_script(fake, "", "text='a b c' reset_after=2 times=1");
    assert_int_not_equal(get("localhost", tls_front_ca(front), &version, text),
                         CURLE_OK);
    assert_non_null(strstr(text, "\" b\""));
    assert_null(strstr(text, "\" c\""));
}

static void strangers_and_other_names_are_refused(void **state)
{
    static char text[64 * 1024];
    long version;

    (void)state;
    need_front();
    assert_int_equal(get("127.0.0.1", tls_front_ca(front), &version, text),
                     CURLE_PEER_FAILED_VERIFICATION);
    assert_int_equal(get("localhost", NULL, &version, text),
                     CURLE_PEER_FAILED_VERIFICATION);
    assert_string_equal(text, "");
}

static void nothing_is_left_behind(void **state)
{
    char ca[128];
    const char *why;
    struct tls_front *second;

    (void)state;
    need_front();
    second = tls_front_start(fake_url(fake), &why);
    assert_non_null(second);
    snprintf(ca, sizeof ca, "%s", tls_front_ca(second));
    assert_int_equal(access(ca, R_OK), 0);
    tls_front_stop(second);
    assert_int_not_equal(access(ca, F_OK), 0);
    *strrchr(ca, '/') = '\0';
    assert_int_not_equal(access(ca, F_OK), 0);
    tls_front_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_come_through_with_tls_and_http_2),
        cmocka_unit_test(what_has_come_is_not_held_back),
        cmocka_unit_test(strangers_and_other_names_are_refused),
        cmocka_unit_test(nothing_is_left_behind),
    };

    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, start, stop);
}
