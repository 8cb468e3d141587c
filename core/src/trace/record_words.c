#include "trace/record_words.h"
#include "trace/record.h"
#include <mproc/log.h>
#include <mproc/pool.h>
#include <string.h>

static const char *const CLASSES[] = { [RECORD_CLASS_STATE] = "state",
                                       [RECORD_CLASS_LIFE] = "life",
                                       [RECORD_CLASS_DETAIL] = "detail",
                                       [RECORD_CLASS_LOG] = "log" };
static const char *const POOL_KINDS[] = { [MPROC_POOL_PROCESSES] = "processes", [MPROC_POOL_THREADS] = "threads" };
static const char *const METHODS[] = {
    [0] = "none", [MPROC_START_FORK] = "fork", [MPROC_START_SPAWN] = "spawn", [MPROC_START_FORKSERVER] = "forkserver"
};
static const char *const PHASES[] = {
    [RECORD_PHASE_OPEN] = "open",     [RECORD_PHASE_CLOSED] = "closed", [RECORD_PHASE_TERMINATED] = "terminated",
    [RECORD_PHASE_BROKEN] = "broken", [RECORD_PHASE_OVER] = "over",     [RECORD_PHASE_GONE] = "gone"
};
static const char *const WORKER_STATES[] = { [MPROC_WORKER_NONE] = "none",
                                             [MPROC_WORKER_STARTING] = "starting",
                                             [MPROC_WORKER_IDLE] = "idle",
                                             [MPROC_WORKER_BUSY] = "busy",
                                             [MPROC_WORKER_LEAVING] = "leaving" };
static const char *const ENDS[] = {
    [RECORD_END_DONE] = "done",          [RECORD_END_FAILED] = "failed", [RECORD_END_CANCELLED] = "cancelled",
    [RECORD_END_DIED] = "died",          [RECORD_END_LIMIT] = "limit",   [RECORD_END_RETRIED] = "retried",
    [RECORD_END_ABANDONED] = "abandoned"
};
static const char *const DECISIONS[] = {
    [RECORD_DECISION_NONE] = "none", [RECORD_DECISION_RETRIED] = "retried", [RECORD_DECISION_FAILED] = "failed"
};
static const char *const FAULTS[] = { [RECORD_FAULT_NONE] = "none",           [RECORD_FAULT_NO_MEMORY] = "no_memory",
                                      [RECORD_FAULT_FORBIDDEN] = "forbidden", [RECORD_FAULT_NO_PAGE] = "no_page",
                                      [RECORD_FAULT_UNALIGNED] = "unaligned", [RECORD_FAULT_NO_ADDRESS] = "no_address",
                                      [RECORD_FAULT_STACK] = "stack" };
static const char *const ACCESSES[] = { [RECORD_ACCESS_UNKNOWN] = "unknown",
                                        [RECORD_ACCESS_READ] = "read",
                                        [RECORD_ACCESS_WRITE] = "write",
                                        [RECORD_ACCESS_EXECUTE] = "execute" };
static const char *const OBJECT_KINDS[] = {
    [RECORD_OBJECT_LOCK] = "lock",           [RECORD_OBJECT_RLOCK] = "rlock", [RECORD_OBJECT_SEMAPHORE] = "semaphore",
    [RECORD_OBJECT_CONDITION] = "condition", [RECORD_OBJECT_EVENT] = "event", [RECORD_OBJECT_BARRIER] = "barrier",
    [RECORD_OBJECT_QUEUE] = "queue",         [RECORD_OBJECT_PIPE] = "pipe"
};
static const char *const WAITS[] = {
    [RECORD_WAIT_TAKE] = "take", [RECORD_WAIT_GET] = "get", [RECORD_WAIT_PUT] = "put", [RECORD_WAIT_WAIT] = "wait"
};
static const char *const PATIENCES[] = {
    [RECORD_PATIENCE_UNKNOWN] = "unknown", [RECORD_PATIENCE_FOREVER] = "forever", [RECORD_PATIENCE_LIMITED] = "limited"
};
/* 0 is not sent: what a worker wrote to stderr is kept among the lines of the log. */
static const char *const LEVELS[] = { [0] = "stderr",
                                      [MPROC_LOG_SUBDEBUG] = "subdebug",
                                      [MPROC_LOG_DEBUG] = "debug",
                                      [MPROC_LOG_INFO] = "info",
                                      [MPROC_LOG_SUBWARNING] = "subwarning",
                                      [MPROC_LOG_WARNING] = "warning",
                                      [MPROC_LOG_ERROR] = "error" };
static const char *const VERBS[] = { [RECORD_VERB_PAUSE] = "pause",      [RECORD_VERB_RESUME] = "resume",
                                     [RECORD_VERB_RESIZE] = "resize",    [RECORD_VERB_RESTART_WORKER] = "restart",
                                     [RECORD_VERB_KILL_WORKER] = "kill", [RECORD_VERB_CANCEL_TASK] = "cancel",
                                     [RECORD_VERB_RETRY_TASK] = "retry" };

#define ENUM(type, field, words)                                                                                       \
    {                                                                                                                  \
        type, #field, words, sizeof(words) / sizeof *(words)                                                           \
    }
#define FLAG(type, field)                                                                                              \
    {                                                                                                                  \
        type, #field, NULL, 0                                                                                          \
    }

static const struct record_words ALL[] = {
    ENUM(RECORD_LOST, kind, CLASSES),
    ENUM(RECORD_POOL, kind, POOL_KINDS),
    ENUM(RECORD_POOL, method, METHODS),
    ENUM(RECORD_POOL, phase, PHASES),
    FLAG(RECORD_POOL, paused),
    FLAG(RECORD_POOL, control),
    FLAG(RECORD_POOL, statistics),
    ENUM(RECORD_WORKER, state, WORKER_STATES),
    FLAG(RECORD_WORKER, stopped),
    FLAG(RECORD_MAP, ended),
    ENUM(RECORD_TASK_ENDED, end, ENDS),
    FLAG(RECORD_TASK_QUEUED, waits),
    FLAG(RECORD_TASK_ENDED, retriable),
    FLAG(RECORD_DEATH, expected),
    ENUM(RECORD_DEATH, decision, DECISIONS),
    ENUM(RECORD_DEATH, fault, FAULTS),
    ENUM(RECORD_DEATH, access, ACCESSES),
    ENUM(RECORD_OBJECT, kind, OBJECT_KINDS),
    FLAG(RECORD_OBJECT, destroyed),
    FLAG(RECORD_OBJECT, abandoned),
    FLAG(RECORD_WAITER, gone),
    ENUM(RECORD_WAITER, wait, WAITS),
    ENUM(RECORD_WAITER, patience, PATIENCES),
    ENUM(RECORD_LOG, level, LEVELS),
    ENUM(RECORD_CONTROL, verb, VERBS),
};

const struct record_words *mproc__record_words_at(size_t index)
{
    return index < sizeof ALL / sizeof *ALL ? &ALL[index] : NULL;
}

const struct record_words *mproc__record_words(unsigned type, const char *field)
{
    for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++)
        if (ALL[i].type == type && strcmp(ALL[i].field, field) == 0)
            return &ALL[i];
    return NULL;
}

const char *mproc__record_word(const struct record_words *words, unsigned value)
{
    return value < words->count ? words->words[value] : NULL;
}
