/* What a watched process says, record by record: the words in which pools are told of, below and above the wire.
 *
 * Each record is a list of fields, from which everything else is made: the struct that is filled in and read, its table
 * for encoding and decoding (wire.h), the names in JSON, and the check that docs/monitor-protocol.md names every field.
 * A list only ever grows at its end: a reader skips what it does not know, and what an older writer did not send is
 * zero or empty.
 *
 * Times are of the watched process's platform_now_ns, unless they say that they are lengths. Numbers of pools and
 * functions count from 1 and are used once; 0 is none.
 */
#ifndef MPROC_TRACE_RECORD_H
#define MPROC_TRACE_RECORD_H

#include <stdint.h>
#include <string.h>

/** A text as records have it: so many bytes, no zero behind them. On the wire it is valid UTF-8 and not longer than its
 * kind says: NAME 64, PLACE 96, PREVIEW 256, LINE 512, LONG 16384. */
struct record_text {
    const char *data;
    uint32_t size;
};

/** A string of C, or NULL, as a text. */
static inline struct record_text record_text_of(const char *string)
{
    return (struct record_text){ string != NULL ? string : "", string != NULL ? (uint32_t)strlen(string) : 0 };
}

enum record_field_kind {
    RECORD_U8 = 1,
    RECORD_U16,
    RECORD_U32,
    RECORD_U64,
    RECORD_I64,
    RECORD_NAME,
    RECORD_PLACE,
    RECORD_PREVIEW,
    RECORD_LINE,
    RECORD_LONG
};

/** What may be lost of it when its reader is slow. */
enum record_class {
    RECORD_CLASS_STATE = 0,  /**< absolute: the next one says all that a lost one said */
    RECORD_CLASS_LIFE = 1,   /**< what became of tasks and workers */
    RECORD_CLASS_DETAIL = 2, /**< what may be done without: begins, previews */
    RECORD_CLASS_LOG = 3
};
#define RECORD_CLASSES 4

/* ---- The connection ---- */

#define RECORD_GREETING_FIELDS(F)                                                                                      \
    F(U64, magic)   /* RECORD_MAGIC */                                                                                 \
    F(U32, version) /* RECORD_VERSION */                                                                               \
    F(U32, least)   /* the oldest version of a client that is spoken with */                                           \
    F(I64, pid)                                                                                                        \
    F(U64, start_time)   /* of the process, as the system counts: with the pid it is this process and no other */      \
    F(I64, now_ns)       /* the clocks at one moment: that of all times here, */                                       \
    F(I64, wall_ns)      /* and since 1970 */                                                                          \
    F(U32, capabilities) /* RECORD_CAN_... */                                                                          \
    F(PLACE, program)                                                                                                  \
    F(NAME, library) /* the version of mproc */                                                                        \
    F(NAME, system)

#define RECORD_ACCEPT_FIELDS(F) F(I64, interval_ns) /* how often there is news */

#define RECORD_REJECT_FIELDS(F)                                                                                        \
    F(I64, code) /* a mproc_error */                                                                                   \
    F(LINE, text)

/* Between the two the state of everything comes; what it does not name is gone. */
#define RECORD_SNAPSHOT_BEGIN_FIELDS(F) F(U32, reserved)
#define RECORD_SNAPSHOT_END_FIELDS(F)   F(U32, reserved)

#define RECORD_LOST_FIELDS(F)                                                                                          \
    F(U8, kind) /* enum record_class */                                                                                \
    F(U64, count)                                                                                                      \
    F(I64, from_ns)                                                                                                    \
    F(I64, to_ns)                                                                                                      \
    F(U32, pool)   /* 0: on the way to this client */                                                                  \
    F(I64, worker) /* -1: none */

#define RECORD_COST_FIELDS(F)                                                                                          \
    F(U64, cpu_ns) /* of the thread that publishes; here and below since it began */                                   \
    F(U64, bytes)  /* sent, to all clients */                                                                          \
    F(U64, events) /* of tasks, that were seen */                                                                      \
    F(U32, clients)

#define RECORD_REPLY_FIELDS(F)                                                                                         \
    F(U32, request)                                                                                                    \
    F(I64, code) /* 0 or a mproc_error */                                                                              \
    F(LINE, text)                                                                                                      \
    F(U64, task) /* that has begun with it: of a retry the number of the new one; else 0 */

#define RECORD_ENDED_FIELDS(F) F(I64, reserved) /* the process stops publishing in good order */

/* ---- Pools ---- */

#define RECORD_POOL_FIELDS(F)                                                                                          \
    F(U32, pool)                                                                                                       \
    F(U8, kind)   /* mproc_pool_kind */                                                                                \
    F(U8, method) /* mproc_start_method; 0 of threads */                                                               \
    F(U8, phase)  /* enum record_phase */                                                                              \
    F(U8, paused)                                                                                                      \
    F(U8, control)    /* whether it may be controlled */                                                               \
    F(U8, statistics) /* whether there are times per function */                                                       \
    F(U32, min_workers)                                                                                                \
    F(U32, max_workers)                                                                                                \
    F(U32, target)     /* how many are to be there now */                                                              \
    F(U64, max_queued) /* 0: no limit */                                                                               \
    F(I64, created_ns)                                                                                                 \
    F(NAME, name)                                                                                                      \
    F(LINE, reason) /* why it is broken */

/* As mproc_pool_stats has them. */
#define RECORD_COUNTS_FIELDS(F)                                                                                        \
    F(U32, pool)                                                                                                       \
    F(U32, workers)                                                                                                    \
    F(U32, idle)                                                                                                       \
    F(U64, queued)                                                                                                     \
    F(U64, running)                                                                                                    \
    F(U64, submitted)                                                                                                  \
    F(U64, succeeded)                                                                                                  \
    F(U64, failed)                                                                                                     \
    F(U64, cancelled)                                                                                                  \
    F(U64, retried)                                                                                                    \
    F(U64, deaths)                                                                                                     \
    F(U64, restarts)                                                                                                   \
    F(U64, busy_ns)                                                                                                    \
    F(U64, chunks)                                                                                                     \
    F(U64, items)                                                                                                      \
    F(I64, oldest_ns) /* a length */

/* As mproc_worker_stats has them, but for lengths that began at a time: of these, the time. */
/* Of so many workers of a pool usage is asked for at a time, every so many nanoseconds. */
#define RECORD_MEASURED    64
#define RECORD_MEASURED_NS INT64_C(500000000)
#define RECORD_WORKER_FIELDS(F)                                                                                        \
    F(U32, pool)                                                                                                       \
    F(U32, worker) /* its index */                                                                                     \
    F(U8, state)   /* mproc_worker_state */                                                                            \
    F(U8, stopped) /* by a signal or a debugger */                                                                     \
    F(I64, pid)                                                                                                        \
    F(U64, lives)                                                                                                      \
    F(I64, ready_ns) /* when it was; 0 before */                                                                       \
    F(I64, start_ns) /* a length, as init_ns */                                                                        \
    F(I64, init_ns)                                                                                                    \
    F(U64, tasks)                                                                                                      \
    F(U64, chunks)                                                                                                     \
    F(U64, failed) /* of tasks and items, in all lives */                                                              \
    F(U64, busy_ns)                                                                                                    \
    F(U64, held)                                                                                                       \
    F(U64, task) /* that it runs, or 0 */                                                                              \
    F(I64, item)                                                                                                       \
    F(U64, items)                                                                                                      \
    F(U32, attempt)                                                                                                    \
    F(U32, function)                                                                                                   \
    F(I64, since_ns) /* when it began that */                                                                          \
    F(U64, cpu_ns)   /* of the process, since it began */                                                              \
    F(U64, memory)   /* in bytes, resident */                                                                          \
    F(NAME, label)                                                                                                     \
    F(PREVIEW, argument)                                                                                               \
    F(U64, peak)         /* of memory: the most that the process has had */                                            \
    F(I64, submitted_ns) /* of the task that it runs */                                                                \
    F(U64, tasks_before) /* of tasks, those of the lives before this one */

#define RECORD_FUNCTION_FIELDS(F)                                                                                      \
    F(U32, pool)                                                                                                       \
    F(U32, function)                                                                                                   \
    F(NAME, name)                                                                                                      \
    F(PLACE, place) /* "file.c:12" of the first call */

/* As mproc_function_stats has them. */
#define RECORD_FUNCTION_STATS_FIELDS(F)                                                                                \
    F(U32, pool)                                                                                                       \
    F(U32, function)                                                                                                   \
    F(U64, succeeded)                                                                                                  \
    F(U64, failed)                                                                                                     \
    F(U64, cancelled)                                                                                                  \
    F(U64, died)                                                                                                       \
    F(U64, retried)                                                                                                    \
    F(U64, chunks)                                                                                                     \
    F(U64, items)                                                                                                      \
    F(U64, run_count)                                                                                                  \
    F(I64, run_total_ns)                                                                                               \
    F(I64, run_min_ns)                                                                                                 \
    F(I64, run_max_ns)                                                                                                 \
    F(I64, run_p50_ns)                                                                                                 \
    F(I64, run_p90_ns)                                                                                                 \
    F(I64, run_p99_ns)                                                                                                 \
    F(I64, run_p999_ns)                                                                                                \
    F(U64, wait_count)                                                                                                 \
    F(I64, wait_total_ns)                                                                                              \
    F(I64, wait_p50_ns)                                                                                                \
    F(I64, wait_p90_ns)                                                                                                \
    F(I64, wait_p99_ns)                                                                                                \
    F(I64, wait_max_ns)                                                                                                \
    F(I64, queued_ns)                                                                                                  \
    F(I64, copy_ns)                                                                                                    \
    F(I64, return_ns)

/* How many runs were how long, of all that the figures of the run are of: the cells of mproc_pool_get_histogram that
 * are not empty, "FROM:COUNT FROM:COUNT", FROM in ns and rising. A cell goes up to the next one that there could be:
 * below 16 ns there is one for each length, above eight to every power of two. */
#define RECORD_FUNCTION_BINS_FIELDS(F)                                                                                 \
    F(U32, pool)                                                                                                       \
    F(U32, function)                                                                                                   \
    F(LONG, run)

#define RECORD_MAP_FIELDS(F)                                                                                           \
    F(U32, pool)                                                                                                       \
    F(U64, task)                                                                                                       \
    F(U32, function)                                                                                                   \
    F(U64, items)                                                                                                      \
    F(U64, done) /* failed ones too */                                                                                 \
    F(U64, failed)                                                                                                     \
    F(I64, submitted_ns)                                                                                               \
    F(U8, ended)

/* ---- Tasks ---- */

#define RECORD_TASK_QUEUED_FIELDS(F)                                                                                   \
    F(U32, pool)                                                                                                       \
    F(U64, task)                                                                                                       \
    F(I64, item)  /* of a map or imap; -1 of a single task */                                                          \
    F(U64, items) /* how many: 1, or those of a chunk or map */                                                        \
    F(U32, function)                                                                                                   \
    F(I64, submitted_ns)                                                                                               \
    F(I64, priority)                                                                                                   \
    F(PREVIEW, argument)                                                                                               \
    F(U8, waits) /* it has waited for a while, at the front of the queue: told of once more, with its argument */

#define RECORD_TASK_BEGUN_FIELDS(F)                                                                                    \
    F(U32, pool)                                                                                                       \
    F(U64, task)                                                                                                       \
    F(I64, item)                                                                                                       \
    F(U64, items)                                                                                                      \
    F(U32, function)                                                                                                   \
    F(U32, worker)                                                                                                     \
    F(I64, pid)                                                                                                        \
    F(U32, attempt)                                                                                                    \
    F(I64, begun_ns)                                                                                                   \
    F(NAME, label)                                                                                                     \
    F(PREVIEW, argument)                                                                                               \
    F(I64, submitted_ns)

#define RECORD_TASK_ENDED_FIELDS(F)                                                                                    \
    F(U32, pool)                                                                                                       \
    F(U64, task)                                                                                                       \
    F(I64, item)                                                                                                       \
    F(U64, items)                                                                                                      \
    F(U32, function)                                                                                                   \
    F(I64, worker) /* -1: it was never given to one */                                                                 \
    F(I64, pid)                                                                                                        \
    F(U32, attempt)                                                                                                    \
    F(U8, end)   /* enum record_end */                                                                                 \
    F(I64, code) /* 0, or a mproc_error, or the function's own negative number */                                      \
    F(I64, submitted_ns)                                                                                               \
    F(I64, begun_ns)                                                                                                   \
    F(I64, ended_ns)                                                                                                   \
    F(I64, wait_ns) /* lengths: the parts of its time, as stats.h tells them apart */                                  \
    F(I64, queued_ns)                                                                                                  \
    F(I64, copy_ns)                                                                                                    \
    F(I64, run_ns)                                                                                                     \
    F(I64, return_ns)                                                                                                  \
    F(NAME, label)                                                                                                     \
    F(PREVIEW, argument)                                                                                               \
    F(PREVIEW, result)                                                                                                 \
    F(LINE, error)                                                                                                     \
    F(U8, retriable) /* it has failed, and its argument is kept: it can be retried, until later ones take its place */

/* A worker's death certificate. */
#define RECORD_DEATH_FIELDS(F)                                                                                         \
    F(U32, pool)                                                                                                       \
    F(U32, worker)                                                                                                     \
    F(I64, pid)                                                                                                        \
    F(U64, lives)                                                                                                      \
    F(I64, time_ns)                                                                                                    \
    F(I64, exit_code) /* as mproc_process_get_exit_code says it */                                                     \
    F(U8, expected)   /* it was told to exit, or to be replaced */                                                     \
    F(U64, task)      /* that it was running, or 0; here and below */                                                  \
    F(I64, item)                                                                                                       \
    F(U64, items)                                                                                                      \
    F(U32, function)                                                                                                   \
    F(U32, attempt)                                                                                                    \
    F(U8, decision)     /* enum record_decision: what became of the task */                                            \
    F(I64, decided_ns)  /* a length, from the death on */                                                              \
    F(I64, replaced_ns) /* when its successor was started; 0: not yet, or never */                                     \
    F(LINE, cause)      /* in words: "worker 2 (pid 4711) was killed by signal 11" */                                  \
    F(NAME, label)                                                                                                     \
    F(PREVIEW, argument)                                                                                               \
    F(LONG, stack)                                                                                                     \
    F(LONG, output)   /* the last it wrote to stderr */                                                                \
    F(I64, successor) /* the pid of who was started in its place; 0 as long as replaced_ns is */                       \
    F(U64, peak)      /* of its memory, as far as that was looked at */                                                \
    F(I64, lived_ns)  /* a length, since it was ready; 0: it never was */                                              \
    F(U64, tasks)     /* that it had ended, chunks among them */                                                       \
    F(U8, fault)      /* enum record_fault: what was the matter with the address */                                    \
    F(U8, access)     /* enum record_access: what was tried there */                                                   \
    F(U64, address)   /* that a fault was about */

/* ---- Locks and queues ---- */

#define RECORD_OBJECT_FIELDS(F)                                                                                        \
    F(U64, object)                                                                                                     \
    F(U8, kind) /* enum record_object_kind */                                                                          \
    F(U8, destroyed)                                                                                                   \
    F(I64, holder_pid)    /* 0: it is free, or of a kind that nobody holds */                                          \
    F(U64, holder)        /* its thread, as the system numbers it */                                                   \
    F(I64, held_since_ns) /* when it was first seen to be held by that thread, for no lock reads a clock */            \
    F(U32, waiters)                                                                                                    \
    F(U64, depth) /* messages in a queue, bytes in a pipe, permits left, parties that came, times taken of an rlock */ \
    F(U64, limit) /* of the depth; 0: none */                                                                          \
    F(U64, taken) /* messages or bytes that came out of it; 0: nobody counts, as of locks */                           \
    F(U64, contended) /* how often somebody slept before he had it */                                                  \
    F(NAME, name)                                                                                                      \
    F(PLACE, place)  /* where its holder took it, of who has taken no other since; else empty */                       \
    F(U8, abandoned) /* its holder died with it, and nobody has taken it since */

#define RECORD_WAITER_FIELDS(F)                                                                                        \
    F(U64, object)                                                                                                     \
    F(I64, pid)                                                                                                        \
    F(U64, thread)                                                                                                     \
    F(U8, gone) /* it waits no more */                                                                                 \
    F(I64, since_ns)                                                                                                   \
    F(PLACE, place)                                                                                                    \
    F(U8, wait)     /* enum record_wait */                                                                             \
    F(U8, patience) /* enum record_patience */

/* ---- Log ---- */

#define RECORD_LOG_FIELDS(F)                                                                                           \
    F(I64, time_ns)                                                                                                    \
    F(U8, level) /* mproc_log_level */                                                                                 \
    F(I64, pid)                                                                                                        \
    F(U32, pool)   /* 0: none, or not known */                                                                         \
    F(I64, worker) /* the same with -1 */                                                                              \
    F(LINE, text)

#define RECORD_OUTPUT_FIELDS(F)                                                                                        \
    F(I64, time_ns)                                                                                                    \
    F(U32, pool)                                                                                                       \
    F(I64, worker)                                                                                                     \
    F(I64, pid)                                                                                                        \
    F(LINE, text) /* a piece of what it wrote to stderr */

/* ---- What a client says ---- */

#define RECORD_HELLO_FIELDS(F)                                                                                         \
    F(U32, version)                                                                                                    \
    F(U32, wants) /* RECORD_WANTS_... */                                                                               \
    F(NAME, name)

#define RECORD_RESYNC_FIELDS(F) F(U32, reserved) /* everything once more, from snapshot_begin on */

#define RECORD_CONTROL_FIELDS(F)                                                                                       \
    F(U32, request) /* comes back with the reply */                                                                    \
    F(U8, verb)     /* enum record_verb */                                                                             \
    F(U32, pool)                                                                                                       \
    F(I64, worker)                                                                                                     \
    F(U64, task)                                                                                                       \
    F(I64, number) /* of workers, to resize */

/* From now on instead of what the hello said, or the last of these. */
#define RECORD_WANTS_FIELDS(F) F(U32, wants) /* RECORD_WANTS_... */

/* ---- All of them ---- */

/** type, name, NAME, class. Up to 99 a server's, from 100 on a client's. */
#define RECORDS(R)                                                                                                     \
    R(1, greeting, GREETING, STATE)                                                                                    \
    R(2, accept, ACCEPT, STATE)                                                                                        \
    R(3, reject, REJECT, STATE)                                                                                        \
    R(4, snapshot_begin, SNAPSHOT_BEGIN, STATE)                                                                        \
    R(5, snapshot_end, SNAPSHOT_END, STATE)                                                                            \
    R(6, lost, LOST, STATE)                                                                                            \
    R(7, cost, COST, STATE)                                                                                            \
    R(8, reply, REPLY, STATE)                                                                                          \
    R(9, ended, ENDED, STATE)                                                                                          \
    R(10, pool, POOL, STATE)                                                                                           \
    R(11, counts, COUNTS, STATE)                                                                                       \
    R(12, worker, WORKER, STATE)                                                                                       \
    R(13, function, FUNCTION, STATE)                                                                                   \
    R(14, function_stats, FUNCTION_STATS, STATE)                                                                       \
    R(15, map, MAP, STATE)                                                                                             \
    R(16, function_bins, FUNCTION_BINS, STATE)                                                                         \
    R(20, task_queued, TASK_QUEUED, DETAIL)                                                                            \
    R(21, task_begun, TASK_BEGUN, DETAIL)                                                                              \
    R(22, task_ended, TASK_ENDED, LIFE)                                                                                \
    R(23, death, DEATH, LIFE)                                                                                          \
    R(30, object, OBJECT, STATE)                                                                                       \
    R(31, waiter, WAITER, STATE)                                                                                       \
    R(40, log, LOG, LOG)                                                                                               \
    R(41, output, OUTPUT, LOG)                                                                                         \
    R(100, hello, HELLO, STATE)                                                                                        \
    R(101, resync, RESYNC, STATE)                                                                                      \
    R(102, control, CONTROL, STATE)                                                                                    \
    R(103, wants, WANTS, STATE)

#define RECORD_MAGIC   0x4e4f4d434f52504dull /* "MPROCMON" */
#define RECORD_VERSION 1u

#define RECORD_CAN_CONTROL 1u /* some pool may be controlled */
#define RECORD_CAN_WANT    2u /* a client may say again what it wants */

/** What a client wants beside the state. */
#define RECORD_WANTS_LIFE    1u
#define RECORD_WANTS_DETAIL  2u
#define RECORD_WANTS_LOG     4u
#define RECORD_WANTS_OBJECTS 8u

enum record_phase {
    RECORD_PHASE_OPEN = 0,
    RECORD_PHASE_CLOSED = 1,
    RECORD_PHASE_TERMINATED = 2,
    RECORD_PHASE_BROKEN = 3,
    RECORD_PHASE_OVER = 4, /**< all workers have ended */
    RECORD_PHASE_GONE = 5  /**< freed: nothing more comes of it */
};

enum record_end {
    RECORD_END_DONE = 1,
    RECORD_END_FAILED = 2,
    RECORD_END_CANCELLED = 3,
    RECORD_END_DIED = 4,     /**< its worker did, and it with it */
    RECORD_END_LIMIT = 5,    /**< of time or memory */
    RECORD_END_RETRIED = 6,  /**< this attempt died, another will be made */
    RECORD_END_ABANDONED = 7 /**< the pool has ended before it */
};

enum record_decision { RECORD_DECISION_NONE = 0, RECORD_DECISION_RETRIED = 1, RECORD_DECISION_FAILED = 2 };

/** What was the matter with the address that a worker died of. */
enum record_fault {
    RECORD_FAULT_NONE = 0,      /**< it was none, or it is not known */
    RECORD_FAULT_NO_MEMORY = 1, /**< nothing is there */
    RECORD_FAULT_FORBIDDEN = 2, /**< memory that may not be accessed in this way */
    RECORD_FAULT_NO_PAGE = 3,   /**< memory that the system has nothing for: its file was cut, memory ran out */
    RECORD_FAULT_UNALIGNED = 4,
    RECORD_FAULT_NO_ADDRESS = 5, /**< the system does not say which: none that can be, or one that is not aligned */
    RECORD_FAULT_STACK = 6       /**< the stack had come to its end there */
};

enum record_access {
    RECORD_ACCESS_UNKNOWN = 0,
    RECORD_ACCESS_READ = 1,
    RECORD_ACCESS_WRITE = 2,
    RECORD_ACCESS_EXECUTE = 3
};

enum record_object_kind {
    RECORD_OBJECT_LOCK = 1,
    RECORD_OBJECT_RLOCK = 2,
    RECORD_OBJECT_SEMAPHORE = 3,
    RECORD_OBJECT_CONDITION = 4,
    RECORD_OBJECT_EVENT = 5,
    RECORD_OBJECT_BARRIER = 6,
    RECORD_OBJECT_QUEUE = 7,
    RECORD_OBJECT_PIPE = 8
};

/** What a waiter is in need of. Only one that is to take something waits for whoever holds it. */
enum record_wait {
    RECORD_WAIT_TAKE = 0,
    RECORD_WAIT_GET = 1, /**< something in it */
    RECORD_WAIT_PUT = 2, /**< room in it */
    RECORD_WAIT_WAIT = 3 /**< a notification, an event that is set, the others at a barrier, that all is done */
};

/** For how long a waiter waits. */
enum record_patience {
    RECORD_PATIENCE_UNKNOWN = 0, /**< whoever told of it does not say */
    RECORD_PATIENCE_FOREVER = 1,
    RECORD_PATIENCE_LIMITED = 2 /**< then it gives up */
};

enum record_verb {
    RECORD_VERB_PAUSE = 1,
    RECORD_VERB_RESUME = 2,
    RECORD_VERB_RESIZE = 3,
    RECORD_VERB_RESTART_WORKER = 4, /**< after the task that it runs */
    RECORD_VERB_KILL_WORKER = 5,
    RECORD_VERB_CANCEL_TASK = 6,
    RECORD_VERB_RETRY_TASK = 7 /**< a failed one once more: a new task of the same function, with the same argument */
};

#define RECORD_TYPE_U8      uint8_t
#define RECORD_TYPE_U16     uint16_t
#define RECORD_TYPE_U32     uint32_t
#define RECORD_TYPE_U64     uint64_t
#define RECORD_TYPE_I64     int64_t
#define RECORD_TYPE_NAME    struct record_text
#define RECORD_TYPE_PLACE   struct record_text
#define RECORD_TYPE_PREVIEW struct record_text
#define RECORD_TYPE_LINE    struct record_text
#define RECORD_TYPE_LONG    struct record_text

#define RECORD_MEMBER(kind, name) RECORD_TYPE_##kind name;
#define RECORD_STRUCT(type, name, NAME, class)                                                                         \
    struct record_##name {                                                                                             \
        RECORD_##NAME##_FIELDS(RECORD_MEMBER)                                                                          \
    };
RECORDS(RECORD_STRUCT)

#define RECORD_ENUMERATOR(type, name, NAME, class) RECORD_##NAME = type,
enum record_type { RECORDS(RECORD_ENUMERATOR) };

#define RECORD_UNION_MEMBER(type, name, NAME, class) struct record_##name name;
/** One of them, whose type says which. */
union record {
    RECORDS(RECORD_UNION_MEMBER)
};

#endif
