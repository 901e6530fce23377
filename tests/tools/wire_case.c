/*
 * tools/wire_case.c - check one example: build its target, submit its request,
 * answer, compare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire_golden.h"

static const char *find_target(const struct wire_golden *golden,
                               struct wire_target *target, char url[256]);
static void run(const struct wire_golden *golden,
                const struct wire_target *target);
static cJSON *settings_of(const struct wire_golden *golden);
static const char *surface_of(const struct wire_golden *golden);

void wire_golden_check(const struct wire_golden *golden)
{
    struct wire_target target;
    char url[256];
    const char *problem = find_target(golden, &target, url);
    cJSON *settings = NULL;

    if (!problem)
        target.settings = settings = settings_of(golden);
    if (problem)
        wire_differ(golden->report, "provider", "not supported: %s", problem);
    else
        run(golden, &target);
    cJSON_Delete(settings);
}

/** Which of its surfaces a service is spoken to on is a setting too. */
static cJSON *settings_of(const struct wire_golden *golden)
{
    const cJSON *own = wire_golden_member(golden, "settings");
    cJSON *settings = own ? cJSON_Duplicate(own, true) : NULL;
    const char *surface = surface_of(golden);

    if (surface && settings)
        cJSON_AddStringToObject(settings, "claude_api", surface);
    return settings;
}

static const char *surface_of(const struct wire_golden *golden)
{
    const char *provider =
        cJSON_GetStringValue(wire_golden_member(golden, "provider"));

    return provider && strcmp(provider, "bedrock") == 0
               ? cJSON_GetStringValue(wire_golden_member(golden, "surface"))
               : NULL;
}

/** A service without a row speaks OpenAI's protocol at the URL expected. */
static const char *find_url(const struct wire_golden *golden,
                            struct wire_target *target, char url[256])
{
    const cJSON *request = wire_golden_member(golden, "provider_request");
    const char *path = wire_text(request, "path");
    const char *host =
        wire_text(wire_member(request, "headers_must_include"), "host");
    const char *end = path ? strstr(path, "/chat/completions") : NULL;

    if (!host || !end || end[strlen("/chat/completions")])
        return "a provider without a row of the table";
    (void)snprintf(url, 256, "%s://%s%.*s",
                   strchr(host, ':') ? "http" : "https", host,
                   (int)(end - path), path);
    target->base_url = url;
    return NULL;
}

static const char *find_target(const struct wire_golden *golden,
                               struct wire_target *target, char url[256])
{
    const char *provider =
        cJSON_GetStringValue(wire_golden_member(golden, "provider"));
    const char *dialect =
        cJSON_GetStringValue(wire_golden_member(golden, "dialect"));
    const char *model =
        cJSON_GetStringValue(wire_golden_member(golden, "model"));
    const cJSON *request = wire_golden_member(golden, "provider_request");
    bool row;

    if (!provider || !dialect || !model)
        return "no provider, dialect or model";
    if (!llmgw__dialect_find(llmgw__str(dialect)))
        return "the dialect";
    row = wire_target_of_row(target, provider);
    if (!row && (strcmp(dialect, "openai") != 0 ||
                 wire_golden_member(golden, "settings")))
        return "a provider without a row of the table";
    if (!row)
        (void)wire_target_of_row(target, "compatible");
    target->provider = provider;
    if (!surface_of(golden))
        wire_target_speaks(target, dialect);
    target->model = model;
    target->settings = wire_golden_member(golden, "settings");
    if (row && target->settings)
        target->base_url = NULL; /* they may say where it is */
    if (wire_member(wire_member(request, "headers_must_include"),
                    "authorization"))
        target->key = true;
    return row ? NULL : find_url(golden, target, url);
}

static void run(const struct wire_golden *golden,
                const struct wire_target *target)
{
    const cJSON *request = wire_golden_member(golden, "openai_request");
    char *text = cJSON_PrintUnformatted(request);
    struct wire_script script = {.target = target,
                                 .endpoint = wire_golden_endpoint(golden)};
    struct wire_answers answers;
    struct wire_result result;
    const char *problem;

    wire_answers_init(&answers, golden);
    script.request = llmgw__str(text);
    script.stream = cJSON_IsTrue(wire_member(request, "stream"));
    script.answers = answers.list;
    script.answer_count = answers.count;
    problem = wire_run(&script, &result);
    if (problem) {
        wire_differ(golden->report, "call", "%s", problem);
    } else {
        wire_check_requests(golden, &result);
        wire_check_cuts(golden, &script, &answers, &result);
        wire_check_outcome(golden, &result);
        wire_check_books(golden, &result);
        wire_check_replay(golden, &script, &result);
    }
    wire_result_clear(&result);
    wire_answers_clear(&answers);
    cJSON_free(text);
}
