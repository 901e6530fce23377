/* Hashes and encodings, by the vectors of their specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "support/alloc.h"

static void to_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t at = 0; at < len; at++) {
        out[2 * at] = hex[bytes[at] >> 4];
        out[2 * at + 1] = hex[bytes[at] & 15];
    }
    out[2 * len] = '\0';
}

/* FIPS 180-4, examples */
static void sha256_meets_its_vectors(void **state)
{
    static const struct {
        const char *text;
        const char *hash;
    } vectors[] = {
        /* clang-format off */
        { NULL,
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        /* clang-format on */
    };
    char hex[65];
    char *many = malloc(1000000);

    (void)state;
    for (size_t at = 0; at < sizeof vectors / sizeof vectors[0]; at++) {
        assert_int_equal(llmgw__sha256_hex(llmgw__str(vectors[at].text), hex),
                         0);
        assert_string_equal(hex, vectors[at].hash);
    }
    assert_non_null(many);
    memset(many, 'a', 1000000);
    assert_int_equal(llmgw__sha256_hex(llmgw__str_n(many, 1000000), hex), 0);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67"
                             "f1809a48a497200e046d39ccc7112cd0");
    free(many);
}

/* RFC 4231, 4.2 to 4.8 */
static void hmac_sha256_meets_its_vectors(void **state)
{
    static const struct {
        int key_byte; /* repeated key_len times; -1: key, -2: 01 02 03 … */
        size_t key_len;
        const char *key;
        int data_byte;
        size_t data_len;
        const char *data;
        const char *mac; /* the fifth is cut to 128 bits */
    } vectors[] = {
        /* clang-format off */
        { 0x0b, 20, NULL, -1, 8, "Hi There",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { -1, 4, "Jefe", -1, 28, "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { 0xaa, 20, NULL, 0xdd, 50, NULL,
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { -2, 25, NULL, 0xcd, 50, NULL,
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { 0x0c, 20, NULL, -1, 20, "Test With Truncation",
          "a3b6167473100ee06e0c796c2955552b" },
        { 0xaa, 131, NULL, -1, 54,
          "Test Using Larger Than Block-Size Key - Hash Key First",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        { 0xaa, 131, NULL, -1, 152,
          "This is a test using a larger than block-size key and a larger "
          "than block-size data. The key needs to be hashed before being "
          "used by the HMAC algorithm.",
          "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
        /* clang-format on */
    };
    char key[200];
    char data[200];
    unsigned char mac[32];
    char hex[65];

    (void)state;
    for (size_t at = 0; at < sizeof vectors / sizeof vectors[0]; at++) {
        for (size_t i = 0; i < vectors[at].key_len; i++)
            key[i] = vectors[at].key_byte == -1   ? vectors[at].key[i]
                     : vectors[at].key_byte == -2 ? (char)(i + 1)
                                                  : (char)vectors[at].key_byte;
        for (size_t i = 0; i < vectors[at].data_len; i++)
            data[i] = vectors[at].data ? vectors[at].data[i]
                                       : (char)vectors[at].data_byte;
        assert_int_equal(
            llmgw__hmac_sha256(llmgw__str_n(key, vectors[at].key_len),
                               llmgw__str_n(data, vectors[at].data_len), mac),
            0);
        to_hex(mac, sizeof mac, hex);
        hex[strlen(vectors[at].mac)] = '\0';
        assert_string_equal(hex, vectors[at].mac);
    }
    assert_int_equal(
        llmgw__hmac_sha256(llmgw__str(NULL), llmgw__str(NULL), mac), 0);
    to_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5"
                             "ff1697c493715653c6c712144292c5ad");
}

static void zeroize_leaves_nothing(void **state)
{
    char secret[16] = "sk-very-secret!";

    (void)state;
    llmgw__zeroize(secret + 3, 12);
    assert_memory_equal(secret, "sk-\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    llmgw__zeroize(NULL, 0);
}

/* RFC 4648, 10 */
static const struct {
    const char *plain;
    const char *coded;
} base64_vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
};

static void base64_meets_its_vectors_both_ways(void **state)
{
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    for (size_t at = 0; at < sizeof base64_vectors / sizeof base64_vectors[0];
         at++) {
        llmgw__buf_reset(&buf);
        llmgw__buf_add_z(&buf, "> ");
        llmgw__base64_encode(&buf, llmgw__str(base64_vectors[at].plain));
        assert_true(llmgw__str_starts(llmgw__buf_str(&buf), "> "));
        assert_true(llmgw__str_is(llmgw__str_n(buf.data + 2, buf.len - 2),
                                  base64_vectors[at].coded));
        llmgw__buf_reset(&buf);
        assert_int_equal(
            llmgw__base64_decode(&buf, llmgw__str(base64_vectors[at].coded)),
            LLMGW_OK);
        assert_true(
            llmgw__str_is(llmgw__buf_str(&buf), base64_vectors[at].plain));
    }
    llmgw__buf_clear(&buf);
}

static void every_byte_comes_back_from_base64(void **state)
{
    unsigned char bytes[256];
    struct llmgw__buf coded;
    struct llmgw__buf plain;

    (void)state;
    for (size_t at = 0; at < sizeof bytes; at++)
        bytes[at] = (unsigned char)(at * 7 + 3);
    llmgw__buf_init(&coded, 0);
    llmgw__buf_init(&plain, 0);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        llmgw__buf_reset(&coded);
        llmgw__buf_reset(&plain);
        llmgw__base64_encode(&coded, llmgw__str_n((char *)bytes, len));
        assert_int_equal(coded.len, (len + 2) / 3 * 4);
        assert_int_equal(llmgw__base64_decode(&plain, llmgw__buf_str(&coded)),
                         LLMGW_OK);
        assert_true(llmgw__str_eq(llmgw__buf_str(&plain),
                                  llmgw__str_n((char *)bytes, len)));
    }
    llmgw__buf_clear(&coded);
    llmgw__buf_clear(&plain);
}

static void base64_is_read_as_people_write_it(void **state)
{
    static const char *const same[] = {"Zm9vYg==", "Zm9vYg", " Zm9v\r\nYg==\n",
                                       "Z m 9 v\tY g = ="};
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    for (size_t at = 0; at < sizeof same / sizeof same[0]; at++) {
        llmgw__buf_reset(&buf);
        assert_int_equal(llmgw__base64_decode(&buf, llmgw__str(same[at])),
                         LLMGW_OK);
        assert_true(llmgw__str_is(llmgw__buf_str(&buf), "foob"));
    }
    llmgw__buf_clear(&buf);
}

static void what_is_not_base64_is_refused_and_nothing_added(void **state)
{
    static const char *const bad[] = {
        "Z",     "Zm9vY", "Zm9v=",      "Zg=",      "Zg===",
        "Zm8==", "=",     "====",       "Zg==Zg==", "Zm-v",
        "Zm_v",  "Zm9v!", "Zm\xC3\xA9", "Z=9v",     "Zm9v\v"};
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__buf_add_z(&buf, "kept");
    for (size_t at = 0; at < sizeof bad / sizeof bad[0]; at++)
        if (llmgw__base64_decode(&buf, llmgw__str(bad[at])) != LLMGW_E_INVALID)
            fail_msg("%s", bad[at]);
    assert_int_equal(llmgw__base64_decode(&buf, LLMGW__LIT("Zm\0v")),
                     LLMGW_E_INVALID);
    assert_true(llmgw__str_is(llmgw__buf_str(&buf), "kept"));
    assert_int_equal(buf.status, LLMGW_OK);
    llmgw__buf_clear(&buf);
}

static void base64_tells_limits_and_failed_allocations(void **state)
{
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 7);
    llmgw__base64_encode(&buf, LLMGW__LIT("foob"));
    assert_int_equal(buf.status, LLMGW_E_LIMIT);
    assert_int_equal(buf.len, 0);
    llmgw__buf_init(&buf, 0);
    fail_allocation(0);
    llmgw__base64_encode(&buf, LLMGW__LIT("foob"));
    assert_int_equal(buf.status, LLMGW_E_NOMEM);
    llmgw__buf_reset(&buf);
    fail_allocation(0);
    assert_int_equal(llmgw__base64_decode(&buf, LLMGW__LIT("Zm9v")),
                     LLMGW_E_NOMEM);
    allow_allocations();
    llmgw__buf_clear(&buf);
}

static uint32_t slow_crc32(const unsigned char *bytes, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t at = 0; at < len; at++) {
        crc ^= bytes[at];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ UINT32_C(0xEDB88320) : crc >> 1;
    }
    return ~crc;
}

static void crc32_meets_its_vectors_and_its_definition(void **state)
{
    unsigned char bytes[600];

    (void)state;
    assert_true(llmgw__crc32(0, "123456789", 9) == UINT32_C(0xcbf43926));
    assert_true(llmgw__crc32(0, "", 0) == 0);
    assert_true(llmgw__crc32(0, NULL, 0) == 0);
    assert_true(llmgw__crc32(0, "a", 1) == UINT32_C(0xe8b7be43));
    for (size_t at = 0; at < sizeof bytes; at++)
        bytes[at] = (unsigned char)(at * at + at / 256);
    for (size_t len = 0; len <= sizeof bytes; len++)
        assert_true(llmgw__crc32(0, bytes, len) == slow_crc32(bytes, len));
}

static void crc32_goes_on_where_it_was_cut(void **state)
{
    const char *text = "the quick brown fox jumps over the lazy dog";
    size_t len = strlen(text);
    uint32_t whole = llmgw__crc32(0, text, len);

    (void)state;
    for (size_t cut = 0; cut <= len; cut++)
        assert_true(llmgw__crc32(llmgw__crc32(0, text, cut), text + cut,
                                 len - cut) == whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_meets_its_vectors),
        cmocka_unit_test(hmac_sha256_meets_its_vectors),
        cmocka_unit_test(zeroize_leaves_nothing),
        cmocka_unit_test(base64_meets_its_vectors_both_ways),
        cmocka_unit_test(every_byte_comes_back_from_base64),
        cmocka_unit_test(base64_is_read_as_people_write_it),
        cmocka_unit_test(what_is_not_base64_is_refused_and_nothing_added),
        cmocka_unit_test(base64_tells_limits_and_failed_allocations),
        cmocka_unit_test(crc32_meets_its_vectors_and_its_definition),
        cmocka_unit_test(crc32_goes_on_where_it_was_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
