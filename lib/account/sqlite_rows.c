/*
 * account/sqlite_rows.c - entries, their sums, and facts in a ledger file.
 *
 * What is asked by stands in columns; all of an entry is its line.
 *
 * Memory: one line at a time.
 */
#ifdef LLMGW_WITH_SQLITE

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "entry.h"
#include "sqlite_db.h"

static void bind_cost(struct llmgw__sqlite_bind *bind, struct llmgw__cost cost)
{
    if (cost.known)
        llmgw__sqlite_int(bind, cost.pico);
    else
        llmgw__sqlite_null(bind);
}

static bool write_row(struct llmgw__sqlite_db *db, enum llmgw__sqlite_say say,
                      const struct llmgw_entry *entry)
{
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, say);
    const struct llmgw__usage *usage = &entry->usage;
    struct llmgw__buf line;
    bool good;

    llmgw__buf_init(&line, 0);
    llmgw__entry_render(entry, &line);
    if (line.status != LLMGW_OK)
        db->last = SQLITE_NOMEM;
    llmgw__sqlite_int(&bind, (int64_t)entry->writer);
    llmgw__sqlite_int(&bind, (int64_t)entry->id);
    llmgw__sqlite_int(&bind, entry->started_ns);
    llmgw__sqlite_int(&bind, entry->settled_ns);
    llmgw__sqlite_int(&bind, entry->state);
    llmgw__sqlite_text(&bind, entry->text[LLMGW__ENTRY_PROVIDER]);
    llmgw__sqlite_text(&bind, entry->text[LLMGW__ENTRY_MODEL]);
    llmgw__sqlite_text(&bind, entry->text[LLMGW__ENTRY_ROUTE]);
    llmgw__sqlite_text(&bind, entry->text[LLMGW__ENTRY_TAGS]);
    llmgw__sqlite_text(&bind, entry->text[LLMGW__ENTRY_KEY]);
    llmgw__sqlite_text(&bind, entry->text[LLMGW__ENTRY_CALL_ID]);
    bind_cost(&bind, llmgw__entry_billed(entry));
    bind_cost(&bind, entry->delivered);
    llmgw__sqlite_int(&bind, entry->has_usage ? llmgw__usage_prompt(usage) : 0);
    llmgw__sqlite_int(&bind,
                      entry->has_usage ? llmgw__usage_completion(usage) : 0);
    llmgw__sqlite_int(&bind, usage->estimated != 0);
    llmgw__sqlite_text(&bind, llmgw__buf_str(&line));
    good = llmgw__sqlite_run(&bind);
    llmgw__buf_clear(&line);
    return good;
}

/** @return 1: settled, 0: open, -1: it is not there */
static int state_of(struct llmgw__sqlite_db *db,
                    const struct llmgw_entry *entry)
{
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, LLMGW__SAY_STATE);
    int state = -1;

    llmgw__sqlite_int(&bind, (int64_t)entry->writer);
    llmgw__sqlite_int(&bind, (int64_t)entry->id);
    if (llmgw__sqlite_step(&bind))
        state = llmgw__sqlite_column(&bind, 0) != 0;
    llmgw__sqlite_end(&bind);
    return state;
}

/** What it can be found by. */
static bool write_tags(struct llmgw__sqlite_db *db,
                       const struct llmgw_entry *entry)
{
    llmgw_str tags = entry->text[LLMGW__ENTRY_TAGS];
    llmgw_str tag;
    bool good = true;

    while (good && llmgw__tags_next(&tags, &tag)) {
        struct llmgw__sqlite_bind bind =
            llmgw__sqlite_begin(db, LLMGW__SAY_TAG);

        llmgw__sqlite_text(&bind, tag);
        llmgw__sqlite_int(&bind, (int64_t)entry->writer);
        llmgw__sqlite_int(&bind, (int64_t)entry->id);
        good = llmgw__sqlite_run(&bind);
    }
    return good;
}

bool llmgw__sqlite_write_open(struct llmgw__sqlite_db *db,
                              const llmgw_store_op *op)
{
    const struct llmgw_entry *entry = llmgw_store_op_entry(op);

    if (state_of(db, entry) >= 0)
        return db->last == SQLITE_OK;
    return write_row(db, LLMGW__SAY_OPEN, entry) && write_tags(db, entry) &&
           llmgw__sqlite_charge(db, op);
}

bool llmgw__sqlite_write_settle(struct llmgw__sqlite_db *db,
                                const llmgw_store_op *op)
{
    const struct llmgw_entry *entry = llmgw_store_op_entry(op);

    int state = state_of(db, entry);

    if (state > 0)
        return db->last == SQLITE_OK;
    return write_row(db, LLMGW__SAY_SETTLE, entry) &&
           (state == 0 || write_tags(db, entry)) &&
           llmgw__sqlite_uncharge(db, op);
}

static bool run_before(struct llmgw__sqlite_db *db, enum llmgw__sqlite_say say,
                       int64_t before_ns)
{
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, say);

    llmgw__sqlite_int(&bind, before_ns);
    return llmgw__sqlite_run(&bind);
}

bool llmgw__sqlite_write_forget(struct llmgw__sqlite_db *db,
                                const llmgw_store_op *op)
{
    int64_t before_ns = llmgw_store_op_before_ns(op);

    return run_before(db, LLMGW__SAY_FOLD, before_ns) &&
           run_before(db, LLMGW__SAY_DROP_TAGS, before_ns) &&
           run_before(db, LLMGW__SAY_DROP, before_ns) &&
           run_before(db, LLMGW__SAY_DROP_LEASES, before_ns);
}

bool llmgw__sqlite_write_fact(struct llmgw__sqlite_db *db,
                              const llmgw_store_fact *fact)
{
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, LLMGW__SAY_TELL);

    llmgw__sqlite_text(&bind, fact->key);
    llmgw__sqlite_text(&bind, fact->value);
    llmgw__sqlite_int(&bind, fact->stamp_ns);
    llmgw__sqlite_int(&bind, fact->until_ns);
    return llmgw__sqlite_run(&bind);
}

/* --- read --- */

static llmgw_status status_of(const struct llmgw__sqlite_db *db)
{
    if (db->last == SQLITE_OK)
        return LLMGW_OK;
    return db->last == SQLITE_NOMEM ? LLMGW_E_NOMEM : LLMGW_E_SYSTEM;
}

static void add_term(struct llmgw__buf *sql, bool *first, const char *term)
{
    llmgw__buf_add_str(sql, llmgw__str(*first ? " WHERE " : " AND "));
    llmgw__buf_add_str(sql, llmgw__str(term));
    *first = false;
}

/** The same terms, in the same order, as bind_filter() binds. */
static void write_filter(const llmgw_ledger_filter *filter,
                         struct llmgw__buf *sql)
{
    bool first = true;

    llmgw__buf_add_str(sql, llmgw__str("SELECT line FROM entries"));
    if (filter && (filter->state || filter->unsettled))
        add_term(sql, &first, "state = ?");
    if (filter && filter->since_ns)
        add_term(sql, &first, "started_ns >= ?");
    if (filter && filter->until_ns)
        add_term(sql, &first, "started_ns < ?");
    if (filter && filter->provider)
        add_term(sql, &first, "provider = ?");
    if (filter && filter->model)
        add_term(sql, &first, "model = ?");
    if (filter && filter->route)
        add_term(sql, &first, "route = ?");
    if (filter && filter->call_id)
        add_term(sql, &first, "call_id = ?");
    if (filter && filter->key)
        add_term(sql, &first, "key = ?");
    if (filter && filter->tag)
        add_term(sql, &first, "n IN (SELECT n FROM entry_tags WHERE tag = ?)");
    llmgw__buf_add_str(sql, llmgw__str(filter && filter->newest_first
                                           ? " ORDER BY started_ns DESC, n DESC"
                                           : " ORDER BY started_ns, n"));
    llmgw__buf_add_char(sql, '\0');
}

static void bind_filter(struct llmgw__sqlite_bind *bind,
                        const llmgw_ledger_filter *filter)
{
    const char *const texts[] = {filter->provider, filter->model, filter->route,
                                 filter->call_id,  filter->key,   filter->tag};

    if (filter->state || filter->unsettled)
        llmgw__sqlite_int(bind,
                          filter->unsettled ? LLMGW_ENTRY_OPEN : filter->state);
    if (filter->since_ns)
        llmgw__sqlite_int(bind, filter->since_ns);
    if (filter->until_ns)
        llmgw__sqlite_int(bind, filter->until_ns);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i])
            llmgw__sqlite_text(bind, llmgw__str(texts[i]));
}

/** @return false: no more is wanted, or it is no entry */
static bool tell_row(struct llmgw__sqlite_bind *bind, llmgw_store_op *op,
                     llmgw_status *status)
{
    struct llmgw_entry *entry;
    bool more;

    *status = llmgw__entry_parse(llmgw__sqlite_column_text(bind, 0), &entry);
    if (*status == LLMGW_E_INVALID)
        *status = LLMGW_E_SYSTEM; /* the file is damaged */
    if (*status != LLMGW_OK)
        return false;
    more = llmgw_store_op_row(op, entry) == 0;
    llmgw__entry_free(entry);
    return more;
}

llmgw_status llmgw__sqlite_read(struct llmgw__sqlite_db *db, llmgw_store_op *op)
{
    const llmgw_ledger_filter *filter = llmgw_store_op_filter(op);
    struct llmgw__sqlite_bind bind = {db, NULL, 0};
    llmgw_status status = LLMGW_OK;
    struct llmgw__buf sql;

    llmgw__buf_init(&sql, 0);
    write_filter(filter, &sql);
    if (sql.status != LLMGW_OK)
        db->last = SQLITE_NOMEM;
    else
        db->last =
            db->api->prepare(db->db, sql.data, -1, 0, &bind.statement, NULL);
    if (filter && db->last == SQLITE_OK)
        bind_filter(&bind, filter);
    while (llmgw__sqlite_step(&bind) && tell_row(&bind, op, &status))
        ;
    if (bind.statement)
        (void)db->api->finalize(bind.statement);
    llmgw__buf_clear(&sql);
    return status != LLMGW_OK ? status : status_of(db);
}

static void read_sum(const struct llmgw__sqlite_bind *bind,
                     llmgw_store_sum *sum)
{
    *sum = (llmgw_store_sum){
        .day_ns = llmgw__sqlite_column(bind, 0),
        .provider = llmgw__sqlite_column_text(bind, 1),
        .model = llmgw__sqlite_column_text(bind, 2),
        .route = llmgw__sqlite_column_text(bind, 3),
        .tags = llmgw__sqlite_column_text(bind, 4),
        .key = llmgw__sqlite_column_text(bind, 5),
        .state = (int32_t)llmgw__sqlite_column(bind, 6),
        .entries = (uint64_t)llmgw__sqlite_column(bind, 7),
        .unpriced = (uint64_t)llmgw__sqlite_column(bind, 8),
        .estimated = (uint64_t)llmgw__sqlite_column(bind, 9),
        .prompt_tokens = llmgw__sqlite_column(bind, 10),
        .completion_tokens = llmgw__sqlite_column(bind, 11),
        .billed = {llmgw__sqlite_column(bind, 12),
                   llmgw__sqlite_column(bind, 13)},
        .delivered = {llmgw__sqlite_column(bind, 14),
                      llmgw__sqlite_column(bind, 15)},
    };
}

llmgw_status llmgw__sqlite_read_sums(struct llmgw__sqlite_db *db,
                                     llmgw_store_op *op)
{
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, LLMGW__SAY_SUMS);

    while (llmgw__sqlite_step(&bind)) {
        llmgw_store_sum sum;

        read_sum(&bind, &sum);
        if (llmgw_store_op_sum(op, &sum))
            break;
    }
    llmgw__sqlite_end(&bind);
    return status_of(db);
}

llmgw_status llmgw__sqlite_read_facts(struct llmgw__sqlite_db *db,
                                      llmgw_store_op *op)
{
    struct llmgw__sqlite_bind bind = llmgw__sqlite_begin(db, LLMGW__SAY_HEAR);

    llmgw__sqlite_int(&bind, llmgw__clock_wall());
    while (llmgw__sqlite_step(&bind)) {
        const llmgw_store_fact fact = {
            .key = llmgw__sqlite_column_text(&bind, 0),
            .value = llmgw__sqlite_column_text(&bind, 1),
            .stamp_ns = llmgw__sqlite_column(&bind, 2),
            .until_ns = llmgw__sqlite_column(&bind, 3),
        };

        if (llmgw_store_op_hear(op, &fact))
            break;
    }
    llmgw__sqlite_end(&bind);
    return status_of(db);
}

#endif
