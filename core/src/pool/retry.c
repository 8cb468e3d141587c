#include "pool/retry.h"
#include "pool/job.h"
#include "pool/verdict.h"

bool mproc__retry_allowed(const struct job *job, enum verdict verdict)
{
    return job->attempt <= job->retries && mproc__verdict_may_retry(verdict);
}
