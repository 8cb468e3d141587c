/* imap: lazily supplied input. */
#ifndef MPROC_POOL_IMAP_H
#define MPROC_POOL_IMAP_H

#include "pool/job.h"

/** A task of an imap is done. */
void mproc__iter_job_done(struct job *job);

#endif
