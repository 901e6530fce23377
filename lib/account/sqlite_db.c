/*
 * account/sqlite_db.c - one connection to a ledger file: its schema, its
 * statements.
 *
 * The file is in WAL mode, so that readers and one writer of any process do
 * not wait for each other. user_version counts its form; one that a newer
 * library has made is left alone.
 *
 * Source: sqlite.org. Memory: SQLite's own, and the statements.
 */
#ifdef LLMGW_WITH_SQLITE

#include "sqlite_db.h"

#include <string.h>

#include "base/text.h"

#define DB_BUSY_MS 2000 /* while it is opened */
#define WAL_TRIES  100

static const char make_tables[] =
    "CREATE TABLE entries("
    " n INTEGER PRIMARY KEY, writer INTEGER NOT NULL, id INTEGER NOT NULL,"
    " started_ns INTEGER NOT NULL, settled_ns INTEGER NOT NULL,"
    " state INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,"
    " route TEXT NOT NULL, tags TEXT NOT NULL, key TEXT NOT NULL,"
    " call_id TEXT NOT NULL, billed INTEGER, delivered INTEGER,"
    " prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,"
    " estimated INTEGER NOT NULL, line TEXT NOT NULL, UNIQUE(writer, id));"
    "CREATE INDEX entries_time ON entries(started_ns);"
    "CREATE INDEX entries_model ON entries(provider, model, started_ns);"
    "CREATE INDEX entries_route ON entries(route, started_ns);"
    "CREATE INDEX entries_call ON entries(call_id);"
    "CREATE INDEX entries_open ON entries(started_ns) WHERE state = 1;"
    "CREATE TABLE sums("
    " day_ns INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,"
    " route TEXT NOT NULL, tags TEXT NOT NULL, key TEXT NOT NULL,"
    " state INTEGER NOT NULL, entries INTEGER NOT NULL,"
    " unpriced INTEGER NOT NULL, estimated INTEGER NOT NULL,"
    " prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,"
    " billed_usd INTEGER NOT NULL, billed_pico INTEGER NOT NULL,"
    " delivered_usd INTEGER NOT NULL, delivered_pico INTEGER NOT NULL,"
    " PRIMARY KEY(day_ns, provider, model, route, tags, key, state))"
    " WITHOUT ROWID;"
    "CREATE TABLE budget_sums("
    " budget TEXT NOT NULL, bucket_s INTEGER NOT NULL,"
    " amount INTEGER NOT NULL, PRIMARY KEY(budget, bucket_s)) WITHOUT ROWID;"
    "CREATE TABLE charges("
    " writer INTEGER NOT NULL, id INTEGER NOT NULL, budget TEXT NOT NULL,"
    " bucket_s INTEGER NOT NULL, amount INTEGER NOT NULL,"
    " PRIMARY KEY(writer, id, budget)) WITHOUT ROWID;"
    "CREATE INDEX charges_budget ON charges(budget, bucket_s);"
    "CREATE TABLE leases("
    " budget TEXT NOT NULL, writer INTEGER NOT NULL, number INTEGER NOT NULL,"
    " bucket_s INTEGER NOT NULL, in_hand INTEGER NOT NULL,"
    " until_ns INTEGER NOT NULL, kept INTEGER NOT NULL,"
    " PRIMARY KEY(budget, writer, number)) WITHOUT ROWID;"
    "CREATE TABLE facts("
    " key TEXT PRIMARY KEY, value TEXT NOT NULL, stamp_ns INTEGER NOT NULL,"
    " until_ns INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id = 1819047783;"
    "PRAGMA user_version = 1;";

/* Each tag of an entry has a row, so that one is found without looking at all
 * entries. Those that are there are split at their commas. */
static const char make_tags[] =
    "CREATE TABLE entry_tags("
    " tag TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(tag, n))"
    " WITHOUT ROWID;"
    "CREATE INDEX entry_tags_of ON entry_tags(n);"
    "WITH RECURSIVE split(n, tag, rest) AS ("
    " SELECT n, '', tags || ',' FROM entries WHERE tags <> ''"
    " UNION ALL SELECT n, substr(rest, 1, instr(rest, ',') - 1),"
    "  substr(rest, instr(rest, ',') + 1) FROM split WHERE rest <> '')"
    "INSERT OR IGNORE INTO entry_tags SELECT tag, n FROM split"
    " WHERE tag <> '';"
    "PRAGMA user_version = 2;";

/** What makes each form of the file of the one before; the first of nothing. */
static const char *const forms[] = {make_tables, make_tags};
#define FORMS ((int64_t)(sizeof forms / sizeof *forms))

/* A lease that counts: it has not expired, or is kept as long as its bucket
 * does. ?3 now, ?2 from_s */
#define COUNTS "(until_ns > ?3 OR (kept AND bucket_s >= ?2))"

static const char *const sayings[LLMGW__SAYINGS] = {
    [LLMGW__SAY_BEGIN] = "BEGIN IMMEDIATE",
    [LLMGW__SAY_COMMIT] = "COMMIT",
    [LLMGW__SAY_ROLLBACK] = "ROLLBACK",
    [LLMGW__SAY_OPEN] =
        "INSERT INTO entries(writer, id, started_ns, settled_ns, state,"
        " provider, model, route, tags, key, call_id, billed, delivered,"
        " prompt_tokens, completion_tokens, estimated, line)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(writer, id) DO NOTHING",
    [LLMGW__SAY_STATE] =
        "SELECT settled_ns FROM entries WHERE writer = ? AND id = ?",
    [LLMGW__SAY_SETTLE] =
        "INSERT INTO entries(writer, id, started_ns, settled_ns, state,"
        " provider, model, route, tags, key, call_id, billed, delivered,"
        " prompt_tokens, completion_tokens, estimated, line)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(writer, id) DO UPDATE SET"
        " settled_ns = excluded.settled_ns, state = excluded.state,"
        " billed = excluded.billed, delivered = excluded.delivered,"
        " prompt_tokens = excluded.prompt_tokens,"
        " completion_tokens = excluded.completion_tokens,"
        " estimated = excluded.estimated, line = excluded.line",
    [LLMGW__SAY_CHARGE] =
        "INSERT INTO charges(writer, id, budget, bucket_s, amount)"
        " VALUES(?,?,?,?,?) ON CONFLICT(writer, id, budget) DO UPDATE SET"
        " amount = amount + excluded.amount", /* one may name it twice */
    [LLMGW__SAY_UNCHARGE] = "DELETE FROM charges WHERE writer = ? AND id = ?",
    [LLMGW__SAY_ADD_SUM] =
        "INSERT INTO budget_sums(budget, bucket_s, amount) VALUES(?,?,?)"
        " ON CONFLICT(budget, bucket_s) DO UPDATE SET"
        " amount = amount + excluded.amount",
    [LLMGW__SAY_TAKE_LEASE] =
        "UPDATE leases SET in_hand = in_hand - MIN(in_hand, ?)"
        " WHERE budget = ? AND writer = ? AND number = ?",
    [LLMGW__SAY_COMMITTED] =
        "SELECT (SELECT COALESCE(SUM(amount), 0) FROM budget_sums"
        "  WHERE budget = ?1 AND bucket_s >= ?2)"
        " + (SELECT COALESCE(SUM(amount), 0) FROM charges"
        "  WHERE budget = ?1 AND bucket_s >= ?2)"
        " + (SELECT COALESCE(SUM(in_hand), 0) FROM leases"
        "  WHERE budget = ?1 AND " COUNTS "),"
        " MIN(COALESCE((SELECT MIN(bucket_s) FROM budget_sums"
        "  WHERE budget = ?1 AND bucket_s >= ?2 AND amount <> 0),"
        "  9223372036854775807),"
        " COALESCE((SELECT MIN(bucket_s) FROM charges"
        "  WHERE budget = ?1 AND bucket_s >= ?2), 9223372036854775807))",
    [LLMGW__SAY_LEASE] = "SELECT " COUNTS " FROM leases"
                         " WHERE budget = ?1 AND writer = ?4 AND number = ?5",
    [LLMGW__SAY_KEEP_LEASE] =
        "INSERT INTO leases(budget, writer, number, bucket_s, in_hand,"
        " until_ns, kept) VALUES(?,?,?,?,?,?,?)"
        " ON CONFLICT(budget, writer, number) DO UPDATE SET"
        " bucket_s = excluded.bucket_s, in_hand = in_hand + excluded.in_hand,"
        " until_ns = excluded.until_ns, kept = excluded.kept",
    [LLMGW__SAY_END_LEASE] =
        "DELETE FROM leases WHERE budget = ? AND writer = ? AND number = ?",
    [LLMGW__SAY_PRUNE] =
        "DELETE FROM budget_sums WHERE budget = ? AND bucket_s < ?",
    [LLMGW__SAY_TELL] =
        "INSERT INTO facts(key, value, stamp_ns, until_ns) VALUES(?,?,?,?)"
        " ON CONFLICT(key) DO UPDATE SET value = excluded.value,"
        " stamp_ns = excluded.stamp_ns, until_ns = excluded.until_ns"
        " WHERE excluded.stamp_ns >= stamp_ns",
    [LLMGW__SAY_HEAR] = "SELECT key, value, stamp_ns, until_ns FROM facts"
                        " WHERE until_ns > ?",
    [LLMGW__SAY_FOLD] =
        "INSERT INTO sums SELECT started_ns / 86400000000000 * 86400000000000,"
        " provider, model, route, tags, key, state, COUNT(*),"
        " SUM(billed IS NULL), SUM(estimated), SUM(prompt_tokens),"
        " SUM(completion_tokens),"
        " COALESCE(SUM(billed / 1000000000000), 0)"
        "  + COALESCE(SUM(billed % 1000000000000), 0) / 1000000000000,"
        " COALESCE(SUM(billed % 1000000000000), 0) % 1000000000000,"
        " COALESCE(SUM(delivered / 1000000000000), 0)"
        "  + COALESCE(SUM(delivered % 1000000000000), 0) / 1000000000000,"
        " COALESCE(SUM(delivered % 1000000000000), 0) % 1000000000000"
        " FROM entries WHERE settled_ns > 0 AND settled_ns < ?"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7"
        " ON CONFLICT DO UPDATE SET entries = entries + excluded.entries,"
        " unpriced = unpriced + excluded.unpriced,"
        " estimated = estimated + excluded.estimated,"
        " prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
        " completion_tokens = completion_tokens + excluded.completion_tokens,"
        " billed_usd = billed_usd + excluded.billed_usd"
        "  + (billed_pico + excluded.billed_pico) / 1000000000000,"
        " billed_pico ="
        "  (billed_pico + excluded.billed_pico) % 1000000000000,"
        " delivered_usd = delivered_usd + excluded.delivered_usd"
        "  + (delivered_pico + excluded.delivered_pico) / 1000000000000,"
        " delivered_pico ="
        "  (delivered_pico + excluded.delivered_pico) % 1000000000000",
    [LLMGW__SAY_TAG] = "INSERT INTO entry_tags(tag, n)"
                       " SELECT ?, n FROM entries WHERE writer = ? AND id = ?"
                       " ON CONFLICT DO NOTHING",
    [LLMGW__SAY_DROP_TAGS] =
        "DELETE FROM entry_tags WHERE n IN (SELECT n FROM entries"
        " WHERE settled_ns > 0 AND settled_ns < ?)",
    [LLMGW__SAY_DROP] =
        "DELETE FROM entries WHERE settled_ns > 0 AND settled_ns < ?",
    [LLMGW__SAY_DROP_LEASES] =
        "DELETE FROM leases WHERE until_ns < ? AND NOT kept",
    [LLMGW__SAY_SUMS] =
        "SELECT day_ns, provider, model, route, tags, key, state, entries,"
        " unpriced, estimated, prompt_tokens, completion_tokens, billed_usd,"
        " billed_pico, delivered_usd, delivered_pico FROM sums",
};

/* --- open --- */

static int say(struct llmgw__sqlite_db *db, const char *sql)
{
    return db->api->exec(db->db, sql, NULL, NULL, NULL);
}

/** One number that a pragma answers. */
static int ask_number(struct llmgw__sqlite_db *db, const char *sql,
                      int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    int rc = db->api->prepare(db->db, sql, -1, 0, &statement, NULL);

    if (rc == SQLITE_OK) {
        rc = db->api->step(statement);
        if (rc == SQLITE_ROW)
            *out = db->api->column_int64(statement, 0);
        rc = rc == SQLITE_ROW ? SQLITE_OK : rc;
    }
    (void)db->api->finalize(statement);
    return rc;
}

/** In one transaction, so that of several that open it at once one does. */
static int make_schema(struct llmgw__sqlite_db *db)
{
    int64_t version = 0, application = 0, tables = 0;
    int rc = say(db, "BEGIN IMMEDIATE");

    if (rc != SQLITE_OK)
        return rc;
    rc = ask_number(db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = ask_number(db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = ask_number(db, "SELECT COUNT(*) FROM sqlite_master", &tables);
    if (rc == SQLITE_OK &&
        (version ? application != 1819047783 || version > FORMS : tables != 0))
        rc = SQLITE_MISMATCH; /* somebody else's, or of a newer library */
    for (; rc == SQLITE_OK && version < FORMS; version++)
        rc = say(db, forms[version]);
    if (rc == SQLITE_OK)
        return say(db, "COMMIT");
    (void)say(db, "ROLLBACK");
    return rc;
}

/** Of several that open a new file at once one changes its mode; SQLite does
 *  not wait for that, but for a transaction it does. */
static int use_wal(struct llmgw__sqlite_db *db)
{
    int rc = SQLITE_BUSY;

    for (int i = 0; rc == SQLITE_BUSY && i < WAL_TRIES; i++) {
        rc = say(db, "PRAGMA journal_mode = WAL");
        if (rc == SQLITE_BUSY &&
            say(db, "BEGIN IMMEDIATE; ROLLBACK") != SQLITE_OK)
            break; /* somebody keeps it */
    }
    return rc;
}

int llmgw__sqlite_open(struct llmgw__sqlite_db *db,
                       const struct llmgw__sqlite_api *api, const char *path,
                       bool make, bool power)
{
    int flags = make ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                     : SQLITE_OPEN_READWRITE;
    int rc;

    memset(db, 0, sizeof *db);
    db->api = api;
    rc = api->open(path, &db->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = api->busy_timeout(db->db, DB_BUSY_MS);
    if (rc == SQLITE_OK && make)
        rc = use_wal(db);
    if (rc == SQLITE_OK && make)
        rc = make_schema(db);
    if (rc == SQLITE_OK)
        rc = say(db, power ? "PRAGMA synchronous = FULL"
                           : "PRAGMA synchronous = NORMAL");
    if (rc == SQLITE_OK && make) /* from now on it is tried again later */
        rc = api->busy_timeout(db->db, 0);
    db->last = rc;
    return rc;
}

void llmgw__sqlite_close(struct llmgw__sqlite_db *db)
{
    for (int i = 0; i < LLMGW__SAYINGS; i++)
        if (db->said[i])
            (void)db->api->finalize(db->said[i]);
    if (db->db)
        (void)db->api->close(db->db);
    memset(db->said, 0, sizeof db->said);
    db->db = NULL;
}

/* --- statements --- */

struct llmgw__sqlite_bind llmgw__sqlite_begin(struct llmgw__sqlite_db *db,
                                              enum llmgw__sqlite_say what)
{
    struct llmgw__sqlite_bind bind = {db, NULL, 0};

    if (db->last != SQLITE_OK)
        return bind;
    if (!db->said[what])
        db->last =
            db->api->prepare(db->db, sayings[what], -1,
                             SQLITE_PREPARE_PERSISTENT, &db->said[what], NULL);
    if (db->last == SQLITE_OK)
        bind.statement = db->said[what];
    return bind;
}

static void bound(struct llmgw__sqlite_bind *bind, int rc)
{
    if (rc != SQLITE_OK)
        bind->db->last = rc;
}

void llmgw__sqlite_int(struct llmgw__sqlite_bind *bind, int64_t value)
{
    bind->at++;
    if (bind->db->last == SQLITE_OK)
        bound(bind,
              bind->db->api->bind_int64(bind->statement, bind->at, value));
}

void llmgw__sqlite_text(struct llmgw__sqlite_bind *bind, llmgw_str text)
{
    bind->at++;
    if (bind->db->last == SQLITE_OK)
        bound(bind, bind->db->api->bind_text(bind->statement, bind->at,
                                             text.len ? text.data : "",
                                             (int)text.len, SQLITE_STATIC));
}

void llmgw__sqlite_null(struct llmgw__sqlite_bind *bind)
{
    bind->at++;
    if (bind->db->last == SQLITE_OK)
        bound(bind, bind->db->api->bind_null(bind->statement, bind->at));
}

bool llmgw__sqlite_step(struct llmgw__sqlite_bind *bind)
{
    int rc;

    if (bind->db->last != SQLITE_OK)
        return false;
    rc = bind->db->api->step(bind->statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        bind->db->last = rc;
    return rc == SQLITE_ROW;
}

void llmgw__sqlite_end(struct llmgw__sqlite_bind *bind)
{
    if (bind->statement)
        (void)bind->db->api->reset(bind->statement);
}

bool llmgw__sqlite_run(struct llmgw__sqlite_bind *bind)
{
    while (llmgw__sqlite_step(bind))
        ;
    llmgw__sqlite_end(bind);
    return bind->db->last == SQLITE_OK;
}

int64_t llmgw__sqlite_column(const struct llmgw__sqlite_bind *bind, int at)
{
    return bind->db->api->column_int64(bind->statement, at);
}

llmgw_str llmgw__sqlite_column_text(const struct llmgw__sqlite_bind *bind,
                                    int at)
{
    const struct llmgw__sqlite_api *api = bind->db->api;
    const char *text = (const char *)api->column_text(bind->statement, at);

    return llmgw__str_n(
        text, text ? (size_t)api->column_bytes(bind->statement, at) : 0);
}

#endif
