/*
 * route/bucket.h - what has been used of one key's, target's or tag's limits,
 * and how it drains.
 */
#ifndef LLMGW_ROUTE_BUCKET_H
#define LLMGW_ROUTE_BUCKET_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/map.h"

enum {
    LLMGW__MEASURE_REQUESTS,
    LLMGW__MEASURE_TOKENS,
    LLMGW__MEASURES
};

#define LLMGW__RATE_MAX UINT64_C(100000000000) /* a minute, of any limit */

/** What is used up of a limit by the minute. */
struct llmgw__meter {
    uint64_t limit; /* as last asked; 0: never counted */
    int64_t used;
    uint64_t drained; /* of the next one, in parts of a minute */
    uint64_t at_us;   /* drained until then */
};

/** Drain it, and have it follow a limit, which is not 0. */
void llmgw__meter_follow(struct llmgw__meter *meter, uint64_t limit,
                         uint64_t now_us);
/** When so much has drained that there is room; 0: there is. More than a
 *  whole minute's has room when nothing is used. */
uint64_t llmgw__meter_room_at(const struct llmgw__meter *meter, int64_t want);
void llmgw__meter_add(struct llmgw__meter *meter, int64_t more);
/** Correct what was added, and let an hour be the longest to wait for. */
void llmgw__meter_settle(struct llmgw__meter *meter, int64_t more,
                         uint64_t now_us);

/** What a provider says is left, until then. */
struct llmgw__told {
    int64_t left;
    uint64_t until_us; /* 0: nothing is told */
};

/** Of whom a bucket is; the first byte of its name. */
enum llmgw__bucket_of {
    LLMGW__OF_KEY = 'k',
    LLMGW__OF_TARGET = 't',
    LLMGW__OF_TAG = 'g',
    LLMGW__OF_MODEL = 'm' /* of a key: what its provider told */
};

struct llmgw__bucket {
    struct llmgw__meter meters[LLMGW__MEASURES];
    struct llmgw__told told[LLMGW__MEASURES];
    uint32_t busy; /* attempts that hold it; it is not forgotten then */
    char of;       /* enum llmgw__bucket_of */
};

/** All of them; zero is none. */
struct llmgw__buckets {
    struct llmgw__map all; /* by name */
    size_t sweep_at;       /* so many: idle ones are looked for */
    atomic_uint told;      /* those that providers' words made */
};

#define LLMGW__BUCKET_NAME 640

/** The name under which it is kept, in text[0..LLMGW__BUCKET_NAME). What is
 *  too long shares a bucket with its like. */
llmgw_str llmgw__bucket_name(char *text, enum llmgw__bucket_of of, llmgw_str id,
                             llmgw_str more);
/** A new one of that name, empty; NULL: no memory. Under the lock, as what
 *  follows. */
struct llmgw__bucket *llmgw__bucket_make(struct llmgw__buckets *buckets,
                                         llmgw_str name);
/** Where there are many, forget the idle ones. Frees buckets that nobody
 *  holds. */
void llmgw__buckets_sweep(struct llmgw__buckets *buckets, uint64_t now_us);

#endif
