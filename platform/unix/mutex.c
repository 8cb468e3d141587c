/* Mutexes and conditions. */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/error.h"
#include <errno.h>
#include <pthread.h>
#include <time.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(platform_mutex), "platform_mutex must hold a pthread_mutex_t");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(platform_condition), "platform_condition must hold a pthread_cond_t");

/* PLATFORM_MUTEX_INIT, of port.h, is what PTHREAD_MUTEX_INITIALIZER is here. */
void platform_mutex_init(platform_mutex *mutex)
{
    *(pthread_mutex_t *)mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

void platform_mutex_destroy(platform_mutex *mutex)
{
    pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

void platform_mutex_lock(platform_mutex *mutex)
{
    pthread_mutex_lock((pthread_mutex_t *)mutex);
}

void platform_mutex_unlock(platform_mutex *mutex)
{
    pthread_mutex_unlock((pthread_mutex_t *)mutex);
}

int platform_condition_init(platform_condition *condition)
{
    pthread_condattr_t attributes;
    int error_number = pthread_condattr_init(&attributes);
    if (error_number == 0) {
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        error_number = pthread_cond_init((pthread_cond_t *)condition, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    return error_number == 0 ? 0 : platform__fail_number(MPROC_E_OS, "pthread_cond_init", error_number);
}

void platform_condition_destroy(platform_condition *condition)
{
    pthread_cond_destroy((pthread_cond_t *)condition);
}

static int wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ns)
{
    if (deadline_ns == INT64_MAX)
        return pthread_cond_wait(condition, mutex);
    deadline_ns = deadline_ns > 0 ? deadline_ns : 0;
    struct timespec deadline = { .tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000 };
    return pthread_cond_timedwait(condition, mutex, &deadline);
}

bool platform_condition_wait(platform_condition *condition, platform_mutex *mutex, int64_t deadline_ns)
{
    int cancel = platform_cancel_hold();
    int error_number = wait_until((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, deadline_ns);
    platform_cancel_release(cancel);
    return error_number != ETIMEDOUT;
}

void platform_condition_signal(platform_condition *condition)
{
    pthread_cond_signal((pthread_cond_t *)condition);
}

void platform_condition_broadcast(platform_condition *condition)
{
    pthread_cond_broadcast((pthread_cond_t *)condition);
}
