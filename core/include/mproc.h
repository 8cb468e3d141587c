/* mproc: multiprocessing for C, on Linux and Windows.
 *
 * This header includes the whole public interface. Every header under mproc/ also compiles alone.
 *
 * The shape of a program:
 *
 *     int main(int argc, char **argv)
 *     {
 *         mproc_init(argc, argv);            // first line: re-created processes end in here
 *         mproc_pool *pool;
 *         if (mproc_pool_create(&pool, NULL) < 0)
 *             return mproc_perror("pool"), 1;
 *         ...
 *     }
 */
#ifndef MPROC_H
#define MPROC_H

#include <mproc/array.h>
#include <mproc/barrier.h>
#include <mproc/base.h>
#include <mproc/condition.h>
#include <mproc/connection.h>
#include <mproc/crash.h>
#include <mproc/event.h>
#include <mproc/forkserver.h>
#include <mproc/init.h>
#include <mproc/lock.h>
#include <mproc/log.h>
#include <mproc/memory.h>
#include <mproc/message.h>
#include <mproc/monitor.h>
#include <mproc/pool.h>
#include <mproc/process.h>
#include <mproc/queue.h>
#include <mproc/result.h>
#include <mproc/rlock.h>
#include <mproc/semaphore.h>
#include <mproc/shared_memory.h>
#include <mproc/stats.h>
#include <mproc/task.h>
#include <mproc/thread.h>
#include <mproc/wait.h>

#endif
