#include "window/export_file.h"

#include "model/export.h"
#include "model/retell.h"
#include "model/source.h"
#include "trace/recording.h"
#include "window/busy.h"
#include "window/task_mirror.h"
#include "window/whole_file.h"
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <mproc/base.h>

/* A model's tasks are held for so long at a time, and so often. */
#define SLICE_US 3000
#define PUMP_MS  16u
/* So much of a recording is copied at a time. */
#define ROOM 65536u

struct work {
    char *text, *recording; /* both NULL: it is of a model */
    struct export_source source;
    struct task_mirror *mirror;
    struct retold *retold;
    struct export *export;
    char *path, *why;
    struct whole_file file;
    export_file_fn *done;
    void *user;
};

static void free_work(gpointer data)
{
    struct work *work = data;
    retell_end(work->retold);
    task_mirror_discard(work->mirror);
    if (work->source.free_user != NULL)
        work->source.free_user(work->source.user);
    g_free(work->text);
    g_free(work->recording);
    g_free(work->path);
    g_free(work->why);
    g_free(work);
}

/* ---- On the thread ---- */

static int write_some(const void *bytes, size_t size, void *user)
{
    struct work *work = user;
    return whole_file_write(&work->file, bytes, size) ? 0 : MPROC_E_OS;
}

static int export_recording(struct work *work)
{
    struct wire_frame frame;
    union record record;
    struct source *source;
    int code = source_open(work->recording, &source);
    if (code < 0)
        return code;
    while ((code = source_next(source, &frame, &record)) == 1)
        if ((code = export_take(work->export, &frame, &record)) < 0)
            break;
    source_close(source);
    return code == MPROC_E_END ? 0 : code;
}

static int export_frame(const unsigned char *bytes, size_t size, void *user)
{
    struct work *work = user;
    struct wire_frame frame;
    union record record;
    int code = mproc__wire_decode(bytes, size, &frame, &record);
    return code <= 0 ? MPROC_E_CORRUPT : export_take(work->export, &frame, &record);
}

static int retell(struct work *work, retell_fn *take)
{
    const struct retell_tasks tasks = { work->mirror->tasks, work->mirror->count, task_mirror_first(work->mirror) };
    return retell_all(work->retold, &tasks, take, work);
}

static int export_all(struct work *work)
{
    int code = g_str_has_suffix(work->path, ".csv") ? export_csv_begin(write_some, work, &work->export)
                                                    : export_trace_begin(write_some, work, &work->export);
    if (code < 0)
        return code;
    code = work->recording != NULL ? export_recording(work) : retell(work, export_frame);
    int ended = export_end(work->export);
    return code < 0 ? code : ended;
}

/* Not mapped: whoever cuts it short meanwhile would end the window. */
static int copy_recording(struct work *work)
{
    g_autofree char *room = g_malloc(ROOM);
    FILE *file = g_fopen(work->recording, "rb");
    int code = file != NULL ? 0 : MPROC_E_OS;
    for (size_t size = ROOM; code == 0 && size == ROOM;) {
        size = fread(room, 1, ROOM, file);
        code = ferror(file) != 0 ? MPROC_E_OS : write_some(room, size, work);
    }
    if (code < 0 && work->file.error == 0)
        work->why = g_strdup_printf("%s: %s", work->recording, g_strerror(errno));
    if (file != NULL)
        fclose(file);
    return code;
}

static int save_frame(const unsigned char *bytes, size_t size, void *user)
{
    return write_some(bytes, size, user);
}

static int save_model(struct work *work)
{
    unsigned char header[RECORDING_HEADER_SIZE];
    mproc__recording_header(header);
    int code = write_some(header, sizeof header, work);
    return code < 0 ? code : retell(work, save_frame);
}

static int write_all(struct work *work)
{
    if (work->text != NULL)
        return write_some(work->text, strlen(work->text), work);
    if (!g_str_has_suffix(work->path, ".mproc"))
        return export_all(work);
    return work->recording != NULL ? copy_recording(work) : save_model(work);
}

/* What the system says of a file is the better reason. */
static void explain(struct work *work, int code, int error)
{
    if (work->why == NULL && error != 0)
        work->why = g_strdup(whole_file_text(error));
    else if (work->why == NULL && code < 0)
        work->why = g_strdup(code == MPROC_E_NO_MEMORY ? mproc_error_text(code) : mproc_last_error());
}

static void run(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    (void)object, (void)cancellable;
    struct work *work = data;
    if (!whole_file_open(&work->file, work->path)) {
        explain(work, MPROC_E_OS, work->file.error);
        g_task_return_boolean(task, FALSE);
        return;
    }
    int code = write_all(work), error = whole_file_close(&work->file, code == 0);
    explain(work, code, error);
    g_task_return_boolean(task, code == 0 && error == 0);
}

/* ---- In the main loop ---- */

static void on_done(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object, (void)data;
    const struct work *work = g_task_get_task_data(G_TASK(result));
    work->done(work->path, work->why != NULL ? work->why : "", work->user);
    busy_end();
}

static struct work *new_work(const char *path, export_file_fn *done, void *user)
{
    struct work *work = g_new0(struct work, 1);
    work->path = g_strdup(path);
    work->done = done;
    work->user = user;
    busy_begin();
    return work;
}

static void begin(struct work *work)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_done, NULL);
    g_task_set_task_data(task, work, free_work);
    g_task_run_in_thread(task, run);
}

void export_file(const char *recording, const char *path, export_file_fn *done, void *user)
{
    struct work *work = new_work(path, done, user);
    work->recording = g_strdup(recording);
    begin(work);
}

void export_text(char *text, const char *path, export_file_fn *done, void *user)
{
    struct work *work = new_work(path, done, user);
    work->text = text;
    begin(work);
}

/* ---- Of a model, which belongs to the main loop ---- */

static void give_up(struct work *work, const char *why)
{
    work->done(work->path, why, work->user);
    free_work(work);
    busy_end();
}

/* All else is little, and taken down at the moment of which all tasks are held; what is written on the thread is as it
 * was then. */
static gboolean hold_some(gpointer data)
{
    struct work *work = data;
    const struct model *model = work->source.find(work->source.user);
    if (model == NULL)
        give_up(work, "It was closed before it could be saved.");
    else if (!task_mirror_catch(work->mirror, &model->tasks, g_get_monotonic_time() + SLICE_US))
        return G_SOURCE_CONTINUE;
    else if (retell_begin(model, &work->retold) < 0)
        give_up(work, mproc_error_text(MPROC_E_NO_MEMORY));
    else
        begin(work);
    return G_SOURCE_REMOVE;
}

void export_model(const struct export_source *source, const char *path, export_file_fn *done, void *user)
{
    struct work *work = new_work(path, done, user);
    work->source = *source;
    work->mirror = task_mirror_new();
    if (hold_some(work) == G_SOURCE_CONTINUE)
        g_timeout_add(PUMP_MS, hold_some, work);
}
