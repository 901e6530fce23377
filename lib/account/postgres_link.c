/*
 * account/postgres_link.c - one connection to a server, driven without ever
 * waiting.
 *
 * Statements are pipelined, each with a sync of its own, so that one that fails
 * takes no other with it.
 *
 * Source: PostgreSQL's documentation, "Asynchronous Command Processing",
 * "Pipeline Mode".
 * Memory: libpq's.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "postgres_link.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/wait.h"

#define CONNECT_NS (5 * LLMGW__SECOND)  /* then it is given up */
#define SILENT_NS  (10 * LLMGW__SECOND) /* without an answer it is lost */
#define RETRY_NS   (250 * LLMGW__MS)    /* doubled up to… */
#define RETRY_MOST 5                    /* …so many times */

void llmgw__link_drop(struct llmgw__postgres_link *link, uint64_t now_ns)
{
    uint32_t shift = link->failures < RETRY_MOST ? link->failures : RETRY_MOST;

    if (link->conn)
        link->api->finish(link->conn);
    link->conn = NULL;
    link->state = LLMGW__LINK_DOWN;
    link->flushing = link->answered = false;
    link->under_way = 0;
    link->retry_ns = now_ns + (RETRY_NS << shift);
    link->failures++;
}

static void lose(struct llmgw__postgres_link *link, uint64_t now_ns)
{
    llmgw__link_drop(link, now_ns);
    link->on_result(link->userdata, NULL);
}

static void begin(struct llmgw__postgres_link *link, const char *url,
                  uint64_t now_ns)
{
    link->since_ns = now_ns;
    link->conn = link->api->connect_start(url);
    link->wants = PGRES_POLLING_WRITING;
    if (link->conn && link->api->status(link->conn) != CONNECTION_BAD)
        link->state = LLMGW__LINK_CONNECTING;
    else
        lose(link, now_ns);
}

static bool is_ready(const struct llmgw__postgres_link *link, bool writable)
{
    return llmgw__wait(link->api->socket(link->conn), !writable, writable, 0);
}

static bool say_schema(struct llmgw__postgres_link *link)
{
    struct llmgw__buf sql;
    bool good;

    llmgw__buf_init(&sql, 0);
    for (const char *const *part = llmgw__postgres_schema; *part; part++)
        llmgw__buf_add_z(&sql, *part);
    llmgw__buf_add_char(&sql, '\0');
    good = sql.status == LLMGW_OK &&
           link->api->set_nonblocking(link->conn, 1) == 0 &&
           link->api->send_query(link->conn, sql.data);
    llmgw__buf_clear(&sql);
    return good;
}

static void connect_on(struct llmgw__postgres_link *link, uint64_t now_ns)
{
    while (link->wants != PGRES_POLLING_OK) {
        if (link->wants == PGRES_POLLING_FAILED ||
            now_ns - link->since_ns > CONNECT_NS) {
            lose(link, now_ns);
            return;
        }
        if (!is_ready(link, link->wants != PGRES_POLLING_READING))
            return;
        link->wants = link->api->connect_poll(link->conn);
    }
    link->since_ns = now_ns;
    if (say_schema(link)) {
        link->flushing = true;
        link->state = LLMGW__LINK_MAKING;
    } else {
        lose(link, now_ns);
    }
}

/** @return false: the link is lost */
static bool move_bytes(struct llmgw__postgres_link *link, uint64_t now_ns)
{
    if (link->flushing) {
        int rest = link->api->flush(link->conn);

        if (rest < 0)
            return false;
        link->flushing = rest > 0;
    }
    if (is_ready(link, false)) {
        if (!link->api->consume(link->conn))
            return false;
        link->since_ns = now_ns;
    }
    return link->api->status(link->conn) == CONNECTION_OK;
}

/** Several statements in one; each has a result, then there is none. */
static void make_on(struct llmgw__postgres_link *link, uint64_t now_ns)
{
    bool good =
        move_bytes(link, now_ns) && now_ns - link->since_ns <= SILENT_NS;

    while (good && !link->api->is_busy(link->conn)) {
        PGresult *result = link->api->get_result(link->conn);

        if (!result) {
            good = link->api->enter_pipeline(link->conn) == 1;
            if (!good)
                break;
            link->state = LLMGW__LINK_UP;
            link->failures = 0;
            return;
        }
        good = link->api->result_status(result) == PGRES_COMMAND_OK ||
               link->api->result_status(result) == PGRES_TUPLES_OK;
        link->api->clear(result);
    }
    if (!good)
        lose(link, now_ns);
}

/** A statement's result, nothing, its sync. */
static void hand_over(struct llmgw__postgres_link *link)
{
    while (link->conn && link->under_way && !link->api->is_busy(link->conn)) {
        PGresult *result = link->api->get_result(link->conn);

        if (!result)
            continue;
        if (link->api->result_status(result) == PGRES_PIPELINE_SYNC) {
            link->api->clear(result);
            link->answered = false;
            link->under_way--;
            continue;
        }
        if (link->answered) { /* one more of the same: none of ours has */
            link->api->clear(result);
            continue;
        }
        link->answered = true;
        link->on_result(link->userdata, result);
    }
}

void llmgw__link_turn(struct llmgw__postgres_link *link, const char *url,
                      uint64_t now_ns)
{
    if (link->state == LLMGW__LINK_DOWN && now_ns >= link->retry_ns)
        begin(link, url, now_ns);
    if (link->state == LLMGW__LINK_CONNECTING)
        connect_on(link, now_ns);
    if (link->state == LLMGW__LINK_MAKING)
        make_on(link, now_ns);
    if (link->state != LLMGW__LINK_UP)
        return;
    if (!link->under_way)
        link->since_ns = now_ns;
    if (!move_bytes(link, now_ns) || now_ns - link->since_ns > SILENT_NS)
        lose(link, now_ns);
    else
        hand_over(link);
}

bool llmgw__link_say(struct llmgw__postgres_link *link,
                     const struct llmgw__postgres_say *say)
{
    if (!link->api->send_params(link->conn, say->sql, say->count, NULL,
                                say->values, NULL, NULL, 0) ||
        !link->api->pipeline_sync(link->conn))
        return false;
    link->under_way++;
    link->flushing = true;
    return true;
}

int32_t llmgw__link_fd(const struct llmgw__postgres_link *link,
                       llmgw_store_fd *out)
{
    if (!link->conn || link->api->socket(link->conn) < 0)
        return 0;
    out->fd = link->api->socket(link->conn);
    out->readable = link->state != LLMGW__LINK_CONNECTING ||
                    link->wants == PGRES_POLLING_READING;
    out->writable = link->flushing || (link->state == LLMGW__LINK_CONNECTING &&
                                       link->wants == PGRES_POLLING_WRITING);
    return 1;
}

#endif
