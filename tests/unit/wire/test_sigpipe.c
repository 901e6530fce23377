/*
 * unit/wire/test_sigpipe.c - a SIGPIPE of ours does not reach the process, one
 * of the host's is left alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "wire/sigpipe.h"

static bool is_pending(void)
{
    sigset_t pending;

    assert_int_equal(sigpending(&pending), 0);
    return sigismember(&pending, SIGPIPE) == 1;
}

static bool is_blocked(void)
{
    sigset_t mask;

    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    return sigismember(&mask, SIGPIPE) == 1;
}

static void write_to_nobody(void)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1);
    close(ends[1]);
}

static void ours_is_taken_away(void **state)
{
    struct llmgw__sigpipe guard;

    (void)state;
    llmgw__sigpipe_block(&guard);
    write_to_nobody();
    assert_true(is_pending());
    llmgw__sigpipe_restore(&guard);
    assert_false(is_pending());
    assert_false(is_blocked());
}

static void without_one_nothing_changes(void **state)
{
    struct llmgw__sigpipe guard;

    (void)state;
    llmgw__sigpipe_block(&guard);
    assert_true(is_blocked());
    llmgw__sigpipe_restore(&guard);
    assert_false(is_blocked());
}

/* Who has blocked it wants to find it. */
static void where_the_host_blocks_it_stays_pending(void **state)
{
    struct llmgw__sigpipe guard;
    sigset_t pipe_only;
    int number;

    (void)state;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &pipe_only, NULL), 0);
    write_to_nobody();
    llmgw__sigpipe_block(&guard);
    llmgw__sigpipe_restore(&guard);
    assert_true(is_pending());
    assert_true(is_blocked());
    assert_int_equal(sigwait(&pipe_only, &number), 0);
    assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL), 0);
}

/* Where nothing is known to be quiet, the signal is kept away. */
static void it_is_due_where_libcurl_may_raise_it(void **state)
{
    static const struct {
        uint32_t version;
        const char *tls;
        bool due;
    } rows[] = {
        {0x075801, "OpenSSL/3.0.19", false},
        {0x080a01, "GnuTLS/3.7.9", false},
        {0x080a01, "mbedTLS/3.6.0", false},
        {0x080a01, "(OpenSSL/3.0.19) GnuTLS/3.7.9", true},
        {0x075700, "OpenSSL/3.0.19", true},
        {0x075801, "wolfSSL/5.6.0", true},
        {0x075801, "NSS/3.87", true},
        {0x075801, "", true},
        {0x075801, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(llmgw__sigpipe_is_due(rows[i].version, rows[i].tls),
                         rows[i].due);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours_is_taken_away),
        cmocka_unit_test(without_one_nothing_changes),
        cmocka_unit_test(it_is_due_where_libcurl_may_raise_it),
        cmocka_unit_test(where_the_host_blocks_it_stays_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
