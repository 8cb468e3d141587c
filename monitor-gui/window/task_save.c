#include "window/task_save.h"

#include "model/text.h"
#include "window/chooser.h"
#include "window/confirm.h"
#include "window/says.h"
#include "window/task_export.h"

/* Held by who asks for a file, and by who writes it. */
struct saving {
    GtkWidget *page;
    struct task_export *rows;
    char *program, *path; /* path: NULL asks */
    guint wanted, lost;   /* rows; those that had been forgotten before they could be held */
};

static void clear(gpointer data)
{
    struct saving *saving = data;
    g_clear_pointer(&saving->rows, task_export_free);
    g_object_unref(saving->page);
    g_free(saving->program);
    g_free(saving->path);
}

static void release(gpointer saving)
{
    g_rc_box_release_full(saving, clear);
}

/* NULL once it is closed. */
static GtkWindow *window_of(const struct saving *saving)
{
    GtkRoot *root = gtk_widget_get_root(saving->page);
    return GTK_IS_WINDOW(root) && gtk_widget_get_mapped(GTK_WIDGET(root)) ? GTK_WINDOW(root) : NULL;
}

/* ---- Written ---- */

static char *success(const struct saving *saving, const char *path)
{
    if (saving->lost == 0)
        return g_strdup_printf("%s %s in %s.", text_count(saving->wanted).text, saving->wanted == 1 ? "row" : "rows",
                               path);
    return g_strdup_printf("%s of %s rows in %s. The others had been dropped to make room.",
                           text_count(saving->wanted - saving->lost).text, text_count(saving->wanted).text, path);
}

static void on_written(const char *path, const char *why, void *user)
{
    struct saving *saving = user;
    bool is_fine = why[0] == '\0';
    g_autofree char *text = is_fine ? success(saving, path) : says_unwritten(path, why);
    if (window_of(saving) != NULL)
        confirm_tell(window_of(saving), is_fine ? "Saved" : "The rows could not be saved", text);
    release(saving);
}

static void on_path(const char *path, void *user)
{
    struct saving *saving = user;
    task_export_begin(g_steal_pointer(&saving->rows), path, on_written, g_rc_box_acquire(saving));
}

/* ---- Gathered ---- */

static void choose(struct saving *saving)
{
    static const char *const endings[] = { ".csv", NULL };
    const struct chooser_file file = { endings, on_path, saving, release };
    g_autofree char *name = g_strdup_printf("%s-tasks.csv", saving->program);
    if (saving->path != NULL)
        chooser_take(window_of(saving), saving->path, &file);
    else
        chooser_save(window_of(saving), "Save these rows as a table", name, &file);
}

static void on_gathered(void *user, GPtrArray *tasks)
{
    struct saving *saving = user;
    if (tasks == NULL) {
        release(saving);
        return;
    }
    saving->lost = saving->wanted - tasks->len;
    task_export_set_tasks(saving->rows, tasks);
    if (window_of(saving) != NULL)
        choose(saving);
    else
        release(saving);
}

bool task_save(GtkWidget *page, struct task_index *index, const struct view *view, const char *path)
{
    struct saving *saving = g_rc_box_new0(struct saving);
    saving->page = g_object_ref(page);
    saving->rows = task_export_new(view);
    saving->program = g_strdup(view->watch->program);
    saving->path = g_strdup(path);
    saving->wanted = task_index_count(index);
    if (task_index_gather(index, on_gathered, saving))
        return true;
    release(saving);
    return false;
}
