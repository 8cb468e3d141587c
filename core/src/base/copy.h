/* Copying what may be large, or is mostly small. */
#ifndef MPROC_BASE_COPY_H
#define MPROC_BASE_COPY_H

#include "base/base.h"
#include <stdbool.h>
#include <string.h>

/* What memcpy copies by the processor's string move, where it does, is more than this. */
#define COPY_BY_STRING 2048u
#define COPY_PAGE      4096u

/** Whether the destination begins a few bytes further on in its page than the source: the string move of some
 * processors (seen on Zen 5, with glibc) then takes each of its stores for what it is to load next, and copies 4 KiB to
 * 512 KiB 15 times slower. So it is with what goes from the beginning of a page to large memory from malloc, 16 bytes
 * behind one. */
static inline bool copy_is_slow(const void *to, const void *from)
{
    size_t ahead = ((size_t)(uintptr_t)to - (size_t)(uintptr_t)from) % COPY_PAGE;
    return ahead > 0 && ahead < 32;
}

/** From the end back, where no load looks like an earlier store. */
void mproc__copy_backward(unsigned char *to, const unsigned char *from, size_t size);

/** memcpy, at its full speed wherever the two lie. */
static inline void mproc__copy(void *to, const void *from, size_t size)
{
    if (unlikely(size > COPY_BY_STRING && copy_is_slow(to, from)))
        mproc__copy_backward(to, from, size);
    else
        memcpy(to, from, size);
}

/** mproc__copy of what most often is one number, which takes no call. */
static inline void mproc__copy_few(void *to, const void *from, size_t size)
{
    if (likely(size == sizeof(uint64_t)))
        memcpy(to, from, sizeof(uint64_t));
    else
        mproc__copy(to, from, size);
}

#endif
