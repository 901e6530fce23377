/* Models behind Bedrock: whose they are, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "provider/bedrock.h"
#include "provider/site.h"
#include "support/alloc.h"

struct fixture {
    struct llmgw__provider provider;
    struct llmgw__target target;
    struct llmgw__setting settings[4];
    struct llmgw__arena arena;
};

static void start(struct fixture *f, const char *model)
{
    memset(f, 0, sizeof *f);
    f->provider.row = llmgw__provider_row_find(LLMGW__LIT("bedrock"));
    f->provider.base_url = "https://bedrock-runtime.us-east-1.amazonaws.com";
    f->provider.settings = f->settings;
    f->target.provider = &f->provider;
    f->target.model = model;
    assert_non_null(f->provider.row);
    llmgw__arena_init(&f->arena, 0, 1 << 16);
}

static void set(struct fixture *f, const char *name, const char *value)
{
    f->settings[f->provider.setting_count].name = name;
    f->settings[f->provider.setting_count++].value = value;
}

static void assert_text(llmgw_str text, const char *wanted)
{
    assert_int_equal(text.len, strlen(wanted));
    assert_memory_equal(text.data ? text.data : "", wanted, text.len);
}

static void a_model_is_its_makers(void **state)
{
    static const char *const cases[][4] = {
        {"amazon.nova-lite-v1:0", "", "amazon", "nova-lite-v1:0"},
        {"us.anthropic.claude-opus-4-8", "", "anthropic", "claude-opus-4-8"},
        {"global.anthropic.claude-x", "", "anthropic", "claude-x"},
        {"us.deepseek.r1-v1:0", "", "deepseek", "r1-v1:0"},
        {"zai.glm-4.7", "", "zai", "glm-4.7"},
        {"us.x", "", "us", "x"},
        {"arn:aws:bedrock:us-east-1::foundation-model/meta.llama4", "", "meta",
         "llama4"},
        {"arn:aws:bedrock:eu-west-1:1:inference-profile/eu.mistral.m-1", "",
         "mistral", "m-1"},
        {"arn:aws:bedrock:us-east-1:1:provisioned-model/abc",
         "us.anthropic.claude-y", "anthropic", "claude-y"},
        {"arn:aws:bedrock:us-east-1:1:imported-model/abc", "", "", "abc"},
        {"amazon.nova-lite-v1:0", "meta.llama4", "amazon", "nova-lite-v1:0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;

        start(&f, cases[i][0]);
        if (cases[i][1][0])
            set(&f, "model_base", cases[i][1]);
        assert_text(llmgw__bedrock_family(&f.target), cases[i][2]);
        assert_text(llmgw__bedrock_base(&f.target), cases[i][3]);
    }
}

static void the_surface_is_a_setting_of_one_makers_models(void **state)
{
    static const struct {
        const char *model, *api;
        enum llmgw__bedrock_surface wanted;
    } cases[] = {
        {"us.anthropic.claude-x", NULL, LLMGW__BEDROCK_INVOKE},
        {"us.anthropic.claude-x", "invoke", LLMGW__BEDROCK_INVOKE},
        {"us.anthropic.claude-x", "converse", LLMGW__BEDROCK_CONVERSE},
        {"us.anthropic.claude-x", "messages", LLMGW__BEDROCK_MESSAGES},
        {"amazon.nova-lite-v1:0", NULL, LLMGW__BEDROCK_CONVERSE},
        {"amazon.nova-lite-v1:0", "messages", LLMGW__BEDROCK_CONVERSE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;

        start(&f, cases[i].model);
        if (cases[i].api)
            set(&f, "claude_api", cases[i].api);
        assert_int_equal(llmgw__bedrock_surface(&f.target), cases[i].wanted);
    }
}

static void ids_are_encoded_in_paths(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "a:b/c~d%e");
    assert_string_equal(llmgw__bedrock_url(&f.arena, &f.target, "converse"),
                        "https://bedrock-runtime.us-east-1.amazonaws.com/model"
                        "/a%3Ab%2Fc~d%25e/converse");
    llmgw__arena_clear(&f.arena);
}

static void messages_have_a_host_of_their_own(void **state)
{
    static const char *const cases[][2] = {
        {"https://bedrock-runtime.us-east-1.amazonaws.com",
         "https://bedrock-mantle.us-east-1.api.aws/x"},
        {"https://bedrock-runtime-fips.us-west-2.amazonaws.com",
         "https://bedrock-mantle.us-west-2.api.aws/x"},
        {"https://proxy.example/b", "https://proxy.example/b/x"},
        {"https://bedrock-mantle.eu-west-1.api.aws",
         "https://bedrock-mantle.eu-west-1.api.aws/x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;

        start(&f, "m");
        f.provider.base_url = cases[i][0];
        assert_string_equal(
            llmgw__bedrock_messages_url(&f.arena, &f.target, "/x"),
            cases[i][1]);
        llmgw__arena_clear(&f.arena);
    }
    assert_string_equal(llmgw__bedrock_service(llmgw__str(cases[0][0])),
                        "bedrock");
    assert_string_equal(llmgw__bedrock_service(llmgw__str(cases[3][0])),
                        "bedrock-mantle");
}

static void parts_of_the_world_have_their_domains(void **state)
{
    static const char *const cases[][3] = {
        {"us-east-1", "", "https://bedrock-runtime.us-east-1.amazonaws.com"},
        {"us-east-1", "false",
         "https://bedrock-runtime.us-east-1.amazonaws.com"},
        {"us-east-1", "true",
         "https://bedrock-runtime-fips.us-east-1.amazonaws.com"},
        {"cn-north-1", "",
         "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"},
        {"eusc-de-east-1", "",
         "https://bedrock-runtime.eusc-de-east-1.amazonaws.eu"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        struct llmgw__buf url;

        start(&f, "m");
        set(&f, "region", cases[i][0]);
        if (cases[i][1][0])
            set(&f, "fips", cases[i][1]);
        llmgw__buf_init(&url, 0);
        assert_null(llmgw__site_base(&f.provider, NULL, &url));
        assert_text(llmgw__buf_str(&url), cases[i][2]);
        assert_string_equal(llmgw__bedrock_region(&f.provider), cases[i][0]);
        llmgw__buf_clear(&url);
    }
}

static void settings_are_checked(void **state)
{
    const struct llmgw__dialect *dialect = &llmgw__dialect_bedrock;

    (void)state;
    assert_null(dialect->refuse_setting("claude_api", "converse"));
    assert_string_equal(dialect->refuse_setting("claude_api", "chat"),
                        "must be invoke, converse or messages");
    assert_string_equal(dialect->refuse_setting("fips", "yes"),
                        "must be true or false");
    assert_null(dialect->refuse_setting("model_base", "anything"));
}

static void without_memory_there_is_no_url(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "m");
    for (int nth = 0; nth < 2; nth++) {
        fail_allocation(nth);
        assert_null(llmgw__bedrock_url(&f.arena, &f.target, "converse"));
        allow_allocations();
        fail_allocation(nth);
        assert_null(llmgw__bedrock_messages_url(&f.arena, &f.target, "/x"));
        allow_allocations();
    }
    assert_non_null(llmgw__bedrock_url(&f.arena, &f.target, "converse"));
    llmgw__arena_clear(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_its_makers),
        cmocka_unit_test(the_surface_is_a_setting_of_one_makers_models),
        cmocka_unit_test(ids_are_encoded_in_paths),
        cmocka_unit_test(messages_have_a_host_of_their_own),
        cmocka_unit_test(parts_of_the_world_have_their_domains),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(without_memory_there_is_no_url),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
