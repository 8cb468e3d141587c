#include "pool/flight.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/link.h"
#include "pool/notes.h"
#include "pool/pending.h"
#include "pool/pool.h"

void mproc__flight_send(struct worker *worker, struct job *job)
{
    job->attempt++;
    job->worker = worker->index;
    job->pid = (uint32_t)worker->pid;
    job_move(job, JOB_SENT, memory_order_relaxed);
    note_sent(job);
    job_list_push(&worker->jobs, job);
    worker->in_flight++;
    worker->pool->in_flight++;
    worker->given++;
    worker_set_add(&worker->pool->engaged, worker->index);
    worker_set_add(&worker->pool->touched, worker->index);
    link_send(worker->link, job);
}

int mproc__flight_send_alone(struct worker *worker, struct job *job)
{
    int code = link_load(worker->link, job);
    if (code < 0)
        return code;
    worker_become(worker, WORKER_ALONE);
    mproc__flight_send(worker, job);
    return 0;
}

void mproc__flight_give_up(struct worker *worker, struct job *job)
{
    job_list_remove(&worker->jobs, job);
    worker->pool->in_flight--;
    if (--worker->in_flight == 0)
        worker_set_remove(&worker->pool->engaged, worker->index);
    worker->slow = false;
}

void mproc__flight_land(struct worker *worker, struct job *job)
{
    mproc__flight_give_up(worker, job);
    if (job_handles(job) != NULL)
        link_unload(worker->link);
    if (worker->state == WORKER_ALONE)
        worker_become(worker, WORKER_READY);
}

void mproc__flight_leave_argument(struct worker *worker, struct job *job)
{
    if (job->argument_place != PLACE_SPAN)
        return;
    mproc__payload_forget(job->extra.span);
    link_leave(worker->link, job->extra.span);
    job->argument_place = PLACE_JOB;
}

bool mproc__flight_recall(struct worker *worker, struct job *job)
{
    bool slow = worker->slow;
    if (!link_recall(worker->link, job))
        return false;
    mproc__flight_land(worker, job);
    worker->slow = slow;
    worker->given--;
    /* The next one gets its number. */
    worker->unbegun = 0;
    job->attempt--;
    job->worker = -1;
    job->pid = 0;
    job_move(job, JOB_PENDING, memory_order_relaxed);
    return true;
}

void mproc__flight_requeue(struct job *job)
{
    job->worker = -1;
    job_move(job, JOB_PENDING, memory_order_relaxed);
    pending_push_front(job->pool, job);
}

void mproc__flight_take_back(struct worker *worker, uint32_t count)
{
    while (count-- > 0) {
        struct job *job = worker->jobs.tail;
        if (job == NULL || !mproc__flight_recall(worker, job))
            return;
        /* What was sent last is taken back first, and goes to the head of the queue one by one, so the order stays. */
        mproc__flight_requeue(job);
    }
}
