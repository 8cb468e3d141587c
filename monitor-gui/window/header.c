#include "window/header.h"

#include "window/parts.h"
#include "window/says.h"

/* ---- What it shows ---- */

void header_show(const struct header *header, const struct view *view, bool has_pages)
{
    bool is_live = has_pages && view->watch->state == WATCH_LIVE;
    gtk_stack_set_visible_child_name(GTK_STACK(header->head), has_pages ? "tabs" : "title");
    gtk_stack_set_visible_child_name(GTK_STACK(header->live), is_live ? "live" : "none");
}

void header_show_buttons(const struct header *header, const struct view *view)
{
    bool is_recorded = view->watch != NULL && watch_is_recorded(view->watch);
    bool is_frozen = view->watch != NULL && watch_is_frozen(view->watch);
    parts_set_text(header->record_label, is_recorded ? "Stop" : "Record");
    parts_set_class(header->record, is_recorded ? "recording" : "");
    parts_set_text(header->freeze_label, is_frozen ? "Frozen" : "Freeze");
    parts_set_class(header->freeze, is_frozen ? "frozen" : "");
}

static void show_tip(GtkWidget *tab, uint64_t news)
{
    g_autofree char *tip = g_strdup_printf("%s since you last looked here", words_many(news, "problem").text);
    parts_set_tooltip(tab, news > 0 ? tip : NULL);
}

void header_show_dots(const struct header *header, const struct dots *dots)
{
    GtkWidget *tab = gtk_widget_get_first_child(header->tabs);
    for (size_t i = 0; tab != NULL && i < page_count; tab = gtk_widget_get_next_sibling(tab), i++)
        show_tip(tab, dots->news[i]);
}

void header_set_narrow(const struct header *header, bool is_narrow)
{
    gtk_widget_set_visible(header->freeze_label, !is_narrow);
    gtk_widget_set_visible(header->record_label, !is_narrow);
}

/* ---- What it is made of ---- */

static GtkWidget *new_menu(void)
{
    GtkWidget *button = gtk_menu_button_new();
    g_autoptr(GMenu) menu = g_menu_new(), file = g_menu_new(), look = g_menu_new(), rest = g_menu_new();
    g_menu_append(file, "Open a recording\xe2\x80\xa6", "win.open");
    g_menu_append(file, "Save as recording\xe2\x80\xa6", "win.save");
    g_menu_append(file, "Export\xe2\x80\xa6", "win.export");
    g_menu_append(file, "Read everything anew", "win.again");
    g_menu_append(look, "As the desktop", "app.theme(0)");
    g_menu_append(look, "Light", "app.theme(1)");
    g_menu_append(look, "Dark", "app.theme(2)");
    g_menu_append(rest, "Keys", "win.keys");
    g_menu_append(rest, "Quit", "app.quit");
    g_menu_append_section(menu, NULL, G_MENU_MODEL(file));
    g_menu_append_section(menu, "Colours", G_MENU_MODEL(look));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(rest));
    gtk_menu_button_set_menu_model(GTK_MENU_BUTTON(button), G_MENU_MODEL(menu));
    gtk_menu_button_set_icon_name(GTK_MENU_BUTTON(button), "open-menu-symbolic");
    gtk_menu_button_set_primary(GTK_MENU_BUTTON(button), TRUE);
    gtk_widget_add_css_class(button, "flat");
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    parts_set_tooltip(button, "Menu (F10)");
    parts_set_accessible_label(button, "Menu");
    return button;
}

static GtkWidget *new_head_button(enum glyph glyph, const char *text, const char *action, const char *tip,
                                  GtkWidget **ret_label)
{
    GtkWidget *button = parts_glyph_button(glyph, text, "flat", action);
    mon_glyph_set_color(MON_GLYPH(gtk_widget_get_first_child(gtk_button_get_child(GTK_BUTTON(button)))), PALETTE_text);
    *ret_label = gtk_widget_get_last_child(gtk_button_get_child(GTK_BUTTON(button)));
    /* The window can be made narrow in one step: it is told so a moment later. */
    gtk_label_set_ellipsize(GTK_LABEL(*ret_label), PANGO_ELLIPSIZE_END);
    parts_set_tooltip(button, tip);
    return button;
}

static GtkWidget *new_head(GtkWidget *tabs)
{
    GtkWidget *head = gtk_stack_new(), *title = parts_short_label(NO_POOL_TITLE, "title");
    gtk_stack_add_named(GTK_STACK(head), title, "title");
    gtk_stack_add_named(GTK_STACK(head), tabs, "tabs");
    gtk_stack_set_hhomogeneous(GTK_STACK(head), FALSE); /* as wide as the tabs the title would not be in the middle */
    parts_follow_stack(head);
    gtk_widget_set_halign(title, GTK_ALIGN_CENTER);
    return head;
}

/* Where they are of no use they keep their room: the tabs would move with it. */
static GtkWidget *new_live(const struct header *header)
{
    GtkWidget *live = gtk_stack_new(), *buttons = parts_row(6);
    parts_add(buttons, header->freeze);
    parts_add(buttons, header->record);
    gtk_stack_add_named(GTK_STACK(live), parts_row(0), "none");
    gtk_stack_add_named(GTK_STACK(live), buttons, "live");
    parts_follow_stack(live);
    gtk_widget_set_valign(live, GTK_ALIGN_CENTER);
    return live;
}

void header_make(struct header *ret_header, GtkStack *stack)
{
    GtkWidget *bar = gtk_header_bar_new();
    GtkWidget *toggle = parts_glyph_button(GLYPH_SIDEBAR, NULL, "flat", "win.sidebar");
    parts_set_tooltip(toggle, "Sidebar (F9)");
    parts_set_accessible_label(toggle, "Sidebar");
    ret_header->bar = bar;
    ret_header->tabs = gtk_stack_switcher_new();
    gtk_stack_switcher_set_stack(GTK_STACK_SWITCHER(ret_header->tabs), stack);
    ret_header->head = new_head(ret_header->tabs);
    ret_header->freeze =
        new_head_button(GLYPH_FREEZE, "Freeze", "win.freeze", "Freeze the display (space)", &ret_header->freeze_label);
    ret_header->record =
        new_head_button(GLYPH_RECORD, "Record", "win.record", "Record to a file (Ctrl+R)", &ret_header->record_label);
    gtk_header_bar_pack_start(GTK_HEADER_BAR(bar), toggle);
    gtk_header_bar_set_title_widget(GTK_HEADER_BAR(bar), ret_header->head);
    gtk_header_bar_pack_end(GTK_HEADER_BAR(bar), new_menu());
    ret_header->live = new_live(ret_header);
    gtk_header_bar_pack_end(GTK_HEADER_BAR(bar), ret_header->live);
}
