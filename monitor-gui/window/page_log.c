#include "window/page_log.h"

#include "model/text.h"
#include "window/filters.h"
#include "window/log_detail.h"
#include "window/log_rows.h"
#include "window/log_save.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/table.h"
#include <stdio.h>

#define SEARCH_CHARS       18
#define SEARCH_CHARS_LEAST 4

#define MON_TYPE_PAGE_LOG (mon_page_log_get_type())
G_DECLARE_FINAL_TYPE(MonPageLog, mon_page_log, MON, PAGE_LOG, GtkBox)

struct _MonPageLog {
    GtkBox parent_instance;
    GtkWidget *search, *filters[LOG_FILTERS], *workers, *order, *renew, *news, *table, *none, *detail;
    enum log_filter filter;
    guint worker_count; /* that can be chosen */
    bool is_narrow;
    struct view view;
    GArray *rows;          /* struct log_row */
    struct log_row chosen; /* its texts are its own; message: NULL if none is */
    guint news_count;      /* rows that wait, since those that are shown are read */
    bool is_told;          /* of what the table says of itself: nobody chose it */
    uint64_t seen;         /* what the rows were made of: nothing else is known by then */
};

G_DEFINE_TYPE(MonPageLog, mon_page_log, GTK_TYPE_BOX)

enum log_column { LOG_TIME, LOG_GLYPH, LOG_FROM, LOG_MESSAGE, LOG_COLUMNS };

static const struct table_column columns[LOG_COLUMNS] = {
    [LOG_TIME] = { "Time", 111, TABLE_TEXT, false, false, false },
    [LOG_GLYPH] = { "", 30, TABLE_GLYPH, false, false, false },
    [LOG_FROM] = { "From", 78, TABLE_TEXT, false, false, false },
    [LOG_MESSAGE] = { "Message", 0, TABLE_LINE, false, true, false },
};

static void fill(void *user, guint index, guint column, struct table_cell *ret_cell)
{
    MonPageLog *self = user;
    if (index >= self->rows->len || !view_renew(&self->view))
        return;
    const struct log_row *row = &g_array_index(self->rows, struct log_row, index);
    ret_cell->glyph = row->glyph;
    ret_cell->class = column == LOG_TIME ? "dim" : NULL;
    if (column == LOG_TIME)
        snprintf(ret_cell->words.text, sizeof ret_cell->words.text, "%s",
                 text_clock(model_wall_ns(self->view.model, row->time_ns)).text);
    else if (column == LOG_FROM)
        g_strlcpy(ret_cell->words.text, row->from, sizeof ret_cell->words.text);
    else if (column == LOG_MESSAGE)
        g_strlcpy(ret_cell->words.text, row->message, sizeof ret_cell->words.text);
}

static void show_counts(MonPageLog *self, const guint counts[LOG_FILTERS])
{
    static const char *const names[LOG_FILTERS] = { "All", "Problems", "Life cycle", "stderr" };
    for (int i = 0; i < LOG_FILTERS; i++) {
        bool is_counted = i == LOG_PROBLEMS || (i == LOG_STDERR && counts[i] > 0); /* that it is none is not known */
        if (is_counted)
            filters_name(self->filters[i], "%s %s", names[i], text_count(counts[i]).text);
        else
            filters_name(self->filters[i], "%s", names[i]);
    }
}

/* -1: all of them, which stand first. */
static int64_t chosen_worker(MonPageLog *self)
{
    guint chosen = gtk_drop_down_get_selected(GTK_DROP_DOWN(self->workers));
    return chosen == GTK_INVALID_LIST_POSITION ? -1 : (int64_t)chosen - 1;
}

static void offer_workers(MonPageLog *self, guint count)
{
    GtkStringList *names = GTK_STRING_LIST(gtk_drop_down_get_model(GTK_DROP_DOWN(self->workers)));
    for (; self->worker_count < count; self->worker_count++) {
        g_autofree char *name = g_strdup_printf("Worker %u", self->worker_count);
        gtk_string_list_append(names, name);
    }
    if (self->worker_count > count)
        gtk_string_list_splice(names, count + 1, self->worker_count - count, NULL);
    self->worker_count = count;
}

/* ---- The chosen line ---- */

static void show_chosen(MonPageLog *self)
{
    bool is_chosen = self->chosen.message != NULL && view_renew(&self->view);
    mon_log_detail_show(MON_LOG_DETAIL(self->detail), &self->view, is_chosen ? &self->chosen : NULL);
}

/* It is a line and no place: others come before it. */
static void forget_chosen(MonPageLog *self)
{
    g_free(self->chosen.message);
    self->chosen = (struct log_row){ .message = NULL };
    show_chosen(self);
}

static void on_chosen(MonTable *table, MonPageLog *self)
{
    guint row = mon_table_get_chosen(table);
    if (self->is_told)
        return;
    forget_chosen(self);
    if (row >= self->rows->len)
        return;
    self->chosen = g_array_index(self->rows, struct log_row, row);
    self->chosen.message = g_strdup(self->chosen.message);
    show_chosen(self);
}

static guint chosen_row(MonPageLog *self)
{
    guint row = self->chosen.message != NULL ? log_rows_find(self->rows, &self->chosen) : self->rows->len;
    return row < self->rows->len ? row : TABLE_NO_ROW;
}

/* ---- The lines ---- */

static struct log_question question_of(MonPageLog *self)
{
    return (struct log_question){ self->filter, chosen_worker(self),
                                  gtk_editable_get_text(GTK_EDITABLE(self->search)) };
}

static void show_news(MonPageLog *self, guint count)
{
    self->news_count = count;
    parts_set_format(self->news, "%s new", text_count(count).text);
    gtk_widget_set_visible(self->renew, count > 0);
}

/* Rows of a table come a few at a time: the one that was chosen may come late. */
static void choose_row(MonPageLog *self)
{
    self->is_told = true;
    mon_table_choose(MON_TABLE(self->table), chosen_row(self));
    self->is_told = false;
}

static void show_rows(MonPageLog *self)
{
    self->is_told = true;
    mon_table_refresh(MON_TABLE(self->table), self->rows->len);
    self->is_told = false;
    choose_row(self);
}

static const char *none_words(MonPageLog *self, const guint counts[LOG_FILTERS])
{
    if (self->filter == LOG_STDERR && counts[LOG_STDERR] == 0)
        return SAYS_NO_OUTPUT;
    return counts[LOG_ALL] == 0 ? "Nothing was logged so far." : "No line matches.";
}

static void refresh(MonPageLog *self)
{
    guint counts[LOG_FILTERS];
    const struct log_question question = question_of(self);
    log_rows_collect(self->rows, &self->view, &question, counts);
    show_counts(self, counts);
    show_news(self, 0);
    gtk_widget_set_visible(self->none, self->rows->len == 0);
    parts_set_text(self->none, none_words(self, counts));
    show_rows(self);
    if (chosen_row(self) == TABLE_NO_ROW)
        forget_chosen(self);
}

/* ---- New lines while others are read ---- */

/* In a recording it is the user who goes on, or back. */
static bool is_read(MonPageLog *self)
{
    bool is_live = self->view.watch->replay == NULL;
    return is_live && (self->chosen.message != NULL || mon_table_is_scrolled(MON_TABLE(self->table)));
}

/* How many there are before those that are shown, or between them. */
static guint count_news(MonPageLog *self)
{
    guint counts[LOG_FILTERS], before = 0;
    const struct log_question question = question_of(self);
    GArray *all = g_array_new(FALSE, TRUE, sizeof(struct log_row));
    g_array_set_clear_func(all, log_row_clear);
    log_rows_collect(all, &self->view, &question, counts);
    show_counts(self, counts);
    if (self->rows->len > 0)
        before = log_rows_find(all, &g_array_index(self->rows, struct log_row, 0));
    guint more = all->len > self->rows->len ? all->len - self->rows->len : 0;
    g_array_unref(all);
    return MAX(before, more);
}

/* They wait above, so that no line moves from below the pointer. */
static void take_news(MonPageLog *self)
{
    guint news = is_read(self) ? count_news(self) : 0;
    if (news > 0)
        show_news(self, news);
    else
        refresh(self);
}

void mon_page_log_renew(GtkWidget *page)
{
    MonPageLog *self = MON_PAGE_LOG(page);
    if (!view_renew(&self->view))
        return;
    refresh(self);
    mon_table_scroll_back(MON_TABLE(self->table));
}

static void on_renew(GtkButton *button, MonPageLog *self)
{
    (void)button;
    mon_page_log_renew(GTK_WIDGET(self));
}

/* What the model has of it: where nothing was added nothing is collected anew. */
static uint64_t told(const struct view *view)
{
    const struct events *events = &view->model->events;
    uint64_t told = events->death_total + events->failure_total + events->line_total + events_lost(events);
    for (uint64_t i = 0; i < events_death_count(events); i++)
        told += events_death_at(events, i)->said.replaced_ns != 0;
    return told;
}

static void set_narrow(MonPageLog *self, bool is_narrow)
{
    gtk_label_set_label(GTK_LABEL(self->order), is_narrow ? "" : "newest first");
    g_object_set(self->search, "placeholder-text", is_narrow ? "Search" : "Search the log", NULL);
    self->is_narrow = is_narrow;
}

void mon_page_log_show(GtkWidget *page, const struct view *view)
{
    MonPageLog *self = MON_PAGE_LOG(page);
    bool is_same = view_is_same(&self->view, view);
    self->view = *view;
    offer_workers(self, (guint)view->pool->workers.count);
    if (self->is_narrow != parts_is_narrow(page))
        set_narrow(self, !self->is_narrow);
    bool has_waited = self->news_count > 0 && !is_read(self);
    choose_row(self);
    if (self->chosen.message != NULL)
        show_chosen(self); /* what it leads to may be gone */
    if (is_same && self->seen == told(view) && !has_waited)
        return;
    self->seen = told(view);
    if (is_same)
        take_news(self);
    else
        refresh(self);
}

static void on_search(GtkSearchEntry *entry, MonPageLog *self)
{
    (void)entry;
    if (view_renew(&self->view))
        refresh(self);
}

static void on_filter(GtkToggleButton *button, MonPageLog *self)
{
    self->filter = (enum log_filter)filters_get(self->filters, LOG_FILTERS);
    if (gtk_toggle_button_get_active(button) && view_renew(&self->view))
        refresh(self);
}

static void on_worker(GtkDropDown *workers, GParamSpec *property, MonPageLog *self)
{
    (void)workers, (void)property;
    if (view_renew(&self->view))
        refresh(self);
}

/* ---- Out of the window ---- */

static void append_row(MonPageLog *self, GString *text, guint index)
{
    const struct log_row *row = &g_array_index(self->rows, struct log_row, index);
    g_string_append_printf(text, "%s %s %s", text_clock(model_wall_ns(self->view.model, row->time_ns)).text, row->from,
                           row->message);
}

/* What is shown, the last first as there. */
void mon_page_log_save(GtkWidget *page, const char *path)
{
    MonPageLog *self = MON_PAGE_LOG(page);
    if (!view_renew(&self->view))
        return;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < self->rows->len; i++) {
        append_row(self, text, i);
        g_string_append_c(text, '\n');
    }
    log_save(page, self->view.watch->program, g_string_free(text, FALSE), self->rows->len, path);
}

static void on_save(GtkButton *button, MonPageLog *self)
{
    (void)button;
    mon_page_log_save(GTK_WIDGET(self), NULL);
}

void mon_page_log_search(GtkWidget *page)
{
    gtk_widget_grab_focus(MON_PAGE_LOG(page)->search);
}

bool mon_page_log_escape(GtkWidget *page)
{
    MonPageLog *self = MON_PAGE_LOG(page);
    bool was_chosen = self->chosen.message != NULL;
    bool was_used = was_chosen || gtk_editable_get_text(GTK_EDITABLE(self->search))[0] != '\0';
    forget_chosen(self);
    choose_row(self);
    if (!was_chosen)
        gtk_editable_set_text(GTK_EDITABLE(self->search), "");
    gtk_widget_grab_focus(self->table);
    return was_used;
}

static void on_closed(MonLogDetail *detail, MonPageLog *self)
{
    (void)detail;
    forget_chosen(self);
    choose_row(self);
    gtk_widget_grab_focus(self->table);
}

char *mon_page_log_copy(GtkWidget *page)
{
    MonPageLog *self = MON_PAGE_LOG(page);
    guint index = mon_table_get_chosen(MON_TABLE(self->table));
    if (index >= self->rows->len || !view_renew(&self->view))
        return NULL;
    GString *text = g_string_new(NULL);
    append_row(self, text, index);
    return g_string_free(text, FALSE);
}

/* ---- The page ---- */

static GtkWidget *new_workers(MonPageLog *self)
{
    self->workers = gtk_drop_down_new_from_strings((const char *[]){ "All workers", NULL });
    gtk_widget_set_valign(self->workers, GTK_ALIGN_CENTER);
    parts_set_accessible_label(self->workers, "Worker");
    g_signal_connect(self->workers, "notify::selected", G_CALLBACK(on_worker), self);
    return self->workers;
}

/* In the head of the table, where no title stands: the tools leave no room for it in a narrow window. */
static GtkWidget *new_renew(MonPageLog *self)
{
    self->renew = parts_button("", "link", NULL);
    self->news = gtk_button_get_child(GTK_BUTTON(self->renew));
    gtk_widget_set_halign(self->renew, GTK_ALIGN_END);
    gtk_widget_set_valign(self->renew, GTK_ALIGN_START);
    parts_set_margins(self->renew, 16, 4, 0);
    gtk_widget_set_visible(self->renew, FALSE);
    parts_set_tooltip(self->renew, "Show the lines that came since, above (S)");
    g_signal_connect(self->renew, "clicked", G_CALLBACK(on_renew), self);
    return self->renew;
}

static GtkWidget *new_toolbar(MonPageLog *self)
{
    GtkWidget *bar = parts_row(12);
    gtk_widget_add_css_class(bar, "toolbar");
    self->search = parts_add(bar, parts_search());
    gtk_editable_set_width_chars(GTK_EDITABLE(self->search), SEARCH_CHARS_LEAST);
    gtk_editable_set_max_width_chars(GTK_EDITABLE(self->search), SEARCH_CHARS);
    g_signal_connect(self->search, "search-changed", G_CALLBACK(on_search), self);
    parts_add(bar, filters_new(self->filters, LOG_FILTERS, G_CALLBACK(on_filter), self));
    parts_add(bar, new_workers(self));
    self->order = parts_add(bar, parts_label("", "caption"));
    gtk_widget_set_hexpand(self->order, TRUE);
    gtk_label_set_xalign(GTK_LABEL(self->order), 1);
    g_signal_connect(parts_add(bar, parts_button("Save\xe2\x80\xa6", "tool", NULL)), "clicked", G_CALLBACK(on_save),
                     self);
    set_narrow(self, false);
    return bar;
}

static void mon_page_log_finalize(GObject *object)
{
    g_array_unref(MON_PAGE_LOG(object)->rows);
    g_free(MON_PAGE_LOG(object)->chosen.message);
    G_OBJECT_CLASS(mon_page_log_parent_class)->finalize(object);
}

/* A search is told of late, and what it was for may be gone by then. */
static void mon_page_log_unmap(GtkWidget *widget)
{
    MON_PAGE_LOG(widget)->view = (struct view){ .watch = NULL };
    GTK_WIDGET_CLASS(mon_page_log_parent_class)->unmap(widget);
}

static void mon_page_log_class_init(MonPageLogClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_page_log_finalize;
    GTK_WIDGET_CLASS(class)->unmap = mon_page_log_unmap;
}

static void mon_page_log_init(MonPageLog *self)
{
    GtkWidget *box = GTK_WIDGET(self), *overlay = gtk_overlay_new();
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    self->rows = g_array_new(FALSE, TRUE, sizeof(struct log_row));
    g_array_set_clear_func(self->rows, log_row_clear);
    parts_add(box, new_toolbar(self));
    self->table = mon_table_new(columns, LOG_COLUMNS, "Log", fill, self);
    mon_table_remember(MON_TABLE(self->table), "log");
    g_signal_connect(self->table, "chosen", G_CALLBACK(on_chosen), self);
    self->none = parts_paragraph("", "dim");
    gtk_label_set_justify(GTK_LABEL(self->none), GTK_JUSTIFY_CENTER);
    gtk_widget_set_halign(self->none, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(self->none, GTK_ALIGN_CENTER);
    gtk_widget_set_vexpand(overlay, TRUE);
    gtk_overlay_set_child(GTK_OVERLAY(overlay), self->table);
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), self->none);
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), new_renew(self));
    parts_add(box, overlay);
    self->detail = parts_add(box, mon_log_detail_new());
    g_signal_connect(self->detail, "closed", G_CALLBACK(on_closed), self);
}

GtkWidget *mon_page_log_new(void)
{
    return g_object_new(MON_TYPE_PAGE_LOG, NULL);
}
