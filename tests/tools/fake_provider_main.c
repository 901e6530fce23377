/*
 * tools/fake_provider_main.c - the fake provider as a program.
 *
 *   llmgw-fake [--port N] [--script 'MATCH :: SCENARIO']...
 *
 * Prints "listening http://127.0.0.1:PORT" and serves until SIGTERM, SIGINT
 * or, when its input is a pipe, until that is closed. GET /__stats tells its
 * books. What no script fits is streamed at a pace a reader can follow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_provider.h"

struct option {
    uint16_t port;
    const char *scripts[64];
    size_t count;
};

static int take_options(struct option *option, int count, char **words);
static int add_script(struct fake *fake, const char *text);
static void catch_signals(void);
static void serve_until_told(void);
static void on_signal(int number);

static int told[2]; /* a pipe: what a signal handler may write to */

int main(int argc, char **argv)
{
    static struct option option;
    struct fake *fake;

    if (!take_options(&option, argc - 1, argv + 1)) {
        fprintf(stderr, "usage: llmgw-fake [--port N] "
                        "[--script 'MATCH :: SCENARIO']...\n");
        return 2;
    }
    if (pipe(told) != 0)
        return 1;
    catch_signals(); /* who reads our line may end us at once */
    fake = fake_start_at(option.port, 0);
    if (!fake)
        return 1;
    for (size_t i = 0; i < option.count; i++) {
        if (!add_script(fake, option.scripts[i])) {
            fake_stop(fake);
            return 2;
        }
    }
    fake_script(fake, "", "delay_us=20000");
    printf("listening %s\n", fake_url(fake));
    fflush(stdout);
    serve_until_told();
    fake_stop(fake);
    return 0;
}

static int take_options(struct option *option, int count, char **words)
{
    for (int i = 0; i < count; i += 2) {
        long port;
        char *end;

        if (i + 1 == count)
            return 0;
        if (strcmp(words[i], "--script") == 0 && option->count < 64) {
            option->scripts[option->count++] = words[i + 1];
            continue;
        }
        port = strtol(words[i + 1], &end, 10);
        if (strcmp(words[i], "--port") != 0 || *end || port < 0 || port > 65535)
            return 0;
        option->port = (uint16_t)port;
    }
    return 1;
}

static int add_script(struct fake *fake, const char *text)
{
    const char *scenario = strstr(text, "::");
    const char *problem;
    char match[512];
    size_t len;

    if (!scenario || (size_t)(scenario - text) >= sizeof match) {
        fprintf(stderr, "llmgw-fake: no '::' in '%s'\n", text);
        return 0;
    }
    len = (size_t)(scenario - text);
    while (len > 0 && text[len - 1] == ' ')
        len--;
    memcpy(match, text, len);
    match[len] = '\0';
    problem = fake_scenario_error(scenario + 2);
    if (problem) {
        fprintf(stderr, "llmgw-fake: '%s': %s\n", scenario + 2, problem);
        return 0;
    }
    fake_script(fake, match, scenario + 2);
    return 1;
}

static void catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

/* input from /dev/null or a terminal says nothing about our time */
static void serve_until_told(void)
{
    struct pollfd wait[2] = {{told[0], POLLIN, 0}, {-1, POLLIN, 0}};
    struct stat input;
    char byte;

    if (fstat(STDIN_FILENO, &input) == 0 &&
        (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode)))
        wait[1].fd = STDIN_FILENO;
    for (;;) {
        if (poll(wait, 2, -1) < 0)
            continue;
        if (wait[0].revents)
            return;
        if (wait[1].revents && read(STDIN_FILENO, &byte, 1) <= 0)
            return;
    }
}

static void on_signal(int number)
{
    (void)number;
    if (write(told[1], "", 1) != 1)
        _exit(1);
}
