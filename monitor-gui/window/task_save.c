#include "window/task_save.h"

#include "model/text.h"
#include "window/saving.h"
#include "window/task_export.h"

struct table {
    GtkWidget *page;
    struct task_export *rows;
    char *name, *path;
    guint wanted, lost; /* rows; those that had been forgotten before they could be held */
};

static void free_table(void *user)
{
    struct table *table = user;
    g_clear_pointer(&table->rows, task_export_free);
    g_object_unref(table->page);
    g_free(table->name);
    g_free(table->path);
    g_free(table);
}

/* ---- Written ---- */

static void write_table(void *user, const char *path, export_file_fn *done, void *done_user)
{
    struct table *table = user;
    task_export_begin(g_steal_pointer(&table->rows), path, done, done_user);
}

static char *say_written(void *user, const char *path)
{
    const struct table *table = user;
    if (table->lost == 0)
        return g_strdup_printf("%s %s in %s.", text_count(table->wanted).text, table->wanted == 1 ? "row" : "rows",
                               path);
    return g_strdup_printf("%s of %s rows in %s. The others had been dropped to make room.",
                           text_count(table->wanted - table->lost).text, text_count(table->wanted).text, path);
}

/* ---- Gathered ---- */

static void save(struct table *table)
{
    static const char *const endings[] = { ".csv", NULL };
    saving_begin(table->page, table->name, table->path,
                 &(struct saving){ .title = "Save these rows as a table",
                                   .endings = endings,
                                   .unsaved = "The rows could not be saved",
                                   .write = write_table,
                                   .written = say_written,
                                   .user = table,
                                   .free_user = free_table });
}

static void on_gathered(void *user, GPtrArray *tasks)
{
    struct table *table = user;
    if (tasks == NULL) {
        free_table(table);
        return;
    }
    table->lost = table->wanted - tasks->len;
    task_export_set_tasks(table->rows, tasks);
    save(table);
}

bool task_save(GtkWidget *page, struct task_index *index, const struct view *view, const char *path)
{
    struct table *table = g_new0(struct table, 1);
    table->page = g_object_ref(page);
    table->rows = task_export_new(view);
    table->name = g_strdup_printf("%s-tasks.csv", view->watch->program);
    table->path = g_strdup(path);
    table->wanted = task_index_count(index);
    if (task_index_gather(index, on_gathered, table))
        return true;
    free_table(table);
    return false;
}
