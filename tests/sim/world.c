/*
 * sim/world.c - a gateway in a world of its own.
 *
 * Memory: what is under way.
 */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/gateway.h"

#define FIRST                                                   \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{" \
    "\"content\":\"hello\"},\"finish_reason\":null}]}\n\n"
#define LAST                                                          \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},"     \
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":%lld," \
    "\"completion_tokens\":%lld,\"total_tokens\":%lld%s}}\n\n"        \
    "data: [DONE]\n\n"
#define MODELS "{\"object\":\"list\",\"data\":[]}"
#define SORRY  "{\"error\":{\"message\":\"sorry\",\"type\":\"server_error\"}}"

#define EPOCH_NS      INT64_C(1800000000000000000)
#define BIRTH_NS      (1000 * SIM_SECOND)
#define REFUSED       7
#define TURNS_AT_ONCE 100 /* a loop that is never content is broken */

/** An exchange that is being answered. */
struct sim_answer {
    struct sim_event event;
    struct sim_world *world;
    llmgw_exchange *exchange; /* NULL: cancelled while it was told something */
    struct sim_plan plan;
    uint64_t first_ns; /* when it came; 0: not yet */
    enum sim_target target;
    int free; /* a list of models is asked for: never billed, not counted */
    int telling;
};

struct sim_call {
    struct sim_world *world;
    uint64_t number;
    llmgw_call *call;
};

void sim_fail(const char *what)
{
    (void)fprintf(stderr, "llmgw-sim: %s\n", what);
    exit(2);
}

void sim_world_note(struct sim_world *world, uint64_t word)
{
    for (int i = 0; i < 8; i++) { /* FNV-1a */
        world->checksum ^= word >> (8 * i) & 0xff;
        world->checksum *= UINT64_C(0x100000001b3);
    }
}

static void note(struct sim_world *world, char what, uint64_t of)
{
    sim_world_note(world, (uint64_t)what);
    sim_world_note(world, world->now_ns);
    sim_world_note(world, of);
}

/* --- what comes next --- */

static int before(const struct sim_event *a, const struct sim_event *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns
                                  : a->number < b->number;
}

static void put(struct sim_world *world, size_t at, struct sim_event *event)
{
    world->heap[at] = event;
    event->slot = at + 1;
}

static void sift(struct sim_world *world, size_t at, struct sim_event *event)
{
    struct sim_event **heap = world->heap;
    size_t child;

    while (at && before(event, heap[(at - 1) / 2])) {
        put(world, at, heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    while ((child = 2 * at + 1) < world->count) {
        if (child + 1 < world->count && before(heap[child + 1], heap[child]))
            child++;
        if (!before(heap[child], event))
            break;
        put(world, at, heap[child]);
        at = child;
    }
    put(world, at, event);
}

static void unset(struct sim_world *world, struct sim_event *event)
{
    struct sim_event *last;
    size_t at = event->slot - 1;

    if (!event->slot)
        return;
    event->slot = 0;
    last = world->heap[--world->count];
    if (last != event)
        sift(world, at, last);
}

void sim_world_set(struct sim_world *world, struct sim_event *event,
                   uint64_t due_ns)
{
    unset(world, event);
    if (world->count == world->cap) {
        world->cap = world->cap ? 2 * world->cap : 64;
        world->heap =
            realloc(world->heap, world->cap * sizeof(struct sim_event *));
        if (!world->heap)
            sim_fail("no memory");
    }
    event->due_ns = due_ns;
    event->number = world->numbers++;
    world->count++;
    sift(world, world->count - 1, event);
}

/* --- HTTP --- */

static llmgw_str view(const char *text)
{
    return (llmgw_str){text, strlen(text)};
}

static void pay(struct sim_world *world, const struct sim_answer *answer)
{
    uint64_t share = SIM_COST_OF_CALL - world->input_share;
    uint64_t made = world->now_ns - answer->first_ns;

    if (!answer->first_ns || !answer->plan.made_ns)
        return;
    if (made > answer->plan.made_ns)
        made = answer->plan.made_ns;
    world->spent +=
        (uint64_t)((double)share * (double)made / (double)answer->plan.made_ns);
}

static void let_go(struct sim_answer *answer)
{
    struct sim_world *world = answer->world;

    if (answer->telling)
        return;
    unset(world, &answer->event);
    if (!answer->free) {
        world->tally[answer->target].over++;
        pay(world, answer);
    }
    free(answer);
}

/** Who wants no more is told the end, as agreed. */
static void end(struct sim_answer *answer, int32_t code)
{
    if (answer->exchange)
        llmgw_exchange_end(answer->exchange, code, view(""));
    answer->telling = 0;
    let_go(answer);
}

static int tell(struct sim_answer *answer, const char *text)
{
    return !answer->exchange ||
           llmgw_exchange_data(answer->exchange, view(text)) != 0;
}

static void answer_last(struct sim_event *event, struct sim_world *world)
{
    struct sim_answer *answer = (struct sim_answer *)event;

    const struct sim_tokens *tokens = &answer->plan.tokens;
    long long prompt = tokens->prompt ? tokens->prompt : 10;
    long long made = tokens->prompt ? tokens->answer : 2;
    char cached[128] = "", text[512];

    if (tokens->cached)
        (void)snprintf(cached, sizeof cached,
                       ",\"prompt_tokens_details\":{\"cached_tokens\":%lld}",
                       (long long)tokens->cached);
    (void)snprintf(text, sizeof text, LAST, prompt, made, prompt + made,
                   cached);
    note(world, 'l', (uint64_t)answer->target);
    answer->telling = 1;
    (void)tell(answer, text);
    end(answer, 0);
}

static void answer_first(struct sim_event *event, struct sim_world *world)
{
    struct sim_answer *answer = (struct sim_answer *)event;
    int good = answer->plan.status == 200;
    int stream = good && !answer->free;
    int stop;

    note(world, 'f', (uint64_t)answer->target);
    answer->telling = 1;
    if (!answer->plan.status) {
        end(answer, answer->plan.code);
        return;
    }
    llmgw_exchange_header(
        answer->exchange, view("content-type"),
        view(good ? "text/event-stream" : "application/json"));
    llmgw_exchange_head(answer->exchange, answer->plan.status);
    stop = tell(answer, stream ? FIRST : good ? MODELS : SORRY);
    if (stop || !stream) {
        end(answer, 0);
        return;
    }
    answer->telling = 0;
    answer->first_ns = world->now_ns;
    event->happen = answer_last;
    sim_world_set(world, event, world->now_ns + answer->plan.made_ns);
}

/** The question is "#123": which call it is of. */
static uint64_t number_of(const llmgw_exchange *exchange)
{
    char body[512];
    size_t len = llmgw_exchange_body_read(exchange, 0, body, sizeof body - 1);
    const char *at;

    if (!len)
        return SIM_FREE;
    body[len] = '\0';
    at = strchr(body, '#');
    if (!at)
        sim_fail("a request without its number");
    return strtoull(at + 1, NULL, 10);
}

/** By its host, after "https://". */
static enum sim_target target_of(const struct sim_world *world,
                                 const llmgw_exchange *exchange)
{
    static const char *const usual[] = {"primary", "twin", NULL};
    const char *const *hosts =
        world->rules->hosts ? world->rules->hosts : usual;
    const char *host = llmgw_exchange_url(exchange).data + 8;

    for (int i = 0; hosts[i]; i++) {
        size_t len = strlen(hosts[i]);

        if (memcmp(host, hosts[i], len) == 0 && host[len] == '.')
            return (enum sim_target)i;
    }
    sim_fail("a host that is not known");
    return SIM_TARGETS;
}

static void count(struct sim_world *world, const struct sim_answer *answer)
{
    if (answer->free)
        return;
    world->spent += world->input_share;
    world->tally[answer->target].sent++;
}

static int32_t start(llmgw_exchange *exchange, void *userdata)
{
    struct sim_world *world = userdata;
    struct sim_answer *answer = calloc(1, sizeof *answer);
    const struct sim_rules *rules = world->rules;
    uint64_t number = number_of(exchange);

    if (!answer)
        sim_fail("no memory");
    answer->world = world;
    answer->exchange = exchange;
    answer->target = target_of(world, exchange);
    answer->event.happen = answer_first;
    rules->plan(rules->of, number, answer->target, &answer->plan);
    llmgw_exchange_set_data(exchange, answer);
    answer->free = number == SIM_FREE;
    count(world, answer);
    note(world, 's', number << 1 | (uint64_t)answer->target);
    if (answer->plan.code != REFUSED) /* connections are kept */
        llmgw_exchange_connected(exchange);
    if (answer->plan.first_ns != SIM_NEVER)
        sim_world_set(world, &answer->event,
                      world->now_ns + answer->plan.first_ns);
    return 0;
}

static void cancel(llmgw_exchange *exchange, void *userdata)
{
    struct sim_answer *answer = llmgw_exchange_get_data(exchange);

    note(userdata, 'c', (uint64_t)answer->target);
    answer->exchange = NULL;
    let_go(answer);
}

/* --- time and luck --- */

static uint64_t tell_monotonic(void *userdata)
{
    return ((struct sim_world *)userdata)->now_ns;
}

static int64_t tell_wall(void *userdata)
{
    const struct sim_world *world = userdata;

    return world->rules->epoch_ns
               ? world->rules->epoch_ns + (int64_t)(world->now_ns - BIRTH_NS)
               : EPOCH_NS + (int64_t)world->now_ns;
}

static int32_t fill(void *userdata, void *out, size_t len)
{
    struct sim_world *world = userdata;
    unsigned char *bytes = out;

    while (len) {
        uint64_t bits = sim_draw_bits(&world->luck);
        size_t piece = len < sizeof bits ? len : sizeof bits;

        memcpy(bytes, &bits, piece);
        bytes += piece;
        len -= piece;
    }
    return 0;
}

/* --- calls --- */

static int32_t take_chunk(const llmgw_chunk *chunk, void *userdata)
{
    (void)chunk;
    (void)userdata;
    return 0;
}

static void call_ended(llmgw_call *call, void *userdata)
{
    struct sim_call *ended = userdata;
    struct sim_world *world = ended->world;

    note(world, 'e', ended->number << 2 | (uint64_t)llmgw_call_end(call));
    world->rules->ended(world->rules->of, ended->number, call);
    llmgw_call_free(call);
    free(ended);
}

void sim_world_ask(struct sim_world *world, uint64_t number)
{
    llmgw_request *request = NULL;
    char text[32];

    if (llmgw_request_create("smart", &request) != LLMGW_OK)
        sim_fail("no memory");
    (void)snprintf(text, sizeof text, "#%llu", (unsigned long long)number);
    if (llmgw_request_add_text(request, "user", view(text)) != LLMGW_OK)
        sim_fail("no memory");
    sim_world_send(world, number, request);
}

void sim_world_send(struct sim_world *world, uint64_t number,
                    llmgw_request *request)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    struct sim_call *asked = calloc(1, sizeof *asked);

    if (!asked)
        sim_fail("no memory");
    asked->world = world;
    asked->number = number;
    options.on_chunk = take_chunk;
    options.on_done = call_ended;
    options.userdata = asked;
    if (llmgw_chat_start(world->loop, request, &options, &asked->call) !=
        LLMGW_OK)
        sim_fail("a call could not be started");
    llmgw_request_free(request);
}

/* --- the world goes on --- */

static void quote(char *out, size_t size, const char *config)
{
    size_t len = strlen(config);

    if (len >= size)
        sim_fail("the configuration is too long");
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)(config[i] == '\'' ? '"' : config[i]);
}

void sim_world_open(struct sim_world *world, const char *config, uint64_t seed,
                    const struct sim_rules *rules)
{
    llmgw_clock clock = {sizeof clock,   0,         world,
                         tell_monotonic, tell_wall, fill};
    llmgw_transport transport = {sizeof transport, 0, world, start, cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_error *error = NULL;
    char json[8192];

    memset(world, 0, sizeof *world);
    world->now_ns = BIRTH_NS;
    world->rules = rules;
    world->checksum = UINT64_C(0xcbf29ce484222325);
    sim_draw_seed(&world->luck, seed, 0);
    quote(json, sizeof json, config);
    options.config_json = view(json);
    options.clock = &clock;
    options.transport = &transport;
    if (llmgw_gateway_open(&options, &world->gateway, &error) != LLMGW_OK)
        sim_fail(llmgw_error_message(error));
    if (llmgw_loop_create(world->gateway, &world->loop) != LLMGW_OK)
        sim_fail("no loop");
}

void sim_world_close(struct sim_world *world)
{
    llmgw_loop_free(world->loop);
    llmgw_gateway_close(world->gateway);
    free(world->heap);
}

/** All that the loop wants to do now. */
static void turn(struct sim_world *world)
{
    int turns = 0;

    do {
        if (llmgw_loop_expired(world->loop) != LLMGW_OK)
            sim_fail("the loop fails");
        if (turns++ > TURNS_AT_ONCE)
            sim_fail("the loop is never content");
    } while (llmgw_loop_timeout_ms(world->loop) == 0);
    if (world->rules->turned)
        world->rules->turned(world->rules->of);
}

/** When the loop wants to be called, to the nanosecond. */
static uint64_t loop_due(const struct sim_world *world)
{
    return llmgw__timers_next(&world->loop->driver.timers);
}

void sim_world_run(struct sim_world *world)
{
    while (world->count || llmgw_loop_active(world->loop)) {
        uint64_t due = loop_due(world);
        struct sim_event *event = world->count ? world->heap[0] : NULL;

        if (event && event->due_ns <= due) {
            unset(world, event);
            world->now_ns = event->due_ns;
            event->happen(event, world);
        } else if (due == UINT64_MAX) {
            sim_fail("calls wait for nothing");
        } else if (due > world->now_ns) {
            world->now_ns = due;
        }
        turn(world);
    }
}

uint64_t sim_world_opened(struct sim_world *world, enum sim_target target)
{
    static const char *const ids[] = {"primary/m", "twin/m"};
    struct llmgw__breaker_told told;

    if ((size_t)target >= sizeof ids / sizeof *ids)
        return 0;
    (void)llmgw__breaker_read(&world->gateway->core.router.breakers,
                              view(ids[target]), world->now_ns, &told);
    return told.opened;
}
