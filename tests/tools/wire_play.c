/*
 * tools/wire_play.c - the other side of a call: a transport that keeps what
 * it is given and answers from memory, and a clock that stands still.
 */
#include <stdlib.h>
#include <string.h>

#include "wire_tool.h"

static void keep(struct wire_request *kept, const llmgw_exchange *exchange);
static void tell_head(llmgw_exchange *exchange,
                      const struct wire_answer *answer);
static void tell_body(llmgw_exchange *exchange, llmgw_str body,
                      const struct wire_cut *cut);

static uint64_t stand_still(void *userdata)
{
    (void)userdata;
    return UINT64_C(1000000000);
}

static int64_t wall_ns(void *userdata)
{
    (void)userdata;
    return (int64_t)WIRE_NOW * 1000000000;
}

static int32_t same_bytes(void *userdata, void *out, size_t len)
{
    (void)userdata;
    memset(out, 0, len);
    return 0;
}

const llmgw_clock wire_clock = {sizeof(llmgw_clock), 0,       NULL,
                                stand_still,         wall_ns, same_bytes};

static int32_t start(llmgw_exchange *exchange, void *userdata)
{
    struct wire_player *player = userdata;
    struct wire_result *result = player->result;
    const struct wire_answer *answer;
    size_t hop = result->request_count;

    if (hop == WIRE_MAX_HOPS)
        return 1;
    result->request_count++;
    keep(&result->requests[hop], exchange);
    if (hop >= player->script->answer_count)
        return 1;
    answer = &player->script->answers[hop];
    if (answer->status)
        tell_head(exchange, answer);
    if (answer->status)
        tell_body(exchange, answer->body, &player->script->cut);
    llmgw_exchange_end(exchange, answer->code, llmgw__str(answer->detail));
    return 0;
}

static void give_up(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange; /* nothing is kept of it */
    (void)userdata;
}

void wire_player_transport(struct wire_player *player,
                           llmgw_transport *transport)
{
    memset(transport, 0, sizeof *transport);
    transport->size = sizeof *transport;
    transport->userdata = player;
    transport->start = start;
    transport->cancel = give_up;
}

static void keep(struct wire_request *kept, const llmgw_exchange *exchange)
{
    size_t len = llmgw_exchange_body_len(exchange);
    char *bytes;

    kept->method = wire_copy(llmgw_exchange_method(exchange));
    kept->url = wire_copy(llmgw_exchange_url(exchange));
    kept->headers = cJSON_CreateObject();
    for (size_t i = 0; i < llmgw_exchange_header_count(exchange); i++) {
        char *name = wire_copy(llmgw_exchange_header_name(exchange, i));
        char *value = wire_copy(llmgw_exchange_header_value(exchange, i));

        cJSON_AddStringToObject(kept->headers, name, value);
        free(name);
        free(value);
    }
    llmgw__buf_init(&kept->body, 0);
    bytes = llmgw__buf_reserve(&kept->body, len);
    if (bytes)
        kept->body.len = llmgw_exchange_body_read(exchange, 0, bytes, len);
}

static void tell_head(llmgw_exchange *exchange,
                      const struct wire_answer *answer)
{
    const cJSON *header;

    llmgw_exchange_connected(exchange);
    cJSON_ArrayForEach(header, answer->headers)
    {
        const char *value = cJSON_GetStringValue(header);

        if (value)
            llmgw_exchange_header(exchange, llmgw__str(header->string),
                                  llmgw__str(value));
    }
    llmgw_exchange_head(exchange, answer->status);
}

/** 1 to 96, by seed and place. */
static size_t random_piece(uint32_t seed, size_t at)
{
    uint32_t x = (uint32_t)at * 2654435761u + seed * 2246822519u;

    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return 1 + x % 96;
}

/** End of the piece that begins at `at`. */
static size_t piece_end(const struct wire_cut *cut, size_t at, size_t len)
{
    if (cut->seed) {
        size_t piece = random_piece(cut->seed, at);

        return len - at < piece ? len : at + piece;
    }
    if (cut->every)
        return len - at < cut->every ? len : at + cut->every;
    for (size_t i = 0; i < cut->count; i++)
        if (cut->places[i] > at && cut->places[i] < len)
            return cut->places[i];
    return len;
}

/** Each piece is a copy of its own, so that reading past it is seen. */
static void tell_body(llmgw_exchange *exchange, llmgw_str body,
                      const struct wire_cut *cut)
{
    for (size_t at = 0; at < body.len;) {
        size_t end = piece_end(cut, at, body.len);
        size_t len = end - at;
        char *piece = malloc(len);
        int32_t stop = 1;

        if (piece) {
            memcpy(piece, body.data + at, len);
            stop = llmgw_exchange_data(exchange, llmgw__str_n(piece, len));
        }
        free(piece);
        if (stop)
            return;
        at = end;
    }
}
