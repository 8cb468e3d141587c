/* Data that processes share: values and arrays of one type, named memory, lists of typed items in it, and managers that
 * unlink what they have named.
 *
 * Lives here: what a program puts into shared memory by the types of C and looks at in place. An array is an object of
 * the family with a lock of its own; named memory is for programs that are not of one family.
 *
 * May use: objects and spans (memory/), owned words (word/), locks (sync/); of processes only who the calling one is
 * and what it does at its exit.
 *
 * Must not know: queues and pipes, pools and their tasks, and who waits for what.
 */
#ifndef MPROC_DATA_DATA_H
#define MPROC_DATA_DATA_H

/* All of it is public; who is above uses it as a program does. */
#include <mproc/array.h>
#include <mproc/shared_memory.h>

#endif
