/* Jobs in a row. A job is in one list at a time. */
#ifndef MPROC_POOL_JOB_LIST_H
#define MPROC_POOL_JOB_LIST_H

#include "pool/job.h"

struct job_list {
    struct job *head, *tail;
};

void mproc__job_list_push(struct job_list *list, struct job *job);
void mproc__job_list_push_front(struct job_list *list, struct job *job);
void mproc__job_list_remove(struct job_list *list, struct job *job);

#endif
