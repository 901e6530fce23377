/*
 * The gate: nothing leaves before the first content; then all of it, in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "stream/gate.h"
#include "support/alloc.h"

struct fixture {
    struct llmgw__arena arena;
    struct llmgw__gate gate;
    llmgw_status answer; /* of the commit */
    int commits;
    int kinds[16];
    int count;
};

static llmgw_status on_commit(void *userdata)
{
    struct fixture *fixture = userdata;

    fixture->commits++;
    return fixture->answer;
}

static llmgw_status on_chunk(void *userdata, const struct llmgw__chunk *chunk)
{
    struct fixture *fixture = userdata;

    fixture->kinds[fixture->count++] = chunk->kind;
    return LLMGW_OK;
}

static void begin(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    llmgw__arena_init(&fixture->arena, 0, 0);
    llmgw__gate_init(&fixture->gate, &fixture->arena, on_commit, on_chunk,
                     fixture);
}

static llmgw_status push(struct fixture *fixture, int kind)
{
    struct llmgw__chunk chunk = {0};

    chunk.kind = (uint8_t)kind;
    return llmgw__gate_push(&fixture->gate, &chunk);
}

static void roles_wait_for_the_first_content(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_int_equal(push(&f, LLMGW__CHUNK_ROLE), LLMGW_OK);
    assert_int_equal(push(&f, LLMGW__CHUNK_USAGE), LLMGW_OK);
    assert_int_equal(f.count, 0);
    assert_int_equal(push(&f, LLMGW__CHUNK_TEXT), LLMGW_OK);
    assert_int_equal(push(&f, LLMGW__CHUNK_TOOL_START), LLMGW_OK);
    assert_int_equal(f.commits, 1);
    assert_int_equal(f.count, 4);
    assert_int_equal(f.kinds[0], LLMGW__CHUNK_ROLE);
    assert_int_equal(f.kinds[1], LLMGW__CHUNK_USAGE);
    assert_int_equal(f.kinds[2], LLMGW__CHUNK_TEXT);
    assert_int_equal(f.kinds[3], LLMGW__CHUNK_TOOL_START);
    llmgw__arena_clear(&f.arena);
}

static void one_that_lost_hands_over_nothing(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    f.answer = 2;
    push(&f, LLMGW__CHUNK_ROLE);
    assert_int_equal(push(&f, LLMGW__CHUNK_TEXT), 2);
    assert_int_equal(f.count, 0);
    llmgw__arena_clear(&f.arena);
}

static void every_kind_of_content_commits(void **state)
{
    static const int content[] = {
        LLMGW__CHUNK_TEXT,       LLMGW__CHUNK_REASONING, LLMGW__CHUNK_REFUSAL,
        LLMGW__CHUNK_TOOL_START, LLMGW__CHUNK_TOOL_ARGS, LLMGW__CHUNK_EXTRAS,
        LLMGW__CHUNK_FINISH,
    };

    (void)state;
    for (size_t i = 0; i < sizeof content / sizeof *content; i++) {
        struct fixture f;

        begin(&f);
        push(&f, content[i]);
        assert_int_equal(f.commits, 1);
        llmgw__arena_clear(&f.arena);
    }
}

static void gate_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    struct fixture f;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        begin(&f);
        fail_allocation(nth);
        status = push(&f, LLMGW__CHUNK_ROLE);
        allow_allocations();
        llmgw__arena_clear(&f.arena);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_wait_for_the_first_content),
        cmocka_unit_test(one_that_lost_hands_over_nothing),
        cmocka_unit_test(every_kind_of_content_commits),
        cmocka_unit_test(gate_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
