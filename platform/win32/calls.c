/* calls.c: the table of system calls, and the failures that tests order.
 */
#include "calls.h"

#include <mproc/base.h>
#include <stdatomic.h>
#include <string.h>

#define CALL_TABLE_ENTRY(name, failure) .name = name,
static const struct platform_calls system_calls = { PLATFORM_CALL_MAP(CALL_TABLE_ENTRY) };
struct platform_calls platform_calls = { PLATFORM_CALL_MAP(CALL_TABLE_ENTRY) };

#define CALL_NAME(name, failure) #name,
static const char *const call_names[PLATFORM_CALLS] = { PLATFORM_CALL_MAP(CALL_NAME) };

/* Relaxed everywhere: the numbers order nothing, and a test arms a failure before it starts the call. */
static struct call_state {
    _Atomic int count;
    _Atomic int until_failure; /**< calls left up to and with the one that fails; 0: none fails */
    _Atomic int error;
} call_states[PLATFORM_CALLS];

static int call_index(const char *name)
{
    for (int i = 0; i < PLATFORM_CALLS; i++) {
        if (strcmp(call_names[i], name) == 0)
            return i;
    }
    return -1;
}

/** Whether the calling thread is the one that brings the countdown to 0. */
static bool countdown_ends(_Atomic int *until_failure)
{
    int left = atomic_load_explicit(until_failure, memory_order_relaxed);
    while (left > 0) {
        if (atomic_compare_exchange_weak_explicit(until_failure, &left, left - 1, memory_order_relaxed,
                                                  memory_order_relaxed))
            return left == 1;
    }
    return false;
}

bool platform__call_fails(enum platform_call call)
{
    struct call_state *state = &call_states[call];
    atomic_fetch_add_explicit(&state->count, 1, memory_order_relaxed);
    if (!countdown_ends(&state->until_failure))
        return false;
    SetLastError((DWORD)atomic_load_explicit(&state->error, memory_order_relaxed));
    return true;
}

int platform_calls_fail_nth(const char *name, int nth, int error)
{
    int index = call_index(name);
    if (index < 0 || nth < 0)
        return MPROC_E_INVALID;
    atomic_store_explicit(&call_states[index].error, error, memory_order_relaxed);
    atomic_store_explicit(&call_states[index].until_failure, nth, memory_order_relaxed);
    return 0;
}

void platform_calls_reset(void)
{
    platform_calls = system_calls;
    for (int i = 0; i < PLATFORM_CALLS; i++) {
        atomic_store_explicit(&call_states[i].until_failure, 0, memory_order_relaxed);
        atomic_store_explicit(&call_states[i].count, 0, memory_order_relaxed);
    }
}

int platform_calls_count(const char *name)
{
    int index = call_index(name);
    return index < 0 ? MPROC_E_INVALID : atomic_load_explicit(&call_states[index].count, memory_order_relaxed);
}
