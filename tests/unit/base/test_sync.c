/* Locks, once and counts, by several threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sync.h"

#define THREADS 4
#define ROUNDS  20000

struct shared {
    struct llmgw__mutex mutex;
    struct llmgw__refs refs;
    uint64_t counter; /* under the mutex */
    atomic_int last;
};

static struct llmgw__once once;
static atomic_int once_runs;
static int once_value; /* plain: what once_run must publish */

static void run_threads(void *(*body)(void *), void *argument)
{
    pthread_t threads[THREADS];

    for (size_t at = 0; at < THREADS; at++)
        assert_int_equal(pthread_create(&threads[at], NULL, body, argument), 0);
    for (size_t at = 0; at < THREADS; at++)
        assert_int_equal(pthread_join(threads[at], NULL), 0);
}

static void *count_under_lock(void *argument)
{
    struct shared *shared = argument;

    for (int round = 0; round < ROUNDS; round++) {
        llmgw__mutex_lock(&shared->mutex);
        shared->counter++;
        llmgw__mutex_unlock(&shared->mutex);
    }
    return NULL;
}

static void a_mutex_admits_one_at_a_time(void **state)
{
    struct shared shared = {.counter = 0};

    (void)state;
    assert_int_equal(llmgw__mutex_init(&shared.mutex), LLMGW_OK);
    run_threads(count_under_lock, &shared);
    assert_int_equal(shared.counter, THREADS * ROUNDS);
    llmgw__mutex_clear(&shared.mutex);
}

static void set_up(void)
{
    once_value = 42;
    atomic_fetch_add(&once_runs, 1);
}

static void *run_once(void *argument)
{
    llmgw__once_run(&once, set_up);
    if (once_value != 42)
        atomic_fetch_add((atomic_int *)argument, 1);
    return NULL;
}

static void once_runs_once_and_is_done_for_all(void **state)
{
    atomic_int too_early = 0;

    (void)state;
    run_threads(run_once, &too_early);
    llmgw__once_run(&once, set_up);
    assert_int_equal(atomic_load(&once_runs), 1);
    assert_int_equal(atomic_load(&too_early), 0);
}

static void *hold_and_drop(void *argument)
{
    struct shared *shared = argument;

    for (int round = 0; round < ROUNDS; round++) {
        llmgw__refs_add(&shared->refs);
        if (llmgw__refs_drop(&shared->refs))
            atomic_fetch_add(&shared->last, 1);
    }
    if (llmgw__refs_drop(&shared->refs))
        atomic_fetch_add(&shared->last, 1);
    return NULL;
}

static void exactly_one_drop_is_the_last(void **state)
{
    struct shared shared = {.counter = 0};

    (void)state;
    atomic_init(&shared.last, 0);
    llmgw__refs_init(&shared.refs);
    for (int each = 1; each < THREADS; each++)
        llmgw__refs_add(&shared.refs);
    run_threads(hold_and_drop, &shared);
    assert_int_equal(atomic_load(&shared.last), 1);
}

static int in_child(const struct llmgw__birth *birth)
{
    struct llmgw__birth own;
    int noticed = llmgw__birth_forked(birth);

    llmgw__birth_init(&own);
    return noticed && !llmgw__birth_forked(&own) ? 7 : 1;
}

static void a_child_process_is_noticed(struct llmgw__birth *birth)
{
    int status = 0;
    pid_t child;

    assert_false(llmgw__birth_forked(birth));
    child = fork();
    if (child == 0)
        _exit(in_child(birth));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_false(llmgw__birth_forked(birth));
}

static void a_fork_is_noticed_by_the_child_alone(void **state)
{
    struct llmgw__birth birth;

    (void)state;
    llmgw__birth_init(&birth);
    a_child_process_is_noticed(&birth);
    llmgw__birth_clear(&birth); /* without a page: by the id */
    a_child_process_is_noticed(&birth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mutex_admits_one_at_a_time),
        cmocka_unit_test(once_runs_once_and_is_done_for_all),
        cmocka_unit_test(exactly_one_drop_is_the_last),
        cmocka_unit_test(a_fork_is_noticed_by_the_child_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
