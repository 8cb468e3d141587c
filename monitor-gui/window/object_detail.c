#include "window/object_detail.h"

#include "model/text.h"
#include "window/object_words.h"
#include "window/pane.h"
#include "window/parts.h"
#include <inttypes.h>

/* Always so many rows, so that nothing moves when waiters come and go. */
#define ROWS 4

struct _MonObjectDetail {
    GtkBox parent_instance;
    GtkWidget *title, *sentence, *more;
    struct {
        GtkWidget *who, *wish, *since, *place;
    } rows[ROWS];
};

G_DEFINE_TYPE(MonObjectDetail, mon_object_detail, GTK_TYPE_BOX)

/* ---- What it shows ---- */

static void show_row(MonObjectDetail *self, size_t index, const struct view *view, const struct model_object *object,
                     const struct model_waiter *waiter)
{
    const struct record_waiter *said = &waiter->said;
    parts_set_format(self->rows[index].who, "%s (pid %" PRId64 ")",
                     words_who(view->model, said->pid, said->thread).text, said->pid);
    parts_set_format(self->rows[index].wish, "waits %s", waiter_wish(object, waiter));
    parts_set_text(self->rows[index].since, text_duration(view_now_ns(view) - said->since_ns).text);
    parts_set_text(self->rows[index].place, kept_string(said->place));
}

static void empty_row(MonObjectDetail *self, size_t index)
{
    parts_set_text(self->rows[index].who, "");
    parts_set_text(self->rows[index].wish, "");
    parts_set_text(self->rows[index].since, "");
    parts_set_text(self->rows[index].place, "");
}

/* Who waits longest stands on top. */
static void show_rows(MonObjectDetail *self, const struct view *view, const struct model_object *object)
{
    const struct objects *objects = &view->model->objects;
    size_t first, count = objects_waiters_of(objects, object->said.object, &first);
    for (size_t i = 0; i < ROWS; i++)
        if (i < count)
            show_row(self, i, view, object, objects_waiter_by_object(objects, first + i));
        else
            empty_row(self, i);
    if (count > ROWS)
        parts_set_format(self->more, "and %zu more wait", count - ROWS);
    else
        parts_set_text(self->more, count == 0 ? "Nobody waits." : "");
}

void mon_object_detail_show(MonObjectDetail *self, const struct view *view, const struct model_object *object)
{
    gtk_widget_set_visible(GTK_WIDGET(self), object != NULL);
    if (object == NULL)
        return;
    parts_set_format(self->title, "%s \xe2\x80\x9c%s\xe2\x80\x9d", words_object_kind(object->said.kind),
                     object_name(object).text);
    parts_set_text(self->sentence, object_sentence(view, object).text);
    show_rows(self, view, object);
}

/* ---- What it is made of ---- */

static void add_head(MonObjectDetail *self)
{
    GtkWidget *line = pane_make_strip(GTK_WIDGET(self));
    self->title = parts_add(line, parts_short_label("", "section"));
    self->sentence = parts_add(line, parts_label("", "body dim"));
    gtk_widget_set_hexpand(self->sentence, TRUE);
    self->more = parts_add(line, parts_short_label("", "caption"));
}

static GtkWidget *attach(GtkWidget *grid, int column, int row, const char *classes)
{
    GtkWidget *label = parts_label("", classes);
    gtk_grid_attach(GTK_GRID(grid), label, column, row, 1, 1);
    return label;
}

static GtkWidget *new_rows(MonObjectDetail *self)
{
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(grid), 16);
    for (int i = 0; i < ROWS; i++) {
        self->rows[i].who = attach(grid, 0, i, "body");
        self->rows[i].wish = attach(grid, 1, i, "body");
        self->rows[i].since = attach(grid, 2, i, "body");
        self->rows[i].place = attach(grid, 3, i, "body dim");
        gtk_label_set_width_chars(GTK_LABEL(self->rows[i].who), 26);
        gtk_label_set_width_chars(GTK_LABEL(self->rows[i].wish), 22);
        gtk_label_set_width_chars(GTK_LABEL(self->rows[i].since), 9);
        gtk_label_set_xalign(GTK_LABEL(self->rows[i].since), 1);
        gtk_widget_set_hexpand(self->rows[i].place, TRUE);
    }
    return grid;
}

static void mon_object_detail_class_init(MonObjectDetailClass *class)
{
    (void)class;
    g_signal_new("closed", MON_TYPE_OBJECT_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_object_detail_init(MonObjectDetail *self)
{
    gtk_box_set_spacing(GTK_BOX(self), 6);
    add_head(self);
    parts_add(GTK_WIDGET(self), new_rows(self));
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

GtkWidget *mon_object_detail_new(void)
{
    return g_object_new(MON_TYPE_OBJECT_DETAIL, NULL);
}
