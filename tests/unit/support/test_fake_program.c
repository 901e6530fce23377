/*
 * unit/support/test_fake_program.c - llmgw-fake as a shell or a benchmark runs
 * it: its line, its scripts, its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/raw_client.h"

static const char program[] = LLMGW_BUILD_DIR "/tests/llmgw-fake";
static const char chat[] = "/v1/chat/completions";

static pid_t child;
static int input;

/* @return its port, from the line it prints; 0 if it printed none */
static uint16_t launch(const char *script, int with_input)
{
    int to[2];
    int from[2];
    char line[128] = "";
    char *port;

    assert_int_equal(pipe(to) + pipe(from), 0);
    fcntl(to[1], F_SETFD, FD_CLOEXEC);
    child = fork();
    if (child == 0) {
        dup2(with_input ? to[0] : open("/dev/null", O_RDONLY), 0);
        dup2(from[1], 1);
        dup2(open("/dev/null", O_WRONLY), 2);
        execl(program, program, "--port", "0", "--script", script, (char *)0);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    input = to[1];
    for (size_t i = 0; i + 1 < sizeof line && !strchr(line, '\n'); i++)
        if (read(from[0], line + i, 1) != 1)
            break;
    close(from[0]);
    port = strrchr(line, ':');
    return port && strncmp(line, "listening http://127.0.0.1:", 27) == 0
               ? (uint16_t)strtoul(port + 1, NULL, 10)
               : 0;
}

static int exit_code(void)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void it_serves_by_its_scripts_until_its_input_ends(void **state)
{
    uint16_t port = launch("POST /v1/chat :: status=503 times=1", 1);
    struct raw_reply *reply;

    (void)state;
    assert_int_not_equal(port, 0);
    assert_int_equal(raw_exchange(port, chat, "{}")->status, 503);
    reply = raw_exchange(port, chat, "{\"stream\":true}");
    assert_int_equal(raw_said(reply)->done, 1);
    reply = raw_exchange(port, "/__stats", "");
    assert_non_null(strstr(reply->body, "\"requests\":2"));
    close(input);
    assert_int_equal(exit_code(), 0);
}

static void it_serves_in_the_background_until_told_to_end(void **state)
{
    uint16_t port = launch(" :: chunks=2", 0);

    (void)state;
    assert_int_not_equal(port, 0);
    assert_int_equal(raw_exchange(port, chat, "{}")->status, 200);
    kill(child, SIGTERM);
    assert_int_equal(exit_code(), 0);
    close(input);
}

static void it_refuses_what_it_does_not_understand(void **state)
{
    (void)state;
    assert_int_equal(launch("/v1 :: chnks=2", 1), 0);
    assert_int_equal(exit_code(), 2);
    close(input);
    assert_int_equal(launch("/v1 chunks=2", 1), 0);
    assert_int_equal(exit_code(), 2);
    close(input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_serves_by_its_scripts_until_its_input_ends),
        cmocka_unit_test(it_serves_in_the_background_until_told_to_end),
        cmocka_unit_test(it_refuses_what_it_does_not_understand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
