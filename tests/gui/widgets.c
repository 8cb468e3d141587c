/* The window itself, on a display without a screen (xvfb-run): that it shows what the model knows, keeps its size, and
 * has a page for everything that can go wrong.
 */
#include "main.h"
#include "model/text.h"
#include "scene.h"
#include "window/chart.h"
#include "window/figures.h"
#include "window/lane_draw.h"
#include "window/lanes.h"
#include "window/log_detail.h"
#include "window/page_log.h"
#include "window/page_timeline.h"
#include "window/pages.h"
#include "window/palette.h"
#include "window/pane.h"
#include "window/parts.h"
#include "window/path_text.h"
#include "window/progress.h"
#include "window/says.h"
#include "window/scrub.h"
#include "window/table.h"
#include "window/twin.h"
#include <glib/gstdio.h>
#include <math.h>

static void a_window_of_900_by_600_stays_so_on_every_page(void)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    for (size_t i = 0; i < page_count; i++) {
        mon_window_show_page(MON_WINDOW(window), pages[i].name);
        let_pass(400);
        CHECK_LE(gtk_widget_get_width(window), 900);
        CHECK_LE(gtk_widget_get_height(window), 600);
    }
    end();
}

/* With all that a header has beside one that can be frozen and recorded. */
static void a_window_of_900_by_600_stays_so_beside_a_process(void)
{
    begin(900, 600);
    os_program *program = begin_sample();
    SHOWN(is_seen("Slow and failed"));
    let_pass(600);
    CHECK_LE(gtk_widget_get_width(window), 900);
    CHECK_LE(gtk_widget_get_height(window), 600);
    end_sample(program);
    end();
}

/* A notice above and a scrubber below take their room from the pages. */
static void a_window_of_900_by_600_stays_so_with_a_notice_and_a_scrubber(void)
{
    begin(900, 600);
    make_recording("cut");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("This recording ends in the middle of an event") && is_seen("cut short"));
    for (size_t i = 0; i < page_count; i++) {
        mon_window_show_page(MON_WINDOW(window), pages[i].name);
        let_pass(400);
        CHECK_LE(gtk_widget_get_width(window), 900);
        CHECK_LE(gtk_widget_get_height(window), 600);
    }
    end();
}

/* As it is while it is wide: a display may make it narrow in one step, and it would stay as wide as it had to be. */
static void check_least_width(void)
{
    for (size_t i = 0; i < page_count; i++) {
        int least;
        mon_window_show_page(MON_WINDOW(window), pages[i].name);
        let_pass(600);
        gtk_widget_measure(window, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
        CHECK_LE(least, 900);
        gtk_widget_measure(window, GTK_ORIENTATION_VERTICAL, 900, &least, NULL, NULL, NULL);
        CHECK_LE(least, 600);
    }
}

static void a_wide_window_may_become_a_narrow_one_on_every_page(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    SHOWN(is_seen("Slow and failed"));
    check_least_width();
    end_sample(program);
    make_recording("deadlock");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("Neither can ever go on."));
    check_least_width();
    end();
}

static int page_width(void)
{
    return gtk_widget_get_width(mon_window_get_page(MON_WINDOW(window)));
}

static void without_a_sidebar_a_page_has_its_room(void)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && page_width() > 0);
    int beside = page_width();
    CHECK(beside < gtk_widget_get_width(window));
    activate("win.sidebar");
    SHOWN(page_width() == gtk_widget_get_width(window));
    activate("win.sidebar");
    SHOWN(page_width() == beside);
    end();
}

/* ---- Texts ---- */

/* What is drawn of a text that has to be broken in its words; what has a line of its own for each character is. */
static int count_glyphs(GtkWidget *label)
{
    int count = 0;
    g_autoptr(PangoLayout) layout = pango_layout_copy(gtk_label_get_layout(GTK_LABEL(label)));
    pango_layout_set_width(layout, 60 * PANGO_SCALE);
    CHECK_LE(3, pango_layout_get_line_count(layout));
    for (GSList *line = pango_layout_get_lines_readonly(layout); line != NULL; line = line->next)
        for (GSList *run = ((PangoLayoutLine *)line->data)->runs; run != NULL; run = run->next)
            count += ((PangoLayoutRun *)run->data)->glyphs->num_glyphs;
    return count;
}

static void a_name_that_is_broken_gets_no_hyphen(void)
{
    static const char name[] = "/srv/data/revisionrevisionrevisionrevision.pdf";
    begin(1280, 800);
    GtkWidget *labels[] = { parts_paragraph(name, ""), pane_quote() };
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        GtkWidget *label = g_object_ref_sink(labels[i]);
        parts_set_text(label, name);
        CHECK_EQ(count_glyphs(label), (int)strlen(name));
        gtk_label_set_markup(GTK_LABEL(label), "<b>/srv/data/revision</b>revisionrevisionrevision.pdf");
        CHECK_EQ(count_glyphs(label), (int)strlen(name));
        g_object_unref(label);
    }
    end();
}

static GtkWidget *find_search(GtkWidget *widget)
{
    GtkWidget *found = GTK_IS_SEARCH_ENTRY(widget) && gtk_widget_get_mapped(widget) ? widget : NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL && found == NULL;
         child = gtk_widget_get_next_sibling(child))
        found = find_search(child);
    return found;
}

/* The entry has the key before the window has it. */
static void escape_clears_a_search_from_within_its_entry(void)
{
    static const char *const searched[] = { "log", "tasks" };
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    for (size_t i = 0; i < G_N_ELEMENTS(searched); i++) {
        mon_window_show_page(MON_WINDOW(window), searched[i]);
        SHOWN(find_search(window) != NULL);
        GtkWidget *search = find_search(window);
        activate("win.search");
        gtk_editable_set_text(GTK_EDITABLE(search), "nowhere");
        SHOWN(is_seen("matches") || is_seen("Clear the filter"));
        g_signal_emit_by_name(search, "stop-search");
        CHECK_STR(gtk_editable_get_text(GTK_EDITABLE(search)), "");
    }
    end();
}

/* The edge of a text, and the middle of the dot behind it, in the window. */
static double end_of_text(GtkWidget *tab)
{
    double end, y;
    GtkWidget *label = find(tab, "");
    CHECK(gtk_widget_translate_coordinates(label, window, gtk_widget_get_width(label), 0, &end, &y));
    return end;
}

static double middle_of_dot(GtkWidget *tab)
{
    graphene_rect_t bounds;
    CHECK(gtk_widget_compute_bounds(find(tab, ""), window, &bounds));
    return bounds.origin.x + bounds.size.width - 4;
}

static double begin_of_text(GtkWidget *tab)
{
    double begin, y;
    CHECK(gtk_widget_translate_coordinates(find(tab, ""), window, 0, 0, &begin, &y));
    return begin;
}

static GtkWidget *tab_of(const char *title)
{
    return gtk_widget_get_ancestor(find(gtk_window_get_titlebar(GTK_WINDOW(window)), title), GTK_TYPE_TOGGLE_BUTTON);
}

static void a_dot_stands_nearer_to_its_own_tab_than_to_the_next_one(void)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    GtkWidget *own = tab_of("Workers"), *next = tab_of("Tasks");
    SHOWN(begin_of_text(next) > middle_of_dot(own));
    CHECK(middle_of_dot(own) - end_of_text(own) > 4);
    CHECK(middle_of_dot(own) - end_of_text(own) < begin_of_text(next) - middle_of_dot(own) - 2);
    end();
}

static void a_window_is_called_after_what_it_shows(void)
{
    begin(1280, 800);
    CHECK_STR(gtk_window_get_title(GTK_WINDOW(window)), "Process pools");
    os_program *program = begin_sample();
    SHOWN(strcmp(gtk_window_get_title(GTK_WINDOW(window)), "crash_parser") == 0);
    end_sample(program);
    SHOWN(strcmp(gtk_window_get_title(GTK_WINDOW(window)), "crash_parser (died)") == 0);
    end();
}

static int line_height(GtkWidget *widget)
{
    int height;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, "0");
    pango_layout_get_pixel_size(layout, NULL, &height);
    return height;
}

/* A narrow one has fewer of them. */
static void the_facts_of_a_pool_have_one_line(void)
{
    begin(900, 600);
    os_program *program = begin_sample();
    SHOWN(is_seen("fork server" DOT "running"));
    GtkWidget *facts = find(window, "fork server" DOT "running");
    CHECK_LE(gtk_widget_get_height(facts), line_height(facts) * 3 / 2);
    CHECK_CONTAINS(parts_get_tooltip(facts), "fork server" DOT "crash_parser" DOT "running");
    end_sample(program);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("recorded") && is_seen("complete"));
    CHECK(!is_seen(" events" DOT) && is_seen(DOT "12.0" TEXT_BLANK "s"));
    CHECK_LE(gtk_widget_get_height(find(window, "recorded")), line_height(facts) * 3 / 2);
    end();
}

static void without_a_pool_the_window_says_what_to_do(void)
{
    begin(1280, 800);
    mon_desk_look(desk);
    SHOWN(is_seen("No process pool is running"));
    CHECK(is_seen("MPROC_MONITOR=1"));
    CHECK(is_seen("Looking for pools"));
    end();
}

static void figures_are_those_of_the_model(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    struct view view = mon_desk_view(desk);
    SHOWN(is_seen(text_count(pool_done(view.pool)).text));
    char retried[64];
    g_snprintf(retried, sizeof retried, "%s retried", text_about((double)view.pool->counts.retried).text);
    CHECK(view.pool->counts.retried > 1 && is_seen(retried));
    end();
}

/* Where another one would be expected: of tasks that were killed, and of items that workers count as chunks. */
static void figures_say_what_is_not_in_them(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && is_seen(" that died, the longest after 5.0"));
    int first = 0;
    GtkWidget *title = find(find_nth(window, MON_TYPE_FIGURES, &first), "Done");
    GtkWidget *done = gtk_widget_get_parent(gtk_widget_get_parent(title));
    CHECK_CONTAINS(parts_get_tooltip(done), "a chunk of a map counts as one");
    end();
}

/* The recording tells of the first of the tasks that wait, and of all how many they are. */
static void the_page_tasks_counts_as_the_overview_does(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    activate("win.page::tasks");
    struct number_text waiting = text_about((double)mon_desk_view(desk).pool->counts.queued);
    g_autofree char *name = g_strdup_printf("Waiting %s", waiting.text);
    SHOWN(is_seen(name));
    uint64_t listed = 0;
    const struct tasks *tasks = &mon_desk_view(desk).model->tasks;
    for (uint32_t i = 0; i < tasks_count(tasks); i++)
        listed += task_state(tasks_at(tasks, i)) == TASK_QUEUED;
    CHECK(listed > 200 && listed <= 256);
    struct number_text unlisted = text_count(mon_desk_view(desk).pool->counts.queued - listed);
    g_autofree char *more = g_strdup_printf("%s more wait, only the first named", unlisted.text);
    SHOWN(is_seen(more));
    end();
}

/* Other texts have deaths in them, too. */
static bool is_certificate_seen(void)
{
    bool is_there = false;
    for (int worker = 0; worker < 10 && !is_there; worker++) {
        char head[32];
        g_snprintf(head, sizeof head, "Worker %d died", worker);
        is_there = is_seen(head);
    }
    return is_there;
}

/* So much comes that rows do not follow it, and the figures above them do. */
static void rows_that_stand_say_since_when(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    activate("win.page::tasks");
    SHOWN(is_seen(" tasks, sorted at "));
    GtkWidget *words = find(window, " tasks, sorted at ");
    GdkRGBA color, wanted = palette_color_in(words, PALETTE_text);
    gtk_style_context_get_color(gtk_widget_get_style_context(words), &color);
    CHECK(fabs(color.red - wanted.red) < 0.01 && fabs(color.blue - wanted.blue) < 0.01 && color.alpha == 1);
    end_sample(program);
    end();
}

static void a_dead_worker_has_a_certificate(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    activate("win.page::workers");
    SHOWN(is_seen("Signal 11"));
    CHECK(is_seen("Why workers died") && !is_certificate_seen());
    GtkWidget *cell = find(window, "Signal 11");
    GtkWidget *view = gtk_widget_get_ancestor(cell, GTK_TYPE_COLUMN_VIEW);
    g_signal_emit_by_name(view, "activate", 6u);
    SHOWN(is_seen("What was decided"));
    CHECK(is_certificate_seen());
    CHECK(is_seen("It read address 0x18, which is no memory of this process"));
    g_signal_emit_by_name(view, "activate", 0u);
    SHOWN(!is_seen("What was decided"));
    CHECK(!is_seen("It read address 0x18"));
    activate("win.escape");
    end();
}

static void keep_text(GObject *source, GAsyncResult *result, gpointer user)
{
    char **text = user;
    *text = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(source), result, NULL);
}

static char *copied_text(void)
{
    char *text = NULL;
    gdk_clipboard_read_text_async(gtk_widget_get_clipboard(window), NULL, keep_text, &text);
    SHOWN(text != NULL);
    return text;
}

/* As Enter opens it. */
static void open_row(guint row)
{
    int first = 0;
    g_signal_emit_by_name(find_nth(window, GTK_TYPE_COLUMN_VIEW, &first), "activate", row);
}

static void a_debugger_is_offered_for_a_worker_that_lives(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    activate("win.page::workers");
    SHOWN(is_seen("Doing now, or last task") && is_seen("parse_page("));
    open_row(0);
    SHOWN(is_seen("Copy gdb command"));
    const struct model_worker *worker = pool_worker_at(mon_desk_view(desk).pool, 0);
    g_autofree char *expected = g_strdup_printf("gdb -p %" G_GINT64_FORMAT, worker->said.pid);
    GtkWidget *button = gtk_widget_get_ancestor(find(window, "Copy gdb command"), GTK_TYPE_BUTTON);
    CHECK_CONTAINS(parts_get_tooltip(button), expected);
    g_signal_emit_by_name(button, "clicked");
    g_autofree char *text = copied_text();
    CHECK_STR(text, expected);
    end_sample(program);
    SHOWN(!is_seen("Copy gdb command"));
    end();
}

/* Neither those of a recording, which may be another machine's, nor the dead. */
static void no_debugger_is_offered_for_who_is_not_there(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    activate("win.page::workers");
    SHOWN(is_seen("Signal 11"));
    open_row(0);
    SHOWN(is_seen("Doing now") && is_seen("ready in "));
    CHECK(!is_seen("Copy gdb command"));
    open_row(6);
    SHOWN(is_seen("What was decided"));
    CHECK(!is_seen("Copy gdb command"));
    end();
}

static void a_file_that_is_no_recording_is_told(void)
{
    begin(1280, 800);
    CHECK(g_file_set_contents(RECORDING, "no recording at all", -1, NULL));
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("This recording cannot be read") && is_seen("Cannot be read"));
    CHECK(!is_seen("Looking for pools"));
    activate("win.close-watch");
    SHOWN(is_seen("No process pool is running"));
    end();
}

static void a_recording_that_is_cut_is_told(void)
{
    begin(1280, 800);
    make_recording("cut");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("This recording ends in the middle of an event"));
    end();
}

/* The buttons of the scrubber from its left, and the speed. */
enum scrub_part { SCRUB_BEFORE, SCRUB_PLAY, SCRUB_NEXT, SCRUB_SPEED };

static GtkWidget *scrub_part(enum scrub_part part)
{
    int first = 0;
    GtkWidget *child = gtk_widget_get_first_child(find_nth(window, MON_TYPE_SCRUB, &first));
    for (int i = 0; i < (int)part; i++)
        child = gtk_widget_get_next_sibling(child);
    return child;
}

/* What cannot be used says why. */
static bool can_use(GtkWidget *widget)
{
    bool can = gtk_widget_is_sensitive(widget);
    const char *tip = parts_get_tooltip(widget);
    CHECK((tip == NULL || strcmp(tip, "The file of this recording is gone.") != 0) == can);
    return can;
}

static bool can_replay(void)
{
    CHECK(can_use(scrub_part(SCRUB_PLAY)) == can_use(scrub_part(SCRUB_NEXT)));
    CHECK(can_use(scrub_part(SCRUB_PLAY)) == can_use(scrub_part(SCRUB_SPEED)));
    return can_use(scrub_part(SCRUB_PLAY));
}

static bool can_export(void)
{
    bool can = can_use(gtk_widget_get_ancestor(find(window, "Export"), GTK_TYPE_BUTTON));
    CHECK(g_action_group_get_action_enabled(G_ACTION_GROUP(window), "save") == can);
    return can;
}

#define ELSEWHERE "elsewhere.mproc"

/* A file that is open cannot be moved everywhere. */
static void a_recording_that_cannot_be_read_again_says_so_until_it_can_be(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    struct watch *watch = mon_desk_view(desk).watch;
    int64_t begin_ns = replay_begin_ns(watch->replay);
    bool is_gone = g_rename(RECORDING, ELSEWHERE) == 0;
    watch_seek(watch, begin_ns);
    if (is_gone)
        SHOWN(is_seen("The file of this recording is gone. The view stays at its end, 0:12.0.") && !can_replay());
    watch_play(watch, true);
    CHECK(!is_gone || !watch->is_playing);
    CHECK(!is_gone || g_rename(ELSEWHERE, RECORDING) == 0);
    activate("win.again");
    SHOWN(!is_seen("The file of this recording is gone") && can_replay());
    watch_seek(watch, begin_ns);
    SHOWN(replay_at_ns(watch->replay) == begin_ns);
    end();
}

/* Nobody has tried to go back. */
static void a_recording_that_is_gone_offers_nothing_that_needs_its_file_until_it_is_back(void)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && can_replay() && can_export());
    if (g_rename(RECORDING, ELSEWHERE) == 0) {
        SHOWN(is_seen("its file is gone"));
        CHECK(is_seen("The file of this recording is gone. The view stays at its end, 0:12.0."));
        CHECK(!can_replay() && !can_export() && !can_use(scrub_part(SCRUB_BEFORE)) && !is_seen("complete"));
        CHECK_OK(g_rename(ELSEWHERE, RECORDING));
    }
    SHOWN(is_seen("complete") && !is_seen("file is gone"));
    CHECK(can_replay() && can_export() && can_use(scrub_part(SCRUB_BEFORE)));
    end();
}

/* What would be exported is another one. The name of a file that is open cannot be taken everywhere. */
static void a_recording_that_gave_its_name_to_another_offers_nothing_that_needs_its_file(void)
{
    begin(900, 600);
    make_recording("record");
    make_small_recording(ELSEWHERE, 2000);
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && can_export());
    if (g_rename(ELSEWHERE, RECORDING) == 0) {
        SHOWN(is_seen("it cannot be read again") && is_seen("Its file is another recording by now."));
        CHECK(!gtk_widget_is_sensitive(scrub_part(SCRUB_BEFORE)) && !gtk_widget_is_sensitive(scrub_part(SCRUB_SPEED)));
        CHECK(!gtk_widget_is_sensitive(gtk_widget_get_ancestor(find(window, "Export"), GTK_TYPE_BUTTON)));
        CHECK_STR(parts_get_tooltip(scrub_part(SCRUB_SPEED)), "The file of this recording cannot be read again.");
        CHECK_STR(parts_get_tooltip(find(window, RECORDING)), RECORDING);
    }
    remove(ELSEWHERE);
    end();
}

static void a_recording_that_is_gone_goes_on_to_its_end_and_is_gone_there_too(void)
{
    begin(1280, 800);
    make_recording("record");
    struct watch *watch = mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    int64_t middle_ns = (replay_begin_ns(watch->replay) + replay_end_ns(watch->replay)) / 2;
    watch_seek(watch, middle_ns);
    SHOWN(watch->step == 0 && mon_desk_view(desk).model->now_ns == middle_ns);
    if (g_rename(RECORDING, ELSEWHERE) == 0) {
        SHOWN(is_seen("It can go on from 0:06.0, but not back.") && is_seen("its file is gone"));
        CHECK(can_replay() && !can_use(scrub_part(SCRUB_BEFORE)) && !can_export());
        watch_seek(watch, replay_end_ns(watch->replay));
        SHOWN(is_seen("The view stays at its end, 0:12.0.") && !can_replay());
        CHECK_EQ(mon_desk_view(desk).model->now_ns, replay_end_ns(watch->replay));
        remove(ELSEWHERE);
    }
    end();
}

/* Wherever the beginning or the end of the path would do, its other end is what tells it apart. */
static void the_path_of_a_recording_that_is_gone_has_one_line_and_keeps_both_ends(void)
{
    g_autofree char *long_name = g_strnfill(120, 'x'), *path = g_strconcat("first/", long_name, "/last.mproc", NULL);
    begin(900, 600);
    mon_desk_open(desk, path);
    SHOWN(is_seen("The file of this recording is gone") && is_seen("Its file is gone"));
    GtkWidget *label = find(window, long_name);
    CHECK_STR(text_of(label), path);
    CHECK_STR(parts_get_tooltip(label), path);
    CHECK(gtk_label_get_ellipsize(GTK_LABEL(label)) == PANGO_ELLIPSIZE_MIDDLE);
    SHOWN(pango_layout_is_ellipsized(gtk_label_get_layout(GTK_LABEL(label))));
    CHECK_EQ(pango_layout_get_line_count(gtk_label_get_layout(GTK_LABEL(label))), 1);
    CHECK_LE(gtk_widget_get_width(window), 900);
    end();
}

static void a_recording_goes_on_from_where_it_has_no_pool(void)
{
    begin(1280, 800);
    make_small_recording(RECORDING, 1000000000);
    struct watch *watch = mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && is_seen("Workers busy"));
    GtkWidget *scrub = mon_window_get_scrub(MON_WINDOW(window));
    watch_seek(watch, 0);
    SHOWN(is_seen("No pool yet") && !is_seen("Workers busy"));
    CHECK(gtk_widget_get_mapped(scrub));
    mon_scrub_step(MON_SCRUB(scrub), 1);
    SHOWN(is_seen("Workers busy"));
    end();
}

static void who_has_no_troubles_is_not_offered_all_of_them(void)
{
    begin(1280, 800);
    make_small_recording(RECORDING, 2000);
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("Nothing so far."));
    CHECK(!is_seen("Show all"));
    activate("win.close-watch");
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("Show all") && !is_seen("Nothing so far."));
    end();
}

/* Where a build looks for overflows, it says so. */
static void numbers_that_nobody_can_add_are_shown(void)
{
    begin(1280, 800);
    make_recording("extremes");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    for (size_t i = 0; i < page_count; i++) {
        mon_window_show_page(MON_WINDOW(window), pages[i].name);
        let_pass(300);
    }
    end();
}

static void recordings_of_earlier_runs_are_in_the_sidebar_and_opened_when_they_are_chosen(void)
{
    make_recording("record");
    remember("gone.mproc");
    remember(RECORDING);
    begin(1280, 800);
    mon_desk_look(desk);
    SHOWN(is_seen("Recordings") && is_seen("sample") && is_seen("not open"));
    SHOWN(is_seen("No process pool is running"));
    g_signal_emit_by_name(gtk_widget_get_ancestor(find(window, "sample"), GTK_TYPE_LIST_BOX_ROW), "activate");
    SHOWN(is_seen("complete") && is_seen("Workers busy"));
    mon_desk_move(desk, 3);
    SHOWN(is_seen("The file of this recording is gone") && is_seen("gone.mproc") && is_seen("Its file is gone"));
    activate("win.close-watch");
    SHOWN(!is_seen("gone"));
    CHECK(is_remembered(RECORDING) && !is_remembered("gone.mproc"));
    end();
}

static void a_recording_that_was_gone_when_it_was_opened_is_opened_when_it_is_there(void)
{
    begin(1280, 800);
    remove(RECORDING);
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("The file of this recording is gone") && is_seen("Look again"));
    CHECK(!is_seen("Recordings are made with"));
    make_recording("record");
    SHOWN(is_seen("complete") && is_seen("Workers busy"));
    end();
}

/* On a page of it: the page is not seen any more, and the keys are there all the same. */
static void check_keys_behind(const struct page *page)
{
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    mon_window_show_page(MON_WINDOW(window), page->name);
    mon_window_refresh(MON_WINDOW(window));
    activate("win.close-watch");
    SHOWN(is_seen("No process pool is running"));
    activate("win.copy");
    activate("win.remove");
    activate("win.search");
    activate("win.escape");
}

static void keys_find_nothing_of_a_recording_that_was_closed(void)
{
    make_recording("record");
    begin(1280, 800);
    mon_desk_look(desk);
    for (size_t i = 0; i < page_count; i++)
        check_keys_behind(&pages[i]);
    end();
}

static void a_process_is_shown_and_its_death_is_told(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    CHECK(is_seen("Workers busy"));
    activate("win.freeze");
    SHOWN(is_seen("Display frozen"));
    activate("win.freeze");
    SHOWN(!is_seen("Display frozen"));
    end_sample(program);
    activate("win.close-watch");
    SHOWN(is_seen("No process pool is running"));
    end();
}

static const struct watch *watch_of(os_program *program)
{
    return mon_desk_find(desk, os_program_pid(program));
}

static bool is_kept(const struct watch *wanted)
{
    bool found = false;
    look_for_programs();
    for (guint i = 0; i < mon_desk_count(desk); i++)
        found |= mon_desk_at(desk, i) == wanted;
    return found;
}

/* Who watches two programs is to see that the other one is over. */
static void a_process_that_is_not_looked_at_stays_as_ended_until_it_is_started_again(void)
{
    begin(1280, 800);
    os_program *looked_at = begin_sample(), *other = begin_sample();
    SHOWN(watch_of(other) != NULL && watch_of(other)->state == WATCH_LIVE);
    const struct watch *ended = watch_of(other);
    SHOWN(ended->model->pools.all.count > 0);
    os_program_kill(other);
    test_scene_finish(other, NULL, 0);
    SHOWN(is_kept(ended) && ended->state == WATCH_ENDED && is_seen("died"));
    CHECK(is_seen("Live") && mon_desk_view(desk).watch == watch_of(looked_at));
    SHOWN(is_seen("Running and ended pools"));
    other = begin_sample();
    SHOWN(!is_kept(ended) && watch_of(other) != NULL && is_seen("Running pools"));
    os_program_kill(other);
    test_scene_finish(other, NULL, 0);
    end_sample(looked_at);
    end();
}

/* Who hides it wants its history all the same: what comes is taken, and is there when it is shown again. */
static void a_window_that_is_hidden_takes_what_comes_and_draws_nothing(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    struct view view = mon_desk_view(desk);
    SHOWN(view_renew(&view) && is_seen(text_count(pool_done(view.pool)).text));
    GtkWidget *figure = find(window, text_count(pool_done(view.pool)).text);
    gtk_widget_set_visible(window, FALSE);
    char *shown = g_strdup(text_of(figure));
    uint64_t done = pool_done(view.pool);
    SHOWN(view_renew(&view) && pool_done(view.pool) > done + 100);
    CHECK_STR(text_of(figure), shown);
    gtk_widget_set_visible(window, TRUE);
    SHOWN(g_strcmp0(text_of(figure), shown) != 0);
    g_free(shown);
    end_sample(program);
    end();
}

/* For longer than a process may be silent. */
static void a_window_that_was_kept_waiting_does_not_call_that_silence(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    os_sleep_ms(4500);
    for (int i = 0; i < 100 && go_on(); i++)
        CHECK(!is_seen("Not connected"));
    SHOWN(is_seen("Live"));
    end_sample(program);
    end();
}

/* ---- Tables ---- */

/* So many that a row has cells enough to come and go in pieces. */
static struct table_column columns[8];

static guint first_number;

/* What is in the second column has failed. */
static void fill_number(void *user, guint row, guint column, struct table_cell *ret_cell)
{
    (void)user;
    ret_cell->class = column == 1 ? "bad" : column == 2 ? "warn" : NULL;
    g_snprintf(ret_cell->words.text, sizeof ret_cell->words.text, "row %u", first_number + row);
}

static guint rows_of(GtkWidget *own)
{
    int first = 0;
    GtkWidget *view = find_nth(own, GTK_TYPE_COLUMN_VIEW, &first);
    return view != NULL ? g_list_model_get_n_items(G_LIST_MODEL(gtk_column_view_get_model(GTK_COLUMN_VIEW(view)))) : 0;
}

static const guint many = 1000000;

/* A window with a table of so many rows, which it has not got so far. */
static GtkWidget *show_table(guint rows, GtkWidget **ret_table)
{
    GtkWidget *own = gtk_window_new();
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        columns[i] = (struct table_column){ .title = "Row", .width = 30, .expand = i == 0, .is_spare = i == 6 };
    *ret_table = mon_table_new(columns, G_N_ELEMENTS(columns), "Rows", fill_number, NULL);
    gtk_window_set_default_size(GTK_WINDOW(own), 300, 500);
    gtk_window_set_child(GTK_WINDOW(own), *ret_table);
    mon_table_refresh(MON_TABLE(*ret_table), rows);
    gtk_window_present(GTK_WINDOW(own));
    return own;
}

static GtkAdjustment *scroll_of(GtkWidget *own)
{
    int first = 0;
    return gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(find_nth(own, GTK_TYPE_COLUMN_VIEW, &first)));
}

/* They need not be shown once more for that. */
static void rows_that_come_to_a_table_that_is_not_full_are_filled_in(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_table(2, &table);
    SHOWN(find(own, "row 1") != NULL && gtk_adjustment_get_page_size(scroll_of(own)) > 300);
    let_pass(100);
    mon_table_refresh(MON_TABLE(table), 9);
    SHOWN(find(own, "row 8") != NULL);
    CHECK(find(own, "row 5") != NULL && find(own, "row 7") != NULL);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* Behind the last refresh nothing has changed. */
static void rows_that_a_larger_window_shows_are_not_older_than_others(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_table(40, &table);
    SHOWN(rows_of(own) == 40 && find(own, "row 0") != NULL);
    let_pass(100);
    for (int i = 0; i < 4; i++)
        mon_table_refresh(MON_TABLE(table), 40);
    CHECK(gtk_adjustment_get_page_size(scroll_of(own)) < 500);
    first_number = 100;
    mon_table_refresh(MON_TABLE(table), 40);
    gtk_window_set_default_size(GTK_WINDOW(own), 300, 780);
    SHOWN(gtk_adjustment_get_page_size(scroll_of(own)) > 650);
    for (guint row = 118; row < 124; row++) {
        g_autofree char *text = g_strdup_printf("row %u", row);
        SHOWN(find(own, text) != NULL);
    }
    first_number = 0;
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static void fill_path(void *user, guint row, guint column, struct table_cell *ret_cell)
{
    (void)user, (void)column;
    g_snprintf(ret_cell->words.text, sizeof ret_cell->words.text, "checksum_file(\"2023/06/holidays/IMG_%u.CR3\")",
               row);
}

static int width_of(GtkWidget *widget, const char *text)
{
    int width;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    pango_layout_get_pixel_size(layout, &width, NULL);
    return width;
}

static bool has_one_ellipsis(GtkWidget *cell)
{
    const char *first = cell != NULL ? strstr(text_of(cell), "\xe2\x80\xa6") : NULL;
    return first != NULL && strstr(first + 1, "\xe2\x80\xa6") == NULL;
}

/* Two calls differ in their files, which stand behind the same directories. The window is as wide as one directory more
 * is in whatever font there is: that has no room beside the cell's edges. */
static void a_path_without_room_shows_its_file_and_all_of_it_where_there_is_room(void)
{
    static const struct table_column call = { .title = "Call", .kind = TABLE_PATH, .expand = true };
    begin(1280, 800);
    g_object_set(gtk_settings_get_default(), "gtk-font-name", "Sans 10", NULL); /* whichever is the system's */
    GtkWidget *own = gtk_window_new(), *table = mon_table_new(&call, 1, "Calls", fill_path, NULL);
    gtk_window_set_child(GTK_WINDOW(own), table);
    const int width = width_of(table, "checksum_file(\"\xe2\x80\xa6/holidays/IMG_1.CR3\")");
    gtk_window_set_default_size(GTK_WINDOW(own), width, 200);
    mon_table_refresh(MON_TABLE(table), 2);
    gtk_window_present(GTK_WINDOW(own));
    SHOWN(find(own, "checksum_file(\"\xe2\x80\xa6/IMG_1.CR3\")") != NULL);
    GtkWidget *cell = find(own, "IMG_1.CR3");
    CHECK_STR(mon_path_text_get(MON_PATH_TEXT(gtk_widget_get_parent(cell))),
              "checksum_file(\"2023/06/holidays/IMG_1.CR3\")");
    gtk_window_set_default_size(GTK_WINDOW(own), 2 * width, 200);
    SHOWN(find(own, "checksum_file(\"2023/06/holidays/IMG_1.CR3\")") != NULL);
    gtk_window_set_default_size(GTK_WINDOW(own),
                                width_of(table, "checksum_file(\"\xe2\x80\xa6"
                                                "MG_1.CR3\")") +
                                    2,
                                200);
    SHOWN(has_one_ellipsis(find(own, "\xe2\x80\xa6")) && find(own, "/IMG_1.CR3") == NULL);
    gtk_window_set_default_size(GTK_WINDOW(own), 2 * width, 200);
    SHOWN(find(own, "checksum_file(\"2023/06/holidays/IMG_1.CR3\")") != NULL);
    g_object_set(gtk_settings_get_default(), "gtk-font-name", "Sans 20", NULL);
    SHOWN(find(own, "checksum_file(\"2023/06/holidays/IMG_1.CR3\")") == NULL && find(own, "/IMG_1.CR3\")") != NULL);
    g_object_set(gtk_settings_get_default(), "gtk-font-name", "Sans 10", NULL);
    SHOWN(find(own, "checksum_file(\"2023/06/holidays/IMG_1.CR3\")") != NULL);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static const char *order_of(GtkWidget *title)
{
    while (title != NULL && !gtk_widget_has_css_class(title, "unsorted"))
        title = gtk_widget_get_parent(title);
    return title != NULL ? parts_get_tooltip(title) : NULL;
}

static void the_title_of_an_order_that_is_lost_says_so_until_it_is_there_again(void)
{
    static const struct table_column calls[] = { { .title = "Call", .kind = TABLE_PATH, .expand = true },
                                                 { .title = "Other", .width = 80 } };
    begin(1280, 800);
    GtkWidget *own = gtk_window_new(), *table = mon_table_new(calls, G_N_ELEMENTS(calls), "Calls", fill_path, NULL);
    gtk_window_set_child(GTK_WINDOW(own), table);
    gtk_window_present(GTK_WINDOW(own));
    mon_table_make_sortable(MON_TABLE(table), 0, true);
    SHOWN(find(own, "Call") != NULL && find(own, "Other") != NULL);
    CHECK(order_of(find(own, "Call")) == NULL);
    mon_table_mark_sorted(MON_TABLE(table), "Sorted before");
    CHECK_STR(order_of(find(own, "Call")), "Sorted before");
    CHECK(order_of(find(own, "Other")) == NULL);
    mon_table_mark_sorted(MON_TABLE(table), NULL);
    CHECK(order_of(find(own, "Call")) == NULL);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static bool is_text_filled(GtkWidget *cell)
{
    const char *text = gtk_inscription_get_text(GTK_INSCRIPTION(cell));
    return text != NULL && text[0] != '\0';
}

/* Cells below that are mapped, with a text and without one. */
struct cells {
    guint filled, empty;
};

static void count_cells(GtkWidget *widget, struct cells *cells)
{
    if (GTK_IS_INSCRIPTION(widget) && gtk_widget_get_mapped(widget) && is_text_filled(widget))
        cells->filled++;
    else if (GTK_IS_INSCRIPTION(widget) && gtk_widget_get_mapped(widget))
        cells->empty++;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        count_cells(child, cells);
}

/* All of these are seen, and there are no others. */
static bool are_filled(GtkWidget *own, guint count)
{
    struct cells cells = { 0, 0 };
    count_cells(own, &cells);
    return cells.filled == count && cells.empty == 0;
}

/* From now on nothing but a column changes. */
static GtkWidget *show_still_table(GtkWidget **ret_table)
{
    GtkWidget *own = show_table(9, ret_table);
    SHOWN(are_filled(own, 9 * G_N_ELEMENTS(columns)));
    let_pass(100);
    return own;
}

/* A column goes and comes back. */
static void check_filled_in(void show(GtkWidget *table, bool is_shown))
{
    begin(1280, 800);
    GtkWidget *table, *own = show_still_table(&table);
    show(table, false);
    SHOWN(are_filled(own, 9 * 7));
    show(table, true);
    SHOWN(are_filled(own, 9 * 8));
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static void have_room(GtkWidget *table, bool is_roomy)
{
    mon_table_spare(MON_TABLE(table), !is_roomy);
}

static void a_column_that_there_is_room_for_again_is_filled_in(void)
{
    check_filled_in(have_room);
}

static void show_third(GtkWidget *table, bool is_shown)
{
    mon_table_show_column(MON_TABLE(table), 3, is_shown);
}

/* ---- Troubles ---- */

static GtkWidget *filter_of(const char *words)
{
    GtkWidget *label = find(mon_window_get_page(MON_WINDOW(window)), words);
    return gtk_widget_get_ancestor(label, GTK_TYPE_TOGGLE_BUTTON);
}

static void all_troubles_are_the_tasks_that_failed(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    SHOWN(is_seen("Show all") && mon_desk_view(desk).pool->counts.failed > 0);
    let_pass(600);
    g_signal_emit_by_name(gtk_widget_get_ancestor(find(window, "Show all"), GTK_TYPE_BUTTON), "clicked");
    CHECK_STR(mon_window_get_known(MON_WINDOW(window))->name, "tasks");
    CHECK(gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(filter_of("Failed"))));
    end_sample(program);
    end();
}

/* ---- The log ---- */

static GtkWidget *log_table(void)
{
    int first = 0;
    return find_nth(mon_window_get_page(MON_WINDOW(window)), MON_TYPE_TABLE, &first);
}

static char *chosen_line(void)
{
    return mon_page_log_copy(mon_window_get_page(MON_WINDOW(window)));
}

static bool has_button(const char *words)
{
    GtkWidget *label = find(mon_window_get_page(MON_WINDOW(window)), words);
    return label != NULL && gtk_widget_get_ancestor(label, GTK_TYPE_BUTTON) != NULL;
}

static void press_button(const char *words)
{
    GtkWidget *label = find(mon_window_get_page(MON_WINDOW(window)), words);
    g_signal_emit_by_name(gtk_widget_get_ancestor(label, GTK_TYPE_BUTTON), "clicked");
}

static void say_word(void)
{
    CHECK(g_file_set_contents("word", "", -1, NULL));
    SHOWN(!g_file_test("word", G_FILE_TEST_EXISTS));
}

static void a_line_of_the_log_stays_chosen_while_others_come(void)
{
    begin(900, 600);
    os_program *program = begin_sample();
    mon_window_show_page(MON_WINDOW(window), "log");
    say_word();
    SHOWN(is_seen("a word of file 1"));
    mon_table_choose(MON_TABLE(log_table()), 0);
    g_signal_emit_by_name(log_table(), "chosen");
    g_autofree char *line = chosen_line();
    CHECK(line != NULL);
    say_word();
    SHOWN(has_button(" new"));
    CHECK(!is_seen("a word of file 2"));
    CHECK_EQ(mon_table_get_chosen(MON_TABLE(log_table())), 0);
    CHECK_LE(gtk_widget_get_width(window), 900);
    press_button(" new");
    SHOWN(is_seen("a word of file 2"));
    g_autofree char *same = chosen_line();
    CHECK_STR(same, line);
    CHECK_LE(1, mon_table_get_chosen(MON_TABLE(log_table())));
    activate("win.escape");
    CHECK(chosen_line() == NULL);
    say_word();
    SHOWN(is_seen("a word of file 3") && !has_button(" new"));
    end_sample(program);
    end();
}

static void a_line_that_a_filter_leaves_out_is_chosen_no_more(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    mon_window_show_page(MON_WINDOW(window), "log");
    SHOWN(filter_of("stderr") != NULL && is_seen("workers ready in"));
    mon_table_choose(MON_TABLE(log_table()), 0);
    g_signal_emit_by_name(log_table(), "chosen");
    g_autofree char *line = chosen_line();
    CHECK(line != NULL);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(filter_of("Life cycle")), TRUE);
    g_autofree char *same = chosen_line();
    CHECK_STR(same, line);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(filter_of("stderr")), TRUE);
    CHECK(chosen_line() == NULL);
    CHECK_EQ(mon_table_get_chosen(MON_TABLE(log_table())), TABLE_NO_ROW);
    end();
}

/* Whether it would be told is not known. */
static void that_nothing_was_written_is_not_claimed(void)
{
    begin(1280, 800);
    make_recording("deadlock");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    mon_window_show_page(MON_WINDOW(window), "log");
    SHOWN(filter_of("stderr") != NULL);
    CHECK_STR(text_of(find(filter_of("stderr"), "stderr")), "stderr");
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(filter_of("stderr")), TRUE);
    SHOWN(is_seen("or the pool's option monitor_output is 0"));
    end();
}

static void a_column_that_is_shown_again_is_filled_in(void)
{
    check_filled_in(show_third);
}

static void a_column_that_the_user_wants_is_filled_in(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_still_table(&table);
    mon_table_remember(MON_TABLE(table), "rows");
    gtk_widget_activate_action(table, "columns.show-2", NULL);
    SHOWN(are_filled(own, 9 * 7));
    gtk_widget_activate_action(table, "columns.show-2", NULL);
    SHOWN(are_filled(own, 9 * 8));
    gtk_widget_activate_action(table, "columns.show-2", NULL);
    SHOWN(are_filled(own, 9 * 7));
    gtk_widget_activate_action(table, "columns.reset", NULL);
    SHOWN(are_filled(own, 9 * 8));
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* As one who drags its title does. */
static void a_column_that_is_moved_stays_filled_in(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_still_table(&table);
    int first = 0;
    GtkColumnView *view = GTK_COLUMN_VIEW(find_nth(own, GTK_TYPE_COLUMN_VIEW, &first));
    GtkColumnViewColumn *column = g_list_model_get_item(gtk_column_view_get_columns(view), 1);
    gtk_column_view_insert_column(view, 5, column);
    gtk_column_view_remove_column(view, column);
    SHOWN(are_filled(own, 9 * 7));
    gtk_column_view_insert_column(view, 5, column);
    SHOWN(are_filled(own, 9 * 8));
    g_object_unref(column);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* A page of the window that is arranged otherwise takes its table along. */
static void a_table_that_moves_elsewhere_is_filled_in(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_still_table(&table);
    g_object_ref(table);
    gtk_window_set_child(GTK_WINDOW(own), NULL);
    let_pass(100);
    gtk_window_set_child(GTK_WINDOW(own), table);
    g_object_unref(table);
    SHOWN(are_filled(own, 9 * 8));
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static void style_rows(GtkCssProvider *provider, const char *style)
{
    g_autofree char *css = g_strdup_printf("columnview > listview > row { %s; }", style);
    gtk_css_provider_load_from_data(provider, css, -1);
}

/* The page is as high as it was, but has room for more of them. */
static void rows_that_a_smaller_font_shows_are_not_older_than_others(void)
{
    begin(1280, 800);
    GtkCssProvider *provider = gtk_css_provider_new();
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(provider), 800);
    style_rows(provider, "font-size: 300%");
    GtkWidget *table, *own = show_table(40, &table);
    SHOWN(rows_of(own) == 40 && find(own, "row 0") != NULL);
    let_pass(100);
    for (int i = 0; i < 4; i++)
        mon_table_refresh(MON_TABLE(table), 40);
    first_number = 100;
    mon_table_refresh(MON_TABLE(table), 40);
    double page = gtk_adjustment_get_page_size(scroll_of(own));
    style_rows(provider, "font-size: 100%");
    for (guint row = 100; row < 113; row++) {
        g_autofree char *text = g_strdup_printf("row %u", row);
        SHOWN(find(own, text) != NULL);
    }
    CHECK(gtk_adjustment_get_page_size(scroll_of(own)) == page);
    first_number = 0;
    gtk_window_destroy(GTK_WINDOW(own));
    gtk_style_context_remove_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(provider));
    g_object_unref(provider);
    end();
}

/* Far from where it was, as one who drags the scroll bar does. */
static void jump_to_middle(GtkWidget *own)
{
    GtkAdjustment *scroll = scroll_of(own);
    gtk_adjustment_set_value(scroll, gtk_adjustment_get_upper(scroll) / 2);
}

/* Mapped texts of the rows below with a class. */
static guint count_class(GtkWidget *widget, const char *class)
{
    guint count = GTK_IS_INSCRIPTION(widget) && gtk_widget_get_mapped(widget) && is_text_filled(widget) &&
                  gtk_widget_has_css_class(widget, class);
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        count += count_class(child, class);
    return count;
}

static void a_table_that_is_not_fresh_is_dim_but_for_what_failed(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_still_table(&table);
    CHECK(count_class(own, "dim") == 0 && count_class(own, "bad") == 9 && count_class(own, "warn") == 9);
    mon_table_fade(MON_TABLE(table), true);
    CHECK(count_class(own, "dim") == 9 * 7 && count_class(own, "bad") == 9 && count_class(own, "warn") == 0);
    mon_table_refresh(MON_TABLE(table), 12);
    SHOWN(count_class(own, "dim") == 12 * 7);
    mon_table_fade(MON_TABLE(table), false);
    CHECK(count_class(own, "dim") == 0 && count_class(own, "bad") == 12 && count_class(own, "warn") == 12);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* Rows that are scrolled to later, too. */
static void rows_of_a_long_table_that_is_not_fresh_are_dim_when_they_are_seen(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_table(many, &table);
    SHOWN(rows_of(own) == many && find(own, "row 0") != NULL);
    mon_table_fade(MON_TABLE(table), true);
    CHECK(gtk_widget_has_css_class(find(own, "row 2"), "dim"));
    jump_to_middle(own);
    SHOWN(find(own, "row 500002") != NULL);
    CHECK(gtk_widget_has_css_class(find(own, "row 500002"), "dim"));
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static GtkWidget *page_table(int index)
{
    return find_nth(mon_window_get_page(MON_WINDOW(window)), MON_TYPE_TABLE, &index);
}

static bool has_stale_parent(GtkWidget *widget)
{
    while (widget != NULL && !gtk_widget_has_css_class(widget, "stale"))
        widget = gtk_widget_get_parent(widget);
    return widget != NULL;
}

static GdkRGBA text_color(GtkWidget *widget)
{
    GdkRGBA color;
    gtk_style_context_get_color(gtk_widget_get_style_context(widget), &color);
    return color;
}

/* Of texts that are drawn, too, as the values above the charts. */
static bool is_dim(GtkWidget *widget)
{
    const GdkRGBA dim = palette_color(PALETTE_dim), drawn = palette_color_in(widget, PALETTE_text);
    const GdkRGBA written = text_color(widget);
    return GTK_IS_LABEL(widget) ? gdk_rgba_equal(&written, &dim) : gdk_rgba_equal(&drawn, &dim);
}

static void collect_texts(GtkWidget *widget, GString *texts)
{
    if (text_of(widget) != NULL)
        g_string_append(texts, text_of(widget));
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        collect_texts(child, texts);
}

static bool has_figure(const char *text)
{
    int first = 0;
    GtkWidget *figure = find(find_nth(window, MON_TYPE_FIGURES, &first), text);
    return figure != NULL && strcmp(text_of(figure), text) == 0;
}

/* What a worker runs changes all the time: whenever its row says something else, the figures above it are of then. */
static void a_row_and_the_figures_above_it_tell_of_one_moment(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    SHOWN(is_seen("median") && rows_of(page_table(0)) == mon_desk_view(desk).pool->workers.count);
    g_autoptr(GString) before = g_string_new(""), now = g_string_new("");
    for (int changes = 0; changes < 8; go_on()) {
        g_string_truncate(now, 0);
        collect_texts(page_table(0), now);
        if (strcmp(now->str, before->str) != 0) {
            CHECK(has_figure(text_count(pool_done(mon_desk_view(desk).pool)).text));
            changes++;
        }
        g_string_assign(before, now->str);
    }
    end_sample(program);
    end();
}

static void the_figures_of_a_process_that_died_are_dim_wherever_they_stand(void)
{
    int chart = 0, progress = 0;
    begin(1280, 800);
    os_program *program = begin_sample();
    SHOWN(is_seen("runs \xc2\xb7 main.c"));
    GtkWidget *figure = find_nth(window, MON_TYPE_CHART, &chart), *share = find(window, "back "),
              *name = find(find_nth(window, MON_TYPE_PROGRESS, &progress), "_page");
    CHECK(!is_dim(figure) && !is_dim(share) && !is_dim(name));
    end_sample(program);
    SHOWN(is_dim(figure) && is_dim(share) && is_dim(name));
    end();
}

/* What a table stands in has no class for that, since all of its cells would have to be styled anew in one frame. */
static void all_pages_of_a_process_that_died_are_dim(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    SHOWN(is_seen("median"));
    CHECK(!has_stale_parent(find(window, "median")) && count_class(page_table(0), "dim") == 0);
    end_sample(program);
    SHOWN(has_stale_parent(find(window, "Throughput")));
    for (size_t i = 0; i < page_count; i++) {
        mon_window_show_page(MON_WINDOW(window), pages[i].name);
        let_pass(300);
        CHECK(page_table(0) == NULL || !has_stale_parent(page_table(0)));
        CHECK(strcmp(pages[i].name, "workers") != 0 || count_class(page_table(0), "dim") > 8);
    }
    end();
}

static void a_table_of_many_rows_gets_them_in_pieces(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_table(many, &table);
    SHOWN(rows_of(own) > 0);
    CHECK_LE(rows_of(own), 500);
    SHOWN(rows_of(own) == many && find(own, "row 0") != NULL);
    mon_table_refresh(MON_TABLE(table), many / 2);
    CHECK_EQ(rows_of(own), many / 2);
    mon_table_refresh(MON_TABLE(table), 3);
    SHOWN(rows_of(own) == 3);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

static GtkWidget *first_row(GtkWidget *own)
{
    int first = 0;
    return gtk_widget_get_first_child(gtk_widget_get_last_child(find_nth(own, GTK_TYPE_COLUMN_VIEW, &first)));
}

/* The widgets that GTK has for rows. */
static GHashTable *collect_rows(GtkWidget *own)
{
    GHashTable *rows = g_hash_table_new(NULL, NULL);
    for (GtkWidget *row = first_row(own); row != NULL; row = gtk_widget_get_next_sibling(row))
        g_hash_table_add(rows, row);
    return rows;
}

static bool are_among(GtkWidget *own, GHashTable *rows)
{
    for (GtkWidget *row = first_row(own); row != NULL; row = gtk_widget_get_next_sibling(row))
        if (!g_hash_table_contains(rows, row))
            return false;
    return true;
}

static void rows_of_a_long_table_go_in_pieces_and_none_is_made_for_that(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_table(many, &table);
    SHOWN(rows_of(own) == many);
    jump_to_middle(own);
    SHOWN(find(own, "row 500000") != NULL);
    GHashTable *before = collect_rows(own);
    mon_table_refresh(MON_TABLE(table), many / 16);
    CHECK(rows_of(own) == many / 16 && are_among(own, before));
    mon_table_refresh(MON_TABLE(table), 10);
    CHECK_LE(rows_of(own), g_hash_table_size(before));
    CHECK_LE(11, rows_of(own));
    do
        CHECK(are_among(own, before));
    while (rows_of(own) > 10 && go_on());
    SHOWN(find(own, "row 9") != NULL);
    CHECK(find(own, "row 1") != NULL && find(own, "row 10") == NULL && are_among(own, before));
    g_hash_table_unref(before);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* A part of those that are out of sight is dealt with each time. */
static bool all_rows_that_are_seen_say_something(GtkWidget *own, GtkWidget *table, guint rows)
{
    for (int i = 0; i < 4; i++)
        mon_table_refresh(MON_TABLE(table), rows);
    for (GtkWidget *row = first_row(own); row != NULL; row = gtk_widget_get_next_sibling(row))
        if (gtk_widget_get_opacity(row) > 0 && find(row, "row ") == NULL)
            return false;
    return true;
}

static void rows_that_go_or_are_looked_for_are_not_seen(void)
{
    begin(1280, 800);
    GtkWidget *table, *own = show_table(many, &table);
    SHOWN(rows_of(own) == many && find(own, "row 0") != NULL);
    CHECK(all_rows_that_are_seen_say_something(own, table, 3));
    CHECK_LE(4, rows_of(own));
    CHECK_EQ(gtk_widget_get_opacity(first_row(own)), 1);
    SHOWN(rows_of(own) == 3);
    mon_table_wait(MON_TABLE(table));
    CHECK_EQ(gtk_widget_get_opacity(first_row(own)), 0);
    SHOWN(rows_of(own) == 3);
    mon_table_refresh(MON_TABLE(table), many);
    CHECK_EQ(gtk_widget_get_opacity(first_row(own)), 1);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* ---- Charts, timeline ---- */

static GtkWidget *chart_at(int index)
{
    return find_nth(window, MON_TYPE_CHART, &index);
}

/* What the model of a recording knows of the waiting tasks, the second ones of the charts, as the table is to have it:
 * how many wait now, and did when a second ended, from the beginning of the recording on. */
static char *expected_rows(const struct view *view)
{
    const struct history *history = &view->pool->history;
    int64_t begin = replay_begin_ns(view->watch->replay) / 1000000000;
    GString *rows = g_string_new(NULL);
    g_string_append_printf(rows, "\t%s\t", text_about((double)view->pool->counts.queued).text);
    for (int i = 1; i < CHART_SAMPLES && (history->last - i >= begin || i <= 10); i++) {
        const struct history_sample *sample = history_at(history, history->last - i);
        struct number_text value = text_about(sample != NULL ? (double)sample->queued : 0);
        g_string_append_printf(rows, "\t%s\t", sample != NULL ? value.text : "not known");
    }
    return g_string_free(rows, FALSE);
}

/* Without the times, and what happened. */
static char *values_of(const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);
    GString *rows = g_string_new(NULL);
    for (char **line = lines + 1; *line != NULL && **line != '\0'; line++) {
        char **cells = g_strsplit(*line, "\t", -1);
        g_string_append_printf(rows, "\t%s\t", cells[1]);
        g_strfreev(cells);
    }
    g_strfreev(lines);
    return g_string_free(rows, FALSE);
}

/* Charts change less often than a recording is read. */
static bool has_points(GtkWidget *chart)
{
    struct view view = mon_desk_view(desk);
    char *expected = expected_rows(&view), *text = twin_text(chart), *values = values_of(text);
    bool are_same = strcmp(values, expected) == 0;
    g_free(expected);
    g_free(values);
    g_free(text);
    return are_same;
}

/* As GTK asks for it when the pointer rests; the label is the one that is shown. */
static GtkWidget *shown_tooltip(GtkWidget *widget)
{
    g_autoptr(GtkTooltip) tooltip = g_object_new(GTK_TYPE_TOOLTIP, NULL);
    gboolean is_shown = FALSE;
    g_signal_emit_by_name(widget, "query-tooltip", 1, 1, FALSE, tooltip, &is_shown);
    CHECK(is_shown);
    return g_object_get_data(G_OBJECT(widget), "mproc-tooltip");
}

static void a_tooltip_that_is_shown_says_what_is_so_now(void)
{
    begin(1280, 800);
    g_autoptr(GtkWidget) button = g_object_ref_sink(gtk_button_new());
    parts_set_tooltip(button, "Run time of 8 tasks");
    GtkWidget *shown = shown_tooltip(button);
    CHECK_STR(gtk_label_get_text(GTK_LABEL(shown)), "Run time of 8 tasks");
    parts_set_tooltip(button, "Run time of 29 tasks");
    CHECK(g_object_get_data(G_OBJECT(button), "mproc-tooltip") == shown);
    CHECK_STR(gtk_label_get_text(GTK_LABEL(shown)), "Run time of 29 tasks");
    parts_set_tooltip(button, NULL);
    CHECK(parts_get_tooltip(button) == NULL && !gtk_widget_get_has_tooltip(button));
    end();
}

/* Of all rows. */
static guint64 count_died(const char *text)
{
    guint64 count = 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        const char *event = strrchr(*line, '\t');
        if (event != NULL && g_str_has_suffix(event, " died"))
            count += event[1] == 'a' ? 1 : g_ascii_strtoull(event + 1, NULL, 10);
    }
    return count;
}

static void a_chart_and_its_table_say_how_many_died(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && chart_at(1) != NULL && has_points(chart_at(1)));
    for (int i = 0; i < 4; i++) {
        g_autofree char *text = twin_text(chart_at(i));
        struct words died = words_format(", %s died", words_many(count_died(text), "worker").text);
        CHECK(count_died(text) > 1);
        CHECK(g_str_has_suffix(parts_get_tooltip(chart_at(i)), died.text));
    }
    end();
}

static void the_table_of_a_chart_has_the_points_of_the_chart(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && chart_at(1) != NULL);
    SHOWN(has_points(chart_at(1)));
    char *text = twin_text(chart_at(1));
    CHECK_CONTAINS(text, "Value");
    CHECK_CONTAINS(parts_get_tooltip(chart_at(0)), "Throughput, last 60" TEXT_BLANK "s: ");
    CHECK_CONTAINS(parts_get_tooltip(chart_at(0)), "per second, least ");
    g_free(text);
    end();
}

static int count_unknown(GtkWidget *chart)
{
    int count = 0;
    g_autofree char *text = twin_text(chart);
    for (const char *at = text; (at = strstr(at, "not known")) != NULL; at++)
        count++;
    return count;
}

/* Which has twelve seconds, and so thirteen samples. */
static void all_charts_of_a_recording_begin_with_it(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && chart_at(3) != NULL && has_points(chart_at(1)));
    for (int i = 0; i < 4; i++) {
        g_autofree char *text = twin_text(chart_at(i));
        CHECK_CONTAINS(text, "\xe2\x88\x92"
                             "12" TEXT_BLANK "s\t");
        CHECK(strstr(text, "\xe2\x88\x92"
                           "13" TEXT_BLANK "s") == NULL);
        CHECK_EQ(count_unknown(chart_at(i)), 0);
    }
    end();
}

static bool chart_ends_at(const char *clock)
{
    g_autofree char *text = twin_text(chart_at(0)), *row = g_strdup_printf("\n%s\t", clock);
    return strstr(text, row) != NULL;
}

/* As late as the last that the process told, which the status line says too. */
static void a_chart_of_what_has_ended_ends_when_that_did(void)
{
    begin(1280, 800);
    end_sample(begin_sample());
    SHOWN(chart_at(0) != NULL && is_seen("last event"));
    const struct model *model = mon_desk_view(desk).model;
    struct number_text clock = text_clock(model_wall_ns(model, model->now_ns));
    CHECK(is_seen(clock.text));
    clock.text[8] = '\0';
    SHOWN(chart_ends_at(clock.text));
    end();
}

static bool has_watched_a_second(void)
{
    const struct model_pool *pool = mon_desk_view(desk).pool;
    const struct history_sample *last = pool != NULL ? history_at(&pool->history, pool->history.last) : NULL;
    return last != NULL && history_is_whole(&pool->history, pool->history.last) && !isnan(last->cpu);
}

/* The last one, beside a line that says how it was. */
static void charts_of_what_has_ended_have_their_values(void)
{
    begin(1280, 800);
    os_program *sample = begin_sample();
    SHOWN(has_watched_a_second());
    end_sample(sample);
    SHOWN(chart_at(0) != NULL && is_seen("last event"));
    for (int i = 0; i < 4; i++)
        SHOWN(*mon_chart_get_now(MON_CHART(chart_at(i))) != '\0');
    g_autofree char *memory = twin_text(chart_at(3));
    g_autofree char *cell = g_strdup_printf("\t%s\t", mon_chart_get_now(MON_CHART(chart_at(3))));
    CHECK_CONTAINS(memory, cell);
    end();
}

static void name_value(double value, char *ret_text, size_t capacity)
{
    g_snprintf(ret_text, capacity, "%g", value);
}

/* Pixels of a colour, and what they lie in. */
struct spot {
    int count, left, right, top, bottom;
};

static bool has_color(guint32 pixel, const GdkRGBA *color)
{
    int red = (int)(pixel >> 16 & 0xff), green = (int)(pixel >> 8 & 0xff), blue = (int)(pixel & 0xff);
    return abs(red - (int)(color->red * 255)) + abs(green - (int)(color->green * 255)) +
               abs(blue - (int)(color->blue * 255)) <
           40;
}

static struct spot find_spot(cairo_surface_t *picture, const GdkRGBA *color)
{
    struct spot spot = { 0, INT_MAX, -1, INT_MAX, -1 };
    const unsigned char *bytes = cairo_image_surface_get_data(picture);
    for (int y = 0; y < cairo_image_surface_get_height(picture); y++)
        for (int x = 0; x < cairo_image_surface_get_width(picture); x++) {
            guint32 pixel;
            memcpy(&pixel, bytes + y * cairo_image_surface_get_stride(picture) + x * 4, sizeof pixel);
            if (!has_color(pixel, color))
                continue;
            spot = (struct spot){ spot.count + 1, MIN(spot.left, x), MAX(spot.right, x), MIN(spot.top, y),
                                  MAX(spot.bottom, y) };
        }
    return spot;
}

/* As it is drawn, on white. */
static cairo_surface_t *draw_widget(GtkWidget *widget)
{
    GtkSnapshot *snapshot = gtk_snapshot_new();
    cairo_surface_t *picture =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, gtk_widget_get_width(widget), gtk_widget_get_height(widget));
    cairo_t *cairo = cairo_create(picture);
    GTK_WIDGET_GET_CLASS(widget)->snapshot(widget, snapshot);
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    gsk_render_node_draw(node, cairo);
    gsk_render_node_unref(node);
    cairo_destroy(cairo);
    cairo_surface_flush(picture);
    return picture;
}

/* Of one known value, in that second. */
static struct spot spot_of(GtkWidget *chart, int second, double value, bool is_other)
{
    struct chart_data data = {
        .is_other = is_other, .now = "50", .begin = "then", .end = "now", .before = "", .after = ""
    };
    const GdkRGBA color = palette_color(PALETTE_accent);
    for (int i = 0; i < CHART_SAMPLES; i++)
        data.values[i] = i == second ? value : (double)NAN;
    mon_chart_show(MON_CHART(chart), &data);
    cairo_surface_t *picture = draw_widget(chart);
    struct spot spot = find_spot(picture, &color);
    cairo_surface_destroy(picture);
    return spot;
}

static struct spot spot_of_value(GtkWidget *chart, int second)
{
    return spot_of(chart, second, 50, false);
}

static GtkWidget *new_shown_chart(GtkWidget **ret_window)
{
    GtkWidget *own = *ret_window = gtk_window_new(), *chart = mon_chart_new("Waiting", name_value);
    gtk_window_set_default_size(GTK_WINDOW(own), 300, 150);
    gtk_window_set_child(GTK_WINDOW(own), chart);
    gtk_window_present(GTK_WINDOW(own));
    SHOWN(gtk_widget_get_width(chart) > 0);
    return chart;
}

/* The next of 1, 2, 2.5 and 5: all three values are at the top of their own scales. */
static void the_scale_of_a_pool_is_not_that_of_the_one_before(void)
{
    GtkWidget *own;
    begin(1280, 800);
    GtkWidget *chart = new_shown_chart(&own);
    struct spot first = spot_of(chart, 30, 20000, false), same = spot_of(chart, 30, 200, false);
    CHECK(same.top > first.bottom);
    struct spot other = spot_of(chart, 30, 200, true);
    CHECK_EQ(other.top, first.top);
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* Also at an edge all of it is seen. */
static void a_value_alone_is_a_point_in_a_chart(void)
{
    static const int seconds[] = { 0, CHART_SAMPLES / 2, CHART_SAMPLES - 1 };
    begin(1280, 800);
    GtkWidget *own, *chart = new_shown_chart(&own);
    int width = gtk_widget_get_width(chart);
    for (size_t i = 0; i < G_N_ELEMENTS(seconds); i++) {
        struct spot spot = spot_of_value(chart, seconds[i]);
        CHECK(spot.count >= 9 && spot.count <= 25);
        CHECK(spot.right - spot.left >= 2 && spot.right - spot.left <= 5);
        CHECK(spot.bottom - spot.top >= 2 && spot.bottom - spot.top <= 5);
        double middle = CLAMP((double)width * seconds[i] / (CHART_SAMPLES - 1), 2.5, width - 2.5);
        CHECK(fabs((spot.left + spot.right + 1) / 2.0 - middle) <= 1);
    }
    gtk_window_destroy(GTK_WINDOW(own));
    end();
}

/* Between two seconds: the number of all tasks goes on, and what was done in the last whole second stays. */
static void a_figure_and_its_chart_say_the_same(void)
{
    int first = 0;
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    struct view view = mon_desk_view(desk);
    int64_t time_ns = replay_begin_ns(view.watch->replay) + INT64_C(6700) * 1000000;
    watch_seek(view.watch, time_ns);
    SHOWN(mon_desk_view(desk).model->now_ns == time_ns && chart_at(1) != NULL && has_points(chart_at(1)));
    view = mon_desk_view(desk);
    g_autofree char *text = twin_text(chart_at(0));
    g_auto(GStrv) lines = g_strsplit(text, "\n", 3), cells = g_strsplit(lines[1], "\t", 3);
    CHECK(g_str_has_suffix(cells[1], TEXT_BLANK "/s"));
    cells[1][strlen(cells[1]) - strlen(TEXT_BLANK "/s")] = '\0';
    GtkWidget *figure = find(find_nth(window, MON_TYPE_FIGURES, &first), cells[1]);
    CHECK(figure != NULL);
    CHECK_STR(text_of(figure), cells[1]);
    g_autofree char *waiting =
        g_strdup_printf("Waiting, last 60" TEXT_BLANK "s: %s, least ", text_count(view.pool->counts.queued).text);
    CHECK_CONTAINS(parts_get_tooltip(chart_at(1)), waiting);
    end();
}

#define LOOKS_AT_CPU 150

/* What the cells of a table say in hundredths, together. */
static double sum_of_shares(GtkWidget *widget)
{
    const char *text = text_of(widget);
    double sum = text != NULL && g_str_has_suffix(text, TEXT_BLANK "%") ? g_ascii_strtod(text, NULL) : 0;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        sum += gtk_widget_get_mapped(child) ? sum_of_shares(child) : 0;
    return sum;
}

/* What the chart of CPU says of now, in hundredths; -1: nothing. */
static double share_in_chart(void)
{
    const char *text = parts_get_tooltip(chart_at(2)), *start = "CPU, last 60" TEXT_BLANK "s: ";
    CHECK(g_str_has_prefix(text, start));
    char *end;
    double value = g_ascii_strtod(text + strlen(start), &end);
    return end == text + strlen(start) ? -1 : g_str_has_prefix(end, TEXT_BLANK "CPU") ? value * 100 : value;
}

/* Each of six cells is rounded, and so is their sum. */
static bool cpu_is_that_of_the_rows(int *looks)
{
    int first = 0;
    double sum = sum_of_shares(find_nth(window, MON_TYPE_TABLE, &first)), all = share_in_chart();
    *looks += sum > 0;
    return sum > 0 ? fabs(all - sum) <= 3.5 : all <= 0;
}

/* Whenever somebody looks: who adds up the column finds the figure. */
static void the_cpu_of_a_pool_is_the_sum_of_the_rows_at_any_moment(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    SHOWN(chart_at(2) != NULL && parts_get_tooltip(chart_at(2)) != NULL);
    for (int looks = 0; looks < LOOKS_AT_CPU;) {
        let_pass(20);
        CHECK(cpu_is_that_of_the_rows(&looks));
    }
    end_sample(program);
    end();
}

/* A button that had the focus would take the space bar, which is to freeze the display. */
static void no_button_has_the_focus_before_somebody_gives_it_to_one(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    CHECK(!GTK_IS_BUTTON(gtk_window_get_focus(GTK_WINDOW(window))));
    end_sample(program);
    end();
}

static GtkWidget *window_with_title(const char *title)
{
    GListModel *windows = gtk_window_get_toplevels();
    for (guint i = 0; i < g_list_model_get_n_items(windows); i++) {
        GtkWindow *each = g_list_model_get_item(windows, i);
        g_object_unref(each);
        if (g_strcmp0(gtk_window_get_title(each), title) == 0)
            return GTK_WIDGET(each);
    }
    return NULL;
}

static void a_chart_opens_its_table_and_takes_it_along(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && chart_at(0) != NULL);
    gtk_widget_activate_action(chart_at(0), "chart.table", NULL);
    GtkWidget *twin = window_with_title("Throughput");
    CHECK(twin != NULL);
    SHOWN(find(twin, "/s") != NULL);
    end();
    CHECK(window_with_title("Throughput") == NULL);
}

static void press(enum timeline_key key)
{
    CHECK(mon_page_timeline_press(mon_window_get_page(MON_WINDOW(window)), key));
}

/* As the window hears a key that whatever has the focus does not know. Whether it was used. */
static bool press_in_window(const char *key)
{
    bool is_used = false;
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(window);
    for (guint i = 0; i < g_list_model_get_n_items(controllers); i++) {
        g_autoptr(GObject) controller = g_list_model_get_item(controllers, i);
        guint count = GTK_IS_SHORTCUT_CONTROLLER(controller) ? g_list_model_get_n_items(G_LIST_MODEL(controller)) : 0;
        for (guint j = 0; j < count && !is_used; j++) {
            g_autoptr(GtkShortcut) each = g_list_model_get_item(G_LIST_MODEL(controller), j);
            g_autofree char *trigger = gtk_shortcut_trigger_to_string(gtk_shortcut_get_trigger(each));
            is_used = g_str_has_prefix(trigger, key) &&
                      gtk_shortcut_action_activate(gtk_shortcut_get_action(each), 0, window, NULL);
        }
    }
    return is_used;
}

static void keys_of_the_timeline_work_without_a_focus_and_on_no_other_page(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    activate("win.page::timeline");
    SHOWN(is_seen("2.00" TEXT_BLANK "s shown"));
    gtk_window_set_focus(GTK_WINDOW(window), NULL);
    CHECK(press_in_window("<Control>minus"));
    SHOWN(is_seen("4.00" TEXT_BLANK "s shown"));
    activate("win.page::log");
    SHOWN(!is_seen("s shown"));
    CHECK(!press_in_window("<Control>minus"));
    end();
}

static bool is_third_function_seen(void)
{
    int first = 0;
    GtkWidget *progress = find_nth(window, MON_TYPE_PROGRESS, &first);
    return progress != NULL && find(progress, "store_page") != NULL;
}

static void functions_are_shown_where_there_is_room_for_them(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete") && is_seen("and 1 more, ") && !is_third_function_seen());
    gtk_window_set_default_size(GTK_WINDOW(window), 900, 600);
    SHOWN(!is_seen("and 1 more, ") && is_third_function_seen());
    gtk_window_set_default_size(GTK_WINDOW(window), 1280, 1000);
    SHOWN(gtk_widget_get_width(window) > 1000 && !is_seen("and 1 more, ") && is_third_function_seen());
    end();
}

#define LONG_LINE 300

/* Of a pool with one line that no window is wide enough for. */
static void make_recording_of_a_long_line(char line[LONG_LINE + 1])
{
    for (size_t i = 0; i < LONG_LINE; i++)
        line[i] = i % 8 == 7 ? ' ' : (char)('a' + i / 8 % 26);
    memcpy(line + LONG_LINE - 4, "last", 5);
    const struct record_pool pool = { .pool = 1, .name = record_text_of("wordy") };
    const struct record_snapshot_end end = { 0 };
    const struct record_log log = { SMALL_BEGIN, MPROC_LOG_INFO, 0, 1, -1, record_text_of(line) };
    const struct record_counts counts = { .pool = 1 };
    const struct telling all[] = { { RECORD_POOL, SMALL_BEGIN - 1, &pool },
                                   { RECORD_SNAPSHOT_END, SMALL_BEGIN, &end },
                                   { RECORD_LOG, SMALL_BEGIN + 1000, &log },
                                   { RECORD_COUNTS, SMALL_BEGIN + 1000000000, &counts } };
    make_recording_of(RECORDING, all, TEST_COUNT(all));
}

static GtkWidget *log_detail(void)
{
    int first = 0;
    return find_nth(window, MON_TYPE_LOG_DETAIL, &first);
}

static bool is_whole(GtkWidget *label)
{
    PangoLayout *layout = gtk_label_get_layout(GTK_LABEL(label));
    return !pango_layout_is_ellipsized(layout) && pango_layout_get_line_count(layout) > 1;
}

/* Wherever it ends in the table. */
static void a_line_of_the_log_that_is_chosen_can_be_read_and_copied_to_its_end(void)
{
    char line[LONG_LINE + 1];
    int first = 0;
    begin(900, 600);
    make_recording_of_a_long_line(line);
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    activate("win.page::log");
    SHOWN(is_seen("aaaaaaa bbbbbbb"));
    CHECK(log_detail() == NULL);
    int width = gtk_widget_get_width(window);
    GtkWidget *table = find_nth(mon_window_get_page(MON_WINDOW(window)), MON_TYPE_TABLE, &first);
    mon_table_choose(MON_TABLE(table), 0);
    g_signal_emit_by_name(table, "chosen");
    SHOWN(log_detail() != NULL && find(log_detail(), " last") != NULL);
    GtkWidget *label = find(log_detail(), " last");
    CHECK_STR(text_of(label), line);
    SHOWN(is_whole(label));
    char *copied = mon_page_log_copy(mon_window_get_page(MON_WINDOW(window)));
    CHECK(g_str_has_suffix(copied, line));
    g_free(copied);
    let_draw(2);
    CHECK_EQ(gtk_widget_get_width(window), width);
    activate("win.escape");
    SHOWN(log_detail() == NULL);
    end();
}

static struct lane_span span_of_lanes(void)
{
    int first = 0;
    return mon_lanes_span(MON_LANES(find_nth(window, MON_TYPE_LANES, &first)));
}

/* As the display was frozen: also where one moves through it, or comes back to it. */
static void a_timeline_that_is_frozen_ends_when_it_was_until_it_goes_on(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    activate("win.page::timeline");
    SHOWN(is_seen("Busy share of each function"));
    activate("win.freeze");
    SHOWN(is_seen("Display frozen"));
    struct lane_span frozen = span_of_lanes();
    struct watch *watch = mon_desk_view(desk).watch;
    uint64_t events = watch->events;
    SHOWN(watch->events > events + 100);
    press(TIMELINE_IN);
    CHECK_EQ(span_of_lanes().to_ns, frozen.to_ns);
    press(TIMELINE_FIT);
    CHECK_EQ(span_of_lanes().to_ns, frozen.to_ns);
    activate("win.page::overview");
    activate("win.page::timeline");
    press(TIMELINE_END);
    CHECK_EQ(span_of_lanes().to_ns, frozen.to_ns);
    activate("win.freeze");
    SHOWN(span_of_lanes().to_ns > frozen.to_ns);
    end_sample(program);
    end();
}

static void add_lines(GtkWidget *widget, GString *lines)
{
    if (gtk_widget_get_mapped(widget) && text_of(widget) != NULL)
        g_string_append_printf(lines, "%s\n", text_of(widget));
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        add_lines(child, lines);
}

/* Of the page that is seen, and of the charts on it. */
static char *lines_of_page(void)
{
    GString *lines = g_string_new("");
    add_lines(mon_window_get_page(MON_WINDOW(window)), lines);
    for (int i = 0; chart_at(i) != NULL; i++) {
        g_autofree char *text = twin_text(chart_at(i));
        g_string_append(lines, text);
    }
    return g_string_free(lines, FALSE);
}

static bool have_stayed(char **lines)
{
    let_pass(500);
    g_autofree char *before = *lines;
    *lines = lines_of_page();
    return strcmp(before, *lines) == 0;
}

/* Once rows are there which are looked for on another thread. */
static char *lines_that_stay(const char *name)
{
    g_autofree char *action = g_strconcat("win.page::", name, NULL);
    activate(action);
    char *lines = lines_of_page();
    SHOWN(have_stayed(&lines));
    return lines;
}

/* A table may have made more rows since. */
static void check_still_there(const char *before, const char *after)
{
    g_auto(GStrv) all = g_strsplit(before, "\n", -1), now = g_strsplit(after, "\n", -1);
    for (char **line = all; *line != NULL; line++)
        if (!g_strv_contains((const char *const *)now, *line))
            CHECK_STR("is not there any more", *line);
}

static void all_pages_of_a_display_that_is_frozen_are_of_that_moment_and_nothing_is_missed(void)
{
    char *before[PAGES_MAX];
    begin(1280, 800);
    os_program *program = begin_sample();
    struct watch *watch = mon_desk_view(desk).watch;
    SHOWN(is_seen("Slow and failed"));
    activate("win.freeze");
    SHOWN(is_seen("Display frozen") && watch_is_frozen(watch));
    for (size_t i = 0; i < page_count; i++)
        before[i] = lines_that_stay(pages[i].name);
    uint64_t events = watch->events, known = watch->model->records;
    SHOWN(watch->events > events + 300);
    for (size_t i = 0; i < page_count; i++) {
        g_autofree char *after = lines_that_stay(pages[i].name);
        check_still_there(before[i], after);
        g_free(before[i]);
    }
    CHECK_EQ(watch->model->records, known);
    activate("win.freeze");
    SHOWN(!is_seen("Display frozen") && !watch_is_behind(watch));
    CHECK_EQ(watch->model->records, watch->events);
    end_sample(program);
    end();
}

static void a_display_that_is_frozen_goes_on_when_more_comes_than_can_be_kept(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    struct watch *watch = mon_desk_view(desk).watch;
    watch->frozen.limit = 20000;
    activate("win.freeze");
    SHOWN(is_seen("The display goes on: more has come than can be held back."));
    SHOWN(!watch_is_frozen(watch) && !watch_is_behind(watch));
    CHECK_EQ(watch->model->records, watch->events);
    end_sample(program);
    end();
}

/* It is told what it was when it did. */
static void a_program_that_dies_while_the_display_is_frozen_is_known_to_its_end(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    struct watch *watch = mon_desk_view(desk).watch;
    activate("win.freeze");
    uint64_t events = watch->events;
    SHOWN(watch->events > events + 100);
    CHECK(watch->model->records < watch->events);
    end_sample(program);
    CHECK(!watch_is_frozen(watch) && !is_seen("Display frozen"));
    CHECK_EQ(watch->model->records, watch->events);
    end();
}

static void tasks_of_the_timeline_are_chosen_by_keys(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    activate("win.page::timeline");
    SHOWN(is_seen("Busy share of each function in this window") && is_seen("Busy share of each function"));
    CHECK(is_seen("parse_page") && !is_seen("Started"));
    press(TIMELINE_TASK_BEFORE);
    SHOWN(is_seen("Started") && is_seen("worker 0"));
    press(TIMELINE_LANE_BELOW);
    SHOWN(is_seen("worker 1"));
    press(TIMELINE_IN);
    SHOWN(is_seen("1.00" TEXT_BLANK "s shown"));
    press(TIMELINE_FIT);
    SHOWN(is_seen("12.0" TEXT_BLANK "s shown"));
    activate("win.escape");
    SHOWN(!is_seen("Started"));
    end();
}

static GtkAdjustment *adjustment_of_lanes(void)
{
    int first = 0;
    GtkWidget *lanes = find_nth(window, MON_TYPE_LANES, &first);
    return gtk_scrolled_window_get_vadjustment(
        GTK_SCROLLED_WINDOW(gtk_widget_get_ancestor(lanes, GTK_TYPE_SCROLLED_WINDOW)));
}

/* How high a window is that has no room for that many depends on the font. */
static void take_room_away(GtkAdjustment *lanes, int from_height)
{
    for (int height = from_height; gtk_adjustment_get_page_size(lanes) >= 6 * LANE_HEIGHT; height -= 10) {
        int before = gtk_widget_get_height(GTK_WIDGET(window));
        gtk_window_set_default_size(GTK_WINDOW(window), 900, height);
        SHOWN(gtk_widget_get_height(GTK_WIDGET(window)) < before);
    }
}

static void lanes_are_lower_where_there_is_little_room_and_those_out_of_sight_are_counted(void)
{
    begin(900, 860);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    activate("win.page::timeline");
    SHOWN(is_seen("Busy share of each function"));
    GtkAdjustment *lanes = adjustment_of_lanes();
    SHOWN(gtk_adjustment_get_page_size(lanes) == 6 * LANE_HEIGHT);
    take_room_away(lanes, 850);
    SHOWN(gtk_adjustment_get_upper(lanes) < 6 * LANE_HEIGHT);
    CHECK(!is_seen("more below"));
    press(TIMELINE_TASK_BEFORE);
    gtk_window_set_default_size(GTK_WINDOW(window), 900, 600);
    SHOWN(is_seen("more below"));
    SHOWN((int)gtk_adjustment_get_page_size(lanes) % (int)(gtk_adjustment_get_upper(lanes) / 6) < 6);
    gtk_adjustment_set_value(lanes, gtk_adjustment_get_upper(lanes));
    SHOWN(is_seen("more above") && !is_seen("more below"));
    end();
}

static void click(const char *text)
{
    gtk_widget_activate(gtk_widget_get_ancestor(find(window, text), GTK_TYPE_BUTTON));
}

static GtkPaned *paned_around(const char *text)
{
    return GTK_PANED(gtk_widget_get_ancestor(find(window, text), GTK_TYPE_PANED));
}

static guint count_of_rows(GtkWidget *view)
{
    return g_list_model_get_n_items(G_LIST_MODEL(gtk_column_view_get_model(GTK_COLUMN_VIEW(view))));
}

/* Below the table: of few rows it is not half of all, and where the user has put the border it stays. */
static void a_pane_has_the_room_that_its_table_does_not_need(void)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    activate("win.page::workers");
    SHOWN(is_seen("Signal 11"));
    const struct model_pool *pool = mon_desk_view(desk).pool;
    GtkWidget *view = gtk_widget_get_ancestor(find(window, "Signal 11"), GTK_TYPE_COLUMN_VIEW);
    guint deaths = (guint)pool->counts.deaths, all = deaths + (guint)pool->workers.count;
    SHOWN(count_of_rows(view) == all);
    g_autofree char *dead = g_strdup_printf("Dead %u", deaths), *both = g_strdup_printf("All %u", all);
    click(dead);
    SHOWN(count_of_rows(view) == deaths);
    g_signal_emit_by_name(view, "activate", 0u);
    SHOWN(is_seen("What was decided"));
    GtkPaned *paned = paned_around("What was decided");
    int height = gtk_widget_get_height(GTK_WIDGET(paned));
    SHOWN(gtk_paned_get_position(paned) < height / 2 - 27);
    int moved = gtk_paned_get_position(paned) + 20;
    gtk_paned_set_position(paned, moved);
    click(both);
    SHOWN(count_of_rows(view) == all && gtk_widget_get_height(GTK_WIDGET(paned)) == height);
    CHECK_EQ(gtk_paned_get_position(paned), moved);
    end();
}

/* The death of the recording, its certificate, and its task. */
static void a_task_of_the_timeline_leads_to_its_certificate_and_to_itself(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    activate("win.page::timeline");
    SHOWN(is_seen("Busy share of each function"));
    press(TIMELINE_TASK_BEFORE);
    for (int i = 0; i < 4; i++)
        press(TIMELINE_LANE_BELOW);
    for (int i = 0; i < 1000 && !is_seen("Show certificate"); i++)
        press(TIMELINE_TASK_BEFORE);
    CHECK(is_seen("0419") || is_seen("loop"));
    click("Show certificate");
    SHOWN(is_seen("What was decided"));
    activate("win.page::timeline");
    SHOWN(is_seen("Show task"));
    click("Show task");
    SHOWN(is_seen("Attempts") || is_seen("Attempt"));
    end();
}

/* The first row of a page that there is such a way from. */
static bool choose_first(const char *page, const char *way)
{
    int first = 0;
    activate(page);
    let_draw(2);
    GtkWidget *table = find_nth(mon_window_get_page(MON_WINDOW(window)), MON_TYPE_TABLE, &first);
    for (guint row = 0; row < 200 && !is_seen(way); row++) {
        mon_table_choose(MON_TABLE(table), row);
        g_signal_emit_by_name(table, "chosen");
        let_draw(1);
    }
    return is_seen(way);
}

/* A line of a death leads to who died, to what it ran, and to who works in that place now. */
static void a_line_of_the_log_leads_to_what_it_tells_of(void)
{
    begin(900, 600);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    CHECK(choose_first("win.page::log", "Show certificate"));
    CHECK(is_seen("Show task") && is_seen("Show worker"));
    click("Show certificate");
    SHOWN(is_seen("What was decided"));
    activate("win.page::log");
    SHOWN(is_seen("Show task"));
    click("Show task");
    SHOWN(is_seen("Attempts") && is_seen("Certificate"));
    click("Certificate");
    SHOWN(is_seen("What was decided"));
    activate("win.page::log");
    SHOWN(is_seen("Show worker"));
    click("Show worker");
    SHOWN(is_seen("Doing now") && !is_seen("What was decided"));
    end();
}

static const struct test tests[] = {
    TEST_WITH(a_window_of_900_by_600_stays_so_beside_a_process, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_window_of_900_by_600_stays_so_on_every_page, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_window_of_900_by_600_stays_so_with_a_notice_and_a_scrubber, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_wide_window_may_become_a_narrow_one_on_every_page, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(without_a_sidebar_a_page_has_its_room, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_name_that_is_broken_gets_no_hyphen, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(escape_clears_a_search_from_within_its_entry, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(all_troubles_are_the_tasks_that_failed, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_line_of_the_log_stays_chosen_while_others_come, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_line_that_a_filter_leaves_out_is_chosen_no_more, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(that_nothing_was_written_is_not_claimed, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_dot_stands_nearer_to_its_own_tab_than_to_the_next_one, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_window_is_called_after_what_it_shows, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_facts_of_a_pool_have_one_line, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(without_a_pool_the_window_says_what_to_do, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(figures_are_those_of_the_model, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(figures_say_what_is_not_in_them, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_page_tasks_counts_as_the_overview_does, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_pane_has_the_room_that_its_table_does_not_need, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_dead_worker_has_a_certificate, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_debugger_is_offered_for_a_worker_that_lives, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(no_debugger_is_offered_for_who_is_not_there, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_that_stand_say_since_when, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(keys_of_the_timeline_work_without_a_focus_and_on_no_other_page, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_timeline_that_is_frozen_ends_when_it_was_until_it_goes_on, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(all_pages_of_a_display_that_is_frozen_are_of_that_moment_and_nothing_is_missed, TEST_ONCE | TEST_KEEPS,
              60),
    TEST_WITH(a_display_that_is_frozen_goes_on_when_more_comes_than_can_be_kept, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_program_that_dies_while_the_display_is_frozen_is_known_to_its_end, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_file_that_is_no_recording_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_is_cut_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_cannot_be_read_again_says_so_until_it_can_be, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_is_gone_offers_nothing_that_needs_its_file_until_it_is_back, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_gave_its_name_to_another_offers_nothing_that_needs_its_file, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_is_gone_goes_on_to_its_end_and_is_gone_there_too, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_path_of_a_recording_that_is_gone_has_one_line_and_keeps_both_ends, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_was_gone_when_it_was_opened_is_opened_when_it_is_there, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_goes_on_from_where_it_has_no_pool, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(who_has_no_troubles_is_not_offered_all_of_them, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(numbers_that_nobody_can_add_are_shown, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(recordings_of_earlier_runs_are_in_the_sidebar_and_opened_when_they_are_chosen, TEST_ONCE | TEST_KEEPS,
              60),
    TEST_WITH(a_process_that_is_not_looked_at_stays_as_ended_until_it_is_started_again, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(keys_find_nothing_of_a_recording_that_was_closed, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_process_is_shown_and_its_death_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_window_that_is_hidden_takes_what_comes_and_draws_nothing, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_window_that_was_kept_waiting_does_not_call_that_silence, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_that_come_to_a_table_that_is_not_full_are_filled_in, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_that_a_larger_window_shows_are_not_older_than_others, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_path_without_room_shows_its_file_and_all_of_it_where_there_is_room, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_column_that_there_is_room_for_again_is_filled_in, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_column_that_is_shown_again_is_filled_in, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_column_that_the_user_wants_is_filled_in, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_column_that_is_moved_stays_filled_in, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_table_that_moves_elsewhere_is_filled_in, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_that_a_smaller_font_shows_are_not_older_than_others, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_table_that_is_not_fresh_is_dim_but_for_what_failed, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_of_a_long_table_that_is_not_fresh_are_dim_when_they_are_seen, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(all_pages_of_a_process_that_died_are_dim, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_row_and_the_figures_above_it_tell_of_one_moment, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_figures_of_a_process_that_died_are_dim_wherever_they_stand, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_table_of_many_rows_gets_them_in_pieces, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_of_a_long_table_go_in_pieces_and_none_is_made_for_that, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_that_go_or_are_looked_for_are_not_seen, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_tooltip_that_is_shown_says_what_is_so_now, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_table_of_a_chart_has_the_points_of_the_chart, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_chart_and_its_table_say_how_many_died, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(all_charts_of_a_recording_begin_with_it, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(charts_of_what_has_ended_have_their_values, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_chart_of_what_has_ended_ends_when_that_did, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_scale_of_a_pool_is_not_that_of_the_one_before, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_value_alone_is_a_point_in_a_chart, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(no_button_has_the_focus_before_somebody_gives_it_to_one, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_figure_and_its_chart_say_the_same, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_cpu_of_a_pool_is_the_sum_of_the_rows_at_any_moment, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_chart_opens_its_table_and_takes_it_along, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(lanes_are_lower_where_there_is_little_room_and_those_out_of_sight_are_counted, TEST_ONCE | TEST_KEEPS,
              60),
    TEST_WITH(functions_are_shown_where_there_is_room_for_them, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_line_of_the_log_that_is_chosen_can_be_read_and_copied_to_its_end, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(tasks_of_the_timeline_are_chosen_by_keys, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(the_title_of_an_order_that_is_lost_says_so_until_it_is_there_again, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_line_of_the_log_leads_to_what_it_tells_of, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_task_of_the_timeline_leads_to_its_certificate_and_to_itself, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_GUI(tests)
