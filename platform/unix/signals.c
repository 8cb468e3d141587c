/* Holding signals back while a child is made. */
#define _GNU_SOURCE
#include "unix/signals.h"
#include "unix/thread.h"
#include <errno.h>
#include <pthread.h>

void platform__signals_hold(sigset_t *ret_before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, ret_before);
}

void platform__signals_release(const sigset_t *before)
{
    int error_number = errno;
    pthread_sigmask(SIG_SETMASK, before, NULL);
    errno = error_number;
}

void platform__signals_for_child(const sigset_t *before, sigset_t *ret_mask)
{
    *ret_mask = *before;
    if (platform__thread_is_ours())
        sigemptyset(ret_mask);
}
