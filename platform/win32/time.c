/* time.c: the clock and chance.
 *
 * QueryPerformanceCounter counts from the same zero in all processes of a machine, so its value may be put into shared
 * memory. Timed waits of the system count in clock ticks of up to 15.6 ms: a time-out of ours may come that much
 * later, never earlier.
 */
#include "internal.h"

#define NS_PER_SECOND ((uint64_t)1000000000)

/* Written once by platform_setup, before anything else of the port is used. */
static uint64_t ticks_per_second = 10000000;

void platform__time_setup(void)
{
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    ticks_per_second = (uint64_t)frequency.QuadPart;
}

int64_t platform_now_ns(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    /* In two parts: the product of the whole would overflow after 30 minutes at 10 MHz. */
    uint64_t ticks = (uint64_t)now.QuadPart;
    uint64_t seconds = ticks / ticks_per_second, rest = ticks % ticks_per_second;
    return (int64_t)(seconds * NS_PER_SECOND + rest * NS_PER_SECOND / ticks_per_second);
}

/* The system counts tenths of microseconds since 1601. */
int64_t platform_wall_ns(void)
{
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    int64_t tenths = ((int64_t)now.dwHighDateTime << 32) + now.dwLowDateTime;
    return (tenths - INT64_C(116444736000000000)) * 100;
}

/* There is one source: what the clock is made of. */
uint32_t platform_ticks_choose(void)
{
    return 0;
}

void platform_ticks_use(uint32_t source)
{
    (void)source;
}

int64_t platform_ticks(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

int64_t platform_ticks_ns(int64_t ticks)
{
    return (int64_t)((double)ticks * ((double)NS_PER_SECOND / (double)ticks_per_second));
}

DWORD platform__timeout_ms(int64_t deadline_ns, DWORD limit_ms)
{
    if (deadline_ns == INT64_MAX)
        return limit_ms;
    int64_t now = platform_now_ns();
    if (deadline_ns <= now)
        return 0;
    /* Unsigned: a deadline far ahead of a small clock value must not overflow. */
    uint64_t ms = ((uint64_t)deadline_ns - (uint64_t)now - 1) / 1000000 + 1;
    return ms < limit_ms ? (DWORD)ms : limit_ms;
}

uint64_t platform__filetime_ns(const FILETIME *time)
{
    return ((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime) * 100;
}

uint64_t platform_thread_cpu_ns(void)
{
    FILETIME created, exited, kernel, user;
    if (!GetThreadTimes(GetCurrentThread(), &created, &exited, &kernel, &user))
        return 0;
    return platform__filetime_ns(&kernel) + platform__filetime_ns(&user);
}

int platform_random(void *ret_bytes, size_t size)
{
    unsigned char *next = ret_bytes;
    while (size > 0) {
        ULONG piece = size > 0x10000000 ? 0x10000000 : (ULONG)size;
        NTSTATUS status = CALL(BCryptGenRandom, NULL, next, piece, BCRYPT_USE_SYSTEM_PREFERRED_RNG);
        if (status < 0)
            return platform__fail_status(MPROC_E_OS, "BCryptGenRandom", status);
        next += piece;
        size -= piece;
    }
    return 0;
}
