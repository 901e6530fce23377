/*
 * support/breaker_case.h - breakers with time and randomness of their own, and
 * short words for what is asked of them.
 */
#ifndef LLMGW_TEST_BREAKER_CASE_H
#define LLMGW_TEST_BREAKER_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "route/breaker.h"
#include "support/alloc.h"

#define START (1000 * LLMGW__SECOND)
#define SEC   LLMGW__SECOND

static const struct llmgw__breaker_setting usual = {.failures = 3,
                                                    .window_ms = 60000,
                                                    .outcomes = 10,
                                                    .ratio_pm = 500,
                                                    .open_ms = 10000,
                                                    .max_open_ms = 300000};
static const struct llmgw__provider provider = {.name = "work"};
static const struct llmgw__target first = {
    .provider = &provider, .model = "a", .id = "work/a"};
static const struct llmgw__target second = {
    .provider = &provider, .model = "b", .id = "work/b"};
static const struct llmgw__target third = {
    .provider = &provider, .model = "c/d", .id = "work/c/d"};
static const struct llmgw__target other = {
    .provider = &provider, .model = "a", .id = "workshop/a"};

/* userdata: a word of state (splitmix64), or NULL: always 0 */
static inline int32_t fill(void *userdata, void *out, size_t len)
{
    uint64_t *seed = userdata;
    unsigned char *bytes = out;

    for (size_t at = 0; at < len; at++) {
        uint64_t word = 0;

        if (seed) {
            word = *seed += UINT64_C(0x9e3779b97f4a7c15);
            word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
            word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
            word ^= word >> 31;
        }
        bytes[at] = (unsigned char)word;
    }
    return 0;
}

static inline int32_t refuse(void *userdata, void *out, size_t len)
{
    (void)userdata;
    (void)out;
    (void)len;
    return -1;
}

static const struct llmgw__random no_jitter = {fill, NULL};

static struct llmgw__breakers breakers;

static inline int set_up(void **state)
{
    (void)state;
    return llmgw__breakers_init(&breakers, &no_jitter);
}

static inline int tear_down(void **state)
{
    (void)state;
    allow_allocations();
    llmgw__breakers_clear(&breakers);
    return 0;
}

static inline enum llmgw__breaker_word look(const struct llmgw__target *target,
                                            uint64_t now_ns)
{
    struct llmgw__breaker_look seen;

    llmgw__breaker_look(&breakers, target, now_ns, &seen);
    return seen.word;
}

static inline uint64_t due(const struct llmgw__target *target, uint64_t now_ns)
{
    struct llmgw__breaker_look seen;

    llmgw__breaker_look(&breakers, target, now_ns, &seen);
    return seen.due_ns;
}

static inline struct llmgw__breaker_pass
pass_at(const struct llmgw__target *target, uint64_t now_ns,
        enum llmgw__breaker_word want)
{
    struct llmgw__breaker_pass pass;

    assert_int_equal(
        llmgw__breaker_pass(&breakers, &usual, target, false, now_ns, &pass),
        want);
    assert_int_equal(pass.probe, want == LLMGW__BREAKER_PROBE);
    assert_int_equal(pass.epoch == 0, want == LLMGW__BREAKER_OPEN);
    return pass;
}

static inline void tell(const struct llmgw__target *target,
                        const struct llmgw__breaker_pass *pass,
                        enum llmgw__outcome outcome, uint64_t now_ns)
{
    llmgw__breaker_tell(&breakers, &usual, target, pass, outcome, now_ns);
}

/* One call that is let through, and ends at once. */
static inline void ask(const struct llmgw__target *target, uint64_t now_ns,
                       enum llmgw__outcome outcome)
{
    struct llmgw__breaker_pass pass =
        pass_at(target, now_ns, LLMGW__BREAKER_CLOSED);

    tell(target, &pass, outcome, now_ns);
}

static inline void probe(const struct llmgw__target *target, uint64_t now_ns,
                         enum llmgw__outcome outcome)
{
    struct llmgw__breaker_pass pass =
        pass_at(target, now_ns, LLMGW__BREAKER_PROBE);

    tell(target, &pass, outcome, now_ns);
}

static inline void break_it(const struct llmgw__target *target, uint64_t now_ns)
{
    for (int i = 0; i < 3; i++)
        ask(target, now_ns, LLMGW__OUTCOME_FAILED);
    assert_int_equal(look(target, now_ns), LLMGW__BREAKER_OPEN);
}

static inline struct llmgw__breaker_told
told(const struct llmgw__target *target, uint64_t now_ns)
{
    struct llmgw__breaker_told out;

    llmgw__breaker_read(&breakers, llmgw__str(target->id), now_ns, &out);
    return out;
}

static inline enum llmgw__outcome outcome_of(char letter)
{
    switch (letter) {
    case 'g':
        return LLMGW__OUTCOME_GOOD;
    case 'f':
        return LLMGW__OUTCOME_FAILED;
    case 'u':
        return LLMGW__OUTCOME_UNREACHABLE;
    default:
        return LLMGW__OUTCOME_NONE;
    }
}

static inline bool fails(uint64_t *seed, unsigned per_mille)
{
    const struct llmgw__random random = {fill, seed};

    return llmgw__random_below(&random, 1000) < per_mille;
}

static inline enum llmgw__breaker_word
ask_anyway(uint64_t now_ns, struct llmgw__breaker_pass *pass)
{
    return llmgw__breaker_pass(&breakers, &usual, &first, true, now_ns, pass);
}

static inline bool wants(uint64_t now_ns)
{
    return llmgw__breaker_wants_free_probe(&breakers, &usual, &first, now_ns);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
