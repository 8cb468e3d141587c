#include "window/task_job.h"

#include "window/discard.h"
#include "window/task_order.h"

/* ---- On the thread ---- */

static uint64_t least_number(const struct task_mirror *mirror)
{
    const struct model_task *first = mirror->count > 0 ? mirror->tasks[task_mirror_first(mirror)] : NULL;
    return first != NULL ? first->number : UINT64_MAX;
}

static void find_rows(struct task_job *job)
{
    const struct task_mirror *mirror = job->mirror;
    GArray *offsets = task_order(mirror->tasks, mirror->count, &job->question, job->scene, job->cancel);
    job->rows = (struct task_rows){ offsets, least_number(mirror), mirror->total, mirror->seen };
    for (guint i = 0; offsets != NULL && i < offsets->len; i++) {
        guint *row = &g_array_index(offsets, guint, i);
        *row = (guint)(mirror->tasks[*row]->number - job->rows.base);
    }
}

/* One that is forgotten since is left out. */
static void fetch_tasks(struct task_job *job)
{
    const struct task_mirror *mirror = job->mirror;
    for (guint i = 0; i < job->rows.offsets->len; i++) {
        uint64_t number = job->rows.base + g_array_index(job->rows.offsets, guint, i);
        /* The rows may be those of an earlier model, which had more. */
        guint place = (guint)(number % mirror->capacity);
        const struct model_task *task = place < mirror->count ? mirror->tasks[place] : NULL;
        if (task != NULL && task->number == number)
            g_ptr_array_add(job->tasks, task_hold(task));
    }
}

static void run(GTask *task, gpointer object, gpointer data, GCancellable *cancel)
{
    (void)object, (void)cancel;
    struct task_job *job = data;
    int64_t begun_us = g_get_monotonic_time();
    if (job->tasks != NULL)
        fetch_tasks(job);
    else
        find_rows(job);
    job->took_us = g_get_monotonic_time() - begun_us;
    g_task_return_boolean(task, TRUE);
}

/* ---- In the main loop ---- */

static void unref_tasks(gpointer tasks)
{
    g_ptr_array_unref(tasks);
}

static void free_job(gpointer data)
{
    struct task_job *job = data;
    task_mirror_discard(job->mirror);
    task_scene_free(job->scene);
    task_question_clear(&job->question);
    g_clear_object(&job->cancel);
    g_clear_pointer(&job->rows.offsets, g_array_unref);
    discard(job->tasks, unref_tasks);
    g_free(job);
}

static void on_done(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object, (void)data;
    struct task_job *job = g_task_get_task_data(G_TASK(result));
    job->done(job);
}

static struct task_job *begin(const struct task_job *given)
{
    struct task_job *job = g_new(struct task_job, 1);
    *job = *given;
    job->cancel = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_done, NULL);
    g_task_set_task_data(task, job, free_job);
    g_task_run_in_thread(task, run);
    return job;
}

struct task_job *task_job_find(void *owner, struct task_mirror *mirror, struct task_scene *scene,
                               const struct task_question *question, task_job_fn *done)
{
    return begin(&(struct task_job){
        .owner = owner, .mirror = mirror, .scene = scene, .question = task_question_copy(question), .done = done });
}

static void release_task(gpointer task)
{
    task_release(task);
}

struct task_job *task_job_fetch(void *owner, struct task_mirror *mirror, const struct task_rows *rows,
                                task_job_fn *done)
{
    struct task_job job = { .owner = owner, .mirror = mirror, .rows = *rows, .done = done };
    job.tasks = g_ptr_array_new_with_free_func(release_task);
    g_array_ref(job.rows.offsets);
    return begin(&job);
}
