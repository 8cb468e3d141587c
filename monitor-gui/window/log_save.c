#include "window/log_save.h"

#include "model/words.h"
#include "window/saving.h"

struct shown {
    char *text;
    guint lines;
};

static void write_lines(void *user, const char *path, export_file_fn *done, void *done_user)
{
    struct shown *shown = user;
    export_text(g_steal_pointer(&shown->text), path, done, done_user);
}

static char *say_written(void *user, const char *path)
{
    const struct shown *shown = user;
    return g_strdup_printf("%s in %s.", words_many(shown->lines, "line").text, path);
}

static void free_shown(void *user)
{
    struct shown *shown = user;
    g_free(shown->text);
    g_free(shown);
}

void log_save(GtkWidget *page, const char *program, char *text, guint lines, const char *path)
{
    struct shown *shown = g_new(struct shown, 1);
    g_autofree char *name = g_strdup_printf("%s.log", program);
    *shown = (struct shown){ text, lines };
    saving_begin(page, name, path,
                 &(struct saving){ .title = "Save what is shown of the log",
                                   .unsaved = "The log could not be written",
                                   .write = write_lines,
                                   .written = say_written,
                                   .user = shown,
                                   .free_user = free_shown });
}
