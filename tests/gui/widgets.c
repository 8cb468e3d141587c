/* The window itself, on a display without a screen (xvfb-run): that it shows what the model knows, keeps its size, and
 * has a page for everything that can go wrong.
 */
#include "model/text.h"
#include "scene.h"
#include "window/pages.h"

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

static void without_a_pool_the_window_says_what_to_do(void)
{
    begin(1280, 800);
    mon_desk_look(desk);
    SHOWN(is_seen("No process pool is running"));
    CHECK(is_seen("MPROC_MONITOR=1 ./program arguments"));
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
    CHECK(is_seen(text_count(view.pool->counts.retried).text));
    end();
}

static void a_dead_worker_has_a_certificate(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    activate("win.page::workers");
    SHOWN(is_seen("Signal 11"));
    CHECK(is_seen("Why workers died"));
    GtkWidget *cell = find(window, "Signal 11");
    GtkWidget *view = gtk_widget_get_ancestor(cell, GTK_TYPE_COLUMN_VIEW);
    g_signal_emit_by_name(view, "activate", 6u);
    SHOWN(is_seen("What was decided"));
    CHECK(is_seen(" died"));
    activate("win.escape");
    SHOWN(!is_seen("What was decided"));
    end();
}

static void a_file_that_is_no_recording_is_told(void)
{
    begin(1280, 800);
    CHECK(g_file_set_contents(RECORDING, "no recording at all", -1, NULL));
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("This recording cannot be read"));
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

static const struct test tests[] = {
    TEST_WITH(a_window_of_900_by_600_stays_so_on_every_page, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(without_a_pool_the_window_says_what_to_do, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(figures_are_those_of_the_model, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_dead_worker_has_a_certificate, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_file_that_is_no_recording_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_is_cut_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_process_is_shown_and_its_death_is_told, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_PLAIN(tests)
