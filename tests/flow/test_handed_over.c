/*
 * What was handed over, joined, is the final message: on every wire, for every
 * break, with every way to go about it. Cases are drawn by a fixed seed;
 * LLMGW_HANDED_OVER says how many, LLMGW_HANDED_OVER_FROM with which to begin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/fast_clock.h"
#include "support/host_model.h"
#include "support/wires.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define ARGS        "{\"city\":\"K\xc3\xb6ln\",\"n\":[1,2,3]}"
/* The first piece is so long that to say it again is no chance. */
#define TEXT                                            \
    "Gr\xc3\xbc\xc3\x9f"                                \
    "e-from-the-long-word-that-begins-it-all-and-"      \
    "goes-on-for-a-while one two three \xe2\x82\xac 5 " \
    "\xf0\x9f\x98\x80 four the end of the end"

/** Cases unless the environment says more. */
enum {
    CASES = 2000
};

static const char *const breaks[] = {
    "end_after", "drop_after", "reset_after", "error_after", "garbage_after",
    "end_at",    "drop_at",    "reset_at",    "stall_after", "",
};
static const char *const contents[] = {
    "text='" TEXT "'",
    "reasoning=3 text='" TEXT "'",
    "chunks=3 tools=1 args='" ARGS "'",
    "tools=3 args='" ARGS "'",
    "reasoning tools=2 args='" ARGS "'",
    "text='" TEXT "' finish=length usage=11:7",
};
static const char *const policies[] = {
    "'on_break':'error'",
    "'on_break':'continue'",
    "'on_break':'continue','continue_by':'instruction'",
    "'on_break':'restart'",
};
static const char *const gates[] = {"", ",'gate':{'tokens':3}",
                                    ",'gate':{'bytes':40}"};
static const char *const hedges[] = {
    "", "", ",'hedge':{'at_once':true,'budget':1,'burst':50}"};
static const char *const seconds[] = {"", "", " repeat=24", " repeat=40",
                                      " reject_prefill"};

/** One case: who, what, how. */
struct draw {
    uint64_t state;
    unsigned number;
    int streamed, whole_tools, offers, policy;
    int small; /* the gate holds less than a tool call */
    size_t wire, other;
    char content[256], scenario[512], second[512], request[1024];
};

/** What came of all cases of a policy. */
struct tally {
    unsigned ended[4], broken;
};

static struct fake *fake;
static llmgw_gateway *gateway;
static struct tally tallies[COUNT(policies)];

static unsigned pick(struct draw *it, unsigned below)
{
    it->state = it->state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)((it->state >> 33) % below);
}

static void draw_content(struct draw *it)
{
    size_t content = pick(it, COUNT(contents));
    size_t len;

    it->offers = strstr(contents[content], "tools=") != NULL;
    len = (size_t)snprintf(it->content, sizeof it->content, "%s ",
                           contents[content]);
    switch (pick(it, 4)) {
    case 2:
        snprintf(it->content + len, sizeof it->content - len, "cut=1");
        break;
    case 3:
        snprintf(it->content + len, sizeof it->content - len, "cut=random:%u",
                 pick(it, 1000));
        break;
    default:
        break;
    }
}

static void draw_break(struct draw *it)
{
    const char *fault = breaks[pick(it, COUNT(breaks))];
    size_t len = (size_t)snprintf(it->scenario, sizeof it->scenario,
                                  "%s times=1", it->content);
    unsigned at = pick(it, strstr(fault, "_at") ? 2500 : 14);

    /* silence costs real time: less of it */
    if (strcmp(fault, "stall_after") == 0 && pick(it, 2))
        fault = "stall_at";
    if (fault[0])
        snprintf(it->scenario + len, sizeof it->scenario - len, " %s=%u", fault,
                 at);
    snprintf(it->second, sizeof it->second, "%s%s", it->content,
             seconds[pick(it, COUNT(seconds))]);
}

static void draw_request(struct draw *it)
{
    static const char tools[] =
        ",'tools':[{'type':'function','function':{'name':'weather',"
        "'parameters':{'type':'object','properties':{}}}},{'type':'function',"
        "'function':{'name':'time','parameters':{'type':'object',"
        "'properties':{}}}}]";
    unsigned hedge = pick(it, COUNT(hedges));
    unsigned gate = pick(it, COUNT(gates));

    it->policy = (int)pick(it, COUNT(policies));
    it->whole_tools = (int)pick(it, 2);
    it->small = strstr(gates[gate], "bytes") != NULL;
    it->streamed = pick(it, 5) != 0;
    snprintf(it->request, sizeof it->request,
             "{'model':'r%zu%zu','messages':[{'role':'user','content':'hi'}]"
             "%s,'llmgw':{%s,'tools':'%s'%s%s}}",
             it->wire, it->other, it->offers ? tools : "", policies[it->policy],
             it->whole_tools ? "whole" : "stream", gates[gate], hedges[hedge]);
}

static void draw_case(struct draw *it, unsigned number)
{
    memset(it, 0, sizeof *it);
    it->number = number;
    it->state = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    (void)pick(it, 2);
    it->wire = pick(it, WIRES);
    it->other = pick(it, 2) ? it->wire : pick(it, WIRES);
    draw_content(it);
    draw_break(it);
    draw_request(it);
}

static llmgw_call *run(struct draw *it, struct host_model *host)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    const char *json = caller_quotes(it->request);
    llmgw_str view = {json, strlen(json)};
    llmgw_request *request;
    llmgw_call *call = NULL;
    llmgw_loop *loop;

    options.on_chunk = it->streamed ? host_model_chunk : NULL;
    options.on_restart = it->streamed ? host_model_restart : NULL;
    options.on_done = fast_clock_ignore_done;
    options.userdata = host;
    assert_int_equal(llmgw_request_from_json(view, &request), LLMGW_OK);
    if (pick(it, 2)) {
        assert_int_equal(llmgw_chat(gateway, request, &options, &call),
                         LLMGW_OK);
    } else {
        assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
        assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                         LLMGW_OK);
        while (llmgw_call_end(call) == LLMGW_END_NONE ||
               llmgw_loop_active(loop))
            assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
        llmgw_loop_free(loop);
    }
    llmgw_request_free(request);
    return call;
}

/** On success it is what the provider was to say, whole. */
static void check_said(const struct draw *it, struct host_model *host,
                       llmgw_call *call)
{
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str text = llmgw_response_text(response);
    size_t calls = llmgw_response_tool_call_count(response, 0);

    if (strncmp(it->content, "chunks", 6) != 0 && !it->offers)
        host_model_claim(host,
                         text.len == sizeof TEXT - 1 &&
                             memcmp(text.data, TEXT, text.len) == 0,
                         "not the text that was said");
    if (it->offers)
        host_model_claim(host, calls > 0, "tool calls lost");
}

/** Where they come whole, and after success, no call is a half one. */
static void check_tools(struct host_model *host, llmgw_call *call)
{
    llmgw_response *response = llmgw_call_response(call);
    size_t calls = llmgw_response_tool_call_count(response, 0);

    for (size_t i = 0; i < calls; i++) {
        llmgw_str args = llmgw_response_tool_call_arguments(response, 0, i);

        host_model_claim(host,
                         args.len == sizeof ARGS - 1 &&
                             memcmp(args.data, ARGS, args.len) == 0,
                         "half a tool call");
    }
}

struct books {
    size_t entries, open;
    int64_t tokens;
    int unknown;
};

static int32_t read_entry(const llmgw_entry *entry, void *userdata)
{
    struct books *books = userdata;
    int64_t total =
        llmgw_usage_count(llmgw_entry_usage(entry), LLMGW_USAGE_TOTAL);

    books->entries++;
    books->open += llmgw_entry_get_state(entry) == LLMGW_ENTRY_OPEN;
    books->unknown += total < 0;
    books->tokens += total;
    return 0;
}

/** A target that could not take it was not asked. */
static int was_sent(const llmgw_attempt *attempt)
{
    return llmgw_error_get_kind(llmgw_attempt_error(attempt)) !=
               LLMGW_KIND_UNSUPPORTED_PARAMETER ||
           llmgw_attempt_http_status(attempt) != 0;
}

static void check_books(struct host_model *host, llmgw_call *call)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct books books = {0};
    size_t attempts = llmgw_call_attempt_count(call);
    size_t sent = 0;
    int64_t told = llmgw_usage_count(
        llmgw_response_usage(llmgw_call_response(call)), LLMGW_USAGE_TOTAL);
    const char *why;

    for (size_t i = 0; i < attempts; i++)
        sent += (size_t)was_sent(llmgw_call_attempt(call, i));
    filter.call_id = llmgw_call_id(call);
    assert_int_equal(llmgw_ledger_read(gateway, &filter, read_entry, &books),
                     LLMGW_OK);
    host_model_claim(host, books.entries == sent, "one entry an attempt");
    host_model_claim(host, books.open == 0, "an entry is open");
    if (attempts != 2 || llmgw_call_end(call) != LLMGW_END_RESPONSE)
        return;
    why = llmgw_attempt_why(llmgw_call_attempt(call, 1));
    if (strcmp(why, "continue") == 0) {
        host_model_claim(host, !books.unknown, "usage of a part not entered");
        host_model_claim(host, told == books.tokens,
                         "usage is not that of both parts");
    }
}

static void tell(const struct draw *it, const struct host_model *host,
                 llmgw_call *call)
{
    llmgw_str text = llmgw_response_text(llmgw_call_response(call));

    print_message("case %u: %s\n  first %s %s\n  then %s %s\n  %s%s\n",
                  it->number, host->wrong, wire_models[it->wire].wire,
                  it->scenario, wire_models[it->other].wire, it->second,
                  it->request, it->streamed ? "" : " not streamed");
    print_message("  end %d, %d restarts, text \"%s\"\n",
                  (int)llmgw_call_end(call), host->restarts, caller_text(text));
    for (size_t i = 0; i < llmgw_call_attempt_count(call); i++) {
        const llmgw_attempt *attempt = llmgw_call_attempt(call, i);
        const char *why = llmgw_error_message(llmgw_attempt_error(attempt));

        print_message("  %s %s: %s\n", llmgw_attempt_why(attempt),
                      llmgw_attempt_target(attempt), why ? why : "well");
    }
}

static int holds(unsigned number)
{
    static struct host_model host;
    struct draw it;
    llmgw_call *call;
    llmgw_end end;

    memset(&host, 0, sizeof host);
    draw_case(&it, number);
    fake_clear(fake);
    fake_script(fake, "POST ", it.scenario);
    fake_script(fake, "POST ", it.second);
    call = run(&it, &host);
    end = llmgw_call_end(call);
    if (it.streamed)
        host_model_compare(&host, call);
    if (end == LLMGW_END_RESPONSE)
        check_said(&it, &host, call);
    if (end == LLMGW_END_RESPONSE || (it.whole_tools && !it.small))
        check_tools(&host, call);
    check_books(&host, call);
    tallies[it.policy].ended[end]++;
    tallies[it.policy].broken += llmgw_call_attempt_count(call) > 1;
    if (host.wrong[0])
        tell(&it, &host, call);
    llmgw_call_free(call);
    return host.wrong[0] == '\0';
}

static unsigned setting(const char *name, unsigned otherwise)
{
    const char *value = getenv(name);

    return value ? (unsigned)strtoul(value, NULL, 10) : otherwise;
}

static void what_was_handed_over_is_the_final_message(void **state)
{
    unsigned from = setting("LLMGW_HANDED_OVER_FROM", 0);
    unsigned count = setting("LLMGW_HANDED_OVER", CASES);
    unsigned wrong = 0;

    (void)state;
    for (unsigned i = 0; i < count && wrong < 20; i++)
        wrong += !holds(from + i);
    assert_int_equal(wrong, 0);
    for (size_t i = 0; count >= CASES && i < COUNT(policies); i++) {
        assert_true(tallies[i].ended[LLMGW_END_RESPONSE] > CASES / 10);
        assert_true(tallies[i].broken > CASES / 100);
    }
}

/* --- several choices: from a body of our own --- */

#define PIECE(choice, delta, finish)                                          \
    "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"index\":" choice ",\"delta\":{" delta    \
    "},\"finish_reason\":" finish "}]}\n\n"
#define TWO_CHOICES                                                      \
    PIECE("0", "\"role\":\"assistant\",\"content\":\"one \"", "null")    \
    PIECE("1", "\"role\":\"assistant\",\"content\":\"uno \"", "null")    \
    PIECE("1", "\"content\":\"dos\"", "null")                            \
    PIECE("0", "\"content\":\"two\"", "null")                            \
    PIECE("1", "", "\"stop\"")                                           \
    PIECE("0", "", "\"stop\"")                                           \
    "data: {\"id\":\"x\",\"choices\":[],\"usage\":{\"prompt_tokens\":3," \
    "\"completion_tokens\":4,\"total_tokens\":7}}\n\ndata: [DONE]\n\n"

/** Both choices whole after success, each as it was said. */
static int both_hold(struct draw *it)
{
    static struct host_model host;
    llmgw_str body = {TWO_CHOICES, sizeof TWO_CHOICES - 1};
    llmgw_call *call;
    int said;

    memset(&host, 0, sizeof host);
    fake_clear(fake);
    fake_reply(fake, "POST ", 200, "Content-Type: text/event-stream\r\n", body,
               it->scenario);
    fake_reply(fake, "POST ", 200, "Content-Type: text/event-stream\r\n", body,
               "");
    call = run(it, &host);
    host_model_compare(&host, call);
    check_books(&host, call);
    said = host.choices[0].text.len == 7 && host.choices[1].text.len == 7 &&
           memcmp(host.choices[0].text.data, "one two", 7) == 0 &&
           memcmp(host.choices[1].text.data, "uno dos", 7) == 0;
    host_model_claim(&host, said || llmgw_call_end(call) != LLMGW_END_RESPONSE,
                     "not the choices that were said");
    tallies[it->policy].ended[llmgw_call_end(call)]++;
    if (host.wrong[0])
        tell(it, &host, call);
    llmgw_call_free(call);
    return host.wrong[0] == '\0';
}

static void several_choices_are_handed_over_as_they_end(void **state)
{
    static const char *const faults[] = {"drop_at", "end_at", "reset_at"};
    unsigned wrong = 0;

    (void)state;
    memset(tallies, 0, sizeof tallies);
    for (unsigned at = 0; at < sizeof TWO_CHOICES && wrong < 5; at += 7) {
        struct draw it = {.number = at, .state = at, .streamed = 1};

        it.policy = (int)pick(&it, COUNT(policies));
        snprintf(it.scenario, sizeof it.scenario, "times=1 %s=%u",
                 faults[pick(&it, COUNT(faults))], at);
        snprintf(it.request, sizeof it.request,
                 "{'model':'r00','n':2,'messages':[{'role':'user',"
                 "'content':'hi'}],'llmgw':{%s}}",
                 policies[it.policy]);
        wrong += !both_hold(&it);
    }
    assert_int_equal(wrong, 0);
    assert_true(tallies[0].ended[LLMGW_END_ERROR] > 0);
    assert_true(tallies[3].ended[LLMGW_END_RESPONSE] > 0);
    assert_int_equal(tallies[3].ended[LLMGW_END_ERROR], 0);
}

static size_t add_routes(char *out, size_t size)
{
    size_t len = 0;

    for (size_t i = 0; i < WIRES; i++)
        for (size_t j = 0; j < WIRES; j++)
            len += (size_t)snprintf(out + len, size - len,
                                    "%s'r%zu%zu':{'targets':['%s','%s']}",
                                    len ? "," : "", i, j, wire_models[i].model,
                                    wire_models[j].model);
    return len;
}

static int open_gateway(void **state)
{
    static char config[12288], routes[8192];
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    (void)state;
    assert_true(add_routes(routes, sizeof routes) < sizeof routes);
    snprintf(config, sizeof config,
             "{'environment':false,'failover':{'retries':1,'backoff_ms':1},"
             "'breaker':false,'limits':{'gap_ms':5000,'first_ms':5000,"
             "'total_ms':20000},'providers':{" WIRES_AT("1") "},"
                                                             "'routes':{%s}}",
             routes);
    fake = fake_start_at(0, 64);
    assert_non_null(fake);
    options.clock = fast_clock(200);
    gateway = caller_open_with(&options, config, fake_url(fake), "", "");
    return 0;
}

static int close_gateway(void **state)
{
    (void)state;
    llmgw_gateway_close(gateway);
    fake_stop(fake);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_handed_over_is_the_final_message),
        cmocka_unit_test(several_choices_are_handed_over_as_they_end),
    };

    return cmocka_run_group_tests(tests, open_gateway, close_gateway);
}
