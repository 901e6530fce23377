/*
 * support/caller.c - ask through a gateway as a host would.
 */
#include "support/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#define REPORT ",\"llmgw\":{\"call_id\":"

const char *caller_quotes(const char *json)
{
    static char text[65536];
    size_t len = strlen(json);

    assert_true(len < sizeof text);
    memcpy(text, json, len + 1);
    for (char *at = text; *at; at++)
        if (*at == '\'')
            *at = '"';
    return text;
}

const char *caller_text(llmgw_str text)
{
    static char copy[65536];

    assert_true(text.len < sizeof copy);
    if (text.len)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

/** The configuration with its places filled in. */
static void fill(char *out, size_t size, const char *config,
                 const char *const *urls)
{
    size_t len = 0;

    for (; *config; config++) {
        const char *piece = config;
        size_t piece_len = 1;

        if (config[0] == '$' && config[1] >= '1' && config[1] <= '3') {
            piece = urls[config[1] - '1'];
            piece_len = strlen(piece);
            config++;
        }
        assert_true(len + piece_len < size);
        memcpy(out + len, *piece == '\'' ? "\"" : piece, piece_len);
        len += piece_len;
    }
    out[len] = '\0';
}

/** Without a word on failure a target is asked once, and nothing opens. */
static void ask_once(char *json, size_t size)
{
    static const char once[] =
        "{\"failover\":{\"retries\":0},\"breaker\":false,";
    size_t len = strlen(json);

    if (strstr(json, "\"failover\"") || json[0] != '{' || json[1] == '}')
        return;
    assert_true(len + sizeof once < size);
    memmove(json + sizeof once - 1, json + 1, len);
    memcpy(json, once, sizeof once - 1);
}

llmgw_gateway *caller_open_with(llmgw_gateway_options *options,
                                const char *config, const char *url1,
                                const char *url2, const char *url3)
{
    const char *const urls[] = {url1, url2, url3};
    char json[16384];
    llmgw_gateway *gateway;
    llmgw_error *error;

    fill(json, sizeof json, config, urls);
    ask_once(json, sizeof json);
    options->config_json.data = json;
    options->config_json.len = strlen(json);
    if (llmgw_gateway_open(options, &gateway, &error) != LLMGW_OK)
        fail_msg("configuration refused: %s: %s", llmgw_error_param(error),
                 llmgw_error_message(error));
    return gateway;
}

llmgw_gateway *caller_open(const char *config, const char *url1,
                           const char *url2, const char *url3)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    return caller_open_with(&options, config, url1, url2, url3);
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct caller *caller = userdata;
    llmgw_str text = llmgw_chunk_text(chunk);
    llmgw_str json;

    assert_int_equal(llmgw_chunk_json(chunk, &json), LLMGW_OK);
    assert_true(json.len > 2 && json.data[0] == '{');
    caller->last_json[0] = '\0';
    if (json.len < sizeof caller->last_json) {
        memcpy(caller->last_json, json.data, json.len);
        caller->last_json[json.len] = '\0';
        caller->reports += strstr(caller->last_json, REPORT) != NULL;
    }
    if (caller->chunks + 1 < sizeof caller->kinds)
        caller->kinds[caller->chunks] =
            "?RTZNSAXFU"[llmgw_chunk_get_kind(chunk)];
    caller->chunks++;
    if (llmgw_chunk_choice(chunk) == 0 &&
        caller->len + text.len < sizeof caller->text) {
        memcpy(caller->text + caller->len, text.data ? text.data : "",
               text.len);
        caller->len += text.len;
    }
    if (caller->cancel_at && caller->chunks == (size_t)caller->cancel_at) {
        llmgw_cancel_trigger(caller->token);
        llmgw_cancel_trigger(caller->token);
    }
    if (caller->stop_at && caller->chunks == (size_t)caller->stop_at)
        return caller->stop_with;
    return 0;
}

static void on_done(llmgw_call *call, void *userdata)
{
    struct caller *caller = userdata;

    assert_int_not_equal(llmgw_call_end(call), LLMGW_END_NONE);
    caller->done++;
}

/** Watch the one descriptor, as a host with a poll of its own does. */
static void drive_by_fd(llmgw_loop *loop, struct caller *caller)
{
    struct pollfd watched = {(int)llmgw_loop_fd(loop), POLLIN, 0};

    while (!caller->done) {
        (void)poll(&watched, 1, (int)llmgw_loop_timeout_ms(loop));
        assert_int_equal(llmgw_loop_run(loop, 0), LLMGW_OK);
    }
}

static void run(struct caller *caller, llmgw_gateway *gateway,
                enum caller_mode mode, llmgw_request *request, int streamed)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_loop *loop;

    options.on_chunk = streamed ? on_chunk : NULL;
    options.on_done = on_done;
    options.userdata = caller;
    options.cancel = caller->token;
    options.tags = "team=blue,who=test";
    if (mode == CALLER_BLOCKING) {
        assert_int_equal((caller->embeds ? llmgw_embed : llmgw_chat)(
                             gateway, request, &options, &caller->call),
                         LLMGW_OK);
        return;
    }
    assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
    assert_int_equal((caller->embeds ? llmgw_embed_start : llmgw_chat_start)(
                         loop, request, &options, &caller->call),
                     LLMGW_OK);
    assert_int_equal(caller->chunks, 0);
    if (mode == CALLER_FD)
        drive_by_fd(loop, caller);
    while (llmgw_loop_active(loop) || !caller->done)
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    llmgw_loop_free(loop);
}

void caller_ask(struct caller *caller, llmgw_gateway *gateway,
                enum caller_mode mode, const char *model, const char *text)
{
    llmgw_request *request;
    llmgw_str view = {text, strlen(text)};

    assert_int_equal(llmgw_request_create(model, &request), LLMGW_OK);
    assert_int_equal(llmgw_request_add_text(request, "user", view), LLMGW_OK);
    run(caller, gateway, mode, request, 1);
    llmgw_request_free(request);
    assert_int_equal(caller->done, 1);
}

void caller_ask_json(struct caller *caller, llmgw_gateway *gateway,
                     enum caller_mode mode, const char *json, int streamed)
{
    const char *quoted = caller_quotes(json);
    llmgw_str view = {quoted, strlen(quoted)};
    llmgw_request *request;

    assert_int_equal(llmgw_request_from_json(view, &request), LLMGW_OK);
    run(caller, gateway, mode, request, streamed);
    llmgw_request_free(request);
    assert_int_equal(caller->done, 1);
}

static int32_t count_entry(const llmgw_entry *entry, void *userdata)
{
    (void)entry;
    (*(size_t *)userdata)++;
    return 0;
}

size_t caller_entries(llmgw_gateway *gateway, llmgw_entry_state state)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    size_t count = 0;

    filter.state = state;
    assert_int_equal(llmgw_ledger_read(gateway, &filter, count_entry, &count),
                     LLMGW_OK);
    return count;
}
