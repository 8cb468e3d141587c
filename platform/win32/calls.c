/* calls.c: the table of system calls, and the failure that a test plans.
 */
#include "calls.h"

#include <mproc/base.h>
#include <string.h>

#define CALL_TABLE_ENTRY(name, failure) .name = name,
struct platform_calls platform_calls = { PLATFORM_CALL_MAP(CALL_TABLE_ENTRY) };

#define CALL_NAME(name, failure) #name,
static const char *const call_names[PLATFORM_CALLS] = { PLATFORM_CALL_MAP(CALL_NAME) };

#define ANY_CALL (-1)

_Atomic bool platform__calls_planned;

/* Relaxed everywhere: the numbers order nothing among threads, and a plan is made before the calls it is about. */
static struct {
    _Atomic int call, nth, error, seen;
} plan;

static int plan_get(_Atomic int *member)
{
    return atomic_load_explicit(member, memory_order_relaxed);
}

static void plan_set(_Atomic int *member, int value)
{
    atomic_store_explicit(member, value, memory_order_relaxed);
}

bool platform__call_fails(enum platform_call call)
{
    int planned = plan_get(&plan.call);
    if (planned != ANY_CALL && planned != (int)call)
        return false;
    if (atomic_fetch_add_explicit(&plan.seen, 1, memory_order_relaxed) + 1 != plan_get(&plan.nth))
        return false;
    SetLastError((DWORD)plan_get(&plan.error));
    return true;
}

static int call_index(const char *name)
{
    for (int i = 0; i < PLATFORM_CALLS; i++)
        if (strcmp(call_names[i], name) == 0)
            return i;
    return MPROC_E_INVALID;
}

int platform_calls_fail_nth(const char *call_name, int nth, int error)
{
    int call = call_name != NULL ? call_index(call_name) : ANY_CALL;
    if (call == MPROC_E_INVALID || nth < 0)
        return MPROC_E_INVALID;
    platform_calls_reset();
    plan_set(&plan.call, call);
    plan_set(&plan.nth, nth);
    plan_set(&plan.error, error);
    plan_set(&plan.seen, 0);
    atomic_store_explicit(&platform__calls_planned, true, memory_order_relaxed);
    return 0;
}

int platform_calls_count(void)
{
    return plan_get(&plan.seen);
}

void platform_calls_reset(void)
{
    atomic_store_explicit(&platform__calls_planned, false, memory_order_relaxed);
}
