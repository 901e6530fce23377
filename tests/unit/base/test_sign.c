/*
 * RS256 signatures: what another signer makes of the same key and bytes. The
 * keys were made for this file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/sign.h"
#include "support/alloc.h"

/* clang-format off */
static const char pkcs1[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEpAIBAAKCAQEAnEXvSV06KWGSJlJTNb7TkWYFazabKwLKqfFYFbSS/Tg23p5B\n"
    "uf/PfVFASjZPJuc7vcwcvPwQHVEns+Mk5ZmQgqOACs/SoIeAbG1g9oqYNIoGR8Ij\n"
    "qTRkfdLbtgA7CV72Ijnd2z3z1xmPOUuURou1Cvfyd7fx4ZnbUsQMQlHpdlIOO+hG\n"
    "3/KkV3FsYKqqFBqEOH0/vDKqa1gEQqHYLPkY6brgHazFhtKfK2a7UQIw6KsfUrD2\n"
    "YOSm/5fPGPAxBf2gcvozFOoEKZCTPycgrqkjqzaU/K1m2jkZ2FB6NNNSRr/2mttw\n"
    "0Pmdvwu0yqEacLWZr45cIW1DPaZQhvAfeR3PGwIDAQABAoIBAAba6DhCgqxamsmA\n"
    "IdwFsl7Dlcgf7asqe5zXr7c2UcM2cTZPV3h52xw7nxE0nUDToHmMpXhd8/3eYOyf\n"
    "MZ1wxVxaRXQz9jMTYyrMLPHajNYhLHHs0tA3oCV015sQP4a6R65Z0TNTJ0DdcQXO\n"
    "ZcxwI1GHSS52GqbFr0+U/7uGv8QnLg2ZXxTJu7mKbPvzFA6oYYO+gTS0/Hd7eL6Q\n"
    "h//ZlWc7q5tPkuJCptX5Y+CB7CoCrZln4oMiV5M2Fq4O817ga3ZYB15TuKMJsh0g\n"
    "G4+FVp4n96bbT4BPeCyO6w6iT3RlarB/rYZsuX+3V3LchetlKZQw2/uTmUFKj80K\n"
    "EZSTOGECgYEAzl8XEzNckGLBFj82y43XUckjQpduAmxfLYU3ub2B2RymgnTE8kF2\n"
    "z3nqN7+JFzVHO2O80pC0hsk5b5LbSLArMCWuto983+a6BADpNB7lmZayZoPHtNRe\n"
    "ge5vqF1nkqDPQXP6YLu0GevHgenZi0EBlEwA3PZgcuJ934qy4Qhfma8CgYEAwdqh\n"
    "KDyEUxD+HhlONs6h061GuIUMzsd2ZtDxPk5aCByRPO4UaIEp8tmDKuk9wpeo0qAN\n"
    "Yss6HMQ9O0fogsJ6qHycpbs9zz3l7QbIkvytrBCsXzj6F/pyFZiLNx25KVlIDlWi\n"
    "f4lXovpsa8Y4Zwu1NNhrvq8h9WwrcrM0xHA2uFUCgYEAwyoWTmgyT7G03O8nSNV5\n"
    "HbVUDTPcK5qFYC0uCA/57nMz3QfFAT17uLaZE+OlKDeQh8/I0HFc6GMAWE3P5ywD\n"
    "i+L3GVsVQ0GWBRc/c7UMeXWUfXJ+uLpmLgZpvhWnT3mYx1OBI14f8quR34Bh5Vmy\n"
    "vqYp4s11ZPBhDbjDdiFPF60CgYAXkl8gRmOMujc8L7WMAoo49AvyafNJvYVPMT70\n"
    "ZZCbBeY/M2/12SbhqcNCV4Q0Aj78BYw7JB0X3GDZsX+7TqydijF+EYuNhKhNrxJ6\n"
    "lREFKC3dkk8O1VxD9f2PoSSfu4SAgbc1rNykK7E9VagMF6dcGqjXUfJeJl4OH25e\n"
    "KIru1QKBgQCkX070HBPW1ADWaPJaeXsIAZBbOA8oaoEmnPpulyyhmB+Z4tx4uwU/\n"
    "DBt6oz8Q47vu7lhiHw3lD206iO03LALkBzwzKsuCKxpX59OBUBRAGvP5c/rPzCJF\n"
    "T25XDMNiXJ3AGu57A5mj7NGPguYVLut1txdPAJnT7T+jdykjPWxgaA==\n"
    "-----END RSA PRIVATE KEY-----\n";
static const char pkcs8[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCcRe9JXTopYZIm\n"
    "UlM1vtORZgVrNpsrAsqp8VgVtJL9ODbenkG5/899UUBKNk8m5zu9zBy8/BAdUSez\n"
    "4yTlmZCCo4AKz9Kgh4BsbWD2ipg0igZHwiOpNGR90tu2ADsJXvYiOd3bPfPXGY85\n"
    "S5RGi7UK9/J3t/HhmdtSxAxCUel2Ug476Ebf8qRXcWxgqqoUGoQ4fT+8MqprWARC\n"
    "odgs+RjpuuAdrMWG0p8rZrtRAjDoqx9SsPZg5Kb/l88Y8DEF/aBy+jMU6gQpkJM/\n"
    "JyCuqSOrNpT8rWbaORnYUHo001JGv/aa23DQ+Z2/C7TKoRpwtZmvjlwhbUM9plCG\n"
    "8B95Hc8bAgMBAAECggEABtroOEKCrFqayYAh3AWyXsOVyB/tqyp7nNevtzZRwzZx\n"
    "Nk9XeHnbHDufETSdQNOgeYyleF3z/d5g7J8xnXDFXFpFdDP2MxNjKsws8dqM1iEs\n"
    "cezS0DegJXTXmxA/hrpHrlnRM1MnQN1xBc5lzHAjUYdJLnYapsWvT5T/u4a/xCcu\n"
    "DZlfFMm7uYps+/MUDqhhg76BNLT8d3t4vpCH/9mVZzurm0+S4kKm1flj4IHsKgKt\n"
    "mWfigyJXkzYWrg7zXuBrdlgHXlO4owmyHSAbj4VWnif3pttPgE94LI7rDqJPdGVq\n"
    "sH+thmy5f7dXctyF62UplDDb+5OZQUqPzQoRlJM4YQKBgQDOXxcTM1yQYsEWPzbL\n"
    "jddRySNCl24CbF8thTe5vYHZHKaCdMTyQXbPeeo3v4kXNUc7Y7zSkLSGyTlvkttI\n"
    "sCswJa62j3zf5roEAOk0HuWZlrJmg8e01F6B7m+oXWeSoM9Bc/pgu7QZ68eB6dmL\n"
    "QQGUTADc9mBy4n3firLhCF+ZrwKBgQDB2qEoPIRTEP4eGU42zqHTrUa4hQzOx3Zm\n"
    "0PE+TloIHJE87hRogSny2YMq6T3Cl6jSoA1iyzocxD07R+iCwnqofJyluz3PPeXt\n"
    "BsiS/K2sEKxfOPoX+nIVmIs3HbkpWUgOVaJ/iVei+mxrxjhnC7U02Gu+ryH1bCty\n"
    "szTEcDa4VQKBgQDDKhZOaDJPsbTc7ydI1XkdtVQNM9wrmoVgLS4ID/nuczPdB8UB\n"
    "PXu4tpkT46UoN5CHz8jQcVzoYwBYTc/nLAOL4vcZWxVDQZYFFz9ztQx5dZR9cn64\n"
    "umYuBmm+FadPeZjHU4EjXh/yq5HfgGHlWbK+pinizXVk8GENuMN2IU8XrQKBgBeS\n"
    "XyBGY4y6NzwvtYwCijj0C/Jp80m9hU8xPvRlkJsF5j8zb/XZJuGpw0JXhDQCPvwF\n"
    "jDskHRfcYNmxf7tOrJ2KMX4Ri42EqE2vEnqVEQUoLd2STw7VXEP1/Y+hJJ+7hICB\n"
    "tzWs3KQrsT1VqAwXp1waqNdR8l4mXg4fbl4oiu7VAoGBAKRfTvQcE9bUANZo8lp5\n"
    "ewgBkFs4DyhqgSac+m6XLKGYH5ni3Hi7BT8MG3qjPxDju+7uWGIfDeUPbTqI7Tcs\n"
    "AuQHPDMqy4IrGlfn04FQFEAa8/lz+s/MIkVPblcMw2JcncAa7nsDmaPs0Y+C5hUu\n"
    "63W3F08AmdPtP6N3KSM9bGBo\n"
    "-----END PRIVATE KEY-----\n";
static const char elliptic[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIKH25ayYzZlHID8c7FMEPTieZdeSxE1VZSk02Fqca4FVoAoGCCqGSM49\n"
    "AwEHoUQDQgAEBwwT4Pz3zAG0ddtzJqT+n3lcMwWAIq1pDX4UkbDk1Wj2JfTNP3W+\n"
    "04oHWy7MdUCd0oufMcSDWk/4EgIkVOwe2w==\n"
    "-----END EC PRIVATE KEY-----\n";
static const char expected[] =
    "Jlz4U4Fv4f54tyak_0afjB_Mxih21R4fD6_kZRipCbLejT8JSscqETOyRErvJjTkWWCa"
    "2ydWAQ8PYZrKEaoKxdjHHyCFX5rwA8gTh49V2C3E51gQeVdXat7GdLolwIV63xFtgS9d"
    "wbucPYAT4IlPsVYHQZn_gfqs8KPdlqtR8eF45q5qw3Ac7ZQXzc45acYU8s-l0XAJQZLR"
    "jD8qB5HXkNyKXfsVRhKdF7EzBJAOM2nPa4Igt8b6wJBBPNZfk2VQETbxH4yd4XAVUdau"
    "Ab7iUOwKut9wcBMViWA5wmbUM72Q3pRas5BJJ1mOn2CMNtBPtmiABJ0BuXovjhFUadte"
    "RQ";
/* clang-format on */

static llmgw_status sign(const char *pem, struct llmgw__buf *text)
{
    struct llmgw__buf bytes;
    llmgw_status status;

    llmgw__buf_init(&bytes, 0);
    llmgw__buf_init(text, 0);
    status = llmgw__rs256_sign(llmgw__str(pem), LLMGW__LIT("header.claims"),
                               &llmgw__random_system, &bytes);
    if (status == LLMGW_OK) {
        llmgw__base64url_encode(text, llmgw__buf_str(&bytes));
        status = text->status;
    }
    llmgw__buf_clear(&bytes);
    return status;
}

static void both_forms_of_a_key_sign_alike(void **state)
{
    const char *const forms[] = {pkcs1, pkcs8};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct llmgw__buf text;

        assert_int_equal(sign(forms[i], &text), LLMGW_OK);
        assert_true(llmgw__str_is(llmgw__buf_str(&text), expected));
        llmgw__buf_clear(&text);
    }
}

static void what_is_no_rsa_key_is_refused(void **state)
{
    const char *const bad[] = {"", "no key", elliptic,
                               "-----BEGIN PRIVATE KEY-----\nAAAA\n"
                               "-----END PRIVATE KEY-----\n"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct llmgw__buf text;

        assert_int_equal(sign(bad[i], &text), LLMGW_E_INVALID);
        llmgw__buf_clear(&text);
    }
}

static void base64url_has_no_padding(void **state)
{
    static const char *const cases[][2] = {
        {"", ""}, {"\xfb", "-w"}, {"\xff\xfe", "__4"}, {"abc", "YWJj"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llmgw__buf text;

        llmgw__buf_init(&text, 0);
        llmgw__base64url_encode(&text, llmgw__str(cases[i][0]));
        assert_true(llmgw__str_is(llmgw__buf_str(&text), cases[i][1]));
        llmgw__buf_clear(&text);
    }
}

static void a_failed_allocation_is_told(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    (void)state;
    for (; status != LLMGW_OK && nth < 20; nth++) {
        struct llmgw__buf text;

        fail_allocation(nth);
        status = sign(pkcs8, &text);
        if (allow_allocations())
            assert_int_equal(status, LLMGW_E_NOMEM);
        llmgw__buf_clear(&text);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_of_a_key_sign_alike),
        cmocka_unit_test(what_is_no_rsa_key_is_refused),
        cmocka_unit_test(base64url_has_no_padding),
        cmocka_unit_test(a_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
