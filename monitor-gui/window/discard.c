#include "window/discard.h"

#include <gio/gio.h>

struct waste {
    gpointer data;
    GDestroyNotify destroy;
};

static void run(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    (void)object, (void)cancellable;
    const struct waste *waste = data;
    waste->destroy(waste->data);
    g_task_return_boolean(task, TRUE);
}

void discard(gpointer data, GDestroyNotify destroy)
{
    if (data == NULL)
        return;
    struct waste *waste = g_new(struct waste, 1);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, NULL, NULL);
    *waste = (struct waste){ data, destroy };
    g_task_set_task_data(task, waste, g_free);
    g_task_run_in_thread(task, run);
}
