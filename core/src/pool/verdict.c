#include "pool/verdict.h"
#include "pool/link.h"
#include "pool/pool.h"
#include <stdio.h>

static const struct {
    int code;
    const char *reason; /**< NULL: the worker's end says it all */
} verdicts[] = {
    [VERDICT_DIED] = { MPROC_E_WORKER_DIED, NULL },
    [VERDICT_NOT_WANTED] = { MPROC_E_WORKER_DIED, NULL },
    [VERDICT_START_LIMIT] = { MPROC_E_WORKER_DIED, "it was not ready in time" },
    [VERDICT_TIME_LIMIT] = { MPROC_E_TIMEOUT, "its task took longer than it may" },
    [VERDICT_MEMORY_LIMIT] = { MPROC_E_WORKER_DIED, "it took more memory than it may" },
    [VERDICT_CANCELLED] = { MPROC_E_CANCELLED, "its task was cancelled" },
    [VERDICT_BROKE_PROTOCOL] = { MPROC_E_WORKER_DIED, "what it wrote made no sense" },
};

void mproc__worker_kill(struct worker *worker, enum verdict verdict)
{
    if (worker->link == NULL || worker->killed)
        return;
    worker->killed = true;
    if (worker->verdict == VERDICT_DIED)
        worker->verdict = verdict;
    link_kill(worker->link);
}

bool mproc__verdict_is_expected(enum verdict verdict)
{
    return verdict == VERDICT_NOT_WANTED;
}

int mproc__verdict_code(enum verdict verdict)
{
    return verdicts[verdict].code;
}

void mproc__verdict_text(enum verdict verdict, const struct link_end *end, char *ret_text, size_t capacity)
{
    const char *reason = verdicts[verdict].reason;
    snprintf(ret_text, capacity, reason != NULL ? "%s: %s" : "%s", end->text, reason);
}
