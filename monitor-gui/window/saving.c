#include "window/saving.h"

#include "window/chooser.h"
#include "window/confirm.h"
#include "window/says.h"

/* Held by who asks for a file, and by who writes it. */
struct asked {
    GtkWidget *page;
    struct saving saving;
};

static void clear(gpointer data)
{
    struct asked *asked = data;
    g_object_unref(asked->page);
    asked->saving.free_user(asked->saving.user);
}

static void release(gpointer asked)
{
    g_rc_box_release_full(asked, clear);
}

/* NULL once it is closed. */
static GtkWindow *window_of(const struct asked *asked)
{
    GtkRoot *root = gtk_widget_get_root(asked->page);
    return GTK_IS_WINDOW(root) && gtk_widget_get_mapped(GTK_WIDGET(root)) ? GTK_WINDOW(root) : NULL;
}

static void on_written(const char *path, const char *why, void *user)
{
    struct asked *asked = user;
    bool is_fine = why[0] == '\0';
    g_autofree char *text = is_fine ? asked->saving.written(asked->saving.user, path) : says_unwritten(path, why);
    if (window_of(asked) != NULL)
        confirm_tell(window_of(asked), is_fine ? "Saved" : asked->saving.unsaved, text);
    release(asked);
}

static void on_path(const char *path, void *user)
{
    struct asked *asked = user;
    asked->saving.write(asked->saving.user, path, on_written, g_rc_box_acquire(asked));
}

void saving_begin(GtkWidget *page, const char *name, const char *path, const struct saving *saving)
{
    struct asked *asked = g_rc_box_new0(struct asked);
    const struct chooser_file file = { saving->endings, false, on_path, asked, release };
    asked->page = g_object_ref(page);
    asked->saving = *saving;
    if (window_of(asked) == NULL)
        release(asked);
    else if (path != NULL)
        chooser_take(window_of(asked), path, &file);
    else
        chooser_save(window_of(asked), saving->title, name, &file);
}
