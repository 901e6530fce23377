/*
 * Price lists while calls run: loaded by the host, fetched when due; what is
 * refused changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define PROVIDERS                                                     \
    "{'environment':false,'providers':{'openai':{'base_url':'$1/v1'," \
    "'api_key':'k'}},'routes':{'r':{'targets':['openai/m1']}},'manifest':"
#define REFRESHED PROVIDERS "{'url':'$2/list.json','refresh_s':3600}}"
#define LITELLM(price)                                                      \
    "{'m1':{'litellm_provider':'openai','input_cost_per_token':" price      \
    ",'output_cost_per_token':" price "},'m2':{'litellm_provider':'openai'" \
    ",'input_cost_per_token':1e-06},'m3':{'litellm_provider':'groq',"       \
    "'input_cost_per_token':1e-06}}"

enum {
    SECOND = 1000000000
};

static uint64_t now_ns; /* of the injected clock */
static int64_t wall_s;

static uint64_t injected_clock(void *userdata)
{
    (void)userdata;
    return now_ns;
}

static int64_t injected_wall(void *userdata)
{
    (void)userdata;
    return wall_s * SECOND;
}

/** A gateway, whoever it asks, and what it has logged. */
struct scene {
    struct fake *models;
    struct fake *prices;
    llmgw_gateway *gateway;
    llmgw_loop *loop;
    char log[2048];
    size_t log_len;
};

static void log_line(int32_t level, llmgw_str line, void *userdata)
{
    struct scene *scene = userdata;

    scene->log_len += (size_t)snprintf(
        scene->log + scene->log_len, sizeof scene->log - scene->log_len,
        "%d %.*s\n", (int)level, (int)line.len, line.data);
}

static void open_scene(struct scene *scene, const char *config)
{
    static const llmgw_clock clock = {sizeof clock,  0,   NULL, injected_clock,
                                      injected_wall, NULL};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    memset(scene, 0, sizeof *scene);
    now_ns = 5 * (uint64_t)SECOND;
    wall_s = 1795392000; /* 2026-11-23 */
    options.clock = &clock;
    options.on_log = log_line;
    options.log_userdata = scene;
    options.log_level = LLMGW_LOG_INFO;
    scene->models = fake_start();
    scene->prices = fake_start();
    fake_script(scene->models, "", "usage=100:10");
    scene->gateway = caller_open_with(&options, config, fake_url(scene->models),
                                      fake_url(scene->prices), "");
    assert_int_equal(llmgw_loop_create(scene->gateway, &scene->loop), LLMGW_OK);
}

static void close_scene(struct scene *scene)
{
    llmgw_loop_free(scene->loop);
    llmgw_gateway_close(scene->gateway);
    fake_stop(scene->models);
    fake_stop(scene->prices);
}

/** What a call of 100 tokens in and 10 out costs; -1: not known. */
static int64_t cost_of(const struct caller *caller)
{
    int64_t pico = -1;

    return llmgw_attempt_cost(llmgw_call_attempt(caller->call, 0), &pico) ? pico
                                                                          : -1;
}

static int64_t cost(struct scene *scene, const char *model)
{
    struct caller caller = {0};
    int64_t pico;

    caller_ask(&caller, scene->gateway, CALLER_BLOCKING, model, "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    pico = cost_of(&caller);
    llmgw_call_free(caller.call);
    return pico;
}

/** @return why it was refused; "": it was not */
static const char *load(struct scene *scene, const char *list,
                        llmgw_manifest_report **report)
{
    static char why[512];
    llmgw_error *error = NULL;
    const char *json = caller_quotes(list);
    llmgw_status status = llmgw_manifest_load(
        scene->gateway, llmgw_str_of(json), NULL, report, &error);

    assert_int_equal(status, error ? LLMGW_E_CONFIG : LLMGW_OK);
    snprintf(why, sizeof why, "%s", llmgw_error_message(error));
    llmgw_error_free(error);
    return why;
}

/* --- loading --- */

static void a_loaded_list_prices_the_calls_that_follow(void **state)
{
    struct scene scene;
    llmgw_manifest_report *report;
    llmgw_str json;

    (void)state;
    open_scene(&scene, PROVIDERS "{'models':[]}}");
    assert_int_equal(cost(&scene, "openai/m1"), -1);
    assert_string_equal(load(&scene, LITELLM("2.5e-06"), &report), "");
    assert_int_equal(cost(&scene, "openai/m1"), 110 * 2500000);
    assert_int_equal(cost(&scene, "r"), 110 * 2500000);
    assert_int_equal(llmgw_manifest_report_count(report, LLMGW_MANIFEST_READ),
                     3);
    assert_int_equal(llmgw_manifest_report_count(report, LLMGW_MANIFEST_ADDED),
                     3);
    assert_int_equal(llmgw_manifest_report_count(report, 77), 0);
    llmgw_manifest_report_free(report);

    assert_string_equal(load(&scene, LITELLM("3e-06"), &report), "");
    assert_int_equal(cost(&scene, "r"), 110 * 3000000);
    assert_int_equal(llmgw_manifest_report_size(report), 2);
    assert_int_equal(llmgw_manifest_report_kind(report, 0),
                     LLMGW_MANIFEST_CHANGED);
    assert_string_equal(caller_text(llmgw_manifest_report_model(report, 0)),
                        "openai/m1");
    assert_string_equal(caller_text(llmgw_manifest_report_detail(report, 0)),
                        "in");
    assert_string_equal(caller_text(llmgw_manifest_report_before(report, 0)),
                        "2.5");
    assert_string_equal(caller_text(llmgw_manifest_report_after(report, 0)),
                        "3");
    assert_int_equal(llmgw_manifest_report_kind(report, 2), -1);
    assert_int_equal(llmgw_manifest_report_model(report, 2).len, 0);
    assert_int_equal(llmgw_manifest_report_json(report, &json), LLMGW_OK);
    assert_string_equal(
        caller_text(json),
        caller_quotes(
            "{'read':3,'added':0,'removed':0,'changed':2,'refused':0,"
            "'skipped':0,'items':[{'kind':'changed','model':'openai/m1',"
            "'detail':'in','before':'2.5','after':'3'},{'kind':'changed',"
            "'model':'openai/m1','detail':'out','before':'2.5','after':'3'"
            "}]}"));
    llmgw_manifest_report_free(report);
    close_scene(&scene);
}

static void what_is_refused_changes_nothing(void **state)
{
    static const struct {
        const char *list, *why;
    } lists[] = {
        {"", "the price list byte 0: "},
        {"{'a':", "the price list byte 5: "},
        {"{}", "the price list is no price list of a form that is known"},
        {"{'models':[]}", "the price list has no models"},
        {"{'models':[{'provider':'p','model':'m','rates':{'in':1}}]}",
         "the price list: models[0].rates.in expected a string"},
        {"{'m1':{'litellm_provider':'openai','input_cost_per_token':1e-06}}",
         "the price list has 1 models, fewer than half of the 3 before"},
        {"{'m1':{'litellm_provider':'openai','input_cost_per_token':1e-06},"
         "'m2':{'litellm_provider':'openai','input_cost_per_token':1e-06}}",
         "the price list has no model of groq any more"},
        {LITELLM("2.6e-05"), "the price list has 1 of 3 known models with a "},
        {LITELLM("2.5"), "the price list has 1 models with absurd prices of 3"},
    };
    struct scene scene;
    llmgw_manifest_report *report;

    (void)state;
    open_scene(&scene, PROVIDERS "{'models':[]}}");
    assert_string_equal(load(&scene, LITELLM("2.5e-06"), NULL), "");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *why = load(&scene, lists[i].list, &report);

        assert_null(report);
        assert_int_equal(strncmp(why, lists[i].why, strlen(lists[i].why)), 0);
    }
    assert_int_equal(cost(&scene, "r"), 110 * 2500000);
    close_scene(&scene);
}

static void misuse_is_told(void **state)
{
    struct scene scene;
    llmgw_manifest_options options = LLMGW_MANIFEST_OPTIONS_INIT;
    llmgw_manifest_refresh refresh = LLMGW_MANIFEST_REFRESH_INIT;
    llmgw_str none = {NULL, 0};
    llmgw_str text = llmgw_str_of("{}");

    (void)state;
    open_scene(&scene, PROVIDERS "{'models':[]}}");
    assert_int_equal(llmgw_manifest_load(NULL, text, NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_manifest_load(scene.gateway, none, NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    options.reserved = 1;
    assert_int_equal(
        llmgw_manifest_load(scene.gateway, text, &options, NULL, NULL),
        LLMGW_E_INVALID);
    assert_int_equal(llmgw_manifest_refreshed(scene.gateway, NULL, NULL),
                     LLMGW_E_INVALID);
    refresh.size = 4;
    assert_int_equal(llmgw_manifest_refreshed(scene.gateway, &refresh, NULL),
                     LLMGW_E_INVALID);
    llmgw_manifest_report_free(NULL);
    assert_int_equal(llmgw_manifest_report_size(NULL), 0);
    close_scene(&scene);
}

static void lists_have_names_and_places(void **state)
{
    struct scene scene;
    llmgw_manifest_options options = LLMGW_MANIFEST_OPTIONS_INIT;
    llmgw_error *error = NULL;
    char name[8];
    char list[512];

    (void)state;
    open_scene(&scene, PROVIDERS "{'models':[{'provider':'openai','model':"
                                 "'mine','rates':{'in':'7','out':'7'}}]}}");
    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "n%d", i);
        snprintf(list, sizeof list,
                 "{'models':[{'provider':'openai','model':'m1','rates':{'in':"
                 "'%d','out':'%d'}},{'provider':'openai','model':'mine',"
                 "'rates':{'in':'8','out':'8'}}]}",
                 i + 1, i + 1);
        options.name = name;
        options.format = "llmgw";
        assert_int_equal(llmgw_manifest_load(scene.gateway,
                                             llmgw_str_of(caller_quotes(list)),
                                             &options, NULL, &error),
                         i < 8 ? LLMGW_OK : LLMGW_E_CONFIG);
    }
    assert_string_equal(llmgw_error_message(error),
                        "the price list is the 9th of different names");
    llmgw_error_free(error);
    assert_int_equal(cost(&scene, "r"), 110 * 8000000); /* the last one's */
    assert_int_equal(cost(&scene, "openai/mine"), 110 * 7000000);
    close_scene(&scene);
}

static void lists_stay_when_the_configuration_is_another(void **state)
{
    struct scene scene;
    char config[512];

    (void)state;
    open_scene(&scene, PROVIDERS "{'models':[]}}");
    assert_string_equal(load(&scene, LITELLM("2.5e-06"), NULL), "");
    snprintf(config, sizeof config,
             "{'environment':false,'providers':{'openai':{'base_url':'%s/v1',"
             "'api_key':'k'}}}",
             fake_url(scene.models));
    assert_int_equal(llmgw_gateway_reload(scene.gateway,
                                          llmgw_str_of(caller_quotes(config)),
                                          NULL),
                     LLMGW_OK);
    assert_int_equal(cost(&scene, "openai/m1"), 110 * 2500000);
    close_scene(&scene);
}

static void ignore_end(llmgw_call *call, void *userdata)
{
    (void)call;
    (void)userdata;
}

static void a_running_call_keeps_its_prices(void **state)
{
    struct scene scene;
    struct caller caller = {0};
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;

    (void)state;
    open_scene(&scene, PROVIDERS "{'models':[]}}");
    assert_string_equal(load(&scene, LITELLM("2.5e-06"), NULL), "");
    llmgw_request_create("r", &request);
    llmgw_request_add_text(request, "user", llmgw_str_of("hi"));
    options.on_done = ignore_end;
    assert_int_equal(
        llmgw_chat_start(scene.loop, request, &options, &caller.call),
        LLMGW_OK);
    llmgw_request_free(request);
    assert_int_equal(llmgw_loop_run(scene.loop, 0), LLMGW_OK);
    assert_string_equal(load(&scene, LITELLM("5e-06"), NULL), "");
    while (llmgw_loop_active(scene.loop))
        assert_int_equal(llmgw_loop_run(scene.loop, -1), LLMGW_OK);
    assert_int_equal(cost_of(&caller), 110 * 2500000);
    llmgw_call_free(caller.call);
    assert_int_equal(cost(&scene, "r"), 110 * 5000000);
    close_scene(&scene);
}

static void every_failed_allocation_changes_nothing(void **state)
{
    struct scene scene;
    llmgw_status status = LLMGW_E_NOMEM;
    char list[1024];

    (void)state;
    open_scene(&scene, PROVIDERS "{'models':[]}}");
    assert_string_equal(load(&scene, LITELLM("2.5e-06"), NULL), "");
    snprintf(list, sizeof list, "%s", caller_quotes(LITELLM("5e-06")));
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        llmgw_manifest_report *report;

        fail_allocation(nth);
        status = llmgw_manifest_load(scene.gateway, llmgw_str_of(list), NULL,
                                     &report, NULL);
        allow_allocations();
        assert_int_equal(status == LLMGW_OK, report != NULL);
        llmgw_manifest_report_free(report);
        if (status != LLMGW_OK)
            assert_int_equal(cost(&scene, "r"), 110 * 2500000);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_int_equal(cost(&scene, "r"), 110 * 5000000);
    close_scene(&scene);
}

/* --- fetching --- */

static void publish(struct scene *scene, int status, const char *headers,
                    const char *list, const char *scenario)
{
    fake_clear(scene->prices);
    fake_reply(scene->prices, "GET /list.json", status, headers,
               llmgw_str_of(caller_quotes(list)), scenario);
}

static llmgw_manifest_refresh refreshed(struct scene *scene)
{
    llmgw_manifest_refresh told = LLMGW_MANIFEST_REFRESH_INIT;

    assert_int_equal(llmgw_manifest_refreshed(scene->gateway, &told, NULL),
                     LLMGW_OK);
    return told;
}

/** Time passes; drive the loop until the fetch that is due then has ended. */
static llmgw_manifest_refresh pass(struct scene *scene, int64_t seconds)
{
    llmgw_manifest_refresh told;

    now_ns += (uint64_t)seconds * SECOND;
    wall_s += seconds;
    do {
        assert_int_equal(llmgw_loop_run(scene->loop, -1), LLMGW_OK);
        told = refreshed(scene);
    } while (told.ended_s != wall_s);
    return told;
}

static void a_list_is_fetched_when_it_is_due(void **state)
{
    struct scene scene;
    llmgw_manifest_refresh told;
    struct fake_request request;

    (void)state;
    open_scene(&scene, REFRESHED);
    assert_int_equal(refreshed(&scene).outcome, LLMGW_REFRESH_NONE);
    publish(&scene, 200, "etag: \"one\"\r\n", LITELLM("2.5e-06"), "");
    told = pass(&scene, 1);
    assert_int_equal(told.outcome, LLMGW_REFRESH_TAKEN);
    assert_int_equal(told.http_status, 200);
    assert_int_equal(told.read, 3);
    assert_int_equal(told.added, 3);
    assert_int_equal(told.taken_s, wall_s);
    assert_int_equal(told.due_s, wall_s + 3600);
    assert_int_equal(cost(&scene, "r"), 110 * 2500000);
    request = fake_request(scene.prices, 0);
    assert_null(fake_header(&request, "if-none-match").data);
    assert_string_equal(scene.log,
                        "3 price list: 3 models; added 3, removed 0, prices "
                        "changed 0, refused 0\n");

    /* not before its time */
    now_ns += 3599 * (uint64_t)SECOND;
    assert_int_equal(cost(&scene, "r"), 110 * 2500000);
    assert_int_equal(llmgw_loop_run(scene.loop, 0), LLMGW_OK);
    assert_int_equal(fake_requests(scene.prices), 1);

    /* the same still: nothing is sent */
    wall_s += 3599;
    publish(&scene, 304, "", "", "");
    told = pass(&scene, 1);
    assert_int_equal(told.outcome, LLMGW_REFRESH_UNCHANGED);
    assert_int_equal(told.http_status, 304);
    assert_int_equal(told.read, 3);
    assert_int_equal(told.taken_s, wall_s);
    request = fake_request(scene.prices, 1);
    assert_string_equal(caller_text(fake_header(&request, "if-none-match")),
                        "\"one\"");

    /* and then another */
    publish(&scene, 200, "etag: \"two\"\r\n", LITELLM("3e-06"), "");
    told = pass(&scene, 3600);
    assert_int_equal(told.outcome, LLMGW_REFRESH_TAKEN);
    assert_int_equal(told.changed, 2);
    assert_int_equal(cost(&scene, "r"), 110 * 3000000);
    close_scene(&scene);
}

static void what_fails_is_tried_again_later_and_later(void **state)
{
    static const struct {
        int status;
        const char *list;
        int32_t outcome;
        const char *why;
    } answers[] = {
        {500, "{}", LLMGW_REFRESH_FAILED, "was answered with HTTP status 500"},
        {304, "", LLMGW_REFRESH_FAILED, "was answered with HTTP status 304"},
        {200, "<html>", LLMGW_REFRESH_REFUSED, "byte 0: "},
        {200, "{'m1':{'litellm_provider':'openai','max_input_tokens':9}}",
         LLMGW_REFRESH_REFUSED, "has 1 models, fewer than half"},
        {200, LITELLM("2.6e-05"), LLMGW_REFRESH_REFUSED, "has 1 of 3 known"},
        {302, "", LLMGW_REFRESH_FAILED, "was answered with HTTP status 302"},
        {500, "", LLMGW_REFRESH_FAILED, "was answered with HTTP status 500"},
        {500, "", LLMGW_REFRESH_FAILED, "was answered with HTTP status 500"},
    };
    struct scene scene;
    llmgw_manifest_refresh told;
    int64_t wait = 3600;

    (void)state;
    open_scene(&scene, REFRESHED);
    publish(&scene, 200, "", LITELLM("2.5e-06"), "");
    pass(&scene, 1);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        llmgw_error *error = NULL;

        publish(&scene, answers[i].status, "", answers[i].list, "");
        told = pass(&scene, wait);
        assert_int_equal(told.outcome, answers[i].outcome);
        assert_int_equal(told.failures, i + 1);
        assert_int_equal(llmgw_manifest_refreshed(scene.gateway, &told, &error),
                         LLMGW_OK);
        assert_int_equal(strncmp(llmgw_error_message(error), answers[i].why,
                                 strlen(answers[i].why)),
                         0);
        llmgw_error_free(error);
        wait = 60 << i;
        wait = wait < 3600 ? wait : 3600; /* no later than usual */
        assert_int_equal(told.due_s, wall_s + wait);
        assert_int_equal(told.taken_s, 1795392001);
    }
    assert_non_null(strstr(scene.log, "2 the price list was answered with HTTP "
                                      "status 500; the old one stays\n"));
    assert_int_equal(cost(&scene, "r"), 110 * 2500000);
    publish(&scene, 200, "", LITELLM("3e-06"), "");
    told = pass(&scene, wait);
    assert_int_equal(told.outcome, LLMGW_REFRESH_TAKEN);
    assert_int_equal(told.failures, 0);
    assert_int_equal(cost(&scene, "r"), 110 * 3000000);
    close_scene(&scene);
}

static void an_answer_that_breaks_off_is_none(void **state)
{
    struct scene scene;
    llmgw_manifest_refresh told;

    (void)state;
    open_scene(&scene, REFRESHED);
    publish(&scene, 200, "", LITELLM("2.5e-06"), "drop_at=30");
    told = pass(&scene, 1);
    assert_int_equal(told.outcome, LLMGW_REFRESH_FAILED);
    assert_int_equal(cost(&scene, "r"), -1);
    close_scene(&scene);
}

static void calls_do_not_wait_for_a_list(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, REFRESHED);
    publish(&scene, 200, "", LITELLM("2.5e-06"), "stall_before");
    for (int i = 0; i < 5; i++)
        assert_int_equal(cost(&scene, "r"), -1);
    assert_int_equal(fake_wait_requests(scene.prices, 1), 1);
    assert_int_equal(refreshed(&scene).outcome, LLMGW_REFRESH_NONE);
    /* the loop that it hangs on is idle: after its time another one does it */
    publish(&scene, 200, "", LITELLM("2.5e-06"), "");
    assert_int_equal(pass(&scene, 90).outcome, LLMGW_REFRESH_TAKEN);
    assert_int_equal(cost(&scene, "r"), 110 * 2500000);
    close_scene(&scene);
}

static void a_loop_that_goes_leaves_it_to_others(void **state)
{
    struct scene scene;
    llmgw_loop *other;

    (void)state;
    open_scene(&scene, REFRESHED);
    publish(&scene, 200, "", LITELLM("2.5e-06"), "stall_before");
    assert_int_equal(llmgw_loop_create(scene.gateway, &other), LLMGW_OK);
    assert_int_equal(llmgw_loop_run(other, 0), LLMGW_OK);
    assert_int_equal(llmgw_loop_active(other), 0);
    llmgw_loop_free(other);
    publish(&scene, 200, "", LITELLM("2.5e-06"), "");
    assert_int_equal(pass(&scene, 1).outcome, LLMGW_REFRESH_TAKEN);
    close_scene(&scene);
}

static void another_place_is_asked_at_once(void **state)
{
    struct scene scene;
    char config[512];
    struct fake_request request;

    (void)state;
    open_scene(&scene, REFRESHED);
    publish(&scene, 200, "etag: \"one\"\r\n", LITELLM("2.5e-06"), "");
    pass(&scene, 1);
    snprintf(config, sizeof config,
             "{'environment':false,'providers':{'openai':{'base_url':'%s/v1',"
             "'api_key':'k'}},'routes':{'r':{'targets':['openai/m1']}},"
             "'manifest':{'url':'%s/list.json?2'}}",
             fake_url(scene.models), fake_url(scene.prices));
    assert_int_equal(llmgw_gateway_reload(scene.gateway,
                                          llmgw_str_of(caller_quotes(config)),
                                          NULL),
                     LLMGW_OK);
    assert_int_equal(pass(&scene, 1).outcome, LLMGW_REFRESH_TAKEN);
    request = fake_request(scene.prices, 1);
    assert_string_equal(request.path, "/list.json?2");
    assert_null(fake_header(&request, "if-none-match").data);
    close_scene(&scene);
}

/* --- many threads --- */

enum {
    ROUNDS = 30
};

struct crowd {
    struct scene *scene;
    atomic_int wrong;
};

static void *load_often(void *userdata)
{
    static const char *const lists[] = {LITELLM("2.5e-06"), LITELLM("5e-06")};
    struct crowd *crowd = userdata;
    char json[1024];

    for (int i = 0; i < ROUNDS; i++) {
        size_t len = strlen(lists[i % 2]);

        for (size_t c = 0; c <= len; c++)
            json[c] = lists[i % 2][c] == '\'' ? '"' : lists[i % 2][c];
        if (llmgw_manifest_load(crowd->scene->gateway, llmgw_str_of(json), NULL,
                                NULL, NULL) != LLMGW_OK)
            atomic_fetch_add(&crowd->wrong, 1);
    }
    return NULL;
}

static void *ask_often(void *userdata)
{
    struct crowd *crowd = userdata;

    for (int i = 0; i < ROUNDS; i++) {
        llmgw_request *request;
        llmgw_call *call = NULL;
        int64_t pico = -1;

        llmgw_request_create("r", &request);
        llmgw_request_add_text(request, "user", llmgw_str_of("hi"));
        if (llmgw_chat(crowd->scene->gateway, request, NULL, &call) !=
                LLMGW_OK ||
            !llmgw_attempt_cost(llmgw_call_attempt(call, 0), &pico) ||
            (pico != 110 * 2500000 && pico != 110 * 5000000))
            atomic_fetch_add(&crowd->wrong, 1);
        llmgw_call_free(call);
        llmgw_request_free(request);
    }
    return NULL;
}

static void lists_are_loaded_while_others_ask(void **state)
{
    struct scene scene;
    struct crowd crowd = {&scene, 0};
    pthread_t threads[6];

    (void)state;
    open_scene(&scene, REFRESHED);
    publish(&scene, 200, "", LITELLM("2.5e-06"), "");
    assert_string_equal(load(&scene, LITELLM("2.5e-06"), NULL), "");
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL,
                                        i < 2 ? load_often : ask_often, &crowd),
                         0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    assert_true(fake_requests(scene.prices) <= 1);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loaded_list_prices_the_calls_that_follow),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(misuse_is_told),
        cmocka_unit_test(lists_have_names_and_places),
        cmocka_unit_test(lists_stay_when_the_configuration_is_another),
        cmocka_unit_test(a_running_call_keeps_its_prices),
        cmocka_unit_test(every_failed_allocation_changes_nothing),
        cmocka_unit_test(a_list_is_fetched_when_it_is_due),
        cmocka_unit_test(what_fails_is_tried_again_later_and_later),
        cmocka_unit_test(an_answer_that_breaks_off_is_none),
        cmocka_unit_test(calls_do_not_wait_for_a_list),
        cmocka_unit_test(a_loop_that_goes_leaves_it_to_others),
        cmocka_unit_test(another_place_is_asked_at_once),
        cmocka_unit_test(lists_are_loaded_while_others_ask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
