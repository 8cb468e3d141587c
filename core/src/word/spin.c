/* Spinning; see spin.h. */
#include "word/spin.h"
#include "platform.h"

/* A yield that took so long has given the CPU to others, who are many: for a while it is better to sleep at once, for
 * whoever is woken is preferred to who has yielded. */
#define BUSY_YIELD_NS 100000
#define BUSY_NS       (10 * (int64_t)1000000)

/* Until when this process takes the machine for busy. Relaxed: a guess. */
static _Atomic int64_t busy_until;

static bool spinning_helps(void)
{
    static _Atomic int cpus;
    /* Relaxed: two threads at once store the same number. */
    if (atomic_load_explicit(&cpus, memory_order_relaxed) == 0)
        atomic_store_explicit(&cpus, platform_cpu_count(), memory_order_relaxed);
    return atomic_load_explicit(&cpus, memory_order_relaxed) >= 2;
}

struct spin mproc__spin_begin_for(enum spin_kind kind, int64_t duration_ns, int64_t deadline_ns)
{
    int64_t now = platform_now_ns();
    bool busy = kind == SPIN_SHARED && now < atomic_load_explicit(&busy_until, memory_order_relaxed);
    int64_t end = now < deadline_ns - duration_ns ? now + duration_ns : deadline_ns;
    return (struct spin){ kind, 0, now, busy ? now : end };
}

struct spin mproc__spin_begin(enum spin_kind kind, int64_t deadline_ns)
{
    return spinning_helps() ? mproc__spin_begin_for(kind, SPIN_NS, deadline_ns) : (struct spin){ .kind = kind };
}

void mproc__spin_yield(struct spin *spin)
{
    int64_t before = spin->kind == SPIN_SHARED ? platform_now_ns() : INT64_MAX;
    platform_yield();
    spin->now = platform_now_ns();
    spin->looks = 0;
    if (spin->now > before && spin->now - before > BUSY_YIELD_NS)
        atomic_store_explicit(&busy_until, spin->now + BUSY_NS, memory_order_relaxed);
}

void mproc__spin(const _Atomic uint32_t *value, uint32_t mask, uint32_t pattern, bool equal, int64_t deadline_ns)
{
    struct spin spin = mproc__spin_begin(SPIN_SHARED, deadline_ns);
    /* Relaxed: the caller's own look decides. */
    while (((atomic_load_explicit(value, memory_order_relaxed) & mask) == pattern) == equal && spin_on(&spin))
        ;
}
