#include "window/finder.h"

#include "model/card.h"
#include "platform.h"
#include <gio/gio.h>
#include <stdio.h>

/* So that programs are found that run for less than a second; a look takes some 100 us. */
#define LOOK_MS   250u
#define FOUND_MAX 64u

struct finder {
    finder_fn *told;
    void *user;
    guint timeout;
    GCancellable *cancellable; /* set once the finder is freed */
    bool is_looking;
};

/* ---- On the thread ---- */

struct look {
    GArray *found; /* struct found */
    char *why;
};

static void look_free(gpointer data)
{
    struct look *look = data;
    g_array_unref(look->found);
    g_free(look->why);
    g_free(look);
}

static bool add_found(const platform_found *found, void *user)
{
    GArray *all = user;
    struct found one = { .pid = found->pid };
    if (found->pid == platform_self_pid())
        return true;
    if (!card_text(found->card, "name", one.name, sizeof one.name) || one.name[0] == '\0')
        snprintf(one.name, sizeof one.name, "pid %lld", (long long)found->pid);
    g_array_append_val(all, one);
    return all->len < FOUND_MAX;
}

static gint by_pid(gconstpointer one, gconstpointer other)
{
    const struct found *a = one, *b = other;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

static void look_around(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source, (void)data, (void)cancellable;
    struct look *look = g_new0(struct look, 1);
    look->found = g_array_new(FALSE, FALSE, sizeof(struct found));
    int code = platform_endpoint_list(add_found, look->found);
    look->why = g_strdup(code < 0 ? platform_error_text() : "");
    g_array_sort(look->found, by_pid);
    g_task_return_pointer(task, look, look_free);
}

/* ---- In the main loop ---- */

/* A finder that was freed meanwhile is not touched: its look was cancelled. */
static void looked(GObject *source, GAsyncResult *result, gpointer data)
{
    (void)source;
    struct look *look = g_task_propagate_pointer(G_TASK(result), NULL);
    if (look == NULL)
        return;
    struct finder *finder = data;
    finder->is_looking = false;
    finder->told(finder->user, (const struct found *)(void *)look->found->data, look->found->len, look->why);
    look_free(look);
}

void finder_look(struct finder *finder)
{
    if (finder->is_looking)
        return;
    finder->is_looking = true;
    g_autoptr(GTask) task = g_task_new(NULL, finder->cancellable, looked, finder);
    g_task_run_in_thread(task, look_around);
}

static gboolean look_again(gpointer data)
{
    finder_look(data);
    return G_SOURCE_CONTINUE;
}

struct finder *finder_start(finder_fn *told, void *user)
{
    struct finder *finder = g_new0(struct finder, 1);
    finder->told = told;
    finder->user = user;
    finder->cancellable = g_cancellable_new();
    finder->timeout = g_timeout_add(LOOK_MS, look_again, finder);
    finder_look(finder);
    return finder;
}

void finder_free(struct finder *finder)
{
    if (finder == NULL)
        return;
    g_source_remove(finder->timeout);
    g_cancellable_cancel(finder->cancellable);
    g_object_unref(finder->cancellable);
    g_free(finder);
}
