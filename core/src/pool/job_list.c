/* Jobs in a row: those that wait, those whose callbacks are due, those that an iterator may hand out. */
#include "pool/job_list.h"
#include "pool/job.h"

void mproc__job_list_push(struct job_list *list, struct job *job)
{
    job->next = NULL;
    job->previous = list->tail;
    if (list->tail != NULL)
        list->tail->next = job;
    else
        list->head = job;
    list->tail = job;
}

void mproc__job_list_push_front(struct job_list *list, struct job *job)
{
    job->previous = NULL;
    job->next = list->head;
    if (list->head != NULL)
        list->head->previous = job;
    else
        list->tail = job;
    list->head = job;
}

void mproc__job_list_remove(struct job_list *list, struct job *job)
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
