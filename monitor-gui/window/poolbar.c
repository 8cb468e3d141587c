#include "window/poolbar.h"

#include "window/grants.h"
#include "window/parts.h"
#include "window/says.h"

struct _MonPoolbar {
    GtkBox parent_instance;
    GtkWidget *glyph, *title, *chip, *facts, *pause, *pause_label, *resize, *export;
};

G_DEFINE_TYPE(MonPoolbar, mon_poolbar, GTK_TYPE_BOX)

static void mon_poolbar_class_init(MonPoolbarClass *class)
{
    (void)class;
}

static void mon_poolbar_init(MonPoolbar *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_box_set_spacing(GTK_BOX(self), 10);
    gtk_widget_add_css_class(box, "poolbar");
    self->glyph = parts_add(box, mon_glyph_new(GLYPH_NONE));
    self->title = parts_add(box, parts_short_label("", "title"));
    self->chip = parts_add(box, parts_short_label("", "chip"));
    self->facts = parts_add(box, parts_inscription("body dim"));
    gtk_label_set_max_width_chars(GTK_LABEL(self->title), 32);
    gtk_label_set_ellipsize(GTK_LABEL(self->title), PANGO_ELLIPSIZE_END);
    gtk_widget_set_valign(self->chip, GTK_ALIGN_CENTER);
    gtk_widget_set_hexpand(self->facts, TRUE);
    /* One line, though there is height for more. */
    gtk_widget_set_valign(self->facts, GTK_ALIGN_CENTER);
    self->pause = parts_add(box, parts_button("Pause pool", "tool", "win.pause"));
    self->pause_label = gtk_button_get_child(GTK_BUTTON(self->pause));
    /* As wide for both words: what stands before it stays where it is. */
    gtk_label_set_width_chars(GTK_LABEL(self->pause_label), 10);
    self->resize = parts_add(box, parts_button("Resize\xe2\x80\xa6", "tool", "win.resize"));
    self->export = parts_add(box, parts_button("Export\xe2\x80\xa6", "tool", "win.export"));
}

GtkWidget *mon_poolbar_new(void)
{
    return g_object_new(MON_TYPE_POOLBAR, NULL);
}

static void show_controls(MonPoolbar *self, const struct view *view)
{
    bool is_there = view->watch->state == WATCH_LIVE && view->pool != NULL;
    bool is_paused = is_there && view->pool->said.paused;
    const char *pause = grants_why_not(view, RECORD_VERB_PAUSE), *resize = grants_why_not(view, RECORD_VERB_RESIZE);
    gtk_widget_set_visible(self->pause, is_there);
    gtk_widget_set_visible(self->resize, is_there);
    gtk_widget_set_visible(self->export, view->watch->replay != NULL);
    parts_set_tooltip(self->export, says_why_stuck(view->watch));
    parts_set_text(self->pause_label, is_paused ? "Resume pool" : "Pause pool");
    parts_set_tooltip(self->pause, pause != NULL ? pause
                                   : is_paused   ? "Tasks begin again."
                                                 : "No task begins; those that run go on to their end.");
    parts_set_tooltip(self->resize, resize != NULL ? resize : "Asks how many workers there are to be.");
}

void mon_poolbar_show(MonPoolbar *self, const struct view *view)
{
    const char *class, *chip = says_chip(view, &class);
    struct words facts = says_facts(view);
    bool is_narrow = parts_is_narrow(GTK_WIDGET(self));
    mon_glyph_set(MON_GLYPH(self->glyph), says_pool_glyph(view));
    parts_set_text(self->title, says_title(view).text);
    parts_set_text(self->facts, is_narrow ? says_brief_facts(view).text : facts.text);
    parts_set_tooltip(self->facts, facts.text);
    parts_set_text(self->chip, chip);
    parts_set_class(self->chip, class);
    gtk_widget_set_visible(self->chip, chip[0] != '\0');
    show_controls(self, view);
}
