/*
 * bench/measure.h - what a benchmark client counts, and the one line of JSON
 * it prints.
 */
#ifndef LLMGW_BENCH_MEASURE_H
#define LLMGW_BENCH_MEASURE_H

#include <stdint.h>

/** What the answers brought. */
struct bench_count {
    uint64_t events; /* pieces of text */
    uint64_t text;   /* bytes of text, unescaped */
    uint64_t bytes;  /* as handed to the host: JSON text, or what came */
    uint64_t calls;  /* callbacks made */
    uint64_t bad;    /* what could not be read */
};

struct bench_clock {
    double user_us;
    double sys_us;
    double wall_us;
    long switches; /* voluntary: how often it slept */
};

/** A clock that only goes forward. */
double bench_wall_us(void);
/** What is used so far: CPU of the whole process, and the wall clock. */
struct bench_clock bench_now(void);
struct bench_clock bench_since(const struct bench_clock *start);
/** As many open files as this process may have: a socket a stream. */
void bench_raise_files(void);
/** Peak resident memory of this program, KiB; getrusage() would tell that of
 *  the process that forked us. */
long bench_peak_kb(void);
/** Resident memory now, KiB. */
long bench_resident_kb(void);
/** One object; `more` are further members, each with a comma before it. */
void bench_print(const struct bench_clock *used,
                 const struct bench_count *count, double init_us,
                 const char *more);

#endif
