/* Peers for the queue's rows: so many producers and consumers at one queue, each a forked process, all ready before the
 * clock starts. See queue.c for what is measured. */
#ifndef BENCH_MESSAGES_H
#define BENCH_MESSAGES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct message_peer {
    const char *name;
    int consumers_max;                          /**< more cannot share one queue evenly */
    void (*make)(size_t depth, size_t size);    /**< before the processes */
    void (*open)(int is_consumer);              /**< in each of them */
    void (*put)(const void *data, size_t size); /**< blocks */
    void (*get)(void *data, size_t size);       /**< blocks */
    void (*end)(void);
};

int message_peer_main(int argc, char **argv, const struct message_peer *peer);

#ifdef __cplusplus
}
#endif
#endif
