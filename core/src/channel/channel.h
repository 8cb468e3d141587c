/* What carries messages from one process to another: pipes and queues.
 *
 * Lives here: pipes (pipe*.c) and what passes through them, which is messages, bytes and handles of the system
 * (connection*.c, with handle_store.c); queues (queue*.c), and messages in the hands of a process (message.c). How
 * they lie in shared memory is in pipe_layout.h and queue_layout.h, which also say how they work.
 *
 * May use: sync (the lock of the store of handles), word, memory, family, base, and the port. Pipes and queues know
 * nothing of each other.
 *
 * Must not know: who sends and receives, be it a process object or a pool, nor what messages mean; who waits for
 * several things at once: whoever does looks from above.
 */
#ifndef MPROC_CHANNEL_CHANNEL_H
#define MPROC_CHANNEL_CHANNEL_H

#include <stdint.h>

/** Looks at the object with the handle id for mproc_wait_any: 1 if a receive would not have to wait, 0 if it would, or
 * an error. Before it looks it sees to it, by mproc__activity_watch, that a change will be told. */
typedef int channel_look(const uint64_t id[2]);

#endif
