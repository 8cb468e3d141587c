#include "pool/verdict.h"
#include "pool/link.h"
#include "pool/pool.h"
#include <stdio.h>

const struct verdict mproc__verdict_died = { .code = MPROC_E_WORKER_DIED, .is_counted = true, .may_retry = true };

const struct verdict mproc__verdict_not_wanted = { .code = MPROC_E_WORKER_DIED,
                                                   .is_expected = true,
                                                   .may_retry = true };

const struct verdict mproc__verdict_start_limit = {
    .code = MPROC_E_WORKER_DIED, .reason = "it was not ready in time", .is_counted = true, .may_retry = true
};

const struct verdict mproc__verdict_cancelled = { .code = MPROC_E_CANCELLED,
                                                  .reason = "its task was cancelled",
                                                  .is_expected = true };

void mproc__worker_kill(struct worker *worker, const struct verdict *verdict)
{
    if (worker->link == NULL || worker->killed)
        return;
    worker->killed = true;
    /* One that lives on for a moment must not begin anything. */
    if (worker_is_up(worker))
        worker_become(worker, WORKER_LEAVING);
    if (worker->verdict == &mproc__verdict_died)
        worker->verdict = verdict;
    link_kill(worker->link);
}

/* Only the first of its jobs can have one: it is that which it runs. */
static void add_label(const struct worker *worker, char *text, size_t capacity)
{
    char label[LABEL_BYTES];
    const struct job *job = worker->jobs.head;
    size_t size = job != NULL ? link_label(worker->link, job, label) : 0;
    if (size > 0)
        snprintf(text, capacity, ", at \"%.*s\"", (int)size, label);
}

void mproc__verdict_text(const struct worker *worker, const struct link_end *end, char *ret_text, size_t capacity)
{
    const char *reason = worker->verdict->reason;
    int size;
    if (reason == NULL)
        size = snprintf(ret_text, capacity, "%s%s", end->text, worker->fault);
    else
        size = snprintf(ret_text, capacity, "%s%s: %s%s%s", end->text, worker->fault, reason,
                        worker->reason[0] != '\0' ? " " : "", worker->reason);
    if (size >= 0 && (size_t)size < capacity)
        add_label(worker, ret_text + size, capacity - (size_t)size);
}
