#include "window/task_export.h"

#include "model/export.h"
#include "model/words.h"
#include "window/busy.h"
#include "window/discard.h"
#include "window/whole_file.h"
#include <mproc/base.h>

struct task_export {
    struct record_greeting greeting; /* its clocks */
    char *pool, *path, *why;
    struct task_scene *scene;
    GPtrArray *tasks;
    struct whole_file file;
    export_file_fn *done;
    void *user;
};

static void unref_tasks(gpointer tasks)
{
    g_ptr_array_unref(tasks);
}

void task_export_free(gpointer data)
{
    struct task_export *rows = data;
    task_scene_free(rows->scene);
    discard(rows->tasks, unref_tasks);
    g_free(rows->pool);
    g_free(rows->path);
    g_free(rows->why);
    g_free(rows);
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
    struct task_export *rows = user;
    return whole_file_write(&rows->file, bytes, size) ? 0 : MPROC_E_OS;
}

/* What the system says of a file is the better reason. */
static void explain(struct task_export *rows, int code, int error)
{
    if (error != 0)
        rows->why = g_strdup(whole_file_text(error));
    else if (code < 0)
        rows->why = g_strdup(mproc_error_text(code));
}

static void run(GTask *task, gpointer object, gpointer data, GCancellable *cancel)
{
    (void)object, (void)cancel;
    struct task_export *rows = data;
    if (whole_file_open(&rows->file, rows->path)) {
        int code = task_export_write(&rows->greeting, rows->pool, rows->scene, rows->tasks, write_some, rows);
        explain(rows, code, whole_file_close(&rows->file, code == 0));
    } else
        explain(rows, MPROC_E_OS, rows->file.error);
    g_task_return_boolean(task, rows->why == NULL);
}

/* ---- In the main loop ---- */

static void on_done(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object, (void)data;
    const struct task_export *rows = g_task_get_task_data(G_TASK(result));
    rows->done(rows->path, rows->why != NULL ? rows->why : "", rows->user);
    busy_end();
}

struct task_export *task_export_new(const struct view *view)
{
    struct task_export *rows = g_new0(struct task_export, 1);
    rows->greeting.now_ns = view->model->greeting.now_ns;
    rows->greeting.wall_ns = view->model->greeting.wall_ns;
    rows->pool = g_strdup(words_pool(view->model, view->number).text);
    rows->scene = task_scene_new(view->model, view->pool);
    return rows;
}

void task_export_set_tasks(struct task_export *rows, GPtrArray *tasks)
{
    rows->tasks = tasks;
}

void task_export_begin(struct task_export *rows, const char *path, export_file_fn *done, void *user)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_done, NULL);
    rows->path = g_strdup(path);
    rows->done = done;
    rows->user = user;
    busy_begin();
    g_task_set_task_data(task, rows, task_export_free);
    g_task_run_in_thread(task, run);
}
