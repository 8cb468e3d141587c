#include "pool/retry.h"
#include "pool/job.h"
#include "pool/verdict.h"

bool mproc__retry_allowed(const struct job *job, const struct verdict *verdict)
{
    return job->attempt <= job->retries && verdict->may_retry;
}
