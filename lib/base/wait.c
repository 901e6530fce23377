/*
 * base/wait.c - wait for one descriptor, or a moment.
 */
#include "wait.h"

#ifdef _WIN32
#include <windows.h>
#include <winsock2.h>
#else
#include <poll.h>
#endif

bool llmgw__wait(intptr_t fd, bool readable, bool writable, int ms)
{
    struct pollfd one = {0};

    one.events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
#ifdef _WIN32
    if (fd < 0) {
        Sleep((DWORD)ms);
        return false;
    }
    one.fd = (SOCKET)fd;
    return WSAPoll(&one, 1, ms) > 0;
#else
    one.fd = (int)fd;
    return poll(&one, fd >= 0, ms) > 0;
#endif
}
