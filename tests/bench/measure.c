/*
 * bench/measure.c - CPU time, memory, and the line that is printed.
 */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/resource.h>

static double micros(struct timeval time)
{
    return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

double bench_wall_us(void)
{
    struct timespec wall;

    clock_gettime(CLOCK_MONOTONIC, &wall);
    return (double)wall.tv_sec * 1e6 + (double)wall.tv_nsec / 1e3;
}

struct bench_clock bench_now(void)
{
    struct bench_clock now;
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    now.user_us = micros(usage.ru_utime);
    now.sys_us = micros(usage.ru_stime);
    now.wall_us = bench_wall_us();
    now.switches = usage.ru_nvcsw;
    return now;
}

struct bench_clock bench_since(const struct bench_clock *start)
{
    struct bench_clock now = bench_now();

    now.user_us -= start->user_us;
    now.sys_us -= start->sys_us;
    now.wall_us -= start->wall_us;
    now.switches -= start->switches;
    return now;
}

void bench_raise_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

/** A line of /proc/self/status, KiB. */
static long status_kb(const char *name)
{
    FILE *file = fopen("/proc/self/status", "r");
    size_t len = strlen(name);
    char line[256];
    long kb = 0;

    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, len) == 0) {
            kb = strtol(line + len, NULL, 10);
            break;
        }
    }
    if (file)
        (void)fclose(file);
    return kb;
}

long bench_peak_kb(void)
{
    return status_kb("VmHWM:");
}

long bench_resident_kb(void)
{
    return status_kb("VmRSS:");
}

void bench_print(const struct bench_clock *used,
                 const struct bench_count *count, double init_us,
                 const char *more)
{
    printf("{\"cpu_us\":%.0f,\"user_us\":%.0f,\"sys_us\":%.0f,"
           "\"wall_us\":%.0f,\"maxrss_kb\":%ld,",
           used->user_us + used->sys_us, used->user_us, used->sys_us,
           used->wall_us, bench_peak_kb());
    printf("\"events\":%llu,\"text\":%llu,\"bytes\":%llu,\"calls\":%llu,"
           "\"bad\":%llu,\"init_us\":%.0f,\"csw\":%ld%s}\n",
           (unsigned long long)count->events, (unsigned long long)count->text,
           (unsigned long long)count->bytes, (unsigned long long)count->calls,
           (unsigned long long)count->bad, init_us, used->switches, more);
}
