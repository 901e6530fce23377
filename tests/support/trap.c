/*
 * support/trap.c - whole calls on every wire, with streams of a test's own.
 */
#include "support/trap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/event_frame.h"

static const char *const cuts[] = {"",       "cut=1",        "cut=2",
                                   "cut=3",  "cut=7",        "cut=random:1",
                                   "cut=64", "cut=random:2", "cut=random:3"};

static const char plain[] =
    "{'environment':false,'providers':{" WIRES_AT("1") "}}";

static void open_gateway(struct trap *trap)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.clock = trap->clock;
    trap->gateway =
        caller_open_with(&options, trap->config, fake_url(trap->fake),
                         fake_url(trap->other), "");
}

void trap_configure(struct trap *trap, const char *config)
{
    llmgw_call_free(trap->call);
    trap->call = NULL;
    trap->keep = false;
    trap->how = NULL;
    trap->config = config ? config : plain;
    llmgw_gateway_close(trap->gateway);
    open_gateway(trap);
    fake_clear(trap->fake);
    fake_clear(trap->other);
}

int trap_set_up(void **state)
{
    static struct trap trap;

    trap.fake = fake_start();
    assert_non_null(trap.fake);
    trap.other = fake_start();
    assert_non_null(trap.other);
    trap.options = (llmgw_chat_options)LLMGW_CHAT_OPTIONS_INIT;
    trap.config = plain;
    open_gateway(&trap);
    *state = &trap;
    return 0;
}

int trap_tear_down(void **state)
{
    struct trap *trap = *state;

    llmgw_call_free(trap->call);
    llmgw_gateway_close(trap->gateway);
    fake_stop(trap->fake);
    fake_stop(trap->other);
    return 0;
}

/* --- records --- */

/* one more data line where a member ends; inside a string it would be wrong */
static void add_data(struct llmgw__buf *out, const char *line, size_t len,
                     const char *end, int many)
{
    int quoted = 0;

    for (size_t i = 0; i < len; i++) {
        char c = line[i] == '\'' ? '"' : line[i];

        quoted ^= c == '"' && (i == 0 || line[i - 1] != '\\');
        llmgw__buf_add_char(out, c);
        if (many && c == ',' && !quoted) {
            llmgw__buf_add_z(out, end);
            llmgw__buf_add_z(out, "data: ");
        }
    }
}

static void add_event(struct llmgw__buf *out, const char *line, size_t len,
                      enum trap_spelling spelling)
{
    const char *end = spelling == TRAP_CR     ? "\r"
                      : spelling == TRAP_CRLF ? "\r\n"
                                              : "\n";

    if (spelling == TRAP_COMMENTS)
        llmgw__buf_add_z(out, ": PROCESSING\n\n:\n: again\n");
    if (spelling == TRAP_BOM && out->len == 0)
        llmgw__buf_add_z(out, "\xef\xbb\xbf");
    llmgw__buf_add_z(out, spelling == TRAP_TIGHT ? "data:" : "data: ");
    add_data(out, line, len, end, spelling == TRAP_MANY_LINES);
    llmgw__buf_add_z(out, end);
    if (spelling != TRAP_OPEN_END || line[len] == '\n')
        llmgw__buf_add_z(out, end);
}

static void add_frame(struct llmgw__buf *out, const char *line, size_t len)
{
    size_t name = strcspn(line, " ");
    struct llmgw__buf json;
    char event[64];

    llmgw__buf_init(&json, 0);
    (void)snprintf(event, sizeof event, "%.*s", (int)name, line);
    add_data(&json, line + name + 1, len - name - 1, "", 0);
    event_frame(out, strstr(event, "Exception") ? "exception" : "event", event,
                llmgw__buf_str(&json));
    llmgw__buf_clear(&json);
}

void trap_body(struct llmgw__buf *out, size_t wire, const char *lines,
               enum trap_spelling spelling)
{
    llmgw__buf_init(out, 0);
    while (*lines) {
        size_t len = strcspn(lines, "\n");

        if (wire == BED) {
            add_frame(out, lines, len);
        } else if (wire == OLL) {
            add_data(out, lines, len, "", 0);
            llmgw__buf_add_char(out, '\n');
        } else {
            add_event(out, lines, len, spelling);
        }
        lines += len + (lines[len] == '\n');
    }
}

void trap_reply(struct trap *trap, size_t wire, const char *lines,
                const char *scenario)
{
    static const char *const types[WIRES] = {
        [BED] = "Content-Type: application/vnd.amazon.eventstream\r\n",
        [OLL] = "Content-Type: application/x-ndjson\r\n"};
    struct llmgw__buf body;
    char words[128];

    trap_body(&body, wire, lines, TRAP_PLAIN);
    (void)snprintf(words, sizeof words, "chunked %s", scenario);
    fake_clear(trap->fake);
    fake_reply(trap->fake, "POST", 200,
               types[wire] ? types[wire]
                           : "Content-Type: text/event-stream\r\n",
               llmgw__buf_str(&body), words);
    llmgw__buf_clear(&body);
}

/* --- calls --- */

static void log_z(struct trap *trap, const char *text, size_t len)
{
    assert_true(trap->len + len < sizeof trap->log);
    memcpy(trap->log + trap->len, text, len);
    trap->len += len;
    trap->log[trap->len] = '\0';
}

static void log_text(struct trap *trap, char letter, int kind, llmgw_str text)
{
    char head[3] = {letter, '"', '\0'};

    trap->broken_text += llmgw__utf8_valid(text) != text.len;
    if (text.len == 0)
        return;
    if (trap->kind == kind)
        trap->len--; /* the quote at its end */
    else
        log_z(trap, head, 2);
    log_z(trap, text.data, text.len);
    log_z(trap, "\"", 1);
    trap->kind = kind;
}

static void log_call(struct trap *trap, int kind, const llmgw_chunk *chunk)
{
    llmgw_str name = llmgw_chunk_tool_name(chunk);
    llmgw_str text = llmgw_chunk_value(chunk);
    char head[128];

    trap->broken_text += llmgw__utf8_valid(text) != text.len;
    if (kind == LLMGW_CHUNK_TOOL_START)
        trap->tool++;
    if (llmgw_chunk_tool_index(chunk) != trap->tool)
        trap->tool = -100; /* not dense, or not in order */
    if (kind == LLMGW_CHUNK_TOOL_START) {
        (void)snprintf(head, sizeof head, "C%d:%.*s",
                       (int)llmgw_chunk_tool_index(chunk), (int)name.len,
                       name.data);
        log_z(trap, head, strlen(head));
        trap->kind = kind;
        return;
    }
    log_z(trap, text.data ? text.data : "", text.len);
    trap->kind = kind;
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct trap *trap = userdata;
    int kind = llmgw_chunk_get_kind(chunk);

    trap->chunks++;
    if (kind == LLMGW_CHUNK_TEXT)
        log_text(trap, 'T', kind, llmgw_chunk_text(chunk));
    else if (kind == LLMGW_CHUNK_REASONING)
        log_text(trap, 'R', kind, llmgw_chunk_value(chunk));
    else if (kind == LLMGW_CHUNK_TOOL_START ||
             kind == LLMGW_CHUNK_TOOL_ARGUMENTS)
        log_call(trap, kind, chunk);
    else if (kind == LLMGW_CHUNK_FINISH) {
        const char *name = llmgw_finish_name(llmgw_chunk_finish_reason(chunk));

        log_z(trap, "F:", 2);
        log_z(trap, name, strlen(name));
        trap->finishes++;
    }
    return trap->stop_at && trap->chunks == trap->stop_at;
}

static void on_done(llmgw_call *call, void *userdata)
{
    (void)call;
    ((struct trap *)userdata)->done++;
}

void trap_ask_model(struct trap *trap, const char *model, int streamed,
                    const char *more)
{
    llmgw_chat_options options = trap->options;
    llmgw_request *request;
    const char *quoted;
    char json[16384];

    if (llmgw_call_end(trap->call) == LLMGW_END_ERROR && !trap->keep) {
        /* a failure is remembered: not in what follows */
        llmgw_call_free(trap->call);
        llmgw_gateway_close(trap->gateway);
        open_gateway(trap);
    } else {
        llmgw_call_free(trap->call);
    }
    trap->call = NULL;
    trap->log[0] = '\0';
    trap->len = trap->chunks = 0;
    trap->kind = trap->tool = -1;
    trap->done = trap->finishes = trap->broken_text = 0;
    (void)snprintf(json, sizeof json, "{'model':'%s'%s%s}", model,
                   strstr(more, "'messages'")
                       ? ""
                       : ",'messages':[{'role':'user','content':'Say it.'}]",
                   more);
    quoted = caller_quotes(json);
    assert_int_equal(
        llmgw_request_from_json(llmgw__str_n(quoted, strlen(quoted)), &request),
        LLMGW_OK);
    options.on_chunk = streamed ? on_chunk : NULL;
    options.on_done = on_done;
    options.userdata = trap;
    assert_int_equal(llmgw_chat(trap->gateway, request, &options, &trap->call),
                     LLMGW_OK);
    llmgw_request_free(request);
    assert_int_equal(trap->done, 1);
    assert_int_equal(trap->broken_text, 0);
}

void trap_ask(struct trap *trap, size_t wire, int streamed, const char *more)
{
    trap->wire = wire;
    trap_ask_model(trap, wire_models[wire].model, streamed, more);
}

void trap_each_cut(struct trap *trap, size_t wire, const char *lines,
                   void (*look)(struct trap *trap))
{
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        trap->how = cuts[i];
        trap_reply(trap, wire, lines, cuts[i]);
        trap_ask(trap, wire, 1, TRAP_TOOLS);
        look(trap);
    }
}

void trap_each_cut_of(struct trap *trap, size_t wire, const char *scenario,
                      const char *more, void (*look)(struct trap *trap))
{
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        char words[512];

        (void)snprintf(words, sizeof words, "%s %s", scenario, cuts[i]);
        trap->how = words;
        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", words);
        trap_ask(trap, wire, 1, more);
        look(trap);
    }
    trap->how = NULL;
}

void trap_answered(struct trap *trap, const char *log)
{
    if (llmgw_call_end(trap->call) != LLMGW_END_RESPONSE)
        fail_msg("%s (%s): %s", wire_models[trap->wire].wire,
                 trap->how ? trap->how : "",
                 llmgw_error_message(llmgw_call_error(trap->call)));
    if (log && strcmp(trap->log, log) != 0)
        fail_msg("%s (%s):\n  %s\nnot\n  %s", wire_models[trap->wire].wire,
                 trap->how ? trap->how : "", trap->log, log);
}

void trap_failed(struct trap *trap, llmgw_error_kind kind)
{
    llmgw_error *error = llmgw_call_error(trap->call);

    if (llmgw_call_end(trap->call) != LLMGW_END_ERROR)
        fail_msg("%s (%s) was taken for an answer: %s",
                 wire_models[trap->wire].wire, trap->how ? trap->how : "",
                 trap->log);
    if (kind != LLMGW_KIND_NONE && llmgw_error_get_kind(error) != kind)
        fail_msg("%s (%s): %s (%s), not %s", wire_models[trap->wire].wire,
                 trap->how ? trap->how : "",
                 llmgw_error_kind_name(llmgw_error_get_kind(error)),
                 llmgw_error_message(error), llmgw_error_kind_name(kind));
    assert_int_equal(trap->finishes, 0);
}

int64_t trap_count(struct trap *trap, llmgw_usage_field field)
{
    return llmgw_usage_count(
        llmgw_response_usage(llmgw_call_response(trap->call)), field);
}

struct fake_request trap_request(struct trap *trap)
{
    return fake_request(trap->fake, fake_requests(trap->fake) - 1);
}
