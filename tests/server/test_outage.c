/*
 * A server that stops, is killed or stands still while calls go on: each call
 * is answered, each entry is kept once, a shared budget holds.
 *
 * Run by support/with_postgres.sh, whose server it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define MACHINES 2

static struct fake *fake;
static char outbox[MACHINES][64];

static llmgw_gateway *open_machine(int which, const char *budgets)
{
    char config[1536];

    (void)snprintf(
        config, sizeof config,
        "{'environment':false,'ledger':{'url':'%s','outbox':'%s'},"
        "'budgets':{%s},"
        "'manifest':{'version':'t','models':[{'provider':'openai','model':'m',"
        "'rates':{'in':'1','out':'4'},'source':'test','as_of':'2026-11-01'}]},"
        "'providers':{'one':{'type':'openai','base_url':'$1/v1','api_key':"
        "'k1'}}}",
        getenv("LLMGW_TEST_POSTGRES"), outbox[which], budgets);
    return caller_open(config, fake_url(fake), "", "");
}

/* @return it was answered */
static bool ask(llmgw_gateway *gateway, const char *model)
{
    struct caller *caller = calloc(1, sizeof *caller);
    char json[256];
    bool answered;

    assert_non_null(caller);
    (void)snprintf(json, sizeof json,
                   "{'model':'one/%s','max_tokens':100,'messages':[{'role':"
                   "'user','content':'hello'}]}",
                   model);
    caller_ask_json(caller, gateway, CALLER_BLOCKING, json, 1);
    answered = llmgw_call_end(caller->call) == LLMGW_END_RESPONSE;
    llmgw_call_free(caller->call);
    free(caller);
    return answered;
}

struct seen {
    struct {
        uint64_t writer, id;
    } entries[256];
    size_t count;
    bool twice;
};

static int32_t see(const llmgw_entry *entry, void *userdata)
{
    struct seen *seen = userdata;
    uint64_t writer = llmgw_entry_writer(entry), id = llmgw_entry_id(entry);

    for (size_t i = 0; i < seen->count; i++)
        seen->twice = seen->twice || (seen->entries[i].writer == writer &&
                                      seen->entries[i].id == id);
    seen->entries[seen->count].writer = writer;
    seen->entries[seen->count++].id = id;
    return seen->count == 256;
}

/* Until so many are there; none is there twice. */
static void expect_entries(llmgw_gateway *gateway, const char *model,
                           size_t count)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct seen seen;
    llmgw_status status;

    filter.model = model;
    filter.state = LLMGW_ENTRY_ANSWERED;
    do {
        memset(&seen, 0, sizeof seen);
        status = llmgw_ledger_read(gateway, &filter, see, &seen);
    } while (status != LLMGW_OK || seen.count < count);
    filter.state = 0; /* nor is any left open */
    memset(&seen, 0, sizeof seen);
    assert_int_equal(llmgw_ledger_read(gateway, &filter, see, &seen), LLMGW_OK);
    assert_int_equal(seen.count, count);
    assert_false(seen.twice);
}

static void control(const char *what)
{
    char command[1024];

    (void)snprintf(command, sizeof command, "%s %s >/dev/null 2>&1",
                   getenv("LLMGW_TEST_POSTGRES_CTL"), what);
    assert_int_equal(system(command), 0);
}

static long server_id(void)
{
    char path[256], line[32] = "";
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/postmaster.pid",
                   getenv("LLMGW_TEST_POSTGRES_DATA"));
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    (void)fclose(file);
    return strtol(line, NULL, 10);
}

static long parent_of(const char *process)
{
    char path[300], line[512] = "";
    const char *at;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%s/stat", process);
    file = fopen(path, "r");
    if (!file)
        return -1;
    (void)!fgets(line, sizeof line, file);
    (void)fclose(file);
    at = strrchr(line, ')'); /* "… (name) S parent …" */
    return at && strlen(at) > 4 ? strtol(at + 4, NULL, 10) : -1;
}

/* All processes of the server, then itself. */
static void signal_server(int processes, int itself)
{
    long server = server_id();
    DIR *all = opendir("/proc");
    struct dirent *one;

    assert_non_null(all);
    while ((one = readdir(all)) != NULL)
        if (parent_of(one->d_name) == server)
            (void)kill((pid_t)strtol(one->d_name, NULL, 10), processes);
    (void)closedir(all);
    (void)kill((pid_t)server, itself);
}

static void calls_go_on_while_it_stands_still(void **state)
{
    llmgw_gateway *gateway = open_machine(0, "");

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(ask(gateway, "still"));
    signal_server(SIGSTOP, SIGSTOP);
    for (int i = 0; i < 5; i++)
        assert_true(ask(gateway, "still"));
    signal_server(SIGCONT, SIGCONT);
    assert_true(ask(gateway, "still"));
    expect_entries(gateway, "still", 9);
    llmgw_gateway_close(gateway);
}

static void what_it_was_told_while_it_stood_still_is_told_again(void **state)
{
    llmgw_gateway *gateway = open_machine(0, "");

    (void)state;
    assert_true(ask(gateway, "again"));
    signal_server(SIGSTOP, SIGSTOP);
    for (int i = 0; i < 3; i++)
        assert_true(ask(gateway, "again"));
    signal_server(SIGKILL, SIGCONT); /* they have read none of it */
    assert_true(ask(gateway, "again"));
    expect_entries(gateway, "again", 5);
    llmgw_gateway_close(gateway);
}

static void a_server_that_never_answers_holds_up_no_start(void **state)
{
    llmgw_gateway *gateway;

    (void)state;
    signal_server(SIGSTOP, SIGSTOP);
    gateway = open_machine(0, "");
    for (int i = 0; i < 3; i++)
        assert_true(ask(gateway, "start"));
    signal_server(SIGCONT, SIGCONT);
    assert_true(ask(gateway, "start"));
    expect_entries(gateway, "start", 4);
    llmgw_gateway_close(gateway);
}

static void calls_go_on_while_it_is_killed_and_comes_back(void **state)
{
    static const char *const ways[] = {"-m immediate stop", "-m fast stop"};
    llmgw_gateway *gateway = open_machine(0, "");
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        for (int k = 0; k < 20; k++, count++) {
            if (k == 5)
                control(ways[i]);
            if (k == 15)
                control("start");
            assert_true(ask(gateway, "killed"));
        }
        expect_entries(gateway, "killed", count);
    }
    llmgw_gateway_close(gateway);
}

#define THREADS 4
#define CALLS   25

static const char crowd_json[] =
    "{\"model\":\"one/crowd\",\"max_tokens\":100,\"messages\":"
    "[{\"role\":\"user\",\"content\":\"hello\"}]}";

static void *ask_many(void *userdata)
{
    llmgw_gateway *gateway = userdata;
    intptr_t answered = 0;

    for (int i = 0; i < CALLS; i++) {
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        llmgw_request *request = NULL;
        llmgw_call *call = NULL;

        (void)llmgw_request_from_json(
            (llmgw_str){crowd_json, sizeof crowd_json - 1}, &request);
        if (llmgw_chat(gateway, request, &options, &call) == LLMGW_OK)
            answered += llmgw_call_end(call) == LLMGW_END_RESPONSE;
        llmgw_call_free(call);
        llmgw_request_free(request);
    }
    return (void *)answered;
}

static void many_threads_go_on_while_it_is_killed(void **state)
{
    llmgw_gateway *gateway = open_machine(0, "");
    pthread_t threads[THREADS];
    void *answered;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, gateway),
                         0);
    control("-m immediate stop");
    control("start");
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &answered), 0);
        assert_int_equal((intptr_t)answered, CALLS);
    }
    expect_entries(gateway, "crowd", THREADS * CALLS);
    llmgw_gateway_close(gateway);
}

static void two_machines_share_a_budget_over_an_outage(void **state)
{
    static const char rule[] = "'b':{'limit_requests':20}";
    llmgw_gateway *machine[MACHINES];
    size_t answered = 0, before;

    (void)state;
    for (int i = 0; i < MACHINES; i++)
        machine[i] = open_machine(i, rule);
    for (int k = 0; k < 6; k++)
        answered += ask(machine[k % MACHINES], "budget");
    assert_int_equal(answered, 6);
    control("-m immediate stop");
    for (int k = 0; k < 10; k++) /* by what they have in hand */
        answered += ask(machine[k % MACHINES], "budget");
    before = answered;
    control("start");
    while (answered == before) /* it is found again */
        answered += ask(machine[0], "budget");
    for (int k = 0; k < 60; k++)
        answered += ask(machine[k % MACHINES], "budget");
    assert_in_range(answered, before + 1, 20);
    expect_entries(machine[0], "budget", answered);
    for (int i = 0; i < MACHINES; i++)
        llmgw_gateway_close(machine[i]);
}

static int start(void **state)
{
    (void)state;
    for (int i = 0; i < MACHINES; i++)
        (void)snprintf(outbox[i], sizeof outbox[i], "/tmp/llmgw-outage-%d-%ld",
                       i, (long)getpid());
    fake = fake_start();
    return fake ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(fake);
    for (int i = 0; i < MACHINES; i++)
        (void)unlink(outbox[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_go_on_while_it_stands_still),
        cmocka_unit_test(what_it_was_told_while_it_stood_still_is_told_again),
        cmocka_unit_test(a_server_that_never_answers_holds_up_no_start),
        cmocka_unit_test(calls_go_on_while_it_is_killed_and_comes_back),
        cmocka_unit_test(many_threads_go_on_while_it_is_killed),
        cmocka_unit_test(two_machines_share_a_budget_over_an_outage),
    };

    if (!getenv("LLMGW_TEST_POSTGRES"))
        return 77; /* skipped: no server */
    return cmocka_run_group_tests_name("outage", tests, start, stop);
}
