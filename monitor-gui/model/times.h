/* Which of two times comes first. */
#ifndef MPROC_MODEL_TIMES_H
#define MPROC_MODEL_TIMES_H

#include <stdint.h>

static inline int64_t times_earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static inline int64_t times_later(int64_t one, int64_t other)
{
    return one < other ? other : one;
}

#endif
