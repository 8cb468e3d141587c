/* Spinning and sleeping on a word. */
#include "word/sleep.h"
#include "family/death.h"
#include "family/family_layout.h"
#include "family/view.h"

/* Spinning: for so long, with so many pauses between two looks at the word, and so many looks between two yields. The
 * time is about what a sleep and a wake cost. Looking more often would take the other's cache line away from him. */
#define SPIN_NS     20000
#define SPIN_PAUSES 16
#define SPIN_LOOKS  4

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

struct mproc__spin mproc__spin_begin(int64_t deadline_ns)
{
    if (!spinning_helps())
        return (struct mproc__spin){ 0, SPIN_LOOKS };
    int64_t now = platform_now_ns();
    if (now < atomic_load_explicit(&busy_until, memory_order_relaxed))
        return (struct mproc__spin){ 0, SPIN_LOOKS };
    return (struct mproc__spin){ now < deadline_ns - SPIN_NS ? now + SPIN_NS : deadline_ns, 0 };
}

/* It yields, so that it harms a preempted holder no more than any other load, and it goes by the clock and not by
 * yields, each of which may take milliseconds on a busy machine: to be woken is quicker then, and only a waiter that
 * sleeps notices a death. */
bool mproc__spin_on(struct mproc__spin *spin)
{
    if (spin->looks == SPIN_LOOKS) {
        if (spin->end == 0)
            return false;
        int64_t before = platform_now_ns();
        platform_yield();
        int64_t now = platform_now_ns();
        if (now - before > BUSY_YIELD_NS)
            atomic_store_explicit(&busy_until, now + BUSY_NS, memory_order_relaxed);
        spin->looks = 0;
    }
    if (spin->looks == 0 && platform_now_ns() >= spin->end)
        return false;
    for (int i = 0; i < SPIN_PAUSES; i++)
        platform_pause();
    spin->looks++;
    return true;
}

void mproc__spin(const _Atomic uint32_t *value, uint32_t mask, uint32_t pattern, bool equal, int64_t deadline_ns)
{
    struct mproc__spin spin = mproc__spin_begin(deadline_ns);
    /* Relaxed: the caller's own look decides. */
    while (((atomic_load_explicit(value, memory_order_relaxed) & mask) == pattern) == equal && mproc__spin_on(&spin))
        ;
}

void mproc__sleep(platform_word *word, uint32_t seen, uint32_t deaths, int64_t end_ns, uint64_t on)
{
    /* Relaxed: for onlookers, who draw a graph of what they happen to see. */
    struct family_node *node = mproc__self.node;
    if (node != NULL)
        atomic_store_explicit(&node->waits_on, on, memory_order_relaxed);
    platform_wait(word, seen, mproc__family_death_word(), deaths, end_ns);
    if (node != NULL)
        atomic_store_explicit(&node->waits_on, 0, memory_order_relaxed);
}

int mproc__sleeper_wait(struct sleeper *sleeper)
{
    const platform_word *death = mproc__family_death_word();
    bool spun = sleeper->deadline == 0;
    for (;;) {
        /* seq_cst, before the look, and compared again by platform_wait. */
        sleeper->deaths = atomic_load(&death->value);
        sleeper->seen = atomic_load(&sleeper->word->value);
        int64_t now = platform_now_ns();
        bool last = now >= sleeper->deadline;
        /* The last look asks too: else who always waits for less than a slice would never learn of a death that nobody
         * reports. */
        sleeper->ask = last || now >= sleeper->next_ask;
        if (sleeper->ask)
            sleeper->next_ask = now + SLEEP_SLICE_NS;
        int code = sleeper->look(sleeper);
        if (code != SLEEPER_WAITS)
            return code;
        if (last)
            return MPROC_E_TIMEOUT;
        if (!spun)
            mproc__spin(&sleeper->word->value, UINT32_MAX, sleeper->seen, true, sleeper->deadline);
        else
            mproc__sleep(sleeper->word, sleeper->seen, sleeper->deaths,
                         sleeper->deadline < sleeper->next_ask ? sleeper->deadline : sleeper->next_ask, sleeper->on);
        spun = true;
    }
}
