/* The outbox: records that wait, in order, over crashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef LLMGW_WITH_POSTGRES

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account/outbox.h"
#include "base/text.h"
#include "support/alloc.h"

#define MAGIC_LEN 15
#define HEAD      8

static char path[] = "/tmp/llmgw-outbox-XXXXXX";
static struct llmgw__outbox *box;

static llmgw_status open_box(const char *where, size_t max_bytes)
{
    const struct llmgw__outbox_setting how = {where, max_bytes, false};
    const char *why = "";

    return llmgw__outbox_open(&how, &box, &why);
}

static void reopen(void)
{
    llmgw__outbox_close(box);
    assert_int_equal(open_box(path, 1u << 20), LLMGW_OK);
}

static void add(const char *record)
{
    assert_int_equal(llmgw__outbox_add(box, llmgw__str(record)), LLMGW_OK);
}

static void expect(size_t at, const char *record)
{
    llmgw_str seen;

    assert_int_equal(llmgw__outbox_look(box, at, &seen), LLMGW_OK);
    assert_true(llmgw__str_eq(seen, llmgw__str(record)));
}

static void expect_all(const char *records)
{
    char one[2] = "";

    assert_int_equal(llmgw__outbox_count(box), strlen(records));
    for (size_t i = 0; records[i]; i++) {
        one[0] = records[i];
        expect(i, one);
    }
}

static long size_of_file(void)
{
    struct stat about;

    assert_int_equal(stat(path, &about), 0);
    return (long)about.st_size;
}

static void put_byte(long at, int value)
{
    unsigned char byte = (unsigned char)value;
    int fd = open(path, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    (void)close(fd);
}

static int set_up(void **state)
{
    (void)state;
    (void)unlink(path);
    return open_box(path, 1u << 20) == LLMGW_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    allow_allocations();
    llmgw__outbox_close(box);
    box = NULL;
    (void)unlink(path);
    return 0;
}

static void records_come_in_the_order_in_which_they_went(void **state)
{
    llmgw_str none;

    (void)state;
    expect_all("");
    assert_int_equal(llmgw__outbox_look(box, 0, &none), LLMGW_E_INVALID);
    add("a"), add("b"), add("c");
    expect_all("abc");
    llmgw__outbox_drop(box, 1);
    add("d");
    expect_all("bcd");
    llmgw__outbox_drop(box, 9);
    expect_all("");
    assert_int_equal(size_of_file(), MAGIC_LEN);
    add("e");
    reopen();
    expect_all("e");
}

static void what_was_not_dropped_before_a_crash_is_there_again(void **state)
{
    (void)state;
    add("a"), add("b");
    llmgw__outbox_drop(box, 1); /* twice is allowed, never none */
    reopen();
    expect_all("ab");
    assert_int_equal(llmgw__outbox_damaged(box), 0);
}

static void a_process_that_is_killed_leaves_what_it_added(void **state)
{
    int how;
    pid_t child;

    (void)state;
    llmgw__outbox_close(box);
    box = NULL;
    child = fork();
    if (child == 0) {
        if (open_box(path, 1u << 20) == LLMGW_OK &&
            llmgw__outbox_add(box, llmgw__str("k")) == LLMGW_OK)
            (void)raise(SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(open_box(path, 1u << 20), LLMGW_OK);
    expect_all("k");
}

static void a_record_that_was_cut_off_is_none(void **state)
{
    long whole;

    (void)state;
    add("a");
    whole = size_of_file();
    for (long cut = whole + HEAD + 3; cut > whole; cut--) {
        add("bcd");
        llmgw__outbox_close(box);
        assert_int_equal(truncate(path, cut), 0);
        assert_int_equal(open_box(path, 1u << 20), LLMGW_OK);
        if (cut < whole + HEAD + 3) {
            expect_all("a");
            assert_int_equal(size_of_file(), whole);
        } else {
            assert_int_equal(llmgw__outbox_count(box), 2);
            assert_int_equal(truncate(path, whole), 0);
            reopen();
        }
    }
    add("e");
    reopen();
    expect_all("ae");
    assert_int_equal(llmgw__outbox_damaged(box), 0);
}

static void a_damaged_record_is_passed_over(void **state)
{
    (void)state;
    for (long at = 0; at <= HEAD; at++) { /* of the second: head, and byte */
        add("a"), add("b"), add("c");
        llmgw__outbox_close(box);
        put_byte(MAGIC_LEN + HEAD + 1 + at, 0xa5);
        assert_int_equal(open_box(path, 1u << 20), LLMGW_OK);
        expect_all("ac");
        assert_int_equal(llmgw__outbox_damaged(box), 1);
        llmgw__outbox_drop(box, 2);
    }
}

static void a_magic_that_was_cut_off_is_an_empty_file(void **state)
{
    (void)state;
    for (long cut = 0; cut <= MAGIC_LEN; cut++) {
        llmgw__outbox_close(box);
        assert_int_equal(truncate(path, cut), 0);
        assert_int_equal(open_box(path, 1u << 20), LLMGW_OK);
        expect_all("");
        add("a");
        reopen();
        expect_all("a");
        llmgw__outbox_drop(box, 1);
    }
}

static void a_file_of_another_kind_is_left_alone(void **state)
{
    (void)state;
    llmgw__outbox_close(box);
    box = NULL;
    put_byte(0, 'x');
    assert_int_equal(open_box(path, 1u << 20), LLMGW_E_SYSTEM);
    assert_int_equal(truncate(path, 3), 0);
    assert_int_equal(open_box(path, 1u << 20), LLMGW_E_SYSTEM);
    assert_int_equal(size_of_file(), 3);
}

static void one_file_is_for_one_gateway(void **state)
{
    struct llmgw__outbox *first = box;

    (void)state;
    assert_int_equal(open_box(path, 1u << 20), LLMGW_E_SYSTEM);
    llmgw__outbox_close(first);
    assert_int_equal(open_box(path, 1u << 20), LLMGW_OK);
}

static void it_is_bounded(void **state)
{
    (void)state;
    for (int file = 0; file < 2; file++) {
        llmgw__outbox_close(box);
        assert_int_equal(open_box(file ? path : NULL, 3 * (HEAD + 1)),
                         LLMGW_OK);
        add("a"), add("b"), add("c");
        assert_int_equal(llmgw__outbox_add(box, llmgw__str("d")),
                         LLMGW_E_LIMIT);
        expect_all("abc");
        llmgw__outbox_drop(box, 1);
        add("e");
        expect_all("bce");
    }
}

static void a_long_one_is_written_anew_when_much_is_taken(void **state)
{
    enum {
        LEN = 40000,
        COUNT = 40
    };
    char *long_one = malloc(LEN + 1);
    llmgw_str seen;

    (void)state;
    assert_non_null(long_one);
    llmgw__outbox_close(box);
    assert_int_equal(open_box(path, 4u << 20), LLMGW_OK);
    memset(long_one, 'x', LEN);
    long_one[LEN] = 0;
    for (int i = 0; i < COUNT; i++) {
        long_one[0] = (char)('A' + i);
        add(long_one);
    }
    llmgw__outbox_drop(box, COUNT - 3);
    assert_in_range(size_of_file(), 3 * LEN, 4 * LEN);
    add("z");
    llmgw__outbox_close(box);
    assert_int_equal(open_box(path, 4u << 20), LLMGW_OK);
    assert_int_equal(llmgw__outbox_count(box), 4);
    assert_int_equal(llmgw__outbox_look(box, 0, &seen), LLMGW_OK);
    assert_int_equal(seen.len, LEN);
    assert_int_equal(seen.data[0], 'A' + COUNT - 3);
    expect(3, "z");
    free(long_one);
}

static void it_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    llmgw_str seen;

    (void)state;
    add("a");
    for (int nth = 1; status == LLMGW_E_NOMEM; nth++) {
        llmgw__outbox_close(box);
        box = NULL;
        fail_allocation(nth);
        status = open_box(path, 1u << 20);
        if (status == LLMGW_OK)
            status = llmgw__outbox_add(box, llmgw__str("b"));
        if (status == LLMGW_OK)
            status = llmgw__outbox_look(box, 1, &seen);
        if (status == LLMGW_E_NOMEM && box && llmgw__outbox_count(box) == 2)
            llmgw__outbox_drop(box, 2), add("a");
        allow_allocations();
        assert_in_range(nth, 1, 30);
    }
    assert_int_equal(status, LLMGW_OK);
    expect_all("ab");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_come_in_the_order_in_which_they_went),
        TEST(what_was_not_dropped_before_a_crash_is_there_again),
        TEST(a_process_that_is_killed_leaves_what_it_added),
        TEST(a_record_that_was_cut_off_is_none),
        TEST(a_damaged_record_is_passed_over),
        TEST(a_magic_that_was_cut_off_is_an_empty_file),
        TEST(a_file_of_another_kind_is_left_alone),
        TEST(one_file_is_for_one_gateway),
        TEST(it_is_bounded),
        TEST(a_long_one_is_written_anew_when_much_is_taken),
        TEST(it_survives_every_failed_allocation),
    };
    int fd = mkstemp(path);

    if (fd < 0)
        return 1;
    (void)close(fd);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    (void)puts("skipped: built without PostgreSQL's libpq");
    return 0;
}

#endif
