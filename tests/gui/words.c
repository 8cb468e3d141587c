/* What the window says, on a display without a screen (xvfb-run): that it fits, that no two of its sentences contradict
 * each other, and that a name is of what it stands beside.
 */
#include "main.h"
#include "model/text.h"
#include "platform.h"
#include "scene.h"
#include "window/chart.h"
#include "window/chooser.h"
#include "window/figures.h"
#include "window/pages.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/twin.h"
#include "window/whole.h"
#include <glib/gstdio.h>
#include <math.h>

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

static void check_figures(const struct record_counts *counts, const char *wanted)
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
    CHECK(find(figures, wanted) != NULL);
    CHECK_EQ(find(figures, "retried") != NULL, counts->retried > 0);
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
    check_figures(&(struct record_counts){ .pool = 1, .succeeded = 12 }, "tasks and items");
}

static void those_that_died_leave_room_for_those_that_are_idle(void)
{
    check_figures(&(struct record_counts){ .pool = 1, .succeeded = 12, .deaths = 13 }, "idle");
}

static void check_maps(const struct record_counts *counts, const struct record_map *first,
                       const struct record_map *second, const char *wanted)
{
    const struct record_pool pool = { .pool = 1, .name = record_text_of("small"), .created_ns = NS_PER_S };
    const struct record_snapshot_end end_of_all = { 0 };
    const struct telling all[] = { { RECORD_POOL, NS_PER_S, &pool },
                                   { RECORD_COUNTS, NS_PER_S, counts },
                                   { RECORD_MAP, NS_PER_S, first },
                                   { RECORD_MAP, NS_PER_S, second },
                                   { RECORD_SNAPSHOT_END, 2 * NS_PER_S, &end_of_all } };
    begin(900, 600);
    make_recording_of(RECORDING, all, G_N_ELEMENTS(all));
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen(wanted));
    end();
}

static void of_maps_alone_the_figure_done_says_of_how_many_items(void)
{
    check_maps(&(struct record_counts){ .pool = 1, .items = 50 },
               &(struct record_map){ .pool = 1, .task = 1, .items = 60, .done = 40 },
               &(struct record_map){ .pool = 1, .task = 2, .items = 40, .done = 10 }, "of 100" DOT "50" TEXT_BLANK "%");
}

static void of_maps_beside_tasks_the_figure_done_says_how_far_they_are(void)
{
    const struct record_counts counts = { .pool = 1, .succeeded = 7, .items = 50 };
    struct record_map first = { .pool = 1, .task = 1, .items = 60, .done = 40 };
    struct record_map second = { .pool = 1, .task = 2, .items = 40, .done = 10 };
    check_maps(&counts, &first, &second, "maps 50" TEXT_BLANK "% done");
    second.ended = 1;
    check_maps(&counts, &first, &second, "map 67" TEXT_BLANK "% done");
    first.items = 0;
    check_maps(&counts, &first, &second, "map under way");
}

/* A map counts when it ends. */
static void items_that_failed_of_a_map_under_way_are_said(void)
{
    check_maps(&(struct record_counts){ .pool = 1, .items = 40 },
               &(struct record_map){ .pool = 1, .task = 1, .items = 60, .done = 40, .failed = 3 },
               &(struct record_map){ .pool = 1, .task = 2, .items = 10, .done = 10, .failed = 5, .ended = 1 },
               "and 3 items so far");
}

static void workers_in_a_deadlock_are_not_merely_busy(void)
{
    begin(900, 600);
    make_recording("deadlock");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen(" in a deadlock"));
    CHECK(!is_seen("0 died") && !is_seen(" idle"));
    end();
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

static void a_recording_that_is_cut_and_lacks_events_says_both(void)
{
    begin(1280, 800);
    make_recording("cut");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("This recording ends in the middle of an event") && is_seen("cut short"));
    CHECK(replay_lost(mon_desk_view(desk).watch->replay) > 0 && is_seen("Everything before is here, except "));
    end();
}

static unsigned count_in(GtkWidget *chart, const char *words)
{
    unsigned count = 0;
    g_autofree char *text = twin_text(chart);
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words))
        count++;
    return count;
}

static void a_pool_that_has_done_nothing_says_no_more_than_that(void)
{
    begin(1280, 800);
    open_recording(NS_PER_S, &(struct record_lost){ .pool = 1 });
    SHOWN(is_seen("Time left") && is_seen("no estimate"));
    CHECK(!is_seen("tasks and items") && !is_seen("including failed"));
    end();
}

/* Of its twenty seconds the last eight, of which nothing was told before their end. */
static void a_chart_of_the_time_before_there_was_a_pool_has_nothing_to_know(void)
{
    int queue = 1;
    begin(1280, 800);
    open_recording(12 * NS_PER_S, &(struct record_lost){ .pool = 1 });
    GtkWidget *chart = find_nth(window, MON_TYPE_CHART, &queue);
    SHOWN(count_in(chart, "not there yet") == 11);
    CHECK_EQ(count_in(chart, "not known"), 8);
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

/* ---- Files ---- */

static void keep_path(const char *path, void *user)
{
    g_free(*(char **)user);
    *(char **)user = g_strdup(path);
}

static void check_ending(const char *typed, bool is_strict, const char *expected)
{
    static const char *const endings[] = { ".json", ".csv", NULL };
    char *path = NULL;
    const struct chooser_file file = { endings, is_strict, keep_path, &path, NULL };
    chooser_take(GTK_WINDOW(window), typed, &file);
    CHECK_STR(path, expected);
    g_free(path);
}

static void a_name_keeps_the_ending_that_was_typed(void)
{
    begin(1280, 800);
    check_ending("out", false, "out.json");
    check_ending("out.csv", false, "out.csv");
    check_ending("out.txt", false, "out.txt");
    check_ending("out.txt", true, "out.txt.json");
    check_ending("night-2.1", false, "night-2.1.json");
    check_ending(".hidden", false, ".hidden.json");
    end();
}

static void a_recording_is_not_written_over_itself(void)
{
    GStatBuf before, after;
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    CHECK_EQ(g_stat(RECORDING, &before), 0);
    activate("win.save-as::./" RECORDING);
    SHOWN(is_seen("It is saved under that name already."));
    CHECK_EQ(g_stat(RECORDING, &after), 0);
    CHECK(before.st_ino == after.st_ino && before.st_size == after.st_size);
    end();
}

/* ---- What there is ---- */

static void without_a_pool_it_is_said_where_one_is_looked_for(void)
{
    char place[OS_PATH_MAX];
    begin(1280, 800);
    mon_desk_look(desk);
    SHOWN(is_seen("Last looked"));
    if (platform_endpoint_place(place, sizeof place) < 0) {
        CHECK(is_seen("Looking in the list of pools of your user."));
    } else {
        g_autofree char *said = g_strdup_printf("Looking in %s. Only pools of your own user are shown.", place);
        CHECK(is_seen(said));
    }
    end();
}

/* Its workers have left it one by one. */
static void of_a_pool_without_workers_it_is_said_that_they_have_ended(void)
{
    const struct record_pool pool = { .pool = 1, .phase = RECORD_PHASE_OVER, .created_ns = NS_PER_S };
    const struct record_snapshot_end end_of_all = { 0 };
    const struct telling all[] = { { RECORD_POOL, NS_PER_S, &pool },
                                   { RECORD_SNAPSHOT_END, 2 * NS_PER_S, &end_of_all } };
    begin(1280, 800);
    make_recording_of(RECORDING, all, G_N_ELEMENTS(all));
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("All workers have ended."));
    CHECK(!is_seen("Doing now") && !is_seen("Time left") && is_seen("Ran for"));
    activate("win.page::workers");
    SHOWN(is_seen("Doing now") && is_seen("All workers have ended."));
    end();
}

static double place_of(const char *words)
{
    double x = -1, y;
    GtkWidget *widget = find(window, words);
    CHECK(widget != NULL && gtk_widget_translate_coordinates(widget, window, 0, 0, &x, &y));
    return x;
}

static bool has_column(const char *title)
{
    int first = 0;
    GtkWidget *table = find_nth(mon_window_get_page(MON_WINDOW(window)), MON_TYPE_TABLE, &first);
    return table != NULL && find(table, title) != NULL;
}

static void of_a_map_the_workers_chunks_are_called_that(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && has_column("Done") && !has_column("Chunks"));
    mon_desk_move(desk, 1);
    SHOWN(has_column("Chunks") && !has_column("Done"));
    activate("win.page::workers");
    SHOWN(has_column("last task") && has_column("Chunks"));
    mon_desk_move(desk, -1);
    SHOWN(has_column("Done") && !has_column("Chunks"));
    end();
}

static void workers_have_their_cpu_before_their_memory_and_cannot_be_killed_in_a_recording(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    activate("win.page::workers");
    SHOWN(is_seen("Signal 11") && is_seen("Memory"));
    CHECK(place_of("CPU") < place_of("Memory"));
    CHECK(!is_seen("Kill") && !is_seen("Restart"));
    end();
}

/* Texts beside the table say "worker 3". */
static void workers_have_their_number_in_the_overview(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && is_seen("#") && is_seen("PID"));
    CHECK(is_seen("and 1 more, "));
    gtk_window_set_default_size(GTK_WINDOW(window), 900, 600);
    SHOWN(parts_is_narrow(window));
    CHECK(is_seen("#") && is_seen("PID"));
    end();
}

/* How far a text's end is from that of the window. */
static double room_behind(GtkWidget *widget)
{
    double x, y;
    CHECK(widget != NULL && gtk_widget_translate_coordinates(widget, window, gtk_widget_get_width(widget), 0, &x, &y));
    return gtk_widget_get_width(window) - x;
}

/* Where there is little room memory is left out. */
static void the_last_column_that_is_seen_keeps_off_the_edge(void)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    activate("win.page::workers");
    SHOWN(is_seen("Signal 11") && is_seen("CPU") && !is_seen("Memory"));
    SHOWN(fabs(room_behind(find(window, TEXT_BLANK "%")) - 16) <= 1);
    end();
}

/* The detail of a lock takes what room there is, and where columns are left out rows move as well. */
static void titles_are_seen_when_columns_are_left_out_beside_a_detail(void)
{
    int first = 0;
    begin(1280, 800);
    make_recording("deadlock");
    mon_desk_open(desk, RECORDING);
    activate("win.page::locks");
    SHOWN(is_seen("complete") && is_seen("Contended") && is_seen("pages"));
    GtkWidget *table = find_nth(mon_window_get_page(MON_WINDOW(window)), MON_TYPE_TABLE, &first);
    mon_table_choose(MON_TABLE(table), 0);
    g_signal_emit_by_name(table, "chosen");
    SHOWN(is_seen("waits to take it"));
    gtk_window_set_default_size(GTK_WINDOW(window), 900, 600);
    SHOWN(!is_seen("Contended") && is_seen("Held by"));
    let_draw(3);
    end();
}

/* From a process, which can be frozen and recorded, to a recording, which cannot. */
static void tabs_stay_where_they_are_whatever_is_shown(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    SHOWN(is_seen("Slow and failed") && is_seen("Freeze"));
    let_draw(3);
    double tab = place_of("Timeline");
    end_sample(program);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && !is_seen("Freeze"));
    let_draw(3);
    CHECK(place_of("Timeline") == tab);
    end();
}

static const struct test tests[] = {
    TEST_WITH(a_name_keeps_the_ending_that_was_typed, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_is_not_written_over_itself, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(without_a_pool_it_is_said_where_one_is_looked_for, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(of_a_pool_without_workers_it_is_said_that_they_have_ended, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(of_a_map_the_workers_chunks_are_called_that, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(workers_have_their_cpu_before_their_memory_and_cannot_be_killed_in_a_recording, TEST_ONCE | TEST_KEEPS,
              60),
    TEST_WITH(workers_have_their_number_in_the_overview, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_last_column_that_is_seen_keeps_off_the_edge, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(titles_are_seen_when_columns_are_left_out_beside_a_detail, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(tabs_stay_where_they_are_whatever_is_shown, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(large_figures_fit_into_a_narrow_window, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(those_that_died_leave_room_for_those_that_are_idle, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(of_maps_alone_the_figure_done_says_of_how_many_items, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(of_maps_beside_tasks_the_figure_done_says_how_far_they_are, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(items_that_failed_of_a_map_under_way_are_said, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(workers_in_a_deadlock_are_not_merely_busy, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(that_nothing_was_retried_is_not_said, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_lacks_events_is_complete_but_for_these, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_is_cut_and_lacks_events_says_both, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_pool_that_has_done_nothing_says_no_more_than_that, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_chart_of_the_time_before_there_was_a_pool_has_nothing_to_know, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_told_of_a_recording_is_of_the_recording, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_GUI(tests)
