/*
 * A ledger in a SQLite file: what every store does, two connections and two
 * processes at once, and files that cannot be used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account/report.h"
#include "account/store_sqlite.h"
#include "support/alloc.h"
#include "support/store_suite.h"

#ifdef LLMGW_WITH_SQLITE

#include "account/sqlite_db.h"
#include "support/ledger_case.h"

static char path[64];

static int make_name(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/llmgw-store-%ld", (long)getpid());
    return 0;
}

static int remove_file(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        char name[80];

        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    return 0;
}

static llmgw_status open_store(llmgw_store *store, struct llmgw__error *why)
{
    const struct llmgw__sqlite_setting setting = {.path = path};

    memset(why, 0, sizeof *why);
    return llmgw__store_sqlite_create(&setting, store, why);
}

static void open_ledger(struct llmgw__ledger *ledger, uint64_t writer)
{
    struct llmgw__error why;
    llmgw_store store;

    assert_int_equal(open_store(&store, &why), LLMGW_OK);
    assert_int_equal(llmgw__ledger_init(ledger, &store, 0, writer), LLMGW_OK);
}

/** A connection of somebody else. */
static struct llmgw__sqlite_api api;

static sqlite3 *meddle(const char *sql)
{
    const char *missing;
    sqlite3 *db = NULL;

    assert_int_equal(llmgw__sqlite_load(&api, &missing), LLMGW_OK);
    assert_int_equal(
        api.open(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
        SQLITE_OK);
    assert_int_equal(api.exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void leave(sqlite3 *db)
{
    (void)api.close(db);
    llmgw__sqlite_unload(&api);
}

/* --- what every store does --- */

static void entries_facts_and_reading(void **state)
{
    struct llmgw__ledger one, other;

    (void)state;
    open_ledger(&one, 1);
    open_ledger(&other, UINT64_C(0x7fffffffffffffff));
    store_takes_an_entry_once(&one, &other);
    store_tells_facts(&one, &other);
    store_reads_what_is_asked_for(&one, &other);
    llmgw__ledger_clear(&one);
    llmgw__ledger_clear(&other);
}

static void budgets_are_those_of_memory(void **state)
{
    struct llmgw__ledger one, other;

    (void)state;
    open_ledger(&one, 1);
    open_ledger(&other, 2);
    store_keeps_budgets(&one, &other, 1, 4000, false);
    llmgw__ledger_clear(&one);
    llmgw__ledger_clear(&other);
}

/* --- several processes --- */

#define CALLS 200

/** Of a child: it tests nothing itself. */
static void use_budget(uint64_t writer)
{
    static const struct llmgw__row_watch nobody = {NULL, NULL};
    llmgw_store_charge charge = {llmgw__str("b"), 60, 10, 1};
    struct llmgw__ledger ledger;
    struct llmgw__error why;
    llmgw_store store;

    if (open_store(&store, &why) != LLMGW_OK ||
        llmgw__ledger_init(&ledger, &store, 0, writer) != LLMGW_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
        _exit(1);
    }
    for (int i = 0; i < CALLS; i++) {
        struct llmgw_entry intent = {.started_ns = START};
        struct llmgw__row *row;

        llmgw__usage_init(&intent.usage);
        if (llmgw__ledger_open(&ledger, &intent, &charge, 1, &nobody, &row))
            _exit(1);
        row->entry->state = LLMGW_ENTRY_ANSWERED;
        row->entry->settled_ns = START + 1;
        row->charges[0].amount = 7;
        if (i % 4) /* the others stay open */
            llmgw__ledger_settle(row);
        llmgw__row_drop(row);
        store_settle_down(&ledger);
    }
    llmgw__ledger_clear(&ledger);
}

static int32_t count_row(const llmgw_entry *entry, void *userdata)
{
    (void)entry;
    ++*(int *)userdata;
    return 0;
}

static int rows_of(struct llmgw__ledger *ledger)
{
    int rows = 0;
    struct llmgw_store_op op = {
        .kind = LLMGW_STORE_READ, .on_row = count_row, .userdata = &rows};

    assert_int_equal(llmgw__ledger_ask(ledger, &op), LLMGW_OK);
    return rows;
}

static void processes_share_a_file(void **state)
{
    llmgw_store_lease lease = {
        .budget = llmgw__str("b"), .writer = 9, .need = 1};
    struct llmgw_store_op op = {.kind = LLMGW_STORE_LEASE, .lease = &lease};
    struct llmgw__ledger ledger;
    pid_t child[3];
    int status;

    (void)state;
    for (int i = 0; i < 3; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            use_budget((uint64_t)i + 1);
            _exit(0);
        }
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
    open_ledger(&ledger, 9);
    assert_int_equal(rows_of(&ledger), 3 * CALLS);
    assert_int_equal(llmgw__ledger_ask(&ledger, &op), LLMGW_OK);
    assert_int_equal(lease.committed, 3 * (CALLS * 3 / 4 * 7 + CALLS / 4 * 10));
    llmgw__ledger_clear(&ledger);
}

static void a_forked_child_leaves_the_file_alone(void **state)
{
    struct llmgw__ledger ledger;
    int status;
    pid_t child;

    (void)state;
    open_ledger(&ledger, 1);
    child = fork();
    if (child == 0) {
        struct llmgw_store_op op = {.kind = LLMGW_STORE_READ};

        status = llmgw__ledger_ask(&ledger, &op);
        ledger.store.close(ledger.store.userdata);
        _exit(status == LLMGW_E_FORKED ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(rows_of(&ledger), 0);
    llmgw__ledger_clear(&ledger);
}

/* --- files that cannot be used --- */

static struct known answered(int64_t started_ns)
{
    struct known known = draw_known(0);

    known.started_ns = started_ns;
    known.state = LLMGW_ENTRY_ANSWERED;
    return known;
}

static void what_waits_for_a_lock_is_done_later(void **state)
{
    struct known known = answered(START);
    struct llmgw__ledger ledger;
    struct llmgw__row *row;
    sqlite3 *db;

    (void)state;
    open_ledger(&ledger, 1);
    db = meddle("BEGIN IMMEDIATE");
    assert_int_equal(keep(&ledger, &known, &row), LLMGW_OK);
    llmgw__ledger_process(&ledger, 1);
    assert_false(llmgw__row_is_open(row));
    assert_true(llmgw__ledger_wants_turns(&ledger));
    assert_int_equal(api.exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    store_settle_down(&ledger);
    assert_int_equal(row->open.status, LLMGW_OK);
    assert_int_equal(row->settle.status, LLMGW_OK);
    assert_int_equal(rows_of(&ledger), 1);
    llmgw__row_drop(row);
    leave(db);
    llmgw__ledger_clear(&ledger);
}

static void expect_refused(const char *text)
{
    struct llmgw__error why;
    llmgw_store store;

    assert_int_equal(open_store(&store, &why), LLMGW_E_CONFIG);
    assert_non_null(strstr(why.message, path));
    assert_non_null(strstr(why.message, text));
}

static void what_is_no_ledger_is_left_as_it_is(void **state)
{
    char text[4096], again[4096];
    FILE *file = fopen(path, "w");

    (void)state;
    memset(text, 'x', sizeof text);
    assert_int_equal(fwrite(text, 1, sizeof text, file), sizeof text);
    (void)fclose(file);
    expect_refused("not a database");
    file = fopen(path, "r");
    assert_int_equal(fread(again, 1, sizeof again, file), sizeof again);
    assert_int_equal(fgetc(file), EOF);
    (void)fclose(file);
    assert_memory_equal(text, again, sizeof text);
}

static void other_databases_and_newer_ledgers_are_refused(void **state)
{
    struct llmgw__ledger ledger;

    (void)state;
    leave(meddle("CREATE TABLE mine(x)"));
    expect_refused("not a ledger");
    leave(meddle("SELECT x FROM mine"));
    (void)remove_file(NULL);
    open_ledger(&ledger, 1);
    llmgw__ledger_clear(&ledger);
    leave(meddle("PRAGMA user_version = 99"));
    expect_refused("newer");
    leave(meddle("PRAGMA user_version = 2"));
    open_ledger(&ledger, 1);
    llmgw__ledger_clear(&ledger);
}

static void a_folder_that_is_not_there_is_refused(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/llmgw-none-%ld/ledger",
                   (long)getpid());
    expect_refused("unable to open");
}

/** Bytes of entries are overwritten: a reading ends with an error. */
static void damage_is_told_when_it_is_read(void **state)
{
    struct llmgw_store_op op = {.kind = LLMGW_STORE_READ};
    struct known known = answered(START);
    struct llmgw__ledger ledger;

    (void)state;
    open_ledger(&ledger, 1);
    assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    leave(meddle("UPDATE entries SET line = substr(line, 1, 20)"));
    assert_int_equal(llmgw__ledger_ask(&ledger, &op), LLMGW_E_SYSTEM);
    llmgw__ledger_clear(&ledger);
}

/** No file of this process may grow. */
static void let_grow(rlim_t bytes)
{
    struct rlimit limit;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_loses_nothing(void **state)
{
    struct known known = answered(START);
    struct llmgw__look look = {.fn = count_row};
    struct llmgw__row *full, *later;
    struct llmgw__ledger ledger;
    char name[80];
    struct stat wal;
    int rows = 0;

    (void)state;
    open_ledger(&ledger, 1);
    assert_int_equal(keep(&ledger, &known, NULL), LLMGW_OK);
    (void)snprintf(name, sizeof name, "%s-wal", path);
    assert_int_equal(stat(name, &wal), 0);
    let_grow((rlim_t)wal.st_size);
    assert_int_equal(keep(&ledger, &known, &full), LLMGW_OK);
    let_grow(RLIM_INFINITY);
    assert_int_equal(full->open.status, LLMGW_E_SYSTEM);
    assert_int_equal(full->settle.status, LLMGW_E_SYSTEM);
    assert_int_equal(keep(&ledger, &known, &later), LLMGW_OK);
    assert_int_equal(later->settle.status, LLMGW_OK);
    assert_int_equal(rows_of(&ledger), 2); /* of the file */
    look.userdata = &rows;
    assert_int_equal(llmgw__ledger_look(&ledger, &look, false, NULL), LLMGW_OK);
    assert_int_equal(rows, 3); /* of the library */
    llmgw__row_drop(full);
    llmgw__row_drop(later);
    llmgw__ledger_clear(&ledger);
}

/* --- memory --- */

static bool do_all(void)
{
    struct llmgw_store_op op = {.kind = LLMGW_STORE_READ};
    struct known known = answered(START);
    struct llmgw__ledger ledger;
    struct llmgw__error why;
    llmgw_store store;
    llmgw_status status = open_store(&store, &why);

    if (status == LLMGW_OK)
        status = llmgw__ledger_init(&ledger, &store, 0, 1);
    if (status != LLMGW_OK) {
        assert_int_equal(status, LLMGW_E_NOMEM);
        return false;
    }
    status = keep(&ledger, &known, NULL);
    if (status == LLMGW_OK)
        status = llmgw__ledger_ask(&ledger, &op);
    assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
    llmgw__ledger_clear(&ledger);
    return status == LLMGW_OK;
}

static void no_memory_is_told(void **state)
{
    int nth = 0;
    bool failed = true;

    (void)state;
    while (failed) {
        fail_allocation(nth++);
        (void)do_all();
        failed = allow_allocations() != 0;
    }
    assert_true(nth > 5);
    assert_true(do_all());
}

#define ON_A_FILE(test) \
    cmocka_unit_test_setup_teardown(test, make_name, remove_file)

/* As the first form of the file was made; it never changes. */
static const char first_form[] =
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

/* Two of its entries, one of them with two tags. */
static const char first_entries[] =
    "INSERT INTO entries VALUES(1,5,1,100,200,2,'p','m','r','team=blue,a=b','',"
    "'c',NULL,NULL,0,0,0,'{\"writer\":5,\"id\":1,\"started_ns\":100,"
    "\"settled_ns\":200,\"state\":\"answered\",\"tags\":\"team=blue,a=b\"}');"
    "INSERT INTO entries VALUES(2,5,2,300,400,2,'p','m','r','','','d',NULL,NULL,"
    "0,0,0,'{\"writer\":5,\"id\":2,\"started_ns\":300,\"settled_ns\":400,"
    "\"state\":\"answered\"}');";

static int32_t count_of_five(const llmgw_entry *entry, void *userdata)
{
    assert_true(entry->writer == 5);
    ++*(int *)userdata;
    return 0;
}

static int count_with_tag(struct llmgw__ledger *ledger, const char *tag)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct llmgw_store_op read = {
        .kind = LLMGW_STORE_READ, .filter = &filter, .on_row = count_of_five};
    int count = 0;

    filter.tag = tag;
    read.userdata = &count;
    assert_int_equal(llmgw__ledger_ask(ledger, &read), LLMGW_OK);
    return count;
}

static void a_file_of_the_first_form_is_brought_up_to_date(void **state)
{
    struct llmgw__ledger ledger;

    (void)state;
    leave(meddle(first_form));
    leave(meddle(first_entries));
    for (int times = 0; times < 2; times++) { /* the second finds it done */
        open_ledger(&ledger, 1);
        assert_int_equal(count_with_tag(&ledger, NULL), 2);
        assert_int_equal(count_with_tag(&ledger, "team=blue"), 1);
        assert_int_equal(count_with_tag(&ledger, "a=b"), 1);
        assert_int_equal(count_with_tag(&ledger, "team=blu"), 0);
        llmgw__ledger_clear(&ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_FILE(entries_facts_and_reading),
        ON_A_FILE(budgets_are_those_of_memory),
        ON_A_FILE(processes_share_a_file),
        ON_A_FILE(a_forked_child_leaves_the_file_alone),
        ON_A_FILE(what_waits_for_a_lock_is_done_later),
        ON_A_FILE(what_is_no_ledger_is_left_as_it_is),
        ON_A_FILE(other_databases_and_newer_ledgers_are_refused),
        ON_A_FILE(a_file_of_the_first_form_is_brought_up_to_date),
        ON_A_FILE(a_folder_that_is_not_there_is_refused),
        ON_A_FILE(damage_is_told_when_it_is_read),
        ON_A_FILE(a_full_disk_loses_nothing),
        ON_A_FILE(no_memory_is_told),
    };

    return cmocka_run_group_tests_name("SQLite store", tests, NULL, NULL);
}

#else

static void files_are_not_built_in(void **state)
{
    (void)state;
    puts("skip: built without SQLite");
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_not_built_in),
    };

    return cmocka_run_group_tests_name("SQLite store", tests, NULL, NULL);
}

#endif
