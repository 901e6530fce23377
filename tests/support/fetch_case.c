#include "fetch_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST",
    "GOOGLE_VERTEX_API_KEY",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
    "ANTHROPIC_VERTEX_PROJECT_ID",
    "CLOUD_ML_REGION",
    "NO_GCE_CHECK",
};

void fetch_case_start(struct fetch_case *c,
                      const struct llmgw__credential_source *source)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        assert_int_equal(unsetenv(variables[i]), 0);
    (void)snprintf(c->folder, sizeof c->folder, "/tmp/llmgw-fetch-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    assert_int_equal(setenv("HOME", c->folder, 1), 0);
    c->source = source;
    c->provider.name = "mine";
    c->provider.settings = c->settings;
    llmgw__arena_init(&c->arena, 0, 0);
    fetch_case_again(c);
}

void fetch_case_setting(struct fetch_case *c, const char *name,
                        const char *value)
{
    c->settings[c->provider.setting_count].name = name;
    c->settings[c->provider.setting_count++].value = value;
}

const char *fetch_case_file(struct fetch_case *c, const char *path,
                            const char *text)
{
    static char full[256];
    FILE *file;

    (void)snprintf(full, sizeof full, "%s/%s", c->folder, path);
    for (char *at = full + strlen(c->folder) + 1; (at = strchr(at, '/'));
         at++) {
        *at = '\0';
        (void)mkdir(full, 0700);
        *at = '/';
    }
    file = fopen(full, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    return full;
}

static void check_step(const struct fetch_case *c,
                       const struct fetch_step *step)
{
    char name[64];
    const char *value = step->header ? strchr(step->header, ':') : NULL;

    assert_string_equal(c->fetch.request.method, step->method);
    assert_string_equal(c->fetch.request.url, step->url);
    if (!value)
        return;
    (void)snprintf(name, sizeof name, "%.*s", (int)(value - step->header),
                   step->header);
    assert_non_null(fetch_case_header(c, name));
    assert_string_equal(fetch_case_header(c, name), value + 2);
}

llmgw_status fetch_case_run(struct fetch_case *c,
                            const struct fetch_step *steps, size_t count)
{
    llmgw_status status;

    c->fetch.state = llmgw__arena_zalloc(&c->arena, c->source->state_size);
    if (!c->fetch.state)
        return LLMGW_E_NOMEM;
    status = c->source->begin(&c->fetch);
    for (size_t i = 0; i < count && status == LLMGW_OK; i++) {
        size_t len = strlen(steps[i].body);
        char *body = malloc(len ? len : 1); /* its end is guarded */

        if (!body)
            return LLMGW_E_NOMEM;
        memcpy(body, steps[i].body, len);
        assert_null(c->fetch.out);
        check_step(c, &steps[i]);
        status = c->source->answer(&c->fetch, steps[i].status,
                                   llmgw__str_n(body, len));
        free(body);
    }
    if (status == LLMGW_E_INVALID)
        assert_int_not_equal(c->fetch.error.kind, LLMGW_KIND_NONE);
    return status;
}

const char *fetch_case_header(const struct fetch_case *c, const char *name)
{
    static char text[8192];

    for (size_t i = 0; i < c->fetch.request.header_count; i++)
        if (llmgw__str_is(c->fetch.request.headers[i].name, name)) {
            llmgw_str value = c->fetch.request.headers[i].value;

            (void)snprintf(text, sizeof text, "%.*s", (int)value.len,
                           value.data);
            return text;
        }
    return NULL;
}

const char *fetch_case_body(const struct fetch_case *c)
{
    static char text[16384];
    size_t len =
        llmgw__body_read(&c->fetch.request.body, 0, text, sizeof text - 1);

    text[len] = '\0';
    return text;
}

void fetch_case_again(struct fetch_case *c)
{
    llmgw__credential_drop(c->fetch.out);
    llmgw__body_clear(&c->fetch.request.body);
    llmgw__arena_clear(&c->arena);
    memset(&c->fetch, 0, sizeof c->fetch);
    c->fetch.provider = &c->provider;
    c->fetch.arena = &c->arena;
    c->fetch.random = &llmgw__random_system;
    c->fetch.now_s = FETCH_NOW;
}

static void remove_folder(const char *path)
{
    char command[128];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
}

void fetch_case_end(struct fetch_case *c)
{
    fetch_case_again(c);
    remove_folder(c->folder);
}
