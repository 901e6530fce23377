/*
 * The protocol of leases, reservations and intents as a small model: two
 * writers, one budget of three units, three attempts; every interleaving of
 * lease, answer, reserve, open, give back, settle, end, expiry and crash is
 * walked through. In each state that can be reached
 *
 *   - what the store has committed, and
 *   - what attempts were promised or have used
 *
 * is within the limit, but for what was used beyond its reservation. Each rule
 * of the protocol that is left out is found to be needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIMIT    3
#define WRITERS  2
#define ATTEMPTS 2 /* of the first writer; the other has one */

enum rule {
    NONE_BROKEN,
    ENDS_WHILE_PENDING,  /* a lease is given back that is reserved from */
    EXPIRES_TOO_EARLY,   /* …or runs out before that has come to the store */
    EXPIRY_FREES_OPEN,   /* with a lease its open intents are forgotten */
    NUMBER_USED_AGAIN,   /* what was reserved from an old lease goes back to
                            the new one */
    LEASES_DO_NOT_COUNT, /* the store grants what others have in hand */
    RULES
};

enum phase {
    IDLE,
    RESERVED,
    OPEN,
    DONE
};

/** slot: 0 the lease in hand, 1 the one before it, 2 an older one */
struct attempt {
    uint8_t phase, need, slot;
    uint8_t freed; /* the store does not count it */
};

struct writer {
    uint8_t dead, holds; /* he may reserve from what is in hand */
    uint8_t in_hand;
    uint8_t answer;           /* granted; he has not heard of it */
    uint8_t live[2], left[2]; /* leases at the store */
    struct attempt attempt[ATTEMPTS];
};

struct model {
    struct writer writer[WRITERS];
    uint8_t used; /* settled, within what was reserved */
    uint8_t over; /* and beyond it */
};

struct set {
    struct model *items; /* also the queue of those to look at */
    uint32_t *table;     /* index + 1 by hash */
    size_t count, cap, mask;
    enum rule broken;
    size_t wrong;
};

/* --- the states seen --- */

static uint64_t hash_of(const struct model *model)
{
    const unsigned char *bytes = (const unsigned char *)model;
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < sizeof *model; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return hash ^ hash >> 29;
}

static size_t place_of(const struct set *set, const struct model *model)
{
    size_t at = hash_of(model) & set->mask;

    while (set->table[at] &&
           memcmp(&set->items[set->table[at] - 1], model, sizeof *model) != 0)
        at = (at + 1) & set->mask;
    return at;
}

static void grow(struct set *set)
{
    set->cap = set->cap ? set->cap * 2 : 4096;
    set->mask = set->cap * 2 - 1;
    set->items = realloc(set->items, set->cap * sizeof *set->items);
    free(set->table);
    set->table = calloc(set->mask + 1, sizeof *set->table);
    assert_true(set->items && set->table);
    for (size_t i = 0; i < set->count; i++)
        set->table[place_of(set, &set->items[i])] = (uint32_t)i + 1;
}

static int committed(const struct model *model)
{
    int sum = model->used;

    for (int w = 0; w < WRITERS; w++) {
        const struct writer *writer = &model->writer[w];

        for (int i = 0; i < ATTEMPTS; i++)
            if (writer->attempt[i].phase == OPEN && !writer->attempt[i].freed)
                sum += writer->attempt[i].need;
        for (int i = 0; i < 2; i++)
            if (writer->live[i])
                sum += writer->left[i];
    }
    return sum;
}

static int promised(const struct model *model)
{
    int sum = model->used;

    for (int w = 0; w < WRITERS; w++)
        for (int i = 0; i < ATTEMPTS; i++) {
            const struct attempt *one = &model->writer[w].attempt[i];

            if (one->phase == RESERVED || one->phase == OPEN)
                sum += one->need;
        }
    return sum;
}

static void reach(struct set *set, const struct model *model)
{
    size_t at;

    if (set->count == set->cap)
        grow(set);
    at = place_of(set, model);
    if (set->table[at])
        return;
    set->items[set->count++] = *model;
    set->table[at] = (uint32_t)set->count;
    set->wrong += committed(model) > LIMIT || promised(model) > LIMIT;
}

/* --- steps --- */

static bool is_pending(const struct writer *writer, int slot)
{
    for (int i = 0; i < ATTEMPTS; i++)
        if (writer->attempt[i].phase == RESERVED &&
            (slot < 0 || writer->attempt[i].slot == slot))
            return true;
    return false;
}

/** The store grants; the answer comes later. */
static void lease(struct set *set, const struct model *from, int w)
{
    for (int amount = 1; amount <= LIMIT; amount++) {
        struct model next = *from;
        struct writer *writer = &next.writer[w];
        int other = 0;

        if (set->broken == LEASES_DO_NOT_COUNT && next.writer[!w].live[0])
            other = next.writer[!w].left[0];
        if (writer->answer ||
            amount > LIMIT - committed(from) - from->over + other)
            return;
        writer->live[0] = 1;
        writer->left[0] = (uint8_t)(writer->left[0] + amount);
        writer->answer = (uint8_t)amount;
        reach(set, &next);
    }
}

static void answer(struct set *set, const struct model *from, int w)
{
    struct model next = *from;
    struct writer *writer = &next.writer[w];

    if (!writer->answer)
        return;
    writer->in_hand = (uint8_t)(writer->in_hand + writer->answer);
    writer->holds = 1;
    writer->answer = 0;
    reach(set, &next);
}

/** What he has is of no use any more: a new number from now on. */
static void lay_aside(struct set *set, const struct model *from, int w)
{
    struct model next = *from;
    struct writer *writer = &next.writer[w];

    if (!writer->live[0] || writer->live[1])
        return;
    for (int i = 0; i < ATTEMPTS; i++)
        if (writer->attempt[i].phase == RESERVED)
            writer->attempt[i].slot++;
    writer->live[1] = 1;
    writer->left[1] = writer->left[0];
    writer->live[0] = writer->left[0] = 0;
    writer->holds = writer->in_hand = writer->answer = 0;
    reach(set, &next);
}

/** At the store; later than it is laid aside, by the margin. */
static void expire(struct set *set, const struct model *from, int w, int slot)
{
    struct model next = *from;
    struct writer *writer = &next.writer[w];

    if (!writer->live[slot] || (slot == 0 && !writer->dead))
        return;
    if (set->broken != EXPIRES_TOO_EARLY && is_pending(writer, slot))
        return;
    writer->live[slot] = writer->left[slot] = 0;
    for (int i = 0; set->broken == EXPIRY_FREES_OPEN && i < ATTEMPTS; i++)
        if (writer->attempt[i].phase == OPEN)
            writer->attempt[i].freed = 1;
    reach(set, &next);
}

static void give_lease_back(struct set *set, const struct model *from, int w)
{
    struct model next = *from;
    struct writer *writer = &next.writer[w];

    if (!writer->holds || writer->answer)
        return;
    if (set->broken != ENDS_WHILE_PENDING && is_pending(writer, -1))
        return;
    writer->holds = writer->in_hand = 0;
    writer->live[0] = writer->left[0] = 0;
    reach(set, &next);
}

static void reserve(struct set *set, const struct model *from, int w, int i)
{
    for (int need = 1; need <= 2; need++) {
        struct model next = *from;
        struct writer *writer = &next.writer[w];

        if (!writer->holds || writer->in_hand < need)
            return;
        writer->in_hand = (uint8_t)(writer->in_hand - need);
        writer->attempt[i] = (struct attempt){RESERVED, (uint8_t)need, 0, 0};
        reach(set, &next);
    }
}

static void go_on(struct set *set, const struct model *from, int w, int i)
{
    struct model opened = *from, back = *from;
    struct attempt *one = &opened.writer[w].attempt[i];
    struct writer *writer = &opened.writer[w];

    if (one->slot < 2 && writer->live[one->slot])
        writer->left[one->slot] = (uint8_t)(writer->left[one->slot] -
                                            (one->need < writer->left[one->slot]
                                                 ? one->need
                                                 : writer->left[one->slot]));
    one->phase = OPEN;
    one->slot = 0;
    reach(set, &opened);
    writer = &back.writer[w];
    one = &writer->attempt[i];
    if (writer->holds && (one->slot == 0 || set->broken == NUMBER_USED_AGAIN))
        writer->in_hand = (uint8_t)(writer->in_hand + one->need);
    *one = (struct attempt){IDLE, 0, 0, 0};
    reach(set, &back);
}

static void settle(struct set *set, const struct model *from, int w, int i)
{
    int need = from->writer[w].attempt[i].need;

    for (int used = 0; used <= need + 1; used++) {
        struct model next = *from;

        if (used > need && next.over)
            continue;
        next.used = (uint8_t)(next.used + (used < need ? used : need));
        next.over = (uint8_t)(next.over + (used > need));
        next.writer[w].attempt[i] = (struct attempt){DONE, 0, 0, 0};
        reach(set, &next);
    }
}

static void crash(struct set *set, const struct model *from, int w)
{
    struct model next = *from;
    struct writer *writer = &next.writer[w];

    writer->dead = 1;
    writer->holds = writer->in_hand = writer->answer = 0;
    for (int i = 0; i < ATTEMPTS; i++) {
        struct attempt *one = &writer->attempt[i];

        if (one->phase == RESERVED)
            *one = (struct attempt){DONE, 0, 0, 0};
    }
    reach(set, &next);
}

static void step_attempt(struct set *set, const struct model *from, int w,
                         int i)
{
    switch ((enum phase)from->writer[w].attempt[i].phase) {
    case IDLE:
        if (w == 0 || i == 0)
            reserve(set, from, w, i);
        break;
    case RESERVED:
        go_on(set, from, w, i);
        break;
    case OPEN:
        settle(set, from, w, i);
        break;
    case DONE:
        break;
    }
}

static void step(struct set *set, const struct model *from, int w)
{
    expire(set, from, w, 0);
    expire(set, from, w, 1);
    if (from->writer[w].dead)
        return;
    lease(set, from, w);
    answer(set, from, w);
    lay_aside(set, from, w);
    give_lease_back(set, from, w);
    crash(set, from, w);
    for (int i = 0; i < ATTEMPTS; i++)
        step_attempt(set, from, w, i);
}

/** @return in how many states that can be reached more is out than there is */
static size_t explore(enum rule broken, size_t *states)
{
    struct set set = {.broken = broken};
    struct model first;
    size_t wrong;

    memset(&first, 0, sizeof first);
    reach(&set, &first);
    for (size_t i = 0; i < set.count && (!set.wrong || !broken); i++) {
        struct model from = set.items[i];

        for (int w = 0; w < WRITERS; w++)
            step(&set, &from, w);
    }
    *states = set.count;
    wrong = set.wrong;
    free(set.items);
    free(set.table);
    return wrong;
}

static void no_state_has_more_out_than_there_is(void **state)
{
    size_t states, wrong = explore(NONE_BROKEN, &states);

    (void)state;
    print_message("%lu states\n", (unsigned long)states);
    assert_true(states > 10000);
    assert_int_equal(wrong, 0);
}

static void each_rule_of_the_protocol_is_needed(void **state)
{
    (void)state;
    for (int broken = NONE_BROKEN + 1; broken < RULES; broken++) {
        size_t states;

        if (!explore((enum rule)broken, &states))
            fail_msg("rule %d is broken, and nothing shows it", broken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_state_has_more_out_than_there_is),
        cmocka_unit_test(each_rule_of_the_protocol_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
