#include "window/export_file.h"

#include "model/export.h"
#include "model/source.h"
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <mproc/base.h>
#include <stdio.h>

struct work {
    char *recording, *path, *why;
    FILE *file;
    export_file_fn *done;
    void *user;
};

static void free_work(gpointer data)
{
    struct work *work = data;
    g_free(work->recording);
    g_free(work->path);
    g_free(work->why);
    g_free(work);
}

/* ---- On the thread ---- */

static int write_some(const void *bytes, size_t size, void *user)
{
    struct work *work = user;
    return fwrite(bytes, 1, size, work->file) == size ? 0 : MPROC_E_OS;
}

static int copy_records(struct source *source, struct export *export)
{
    struct wire_frame frame;
    union record record;
    int code;
    while ((code = source_next(source, &frame, &record)) == 1)
        if ((code = export_take(export, &frame, &record)) < 0)
            return code;
    return code == MPROC_E_END ? 0 : code;
}

static int export_source(struct work *work, struct source *source)
{
    struct export *export;
    int code = g_str_has_suffix(work->path, ".csv") ? export_csv_begin(write_some, work, &export)
                                                    : export_trace_begin(write_some, work, &export);
    if (code < 0)
        return code;
    code = copy_records(source, export);
    int ended = export_end(export);
    return code < 0 ? code : ended;
}

/* What the system says of a file is the better reason. */
static void explain(struct work *work, int code, int error)
{
    if (code < 0)
        work->why = g_strdup(code == MPROC_E_OS && error != 0 ? g_strerror(error) : mproc_last_error());
}

static void run(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    (void)object, (void)cancellable;
    struct work *work = data;
    struct source *source;
    int code = source_open(work->recording, &source);
    if (code < 0)
        explain(work, code, 0);
    else {
        errno = 0;
        work->file = g_fopen(work->path, "wb");
        code = work->file != NULL ? export_source(work, source) : MPROC_E_OS;
        if (work->file != NULL && fclose(work->file) != 0 && code == 0)
            code = MPROC_E_OS;
        explain(work, code, errno);
        source_close(source);
    }
    g_task_return_boolean(task, code == 0);
}

/* ---- In the main loop ---- */

static void on_done(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object, (void)data;
    const struct work *work = g_task_get_task_data(G_TASK(result));
    work->done(work->path, work->why != NULL ? work->why : "", work->user);
}

void export_file(const char *recording, const char *path, export_file_fn *done, void *user)
{
    struct work *work = g_new0(struct work, 1);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_done, NULL);
    work->recording = g_strdup(recording);
    work->path = g_strdup(path);
    work->done = done;
    work->user = user;
    g_task_set_task_data(task, work, free_work);
    g_task_run_in_thread(task, run);
}
