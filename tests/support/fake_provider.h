/*
 * support/fake_provider.h - a provider on loopback that answers by script.
 *
 * One thread, real sockets, HTTP/1.1 with keep-alive, thousands of streams at
 * once. Without a script it answers the wires below (by path, wherever the
 * path begins) with a plausible text made from the request, streamed or whole
 * as the request asks; /models and /embeddings too (the vector of an input
 * with "#N" in it begins with N). It keeps books, so that a test can compare
 * what a client says with what really went over the wire. A request that ends
 * with the beginning of its answer, as the assistant's last turn or with a
 * user's turn behind it, is answered with the rest of it.
 *
 * A scenario is words. How it looks:
 *   status=N            an error (>= 400) in the wire's own shape
 *   error=NAME          rate_limit quota auth permission model_not_found
 *                       context_length content_filter invalid_request
 *                       server_error overloaded timeout
 *   retry_after=N       seconds: a header; on the gemini wire a RetryInfo
 *   wire=openai|anthropic|gemini|responses|bedrock|cohere|ollama
 *                       default: by the path
 *   chunks=N text='..'  generated pieces, or the words of this text
 *   reasoning[=N]       N pieces of reasoning first (3)
 *   tools=N args='{..}' calls of the tools the request offers
 *   finish=stop|length|content_filter          usage=none, usage=IN:OUT
 *   cached=N            so many of the input tokens were cached
 *   repeat=N            going on, the last N bytes of the beginning first
 *   reject_prefill      an error when the assistant's is the last turn
 *   comments crlf lf ascii array close         spelling of the stream
 *   html empty done_only no_done               whole answers gone wrong
 *   garbage_after=N     a malformed event after N chunks, then on as usual
 * How it is sent:
 *   cut=N cut=random:SEED     body bytes a write (and an HTTP chunk)
 *   delay_us=N                between writes
 *   first_delay_ms=N          before the first byte
 *   content_delay_ms=N        between the head and the first body byte
 *   content_length=N chunked  the length told, true or not; no length told
 * How it ends, one of:
 *   drop_before reset_before stall_before      no byte at all
 *   drop_after=N    closed without the end of the body
 *   reset_after=N   TCP reset
 *   stall_after=N   goes silent, connection open
 *   end_after=N     HTTP ends well, the stream has no finish, usage, end mark
 *   error_after=N   an error object inside the stream
 *   ..._at=N        the same, counted in bytes of the body
 * N counts chunks with content; 0: after the preamble. A whole answer breaks
 * in the middle for N > 0. For which requests:
 *   times=N             the next N only; without it: all that come
 *   with=TEXT           only requests with this in their headers or body
 */
#ifndef LLMGW_TEST_FAKE_PROVIDER_H
#define LLMGW_TEST_FAKE_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

struct fake;

/** One request as the fake saw it; text lives until fake_stop(). */
struct fake_request {
    const char *method;
    const char *path;    /**< with its query */
    const char *headers; /**< lines as they came, each ended by CR LF */
    const char *body;    /**< NUL-terminated for convenience */
    size_t body_len;
    const char *text; /**< the whole text of the answer, also when cut */
    size_t text_len;
    uint64_t connection; /**< 0, 1, ...: which connection it came on */
    uint64_t bytes_sent; /**< of the answer, head and framing included */
    uint64_t billed_in;  /**< tokens; 0 for errors */
    uint64_t billed_out; /**< one a chunk sent; as stated once finished */
    int status;          /**< of the answer; 0: none was meant */
    int finished;        /**< the fake did all its script said */
    int aborted;         /**< the client closed before that */
};

/** Starts on an ephemeral port of 127.0.0.1. NULL: no socket or thread. */
struct fake *fake_start(void);
/** The same with a port (0: ephemeral) and at most `keep` requests kept. */
struct fake *fake_start_at(uint16_t port, size_t keep);
/** Closes everything at once and frees all. NULL is allowed. */
void fake_stop(struct fake *fake);
/** "http://127.0.0.1:PORT", no slash at the end. */
const char *fake_url(const struct fake *fake);
uint16_t fake_port(const struct fake *fake);

/** NULL, or why the scenario is refused. */
const char *fake_scenario_error(const char *scenario);

/**
 * From now on requests are answered by this scenario. The first script that
 * matches and is not used up wins. A bad scenario ends the test program.
 *
 * @param match "POST /v1/chat", "/v1" or "" (any): method, start of the path
 */
void fake_script(struct fake *fake, const char *match, const char *scenario);
/** A literal body. Chunked if the headers say event-stream, else sized. */
void fake_reply(struct fake *fake, const char *match, int status,
                const char *headers, llmgw_str body, const char *scenario);
/** Adds "name: value" lines to the answers of the script given last. */
void fake_headers(struct fake *fake, const char *lines);
/** Forgets all scripts; the books stay. */
void fake_clear(struct fake *fake);

/** Books. A client may be one write ahead of them: wait before asking. */
size_t fake_requests(struct fake *fake);
size_t fake_connections(struct fake *fake);
size_t fake_open_connections(struct fake *fake);
/** Answers the client did not wait for. */
size_t fake_aborted(struct fake *fake);
/** The i-th request; all zero if there is none (or it was not kept). */
struct fake_request fake_request(struct fake *fake, size_t i);
/** Value of a request's header, any case; data is NULL if absent. */
llmgw_str fake_header(const struct fake_request *request, const char *name);
/** Tokens billed so far, all requests together. */
void fake_billed(struct fake *fake, uint64_t *in, uint64_t *out);

/** Wait until so many came in all; @return 0 after 20 s without. */
int fake_wait_requests(struct fake *fake, size_t count);
/** Connections closed, by whomever. */
int fake_wait_closed(struct fake *fake, size_t count);
/** Answers finished or aborted. */
int fake_wait_ended(struct fake *fake, size_t count);

#endif
