/*
 * One budget, 4 processes of 16 threads each that share a ledger in a file, and
 * all ask as fast as they can: in each unit, what the provider has billed by
 * its own books stays within the limit, and nearly all of it is used.
 *
 * LLMGW_HAMMER multiplies the limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/caller.h"
#include "support/fake_provider.h"

enum {
    PROCESSES = 4,
    THREADS = 16,
    REFUSED_TWICE = 2, /* each thread leaves then */
    PROMPT = 1500,     /* tokens that the provider states */
    ANSWER = 16
};

/* 1 USD and 4 USD a million tokens */
#define CALL_PICO (INT64_C(1000000) * (PROMPT + 4 * ANSWER))

#define CONFIG                                                       \
    "{'environment':false,'failover':{'retries':0},'breaker':false," \
    "'manifest':{'version':'t','models':["                           \
    "{'provider':'openai','model':'m','rates':{'in':'1','out':'4'}," \
    "'max_output':4096,'source':'test','as_of':'2026-11-01'}]},"     \
    "'providers':{'one':{'type':'openai','base_url':'$1/v1',"        \
    "'api_key':'k'}},'routes':{'smart':{'targets':['one/m'],"        \
    "'connect_ms':60000,'first_ms':60000,'total_ms':120000}},"       \
    "'ledger':{'path':'$2'},'budgets':{'b':{$3}}}"

static const char request_json[] =
    "{\"model\":\"smart\",\"max_tokens\":16,\"messages\":["
    "{\"role\":\"user\",\"content\":\"hi\"}]}";

/* --- a process --- */

struct crowd {
    llmgw_gateway *gateway;
    atomic_int answered, refused, wrong;
};

static int is_refusal(llmgw_call *call)
{
    const llmgw_error *error = llmgw_call_error(call);

    return error && llmgw_error_get_kind(error) == LLMGW_KIND_BUDGET;
}

static void *ask_until_refused(void *userdata)
{
    struct crowd *crowd = userdata;
    int refused = 0;

    while (refused < REFUSED_TWICE) {
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        llmgw_request *request = NULL;
        llmgw_call *call = NULL;

        (void)llmgw_request_from_json(
            (llmgw_str){request_json, sizeof request_json - 1}, &request);
        if (llmgw_chat(crowd->gateway, request, &options, &call) != LLMGW_OK)
            refused = REFUSED_TWICE;
        if (call && is_refusal(call)) {
            refused++;
            atomic_fetch_add(&crowd->refused, 1);
        } else if (call && llmgw_call_end(call) == LLMGW_END_RESPONSE) {
            atomic_fetch_add(&crowd->answered, 1);
        } else {
            const llmgw_error *error = call ? llmgw_call_error(call) : NULL;

            if (error)
                fprintf(stderr, "%s\n", llmgw_error_message(error));
            atomic_fetch_add(&crowd->wrong, 1);
            refused++;
        }
        llmgw_call_free(call);
        llmgw_request_free(request);
    }
    return NULL;
}

static int run_child(const char *url, const char *path, const char *limit)
{
    struct crowd crowd = {0};
    pthread_t threads[THREADS];

    crowd.gateway = caller_open(CONFIG, url, path, limit);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, ask_until_refused, &crowd))
            return 2;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    llmgw_gateway_close(crowd.gateway);
    fprintf(stderr, "# %d answered, %d refused\n", atomic_load(&crowd.answered),
            atomic_load(&crowd.refused));
    return atomic_load(&crowd.wrong) || !atomic_load(&crowd.refused);
}

/* --- all of them --- */

static void remove_ledger(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[512];

        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

static void run_all(const char *url, const char *path, const char *limit)
{
    pid_t children[PROCESSES];

    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            execl("/proc/self/exe", "hammer", "child", url, path, limit,
                  (char *)NULL);
            _exit(3);
        }
        assert_true(children[i] > 0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

struct seen {
    int64_t entries, open, tokens, pico;
};

static int32_t add_entry(const llmgw_entry *entry, void *userdata)
{
    struct seen *seen = userdata;
    const llmgw_usage *usage = llmgw_entry_usage(entry);
    int64_t pico = 0;

    seen->entries++;
    seen->open += llmgw_entry_get_state(entry) == LLMGW_ENTRY_OPEN;
    if (usage)
        seen->tokens += llmgw_usage_count(usage, LLMGW_USAGE_PROMPT) +
                        llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION);
    (void)llmgw_entry_billed(entry, &pico);
    seen->pico += pico;
    return 0;
}

static int has_file_store(const char *path)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway = NULL;
    char config[512];
    llmgw_status status;

    (void)snprintf(config, sizeof config,
                   "{\"environment\":false,\"ledger\":{\"path\":\"%s\"}}",
                   path);
    options.config_json = (llmgw_str){config, strlen(config)};
    status = llmgw_gateway_open(&options, &gateway, NULL);
    llmgw_gateway_close(gateway);
    return status != LLMGW_E_UNSUPPORTED;
}

/** @param form   of the limit, with %lld
 *  @param calls  that fit the limit
 *  @param each   what one of them uses of it */
static void hammer(const char *form, int64_t calls, int64_t each, int money)
{
    const char *folder = getenv("TMPDIR");
    const char *times = getenv("LLMGW_HAMMER");
    struct fake *fake;
    struct seen seen = {0};
    llmgw_gateway *gateway;
    uint64_t in = 0, out = 0;
    char path[256], limit[128];

    if (times)
        calls *= strtoll(times, NULL, 10);
    (void)snprintf(path, sizeof path, "%s/llmgw_hammer_%d.db",
                   folder ? folder : "/tmp", (int)getpid());
    remove_ledger(path);
    if (!has_file_store(path)) {
        print_message("built without SQLite\n");
        skip();
    }
    if (money)
        (void)snprintf(limit, sizeof limit, form,
                       (long long)(calls * each / 1000000000000),
                       (long long)(calls * each % 1000000000000));
    else
        (void)snprintf(limit, sizeof limit, form, (long long)(calls * each));
    fake = fake_start_at(0, 1);
    fake_script(fake, "", "usage=1500:16 chunks=4");
    run_all(fake_url(fake), path, limit);
    gateway = caller_open(CONFIG, fake_url(fake), path, limit);
    assert_int_equal(llmgw_ledger_read(gateway, NULL, add_entry, &seen),
                     LLMGW_OK);
    llmgw_gateway_close(gateway);
    fake_billed(fake, &in, &out);
    print_message("%s: %lld of %lld calls' worth used\n", limit,
                  (long long)fake_requests(fake), (long long)calls);
    assert_int_equal(seen.open, 0);
    assert_int_equal(seen.entries, fake_requests(fake));
    assert_int_equal(seen.tokens, in + out);
    assert_int_equal(seen.pico, (int64_t)fake_requests(fake) * CALL_PICO);
    assert_true((int64_t)fake_requests(fake) <= calls);
    assert_true((int64_t)fake_requests(fake) * 10 >= calls * 9);
    fake_stop(fake);
    remove_ledger(path);
}

static void sixty_four_threads_keep_to_a_budget_in_tokens(void **state)
{
    (void)state;
    hammer("\"limit_tokens\":%lld", 1500, PROMPT + ANSWER, 0);
}

static void sixty_four_threads_keep_to_a_budget_in_money(void **state)
{
    (void)state;
    hammer("\"limit_usd\":\"%lld.%012lld\"", 1500, CALL_PICO, 1);
}

static void sixty_four_threads_keep_to_a_budget_in_requests(void **state)
{
    (void)state;
    hammer("\"limit_requests\":%lld", 1500, 1, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_four_threads_keep_to_a_budget_in_tokens),
        cmocka_unit_test(sixty_four_threads_keep_to_a_budget_in_money),
        cmocka_unit_test(sixty_four_threads_keep_to_a_budget_in_requests),
    };

    if (argc == 5 && strcmp(argv[1], "child") == 0)
        return run_child(argv[2], argv[3], argv[4]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
