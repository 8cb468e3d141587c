/* endpoint.h: endpoints: named pipes whose names nobody can guess, and cards that tell them.
 *
 * A card is a file PID-START.card, of two lines: the pipe's name and what the list shows. Its process has it open while
 * it lives, and the system removes it with that handle, whatever ends the process; only a machine that stops leaves
 * some, which a list then sweeps.
 */
#ifndef MPROC_WIN32_ENDPOINT_H
#define MPROC_WIN32_ENDPOINT_H

#include "own.h"

/** So many clients can have connected, and wait to be accepted. */
#define PLATFORM__LISTENERS 4

#define PLATFORM__PIPE_PREFIX "\\\\.\\pipe\\"
#define PLATFORM__PIPE_NAME   96

struct platform_endpoint {
    HANDLE card;
    wchar_t name[PLATFORM__PIPE_NAME];
    struct platform__own own;
    struct platform__listener {
        HANDLE pipe; /**< NULL: for want of something there is none at the moment */
        OVERLAPPED connection;
        bool connected; /**< before it was waited for */
    } listeners[PLATFORM__LISTENERS];
};

/** Sees to it that all listeners listen. Returns false if something is wanting for that. */
bool platform__endpoint_listen(platform_endpoint *endpoint);

/** The path of a card in the directory. Returns false if there is no room for it. */
bool platform__card_path(const wchar_t *directory, int64_t pid, uint64_t start_time,
                         wchar_t ret_path[PLATFORM__OWN_PATH]);

#endif
