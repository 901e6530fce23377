/*
 * base/clock.c - the two clocks of the operating system.
 *
 * Source: POSIX clock_gettime; Windows performance counter and file time.
 */
#include "clock.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <time.h>
#endif

#if defined(_WIN32)

/** 1601-01-01 to 1970-01-01 in units of 100 ns. */
#define FILETIME_EPOCH INT64_C(116444736000000000)

uint64_t llmgw__clock_monotonic(void)
{
    LARGE_INTEGER ticks;
    LARGE_INTEGER rate;
    uint64_t count;
    uint64_t each;

    QueryPerformanceCounter(&ticks); /* neither fails since Windows XP */
    QueryPerformanceFrequency(&rate);
    count = (uint64_t)ticks.QuadPart;
    each = (uint64_t)rate.QuadPart;
    return count / each * LLMGW__SECOND + count % each * LLMGW__SECOND / each;
}

int64_t llmgw__clock_wall(void)
{
    FILETIME time;

    GetSystemTimeAsFileTime(&time);
    return ((int64_t)((uint64_t)time.dwHighDateTime << 32 |
                      time.dwLowDateTime) -
            FILETIME_EPOCH) *
           100;
}

#else

static struct timespec read_clock(clockid_t clock);

uint64_t llmgw__clock_monotonic(void)
{
    struct timespec now = read_clock(CLOCK_MONOTONIC);

    return (uint64_t)now.tv_sec * LLMGW__SECOND + (uint64_t)now.tv_nsec;
}

int64_t llmgw__clock_wall(void)
{
    struct timespec now = read_clock(CLOCK_REALTIME);

    return (int64_t)now.tv_sec * (int64_t)LLMGW__SECOND + (int64_t)now.tv_nsec;
}

static struct timespec read_clock(clockid_t clock)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(clock, &now); /* fails on an unknown clock only */
    return now;
}

#endif
