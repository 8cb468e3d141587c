/* Jobs in a row: those that wait, those that a worker has, those whose callbacks are due, those that an iterator may
 * hand out. A job is in one list at a time.
 */
#ifndef MPROC_POOL_JOB_LIST_H
#define MPROC_POOL_JOB_LIST_H

#include "pool/job.h"

struct job_list {
    struct job *head, *tail;
};

static inline void job_list_push(struct job_list *list, struct job *job)
{
    job->next = NULL;
    job->previous = list->tail;
    if (list->tail != NULL)
        list->tail->next = job;
    else
        list->head = job;
    list->tail = job;
}

static inline void job_list_push_front(struct job_list *list, struct job *job)
{
    job->previous = NULL;
    job->next = list->head;
    if (list->head != NULL)
        list->head->previous = job;
    else
        list->tail = job;
    list->head = job;
}

/** after: NULL for the front. */
static inline void job_list_insert(struct job_list *list, struct job *after, struct job *job)
{
    if (after == NULL) {
        job_list_push_front(list, job);
    } else if (after->next == NULL) {
        job_list_push(list, job);
    } else {
        job->previous = after;
        job->next = after->next;
        after->next->previous = job;
        after->next = job;
    }
}

static inline void job_list_remove(struct job_list *list, struct job *job)
{
    if (job->previous != NULL)
        job->previous->next = job->next;
    else
        list->head = job->next;
    if (job->next != NULL)
        job->next->previous = job->previous;
    else
        list->tail = job->previous;
    job->next = job->previous = NULL;
}

#endif
