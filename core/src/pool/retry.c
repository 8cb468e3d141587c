#include "pool/retry.h"
#include "base/error.h"
#include "pool/job.h"

int mproc__retry_check(int retries)
{
    /* Attempts are counted from 1 in as many bits. */
    if (retries < 0 || retries > UINT16_MAX - 1)
        return mproc__error(MPROC_E_INVALID, "%d retries", retries);
    return 0;
}

bool mproc__retry_allowed(const struct job *job)
{
    return job->attempt <= job->retries;
}
