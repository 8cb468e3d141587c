/* What the peers in C and C++ share. A peer prints "ROW.peer value unit" and "# ROW.peer min max" for the rows of
 * its command line that it knows, and ends by itself. A peer supplies a pool of forked workers, or of threads, that
 * answer 8-byte requests with 8-byte replies. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct peer {
    const char *name;
    void (*start)(int workers);         /**< makes queues and workers; every worker runs peer_answer on what it gets */
    void (*send)(int64_t request);      /**< may block */
    int64_t (*receive)(void);           /**< blocks */
    int (*try_receive)(int64_t *reply); /**< 1 with a reply, 0 if none is there */
    void (*stop)(void);                 /**< ends the workers, frees the queues */
    int threads;                        /**< its workers are threads, and the rows of those are its own */
};

/** A worker's answer; the same work as the library's rows do. */
static inline int64_t peer_answer(int64_t request)
{
    return 2 * request + 1;
}

/** Forks so many workers that run the function. They die with their parent. */
void peer_fork_workers(int workers, void (*run)(int index));

void peer_kill_workers(void);

void peer_fail(const char *text);

int peer_main(int argc, char **argv, const struct peer *peer);

#ifdef __cplusplus
}
#endif
#endif
