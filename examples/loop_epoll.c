/*
 * loop_epoll.c - many calls at once on a thread that has its own epoll loop.
 *
 *     OPENAI_API_KEY=... build/examples/loop_epoll openai/gpt-4.1-mini
 *
 * The host watches one descriptor and waits no longer than it is told. Nothing
 * blocks; no thread is made.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/epoll.h>
#include <unistd.h>

#include <llmgw/llmgw.h>

static const char *const questions[] = {
    "Why is the sky blue?", "Why is the sea salty?", "Why is grass green?"};
#define QUESTIONS ((int)(sizeof questions / sizeof *questions))

static llmgw_status start(llmgw_loop *loop, const char *model, int *answered);
static void on_done(llmgw_call *call, void *userdata);
static llmgw_status drive(llmgw_loop *loop, int epoll);

int main(int argc, char **argv)
{
    const char *model = argc > 1 ? argv[1] : "openai/gpt-4.1-mini";
    llmgw_gateway *gateway = NULL;
    llmgw_loop *loop = NULL;
    llmgw_status status = llmgw_gateway_open(NULL, &gateway, NULL);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int answered = 0;

    if (status == LLMGW_OK)
        status = llmgw_loop_create(gateway, &loop);
    if (status == LLMGW_OK)
        status = start(loop, model, &answered);
    if (status == LLMGW_OK)
        status = drive(loop, epoll);
    if (status != LLMGW_OK)
        fprintf(stderr, "stopped: %s\n", llmgw_status_text(status));
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
    close(epoll);
    return answered == QUESTIONS ? 0 : 1;
}

static llmgw_status start(llmgw_loop *loop, const char *model, int *answered)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_status status = LLMGW_OK;

    options.on_done = on_done;
    options.userdata = answered;
    for (int i = 0; status == LLMGW_OK && i < QUESTIONS; i++) {
        llmgw_str text = {questions[i], strlen(questions[i])};
        llmgw_request *request;
        llmgw_call *call; /* freed in on_done */

        status = llmgw_request_create(model, &request);
        if (status == LLMGW_OK)
            status = llmgw_request_add_text(request, "user", text);
        if (status == LLMGW_OK)
            status = llmgw_chat_start(loop, request, &options, &call);
        llmgw_request_free(request); /* a call has its own copy */
    }
    return status;
}

static void on_done(llmgw_call *call, void *userdata)
{
    llmgw_str text = llmgw_response_text(llmgw_call_response(call));
    int *answered = userdata;

    if (llmgw_call_end(call) == LLMGW_END_RESPONSE)
        *answered += printf("%.*s\n\n", (int)text.len, text.data) > 0;
    else
        fprintf(stderr, "no answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
    llmgw_call_free(call);
}

static llmgw_status drive(llmgw_loop *loop, int epoll)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = (int)llmgw_loop_fd(loop);
    llmgw_status status = LLMGW_OK;

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        status = LLMGW_E_SYSTEM;
    while (status == LLMGW_OK && llmgw_loop_active(loop) > 0) {
        int wait = (int)llmgw_loop_timeout_ms(loop);

        if (epoll_wait(epoll, &event, 1, wait) < 0 && errno != EINTR)
            return LLMGW_E_SYSTEM;
        status = llmgw_loop_run(loop, 0);
    }
    return status;
}
