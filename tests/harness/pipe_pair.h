/* Both ends of a pipe, as the tests of pipes, handles and waiting use them. */
#ifndef PIPE_PAIR_H
#define PIPE_PAIR_H

#include "test.h"

struct pair {
    mproc_connection first, second;
};

/** buffer_size: 0 for the usual one. */
static inline struct pair pair_make(size_t buffer_size)
{
    struct pair pair;
    CHECK_OK(mproc_pipe_create(&pair.first, &pair.second, &(mproc_pipe_options){ .buffer_size = buffer_size }));
    return pair;
}

static inline void pair_close(struct pair pair)
{
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
}

#endif
