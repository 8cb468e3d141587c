#include "window/log_save.h"

#include "model/words.h"
#include "window/chooser.h"
#include "window/confirm.h"
#include "window/export_file.h"
#include "window/says.h"

/* Held by who asks for a file, and by who writes it. */
struct saving {
    GtkWidget *page;
    char *text;
    guint lines;
};

static void clear(gpointer data)
{
    struct saving *saving = data;
    g_object_unref(saving->page);
    g_free(saving->text);
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

static void on_written(const char *path, const char *why, void *user)
{
    struct saving *saving = user;
    bool is_fine = why[0] == '\0';
    g_autofree char *text = is_fine ? g_strdup_printf("%s in %s.", words_many(saving->lines, "line").text, path)
                                    : says_unwritten(path, why);
    if (window_of(saving) != NULL)
        confirm_tell(window_of(saving), is_fine ? "Saved" : "The log could not be written", text);
    release(saving);
}

static void on_path(const char *path, void *user)
{
    struct saving *saving = user;
    export_text(g_steal_pointer(&saving->text), path, on_written, g_rc_box_acquire(saving));
}

void log_save(GtkWidget *page, const char *program, char *text, guint lines, const char *path)
{
    struct saving *saving = g_rc_box_new0(struct saving);
    const struct chooser_file file = { NULL, on_path, saving, release };
    g_autofree char *name = g_strdup_printf("%s.log", program);
    saving->page = g_object_ref(page);
    saving->text = text;
    saving->lines = lines;
    if (path != NULL)
        chooser_take(window_of(saving), path, &file);
    else
        chooser_save(window_of(saving), "Save what is shown of the log", name, &file);
}
