/* How long the running task may go on, as its function asks. */
#include "platform.h"
#include "process/task.h"

static int64_t run_ns(const mproc_task *task)
{
    return platform_ticks_ns(platform_ticks() - task->started);
}

bool mproc_task_must_end(const mproc_task *task)
{
    /* Relaxed: nothing is read on its account. */
    return task != NULL && task->asked != NULL && atomic_load_explicit(task->asked, memory_order_relaxed) == task->mark;
}

bool mproc_task_should_end(const mproc_task *task)
{
    if (task == NULL)
        return false;
    return mproc_task_must_end(task) || (task->terms.soft_ns > 0 && run_ns(task) >= task->terms.soft_ns);
}

int64_t mproc_task_get_time_left(const mproc_task *task)
{
    if (task == NULL || task->terms.hard_ns == 0)
        return MPROC_FOREVER;
    int64_t left = task->terms.hard_ns - run_ns(task);
    /* Whose clock has asked it to end may be a moment ahead. */
    return left > 0 && !mproc_task_must_end(task) ? (left + 999999) / 1000000 : 0;
}
