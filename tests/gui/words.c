/* What the window says, on a display without a screen (xvfb-run): that it fits, that no two of its sentences contradict
 * each other, and that a name is of what it stands beside.
 */
#include "main.h"
#include "model/text.h"
#include "scene.h"
#include "window/chart.h"
#include "window/figures.h"
#include "window/pages.h"
#include "window/parts.h"
#include "window/twin.h"
#include "window/whole.h"

#define NS_PER_S INT64_C(1000000000)

/* ---- Figures ---- */

/* The first text that there is no room for; "" if there is none. */
static const char *first_cut(GtkWidget *widget)
{
    if (GTK_IS_LABEL(widget) && pango_layout_is_ellipsized(gtk_label_get_layout(GTK_LABEL(widget))))
        return gtk_label_get_label(GTK_LABEL(widget));
    const char *cut = "";
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL && cut[0] == '\0';
         child = gtk_widget_get_next_sibling(child))
        cut = first_cut(child);
    return cut;
}

/* As wide as a page of a window of 900 by 600 with its sidebar. */
static GtkWidget *show_figures(GtkWidget **ret_window)
{
    GtkWidget *own = *ret_window = gtk_window_new(), *figures = mon_figures_new();
    gtk_widget_add_css_class(own, "mon");
    gtk_widget_add_css_class(own, "narrow");
    gtk_window_set_default_size(GTK_WINDOW(own), 900 - 204, 200);
    gtk_window_set_child(GTK_WINDOW(own), figures);
    gtk_window_present(GTK_WINDOW(own));
    SHOWN(gtk_widget_get_width(figures) > 0);
    return figures;
}

static void check_figures(const struct record_counts *counts, const char *retried)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    struct view view = mon_desk_view(desk);
    struct model_pool pool = *view.pool;
    pool.counts = *counts;
    view.pool = &pool;
    GtkWidget *own, *figures = show_figures(&own);
    mon_figures_show(MON_FIGURES(figures), &view);
    let_pass(300);
    CHECK_STR(first_cut(figures), "");
    CHECK_LE(gtk_widget_get_width(figures), 900 - 204);
    CHECK(find(figures, "retried") == NULL ? retried == NULL : find(figures, retried) != NULL);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static void large_figures_fit_into_a_narrow_window(void)
{
    check_figures(&(struct record_counts){ .pool = 1,
                                           .succeeded = 1234567,
                                           .failed = 1234567,
                                           .retried = 1234567,
                                           .deaths = 1234567,
                                           .queued = 1234567,
                                           .oldest_ns = 13 * 60 * NS_PER_S + 46 * NS_PER_S },
                  "1.23" TEXT_BLANK "M retried");
}

static void that_nothing_was_retried_is_not_said(void)
{
    check_figures(&(struct record_counts){ .pool = 1, .succeeded = 12 }, NULL);
}

/* ---- Recordings ---- */

/* Where in its twenty seconds the pool begins is told by the caller. */
static void open_recording(int64_t created_ns, const struct record_lost *lost)
{
    const struct record_pool pool = { .pool = 1, .name = record_text_of("small"), .created_ns = created_ns };
    const struct record_counts counts = { .pool = 1 };
    const struct record_snapshot_end end = { 0 };
    const struct telling all[] = { { RECORD_SNAPSHOT_END, NS_PER_S, &end },
                                   { RECORD_POOL, MAX(created_ns, NS_PER_S), &pool },
                                   { RECORD_LOST, 12 * NS_PER_S, lost },
                                   { RECORD_COUNTS, 20 * NS_PER_S, &counts } };
    make_recording_of(RECORDING, all, G_N_ELEMENTS(all));
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("Workers busy"));
}

static void a_recording_that_lacks_events_is_complete_but_for_these(void)
{
    begin(1280, 800);
    open_recording(NS_PER_S, &(struct record_lost){ RECORD_CLASS_LIFE, 111, 11 * NS_PER_S, 12 * NS_PER_S, 1, -1 });
    SHOWN(is_seen("111 lost while recording"));
    CHECK_STR(text_of(find(window, "complete")), "otherwise complete");
    end();
}

static unsigned count_in(const char *text, const char *words)
{
    unsigned count = 0;
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words))
        count++;
    return count;
}

/* Of its sixty seconds the last eight. */
static void a_chart_of_the_time_before_there_was_a_pool_has_nothing_to_know(void)
{
    int queue = 1;
    begin(1280, 800);
    open_recording(12 * NS_PER_S, &(struct record_lost){ .pool = 1 });
    GtkWidget *chart = find_nth(window, MON_TYPE_CHART, &queue);
    SHOWN(count_in(twin_text(chart), "not there yet") > 40);
    g_autofree char *text = twin_text(chart);
    CHECK_EQ(count_in(text, "not known"), 0);
    end();
}

static void what_is_told_of_a_recording_is_of_the_recording(void)
{
    int first = 0;
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    activate("win.page::workers");
    SHOWN(is_seen("deaths since the pool began"));
    activate("win.page::timeline");
    SHOWN(find_nth(window, MON_TYPE_WHOLE, &first) != NULL);
    first = 0;
    twin_open(find_nth(window, MON_TYPE_WHOLE, &first));
    g_autoptr(GList) windows = gtk_window_list_toplevels();
    bool is_named = false;
    for (GList *own = windows; own != NULL; own = own->next)
        is_named |= g_strcmp0(gtk_window_get_title(own->data), "Whole recording") == 0;
    CHECK(is_named);
    end();
}

static const struct test tests[] = {
    TEST_WITH(large_figures_fit_into_a_narrow_window, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(that_nothing_was_retried_is_not_said, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_lacks_events_is_complete_but_for_these, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_chart_of_the_time_before_there_was_a_pool_has_nothing_to_know, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_told_of_a_recording_is_of_the_recording, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_GUI(tests)
