/* Sets of a pool's workers, by index: so that whoever looks after those with jobs, which may be two of a thousand, does
 * not look at all of them.
 */
#ifndef MPROC_POOL_WORKER_SET_H
#define MPROC_POOL_WORKER_SET_H

#include "pool/pool_layout.h"
#include <stdbool.h>
#include <stdint.h>

struct worker_set {
    uint64_t words[POOL_MAX_WORKERS / 64]; /**< one bit a worker */
};

static inline void worker_set_add(struct worker_set *set, int index)
{
    set->words[index / 64] |= 1ull << index % 64;
}

static inline void worker_set_remove(struct worker_set *set, int index)
{
    set->words[index / 64] &= ~(1ull << index % 64);
}

static inline void worker_set_clear(struct worker_set *set, int end)
{
    for (int base = 0; base < end; base += 64)
        set->words[base / 64] = 0;
}

static inline bool worker_set_is_empty(const struct worker_set *set, int end)
{
    uint64_t any = 0;
    for (int base = 0; base < end; base += 64)
        any |= set->words[base / 64];
    return any == 0;
}

/** Takes the first index in the set out of it, and returns it; or -1. */
static inline int worker_set_take(struct worker_set *set, int end)
{
    for (int base = 0; base < end; base += 64) {
        uint64_t bits = set->words[base / 64];
        if (bits == 0)
            continue;
        set->words[base / 64] = bits & (bits - 1);
        return base + __builtin_ctzll(bits);
    }
    return -1;
}

/** The first index in the set that is at least from and below end, or -1. */
static inline int worker_set_next(const struct worker_set *set, int from, int end)
{
    for (int base = from & ~63; base < end; base += 64) {
        uint64_t bits = set->words[base / 64];
        if (base < from)
            bits &= ~0ull << from % 64;
        if (bits != 0)
            return base + __builtin_ctzll(bits);
    }
    return -1;
}

#endif
