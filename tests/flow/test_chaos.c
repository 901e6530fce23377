/*
 * Calls under faults drawn by seed, on routes that retry, hedge, hold back,
 * begin anew and go on elsewhere; cancelled at random. Every call ends exactly
 * once, what was handed over is the answer, every attempt has one settled
 * entry, and nothing is left: no descriptor, no memory, no room in a limit.
 *
 *     flow_chaos [CALLS]      of each test; 400 unless told
 *
 * Time runs faster than it does, so that a stall of seconds takes a moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "api/gateway.h"
#include "call/attempt.h"
#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/fast_clock.h"
#include "support/leftover.h"
#include "support/text_sum.h"

/* One and three meet faults that pass, two and four those that their call
 * names; five has room for four at a time; calm meets none. */
#define PROVIDERS                                                         \
    "'one':{'type':'openai','base_url':'$1/q/v1','api_key':'k1'},"        \
    "'two':{'type':'anthropic','base_url':'$1/t','api_key':'k2'},"        \
    "'three':{'type':'google','base_url':'$1/q','api_key':'k3'},"         \
    "'four':{'type':'openai','base_url':'$1/t/v1','api_keys':['a','b']}," \
    "'five':{'type':'openai','base_url':'$1/q/v1','api_key':'k5',"        \
    "'limits':{'concurrent':4}},"                                         \
    "'calm':{'type':'openai','base_url':'$1/c/v1','api_key':'k6'}"
#define ALL                                                            \
    "'targets':['one/gpt-4.1','two/claude-sonnet-4-5','four/gpt-4.1'," \
    "'three/gemini-2.5-pro']"
#define ROUTES                                                               \
    "'plain':{" ALL "},"                                                     \
    "'again':{" ALL ",'on_break':'restart','retries':2},"                    \
    "'onward':{" ALL ",'on_break':'continue','continue_by':'instruction'},"  \
    "'both':{" ALL ",'hedge':'shadow','on_break':'restart'},"                \
    "'late':{" ALL ",'hedge':{'after_ms':200,'budget':1,'burst':100}},"      \
    "'whole':{" ALL ",'hedge':{'at_once':true,'commit':'answer','budget':1," \
    "'burst':1000},'tools':'whole'},"                                        \
    "'held':{" ALL ",'gate':{'tokens':3,'ms':500},'on_break':'continue'},"   \
    "'turns':{" ALL ",'policy':'round_robin','hedge':'p95'},"                \
    "'busy':{" ALL ",'policy':'least_busy','on_break':'restart'},"           \
    "'fast':{" ALL ",'policy':'latency','hedge':'tail'},"                    \
    "'stuck':{" ALL ",'policy':'sticky','when_open':'fail'},"                \
    "'narrow':{'targets':[{'target':'five/m','limits':{'concurrent':4}}],"   \
    "'when_limited':'wait'},"                                                \
    "'narrower':{'targets':['five/m','one/m'],'hedge':'shadow'}"
#define CONFIG                                                        \
    "{'environment':false,'providers':{" PROVIDERS "},"               \
    "'routes':{" ROUTES "},'ledger':{'max_entries':200000},"          \
    "'tag_limits':{'team=narrow':{'concurrent':4}},"                  \
    "'failover':{'backoff_ms':50,'backoff_max_ms':400},'breaker':$2," \
    "'limits':{'first_ms':3000,'gap_ms':2000,'total_ms':15000,"       \
    "'max_attempts':5}}"
#define BREAKER "{\"open_ms\":500,\"max_open_ms\":4000}"

static const char *const models[] = {
    "plain", "again", "onward", "both",  "late",   "whole",    "held",
    "turns", "busy",  "fast",   "stuck", "narrow", "narrower", "one/gpt-4.1",
};
static const char *const asked_ids[] = {
    "one/gpt-4.1",  "two/claude-sonnet-4-5",
    "four/gpt-4.1", "three/gemini-2.5-pro",
    "five/m",       "one/m",
};

static const char *const faults[] = {
    "status=500",
    "status=503 retry_after=1",
    "status=429 retry_after=1",
    "status=429",
    "error=overloaded",
    "error=context_length",
    "error=content_filter",
    "error=timeout",
    "drop_before",
    "reset_before",
    "stall_before",
    "drop_after=2 chunks=6",
    "reset_after=2 chunks=6",
    "stall_after=1",
    "stall_after=0",
    "end_after=2",
    "end_after=0",
    "error_after=1",
    "error_after=0",
    "drop_at=40",
    "reset_at=300",
    "html",
    "empty",
    "done_only",
    "garbage_after=1",
    "garbage_after=0",
    "no_done",
    "chunks=30 cut=1",
    "cut=random:7",
    "tools=2",
    "tools=1 reset_after=1",
    "reasoning=2 chunks=4",
    "reasoning=3 drop_after=2",
    "finish=content_filter",
    "usage=none",
    "content_delay_ms=20",
    "first_delay_ms=20",
    "chunks=12 delay_us=3000",
    "content_length=10",
    "status=404",
    "crlf comments",
};

enum {
    FAULTS = sizeof faults / sizeof *faults,
    MODELS = sizeof models / sizeof *models,
    THREADS = 8,
    AT_ONCE = 48,
    ROOM = 4, /* at a time, of the narrow ones */
    SPEED = 25,
    LONG_MS = 10000 * SPEED
};

static int calls_wanted = 400;

#if defined(__SANITIZE_THREAD__)
/* libcurl closes some sockets before it tells so: by then another thread may
 * have one of that number. The epoll of ours it is taken from knows neither. */
__attribute__((visibility("default"))) const char *
__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:llmgw__poll_form_change\n";
}
#endif

/** What attempts are made for, as llmgw_attempt_why() says. */
static const char *const whys[] = {"first", "fallback", "retry",  "key",
                                   "hedge", "continue", "restart"};

enum {
    WHYS = sizeof whys / sizeof *whys,
    ID_SIZE = 40,
    ENOUGH = 5000 /* calls that make attempts of all these kinds */
};

struct chaos;

struct chaos_call {
    struct chaos *chaos;
    llmgw_call *call; /* NULL in a blocking one */
    llmgw_cancel *token;
    atomic_int cancelled;
    int told;
    int streamed;
    struct text_sum text;
    struct text_sum reasoning;
};

struct chaos {
    struct all *all;
    int number;
    uint64_t seed;
    int wanted;
    int started;
    int running;
    int told;
    int broken;
    char why[160]; /* the first time */
    size_t rows;   /* attempts with an entry */
    size_t ends[4];
    size_t restarts;
    size_t made[WHYS];
    char (*ids)[ID_SIZE]; /* of its calls */
    pthread_mutex_t lock; /* of `now` */
    struct chaos_call *now;
};

struct all {
    llmgw_gateway *gateway;
    struct fake *fake;
    struct chaos parts[THREADS];
    int count;
};

static uint64_t draw(struct chaos *chaos, uint64_t bound)
{
    chaos->seed ^= chaos->seed << 13;
    chaos->seed ^= chaos->seed >> 7;
    chaos->seed ^= chaos->seed << 17;
    return chaos->seed % bound;
}

static void complain(struct chaos *chaos, const char *what, const char *more)
{
    if (!chaos->broken++)
        (void)snprintf(chaos->why, sizeof chaos->why, "%s: %s", what,
                       more ? more : "");
}

/* --- faults --- */

/** Those that pass: in an order of its own each time. */
static void stir(struct chaos *chaos)
{
    struct fake *fake = chaos->all->fake;
    size_t order[FAULTS];

    fake_clear(fake);
    for (size_t i = 0; i < FAULTS; i++)
        order[i] = i;
    for (size_t i = FAULTS; i > 1; i--) {
        size_t k = draw(chaos, i);
        size_t kept = order[i - 1];

        order[i - 1] = order[k];
        order[k] = kept;
    }
    for (size_t i = 0; i < FAULTS; i++) {
        char text[96];

        (void)snprintf(text, sizeof text, "%s times=%d", faults[order[i]],
                       1 + (int)draw(chaos, 3));
        fake_script(fake, "POST /q", text);
        (void)snprintf(text, sizeof text, "times=%d", 1 + (int)draw(chaos, 4));
        fake_script(fake, "POST /q", text);
        (void)snprintf(text, sizeof text, "%s with=two%02zu", faults[i], i);
        fake_script(fake, "POST /t/v1/messages", text);
        (void)snprintf(text, sizeof text, "%s with=four%02zu", faults[i], i);
        fake_script(fake, "POST /t/v1/chat", text);
    }
}

/* --- what a host does --- */

/** Cancel somebody else's call. */
static void meddle(struct chaos *chaos)
{
    struct all *all = chaos->all;
    struct chaos *other = &all->parts[draw(chaos, (uint64_t)all->count)];

    pthread_mutex_lock(&other->lock);
    if (other->now) {
        atomic_store(&other->now->cancelled, 1);
        llmgw_cancel_trigger(other->now->token);
    }
    pthread_mutex_unlock(&other->lock);
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct chaos_call *one = userdata;
    llmgw_str json;

    if (one->told)
        complain(one->chaos, "a chunk after the end", NULL);
    if (llmgw_chunk_json(chunk, &json) != LLMGW_OK)
        complain(one->chaos, "a chunk without JSON", NULL);
    if (llmgw_chunk_choice(chunk) == 0) {
        text_sum_add(&one->text, llmgw_chunk_text(chunk));
        if (llmgw_chunk_get_kind(chunk) == LLMGW_CHUNK_REASONING)
            text_sum_add(&one->reasoning, llmgw_chunk_value(chunk));
    }
    switch (draw(one->chaos, 400)) {
    case 0:
        atomic_store(&one->cancelled, 1);
        llmgw_cancel_trigger(one->token);
        return 0;
    case 1:
        atomic_store(&one->cancelled, 1);
        llmgw_call_cancel(one->call);
        if (!one->call)
            llmgw_cancel_trigger(one->token);
        return 0;
    case 2:
        atomic_store(&one->cancelled, 1);
        return 4;
    case 3:
        meddle(one->chaos);
        return 0;
    default:
        return 0;
    }
}

static int32_t on_restart(llmgw_call *call, void *userdata)
{
    struct chaos_call *one = userdata;

    if (one->told || llmgw_call_end(call) != LLMGW_END_NONE)
        complain(one->chaos, "a restart after the end", NULL);
    one->chaos->restarts++;
    if (draw(one->chaos, 40) == 0) { /* rather what there is */
        atomic_store(&one->cancelled, 1);
        return 5;
    }
    text_sum_clear(&one->text);
    text_sum_clear(&one->reasoning);
    return 0;
}

static void check_attempts(struct chaos *chaos, const llmgw_call *call)
{
    llmgw_money cost;
    llmgw_money sum = {0, 0};
    int64_t unknown = 0;

    for (size_t i = 0; i < llmgw_call_attempt_count(call); i++) {
        const llmgw_attempt *attempt = llmgw_call_attempt(call, i);
        int64_t pico = 0;

        if (llmgw_attempt_end(attempt) == LLMGW_END_NONE)
            complain(chaos, "an attempt has not ended",
                     llmgw_attempt_target(attempt));
        if (!attempt->row)
            continue; /* never sent */
        chaos->rows++;
        for (size_t w = 0; w < WHYS; w++)
            chaos->made[w] += !strcmp(llmgw_attempt_why(attempt), whys[w]);
        unknown += !llmgw_attempt_cost(attempt, &pico);
        sum.pico += pico;
    }
    if (llmgw_call_cost(call, &cost) != unknown ||
        cost.usd * 1000000000000 + cost.pico != sum.pico)
        complain(chaos, "the cost is not the sum", NULL);
}

/** For complaints; static. */
static const char *how_it_ended(llmgw_call *call, llmgw_end end)
{
    static _Thread_local char text[128];
    const llmgw_error *error = llmgw_call_error(call);
    size_t attempts = llmgw_call_attempt_count(call);
    const llmgw_attempt *last =
        attempts ? llmgw_call_attempt(call, attempts - 1) : NULL;

    (void)snprintf(text, sizeof text,
                   "end %d after %zu attempts, the last %s, %s", (int)end,
                   attempts, last ? llmgw_attempt_why(last) : "none",
                   error ? llmgw_error_message(error) : "no error");
    return text;
}

static void check_end(struct chaos_call *one, llmgw_call *call)
{
    struct chaos *chaos = one->chaos;
    llmgw_response *response = llmgw_call_response(call);
    llmgw_end end = llmgw_call_end(call);
    const llmgw_error *error = llmgw_call_error(call);

    chaos->ends[end & 3]++;
    if (end == LLMGW_END_NONE)
        complain(chaos, "told, but not ended", NULL);
    if (end == LLMGW_END_CANCELLED && !atomic_load(&one->cancelled))
        complain(chaos, "cancelled by nobody", NULL);
    if (end == LLMGW_END_ERROR && (!error || !llmgw_error_message(error)[0]))
        complain(chaos, "an error without a message", NULL);
    if (end == LLMGW_END_RESPONSE &&
        llmgw_response_finish_reason(response, 0) == LLMGW_FINISH_NONE)
        complain(chaos, "an answer that has not ended",
                 llmgw_call_plan_target(call, 0));
    if (!one->streamed)
        return;
    if (!text_sum_is(&one->text, llmgw_response_text(response)))
        complain(chaos, "the text is not what was handed over",
                 how_it_ended(call, end));
    if (!text_sum_is(&one->reasoning, llmgw_response_reasoning(response, 0)))
        complain(chaos, "the reasoning is not what was handed over",
                 how_it_ended(call, end));
}

static void on_done(llmgw_call *call, void *userdata)
{
    struct chaos_call *one = userdata;

    if (one->told++)
        complain(one->chaos, "told twice", NULL);
    (void)snprintf(one->chaos->ids[one->chaos->told++], ID_SIZE, "%s",
                   llmgw_call_id(call));
    one->chaos->running--;
    check_end(one, call);
    check_attempts(one->chaos, call);
}

/* --- calls --- */

static llmgw_request *make_request(struct chaos *chaos)
{
    static const char tools[] =
        ",'tools':[{'type':'function','function':{'name':'look','parameters':"
        "{'type':'object','properties':{}}}}]";
    char json[640];
    llmgw_request *request = NULL;

    (void)snprintf(json, sizeof json,
                   "{'model':'%s','messages':[{'role':'user','content':"
                   "'hi two%02d four%02d'}]%s}",
                   models[draw(chaos, MODELS)], (int)draw(chaos, 2 * FAULTS),
                   (int)draw(chaos, 3 * FAULTS), draw(chaos, 3) ? "" : tools);
    for (char *at = json; *at; at++)
        if (*at == '\'')
            *at = '"';
    if (llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request))
        complain(chaos, "a request is refused", json);
    return request;
}

static llmgw_request *set_up(struct chaos *chaos, struct chaos_call *one,
                             llmgw_chat_options *options)
{
    if (chaos->number == 0 && chaos->started % 100 == 0)
        stir(chaos);
    memset(one, 0, sizeof *one);
    one->chaos = chaos;
    text_sum_clear(&one->text);
    text_sum_clear(&one->reasoning);
    llmgw_cancel_create(&one->token);
    one->streamed = draw(chaos, 5) != 0;
    options->on_chunk = one->streamed ? on_chunk : NULL;
    options->on_restart = draw(chaos, 2) ? on_restart : NULL;
    options->on_done = on_done;
    options->userdata = one;
    options->cancel = one->token;
    options->tags = draw(chaos, 6) ? NULL : "team=narrow";
    options->timeout_ms = draw(chaos, 10) ? 0 : 1 + (uint32_t)draw(chaos, 4000);
    chaos->started++;
    chaos->running++;
    return make_request(chaos);
}

static void *run_blocking(void *userdata)
{
    struct chaos *chaos = userdata;

    while (chaos->started < chaos->wanted) {
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        struct chaos_call one;
        llmgw_request *request = set_up(chaos, &one, &options);
        llmgw_call *call = NULL;

        pthread_mutex_lock(&chaos->lock);
        chaos->now = &one;
        pthread_mutex_unlock(&chaos->lock);
        if (draw(chaos, 40) == 0)
            meddle(chaos);
        if (llmgw_chat(chaos->all->gateway, request, &options, &call))
            complain(chaos, "a call cannot be made", NULL);
        pthread_mutex_lock(&chaos->lock);
        chaos->now = NULL;
        pthread_mutex_unlock(&chaos->lock);
        if (one.told != 1)
            complain(chaos, "not told once", NULL);
        llmgw_call_free(call);
        llmgw_request_free(request);
        llmgw_cancel_free(one.token);
    }
    return NULL;
}

static void start_one(struct chaos *chaos, llmgw_loop *loop,
                      struct chaos_call *one)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request = set_up(chaos, one, &options);

    if (llmgw_chat_start(loop, request, &options, &one->call))
        complain(chaos, "a call cannot be started", NULL);
    llmgw_request_free(request);
}

static void run_on_loop(struct chaos *chaos)
{
    struct chaos_call *calls = calloc((size_t)chaos->wanted, sizeof *calls);
    llmgw_loop *loop;

    assert_non_null(calls);
    assert_int_equal(llmgw_loop_create(chaos->all->gateway, &loop), LLMGW_OK);
    while (chaos->started < chaos->wanted || chaos->running) {
        while (chaos->running < AT_ONCE && chaos->started < chaos->wanted)
            start_one(chaos, loop, &calls[chaos->started]);
        if (draw(chaos, 60) == 0) {
            struct chaos_call *one =
                &calls[draw(chaos, (uint64_t)chaos->started)];

            atomic_store(&one->cancelled, 1);
            llmgw_call_cancel(one->call);
        }
        if (llmgw_loop_run(loop, 20) != LLMGW_OK)
            complain(chaos, "the loop fails", NULL);
    }
    assert_int_equal(llmgw_loop_active(loop), 0);
    for (int i = 0; i < chaos->wanted; i++) {
        llmgw_call_free(calls[i].call);
        llmgw_cancel_free(calls[i].token);
    }
    llmgw_loop_free(loop);
    free(calls);
}

/* --- what is left --- */

struct books {
    const struct all *all;
    size_t entries; /* of calls */
    size_t trials;  /* entries of trials: calls of the library's own */
    size_t open;
    size_t requests;
};

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int is_of_call(const struct all *all, const char *id)
{
    for (int i = 0; i < all->count; i++)
        if (bsearch(id, all->parts[i].ids, (size_t)all->parts[i].told, ID_SIZE,
                    compare_ids))
            return 1;
    return 0;
}

static int32_t add_entry(const llmgw_entry *entry, void *userdata)
{
    struct books *books = userdata;
    llmgw_str provider = llmgw_entry_provider(entry);

    books->requests += (size_t)llmgw_entry_requests(entry);
    books->open += llmgw_entry_get_state(entry) == LLMGW_ENTRY_OPEN;
    if (provider.len == 4 && memcmp(provider.data, "calm", 4) == 0)
        return 0;
    if (is_of_call(books->all, caller_text(llmgw_entry_call_id(entry))))
        books->entries++;
    else
        books->trials++;
    return 0;
}

/** Lists of models, which free probes ask for, are no attempts. */
static size_t billed_requests(struct fake *fake)
{
    size_t count = fake_requests(fake);
    size_t billed = 0;

    for (size_t i = 0; i < count; i++)
        billed += strcmp(fake_request(fake, i).method, "POST") == 0;
    return billed;
}

/** Who was told by on_done counted these. */
static void check_books(const struct all *all)
{
    struct books books = {.all = all};
    size_t rows = 0;

    for (int i = 0; i < all->count; i++) {
        rows += all->parts[i].rows;
        qsort(all->parts[i].ids, (size_t)all->parts[i].told, ID_SIZE,
              compare_ids);
    }
    assert_int_equal(llmgw_ledger_read(all->gateway, NULL, add_entry, &books),
                     LLMGW_OK);
    assert_int_equal(books.open, 0);
    assert_int_equal(books.entries, rows);
    print_message("entries %zu, of trials %zu\n", rows, books.trials);
    /* also those that went out again on a connection that was dead */
    assert_true(books.requests >= billed_requests(all->fake));
}

struct drive {
    const struct all *all;
    pthread_barrier_t *begin;
};

static void *ask_calm(void *userdata)
{
    const struct drive *drive = userdata;
    llmgw_request *request = NULL;
    llmgw_call *call = NULL;

    (void)llmgw_request_create("calm/m", &request);
    (void)llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    (void)pthread_barrier_wait(drive->begin);
    (void)llmgw_chat(drive->all->gateway, request, NULL, &call);
    llmgw_call_free(call);
    llmgw_request_free(request);
    return NULL;
}

/** A trial may be under way on an idle loop: all of them are driven at once,
 *  longer than a trial takes. */
static void drive_idle_loops(const struct all *all)
{
    pthread_barrier_t begin;
    const struct drive drive = {all, &begin};
    pthread_t ids[THREADS];

    fake_clear(all->fake);
    fake_script(all->fake, "POST /c", "first_delay_ms=600");
    pthread_barrier_init(&begin, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&ids[i], NULL, ask_calm, (void *)&drive);
    for (int i = 0; i < THREADS; i++)
        pthread_join(ids[i], NULL);
    pthread_barrier_destroy(&begin);
}

static void no_turn_is_kept(const struct all *all)
{
    for (size_t i = 0; i < sizeof asked_ids / sizeof *asked_ids; i++)
        assert_int_equal(
            llmgw__turns_busy(&all->gateway->core.router.turns, asked_ids[i]),
            0);
}

static void count_done(llmgw_call *call, void *userdata)
{
    (void)call;
    (*(int *)userdata)++;
}

/** As many as there is room for can be under way at once. */
static void no_room_is_kept(const struct all *all)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    size_t before;
    llmgw_loop *loop;
    llmgw_call *calls[ROOM];
    llmgw_request *request;
    int done = 0;

    fake_clear(all->fake);
    fake_script(all->fake, "", "stall_before");
    before = fake_requests(all->fake);
    options.on_done = count_done;
    options.userdata = &done;
    options.tags = "team=narrow";
    options.first_ms = LLMGW_NO_LIMIT;
    options.timeout_ms = LONG_MS; /* who waits for room gives up then */
    llmgw_request_create("narrow", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    llmgw_loop_create(all->gateway, &loop);
    for (int i = 0; i < ROOM; i++)
        assert_int_equal(llmgw_chat_start(loop, request, &options, &calls[i]),
                         LLMGW_OK);
    while (fake_requests(all->fake) < before + ROOM && !done)
        llmgw_loop_run(loop, 5);
    assert_int_equal(done, 0);
    for (int i = 0; i < ROOM; i++) {
        assert_int_equal(llmgw_call_attempt_count(calls[i]), 1);
        llmgw_call_free(calls[i]);
    }
    llmgw_loop_free(loop);
    llmgw_request_free(request);
}

/** What it was, so that one sees that all of it was. */
static void tell(const struct all *all)
{
    size_t ends[4] = {0};
    size_t made[WHYS] = {0};
    size_t restarts = 0;

    for (int i = 0; i < all->count; i++) {
        const struct chaos *chaos = &all->parts[i];

        for (int e = 0; e < 4; e++)
            ends[e] += chaos->ends[e];
        for (size_t w = 0; w < WHYS; w++)
            made[w] += chaos->made[w];
        restarts += chaos->restarts;
    }
    print_message("answers %zu, errors %zu, cancelled %zu, restarts told %zu\n",
                  ends[LLMGW_END_RESPONSE], ends[LLMGW_END_ERROR],
                  ends[LLMGW_END_CANCELLED], restarts);
    for (size_t w = 0; w < WHYS; w++) {
        print_message("%s %zu%s", whys[w], made[w], w + 1 < WHYS ? ", " : "\n");
        if (calls_wanted >= ENOUGH)
            assert_true(made[w] > 0);
    }
}

static void check_all(const struct all *all)
{
    for (int i = 0; i < all->count; i++) {
        const struct chaos *chaos = &all->parts[i];

        if (chaos->broken)
            fail_msg("%d times, first: %s", chaos->broken, chaos->why);
        assert_int_equal(chaos->told, chaos->wanted);
        assert_int_equal(chaos->running, 0);
    }
    if (all->count > 1)
        drive_idle_loops(all);
    check_books(all);
    no_turn_is_kept(all);
    no_room_is_kept(all);
}

static void chaos_on(int threads, const char *breaker)
{
    int before = open_descriptors();
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct all all = {.count = threads ? threads : 1};
    pthread_t ids[THREADS];

    all.fake = fake_start();
    options.clock = fast_clock(SPEED);
    all.gateway =
        caller_open_with(&options, CONFIG, fake_url(all.fake), breaker, "");
    for (int i = 0; i < all.count; i++) {
        struct chaos *chaos = &all.parts[i];

        chaos->all = &all;
        chaos->number = i;
        chaos->seed = 88172645463325252u + (uint64_t)i;
        chaos->wanted = calls_wanted / all.count;
        chaos->ids = calloc((size_t)chaos->wanted, ID_SIZE);
        assert_non_null(chaos->ids);
        pthread_mutex_init(&chaos->lock, NULL);
    }
    for (int i = 0; i < threads; i++)
        pthread_create(&ids[i], NULL, run_blocking, &all.parts[i]);
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    if (!threads)
        run_on_loop(&all.parts[0]);
    tell(&all);
    check_all(&all);
    llmgw_gateway_close(all.gateway);
    fake_stop(all.fake);
    for (int i = 0; i < all.count; i++) {
        pthread_mutex_destroy(&all.parts[i].lock);
        free(all.parts[i].ids);
    }
    assert_int_equal(open_descriptors(), before);
}

static void chaos_on_one_loop_leaves_nothing(void **state)
{
    (void)state;
    chaos_on(0, BREAKER);
}

static void chaos_on_many_threads_leaves_nothing(void **state)
{
    (void)state;
    chaos_on(THREADS, BREAKER);
}

static void chaos_without_breakers_leaves_nothing(void **state)
{
    (void)state;
    chaos_on(0, "false");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chaos_on_one_loop_leaves_nothing),
        cmocka_unit_test(chaos_on_many_threads_leaves_nothing),
        cmocka_unit_test(chaos_without_breakers_leaves_nothing),
    };

    if (argc > 1)
        calls_wanted = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
