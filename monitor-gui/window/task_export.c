#include "window/task_export.h"

#include "model/export.h"
#include "model/words.h"
#include "window/whole_file.h"
#include <mproc/base.h>

struct work {
    struct record_greeting greeting; /* its clocks */
    char *pool, *path, *why;
    struct task_scene *scene;
    GPtrArray *tasks;
    struct whole_file file;
    export_file_fn *done;
    void *user;
};

static void free_work(gpointer data)
{
    struct work *work = data;
    task_scene_free(work->scene);
    g_ptr_array_unref(work->tasks);
    g_free(work->pool);
    g_free(work->path);
    g_free(work->why);
    g_free(work);
}

/* ---- Telling it once more ---- */

static int tell(struct export *export, unsigned type, const union record *record)
{
    return export_take(export, &(struct wire_frame){ .type = (uint16_t)type }, record);
}

static int tell_function(struct export *export, const struct task_scene *scene, guint function)
{
    const struct task_function *known = scene->functions->pdata[function];
    union record record = { .function = { .pool = scene->pool,
                                          .function = function,
                                          .name = record_text_of(known->name),
                                          .place = record_text_of(known->place) } };
    return tell(export, RECORD_FUNCTION, &record);
}

static int tell_names(struct export *export, const struct record_greeting *greeting, const char *pool,
                      const struct task_scene *scene)
{
    union record record = { .greeting = *greeting };
    int code = tell(export, RECORD_GREETING, &record);
    record.pool = (struct record_pool){ .pool = scene->pool, .name = record_text_of(pool) };
    record.pool.reason = record_text_of("");
    if (code == 0)
        code = tell(export, RECORD_POOL, &record);
    for (guint i = 1; i < scene->functions->len && code == 0; i++)
        code = tell_function(export, scene, i);
    return code;
}

static int tell_tasks(struct export *export, const GPtrArray *tasks)
{
    int code = 0;
    for (guint i = 0; i < tasks->len && code == 0; i++) {
        union record record;
        task_as_ended(tasks->pdata[i], &record.task_ended);
        code = tell(export, RECORD_TASK_ENDED, &record);
    }
    return code;
}

int task_export_write(const struct record_greeting *greeting, const char *pool, const struct task_scene *scene,
                      const GPtrArray *tasks, int (*write)(const void *bytes, size_t size, void *user), void *user)
{
    struct export *export;
    int code = export_csv_begin(write, user, &export);
    if (code < 0)
        return code;
    code = tell_names(export, greeting, pool, scene);
    if (code == 0)
        code = tell_tasks(export, tasks);
    int ended = export_end(export);
    return code < 0 ? code : ended;
}

/* ---- On the thread ---- */

static int write_some(const void *bytes, size_t size, void *user)
{
    struct work *work = user;
    return whole_file_write(&work->file, bytes, size) ? 0 : MPROC_E_OS;
}

/* What the system says of a file is the better reason. */
static void explain(struct work *work, int code, int error)
{
    if (error != 0)
        work->why = g_strdup(g_strerror(error));
    else if (code < 0)
        work->why = g_strdup(mproc_error_text(code));
}

static void run(GTask *task, gpointer object, gpointer data, GCancellable *cancel)
{
    (void)object, (void)cancel;
    struct work *work = data;
    if (whole_file_open(&work->file, work->path)) {
        int code = task_export_write(&work->greeting, work->pool, work->scene, work->tasks, write_some, work);
        explain(work, code, whole_file_close(&work->file, code == 0));
    } else
        explain(work, MPROC_E_OS, work->file.error);
    g_task_return_boolean(task, work->why == NULL);
}

/* ---- In the main loop ---- */

static void on_done(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object, (void)data;
    const struct work *work = g_task_get_task_data(G_TASK(result));
    work->done(work->path, work->why != NULL ? work->why : "", work->user);
}

void task_export(const struct view *view, struct task_scene *scene, GPtrArray *tasks, const char *path,
                 export_file_fn *done, void *user)
{
    struct work *work = g_new0(struct work, 1);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_done, NULL);
    work->greeting.now_ns = view->model->greeting.now_ns;
    work->greeting.wall_ns = view->model->greeting.wall_ns;
    work->pool = g_strdup(words_pool(view->model, view->number).text);
    work->path = g_strdup(path);
    work->scene = scene;
    work->tasks = tasks;
    work->done = done;
    work->user = user;
    g_task_set_task_data(task, work, free_work);
    g_task_run_in_thread(task, run);
}
