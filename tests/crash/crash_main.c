/*
 * llmgw-crash - kill a process that asks, at any instant, and look at its
 * ledger: every request that reached the provider is an entry, none is there
 * twice, what is settled is what the provider has in its own books, what is not
 * is an open intent; budgets hold exactly these.
 *
 * llmgw-crash ROUNDS [SEED]: the provider is in this process, which outlives
 * the children that ask it. Exits 0, or 1 after a line for each thing wrong.
 *
 * A child (llmgw-crash --child URL FILE ROUND) asks from several threads, each
 * time with a mark of its own, so that a request can be told from all others in
 * both books. It does so until it is killed.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <llmgw/llmgw.h>

#include "support/fake_provider.h"

#define THREADS 4

static const char *program;
static char folder[] = "/tmp/llmgw-crash-XXXXXX";
static unsigned long long seed;
static int wrong;

static void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)printf("\n");
    wrong = 1;
}

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % below;
}

static llmgw_gateway *open_ledger(const char *url, const char *path)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    char config[2048];
    llmgw_gateway *gateway = NULL;
    llmgw_error *error = NULL;

    (void)snprintf(
        config, sizeof config,
        "{\"environment\":false,\"ledger\":{\"path\":\"%s\"},"
        "\"failover\":{\"retries\":0},\"breaker\":false,"
        "\"budgets\":{\"all\":{\"scope\":\"all\",\"window\":\"month\","
        "\"limit_usd\":\"1000\"}},"
        "\"manifest\":{\"version\":\"t\",\"models\":[{\"provider\":\"openai\","
        "\"model\":\"m\",\"rates\":{\"in\":\"1\",\"out\":\"4\"},"
        "\"max_output\":4096,\"source\":\"t\",\"as_of\":\"2026-11-01\"}]},"
        "\"providers\":{\"one\":{\"type\":\"openai\",\"base_url\":\"%s/v1\","
        "\"api_key\":\"k\"}}}",
        path, url);
    options.config_json = llmgw_str_of(config);
    if (llmgw_gateway_open(&options, &gateway, &error) != LLMGW_OK) {
        complain("cannot open: %s", llmgw_error_message(error));
        llmgw_error_free(error);
    }
    return gateway;
}

/* --- the child --- */

struct asker {
    llmgw_gateway *gateway;
    int round, thread, calls; /* calls 0: for ever */
};

/** What a call is known by: it stands in the prompt, and in a tag. */
static void name_call(char *name, size_t size, int round, int thread, int call)
{
    (void)snprintf(name, size, "mark=%d.%d.%d", round, thread, call);
}

static int32_t take_chunk(const llmgw_chunk *chunk, void *userdata)
{
    int *left = userdata;

    (void)chunk;
    return --*left == 0 ? 1 : 0;
}

static void ask_once(const struct asker *asker, int call)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    char mark[40], json[256];
    llmgw_request *request = NULL;
    llmgw_call *made = NULL;
    int left = call % 5 == 3 ? 3 : 0; /* some are ended by the host */

    name_call(mark, sizeof mark, asker->round, asker->thread, call);
    (void)snprintf(json, sizeof json,
                   "{\"model\":\"one/m\",\"max_tokens\":64,\"messages\":[{"
                   "\"role\":\"user\",\"content\":\"%s\"}]}",
                   mark);
    options.tags = mark;
    options.on_chunk = call % 2 ? take_chunk : NULL;
    options.userdata = &left;
    if (llmgw_request_from_json(llmgw_str_of(json), &request) == LLMGW_OK)
        (void)llmgw_chat(asker->gateway, request, &options, &made);
    llmgw_call_free(made);
    llmgw_request_free(request);
}

static void *ask_on(void *userdata)
{
    const struct asker *asker = userdata;

    for (int call = 0; !asker->calls || call < asker->calls; call++)
        ask_once(asker, call);
    return NULL;
}

static void ask_from_threads(llmgw_gateway *gateway, int round, int calls)
{
    struct asker askers[THREADS];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){gateway, round, i, calls};
        if (pthread_create(&threads[i], NULL, ask_on, &askers[i]) != 0)
            _exit(3);
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
}

static int be_child(char **args)
{
    llmgw_gateway *gateway = open_ledger(args[0], args[1]);

    if (!gateway)
        return 3;
    (void)!write(1, "go", 2); /* from now on */
    ask_from_threads(gateway, (int)strtol(args[2], NULL, 10), 0);
    return 0;
}

/* --- the parent --- */

/** Start one, let it ask for a while, and kill it. */
static void kill_one(const char *url, const char *path, int round)
{
    const struct timespec while_ = {0, (long)draw(60000) * 1000L + 500000L};
    char number[16], go[2];
    int out[2];
    pid_t child;

    (void)snprintf(number, sizeof number, "%d", round);
    if (pipe(out) != 0)
        exit(2);
    child = fork();
    if (child == 0) {
        (void)dup2(out[1], 1);
        (void)execl(program, program, "--child", url, path, number,
                    (char *)NULL);
        _exit(3);
    }
    (void)close(out[1]);
    if (read(out[0], go, 2) != 2)
        complain("round %d: the child did not begin", round);
    (void)nanosleep(&while_, NULL); /* the instant is what is drawn */
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    (void)close(out[0]);
}

/** One call of both books. */
struct mark {
    char name[40];
    int asked; /* of the provider */
    uint64_t in, out;
    int finished;
    int entries;
};

struct books {
    struct mark *marks;
    size_t count;
    size_t open, settled;
    llmgw_money sum, mine;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct mark *)a)->name,
                  ((const struct mark *)b)->name);
}

static void add_pico(llmgw_money *sum, int64_t pico)
{
    sum->pico += pico;
    sum->usd += sum->pico / 1000000000000;
    sum->pico %= 1000000000000;
}

/** The provider's own. */
static void read_provider(struct fake *fake, struct books *books)
{
    size_t count = fake_requests(fake);

    books->marks = calloc(count + 1, sizeof *books->marks);
    for (size_t i = 0; i < count; i++) {
        struct fake_request request = fake_request(fake, i);
        const char *at = strstr(request.body, "mark=");
        struct mark *mark = &books->marks[books->count];

        if (!at)
            continue;
        memcpy(mark->name, at, strcspn(at, "\"") % sizeof mark->name);
        mark->asked = 1;
        mark->in = request.billed_in;
        mark->out = request.billed_out;
        mark->finished = request.finished;
        books->count++;
    }
    qsort(books->marks, books->count, sizeof *books->marks, by_name);
    for (size_t i = 1; i < books->count; i++)
        if (!by_name(&books->marks[i - 1], &books->marks[i]))
            complain("the provider was asked twice for %s",
                     books->marks[i].name);
}

static void compare(struct mark *mark, const llmgw_entry *entry)
{
    const llmgw_usage *usage = llmgw_entry_usage(entry);
    int64_t in = llmgw_usage_count(usage, LLMGW_USAGE_PROMPT);
    int64_t out = llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION);
    int64_t billed = -1;

    if (llmgw_entry_get_state(entry) != LLMGW_ENTRY_ANSWERED)
        return;
    (void)llmgw_entry_billed(entry, &billed);
    if (in != (int64_t)mark->in || out != (int64_t)mark->out)
        complain("%s: %lld and %lld tokens, the provider has %llu and %llu",
                 mark->name, (long long)in, (long long)out,
                 (unsigned long long)mark->in, (unsigned long long)mark->out);
    if (billed != in * 1000000 + out * 4000000)
        complain("%s: billed %lld", mark->name, (long long)billed);
}

static int32_t take_entry(const llmgw_entry *entry, void *userdata)
{
    struct books *books = userdata;
    llmgw_str name = llmgw_entry_tags(entry);
    struct mark key = {{0}, 0, 0, 0, 0, 0};
    struct mark *mark;
    int64_t billed;

    memcpy(key.name, name.data, name.len < 39 ? name.len : 39);
    if (llmgw_entry_get_state(entry) == LLMGW_ENTRY_OPEN) {
        books->open++;
        if (!llmgw_entry_reserved(entry, &billed))
            complain("%s: open, and nothing is reserved", key.name);
    } else {
        books->settled++;
        if (llmgw_entry_billed(entry, &billed))
            add_pico(&books->sum, billed);
        else
            complain("%s: settled without a cost", key.name);
    }
    mark = bsearch(&key, books->marks, books->count, sizeof key, by_name);
    if (!mark)
        return 0; /* killed before it was sent: an intent, or cancelled */
    if (mark->entries++)
        complain("%s has more than one entry", key.name);
    compare(mark, entry);
    return 0;
}

static int32_t take_total(const llmgw_total *total, void *userdata)
{
    struct books *books = userdata;

    if (total->cost.usd != books->sum.usd ||
        total->cost.pico != books->sum.pico)
        complain("the total is not the sum of the entries");
    return 0;
}

static void look(struct fake *fake, const char *url, const char *path)
{
    struct books books = {0};
    llmgw_gateway *gateway = open_ledger(url, path);
    size_t missing = 0;

    if (!gateway)
        return;
    read_provider(fake, &books);
    if (llmgw_ledger_read(gateway, NULL, take_entry, &books) != LLMGW_OK)
        complain("the ledger cannot be read");
    if (llmgw_ledger_totals(gateway, LLMGW_GROUP_ALL, NULL, take_total,
                            &books) != LLMGW_OK)
        complain("the totals cannot be read");
    for (size_t i = 0; i < books.count; i++)
        missing += books.marks[i].entries == 0;
    if (missing)
        complain("%zu requests that reached the provider are no entry",
                 missing);
    (void)printf("%zu requests, %zu settled, %zu open\n", books.count,
                 books.settled, books.open);
    free(books.marks);
    llmgw_gateway_close(gateway);
}

/** Sums, charges and leases against the entries, by a program of its own. */
static void check_budgets(const char *path)
{
    char command[512];

    (void)snprintf(command, sizeof command,
                   "python3 %s/tests/crash/books.py %s", LLMGW_SOURCE_DIR,
                   path);
    if (system(command) != 0)
        complain("the budgets are not what the entries say");
}

static void remove_ledger(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[256];

    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

int main(int count, char **args)
{
    struct fake *fake;
    char path[128];
    int rounds;

    program = args[0];
    if (count == 5 && !strcmp(args[1], "--child"))
        return be_child(args + 2);
    rounds = count > 1 ? (int)strtol(args[1], NULL, 10) : 30;
    seed = count > 2 ? strtoull(args[2], NULL, 10) : 1;
    (void)signal(SIGPIPE, SIG_IGN);
    fake = fake_start_at(0, 1000000);
    if (!fake || !mkdtemp(folder))
        return 2;
    (void)snprintf(path, sizeof path, "%s/ledger", folder);
    fake_script(fake, "", "chunks=4 delay_us=300");
    for (int round = 0; round < rounds; round++) {
        kill_one(fake_url(fake), path, round);
        if (round % 10 == 9 || round + 1 == rounds) {
            (void)fake_wait_ended(fake, fake_requests(fake));
            look(fake, fake_url(fake), path);
            check_budgets(path);
        }
    }
    remove_ledger(path);
    (void)rmdir(folder);
    fake_stop(fake);
    return wrong;
}
