/* Ticks: the processor's time stamp counter, where the kernel itself keeps time by it; else the clock. */
#define _GNU_SOURCE
#include "platform.h"
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define SOURCE_CLOCK   0
#define SOURCE_COUNTER 1

/* From here on the scale is not measured again: reading the clock, some 50 ns, is a millionth of it. */
#define SETTLED_NS 50000000
/* The shortest time that gives a scale good to a thousandth. */
#define SHORTEST_NS 100000

/* Ticks between two counts with the clock read between them, if nothing came in between: some hundreds, a microsecond
 * at most. So often it is tried. */
#define CLOSE_TICKS 4096
#define CLOSE_TRIES 32

/* The same moment by the counter and by the clock. */
struct moment {
    int64_t ticks, ns;
};

static struct {
    bool counts; /**< ticks are the counter's; written by platform_ticks_use alone */
    struct moment first;
    _Atomic double ns_per_tick; /**< 0 until it is settled */
} scale;

#if defined(__x86_64__)

static int64_t counter(void)
{
    return (int64_t)__builtin_ia32_rdtsc();
}

/* Whether it goes on evenly whatever the processor does to save power, and this process may read it. */
static bool counter_is_invariant(void)
{
    unsigned a, b, c, d;
    int may_read = PR_TSC_ENABLE;
    if (__get_cpuid(0x80000007, &a, &b, &c, &d) == 0 || (d & 1u << 8) == 0)
        return false;
    return prctl(PR_GET_TSC, &may_read, 0, 0, 0) < 0 || may_read == PR_TSC_ENABLE;
}

/* The kernel watches it, and takes another source when the processors' counters differ. */
static bool kernel_trusts_counter(void)
{
    char text[8] = "";
    int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t size = read(file, text, sizeof text);
    close(file);
    return size == 4 && memcmp(text, "tsc\n", 4) == 0;
}

#else

static int64_t counter(void)
{
    return platform_now_ns();
}

static bool counter_is_invariant(void)
{
    return false;
}

static bool kernel_trusts_counter(void)
{
    return false;
}

#endif

uint32_t platform_ticks_choose(void)
{
    return counter_is_invariant() && kernel_trusts_counter() ? SOURCE_COUNTER : SOURCE_CLOCK;
}

/* A thread that lost its processor between the two readings, for milliseconds, would have all times wrong by a part of
 * that for ever. */
static struct moment read_both(void)
{
    struct moment both = { 0, 0 };
    int64_t closest = INT64_MAX;
    for (int i = 0; i < CLOSE_TRIES && closest > CLOSE_TICKS; i++) {
        int64_t before = counter(), ns = platform_now_ns(), between = counter() - before;
        if (between < closest) {
            both = (struct moment){ before + between / 2, ns };
            closest = between;
        }
    }
    return both;
}

void platform_ticks_use(uint32_t source)
{
    /* What a copy knows of the counter is still true. */
    if (source != SOURCE_COUNTER || scale.counts) {
        scale.counts = source == SOURCE_COUNTER;
        return;
    }
    scale.counts = true;
    scale.first = read_both();
}

int64_t platform_ticks(void)
{
    return scale.counts ? counter() : platform_now_ns();
}

/* Since the process began to use the counter: the longer that is ago, the better. */
static double measure(void)
{
    int64_t ns, ticks;
    do {
        struct moment now = read_both();
        ticks = now.ticks - scale.first.ticks;
        ns = now.ns - scale.first.ns;
    } while (ns < SHORTEST_NS || ticks <= 0);
    double ns_per_tick = (double)ns / (double)ticks;
    /* Relaxed: a number and nothing else. */
    if (ns >= SETTLED_NS)
        atomic_store_explicit(&scale.ns_per_tick, ns_per_tick, memory_order_relaxed);
    return ns_per_tick;
}

int64_t platform_ticks_ns(int64_t ticks)
{
    if (!scale.counts)
        return ticks;
    double ns_per_tick = atomic_load_explicit(&scale.ns_per_tick, memory_order_relaxed);
    return (int64_t)((double)ticks * (ns_per_tick > 0 ? ns_per_tick : measure()));
}
