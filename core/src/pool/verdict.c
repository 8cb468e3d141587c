#include "pool/verdict.h"
#include "pool/link.h"
#include "pool/pool.h"
#include <stdio.h>

/* All that follows from a verdict: another reason to end a worker is a row more. */
static const struct {
    int code;
    const char *reason; /**< with worker.reason behind it; NULL: the worker's end says it all */
    bool expected, counted, may_retry;
} verdicts[] = {
    [VERDICT_DIED] = { MPROC_E_WORKER_DIED, NULL, false, true, true },
    [VERDICT_NOT_WANTED] = { MPROC_E_WORKER_DIED, NULL, true, false, true },
    [VERDICT_START_LIMIT] = { MPROC_E_WORKER_DIED, "it was not ready in time", false, true, true },
    [VERDICT_TIME_LIMIT] = { MPROC_E_TIMEOUT, "its task took longer than", false, false, false },
    [VERDICT_MEMORY_LIMIT] = { MPROC_E_LIMIT, "it took more memory than", false, false, true },
    [VERDICT_CANCELLED] = { MPROC_E_CANCELLED, "its task was cancelled", true, false, false },
    [VERDICT_BY_HAND] = { MPROC_E_WORKER_DIED, "by a monitor's request", false, false, true },
    [VERDICT_BROKE_PROTOCOL] = { MPROC_E_WORKER_DIED, "what it wrote made no sense", false, true, true },
};

void mproc__worker_kill(struct worker *worker, enum verdict verdict)
{
    if (worker->link == NULL || worker->killed)
        return;
    worker->killed = true;
    /* One that lives on for a moment must not begin anything. */
    if (worker_is_up(worker))
        worker_become(worker, WORKER_LEAVING);
    if (worker->verdict == VERDICT_DIED)
        worker->verdict = verdict;
    link_kill(worker->link);
}

bool mproc__verdict_is_expected(enum verdict verdict)
{
    return verdicts[verdict].expected;
}

bool mproc__verdict_is_counted(enum verdict verdict)
{
    return verdicts[verdict].counted;
}

bool mproc__verdict_may_retry(enum verdict verdict)
{
    return verdicts[verdict].may_retry;
}

int mproc__verdict_code(enum verdict verdict)
{
    return verdicts[verdict].code;
}

/* Only the first of its jobs can have one: it is that which it runs. */
static void add_label(const struct worker *worker, char *text, size_t capacity)
{
    char label[EVENT_LABEL_BYTES];
    const struct job *job = worker->jobs.head;
    size_t size = job != NULL ? link_label(worker->link, job, label) : 0;
    if (size > 0)
        snprintf(text, capacity, ", at \"%.*s\"", (int)size, label);
}

void mproc__verdict_text(const struct worker *worker, const struct link_end *end, char *ret_text, size_t capacity)
{
    const char *reason = verdicts[worker->verdict].reason;
    int size;
    if (reason == NULL)
        size = snprintf(ret_text, capacity, "%s%s", end->text, worker->fault);
    else
        size = snprintf(ret_text, capacity, "%s%s: %s%s%s", end->text, worker->fault, reason,
                        worker->reason[0] != '\0' ? " " : "", worker->reason);
    if (size >= 0 && (size_t)size < capacity)
        add_label(worker, ret_text + size, capacity - (size_t)size);
}
