/*
 * account/postgres_sql.c - what is said to a server: its schema, and one
 * statement for each operation.
 *
 * Those that change more than a row are functions of the schema, so that each
 * is one transaction of one round trip. Who leases of a budget has its lock
 * until then. Leases expire by the server's clock.
 *
 * Source: PostgreSQL's documentation; the rules of llmgw/sys/store.h.
 * Memory: the caller's arena.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "postgres_sql.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonwrite.h"

static const char make_tables[] =
    "SET client_min_messages = warning;"
    "BEGIN;"
    "SELECT pg_advisory_xact_lock(7813276492137);"
    "CREATE TABLE IF NOT EXISTS llmgw_schema(version integer NOT NULL);"
    "DO $make$ BEGIN"
    " IF EXISTS (SELECT FROM llmgw_schema WHERE version > 2) THEN"
    "  RAISE EXCEPTION 'made by a newer library';"
    " END IF;"
    " IF EXISTS (SELECT FROM llmgw_schema) THEN RETURN; END IF;"
    " INSERT INTO llmgw_schema VALUES(1);"
    " CREATE TABLE llmgw_entries("
    "  n bigserial PRIMARY KEY, writer bigint NOT NULL, id bigint NOT NULL,"
    "  started_ns bigint NOT NULL, settled_ns bigint NOT NULL,"
    "  state integer NOT NULL, provider text NOT NULL, model text NOT NULL,"
    "  route text NOT NULL, tags text NOT NULL, key text NOT NULL,"
    "  call_id text NOT NULL, billed bigint, delivered bigint,"
    "  prompt_tokens bigint NOT NULL, completion_tokens bigint NOT NULL,"
    "  estimated integer NOT NULL, line text NOT NULL, UNIQUE(writer, id));"
    " CREATE INDEX llmgw_entries_time ON llmgw_entries(started_ns);"
    " CREATE INDEX llmgw_entries_model"
    "  ON llmgw_entries(provider, model, started_ns);"
    " CREATE INDEX llmgw_entries_route ON llmgw_entries(route, started_ns);"
    " CREATE INDEX llmgw_entries_call ON llmgw_entries(call_id);"
    " CREATE INDEX llmgw_entries_open ON llmgw_entries(started_ns)"
    "  WHERE state = 1;"
    " CREATE TABLE llmgw_sums("
    "  day_ns bigint, provider text, model text, route text, tags text,"
    "  key text, state integer, entries bigint NOT NULL,"
    "  unpriced bigint NOT NULL, estimated bigint NOT NULL,"
    "  prompt_tokens bigint NOT NULL, completion_tokens bigint NOT NULL,"
    "  billed numeric NOT NULL, delivered numeric NOT NULL,"
    "  PRIMARY KEY(day_ns, provider, model, route, tags, key, state));"
    " CREATE TABLE llmgw_budget_sums("
    "  budget text, bucket_s bigint, amount bigint NOT NULL,"
    "  PRIMARY KEY(budget, bucket_s));"
    " CREATE TABLE llmgw_charges("
    "  writer bigint, id bigint, budget text, bucket_s bigint NOT NULL,"
    "  amount bigint NOT NULL, PRIMARY KEY(writer, id, budget));"
    " CREATE INDEX llmgw_charges_budget ON llmgw_charges(budget, bucket_s);"
    " CREATE TABLE llmgw_leases("
    "  budget text, writer bigint, number bigint, bucket_s bigint NOT NULL,"
    "  in_hand bigint NOT NULL, until timestamptz NOT NULL,"
    "  kept boolean NOT NULL, PRIMARY KEY(budget, writer, number));"
    " CREATE TABLE llmgw_facts("
    "  key text PRIMARY KEY, value text NOT NULL, stamp_ns bigint NOT NULL,"
    "  until_ns bigint NOT NULL);"
    "END $make$;"
    /* from the first form to the second: entries are found by tag */
    "DO $tags$ BEGIN"
    " IF EXISTS (SELECT FROM llmgw_schema WHERE version = 1) THEN"
    "  CREATE INDEX llmgw_entries_tags ON llmgw_entries"
    "   USING gin (string_to_array(tags, ','));"
    "  UPDATE llmgw_schema SET version = 2;"
    " END IF;"
    "END $tags$;";

static const char make_entry_functions[] =
    "CREATE OR REPLACE FUNCTION llmgw_open(e llmgw_entries, charges json)"
    " RETURNS void LANGUAGE plpgsql AS $open$ BEGIN"
    " INSERT INTO llmgw_entries(writer, id, started_ns, settled_ns, state,"
    "  provider, model, route, tags, key, call_id, billed, delivered,"
    "  prompt_tokens, completion_tokens, estimated, line)"
    " VALUES(e.writer, e.id, e.started_ns, e.settled_ns, e.state, e.provider,"
    "  e.model, e.route, e.tags, e.key, e.call_id, e.billed, e.delivered,"
    "  e.prompt_tokens, e.completion_tokens, e.estimated, e.line)"
    " ON CONFLICT(writer, id) DO NOTHING;"
    " IF NOT FOUND THEN RETURN; END IF;"
    " INSERT INTO llmgw_charges"
    "  SELECT e.writer, e.id, c.b, MIN(c.s), SUM(c.a)"
    "  FROM json_to_recordset(charges) AS c(b text, s bigint, a bigint)"
    "  GROUP BY c.b;"
    " UPDATE llmgw_leases l SET in_hand = in_hand - LEAST(in_hand, c.a)"
    "  FROM (SELECT b, l, SUM(a)::bigint AS a FROM"
    "   json_to_recordset(charges) AS j(b text, l bigint, a bigint)"
    "   GROUP BY b, l) AS c"
    "  WHERE l.budget = c.b AND l.writer = e.writer AND l.number = c.l;"
    "END $open$;"
    "CREATE OR REPLACE FUNCTION llmgw_settle(e llmgw_entries, charges json)"
    " RETURNS void LANGUAGE plpgsql AS $settle$ DECLARE was bigint; BEGIN"
    " SELECT settled_ns INTO was FROM llmgw_entries"
    "  WHERE writer = e.writer AND id = e.id FOR UPDATE;"
    " IF was > 0 THEN RETURN; END IF;"
    " INSERT INTO llmgw_entries(writer, id, started_ns, settled_ns, state,"
    "  provider, model, route, tags, key, call_id, billed, delivered,"
    "  prompt_tokens, completion_tokens, estimated, line)"
    " VALUES(e.writer, e.id, e.started_ns, e.settled_ns, e.state, e.provider,"
    "  e.model, e.route, e.tags, e.key, e.call_id, e.billed, e.delivered,"
    "  e.prompt_tokens, e.completion_tokens, e.estimated, e.line)"
    " ON CONFLICT(writer, id) DO UPDATE SET settled_ns = e.settled_ns,"
    "  state = e.state, billed = e.billed, delivered = e.delivered,"
    "  prompt_tokens = e.prompt_tokens,"
    "  completion_tokens = e.completion_tokens, estimated = e.estimated,"
    "  line = e.line;"
    " DELETE FROM llmgw_charges WHERE writer = e.writer AND id = e.id;"
    " INSERT INTO llmgw_budget_sums SELECT c.b, c.s, SUM(c.a)"
    "  FROM json_to_recordset(charges) AS c(b text, s bigint, a bigint)"
    "  WHERE c.a <> 0 GROUP BY 1, 2 ORDER BY 1"
    " ON CONFLICT(budget, bucket_s) DO UPDATE"
    "  SET amount = llmgw_budget_sums.amount + excluded.amount;"
    "END $settle$;";

static const char make_lease_functions[] =
    "CREATE OR REPLACE FUNCTION llmgw_committed(b text, from_s bigint,"
    "  OUT sum bigint, OUT oldest bigint) LANGUAGE sql AS $committed$"
    " SELECT LEAST((SELECT COALESCE(SUM(amount), 0) FROM llmgw_budget_sums"
    "  WHERE budget = b AND bucket_s >= from_s)"
    " + (SELECT COALESCE(SUM(amount), 0) FROM llmgw_charges"
    "  WHERE budget = b AND bucket_s >= from_s)"
    " + (SELECT COALESCE(SUM(in_hand), 0) FROM llmgw_leases"
    "  WHERE budget = b AND (until > clock_timestamp()"
    "   OR (kept AND bucket_s >= from_s))), 9223372036854775807)::bigint,"
    " COALESCE(LEAST((SELECT MIN(bucket_s) FROM llmgw_budget_sums"
    "  WHERE budget = b AND bucket_s >= from_s AND amount <> 0),"
    " (SELECT MIN(bucket_s) FROM llmgw_charges"
    "  WHERE budget = b AND bucket_s >= from_s)), 0)"
    "$committed$;"
    "CREATE OR REPLACE FUNCTION llmgw_lease(b text, w bigint, num bigint,"
    "  from_s bigint, now_bucket bigint, lim bigint, need bigint, want bigint,"
    "  ttl interval, keeps boolean, ends boolean, prune_s bigint,"
    "  OUT granted bigint, OUT committed bigint, OUT oldest bigint,"
    "  OUT lapsed boolean) LANGUAGE plpgsql AS $lease$"
    " DECLARE stands boolean; free bigint; BEGIN"
    " PERFORM pg_advisory_xact_lock(hashtextextended(b, 7813276492137));"
    " DELETE FROM llmgw_budget_sums"
    "  WHERE budget = b AND bucket_s < prune_s;"
    " granted := 0; lapsed := false;"
    " SELECT until > clock_timestamp() OR (kept AND bucket_s >= from_s)"
    "  INTO stands FROM llmgw_leases"
    "  WHERE budget = b AND writer = w AND number = num FOR UPDATE;"
    " lapsed := stands IS FALSE;"
    " IF lapsed OR ends THEN"
    "  DELETE FROM llmgw_leases"
    "   WHERE budget = b AND writer = w AND number = num;"
    " ELSE"
    "  free := lim - (llmgw_committed(b, from_s)).sum;"
    "  IF need >= 0 AND free >= need THEN"
    "   granted := GREATEST(need, LEAST(want, free / 2));"
    "  END IF;"
    "  IF granted > 0 OR stands THEN"
    "   INSERT INTO llmgw_leases"
    "    VALUES(b, w, num, now_bucket, granted, clock_timestamp() + ttl, keeps)"
    "   ON CONFLICT(budget, writer, number) DO UPDATE SET"
    "    bucket_s = now_bucket, until = excluded.until, kept = keeps,"
    "    in_hand = llmgw_leases.in_hand + excluded.in_hand;"
    "  END IF;"
    " END IF;"
    " SELECT c.sum, c.oldest INTO committed, oldest"
    "  FROM llmgw_committed(b, from_s) AS c;"
    "END $lease$;";

static const char make_forget_function[] =
    "CREATE OR REPLACE FUNCTION llmgw_forget(before_ns bigint)"
    " RETURNS void LANGUAGE plpgsql AS $forget$ BEGIN"
    " WITH gone AS (DELETE FROM llmgw_entries"
    "  WHERE settled_ns > 0 AND settled_ns < before_ns RETURNING *)"
    " INSERT INTO llmgw_sums SELECT"
    "  started_ns / 86400000000000 * 86400000000000, provider, model, route,"
    "  tags, key, state, COUNT(*), COUNT(*) - COUNT(billed), SUM(estimated),"
    "  SUM(prompt_tokens), SUM(completion_tokens), COALESCE(SUM(billed), 0),"
    "  COALESCE(SUM(delivered), 0) FROM gone GROUP BY 1, 2, 3, 4, 5, 6, 7"
    " ON CONFLICT(day_ns, provider, model, route, tags, key, state)"
    "  DO UPDATE SET entries = llmgw_sums.entries + excluded.entries,"
    "  unpriced = llmgw_sums.unpriced + excluded.unpriced,"
    "  estimated = llmgw_sums.estimated + excluded.estimated,"
    "  prompt_tokens = llmgw_sums.prompt_tokens + excluded.prompt_tokens,"
    "  completion_tokens ="
    "   llmgw_sums.completion_tokens + excluded.completion_tokens,"
    "  billed = llmgw_sums.billed + excluded.billed,"
    "  delivered = llmgw_sums.delivered + excluded.delivered;"
    " DELETE FROM llmgw_leases WHERE NOT kept"
    "  AND until < to_timestamp(before_ns / 1000000000);"
    "END $forget$;"
    "COMMIT;";

const char *const llmgw__postgres_schema[] = {make_tables, make_entry_functions,
                                              make_lease_functions,
                                              make_forget_function, NULL};

static const char open_sql[] =
    "SELECT llmgw_open(ROW(0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,"
    "$15,$16,$17)::llmgw_entries,$18::json)";
static const char settle_sql[] =
    "SELECT llmgw_settle(ROW(0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,"
    "$15,$16,$17)::llmgw_entries,$18::json)";
static const char lease_sql[] =
    "SELECT granted, committed, oldest, lapsed::int FROM llmgw_lease($1,"
    "$2::bigint,$3::bigint,$4::bigint,$5::bigint,$6::bigint,$7::bigint,"
    "$8::bigint,$9::bigint * interval '1 microsecond',$10::boolean,"
    "$11::boolean,$12::bigint)";
static const char forget_sql[] = "SELECT llmgw_forget($1::bigint)";
static const char sums_sql[] =
    "SELECT day_ns, provider, model, route, tags, key, state, entries,"
    " unpriced, estimated, prompt_tokens, completion_tokens,"
    " div(billed, 1000000000000), mod(billed, 1000000000000),"
    " div(delivered, 1000000000000), mod(delivered, 1000000000000)"
    " FROM llmgw_sums";
static const char tell_sql[] =
    "INSERT INTO llmgw_facts VALUES($1,$2,$3::bigint,$4::bigint)"
    " ON CONFLICT(key) DO UPDATE SET value = excluded.value,"
    " stamp_ns = excluded.stamp_ns, until_ns = excluded.until_ns"
    " WHERE excluded.stamp_ns >= llmgw_facts.stamp_ns";
static const char hear_sql[] =
    "SELECT key, value, stamp_ns, until_ns FROM llmgw_facts WHERE until_ns >"
    " (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint";

/* --- parameters --- */

static void add_text(struct llmgw__postgres_say *say,
                     struct llmgw__arena *arena, llmgw_str text)
{
    char *copy = llmgw__arena_dup(arena, text);

    say->values[say->count++] = copy ? copy : "";
    if (!copy)
        say->sql = NULL; /* no memory */
}

static void add_int(struct llmgw__postgres_say *say, struct llmgw__arena *arena,
                    int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    add_text(say, arena, llmgw__str(text));
}

static void add_cost(struct llmgw__postgres_say *say,
                     struct llmgw__arena *arena, struct llmgw__cost cost)
{
    if (cost.known)
        add_int(say, arena, cost.pico);
    else
        say->values[say->count++] = NULL;
}

/** What is no UTF-8 is not taken by a server: what a host has put into tags is
 *  told with question marks in its place. */
static void add_clean(struct llmgw__postgres_say *say,
                      struct llmgw__arena *arena, llmgw_str text)
{
    char *copy = llmgw__arena_dup(arena, text);
    size_t good = 0;

    say->values[say->count++] = copy ? copy : "";
    if (!copy) {
        say->sql = NULL;
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        if (!copy[i])
            copy[i] = '?';
    while ((good += llmgw__utf8_valid(
                llmgw__str_n(copy + good, text.len - good))) < text.len)
        copy[good++] = '?';
}

static llmgw_status done(const struct llmgw__postgres_say *say)
{
    return say->sql ? LLMGW_OK : LLMGW_E_NOMEM;
}

static llmgw_status add_line(struct llmgw__postgres_say *say,
                             struct llmgw__arena *arena,
                             const struct llmgw_entry *entry)
{
    struct llmgw__buf line;
    llmgw_status status;

    llmgw__buf_init(&line, 0);
    llmgw__entry_render(entry, &line);
    status = line.status;
    if (status == LLMGW_OK)
        add_clean(say, arena, llmgw__buf_str(&line));
    llmgw__buf_clear(&line);
    return status;
}

/** [{"b": budget, "s": bucket, "a": amount, "l": lease}] */
static llmgw_status add_charges(struct llmgw__postgres_say *say,
                                struct llmgw__arena *arena,
                                const llmgw_store_charge *charges, size_t count)
{
    struct llmgw__buf text;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&text, 0);
    llmgw__jsonw_init(&w, &text);
    llmgw__jsonw_open(&w, '[');
    for (size_t i = 0; i < count; i++) {
        llmgw__jsonw_open(&w, '{');
        llmgw__jsonw_member_str(&w, "b", charges[i].budget);
        llmgw__jsonw_member_int(&w, "s", charges[i].bucket_s);
        llmgw__jsonw_member_int(&w, "a", charges[i].amount);
        llmgw__jsonw_member_int(&w, "l", (int64_t)charges[i].lease);
        llmgw__jsonw_close(&w, '}');
    }
    llmgw__jsonw_close(&w, ']');
    status = text.status;
    if (status == LLMGW_OK)
        add_clean(say, arena, llmgw__buf_str(&text));
    llmgw__buf_clear(&text);
    return status;
}

static llmgw_status say_entry(const struct llmgw_entry *entry,
                              const llmgw_store_charge *charges, size_t count,
                              struct llmgw__arena *arena,
                              struct llmgw__postgres_say *out)
{
    static const int texts[] = {LLMGW__ENTRY_PROVIDER, LLMGW__ENTRY_MODEL,
                                LLMGW__ENTRY_ROUTE,    LLMGW__ENTRY_TAGS,
                                LLMGW__ENTRY_KEY,      LLMGW__ENTRY_CALL_ID};
    const struct llmgw__usage *usage = &entry->usage;
    bool has = entry->has_usage;
    llmgw_status status;

    out->count = 0;
    add_int(out, arena, (int64_t)entry->writer);
    add_int(out, arena, (int64_t)entry->id);
    add_int(out, arena, entry->started_ns);
    add_int(out, arena, entry->settled_ns);
    add_int(out, arena, entry->state);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_clean(out, arena, entry->text[texts[i]]);
    add_cost(out, arena, llmgw__entry_billed(entry));
    add_cost(out, arena, entry->delivered);
    add_int(out, arena, has ? llmgw__usage_prompt(usage) : 0);
    add_int(out, arena, has ? llmgw__usage_completion(usage) : 0);
    add_int(out, arena, usage->estimated != 0);
    status = add_line(out, arena, entry);
    if (status == LLMGW_OK)
        status = add_charges(out, arena, charges, count);
    return status == LLMGW_OK ? done(out) : status;
}

llmgw_status llmgw__postgres_say_open(const struct llmgw_entry *entry,
                                      const llmgw_store_charge *charges,
                                      size_t count, struct llmgw__arena *arena,
                                      struct llmgw__postgres_say *out)
{
    out->sql = open_sql;
    return say_entry(entry, charges, count, arena, out);
}

llmgw_status llmgw__postgres_say_settle(const struct llmgw_entry *entry,
                                        const llmgw_store_charge *charges,
                                        size_t count,
                                        struct llmgw__arena *arena,
                                        struct llmgw__postgres_say *out)
{
    out->sql = settle_sql;
    return say_entry(entry, charges, count, arena, out);
}

llmgw_status llmgw__postgres_say_lease(const llmgw_store_lease *lease,
                                       struct llmgw__arena *arena,
                                       struct llmgw__postgres_say *out)
{
    int64_t span_s = lease->now_ns / 1000000000 - lease->from_s;

    out->sql = lease_sql;
    out->count = 0;
    add_clean(out, arena, lease->budget);
    add_int(out, arena, (int64_t)lease->writer);
    add_int(out, arena, (int64_t)lease->number);
    add_int(out, arena, lease->from_s);
    add_int(out, arena, lease->bucket_s);
    add_int(out, arena, lease->limit);
    add_int(out, arena, lease->need);
    add_int(out, arena, lease->want);
    add_int(out, arena, lease->ttl_ns / 1000);
    add_text(out, arena, llmgw__str(lease->kept ? "t" : "f"));
    add_text(out, arena, llmgw__str(lease->ends ? "t" : "f"));
    add_int(out, arena, lease->from_s - 2 * span_s - 60);
    return done(out);
}

/* --- reading --- */

/** One more condition, its value the next parameter; $N is put for '?'. */
static void add_term(struct llmgw__buf *sql, struct llmgw__postgres_say *say,
                     const char *term)
{
    char number[8];

    (void)snprintf(number, sizeof number, "$%d", say->count);
    llmgw__buf_add_str(sql, llmgw__str(say->count == 1 ? " WHERE " : " AND "));
    for (; *term; term++)
        if (*term == '?')
            llmgw__buf_add_str(sql, llmgw__str(number));
        else
            llmgw__buf_add_char(sql, *term);
}

static void add_terms(struct llmgw__buf *sql, struct llmgw__postgres_say *say,
                      struct llmgw__arena *arena,
                      const llmgw_ledger_filter *filter)
{
    const struct {
        const char *term;
        const char *value;
    } texts[] = {
        {"provider = ?", filter->provider},
        {"model = ?", filter->model},
        {"route = ?", filter->route},
        {"call_id = ?", filter->call_id},
        {"key = ?", filter->key},
        {"string_to_array(tags, ',') @> ARRAY[?::text]", filter->tag},
    };

    if (filter->state || filter->unsettled) {
        add_int(say, arena,
                filter->unsettled ? LLMGW_ENTRY_OPEN : filter->state);
        add_term(sql, say, "state = ?::integer");
    }
    if (filter->since_ns) {
        add_int(say, arena, filter->since_ns);
        add_term(sql, say, "started_ns >= ?::bigint");
    }
    if (filter->until_ns) {
        add_int(say, arena, filter->until_ns);
        add_term(sql, say, "started_ns < ?::bigint");
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value) {
            add_clean(say, arena, llmgw__str(texts[i].value));
            add_term(sql, say, texts[i].term);
        }
}

llmgw_status llmgw__postgres_say_read(const llmgw_ledger_filter *filter,
                                      struct llmgw__arena *arena,
                                      struct llmgw__postgres_say *out)
{
    struct llmgw__buf sql;
    llmgw_status status;

    out->count = 0;
    out->sql = "";
    llmgw__buf_init(&sql, 0);
    llmgw__buf_add_str(&sql, llmgw__str("SELECT line FROM llmgw_entries"));
    if (filter)
        add_terms(&sql, out, arena, filter);
    llmgw__buf_add_str(&sql,
                       llmgw__str(filter && filter->newest_first
                                      ? " ORDER BY started_ns DESC, n DESC"
                                      : " ORDER BY started_ns, n"));
    status = sql.status;
    if (status == LLMGW_OK && out->sql) {
        out->sql = llmgw__arena_dup(arena, llmgw__buf_str(&sql));
        status = done(out);
    }
    llmgw__buf_clear(&sql);
    return status == LLMGW_OK ? done(out) : status;
}

static llmgw_status say_other(llmgw_store_op *op, struct llmgw__arena *arena,
                              struct llmgw__postgres_say *out)
{
    const llmgw_store_fact *fact = llmgw_store_op_fact(op);

    out->count = 0;
    switch (llmgw_store_op_get_kind(op)) {
    case LLMGW_STORE_SUMS:
        out->sql = sums_sql;
        return LLMGW_OK;
    case LLMGW_STORE_HEAR:
        out->sql = hear_sql;
        return LLMGW_OK;
    case LLMGW_STORE_FORGET:
        out->sql = forget_sql;
        add_int(out, arena, llmgw_store_op_before_ns(op));
        return done(out);
    case LLMGW_STORE_TELL:
        out->sql = tell_sql;
        add_clean(out, arena, fact->key);
        add_clean(out, arena, fact->value);
        add_int(out, arena, fact->stamp_ns);
        add_int(out, arena, fact->until_ns);
        return done(out);
    default:
        return LLMGW_E_UNSUPPORTED;
    }
}

llmgw_status llmgw__postgres_say_op(llmgw_store_op *op,
                                    struct llmgw__arena *arena,
                                    struct llmgw__postgres_say *out)
{
    size_t count;
    const llmgw_store_charge *charges = llmgw_store_op_charges(op, &count);

    switch (llmgw_store_op_get_kind(op)) {
    case LLMGW_STORE_OPEN:
        return llmgw__postgres_say_open(llmgw_store_op_entry(op), charges,
                                        count, arena, out);
    case LLMGW_STORE_SETTLE:
        return llmgw__postgres_say_settle(llmgw_store_op_entry(op), charges,
                                          count, arena, out);
    case LLMGW_STORE_LEASE:
        return llmgw__postgres_say_lease(llmgw_store_op_lease(op), arena, out);
    case LLMGW_STORE_READ:
        return llmgw__postgres_say_read(llmgw_store_op_filter(op), arena, out);
    default:
        return say_other(op, arena, out);
    }
}

#endif
