/* The table of system calls, and the plan that makes one of them fail. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "platform.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <mproc/base.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

static int call_accept(int fd, int flags)
{
    return accept4(fd, NULL, NULL, flags);
}

static int call_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    return bind(fd, address, size);
}

static int call_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    return connect(fd, address, size);
}

static int call_fcntl(int fd, int command, int argument)
{
    return fcntl(fd, command, argument);
}

static int call_open(const char *path, int flags)
{
    return open(path, flags);
}

/* What it makes is its owner's alone. */
static int call_openat(int directory, const char *name, int flags)
{
    return openat(directory, name, flags, S_IRUSR | S_IWUSR);
}

static int call_setrlimit(int resource, const struct rlimit *limit)
{
    return setrlimit(resource, limit);
}

/* The numbers of the calls, in the order of the table. */
enum call_number {
#define CALL_NUMBER(type, name, function, parameters, arguments, failed) CALL_##name,
    PLATFORM_CALL_MAP(CALL_NUMBER)
#undef CALL_NUMBER
        NO_CALL = -1,
    ANY_CALL = -2
};

/* Relaxed everywhere: a test makes the plan before the calls that it is meant for, and nothing is published by it. */
static struct {
    _Atomic int number; /* the call that is counted */
    _Atomic int seen;
    _Atomic int nth;
    _Atomic int error_number;
} plan = { .number = NO_CALL };

static bool count_call(enum call_number planned, enum call_number number)
{
    if (planned != ANY_CALL && planned != number)
        return false;
    int seen = atomic_fetch_add_explicit(&plan.seen, 1, memory_order_relaxed) + 1;
    if (seen != atomic_load_explicit(&plan.nth, memory_order_relaxed))
        return false;
    errno = atomic_load_explicit(&plan.error_number, memory_order_relaxed);
    return true;
}

static inline bool must_fail(enum call_number number)
{
    int planned = atomic_load_explicit(&plan.number, memory_order_relaxed);
    return __builtin_expect(planned != NO_CALL, 0) && count_call(planned, number);
}

/* Which of them are cancellation points is the C library's choice: none is one here. */
#define CALL_FUNCTION(type, name, function, parameters, arguments, failed)                                             \
    static type planned_##name parameters                                                                              \
    {                                                                                                                  \
        if (must_fail(CALL_##name))                                                                                    \
            return (failed);                                                                                           \
        int cancel = platform_cancel_hold();                                                                           \
        type result = function arguments;                                                                              \
        platform_cancel_release(cancel);                                                                               \
        return result;                                                                                                 \
    }
PLATFORM_CALL_MAP(CALL_FUNCTION)
#undef CALL_FUNCTION

struct platform_calls platform_calls = {
#define CALL_MEMBER(type, name, function, parameters, arguments, failed) .name = planned_##name,
    PLATFORM_CALL_MAP(CALL_MEMBER)
#undef CALL_MEMBER
};

static int number_of(const char *name)
{
    static const char *const names[] = {
#define CALL_NAME(type, name, function, parameters, arguments, failed) #name,
        PLATFORM_CALL_MAP(CALL_NAME)
#undef CALL_NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return (int)i;
    return NO_CALL;
}

void platform_calls_reset(void)
{
    atomic_store_explicit(&plan.number, NO_CALL, memory_order_relaxed);
}

int platform_calls_count(void)
{
    return atomic_load_explicit(&plan.seen, memory_order_relaxed);
}

int platform_calls_fail_nth(const char *call_name, int nth, int error_number)
{
    int number = call_name ? number_of(call_name) : ANY_CALL;
    if (number == NO_CALL)
        return MPROC_E_INVALID;
    platform_calls_reset();
    atomic_store_explicit(&plan.seen, 0, memory_order_relaxed);
    atomic_store_explicit(&plan.nth, nth, memory_order_relaxed);
    atomic_store_explicit(&plan.error_number, error_number, memory_order_relaxed);
    atomic_store_explicit(&plan.number, number, memory_order_relaxed);
    return 0;
}
